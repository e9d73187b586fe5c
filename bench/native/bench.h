/* bench.h - small functions that do next to nothing, so that what is measured is the call.
 *
 * All may be called from any thread, and none but bench_fail can fail.
 */
#ifndef BENCH_H
#define BENCH_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define BENCH_API __attribute__((visibility("default")))
#else
#define BENCH_API
#endif

/** How bench_fail ended. */
enum bench_status {
    BENCH_OK = 0,
    BENCH_REFUSED = 1,
};

BENCH_API void bench_noop(void);

/** The sum, modulo 2^32. */
BENCH_API int bench_add(int a, int b);

/** The length of the hypotenuse, by the textbook's formula. */
BENCH_API double bench_hypot(double x, double y);

/** The sum, modulo 2^32. */
BENCH_API int bench_eight(int a, int b, int c, int d, int e, int f, int g, int h);

/** How many bytes the text has, without its NUL. */
BENCH_API size_t bench_text_length(const char *text);

/** Static ASCII text. */
BENCH_API const char *bench_greeting(void);

/** The sum of n numbers. */
BENCH_API double bench_sum(const double *values, size_t n);

/** BENCH_REFUSED for every number but 0. */
BENCH_API enum bench_status bench_fail(int code);

/** What a status means: static text. */
BENCH_API const char *bench_message(enum bench_status status);

/* What follows is for the rows about raw memory: records by value, varargs, callbacks. */

struct bench_rect {
    int left, top, right, bottom;
};

/** The rectangle moved by so much in both directions. */
BENCH_API struct bench_rect bench_moved(struct bench_rect rect, int by);

/** The sum of n ints, modulo 2^32. */
BENCH_API int bench_total(int n, ...);

typedef int (*bench_visitor)(int value, void *user);

/** Calls visit(i, user) for i from 0 to n - 1: the sum of what it returns, modulo 2^32. */
BENCH_API int bench_visit(bench_visitor visit, void *user, int n);

typedef int (*bench_comparison)(const int *a, const int *b);

/** The C library's qsort over ints. */
BENCH_API void bench_sort(int *values, size_t n, bench_comparison compare);

#ifdef __cplusplus
}
#endif

#endif
