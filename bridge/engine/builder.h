/* builder.h - the growing tables behind an sb_description, and how errors are reported.
 *
 * A builder owns one growable array per table of sb_description, a pool of strings, a table of
 * names and a table of derived types. Parsing, layout and binding append to it; when they are done
 * builder_publish() shows the arrays through an sb_description. Rows may move at every append: keep
 * indices, never pointers, across a call that can append.
 *
 * One thread works on a builder. It lives inside the description that it becomes.
 *
 * Failure: functions that append return SB_NONE (or SB_OK's opposite) after filling the caller's
 * sb_error through builder_error(). The first failure wins; the caller only has to stop.
 */
#ifndef SB_BUILDER_H
#define SB_BUILDER_H

#include "symbridge.h"

#if defined(__GNUC__)
#define SB_PRINTF(text, values) __attribute__((format(printf, text, values)))
#else
#define SB_PRINTF(text, values)
#endif

/* One row per table: X(plural, row type, singular). */
#define BUILDER_TABLES(X)                        \
    X(types, sb_type, type)                      \
    X(fields, sb_field, field)                   \
    X(params, sb_value, param)                   \
    X(enumerators, sb_enumerator, enumerator)    \
    X(declarations, sb_declaration, declaration) \
    X(attributes, sb_attribute, attribute)       \
    X(arguments, sb_constant, argument)          \
    X(functions, sb_function, function)          \
    X(classes, sb_class, class)                  \
    X(enums, sb_enum, enum)                      \
    X(exceptions, sb_exception, exception)       \
    X(scopes, sb_scope, scope)                   \
    X(members, sb_member, member)

/* What an identifier means at file level, beside tags. */
enum name_kind {
    NAME_UNKNOWN = 0,
    NAME_BUILTIN,   /* a type of the C library: type */
    NAME_DECLARED,  /* function, variable, typedef, constant: index in declarations */
    NAME_ENUMERATOR /* index in enumerators; type: the enum */
};

/* One identifier, 28 bytes. Found by the hash of its bytes; `text` is its interned id. */
struct name {
    sb_text text;
    uint32_t hash;
    uint16_t length;
    uint8_t keyword;   /* enum keyword of lex.h, or 0 */
    uint8_t kind;      /* enum name_kind */
    uint8_t attribute; /* sb_attribute_id + 1 when it spells one, or 0 */
    uint32_t index;
    sb_type_id type;
    sb_type_id tag; /* the (first) struct, union or enum of that tag, or 0; see builder_tag */
};

/* Where a "#line" or "# 12" marker starts to count anew. */
struct marker {
    uint32_t physical, logical; /* the line after the marker */
    sb_text file;               /* 0: as before */
};

struct builder {
#define X(plural, row, singular) \
    row *plural;                 \
    uint32_t singular##_count, singular##_capacity;
    BUILDER_TABLES(X)
#undef X
    char *strings;
    uint32_t strings_size, strings_capacity;

    struct name *names; /* dense, in the order of first appearance */
    uint32_t name_count, name_capacity;
    uint32_t *name_slots; /* open addressing: index in names, or SB_NONE */
    uint32_t name_slot_count;
    sb_type_id *type_slots; /* open addressing over derived types: id, or 0 */
    uint32_t type_slot_count, type_slot_used;

    struct marker *markers;
    uint32_t marker_count, marker_capacity;

    const char *source; /* during parsing only */
    size_t source_length;
    sb_text file;
    const sb_description *base; /* its rows are the first of every table; or NULL */
    sb_status status;           /* first failure */
    uint32_t searched;          /* steps so far, at most SB_MAX_SEARCH */
    sb_error *error;

    /* Set by sb_bind; copied into the description by builder_publish. */
    uint32_t address_count;
    sb_text library, prefix, doc;
    uint32_t message_count, first_message;
};

/* ---- memory (memory.c): every allocation of the engine -------------------------------------- */

void *memory_resize(void *memory, size_t size); /* NULL when there is none; size > 0 */
void memory_free(void *memory);

