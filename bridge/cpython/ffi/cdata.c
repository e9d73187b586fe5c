/* cdata.c - C values as Python objects: their kinds and lifetimes.
 *
 * Three kinds live here. Plain ones borrow memory. Owning ones carry it behind their header, so
 * that new() is one allocation. Views are plain ones that keep an owning one alive: records and
 * arrays that were reached through it. No kind here takes part in garbage collection, because what
 * they refer to (a ctype, an owning cdata) never refers back to Python objects of the user's.
 */
#include "cdata.h"

#include <stddef.h>
#include <stdio.h>
#include <structmember.h>

#define LONG_DOUBLE_TEXT 128 /* bytes that "%LE" of any long double fits in */
/* What the allocator of CPython aligns to. */
#define OBJECT_ALIGNMENT (sizeof(void *) > 4 ? 16u : 8u)

/* A scalar with its bytes: a plain cdata that points into itself. */
typedef struct cdata_scalar {
    cdata base;
    _Alignas(16) char bytes[];
} cdata_scalar;

/* ---- allocation ------------------------------------------------------------------------------ */

/* Plain cdata and views come and go with every p + 1 and p[0], so their blocks, all of one size, are
 * kept and used again: state->spare is a stack of them, empty once the module is going. */
#ifdef __SANITIZE_ADDRESS__ /* which wants to see them go */
#define SPARE_LIMIT 0
#else
#define SPARE_LIMIT CDATA_SPARE
#endif
#define BLOCK_SIZE sizeof(cdata_view)
_Static_assert(sizeof(cdata) <= BLOCK_SIZE, "one size for plain cdata and views");

static inline void *block_take(ffi_state *state)
{
    if (likely(state->spare_count > 0))
        return state->spare[--state->spare_count];
    void *block = PyObject_Malloc(BLOCK_SIZE);
    return likely(block != NULL) ? block : PyErr_NoMemory();
}

static inline void block_give(ffi_state *state, void *block)
{
    if (likely(state->spare_count < SPARE_LIMIT && state->cdata_type != NULL))
        state->spare[state->spare_count++] = block;
    else
        PyObject_Free(block);
}

void cdata_drop_spare(ffi_state *state)
{
    while (state->spare_count > 0)
        PyObject_Free(state->spare[--state->spare_count]);
}

/* The last of them can be asked for something after the module was cleared. */
static COLD cdata *unloaded(void)
{
    PyErr_SetString(PyExc_RuntimeError, "symbridge has been unloaded");
    return NULL;
}

cdata *cdata_new_array(ctype *type, char *address, Py_ssize_t length)
{
    PyTypeObject *kind = type->state->cdata_type;
    if (unlikely(kind == NULL))
        return unloaded();
    cdata *value = block_take(type->state);
    if (unlikely(value == NULL))
        return NULL;
    PyObject_Init((PyObject *)value, kind);
    cdata_init(value, type, address, length);
    return value;
}

cdata *cdata_new(ctype *type, char *address)
{
    return cdata_new_array(type, address, type->length);
}

cdata *cdata_new_view(ctype *type, char *address, Py_ssize_t length, PyObject *owner)
{
    PyTypeObject *kind = type->state->view_type;
    if (unlikely(kind == NULL))
        return unloaded();
    cdata_view *value = block_take(type->state);
    if (unlikely(value == NULL))
        return NULL;
    PyObject_Init((PyObject *)value, kind);
    cdata_init(&value->base, type, address, length);
    value->owner = Py_NewRef(owner);
    return &value->base;
}

static inline cdata *allocate_owning(ctype *type, Py_ssize_t size, Py_ssize_t length, bool clear)
{
    PyTypeObject *kind = type->state->owning_type;
    if (unlikely(kind == NULL))
        return unloaded();
    const ctype *held = type->kind == SB_POINTER ? type->item : type;
    size_t slack = unlikely(held->align > OBJECT_ALIGNMENT) ? held->align - OBJECT_ALIGNMENT : 0;
    size_t header = offsetof(cdata_owning, bytes) + slack;
    if (unlikely((size_t)size > (size_t)PY_SSIZE_T_MAX - header))
        return (cdata *)PyErr_NoMemory();
    cdata_owning *value = clear ? PyObject_Calloc(1, header + (size_t)size)
                                : PyObject_Malloc(header + (size_t)size);
    if (unlikely(value == NULL))
        return (cdata *)PyErr_NoMemory();
    PyObject_Init((PyObject *)value, kind);
    char *bytes = value->bytes;
    if (unlikely(slack != 0)) {
        size_t over = (uintptr_t)bytes & (held->align - 1);
        bytes += over == 0 ? 0 : held->align - over;
    }
    cdata_init(&value->base, type, bytes, length);
    value->size = size;
    return &value->base;
}

