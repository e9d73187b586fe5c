/* test_closure_pool.c - how closures are made, kept, used again and refused.
 *
 * Linked with --wrap=ffi_closure_alloc, to count what libffi is asked for and to refuse it.
 * SB_TEST_SEED in the environment repeats a run.
 */
#include "call_values.h"
#include "check.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef PR_SET_MDWE
#define PR_SET_MDWE 65
#endif

typedef i64 counter(void);
typedef i64 unary(i64);

typedef union code {
    void *object;
    counter *count;
    unary *apply;
} code;

/* ---- libffi's allocation, watched ------------------------------------------------------------ */

static atomic_uint code_allocations;
static bool code_refused;

void *__real_ffi_closure_alloc(size_t size, void **executable);
void *__wrap_ffi_closure_alloc(size_t size, void **executable);

void *__wrap_ffi_closure_alloc(size_t size, void **executable)
{
    code_allocations++;
    return code_refused ? NULL : __real_ffi_closure_alloc(size, executable);
}

/* ---- shorthands ------------------------------------------------------------------------------ */

static unsigned closure_flags; /* SB_CALL_NO_REGISTERS, when libffi's closures are tested */

static sb_signature *signature_of(sb_type_id result, const sb_type_id *types, unsigned count)
{
    sb_signature *signature;
    sb_error error;
    sb_type_id type = tables_function(&T, result, types, count, 0);
    if (sb_signature_new(&T.d, type, closure_flags, &signature, &error) != SB_OK) {
        fprintf(stderr, "no signature: %s\n", error.message);
        exit(1);
    }
    tables_reset(&T);
    return signature;
}

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

static i64 call(const sb_closure *closure)
{
    return (code){.object = sb_closure_code(closure)}.count();
}

static void answer(sb_closure *closure, void *const *arguments, void *result, void *user)
{
    (void)closure;
    (void)arguments;
    memcpy(result, user, sizeof(i64));
}

/* Types whose signatures no other test uses: pools are per process. */
static sb_signature *fresh_signature(void)
{
    static const sb_type_id digits[] = {T_i8, T_i16, T_i32, T_i64};
    static unsigned used;
    sb_type_id types[5];
    used++;
    for (unsigned i = 0; i < 5; i++)
        types[i] = digits[used >> 2 * i & 3];
    return signature_of(T_i64, types, 5);
}

/* ---- signatures ------------------------------------------------------------------------------ */

static void a_signature_maps_nothing_executable(void)
{
    unsigned before = code_allocations;
    sb_signature *signature = fresh_signature();
    CHECK(code_allocations == before);
    sb_closure_free(close_over(signature, answer, NULL));
    CHECK(code_allocations == before + 1);
    sb_signature_release(signature);
}

static void a_closure_in_registers_maps_nothing_executable(void)
{
    i64 number = 11;
    unsigned before = code_allocations;
    sb_signature *signature = fresh_signature();
    sb_closure *closure = close_over(signature, answer, &number);
    CHECK(sb_closure_tier(closure) == SB_TIER_REGISTERS && call(closure) == 11);
    CHECK(code_allocations == before);
    sb_closure_free(closure);
    sb_signature_release(signature);
}

/* Takes every stub of the kind, and some of libffi's closures. */
static void libffi_serves_when_all_stubs_are_taken(void)
{
    enum { COUNT = 1100 };
    static sb_closure *closures[COUNT];
    static i64 numbers[COUNT];
    unsigned in_registers[2] = {0, 0};
    for (unsigned round = 0; round < 2; round++) {
        sb_signature *signature = fresh_signature();
        for (unsigned i = 0; i < COUNT; i++) {
            numbers[i] = (i64)random_word();
            closures[i] = close_over(signature, answer, &numbers[i]);
            in_registers[round] += sb_closure_tier(closures[i]) == SB_TIER_REGISTERS;
        }
        CHECK(in_registers[round] > 0 && in_registers[round] < COUNT);
        for (unsigned i = 0; i < COUNT; i++)
            CHECK(call(closures[i]) == numbers[i]);
        for (unsigned i = 0; i < COUNT; i++)
            sb_closure_free(closures[COUNT - 1 - i]);
        sb_signature_release(signature);
    }
    /* The first signature gave its stubs back, but for those that rest. */
    CHECK(in_registers[1] + SB_CLOSURE_STUB_POOL >= in_registers[0]);
}

