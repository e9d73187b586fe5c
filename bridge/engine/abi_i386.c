/* abi_i386.c - System V ABI of i386, as Linux uses it: arguments and results.
 *
 * All arguments travel on the stack, each in whole words of 4 bytes, whatever its alignment.
 * Records (those without bytes, too) and complex numbers return in memory, through a pointer that is pushed
 * last, but float _Complex, which returns as 64 bits of integer do; other floating-point numbers
 * return on the x87 stack.
 */
#include "abi.h"

#include <string.h>

static const char *start(const sb_type *type, abi_kind kind, abi_value *value)
{
    memset(value, 0, sizeof *value);
    bool is_nothing = type->size == 0 && kind != ABI_REFERENCE;
    value->kind = (uint8_t)(is_nothing || type->kind == SB_VOID ? ABI_NOTHING : kind);
    value->width = 4;
    value->align = 4;
    return type->align > 16 ? ABI_OVERALIGNED : NULL;
}

static const char *result(const sb_description *d, sb_type_id id, abi_frame *frame,
                          abi_value *value)
{
    const sb_type *type = &d->types[id];
    abi_kind kind = ABI_REGISTERS;
    if (abi_is_record(type) || (type->kind == SB_COMPLEX && type->size > 8))
        kind = ABI_REFERENCE;
    else if (type->kind == SB_FLOAT)
        kind = ABI_X87;
    const char *reason = start(type, kind, value);
    if (value->kind == ABI_REGISTERS) {
        value->count = type->size > 4 ? 2 : 1;
        value->offset[1] = 4;
        value->at[1] = 1;
    } else if (value->kind == ABI_REFERENCE) {
        frame->words++;
    }
    return reason;
}

static const char *argument(const sb_description *d, sb_type_id id, abi_frame *frame,
                            abi_value *value)
{
    const sb_type *type = &d->types[id];
    const char *reason = start(type, ABI_STACK, value);
    value->word = frame->words;
    frame->words += (uint32_t)(abi_round_up(type->size, 4) / 4);
    return reason;
}

const abi abi_i386 = {
    .name = "i386",
    .general = 0,
    .vector = 0,
    .result_takes_register = false,
    .result = result,
    .argument = argument,
};
