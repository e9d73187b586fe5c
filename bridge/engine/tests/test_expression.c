/* test_expression.c - constant expressions have C's values and types. */
#include "check.h"

#include <float.h>

/* #define X <text>: its kind, value and type. */
static const sb_declaration *constant(const char *text, sb_description **d)
{
    char source[1024];
    sb_error error;
    snprintf(source, sizeof source,
             "struct s { char a; int b; struct { short c[4]; } d; union { long e; char f; }; };\n"
             "enum e { MINUS = -5, BIG = 0xffffffffff };\n#define HALF 0.5\n#define X %s\n",
             text);
    if (sb_description_parse(source, strlen(source), NULL, NULL, d, &error) != SB_OK) {
        CHECK(false);
        fprintf(stderr, "    '%s': %s\n", text, error.message);
        return NULL;
    }
    return find(*d, SB_DECL_CONSTANT, "X");
}

#define LONGEST (sizeof(long) == 8 ? "long" : "long long")

/* As in the text that every expression follows. */
struct s {
    char a;
    int b;
    struct {
        short c[4];
    } d;
    union {
        long e;
        char f;
    };
};

static void integer(const char *text, long long expected, unsigned long long bits, bool is_signed,
                    size_t size, const char *type)
{
    sb_description *d;
    char spelled[64];
    const sb_declaration *x = constant(text, &d);
    if (x == NULL)
        return;
    sb_type_spell(d, x->type, 0, NULL, spelled, sizeof spelled);
    bool same = x->constant.kind == (is_signed ? SB_CONST_INT : SB_CONST_UINT) &&
                (is_signed ? x->constant.as.i == expected : x->constant.as.u == bits) &&
                d->types[x->type].size == size && strcmp(spelled, type) == 0;
    CHECK(same);
    if (!same)
        fprintf(stderr, "    '%s' is (%s)%lld, not (%s)%lld\n", text, spelled,
                (long long)x->constant.as.i, type, expected);
    sb_description_release(d);
}

#define TYPE_NAME(value)                       \
    _Generic((value), int                      \
             : "int", unsigned                 \
             : "unsigned int", long            \
             : "long", unsigned long           \
             : "unsigned long", long long      \
             : "long long", unsigned long long \
             : "unsigned long long")
/* The expression as the compiler has it, and as the engine reads it. */
#define SAME(...)                                                                      \
    integer(#__VA_ARGS__, (long long)(__VA_ARGS__), (unsigned long long)(__VA_ARGS__), \
            ((__VA_ARGS__)*0 - 1) < 0, sizeof(__VA_ARGS__), TYPE_NAME(__VA_ARGS__))

#pragma GCC diagnostic ignored "-Wpragmas"
#pragma GCC diagnostic ignored "-Wunknown-warning-option"
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wsign-conversion"
#pragma GCC diagnostic ignored "-Wsign-compare"
#pragma GCC diagnostic ignored "-Wpedantic"
#pragma GCC diagnostic ignored "-Wparentheses"
#pragma GCC diagnostic ignored "-Wbool-operation"
#pragma GCC diagnostic ignored "-Wtype-limits"
#pragma GCC diagnostic ignored "-Wmultichar"
#pragma GCC diagnostic ignored "-Wfour-char-constants"
#pragma GCC diagnostic ignored "-Wdiv-by-zero"
#pragma GCC diagnostic ignored "-Wdivision-by-zero"
#pragma GCC diagnostic ignored "-Wint-in-bool-context"
#pragma GCC diagnostic ignored "-Wshift-overflow"
#pragma GCC diagnostic ignored "-Wlogical-op-parentheses"
#pragma GCC diagnostic ignored "-Wbitwise-op-parentheses"
#pragma GCC diagnostic ignored "-Wshift-op-parentheses"
#pragma GCC diagnostic ignored "-Wconstant-logical-operand"
#pragma GCC diagnostic ignored "-Wshift-negative-value"
#pragma GCC diagnostic ignored "-Wtautological-compare"
#pragma GCC diagnostic ignored "-Wliteral-conversion"
#pragma GCC diagnostic ignored "-Woverflow"

