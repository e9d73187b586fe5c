/* lucas_mod.c - far terms of linear recurrences, modulo a number.
 *
 * Term n is a fixed combination of the first k terms. Its weights are the coefficients of x^n
 * modulo the characteristic polynomial x^k - coef[k-1] x^(k-1) - ... - coef[0], and x^n is had by
 * repeated squaring. After C. M. Fiduccia, "An Efficient Formula for Linear Recurrences", SIAM
 * Journal on Computing 14 (1985), pages 106 to 112.
 */
#include "internal.h"
#include "recurrence.h"

#include <string.h>

__extension__ typedef unsigned __int128 uwide;

/* A sum of products that is not yet reduced: low + carry * 2^128. */
struct total {
    uwide low;
    uint64_t carry;
};

/* The polynomials modulo m that x^n is computed with, in one allocation that lasts for one call.
 * All numbers in coef and power are below m. */
struct work {
    size_t order;
    uint64_t m;
    uint64_t turn;        /* 2^128 modulo m */
    struct total *totals; /* 2 * order - 1: a product of two polynomials */
    uint64_t *coef;       /* order */
    uint64_t *power;      /* order: x^(so far), modulo the characteristic polynomial */
};

static uint64_t residue(int64_t number, uint64_t m)
{
    /* ~number is -number - 1, which does not overflow. */
    return number >= 0 ? (uint64_t)number % m : m - 1 - (uint64_t)~number % m;
}

static void add_product(struct total *total, uint64_t a, uint64_t b)
{
    uwide product = (uwide)a * b;

    total->low += product;
    total->carry += total->low < product;
}

static uint64_t reduce(const struct work *work, const struct total *total)
{
    uwide carried = (uwide)(total->carry % work->m) * work->turn;

    return (uint64_t)((carried + total->low % work->m) % work->m);
}

static void square(struct work *work)
{
    size_t order = work->order;
    struct total *totals = work->totals;

    memset(totals, 0, (2 * order - 1) * sizeof *totals);
    for (size_t i = 0; i < order; i++) {
        for (size_t j = 0; j < order; j++) {
            add_product(&totals[i + j], work->power[i], work->power[j]);
        }
    }
    /* From the top down, x^degree is coef[i] times x^(degree - order + i). */
    for (size_t degree = 2 * order - 2; degree >= order; degree--) {
        uint64_t weight = reduce(work, &totals[degree]);

        for (size_t i = 0; i < order; i++) {
            add_product(&totals[degree - order + i], weight, work->coef[i]);
        }
    }
    for (size_t i = 0; i < order; i++) {
        work->power[i] = reduce(work, &totals[i]);
    }
}

static void multiply_by_x(struct work *work)
{
    uint64_t *power = work->power;
    uint64_t weight = power[work->order - 1];

    for (size_t i = work->order; i-- > 0;) {
        uint64_t shifted = i > 0 ? power[i - 1] : 0;

        power[i] = (uint64_t)(((uwide)weight * work->coef[i] + shifted) % work->m);
    }
}

static void raise_x(struct work *work, uint64_t n)
{
    uint64_t prefix = n;
    unsigned bits = 0;

    /* The leading bits of n that make a number below the order need no arithmetic. */
    while (prefix >= work->order) {
        prefix >>= 1;
        bits++;
    }
    memset(work->power, 0, work->order * sizeof *work->power);
    work->power[prefix] = 1 % work->m;
    while (bits-- > 0) {
        square(work);
        if (n >> bits & 1) {
            multiply_by_x(work);
        }
    }
}

enum core_status core_lucas_mod(const int64_t *coef, size_t n_coef, const int64_t *vals,
                                size_t n_vals, uint64_t n, uint64_t m, uint64_t *result)
{
    enum core_status status = core_recurrence_check(coef, n_coef, vals, n_vals);
    struct work work = {.order = n_coef, .m = m};
    struct total term = {0, 0};
    size_t size;

    if (status != CORE_OK) {
        return status;
    }
    if (m == 0) {
        return core_fail(CORE_INVALID, "m is 0: there is no remainder modulo 0");
    }
    if (result == NULL) {
        return core_fail_null("result");
    }
    size = (2 * n_coef - 1) * sizeof *work.totals + 2 * n_coef * sizeof *work.coef;
    work.totals = core_allocate(size);
    if (work.totals == NULL) {
        return core_fail_memory(size);
    }
    work.coef = (uint64_t *)(work.totals + 2 * n_coef - 1);
    work.power = work.coef + n_coef;
    work.turn = (uint64_t)((~(uwide)0 % m + 1) % m);
    for (size_t i = 0; i < n_coef; i++) {
        work.coef[i] = residue(coef[i], m);
    }
    raise_x(&work, n);
    for (size_t i = 0; i < n_coef; i++) {
        add_product(&term, work.power[i], residue(vals[i], m));
    }
    *result = reduce(&work, &term);
    core_free(work.totals);
    return CORE_OK;
}