static void call_given_back(void)
{
    static const sb_type_id types[] = {T_u8, T_ptr};
    i64 number = 1;
    sb_closure *closures[2 * SB_CLOSURE_STUB_POOL];
    sb_signature *signature = signature_of(T_i64, types, 2);
    for (unsigned i = 0; i < 2 * SB_CLOSURE_STUB_POOL; i++)
        closures[i] = close_over(signature, answer, &number);
    code stale = {.object = sb_closure_code(closures[0])};
    for (unsigned i = 0; i < 2 * SB_CLOSURE_STUB_POOL; i++)
        sb_closure_free(closures[i]);
    (void)stale.count();
}

static int in_child(void (*function)(void), char *text, size_t size);

static void a_stub_given_back_is_still_watched(void)
{
    char text[256];
    int status = in_child(call_given_back, text, sizeof text);
    CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
    CHECK(strstr(text, "symbridge: C called a callback that was freed") != NULL);
}

static void give_sum(sb_closure *closure, void *const *arguments, void *result, void *user)
{
    (void)closure;
    (void)user;
    double sum = 0;
    for (size_t i = 0; i < 4; i++)
        sum += *(const f64 *)arguments[2 * i] * *(const i32 *)arguments[2 * i + 1];
    memcpy(result, &sum, sizeof sum);
}

static void every_kind_of_stub_runs_out(void)
{
    enum { COUNT = 300 };
    typedef f64 weigh(f64, i32, f64, i32, f64, i32, f64, i32);
    typedef i32 weigh_int(f64, i32);
    static const sb_type_id types[] = {T_f64, T_i32, T_f64, T_i32, T_f64, T_i32, T_f64, T_i32};
    static sb_closure *reals[COUNT], *words[COUNT];
    i64 number = 4;
    sb_signature *real = signature_of(T_f64, types, 8), *word = signature_of(T_i32, types, 2);
    for (unsigned i = 0; i < COUNT; i++) {
        reals[i] = close_over(real, give_sum, NULL);
        words[i] = close_over(word, answer, &number);
    }
    CHECK(sb_closure_tier(reals[0]) == SB_TIER_REGISTERS);
    CHECK(sb_closure_tier(words[0]) == SB_TIER_REGISTERS);
    CHECK(sb_closure_tier(reals[COUNT - 1]) == SB_TIER_LIBFFI);
    CHECK(sb_closure_tier(words[COUNT - 1]) == SB_TIER_LIBFFI);
    for (unsigned i = 0; i < COUNT; i++) {
        union {
            void *object;
            weigh *real;
            weigh_int *word;
        } r = {.object = sb_closure_code(reals[i])}, w = {.object = sb_closure_code(words[i])};
        CHECK(r.real(1, 2, 0.5, -4, 10, 3, 0, 9) == 30 && w.word(1.5, 2) == 4);
        sb_closure_free(reals[i]);
        sb_closure_free(words[i]);
    }
    sb_signature_release(real);
    sb_signature_release(word);
}

static void equal_types_of_any_description_share_a_signature(void)
{
    static tables other;
    tables_init(&other);
    const sb_type_id types[] = {T_i32, T_s_ld};
    sb_signature *a = signature_of(T_f64, types, 2), *b = NULL, *c = NULL, *pointer = NULL;
    sb_error error;
    sb_type_id type = tables_function(&other, T_f64, types, 2, 0);
    CHECK(sb_signature_new(&other.d, type, closure_flags, &b, &error) == SB_OK && b == a);
    type = tables_function(&T, T_f64, types, 2, 0);
    sb_type_id to = T.d.type_count++;
    T.types[to] = (sb_type){.kind = SB_POINTER, .target = type, .size = sizeof(ptr)};
    CHECK(sb_signature_new(&T.d, to, closure_flags, &pointer, &error) == SB_OK && pointer == a);
    tables_reset(&T);
    c = signature_of(T_f64, (const sb_type_id[]){T_i32, T_s_ff}, 2);
    CHECK(c != a && strcmp(sb_signature_name(c), sb_signature_name(a)) == 0);
    sb_signature_release(a);
    sb_signature_release(b);
    sb_signature_release(c);
    sb_signature_release(pointer);
}

