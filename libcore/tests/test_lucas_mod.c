/* Far terms of linear recurrences modulo a number. */
#include "core/lucas.h"

#include "check.h"

__extension__ typedef __int128 wide;
__extension__ typedef unsigned __int128 uwide;

static const int64_t ones[2] = {1, 1};
static const int64_t fibonacci[2] = {0, 1};
static const int64_t lucas[2] = {2, 1};

/* Moduli of every kind: tiny, powers of 2, primes, and the greatest. */
static const uint64_t moduli[] = {
    1,
    2,
    3,
    10,
    97,
    1u << 31,
    UINT64_C(1) << 32,
    1000000007,
    UINT64_C(1) << 63,
    (UINT64_C(1) << 63) + 1,
    UINT64_MAX - 58,
    UINT64_MAX,
};

#define MODULI (sizeof moduli / sizeof moduli[0])

static uint64_t residue(int64_t number, uint64_t m)
{
    wide remainder = (wide)number % (wide)m;

    return (uint64_t)(remainder < 0 ? remainder + (wide)m : remainder);
}

/* Compares terms 0 to n with a recurrence that is run modulo m, step by step. */
static void check_against_steps(const int64_t *coef, const int64_t *vals, size_t k, uint64_t m,
                                size_t n)
{
    uint64_t window[16];

    for (size_t i = 0; i < k; i++) {
        window[i] = residue(vals[i], m);
    }
    for (size_t term = 0; term < n; term++) {
        uint64_t result = m;
        uint64_t next = 0;

        CHECK_OK(core_lucas_mod(coef, k, vals, k, term, m, &result));
        CHECK_UINT(result, window[0]);
        for (size_t i = 0; i < k; i++) {
            next = (uint64_t)(((uwide)residue(coef[i], m) * window[i] + next) % m);
        }
        memmove(window, window + 1, (k - 1) * sizeof window[0]);
        window[k - 1] = next;
    }
}

static void a_small_modulus_agrees_with_the_terms(void)
{
    const uint64_t expected[] = {2, 1, 3, 4, 7, 1, 8, 9, 7, 6};
    uint64_t result;

    for (size_t n = 0; n < 10; n++) {
        CHECK_OK(core_lucas_mod(ones, 2, lucas, 2, n, 10, &result));
        CHECK_UINT(result, expected[n]);
    }
}

static void every_term_agrees_with_stepping_for_every_order(void)
{
    const int64_t coef[] = {7, -3, 0, INT64_MIN, INT64_MAX, 1, -1, 123456789012345678, 2};
    const int64_t vals[] = {-5, INT64_MAX, INT64_MIN, 0, 1, -1, 42, 7, -987654321098765432};

    for (size_t k = 1; k <= sizeof coef / sizeof coef[0]; k++) {
        for (size_t i = 0; i < MODULI; i++) {
            check_against_steps(coef, vals, k, moduli[i], 70);
        }
    }
}

static void known_far_terms(void)
{
    uint64_t result;

    CHECK_OK(
        core_lucas_mod(ones, 2, fibonacci, 2, UINT64_C(1000000000000000000), 1000000007, &result));
    CHECK_UINT(result, 209783453);
    CHECK_OK(core_lucas_mod(ones, 2, fibonacci, 2, UINT64_MAX, UINT64_MAX, &result));
    CHECK_UINT(result, UINT64_C(4093298358055684510));
    CHECK_OK(core_lucas_mod(ones, 2, fibonacci, 2, UINT64_MAX, UINT64_MAX - 58, &result));
    CHECK_UINT(result, UINT64_C(18446743708274255395));
}

static void order_one_is_a_power(void)
{
    const int64_t three = 3;
    const int64_t one = 1;
    uint64_t result;

    /* Fermat: 3^(p - 1) is 1 modulo a prime p. */
    CHECK_OK(core_lucas_mod(&three, 1, &one, 1, 1000000006, 1000000007, &result));
    CHECK_UINT(result, 1);
    CHECK_OK(core_lucas_mod(&three, 1, &one, 1, UINT64_MAX - 59, UINT64_MAX - 58, &result));
    CHECK_UINT(result, 1);
}

