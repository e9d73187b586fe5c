/* callback.c - Python functions as C function pointers, for FFI.
 *
 * A callback is a cdata of a function type whose address is the code of an engine's closure. What
 * the closure needs when C calls it is a receiver: C memory apart from the cdata, because C may
 * call in the very moment in which the cdata goes, or after that.
 *
 *   cdata goes      the receiver loses its Python references; the closure is parked by the engine,
 *                   which notices later calls; the receiver is buried
 *   buried          a ring keeps the last BURIED receivers, for calls that had begun but waited for
 *                   the GIL; they report it, and C gets the error value
 *   interpreter     closures are left as they are; attach_enter refuses them, and C gets the error
 *   goes            value
 */
#include "../attach.h"
#include "../integer.h"
#include "cdata.h"
#include "prototype.h"

#include <errno.h>
#include <stdatomic.h>
#include <stddef.h>
#include <string.h>

#define BURIED 64

typedef struct argument_type {
    ctype *type; /* borrowed: the function type owns it */
    uint8_t code;
} argument_type;

/* One allocation of C memory. Counted by the cdata or the ring, and by each call that runs. The
 * Python references are under the GIL, and NULL once the cdata is gone. */
typedef struct receiver receiver;
struct receiver {
    atomic_uint uses;
    interpreter_home *home;
    ctype *function;    /* owned */
    PyObject *callable; /* owned; NULL: gone */
    PyObject *on_error; /* owned, or NULL */
    PyObject *error;    /* owned: what the error value was made of may own what it points at */
    ctype *result;      /* borrowed from function */
    uint32_t count;
    uint8_t result_code;
    size_t result_size;
    char *error_value; /* result_size bytes behind the arguments */
    argument_type arguments[];
};

typedef struct cdata_callback {
    cdata base;
    sb_closure *closure;
    receiver *receiver;
} cdata_callback;

static void receiver_release(receiver *t)
{
    if (t == NULL || atomic_fetch_sub(&t->uses, 1) > 1)
        return;
    home_release(t->home);
    PyMem_RawFree(t);
}

/* Keeps a receiver whose cdata is gone for a while. Takes over the reference. */
static void bury(receiver *t)
{
    static _Atomic(receiver *) ring[BURIED];
    static atomic_uint next;
    unsigned slot = atomic_fetch_add(&next, 1) % BURIED;
    receiver_release(atomic_exchange(&ring[slot], t));
}

/* ---- the way in ------------------------------------------------------------------------------ */

static inline PyObject *load_argument(const argument_type *a, const void *source)
{
    switch (a->code) {
#define LOAD(id, ctype_, make)                                                                   \
    case OP_##id: {                                                                              \
        ctype_ value;                                                                            \
        memcpy(&value, source, sizeof value);                                                    \
        return make;                                                                             \
    }
        LOAD(I8, int8_t, PyLong_FromLong(value))
        LOAD(U8, uint8_t, PyLong_FromLong(value))
        LOAD(I16, int16_t, PyLong_FromLong(value))
        LOAD(U16, uint16_t, PyLong_FromLong(value))
        LOAD(I32, int32_t, PyLong_FromLong(value))
        LOAD(U32, uint32_t, PyLong_FromUnsignedLong(value))
        LOAD(I64, int64_t, PyLong_FromLongLong(value))
        LOAD(U64, uint64_t, PyLong_FromUnsignedLongLong(value))
        LOAD(FLOAT, float, PyFloat_FromDouble((double)value))
        LOAD(DOUBLE, double, PyFloat_FromDouble(value))
        LOAD(ADDRESS, char *, (PyObject *)cdata_new(a->type, value))
#undef LOAD
    case OP_GENERAL: { /* a record: C's memory of it ends with the call */
        cdata *copy = cdata_new_uncleared(a->type, a->type->size, -1);
        if (likely(copy != NULL))
            memcpy(copy->address, source, (size_t)a->type->size);
        return (PyObject *)copy;
    }
    default:
        return convert_load(a->type, source, NULL);
    }
}

