/* What calls back: at once, later, from threads of its own, once, for ever; and what it is given. */
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum status { STATUS_OK, STATUS_STOPPED, STATUS_BROKEN };

/* ---- during the call ------------------------------------------------------------------------ */

typedef int (*int_function)(int n, void *user);

int apply(int_function f, void *user, int n)
{
    return f(n, user);
}

int apply_quickly(int_function f, void *user, int n)
{
    return f(n, user);
}

int apply_bare(int (*f)(int n), int n)
{
    return f(n);
}

int apply_nullable(int_function f, void *user, int n)
{
    return f == NULL ? -1 : f(n, user);
}

int apply_both(int_function f, int_function g, void *user, int n)
{
    return f(n, user) * 1000 + g(n, user);
}

/* How often it was called, whatever came back. */
int repeat(int_function f, void *user, int times, int *sum)
{
    int calls = 0;
    *sum = 0;
    for (int i = 0; i < times; i++, calls++)
        *sum += f(i, user);
    return calls;
}

typedef enum status (*checked_function)(double x, double *y, void *user);

enum status sum_checked(checked_function f, void *user, int n, double *sum)
{
    *sum = 0;
    for (int i = 0; i < n; i++) {
        double y = 0;
        enum status status = f(i, &y, user);
        if (status != STATUS_OK)
            return status;
        *sum += y;
    }
    return STATUS_OK;
}

void divide(void (*f)(int *quotient, int *remainder), int *quotient, int *remainder)
{
    f(quotient, remainder);
}

int errno_around(int_function f, void *user)
{
    errno = 77;
    f(0, user);
    return errno;
}

void sort_ints(int *items, size_t count, int (*compare)(const int *a, const int *b, void *user),
               void *user)
{
    for (size_t i = 1; i < count; i++) {
        for (size_t k = i; k > 0 && compare(&items[k - 1], &items[k], user) > 0; k--) {
            int item = items[k];
            items[k] = items[k - 1];
            items[k - 1] = item;
        }
    }
}

typedef struct visitor {
    int (*visit)(int n);
} visitor;

int visitor_run(const visitor *v, int n)
{
    return v->visit == NULL ? -1 : v->visit(n);
}

/* ---- every kind of argument ------------------------------------------------------------------ */

#define ECHO(name, type)                                                                         \
    type echo_##name(type (*f)(type value), type value)                                          \
    {                                                                                            \
        return f(value);                                                                         \
    }
ECHO(i8, int8_t)
ECHO(u8, uint8_t)
ECHO(i16, int16_t)
ECHO(u16, uint16_t)
ECHO(i32, int32_t)
ECHO(u32, uint32_t)
ECHO(i64, int64_t)
ECHO(u64, uint64_t)
ECHO(bool, bool)
ECHO(char, char)
ECHO(float, float)
ECHO(double, double)
ECHO(long_double, long double)
ECHO(address, void *)

enum color { RED = 1, GREEN = 2, BLUE = 4 };
ECHO(color, enum color)

typedef struct point {
    int x, y;
} point;
typedef struct block {
    double values[8];
    const char *name;
} block;
ECHO(point, point)
ECHO(block, block)

void change_point(void (*f)(point *p), point *p)
{
    f(p);
}

double with_block(double (*f)(const block *b))
{
    block b = {{1, 2, 3, 4, 5, 6, 7, 8}, "eight"};
    return f(&b);
}

int with_text(int (*f)(const char *text, const char *nothing))
{
    char text[] = "gr\303\274n";
    int result = f(text, NULL);
    memset(text, 'x', sizeof text - 1);
    return result;
}

int with_broken_text(int (*f)(const char *text))
{
    return f("\377");
}

double with_array(double (*f)(const double *values, size_t count, void *user), void *user)
{
    double values[] = {1.5, 2.5, 4};
    return f(values, 3, user);
}

int with_bytes(int (*f)(const uint8_t *data, int size))
{
    return f((const uint8_t *)"\0\1\2", 3);
}

int with_negative_length(int (*f)(const uint8_t *data, int size))
{
    return f((const uint8_t *)"", -1);
}

/* ---- stored --------------------------------------------------------------------------------- */

static int_function stored;
static void *stored_user;
static void (*stored_destroy)(void *user);

