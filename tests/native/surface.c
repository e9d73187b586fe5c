/* surface.c - one function for each way in which Python meets C; see surface.bridge. None does
 * anything with what it is given but to give it back. */
#include <complex.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <uchar.h>
#include <wchar.h>

enum color { RED = 1, GREEN = 2 };
enum style { BOLD = 1, THIN = 2 };
enum outcome { DONE = 0, WRONG = 1, OVER = 9 };

struct pair { int first, second; };
struct pair3 { struct pair base; int third; };
struct date { int year, month, day; };
struct zplane { double real, imag; };
struct frozen { int64_t value; };
struct inner { char tag; short depth; };

struct rich {
    int number;
    unsigned flag : 1, level : 4;
    enum color color : 4;
    enum color shade;
    double weights[3];
    unsigned char raw[4];
    char title[8];
    const char *label;
    struct pair pair;
    struct pair *link;
    struct box *box;
    void *address;
    struct pair pairs[2];
    double *data;
    size_t data_size;
    union { int whole; struct { short low, high; }; };
    union { char bytes[4]; unsigned word; } un;
    struct { int a; double b; } tuple;
    const int fixed;
    int (*compare)(const void *a, const void *b);
    int grid[2][3];
};

union either { int number; double real; };

struct shadow { int int_, str_; };

/* ---- numbers: taken and given back */

int take_int(int value) { return value; }
uint64_t take_u64(uint64_t value) { return value; }
bool take_bool(bool value) { return value; }
double take_double(double value) { return value; }
float take_float(float value) { return value; }
long double take_long_double(long double value) { return value; }
double complex take_complex(double complex value) { return value; }
char take_char(char value) { return value; }
wchar_t take_wide(wchar_t value) { return value; }
char16_t take_char16(char16_t value) { return value; }
enum color take_color(enum color value) { return value; }
enum style take_style(enum style value) { return value; }

/* ---- pointers */

void *take_address(void *value) { return value; }
const void *take_const_address(const void *value) { return value; }
const char *take_text(const char *value) { return value; }
const char *take_maybe_text(const char *value) { return value; }
const char *take_bytes(const char *value) { return value; }
const char *take_latin(const char *value) { return value; }
const wchar_t *take_wide_text(const wchar_t *value) { return value; }
size_t take_path(const char *value) { return strlen(value); }
int take_number_behind(const int *value) { return *value; }
int (*take_function(int (*value)(int)))(int) { return value; }

/* ---- arrays */

double take_numbers(const double *values, size_t n) { return n > 0 ? values[0] : 0; }
void take_in_place(double *values, size_t n) { (void)values; (void)n; }
size_t take_memory(const void *value, size_t n) { (void)value; return n; }
size_t take_characters(const char *value, size_t n) { (void)value; return n; }
size_t take_texts(const char *const *values, size_t n) { (void)values; return n; }
size_t take_pairs(const struct pair *values, size_t n) { (void)values; return n; }
size_t take_boxes(struct box *const *values, size_t n) { (void)values; return n; }
size_t take_colors(const enum color *values, size_t n) { (void)values; return n; }
size_t take_dates(const struct date *values, size_t n) { (void)values; return n; }
size_t take_until_zero(const int *values) { size_t n = 0; while (values[n] != 0) n++; return n; }
size_t take_dict(const char *const *keys, const int *values, size_t n)
{
    (void)keys;
    (void)values;
    return n;
}

/* ---- records */

struct pair take_pair(struct pair value) { return value; }
int take_pair_behind(const struct pair *value) { return value->first; }
int take_maybe_pair(const struct pair *value) { return value == NULL ? 0 : value->first; }
struct date take_date(struct date value) { return value; }
struct zplane take_zplane(struct zplane value) { return value; }
union either take_either(union either value) { return value; }

/* ---- handles */

struct box { int value; };
struct box *box_new(int value) { struct box *b = malloc(sizeof *b); b->value = value; return b; }
void box_free(struct box *box) { free(box); }
struct box *box_self(struct box *box) { return box; }
struct box *box_other(struct box *box) { (void)box; return NULL; }
int box_get_value(const struct box *box) { return box->value; }
void box_set_value(struct box *box, int value) { box->value = value; }
enum outcome box_next(struct box *box, int *value)
{
    *value = box->value;
    return --box->value < 0 ? OVER : DONE;
}
int box_call(struct box *box, int a, int b) { return box->value + a * b; }
int box_contains(const struct box *box, int value) { return box->value == value; }
bool box_equal(const struct box *a, const struct box *b) { return a->value == b->value; }
int take_box(struct box *value) { return value->value; }
int take_maybe_box(struct box *value) { return value == NULL; }

