/* test_parse.c - what each construct of a description becomes in the tables. */
#include "check.h"

static const char *name_of(const sb_description *d, sb_text text)
{
    return sb_string(d, text);
}

/* The spelling of a declaration, with its name. */
static bool declares(const sb_description *d, sb_declaration_kind kind, const char *name,
                     const char *expected)
{
    char buffer[256];
    const sb_declaration *declaration = find(d, kind, name);
    if (declaration == NULL) {
        fprintf(stderr, "    no declaration of %s\n", name);
        return false;
    }
    sb_type_spell(d, declaration->type, declaration->quals, name, buffer, sizeof buffer);
    if (strcmp(buffer, expected) != 0)
        fprintf(stderr, "    '%s' instead of '%s'\n", buffer, expected);
    return strcmp(buffer, expected) == 0;
}

static const sb_type *record(const sb_description *d, const char *tag)
{
    const sb_declaration *declaration = find(d, SB_DECL_RECORD, tag);
    return declaration == NULL ? &d->types[0] : &d->types[declaration->type];
}

static const sb_field *field(const sb_description *d, const sb_type *type, unsigned index)
{
    return &d->fields[type->first + index];
}

static const sb_attribute *attribute(const sb_description *d, uint32_t first, unsigned index)
{
    return &d->attributes[first + index];
}

/* ---- declarations --------------------------------------------------------------------------- */

static void an_empty_text_is_a_description(void)
{
    sb_description *d = parse("");
    CHECK(d->declaration_count == 0 && d->type_count > 1);
    sb_description_release(d);
    d = parse("\xef\xbb\xbf;; /* nothing */ // here\n;\n");
    CHECK(d->declaration_count == 0);
    sb_description_release(d);
}

static void functions_keep_their_own_parameters(void)
{
    sb_description *d = parse("int f(int a, char *b);\nint g(int c, char *d);\nint h();\n"
                              "extern void k(void), *m(int, ...);\nint (plain)(int);\n"
                              "inline int n(int);\n_Noreturn void o(void);\n");
    const sb_declaration *f = find(d, SB_DECL_FUNCTION, "f"), *g = find(d, SB_DECL_FUNCTION, "g");
    CHECK(f->type == g->type);
    CHECK(strcmp(name_of(d, d->params[f->first_param].name), "a") == 0);
    CHECK(strcmp(name_of(d, d->params[g->first_param + 1].name), "d") == 0);
    CHECK(d->types[f->type].count == 2);
    CHECK((d->types[find(d, SB_DECL_FUNCTION, "h")->type].flags & SB_TYPE_NO_PROTO) != 0);
    CHECK(declares(d, SB_DECL_FUNCTION, "k", "void k(void)"));
    CHECK(declares(d, SB_DECL_FUNCTION, "m", "void *m(int, ...)"));
    CHECK(declares(d, SB_DECL_FUNCTION, "plain", "int plain(int)"));
    CHECK(declares(d, SB_DECL_FUNCTION, "n", "int n(int)"));
    CHECK(declares(d, SB_DECL_FUNCTION, "o", "void o(void)"));
    sb_description_release(d);
}

static void parameters_decay(void)
{
    sb_description *d = parse("typedef int row[4]; typedef int callback(int);\n"
                              "void f(int a[3], int b[], int c[static 4], int d[const],\n"
                              "       row e, callback g, int h(void), const row i, int n,\n"
                              "       double v[n], double m[n][2], double s[*],\n"
                              "       register int r, char t[const restrict static 2]);\n");
    static const char *const expected[] = {"int *a",         "int *b",
                                           "int *c",         "int *const d",
                                           "int *e",         "int (*g)(int)",
                                           "int (*h)(void)", "const int *i",
                                           "int n",          "double *v",
                                           "double (*m)[2]", "double *s",
                                           "int r",          "char *const restrict t"};
    const sb_declaration *f = find(d, SB_DECL_FUNCTION, "f");
    for (uint32_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        char buffer[128];
        const sb_value *param = &d->params[f->first_param + i];
        sb_type_spell(d, param->type, param->quals, name_of(d, param->name), buffer, sizeof buffer);
        CHECK(strcmp(buffer, expected[i]) == 0);
        if (strcmp(buffer, expected[i]) != 0)
            fprintf(stderr, "    '%s' instead of '%s'\n", buffer, expected[i]);
    }
    sb_description_release(d);
}

