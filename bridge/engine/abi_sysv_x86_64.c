/* abi_sysv_x86_64.c - System V AMD64 ABI: arguments and results.
 *
 * A value of at most 16 bytes is one or two eightbytes, each with a class merged from the scalars in
 * it. It travels in registers when every eightbyte is INTEGER (general) or SSE (vector) and enough
 * registers are left for the whole of it; else its bytes go to the stack. A later, smaller argument
 * may still get a register. Results of class MEMORY are written through a pointer that the caller
 * passes as a hidden first argument.
 */
#include "abi.h"

#include <string.h>

/* In the order in which one beats the other when they share an eightbyte, except that X87 and X87UP
 * with anything but INTEGER make MEMORY. */
enum eightbyte { NONE, SSE, X87UP, X87, INTEGER, MEMORY };

struct classes {
    enum eightbyte of[2];
    bool skip_unnamed; /* leave out bit-fields without a name */
    bool saw_unnamed;
};

static enum eightbyte merge(enum eightbyte a, enum eightbyte b)
{
    if (a == b)
        return a;
    enum eightbyte high = a > b ? a : b, low = a > b ? b : a;
    if (low == NONE || high >= INTEGER)
        return high;
    return MEMORY; /* SSE with X87 or X87UP, X87 with X87UP */
}

static bool merge_at(struct classes *classes, uint64_t offset, enum eightbyte class)
{
    if (offset >= 16)
        return false;
    enum eightbyte *of = &classes->of[offset / 8];
    *of = merge(*of, class);
    return *of != MEMORY;
}

/* Merges a scalar; false: the whole value is of class MEMORY. */
static bool merge_scalar(void *context, const sb_type *scalar, uint64_t offset,
                         const sb_field *bits)
{
    struct classes *classes = context;
    if (bits != NULL) {
        uint64_t first = offset * 8 + bits->bit_offset, last = first + bits->bit_width - 1;
        if (bits->value.name == 0) {
            classes->saw_unnamed = true;
            if (classes->skip_unnamed)
                return true;
        }
        for (uint64_t byte = first / 64 * 8; byte <= last / 8; byte += 8) {
            if (!merge_at(classes, byte, INTEGER))
                return false;
        }
        return true;
    }
    if (scalar->align > 1 && offset % scalar->align != 0)
        return false; /* a packed record: unaligned fields */
    switch (scalar->kind) {
    case SB_FLOAT:
        if (scalar->size == 16)
            return merge_at(classes, offset, X87) && merge_at(classes, offset + 8, X87UP);
        return merge_at(classes, offset, SSE);
    case SB_COMPLEX:
        if (scalar->size > 16)
            return false;
        return merge_at(classes, offset, SSE) &&
               merge_at(classes, offset + scalar->size / 2, SSE);
    default:
        return merge_at(classes, offset, INTEGER) &&
               (scalar->size <= 8 || merge_at(classes, offset + 8, INTEGER));
    }
}

/* Returns false when the type holds too much to look at. */
static bool classify(const sb_description *d, sb_type_id id, struct classes *classes)
{
    abi_walk outcome = ABI_WALK_STOPPED;
    if (d->types[id].size <= 16)
        outcome = abi_scalars(d, id, merge_scalar, classes);
    if (outcome == ABI_WALK_STOPPED || (classes->of[1] == X87UP && classes->of[0] != X87))
        classes->of[0] = MEMORY;
    return outcome != ABI_WALK_TOO_LONG;
}

/* True when a bit-field in a union is less aligned than the least integer that could hold it. gcc
 * puts such a record in memory, clang goes by the bits alone. Only for what classify has walked. */
static bool has_unaligned_union_bits(const sb_description *d, sb_type_id id, uint64_t offset)
{
    const sb_type *type = &d->types[id];
    if (type->kind == SB_ARRAY) {
        uint64_t size = d->types[type->target].size;
        for (uint64_t at = 0; at < type->size; at += size) {
            if (has_unaligned_union_bits(d, type->target, offset + at))
                return true;
        }
        return false;
    }
    for (uint32_t i = 0; abi_is_record(type) && i < type->count; i++) {
        const sb_field *field = &d->fields[type->first + i];
        uint64_t integer = 1;
        while (integer * 8 < field->bit_width)
            integer *= 2;
        if (field->bit_width == 0) {
            if (has_unaligned_union_bits(d, field->value.type, offset + field->offset))
                return true;
        } else if (type->kind == SB_UNION && (offset + field->offset) % integer != 0) {
            return true;
        }
    }
    return false;
}

