/* specifier.c - types named or defined in place. */
#include "parse.h"

#include <string.h>

/* ---- basic types --------------------------------------------------------------------------------- */

/* The words of a basic type, in any order. */
struct words {
    uint8_t chars, shorts, ints, longs, floats, doubles, signeds, unsigneds, complexes, bools,
        voids, int128s;
};

static unsigned count_words(const struct words *words)
{
    const uint8_t *each = (const uint8_t *)words;
    unsigned count = 0;
    for (size_t i = 0; i < sizeof *words; i++)
        count += each[i];
    return count;
}

static uint8_t *word_of(struct words *words, unsigned keyword)
{
    switch (keyword) {
    case KEY_CHAR:
        return &words->chars;
    case KEY_SHORT:
        return &words->shorts;
    case KEY_INT:
        return &words->ints;
    case KEY_LONG:
        return &words->longs;
    case KEY_FLOAT:
        return &words->floats;
    case KEY_DOUBLE:
        return &words->doubles;
    case KEY_SIGNED:
        return &words->signeds;
    case KEY_UNSIGNED:
        return &words->unsigneds;
    case KEY_COMPLEX:
        return &words->complexes;
    case KEY_BOOL:
        return &words->bools;
    case KEY_VOID:
        return &words->voids;
    case KEY_INT128:
        return &words->int128s;
    default:
        return NULL;
    }
}

/* The type that the words make, or SB_NONE when they make none. */
static sb_type_id basic_type(const struct words *words)
{
    struct words rest = *words;
    bool is_unsigned = words->unsigneds == 1, is_signed = words->signeds == 1;
    rest.signeds = rest.unsigneds = 0;
    unsigned others = count_words(&rest);
    sb_primitive made = SB_PRIM_NONE;
    if (words->unsigneds + words->signeds > 1)
        return SB_NONE;
    if (is_unsigned || is_signed || words->floats + words->doubles + words->complexes == 0) {
        unsigned ints = words->ints;
        if (others == 1 && words->voids == 1 && !is_unsigned && !is_signed)
            return TYPE_VOID;
        if (others == 1 && words->bools == 1 && !is_unsigned && !is_signed)
            made = SB_PRIM_BOOL;
        else if (others == 1 && words->chars == 1)
            made = is_unsigned ? SB_PRIM_UCHAR : is_signed ? SB_PRIM_SCHAR : SB_PRIM_CHAR;
        else if (others == 1 && words->int128s == 1) {
#ifdef __SIZEOF_INT128__
            made = is_unsigned ? SB_PRIM_UINT128 : SB_PRIM_INT128;
#endif
        } else if (ints > 1 || others != ints + words->shorts + words->longs ||
                   words->shorts > 1 || words->longs > 2 || (words->shorts && words->longs))
            return SB_NONE;
        else if (words->shorts == 1)
            made = is_unsigned ? SB_PRIM_USHORT : SB_PRIM_SHORT;
        else if (words->longs == 0)
            made = is_unsigned ? SB_PRIM_UINT : SB_PRIM_INT;
        else if (words->longs == 1)
            made = is_unsigned ? SB_PRIM_ULONG : SB_PRIM_LONG;
        else
            made = is_unsigned ? SB_PRIM_ULLONG : SB_PRIM_LLONG;
    } else if (words->complexes <= 1) {
        bool is_complex = words->complexes == 1;
        unsigned plain = others - words->complexes;
        if (plain == 1 && words->floats == 1)
            made = is_complex ? SB_PRIM_CFLOAT : SB_PRIM_FLOAT;
        else if ((plain == 1 && words->doubles == 1) || plain == 0)
            made = is_complex ? SB_PRIM_CDOUBLE : SB_PRIM_DOUBLE;
        else if (plain == 2 && words->doubles == 1 && words->longs == 1)
            made = is_complex ? SB_PRIM_CLDOUBLE : SB_PRIM_LDOUBLE;
    }
    return made == SB_PRIM_NONE ? SB_NONE : type_of_primitive(made);
}

/* ---- tags ------------------------------------------------------------------------------------------- */

static const char *kind_word(unsigned kind)
{
    return kind == SB_STRUCT ? "struct" : kind == SB_UNION ? "union" : "enum";
}