static void literals(void)
{
    SAME(0);
    SAME(2147483647);
    SAME(2147483648);
    SAME(0x7fffffff);
    SAME(0x80000000);
    SAME(0xffffffff);
    SAME(0x100000000);
    SAME(9223372036854775807);
    SAME(0x8000000000000000);
    SAME(0xffffffffffffffff);
    SAME(017);
    SAME(0);
    integer("0b1011", 11, 0, true, 4, "int");
    SAME(1u);
    SAME(1U);
    SAME(1l);
    SAME(1ul);
    SAME(1LU);
    SAME(1ll);
    SAME(1ull);
    SAME(4294967295u);
    SAME(4294967296u);
    integer("1'000'000", 1000000, 0, true, 4, "int");
}

static void characters(void)
{
    SAME('a');
    SAME('\n');
    SAME('\\');
    SAME('\'');
    SAME('\0');
    SAME('\x41');
    SAME('\377');
    SAME('\xff');
    SAME('ab');
    SAME('abcd');
    SAME(+L'x');
    SAME(+L'\x1234');
    SAME(+u'\u20ac');
    SAME(+U'\U0001f600');
    integer("'\\e'", 27, 0, true, 4, "int");
}

static void arithmetic(void)
{
    SAME(1 + 2 * 3 - 4);
    SAME((1 + 2) * 3);
    SAME(7 / 2);
    SAME(-7 / 2);
    SAME(-7 % 3);
    SAME(7 % -3);
    SAME(7u / 2);
    SAME(-1 / 2u);
    SAME(1 - 2u);
    SAME(1u - 2);
    SAME(-1L);
    SAME(-1 + 1UL);
    SAME(1 << 4);
    integer("1 << 31", -2147483647 - 1, 0, true, 4, "int");
    SAME(1u << 31);
    SAME(1LL << 40);
    SAME(-16 >> 2);
    SAME(0xf0u >> 4);
    SAME(1 << 2 << 3);
    SAME(1 | 2 ^ 3 & 4);
    SAME(~0);
    SAME(~0u);
    SAME(~0ul >> 1);
    SAME(- -3);
    SAME(+-+3);
    SAME(!0 + !5);
    SAME(!!7);
    SAME(-2147483647 - 1);
    SAME(2147483647 + 1u);
    SAME(4294967295u + 1);
    SAME(0x7fffffff * 2u);
}

static void comparisons(void)
{
    SAME(1 < 2);
    SAME(-1 < 1u);
    SAME(-1 < 1ul);
    SAME(-1 < (long)1u);
    SAME(2 >= 2);
    SAME(2 > 2);
    SAME(1 <= 0);
    SAME(1 == 1L);
    SAME(1 != 1);
    SAME(1 < 2 == 1);
    SAME(1 && 0 || 1);
    SAME(1 || 0 && 0);
    SAME(0 && 1 / 0);
    SAME(1 || 1 / 0);
    SAME(1 ? 2 : 3);
    SAME(0 ? 2 : 3u);
    SAME(1 ? -1 : 0u);
    SAME(1 ? 5 : 1 / 0);
    SAME(0 ? 1 / 0 : 7);
    SAME(1 ? 2 : 0 ? 3 : 4);
    SAME(0 ? 2 : 0 ? 3 : 4L);
    SAME(2.5 > 2);
#if FLT_EVAL_METHOD == 0 /* or the compiler adds with more digits */
    SAME(0.1 + 0.2 == 0.3);
#endif
}

