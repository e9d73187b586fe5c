/* lucas.c - linear recurrences term by term, exactly. */
#include "internal.h"
#include "recurrence.h"

#include <stdbool.h>
#include <string.h>

#ifndef __SIZEOF_INT128__
#error "libcore needs a compiler with 128-bit integers, as gcc and clang have on 64-bit machines"
#endif

__extension__ typedef __int128 wide;

/* One allocation, owned by the caller of core_lucas_new, used by one thread at a time.
 *
 * The ring holds the next `ready` terms to be given out, beginning at ring[oldest] and wrapping
 * around at the order. A term is computed when the one that it replaces is given out. While every
 * term fits, ready stays at the order; once one does not, no more are computed and ready falls to
 * 0, where the sequence ends. */
struct core_lucas {
    size_t order;  /* 1 to CORE_LUCAS_ORDER_MAX */
    size_t oldest; /* below order */
    size_t ready;  /* at most order */
    int64_t *ring; /* order terms, behind the coefficients */
    int64_t coef[];
};

/* A sum of at most 2^32 products of 64-bit numbers: low + carry * 2^128, with no bit lost. */
struct sum {
    wide low;
    int64_t carry;
};

static void sum_add_products(struct sum *sum, const int64_t *coef, const int64_t *terms, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        /* At most 2^126, which is in range. */
        wide product = (wide)coef[i] * terms[i];

        if (__builtin_add_overflow(sum->low, product, &sum->low)) {
            sum->carry += product < 0 ? -1 : 1;
        }
    }
}

/* Whether the sum fits 64 bits; then *term is it. The range of low is one full turn, so the sum is
 * in it only when carry is 0. */
static bool sum_fits(const struct sum *sum, int64_t *term)
{
    if (sum->carry != 0 || sum->low < INT64_MIN || sum->low > INT64_MAX) {
        return false;
    }
    *term = (int64_t)sum->low;
    return true;
}

enum core_status core_recurrence_check(const int64_t *coef, size_t n_coef, const int64_t *vals,
                                       size_t n_vals)
{
    if (n_coef != n_vals) {
        return core_fail(CORE_INVALID, "coef and vals differ in length: %zu and %zu", n_coef,
                         n_vals);
    }
    if (n_coef == 0) {
        return core_fail(CORE_INVALID, "coef and vals are empty: there must be one coefficient");
    }
    if (n_coef > CORE_LUCAS_ORDER_MAX) {
        return core_fail(CORE_INVALID, "coef and vals are too long: %zu, at most %d are allowed",
                         n_coef, CORE_LUCAS_ORDER_MAX);
    }
    if (coef == NULL) {
        return core_fail_null("coef");
    }
    if (vals == NULL) {
        return core_fail_null("vals");
    }
    return CORE_OK;
}

static size_t size_for_order(size_t order)
{
    return sizeof(core_lucas) + 2 * order * sizeof(int64_t);
}

enum core_status core_lucas_new(const int64_t *coef, size_t n_coef, const int64_t *vals,
                                size_t n_vals, core_lucas **out)
{
    enum core_status status = core_recurrence_check(coef, n_coef, vals, n_vals);
    core_lucas *sequence;

    if (status != CORE_OK) {
        return status;
    }
    if (out == NULL) {
        return core_fail_null("out");
    }
    sequence = core_allocate(size_for_order(n_coef));
    if (sequence == NULL) {
        return core_fail_memory(size_for_order(n_coef));
    }
    sequence->order = n_coef;
    sequence->oldest = 0;
    sequence->ready = n_coef;
    sequence->ring = sequence->coef + n_coef;
    memcpy(sequence->coef, coef, n_coef * sizeof *coef);
    memcpy(sequence->ring, vals, n_vals * sizeof *vals);
    *out = sequence;
    return CORE_OK;
}

void core_lucas_free(core_lucas *sequence)
{
    core_free(sequence);
}

size_t core_lucas_order(const core_lucas *sequence)
{
    return sequence->order;
}

/* Moves past the oldest term, of which there must be one, and returns it. Its place goes to the
 * term that it completes the sum of. */
