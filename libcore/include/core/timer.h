/* core/timer.h - calling a function later, from a thread of its own. */
#ifndef CORE_TIMER_H
#define CORE_TIMER_H

#include <stdbool.h>

#include "status.h"

#ifdef __cplusplus
extern "C" {
#endif

/** The longest time that a timer waits, in seconds: about 31 years. */
#define CORE_TIMER_SECONDS_MAX 1e9

/** A function that will be called, or has been. Made by core_timer_new, ended by core_timer_free.
 * Since 1.0. */
typedef struct core_timer core_timer;

/** Calls a function once, after some time, from a thread that the library makes for it. Signals are
 * blocked in that thread.
 *
 * seconds: from 0 to CORE_TIMER_SECONDS_MAX, measured on a clock that nobody sets.
 * callback: called with user. It may free the timer. *out is written before that.
 * user: may be NULL; must stay valid until core_timer_free has returned or the callback has.
 * out: the new timer; the caller ends it with core_timer_free, whether it has fired or not.
 * Errors: CORE_INVALID for a time out of range; CORE_NOMEM; CORE_IO when there can be no thread.
 * Any thread. Since 1.0. */
CORE_API enum core_status core_timer_new(double seconds, void (*callback)(void *user), void *user,
                                         core_timer **out);

/** Whether the callback has been called; it may be running still.
 *
 * Never fails. Any thread. Since 1.0. */
CORE_API bool core_timer_fired(const core_timer *timer);

/** Ends a timer: a callback that has not begun will not be called, and one that is running is waited
 * for, unless this is called from within it. When this has returned elsewhere, the callback does not
 * run any more.
 *
 * timer: may be NULL. After a fork, the child frees the timer's memory; there is no thread to wait
 * for. Never fails. Any thread, once for each timer. Since 1.0. */
CORE_API void core_timer_free(core_timer *timer);

#ifdef __cplusplus
}
#endif

#endif
