/* core/date.h - dates in the proleptic Gregorian calendar, from 0001-01-01 to 9999-12-31.
 *
 * A date stands for its first moment, 00:00:00 UTC. Every day has 86400 seconds: there are no leap
 * seconds. Nothing here depends on the machine's time zone or clock.
 */
#ifndef CORE_DATE_H
#define CORE_DATE_H

#include "status.h"

#ifdef __cplusplus
extern "C" {
#endif

#define CORE_YEAR_MIN 1
#define CORE_YEAR_MAX 9999

/** A date. Functions answer one that is not in the calendar, such as 2018-02-30, with
 * CORE_INVALID. Since 1.0. */
typedef struct core_date {
    int32_t year;  /**< CORE_YEAR_MIN to CORE_YEAR_MAX */
    uint8_t month; /**< 1 to 12 */
    uint8_t day;   /**< 1 to 31 */
} core_date;

/** A length of time: the sum of its three parts, each of any value and sign. Since 1.0. */
typedef struct core_duration {
    int32_t days;
    int32_t seconds;
    int32_t microseconds;
} core_duration;

/** The date some seconds before a date, rounded down to its date: 1000000 seconds before
 * 2018-02-20 it is 10:13:20 on 2018-02-08, so 2018-02-08.
 *
 * date: where to count from.
 * seconds: how far to go back; a negative number goes forward.
 * out: the date.
 * Errors: CORE_INVALID for no date; CORE_OVERFLOW outside the years 1 to 9999.
 * Any thread. Since 1.0. */
CORE_API enum core_status core_seconds_before(core_date date, int64_t seconds, core_date *out);

/** The date some length of time before a date, rounded down to its date.
 *
 * date: where to count from.
 * duration: how far to go back; a negative one goes forward.
 * out: the date.
 * Errors: CORE_INVALID for no date; CORE_OVERFLOW outside the years 1 to 9999.
 * Any thread. Since 1.0. */
CORE_API enum core_status core_before(core_date date, core_duration duration, core_date *out);

/** The seconds from 1970-01-01 to a date, negative for earlier dates.
 *
 * Errors: CORE_INVALID for no date. Any thread. Since 1.0. */
CORE_API enum core_status core_to_timestamp(core_date date, int64_t *seconds);

/** The date of a moment, rounded down: the inverse of core_to_timestamp.
 *
 * seconds: counted from 1970-01-01, negative for earlier moments.
 * Errors: CORE_OVERFLOW outside the years 1 to 9999. Any thread. Since 1.0. */
CORE_API enum core_status core_from_timestamp(int64_t seconds, core_date *out);

/** The time from one date to another, b less a: whole days, negative if b is earlier.
 *
 * out: its days; the other parts are 0.
 * Errors: CORE_INVALID for no date. Any thread. Since 1.0. */
CORE_API enum core_status core_days_between(core_date a, core_date b, core_duration *out);

#ifdef __cplusplus
}
#endif

#endif
