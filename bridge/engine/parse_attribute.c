/* parse_attribute.c - [[...]] and what other compilers' attributes say of layout. */
#include "parse.h"

#include <stdio.h>
#include <string.h>

enum { MOST_ATTRIBUTES = 255 }; /* of one declaration, parameter, field or enumerator */

static const struct {
    const char *spelling;
    uint8_t least, most;
} table[] = {
#define X(id, spelling, places, least, most) {spelling, least, most},
    SB_ATTRIBUTES(X)
#undef X
};

static bool is_attribute_name(const struct builder *b, const struct name *name)
{
    (void)b;
    return name->attribute != 0;
}

static bool is_word(const char *word, const char *const *list)
{
    for (; *list != NULL; list++)
        if (strcmp(word, *list) == 0)
            return true;
    return false;
}

/* ---- arguments ------------------------------------------------------------------------------ */

/* One argument of [[...]]: a name, or a constant expression. */
static sb_status parse_argument(struct parser *p, sb_constant *out)
{
    *out = (sb_constant){.kind = SB_CONST_NAME};
    bool is_word = at(p, TOKEN_NAME) && !at_key(p, KEY_SIZEOF) && !at_key(p, KEY_ALIGNOF) &&
                   !at_key(p, KEY_OFFSETOF) && !at_key(p, KEY_EXTENSION);
    const struct token token = *current(p);
    if (is_word) {
        const struct token *next = look_ahead(p);
        if (next == NULL)
            return p->b->status;
        if (next->kind == TOKEN_COMMA || next->kind == TOKEN_RIGHT_PAREN) {
            struct value value;
            sb_text name = token_text(p, &token);
            if (token.keyword == KEY_NULL || token.keyword == KEY_TRUE ||
                token.keyword == KEY_FALSE) {
                out->kind = token.keyword == KEY_NULL ? SB_CONST_NULL : SB_CONST_BOOL;
                out->as.i = token.keyword == KEY_TRUE;
            } else if (value_of_name(p, token.name, &value)) {
                if (constant_of_value(p, &value, out) != SB_OK)
                    return p->b->status;
                out->name = name;
            } else {
                out->name = name;
                out->as.s = name;
                out->length = p->b->names[token.name].length;
            }
            return advance(p);
        }
    }
    struct value value;
    if (parse_expression(p, &value) != SB_OK)
        return p->b->status;
    if (value.kind == VALUE_STRING && value.text == 0 &&
        !text_is_utf8(value_bytes(p, &value), value.string_length))
        return builder_error(p->b, SB_ERROR_SYNTAX, token.line, token.column,
                             "this string is not UTF-8 once its escapes are read");
    sb_status status = constant_of_value(p, &value, out);
    lexer_drop_strings(&p->lex);
    return status;
}

static sb_status parse_arguments(struct parser *p, sb_attribute *attribute)
{
    if (advance(p) != SB_OK)
        return p->b->status;
    attribute->first_argument = p->b->argument_count;
    while (!at(p, TOKEN_RIGHT_PAREN)) {
        sb_constant argument;
        if (attribute->argument_count == SB_MAX_ATTRIBUTE_ARGUMENTS)
            return builder_error(p->b, SB_ERROR_LIMIT, current(p)->line, current(p)->column,
                                 "more than %d arguments of one attribute",
                                 SB_MAX_ATTRIBUTE_ARGUMENTS);
        if (parse_argument(p, &argument) != SB_OK ||
            builder_add_argument(p->b, &argument) == SB_NONE)
            return p->b->status;
        attribute->argument_count++;
        if (!at(p, TOKEN_COMMA))
            break;
        if (advance(p) != SB_OK)
            return p->b->status;
        if (at(p, TOKEN_RIGHT_PAREN))
            return expected(p, "another argument");
    }
    return expect(p, TOKEN_RIGHT_PAREN, "after the arguments of the attribute");
}

