/* What core/timer.h promises. */
#include "core/timer.h"

#include "check.h"

#include <math.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* What a callback sees and does; shared with its thread. */
struct bell {
    atomic_int rung;
    atomic_bool begun;
    atomic_bool ended;
    core_timer *timer;
    bool frees_itself;
    bool lingers;
    bool blocks_signals;
    pthread_t thread;
};

static void pause_ms(long milliseconds)
{
    struct timespec time = {milliseconds / 1000, milliseconds % 1000 * 1000000};

    nanosleep(&time, NULL);
}

static void ring(void *user)
{
    struct bell *bell = user;
    sigset_t blocked;

    atomic_store(&bell->begun, true);
    bell->thread = pthread_self();
    pthread_sigmask(SIG_SETMASK, NULL, &blocked);
    bell->blocks_signals = sigismember(&blocked, SIGINT) == 1;
    if (bell->lingers) {
        pause_ms(50);
    }
    if (bell->frees_itself) {
        core_timer_free(bell->timer);
    }
    atomic_fetch_add(&bell->rung, 1);
    atomic_store(&bell->ended, true);
}

static bool comes_true(atomic_bool *condition)
{
    for (int i = 0; i < 10000 && !atomic_load(condition); i++) {
        pause_ms(1);
    }
    return atomic_load(condition);
}

static void a_timer_calls_once_from_a_thread_of_its_own(void)
{
    struct bell bell = {0};

    CHECK_OK(core_timer_new(0.001, ring, &bell, &bell.timer));
    CHECK(comes_true(&bell.ended));
    CHECK(core_timer_fired(bell.timer));
    pause_ms(10);
    core_timer_free(bell.timer);
    CHECK_INT(atomic_load(&bell.rung), 1);
    CHECK(!pthread_equal(bell.thread, pthread_self()));
    CHECK(bell.blocks_signals);
}

static void it_waits_for_the_time_that_was_asked_for(void)
{
    struct bell bell = {0};
    struct timespec start;
    struct timespec end;

    clock_gettime(CLOCK_MONOTONIC, &start);
    CHECK_OK(core_timer_new(0.05, ring, &bell, &bell.timer));
    CHECK(comes_true(&bell.ended));
    clock_gettime(CLOCK_MONOTONIC, &end);
    CHECK((double)(end.tv_sec - start.tv_sec) + (double)(end.tv_nsec - start.tv_nsec) / 1e9 >=
          0.05);
    core_timer_free(bell.timer);
}

static void a_timer_that_is_freed_before_its_time_never_calls(void)
{
    struct bell bell = {0};

    CHECK_OK(core_timer_new(1000, ring, &bell, &bell.timer));
    CHECK(!core_timer_fired(bell.timer));
    core_timer_free(bell.timer);
    CHECK_INT(atomic_load(&bell.rung), 0);
}

static void freeing_waits_for_a_callback_that_runs(void)
{
    struct bell bell = {.lingers = true};

    CHECK_OK(core_timer_new(0, ring, &bell, &bell.timer));
    CHECK(comes_true(&bell.begun));
    core_timer_free(bell.timer);
    CHECK(atomic_load(&bell.ended));
}

static void a_callback_may_free_its_timer(void)
{
    static struct bell bell = {.frees_itself = true};

    CHECK_OK(core_timer_new(0, ring, &bell, &bell.timer));
    CHECK(comes_true(&bell.ended));
    pause_ms(20); /* the thread ends by itself */
}

static void many_timers_end_at_any_moment(void)
{
    struct bell bells[64] = {0};

    for (unsigned i = 0; i < 64; i++) {
        CHECK_OK(core_timer_new(i * 1e-5, ring, &bells[i], &bells[i].timer));
    }
    for (unsigned i = 0; i < 64; i++) {
        core_timer_free(bells[63 - i].timer);
    }
    for (unsigned i = 0; i < 64; i++) {
        CHECK(atomic_load(&bells[i].begun) == atomic_load(&bells[i].ended));
    }
}

static void a_child_process_frees_the_memory_alone(void)
{
    struct bell bell = {0};
    int outcome = -1;
    pid_t child;

    CHECK_OK(core_timer_new(1000, ring, &bell, &bell.timer));
    fflush(stdout);
    child = fork();
    if (child == 0) {
        core_timer_free(bell.timer);
        _exit(0);
    }
    CHECK(waitpid(child, &outcome, 0) == child && outcome == 0);
    core_timer_free(bell.timer);
    core_timer_free(NULL);
}

static void wrong_arguments_are_refused(void)
{
    struct bell bell = {0};

    CHECK_FAILS(core_timer_new(1, NULL, NULL, &bell.timer), CORE_INVALID,
                "callback is NULL");
    CHECK_FAILS(core_timer_new(1, ring, &bell, NULL), CORE_INVALID, "out is NULL");
    CHECK_FAILS(core_timer_new(-1, ring, &bell, &bell.timer), CORE_INVALID,
                "seconds must be from 0 to 1e+09, not -1");
    CHECK_FAILS(core_timer_new(2e9, ring, &bell, &bell.timer), CORE_INVALID,
                "seconds must be from 0 to 1e+09, not 2e+09");
    CHECK_STATUS(core_timer_new(NAN, ring, &bell, &bell.timer), CORE_INVALID);
    CHECK(bell.timer == NULL);
}

int main(void)
{
    static const struct test tests[] = {
        TEST(a_timer_calls_once_from_a_thread_of_its_own),
        TEST(it_waits_for_the_time_that_was_asked_for),
        TEST(a_timer_that_is_freed_before_its_time_never_calls),
        TEST(freeing_waits_for_a_callback_that_runs),
        TEST(a_callback_may_free_its_timer),
        TEST(many_timers_end_at_any_moment),
        TEST(a_child_process_frees_the_memory_alone),
        TEST(wrong_arguments_are_refused),
    };

    return RUN_TESTS(tests);
}