static void variables_and_typedefs(void)
{
    sb_description *d = parse("extern int a, *b, c[3], (*e)(int);\nint tentative;\n"
                              "extern const char *const names[];\nextern FILE *out;\n"
                              "typedef unsigned long word, *word_pointer;\n"
                              "const word_pointer w;\ntypedef const char text[8];\ntext t;\n"
                              "extern char old[]; extern char old[5];\n"
                              "typedef long time_t; typedef unsigned int uint32_t;\nuint32_t u;\n"
                              "void va(const char *, va_list);\n");
    CHECK(declares(d, SB_DECL_VARIABLE, "a", "int a"));
    CHECK(declares(d, SB_DECL_VARIABLE, "b", "int *b"));
    CHECK(declares(d, SB_DECL_VARIABLE, "c", "int c[3]"));
    CHECK(declares(d, SB_DECL_VARIABLE, "e", "int (*e)(int)"));
    CHECK(declares(d, SB_DECL_VARIABLE, "tentative", "int tentative"));
    CHECK(declares(d, SB_DECL_VARIABLE, "names", "const char *const names[]"));
    CHECK(declares(d, SB_DECL_VARIABLE, "out", "struct _IO_FILE *out"));
    CHECK(declares(d, SB_DECL_VARIABLE, "w", "unsigned long *const w"));
    CHECK(declares(d, SB_DECL_VARIABLE, "t", "const char t[8]"));
    CHECK(declares(d, SB_DECL_VARIABLE, "old", "char old[5]"));
    CHECK(declares(d, SB_DECL_VARIABLE, "u", "uint32_t u"));
    sb_description_release(d);
}

static void symbols_and_linkage(void)
{
    sb_description *d = parse("extern \"C\" {\nint f(int) __asm__(\"f_\" \"v2\");\n}\n"
                              "extern \"C\" int g(void);\nextern int v __asm(\"v_1\"), w;\n");
    CHECK(strcmp(name_of(d, find(d, SB_DECL_FUNCTION, "f")->symbol), "f_v2") == 0);
    CHECK(find(d, SB_DECL_FUNCTION, "g")->symbol == 0);
    CHECK(strcmp(name_of(d, find(d, SB_DECL_VARIABLE, "v")->symbol), "v_1") == 0);
    CHECK(find(d, SB_DECL_VARIABLE, "w")->symbol == 0);
    sb_description_release(d);
}

static void bodies_are_skipped(void)
{
    sb_description *d = parse("static inline int f(int x)\n{ if (x) { return '}'; } /* } */\n"
                              "  return \"}\\\"\"[0]; // }\n}\n"
                              "extern inline int g(void) { return 1; }\nint after;\n");
    CHECK(find(d, SB_DECL_FUNCTION, "f") == NULL); /* no library has it */
    CHECK(find(d, SB_DECL_FUNCTION, "g") != NULL);
    CHECK(find(d, SB_DECL_VARIABLE, "after")->line == 6);
    sb_description_release(d);
}

