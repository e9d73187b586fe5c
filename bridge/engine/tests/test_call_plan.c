/* test_call_plan.c - plans of calls: what the block looks like, and which calls are refused. */
#include "call_types.h"
#include "check.h"
#include "register_call.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static tables T;

typedef void (*any_function)(void);

/* Where a union's way does not follow from its size alone. */
#if defined(__x86_64__) || defined(__aarch64__) || defined(__arm__)
#define LOOKS_INTO_UNIONS true
#else
#define LOOKS_INTO_UNIONS false
#endif

static void a_block_is_an_image_of_the_registers(void)
{
    if (!sb_register_calls_enabled())
        return;
    const sb_type_id args[] = {T_f32, T_i32, T_s_ld, T_ptr, T_f64};
    sb_type_id type = tables_function(&T, T_f64, args, 5, 0);
    sb_call *call;
    sb_error error;
    CHECK(sb_call_plan(&T.d, type, NULL, 0, 0, &call, &error) == SB_OK);
    CHECK(call->tier == SB_TIER_REGISTERS && call->stack_count == 0);
#if defined(__x86_64__)
    CHECK(call->general_count == 3 && call->vector_count == 3);
    CHECK(call->args[0].offset == 24 && call->args[1].offset == 0);
    CHECK(call->args[2].offset == 8 && call->args[2].second == 32);
    CHECK(call->args[3].offset == 16 && call->args[3].second == SB_NO_SECOND);
    CHECK(call->args[4].offset == 40);
#endif
    sb_call_free(call);
    tables_reset(&T);
}

#if SB_HAVE_REGISTER_CALLS
static i64 sum_words(i64 a, i64 b, i64 c, i64 d, i64 e, i64 f)
{
    return a + 10 * b + 100 * c + 1000 * d + 10000 * e + 100000 * f;
}

static f32 distance(const i32 *a, const i32 *b)
{
    return (f32)(*a - *b);
}

static f64 weigh(f64 a, i32 n, f32 b)
{
    return a * n + b;
}

static i64 sum_halves(i32 a, i16 b, i8 c, i64 d, u8 e, u16 f, i64 g, i32 h)
{
    return a + 10 * b + 100 * c + 1000 * d + 10000 * e + 100000 * f + 1000000 * g + 10000000 * h;
}

static void inline_calls_agree_with_direct_ones(void)
{
    union {
        any_function function;
        void *object;
    } as = {.function = (any_function)sum_words};
    CHECK((i64)sb_general_6_word(as.object, 1, 2, 3, 4, 5, 6) == sum_words(1, 2, 3, 4, 5, 6));
    as.function = (any_function)sum_halves;
    CHECK((i64)sb_general_8_word(as.object, 1, 2, 3, 4, 5, 6, (uint64_t)-7, (uint64_t)-8) ==
          sum_halves(1, 2, 3, 4, 5, 6, -7, -8));
    i32 a = 9, b = 4;
    as.function = (any_function)distance;
    CHECK(sb_general_2_float(as.object, (uint64_t)(uintptr_t)&a, (uint64_t)(uintptr_t)&b) == 5.0f);
    uint64_t general[SB_GENERAL_REGISTERS] = {(uint64_t)-3};
    f64 vector[8] = {2.5};
    f32 half = 0.25f;
    memcpy(&vector[1], &half, sizeof half);
    as.function = (any_function)weigh;
    CHECK(sb_mixed_double(as.object, general, vector) == weigh(2.5, -3, 0.25f));
}
#endif

static void refuse(sb_type_id function, const sb_type_id *extra, size_t count, sb_status expected,
                   const char *text)
{
    sb_call *call = (sb_call *)(void *)&T;
    sb_error error;
    sb_status status = plan_call(&T.d, function, extra, count, 0, &call, &error);
    CHECK(status == expected && error.status == expected);
    CHECK(call == NULL);
    if (status == expected && strstr(error.message, text) == NULL) {
        fprintf(stderr, "'%s' says nothing of '%s'\n", error.message, text);
        check_failures++;
    }
    tables_reset(&T);
}

static sb_type_id one(sb_type_id parameter)
{
    return tables_function(&T, T_void, &parameter, 1, 0);
}

