/* What core/integrate.h promises. */
#include "core/integrate.h"

#include "check.h"

#include <math.h>

/* A polynomial, and what a test wants to know of the calls. */
struct integrand {
    double coefficients[4];
    unsigned calls;
    unsigned fail_at; /* the call that fails, from 1; 0: none */
    double first, last;
    int in_order;
};

static enum core_status polynomial(double x, double *y, void *user)
{
    struct integrand *f = user;

    if (f->calls == 0) {
        f->first = x;
        f->in_order = 1;
    } else {
        f->in_order &= x > f->last;
    }
    f->last = x;
    if (++f->calls == f->fail_at) {
        return CORE_STUCK;
    }
    *y = ((f->coefficients[3] * x + f->coefficients[2]) * x + f->coefficients[1]) * x +
         f->coefficients[0];
    return CORE_OK;
}

static enum core_status sine(double x, double *y, void *user)
{
    (void)user;
    *y = sin(x);
    return CORE_OK;
}

static double integral(struct integrand f, double a, double b, size_t n)
{
    double result = NAN;

    CHECK_OK(core_integrate(polynomial, &f, a, b, n, &result));
    return result;
}

static void polynomials_up_to_the_third_degree_are_exact(void)
{
    CHECK(integral((struct integrand){.coefficients = {2}}, 0, 8, 1) == 16);
    CHECK(integral((struct integrand){.coefficients = {0, 1}}, 0, 4, 2) == 8);
    CHECK(integral((struct integrand){.coefficients = {0, 0, 3}}, 0, 2, 4) == 8);
    CHECK(integral((struct integrand){.coefficients = {0, 0, 0, 4}}, 0, 4, 8) == 256);
}

static void other_functions_converge(void)
{
    double result = 0;

    CHECK_OK(core_integrate(sine, NULL, 0, acos(-1.0), 1000, &result));
    CHECK(fabs(result - 2) < 1e-12);
}

static void exchanged_bounds_change_the_sign(void)
{
    CHECK(integral((struct integrand){.coefficients = {2}}, 8, 0, 1) == -16);
    CHECK(integral((struct integrand){.coefficients = {2}}, 3, 3, 5) == 0);
}

static void the_function_is_called_in_order_from_a_to_b(void)
{
    struct integrand f = {.coefficients = {1}};
    double result;

    CHECK_OK(core_integrate(polynomial, &f, -1, 0.7, 10, &result));
    CHECK_UINT(f.calls, 21);
    CHECK(f.first == -1);
    CHECK(f.last == 0.7);
    CHECK(f.in_order);
}

static void a_status_of_the_function_stops_it(void)
{
    struct integrand f = {.coefficients = {1}, .fail_at = 4};
    double result = -1;

    CHECK_STATUS(core_integrate(polynomial, &f, 0, 1, 1000, &result), CORE_STUCK);
    CHECK_UINT(f.calls, 4);
    CHECK(result == -1);
}

static void wrong_arguments_are_refused(void)
{
    struct integrand f = {.coefficients = {1}};
    double result;

    CHECK_FAILS(core_integrate(NULL, NULL, 0, 1, 1, &result), CORE_INVALID,
                "function is NULL");
    CHECK_FAILS(core_integrate(polynomial, &f, 0, 1, 1, NULL), CORE_INVALID,
                "result is NULL");
    CHECK_FAILS(core_integrate(polynomial, &f, 0, 1, 0, &result), CORE_INVALID,
                "n must be at least 1");
    CHECK_FAILS(core_integrate(polynomial, &f, 0, INFINITY, 1, &result), CORE_INVALID,
                "the bounds must be finite, not 0 and inf");
    CHECK_UINT(f.calls, 0);
}

int main(void)
{
    static const struct test tests[] = {
        TEST(polynomials_up_to_the_third_degree_are_exact),
        TEST(other_functions_converge),
        TEST(exchanged_bounds_change_the_sign),
        TEST(the_function_is_called_in_order_from_a_to_b),
        TEST(a_status_of_the_function_stops_it),
        TEST(wrong_arguments_are_refused),
    };

    return RUN_TESTS(tests);
}
