/* call_registers.c - tier 1: one small function per shape of call, which loads the registers from
 * the block and calls through a cast. register_call.h says why that is sound.
 *
 * A block is an image of what the call reads: general registers, then vector registers, then stack
 * words, 8 bytes each. The shapes are
 *
 *     general    0 to 6 (AArch64: 8) general registers
 *     vector     1 to 8 vector registers
 *     mixed      1 to 6 (8) general and 1, 2, 4 or 8 vector registers
 *     spilled    all general registers, no or all vector registers, 1, 2, 4, 8 or 16 stack words
 *     variadic   all general registers, no or all vector registers, or all and 8 stack words
 *
 * and each exists once per call_result. Where a shape has more slots than a call uses, the callee
 * never looks at the surplus, and the block holds whatever its caller left there.
 */
#include "call_plan.h"
#include "register_call.h"

#if !SB_HAVE_REGISTER_CALLS

call_invoke *registers_find(const abi_frame *frame, call_result result, register_shape *shape)
{
    (void)frame;
    (void)result;
    (void)shape;
    return NULL;
}

#else

/* The caller of invoke may have filled the block through any type. */
typedef uint64_t word __attribute__((may_alias));
typedef double real __attribute__((may_alias));
typedef float half __attribute__((may_alias));

/* Records that come back in two registers, one class per member. AArch64 has no mixed ones: there
 * such records come back in two general registers. */
struct gg {
    uint64_t low, high;
};
struct vv {
    double low, high;
};
struct gv {
    uint64_t low;
    double high;
};
struct vg {
    double low;
    uint64_t high;
};

/* ---- lists of parameter types, and of the values that go there --------------------------------- */

#define G uint64_t
#define V double

#define G_TYPES_1 G
#define G_TYPES_2 G, G
#define G_TYPES_3 G, G, G
#define G_TYPES_4 G_TYPES_3, G
#define G_TYPES_5 G_TYPES_4, G
#define G_TYPES_6 G_TYPES_5, G
#define G_TYPES_7 G_TYPES_6, G
#define G_TYPES_8 G_TYPES_7, G
#define G_TYPES_16 G_TYPES_8, G_TYPES_8

/* g points at the general slots; the first may be the address of the result instead. */
#define G_VALUES_1(first) first
#define G_VALUES_2(first) first, g[1]
#define G_VALUES_3(first) G_VALUES_2(first), g[2]
#define G_VALUES_4(first) G_VALUES_3(first), g[3]
#define G_VALUES_5(first) G_VALUES_4(first), g[4]
#define G_VALUES_6(first) G_VALUES_5(first), g[5]
#define G_VALUES_7(first) G_VALUES_6(first), g[6]
#define G_VALUES_8(first) G_VALUES_7(first), g[7]

#define V_TYPES_1 V
#define V_TYPES_2 V, V
#define V_TYPES_3 V, V, V
#define V_TYPES_4 V_TYPES_3, V
#define V_TYPES_5 V_TYPES_4, V
#define V_TYPES_6 V_TYPES_5, V
#define V_TYPES_7 V_TYPES_6, V
#define V_TYPES_8 V_TYPES_7, V

#define V_VALUES_1(v) (v)[0]
#define V_VALUES_2(v) V_VALUES_1(v), (v)[1]
#define V_VALUES_3(v) V_VALUES_2(v), (v)[2]
#define V_VALUES_4(v) V_VALUES_3(v), (v)[3]
#define V_VALUES_5(v) V_VALUES_4(v), (v)[4]
#define V_VALUES_6(v) V_VALUES_5(v), (v)[5]
#define V_VALUES_7(v) V_VALUES_6(v), (v)[6]
#define V_VALUES_8(v) V_VALUES_7(v), (v)[7]

#define W_VALUES_1(w) (w)[0]
#define W_VALUES_2(w) W_VALUES_1(w), (w)[1]
#define W_VALUES_4(w) W_VALUES_2(w), (w)[2], (w)[3]
#define W_VALUES_8(w) W_VALUES_4(w), W_VALUES_4((w) + 4)
#define W_VALUES_16(w) W_VALUES_8(w), W_VALUES_8((w) + 8)

