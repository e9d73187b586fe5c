/* call.c - running plans.
 *
 * Two ways: `simple` for calls whose arguments fit in registers and need no state (most of the
 * functions of most libraries), `general` for all others. Each has an entry for functions without
 * arguments and one for the others; both take what METH_NOARGS or METH_FASTCALL | METH_KEYWORDS
 * give plus the plan. Everything that only errors or keywords need is out of line.
 */
#include <errno.h>

#include "callback.h"
#include "call.h"

/* ---- the call itself ------------------------------------------------------------------------------------ */

typedef void (*marker)(class_record *c, PyObject *o);

/* Objects whose memory C uses while other threads run: nobody may close them meanwhile. */
static void mark_arguments(const frame *f, marker handle, marker record)
{
    plan *p = f->plan;
    for (int i = 0; i < p->step_count; i++) {
        const step *s = &p->steps[i];
        bool marked = s->code == OP_HANDLE || s->code == OP_RECORD;
        PyObject *value = marked ? argument_of(f, s) : NULL;
        if (value != NULL && value != Py_None)
            (s->code == OP_HANDLE ? handle : record)(s->aux.record, value);
    }
}

static void invoke_unlocked(frame *f)
{
    plan *p = f->plan;
    if (p->flags & (PLAN_HAS_HANDLES | PLAN_HAS_RECORDS))
        mark_arguments(f, handle_enter, record_enter);
    waiting_call w;
    waiting_begin(&w, true);
    errno = 0;
    sb_call_invoke(f->call, p->function, f->block, f->result);
    f->saved_errno = errno;
    waiting_end(&w);
    f->raised = w.raised;
    if (p->flags & (PLAN_HAS_HANDLES | PLAN_HAS_RECORDS))
        mark_arguments(f, handle_leave, record_leave);
}

/* A quick function that may call back. */
static COLD void invoke_announced(frame *f)
{
    waiting_call w;
    waiting_begin(&w, false);
    errno = 0;
    sb_call_invoke(f->call, f->plan->function, f->block, f->result);
    f->saved_errno = errno;
    waiting_end(&w);
    f->raised = w.raised;
}

static inline void invoke(frame *f)
{
    plan *p = f->plan;
    if (unlikely(!(p->flags & PLAN_QUICK))) {
        invoke_unlocked(f);
    }
    else if (unlikely(p->flags & PLAN_ANNOUNCED)) {
        invoke_announced(f);
    }
    else if (unlikely(p->flags & PLAN_ERRNO)) {
        errno = 0;
        sb_call_invoke(f->call, p->function, f->block, f->result);
        f->saved_errno = errno;
    }
    else {
        sb_call_invoke(f->call, p->function, f->block, f->result);
    }
}

/* ---- simple calls ----------------------------------------------------------------------------------------- */

static COLD PyObject *argument_failed(plan *p, const step *s)
{
    error_at_argument(p, s);
    return NULL;
}

/* A callback raised: that goes before whatever the function made of it. */
static COLD PyObject *raise_from_callback(frame *f, PyObject *value)
{
    Py_XDECREF(value);
    waiting_call w = {.raised = f->raised};
    f->raised = NULL;
    waiting_raise(&w);
    return NULL;
}

static inline PyObject *run_simple(plan *p, PyObject *self, PyObject *const *args)
{
    _Alignas(16) unsigned char block[SIMPLE_BLOCK];
    _Alignas(16) unsigned char storage[SIMPLE_STORAGE];
    _Alignas(16) unsigned char result[SIMPLE_RESULT];
    frame f = {p, self, args, p->call, block, result, storage, 0, false, NULL};
    for (int i = 0; i < p->step_count; i++) {
        const step *s = &p->steps[p->order[i]];
        if (unlikely(argument_load(&f, s) < 0))
            return argument_failed(p, s);
    }
    invoke(&f);
    int outcome = result_check(&f);
    PyObject *value = NULL;
    if (likely(outcome > 0))
        value = result_make(&f);
    else
        result_drop(&f, 0, true);
    return likely(f.raised == NULL) ? value : raise_from_callback(&f, value);
}

static void *enter_simple_no_arguments(void *self, void *unused, void *c, void *d, target *t)
{
    (void)unused;
    (void)c;
    (void)d;
    return run_simple((plan *)t, self, NULL);
}

static void *enter_simple(void *self, void *args, void *count, void *kwnames, target *t)
{
    plan *p = (plan *)t;
    if (unlikely(kwnames != NULL || (Py_ssize_t)count != p->visible_count ||
                 p->visible_count != p->positional_count))
        return plan_run_with_keywords(p, self, args, (Py_ssize_t)count, kwnames);
    return run_simple(p, self, args);
}

