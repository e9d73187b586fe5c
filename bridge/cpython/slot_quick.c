/* slot_quick.c - special methods whose C functions have the commonest shapes.
 *
 *   T + T -> T      status f(const T *, const T *, T *out), or void
 *   next(), -x ...  status f(T *, scalar *out), or void
 *
 * They run what the plan says, with nothing to look up: what is general is left to the plan's entry.
 */
#include <errno.h>

#include "classes.h"

/* Whether the function's status, if it has one, is an int that is 0 for success. */
static bool has_plain_status(const plan *p)
{
    const sb_type *t = &p->b->d->types[p->f->result.type];
    if (p->failure == SB_FAILS_NEVER)
        return t->kind == SB_VOID;
    return p->failure == SB_FAILS_STATUS && !p->zero_fails && t->size == sizeof(int32_t);
}

static bool is_quick(const plan *p)
{
    return p->flags & PLAN_QUICK && p->flags & PLAN_SIMPLE && has_plain_status(p);
}

static sb_outcome outcome_of(const plan *p, int32_t status)
{
    const sb_type *t = &p->b->d->types[p->f->result.type];
    for (uint32_t i = 0; i < t->count; i++) {
        const sb_enumerator *e = &p->b->d->enumerators[t->first + i];
        if ((int32_t)e->value == status)
            return (sb_outcome)e->outcome;
    }
    return SB_OUTCOME_RAISE;
}

/* A status other than 0. True when it is a success after all; else an exception is set, or none,
 * which is how an iteration ends. */
static COLD bool judge(plan *p, frame *f, int32_t status)
{
    f->saved_errno = errno;
    sb_outcome outcome = outcome_of(p, status);
    if (outcome == SB_OUTCOME_RAISE)
        error_from_status(p, f, status);
    return outcome == SB_OUTCOME_OK || (outcome == SB_OUTCOME_STOP && !(p->flags & PLAN_STOPS));
}

static inline bool invoke(plan *p, frame *f)
{
    if (p->flags & PLAN_ERRNO)
        errno = 0;
    sb_call_invoke(p->call, p->function, f->block, f->result);
    if (p->failure == SB_FAILS_NEVER)
        return true;
    int32_t status;
    memcpy(&status, f->result, sizeof status);
    return likely(status == 0) || judge(p, f, status);
}

/* ---- two records give a third ------------------------------------------------------------------------- */

/* `out` is the new object's record: nothing is converted and nothing copied. */
static void *binary_record(void *a, void *b, void *c_, void *d, target *t_)
{
    const slot_target *t = (const slot_target *)t_;
    class_record *c = t->c;
    plan *p = t->p;
    PyObject *left = a, *right = b;
    if (unlikely(Py_TYPE(left) != c->type || Py_TYPE(right) != c->type))
        return slot_binary(a, b, c_, d, t_);
    PyObject *made = PyObject_New(PyObject, c->type);
    if (unlikely(made == NULL))
        return NULL;
    char *record = (char *)made + c->payload;
    if (c->size == 8)
        memset(record, 0, 8);
    else
        memset(record, 0, c->size);
    _Alignas(16) unsigned char block[SIMPLE_BLOCK], result[SIMPLE_RESULT];
    frame f = {.plan = p, .self = left, .args = &right, .call = p->call, .block = block,
               .result = result};
    frame_set_pointer(&f, &p->steps[0], (char *)left + c->payload);
    frame_set_pointer(&f, &p->steps[1], (char *)right + c->payload);
    frame_set_pointer(&f, &p->steps[2], record);
    if (unlikely(!invoke(p, &f)))
        Py_CLEAR(made);
    return made;
}

stub_entry slot_quick_binary(const class_record *c, const plan *p)
{
    if (!is_quick(p) || p->step_count != 3 || c->kept_offset != 0 || p->single != &p->steps[2])
        return NULL;
    const step *left = &p->steps[0], *right = &p->steps[1], *out = &p->steps[2];
    if (left->code != OP_RECORD || left->visible != SELF_ARGUMENT || left->aux.record != c)
        return NULL;
    if (right->code != OP_RECORD || right->visible != 0 || right->aux.record != c ||
        right->flags & STEP_NULLABLE)
        return NULL;
    if (out->code != OP_OUT || out->scalar != OP_RECORD_VALUE || out->aux.record != c ||
        out->flags & STEP_READS)
        return NULL;
    return binary_record;
}

/* ---- a handle gives a number ---------------------------------------------------------------------------- */

static void *unary_scalar(void *self_, void *b, void *c_, void *d, target *t_)
{
    (void)b;
    (void)c_;
    (void)d;
    const slot_target *t = (const slot_target *)t_;
    class_record *c = t->c;
    plan *p = t->p;
    PyObject *self = self_;
    void *handle = handle_of(c, self);
    if (unlikely(handle == NULL))
        return NULL;
    _Alignas(16) unsigned char block[SIMPLE_BLOCK], result[SIMPLE_RESULT], storage[32] = {0};
    frame f = {.plan = p, .self = self, .call = p->call, .block = block, .result = result,
               .storage = storage};
    frame_set_pointer(&f, &p->steps[0], handle);
    frame_set_pointer(&f, &p->steps[1], storage);
    if (unlikely(!invoke(p, &f)))
        return NULL;
    if (p->steps[1].scalar == OP_I64) {
        long long number;
        memcpy(&number, storage, sizeof number);
        return PyLong_FromLongLong(number);
    }
    return scalar_load((op)p->steps[1].scalar, storage);
}

stub_entry slot_quick_unary(const class_record *c, const plan *p)
{
    if (!is_quick(p) || p->step_count != 2 || p->single != &p->steps[1])
        return NULL;
    const step *self = &p->steps[0], *out = &p->steps[1];
    if (self->code != OP_HANDLE || self->visible != SELF_ARGUMENT || self->aux.record != c)
        return NULL;
    if (out->code != OP_OUT || out->visible != NO_ARGUMENT || out->scalar < OP_I8 ||
        out->scalar > OP_CLDOUBLE || out->flags & (STEP_ENUM | STEP_READS))
        return NULL;
    return unary_scalar;
}
