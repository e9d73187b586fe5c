/* test_cdef.c - SB_PARSE_CDEF: what only a compiler could complete, redeclarations, packing. */
#include "check.h"

static sb_status cdef_with(const char *text, const sb_parse_options *options, sb_description **out,
                           sb_error *error)
{
    return sb_description_parse_with(text, strlen(text), options, out, error);
}

/* A cdef that must be right. */
static sb_description *cdef(const char *text, const sb_description *base, unsigned flags)
{
    const sb_parse_options options = {.base = base, .flags = SB_PARSE_CDEF | flags};
    sb_description *d;
    sb_error error;
    if (cdef_with(text, &options, &d, &error) != SB_OK) {
        fprintf(stderr, "%u:%u: %s\nin:\n%s\n", error.line, error.column, error.message, text);
        exit(1);
    }
    return d;
}

/* The message of a cdef that must be refused. */
static const char *refused(const char *text, const sb_description *base, sb_status status)
{
    static sb_error error;
    const sb_parse_options options = {.base = base, .flags = SB_PARSE_CDEF};
    sb_description *d;
    memset(&error, 0, sizeof error);
    sb_status got = cdef_with(text, &options, &d, &error);
    if (got == SB_OK)
        sb_description_release(d);
    CHECK(got == status);
    return error.message;
}

static const sb_type *type_named(const sb_description *d, const char *name)
{
    const sb_declaration *declaration = find(d, SB_DECL_TYPEDEF, name);
    CHECK(declaration != NULL);
    return declaration != NULL ? &d->types[declaration->type] : &d->types[0];
}

static const sb_type *record_named(const sb_description *d, const char *tag)
{
    const sb_declaration *declaration = find(d, SB_DECL_RECORD, tag);
    CHECK(declaration != NULL);
    return declaration != NULL ? &d->types[declaration->type] : &d->types[0];
}

static bool spelled(const sb_description *d, sb_type_id id, const char *expected)
{
    char text[200];
    sb_type_spell(d, id, 0, NULL, text, sizeof text);
    if (strcmp(text, expected) != 0)
        fprintf(stderr, "\"%s\" is not \"%s\"\n", text, expected);
    return strcmp(text, expected) == 0;
}

static void test_types_without_a_body(void)
{
    sb_description *d = cdef("typedef ... T; typedef ... *P; typedef int... I;\n"
                             "typedef unsigned long ... U, U2; typedef double... F;\n"
                             "T *f(T *, P, I, I *); typedef ... T;",
                             NULL, 0);
    const sb_type *t = type_named(d, "T"), *p = type_named(d, "P");
    CHECK(t->kind == SB_STRUCT && (t->flags & SB_TYPE_PARTIAL) != 0 && t->count == 0);
    CHECK((t->flags & SB_TYPE_COMPLETE) == 0);
    CHECK(spelled(d, find(d, SB_DECL_TYPEDEF, "T")->type, "T"));
    CHECK(p->kind == SB_POINTER && (p->flags & SB_TYPE_PARTIAL) == 0);
    CHECK(spelled(d, find(d, SB_DECL_TYPEDEF, "P")->type, "struct $$P *"));
    CHECK(type_named(d, "I")->kind == SB_INT && type_named(d, "F")->kind == SB_FLOAT);
    CHECK(type_named(d, "U") != type_named(d, "U2"));
    CHECK(spelled(d, find(d, SB_DECL_FUNCTION, "f")->type, "T *(T *, struct $$P *, I, I *)"));
    CHECK(d->function_count == 0 && d->scope_count == 0);
    sb_description_release(d);
}

static void test_partial_records(void)
{
    sb_description *d = cdef("struct x { int a; ...; long b; }; struct y { char c; struct x x; };\n"
                             "struct z { struct x *p; }; typedef int... I; struct i { I i; };\n"
                             "struct n { int a[...]; char c; }; struct m { struct x x[3]; };\n"
                             "union u { int a[...][4]; }; struct f { int n; int a[]; };",
                             NULL, 0);
    static const char *const partial[] = {"x", "y", "i", "n", "m", "u"};
    for (size_t i = 0; i < sizeof partial / sizeof *partial; i++) {
        const sb_type *type = record_named(d, partial[i]);
        CHECK((type->flags & SB_TYPE_PARTIAL) != 0 && (type->flags & SB_TYPE_COMPLETE) == 0);
        CHECK(type->size == 0 && type->count > 0);
    }
    CHECK(record_named(d, "x")->count == 2);
    CHECK((record_named(d, "z")->flags & (SB_TYPE_PARTIAL | SB_TYPE_COMPLETE)) == SB_TYPE_COMPLETE);
    CHECK((record_named(d, "f")->flags & (SB_TYPE_PARTIAL | SB_TYPE_COMPLETE)) == SB_TYPE_COMPLETE);
    sb_description_release(d);
}

