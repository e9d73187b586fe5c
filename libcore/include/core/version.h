/* core/version.h - which libcore this is: at compile time by macro, at run time by function. */
#ifndef CORE_VERSION_H
#define CORE_VERSION_H

#include "api.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The headers' version. A new major version is a new soname, libcore.so.MAJOR. */
#define CORE_VERSION_MAJOR 1
#define CORE_VERSION_MINOR 0
#define CORE_VERSION_PATCH 0
#define CORE_VERSION "1.0.0"

/* The headers' version as one number that grows: 1.2.3 is 10203. */
#define CORE_VERSION_NUMBER                                                                        \
    (CORE_VERSION_MAJOR * 10000 + CORE_VERSION_MINOR * 100 + CORE_VERSION_PATCH)

/** The version of the library that is running, such as "1.0.0".
 *
 * Returns: static text. Never fails. Any thread. Since 1.0. */
CORE_API const char *core_version(void);

/** The running library's CORE_VERSION_NUMBER. Read only. Since 1.0. */
extern CORE_API const uint32_t core_version_number;

#ifdef __cplusplus
}
#endif

#endif
