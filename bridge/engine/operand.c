/* operand.c - what stands below the operators of a constant expression and is no number: objects
 * whose type or address is asked for, their members, and offsetof. */
#include "parse.h"

#include <string.h>

static sb_status expression_fails(struct parser *p, const struct token *place, const char *message)
{
    return builder_error(p->b, SB_ERROR_MEANING, place->line, place->column, "%s", message);
}

/* Looks a field up, also in unnamed members. Adds its offset to *offset. */
static const sb_field *find_field(struct builder *b, sb_type_id record, sb_text name,
                                  uint64_t *offset)
{
    const sb_type *type = &b->types[record];
    for (uint32_t i = 0; i < type->count && b->searched++ < SB_MAX_SEARCH; i++) {
        const sb_field *field = &b->fields[type->first + i];
        if (field->value.name == name || /* fields of a base have strings of their own */
            strcmp(builder_string(b, field->value.name), builder_string(b, name)) == 0) {
            *offset += field->offset;
            return field;
        }
        if (field->value.name == 0 && type_is_record(&b->types[field->value.type])) {
            uint64_t inner = *offset + field->offset;
            const sb_field *found = find_field(b, field->value.type, name, &inner);
            if (found != NULL) {
                *offset = inner;
                return found;
            }
        }
    }
    return NULL;
}

sb_status offset_of(struct parser *p, struct value *out)
{
    sb_type_id id;
    unsigned quals;
    uint64_t offset = 0;
    if (advance(p) != SB_OK || expect(p, TOKEN_LEFT_PAREN, "after offsetof") != SB_OK ||
        parse_type_name(p, &id, &quals) != SB_OK ||
        expect(p, TOKEN_COMMA, "after the type of offsetof") != SB_OK)
        return p->b->status;
    for (bool first = true; first || at(p, TOKEN_DOT) || at(p, TOKEN_LEFT_BRACKET); first = false) {
        const sb_type *type = &p->b->types[id];
        char shown[TYPE_SHOWN];
        struct token place = *current(p);
        if (at(p, TOKEN_LEFT_BRACKET) && !first) {
            struct value index;
            if (type->kind != SB_ARRAY)
                return expression_fails(p, &place, "this field is not an array");
            id = type->target;
            if (advance(p) != SB_OK || parse_integer(p, "an index", &index) != SB_OK ||
                expect(p, TOKEN_RIGHT_BRACKET, "after the index") != SB_OK)
                return p->b->status;
            uint64_t size = p->b->types[id].size;
            if (value_is_negative(&index) ||
                (size != 0 && index.bits > ((uint64_t)SB_MAX_OBJECT_SIZE - offset) / size))
                return expression_fails(p, &place, "this index is out of range");
            offset += index.bits * size;
            continue;
        }
        if (!first && advance(p) != SB_OK)
            return p->b->status;
        if (!at_name(p))
            return expected(p, "the name of a field");
        place = *current(p);
        if (!type_is_record(type) || (type->flags & SB_TYPE_COMPLETE) == 0)
            return builder_error(p->b, SB_ERROR_MEANING, place.line, place.column,
                                 "'%s' is not a struct or union whose fields are known",
                                 type_shown(p->b, id, 0, NULL, shown, sizeof shown));
        const sb_field *field = find_field(p->b, id, token_text(p, &place), &offset);
        if (p->b->searched >= SB_MAX_SEARCH)
            return builder_error(p->b, SB_ERROR_LIMIT, place.line, place.column,
                                 "the description has too many offsetof of large structs");
        if (field == NULL)
            return builder_error(
                p->b, SB_ERROR_MEANING, place.line, place.column, "'%s' has no field '%.60s'",
                type_shown(p->b, id, 0, NULL, shown, sizeof shown), token_name(p, &place));
        if (field->bit_width != 0)
            return expression_fails(p, &place, "a bit-field has no offset in bytes");
        id = field->value.type;
        if (advance(p) != SB_OK)
            return p->b->status;
    }
    size_value(out, offset);
    return expect(p, TOKEN_RIGHT_PAREN, "after offsetof");
}

/* ---- objects -------------------------------------------------------------------------------- */

static void set_object(struct value *value, sb_type_id type, bool has_address, uint64_t address)
{
    *value = (struct value){
        .kind = VALUE_OBJECT, .type = type, .has_address = has_address, .bits = address};
}

