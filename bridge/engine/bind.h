/* bind.h - what the files of the binding pass share.
 *
 * sb_bind (bind.c) runs these steps over the new rows of a builder, in this order:
 *
 *     attributes     every attribute stands in its place, with arguments of the right kind
 *     module         library, module, prefix, submodules, exceptions          bind.c
 *     classes        one row per named record; where its name is found        bind_class.c
 *     enums          names and outcomes of enumerators                        bind_enum.c
 *     fields         what each field is to the user                   bind_class.c, bind_value.c
 *     functions      roles, parameters, results                               bind_function.c, ...
 *     members        every scope sorted by name, no name twice                bind_name.c
 *
 * All of it lives in one struct binder on the stack of sb_bind, for one thread. Functions return
 * false after reporting through builder_error; the first failure wins.
 */
#ifndef SB_BIND_H
#define SB_BIND_H

#include "builder.h"

/* The attributes of one declaration, value or enumerator; `set` has a bit per sb_attribute_id. */
struct attributes {
    uint64_t set[2];
    const sb_attribute *rows; /* in builder.attributes, which does not grow while binding */
    uint32_t count;
};

_Static_assert(SB_ATTRIBUTE_COUNT <= 128, "struct attributes has a bit per attribute");

/* A member before the scopes are sorted. 48 bytes. */
struct entry {
    uint64_t key; /* first eight bytes of the name, big-endian: most comparisons end here */
    sb_member member;
    uint32_t scope;
    uint32_t line, column; /* 0, 0: declared in the base description */
    uint32_t order;        /* sorts equal names by appearance */
};

/* 64-bit keys to indices, open addressing. */
struct bind_map {
    uint64_t *keys;
    uint32_t *values; /* SB_NONE: free */
    uint32_t slots, count;
};

struct binder {
    struct builder *b;

    /* Counts of the base description: rows before these are bound already. */
    uint32_t old_types, old_declarations, old_fields, old_params, old_enumerators, old_classes,
        old_enums, old_functions;

    sb_text prefix_upper; /* the prefix in upper case: enumerators and macros wear it */
    uint32_t prefix_length;
    sb_type_id byte_type; /* unsigned char: what the elements of a void array are */

    sb_text *aliases;        /* per type: name of the first typedef of a record or enum, or 0 */
    uint8_t *os_error_enums; /* per enum: some status of it raises OSError */
    uint8_t *os_errors;      /* per exception: it is OSError or derived from it */
    uint32_t os_error_capacity;

    struct entry *entries;
    uint32_t entry_count, entry_capacity;

    struct bind_map children;   /* scope << 32 | name: the submodules and classes in a scope */
    struct bind_map exceptions; /* name: index in exceptions */
};

/* Reports SB_ERROR_MEANING and is false. */
#define bind_fail(binder, line, column, ...) \
    (builder_error((binder)->b, SB_ERROR_MEANING, line, column, __VA_ARGS__), false)

/* ---- attributes (bind.c, bind_attribute.c) --------------------------------------------------- */

bool bind_check_attributes(struct binder *binder);
struct attributes bind_attributes(const struct binder *binder, uint32_t first, uint32_t count);
const sb_attribute *bind_attribute(const struct attributes *attributes, sb_attribute_id id);
const char *bind_spelling(sb_attribute_id id);

static inline bool bind_has(const struct attributes *attributes, sb_attribute_id id)
{
    return (attributes->set[id / 64] >> (id % 64) & 1) != 0;
}

static inline const sb_constant *bind_argument(const struct binder *binder,
                                               const sb_attribute *attribute, unsigned i)
{
    return &binder->b->arguments[attribute->first_argument + i];
}

/* The identifier that was written as an argument, or 0. */
static inline sb_text bind_identifier(const sb_constant *argument)
{
    if (argument->name != 0)
        return argument->name;
    return argument->kind == SB_CONST_NAME ? argument->as.s : 0;
}

/* ---- names (bind_name.c) --------------------------------------------------------------------- */

/* Room for one more element in an array of the binder's. */
bool bind_grow(struct binder *binder, void **memory, uint32_t *capacity, uint32_t count,
               size_t size);

uint32_t bind_map_find(const struct bind_map *map, uint64_t key);
bool bind_map_put(struct binder *binder, struct bind_map *map, uint64_t key, uint32_t value);
void bind_map_clear(struct bind_map *map);

bool bind_is_keyword(const char *name, size_t length);
/* The interned name, with "_" behind it when it is a keyword of Python; SB_NONE without memory. */
sb_text bind_safe_name(struct binder *binder, const char *name, size_t length);
/* The name less the module's prefix; `upper`: also less the prefix in upper case. */
sb_text bind_short_name(struct binder *binder, sb_text name, bool upper);
/* The name less "tag_" of the record (or its typedef name, or these less "_t"), else less the
 * module's prefix. `verb`, when not NULL, goes too: "get_". */
sb_text bind_method_name(struct binder *binder, sb_text name, sb_type_id record, const char *verb);
/* What a record or enum is called without [[name]]: its short name, with `kind` ("struct_") before
 * it when a function, variable or constant has the name too, as C allows. */
