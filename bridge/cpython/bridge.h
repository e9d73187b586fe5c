/* bridge.h - what the files of the extension share.
 *
 * A `binding` is one description bound to one library in one interpreter. It is plain C memory,
 * reference counted: by its root module, and by every live handle object, because a handle's
 * destructor may run after the garbage collector has taken module and class apart. What can be part
 * of a cycle is owned by the root module (its m_traverse visits it, its m_clear drops it); C memory,
 * with the names and defaults in plans, goes when the last count goes.
 *
 * binding -> plans (one per described function, made at its first use)
 *         -> class_records (one per record with a class, made at first use)
 *         -> enum classes, exception classes, module objects
 *
 * Threads: the interpreter's GIL guards a binding and all it owns; only handle_state.busy is atomic.
 * Interpreters with GILs of their own share only descriptions, which are immutable, and the stub pool,
 * which locks itself.
 */
#ifndef SYMBRIDGE_CPYTHON_BRIDGE_H
#define SYMBRIDGE_CPYTHON_BRIDGE_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "symbridge.h"

#define likely(x) __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)
#define COLD __attribute__((cold, noinline))

typedef struct binding binding;
typedef struct plan plan;
typedef struct step step;
typedef struct frame frame;
typedef struct class_record class_record;

/* ---- per-interpreter state of the extension (module.c) ------------------------------------- */

typedef struct bridge_state {
    PyObject *int_enum, *int_flag;  /* enum.IntEnum, enum.IntFlag: imported at first use */
    PyObject *datetime_capi;        /* capsule of datetime: imported at first use */
    void *datetime;                 /* PyDateTime_CAPI inside it */
    PyObject *rebuild;              /* symbridge._bridge._rebuild, for pickling */
    PyTypeObject *carrier_type;     /* see stub.c */
    PyTypeObject *variables_type;   /* module with global variables, see variable.c */
    /* exported exception classes */
    PyObject *description_error, *library_error, *mismatch_error, *symbol_error;
    struct interpreter_home *home; /* see attach.h */
    struct ffi_state *ffi;         /* see ffi/cdata.h */
} bridge_state;

extern PyModuleDef bridge_def; /* the module whose state that is */

/* ---- scalars: one C object of arithmetic, enum or pointer type (scalar.c) -------------------- */

/* What to do with the bytes of a value. One row: X(ID, C type). Integers come first, narrow to
 * wide, so that ranges of codes mean something. */
#define SCALARS(X)                                                                              \
    X(I8, int8_t)                                                                               \
    X(U8, uint8_t)                                                                              \
    X(I16, int16_t)                                                                             \
    X(U16, uint16_t)                                                                            \
    X(I32, int32_t)                                                                             \
    X(U32, uint32_t)                                                                            \
    X(I64, int64_t)                                                                             \
    X(U64, uint64_t)                                                                            \
    X(I128, sb_int128)                                                                          \
    X(U128, sb_uint128)                                                                         \
    X(BOOL, _Bool)                                                                              \
    X(CHAR, char)                                                                               \
    X(WIDE16, uint16_t)                                                                         \
    X(WIDE32, uint32_t)                                                                         \
    X(FLOAT, float)                                                                             \
    X(DOUBLE, double)                                                                           \
    X(LDOUBLE, long double)                                                                     \
    X(CFLOAT, float _Complex)                                                                   \
    X(CDOUBLE, double _Complex)                                                                 \
    X(CLDOUBLE, long double _Complex)                                                           \
    X(ADDRESS, void *)

/* Op codes of steps: the scalars, then what needs more than bytes. */
typedef enum op {
    OP_NONE = 0,
#define X(id, ctype) OP_##id,
    SCALARS(X)
#undef X
    OP_ENUM,    /* aux: enum_record; width in step.scalar */
    OP_STRING,  /* const char * in UTF-8 from str, no copy */
    OP_RECORD,  /* aux: class_record: pointer to the record inside the object */
    OP_HANDLE,  /* aux: class_record: the pointer inside the object */
    OP_RECORD_VALUE, /* aux: class_record: record by value */
    OP_ADAPTED,      /* aux: class_record: record by value, from an adapted class */
    OP_ADAPTED_REFERENCE, /* the same behind a pointer */
    OP_OUT,     /* nothing to convert: the address of this step's storage */
    OP_CONSTANT, /* hidden: the bits in aux.constant */
    OP_GENERAL  /* converter functions: step.converter */
} op;

