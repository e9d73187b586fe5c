/* abi_s390x.c - System V ABI of z/Architecture, as Linux uses it: arguments and results.
 *
 * Records of 1, 2, 4 or 8 bytes travel as an integer of that size does, and a struct whose only
 * member is a float or double, or such a struct, as the number. All else but scalars that fit in a
 * register, complex numbers and records without bytes too, travels as a pointer to a copy. It, and
 * every record, returns through a pointer that takes the first general register.
 */
#include "abi.h"

#include <string.h>

/* True when a type is a float or double, maybe as the only member of structs. */
static bool is_number(const sb_description *d, sb_type_id id)
{
    const sb_type *type = &d->types[id];
    while (type->kind == SB_STRUCT && type->count == 1 && d->fields[type->first].bit_width == 0)
        type = &d->types[d->fields[type->first].value.type];
    return type->kind == SB_FLOAT && type->size <= 8;
}

/* Sets all of *value but `at` and `word`. */
static const char *place(const sb_description *d, sb_type_id id, abi_value *value)
{
    const sb_type *type = &d->types[id];
    memset(value, 0, sizeof *value);
    value->align = type->align;
    value->width = 8;
    if (type->kind == SB_VOID) {
        value->kind = ABI_NOTHING;
        return NULL;
    }
    if (type->align > 16)
        return ABI_OVERALIGNED;
    bool fits = type->size == 1 || type->size == 2 || type->size == 4 || type->size == 8;
    if (!fits || type->kind == SB_COMPLEX) {
        value->kind = ABI_REFERENCE;
        return NULL;
    }
    value->kind = ABI_REGISTERS;
    value->count = 1;
    value->class[0] = is_number(d, id) ? ABI_VECTOR : ABI_GENERAL;
    return NULL;
}

static const char *result(const sb_description *d, sb_type_id id, abi_frame *frame,
                          abi_value *value)
{
    const char *reason = place(d, id, value);
    if (value->kind == ABI_REGISTERS && abi_is_record(&d->types[id])) {
        value->kind = ABI_REFERENCE;
        value->count = 0;
    }
    if (value->kind == ABI_REFERENCE)
        frame->general++;
    return reason;
}

static const char *argument(const sb_description *d, sb_type_id id, abi_frame *frame,
                            abi_value *value)
{
    const char *reason = place(d, id, value);
    if (reason != NULL || value->kind == ABI_NOTHING)
        return reason;
    bool vector = value->kind == ABI_REGISTERS && value->class[0] == ABI_VECTOR;
    uint32_t *next = vector ? &frame->vector : &frame->general;
    if (*next < (vector ? abi_s390x.vector : abi_s390x.general)) {
        value->count = 1;
        value->at[0] = (uint8_t)(*next)++;
        return NULL;
    }
    if (value->kind == ABI_REGISTERS)
        value->kind = ABI_STACK;
    value->count = 0;
    value->word = frame->words++;
    return NULL;
}

const abi abi_s390x = {
    .name = "s390x",
    .general = 5,
    .vector = 4,
    .result_takes_register = true,
    .result = result,
    .argument = argument,
};
