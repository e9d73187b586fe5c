/* leaves.c - known values in memory, by the engine's type tables alone. */
#include "leaves.h"

#include <string.h>

leaf_walk leaves_begin(const sb_description *d, uint64_t seed, uint32_t signature,
                       uint32_t argument)
{
    return (leaf_walk){.d = d, .seed = seed, .signature = signature, .argument = argument};
}

bool is_bit_field_without_name(const sb_field *field)
{
    return field->bit_width != 0 && field->value.name == 0;
}

/* ---- bit-fields -------------------------------------------------------------------------------- */

/* The byte and mask of bit i of the field, i counted from the value's least significant one. */
static size_t bit_place(const sb_field *field, unsigned i, unsigned char *mask)
{
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    unsigned at = field->bit_offset + field->bit_width - 1u - i;
    *mask = (unsigned char)(0x80u >> at % 8);
#else
    unsigned at = field->bit_offset + i;
    *mask = (unsigned char)(1u << at % 8);
#endif
    return (size_t)field->offset + at / 8;
}

void bits_store(const sb_field *field, void *memory, uint64_t value)
{
    unsigned char *bytes = memory, mask;
    for (unsigned i = 0; i < field->bit_width; i++) {
        size_t at = bit_place(field, i, &mask);
        if (value >> i & 1)
            bytes[at] |= mask;
        else
            bytes[at] &= (unsigned char)~mask;
    }
}

uint64_t bits_load(const sb_field *field, const void *memory)
{
    const unsigned char *bytes = memory;
    unsigned char mask;
    uint64_t value = 0;
    for (unsigned i = 0; i < field->bit_width; i++) {
        size_t at = bit_place(field, i, &mask);
        if (bytes[at] & mask)
            value |= UINT64_C(1) << i;
    }
    return value;
}

/* ---- scalars ------------------------------------------------------------------------------------- */

#define LARGEST_SCALAR 32 /* long double _Complex */

static void real_bytes(uint64_t word, uint64_t size, unsigned char *bytes)
{
    if (size == sizeof(float)) {
        float value = torture_float(word);
        memcpy(bytes, &value, sizeof value);
    } else if (size == sizeof(double)) {
        double value = torture_double(word);
        memcpy(bytes, &value, sizeof value);
    } else {
        long double value = torture_long_double(word);
        memcpy(bytes, &value, sizeof value);
    }
}

/* double and long double may have one size and two formulas. */
static void scalar_real(const sb_type *type, uint64_t word, uint64_t size, unsigned char *bytes)
{
    if (type->primitive == SB_PRIM_LDOUBLE || type->primitive == SB_PRIM_CLDOUBLE) {
        long double value = torture_long_double(word);
        memcpy(bytes, &value, sizeof value);
    } else {
        real_bytes(word, size, bytes);
    }
}

static void integer_bytes(uint64_t low, uint64_t high, uint64_t size, unsigned char *bytes)
{
    for (uint64_t i = 0; i < size; i++) {
        uint64_t byte = i < 8 ? low >> 8 * i : high >> 8 * (i - 8);
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
        bytes[size - 1 - i] = (unsigned char)byte;
#else
        bytes[i] = (unsigned char)byte;
#endif
    }
}

/* The bytes of the next leaf. */
static void scalar_bytes(leaf_walk *walk, const sb_type *type, unsigned char *bytes)
{
    uint64_t low = torture_word(walk->seed, walk->signature, walk->argument, walk->leaf);
    uint64_t high = torture_word(walk->seed, walk->signature, walk->argument,
                                 walk->leaf + TORTURE_SECOND);
    walk->leaf++;
    switch (type->kind) {
    case SB_BOOL:
        low &= 1;
        break;
    case SB_WIDE:
        low = torture_character(low);
        break;
    case SB_FLOAT:
        scalar_real(type, low, type->size, bytes);
        return;
    case SB_COMPLEX:
        scalar_real(type, low, type->size / 2, bytes);
        scalar_real(type, high, type->size / 2, bytes + type->size / 2);
        return;
    default:
        break;
    }
    integer_bytes(low, high, type->size, bytes);
}

