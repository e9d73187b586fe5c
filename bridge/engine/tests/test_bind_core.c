/* test_bind_core.c - libcore's own description: what it means, memory that runs out at every point,
 * hostile sizes, and cost. */
#include "describe.h"

#include <time.h>

static char *core_text;
static size_t core_length;

static void read_core(void)
{
    FILE *file = fopen(CORE_BRIDGE, "rb");
    if (file == NULL || fseek(file, 0, SEEK_END) != 0) {
        perror(CORE_BRIDGE);
        exit(1);
    }
    core_length = (size_t)ftell(file);
    rewind(file);
    core_text = malloc(core_length + 1);
    if (core_text == NULL || fread(core_text, 1, core_length, file) != core_length)
        exit(1);
    core_text[core_length] = '\0';
    fclose(file);
}

static void every_name_of_corelib_is_there(void)
{
    static const struct {
        const char *path;
        uint8_t kind;
    } expected[] = {
        {"fact", SB_MEMBER_FUNCTION},
        {"say_hello", SB_MEMBER_FUNCTION},
        {"sum_as_string_native", SB_MEMBER_FUNCTION},
        {"word_count", SB_MEMBER_FUNCTION},
        {"throws_error", SB_MEMBER_FUNCTION},
        {"count_lines", SB_MEMBER_FUNCTION},
        {"lucas_mod", SB_MEMBER_FUNCTION},
        {"version", SB_MEMBER_FUNCTION},
        {"status_message", SB_MEMBER_FUNCTION},
        {"version_number", SB_MEMBER_VARIABLE},
        {"backend.greetings", SB_MEMBER_VARIABLE},
        {"VERSION", SB_MEMBER_CONSTANT},
        {"VERSION_MAJOR", SB_MEMBER_CONSTANT},
        {"LUCAS_ORDER_MAX", SB_MEMBER_CONSTANT},
        {"AppleStuckInThroat", SB_MEMBER_EXCEPTION},
        {"Status", SB_MEMBER_ENUM},
        {"Quadrant", SB_MEMBER_ENUM},
        {"Axis", SB_MEMBER_ENUM},
        {"backend", SB_MEMBER_SCOPE},
        {"backend.some_func", SB_MEMBER_FUNCTION},
        {"backend.sum_to_buffer", SB_MEMBER_FUNCTION},
        {"date_ex", SB_MEMBER_SCOPE},
        {"date_ex.seconds_before", SB_MEMBER_FUNCTION},
        {"date_ex.before", SB_MEMBER_FUNCTION},
        {"date_ex.to_timestamp", SB_MEMBER_FUNCTION},
        {"date_ex.from_timestamp", SB_MEMBER_FUNCTION},
        {"date_ex.days_between", SB_MEMBER_FUNCTION},
        {"date_ex.YEAR_MIN", SB_MEMBER_CONSTANT},
        {"LucasIter", SB_MEMBER_CLASS},
        {"LucasIter.take", SB_MEMBER_METHOD},
        {"LucasIter.take_into", SB_MEMBER_METHOD},
        {"LucasIter.available", SB_MEMBER_METHOD},
        {"LucasIter.order", SB_MEMBER_PROPERTY},
        {"Point", SB_MEMBER_CLASS},
        {"Point.x", SB_MEMBER_FIELD},
        {"Point.dist", SB_MEMBER_METHOD},
        {"Point.origin", SB_MEMBER_CLASS_METHOD},
        {"Point.manhattan", SB_MEMBER_FUNCTION},
        {"Point.DIMENSIONS", SB_MEMBER_CONSTANT},
        {"Point.norm", SB_MEMBER_PROPERTY},
        {"Point.quadrant", SB_MEMBER_PROPERTY},
        {"Point.axes", SB_MEMBER_PROPERTY},
        {"Point3", SB_MEMBER_CLASS},
        {"Point3.z", SB_MEMBER_FIELD},
        {"Point3.dist", SB_MEMBER_METHOD},
        {"PointArray", SB_MEMBER_CLASS},
        {"PointArray.get", SB_MEMBER_METHOD},
        {"PointArray.nearest", SB_MEMBER_METHOD},
    };
    sb_description *d = describe(core_text);
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        if (!is_member(d, expected[i].path, (sb_member_kind)expected[i].kind)) {
            fprintf(stderr, "corelib.%s is not there, or something else\n", expected[i].path);
            failures++;
        }
    }
    static const char *const hidden[] = {
        "free",     "set_allocator",   "error_message",   "date",
        "duration", "POINT_TEXT_SIZE", "PointArray.data", "Point3.base"};
    for (size_t i = 0; i < sizeof hidden / sizeof *hidden; i++)
        CHECK(member_at(d, hidden[i]) == NULL);
    sb_description_release(d);
}

