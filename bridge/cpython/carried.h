/* carried.h - what a library's file says of itself, while it is being loaded. */
#ifndef BRIDGE_CARRIED_H
#define BRIDGE_CARRIED_H

#include "bridge.h"

/* One library before it is opened, and its description. Lives on the stack of one call; the bytes lie
 * in the image. */
typedef struct carried {
    const char *library; /* as asked for */
    sb_image *image;     /* NULL: there is none to read */
    bool wants_text;
    sb_bytes text, facts; /* bytes NULL: it carries none; text is read when it is wanted */
    char path[4096];      /* of the file that was read; empty: none was found */
} carried;

/* Reads what the file carries that the loader would open, without running its code. A file that
 * cannot be found or is no library is no error: opening it will say so. -1 with LibraryError for
 * notes that are none. */
int carried_read(bridge_state *state, carried *c, const char *library, bool wants_text);
void carried_end(carried *c);

/* Compares the description d, whose text this is, with the facts. Where they differ, judge(path, file,
 * text, own text or None, facts) decides: it raises, or lets it pass. -1 with an exception. */
int carried_verify(bridge_state *state, carried *c, const sb_description *d, const char *file,
                   const char *text, size_t size, PyObject *judge);

/* Whether the library that has been opened is of the file that was read. When it is not, that of the
 * library is read instead. 1: it is; 0: another was read; -1 with LibraryError. */
int carried_follow(bridge_state *state, carried *c, sb_library *library);

#endif
