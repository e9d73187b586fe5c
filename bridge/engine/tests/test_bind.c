/* test_bind.c - what each attribute does to the tables. */
#include "describe.h"

/* ---- the module ------------------------------------------------------------------------------ */

static void module_line_names_library_module_and_prefix(void)
{
    sb_description *d = describe("/** All of it. */\n"
                                 "[[library(\"libx.so.1\"), module(\"pack.x\"), prefix(\"x_\")]];\n"
                                 "int x_one(void); int y_two(void); int x_2(void); int x_(void);\n"
                                 "#define X_LIMIT 3\n");
    CHECK_TEXT(d, d->library, "libx.so.1");
    CHECK_TEXT(d, d->scopes[0].name, "pack.x");
    CHECK_TEXT(d, d->scopes[0].doc, "All of it.");
    CHECK_TEXT(d, d->doc, "All of it.");
    CHECK_TEXT(d, d->prefix, "x_");
    CHECK(is_member(d, "one", SB_MEMBER_FUNCTION));
    CHECK(is_member(d, "y_two", SB_MEMBER_FUNCTION));
    CHECK(is_member(d, "x_2", SB_MEMBER_FUNCTION));
    CHECK(is_member(d, "x_", SB_MEMBER_FUNCTION));
    CHECK(is_member(d, "LIMIT", SB_MEMBER_CONSTANT));
    sb_description_release(d);
}

static void submodule_is_made_with_its_doc(void)
{
    sb_description *d = describe("/** Inner. */ [[submodule(\"a.b\")]];\n"
                                 "[[name(\"a.f\")]] int f(void); [[name(\"c.g\")]] int g(void);");
    CHECK(is_member(d, "a", SB_MEMBER_SCOPE));
    CHECK(is_member(d, "a.b", SB_MEMBER_SCOPE));
    CHECK(is_member(d, "a.f", SB_MEMBER_FUNCTION));
    CHECK(is_member(d, "c.g", SB_MEMBER_FUNCTION));
    CHECK_TEXT(d, d->scopes[member_at(d, "a.b")->index].doc, "Inner.");
    CHECK(d->scopes[member_at(d, "a.b")->index].parent == member_at(d, "a")->index);
    sb_description_release(d);
}

static void exception_has_a_base(void)
{
    sb_description *d = describe("/** Wrong. */ [[exception(DbError, ValueError)]];\n"
                                 "[[exception(Busy, DbError)]]; [[exception(Plain)]];"
                                 "[[exception(Explicit, Exception)]];");
    const sb_member *db = member_at(d, "DbError"), *busy = member_at(d, "Busy");
    CHECK(db != NULL && db->kind == SB_MEMBER_EXCEPTION);
    CHECK(strcmp(exception_name(d, 0), "RuntimeError") == 0);
    CHECK(strcmp(exception_name(d, d->exceptions[db->index].base), "ValueError") == 0);
    CHECK(d->exceptions[d->exceptions[db->index].base].standard);
    CHECK_TEXT(d, d->exceptions[db->index].doc, "Wrong.");
    CHECK(d->exceptions[busy->index].base == db->index);
    CHECK(d->exceptions[member_at(d, "Plain")->index].base == SB_NONE);
    CHECK(d->exceptions[member_at(d, "Explicit")->index].base == SB_NONE);
    sb_description_release(d);
}

/* ---- names ----------------------------------------------------------------------------------- */

static void keywords_get_an_underscore(void)
{
    sb_description *d = describe("int lambda(int in, int with); struct p { int from; };"
                                 "enum e { E_None, E_x };");
    CHECK(is_member(d, "lambda_", SB_MEMBER_FUNCTION));
    CHECK_TEXT(d, param_of(d, "lambda", 0)->py_name, "in_");
    CHECK_TEXT(d, param_of(d, "lambda", 1)->py_name, "with_");
    CHECK(is_member(d, "p.from_", SB_MEMBER_FIELD));
    CHECK_TEXT(d, d->enumerators[0].py_name, "None_");
    sb_description_release(d);
}

static void enumerators_lose_their_enums_name(void)
{
    sb_description *d = describe("[[prefix(\"core_\")]];"
                                 "enum core_quadrant { CORE_QUADRANT_FIRST, CORE_QUADRANT_LAST };"
                                 "typedef enum { COLOR_RED, COLOR_BLUE } color_t;"
                                 "enum core_mixed { CORE_MIXED_A, CORE_B, OTHER };"
                                 "enum core_odd { CORE_ODD_1, CORE_ODD_2 };"
                                 "enum core_seen { CORE_SEEN_A, CORE_UNSEEN [[hidden]] };"
                                 "enum { CORE_LOOSE = 7 };");
    CHECK_TEXT(d, d->enumerators[0].py_name, "FIRST");
    CHECK_TEXT(d, d->enumerators[2].py_name, "RED");
    CHECK_TEXT(d, d->enumerators[4].py_name, "MIXED_A");
    CHECK_TEXT(d, d->enumerators[5].py_name, "B");
    CHECK_TEXT(d, d->enumerators[6].py_name, "OTHER");
    CHECK_TEXT(d, d->enumerators[7].py_name, "ODD_1");
    CHECK_TEXT(d, d->enumerators[9].py_name, "A");
    CHECK_TEXT(d, d->enumerators[10].py_name, "");
    CHECK(is_member(d, "quadrant", SB_MEMBER_ENUM));
    CHECK(is_member(d, "color_t", SB_MEMBER_ENUM));
    CHECK(is_member(d, "LOOSE", SB_MEMBER_CONSTANT));
    CHECK(member_at(d, "LOOSE")->other == 11);
    sb_description_release(d);
}

static void tags_beside_functions_of_the_same_name_are_told_apart(void)
{
    sb_description *d = describe("struct stat { int size; }; int stat(const char *, struct stat *);"
                                 "enum color { RED }; extern int color;");
    CHECK(is_member(d, "stat", SB_MEMBER_FUNCTION));
    CHECK(is_member(d, "struct_stat", SB_MEMBER_CLASS));
    CHECK(is_member(d, "color", SB_MEMBER_VARIABLE));
    CHECK(is_member(d, "enum_color", SB_MEMBER_ENUM));
    sb_description_release(d);
}

