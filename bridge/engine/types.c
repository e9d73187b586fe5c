/* types.c - the type table: derived types, agreement. */
#include "types.h"

#include <stdio.h>
#include <string.h>

/* ---- derived types -------------------------------------------------------------------------- */

static uint32_t mix(uint32_t hash, uint32_t value)
{
    hash = (hash ^ value) * 0x9e3779b1u;
    return hash ^ (hash >> 15);
}

/* Records, enums and plain arithmetic types are what they are; these are made of others. */
static bool is_derived(const sb_type *type)
{
    return type->kind == SB_POINTER || type->kind == SB_ARRAY || type->kind == SB_FUNCTION ||
           (type->primitive != SB_PRIM_NONE && type->kind != SB_ENUM &&
            (type->flags & SB_TYPE_BUILTIN) == 0);
}

/* Flags that tell types apart, rather than follow from the rest. */
static uint16_t identity_flags(const sb_type *type)
{
    return type->flags &
           (SB_TYPE_VARIADIC | SB_TYPE_NO_PROTO | SB_TYPE_FLEXIBLE | SB_TYPE_PARTIAL);
}

static uint32_t hash_type(const sb_type *type, const sb_value *params)
{
    uint32_t hash = mix(type->kind, type->primitive);
    hash = mix(hash, type->target);
    hash = mix(hash, type->target_quals | (uint32_t)identity_flags(type) << 8);
    hash = mix(hash, (uint32_t)type->size);
    hash = mix(hash, (uint32_t)(type->size >> 32));
    hash = mix(hash, type->align);
    if (type->kind == SB_FUNCTION)
        for (uint32_t i = 0; i < type->count; i++)
            hash = mix(hash, params[i].type);
    return hash;
}

static bool has_attributes(const sb_value *params, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        if (params[i].attribute_count != 0)
            return true;
    return false;
}

static bool same_type(const struct builder *b, const sb_type *one, const sb_type *other,
                      const sb_value *other_params)
{
    if (one->kind != other->kind || one->primitive != other->primitive ||
        one->target != other->target || one->target_quals != other->target_quals ||
        identity_flags(one) != identity_flags(other) || one->size != other->size ||
        one->align != other->align)
        return false;
    if (one->kind != SB_FUNCTION)
        return true;
    if (one->count != other->count)
        return false;
    for (uint32_t i = 0; i < one->count; i++)
        if (b->params[one->first + i].type != other_params[i].type)
            return false;
    return true;
}

static const sb_value *params_of(const struct builder *b, const sb_type *type)
{
    return type->kind == SB_FUNCTION && type->count > 0 ? b->params + type->first : NULL;
}

static sb_status grow_type_slots(struct builder *b)
{
    uint32_t count = b->type_slot_count == 0 ? 256 : b->type_slot_count * 2;
    /* A base may have brought many, or names were dropped when there were many. */
    while (count / 2 < b->type_count)
        count *= 2;
    sb_type_id *slots = memory_resize(NULL, count * sizeof *slots);
    if (slots == NULL)
        return builder_no_memory(b);
    memset(slots, 0, count * sizeof *slots);
    memory_free(b->type_slots);
    b->type_slots = slots;
    b->type_slot_count = count;
    b->type_slot_used = 0;
    for (sb_type_id id = 1; id < b->type_count; id++) {
        const sb_type *type = &b->types[id];
        if (!is_derived(type) ||
            (type->kind == SB_FUNCTION && has_attributes(params_of(b, type), type->count)))
            continue;
        uint32_t slot = hash_type(type, params_of(b, type)) & (count - 1);
        for (uint32_t step = 1; slots[slot] != 0; step++)
            slot = (slot + step) & (count - 1);
        slots[slot] = id;
        b->type_slot_used++;
    }
    return SB_OK;
}

