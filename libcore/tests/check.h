/* check.h - what the C tests are written with.
 *
 * A test is a function named by the behaviour that it shows. A check that fails is reported and
 * the test goes on; run_tests prints the outcome in the Test Anything Protocol and returns what
 * main must return.
 */
#ifndef CORE_TESTS_CHECK_H
#define CORE_TESTS_CHECK_H

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/status.h"

struct test {
    const char *name;
    void (*run)(void);
};

#define TEST(function)                                                                             \
    {                                                                                              \
        .name = #function, .run = (function)                                                       \
    }

#define RUN_TESTS(tests) run_tests((tests), sizeof(tests) / sizeof((tests)[0]))

#define CHECK(condition) check_true((condition), __FILE__, __LINE__, #condition)
#define CHECK_INT(actual, expected)                                                                \
    check_int((actual), (expected), __FILE__, __LINE__, #actual)
#define CHECK_UINT(actual, expected)                                                               \
    check_uint((actual), (expected), __FILE__, __LINE__, #actual)
#define CHECK_TEXT(actual, expected)                                                               \
    check_text((actual), (expected), __FILE__, __LINE__, #actual)

/* The call returns the status. */
#define CHECK_STATUS(call, status) check_status((call), (status), __FILE__, __LINE__, #call)
#define CHECK_OK(call) CHECK_STATUS(call, CORE_OK)

/* The call fails with the status, and says so in exactly these words. */
#define CHECK_FAILS(call, status, message)                                                         \
    (CHECK_STATUS(call, status), CHECK_TEXT(core_error_message(status), message))

/* How many checks of the current test failed. */
static unsigned check_failures;

static inline int check_true(int passed, const char *file, int line, const char *what)
{
    if (!passed) {
        check_failures++;
        printf("# %s:%d: not so: %s\n", file, line, what);
    }
    return passed;
}

static inline int check_int(int64_t actual, int64_t expected, const char *file, int line,
                            const char *what)
{
    if (actual != expected) {
        check_failures++;
        printf("# %s:%d: %s is %" PRId64 ", expected %" PRId64 "\n", file, line, what, actual,
               expected);
    }
    return actual == expected;
}

static inline int check_uint(uint64_t actual, uint64_t expected, const char *file, int line,
                             const char *what)
{
    if (actual != expected) {
        check_failures++;
        printf("# %s:%d: %s is %" PRIu64 ", expected %" PRIu64 "\n", file, line, what, actual,
               expected);
    }
    return actual == expected;
}

static inline int check_text(const char *actual, const char *expected, const char *file, int line,
                             const char *what)
{
    int passed = actual != NULL && strcmp(actual, expected) == 0;

    if (!passed) {
        check_failures++;
        printf("# %s:%d: %s is \"%s\", expected \"%s\"\n", file, line, what,
               actual != NULL ? actual : "(null)", expected);
    }
    return passed;
}

static inline int check_status(enum core_status actual, enum core_status expected,
                               const char *file, int line, const char *what)
{
    if (actual != expected) {
        check_failures++;
        printf("# %s:%d: %s ended as %d (%s), expected %d (%s)\n", file, line, what, (int)actual,
               core_error_message(actual), (int)expected, core_status_message(expected));
    }
    return actual == expected;
}

static inline int run_tests(const struct test *tests, size_t n)
{
    int outcome = EXIT_SUCCESS;

    printf("1..%zu\n", n);
    for (size_t i = 0; i < n; i++) {
        check_failures = 0;
        tests[i].run();
        if (check_failures > 0) {
            outcome = EXIT_FAILURE;
        }
        printf("%s %zu - ", check_failures == 0 ? "ok" : "not ok", i + 1);
        for (const char *at = tests[i].name; *at != '\0'; at++) {
            putchar(*at == '_' ? ' ' : *at);
        }
        putchar('\n');
        fflush(stdout);
    }
    return outcome;
}

#endif
