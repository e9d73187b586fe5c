/* types.h - the type table: what is there before the first line (builtin.c), derived types,
 * agreement (types.c). */
#ifndef SB_TYPES_H
#define SB_TYPES_H

#include "builder.h"

/* Ids of the types that every description begins with. */
enum { TYPE_VOID = 1 };

static inline sb_type_id type_of_primitive(sb_primitive primitive)
{
    return TYPE_VOID + (sb_type_id)primitive;
}

/* Size and class of an arithmetic type. */
struct primitive {
    const char *spelling;
    uint8_t kind; /* sb_kind */
    uint8_t size, align;
    bool is_signed; /* integers and characters */
};
extern const struct primitive primitives[SB_PRIMITIVE_COUNT];

/* Appends the arithmetic types and those of the C library, and enters their names. When the tables
 * hold types already, as with a base, only the names are entered. */
sb_status types_init(struct builder *b);

/* A type that C has and the engine can only name: a struct of no fields, whose spelling is its name.
 * Equal ones are one. */
sb_type_id type_foreign(struct builder *b, const char *spelling, uint64_t size, uint32_t align);
/* The complex type of a real one, or SB_NONE. */
sb_type_id type_complex(const struct builder *b, sb_type_id type);

/* Derived types: the id of the equal one that exists, or a new one. SB_NONE after an error, which
 * is reported at line and column. */
sb_type_id type_pointer(struct builder *b, sb_type_id target, unsigned quals, uint32_t line,
                        uint32_t column);
/* An array of unknown length is incomplete. */
enum array_length { ARRAY_OPEN, ARRAY_KNOWN, ARRAY_PARTIAL /* "[...]" */ };
sb_type_id type_array(struct builder *b, sb_type_id element, unsigned quals,
                      enum array_length known, uint64_t length, uint32_t line, uint32_t column);
/* flags: SB_TYPE_VARIADIC, SB_TYPE_NO_PROTO. The parameters are copied when the type is new. */
sb_type_id type_function(struct builder *b, sb_type_id result, const sb_value *params,
                         uint32_t count, unsigned flags, uint32_t line, uint32_t column);
/* A complete type with another alignment: __attribute__((aligned(n))) on a typedef. A record becomes
 * another one with the same fields, whose target it is. */
sb_type_id type_aligned(struct builder *b, sb_type_id type, uint32_t align);
/* Adds qualifiers. They go to the elements of an array, otherwise to *quals. */
sb_type_id type_qualified(struct builder *b, sb_type_id type, unsigned *quals, unsigned more,
                          uint32_t line, uint32_t column);

/* True when two declarations with these types may stand for one thing. */
bool types_agree(struct builder *b, sb_type_id one, sb_type_id other);

/* The spelling of a type for a message, cut to fit. */
const char *type_shown(const struct builder *b, sb_type_id type, unsigned quals, const char *name,
                       char *buffer, size_t capacity);
#define TYPE_SHOWN 160

static inline bool type_is_record(const sb_type *type)
{
    return type->kind == SB_STRUCT || type->kind == SB_UNION;
}

/* Its size is known to a compiler only. */
static inline bool type_is_partial(const sb_type *type)
{
    return (type->flags & (SB_TYPE_PARTIAL | SB_TYPE_COMPLETE)) == SB_TYPE_PARTIAL;
}

static inline bool type_is_integer(const sb_type *type)
{
    return (type->kind >= SB_BOOL && type->kind <= SB_WIDE) || type->kind == SB_ENUM;
}

/* layout.c: one member while its record is laid out. */
struct member_layout {
    uint32_t aligned; /* __attribute__((aligned)) or _Alignas on the member; 0: none */
    bool packed;      /* __attribute__((packed)) on the member */
    bool is_bit_field;
    bool is_named;
};

/* How a record is to be laid out. */
struct record_layout {
    uint32_t aligned; /* of the record; 0: none */
    uint32_t pack;    /* #pragma pack; 0: none */
    bool packed;
};

/* Gives every field of a record its offset, and the record its size, alignment and flags.
 * Bit-fields of width 0 are among the fields; the caller drops them afterwards. */
sb_status layout_record(struct builder *b, sb_type_id record, sb_field *fields,
                        const struct member_layout *members, uint32_t count,
                        const struct record_layout *how, uint32_t line, uint32_t column);

#endif