static void name_puts_things_into_classes_and_submodules(void)
{
    sb_description *d = describe("[[class(\"geo.Point\")]] struct point { int x; };"
                                 "struct [[class(\"geo.Point.Inner\")]] inner { int y; };"
                                 "[[name(\"geo.Point.count\")]] int count(void);\n"
                                 "#define SIDES 4 [[name(\"geo.Point.SIDES\")]]\n"
                                 "enum [[name(\"geo.Point.Kind\")]] kind { KIND_A };"
                                 "[[name(\"geo.origin\")]] extern int origin;"
                                 "enum { FREE [[name(\"geo.Point.FREE\")]] = 3 };");
    CHECK(is_member(d, "geo.Point", SB_MEMBER_CLASS));
    CHECK(is_member(d, "geo.Point.Inner", SB_MEMBER_CLASS));
    CHECK(is_member(d, "geo.Point.count", SB_MEMBER_FUNCTION));
    CHECK(function_of(d, "count")->role == SB_ROLE_FUNCTION);
    CHECK(function_of(d, "count")->scope == class_of(d, "Point")->inner_scope);
    CHECK(is_member(d, "geo.Point.SIDES", SB_MEMBER_CONSTANT));
    CHECK(is_member(d, "geo.Point.Kind", SB_MEMBER_ENUM));
    CHECK(is_member(d, "geo.origin", SB_MEMBER_VARIABLE));
    CHECK(is_member(d, "geo.Point.FREE", SB_MEMBER_CONSTANT));
    sb_description_release(d);
}

static void hidden_things_have_no_member(void)
{
    sb_description *d = describe("[[hidden]] int f(void); [[hidden]] extern int v;"
                                 "struct [[hidden]] s { int x; }; enum [[hidden]] e { E };\n"
                                 "#define N 3 [[hidden]]\n"
                                 "struct t { int a [[hidden]]; int b; };"
                                 "int g(struct s *p, int *n [[out, hidden]]);");
    CHECK(member_at(d, "f") == NULL && member_at(d, "v") == NULL && member_at(d, "s") == NULL);
    CHECK(member_at(d, "e") == NULL && member_at(d, "N") == NULL);
    CHECK(member_at(d, "t.a") == NULL && member_at(d, "t.b") != NULL);
    CHECK((function_of(d, "f")->flags & SB_FUNCTION_HIDDEN) != 0);
    CHECK((field_of(d, "t", 0)->value.flags & SB_VALUE_HIDDEN) != 0);
    CHECK(param_of(d, "g", 0)->passing == SB_PASS_ADDRESS);
    CHECK((param_of(d, "g", 1)->flags & SB_VALUE_HIDDEN) != 0);
    CHECK(enum_of(d, "e")->hidden);
    sb_description_release(d);
}

static void conduct_and_availability_become_flags(void)
{
    sb_description *d = describe("[[quick, optional]] int f(void);"
                                 "[[since(\"1.3\"), version(\"X_1\")]] int g(void);"
                                 "int h(void) __asm__(\"other\"); extern int v;");
    CHECK(function_of(d, "f")->flags == (SB_FUNCTION_QUICK | SB_FUNCTION_OPTIONAL));
    CHECK((function_of(d, "g")->flags & SB_FUNCTION_OPTIONAL) != 0);
    CHECK_TEXT(d, function_of(d, "g")->since, "1.3");
    CHECK_TEXT(d, function_of(d, "g")->version, "X_1");
    CHECK_TEXT(d, function_of(d, "h")->symbol, "other");
    CHECK_TEXT(d, function_of(d, "f")->symbol, "f");
    CHECK(d->address_count == 4);
    CHECK(function_of(d, "h")->address == 2);
    CHECK(member_at(d, "v")->other == 3);
    sb_description_release(d);
}

static void members_are_sorted_and_contiguous(void)
{
    sb_description *d =
        describe("int zeta(void); int alpha(void); int a_long_name_b(void);"
                 "int a_long_name_a(void); int a_long_(void); struct m { int z, a; };");
    for (uint32_t i = 0; i < d->scope_count; i++) {
        const sb_scope *scope = &d->scopes[i];
        CHECK(scope->first_member + scope->member_count <= d->member_count);
        for (uint32_t k = 1; k < scope->member_count; k++) {
            const sb_member *row = &d->members[scope->first_member + k];
            CHECK(strcmp(sb_string(d, row[-1].name), sb_string(d, row->name)) < 0);
        }
    }
    CHECK(is_member(d, "a_long_name_a", SB_MEMBER_FUNCTION));
    CHECK(member_at(d, "a_long_name_c") == NULL);
    sb_description_release(d);
}

/* ---- classes --------------------------------------------------------------------------------- */

static void records_with_names_are_classes(void)
{
    sb_description *d = describe("struct tag { int x; }; typedef struct { int y; } alias;"
                                 "struct opaque; union u { int a; float b; };"
                                 "struct holder { struct { int inner; } part; };");
    CHECK(class_of(d, "tag")->flags == 0);
    CHECK(class_of(d, "alias")->flags == 0);
    CHECK(class_of(d, "opaque")->flags == SB_CLASS_OPAQUE);
    CHECK(is_member(d, "u.a", SB_MEMBER_FIELD));
    CHECK(d->class_count == 5);
    CHECK(d->types[class_of(d, "tag")->type].binding ==
          (uint32_t)(class_of(d, "tag") - d->classes));
    CHECK(d->scopes[class_of(d, "tag")->inner_scope].class_index == 0);
    sb_description_release(d);
}

static void structs_of_the_c_library_become_classes_when_declared(void)
{
    sb_description *d = describe("int fclose(FILE *f); typedef struct __dirstream DIR;"
                                 "[[destructor]] int closedir(DIR *d);");
    CHECK(param_of(d, "fclose", 0)->passing == SB_PASS_ADDRESS);
    CHECK(d->class_count == 1);
    sb_description_release(d);
    d = describe(
        "[[class(\"io.File\")]] typedef struct _IO_FILE FILE; typedef FILE *handle;"
        "[[constructor, fails(null)]] FILE *tmpfile(void); [[destructor]] int fclose(handle f);");
    CHECK(is_member(d, "io.File", SB_MEMBER_CLASS));
    CHECK(class_of(d, "File")->constructor == 0 && class_of(d, "File")->destructor == 1);
    sb_description_release(d);
}

