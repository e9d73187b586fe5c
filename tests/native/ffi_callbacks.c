/* What calls the functions that FFI's callbacks make: at once, later, from its own threads. */
#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

typedef int int_function(int n, void *user);

int apply(int_function *f, int n, void *user)
{
    return f(n, user);
}

int apply_with_errno(int_function *f, int n, int *number)
{
    errno = *number;
    int result = f(n, NULL);
    *number = errno;
    return result;
}

void apply_void(void (*f)(int), int n)
{
    f(n);
}

#define SAME(name, type)                                                                        \
    type same_##name(type (*f)(type), type value)                                               \
    {                                                                                           \
        return f(value);                                                                        \
    }

struct pair {
    int a;
    double b;
};
struct floats {
    float x, y, z;
};
struct large {
    long numbers[9];
};
struct bits {
    unsigned low : 3;
    int middle : 12;
    unsigned high : 30;
};
union number {
    int i;
    float f;
    double d;
};
enum color { RED, GREEN = -5 };

SAME(schar, signed char)
SAME(uchar, unsigned char)
SAME(short, short)
SAME(ushort, unsigned short)
SAME(int, int)
SAME(uint, unsigned)
SAME(llong, long long)
SAME(ullong, unsigned long long)
SAME(bool, bool)
SAME(char, char)
SAME(wchar, wchar_t)
SAME(float, float)
SAME(double, double)
SAME(ldouble, long double)
SAME(cdouble, double _Complex)
SAME(pointer, int *)
SAME(color, enum color)
SAME(pair, struct pair)
SAME(floats, struct floats)
SAME(large, struct large)
SAME(bits, struct bits)
SAME(number, union number)

/* What a register holds above a narrow result: callers of some ABIs look. */
int narrow(signed char (*f)(void))
{
    return f();
}

double mixed(double (*f)(int8_t, float, uint16_t, double, int64_t, float, bool, double))
{
    return f(-1, 0.5f, 2, 0.25, 3, 1.5f, true, 10.0);
}

long spilled(long (*f)(long, long, long, long, long, long, long, long, long, long))
{
    return f(1, 2, 3, 4, 5, 6, 7, 8, 9, 10);
}

/* ---- later -------------------------------------------------------------------------------------------- */

static int_function *kept;

void keep(int_function *f)
{
    kept = f;
}

int call_kept(int n)
{
    return kept(n, NULL);
}

static void call_kept_at_exit(void)
{
    kept(-1, NULL);
}

int keep_for_exit(int_function *f)
{
    kept = f;
    return atexit(call_kept_at_exit);
}

/* ---- threads ------------------------------------------------------------------------------------------ */

struct work {
    int_function *f;
    int times;
    long sum;
};

static void *run(void *object)
{
    struct work *work = object;
    for (int i = 0; i < work->times; i++)
        work->sum += work->f(i, work);
    return NULL;
}

/* Calls f `times` times in each of `threads` threads at once. */
long call_in_threads(int_function *f, int threads, int times)
{
    pthread_t made[16];
    struct work works[16];
    long sum = 0;
    for (int i = 0; i < threads; i++) {
        works[i] = (struct work){f, times, 0};
        if (pthread_create(&made[i], NULL, run, &works[i]) != 0)
            return -1;
    }
    for (int i = 0; i < threads; i++) {
        pthread_join(made[i], NULL);
        sum += works[i].sum;
    }
    return sum;
}

static void *call_for_ever(void *object)
{
    int_function *f = *(int_function **)object;
    for (int i = 0;; i++)
        f(i, NULL);
    return NULL;
}

/* A thread that never ends, and calls all the time. */
int call_in_background(int_function *f)
{
    static int_function *function;
    pthread_t thread;
    function = f;
    return pthread_create(&thread, NULL, call_for_ever, &function);
}
