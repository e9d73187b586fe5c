/* test_closure.c - what C passes to a closure arrives, and what its handler answers returns.
 *
 * Closures are called by functions that this compiler compiled, and by the engine's own calls in
 * every tier. SB_TEST_SEED in the environment repeats a run. How closures are made, kept and freed
 * is in test_closure_pool.c.
 */
#include "call_values.h"
#include "check.h"

#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#define MAX_VALUES        40
#define RANDOM_SIGNATURES 3000

typedef union code {
    void *object;
    any_function function;
    int (*compare)(const void *, const void *);
} code;

/* What a handler is to see, and what it answers. */
struct exchange {
    sb_type_id result;
    const sb_type_id *types;
    unsigned count;
    unsigned calls;
    const char *wrong;
    _Alignas(16) unsigned char values[MAX_VALUES][64];
    _Alignas(16) unsigned char answer[64];
};

static void check_exchange(sb_closure *closure, void *const *arguments, void *result, void *user)
{
    struct exchange *e = user;
    (void)closure;
    e->calls++;
    for (unsigned i = 0; i < e->count; i++) {
        const sb_type *type = &T.types[e->types[i]];
        if (!equal_values(e->types[i], arguments[i], e->values[i]))
            e->wrong = "the handler saw another value";
#if defined(__i386__) /* whose stack is aligned to words */
        size_t align = type->align > 4 ? 4 : type->align;
#else
        size_t align = type->align;
#endif
        if (align > 0 && (uintptr_t)arguments[i] % align != 0)
            e->wrong = "an argument is not aligned";
    }
    for (uint64_t i = 0; i < T.types[e->result].size; i++) {
        if (((unsigned char *)result)[i] != 0)
            e->wrong = "the result does not begin as zeros";
    }
    if (T.types[e->result].size > 0)
        memcpy(result, e->answer, (size_t)T.types[e->result].size);
}

static void fill(struct exchange *e)
{
    for (unsigned i = 0; i < e->count; i++)
        random_value(e->types[i], e->values[i]);
    random_value(e->result, e->answer);
}

/* The signature of such functions, or NULL when it takes the ABI to serve it. */
static sb_signature *signature_of(sb_type_id result, const sb_type_id *types, unsigned count,
                                  unsigned flags)
{
    sb_signature *signature;
    sb_error error;
    sb_type_id type = tables_function(&T, result, types, count, 0);
    sb_status status = sb_signature_new(&T.d, type, flags, &signature, &error);
    if (status == SB_OK)
        return signature;
    if (!(flags & SB_CALL_NO_ABI) || status != SB_ERROR_UNSUPPORTED) {
        fprintf(stderr, "no signature: %s\n", error.message);
        check_failures++;
    }
    return NULL;
}

/* A new closure; ends the program when there is none. */
static sb_closure *close_over(sb_signature *signature, sb_closure_handler handler, void *user)
{
    sb_closure *closure;
    sb_error error;
    if (sb_closure_new(signature, handler, user, &closure, &error) != SB_OK) {
        fprintf(stderr, "no closure: %s\n", error.message);
        exit(1);
    }
    return closure;
}

static code code_of(const sb_closure *closure)
{
    return (code){.object = sb_closure_code(closure)};
}

/* ---- called by the compiler ------------------------------------------------------------------------ */

typedef void caller(any_function function, unsigned char (*values)[64], unsigned char *result);

#define LOAD(type, name, i) \
    type name;              \
    memcpy(&name, values[i], sizeof name)
#define ANSWER(type, ...)        \
    type answer = (__VA_ARGS__); \
    memcpy(result, &answer, sizeof answer)

