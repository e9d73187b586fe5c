/* What FFI calls: one function per kind of argument and result, each of which says what it saw. */
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wchar.h>

/* ---- scalars -------------------------------------------------------------------------------------- */

#define SAME(name, type)                                                                        \
    type name(type value)                                                                       \
    {                                                                                           \
        return value;                                                                           \
    }

SAME(same_schar, signed char)
SAME(same_uchar, unsigned char)
SAME(same_short, short)
SAME(same_ushort, unsigned short)
SAME(same_int, int)
SAME(same_uint, unsigned)
SAME(same_llong, long long)
SAME(same_ullong, unsigned long long)
SAME(same_bool, bool)
SAME(same_char, char)
SAME(same_wchar, wchar_t)
SAME(same_float, float)
SAME(same_double, double)
SAME(same_ldouble, long double)
SAME(same_cdouble, double _Complex)
SAME(same_pointer, void *)
SAME(same_text, const char *)

enum color { RED, GREEN = -5 };
enum color same_color(enum color value)
{
    return value;
}

long long add8(int a, int b, int c, int d, int e, int f, int g, int h)
{
    return a + 10LL * b + 100LL * c + 1000LL * d + 10000LL * e + 100000LL * f + 1000000LL * g +
           10000000LL * h;
}

double weigh(int8_t a, float b, uint16_t c, double d, int64_t e, float f, bool g, double h)
{
    return a + (double)b * 2 + c * 3 + d * 4 + (double)e * 5 + (double)f * 6 + g * 7 + h * 8;
}

double sum20(double a, int b, double c, int d, double e, int f, double g, int h, double i, int j,
             double k, int l, double m, int n, double o, int p, double q, int r, double s, int t)
{
    return a + b + c + d + e + f + g + h + i + j + k + l + m + n + o + p + q + r + s + t;
}

static int calls;

void count_call(void)
{
    calls++;
}

int called(void)
{
    return calls;
}

/* ---- pointers ------------------------------------------------------------------------------------- */

long sum_ints(const int *numbers, int count)
{
    long sum = 0;
    for (int i = 0; i < count; i++)
        sum += numbers[i];
    return sum;
}

void double_ints(int *numbers, int count)
{
    for (int i = 0; i < count; i++)
        numbers[i] *= 2;
}

size_t length_of(const char *text)
{
    return strlen(text);
}

size_t wide_length_of(const wchar_t *text)
{
    return wcslen(text);
}

int is_null(const void *address)
{
    return address == NULL;
}

int first_byte(const void *bytes)
{
    return *(const unsigned char *)bytes;
}

int count_true(const bool *flags, int count)
{
    int n = 0;
    for (int i = 0; i < count; i++)
        n += flags[i];
    return n;
}

/* ---- records --------------------------------------------------------------------------------------- */

struct pair {
    int a;
    double b;
};
struct bytes3 {
    unsigned char b[3];
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
struct __attribute__((packed)) packed {
    char c;
    int i;
};
struct nested {
    struct pair p;
    union number n;
};

SAME(same_bytes3, struct bytes3)
SAME(same_floats, struct floats)
SAME(same_nested, struct nested)
SAME(same_packed, struct packed)

struct pair swap_pair(struct pair p)
{
    return (struct pair){(int)p.b, p.a};
}

struct large reverse(struct large l)
{
    struct large r;
    for (int i = 0; i < 9; i++)
        r.numbers[i] = l.numbers[8 - i];
    return r;
}

struct bits turn_bits(struct bits b)
{
    return (struct bits){(b.low + 1u) & 7, -b.middle, b.high / 2};
}

union number negate(union number n)
{
    return (union number){.d = -n.d};
}

double sum_pairs(const struct pair *pairs, int count)
{
    double sum = 0;
    for (int i = 0; i < count; i++)
        sum += pairs[i].a * pairs[i].b;
    return sum;
}

/* ---- variadic -------------------------------------------------------------------------------------- */

int print(char *text, size_t size, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    int length = vsnprintf(text, size, format, list);
    va_end(list);
    return length;
}

double add_doubles(int count, ...)
{
    double sum = 0;
    va_list list;
    va_start(list, count);
    for (int i = 0; i < count; i++)
        sum += va_arg(list, double);
    va_end(list);
    return sum;
}

int add_pair(int count, ...)
{
    va_list list;
    va_start(list, count);
    struct pair p = va_arg(list, struct pair);
    va_end(list);
    return p.a + (int)p.b + count;
}

/* ---- errno, threads ---------------------------------------------------------------------------------- */

int swap_errno(int value)
{
    int old = errno;
    errno = value;
    return old;
}

int sleep_ms(int ms)
{
    return usleep((useconds_t)ms * 1000);
}

/* ---- addresses --------------------------------------------------------------------------------------- */

int (*choose(int which))(int)
{
    return which == 0 ? NULL : which > 0 ? abs : same_int;
}

struct operations {
    int (*unary)(int);
    double (*binary)(double, double);
};

static double multiply(double a, double b)
{
    return a * b;
}

const struct operations operations = {abs, multiply};
