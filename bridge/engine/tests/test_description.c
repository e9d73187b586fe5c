/* test_description.c - descriptions as a whole: bases, types by name, limits, want of memory. */
#include "check.h"

static sb_status try_parse(const char *text, size_t length, sb_error *error)
{
    sb_description *d;
    sb_status status = sb_description_parse(text, length, NULL, NULL, &d, error);
    if (status == SB_OK)
        sb_description_release(d);
    return status;
}

/* ---- bases ---------------------------------------------------------------------------------- */

static sb_description *derive(const sb_description *base, const char *text)
{
    sb_description *d;
    sb_error error;
    if (sb_description_parse(text, strlen(text), "derived", base, &d, &error) != SB_OK) {
        fprintf(stderr, "%u:%u: %s\n", error.line, error.column, error.message);
        exit(1);
    }
    return d;
}

static void a_derived_description_knows_all_of_its_base(void)
{
    sb_description *base = parse("typedef struct p { int x; } p;\nenum e { A, B = 7 };\n"
                                 "#define N 3\nstruct later;\ntypedef unsigned short word;\n"
                                 "int f(p *, char *);\n");
    sb_description *d = derive(base, "p *g(struct p, enum e, word, FILE *, va_list);\n"
                                     "int a[N + B];\nstruct later { p inside; };\n"
                                     "int f(struct p *, char *);\nint h(p *, char *);\n");
    CHECK(d->declaration_count > base->declaration_count);
    CHECK(d->types[1].kind == base->types[1].kind && d->types[1].name == base->types[1].name);
    CHECK(d->types[find(d, SB_DECL_VARIABLE, "a")->type].size == 40);
    CHECK(d->types[find(d, SB_DECL_RECORD, "later")->type].size == 4);
    CHECK(base->types[find(base, SB_DECL_RECORD, "later")->type].size == 0);
    CHECK(find(d, SB_DECL_FUNCTION, "f")->type == find(d, SB_DECL_FUNCTION, "h")->type);
    CHECK(find(d, SB_DECL_FUNCTION, "f") - d->declarations ==
          find(base, SB_DECL_FUNCTION, "f") - base->declarations);
    sb_description_release(base);
    CHECK(strcmp(sb_string(d, d->file), "derived") == 0);
    sb_description_release(d);
}

static void a_conflict_with_the_base_is_found(void)
{
    sb_description *base = parse("\n\nint f(int);"), *d;
    sb_error error;
    const char *text = "# 50 \"other.h\"\nint f(char);"; /* markers say nothing of the base */
    CHECK(sb_description_parse(text, strlen(text), NULL, base, &d, &error) == SB_ERROR_MEANING);
    CHECK(strstr(error.message, "at line 3") != NULL);
    sb_description_release(base);
}

/* ---- references and types by name ----------------------------------------------------------- */

static void the_last_reference_frees(void)
{
    sb_description *d = parse("int a;");
    CHECK(sb_description_retain(d) == d);
    sb_description_release(d);
    CHECK(find(d, SB_DECL_VARIABLE, "a") != NULL);
    sb_description_release(d);
    sb_description_release(NULL);
}

