/* specifier.c - types named or defined in place. */
#include "parse.h"

#include <string.h>

/* ---- basic types ---------------------------------------------------------------------------- */

/* The words of a basic type, in any order. */
struct words {
    uint8_t chars, shorts, ints, longs, floats, doubles, signeds, unsigneds, complexes, bools,
        voids, int128s;
};

static unsigned count_words(const struct words *words)
{
    const uint8_t *each = (const uint8_t *)words;
    unsigned count = 0;
    for (size_t i = 0; i < sizeof *words; i++)
        count += each[i];
    return count;
}

static uint8_t *word_of(struct words *words, unsigned keyword)
{
    switch (keyword) {
    case KEY_CHAR:
        return &words->chars;
    case KEY_SHORT:
        return &words->shorts;
    case KEY_INT:
        return &words->ints;
    case KEY_LONG:
        return &words->longs;
    case KEY_FLOAT:
        return &words->floats;
    case KEY_DOUBLE:
        return &words->doubles;
    case KEY_SIGNED:
        return &words->signeds;
    case KEY_UNSIGNED:
        return &words->unsigneds;
    case KEY_COMPLEX:
        return &words->complexes;
    case KEY_BOOL:
        return &words->bools;
    case KEY_VOID:
        return &words->voids;
    case KEY_INT128:
        return &words->int128s;
    default:
        return NULL;
    }
}

/* The type that the words make, or SB_NONE when they make none. */
static sb_type_id basic_type(const struct words *words)
{
    struct words rest = *words;
    bool is_unsigned = words->unsigneds == 1, is_signed = words->signeds == 1;
    rest.signeds = rest.unsigneds = 0;
    unsigned others = count_words(&rest);
    sb_primitive made = SB_PRIM_NONE;
    if (words->unsigneds + words->signeds > 1)
        return SB_NONE;
    if (is_unsigned || is_signed || words->floats + words->doubles + words->complexes == 0) {
        unsigned ints = words->ints;
        if (others == 1 && words->voids == 1 && !is_unsigned && !is_signed)
            return TYPE_VOID;
        if (others == 1 && words->bools == 1 && !is_unsigned && !is_signed)
            made = SB_PRIM_BOOL;
        else if (others == 1 && words->chars == 1)
            made = is_unsigned ? SB_PRIM_UCHAR : is_signed ? SB_PRIM_SCHAR : SB_PRIM_CHAR;
        else if (others == 1 && words->int128s == 1) {
#ifdef __SIZEOF_INT128__
            made = is_unsigned ? SB_PRIM_UINT128 : SB_PRIM_INT128;
#endif
        } else if (ints > 1 || others != ints + words->shorts + words->longs || words->shorts > 1 ||
                   words->longs > 2 || (words->shorts && words->longs))
            return SB_NONE;
        else if (words->shorts == 1)
            made = is_unsigned ? SB_PRIM_USHORT : SB_PRIM_SHORT;
        else if (words->longs == 0)
            made = is_unsigned ? SB_PRIM_UINT : SB_PRIM_INT;
        else if (words->longs == 1)
            made = is_unsigned ? SB_PRIM_ULONG : SB_PRIM_LONG;
        else
            made = is_unsigned ? SB_PRIM_ULLONG : SB_PRIM_LLONG;
    } else if (words->complexes <= 1) {
        bool is_complex = words->complexes == 1;
        unsigned plain = others - words->complexes;
        if (plain == 1 && words->floats == 1)
            made = is_complex ? SB_PRIM_CFLOAT : SB_PRIM_FLOAT;
        else if ((plain == 1 && words->doubles == 1) || plain == 0)
            made = is_complex ? SB_PRIM_CDOUBLE : SB_PRIM_DOUBLE;
        else if (plain == 2 && words->doubles == 1 && words->longs == 1)
            made = is_complex ? SB_PRIM_CLDOUBLE : SB_PRIM_LDOUBLE;
    }
    return made == SB_PRIM_NONE ? SB_NONE : type_of_primitive(made);
}

/* ---- specifiers ----------------------------------------------------------------------------- */

static sb_type_id typedef_of(const struct parser *p, const struct token *token, unsigned *quals)
{
    const struct name *name = &p->b->names[token->name];
    *quals = 0;
    if (token->kind != TOKEN_NAME)
        return 0;
    if (name->kind == NAME_BUILTIN)
        return name->type;
    if (name->kind != NAME_DECLARED || p->b->declarations[name->index].kind != SB_DECL_TYPEDEF)
        return 0;
    *quals = p->b->declarations[name->index].quals;
    return name->type;
}

