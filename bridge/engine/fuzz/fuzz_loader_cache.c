/* fuzz_loader_cache.c - any bytes as the loader's cache, and a name that the seeds hold. */
#include "loader_cache.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef struct visit {
    const uint8_t *data;
    size_t size;
    bool any;
} visit;

static bool look(const char *path, void *context)
{
    visit *v = context;
    size_t at = (size_t)((const uint8_t *)path - v->data);
    if (at >= v->size || strlen(path) >= v->size - at || path[0] != '/')
        abort();
    v->any = true;
    return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    visit v = {data, size, false};
    if (loader_cache_search(data, size, "liba.so.1", look, &v))
        abort(); /* nobody took one */
    (void)loader_cache_search(data, size, "", look, &v);
    return 0;
}
