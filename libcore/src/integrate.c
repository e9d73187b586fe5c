/* integrate.c - Simpson's rule. */
#include "internal.h"

#include <math.h>

/* A sum with the rounding errors of its additions beside it (Neumaier). */
struct sum {
    double total;
    double lost;
};

static void add(struct sum *sum, double term)
{
    double total = sum->total + term;

    if (fabs(sum->total) >= fabs(term)) {
        sum->lost += (sum->total - total) + term;
    } else {
        sum->lost += (term - total) + sum->total;
    }
    sum->total = total;
}

enum core_status core_integrate(enum core_status (*function)(double x, double *y, void *user),
                                void *user, double a, double b, size_t n, double *result)
{
    struct sum sum = {0, 0};
    double half_panels;

    if (function == NULL) {
        return core_fail_null("function");
    }
    if (result == NULL) {
        return core_fail_null("result");
    }
    if (!isfinite(a) || !isfinite(b)) {
        return core_fail(CORE_INVALID, "the bounds must be finite, not %g and %g", a, b);
    }
    if (n == 0) {
        return core_fail(CORE_INVALID, "n must be at least 1");
    }
    half_panels = 2.0 * (double)n;
    for (size_t panel = 0; panel <= n; panel++) {
        for (int middle = 0; middle < (panel < n ? 2 : 1); middle++) {
            double at = 2.0 * (double)panel + middle;
            double x = panel == n ? b : a + (b - a) * (at / half_panels);
            double weight = middle != 0 ? 4 : panel == 0 || panel == n ? 1 : 2;
            double y = 0;
            enum core_status status = function(x, &y, user);

            if (status != CORE_OK) {
                return status;
            }
            add(&sum, weight * y);
        }
    }
    *result = (sum.total + (isfinite(sum.total) ? sum.lost : 0)) * (b - a) / (3.0 * half_panels);
    return CORE_OK;
}