/* A first argument of one type and nine of another; ten that take turns; two. */
#define CALLERS(A, B)                                                                            \
    static void first_##A##_##B(any_function function, unsigned char(*values)[64],               \
                                unsigned char *result)                                           \
    {                                                                                            \
        LOAD(A, a, 0);                                                                           \
        LOAD(B, b, 1);                                                                           \
        LOAD(B, c, 2);                                                                           \
        LOAD(B, d, 3);                                                                           \
        LOAD(B, e, 4);                                                                           \
        LOAD(B, f, 5);                                                                           \
        LOAD(B, g, 6);                                                                           \
        LOAD(B, h, 7);                                                                           \
        LOAD(B, i, 8);                                                                           \
        LOAD(B, j, 9);                                                                           \
        ANSWER(A, ((A(*)(A, B, B, B, B, B, B, B, B, B))function)(a, b, c, d, e, f, g, h, i, j)); \
    }                                                                                            \
    static void turns_##A##_##B(any_function function, unsigned char(*values)[64],               \
                                unsigned char *result)                                           \
    {                                                                                            \
        LOAD(B, a, 0);                                                                           \
        LOAD(A, b, 1);                                                                           \
        LOAD(B, c, 2);                                                                           \
        LOAD(A, d, 3);                                                                           \
        LOAD(B, e, 4);                                                                           \
        LOAD(A, f, 5);                                                                           \
        LOAD(B, g, 6);                                                                           \
        LOAD(A, h, 7);                                                                           \
        LOAD(B, i, 8);                                                                           \
        LOAD(A, j, 9);                                                                           \
        ANSWER(B, ((B(*)(B, A, B, A, B, A, B, A, B, A))function)(a, b, c, d, e, f, g, h, i, j)); \
    }                                                                                            \
    static void second_##A##_##B(any_function function, unsigned char(*values)[64],              \
                                 unsigned char *result)                                          \
    {                                                                                            \
        LOAD(B, a, 0);                                                                           \
        LOAD(A, b, 1);                                                                           \
        ANSWER(A, ((A(*)(B, A))function)(a, b));                                                 \
    }

PAIRS(CALLERS)

static const struct {
    const char *name;
    caller *first, *turns, *second;
    sb_type_id a, b;
} pairs[] = {
#define X(A, B) {#A ", " #B, first_##A##_##B, turns_##A##_##B, second_##A##_##B, T_##A, T_##B},
    PAIRS(X)
#undef X
};

/* libffi sees records and scalars it has no name for through the engine's eyes only. */
static bool is_for_libffi_alone(sb_type_id result, const sb_type_id *types, unsigned count)
{
    bool scalars = T.types[result].kind < SB_STRUCT || T.types[result].kind == SB_ENUM;
    for (unsigned i = 0; i < count; i++)
        scalars =
            scalars && (T.types[types[i]].kind < SB_STRUCT || T.types[types[i]].kind == SB_ENUM);
    return scalars;
}

static void check_caller(const char *name, caller *call, sb_type_id result, const sb_type_id *types,
                         unsigned count)
{
    static const unsigned ways[] = {0, SB_CALL_NO_REGISTERS, SB_CALL_NO_ABI};
    for (size_t way = 0; way < sizeof ways / sizeof ways[0]; way++) {
        unsigned flags = ways[way];
        if (flags == SB_CALL_NO_ABI && !is_for_libffi_alone(result, types, count))
            continue;
        sb_signature *signature = signature_of(result, types, count, flags);
        if (signature == NULL)
            continue;
        struct exchange e = {.result = result, .types = types, .count = count};
        sb_closure *closure = close_over(signature, check_exchange, &e);
        for (unsigned round = 1; round <= 3; round++) {
            _Alignas(16) unsigned char received[64] = {0};
            fill(&e);
            call(code_of(closure).function, e.values, received);
            if (e.wrong == NULL && !equal_values(result, received, e.answer))
                e.wrong = "the caller received another result";
            if (e.wrong == NULL && e.calls != round)
                e.wrong = "the handler did not run once";
            check_count++;
        }
        if (e.wrong != NULL) {
            fprintf(stderr, "%s, flags %u: %s\n", name, flags, e.wrong);
            check_failures++;
        }
        sb_closure_free(closure);
        sb_signature_release(signature);
    }
    tables_reset(&T);
}

static void pairs_of_types_arrive_and_return(void)
{
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        sb_type_id a = pairs[i].a, b = pairs[i].b;
        const sb_type_id first[10] = {a, b, b, b, b, b, b, b, b, b};
        const sb_type_id turns[10] = {b, a, b, a, b, a, b, a, b, a};
        const sb_type_id second[2] = {b, a};
        char name[80];
        (void)snprintf(name, sizeof name, "first %s", pairs[i].name);
        check_caller(name, pairs[i].first, a, first, 10);
        (void)snprintf(name, sizeof name, "turns %s", pairs[i].name);
        check_caller(name, pairs[i].turns, b, turns, 10);
        (void)snprintf(name, sizeof name, "second %s", pairs[i].name);
        check_caller(name, pairs[i].second, a, second, 2);
    }
}