/* Finds or adds a derived type. */
static sb_type_id intern(struct builder *b, const sb_type *type, const sb_value *params)
{
    bool apart = type->kind == SB_FUNCTION && has_attributes(params, type->count);
    if (b->type_slot_used >= b->type_slot_count / 2 && grow_type_slots(b) != SB_OK)
        return SB_NONE;
    uint32_t mask = b->type_slot_count - 1;
    uint32_t slot = hash_type(type, params) & mask;
    if (!apart)
        for (uint32_t step = 1; b->type_slots[slot] != 0; step++) {
            if (same_type(b, &b->types[b->type_slots[slot]], type, params))
                return b->type_slots[slot];
            slot = (slot + step) & mask;
        }
    sb_type fresh = *type;
    fresh.decl = fresh.binding = SB_NONE;
    if (type->kind == SB_FUNCTION) {
        fresh.first = b->param_count;
        if (!builder_reserve_param(b, type->count))
            return SB_NONE;
        for (uint32_t i = 0; i < type->count; i++)
            (void)builder_add_param(b, &params[i]);
    }
    sb_type_id id = builder_add_type(b, &fresh);
    if (id != SB_NONE && !apart) {
        b->type_slots[slot] = id;
        b->type_slot_used++;
    }
    return id;
}

/* The depth of a type made of `target`; 0 after reporting that it is too deep. */
static uint8_t deeper(struct builder *b, sb_type_id target, bool by_value, uint32_t line,
                      uint32_t column)
{
    const sb_type *type = &b->types[target];
    unsigned depth = type_is_record(type) && !by_value ? 1 : type->depth + 1u;
    if (depth <= SB_MAX_NESTING)
        return (uint8_t)depth;
    builder_error(b, SB_ERROR_LIMIT, line, column,
                  "this type is derived more than %d times from another", SB_MAX_NESTING);
    return 0;
}

sb_type_id type_pointer(struct builder *b, sb_type_id target, unsigned quals, uint32_t line,
                        uint32_t column)
{
    sb_type type = {.kind = SB_POINTER,
                    .flags = SB_TYPE_COMPLETE,
                    .target_quals = (uint8_t)quals,
                    .target = target,
                    .size = sizeof(void *),
                    .align = _Alignof(void *)};
    type.depth = deeper(b, target, false, line, column);
    return type.depth == 0 ? SB_NONE : intern(b, &type, NULL);
}

sb_type_id type_array(struct builder *b, sb_type_id element, unsigned quals,
                      enum array_length known, uint64_t length, uint32_t line, uint32_t column)
{
    const sb_type *of = &b->types[element];
    char shown[TYPE_SHOWN];
    bool partial = type_is_partial(of);
    if (of->kind == SB_FUNCTION || of->kind == SB_VOID ||
        ((of->flags & SB_TYPE_COMPLETE) == 0 && !partial)) {
        const char *why = of->kind == SB_FUNCTION ? "functions; write pointers to them"
                          : of->kind == SB_VOID   ? "void"
                          : of->kind == SB_ARRAY  ? "arrays of unknown length"
                                                  : "an incomplete type";
        type_shown(b, element, 0, NULL, shown, sizeof shown);
        builder_error(b, SB_ERROR_MEANING, line, column,
                      "an array cannot have elements of type '%s': there are no arrays of %s",
                      shown, why);
        return SB_NONE;
    }
    if (of->size > 0 && known == ARRAY_KNOWN && length > (uint64_t)SB_MAX_OBJECT_SIZE / of->size) {
        builder_error(b, SB_ERROR_LIMIT, line, column,
                      "an array of %llu elements of %llu bytes is larger than any object",
                      (unsigned long long)length, (unsigned long long)of->size);
        return SB_NONE;
    }
    if (of->align > 0 && of->size % of->align != 0) {
        builder_error(b, SB_ERROR_MEANING, line, column,
                      "elements of %llu bytes cannot all be aligned to %u in an array",
                      (unsigned long long)of->size, of->align);
        return SB_NONE;
    }
    sb_type type = {.kind = SB_ARRAY,
                    .flags = known != ARRAY_KNOWN ? SB_TYPE_FLEXIBLE
                             : partial            ? 0
                                                  : SB_TYPE_COMPLETE,
                    .target_quals = (uint8_t)quals,
                    .target = element,
                    .size = known == ARRAY_KNOWN ? length * of->size : 0,
                    .align = of->align};
    if (partial || known == ARRAY_PARTIAL)
        type.flags |= SB_TYPE_PARTIAL;
    type.flags |= of->flags & SB_TYPE_FOREIGN;
    type.depth = deeper(b, element, true, line, column);
    return type.depth == 0 ? SB_NONE : intern(b, &type, NULL);
}