/* Passes a balanced "( ... )", whatever is in it. */
static sb_status skip_parens(struct parser *p)
{
    const struct token open = *current(p);
    uint32_t depth = 0;
    do {
        if (at(p, TOKEN_END) || at(p, TOKEN_DEFINE) || at(p, TOKEN_LINE_END))
            return builder_error(p->b, SB_ERROR_SYNTAX, open.line, open.column,
                                 "this '(' is not closed; expected ')'");
        depth += at(p, TOKEN_LEFT_PAREN);
        depth -= at(p, TOKEN_RIGHT_PAREN);
        if (advance(p) != SB_OK)
            return p->b->status;
    } while (depth > 0);
    lexer_drop_strings(&p->lex);
    return SB_OK;
}

/* ---- attributes of compilers ---------------------------------------------------------------- */

sb_status parse_align(struct parser *p, uint32_t *aligned)
{
    enum { LARGEST = 1 << 28 };
    uint64_t align = _Alignof(max_align_t);
    const struct token place = *current(p);
    if (at(p, TOKEN_LEFT_PAREN)) {
        if (advance(p) != SB_OK)
            return p->b->status;
        if (starts_type(p)) {
            sb_type_id id;
            unsigned quals;
            if (parse_type_name(p, &id, &quals) != SB_OK)
                return p->b->status;
            align = p->b->types[id].align;
        } else {
            struct value value;
            if (parse_integer(p, "an alignment", &value) != SB_OK)
                return p->b->status;
            align = value_is_negative(&value) ? UINT64_MAX : value.bits;
        }
        if (align > LARGEST || (align & (align - 1)) != 0)
            return builder_error(p->b, SB_ERROR_MEANING, place.line, place.column,
                                 "an alignment is a power of two up to %d", LARGEST);
        if (expect(p, TOKEN_RIGHT_PAREN, "after the alignment") != SB_OK)
            return p->b->status;
    }
    if (align > *aligned)
        *aligned = (uint32_t)align;
    return SB_OK;
}

/* X(name, size in bytes, kind): an integer of that size and the sign of the type, or a type. */
enum mode_kind { MODE_INTEGER, MODE_FLOAT, MODE_COMPLEX };
static const struct {
    const char *name;
    uint8_t size, kind;
} modes[] = {{"", 0, 0}, /* 0 is none */
             {"QI", 1, MODE_INTEGER},
             {"byte", 1, MODE_INTEGER},
             {"HI", 2, MODE_INTEGER},
             {"SI", 4, MODE_INTEGER},
             {"DI", 8, MODE_INTEGER},
             {"TI", 16, MODE_INTEGER},
             {"word", sizeof(void *), MODE_INTEGER},
             {"pointer", sizeof(void *), MODE_INTEGER},
             {"unwind_word", sizeof(void *), MODE_INTEGER},
             {"SF", SB_PRIM_FLOAT, MODE_FLOAT},
             {"DF", SB_PRIM_DOUBLE, MODE_FLOAT},
             {"XF", SB_PRIM_LDOUBLE, MODE_FLOAT},
             {"TF", SB_PRIM_NONE, MODE_FLOAT},
             {"SC", SB_PRIM_FLOAT, MODE_COMPLEX},
             {"DC", SB_PRIM_DOUBLE, MODE_COMPLEX},
             {"XC", SB_PRIM_LDOUBLE, MODE_COMPLEX},
             {"TC", SB_PRIM_NONE, MODE_COMPLEX}};

