/* test_call_described.c - from the text of a description to calls: the same declarations are
 * compiled here and read by the engine, and calls through it are compared with direct ones.
 */
#include "check.h"

#include <math.h>
#include <stdarg.h>

#define SOURCE(...)                                                                             \
    __VA_ARGS__                                                                                  \
    static const char source[] = #__VA_ARGS__;

/* clang-format off */
SOURCE(
    typedef struct point { unsigned x, y; } point;
    struct bits { unsigned a : 3; int b : 7; unsigned long long c : 40; double d; };
    union number { long long i; double f; };
    struct segment { point ends[2]; float weight; };
    struct inner { float f; union { int i; float g; } u; };
    enum level { LOW = -1, HIGH = 7 };
    typedef long long (*combine)(int, long long);

    point swap(point p);
    struct bits step(struct bits b, int by);
    union number negate(union number n, char kind);
    struct segment reverse(struct segment s);
    double weigh(struct inner a, float b, struct inner c);
    enum level invert(enum level l, _Bool really);
    signed char narrow(long long wide);
    unsigned short sum10(char a, short b, int c, long d, float e, double f, int g, int h, int i, int j);
    long long apply(combine f, int a, long long b);
    int add_all(int count, ...);
)
/* clang-format on */

point swap(point p)
{
    return (point){p.y, p.x};
}

struct bits step(struct bits b, int by)
{
    b.a = (b.a + 1u) & 7u;
    b.b = -b.b;
    b.c = (b.c + (unsigned)by) & 0xFFFFFFFFFFu;
    b.d *= 2;
    return b;
}

union number negate(union number n, char kind)
{
    if (kind == 'f')
        n.f = -n.f;
    else
        n.i = -n.i;
    return n;
}

struct segment reverse(struct segment s)
{
    return (struct segment){{s.ends[1], s.ends[0]}, -s.weight};
}

double weigh(struct inner a, float b, struct inner c)
{
    return (double)a.f + a.u.i + (double)b * 100 + (double)c.f * 1000 + c.u.i;
}

enum level invert(enum level l, _Bool really)
{
    return really ? (l == LOW ? HIGH : LOW) : l;
}

signed char narrow(long long wide)
{
    return (signed char)wide;
}

unsigned short sum10(char a, short b, int c, long d, float e, double f, int g, int h, int i, int j)
{
    return (unsigned short)(a + b + c + d + (long)e + (long)f + g + h + i + j);
}

static long long difference(int a, long long b)
{
    return a - b;
}

long long apply(combine f, int a, long long b)
{
    return f(a, b);
}

int add_all(int count, ...)
{
    va_list list;
    double sum = 0;
    va_start(list, count);
    for (int i = 0; i < count; i++)
        sum += va_arg(list, double);
    va_end(list);
    return (int)sum;
}

/* ---- calling by name -------------------------------------------------------------------------------- */

typedef struct value {
    const void *bytes; /* NULL: the word */
    int64_t word;
} value;

#define RECORD(object) ((value){&(object), 0})
#define WORD(number) ((value){NULL, (int64_t)(number)})

static sb_description *described;
static _Alignas(16) unsigned char result[64];
static unsigned way; /* sb_call_flag */

static sb_type_id type_of(const char *name)
{
    const sb_declaration *declaration = find(described, SB_DECL_FUNCTION, name);
    if (declaration == NULL) {
        fprintf(stderr, "%s is not declared\n", name);
        exit(1);
    }
    return declaration->type;
}

static void call_by_name(const char *name, void (*function)(void), const value *values,
                         const sb_type_ref *extra, size_t extra_count)
{
    union {
        void (*function)(void);
        void *object;
    } as = {.function = function};
    sb_call *call;
    sb_error error;
    sb_status status =
        sb_call_plan(described, type_of(name), extra, extra_count, way, &call, &error);
    CHECK(status == SB_OK);
    if (status != SB_OK) {
        fprintf(stderr, "%s: %s\n", name, error.message);
        return;
    }
    unsigned char *block = malloc(call->block_size + 1);
    CHECK(block != NULL);
    for (unsigned i = 0; block != NULL && i < call->argument_count; i++) {
        const sb_argument_place *place = &call->args[i];
        const unsigned char *bytes = values[i].bytes;
        if (bytes == NULL) {
            memcpy(block + place->offset, &values[i].word, 8);
        } else if (place->second == SB_NO_SECOND) {
            memcpy(block + place->offset, bytes, place->size);
        } else {
            memcpy(block + place->offset, bytes, 8);
            memcpy(block + place->second, bytes + 8, place->size - 8);
        }
    }
    memset(result, 0x55, sizeof result);
    if (block != NULL)
        sb_call_invoke(call, as.object, block, result);
    free(block);
    sb_call_free(call);
}

