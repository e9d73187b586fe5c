/* attach.c - how C code that is called from C, in any thread, comes to run Python code.
 *
 * A thread that comes in is one of three:
 *
 *   it holds the GIL of the home's interpreter: a function that keeps it called C, which called
 *     back;
 *   it has a thread state there that is not attached: a call gave the GIL up, this one or one of
 *     another extension;
 *   it has none: C made the thread, or it belongs to another interpreter.
 *
 * The third gets a thread state. In the main interpreter it is kept until the thread ends, so that
 * threading.local works as in any other thread and the next callback is cheap; if the interpreter
 * ends first, it deletes the state with those of daemon threads. A subinterpreter cannot end while
 * a thread state is left in it, and CPython deletes the state of another thread at the cost of the
 * deleting thread's own PyGILState: there it lives from entry to leaving.
 *
 * A home is open until the atexit functions of its interpreter run. Then threads of the second and
 * third kind get in no more (CPython would end or hang them), but for those that are inside further
 * out, which the end waits for, and for the one that ends the interpreter: its own calls go on
 * leading back as long as Python code runs at all.
 */
#include <errno.h>
#include <pthread.h>
#include <time.h>

#include "attach.h"

/* How long the end of an interpreter waits for threads of C that are still in it. */
#define HOME_PATIENCE_MS 5000

#define HOME_KEY "symbridge.home"

typedef enum home_state {
    HOME_OPEN = 0,
    HOME_CLOSED, /* to all but `closer`, and threads that are inside further out */
    HOME_DEAD
} home_state;

struct interpreter_home {
    PyInterpreterState *interpreter;
    bool is_main;
    size_t count;       /* of references; atomic */
    size_t inside;      /* attachments that took the GIL for themselves; atomic */
    uint8_t state;      /* home_state; atomic, written with the GIL held */
    pthread_t closer;   /* valid once closed */
    interpreter_home *next; /* in all_homes */
};

enum attached_how {
    ATTACHED_HELD,     /* nothing to take, nothing to give back */
    ATTACHED_WAITING,  /* the state of a call below which we are; not counted: the end of the
                          interpreter waits for no daemon thread, in a callback or not */
    ATTACHED_RESTORED, /* the thread's own state */
    ATTACHED_MADE      /* a state that ends with the attachment */
};

_Thread_local waiting_call *innermost_call __attribute__((tls_model("initial-exec")));
static _Thread_local attachment *innermost_attachment
    __attribute__((tls_model("initial-exec")));

/* The state a thread of C keeps in the main interpreter. C memory, owned by the thread. */
typedef struct kept_thread {
    interpreter_home *home;
    PyThreadState *thread;
} kept_thread;

static pthread_once_t process_once = PTHREAD_ONCE_INIT;
static pthread_mutex_t homes_lock = PTHREAD_MUTEX_INITIALIZER;
static interpreter_home *all_homes; /* guarded by homes_lock; for the child of a fork */
static pthread_key_t kept_key;
static bool has_kept_key;

/* ---- counting -------------------------------------------------------------------------------- */

static size_t own_attachments(const interpreter_home *home)
{
    size_t n = 0;
    for (const attachment *a = innermost_attachment; a != NULL; a = a->outer)
        n += a->home == home && a->how >= ATTACHED_RESTORED;
    return n;
}

static void count_out(interpreter_home *home)
{
    __atomic_sub_fetch(&home->inside, 1, __ATOMIC_SEQ_CST);
}

/* The count goes up before the state is read, and the state is written before the count is read, so
 * one of the two sees the other. */
