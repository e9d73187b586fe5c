/* fuzz_description.c - any text through the parser, the layout and the binding pass.
 *
 * A text that is accepted must have made tables that hold together, must be usable as the base of
 * another, and its types must have a spelling.
 */
#include "symbridge.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int condition)
{
    if (!condition)
        abort();
}

static void check_record(const sb_description *d, const sb_type *type)
{
    for (uint32_t i = 0; i < type->count; i++) {
        const sb_field *field = &d->fields[type->first + i];
        const sb_type *of = &d->types[field->value.type];
        uint64_t end = field->bit_width != 0
                           ? field->offset + (field->bit_offset + field->bit_width + 7u) / 8
                           : field->offset + of->size;
        require(field->value.type < d->type_count);
        require(end <= type->size);
        require(type->kind == SB_STRUCT || field->offset == 0);
    }
}

static void check_tables(const sb_description *d)
{
    char text[64];
    for (uint32_t i = 1; i < d->type_count; i++) {
        const sb_type *type = &d->types[i];
        size_t length = sb_type_spell(d, i, 0, "x", text, sizeof text);
        require(strlen(text) == (length < sizeof text ? length : sizeof text - 1));
        require(type->target < d->type_count && type->depth <= SB_MAX_NESTING);
        if ((type->flags & SB_TYPE_COMPLETE) != 0 &&
            (type->kind == SB_STRUCT || type->kind == SB_UNION))
            check_record(d, type);
        if (type->kind == SB_FUNCTION)
            require(type->first + (uint64_t)type->count <= d->param_count);
    }
    for (uint32_t i = 0; i < d->declaration_count; i++) {
        const sb_declaration *declaration = &d->declarations[i];
        require(declaration->type < d->type_count && declaration->name < d->strings_size);
        require(declaration->first_attribute + declaration->attribute_count <= d->attribute_count);
        if (declaration->kind == SB_DECL_FUNCTION)
            require(declaration->first_param + d->types[declaration->type].count <= d->param_count);
    }
}

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