/* The op code and size for a type; OP_NONE when it is no scalar. Enums give their integer's. */
op scalar_op(const sb_description *d, sb_type_id type);

/* Memory <- Python, of exactly the C type's size. -1 with TypeError, OverflowError ... that says
 * "expected ..., got ..." without saying where; callers add that with error_prefix. */
int scalar_store(op code, PyObject *value, void *destination);
PyObject *scalar_load(op code, const void *source);
size_t scalar_size(op code);

/* Argument slot <- Python: integers extended to 64 bits. */
int scalar_store_argument(op code, PyObject *value, void *slot);
/* Result block -> Python: integers arrive extended to 64 bits. */
PyObject *scalar_load_result(op code, const void *result);

/* Struct module's format character for a scalar ("i", "d", "?"), or 0. */
char scalar_format(op code);
/* True when a buffer's item format ("=i", "<q", "l" ...) and size fit the scalar. */
bool scalar_matches_format(op code, const char *format, Py_ssize_t itemsize);

/* ---- errors (error.c) -------------------------------------------------------------------------- */

/* Puts text before the message of the pending exception, when this extension raised it (an
 * exception that Python code raised is left alone). Returns -1. */
COLD int error_prefix(const char *format, ...);
/* "fact() argument 'n': " before the pending exception. Returns -1. */
COLD int error_at_argument(const plan *p, const step *s);
/* Raises for a description's error: SyntaxError-like DescriptionError with file, line, column. */
COLD PyObject *error_from_engine(bridge_state *state, const sb_error *error, const char *file);
/* Raises what a failed status, or result, of this plan's function says. `status` is the value, e its
 * enumerator or NULL. */
COLD PyObject *error_from_status(plan *p, frame *f, int64_t status, const sb_enumerator *e);
COLD PyObject *error_from_failure(plan *p, frame *f);
/* The exception class of index i of the binding's table; borrowed. */
PyObject *exception_get(binding *b, uint32_t index);

/* ---- bindings (binding.c) ------------------------------------------------------------------------ */

typedef struct enum_record {
    const sb_enum *e;
    binding *b;
    PyObject *type;   /* the IntEnum or IntFlag; owned by the root module through the binding */
    PyObject *by_value; /* dict: int -> member */
    op scalar;
} enum_record;

struct binding {
    size_t count; /* atomic */
    size_t stored_callbacks; /* that C keeps beyond a call, see callback.c */
    sb_description *d;
    sb_library *library;
    void **addresses; /* d->address_count */
    bridge_state *state;
    PyObject *extension; /* symbridge._bridge, which holds the state */
    PyObject *root;   /* borrowed: the root native module, NULL once it is going */
    PyObject *module_name; /* "corelib" */
    PyObject *path;        /* what was loaded, for messages */
    PyObject **modules;    /* per scope: native module objects, or NULL */
    plan **plans;          /* per function, or NULL: C memory */
    class_record **classes; /* per class, or NULL */
    enum_record **enums;    /* per enum, or NULL */
    PyObject **exceptions;  /* per exception, or NULL */
};

void binding_retain(binding *b);
void binding_release(binding *b); /* frees C memory and stubs at the last one */

/* The full dotted module name of a scope ("corelib.date_ex"); of a class's inner scope, the module
 * the class is in. New reference. */
PyObject *binding_module_name(binding *b, uint32_t scope);
/* "Point.dist" */
PyObject *binding_qualified_name(binding *b, uint32_t scope, const char *name);
/* The native module object of a module scope; borrowed. Functions' __self__, classes' ht_module. */
PyObject *binding_module(binding *b, uint32_t scope);
/* Makes the Python object of a member (function, class, enum, constant ...); new reference. */
PyObject *member_realise(binding *b, uint32_t scope, const sb_member *m);

/* ---- stubs (stub.c) ------------------------------------------------------------------------------
 *
 * Stub N is compiled code that passes its (up to four) register arguments on to the entry of what
 * slot N of a table holds, with that as the fifth. So a C function pointer can be had for each
 * described function without generating code: for PyMethodDef.ml_meth and for type slots alike.
 * A stub's target begins with its entry. */
typedef struct target target;
typedef void *(*stub_entry)(void *a, void *b, void *c, void *d, target *t);
struct target {
    stub_entry entry;
};
typedef void *(*stub_function)(void *, void *, void *, void *);

/* The stub of a free slot, bound to t; NULL without an exception when all are taken. */
stub_function stub_take(target *t);
void stub_give_back(stub_function stub);
/* A built-in function whose self is `module`: by a stub, or by a carrier when all are taken. */
PyObject *stub_builtin(binding *b, plan *p, PyObject *self, PyObject *module_name);

