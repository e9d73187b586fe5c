/* Points in the plane and in space. */
#include "core/point.h"

#include "check.h"

#include <math.h>

static core_point point(uint32_t x, uint32_t y)
{
    return (core_point){x, y};
}

static core_point3 point3(uint32_t x, uint32_t y, uint32_t z)
{
    return (core_point3){{x, y}, z};
}

static float dist(core_point p, core_point q)
{
    return core_point_dist(&p, &q);
}

/* Whether two floating-point numbers are the same, bit by bit but for the sign of zero. */
static int same(double a, double b)
{
    return !(a < b) && !(a > b);
}

static void check_point(core_point actual, uint32_t x, uint32_t y)
{
    CHECK_UINT(actual.x, x);
    CHECK_UINT(actual.y, y);
}

static void the_layout_is_what_a_description_assumes(void)
{
    CHECK_UINT(sizeof(core_point), 8);
    CHECK_UINT(offsetof(core_point, y), 4);
    CHECK_UINT(sizeof(core_point3), 12);
    CHECK_UINT(offsetof(core_point3, base), 0);
    CHECK_UINT(offsetof(core_point3, z), 8);
    CHECK_INT(CORE_POINT_DIMENSIONS, 2);
}

static void the_distance_is_computed_in_single_precision(void)
{
    CHECK(same((double)dist(point(1, 1), point(0, 2)), 1.4142135381698608));
}

static void the_distance_does_not_wrap_around(void)
{
    CHECK(same((double)dist(point(0, 2), point(1, 1)), 1.4142135381698608));
    CHECK(same((double)dist(point(0, 0), point(3, 4)), 5));
    CHECK(same((double)dist(point(0, 0), point(UINT32_MAX, 0)), 4294967296));
}

static void the_distance_of_a_point_to_itself_is_zero(void)
{
    core_point p = {UINT32_MAX, 7};

    CHECK(same((double)core_point_dist(&p, &p), 0));
}

static void the_distance_in_space(void)
{
    core_point3 p = point3(1, 2, 3);
    core_point3 q = point3(3, 5, 9);
    core_point3 r = point3(2, 1, 3);

    CHECK(same((double)core_point3_dist(&p, &q), 7));
    CHECK(same((double)core_point3_dist(&q, &p), 7));
    CHECK(same((double)core_point3_dist(&p, &r), 1.4142135381698608));
}

static void functions_of_the_plane_take_the_base_of_a_point_in_space(void)
{
    core_point3 p = point3(1, 1, 100);
    core_point3 q = point3(0, 2, 500);

    CHECK(same((double)core_point_dist(&p.base, &q.base), 1.4142135381698608));
}

static void points_are_added_by_coordinate(void)
{
    core_point p = point(1, 2);
    core_point q = point(30, 40);
    core_point sum;

    CHECK_OK(core_point_add(&p, &q, &sum));
    check_point(sum, 31, 42);
    CHECK_OK(core_point_add(&p, &p, &p));
    check_point(p, 2, 4);
}

static void a_sum_beyond_the_grid_overflows_and_names_the_coordinate(void)
{
    core_point p = point(UINT32_MAX, UINT32_MAX);
    core_point right = point(1, 0);
    core_point up = point(0, 1);
    core_point none = point(0, 0);
    core_point sum = point(7, 7);

    CHECK_FAILS(core_point_add(&p, &right, &sum), CORE_OVERFLOW,
                "x does not fit in 32 bits: 4294967295 + 1");
    CHECK_FAILS(core_point_add(&p, &up, &sum), CORE_OVERFLOW,
                "y does not fit in 32 bits: 4294967295 + 1");
    check_point(sum, 7, 7);
    CHECK_OK(core_point_add(&p, &none, &sum));
    check_point(sum, UINT32_MAX, UINT32_MAX);
}

static void the_origin_is_zero(void)
{
    check_point(core_point_origin(), 0, 0);
}

static void manhattan_is_exact_over_the_whole_grid(void)
{
    CHECK_UINT(core_point_manhattan(point(1, 5), point(4, 1)), 7);
    CHECK_UINT(core_point_manhattan(point(4, 1), point(1, 5)), 7);
    CHECK_UINT(core_point_manhattan(point(0, 0), point(UINT32_MAX, UINT32_MAX)),
               UINT64_C(8589934590));
    CHECK_UINT(core_point_manhattan(point(UINT32_MAX, 0), point(0, UINT32_MAX)),
               UINT64_C(8589934590));
    CHECK_UINT(core_point_manhattan(point(9, 9), point(9, 9)), 0);
}

static void the_norm_is_computed_in_double_precision(void)
{
    core_point p = point(3, 4);
    core_point q = point(1, 1);
    core_point corner = point(UINT32_MAX, UINT32_MAX);
    core_point origin = point(0, 0);

    CHECK(same(core_point_norm(&p), 5));
    CHECK(same(core_point_norm(&q), 1.4142135623730951));
    CHECK(same(core_point_norm(&corner), 6074000998.537886));
    CHECK(same(core_point_norm(&origin), 0));
}

