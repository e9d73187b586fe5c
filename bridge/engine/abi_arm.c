/* abi_arm.c - Procedure Call Standard for the Arm Architecture, 32 bits, with the variant for
 * floating-point registers: arguments and results.
 *
 * Homogeneous aggregates (one to four floating-point members of one type, however nested) and
 * complex numbers travel in vector registers, here counted as registers of 4 bytes, and fill gaps
 * that doubles left; once one finds none, no later one does. Everything else travels in words of 4
 * bytes, in general registers and then on the stack; what is aligned to 8 starts at an even one,
 * and a value is split over both only while nothing is on the stack. A variadic function gets all its
 * arguments that way, and returns its result without vector registers.
 */
#include "abi.h"

enum { GENERAL = 4, VECTOR = 16 };

/* True for a record, aligned to less than 8, with a bit-field of a type that is aligned to 8: gcc
 * starts it at an even register all the same, clang does not. */
static bool holds_wide_bits(const sb_description *d, const sb_type *type)
{
    if (!abi_is_record(type) || type->align > 4)
        return false;
    for (uint32_t i = 0; i < type->count; i++) {
        const sb_field *field = &d->fields[type->first + i];
        if (field->bit_width != 0 && d->types[field->value.type].align > 4)
            return true;
    }
    return false;
}

/* Sets all of *value but `at` and `word`. */
static const char *place(const sb_description *d, sb_type_id id, const abi_frame *frame,
                         abi_value *value)
{
    const sb_type *type = &d->types[id];
    const char *reason;
    if (!abi_begin(type, value, &reason))
        return reason;
    abi_members seen;
    if (abi_look_at(d, id, &seen) == ABI_WALK_TOO_LONG)
        return ABI_TOO_INTRICATE;
    unsigned members = frame->variadic ? 0 : abi_homogeneous(&seen, type->size);
    value->kind = ABI_REGISTERS;
    value->align = type->align > 4 ? 8 : 4;
    if (members > 0 && seen.size <= 8) {
        if (seen.unnamed_bits)
            return ABI_UNNAMED_BITS;
        value->count = (uint8_t)members;
        value->width = (uint8_t)seen.size;
        for (unsigned i = 0; i < value->count; i++) {
            value->class[i] = ABI_VECTOR;
            value->offset[i] = (uint8_t)(i * seen.size);
        }
        return NULL;
    }
    if (type->size <= 64 && type->align > seen.natural && type->align > 4)
        return ABI_ALIGNED_BEYOND;
    if (holds_wide_bits(d, type))
        return "compilers disagree on how a packed record with bit-fields of 64-bit types travels";
    value->width = 4;
    return NULL;
}

static const char *result(const sb_description *d, sb_type_id id, abi_frame *frame,
                          abi_value *value)
{
    const sb_type *type = &d->types[id];
    const char *reason = place(d, id, frame, value);
    if (reason != NULL || value->kind == ABI_NOTHING)
        return reason;
    if (value->class[0] == ABI_VECTOR) {
        for (unsigned i = 0; i < value->count; i++)
            value->at[i] = (uint8_t)(i * value->width / 4);
    } else if ((abi_is_record(type) || type->kind == SB_COMPLEX) && type->size > 4) {
        value->kind = ABI_REFERENCE;
        frame->general = 1;
    } else {
        value->count = type->size > 4 ? 2 : 1;
        value->offset[1] = 4;
        value->at[1] = 1;
    }
    return NULL;
}

/* `words` words of the stack; none of them is in a register. */
static void spill(abi_frame *frame, uint32_t words, abi_value *value)
{
    if (value->align == 8)
        frame->words = (frame->words + 1) & ~1u;
    value->kind = ABI_STACK;
    value->count = 0;
    value->word = frame->words;
    frame->words += words;
}

/* Finds free vector registers one after another; none when there are not as many. */
static bool take_vector(abi_frame *frame, abi_value *value)
{
    unsigned each = value->width / 4u, all = each * value->count;
    for (unsigned first = 0; first + all <= VECTOR; first += each) {
        uint32_t mask = ((1u << all) - 1) << first;
        if ((frame->vector & mask) != 0)
            continue;
        frame->vector |= mask;
        for (unsigned i = 0; i < value->count; i++)
            value->at[i] = (uint8_t)(first + i * each);
        return true;
    }
    frame->vector = (1u << VECTOR) - 1;
    return false;
}

static const char *argument(const sb_description *d, sb_type_id id, abi_frame *frame,
                            abi_value *value)
{
    const char *reason = place(d, id, frame, value);
    if (reason != NULL || value->kind == ABI_NOTHING)
        return reason;
    uint32_t words = (uint32_t)(abi_round_up(d->types[id].size, 4) / 4);
    if (value->class[0] == ABI_VECTOR) {
        if (!take_vector(frame, value))
            spill(frame, words, value);
        return NULL;
    }
    uint32_t first = value->align == 8 ? (frame->general + 1) & ~1u : frame->general;
    uint32_t left = GENERAL - first;
    frame->general = GENERAL;
    if (words <= left)
        frame->general = first + words;
    else if (left == 0 || frame->words > 0)
        spill(frame, words, value);
    else
        frame->words = words - left;
    if (value->kind == ABI_REGISTERS)
        value->count = (uint8_t)(words < left ? words : left);
    for (unsigned i = 0; i < value->count; i++) {
        value->at[i] = (uint8_t)(first + i);
        value->offset[i] = (uint8_t)(4 * i);
    }
    return NULL;
}

const abi abi_arm = {
    .name = "ARM",
    .general = GENERAL,
    .vector = VECTOR,
    .result_takes_register = true,
    .result = result,
    .argument = argument,
};
