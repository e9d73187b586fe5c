/* tables.h - what holds of the tables of every description that was accepted. */
#ifndef SB_FUZZ_TABLES_H
#define SB_FUZZ_TABLES_H

#include "symbridge.h"

#include <stdlib.h>
#include <string.h>

static inline void require(int condition)
{
    if (!condition)
        abort();
}

static inline void check_record(const sb_description *d, const sb_type *type)
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

static inline void check_tables(const sb_description *d)
{
    char text[64];
    for (uint32_t i = 1; i < d->type_count; i++) {
        const sb_type *type = &d->types[i];
        size_t length = sb_type_spell(d, i, 0, "x", text, sizeof text);
        require(strlen(text) == (length < sizeof text ? length : sizeof text - 1));
        require(type->target < d->type_count && type->depth <= SB_MAX_NESTING);
        require((type->flags & SB_TYPE_COMPLETE) != 0 || type->size == 0);
        require(type->align != 0 || (type->flags & SB_TYPE_COMPLETE) == 0);
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

#endif
