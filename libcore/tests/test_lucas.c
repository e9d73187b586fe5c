/* Linear recurrences term by term. */
#include "core/lucas.h"

#include "core/memory.h"
#include "check.h"

#define LAST_LUCAS INT64_C(6440026026380244498)

/* A sequence of two coefficients, or NULL after a failed check. */
static core_lucas *sequence_of(int64_t c0, int64_t c1, int64_t v0, int64_t v1)
{
    core_lucas *sequence = NULL;

    CHECK_OK(core_lucas_new((int64_t[]){c0, c1}, 2, (int64_t[]){v0, v1}, 2, &sequence));
    return sequence;
}

static void check_next(core_lucas *sequence, const int64_t *expected, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        int64_t term = -1;

        CHECK_OK(core_lucas_next(sequence, &term));
        CHECK_INT(term, expected[i]);
    }
}

static void check_ended(core_lucas *sequence)
{
    for (int i = 0; i < 20; i++) {
        int64_t term = 77;

        CHECK_FAILS(core_lucas_next(sequence, &term), CORE_OVERFLOW,
                    "the next term does not fit in 64 bits");
        CHECK_INT(term, 77);
    }
}

#define CHECK_NEXT(sequence, ...)                                                                  \
    check_next(sequence, (int64_t[]){__VA_ARGS__},                                                 \
               sizeof((int64_t[]){__VA_ARGS__}) / sizeof(int64_t))

static void the_lucas_numbers(void)
{
    core_lucas *sequence = sequence_of(1, 1, 2, 1);

    CHECK_NEXT(sequence, 2, 1, 3, 4, 7, 11, 18, 29, 47, 76);
    core_lucas_free(sequence);
}

static void the_fibonacci_numbers(void)
{
    core_lucas *sequence = sequence_of(1, 1, 0, 1);

    CHECK_NEXT(sequence, 0, 1, 1, 2, 3, 5, 8, 13, 21, 34);
    core_lucas_free(sequence);
}

static void the_first_coefficient_is_that_of_the_older_term(void)
{
    core_lucas *jacobsthal = sequence_of(2, 1, 0, 1);
    core_lucas *pell = sequence_of(1, 2, 0, 1);

    CHECK_NEXT(jacobsthal, 0, 1, 1, 3, 5, 11, 21);
    CHECK_NEXT(pell, 0, 1, 2, 5, 12, 29);
    core_lucas_free(jacobsthal);
    core_lucas_free(pell);
}

static void order_one_is_a_geometric_sequence(void)
{
    core_lucas *sequence;

    CHECK_OK(core_lucas_new((int64_t[]){-3}, 1, (int64_t[]){2}, 1, &sequence));
    CHECK_UINT(core_lucas_order(sequence), 1);
    CHECK_NEXT(sequence, 2, -6, 18, -54, 162);
    core_lucas_free(sequence);
}

static void order_three_wraps_around_its_ring(void)
{
    core_lucas *sequence;

    CHECK_OK(core_lucas_new((int64_t[]){1, 1, 1}, 3, (int64_t[]){0, 0, 1}, 3, &sequence));
    CHECK_UINT(core_lucas_order(sequence), 3);
    CHECK_NEXT(sequence, 0, 0, 1, 1, 2, 4, 7, 13, 24, 44, 81, 149, 274);
    core_lucas_free(sequence);
}

static void the_arguments_are_copied(void)
{
    int64_t coef[] = {1, 1};
    int64_t vals[] = {0, 1};
    core_lucas *sequence;

    CHECK_OK(core_lucas_new(coef, 2, vals, 2, &sequence));
    memset(coef, 0, sizeof coef);
    memset(vals, 0, sizeof vals);
    CHECK_NEXT(sequence, 0, 1, 1, 2, 3);
    core_lucas_free(sequence);
}

static void the_last_term_that_fits_is_delivered_and_then_it_overflows_for_ever(void)
{
    core_lucas *sequence = sequence_of(1, 1, 2, 1);
    int64_t term = 0;

    for (int i = 0; i <= 90; i++) {
        CHECK_OK(core_lucas_next(sequence, &term));
    }
    CHECK_INT(term, LAST_LUCAS);
    check_ended(sequence);
    core_lucas_free(sequence);
}