/* A new struct, union or enum with its declaration. */
static sb_type_id add_tagged(struct parser *p, unsigned kind, sb_text tag,
                             const struct token *place)
{
    struct builder *b = p->b;
    sb_declaration declaration = {.kind = kind == SB_ENUM ? SB_DECL_ENUM : SB_DECL_RECORD,
                                  .type = b->type_count,
                                  .name = tag,
                                  .line = place->line,
                                  .column = place->column,
                                  .binding = SB_NONE};
    if (b->declaration_count >= SB_MAX_DECLARATIONS) {
        builder_error(b, SB_ERROR_LIMIT, place->line, place->column,
                      "more than %d declarations", SB_MAX_DECLARATIONS);
        return SB_NONE;
    }
    sb_type type = {.kind = (uint8_t)kind, .name = tag, .binding = SB_NONE};
    type.decl = builder_add_declaration(b, &declaration);
    return type.decl == SB_NONE ? SB_NONE : builder_add_type(b, &type);
}

/* The type that a tag names; made when it is new. */
static sb_type_id tagged_type(struct parser *p, unsigned kind, const struct token *tag)
{
    struct builder *b = p->b;
    sb_type_id id = b->names[tag->name].tag;
    if (id != 0) {
        const sb_type *type = &b->types[id];
        if (type->kind == kind)
            return id;
        uint32_t line = type->decl == SB_NONE ? 0 : b->declarations[type->decl].line;
        builder_error(b, SB_ERROR_MEANING, tag->line, tag->column,
                      "'%.60s' is a %s since line %u; it cannot be a %s too", token_name(p, tag),
                      kind_word(type->kind), builder_logical_line(b, line), kind_word(kind));
        return SB_NONE;
    }
    id = add_tagged(p, kind, token_text(p, tag), tag);
    if (id != SB_NONE)
        b->names[tag->name].tag = id;
    return id;
}