/* ---- plans (plan.c) --------------------------------------------------------------------------------- */

/* How one kind of value that needs state crosses. Functions may be NULL. */
typedef struct converter {
    const char *name;
    /* In: converts `value` (NULL for a pure out) into the argument block, using the step's zeroed
     * storage. Exceptions need not say which argument. */
    int (*load)(frame *f, const step *s, PyObject *value);
    /* After a successful call: the new reference for the user. */
    PyObject *(*result)(frame *f, const step *s);
    /* Always, after load was tried: frees and releases. Must keep a pending exception. */
    void (*release)(frame *f, const step *s);
    uint32_t storage; /* bytes of per-call state */
} converter;

enum step_flag {
    STEP_RESULT = 1 << 0,   /* its value is (part of) what the call returns */
    STEP_NULLABLE = 1 << 1, /* None is NULL */
    STEP_READS = 1 << 2,    /* takes a value from the user (in, inout) */
    STEP_OWNED = 1 << 3,    /* a result handle is owned: its destructor will run */
    STEP_ENUM = 1 << 4      /* OP_OUT: the value is a member of aux.enumeration */
};

/* One C parameter (or the C result, at index -1) and how it crosses. */
struct step {
    uint8_t code;    /* op */
    uint8_t scalar;  /* op of the value behind a pointer, of an enum, of elements */
    uint8_t flags;   /* step_flag */
    int8_t visible;  /* index among the user's arguments (receiver excluded); -1: none;
                        SELF_ARGUMENT: the receiver */
    uint16_t offset, second; /* place in the argument block, see sb_argument_place */
    uint32_t storage;        /* offset of its state in the frame's storage */
    uint32_t size;           /* bytes of the C value (pointee for OP_OUT) */
    int16_t index;           /* C parameter; -1: the result */
    const sb_value *value;   /* what the description says */
    union {
        class_record *record;
        enum_record *enumeration;
        uint64_t constant;
    } aux;
    const converter *converter; /* OP_GENERAL; for OP_OUT, how to make the result if not scalar */
    plan *release_plan;         /* the function that frees what this step owns, or NULL: free() */
    uint8_t hot;                /* enum hot */
    bool in_general_register;   /* a record by value that travels in one general register */
    int64_t least;              /* HOT_INTEGER: the least value, */
    uint64_t span;              /* and the greatest less that */
};

#define NO_ARGUMENT (-1)
#define SELF_ARGUMENT (-2)

/* What a simple call keeps on the C stack without asking how much is needed. */
#define SIMPLE_BLOCK 192
#define SIMPLE_STORAGE 64
#define SIMPLE_RESULT 32

/* What the specialised entries of hot.c know how to do. */
typedef enum hot {
    HOT_NO = 0,
    HOT_INTEGER,  /* any integer of up to 64 bits: least, span */
    HOT_DOUBLE,
    HOT_STRING,
    HOT_RECORD,
    HOT_HANDLE,
    HOT_RECORD_VALUE, /* a record of 8 bytes by value */
    HOT_ADAPTED,      /* a record of 8 bytes by value, from an adapted class */
    HOT_OUT,
    HOT_CONSTANT
} hot;

enum plan_flag {
    PLAN_QUICK = 1 << 0,
    PLAN_METHOD = 1 << 1,       /* first visible argument is self, passed apart */
    PLAN_ERRNO = 1 << 2,
    PLAN_SIMPLE = 1 << 3,       /* register call, no step with state: entered by enter_simple */
    PLAN_STOPS = 1 << 4,        /* a status may mean StopIteration */
    PLAN_HAS_HANDLES = 1 << 5,  /* not quick and takes handles: they are marked busy meanwhile */
    PLAN_CONSUMES = 1 << 6,
    PLAN_HOT = 1 << 7,          /* its entry is one of hot.c's */
    PLAN_HAS_RECORDS = 1 << 8,  /* not quick and takes records, which may be views: likewise busy */
    PLAN_GROWS = 1 << 9,        /* has an out array with [[grow]]: C may be called again */
    PLAN_OWNS_OUT = 1 << 10,    /* has an [[owned]] out parameter: released even after a failure */
    PLAN_ANNOUNCED = 1 << 11,   /* quick, but may lead back into Python: see attach.h */
    PLAN_CALLBACKS = 1 << 12,   /* takes callbacks that C stores */
    PLAN_CALLS_BACK = 1 << 13   /* takes callbacks: always announced */
};