static void the_extremes_of_64_bits_are_delivered(void)
{
    core_lucas *sequence = sequence_of(1, 0, INT64_MIN, INT64_MAX);
    core_lucas *doubling;

    CHECK_NEXT(sequence, INT64_MIN, INT64_MAX, INT64_MIN, INT64_MAX);
    core_lucas_free(sequence);

    CHECK_OK(core_lucas_new((int64_t[]){2}, 1, (int64_t[]){INT64_MIN / 4}, 1, &doubling));
    CHECK_NEXT(doubling, INT64_MIN / 4, INT64_MIN / 2, INT64_MIN);
    check_ended(doubling);
    core_lucas_free(doubling);
}

static void one_more_than_the_greatest_overflows(void)
{
    core_lucas *sequence = sequence_of(1, 1, INT64_MAX, 1);
    core_lucas *below = sequence_of(1, 1, INT64_MIN, -1);

    CHECK_NEXT(sequence, INT64_MAX, 1);
    check_ended(sequence);
    CHECK_NEXT(below, INT64_MIN, -1);
    check_ended(below);
    core_lucas_free(sequence);
    core_lucas_free(below);
}

static void a_sum_that_leaves_64_bits_and_comes_back_is_delivered(void)
{
    core_lucas *sequence;

    CHECK_OK(core_lucas_new((int64_t[]){1, 1, 1}, 3,
                            (int64_t[]){INT64_MAX, INT64_MAX, -INT64_MAX - 1}, 3, &sequence));
    CHECK_NEXT(sequence, INT64_MAX, INT64_MAX, INT64_MIN, INT64_MAX - 1);
    core_lucas_free(sequence);
}

static void a_sum_that_leaves_128_bits_and_comes_back_is_delivered(void)
{
    int64_t coef[13];
    int64_t vals[13];
    core_lucas *sequence;

    /* Four times 2^126, less eight times 2^125, plus 5. */
    for (int i = 0; i < 12; i++) {
        coef[i] = INT64_MIN;
        vals[i] = i < 4 ? INT64_MIN : INT64_C(1) << 62;
    }
    coef[12] = 1;
    vals[12] = 5;
    CHECK_OK(core_lucas_new(coef, 13, vals, 13, &sequence));
    check_next(sequence, vals, 13);
    CHECK_NEXT(sequence, 5);
    core_lucas_free(sequence);

    /* The same downwards. */
    for (int i = 0; i < 12; i++) {
        vals[i] = i < 8 ? INT64_C(1) << 62 : INT64_MIN;
    }
    CHECK_OK(core_lucas_new(coef, 13, vals, 13, &sequence));
    check_next(sequence, vals, 13);
    CHECK_NEXT(sequence, 5);
    core_lucas_free(sequence);
}

static void a_sum_of_exactly_2_to_the_128_is_no_zero(void)
{
    int64_t extreme[4] = {INT64_MIN, INT64_MIN, INT64_MIN, INT64_MIN};
    core_lucas *sequence;

    CHECK_OK(core_lucas_new(extreme, 4, extreme, 4, &sequence));
    check_next(sequence, extreme, 4);
    check_ended(sequence);
    core_lucas_free(sequence);
}

static void a_term_that_would_fit_after_one_that_does_not_is_not_delivered(void)
{
    /* 1, 2, 2, 0, -4, -8, -8, 0 and again times 16: every fourth term is 0. */
    core_lucas *sequence = sequence_of(-2, 2, 1, 2);
    int64_t term;

    for (int i = 0; i < 128; i++) {
        CHECK_OK(core_lucas_next(sequence, &term));
    }
    CHECK_INT(term, 0);
    check_ended(sequence);
    core_lucas_free(sequence);
}

static void the_highest_order_is_accepted_and_one_more_refused(void)
{
    static int64_t ones[CORE_LUCAS_ORDER_MAX + 1];
    core_lucas *sequence = NULL;
    int64_t term;

    for (size_t i = 0; i <= CORE_LUCAS_ORDER_MAX; i++) {
        ones[i] = 1;
    }
    CHECK_FAILS(core_lucas_new(ones, 4097, ones, 4097, &sequence), CORE_INVALID,
                "coef and vals are too long: 4097, at most 4096 are allowed");
    CHECK(sequence == NULL);
    CHECK_OK(core_lucas_new(ones, 4096, ones, 4096, &sequence));
    CHECK_UINT(core_lucas_order(sequence), 4096);
    for (int i = 0; i < 4096; i++) {
        CHECK_OK(core_lucas_next(sequence, &term));
        CHECK_INT(term, 1);
    }
    CHECK_NEXT(sequence, 4096, 8191, 16381);
    core_lucas_free(sequence);
}

