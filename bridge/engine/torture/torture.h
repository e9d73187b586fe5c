/* torture.h - what generated callees and the programs that drive them agree on.
 *
 * Every value that travels follows from (seed, signature, argument, leaf), so no side tells the
 * other what to expect. A leaf is one scalar or bit-field; the leaves of an argument count from 0,
 * depth first, in the order of the declaration. A union takes one number to choose the only member
 * that is filled and compared, and then the numbers of that member's leaves.
 */
#ifndef TORTURE_H
#define TORTURE_H

#include <stddef.h>
#include <stdint.h>

#define TORTURE_RESULT 255u /* the argument number of the result */

/* Added to a leaf's number for the second half of a value of two words. */
#define TORTURE_SECOND 0x40000000u

/* One case: callee_N checks its arguments and returns the known value of its type; caller_N calls
 * the function it is given with known arguments and checks what comes back. */
typedef struct torture_case {
    void (*callee)(void);
    void (*caller)(void); /* takes a pointer to callee's type; NULL when variadic */
} torture_case;

/* What a callee or caller found wrong first, and how often anything was wrong. */
typedef struct torture_fault {
    uint32_t count, signature, argument, leaf;
} torture_fault;

/* One generated library: the symbol `torture_calls`, or linked in under that name. */
typedef struct torture_library {
    uint64_t seed;
    uint32_t first, count; /* the signatures' numbers */
    const torture_case *cases;
    torture_fault *fault;
} torture_library;

/* Layouts: what the compiler says of a record, and of its members in the order of the declaration,
 * records within it member by member, arrays as one. */
typedef struct torture_member {
    uint64_t offset, size; /* bytes; not of a bit-field */
    const void *ones;      /* the record with all bits of this bit-field set, or NULL */
    const void *one;       /* the record with 1 in this bit-field */
} torture_member;

typedef struct torture_record {
    const char *name; /* "struct R17" */
    uint64_t size;
    uint32_t align, member_count;
    const torture_member *members;
} torture_record;

/* The symbol `torture_layouts`. */
typedef struct torture_layout_library {
    uint64_t seed;
    uint32_t count;
    const torture_record *records;
} torture_layout_library;

/* 64 bits for a leaf. The extremes of every width come often. */
static inline uint64_t torture_word(uint64_t seed, uint32_t signature, uint32_t argument,
                                    uint32_t leaf)
{
    uint64_t z = seed + signature * UINT64_C(0x9E3779B97F4A7C15) +
                 argument * UINT64_C(0xC2B2AE3D27D4EB4F) + leaf * UINT64_C(0x165667B19E3779F9);
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    z ^= z >> 31;
    switch (z >> 60) {
    case 0:
        return UINT64_C(0x8000000080008080);
    case 1:
        return UINT64_MAX;
    case 2:
        return UINT64_C(0x7FFFFFFF7FFF7F7F);
    default:
        return z;
    }
}

/* Which member of a union of `count` is the one. */
static inline uint32_t torture_pick(uint64_t word, uint32_t count)
{
    return (uint32_t)(word >> 20) % count;
}

/* A character that is one in every width, and for Python too. */
static inline uint32_t torture_character(uint64_t word)
{
    return 1 + (uint32_t)(word >> 20) % 0xD7FFu;
}

/* Finite, and exact in its type: 24 and 53 bits of a fraction. */
static inline float torture_float(uint64_t word)
{
    int32_t whole = (int32_t)(uint32_t)(word >> 32) / 256;
    return (float)whole / 64.0f;
}

static inline double torture_double(uint64_t word)
{
    int64_t whole = (int64_t)word / 2048;
    return (double)whole / 1024.0;
}

static inline long double torture_long_double(uint64_t word)
{
    return (long double)torture_double(word) * 4096.0L;
}

#endif
