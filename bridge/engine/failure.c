/* failure.c - errors that have no place in a description. */
#include "failure.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

sb_status failure(sb_error *error, sb_status status, const char *format, ...)
{
    if (error == NULL)
        return status;
    memset(error, 0, sizeof *error);
    error->status = status;
    va_list values;
    va_start(values, format);
    int length = vsnprintf(error->message, sizeof error->message, format, values);
    va_end(values);
    if (length >= (int)sizeof error->message) {
        /* Drop the UTF-8 sequence that the cut may have split. */
        size_t end = sizeof error->message - 1;
        while (end > 0 && ((unsigned char)error->message[end - 1] & 0xC0) == 0x80)
            end--;
        if (end > 0 && (unsigned char)error->message[end - 1] >= 0xC0)
            end--;
        error->message[end] = '\0';
    }
    return status;
}
