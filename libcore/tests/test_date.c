/* Dates, timestamps and durations. */
#include "core/date.h"

#include "check.h"

#define DAY INT64_C(86400)
#define FIRST_MOMENT INT64_C(-62135596800) /* of 0001-01-01 */
#define LAST_MOMENT INT64_C(253402300799)  /* of 9999-12-31 */

static const core_date first = {1, 1, 1};
static const core_date last = {9999, 12, 31};

static void check_date(core_date actual, int year, int month, int day)
{
    CHECK_INT(actual.year, year);
    CHECK_INT(actual.month, month);
    CHECK_INT(actual.day, day);
}

static void a_million_seconds_before_a_date(void)
{
    core_date out;

    CHECK_OK(core_seconds_before((core_date){2018, 2, 20}, 1000000, &out));
    check_date(out, 2018, 2, 8);
}

static void zero_seconds_before_is_the_same_date(void)
{
    core_date out;

    CHECK_OK(core_seconds_before((core_date){2018, 2, 20}, 0, &out));
    check_date(out, 2018, 2, 20);
}

static void one_second_before_midnight_is_the_day_before(void)
{
    core_date out;

    CHECK_OK(core_seconds_before((core_date){2018, 3, 1}, 1, &out));
    check_date(out, 2018, 2, 28);
    CHECK_OK(core_seconds_before((core_date){2018, 3, 1}, DAY, &out));
    check_date(out, 2018, 2, 28);
    CHECK_OK(core_seconds_before((core_date){2018, 3, 1}, DAY + 1, &out));
    check_date(out, 2018, 2, 27);
}

static void negative_seconds_go_forward(void)
{
    core_date out;

    CHECK_OK(core_seconds_before((core_date){2018, 2, 20}, -(DAY - 1), &out));
    check_date(out, 2018, 2, 20);
    CHECK_OK(core_seconds_before((core_date){2018, 2, 20}, -DAY, &out));
    check_date(out, 2018, 2, 21);
    CHECK_OK(core_seconds_before((core_date){1969, 12, 31}, -2 * DAY, &out));
    check_date(out, 1970, 1, 2);
}

static void leap_days_are_where_the_gregorian_calendar_has_them(void)
{
    core_date out;

    CHECK_OK(core_seconds_before((core_date){2000, 3, 1}, 1, &out));
    check_date(out, 2000, 2, 29);
    CHECK_OK(core_seconds_before((core_date){1900, 3, 1}, 1, &out));
    check_date(out, 1900, 2, 28);
    CHECK_OK(core_seconds_before((core_date){2024, 3, 1}, 1, &out));
    check_date(out, 2024, 2, 29);
    CHECK_OK(core_seconds_before((core_date){4, 3, 1}, 1, &out));
    check_date(out, 4, 2, 29);
}

static void dates_outside_the_calendar_overflow(void)
{
    core_date out = {7, 7, 7};

    CHECK_FAILS(core_seconds_before(first, 1, &out), CORE_OVERFLOW,
                "the date is outside the years 1 to 9999");
    CHECK_STATUS(core_seconds_before(last, -DAY, &out), CORE_OVERFLOW);
    CHECK_STATUS(core_seconds_before(first, INT64_MAX, &out), CORE_OVERFLOW);
    CHECK_STATUS(core_seconds_before(last, INT64_MIN, &out), CORE_OVERFLOW);
    CHECK_STATUS(core_seconds_before(first, INT64_MIN, &out), CORE_OVERFLOW);
    CHECK_STATUS(core_seconds_before(last, INT64_MAX, &out), CORE_OVERFLOW);
    check_date(out, 7, 7, 7);
}

static void the_ends_of_the_calendar_are_reached(void)
{
    core_date out;

    CHECK_OK(core_seconds_before(last, LAST_MOMENT - (DAY - 1) - FIRST_MOMENT, &out));
    check_date(out, 1, 1, 1);
    CHECK_OK(core_seconds_before(first, FIRST_MOMENT - LAST_MOMENT, &out));
    check_date(out, 9999, 12, 31);
}

static void dates_that_are_not_in_the_calendar_are_invalid(void)
{
    static const core_date wrong[] = {
        {0, 1, 1},     {-1, 1, 1},    {10000, 1, 1},  {INT32_MIN, 1, 1}, {INT32_MAX, 1, 1},
        {2018, 0, 1},  {2018, 13, 1}, {2018, 255, 1}, {2018, 1, 0},      {2018, 1, 32},
        {2018, 4, 31}, {2018, 2, 29}, {1900, 2, 29},  {2000, 2, 30},     {2018, 12, 255},
    };
    core_date out;
    core_duration duration;
    int64_t seconds;

    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        CHECK_STATUS(core_seconds_before(wrong[i], 0, &out), CORE_INVALID);
        CHECK_STATUS(core_before(wrong[i], (core_duration){0, 0, 0}, &out), CORE_INVALID);
        CHECK_STATUS(core_to_timestamp(wrong[i], &seconds), CORE_INVALID);
        CHECK_STATUS(core_days_between(wrong[i], first, &duration), CORE_INVALID);
        CHECK_STATUS(core_days_between(first, wrong[i], &duration), CORE_INVALID);
    }
    CHECK_FAILS(core_seconds_before((core_date){2018, 2, 30}, 0, &out), CORE_INVALID,
                "there is no date 2018-02-30");
}

