/* parse.h - what the files of the parser share: the state of one parse and its productions.
 *
 *     description.c      the public entry points
 *     parse.c            declarations of a file
 *     specifier.c        basic types, names of types, storage classes
 *     record.c           tags; structs and unions defined in place
 *     enum.c             enums defined in place
 *     declarator.c       what surrounds the declared name: pointers, arrays, parameters
 *     parse_attribute.c  [[...]], __attribute__((...)) and their arguments
 *     expression.c       constant expressions
 *     operand.c          objects in them, offsetof
 *     cdef.c             what only SB_PARSE_CDEF accepts
 *
 * Every production starts at its first token and ends with the token behind it current. A failure
 * is reported once, through builder_error, and returned by everybody.
 */
#ifndef SB_PARSE_H
#define SB_PARSE_H

#include "lex.h"
#include "types.h"

/* One step from a declared name to its type: "*", "[3]" or "(int)". */
struct derivation {
    uint8_t kind;  /* SB_POINTER, SB_ARRAY, SB_FUNCTION */
    uint8_t quals; /* of the pointer; of an array in a parameter */
    uint8_t flags; /* function: SB_TYPE_VARIADIC, SB_TYPE_NO_PROTO */
    bool known;    /* array: its length is */
    bool partial;  /* array: "[...]" */
    bool adjusted; /* array: says what only a parameter's may: static or qualifiers */
    uint32_t first_param, param_count; /* in parser.params */
    uint32_t line, column;
    uint64_t length;
};

/* Rows that are collected before their place in the builder's tables is known. Each is a stack: a
 * production drops what it pushed. */
#define PARSER_STACKS(X)                                              \
    X(attributes, sb_attribute, attribute)                            \
    X(params, sb_value, param)                                        \
    X(fields, sb_field, field)                                        \
    X(members, struct member_layout, member) /* parallel to fields */ \
    X(derivations, struct derivation, derivation)

struct parser {
    struct builder *b;
    unsigned flags; /* sb_parse_flag */
    struct lexer lex;
    struct token ahead; /* the token after the current one, when has_ahead */
    bool has_ahead;
    unsigned depth;       /* of recursion: at most SB_MAX_NESTING */
    unsigned linkage;     /* open extern "C" { */
    unsigned python;      /* what linkage was outside of an open extern "Python" {, and 1; or 0 */
    unsigned unevaluated; /* inside a branch that an expression does not take */
    sb_text macro;        /* the #define whose value is read, or 0 */
    bool type_only;       /* no definitions: sizeof, casts, parameters, sb_description_type */
#define X(plural, row, singular) \
    row *plural;                 \
    uint32_t singular##_count, singular##_capacity;
    PARSER_STACKS(X)
#undef X
    uint32_t *stamps; /* per name: the last list of fields or parameters that had it */
    uint32_t stamp_capacity, stamp;
};

#define X(plural, row, singular) bool parser_push_##singular(struct parser *p, const row *from);
PARSER_STACKS(X)
#undef X

/* ---- tokens --------------------------------------------------------------------------------- */

static inline const struct token *current(const struct parser *p)
{
    return &p->lex.token;
}

static inline bool at(const struct parser *p, enum token_kind kind)
{
    return p->lex.token.kind == kind;
}

static inline bool at_key(const struct parser *p, enum keyword keyword)
{
    return p->lex.token.keyword == keyword;
}

/* A name that is no keyword. */
static inline bool at_name(const struct parser *p)
{
    return p->lex.token.kind == TOKEN_NAME && p->lex.token.keyword == KEY_NONE;
}

sb_status advance(struct parser *p);
/* The token after the current one, or NULL after an error. */
const struct token *look_ahead(struct parser *p);
sb_status enter_nesting(struct parser *p); /* pairs with p->depth-- */

/* Errors at the current token: "expected <what>, found <token>". */
sb_status expected(struct parser *p, const char *what) __attribute__((cold));
/* Passes a token of that kind, or reports "expected <kind> <context>, found ...". */
sb_status expect(struct parser *p, enum token_kind kind, const char *context);

static inline sb_text token_text(const struct parser *p, const struct token *token)
{
    return p->b->names[token->name].text;
}

static inline const char *token_name(const struct parser *p, const struct token *token)
{
    return builder_string(p->b, token_text(p, token));
}

/* " did you mean 'x'?" for a misspelt name, from all names that `wanted` accepts; or "". */
const char *suggestion(const struct parser *p, const char *name, char buffer[80],
                       bool (*wanted)(const struct builder *b, const struct name *name));

sb_status parse_static_assert(struct parser *p);
sb_status parse_define(struct parser *p);
/* Declarations up to the end of the text. */
sb_status parse_file(struct parser *p);
sb_status parser_init(struct parser *p, struct builder *b, const sb_parse_options *options);
void parser_clear(struct parser *p);

/* ---- specifier.c ---------------------------------------------------------------------------- */

