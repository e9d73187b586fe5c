/* function.c - calling C functions through FFI.
 *
 * What a call of one function type needs is decided at its first call and kept in the ctype, as a
 * function_plan: the engine's plan of the call, and for each argument an op code and its place in
 * the argument block. A call converts the arguments into a block on the C stack, lets the C
 * function run without the GIL, and makes a Python object of the result. What is cheap to convert
 * is converted in one switch; all else goes to convert.c, out of line.
 *
 * The types of variadic arguments are those of the cdata passed. A call of a variadic function is
 * planned once for each combination of them; the last few combinations are kept.
 */
#include "../attach.h"
#include "../integer.h"
#include "cdata.h"
#include "prototype.h"

#include <errno.h>
#include <string.h>

#define BLOCK_ON_STACK 1024 /* bytes of arguments that need no allocation */
#define SMALL_BLOCK 128     /* most blocks are: all registers of x86-64 and two words */
#define RESULT_ON_STACK 64
#define VARIANTS 8 /* combinations of variadic types kept per function type */

/* ---- errno ----------------------------------------------------------------------------------- */

static _Thread_local int saved_errno __attribute__((tls_model("initial-exec")));

int saved_errno_get(void)
{
    return saved_errno;
}

void saved_errno_set(int value)
{
    saved_errno = value;
}

/* ---- plans ----------------------------------------------------------------------------------- */

/* Where a parameter goes: op is that of its type, when it is a scalar of at most a word, or ... */
enum { OP_BYTES = OP_GENERAL + 1 }; /* its bytes: convert_store makes them */

typedef struct parameter {
    ctype *type; /* borrowed: the function type owns it */
    uint8_t op;
} parameter;

/* The calls of a variadic function with these types of further arguments. Under the GIL; counted by
 * the plan and by calls at work, which may drop it from the plan. */
typedef struct variant {
    uint32_t uses;
    uint32_t count;
    sb_call *call;
    sb_type_ref types[]; /* each with a count of its description */
} variant;

/* One allocation, immutable but for the variants. Owned by the ctype, which outlives every call. */
struct function_plan {
    sb_call *call;    /* NULL: variadic */
    ctype *result;    /* borrowed */
    uint8_t result_op;
    bool full;        /* the arguments fill the block to the last byte */
    uint32_t count;   /* parameters */
    uint32_t newest;  /* of the variants */
    variant *variants[VARIANTS];
    parameter parameters[];
};

static void variant_release(variant *v)
{
    if (v == NULL || --v->uses > 0)
        return;
    for (uint32_t i = 0; i < v->count; i++)
        sb_description_release((sb_description *)(uintptr_t)v->types[i].description);
    sb_call_free(v->call);
    PyMem_Free(v);
}

void function_plan_free(struct function_plan *f)
{
    if (f == NULL)
        return;
    for (size_t i = 0; i < VARIANTS; i++)
        variant_release(f->variants[i]);
    sb_call_free(f->call);
    PyMem_Free(f);
}

static uint8_t op_of(const ctype *type)
{
    if (ctype_is_record(type) || type->size > 8 || type->kind == SB_COMPLEX)
        return OP_BYTES;
    return type->kind == SB_VOID ? OP_NONE : type->scalar;
}

/* True when each word of the block is written by the conversion of some argument. */
static bool is_full(const struct function_plan *f)
{
    for (uint32_t i = 0; i < f->count; i++) {
        if (f->parameters[i].op == OP_BYTES)
            return false;
    }
    return f->call != NULL && f->call->tier == SB_TIER_REGISTERS &&
           f->call->block_size == 8 * f->count;
}

static COLD struct function_plan *plan_new(ctype *function)
{
    bool variadic = (function->flags & CTYPE_VARIADIC) != 0;
    size_t count = (size_t)PyTuple_GET_SIZE(function->parameters);
    struct function_plan *f =
        PyMem_Calloc(1, sizeof *f + count * sizeof f->parameters[0]);
    if (f == NULL) {
        PyErr_NoMemory();
        return NULL;
    }
    f->result = function->item;
    f->result_op = op_of(function->item);
    f->count = (uint32_t)count;
    for (size_t i = 0; i < count; i++) {
        ctype *type = (ctype *)PyTuple_GET_ITEM(function->parameters, (Py_ssize_t)i);
        f->parameters[i] = (parameter){type, op_of(type)};
    }
    if (!variadic) {
        sb_type_ref types[SB_MAX_PARAMETERS];
        sb_prototype prototype;
        sb_error error;
        if (prototype_fill(&prototype, types, function) < 0 ||
            (sb_call_plan_prototype(&prototype, 0, &f->call, &error) != SB_OK &&
             prototype_refuse(function, "called", &error) < 0)) {
            function_plan_free(f);
            return NULL;
        }
    }
    f->full = is_full(f);
    /* Filling records may have run Python code, which may have called the function. */
    if (function->plan != NULL)
        function_plan_free(f);
    else
        function->plan = f;
    return function->plan;
}

