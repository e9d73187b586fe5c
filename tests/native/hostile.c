/* hostile.c - what tests/test_hostile.py binds: a C library that notices when it is given memory that
 * is gone. Handles are marked, and freed memory is overwritten before it goes. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define ALIVE 0x600d600du
#define DEAD 0xdeaddeadu

static int live, bad;

/* Handles that are alive, and calls that were given one that is not. */
int hostile_live(void);
int hostile_live(void)
{
    return live;
}

int hostile_bad(void);
int hostile_bad(void)
{
    return bad;
}

static void pause_for(int milliseconds)
{
    struct timespec t = {milliseconds / 1000, milliseconds % 1000 * 1000000L};
    nanosleep(&t, NULL);
}

/* ---- records ------------------------------------------------------------------------------------- */

typedef struct empty {
} empty;

typedef struct base {
    int32_t a;
} base;

typedef struct left {
    base b;
    int32_t c;
} left;

typedef struct right {
    base b;
    int32_t d;
} right;

left left_make(void);
left left_make(void)
{
    return (left){{1}, 2};
}

int base_get(const base *b);
int base_get(const base *b)
{
    return b->a;
}

int left_sum(const left *l);
int left_sum(const left *l)
{
    return l->b.a + l->c;
}

typedef struct node {
    struct node *next;
    const char *name;
    int32_t value;
} node;

int node_total(const node *n);
int node_total(const node *n)
{
    int total = 0;
    for (int depth = 0; n != NULL && depth < 1000; n = n->next, depth++)
        total += n->value;
    return total;
}

/* ---- a handle with records inside ------------------------------------------------------------------ */

typedef struct odd {
    int32_t part;
} odd;

typedef struct item {
    int32_t value;
    odd first;
    odd second[3];
    int32_t weights[4];
    uint32_t alive;
} item;

typedef struct store {
    uint32_t alive;
    size_t count;
    item *items;
} store;

store *store_new(size_t count);
store *store_new(size_t count)
{
    store *s = calloc(1, sizeof *s);
    if (s == NULL)
        return NULL;
    s->items = calloc(count + 1, sizeof *s->items);
    if (s->items == NULL) {
        free(s);
        return NULL;
    }
    s->alive = ALIVE;
    s->count = count;
    for (size_t i = 0; i < count; i++)
        s->items[i] = (item){(int32_t)i, {7}, {{8}, {9}, {10}}, {1, 2, 3, 4}, ALIVE};
    live++;
    return s;
}

void store_free(store *s);
void store_free(store *s)
{
    if (s == NULL)
        return;
    if (s->alive != ALIVE)
        bad++;
    for (size_t i = 0; i < s->count; i++)
        s->items[i].alive = DEAD;
    s->alive = DEAD;
    free(s->items);
    free(s);
    live--;
}

size_t store_length(const store *s);
size_t store_length(const store *s)
{
    return s->count;
}

item *store_at(store *s, size_t i);
item *store_at(store *s, size_t i)
{
    return i < s->count ? &s->items[i] : NULL;
}

/* The parts of the items, in memory of the store. */
const odd *store_odds(const store *s, size_t *n);
const odd *store_odds(const store *s, size_t *n)
{
    *n = 3;
    return s->items[0].second;
}

static int check(const item *i)
{
    if (i->alive != ALIVE)
        bad++;
    return i->alive == ALIVE;
}

/* 1 when the item is still there after a while. */
int item_wait(const item *i, int milliseconds);
int item_wait(const item *i, int milliseconds)
{
    pause_for(milliseconds);
    return check(i);
}

int items_count(const item *const *items, size_t n, const int32_t *extra, size_t k);
int items_count(const item *const *items, size_t n, const int32_t *extra, size_t k)
{
    int found = 0;
    for (size_t i = 0; i < n; i++)
        found += check(items[i]);
    for (size_t i = 0; i < k; i++)
        found += extra[i];
    return found;
}

