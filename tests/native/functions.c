/* functions.c - a library to be bound: one function for each way in which a value can cross.
 *
 * For each scalar type T: T_same (in, result), T_out, T_inout, T_in (behind a pointer to const),
 * T_sum (array in), T_fill (array out), T_many (more arguments than there are registers). */
#include <complex.h>
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <wchar.h>

#define SCALAR(name, T)                                                                         \
    T name##_same(T value) { return value; }                                                    \
    void name##_out(T value, T *out) { *out = value; }                                          \
    void name##_inout(T *value) { *value = (T)(*value + (T)1); }                                \
    T name##_in(const T *value) { return *value; }                                              \
    T name##_sum(const T *values, size_t n)                                                     \
    {                                                                                           \
        T sum = 0;                                                                              \
        for (size_t i = 0; i < n; i++)                                                          \
            sum = (T)(sum + values[i]);                                                         \
        return sum;                                                                             \
    }                                                                                           \
    void name##_fill(T *values, size_t n, T value)                                              \
    {                                                                                           \
        for (size_t i = 0; i < n; i++)                                                          \
            values[i] = value;                                                                  \
    }                                                                                           \
    T name##_many(T a, T b, T c, T d, T e, T f, T g, T h, T i, T j)                             \
    {                                                                                           \
        return (T)(a + b * (T)2 + c + d + e + f + g + h + i + j * (T)3);                        \
    }

SCALAR(int8, int8_t)
SCALAR(uint8, uint8_t)
SCALAR(int16, int16_t)
SCALAR(uint16, uint16_t)
SCALAR(int32, int32_t)
SCALAR(uint32, uint32_t)
SCALAR(int64, int64_t)
SCALAR(uint64, uint64_t)
SCALAR(long, long)
SCALAR(ulonglong, unsigned long long)
SCALAR(size, size_t)
SCALAR(float, float)
SCALAR(double, double)
SCALAR(longdouble, long double)
SCALAR(cfloat, float _Complex)
SCALAR(cdouble, double _Complex)
#ifdef __SIZEOF_INT128__
__extension__ typedef __int128 int128;
__extension__ typedef unsigned __int128 uint128;
SCALAR(int128, int128)
SCALAR(uint128, uint128)
#endif

_Bool bool_not(_Bool value) { return !value; }
char char_same(char value) { return value; }
wchar_t wchar_same(wchar_t value) { return value; }
uint_least16_t char16_same(uint_least16_t value) { return value; }
uint_least32_t char32_same(uint_least32_t value) { return value; }
void *pointer_same(void *value) { return value; }

double mixed(int8_t a, double b, uint64_t c, float d, int16_t e, double f, bool g, float h)
{
    return a + b * 2 + (double)c * 3 + d * 4 + e * 5 + f * 6 + g * 7 + h * 8;
}

double far_apart(double a, int b, double c, int d, double e, int f, double g, int h, double i, int j,
                 double k, int l, double m, int n, double o, int p, double q, int r, double s)
{
    return a + b + c + d + e + f + g + h + i + j + k + l + m + n + o + p + q + r * 100 + s * 1000;
}

/* ---- records by value, of every class ---------------------------------------------------------- */

struct pair32 { int32_t a, b; };
struct pair64 { int64_t a, b; };
struct floats2 { float a, b; };
struct floats3 { float a, b, c; };
struct doubles2 { double a, b; };
struct mixed16 { double a; int64_t b; };
struct mixed16_reversed { int64_t a; double b; };
struct large { int64_t a, b, c; double d; };
struct byte1 { uint8_t a; };
struct bytes3 { uint8_t a, b, c; };
struct nested { struct pair32 first; struct floats2 second; };

#define RECORD(T, field, other)                                                                 \
    struct T T##_swap(struct T value)                                                           \
    {                                                                                           \
        struct T result = value;                                                                \
        result.field = (__typeof__(result.field))value.other;                                   \
        result.other = (__typeof__(result.other))value.field;                                   \
        return result;                                                                          \
    }                                                                                           \
    double T##_late(int a, int b, int c, int d, int e, struct T value, double f)                \
    {                                                                                           \
        return a + b + c + d + e + (double)value.field * 10 + (double)value.other * 100 + f;    \
    }