/* ---- arguments ------------------------------------------------------------------------------- */

/* Memory that lives as long as one call: what lists and strings were converted to. */
typedef struct temporary temporary;
struct temporary {
    temporary *next;
    _Alignas(16) char bytes[];
};

static COLD void temporaries_free(temporary *first)
{
    while (first != NULL) {
        temporary *next = first->next;
        PyMem_Free(first);
        first = next;
    }
}

static inline void put_word(char *block, const sb_argument_place *place, uint64_t word)
{
    memcpy(block + place->offset, &word, sizeof word);
}

static inline void put_bytes(char *block, const sb_argument_place *place, const char *bytes,
                             size_t size)
{
    if (place->second == SB_NO_SECOND) {
        memcpy(block + place->offset, bytes, size);
    }
    else {
        memcpy(block + place->offset, bytes, 8);
        memcpy(block + place->second, bytes + 8, size - 8);
    }
}

/* The value at `bytes` as a word: integers extended, others as they are. */
static uint64_t extend(uint8_t code, const char *bytes)
{
    switch (code) {
#define EXTEND(id, type)                                                                         \
    case OP_##id: {                                                                              \
        type narrow;                                                                             \
        memcpy(&narrow, bytes, sizeof narrow);                                                   \
        return (uint64_t)narrow;                                                                 \
    }
        EXTEND(I8, int8_t)
        EXTEND(U8, uint8_t)
        EXTEND(I16, int16_t)
        EXTEND(U16, uint16_t)
        EXTEND(I32, int32_t)
        EXTEND(U32, uint32_t)
        EXTEND(I64, int64_t)
        EXTEND(U64, uint64_t)
        EXTEND(CHAR, char)
        EXTEND(WIDE16, uint16_t)
        EXTEND(WIDE32, uint32_t)
        EXTEND(ADDRESS, uintptr_t)
#undef EXTEND
    case OP_BOOL:
        return *bytes != 0;
    default:
        Py_UNREACHABLE();
    }
}

/* True when bytes can serve as what the pointer points at, as they are. */
static bool takes_bytes(const ctype *pointer)
{
    const ctype *item = pointer->item;
    return item->kind == SB_VOID || item->kind == SB_CHAR ||
           (item->size == 1 && item->flags & CTYPE_INTEGER && item->kind != SB_ENUM);
}

static int check_bools(PyObject *bytes)
{
    const char *text = PyBytes_AS_STRING(bytes);
    for (Py_ssize_t i = 0; i < PyBytes_GET_SIZE(bytes); i++) {
        if (text[i] != 0 && text[i] != 1) {
            PyErr_SetString(PyExc_ValueError, "an array of _Bool can only contain \\x00 or \\x01");
            return -1;
        }
    }
    return 0;
}

/* How many elements a list, tuple or str asks of temporary memory; -1 when value is none of them,
 * or nothing can be made of it. A str takes one more, for the end. */
static Py_ssize_t count_elements(const ctype *item, PyObject *value)
{
    if (PyList_Check(value) || PyTuple_Check(value))
        return PySequence_Fast_GET_SIZE(value);
    if (!PyUnicode_Check(value))
        return -1;
    Py_ssize_t count = PyUnicode_GET_LENGTH(value);
    if (item->size == 2 && PyUnicode_KIND(value) == PyUnicode_4BYTE_KIND) {
        for (Py_ssize_t i = 0, n = count; i < n; i++)
            count += PyUnicode_READ_CHAR(value, i) > 0xFFFF; /* a pair of surrogates */
    }
    return count + 1;
}

