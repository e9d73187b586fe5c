/* test_call.c - calls through every tier against functions that this compiler compiled.
 *
 * The callees note the bytes of each argument as they received it and return a value they were
 * given. Each signature is called with random values in every tier that takes it, and what was
 * noted and returned is compared with what went in. SB_TEST_SEED in the environment repeats a run.
 */
#include "call_values.h"
#include "check.h"

#include <complex.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- callees --------------------------------------------------------------------------------------- */

#define MAX_NOTES 40

static unsigned char notes[MAX_NOTES][64];
static unsigned note_count;
static _Alignas(16) unsigned char reply[64];

static void note(const void *value, size_t size)
{
    if (note_count < MAX_NOTES)
        memcpy(notes[note_count], value, size);
    note_count++;
}

#define NOTE(value) note(&(value), sizeof(value))

static void return_nothing(void)
{
}

#define REPLY(type)                                                                             \
    type result;                                                                                 \
    memcpy(&result, reply, sizeof result);                                                       \
    return result

/* A first argument of one type and nine of another; ten that take turns. */
#define PAIR(A, B)                                                                              \
    static A first_##A##_##B(A a, B b, B c, B d, B e, B f, B g, B h, B i, B j)                   \
    {                                                                                            \
        NOTE(a), NOTE(b), NOTE(c), NOTE(d), NOTE(e), NOTE(f), NOTE(g), NOTE(h), NOTE(i);         \
        NOTE(j);                                                                                 \
        REPLY(A);                                                                                \
    }                                                                                            \
    static B turns_##A##_##B(B a, A b, B c, A d, B e, A f, B g, A h, B i, A j)                   \
    {                                                                                            \
        NOTE(a), NOTE(b), NOTE(c), NOTE(d), NOTE(e), NOTE(f), NOTE(g), NOTE(h), NOTE(i);         \
        NOTE(j);                                                                                 \
        REPLY(B);                                                                                \
    }                                                                                            \
    static A second_##A##_##B(B a, A b)                                                          \
    {                                                                                            \
        NOTE(a), NOTE(b);                                                                        \
        REPLY(A);                                                                                \
    }

PAIRS(PAIR)

typedef struct pair {
    const char *name;
    any_function first, turns, second;
    sb_type_id a, b;
} pair;