static void redeclarations_agree(void)
{
    sb_description *d = parse("int f(); int f(int a); int f(int b);\n"
                              "struct s; struct s { int a; }; struct s;\nenum e; enum e { A };\n"
                              "typedef struct s s; typedef struct s s;\n"
                              "void g(unsigned); void g(uint32_t);\n#define N 3\n#define N 3\n"
                              "extern int v; extern int v;\ntypedef struct _IO_FILE FILE;\n");
    CHECK(declares(d, SB_DECL_FUNCTION, "f", "int f(int)"));
    unsigned records = 0, functions = 0;
    for (uint32_t i = 0; i < d->declaration_count; i++) {
        records += d->declarations[i].kind == SB_DECL_RECORD;
        functions += d->declarations[i].kind == SB_DECL_FUNCTION;
    }
    CHECK(records == 1 && functions == 2);
    CHECK(strcmp(name_of(d, d->params[find(d, SB_DECL_FUNCTION, "f")->first_param].name), "a") ==
          0);
    sb_description_release(d);
}

/* ---- records and enums ---------------------------------------------------------------------- */

static void records_have_one_declaration_each(void)
{
    sb_description *d = parse("typedef struct opaque opaque;\nvoid f(struct named *);\n"
                              "typedef struct { int a; } unnamed;\nstruct outer {\n"
                              "    struct inner { int a; } in;\n    union { int b; float c; };\n"
                              "    struct named *p;\n};\n");
    const sb_type *opaque = record(d, "opaque"), *outer = record(d, "outer");
    CHECK((opaque->flags & SB_TYPE_COMPLETE) == 0 && opaque->size == 0);
    CHECK(d->declarations[opaque->decl].line == 1);
    CHECK(find(d, SB_DECL_RECORD, "named") != NULL);
    CHECK(find(d, SB_DECL_RECORD, "inner") != NULL);
    CHECK(outer->count == 3 && field(d, outer, 1)->value.name == 0);
    const sb_declaration *typedef_ = find(d, SB_DECL_TYPEDEF, "unnamed");
    CHECK(strcmp(name_of(d, d->types[typedef_->type].name), "unnamed") == 0);
    CHECK(d->declarations[d->types[typedef_->type].decl].name == 0);
    sb_description_release(d);
}

static void tags_and_names_are_apart(void)
{
    sb_description *d = parse("struct stat { int a; }; int stat(struct stat *stat);\n"
                              "enum x { y }; int x;\ntypedef int T; struct T { T T; };\n");
    CHECK(declares(d, SB_DECL_FUNCTION, "stat", "int stat(struct stat *)"));
    CHECK(declares(d, SB_DECL_VARIABLE, "x", "int x"));
    CHECK(record(d, "T")->count == 1);
    sb_description_release(d);
}

static void bit_fields(void)
{
    sb_description *d = parse("struct s { unsigned a : 3, b : 5 [[readonly]]; int : 4; int : 0;\n"
                              "           _Bool c [[readonly]] : 1; };\n");
    const sb_type *s = record(d, "s");
    CHECK(s->count == 4); /* the one of width 0 is gone */
    CHECK(field(d, s, 0)->bit_width == 3 && field(d, s, 1)->bit_offset == 3);
    CHECK(field(d, s, 0)->value.attribute_count == 0);
    CHECK(field(d, s, 1)->value.attribute_count == 1);
    CHECK(field(d, s, 2)->value.name == 0 && field(d, s, 2)->bit_width == 4);
    CHECK(field(d, s, 3)->value.attribute_count == 1 && field(d, s, 3)->offset == 4);
    sb_description_release(d);
}

/* Integers of 64 bits, as an enum gets them. */
#define LONGEST  (sizeof(long) == 8 ? SB_PRIM_LONG : SB_PRIM_LLONG)
#define ULONGEST (sizeof(long) == 8 ? SB_PRIM_ULONG : SB_PRIM_ULLONG)

