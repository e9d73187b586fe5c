/* memory.c - the one place where the engine gets memory. */
#include "builder.h"

#include <stdlib.h>

static sb_reallocate current; /* NULL: the C library's */

void sb_set_allocator(sb_reallocate reallocate)
{
    current = reallocate;
}

void *memory_resize(void *memory, size_t size)
{
    if (current != NULL)
        return current(memory, size);
    return realloc(memory, size);
}

void memory_free(void *memory)
{
    if (memory == NULL)
        return;
    if (current != NULL)
        (void)current(memory, 0);
    else
        free(memory);
}

void sb_free(void *memory)
{
    memory_free(memory);
}
