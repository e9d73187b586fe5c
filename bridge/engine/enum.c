/* enum.c - enumerations. */
#include "parse.h"

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
    bool again = name->kind == NAME_ENUMERATOR || name->kind == NAME_DECLARED;
    if (again && is_cdef(p)) {
        struct value old;
        bool same = value_of_name(p, token->name, &old) && old.kind == VALUE_INTEGER &&
                    old.bits == (uint64_t)b->enumerators[b->enumerator_count - 1].value;
        if (same)
            return SB_OK;
        if (cdef_conflict(p, SB_DECL_CONSTANT, name, token->line, token->column) != SB_OK)
            return b->status;
    } else if (name->kind == NAME_ENUMERATOR || name->kind == NAME_DECLARED) {
        uint32_t line = name->kind == NAME_ENUMERATOR ? builder_enumerator_line(b, name->index)
                                                      : builder_declaration_line(b, name->index);
        return builder_error(b, SB_ERROR_MEANING, token->line, token->column,
                             "'%.60s' is declared already, at line %u", token_name(p, token), line);
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
        if (at(p, TOKEN_ELLIPSIS) && is_cdef(p)) {
            b->types[id].flags |= SB_TYPE_PARTIAL;
            value = (struct value){.kind = VALUE_INTEGER, .primitive = SB_PRIM_LLONG};
            value.bits = bits;
            if (!is_negative)
                value.primitive = SB_PRIM_ULLONG;
            if (advance(p) != SB_OK)
                return b->status;
        } else if (parse_integer(p, "the value of an enumerator", &value) != SB_OK ||
            parse_attributes(p, &gnu) != SB_OK)
            return b->status;
        bits = value.bits;
        is_negative = value_is_negative(&value);
    } else if (range->exhausted)
        return builder_error(b, SB_ERROR_MEANING, token.line, token.column,
                             "the value of '%.60s' needs more than 64 bits", token_name(p, &token));
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
        if (at(p, TOKEN_ELLIPSIS) && is_cdef(p)) {
            b->types[id].flags |= SB_TYPE_PARTIAL;
            if (advance(p) != SB_OK)
                return b->status;
            if (!at(p, TOKEN_RIGHT_BRACE))
                return expected(p, "'}' after '...'");
            break;
        }
        if (at(p, TOKEN_END))
            return builder_error(b, SB_ERROR_SYNTAX, current(p)->line, current(p)->column,
                                 "expected '}' to close the '{' of line %u, found the end of the "
                                 "text",
                                 builder_logical_line(b, open.line));
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
    if (b->enumerator_count == first && (b->types[id].flags & SB_TYPE_PARTIAL) == 0)
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
    type->flags &= (uint16_t)~SB_TYPE_SIGNED;
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

sb_status parse_enum(struct parser *p, bool in_field, struct specifiers *out)
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
            b->types[id].flags &= (uint16_t)~SB_TYPE_COMPLETE;
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