/* How to run one function. C memory, owned by the binding, immutable once published. `entry` is
 * first because stubs jump through it; what every call reads comes next, in one cache line. */
struct plan {
    stub_entry entry;
    void *function; /* the C function */
    sb_call *call;
    binding *b;
    const sb_function *f;
    uint16_t flags;          /* plan_flag */
    uint8_t failure;         /* sb_failure */
    bool zero_fails;         /* SB_FAILS_STATUS: the enumerator of value 0 raises */
    uint8_t visible_count;   /* arguments the user passes, receiver excluded */
    uint8_t required_count;  /* of those, how many have no default */
    uint8_t positional_count, positional_only_count;
    uint8_t step_count;      /* C parameters */
    uint8_t result_count;    /* values the user gets */
    uint32_t storage_size;   /* bytes of all steps' state */
    uint8_t hot_result;      /* hot.c's own */
    uint8_t hot_shift;       /* bits of the result register above the C type */
    bool hot_signed;         /* and how they are to be filled */
    const step *hot_out;     /* the only OP_OUT step, or NULL */
    const step *hot_array;   /* hot_array.c's own: the array, and what its items are */
    const struct item_format *hot_item;
    PyObject **names;        /* interned argument names by visible index; owned */
    PyObject **defaults;     /* by visible index; NULL: required */
    PyMethodDef def;
    stub_function stub;      /* NULL: none */
    char *doc;               /* text signature and docstring, as PyMethodDef.ml_doc wants */
    uint8_t *order;          /* step indices: those that may run Python code first */
    const step *single;      /* the only step that makes a result, or NULL */
    const step *keeps;       /* the argument that the result must keep alive, or NULL */
    plan *message;           /* atomic: what puts failures into words, when that is always the same
                                and has been asked; error.c's own */
    stub_entry own_entry;    /* what entry is unless PLAN_ANNOUNCED */
    struct callback_plan **callbacks; /* callback.c's own: by step, NULL until needed */
    step result;             /* of the C result */
    step steps[];
};

/* One call in progress, on the C stack. */
struct frame {
    plan *plan;
    PyObject *self;          /* receiver, or type for class methods; borrowed */
    PyObject *const *args;   /* visible_count borrowed references */
    const sb_call *call;     /* the plan's, or that of one variadic call */
    unsigned char *block;    /* arguments */
    unsigned char *result;   /* result block */
    unsigned char *storage;  /* zeroed: steps' state */
    int saved_errno;
    bool succeeded;          /* general calls: the C function did */
    PyObject *raised;        /* what a callback left, owned; wins over all else */
};

/* The plan of a function; made at first use. NULL with an exception. */
plan *plan_get(binding *b, uint32_t function);
/* The entry that suits a complete plan (call.c). */
stub_entry plan_entry(const plan *p);
/* A specialised one, or NULL (hot.c). Completes the plan's and the steps' hot members. */
stub_entry plan_hot_entry(plan *p);
/* Another for one array of numbers, or NULL (hot_array.c). Completes hot_array and hot_item. */
stub_entry plan_hot_array_entry(plan *p);
/* What hot.c leaves to call.c: a call from its beginning, and a call that has been made, with its
 * normalised result and the storage of its one out parameter. */
COLD PyObject *plan_run(plan *p, PyObject *self, PyObject *const *args);
COLD PyObject *plan_run_with_keywords(plan *p, PyObject *self, PyObject *const *args, Py_ssize_t count,
                                 PyObject *kwnames);
PyObject *plan_finish(plan *p, PyObject *self, PyObject *const *args, void *result, void *storage,
                      int saved_errno);
/* Runs a plan with positional arguments already complete. */
PyObject *plan_call(plan *p, PyObject *self, PyObject *const *args, Py_ssize_t count,
                    PyObject *kwnames);
/* Calls a function of one pointer (a destructor, a free function) with no Python objects around. */
void plan_call_pointer(plan *p, void *pointer);
void plan_free(plan *p);
/* The same for a function that may block and lead back into Python. No exception is pending. */
void plan_call_pointer_waiting(plan *p, void *pointer);
/* Sets code, scalar, size and aux of a step for one value of the type itself, or for a pointer to a
 * record with a class. -1 with NotImplementedError. */
int plan_step_for_type(plan *p, step *s, sb_type_id id);
int plan_step_for_pointer(plan *p, step *s, sb_type_id pointer);

