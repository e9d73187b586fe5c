/* test_spell.c - types as C spells them, and back. */
#include "check.h"

static sb_description *d;

/* Parses a type name; its spelling must be `expected`, which must parse to the same type. */
static void spelled(const char *name, const char *expected)
{
    char buffer[512];
    sb_type_id id, again;
    sb_error error;
    sb_status status = sb_description_type(d, name, strlen(name), &id, &error);
    CHECK(status == SB_OK);
    if (status != SB_OK) {
        fprintf(stderr, "    '%s': %s\n", name, error.message);
        return;
    }
    size_t length = sb_type_spell(d, id, 0, NULL, buffer, sizeof buffer);
    CHECK(length == strlen(buffer));
    CHECK(strcmp(buffer, expected) == 0);
    if (strcmp(buffer, expected) != 0)
        fprintf(stderr, "    '%s' is spelled '%s', not '%s'\n", name, buffer, expected);
    CHECK(sb_description_type(d, buffer, length, &again, &error) == SB_OK && again == id);
}

static void named(const char *name, const char *declared, unsigned quals, const char *expected)
{
    char buffer[512];
    sb_type_id id;
    sb_error error;
    CHECK(sb_description_type(d, name, strlen(name), &id, &error) == SB_OK);
    sb_type_spell(d, id, quals, declared, buffer, sizeof buffer);
    CHECK(strcmp(buffer, expected) == 0);
    if (strcmp(buffer, expected) != 0)
        fprintf(stderr, "    '%s' of '%s' is spelled '%s'\n", declared, name, buffer);
}

static void every_primitive_is_its_own_spelling(void)
{
#define X(id, spelling, ctype, kind) spelled(spelling, spelling);
    SB_PRIMITIVES(X)
#undef X
    spelled("void", "void");
}

static void words_come_in_any_order(void)
{
    spelled("int unsigned long", "unsigned long");
    spelled("long int signed long", "long long");
    spelled("unsigned", "unsigned int");
    spelled("signed", "int");
    spelled("short unsigned int", "unsigned short");
    spelled("char signed", "signed char");
    spelled("double long", "long double");
    spelled("_Complex float", "float _Complex");
    spelled("_Complex", "double _Complex");
    spelled("long _Complex double", "long double _Complex");
    spelled("bool", "_Bool");
#ifdef __SIZEOF_INT128__
    spelled("__int128 unsigned", "unsigned __int128");
#endif
    spelled("const int", "int");
}

static void library_names_stand_for_types(void)
{
    spelled("uint_least16_t", "uint_least16_t");
    spelled("intmax_t", "intmax_t");
    spelled("FILE *", "struct _IO_FILE *");
    spelled("socklen_t", "unsigned int");
#ifdef __SIZEOF_INT128__
    spelled("__int128_t", "__int128");
#endif
}

static void declarators(void)
{
    spelled("int*", "int *");
    spelled("int **const *", "int **const *");
    spelled("const char *restrict *", "const char *restrict *");
    spelled("volatile const int *", "const volatile int *");
    spelled("int[3]", "int[3]");
    spelled("int[2][3]", "int[2][3]");
    spelled("int[]", "int[]");
    spelled("int *[3]", "int *[3]");
    spelled("int (*)[3]", "int (*)[3]");
    spelled("int (*const *)[3]", "int (*const *)[3]");
    spelled("int (*)(void)", "int (*)(void)");
    spelled("int (*)()", "int (*)()");
    spelled("int (void)", "int (void)");
    spelled("int *(char, ...)", "int *(char, ...)");
    spelled("void (*(*)(int))(char)", "void (*(*)(int))(char)");
    spelled("int (*(*[2])(int, char *))[4]", "int (*(*[2])(int, char *))[4]");
    spelled("int (int [3], int f(void))", "int (int *, int (*)(void))");
    spelled("int (const int)", "int (int)");
    spelled("struct point *[2]", "struct point *[2]");
    spelled("enum colour", "enum colour");
    spelled("union u (*)(struct point)", "union u (*)(struct point)");
    spelled("unnamed *", "unnamed *");
    spelled("const vector", "const int[3]");
    spelled("handler", "void (*)(int)");
}

static void names_are_declared(void)
{
    named("int", "x", 0, "int x");
    named("int", "x", SB_CONST, "const int x");
    named("int *", "p", SB_CONST | SB_RESTRICT, "int *const restrict p");
    named("int *", "p", 0, "int *p");
    named("int [3]", "a", 0, "int a[3]");
    named("int (*)(int)", "f", 0, "int (*f)(int)");
    named("int (*)(int)", "f", SB_CONST, "int (*const f)(int)");
    named("int (int)", "f", 0, "int f(int)");
    named("char *(*[3])(void)", "t", 0, "char *(*t[3])(void)");
    named("struct point", "p", SB_VOLATILE, "volatile struct point p");
}

static void a_short_buffer_is_filled_and_ended(void)
{
    char buffer[8] = "zzzzzzz";
    sb_type_id id;
    sb_error error;
    CHECK(sb_description_type(d, "unsigned long", 13, &id, &error) == SB_OK);
    CHECK(sb_type_spell(d, id, 0, "x", buffer, sizeof buffer) == strlen("unsigned long x"));
    CHECK(strcmp(buffer, "unsigne") == 0);
    CHECK(sb_type_spell(d, id, 0, NULL, NULL, 0) == 13);
}

static void equal_types_have_equal_ids(void)
{
    sb_type_id one, other;
    sb_error error;
    CHECK(sb_description_type(d, "int (*)(char *, long)", 21, &one, &error) == SB_OK);
    uint32_t count = d->type_count;
    CHECK(sb_description_type(d, "int (*)(char *a, long int)", 26, &other, &error) == SB_OK);
    CHECK(one == other && d->type_count == count);
    CHECK(sb_description_type(d, "int (*)(char *, int)", 20, &other, &error) == SB_OK);
    CHECK(one != other);
}

/* Each type has two parameters of the one before: 2^30 leaves when written out. */
static void spelling_without_end_is_cut(void)
{
    char text[8192] = "typedef int (*f0)(int);\n";
    size_t length = strlen(text);
    for (int i = 1; i < 30; i++)
        length +=
            (size_t)sprintf(text + length, "typedef int (*f%d)(f%d, f%d);\n", i, i - 1, i - 1);
    sb_description *deep = parse(text);
    char buffer[64];
    CHECK(sb_type_spell(deep, deep->type_count - 1, 0, NULL, buffer, sizeof buffer) >= 1000);
    CHECK(strlen(buffer) == sizeof buffer - 1);
    sb_description_release(deep);
}

int main(void)
{
    d = parse("struct point { int x, y; }; enum colour { RED }; union u { int a; };\n"
              "typedef struct { int z; } unnamed; typedef int vector[3];\n"
              "typedef void (*handler)(int);\n");
    every_primitive_is_its_own_spelling();
    words_come_in_any_order();
    library_names_stand_for_types();
    declarators();
    names_are_declared();
    a_short_buffer_is_filled_and_ended();
    equal_types_have_equal_ids();
    sb_description_release(d);
    spelling_without_end_is_cut();
    return check_done("spell");
}
