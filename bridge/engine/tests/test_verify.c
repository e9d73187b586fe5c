/* test_verify.c - descriptions against the facts of a library. */
#include "check.h"

#define MAX_FACTS 20000

/* A facts note that is being written. */
static struct {
    uint32_t format, count;
    struct {
        uint32_t key_low, key_high, value_low, value_high;
    } facts[MAX_FACTS];
} note;

static void begin(void)
{
    note.format = SB_FACTS_FORMAT;
    note.count = 0;
}

static void fact(const char *key, uint64_t value)
{
    uint64_t hash = sb_fnv1a(key, strlen(key));
    uint32_t i = note.count++;
    note.facts[i].key_low = (uint32_t)hash;
    note.facts[i].key_high = (uint32_t)(hash >> 32);
    note.facts[i].value_low = (uint32_t)value;
    note.facts[i].value_high = (uint32_t)(value >> 32);
}

static void digest(const char *key, const char *canonical)
{
    fact(key, sb_fnv1a(canonical, strlen(canonical)));
}

static size_t note_size(void)
{
    return 8 + (size_t)note.count * 16;
}

static sb_description *d;
static sb_mismatch *found;
static size_t count, verified;

/* Compares the description with the note. */
static void verify(const char *text)
{
    sb_error error;
    sb_free(found);
    sb_description_release(d);
    d = parse(text);
    sb_status status = sb_verify(d, &note, note_size(), &found, &count, &verified, &error);
    CHECK(status == SB_OK);
    if (status != SB_OK) {
        fprintf(stderr, "    %s\n", error.message);
        exit(1);
    }
}

static bool is_mismatch(size_t i, sb_fact kind, uint64_t described, uint64_t actual)
{
    return i < count && found[i].fact == kind && found[i].described == described &&
           found[i].actual == actual;
}

static const char *const POINT = "struct point { int x; short y; };\n"
                                 "enum status { OK, BAD = 7 };\n"
                                 "#define LIMIT 99\n"
                                 "enum status move(struct point *p, long by);\n"
                                 "extern int moved;\n";

static void facts_of_point(void)
{
    begin();
    fact("sizeof struct point", 8);
    fact("alignof struct point", 4);
    digest("members struct point", "struct{int32,int16}");
    fact("offsetof struct point.x", 0);
    fact("offsetof struct point.y", 4);
    fact("sizeof enum status", 4);
    fact("enumerator OK", 0);
    fact("enumerator BAD", 7);
    fact("constant LIMIT", 99);
    digest("function move", sizeof(long) == 8 ? "(*struct point,int64)uint32"
                                              : "(*struct point,int32)uint32");
    digest("variable moved", "int32");
}

static void what_agrees_passes(void)
{
    facts_of_point();
    verify(POINT);
    CHECK(count == 0 && verified == 11 && found == NULL);
}

static void each_kind_of_difference_is_found(void)
{
    facts_of_point();
    verify("struct point { short x; int y, z; };\n"
           "enum status { OK = 1, BAD = 8 };\n"
           "#define LIMIT 100\n"
           "enum status move(struct point *p, char by);\n"
           "extern unsigned moved;\n");
    CHECK(count == 7 && verified == 11);
    CHECK(is_mismatch(0, SB_FACT_SIZE, 12, 8));
    CHECK(count > 1 && found[1].fact == SB_FACT_MEMBERS);
    CHECK(is_mismatch(2, SB_FACT_ENUMERATOR, 1, 0));
    CHECK(is_mismatch(3, SB_FACT_ENUMERATOR, 8, 7));
    CHECK(is_mismatch(4, SB_FACT_CONSTANT, 100, 99));
    CHECK(count > 5 && found[5].fact == SB_FACT_FUNCTION);
    CHECK(count > 6 && found[6].fact == SB_FACT_VARIABLE);
}

static void places_are_given(void)
{
    facts_of_point();
    verify("struct point { short x; char y; int z; };\n"
           "enum status { BAD = 8 };\n");
    CHECK(count == 3);
    CHECK(is_mismatch(1, SB_FACT_OFFSET, 2, 4));
    CHECK(strcmp(sb_string(d, d->fields[found[1].member].value.name), "y") == 0);
    CHECK(d->declarations[found[1].declaration].line == 1);
    CHECK(is_mismatch(2, SB_FACT_ENUMERATOR, 8, 7));
    CHECK(strcmp(sb_string(d, d->enumerators[found[2].member].name), "BAD") == 0);
    CHECK(d->declarations[found[2].declaration].line == 2);
}

static void what_members_are_read_as_is_found(void)
{
    facts_of_point();
    verify("struct point { unsigned x; short y; };");
    CHECK(count == 1 && count > 0 && found[0].fact == SB_FACT_MEMBERS);
    verify("struct point { int across; short up; };");
    CHECK(count == 0 && verified == 3);
}

static void what_facts_do_not_speak_of_is_not_compared(void)
{
    facts_of_point();
    verify("int other(void); struct other { int x; }; double ratio(double); extern int more;\n"
           "typedef struct opaque opaque; enum status { LATER = 3 };\n"
           "#define TEXT \"text\"\n"
           "#define REAL 2.5\n");
    CHECK(count == 0 && verified == 1);
}