static void class_attributes_become_flags(void)
{
    sb_description *d = describe("[[hashable, ordered, readonly]] struct p { int x; };"
                                 "struct q { int y [[readonly]]; const int z; char *text; };"
                                 "struct r { struct q inner; };");
    CHECK(class_of(d, "p")->flags == (SB_CLASS_HASHABLE | SB_CLASS_ORDERED | SB_CLASS_READONLY));
    CHECK((field_of(d, "p", 0)->value.flags & SB_VALUE_READONLY) != 0);
    CHECK((field_of(d, "q", 0)->value.flags & SB_VALUE_READONLY) != 0);
    CHECK((field_of(d, "q", 1)->value.flags & SB_VALUE_READONLY) != 0);
    CHECK((field_of(d, "q", 2)->value.flags & SB_VALUE_READONLY) == 0);
    CHECK(class_of(d, "q")->flags == SB_CLASS_POINTERS);
    CHECK(class_of(d, "r")->flags == SB_CLASS_POINTERS);
    sb_description_release(d);
}

static void base_makes_a_class_inherit(void)
{
    sb_description *d = describe("struct p { int x; }; struct q { struct p b [[base]]; int z; };");
    CHECK(class_of(d, "q")->base == (uint32_t)(class_of(d, "p") - d->classes));
    CHECK((field_of(d, "q", 0)->value.flags & SB_VALUE_BASE) != 0);
    CHECK(member_at(d, "q.b") == NULL && member_at(d, "q.z") != NULL);
    sb_description_release(d);
}

static void adapt_names_fields_or_positions(void)
{
    sb_description *d = describe(
        "[[adapt(\"datetime.date\", year, month, day)]] struct date { int year, month, day; };"
        "[[adapt(\"complex\", real, imag)]] typedef struct { double re, im; } cx;"
        "[[adapt(\"pkg.Pair\")]] struct pair { int a, b; };"
        "int f(const struct date *d, cx c, struct date *o [[out]], cx *io [[inout]]);");
    const sb_class *date = class_of(d, "date"), *pair = class_of(d, "pair");
    CHECK((date->flags & SB_CLASS_ADAPTED) != 0);
    CHECK_TEXT(d, date->adapt, "datetime.date");
    CHECK(date->adapt_count == 3);
    CHECK_TEXT(d, d->arguments[date->first_adapt + 2].name, "day");
    CHECK(pair->adapt_count == 2);
    CHECK_TEXT(d, d->arguments[pair->first_adapt + 1].name, "b");
    CHECK(member_at(d, "date") == NULL && member_at(d, "cx") == NULL);
    CHECK(param_of(d, "f", 0)->passing == SB_PASS_REFERENCE);
    CHECK(param_of(d, "f", 1)->passing == SB_PASS_VALUE);
    CHECK(param_of(d, "f", 2)->direction == SB_OUT);
    CHECK(param_of(d, "f", 3)->direction == SB_INOUT);
    sb_description_release(d);
}

static void fields_of_unnamed_members_are_the_classes_own(void)
{
    sb_description *d = describe("struct s { int a; union { int b; struct { short c, e; }; }; };");
    const sb_member *e = member_at(d, "s.e");
    CHECK(is_member(d, "s.a", SB_MEMBER_FIELD) && is_member(d, "s.b", SB_MEMBER_FIELD));
    CHECK(e != NULL && d->fields[e->index].offset == 6);
    sb_description_release(d);
}

static void methods_lose_their_records_name(void)
{
    sb_description *d = describe(
        "[[prefix(\"x_\")]]; typedef struct x_list_t { int n; } x_list_t; struct x_node;"
        "[[method]] int x_list_size(const x_list_t *l); [[method]] int x_list_t_top(x_list_t l);"
        "[[method]] int x_other(x_list_t *l); [[getter]] int x_list_get_count(x_list_t *l);"
        "[[setter]] void x_list_set_count(x_list_t *l, int v);"
        "[[getter(\"tail\")]] int x_last(x_list_t *l); [[setter, name(\"only\")]] "
        "void x_w(x_list_t *l, int v); [[method, name(\"list_t.named\")]] int x_n(x_list_t *l);");
    CHECK(is_member(d, "list_t.size", SB_MEMBER_METHOD));
    CHECK(is_member(d, "list_t.top", SB_MEMBER_METHOD));
    CHECK(is_member(d, "list_t.other", SB_MEMBER_METHOD));
    CHECK(is_member(d, "list_t.count", SB_MEMBER_PROPERTY));
    CHECK(member_at(d, "list_t.count")->index == index_of(d, "x_list_get_count"));
    CHECK(member_at(d, "list_t.count")->other == index_of(d, "x_list_set_count"));
    CHECK(is_member(d, "list_t.tail", SB_MEMBER_PROPERTY));
    CHECK(member_at(d, "list_t.tail")->other == SB_NONE);
    CHECK(member_at(d, "list_t.only")->index == SB_NONE);
    CHECK((param_of(d, "x_list_size", 0)->flags & SB_VALUE_SELF) != 0);
    CHECK((param_of(d, "x_list_size", 0)->flags & SB_VALUE_READONLY) != 0);
    CHECK(function_of(d, "x_list_size")->role == SB_ROLE_METHOD);
    CHECK(function_of(d, "x_list_get_count")->role == SB_ROLE_GETTER);
    CHECK(function_of(d, "x_w")->role == SB_ROLE_SETTER);
    sb_description_release(d);
}