static bool count_in(interpreter_home *home)
{
    __atomic_add_fetch(&home->inside, 1, __ATOMIC_SEQ_CST);
    home_state state = __atomic_load_n(&home->state, __ATOMIC_SEQ_CST);
    if (likely(state == HOME_OPEN)) {
        /* atexit functions can be taken away: then this is what is left to ask. */
#if PY_VERSION_HEX >= 0x030D0000
        if (likely(!home->is_main || !Py_IsFinalizing()))
#else
        if (likely(!home->is_main || !_Py_IsFinalizing()))
#endif
            return true;
    }
    else if (state == HOME_CLOSED && (pthread_equal(home->closer, pthread_self()) ||
                                      own_attachments(home) > 0)) {
        return true;
    }
    count_out(home);
    return false;
}

/* ---- fork ------------------------------------------------------------------------------------ */

static void before_fork(void)
{
    pthread_mutex_lock(&homes_lock);
}

static void after_fork_in_parent(void)
{
    pthread_mutex_unlock(&homes_lock);
}

/* Of the threads that were inside, the forking one is left. */
static void after_fork_in_child(void)
{
    for (interpreter_home *home = all_homes; home != NULL; home = home->next)
        __atomic_store_n(&home->inside, own_attachments(home), __ATOMIC_SEQ_CST);
    pthread_mutex_unlock(&homes_lock);
}

/* ---- thread states of C threads -------------------------------------------------------------- */

/* Runs at the end of a thread. */
static void end_kept(void *memory)
{
    kept_thread *kept = memory;
    if (count_in(kept->home)) {
        PyEval_RestoreThread(kept->thread);
        PyThreadState_Clear(kept->thread);
        PyThreadState_DeleteCurrent();
        count_out(kept->home);
    }
    home_release(kept->home);
    PyMem_RawFree(kept);
}

static void prepare_process(void)
{
    has_kept_key = pthread_key_create(&kept_key, end_kept) == 0;
    pthread_atfork(before_fork, after_fork_in_parent, after_fork_in_child);
}

/* Keeps a thread state until the thread ends; false when that cannot be. */
static bool keep_thread(interpreter_home *home, PyThreadState *thread)
{
    kept_thread *kept = has_kept_key && home->is_main ? PyMem_RawMalloc(sizeof *kept) : NULL;
    if (kept == NULL)
        return false;
    kept_thread *old = pthread_getspecific(kept_key); /* of a main interpreter that has ended */
    *kept = (kept_thread){home, thread};
    if (pthread_setspecific(kept_key, kept) != 0) {
        PyMem_RawFree(kept);
        return false;
    }
    home_retain(home);
    if (old != NULL) {
        home_release(old->home);
        PyMem_RawFree(old);
    }
    return true;
}

static inline bool belongs(PyThreadState *thread, const interpreter_home *home)
{
    return thread != NULL && PyThreadState_GetInterpreter(thread) == home->interpreter;
}

/* The thread state of a call of this thread that gave up the GIL of the home's interpreter. */
static PyThreadState *waiting_thread(const interpreter_home *home)
{
    for (const waiting_call *w = innermost_call; w != NULL; w = w->outer)
        if (belongs(w->thread, home))
            return w->thread;
    for (const attachment *a = innermost_attachment; a != NULL; a = a->outer) {
        if (a->home == home)
            return a->thread;
        for (const waiting_call *w = a->outer_call; w != NULL; w = w->outer)
            if (belongs(w->thread, home))
                return w->thread;
    }
    return NULL;
}

/* Another thread state that this thread has in the home's interpreter, or NULL. */
static PyThreadState *own_thread(const interpreter_home *home)
{
    const kept_thread *kept = has_kept_key ? pthread_getspecific(kept_key) : NULL;
    if (kept != NULL && kept->home == home)
        return kept->thread;
    PyThreadState *thread = PyGILState_GetThisThreadState();
    return belongs(thread, home) ? thread : NULL;
}