static COLD int store_result_slowly(const receiver *t, PyObject *value, void *result)
{
    if (t->result_code == OP_NONE) {
        PyErr_SetString(PyExc_TypeError,
                        "callback with the return type 'void' must return None");
        return -1;
    }
    return convert_store(t->result, result, value);
}

static inline int store_result(const receiver *t, PyObject *value, void *result)
{
    int64_t number;
    switch (t->result_code) {
    case OP_NONE:
        if (likely(value == Py_None))
            return 0;
        break;
    case OP_I32:
        if (likely(integer_small(value, &number)) && (int32_t)number == number) {
            int32_t narrow = (int32_t)number;
            memcpy(result, &narrow, sizeof narrow);
            return 0;
        }
        break;
    case OP_I64:
        if (likely(integer_small(value, &number))) {
            memcpy(result, &number, sizeof number);
            return 0;
        }
        break;
    case OP_DOUBLE:
        if (likely(PyFloat_CheckExact(value))) {
            double real = PyFloat_AS_DOUBLE(value);
            memcpy(result, &real, sizeof real);
            return 0;
        }
        break;
    default:
        break;
    }
    return store_result_slowly(t, value, result);
}

/* Hands an exception, whose references it takes over, to sys.unraisablehook with cffi's words. */
static COLD void report(PyObject *kind, PyObject *value, PyObject *trace, const char *what,
                        PyObject *callable, const char *more)
{
    PyObject *text = callable != NULL ? PyUnicode_FromFormat("%s%R%s", what, callable, more)
                                      : PyUnicode_FromString(what);
    const char *message = text == NULL ? NULL : PyUnicode_AsUTF8(text);
    if (message == NULL) {
        PyErr_Clear();
        message = what;
    }
    PyErr_Restore(kind, value, trace);
#if PY_VERSION_HEX >= 0x030D0000
    PyErr_FormatUnraisable("Exception ignored %s", message);
#else
    _PyErr_WriteUnraisableMsg(message, NULL);
#endif
    Py_XDECREF(text);
}

/* The pending exception goes to onerror, or is reported. C gets the error value, or what onerror
 * returns. */
static COLD void fail(const receiver *t, PyObject *callable, void *result, bool converting)
{
    static const char from[] = "from cffi callback ";
    const char *more = converting ? ", trying to convert the result back to C" : "";
    PyObject *kind, *value, *trace;
    if (t->result_size > 0)
        memcpy(result, t->error_value, t->result_size);
    PyErr_Fetch(&kind, &value, &trace);
    PyObject *on_error = Py_XNewRef(t->on_error);
    if (on_error == NULL) {
        report(kind, value, trace, from, callable, more);
        return;
    }
    PyErr_NormalizeException(&kind, &value, &trace);
    PyObject *answer =
        PyObject_CallFunctionObjArgs(on_error, kind != NULL ? kind : Py_None,
                                     value != NULL ? value : Py_None,
                                     trace != NULL ? trace : Py_None, NULL);
    if (answer != NULL && answer != Py_None && store_result_slowly(t, answer, result) < 0 &&
        t->result_size > 0)
        memcpy(result, t->error_value, t->result_size);
    Py_XDECREF(answer);
    Py_DECREF(on_error);
    if (!PyErr_Occurred()) {
        Py_XDECREF(kind);
        Py_XDECREF(value);
        Py_XDECREF(trace);
        return;
    }
    PyObject *second_kind, *second, *second_trace;
    PyErr_Fetch(&second_kind, &second, &second_trace);
    report(kind, value, trace, from, callable, more);
    report(second_kind, second, second_trace,
           "during handling of the above exception by 'onerror'", NULL, "");
}

