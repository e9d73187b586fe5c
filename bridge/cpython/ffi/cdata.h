/* cdata.h - what the files of FFI share: C types and C values as Python objects.
 *
 * FFI is the raw level of the bridge: cffi's ABI-mode API over the same engine that load uses.
 *
 *   FFI (ffi.c)        a set of C declarations: an engine description that grows with each cdef,
 *                      and the ctypes made of it
 *   ctype (ctype.c)    one C type. One object for equal types in an interpreter, held weakly by
 *                      ffi_state.unique; structs, unions and enums are one per declaration
 *   cdata (cdata.c)    one C value, or a pointer: a type and an address
 *
 * A ctype holds all that working with values needs, so that nothing here looks into a description
 * but realise.c (ctypes from descriptions) and function.c (plans).
 *
 * Threads: the GIL guards every ctype, cdata and FFI; the memory that they point at is C's.
 */
#ifndef SYMBRIDGE_CPYTHON_FFI_CDATA_H
#define SYMBRIDGE_CPYTHON_FFI_CDATA_H

#include "bridge.h"

typedef struct ctype ctype;
typedef struct cfield cfield;
typedef struct cdata cdata;
typedef struct ffi_object ffi_object;

#define CDATA_SPARE 64 /* blocks that an interpreter keeps for new cdata */

/* Per-interpreter state of FFI, made when FFI is first asked for. C memory, counted by the module, by
 * every ctype and by every FFI, because some of those may go after the module. All owned. */
typedef struct ffi_state {
    Py_ssize_t count;
    bridge_state *bridge;      /* NULL once the module is going */
    PyObject *unique;          /* dict: structure of a type (bytes) -> address of its ctype (int), which
                                  takes itself out when it goes; NULL once the module is going */
    PyTypeObject *ctype_type, *cfield_type;
    PyTypeObject *cdata_type;  /* ffi.CData: the base of those below */
    PyTypeObject *owning_type, *view_type, *gc_type, *buffered_type, *handle_type, *callback_type;
    PyTypeObject *iterator_type, *allocator_type, *minibuffer_type; /* ffi.buffer */
    PyTypeObject *library_type, *ffi_type;
    PyObject *ffi_error, *cdef_error, *verification_missing; /* cffi's exception classes */
    PyObject *type_error;      /* a cdef_error, and ValueError and TypeError: wrong types */
    sb_description *plain;     /* what every FFI knows before its first cdef */
    ctype *void_type, *void_pointer, *char_type, *char_array, *int_type;
    cdata *null;               /* ffi.NULL */
    PyObject *primitives;      /* list: ctypes by sb_primitive, once made */
    struct handle_table *handles; /* handles.c's own; NULL while there are none */
    void *spare[CDATA_SPARE];  /* blocks of plain cdata and views that went (cdata.c) */
    size_t spare_count;
} ffi_state;

/* The state of the extension that a ctype belongs to (ctype.c). */
static inline ffi_state *ctype_state(const ctype *type);

/* ---- types (ctype.c, realise.c) -------------------------------------------------------------- */

enum ctype_flag {
    CTYPE_COMPLETE = 1 << 0,  /* record: fields are known */
    CTYPE_FLEXIBLE = 1 << 1,  /* record that ends in T x[] */
    CTYPE_VARIADIC = 1 << 2,  /* function that ends in ... */
    CTYPE_SIGNED = 1 << 3,    /* integer or enum */
    CTYPE_INTEGER = 1 << 4,   /* bool, integer or enum */
    CTYPE_CHARACTER = 1 << 5, /* char, wchar_t, char16_t, char32_t */
    CTYPE_VOID_POINTER = 1 << 6, /* void *: any pointer converts to it, and it to any */
    CTYPE_CHAR_POINTER = 1 << 7, /* pointer to char, signed char or unsigned char */
    CTYPE_PARTIAL = 1 << 8,   /* declared with "...": cannot be laid out without a compiler */
    CTYPE_HAS_POINTERS = 1 << 9, /* record with fields, or array with elements, that are pointers */
    CTYPE_FILLED = 1 << 10    /* record: `fields` has been made (at the first need) */
};