/* The state through which this very thread holds a GIL, or NULL. */
static inline PyThreadState *current_thread(void)
{
#if PY_VERSION_HEX >= 0x030D0000
    return PyThreadState_GetUnchecked();
#elif PY_VERSION_HEX >= 0x030C0000
    return _PyThreadState_UncheckedGet();
#else
    /* This is the state of whichever thread holds the one GIL. It may be compared, not looked into,
     * before it is known to be ours. */
    PyThreadState *holder = _PyThreadState_UncheckedGet();
    if (holder == NULL)
        return NULL;
    if (innermost_call != NULL && innermost_call->thread == holder)
        return holder;
    if (innermost_attachment != NULL && innermost_attachment->thread == holder)
        return holder;
    return PyGILState_GetThisThreadState() == holder ? holder : NULL;
#endif
}

/* ---- entering and leaving -------------------------------------------------------------------- */

static inline void push(attachment *a, uint8_t how, PyThreadState *thread)
{
    a->how = how;
    a->thread = thread;
    a->outer = innermost_attachment;
    a->outer_call = innermost_call;
    a->waiting = innermost_call != NULL && innermost_call->thread == thread ? innermost_call : NULL;
    innermost_attachment = a;
    innermost_call = NULL;
}

/* Takes the thread state that this thread has, or makes one. */
static bool take_thread(interpreter_home *home, attachment *a)
{
    PyThreadState *thread = waiting_thread(home);
    uint8_t how = ATTACHED_RESTORED;
    if (likely(thread != NULL)) {
        count_out(home);
        how = ATTACHED_WAITING;
    }
    else {
        thread = own_thread(home);
    }
    if (unlikely(thread == NULL)) {
        thread = PyThreadState_New(home->interpreter);
        if (thread == NULL)
            return false;
        if (!keep_thread(home, thread))
            how = ATTACHED_MADE;
    }
    PyEval_RestoreThread(thread);
    push(a, how, thread);
    return true;
}

bool attach_enter(interpreter_home *home, attachment *a)
{
    a->saved_errno = errno;
    a->home = home;
    a->displaced = NULL;
    PyThreadState *current = current_thread();
    if (belongs(current, home)) {
        push(a, ATTACHED_HELD, current);
        return true;
    }
    if (!count_in(home)) {
        errno = a->saved_errno;
        return false;
    }
    if (unlikely(current != NULL))
        a->displaced = PyEval_SaveThread();
    if (likely(take_thread(home, a)))
        return true;
    if (a->displaced != NULL)
        PyEval_RestoreThread(a->displaced);
    count_out(home);
    errno = a->saved_errno;
    return false;
}

void attach_leave(attachment *a)
{
    interpreter_home *home = a->home;
    innermost_call = a->outer_call;
    if (a->how != ATTACHED_HELD) {
        /* What runs in Clear is still inside. */
        if (unlikely(a->how == ATTACHED_MADE)) {
            PyThreadState_Clear(a->thread);
            innermost_attachment = a->outer;
            PyThreadState_DeleteCurrent();
        }
        else {
            innermost_attachment = a->outer;
            PyEval_SaveThread();
        }
        if (unlikely(a->displaced != NULL))
            PyEval_RestoreThread(a->displaced);
        if (a->how != ATTACHED_WAITING)
            count_out(home);
    }
    else {
        innermost_attachment = a->outer;
    }
    errno = a->saved_errno;
}

void waiting_raise(waiting_call *w)
{
    PyObject *raised = w->raised;
    w->raised = NULL;
    PyErr_Clear();
    PyErr_Restore(Py_NewRef(Py_TYPE(raised)), raised, PyException_GetTraceback(raised));
}

/* ---- homes ----------------------------------------------------------------------------------- */

static void sleep_a_millisecond(void)
{
    struct timespec pause = {0, 1000000};
    nanosleep(&pause, NULL);
}

/* Closes a home to C threads and waits, without the GIL, for those inside. */
static void home_close(interpreter_home *home)
{
    if (__atomic_load_n(&home->state, __ATOMIC_SEQ_CST) != HOME_OPEN)
        return;
    home->closer = pthread_self();
    __atomic_store_n(&home->state, HOME_CLOSED, __ATOMIC_SEQ_CST);
    size_t own = own_attachments(home);
    Py_BEGIN_ALLOW_THREADS
    for (int waited = 0; waited < HOME_PATIENCE_MS; waited++) {
        if (__atomic_load_n(&home->inside, __ATOMIC_SEQ_CST) <= own)
            break;
        sleep_a_millisecond();
    }
    Py_END_ALLOW_THREADS
}

