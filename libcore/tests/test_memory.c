/* The allocator, and what happens when it has nothing to give. */
#include "core/core.h"

#include "check.h"

/* An allocator that counts what lives, and fails from some allocation on. Used by one thread. */
static size_t living;
static size_t allocations_left;

static void *failing_malloc(size_t size)
{
    if (allocations_left == 0) {
        return NULL;
    }
    allocations_left--;
    living++;
    return malloc(size);
}

static void *failing_realloc(void *memory, size_t size)
{
    if (allocations_left == 0) {
        return NULL;
    }
    allocations_left--;
    living += memory == NULL;
    return realloc(memory, size);
}

static void counting_free(void *memory)
{
    CHECK(memory != NULL);
    living--;
    free(memory);
}

/* Runs the operation with 0, 1, 2... allocations until it succeeds, and returns how many that
 * took. Each failure must be CORE_NOMEM and leave nothing behind; so must the success, when the
 * operation frees what it was given. */
static size_t allocations_of(enum core_status (*operation)(void))
{
    size_t needed;

    CHECK_OK(core_set_allocator(failing_malloc, failing_realloc, counting_free));
    for (needed = 0; needed < 100; needed++) {
        enum core_status status;

        living = 0;
        allocations_left = needed;
        status = operation();
        CHECK_UINT(living, 0);
        if (status == CORE_OK) {
            break;
        }
        if (!CHECK_STATUS(status, CORE_NOMEM)) {
            break;
        }
        CHECK(strncmp(core_error_message(status), "out of memory", 13) == 0);
    }
    CHECK_OK(core_set_allocator(NULL, NULL, NULL));
    return needed;
}

static enum core_status make_sequence(void)
{
    const int64_t numbers[2] = {1, 1};
    core_lucas *sequence = NULL;
    enum core_status status = core_lucas_new(numbers, 2, numbers, 2, &sequence);

    CHECK((sequence == NULL) == (status != CORE_OK));
    core_lucas_free(sequence);
    return status;
}

static enum core_status count_available(void)
{
    const int64_t numbers[2] = {1, 1};
    core_lucas *sequence = NULL;
    enum core_status status = core_lucas_new(numbers, 2, numbers, 2, &sequence);
    size_t count = 7;
    int64_t term = 0;

    if (status != CORE_OK) {
        return status;
    }
    status = core_lucas_available(sequence, 10, &count);
    CHECK_UINT(count, status == CORE_OK ? 10 : 7);
    CHECK_OK(core_lucas_next(sequence, &term));
    CHECK_INT(term, 1);
    core_lucas_free(sequence);
    return status;
}

static enum core_status term_modulo(void)
{
    const int64_t numbers[2] = {1, 1};
    uint64_t result = 7;
    enum core_status status = core_lucas_mod(numbers, 2, numbers, 2, 10, 1000, &result);

    CHECK_UINT(result, status == CORE_OK ? 89 : 7);
    return status;
}

static enum core_status lucas_numbers(void)
{
    int64_t *terms = NULL;
    size_t count = 0;
    enum core_status status = core_lucas_numbers(5, &terms, &count);

    CHECK((terms == NULL) == (status != CORE_OK));
    core_free(terms);
    return status;
}

static enum core_status make_points(void)
{
    core_point_array *array = NULL;
    enum core_status status = core_point_array_new(5, &array);

    CHECK((array == NULL) == (status != CORE_OK));
    core_point_array_free(array);
    return status;
}

static enum core_status sum_as_string(void)
{
    char *text = NULL;
    enum core_status status = core_sum_as_string(9000, 1, &text);

    CHECK((text == NULL) == (status != CORE_OK));
    core_free(text);
    return status;
}

/* More words than the first tables hold, so that both grow. */
static enum core_status count_words(void)
{
    char text[1024] = "";
    char **words = NULL;
    uint64_t *counts = NULL;
    size_t n = 0;
    enum core_status status;