/* Sets all of *value but `at`: ABI_NOTHING, ABI_REGISTERS, ABI_X87, or ABI_REFERENCE for MEMORY. */
static const char *place(const sb_description *d, sb_type_id id, abi_value *value)
{
    const sb_type *type = &d->types[id];
    const char *reason;
    if (!abi_begin(type, value, &reason))
        return reason;
    value->width = 8;

    struct classes classes = {.skip_unnamed = false};
    if (!classify(d, id, &classes))
        return ABI_TOO_INTRICATE;
    if (classes.saw_unnamed) {
        struct classes other = {.skip_unnamed = true};
        (void)classify(d, id, &other);
        if (memcmp(classes.of, other.of, sizeof classes.of) != 0)
            return ABI_UNNAMED_BITS;
    }
    if (type->kind == SB_COMPLEX && type->size > 16) {
        value->kind = ABI_X87;
        return NULL;
    }
    if (classes.of[0] == MEMORY) {
        value->kind = ABI_REFERENCE;
        return NULL;
    }
    if (type->flags & SB_TYPE_FLEXIBLE)
        return ABI_FLEXIBLE; /* clang: in memory; gcc: by the members before it */
    if (has_unaligned_union_bits(d, id, 0))
        return ABI_UNION_BITS;
    if (classes.of[0] == X87) {
        value->kind = ABI_X87;
        return NULL;
    }
    value->kind = ABI_REGISTERS;
    for (unsigned i = 0; i < 2; i++) {
        if (classes.of[i] == NONE)
            continue;
        value->class[value->count] = classes.of[i] == SSE ? ABI_VECTOR : ABI_GENERAL;
        value->offset[value->count] = (uint8_t)(i * 8);
        value->count++;
    }
    if (value->count == 0)
        value->kind = ABI_NOTHING; /* nothing but padding */
    return NULL;
}

static const char *result(const sb_description *d, sb_type_id type, abi_frame *frame,
                          abi_value *value)
{
    const char *reason = place(d, type, value);
    if (reason != NULL)
        return reason;
    uint8_t next[2] = {0, 0};
    for (unsigned i = 0; i < value->count; i++)
        value->at[i] = next[value->class[i]]++;
    if (value->kind == ABI_REFERENCE)
        frame->general++;
    return NULL;
}

static const char *argument(const sb_description *d, sb_type_id type, abi_frame *frame,
                            abi_value *value)
{
    const char *reason = place(d, type, value);
    if (reason != NULL || value->kind == ABI_NOTHING)
        return reason;
    if (value->kind == ABI_REGISTERS) {
        uint32_t next[2] = {frame->general, frame->vector};
        for (unsigned i = 0; i < value->count; i++)
            value->at[i] = (uint8_t)next[value->class[i]]++;
        if (next[ABI_GENERAL] <= abi_sysv_x86_64.general &&
            next[ABI_VECTOR] <= abi_sysv_x86_64.vector) {
            frame->general = next[ABI_GENERAL];
            frame->vector = next[ABI_VECTOR];
            return NULL;
        }
    }
    value->kind = ABI_STACK;
    value->count = 0;
    if (value->align == 16)
        frame->words = (frame->words + 1) & ~1u;
    value->word = frame->words;
    uint64_t words = abi_round_up(d->types[type].size, 8) / 8;
    if (words > UINT32_MAX / 16 - frame->words)
        return "it is too large to be passed by value";
    frame->words += (uint32_t)words;
    return NULL;
}

const abi abi_sysv_x86_64 = {
    .name = "x86-64 System V",
    .general = 6,
    .vector = 8,
    .result_takes_register = true,
    .result = result,
    .argument = argument,
};
