/* abi_aarch64.c - Procedure Call Standard for AArch64, as Linux uses it: arguments and results.
 *
 * Homogeneous aggregates (one to four floating-point members of one type, however nested) travel in
 * one vector register per member; other records of at most 16 bytes in one or two general registers;
 * larger ones as a pointer to a copy. Once an argument does not fit in the registers left of its
 * class, no later one of that class gets a register. Results in memory are written through x8, which
 * is not an argument register. Variadic arguments are passed like named ones.
 */
#include "abi.h"

/* Sets all of *value but `at`. */
static const char *place(const sb_description *d, sb_type_id id, abi_value *value)
{
    const sb_type *type = &d->types[id];
    const char *reason;
    if (!abi_begin(type, value, &reason))
        return reason;

    abi_members seen;
    if (abi_look_at(d, id, &seen) == ABI_WALK_TOO_LONG)
        return ABI_TOO_INTRICATE;
    unsigned members = abi_homogeneous(&seen, type->size);
    if (members > 0) {
        if (seen.unnamed_bits)
            return ABI_UNNAMED_BITS;
        value->kind = ABI_REGISTERS;
        value->count = (uint8_t)members;
        value->width = (uint8_t)seen.size;
        for (unsigned i = 0; i < value->count; i++) {
            value->class[i] = ABI_VECTOR;
            value->offset[i] = (uint8_t)(i * seen.size);
        }
        return NULL;
    }
    if (type->size > 16) {
        value->kind = ABI_REFERENCE;
        return NULL;
    }
    if (type->align > seen.natural && type->align > 8)
        return ABI_ALIGNED_BEYOND;
    value->kind = ABI_REGISTERS;
    value->aligned_pair = type->align == 16;
    value->count = type->size > 8 ? 2 : 1;
    value->width = 8;
    value->offset[1] = 8;
    return NULL;
}

static const char *result(const sb_description *d, sb_type_id type, abi_frame *frame,
                          abi_value *value)
{
    (void)frame;
    const char *reason = place(d, type, value);
    for (unsigned i = 0; reason == NULL && i < value->count; i++)
        value->at[i] = (uint8_t)i;
    return reason;
}

/* `words` words of the stack, from an even one when align is 16. */
static const char *spill(abi_frame *frame, uint64_t words, uint32_t align, abi_value *value)
{
    if (align == 16)
        frame->words = (frame->words + 1) & ~1u;
    value->count = 0;
    value->word = frame->words;
    frame->words += (uint32_t)words;
    return NULL;
}

static const char *argument(const sb_description *d, sb_type_id type, abi_frame *frame,
                            abi_value *value)
{
    const char *reason = place(d, type, value);
    if (reason != NULL || value->kind == ABI_NOTHING)
        return reason;
    if (value->kind == ABI_REFERENCE) {
        if (frame->general == abi_aarch64.general)
            return spill(frame, 1, 8, value);
        value->count = 1;
        value->class[0] = ABI_GENERAL;
        value->at[0] = (uint8_t)frame->general++;
        return NULL;
    }
    bool vector = value->class[0] == ABI_VECTOR;
    uint32_t *next = vector ? &frame->vector : &frame->general;
    uint32_t limit = vector ? abi_aarch64.vector : abi_aarch64.general;
    uint32_t first = value->aligned_pair && !vector ? (*next + 1) & ~1u : *next;
    if (first + value->count > limit) {
        *next = limit;
        value->kind = ABI_STACK;
        return spill(frame, abi_round_up(d->types[type].size, 8) / 8, value->align, value);
    }
    for (unsigned i = 0; i < value->count; i++)
        value->at[i] = (uint8_t)(first + i);
    *next = first + value->count;
    return NULL;
}

const abi abi_aarch64 = {
    .name = "AArch64",
    .general = 8,
    .vector = 8,
    .result_takes_register = false,
    .result = result,
    .argument = argument,
};
