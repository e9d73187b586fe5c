#include "sundial.h"

#include <math.h>

#define DEGREE (3.14159265358979323846 / 180)

const char *sundial_status_text(enum sundial_status status)
{
    switch (status) {
    case SUNDIAL_OK:
        return "all is well";
    case SUNDIAL_INVALID:
        return "a latitude beyond the poles, or a day that is in no year";
    case SUNDIAL_NO_SUNRISE:
        return "the sun does not rise and set on this day";
    }
    return "unknown status";
}

const char *sundial_version(void)
{
    return SUNDIAL_VERSION;
}

enum sundial_status sundial_declination(int day, double *declination)
{
    if (day < 1 || day > 366) {
        return SUNDIAL_INVALID;
    }
    *declination = -23.44 * cos(360.0 / 365 * (day + 10) * DEGREE);
    return SUNDIAL_OK;
}

static int on_the_globe(const struct sundial_place *place)
{
    return fabs(place->latitude) <= 90 && fabs(place->longitude) <= 180;
}

enum sundial_status sundial_daylight(const struct sundial_place *place, int day, double *hours)
{
    double declination;
    enum sundial_status status = sundial_declination(day, &declination);
    if (status != SUNDIAL_OK || !on_the_globe(place)) {
        return SUNDIAL_INVALID;
    }
    double cosine = -tan(place->latitude * DEGREE) * tan(declination * DEGREE);
    if (fabs(cosine) > 1) {
        return SUNDIAL_NO_SUNRISE;
    }
    *hours = 2 * acos(cosine) / DEGREE / 15;
    return SUNDIAL_OK;
}

enum sundial_status sundial_lines(const struct sundial_place *place, double lines[12])
{
    if (!on_the_globe(place)) {
        return SUNDIAL_INVALID;
    }
    for (int hour = 7; hour <= 18; hour++) {
        double angle = 15.0 * (hour - 12) * DEGREE;
        lines[hour - 7] = atan2(sin(place->latitude * DEGREE) * sin(angle), cos(angle)) / DEGREE;
    }
    return SUNDIAL_OK;
}
