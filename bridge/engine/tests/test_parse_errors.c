/* test_parse_errors.c - what bad descriptions are told, and where. */
#include "check.h"

/* The text, where its error is, and words of the message. */
static const struct {
    const char *text;
    unsigned line, column;
    sb_status status;
    const char *message;
} cases[] = {
    /* what was expected */
    {"int f(void)\nint g(void);", 2, 1, SB_ERROR_SYNTAX,
     "expected ';' after the declaration of 'f', found 'int'"},
    {"int f(void)", 1, 12, SB_ERROR_SYNTAX, "found the end of the text"},
    {"int f(int a", 1, 12, SB_ERROR_SYNTAX, "expected ',' or ')' after a parameter"},
    {"int f(int a,);", 1, 13, SB_ERROR_SYNTAX, "expected a type, found ')'"},
    {"int f(int, ..., int);", 1, 15, SB_ERROR_SYNTAX, "expected ')' after '...'"},
    {"int *;", 1, 6, SB_ERROR_SYNTAX, "expected a name, found ';'"},
    {"int 3;", 1, 5, SB_ERROR_SYNTAX, "expected a name, found '3'"},
    {"int if;", 1, 5, SB_ERROR_SYNTAX, "expected a name that is no keyword, found 'if'"},
    {"int;", 1, 4, SB_ERROR_SYNTAX, "declares nothing"},
    {"= 3;", 1, 1, SB_ERROR_SYNTAX, "expected a type, found '='"},
    {"}", 1, 1, SB_ERROR_SYNTAX, "expected a type, found '}'"},
    {"struct;", 1, 7, SB_ERROR_SYNTAX, "expected a name or '{' after 'struct'"},
    {"struct s { int a }", 1, 18, SB_ERROR_SYNTAX, "expected ';' after a field, found '}'"},
    {"struct s { int; };", 1, 15, SB_ERROR_SYNTAX, "expected the name of a field"},
    {"struct s {\n int a;\n", 3, 1, SB_ERROR_SYNTAX, "to close the '{' of line 1"},
    {"enum e { };", 1, 10, SB_ERROR_SYNTAX, "at least one enumerator"},
    {"enum e { A B };", 1, 12, SB_ERROR_SYNTAX, "expected ',' or '}' after an enumerator"},
    {"enum e { 3 };", 1, 10, SB_ERROR_SYNTAX, "expected the name of an enumerator or '}'"},
    {"enum e { A, if };", 1, 13, SB_ERROR_SYNTAX, "that is no keyword"},
    {"enum e { A", 1, 11, SB_ERROR_SYNTAX, "found the end of the text"},
    {"int a[3;", 1, 8, SB_ERROR_SYNTAX, "expected ']' after the length of the array"},
    {"int (a;", 1, 7, SB_ERROR_SYNTAX, "expected ')' in the declarator"},
    {"extern \"C\" { int a;", 1, 20, SB_ERROR_SYNTAX, "expected '}' to close extern \"C\" {"},
    {"extern \"C++\" { }", 1, 8, SB_ERROR_UNSUPPORTED, "only extern \"C\""},
    {"_Static_assert 1;", 1, 16, SB_ERROR_SYNTAX, "expected '(' after _Static_assert"},
    {"int f(void) { return;", 1, 13, SB_ERROR_SYNTAX, "does not end; expected '}'"},
    {"int f(void) __asm__(f);", 1, 21, SB_ERROR_SYNTAX, "the name of a symbol, a string"},
    {"extern extern int a;", 1, 8, SB_ERROR_SYNTAX, "'extern' stands here twice"},
    {"int f(static int a);", 1, 7, SB_ERROR_SYNTAX, "'static' has no place here"},
    {"struct s { extern int a; };", 1, 12, SB_ERROR_SYNTAX, "'extern' has no place here"},
    {"inline int v;", 1, 12, SB_ERROR_SYNTAX, "'v' is not a function and cannot be inline"},
    {"int restrict p;", 1, 5, SB_ERROR_SYNTAX, "'restrict' stands behind the '*'"},
    {"int a[static 3];", 1, 7, SB_ERROR_SYNTAX, "only the outermost array of a parameter"},
    /* types */
    {"uint32 x;", 1, 1, SB_ERROR_MEANING, "unknown type name 'uint32'; did you mean 'uint32_t'?"},
    {"unsinged x;", 1, 1, SB_ERROR_MEANING, "did you mean 'unsigned'?"},
    {"frobnicator x;", 1, 1, SB_ERROR_MEANING, "declare it before its first use"},
    {"struct point { int x; };\nvoid f(point *p);", 2, 8, SB_ERROR_MEANING,
     "did you mean 'struct point'?"},
    {"int x; x y;", 1, 8, SB_ERROR_MEANING, "'x' is not a type"},
    {"long float x;", 1, 1, SB_ERROR_SYNTAX, "these words together are not a type"},
    {"unsigned signed x;", 1, 1, SB_ERROR_SYNTAX, "these words together are not a type"},
    {"long long long x;", 1, 1, SB_ERROR_SYNTAX, "these words together are not a type"},
    {"short double x;", 1, 1, SB_ERROR_SYNTAX, "these words together are not a type"},
    {"int struct s x;", 1, 1, SB_ERROR_SYNTAX, "these words together are not a type"},
    {"struct s { char c[3]; }; _Atomic struct s x;", 1, 26, SB_ERROR_UNSUPPORTED, "an _Atomic of"},
    {"_BitInt(3) x;", 1, 1, SB_ERROR_UNSUPPORTED, "is a type that is not supported"},
    {"typeof(1 +) x;", 1, 11, SB_ERROR_SYNTAX, "expected a constant"},
    {"auto x;", 1, 1, SB_ERROR_UNSUPPORTED, "write the type"},
    {"extern _Thread_local int x;", 1, 26, SB_ERROR_UNSUPPORTED, "one per thread"},
    {"void v;", 1, 6, SB_ERROR_MEANING, "cannot have type 'void'"},
    {"void f(void v);", 1, 13, SB_ERROR_MEANING, "a parameter cannot have type 'void'"},
    {"void f(int, void);", 1, 13, SB_ERROR_MEANING, "'void' stands alone"},
    {"void a[3];", 1, 7, SB_ERROR_MEANING, "there are no arrays of void"},
    {"int a[2][];", 1, 6, SB_ERROR_MEANING, "arrays of unknown length"},
    {"struct s a[3];", 1, 11, SB_ERROR_MEANING, "an incomplete type"},
    {"int a[3](void);", 1, 6, SB_ERROR_MEANING, "no arrays of functions"},
    {"int f(void)[3];", 1, 6, SB_ERROR_MEANING, "a function cannot return an array"},
    {"int f(void)(void);", 1, 6, SB_ERROR_MEANING, "a function cannot return a function"},
    {"int a[-1];", 1, 7, SB_ERROR_MEANING, "cannot be negative"},
    {"int a[1.5];", 1, 7, SB_ERROR_MEANING, "the length of an array must be an integer"},
    {"int a[n];", 1, 7, SB_ERROR_MEANING, "'n' is not known"},
    {"typedef int x; int a[x];", 1, 22, SB_ERROR_MEANING, "'x' is not a constant"},
    {"int f(int a, int a);", 1, 18, SB_ERROR_MEANING, "there is a parameter 'a' already"},
    {"int f(struct s { int a; } *p);", 1, 14, SB_ERROR_SYNTAX, "cannot be defined here"},
    {"int f(struct { int a; } *p);", 1, 14, SB_ERROR_SYNTAX, "that is defined before"},
    {"int f(enum { A } p);", 1, 12, SB_ERROR_SYNTAX, "that is defined before"},
    /* records */
    {"struct s { int a; int b; char a; };", 1, 31, SB_ERROR_MEANING,
     "there is a field 'a' already"},
    {"struct s { int a; struct { int b; union { int a; }; }; };", 1, 47, SB_ERROR_MEANING,
     "there is a field 'a' already"},
    {"struct s { struct s a; };", 1, 21, SB_ERROR_MEANING, "has the incomplete type 'struct s'"},
    {"struct s { struct s { int a; } b; };", 1, 19, SB_ERROR_MEANING, "defined inside itself"},
    {"struct s { int a; };\nstruct s { int a; };", 2, 8, SB_ERROR_MEANING,
     "struct 's' is defined already, at line 1"},
    {"struct s; union s { int a; };", 1, 17, SB_ERROR_MEANING, "'s' is a struct since line 1"},
    {"struct s { int f(void); };", 1, 16, SB_ERROR_MEANING, "cannot be a function"},
    {"struct s { void v; };", 1, 17, SB_ERROR_MEANING, "has the incomplete type 'void'"},
    {"struct s { int a[]; int b; };", 1, 16, SB_ERROR_MEANING, "the array 'a' has no length"},
    {"struct s { int a[]; };", 1, 16, SB_ERROR_MEANING, "the array 'a' has no length"},
    {"struct s { int a : 33; };", 1, 20, SB_ERROR_MEANING, "type 'int' is 0 to 32"},
    {"struct s { _Bool a : 2; };", 1, 22, SB_ERROR_MEANING, "is 0 to 1"},
    {"struct s { int a : -1; };", 1, 20, SB_ERROR_MEANING, "is 0 to 32"},
    {"struct s { int a : 0; };", 1, 20, SB_ERROR_MEANING, "only unnamed ones"},
    {"struct s { float a : 3; };", 1, 18, SB_ERROR_MEANING, "it must be an integer"},
    {"struct s { char a[0x7fffffffffffffff]; int b; int c; };", 1, 44, SB_ERROR_LIMIT,
     "larger than any object"},
    {"char a[0x8000000000000000];", 1, 7, SB_ERROR_LIMIT, "larger than any object"},
    {"int a[0x4000000000000000];", 1, 6, SB_ERROR_LIMIT, "larger than any object"},
    {"struct s { int a __attribute__((aligned(3))); };", 1, 40, SB_ERROR_MEANING, "a power of two"},
    {"struct s { _Alignas(-8) int a; };", 1, 20, SB_ERROR_MEANING, "a power of two"},
    {"typedef char c __attribute__((aligned(4))); c a[2];", 1, 48, SB_ERROR_MEANING,
     "cannot all be aligned to 4"},
    {"typedef int v __attribute__((vector_size(12)));", 1, 42, SB_ERROR_MEANING, "a power of two"},
    {"struct s { int a; }; typedef struct s v __attribute__((vector_size(16)));", 1, 39,
     SB_ERROR_UNSUPPORTED, "a vector of 'struct s'"},
    {"typedef int v __attribute__((mode(V4SF)));", 1, 35, SB_ERROR_UNSUPPORTED, "the mode 'V4SF'"},
    {"typedef int v __attribute__((mode(SF)));", 1, 13, SB_ERROR_UNSUPPORTED, "the mode 'SF'"},
    {"typedef struct s t __attribute__((aligned(64)));", 1, 18, SB_ERROR_UNSUPPORTED,
     "define it before"},
    {"int f(void) __attribute__((ms_abi));", 1, 28, SB_ERROR_UNSUPPORTED, "'ms_abi' changes how"},
    {"typedef int t __attribute__((transparent_union));", 1, 13, SB_ERROR_MEANING, "is a union"},
    {"enum e { A, A };", 1, 13, SB_ERROR_MEANING, "'A' is declared already, at line 1"},
    {"int A;\nenum e { A };", 2, 10, SB_ERROR_MEANING, "'A' is declared already, at line 1"},
    {"enum e { A }; int A;", 1, 19, SB_ERROR_MEANING, "'A' is an enumerator already"},
    {"enum e : uint8_t { A = 256 };", 1, 24, SB_ERROR_MEANING, "does not fit in 'uint8_t'"},
    {"enum e : uint8_t { A = 255, B };", 1, 29, SB_ERROR_MEANING, "does not fit in 'uint8_t'"},
    {"enum e : float { A };", 1, 10, SB_ERROR_MEANING, "not 'float'"},
    {"enum e { A = -1, B = 0xffffffffffffffff };", 1, 22, SB_ERROR_MEANING, "no type holds"},
    {"enum e { A = 0xffffffffffffffff, B };", 1, 34, SB_ERROR_MEANING, "more than 64 bits"},
    {"enum e { A = 1.5 };", 1, 14, SB_ERROR_MEANING, "must be an integer"},
    {"enum e { A }; enum e { B };", 1, 20, SB_ERROR_MEANING, "is defined already"},
    /* redeclarations */
    {"int f(int);\nint f(char);", 2, 5, SB_ERROR_MEANING,
     "'f' is declared as 'int (char)' here but as 'int (int)' at line 1"},
    {"int a;\nlong long a;", 2, 11, SB_ERROR_MEANING, "'long long' here but as 'int' at line 1"},
    {"int a; const int a;", 1, 18, SB_ERROR_MEANING, "'const int' here but as 'int'"},
    {"int a; typedef int a;", 1, 20, SB_ERROR_MEANING, "'a' is a variable already"},
    {"typedef int a; typedef char a;", 1, 29, SB_ERROR_MEANING, "'char' here but as 'int'"},
    {"#define A 1\n#define A 2", 2, 9, SB_ERROR_MEANING, "'A' has another value at line 1"},
    {"int f(int a);\n[[quick]] int f(int a);", 2, 3, SB_ERROR_MEANING,
     "its attributes belong there"},
    {"int f(int *a);\nint f(int *a [[out]]);", 2, 16, SB_ERROR_MEANING,
     "its attributes belong there"},
    /* values */
    {"int a = 3;", 1, 7, SB_ERROR_MEANING, "only constants have a value"},
    {"static int a;", 1, 12, SB_ERROR_MEANING, "no library has that symbol"},
    {"static const int a;", 1, 18, SB_ERROR_MEANING, "a constant needs a value"},
    {"static const int a[] = {1};", 1, 22, SB_ERROR_UNSUPPORTED, "neither"},
    {"static const int a = \"x\";", 1, 22, SB_ERROR_MEANING, "is not of its type"},
    {"static const char *a = 3;", 1, 24, SB_ERROR_MEANING, "is not of its type"},
    {"[[quick]] static int f(void);", 1, 22, SB_ERROR_MEANING, "attributes on it mean nothing"},
    {"_Static_assert(sizeof(int) == 3, \"int \" \"is 3\");", 1, 1, SB_ERROR_MEANING,
     "static assertion failed: int is 3"},
    {"_Static_assert(0);", 1, 1, SB_ERROR_MEANING, "static assertion failed"},
    {"_Static_assert(1, 2);", 1, 19, SB_ERROR_SYNTAX, "the message of _Static_assert, a string"},
    /* attributes */
    {"[[quik]] int f(void);", 1, 3, SB_ERROR_MEANING,
     "unknown attribute 'quik'; did you mean 'quick'?"},
    {"[[frobnicate]] int f(void);", 1, 3, SB_ERROR_MEANING, "unknown attribute 'frobnicate'"},
    {"[[other::quick]] int f(void);", 1, 3, SB_ERROR_MEANING, "unknown attribute 'other'"},
    {"[[quick(1)]] int f(void);", 1, 3, SB_ERROR_MEANING, "[[quick]] takes no arguments, not 1"},
    {"[[name]] int f(void);", 1, 3, SB_ERROR_MEANING, "[[name]] takes 1 argument, not 0"},
    {"[[fails(a, b, c)]] int f(void);", 1, 3, SB_ERROR_MEANING, "takes 1 to 2 arguments, not 3"},
    {"[[adapt()]] struct s { int a; };", 1, 3, SB_ERROR_MEANING, "at least 1 argument, not 0"},
    {"[[quick int f(void);", 1, 9, SB_ERROR_SYNTAX, "expected ',' or ']]' after the attribute"},
    {"[[quick] int f(void);", 1, 10, SB_ERROR_SYNTAX, "expected ']' to close '[['"},
    {"[[name(\"a\"]] int f(void);", 1, 11, SB_ERROR_SYNTAX, "expected ')' after the arguments"},
    {"[[name(\"a\",)]] int f(void);", 1, 12, SB_ERROR_SYNTAX, "expected another argument"},
    {"[[name(\"\\xff\")]] int f(void);", 1, 8, SB_ERROR_SYNTAX, "not UTF-8 once"},
    {"[[3]] int f(void);", 1, 3, SB_ERROR_SYNTAX, "expected the name of an attribute"},
    {"int f(int a [[default(x + 1)]]);", 1, 23, SB_ERROR_MEANING, "'x' is not known"},
    {"[[quick]]", 1, 10, SB_ERROR_SYNTAX, "expected a type, found the end of the text"},
    {"int x = sizeof(int [[quick]]);", 1, 7, SB_ERROR_MEANING, "only constants"},
    {"#define X sizeof(int [[quick]])", 1, 24, SB_ERROR_MEANING, "no place in a type name"},
    {"int a __attribute__((packed;", 1, 28, SB_ERROR_SYNTAX, "',' or ')' after the attribute"},
    {"int a __attribute__((weak(3;", 1, 26, SB_ERROR_SYNTAX, "this '(' is not closed"},
    /* lines that begin with # */
    {"#include <stdio.h>\nint a;", 1, 1, SB_ERROR_SYNTAX, "'#include' needs a preprocessor"},
    {"int a;\n  #ifdef X\n#endif", 2, 3, SB_ERROR_SYNTAX, "'#ifdef' needs a preprocessor"},
    {"#define F(x) 1", 1, 9, SB_ERROR_SYNTAX, "'F' is a macro with parameters"},
    {"#define EMPTY\nint a;", 1, 9, SB_ERROR_SYNTAX, "'#define EMPTY' has no value"},
    {"#define N ...", 1, 11, SB_ERROR_SYNTAX, "expected a constant, found '...'"},
    {"#define TYPE unsigned int", 1, 14, SB_ERROR_SYNTAX, "found 'unsigned'"},
    {"#define A B", 1, 11, SB_ERROR_MEANING, "the value of '#define A' must be an integer"},
    {"#define int 3", 1, 9, SB_ERROR_SYNTAX, "'int' is a keyword"},
    {"#define 3", 1, 9, SB_ERROR_SYNTAX, "expected a name after '#define'"},
    {"int a; #define X 3", 1, 8, SB_ERROR_SYNTAX, "'#' begins a line"},
    {"int f(\n#define X 3\nint a);", 2, 1, SB_ERROR_SYNTAX, "found '#define'"},
    {"#pragma pack(3)", 1, 15, SB_ERROR_SYNTAX, "n 1, 2, 4, 8 or 16"},
    {"#pragma pack(pop)", 1, 17, SB_ERROR_SYNTAX, "without a push"},
    {"#pragma pack", 1, 13, SB_ERROR_SYNTAX, "expected pack()"},
    {"#pragma ms_struct on", 1, 1, SB_ERROR_UNSUPPORTED, "#pragma ms_struct changes"},
    {"#line x", 1, 7, SB_ERROR_SYNTAX, "expected a line number"},
    {"# 50 \"other.h\"\nint a", 50, 6, SB_ERROR_SYNTAX, "in other.h: expected ';'"},
    /* characters */
    {"int a@;", 1, 6, SB_ERROR_SYNTAX, "'@' has no place in a declaration"},
    {"int \x01;", 1, 5, SB_ERROR_SYNTAX, "control character 0x01"},
    {"int na\xc3\xafve;", 1, 7, SB_ERROR_SYNTAX, "names are ASCII"},
    {"int \xff;", 1, 5, SB_ERROR_SYNTAX, "the byte 0xff in this description is not UTF-8"},
    {"/* \xc3( */", 1, 4, SB_ERROR_SYNTAX, "the byte 0xc3 in this comment is not UTF-8"},
    {"// \xed\xa0\x80", 1, 4, SB_ERROR_SYNTAX, "is not UTF-8"},
    {"#define S \"\x80\"", 1, 12, SB_ERROR_SYNTAX, "in this string is not UTF-8"},
    {"int a; /* never", 1, 8, SB_ERROR_SYNTAX, "this comment does not end"},
    {"\tint\tx\t=;", 1, 8, SB_ERROR_MEANING, "only constants have a value"},
};

