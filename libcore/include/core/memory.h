/* core/memory.h - freeing what libcore allocated, and where it allocates. */
#ifndef CORE_MEMORY_H
#define CORE_MEMORY_H

#include "status.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Frees memory that a function of libcore returned and that its description says core_free
 * frees. Objects have functions of their own: core_lucas_free, core_point_array_free.
 *
 * memory: may be NULL. Never fails, keeps errno. Any thread. Since 1.0. */
CORE_API void core_free(void *memory);

/** Sets where libcore gets its memory, for tests that make allocations fail and for programs with
 * an allocator of their own. The three behave as malloc, realloc and free; size is never 0.
 *
 * allocate, reallocate, release: all NULL for the C library's own, as at the start.
 * Errors: CORE_INVALID when only some are NULL; nothing changes then.
 * Not thread-safe: call it before anything else, or while nothing that libcore allocated is left
 * and no other thread is inside it. Since 1.0. */
CORE_API enum core_status core_set_allocator(void *(*allocate)(size_t size),
                                             void *(*reallocate)(void *memory, size_t size),
                                             void (*release)(void *memory));

#ifdef __cplusplus
}
#endif

#endif