cdata *cdata_new_owning(ctype *type, Py_ssize_t size, Py_ssize_t length)
{
    return allocate_owning(type, size, length, true);
}

cdata *cdata_new_uncleared(ctype *type, Py_ssize_t size, Py_ssize_t length)
{
    return allocate_owning(type, size, length, false);
}

cdata *cdata_new_scalar(ctype *type, const void *source)
{
    PyTypeObject *kind = type->state->cdata_type;
    if (unlikely(kind == NULL))
        return unloaded();
    size_t size = type->size > 0 ? (size_t)type->size : 0;
    cdata_scalar *value = PyObject_Malloc(offsetof(cdata_scalar, bytes) + size);
    if (unlikely(value == NULL))
        return (cdata *)PyErr_NoMemory();
    PyObject_Init((PyObject *)value, kind);
    cdata_init(&value->base, type, value->bytes, -1);
    if (source != NULL)
        memcpy(value->bytes, source, size);
    else
        memset(value->bytes, 0, size);
    return &value->base;
}

void cdata_free(cdata *value)
{
    PyTypeObject *kind = Py_TYPE(value);
    Py_DECREF(value->type);
    kind->tp_free(value);
    Py_DECREF(kind);
}

/* The end of a plain cdata or a view, when all but its block is gone. The state may go with the
 * type, so the block goes first. */
static inline void drop_block(cdata *value)
{
    PyTypeObject *kind = Py_TYPE(value);
    ctype *type = value->type;
    block_give(type->state, value);
    Py_DECREF(type);
    Py_DECREF(kind);
}

static void cdata_dealloc(PyObject *self)
{
    cdata *value = (cdata *)self;
    cdata_forget(value);
    if (unlikely(value->address == ((cdata_scalar *)value)->bytes))
        cdata_free(value);
    else
        drop_block(value);
}

static void owning_dealloc(PyObject *self)
{
    cdata_forget((cdata *)self);
    cdata_free((cdata *)self);
}

static void view_dealloc(PyObject *self)
{
    cdata_view *value = (cdata_view *)self;
    cdata_forget(&value->base);
    PyObject *owner = value->owner;
    drop_block(&value->base);
    Py_XDECREF(owner);
}

/* ---- what owns what -------------------------------------------------------------------------- */

/* True for p[0] of a pointer that new() made: the user sees it as the owner of the record. */
static bool stands_for_owner(const cdata *value)
{
    if (Py_TYPE(value) != value->type->state->view_type)
        return false;
    const cdata *owner = (const cdata *)((const cdata_view *)value)->owner;
    return owner != NULL && cdata_is((const PyObject *)owner) &&
           owner->type->kind == SB_POINTER && owner->type->item == value->type &&
           owner->address == value->address;
}

Py_ssize_t cdata_flexible_size(const cdata *value)
{
    const ctype *record = value->type->kind == SB_POINTER ? value->type->item : value->type;
    if (likely(!(record->flags & CTYPE_FLEXIBLE)) || !ctype_is_record(record))
        return -1;
    const ffi_state *state = value->type->state;
    if (Py_TYPE(value) == state->owning_type)
        return ((const cdata_owning *)value)->size;
    if (Py_TYPE(value) != state->view_type)
        return -1;
    if (value->type->kind == SB_POINTER) /* an allocator's: see memory.c */
        return value->length;
    return stands_for_owner(value)
               ? cdata_flexible_size((const cdata *)((const cdata_view *)value)->owner)
               : -1;
}

/* ---- repr ------------------------------------------------------------------------------------ */

