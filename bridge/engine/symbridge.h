/* symbridge.h - the engine: descriptions of C libraries, their types and layouts, and calls.
 *
 * The engine knows nothing of Python. It reads a description (C declarations with [[attributes]]),
 * lays the types out as this machine's C compilers do, checks what the attributes say, opens the
 * library and calls its functions. Everything it makes is plain data addressed by index.
 *
 *     sb_error error;
 *     sb_description *d;
 *     if (sb_description_parse(text, length, "m.bridge", NULL, &d, &error) != SB_OK)
 *         ... error.line, error.column, error.message, error.excerpt
 *
 * Every function that can fail returns an sb_status and fills the caller's sb_error. Nothing is
 * printed (but on abort, see closures), no global state is kept but the pools of closures, and no
 * function but sb_library_open runs foreign code.
 *
 * Threads: a description is built by one thread and immutable afterwards; any number of threads
 * may read it. Reference counts are atomic.
 */
#ifndef SYMBRIDGE_H
#define SYMBRIDGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "attributes.h"

#ifdef __cplusplus
extern "C" {
#endif

#define SB_ENGINE_VERSION "0.1.0"

/* ---- limits: every one has its own error --------------------------------------------------- */

#define SB_MAX_SOURCE (64u << 20)      /* bytes of one description */
#define SB_MAX_NESTING 64              /* declarators, parentheses, records within records */
#define SB_MAX_NAME 1023               /* bytes of an identifier */
#define SB_MAX_STRING 65535            /* bytes of a string literal */
#define SB_MAX_PARAMETERS 127          /* of one function, as C guarantees */
#define SB_MAX_FIELDS 65535            /* of one record */
#define SB_MAX_ENUMERATORS 1000000     /* of one enum */
#define SB_MAX_ATTRIBUTE_ARGUMENTS 64  /* of one attribute */
#define SB_MAX_DECLARATIONS 4000000    /* of one description */
#define SB_MAX_SEARCH 100000000        /* steps of looking fields up, and of comparing types, in all */
#define SB_MAX_OBJECT_SIZE INT64_MAX   /* bytes of one object */
#define SB_MAX_CANONICAL 8192          /* bytes of a canonical spelling; what follows is not looked at */

/* ---- errors -------------------------------------------------------------------------------- */

typedef enum sb_status {
    SB_OK = 0,
    SB_ERROR_SYNTAX,      /* the text is not a description */
    SB_ERROR_MEANING,     /* it is one, but says something impossible: unknown type, bad attribute */
    SB_ERROR_LIMIT,       /* a named cap above was exceeded */
    SB_ERROR_UNSUPPORTED, /* valid C that this machine or libffi cannot do */
    SB_ERROR_MEMORY,      /* allocation failed */
    SB_ERROR_LIBRARY,     /* the library could not be opened */
    SB_ERROR_SYMBOL,      /* a symbol is missing */
    SB_ERROR_CONFLICT     /* a name is declared again as something else (SB_PARSE_CDEF only) */
} sb_status;

/* Position and text of one failure. Owned by the caller; valid whenever the status is not SB_OK. */
typedef struct sb_error {
    sb_status status;
    uint32_t line, column; /* from 1; 0 when the error has no place in a description */
    char message[512];     /* UTF-8, one sentence: what was found, what was expected, what to do */
    char excerpt[160];     /* the offending line, cut to fit around the column */
    uint32_t caret;        /* bytes before the column in excerpt */
} sb_error;

/* ---- allocation ---------------------------------------------------------------------------- */

/* All memory of the engine comes from here, so that tests can make it fail. Not thread-safe: set
 * it before anything else, or never. NULL restores realloc and free of the C library. */
typedef void *(*sb_reallocate)(void *memory, size_t size); /* size 0 frees and returns NULL */
void sb_set_allocator(sb_reallocate reallocate);

/* ---- types --------------------------------------------------------------------------------- */

typedef uint32_t sb_type_id; /* index in sb_description.types; 0 is "none" */
typedef uint32_t sb_text;    /* offset in sb_description.strings; 0 is the empty string */
#define SB_NONE UINT32_MAX   /* "no such" declaration, function, class, scope, field ... */

/* One row per arithmetic type: X(ID, "spelling", C type, class).
 * Types of equal layout but different name are kept apart, because peers print their names. */
#define SB_PRIMITIVES(X)                                                                        \
    X(BOOL, "_Bool", _Bool, SB_BOOL)                                                            \
    X(CHAR, "char", char, SB_CHAR)                                                              \
    X(SCHAR, "signed char", signed char, SB_INT)                                                \
    X(UCHAR, "unsigned char", unsigned char, SB_UINT)                                           \
    X(SHORT, "short", short, SB_INT)                                                            \
    X(USHORT, "unsigned short", unsigned short, SB_UINT)                                        \
    X(INT, "int", int, SB_INT)                                                                  \
    X(UINT, "unsigned int", unsigned int, SB_UINT)                                              \
    X(LONG, "long", long, SB_INT)                                                               \
    X(ULONG, "unsigned long", unsigned long, SB_UINT)                                           \
    X(LLONG, "long long", long long, SB_INT)                                                    \
    X(ULLONG, "unsigned long long", unsigned long long, SB_UINT)                                \
    X(INT8, "int8_t", int8_t, SB_INT)                                                           \
    X(UINT8, "uint8_t", uint8_t, SB_UINT)                                                       \
    X(INT16, "int16_t", int16_t, SB_INT)                                                        \
    X(UINT16, "uint16_t", uint16_t, SB_UINT)                                                    \
    X(INT32, "int32_t", int32_t, SB_INT)                                                        \
    X(UINT32, "uint32_t", uint32_t, SB_UINT)                                                    \
    X(INT64, "int64_t", int64_t, SB_INT)                                                        \
    X(UINT64, "uint64_t", uint64_t, SB_UINT)                                                    \
    X(INT_LEAST8, "int_least8_t", int_least8_t, SB_INT)                                         \
    X(UINT_LEAST8, "uint_least8_t", uint_least8_t, SB_UINT)                                     \
    X(INT_LEAST16, "int_least16_t", int_least16_t, SB_INT)                                      \
    X(UINT_LEAST16, "uint_least16_t", uint_least16_t, SB_UINT)                                  \
    X(INT_LEAST32, "int_least32_t", int_least32_t, SB_INT)                                      \
    X(UINT_LEAST32, "uint_least32_t", uint_least32_t, SB_UINT)                                  \
    X(INT_LEAST64, "int_least64_t", int_least64_t, SB_INT)                                      \
    X(UINT_LEAST64, "uint_least64_t", uint_least64_t, SB_UINT)                                  \
    X(INT_FAST8, "int_fast8_t", int_fast8_t, SB_INT)                                            \
    X(UINT_FAST8, "uint_fast8_t", uint_fast8_t, SB_UINT)                                        \
    X(INT_FAST16, "int_fast16_t", int_fast16_t, SB_INT)                                         \
    X(UINT_FAST16, "uint_fast16_t", uint_fast16_t, SB_UINT)                                     \
    X(INT_FAST32, "int_fast32_t", int_fast32_t, SB_INT)                                         \
    X(UINT_FAST32, "uint_fast32_t", uint_fast32_t, SB_UINT)                                     \
    X(INT_FAST64, "int_fast64_t", int_fast64_t, SB_INT)                                         \
    X(UINT_FAST64, "uint_fast64_t", uint_fast64_t, SB_UINT)                                     \
    X(INTMAX, "intmax_t", intmax_t, SB_INT)                                                     \
    X(UINTMAX, "uintmax_t", uintmax_t, SB_UINT)                                                 \
    X(INTPTR, "intptr_t", intptr_t, SB_INT)                                                     \
    X(UINTPTR, "uintptr_t", uintptr_t, SB_UINT)                                                 \
    X(PTRDIFF, "ptrdiff_t", ptrdiff_t, SB_INT)                                                  \
    X(SIZE, "size_t", size_t, SB_UINT)                                                          \
    X(SSIZE, "ssize_t", ptrdiff_t, SB_INT)                                                      \
    X(WCHAR, "wchar_t", wchar_t, SB_WIDE)                                                       \
    X(CHAR16, "char16_t", uint_least16_t, SB_WIDE)                                              \
    X(CHAR32, "char32_t", uint_least32_t, SB_WIDE)                                              \
    X(FLOAT, "float", float, SB_FLOAT)                                                          \
    X(DOUBLE, "double", double, SB_FLOAT)                                                       \
    X(LDOUBLE, "long double", long double, SB_FLOAT)                                            \
    X(CFLOAT, "float _Complex", float _Complex, SB_COMPLEX)                                     \
    X(CDOUBLE, "double _Complex", double _Complex, SB_COMPLEX)                                  \
    X(CLDOUBLE, "long double _Complex", long double _Complex, SB_COMPLEX)                       \
    SB_PRIMITIVES_128(X)

#ifdef __SIZEOF_INT128__
#define SB_PRIMITIVES_128(X)                                                                    \
    X(INT128, "__int128", sb_int128, SB_INT)                                                    \
    X(UINT128, "unsigned __int128", sb_uint128, SB_UINT)
__extension__ typedef __int128 sb_int128;
__extension__ typedef unsigned __int128 sb_uint128;
#else
#define SB_PRIMITIVES_128(X)
#endif

typedef enum sb_primitive {
    SB_PRIM_NONE = 0,
#define X(id, spelling, ctype, kind) SB_PRIM_##id,
    SB_PRIMITIVES(X)
#undef X
    SB_PRIMITIVE_COUNT
} sb_primitive;

typedef enum sb_kind {
    SB_VOID = 0,
    SB_BOOL,
    SB_CHAR, /* plain char: a byte of text */
    SB_INT,
    SB_UINT,
    SB_WIDE, /* wchar_t, char16_t, char32_t: one character */
    SB_FLOAT,
    SB_COMPLEX,
    SB_POINTER,
    SB_ARRAY,
    SB_STRUCT,
    SB_UNION,
    SB_ENUM,
    SB_FUNCTION
} sb_kind;

enum sb_type_flag {
    SB_TYPE_COMPLETE = 1 << 0, /* size and align are known */
    SB_TYPE_PACKED = 1 << 1,
    SB_TYPE_VARIADIC = 1 << 2,    /* function: ends in ... */
    SB_TYPE_FLEXIBLE = 1 << 3,    /* record whose last field is T x[]; array of unknown length */
    SB_TYPE_NO_PROTO = 1 << 4,    /* function declared () */
    SB_TYPE_SIGNED = 1 << 5,      /* enum whose underlying type is signed */
    SB_TYPE_BUILTIN = 1 << 6,     /* there before the first line */
    SB_TYPE_UNALIGNED_FIELDS = 1 << 7, /* some field is less aligned than its type wants */
    SB_TYPE_PARTIAL = 1 << 8, /* declared with "...", or made of such a type: a compiler knows the
                                rest. See SB_PARSE_CDEF */
    SB_TYPE_FOREIGN = 1 << 9,   /* is or holds what no call can pass: _Float128, a vector ... These are
                                   structs of no fields to the tables, spelled without "struct" */
    SB_TYPE_TRANSPARENT = 1 << 10 /* union that is passed as its first member is */
};

enum sb_qualifier { SB_CONST = 1, SB_VOLATILE = 2, SB_RESTRICT = 4 };

/* One type, 48 bytes. Interned: equal types have equal ids (records and enums by declaration;
 * function types whose parameters carry attributes are kept apart).
 *
 *   kind        primitive   target              first, count
 *   scalar      SB_PRIM_x   0                   -
 *   pointer     -           pointee             -
 *   array       -           element             -; length = size / element size
 *   struct, union -         0; or the record    fields
 *                           that this is but for
 *                           its alignment
 *   enum        underlying  underlying type     enumerators
 *   function    -           result              params
 */
typedef struct sb_type {
    uint8_t kind;         /* sb_kind */
    uint8_t primitive;    /* sb_primitive */
    uint16_t flags;       /* sb_type_flag */
    uint8_t target_quals; /* sb_qualifier of the target */
    sb_type_id target;
    uint64_t size; /* bytes; 0 while incomplete */
    uint32_t align;
    uint32_t first, count;
    sb_text name;    /* tag, or typedef name of an unnamed record or enum; scalars: spelling */
    uint32_t decl;   /* record, enum: the declaration that completed or first named it, or SB_NONE */
    uint32_t binding; /* record: index in classes; enum: index in enums; else SB_NONE */
    uint8_t depth;    /* derivations, or records held in records: at most SB_MAX_NESTING */
} sb_type;

/* ---- constants ----------------------------------------------------------------------------- */

typedef enum sb_constant_kind {
    SB_CONST_NONE = 0,
    SB_CONST_INT,  /* i */
    SB_CONST_UINT, /* u: above INT64_MAX, or of an unsigned type */
    SB_CONST_FLOAT,
    SB_CONST_STRING, /* s, length */
    SB_CONST_NULL,   /* NULL or nullptr */
    SB_CONST_BOOL,   /* i: true or false */
    SB_CONST_NAME    /* s: an identifier that names no constant */
} sb_constant_kind;

typedef struct sb_constant {
    uint8_t kind;
    uint32_t length; /* of a string, which may hold NUL */
    sb_text name;    /* the identifier, when one was written, also for a known constant; else 0 */
    union {
        int64_t i;
        uint64_t u;
        double f;
        sb_text s;
    } as;
} sb_constant;

/* ---- attributes as written ----------------------------------------------------------------- */

typedef enum sb_attribute_id {
#define X(id, spelling, places, least, most) SB_ATTR_##id,
    SB_ATTRIBUTES(X)
#undef X
    SB_ATTRIBUTE_COUNT
} sb_attribute_id;

typedef struct sb_attribute {
    uint8_t id; /* sb_attribute_id */
    uint8_t argument_count;
    uint32_t first_argument; /* in sb_description.arguments */
    uint32_t line, column;
} sb_attribute;

/* ---- values: what a parameter, a result or a field is to the user ---------------------------- */

typedef enum sb_direction { SB_IN = 0, SB_OUT, SB_INOUT } sb_direction;

typedef enum sb_passing {
    SB_PASS_VALUE = 0, /* a scalar, enum, or record by value */
    SB_PASS_REFERENCE, /* pointer to one value: out scalars, records and handles behind pointers */
    SB_PASS_ARRAY,     /* pointer to elements; length and written say how many. Elements that are
                          characters are one text unless SB_VALUE_BYTES; those of void are unsigned
                          char and bytes */
    SB_PASS_STRING,    /* NUL-terminated text (char, wchar_t, char16_t, char32_t) */
    SB_PASS_ADDRESS,   /* a bare pointer: address, buffer or None; nothing is known of it */
    SB_PASS_FUNCTION   /* a function pointer; when passed in, a callback */
} sb_passing;

/* How long C keeps a callback. */
typedef enum sb_callback_scope {
    SB_SCOPE_CALL = 0, /* until the function that took it returns */
    SB_SCOPE_NOTIFIED, /* until C says so, by `destroy` or at the end of the handle `held_by` */
    SB_SCOPE_ONCE,     /* until it has called it */
    SB_SCOPE_FOREVER
} sb_callback_scope;

#define SB_HELD_BY_RESULT (-2)

enum sb_value_flag {
    SB_VALUE_NULLABLE = 1 << 0,
    SB_VALUE_HIDDEN = 1 << 1,       /* the user neither passes nor sees it: lengths, [[value]] */
    SB_VALUE_KEYWORD_ONLY = 1 << 2, /* this parameter, and all after it */
    SB_VALUE_CONSUMED = 1 << 3,     /* the call takes the handle over */
    SB_VALUE_FILENAME = 1 << 4,     /* named in an OSError; accepts os.PathLike */
    SB_VALUE_BYTES = 1 << 5,        /* bytes rather than str or list */
    SB_VALUE_ZERO_TERMINATED = 1 << 6, /* array: ends at the first zero element */
    SB_VALUE_CALLEE_ALLOCATED = 1 << 7, /* out array or string: the function sets the pointer */
    SB_VALUE_GROW = 1 << 8,         /* out array: call again with the size reported when too small;
                                       text: and one more, for the NUL */
    SB_VALUE_OWNED = 1 << 9,        /* the caller must release it: with free_function, or free() */
    SB_VALUE_DICT_KEYS = 1 << 10,   /* the array `partner` holds the values that go with these */
    SB_VALUE_DICT_VALUES = 1 << 11, /* `partner` holds the keys */
    SB_VALUE_READONLY = 1 << 12,    /* field; parameter or result: pointee is const */
    SB_VALUE_SELF = 1 << 13,        /* the receiver of a method */
    SB_VALUE_BASE = 1 << 14,        /* field: the base class's part */
    SB_VALUE_STRING_ELEMENTS = 1 << 15, /* array of char *: elements are text */
    SB_VALUE_IS_LENGTH = 1 << 16,   /* holds the length, capacity or written count of an array; never
                                       a result, and passed by the user unless hidden */
    SB_VALUE_KEEPS = 1 << 17,       /* this argument must outlive the result */
    SB_VALUE_SHOWN = 1 << 18,       /* array that is given: the memory itself, which the argument with
                                       KEEPS holds. Without length and fixed: as many elements as its
                                       class's length says */
    SB_VALUE_USER_DATA = 1 << 19,  /* carries what belongs to a callback: at a function hidden, and
                                       `partner` is the (first) callback */
    SB_VALUE_DESTROY = 1 << 20,    /* hidden: C calls this when it is done with a callback */
    SB_VALUE_OF_CALLBACK = 1 << 21 /* a parameter of a function type that callbacks have: what is not
                                       [[out]] is given to whoever is called */
};

/* One parameter of a function type, or its result, or the value in a field. What parsing knows
 * (name, type, place, attributes) is set for all; the rest by bind.c, for described functions and
 * for fields. 96 bytes. */
typedef struct sb_value {
    sb_text name;     /* as in C; may be empty */
    sb_text py_name;  /* as the user sees it */
    sb_type_id type;  /* as declared, arrays and functions of parameters decayed to pointers */
    uint8_t quals;    /* of the parameter or field itself */
    uint8_t direction;
    uint8_t passing;
    uint8_t attribute_count;
    uint32_t first_attribute;
    uint32_t line, column;
    uint32_t flags;        /* sb_value_flag */
    sb_type_id value_type; /* what the user sees one of: type, pointee or element */
    int16_t length;        /* index of the parameter or field that holds the element count, or -1 */
    int16_t written;       /* index of the parameter that reports how many were written, or -1 */
    int16_t partner;       /* dict: the other array; IS_LENGTH: (first) array it belongs to, or -1 */
    int16_t user_data;     /* callback: index of the parameter that carries its user data, or -1 */
    int16_t destroy;       /* callback: index of the function that C calls when it is done, or -1 */
    int16_t held_by;       /* callback: index of the handle whose end is its end, SB_HELD_BY_RESULT,
                              or -1 */
    uint8_t scope;         /* callback: sb_callback_scope */
    uint64_t fixed;        /* array(16), capacity(64): elements; 0 when not given */
    uint32_t free_function; /* index in functions, or SB_NONE: free() */
    sb_text encoding;       /* of strings; 0: UTF-8, for wide characters their own width */
    sb_text encoding_errors;
    sb_constant constant; /* [[default]], or [[value]] when hidden */
} sb_value;

/* Bit-fields are counted in the order in which compilers hand bits out: on little-endian machines
 * from the least significant bit of a byte, so that a field's bytes, read as a little-endian number
 * and shifted right by bit_offset, end in its value; on big-endian machines, where this is 1, from
 * the most significant one, so that its bytes, read as a big-endian number and shifted left by
 * bit_offset, begin with it. */
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#define SB_BIT_FIELDS_FROM_TOP 1
#else
#define SB_BIT_FIELDS_FROM_TOP 0
#endif

typedef struct sb_field {
    sb_value value;
    uint64_t offset;     /* bytes from the start of the record */
    uint16_t bit_offset; /* bit-field: first bit, 0 to 7, of the byte at offset, see
                            SB_BIT_FIELDS_FROM_TOP; it touches no byte that holds none of it */
    uint16_t bit_width;  /* 0: not a bit-field */
    sb_text doc;
} sb_field;

typedef struct sb_enumerator {
    sb_text name, py_name; /* py_name: empty when [[hidden]] */
    sb_text doc;
    uint8_t attribute_count;
    uint8_t outcome; /* sb_outcome, when the enum is a status */
    uint32_t first_attribute;
    uint32_t exception; /* SB_OUTCOME_RAISE: index in exceptions */
    uint32_t line, column;
    int64_t value; /* bits; unsigned when the enum is */
} sb_enumerator;

/* ---- declarations, in the order of the text ------------------------------------------------- */

enum sb_declaration_flag {
    SB_DECLARED_PYTHON = 1 << 0 /* function: extern "Python"; no library has it */
};

typedef enum sb_declaration_kind {
    SB_DECL_FUNCTION,
    SB_DECL_VARIABLE,
    SB_DECL_TYPEDEF,
    SB_DECL_RECORD, /* a struct or union: one for each, where it is first named; line, column, doc
                       and attributes are those of all its declarations together */
    SB_DECL_ENUM,   /* likewise */
    SB_DECL_CONSTANT, /* #define NAME value; static const int NAME = value; */
    SB_DECL_FILE      /* [[...]]; */
} sb_declaration_kind;

typedef struct sb_declaration {
    uint8_t kind;
    uint8_t quals; /* of a variable or typedef */
    uint16_t attribute_count;
    sb_type_id type;
    sb_text name; /* tag for records and enums; empty for unnamed ones and for SB_DECL_FILE */
    sb_text doc;
    uint32_t first_attribute;
    uint32_t line, column;
    sb_constant constant;
    uint32_t first_param; /* function: its own parameters in params, as many as its type has */
    uint32_t binding;     /* function: index in functions; else SB_NONE */
    sb_text symbol;       /* function or variable: the symbol when __asm__ names one, or empty */
    uint32_t flags;       /* sb_declaration_flag */
} sb_declaration;

/* ---- what the declarations mean: made by bind.c ---------------------------------------------- */

typedef enum sb_outcome { SB_OUTCOME_RAISE = 0, SB_OUTCOME_OK, SB_OUTCOME_STOP } sb_outcome;

/* An exception named by the description. Standard names (ValueError ...) are rows too, with
 * decl SB_NONE. Row 0 is always RuntimeError. */
typedef struct sb_exception {
    sb_text name;
    uint32_t base; /* index in exceptions; SB_NONE: Exception, or a standard one itself */
    sb_text doc;
    bool standard;
} sb_exception;

typedef struct sb_enum {
    sb_type_id type;
    sb_text name;  /* "Quadrant" */
    uint32_t scope;
    uint32_t exception; /* status: raised for values no enumerator speaks of */
    bool is_status, is_flags, hidden;
} sb_enum;

typedef enum sb_role {
    SB_ROLE_FUNCTION = 0, /* of a module, or static in a class */
    SB_ROLE_METHOD,
    SB_ROLE_CLASS_METHOD,
    SB_ROLE_CONSTRUCTOR,
    SB_ROLE_DESTRUCTOR,
    SB_ROLE_GETTER,
    SB_ROLE_SETTER,
    SB_ROLE_SLOT, /* a special method: see sb_slot */
    SB_ROLE_MESSAGE
} sb_role;

/* Special methods: X(ID, "what [[operator]] spells, or the attribute", "dunder name", operands) */
#define SB_SLOTS(X)                                                                             \
    X(ADD, "+", "__add__", 2)                                                                   \
    X(SUBTRACT, "-", "__sub__", 2)                                                              \
    X(MULTIPLY, "*", "__mul__", 2)                                                              \
    X(TRUE_DIVIDE, "/", "__truediv__", 2)                                                       \
    X(FLOOR_DIVIDE, "//", "__floordiv__", 2)                                                    \
    X(REMAINDER, "%", "__mod__", 2)                                                             \
    X(MATRIX_MULTIPLY, "@", "__matmul__", 2)                                                    \
    X(POWER, "**", "__pow__", 2)                                                                \
    X(LSHIFT, "<<", "__lshift__", 2)                                                            \
    X(RSHIFT, ">>", "__rshift__", 2)                                                            \
    X(AND, "&", "__and__", 2)                                                                   \
    X(OR, "|", "__or__", 2)                                                                     \
    X(XOR, "^", "__xor__", 2)                                                                   \
    X(INPLACE_ADD, "+=", "__iadd__", 2)                                                         \
    X(INPLACE_SUBTRACT, "-=", "__isub__", 2)                                                    \
    X(INPLACE_MULTIPLY, "*=", "__imul__", 2)                                                    \
    X(INPLACE_TRUE_DIVIDE, "/=", "__itruediv__", 2)                                             \
    X(INPLACE_FLOOR_DIVIDE, "//=", "__ifloordiv__", 2)                                          \
    X(INPLACE_REMAINDER, "%=", "__imod__", 2)                                                   \
    X(INPLACE_MATRIX_MULTIPLY, "@=", "__imatmul__", 2)                                          \
    X(INPLACE_POWER, "**=", "__ipow__", 2)                                                      \
    X(INPLACE_LSHIFT, "<<=", "__ilshift__", 2)                                                  \
    X(INPLACE_RSHIFT, ">>=", "__irshift__", 2)                                                  \
    X(INPLACE_AND, "&=", "__iand__", 2)                                                         \
    X(INPLACE_OR, "|=", "__ior__", 2)                                                           \
    X(INPLACE_XOR, "^=", "__ixor__", 2)                                                         \
    X(NEGATIVE, "-x", "__neg__", 1)                                                             \
    X(POSITIVE, "+x", "__pos__", 1)                                                             \
    X(INVERT, "~", "__invert__", 1)                                                             \
    X(ABSOLUTE, "abs", "__abs__", 1)                                                            \
    X(BOOL, "bool", "__bool__", 1)                                                              \
    X(INT, "int", "__int__", 1)                                                                 \
    X(FLOAT, "float", "__float__", 1)                                                           \
    X(INDEX, "index", "__index__", 1)                                                           \
    X(ITERNEXT, "iternext", "__next__", 1)                                                      \
    X(ITER, "iter", "__iter__", 1)                                                              \
    X(LENGTH, "length", "__len__", 1)                                                           \
    X(GETITEM, "getitem", "__getitem__", 2)                                                     \
    X(SETITEM, "setitem", "__setitem__", 3)                                                     \
    X(DELITEM, "delitem", "__delitem__", 2)                                                     \
    X(CONTAINS, "contains", "__contains__", 2)                                                  \
    X(CALL, "call", "__call__", SB_ANY)                                                         \
    X(HASH, "hash", "__hash__", 1)                                                              \
    X(EQUAL, "equal", "__eq__", 2)                                                              \
    X(COMPARE, "compare", "__lt__", 2)                                                          \
    X(STR, "str", "__str__", 1)                                                                 \
    X(REPR, "repr", "__repr__", 1)                                                              \
    X(ENTER, "enter", "__enter__", 1)                                                           \
    X(EXIT, "exit", "__exit__", 1)                                                              \
    X(BUFFER, "buffer", "__buffer__", 1)

typedef enum sb_slot {
    SB_SLOT_NONE = 0,
#define X(id, spelling, dunder, operands) SB_SLOT_##id,
    SB_SLOTS(X)
#undef X
    SB_SLOT_COUNT
} sb_slot;

/* When a function's own result says that it failed. */
typedef enum sb_failure {
    SB_FAILS_NEVER = 0,
    SB_FAILS_STATUS, /* the result is an enum [[status]] */
    SB_FAILS_NULL,
    SB_FAILS_NEGATIVE,
    SB_FAILS_NONZERO,
    SB_FAILS_ZERO
} sb_failure;

enum sb_function_flag {
    SB_FUNCTION_QUICK = 1 << 0,    /* keep the interpreter's lock: short, does not block */
    SB_FUNCTION_OPTIONAL = 1 << 1, /* the symbol may be missing */
    SB_FUNCTION_HIDDEN = 1 << 2,   /* resolved and callable by the bridge, but not offered */
    SB_FUNCTION_ERRNO = 1 << 3     /* failure or a status raises OSError: errno is kept */
};

typedef struct sb_function {
    uint32_t declaration;
    sb_type_id type;
    sb_text symbol, version; /* version: for dlvsym, or empty */
    sb_text name;            /* "dist" */
    sb_text doc;
    uint32_t scope;          /* where the name is found */
    uint32_t class_index;    /* of methods, constructors, slots ..., or SB_NONE */
    uint32_t first_param;    /* in sb_description.params */
    uint16_t param_count;
    uint8_t role, slot;      /* sb_role, sb_slot */
    uint8_t failure;         /* sb_failure */
    uint8_t flags;           /* sb_function_flag */
    uint32_t exception;      /* [[fails(cond, X)]]: index in exceptions */
    uint32_t address;        /* index in the table that sb_library_resolve fills */
    sb_text since;
    sb_value result;         /* hidden when it is only a status */
} sb_function;

enum sb_class_flag {
    SB_CLASS_OPAQUE = 1 << 0,  /* handle: only ever behind a pointer */
    SB_CLASS_ADAPTED = 1 << 1, /* crosses as an existing Python class; makes no class of its own */
    SB_CLASS_HASHABLE = 1 << 2,
    SB_CLASS_ORDERED = 1 << 3,
    SB_CLASS_READONLY = 1 << 4,
    SB_CLASS_HIDDEN = 1 << 5,
    SB_CLASS_KEEPS = 1 << 6, /* some function makes it with [[keeps]]: instances hold an owner */
    SB_CLASS_POINTERS = 1 << 7, /* value class with pointer fields: instances hold what they point at */
    SB_CLASS_HOLDS = 1 << 8 /* opaque: callbacks end with its handles */
};

/* A struct or union as a class. Value classes hold their record; opaque ones a pointer. */
typedef struct sb_class {
    sb_type_id type;
    sb_text name;
    uint32_t scope;       /* where the class is found */
    uint32_t inner_scope; /* its own members */
    uint32_t base;        /* index in classes, or SB_NONE */
    uint32_t constructor, destructor; /* indices in functions, or SB_NONE */
    uint32_t flags;
    sb_text adapt;        /* "datetime.date" */
    uint32_t first_adapt, adapt_count; /* in sb_description.arguments: field names */
    uint32_t slots[SB_SLOT_COUNT]; /* indices in functions, or SB_NONE */
} sb_class;

typedef enum sb_member_kind {
    SB_MEMBER_FUNCTION,     /* index: functions; also static functions of a class */
    SB_MEMBER_METHOD,
    SB_MEMBER_CLASS_METHOD,
    SB_MEMBER_PROPERTY,     /* index: getter function or SB_NONE; other: setter or SB_NONE */
    SB_MEMBER_FIELD,        /* index: fields */
    SB_MEMBER_CONSTANT,     /* index: declarations; other: enumerators, or SB_NONE */
    SB_MEMBER_VARIABLE,     /* index: declarations; other: address index */
    SB_MEMBER_CLASS,        /* index: classes */
    SB_MEMBER_ENUM,         /* index: enums */
    SB_MEMBER_EXCEPTION,    /* index: exceptions */
    SB_MEMBER_SCOPE         /* submodule. index: scopes */
} sb_member_kind;

typedef struct sb_member {
    sb_text name;
    uint8_t kind;
    uint32_t index, other;
} sb_member;

/* A module or the inside of a class: members are contiguous and sorted by name (strcmp). */
typedef struct sb_scope {
    sb_text name;      /* last part; the root's is the module name, or empty */
    sb_text doc;
    uint32_t parent;   /* SB_NONE for the root, which is scope 0 */
    uint32_t class_index; /* SB_NONE: a module */
    uint32_t first_member, member_count;
} sb_scope;

/* ---- the description ------------------------------------------------------------------------- */

/* Everything one description says, in flat arrays. Made by sb_description_parse; read-only to all
 * but the engine. Index 0 of types, strings is reserved for "none". */
typedef struct sb_description {
    const char *strings; /* UTF-8, NUL after each */
    const sb_type *types;
    const sb_field *fields;
    const sb_value *params;
    const sb_enumerator *enumerators;
    const sb_declaration *declarations;
    const sb_attribute *attributes;
    const sb_constant *arguments; /* of attributes */
    const sb_function *functions;
    const sb_class *classes;
    const sb_enum *enums;
    const sb_exception *exceptions;
    const sb_scope *scopes;
    const sb_member *members;
    uint32_t strings_size;
    uint32_t type_count, field_count, param_count, enumerator_count, declaration_count,
        attribute_count, argument_count, function_count, class_count, enum_count, exception_count,
        scope_count, member_count;
    uint32_t address_count; /* functions and variables that a library must resolve */
    sb_text file;           /* name for messages */
    sb_text library;        /* [[library]], or empty */
    sb_text prefix;
    sb_text doc;            /* of the [[module]] line */
    uint32_t message_count; /* functions marked [[message]]... */
    uint32_t first_message; /* ...listed in arguments, kind SB_CONST_UINT: indices in functions */
} sb_description;

/* Parses, lays out and checks a description. `text` need not be NUL-terminated and is not kept.
 * `file` names it in messages (may be NULL). With `base`, all that base declares is known too (base
 * is only read). On success *out has one reference. Bounded: linear time, no recursion deeper than
 * SB_MAX_NESTING. */
sb_status sb_description_parse(const char *text, size_t length, const char *file,
                               const sb_description *base, sb_description **out, sb_error *error);

enum sb_parse_flag {
    SB_PARSE_CDEF = 1 << 0,    /* what cffi's cdef accepts and only a compiler could complete; see
                                  below. The declarations are not bound to a module: no functions,
                                  classes, scopes or members are made */
    SB_PARSE_OVERRIDE = 1 << 1, /* with SB_PARSE_CDEF: a function, variable, constant or typedef may
                                  replace one of base, or an earlier one, that has its name. The row
                                  that was replaced stays, without its name */
    SB_PARSE_PACKED = 1 << 2    /* every record that says nothing else is packed */
};

/* What "..." leaves in the tables. All of it has SB_TYPE_PARTIAL and, but for enums and pointers, not
 * SB_TYPE_COMPLETE:
 *
 *   typedef ... T;              a struct without a tag, named T, of no fields
 *   typedef ... *T;             a pointer (not partial) to "struct $$T", of no fields
 *   typedef int... T;           kind SB_INT, SB_PRIM_NONE, size 0, named T
 *   typedef float... T;         kind SB_FLOAT, SB_PRIM_NONE, size 0, named T
 *   struct x { int a; ...; };   a record of the fields that are named, size 0, all offsets 0; so is one
 *                               with a field of a partial type by value
 *   int a[...];                 SB_TYPE_FLEXIBLE, as int a[]; an array of elements of partial type has
 *                               no length either
 *   enum e { A, ... };          a complete enum of the enumerators that are named, counted as though
 *                               there were no others (A = ... too)
 *   #define X ...               SB_DECL_CONSTANT, SB_CONST_NONE, type 0
 *   static const T X;           the same with its type; also with "= ..."
 *   extern "Python" int f();    SB_DECLARED_PYTHON
 */
typedef struct sb_parse_options {
    const char *file;           /* as for sb_description_parse */
    const sb_description *base; /* likewise */
    unsigned flags;             /* sb_parse_flag */
    uint32_t pack;              /* as after #pragma pack(n): a power of two; 0: natural */
} sb_parse_options;

/* As sb_description_parse, which is this with neither flags nor pack. */
sb_status sb_description_parse_with(const char *text, size_t length,
                                    const sb_parse_options *options, sb_description **out,
                                    sb_error *error);
sb_description *sb_description_retain(sb_description *description);
void sb_description_release(sb_description *description); /* NULL is fine */

/* Parses a type such as "struct point *[3]" in the description's terms; "int f(char c)" and
 * "struct { int a; } *" will do too. New types are appended to the tables, which may move them: only
 * before the description is shared. */
sb_status sb_description_type(sb_description *description, const char *text, size_t length,
                              sb_type_id *out, sb_error *error);

static inline const char *sb_string(const sb_description *d, sb_text text)
{
    return d->strings + text;
}

/* The type of a primitive: descriptions begin with one row for each, in order, after "none" and
 * void. */
static inline sb_type_id sb_primitive_type(const sb_description *d, sb_primitive primitive)
{
    for (sb_type_id id = 1; id < d->type_count; id++)
        if (d->types[id].primitive == (uint8_t)primitive && d->types[id].kind != SB_ENUM)
            return id;
    return 0;
}

/* Writes the C spelling of a type, with `name` declared of it when not NULL ("int (*f)(int)").
 * Always NUL-terminates; returns the length needed without NUL, as snprintf does. */
size_t sb_type_spell(const sb_description *d, sb_type_id type, unsigned quals, const char *name,
                     char *buffer, size_t capacity);

/* The digest of a function's or variable's prototype (docs/self-describing.md): FNV-1a of its
 * canonical spelling, such as "(uint32,*uint64)uint32", in which qualifiers, typedefs and the names
 * of parameters have no part. Equal digests: any call that suits the one suits the other. That of a
 * record is of its members: "struct{uint32,*char8}". */
uint64_t sb_digest(const sb_description *d, uint32_t declaration);

/* Writes the canonical spelling of a type. Always NUL-terminates; returns the length needed without
 * NUL, at most SB_MAX_CANONICAL. */
size_t sb_canonical(const sb_description *d, sb_type_id type, char *buffer, size_t capacity);

/* The FNV-1a hash of bytes, 64 bits wide. */
uint64_t sb_fnv1a(const void *bytes, size_t size);

/* The member of a scope, or NULL; by bisection. */
const sb_member *sb_scope_find(const sb_description *d, uint32_t scope, const char *name);

/* The attribute of that id among `count` from `first`, or NULL. */
const sb_attribute *sb_attribute_find(const sb_description *d, uint32_t first, uint32_t count,
                                      sb_attribute_id id);

/* ---- facts: what a library's own compiler knew ---------------------------------------------------
 *
 * A library can carry two ELF notes of the owner "symbridge": its description as text, and facts
 * about it (docs/self-describing.md has their formats).
 */
#define SB_NOTE_OWNER "symbridge"
#define SB_NOTE_DESCRIPTION 1
#define SB_NOTE_FACTS 2
#define SB_FACTS_FORMAT 1 /* the first word of a facts note */

typedef enum sb_fact {
    SB_FACT_FUNCTION, /* digests */
    SB_FACT_VARIABLE,
    SB_FACT_SIZE, /* of a record or enum */
    SB_FACT_ALIGN,
    SB_FACT_MEMBERS, /* the digest of a record */
    SB_FACT_OFFSET,
    SB_FACT_ENUMERATOR,
    SB_FACT_CONSTANT
} sb_fact;

/* Something that is described otherwise than it is. */
typedef struct sb_mismatch {
    uint32_t declaration; /* where it is described */
    uint32_t member;      /* OFFSET: index in fields; ENUMERATOR: in enumerators; else SB_NONE */
    uint64_t described, actual;
    uint8_t fact; /* sb_fact */
} sb_mismatch;

/* Compares what a description says with the bytes of a facts note, which may be anything: lists
 * what differs in the order of the description (the caller frees *out with sb_free), and counts the
 * facts that were compared. What the facts do not speak of is not compared. SB_ERROR_LIBRARY when
 * the bytes are no facts. Time: linear when both are in the same order, else n log n. */
sb_status sb_verify(const sb_description *d, const void *facts, size_t size, sb_mismatch **out,
                    size_t *count, size_t *verified, sb_error *error);

/* ---- libraries --------------------------------------------------------------------------------- */

typedef struct sb_library sb_library; /* an open library; reference counted */

enum sb_library_flag {
    SB_LIBRARY_GLOBAL = 1 << 0, /* its symbols serve libraries opened later */
    SB_LIBRARY_LAZY = 1 << 1    /* bind functions at their first call */
};

/* Opens a library: a soname that the system's loader finds, or a path with a slash; NULL or "" is
 * the running program. The working directory is never searched. Opening runs the library's code. */
sb_status sb_library_open(const char *name, unsigned flags, sb_library **out, sb_error *error);
void sb_library_retain(sb_library *library);
void sb_library_release(sb_library *library); /* closes at the last one; NULL is fine */

/* The address of a symbol (of that version, when not NULL or empty), or NULL. */
void *sb_library_symbol(sb_library *library, const char *name, const char *version);

/* Fills addresses[d->address_count]. Missing symbols get NULL; those not [[optional]] are listed,
 * all of them, in *missing as declaration indices (the caller frees the list with sb_free).
 * SB_ERROR_SYMBOL when there is any; the error's message names the first few and the count. */
sb_status sb_library_resolve(sb_library *library, const sb_description *d, void **addresses,
                             uint32_t **missing, size_t *missing_count, sb_error *error);
void sb_free(void *memory);

#include "library_file.h"

/* ---- calls --------------------------------------------------------------------------------------
 *
 * A call is planned once per function type and then made any number of times. The caller fills an
 * argument block of call->block_size bytes, aligned to 16: argument i goes to the byte offset
 * call->args[i].offset.
 *
 *   integers, bool, enums, characters: extended to 64 bits, 8 bytes are stored
 *   pointers: 8 bytes (zero-extended)
 *   float: 4 bytes; double: 8; long double, complex, __int128, records in memory: their bytes
 *   records in registers (second != SB_NO_SECOND): the first 8 bytes at offset, the rest at second
 *
 * In tier 1 the block is an image of the argument registers (general, then vector) and of the stack
 * words after them, so filling it is all the work there is; in tier 3 libffi reads it. The result
 * block is at least 32 bytes and call->result_size, aligned to 16; integers arrive extended to 64
 * bits in a machine word; records as their bytes. A block is good for one call at a time: the call
 * may write to it.
 */
typedef enum sb_tier {
    SB_TIER_REGISTERS = 1, /* everything in registers: a cast and a call */
    SB_TIER_LIBFFI_PLAN = 2,
    SB_TIER_LIBFFI = 3
} sb_tier;

#define SB_NO_SECOND UINT16_MAX

typedef struct sb_argument_place {
    uint16_t offset;
    uint16_t second; /* offset of bytes 8.. of a record split over registers, or SB_NO_SECOND */
    uint32_t size;   /* bytes of the C type */
} sb_argument_place;

typedef struct sb_call sb_call;
struct sb_call {
    void (*invoke)(const sb_call *call, void *function, void *block, void *result);
    uint32_t block_size, result_size;
    uint16_t argument_count;
    uint8_t tier;          /* sb_tier */
    uint8_t general_count; /* tier 1: general registers used, from the first */
    uint8_t vector_count;  /* tier 1: vector registers used */
    uint8_t result_class;  /* engine's own */
    uint8_t stack_count;   /* tier 1: stack words used; then every register has its slot */
    void *foreign;         /* libffi's data, in the same allocation */
    sb_argument_place args[];
};

enum sb_call_flag { /* for tests */
    SB_CALL_NO_REGISTERS = 1, /* not that tier */
    SB_CALL_NO_PLAN = 2,
    SB_CALL_NO_ABI = 4 /* as on an ABI that only libffi knows */
};

/* A type, and the description that it is of. */
typedef struct sb_type_ref {
    const sb_description *description;
    sb_type_id type;
} sb_type_ref;

/* A function type that no description need hold, put together of types that may each be of another
 * one. Arrays and functions as parameters have been made pointers. */
typedef struct sb_prototype {
    sb_type_ref result;
    const sb_type_ref *types; /* of the parameters, then of the variadic arguments of one call */
    size_t fixed, count;      /* parameters; all types */
    bool variadic;
} sb_prototype;

/* Plans calls of a function type. `extra` are the types of variadic arguments of this call, after
 * default promotion. Immutable, free of the descriptions, good for any thread; freed with
 * sb_call_free. Records that C passes in ways on which compilers disagree are refused. */
sb_status sb_call_plan(const sb_description *d, sb_type_id function, const sb_type_ref *extra,
                       size_t extra_count, unsigned flags, sb_call **out, sb_error *error);
sb_status sb_call_plan_prototype(const sb_prototype *prototype, unsigned flags, sb_call **out,
                                 sb_error *error);

void sb_call_free(sb_call *call); /* NULL is fine */

static inline void sb_call_invoke(const sb_call *call, void *function, void *block, void *result)
{
    call->invoke(call, function, block, result);
}

/* True when tier 1 is compiled in and not switched off by SYMBRIDGE_NO_REGISTER_CALLS=1. */
bool sb_register_calls_enabled(void);

/* ---- closures -----------------------------------------------------------------------------------
 *
 * A closure is a C function pointer that runs a handler of the embedder's when C calls it. What all
 * closures of one function type share is planned once, as a signature; equal signatures are one,
 * whichever description they come from. Nothing executable is mapped before a closure needs it.
 *
 * Every function here may be called from any thread. Calls of closures take no lock, leave errno
 * alone and keep nothing that a handler could not longjmp past.
 *
 * Freed closures are parked with their signature, oldest first, and the oldest is used again once
 * SB_CLOSURE_QUARANTINE were freed after it (or when no other can be had). Until then a call
 * through a pointer that C should have forgotten is noticed: see sb_set_misuse_handler. Parked ones
 * beyond SB_CLOSURE_POOL are given back to libffi, the oldest first.
 *
 * As with calls, there is a tier 1: where all arguments travel in registers and the result in one,
 * a closure's code is one of a fixed number of functions compiled with the engine. When they are
 * used up, and for all else, libffi makes it in executable memory. A signature that has made a
 * closure stays, for its pointers to be told apart, until the process ends.
 */
#define SB_CLOSURE_QUARANTINE 64 /* freed later than a closure that is used again */
#define SB_CLOSURE_POOL 1024     /* parked closures of one signature */
#define SB_CLOSURE_STUB_POOL 128 /* and those of tier 1, whose code others may want */

typedef struct sb_signature sb_signature; /* reference counted */
typedef struct sb_closure sb_closure;

/* Runs in the thread of the C code that made the call. arguments[i] points at argument i as C has
 * it: its type's size, and alignment as far as the ABI gives it. They belong to this call and may
 * be written to. `result` is a block of zeros of the result type's size, and at least 16 bytes; what
 * it holds when the handler returns is the result. A handler may free its own closure. */
typedef void (*sb_closure_handler)(sb_closure *closure, void *const *arguments, void *result,
                                   void *user);

/* Plans closures of a function type, or of a pointer to one. Variadic types are refused: nothing
 * would say what a call brings. Of the flags, which are for tests, SB_CALL_NO_ABI and _NO_REGISTERS
 * count. */
sb_status sb_signature_new(const sb_description *d, sb_type_id function, unsigned flags,
                           sb_signature **out, sb_error *error);
/* The same; `name` is how C spells the type. Equal signatures have equal names. */
sb_status sb_signature_of_prototype(const sb_prototype *prototype, const char *name, unsigned flags,
                                    sb_signature **out, sb_error *error);
void sb_signature_release(sb_signature *signature); /* closures hold their own; NULL is fine */

/* Its function type, as C spells it; cut when very long. */
const char *sb_signature_name(const sb_signature *signature);

/* SB_ERROR_UNSUPPORTED when the system refuses executable memory; the message says what helps. */
sb_status sb_closure_new(sb_signature *signature, sb_closure_handler handler, void *user,
                         sb_closure **out, sb_error *error);
void *sb_closure_code(const sb_closure *closure); /* the C function pointer */
sb_tier sb_closure_tier(const sb_closure *closure); /* SB_TIER_REGISTERS or SB_TIER_LIBFFI */

/* C must not call it any more, and no call that has begun elsewhere may still read `user`. */
void sb_closure_free(sb_closure *closure); /* NULL is fine */

typedef enum sb_misuse {
    SB_CLOSURE_CALLED_AFTER_FREE, /* C gets a result of zeros, if the handler returns */
    SB_CLOSURE_FREED_TWICE        /* the second time does nothing */
} sb_misuse;

/* Called when a parked closure is misused, in the thread that does so. Without one, or after NULL,
 * a line on stderr names the function type and the process aborts. */
typedef void (*sb_misuse_handler)(sb_misuse misuse, const char *function_type);
void sb_set_misuse_handler(sb_misuse_handler handler);

typedef struct sb_closure_counts {
    size_t signatures, live, parked;
} sb_closure_counts;
sb_closure_counts sb_count_closures(void); /* for tests and leak reports */

#ifdef __cplusplus
}
#endif
#endif