RECORD(pair32, a, b)
RECORD(pair64, a, b)
RECORD(floats2, a, b)
RECORD(floats3, a, c)
RECORD(doubles2, a, b)
RECORD(mixed16, a, b)
RECORD(mixed16_reversed, a, b)
RECORD(large, a, d)
RECORD(byte1, a, a)
RECORD(bytes3, a, c)
RECORD(nested, first.a, second.b)

/* ---- text ----------------------------------------------------------------------------------------- */

size_t text_length(const char *text) { return text == NULL ? 12345 : strlen(text); }
const char *text_same(const char *text) { return text; }
const char *text_invalid(void) { return "\xff\xfe"; }
size_t wide_length(const wchar_t *text) { return text == NULL ? 12345 : wcslen(text); }
const wchar_t *wide_same(const wchar_t *text) { return text; }

static int live; /* blocks handed out and not yet given back */
int live_blocks(void) { return live; }

char *text_new(const char *text, int times)
{
    size_t n = strlen(text);
    char *made = malloc(n * (size_t)times + 1);
    made[0] = '\0';
    for (int i = 0; i < times; i++)
        memcpy(made + n * (size_t)i, text, n + 1);
    live++;
    return made;
}

void text_delete(char *text)
{
    if (text != NULL)
        live--;
    free(text);
}

int text_make(const char *text, char **out)
{
    if (text[0] == '\0')
        return 3;
    *out = text_new(text, 2);
    return 0;
}

int numbers_make(int n, int32_t **out, size_t *count)
{
    if (n < 0)
        return 3;
    int32_t *made = malloc(sizeof *made * (size_t)(n + 1));
    for (int i = 0; i < n; i++)
        made[i] = i * i;
    live++;
    *out = made;
    *count = (size_t)n;
    return 0;
}

void numbers_delete(int32_t *numbers) { text_delete((char *)numbers); }

/* snprintf's way: writes what fits and reports what it would need. */
size_t text_print(char *buffer, size_t capacity, const char *text, int times, size_t *needed)
{
    size_t n = strlen(text) * (size_t)times;
    *needed = n;
    for (size_t i = 0; i < n && i < capacity; i++)
        buffer[i] = text[i % strlen(text)];
    return n;
}

/* ---- failure ------------------------------------------------------------------------------------------ */

enum outcome { OUTCOME_FINE, OUTCOME_VALUE = 1, OUTCOME_CUSTOM, OUTCOME_EMPTY, OUTCOME_MORE = 100,
               OUTCOME_LAST };
enum outcome fail_with(enum outcome outcome, int errno_value)
{
    errno = errno_value;
    return outcome;
}
const char *outcome_text(enum outcome outcome)
{
    return outcome == OUTCOME_VALUE ? "a bad välue" : NULL;
}
int negative_fails(int n) { errno = ENOENT; return n; }
int nonzero_fails(int n) { errno = EACCES; return n; }
int zero_fails(int n) { errno = EINVAL; return n; }
void *null_fails(int n) { static int there; errno = ENOMEM; return n ? &there : NULL; }

/* ---- conduct -------------------------------------------------------------------------------------------- */

void sleep_milliseconds(int n)
{
    struct timespec t = {n / 1000, (long)(n % 1000) * 1000000};
    nanosleep(&t, NULL);
}

int add_up(int count, ...)
{
    va_list arguments;
    int sum = 0;
    va_start(arguments, count);
    for (int i = 0; i < count; i++)
        sum += va_arg(arguments, int);
    va_end(arguments);
    return sum;
}

double add_up_doubles(int count, ...)
{
    va_list arguments;
    double sum = 0;
    va_start(arguments, count);
    for (int i = 0; i < count; i++)
        sum += va_arg(arguments, double);
    va_end(arguments);
    return sum;
}