static void enumerators_count_on(void)
{
    sb_description *d = parse("enum e { A, B = 5, C, D = -1, E, F = 'x', G = C << 2, };\n"
                              "enum u { U = 0xffffffff }; enum l { L = 0xffffffffffffffff };\n"
                              "enum n { N = -0x80000000LL - 1 };\n"
                              "enum t : uint8_t { T = 255 }; enum f : short; enum { X };\n"
                              "enum b : bool { NO, YES }; enum t x; struct s { enum t b : 3; };\n");
    static const int64_t values[] = {0, 5, 6, -1, 0, 'x', 24};
    const sb_declaration *e = find(d, SB_DECL_ENUM, "e");
    const sb_type *type = &d->types[e->type];
    CHECK(type->count == 7);
    for (uint32_t i = 0; i < 7; i++)
        CHECK(d->enumerators[type->first + i].value == values[i]);
    CHECK(type->primitive == SB_PRIM_INT && (type->flags & SB_TYPE_SIGNED) != 0);
    CHECK(d->types[find(d, SB_DECL_ENUM, "u")->type].primitive == SB_PRIM_UINT);
    CHECK(d->types[find(d, SB_DECL_ENUM, "l")->type].primitive == ULONGEST);
    CHECK(d->types[find(d, SB_DECL_ENUM, "n")->type].primitive == LONGEST);
    CHECK(d->types[find(d, SB_DECL_ENUM, "t")->type].primitive == SB_PRIM_UINT8);
    CHECK(d->types[find(d, SB_DECL_ENUM, "f")->type].size == 2);
    CHECK(d->types[find(d, SB_DECL_ENUM, "b")->type].size == 1);
    CHECK(find(d, SB_DECL_ENUM, "") != NULL);
    sb_description_release(d);
}

static void words_of_compilers_are_accepted(void)
{
    sb_description *d =
        parse("__extension__ typedef long long int i64;\n"
              "extern __inline__ __attribute__((gnu_inline, always_inline)) int f(int);\n"
              "__attribute__((visibility(\"default\"))) int g(const char *__restrict, ...)\n"
              "    __attribute__((format(printf, 1, 2), nonnull(1)));\n"
              "__declspec(dllimport) int __stdcall h(int);\nint (__cdecl *p)(int);\n"
              "extern int v __attribute__((weak, aligned(64)));\n");
    CHECK(find(d, SB_DECL_FUNCTION, "h") != NULL);
    sb_description_release(d);
}

static void modes_and_standard_attributes(void)
{
    sb_description *d = parse("typedef int __attribute__((mode(DI))) wide;\nwide w;\n"
                              "typedef unsigned word __attribute__((__mode__(__word__)));\n"
                              "word u;\n"
                              "[[nodiscard]] int f(int a [[maybe_unused]]);\n"
                              "[[deprecated(\"old\"), gnu::pure]] int g(void);\n"
                              "struct [[gnu::packed]] p { char a; int b; };\n"
                              "#pragma once\n#pragma GCC visibility push(default)\n#\n");
    CHECK(declares(d, SB_DECL_VARIABLE, "w", sizeof(long) == 8 ? "long w" : "long long w"));
    CHECK(declares(d, SB_DECL_VARIABLE, "u",
                   sizeof(void *) == 8 ? "unsigned long u" : "unsigned int u"));
    CHECK(find(d, SB_DECL_FUNCTION, "f")->attribute_count == 0);
    CHECK(record(d, "p")->size == 5);
    sb_description_release(d);
}

/* ---- attributes ----------------------------------------------------------------------------- */

static void attributes_of_a_typedef_are_the_records(void)
{
    static const char *const texts[] = {"[[hashable]] typedef struct s { int a; } s;",
                                        "typedef struct [[hashable]] s { int a; } s;",
                                        "typedef struct s [[hashable]] { int a; } s;",
                                        "typedef struct s { int a; } s [[hashable]];",
                                        "typedef struct s { int a; } [[hashable]] s;",
                                        "[[hashable]] struct s { int a; };",
                                        "struct s; [[hashable]] struct s; struct s { int a; };",
                                        "struct [[hashable]] s; struct s { int a; };"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        sb_description *d = parse(texts[i]);
        const sb_declaration *s = find(d, SB_DECL_RECORD, "s"), *t = find(d, SB_DECL_TYPEDEF, "s");
        CHECK(s->attribute_count == 1 &&
              attribute(d, s->first_attribute, 0)->id == SB_ATTR_HASHABLE);
        CHECK(t == NULL || t->attribute_count == 0);
        sb_description_release(d);
    }
}