    for (int i = 0; i < 70; i++) {
        snprintf(text + strlen(text), sizeof text - strlen(text), "word%d ", i);
    }
    status = core_word_count(text, &words, &counts, &n);
    CHECK_UINT(n, status == CORE_OK ? 70 : 0);
    CHECK((words == NULL) == (status != CORE_OK));
    CHECK((counts == NULL) == (status != CORE_OK));
    core_free(words);
    core_free(counts);
    return status;
}

static void a_sequence_is_one_allocation(void)
{
    CHECK_UINT(allocations_of(make_sequence), 1);
}

static void counting_available_terms_survives_failure_of_its_one_allocation(void)
{
    CHECK_UINT(allocations_of(count_available), 2);
}

static void a_term_modulo_is_one_allocation(void)
{
    CHECK_UINT(allocations_of(term_modulo), 1);
}

static void lucas_numbers_are_one_allocation(void)
{
    CHECK_UINT(allocations_of(lucas_numbers), 1);
}

static void an_array_of_points_is_one_allocation(void)
{
    CHECK_UINT(allocations_of(make_points), 1);
}

static void a_sum_as_a_string_is_one_allocation(void)
{
    CHECK_UINT(allocations_of(sum_as_string), 1);
}

static void counting_words_survives_failure_of_every_allocation(void)
{
    CHECK_UINT(allocations_of(count_words), 9);
}

static enum core_status nothing_that_allocates(void)
{
    const int64_t *end = NULL;
    core_date date;
    core_duration duration;
    core_point p = {1, 1};
    char text[CORE_POINT_TEXT_SIZE];
    size_t length;
    uint64_t result;
    int64_t seconds;

    CHECK_OK(core_seconds_before((core_date){2018, 2, 20}, 1, &date));
    CHECK_OK(core_to_timestamp(date, &seconds));
    CHECK_OK(core_days_between(date, date, &duration));
    CHECK_OK(core_point_add(&p, &p, &p));
    CHECK_OK(core_point_format(&p, text, sizeof text, &length));
    CHECK_OK(core_sum_to_buffer(1, 2, text, sizeof text, &length));
    CHECK_OK(core_fact(5, &result));
    CHECK_STATUS(core_lucas_new(end, 0, end, 0, NULL), CORE_INVALID);
    CHECK_STATUS(core_throws_error(), CORE_STUCK);
    return CORE_OK;
}

static void the_other_functions_and_error_messages_do_not_allocate(void)
{
    CHECK_UINT(allocations_of(nothing_that_allocates), 0);
}

static void an_allocator_in_parts_is_refused(void)
{
    CHECK_FAILS(core_set_allocator(NULL, realloc, free), CORE_INVALID, "allocate is NULL");
    CHECK_FAILS(core_set_allocator(malloc, NULL, free), CORE_INVALID, "reallocate is NULL");
    CHECK_FAILS(core_set_allocator(malloc, realloc, NULL), CORE_INVALID, "release is NULL");
}

static void freeing_nothing_does_nothing(void)
{
    core_free(NULL);
    core_lucas_free(NULL);
    core_point_array_free(NULL);
    CHECK_OK(core_set_allocator(failing_malloc, failing_realloc, counting_free));
    core_free(NULL);
    CHECK_OK(core_set_allocator(NULL, NULL, NULL));
}

int main(void)
{
    static const struct test tests[] = {
        TEST(a_sequence_is_one_allocation),
        TEST(counting_available_terms_survives_failure_of_its_one_allocation),
        TEST(a_term_modulo_is_one_allocation),
        TEST(lucas_numbers_are_one_allocation),
        TEST(an_array_of_points_is_one_allocation),
        TEST(a_sum_as_a_string_is_one_allocation),
        TEST(counting_words_survives_failure_of_every_allocation),
        TEST(the_other_functions_and_error_messages_do_not_allocate),
        TEST(an_allocator_in_parts_is_refused),
        TEST(freeing_nothing_does_nothing),
    };

    return RUN_TESTS(tests);
}
