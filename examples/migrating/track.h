/* track.h - a path over the globe, as a list of points. A library to be bound in four ways. */
#ifndef TRACK_H
#define TRACK_H

#include <stddef.h>

/* In degrees. */
struct track_point {
    double latitude, longitude;
};

typedef struct track track;

/* Anything but 0 ends the visit. */
typedef int (*track_visitor)(const struct track_point *point, void *user);

track *track_new(const char *name); /* the name is copied; NULL: out of memory */
void track_free(track *t);
const char *track_name(const track *t);
size_t track_size(const track *t);
int track_add(track *t, struct track_point point); /* -1 with errno: EINVAL not on the globe, ENOMEM */
double track_length(const track *t);               /* metres, along great circles */
int track_visit(const track *t, track_visitor visit, void *user); /* what ended it, or 0 */

#endif
