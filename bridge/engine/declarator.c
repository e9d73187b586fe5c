/* declarator.c - pointers, arrays, functions and parameters around a declared name. */
#include "parse.h"

#include <string.h>

sb_value plain_value(void)
{
    return (sb_value){.length = -1, .written = -1, .partner = -1, .free_function = SB_NONE};
}

/* ---- names of fields and parameters --------------------------------------------------------- */

static sb_status stamp_name(struct parser *p, const sb_value *value, const char *what)
{
    struct builder *b = p->b;
    uint32_t name = (uint32_t)(builder_find_text(b, value->name) - b->names);
    if (p->stamp_capacity <= name) {
        uint32_t capacity = b->name_capacity;
        uint32_t *moved = memory_resize(p->stamps, capacity * sizeof *moved);
        if (moved == NULL)
            return builder_no_memory(b);
        memset(moved + p->stamp_capacity, 0, (capacity - p->stamp_capacity) * sizeof *moved);
        p->stamps = moved;
        p->stamp_capacity = capacity;
    }
    if (p->stamps[name] == p->stamp)
        return builder_error(b, SB_ERROR_MEANING, value->line, value->column,
                             "there is a %s '%.60s' already; names must differ", what,
                             builder_string(b, value->name));
    p->stamps[name] = p->stamp;
    return SB_OK;
}

static sb_status stamp_values(struct parser *p, const sb_value *values, size_t stride,
                              uint32_t count, const char *what)
{
    const struct builder *b = p->b;
    for (uint32_t i = 0; i < count; i++) {
        const sb_value *value = (const sb_value *)(const void *)((const char *)values + i * stride);
        if (value->name != 0) {
            if (stamp_name(p, value, what) != SB_OK)
                return b->status;
            continue;
        }
        if (stride == sizeof(sb_value))
            continue; /* unnamed parameters have no inside to look at */
        const sb_type *type = &b->types[value->type];
        if (type_is_record(type) && type->count > 0 &&
            stamp_values(p, &b->fields[type->first].value, sizeof(sb_field), type->count, what) !=
                SB_OK)
            return b->status;
    }
    return SB_OK;
}

sb_status check_names(struct parser *p, const sb_value *values, size_t stride, uint32_t count,
                      const char *what)
{
    p->stamp++;
    return stamp_values(p, values, stride, count, what);
}

/* ---- parameters ----------------------------------------------------------------------------- */

static bool starts_parameters(const struct parser *p)
{
    return at(p, TOKEN_RIGHT_PAREN) || at(p, TOKEN_ELLIPSIS) || at(p, TOKEN_LEFT_ATTRIBUTE) ||
           starts_type(p);
}

/* One parameter, pushed on p->params. *is_void: it was "void" alone. */
static sb_status parse_parameter(struct parser *p, bool *is_void)
{
    uint32_t attributes = p->attribute_count, params = p->param_count;
    struct specifiers specifiers;
    struct declarator declarator;
    struct gnu gnu = {.packed = false};
    if (parse_attributes(p, &gnu) != SB_OK ||
        parse_specifiers(p, STORE_REGISTER, &specifiers) != SB_OK ||
        parse_declarator(p, DECLARATOR_EITHER, &specifiers, &declarator) != SB_OK)
        return p->b->status;
    p->param_count = params;
    sb_value value = plain_value();
    value.type = declarator.type;
    const sb_type *type = &p->b->types[value.type];
    if ((type->flags & SB_TYPE_TRANSPARENT) != 0) /* the first member is what travels */
        value.type = p->b->fields[type->first].value.type;
    value.quals = (uint8_t)declarator.quals;
    value.line = declarator.line;
    value.column = declarator.column;
    if (declarator.name.kind == TOKEN_NAME)
        value.name = token_text(p, &declarator.name);
    if (p->b->types[value.type].kind == SB_VOID) {
        *is_void = value.name == 0 && p->attribute_count == attributes;
        if (!*is_void && !is_cdef(p)) /* in a cdef, calling such a function is what fails */
            return builder_error(p->b, SB_ERROR_MEANING, value.line, value.column,
                                 "a parameter cannot have type 'void'; write 'void *'");
    }
    if (commit_attributes(p, attributes, &value.first_attribute, &value.attribute_count) == SB_OK)
        (void)parser_push_param(p, &value);
    return p->b->status;
}

