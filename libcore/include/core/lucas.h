/* core/lucas.h - Lucas sequences and other linear recurrences with constant coefficients.
 *
 * A recurrence of order k is given by k coefficients and its first k terms, oldest first. Each
 * further term is the sum of coef[i] * t[i], where t[0] is the oldest of the k terms before it.
 * So coef {1, 1} with vals {2, 1} gives the Lucas numbers 2, 1, 3, 4, 7, 11; coef {2, 1} with
 * vals {0, 1} the Jacobsthal numbers 0, 1, 1, 3, 5, 11; coef {1, 2} with vals {0, 1} the Pell
 * numbers 0, 1, 2, 5, 12, 29.
 *
 * Terms are exact. A sequence delivers every term up to the first that does not fit 64 bits, and
 * from there on answers CORE_OVERFLOW for ever, even where a later term would fit again. A sum
 * that leaves 64 bits on the way but comes back is no overflow.
 */
#ifndef CORE_LUCAS_H
#define CORE_LUCAS_H

#include "status.h"

#ifdef __cplusplus
extern "C" {
#endif

/** The highest order of a recurrence: that many coefficients. */
#define CORE_LUCAS_ORDER_MAX 4096

/** How many Lucas numbers fit 64 bits. */
#define CORE_LUCAS_NUMBERS_MAX 91

/** The terms of a linear recurrence, oldest first: a position in an endless sequence.
 *
 * Made by core_lucas_new, freed by core_lucas_free. One thread at a time. Since 1.0. */
typedef struct core_lucas core_lucas;

/** Makes a sequence that stands before its first term, vals[0].
 *
 * coef: n_coef coefficients, coef[0] for the oldest term; copied.
 * n_coef: the order, 1 to CORE_LUCAS_ORDER_MAX.
 * vals: the first n_vals terms; copied.
 * n_vals: equal to n_coef.
 * out: the new sequence; the caller frees it with core_lucas_free.
 * Errors: CORE_INVALID for lengths that differ, are 0 or above the highest order; CORE_NOMEM.
 * Any thread. Since 1.0. */
CORE_API enum core_status core_lucas_new(const int64_t *coef, size_t n_coef, const int64_t *vals,
                                         size_t n_vals, core_lucas **out);

/** Frees a sequence.
 *
 * sequence: may be NULL. Never fails. One thread at a time. Since 1.0. */
CORE_API void core_lucas_free(core_lucas *sequence);

/** Gives the next term and moves past it.
 *
 * term: the term.
 * Errors: CORE_OVERFLOW when this term, or one before it, does not fit 64 bits.
 * Takes time proportional to the order. One thread at a time. Since 1.0. */
CORE_API enum core_status core_lucas_next(core_lucas *sequence, int64_t *term);

/** Gives the next n terms and moves past them: all of them, or none.
 *
 * terms: room for n terms; may be NULL when n is 0.
 * taken: how many terms were written, on success n.
 * Errors: CORE_OVERFLOW when fewer than n terms fit 64 bits. Then *taken says how many do, those
 * are written to terms, the rest of terms is unchanged, and the sequence has not moved: they can
 * be had again with core_lucas_next, or by asking for *taken terms.
 * Takes time proportional to n times the order. One thread at a time. Since 1.0. */
CORE_API enum core_status core_lucas_take(core_lucas *sequence, int64_t *terms, size_t n,
                                          size_t *taken);

/** Counts how many of the next terms fit 64 bits, up to a limit, without moving. A sequence of
 * small terms may never overflow: the limit is what ends the count.
 *
 * limit: the highest count of interest.
 * count: the result, at most limit.
 * Errors: CORE_NOMEM.
 * Takes time proportional to the count times the order. Any thread. Since 1.0. */
CORE_API enum core_status core_lucas_available(const core_lucas *sequence, size_t limit,
                                               size_t *count);

/** The order of a sequence: how many coefficients it has.
 *
 * Never fails. Any thread. Since 1.0. */
CORE_API size_t core_lucas_order(const core_lucas *sequence);

/** Term n of a recurrence modulo m, without the terms before it; vals[0] is term 0.
 *
 * coef, n_coef, vals, n_vals: as for core_lucas_new.
 * n: any number.
 * m: the modulus, not 0.
 * result: the term modulo m, from 0 to m - 1, for negative terms too.
 * Errors: CORE_INVALID as for core_lucas_new, and for m 0; CORE_NOMEM. There is no overflow.
 * Takes time proportional to the order squared times the logarithm of n. Any thread. Since 1.0. */
CORE_API enum core_status core_lucas_mod(const int64_t *coef, size_t n_coef, const int64_t *vals,
                                         size_t n_vals, uint64_t n, uint64_t m, uint64_t *result);

/** The first n Lucas numbers: 2, 1, 3, 4, 7, 11.
 *
 * n: 0 to CORE_LUCAS_NUMBERS_MAX.
 * terms: the numbers, not NULL even when n is 0; the caller frees them with core_free.
 * count: how many there are: n.
 * Errors: CORE_OVERFLOW for a greater n; CORE_NOMEM. Any thread. Since 1.0. */
CORE_API enum core_status core_lucas_numbers(size_t n, int64_t **terms, size_t *count);

#ifdef __cplusplus
}
#endif

#endif
