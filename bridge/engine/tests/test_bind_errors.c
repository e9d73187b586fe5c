/* test_bind_errors.c - what is wrong in a description is said, with its place. */
#include "describe.h"

#define STATUS "enum [[status]] st { OK };"
#define POINT  "typedef struct point { int x, y; } point;"

/* A description with one '@' before the place that the error must name; parts of the message. */
static const struct {
    const char *text, *first, *second;
} errors[] = {
    /* every attribute alike */
    {"int f(int x [[@quick]]);", "[[quick]] cannot stand at a parameter", "belongs to a function"},
    {"[[@out]] int f(void);", "[[out]] cannot stand at a function", "a parameter"},
    {"int f(int *x [[out, @out]]);", "[[out]] is written twice", ""},
    {"[[@quick(1)]] int f(void);", "[[quick]] takes no arguments", ""},
    {"[[@name]] int f(void);", "[[name]] takes 1 argument", ""},
    {"[[@name(f)]] int f(void);", "argument 1 of [[name]] must be a string", ""},
    {"[[@name(\"\")]] int f(void);", "argument 1 of [[name]] must be a string", "not empty"},
    {"[[@fails(\"null\")]] char *f(void);", "argument 1 of [[fails]] must be a name", ""},
    {"int f(int *p [[@array(0)]]);", "argument 1 of [[array]] must be the name", "above 0"},
    {"int f(int *p [[out, array(n), @capacity(-1)]], int n);", "[[capacity]]", "above 0"},
    {"int f(int n [[@default(zz)]]);", "'zz' is no constant", ""},
    {"int f(int *p [[out, @inout]]);", "[[out]] and [[inout]] contradict", ""},
    {"int f(const char *s [[string, @bytes]]);", "contradict", "text or bytes"},
    {"[[@readonly]] typedef int number;", "cannot stand at a typedef of this kind", ""},
    /* the module */
    {"[[library(\"a\")]];\n[[@library(\"b\")]];", "[[library]] was said in line 1", ""},
    {"[[@module(\"a b\")]];", "no name of a module", ""},
    {"[[submodule(\"a\"), @module(\"b\")]];", "contradict", "lines of their own"},
    {"struct [[class(\"a\")]] s; [[@submodule(\"a\")]];", "'a' in [[submodule]] is a class", ""},
    {"[[@exception(ValueError)]];", "ValueError is an exception of Python already", ""},
    {"[[exception(A)]]; [[@exception(A)]];", "declared twice", ""},
    {"[[@exception(A, B)]]; [[exception(B)]];", "no standard exception 'B'", "declare one"},
    {"[[@exception(A, ValueErorr)]];", "did you mean ValueError?", ""},
    /* names */
    {"[[@name(\"a-b\")]] int f(void);", "'a-b' in [[name]] is not an identifier", ""},
    {"[[@name(\"a..b\")]] int f(void);", "is not an identifier", ""},
    {"[[@name(\"class\")]] int f(void);", "keyword of Python", "class_"},
    {"int f(int a [[@name(\"x.y\")]]);", "without dots", ""},
    {"struct s { int a; }; [[@name(\"s.sub.f\")]] int f(void);", "class s has no inner class", ""},
    {"[[name(\"g\")]] int f(void);\nint @g(void);",
     "function 'g' has the name of the function in "
     "line 1",
     "the module"},
    {"[[name(\"a.b\")]] int f(void); [[name(\"a\")]] int @g(void);", "submodule", "'a'"},
    {POINT "[[method]] int @point_x(point *p);", "'x' has the name of the field", "class point"},
    {"enum e { E_A, @E_B [[name(\"A\")]] };", "would both be called 'A'", ""},
    {"int f(int in, int @in_);", "two parameters would be called 'in_'", ""},
    {"int f(int *n [[out]]) [[version(\"a\"), @version(\"b\")]];", "written twice", ""},
    /* classes */
    {"struct s; [[@hashable]] struct s;", "[[hashable]] needs the fields of struct s", ""},
    {"union [[@ordered]] u { int a; float b; };", "fields of union u overlap", ""},
    {"[[@adapt(\"datetime.date\", year, mnth)]] struct d { int year, month; };", "no field 'mnth'",
     ""},
    {"[[@adapt(\"x\", a)]] struct d { int *a; };", "needs a struct of numbers", "'a'"},
    {"[[adapt(\"x\", a), @class(\"X\")]] struct d { int a; };", "contradict", ""},
    {"struct [[class(\"X\"), @name(\"Y\")]] s { int a; };", "contradict", ""},
    {"struct b { int x; }; struct s { int y; struct b z [[@base]]; };",
     "[[base]] belongs to the first", ""},
    {"struct s { int y [[@base]]; };", "[[base]] needs a field that is a struct", ""},
    {"struct s { int *p [[@array(n)]]; };", "there is no field 'n'", ""},
    {"struct s { int *p [[@array(n)]]; float n; };", "the length must be an integer field", ""},
    {"struct s { int n [[@string]]; };", "field 'n' of s: [[string]] needs a pointer", "int"},
    {"struct s { int v[3] [[@string]]; };", "[[string]] needs characters", ""},
    {"[[@method]] int f(void);", "first parameter of f", ""},
    {"[[@method]] int f(int n);", "first parameter of f", "struct"},
    {"[[@getter, method]] int f(int n);", "cannot be both [[method]] and [[getter]]", "one role"},
    {POINT "[[getter, @setter]] int f(point *p);", "cannot be both [[getter]] and [[setter]]", ""},
    {POINT "[[method]] int f(point *p [[@inout]]);", "[[inout]] cannot stand at the object", ""},
    {POINT "[[@getter]] int f(point *p, int n);", "take the object and give its value", ""},
    {POINT "[[@setter]] int f(point *p, int n);", "give nothing", "fails"},
    {POINT "[[@setter]] void f(point *p);", "take the object and the new value", ""},
    {POINT "[[@destructor]] void f(point *p, int n);", "take the object and nothing else", ""},
    {POINT "[[destructor]] void f(point *p);\n[[destructor]] void @g(point *p);",
     "class point has a destructor already: f in line 1", ""},
    {POINT "[[@constructor]] int f(void);", "give one object of a class", ""},
    {POINT "[[constructor]] point f(void); [[constructor]] point @g(void);",
     "class point has a constructor already", ""},
    {POINT "[[@class_method]] int f(void);", "say its class with", ""},
    {POINT "[[@operator(\"?\")]] int f(point p);", "operator(\"?\") is not known", ""},
    {POINT "[[@operator(\"length\")]] int f(point p);", "operator(\"length\") is not known", ""},
    {POINT "[[@operator(\"+\")]] int f(point p, point q, int r);",
     "__add__, which works on 2 values", "takes 3"},
    {POINT "[[operator(\"+\")]] int f(point p, point q);\n"
           "[[operator(\"+\")]] int @g(point p, int q);",
     "has a __add__ already: f in line 1", ""},
    {POINT "[[@length]] const char *f(point *p);", "give one integer", ""},
    {POINT "[[@compare]] unsigned f(point *p, point *q);", "signed integer", ""},
    {POINT "[[@str]] int f(point *p);", "give one text", ""},
    {POINT "[[@setitem]] int f(point *p, int k, int v);", "give nothing", ""},
    {POINT "[[@getitem]] void f(point *p, int k);", "give a result", ""},
    {POINT "[[length, @name(\"x\")]] int f(point *p);", "[[name]] has no use here", "__len__"},
    {POINT "[[getter(\"a\"), @name(\"b\")]] int f(point *p);", "names the property already", ""},
    {POINT "[[method, @name(\"other.f\")]] int f(point *p);", "outside of class point", ""},
    {"struct [[hashable]] s { int a; }; [[hash]] int @f(struct s *p);", "class s is [[hashable]]",
     ""},
    {POINT "[[getter]] int point_get_n(point *p); [[getter]] int @point_n(point *p);",
     "property 'n' has the name of the property", ""},
    /* enumerations and errors */
    {"enum e { A [[@raises(ValueError)]] };", "not marked [[status]]", ""},
    {"enum [[status]] e { A [[@raises(Nope)]] };", "no standard exception 'Nope'", ""},
    {"enum [[@flags]] { A };", "needs an enum with a name", ""},
    {STATUS "[[@fails(negative)]] enum st f(void);", "a status says itself", ""},
    {"[[@fails(sometimes)]] int f(void);", "[[fails]] knows null, negative, nonzero and zero", ""},
    {"[[@fails(null)]] int f(void);", "fails(null) needs a function that returns a pointer", ""},
    {"[[@fails(negative)]] unsigned f(void);", "signed integer", ""},
    {"[[@message]] int f(void);", "return text", ""},
    /* parameters */
    {"int f(int n [[@out]]);", "parameter 'n' of f: [[out]] needs a pointer, but the type is int",
     ""},
    {"int f(const int *n [[@out]]);", "this one is to const", ""},
    {"int f(void *n [[@out]]);", "cannot make a void", ""},
    {"struct s; int f(struct s *n [[@out]]);", "s is only declared", "pointer to a pointer"},
    {"int f(int **n [[@inout]]);", "number, an enum, a struct or a void", ""},
    {"int f(char *s [[out, @string]]);", "how much room", ""},
    {"int f(int *p [[@array(n)]]);", "[[array]] names 'n', which is no parameter", ""},
    {"int f(int *p [[@array(n)]], double n);", "must be an integer passed by value", "'n'"},
    {"int f(int *p [[@array(n, w)]], int n, int *w [[out]]);", "second argument only with [[out]]",
     ""},
    {"int f(int *p [[out, @array(n)]], int *n [[out]]);", "only reports a count", "array(64, n)"},
    {"int f(int *p [[out, @array(n, w)]], int n, int w);", "[[out]]", "'w'"},
    {"int f(int *p [[out, @array(n, w)]], int *n [[inout]], int *w [[out]]);", "already", ""},
    {"int f(int *p [[out, @capacity(3)]]);", "[[capacity]] needs [[array(length)]]", ""},
    {"int f(int *p [[array(n), @capacity(3)]], int n);", "it needs [[out]]", ""},
    {"int f(int *p [[out, array(n), @grow]], int n);", "[[grow]] needs an out array", ""},
    {"int f(int *a [[array(n)]], int *b [[out, array(n), @capacity(3)]], int n);",
     "'n' is the length of an array that is passed in", ""},
    {"int f(int *a [[array(n)]], int n [[@default(3)]]);", "follows from it", ""},
    {"int f(int *a [[array(n), @zero_terminated]], int n);", "counted or marked", ""},
    {"int f(const char *a [[@zero_terminated]]);", "write [[string]] or [[bytes]]", ""},
    {"int f(int *k [[array(n), @dict(v)]], int *v [[array(m)]], int n, int m);", "two arrays",
     "'v'"},
    {"int f(int *k [[array(n), @dict(v)]], int n);", "no parameter", ""},
    {"int f(int *p [[@string]]);", "[[string]] needs characters", ""},
    {"int f(const wchar_t *p [[@string(\"utf-8\")]]);", "their own encoding", ""},
    {"int f(int n [[@nullable]]);", "[[nullable]] needs a pointer", ""},
    {"int f(int *n [[out, @nullable]]);", "always given room", ""},
    {"int f(unsigned char n [[@default(256)]]);", "in the range of the type", ""},
    {"int f(unsigned n [[@default(-1)]]);", "not negative", ""},
    {"int f(const char *s [[@default(3)]]);", "a string or NULL", ""},
    {"int f(int a [[default(3)]], int @b);", "follows a parameter with a default", ""},
    {"int f(int a [[@hidden]]);", "write value(...)", ""},
    {"int f(int [[@keyword_only]]);", "needs a name", ""},
    {"int f(int *p [[@filename]]);", "[[filename]] needs text", ""},
    {"int f(char *p [[@owned]]);", "[[consumed]]", ""},
    {"int f(int *p [[out, @owned]]);", "pointer that the function sets", ""},
    {"[[@owned(gone)]] char *f(void);", "names 'gone', which is no function", ""},
    {"int g(int); [[@owned(g)]] char *f(void);", "'g' cannot free it", ""},
    {"[[@owned]] int f(void);", "the result of f: [[owned]] needs a pointer", ""},
    {POINT "int f(point *p [[@consumed]]);", "[[consumed]] needs a handle", ""},
    {POINT "[[@keeps(q)]] point *f(point *p);", "no parameter of f", ""},
    {POINT "[[@keeps(n)]] point *f(int n);", "only that can be kept", ""},
    {POINT "[[@keeps(p)]] int f(point *p);", "that can keep it", ""},
    {POINT "[[@keeps(d), array(2)]] int *f(int *d [[array(2)]]);", "needs an object of a class",
     ""},
    {POINT "[[@keeps(p), array(2), owned]] int *f(point *p);", "[[owned]] memory is copied", ""},
    {POINT "[[@keeps(p), array(2)]] char **f(point *p);", "cannot hold pointers", ""},
    {POINT "[[@buffer]] int f(point *p);", "[[buffer]]: f must give the elements", ""},
    {POINT "[[@buffer]] void f(point *p, int *d [[out, array(2)]]);", "must give the elements", ""},
    {POINT "[[@buffer, array(2)]] int *f(point *p, int n);", "takes 2", "__buffer__"},
    {POINT "[[buffer]] int *@f(point *p);", "how many elements f gives", "class point"},
    {POINT "[[@buffer]] struct none *f(point *p);", "its size is not known", ""},
    {POINT "[[buffer, array(2)]] int *f(point *p); [[buffer, array(2)]] int *@g(point *p);",
     "has a __buffer__ already", ""},
    {"struct [[hidden]] s { int a; }; int f(struct s @s);", "struct s has no class",
     "hide the function"},
    {"[[adapt(\"x\", a)]] struct d { int a; }; int f(struct d *@p);",
     "[[out]] or [[inout]], or const", ""},
};