static void test_partial_enums_arrays_and_constants(void)
{
    sb_description *d = cdef("enum e { A, B = 7, ... }; enum { C = ..., D };\n"
                             "extern int a[...]; extern int c[];\n"
                             "#define X ...\n#define Y 0x10\n#define Z -3\n"
                             "static const int N; static const char *const S; int six = 6;\n"
                             "static const long M = ...; static const int list[] = { 1, { 2 } };\n"
                             "static const struct { int a; } s = { .a = 3 }; extern int after;",
                             NULL, 0);
    const sb_type *e = &d->types[find(d, SB_DECL_ENUM, "e")->type];
    const unsigned both = SB_TYPE_PARTIAL | SB_TYPE_COMPLETE;
    CHECK((e->flags & both) == both);
    CHECK(e->count == 2 && d->enumerators[e->first + 1].value == 7);
    const sb_type *a = &d->types[find(d, SB_DECL_VARIABLE, "a")->type];
    const unsigned open = SB_TYPE_PARTIAL | SB_TYPE_FLEXIBLE;
    CHECK((a->flags & open) == open);
    CHECK((d->types[find(d, SB_DECL_VARIABLE, "c")->type].flags & SB_TYPE_PARTIAL) == 0);
    CHECK(find(d, SB_DECL_CONSTANT, "X")->constant.kind == SB_CONST_NONE);
    CHECK(find(d, SB_DECL_CONSTANT, "X")->type == 0);
    CHECK(find(d, SB_DECL_CONSTANT, "Y")->constant.as.i == 16);
    CHECK(find(d, SB_DECL_CONSTANT, "Z")->constant.as.i == -3);
    CHECK(find(d, SB_DECL_CONSTANT, "N")->constant.kind == SB_CONST_NONE);
    CHECK(spelled(d, find(d, SB_DECL_CONSTANT, "S")->type, "const char *"));
    CHECK(find(d, SB_DECL_CONSTANT, "six")->constant.as.i == 6);
    CHECK(find(d, SB_DECL_CONSTANT, "M")->constant.kind == SB_CONST_NONE);
    CHECK(find(d, SB_DECL_CONSTANT, "s")->constant.kind == SB_CONST_NONE);
    CHECK(find(d, SB_DECL_VARIABLE, "list") != NULL && find(d, SB_DECL_VARIABLE, "after") != NULL);
    sb_description_release(d);
}

static void test_functions_of_python(void)
{
    sb_description *d = cdef("extern \"Python\" int f(int);\n"
                             "extern \"Python + C\" { int g(int); extern void h(void); }\n"
                             "extern \"C\" { int i(int); } static int s(int);\n"
                             "int __stdcall w(int);\n"
                             "int (WINAPI *pointer)(int); int __cdecl c(void);",
                             NULL, 0);
    CHECK((find(d, SB_DECL_FUNCTION, "f")->flags & SB_DECLARED_PYTHON) != 0);
    CHECK((find(d, SB_DECL_FUNCTION, "g")->flags & SB_DECLARED_PYTHON) != 0);
    CHECK((find(d, SB_DECL_FUNCTION, "h")->flags & SB_DECLARED_PYTHON) != 0);
    CHECK(find(d, SB_DECL_FUNCTION, "i")->flags == 0);
    CHECK(find(d, SB_DECL_FUNCTION, "s") != NULL && find(d, SB_DECL_FUNCTION, "w") != NULL);
    CHECK(find(d, SB_DECL_VARIABLE, "pointer") != NULL);
    sb_description_release(d);
    CHECK(strstr(refused("extern \"Python\" { int x; }", NULL, SB_ERROR_SYNTAX),
                 "cannot declare constants or variables with 'extern \"Python\"'") != NULL);
}

