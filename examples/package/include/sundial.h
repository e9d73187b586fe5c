/* sundial: where the sun stands. Plain C11; it knows no Python.
 *
 * All angles are in degrees. The functions keep no state: any thread may call them. */
#ifndef SUNDIAL_H
#define SUNDIAL_H

#include <stddef.h>

#if defined(__GNUC__)
#define SUNDIAL_API __attribute__((visibility("default")))
#else
#define SUNDIAL_API
#endif

#define SUNDIAL_VERSION "1.0.0"

enum sundial_status {
    SUNDIAL_OK = 0,
    SUNDIAL_INVALID = 1, /* a latitude beyond the poles, or a day that is in no year */
    SUNDIAL_NO_SUNRISE = 2 /* the sun stays up, or stays down, for the whole day */
};

/* A place on the globe; north and east are positive. */
struct sundial_place {
    double latitude;
    double longitude;
};

/* The text of a status; never NULL. */
SUNDIAL_API const char *sundial_status_text(enum sundial_status status);

/* SUNDIAL_VERSION of the library that runs. */
SUNDIAL_API const char *sundial_version(void);

/* The sun's declination at noon of a day, 1 to 366, within half a degree. */
SUNDIAL_API enum sundial_status sundial_declination(int day, double *declination);

/* Hours from sunrise to sunset at a place, without refraction. */
SUNDIAL_API enum sundial_status sundial_daylight(const struct sundial_place *place, int day,
                                                 double *hours);

/* The dial's twelve lines for a place: angles from noon at 7, 8, ... 18 hours of solar time. */
SUNDIAL_API enum sundial_status sundial_lines(const struct sundial_place *place, double lines[12]);

#endif
