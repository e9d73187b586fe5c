/* cdef.c - what a cffi cdef may say beyond C: types, lengths and values that only a compiler knows,
 * and functions that Python gives to C. symbridge.h tells what becomes of it in the tables. */
#include "lex_text.h"
#include "parse.h"

#include <stdio.h>
#include <string.h>

/* ---- typedef ... T; ------------------------------------------------------------------------- */

/* "int" and "float" types of unknown size are one for each name. */
static sb_type_id unknown_number(struct parser *p, sb_kind kind, sb_text name)
{
    sb_type type = {.kind = (uint8_t)kind,
                    .flags = SB_TYPE_PARTIAL,
                    .align = 1,
                    .name = name,
                    .decl = SB_NONE,
                    .binding = SB_NONE};
    return builder_add_type(p->b, &type);
}

static sb_type_id unknown_record(struct parser *p, const struct token *name, bool is_pointee)
{
    char tag[SB_MAX_NAME + 3] = "";
    sb_text text = token_text(p, name);
    sb_type_id id;
    if (is_pointee) {
        snprintf(tag, sizeof tag, "$$%s", token_name(p, name));
        sb_text interned = builder_intern(p->b, tag, strlen(tag));
        id = interned == SB_NONE ? SB_NONE : add_tagged(p, SB_STRUCT, interned, name);
    } else
        id = add_tagged(p, SB_STRUCT, 0, name);
    if (id == SB_NONE)
        return SB_NONE;
    p->b->types[id].flags |= SB_TYPE_PARTIAL;
    if (!is_pointee)
        p->b->types[id].name = text;
    return id;
}

/* "T" or "*T", with the current token behind the "..." or a comma. */
static sb_status unknown_declarator(struct parser *p, struct declaration *d)
{
    struct builder *b = p->b;
    sb_kind kind = (sb_kind)d->specifiers.unknown;
    bool is_pointer = at(p, TOKEN_STAR) && kind == SB_STRUCT;
    uint32_t index;
    if (is_pointer && advance(p) != SB_OK)
        return b->status;
    if (!at_name(p))
        return expected(p, "the name of a type that only a compiler knows");
    const struct token token = *current(p);
    const struct name *known = &b->names[token.name];
    const sb_declaration *old =
        known->kind == NAME_DECLARED ? &b->declarations[known->index] : NULL;
    if (old != NULL && old->kind == SB_DECL_TYPEDEF) { /* "typedef ... T;" twice is one type */
        const sb_type *type = &b->types[old->type];
        if (is_pointer && type->kind == SB_POINTER)
            type = &b->types[type->target];
        if (type->kind == kind && (type->flags & SB_TYPE_PARTIAL) != 0 && type->count == 0)
            return advance(p);
    }
    sb_declaration declaration = {.kind = SB_DECL_TYPEDEF,
                                  .quals = (uint8_t)d->specifiers.quals,
                                  .name = token_text(p, &token),
                                  .line = token.line,
                                  .column = token.column,
                                  .binding = SB_NONE};
    sb_type_id id = kind == SB_STRUCT ? unknown_record(p, &token, is_pointer)
                                      : unknown_number(p, kind, declaration.name);
    if (id != SB_NONE && is_pointer)
        id = type_pointer(b, id, 0, token.line, token.column);
    if (id == SB_NONE)
        return b->status;
    declaration.type = id;
    if (find_earlier(p, &declaration, token.name, &index) != SB_OK ||
        declare_new(p, d, &declaration, &token) != SB_OK)
        return b->status;
    return advance(p);
}

sb_status cdef_typedefs(struct parser *p, struct declaration *d)
{
    for (;;) {
        if (unknown_declarator(p, d) != SB_OK)
            return p->b->status;
        if (!at(p, TOKEN_COMMA))
            return expect(p, TOKEN_SEMICOLON, "after the name of a type");
        if (advance(p) != SB_OK)
            return p->b->status;
    }
}

/* ---- constants ------------------------------------------------------------------------------ */

sb_status cdef_constant(struct parser *p, struct declaration *d, const struct token *name,
                        sb_type_id type, unsigned quals)
{
    uint32_t index;
    sb_declaration declaration = {.kind = SB_DECL_CONSTANT,
                                  .quals = (uint8_t)quals,
                                  .type = type,
                                  .name = token_text(p, name),
                                  .line = name->line,
                                  .column = name->column,
                                  .binding = SB_NONE};
    if (find_earlier(p, &declaration, name->name, &index) != SB_OK)
        return p->b->status;
    return index != SB_NONE ? SB_OK : declare_new(p, d, &declaration, name);
}

