/* loader_cache.c - /etc/ld.so.cache, which ldconfig writes for the loader of the GNU C library.
 *
 * Format "glibc-ld.so.cache1.1", in the machine's byte order: a header of 48 bytes, entries of 24 bytes
 * (flags, offsets of name and path, OS version, hardware capabilities), strings. Offsets count from
 * the header. The header may come after an older format's data ("ld.so-1.7.0", a count, entries of
 * 12 bytes).
 */
#include "builder.h" /* memory_resize */
#include "loader_cache.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAGIC     "glibc-ld.so.cache1.1"
#define OLD_MAGIC "ld.so-1.7.0"
#define OLD_HEAD  16
#define OLD_ENTRY 12
#define HEAD      48
#define ENTRY     24
#define MAX_TAKEN 64 /* entries of one name that are tried */

enum { KIND_MASK = 0xff, KIND_LIBC6 = 3 }; /* of an entry's flags: a library of this C library */

static uint32_t word(const uint8_t *p)
{
    uint32_t value;
    memcpy(&value, p, sizeof value);
    return value;
}

/* Skips the older format. Where the new one begins depends on the alignment of 64-bit words. */
static const uint8_t *find_head(const uint8_t *bytes, size_t *size)
{
    size_t length = strlen(MAGIC);
    if (*size >= HEAD && memcmp(bytes, MAGIC, length) == 0)
        return bytes;
    if (*size < OLD_HEAD || memcmp(bytes, OLD_MAGIC, strlen(OLD_MAGIC)) != 0)
        return NULL;
    uint64_t end = OLD_HEAD + (uint64_t)word(bytes + 12) * OLD_ENTRY;
    for (uint64_t start = end; start <= end + 4; start += 4) {
        if (start > *size || *size - start < HEAD || memcmp(bytes + start, MAGIC, length) != 0)
            continue;
        *size -= (size_t)start;
        return bytes + start;
    }
    return NULL;
}

/* The text at an offset, when it ends within the file. */
static const char *text_at(const uint8_t *bytes, size_t size, uint32_t offset)
{
    if (offset >= size || memchr(bytes + offset, '\0', size - offset) == NULL)
        return NULL;
    return (const char *)bytes + offset;
}

bool loader_cache_search(const uint8_t *bytes, size_t size, const char *name,
                         loader_cache_take take, void *context)
{
    const uint8_t *head = find_head(bytes, &size);
    if (head == NULL)
        return false;
    uint64_t count = word(head + strlen(MAGIC));
    if (count > (size - HEAD) / ENTRY)
        return false;
    size_t length = strlen(name) + 1;
    unsigned taken = 0;
    for (uint64_t i = 0; i < count; i++) {
        const uint8_t *entry = head + HEAD + i * ENTRY;
        uint32_t key = word(entry + 4);
        uint64_t capabilities;
        memcpy(&capabilities, entry + 16, sizeof capabilities);
        /* Variants for newer processors are the loader's to choose. */
        if (capabilities != 0 || (word(entry) & KIND_MASK) != KIND_LIBC6)
            continue;
        if (key >= size || size - key < length || memcmp(head + key, name, length) != 0)
            continue;
        const char *path = text_at(head, size, word(entry + 8));
        if (path == NULL || path[0] != '/')
            continue;
        if (take(path, context))
            return true;
        if (++taken >= MAX_TAKEN)
            return false;
    }
    return false;
}

static bool read_all(int file, uint8_t *bytes, size_t size)
{
    for (size_t done = 0; done < size;) {
        ssize_t got = read(file, bytes + done, size - done);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return false;
        done += (size_t)got;
    }
    return true;
}

bool loader_cache_find(const char *file, const char *name, loader_cache_take take, void *context)
{
    struct stat facts;
    bool found = false;
    uint8_t *bytes = NULL;
    int opened = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (opened < 0)
        return false;
    if (fstat(opened, &facts) == 0 && S_ISREG(facts.st_mode) && facts.st_size > 0 &&
        (uint64_t)facts.st_size <= LOADER_CACHE_MAX)
        bytes = memory_resize(NULL, (size_t)facts.st_size);
    if (bytes != NULL && read_all(opened, bytes, (size_t)facts.st_size))
        found = loader_cache_search(bytes, (size_t)facts.st_size, name, take, context);
    memory_free(bytes);
    (void)close(opened);
    return found;
}