static void special_methods_fill_slots(void)
{
    sb_description *d = describe(
        "typedef struct v { int x; } v;"
        "[[operator(\"+\")]] v add(v a, v b); [[operator(\"-\")]] v sub(v a, v b);"
        "[[operator(\"-\")]] v neg(v a); [[operator(\"+\")]] v pos(const v *a);"
        "[[operator(\"+=\")]] void iadd(v *a, v b); [[operator(\"abs\")]] double mag(v a);"
        "[[operator(\"bool\")]] int truth(v a); [[operator(\"//\")]] v fdiv(v a, int k);"
        "[[iternext]] int next(v *a); [[iter]] void start(v *a); [[length]] size_t size(v *a);"
        "[[getitem]] int get(v *a, int i); [[setitem]] void set(v *a, int i, int x);"
        "[[delitem]] void del(v *a, int i); [[contains]] _Bool has(v *a, int x);"
        "[[call]] int call(v *a, int p, int q); [[hash]] long hash(v *a);"
        "[[equal]] int eq(v *a, v *b); [[compare]] int cmp(v *a, v *b);"
        "[[str]] const char *text(v *a); [[repr]] char *rep(v *a);"
        "[[enter]] void enter(v *a); [[exit]] void leave(v *a); [[destructor]] void done(v *a);"
        "[[buffer]] const int *data(v *a);"
        "[[constructor]] v make(int x);");
    const sb_class *v = class_of(d, "v");
    static const struct {
        sb_slot slot;
        const char *symbol;
    } expected[] = {
        {SB_SLOT_ADD, "add"},      {SB_SLOT_SUBTRACT, "sub"},      {SB_SLOT_NEGATIVE, "neg"},
        {SB_SLOT_POSITIVE, "pos"}, {SB_SLOT_INPLACE_ADD, "iadd"},  {SB_SLOT_ABSOLUTE, "mag"},
        {SB_SLOT_BOOL, "truth"},   {SB_SLOT_FLOOR_DIVIDE, "fdiv"}, {SB_SLOT_ITERNEXT, "next"},
        {SB_SLOT_ITER, "start"},   {SB_SLOT_LENGTH, "size"},       {SB_SLOT_GETITEM, "get"},
        {SB_SLOT_SETITEM, "set"},  {SB_SLOT_DELITEM, "del"},       {SB_SLOT_CONTAINS, "has"},
        {SB_SLOT_CALL, "call"},    {SB_SLOT_HASH, "hash"},         {SB_SLOT_EQUAL, "eq"},
        {SB_SLOT_COMPARE, "cmp"},  {SB_SLOT_STR, "text"},          {SB_SLOT_REPR, "rep"},
        {SB_SLOT_ENTER, "enter"},  {SB_SLOT_EXIT, "leave"},    {SB_SLOT_BUFFER, "data"},
    };
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        const sb_function *function = function_of(d, expected[i].symbol);
        CHECK(v->slots[expected[i].slot] == (uint32_t)(function - d->functions));
        CHECK(function->slot == expected[i].slot && function->role == SB_ROLE_SLOT);
        CHECK(member_at(d, expected[i].symbol) == NULL);
    }
    CHECK(v->destructor == index_of(d, "done"));
    CHECK(v->constructor == index_of(d, "make"));
    CHECK(function_of(d, "make")->class_index == 0);
    sb_description_release(d);
}

static void every_operator_of_the_table_can_be_spelt(void)
{
    static const struct {
        const char *spelling;
        unsigned operands;
    } slots[] = {
#define X(id, spelling, dunder, operands) {spelling, operands},
        SB_SLOTS(X)
#undef X
    };
    for (size_t i = 0; i + 1 < SB_SLOT_ITERNEXT; i++) {
        char text[200];
        snprintf(text, sizeof text,
                 "typedef struct v { int x; } v; [[operator(\"%s\")]] int f(v a%s);",
                 slots[i].spelling, slots[i].operands == 2 ? ", v b" : "");
        sb_description *d = describe(text);
        CHECK(function_of(d, "f")->slot == i + 1);
        sb_description_release(d);
    }
}

static void constructors_are_found_by_what_they_make(void)
{
    sb_description *d =
        describe("struct a; struct b { int x; }; struct c; struct e; enum [[status]] st { OK };"
                 "[[constructor]] enum st a_new(int n, struct a **out [[out]]);"
                 "[[constructor]] int b_init(struct b *out [[out]], int n) [[fails(nonzero)]];"
                 "[[constructor, fails(null, MemoryError)]] struct c *c_new(void);"
                 "[[class_method]] struct b b_zero(void); [[class_method, name(\"e.count\")]] int "
                 "e_n(void);");
    CHECK(class_of(d, "a")->constructor == index_of(d, "a_new"));
    CHECK(class_of(d, "b")->constructor == index_of(d, "b_init"));
    CHECK(class_of(d, "c")->constructor == index_of(d, "c_new"));
    CHECK(is_member(d, "b.zero", SB_MEMBER_CLASS_METHOD));
    CHECK(is_member(d, "e.count", SB_MEMBER_CLASS_METHOD));
    CHECK((param_of(d, "a_new", 1)->flags & SB_VALUE_CALLEE_ALLOCATED) != 0);
    sb_description_release(d);
}

/* ---- enumerations and errors ----------------------------------------------------------------- */

static void status_enumerators_have_outcomes(void)
{
    sb_description *d = describe(
        "[[exception(Stuck)]]; enum [[status(KeyError)]] st { OK, BAD [[raises(ValueError)]], "
        "ROW [[ok]], DONE [[stop]], ODD, IO = 9 [[raises(OSError)]], S [[raises(Stuck)]] };"
        "enum [[status]] bare { FIRST [[raises(TypeError)]], SECOND };"
        "enum [[flags]] fl { A = 1, B = 2 }; enum st f(int *n [[out]]); enum bare g(void);");
    const sb_enumerator *row = d->enumerators;
    CHECK(enum_of(d, "st")->is_status && !enum_of(d, "st")->is_flags);
    CHECK(enum_of(d, "fl")->is_flags);
    CHECK(row[0].outcome == SB_OUTCOME_OK);
    CHECK(row[1].outcome == SB_OUTCOME_RAISE &&
          strcmp(exception_name(d, row[1].exception), "ValueError") == 0);
    CHECK(row[2].outcome == SB_OUTCOME_OK && row[3].outcome == SB_OUTCOME_STOP);
    CHECK(strcmp(exception_name(d, row[4].exception), "KeyError") == 0);
    CHECK(strcmp(exception_name(d, row[6].exception), "Stuck") == 0);
    CHECK(row[7].outcome == SB_OUTCOME_RAISE);
    CHECK(row[8].outcome == SB_OUTCOME_RAISE && row[8].exception == 0);
    CHECK(function_of(d, "f")->failure == SB_FAILS_STATUS);
    CHECK((function_of(d, "f")->result.flags & SB_VALUE_HIDDEN) != 0);
    CHECK((function_of(d, "f")->flags & SB_FUNCTION_ERRNO) != 0);
    CHECK((function_of(d, "g")->flags & SB_FUNCTION_ERRNO) == 0);
    sb_description_release(d);
}