static void types_are_found_by_name(void)
{
    sb_description *d = parse("struct p { int x; }; enum { N = 3 }; typedef struct p point;");
    sb_type_id id;
    sb_error error;
    CHECK(sb_description_type(d, "point *[N]", 10, &id, &error) == SB_OK);
    CHECK(d->types[id].kind == SB_ARRAY && d->types[id].size == 3 * sizeof(void *));
    CHECK(sb_description_type(d, "const point", 11, &id, &error) == SB_OK);
    CHECK(id == find(d, SB_DECL_RECORD, "p")->type);
    CHECK(sb_description_type(d, "int f(char c)", 13, &id, &error) == SB_OK);
    CHECK(d->types[id].kind == SB_FUNCTION && d->types[id].count == 1);
    CHECK(sb_description_type(d, "struct { int a[4]; } *", 22, &id, &error) == SB_OK);
    CHECK(d->types[id].kind == SB_POINTER && d->types[d->types[id].target].size == 16);
    static const struct {
        const char *text, *message;
        unsigned column;
    } bad[] = {{"", "expected a type, found the end of the text", 1},
               {"int;", "expected the end of the type, found ';'", 4},
               {"nothing *", "unknown type name 'nothing'", 1},
               {"poin *", "did you mean 'point'?", 1},
               {"int x y", "expected the end of the type, found 'y'", 7},
               {"int f(struct q { int a; } x)", "cannot be defined here", 14},
               {"register int", "'register' has no place in a type name", 1},
               {"typedef int", "'typedef' has no place here", 1},
               {"int [N", "expected ']'", 7}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        CHECK(sb_description_type(d, bad[i].text, strlen(bad[i].text), &id, &error) != SB_OK);
        CHECK(strstr(error.message, bad[i].message) != NULL && error.column == bad[i].column);
        CHECK(error.line == 1);
        if (strstr(error.message, bad[i].message) == NULL || error.column != bad[i].column)
            fprintf(stderr, "    '%s': %u: %s\n", bad[i].text, error.column, error.message);
    }
    CHECK(sb_description_type(d, "point", 5, &id, &error) == SB_OK); /* still usable */
    sb_description_release(d);
}

/* ---- limits --------------------------------------------------------------------------------- */

static void append(char *text, size_t *length, const char *more)
{
    memcpy(text + *length, more, strlen(more));
    *length += strlen(more);
}

/* before, `count` times middle, core, `count` times after. */
static sb_status repeated(const char *before, const char *middle, const char *core,
                          const char *after, const char *end, size_t count, sb_error *error)
{
    size_t length = 0, room = strlen(before) + count * (strlen(middle) + strlen(after)) +
                              strlen(core) + strlen(end) + 1;
    char *text = malloc(room);
    if (text == NULL)
        exit(1);
    append(text, &length, before);
    for (size_t i = 0; i < count; i++)
        append(text, &length, middle);
    append(text, &length, core);
    for (size_t i = 0; i < count; i++)
        append(text, &length, after);
    append(text, &length, end);
    sb_status status = try_parse(text, length, error);
    free(text);
    return status;
}

static void nesting_has_a_limit(void)
{
    static const struct {
        const char *before, *middle, *core, *after, *end;
        unsigned deep; /* still accepted */
    } bombs[] = {
        {"int ", "(", "a", ")", ";", 60},
        {"int ", "*", "a", "", ";", 64},
        {"int a", "[1]", "", "", ";", 64},
        {"#define X ", "(", "1", ")", "\n", 60},
        {"#define X ", "-", "1", "", "\n", 60},
        {"#define X ", "!", "1", "", "\n", 60},
        {"#define X ", "(int)", "1", "", "\n", 60},
        {"#define X ", "1 ? 2 : ", "3", "", "\n", 60},
        {"#define X ", "sizeof ", "1", "", "\n", 60},
        {"#define X ", "sizeof(int[", "1", "])", "\n", 20},
        {"", "struct { ", "int a; ", "} a; ", "", 60},
        {"void f(", "void (*p)(", "int", ")", ");", 30},
        {"extern \"C\" ", "{ extern \"C\" ", "{ }", "}", "", 60},
        {"enum e { A = ", "(", "1", ")", "};", 60},
        {"int f(int a [[default(", "(", "1", ")", ")]]);", 60},
        {"", "#pragma pack(push, 1)\n", "", "", "", 64},
    };
    for (size_t i = 0; i < sizeof bombs / sizeof *bombs; i++) {
        sb_error error;
        sb_status status = repeated(bombs[i].before, bombs[i].middle, bombs[i].core, bombs[i].after,
                                    bombs[i].end, bombs[i].deep, &error);
        CHECK(status == SB_OK);
        if (status != SB_OK)
            fprintf(stderr, "    %s%s at %u:%u: %s\n", bombs[i].before, bombs[i].middle, error.line,
                    error.column, error.message);
        for (size_t count = 100; count <= 1000000; count *= 100) {
            status = repeated(bombs[i].before, bombs[i].middle, bombs[i].core, bombs[i].after,
                              bombs[i].end, count, &error);
            CHECK(status == SB_ERROR_LIMIT);
            if (status != SB_ERROR_LIMIT)
                fprintf(stderr, "    %s%s x %zu: %s\n", bombs[i].before, bombs[i].middle, count,
                        status == SB_OK ? "accepted" : error.message);
        }
    }
}