/* ---- building ------------------------------------------------------------------------------- */

/* Makes an empty builder, or one whose tables start as copies of base's. `error` is filled on
 * failure and must outlive the builder's use. */
sb_status builder_init(struct builder *b, const sb_description *base, sb_error *error);
void builder_clear(struct builder *b);
void builder_publish(const struct builder *b, sb_description *d);

/* Enters the names of all rows (tags, declarations, enumerators) in the table of names. */
sb_status builder_recall_names(struct builder *b);

/* Drops what only parsing needs (names, type slots, markers). */
void builder_forget_names(struct builder *b);

/* uint32_t builder_add_type(b, &row) and so on: appends a copy of the row (of a zeroed row, when
 * NULL) and returns its index, or SB_NONE after reporting SB_ERROR_MEMORY or SB_ERROR_LIMIT. */
#define X(plural, row, singular) \
    uint32_t builder_add_##singular(struct builder *b, const row *from);
BUILDER_TABLES(X)
#undef X

/* Room for `count` more rows, so that the next appends cannot fail or move. */
#define X(plural, row, singular) bool builder_reserve_##singular(struct builder *b, uint32_t count);
BUILDER_TABLES(X)
#undef X

/* ---- strings and names ---------------------------------------------------------------------- */

/* The index in b->names of an identifier, added when new. Equal bytes give equal ids, so names
 * compare as numbers. No NUL inside. SB_NONE on failure. */
uint32_t builder_name(struct builder *b, const char *bytes, size_t length);
/* The type of a kind that has this name as its tag, or 0; SB_NONE on failure. C has one name space
 * for tags, but in cffi's cdef "struct x" and "union x" are two types. */
sb_type_id builder_tag(struct builder *b, uint32_t name, unsigned kind);
bool builder_set_tag(struct builder *b, uint32_t name, sb_type_id id);
/* As builder_name, but the string id (sb_text); SB_NONE on failure. */
sb_text builder_intern(struct builder *b, const char *bytes, size_t length);
/* The name of those bytes, or NULL. Valid until the next name is added. */
struct name *builder_find_name(const struct builder *b, const char *bytes, size_t length);
struct name *builder_find_text(const struct builder *b, sb_text text);
/* Copies a string (may hold NUL) to the pool without interning it; SB_NONE on failure. */
sb_text builder_store(struct builder *b, const char *bytes, size_t length);

static inline const char *builder_string(const struct builder *b, sb_text text)
{
    return b->strings + text;
}

/* ---- errors --------------------------------------------------------------------------------- */

/* Fills the caller's sb_error (position, message, excerpt of the source) and returns status. Line
 * and column as in the tables; line 0: no position. Only the first error is kept. */
sb_status builder_error(struct builder *b, sb_status status, uint32_t line, uint32_t column,
                        const char *format, ...) SB_PRINTF(5, 6);
sb_status builder_no_memory(struct builder *b);

/* The line as the user counts it, after #line markers. */
uint32_t builder_logical_line(const struct builder *b, uint32_t line);
/* The same of a row that exists, which may be the base's. */
uint32_t builder_declaration_line(const struct builder *b, uint32_t declaration);
uint32_t builder_enumerator_line(const struct builder *b, uint32_t enumerator);

/* The bytes of the UTF-8 character that begins at bytes; 0 when none does. length > 0. */
unsigned utf8_length(const unsigned char *bytes, size_t length);

/* Edit distance (insert, delete, replace, swap of neighbours), or limit + 1 when it is larger. */
unsigned edit_distance(const char *a, size_t a_length, const char *b, size_t b_length,
                       unsigned limit);

/* ---- the stages of sb_description_parse ----------------------------------------------------- */

/* Decides what all declarations and attributes mean (bind.c). Called after everything is parsed and
 * laid out. Reads declarations, types, fields, params, enumerators and attributes; fills the
 * meaning in fields, params and enumerators and makes functions, classes, enums, exceptions, scopes
 * and members. With a base, only rows from the base's counts on are new. Returns b->status. */
sb_status sb_bind(struct builder *b);

#endif
