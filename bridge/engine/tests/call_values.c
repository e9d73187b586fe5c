/* call_values.c - random values of the pool's types. */
#include "call_values.h"

#include <float.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

tables T;
uint64_t random_state;

uint64_t random_word(void)
{
    random_state += UINT64_C(0x9E3779B97F4A7C15);
    uint64_t z = random_state;
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

/* Any finite number: conversions in callees must not meet signalling NaNs. */
static double random_real(void)
{
    return ((double)(int64_t)random_word()) / 1048576.0;
}

/* The bytes of an integer as a number. */
static uint64_t load(const unsigned char *value, size_t size)
{
    uint64_t word = 0;
    memcpy((unsigned char *)&word + (SB_BIT_FIELDS_FROM_TOP ? sizeof word - size : 0), value, size);
    return word;
}

void random_value(sb_type_id id, unsigned char *value)
{
    const sb_type *type = &T.types[id];
    size_t whole = (size_t)type->size;
    switch (type->kind) {
    case SB_BOOL:
        *value = random_word() & 1;
        return;
    case SB_FLOAT:
    case SB_COMPLEX: {
        size_t parts = type->kind == SB_COMPLEX ? 2 : 1, size = whole / parts;
        for (size_t i = 0; i < parts; i++) {
            float f = (float)random_real();
            double d = random_real();
            long double l = random_real();
            memcpy(value + i * size,
                   size == sizeof f   ? (void *)&f
                   : size == sizeof d ? (void *)&d
                                      : (void *)&l,
                   size);
        }
        return;
    }
    case SB_ARRAY:
        for (uint64_t at = 0; at < type->size; at += T.types[type->target].size)
            random_value(type->target, value + at);
        return;
    default:
        for (uint64_t i = 0; i < type->size; i++)
            value[i] = (unsigned char)random_word();
    }
    if (type->kind == SB_UNION) /* one member, so that all of them are finite */
        memset(value, 0, whole);
    for (uint32_t i = 0; i < (type->kind == SB_UNION ? 1 : type->count); i++) {
        const sb_field *field = &T.fields[type->first + i];
        if (type->kind != SB_UNION && type->kind != SB_STRUCT)
            break;
        if (field->bit_width == 0)
            random_value(field->value.type, value + field->offset);
    }
}

/* Sets the bits of mask that are part of a value of the type. */
static void value_mask(sb_type_id id, unsigned char *mask)
{
    const sb_type *type = &T.types[id];
    switch (type->kind) {
    case SB_ARRAY:
        for (uint64_t at = 0; at < type->size; at += T.types[type->target].size)
            value_mask(type->target, mask + at);
        return;
    case SB_STRUCT:
    case SB_UNION:
        for (uint32_t i = 0; i < type->count; i++) {
            const sb_field *field = &T.fields[type->first + i];
            if (field->bit_width == 0)
                value_mask(field->value.type, mask + field->offset);
            for (unsigned bit = 0; bit < field->bit_width; bit++) {
                unsigned at = field->bit_offset + bit;
                mask[field->offset + at / 8] |=
                    (unsigned char)(SB_BIT_FIELDS_FROM_TOP ? 0x80u >> at % 8 : 1u << at % 8);
            }
        }
        return;
    default:
        break;
    }
    memset(mask, 0xFF, (size_t)type->size);
#if LDBL_MANT_DIG == 64
    enum { USED = 10, ALL = sizeof(long double) };
    if (type->size == sizeof(long double) && type->kind == SB_FLOAT)
        memset(mask + USED, 0, ALL - USED);
    if (type->size == sizeof(c80) && type->kind == SB_COMPLEX) {
        memset(mask + USED, 0, ALL - USED);
        memset(mask + ALL + USED, 0, ALL - USED);
    }
#endif
}

bool equal_values(sb_type_id id, const void *a, const void *b)
{
    unsigned char mask[64] = {0};
    value_mask(id, mask);
    for (uint64_t i = 0; i < T.types[id].size; i++) {
        if ((((const unsigned char *)a)[i] ^ ((const unsigned char *)b)[i]) & mask[i])
            return false;
    }
    return true;
}

void random_begin(void)
{
    const char *seed = getenv("SB_TEST_SEED");
    random_state = seed != NULL ? strtoull(seed, NULL, 0) : (uint64_t)getpid() * 2654435761u;
    printf("SB_TEST_SEED=0x%llx\n", (unsigned long long)random_state);
}

void put(const sb_call *call, unsigned i, sb_type_id id, unsigned char *block,
         const unsigned char *value)
{
    const sb_argument_place *place = &call->args[i];
    const sb_type *type = &T.types[id];
    bool is_signed =
        type->kind == SB_INT || type->kind == SB_ENUM || (type->kind == SB_CHAR && (char)-1 < 0);
    switch (type->kind) {
    case SB_BOOL:
    case SB_CHAR:
    case SB_INT:
    case SB_UINT:
    case SB_ENUM:
    case SB_POINTER:
        if (type->size > 8)
            break;
        {
            uint64_t word = load(value, (size_t)type->size);
            if (is_signed)
                word = (uint64_t)((int64_t)(word << (64 - 8 * type->size)) >> (64 - 8 * type->size));
            memcpy(block + place->offset, &word, 8);
            return;
        }
    default:
        break;
    }
    if (place->size != type->size)
        abort();
    if (place->second == SB_NO_SECOND) {
        memcpy(block + place->offset, value, place->size);
    } else {
        memcpy(block + place->offset, value, 8);
        memcpy(block + place->second, value + 8, place->size - 8);
    }
}

bool right_result(sb_type_id id, const unsigned char *result, const unsigned char *value)
{
    const sb_type *type = &T.types[id];
    if (type->kind <= SB_WIDE || type->kind == SB_ENUM || type->kind == SB_POINTER) {
        if (type->size <= 8 && type->size > 0) {
            uint64_t expected = load(value, (size_t)type->size);
            bool is_signed = type->kind == SB_INT || type->kind == SB_ENUM ||
                             (type->kind == SB_CHAR && (char)-1 < 0);
            unsigned shift = 64 - 8 * (unsigned)type->size;
            if (is_signed)
                expected = (uint64_t)((int64_t)(expected << shift) >> shift);
            return memcmp(result, &expected, 8) == 0;
        }
    }
    return equal_values(id, result, value);
}
