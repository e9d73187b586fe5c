/* records.c - structs as classes: values, views, handles, for tests/test_classes.py and
 * tests/test_handles.py. Every shape of field, every special method, every kind of ownership. */
#include <errno.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <wchar.h>

/* ---- value classes ------------------------------------------------------------------------------ */

typedef struct point {
    uint32_t x, y;
} point;

typedef struct point3 {
    point base;
    uint32_t z;
} point3;

uint32_t point_sum(const point *p);
uint32_t point_sum(const point *p)
{
    return p->x + p->y;
}

void point_move(point *p, int32_t dx, int32_t dy);
void point_move(point *p, int32_t dx, int32_t dy)
{
    p->x += (uint32_t)dx;
    p->y += (uint32_t)dy;
}

point point_origin(void);
point point_origin(void)
{
    return (point){0, 0};
}

uint32_t point_manhattan(point a, point b);
uint32_t point_manhattan(point a, point b)
{
    uint32_t dx = a.x > b.x ? a.x - b.x : b.x - a.x;
    return dx + (a.y > b.y ? a.y - b.y : b.y - a.y);
}

uint32_t point3_sum(const point3 *p);
uint32_t point3_sum(const point3 *p)
{
    return point_sum(&p->base) + p->z;
}

double point_get_norm(const point *p);
double point_get_norm(const point *p)
{
    return sqrt((double)p->x * p->x + (double)p->y * p->y);
}

int point_set_norm(point *p, double norm);
int point_set_norm(point *p, double norm)
{
    double old = point_get_norm(p);
    if (!(norm >= 0) || old == 0)
        return 1;
    p->x = (uint32_t)lround(p->x * norm / old);
    p->y = (uint32_t)lround(p->y * norm / old);
    return 0;
}

/* ---- operators -------------------------------------------------------------------------------------- */

typedef struct vec {
    double x, y;
} vec;

#define VEC_BINARY(name, op)                                                                    \
    vec vec_##name(const vec *a, const vec *b);                                                 \
    vec vec_##name(const vec *a, const vec *b)                                                  \
    {                                                                                           \
        return (vec){a->x op b->x, a->y op b->y};                                               \
    }
VEC_BINARY(add, +)
VEC_BINARY(sub, -)
VEC_BINARY(mul, *)

vec vec_scale(const vec *a, double factor);
vec vec_scale(const vec *a, double factor)
{
    return (vec){a->x / factor, a->y / factor};
}

double vec_dot(vec a, vec b);
double vec_dot(vec a, vec b)
{
    return a.x * b.x + a.y * b.y;
}

vec vec_power(const vec *a, double exponent);
vec vec_power(const vec *a, double exponent)
{
    return (vec){pow(a->x, exponent), pow(a->y, exponent)};
}

void vec_iadd(vec *a, const vec *b);
void vec_iadd(vec *a, const vec *b)
{
    a->x += b->x;
    a->y += b->y;
}

vec vec_neg(const vec *a);
vec vec_neg(const vec *a)
{
    return (vec){-a->x, -a->y};
}

double vec_length(const vec *a);
double vec_length(const vec *a)
{
    return sqrt(vec_dot(*a, *a));
}

_Bool vec_bool(const vec *a);
_Bool vec_bool(const vec *a)
{
    return a->x != 0 || a->y != 0;
}

int vec_int(const vec *a);
int vec_int(const vec *a)
{
    return (int)a->x;
}

vec vec_call(const vec *a, double x, double y);
vec vec_call(const vec *a, double x, double y)
{
    return (vec){a->x + x, a->y + y};
}

typedef struct version {
    int major, minor;
} version;

int version_compare(const version *a, const version *b);
int version_compare(const version *a, const version *b)
{
    return a->major != b->major ? a->major - b->major : a->minor - b->minor;
}

int64_t version_hash(const version *a);
int64_t version_hash(const version *a)
{
    return a->major == 99 ? -1 : a->major * 1000 + a->minor;
}

