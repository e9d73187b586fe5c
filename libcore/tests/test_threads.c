/* What the headers promise about threads. */
#include "core/core.h"

#include "check.h"

#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>

enum { THREADS = 4, ROUNDS = 500 };

/* One thread's part: its number, what it shares with the others, and whether all went well. Checks
 * are not thread-safe, so a thread only records its outcome. */
struct part {
    unsigned number;
    const core_lucas *sequence;
    const core_point_array *array;
    int passed;
};

static void run_in_threads(void *(*run)(void *), struct part shared)
{
    pthread_t threads[THREADS];
    struct part parts[THREADS];

    for (unsigned i = 0; i < THREADS; i++) {
        parts[i] = shared;
        parts[i].number = i;
        parts[i].passed = 1;
        if (pthread_create(&threads[i], NULL, run, &parts[i]) != 0) {
            abort();
        }
    }
    for (unsigned i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        CHECK(parts[i].passed);
    }
}

static void *fail_and_read_the_message(void *argument)
{
    struct part *part = argument;
    uint64_t result;
    char expected[64];

    for (unsigned round = 0; round < ROUNDS; round++) {
        uint32_t n = 100 + 1000 * part->number + round;

        snprintf(expected, sizeof expected, "%u! does not fit in 64 bits", (unsigned)n);
        if (core_fact(n, &result) != CORE_OVERFLOW ||
            strcmp(core_error_message(CORE_OVERFLOW), expected) != 0) {
            part->passed = 0;
        }
    }
    return NULL;
}

static void *see_no_failure_of_others(void *argument)
{
    struct part *part = argument;

    part->passed = strcmp(core_error_message(CORE_STUCK), core_status_message(CORE_STUCK)) == 0;
    return NULL;
}

static void *run_a_sequence_of_ones_own(void *argument)
{
    struct part *part = argument;

    for (unsigned round = 0; round < ROUNDS; round++) {
        core_lucas *sequence;
        int64_t term = 0;

        if (core_lucas_new((int64_t[]){1, 1}, 2, (int64_t[]){2, 1}, 2, &sequence) != CORE_OK) {
            part->passed = 0;
            continue;
        }
        for (int i = 0; i < 91; i++) {
            part->passed &= core_lucas_next(sequence, &term) == CORE_OK;
        }
        part->passed &= term == INT64_C(6440026026380244498);
        part->passed &= core_lucas_next(sequence, &term) == CORE_OVERFLOW;
        core_lucas_free(sequence);
    }
    return NULL;
}

static void *read_what_is_shared(void *argument)
{
    struct part *part = argument;

    for (unsigned round = 0; round < ROUNDS; round++) {
        size_t count = 0;
        size_t index = 0;
        core_point target = {round, round};

        part->passed &= core_lucas_available(part->sequence, 1000, &count) == CORE_OK;
        part->passed &= count == 91 && core_lucas_order(part->sequence) == 2;
        part->passed &= core_point_array_nearest(part->array, &target, &index) == CORE_OK;
        part->passed &= index == round;
    }
    return NULL;
}

static void *greet(void *argument)
{
    struct part *part = argument;

    for (unsigned round = 0; round < ROUNDS; round++) {
        part->passed &= core_say_hello() == CORE_OK;
    }
    return NULL;
}

static void each_thread_has_its_own_last_failure(void)
{
    run_in_threads(fail_and_read_the_message, (struct part){0});
}

static void a_new_thread_has_no_last_failure(void)
{
    CHECK_STATUS(core_throws_error(), CORE_STUCK);
    run_in_threads(see_no_failure_of_others, (struct part){0});
    CHECK_TEXT(core_error_message(CORE_STUCK), "Hello Error: 🍏🍏");
}

static void sequences_of_different_threads_do_not_disturb_each_other(void)
{
    run_in_threads(run_a_sequence_of_ones_own, (struct part){0});
}

static void threads_may_read_one_object_together(void)
{
    core_lucas *sequence;
    core_point_array *array;

    CHECK_OK(core_lucas_new((int64_t[]){1, 1}, 2, (int64_t[]){2, 1}, 2, &sequence));
    CHECK_OK(core_point_array_new(ROUNDS, &array));
    for (uint32_t i = 0; i < ROUNDS; i++) {
        CHECK_OK(core_point_array_set(array, i, (core_point){i, i}));
    }
    run_in_threads(read_what_is_shared, (struct part){.sequence = sequence, .array = array});
    core_lucas_free(sequence);
    core_point_array_free(array);
}

static void no_greeting_is_lost_in_the_count(void)
{
    int kept;
    int nowhere;

    fflush(stdout);
    kept = dup(STDOUT_FILENO);
    nowhere = open("/dev/null", O_WRONLY);
    CHECK(kept >= 0 && nowhere >= 0);
    CHECK(dup2(nowhere, STDOUT_FILENO) >= 0);
    core_greetings = UINT32_MAX;
    run_in_threads(greet, (struct part){0});
    fflush(stdout);
    CHECK(dup2(kept, STDOUT_FILENO) >= 0);
    close(kept);
    close(nowhere);
    CHECK_UINT(core_greetings, THREADS * ROUNDS - 1);
}

int main(void)
{
    static const struct test tests[] = {
        TEST(each_thread_has_its_own_last_failure),
        TEST(a_new_thread_has_no_last_failure),
        TEST(sequences_of_different_threads_do_not_disturb_each_other),
        TEST(threads_may_read_one_object_together),
        TEST(no_greeting_is_lost_in_the_count),
    };

    return RUN_TESTS(tests);
}