static void setting_the_norm_scales_both_coordinates(void)
{
    core_point p = point(3, 4);

    CHECK_OK(core_point_set_norm(&p, 10));
    check_point(p, 6, 8);
    CHECK_OK(core_point_set_norm(&p, 5));
    check_point(p, 3, 4);
    CHECK_OK(core_point_set_norm(&p, 5e8));
    check_point(p, 300000000, 400000000);
}

static void setting_the_norm_rounds_to_the_grid(void)
{
    core_point p = point(3, 4);
    core_point half = point(1, 0);

    CHECK_OK(core_point_set_norm(&p, 7)); /* 4.2, 5.6 */
    check_point(p, 4, 6);
    CHECK_OK(core_point_set_norm(&half, 2.5));
    check_point(half, 3, 0);
    CHECK_OK(core_point_set_norm(&half, 0.25));
    check_point(half, 0, 0);
}

static void setting_the_norm_to_its_value_changes_nothing(void)
{
    static const core_point some[] = {
        {1, 1}, {3, 4}, {0, 9}, {12345, 67890}, {UINT32_MAX, 0}, {0, UINT32_MAX},
        {UINT32_MAX, UINT32_MAX}, {UINT32_MAX, 1}, {4000000000, 3999999999},
    };

    for (size_t i = 0; i < sizeof some / sizeof some[0]; i++) {
        core_point p = some[i];

        CHECK_OK(core_point_set_norm(&p, core_point_norm(&p)));
        check_point(p, some[i].x, some[i].y);
    }
}

static void setting_the_norm_to_zero_gives_the_origin(void)
{
    core_point p = point(3, 4);

    CHECK_OK(core_point_set_norm(&p, 0));
    check_point(p, 0, 0);
    p = point(3, 4);
    CHECK_OK(core_point_set_norm(&p, -0.0));
    check_point(p, 0, 0);
}

static void a_negative_norm_or_none_is_invalid(void)
{
    core_point p = point(3, 4);

    CHECK_FAILS(core_point_set_norm(&p, -1), CORE_INVALID, "norm is negative: -1");
    CHECK_STATUS(core_point_set_norm(&p, -INFINITY), CORE_INVALID);
    CHECK_FAILS(core_point_set_norm(&p, NAN), CORE_INVALID, "norm is not a number");
    check_point(p, 3, 4);
}

static void the_origin_cannot_be_scaled(void)
{
    core_point origin = point(0, 0);

    CHECK_FAILS(core_point_set_norm(&origin, 5), CORE_INVALID,
                "the origin cannot be scaled: it has no direction");
    CHECK_STATUS(core_point_set_norm(&origin, 0), CORE_INVALID);
    check_point(origin, 0, 0);
}

static void a_norm_beyond_the_grid_overflows(void)
{
    core_point p = point(3, 4);
    core_point axis = point(0, 4);

    CHECK_FAILS(core_point_set_norm(&p, 1e10), CORE_OVERFLOW,
                "a point of norm 1e+10 is outside the grid of 32 bits");
    CHECK_STATUS(core_point_set_norm(&p, 1e308), CORE_OVERFLOW);
    CHECK_STATUS(core_point_set_norm(&p, INFINITY), CORE_OVERFLOW);
    check_point(p, 3, 4);
    CHECK_STATUS(core_point_set_norm(&axis, INFINITY), CORE_OVERFLOW);
    CHECK_STATUS(core_point_set_norm(&axis, 4294967295.5), CORE_OVERFLOW);
    check_point(axis, 0, 4);
    CHECK_OK(core_point_set_norm(&axis, 4294967295.25));
    check_point(axis, 0, UINT32_MAX);
}

static void the_quadrant_tells_the_axes_from_the_inside(void)
{
    core_point origin = point(0, 0);
    core_point x = point(5, 0);
    core_point y = point(0, 5);
    core_point inside = point(5, 5);

    CHECK_INT(core_point_quadrant(&origin), CORE_QUADRANT_ORIGIN);
    CHECK_INT(core_point_quadrant(&x), CORE_QUADRANT_X_AXIS);
    CHECK_INT(core_point_quadrant(&y), CORE_QUADRANT_Y_AXIS);
    CHECK_INT(core_point_quadrant(&inside), CORE_QUADRANT_FIRST);
}

static void the_axes_are_flags_of_the_coordinates_that_are_not_zero(void)
{
    for (uint32_t x = 0; x < 2; x++) {
        for (uint32_t y = 0; y < 2; y++) {
            core_point p = point(x, y);

            CHECK_UINT(core_point_axes(&p), (x ? CORE_AXIS_X : 0u) | (y ? CORE_AXIS_Y : 0u));
            for (uint32_t z = 0; z < 2; z++) {
                core_point3 q = point3(x, y, z);

                CHECK_UINT(core_point3_axes(&q), core_point_axes(&p) | (z ? CORE_AXIS_Z : 0u));
            }
        }
    }
    CHECK_INT(CORE_AXIS_NONE, 0);
    CHECK_INT(CORE_AXIS_X, 1);
    CHECK_INT(CORE_AXIS_Y, 2);
    CHECK_INT(CORE_AXIS_Z, 4);
}