/* ---- general calls ----------------------------------------------------------------------------------------- */

static void release_steps(frame *f, int loaded)
{
    plan *p = f->plan;
    for (int n = loaded - 1; n >= 0; n--) {
        const step *s = &p->steps[p->order[n]];
        if (s->code == OP_GENERAL && s->converter->release != NULL)
            s->converter->release(f, s);
    }
    if (p->result.code == OP_GENERAL && p->result.converter->release != NULL)
        p->result.converter->release(f, &p->result);
}

/* Gives handles that C takes over back to the first `count` steps' objects, or takes them again. */
static void give_handles(const frame *f, int count, bool back)
{
    for (int i = 0; i < count; i++) {
        const step *s = &f->plan->steps[i];
        PyObject *value = argument_of(f, s);
        if (!(s->value->flags & SB_VALUE_CONSUMED) || s->code != OP_HANDLE || value == NULL ||
            value == Py_None)
            continue;
        void *handle = NULL;
        if (back)
            memcpy(&handle, f->block + s->offset, sizeof handle);
        handle_give(s->aux.record, value, handle);
    }
}

/* Objects whose handles C takes over are closed before the call, so that no other thread uses them
 * during it. -1 when that cannot be, as another call uses one. */
static int take_handles(const frame *f)
{
    plan *p = f->plan;
    for (int i = 0; i < p->step_count; i++) {
        const step *s = &p->steps[i];
        PyObject *value = argument_of(f, s);
        if (s->value->flags & SB_VALUE_CONSUMED && s->code == OP_HANDLE && value != NULL &&
            value != Py_None && handle_take(s->aux.record, value) < 0) {
            error_at_argument(p, s);
            give_handles(f, i, true);
            return -1;
        }
    }
    return 0;
}

/* Calls again while an out array turns out too small, as [[grow]] asks for. */
static void invoke_until_it_fits(frame *f)
{
    plan *p = f->plan;
    for (int tries = 0; tries < 4; tries++) {
        bool grown = false;
        invoke(f);
        if (f->raised != NULL)
            return;
        for (int i = 0; i < p->step_count; i++) {
            const step *s = &p->steps[i];
            if (s->code == OP_GENERAL && s->value->flags & SB_VALUE_GROW)
                grown |= array_grow(f, s);
        }
        if (!grown || PyErr_Occurred())
            return;
    }
}

static PyObject *run_loaded(frame *f)
{
    plan *p = f->plan;
    if (p->flags & PLAN_CONSUMES && take_handles(f) < 0)
        return NULL;
    if (unlikely(p->flags & PLAN_GROWS))
        invoke_until_it_fits(f);
    else
        invoke(f);
    if (p->flags & PLAN_CONSUMES) /* from here on no other thread runs before success is known */
        give_handles(f, p->step_count, true);
    if (unlikely(p->flags & PLAN_GROWS) && PyErr_Occurred())
        return NULL;
    int outcome = result_check(f);
    if (outcome <= 0) {
        result_drop(f, 0, true);
        return NULL;
    }
    if (p->flags & PLAN_CONSUMES)
        give_handles(f, p->step_count, false);
    f->succeeded = true;
    return result_make(f);
}

static PyObject *run_general_in(frame *f)
{
    plan *p = f->plan;
    memset(f->storage, 0, p->storage_size);
    for (int i = 0; i < p->step_count; i++) {
        const step *s = &p->steps[p->order[i]];
        PyObject *value = argument_of(f, s);
        int status = s->code == OP_GENERAL ? s->converter->load(f, s, value) : argument_load(f, s);
        if (unlikely(status < 0)) {
            error_at_argument(p, s);
            release_steps(f, i + 1);
            return NULL;
        }
    }
    PyObject *result = run_loaded(f);
    if (unlikely(f->raised != NULL))
        result = raise_from_callback(f, result);
    if (unlikely(p->flags & PLAN_CALLBACKS))
        callbacks_hold(f, result);
    release_steps(f, p->step_count);
    return result;
}

#define GENERAL_ON_STACK 2048