static sb_status parse_mode(struct parser *p, struct gnu *gnu)
{
    if (expect(p, TOKEN_LEFT_PAREN, "after mode") != SB_OK)
        return p->b->status;
    if (!at(p, TOKEN_NAME))
        return expected(p, "the name of a mode");
    const char *name = token_name(p, current(p));
    size_t length = strlen(name);
    if (length > 4 && strncmp(name, "__", 2) == 0 && strcmp(name + length - 2, "__") == 0) {
        name += 2;
        length -= 4;
    }
    for (uint8_t i = 1; i < sizeof modes / sizeof *modes; i++)
        if (strlen(modes[i].name) == length && strncmp(modes[i].name, name, length) == 0)
            gnu->mode = i;
    if (gnu->mode == 0)
        return builder_error(p->b, SB_ERROR_UNSUPPORTED, current(p)->line, current(p)->column,
                             "the mode '%.40s' is not supported; write the type's name", name);
    if (advance(p) != SB_OK)
        return p->b->status;
    return expect(p, TOKEN_RIGHT_PAREN, "after the mode");
}

static sb_type_id type_of_mode(struct builder *b, unsigned mode, const sb_type *type)
{
    bool is_signed = primitives[type->primitive].is_signed;
    sb_primitive made = (sb_primitive)modes[mode].size;
    sb_type_id real = type_of_primitive(made);
    if (modes[mode].kind != MODE_INTEGER) {
        if (type->kind != SB_FLOAT && type->kind != SB_COMPLEX)
            return SB_NONE;
        if (made == SB_PRIM_NONE)
            real = builder_find_name(b, "_Float128", strlen("_Float128"))->type;
        return modes[mode].kind == MODE_FLOAT ? real : type_complex(b, real);
    }
    if (!type_is_integer(type) || type->kind == SB_ENUM)
        return SB_NONE;
    switch (modes[mode].size) {
    case 1:
        made = is_signed ? SB_PRIM_SCHAR : SB_PRIM_UCHAR;
        break;
    case 2:
        made = is_signed ? SB_PRIM_SHORT : SB_PRIM_USHORT;
        break;
    case 4:
        made = is_signed ? SB_PRIM_INT : SB_PRIM_UINT;
        break;
    case 8:
        made = sizeof(long) == 8 ? is_signed ? SB_PRIM_LONG : SB_PRIM_ULONG
               : is_signed       ? SB_PRIM_LLONG
                                 : SB_PRIM_ULLONG;
        break;
    default:
#ifdef __SIZEOF_INT128__
        made = is_signed ? SB_PRIM_INT128 : SB_PRIM_UINT128;
        break;
#else
        return SB_NONE;
#endif
    }
    return type_of_primitive(made);
}

/* What vectors are aligned to at most. */
#if defined(__arm__)
#define MOST_VECTOR_ALIGN 8u
#elif defined(__aarch64__)
#define MOST_VECTOR_ALIGN 16u
#else
#define MOST_VECTOR_ALIGN UINT32_MAX
#endif

/* vector_size(16) */
static sb_status parse_vector(struct parser *p, struct gnu *gnu)
{
    enum { LARGEST = 1 << 20 };
    struct value size;
    if (expect(p, TOKEN_LEFT_PAREN, "after vector_size") != SB_OK)
        return p->b->status;
    const struct token place = *current(p);
    if (parse_integer(p, "the size of a vector", &size) != SB_OK)
        return p->b->status;
    if (value_is_negative(&size) || size.bits == 0 || size.bits > LARGEST ||
        (size.bits & (size.bits - 1)) != 0)
        return builder_error(p->b, SB_ERROR_MEANING, place.line, place.column,
                             "the size of a vector is a power of two up to %d", LARGEST);
    gnu->vector = size.bits;
    return expect(p, TOKEN_RIGHT_PAREN, "after the size");
}

