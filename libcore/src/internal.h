/* internal.h - what the sources of libcore share and do not offer. */
#ifndef CORE_INTERNAL_H
#define CORE_INTERNAL_H

#include "core/core.h"

/* Records a failure of this thread, with its detail as printf writes it, for core_error_message.
 * Keeps errno. Returns the status, so that a function can fail in one statement. */
__attribute__((format(printf, 2, 3))) enum core_status core_fail(enum core_status status,
                                                                 const char *format, ...);

/* Fails because an argument that must not be NULL is; the name is that of the parameter. */
enum core_status core_fail_null(const char *parameter);

/* Fails because that many bytes could not be had. */
enum core_status core_fail_memory(size_t size);

/* Fails as the C library did, with the error in errno; doing is "cannot read" or the like. */
enum core_status core_fail_errno(const char *doing);

/* Memory from the allocator of core_set_allocator. size is not 0. NULL when there is none. */
void *core_allocate(size_t size);
void *core_reallocate(void *memory, size_t size);

/* Ends a function that writes text into a caller's buffer: text of the given length, without the
 * NUL, is cut to the capacity, and *needed says what it would have taken. */
enum core_status core_deliver(const char *text, size_t length, char *buffer, size_t capacity,
                              size_t *needed);

#endif