void forget(void)
{
    void (*destroy)(void *) = stored_destroy;
    void *user = stored_user;
    stored = NULL;
    stored_destroy = NULL;
    stored_user = NULL;
    if (destroy != NULL)
        destroy(user);
}

enum status remember(int_function f, void *user, void (*destroy)(void *user), int fail)
{
    if (fail == 1)
        return STATUS_BROKEN;
    if (fail == 2) { /* as some libraries do */
        if (destroy != NULL)
            destroy(user);
        return STATUS_BROKEN;
    }
    forget();
    stored = f;
    stored_user = user;
    stored_destroy = destroy;
    return STATUS_OK;
}

int fire(int n)
{
    return stored == NULL ? -1 : stored(n, stored_user);
}

int fire_quickly(int n)
{
    return fire(n);
}

static void *fire_body(void *result)
{
    *(int *)result = fire(*(int *)result);
    return NULL;
}

/* In a thread made for it, which has ended when this returns. */
int fire_in_thread(int n)
{
    pthread_t thread;
    if (pthread_create(&thread, NULL, fire_body, &n) != 0)
        return -2;
    pthread_join(thread, NULL);
    return n;
}

static void *forget_body(void *unused)
{
    forget();
    return unused;
}

void forget_in_thread(void)
{
    pthread_t thread;
    if (pthread_create(&thread, NULL, forget_body, NULL) == 0)
        pthread_join(thread, NULL);
}

static int_function once_function;
static void *once_user;

void later(int_function f, void *user)
{
    once_function = f;
    once_user = user;
}

int now(int n)
{
    int_function f = once_function;
    once_function = NULL;
    return f == NULL ? -1 : f(n, once_user);
}

static int (*handler)(int n);

void set_handler(int (*f)(int n))
{
    handler = f;
}

int handle(int n)
{
    return handler == NULL ? -1 : handler(n);
}

/* ---- threads that go on ------------------------------------------------------------------------ */

static atomic_bool running;
static atomic_int ticks;
static pthread_t ticker;

static void *tick_body(void *unused)
{
    while (atomic_load(&running)) {
        fire(atomic_fetch_add(&ticks, 1));
        usleep(200);
    }
    return unused;
}

int start_ticking(void)
{
    atomic_store(&running, true);
    return pthread_create(&ticker, NULL, tick_body, NULL);
}

void stop_ticking(void)
{
    if (atomic_exchange(&running, false))
        pthread_join(ticker, NULL);
}

int tick_count(void)
{
    return atomic_load(&ticks);
}

/* What a thread of C got from a callback after the interpreter had gone: said at the very end. */
static int_function last_function;
static void *last_user;

static void call_at_end(void)
{
    int n = last_function(1, last_user);
    char text[] = "the end: 000\n";
    text[9] = (char)('0' + n / 100 % 10);
    text[10] = (char)('0' + n / 10 % 10);
    text[11] = (char)('0' + n % 10);
    ssize_t written = write(1, text, sizeof text - 1);
    (void)written;
}

void call_me_at_the_end(int_function f, void *user)
{
    last_function = f;
    last_user = user;
    atexit(call_at_end);
}

/* ---- handles that hold callbacks ----------------------------------------------------------------- */

typedef struct button button;
struct button {
    int_function pressed;
    void *user;
    int presses;
};

static atomic_int live_buttons;

int button_count(void)
{
    return atomic_load(&live_buttons);
}

button *button_new(int_function pressed, void *user)
{
    button *b = calloc(1, sizeof *b);
    if (b != NULL) {
        b->pressed = pressed;
        b->user = user;
        atomic_fetch_add(&live_buttons, 1);
    }
    return b;
}

enum status button_make(int_function pressed, void *user, int fail, button **out)
{
    if (fail)
        return STATUS_BROKEN;
    *out = button_new(pressed, user);
    return STATUS_OK;
}

void button_free(button *b)
{
    if (b == NULL)
        return;
    atomic_fetch_sub(&live_buttons, 1);
    free(b);
}

int button_press(button *b)
{
    return b->pressed == NULL ? -1 : b->pressed(++b->presses, b->user);
}

void button_on_press(button *b, int_function pressed, void *user)
{
    b->pressed = pressed;
    b->user = user;
}

/* A callback is given the handle it belongs to. */
int button_visit(button *b, int (*f)(button *b, void *user), void *user)
{
    return f(b, user);
}