static void casts_and_sizes(void)
{
    SAME((int)3.99);
    SAME((int)-3.99);
    SAME(+(unsigned char)300);
    SAME(+(signed char)200);
    SAME(+(short)0x12345);
    SAME(+(_Bool)256);
    SAME(+(_Bool)0.5);
    SAME((unsigned)-1);
    SAME((long)(unsigned)-1);
    SAME((unsigned long)-1);
    SAME((int)4294967295u);
    SAME(-(unsigned short)1);
    SAME(sizeof(int));
    SAME(sizeof(char[3][5]));
    SAME(sizeof(void *));
    SAME(sizeof(long double));
    SAME(sizeof(int (*)(void)));
    SAME(sizeof(1L));
    SAME(sizeof 1);
    SAME(sizeof "abc");
    SAME(sizeof(1 ? 1 : 2L));
    SAME(_Alignof(double));
    SAME(sizeof(int) * 2 - 1);
    SAME((unsigned long)sizeof(short) << 3);
    SAME(sizeof(struct s));
    SAME(offsetof(struct s, b));
    SAME(offsetof(struct s, d.c[3]));
    SAME(offsetof(struct s, f));
    SAME(__builtin_offsetof(struct s, e));
    SAME(_Alignof(struct s));
    integer("(enum e)MINUS", -5, 0, true, 8, LONGEST);
    integer("MINUS", -5, 0, true, 4, "int");
    integer("BIG + 1", 0x10000000000, 0, true, 8, LONGEST);
    integer("(uint8_t)-1 + 0", 255, 0, true, 4, "int");
    integer("(int)(HALF * 8)", 4, 0, true, 4, "int");
    integer("true + true", 2, 0, true, 4, "int");
}