/* One C type. `ffi.CType` to the user. As in cffi, the ctype of a function type is that of pointers to
 * it: kind SB_FUNCTION has the size of a pointer, the name "int(*)(int)", and there is no other. */
struct ctype {
    PyObject_HEAD
    uint8_t kind;      /* sb_kind */
    uint8_t scalar;    /* op, for what fits one; enums have their integer's, pointers and functions
                          OP_ADDRESS */
    uint16_t flags;    /* ctype_flag */
    uint32_t align;    /* 0: unknown */
    Py_ssize_t size;   /* bytes; -1: void, incomplete, array of no given length */
    Py_ssize_t length; /* array: elements, or -1; else -1 */
    PyObject *name_object; /* the name as a str, once asked for */
    ctype *item;       /* pointee, element, result, integer type of an enum; owned, or NULL */
    ffi_state *state;
    char *name;        /* as cffi spells it: "int(*)(char *)"; owned */
    Py_ssize_t name_position; /* where a declarator goes in it */
    PyObject *weak_references;
    PyObject *key;     /* in state->unique, or NULL: record, enum */
    ctype *pointer;    /* to this type, and ... */
    ctype *open_array; /* ... this[]: borrowed; NULL when there is none (ctype.c's own) */

    /* record */
    PyObject *fields;  /* dict: name -> cfield, in order of declaration, those of unnamed records
                          inside included; NULL until CTYPE_FILLED */
    cfield **by_name;  /* open hash of interned names by address, see ctype_name_slot; size is a
                          power of two, with at least one free slot */
    uint32_t by_name_mask;
    PyObject *initial; /* tuple: the cfields that a list or tuple initialises, in order */

    /* enum */
    PyObject *enumerators; /* dict: name -> int; NULL for others */
    PyObject *elements;    /* dict: int -> name */

    /* function */
    PyObject *parameters;  /* tuple of ctypes; NULL for others */
    struct function_plan *plan;  /* function.c's own; made at the first call */
    struct sb_signature *signature; /* callback.c's own; made at the first callback */

    /* where it came from: record, enum, function */
    sb_description *description; /* owned, or NULL */
    sb_type_id id;               /* in it */
    ffi_object *origin;    /* record: the FFI to fill it from, owned until then */
};

static inline ffi_state *ctype_state(const ctype *type)
{
    return type->state;
}

/* One field of a record. `ffi.typeof("struct x").fields[i][1]` to the user. */
struct cfield {
    PyObject_HEAD
    PyObject *name;      /* interned */
    ctype *type;
    Py_ssize_t offset;   /* of the bytes that hold it */
    int16_t bit_shift;   /* bit-field: its lowest bit in a value of `type` at offset; -1: none. In packed
                            records it may reach beyond `size` bytes; a value of `type` may reach
                            beyond the record: touch no byte that holds none of its bits */
    int16_t bit_size;    /* -1: no bit-field */
    uint8_t flags;       /* cfield_flag */
};

enum cfield_flag { CFIELD_NOT_INITIALISED = 1 }; /* by lists and tuples: a union's but the first */

/* All new references; NULL with an exception. */
ctype *ctype_primitive(ffi_state *state, sb_primitive primitive);
ctype *ctype_pointer(ctype *to);
ctype *ctype_array(ctype *of, Py_ssize_t length); /* length -1: unknown */
ctype *ctype_function(ctype *result, ctype *const *parameters, Py_ssize_t count, bool variadic,
                      sb_description *description, sb_type_id id);
/* Incomplete until record_complete. name: "struct x". */
ctype *ctype_record(ffi_state *state, sb_kind kind, const char *name);
/* The fields of a complete record, made now when they have not been: 0, or -1 with an exception
 * (TypeError-like, as cffi, when it is incomplete and `must` is true). */
int ctype_fill(ctype *record, bool must);
/* The field of that name, or NULL without an exception. The record has been filled. */
cfield *ctype_field(ctype *record, PyObject *name);
/* Where the search for an interned name begins in by_name; it goes on slot by slot. */
static inline uint32_t ctype_name_slot(const ctype *record, const PyObject *name)
{
    uintptr_t bits = (uintptr_t)name;
    return (uint32_t)((bits >> 4) ^ (bits >> 9)) & record->by_name_mask;
}
/* "int(*)(char *)" with `inside` where a declarator goes, as ffi.getctype does. */
PyObject *ctype_spell(const ctype *type, const char *inside);
/* How many bytes a value with this many items has; -1 with OverflowError. */
Py_ssize_t ctype_array_size(const ctype *array, Py_ssize_t length);
#define ctype_check(state, object) Py_IS_TYPE((PyObject *)(object), (state)->ctype_type)

