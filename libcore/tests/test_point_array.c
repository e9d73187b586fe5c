/* Arrays of points. */
#include "core/point_array.h"

#include "check.h"

/* An array of n points, the given ones or zeros; NULL after a failed check. */
static core_point_array *array_of(const core_point *points, size_t n)
{
    core_point_array *array = NULL;

    CHECK_OK(core_point_array_new(n, &array));
    if (array != NULL && points != NULL) {
        memcpy(core_point_array_data(array), points, n * sizeof *points);
    }
    return array;
}

static void a_new_array_is_zero(void)
{
    core_point_array *array = NULL;

    CHECK_OK(core_point_array_new(1000, &array));
    CHECK_UINT(core_point_array_size(array), 1000);
    for (size_t i = 0; i < 1000; i++) {
        core_point p = {1, 1};

        CHECK_OK(core_point_array_get(array, i, &p));
        CHECK_UINT(p.x, 0);
        CHECK_UINT(p.y, 0);
    }
    core_point_array_free(array);
}

static void an_array_may_be_empty(void)
{
    core_point_array *array = NULL;
    core_point p;

    CHECK_OK(core_point_array_new(0, &array));
    CHECK_UINT(core_point_array_size(array), 0);
    CHECK(core_point_array_data(array) != NULL);
    CHECK(core_point_array_at(array, 0) == NULL);
    CHECK_STATUS(core_point_array_get(array, 0, &p), CORE_INDEX);
    core_point_array_free(array);
}

static void an_array_too_great_for_the_machine_is_refused(void)
{
    core_point_array *array = NULL;

    CHECK_STATUS(core_point_array_new(SIZE_MAX, &array), CORE_NOMEM);
    CHECK_STATUS(core_point_array_new(SIZE_MAX / sizeof(core_point), &array), CORE_NOMEM);
    CHECK_STATUS(core_point_array_new(SIZE_MAX / sizeof(core_point) + 1, &array), CORE_NOMEM);
    CHECK(array == NULL);
}

static void what_is_set_is_got(void)
{
    core_point_array *array = array_of(NULL, 3);
    core_point p;

    CHECK_OK(core_point_array_set(array, 2, (core_point){5, 6}));
    CHECK_OK(core_point_array_get(array, 2, &p));
    CHECK_UINT(p.x, 5);
    CHECK_UINT(p.y, 6);
    CHECK_OK(core_point_array_get(array, 1, &p));
    CHECK_UINT(p.x, 0);
    core_point_array_free(array);
}

static void at_points_into_the_array(void)
{
    core_point_array *array = array_of(NULL, 3);
    core_point p;

    core_point_array_at(array, 1)->y = 9;
    CHECK_OK(core_point_array_get(array, 1, &p));
    CHECK_UINT(p.y, 9);
    CHECK(core_point_array_at(array, 1) == core_point_array_data(array) + 1);
    CHECK(core_point_array_at(array, 2) != NULL);
    CHECK(core_point_array_at(array, 3) == NULL);
    CHECK(core_point_array_at(array, SIZE_MAX) == NULL);
    core_point_array_free(array);
}

static void an_index_beyond_the_end_is_refused_with_the_size(void)
{
    core_point_array *array = array_of(NULL, 3);
    core_point p = {7, 7};

    CHECK_FAILS(core_point_array_get(array, 3, &p), CORE_INDEX,
                "index 3 is beyond the end of an array of 3 points");
    CHECK_STATUS(core_point_array_get(array, SIZE_MAX, &p), CORE_INDEX);
    CHECK_FAILS(core_point_array_set(array, 4, p), CORE_INDEX,
                "index 4 is beyond the end of an array of 3 points");
    CHECK_UINT(p.x, 7);
    core_point_array_free(array);
}

static void nearest_finds_the_nearest_point(void)
{
    const core_point points[] = {{10, 10}, {3, 4}, {0, 9}, {100, 100}};
    core_point_array *array = array_of(points, 4);
    size_t index = 9;

    CHECK_OK(core_point_array_nearest(array, &(core_point){0, 0}, &index));
    CHECK_UINT(index, 1);
    CHECK_OK(core_point_array_nearest(array, &(core_point){1, 8}, &index));
    CHECK_UINT(index, 2);
    CHECK_OK(core_point_array_nearest(array, &(core_point){UINT32_MAX, UINT32_MAX}, &index));
    CHECK_UINT(index, 3);
    CHECK_OK(core_point_array_nearest(array, &(core_point){10, 10}, &index));
    CHECK_UINT(index, 0);
    core_point_array_free(array);
}