bool object_of_name(struct parser *p, uint32_t name, struct value *out)
{
    const struct name *known = &p->b->names[name];
    if (known->kind != NAME_DECLARED)
        return false;
    const sb_declaration *declaration = &p->b->declarations[known->index];
    if (declaration->kind != SB_DECL_VARIABLE && declaration->kind != SB_DECL_FUNCTION)
        return false;
    set_object(out, declaration->type, false, 0);
    return true;
}

/* What a pointer, or an array, points at. */
static sb_status point_at(struct parser *p, const struct token *place, struct value *value)
{
    const sb_type *type = &p->b->types[value->type];
    bool is_array = value->kind == VALUE_OBJECT && type->kind == SB_ARRAY;
    if (value->kind < VALUE_NULL || (type->kind != SB_POINTER && !is_array))
        return expression_fails(p, place, "this is neither a pointer nor an array");
    set_object(value, type->target, value->has_address && (is_array || value->kind == VALUE_NULL),
               value->bits);
    return SB_OK;
}

/* "[index]", behind an array or a pointer. */
static sb_status parse_index(struct parser *p, struct value *out)
{
    const struct token place = *current(p);
    struct value index;
    if (point_at(p, &place, out) != SB_OK || advance(p) != SB_OK ||
        parse_integer(p, "an index", &index) != SB_OK)
        return p->b->status;
    uint64_t size = p->b->types[out->type].size;
    if (value_is_negative(&index) ||
        (size != 0 && index.bits > ((uint64_t)SB_MAX_OBJECT_SIZE - out->bits) / size))
        return expression_fails(p, &place, "this index is out of range");
    out->bits += index.bits * size;
    return expect(p, TOKEN_RIGHT_BRACKET, "after the index");
}

/* ".member" or "->member" */
static sb_status parse_member(struct parser *p, struct value *out)
{
    const struct token place = *current(p);
    char shown[TYPE_SHOWN];
    if ((at(p, TOKEN_ARROW) && point_at(p, &place, out) != SB_OK) || advance(p) != SB_OK)
        return p->b->status;
    if (out->kind != VALUE_OBJECT)
        return expression_fails(p, &place, "this is not a struct or union");
    if (!at_name(p))
        return expected(p, "the name of a field");
    const struct token name = *current(p);
    uint64_t offset = 0;
    const sb_type *type = &p->b->types[out->type];
    const sb_field *field = type_is_record(type)
                                ? find_field(p->b, out->type, token_text(p, &name), &offset)
                                : NULL;
    if (field == NULL)
        return builder_error(p->b, SB_ERROR_MEANING, name.line, name.column,
                             "'%s' has no field '%.60s'",
                             type_shown(p->b, out->type, 0, NULL, shown, sizeof shown),
                             token_name(p, &name));
    if (field->bit_width != 0)
        return expression_fails(p, &name, "a bit-field has neither a size nor an address");
    set_object(out, field->value.type, out->has_address, out->bits + offset);
    return advance(p);
}

sb_status parse_postfix(struct parser *p, struct value *out)
{
    while (at(p, TOKEN_ARROW) || at(p, TOKEN_DOT) || at(p, TOKEN_LEFT_BRACKET))
        if ((at(p, TOKEN_LEFT_BRACKET) ? parse_index(p, out) : parse_member(p, out)) != SB_OK)
            return p->b->status;
    return SB_OK;
}

sb_status apply_to_object(struct parser *p, const struct token *sign, struct value *out)
{
    if (sign->kind == TOKEN_STAR)
        return point_at(p, sign, out);
    if (out->kind != VALUE_OBJECT)
        return expression_fails(p, sign, "'&' needs an object");
    sb_type_id type = type_pointer(p->b, out->type, 0, sign->line, sign->column);
    if (type == SB_NONE)
        return p->b->status;
    if (!out->has_address && p->unevaluated == 0)
        return expression_fails(p, sign, "the address of an object is no constant here");
    *out = (struct value){
        .kind = VALUE_NULL, .type = type, .has_address = out->has_address, .bits = out->bits};
    return SB_OK;
}

sb_status size_of_object(struct parser *p, const struct token *place, bool align,
                         struct value *out)
{
    const sb_type *type = &p->b->types[out->type];
    char shown[TYPE_SHOWN];
    if ((type->flags & SB_TYPE_COMPLETE) == 0 || type->kind == SB_FUNCTION)
        return builder_error(p->b, SB_ERROR_MEANING, place->line, place->column,
                             "the size of '%s' is not known",
                             type_shown(p->b, out->type, 0, NULL, shown, sizeof shown));
    size_value(out, align ? type->align : type->size);
    return SB_OK;
}