bool starts_type(const struct parser *p)
{
    unsigned quals;
    if (!at(p, TOKEN_NAME))
        return false;
    switch (current(p)->keyword) {
    case KEY_NONE:
        return typedef_of(p, current(p), &quals) != 0;
    case KEY_ATOMIC:
    case KEY_BOOL:
    case KEY_CHAR:
    case KEY_COMPLEX:
    case KEY_CONST:
    case KEY_DOUBLE:
    case KEY_ENUM:
    case KEY_FLOAT:
    case KEY_FOREIGN:
    case KEY_INT:
    case KEY_INT128:
    case KEY_LONG:
    case KEY_REGISTER:
    case KEY_SHORT:
    case KEY_SIGNED:
    case KEY_STRUCT:
    case KEY_TYPEOF:
    case KEY_UNION:
    case KEY_UNSIGNED:
    case KEY_VOID:
    case KEY_VOLATILE:
        return true;
    default:
        return false;
    }
}

static unsigned storage_of(unsigned keyword)
{
    switch (keyword) {
    case KEY_TYPEDEF:
        return STORE_TYPEDEF;
    case KEY_EXTERN:
        return STORE_EXTERN;
    case KEY_STATIC:
        return STORE_STATIC;
    case KEY_INLINE:
        return STORE_INLINE;
    case KEY_REGISTER:
        return STORE_REGISTER;
    case KEY_THREAD:
        return STORE_THREAD;
    default:
        return 0;
    }
}

static bool is_type_name(const struct builder *b, const struct name *name)
{
    switch (name->keyword) {
    case KEY_BOOL:
    case KEY_CHAR:
    case KEY_CONST:
    case KEY_DOUBLE:
    case KEY_ENUM:
    case KEY_EXTERN:
    case KEY_FLOAT:
    case KEY_INT:
    case KEY_LONG:
    case KEY_SHORT:
    case KEY_SIGNED:
    case KEY_STATIC:
    case KEY_STRUCT:
    case KEY_TYPEDEF:
    case KEY_UNION:
    case KEY_UNSIGNED:
    case KEY_VOID:
        return true;
    default:
        break;
    }
    return name->kind == NAME_BUILTIN ||
           (name->kind == NAME_DECLARED && b->declarations[name->index].kind == SB_DECL_TYPEDEF);
}

static sb_status no_type(struct parser *p)
{
    const struct token *token = current(p);
    char hint[80];
    if (!at_name(p))
        return expected(p, "a type");
    const struct name *name = &p->b->names[token->name];
    if (name->tag != 0 && name->kind == NAME_UNKNOWN) {
        const char *word = tag_word(p->b->types[name->tag].kind);
        return builder_error(p->b, SB_ERROR_MEANING, token->line, token->column,
                             "unknown type name '%.60s'; did you mean '%s %.60s'?",
                             token_name(p, token), word, token_name(p, token));
    }
    if (name->kind != NAME_UNKNOWN)
        return builder_error(p->b, SB_ERROR_MEANING, token->line, token->column,
                             "'%.60s' is not a type; expected one here", token_name(p, token));
    const char *near = suggestion(p, token_name(p, token), hint, is_type_name);
    return builder_error(p->b, SB_ERROR_MEANING, token->line, token->column,
                         "unknown type name '%.60s';%s", token_name(p, token),
                         near[0] != '\0' ? near : " declare it before its first use");
}

/* Type words that the engine refuses, each with its reason. */
static sb_status refused_word(struct parser *p)
{
    const struct token *token = current(p);
    const char *name = token_name(p, token);
    const char *why = "is a type that is not supported";
    if (token->keyword == KEY_AUTO)
        why = "has no place in a description; write the type";
    return builder_error(p->b, SB_ERROR_UNSUPPORTED, token->line, token->column, "'%.60s' %s", name,
                         why);
}

/* An object that is accessed at once may be more aligned than its type. */
static sb_status atomic_type(struct parser *p, struct specifiers *out)
{
    const sb_type *type = &p->b->types[out->type];
    bool fits_word = type->size <= 16 && (type->size & (type->size - 1)) == 0;
    if (type->kind == SB_ARRAY || type->kind == SB_FUNCTION || type->kind == SB_VOID ||
        (type->flags & SB_TYPE_COMPLETE) == 0 || (type_is_record(type) && !fits_word))
        return builder_error(p->b, SB_ERROR_UNSUPPORTED, out->line, out->column,
                             "an _Atomic of this type is not supported; compilers disagree about "
                             "its size, or there is none");
    if (fits_word && type->align < type->size)
        out->type = type_aligned(p->b, out->type, (uint32_t)type->size);
    return p->b->status;
}