/* The ctype of type `id` of an FFI's description. */
ctype *realise(ffi_object *ffi, sb_type_id id);

/* What the user names a type with: a str, a ctype, or (`accept_cdata`) a cdata's own type. Strings
 * are parsed once and kept. A function type named in a string is that, not a pointer to it, unless
 * `function_as_pointer`. New reference. (ffi.c) */
enum { ACCEPT_STRING = 1, ACCEPT_CTYPE = 2, ACCEPT_CDATA = 4, FUNCTION_AS_POINTER = 8 };
ctype *ffi_type_of(ffi_object *ffi, PyObject *named, unsigned accept);

/* ---- values (cdata.c) ------------------------------------------------------------------------ */

/* One C value. `address` is where its bytes are; for pointers and functions it is the pointer
 * itself. The subtypes put more after it:
 *
 *   cdata       nothing: memory that somebody else keeps alive
 *   owning      the bytes, zeroed, aligned to 16; a pointer made by new() owns what it points at
 *   view        `owner`: keeps the memory alive (new("struct x *")[0], from a callback ...)
 *   gc          `origin` and a destructor (memory.c)
 *   buffered    a held Py_buffer (buffer.c)
 *   handle      a Python object (memory.c)
 *   callback    a closure (callback.c)
 */
struct cdata {
    PyObject_HEAD
    ctype *type;
    char *address;
    Py_ssize_t length; /* array: its elements; else -1 */
    PyObject *weak_references;
    vectorcallfunc vectorcall; /* cdata_vectorcall, for every one */
};

typedef struct cdata_owning {
    cdata base;
    Py_ssize_t size;  /* bytes that were asked for */
    _Alignas(16) char bytes[];
} cdata_owning;

typedef struct cdata_view {
    cdata base;
    PyObject *owner;
} cdata_view;

/* Fills what all kinds have, once the object has its header. The type gets a reference. */
static inline void cdata_init(cdata *value, ctype *type, char *address, Py_ssize_t length);
/* What each kind's tp_dealloc does first: weak references. Then it frees what is its own, and then
 * the object with cdata_free, which drops the types. */
static inline void cdata_forget(cdata *value);
void cdata_free(cdata *value);
/* Frees what is kept for new cdata, when the module goes. */
void cdata_drop_spare(ffi_state *state);

/* True for an object of any cdata type. */
static inline bool cdata_check(const ffi_state *state, const PyObject *object);
/* The same where no state is at hand. */
static inline bool cdata_is(const PyObject *object);

/* New references; NULL with MemoryError. The first borrows memory; a scalar's own type is that of
 * the pointer for pointers, whose address is the pointer. */
cdata *cdata_new(ctype *type, char *address);
cdata *cdata_new_array(ctype *type, char *address, Py_ssize_t length);
cdata *cdata_new_view(ctype *type, char *address, Py_ssize_t length, PyObject *owner);
/* `size` zeroed bytes of its own. type is what it shows: for new("int *") the pointer. */
cdata *cdata_new_owning(ctype *type, Py_ssize_t size, Py_ssize_t length);
/* The same, not zeroed. */
cdata *cdata_new_uncleared(ctype *type, Py_ssize_t size, Py_ssize_t length);
/* A scalar with bytes of its own, copied from source (zeroed when NULL): what cast() makes. */
cdata *cdata_new_scalar(ctype *type, const void *source);
/* The bytes behind a record that new() made with a flexible array, from its pointer or from itself;
 * -1 for all else. */
Py_ssize_t cdata_flexible_size(const cdata *value);
/* The state of the extension, from any of its cdata, ctypes ... */
extern PyType_Spec cdata_spec, owning_spec, view_spec, gc_spec, buffered_spec, handle_spec,
    callback_spec, iterator_spec, allocator_spec, minibuffer_spec, ctype_spec, cfield_spec,
    library_spec, ffi_spec;