const char *version_str(const version *a);
const char *version_str(const version *a)
{
    static char text[32];
    snprintf(text, sizeof text, "v%d.%d", a->major, a->minor);
    return text;
}

version version_parse(const char *text);
version version_parse(const char *text)
{
    version v = {0, 0};
    if (sscanf(text, "%d.%d", &v.major, &v.minor) < 1)
        v.major = -1;
    return v;
}

/* ---- pointers in records ------------------------------------------------------------------------------ */

typedef struct node {
    int value;
    struct node *next;
} node;

int node_total(const node *first);
int node_total(const node *first)
{
    int total = 0;
    for (int guard = 0; first != NULL && guard < 1000; first = first->next, guard++)
        total += first->value;
    return total;
}

typedef struct stream {
    const uint8_t *input;
    uint32_t input_size;
    uint8_t *output;
    uint32_t output_size;
} stream;

uint32_t stream_copy(stream *s);
uint32_t stream_copy(stream *s)
{
    uint32_t n = s->input_size < s->output_size ? s->input_size : s->output_size;
    if (n > 0)
        memcpy(s->output, s->input, n);
    return n;
}

typedef struct named {
    const char *name;
    void *address;
    const wchar_t *wide;
    int (*function)(int);
} named;

size_t named_length(const named *n);
size_t named_length(const named *n)
{
    return n->name == NULL ? 0 : strlen(n->name) + (n->wide == NULL ? 0 : wcslen(n->wide));
}

named named_make(void);
named named_make(void)
{
    return (named){"from C", NULL, L"w\u00efde", NULL};
}

/* ---- handles -------------------------------------------------------------------------------------------- */

enum status { STATUS_OK, STATUS_INVALID, STATUS_END };

static int live;
static char history[4096];

int live_count(void);
int live_count(void)
{
    return live;
}

const char *history_text(void);
const char *history_text(void)
{
    return history;
}

void history_clear(void);
void history_clear(void)
{
    history[0] = '\0';
}

static void note(const char *what)
{
    if (strlen(history) + strlen(what) + 2 < sizeof history) {
        strcat(history, what);
        strcat(history, " ");
    }
}

typedef struct counter {
    int next, stop;
} counter;

enum status counter_new(int start, int stop, counter **out);
enum status counter_new(int start, int stop, counter **out)
{
    if (stop < start)
        return STATUS_INVALID;
    *out = malloc(sizeof **out);
    **out = (counter){start, stop};
    live++;
    return STATUS_OK;
}

void counter_free(counter *c);
void counter_free(counter *c)
{
    if (c == NULL)
        return;
    note("counter");
    live--;
    free(c);
}

enum status counter_next(counter *c, int *value);
enum status counter_next(counter *c, int *value)
{
    if (c->next >= c->stop)
        return STATUS_END;
    *value = c->next++;
    return STATUS_OK;
}

int counter_left(const counter *c);
int counter_left(const counter *c)
{
    return c->stop - c->next;
}

void counter_wait(counter *c, int milliseconds);
void counter_wait(counter *c, int milliseconds)
{
    struct timespec t = {milliseconds / 1000, milliseconds % 1000 * 1000000L};
    c->next++;
    nanosleep(&t, NULL);
    c->next--;
}

/* Takes the counter over. Fails, and does not take it, when `fail` is set. */
enum status counter_swallow(counter *c, int fail);
enum status counter_swallow(counter *c, int fail)
{
    if (fail)
        return STATUS_INVALID;
    counter_free(c);
    return STATUS_OK;
}

int counter_get_stop(const counter *c);
int counter_get_stop(const counter *c)
{
    return c->stop;
}

enum status counter_set_stop(counter *c, int stop);
enum status counter_set_stop(counter *c, int stop)
{
    if (stop < c->next)
        return STATUS_INVALID;
    c->stop = stop;
    return STATUS_OK;
}

static counter shared_counter = {5, 8};

counter *counter_shared(void);
counter *counter_shared(void)
{
    return &shared_counter;
}