/* The parameters of a function, from behind its "(" to behind its ")". */
static sb_status parse_parameters(struct parser *p, struct derivation *out)
{
    out->kind = SB_FUNCTION;
    out->first_param = p->param_count;
    bool type_only = p->type_only;
    p->type_only = true;
    if (at(p, TOKEN_RIGHT_PAREN)) {
        out->flags = SB_TYPE_NO_PROTO;
        p->type_only = type_only;
        return advance(p);
    }
    for (;;) {
        if (at(p, TOKEN_ELLIPSIS)) {
            if (is_cdef(p) && p->param_count == out->first_param)
                return builder_error(p->b, SB_ERROR_SYNTAX, current(p)->line, current(p)->column,
                                     "a function with only '(...)' as argument is not correct C");
            out->flags |= SB_TYPE_VARIADIC;
            if (advance(p) != SB_OK)
                return p->b->status;
            break;
        }
        if (p->param_count - out->first_param == SB_MAX_PARAMETERS)
            return builder_error(p->b, SB_ERROR_LIMIT, current(p)->line, current(p)->column,
                                 "a function has at most %d parameters", SB_MAX_PARAMETERS);
        const struct token first = *current(p);
        bool is_void = false;
        if (parse_parameter(p, &is_void) != SB_OK)
            return p->b->status;
        if (is_void) {
            if (p->param_count - out->first_param != 1 || !at(p, TOKEN_RIGHT_PAREN))
                return builder_error(p->b, SB_ERROR_MEANING, first.line, first.column,
                                     "'void' stands alone when a function has no parameters; a "
                                     "parameter cannot have that type");
            p->param_count--;
            break;
        }
        if (!at(p, TOKEN_COMMA))
            break;
        if (advance(p) != SB_OK)
            return p->b->status;
    }
    p->type_only = type_only;
    out->param_count = p->param_count - out->first_param;
    if (!at(p, TOKEN_RIGHT_PAREN))
        return expected(p, out->flags == SB_TYPE_VARIADIC ? "')' after '...'"
                                                          : "',' or ')' after a parameter");
    if (check_names(p, p->params + out->first_param, sizeof(sb_value), out->param_count,
                    "parameter") != SB_OK)
        return p->b->status;
    return advance(p);
}

/* ---- arrays --------------------------------------------------------------------------------- */

static unsigned qualifier(const struct parser *p)
{
    return at_key(p, KEY_CONST)      ? SB_CONST
           : at_key(p, KEY_VOLATILE) ? SB_VOLATILE
           : at_key(p, KEY_RESTRICT) ? SB_RESTRICT
                                     : 0;
}

/* Also _Atomic, which changes nothing about pointers. */
static bool at_qualifier(const struct parser *p)
{
    return qualifier(p) != 0 || at_key(p, KEY_ATOMIC);
}

/* The length of a parameter's array may speak of other parameters; it says nothing to the type. */
static sb_status skip_length(struct parser *p)
{
    const struct token open = *current(p);
    uint32_t depth = 1;
    for (;;) {
        if (at(p, TOKEN_END) || at(p, TOKEN_SEMICOLON) || at(p, TOKEN_DEFINE))
            return builder_error(p->b, SB_ERROR_SYNTAX, open.line, open.column,
                                 "the length of this array does not end; expected ']'");
        depth += at(p, TOKEN_LEFT_BRACKET);
        depth -= at(p, TOKEN_RIGHT_BRACKET);
        if (depth == 0)
            return SB_OK;
        if (advance(p) != SB_OK)
            return p->b->status;
    }
}