/* Attributes, items, numbers: slots of the cdata type, defined in access.c (subscripts, attributes,
 * iteration, length), arithmetic.c (numbers, comparison, hash), function.c (call), cdata.c (rest). */
PyObject *cdata_subscript(PyObject *self, PyObject *key);
int cdata_assign_subscript(PyObject *self, PyObject *key, PyObject *value);
Py_ssize_t cdata_length(PyObject *self);
PyObject *cdata_iterate(PyObject *self);
PyObject *cdata_getattr(PyObject *self, PyObject *name);
int cdata_setattr(PyObject *self, PyObject *name, PyObject *value);
PyObject *cdata_add(PyObject *a, PyObject *b);
PyObject *cdata_subtract(PyObject *a, PyObject *b);
int cdata_bool(PyObject *self);
PyObject *cdata_int(PyObject *self);
PyObject *cdata_float(PyObject *self);
PyObject *cdata_complex(PyObject *self, PyObject *unused);
Py_hash_t cdata_hash(PyObject *self);
PyObject *cdata_compare(PyObject *a, PyObject *b, int operator);
PyObject *cdata_call(PyObject *self, PyObject *args, PyObject *kwargs);
PyObject *cdata_vectorcall(PyObject *self, PyObject *const *args, size_t count, PyObject *kwnames);

/* ---- conversions (convert.c, initialise.c, cast.c) ------------------------------------------- */

/* The Python value of what is at `source`: int, float, complex, bool, bytes or str of one
 * character, or a cdata that refers to it (records, arrays) or holds it (pointers, long double).
 * `owner` is the cdata that the memory was reached through, or NULL, see convert_keeper. */
static inline PyObject *convert_load(ctype *type, const char *source, PyObject *owner);
/* The same for all but integers of up to 64 bits, float and double, which are read in line. */
PyObject *convert_load_other(ctype *type, const char *source, PyObject *owner);
PyObject *convert_load_bool(const char *source);
/* What is to be kept alive with memory that was reached through `value`: an owning cdata, or NULL.
 * Borrowed. */
static inline PyObject *convert_keeper(const ffi_state *state, PyObject *value);
/* A bit-field of the record at that address. */
PyObject *convert_load_bits(const cfield *field, const char *record);
/* Writes a value of the type, converted with cffi's rules and errors, `destination` may be
 * unaligned. Returns -1 with an exception. Aggregates take what new() takes. */
int convert_store(ctype *type, char *destination, PyObject *value);
int convert_store_bits(const cfield *field, char *record, PyObject *value);
int convert_store_field(const cfield *field, char *record, PyObject *value);
/* Elements or fields from a list, tuple, dict, str, bytes or another cdata. `length` is the element
 * count that the memory has; -1: unknown. `array` may be a pointer type too. */
int initialise_array(ctype *array, char *destination, Py_ssize_t length, PyObject *value);
/* `size` is the bytes that the memory has, which matters to flexible arrays; -1: unknown. */
int initialise_record(ctype *record, char *destination, Py_ssize_t size, PyObject *value);
/* A field, as part of a record with that many bytes (-1: unknown). */
int initialise_field(const cfield *field, char *record, Py_ssize_t size, PyObject *value);
/* Whether all bytes are 0 or 1, as an array of _Bool wants; ValueError. */
bool convert_bytes_are_bools(PyObject *bytes);
/* How many elements an initialiser of an array of no given length asks for: an int, or what it
 * holds (strings: and the terminator). *fill is what is left to convert, borrowed, NULL when it was
 * a number. -1 with an exception. */
Py_ssize_t initialise_length(ctype *array, PyObject *value, PyObject **fill);
/* The bytes that a record with a flexible array needs for this initialiser; at least its size. */
Py_ssize_t initialise_record_size(ctype *record, PyObject *value);
/* A pointer for a parameter or field of pointer type: from a cdata, NULL. -1 with an exception. */
int convert_pointer(ctype *pointer, PyObject *value, char **out);
/* A FILE * for a Python file: 1, or 0 when the type is no FILE * or the value no file, or -1 with
 * an exception. The file keeps the stream. (file.c) */