static const pair pairs[] = {
#define X(A, B)                                                                                 \
    {#A ", " #B, (any_function)first_##A##_##B, (any_function)turns_##A##_##B,                   \
     (any_function)second_##A##_##B, T_##A, T_##B},
    PAIRS(X)
#undef X
};

/* ---- one call in all tiers -------------------------------------------------------------------------- */

static unsigned calls_by_tier[4];

/* Calls once; says what went wrong, or returns NULL. */
static const char *call_once(const sb_call *call, any_function function, sb_type_id result_type,
                             const sb_type_id *args, unsigned count)
{
    static _Alignas(16) unsigned char values[MAX_NOTES][64];
    static _Alignas(16) unsigned char result[256];
    union {
        any_function function;
        void *object;
    } as = {.function = function};
    /* Of its own, so that sanitizers and valgrind see what goes past its end. */
    unsigned char *block = malloc(call->block_size);
    if (block == NULL && call->block_size > 0)
        return "out of memory";
    if (block != NULL)
        memset(block, 0xA5, call->block_size);
    memset(result, 0x5A, sizeof result);
    for (unsigned i = 0; i < count; i++) {
        random_value(args[i], values[i]);
        put(call, i, args[i], block, values[i]);
    }
    random_value(result_type, reply);
    note_count = 0;
    errno = 1234;
    sb_call_invoke(call, as.object, block, result);
    int code = errno;
    free(block);
    if (code != 1234)
        return "errno was changed";
    if (note_count != count)
        return "the callee saw another number of arguments";
    for (unsigned i = 0; i < count; i++) {
        if (!equal_values(args[i], values[i], notes[i]))
            return "the callee saw another value";
    }
    if (!right_result(result_type, result, reply))
        return "the result is another";
    size_t limit = T.types[result_type].size > 32 ? (size_t)T.types[result_type].size : 32;
    for (size_t i = limit; i < sizeof result; i++) {
        if (result[i] != 0x5A)
            return "bytes after the result were written";
    }
    return NULL;
}

/* Records pass through libffi's own eyes only where libffi is known to see them right. */
static bool has_record(sb_type_id result, const sb_type_id *args, unsigned count)
{
    bool found = T.types[result].kind >= SB_STRUCT;
    for (unsigned i = 0; i < count; i++)
        found = found || T.types[args[i]].kind == SB_STRUCT || T.types[args[i]].kind == SB_UNION;
    return found;
}

static void check_signature(const char *name, any_function function, sb_type_id result,
                            const sb_type_id *args, unsigned count, unsigned fixed)
{
    static const unsigned ways[] = {0, SB_CALL_NO_REGISTERS, SB_CALL_NO_REGISTERS | SB_CALL_NO_PLAN,
                                    SB_CALL_NO_REGISTERS | SB_CALL_NO_ABI};
    bool variadic = fixed < count;
    sb_type_id type = tables_function(&T, result, args, fixed, variadic ? SB_TYPE_VARIADIC : 0);
    for (unsigned way = 0; way < sizeof ways / sizeof ways[0]; way++) {
        if (ways[way] & SB_CALL_NO_ABI && has_record(result, args, count))
            continue;
        sb_call *call;
        sb_error error;
        sb_status status = plan_call(&T.d, type, args + fixed, count - fixed,
                                     ways[way], &call, &error);
        if (status != SB_OK) {
            bool unknown = ways[way] & SB_CALL_NO_ABI && status == SB_ERROR_UNSUPPORTED;
            if (!unknown) {
                fprintf(stderr, "(%s), way %u: cannot be planned: %s\n", name, way, error.message);
                check_failures++;
            }
            continue;
        }
        for (unsigned round = 0; round < 3; round++) {
            const char *wrong = call_once(call, function, result, args, count);
            calls_by_tier[call->tier]++;
            if (wrong != NULL) {
                fprintf(stderr, "(%s), way %u, tier %u: %s\n", name, way, call->tier, wrong);
                check_failures++;
                break;
            }
        }
        sb_call_free(call);
    }
    tables_reset(&T);
}

static void pairs_of_types_arrive_and_return(void)
{
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        const pair *p = &pairs[i];
        sb_type_id a = p->a, b = p->b;
        const sb_type_id first[10] = {a, b, b, b, b, b, b, b, b, b};
        const sb_type_id turns[10] = {b, a, b, a, b, a, b, a, b, a};
        const sb_type_id second[2] = {b, a};
        char name[80];
        (void)snprintf(name, sizeof name, "first %s", p->name);
        check_signature(name, p->first, a, first, 10, 10);
        (void)snprintf(name, sizeof name, "turns %s", p->name);
        check_signature(name, p->turns, b, turns, 10, 10);
        (void)snprintf(name, sizeof name, "second %s", p->name);
        check_signature(name, p->second, a, second, 2, 2);
    }
}

/* ---- as many registers as there are ------------------------------------------------------------------ */

/* n arguments, each an integer or a number as `bits` says, made of a family of 2^8 functions. */
#define KIND_0 i64
#define KIND_1 f64
#define MIX(a, b, c, d, e, f, g, h)                                                             \
    static i64 mix_##a##b##c##d##e##f##g##h(KIND_##a p, KIND_##b q, KIND_##c r, KIND_##d s,      \
                                            KIND_##e t, KIND_##f u, KIND_##g v, KIND_##h w)      \
    {                                                                                            \
        NOTE(p), NOTE(q), NOTE(r), NOTE(s), NOTE(t), NOTE(u), NOTE(v), NOTE(w);                  \
        REPLY(i64);                                                                              \
    }
#define MIXES_3(X, a, b, c, d, e)                                                               \
    X(a, b, c, d, e, 0, 0, 0)                                                                    \
    X(a, b, c, d, e, 0, 0, 1)                                                                    \
    X(a, b, c, d, e, 0, 1, 0)                                                                    \
    X(a, b, c, d, e, 0, 1, 1)                                                                    \
    X(a, b, c, d, e, 1, 0, 0)                                                                    \
    X(a, b, c, d, e, 1, 0, 1)                                                                    \
    X(a, b, c, d, e, 1, 1, 0)                                                                    \
    X(a, b, c, d, e, 1, 1, 1)