sb_type_id type_function(struct builder *b, sb_type_id result, const sb_value *params,
                         uint32_t count, unsigned flags, uint32_t line, uint32_t column)
{
    uint8_t kind = b->types[result].kind;
    if (kind == SB_FUNCTION || kind == SB_ARRAY) {
        builder_error(b, SB_ERROR_MEANING, line, column,
                      kind == SB_ARRAY
                          ? "a function cannot return an array; return a pointer or a struct"
                          : "a function cannot return a function; return a pointer to it");
        return SB_NONE;
    }
    sb_type type = {.kind = SB_FUNCTION,
                    .flags = (uint16_t)(SB_TYPE_COMPLETE | flags),
                    .target = result,
                    .align = 1,
                    .count = count};
    type.depth = deeper(b, result, false, line, column);
    for (uint32_t i = 0; type.depth != 0 && i < count; i++) {
        uint8_t depth = deeper(b, params[i].type, false, line, column);
        if (depth == 0 || depth > type.depth)
            type.depth = depth;
    }
    if (type.depth == 0)
        return SB_NONE;
    return intern(b, &type, params);
}

sb_type_id type_aligned(struct builder *b, sb_type_id type, uint32_t align)
{
    sb_type copy = b->types[type];
    if (copy.align == align)
        return type;
    copy.align = align;
    if ((copy.flags & (SB_TYPE_FOREIGN | SB_TYPE_BUILTIN)) == (SB_TYPE_FOREIGN | SB_TYPE_BUILTIN))
        return type_foreign(b, builder_string(b, copy.name), copy.size, align);
    if (type_is_record(&copy) && copy.target == 0)
        copy.target = type;
    if (type_is_record(&copy) || copy.kind == SB_ENUM)
        return builder_add_type(b, &copy);
    copy.flags &= (uint16_t)~SB_TYPE_BUILTIN;
    return intern(b, &copy, NULL);
}

sb_type_id type_qualified(struct builder *b, sb_type_id type, unsigned *quals, unsigned more,
                          uint32_t line, uint32_t column)
{
    if (b->types[type].kind != SB_ARRAY || more == 0) {
        *quals |= more;
        return type;
    }
    sb_type array = b->types[type];
    unsigned element_quals = array.target_quals;
    sb_type_id element = type_qualified(b, array.target, &element_quals, more, line, column);
    if (element == SB_NONE)
        return SB_NONE;
    array.target = element;
    array.target_quals = (uint8_t)element_quals;
    return intern(b, &array, NULL);
}

/* ---- agreement ------------------------------------------------------------------------------ */

bool types_agree(struct builder *b, sb_type_id one_id, sb_type_id other_id)
{
    if (one_id == other_id)
        return true;
    const sb_type *one = &b->types[one_id], *other = &b->types[other_id];
    /* Parameters of parameters can multiply beyond any patience. */
    if (one->kind != other->kind || b->searched++ >= SB_MAX_SEARCH)
        return false;
    switch (one->kind) {
    case SB_POINTER:
        break;
    case SB_ARRAY:
        if ((one->flags & other->flags & SB_TYPE_COMPLETE) != 0 && one->size != other->size)
            return false;
        break;
    case SB_FUNCTION:
        if (((one->flags | other->flags) & SB_TYPE_NO_PROTO) == 0) {
            if (one->count != other->count || ((one->flags ^ other->flags) & SB_TYPE_VARIADIC) != 0)
                return false;
            for (uint32_t i = 0; i < one->count; i++)
                if (!types_agree(b, b->params[one->first + i].type,
                                 b->params[other->first + i].type))
                    return false;
        }
        break;
    default:
        /* uint32_t and unsigned int are one type under two names. */
        return one->primitive != SB_PRIM_NONE && one->kind != SB_ENUM && one->size == other->size &&
               one->align == other->align;
    }
    return one->target_quals == other->target_quals && types_agree(b, one->target, other->target);
}

const char *type_shown(const struct builder *b, sb_type_id type, unsigned quals, const char *name,
                       char *buffer, size_t capacity)
{
    sb_description d = {.strings = NULL};
    builder_publish(b, &d);
    if (sb_type_spell(&d, type, quals, name, buffer, capacity) >= capacity)
        memcpy(buffer + capacity - 4, "...", 4);
    return buffer;
}
