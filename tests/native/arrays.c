/* arrays.c - arrays in every direction and ownership, for tests/test_arrays.py. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

/* ---- in ---- */

double arr_sum(const double *values, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += values[i];
    return sum;
}

size_t arr_address(const double *values, size_t n)
{
    (void)n;
    return (size_t)values;
}

double arr_dot(const double *xs, const double *ys, int n)
{
    double sum = 0;
    for (int i = 0; i < n; i++)
        sum += xs[i] * ys[i];
    return sum;
}

double arr_weighted(const double *xs, const double *weights, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += xs[i] * (weights == NULL ? 1 : weights[i]);
    return sum;
}

unsigned arr_count8(const int32_t *values, uint8_t n)
{
    (void)values;
    return n;
}

int64_t arr_trace(const int64_t *matrix)
{
    return matrix[0] + matrix[5] + matrix[10] + matrix[15];
}

int64_t arr_sum_to_zero(const int32_t *values)
{
    int64_t sum = 0;
    while (*values != 0)
        sum += *values++;
    return sum;
}

unsigned arr_checksum(const void *data, size_t size)
{
    unsigned sum = 0;
    for (size_t i = 0; i < size; i++)
        sum = sum * 31 + ((const unsigned char *)data)[i];
    return sum;
}

size_t arr_count_byte(const char *text, size_t n, char c)
{
    size_t count = 0;
    for (size_t i = 0; i < n; i++)
        count += text[i] == c;
    return count;
}

size_t arr_wide_length(const wchar_t *text, size_t n)
{
    (void)text;
    return n;
}

size_t arr_joined_length(const char *const *parts, size_t n)
{
    size_t length = 0;
    for (size_t i = 0; i < n; i++)
        length += strlen(parts[i]);
    return length;
}

int arr_count_strings(const char *const *argv)
{
    int n = 0;
    while (argv[n] != NULL)
        n++;
    return n;
}

#define SUM(name, type)                                                                         \
    type arr_sum_##name(const type *values, size_t n)                                           \
    {                                                                                           \
        type sum = 0;                                                                           \
        for (size_t i = 0; i < n; i++)                                                          \
            sum = (type)(sum + values[i]);                                                      \
        return sum;                                                                             \
    }
SUM(int8, int8_t)
SUM(uint8, uint8_t)
SUM(int16, int16_t)
SUM(uint16, uint16_t)
SUM(int32, int32_t)
SUM(uint32, uint32_t)
SUM(int64, int64_t)
SUM(uint64, uint64_t)
SUM(float, float)
SUM(longdouble, long double)

int arr_count_true(const _Bool *values, size_t n)
{
    int count = 0;
    for (size_t i = 0; i < n; i++)
        count += values[i];
    return count;
}

/* ---- in place ---- */

void arr_scale(double *values, size_t n, double factor)
{
    for (size_t i = 0; i < n; i++)
        values[i] *= factor;
}

void arr_fill_bytes(unsigned char *bytes, size_t n, unsigned char value)
{
    memset(bytes, value, n);
}

/* ---- records, enums, handles ---- */

struct arr_point {
    int32_t x, y;
};
enum arr_color { ARR_RED, ARR_GREEN, ARR_BLUE };
struct arr_day {
    int32_t year;
    uint8_t month, day;
};
struct arr_box {
    int value;
};

int64_t arr_sum_points(const struct arr_point *points, size_t n)
{
    int64_t sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += points[i].x + points[i].y;
    return sum;
}

int64_t arr_sum_point_pointers(const struct arr_point *const *points, size_t n)
{
    int64_t sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += points[i]->x + points[i]->y;
    return sum;
}

void arr_move_points(struct arr_point *points, size_t n, int32_t by)
{
    for (size_t i = 0; i < n; i++) {
        points[i].x += by;
        points[i].y += by;
    }
}

int arr_count_color(const enum arr_color *colors, size_t n, enum arr_color wanted)
{
    int count = 0;
    for (size_t i = 0; i < n; i++)
        count += colors[i] == wanted;
    return count;
}

int64_t arr_sum_years(const struct arr_day *days, size_t n)
{
    int64_t sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += days[i].year;
    return sum;
}

struct arr_box *arr_box_new(int value)
{
    struct arr_box *box = malloc(sizeof *box);
    if (box != NULL)
        box->value = value;
    return box;
}

void arr_box_free(struct arr_box *box)
{
    free(box);
}

int arr_sum_boxes(struct arr_box *const *boxes, size_t n)
{
    int sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += boxes[i]->value;
    return sum;
}

/* ---- out, room made by the caller ---- */

void arr_squares(int32_t *values, size_t n)
{
    for (size_t i = 0; i < n; i++)
        values[i] = (int32_t)(i * i);
}

void arr_half_filled(int64_t *values, int n, int *written)
{
    for (int i = 0; i < n / 2; i++)
        values[i] = i;
    *written = n / 2;
}

void arr_identity(double *matrix)
{
    matrix[0] = matrix[3] = 1;
}

void arr_untouched(uint64_t *values, size_t n)
{
    (void)values;
    (void)n;
}

void arr_random_bytes(uint8_t *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++)
        bytes[i] = (uint8_t)(i + 1);
}