/* ---- called by the engine -------------------------------------------------------------------------- */

static void check_tiers(sb_signature *signature, struct exchange *e, unsigned calls_made[4],
                        unsigned closures_made[4])
{
    static const unsigned ways[] = {0, SB_CALL_NO_REGISTERS,
                                    SB_CALL_NO_REGISTERS | SB_CALL_NO_PLAN};
    sb_type_id type = tables_function(&T, e->result, e->types, e->count, 0);
    sb_closure *closure = close_over(signature, check_exchange, e);
    closures_made[sb_closure_tier(closure)]++;
    for (size_t way = 0; way < sizeof ways / sizeof ways[0]; way++) {
        sb_call *call;
        sb_error error;
        if (sb_call_plan(&T.d, type, NULL, 0, ways[way], &call, &error) != SB_OK) {
            e->wrong = "there is no call for it";
            break;
        }
        unsigned char *block = calloc(1, (size_t)call->block_size + 1);
        _Alignas(16) unsigned char result[64];
        e->calls = 0;
        fill(e);
        for (unsigned i = 0; i < e->count; i++)
            put(call, i, e->types[i], block, e->values[i]);
        sb_call_invoke(call, code_of(closure).object, block, result);
        if (e->calls != 1)
            e->wrong = "the handler did not run once";
        if (e->wrong == NULL && !right_result(e->result, result, e->answer))
            e->wrong = "the caller received another result";
        calls_made[call->tier]++;
        free(block);
        sb_call_free(call);
    }
    sb_closure_free(closure);
}

/* A type for a random signature. Most with scalars alone travel in registers. */
static sb_type_id random_type(bool scalar, bool result)
{
    sb_type_id first = result ? T_void : T_void + 1;
    for (;;) {
        sb_type_id id = (sb_type_id)(first + random_word() % (T_count - first));
        if (!scalar || ((T.types[id].kind < SB_STRUCT || T.types[id].kind == SB_ENUM) &&
                        T.types[id].size <= 8))
            return id;
    }
}

static void random_signatures_arrive_and_return(void)
{
    unsigned calls_made[4] = {0}, closures_made[4] = {0};
    for (unsigned round = 0; round < RANDOM_SIGNATURES; round++) {
        uint64_t seed = random_state;
        sb_type_id types[30];
        bool scalars = round % 2 != 0;
        struct exchange e = {.result = random_type(scalars, true),
                             .types = types,
                             .count = (unsigned)(random_word() % (random_word() % 4 ? 8 : 31))};
        for (unsigned i = 0; i < e.count; i++)
            types[i] = random_type(scalars, false);
        sb_signature *signature = signature_of(e.result, types, e.count, 0);
        if (signature != NULL)
            check_tiers(signature, &e, calls_made, closures_made);
        sb_signature *other = signature_of(e.result, types, e.count, SB_CALL_NO_REGISTERS);
        if (other != NULL)
            check_tiers(other, &e, calls_made, closures_made);
        sb_signature_release(other);
        check_count++;
        if (e.wrong != NULL) {
            fprintf(stderr, "SB_TEST_SEED=0x%llx: %s: %s\n", (unsigned long long)seed,
                    sb_signature_name(signature), e.wrong);
            check_failures++;
        }
        sb_signature_release(signature);
        tables_reset(&T);
    }
    printf("calls by tier: 1: %u, 2: %u, 3: %u\n", calls_made[1], calls_made[2], calls_made[3]);
    printf("closures by tier: 1: %u, 3: %u\n", closures_made[1], closures_made[3]);
    CHECK(closures_made[SB_TIER_REGISTERS] > 0 || !sb_register_calls_enabled());
}

static void add_words(sb_closure *closure, void *const *arguments, void *result, void *user)
{
    i64 sum = 0;
    (void)closure;
    for (unsigned i = 0; i < *(unsigned *)user; i++)
        sum += (i64)(i + 1) * *(const i16 *)arguments[i];
    *(i64 *)result = sum;
}

