/* record.c - tags, and the structs and unions behind them. */
#include "parse.h"

#include <string.h>

/* ---- tags ----------------------------------------------------------------------------------- */

const char *tag_word(unsigned kind)
{
    return kind == SB_STRUCT ? "struct" : kind == SB_UNION ? "union" : "enum";
}

sb_type_id add_tagged(struct parser *p, unsigned kind, sb_text tag, const struct token *place)
{
    struct builder *b = p->b;
    sb_declaration declaration = {.kind = kind == SB_ENUM ? SB_DECL_ENUM : SB_DECL_RECORD,
                                  .type = b->type_count,
                                  .name = tag,
                                  .line = place->line,
                                  .column = place->column,
                                  .binding = SB_NONE};
    if (b->declaration_count >= SB_MAX_DECLARATIONS) {
        builder_error(b, SB_ERROR_LIMIT, place->line, place->column, "more than %d declarations",
                      SB_MAX_DECLARATIONS);
        return SB_NONE;
    }
    sb_type type = {.kind = (uint8_t)kind, .name = tag, .binding = SB_NONE};
    type.decl = builder_add_declaration(b, &declaration);
    return type.decl == SB_NONE ? SB_NONE : builder_add_type(b, &type);
}

sb_type_id tagged_type(struct parser *p, unsigned kind, const struct token *tag)
{
    struct builder *b = p->b;
    sb_type_id id = is_cdef(p) ? builder_tag(b, tag->name, kind) : b->names[tag->name].tag;
    if (id == SB_NONE)
        return id;
    if (id != 0) {
        const sb_type *type = &b->types[id];
        if (type->kind == kind)
            return id;
        uint32_t line = type->decl == SB_NONE ? 0 : builder_declaration_line(b, type->decl);
        builder_error(b, SB_ERROR_MEANING, tag->line, tag->column,
                      "'%.60s' is a %s since line %u; it cannot be a %s too", token_name(p, tag),
                      tag_word(type->kind), line, tag_word(kind));
        return SB_NONE;
    }
    id = add_tagged(p, kind, token_text(p, tag), tag);
    return id != SB_NONE && builder_set_tag(b, tag->name, id) ? id : SB_NONE;
}

/* As cffi says it. */
static sb_status defined_twice(struct parser *p, const sb_type *type, const struct token *place)
{
    const char *name = type->name != 0 ? builder_string(p->b, type->name) : "";
    if (type->kind == SB_ENUM)
        return builder_error(p->b, SB_ERROR_UNSUPPORTED, place->line, place->column,
                             "enum %.400s: the '{}' declaration should appear on the first time "
                             "the enum is mentioned, not later",
                             name);
    return builder_error(p->b, SB_ERROR_SYNTAX, place->line, place->column,
                         "duplicate declaration of struct %.400s", name);
}

sb_status open_definition(struct parser *p, sb_type_id id, const struct token *place)
{
    struct builder *b = p->b;
    sb_type *type = &b->types[id];
    if (p->type_only)
        return builder_error(b, SB_ERROR_SYNTAX, place->line, place->column,
                             "a %s cannot be defined here; define it in a declaration of its own "
                             "before",
                             tag_word(type->kind));
    if ((type->flags & (SB_TYPE_COMPLETE | SB_TYPE_PARTIAL)) != 0 || type->first == SB_NONE) {
        if (is_cdef(p) && type->first != SB_NONE)
            return defined_twice(p, type, place);
        uint32_t line = type->decl == SB_NONE ? 0 : builder_declaration_line(b, type->decl);
        const char *name = type->name != 0 ? builder_string(b, type->name) : "";
        if (type->first == SB_NONE)
            return builder_error(b, SB_ERROR_MEANING, place->line, place->column,
                                 "%s '%.60s' is defined inside itself", tag_word(type->kind), name);
        return builder_error(b, SB_ERROR_MEANING, place->line, place->column,
                             "%s '%.60s' is defined already, at line %u", tag_word(type->kind),
                             name, line);
    }
    type->first = SB_NONE;
    if (type->decl == SB_NONE) { /* a type of the C library, completed here */
        sb_declaration declaration = {
            .kind = SB_DECL_RECORD, .type = id, .name = type->name, .binding = SB_NONE};
        uint32_t added = builder_add_declaration(b, &declaration);
        if (added == SB_NONE)
            return b->status;
        type = &b->types[id];
        type->decl = added;
    }
    b->declarations[type->decl].line = place->line;
    b->declarations[type->decl].column = place->column;
    return SB_OK;
}

/* ---- fields --------------------------------------------------------------------------------- */

sb_text trailing_doc(struct parser *p)
{
    return lexer_doc(&p->lex, current(p)->trailing);
}