/* Bytes of a float that hold its value; the rest is padding. */
static size_t real_width(const sb_type *type, size_t size)
{
#if (defined(__x86_64__) || defined(__i386__)) && __LDBL_MANT_DIG__ == 64
    if (type->primitive == SB_PRIM_LDOUBLE || type->primitive == SB_PRIM_CLDOUBLE)
        return 10;
#endif
    (void)type;
    return size;
}

static bool scalar_equal(const sb_type *type, const unsigned char *a, const unsigned char *b)
{
    size_t size = (size_t)type->size;
    if (type->kind == SB_FLOAT)
        return memcmp(a, b, real_width(type, size)) == 0;
    if (type->kind == SB_COMPLEX) {
        size_t half = size / 2;
        size_t width = real_width(type, half);
        return memcmp(a, b, width) == 0 && memcmp(a + half, b + half, width) == 0;
    }
    return memcmp(a, b, size) == 0;
}

static void differs(leaf_walk *walk)
{
    if (walk->wrong++ == 0)
        walk->at_wrong = walk->leaf - 1;
}

/* ---- the walk -------------------------------------------------------------------------------------- */

static void visit(leaf_walk *walk, sb_type_id id, unsigned char *memory, bool fill);

static void visit_field(leaf_walk *walk, const sb_field *field, unsigned char *memory, bool fill)
{
    if (field->bit_width == 0) {
        visit(walk, field->value.type, memory + field->offset, fill);
        return;
    }
    uint64_t mask = field->bit_width == 64 ? UINT64_MAX : (UINT64_C(1) << field->bit_width) - 1;
    uint64_t word = torture_word(walk->seed, walk->signature, walk->argument, walk->leaf++) & mask;
    if (fill)
        bits_store(field, memory, word);
    else if (bits_load(field, memory) != word)
        differs(walk);
}

static void visit_record(leaf_walk *walk, const sb_type *type, unsigned char *memory, bool fill)
{
    uint32_t named = 0, chosen = 0;
    for (uint32_t i = 0; i < type->count; i++)
        named += !is_bit_field_without_name(&walk->d->fields[type->first + i]);
    if (type->kind == SB_UNION) {
        if (named == 0)
            return;
        chosen = torture_pick(
            torture_word(walk->seed, walk->signature, walk->argument, walk->leaf++), named);
    }
    for (uint32_t i = 0, at = 0; i < type->count; i++) {
        const sb_field *field = &walk->d->fields[type->first + i];
        if (is_bit_field_without_name(field))
            continue;
        if (type->kind == SB_STRUCT || at == chosen)
            visit_field(walk, field, memory, fill);
        at++;
    }
}

static void visit(leaf_walk *walk, sb_type_id id, unsigned char *memory, bool fill)
{
    const sb_type *type = &walk->d->types[id];
    unsigned char bytes[LARGEST_SCALAR] = {0};
    switch (type->kind) {
    case SB_VOID:
        return;
    case SB_ARRAY: {
        uint64_t element = walk->d->types[type->target].size;
        for (uint64_t at = 0; element != 0 && at < type->size; at += element)
            visit(walk, type->target, memory + at, fill);
        return;
    }
    case SB_STRUCT:
    case SB_UNION:
        visit_record(walk, type, memory, fill);
        return;
    default:
        break;
    }
    scalar_bytes(walk, type, bytes);
    if (fill)
        memcpy(memory, bytes, (size_t)type->size);
    else if (!scalar_equal(type, memory, bytes))
        differs(walk);
}

void leaves_fill(leaf_walk *walk, sb_type_id type, void *memory)
{
    visit(walk, type, memory, true);
}

bool leaves_match(leaf_walk *walk, sb_type_id type, const void *memory)
{
    /* The walk writes only when it fills. */
    union {
        const void *read;
        unsigned char *bytes;
    } both = {.read = memory};
    visit(walk, type, both.bytes, false);
    return walk->wrong == 0;
}
