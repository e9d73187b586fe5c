/* attach.h - how C code that is called from C, in any thread, comes to run Python code.
 *
 * Every callback of the extension enters Python here, whether it was made by load or by FFI:
 *
 *     attachment a;
 *     if (!attach_enter(home, &a))
 *         return;  (the interpreter is gone, or going: C gets the result declared for errors)
 *     ... Python code ...
 *     attach_leave(&a);
 *
 * Calls into C that may lead back announce themselves, so that a callback in the same thread finds
 * its thread state without asking, and has somewhere to leave an exception:
 *
 *     waiting_call w;
 *     waiting_begin(&w, release);   (gives the GIL up when `release`)
 *     ... the C function ...
 *     waiting_end(&w);              (takes it back)
 *     if (w.raised != NULL)
 *         ... raise it with waiting_raise(&w), whatever the function returned ...
 *
 * Threads: a waiting_call and an attachment belong to their thread. A home is shared by all threads;
 * its counts are atomic. attach_enter and attach_leave keep errno: the second puts back saved_errno,
 * what the first found unless the callback's own code changed it.
 */
#ifndef SYMBRIDGE_CPYTHON_ATTACH_H
#define SYMBRIDGE_CPYTHON_ATTACH_H

#include "bridge.h"

/* One interpreter, as C code that outlives it sees it: C memory, reference counted, never touched
 * by the garbage collector. */
typedef struct interpreter_home interpreter_home;

/* A call into C that has not come back. The innermost of each thread is in innermost_call, NULL
 * while a callback below it runs Python code: what that calls waits for itself. */
typedef struct waiting_call waiting_call;
struct waiting_call {
    waiting_call *outer;
    PyThreadState *thread;
    bool released;     /* it gave the GIL up */
    PyObject *raised;  /* the first exception of a callback below it, or NULL; owned. Only those of
                          load are left here: FFI's callbacks report theirs as cffi does */
};

extern _Thread_local waiting_call *innermost_call __attribute__((tls_model("initial-exec")));

static inline void waiting_begin(waiting_call *w, bool release)
{
    w->outer = innermost_call;
    w->raised = NULL;
    w->released = release;
    innermost_call = w;
    w->thread = release ? PyEval_SaveThread() : PyThreadState_Get();
}

/* The caller deals with w->raised afterwards. */
static inline void waiting_end(waiting_call *w)
{
    if (unlikely(w->released))
        PyEval_RestoreThread(w->thread);
    innermost_call = w->outer;
}

/* Raises what a callback left, in place of what is pending. */
COLD void waiting_raise(waiting_call *w);

/* A callback's stay in Python, on its C stack. */
typedef struct attachment attachment;
struct attachment {
    interpreter_home *home;
    waiting_call *waiting;     /* the call of this thread that led here, or NULL */
    int saved_errno;
    /* attach.c's own */
    uint8_t how;
    attachment *outer;         /* of this thread */
    waiting_call *outer_call;  /* innermost_call as it was found */
    PyThreadState *thread;
    PyThreadState *displaced;  /* that of another interpreter, which this thread was in */
};

/* The home of the running interpreter, made with the extension's first module in it; borrowed: the
 * interpreter holds it as long as there is one. NULL with an exception. */
interpreter_home *home_get(bridge_state *state);
void home_retain(interpreter_home *home);
void home_release(interpreter_home *home);
/* Whether C threads still get in. Without the GIL this may change at any time. */
bool home_is_open(const interpreter_home *home);

/* Whether the main interpreter is being taken apart. Threads of C may run on: what they use stays. */
static inline bool interpreter_is_ending(void)
{
#if PY_VERSION_HEX >= 0x030D0000
    return Py_IsFinalizing();
#else
    return _Py_IsFinalizing();
#endif
}

/* False when there is no way in any more: then nothing was done. */
bool attach_enter(interpreter_home *home, attachment *a);
void attach_leave(attachment *a);

/* The engine's handler of misuse: on stderr, a few times. C gets zeros (misuse.c). */
void callback_misused(sb_misuse misuse, const char *function_type);

#endif