static void unused_signatures_go(void)
{
    size_t before = sb_count_closures().signatures;
    sb_signature *a = fresh_signature(), *b = fresh_signature();
    CHECK(sb_count_closures().signatures == before + 2);
    sb_signature_release(a);
    sb_signature_release(b);
    CHECK(sb_count_closures().signatures == before);
    sb_signature_release(NULL);
}

static void closures_outlive_their_signature(void)
{
    i64 number = 41;
    sb_signature *signature = fresh_signature();
    sb_closure *closure = close_over(signature, answer, &number);
    sb_signature_release(signature);
    CHECK(call(closure) == 41);
    sb_closure_free(closure);
}

static void variadic_types_are_refused(void)
{
    sb_signature *signature;
    sb_error error;
    sb_type_id type = tables_function(&T, T_i32, (sb_type_id[]){T_ptr}, 1, SB_TYPE_VARIADIC);
    CHECK(sb_signature_new(&T.d, type, 0, &signature, &error) == SB_ERROR_UNSUPPORTED);
    CHECK(signature == NULL && strstr(error.message, "passes for ... cannot be known") != NULL);
    tables_reset(&T);
}

static void other_types_are_refused(void)
{
    sb_signature *signature;
    sb_error error;
    CHECK(sb_signature_new(&T.d, T_i32, 0, &signature, &error) == SB_ERROR_MEANING);
    CHECK(sb_signature_new(&T.d, T_ptr, 0, &signature, &error) == SB_ERROR_MEANING);
    sb_type_id opaque = tables_record(&T, SB_STRUCT, 0, 1);
    T.types[opaque].flags = 0;
    sb_type_id type = tables_function(&T, opaque, NULL, 0, 0);
    CHECK(sb_signature_new(&T.d, type, 0, &signature, &error) == SB_ERROR_UNSUPPORTED);
    CHECK(strstr(error.message, "definition is not known") != NULL);
    tables_reset(&T);
}

/* ---- pools ----------------------------------------------------------------------------------- */

static void thousands_live_at_once(void)
{
    enum { COUNT = 5000 };
    static sb_closure *closures[COUNT];
    static i64 numbers[COUNT];
    sb_signature *signature = fresh_signature();
    sb_closure_counts before = sb_count_closures();
    for (unsigned round = 0; round < 3; round++) {
        for (unsigned i = 0; i < COUNT; i++) {
            numbers[i] = (i64)random_word();
            closures[i] = close_over(signature, answer, &numbers[i]);
        }
        CHECK(sb_count_closures().live == before.live + COUNT);
        for (unsigned i = 0; i < COUNT; i++)
            CHECK(call(closures[i]) == numbers[i]);
        for (unsigned i = 0; i < COUNT; i++)
            sb_closure_free(closures[i]);
        CHECK(sb_count_closures().live == before.live);
        size_t parked = sb_count_closures().parked - before.parked;
        CHECK(closure_flags != 0 ? parked == SB_CLOSURE_POOL
                                 : parked > SB_CLOSURE_POOL &&
                                       parked <= SB_CLOSURE_POOL + SB_CLOSURE_STUB_POOL);
    }
    sb_signature_release(signature);
}

static void a_freed_closure_rests_before_it_is_used_again(void)
{
    i64 number = 0;
    sb_signature *signature = fresh_signature();
    sb_closure *first = close_over(signature, answer, &number);
    sb_closure_free(first);
    for (unsigned i = 0; i < SB_CLOSURE_QUARANTINE; i++) {
        sb_closure *other = close_over(signature, answer, &number);
        CHECK(other != first);
        sb_closure_free(other);
    }
    unsigned made = code_allocations;
    sb_closure *again = close_over(signature, answer, &number);
    CHECK(again == first && code_allocations == made);
    sb_closure_free(again);
    sb_signature_release(signature);
}

