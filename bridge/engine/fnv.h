/* fnv.h - the FNV-1a hash, 64 bits wide, a byte at a time. */
#ifndef SYMBRIDGE_FNV_H
#define SYMBRIDGE_FNV_H

#include <stdint.h>

#define FNV_START 0xcbf29ce484222325u /* the hash of nothing */

static inline uint64_t fnv_byte(uint64_t hash, unsigned char byte)
{
    return (hash ^ byte) * 0x100000001b3u;
}

/* The hash of what was hashed so far with a text behind it. */
static inline uint64_t fnv_text(uint64_t hash, const char *text)
{
    for (; *text != '\0'; text++)
        hash = fnv_byte(hash, (unsigned char)*text);
    return hash;
}

#endif
