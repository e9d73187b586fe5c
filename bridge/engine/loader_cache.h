/* loader_cache.h - the loader's cache of library names, and what library.c and locate.c share. */
#ifndef SB_LOADER_CACHE_H
#define SB_LOADER_CACHE_H

#include "symbridge.h"

#define LOADER_CACHE     "/etc/ld.so.cache"
#define LOADER_CACHE_MAX (64u << 20) /* bytes of it that are read */

/* Calls `take` with each path that the cache file has for a library's name, in its order, until it
 * returns true; returns whether it did. A cache that is absent or damaged has none. */
typedef bool (*loader_cache_take)(const char *path, void *context);
bool loader_cache_find(const char *file, const char *name, loader_cache_take take, void *context);
/* The same with the cache's bytes. */
bool loader_cache_search(const uint8_t *bytes, size_t size, const char *name,
                         loader_cache_take take, void *context);

/* The path of the file that a handle of dlopen is of. */
sb_status locate_handle(void *handle, char *path, size_t size, sb_error *error);

#endif