static void fails_judges_the_result(void)
{
    sb_description *d =
        describe("[[exception(Mine, ConnectionError)]];"
                 "[[fails(null)]] void *a(void); [[fails(negative, Mine)]] int b(void);"
                 "[[fails(nonzero, KeyError)]] int c(void);"
                 "[[fails(zero)]] _Bool e(void);");
    CHECK(function_of(d, "a")->failure == SB_FAILS_NULL);
    CHECK(strcmp(exception_name(d, function_of(d, "a")->exception), "OSError") == 0);
    CHECK(function_of(d, "b")->failure == SB_FAILS_NEGATIVE);
    CHECK((function_of(d, "b")->flags & SB_FUNCTION_ERRNO) != 0);
    CHECK((function_of(d, "b")->result.flags & SB_VALUE_HIDDEN) == 0);
    CHECK(function_of(d, "c")->failure == SB_FAILS_NONZERO);
    CHECK((function_of(d, "c")->flags & SB_FUNCTION_ERRNO) == 0);
    CHECK((function_of(d, "c")->result.flags & SB_VALUE_HIDDEN) != 0);
    CHECK((function_of(d, "e")->result.flags & SB_VALUE_HIDDEN) != 0);
    sb_description_release(d);
}

static void messages_are_listed(void)
{
    sb_description *d = describe(
        "enum [[status]] st { OK }; struct db; int other(void);"
        "[[message]] const char *of_status(enum st s); [[message]] const char *of_db(struct db *h);"
        "[[message, hidden]] const char *last(void);");
    CHECK(d->message_count == 3);
    for (uint32_t i = 0; i < d->message_count; i++) {
        const sb_constant *row = &d->arguments[d->first_message + i];
        CHECK(row->kind == SB_CONST_UINT && row->as.u == i + 1);
    }
    CHECK(is_member(d, "of_status", SB_MEMBER_FUNCTION));
    CHECK(member_at(d, "last") == NULL);
    sb_description_release(d);
}

/* ---- values ---------------------------------------------------------------------------------- */

static void plain_parameters_follow_from_their_types(void)
{
    sb_description *d =
        describe("struct p { int x; }; struct o; enum e { A };"
                 "void f(int i, enum e en, struct p v, const char *s, char *b, const wchar_t *w, "
                 "struct p *r,"
                 " const struct o *h, int *n, void *a, char **pp, int (*cb)(int), double m[3]);");
    static const uint8_t expected[] = {
        SB_PASS_VALUE,   SB_PASS_VALUE,     SB_PASS_VALUE,     SB_PASS_STRING,  SB_PASS_ADDRESS,
        SB_PASS_STRING,  SB_PASS_REFERENCE, SB_PASS_REFERENCE, SB_PASS_ADDRESS, SB_PASS_ADDRESS,
        SB_PASS_ADDRESS, SB_PASS_FUNCTION,  SB_PASS_ADDRESS};
    for (unsigned i = 0; i < sizeof expected; i++)
        CHECK(param_of(d, "f", i)->passing == expected[i]);
    CHECK((param_of(d, "f", 3)->flags & SB_VALUE_NULLABLE) == 0);
    CHECK((param_of(d, "f", 4)->flags & SB_VALUE_NULLABLE) != 0);
    CHECK((param_of(d, "f", 6)->flags & SB_VALUE_READONLY) == 0);
    CHECK((param_of(d, "f", 7)->flags & SB_VALUE_READONLY) != 0);
    CHECK(d->types[param_of(d, "f", 6)->value_type].kind == SB_STRUCT);
    CHECK(param_of(d, "f", 0)->length == -1 && param_of(d, "f", 0)->free_function == SB_NONE);
    sb_description_release(d);
}

static void plain_results_follow_from_their_types(void)
{
    sb_description *d = describe(
        "struct p { int x; }; struct o; void a(void); int b(void); const char *c(void);"
        "char *e(void); void *f(void); double *g(void); struct p h(void); const struct p *i(void);"
        "struct o *j(void); wchar_t *k(void);");
    CHECK((function_of(d, "a")->result.flags & SB_VALUE_HIDDEN) != 0);
    CHECK(function_of(d, "b")->result.passing == SB_PASS_VALUE);
    CHECK(function_of(d, "c")->result.passing == SB_PASS_STRING);
    CHECK((function_of(d, "c")->result.flags & SB_VALUE_NULLABLE) != 0);
    CHECK(function_of(d, "e")->result.passing == SB_PASS_STRING);
    CHECK(function_of(d, "f")->result.passing == SB_PASS_ADDRESS);
    CHECK(function_of(d, "g")->result.passing == SB_PASS_ADDRESS);
    CHECK(function_of(d, "h")->result.passing == SB_PASS_VALUE);
    CHECK(function_of(d, "i")->result.passing == SB_PASS_REFERENCE);
    CHECK((function_of(d, "i")->result.flags & SB_VALUE_READONLY) != 0);
    CHECK(function_of(d, "j")->result.passing == SB_PASS_REFERENCE);
    CHECK(function_of(d, "k")->result.passing == SB_PASS_STRING);
    sb_description_release(d);
}

