/* point.c - points on the unsigned grid. */
#include "internal.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

/* Floats before the subtraction, so that a smaller minuend does not wrap around. */
static float difference(uint32_t a, uint32_t b)
{
    return (float)a - (float)b;
}

float core_point_dist(const core_point *self, const core_point *other)
{
    float dx = difference(self->x, other->x);
    float dy = difference(self->y, other->y);

    return sqrtf(dx * dx + dy * dy);
}

float core_point3_dist(const core_point3 *self, const core_point3 *other)
{
    float dx = difference(self->base.x, other->base.x);
    float dy = difference(self->base.y, other->base.y);
    float dz = difference(self->z, other->z);

    return sqrtf(dx * dx + dy * dy + dz * dz);
}

enum core_status core_point_add(const core_point *self, const core_point *other, core_point *sum)
{
    core_point result;

    if (self == NULL) {
        return core_fail_null("self");
    }
    if (other == NULL) {
        return core_fail_null("other");
    }
    if (sum == NULL) {
        return core_fail_null("sum");
    }
    if (__builtin_add_overflow(self->x, other->x, &result.x)) {
        return core_fail(CORE_OVERFLOW, "x does not fit in 32 bits: %" PRIu32 " + %" PRIu32,
                         self->x, other->x);
    }
    if (__builtin_add_overflow(self->y, other->y, &result.y)) {
        return core_fail(CORE_OVERFLOW, "y does not fit in 32 bits: %" PRIu32 " + %" PRIu32,
                         self->y, other->y);
    }
    *sum = result;
    return CORE_OK;
}

core_point core_point_origin(void)
{
    return (core_point){0, 0};
}

static uint64_t along(uint32_t a, uint32_t b)
{
    return a < b ? b - a : a - b;
}

uint64_t core_point_manhattan(core_point p, core_point q)
{
    return along(p.x, q.x) + along(p.y, q.y);
}

double core_point_norm(const core_point *self)
{
    return hypot(self->x, self->y);
}

enum core_status core_point_set_norm(core_point *self, double norm)
{
    double x;
    double y;
    double before;

    if (self == NULL) {
        return core_fail_null("self");
    }
    if (isnan(norm)) {
        return core_fail(CORE_INVALID, "norm is not a number");
    }
    if (norm < 0) {
        return core_fail(CORE_INVALID, "norm is negative: %g", norm);
    }
    if (self->x == 0 && self->y == 0) {
        return core_fail(CORE_INVALID, "the origin cannot be scaled: it has no direction");
    }
    before = core_point_norm(self);
    /* A coordinate of 0 stays so, whatever the norm; times infinity it would not be a number. */
    x = self->x == 0 ? 0 : round(self->x * norm / before);
    y = self->y == 0 ? 0 : round(self->y * norm / before);
    if (x > UINT32_MAX || y > UINT32_MAX) {
        return core_fail(CORE_OVERFLOW, "a point of norm %g is outside the grid of 32 bits", norm);
    }
    self->x = (uint32_t)x;
    self->y = (uint32_t)y;
    return CORE_OK;
}

enum core_axis core_point_axes(const core_point *self)
{
    return (enum core_axis)((self->x != 0 ? CORE_AXIS_X : CORE_AXIS_NONE) |
                            (self->y != 0 ? CORE_AXIS_Y : CORE_AXIS_NONE));
}

enum core_axis core_point3_axes(const core_point3 *self)
{
    return (enum core_axis)(core_point_axes(&self->base) |
                            (self->z != 0 ? CORE_AXIS_Z : CORE_AXIS_NONE));
}

enum core_quadrant core_point_quadrant(const core_point *self)
{
    if (self->y == 0) {
        return self->x == 0 ? CORE_QUADRANT_ORIGIN : CORE_QUADRANT_X_AXIS;
    }
    return self->x == 0 ? CORE_QUADRANT_Y_AXIS : CORE_QUADRANT_FIRST;
}

enum core_status core_point_format(const core_point *self, char *buffer, size_t capacity,
                                   size_t *length)
{
    char text[CORE_POINT_TEXT_SIZE];
    int written;

    if (self == NULL) {
        return core_fail_null("self");
    }
    written =
        snprintf(text, sizeof text, "Point {x = %" PRIu32 ", y = %" PRIu32 "}", self->x, self->y);
    return core_deliver(text, (size_t)written, buffer, capacity, length);
}

enum core_status core_point3_format(const core_point3 *self, char *buffer, size_t capacity,
                                    size_t *length)
{
    char text[CORE_POINT_TEXT_SIZE];
    int written;

    if (self == NULL) {
        return core_fail_null("self");
    }
    written =
        snprintf(text, sizeof text, "Point3 {x = %" PRIu32 ", y = %" PRIu32 ", z = %" PRIu32 "}",
                 self->base.x, self->base.y, self->z);
    return core_deliver(text, (size_t)written, buffer, capacity, length);
}
