/* slot_quick.c - operators whose C function has the commonest shape:
 *
 *   T + T -> T      status f(const T *, const T *, T *out), or void
 *
 * The record of the new object is C's out parameter: nothing is converted and nothing copied.
 */
#include <errno.h>

#include "classes.h"
#include "register_call.h"

#if SB_HAVE_REGISTER_CALLS

/* Whether the function's status, if it has one, is 32 bits wide and 0 for success. */
static bool has_plain_status(const plan *p)
{
    const sb_type *t = &p->b->d->types[p->f->result.type];
    if (p->failure == SB_FAILS_NEVER)
        return t->kind == SB_VOID;
    return p->failure == SB_FAILS_STATUS && !p->zero_fails && t->size == sizeof(uint32_t) &&
           !(t->flags & SB_TYPE_SIGNED);
}

/* A status other than 0: an exception, or a success after all. */
static COLD PyObject *judge(plan *p, PyObject *left, PyObject *right, uint32_t status,
                            PyObject *made, void *record)
{
    int saved_errno = errno;
    _Alignas(16) uint64_t result[SIMPLE_RESULT / 8] = {status};
    PyObject *value = plan_finish(p, left, &right, result, record, saved_errno);
    Py_DECREF(made);
    return value;
}

static void *binary_record(void *a, void *b, void *c_, void *d, target *t_)
{
    const slot_target *t = (const slot_target *)t_;
    class_record *c = t->c;
    plan *p = t->p;
    PyObject *left = a, *right = b;
    if (unlikely(p->flags & PLAN_ANNOUNCED || Py_TYPE(left) != c->type || Py_TYPE(right) != c->type))
        return slot_binary(a, b, c_, d, t_);
    PyObject *made = PyObject_New(PyObject, c->type);
    if (unlikely(made == NULL))
        return NULL;
    char *record = (char *)made + c->payload;
    if (c->size == 8)
        memset(record, 0, 8);
    else
        memset(record, 0, c->size);
    uint64_t word = sb_general_3_word(p->function, (uintptr_t)left + (uintptr_t)c->payload,
                                      (uintptr_t)right + (uintptr_t)c->payload, (uintptr_t)record);
    if (p->failure == SB_FAILS_STATUS && unlikely((uint32_t)word != 0))
        return judge(p, left, right, (uint32_t)word, made, record);
    return made;
}

stub_entry slot_quick_binary(const class_record *c, const plan *p)
{
    if (!(p->flags & PLAN_HOT) || !has_plain_status(p) || p->step_count != 3 ||
        c->kept_offset != 0 || p->single != &p->steps[2])
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

#else

stub_entry slot_quick_binary(const class_record *c, const plan *p)
{
    (void)c;
    (void)p;
    return NULL;
}

#endif