static void as_many_arguments_as_there_may_be_arrive(void)
{
    sb_type_id types[SB_MAX_PARAMETERS + 1];
    unsigned count = SB_MAX_PARAMETERS;
    for (unsigned i = 0; i <= count; i++)
        types[i] = T_i16;
    sb_signature *signature = signature_of(T_i64, types, count, 0);
    sb_closure *closure = close_over(signature, add_words, &count);
    sb_type_id type = tables_function(&T, T_i64, types, count, 0);
    sb_call *call;
    sb_error error;
    CHECK(sb_call_plan(&T.d, type, NULL, 0, 0, &call, &error) == SB_OK);
    i64 expected = 0, result[4];
    unsigned char *block = calloc(1, call->block_size);
    for (unsigned i = 0; i < count; i++) {
        i16 value = (i16)random_word();
        expected += (i64)(i + 1) * value;
        put(call, i, T_i16, block, (unsigned char *)&value);
    }
    sb_call_invoke(call, code_of(closure).object, block, result);
    CHECK(result[0] == expected);
    free(block);
    sb_call_free(call);
    sb_closure_free(closure);
    sb_signature_release(signature);

    type = tables_function(&T, T_i64, types, count + 1, 0);
    CHECK(sb_signature_new(&T.d, type, 0, &signature, &error) == SB_ERROR_LIMIT);
    CHECK(signature == NULL);
    tables_reset(&T);
}

/* ---- records that are special ------------------------------------------------------------------------ */

#define PLAIN_RECORDS(X)                                                                       \
    X(s_c3)                                                                                    \
    X(s_ii)                                                                                    \
    X(s_iii)                                                                                   \
    X(s_ll)                                                                                    \
    X(s_f)                                                                                     \
    X(s_ff)                                                                                    \
    X(s_fff) X(s_d) X(s_dd) X(s_ddd) X(s_fd) X(s_if) X(s_ld) X(s_dl) X(s_ffi) X(s_cd) X(s_lll) \
        X(s_big) X(s_longc) X(s_deep) X(s_list) PLAIN_COMPLEX(X)

/* libffi has no complex numbers on RISC-V. */
#if defined(__riscv)
#define PLAIN_COMPLEX(X)
#else
#define PLAIN_COMPLEX(X) X(s_c64)
#endif

#define X(A)                                                                 \
    static void plain_##A(any_function function, unsigned char(*values)[64], \
                          unsigned char *result)                             \
    {                                                                        \
        LOAD(A, a, 0);                                                       \
        LOAD(f64, b, 1);                                                     \
        ANSWER(A, ((A(*)(A, f64))function)(a, b));                           \
    }
PLAIN_RECORDS(X)
#undef X

static void records_travel_by_their_trees(void)
{
    static const struct {
        const char *name;
        caller *call;
        sb_type_id type;
    } plain[] = {
#define X(A) {#A, plain_##A, T_##A},
        PLAIN_RECORDS(X)
#undef X
    };
    for (size_t i = 0; i < sizeof plain / sizeof plain[0]; i++) {
        const sb_type_id types[] = {plain[i].type, T_f64};
        sb_signature *signature = signature_of(plain[i].type, types, 2, SB_CALL_NO_ABI);
        struct exchange e = {.result = plain[i].type, .types = types, .count = 2};
        sb_closure *closure = close_over(signature, check_exchange, &e);
        _Alignas(16) unsigned char received[64];
        fill(&e);
        plain[i].call(code_of(closure).function, e.values, received);
        CHECK(e.calls == 1);
        if (e.wrong != NULL || !equal_values(plain[i].type, received, e.answer)) {
            fprintf(stderr, "%s: %s\n", plain[i].name, e.wrong ? e.wrong : "another result");
            check_failures++;
        }
        sb_closure_free(closure);
        sb_signature_release(signature);
        tables_reset(&T);
    }
}

typedef struct nine {
    f64 a[9];
} nine;

static void double_nine(sb_closure *closure, void *const *arguments, void *result, void *user)
{
    const nine *from = arguments[1];
    (void)closure;
    (void)user;
    for (unsigned i = 0; i < 9; i++)
        ((nine *)result)->a[i] = 2 * from->a[i] + *(const i32 *)arguments[0];
}