/* A bit-field that C does not have. cffi's cdef takes it, and the record cannot be used. */
#define UNSOUND_WIDTH UINT16_MAX

static sb_status check_width(struct parser *p, const sb_field *field, const struct value *width,
                             const struct token *place)
{
    const struct builder *b = p->b;
    const sb_type *type = &b->types[field->value.type];
    const char *name = builder_string(b, field->value.name);
    char shown[TYPE_SHOWN];
    type_shown(b, field->value.type, 0, NULL, shown, sizeof shown);
    if (!type_is_integer(type) || (type->flags & SB_TYPE_COMPLETE) == 0)
        return builder_error(p->b, SB_ERROR_MEANING, field->value.line, field->value.column,
                             "the bit-field '%.60s' has type '%s'; it must be an integer", name,
                             shown);
    uint64_t most = type->kind == SB_BOOL ? 1 : type->size * 8;
    if (value_is_negative(width) || width->bits > most)
        return builder_error(p->b, SB_ERROR_MEANING, place->line, place->column,
                             "the width of a bit-field of type '%s' is 0 to %u", shown,
                             (unsigned)most);
    if (width->bits == 0 && field->value.name != 0)
        return builder_error(p->b, SB_ERROR_MEANING, place->line, place->column,
                             "the bit-field '%.60s' has width 0; only unnamed ones can", name);
    if (type->size > 8)
        return builder_error(p->b, SB_ERROR_UNSUPPORTED, place->line, place->column,
                             "bit-fields wider than 64 bits are not supported");
    return SB_OK;
}

static sb_status parse_width(struct parser *p, sb_field *field)
{
    struct value width;
    if (advance(p) != SB_OK)
        return p->b->status;
    const struct token place = *current(p);
    if (parse_integer(p, "the width of a bit-field", &width) != SB_OK)
        return p->b->status;
    if (check_width(p, field, &width, &place) == SB_OK)
        field->bit_width = (uint16_t)width.bits;
    else if (is_cdef(p)) {
        p->b->status = SB_OK;
        field->bit_width = UNSOUND_WIDTH;
    }
    return p->b->status;
}

static sb_status check_field_type(struct parser *p, const sb_field *field, bool is_union)
{
    const struct builder *b = p->b;
    const sb_type *type = &b->types[field->value.type];
    const char *name = field->value.name != 0 ? builder_string(b, field->value.name) : "";
    char shown[TYPE_SHOWN];
    if (type->kind == SB_FUNCTION)
        return builder_error(p->b, SB_ERROR_MEANING, field->value.line, field->value.column,
                             "the field '%.60s' cannot be a function; write a pointer to it", name);
    bool flexible = type->kind == SB_ARRAY && (type->flags & SB_TYPE_COMPLETE) == 0;
    if ((flexible && !is_union) || type_is_partial(type))
        return SB_OK;
    if ((type->flags & SB_TYPE_COMPLETE) == 0)
        return builder_error(p->b, SB_ERROR_MEANING, field->value.line, field->value.column,
                             "the field '%.60s' has the incomplete type '%s'; define it before, "
                             "or write a pointer",
                             name, type_shown(b, field->value.type, 0, NULL, shown, sizeof shown));
    return SB_OK;
}

/* Pushes one field, whose declarator (if any) is behind; reads its width and attributes. */
static sb_status finish_field(struct parser *p, sb_field *field, struct gnu *gnu,
                              struct shared_attributes *shared, bool is_union)
{
    struct member_layout member = {.is_named = field->value.name != 0};
    if (at(p, TOKEN_COLON)) {
        member.is_bit_field = true;
        if (parse_width(p, field) != SB_OK)
            return p->b->status;
    }
    if (parse_attributes(p, gnu) != SB_OK ||
        commit_shared(p, shared, &field->value.first_attribute, &field->value.attribute_count) !=
            SB_OK ||
        check_field_type(p, field, is_union) != SB_OK)
        return p->b->status;
    member.aligned = gnu->aligned;
    member.packed = gnu->packed;
    if (parser_push_field(p, field))
        (void)parser_push_member(p, &member);
    return p->b->status;
}

static sb_status too_many_fields(struct parser *p)
{
    return builder_error(p->b, SB_ERROR_LIMIT, current(p)->line, current(p)->column,
                         "a struct or union has at most %d fields", SB_MAX_FIELDS);
}