sb_status apply_gnu(struct parser *p, struct gnu *gnu, sb_type_id *type, uint32_t line,
                    uint32_t column)
{
    char spelling[80 + TYPE_SHOWN], shown[TYPE_SHOWN];
    if (gnu->mode != 0) {
        sb_type_id made = type_of_mode(p->b, gnu->mode, &p->b->types[*type]);
        if (made == SB_NONE)
            return builder_error(p->b, SB_ERROR_UNSUPPORTED, line, column,
                                 "the mode '%s' of '%s' is not supported; write the type's name",
                                 modes[gnu->mode].name,
                                 type_shown(p->b, *type, 0, NULL, shown, sizeof shown));
        *type = made;
        gnu->mode = 0;
    }
    if (gnu->vector != 0) {
        const sb_type *element = &p->b->types[*type];
        (void)type_shown(p->b, *type, 0, NULL, shown, sizeof shown);
        bool is_foreign = (element->flags & SB_TYPE_FOREIGN) != 0 && type_is_record(element) &&
                          (element->flags & SB_TYPE_BUILTIN) != 0;
        if ((element->primitive == SB_PRIM_NONE && !is_foreign) || element->kind == SB_ENUM ||
            gnu->vector % element->size != 0)
            return builder_error(p->b, SB_ERROR_UNSUPPORTED, line, column,
                                 "a vector of '%s' is not supported", shown);
        snprintf(spelling, sizeof spelling, "__attribute__((vector_size(%llu))) %s",
                 (unsigned long long)gnu->vector, shown);
        uint32_t align =
            gnu->vector < MOST_VECTOR_ALIGN ? (uint32_t)gnu->vector : MOST_VECTOR_ALIGN;
        *type = type_foreign(p->b, spelling, gnu->vector, align);
        gnu->vector = 0;
    }
    return p->b->status;
}

/* One attribute of gcc or clang, with the current token its name. */
static sb_status parse_foreign(struct parser *p, struct gnu *gnu)
{
    static const char *const refused[] = {
        "ext_vector_type", "ms_struct", "scalar_storage_order", "address_space", "swiftcall",
        "swiftasynccall", "regcall", "vectorcall", "preserve_most", "preserve_all",
        "aarch64_vector_pcs", "aarch64_sve_pcs", "interrupt",
#if defined(__x86_64__)
        "ms_abi",
#else
        "sysv_abi", "ms_abi",
#endif
#if defined(__i386__)
        "regparm", "fastcall", "stdcall", "thiscall", "pascal", "sseregparm",
#endif
#if defined(__arm__)
        "pcs",
#endif
        NULL};
    const struct token token = *current(p);
    char plain[64];
    const char *name = token_name(p, &token);
    size_t length = strlen(name);
    if (length > 4 && length < sizeof plain && strncmp(name, "__", 2) == 0 &&
        strcmp(name + length - 2, "__") == 0) {
        memcpy(plain, name + 2, length - 4);
        plain[length - 4] = '\0';
        name = plain;
    }
    bool is_aligned = strcmp(name, "aligned") == 0, is_mode = strcmp(name, "mode") == 0;
    if (is_word(name, refused))
        return builder_error(p->b, SB_ERROR_UNSUPPORTED, token.line, token.column,
                             "the attribute '%.40s' changes how values are passed or laid out and "
                             "is not supported",
                             name);
    bool is_vector = strcmp(name, "vector_size") == 0;
    if (strcmp(name, "packed") == 0)
        gnu->packed = true;
    if (strcmp(name, "transparent_union") == 0)
        gnu->transparent = true;
    if (advance(p) != SB_OK)
        return p->b->status;
    if (is_aligned)
        return parse_align(p, &gnu->aligned);
    if (is_mode)
        return parse_mode(p, gnu);
    if (is_vector)
        return parse_vector(p, gnu);
    return at(p, TOKEN_LEFT_PAREN) ? skip_parens(p) : SB_OK;
}