#define MIXES_5(X, a, b, c)                                                                     \
    MIXES_3(X, a, b, c, 0, 0)                                                                    \
    MIXES_3(X, a, b, c, 0, 1)                                                                    \
    MIXES_3(X, a, b, c, 1, 0)                                                                    \
    MIXES_3(X, a, b, c, 1, 1)
#define MIXES(X)                                                                                \
    MIXES_5(X, 0, 0, 0)                                                                          \
    MIXES_5(X, 0, 0, 1)                                                                          \
    MIXES_5(X, 0, 1, 0)                                                                          \
    MIXES_5(X, 0, 1, 1)                                                                          \
    MIXES_5(X, 1, 0, 0)                                                                          \
    MIXES_5(X, 1, 0, 1)                                                                          \
    MIXES_5(X, 1, 1, 0)                                                                          \
    MIXES_5(X, 1, 1, 1)

MIXES(MIX)

static const any_function mixes[256] = {
#define X(a, b, c, d, e, f, g, h) (any_function)mix_##a##b##c##d##e##f##g##h,
    MIXES(X)
#undef X
};

static void every_order_of_integers_and_numbers_arrives(void)
{
    for (unsigned bits = 0; bits < 256; bits++) {
        sb_type_id args[8];
        char name[16];
        for (unsigned i = 0; i < 8; i++)
            args[i] = bits >> (7 - i) & 1 ? T_f64 : T_i64;
        (void)snprintf(name, sizeof name, "mix %02x", bits);
        check_signature(name, mixes[bits], T_i64, args, 8, 8);
    }
}

#define NUMBERED(n, P, N)                                                                       \
    static f64 general_##n P(i64)                                                                \
    {                                                                                            \
        N;                                                                                       \
        REPLY(f64);                                                                              \
    }                                                                                            \
    static i32 vector_##n P(f64)                                                                 \
    {                                                                                            \
        N;                                                                                       \
        REPLY(i32);                                                                              \
    }                                                                                            \
    static s_ddd memory_##n P(u16)                                                               \
    {                                                                                            \
        N;                                                                                       \
        REPLY(s_ddd);                                                                            \
    }
#define P1(t) (t a)
#define P3(t) (t a, t b, t c)
#define P6(t) (t a, t b, t c, t d, t e, t f)
#define P7(t) (t a, t b, t c, t d, t e, t f, t g)
#define P9(t) (t a, t b, t c, t d, t e, t f, t g, t h, t i)
#define P16(t)                                                                                  \
    (t a, t b, t c, t d, t e, t f, t g, t h, t i, t j, t k, t l, t m, t n, t o, t p)
#define P26(t)                                                                                  \
    (t a, t b, t c, t d, t e, t f, t g, t h, t i, t j, t k, t l, t m, t n, t o, t p, t q, t r,   \
     t s, t u, t v, t w, t x, t y, t z, t zz)
#define N1 NOTE(a)
#define N3 N1, NOTE(b), NOTE(c)
#define N6 N3, NOTE(d), NOTE(e), NOTE(f)
#define N7 N6, NOTE(g)
#define N9 N7, NOTE(h), NOTE(i)
#define N16 N9, NOTE(j), NOTE(k), NOTE(l), NOTE(m), NOTE(n), NOTE(o), NOTE(p)
#define N26                                                                                     \
    N16, NOTE(q), NOTE(r), NOTE(s), NOTE(u), NOTE(v), NOTE(w), NOTE(x), NOTE(y), NOTE(z), NOTE(zz)
NUMBERED(1, P1, N1)
NUMBERED(3, P3, N3)
NUMBERED(6, P6, N6)
NUMBERED(7, P7, N7)
NUMBERED(9, P9, N9)
NUMBERED(16, P16, N16)
NUMBERED(26, P26, N26)