static bool is_constant(struct parser *p)
{
    struct value value;
    return !at_name(p) || value_of_name(p, current(p)->name, &value);
}

/* "[...]", with the current token "[". */
static sb_status parse_array(struct parser *p, bool is_parameter, struct derivation *out)
{
    out->kind = SB_ARRAY;
    if (advance(p) != SB_OK)
        return p->b->status;
    while (at_key(p, KEY_STATIC) || at_qualifier(p)) {
        out->adjusted = true;
        out->quals |= (uint8_t)qualifier(p);
        if (!is_parameter)
            return builder_error(p->b, SB_ERROR_SYNTAX, current(p)->line, current(p)->column,
                                 "only the outermost array of a parameter can say '%s'",
                                 token_name(p, current(p)));
        if (advance(p) != SB_OK)
            return p->b->status;
    }
    if (at(p, TOKEN_RIGHT_BRACKET))
        return advance(p);
    if (at(p, TOKEN_ELLIPSIS) && is_cdef(p) && !p->type_only) {
        out->partial = true;
        if (advance(p) != SB_OK)
            return p->b->status;
        return expect(p, TOKEN_RIGHT_BRACKET, "after '...'");
    }
    if (at(p, TOKEN_STAR) && is_parameter) {
        const struct token *next = look_ahead(p);
        if (next == NULL)
            return p->b->status;
        if (next->kind == TOKEN_RIGHT_BRACKET && advance(p) == SB_OK)
            return advance(p);
    }
    if (is_parameter && !is_constant(p)) {
        if (skip_length(p) != SB_OK)
            return p->b->status;
        return advance(p);
    }
    const struct token place = *current(p);
    struct value length;
    if (parse_integer(p, "the length of an array", &length) != SB_OK)
        return p->b->status;
    if (value_is_negative(&length))
        return builder_error(p->b, SB_ERROR_MEANING, place.line, place.column,
                             "the length of an array cannot be negative");
    out->known = true;
    out->length = length.bits;
    return expect(p, TOKEN_RIGHT_BRACKET, "after the length of the array");
}

/* ---- declarators ---------------------------------------------------------------------------- */

static sb_status push_derivation(struct parser *p, uint32_t base, const struct derivation *from)
{
    if (p->derivation_count - base >= SB_MAX_NESTING)
        return builder_error(p->b, SB_ERROR_LIMIT, from->line, from->column,
                             "more than %d pointers, arrays and functions in one declarator",
                             SB_MAX_NESTING);
    (void)parser_push_derivation(p, from);
    return p->b->status;
}

/* The "[3]" and "(int)" behind a name or ")". */
static sb_status parse_suffixes(struct parser *p, enum declarator_mode mode, uint32_t base,
                                struct declarator *out)
{
    for (;;) {
        struct derivation step = {.line = current(p)->line, .column = current(p)->column};
        sb_status status;
        if (at(p, TOKEN_LEFT_BRACKET))
            status =
                parse_array(p, mode == DECLARATOR_EITHER && p->derivation_count == base, &step);
        else if (at(p, TOKEN_LEFT_PAREN)) {
            if (advance(p) != SB_OK)
                return p->b->status;
            status = parse_parameters(p, &step);
        } else if (at(p, TOKEN_LEFT_ATTRIBUTE)) {
            if (parse_attributes(p, &out->gnu) != SB_OK)
                return p->b->status;
            continue;
        } else
            return SB_OK;
        if (status != SB_OK || push_derivation(p, base, &step) != SB_OK)
            return p->b->status;
    }
}