/* One declaration inside a struct or union. */
static sb_status parse_member(struct parser *p, uint32_t base, bool is_union)
{
    struct builder *b = p->b;
    struct span comment = current(p)->doc;
    uint32_t attributes = p->attribute_count, first = p->field_count;
    struct specifiers specifiers;
    struct gnu gnu = {.packed = false};
    if (parse_attributes(p, &gnu) != SB_OK)
        return b->status;
    if (current(p)->doc.end != 0)
        comment = current(p)->doc;
    if (parse_specifiers(p, 0, &specifiers) != SB_OK)
        return b->status;
    struct shared_attributes shared = {.from = attributes, .to = p->attribute_count};
    sb_text doc = lexer_doc(&p->lex, comment);
    if (doc == SB_NONE)
        return b->status;
    if (at(p, TOKEN_SEMICOLON)) {
        sb_field field = {.value = plain_value(), .doc = doc};
        field.value.type = specifiers.type;
        field.value.quals = (uint8_t)specifiers.quals;
        field.value.line = specifiers.line;
        field.value.column = specifiers.column;
        bool is_record = type_is_record(&b->types[specifiers.type]);
        if (!specifiers.is_tagged)
            return expected(p, "the name of a field");
        if (is_record && specifiers.is_defined && specifiers.is_unnamed) {
            struct gnu own = specifiers.gnu;
            own.packed = false;
            own.aligned =
                specifiers.gnu.aligned > gnu.aligned ? specifiers.gnu.aligned : gnu.aligned;
            if (finish_field(p, &field, &own, &shared, is_union) != SB_OK)
                return b->status;
        }
    } else
        for (;;) {
            struct declarator declarator = {.line = current(p)->line, .column = current(p)->column};
            sb_field field = {.value = plain_value(), .doc = doc};
            uint32_t params = p->param_count;
            if (p->field_count - base >= SB_MAX_FIELDS)
                return too_many_fields(p);
            if (at(p, TOKEN_COLON)) {
                declarator.type = specifiers.type;
                declarator.quals = specifiers.quals;
            } else {
                if (parse_declarator(p, DECLARATOR_NAMED, &specifiers, &declarator) != SB_OK)
                    return b->status;
                field.value.name = token_text(p, &declarator.name);
            }
            p->param_count = params;
            field.value.type = declarator.type;
            field.value.quals = (uint8_t)declarator.quals;
            field.value.line = declarator.line;
            field.value.column = declarator.column;
            declarator.gnu.packed |= gnu.packed | specifiers.gnu.packed;
            if (declarator.gnu.aligned < gnu.aligned)
                declarator.gnu.aligned = gnu.aligned;
            if (declarator.gnu.aligned < specifiers.gnu.aligned)
                declarator.gnu.aligned = specifiers.gnu.aligned;
            if (finish_field(p, &field, &declarator.gnu, &shared, is_union) != SB_OK)
                return b->status;
            if (!at(p, TOKEN_COMMA))
                break;
            if (advance(p) != SB_OK)
                return b->status;
        }
    p->attribute_count = attributes;
    sb_text trailing = trailing_doc(p);
    if (trailing == SB_NONE || expect(p, TOKEN_SEMICOLON, "after a field") != SB_OK)
        return b->status;
    if (trailing == 0)
        trailing = trailing_doc(p);
    if (trailing == SB_NONE)
        return b->status;
    for (uint32_t i = first; i < p->field_count; i++)
        if (p->fields[i].doc == 0)
            p->fields[i].doc = trailing;
    return SB_OK;
}

/* Lays the record out and moves its fields to the table; bit-fields of width 0 have done their
 * work and are dropped. */
static sb_status close_record(struct parser *p, sb_type_id id, uint32_t base, const struct gnu *gnu,
                              const struct token *place)
{
    struct builder *b = p->b;
    uint32_t count = p->field_count - base;
    struct record_layout how = {
        .aligned = gnu->aligned, .pack = p->lex.pack, .packed = gnu->packed};
    bool named = false, partial = type_is_partial(&b->types[id]);
    for (uint32_t i = base; i < p->field_count; i++) {
        if (p->fields[i].bit_width == UNSOUND_WIDTH) { /* then it stays as if not defined */
            b->types[id].first = 0;
            p->field_count = p->member_count = base;
            return SB_OK;
        }
    }
    if ((p->flags & SB_PARSE_PACKED) != 0 && how.pack == 0)
        how.packed = true;
    for (uint32_t i = base; i < p->field_count && !partial; i++)
        partial = type_is_partial(&b->types[p->fields[i].value.type]);
    for (uint32_t i = base; i < p->field_count && !partial; i++) {
        const sb_type *type = &b->types[p->fields[i].value.type];
        bool flexible = type->kind == SB_ARRAY && (type->flags & SB_TYPE_COMPLETE) == 0;
        if (flexible && (i + 1 < p->field_count || !named))
            return builder_error(b, SB_ERROR_MEANING, p->fields[i].value.line,
                                 p->fields[i].value.column,
                                 "the array '%.60s' has no length; that is for the last field of a "
                                 "struct with others before it",
                                 builder_string(b, p->fields[i].value.name));
        named = named || p->fields[i].value.name != 0 || !p->members[i].is_bit_field;
    }
    if (partial)
        b->types[id].flags |= SB_TYPE_PARTIAL;
    else if (layout_record(b, id, p->fields + base, p->members + base, count, &how, place->line,
                      place->column) != SB_OK)
        return b->status;
    if (check_names(p, &p->fields[base].value, sizeof(sb_field), count, "field") != SB_OK)
        return b->status;
    uint32_t first = b->field_count, kept = 0;
    for (uint32_t i = base; i < p->field_count; i++) {
        if (p->members[i].is_bit_field && p->fields[i].bit_width == 0)
            continue;
        if (builder_add_field(b, &p->fields[i]) == SB_NONE)
            return b->status;
        kept++;
    }
    b->types[id].first = first;
    b->types[id].count = kept;
    if (gnu->transparent && b->types[id].kind == SB_UNION && kept > 0)
        b->types[id].flags |= SB_TYPE_TRANSPARENT;
    p->field_count = base;
    p->member_count = base;
    return SB_OK;
}