#if SB_GENERAL_REGISTERS == 8
#define ALL_GENERAL 8
#define G_TYPES_ALL G_TYPES_8
#define G_VALUES_ALL(first) G_VALUES_8(first)
#else
#define ALL_GENERAL 6
#define G_TYPES_ALL G_TYPES_6
#define G_VALUES_ALL(first) G_VALUES_6(first)
#endif

#define REALS(at) ((const real *)block + (at))
#define WORDS(at) ((const word *)block + (at))

/* Per family of shapes: TYPES(a, b) and VALUES(first, a, b), both with their parentheses. */
#define NO_TYPES(a, b) (void)
#define NO_VALUES(first, a, b) ()
#define GENERAL_TYPES(a, b) (G_TYPES_##a)
#define GENERAL_VALUES(first, a, b) (G_VALUES_##a(first))
#define VECTOR_TYPES(a, b) (V_TYPES_##a)
#define VECTOR_VALUES(first, a, b) (V_VALUES_##a(REALS(0)))
#define MIXED_TYPES(a, b) (G_TYPES_##a, V_TYPES_##b)
#define MIXED_VALUES(first, a, b) (G_VALUES_##a(first), V_VALUES_##b(REALS(a)))
#define SPILL_TYPES(a, b) (G_TYPES_ALL, G_TYPES_##a)
#define SPILL_VALUES(first, a, b) (G_VALUES_ALL(first), W_VALUES_##a(WORDS(ALL_GENERAL)))
#define FULL_TYPES(a, b) (G_TYPES_ALL, V_TYPES_8, G_TYPES_##a)
#define FULL_VALUES(first, a, b)                                                                \
    (G_VALUES_ALL(first), V_VALUES_8(REALS(ALL_GENERAL)), W_VALUES_##a(WORDS(ALL_GENERAL + 8)))

/* Functions that end in "..." find named and other arguments where all functions do; on x86-64 they
 * are told how many vector registers are used, which a call through such a type does. */
#define VARIADIC_TYPES(a, b) (G, ...)
#define VARIADIC_VALUES(first, a, b) (G_VALUES_ALL(first))
#define VARIADIC_FULL_TYPES(a, b) (G, ...)
#define VARIADIC_FULL_VALUES(first, a, b) (G_VALUES_ALL(first), V_VALUES_8(REALS(ALL_GENERAL)))
#define VARIADIC_SPILL_TYPES(a, b) (G, ...)
#define VARIADIC_SPILL_VALUES(first, a, b) FULL_VALUES(first, a, b)

/* ---- one function per shape and result ------------------------------------------------------------ */

#define THUNK(name, rtype, types, before, values, after)                                        \
    SB_CALLS_THROUGH_CAST static void name(const sb_call *call, void *function, void *block,     \
                                           void *result)                                         \
    {                                                                                            \
        union {                                                                                  \
            void *object;                                                                        \
            rtype(*function) types;                                                              \
        } as = {.object = function};                                                             \
        const word *g = block;                                                                   \
        (void)g;                                                                                 \
        (void)call;                                                                              \
        (void)result;                                                                            \
        before as.function values;                                                               \
        after                                                                                    \
    }

/* 64 less the bits of the result; a right shift of a negative number copies its sign, in gcc and
 * clang. */
#define SHIFT (64 - 8 * call->result_size)

#define VALUE_THUNKS(shape, TYPES, VALUES, a, b)                                                \
    THUNK(shape##_void, void, TYPES(a, b), , VALUES(g[0], a, b), )                               \
    THUNK(shape##_signed, uint64_t, TYPES(a, b), uint64_t r =, VALUES(g[0], a, b),               \
          *(word *)result = (uint64_t)((int64_t)(r << SHIFT) >> SHIFT);)                         \
    THUNK(shape##_unsigned, uint64_t, TYPES(a, b), uint64_t r =, VALUES(g[0], a, b),             \
          *(word *)result = r << SHIFT >> SHIFT;)                                                \
    THUNK(shape##_bool, uint64_t, TYPES(a, b), uint64_t r =, VALUES(g[0], a, b),                 \
          *(word *)result = (r & 0xFF) != 0;)                                                    \
    THUNK(shape##_float, float, TYPES(a, b), *(half *)result =, VALUES(g[0], a, b), )            \
    THUNK(shape##_double, double, TYPES(a, b), *(real *)result =, VALUES(g[0], a, b), )          \
    THUNK(shape##_gg, struct gg, TYPES(a, b), struct gg r =, VALUES(g[0], a, b),                 \
          ((word *)result)[0] = r.low; ((word *)result)[1] = r.high;)                                 \
    THUNK(shape##_vv, struct vv, TYPES(a, b), struct vv r =, VALUES(g[0], a, b),                 \
          ((real *)result)[0] = r.low; ((real *)result)[1] = r.high;)

#define MIXED_RESULT_THUNKS(shape, TYPES, VALUES, a, b)                                         \
    THUNK(shape##_gv, struct gv, TYPES(a, b), struct gv r =, VALUES(g[0], a, b),                 \
          ((word *)result)[0] = r.low; ((real *)result)[1] = r.high;)                                 \
    THUNK(shape##_vg, struct vg, TYPES(a, b), struct vg r =, VALUES(g[0], a, b),                 \
          ((real *)result)[0] = r.low; ((word *)result)[1] = r.high;)

#define POINTER_THUNKS(shape, TYPES, VALUES, a, b)                                              \
    THUNK(shape##_pointer, void, TYPES(a, b), ,                                                  \
          VALUES((uint64_t)(uintptr_t)result, a, b), )

/* Shapes: X(name, family, a, b), where the first general register may hold the result's address (P)
 * and where there is none (N). */
#define SHAPES_N(X)                                                                             \
    X(general_0, NO, 0, 0)                                                                       \
    X(vector_1, VECTOR, 1, 0)                                                                    \
    X(vector_2, VECTOR, 2, 0)                                                                    \
    X(vector_3, VECTOR, 3, 0)                                                                    \
    X(vector_4, VECTOR, 4, 0)                                                                    \
    X(vector_5, VECTOR, 5, 0)                                                                    \
    X(vector_6, VECTOR, 6, 0)                                                                    \
    X(vector_7, VECTOR, 7, 0)                                                                    \
    X(vector_8, VECTOR, 8, 0)

#define SHAPES_GENERAL(X, n)                                                                    \
    X(general_##n, GENERAL, n, 0)                                                                \
    X(mixed_##n##_1, MIXED, n, 1)                                                                \
    X(mixed_##n##_2, MIXED, n, 2)                                                                \
    X(mixed_##n##_4, MIXED, n, 4)                                                                \
    X(mixed_##n##_8, MIXED, n, 8)

#if ALL_GENERAL == 8
#define SHAPES_LAST(X)                                                                          \
    SHAPES_GENERAL(X, 7)                                                                         \
    SHAPES_GENERAL(X, 8)
#else
#define SHAPES_LAST(X)
#endif

#define SHAPES_SPILLED(X, n)                                                                    \
    X(spill_##n, SPILL, n, 0)                                                                    \
    X(full_##n, FULL, n, 0)

#define SHAPES_P(X)                                                                             \
    SHAPES_GENERAL(X, 1)                                                                         \
    SHAPES_GENERAL(X, 2)                                                                         \
    SHAPES_GENERAL(X, 3)                                                                         \
    SHAPES_GENERAL(X, 4)                                                                         \
    SHAPES_GENERAL(X, 5)                                                                         \
    SHAPES_GENERAL(X, 6)                                                                         \
    SHAPES_LAST(X)                                                                               \
    SHAPES_SPILLED(X, 1)                                                                         \
    SHAPES_SPILLED(X, 2)                                                                         \
    SHAPES_SPILLED(X, 4)                                                                         \
    SHAPES_SPILLED(X, 8)                                                                         \
    SHAPES_SPILLED(X, 16)                                                                        \
    X(variadic, VARIADIC, 0, 0)                                                                  \
    X(variadic_full, VARIADIC_FULL, 0, 0)                                                        \
    X(variadic_spill, VARIADIC_SPILL, 8, 0)

#if defined(__x86_64__)
#define DEFINE_N(shape, family, a, b)                                                           \
    VALUE_THUNKS(shape, family##_TYPES, family##_VALUES, a, b)                                   \
    MIXED_RESULT_THUNKS(shape, family##_TYPES, family##_VALUES, a, b)
#define DEFINE_P(shape, family, a, b)                                                           \
    DEFINE_N(shape, family, a, b)                                                                \
    POINTER_THUNKS(shape, family##_TYPES, family##_VALUES, a, b)
#define MIXED_RESULT_ROW(shape) , shape##_gv, shape##_vg
#define POINTER_ROW(shape) , shape##_pointer
#else
#define DEFINE_N(shape, family, a, b)                                                           \
    VALUE_THUNKS(shape, family##_TYPES, family##_VALUES, a, b)
#define DEFINE_P(shape, family, a, b) DEFINE_N(shape, family, a, b)
#define MIXED_RESULT_ROW(shape)
#define POINTER_ROW(shape)
#endif

SHAPES_N(DEFINE_N)
SHAPES_P(DEFINE_P)

/* ---- finding them --------------------------------------------------------------------------------- */

enum shape {
#define X(shape, family, a, b) SHAPE_##shape,
    SHAPES_N(X) SHAPES_P(X)
#undef X
        SHAPE_COUNT
};

/* By call_result. NULL where a shape cannot have such a result. */
static call_invoke *const thunks[SHAPE_COUNT][CALL_RESULTS] = {
#define ROW(shape)                                                                              \
    shape##_void, shape##_signed, shape##_unsigned, shape##_bool, shape##_float, shape##_double, \
        shape##_gg, shape##_vv MIXED_RESULT_ROW(shape)
#define X(shape, family, a, b) {ROW(shape)},
    SHAPES_N(X)
#undef X
#define X(shape, family, a, b) {ROW(shape) POINTER_ROW(shape)},
        SHAPES_P(X)
#undef X
};

_Static_assert(CALL_VOID == 0 && CALL_SIGNED == 1 && CALL_UNSIGNED == 2 && CALL_BOOL == 3 &&
                   CALL_FLOAT == 4 && CALL_DOUBLE == 5 && CALL_GG == 6 && CALL_VV == 7 &&
                   CALL_GV == 8 && CALL_VG == 9 && CALL_POINTER == 10,
               "a row of thunks is in the order of call_result");

/* 1, 2, 4, 8, 16 as 0 .. 4, rounded up. */
static unsigned step(unsigned count)
{
    unsigned steps = 0;
    while (1u << steps < count)
        steps++;
    return steps;
}

call_invoke *registers_find(const abi_frame *frame, call_result result, register_shape *shape)
{
    if (frame->general > ALL_GENERAL || frame->vector > 8 || frame->words > 16 ||
        result >= CALL_RESULTS)
        return NULL;
    unsigned row;
    *shape = (register_shape){(uint8_t)frame->general, (uint8_t)frame->vector, 0};
    if (frame->variadic) {
        bool spills = frame->words > 0, full = spills || frame->vector > 0;
        if (frame->words > 8)
            return NULL;
        *shape = (register_shape){ALL_GENERAL, full ? 8 : 0, spills ? 8 : 0};
        row = spills ? SHAPE_variadic_spill : full ? SHAPE_variadic_full : SHAPE_variadic;
    } else if (frame->words > 0) {
        unsigned steps = step(frame->words);
        bool full = frame->vector > 0;
        *shape = (register_shape){ALL_GENERAL, full ? 8 : 0, (uint8_t)(1u << steps)};
        row = SHAPE_spill_1 + 2 * steps + full;
    } else if (frame->general == 0) {
        row = SHAPE_general_0 + frame->vector;
    } else if (frame->vector == 0) {
        row = SHAPE_general_1 + 5 * (frame->general - 1);
    } else {
        unsigned steps = step(frame->vector);
        shape->vector = (uint8_t)(1u << steps);
        row = SHAPE_mixed_1_1 + 5 * (frame->general - 1) + steps;
    }
    return thunks[row][result];
}

_Static_assert(SHAPE_vector_8 == SHAPE_general_0 + 8 && SHAPE_mixed_6_8 == SHAPE_general_1 + 29 &&
                   SHAPE_full_16 == SHAPE_spill_1 + 9,
               "registers_find counts on the order of the shapes");

#endif