/* "_Atomic(type)", or "_Atomic" as a qualifier. */
static sb_status parse_atomic(struct parser *p, struct specifiers *out)
{
    out->is_atomic = true;
    const struct token *next = look_ahead(p);
    if (next == NULL)
        return p->b->status;
    bool has_type = next->kind == TOKEN_LEFT_PAREN;
    if (advance(p) != SB_OK || !has_type)
        return p->b->status;
    unsigned quals;
    if (advance(p) != SB_OK || parse_type_name(p, &out->type, &quals) != SB_OK)
        return p->b->status;
    out->quals |= quals;
    return expect(p, TOKEN_RIGHT_PAREN, "after the type");
}

/* The type of an expression that a typeof can have here: a constant, or something declared. */
static sb_status typeof_expression(struct parser *p, struct specifiers *out)
{
    struct builder *b = p->b;
    const struct token token = *current(p);
    struct value value;
    p->unevaluated++;
    if (parse_expression(p, &value) != SB_OK)
        return b->status;
    p->unevaluated--;
    if (value.type != 0) {
        out->type = value.type;
        return SB_OK;
    }
    out->type = value.kind <= VALUE_FLOAT ? type_of_primitive((sb_primitive)value.primitive)
                : value.kind == VALUE_NULL
                    ? type_pointer(b, TYPE_VOID, 0, token.line, token.column)
                    : type_array(b, type_of_primitive(SB_PRIM_CHAR), 0, ARRAY_KNOWN,
                                 (uint64_t)value.string_length + 1, token.line, token.column);
    return b->status;
}

static sb_status parse_typeof(struct parser *p, struct specifiers *out)
{
    bool keeps_quals = strcmp(token_name(p, current(p)), "typeof_unqual") != 0;
    unsigned quals = 0, before = out->quals;
    if (advance(p) != SB_OK || expect(p, TOKEN_LEFT_PAREN, "after typeof") != SB_OK)
        return p->b->status;
    sb_status status = starts_type(p) ? parse_type_name(p, &out->type, &quals)
                                      : typeof_expression(p, out);
    if (status != SB_OK)
        return status;
    out->quals = keeps_quals ? out->quals | quals : before;
    return expect(p, TOKEN_RIGHT_PAREN, "after the operand of typeof");
}

static sb_status bad_combination(struct parser *p, const struct specifiers *specifiers)
{
    return builder_error(p->b, SB_ERROR_SYNTAX, specifiers->line, specifiers->column,
                         "these words together are not a type of C");
}

/* One specifier that is not part of a type. *taken: there was one. */
static sb_status parse_modifier(struct parser *p, unsigned storage_allowed, struct specifiers *out,
                                bool *taken)
{
    const struct token *token = current(p);
    *taken = true;
    if (token->kind == TOKEN_LEFT_ATTRIBUTE)
        return parse_attributes(p, &out->gnu);
    switch (token->keyword) {
    case KEY_ATTRIBUTE:
    case KEY_DECLSPEC:
    case KEY_CALLING:
    case KEY_EXTENSION:
        return parse_attributes(p, &out->gnu);
    case KEY_ALIGNAS:
        if (advance(p) != SB_OK)
            return p->b->status;
        return at(p, TOKEN_LEFT_PAREN) ? parse_align(p, &out->gnu.aligned)
                                       : expected(p, "'(' after _Alignas");
    case KEY_CONST:
        out->quals |= SB_CONST;
        return advance(p);
    case KEY_VOLATILE:
        out->quals |= SB_VOLATILE;
        return advance(p);
    case KEY_RESTRICT: /* of a typedef of a pointer */
        if (out->restricted.kind == TOKEN_END)
            out->restricted = *token;
        out->quals |= SB_RESTRICT;
        return advance(p);
    case KEY_NORETURN:
        return advance(p);
    case KEY_FOREIGN:
    case KEY_AUTO:
        return refused_word(p);
    default:
        break;
    }
    unsigned storage = storage_of(token->keyword);
    if (storage == 0) {
        *taken = false;
        return SB_OK;
    }
    if ((storage & storage_allowed) == 0)
        return builder_error(p->b, SB_ERROR_SYNTAX, token->line, token->column,
                             "'%s' has no place here; expected a type", token_name(p, token));
    if ((out->storage & storage) != 0 && storage != STORE_INLINE)
        return builder_error(p->b, SB_ERROR_SYNTAX, token->line, token->column,
                             "'%s' stands here twice", token_name(p, token));
    out->storage |= storage;
    return advance(p);
}