static sb_status parse_fields(struct parser *p, sb_type_id id)
{
    uint32_t base = p->field_count;
    bool is_union = p->b->types[id].kind == SB_UNION;
    const struct token open = *current(p);
    if (advance(p) != SB_OK)
        return p->b->status;
    while (!at(p, TOKEN_RIGHT_BRACE)) {
        sb_status status;
        if (at(p, TOKEN_END))
            return builder_error(p->b, SB_ERROR_SYNTAX, current(p)->line, current(p)->column,
                                 "expected '}' to close the '{' of line %u, found the end of the "
                                 "text",
                                 builder_logical_line(p->b, open.line));
        if (at(p, TOKEN_SEMICOLON))
            status = advance(p);
        else if (at(p, TOKEN_ELLIPSIS) && is_cdef(p)) {
            p->b->types[id].flags |= SB_TYPE_PARTIAL;
            status = advance(p) == SB_OK ? expect(p, TOKEN_SEMICOLON, "after '...'") : p->b->status;
        } else if (at(p, TOKEN_DEFINE))
            status = parse_define(p);
        else if (at_key(p, KEY_STATIC_ASSERT))
            status = parse_static_assert(p);
        else
            status = parse_member(p, base, is_union);
        if (status != SB_OK)
            return status;
    }
    return advance(p);
}

sb_status parse_record(struct parser *p, struct specifiers *out)
{
    struct builder *b = p->b;
    unsigned kind = at_key(p, KEY_STRUCT) ? SB_STRUCT : SB_UNION;
    uint32_t attributes = p->attribute_count;
    struct gnu gnu = {.packed = false}, behind = {.packed = false};
    if (advance(p) != SB_OK || parse_attributes(p, &gnu) != SB_OK)
        return b->status;
    struct token place = *current(p);
    sb_type_id id;
    if (at_name(p)) {
        id = tagged_type(p, kind, &place);
        if (id == SB_NONE || advance(p) != SB_OK)
            return b->status;
    } else if (at(p, TOKEN_LEFT_BRACE)) {
        if (p->type_only)
            return expected(p, "the tag of a struct or union that is defined before");
        out->is_unnamed = true;
        id = add_tagged(p, kind, 0, &place);
        if (id == SB_NONE)
            return b->status;
    } else
        return expected(p, kind == SB_STRUCT ? "a name or '{' after 'struct'"
                                             : "a name or '{' after 'union'");
    if (parse_attributes(p, &behind) != SB_OK)
        return b->status;
    if (!at(p, TOKEN_LEFT_BRACE)) { /* then they speak of what is declared, not of the type */
        out->gnu.packed |= behind.packed;
        out->gnu.transparent |= behind.transparent;
        if (out->gnu.aligned < behind.aligned)
            out->gnu.aligned = behind.aligned;
    } else {
        uint32_t base = p->field_count;
        gnu.packed |= behind.packed;
        gnu.transparent |= behind.transparent;
        if (gnu.aligned < behind.aligned)
            gnu.aligned = behind.aligned;
        out->is_defined = true;
        if (enter_nesting(p) != SB_OK || open_definition(p, id, &place) != SB_OK ||
            parse_fields(p, id) != SB_OK || parse_attributes(p, &gnu) != SB_OK ||
            close_record(p, id, base, &gnu, &place) != SB_OK)
            return b->status;
        p->depth--;
    }
    out->type = id;
    if (p->attribute_count > attributes && b->types[id].decl == SB_NONE)
        return builder_error(b, SB_ERROR_MEANING, p->attributes[attributes].line,
                             p->attributes[attributes].column,
                             "a type of the C library takes no attributes");
    return p->attribute_count > attributes ? add_attributes(p, attributes, b->types[id].decl)
                                           : SB_OK;
}