static void what_is_documented_has_its_text(void)
{
    sb_description *d = describe(core_text);
    for (uint32_t i = 0; i < d->member_count; i++) {
        const sb_member *member = &d->members[i];
        if (member->kind == SB_MEMBER_FUNCTION || member->kind == SB_MEMBER_METHOD ||
            member->kind == SB_MEMBER_CLASS_METHOD) {
            const char *doc = sb_string(d, d->functions[member->index].doc);
            if (doc[0] == '\0' || doc[0] == ' ' || doc[0] == '*') {
                fprintf(stderr, "%s has the docstring \"%s\"\n", sb_string(d, member->name), doc);
                failures++;
            }
        }
    }
    CHECK(strncmp(sb_string(d, d->doc), "Lucas sequences", 15) == 0);
    CHECK(d->scopes[member_at(d, "date_ex")->index].doc != 0);
    CHECK(d->scopes[class_of(d, "Point")->inner_scope].doc != 0);
    sb_description_release(d);
}

static void its_classes_are_what_they_seem(void)
{
    sb_description *d = describe(core_text);
    const sb_class *lucas = class_of(d, "LucasIter"), *point = class_of(d, "Point");
    const sb_class *point3 = class_of(d, "Point3"), *array = class_of(d, "PointArray");
    CHECK(lucas->flags == SB_CLASS_OPAQUE && lucas->constructor != SB_NONE);
    CHECK(lucas->destructor != SB_NONE && lucas->slots[SB_SLOT_ITERNEXT] != SB_NONE);
    CHECK(point->flags == (SB_CLASS_HASHABLE | SB_CLASS_ORDERED | SB_CLASS_KEEPS));
    CHECK(point->slots[SB_SLOT_ADD] != SB_NONE && point->slots[SB_SLOT_STR] != SB_NONE);
    CHECK(point3->base == (uint32_t)(point - d->classes));
    CHECK(array->slots[SB_SLOT_GETITEM] != SB_NONE && array->slots[SB_SLOT_SETITEM] != SB_NONE);
    CHECK(array->slots[SB_SLOT_LENGTH] != SB_NONE);
    const sb_function *at = function_of(d, "core_point_array_at");
    CHECK(at->failure == SB_FAILS_NULL &&
          strcmp(exception_name(d, at->exception), "IndexError") == 0);
    CHECK((param_of(d, "core_point_array_at", 0)->flags & SB_VALUE_KEEPS) != 0);
    CHECK((at->flags & SB_FUNCTION_QUICK) != 0);
    const sb_member *norm = member_at(d, "Point.norm");
    CHECK(norm->index != SB_NONE && norm->other != SB_NONE);
    CHECK((class_of(d, "date")->flags & SB_CLASS_ADAPTED) != 0);
    CHECK(enum_of(d, "Status")->is_status && enum_of(d, "Axis")->is_flags);
    CHECK(d->message_count == 1);
    sb_description_release(d);
}

static void its_parameters_are_what_they_seem(void)
{
    sb_description *d = describe(core_text);
    const sb_value *terms = param_of(d, "core_lucas_take", 1);
    CHECK(terms->direction == SB_OUT && terms->length == 2 && terms->written == 3);
    CHECK((param_of(d, "core_lucas_take", 2)->flags & SB_VALUE_HIDDEN) == 0);
    CHECK((param_of(d, "core_lucas_take_into", 2)->flags & SB_VALUE_HIDDEN) != 0);
    CHECK(param_of(d, "core_lucas_take_into", 3)->flags == 0);
    CHECK_TEXT(d, function_of(d, "core_lucas_take_into")->symbol, "core_lucas_take");
    const sb_value *words = param_of(d, "core_word_count", 1);
    CHECK((words->flags & SB_VALUE_DICT_KEYS) != 0 && words->partner == 2);
    CHECK((words->flags & SB_VALUE_STRING_ELEMENTS) != 0);
    CHECK(words->free_function == index_of(d, "core_free"));
    const sb_value *buffer = param_of(d, "core_point_format", 1);
    CHECK(buffer->fixed == 64 && buffer->length == 2 && buffer->written == 3);
    CHECK((param_of(d, "core_count_lines", 0)->flags & SB_VALUE_FILENAME) != 0);
    CHECK((function_of(d, "core_count_lines")->flags & SB_FUNCTION_ERRNO) != 0);
    CHECK(function_of(d, "core_fact")->failure == SB_FAILS_STATUS);
    sb_description_release(d);
}

/* ---- memory ---------------------------------------------------------------------------------- */

static unsigned long allocations, failing;

static void *failing_reallocate(void *memory, size_t size)
{
    if (size == 0) {
        free(memory);
        return NULL;
    }
    if (++allocations == failing)
        return NULL;
    return realloc(memory, size);
}

static void running_out_of_memory_is_an_error_at_every_point(void)
{
    sb_set_allocator(failing_reallocate);
    sb_status status = SB_ERROR_MEMORY;
    for (failing = 1; status != SB_OK && failing < 100000; failing++) {
        sb_description *d = NULL;
        sb_error error;
        allocations = 0;
        status = sb_description_parse(core_text, core_length, "core.bridge", NULL, &d, &error);
        CHECK(status == SB_OK || (status == SB_ERROR_MEMORY && d == NULL));
        CHECK(status == SB_OK || strcmp(error.message, "out of memory") == 0);
        sb_description_release(d);
    }
    sb_set_allocator(NULL);
    CHECK(failing > 20 && failing < 100000);
}