/* Types and records that grow by one level per declaration. */
static void chains_of_declarations_have_a_limit(void)
{
    static const struct {
        const char *first, *next;
    } chains[] = {{"typedef int t0;\n", "typedef t%d *t%d;\n"},
                  {"typedef int t0;\n", "typedef t%d t%d[1];\n"},
                  {"typedef int t0;\n", "typedef void (*t%2$d)(t%1$d);\n"},
                  {"typedef struct { int a; } t0;\n", "typedef struct { t%d a; } t%d;\n"},
                  {"typedef struct { int a; } t0;\n", "typedef struct { t%d a[2]; } t%d;\n"}};
    for (size_t i = 0; i < sizeof chains / sizeof *chains; i++) {
        char text[16384];
        sb_error error;
        size_t length = (size_t)sprintf(text, "%s", chains[i].first);
        for (int k = 1; k < 120; k++) {
            length += (size_t)sprintf(text + length, chains[i].next, k - 1, k);
            if (k == 30)
                CHECK(try_parse(text, length, &error) == SB_OK);
        }
        CHECK(try_parse(text, length, &error) == SB_ERROR_LIMIT);
        CHECK(error.line > 31 && error.line < 70);
    }
    sb_error error; /* pointers do not nest records */
    char text[16384];
    size_t length = 0;
    for (int k = 0; k < 200; k++)
        length += (size_t)sprintf(text + length, "struct s%d { struct s%d *p; };\n", k + 1, k);
    CHECK(try_parse(text, length, &error) == SB_OK);
}

static void sizes_have_a_limit(void)
{
    sb_error error;
    CHECK(repeated("int ", "a", "", "", ";", SB_MAX_NAME, &error) == SB_OK);
    CHECK(repeated("int ", "a", "", "", ";", SB_MAX_NAME + 1, &error) == SB_ERROR_LIMIT);
    CHECK(strstr(error.message, "longer than 1023 bytes") != NULL && error.column == 5);
    CHECK(repeated("#define S \"", "a", "\"", "", "", SB_MAX_STRING, &error) == SB_OK);
    CHECK(repeated("#define S \"", "a", "\"", "", "", SB_MAX_STRING + 1, &error) == SB_ERROR_LIMIT);
    CHECK(repeated("#define S ", "\"aaaaaaaaaa\"", "", "", "", 7000, &error) == SB_ERROR_LIMIT);
    CHECK(repeated("void f(int", ", int", "", "", ");", 126, &error) == SB_OK);
    CHECK(repeated("void f(int", ", int", "", "", ");", 127, &error) == SB_ERROR_LIMIT);
    CHECK(repeated("struct s {", " int : 3;", "", "", "};", SB_MAX_FIELDS, &error) == SB_OK);
    CHECK(repeated("struct s {", " int : 3;", "", "", "};", SB_MAX_FIELDS + 1, &error) ==
          SB_ERROR_LIMIT);
    CHECK(repeated("[[adapt(\"a\"", ", a", ")]] struct s", "", ";", 64, &error) == SB_ERROR_LIMIT);
    CHECK(repeated("", "[[hidden]] ", "int a", "", ";", 256, &error) == SB_ERROR_LIMIT);
    CHECK(repeated("struct s;\n", "[[hidden]] struct s;\n", "", "", "", 256, &error) ==
          SB_ERROR_LIMIT);
}

static void too_many_enumerators_are_refused(void)
{
    size_t room = 32 + (size_t)(SB_MAX_ENUMERATORS + 1) * 10, length;
    char *text = malloc(room);
    sb_error error;
    if (text == NULL)
        exit(1);
    length = (size_t)sprintf(text, "enum [[hidden]] e {");
    for (int i = 0; i <= SB_MAX_ENUMERATORS; i++)
        length += (size_t)sprintf(text + length, "a%d,", i);
    length += (size_t)sprintf(text + length, "};");
    CHECK(try_parse(text, length, &error) == SB_ERROR_LIMIT);
    CHECK(strstr(error.message, "at most 1000000 enumerators") != NULL);
    free(text);
}

