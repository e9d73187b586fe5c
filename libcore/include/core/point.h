/* core/point.h - points on the grid of unsigned 32-bit integers, in the plane and in space. */
#ifndef CORE_POINT_H
#define CORE_POINT_H

#include "status.h"

#ifdef __cplusplus
extern "C" {
#endif

/** How many coordinates a core_point has. */
#define CORE_POINT_DIMENSIONS 2

/** A capacity that is enough for core_point_format and core_point3_format, whatever the point. */
#define CORE_POINT_TEXT_SIZE 64

/** A point of the grid. Since 1.0. */
typedef struct core_point {
    uint32_t x;
    uint32_t y;
} core_point;

/** A point of the grid in space. A pointer to one may be passed, as &p.base, where a point of the
 * plane is asked for: its shadow on the plane z = 0. Since 1.0. */
typedef struct core_point3 {
    core_point base; /**< x and y */
    uint32_t z;
} core_point3;

/** Where a point lies. No coordinate is negative, so there is only the first quadrant, and what
 * bounds it. Since 1.0. */
enum core_quadrant {
    CORE_QUADRANT_ORIGIN = 0, /**< x and y are 0 */
    CORE_QUADRANT_X_AXIS = 1, /**< only y is 0 */
    CORE_QUADRANT_Y_AXIS = 2, /**< only x is 0 */
    CORE_QUADRANT_FIRST = 3,  /**< neither is 0 */
};

/** A set of axes: the flags of its members, combined with |. Since 1.0. */
enum core_axis {
    CORE_AXIS_NONE = 0,
    CORE_AXIS_X = 1,
    CORE_AXIS_Y = 2,
    CORE_AXIS_Z = 4,
};

/** The straight distance of two points, in single precision: each coordinate becomes a float, and
 * so does every intermediate result. Coordinates above 2^24 are thereby rounded; see
 * core_point_manhattan for an exact measure.
 *
 * Returns: the distance. Never fails. Any thread. Since 1.0. */
CORE_API float core_point_dist(const core_point *self, const core_point *other);

/** Adds two points, coordinate by coordinate.
 *
 * sum: the result; may be one of the two points.
 * Errors: CORE_OVERFLOW when a coordinate of the sum does not fit 32 bits.
 * Any thread. Since 1.0. */
CORE_API enum core_status core_point_add(const core_point *self, const core_point *other,
                                         core_point *sum);

/** The point (0, 0). Never fails. Any thread. Since 1.0. */
CORE_API core_point core_point_origin(void);

/** The distance of two points along the grid: |p.x - q.x| + |p.y - q.y|, exact.
 *
 * Never fails. Any thread. Since 1.0. */
CORE_API uint64_t core_point_manhattan(core_point p, core_point q);

/** The distance of a point from the origin, in double precision.
 *
 * Never fails. Any thread. Since 1.0. */
CORE_API double core_point_norm(const core_point *self);

/** Moves a point along its ray from the origin until its norm is the given one, then to the
 * nearest point of the grid (halves away from 0). Both coordinates change.
 *
 * self: not the origin, which has no ray. Unchanged on failure.
 * norm: the new distance from the origin, in steps of the grid.
 * Errors: CORE_INVALID for a norm that is negative or not a number, and for the origin;
 * CORE_OVERFLOW when a coordinate does not fit 32 bits, as for an infinite norm.
 * One thread at a time. Since 1.0. */
CORE_API enum core_status core_point_set_norm(core_point *self, double norm);

/** Where a point lies.
 *
 * Never fails. Any thread. Since 1.0. */
CORE_API enum core_quadrant core_point_quadrant(const core_point *self);

/** The axes along which a point is away from the origin: those of its coordinates that are not 0.
 *
 * Returns: flags of CORE_AXIS_X and CORE_AXIS_Y. Never fails. Any thread. Since 1.0. */
CORE_API enum core_axis core_point_axes(const core_point *self);

/** Writes a point as text: "Point {x = 1, y = 1}".
 *
 * buffer: where to; may be NULL when capacity is 0.
 * capacity: how many bytes buffer has room for. Text that is longer is cut; what is written ends
 * in a NUL whenever capacity is not 0.
 * length: how many bytes the whole text has without its NUL; written on CORE_TRUNCATED too.
 * Errors: CORE_TRUNCATED when capacity is not above *length. Any thread. Since 1.0. */
CORE_API enum core_status core_point_format(const core_point *self, char *buffer, size_t capacity,
                                            size_t *length);

/** The straight distance of two points in space, in single precision, as core_point_dist.
 *
 * Returns: the distance. Never fails. Any thread. Since 1.0. */
CORE_API float core_point3_dist(const core_point3 *self, const core_point3 *other);

/** The axes along which a point in space is away from the origin.
 *
 * Returns: flags of CORE_AXIS_X, _Y and _Z. Never fails. Any thread. Since 1.0. */
CORE_API enum core_axis core_point3_axes(const core_point3 *self);

/** Writes a point in space as text: "Point3 {x = 1, y = 2, z = 3}". The buffer is treated as by
 * core_point_format.
 *
 * Errors: CORE_TRUNCATED when capacity is not above *length. Any thread. Since 1.0. */
CORE_API enum core_status core_point3_format(const core_point3 *self, char *buffer, size_t capacity,
                                             size_t *length);

#ifdef __cplusplus
}
#endif

#endif