static void the_highest_order_with_extreme_numbers_overflows_cleanly(void)
{
    static int64_t extreme[CORE_LUCAS_ORDER_MAX];
    core_lucas *sequence;
    int64_t term;

    for (size_t i = 0; i < CORE_LUCAS_ORDER_MAX; i++) {
        extreme[i] = INT64_MIN;
    }
    CHECK_OK(core_lucas_new(extreme, 4096, extreme, 4096, &sequence));
    for (int i = 0; i < 4096; i++) {
        CHECK_OK(core_lucas_next(sequence, &term));
        CHECK_INT(term, INT64_MIN);
    }
    check_ended(sequence);
    core_lucas_free(sequence);
}

static void unequal_lengths_are_refused_with_both_lengths(void)
{
    int64_t numbers[3] = {1, 1, 1};
    core_lucas *sequence = NULL;

    CHECK_FAILS(core_lucas_new(numbers, 2, numbers, 3, &sequence), CORE_INVALID,
                "coef and vals differ in length: 2 and 3");
    CHECK_FAILS(core_lucas_new(NULL, 0, numbers, 3, &sequence), CORE_INVALID,
                "coef and vals differ in length: 0 and 3");
    CHECK(sequence == NULL);
}

static void no_coefficients_are_refused(void)
{
    core_lucas *sequence = NULL;

    CHECK_FAILS(core_lucas_new(NULL, 0, NULL, 0, &sequence), CORE_INVALID,
                "coef and vals are empty: there must be one coefficient");
    CHECK(sequence == NULL);
}

static void null_pointers_are_refused(void)
{
    int64_t one = 1;
    core_lucas *sequence = sequence_of(1, 1, 0, 1);
    size_t count;

    CHECK_FAILS(core_lucas_new(NULL, 1, &one, 1, &sequence), CORE_INVALID, "coef is NULL");
    CHECK_FAILS(core_lucas_new(&one, 1, NULL, 1, &sequence), CORE_INVALID, "vals is NULL");
    CHECK_FAILS(core_lucas_new(&one, 1, &one, 1, NULL), CORE_INVALID, "out is NULL");
    CHECK_FAILS(core_lucas_next(NULL, &one), CORE_INVALID, "sequence is NULL");
    CHECK_FAILS(core_lucas_next(sequence, NULL), CORE_INVALID, "term is NULL");
    CHECK_FAILS(core_lucas_take(NULL, &one, 1, &count), CORE_INVALID, "sequence is NULL");
    CHECK_FAILS(core_lucas_take(sequence, NULL, 1, &count), CORE_INVALID, "terms is NULL");
    CHECK_FAILS(core_lucas_take(sequence, &one, 1, NULL), CORE_INVALID, "taken is NULL");
    CHECK_FAILS(core_lucas_available(NULL, 1, &count), CORE_INVALID, "sequence is NULL");
    CHECK_FAILS(core_lucas_available(sequence, 1, NULL), CORE_INVALID, "count is NULL");
    core_lucas_free(sequence);
    core_lucas_free(NULL);
}

static void take_gives_the_next_terms_and_moves_past_them(void)
{
    core_lucas *sequence = sequence_of(1, 1, 2, 1);
    int64_t terms[10];
    const int64_t expected[10] = {2, 1, 3, 4, 7, 11, 18, 29, 47, 76};
    size_t taken = 0;

    CHECK_OK(core_lucas_take(sequence, terms, 10, &taken));
    CHECK_UINT(taken, 10);
    CHECK(memcmp(terms, expected, sizeof expected) == 0);
    CHECK_NEXT(sequence, 123, 199);
    core_lucas_free(sequence);
}

static void take_of_nothing_does_nothing(void)
{
    core_lucas *sequence = sequence_of(1, 1, 2, 1);
    size_t taken = 9;

    CHECK_OK(core_lucas_take(sequence, NULL, 0, &taken));
    CHECK_UINT(taken, 0);
    CHECK_NEXT(sequence, 2, 1, 3);
    core_lucas_free(sequence);
}