static void negative_terms_have_remainders_from_zero_up(void)
{
    const int64_t coef = 1;
    const int64_t val = -1;
    const int64_t least = INT64_MIN;
    uint64_t result;

    CHECK_OK(core_lucas_mod(&coef, 1, &val, 1, 5, 10, &result));
    CHECK_UINT(result, 9);
    CHECK_OK(core_lucas_mod(&coef, 1, &least, 1, 5, UINT64_MAX, &result));
    CHECK_UINT(result, UINT64_MAX - (UINT64_C(1) << 63));
    CHECK_OK(core_lucas_mod(&coef, 1, &least, 1, 0, UINT64_C(1) << 63, &result));
    CHECK_UINT(result, 0);
}

static void modulo_one_everything_is_zero(void)
{
    uint64_t result = 9;

    CHECK_OK(core_lucas_mod(ones, 2, lucas, 2, 0, 1, &result));
    CHECK_UINT(result, 0);
    CHECK_OK(core_lucas_mod(ones, 2, lucas, 2, UINT64_MAX, 1, &result));
    CHECK_UINT(result, 0);
}

static void modulo_zero_is_refused(void)
{
    uint64_t result = 9;

    CHECK_FAILS(core_lucas_mod(ones, 2, lucas, 2, 5, 0, &result), CORE_INVALID,
                "m is 0: there is no remainder modulo 0");
    CHECK_UINT(result, 9);
}

static void bad_recurrences_are_refused(void)
{
    static const int64_t many[CORE_LUCAS_ORDER_MAX + 1];
    uint64_t result;

    CHECK_FAILS(core_lucas_mod(ones, 2, lucas, 1, 5, 7, &result), CORE_INVALID,
                "coef and vals differ in length: 2 and 1");
    CHECK_STATUS(core_lucas_mod(NULL, 0, NULL, 0, 5, 7, &result), CORE_INVALID);
    CHECK_STATUS(core_lucas_mod(many, 4097, many, 4097, 5, 7, &result), CORE_INVALID);
    CHECK_FAILS(core_lucas_mod(NULL, 2, lucas, 2, 5, 7, &result), CORE_INVALID, "coef is NULL");
    CHECK_FAILS(core_lucas_mod(ones, 2, NULL, 2, 5, 7, &result), CORE_INVALID, "vals is NULL");
    CHECK_FAILS(core_lucas_mod(ones, 2, lucas, 2, 5, 7, NULL), CORE_INVALID, "result is NULL");
}

static void the_highest_order_agrees_with_stepping(void)
{
    /* The sum of the last k terms, all ones at first: 2 t(n - 1) - t(n - 1 - k) from term k on. */
    static int64_t many[CORE_LUCAS_ORDER_MAX];
    static uint64_t terms[CORE_LUCAS_ORDER_MAX + 3];
    const uint64_t m = UINT64_MAX;
    uint64_t result;

    for (size_t i = 0; i < CORE_LUCAS_ORDER_MAX; i++) {
        many[i] = 1;
        terms[i] = 1;
    }
    terms[CORE_LUCAS_ORDER_MAX] = CORE_LUCAS_ORDER_MAX;
    for (size_t i = CORE_LUCAS_ORDER_MAX + 1; i < CORE_LUCAS_ORDER_MAX + 3; i++) {
        terms[i] = 2 * terms[i - 1] - terms[i - 1 - CORE_LUCAS_ORDER_MAX];
    }
    for (size_t n = CORE_LUCAS_ORDER_MAX - 1; n < CORE_LUCAS_ORDER_MAX + 3; n++) {
        CHECK_OK(
            core_lucas_mod(many, CORE_LUCAS_ORDER_MAX, many, CORE_LUCAS_ORDER_MAX, n, m, &result));
        CHECK_UINT(result, terms[n]);
    }
}

int main(void)
{
    static const struct test tests[] = {
        TEST(a_small_modulus_agrees_with_the_terms),
        TEST(every_term_agrees_with_stepping_for_every_order),
        TEST(known_far_terms),
        TEST(order_one_is_a_power),
        TEST(negative_terms_have_remainders_from_zero_up),
        TEST(modulo_one_everything_is_zero),
        TEST(modulo_zero_is_refused),
        TEST(bad_recurrences_are_refused),
        TEST(the_highest_order_agrees_with_stepping),
    };

    return RUN_TESTS(tests);
}