static void any_order_of_making_calling_and_freeing_works(void)
{
    enum { SIGNATURES = 3, PLACES = 200, STEPS = 100000 };
    static struct {
        sb_closure *closure;
        i64 number;
    } places[PLACES];
    sb_signature *signatures[SIGNATURES];
    sb_closure_counts before = sb_count_closures();
    for (unsigned i = 0; i < SIGNATURES; i++)
        signatures[i] = fresh_signature();
    for (unsigned step = 0; step < STEPS; step++) {
        unsigned at = (unsigned)(random_word() % PLACES);
        if (places[at].closure == NULL) {
            places[at].number = (i64)random_word();
            places[at].closure =
                close_over(signatures[random_word() % SIGNATURES], answer, &places[at].number);
        } else {
            CHECK(call(places[at].closure) == places[at].number);
            if (random_word() % 2 == 0) {
                sb_closure_free(places[at].closure);
                places[at].closure = NULL;
            }
        }
    }
    for (unsigned i = 0; i < PLACES; i++) {
        sb_closure_free(places[i].closure);
        places[i].closure = NULL;
    }
    CHECK(sb_count_closures().live == before.live);
    CHECK(sb_count_closures().parked - before.parked <=
          (size_t)SIGNATURES * (2 * SB_CLOSURE_QUARANTINE + PLACES));
    for (unsigned i = 0; i < SIGNATURES; i++)
        sb_signature_release(signatures[i]);
}

static void *make_and_free(void *user)
{
    uintptr_t wrong = 0;
    for (i64 i = 0; i < 3000; i++) {
        sb_signature *signature;
        sb_error error;
        if (sb_signature_new(&T.d, *(sb_type_id *)user, closure_flags, &signature, &error) != SB_OK)
            return (void *)1;
        sb_closure *closures[8];
        i64 numbers[8];
        for (unsigned k = 0; k < 8; k++) {
            numbers[k] = i * 8 + k;
            closures[k] = close_over(signature, answer, &numbers[k]);
        }
        for (unsigned k = 0; k < 8; k++) {
            wrong += call(closures[k]) != numbers[k];
            sb_closure_free(closures[k]);
        }
        sb_signature_release(signature);
    }
    return (void *)wrong;
}

static void threads_share_a_pool(void)
{
    enum { THREADS = 4 };
    pthread_t threads[THREADS];
    sb_type_id type = tables_function(&T, T_i64, (sb_type_id[]){T_f32, T_f32}, 2, 0);
    size_t live = sb_count_closures().live;
    for (unsigned i = 0; i < THREADS; i++)
        CHECK(pthread_create(&threads[i], NULL, make_and_free, &type) == 0);
    for (unsigned i = 0; i < THREADS; i++) {
        void *wrong;
        CHECK(pthread_join(threads[i], &wrong) == 0 && wrong == NULL);
    }
    CHECK(sb_count_closures().live == live);
    tables_reset(&T);
}

static void free_itself(sb_closure *closure, void *const *arguments, void *result, void *user)
{
    answer(closure, arguments, result, user);
    sb_closure_free(closure);
}

static void a_handler_may_free_its_closure(void)
{
    sb_signature *signature = fresh_signature();
    size_t live = sb_count_closures().live;
    for (i64 i = 0; i < 2 * (i64)SB_CLOSURE_POOL; i++)
        CHECK(call(close_over(signature, free_itself, &i)) == i);
    CHECK(sb_count_closures().live == live);
    sb_closure_free(NULL);
    sb_signature_release(signature);
}

/* ---- misuse ---------------------------------------------------------------------------------- */

static unsigned misuses[2];
static char misused[64];

static void note_misuse(sb_misuse misuse, const char *function_type)
{
    misuses[misuse]++;
    (void)snprintf(misused, sizeof misused, "%s", function_type);
}