/* Under the GIL. */
static void run(const receiver *t, void *const *arguments, void *result)
{
    PyObject *stack[1 + SB_MAX_PARAMETERS], **converted = stack + 1;
    PyObject *callable = Py_XNewRef(t->callable);
    if (unlikely(callable == NULL)) {
        callback_misused(SB_CLOSURE_CALLED_AFTER_FREE, "it was freed as C called it");
        memcpy(result, t->error_value, t->result_size);
        return;
    }
    PyObject *function = Py_NewRef((PyObject *)t->function); /* the cdata may go meanwhile */
    uint32_t count = 0;
    PyObject *answer = NULL;
    for (; count < t->count; count++) {
        converted[count] = load_argument(&t->arguments[count], arguments[count]);
        if (unlikely(converted[count] == NULL))
            break;
    }
    if (likely(count == t->count))
        answer = PyObject_Vectorcall(callable, converted,
                                     count | PY_VECTORCALL_ARGUMENTS_OFFSET, NULL);
    if (unlikely(answer == NULL))
        fail(t, callable, result, false);
    else if (unlikely(store_result(t, answer, result) < 0))
        fail(t, callable, result, true);
    Py_XDECREF(answer);
    while (count > 0)
        Py_DECREF(converted[--count]);
    Py_DECREF(callable);
    Py_DECREF(function);
}

static void handle(sb_closure *closure, void *const *arguments, void *result, void *user)
{
    receiver *t = user;
    (void)closure;
    saved_errno_set(errno);
    attachment a;
    if (unlikely(!attach_enter(t->home, &a))) {
        memcpy(result, t->error_value, t->result_size);
        return;
    }
    atomic_fetch_add_explicit(&t->uses, 1, memory_order_relaxed);
    run(t, arguments, result);
    receiver_release(t);
    attach_leave(&a);
    errno = saved_errno_get();
}

/* ---- making and freeing ---------------------------------------------------------------------- */

static COLD int make_signature(ctype *function)
{
    sb_type_ref types[SB_MAX_PARAMETERS];
    sb_prototype prototype;
    sb_error error;
    sb_signature *signature;
    if (function->flags & CTYPE_VARIADIC) {
        PyErr_Format(PyExc_NotImplementedError,
                     "%s: callback with unsupported argument or return type or with '...'",
                     function->name);
        return -1;
    }
    if (prototype_fill(&prototype, types, function) < 0)
        return -1;
    if (sb_signature_of_prototype(&prototype, function->name, 0, &signature, &error) != SB_OK)
        return prototype_refuse(function, "that of a callback", &error);
    if (function->signature != NULL) /* filling records may have run Python code */
        sb_signature_release(signature);
    else
        function->signature = signature;
    return 0;
}

static uint8_t code_of(const ctype *type)
{
    return ctype_is_record(type) ? OP_GENERAL : type->kind == SB_VOID ? OP_NONE : type->scalar;
}

/* Owns nothing but its memory until all has gone well. */
static receiver *receiver_new(ctype *function, PyObject *callable, PyObject *error,
                              PyObject *on_error)
{
    Py_ssize_t count = PyTuple_GET_SIZE(function->parameters);
    ctype *result = function->item;
    size_t size = result->size > 0 ? (size_t)result->size : 0;
    size_t at = offsetof(receiver, arguments) + (size_t)count * sizeof(argument_type);
    at = (at + 15) / 16 * 16;
    receiver *t = PyMem_RawCalloc(1, at + (size > 16 ? size : 16));
    if (t == NULL) {
        PyErr_NoMemory();
        return NULL;
    }
    t->result = result;
    t->result_code = code_of(result);
    t->result_size = size;
    t->error_value = (char *)t + at;
    t->home = home_get(function->state->bridge);
    if (t->home == NULL ||
        (error != Py_None && store_result_slowly(t, error, t->error_value) < 0)) {
        PyMem_RawFree(t);
        return NULL;
    }
    home_retain(t->home);
    atomic_init(&t->uses, 1);
    t->function = (ctype *)Py_NewRef((PyObject *)function);
    t->callable = Py_NewRef(callable);
    t->on_error = on_error == Py_None ? NULL : Py_NewRef(on_error);
    t->error = Py_NewRef(error);
    t->count = (uint32_t)count;
    for (Py_ssize_t i = 0; i < count; i++) {
        ctype *type = (ctype *)PyTuple_GET_ITEM(function->parameters, i);
        t->arguments[i] = (argument_type){type, code_of(type)};
    }
    return t;
}

static int callback_clear(PyObject *self)
{
    receiver *t = ((cdata_callback *)self)->receiver;
    if (t != NULL) {
        Py_CLEAR(t->callable);
        Py_CLEAR(t->on_error);
        Py_CLEAR(t->error);
    }
    return 0;
}

