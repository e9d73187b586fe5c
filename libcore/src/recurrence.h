/* recurrence.h - what the exact and the modular form of linear recurrences share. */
#ifndef CORE_RECURRENCE_H
#define CORE_RECURRENCE_H

#include "core/status.h"

/* Whether the arguments describe a recurrence, as core_lucas_new documents. */
enum core_status core_recurrence_check(const int64_t *coef, size_t n_coef, const int64_t *vals,
                                       size_t n_vals);

#endif