static void each_error_is_found_at_its_place(void)
{
    for (size_t i = 0; i < sizeof errors / sizeof *errors; i++) {
        char text[512];
        size_t length = 0;
        unsigned line = 1, column = 1, wanted_line = 0, wanted_column = 0;
        for (const char *c = errors[i].text; *c != '\0'; c++) {
            if (*c == '@') {
                wanted_line = line;
                wanted_column = column;
                continue;
            }
            text[length++] = *c;
            column = *c == '\n' ? 1 : column + 1;
            line += *c == '\n';
        }
        text[length] = '\0';
        sb_description *d = NULL;
        sb_error error;
        sb_status status = sb_description_parse(text, length, NULL, NULL, &d, &error);
        if (status == SB_OK) {
            fprintf(stderr, "taken without an error: %s\n", text);
            sb_description_release(d);
            failures++;
            continue;
        }
        if (strstr(error.message, errors[i].first) == NULL ||
            strstr(error.message, errors[i].second) == NULL || error.line != wanted_line ||
            error.column != wanted_column) {
            fprintf(stderr, "%s\n  %u:%u instead of %u:%u: %s\n", text, error.line, error.column,
                    wanted_line, wanted_column, error.message);
            failures++;
        }
        CHECK(d == NULL);
        CHECK(error.message[0] != '\0' && error.message[strlen(error.message) - 1] != '\n');
    }
}

int main(void)
{
    each_error_is_found_at_its_place();
    if (failures > 0)
        fprintf(stderr, "%u checks failed\n", failures);
    return failures > 0;
}
