/* register_call.h - calls whose arguments all travel in registers, as inline functions.
 *
 * System V x86-64 and AArch64 assign general and vector registers independently, and a callee reads
 * only the registers that its parameters name. So one call through
 *
 *     uint64_t (*)(uint64_t, uint64_t, double, double)
 *
 * serves every function of at most two integers or pointers and two floating-point numbers in any
 * order: float travels in the low half of a vector register, narrow integers in the low bits of a
 * general one. ISO C leaves a call through a differing type undefined; these ABIs define it, and the
 * functions called are compiled apart from the call. Not for variadic functions (x86-64 wants the
 * number of vector registers in al; call_registers.c has calls of its own for them), records in memory,
 * long double.
 *
 * SB_HAVE_REGISTER_CALLS is 1 where this holds, unless SB_REGISTER_CALLS is defined as 0; where it
 * is 0 this header declares nothing else. sb_register_calls_enabled() is the switch at run time.
 *
 * For a caller that knows the shape when it is compiled:
 *
 *     sb_general_2_word(function, a, b)      0 to 8 integers or pointers
 *     sb_vector_2_double(function, x, y)     vector registers 1 to 8
 *     sb_mixed_word(function, g, v)          all of them, from arrays
 *
 * ending in what comes back: _word (a general register: what a narrow type leaves in the upper bits
 * is undefined, cast to the type), _double, _float.
 */
#ifndef SB_REGISTER_CALL_H
#define SB_REGISTER_CALL_H

#include <stdint.h>

#ifndef SB_REGISTER_CALLS
#define SB_REGISTER_CALLS 1
#endif

#if SB_REGISTER_CALLS && defined(__GNUC__) && defined(__x86_64__) && !defined(__ILP32__) &&      \
    !defined(_WIN32)
#define SB_HAVE_REGISTER_CALLS 1
#define SB_GENERAL_REGISTERS 6
#elif SB_REGISTER_CALLS && defined(__GNUC__) && defined(__aarch64__) && defined(__linux__) &&     \
    !defined(__ILP32__) && !defined(__AARCH64EB__)
#define SB_HAVE_REGISTER_CALLS 1
#define SB_GENERAL_REGISTERS 8
#else
#define SB_HAVE_REGISTER_CALLS 0
#endif

#if SB_HAVE_REGISTER_CALLS

/* For functions that call through a differing type: clang's sanitizers would stop them. */
#if defined(__clang__)
#define SB_CALLS_THROUGH_CAST __attribute__((no_sanitize("function", "cfi-icall")))
#else
#define SB_CALLS_THROUGH_CAST
#endif

/* A function pointer out of an object pointer, which ISO C has no cast for. */
#define SB_REGISTER_CALL(name, result, types, parameters, values)                               \
    SB_CALLS_THROUGH_CAST static inline result name parameters                                   \
    {                                                                                            \
        union {                                                                                  \
            void *object;                                                                        \
            result(*function) types;                                                             \
        } as = {.object = function};                                                             \
        return as.function values;                                                               \
    }

