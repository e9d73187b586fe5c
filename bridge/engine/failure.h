/* failure.h - errors that have no place in a description: of libraries and of calls. */
#ifndef SB_FAILURE_H
#define SB_FAILURE_H

#include "symbridge.h"

/* Fills *error, which may be NULL, without a position, and returns status. A message too long for
 * it is cut at a character. */
__attribute__((format(printf, 3, 4))) sb_status failure(sb_error *error, sb_status status,
                                                        const char *format, ...);

#endif
