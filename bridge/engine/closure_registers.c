/* closure_registers.c - closures whose code was compiled with the engine.
 *
 * Where arguments travel in registers that are assigned independently (register_call.h says why
 * that is sound), a function with all of these registers as its parameters can be called as any
 * function whose arguments travel in some of them. So there is a pool of such functions, the stubs.
 * Stub n passes its parameters and n on to a common entry: since the parameters are in their places
 * already, a stub is a push of n and a call. The entry stores the registers in an image, and the
 * arguments that the handler gets point into it.
 *
 * No executable memory is asked of the system, and a call costs a few nanoseconds less than
 * libffi's. Signatures that need the stack, and closures beyond the pool, are libffi's.
 */
#include "closure.h"
#include "register_call.h"

#include <string.h>

#if !SB_HAVE_REGISTER_CALLS

void closure_choose_stubs(struct stub_places *places, const call_request *request)
{
    (void)request;
    places->kind = STUBS_NONE;
}

bool closure_take_stub(enum stub_kind kind, sb_closure *closure)
{
    (void)kind;
    (void)closure;
    return false;
}

void closure_give_back_stub(const sb_closure *closure)
{
    (void)closure;
}

#else

#define VECTOR_REGISTERS 8
#define MOST_ARGUMENTS   (SB_GENERAL_REGISTERS + VECTOR_REGISTERS)

#define GENERAL_STUBS 1024
#define MIXED_STUBS   256
#define REAL_STUBS    256
#define STUBS         (GENERAL_STUBS + MIXED_STUBS + REAL_STUBS)

static const struct {
    uint32_t first, count;
} ranges[STUB_KINDS] = {
    [STUBS_GENERAL] = {0, GENERAL_STUBS},
    [STUBS_MIXED] = {GENERAL_STUBS, MIXED_STUBS},
    [STUBS_REAL] = {GENERAL_STUBS + MIXED_STUBS, REAL_STUBS},
};

/* The argument registers as they were at the call. */
struct image {
    uint64_t general[SB_GENERAL_REGISTERS];
    double vector[VECTOR_REGISTERS];
};

_Static_assert(sizeof(struct image) <= UINT8_MAX + 1, "a place in the image is one byte");
_Static_assert(sizeof ((struct stub_places *)0)->at >= MOST_ARGUMENTS, "a place for each register");

/* What each stub is bound to; NULL: never taken, or given back. A call reads its row without a
 * lock: it is written before the code is handed out. */
static _Atomic(sb_closure *) closures[STUBS];

/* ---- choosing -------------------------------------------------------------------------------- */

/* True when the value's bytes are side by side in the image, from *at on. */
static bool find_place(const abi_value *value, const sb_type *type, uint8_t *at)
{
    if (value->kind != ABI_REGISTERS || value->align > 8 || value->offset[0] != 0)
        return false;
    for (unsigned i = 0; i < value->count; i++) {
        if (value->class[i] != value->class[0] || value->at[i] != value->at[0] + i)
            return false;
    }
    if (value->count > 1 ? value->width != 8 : type->size > 8)
        return false;
    size_t before = value->class[0] == ABI_VECTOR ? offsetof(struct image, vector) : 0;
    *at = (uint8_t)(before + sizeof(uint64_t) * value->at[0]);
    return true;
}

static enum stub_kind choose_kind(const call_request *request)
{
    const abi_value *result = &request->result;
    switch (request->result_class) {
    case CALL_FLOAT:
    case CALL_DOUBLE:
        return STUBS_REAL;
    case CALL_VOID:
    case CALL_SIGNED:
    case CALL_UNSIGNED:
    case CALL_BOOL:
        break;
    default: /* a record in one register is like a number */
        if (result->kind != ABI_REGISTERS || result->count != 1 || result->offset[0] != 0 ||
            request_type(request->result_type)->size > 8)
            return STUBS_NONE;
        if (result->class[0] == ABI_VECTOR)
            return STUBS_REAL;
        break;
    }
    return request->frame.vector > 0 ? STUBS_MIXED : STUBS_GENERAL;
}

void closure_choose_stubs(struct stub_places *places, const call_request *request)
{
    memset(places, 0, sizeof *places);
    if (request->abi == NULL || request->frame.words > 0 || request->count > MOST_ARGUMENTS ||
        !sb_register_calls_enabled())
        return;
    for (uint32_t i = 0; i < request->count; i++) {
        if (!find_place(&request->arguments[i], request_type(request->types[i]), &places->at[i]))
            return;
    }
    places->kind = (uint8_t)choose_kind(request);
}

/* ---- the way in from C ----------------------------------------------------------------------- */

/* Runs the handler of stub n. result[2] becomes the register that is returned. */
static inline void run(uint32_t n, struct image *image, uint64_t *result)
{
    sb_closure *closure = atomic_load_explicit(&closures[n], memory_order_acquire);
    result[0] = result[1] = 0;
    if (closure == NULL ||
        atomic_load_explicit(&closure->state, memory_order_acquire) != LIVE) {
        closure_misused(SB_CLOSURE_CALLED_AFTER_FREE,
                        closure != NULL ? closure->signature->name : "of a type that is forgotten");
        return;
    }
    const sb_signature *signature = closure->signature;
    enum give give = (enum give)signature->give; /* the handler may free the closure */
    size_t size = signature->result_size;
    void *arguments[MOST_ARGUMENTS];
    for (unsigned i = 0; i < signature->argument_count; i++)
        arguments[i] = (char *)image + signature->stubs.at[i];
    closure->handler(closure, arguments, result, closure->user);
    if (give == GIVE_SIGNED || give == GIVE_UNSIGNED || give == GIVE_BOOL)
        result[0] = closure_widen(give, size, result);
}