/* Takes of every size, in every position of the ring, against single steps. */
static void take_and_next_agree(void)
{
    const int64_t coef[] = {1, -2, 0, 3, -1};
    const int64_t vals[] = {3, -1, 4, 1, -5};

    for (size_t before = 0; before < 7; before++) {
        for (size_t n = 0; n < 14; n++) {
            core_lucas *taking;
            core_lucas *stepping;
            int64_t terms[14];
            int64_t term = 0;
            size_t taken = 99;

            CHECK_OK(core_lucas_new(coef, 5, vals, 5, &taking));
            CHECK_OK(core_lucas_new(coef, 5, vals, 5, &stepping));
            for (size_t i = 0; i < before; i++) {
                CHECK_OK(core_lucas_next(taking, &term));
                CHECK_OK(core_lucas_next(stepping, &term));
            }
            CHECK_OK(core_lucas_take(taking, terms, n, &taken));
            CHECK_UINT(taken, n);
            for (size_t i = 0; i < n; i++) {
                CHECK_OK(core_lucas_next(stepping, &term));
                CHECK_INT(terms[i], term);
            }
            for (size_t i = 0; i < 12; i++) {
                CHECK_OK(core_lucas_next(stepping, &term));
                check_next(taking, &term, 1);
            }
            core_lucas_free(taking);
            core_lucas_free(stepping);
        }
    }
}

static void take_of_all_terms_that_fit_succeeds(void)
{
    core_lucas *sequence = sequence_of(1, 1, 2, 1);
    int64_t terms[91];
    size_t taken;

    CHECK_OK(core_lucas_take(sequence, terms, 91, &taken));
    CHECK_UINT(taken, 91);
    CHECK_INT(terms[90], LAST_LUCAS);
    check_ended(sequence);
    core_lucas_free(sequence);
}

static void take_beyond_the_last_term_gives_what_fits_and_does_not_move(void)
{
    core_lucas *sequence = sequence_of(1, 1, 2, 1);
    int64_t terms[100];
    size_t taken = 0;

    CHECK_NEXT(sequence, 2, 1, 3);
    terms[88] = -7;
    CHECK_FAILS(core_lucas_take(sequence, terms, 100, &taken), CORE_OVERFLOW,
                "only 88 of 100 terms fit in 64 bits");
    CHECK_UINT(taken, 88);
    CHECK_INT(terms[0], 4);
    CHECK_INT(terms[87], LAST_LUCAS);
    CHECK_INT(terms[88], -7);
    CHECK_NEXT(sequence, 4, 7, 11);
    CHECK_OK(core_lucas_take(sequence, terms, 85, &taken));
    CHECK_INT(terms[84], LAST_LUCAS);
    check_ended(sequence);
    core_lucas_free(sequence);
}

static void take_near_the_end_sees_the_terms_that_are_left(void)
{
    core_lucas *sequence = sequence_of(1, 1, 2, 1);
    int64_t terms[100];
    size_t taken;

    CHECK_OK(core_lucas_take(sequence, terms, 90, &taken));
    CHECK_FAILS(core_lucas_take(sequence, terms, 2, &taken), CORE_OVERFLOW,
                "only 1 of 2 terms fit in 64 bits");
    CHECK_UINT(taken, 1);
    CHECK_INT(terms[0], LAST_LUCAS);
    CHECK_OK(core_lucas_take(sequence, terms, 1, &taken));
    CHECK_FAILS(core_lucas_take(sequence, terms, 1, &taken), CORE_OVERFLOW,
                "only 0 of 1 terms fit in 64 bits");
    CHECK_OK(core_lucas_take(sequence, terms, 0, &taken));
    core_lucas_free(sequence);
}

static void available_counts_without_moving(void)
{
    core_lucas *sequence = sequence_of(1, 1, 2, 1);
    size_t count = 0;

    CHECK_OK(core_lucas_available(sequence, 1000, &count));
    CHECK_UINT(count, 91);
    CHECK_OK(core_lucas_available(sequence, SIZE_MAX, &count));
    CHECK_UINT(count, 91);
    CHECK_OK(core_lucas_available(sequence, 91, &count));
    CHECK_UINT(count, 91);
    CHECK_OK(core_lucas_available(sequence, 90, &count));
    CHECK_UINT(count, 90);
    CHECK_OK(core_lucas_available(sequence, 2, &count));
    CHECK_UINT(count, 2);
    CHECK_OK(core_lucas_available(sequence, 0, &count));
    CHECK_UINT(count, 0);
    CHECK_NEXT(sequence, 2, 1, 3);
    CHECK_OK(core_lucas_available(sequence, 1000, &count));
    CHECK_UINT(count, 88);
    core_lucas_free(sequence);
}

static void available_counts_down_to_the_end(void)
{
    core_lucas *sequence = sequence_of(1, 1, 2, 1);
    int64_t term;
    size_t count;

    for (size_t left = 91; left > 0; left--) {
        CHECK_OK(core_lucas_available(sequence, 1000, &count));
        CHECK_UINT(count, left);
        CHECK_OK(core_lucas_next(sequence, &term));
    }
    CHECK_OK(core_lucas_available(sequence, 1000, &count));
    CHECK_UINT(count, 0);
    core_lucas_free(sequence);
}