sb_text bind_tag_name(struct binder *binder, sb_type_id type, const char *kind);
/* A name given by an attribute whose argument must be one identifier; SB_NONE after an error. */
sb_text bind_given_name(struct binder *binder, const sb_attribute *attribute);

/* Where a dotted name leads: all but the last part are classes or submodules, which are made. With
 * `classes` false, or parts that are none yet, submodules are made. */
struct bind_path {
    uint32_t scope;
    sb_text name;
};
bool bind_resolve_path(struct binder *binder, const sb_attribute *attribute, struct bind_path *out);
/* The submodule of a dotted name, made when new; SB_NONE after an error. */
uint32_t bind_submodule(struct binder *binder, const sb_attribute *attribute);

/* A new scope. `listed`: dotted names may go through it. SB_NONE after an error. */
uint32_t bind_add_scope(struct binder *binder, uint32_t parent, sb_text name, uint32_t class_index,
                        bool listed);
bool bind_recall_scopes(struct binder *binder);
bool bind_add_member(struct binder *binder, uint32_t scope, sb_text name, sb_member_kind kind,
                     uint32_t index, uint32_t other, uint32_t line, uint32_t column);
bool bind_members(struct binder *binder);

/* ---- exceptions and enums (bind_enum.c) ------------------------------------------------------ */

bool bind_exceptions(struct binder *binder);
/* The exception that an attribute's argument names; SB_NONE after an error. */
uint32_t bind_exception(struct binder *binder, const sb_attribute *attribute, unsigned argument);
uint32_t bind_standard_exception(struct binder *binder, const char *name);
bool bind_enums(struct binder *binder);

/* ---- classes (bind_class.c) ------------------------------------------------------------------ */

bool bind_classes(struct binder *binder);
bool bind_fields(struct binder *binder);
bool bind_check_classes(struct binder *binder);

/* The class that users see of a record type: neither hidden nor none; else SB_NONE. */
static inline uint32_t bind_class_of(const struct binder *binder, sb_type_id type)
{
    const sb_type *row = &binder->b->types[type];
    if ((row->kind != SB_STRUCT && row->kind != SB_UNION) || row->binding == SB_NONE ||
        (binder->b->classes[row->binding].flags & SB_CLASS_HIDDEN) != 0)
        return SB_NONE;
    return row->binding;
}

/* ---- values (bind_value.c) ------------------------------------------------------------------- */

/* Whose value it is, for its meaning and for messages. */
enum bind_use { BIND_PARAMETER, BIND_RESULT, BIND_FIELD };

struct bind_subject {
    enum bind_use use;
    sb_text owner;  /* the function or record, as in C */
    bool is_hidden; /* the owner is never offered: its types need no class */
};

void bind_reset_value(sb_value *value);
/* Decides passing, value_type, string and byte flags from type, direction and attributes. */
bool bind_value(struct binder *binder, const struct bind_subject *subject, sb_value *value,
                const struct attributes *attributes);
/* [[default]] or [[value]]: a constant that the value can take. */
bool bind_constant(struct binder *binder, const struct bind_subject *subject, sb_value *value,
                   const sb_attribute *attribute);
/* Reports what is wrong with a value, at the attribute or, when NULL, at the value. False. */
bool bind_value_fail(struct binder *binder, const struct bind_subject *subject,
                     const sb_value *value, const sb_attribute *attribute, const char *format, ...)
    SB_PRINTF(5, 6);

/* ---- functions (bind_function.c, bind_parameter.c, bind_role.c) ------------------------------ */

/* One function while it is bound. Parameter rows are edited in place: nothing is appended to params
 * meanwhile. */
struct signature {
    sb_function *function;
    const sb_declaration *declaration;
    struct attributes attributes;
    struct bind_subject subject;
    sb_value *params;
    sb_value *result;
    unsigned param_count;
    struct attributes param_attributes[SB_MAX_PARAMETERS];
};

bool bind_functions(struct binder *binder);

/* What every parameter and the result is, and how they hang together (bind_parameter.c). */
bool bind_parameters(struct binder *binder, struct signature *s);
bool bind_result(struct binder *binder, struct signature *s);
/* What function pointers among the parameters are, and what belongs to them (bind_callback.c). */
bool bind_callbacks(struct binder *binder, struct signature *s);

/* Numbers the functions and finds the destructors, before any function is bound (bind_role.c). */
bool bind_number_functions(struct binder *binder);
/* Role, receiver and class from the attributes, before the parameters. */
bool bind_role(struct binder *binder, struct signature *s);
/* Operand and result counts, class of constructors, slots; after the parameters and the result. */
bool bind_check_role(struct binder *binder, struct signature *s);
/* Name, scope and member of a function, last. */
bool bind_place_function(struct binder *binder, struct signature *s);

/* Parameters that the user passes, and results that the user gets. */
unsigned bind_operands(const struct signature *s);
unsigned bind_outcomes(const struct signature *s);

#endif
