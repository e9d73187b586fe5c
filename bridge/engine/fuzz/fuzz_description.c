/* fuzz_description.c - any text through the parser, the layout and the binding pass.
 *
 * A text that is accepted must have made tables that hold together, must be usable as the base of
 * another, and its types must have a spelling.
 */
#include "tables.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char more[] = "struct fuzz_more { int a; }; int fuzz_more(struct fuzz_more *);";
    static const char type[] = "const int *(*)[sizeof(long)]";
    sb_description *d, *derived;
    sb_error error;
    sb_type_id id;
    sb_status status = sb_description_parse((const char *)data, size, "fuzz", NULL, &d, &error);
    if (status != SB_OK) {
        require(error.status == status && error.message[0] != '\0');
        require(memchr(error.message, '\0', sizeof error.message) != NULL);
        require(strlen(error.excerpt) >= error.caret);
        return 0;
    }
    check_tables(d);
    if (sb_description_parse(more, sizeof more - 1, NULL, d, &derived, &error) == SB_OK) {
        check_tables(derived);
        sb_description_release(derived);
    }
    require(sb_description_type(d, type, sizeof type - 1, &id, &error) == SB_OK);
    require(d->types[id].kind == SB_POINTER);
    sb_description_release(d);
    return 0;
}