static void null_pointers_are_refused(void)
{
    const core_duration none = {0, 0, 0};

    CHECK_FAILS(core_seconds_before(first, 0, NULL), CORE_INVALID, "out is NULL");
    CHECK_FAILS(core_before(first, none, NULL), CORE_INVALID, "out is NULL");
    CHECK_FAILS(core_to_timestamp(first, NULL), CORE_INVALID, "seconds is NULL");
    CHECK_FAILS(core_from_timestamp(0, NULL), CORE_INVALID, "out is NULL");
    CHECK_FAILS(core_days_between(first, last, NULL), CORE_INVALID, "out is NULL");
}

static void the_epoch_is_zero(void)
{
    int64_t seconds = 9;
    core_date out;

    CHECK_OK(core_to_timestamp((core_date){1970, 1, 1}, &seconds));
    CHECK_INT(seconds, 0);
    CHECK_OK(core_from_timestamp(0, &out));
    check_date(out, 1970, 1, 1);
}

static void known_timestamps(void)
{
    int64_t seconds;

    CHECK_OK(core_to_timestamp((core_date){2018, 2, 20}, &seconds));
    CHECK_INT(seconds, 1519084800);
    CHECK_OK(core_to_timestamp((core_date){2038, 1, 19}, &seconds));
    CHECK_INT(seconds, 2147472000);
    CHECK_OK(core_to_timestamp(first, &seconds));
    CHECK_INT(seconds, FIRST_MOMENT);
    CHECK_OK(core_to_timestamp(last, &seconds));
    CHECK_INT(seconds, LAST_MOMENT - (DAY - 1));
}

static void timestamps_are_rounded_down_to_their_date(void)
{
    core_date out;

    CHECK_OK(core_from_timestamp(DAY - 1, &out));
    check_date(out, 1970, 1, 1);
    CHECK_OK(core_from_timestamp(-1, &out));
    check_date(out, 1969, 12, 31);
    CHECK_OK(core_from_timestamp(-DAY, &out));
    check_date(out, 1969, 12, 31);
    CHECK_OK(core_from_timestamp(-DAY - 1, &out));
    check_date(out, 1969, 12, 30);
}

static void timestamps_outside_the_calendar_overflow(void)
{
    core_date out;

    CHECK_OK(core_from_timestamp(FIRST_MOMENT, &out));
    check_date(out, 1, 1, 1);
    CHECK_OK(core_from_timestamp(LAST_MOMENT, &out));
    check_date(out, 9999, 12, 31);
    CHECK_STATUS(core_from_timestamp(FIRST_MOMENT - 1, &out), CORE_OVERFLOW);
    CHECK_STATUS(core_from_timestamp(LAST_MOMENT + 1, &out), CORE_OVERFLOW);
    CHECK_STATUS(core_from_timestamp(INT64_MIN, &out), CORE_OVERFLOW);
    CHECK_STATUS(core_from_timestamp(INT64_MAX, &out), CORE_OVERFLOW);
}

/* A calendar that only counts days, to hold the arithmetic against. */
static core_date tomorrow(core_date date)
{
    static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int leap = (date.year % 4 == 0 && date.year % 100 != 0) || date.year % 400 == 0;
    int length = lengths[date.month - 1] + (leap && date.month == 2);

    if (date.day < length) {
        date.day++;
    } else if (date.month < 12) {
        date.month++;
        date.day = 1;
    } else {
        date.year++;
        date.month = 1;
        date.day = 1;
    }
    return date;
}

static int same(core_date a, core_date b)
{
    return a.year == b.year && a.month == b.month && a.day == b.day;
}

static void every_date_of_the_calendar_and_its_timestamp_are_inverse(void)
{
    core_date date = first;
    int64_t moment = FIRST_MOMENT;
    unsigned days = 0;
    int agreed = 1;

    for (; agreed && date.year < 10000; date = tomorrow(date), moment += DAY, days++) {
        int64_t seconds = 1;
        core_date begin = {0, 0, 0};
        core_date end = {0, 0, 0};

        if (core_to_timestamp(date, &seconds) != CORE_OK || seconds != moment ||
            core_from_timestamp(moment, &begin) != CORE_OK || !same(begin, date) ||
            core_from_timestamp(moment + DAY - 1, &end) != CORE_OK || !same(end, date)) {
            printf("# at %d-%d-%d\n", date.year, date.month, date.day);
            agreed = 0;
        }
    }
    CHECK(agreed);
    CHECK_UINT(days, 3652059);
    CHECK_INT(moment, LAST_MOMENT + 1);
}