/* Refuses a second definition, and one inside itself. */
static sb_status open_definition(struct parser *p, sb_type_id id, const struct token *place)
{
    struct builder *b = p->b;
    sb_type *type = &b->types[id];
    if (p->type_only)
        return builder_error(b, SB_ERROR_SYNTAX, place->line, place->column,
                             "a %s cannot be defined here; define it in a declaration of its own "
                             "before", kind_word(type->kind));
    if ((type->flags & SB_TYPE_COMPLETE) != 0 || type->first == SB_NONE) {
        uint32_t line = type->decl == SB_NONE ? 0 : b->declarations[type->decl].line;
        const char *name = type->name != 0 ? builder_string(b, type->name) : "";
        if (type->first == SB_NONE)
            return builder_error(b, SB_ERROR_MEANING, place->line, place->column,
                                 "%s '%.60s' is defined inside itself", kind_word(type->kind),
                                 name);
        return builder_error(b, SB_ERROR_MEANING, place->line, place->column,
                             "%s '%.60s' is defined already, at line %u", kind_word(type->kind),
                             name, builder_logical_line(b, line));
    }
    type->first = SB_NONE;
    if (type->decl == SB_NONE) { /* a type of the C library, completed here */
        sb_declaration declaration = {.kind = SB_DECL_RECORD, .type = id, .name = type->name,
                                      .binding = SB_NONE};
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

/* ---- fields ------------------------------------------------------------------------------------------ */

/* The comment that the lexer saw behind the last token, on its line. */
static sb_text trailing_doc(struct parser *p)
{
    return lexer_doc(&p->lex, current(p)->trailing);
}

static sb_status parse_width(struct parser *p, sb_field *field)
{
    const struct builder *b = p->b;
    const sb_type *type = &b->types[field->value.type];
    const char *name = builder_string(b, field->value.name);
    char shown[TYPE_SHOWN];
    struct value width;
    if (advance(p) != SB_OK)
        return b->status;
    const struct token place = *current(p);
    if (!type_is_integer(type) || (type->flags & SB_TYPE_COMPLETE) == 0)
        return builder_error(p->b, SB_ERROR_MEANING, field->value.line, field->value.column,
                             "the bit-field '%.60s' has type '%s'; it must be an integer", name,
                             type_shown(b, field->value.type, 0, NULL, shown, sizeof shown));
    uint64_t most = type->kind == SB_BOOL ? 1 : type->size * 8;
    if (parse_integer(p, "the width of a bit-field", &width) != SB_OK)
        return b->status;
    if (value_is_negative(&width) || width.bits > most)
        return builder_error(p->b, SB_ERROR_MEANING, place.line, place.column,
                             "the width of a bit-field of type '%s' is 0 to %u",
                             type_shown(b, field->value.type, 0, NULL, shown, sizeof shown),
                             (unsigned)most);
    if (width.bits == 0 && field->value.name != 0)
        return builder_error(p->b, SB_ERROR_MEANING, place.line, place.column,
                             "the bit-field '%.60s' has width 0; only unnamed ones can", name);
    if (type->size > 8)
        return builder_error(p->b, SB_ERROR_UNSUPPORTED, place.line, place.column,
                             "bit-fields wider than 64 bits are not supported");
    field->bit_width = (uint16_t)width.bits;
    return SB_OK;
}

static sb_status check_field_type(struct parser *p, const sb_field *field, bool is_union)
{
    const struct builder *b = p->b;
    const sb_type *type = &b->types[field->value.type];
    const char *name = field->value.name != 0 ? builder_string(b, field->value.name) : "";
    char shown[TYPE_SHOWN];
    if (type->kind == SB_FUNCTION)
        return builder_error(p->b, SB_ERROR_MEANING, field->value.line, field->value.column,
                             "the field '%.60s' cannot be a function; write a pointer to it",
                             name);
    bool flexible = type->kind == SB_ARRAY && (type->flags & SB_TYPE_COMPLETE) == 0;
    if (flexible && !is_union)
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
            own.aligned = specifiers.gnu.aligned > gnu.aligned ? specifiers.gnu.aligned
                                                               : gnu.aligned;
            if (finish_field(p, &field, &own, &shared, is_union) != SB_OK)
                return b->status;
        }
    } else
        for (;;) {
            struct declarator declarator = {.line = current(p)->line,
                                            .column = current(p)->column};
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
static sb_status close_record(struct parser *p, sb_type_id id, uint32_t base,
                              const struct gnu *gnu, const struct token *place)
{
    struct builder *b = p->b;
    uint32_t count = p->field_count - base;
    struct record_layout how = {
        .aligned = gnu->aligned, .pack = p->lex.pack, .packed = gnu->packed};
    bool named = false;
    for (uint32_t i = base; i < p->field_count; i++) {
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
    if (layout_record(b, id, p->fields + base, p->members + base, count, &how, place->line,
                      place->column) != SB_OK ||
        check_names(p, &p->fields[base].value, sizeof(sb_field), count, "field") != SB_OK)
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
                                 "text", builder_logical_line(p->b, open.line));
        if (at(p, TOKEN_SEMICOLON))
            status = advance(p);
        else if (at(p, TOKEN_DEFINE))
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

static sb_status parse_record(struct parser *p, struct specifiers *out)
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
        if (out->gnu.aligned < behind.aligned)
            out->gnu.aligned = behind.aligned;
    } else {
        uint32_t base = p->field_count;
        gnu.packed |= behind.packed;
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

/* ---- enums ----------------------------------------------------------------------------------------- */

/* The values of an enum so far. */
struct enum_range {
    bool any, has_negative;
    int64_t least;
    uint64_t most;
    uint64_t next; /* what the next enumerator is without "=" */
    bool next_negative, exhausted;
};

static bool fits(const struct enum_range *range, sb_primitive primitive)
{
    const struct primitive *type = &primitives[primitive];
    unsigned bits = 8u * type->size;
    if (type->kind == SB_BOOL)
        return !range->has_negative && range->most <= 1;
    if (!type->is_signed)
        return !range->has_negative && (bits == 64 || range->most >> bits == 0);
    int64_t lowest = -(INT64_C(1) << (bits - 2)) * 2;
    return range->most <= (uint64_t)INT64_MAX >> (64 - bits) &&
           (!range->has_negative || range->least >= lowest);
}

static void include(struct enum_range *range, uint64_t bits, bool is_negative)
{
    range->any = true;
    if (is_negative && (!range->has_negative || (int64_t)bits < range->least))
        range->least = (int64_t)bits;
    range->has_negative = range->has_negative || is_negative;
    if (!is_negative && bits > range->most)
        range->most = bits;
    range->next = bits + 1;
    range->next_negative = is_negative && bits != UINT64_MAX;
    range->exhausted = !is_negative && bits == UINT64_MAX;
}

static sb_status name_enumerator(struct parser *p, const struct token *token, sb_type_id id)
{
    struct builder *b = p->b;
    struct name *name = &b->names[token->name];
    if (name->kind == NAME_ENUMERATOR || name->kind == NAME_DECLARED) {
        uint32_t line = name->kind == NAME_ENUMERATOR ? b->enumerators[name->index].line
                                                      : b->declarations[name->index].line;
        return builder_error(b, SB_ERROR_MEANING, token->line, token->column,
                             "'%.60s' is declared already, at line %u", token_name(p, token),
                             builder_logical_line(b, line));
    }
    name->kind = NAME_ENUMERATOR;
    name->index = b->enumerator_count - 1;
    name->type = id;
    return SB_OK;
}

static sb_status parse_enumerator(struct parser *p, sb_type_id id, sb_primitive fixed,
                                  struct enum_range *range)
{
    struct builder *b = p->b;
    struct gnu gnu = {.packed = false};
    sb_text doc = lexer_doc(&p->lex, current(p)->doc);
    uint32_t attributes = p->attribute_count;
    if (doc == SB_NONE || parse_attributes(p, &gnu) != SB_OK)
        return b->status;
    if (!at_name(p))
        return expected(p, at(p, TOKEN_NAME) ? "the name of an enumerator that is no keyword"
                                             : "the name of an enumerator or '}'");
    const struct token token = *current(p);
    sb_enumerator enumerator = {.name = token_text(p, &token),
                                .doc = doc,
                                .exception = SB_NONE,
                                .line = token.line,
                                .column = token.column};
    uint64_t bits = range->next;
    bool is_negative = range->next_negative;
    struct token place = token;
    if (advance(p) != SB_OK || parse_attributes(p, &gnu) != SB_OK)
        return b->status;
    if (at(p, TOKEN_ASSIGN)) {
        struct value value;
        if (advance(p) != SB_OK)
            return b->status;
        place = *current(p);
        if (parse_integer(p, "the value of an enumerator", &value) != SB_OK ||
            parse_attributes(p, &gnu) != SB_OK)
            return b->status;
        bits = value.bits;
        is_negative = value_is_negative(&value);
    } else if (range->exhausted)
        return builder_error(b, SB_ERROR_MEANING, token.line, token.column,
                             "the value of '%.60s' needs more than 64 bits",
                             token_name(p, &token));
    include(range, bits, is_negative);
    if (fixed != SB_PRIM_NONE ? !fits(range, fixed)
                              : range->has_negative && range->most > INT64_MAX)
        return builder_error(b, SB_ERROR_MEANING, place.line, place.column,
                             fixed != SB_PRIM_NONE
                                 ? "the value of '%.60s' does not fit in '%s'"
                                 : "no type holds the value of '%.60s' and those before it%.0s",
                             token_name(p, &token), primitives[fixed].spelling);
    enumerator.value = (int64_t)bits;
    if (range->has_negative)
        b->types[id].flags |= SB_TYPE_SIGNED;
    if (commit_attributes(p, attributes, &enumerator.first_attribute,
                          &enumerator.attribute_count) != SB_OK ||
        builder_add_enumerator(b, &enumerator) == SB_NONE)
        return b->status;
    return name_enumerator(p, &token, id);
}

static sb_status parse_enumerators(struct parser *p, sb_type_id id, sb_primitive fixed,
                                   struct enum_range *range)
{
    struct builder *b = p->b;
    uint32_t first = b->enumerator_count;
    const struct token open = *current(p);
    if (advance(p) != SB_OK)
        return b->status;
    bool type_only = p->type_only;
    p->type_only = true;
    while (!at(p, TOKEN_RIGHT_BRACE)) {
        if (at(p, TOKEN_DEFINE)) {
            if (parse_define(p) != SB_OK)
                return b->status;
            continue;
        }
        if (at(p, TOKEN_END))
            return builder_error(b, SB_ERROR_SYNTAX, current(p)->line, current(p)->column,
                                 "expected '}' to close the '{' of line %u, found the end of the "
                                 "text", builder_logical_line(b, open.line));
        if (b->enumerator_count - first >= SB_MAX_ENUMERATORS)
            return builder_error(b, SB_ERROR_LIMIT, current(p)->line, current(p)->column,
                                 "an enum has at most %d enumerators", SB_MAX_ENUMERATORS);
        if (parse_enumerator(p, id, fixed, range) != SB_OK)
            return b->status;
        sb_text doc = trailing_doc(p);
        if (doc == SB_NONE)
            return b->status;
        bool more = at(p, TOKEN_COMMA);
        if (more && advance(p) != SB_OK)
            return b->status;
        if (doc == 0 && more)
            doc = trailing_doc(p);
        if (doc == SB_NONE)
            return b->status;
        if (b->enumerators[b->enumerator_count - 1].doc == 0)
            b->enumerators[b->enumerator_count - 1].doc = doc;
        if (!more && !at(p, TOKEN_RIGHT_BRACE))
            return expected(p, "',' or '}' after an enumerator");
    }
    p->type_only = type_only;
    if (b->enumerator_count == first)
        return builder_error(b, SB_ERROR_SYNTAX, current(p)->line, current(p)->column,
                             "an enum has at least one enumerator");
    b->types[id].first = first;
    b->types[id].count = b->enumerator_count - first;
    return advance(p);
}

/* The type gcc and clang give an enum: the first that holds all values. */
static sb_primitive underlying(const struct enum_range *range, bool packed)
{
    static const uint8_t candidates[] = {SB_PRIM_UCHAR, SB_PRIM_SCHAR, SB_PRIM_USHORT,
                                         SB_PRIM_SHORT, SB_PRIM_UINT,  SB_PRIM_INT,
                                         SB_PRIM_ULONG, SB_PRIM_LONG,  SB_PRIM_ULLONG};
    for (size_t i = packed ? 0 : 4; i < sizeof candidates; i++)
        if (fits(range, (sb_primitive)candidates[i]))
            return (sb_primitive)candidates[i];
    return SB_PRIM_LLONG;
}

static void complete_enum(struct parser *p, sb_type_id id, sb_primitive primitive)
{
    sb_type *type = &p->b->types[id];
    type->primitive = (uint8_t)primitive;
    type->target = type_of_primitive(primitive);
    type->size = primitives[primitive].size;
    type->align = primitives[primitive].align;
    type->flags |= SB_TYPE_COMPLETE;
    type->flags &= (uint8_t)~SB_TYPE_SIGNED;
    if (primitives[primitive].is_signed)
        type->flags |= SB_TYPE_SIGNED;
}

/* ": uint8_t" behind an enum's tag. */
static sb_status parse_underlying(struct parser *p, sb_primitive *out)
{
    struct specifiers specifiers;
    if (advance(p) != SB_OK)
        return p->b->status;
    const struct token place = *current(p);
    bool type_only = p->type_only;
    p->type_only = true;
    if (parse_specifiers(p, 0, &specifiers) != SB_OK)
        return p->b->status;
    p->type_only = type_only;
    const sb_type *type = &p->b->types[specifiers.type];
    char shown[TYPE_SHOWN];
    if (!type_is_integer(type) || type->kind == SB_ENUM || type->size > 8)
        return builder_error(p->b, SB_ERROR_MEANING, place.line, place.column,
                             "an enum's type is an integer of up to 64 bits, not '%s'",
                             type_shown(p->b, specifiers.type, 0, NULL, shown, sizeof shown));
    *out = (sb_primitive)type->primitive;
    return SB_OK;
}

static sb_status parse_enum(struct parser *p, bool in_field, struct specifiers *out)
{
    struct builder *b = p->b;
    uint32_t attributes = p->attribute_count;
    struct gnu gnu = {.packed = false};
    sb_primitive fixed = SB_PRIM_NONE;
    if (advance(p) != SB_OK || parse_attributes(p, &gnu) != SB_OK)
        return b->status;
    struct token place = *current(p);
    sb_type_id id;
    if (at_name(p)) {
        id = tagged_type(p, SB_ENUM, &place);
        if (id == SB_NONE || advance(p) != SB_OK)
            return b->status;
    } else if (at(p, TOKEN_LEFT_BRACE) || at(p, TOKEN_COLON)) {
        out->is_unnamed = true;
        if (p->type_only)
            return expected(p, "the tag of an enum that is defined before");
        id = add_tagged(p, SB_ENUM, 0, &place);
        if (id == SB_NONE)
            return b->status;
    } else
        return expected(p, "a name or '{' after 'enum'");
    if (parse_attributes(p, &gnu) != SB_OK)
        return b->status;
    bool has_type = at(p, TOKEN_COLON);
    if (has_type && in_field) { /* "enum e : 3" is a bit-field, "enum e : int" is a type */
        const struct token colon = *current(p);
        const struct token *next = look_ahead(p);
        if (next == NULL)
            return b->status;
        p->lex.token = *next;
        has_type = starts_type(p);
        p->lex.token = colon;
    }
    if (has_type) {
        const struct token colon = *current(p);
        if (parse_underlying(p, &fixed) != SB_OK)
            return b->status;
        const sb_type *type = &b->types[id];
        if ((type->flags & SB_TYPE_COMPLETE) != 0 && type->primitive != fixed)
            return builder_error(b, SB_ERROR_MEANING, colon.line, colon.column,
                                 "this enum has the type '%s' already",
                                 primitives[type->primitive].spelling);
        if (!at(p, TOKEN_LEFT_BRACE))
            complete_enum(p, id, fixed);
    }
    if (at(p, TOKEN_LEFT_BRACE)) {
        struct enum_range range = {.any = false};
        out->is_defined = true;
        if (b->types[id].count == 0) /* "enum e : int;" completes the type but defines nothing */
            b->types[id].flags &= (uint8_t)~SB_TYPE_COMPLETE;
        if (fixed == SB_PRIM_NONE && b->types[id].count == 0)
            fixed = (sb_primitive)b->types[id].primitive;
        if (open_definition(p, id, &place) != SB_OK ||
            parse_enumerators(p, id, fixed, &range) != SB_OK || parse_attributes(p, &gnu) != SB_OK)
            return b->status;
        complete_enum(p, id, fixed != SB_PRIM_NONE ? fixed : underlying(&range, gnu.packed));
    }
    out->type = id;
    return p->attribute_count > attributes ? add_attributes(p, attributes, b->types[id].decl)
                                           : SB_OK;
}

/* ---- specifiers -------------------------------------------------------------------------------------- */

static sb_type_id typedef_of(const struct parser *p, const struct token *token, unsigned *quals)
{
    const struct name *name = &p->b->names[token->name];
    *quals = 0;
    if (token->kind != TOKEN_NAME)
        return 0;
    if (name->kind == NAME_BUILTIN)
        return name->type;
    if (name->kind != NAME_DECLARED ||
        p->b->declarations[name->index].kind != SB_DECL_TYPEDEF)
        return 0;
    *quals = p->b->declarations[name->index].quals;
    return name->type;
}

bool starts_type(const struct parser *p)
{
    unsigned quals;
    if (!at(p, TOKEN_NAME))
        return false;
    switch (current(p)->keyword) {
    case KEY_NONE:
        return typedef_of(p, current(p), &quals) != 0;
    case KEY_ATOMIC:
    case KEY_BOOL:
    case KEY_CHAR:
    case KEY_COMPLEX:
    case KEY_CONST:
    case KEY_DOUBLE:
    case KEY_ENUM:
    case KEY_FLOAT:
    case KEY_FOREIGN:
    case KEY_INT:
    case KEY_INT128:
    case KEY_LONG:
    case KEY_REGISTER:
    case KEY_SHORT:
    case KEY_SIGNED:
    case KEY_STRUCT:
    case KEY_TYPEOF:
    case KEY_UNION:
    case KEY_UNSIGNED:
    case KEY_VOID:
    case KEY_VOLATILE:
        return true;
    default:
        return false;
    }
}

static unsigned storage_of(unsigned keyword)
{
    switch (keyword) {
    case KEY_TYPEDEF:
        return STORE_TYPEDEF;
    case KEY_EXTERN:
        return STORE_EXTERN;
    case KEY_STATIC:
        return STORE_STATIC;
    case KEY_INLINE:
        return STORE_INLINE;
    case KEY_REGISTER:
        return STORE_REGISTER;
    case KEY_THREAD:
        return STORE_THREAD;
    default:
        return 0;
    }
}

static bool is_type_name(const struct builder *b, const struct name *name)
{
    switch (name->keyword) {
    case KEY_BOOL:
    case KEY_CHAR:
    case KEY_CONST:
    case KEY_DOUBLE:
    case KEY_ENUM:
    case KEY_EXTERN:
    case KEY_FLOAT:
    case KEY_INT:
    case KEY_LONG:
    case KEY_SHORT:
    case KEY_SIGNED:
    case KEY_STATIC:
    case KEY_STRUCT:
    case KEY_TYPEDEF:
    case KEY_UNION:
    case KEY_UNSIGNED:
    case KEY_VOID:
        return true;
    default:
        break;
    }
    return name->kind == NAME_BUILTIN ||
           (name->kind == NAME_DECLARED &&
            b->declarations[name->index].kind == SB_DECL_TYPEDEF);
}

static sb_status no_type(struct parser *p)
{
    const struct token *token = current(p);
    char hint[80];
    if (!at_name(p))
        return expected(p, "a type");
    const struct name *name = &p->b->names[token->name];
    if (name->tag != 0 && name->kind == NAME_UNKNOWN) {
        const char *word = kind_word(p->b->types[name->tag].kind);
        return builder_error(p->b, SB_ERROR_MEANING, token->line, token->column,
                             "unknown type name '%.60s'; did you mean '%s %.60s'?",
                             token_name(p, token), word, token_name(p, token));
    }
    if (name->kind != NAME_UNKNOWN)
        return builder_error(p->b, SB_ERROR_MEANING, token->line, token->column,
                             "'%.60s' is not a type; expected one here", token_name(p, token));
    const char *near = suggestion(p, token_name(p, token), hint, is_type_name);
    return builder_error(p->b, SB_ERROR_MEANING, token->line, token->column,
                         "unknown type name '%.60s';%s", token_name(p, token),
                         near[0] != '\0' ? near : " declare it before its first use");
}

/* Type words that the engine refuses, each with its reason. */
static sb_status refused_word(struct parser *p)
{
    const struct token *token = current(p);
    const char *name = token_name(p, token);
    const char *why = "is a type that is not supported";
    if (token->keyword == KEY_ATOMIC)
        why = "is not supported; describe the functions that use the object";
    else if (token->keyword == KEY_TYPEOF)
        why = "is not supported; write the type";
    else if (token->keyword == KEY_AUTO)
        why = "has no place in a description; write the type";
    return builder_error(p->b, SB_ERROR_UNSUPPORTED, token->line, token->column, "'%.60s' %s",
                         name, why);
}

/* Another integer type of that size, for mode(). */
static sb_type_id type_of_size(const sb_type *type, unsigned size)
{
    bool is_signed = primitives[type->primitive].is_signed;
    sb_primitive made = size == 1   ? (is_signed ? SB_PRIM_SCHAR : SB_PRIM_UCHAR)
                        : size == 2 ? (is_signed ? SB_PRIM_SHORT : SB_PRIM_USHORT)
                        : size == 4 ? (is_signed ? SB_PRIM_INT : SB_PRIM_UINT)
                                    : (is_signed ? SB_PRIM_LONG : SB_PRIM_ULONG);
    return type_of_primitive(made);
}

static sb_status bad_combination(struct parser *p, const struct specifiers *specifiers)
{
    return builder_error(p->b, SB_ERROR_SYNTAX, specifiers->line, specifiers->column,
                         "these words together are not a type of C");
}

/* One specifier that is not part of a type. *taken: there was one. */
static sb_status parse_modifier(struct parser *p, unsigned storage_allowed,
                                struct specifiers *out, bool *taken)
{
    const struct token *token = current(p);
    *taken = true;
    if (token->kind == TOKEN_LEFT_ATTRIBUTE)
        return parse_attributes(p, &out->gnu);
    switch (token->keyword) {
    case KEY_ATTRIBUTE:
    case KEY_DECLSPEC:
    case KEY_CALLING:
    case KEY_EXTENSION:
        return parse_attributes(p, &out->gnu);
    case KEY_ALIGNAS:
        if (advance(p) != SB_OK)
            return p->b->status;
        return at(p, TOKEN_LEFT_PAREN) ? parse_align(p, &out->gnu.aligned)
                                       : expected(p, "'(' after _Alignas");
    case KEY_CONST:
        out->quals |= SB_CONST;
        return advance(p);
    case KEY_VOLATILE:
        out->quals |= SB_VOLATILE;
        return advance(p);
    case KEY_RESTRICT:
        return builder_error(p->b, SB_ERROR_SYNTAX, token->line, token->column,
                             "'%s' stands behind the '*' of a pointer", token_name(p, token));
    case KEY_NORETURN:
        return advance(p);
    case KEY_ATOMIC:
    case KEY_TYPEOF:
    case KEY_FOREIGN:
    case KEY_AUTO:
        return refused_word(p);
    default:
        break;
    }
    unsigned storage = storage_of(token->keyword);
    if (storage == 0) {
        *taken = false;
        return SB_OK;
    }
    if ((storage & storage_allowed) == 0)
        return builder_error(p->b, SB_ERROR_SYNTAX, token->line, token->column,
                             "'%s' has no place here; expected a type", token_name(p, token));
    if ((out->storage & storage) != 0 && storage != STORE_INLINE)
        return builder_error(p->b, SB_ERROR_SYNTAX, token->line, token->column,
                             "'%s' stands here twice", token_name(p, token));
    out->storage |= storage;
    return advance(p);
}

sb_status parse_specifiers(struct parser *p, unsigned storage_allowed, struct specifiers *out)
{
    struct words words = {0};
    bool in_field = storage_allowed == 0 && !p->type_only;
    *out = (struct specifiers){.line = current(p)->line, .column = current(p)->column};
    for (;;) {
        bool taken;
        if (parse_modifier(p, storage_allowed, out, &taken) != SB_OK)
            return p->b->status;
        if (taken)
            continue;
        uint8_t *word = word_of(&words, current(p)->keyword);
        bool tagged = at_key(p, KEY_STRUCT) || at_key(p, KEY_UNION) || at_key(p, KEY_ENUM);
        if (word != NULL) {
            if (*word >= 2 || out->type != 0)
                return bad_combination(p, out);
            ++*word;
            if (advance(p) != SB_OK)
                return p->b->status;
        } else if (tagged) {
            if (out->type != 0 || count_words(&words) > 0)
                return bad_combination(p, out);
            out->is_tagged = true;
            sb_status status = at_key(p, KEY_ENUM) ? parse_enum(p, in_field, out)
                                                   : parse_record(p, out);
            if (status != SB_OK)
                return status;
        } else {
            unsigned quals = 0;
            sb_type_id named = 0;
            if (at_name(p) && out->type == 0 && count_words(&words) == 0)
                named = typedef_of(p, current(p), &quals);
            if (named == 0)
                break;
            out->type = named;
            if (quals != 0) {
                unsigned kept = 0;
                out->type = type_qualified(p->b, named, &kept, quals, out->line, out->column);
                if (out->type == SB_NONE)
                    return p->b->status;
                out->quals |= kept;
            }
            if (advance(p) != SB_OK)
                return p->b->status;
        }
    }
    if (out->type == 0) {
        if (count_words(&words) == 0)
            return no_type(p);
        out->type = basic_type(&words);
        if (out->type == SB_NONE)
            return bad_combination(p, out);
    }
    const sb_type *type = &p->b->types[out->type];
    if (out->gnu.mode != 0) {
        if (!type_is_integer(type) || type->kind == SB_ENUM)
            return bad_combination(p, out);
        out->type = type_of_size(type, out->gnu.mode);
    }
    if (type->kind == SB_ARRAY && out->quals != 0) {
        unsigned more = out->quals;
        out->quals = 0;
        out->type = type_qualified(p->b, out->type, &out->quals, more, out->line, out->column);
    }
    return p->b->status;
}