static void floats(void)
{
    static const struct {
        const char *text;
        double value;
        const char *type;
    } cases[] = {{"1.5", 1.5, "double"},
                 {"1e3", 1e3, "double"},
                 {".5", .5, "double"},
                 {"5.", 5., "double"},
                 {"1.1f", (float)1.1f, "float"},
                 {"1.5L", 1.5, "long double"},
                 {"0x1.8p3", 0x1.8p3, "double"},
                 {"-2.5", -2.5, "double"},
                 {"1 + 0.5", 1.5, "double"},
                 {"1.0f / 3", (float)(1.0f / 3), "float"},
                 {"(double)1 / 4", .25, "double"},
                 {"HALF / 2", .25, "double"},
                 {"1 ? 2 : 0.5", 2, "double"},
                 {"(float)0.1", (float)0.1, "float"},
                 {"1e-400", 0, "double"},
                 {"1.7976931348623157e308", 1.7976931348623157e308, "double"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        sb_description *d;
        char spelled[64];
        const sb_declaration *x = constant(cases[i].text, &d);
        if (x == NULL)
            continue;
        sb_type_spell(d, x->type, 0, NULL, spelled, sizeof spelled);
        CHECK(x->constant.kind == SB_CONST_FLOAT && x->constant.as.f == cases[i].value);
        CHECK(strcmp(spelled, cases[i].type) == 0);
        sb_description_release(d);
    }
}

static void strings_null_and_truth(void)
{
    sb_description *d = parse("#define S \"a\" \"b\\x41\\0c\" u8\"\\u20ac\"\n#define N NULL\n"
                              "#define P ((void *)0)\n#define T true\n#define F false\n"
                              "#define AGAIN S\nstatic const char *const TEXT = \"t\";\n"
                              "static const bool YES = 2;\n#define L sizeof(S)\n");
    const sb_constant *s = &find(d, SB_DECL_CONSTANT, "S")->constant;
    CHECK(s->kind == SB_CONST_STRING && s->length == 8);
    CHECK(memcmp(sb_string(d, s->as.s), "abA\0c\xe2\x82\xac", 9) == 0);
    CHECK(find(d, SB_DECL_CONSTANT, "AGAIN")->constant.length == 8);
    CHECK(find(d, SB_DECL_CONSTANT, "N")->constant.kind == SB_CONST_NULL);
    CHECK(find(d, SB_DECL_CONSTANT, "P")->constant.kind == SB_CONST_NULL);
    CHECK(find(d, SB_DECL_CONSTANT, "T")->constant.kind == SB_CONST_BOOL);
    CHECK(find(d, SB_DECL_CONSTANT, "T")->constant.as.i == 1);
    CHECK(find(d, SB_DECL_CONSTANT, "F")->constant.as.i == 0);
    CHECK(find(d, SB_DECL_CONSTANT, "YES")->constant.kind == SB_CONST_BOOL);
    CHECK(find(d, SB_DECL_CONSTANT, "YES")->constant.as.i == 1);
    CHECK(find(d, SB_DECL_CONSTANT, "TEXT")->constant.kind == SB_CONST_STRING);
    CHECK(find(d, SB_DECL_CONSTANT, "L")->constant.as.u == 9);
    sb_description_release(d);
}

static void a_failing_expression_says_why(void)
{
    static const struct {
        const char *text, *message;
        unsigned column;
    } cases[] = {
        {"1 / 0", "division by zero", 13},
        {"1 % 0", "division by zero", 13},
        {"1.0 / 0", "division by zero", 15},
        {"2147483647 + 1", "overflows 'int'", 22},
        {"-(-2147483647 - 1)", "overflows 'int'", 11},
        {"(-2147483647 - 1) / -1", "overflows 'int'", 29},
        {"9223372036854775807 * 2", "overflows 'long", 31},
        {"1 << 32", "shift count must be 0 to 31", 13},
        {"1LL << -1", "shift count must be 0 to 63", 15},
        {"NOPE", "'NOPE' is not known", 11},
        {"1 +", "expected a constant, found the end of the line", 14},
        {"(1", "expected ')' in the expression", 13},
        {"1 2", "expected the end of the line", 13},
        {"1 ? 2", "expected ':'", 16},
        {"int", "expected a constant, found 'int'", 11},
        {"1.5 % 2", "'%' needs integers", 15},
        {"~1.5", "'~' needs an integer", 11},
        {"\"a\" + 1", "'+' needs numbers", 15},
        {"-\"a\"", "'-' needs a number", 11},
        {"(int)1e30", "does not fit in the integer type", 20},
        {"(void *)5", "cannot be cast to 'void *'", 11},
        {"sizeof(void (void))", "is not known", 11},
        {"sizeof(struct nothing)", "size of 'struct nothing' is not known", 11},
        {"offsetof(int, a)", "'int' is not a struct or union", 25},
        {"08", "octal numbers have no 8 or 9", 11},
        {"0x", "expected hexadecimal digits", 11},
        {"1abc", "unknown suffix", 11},
        {"1.5q", "unknown suffix", 11},
        {"0x1.8", "expected digits, one point and one exponent", 11},
        {"18446744073709551616", "more than 64 bits", 11},
        {"''", "is empty", 13},
        {"'abcde'", "holds one character", 16},
        {"'a", "does not end on its line", 11},
        {"\"a", "does not end on its line", 11},
        {"\"\\q\"", "unknown escape", 12},
        {"\"\\x\"", "expected hexadecimal digits", 14},
        {"\"\\x100\"", "larger than a byte", 12},
        {"\"\\ud800\"", "not a Unicode character", 18},
        {"L\"a\"", "wide strings are not supported", 11},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char source[256];
        sb_description *d;
        sb_error error;
        snprintf(source, sizeof source, "\n#define X %s\n", cases[i].text);
        sb_status status = sb_description_parse(source, strlen(source), NULL, NULL, &d, &error);
        CHECK(status != SB_OK);
        if (status == SB_OK) {
            fprintf(stderr, "    '%s' is accepted\n", cases[i].text);
            sb_description_release(d);
            continue;
        }
        CHECK(strstr(error.message, cases[i].message) != NULL && error.line == 2 &&
              error.column == cases[i].column);
        if (strstr(error.message, cases[i].message) == NULL || error.column != cases[i].column)
            fprintf(stderr, "    '%s' gives %u:%u: %s\n", cases[i].text, error.line, error.column,
                    error.message);
    }
}

int main(void)
{
    literals();
    characters();
    arithmetic();
    comparisons();
    casts_and_sizes();
    floats();
    strings_null_and_truth();
    a_failing_expression_says_why();
    return check_done("expression");
}