static void test_what_a_compiler_completes_is_refused_elsewhere(void)
{
    static const char *const texts[] = {
        "typedef ... T;", "typedef int... T;", "struct x { int a; ...; };", "enum e { A, ... };",
        "extern int a[...];", "#define X ...\n", "extern \"Python\" int f(int);",
        "static const int N = ...;", "static const int N;"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        sb_description *d;
        sb_error error;
        CHECK(sb_description_parse(texts[i], strlen(texts[i]), NULL, NULL, &d, &error) != SB_OK);
    }
}

static void test_what_no_cdef_says(void)
{
    CHECK(strstr(refused("int f(void) { return 1; }", NULL, SB_ERROR_SYNTAX), "<FuncDef>") != NULL);
    CHECK(strstr(refused("#define X abc def \n", NULL, SB_ERROR_SYNTAX),
                 "got:\n  #define X abc def") != NULL);
    (void)refused("#define X \"text\"\n", NULL, SB_ERROR_SYNTAX);
    (void)refused("#define X\n", NULL, SB_ERROR_SYNTAX);
    (void)refused("typedef char *... T;", NULL, SB_ERROR_SYNTAX);
    (void)refused("typedef int... *T;", NULL, SB_ERROR_SYNTAX);
    (void)refused("int f(...);", NULL, SB_ERROR_SYNTAX);
    (void)refused("int f(int a[...]);", NULL, SB_ERROR_SYNTAX);
    (void)refused("enum e { A, ..., B };", NULL, SB_ERROR_SYNTAX);
}

static void test_equal_redeclarations(void)
{
    sb_description *one = cdef("int f(int); extern int *v; typedef struct x *T; struct x;\n"
                               "#define N 3\nenum { A, B };",
                               NULL, 0);
    sb_description *d = cdef("int f(int); extern int *v; typedef struct x *T;\n"
                             "struct x { int a; };\n"
                             "#define N 3\nenum { A, B };\n#define B 1\nstatic const int N = 3;",
                             one, 0);
    CHECK((record_named(d, "x")->flags & SB_TYPE_COMPLETE) != 0);
    CHECK((record_named(one, "x")->flags & SB_TYPE_COMPLETE) == 0);
    sb_description_release(d);
    sb_description_release(one);
}

static void test_conflicts(void)
{
    sb_description *base = cdef("int f(int); extern int v; typedef int T; struct x { int a; };\n"
                                "enum e { A }; \n#define N 3\n",
                                NULL, 0);
    static const char *const texts[][2] = {
        {"double f(int);", "multiple declarations of function f (for interactive usage, try "
                           "cdef(xx, override=True))"},
        {"extern double v;", "multiple declarations of variable v (for"},
        {"typedef double T;", "multiple declarations of typedef T (for"},
        {"#define N 4\n", "multiple declarations of constant: N"},
        {"enum { Z, A };", "multiple declarations of constant: A"},
        {"int A(void);", "multiple declarations of function A (for"},
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        const char *message = refused(texts[i][0], base, SB_ERROR_CONFLICT);
        CHECK(strncmp(message, texts[i][1], strlen(texts[i][1])) == 0);
    }
    CHECK(strcmp(refused("struct x { int a; };", base, SB_ERROR_SYNTAX),
                 "duplicate declaration of struct x") == 0);
    CHECK(strcmp(refused("enum e { A };", base, SB_ERROR_UNSUPPORTED),
                 "enum e: the '{}' declaration should appear on the first time the enum is "
                 "mentioned, not later") == 0);
    sb_description_release(base);
}

static size_t count_named(const sb_description *d, const char *name)
{
    size_t count = 0;
    for (uint32_t i = 0; i < d->declaration_count; i++)
        count += strcmp(sb_string(d, d->declarations[i].name), name) == 0;
    return count;
}

