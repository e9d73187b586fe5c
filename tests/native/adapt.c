/* adapt.c - structs that cross as existing Python classes, for tests/test_adapt.py. */
#include <stdint.h>

struct ad_date {
    int32_t year;
    uint8_t month, day;
};
struct ad_small_date {
    int8_t year;
    uint8_t month, day;
};
struct ad_datetime {
    int16_t year;
    uint8_t month, day, hour, minute, second;
    int32_t microsecond;
};
struct ad_minute {
    int16_t year;
    uint8_t month, day, hour, minute;
};
struct ad_time {
    int hour, minute, second, microsecond;
};
struct ad_duration {
    int64_t days;
    int32_t seconds, microseconds;
};
struct ad_days {
    int32_t days;
};
struct ad_complex {
    double re, im;
};
struct ad_complexf {
    float real, imag;
};
struct ad_fraction {
    int64_t numerator;
    int64_t denominator;
};
struct ad_reversed {
    int32_t day, month, year;
};
enum ad_color { AD_RED, AD_GREEN };
struct ad_shade {
    enum ad_color color;
    double level;
};

#define SAME(name) \
    struct ad_##name ad_##name##_same(struct ad_##name value) \
    { \
        return value; \
    } \
    void ad_##name##_copy(const struct ad_##name *value, struct ad_##name *out) \
    { \
        *out = *value; \
    }
SAME(date)
SAME(small_date)
SAME(datetime)
SAME(minute)
SAME(time)
SAME(duration)
SAME(days)
SAME(complex)
SAME(complexf)
SAME(fraction)
SAME(reversed)
SAME(shade)

struct ad_date ad_date_make(int year, int month, int day)
{
    return (struct ad_date){year, (uint8_t)month, (uint8_t)day};
}

struct ad_duration ad_duration_make(int64_t days, int32_t seconds, int32_t microseconds)
{
    return (struct ad_duration){days, seconds, microseconds};
}

struct ad_fraction ad_fraction_make(int64_t numerator, int64_t denominator)
{
    return (struct ad_fraction){numerator, denominator};
}

int ad_year_or(const struct ad_date *date, int otherwise)
{
    return date == 0 ? otherwise : date->year;
}

void ad_next_year(struct ad_date *date)
{
    date->year++;
}

/* Padding must not carry what was in memory before. */
int ad_padding(struct ad_date value)
{
    const unsigned char *bytes = (const unsigned char *)&value;
    return bytes[6] | bytes[7];
}