#define G_PARAMETERS_6                                                                          \
    uint64_t g0, uint64_t g1, uint64_t g2, uint64_t g3, uint64_t g4, uint64_t g5
#define G_VALUES_6 g0, g1, g2, g3, g4, g5
#if SB_GENERAL_REGISTERS == 8
#define G_PARAMETERS G_PARAMETERS_6, uint64_t g6, uint64_t g7
#define G_VALUES     G_VALUES_6, g6, g7
#else
#define G_PARAMETERS G_PARAMETERS_6
#define G_VALUES     G_VALUES_6
#endif
#define V_PARAMETERS                                                                            \
    double v0, double v1, double v2, double v3, double v4, double v5, double v6, double v7
#define V_VALUES v0, v1, v2, v3, v4, v5, v6, v7

__attribute__((noinline)) static uint64_t enter_general(G_PARAMETERS, uint32_t n)
{
    struct image image;
    uint64_t result[2];
    const uint64_t general[] = {G_VALUES};
    memcpy(image.general, general, sizeof general);
    run(n, &image, result);
    return result[0];
}

__attribute__((noinline)) static uint64_t enter_mixed(G_PARAMETERS, V_PARAMETERS, uint32_t n)
{
    struct image image = {{G_VALUES}, {V_VALUES}};
    uint64_t result[2];
    run(n, &image, result);
    return result[0];
}

__attribute__((noinline)) static double enter_real(G_PARAMETERS, V_PARAMETERS, uint32_t n)
{
    struct image image = {{G_VALUES}, {V_VALUES}};
    uint64_t result[2];
    double bits; /* a float is its low half */
    run(n, &image, result);
    memcpy(&bits, result, sizeof bits);
    return bits;
}

/* ---- the stubs ------------------------------------------------------------------------------- */

/* They are called through differing types, which clang's sanitizers would stop. */
#define GENERAL_STUB(n)                                                                         \
    SB_CALLS_THROUGH_CAST static uint64_t general_##n(G_PARAMETERS)                             \
    {                                                                                           \
        return enter_general(G_VALUES, 0x##n);                                                  \
    }
#define MIXED_STUB(n)                                                                           \
    SB_CALLS_THROUGH_CAST static uint64_t mixed_##n(G_PARAMETERS, V_PARAMETERS)                 \
    {                                                                                           \
        return enter_mixed(G_VALUES, V_VALUES, GENERAL_STUBS + 0x##n);                          \
    }
#define REAL_STUB(n)                                                                            \
    SB_CALLS_THROUGH_CAST static double real_##n(G_PARAMETERS, V_PARAMETERS)                    \
    {                                                                                           \
        return enter_real(G_VALUES, V_VALUES, GENERAL_STUBS + MIXED_STUBS + 0x##n);             \
    }

#define GENERAL_NAME(n) (code)general_##n,
#define MIXED_NAME(n)   (code)mixed_##n,
#define REAL_NAME(n)    (code)real_##n,

/* Sixteen rows for each of the next hexadecimal digit. */
#define DIGIT(X, n)                                                                             \
    X(n##0) X(n##1) X(n##2) X(n##3) X(n##4) X(n##5) X(n##6) X(n##7) X(n##8) X(n##9) X(n##a)     \
    X(n##b) X(n##c) X(n##d) X(n##e) X(n##f)
#define DIGIT2(X, n)                                                                            \
    DIGIT(X, n##0) DIGIT(X, n##1) DIGIT(X, n##2) DIGIT(X, n##3) DIGIT(X, n##4) DIGIT(X, n##5)   \
    DIGIT(X, n##6) DIGIT(X, n##7) DIGIT(X, n##8) DIGIT(X, n##9) DIGIT(X, n##a) DIGIT(X, n##b)   \
    DIGIT(X, n##c) DIGIT(X, n##d) DIGIT(X, n##e) DIGIT(X, n##f)
#define GENERAL_ROWS(X) DIGIT2(X, 0) DIGIT2(X, 1) DIGIT2(X, 2) DIGIT2(X, 3)

GENERAL_ROWS(GENERAL_STUB)
DIGIT2(MIXED_STUB, 0)
DIGIT2(REAL_STUB, 0)

typedef void (*code)(void);

static const code codes[] = {
    GENERAL_ROWS(GENERAL_NAME) DIGIT2(MIXED_NAME, 0) DIGIT2(REAL_NAME, 0)};

_Static_assert(sizeof codes / sizeof codes[0] == STUBS, "every stub is in the list, in order");

/* ---- taking them ----------------------------------------------------------------------------- */

/* Under the lock. Per kind: stubs from `used` on have never been taken; those given back are
 * chained from `freed`, by number + 1. */
static uint32_t used[STUB_KINDS], freed[STUB_KINDS], after[STUBS];

bool closure_take_stub(enum stub_kind kind, sb_closure *closure)
{
    uint32_t n;
    if (freed[kind] != 0) {
        n = freed[kind] - 1;
        freed[kind] = after[n];
    } else if (used[kind] < ranges[kind].count) {
        n = ranges[kind].first + used[kind]++;
    } else {
        return false;
    }
    union {
        code function;
        void *object;
    } as = {.function = codes[n]};
    closure->stub = n;
    closure->code = as.object;
    atomic_store_explicit(&closures[n], closure, memory_order_release);
    return true;
}

void closure_give_back_stub(const sb_closure *closure)
{
    uint32_t n = closure->stub;
    enum stub_kind kind = (enum stub_kind)closure->signature->stubs.kind;
    atomic_store_explicit(&closures[n], NULL, memory_order_release);
    after[n] = freed[kind];
    freed[kind] = n + 1;
}

#endif