static void attributes_of_one_record_gather(void)
{
    sb_description *d = parse("[[class(\"A\")]] typedef struct s s;\n[[hashable]] struct s\n"
                              "{ int a; };\ntypedef struct s t [[ordered]];\n");
    const sb_declaration *s = find(d, SB_DECL_RECORD, "s");
    CHECK(s->attribute_count == 3);
    CHECK(sb_attribute_find(d, s->first_attribute, 3, SB_ATTR_CLASS) != NULL);
    CHECK(sb_attribute_find(d, s->first_attribute, 3, SB_ATTR_ORDERED) != NULL);
    CHECK(sb_attribute_find(d, s->first_attribute, 3, SB_ATTR_QUICK) == NULL);
    sb_description_release(d);
}

static void attributes_of_functions_parameters_and_enumerators(void)
{
    sb_description *d = parse("[[library(\"x\"), prefix(\"p_\")]];\n[[submodule(\"m\")]];\n"
                              "[[quick]] int f(int *a [[out]], [[nullable]] const char *b),\n"
                              "    g(void) [[hidden]], h [[optional]] (void);\n"
                              "enum [[status]] e { A [[ok]] = 1, B = 2 [[raises(ValueError)]] };\n"
                              "#define N 3 [[hidden]]\n[[readonly]] extern int v;\n");
    const sb_declaration *f = find(d, SB_DECL_FUNCTION, "f"), *g = find(d, SB_DECL_FUNCTION, "g");
    CHECK(d->declarations[0].kind == SB_DECL_FILE && d->declarations[0].attribute_count == 2);
    CHECK(d->declarations[1].kind == SB_DECL_FILE);
    CHECK(f->attribute_count == 1 && g->attribute_count == 2);
    CHECK(find(d, SB_DECL_FUNCTION, "h")->attribute_count == 2);
    CHECK(attribute(d, f->first_attribute, 0)->line == 3);
    CHECK(attribute(d, f->first_attribute, 0)->column == 3);
    CHECK(d->params[f->first_param].attribute_count == 1);
    CHECK(d->params[f->first_param + 1].attribute_count == 1);
    const sb_type *e = &d->types[find(d, SB_DECL_ENUM, "e")->type];
    CHECK(d->enumerators[e->first].attribute_count == 1);
    CHECK(d->enumerators[e->first + 1].attribute_count == 1);
    CHECK(d->enumerators[e->first + 1].value == 2);
    CHECK(find(d, SB_DECL_CONSTANT, "N")->attribute_count == 1);
    CHECK(find(d, SB_DECL_VARIABLE, "v")->attribute_count == 1);
    sb_description_release(d);
}

