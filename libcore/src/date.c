/* date.c - calendar arithmetic on a count of days from 1970-01-01.
 *
 * The count follows the method of Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms"
 * (https://howardhinnant.github.io/date_algorithms.html, days_from_civil and civil_from_days):
 * years begin on 1 March, so that the leap day is the last of its year and the months' lengths
 * follow a linear formula, and the calendar repeats every 400 years.
 */
#include "internal.h"

#include <stdbool.h>

#define SECONDS_PER_DAY         86400
#define MICROSECONDS_PER_SECOND 1000000
#define DAYS_PER_YEAR           365    /* of a common year */
#define DAYS_PER_CENTURY        36524  /* with 24 leap days */
#define DAYS_PER_ERA            146097 /* 400 years with 97 leap days */
#define DAYS_TO_EPOCH           719468 /* from 0000-03-01 to 1970-01-01 */

/* The counts of the calendar's ends, 0001-01-01 and 9999-12-31. */
#define FIRST_DAY (-719162)
#define LAST_DAY  2932896

static bool is_leap(int32_t year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static enum core_status check(core_date date)
{
    static const uint8_t lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    uint8_t length;

    if (date.year >= CORE_YEAR_MIN && date.year <= CORE_YEAR_MAX && date.month >= 1 &&
        date.month <= 12) {
        length = lengths[date.month - 1];
        if (date.month == 2 && is_leap(date.year)) {
            length++;
        }
        if (date.day >= 1 && date.day <= length) {
            return CORE_OK;
        }
    }
    return core_fail(CORE_INVALID, "there is no date %04d-%02d-%02d", (int)date.year,
                     (int)date.month, (int)date.day);
}

/* The days from 1970-01-01 to a date of the calendar. Years are counted from 0000-03-01, which is
 * not after any of them, so no division sees a negative number. */
static int32_t days_of(core_date date)
{
    int32_t months = (date.month + 9) % 12; /* since March */
    int32_t years = date.month > 2 ? date.year : date.year - 1;
    int32_t leap_days = years / 4 - years / 100 + years / 400;
    int32_t day_of_year = (153 * months + 2) / 5 + date.day - 1;

    return years * DAYS_PER_YEAR + leap_days + day_of_year - DAYS_TO_EPOCH;
}

/* The inverse of days_of, for FIRST_DAY to LAST_DAY. */
static core_date date_of(int32_t days)
{
    int32_t since = days + DAYS_TO_EPOCH;
    int32_t era = since / DAYS_PER_ERA;
    int32_t day_of_era = since % DAYS_PER_ERA;
    /* Less the leap days before it, a day of the era is one of a year of 365 days. */
    int32_t leap_days = day_of_era / (4 * DAYS_PER_YEAR) - day_of_era / DAYS_PER_CENTURY +
                        day_of_era / (DAYS_PER_ERA - 1);
    int32_t year_of_era = (day_of_era - leap_days) / DAYS_PER_YEAR;
    int32_t day_of_year =
        day_of_era - (year_of_era * DAYS_PER_YEAR + year_of_era / 4 - year_of_era / 100);
    int32_t months = (5 * day_of_year + 2) / 153; /* since March */
    int32_t month = months < 10 ? months + 3 : months - 9;
    int32_t year = 400 * era + year_of_era + (month <= 2);

    return (core_date){
        .year = year,
        .month = (uint8_t)month,
        .day = (uint8_t)(day_of_year - (153 * months + 2) / 5 + 1),
    };
}

static int64_t floor_divide(int64_t dividend, int64_t divisor)
{
    return dividend / divisor - (dividend % divisor < 0);
}

static enum core_status deliver_date(int64_t seconds, core_date *out)
{
    int64_t days = floor_divide(seconds, SECONDS_PER_DAY);

    if (days < FIRST_DAY || days > LAST_DAY) {
        return core_fail(CORE_OVERFLOW, "the date is outside the years %d to %d", CORE_YEAR_MIN,
                         CORE_YEAR_MAX);
    }
    *out = date_of((int32_t)days);
    return CORE_OK;
}

enum core_status core_seconds_before(core_date date, int64_t seconds, core_date *out)
{
    enum core_status status = check(date);
    int64_t moment;

    if (status != CORE_OK) {
        return status;
    }
    if (out == NULL) {
        return core_fail_null("out");
    }
    if (__builtin_sub_overflow((int64_t)days_of(date) * SECONDS_PER_DAY, seconds, &moment)) {
        /* Outside in any case: 64 bits of seconds are 292 thousand million years. */
        moment = seconds < 0 ? INT64_MAX : INT64_MIN;
    }
    return deliver_date(moment, out);
}

enum core_status core_before(core_date date, core_duration duration, core_date *out)
{
    int64_t seconds = (int64_t)duration.days * SECONDS_PER_DAY + duration.seconds;

    /* Going back by part of a second ends in the second before: rounding the moment down is
     * rounding the way back up. */
    seconds -= floor_divide(-(int64_t)duration.microseconds, MICROSECONDS_PER_SECOND);
    return core_seconds_before(date, seconds, out);
}

enum core_status core_to_timestamp(core_date date, int64_t *seconds)
{
    enum core_status status = check(date);

    if (status != CORE_OK) {
        return status;
    }
    if (seconds == NULL) {
        return core_fail_null("seconds");
    }
    *seconds = (int64_t)days_of(date) * SECONDS_PER_DAY;
    return CORE_OK;
}

enum core_status core_from_timestamp(int64_t seconds, core_date *out)
{
    if (out == NULL) {
        return core_fail_null("out");
    }
    return deliver_date(seconds, out);
}

enum core_status core_days_between(core_date a, core_date b, core_duration *out)
{
    enum core_status status = check(a);

    if (status == CORE_OK) {
        status = check(b);
    }
    if (status != CORE_OK) {
        return status;
    }
    if (out == NULL) {
        return core_fail_null("out");
    }
    *out = (core_duration){.days = days_of(b) - days_of(a)};
    return CORE_OK;
}
