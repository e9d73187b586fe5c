/* test_digest.c - the canonical spelling of prototypes, and their digests. */
#include "check.h"

#include <float.h>

/* Where long double has that format, it is no foreign type. */
#if LDBL_MANT_DIG == 113
#define FLOAT128 "(*float128)int32"
#else
#define FLOAT128 "(*_Float128)int32"
#endif

/* The digest of the one function or variable named f. */
static uint64_t digest_of(const char *text)
{
    sb_description *d = parse(text);
    uint64_t digest = 0;
    for (uint32_t i = 0; i < d->declaration_count; i++)
        if (strcmp(sb_string(d, d->declarations[i].name), "f") == 0)
            digest = sb_digest(d, i);
    sb_description_release(d);
    CHECK(digest != 0);
    return digest;
}

/* The prototype of f must be spelled so, and its digest be that of the spelling. */
static void spelled(const char *text, const char *expected)
{
    char buffer[SB_MAX_CANONICAL + 1] = "";
    sb_description *d = parse(text);
    for (uint32_t i = 0; i < d->declaration_count; i++)
        if (strcmp(sb_string(d, d->declarations[i].name), "f") == 0) {
            size_t length = sb_canonical(d, d->declarations[i].type, buffer, sizeof buffer);
            CHECK(length == strlen(expected));
            CHECK(sb_digest(d, i) == sb_fnv1a(buffer, length));
        }
    CHECK(strcmp(buffer, expected) == 0);
    if (strcmp(buffer, expected) != 0)
        fprintf(stderr, "    '%s' is spelled '%s', not '%s'\n", text, buffer, expected);
    sb_description_release(d);
}

static void the_hash_is_fnv1a(void)
{
    /* From the test vectors of its authors. */
    CHECK(sb_fnv1a("", 0) == 0xcbf29ce484222325u);
    CHECK(sb_fnv1a("a", 1) == 0xaf63dc4c8601ec8cu);
    CHECK(sb_fnv1a("foobar", 6) == 0x85944171f73967e8u);
}

static void scalars_are_kind_and_bits(void)
{
    spelled("void f(void);", "()void");
    spelled("_Bool f(char a, signed char b, unsigned char c);", "(char8,int8,uint8)bool8");
    spelled("short f(unsigned short a, int b, unsigned c);", "(uint16,int32,uint32)int16");
    spelled("long long f(uint64_t a, int8_t b);", "(uint64,int8)int64");
    spelled("wchar_t f(char16_t a, char32_t b);", "(wide16,wide32)wide32");
    spelled("double f(float a);", "(float32)float64");
    spelled("double _Complex f(float _Complex a);", "(complex64)complex128");
    spelled("int f(_Float128 *a);", FLOAT128);
}

static void pointers_and_arrays(void)
{
    spelled("const char *f(void **a, int *const *restrict b);", "(**void,**int32)*char8");
    spelled("void f(int a[3], int b[2][4]);", "(*int32,*[4]int32)void");
    spelled("extern int f[2][4];", "[2][4]int32");
    spelled("extern int f[];", "[]int32");
    spelled("extern const volatile int32_t f;", "int32");
}

static void records_go_by_name(void)
{
    spelled("struct p { int x; }; struct p f(struct p a, const struct p *b, union u *c);",
            "(struct p,*struct p,*union u)struct p");
    spelled("typedef struct { int x; } p; p f(void);", "()struct p");
    spelled("typedef struct tag { int x; } p; p f(void);", "()struct tag");
    spelled("extern struct { int x, *y; unsigned z : 3; union { int a; float b; }; } f;",
            "struct{int32,*int32,uint32:3,union{int32,float32}}");
}

static void enums_are_their_integers(void)
{
    spelled("enum e { A }; enum e f(enum e *a);", "(*uint32)uint32");
    spelled("enum e { A = -1 }; enum e f(void);", "()int32");
    spelled("enum e { A = 1ull << 40 }; enum e f(void);", "()uint64");
}

static void functions(void)
{
    spelled("int f(const char *format, ...);", "(*char8,...)int32");
    spelled("int f();", "(?)int32");
    spelled("void f(void (*a)(int), void (*b)());", "(*(int32)void,*(?)void)void");
    spelled("void (*f(int a))(char);", "(int32)*(char8)void");
    spelled("void f(int a(long long));", "(*(int64)int32)void");
}

static void names_and_qualifiers_have_no_part(void)
{
    uint64_t plain = digest_of("int f(char *a, unsigned long long b);");
    CHECK(digest_of("int32_t f(const char *, const uint64_t n);") == plain);
    CHECK(digest_of("typedef char *text; int f(text, unsigned long long);") == plain);
    CHECK(digest_of("[[name(\"g\")]] int f(char *a [[string]], unsigned long long b);") == plain);
}

static void all_else_has(void)
{
    static const char *const prototypes[] = {
        "int f(char *a, int b);",       "int f(char *a, unsigned b);",
        "int f(char *a, long long b);", "int f(int b, char *a);",
        "int f(char **a, int b);",      "int f(signed char *a, int b);",
        "int f(char *a);",              "int f(char *a, int b, ...);",
        "unsigned f(char *a, int b);",  "void f(char *a, int b);",
        "int f(struct s *a, int b);",   "int f(struct t *a, int b);",
        "int f(char *a, float b);",     "int f(void *a, int b);",
        "int f();",                     "extern int f;",
        "extern int f[2];",             "extern int f[3];",
    };
    enum { COUNT = sizeof prototypes / sizeof *prototypes };
    uint64_t digests[COUNT];
    for (size_t i = 0; i < COUNT; i++) {
        digests[i] = digest_of(prototypes[i]);
        for (size_t j = 0; j < i; j++)
            CHECK(digests[i] != digests[j]);
    }
}

/* Parameters of parameters multiply: 4 at each level would be 4^30. */
static void what_multiplies_is_cut(void)
{
    char text[8192], buffer[SB_MAX_CANONICAL + 1];
    size_t used = (size_t)snprintf(text, sizeof text, "typedef void f0(int);");
    for (int i = 1; i <= 30; i++)
        used += (size_t)snprintf(text + used, sizeof text - used,
                                 "typedef void f%d(f%d *, f%d *, f%d *, f%d *);", i, i - 1, i - 1,
                                 i - 1, i - 1);
    snprintf(text + used, sizeof text - used, "void f(f30 *a);");
    sb_description *d = parse(text);
    uint32_t last = d->declaration_count - 1;
    size_t length = sb_canonical(d, d->declarations[last].type, buffer, sizeof buffer);
    CHECK(length == SB_MAX_CANONICAL && strlen(buffer) == length);
    CHECK(sb_digest(d, last) == sb_fnv1a(buffer, length));
    sb_description_release(d);
}

static void a_small_buffer_is_not_overrun(void)
{
    sb_description *d = parse("int f(char *a);");
    char buffer[8] = "#######";
    CHECK(sb_canonical(d, d->declarations[0].type, buffer, 5) == 13);
    CHECK(strcmp(buffer, "(*ch") == 0 && buffer[5] == '#');
    CHECK(sb_canonical(d, d->declarations[0].type, NULL, 0) == 13);
    sb_description_release(d);
}

int main(void)
{
    the_hash_is_fnv1a();
    scalars_are_kind_and_bits();
    pointers_and_arrays();
    records_go_by_name();
    enums_are_their_integers();
    functions();
    names_and_qualifiers_have_no_part();
    all_else_has();
    what_multiplies_is_cut();
    a_small_buffer_is_not_overrun();
    return check_done("digest");
}
