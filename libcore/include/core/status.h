/* core/status.h - how calls end, and the text that says why they failed. */
#ifndef CORE_STATUS_H
#define CORE_STATUS_H

#include "api.h"

#ifdef __cplusplus
extern "C" {
#endif

/** How a call ended. The values never change; later versions may add some. Since 1.0. */
enum core_status {
    CORE_OK = 0,        /**< the results are written */
    CORE_INVALID = 1,   /**< an argument is outside what the function is defined for */
    CORE_OVERFLOW = 2,  /**< the result does not fit its type */
    CORE_NOMEM = 3,     /**< memory could not be had */
    CORE_IO = 4,        /**< input or output failed; errno says how */
    CORE_STUCK = 5,     /**< an apple is stuck in the throat */
    CORE_INDEX = 6,     /**< an index is beyond the end */
    CORE_TRUNCATED = 7, /**< the buffer is too small; the length that is needed is written */
};

/** What a status means, in general.
 *
 * status: any value, known or not.
 * Returns: static text. Never fails. Any thread. Since 1.0. */
CORE_API const char *core_status_message(enum core_status status);

/** What went wrong in this thread's last failure, such as "coef and vals differ in length: 2 and
 * 3", if that failure was of the given status; otherwise what the status means in general.
 *
 * status: what the failed call returned.
 * Returns: text that stays valid until the next failure in this thread, or its end. Never fails.
 * Any thread: each has its own last failure. Since 1.0. */
CORE_API const char *core_error_message(enum core_status status);

#ifdef __cplusplus
}
#endif

#endif
