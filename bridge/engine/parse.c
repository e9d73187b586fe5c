/* parse.c - the declarations of a file. */
#include "parse.h"

#include <stdio.h>
#include <string.h>

/* ---- the parser's state --------------------------------------------------------------------- */

#define X(plural, row, singular)                                                               \
    bool parser_push_##singular(struct parser *p, const row *from)                             \
    {                                                                                          \
        row copy = *from; /* may be a row of the stack that moves */                           \
        if (p->singular##_count == p->singular##_capacity) {                                   \
            uint32_t capacity = p->singular##_capacity == 0 ? 32 : p->singular##_capacity * 2; \
            row *moved = memory_resize(p->plural, capacity * sizeof *moved);                   \
            if (moved == NULL) {                                                               \
                builder_no_memory(p->b);                                                       \
                return false;                                                                  \
            }                                                                                  \
            p->plural = moved;                                                                 \
            p->singular##_capacity = capacity;                                                 \
        }                                                                                      \
        p->plural[p->singular##_count++] = copy;                                               \
        return true;                                                                           \
    }
PARSER_STACKS(X)
#undef X

sb_status parser_init(struct parser *p, struct builder *b, const sb_parse_options *options)
{
    *p = (struct parser){.b = b, .flags = options->flags};
    /* The stacks exist from the start, so that an empty list of rows has an address too. */
#define X(plural, row, singular)               \
    if (!parser_push_##singular(p, &(row){0})) \
        return b->status;                      \
    p->singular##_count = 0;
    PARSER_STACKS(X)
#undef X
    if (lexer_init(&p->lex, b) == SB_OK)
        p->lex.pack = options->pack;
    return b->status;
}

void parser_clear(struct parser *p)
{
#define X(plural, row, singular) memory_free(p->plural);
    PARSER_STACKS(X)
#undef X
    memory_free(p->stamps);
    lexer_clear(&p->lex);
}

sb_status advance(struct parser *p)
{
    if (p->has_ahead) {
        p->has_ahead = false;
        p->lex.token = p->ahead;
        return SB_OK;
    }
    return lexer_next(&p->lex);
}

const struct token *look_ahead(struct parser *p)
{
    if (!p->has_ahead) {
        const struct token now = p->lex.token;
        if (lexer_next(&p->lex) != SB_OK)
            return NULL;
        p->ahead = p->lex.token;
        p->lex.token = now;
        p->has_ahead = true;
    }
    return &p->ahead;
}

sb_status enter_nesting(struct parser *p)
{
    if (p->depth == SB_MAX_NESTING)
        return builder_error(p->b, SB_ERROR_LIMIT, current(p)->line, current(p)->column,
                             "nested more than %d deep", SB_MAX_NESTING);
    p->depth++;
    return SB_OK;
}

sb_status expected(struct parser *p, const char *what)
{
    char found[64];
    return builder_error(p->b, SB_ERROR_SYNTAX, current(p)->line, current(p)->column,
                         "expected %s, found %s", what, lexer_found(&p->lex, found));
}

sb_status expect(struct parser *p, enum token_kind kind, const char *context)
{
    char what[120];
    if (at(p, kind))
        return advance(p);
    snprintf(what, sizeof what, "%s %s", token_spelling(kind), context);
    return expected(p, what);
}

const char *suggestion(const struct parser *p, const char *name, char buffer[80],
                       bool (*wanted)(const struct builder *b, const struct name *name))
{
    const struct builder *b = p->b;
    size_t length = strlen(name);
    unsigned limit = length < 4 ? 1 : 2;
    const struct name *best = NULL;
    for (uint32_t i = 0; i < b->name_count && limit > 0; i++) {
        const struct name *other = &b->names[i];
        if (!wanted(b, other))
            continue;
        unsigned distance =
            edit_distance(name, length, builder_string(b, other->text), other->length, limit);
        if (distance > 0 && distance <= limit) {
            best = other;
            limit = distance - 1;
        }
    }
    buffer[0] = '\0';
    if (best != NULL)
        snprintf(buffer, 80, " did you mean '%.50s'?", builder_string(b, best->text));
    return buffer;
}

/* Gives a declaration the text of a comment, when it has none yet. */
static sb_status take_doc(struct parser *p, uint32_t declaration, struct span comment)
{
    if (p->b->declarations[declaration].doc != 0)
        return SB_OK;
    sb_text doc = lexer_doc(&p->lex, comment);
    if (doc != SB_NONE)
        p->b->declarations[declaration].doc = doc;
    return p->b->status;
}

/* ---- names that are declared ---------------------------------------------------------------- */

static const char *kind_name(unsigned kind)
{
    switch (kind) {
    case SB_DECL_FUNCTION:
        return "function";
    case SB_DECL_VARIABLE:
        return "variable";
    case SB_DECL_TYPEDEF:
        return "typedef";
    default:
        return "constant";
    }
}

/* Adds a declaration and enters its name; its index, or SB_NONE. */
static uint32_t declare(struct parser *p, const sb_declaration *declaration, uint32_t name)
{
    struct builder *b = p->b;
    if (b->declaration_count >= SB_MAX_DECLARATIONS) {
        builder_error(b, SB_ERROR_LIMIT, declaration->line, declaration->column,
                      "more than %d declarations", SB_MAX_DECLARATIONS);
        return SB_NONE;
    }
    uint32_t index = builder_add_declaration(b, declaration);
    if (index != SB_NONE && name != SB_NONE) {
        b->names[name].kind = NAME_DECLARED;
        b->names[name].index = index;
        b->names[name].type = declaration->type;
    }
    return index;
}

static bool same_constant(const struct builder *b, const sb_constant *one, const sb_constant *other)
{
    if (one->kind != other->kind)
        return false;
    if (one->kind == SB_CONST_STRING)
        return one->length == other->length &&
               memcmp(b->strings + one->as.s, b->strings + other->as.s, one->length) == 0;
    return one->kind == SB_CONST_NULL || one->as.u == other->as.u;
}

static bool same_as_enumerator(const struct builder *b, const sb_declaration *fresh,
                               const struct name *known)
{
    return fresh->kind == SB_DECL_CONSTANT &&
           (fresh->constant.kind == SB_CONST_INT || fresh->constant.kind == SB_CONST_UINT) &&
           fresh->constant.as.i == b->enumerators[known->index].value;
}

sb_status find_earlier(struct parser *p, const sb_declaration *fresh, uint32_t name,
                       uint32_t *found)
{
    struct builder *b = p->b;
    const struct name *known = &b->names[name];
    const char *spelling = builder_string(b, known->text);
    *found = SB_NONE;
    if (known->kind == NAME_ENUMERATOR && is_cdef(p))
        return same_as_enumerator(b, fresh, known)
                   ? SB_OK
                   : cdef_conflict(p, fresh->kind, known, fresh->line, fresh->column);
    if (known->kind == NAME_ENUMERATOR)
        return builder_error(b, SB_ERROR_MEANING, fresh->line, fresh->column,
                             "'%.60s' is an enumerator already, at line %u", spelling,
                             builder_enumerator_line(b, known->index));
    if (known->kind != NAME_DECLARED)
        return SB_OK;
    const sb_declaration *old = &b->declarations[known->index];
    uint32_t line = builder_declaration_line(b, known->index);
    char one[TYPE_SHOWN], other[TYPE_SHOWN];
    bool agree = old->kind == fresh->kind && types_agree(b, old->type, fresh->type) &&
                 (fresh->kind == SB_DECL_FUNCTION || old->quals == fresh->quals);
    if (is_cdef(p)) {
        if (old->kind == SB_DECL_CONSTANT && fresh->kind == SB_DECL_CONSTANT)
            agree = same_constant(b, &old->constant, &fresh->constant);
        if (!agree)
            return cdef_conflict(p, fresh->kind, known, fresh->line, fresh->column);
        *found = known->index;
        return SB_OK;
    }
    if (old->kind != fresh->kind)
        return builder_error(b, SB_ERROR_MEANING, fresh->line, fresh->column,
                             "'%.60s' is a %s already, at line %u", spelling, kind_name(old->kind),
                             line);
    if (fresh->kind == SB_DECL_CONSTANT) {
        if (!same_constant(b, &old->constant, &fresh->constant))
            return builder_error(b, SB_ERROR_MEANING, fresh->line, fresh->column,
                                 "'%.60s' has another value at line %u", spelling, line);
    } else if (!agree)
        return builder_error(b, SB_ERROR_MEANING, fresh->line, fresh->column,
                             "'%.60s' is declared as '%s' here but as '%s' at line %u", spelling,
                             type_shown(b, fresh->type, fresh->quals, NULL, one, sizeof one),
                             type_shown(b, old->type, old->quals, NULL, other, sizeof other), line);
    *found = known->index;
    return SB_OK;
}

/* A second declaration may not say more than the first: its attributes would be lost. */
static sb_status refuse_attributes(struct parser *p, uint32_t from, const struct token *name,
                                   uint32_t earlier)
{
    const struct builder *b = p->b;
    if (p->attribute_count == from)
        return SB_OK;
    return builder_error(p->b, SB_ERROR_MEANING, p->attributes[from].line,
                         p->attributes[from].column,
                         "'%.60s' is declared already, at line %u; its attributes belong there",
                         token_name(p, name), builder_declaration_line(b, earlier));
}

/* ---- assertions ----------------------------------------------------------------------------- */

sb_status parse_static_assert(struct parser *p)
{
    const struct token place = *current(p);
    struct value condition, message = {.kind = VALUE_NULL};
    if (advance(p) != SB_OK || expect(p, TOKEN_LEFT_PAREN, "after _Static_assert") != SB_OK ||
        parse_integer(p, "the condition of _Static_assert", &condition) != SB_OK)
        return p->b->status;
    if (at(p, TOKEN_COMMA)) {
        if (advance(p) != SB_OK)
            return p->b->status;
        if (!at(p, TOKEN_STRING))
            return expected(p, "the message of _Static_assert, a string");
        if (parse_string(p, &message) != SB_OK)
            return p->b->status;
    }
    if (condition.bits == 0 && message.kind == VALUE_STRING) {
        const char *text = value_bytes(p, &message);
        int length = message.string_length < 200 ? (int)message.string_length : 200;
        bool plain = text_is_utf8(text, message.string_length);
        return builder_error(p->b, SB_ERROR_MEANING, place.line, place.column,
                             "static assertion failed: %.*s", plain ? length : 0,
                             plain ? text : "");
    }
    if (condition.bits == 0)
        return builder_error(p->b, SB_ERROR_MEANING, place.line, place.column,
                             "static assertion failed");
    lexer_drop_strings(&p->lex);
    if (expect(p, TOKEN_RIGHT_PAREN, "after _Static_assert") != SB_OK)
        return p->b->status;
    return expect(p, TOKEN_SEMICOLON, "after _Static_assert(...)");
}

/* ---- what a declaration declares ------------------------------------------------------------ */

sb_status declare_new(struct parser *p, struct declaration *d, sb_declaration *declaration,
                      const struct token *name)
{
    uint8_t count;
    if (commit_shared(p, &d->shared, &declaration->first_attribute, &count) != SB_OK)
        return p->b->status;
    declaration->attribute_count = count;
    declaration->doc = d->doc;
    uint32_t index = declare(p, declaration, name->name);
    if (index != SB_NONE)
        d->last = index;
    return p->b->status;
}

/* The name is declared already: what this declaration says must not be lost. */
static sb_status declare_again(struct parser *p, struct declaration *d, const struct token *name,
                               uint32_t earlier)
{
    sb_declaration *old = &p->b->declarations[earlier];
    if (old->doc == 0)
        old->doc = d->doc;
    if (old->symbol == 0)
        old->symbol = d->symbol;
    d->last = earlier;
    return refuse_attributes(p, d->shared.from, name, earlier);
}

/* ---- constants ------------------------------------------------------------------------------ */

static sb_type_id type_of_constant(struct parser *p, const struct value *value)
{
    if (value->kind == VALUE_NULL)
        return type_pointer(p->b, TYPE_VOID, 0, current(p)->line, current(p)->column);
    if (value->kind == VALUE_STRING)
        return type_array(p->b, type_of_primitive(SB_PRIM_CHAR), SB_CONST, ARRAY_KNOWN,
                          (uint64_t)value->string_length + 1, current(p)->line, current(p)->column);
    return type_of_primitive((sb_primitive)value->primitive);
}

/* Declares a name for a value; `declaration` has its type and qualifiers. */
static sb_status declare_constant(struct parser *p, struct declaration *d, const struct token *name,
                                  sb_declaration *declaration, const struct value *value)
{
    uint32_t index;
    declaration->kind = SB_DECL_CONSTANT;
    declaration->name = token_text(p, name);
    declaration->line = name->line;
    declaration->column = name->column;
    declaration->binding = SB_NONE;
    if (constant_of_value(p, value, &declaration->constant) != SB_OK)
        return p->b->status;
    if (p->b->types[declaration->type].kind == SB_BOOL)
        declaration->constant.kind = SB_CONST_BOOL;
    lexer_drop_strings(&p->lex);
    if (find_earlier(p, declaration, name->name, &index) != SB_OK)
        return p->b->status;
    return index != SB_NONE ? declare_again(p, d, name, index)
                            : declare_new(p, d, declaration, name);
}

sb_status parse_define(struct parser *p)
{
    struct builder *b = p->b;
    struct declaration d = {.last = SB_NONE};
    struct gnu gnu = {.packed = false};
    d.shared.from = d.shared.to = p->attribute_count;
    d.doc = lexer_doc(&p->lex, current(p)->doc);
    p->lex.in_define = true;
    if (d.doc == SB_NONE || advance(p) != SB_OK)
        return b->status;
    if (!at(p, TOKEN_NAME))
        return expected(p, "a name after '#define'");
    const struct token name = *current(p);
    bool taken = false;
    if (advance(p) != SB_OK)
        return b->status;
    if (is_cdef(p) && cdef_macro(p, &d, &name, &taken) != SB_OK)
        return b->status;
    if (taken) {
        p->lex.in_define = false;
        return advance(p);
    }
    if (at(p, TOKEN_LEFT_PAREN) && current(p)->text.start == name.text.end)
        return builder_error(b, SB_ERROR_SYNTAX, name.line, name.column,
                             "'%.60s' is a macro with parameters; run the text through 'cc -E' "
                             "first, or keep only '#define NAME constant' lines",
                             token_name(p, &name));
    if (at(p, TOKEN_LINE_END) || at(p, TOKEN_END))
        return builder_error(b, SB_ERROR_SYNTAX, name.line, name.column,
                             "'#define %.60s' has no value; expected an integer, a floating-point "
                             "number, a string or an expression of constants",
                             token_name(p, &name));
    if (name.keyword != KEY_NONE)
        return builder_error(b, SB_ERROR_SYNTAX, name.line, name.column,
                             "'%.60s' is a keyword and cannot be defined", token_name(p, &name));
    p->macro = token_text(p, &name);
    struct value value;
    if (parse_expression(p, &value) != SB_OK || parse_attributes(p, &gnu) != SB_OK)
        return b->status;
    p->macro = 0;
    if (!at(p, TOKEN_LINE_END) && !at(p, TOKEN_END))
        return expected(p, "the end of the line after the value of a macro");
    sb_declaration declaration = {.type = type_of_constant(p, &value)};
    if (declaration.type == SB_NONE ||
        declare_constant(p, &d, &name, &declaration, &value) != SB_OK ||
        take_doc(p, d.last, current(p)->trailing) != SB_OK)
        return b->status;
    p->attribute_count = d.shared.from;
    p->lex.in_define = false;
    return advance(p);
}

static bool has_function(const struct builder *b, sb_type_id id)
{
    for (const sb_type *type = &b->types[id];; type = &b->types[type->target]) {
        if (type->kind == SB_FUNCTION)
            return true;
        if (type->kind != SB_POINTER && type->kind != SB_ARRAY)
            return false;
    }
}

/* __attribute__((transparent_union)) */
static sb_status make_transparent(struct parser *p, const struct declarator *declarator)
{
    sb_type *type = &p->b->types[declarator->type];
    if (type->kind != SB_UNION || type->count == 0)
        return builder_error(p->b, SB_ERROR_MEANING, declarator->line, declarator->column,
                             "a transparent_union is a union with members");
    type->flags |= SB_TYPE_TRANSPARENT;
    return SB_OK;
}

/* __attribute__((aligned(n))) and transparent_union on the name of a typedef. */
static sb_status align_typedef(struct parser *p, const struct declaration *d,
                               struct declarator *declarator)
{
    struct builder *b = p->b;
    uint32_t align = declarator->gnu.aligned > d->specifiers.gnu.aligned
                         ? declarator->gnu.aligned
                         : d->specifiers.gnu.aligned;
    sb_type *type = &b->types[declarator->type];
    bool is_own = type_is_record(type) && d->specifiers.is_defined && d->specifiers.is_unnamed &&
                  declarator->type == d->specifiers.type;
    if ((declarator->gnu.transparent || d->specifiers.gnu.transparent) &&
        make_transparent(p, declarator) != SB_OK)
        return b->status;
    if (align == 0 || align == type->align)
        return SB_OK;
    if (is_own && align > type->align) {
        type->align = align; /* and its size stays: the type is this name's alone */
        return SB_OK;
    }
    if (type->kind == SB_FUNCTION || type->kind == SB_VOID ||
        (type->flags & SB_TYPE_COMPLETE) == 0)
        return builder_error(b, SB_ERROR_UNSUPPORTED, declarator->line, declarator->column,
                             "an alignment of a type whose size is not known is not supported; "
                             "define it before");
    declarator->type = type_aligned(b, declarator->type, align);
    return b->status;
}

/* A typedef that says again what a name of the C library is. */
static bool agrees_with_library(const struct builder *b, sb_type_id library, sb_type_id own)
{
    const sb_type *one = &b->types[library], *other = &b->types[own];
    if (library == own)
        return true;
    return type_is_integer(one) && type_is_integer(other) && other->kind != SB_ENUM &&
           one->size == other->size && one->align == other->align &&
           primitives[one->primitive].is_signed == primitives[other->primitive].is_signed;
}

static sb_status declare_typedef(struct parser *p, struct declaration *d,
                                 struct declarator *declarator)
{
    struct builder *b = p->b;
    const struct token *token = &declarator->name;
    const struct specifiers *specifiers = &d->specifiers;
    if (align_typedef(p, d, declarator) != SB_OK)
        return b->status;
    sb_declaration declaration = {.kind = SB_DECL_TYPEDEF,
                                  .quals = (uint8_t)declarator->quals,
                                  .type = declarator->type,
                                  .name = token_text(p, token),
                                  .line = token->line,
                                  .column = token->column,
                                  .binding = SB_NONE};
    uint32_t index, tagged = SB_NONE;
    /* Attributes and comments of "typedef struct x ..." speak of the struct. */
    if (specifiers->is_tagged && !has_function(b, declarator->type))
        tagged = b->types[specifiers->type].decl;
    if (tagged != SB_NONE) {
        if (add_attributes(p, d->shared.from, tagged) != SB_OK)
            return b->status;
        d->shared.to = d->shared.from; /* given once, with the first declarator */
        if (b->declarations[tagged].doc == 0)
            b->declarations[tagged].doc = d->doc;
    }
    sb_type *type = &b->types[declarator->type];
    if (specifiers->is_unnamed && declarator->type == specifiers->type && type->name == 0)
        type->name = declaration.name;
    struct name *known = &b->names[token->name];
    if (known->kind == NAME_BUILTIN && is_cdef(p))
        return declare_new(p, d, &declaration, token);
    if (known->kind == NAME_BUILTIN && agrees_with_library(b, known->type, declarator->type))
        declaration.type = known->type;
    if (find_earlier(p, &declaration, token->name, &index) != SB_OK)
        return b->status;
    return index != SB_NONE ? declare_again(p, d, token, index)
                            : declare_new(p, d, &declaration, token);
}

/* Copies the parameters of a function's declarator, with their attributes, to the table. */
static sb_status own_parameters(struct parser *p, const struct declarator *declarator,
                                sb_declaration *declaration)
{
    struct builder *b = p->b;
    const sb_type *type = &b->types[declaration->type];
    declaration->first_param = b->param_count;
    if (!declarator->is_function || type->count == 0) {
        declaration->first_param = type->first; /* of a typedef of a function */
        return SB_OK;
    }
    for (uint32_t i = 0; i < declarator->param_count; i++)
        if (builder_add_param(b, &p->params[declarator->first_param + i]) == SB_NONE)
            return b->status;
    return SB_OK;
}

/* Another declaration of a function. Attributes of its parameters count as its own. */
static sb_status declare_function_again(struct parser *p, struct declaration *d,
                                        const struct declarator *declarator,
                                        sb_declaration *declaration, uint32_t earlier)
{
    struct builder *b = p->b;
    for (uint32_t i = 0; i < declarator->param_count; i++) {
        const sb_value *param = &p->params[declarator->first_param + i];
        for (uint32_t k = 0; k < param->attribute_count; k++)
            if (!parser_push_attribute(p, &b->attributes[param->first_attribute + k]))
                return b->status;
    }
    if ((b->types[b->declarations[earlier].type].flags & SB_TYPE_NO_PROTO) != 0) {
        if (own_parameters(p, declarator, declaration) != SB_OK)
            return b->status;
        b->declarations[earlier].type = declaration->type;
        b->declarations[earlier].first_param = declaration->first_param;
    }
    return declare_again(p, d, &declarator->name, earlier);
}

static sb_status declare_function(struct parser *p, struct declaration *d,
                                  const struct declarator *declarator)
{
    struct builder *b = p->b;
    const struct token *token = &declarator->name;
    uint32_t index;
    sb_declaration declaration = {.kind = SB_DECL_FUNCTION,
                                  .type = declarator->type,
                                  .name = token_text(p, token),
                                  .line = token->line,
                                  .column = token->column,
                                  .binding = SB_NONE,
                                  .symbol = d->symbol,
                                  .flags = d->for_python ? SB_DECLARED_PYTHON : 0};
    if (find_earlier(p, &declaration, token->name, &index) != SB_OK)
        return b->status;
    if ((d->specifiers.storage & STORE_STATIC) != 0 && !is_cdef(p)) {
        if (p->attribute_count > d->shared.from)
            return builder_error(b, SB_ERROR_MEANING, token->line, token->column,
                                 "'%.60s' is static: no library has that symbol, so attributes on "
                                 "it mean nothing",
                                 token_name(p, token));
        return SB_OK;
    }
    if (index != SB_NONE)
        return declare_function_again(p, d, declarator, &declaration, index);
    if (own_parameters(p, declarator, &declaration) != SB_OK)
        return b->status;
    return declare_new(p, d, &declaration, token);
}

/* "= value" of a constant. */
static sb_status parse_initializer(struct parser *p, struct declaration *d,
                                   const struct declarator *declarator)
{
    struct builder *b = p->b;
    const sb_type *type = &b->types[declarator->type];
    const struct token *token = &declarator->name;
    const struct token place = *current(p);
    bool is_text = (type->kind == SB_POINTER || type->kind == SB_ARRAY) &&
                   b->types[type->target].kind == SB_CHAR;
    bool is_const = (declarator->quals & SB_CONST) != 0 ||
                    ((is_text || type->kind == SB_ARRAY) && (type->target_quals & SB_CONST) != 0);
    if (!is_const && !(is_cdef(p) && type_is_integer(type)))
        return builder_error(b, SB_ERROR_MEANING, place.line, place.column,
                             "only constants have a value here: write 'const', or remove the value "
                             "of '%.60s'",
                             token_name(p, token));
    struct value value;
    if (advance(p) != SB_OK)
        return b->status;
    const struct token first = *current(p);
    if (is_cdef(p) && at(p, TOKEN_ELLIPSIS)) {
        sb_type_id id = declarator->type;
        if (advance(p) != SB_OK)
            return b->status;
        return cdef_constant(p, d, token, id, declarator->quals);
    }
    if (at(p, TOKEN_LEFT_BRACE) ||
        (type->primitive == SB_PRIM_NONE && !is_text && type->kind != SB_POINTER))
        return builder_error(b, SB_ERROR_UNSUPPORTED, place.line, place.column,
                             "a constant is a number or a string; the value of '%.60s' is neither",
                             token_name(p, token));
    if (parse_expression(p, &value) != SB_OK)
        return b->status;
    bool is_number = value.kind <= VALUE_FLOAT;
    if (is_number != (type->primitive != SB_PRIM_NONE) || (value.kind == VALUE_STRING && !is_text))
        return builder_error(b, SB_ERROR_MEANING, first.line, first.column,
                             "the value of '%.60s' is not of its type", token_name(p, token));
    if (is_number && convert_value(p, &value, (sb_primitive)type->primitive) != SB_OK)
        return b->status;
    sb_declaration declaration = {.type = declarator->type, .quals = (uint8_t)declarator->quals};
    return declare_constant(p, d, token, &declaration, &value);
}

static sb_status declare_variable(struct parser *p, struct declaration *d,
                                  const struct declarator *declarator)
{
    struct builder *b = p->b;
    const struct token *token = &declarator->name;
    uint32_t index;
    if (b->types[declarator->type].kind == SB_VOID)
        return builder_error(b, SB_ERROR_MEANING, token->line, token->column,
                             "the variable '%.60s' cannot have type 'void'", token_name(p, token));
    bool has_value = at(p, TOKEN_ASSIGN);
    if (has_value && is_cdef(p) && cdef_skip_braces(p, &has_value) != SB_OK)
        return b->status;
    if (has_value)
        return parse_initializer(p, d, declarator);
    if (d->for_python)
        return builder_error(b, SB_ERROR_SYNTAX, token->line, token->column,
                             "cannot declare constants or variables with 'extern \"Python\"'");
    bool is_static = (d->specifiers.storage & STORE_STATIC) != 0;
    if (is_static && is_cdef(p) && (declarator->quals & SB_CONST) != 0)
        return cdef_constant(p, d, token, declarator->type, declarator->quals);
    if (is_static && !is_cdef(p))
        return builder_error(b, SB_ERROR_MEANING, token->line, token->column,
                             "the variable '%.60s' is static: no library has that symbol; a "
                             "constant needs a value",
                             token_name(p, token));
    if ((d->specifiers.storage & STORE_THREAD) != 0)
        return builder_error(b, SB_ERROR_UNSUPPORTED, token->line, token->column,
                             "the variable '%.60s' is one per thread, which is not supported; "
                             "describe a function that returns it",
                             token_name(p, token));
    sb_declaration declaration = {.kind = SB_DECL_VARIABLE,
                                  .quals = (uint8_t)declarator->quals,
                                  .type = declarator->type,
                                  .name = token_text(p, token),
                                  .line = token->line,
                                  .column = token->column,
                                  .binding = SB_NONE,
                                  .symbol = d->symbol};
    if (find_earlier(p, &declaration, token->name, &index) != SB_OK)
        return b->status;
    if (index == SB_NONE)
        return declare_new(p, d, &declaration, token);
    if ((b->types[b->declarations[index].type].flags & SB_TYPE_COMPLETE) == 0)
        b->declarations[index].type = declarator->type; /* int a[]; int a[3]; */
    return declare_again(p, d, token, index);
}

/* __asm__("symbol") */
static sb_status parse_symbol(struct parser *p, sb_text *symbol)
{
    struct value value;
    if (advance(p) != SB_OK || expect(p, TOKEN_LEFT_PAREN, "after __asm__") != SB_OK)
        return p->b->status;
    if (!at(p, TOKEN_STRING))
        return expected(p, "the name of a symbol, a string");
    const struct token place = *current(p);
    if (parse_string(p, &value) != SB_OK)
        return p->b->status;
    const char *text = value_bytes(p, &value);
    if (value.string_length == 0 || memchr(text, '\0', value.string_length) != NULL ||
        !text_is_utf8(text, value.string_length))
        return builder_error(p->b, SB_ERROR_MEANING, place.line, place.column,
                             "this is not the name of a symbol");
    *symbol = builder_store(p->b, text, value.string_length);
    lexer_drop_strings(&p->lex);
    if (*symbol == SB_NONE)
        return p->b->status;
    return expect(p, TOKEN_RIGHT_PAREN, "after the name of the symbol");
}

/* One declarator of a declaration. *body: it was a function with its body. */
static sb_status parse_one(struct parser *p, struct declaration *d, bool *body)
{
    struct declarator declarator;
    uint32_t params = p->param_count;
    sb_status status;
    if (parse_declarator(p, DECLARATOR_NAMED, &d->specifiers, &declarator) != SB_OK)
        return p->b->status;
    d->symbol = 0;
    if (at_key(p, KEY_ASM) &&
        (parse_symbol(p, &d->symbol) != SB_OK || parse_attributes(p, &declarator.gnu) != SB_OK))
        return p->b->status;
    bool is_function = p->b->types[declarator.type].kind == SB_FUNCTION;
    if ((d->specifiers.storage & STORE_INLINE) != 0 && !is_function)
        return builder_error(p->b, SB_ERROR_SYNTAX, declarator.line, declarator.column,
                             "'%.60s' is not a function and cannot be inline",
                             token_name(p, &declarator.name));
    if ((d->specifiers.storage & STORE_TYPEDEF) != 0)
        status = declare_typedef(p, d, &declarator);
    else if (is_function)
        status = declare_function(p, d, &declarator);
    else
        status = declare_variable(p, d, &declarator);
    p->attribute_count = d->shared.to;
    p->param_count = params;
    if (status != SB_OK)
        return status;
    *body = is_function && declarator.is_function && at(p, TOKEN_LEFT_BRACE) &&
            (d->specifiers.storage & STORE_TYPEDEF) == 0;
    bool is_inline = (d->specifiers.storage & (STORE_STATIC | STORE_INLINE)) != 0;
    if (*body && is_cdef(p) && !is_inline)
        return builder_error(p->b, SB_ERROR_SYNTAX, declarator.line, declarator.column,
                             "unexpected <FuncDef>: this construct is valid C but not valid in "
                             "cdef()");
    return *body ? lexer_skip_body(&p->lex) : SB_OK;
}

/* Declarators up to the ";". */
static sb_status parse_declarators(struct parser *p, struct declaration *d)
{
    char context[120];
    for (bool first = true;; first = false) {
        bool body = false;
        if (parse_one(p, d, &body) != SB_OK)
            return p->b->status;
        if (body && first)
            return SB_OK;
        if (!at(p, TOKEN_COMMA))
            break;
        if (advance(p) != SB_OK)
            return p->b->status;
    }
    if (d->last != SB_NONE && take_doc(p, d->last, current(p)->trailing) != SB_OK)
        return p->b->status;
    const char *declared =
        d->last != SB_NONE ? builder_string(p->b, p->b->declarations[d->last].name) : NULL;
    if (declared != NULL)
        snprintf(context, sizeof context, "after the declaration of '%.60s'", declared);
    return expect(p, TOKEN_SEMICOLON, declared != NULL ? context : "after a declaration");
}

/* A declaration without declarators: "struct point { ... };" */
static sb_status declare_tagged(struct parser *p, struct declaration *d)
{
    const struct specifiers *specifiers = &d->specifiers;
    if (!specifiers->is_tagged)
        return builder_error(p->b, SB_ERROR_SYNTAX, current(p)->line, current(p)->column,
                             "this declaration declares nothing; expected a name before ';'");
    uint32_t index = p->b->types[specifiers->type].decl;
    if (index == SB_NONE) {
        if (p->attribute_count > d->shared.from)
            return builder_error(p->b, SB_ERROR_MEANING, p->attributes[d->shared.from].line,
                                 p->attributes[d->shared.from].column,
                                 "a type of the C library takes no attributes");
        return advance(p);
    }
    if (add_attributes(p, d->shared.from, index) != SB_OK)
        return p->b->status;
    if (p->b->declarations[index].doc == 0)
        p->b->declarations[index].doc = d->doc;
    if (take_doc(p, index, current(p)->trailing) != SB_OK)
        return p->b->status;
    d->last = index;
    return advance(p);
}

static sb_status parse_declaration(struct parser *p, bool for_python)
{
    struct builder *b = p->b;
    struct gnu gnu = {.packed = false};
    struct declaration d = {
        .shared.from = p->attribute_count, .last = SB_NONE, .for_python = for_python};
    const struct token first = *current(p);
    struct span comment = first.doc;
    if (parse_attributes(p, &gnu) != SB_OK)
        return b->status;
    if (current(p)->doc.end != 0)
        comment = current(p)->doc;
    d.doc = lexer_doc(&p->lex, comment);
    if (d.doc == SB_NONE)
        return b->status;
    if (at(p, TOKEN_SEMICOLON) && first.kind == TOKEN_LEFT_ATTRIBUTE) {
        sb_declaration file = {.kind = SB_DECL_FILE,
                               .doc = d.doc,
                               .line = first.line,
                               .column = first.column,
                               .binding = SB_NONE};
        uint32_t index = declare(p, &file, SB_NONE);
        if (index == SB_NONE || add_attributes(p, d.shared.from, index) != SB_OK)
            return b->status;
        return advance(p);
    }
    if (parse_specifiers(p,
                         STORE_TYPEDEF | STORE_EXTERN | STORE_STATIC | STORE_INLINE | STORE_THREAD,
                         &d.specifiers) != SB_OK)
        return b->status;
    if (d.specifiers.gnu.aligned < gnu.aligned)
        d.specifiers.gnu.aligned = gnu.aligned;
    d.shared.to = p->attribute_count;
    sb_status status = d.specifiers.unknown != 0 ? cdef_typedefs(p, &d)
                       : at(p, TOKEN_SEMICOLON)  ? declare_tagged(p, &d)
                                                 : parse_declarators(p, &d);
    p->attribute_count = d.shared.from;
    if (status == SB_OK && d.last != SB_NONE)
        return take_doc(p, d.last, current(p)->trailing);
    return status;
}

/* The "{" behind extern "C". */
static sb_status open_linkage(struct parser *p, const struct token *place)
{
    if (p->linkage == SB_MAX_NESTING)
        return builder_error(p->b, SB_ERROR_LIMIT, place->line, place->column,
                             "extern \"C\" blocks are nested more than %d deep", SB_MAX_NESTING);
    p->linkage++;
    return advance(p);
}

/* extern "C" { ... }, and extern "C" before one declaration. */
static sb_status parse_linkage(struct parser *p)
{
    struct builder *b = p->b;
    if (advance(p) != SB_OK)
        return b->status;
    const struct token place = *current(p);
    bool for_python = false;
    if (is_cdef(p) && cdef_python(p, &for_python) != SB_OK)
        return b->status;
    if (for_python) {
        lexer_drop_strings(&p->lex);
        if (advance(p) != SB_OK)
            return b->status;
        if (!at(p, TOKEN_LEFT_BRACE))
            return parse_declaration(p, true);
        if (p->python == 0)
            p->python = p->linkage + 1;
        return open_linkage(p, &place);
    }
    if (place.string_length != 1 || p->lex.buffer[place.string_start] != 'C')
        return builder_error(b, SB_ERROR_UNSUPPORTED, place.line, place.column,
                             "only extern \"C\" is supported");
    lexer_drop_strings(&p->lex);
    if (advance(p) != SB_OK)
        return b->status;
    if (!at(p, TOKEN_LEFT_BRACE))
        return parse_declaration(p, false);
    return open_linkage(p, &place);
}

static void close_linkage(struct parser *p)
{
    p->linkage--;
    if (p->python > p->linkage)
        p->python = 0;
}

sb_status parse_file(struct parser *p)
{
    if (advance(p) != SB_OK)
        return p->b->status;
    while (!at(p, TOKEN_END)) {
        sb_status status;
        if (at(p, TOKEN_SEMICOLON))
            status = advance(p);
        else if (at(p, TOKEN_DEFINE))
            status = parse_define(p);
        else if (at(p, TOKEN_RIGHT_BRACE) && p->linkage > 0) {
            close_linkage(p);
            status = advance(p);
        } else if (at_key(p, KEY_STATIC_ASSERT))
            status = parse_static_assert(p);
        else if (at_key(p, KEY_EXTERN)) {
            const struct token *next = look_ahead(p);
            if (next == NULL)
                return p->b->status;
            status = next->kind == TOKEN_STRING ? parse_linkage(p)
                                                : parse_declaration(p, p->python != 0);
        } else
            status = parse_declaration(p, p->python != 0);
        if (status != SB_OK)
            return status;
    }
    if (p->linkage > 0)
        return expected(p, "'}' to close extern \"C\" {");
    return SB_OK;
}