static void misuse_is_reported(void)
{
    i64 number = 9;
    sb_signature *signature = fresh_signature();
    sb_closure *closure = close_over(signature, answer, &number);
    code stale = {.object = sb_closure_code(closure)};
    CHECK(stale.count() == 9);
    sb_closure_free(closure);
    memset(misuses, 0, sizeof misuses);
    sb_set_misuse_handler(note_misuse);
    CHECK(stale.count() == 0);
    CHECK(misuses[SB_CLOSURE_CALLED_AFTER_FREE] == 1);
    CHECK(strcmp(misused, sb_signature_name(signature)) == 0);
    sb_closure_free(closure);
    CHECK(misuses[SB_CLOSURE_FREED_TWICE] == 1);
    sb_set_misuse_handler(NULL);
    sb_signature_release(signature);
}

/* Runs a function in a child whose stderr is read into text; returns the child's wait status. */
static int in_child(void (*function)(void), char *text, size_t size)
{
    int ends[2];
    CHECK(pipe(ends) == 0);
    (void)fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        (void)dup2(ends[1], STDERR_FILENO);
        (void)close(ends[0]);
        function();
        /* Not _exit: leak checkers would count what threads that the child lacks have held. */
        if (check_failures == 0)
            (void)raise(SIGKILL);
        _exit(1);
    }
    (void)close(ends[1]);
    size_t length = 0;
    ssize_t got;
    while (length < size - 1 && (got = read(ends[0], text + length, size - 1 - length)) > 0)
        length += (size_t)got;
    text[length] = '\0';
    (void)close(ends[0]);
    int status = 0;
    CHECK(child > 0 && waitpid(child, &status, 0) == child);
    return status;
}

static bool went_well(int status)
{
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
}

static void call_stale(void)
{
    sb_closure *closure = close_over(fresh_signature(), answer, NULL);
    sb_closure_free(closure);
    (void)call(closure);
}

static void misuse_aborts_by_default(void)
{
    char text[512];
    int status = in_child(call_stale, text, sizeof text);
    CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
    CHECK(strstr(text, "symbridge: C called a callback that was freed") != NULL);
}

/* ---- forks ----------------------------------------------------------------------------------- */

static void use_closures(void)
{
    sb_signature *signature = fresh_signature();
    i64 number = 5;
    for (unsigned i = 0; i < 200; i++) {
        sb_closure *closure = close_over(signature, answer, &number);
        CHECK(call(closure) == 5);
        sb_closure_free(closure);
    }
    sb_signature_release(signature);
}

static void a_child_can_use_closures(void)
{
    char text[256];
    sb_type_id type = tables_function(&T, T_i64, (sb_type_id[]){T_f32, T_f32}, 2, 0);
    pthread_t thread;
    /* Fills the pool: a fork while libffi allocates would leave its own lock taken in the child. */
    CHECK(make_and_free(&type) == NULL);
    CHECK(pthread_create(&thread, NULL, make_and_free, &type) == 0);
    for (unsigned i = 0; i < 10; i++) {
        int status = in_child(use_closures, text, sizeof text);
        CHECK(went_well(status));
    }
    CHECK(pthread_join(thread, NULL) == 0);
    tables_reset(&T);
}

/* ---- want of memory -------------------------------------------------------------------------- */

static size_t allocations_left;
static long allocated;

static void *scarce(void *memory, size_t size)
{
    if (size == 0) {
        allocated -= memory != NULL;
        free(memory);
        return NULL;
    }
    if (allocations_left == 0)
        return NULL;
    allocations_left--;
    allocated += memory == NULL;
    return realloc(memory, size);
}

static void want_of_memory_is_an_error(void)
{
    sb_error error;
    sb_type_id type = tables_function(&T, T_i64, (sb_type_id[]){T_ptr, T_c64}, 2, 0);
    sb_set_allocator(scarce);
    for (size_t left = 0; left < 3; left++) {
        sb_signature *signature = NULL;
        sb_closure *closure = NULL;
        i64 number = 7;
        allocations_left = left;
        sb_status status = sb_signature_new(&T.d, type, closure_flags, &signature, &error);
        CHECK(status == (left > 0 ? SB_OK : SB_ERROR_MEMORY));
        if (status == SB_OK) {
            status = sb_closure_new(signature, answer, &number, &closure, &error);
            CHECK(status == (left > 1 ? SB_OK : SB_ERROR_MEMORY));
        }
        CHECK((closure != NULL) == (left > 1));
        if (closure != NULL) {
            CHECK(call(closure) == 7);
            sb_closure_free(closure);
        }
        sb_signature_release(signature);
        CHECK(allocated == (left > 1 ? 2 : 0)); /* the parked closure and its signature */
    }
    sb_set_allocator(NULL);
    tables_reset(&T);
}