/* ---- size ------------------------------------------------------------------------------------ */

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* So many functions, with a struct with methods for every ten of them. */
static char *many(unsigned count, size_t *length)
{
    size_t capacity = (size_t)count * 400 + 200;
    char *text = malloc(capacity);
    if (text == NULL)
        exit(1);
    size_t used = (size_t)snprintf(text, capacity,
                                   "[[prefix(\"lib_\")]]; enum [[status]] lib_st "
                                   "{ LIB_OK, LIB_BAD [[raises(ValueError)]] };\n");
    for (unsigned i = 0; i < count; i++) {
        if (i % 10 == 0)
            used += (size_t)snprintf(text + used, capacity - used,
                                     "/** Doc. */ [[hashable]] typedef struct lib_s%u { int a, b; "
                                     "const char *s; } lib_s%u;\n",
                                     i / 10, i / 10);
        used += (size_t)snprintf(
            text + used, capacity - used,
            i % 3 == 0 ? "[[quick, method]] int lib_s%u_f%u(const lib_s%u *self, int n);\n"
            : i % 3 == 1
                ? "[[name(\"sub%u.f%u\")]] enum lib_st lib_g%u(const double *v [[array(n)]], "
                  "size_t n, double *out [[out]]);\n"
                : "/** Doc. */ char *lib_h%u_%u_%u(const char *text, int flags [[default(0)]]);\n",
            i / 10, i, i % 3 == 1 ? i : i / 10);
    }
    *length = used;
    return text;
}

static double time_of(unsigned count)
{
    size_t length;
    char *text = many(count, &length);
    double best = 1e9;
    for (int round = 0; round < 5; round++) {
        sb_description *d = NULL;
        sb_error error;
        double start = seconds();
        sb_status status = sb_description_parse(text, length, NULL, NULL, &d, &error);
        double taken = seconds() - start;
        if (status != SB_OK) {
            fprintf(stderr, "%u:%u: %s\n", error.line, error.column, error.message);
            failures++;
        }
        sb_description_release(d);
        best = taken < best ? taken : best;
    }
    free(text);
    return best;
}

static void cost_grows_with_the_number_of_declarations_only(void)
{
    double small = time_of(2000), large = time_of(64000);
    printf("2000 functions %.2f ms, 64000 functions %.2f ms\n", small * 1e3, large * 1e3);
    CHECK(large < small * 32 * 6 + 0.05);
}

/* One scope, class, record, enum or function that is as large as it may be. */
static void nothing_large_takes_long(void)
{
    static const struct {
        const char *before, *each, *after;
        unsigned count;
    } shapes[] = {
        {"struct s {", "int *f%u [[array(n)]];", "int n; };", 30000},
        {"enum e {", "E_A%u [[name(\"B%u\")]],", "};", 100000},
        {"struct p {int x;};", "[[method]] int p_m%u(struct p *self);", "", 50000},
        {"", "[[exception(E%u)]];", "", 50000},
        {"", "[[name(\"a%u.b.c\")]] int f%u(void);", "", 50000},
        {"struct c0 { int x; };", "struct c%u { struct c%u x; };", "", 60},
        {"[[hidden]] void r(void *);", "[[owned(r)]] char *f%u(void);", "", 50000},
        {"[[exception(B0)]];", "[[exception(B%u, B%u)]];", "[[fails(null, B9)]] char *f(void);",
         50000},
    };
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        size_t capacity = (size_t)shapes[i].count * 80 + 200;
        char *text = malloc(capacity);
        if (text == NULL)
            exit(1);
        size_t used = (size_t)snprintf(text, capacity, "%s", shapes[i].before);
        bool chain = strstr(shapes[i].before, "0") != NULL;
        for (unsigned k = 1; k <= shapes[i].count; k++) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
            used += (size_t)snprintf(text + used, capacity - used, shapes[i].each, k,
                                     chain ? k - 1 : k);
#pragma GCC diagnostic pop
        }
        used += (size_t)snprintf(text + used, capacity - used, "%s", shapes[i].after);
        sb_description *d = NULL;
        sb_error error;
        double start = seconds();
        if (sb_description_parse(text, used, NULL, NULL, &d, &error) != SB_OK) {
            fprintf(stderr, "%s: %s\n", shapes[i].each, error.message);
            failures++;
        }
        double taken = seconds() - start;
        if (taken > 10) { /* milliseconds, unless something is quadratic */
            fprintf(stderr, "%s takes %.1f s\n", shapes[i].each, taken);
            failures++;
        }
        sb_description_release(d);
        free(text);
    }
}

int main(void)
{
    read_core();
    every_name_of_corelib_is_there();
    what_is_documented_has_its_text();
    its_classes_are_what_they_seem();
    its_parameters_are_what_they_seem();
    running_out_of_memory_is_an_error_at_every_point();
    cost_grows_with_the_number_of_declarations_only();
    nothing_large_takes_long();
    free(core_text);
    if (failures > 0)
        fprintf(stderr, "%u checks failed\n", failures);
    return failures > 0;
}
