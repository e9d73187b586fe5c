/* point_array.c - many points in one block of memory. */
#include "internal.h"

#include <string.h>

__extension__ typedef unsigned __int128 uwide;

/* One allocation, owned by the caller of core_point_array_new; size never changes. Many threads
 * may read, or one write. */
struct core_point_array {
    size_t size;
    core_point points[];
};

enum core_status core_point_array_new(size_t n, core_point_array **out)
{
    core_point_array *array;
    size_t size;

    if (out == NULL) {
        return core_fail_null("out");
    }
    if (__builtin_mul_overflow(n, sizeof(core_point), &size) ||
        __builtin_add_overflow(size, sizeof *array, &size)) {
        return core_fail(CORE_NOMEM, "out of memory: %zu points are more than can be addressed", n);
    }
    array = core_allocate(size);
    if (array == NULL) {
        return core_fail_memory(size);
    }
    memset(array, 0, size);
    array->size = n;
    *out = array;
    return CORE_OK;
}

void core_point_array_free(core_point_array *array)
{
    core_free(array);
}

size_t core_point_array_size(const core_point_array *array)
{
    return array->size;
}

core_point *core_point_array_at(core_point_array *array, size_t index)
{
    return index < array->size ? &array->points[index] : NULL;
}

core_point *core_point_array_data(core_point_array *array)
{
    return array->points;
}

static enum core_status check(const core_point_array *array, size_t index)
{
    if (array == NULL) {
        return core_fail_null("array");
    }
    if (index >= array->size) {
        return core_fail(CORE_INDEX, "index %zu is beyond the end of an array of %zu points", index,
                         array->size);
    }
    return CORE_OK;
}

enum core_status core_point_array_get(const core_point_array *array, size_t index, core_point *out)
{
    enum core_status status = check(array, index);

    if (status != CORE_OK) {
        return status;
    }
    if (out == NULL) {
        return core_fail_null("out");
    }
    *out = array->points[index];
    return CORE_OK;
}

enum core_status core_point_array_set(core_point_array *array, size_t index, core_point point)
{
    enum core_status status = check(array, index);

    if (status != CORE_OK) {
        return status;
    }
    array->points[index] = point;
    return CORE_OK;
}

/* The square of the distance, which takes up to 65 bits. */
static uwide distance_squared(const core_point *p, const core_point *q)
{
    uint64_t dx = p->x < q->x ? q->x - p->x : p->x - q->x;
    uint64_t dy = p->y < q->y ? q->y - p->y : p->y - q->y;

    return (uwide)dx * dx + (uwide)dy * dy;
}

enum core_status core_point_array_nearest(const core_point_array *array, const core_point *point,
                                          size_t *index)
{
    size_t nearest = 0;
    uwide least;

    if (array == NULL) {
        return core_fail_null("array");
    }
    if (point == NULL) {
        return core_fail_null("point");
    }
    if (index == NULL) {
        return core_fail_null("index");
    }
    if (array->size == 0) {
        return core_fail(CORE_INVALID, "the array is empty: it has no nearest point");
    }
    least = distance_squared(&array->points[0], point);
    for (size_t i = 1; i < array->size && least > 0; i++) {
        uwide distance = distance_squared(&array->points[i], point);

        if (distance < least) {
            least = distance;
            nearest = i;
        }
    }
    *index = nearest;
    return CORE_OK;
}
