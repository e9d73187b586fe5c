/* core/api.h - what every header of libcore needs: how its functions are offered.
 *
 * Common to all headers:
 *
 * - A function that can fail returns an enum core_status and writes its results through its last
 *   parameters, and only when it returns CORE_OK; where a result is written on failure too, the
 *   function says so.
 * - A pointer parameter must not be NULL unless the function says that it may be. A function that
 *   returns a status answers NULL with CORE_INVALID; for the others it is undefined.
 * - Text is UTF-8, ends in a NUL, and never depends on the locale.
 * - "Any thread" means that calls may overlap, on other objects or, for const parameters, on the
 *   same one. "One thread at a time" means that calls on one object must not overlap.
 */
#ifndef CORE_API_H
#define CORE_API_H

#include <stddef.h>
#include <stdint.h>

/* Offered by the shared library; whatever is not marked so stays inside it. */
#if defined(__GNUC__)
#define CORE_API __attribute__((visibility("default")))
#else
#define CORE_API
#endif

#endif
