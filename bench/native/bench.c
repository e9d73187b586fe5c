#include "bench.h"

#include <math.h>
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