static void out_parameters_make_what_their_types_say(void)
{
    sb_description *d = describe(
        "struct p { int x; }; struct o; enum e { A };"
        "void f(int *i [[out]], enum e *en [[out]], struct p *v [[out]], struct o **h [[out]],"
        " char **s [[out]], struct p **r [[out]], void **a [[out]], char **b [[out, bytes]]);");
    for (unsigned i = 0; i < 8; i++)
        CHECK(param_of(d, "f", i)->direction == SB_OUT);
    CHECK(d->types[param_of(d, "f", 0)->value_type].kind == SB_INT);
    CHECK(param_of(d, "f", 2)->passing == SB_PASS_REFERENCE);
    CHECK((param_of(d, "f", 2)->flags & SB_VALUE_CALLEE_ALLOCATED) == 0);
    CHECK((param_of(d, "f", 3)->flags & SB_VALUE_CALLEE_ALLOCATED) != 0);
    CHECK(d->types[param_of(d, "f", 3)->value_type].kind == SB_STRUCT);
    CHECK(param_of(d, "f", 4)->passing == SB_PASS_STRING);
    CHECK((param_of(d, "f", 4)->flags & SB_VALUE_CALLEE_ALLOCATED) != 0);
    CHECK((param_of(d, "f", 5)->flags & SB_VALUE_CALLEE_ALLOCATED) != 0);
    CHECK(d->types[param_of(d, "f", 6)->value_type].kind == SB_POINTER);
    CHECK((param_of(d, "f", 7)->flags & SB_VALUE_BYTES) != 0);
    sb_description_release(d);
}

static void arrays_that_are_passed_in_hide_their_length(void)
{
    sb_description *d =
        describe("void f(const double *a [[array(n)]], double *b [[array(n)]], size_t n,"
                 " const char *const *names [[array(m)]], const void *raw [[array(m)]], int m,"
                 " const int *four [[array(4)]], const int *z [[zero_terminated]]);");
    const sb_value *n = param_of(d, "f", 2);
    CHECK(param_of(d, "f", 0)->passing == SB_PASS_ARRAY && param_of(d, "f", 0)->length == 2);
    CHECK((param_of(d, "f", 0)->flags & SB_VALUE_READONLY) != 0);
    CHECK((param_of(d, "f", 1)->flags & SB_VALUE_READONLY) == 0);
    CHECK(d->types[param_of(d, "f", 0)->value_type].kind == SB_FLOAT);
    CHECK(n->flags == (SB_VALUE_HIDDEN | SB_VALUE_IS_LENGTH) && n->partner == 0);
    CHECK((param_of(d, "f", 3)->flags & SB_VALUE_STRING_ELEMENTS) != 0);
    CHECK((param_of(d, "f", 4)->flags & SB_VALUE_BYTES) != 0);
    CHECK(d->types[param_of(d, "f", 4)->value_type].size == 1);
    CHECK(param_of(d, "f", 6)->fixed == 4 && param_of(d, "f", 6)->length == -1);
    CHECK((param_of(d, "f", 7)->flags & SB_VALUE_ZERO_TERMINATED) != 0);
    sb_description_release(d);
}

static void arrays_that_are_written_know_their_room(void)
{
    sb_description *d = describe(
        "void a(int *v [[out, array(n)]], size_t n);"
        "void b(int *v [[out, array(n, w), capacity(8), grow]], size_t n, int *w [[out]]);"
        "void c(char *s [[out, array(n), capacity(9)]], size_t *n [[inout]]);"
        "void e(unsigned char *s [[out, array(16)]]);"
        "void f(int **v [[out, array(n)]], size_t *n [[out]]);"
        "void g(const int *in [[array(n)]], int *v [[out, array(n)]], size_t n);"
        "void h(const char **v [[out, array(n)]], size_t n);"
        "void i(int *k [[out, array(n), capacity(5)]], int *v [[out, array(n)]], size_t n);"
        "void j(int *v [[out, array(n)]], size_t *n [[inout]]);");
    CHECK(param_of(d, "a", 1)->flags == SB_VALUE_IS_LENGTH);
    CHECK(param_of(d, "b", 0)->fixed == 8 && param_of(d, "b", 0)->written == 2);
    CHECK((param_of(d, "b", 0)->flags & SB_VALUE_GROW) != 0);
    CHECK(param_of(d, "b", 1)->flags == (SB_VALUE_HIDDEN | SB_VALUE_IS_LENGTH));
    CHECK(param_of(d, "b", 2)->flags == (SB_VALUE_HIDDEN | SB_VALUE_IS_LENGTH));
    CHECK(param_of(d, "c", 0)->length == 1 && param_of(d, "c", 0)->written == 1);
    CHECK((param_of(d, "c", 1)->flags & SB_VALUE_HIDDEN) != 0);
    CHECK(param_of(d, "e", 0)->fixed == 16 && (param_of(d, "e", 0)->flags & SB_VALUE_BYTES) != 0);
    CHECK((param_of(d, "f", 0)->flags & SB_VALUE_CALLEE_ALLOCATED) != 0);
    CHECK(d->types[param_of(d, "f", 0)->value_type].kind == SB_INT);
    CHECK((param_of(d, "f", 1)->flags & SB_VALUE_HIDDEN) != 0);
    CHECK(param_of(d, "g", 1)->length == 2 && (param_of(d, "g", 2)->flags & SB_VALUE_HIDDEN) != 0);
    CHECK(param_of(d, "h", 0)->flags == SB_VALUE_STRING_ELEMENTS);
    CHECK(param_of(d, "i", 1)->fixed == 5);
    CHECK((param_of(d, "j", 1)->flags & SB_VALUE_HIDDEN) == 0);
    sb_description_release(d);
}

static void results_can_be_arrays(void)
{
    sb_description *d = describe(
        "[[hidden]] void release(void *p);"
        "[[array(n), owned(release)]] int *a(size_t *n [[out]]); [[array(3)]] float *b(void);"
        "[[array(n)]] double *c(int n); [[zero_terminated]] char **e(void);"
        "[[array(n), bytes]] char *f(int *n [[out]]);");
    CHECK(function_of(d, "a")->result.length == 0);
    CHECK(function_of(d, "a")->result.free_function == 0);
    CHECK((function_of(d, "a")->result.flags & SB_VALUE_OWNED) != 0);
    CHECK((param_of(d, "a", 0)->flags & SB_VALUE_HIDDEN) != 0);
    CHECK(function_of(d, "b")->result.fixed == 3);
    CHECK((param_of(d, "c", 0)->flags & SB_VALUE_HIDDEN) == 0);
    CHECK((function_of(d, "e")->result.flags & SB_VALUE_STRING_ELEMENTS) != 0);
    CHECK((function_of(d, "f")->result.flags & SB_VALUE_BYTES) != 0);
    sb_description_release(d);
}