enum storage {
    STORE_TYPEDEF = 1,
    STORE_EXTERN = 2,
    STORE_STATIC = 4,
    STORE_INLINE = 8,
    STORE_REGISTER = 16,
    STORE_THREAD = 32,
    STORE_CONSTEXPR = 64
};

/* What GNU attributes and _Alignas say that matters to layout. */
struct gnu {
    bool packed;
    bool transparent; /* transparent_union */
    uint8_t mode;     /* of __attribute__((mode(...))): index in modes of parse_attribute.c, or 0 */
    uint32_t aligned; /* or 0 */
    uint64_t vector;  /* bytes of __attribute__((vector_size(...))), or 0 */
};

struct specifiers {
    unsigned storage;
    unsigned quals;
    bool is_atomic;
    sb_type_id type;
    bool is_tagged;  /* struct, union or enum by keyword */
    bool is_defined; /* ...with its body */
    bool is_unnamed; /* ...without a tag */
    uint8_t unknown; /* typedef ... T: SB_STRUCT, SB_INT or SB_FLOAT; then there is no type */
    struct token restricted; /* the word, when it is among them; or TOKEN_END */
    struct gnu gnu;
    uint32_t line, column;
};

bool starts_type(const struct parser *p);
/* Storage classes are accepted only when in `storage_allowed`. [[attributes]] found on the way are
 * pushed on p->attributes. */
sb_status parse_specifiers(struct parser *p, unsigned storage_allowed, struct specifiers *out);

/* ---- record.c, enum.c ----------------------------------------------------------------------- */

const char *tag_word(unsigned kind); /* "struct", "union" or "enum" */
/* A new struct, union or enum with its declaration. SB_NONE on failure, here and below. */
sb_type_id add_tagged(struct parser *p, unsigned kind, sb_text tag, const struct token *place);
/* The type that a tag names; made when it is new. */
sb_type_id tagged_type(struct parser *p, unsigned kind, const struct token *tag);
/* Refuses a second definition, and one inside itself. */
sb_status open_definition(struct parser *p, sb_type_id id, const struct token *place);
/* The comment that the lexer saw behind the last token, on its line. */
sb_text trailing_doc(struct parser *p);
/* With the current token "struct" or "union"; "enum". in_field: "enum e : 3" is a bit-field. */
sb_status parse_record(struct parser *p, struct specifiers *out);
sb_status parse_enum(struct parser *p, bool in_field, struct specifiers *out);

/* ---- declarator.c --------------------------------------------------------------------------- */

enum declarator_mode {
    DECLARATOR_NAMED,
    DECLARATOR_ABSTRACT,
    DECLARATOR_EITHER,  /* a parameter's: with or without a name, and it decays */
    DECLARATOR_OPTIONAL /* with or without a name, and nothing decays */
};

struct declarator {
    struct token name;     /* kind TOKEN_NAME, or TOKEN_END when there is none */
    uint32_t line, column; /* of the name, or of where it would be */
    sb_type_id type;
    unsigned quals;
    uint32_t first_param, param_count; /* in p->params, when the name is a function's */
    bool is_function;
    struct gnu gnu;
};

/* Reads a declarator and applies it to the specifiers' type. Attributes go to p->attributes. The
 * caller drops p->params back to what it was. In a parameter (DECLARATOR_EITHER) arrays and
 * functions become pointers. */
sb_status parse_declarator(struct parser *p, enum declarator_mode mode,
                           const struct specifiers *specifiers, struct declarator *out);
/* "struct point *[3]" */
sb_status parse_type_name(struct parser *p, sb_type_id *type, unsigned *quals);

/* The same for a type that stands alone: it may declare a name, which is dropped, and define a
 * record or an enum, as "int f(char)" and "struct { int a; } *" do. */
sb_status parse_lone_type(struct parser *p, sb_type_id *type, unsigned *quals);
/* Refuses two fields or parameters of one name; `what` is "field" or "parameter". */
sb_status check_names(struct parser *p, const sb_value *values, size_t stride, uint32_t count,
                      const char *what);
/* A value with nothing known of its meaning. */
sb_value plain_value(void);

/* ---- parse_attribute.c ---------------------------------------------------------------------- */

/* Reads any run of attributes; [[...]] go to p->attributes, the rest to *gnu. */
sb_status parse_attributes(struct parser *p, struct gnu *gnu);
/* Changes a type as mode(...) and vector_size(...) say, and forgets them. */
sb_status apply_gnu(struct parser *p, struct gnu *gnu, sb_type_id *type, uint32_t line,
                    uint32_t column);
/* Copies p->attributes from `from` on to the builder's table and drops them. */
sb_status commit_attributes(struct parser *p, uint32_t from, uint32_t *first, uint8_t *count);
/* The attributes before a declaration, which all its declarators have. The rows are shared by those
 * that have no others. */
struct shared_attributes {
    uint32_t from, to; /* in p->attributes */
    uint32_t first;    /* in the builder's table, once made */
    uint8_t count;
    bool made;
};