sb_status cdef_skip_braces(struct parser *p, bool *has_value)
{
    const struct token *next = look_ahead(p);
    if (next == NULL)
        return p->b->status;
    if (next->kind != TOKEN_LEFT_BRACE)
        return SB_OK;
    uint32_t depth = 0;
    *has_value = false;
    do {
        if (advance(p) != SB_OK)
            return p->b->status;
        if (at(p, TOKEN_END))
            return expected(p, "'}' after the value");
        depth += at(p, TOKEN_LEFT_BRACE);
        depth -= at(p, TOKEN_RIGHT_BRACE);
    } while (depth > 0);
    lexer_drop_strings(&p->lex);
    return advance(p);
}

/* Only numbers and "..." are values of macros. */
static sb_status refuse_macro(struct parser *p, const struct token *name)
{
    const struct builder *b = p->b;
    const char *spelling = token_name(p, name);
    uint32_t start = name->text.end, end = start;
    while (end < b->source_length && b->source[end] != '\n' && end - start < 100)
        end++;
    while (start < end && (b->source[start] == ' ' || b->source[start] == '\t'))
        start++;
    while (end > start && (b->source[end - 1] == ' ' || b->source[end - 1] == '\r'))
        end--;
    bool plain = text_is_utf8(b->source + start, end - start);
    return builder_error(p->b, SB_ERROR_SYNTAX, name->line, name->column,
                         "only supports one of the following syntax:\n"
                         "  #define %.60s ...     (literally dot-dot-dot)\n"
                         "  #define %.60s NUMBER  (with NUMBER an integer constant, "
                         "decimal/hex/octal)\n"
                         "got:\n"
                         "  #define %.60s %.*s",
                         spelling, spelling, spelling, plain ? (int)(end - start) : 0,
                         b->source + start);
}

sb_status cdef_macro(struct parser *p, struct declaration *d, const struct token *name, bool *taken)
{
    struct token sign = *current(p);
    const char *source = p->b->source;
    *taken = sign.kind == TOKEN_ELLIPSIS;
    if (*taken) {
        if (advance(p) != SB_OK || cdef_constant(p, d, name, 0, 0) != SB_OK)
            return p->b->status;
        return at(p, TOKEN_LINE_END) || at(p, TOKEN_END) ? SB_OK : refuse_macro(p, name);
    }
    if (sign.kind == TOKEN_MINUS) {
        const struct token *next = look_ahead(p);
        if (next == NULL)
            return p->b->status;
        sign = *next;
    }
    bool is_number = sign.kind == TOKEN_NUMBER && is_digit(source[sign.text.start]);
    return is_number ? SB_OK : refuse_macro(p, name);
}

/* ---- names declared twice ------------------------------------------------------------------- */

static const char *kind_name(unsigned kind)
{
    switch (kind) {
    case SB_DECL_FUNCTION:
        return "function ";
    case SB_DECL_VARIABLE:
        return "variable ";
    case SB_DECL_TYPEDEF:
        return "typedef ";
    default:
        return "constant: ";
    }
}

sb_status cdef_conflict(struct parser *p, unsigned kind, const struct name *known, uint32_t line,
                        uint32_t column)
{
    struct builder *b = p->b;
    if ((p->flags & SB_PARSE_OVERRIDE) == 0)
        return builder_error(b, SB_ERROR_CONFLICT, line, column,
                             "multiple declarations of %s%.400s%s", kind_name(kind),
                             builder_string(b, known->text),
                             kind == SB_DECL_CONSTANT
                                 ? ""
                                 : " (for interactive usage, try cdef(xx, override=True))");
    if (known->kind == NAME_DECLARED)
        b->declarations[known->index].name = 0;
    return SB_OK;
}

/* ---- extern "Python" ------------------------------------------------------------------------ */

sb_status cdef_python(struct parser *p, bool *taken)
{
    static const char *const words[] = {"Python", "Python+C", "C+Python"};
    const struct token *language = current(p);
    char plain[12] = "";
    size_t length = 0;
    *taken = false;
    for (uint32_t i = 0; i < language->string_length; i++) {
        char c = p->lex.buffer[language->string_start + i];
        if (c == ' ')
            continue;
        if (length == sizeof plain - 1)
            return SB_OK;
        plain[length++] = c;
    }
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        *taken = *taken || strcmp(plain, words[i]) == 0;
    return SB_OK;
}