static inline void *frame_storage(const frame *f, const step *s)
{
    return f->storage + s->storage;
}
/* Writes a pointer argument. */
static inline void frame_set_pointer(const frame *f, const step *s, const void *pointer)
{
    uint64_t bits = (uint64_t)(uintptr_t)pointer;
    memcpy(f->block + s->offset, &bits, sizeof bits);
}
/* The step of C parameter i. */
static inline const step *frame_step(const frame *f, int i)
{
    return &f->plan->steps[i];
}
/* Sets or reads an integer C parameter (a hidden length), whether it is passed by value or, as an
 * out or inout parameter, behind a pointer to its storage. */
int frame_set_length(const frame *f, int parameter, uint64_t n);
uint64_t frame_get_length(const frame *f, int parameter);

/* Chooses and returns the converter for a parameter, result or field that needs state, or NULL with
 * an exception (array.c, text.c). */
const converter *array_converter(binding *b, const sb_value *v, bool is_result);
const converter *text_converter(binding *b, const sb_value *v, bool is_result);
/* Bare pointers: None, an int, or any buffer, which is held during the call (address.c). */
extern const converter address_converter;
/* After a call: true when an out array was too small and has been made larger, so that the function
 * must be called again (array.c). */
bool array_grow(frame *f, const step *s);

/* ---- classes (class.c, field.c, record.c, handle.c, slot.c, adapt.c) ----------------------------- */

enum field_flag {
    FIELD_HIDDEN = 1 << 0,
    FIELD_READONLY = 1 << 1,
    FIELD_IN_UNION = 1 << 2, /* shares its bytes with others: pointers in it are bare addresses */
    FIELD_LENGTH = 1 << 3,   /* counts the elements of another field */
    FIELD_PARAMETER = 1 << 4, /* of the constructor that takes fields */
    FIELD_FROZEN = 1 << 5    /* shares its bytes with a record that holds pointers: no setting */
};

typedef struct field_record {
    const sb_field *f;
    class_record *owner;
    uint64_t offset;      /* from the start of the outermost record */
    uint8_t code;         /* op of a scalar that fills its bytes; OP_GENERAL: see place.c */
    uint8_t flags;        /* field_flag */
    PyObject *name;       /* interned; owned by the class */
    const sb_field *length; /* the field that holds the element count, or NULL */
    uint64_t length_offset;
} field_record;

/* A described record as a Python class. C memory, owned by the binding.
 *
 * Layout of instances, after PyObject_HEAD (see classes.h):
 *   value class   [kept] record    the record at payload
 *   its view      pointer, owner ... (a hidden subclass: view_type)
 *   opaque class  handle [owner] [handle_state]
 *                 [keeper_state] [deferred] [callbacks]   the handle at payload
 */
struct class_record {
    const sb_class *c;
    const sb_type *record; /* the C type */
    binding *b;
    uint32_t index;
    uint32_t size;            /* bytes of the record; 0 when opaque */
    PyTypeObject *type;       /* owned by the root module through the binding */
    PyTypeObject *view_type;  /* value classes; made at first use */
    PyTypeObject *window_type; /* exports arrays in its records; made at first use */
    Py_ssize_t payload;
    Py_ssize_t owner_offset;  /* 0: none */
    Py_ssize_t state_offset;  /* handle_state; 0: none */
    Py_ssize_t keeper_offset; /* keeper_state; 0: none */
    Py_ssize_t deferred_offset; /* a handle closed while others depend on it; 0: none */
    Py_ssize_t callbacks_offset; /* those that end with the handle; 0: none */
    Py_ssize_t kept_offset;   /* 0: none */
    field_record *fields;     /* all, those of bases first; parameters before others */
    uint32_t field_count, visible_field_count;
    bool optional_fields;     /* construction from fields: those not given are zero */
    bool scalar_fields;       /* all parameters are scalars with a code of their own */
    uint8_t uniform;          /* op of all parameters, when it is the same; else OP_NONE */
    bool dense;               /* and they fill the record: no padding, nothing hidden */
    bool has_pointers;        /* anywhere within: no pickling */
    bool has_union;           /* within itself: pickled as bytes */
    bool making;              /* its type is being made, by this thread */
    bool adapts;              /* adapt_prepare has succeeded */
    plan *constructor, *destructor;
    plan *slots[SB_SLOT_COUNT];
    class_record *base;
    PyObject *adapted;        /* SB_CLASS_ADAPTED: the existing class */
    void *adapter;            /* adapt.c's own */
    PyMethodDef *methods;     /* C memory that the type points into */
    PyGetSetDef *getsets;
    void *properties;         /* closures of getsets that call functions */
    char *doc;
    stub_function *stubs;
    void **targets;           /* what they are bound to */
    uint32_t stub_count;
};