static void arguments_are_constants_or_names(void)
{
    sb_description *d =
        parse("#define N 7\n#define TEXT \"t\"\nenum e { ONE = 1 };\n"
              "int f(int a [[default(-3)]], double b [[default(-2.5)]], int c [[default(N)]],\n"
              "      int d [[default(N + ONE)]], const char *e [[default(NULL)]],\n"
              "      bool g [[default(true)]], const char *h [[default(\"a\" \"b\")]],\n"
              "      int i [[default(ONE)]], const char *k [[default(TEXT)]],\n"
              "      const char *l [[default(nullptr)]], unsigned m [[default(1u << 31)]]);\n"
              "int g(const int *p [[array(n)]], size_t n);\n");
    const sb_declaration *f = find(d, SB_DECL_FUNCTION, "f"), *g = find(d, SB_DECL_FUNCTION, "g");
    const sb_constant *arguments[11];
    for (uint32_t i = 0; i < 11; i++) {
        const sb_attribute *a = attribute(d, d->params[f->first_param + i].first_attribute, 0);
        CHECK(a->argument_count == 1);
        arguments[i] = &d->arguments[a->first_argument];
    }
    CHECK(arguments[0]->kind == SB_CONST_INT && arguments[0]->as.i == -3);
    CHECK(arguments[0]->name == 0);
    CHECK(arguments[1]->kind == SB_CONST_FLOAT && arguments[1]->as.f == -2.5);
    CHECK(arguments[2]->kind == SB_CONST_INT && arguments[2]->as.i == 7);
    CHECK(strcmp(name_of(d, arguments[2]->name), "N") == 0);
    CHECK(arguments[3]->as.i == 8 && arguments[3]->name == 0);
    CHECK(arguments[4]->kind == SB_CONST_NULL);
    CHECK(arguments[5]->kind == SB_CONST_BOOL && arguments[5]->as.i == 1);
    CHECK(arguments[6]->kind == SB_CONST_STRING && arguments[6]->length == 2);
    CHECK(arguments[7]->as.i == 1 && strcmp(name_of(d, arguments[7]->name), "ONE") == 0);
    CHECK(arguments[8]->kind == SB_CONST_STRING);
    CHECK(strcmp(name_of(d, arguments[8]->as.s), "t") == 0);
    CHECK(arguments[9]->kind == SB_CONST_NULL);
    CHECK(arguments[10]->kind == SB_CONST_UINT && arguments[10]->as.u == 0x80000000u);
    const sb_constant *n =
        &d->arguments[attribute(d, d->params[g->first_param].first_attribute, 0)->first_argument];
    CHECK(n->kind == SB_CONST_NAME && strcmp(name_of(d, n->as.s), "n") == 0);
    sb_description_release(d);
}

/* Callbacks may differ in their parameters' attributes alone, and stay apart. */
static void function_types_with_attributes_are_apart(void)
{
    sb_description *d = parse("int f(int a [[default(1)]]); int g(int a); int h(int b);\n");
    const sb_declaration *f = find(d, SB_DECL_FUNCTION, "f");
    CHECK(f->type == find(d, SB_DECL_FUNCTION, "g")->type);
    CHECK(d->params[f->first_param].attribute_count == 1);
    CHECK(d->params[d->types[f->type].first].attribute_count == 0);
    sb_description_release(d);
}

/* ---- comments ------------------------------------------------------------------------------- */

