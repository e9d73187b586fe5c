/* bulk.c - arrays that lie in C's memory as Python sees them, for tests/test_bulk.py. */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* ---- a record with every kind of padding ---- */

struct inner {
    uint8_t tag;
    uint16_t code;
};

struct sample {
    int8_t kind;
    double value;
    struct inner parts[2];
    char name[6];
    bool good;
    unsigned low : 3, high : 5;
    float matrix[2][2];
    int64_t hidden;
    uint8_t last;
};

size_t bulk_sample_size(void)
{
    return sizeof(struct sample);
}

double bulk_sum_samples(const struct sample *samples, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += samples[i].value + samples[i].parts[1].code + samples[i].last;
    return sum;
}

void bulk_double_samples(struct sample *samples, size_t n)
{
    for (size_t i = 0; i < n; i++)
        samples[i].value *= 2;
}

size_t bulk_samples_address(const struct sample *samples, size_t n)
{
    (void)n;
    return (size_t)samples;
}

/* ---- a record without padding between its numbers ---- */

#pragma pack(push, 1)
struct tight {
    uint8_t flag;
    uint32_t number;
    double weight;
};
#pragma pack(pop)

struct flat {
    int32_t x, y, z;
};

struct node {
    struct node *next;
    int32_t value;
};

int64_t bulk_sum_flat(const struct flat *items, size_t n)
{
    int64_t sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += items[i].x + 10 * items[i].y + 100 * items[i].z;
    return sum;
}

/* ---- stores ---- */

struct store {
    size_t size;
    struct sample *samples;
    struct tight *tight;
    struct node *nodes;
    double *numbers;
};

static size_t live;

size_t bulk_live(void)
{
    return live;
}

struct store *bulk_store_new(size_t n)
{
    struct store *s = calloc(1, sizeof *s);
    s->size = n;
    if (n > 0) {
        s->samples = calloc(n, sizeof *s->samples);
        s->tight = calloc(n, sizeof *s->tight);
        s->nodes = calloc(n, sizeof *s->nodes);
        s->numbers = calloc(n, sizeof *s->numbers);
    }
    live++;
    return s;
}

void bulk_store_free(struct store *s)
{
    free(s->samples);
    free(s->tight);
    free(s->nodes);
    free(s->numbers);
    free(s);
    live--;
}

size_t bulk_store_size(const struct store *s)
{
    return s->size;
}

struct sample *bulk_store_samples(struct store *s)
{
    return s->samples;
}

const double *bulk_store_numbers(struct store *s, int *count)
{
    *count = (int)s->size;
    return s->numbers;
}

int bulk_store_tight(struct store *s, struct tight **items, uint32_t *n)
{
    if (s->size == 13)
        return 1;
    *items = s->tight;
    *n = (uint32_t)s->size;
    return 0;
}

struct node *bulk_store_nodes(struct store *s, size_t *n)
{
    *n = s->size;
    return s->nodes;
}

double bulk_store_get(const struct store *s, size_t i)
{
    return s->samples[i].value;
}

struct store *bulk_store_lost(void)
{
    struct store *s = bulk_store_new(0);
    s->size = 5;
    return s;
}