#define CALL(function, ...)                                                                     \
    call_by_name(#function, (void (*)(void))function, (value[]){__VA_ARGS__}, NULL, 0)

static int64_t word_result(void)
{
    int64_t word;
    memcpy(&word, result, sizeof word);
    return word;
}

static void records_cross_by_value(void)
{
    point p = {3, 4000000000u}, q;
    CALL(swap, RECORD(p));
    memcpy(&q, result, sizeof q);
    CHECK(q.x == 4000000000u && q.y == 3);

    struct segment s = {{{1, 2}, {3, 4}}, 0.5f}, t;
    CALL(reverse, RECORD(s));
    memcpy(&t, result, sizeof t);
    CHECK(t.ends[0].x == 3 && t.ends[1].y == 2 && t.weight == -0.5f);
}

static void bit_fields_cross_by_value(void)
{
    struct bits b = {.a = 7, .b = -33, .c = 0xFFFFFFFFFE, .d = 1.5}, c;
    CALL(step, RECORD(b), WORD(3));
    memcpy(&c, result, sizeof c);
    CHECK(c.a == 0 && c.b == 33 && c.c == 1 && c.d == 3.0);
}

static void unions_cross_by_value(void)
{
    union number n = {.f = 2.5}, m;
    CALL(negate, RECORD(n), WORD('f'));
    memcpy(&m, result, sizeof m);
    CHECK(m.f == -2.5);
    n.i = 1;
    CALL(negate, RECORD(n), WORD('i'));
    memcpy(&m, result, sizeof m);
    CHECK(m.i == -1);

    struct inner a = {.f = 1, .u.i = 20}, c = {.f = 3, .u.i = 40000};
    float b = 2;
    double sum;
    CALL(weigh, RECORD(a), RECORD(b), RECORD(c));
    memcpy(&sum, result, sizeof sum);
    CHECK(sum == weigh(a, b, c));
}

static void integers_keep_their_sign(void)
{
    CALL(invert, WORD(LOW), WORD(1));
    CHECK(word_result() == HIGH);
    CALL(invert, WORD(HIGH), WORD(1));
    CHECK(word_result() == LOW);
    CALL(narrow, WORD(0x1FE));
    CHECK(word_result() == -2);
    float e = 5;
    double f = 6;
    CALL(sum10, WORD((char)-1), WORD(-2), WORD(-3), WORD(-4), RECORD(e), RECORD(f), WORD(7), WORD(8),
         WORD(9), WORD(-40));
    CHECK(word_result() == sum10((char)-1, -2, -3, -4, e, f, 7, 8, 9, -40));
}

static void function_pointers_cross(void)
{
    CALL(apply, WORD((uintptr_t)difference), WORD(-5), WORD(7));
    CHECK(word_result() == -12);
}

static void variadic_functions_take_what_the_call_says(void)
{
    sb_type_ref extra[12];
    value values[13] = {WORD(12)};
    static const double numbers[12] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
    sb_type_id real;
    sb_error error;
    CHECK(sb_description_type(described, "double", 6, &real, &error) == SB_OK);
    for (unsigned i = 0; i < 12; i++) {
        extra[i] = (sb_type_ref){described, real};
        values[i + 1] = RECORD(numbers[i]);
    }
    call_by_name("add_all", (void (*)(void))add_all, values, extra, 12);
    CHECK(word_result() == 78);
}

static void a_described_library_is_resolved_and_called(void)
{
    sb_description *d = parse("double cos(double x);\n"
                              "double no_such_function(double x);\n"
                              "[[optional]] int another_one(void);\n");
    sb_library *library;
    sb_error error;
    void *addresses[8] = {NULL};
    uint32_t *missing = NULL;
    size_t count = 0;
    CHECK(d->address_count == 3);
    CHECK(sb_library_open("libm.so.6", 0, &library, &error) == SB_OK);
    CHECK(sb_library_resolve(library, d, addresses, &missing, &count, &error) == SB_ERROR_SYMBOL);
    CHECK(count == 1 && missing != NULL &&
          strcmp(sb_string(d, d->declarations[missing[0]].name), "no_such_function") == 0);
    sb_free(missing);
    const sb_declaration *cosine = find(d, SB_DECL_FUNCTION, "cos");
    sb_call *call;
    CHECK(sb_call_plan(d, cosine->type, NULL, 0, way, &call, &error) == SB_OK);
    _Alignas(16) unsigned char block[128];
    double x = 0.5, y;
    CHECK(call->block_size <= sizeof block);
    memcpy(block + call->args[0].offset, &x, sizeof x);
    sb_call_invoke(call, addresses[d->functions[cosine->binding].address], block, result);
    memcpy(&y, result, sizeof y);
    CHECK(y == cos(x));
    sb_call_free(call);
    sb_library_release(library);
    sb_description_release(d);
}

int main(void)
{
    described = parse(source);
    for (way = 0; way < 4; way++) {
        records_cross_by_value();
        bit_fields_cross_by_value();
        unions_cross_by_value();
        integers_keep_their_sign();
        function_pointers_cross();
        variadic_functions_take_what_the_call_says();
        a_described_library_is_resolved_and_called();
    }
    sb_description_release(described);
    return check_done("call_described");
}