static void nearest_takes_the_first_of_equals(void)
{
    const core_point points[] = {{9, 9}, {5, 0}, {3, 4}, {0, 5}, {5, 0}};
    core_point_array *array = array_of(points, 5);
    size_t index;

    CHECK_OK(core_point_array_nearest(array, &(core_point){0, 0}, &index));
    CHECK_UINT(index, 1);
    CHECK_OK(core_point_array_nearest(array, &(core_point){5, 0}, &index));
    CHECK_UINT(index, 1);
    core_point_array_free(array);
}

static void nearest_compares_exactly_where_doubles_would_not(void)
{
    /* Squares that differ by 1 near 2^64, and one that needs 65 bits. */
    const core_point points[] = {
        {UINT32_MAX, UINT32_MAX}, {4294967294, 2}, {4294967294, 1}, {4294967294, 0}};
    core_point_array *array = array_of(points, 4);
    size_t index;

    CHECK_OK(core_point_array_nearest(array, &(core_point){0, 0}, &index));
    CHECK_UINT(index, 3);
    core_point_array_free(array);

    array = array_of((core_point[]){{UINT32_MAX, UINT32_MAX}, {UINT32_MAX, 4294967294}}, 2);
    CHECK_OK(core_point_array_nearest(array, &(core_point){0, 0}, &index));
    CHECK_UINT(index, 1);
    core_point_array_free(array);
}

static void nearest_of_an_empty_array_is_invalid(void)
{
    core_point_array *array = array_of(NULL, 0);
    size_t index = 9;

    CHECK_FAILS(core_point_array_nearest(array, &(core_point){0, 0}, &index), CORE_INVALID,
                "the array is empty: it has no nearest point");
    CHECK_UINT(index, 9);
    core_point_array_free(array);
}

static void a_million_points_are_one_block(void)
{
    core_point_array *array = array_of(NULL, 1000000);
    core_point *points = core_point_array_data(array);
    size_t index;

    for (uint32_t i = 0; i < 1000000; i++) {
        points[i] = (core_point){i, 2 * i};
    }
    CHECK_OK(core_point_array_nearest(array, &(core_point){777777, 1555555}, &index));
    CHECK_UINT(index, 777777);
    CHECK_UINT(core_point_array_at(array, 999999)->y, 1999998);
    core_point_array_free(array);
}

static void null_pointers_are_refused(void)
{
    core_point_array *array = array_of(NULL, 1);
    core_point p = {0, 0};
    size_t index;

    CHECK_FAILS(core_point_array_new(1, NULL), CORE_INVALID, "out is NULL");
    CHECK_FAILS(core_point_array_get(NULL, 0, &p), CORE_INVALID, "array is NULL");
    CHECK_FAILS(core_point_array_get(array, 0, NULL), CORE_INVALID, "out is NULL");
    CHECK_FAILS(core_point_array_set(NULL, 0, p), CORE_INVALID, "array is NULL");
    CHECK_FAILS(core_point_array_nearest(NULL, &p, &index), CORE_INVALID, "array is NULL");
    CHECK_FAILS(core_point_array_nearest(array, NULL, &index), CORE_INVALID, "point is NULL");
    CHECK_FAILS(core_point_array_nearest(array, &p, NULL), CORE_INVALID, "index is NULL");
    core_point_array_free(array);
    core_point_array_free(NULL);
}

int main(void)
{
    static const struct test tests[] = {
        TEST(a_new_array_is_zero),
        TEST(an_array_may_be_empty),
        TEST(an_array_too_great_for_the_machine_is_refused),
        TEST(what_is_set_is_got),
        TEST(at_points_into_the_array),
        TEST(an_index_beyond_the_end_is_refused_with_the_size),
        TEST(nearest_finds_the_nearest_point),
        TEST(nearest_takes_the_first_of_equals),
        TEST(nearest_compares_exactly_where_doubles_would_not),
        TEST(nearest_of_an_empty_array_is_invalid),
        TEST(a_million_points_are_one_block),
        TEST(null_pointers_are_refused),
    };

    return RUN_TESTS(tests);
}