static void any_number_of_arguments_arrives(void)
{
#define X(n)                                                                                    \
    {n, (any_function)general_##n, (any_function)vector_##n, (any_function)memory_##n},
    static const struct {
        unsigned count;
        any_function general, vector, memory;
    } numbered[] = {X(1) X(3) X(6) X(7) X(9) X(16) X(26)};
#undef X
    for (size_t i = 0; i < sizeof numbered / sizeof numbered[0]; i++) {
        sb_type_id args[26];
        unsigned count = numbered[i].count;
        for (unsigned k = 0; k < count; k++)
            args[k] = T_i64;
        check_signature("integers", numbered[i].general, T_f64, args, count, count);
        for (unsigned k = 0; k < count; k++)
            args[k] = T_f64;
        check_signature("numbers", numbered[i].vector, T_i32, args, count, count);
        for (unsigned k = 0; k < count; k++)
            args[k] = T_u16;
        check_signature("into memory", numbered[i].memory, T_s_ddd, args, count, count);
    }
    check_signature("nothing", return_nothing, T_void, NULL, 0, 0);
}

/* ---- variadic ------------------------------------------------------------------------------------- */

static i32 collect(const char *letters, ...)
{
    va_list list;
    NOTE(letters);
    va_start(list, letters);
    for (; *letters != '\0'; letters++) {
        if (*letters == 'i') {
            i32 value = va_arg(list, i32);
            NOTE(value);
        } else if (*letters == 'l') {
            i64 value = va_arg(list, i64);
            NOTE(value);
        } else if (*letters == 'd') {
            f64 value = va_arg(list, f64);
            NOTE(value);
        } else if (*letters == 'L') {
            f80 value = va_arg(list, f80);
            NOTE(value);
        } else if (*letters == 's') {
            s_ld value = va_arg(list, s_ld);
            NOTE(value);
        } else if (*letters == 'f') {
            s_ff value = va_arg(list, s_ff);
            NOTE(value);
        } else if (*letters == 'm') {
            s_lll value = va_arg(list, s_lll);
            NOTE(value);
        }
    }
    va_end(list);
    REPLY(i32);
}

static void call_collect(const char *letters, unsigned flags, unsigned tiers[4])
{
    sb_type_id type = tables_function(&T, T_i32, (sb_type_id[]){T_ptr}, 1, SB_TYPE_VARIADIC);
    sb_type_id extra[32];
    unsigned count = (unsigned)strlen(letters);
    for (unsigned i = 0; i < count; i++)
        extra[i] = letters[i] == 'i'   ? T_i32
                   : letters[i] == 'l' ? T_i64
                   : letters[i] == 'd' ? T_f64
                   : letters[i] == 'L' ? T_f80
                   : letters[i] == 's' ? T_s_ld
                   : letters[i] == 'f' ? T_s_ff
                                       : T_s_lll;
    sb_call *call;
    sb_error error;
    sb_status status = plan_call(&T.d, type, extra, count, flags, &call, &error);
    CHECK(status == SB_OK);
    if (status == SB_OK) {
        static _Alignas(16) unsigned char block[4096], values[32][64], result[64];
        CHECK(call->tier != SB_TIER_REGISTERS || !(flags & SB_CALL_NO_REGISTERS));
        tiers[call->tier]++;
        put(call, 0, T_ptr, block, (unsigned char *)&letters);
        for (unsigned i = 0; i < count; i++) {
            random_value(extra[i], values[i]);
            put(call, i + 1, extra[i], block, values[i]);
        }
        random_value(T_i32, reply);
        note_count = 0;
        union {
            i32 (*function)(const char *, ...);
            void *object;
        } as = {.function = collect};
        sb_call_invoke(call, as.object, block, result);
        CHECK(note_count == count + 1);
        CHECK(memcmp(notes[0], &letters, sizeof letters) == 0);
        for (unsigned i = 0; i < count; i++)
            CHECK(equal_values(extra[i], values[i], notes[i + 1]));
        CHECK(right_result(T_i32, result, reply));
    }
    if (status == SB_OK)
        sb_call_free(call);
    tables_reset(&T);
}

static void variadic_arguments_arrive(void)
{
    static const char *const lists[] = {"",       "i",       "d",         "il",         "idLd",
                                        "sdsdsd", "ddddddddddd", "lllllllll", "LiLiL",      "mLmi",
                                        "fdfifs", "sssssssss",   "iiiiLsd",   "llllddLLssff",
                                        "iiiiidddddddd", "iiiiiiiiiiiii", "iiiiiiiiiiiiiiiiiiii"};
    unsigned tiers[4] = {0};
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
        call_collect(lists[i], 0, tiers);
        call_collect(lists[i], SB_CALL_NO_REGISTERS, tiers);
        call_collect(lists[i], SB_CALL_NO_REGISTERS | SB_CALL_NO_PLAN, tiers);
    }
    CHECK(tiers[SB_TIER_REGISTERS] > 4 || !sb_register_calls_enabled());
}