/* "1: RED" for an enum's known value, else "7". */
static PyObject *describe_enum(cdata *value)
{
    PyObject *number = convert_load(value->type, value->address, NULL);
    if (number == NULL)
        return NULL;
    PyObject *text = NULL;
    PyObject *name = value->type->elements == NULL
                         ? NULL
                         : PyDict_GetItemWithError(value->type->elements, number);
    if (name != NULL)
        text = PyUnicode_FromFormat("%S: %S", number, name);
    else if (!PyErr_Occurred())
        text = PyObject_Str(number);
    Py_DECREF(number);
    return text;
}

static PyObject *describe_long_double(const char *source)
{
    long double number[2];
    char text[LONG_DOUBLE_TEXT];
    memcpy(&number[0], source, sizeof number[0]);
    snprintf(text, sizeof text, "%LE", number[0]);
    return PyUnicode_FromString(text);
}

static PyObject *describe_long_complex(const char *source)
{
    long double parts[2];
    char text[2 * LONG_DOUBLE_TEXT];
    memcpy(parts, source, sizeof parts);
    snprintf(text, sizeof text, "(%LE%+LEj)", parts[0], parts[1]);
    return PyUnicode_FromString(text);
}

static PyObject *describe_primitive(cdata *value)
{
    const ctype *type = value->type;
    if (type->kind == SB_ENUM)
        return describe_enum(value);
    if (type->scalar == OP_LDOUBLE)
        return describe_long_double(value->address);
    if (type->scalar == OP_CLDOUBLE)
        return describe_long_complex(value->address);
    PyObject *object = convert_load(value->type, value->address, NULL);
    if (object == NULL)
        return NULL;
    PyObject *text = PyObject_Repr(object);
    Py_DECREF(object);
    return text;
}

static PyObject *cdata_repr(PyObject *self)
{
    cdata *value = (cdata *)self;
    const ctype *type = value->type;
    PyObject *text;
    if (ctype_is_primitive(type))
        text = describe_primitive(value);
    else if (type->kind == SB_ARRAY && type->length < 0)
        text = PyUnicode_FromFormat("sliced length %zd", value->length);
    else if (value->address != NULL)
        text = PyUnicode_FromFormat("%p", (void *)value->address);
    else
        text = PyUnicode_FromString("NULL");
    if (text == NULL)
        return NULL;
    /* A record that is only referred to looks like a C++ reference. */
    PyObject *whole = PyUnicode_FromFormat("<cdata '%s%s' %U>", type->name,
                                           ctype_is_record(type) ? " &" : "", text);
    Py_DECREF(text);
    return whole;
}

static PyObject *owning_repr(PyObject *self)
{
    const cdata *value = (const cdata *)self;
    const ctype *type = value->type;
    Py_ssize_t size = cdata_flexible_size(value);
    if (size < 0) {
        if (type->kind == SB_POINTER)
            size = type->item->size;
        else if (type->kind == SB_ARRAY)
            size = value->length * type->item->size;
        else
            size = type->size;
    }
    return PyUnicode_FromFormat("<cdata '%s' owning %zd bytes>", type->name, size);
}

static PyObject *view_repr(PyObject *self)
{
    const cdata *value = (const cdata *)self;
    if (value->type->kind == SB_POINTER || stands_for_owner(value))
        return owning_repr(self);
    return cdata_repr(self);
}

/* ---- methods --------------------------------------------------------------------------------- */

PyDoc_STRVAR(dir_doc, "__dir__($self, /)\n--\n\nThe names of the fields.");

static PyObject *cdata_dir(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    ctype *type = ((cdata *)self)->type;
    if (type->kind == SB_POINTER)
        type = type->item;
    if (ctype_is_record(type)) {
        if (!(type->flags & CTYPE_FILLED) && ctype_fill(type, false) < 0)
            return NULL;
        if (type->fields != NULL)
            return PyDict_Keys(type->fields);
    }
    return PyList_New(0);
}

PyDoc_STRVAR(enter_doc, "__enter__($self, /)\n--\n\nReturn self, when it can be released.");

static PyObject *cdata_enter(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return memory_enter(self);
}