static void every_error_says_what_and_where(void)
{
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        sb_description *d;
        sb_error error;
        sb_status status =
            sb_description_parse(cases[i].text, strlen(cases[i].text), NULL, NULL, &d, &error);
        CHECK(status == cases[i].status);
        if (status == SB_OK) {
            fprintf(stderr, "    accepted: %s\n", cases[i].text);
            sb_description_release(d);
            continue;
        }
        bool same = status == cases[i].status && error.status == status &&
                    error.line == cases[i].line && error.column == cases[i].column &&
                    strstr(error.message, cases[i].message) != NULL;
        CHECK(same && d == NULL);
        if (!same)
            fprintf(stderr, "    %s\n    gives %d at %u:%u: %s\n", cases[i].text, (int)status,
                    error.line, error.column, error.message);
    }
}

static void a_nul_byte_is_an_error(void)
{
    static const struct {
        const char *text;
        size_t length;
        unsigned column;
    } texts[] = {
        {"int \0a;", 7, 5}, {"/* \0 */", 7, 4}, {"// \0", 4, 4}, {"#define S \"\0\"", 13, 12}};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        sb_description *d;
        sb_error error;
        CHECK(sb_description_parse(texts[i].text, texts[i].length, NULL, NULL, &d, &error) ==
              SB_ERROR_SYNTAX);
        CHECK(strstr(error.message, "NUL") != NULL && error.column == texts[i].column);
    }
}

static void the_excerpt_shows_the_line_around_the_column(void)
{
    char text[600];
    sb_description *d;
    sb_error error;
    const char *simple = "int a;\n\tlong b @;\r\nint c;";
    CHECK(sb_description_parse(simple, strlen(simple), NULL, NULL, &d, &error) != SB_OK);
    CHECK(strcmp(error.excerpt, " long b @;") == 0 && error.caret == 8);
    memset(text, ' ', sizeof text);
    memcpy(text + 300, "int @ x;", 8);
    CHECK(sb_description_parse(text, sizeof text, NULL, NULL, &d, &error) != SB_OK);
    CHECK(error.column == 305 && strlen(error.excerpt) < sizeof error.excerpt);
    CHECK(error.excerpt[error.caret] == '@');
    const char *broken = "int a; /* \xff\xfe */ @";
    CHECK(sb_description_parse(broken, strlen(broken), NULL, NULL, &d, &error) != SB_OK);
    CHECK(strcmp(error.excerpt, "int a; /* \?\? */ @") == 0);
}

int main(void)
{
    every_error_says_what_and_where();
    a_nul_byte_is_an_error();
    the_excerpt_shows_the_line_around_the_column();
    return check_done("parse_errors");
}