static void available_stops_at_its_limit_where_nothing_overflows(void)
{
    core_lucas *sequence = sequence_of(1, 0, 5, 6);
    size_t count;

    CHECK_OK(core_lucas_available(sequence, 100000, &count));
    CHECK_UINT(count, 100000);
    core_lucas_free(sequence);
}

static void numbers_gives_the_first_lucas_numbers(void)
{
    const int64_t expected[10] = {2, 1, 3, 4, 7, 11, 18, 29, 47, 76};
    int64_t *terms = NULL;
    size_t count = 0;

    CHECK_OK(core_lucas_numbers(10, &terms, &count));
    CHECK_UINT(count, 10);
    CHECK(memcmp(terms, expected, sizeof expected) == 0);
    core_free(terms);
}

static void numbers_gives_none_one_or_all_that_fit(void)
{
    int64_t *terms = NULL;
    size_t count = 9;

    CHECK_OK(core_lucas_numbers(0, &terms, &count));
    CHECK_UINT(count, 0);
    CHECK(terms != NULL);
    core_free(terms);
    CHECK_OK(core_lucas_numbers(1, &terms, &count));
    CHECK_UINT(count, 1);
    CHECK_INT(terms[0], 2);
    core_free(terms);
    CHECK_OK(core_lucas_numbers(CORE_LUCAS_NUMBERS_MAX, &terms, &count));
    CHECK_UINT(count, 91);
    CHECK_INT(terms[90], LAST_LUCAS);
    core_free(terms);
}

static void numbers_refuses_more_than_fit(void)
{
    int64_t *terms = NULL;
    size_t count = 9;

    CHECK_FAILS(core_lucas_numbers(92, &terms, &count), CORE_OVERFLOW,
                "only the first 91 Lucas numbers fit in 64 bits, not 92");
    CHECK_STATUS(core_lucas_numbers(SIZE_MAX, &terms, &count), CORE_OVERFLOW);
    CHECK(terms == NULL);
    CHECK_UINT(count, 9);
    CHECK_FAILS(core_lucas_numbers(1, NULL, &count), CORE_INVALID, "terms is NULL");
    CHECK_FAILS(core_lucas_numbers(1, &terms, NULL), CORE_INVALID, "count is NULL");
}

int main(void)
{
    static const struct test tests[] = {
        TEST(the_lucas_numbers),
        TEST(the_fibonacci_numbers),
        TEST(the_first_coefficient_is_that_of_the_older_term),
        TEST(order_one_is_a_geometric_sequence),
        TEST(order_three_wraps_around_its_ring),
        TEST(the_arguments_are_copied),
        TEST(the_last_term_that_fits_is_delivered_and_then_it_overflows_for_ever),
        TEST(the_extremes_of_64_bits_are_delivered),
        TEST(one_more_than_the_greatest_overflows),
        TEST(a_sum_that_leaves_64_bits_and_comes_back_is_delivered),
        TEST(a_sum_that_leaves_128_bits_and_comes_back_is_delivered),
        TEST(a_sum_of_exactly_2_to_the_128_is_no_zero),
        TEST(a_term_that_would_fit_after_one_that_does_not_is_not_delivered),
        TEST(the_highest_order_is_accepted_and_one_more_refused),
        TEST(the_highest_order_with_extreme_numbers_overflows_cleanly),
        TEST(unequal_lengths_are_refused_with_both_lengths),
        TEST(no_coefficients_are_refused),
        TEST(null_pointers_are_refused),
        TEST(take_gives_the_next_terms_and_moves_past_them),
        TEST(take_of_nothing_does_nothing),
        TEST(take_and_next_agree),
        TEST(take_of_all_terms_that_fit_succeeds),
        TEST(take_beyond_the_last_term_gives_what_fits_and_does_not_move),
        TEST(take_near_the_end_sees_the_terms_that_are_left),
        TEST(available_counts_without_moving),
        TEST(available_counts_down_to_the_end),
        TEST(available_stops_at_its_limit_where_nothing_overflows),
        TEST(numbers_gives_the_first_lucas_numbers),
        TEST(numbers_gives_none_one_or_all_that_fit),
        TEST(numbers_refuses_more_than_fit),
    };

    return RUN_TESTS(tests);
}