static PyObject *close_at_exit(PyObject *capsule, PyObject *Py_UNUSED(unused))
{
    interpreter_home *home = PyCapsule_GetPointer(capsule, HOME_KEY);
    if (home == NULL)
        return NULL;
    home_close(home);
    Py_RETURN_NONE;
}

static PyMethodDef close_def = {"close_callbacks", close_at_exit, METH_NOARGS, NULL};

/* The interpreter's dictionary goes with the interpreter. */
static void home_die(PyObject *capsule)
{
    interpreter_home *home = PyCapsule_GetPointer(capsule, HOME_KEY);
    __atomic_store_n(&home->state, HOME_DEAD, __ATOMIC_SEQ_CST);
    home_release(home);
}

void home_retain(interpreter_home *home)
{
    __atomic_add_fetch(&home->count, 1, __ATOMIC_RELAXED);
}

void home_release(interpreter_home *home)
{
    if (home == NULL || __atomic_sub_fetch(&home->count, 1, __ATOMIC_ACQ_REL) != 0)
        return;
    pthread_mutex_lock(&homes_lock);
    interpreter_home **link = &all_homes;
    while (*link != home)
        link = &(*link)->next;
    *link = home->next;
    pthread_mutex_unlock(&homes_lock);
    PyMem_RawFree(home);
}

bool home_is_open(const interpreter_home *home)
{
    return __atomic_load_n(&home->state, __ATOMIC_SEQ_CST) == HOME_OPEN;
}

static PyObject *home_new(void)
{
    pthread_once(&process_once, prepare_process);
    interpreter_home *home = PyMem_RawCalloc(1, sizeof *home);
    if (home == NULL)
        return PyErr_NoMemory();
    home->count = 1;
    home->interpreter = PyInterpreterState_Get();
    home->is_main = home->interpreter == PyInterpreterState_Main();
    pthread_mutex_lock(&homes_lock);
    home->next = all_homes;
    all_homes = home;
    pthread_mutex_unlock(&homes_lock);
    PyObject *capsule = PyCapsule_New(home, HOME_KEY, home_die);
    if (capsule == NULL)
        home_release(home);
    return capsule;
}

static int close_home_at_exit(PyObject *capsule)
{
    PyObject *function = PyCFunction_New(&close_def, capsule);
    PyObject *atexit = PyImport_ImportModule("atexit");
    PyObject *registered = NULL;
    if (function != NULL && atexit != NULL)
        registered = PyObject_CallMethod(atexit, "register", "O", function);
    Py_XDECREF(function);
    Py_XDECREF(atexit);
    Py_XDECREF(registered);
    return registered == NULL ? -1 : 0;
}

interpreter_home *home_get(bridge_state *state)
{
    if (state->home != NULL)
        return state->home;
    PyObject *known = PyInterpreterState_GetDict(PyInterpreterState_Get()); /* borrowed */
    if (known == NULL) {
        PyErr_SetString(PyExc_RuntimeError, "this interpreter keeps nothing for its extensions");
        return NULL;
    }
    PyObject *capsule = PyDict_GetItemString(known, HOME_KEY); /* borrowed */
    if (capsule == NULL) {
        capsule = home_new();
        int status = capsule == NULL ? -1 : close_home_at_exit(capsule);
        if (status == 0)
            status = PyDict_SetItemString(known, HOME_KEY, capsule);
        Py_XDECREF(capsule); /* the dictionary's now */
        if (status < 0)
            return NULL;
    }
    state->home = PyCapsule_GetPointer(capsule, HOME_KEY);
    return state->home;
}