static void a_text_that_is_too_long_is_refused(void)
{
    sb_error error;
    size_t length = (size_t)SB_MAX_SOURCE + 1;
    char *text = malloc(length);
    if (text == NULL)
        exit(1);
    memset(text, ' ', length);
    CHECK(try_parse(text, length, &error) == SB_ERROR_LIMIT);
    CHECK(strstr(error.message, "67108865 bytes") != NULL);
    CHECK(try_parse(text, length - 1, &error) == SB_OK);
    free(text);
}

/* ---- want of memory ------------------------------------------------------------------------- */

static long remaining; /* allocations until one fails */
static size_t live;

static void *failing(void *memory, size_t size)
{
    if (size == 0) {
        live -= memory != NULL;
        free(memory);
        return NULL;
    }
    if (remaining-- == 0) {
        remaining = 0; /* and all later ones */
        return NULL;
    }
    live += memory == NULL;
    return realloc(memory, size);
}

static void every_allocation_may_fail(void)
{
    static const char text[] =
        "/** Doc. */ [[library(\"l\"), module(\"m\"), prefix(\"p_\")]];\n"
        "[[submodule(\"sub\")]];\n[[exception(Odd, OSError)]];\n# 10 \"f.h\"\n# 20\n"
        "enum [[status]] e { A, B [[raises(Odd)]], /**< doc */ C = sizeof(int[2]) };\n"
        "typedef struct s { unsigned a : 3, : 0; struct { char c[4]; union { int i; }; };\n"
        "    int x [[readonly]]; struct s *(*next)(struct s *, ...); double tail[]; } s;\n"
        "typedef struct { int32_t year; int32_t month; } date;\n"
        "[[class(\"H\")]] typedef struct h h;\n"
        "[[constructor]] enum e h_new(const int *v [[array(n)]], size_t n, h **out [[out]]);\n"
        "[[destructor]] void h_free(h *self);\n[[method]] int h_f(h *self, int a [[default(3)]]);\n"
        "[[getter]] int h_get_size(const h *self);\n[[operator(\"+\")]] date date_add(date a, date "
        "b);\n"
        "#define N (1 + 2) [[name(\"H.N\")]]\n#define S \"a\" \"b\"\nstatic const double PI = "
        "3.14;\n"
        "char *f(const char *s [[string(\"latin-1\")]], int *r [[out]]) __asm__(\"f_v2\");\n"
        "[[name(\"sub.g\")]] int g(void);\nextern int (*table[3])(int, char *);\n"
        "_Static_assert(N == 3, \"three\");\n";
    static const char more[] = "s *p_other(struct s *, FILE *); enum more { MORE = N };\n";
    static const char name[] = "int (*(*)[4])(s *, double)";
    sb_set_allocator(failing);
    long count = 0;
    bool done = false;
    for (; !done; count++) {
        sb_description *d = NULL, *derived = NULL;
        sb_type_id id;
        sb_error error;
        remaining = count;
        sb_status status = sb_description_parse(text, sizeof text - 1, "x", NULL, &d, &error);
        if (status == SB_OK)
            status = sb_description_parse(more, sizeof more - 1, "y", d, &derived, &error);
        if (status == SB_OK)
            status = sb_description_type(d, name, sizeof name - 1, &id, &error);
        done = status == SB_OK;
        CHECK(done || (status == SB_ERROR_MEMORY && error.status == SB_ERROR_MEMORY));
        if (!done && status != SB_ERROR_MEMORY) {
            fprintf(stderr, "    %u:%u: %s\n", error.line, error.column, error.message);
            done = true;
        }
        sb_description_release(derived);
        sb_description_release(d);
        CHECK(live == 0);
    }
    CHECK(count > 50);
    sb_set_allocator(NULL);
}

int main(void)
{
    a_derived_description_knows_all_of_its_base();
    a_conflict_with_the_base_is_found();
    the_last_reference_frees();
    types_are_found_by_name();
    nesting_has_a_limit();
    chains_of_declarations_have_a_limit();
    sizes_have_a_limit();
    too_many_enumerators_are_refused();
    a_text_that_is_too_long_is_refused();
    every_allocation_may_fail();
    return check_done("description");
}