static sb_status parse_inner(struct parser *p, enum declarator_mode mode, uint32_t base,
                             struct declarator *out)
{
    struct {
        uint32_t line, column;
        uint8_t quals;
    } stars[SB_MAX_NESTING];
    unsigned count = 0;
    if (enter_nesting(p) != SB_OK || parse_attributes(p, &out->gnu) != SB_OK)
        return p->b->status;
    while (at(p, TOKEN_STAR)) {
        if (count == SB_MAX_NESTING)
            return builder_error(p->b, SB_ERROR_LIMIT, current(p)->line, current(p)->column,
                                 "more than %d pointers in one declarator", SB_MAX_NESTING);
        stars[count].line = current(p)->line;
        stars[count].column = current(p)->column;
        stars[count].quals = 0;
        if (advance(p) != SB_OK || parse_attributes(p, &out->gnu) != SB_OK)
            return p->b->status;
        while (at_qualifier(p)) {
            stars[count].quals |= (uint8_t)qualifier(p);
            if (advance(p) != SB_OK || parse_attributes(p, &out->gnu) != SB_OK)
                return p->b->status;
        }
        count++;
    }
    out->line = current(p)->line;
    out->column = current(p)->column;
    bool named = mode != DECLARATOR_ABSTRACT;
    if (named && at_name(p)) {
        out->name = *current(p);
        if (advance(p) != SB_OK)
            return p->b->status;
    } else if (at(p, TOKEN_LEFT_PAREN)) {
        struct derivation step = {.line = current(p)->line, .column = current(p)->column};
        if (advance(p) != SB_OK)
            return p->b->status;
        if (mode != DECLARATOR_NAMED && starts_parameters(p)) {
            if (parse_parameters(p, &step) != SB_OK || push_derivation(p, base, &step) != SB_OK)
                return p->b->status;
        } else {
            if (parse_inner(p, mode, base, out) != SB_OK)
                return p->b->status;
            if (expect(p, TOKEN_RIGHT_PAREN, "in the declarator") != SB_OK)
                return p->b->status;
        }
    } else if (mode == DECLARATOR_NAMED)
        return expected(p, at(p, TOKEN_NAME) ? "a name that is no keyword" : "a name");
    if (parse_suffixes(p, mode, base, out) != SB_OK)
        return p->b->status;
    while (count-- > 0) {
        struct derivation step = {.kind = SB_POINTER,
                                  .quals = stars[count].quals,
                                  .line = stars[count].line,
                                  .column = stars[count].column};
        if (push_derivation(p, base, &step) != SB_OK)
            return p->b->status;
    }
    p->depth--;
    return SB_OK;
}

/* The type of a declared function, without the attributes of its parameters, which are the
 * declaration's: so equal functions have equal types. */
static sb_type_id bare_function(struct parser *p, sb_type_id result, const struct derivation *step)
{
    const sb_value *params = p->params + step->first_param;
    sb_value bare[SB_MAX_PARAMETERS];
    bool any = false;
    for (uint32_t i = 0; i < step->param_count; i++)
        any = any || params[i].attribute_count != 0;
    for (uint32_t i = 0; any && i < step->param_count; i++) {
        bare[i] = params[i];
        bare[i].attribute_count = 0;
        bare[i].first_attribute = 0;
    }
    return type_function(p->b, result, any ? bare : params, step->param_count, step->flags,
                         step->line, step->column);
}

