/* core/integrate.h - integrals of functions of one number. */
#ifndef CORE_INTEGRATE_H
#define CORE_INTEGRATE_H

#include "status.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Integrates a function from a to b by Simpson's rule on n panels of equal width, which is exact
 * for polynomials up to the third degree but for rounding.
 *
 * function: writes its value at x to *y and returns CORE_OK; called 2 n + 1 times, with x from a to
 * b in order, in the calling thread. Any other status stops the integration at once.
 * user: handed to the function; may be NULL.
 * a, b: the bounds; b may be the lower one.
 * n: at least 1.
 * result: the integral.
 * Errors: CORE_INVALID when n is 0 or a bound is not finite; whatever status the function returns.
 * Any thread. Since 1.0. */
CORE_API enum core_status core_integrate(enum core_status (*function)(double x, double *y,
                                                                      void *user),
                                         void *user, double a, double b, size_t n, double *result);

#ifdef __cplusplus
}
#endif

#endif