/* Commits what a declarator has: p->attributes behind the shared ones, and those. */
sb_status commit_shared(struct parser *p, struct shared_attributes *shared, uint32_t *first,
                        uint8_t *count);
/* Adds p->attributes from `from` on to those that a declaration has, and drops them. */
sb_status add_attributes(struct parser *p, uint32_t from, uint32_t declaration);
sb_status parse_align(struct parser *p, uint32_t *aligned); /* "(16)" or "(type)", or nothing */

/* ---- names that are declared: parse.c ------------------------------------------------------- */

/* One declaration while its declarators are read. */
struct declaration {
    struct specifiers specifiers;
    struct shared_attributes shared; /* those before the declarators */
    sb_text doc;                     /* of the comment before it */
    uint32_t last;   /* the last declaration made, for a comment behind it; or SB_NONE */
    sb_text symbol;  /* __asm__("symbol") */
    bool for_python; /* extern "Python" */
};

/* An earlier declaration of the name: agrees with the new one, or is an error. *found is its index,
 * or SB_NONE when the name is free. */
sb_status find_earlier(struct parser *p, const sb_declaration *fresh, uint32_t name,
                       uint32_t *found);
/* Enters a name that is new, with its attributes and doc. */
sb_status declare_new(struct parser *p, struct declaration *d, sb_declaration *declaration,
                      const struct token *name);

/* ---- cdef.c --------------------------------------------------------------------------------- */

static inline bool is_cdef(const struct parser *p)
{
    return (p->flags & SB_PARSE_CDEF) != 0;
}

/* The names behind "typedef ...", "typedef int..." and "typedef float...". */
sb_status cdef_typedefs(struct parser *p, struct declaration *d);
/* A constant whose value only a compiler knows. */
sb_status cdef_constant(struct parser *p, struct declaration *d, const struct token *name,
                        sb_type_id type, unsigned quals);
/* The value of a #define: declares it when it is "..." (*taken), refuses all but numbers. */
sb_status cdef_macro(struct parser *p, struct declaration *d, const struct token *name,
                     bool *taken);
/* Passes "= { ... }", which says nothing about where the object is; then *has_value is false. */
sb_status cdef_skip_braces(struct parser *p, bool *has_value);
/* A name is declared again as something else: refused, or taken from what had it. */
sb_status cdef_conflict(struct parser *p, unsigned kind, const struct name *known, uint32_t line,
                        uint32_t column);
/* Is the string behind "extern", the current token, "Python" or "Python+C"? */
sb_status cdef_python(struct parser *p, bool *taken);

/* ---- expression.c --------------------------------------------------------------------------- */

enum value_kind {
    VALUE_INTEGER,
    VALUE_FLOAT,
    VALUE_STRING,
    VALUE_NULL,  /* a pointer: NULL, but where its address is asked for */
    VALUE_OBJECT /* something that has a type, and lies at an address from 0 on when has_address */
};

struct value {
    uint8_t kind;      /* enum value_kind */
    uint8_t primitive; /* sb_primitive of a number */
    bool has_address;  /* pointer, object: `bits` is it */
    sb_type_id type;   /* pointer, object; 0: void * */
    uint64_t bits;     /* integer: extended to 64 bits by its sign */
    double number;
    uint32_t string_start, string_length; /* in lexer.buffer, unless... */
    sb_text text;                         /* ...the string is that of a named constant */
};

/* The bytes of a string that was just read. */
static inline const char *value_bytes(const struct parser *p, const struct value *value)
{
    return value->string_length == 0 ? "" : p->lex.buffer + value->string_start;
}

sb_status parse_expression(struct parser *p, struct value *out);
/* An expression that must be an integer; `what` names it in messages ("a bit-field's width"). */
sb_status parse_integer(struct parser *p, const char *what, struct value *out);
/* Adjacent string literals as one; the current token is the first. */
sb_status parse_string(struct parser *p, struct value *out);
bool value_is_negative(const struct value *value);
/* Converts to another arithmetic type, as a cast does. */
sb_status convert_value(struct parser *p, struct value *value, sb_primitive primitive);
sb_status constant_of_value(struct parser *p, const struct value *value, sb_constant *out);
/* operand.c, for expression.c and typeof. */
void size_value(struct value *value, uint64_t number); /* a size_t */
sb_status offset_of(struct parser *p, struct value *out);
/* An object of a variable or function of that name. */
bool object_of_name(struct parser *p, uint32_t name, struct value *out);
/* Any ".member", "->member" and "[index]" behind an operand. */
sb_status parse_postfix(struct parser *p, struct value *out);
/* Unary * and &. */
sb_status apply_to_object(struct parser *p, const struct token *sign, struct value *out);
sb_status size_of_object(struct parser *p, const struct token *place, bool align,
                         struct value *out);
/* The value of a name, when it names a constant. */
bool value_of_name(struct parser *p, uint32_t name, struct value *out);

#endif
