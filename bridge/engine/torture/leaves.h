/* leaves.h - known values in memory, by the engine's type tables alone. */
#ifndef TORTURE_LEAVES_H
#define TORTURE_LEAVES_H

#include "torture.h"

#include <symbridge.h>

/* Where in a signature's values we are. On the stack of who walks. */
typedef struct leaf_walk {
    const sb_description *d;
    uint64_t seed;
    uint32_t signature, argument;
    uint32_t leaf;     /* the next one's number */
    uint32_t wrong;    /* leaves_match: how many differed ... */
    uint32_t at_wrong; /* ... and the first of them */
} leaf_walk;

leaf_walk leaves_begin(const sb_description *d, uint64_t seed, uint32_t signature,
                       uint32_t argument);

/* Writes the known value of a type. Padding, and the other members of unions, stay as they are. */
void leaves_fill(leaf_walk *walk, sb_type_id type, void *memory);

/* Compares with the known value, leaf by leaf. */
bool leaves_match(leaf_walk *walk, sb_type_id type, const void *memory);

/* A bit-field of the record at `memory`; the value's low bits count. */
void bits_store(const sb_field *field, void *memory, uint64_t value);
uint64_t bits_load(const sb_field *field, const void *memory);

bool is_bit_field_without_name(const sb_field *field);

#endif
