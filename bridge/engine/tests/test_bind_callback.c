/* test_bind_callback.c - what a description says of function pointers that are passed in. */
#include "describe.h"

#define VISIT "typedef int (*visit)(int n, void *user [[user_data]]);"
#define TIMER                                                                     \
    "[[class(\"Timer\")]] typedef struct timer timer;"                            \
    "[[destructor]] void timer_free(timer *t);"

/* Parameter k of the function that parameter i points at. */
static const sb_value *given_of(const sb_description *d, const char *symbol, unsigned i, unsigned k)
{
    const sb_type *pointer = &d->types[param_of(d, symbol, i)->type];
    return &d->params[d->types[pointer->target].first + k];
}

static void a_callback_is_for_the_call_unless_it_says_otherwise(void)
{
    sb_description *d = describe(
        "void a(void (*f)(void)); void b(void (*f)(void) [[scope(call)]]);"
        "void c(void (*f)(void) [[scope(once)]]); void d(void (*f)(void) [[scope(forever)]]);");
    CHECK(param_of(d, "a", 0)->passing == SB_PASS_FUNCTION);
    CHECK(param_of(d, "a", 0)->scope == SB_SCOPE_CALL && param_of(d, "b", 0)->scope == SB_SCOPE_CALL);
    CHECK(param_of(d, "c", 0)->scope == SB_SCOPE_ONCE);
    CHECK(param_of(d, "d", 0)->scope == SB_SCOPE_FOREVER);
    CHECK(param_of(d, "a", 0)->user_data == -1 && param_of(d, "a", 0)->destroy == -1);
    CHECK(param_of(d, "a", 0)->held_by == -1);
    sb_description_release(d);
}

static void only_those_that_say_so_may_be_null(void)
{
    sb_description *d = describe("void a(void (*f)(void)); void b(void (*f)(void) [[nullable]]);"
                                 "void c(void (*f)(void) [[default(NULL)]]);");
    CHECK((param_of(d, "a", 0)->flags & SB_VALUE_NULLABLE) == 0);
    CHECK((param_of(d, "b", 0)->flags & SB_VALUE_NULLABLE) != 0);
    CHECK((param_of(d, "c", 0)->flags & SB_VALUE_NULLABLE) != 0);
    sb_description_release(d);
}

static void user_data_is_hidden_on_both_sides(void)
{
    sb_description *d = describe(VISIT "void a(int x, void *u, visit f [[user_data(u)]]);");
    CHECK(param_of(d, "a", 2)->user_data == 1);
    CHECK((param_of(d, "a", 1)->flags & SB_VALUE_HIDDEN) != 0);
    CHECK((param_of(d, "a", 1)->flags & SB_VALUE_USER_DATA) != 0);
    CHECK(param_of(d, "a", 1)->partner == 2);
    CHECK((given_of(d, "a", 2, 0)->flags & SB_VALUE_HIDDEN) == 0);
    CHECK((given_of(d, "a", 2, 0)->flags & SB_VALUE_OF_CALLBACK) != 0);
    CHECK((given_of(d, "a", 2, 1)->flags & SB_VALUE_HIDDEN) != 0);
    CHECK((given_of(d, "a", 2, 1)->flags & SB_VALUE_USER_DATA) != 0);
    sb_description_release(d);
}

static void callbacks_may_share_user_data(void)
{
    sb_description *d =
        describe(VISIT "void a(visit f [[user_data(u)]], visit g [[user_data(u)]], void *u);");
    CHECK(param_of(d, "a", 0)->user_data == 2 && param_of(d, "a", 1)->user_data == 2);
    CHECK(param_of(d, "a", 2)->partner == 0);
    sb_description_release(d);
}

static void destroy_is_hidden(void)
{
    sb_description *d = describe(
        VISIT "void a(visit f [[scope(notified), user_data(u), destroy(e)]], void *u,"
              " void (*e)(void *));");
    CHECK(param_of(d, "a", 0)->scope == SB_SCOPE_NOTIFIED && param_of(d, "a", 0)->destroy == 2);
    CHECK((param_of(d, "a", 2)->flags & SB_VALUE_DESTROY) != 0);
    CHECK((param_of(d, "a", 2)->flags & SB_VALUE_HIDDEN) != 0);
    sb_description_release(d);
}

static void handles_hold_callbacks(void)
{
    sb_description *d = describe(
        TIMER VISIT
        "[[constructor]] timer *a(visit f [[scope(notified), user_data(u), held_by(result)]],"
        " void *u);"
        "int b(void (*f)(void) [[scope(once), held_by(t)]], timer **t [[out]]);"
        "[[method]] void c(timer *t, void (*f)(void) [[scope(once), held_by(t)]]);");
    CHECK(param_of(d, "a", 0)->held_by == SB_HELD_BY_RESULT);
    CHECK(param_of(d, "b", 0)->held_by == 1);
    CHECK(param_of(d, "c", 1)->held_by == 0);
    CHECK((d->classes[0].flags & SB_CLASS_HOLDS) != 0);
    sb_description_release(d);
}

static void what_a_callback_is_given_and_gives(void)
{
    sb_description *d = describe(
        "void a(void (*f)(const double *p [[array(n)]], int n, const uint8_t *q [[array(4)]],"
        " int *r [[out]], const int *s [[in]], const char *t));");
    CHECK(given_of(d, "a", 0, 0)->passing == SB_PASS_ARRAY);
    CHECK(given_of(d, "a", 0, 0)->length == 1);
    CHECK((given_of(d, "a", 0, 1)->flags & SB_VALUE_HIDDEN) != 0);
    CHECK(given_of(d, "a", 0, 2)->fixed == 4);
    CHECK((given_of(d, "a", 0, 2)->flags & SB_VALUE_BYTES) != 0);
    CHECK(given_of(d, "a", 0, 3)->direction == SB_OUT);
    CHECK(given_of(d, "a", 0, 4)->passing == SB_PASS_REFERENCE);
    CHECK(given_of(d, "a", 0, 5)->passing == SB_PASS_STRING);
    sb_description_release(d);
}

static void a_function_may_be_declared_by_the_type_of_callbacks(void)
{
    sb_description *d = describe("typedef int visit(int n, void *user [[user_data]]);"
                                 "visit own; void a(visit *f [[user_data(u)]], void *u);");
    CHECK_TEXT(d, param_of(d, "own", 0)->py_name, "n");
    CHECK(param_of(d, "a", 0)->user_data == 1);
    sb_description_release(d);
}

static void plain_declarations_need_no_attribute(void)
{
    sb_description *d = describe(
        "struct opaque; struct later *g(void);"
        "void a(struct later *(*f)(struct opaque *o, struct later *l, int (*g)(void *), ...));"
        "void b(void (*f)());");
    CHECK(param_of(d, "a", 0)->passing == SB_PASS_FUNCTION);
    CHECK(given_of(d, "a", 0, 2)->passing == SB_PASS_FUNCTION);
    sb_description_release(d);
}

int main(void)
{
    a_callback_is_for_the_call_unless_it_says_otherwise();
    only_those_that_say_so_may_be_null();
    user_data_is_hidden_on_both_sides();
    callbacks_may_share_user_data();
    destroy_is_hidden();
    handles_hold_callbacks();
    what_a_callback_is_given_and_gives();
    a_function_may_be_declared_by_the_type_of_callbacks();
    plain_declarations_need_no_attribute();
    return failures > 0;
}