static void dict_pairs_two_arrays(void)
{
    sb_description *d = describe(
        "void f(const char *const *k [[array(n), dict(v)]], const int *v [[array(n)]], size_t n);"
        "void g(char ***k [[out, array(n), dict(v)]], int **v [[out, array(n)]], int *n [[out]]);");
    CHECK((param_of(d, "f", 0)->flags & SB_VALUE_DICT_KEYS) != 0);
    CHECK(param_of(d, "f", 0)->partner == 1 && param_of(d, "f", 1)->partner == 0);
    CHECK((param_of(d, "f", 1)->flags & (SB_VALUE_DICT_VALUES | SB_VALUE_HIDDEN)) ==
          (SB_VALUE_DICT_VALUES | SB_VALUE_HIDDEN));
    CHECK((param_of(d, "g", 0)->flags & SB_VALUE_STRING_ELEMENTS) != 0);
    CHECK((param_of(d, "g", 1)->flags & SB_VALUE_HIDDEN) != 0);
    sb_description_release(d);
}

static void texts_have_encodings(void)
{
    sb_description *d = describe("void f(const char *a [[string(\"latin-1\")]], char *b [[string]],"
                                 " const unsigned char *c [[string(\"utf-8\", "
                                 "\"surrogateescape\")]], const char *e [[bytes]],"
                                 " const char *g [[filename, nullable]]); [[bytes]] char *h(void);"
                                 "[[string]] const unsigned char *i(void);");
    CHECK_TEXT(d, param_of(d, "f", 0)->encoding, "latin-1");
    CHECK(param_of(d, "f", 1)->passing == SB_PASS_STRING && param_of(d, "f", 1)->encoding == 0);
    CHECK_TEXT(d, param_of(d, "f", 2)->encoding_errors, "surrogateescape");
    CHECK(param_of(d, "f", 3)->passing == SB_PASS_STRING);
    CHECK((param_of(d, "f", 3)->flags & SB_VALUE_BYTES) != 0);
    CHECK((param_of(d, "f", 4)->flags & (SB_VALUE_FILENAME | SB_VALUE_NULLABLE)) ==
          (SB_VALUE_FILENAME | SB_VALUE_NULLABLE));
    CHECK((function_of(d, "h")->result.flags & SB_VALUE_BYTES) != 0);
    CHECK(function_of(d, "i")->result.passing == SB_PASS_STRING);
    sb_description_release(d);
}

static void constants_are_defaults_and_fixed_values(void)
{
    sb_description *d = describe(
        "#define BASE 10\nenum mode { SLOW, FAST };"
        "void f(const char *s, char **end [[value(NULL)]], int base [[default(BASE)]],"
        " enum mode m [[default(FAST)]], const char *t [[default(\"x\")]], _Bool b "
        "[[default(true)]],"
        " double r [[default(-1.5)]], const char *n [[keyword_only, default(NULL)]], int last);"
        "void g(void (*free)(void *) [[value(-1)]], unsigned char c [[default(255)]]);");
    CHECK((param_of(d, "f", 1)->flags & SB_VALUE_HIDDEN) != 0);
    CHECK(param_of(d, "f", 1)->constant.kind == SB_CONST_NULL);
    CHECK(param_of(d, "f", 2)->constant.kind == SB_CONST_INT &&
          param_of(d, "f", 2)->constant.as.i == 10);
    CHECK(param_of(d, "f", 3)->constant.as.i == 1);
    CHECK(param_of(d, "f", 4)->constant.kind == SB_CONST_STRING);
    CHECK(param_of(d, "f", 5)->constant.kind == SB_CONST_BOOL);
    CHECK(param_of(d, "f", 6)->constant.as.f == -1.5);
    CHECK((param_of(d, "f", 7)->flags & SB_VALUE_NULLABLE) != 0);
    CHECK((param_of(d, "f", 7)->flags & SB_VALUE_KEYWORD_ONLY) != 0);
    CHECK((param_of(d, "f", 8)->flags & SB_VALUE_KEYWORD_ONLY) != 0);
    CHECK((param_of(d, "f", 6)->flags & SB_VALUE_KEYWORD_ONLY) == 0);
    CHECK(param_of(d, "g", 0)->constant.as.i == -1);
    sb_description_release(d);
}

static void ownership_names_who_frees_and_what_is_kept(void)
{
    sb_description *d = describe(
        "struct view { int x; }; struct store; struct handle;"
        "[[destructor]] void handle_close(struct handle *h); [[hidden]] void release(void *p);"
        "[[owned(release)]] char *a(void); [[owned]] char *b(void); [[owned]] struct handle "
        "*c(void);"
        "void e(char **s [[out, owned(release)]]); void f(struct handle *h [[consumed]]);"
        "[[keeps(s)]] struct view *g(struct store *s, int i);");
    uint32_t release = (uint32_t)(index_of(d, "release"));
    CHECK(function_of(d, "a")->result.free_function == release);
    CHECK((function_of(d, "b")->result.flags & SB_VALUE_OWNED) != 0);
    CHECK(function_of(d, "b")->result.free_function == SB_NONE);
    CHECK(function_of(d, "c")->result.free_function ==
          index_of(d, "handle_close"));
    CHECK(param_of(d, "e", 0)->free_function == release);
    CHECK((param_of(d, "f", 0)->flags & SB_VALUE_CONSUMED) != 0);
    CHECK((param_of(d, "g", 0)->flags & SB_VALUE_KEEPS) != 0);
    CHECK((class_of(d, "view")->flags & SB_CLASS_KEEPS) != 0);
    sb_description_release(d);
}

static void arrays_that_an_object_keeps_are_shown(void)
{
    sb_description *d = describe(
        "struct item { int x; }; typedef struct store store; [[length]] int size(store *s);"
        "[[buffer]] struct item *items(store *s);"
        "[[keeps(s), array(n)]] const double *row(store *s, int i, int *n [[out]]);"
        "[[keeps(s)]] void column(store *s, const float **p [[out, array(n)]], int *n [[out]]);");
    const uint32_t read_only = SB_VALUE_SHOWN | SB_VALUE_READONLY;
    const sb_value *items = &function_of(d, "items")->result;
    CHECK((items->flags & read_only) == SB_VALUE_SHOWN && items->passing == SB_PASS_ARRAY);
    CHECK(items->length == -1 && items->fixed == 0);
    CHECK((function_of(d, "row")->result.flags & read_only) == read_only);
    CHECK((param_of(d, "column", 1)->flags & read_only) == read_only);
    CHECK((param_of(d, "items", 0)->flags & SB_VALUE_KEEPS) != 0);
    CHECK((param_of(d, "row", 0)->flags & SB_VALUE_KEEPS) != 0);
    CHECK((class_of(d, "item")->flags & SB_CLASS_KEEPS) == 0);
    sb_description_release(d);
}