int items_wait(const item *const *items, size_t n, int milliseconds);
int items_wait(const item *const *items, size_t n, int milliseconds)
{
    pause_for(milliseconds);
    return items_count(items, n, NULL, 0);
}

/* ---- handles of which nothing is known but a pointer ----------------------------------------------------- */

typedef struct token {
    uint32_t alive;
} token;

token *token_new(void);
token *token_new(void)
{
    token *t = calloc(1, sizeof *t);
    if (t == NULL)
        return NULL;
    t->alive = ALIVE;
    live++;
    return t;
}

void token_free(token *t);
void token_free(token *t)
{
    if (t->alive != ALIVE)
        bad++;
    t->alive = DEAD;
    free(t);
    live--;
}

int token_check(const token *t);
int token_check(const token *t)
{
    if (t->alive != ALIVE)
        bad++;
    return t->alive == ALIVE;
}

int token_with(const token *t, int number);
int token_with(const token *t, int number)
{
    return token_check(t) + number;
}

int tokens_count(token *const *tokens, size_t n, const int32_t *extra, size_t k);
int tokens_count(token *const *tokens, size_t n, const int32_t *extra, size_t k)
{
    int found = 0;
    for (size_t i = 0; i < n; i++)
        found += token_check(tokens[i]);
    for (size_t i = 0; i < k; i++)
        found += extra[i];
    return found;
}

int tokens_wait(token *const *tokens, size_t n, int milliseconds);
int tokens_wait(token *const *tokens, size_t n, int milliseconds)
{
    pause_for(milliseconds);
    return tokens_count(tokens, n, NULL, 0);
}

/* A handle that a call takes over while others may use it. */
typedef struct ticket {
    uint32_t alive;
} ticket;

ticket *ticket_new(void);
ticket *ticket_new(void)
{
    ticket *t = calloc(1, sizeof *t);
    if (t == NULL)
        return NULL;
    t->alive = ALIVE;
    live++;
    return t;
}

void ticket_free(ticket *t);
void ticket_free(ticket *t)
{
    if (t->alive != ALIVE)
        bad++;
    t->alive = DEAD;
    free(t);
    live--;
}

int ticket_wait(const ticket *t, int milliseconds);
int ticket_wait(const ticket *t, int milliseconds)
{
    pause_for(milliseconds);
    if (t->alive != ALIVE)
        bad++;
    return t->alive == ALIVE;
}

/* Nonzero, and the ticket not taken, when milliseconds are negative. */
int ticket_redeem(ticket *t, int milliseconds);
int ticket_redeem(ticket *t, int milliseconds)
{
    if (milliseconds < 0)
        return 1;
    ticket_free(t);
    pause_for(milliseconds);
    return 0;
}

int ticket_check(const ticket *t);
int ticket_check(const ticket *t)
{
    return ticket_wait(t, 0);
}

/* ---- buffers, errors, big and many ------------------------------------------------------------------------- */

int64_t sum_slowly(const int32_t *values, size_t n, int milliseconds);
int64_t sum_slowly(const int32_t *values, size_t n, int milliseconds)
{
    int64_t sum = 0;
    pause_for(milliseconds);
    for (size_t i = 0; i < n; i++)
        sum += values[i];
    return sum;
}

int fail_badly(int code);
int fail_badly(int code)
{
    return code;
}

const char *bad_message(int status);
const char *bad_message(int status)
{
    return status == 1 ? "\xff\xfe is no text \xc3" : "";
}

const char *not_text(void);
const char *not_text(void)
{
    return "\xff\xfe\xc3";
}

unsigned char small_status(int code);
unsigned char small_status(int code)
{
    return (unsigned char)code;
}

typedef union either {
    int32_t whole;
    float part;
} either;

int either_whole(either e);
int either_whole(either e)
{
    return e.whole;
}

int text_first(const char *text, int number);
int text_first(const char *text, int number)
{
    return text[0] + number;
}