PyObject *call_general(plan *p, const sb_call *call, PyObject *self, PyObject *const *args,
                       const unsigned char *prepared)
{
    size_t block = (call->block_size + 15u) & ~15u, storage = (p->storage_size + 15u) & ~15u;
    size_t result = (call->result_size < 32 ? 32 : call->result_size + 15u) & ~15u;
    size_t total = block + storage + result;
    _Alignas(16) unsigned char on_stack[GENERAL_ON_STACK];
    unsigned char *memory = on_stack;
    if (total > sizeof on_stack) {
        memory = PyMem_RawMalloc(total);
        if (memory == NULL)
            return PyErr_NoMemory();
    }
    memset(memory, 0, block);
    frame f = {p,    self, args, call, memory, memory + block + storage, memory + block, 0,
               false, NULL};
    if (prepared != NULL)
        memcpy(memory, prepared, call->block_size);
    PyObject *value = run_general_in(&f);
    if (memory != on_stack)
        PyMem_RawFree(memory);
    return value;
}

static void *enter_general_no_arguments(void *self, void *unused, void *c, void *d, target *t)
{
    (void)unused;
    (void)c;
    (void)d;
    plan *p = (plan *)t;
    return call_general(p, p->call, self, NULL, NULL);
}

static void *enter_general(void *self, void *args, void *count, void *kwnames, target *t)
{
    plan *p = (plan *)t;
    if (unlikely(kwnames != NULL || (Py_ssize_t)count != p->visible_count ||
                 p->visible_count != p->positional_count))
        return plan_run_with_keywords(p, self, args, (Py_ssize_t)count, kwnames);
    return call_general(p, p->call, self, args, NULL);
}

/* ---- what hot.c leaves to this file ----------------------------------------------------------------------- */

PyObject *plan_run(plan *p, PyObject *self, PyObject *const *args)
{
    return p->flags & PLAN_SIMPLE ? run_simple(p, self, args)
                                  : call_general(p, p->call, self, args, NULL);
}

PyObject *plan_run_with_keywords(plan *p, PyObject *self, PyObject *const *args, Py_ssize_t count,
                                 PyObject *kwnames)
{
    PyObject *bound[MAX_ARGUMENTS];
    if (arguments_bind(p, args, count, kwnames, bound) < 0)
        return NULL;
    return plan_run(p, self, bound);
}

PyObject *plan_finish(plan *p, PyObject *self, PyObject *const *args, void *result, void *storage,
                      int saved_errno)
{
    frame f = {p, self, args, p->call, NULL, result, storage, saved_errno, false, NULL};
    if (result_check(&f) <= 0) {
        result_drop(&f, 0, true);
        return NULL;
    }
    return result_make(&f);
}

/* ---- what other files use ------------------------------------------------------------------------------------ */

stub_entry plan_entry(const plan *p)
{
    if (p->b->d->types[p->f->type].flags & SB_TYPE_VARIADIC)
        return enter_variadic;
    if (p->flags & PLAN_SIMPLE)
        return p->def.ml_flags & METH_NOARGS ? enter_simple_no_arguments : enter_simple;
    return p->def.ml_flags & METH_NOARGS ? enter_general_no_arguments : enter_general;
}

PyObject *plan_call(plan *p, PyObject *self, PyObject *const *args, Py_ssize_t count,
                    PyObject *kwnames)
{
    if (p->def.ml_flags & METH_NOARGS && (count > 0 || kwnames != NULL)) {
        if (count > 0 || PyTuple_GET_SIZE(kwnames) > 0) {
            arguments_wrong_count(p, count > 0 ? count : PyTuple_GET_SIZE(kwnames));
            return NULL;
        }
    }
    return p->entry(self, (void *)(uintptr_t)args, (void *)count, kwnames, (target *)p);
}

void plan_call_pointer(plan *p, void *pointer)
{
    _Alignas(16) unsigned char block[SIMPLE_BLOCK] = {0};
    _Alignas(16) unsigned char result[SIMPLE_RESULT];
    uint64_t bits = (uint64_t)(uintptr_t)pointer;
    memcpy(block + p->call->args[0].offset, &bits, sizeof bits);
    sb_call_invoke(p->call, p->function, block, result);
}

void plan_call_pointer_waiting(plan *p, void *pointer)
{
    _Alignas(16) unsigned char block[SIMPLE_BLOCK] = {0};
    _Alignas(16) unsigned char result[SIMPLE_RESULT];
    uint64_t bits = (uint64_t)(uintptr_t)pointer;
    memcpy(block + p->call->args[0].offset, &bits, sizeof bits);
    waiting_call w;
    waiting_begin(&w, !(p->flags & PLAN_QUICK));
    sb_call_invoke(p->call, p->function, block, result);
    waiting_end(&w);
    if (w.raised != NULL) {
        waiting_raise(&w);
        PyErr_WriteUnraisable(NULL);
    }
}