/* A cursor depends on its counter. */
typedef struct cursor {
    counter *of;
} cursor;

cursor *cursor_open(counter *of);
cursor *cursor_open(counter *of)
{
    cursor *c = malloc(sizeof *c);
    c->of = of;
    live++;
    return c;
}

cursor *cursor_after(cursor *c);
cursor *cursor_after(cursor *c)
{
    return cursor_open(c->of);
}

int cursor_left(const cursor *c);
int cursor_left(const cursor *c)
{
    return counter_left(c->of);
}

void cursor_close(cursor *c);
void cursor_close(cursor *c)
{
    note(c->of->stop >= 0 ? "cursor" : "cursor-too-late");
    live--;
    free(c);
}

/* ---- a container of records -------------------------------------------------------------------------------- */

typedef struct cell {
    point at;
    double weights[3];
    char name[8];
} cell;

typedef struct grid {
    size_t count;
    cell cells[];
} grid;

grid *grid_new(size_t count);
grid *grid_new(size_t count)
{
    grid *g = calloc(1, sizeof *g + count * sizeof(cell));
    g->count = count;
    for (size_t i = 0; i < count; i++)
        g->cells[i].at = (point){(uint32_t)i, (uint32_t)(i * i)};
    live++;
    return g;
}

void grid_free(grid *g);
void grid_free(grid *g)
{
    memset(g->cells, 0xdd, g->count * sizeof(cell));
    live--;
    free(g);
}

size_t grid_length(const grid *g);
size_t grid_length(const grid *g)
{
    return g->count;
}

cell *grid_get(grid *g, size_t i);
cell *grid_get(grid *g, size_t i)
{
    if (i >= g->count)
        abort(); /* the bridge checks */
    return &g->cells[i];
}

void grid_set(grid *g, size_t i, const cell *value);
void grid_set(grid *g, size_t i, const cell *value)
{
    if (i >= g->count)
        abort();
    g->cells[i] = *value;
}

void grid_delete(grid *g, size_t i);
void grid_delete(grid *g, size_t i)
{
    memmove(&g->cells[i], &g->cells[i + 1], (g->count - i - 1) * sizeof(cell));
    g->count--;
}

_Bool grid_contains(const grid *g, const point *p);
_Bool grid_contains(const grid *g, const point *p)
{
    for (size_t i = 0; i < g->count; i++)
        if (memcmp(&g->cells[i].at, p, sizeof *p) == 0)
            return 1;
    return 0;
}

/* A mapping from short names to integers. */
typedef struct table {
    char names[16][16];
    int values[16];
    int count;
    int entered;
} table;

table *table_new(void);
table *table_new(void)
{
    live++;
    return calloc(1, sizeof(table));
}

void table_free(table *t);
void table_free(table *t)
{
    live--;
    free(t);
}

static int table_find(const table *t, const char *name)
{
    int i = 0;
    while (i < t->count && strcmp(t->names[i], name) != 0)
        i++;
    return i;
}

enum status table_get(const table *t, const char *name, int *value);
enum status table_get(const table *t, const char *name, int *value)
{
    int i = table_find(t, name);
    if (i == t->count)
        return STATUS_INVALID;
    *value = t->values[i];
    return STATUS_OK;
}

void table_set(table *t, const char *name, int value);
void table_set(table *t, const char *name, int value)
{
    int i = table_find(t, name);
    if (i == t->count && t->count < 16)
        strncpy(t->names[t->count++], name, 15);
    if (i < 16)
        t->values[i] = value;
}

int table_length(const table *t);
int table_length(const table *t)
{
    return t->count;
}

void table_enter(table *t);
void table_enter(table *t)
{
    t->entered++;
}

_Bool table_exit(table *t);
_Bool table_exit(table *t)
{
    return --t->entered == 41;
}

void table_set_entered(table *t, int entered);
void table_set_entered(table *t, int entered)
{
    t->entered = entered;
}