static int64_t step(core_lucas *sequence)
{
    int64_t *place = &sequence->ring[sequence->oldest];
    int64_t term = *place;
    size_t before_wrap = sequence->order - sequence->oldest;

    if (sequence->ready == sequence->order) {
        struct sum sum = {0, 0};

        sum_add_products(&sum, sequence->coef, place, before_wrap);
        sum_add_products(&sum, sequence->coef + before_wrap, sequence->ring, sequence->oldest);
        if (!sum_fits(&sum, place)) {
            sequence->ready--;
        }
    } else {
        sequence->ready--;
    }
    sequence->oldest = before_wrap == 1 ? 0 : sequence->oldest + 1;
    return term;
}

enum core_status core_lucas_next(core_lucas *sequence, int64_t *term)
{
    if (sequence == NULL) {
        return core_fail_null("sequence");
    }
    if (term == NULL) {
        return core_fail_null("term");
    }
    if (sequence->ready == 0) {
        return core_fail(CORE_OVERFLOW, "the next term does not fit in 64 bits");
    }
    *term = step(sequence);
    return CORE_OK;
}

/* Writes as many of the next n terms as fit, without moving, and returns how many. */
static size_t peek(const core_lucas *sequence, int64_t *terms, size_t n)
{
    size_t order = sequence->order;
    size_t i;

    for (i = 0; i < n && i < sequence->ready; i++) {
        size_t wrap = order - sequence->oldest;

        terms[i] = sequence->ring[i < wrap ? sequence->oldest + i : i - wrap];
    }
    if (sequence->ready < order) {
        return i;
    }
    for (; i < n; i++) {
        struct sum sum = {0, 0};

        sum_add_products(&sum, sequence->coef, &terms[i - order], order);
        if (!sum_fits(&sum, &terms[i])) {
            break;
        }
    }
    return i;
}

enum core_status core_lucas_take(core_lucas *sequence, int64_t *terms, size_t n, size_t *taken)
{
    size_t steps = n;

    if (sequence == NULL) {
        return core_fail_null("sequence");
    }
    if (terms == NULL && n > 0) {
        return core_fail_null("terms");
    }
    if (taken == NULL) {
        return core_fail_null("taken");
    }
    *taken = peek(sequence, terms, n);
    if (*taken < n) {
        return core_fail(CORE_OVERFLOW, "only %zu of %zu terms fit in 64 bits", *taken, n);
    }
    if (n > sequence->order) {
        /* Skip to the last k of the terms; they are all that the following ones depend on. */
        steps = sequence->order;
        memcpy(sequence->ring, terms + (n - steps), steps * sizeof *terms);
        sequence->oldest = 0;
    }
    while (steps-- > 0) {
        (void)step(sequence);
    }
    return CORE_OK;
}

enum core_status core_lucas_available(const core_lucas *sequence, size_t limit, size_t *count)
{
    core_lucas *scout;
    size_t found;

    if (sequence == NULL) {
        return core_fail_null("sequence");
    }
    if (count == NULL) {
        return core_fail_null("count");
    }
    if (limit <= sequence->ready || sequence->ready < sequence->order) {
        *count = limit < sequence->ready ? limit : sequence->ready;
        return CORE_OK;
    }
    scout = core_allocate(size_for_order(sequence->order));
    if (scout == NULL) {
        return core_fail_memory(size_for_order(sequence->order));
    }
    memcpy(scout, sequence, size_for_order(sequence->order));
    scout->ring = scout->coef + scout->order;
    /* The terms in the ring are known to fit: each step that leaves it full finds one more. */
    for (found = scout->ready; found < limit; found++) {
        (void)step(scout);
        if (scout->ready < scout->order) {
            break;
        }
    }
    core_lucas_free(scout);
    *count = found;
    return CORE_OK;
}

enum core_status core_lucas_numbers(size_t n, int64_t **terms, size_t *count)
{
    int64_t *numbers;
    size_t size;

    if (terms == NULL) {
        return core_fail_null("terms");
    }
    if (count == NULL) {
        return core_fail_null("count");
    }
    if (n > CORE_LUCAS_NUMBERS_MAX) {
        return core_fail(CORE_OVERFLOW, "only the first %d Lucas numbers fit in 64 bits, not %zu",
                         CORE_LUCAS_NUMBERS_MAX, n);
    }
    size = (n > 0 ? n : 1) * sizeof *numbers;
    numbers = core_allocate(size);
    if (numbers == NULL) {
        return core_fail_memory(size);
    }
    for (size_t i = 0; i < n; i++) {
        numbers[i] = i < 2 ? 2 - (int64_t)i : numbers[i - 2] + numbers[i - 1];
    }
    *terms = numbers;
    *count = n;
    return CORE_OK;
}