static int callback_traverse(PyObject *self, visitproc visit, void *arg)
{
    const receiver *t = ((cdata_callback *)self)->receiver;
    Py_VISIT(Py_TYPE(self));
    if (t != NULL) {
        Py_VISIT(t->callable);
        Py_VISIT(t->on_error);
        Py_VISIT(t->error);
    }
    return 0;
}

static void callback_dealloc(PyObject *self)
{
    cdata_callback *c = (cdata_callback *)self;
    PyObject_GC_UnTrack(self);
    cdata_forget(&c->base);
    (void)callback_clear(self);
    if (c->receiver != NULL && !interpreter_is_ending()) {
        ctype *function = c->receiver->function;
        c->receiver->function = NULL;
        sb_closure_free(c->closure);
        bury(c->receiver);
        Py_XDECREF(function);
    }
    cdata_free(&c->base);
}

static PyObject *callback_repr(PyObject *self)
{
    const cdata_callback *c = (const cdata_callback *)self;
    PyObject *callable = c->receiver == NULL ? NULL : c->receiver->callable;
    return PyUnicode_FromFormat("<cdata '%s' calling %R>", c->base.type->name,
                                callable != NULL ? callable : Py_None);
}

static int check(ctype *function, PyObject *callable, PyObject *on_error)
{
    if (function->kind != SB_FUNCTION) {
        PyErr_Format(PyExc_TypeError, "expected a function ctype, got '%s'", function->name);
        return -1;
    }
    if (!PyCallable_Check(callable)) {
        PyErr_SetString(PyExc_TypeError, "the 'python_callable' argument is not callable");
        return -1;
    }
    if (on_error != Py_None && !PyCallable_Check(on_error)) {
        PyErr_Format(PyExc_TypeError, "expected a callable object for 'onerror', not %.200s",
                     Py_TYPE(on_error)->tp_name);
        return -1;
    }
    return 0;
}

PyObject *callback_new(ctype *function, PyObject *callable, PyObject *error, PyObject *on_error)
{
    if (error == NULL)
        error = Py_None;
    if (on_error == NULL)
        on_error = Py_None;
    if (check(function, callable, on_error) < 0)
        return NULL;
    if (function->state->bridge == NULL) {
        PyErr_SetString(PyExc_RuntimeError, "symbridge has been unloaded");
        return NULL;
    }
    receiver *t = receiver_new(function, callable, error, on_error);
    if (t == NULL)
        return NULL;
    sb_closure *closure = NULL;
    cdata_callback *c = NULL;
    sb_error reason;
    if (function->signature == NULL && make_signature(function) < 0)
        goto failed;
    if (sb_closure_new(function->signature, handle, t, &closure, &reason) != SB_OK) {
        PyErr_SetString(PyExc_MemoryError, reason.message);
        goto failed;
    }
    c = PyObject_GC_New(cdata_callback, function->state->callback_type);
    if (c == NULL)
        goto failed;
    cdata_init(&c->base, function, sb_closure_code(closure), -1);
    c->closure = closure;
    c->receiver = t;
    PyObject_GC_Track(c);
    return (PyObject *)c;

failed:
    sb_closure_free(closure);
    Py_XDECREF(t->function);
    Py_XDECREF(t->callable);
    Py_XDECREF(t->on_error);
    Py_XDECREF(t->error);
    receiver_release(t);
    return NULL;
}

PyDoc_STRVAR(callback_doc, "A Python function as a C function pointer, made by FFI.callback().");

static PyType_Slot callback_slots[] = {
    {Py_tp_doc, (void *)callback_doc},
    {Py_tp_dealloc, (void *)callback_dealloc},
    {Py_tp_traverse, (void *)callback_traverse},
    {Py_tp_clear, (void *)callback_clear},
    {Py_tp_repr, (void *)callback_repr},
    {0, NULL},
};

PyType_Spec callback_spec = {
    .name = "symbridge._bridge.CallbackCData",
    .basicsize = sizeof(cdata_callback),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE | Py_TPFLAGS_DISALLOW_INSTANTIATION |
             Py_TPFLAGS_HAVE_GC,
    .slots = callback_slots,
};
