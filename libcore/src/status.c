/* status.c - how failures are recorded and put into words. */
#include "internal.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Room for the longest detail and its NUL. What is longer is cut. */
#define DETAIL_SIZE 256

/* The last failure of each thread; lives and ends with the thread. CORE_OK: there was none. */
static _Thread_local struct {
    enum core_status status;
    char detail[DETAIL_SIZE];
} last_failure;

const char *core_status_message(enum core_status status)
{
    switch (status) {
    case CORE_OK:
        return "success";
    case CORE_INVALID:
        return "invalid argument";
    case CORE_OVERFLOW:
        return "the result does not fit its type";
    case CORE_NOMEM:
        return "out of memory";
    case CORE_IO:
        return "input or output failed";
    case CORE_STUCK:
        return "an apple is stuck in the throat";
    case CORE_INDEX:
        return "the index is beyond the end";
    case CORE_TRUNCATED:
        return "the buffer is too small";
    }
    return "unknown status";
}

const char *core_error_message(enum core_status status)
{
    if (status != CORE_OK && status == last_failure.status) {
        return last_failure.detail;
    }
    return core_status_message(status);
}

enum core_status core_fail(enum core_status status, const char *format, ...)
{
    int kept = errno;
    va_list arguments;

    va_start(arguments, format);
    (void)vsnprintf(last_failure.detail, sizeof last_failure.detail, format, arguments);
    va_end(arguments);
    last_failure.status = status;
    errno = kept;
    return status;
}

enum core_status core_fail_null(const char *parameter)
{
    return core_fail(CORE_INVALID, "%s is NULL", parameter);
}

enum core_status core_fail_memory(size_t size)
{
    return core_fail(CORE_NOMEM, "out of memory: %zu bytes could not be allocated", size);
}

enum core_status core_fail_errno(const char *doing)
{
    return core_fail(CORE_IO, "%s: %s", doing, strerror(errno));
}

enum core_status core_deliver(const char *text, size_t length, char *buffer, size_t capacity,
                              size_t *needed)
{
    if (buffer == NULL && capacity > 0) {
        return core_fail_null("buffer");
    }
    if (needed == NULL) {
        return core_fail_null("length");
    }
    *needed = length;
    if (length < capacity) {
        memcpy(buffer, text, length);
        buffer[length] = '\0';
        return CORE_OK;
    }
    if (capacity > 0) {
        memcpy(buffer, text, capacity - 1);
        buffer[capacity - 1] = '\0';
    }
    return core_fail(CORE_TRUNCATED, "the text takes %zu bytes and a NUL, the buffer has %zu",
                     length, capacity);
}