static void impossible_calls_are_refused(void)
{
    refuse(T_i32, NULL, 0, SB_ERROR_MEANING, "not a function");
    const sb_type_id extra[] = {T_i32, T_f32, T_i16};
    refuse(one(T_i32), extra, 1, SB_ERROR_MEANING, "not variadic");
    refuse(tables_function(&T, T_void, extra, 1, SB_TYPE_VARIADIC), &extra[1], 1,
           SB_ERROR_UNSUPPORTED, "travel as double");
    refuse(tables_function(&T, T_void, extra, 1, SB_TYPE_VARIADIC), &extra[2], 1,
           SB_ERROR_UNSUPPORTED, "travel as int");
    refuse(one(T_void), NULL, 0, SB_ERROR_MEANING, "void");
    sb_type_id record = tables_record(&T, SB_STRUCT, 0, 1);
    T.types[record].flags = 0;
    refuse(one(record), NULL, 0, SB_ERROR_UNSUPPORTED, "not known");
    record = tables_record(&T, SB_STRUCT, 64, 32);
    tables_field(&T, T_i64, 0);
    refuse(one(record), NULL, 0, SB_ERROR_UNSUPPORTED, "aligned");
    record = tables_record(&T, SB_STRUCT, 100000, 1);
    refuse(one(record), NULL, 0, SB_ERROR_UNSUPPORTED, "too large");
    record = tables_record(&T, SB_STRUCT, UINT64_C(1) << 40, 1);
    refuse(tables_function(&T, record, NULL, 0, 0), NULL, 0, SB_ERROR_UNSUPPORTED, "too large");
    sb_type_id many[SB_MAX_PARAMETERS + 1];
    for (size_t i = 0; i < sizeof many / sizeof many[0]; i++)
        many[i] = T_i32;
    refuse(tables_function(&T, T_void, many, SB_MAX_PARAMETERS, SB_TYPE_VARIADIC), many, 1,
           SB_ERROR_LIMIT, "127");
}

static void records_that_compilers_pass_differently_are_refused(void)
{
    if (!LOOKS_INTO_UNIONS)
        return;
    sb_type_id record = tables_record(&T, SB_UNION, 4, 4);
    tables_field(&T, T_f32, 0);
    tables_bits(&T, T_i32, 0, 0, 32, false);
    refuse(one(record), NULL, 0, SB_ERROR_UNSUPPORTED, "unnamed bit-field");
}

static void unions_with_endless_alternatives_are_refused(void)
{
    if (!LOOKS_INTO_UNIONS)
        return;
    sb_type_id inner = T_i8;
    for (unsigned depth = 0; depth < 40; depth++) {
        sb_type_id outer = tables_record(&T, SB_UNION, 1, 1);
        tables_field(&T, inner, 0);
        tables_field(&T, inner, 0);
        inner = outer;
    }
    refuse(one(inner), NULL, 0, SB_ERROR_UNSUPPORTED, "alternatives");
}

static void *no_memory(void *memory, size_t size)
{
    (void)memory;
    (void)size;
    return NULL;
}

static void planning_without_memory_fails(void)
{
    for (unsigned flags = 0; flags < 2; flags++) {
        sb_type_id type = one(T_i32);
        sb_call *call;
        sb_error error;
        sb_set_allocator(no_memory);
        CHECK(sb_call_plan(&T.d, type, NULL, 0, flags, &call, &error) == SB_ERROR_MEMORY);
        sb_set_allocator(NULL);
        CHECK(call == NULL);
        tables_reset(&T);
    }
}

static void the_environment_switches_register_calls_off(void)
{
    pid_t child = fork();
    if (child == 0) {
        sb_call *call;
        sb_error error;
        (void)setenv("SYMBRIDGE_NO_REGISTER_CALLS", "1", 1);
        if (sb_register_calls_enabled() ||
            sb_call_plan(&T.d, one(T_i32), NULL, 0, 0, &call, &error) != SB_OK ||
            call->tier == SB_TIER_REGISTERS)
            _exit(1);
        sb_call_free(call);
        _exit(0);
    }
    int status = -1;
    CHECK(child > 0 && waitpid(child, &status, 0) == child);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

int main(void)
{
    tables_init(&T);
    the_environment_switches_register_calls_off(); /* before anything reads the environment */
    a_block_is_an_image_of_the_registers();
#if SB_HAVE_REGISTER_CALLS
    inline_calls_agree_with_direct_ones();
#endif
    impossible_calls_are_refused();
    records_that_compilers_pass_differently_are_refused();
    unions_with_endless_alternatives_are_refused();
    planning_without_memory_fails();
    return check_done("call_plan");
}