static void large_records_arrive_and_return(void)
{
    for (unsigned flags = 0; flags <= SB_CALL_NO_ABI; flags += SB_CALL_NO_ABI) {
        sb_type_id id = tables_record(&T, SB_STRUCT, sizeof(nine), _Alignof(nine));
        sb_type_id array = tables_array(&T, T_f64, 9);
        T.types[id].count = 1;
        T.fields[T.d.field_count++] = (sb_field){.value = {.type = array, .name = 1}};
        const sb_type_id types[] = {T_i32, id};
        sb_signature *signature = signature_of(id, types, 2, flags);
        sb_closure *closure = close_over(signature, double_nine, NULL);
        nine value = {{1, 2, 3, 4, 5, 6, 7, 8, 9}};
        nine result = ((nine(*)(i32, nine))code_of(closure).function)(100, value);
        for (unsigned i = 0; i < 9; i++)
            CHECK(result.a[i] == 100 + 2 * (i + 1));
        CHECK(value.a[8] == 9);
        sb_closure_free(closure);
        sb_signature_release(signature);
        tables_reset(&T);
    }
}

__extension__ typedef struct empty {
} empty;

static void see_around_empty(sb_closure *closure, void *const *arguments, void *result, void *user)
{
    (void)closure;
    CHECK(*(const i32 *)arguments[0] == -3 && *(const f64 *)arguments[2] == 0.5);
    CHECK(arguments[1] != NULL);
    CHECK(result != NULL);
    ++*(unsigned *)user;
}

static void empty_records_have_no_bytes(void)
{
#if defined(__i386__) || defined(__s390x__) /* there they take a pointer */
    const unsigned last = 0;
#else
    const unsigned last = SB_CALL_NO_ABI;
#endif
    for (unsigned flags = 0; flags <= last; flags += SB_CALL_NO_ABI) {
        unsigned calls = 0;
        sb_type_id id = tables_record(&T, SB_STRUCT, 0, 1);
        const sb_type_id types[] = {T_i32, id, T_f64};
        sb_signature *signature = signature_of(id, types, 3, flags);
        sb_closure *closure = close_over(signature, see_around_empty, &calls);
        empty nothing;
        memset(&nothing, 0, sizeof nothing);
        (void)((empty(*)(i32, empty, f64))code_of(closure).function)(-3, nothing, 0.5);
        CHECK(calls == 1);
        sb_closure_free(closure);
        sb_signature_release(signature);
        tables_reset(&T);
    }
}

#if defined(__x86_64__)
typedef struct padded_i {
    _Alignas(16) i8 a;
} padded_i;
typedef struct padded_f {
    _Alignas(16) f32 a;
} padded_f;

static void call_padded(any_function function, unsigned char (*values)[64], unsigned char *result)
{
    padded_i i[6];
    padded_f f[8];
    for (unsigned n = 0; n < 6; n++)
        memcpy(&i[n], values[n], sizeof i[n]);
    for (unsigned n = 0; n < 8; n++)
        memcpy(&f[n], values[6 + n], sizeof f[n]);
    typedef padded_f many(padded_i, padded_i, padded_i, padded_i, padded_i, padded_i, padded_f,
                          padded_f, padded_f, padded_f, padded_f, padded_f, padded_f, padded_f);
    padded_f answer = ((many *)function)(i[0], i[1], i[2], i[3], i[4], i[5], f[0], f[1], f[2], f[3],
                                         f[4], f[5], f[6], f[7]);
    memcpy(result, &answer, sizeof answer);
}

/* Every register holds a record of its own, none of which lies in memory as C has it. */
static void records_half_of_padding_arrive_and_return(void)
{
    sb_type_id of_int = tables_record(&T, SB_STRUCT, sizeof(padded_i), 16);
    tables_field(&T, T_i8, 0);
    sb_type_id of_float = tables_record(&T, SB_STRUCT, sizeof(padded_f), 16);
    tables_field(&T, T_f32, 0);
    sb_type_id types[14];
    for (unsigned i = 0; i < 14; i++)
        types[i] = i < 6 ? of_int : of_float;
    check_caller("padded", call_padded, of_float, types, 14);
}
#endif

