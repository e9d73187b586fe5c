/* description.c - descriptions from their text to their last reference. */
#include "parse.h"

#include <stdatomic.h>
#include <string.h>

/* A description and the builder that holds its tables. The public part is the first member, so a
 * pointer to one is a pointer to the other. */
struct described {
    sb_description description;
    struct builder builder;
    atomic_uint references;
    unsigned flags; /* sb_parse_flag: SB_PARSE_CDEF, or 0 */
};

static sb_status no_memory(sb_error *error)
{
    memset(error, 0, sizeof *error);
    error->status = SB_ERROR_MEMORY;
    memcpy(error->message, "out of memory", sizeof "out of memory");
    return SB_ERROR_MEMORY;
}

static sb_status check_source(struct builder *b, const sb_parse_options *options)
{
    if ((options->pack & (options->pack - 1)) != 0) {
        b->source = NULL;
        return builder_error(b, SB_ERROR_MEANING, 0, 0,
                             "'pack' must be a power of two, not %u", options->pack);
    }
    if (b->source_length > SB_MAX_SOURCE) {
        b->source = NULL; /* nothing to show */
        return builder_error(b, SB_ERROR_LIMIT, 0, 0,
                             "the description has %zu bytes; at most %u are read", b->source_length,
                             SB_MAX_SOURCE);
    }
    return SB_OK;
}

/* Lines become those that markers say, in all rows that are new. */
static void count_lines_anew(struct builder *b)
{
    const sb_description none = {.strings = NULL};
    const sb_description *base = b->base != NULL ? b->base : &none;
    if (b->marker_count == 0)
        return;
    for (uint32_t i = base->declaration_count; i < b->declaration_count; i++)
        b->declarations[i].line = builder_logical_line(b, b->declarations[i].line);
    for (uint32_t i = base->field_count; i < b->field_count; i++)
        b->fields[i].value.line = builder_logical_line(b, b->fields[i].value.line);
    for (uint32_t i = base->param_count; i < b->param_count; i++)
        b->params[i].line = builder_logical_line(b, b->params[i].line);
    for (uint32_t i = base->enumerator_count; i < b->enumerator_count; i++)
        b->enumerators[i].line = builder_logical_line(b, b->enumerators[i].line);
    for (uint32_t i = base->attribute_count; i < b->attribute_count; i++)
        b->attributes[i].line = builder_logical_line(b, b->attributes[i].line);
}

static sb_status parse(struct builder *b, const sb_parse_options *options)
{
    struct parser p;
    if (parser_init(&p, b, options) == SB_OK && types_init(b) == SB_OK &&
        parse_file(&p) == SB_OK && (options->flags & SB_PARSE_CDEF) == 0)
        (void)sb_bind(b);
    parser_clear(&p);
    if (b->status == SB_OK)
        count_lines_anew(b);
    return b->status;
}

sb_status sb_description_parse(const char *text, size_t length, const char *file,
                               const sb_description *base, sb_description **out, sb_error *error)
{
    const sb_parse_options options = {.file = file, .base = base};
    return sb_description_parse_with(text, length, &options, out, error);
}

sb_status sb_description_parse_with(const char *text, size_t length,
                                    const sb_parse_options *options, sb_description **out,
                                    sb_error *error)
{
    const char *file = options->file;
    *out = NULL;
    memset(error, 0, sizeof *error);
    struct described *made = memory_resize(NULL, sizeof *made);
    if (made == NULL)
        return no_memory(error);
    memset(made, 0, sizeof *made);
    atomic_init(&made->references, 1);
    made->flags = options->flags & SB_PARSE_CDEF;
    struct builder *b = &made->builder;
    if (builder_init(b, options->base, error) == SB_OK) {
        b->source = text;
        b->source_length = length;
        b->file = file == NULL ? 0 : builder_intern(b, file, strlen(file));
        if (b->status == SB_OK && check_source(b, options) == SB_OK)
            (void)parse(b, options);
    }
    sb_status status = b->status;
    b->source = NULL;
    b->base = NULL;
    b->error = NULL;
    if (status != SB_OK) {
        builder_clear(b);
        memory_free(made);
        return status;
    }
    builder_forget_names(b);
    builder_publish(b, &made->description);
    *out = &made->description;
    return SB_OK;
}

sb_description *sb_description_retain(sb_description *description)
{
    struct described *made = (struct described *)(void *)description;
    atomic_fetch_add_explicit(&made->references, 1, memory_order_relaxed);
    return description;
}

void sb_description_release(sb_description *description)
{
    struct described *made = (struct described *)(void *)description;
    if (made == NULL)
        return;
    if (atomic_fetch_sub_explicit(&made->references, 1, memory_order_acq_rel) > 1)
        return;
    builder_clear(&made->builder);
    memory_free(made);
}

sb_status sb_description_type(sb_description *description, const char *text, size_t length,
                              sb_type_id *out, sb_error *error)
{
    struct described *made = (struct described *)(void *)description;
    struct builder *b = &made->builder;
    struct parser p = {.b = b};
    const sb_parse_options options = {.flags = made->flags};
    unsigned quals;
    memset(error, 0, sizeof *error);
    *out = 0;
    b->error = error;
    b->status = SB_OK;
    b->source = text;
    b->source_length = length;
    if (check_source(b, &options) == SB_OK && builder_recall_names(b) == SB_OK &&
        parser_init(&p, b, &options) == SB_OK && types_init(b) == SB_OK && advance(&p) == SB_OK &&
        parse_lone_type(&p, out, &quals) == SB_OK && !at(&p, TOKEN_END))
        (void)expected(&p, "the end of the type");
    parser_clear(&p);
    if (b->status != SB_OK)
        builder_forget_names(b); /* they may be incomplete */
    b->source = NULL;
    b->error = NULL;
    builder_publish(b, description);
    return b->status;
}

const sb_member *sb_scope_find(const sb_description *d, uint32_t scope, const char *name)
{
    const sb_scope *in = &d->scopes[scope];
    uint32_t low = in->first_member, high = low + in->member_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        int order = strcmp(sb_string(d, d->members[middle].name), name);
        if (order == 0)
            return &d->members[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

const sb_attribute *sb_attribute_find(const sb_description *d, uint32_t first, uint32_t count,
                                      sb_attribute_id id)
{
    for (uint32_t i = first; i < first + count; i++)
        if (d->attributes[i].id == (uint8_t)id)
            return &d->attributes[i];
    return NULL;
}
