/* core/point_array.h - many points in one block of memory. */
#ifndef CORE_POINT_ARRAY_H
#define CORE_POINT_ARRAY_H

#include "point.h"

#ifdef __cplusplus
extern "C" {
#endif

/** An array of points whose size never changes and whose points never move: pointers into it are
 * valid until it is freed.
 *
 * Made by core_point_array_new, freed by core_point_array_free. Any number of threads may read it;
 * one that writes must be alone. Since 1.0. */
typedef struct core_point_array core_point_array;

/** Makes an array of n points, all (0, 0).
 *
 * n: may be 0.
 * out: the new array; the caller frees it with core_point_array_free.
 * Errors: CORE_NOMEM. Any thread. Since 1.0. */
CORE_API enum core_status core_point_array_new(size_t n, core_point_array **out);

/** Frees an array; pointers to its points end with it.
 *
 * array: may be NULL. Never fails. One thread at a time. Since 1.0. */
CORE_API void core_point_array_free(core_point_array *array);

/** How many points an array has. Never fails. Any thread. Since 1.0. */
CORE_API size_t core_point_array_size(const core_point_array *array);

/** The point at an index, to read or to write.
 *
 * Returns: a pointer into the array, valid as long as the array; NULL when index is beyond its end.
 * Never fails otherwise. Any thread. Since 1.0. */
CORE_API core_point *core_point_array_at(core_point_array *array, size_t index);

/** Copies the point at an index out of an array.
 *
 * out: the point.
 * Errors: CORE_INDEX when index is beyond the end. Any thread. Since 1.0. */
CORE_API enum core_status core_point_array_get(const core_point_array *array, size_t index,
                                               core_point *out);

/** Copies a point into an array, at an index.
 *
 * Errors: CORE_INDEX when index is beyond the end. One thread at a time. Since 1.0. */
CORE_API enum core_status core_point_array_set(core_point_array *array, size_t index,
                                               core_point point);

/** All points of an array, core_point_array_size of them in a row.
 *
 * Returns: a pointer into the array, valid as long as the array, never NULL; for an array of size 0
 * it must not be read. Never fails. Any thread. Since 1.0. */
CORE_API core_point *core_point_array_data(core_point_array *array);

/** Finds the point of an array that is nearest to a point by straight distance, compared exactly.
 *
 * index: the nearest point's index, the lowest of those that are equally near.
 * Errors: CORE_INVALID for an array of size 0.
 * Takes time proportional to the size. Any thread. Since 1.0. */
CORE_API enum core_status core_point_array_nearest(const core_point_array *array,
                                                   const core_point *point, size_t *index);

#ifdef __cplusplus
}
#endif

#endif