int file_pointer(const ctype *pointer, PyObject *value, char **out);
/* Raises "initializer for ctype 'int *' must be a cdata pointer, not str". Returns -1. */
COLD int convert_expected(const ctype *type, const char *expected, PyObject *got);
/* ffi.cast(): new reference. */
cdata *cast(ctype *type, PyObject *value);
/* Raises "cannot dereference null pointer from cdata 'int *'". Returns -1. */
COLD int convert_null(const ctype *type);
/* The int that a value is or converts to with __int__, as a new reference; NULL with TypeError.
 * Floats only when asked for. */
PyObject *convert_as_int(PyObject *value, bool floats);
/* One byte from bytes or a char; -1 with TypeError. */
int convert_character(PyObject *value, char *out);
/* The only character of a str; -1 without an exception when there is not one. */
int convert_code_point(PyObject *text, Py_UCS4 *out);
/* Numbers of the float and complex ops; long double loses precision here. */
void convert_write_float(op scalar, char *destination, double number);
void convert_write_complex(op scalar, char *destination, Py_complex number);
Py_complex convert_read_complex(op scalar, const char *source);

/* ---- memory (memory.c, handles.c, buffer.c, text.c) ------------------------------------------ */

/* ffi.new() with the usual allocator: type is a pointer or array type. */
PyObject *memory_new(ctype *type, PyObject *initialiser);
/* ffi.release(cdata), cdata.__enter__ and __exit__. */
PyObject *memory_release(PyObject *value);
PyObject *memory_enter(PyObject *value);
PyObject *memory_gc(PyObject *value, PyObject *destructor, Py_ssize_t size);
PyObject *memory_new_handle(ffi_state *state, PyObject *object);
PyObject *memory_from_handle(ffi_state *state, PyObject *handle);
PyObject *memory_new_allocator(ffi_object *ffi, PyObject *allocate, PyObject *free_function,
                               bool clear);
PyObject *memory_move(ffi_state *state, PyObject *destination, PyObject *source, Py_ssize_t size);
PyObject *buffer_new(ffi_state *state, PyObject *value, Py_ssize_t size); /* ffi.buffer(cdata, size) */
void buffer_type_prepare(PyTypeObject *minibuffer_type); /* what its spec cannot say */
PyObject *buffer_from(ctype *array, PyObject *exporter, bool require_writable); /* from_buffer */
PyObject *text_string(PyObject *value, Py_ssize_t most);   /* ffi.string */
PyObject *text_unpack(PyObject *value, Py_ssize_t length); /* ffi.unpack */

/* ---- functions (function.c, callback.c) ------------------------------------------------------ */

/* A cdata of a function pointer type, for symbol `name` of a library that `owner` keeps open. */
cdata *function_new(ctype *function, void *address, PyObject *owner);
void function_plan_free(struct function_plan *plan);
PyObject *callback_new(ctype *function, PyObject *callable, PyObject *error, PyObject *on_error);
/* errno as ffi.errno knows it: each thread's, kept from call to call. */
int saved_errno_get(void);
void saved_errno_set(int value);

/* ---- libraries, FFI (library.c, ffi.c) ------------------------------------------------------- */

struct ffi_object {
    PyObject_HEAD
    ffi_state *state;
    sb_description *description; /* all declared so far; replaced by each cdef */
    uint32_t declared;           /* declarations in it when it was made: names of types may add more */
    ctype **by_id;               /* ctypes made of it, owned: by_id_count, NULL when not yet */
    uint32_t by_id_count;
    PyObject *by_name;           /* dict: "struct x *" as the user wrote it -> ctype; those of function
                                    types in a tuple */
    PyObject *included;          /* list of FFIs */
    PyObject *sources;           /* list of tuples: each cdef, for those that include this */
    PyObject *libraries;         /* list: those that it opened, until they are closed */
    PyObject *once;              /* dict of init_once, or NULL: method.c's own */
    struct name_index *names;    /* library.c's own */
    struct typedef_index *typedefs; /* realise.c's own */
    bool is_inline;              /* errors are those of cffi's in-line mode */
    uint32_t version;            /* of the description: cdefs so far */
    uint32_t overrides;          /* cdefs that could change what a name of a library means */
    PyObject *weak_references;
};