static void want_of_code_takes_a_parked_closure(void)
{
    i64 number = 3;
    sb_error error;
    sb_signature *signature = fresh_signature();
    sb_closure *closure = close_over(signature, answer, &number), *none = closure;
    code_refused = true;
    CHECK(sb_closure_new(signature, answer, &number, &none, &error) == SB_ERROR_MEMORY);
    CHECK(none == NULL && strstr(error.message, "out of memory") != NULL);
    sb_closure_free(closure);
    CHECK(sb_closure_new(signature, answer, &number, &none, &error) == SB_OK && none == closure);
    CHECK(call(none) == 3);
    sb_closure_free(none);
    code_refused = false;
    sb_signature_release(signature);
}

/* Denies this process memory that is both written and executed; false when that cannot be. */
static bool harden(void)
{
    const char *preloaded = getenv("LD_PRELOAD");
    if (preloaded != NULL && strstr(preloaded, "vgpreload") != NULL)
        return false; /* valgrind itself needs such memory */
    if (prctl(PR_SET_MDWE, 1L, 0L, 0L, 0L) != 0)
        return false;
    void *memory =
        mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return memory == MAP_FAILED;
}

static void be_refused(void)
{
    sb_error error;
    sb_closure *closure;
    if (!harden())
        return;
    code_refused = true;
    CHECK(sb_closure_new(fresh_signature(), answer, NULL, &closure, &error) ==
          SB_ERROR_UNSUPPORTED);
    CHECK(strstr(error.message, "SELinux") != NULL && strstr(error.message, "LIBFFI_TMPDIR"));
}

/* As on a system that never lets memory be both written and executed. */
static void refused_memory_is_explained(void)
{
    char text[1024];
    int status = in_child(be_refused, text, sizeof text);
    CHECK(went_well(status));
    (void)fputs(text, stderr);
}

static void use_hardened(void)
{
    code_refused = closure_flags == 0;
    if (harden())
        use_closures();
}

static void hardened_systems_have_closures(void)
{
    char text[1024];
    int status = in_child(use_hardened, text, sizeof text);
    CHECK(went_well(status));
    (void)fputs(text, stderr);
}

/* What closures of libffi and those in registers have in common. */
static void check_pools(void)
{
    equal_types_of_any_description_share_a_signature();
    unused_signatures_go();
    closures_outlive_their_signature();
    variadic_types_are_refused();
    other_types_are_refused();
    thousands_live_at_once();
    a_freed_closure_rests_before_it_is_used_again();
    any_order_of_making_calling_and_freeing_works();
    threads_share_a_pool();
    a_handler_may_free_its_closure();
    misuse_is_reported();
    a_child_can_use_closures();
}

int main(void)
{
    random_begin();
    tables_init(&T);
    bool registers = sb_register_calls_enabled();
    if (registers)
        hardened_systems_have_closures();
    closure_flags = SB_CALL_NO_REGISTERS;
    hardened_systems_have_closures(); /* before libffi has decided how to get memory */
    misuse_aborts_by_default(); /* before there are threads, which leak checkers see from there */
    closure_flags = 0;
    if (registers) {
        misuse_aborts_by_default();
        a_stub_given_back_is_still_watched();
        a_closure_in_registers_maps_nothing_executable();
        libffi_serves_when_all_stubs_are_taken();
        every_kind_of_stub_runs_out();
        check_pools();
    }
    closure_flags = SB_CALL_NO_REGISTERS;
    a_signature_maps_nothing_executable();
    check_pools();
    want_of_memory_is_an_error();
    want_of_code_takes_a_parked_closure();
    refused_memory_is_explained();
    return check_done("closure_pool");
}