struct shelf { size_t n; int items[4]; };
struct shelf *shelf_new(void) { struct shelf *s = calloc(1, sizeof *s); s->n = 4; return s; }
void shelf_free(struct shelf *shelf) { free(shelf); }
size_t shelf_size(const struct shelf *shelf) { return shelf->n; }
int shelf_at(const struct shelf *shelf, size_t i) { return shelf->items[i]; }
void shelf_set(struct shelf *shelf, size_t i, int value) { shelf->items[i] = value; }
int *shelf_data(struct shelf *shelf) { return shelf->items; }
int shelf_lookup(const struct shelf *shelf, const char *name) { (void)shelf; return name[0]; }

/* ---- operators */

struct pair pair_add(struct pair a, struct pair b) { a.first += b.first; a.second += b.second; return a; }
void pair_scale(struct pair *a, int factor) { a->first *= factor; a->second *= factor; }
struct pair pair_negate(struct pair a) { a.first = -a.first; a.second = -a.second; return a; }
int pair_int(struct pair a) { return a.first; }
double pair_float(struct pair a) { return a.second; }
bool pair_bool(struct pair a) { return a.first != 0; }
int64_t pair_power(struct pair a, int n) { return a.first * n; }
int pair_sum(struct pair a) { return a.first + a.second; }
struct pair pair_make(int n) { struct pair p = {n, n}; return p; }
int pair_static(int n) { return n; }
char *pair_text(const struct pair *a) { (void)a; return strdup("pair"); }
int frozen_compare(const struct frozen *a, const struct frozen *b)
{
    return (a->value > b->value) - (a->value < b->value);
}
struct frozen frozen_make(int64_t value) { struct frozen f = {value}; return f; }

/* ---- what is given */

const char *give_text(void) { return "text"; }
const char *give_nothing(void) { return NULL; }
const char *give_sure_text(void) { return "sure"; }
enum outcome give_checked_text(const char **text) { *text = "checked"; return DONE; }
void give_address(void **address) { *address = NULL; }
int give_two(double *second) { *second = 2.5; return 1; }
void give_numbers(int *values, size_t n) { for (size_t i = 0; i < n; i++) values[i] = (int)i; }
void give_bytes(unsigned char *values, size_t n) { memset(values, 1, n); }
void give_buffer(char *text, size_t size) { if (size > 0) strncpy(text, "buffer", size); }
enum outcome give_colors(enum color *colors, size_t n) { for (size_t i = 0; i < n; i++) colors[i] = RED; return DONE; }
void give_pairs(struct pair *pairs, size_t n) { memset(pairs, 0, n * sizeof *pairs); }
void give_dict(const char ***keys, double **values, size_t *n)
{
    static const char *names[] = {"a", "b"};
    static double numbers[] = {1, 2};
    *keys = names;
    *values = numbers;
    *n = 2;
}
struct pair *give_pair(void) { static struct pair pair = {3, 4}; return &pair; }
struct pair *give_no_pair(void) { return NULL; }
enum outcome give_wrong(void) { return WRONG; }
int give_if(int which) { return which - 1; }
void change(int *value) { ++*value; }

/* ---- parameters */

int many(int a, const char *b, double c, bool d) { return a + (int)strlen(b) + (int)c + d; }
int unnamed(int a, int b) { return a + b; }
int spread(int n, ...) { return n; }
int keyword(int in, int lambda) { return in + lambda; }

/* ---- callbacks */

enum outcome visit(double n, enum outcome (*each)(double x, const char *name, double *y, void *user), void *user)
{
    double y = 0;
    enum outcome end = each(n, "name", &y, user);
    return end;
}
int each_pair(int (*function)(struct pair *pair, struct box *box, const int *n))
{
    struct pair pair = {1, 2};
    struct box box = {3};
    int n = 4;
    return function(&pair, &box, &n);
}
void notify(void (*function)(void)) { if (function != NULL) function(); }

/* ---- variables */

int counter = 3;
const int limit = 10;
const char *const motto = "ready";
double weights[3] = {1, 2, 3};
struct pair origin = {0, 0};
enum color favourite = GREEN;
struct box *nobody = NULL;
int fixed_here = 4;