PyObject *library_open(ffi_object *ffi, PyObject *name, int flags);
int library_close(PyObject *library);
/* &lib.variable and &lib.function, for ffi.addressof(lib, "name"). */
PyObject *library_address(PyObject *library, PyObject *name);

/* Makes all types and exceptions of FFI, and adds what Python code needs to the module (ffi.c). */
int ffi_state_init(PyObject *module, bridge_state *bridge);
int ffi_state_traverse(ffi_state *state, visitproc visit, void *arg);
void ffi_state_clear(ffi_state *state);
/* The module's count, and those of ctypes and FFIs (state.c); frees at the last one. */
void ffi_state_retain(ffi_state *state);
void ffi_state_release(ffi_state *state);

/* ---- inline ---------------------------------------------------------------------------------- */

static inline bool cdata_is(const PyObject *object)
{
    return Py_TYPE(object)->tp_getattro == cdata_getattr; /* inherited by all kinds */
}

static inline bool cdata_check(const ffi_state *Py_UNUSED(state), const PyObject *object)
{
    return cdata_is(object);
}

static inline void cdata_init(cdata *value, ctype *type, char *address, Py_ssize_t length)
{
    Py_INCREF(type);
    value->type = type;
    value->address = address;
    value->length = length;
    value->weak_references = NULL;
    value->vectorcall = cdata_vectorcall;
}

static inline void cdata_forget(cdata *value)
{
    if (unlikely(value->weak_references != NULL))
        PyObject_ClearWeakRefs((PyObject *)value);
}

/* One row per number that is read in line: the op, its C type, what makes an object of it. */
#define CONVERT_PLAIN(X)                                                                        \
    X(I8, int8_t, PyLong_FromLong)                                                              \
    X(U8, uint8_t, PyLong_FromLong)                                                             \
    X(I16, int16_t, PyLong_FromLong)                                                            \
    X(U16, uint16_t, PyLong_FromLong)                                                           \
    X(I32, int32_t, PyLong_FromLong)                                                            \
    X(U32, uint32_t, PyLong_FromUnsignedLong)                                                   \
    X(I64, int64_t, PyLong_FromLongLong)                                                        \
    X(U64, uint64_t, PyLong_FromUnsignedLongLong)                                               \
    X(FLOAT, float, PyFloat_FromDouble)                                                         \
    X(DOUBLE, double, PyFloat_FromDouble)

static inline PyObject *convert_load(ctype *type, const char *source, PyObject *owner)
{
    switch ((op)type->scalar) {
#define X(id, c_type, make)                                                                     \
    case OP_##id: {                                                                             \
        c_type number; /* memory may be unaligned */                                            \
        memcpy(&number, source, sizeof number);                                                 \
        return make(number);                                                                    \
    }
        CONVERT_PLAIN(X)
#undef X
    default:
        return convert_load_other(type, source, owner);
    }
}

/* Only memory that is part of a cdata can be kept: for others the user cares, as with cffi. A chain
 * of those could be a cycle that the garbage collector does not see. */
static inline PyObject *convert_keeper(const ffi_state *state, PyObject *value)
{
    if (Py_TYPE(value) == state->view_type)
        value = ((cdata_view *)value)->owner;
    return value != NULL && Py_TYPE(value) == state->owning_type ? value : NULL;
}

/* What conversions ask of types. A function's value is its address, as a pointer's is. */
static inline bool ctype_is_pointer(const ctype *type)
{
    return type->kind == SB_POINTER || type->kind == SB_FUNCTION;
}

static inline bool ctype_is_record(const ctype *type)
{
    return type->kind == SB_STRUCT || type->kind == SB_UNION;
}

static inline bool ctype_is_primitive(const ctype *type)
{
    return (type->kind >= SB_BOOL && type->kind <= SB_COMPLEX) || type->kind == SB_ENUM;
}

/* New references, as ctype_pointer(to) and ctype_array(of, -1). */
static inline ctype *ctype_pointer_to(ctype *to)
{
    return likely(to->pointer != NULL) ? (ctype *)Py_NewRef((PyObject *)to->pointer)
                                       : ctype_pointer(to);
}

static inline ctype *ctype_array_of(ctype *of)
{
    return likely(of->open_array != NULL) ? (ctype *)Py_NewRef((PyObject *)of->open_array)
                                          : ctype_array(of, -1);
}

#endif