static void fields_are_values_too(void)
{
    sb_description *d = describe(
        "struct node; struct s { char name[16]; unsigned char id[4]; const char *text; char *raw;"
        " struct node *next; int *items [[array(n)]]; int n; const char *maybe [[nullable]];"
        " int (*call)(void); unsigned bits : 3; int grid[2][3]; char code [[name(\"kode\")]]; };");
    CHECK(field_of(d, "s", 0)->value.passing == SB_PASS_ARRAY);
    CHECK(field_of(d, "s", 0)->value.fixed == 16);
    CHECK((field_of(d, "s", 0)->value.flags & SB_VALUE_BYTES) == 0);
    CHECK((field_of(d, "s", 1)->value.flags & SB_VALUE_BYTES) != 0);
    CHECK(field_of(d, "s", 2)->value.passing == SB_PASS_STRING);
    CHECK(field_of(d, "s", 3)->value.passing == SB_PASS_ADDRESS);
    CHECK(field_of(d, "s", 4)->value.passing == SB_PASS_REFERENCE);
    CHECK(field_of(d, "s", 5)->value.passing == SB_PASS_ARRAY);
    CHECK(field_of(d, "s", 5)->value.length == 6);
    CHECK((field_of(d, "s", 6)->value.flags & SB_VALUE_READONLY) != 0);
    CHECK((field_of(d, "s", 7)->value.flags & SB_VALUE_NULLABLE) != 0);
    CHECK(field_of(d, "s", 8)->value.passing == SB_PASS_FUNCTION);
    CHECK(field_of(d, "s", 9)->value.passing == SB_PASS_VALUE);
    CHECK(field_of(d, "s", 10)->value.fixed == 2);
    CHECK(is_member(d, "s.kode", SB_MEMBER_FIELD));
    sb_description_release(d);
}

/* ---- building on another description --------------------------------------------------------- */

static void a_base_is_kept_and_joined(void)
{
    sb_description *base = describe(
        "[[library(\"libx.so\"), prefix(\"x_\")]]; [[exception(Mine)]]; struct x_p; int x_f(void);"
        "enum [[status]] x_st { X_ST_OK, X_ST_BAD [[raises(Mine)]] }; [[name(\"sub.g\")]] int "
        "g(void);"
        "[[message]] const char *x_text(enum x_st s);");
    const char *text = "[[class(\"Q\")]] struct q { int z; };"
                       "enum x_st x_h(struct x_p *p, int *out [[out]]); struct x_p { int a; };"
                       "[[name(\"sub.k\")]] int k(void) [[fails(negative, Mine)]]; extern int x_v;"
                       "[[method]] int x_p_size(struct x_p *p);";
    sb_description *d = NULL;
    sb_error error;
    sb_status status = sb_description_parse(text, strlen(text), NULL, base, &d, &error);
    if (status != SB_OK) {
        fprintf(stderr, "%s\n", error.message);
        failures++;
        return;
    }
    CHECK_TEXT(d, d->library, "libx.so");
    CHECK(is_member(d, "f", SB_MEMBER_FUNCTION) && is_member(d, "h", SB_MEMBER_FUNCTION));
    CHECK(is_member(d, "sub.g", SB_MEMBER_FUNCTION) && is_member(d, "sub.k", SB_MEMBER_FUNCTION));
    CHECK(is_member(d, "Q", SB_MEMBER_CLASS) && is_member(d, "p.size", SB_MEMBER_METHOD));
    CHECK(is_member(d, "p.a", SB_MEMBER_FIELD));
    CHECK((class_of(d, "p")->flags & SB_CLASS_OPAQUE) == 0);
    CHECK(function_of(d, "x_h")->failure == SB_FAILS_STATUS);
    CHECK(strcmp(exception_name(d, function_of(d, "k")->exception), "Mine") == 0);
    CHECK(d->message_count == 1);
    CHECK(d->address_count == base->address_count + 4);
    CHECK(member_at(base, "h") == NULL && (class_of(base, "p")->flags & SB_CLASS_OPAQUE) != 0);
    sb_description_release(d);
    sb_description_release(base);
}

int main(void)
{
    module_line_names_library_module_and_prefix();
    submodule_is_made_with_its_doc();
    exception_has_a_base();
    keywords_get_an_underscore();
    enumerators_lose_their_enums_name();
    tags_beside_functions_of_the_same_name_are_told_apart();
    name_puts_things_into_classes_and_submodules();
    hidden_things_have_no_member();
    conduct_and_availability_become_flags();
    members_are_sorted_and_contiguous();
    records_with_names_are_classes();
    structs_of_the_c_library_become_classes_when_declared();
    class_attributes_become_flags();
    base_makes_a_class_inherit();
    adapt_names_fields_or_positions();
    fields_of_unnamed_members_are_the_classes_own();
    methods_lose_their_records_name();
    special_methods_fill_slots();
    every_operator_of_the_table_can_be_spelt();
    constructors_are_found_by_what_they_make();
    status_enumerators_have_outcomes();
    fails_judges_the_result();
    messages_are_listed();
    plain_parameters_follow_from_their_types();
    plain_results_follow_from_their_types();
    out_parameters_make_what_their_types_say();
    arrays_that_are_passed_in_hide_their_length();
    arrays_that_are_written_know_their_room();
    results_can_be_arrays();
    dict_pairs_two_arrays();
    texts_have_encodings();
    constants_are_defaults_and_fixed_values();
    ownership_names_who_frees_and_what_is_kept();
    arrays_that_an_object_keeps_are_shown();
    fields_are_values_too();
    a_base_is_kept_and_joined();
    if (failures > 0)
        fprintf(stderr, "%u checks failed\n", failures);
    return failures > 0;
}