/* __attribute__((...)), behind the keyword. */
static sb_status parse_gnu(struct parser *p, struct gnu *gnu)
{
    if (expect(p, TOKEN_LEFT_PAREN, "after __attribute__") != SB_OK ||
        expect(p, TOKEN_LEFT_PAREN, "after __attribute__(") != SB_OK)
        return p->b->status;
    while (!at(p, TOKEN_RIGHT_PAREN)) {
        if (at(p, TOKEN_COMMA)) {
            if (advance(p) != SB_OK)
                return p->b->status;
            continue;
        }
        if (!at(p, TOKEN_NAME))
            return expected(p, "the name of an attribute");
        if (parse_foreign(p, gnu) != SB_OK)
            return p->b->status;
        if (!at(p, TOKEN_COMMA) && !at(p, TOKEN_RIGHT_PAREN))
            return expected(p, "',' or ')' after the attribute");
    }
    if (advance(p) != SB_OK)
        return p->b->status;
    return expect(p, TOKEN_RIGHT_PAREN, "to close __attribute__((");
}

/* ---- [[...]] -------------------------------------------------------------------------------- */

static sb_status unknown_attribute(struct parser *p, const struct token *token)
{
    char hint[80];
    const char *name = token_name(p, token);
    return builder_error(p->b, SB_ERROR_MEANING, token->line, token->column,
                         "unknown attribute '%.60s';%s see the list of attributes in the "
                         "documentation",
                         name, suggestion(p, name, hint, is_attribute_name));
}

static sb_status count_error(struct parser *p, const struct token *token, unsigned id,
                             unsigned count)
{
    unsigned least = table[id].least, most = table[id].most;
    char wanted[48];
    if (most == 0)
        strcpy(wanted, "no arguments");
    else if (least == most)
        snprintf(wanted, sizeof wanted, "%u argument%s", least, least == 1 ? "" : "s");
    else if (most == SB_ANY)
        snprintf(wanted, sizeof wanted, "at least %u argument%s", least, least == 1 ? "" : "s");
    else
        snprintf(wanted, sizeof wanted, "%u to %u arguments", least, most);
    return builder_error(p->b, SB_ERROR_MEANING, token->line, token->column,
                         "[[%s]] takes %s, not %u", table[id].spelling, wanted, count);
}

/* One attribute between the brackets. */
static sb_status parse_one(struct parser *p, struct gnu *gnu)
{
    static const char *const of_c[] = {"deprecated",   "fallthrough", "maybe_unused",
                                       "nodiscard",    "noreturn",    "_Noreturn",
                                       "reproducible", "unsequenced", NULL};
    if (!at(p, TOKEN_NAME))
        return expected(p, "the name of an attribute");
    const struct token token = *current(p);
    unsigned id = p->b->names[token.name].attribute;
    const struct token *next = look_ahead(p);
    if (next == NULL)
        return p->b->status;
    if (next->kind == TOKEN_SCOPE) {
        static const char *const compilers[] = {"gnu", "__gnu__", "clang", "_Clang", NULL};
        bool known = is_word(token_name(p, &token), compilers);
        if (!known)
            return unknown_attribute(p, &token);
        if (advance(p) != SB_OK || advance(p) != SB_OK)
            return p->b->status;
        return at(p, TOKEN_NAME) ? parse_foreign(p, gnu) : expected(p, "the name of an attribute");
    }
    if (advance(p) != SB_OK)
        return p->b->status;
    if (id == 0) {
        if (!is_word(token_name(p, &token), of_c))
            return unknown_attribute(p, &token);
        return at(p, TOKEN_LEFT_PAREN) ? skip_parens(p) : SB_OK;
    }
    sb_attribute attribute = {.id = (uint8_t)(id - 1), .line = token.line, .column = token.column};
    if (at(p, TOKEN_LEFT_PAREN) && parse_arguments(p, &attribute) != SB_OK)
        return p->b->status;
    if (attribute.argument_count < table[id - 1].least ||
        attribute.argument_count > table[id - 1].most)
        return count_error(p, &token, id - 1, attribute.argument_count);
    (void)parser_push_attribute(p, &attribute);
    return p->b->status;
}

