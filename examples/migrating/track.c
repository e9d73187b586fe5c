#include "track.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define EARTH_RADIUS 6371008.8 /* metres: the mean radius of the IUGG */
#define DEGREE (3.14159265358979323846 / 180)

struct track {
    char *name;
    struct track_point *points;
    size_t size, capacity;
};

track *track_new(const char *name)
{
    track *t = calloc(1, sizeof *t);
    if (t != NULL && (t->name = strdup(name)) == NULL) {
        free(t);
        return NULL;
    }
    return t;
}

void track_free(track *t)
{
    if (t == NULL)
        return;
    free(t->name);
    free(t->points);
    free(t);
}

const char *track_name(const track *t)
{
    return t->name;
}

size_t track_size(const track *t)
{
    return t->size;
}

int track_add(track *t, struct track_point point)
{
    if (!(fabs(point.latitude) <= 90 && fabs(point.longitude) <= 180)) {
        errno = EINVAL;
        return -1;
    }
    if (t->size == t->capacity) {
        size_t capacity = t->capacity == 0 ? 8 : 2 * t->capacity;
        struct track_point *points = realloc(t->points, capacity * sizeof *points);
        if (points == NULL)
            return -1;
        t->points = points;
        t->capacity = capacity;
    }
    t->points[t->size++] = point;
    return 0;
}

/* The haversine formula. */
static double distance(struct track_point a, struct track_point b)
{
    double north = sin((b.latitude - a.latitude) * DEGREE / 2);
    double east = sin((b.longitude - a.longitude) * DEGREE / 2);
    double h = north * north + cos(a.latitude * DEGREE) * cos(b.latitude * DEGREE) * east * east;
    return 2 * EARTH_RADIUS * asin(sqrt(h));
}

double track_length(const track *t)
{
    double length = 0;
    for (size_t i = 1; i < t->size; i++)
        length += distance(t->points[i - 1], t->points[i]);
    return length;
}

int track_visit(const track *t, track_visitor visit, void *user)
{
    int stopped = 0;
    for (size_t i = 0; i < t->size && stopped == 0; i++)
        stopped = visit(&t->points[i], user);
    return stopped;
}
