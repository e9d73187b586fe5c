/* abi_riscv64.c - RISC-V ELF psABI, LP64D: arguments and results.
 *
 * A struct that holds, however nested, one floating-point number, two, or one and an integer, and
 * nothing else, travels by field: each in a register of its class, when there are enough. So do
 * complex numbers; a union never does, nor what belongs to the `...` of a function. Everything else
 * of at most 16 bytes travels in general registers and stack words, split over both when it must;
 * in a `...` or on the stack, what is aligned to 16 starts at an even one. Larger values travel as
 * a pointer to a copy. Numbers that find no vector register travel like integers.
 */
#include "abi.h"

#include <string.h>

enum { GENERAL = 8, VECTOR = 8, MAX_FIELDS = 2 };

struct fields {
    unsigned count;
    bool other; /* more than two, or such as do not travel by field */
    uint8_t class[MAX_FIELDS], offset[MAX_FIELDS], bytes[MAX_FIELDS];
};

static void add(struct fields *fields, abi_class class, uint64_t offset, uint64_t bytes)
{
    if (fields->count == MAX_FIELDS || bytes > 8 || offset > UINT8_MAX) {
        fields->other = true;
        return;
    }
    fields->class[fields->count] = (uint8_t)class;
    fields->offset[fields->count] = (uint8_t)offset;
    fields->bytes[fields->count] = (uint8_t)bytes;
    fields->count++;
}

static bool look_at(void *context, const sb_type *scalar, uint64_t offset, const sb_field *bits)
{
    struct fields *fields = context;
    switch (scalar->kind) {
    case SB_FLOAT:
        add(fields, ABI_VECTOR, offset, scalar->size);
        break;
    case SB_COMPLEX:
        add(fields, ABI_VECTOR, offset, scalar->size / 2);
        add(fields, ABI_VECTOR, offset + scalar->size / 2, scalar->size / 2);
        break;
    case SB_POINTER:
        fields->other = true;
        break;
    default:
        add(fields, ABI_GENERAL, offset,
            bits == NULL ? scalar->size : (bits->bit_offset + bits->bit_width + 7u) / 8);
    }
    return !fields->other;
}

/* True when there is a union in a type of at most ABI_MAX_STEPS records. */
static bool holds_union(const sb_description *d, sb_type_id id, uint32_t *steps)
{
    const sb_type *type = &d->types[id];
    while (type->kind == SB_ARRAY)
        type = &d->types[type->target];
    if (type->kind != SB_STRUCT || ++*steps > ABI_MAX_STEPS)
        return type->kind == SB_UNION;
    for (uint32_t i = 0; i < type->count; i++) {
        if (holds_union(d, d->fields[type->first + i].value.type, steps))
            return true;
    }
    return false;
}

/* Finds the fields of a value that travels by field; false when it does not. */
static bool find_fields(const sb_description *d, sb_type_id id, struct fields *fields)
{
    uint32_t steps = 0;
    *fields = (struct fields){.count = 0};
    if (abi_is_record(&d->types[id]) && (d->types[id].flags & SB_TYPE_FLEXIBLE) != 0)
        return false;
    if (abi_scalars(d, id, look_at, fields) != ABI_WALK_DONE || holds_union(d, id, &steps))
        return false;
    if (fields->count == 1 && fields->offset[0] != 0)
        return false; /* nothing that C can declare */
    for (unsigned i = 0; i < fields->count; i++) {
        if (fields->class[i] == ABI_VECTOR)
            return true;
    }
    return false;
}

/* Places a value by field when the frame has the registers. */
static bool by_field(const sb_description *d, sb_type_id id, abi_frame *frame, abi_value *value)
{
    struct fields fields;
    if (frame->unnamed || !find_fields(d, id, &fields))
        return false;
    uint32_t general = frame->general, vector = frame->vector;
    for (unsigned i = 0; i < fields.count; i++) {
        value->class[i] = fields.class[i];
        value->offset[i] = fields.offset[i];
        value->bytes[i] = fields.bytes[i];
        value->at[i] = (uint8_t)(fields.class[i] == ABI_VECTOR ? vector++ : general++);
    }
    if (general > GENERAL || vector > VECTOR)
        return false;
    frame->general = general;
    frame->vector = vector;
    value->kind = ABI_REGISTERS;
    value->count = (uint8_t)fields.count;
    value->width = 8;
    return true;
}

/* Places a value in words: in general registers as long as there are some, then on the stack. */
static void in_words(abi_frame *frame, uint32_t words, bool even, abi_value *value)
{
    memset(value->class, ABI_GENERAL, sizeof value->class);
    memset(value->bytes, 0, sizeof value->bytes);
    if (even && (frame->unnamed || frame->general == GENERAL)) {
        if (frame->general < GENERAL)
            frame->general = (frame->general + 1) & ~1u;
        else
            frame->words = (frame->words + 1) & ~1u;
    }
    uint32_t left = GENERAL - frame->general;
    value->count = (uint8_t)(words < left ? words : left);
    value->word = frame->words;
    for (unsigned i = 0; i < value->count; i++) {
        value->at[i] = (uint8_t)frame->general++;
        value->offset[i] = (uint8_t)(8 * i);
    }
    frame->words += words - value->count;
}

static const char *place(const sb_description *d, sb_type_id id, abi_frame *frame,
                         abi_value *value)
{
    const sb_type *type = &d->types[id];
    const char *reason;
    if (!abi_begin(type, value, &reason))
        return reason;
    if (by_field(d, id, frame, value))
        return NULL;
    value->width = 8;
    if (type->size > 16) {
        in_words(frame, 1, false, value);
        value->kind = ABI_REFERENCE;
        return NULL;
    }
    in_words(frame, type->size > 8 ? 2 : 1, type->align == 16, value);
    value->kind = value->count > 0 ? ABI_REGISTERS : ABI_STACK;
    return NULL;
}

static const char *result(const sb_description *d, sb_type_id id, abi_frame *frame,
                          abi_value *value)
{
    abi_frame own = {.general = 0};
    const char *reason = place(d, id, &own, value);
    if (value->kind == ABI_REFERENCE)
        frame->general++;
    return reason;
}

const abi abi_riscv64 = {
    .name = "RISC-V",
    .general = GENERAL,
    .vector = VECTOR,
    .result_takes_register = true,
    .result = result,
    .argument = place,
};