static void the_time_zone_makes_no_difference(void)
{
    static const char *const zones[] = {"UTC0", "XXX-14", "YYY12", "CET-1CEST,M3.5.0,M10.5.0/3"};
    core_date out;
    int64_t seconds;

    for (size_t i = 0; i < sizeof zones / sizeof zones[0]; i++) {
        CHECK(setenv("TZ", zones[i], 1) == 0);
        CHECK_OK(core_to_timestamp((core_date){2018, 2, 20}, &seconds));
        CHECK_INT(seconds, 1519084800);
        CHECK_OK(core_from_timestamp(1519084800, &out));
        check_date(out, 2018, 2, 20);
    }
}

static void a_duration_before_is_the_sum_of_its_parts(void)
{
    const core_date date = {2018, 2, 20};
    core_date out;

    CHECK_OK(core_before(date, (core_duration){11, 49600, 0}, &out));
    check_date(out, 2018, 2, 8);
    CHECK_OK(core_before(date, (core_duration){2, -86400, 0}, &out));
    check_date(out, 2018, 2, 19);
    CHECK_OK(core_before(date, (core_duration){0, 0, 0}, &out));
    check_date(out, 2018, 2, 20);
    CHECK_OK(core_before(date, (core_duration){-1, 0, 0}, &out));
    check_date(out, 2018, 2, 21);
}

static void microseconds_count_and_round_down(void)
{
    const core_date date = {2018, 2, 20};
    core_date out;

    CHECK_OK(core_before(date, (core_duration){0, 0, 1}, &out));
    check_date(out, 2018, 2, 19);
    CHECK_OK(core_before(date, (core_duration){1, 0, 1}, &out));
    check_date(out, 2018, 2, 18);
    CHECK_OK(core_before(date, (core_duration){1, -1, 1000000}, &out));
    check_date(out, 2018, 2, 19);
    CHECK_OK(core_before(date, (core_duration){0, 0, -1}, &out));
    check_date(out, 2018, 2, 20);
    CHECK_OK(core_before(date, (core_duration){-1, 0, 1}, &out));
    check_date(out, 2018, 2, 20);
    CHECK_OK(core_before(date, (core_duration){-1, 1, -1000000}, &out));
    check_date(out, 2018, 2, 21);
    CHECK_OK(core_before(date, (core_duration){0, -86399, -999999}, &out));
    check_date(out, 2018, 2, 20);
}

static void extreme_durations_overflow_cleanly(void)
{
    core_date out;

    CHECK_STATUS(core_before(first, (core_duration){INT32_MAX, INT32_MAX, INT32_MAX}, &out),
                 CORE_OVERFLOW);
    CHECK_STATUS(core_before(last, (core_duration){INT32_MIN, INT32_MIN, INT32_MIN}, &out),
                 CORE_OVERFLOW);
    CHECK_STATUS(core_before(first, (core_duration){0, 0, 1}, &out), CORE_OVERFLOW);
    CHECK_OK(core_before(last, (core_duration){0, -86399, -999999}, &out));
    check_date(out, 9999, 12, 31);
    CHECK_OK(core_before((core_date){1970, 1, 1}, (core_duration){0, INT32_MIN, INT32_MIN}, &out));
    check_date(out, 2038, 1, 19);
}

static void days_between_is_the_later_less_the_earlier(void)
{
    core_duration out = {9, 9, 9};

    CHECK_OK(core_days_between((core_date){2018, 2, 8}, (core_date){2018, 2, 20}, &out));
    CHECK_INT(out.days, 12);
    CHECK_INT(out.seconds, 0);
    CHECK_INT(out.microseconds, 0);
    CHECK_OK(core_days_between((core_date){2018, 2, 20}, (core_date){2018, 2, 8}, &out));
    CHECK_INT(out.days, -12);
    CHECK_OK(core_days_between(first, last, &out));
    CHECK_INT(out.days, 3652058);
}

static void before_undoes_days_between(void)
{
    const core_date a = {1583, 10, 15};
    const core_date b = {2024, 2, 29};
    core_duration between;
    core_date out;

    CHECK_OK(core_days_between(a, b, &between));
    CHECK_OK(core_before(b, between, &out));
    CHECK(same(out, a));
}

int main(void)
{
    static const struct test tests[] = {
        TEST(a_million_seconds_before_a_date),
        TEST(zero_seconds_before_is_the_same_date),
        TEST(one_second_before_midnight_is_the_day_before),
        TEST(negative_seconds_go_forward),
        TEST(leap_days_are_where_the_gregorian_calendar_has_them),
        TEST(dates_outside_the_calendar_overflow),
        TEST(the_ends_of_the_calendar_are_reached),
        TEST(dates_that_are_not_in_the_calendar_are_invalid),
        TEST(null_pointers_are_refused),
        TEST(the_epoch_is_zero),
        TEST(known_timestamps),
        TEST(timestamps_are_rounded_down_to_their_date),
        TEST(timestamps_outside_the_calendar_overflow),
        TEST(every_date_of_the_calendar_and_its_timestamp_are_inverse),
        TEST(the_time_zone_makes_no_difference),
        TEST(a_duration_before_is_the_sum_of_its_parts),
        TEST(microseconds_count_and_round_down),
        TEST(extreme_durations_overflow_cleanly),
        TEST(days_between_is_the_later_less_the_earlier),
        TEST(before_undoes_days_between),
    };

    return RUN_TESTS(tests);
}