/* Builds the type from the specifiers' outward-in: the last derivation is nearest to them. */
static sb_status apply_derivations(struct parser *p, enum declarator_mode mode, uint32_t base,
                                   const struct specifiers *specifiers, struct declarator *out)
{
    sb_type_id type = specifiers->type;
    unsigned quals = specifiers->quals;
    for (uint32_t i = p->derivation_count; i-- > base;) {
        const struct derivation *step = &p->derivations[i];
        bool decays = mode == DECLARATOR_EITHER && i == base && step->kind == SB_ARRAY;
        bool declared =
            mode == DECLARATOR_NAMED && i == base && (specifiers->storage & STORE_TYPEDEF) == 0;
        if (step->kind == SB_FUNCTION) {
            type = declared
                       ? bare_function(p, type, step)
                       : type_function(p->b, type, p->params + step->first_param, step->param_count,
                                       step->flags, step->line, step->column);
            quals = 0;
        } else if (step->kind == SB_POINTER || decays) {
            if (decays && !is_cdef(p) &&
                type_array(p->b, type, quals, ARRAY_OPEN, 0, step->line, step->column) == SB_NONE)
                return p->b->status;
            type = type_pointer(p->b, type, quals, step->line, step->column);
            quals = step->quals;
        } else {
            type = type_array(p->b, type, quals,
                              step->known     ? ARRAY_KNOWN
                              : step->partial ? ARRAY_PARTIAL
                                              : ARRAY_OPEN,
                              step->length, step->line, step->column);
            quals = 0;
        }
        if (type == SB_NONE)
            return p->b->status;
    }
    if (mode == DECLARATOR_EITHER) {
        const sb_type *made = &p->b->types[type];
        if (made->kind == SB_ARRAY)
            type = type_pointer(p->b, made->target, made->target_quals, out->line, out->column);
        else if (made->kind == SB_FUNCTION)
            type = type_pointer(p->b, type, 0, out->line, out->column);
        if (type == SB_NONE)
            return p->b->status;
    }
    out->type = type;
    out->quals = quals;
    return SB_OK;
}

sb_status parse_declarator(struct parser *p, enum declarator_mode mode,
                           const struct specifiers *specifiers, struct declarator *out)
{
    uint32_t base = p->derivation_count;
    *out = (struct declarator){.line = 0};
    out->name.kind = TOKEN_END;
    if (parse_inner(p, mode, base, out) != SB_OK || parse_attributes(p, &out->gnu) != SB_OK ||
        apply_derivations(p, mode, base, specifiers, out) != SB_OK ||
        apply_gnu(p, &out->gnu, &out->type, out->line, out->column) != SB_OK)
        return p->b->status;
    if (p->derivation_count > base && p->derivations[base].kind == SB_FUNCTION) {
        out->is_function = true;
        out->first_param = p->derivations[base].first_param;
        out->param_count = p->derivations[base].param_count;
    }
    p->derivation_count = base;
    return SB_OK;
}

static sb_status finish_type(struct parser *p, enum declarator_mode mode,
                             const struct specifiers *specifiers, sb_type_id *type, unsigned *quals)
{
    struct declarator declarator;
    bool type_only = p->type_only;
    p->type_only = true;
    if (parse_declarator(p, mode, specifiers, &declarator) != SB_OK)
        return p->b->status;
    p->type_only = type_only;
    *type = declarator.type;
    *quals = declarator.quals;
    return SB_OK;
}

static sb_status no_attributes(struct parser *p, uint32_t since)
{
    if (p->attribute_count <= since)
        return SB_OK;
    return builder_error(p->b, SB_ERROR_MEANING, p->attributes[since].line,
                         p->attributes[since].column, "attributes have no place in a type name");
}

sb_status parse_type_name(struct parser *p, sb_type_id *type, unsigned *quals)
{
    struct specifiers specifiers;
    uint32_t attributes = p->attribute_count, params = p->param_count;
    bool type_only = p->type_only;
    p->type_only = true;
    if (parse_specifiers(p, 0, &specifiers) != SB_OK ||
        finish_type(p, DECLARATOR_ABSTRACT, &specifiers, type, quals) != SB_OK)
        return p->b->status;
    p->type_only = type_only;
    p->param_count = params;
    return no_attributes(p, attributes);
}

sb_status parse_lone_type(struct parser *p, sb_type_id *type, unsigned *quals)
{
    struct specifiers specifiers;
    uint32_t attributes = p->attribute_count, params = p->param_count;
    if (parse_specifiers(p, STORE_REGISTER, &specifiers) != SB_OK)
        return p->b->status;
    if (specifiers.storage != 0)
        return builder_error(p->b, SB_ERROR_SYNTAX, specifiers.line, specifiers.column,
                             "'register' has no place in a type name");
    if (finish_type(p, DECLARATOR_OPTIONAL, &specifiers, type, quals) != SB_OK)
        return p->b->status;
    p->param_count = params;
    return no_attributes(p, attributes);
}