static void order_does_not_matter(void)
{
    facts_of_point();
    verify("extern int moved;\n"
           "#define LIMIT 98\n"
           "enum status { BAD = 7, OK = 0 };\n"
           "struct point { int x; short y; };\n"
           "enum status move(struct point *p, long by);\n");
    CHECK(count == 1 && verified == 11);
    CHECK(is_mismatch(0, SB_FACT_CONSTANT, 98, 99));
}

static void symbols_are_compared(void)
{
    begin();
    digest("function real", "(int32)int32");
    verify("int real(int); int other(int) __asm__(\"real\"); int third(char) __asm__(\"real\");");
    CHECK(count == 1 && verified == 3 && count > 0 && found[0].declaration == 2);
}

static void members_of_unnamed_records_have_paths(void)
{
    begin();
    fact("sizeof struct s", 16);
    fact("offsetof struct s.a", 0);
    fact("offsetof struct s.b", 4);
    fact("offsetof struct s.in", 8);
    fact("offsetof struct s.in.c", 99);
    verify("struct s { union { int a; }; struct { int b; }; struct { int c, d; } in; };");
    CHECK(count == 1 && verified == 5);
    CHECK(is_mismatch(0, SB_FACT_OFFSET, 8, 99));
}

static void typedefs_name_records_as_tags_do(void)
{
    begin();
    fact("sizeof struct p", 99);
    fact("sizeof enum e", 98);
    verify("typedef struct { int x; } p; typedef enum { A } e;");
    CHECK(count == 2);
    CHECK(is_mismatch(0, SB_FACT_SIZE, 4, 99) && is_mismatch(1, SB_FACT_SIZE, 4, 98));
}

static void values_are_64_bits(void)
{
    begin();
    fact("enumerator LOW", (uint64_t)INT64_MIN);
    fact("constant HIGH", UINT64_MAX);
    fact("constant MINUS", (uint64_t)-5);
    verify("enum e { LOW = -9223372036854775807ll - 1 };\n"
           "#define HIGH 0xffffffffffffffffu\n"
           "#define MINUS -5\n");
    CHECK(count == 0 && verified == 3);
}

/* Far more than are scanned for: the facts get sorted. */
static void many_in_reverse_order(void)
{
    enum { COUNT = 20000 };
    static char text[COUNT * 32];
    char key[64];
    size_t used = 0;
    begin();
    for (int i = 0; i < COUNT; i++) {
        snprintf(key, sizeof key, "constant C%d", i);
        fact(key, (uint64_t)i);
    }
    for (int i = COUNT - 1; i >= 0; i--)
        used += (size_t)snprintf(text + used, sizeof text - used, "#define C%d %d\n", i,
                                 i == 777 ? 778 : i);
    verify(text);
    CHECK(count == 1 && verified == COUNT);
    CHECK(is_mismatch(0, SB_FACT_CONSTANT, 778, 777));
}

static void refused(const void *bytes, size_t size, const char *expected)
{
    sb_mismatch *out;
    size_t n, m;
    sb_error error;
    sb_status status = sb_verify(d, bytes, size, &out, &n, &m, &error);
    CHECK(status == SB_ERROR_LIBRARY && out == NULL && n == 0);
    CHECK(status == SB_ERROR_LIBRARY && strstr(error.message, expected) != NULL);
}

static void what_is_no_facts_is_refused(void)
{
    facts_of_point();
    verify(POINT);
    for (size_t size = 0; size < note_size(); size++)
        refused(&note, size, size < 8 ? "header" : "claim to be 11");
    refused(&note, note_size() + 4, "claim to be 11");
    note.count = UINT32_MAX;
    refused(&note, 8, "claim to be 4294967295");
    refused(&note, 8 + 16, "claim to be 4294967295");
    facts_of_point();
    note.format = 2;
    refused(&note, note_size(), "format 2");
}

static int budget = -1;

static void *failing(void *memory, size_t size)
{
    if (size == 0) {
        free(memory);
        return NULL;
    }
    return budget-- == 0 ? NULL : realloc(memory, size);
}

static void without_memory_it_says_so(void)
{
    sb_mismatch *out = NULL;
    size_t n, m;
    sb_error error;
    facts_of_point();
    verify("enum status { BAD = 8 };");
    sb_set_allocator(failing);
    budget = 0;
    CHECK(sb_verify(d, &note, note_size(), &out, &n, &m, &error) == SB_ERROR_MEMORY);
    CHECK(out == NULL);
    sb_set_allocator(NULL);
}

int main(void)
{
    what_agrees_passes();
    each_kind_of_difference_is_found();
    places_are_given();
    what_members_are_read_as_is_found();
    what_facts_do_not_speak_of_is_not_compared();
    order_does_not_matter();
    symbols_are_compared();
    members_of_unnamed_records_have_paths();
    typedefs_name_records_as_tags_do();
    values_are_64_bits();
    many_in_reverse_order();
    what_is_no_facts_is_refused();
    without_memory_it_says_so();
    sb_free(found);
    sb_description_release(d);
    return check_done("verify");
}