/* What "typedef words ..." declares: SB_STRUCT, SB_INT, SB_FLOAT, or 0. */
static uint8_t unknown_kind(const struct words *words, const struct specifiers *specifiers)
{
    unsigned count = count_words(words);
    struct words others = *words;
    if (specifiers->type != 0)
        return 0;
    if (count == 0)
        return SB_STRUCT;
    if (count == 1 && words->floats + words->doubles == 1)
        return SB_FLOAT;
    others.chars = others.shorts = others.ints = others.longs = 0;
    others.signeds = others.unsigneds = 0;
    return count_words(&others) == 0 ? SB_INT : 0;
}

/* "typedef int bool;" in a cdef: from here on bool is a name. */
static bool is_own_bool(struct parser *p, const struct specifiers *out, const struct words *words)
{
    struct token *token = &p->lex.token;
    if (!is_cdef(p) || !at_key(p, KEY_BOOL) || (out->storage & STORE_TYPEDEF) == 0 ||
        (out->type == 0 && count_words(words) == 0) ||
        strcmp(builder_string(p->b, p->b->names[token->name].text), "bool") != 0)
        return false;
    p->b->names[token->name].keyword = KEY_NONE;
    token->keyword = KEY_NONE;
    return true;
}

sb_status parse_specifiers(struct parser *p, unsigned storage_allowed, struct specifiers *out)
{
    struct words words = {0};
    bool in_field = storage_allowed == 0 && !p->type_only;
    *out = (struct specifiers){.line = current(p)->line, .column = current(p)->column};
    for (;;) {
        bool taken;
        if (parse_modifier(p, storage_allowed, out, &taken) != SB_OK)
            return p->b->status;
        if (taken)
            continue;
        if (is_own_bool(p, out, &words))
            break;
        uint8_t *word = word_of(&words, current(p)->keyword);
        bool tagged = at_key(p, KEY_STRUCT) || at_key(p, KEY_UNION) || at_key(p, KEY_ENUM);
        bool has_type = out->type != 0 || count_words(&words) > 0;
        if (at_key(p, KEY_ATOMIC) || (at_key(p, KEY_TYPEOF) && !has_type)) {
            if (at_key(p, KEY_ATOMIC) ? parse_atomic(p, out) : parse_typeof(p, out))
                return p->b->status;
        } else if (word != NULL) {
            if (*word >= 2 || (out->type != 0 && word != &words.complexes))
                return bad_combination(p, out);
            ++*word;
            if (advance(p) != SB_OK)
                return p->b->status;
        } else if (tagged) {
            if (out->type != 0 || count_words(&words) > 0)
                return bad_combination(p, out);
            out->is_tagged = true;
            sb_status status =
                at_key(p, KEY_ENUM) ? parse_enum(p, in_field, out) : parse_record(p, out);
            if (status != SB_OK)
                return status;
        } else {
            unsigned quals = 0;
            sb_type_id named = 0;
            if (at_name(p) && out->type == 0 && count_words(&words) == words.complexes)
                named = typedef_of(p, current(p), &quals);
            if (named == 0)
                break;
            out->type = named;
            if (quals != 0) {
                unsigned kept = 0;
                out->type = type_qualified(p->b, named, &kept, quals, out->line, out->column);
                if (out->type == SB_NONE)
                    return p->b->status;
                out->quals |= kept;
            }
            if (advance(p) != SB_OK)
                return p->b->status;
        }
    }
    if (at(p, TOKEN_ELLIPSIS) && is_cdef(p) && (out->storage & STORE_TYPEDEF) != 0) {
        out->unknown = unknown_kind(&words, out);
        return out->unknown != 0 ? advance(p) : bad_combination(p, out);
    }
    if (out->type == 0) {
        if (count_words(&words) == 0)
            return no_type(p);
        out->type = basic_type(&words);
        if (out->type == SB_NONE)
            return bad_combination(p, out);
    } else if (words.complexes > 0) { /* _Complex _Float32, which is a name */
        out->type = type_complex(p->b, out->type);
        if (out->type == SB_NONE)
            return bad_combination(p, out);
    }
    if (apply_gnu(p, &out->gnu, &out->type, out->line, out->column) != SB_OK ||
        (out->is_atomic && atomic_type(p, out) != SB_OK))
        return p->b->status;
    const sb_type *type = &p->b->types[out->type];
    if (out->restricted.kind != TOKEN_END && type->kind != SB_POINTER)
        return builder_error(p->b, SB_ERROR_SYNTAX, out->restricted.line, out->restricted.column,
                             "'%s' stands behind the '*' of a pointer",
                             token_name(p, &out->restricted));
    if (type->kind == SB_ARRAY && out->quals != 0) {
        unsigned more = out->quals;
        out->quals = 0;
        out->type = type_qualified(p->b, out->type, &out->quals, more, out->line, out->column);
    }
    return p->b->status;
}
