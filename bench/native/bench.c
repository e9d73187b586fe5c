#include "bench.h"

#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

void bench_noop(void)
{
}

int bench_add(int a, int b)
{
    return (int)((unsigned)a + (unsigned)b);
}

double bench_hypot(double x, double y)
{
    return sqrt(x * x + y * y);
}

int bench_eight(int a, int b, int c, int d, int e, int f, int g, int h)
{
    return (int)((unsigned)a + (unsigned)b + (unsigned)c + (unsigned)d + (unsigned)e + (unsigned)f +
                 (unsigned)g + (unsigned)h);
}

size_t bench_text_length(const char *text)
{
    return strlen(text);
}

const char *bench_greeting(void)
{
    return "good morning, everybody";
}

/* Eight sums side by side: a single one would wait for each addition, and the row would measure
 * the adder more than the way to it. */
double bench_sum(const double *values, size_t n)
{
    double sums[8] = {0};
    size_t i = 0;
    for (; i + 8 <= n; i += 8) {
        for (size_t lane = 0; lane < 8; lane++)
            sums[lane] += values[i + lane];
    }
    for (; i < n; i++)
        sums[0] += values[i];
    return ((sums[0] + sums[1]) + (sums[2] + sums[3])) +
           ((sums[4] + sums[5]) + (sums[6] + sums[7]));
}

enum bench_status bench_fail(int code)
{
    return code == 0 ? BENCH_OK : BENCH_REFUSED;
}

const char *bench_message(enum bench_status status)
{
    return status == BENCH_OK ? "fine" : "refused";
}

struct bench_rect bench_moved(struct bench_rect rect, int by)
{
    rect.left += by;
    rect.top += by;
    rect.right += by;
    rect.bottom += by;
    return rect;
}

int bench_total(int n, ...)
{
    unsigned total = 0;
    va_list values;
    va_start(values, n);
    for (int i = 0; i < n; i++)
        total += (unsigned)va_arg(values, int);
    va_end(values);
    return (int)total;
}

int bench_visit(bench_visitor visit, void *user, int n)
{
    unsigned total = 0;
    for (int i = 0; i < n; i++)
        total += (unsigned)visit(i, user);
    return (int)total;
}

void bench_sort(int *values, size_t n, bench_comparison compare)
{
    qsort(values, n, sizeof *values, (int (*)(const void *, const void *))compare);
}