static void test_override(void)
{
    sb_description *base = cdef("int f(int); extern int v; typedef int T; enum e { A };\n"
                                "#define N 3\nT g(T);\n",
                                NULL, 0);
    sb_description *d = cdef("float f(float); extern double v; typedef float T; int A(void);\n"
                             "#define N 4\nT h(T); int k[N];",
                             base, SB_PARSE_OVERRIDE);
    CHECK(spelled(d, find(d, SB_DECL_FUNCTION, "f")->type, "float (float)"));
    CHECK(spelled(d, find(d, SB_DECL_VARIABLE, "v")->type, "double"));
    CHECK(spelled(d, find(d, SB_DECL_FUNCTION, "g")->type, "int (int)"));
    CHECK(spelled(d, find(d, SB_DECL_FUNCTION, "h")->type, "float (float)"));
    CHECK(spelled(d, find(d, SB_DECL_VARIABLE, "k")->type, "int[4]"));
    CHECK(count_named(d, "f") == 1 && count_named(d, "T") == 1 && count_named(d, "N") == 1);
    CHECK(count_named(base, "f") == 1);
    /* and the names mean the same once more */
    sb_description *more = cdef("T i(T); int A(void); int l[N];", d, 0);
    CHECK(spelled(more, find(more, SB_DECL_FUNCTION, "i")->type, "float (float)"));
    CHECK(spelled(more, find(more, SB_DECL_VARIABLE, "l")->type, "int[4]"));
    sb_description_release(more);
    sb_description_release(d);
    sb_description_release(base);
}

static void test_common_types_may_be_declared(void)
{
    sb_description *d = cdef("typedef short off_t; typedef struct { int a; } FILE;\n"
                             "typedef unsigned char bool_t; struct x { off_t o; FILE f; };",
                             NULL, 0);
    CHECK(record_named(d, "x")->size == 8);
    sb_description_release(d);
}

static const sb_type *packed_record(const char *text, unsigned flags, uint32_t pack,
                                    sb_description **d)
{
    const sb_parse_options options = {.flags = SB_PARSE_CDEF | flags, .pack = pack};
    sb_error error;
    if (cdef_with(text, &options, d, &error) != SB_OK)
        exit(1);
    return record_named(*d, "x");
}

static void test_packing(void)
{
    static const char text[] = "struct x { char c; short s; struct { char c; int i; } n; long l; "
                               "unsigned a : 3; unsigned b : 30; };";
    sb_description *d;
#pragma pack(push, 1)
    struct one {
        char c;
        short s;
        struct {
            char c;
            int i;
        } n;
        long l;
        unsigned a : 3;
        unsigned b : 30;
    };
#pragma pack(2)
    struct two {
        char c;
        short s;
        struct {
            char c;
            int i;
        } n;
        long l;
        unsigned a : 3;
        unsigned b : 30;
    };
#pragma pack(pop)
    CHECK(packed_record(text, SB_PARSE_PACKED, 0, &d)->size == sizeof(struct one));
    sb_description_release(d);
    CHECK(packed_record(text, 0, 1, &d)->size == sizeof(struct one));
    sb_description_release(d);
    CHECK(packed_record(text, 0, 2, &d)->size == sizeof(struct two));
    CHECK(d->fields[record_named(d, "x")->first + 3].offset == offsetof(struct two, l));
    sb_description_release(d);
    sb_error error;
    const sb_parse_options odd = {.flags = SB_PARSE_CDEF, .pack = 3};
    CHECK(cdef_with(text, &odd, &d, &error) == SB_ERROR_MEANING);
}

static void test_type_names(void)
{
    sb_description *d = cdef("typedef int... I; struct x { int a; ...; };", NULL, 0);
    sb_type_id id;
    sb_error error;
    CHECK(sb_description_type(d, "struct x *[3]", 13, &id, &error) == SB_OK);
    CHECK((d->types[id].flags & SB_TYPE_COMPLETE) != 0);
    CHECK(sb_description_type(d, "struct x[3]", 11, &id, &error) == SB_OK);
    CHECK((d->types[id].flags & (SB_TYPE_COMPLETE | SB_TYPE_PARTIAL)) == SB_TYPE_PARTIAL);
    CHECK(sb_description_type(d, "I(*)(I)", 7, &id, &error) == SB_OK);
    CHECK(sb_description_type(d, "int[...]", 8, &id, &error) != SB_OK);
    sb_description_release(d);
}

int main(void)
{
    test_types_without_a_body();
    test_partial_records();
    test_partial_enums_arrays_and_constants();
    test_functions_of_python();
    test_what_a_compiler_completes_is_refused_elsewhere();
    test_what_no_cdef_says();
    test_equal_redeclarations();
    test_conflicts();
    test_override();
    test_common_types_may_be_declared();
    test_packing();
    test_type_names();
    return check_done("cdef");
}
