/* text.c - greetings, factorials, sums as text, lines of a file. */
#include "internal.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define FACT_MAX 20 /* 20! is the last that fits 64 bits */

uint32_t core_greetings;

enum core_status core_say_hello(void)
{
    if (puts("Hello world!") == EOF || fflush(stdout) == EOF) {
        return core_fail_errno("cannot write to the standard output");
    }
    (void)__atomic_add_fetch(&core_greetings, 1, __ATOMIC_RELAXED);
    return CORE_OK;
}

enum core_status core_fact(uint32_t n, uint64_t *result)
{
    uint64_t product = 1;

    if (result == NULL) {
        return core_fail_null("result");
    }
    if (n > FACT_MAX) {
        return core_fail(CORE_OVERFLOW, "%" PRIu32 "! does not fit in 64 bits", n);
    }
    for (uint32_t factor = 2; factor <= n; factor++) {
        product *= factor;
    }
    *result = product;
    return CORE_OK;
}

/* Writes a + b in decimal into text and its length into *length. */
static enum core_status format_sum(uint64_t a, uint64_t b, char text[CORE_SUM_TEXT_SIZE],
                                   size_t *length)
{
    uint64_t sum;

    if (__builtin_add_overflow(a, b, &sum)) {
        return core_fail(CORE_OVERFLOW, "the sum does not fit in 64 bits: %" PRIu64 " + %" PRIu64,
                         a, b);
    }
    *length = (size_t)snprintf(text, CORE_SUM_TEXT_SIZE, "%" PRIu64, sum);
    return CORE_OK;
}

enum core_status core_sum_as_string(uint64_t a, uint64_t b, char **text)
{
    char decimal[CORE_SUM_TEXT_SIZE];
    size_t length = 0;
    enum core_status status = format_sum(a, b, decimal, &length);
    char *copy;

    if (status != CORE_OK) {
        return status;
    }
    if (text == NULL) {
        return core_fail_null("text");
    }
    copy = core_allocate(length + 1);
    if (copy == NULL) {
        return core_fail_memory(length + 1);
    }
    memcpy(copy, decimal, length + 1);
    *text = copy;
    return CORE_OK;
}

enum core_status core_sum_to_buffer(uint64_t a, uint64_t b, char *buffer, size_t capacity,
                                    size_t *length)
{
    char decimal[CORE_SUM_TEXT_SIZE];
    size_t whole = 0;
    enum core_status status = format_sum(a, b, decimal, &whole);

    if (status != CORE_OK) {
        return status;
    }
    return core_deliver(decimal, whole, buffer, capacity, length);
}

enum core_status core_count_lines(const char *path, uint64_t *lines)
{
    char block[16384];
    char last = '\n';
    uint64_t count = 0;
    size_t size;
    FILE *file;

    if (path == NULL) {
        return core_fail_null("path");
    }
    if (lines == NULL) {
        return core_fail_null("lines");
    }
    file = fopen(path, "rb");
    if (file == NULL) {
        return core_fail_errno("cannot open the file");
    }
    while ((size = fread(block, 1, sizeof block, file)) > 0) {
        const char *end = block + size;

        for (const char *at = block; (at = memchr(at, '\n', (size_t)(end - at))) != NULL; at++) {
            count++;
        }
        last = end[-1];
    }
    if (ferror(file)) {
        int error = errno;

        (void)fclose(file);
        errno = error;
        return core_fail_errno("cannot read the file");
    }
    (void)fclose(file);
    *lines = count + (last != '\n');
    return CORE_OK;
}

enum core_status core_throws_error(void)
{
    return core_fail(CORE_STUCK, "Hello Error: 🍏🍏");
}