static void snprintf_prints(void)
{
    const sb_type_id size_type = sizeof(size_t) == 8 ? T_u64 : T_u32;
    const sb_type_id fixed[] = {T_ptr, size_type, T_ptr}, extra[] = {T_i32, T_f64, T_ptr, T_f80};
    sb_type_id type = tables_function(&T, T_i32, fixed, 3, SB_TYPE_VARIADIC);
    sb_call *call;
    sb_error error;
    CHECK(plan_call(&T.d, type, extra, 4, 0, &call, &error) == SB_OK);
    _Alignas(16) unsigned char block[512], result[32];
    char text[64], *texts[] = {text, (char *)(uintptr_t)"%d|%.2f|%s|%.1Lf", (char *)(uintptr_t)"x"};
    size_t capacity = sizeof text;
    i32 number = -7;
    f64 real = 2.5;
    f80 extended = 1.5L;
    CHECK(call->block_size <= sizeof block);
    put(call, 0, T_ptr, block, (unsigned char *)&texts[0]);
    put(call, 1, size_type, block, (unsigned char *)&capacity);
    put(call, 2, T_ptr, block, (unsigned char *)&texts[1]);
    put(call, 3, T_i32, block, (unsigned char *)&number);
    put(call, 4, T_f64, block, (unsigned char *)&real);
    put(call, 5, T_ptr, block, (unsigned char *)&texts[2]);
    put(call, 6, T_f80, block, (unsigned char *)&extended);
    union {
        int (*function)(char *, size_t, const char *, ...);
        void *object;
    } as = {.function = snprintf};
    sb_call_invoke(call, as.object, block, result);
    CHECK(strcmp(text, "-7|2.50|x|1.5") == 0);
    int64_t length;
    memcpy(&length, result, sizeof length);
    CHECK(length == 13);
    sb_call_free(call);
    tables_reset(&T);
}

/* ---- records as libffi sees them --------------------------------------------------------------------- */

#define PLAIN_RECORDS(X)                                                                        \
    X(s_c3) X(s_ii) X(s_iii) X(s_ll) X(s_f) X(s_ff) X(s_fff) X(s_d) X(s_dd) X(s_ddd) X(s_fd)     \
    X(s_if) X(s_ld) X(s_dl) X(s_ffi) X(s_cd) X(s_lll) X(s_big) X(s_longc) X(s_c64) X(s_deep)     \
    X(s_list)

#define X(A)                                                                                    \
    static A plain_##A(A a, f64 b)                                                               \
    {                                                                                            \
        NOTE(a), NOTE(b);                                                                        \
        REPLY(A);                                                                                \
    }
PLAIN_RECORDS(X)
#undef X

/* libffi has no complex numbers on RISC-V. */
#if defined(__riscv)
#define HAVE_FOREIGN_COMPLEX false
#else
#define HAVE_FOREIGN_COMPLEX true
#endif

static void records_travel_by_their_trees(void)
{
    static const struct {
        any_function function;
        sb_type_id type;
    } plain[] = {
#define X(A) {(any_function)plain_##A, T_##A},
        PLAIN_RECORDS(X)
#undef X
    };
    for (size_t i = 0; i < sizeof plain / sizeof plain[0]; i++) {
        const sb_type_id args[] = {plain[i].type, T_f64};
        sb_type_id type = tables_function(&T, plain[i].type, args, 2, 0);
        sb_call *call;
        sb_error error;
        sb_status status = sb_call_plan(&T.d, type, NULL, 0, SB_CALL_NO_ABI, &call, &error);
        tables_reset(&T);
        if (status == SB_ERROR_UNSUPPORTED && !HAVE_FOREIGN_COMPLEX && plain[i].type == T_s_c64)
            continue;
        CHECK(status == SB_OK);
        CHECK(call->tier != SB_TIER_REGISTERS);
        const char *wrong = call_once(call, plain[i].function, plain[i].type, args, 2);
        if (wrong != NULL) {
            fprintf(stderr, "plain record %zu: %s\n", i, wrong);
            check_failures++;
        }
        sb_call_free(call);
    }
}