/* Only its second half has bytes. No C is compiled to this; the ABI says where it goes. */
static void records_that_begin_with_padding_arrive_and_return(void)
{
    unsigned calls_made[4] = {0}, closures_made[4] = {0};
    sb_type_id id = tables_record(&T, SB_STRUCT, 16, 8);
    tables_field(&T, T_f64, 8);
    const sb_type_id types[] = {T_i8, id, T_f32};
    sb_signature *signature = signature_of(T_i32, types, 3, 0);
    struct exchange e = {.result = T_i32, .types = types, .count = 3};
    check_tiers(signature, &e, calls_made, closures_made);
    CHECK(e.wrong == NULL);
    sb_signature_release(signature);
    tables_reset(&T);
}

#if defined(__x86_64__)
/* Where the caller asked for a record is also returned, in a register that callers may use. */
static void the_place_of_a_record_is_returned(void)
{
    struct exchange e = {.result = T_s_ddd};
    sb_signature *signature = signature_of(T_s_ddd, NULL, 0, 0);
    sb_closure *closure = close_over(signature, check_exchange, &e);
    s_ddd place;
    fill(&e);
    CHECK(((void *(*)(void *))code_of(closure).function)(&place) == &place);
    CHECK(equal_values(T_s_ddd, &place, e.answer));
    sb_closure_free(closure);
    sb_signature_release(signature);
    tables_reset(&T);
}
#endif

/* ---- integers in registers ---------------------------------------------------------------------------- */

/* The least significant byte of a result. */
struct byte_at {
    size_t at;
    int value;
};

static void answer_bytes(sb_closure *closure, void *const *arguments, void *result, void *user)
{
    (void)closure;
    (void)arguments;
    unsigned char *bytes = result;
    const struct byte_at *byte = user;
    bytes[byte->at] = (unsigned char)byte->value;
}

/* Callers of some ABIs trust the bits above a narrow result. */
static void narrow_results_are_widened(void)
{
    static const struct {
        sb_type_id type;
        int byte;
        uint64_t register_bits;
    } cases[] = {
        {T_i8, 0x80, UINT64_C(0xFFFFFFFFFFFFFF80)},
        {T_i8, 0x7F, 0x7F},
        {T_u8, 0xFF, 0xFF},
        {T_i16, 0x80, 0x80},
        {T_u32, 0xFE, 0xFE},
        {T_boolean, 1, 1},
        {T_boolean, 0x80, 1},
        {T_ptr, 0x90, 0x90},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        size_t last = (size_t)T.types[cases[i].type].size - 1;
        struct byte_at byte = {SB_BIT_FIELDS_FROM_TOP ? last : 0, cases[i].byte};
        sb_signature *signature = signature_of(cases[i].type, NULL, 0, 0);
        sb_closure *closure = close_over(signature, answer_bytes, &byte);
        CHECK((((u64(*)(void))code_of(closure).function)() & 0xFFFFFFFF) ==
              (cases[i].register_bits & 0xFFFFFFFF));
        sb_closure_free(closure);
        sb_signature_release(signature);
        tables_reset(&T);
    }
}

/* ---- how calls nest, and where they come from ------------------------------------------------------------ */

typedef i64 recursive(i32);

static void multiply_down(sb_closure *closure, void *const *arguments, void *result, void *user)
{
    i32 n = *(const i32 *)arguments[0];
    sb_closure *other = *(sb_closure **)user;
    (void)closure;
    *(i64 *)result = n <= 1 ? 1 : n * ((recursive *)code_of(other).function)(n - 1);
}

static void closures_call_one_another(void)
{
    sb_signature *signature = signature_of(T_i64, (sb_type_id[]){T_i32}, 1, 0);
    sb_closure *even = NULL, *odd = NULL;
    even = close_over(signature, multiply_down, &odd);
    odd = close_over(signature, multiply_down, &even);
    CHECK(((recursive *)code_of(even).function)(20) == INT64_C(2432902008176640000));
    sb_closure_free(even);
    sb_closure_free(odd);
    sb_signature_release(signature);
    tables_reset(&T);
}

static void compare_ints(sb_closure *closure, void *const *arguments, void *result, void *user)
{
    int a = **(const int *const *)arguments[0], b = **(const int *const *)arguments[1];
    (void)closure;
    ++*(unsigned *)user;
    *(int *)result = (a > b) - (a < b);
}