static void a_point_as_text(void)
{
    core_point p = point(1, 1);
    core_point3 q = point3(1, 2, 3);
    char text[CORE_POINT_TEXT_SIZE];
    size_t length;

    CHECK_OK(core_point_format(&p, text, sizeof text, &length));
    CHECK_TEXT(text, "Point {x = 1, y = 1}");
    CHECK_UINT(length, 20);
    CHECK_OK(core_point3_format(&q, text, sizeof text, &length));
    CHECK_TEXT(text, "Point3 {x = 1, y = 2, z = 3}");
    CHECK_UINT(length, 28);
}

static void the_longest_text_fits_the_named_size(void)
{
    core_point p = point(UINT32_MAX, UINT32_MAX);
    core_point3 q = point3(UINT32_MAX, UINT32_MAX, UINT32_MAX);
    char text[CORE_POINT_TEXT_SIZE];
    size_t length;

    CHECK_OK(core_point_format(&p, text, sizeof text, &length));
    CHECK_TEXT(text, "Point {x = 4294967295, y = 4294967295}");
    CHECK_OK(core_point3_format(&q, text, sizeof text, &length));
    CHECK_TEXT(text, "Point3 {x = 4294967295, y = 4294967295, z = 4294967295}");
}

static void text_is_cut_to_every_capacity_and_says_what_it_needs(void)
{
    const char *whole = "Point {x = 1, y = 1}";
    core_point p = point(1, 1);

    for (size_t capacity = 1; capacity <= 20; capacity++) {
        char text[22];
        size_t length = 0;

        memset(text, '#', sizeof text);
        CHECK_STATUS(core_point_format(&p, text, capacity, &length), CORE_TRUNCATED);
        CHECK_UINT(length, 20);
        CHECK_UINT(strlen(text), capacity - 1);
        CHECK(memcmp(text, whole, capacity - 1) == 0);
        CHECK_INT(text[capacity], '#');
    }
}

static void no_buffer_is_needed_to_learn_the_length(void)
{
    core_point p = point(1, 1);
    size_t length = 0;

    CHECK_FAILS(core_point_format(&p, NULL, 0, &length), CORE_TRUNCATED,
                "the text takes 20 bytes and a NUL, the buffer has 0");
    CHECK_UINT(length, 20);
}

static void null_pointers_are_refused(void)
{
    core_point p = point(1, 1);
    char text[CORE_POINT_TEXT_SIZE];
    size_t length;

    CHECK_FAILS(core_point_add(NULL, &p, &p), CORE_INVALID, "self is NULL");
    CHECK_FAILS(core_point_add(&p, NULL, &p), CORE_INVALID, "other is NULL");
    CHECK_FAILS(core_point_add(&p, &p, NULL), CORE_INVALID, "sum is NULL");
    CHECK_FAILS(core_point_set_norm(NULL, 1), CORE_INVALID, "self is NULL");
    CHECK_FAILS(core_point_format(NULL, text, sizeof text, &length), CORE_INVALID, "self is NULL");
    CHECK_FAILS(core_point_format(&p, NULL, 5, &length), CORE_INVALID, "buffer is NULL");
    CHECK_FAILS(core_point_format(&p, text, sizeof text, NULL), CORE_INVALID, "length is NULL");
    CHECK_FAILS(core_point3_format(NULL, text, sizeof text, &length), CORE_INVALID,
                "self is NULL");
}

int main(void)
{
    static const struct test tests[] = {
        TEST(the_layout_is_what_a_description_assumes),
        TEST(the_distance_is_computed_in_single_precision),
        TEST(the_distance_does_not_wrap_around),
        TEST(the_distance_of_a_point_to_itself_is_zero),
        TEST(the_distance_in_space),
        TEST(functions_of_the_plane_take_the_base_of_a_point_in_space),
        TEST(points_are_added_by_coordinate),
        TEST(a_sum_beyond_the_grid_overflows_and_names_the_coordinate),
        TEST(the_origin_is_zero),
        TEST(manhattan_is_exact_over_the_whole_grid),
        TEST(the_norm_is_computed_in_double_precision),
        TEST(setting_the_norm_scales_both_coordinates),
        TEST(setting_the_norm_rounds_to_the_grid),
        TEST(setting_the_norm_to_its_value_changes_nothing),
        TEST(setting_the_norm_to_zero_gives_the_origin),
        TEST(a_negative_norm_or_none_is_invalid),
        TEST(the_origin_cannot_be_scaled),
        TEST(a_norm_beyond_the_grid_overflows),
        TEST(the_quadrant_tells_the_axes_from_the_inside),
        TEST(the_axes_are_flags_of_the_coordinates_that_are_not_zero),
        TEST(a_point_as_text),
        TEST(the_longest_text_fits_the_named_size),
        TEST(text_is_cut_to_every_capacity_and_says_what_it_needs),
        TEST(no_buffer_is_needed_to_learn_the_length),
        TEST(null_pointers_are_refused),
    };

    return RUN_TESTS(tests);
}