#define SB_REGISTER_CALLS_OF(name, types, parameters, values)                                   \
    SB_REGISTER_CALL(name##_word, uint64_t, types, parameters, values)                           \
    SB_REGISTER_CALL(name##_double, double, types, parameters, values)                           \
    SB_REGISTER_CALL(name##_float, float, types, parameters, values)

#define SB_G uint64_t
#define SB_V double

SB_REGISTER_CALLS_OF(sb_general_0, (void), (void *function), ())
SB_REGISTER_CALLS_OF(sb_general_1, (SB_G), (void *function, SB_G a), (a))
SB_REGISTER_CALLS_OF(sb_general_2, (SB_G, SB_G), (void *function, SB_G a, SB_G b), (a, b))
SB_REGISTER_CALLS_OF(sb_general_3, (SB_G, SB_G, SB_G), (void *function, SB_G a, SB_G b, SB_G c),
                     (a, b, c))
SB_REGISTER_CALLS_OF(sb_general_4, (SB_G, SB_G, SB_G, SB_G),
                     (void *function, SB_G a, SB_G b, SB_G c, SB_G d), (a, b, c, d))
SB_REGISTER_CALLS_OF(sb_general_5, (SB_G, SB_G, SB_G, SB_G, SB_G),
                     (void *function, SB_G a, SB_G b, SB_G c, SB_G d, SB_G e), (a, b, c, d, e))
SB_REGISTER_CALLS_OF(sb_general_6, (SB_G, SB_G, SB_G, SB_G, SB_G, SB_G),
                     (void *function, SB_G a, SB_G b, SB_G c, SB_G d, SB_G e, SB_G f),
                     (a, b, c, d, e, f))
/* On x86-64 the last two of these travel on the stack, a word each, as both ABIs pass integers that
 * found no register. */
SB_REGISTER_CALLS_OF(sb_general_7, (SB_G, SB_G, SB_G, SB_G, SB_G, SB_G, SB_G),
                     (void *function, SB_G a, SB_G b, SB_G c, SB_G d, SB_G e, SB_G f, SB_G g),
                     (a, b, c, d, e, f, g))
SB_REGISTER_CALLS_OF(sb_general_8, (SB_G, SB_G, SB_G, SB_G, SB_G, SB_G, SB_G, SB_G),
                     (void *function, SB_G a, SB_G b, SB_G c, SB_G d, SB_G e, SB_G f, SB_G g,
                      SB_G h),
                     (a, b, c, d, e, f, g, h))

SB_REGISTER_CALLS_OF(sb_vector_1, (SB_V), (void *function, SB_V a), (a))
SB_REGISTER_CALLS_OF(sb_vector_2, (SB_V, SB_V), (void *function, SB_V a, SB_V b), (a, b))
SB_REGISTER_CALLS_OF(sb_vector_3, (SB_V, SB_V, SB_V), (void *function, SB_V a, SB_V b, SB_V c),
                     (a, b, c))
SB_REGISTER_CALLS_OF(sb_vector_4, (SB_V, SB_V, SB_V, SB_V),
                     (void *function, SB_V a, SB_V b, SB_V c, SB_V d), (a, b, c, d))
SB_REGISTER_CALLS_OF(sb_vector_5, (SB_V, SB_V, SB_V, SB_V, SB_V),
                     (void *function, SB_V a, SB_V b, SB_V c, SB_V d, SB_V e), (a, b, c, d, e))
SB_REGISTER_CALLS_OF(sb_vector_6, (SB_V, SB_V, SB_V, SB_V, SB_V, SB_V),
                     (void *function, SB_V a, SB_V b, SB_V c, SB_V d, SB_V e, SB_V f),
                     (a, b, c, d, e, f))
SB_REGISTER_CALLS_OF(sb_vector_7, (SB_V, SB_V, SB_V, SB_V, SB_V, SB_V, SB_V),
                     (void *function, SB_V a, SB_V b, SB_V c, SB_V d, SB_V e, SB_V f, SB_V g),
                     (a, b, c, d, e, f, g))
SB_REGISTER_CALLS_OF(sb_vector_8, (SB_V, SB_V, SB_V, SB_V, SB_V, SB_V, SB_V, SB_V),
                     (void *function, SB_V a, SB_V b, SB_V c, SB_V d, SB_V e, SB_V f, SB_V g,
                      SB_V h),
                     (a, b, c, d, e, f, g, h))

/* g holds SB_GENERAL_REGISTERS words, v 8 doubles; zeros for the registers that nobody reads. */
#if SB_GENERAL_REGISTERS == 8
SB_REGISTER_CALLS_OF(sb_mixed,
                     (SB_G, SB_G, SB_G, SB_G, SB_G, SB_G, SB_G, SB_G, SB_V, SB_V, SB_V, SB_V,
                      SB_V, SB_V, SB_V, SB_V),
                     (void *function, const SB_G *g, const SB_V *v),
                     (g[0], g[1], g[2], g[3], g[4], g[5], g[6], g[7], v[0], v[1], v[2], v[3],
                      v[4], v[5], v[6], v[7]))
#else
SB_REGISTER_CALLS_OF(sb_mixed,
                     (SB_G, SB_G, SB_G, SB_G, SB_G, SB_G, SB_V, SB_V, SB_V, SB_V, SB_V, SB_V,
                      SB_V, SB_V),
                     (void *function, const SB_G *g, const SB_V *v),
                     (g[0], g[1], g[2], g[3], g[4], g[5], v[0], v[1], v[2], v[3], v[4], v[5],
                      v[6], v[7]))
#endif

#undef SB_G
#undef SB_V
#undef SB_REGISTER_CALLS_OF
#undef SB_REGISTER_CALL

#endif
#endif