static sb_status parse_brackets(struct parser *p, struct gnu *gnu)
{
    if (advance(p) != SB_OK)
        return p->b->status;
    while (!at(p, TOKEN_RIGHT_BRACKET)) {
        if (parse_one(p, gnu) != SB_OK)
            return p->b->status;
        if (!at(p, TOKEN_COMMA)) {
            if (!at(p, TOKEN_RIGHT_BRACKET))
                return expected(p, "',' or ']]' after the attribute");
            break;
        }
        if (advance(p) != SB_OK)
            return p->b->status;
    }
    if (expect(p, TOKEN_RIGHT_BRACKET, "to close '[['") != SB_OK)
        return p->b->status;
    return expect(p, TOKEN_RIGHT_BRACKET, "to close '[['");
}

sb_status parse_attributes(struct parser *p, struct gnu *gnu)
{
    for (;;) {
        sb_status status;
        if (at(p, TOKEN_LEFT_ATTRIBUTE))
            status = parse_brackets(p, gnu);
        else if (at_key(p, KEY_ATTRIBUTE))
            status = advance(p) == SB_OK ? parse_gnu(p, gnu) : p->b->status;
        else if (at_key(p, KEY_DECLSPEC)) {
            if (advance(p) != SB_OK)
                return p->b->status;
            status = at(p, TOKEN_LEFT_PAREN) ? skip_parens(p) : expected(p, "'(' after __declspec");
        } else if (at_key(p, KEY_CALLING) || at_key(p, KEY_EXTENSION))
            status = advance(p);
        else
            return SB_OK;
        if (status != SB_OK)
            return status;
    }
}

static sb_status too_many(struct parser *p, const sb_attribute *last)
{
    return builder_error(p->b, SB_ERROR_LIMIT, last->line, last->column,
                         "more than %d attributes of one thing", MOST_ATTRIBUTES);
}

sb_status commit_attributes(struct parser *p, uint32_t from, uint32_t *first, uint8_t *count)
{
    uint32_t number = p->attribute_count - from;
    *first = p->b->attribute_count;
    *count = 0;
    if (number > MOST_ATTRIBUTES)
        return too_many(p, &p->attributes[from + MOST_ATTRIBUTES]);
    for (uint32_t i = 0; i < number; i++)
        if (builder_add_attribute(p->b, &p->attributes[from + i]) == SB_NONE)
            return p->b->status;
    *count = (uint8_t)number;
    p->attribute_count = from;
    return SB_OK;
}

sb_status commit_shared(struct parser *p, struct shared_attributes *shared, uint32_t *first,
                        uint8_t *count)
{
    bool alone = p->attribute_count == shared->to;
    if (!alone || !shared->made) {
        for (uint32_t i = shared->from; i < shared->to; i++)
            if (!parser_push_attribute(p, &p->attributes[i]))
                return p->b->status;
        if (commit_attributes(p, shared->to, first, count) != SB_OK)
            return p->b->status;
    }
    if (alone && !shared->made) {
        shared->made = true;
        shared->first = *first;
        shared->count = *count;
    } else if (alone) {
        *first = shared->first;
        *count = shared->count;
    }
    return SB_OK;
}

sb_status add_attributes(struct parser *p, uint32_t from, uint32_t declaration)
{
    struct builder *b = p->b;
    uint32_t number = p->attribute_count - from;
    if (number == 0)
        return SB_OK;
    uint32_t had = b->declarations[declaration].attribute_count;
    uint32_t old = b->declarations[declaration].first_attribute;
    uint32_t first = b->attribute_count;
    if (had + number > MOST_ATTRIBUTES)
        return too_many(p, &p->attributes[p->attribute_count - 1]);
    for (uint32_t i = 0; i < had; i++)
        if (builder_add_attribute(b, &b->attributes[old + i]) == SB_NONE)
            return b->status;
    for (uint32_t i = 0; i < number; i++)
        if (builder_add_attribute(b, &p->attributes[from + i]) == SB_NONE)
            return b->status;
    b->declarations[declaration].first_attribute = first;
    b->declarations[declaration].attribute_count = (uint16_t)(had + number);
    p->attribute_count = from;
    return SB_OK;
}