/* A pointer argument of anything: a cdata, bytes, or what initialises an array of its items. */
static COLD int store_pointer(ctype *pointer, PyObject *value, char **out, temporary **temporaries)
{
    if (pointer->kind != SB_POINTER || cdata_is(value))
        return convert_pointer(pointer, value, out);
    ctype *item = pointer->item;
    if (PyBytes_Check(value)) {
        if (!takes_bytes(pointer))
            return convert_pointer(pointer, value, out);
        *out = PyBytes_AS_STRING(value);
        return item->kind == SB_BOOL ? check_bools(value) : 0;
    }
    Py_ssize_t count = count_elements(item, value);
    if (count < 0) {
        int is_stream = file_pointer(pointer, value, out);
        return is_stream != 0 ? (is_stream < 0 ? -1 : 0) : convert_pointer(pointer, value, out);
    }
    if (ctype_is_record(item) && ctype_fill(item, false) < 0)
        return -1;
    if (item->size <= 0)
        return convert_pointer(pointer, value, out);
    if (count > (PY_SSIZE_T_MAX - (Py_ssize_t)sizeof(temporary)) / item->size) {
        PyErr_SetString(PyExc_OverflowError, "array size would overflow a Py_ssize_t");
        return -1;
    }
    temporary *made = PyMem_Calloc(1, sizeof *made + (size_t)(count * item->size));
    if (made == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    made->next = *temporaries;
    *temporaries = made;
    *out = made->bytes;
    return initialise_array(pointer, made->bytes, count, value);
}

/* Any argument that store does not take. */
static COLD int store_slowly(const parameter *p, const sb_argument_place *place, PyObject *value,
                             char *block, temporary **temporaries)
{
    _Alignas(16) char bytes[16] = {0};
    switch (p->op) {
    case OP_ADDRESS: {
        char *address;
        if (store_pointer(p->type, value, &address, temporaries) < 0)
            return -1;
        put_word(block, place, (uintptr_t)address);
        return 0;
    }
    case OP_BYTES:
        if (place->second == SB_NO_SECOND)
            return place->size == 0 ? 0 : convert_store(p->type, block + place->offset, value);
        if (convert_store(p->type, bytes, value) < 0)
            return -1;
        put_bytes(block, place, bytes, place->size);
        return 0;
    case OP_FLOAT:
    case OP_DOUBLE:
        if (convert_store(p->type, bytes, value) < 0)
            return -1;
        put_bytes(block, place, bytes, sizeof(uint64_t));
        return 0;
    default:
        if (convert_store(p->type, bytes, value) < 0)
            return -1;
        put_word(block, place, extend(p->op, bytes));
        return 0;
    }
}

/* True, with the value, when it is an int that fits. */
static inline bool take_integer(PyObject *value, int64_t *number)
{
    if (likely(integer_small(value, number)))
        return true;
    if (!PyLong_CheckExact(value))
        return false;
    int overflow;
    *number = PyLong_AsLongLongAndOverflow(value, &overflow);
    return overflow == 0;
}

/* True, with the argument in the block, when it is of the kind that is usual for its parameter. */
static inline bool store(const parameter *p, const sb_argument_place *place, PyObject *value,
                         char *block)
{
    int64_t number;
    switch (p->op) {
#define STORE_INTEGER(id, type)                                                                  \
    case OP_##id:                                                                                \
        if (unlikely(!take_integer(value, &number) || (type)number != number))                  \
            return false;                                                                        \
        put_word(block, place, (uint64_t)number);                                                \
        return true;
        STORE_INTEGER(I8, int8_t)
        STORE_INTEGER(U8, uint8_t)
        STORE_INTEGER(I16, int16_t)
        STORE_INTEGER(U16, uint16_t)
        STORE_INTEGER(I32, int32_t)
        STORE_INTEGER(U32, uint32_t)
        STORE_INTEGER(I64, int64_t)
#undef STORE_INTEGER
    case OP_U64:
        if (unlikely(!take_integer(value, &number) || number < 0))
            return false;
        put_word(block, place, (uint64_t)number);
        return true;
    case OP_BOOL:
        if (value != Py_True && value != Py_False)
            return false;
        put_word(block, place, value == Py_True);
        return true;
    case OP_DOUBLE: {
        if (unlikely(!PyFloat_CheckExact(value)))
            return false;
        double real = PyFloat_AS_DOUBLE(value);
        memcpy(block + place->offset, &real, sizeof real);
        return true;
    }
    case OP_FLOAT: {
        if (unlikely(!PyFloat_CheckExact(value)))
            return false;
        float real = (float)PyFloat_AS_DOUBLE(value);
        uint64_t word = 0;
        memcpy(&word, &real, sizeof real);
        put_word(block, place, word);
        return true;
    }
    case OP_ADDRESS: {
        if (likely(cdata_is(value))) {
            const cdata *c = (const cdata *)value;
            if (likely(c->type == p->type) ||
                (c->type->kind == SB_ARRAY && c->type->item == p->type->item &&
                 p->type->kind == SB_POINTER) ||
                (p->type->flags & CTYPE_VOID_POINTER &&
                 (ctype_is_pointer(c->type) || c->type->kind == SB_ARRAY))) {
                put_word(block, place, (uintptr_t)c->address);
                return true;
            }
        }
        else if (PyBytes_CheckExact(value) &&
                 p->type->flags & (CTYPE_CHAR_POINTER | CTYPE_VOID_POINTER)) {
            put_word(block, place, (uintptr_t)PyBytes_AS_STRING(value));
            return true;
        }
        return false;
    }
    case OP_BYTES:
        if (likely(cdata_is(value)) && ((cdata *)value)->type == p->type &&
            ctype_is_record(p->type)) {
            put_bytes(block, place, ((cdata *)value)->address, place->size);
            return true;
        }
        return false;
    default:
        return false;
    }
}

/* ---- variadic functions ---------------------------------------------------------------------- */

/* The type that a cdata travels as after "...": C's default promotions, and cffi's errors. */
static int promote(PyObject *value, Py_ssize_t position, sb_type_ref *type)
{
    if (unlikely(!cdata_is(value))) {
        PyErr_Format(PyExc_TypeError,
                     "argument %zd passed in the variadic part needs to be a cdata object "
                     "(got %.200s)",
                     position + 1, Py_TYPE(value)->tp_name);
        return -1;
    }
    return prototype_type(((cdata *)value)->type, true, type);
}

static void put_promoted(const cdata *value, const sb_argument_place *place, char *block)
{
    const ctype *type = value->type;
    if (ctype_is_pointer(type) || type->kind == SB_ARRAY) {
        put_word(block, place, (uintptr_t)value->address);
        return;
    }
    uint8_t code = op_of(type);
    switch (code) {
    case OP_BYTES:
        put_bytes(block, place, value->address, place->size);
        break;
    case OP_FLOAT: {
        float narrow;
        memcpy(&narrow, value->address, sizeof narrow);
        double real = (double)narrow;
        memcpy(block + place->offset, &real, sizeof real);
        break;
    }
    case OP_DOUBLE:
        memcpy(block + place->offset, value->address, sizeof(double));
        break;
    default:
        put_word(block, place, extend(code, value->address));
        break;
    }
}

static COLD variant *variant_new(struct function_plan *f, ctype *function,
                                 const sb_type_ref *extra, size_t count)
{
    sb_type_ref types[SB_MAX_PARAMETERS];
    sb_prototype prototype;
    sb_error error;
    if (prototype_fill(&prototype, types, function) < 0)
        return NULL;
    if (count > SB_MAX_PARAMETERS - prototype.fixed) {
        PyErr_Format(PyExc_TypeError, "a call of '%s' takes at most %d arguments", function->name,
                     SB_MAX_PARAMETERS);
        return NULL;
    }
    memcpy(types + prototype.fixed, extra, count * sizeof *extra);
    prototype.count += count;
    variant *v = PyMem_Calloc(1, sizeof *v + count * sizeof *extra);
    if (v == NULL) {
        PyErr_NoMemory();
        return NULL;
    }
    v->uses = 1;
    if (sb_call_plan_prototype(&prototype, 0, &v->call, &error) != SB_OK) {
        prototype_refuse(function, "called so", &error);
        variant_release(v);
        return NULL;
    }
    v->count = (uint32_t)count;
    memcpy(v->types, extra, count * sizeof *extra);
    for (size_t i = 0; i < count; i++)
        (void)sb_description_retain((sb_description *)(uintptr_t)extra[i].description);
    f->newest = (f->newest + 1) % VARIANTS;
    variant_release(f->variants[f->newest]);
    f->variants[f->newest] = v;
    return v;
}

static variant *variant_find(struct function_plan *f, ctype *function, const sb_type_ref *extra,
                             size_t count)
{
    for (size_t i = 0; i < VARIANTS; i++) {
        variant *v = f->variants[(f->newest + i) % VARIANTS];
        if (v == NULL || v->count != count)
            continue;
        size_t same = 0;
        while (same < count && v->types[same].type == extra[same].type &&
               v->types[same].description == extra[same].description)
            same++;
        if (same == count)
            return v;
    }
    return variant_new(f, function, extra, count);
}

/* ---- calls ----------------------------------------------------------------------------------- */

static inline PyObject *load(const struct function_plan *f, const char *result)
{
    int64_t number;
    switch (f->result_op) {
    case OP_NONE:
        Py_RETURN_NONE;
    case OP_I8:
    case OP_I16:
    case OP_I32:
    case OP_I64:
    case OP_U8:
    case OP_U16:
    case OP_U32:
        memcpy(&number, result, sizeof number);
        return PyLong_FromLongLong(number);
    case OP_U64: {
        uint64_t word;
        memcpy(&word, result, sizeof word);
        return PyLong_FromUnsignedLongLong(word);
    }
    case OP_BOOL:
        memcpy(&number, result, sizeof number);
        return PyBool_FromLong(number != 0);
    case OP_DOUBLE: {
        double real;
        memcpy(&real, result, sizeof real);
        return PyFloat_FromDouble(real);
    }
    case OP_FLOAT: {
        float real;
        memcpy(&real, result, sizeof real);
        return PyFloat_FromDouble((double)real);
    }
    case OP_ADDRESS: {
        char *address;
        memcpy(&address, result, sizeof address);
        return (PyObject *)cdata_new(f->result, address);
    }
    case OP_CHAR:
    case OP_WIDE16:
    case OP_WIDE32: {
        uint64_t word;
        union {
            uint8_t byte;
            uint16_t half;
            uint32_t wide;
        } character;
        memcpy(&word, result, sizeof word);
        if (f->result_op == OP_CHAR)
            character.byte = (uint8_t)word;
        else if (f->result_op == OP_WIDE16)
            character.half = (uint16_t)word;
        else
            character.wide = (uint32_t)word;
        return convert_load_other(f->result, (const char *)&character, NULL);
    }
    default:
        return convert_load(f->result, result, NULL);
    }
}

/* The call itself, with all arguments in the block. */
static inline PyObject *invoke(const struct function_plan *f, const sb_call *call,
                               void *function, char *block)
{
    _Alignas(16) char on_stack[RESULT_ON_STACK];
    char *result = on_stack;
    cdata *record = NULL;
    if (f->result_op == OP_BYTES && ctype_is_record(f->result)) {
        record = cdata_new_uncleared(f->result, f->result->size, -1);
        if (unlikely(record == NULL))
            return NULL;
        if (f->result->size > RESULT_ON_STACK)
            result = record->address;
    }
    waiting_call w;
    waiting_begin(&w, true);
    int *own_errno = &errno; /* of this thread */
    *own_errno = saved_errno;
    sb_call_invoke(call, function, block, result);
    saved_errno = *own_errno;
    waiting_end(&w);
    if (unlikely(w.raised != NULL)) { /* in a callback that load made */
        Py_XDECREF(record);
        waiting_raise(&w);
        return NULL;
    }
    if (record != NULL) {
        if (result == on_stack)
            memcpy(record->address, result, (size_t)f->result->size);
        return (PyObject *)record;
    }
    return load(f, result);
}

static COLD PyObject *refuse_call(const cdata *self)
{
    if (self->type->kind != SB_FUNCTION)
        return PyErr_Format(PyExc_TypeError, "cdata '%s' is not callable", self->type->name);
    if (self->address == NULL)
        return PyErr_Format(PyExc_RuntimeError, "cannot call null pointer pointer from cdata '%s'",
                            self->type->name);
    PyErr_SetString(PyExc_TypeError, "a cdata function cannot be called with keyword arguments");
    return NULL;
}

static COLD PyObject *refuse_count(const ctype *function, uint32_t wanted, size_t got)
{
    return PyErr_Format(PyExc_TypeError, "'%s' expects %s%u arguments, got %zu", function->name,
                        function->flags & CTYPE_VARIADIC ? "at least " : "", (unsigned)wanted,
                        got);
}

/* A call with a block for its arguments. */
static inline __attribute__((always_inline)) PyObject *
call_with(const cdata *self, const struct function_plan *f, const sb_call *call,
          PyObject *const *args, size_t count, char *block)
{
    PyObject *result = NULL;
    temporary *temporaries = NULL;
    for (uint32_t i = 0; i < f->count; i++) {
        if (likely(store(&f->parameters[i], &call->args[i], args[i], block)))
            continue;
        if (store_slowly(&f->parameters[i], &call->args[i], args[i], block, &temporaries) < 0)
            goto done;
    }
    for (size_t i = f->count; i < count; i++)
        put_promoted((const cdata *)args[i], &call->args[i], block);
    result = invoke(f, call, self->address, block);
done:
    if (unlikely(temporaries != NULL))
        temporaries_free(temporaries);
    return result;
}

static COLD PyObject *call_large(const cdata *self, const struct function_plan *f,
                                 const sb_call *call, PyObject *const *args, size_t count)
{
    char *memory = PyMem_Calloc(1, call->block_size + 16u);
    if (memory == NULL)
        return PyErr_NoMemory();
    char *block = memory + (16 - (uintptr_t)memory % 16) % 16;
    PyObject *result = call_with(self, f, call, args, count, block);
    PyMem_Free(memory);
    return result;
}

/* Bytes of the block that no argument fills are zeros, so that a wrong declaration behaves the same
 * each time. */
static inline __attribute__((always_inline)) PyObject *
call_planned(const cdata *self, const struct function_plan *f, const sb_call *call,
             PyObject *const *args, size_t count)
{
    _Alignas(16) char block[BLOCK_ON_STACK];
    if (unlikely(call->block_size > SMALL_BLOCK)) {
        if (call->block_size > BLOCK_ON_STACK)
            return call_large(self, f, call, args, count);
        memset(block, 0, call->block_size);
    }
    else if (!f->full) {
        memset(block, 0, SMALL_BLOCK); /* a few stores, where the size is known */
    }
    return call_with(self, f, call, args, count, block);
}

static PyObject *call_variadic(cdata *self, struct function_plan *f, PyObject *const *args,
                               size_t count)
{
    sb_type_ref extra[SB_MAX_PARAMETERS];
    if (count < f->count)
        return refuse_count(self->type, f->count, count);
    if (count > SB_MAX_PARAMETERS) {
        return PyErr_Format(PyExc_TypeError, "a call of '%s' takes at most %d arguments",
                            self->type->name, SB_MAX_PARAMETERS);
    }
    size_t fixed = f->count, more = count - fixed;
    for (size_t i = 0; i < more; i++) {
        if (promote(args[fixed + i], (Py_ssize_t)(fixed + i), &extra[i]) < 0)
            return NULL;
    }
    variant *v = variant_find(f, self->type, extra, more);
    if (v == NULL)
        return NULL;
    v->uses++;
    PyObject *result = call_planned(self, f, v->call, args, count);
    variant_release(v);
    return result;
}

PyObject *cdata_vectorcall(PyObject *object, PyObject *const *args, size_t flags,
                           PyObject *kwnames)
{
    cdata *self = (cdata *)object;
    size_t count = (size_t)PyVectorcall_NARGS(flags);
    if (unlikely(self->type->kind != SB_FUNCTION || self->address == NULL ||
                 (kwnames != NULL && PyTuple_GET_SIZE(kwnames) > 0)))
        return refuse_call(self);
    struct function_plan *f = self->type->plan;
    if (unlikely(f == NULL)) {
        f = plan_new(self->type);
        if (f == NULL)
            return NULL;
    }
    if (unlikely(f->call == NULL))
        return call_variadic(self, f, args, count);
    if (unlikely(count != f->count))
        return refuse_count(self->type, f->count, count);
    return call_planned(self, f, f->call, args, count);
}

PyObject *cdata_call(PyObject *self, PyObject *args, PyObject *kwargs)
{
    return PyVectorcall_Call(self, args, kwargs);
}

cdata *function_new(ctype *function, void *address, PyObject *owner)
{
    return owner == NULL ? cdata_new(function, address)
                         : cdata_new_view(function, address, -1, owner);
}