PyDoc_STRVAR(exit_doc, "__exit__($self, /, *exception)\n--\n\n"
                       "Release the memory, as ffi.release().");

static PyObject *cdata_exit(PyObject *self, PyObject *Py_UNUSED(exception))
{
    return memory_release(self);
}

PyDoc_STRVAR(complex_doc, "__complex__($self, /)\n--\n\nThe value of a complex number.");

static PyObject *cdata_reduce(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    PyErr_Format(PyExc_TypeError, "cannot pickle '%s' object", Py_TYPE(self)->tp_name);
    return NULL;
}

static PyMethodDef cdata_methods[] = {
    {"__dir__", cdata_dir, METH_NOARGS, dir_doc},
    {"__complex__", cdata_complex, METH_NOARGS, complex_doc},
    {"__enter__", cdata_enter, METH_NOARGS, enter_doc},
    {"__exit__", cdata_exit, METH_VARARGS, exit_doc},
    {"__reduce__", cdata_reduce, METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL},
};

/* ---- types ----------------------------------------------------------------------------------- */

PyDoc_STRVAR(cdata_doc, "A C value, or a pointer. FFI.CData is the base of all such types: ask\n"
                        "with isinstance().");
PyDoc_STRVAR(owning_doc, "A C value with memory of its own, made by new().");
PyDoc_STRVAR(view_doc, "A C value in memory that another one owns, which it keeps alive.");

static PyMemberDef cdata_members[] = {
    {"__weaklistoffset__", T_PYSSIZET, offsetof(cdata, weak_references), READONLY, NULL},
    {"__vectorcalloffset__", T_PYSSIZET, offsetof(cdata, vectorcall), READONLY, NULL},
    {NULL, 0, 0, 0, NULL},
};

static PyType_Slot cdata_slots[] = {
    {Py_tp_doc, (void *)cdata_doc},
    {Py_tp_dealloc, (void *)cdata_dealloc},
    {Py_tp_repr, (void *)cdata_repr},
    {Py_tp_getattro, (void *)cdata_getattr},
    {Py_tp_setattro, (void *)cdata_setattr},
    {Py_tp_hash, (void *)cdata_hash},
    {Py_tp_richcompare, (void *)cdata_compare},
    {Py_tp_iter, (void *)cdata_iterate},
    {Py_tp_call, (void *)cdata_call},
    {Py_tp_methods, cdata_methods},
    {Py_tp_members, cdata_members},
    {Py_mp_length, (void *)cdata_length},
    {Py_mp_subscript, (void *)cdata_subscript},
    {Py_mp_ass_subscript, (void *)cdata_assign_subscript},
    {Py_nb_add, (void *)cdata_add},
    {Py_nb_subtract, (void *)cdata_subtract},
    {Py_nb_bool, (void *)cdata_bool},
    {Py_nb_int, (void *)cdata_int},
    {Py_nb_float, (void *)cdata_float},
    {0, NULL},
};

/* A base of the other kinds; whoever makes the types takes Py_TPFLAGS_BASETYPE away after that. */
PyType_Spec cdata_spec = {
    .name = "symbridge._bridge.CData",
    .basicsize = sizeof(cdata),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_IMMUTABLETYPE |
             Py_TPFLAGS_DISALLOW_INSTANTIATION | Py_TPFLAGS_HAVE_VECTORCALL,
    .slots = cdata_slots,
};

static PyType_Slot owning_slots[] = {
    {Py_tp_doc, (void *)owning_doc},
    {Py_tp_dealloc, (void *)owning_dealloc},
    {Py_tp_repr, (void *)owning_repr},
    {0, NULL},
};

PyType_Spec owning_spec = {
    .name = "symbridge._bridge.OwningCData",
    .basicsize = sizeof(cdata_owning),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .slots = owning_slots,
};

static PyType_Slot view_slots[] = {
    {Py_tp_doc, (void *)view_doc},
    {Py_tp_dealloc, (void *)view_dealloc},
    {Py_tp_repr, (void *)view_repr},
    {0, NULL},
};

PyType_Spec view_spec = {
    .name = "symbridge._bridge.ViewCData",
    .basicsize = sizeof(cdata_view),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .slots = view_slots,
};