static void qsort_sorts(void)
{
    enum { COUNT = 1000 };
    static int numbers[COUNT];
    unsigned calls = 0;
    sb_signature *signature = signature_of(T_i32, (sb_type_id[]){T_ptr, T_ptr}, 2, 0);
    sb_closure *closure = close_over(signature, compare_ints, &calls);
    for (unsigned i = 0; i < COUNT; i++)
        numbers[i] = (int)random_word();
    qsort(numbers, COUNT, sizeof numbers[0], code_of(closure).compare);
    for (unsigned i = 1; i < COUNT; i++)
        CHECK(numbers[i - 1] <= numbers[i]);
    CHECK(calls >= COUNT - 1);
    sb_closure_free(closure);
    sb_signature_release(signature);
    tables_reset(&T);
}

static void scale(sb_closure *closure, void *const *arguments, void *result, void *user)
{
    const s_ld *pair = arguments[0];
    (void)closure;
    *(f64 *)result = (f64)pair->a * pair->b * *(const f64 *)user;
}

static void *call_often(void *object)
{
    code as = {.object = object};
    uintptr_t wrong = 0;
    for (i64 i = 0; i < 20000; i++) {
        s_ld pair = {.a = i, .b = 0.5};
        wrong += ((f64(*)(s_ld))as.function)(pair) != (f64)i;
    }
    return (void *)wrong;
}

static void threads_call_one_closure(void)
{
    enum { THREADS = 4 };
    pthread_t threads[THREADS];
    f64 factor = 2;
    sb_signature *signature = signature_of(T_f64, (sb_type_id[]){T_s_ld}, 1, 0);
    sb_closure *closure = close_over(signature, scale, &factor);
    for (unsigned i = 0; i < THREADS; i++)
        CHECK(pthread_create(&threads[i], NULL, call_often, code_of(closure).object) == 0);
    for (unsigned i = 0; i < THREADS; i++) {
        void *wrong;
        CHECK(pthread_join(threads[i], &wrong) == 0 && wrong == NULL);
    }
    sb_closure_free(closure);
    sb_signature_release(signature);
    tables_reset(&T);
}

static void swap_errno(sb_closure *closure, void *const *arguments, void *result, void *user)
{
    (void)closure;
    (void)arguments;
    (void)result;
    *(int *)user = errno;
    errno = 88;
}

static void errno_passes_through(void)
{
    int seen = 0;
    sb_signature *signature = signature_of(T_void, (sb_type_id[]){T_s_ld, T_i8}, 2, 0);
    sb_closure *closure = close_over(signature, swap_errno, &seen);
    s_ld pair = {.a = 1, .b = 1};
    errno = 77;
    ((void (*)(s_ld, i8))code_of(closure).function)(pair, 1);
    CHECK(errno == 88 && seen == 77);
    sb_closure_free(closure);
    sb_signature_release(signature);
    tables_reset(&T);
}

static jmp_buf landing;

static void jump(sb_closure *closure, void *const *arguments, void *result, void *user)
{
    (void)closure;
    (void)arguments;
    (void)result;
    (void)user;
    longjmp(landing, 1);
}

static void handlers_may_jump_away(void)
{
    sb_signature *signature = signature_of(T_void, NULL, 0, 0);
    sb_closure *closure = close_over(signature, jump, NULL);
    volatile unsigned landed = 0;
    if (setjmp(landing) == 0)
        code_of(closure).function();
    else
        landed++;
    CHECK(landed == 1);
    sb_closure_free(closure);
    sb_signature_release(signature);
    tables_reset(&T);
}

int main(void)
{
    random_begin();
    tables_init(&T);
    pairs_of_types_arrive_and_return();
    random_signatures_arrive_and_return();
    as_many_arguments_as_there_may_be_arrive();
    records_travel_by_their_trees();
    large_records_arrive_and_return();
    empty_records_have_no_bytes();
#if defined(__x86_64__)
    records_half_of_padding_arrive_and_return();
    the_place_of_a_record_is_returned();
#endif
    records_that_begin_with_padding_arrive_and_return();
    narrow_results_are_widened();
    closures_call_one_another();
    qsort_sorts();
    threads_call_one_closure();
    errno_passes_through();
    handlers_may_jump_away();
    return check_done("closure");
}