static void comments_become_docs(void)
{
    sb_description *d = parse(
        "/** The module. */ [[module(\"m\")]];\n/* no */ // no\n/** First.\n *\n"
        " *     indented\n *   less\n *\n */\nint f(void);\n/** Point. */\ntypedef struct p {\n"
        "    /** left */ int x;\n    int y; /**< up */\n    int z /**< far */;\n    int w;\n"
        "    int a, b; /**< both */\n} p;\n/** Kinds. */ enum e {\n    A, /**< one */\n"
        "    /** two */\n    B,\n    C /**< three */\n};\n[[quick]] /** late */ int g(void);\n"
        "int h(void); /**< behind */\nint i(void);\n/**< not on its line */\n"
        "/** Number. */\n#define N 3\n#define M 4 /**< four */\n/***** banner *****/ int j(void);\n"
        "/**/ int k(void);\n/** one */ /** two */ int l(void);\n");
    const sb_type *p = record(d, "p"), *e = &d->types[find(d, SB_DECL_ENUM, "e")->type];
#define DOC(kind, name, text) \
    CHECK(strcmp(name_of(d, find(d, SB_DECL_##kind, name)->doc), text) == 0)
    DOC(FILE, "", "The module.");
    DOC(FUNCTION, "f", "First.\n\n  indented\nless");
    DOC(RECORD, "p", "Point.");
    DOC(TYPEDEF, "p", "Point.");
    DOC(ENUM, "e", "Kinds.");
    DOC(FUNCTION, "g", "late");
    DOC(FUNCTION, "h", "behind");
    DOC(FUNCTION, "i", "");
    DOC(CONSTANT, "N", "Number.");
    DOC(CONSTANT, "M", "four");
    DOC(FUNCTION, "j", "");
    DOC(FUNCTION, "k", "");
    DOC(FUNCTION, "l", "two");
#undef DOC
    static const char *const fields[] = {"left", "up", "far", "", "both", "both"};
    for (unsigned i = 0; i < 6; i++)
        CHECK(strcmp(name_of(d, field(d, p, i)->doc), fields[i]) == 0);
    static const char *const kinds[] = {"one", "two", "three"};
    for (unsigned i = 0; i < 3; i++)
        CHECK(strcmp(name_of(d, d->enumerators[e->first + i].doc), kinds[i]) == 0);
    sb_description_release(d);
}

/* ---- lines that begin with # ---------------------------------------------------------------- */

static void macros_are_constants(void)
{
    sb_description *d =
        parse("#define A 1\n# define B (A + \\\n  1)\nenum { E,\n#define IN 5\n F };\n"
              "struct s {\n  int a;\n#define C \"c\" // text\n};\n"
              "#define LAST 9");
    CHECK(find(d, SB_DECL_CONSTANT, "B")->constant.as.i == 2);
    CHECK(find(d, SB_DECL_CONSTANT, "IN")->constant.as.i == 5);
    CHECK(find(d, SB_DECL_CONSTANT, "C")->constant.kind == SB_CONST_STRING);
    CHECK(find(d, SB_DECL_CONSTANT, "LAST")->constant.as.i == 9);
    sb_description_release(d);
}

static void markers_move_lines(void)
{
    sb_description *d = parse("int a;\n# 100 \"other.h\" 1 3\nint b;\n\nint c;\n#line 7\nint d;\n");
    CHECK(find(d, SB_DECL_VARIABLE, "a")->line == 1);
    CHECK(find(d, SB_DECL_VARIABLE, "b")->line == 100);
    CHECK(find(d, SB_DECL_VARIABLE, "c")->line == 102);
    CHECK(find(d, SB_DECL_VARIABLE, "d")->line == 7);
    sb_description_release(d);
}

static void constants_with_a_type(void)
{
    sb_description *d = parse("static const int A = 3; const double B = 1;\n"
                              "static const uint8_t C = 300;\nstatic const char S[] = \"s\";\n"
                              "static const enum e { X = 2 } D = X;\nconstexpr int G = A + 1;\n"
                              "_Static_assert(A == 3, \"three\"); static_assert(G > A);\n");
    CHECK(find(d, SB_DECL_CONSTANT, "A")->constant.as.i == 3);
    CHECK(find(d, SB_DECL_CONSTANT, "B")->constant.as.f == 1);
    CHECK(find(d, SB_DECL_CONSTANT, "C")->constant.as.u == 44);
    CHECK(find(d, SB_DECL_CONSTANT, "S")->constant.kind == SB_CONST_STRING);
    CHECK(find(d, SB_DECL_CONSTANT, "D")->constant.as.u == 2);
    CHECK(find(d, SB_DECL_CONSTANT, "G")->constant.as.i == 4);
    sb_description_release(d);
}

int main(void)
{
    an_empty_text_is_a_description();
    functions_keep_their_own_parameters();
    parameters_decay();
    variables_and_typedefs();
    symbols_and_linkage();
    bodies_are_skipped();
    redeclarations_agree();
    records_have_one_declaration_each();
    tags_and_names_are_apart();
    bit_fields();
    enumerators_count_on();
    words_of_compilers_are_accepted();
    modes_and_standard_attributes();
    attributes_of_a_typedef_are_the_records();
    attributes_of_one_record_gather();
    attributes_of_functions_parameters_and_enumerators();
    arguments_are_constants_or_names();
    function_types_with_attributes_are_apart();
    comments_become_docs();
    macros_are_constants();
    markers_move_lines();
    constants_with_a_type();
    return check_done("parse");
}
