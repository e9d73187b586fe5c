/* callback.h - Python functions that load passes to C; see callback.c. */
#ifndef SYMBRIDGE_CPYTHON_CALLBACK_H
#define SYMBRIDGE_CPYTHON_CALLBACK_H

#include "attach.h"

/* One Python function that C can call. C memory. */
typedef struct callback callback;

/* The parameters of a function that are callbacks. */
extern const converter callback_converter;

/* What a plan knows of callbacks for its steps, made when each is first given one; see plan.h. */
void callback_plans_free(plan *p);

/* After a call, with what the user gets (NULL after an exception): handles that hold callbacks are
 * given them. */
void callbacks_hold(frame *f, PyObject *made);

/* The callbacks that end with a handle: `word` is its list, of which the handle owns all. */
int callbacks_traverse(callback *list, visitproc visit, void *arg);
void callbacks_end(callback **word);

/* What was lent to a callback, a record in C's memory, is refused after it: `owner` of a place. */
bool loan_check(PyObject *owner);

/* While C stores a callback of a binding, each of its functions may lead into Python: all are
 * announced (attach.h), and quick ones lose their shortest entries. */
static inline void plan_announce(plan *p, bool announced)
{
    if (announced) {
        p->flags |= PLAN_ANNOUNCED;
        p->entry = plan_entry(p);
    }
    else if (!(p->flags & PLAN_CALLS_BACK)) {
        p->flags &= (uint16_t)~PLAN_ANNOUNCED;
        p->entry = p->own_entry;
    }
}

#endif
