/* timer.c - a thread that sleeps, calls a function and ends.
 *
 * Who frees a timer: core_timer_free, after it has joined the thread; the thread itself, at its end,
 * when its own callback called core_timer_free. */
#define _POSIX_C_SOURCE 200809L

#include "internal.h"

#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <time.h>
#include <unistd.h>

/* Everything but fired is guarded by lock, or does not change once the thread runs. */
struct core_timer {
    pthread_mutex_t lock;
    pthread_cond_t cancelled_now;
    struct timespec due; /* on CLOCK_MONOTONIC */
    void (*callback)(void *user);
    void *user;
    pthread_t thread;
    pid_t process;
    bool cancelled;
    bool orphaned; /* nobody will join the thread */
    atomic_bool fired;
};

static void destroy(core_timer *timer)
{
    pthread_cond_destroy(&timer->cancelled_now);
    pthread_mutex_destroy(&timer->lock);
    core_free(timer);
}

static void *run(void *argument)
{
    core_timer *timer = argument;
    int waited = 0;
    bool due;
    bool orphaned;

    pthread_mutex_lock(&timer->lock);
    while (!timer->cancelled && waited != ETIMEDOUT) {
        waited = pthread_cond_timedwait(&timer->cancelled_now, &timer->lock, &timer->due);
    }
    due = !timer->cancelled;
    pthread_mutex_unlock(&timer->lock);
    if (due) {
        atomic_store(&timer->fired, true);
        timer->callback(timer->user);
    }
    pthread_mutex_lock(&timer->lock);
    orphaned = timer->orphaned;
    pthread_mutex_unlock(&timer->lock);
    if (orphaned) {
        destroy(timer);
    }
    return NULL;
}

static struct timespec after(double seconds)
{
    struct timespec time;
    double whole = floor(seconds);

    clock_gettime(CLOCK_MONOTONIC, &time);
    time.tv_sec += (time_t)whole;
    time.tv_nsec += (long)((seconds - whole) * 1e9);
    if (time.tv_nsec >= 1000000000) {
        time.tv_nsec -= 1000000000;
        time.tv_sec++;
    }
    return time;
}

/* The lock and the condition, whose clock is the monotonic one. An error number. */
static int prepare(core_timer *timer)
{
    pthread_condattr_t monotonic;
    int error = pthread_mutex_init(&timer->lock, NULL);

    if (error != 0) {
        return error;
    }
    error = pthread_condattr_init(&monotonic);
    if (error == 0) {
        error = pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
        if (error == 0) {
            error = pthread_cond_init(&timer->cancelled_now, &monotonic);
        }
        pthread_condattr_destroy(&monotonic);
    }
    if (error != 0) {
        pthread_mutex_destroy(&timer->lock);
    }
    return error;
}

/* Starts the thread, without signals. It waits for the lock, which the caller holds. */
static int start(core_timer *timer)
{
    sigset_t all;
    sigset_t before;
    int error;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    error = pthread_create(&timer->thread, NULL, run, timer);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return error;
}

enum core_status core_timer_new(double seconds, void (*callback)(void *user), void *user,
                                core_timer **out)
{
    core_timer *timer;
    int error;

    if (callback == NULL) {
        return core_fail_null("callback");
    }
    if (out == NULL) {
        return core_fail_null("out");
    }
    if (!(seconds >= 0 && seconds <= CORE_TIMER_SECONDS_MAX)) {
        return core_fail(CORE_INVALID, "seconds must be from 0 to %g, not %g",
                         CORE_TIMER_SECONDS_MAX, seconds);
    }
    timer = core_allocate(sizeof *timer);
    if (timer == NULL) {
        return core_fail_memory(sizeof *timer);
    }
    *timer = (core_timer){
        .due = after(seconds), .callback = callback, .user = user, .process = getpid()};
    error = prepare(timer);
    if (error != 0) {
        core_free(timer);
        errno = error;
        return core_fail_errno("cannot make a timer");
    }
    pthread_mutex_lock(&timer->lock);
    error = start(timer);
    if (error == 0) {
        *out = timer;
    }
    pthread_mutex_unlock(&timer->lock);
    if (error != 0) {
        destroy(timer);
        errno = error;
        return core_fail_errno("cannot start a thread");
    }
    return CORE_OK;
}

bool core_timer_fired(const core_timer *timer)
{
    return atomic_load(&timer->fired);
}

void core_timer_free(core_timer *timer)
{
    if (timer == NULL) {
        return;
    }
    if (timer->process != getpid()) { /* whoever held the lock is not in this process */
        core_free(timer);
        return;
    }
    pthread_mutex_lock(&timer->lock);
    if (pthread_equal(timer->thread, pthread_self())) {
        timer->orphaned = true;
        pthread_mutex_unlock(&timer->lock);
        pthread_detach(pthread_self());
        return;
    }
    timer->cancelled = true;
    pthread_cond_signal(&timer->cancelled_now);
    pthread_mutex_unlock(&timer->lock);
    pthread_join(timer->thread, NULL);
    destroy(timer);
}