static void unions_need_a_known_abi(void)
{
    static const sb_type_id refused[] = {T_u_fd, T_s_bits, T_s_packed, T_s_any};
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        sb_type_id type = tables_function(&T, T_void, &refused[i], 1, 0);
        sb_call *call;
        sb_error error;
        CHECK(sb_call_plan(&T.d, type, NULL, 0, SB_CALL_NO_ABI, &call, &error) ==
              SB_ERROR_UNSUPPORTED);
        CHECK(call == NULL && strstr(error.message, "by value") != NULL);
        tables_reset(&T);
    }
}

/* ---- records without bytes ----------------------------------------------------------------------- */

__extension__ typedef struct empty {
} empty;

/* On these they take a pointer, of which only the engine knows. */
#if defined(__i386__) || defined(__s390x__)
#define EMPTY_IS_NOTHING false
#else
#define EMPTY_IS_NOTHING true
#endif

static i32 around_empty(i32 a, empty nothing, f64 b)
{
    (void)nothing;
    NOTE(a), NOTE(b);
    REPLY(i32);
}

static empty give_empty(i32 a)
{
    empty nothing;
    memset(&nothing, 0, sizeof nothing);
    NOTE(a);
    return nothing;
}

static void empty_records_have_no_bytes(void)
{
    for (unsigned flags = 0; flags < (EMPTY_IS_NOTHING ? 8 : SB_CALL_NO_ABI); flags++) {
        sb_type_id id = tables_record(&T, SB_STRUCT, 0, 1);
        const sb_type_id args[] = {T_i32, id, T_f64};
        sb_call *call;
        sb_error error;
        _Alignas(16) unsigned char block[256], result[32];
        i32 number = -3, one = 1;
        f64 real = 0.5;
        union {
            any_function function;
            void *object;
        } as = {.function = (any_function)around_empty};
        CHECK(sb_call_plan(&T.d, tables_function(&T, T_i32, args, 3, 0), NULL, 0, flags, &call,
                           &error) == SB_OK);
        put(call, 0, T_i32, block, (unsigned char *)&number);
        put(call, 2, T_f64, block, (unsigned char *)&real);
        CHECK(call->args[1].size == 0);
        note_count = 0;
        sb_call_invoke(call, as.object, block, result);
        CHECK(memcmp(notes[0], &number, 4) == 0 && memcmp(notes[1], &real, 8) == 0);
        sb_call_free(call);

        as.function = (any_function)give_empty;
        CHECK(sb_call_plan(&T.d, tables_function(&T, id, &args[0], 1, 0), NULL, 0, flags, &call,
                           &error) == SB_OK);
        put(call, 0, T_i32, block, (unsigned char *)&one);
        note_count = 0;
        sb_call_invoke(call, as.object, block, result);
        CHECK(note_count == 1 && memcmp(notes[0], &one, 4) == 0);
        sb_call_free(call);
        tables_reset(&T);
    }
}

/* ---- records whose second half is padding -------------------------------------------------------- */

#if defined(__x86_64__)
typedef struct padded {
    _Alignas(16) i8 a;
} padded;

static padded around_padding(i64 a, padded b, i64 c)
{
    NOTE(a), NOTE(b), NOTE(c);
    REPLY(padded);
}

