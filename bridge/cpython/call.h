/* call.h - what the files that run plans share: argument.c, result.c, variadic.c, call.c.
 *
 * Not for the rest of the extension, which uses plan_call and its kin of bridge.h. */
#ifndef SYMBRIDGE_CPYTHON_CALL_H
#define SYMBRIDGE_CPYTHON_CALL_H

#include "bridge.h"

#define MAX_ARGUMENTS SB_MAX_PARAMETERS

/* The user's object for a step; borrowed. NULL for steps that take none. */
static inline PyObject *argument_of(const frame *f, const step *s)
{
    return likely(s->visible >= 0) ? f->args[s->visible]
           : s->visible == SELF_ARGUMENT ? f->self
                                         : NULL;
}

/* argument.c: fills bound[visible_count] from positions, keywords and defaults; borrowed. */
COLD int arguments_bind(const plan *p, PyObject *const *args, Py_ssize_t count, PyObject *kwnames,
                        PyObject **bound);
COLD int arguments_wrong_count(const plan *p, Py_ssize_t given);
/* Converts the argument of a step that is not OP_GENERAL into the block. */
int argument_load(frame *f, const step *s);

/* result.c: 1: the call succeeded; 0: it ended an iteration; -1: an exception is set. */
int result_check(frame *f);
/* All that the user gets; a new reference. */
PyObject *result_make(frame *f);
/* Destroys handles that steps from `first` on were to hand out. */
COLD void result_drop(const frame *f, int first, bool only_owned);

/* call.c: runs a plan in its own frame. `prepared` is the block of a variadic call, with the
 * variadic arguments in their places, or NULL. */
PyObject *call_general(plan *p, const sb_call *call, PyObject *self, PyObject *const *args,
                       const unsigned char *prepared);

/* variadic.c: the entry of functions whose declaration ends in "...". */
void *enter_variadic(void *self, void *args, void *count, void *kwnames, target *t);

#endif
