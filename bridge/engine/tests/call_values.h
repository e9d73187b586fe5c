/* call_values.h - random values of the pool's types, and how calls take and return them. */
#ifndef CALL_VALUES_H
#define CALL_VALUES_H

#include "call_types.h"

extern tables T; /* of the test program */
extern uint64_t random_state;

typedef void (*any_function)(void);

/* Seeds from SB_TEST_SEED in the environment, or anew, and prints the seed. */
void random_begin(void);
uint64_t random_word(void);

/* Fills value with a random value of the type; padding with anything. */
void random_value(sb_type_id id, unsigned char *value);

/* Compares without the padding. Values of at most 64 bytes. */
bool equal_values(sb_type_id id, const void *a, const void *b);

/* Puts a value where argument i of the call goes, as symbridge.h says. */
void put(const sb_call *call, unsigned i, sb_type_id id, unsigned char *block,
         const unsigned char *value);

/* True when the result of a call holds that value, as symbridge.h says. */
bool right_result(sb_type_id id, const unsigned char *result, const unsigned char *value);

/* ALL(X, B): X(A, B) for all types A of the pool. PAIRS(X): that, for some partners B. */
/* clang before 18 splits an __int128 between the last register and the stack; gcc does not. */
#if defined(__SIZEOF_INT128__) && (!defined(__clang__) || __clang_major__ >= 18)
#define ALL_128(X, B) X(i128, B) X(s_128, B)
#else
#define ALL_128(X, B)
#endif

#define ALL(X, B)                                                                               \
    X(i8, B) X(u8, B) X(i16, B) X(u16, B) X(i32, B) X(u32, B) X(i64, B) X(u64, B) X(boolean, B)  \
    X(letter, B) X(f32, B) X(f64, B) X(f80, B) X(c32, B) X(c64, B) X(c80, B) X(ptr, B)           \
    X(color, B) X(s_c1, B) X(s_c3, B) X(s_i1, B) X(s_ii, B) X(s_iii, B) X(s_ll, B) X(s_f, B)     \
    X(s_ff, B) X(s_fff, B) X(s_ffff, B) X(s_d, B) X(s_dd, B) X(s_ddd, B) X(s_dddd, B)            \
    X(s_fd, B) X(s_if, B) X(s_ld, B) X(s_dl, B) X(s_ffi, B) X(s_cd, B) X(s_lll, B) X(s_big, B)   \
    X(s_long, B) X(s_longc, B) X(s_c32, B) X(s_c64, B) X(s_deep, B) X(s_list, B) X(u_fi, B)      \
    X(s_any, B) X(s_packed, B) X(s_packed16, B) X(s_packed12, B) X(u_fd, B) X(u_ffd, B)          \
    X(u_ldi, B) X(s_bits, B) X(s_bits64, B) ALL_128(X, B)

#define PAIRS(X)                                                                                \
    ALL(X, i8)                                                                                   \
    ALL(X, u32)                                                                                  \
    ALL(X, f32)                                                                                  \
    ALL(X, f64)                                                                                  \
    ALL(X, s_ld)                                                                                 \
    ALL(X, s_ff)                                                                                 \
    ALL(X, s_lll)

#endif
