/* fuzz_cdef.c - any text as a cdef, as another one after that, and as the name of a type.
 *
 * What was declared once may be declared again with SB_PARSE_OVERRIDE, unless a record or an enum
 * is defined in it. The first bits of the text's length choose packing.
 */
#include "tables.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The types of every function are planned, which must end in a plan or an error. */
static void plan_all(const sb_description *d)
{
    enum { MOST = 50 };
    unsigned planned = 0;
    for (sb_type_id id = 1; id < d->type_count && planned < MOST; id++) {
        sb_call *call;
        sb_error error;
        if (d->types[id].kind != SB_FUNCTION)
            continue;
        planned++;
        if (sb_call_plan(d, id, NULL, 0, 0, &call, &error) == SB_OK)
            sb_call_free(call);
        else
            require(error.message[0] != '\0');
    }
}

static void check_type_name(sb_description *d, const char *text, size_t length)
{
    sb_type_id id;
    sb_error error;
    char spelling[256];
    if (sb_description_type(d, text, length, &id, &error) != SB_OK) {
        require(error.message[0] != '\0');
        return;
    }
    require(id > 0 && id < d->type_count);
    (void)sb_type_spell(d, id, 0, "x", spelling, sizeof spelling);
    check_tables(d);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    size_t tail = size < 40 ? size : 40;
    sb_description *d, *again;
    sb_error error;
    sb_parse_options options = {.flags = SB_PARSE_CDEF | (size % 2 != 0 ? SB_PARSE_PACKED : 0),
                                .pack = size % 8 == 4 ? 2 : 0};
    if (sb_description_parse_with(text, size, &options, &d, &error) != SB_OK) {
        require(error.message[0] != '\0' && strlen(error.excerpt) >= error.caret);
        if (sb_description_parse_with("struct s { int a; }; typedef int t;", 35, &options, &d,
                                      &error) != SB_OK)
            abort();
        check_type_name(d, text, size);
        sb_description_release(d);
        return 0;
    }
    check_tables(d);
    plan_all(d);
    options.base = d;
    if (sb_description_parse_with(text, size, &options, &again, &error) == SB_OK) {
        check_tables(again);
        sb_description_release(again);
    }
    options.flags |= SB_PARSE_OVERRIDE;
    if (sb_description_parse_with(text, size, &options, &again, &error) == SB_OK) {
        check_tables(again);
        check_type_name(again, text + size - tail, tail);
        sb_description_release(again);
    }
    check_type_name(d, text + size - tail, tail);
    sb_description_release(d);
    return 0;
}
