/* memory.c - where memory comes from and how it goes back. */
#include "internal.h"

#include <stdlib.h>

/* Process-wide; written by core_set_allocator only, before any other use. */
static struct {
    void *(*allocate)(size_t size);
    void *(*reallocate)(void *memory, size_t size);
    void (*release)(void *memory);
} allocator = {malloc, realloc, free};

enum core_status core_set_allocator(void *(*allocate)(size_t size),
                                    void *(*reallocate)(void *memory, size_t size),
                                    void (*release)(void *memory))
{
    if (allocate == NULL && reallocate == NULL && release == NULL) {
        allocate = malloc;
        reallocate = realloc;
        release = free;
    }
    if (allocate == NULL) {
        return core_fail_null("allocate");
    }
    if (reallocate == NULL) {
        return core_fail_null("reallocate");
    }
    if (release == NULL) {
        return core_fail_null("release");
    }
    allocator.allocate = allocate;
    allocator.reallocate = reallocate;
    allocator.release = release;
    return CORE_OK;
}

void *core_allocate(size_t size)
{
    return allocator.allocate(size);
}

void *core_reallocate(void *memory, size_t size)
{
    return allocator.reallocate(memory, size);
}

void core_free(void *memory)
{
    if (memory != NULL) {
        allocator.release(memory);
    }
}