/* A copy of a text, as long as it fits; says how long it is. */
void arr_name(const char *name, char *buffer, size_t capacity, size_t *length)
{
    *length = strlen(name);
    if (*length <= capacity)
        memcpy(buffer, name, *length);
}

void arr_greeting(char *buffer)
{
    strcpy(buffer, "hello");
}

void arr_up_to(int32_t *values, size_t *n, int32_t end)
{
    size_t room = *n;
    *n = (size_t)end;
    for (int32_t i = 0; i < end && (size_t)i < room; i++)
        values[i] = i;
}

static int up_to_calls;

/* Needs `end` places; writes nothing when there are fewer. */
int arr_many(int32_t *values, double *halves, size_t capacity, size_t *needed, int32_t end)
{
    up_to_calls++;
    *needed = (size_t)end;
    if (capacity < (size_t)end)
        return 1;
    for (int32_t i = 0; i < end; i++) {
        values[i] = i;
        halves[i] = i / 2.0;
    }
    return 0;
}

int arr_many_calls(void)
{
    return up_to_calls;
}

int arr_fails_by_size(int32_t *values, size_t capacity, size_t *needed)
{
    (void)values;
    (void)capacity;
    *needed = SIZE_MAX;
    return -1;
}

/* dst before src, as memcpy has it. */
void arr_negate(double *negated, const double *values, size_t n)
{
    for (size_t i = 0; i < n; i++)
        negated[i] = -values[i];
}

void arr_make_points(struct arr_point *points, size_t n)
{
    for (size_t i = 0; i < n; i++)
        points[i] = (struct arr_point){(int32_t)i, -(int32_t)i};
}

void arr_make_colors(enum arr_color *colors, size_t n)
{
    for (size_t i = 0; i < n; i++)
        colors[i] = (enum arr_color)(i % 3);
}

void arr_make_days(struct arr_day *days, size_t n)
{
    for (size_t i = 0; i < n; i++)
        days[i] = (struct arr_day){2000 + (int32_t)i, 1, (uint8_t)(i + 1)};
}

/* ---- out, made by the function ---- */

static int live_blocks;

static void *allocate(size_t size)
{
    live_blocks++;
    return malloc(size);
}

void arr_free(void *memory)
{
    if (memory != NULL)
        live_blocks--;
    free(memory);
}

int arr_live_blocks(void)
{
    return live_blocks;
}

int arr_evens(size_t n, int64_t **values, size_t *count)
{
    if (n > 1000000)
        return -1;
    *values = n == 0 ? NULL : allocate(n * sizeof **values);
    for (size_t i = 0; i < n; i++)
        (*values)[i] = (int64_t)(2 * i);
    *count = n;
    return 0;
}

void arr_with_malloc(int32_t **values, int *count)
{
    *values = malloc(3 * sizeof **values);
    for (int i = 0; i < 3; i++)
        (*values)[i] = i + 1;
    *count = 3;
}

void arr_blob(uint8_t **bytes, size_t *count)
{
    *bytes = allocate(4);
    memcpy(*bytes, "\x00\x01\xff\x80", 4);
    *count = 4;
}

void arr_bad_strings(char ***strings, size_t *count)
{
    static char good[] = "good", bad[] = "\xff\xfe";
    *strings = allocate(2 * sizeof **strings);
    (*strings)[0] = good;
    (*strings)[1] = bad;
    *count = 2;
}

void arr_histogram(const char *text, char ***letters, uint32_t **counts, size_t *n)
{
    static char names[26][2];
    *letters = allocate(26 * sizeof **letters);
    *counts = allocate(26 * sizeof **counts);
    *n = 0;
    for (char c = 'a'; c <= 'z'; c++) {
        uint32_t count = 0;
        for (const char *p = text; *p != '\0'; p++)
            count += *p == c;
        if (count == 0)
            continue;
        names[c - 'a'][0] = c;
        (*letters)[*n] = names[c - 'a'];
        (*counts)[(*n)++] = count;
    }
}

void arr_squares_dict(int32_t *keys, int64_t *values, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        keys[i] = (int32_t)i;
        values[i] = (int64_t)(i * i);
    }
}

double arr_total(const char *const *names, const double *prices, size_t n, const char *skip)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        if (skip == NULL || strcmp(names[i], skip) != 0)
            sum += prices[i];
    return sum;
}

/* ---- results ---- */

static const int32_t primes[] = {2, 3, 5, 7, 11, 0};

const int32_t *arr_primes(size_t *n)
{
    *n = 5;
    return primes;
}

const int32_t *arr_primes_to_zero(void)
{
    return primes;
}

const int32_t *arr_first_primes(size_t n)
{
    return n > 5 ? NULL : primes;
}

int32_t *arr_copied_primes(void)
{
    int32_t *copy = allocate(3 * sizeof *copy);
    memcpy(copy, primes, 3 * sizeof *copy);
    return copy;
}

const char *const *arr_days(void)
{
    static const char *const days[] = {"Mon", "Tue", "Wed", NULL};
    return days;
}

const double *arr_nothing(size_t *n, size_t claimed)
{
    *n = claimed;
    return NULL;
}