static void padding_takes_no_register(void)
{
    sb_type_id id = tables_record(&T, SB_STRUCT, sizeof(padded), 16);
    tables_field(&T, T_i8, 0);
    const sb_type_id args[] = {T_i64, id, T_i64};
    sb_type_id type = tables_function(&T, id, args, 3, 0);
    for (unsigned flags = 0; flags < 4; flags++) {
        sb_call *call;
        sb_error error;
        CHECK(sb_call_plan(&T.d, type, NULL, 0, flags, &call, &error) == SB_OK);
        CHECK(call_once(call, (any_function)around_padding, id, args, 3) == NULL);
        sb_call_free(call);
    }
    tables_reset(&T);
}

static padded give_padded(i64 a)
{
    NOTE(a);
    REPLY(padded);
}

static void results_half_of_padding_return(void)
{
    sb_type_id id = tables_record(&T, SB_STRUCT, sizeof(padded), 16);
    tables_field(&T, T_i8, 0);
    const sb_type_id args[] = {T_i64};
    sb_type_id type = tables_function(&T, id, args, 1, 0);
    for (unsigned flags = 0; flags < 4; flags++) {
        sb_call *call;
        sb_error error;
        CHECK(sb_call_plan(&T.d, type, NULL, 0, flags, &call, &error) == SB_OK);
        CHECK(call_once(call, (any_function)give_padded, id, args, 1) == NULL);
        sb_call_free(call);
    }
    tables_reset(&T);
}
#endif

/* ---- results that callees leave dirty ------------------------------------------------------------- */

static u64 dirty(void)
{
    u64 result;
    memcpy(&result, reply, sizeof result);
    return result;
}

static void upper_bits_of_results_are_defined(void)
{
    static const struct {
        sb_type_id type;
        uint64_t left, expected;
    } cases[] = {
        {T_i8, UINT64_C(0x12345678123456FF), UINT64_MAX},
        {T_i8, UINT64_C(0xFFFFFFFFFFFFFF7F), 0x7F},
        {T_u8, UINT64_C(0xFFFFFFFFFFFFFF80), 0x80},
        {T_i16, UINT64_C(0x1234567812348000), UINT64_C(0xFFFFFFFFFFFF8000)},
        {T_u16, UINT64_MAX, 0xFFFF},
        {T_i32, UINT64_C(0x1234567880000000), UINT64_C(0xFFFFFFFF80000000)},
        {T_u32, UINT64_MAX, 0xFFFFFFFF},
        {T_color, UINT64_C(0x12345678FFFFFFFE), UINT64_C(0xFFFFFFFFFFFFFFFE)},
        {T_boolean, UINT64_C(0xFFFFFFFFFFFFFF00), 0},
        {T_boolean, UINT64_C(0x1234567812345601), 1},
        {T_i64, UINT64_C(0x8000000000000001), UINT64_C(0x8000000000000001)},
        {T_ptr, UINT64_C(0x8000000000000001),
         sizeof(void *) == 8 ? UINT64_C(0x8000000000000001) : 1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        for (unsigned flags = 0; flags < 4; flags++) {
            sb_type_id type = tables_function(&T, cases[i].type, NULL, 0, 0);
            sb_call *call;
            sb_error error;
            _Alignas(16) uint64_t result[4] = {0};
            union {
                any_function function;
                void *object;
            } as = {.function = (any_function)dirty};
            CHECK(sb_call_plan(&T.d, type, NULL, 0, flags, &call, &error) == SB_OK);
            memcpy(reply, &cases[i].left, 8);
            uint64_t block[64];
            CHECK(call->block_size <= sizeof block);
            sb_call_invoke(call, as.object, block, result);
            CHECK(result[0] == cases[i].expected);
            sb_call_free(call);
            tables_reset(&T);
        }
    }
}

int main(void)
{
    random_begin();
    tables_init(&T);
    pairs_of_types_arrive_and_return();
    every_order_of_integers_and_numbers_arrives();
    any_number_of_arguments_arrives();
    variadic_arguments_arrive();
    snprintf_prints();
    records_travel_by_their_trees();
    unions_need_a_known_abi();
    empty_records_have_no_bytes();
#if defined(__x86_64__)
    padding_takes_no_register();
    results_half_of_padding_return();
#endif
    upper_bits_of_results_are_defined();
    printf("calls by tier: 1: %u, 2: %u, 3: %u\n", calls_by_tier[1], calls_by_tier[2],
           calls_by_tier[3]);
    return check_done("call");
}