/* Opaque classes that can be borrowed, or in use while another thread runs, carry this. */
typedef struct handle_state {
    uint32_t busy; /* calls in progress without the GIL; atomic */
    bool borrowed; /* not ours to destroy */
} handle_state;

/* Those that other objects can depend on carry this too. Changed with the GIL held. */
typedef struct keeper_state {
    uint32_t exports;    /* memoryviews on memory that closing would free */
    uint32_t dependents; /* handles that keep this one alive: its destructor waits for theirs */
} keeper_state;

class_record *class_get(binding *b, uint32_t index);
void class_clear(class_record *c);                 /* drops Python objects */
int class_traverse(class_record *c, visitproc visit, void *arg);
void class_free(class_record *c);

/* A new instance that holds a copy of the record at `bytes` (zeroes when NULL). type: the class or
 * a subclass of it, NULL for the class itself. Adapted classes give the adapted object. */
PyObject *record_new(class_record *c, PyTypeObject *type, const void *bytes);
/* A view on a record in C memory, kept valid by owner (NULL: for ever). */
PyObject *record_view(class_record *c, void *data, PyObject *owner);
/* A handle object. When making the object fails, an owned handle is destroyed. */
PyObject *handle_new(class_record *c, PyTypeObject *type, void *handle, PyObject *owner,
                     bool owned);
COLD void *record_of_slow(class_record *c, PyObject *o);
COLD void *handle_of_slow(class_record *c, PyObject *o);

/* The record inside an instance of the class; NULL with TypeError (not an instance), or ValueError
 * (a view whose owner was closed). Borrowed from the object. */
static inline void *record_of(class_record *c, PyObject *o)
{
    if (likely(Py_TYPE(o) == c->type))
        return (char *)o + c->payload;
    return record_of_slow(c, o);
}
/* The C handle inside; NULL with TypeError or ValueError (closed). */
static inline void *handle_of(class_record *c, PyObject *o)
{
    if (likely(Py_TYPE(o) == c->type)) {
        void *handle = *(void **)((char *)o + c->payload);
        if (likely(handle != NULL))
            return handle;
    }
    return handle_of_slow(c, o);
}
/* Marks a handle in use by a call that releases the GIL, so that close() refuses meanwhile. */
void handle_enter(class_record *c, PyObject *o);
void handle_leave(class_record *c, PyObject *o);
/* Closes the object without its destructor, for a call that takes the handle over; -1 with ValueError
 * when others use it. */
int handle_take(class_record *c, PyObject *o);
/* Undoes that. */
void handle_give(class_record *c, PyObject *o, void *handle);
/* The same as handle_enter for views: what they look at cannot be closed. */
void record_enter(class_record *c, PyObject *o);
void record_leave(class_record *c, PyObject *o);

/* Adapted classes: record <- object, object <- record (adapt.c). */
int adapt_prepare(class_record *c);
/* Whether adapt_store runs no Python code. */
bool adapt_is_native(const class_record *c);
int adapt_store(class_record *c, PyObject *value, void *record);
PyObject *adapt_load(class_record *c, const void *record);

/* ---- enums (enumeration.c) ------------------------------------------------------------------------- */

enum_record *enum_get(binding *b, uint32_t index);
/* The member for a C value; a plain int when the enum has none. New reference. */
PyObject *enum_member(enum_record *e, int64_t bits);
/* -1 with TypeError when value is a member of another enum class. */
int enum_check(enum_record *e, PyObject *value);

/* ---- modules, variables (namespace.c, variable.c) --------------------------------------------------- */

int variables_type_create(bridge_state *state);
/* Makes a module serve its scope's global variables live, by its class. */
int module_use_variables(PyObject *module, binding *b, uint32_t scope);
/* The binding and scope of a module made by namespace.c; NULL without an exception for others. */
binding *module_binding(PyObject *module, uint32_t *scope);
PyObject *variable_get(binding *b, uint32_t declaration, uint32_t address);
int variable_set(binding *b, uint32_t declaration, uint32_t address, PyObject *value);
/* The value of a described constant. */
PyObject *constant_to_python(const sb_description *d, const sb_constant *c);
/* symbridge._bridge._rebuild(cls, values): what pickles of value classes call (record.c). */
PyObject *record_rebuild(PyObject *module, PyObject *const *args, Py_ssize_t count);

#endif
