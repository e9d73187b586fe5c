/* buffer.c - C memory as a buffer (ffi.buffer), and buffers as C memory (from_buffer).
 *
 * An ffi.buffer is a window on the bytes that a pointer or array shows. It keeps the cdata alive,
 * and nothing else: it is as good as that cdata's pointer.
 *
 * Neither kind has a tp_clear: others may hold pointers into the memory for as long as they are
 * there. Cycles run through objects that have one.
 */
#include "memory.h"

#include <structmember.h>

/* ---- ffi.buffer ------------------------------------------------------------------------------ */

typedef struct minibuffer {
    PyObject_HEAD
    char *data;
    Py_ssize_t size;
    PyObject *owner; /* the cdata */
    PyObject *weak_references;
} minibuffer;

static Py_ssize_t shown_size(const cdata *value)
{
    Py_ssize_t size = cdata_flexible_size(value);
    if (size >= 0)
        return size;
    if (value->type->kind == SB_POINTER)
        return value->type->item->kind == SB_VOID ? -1 : value->type->item->size;
    return value->length < 0 ? -1 : value->length * value->type->item->size;
}

/* A warning for more bytes than the cdata owns. */
static int check_size(const cdata *value, Py_ssize_t size)
{
    const ffi_state *state = value->type->state;
    PyTypeObject *type = Py_TYPE((PyObject *)value);
    Py_ssize_t owned = shown_size(value);
    if ((type != state->owning_type && type != state->view_type) || size <= owned)
        return 0;
    return PyErr_WarnFormat(PyExc_UserWarning, 1,
                            "ffi.buffer(cdata, bytes): creating a buffer of %zd bytes over a cdata "
                            "that owns only %zd bytes.  This will crash if you access the extra "
                            "memory",
                            size, owned);
}

PyObject *buffer_new(ffi_state *state, PyObject *object, Py_ssize_t size)
{
    if (!cdata_check(state, object)) {
        PyErr_Format(PyExc_TypeError, "buffer() argument 1 must be a cdata object, not %.200s",
                     Py_TYPE(object)->tp_name);
        return NULL;
    }
    const cdata *value = (const cdata *)object;
    if (value->type->kind != SB_ARRAY && value->type->kind != SB_POINTER) {
        PyErr_Format(PyExc_TypeError, "expected a pointer or array cdata, got '%s'",
                     value->type->name);
        return NULL;
    }
    if (size >= 0) {
        if (check_size(value, size) < 0)
            return NULL;
    }
    else {
        size = shown_size(value);
        if (size < 0) {
            PyErr_Format(PyExc_TypeError, "don't know the size pointed to by '%s'",
                         value->type->name);
            return NULL;
        }
    }
    PyTypeObject *kind = state->minibuffer_type;
    minibuffer *self = memory_unloaded(kind) ? NULL : PyObject_GC_New(minibuffer, kind);
    if (self == NULL)
        return NULL;
    self->data = value->address;
    self->size = size;
    self->owner = Py_NewRef(object);
    self->weak_references = NULL;
    PyObject_GC_Track((PyObject *)self);
    return (PyObject *)self;
}

static PyObject *minibuffer_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    static char *keywords[] = {"cdata", "size", NULL};
    PyObject *value;
    Py_ssize_t size = -1;
    const bridge_state *state = PyType_GetModuleState(type);
    if (state == NULL ||
        !PyArg_ParseTupleAndKeywords(args, kwargs, "O|n:buffer", keywords, &value, &size))
        return NULL;
    return buffer_new(state->ffi, value, size);
}

/* The owner, when its memory is that of a from_buffer(). */
static cdata_buffered *buffered_owner(const minibuffer *self)
{
    PyObject *owner = self->owner;
    PyTypeObject *kind = ((const cdata *)owner)->type->state->buffered_type;
    return Py_IS_TYPE(owner, kind) ? (cdata_buffered *)owner : NULL;
}

/* The same without a tuple, for what is called so often. */
static PyObject *minibuffer_vectorcall(PyObject *type, PyObject *const *args, size_t flags,
                                       PyObject *keywords)
{
    Py_ssize_t count = PyVectorcall_NARGS(flags);
    Py_ssize_t size = -1;
    if (likely(keywords == NULL && (count == 1 || count == 2) && cdata_is(args[0]))) {
        if (count == 2) {
            size = PyNumber_AsSsize_t(args[1], PyExc_OverflowError);
            if (size == -1 && PyErr_Occurred())
                return NULL;
        }
        return buffer_new(((cdata *)args[0])->type->state, args[0], size);
    }
    Py_ssize_t named = keywords == NULL ? 0 : PyTuple_GET_SIZE(keywords);
    PyObject *tuple = PyTuple_New(count), *dict = named == 0 ? NULL : PyDict_New();
    bool made = tuple != NULL && (named == 0 || dict != NULL);
    for (Py_ssize_t i = 0; made && i < count; i++)
        PyTuple_SET_ITEM(tuple, i, Py_NewRef(args[i]));
    for (Py_ssize_t i = 0; made && i < named; i++)
        made = PyDict_SetItem(dict, PyTuple_GET_ITEM(keywords, i), args[count + i]) == 0;
    PyObject *result = made ? minibuffer_new((PyTypeObject *)type, tuple, dict) : NULL;
    Py_XDECREF(dict);
    Py_XDECREF(tuple);
    return result;
}

void buffer_type_prepare(PyTypeObject *type)
{
    type->tp_vectorcall = minibuffer_vectorcall;
}

static int minibuffer_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(((minibuffer *)self)->owner);
    return 0;
}

static void minibuffer_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    Py_TRASHCAN_BEGIN(self, minibuffer_dealloc)
    if (((minibuffer *)self)->weak_references != NULL)
        PyObject_ClearWeakRefs(self);
    Py_DECREF(((minibuffer *)self)->owner);
    PyObject_GC_Del(self);
    Py_DECREF(type);
    Py_TRASHCAN_END
}

/* True, with an exception, when that was given back by release(). */
static bool is_released(const minibuffer *self)
{
    const cdata_buffered *owner = buffered_owner(self);
    if (likely(owner == NULL || owner->base.address != NULL))
        return false;
    PyErr_SetString(PyExc_ValueError, "operation on a buffer whose memory was released");
    return true;
}

/* True, with an exception, when a pointer to nothing was to be read. */
static bool is_unreadable(const minibuffer *self)
{
    if (likely(self->data != NULL))
        return is_released(self);
    if (self->size == 0)
        return false;
    PyErr_SetString(PyExc_RuntimeError, "cannot access the memory of a buffer on NULL");
    return true;
}

static Py_ssize_t minibuffer_length(PyObject *self)
{
    return ((minibuffer *)self)->size;
}

static PyObject *minibuffer_item(PyObject *self_, Py_ssize_t index)
{
    const minibuffer *self = (const minibuffer *)self_;
    if (index < 0 || index >= self->size) {
        PyErr_SetString(PyExc_IndexError, "buffer index out of range");
        return NULL;
    }
    return is_unreadable(self) ? NULL : PyBytes_FromStringAndSize(self->data + index, 1);
}

/* The bounds of a slice; -1 with an exception. */
static Py_ssize_t slice_of(const minibuffer *self, PyObject *slice, Py_ssize_t *start)
{
    Py_ssize_t stop, stride;
    if (PySlice_Unpack(slice, start, &stop, &stride) < 0)
        return -1;
    if (stride != 1) {
        PyErr_SetString(PyExc_TypeError, "buffer doesn't support slicing with step != 1");
        return -1;
    }
    return PySlice_AdjustIndices(self->size, start, &stop, stride);
}

static COLD void wrong_index(PyObject *key)
{
    PyErr_Format(PyExc_TypeError, "buffer indices must be integers, not %.200s",
                 Py_TYPE(key)->tp_name);
}

/* An index as Python counts: from the end when negative. -1: as Python, with an exception. */
static int index_of(const minibuffer *self, PyObject *key, Py_ssize_t *index)
{
    *index = PyNumber_AsSsize_t(key, PyExc_IndexError);
    if (*index == -1 && PyErr_Occurred())
        return -1;
    if (*index < 0)
        *index += self->size;
    return 0;
}

static PyObject *minibuffer_subscript(PyObject *self_, PyObject *key)
{
    const minibuffer *self = (const minibuffer *)self_;
    Py_ssize_t start, count;
    if (PyIndex_Check(key))
        return index_of(self, key, &start) < 0 ? NULL : minibuffer_item(self_, start);
    if (!PySlice_Check(key)) {
        wrong_index(key);
        return NULL;
    }
    count = slice_of(self, key, &start);
    if (count < 0 || is_unreadable(self))
        return NULL;
    return PyBytes_FromStringAndSize(count == 0 ? NULL : self->data + start, count);
}

static int assign_item(minibuffer *self, Py_ssize_t index, PyObject *value)
{
    if (index < 0 || index >= self->size) {
        PyErr_SetString(PyExc_IndexError, "buffer assignment index out of range");
        return -1;
    }
    if (!PyBytes_Check(value) || PyBytes_GET_SIZE(value) != 1) {
        PyErr_Format(PyExc_TypeError, "must assign a bytes of length 1, not %.200s",
                     Py_TYPE(value)->tp_name);
        return -1;
    }
    if (is_unreadable(self))
        return -1;
    self->data[index] = PyBytes_AS_STRING(value)[0];
    return 0;
}

static int assign_slice(minibuffer *self, PyObject *slice, PyObject *value)
{
    Py_ssize_t start;
    Py_ssize_t count = slice_of(self, slice, &start);
    Py_buffer view;
    if (count < 0)
        return -1;
    if (cdata_is(value)) {
        const cdata *source = (const cdata *)value; /* its own bytes, as cffi takes it */
        if (source->type->kind != SB_ARRAY && source->type->kind != SB_POINTER) {
            PyErr_Format(PyExc_TypeError, "expected a pointer or array ctype, got '%s'",
                         source->type->name);
            return -1;
        }
        view.buf = source->address;
        view.obj = NULL;
        view.len = shown_size(source);
    }
    else if (buffer_get_contiguous(value, &view, false) < 0) {
        return -1;
    }
    int status = -1;
    if (view.len != count) {
        PyErr_SetString(PyExc_ValueError, "right operand length must match slice length");
    }
    else if (!is_unreadable(self)) {
        if (count > 0)
            memmove(self->data + start, view.buf, (size_t)count);
        status = 0;
    }
    PyBuffer_Release(&view);
    return status;
}

static int minibuffer_assign(PyObject *self_, PyObject *key, PyObject *value)
{
    minibuffer *self = (minibuffer *)self_;
    Py_ssize_t index;
    if (value == NULL) {
        PyErr_SetString(PyExc_TypeError, "'del x[n]' not supported for buffer objects");
        return -1;
    }
    if (PyIndex_Check(key))
        return index_of(self, key, &index) < 0 ? -1 : assign_item(self, index, value);
    if (PySlice_Check(key))
        return assign_slice(self, key, value);
    wrong_index(key);
    return -1;
}

static int minibuffer_get_buffer(PyObject *self_, Py_buffer *view, int flags)
{
    minibuffer *self = (minibuffer *)self_;
    view->obj = NULL;
    if (is_unreadable(self)) {
        PyObject *type, *value, *traceback;
        PyErr_Fetch(&type, &value, &traceback);
        Py_XDECREF(traceback);
        PyErr_Restore(Py_NewRef(PyExc_BufferError), value, NULL);
        Py_XDECREF(type);
        return -1;
    }
    int status = PyBuffer_FillInfo(view, self_, self->data, self->size, 0, flags);
    cdata_buffered *owner = buffered_owner(self);
    if (status == 0 && owner != NULL)
        owner->exports++;
    return status;
}

static void minibuffer_release_buffer(PyObject *self, Py_buffer *view)
{
    (void)view;
    cdata_buffered *owner = buffered_owner((minibuffer *)self);
    if (owner != NULL)
        owner->exports--;
}

static PyObject *minibuffer_compare(PyObject *self, PyObject *other, int operator)
{
    Py_buffer mine, others;
    if (PyUnicode_Check(other))
        Py_RETURN_NOTIMPLEMENTED;
    if (PyObject_GetBuffer(self, &mine, PyBUF_SIMPLE) < 0) {
        PyErr_Clear();
        Py_RETURN_NOTIMPLEMENTED;
    }
    if (PyObject_GetBuffer(other, &others, PyBUF_SIMPLE) < 0) {
        PyErr_Clear();
        PyBuffer_Release(&mine);
        Py_RETURN_NOTIMPLEMENTED;
    }
    Py_ssize_t least = mine.len < others.len ? mine.len : others.len;
    int order = 0;
    if (least > 0 && (mine.len == others.len || (operator != Py_EQ && operator != Py_NE)))
        order = memcmp(mine.buf, others.buf, (size_t)least);
    if (order == 0)
        order = mine.len < others.len ? -1 : mine.len > others.len;
    PyBuffer_Release(&others);
    PyBuffer_Release(&mine);
    Py_RETURN_RICHCOMPARE(order, 0, operator);
}

static PyMemberDef minibuffer_members[] = {
    {"__weaklistoffset__", T_PYSSIZET, offsetof(minibuffer, weak_references), READONLY, NULL},
    {NULL, 0, 0, 0, NULL},
};

static PyType_Slot minibuffer_slots[] = {
    {Py_tp_doc, "buffer(cdata[, size])\n--\n\n"
                "The memory that a pointer or array shows, read and written as bytes: buf[:] is a\n"
                "copy of it, buf[i] one byte of it, buf[:] = ... and buf[i] = ... change it."},
    {Py_tp_new, SLOT(minibuffer_new)},
    {Py_tp_dealloc, SLOT(minibuffer_dealloc)},
    {Py_tp_traverse, SLOT(minibuffer_traverse)},
    {Py_tp_richcompare, SLOT(minibuffer_compare)},
    {Py_tp_hash, SLOT(PyObject_HashNotImplemented)},
    {Py_tp_members, minibuffer_members},
    {Py_sq_length, SLOT(minibuffer_length)},
    {Py_sq_item, SLOT(minibuffer_item)},
    {Py_mp_length, SLOT(minibuffer_length)},
    {Py_mp_subscript, SLOT(minibuffer_subscript)},
    {Py_mp_ass_subscript, SLOT(minibuffer_assign)},
    {Py_bf_getbuffer, SLOT(minibuffer_get_buffer)},
    {Py_bf_releasebuffer, SLOT(minibuffer_release_buffer)},
    {0, NULL},
};

PyType_Spec minibuffer_spec = {
    .name = "symbridge._bridge.buffer",
    .basicsize = sizeof(minibuffer),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = minibuffer_slots,
};

/* ---- from_buffer ----------------------------------------------------------------------------- */

int buffer_get_contiguous(PyObject *exporter, Py_buffer *view, bool writable)
{
    if (PyObject_GetBuffer(exporter, view, writable ? PyBUF_WRITABLE : PyBUF_SIMPLE) < 0)
        return -1;
    if (PyBuffer_IsContiguous(view, 'A'))
        return 0;
    PyBuffer_Release(view);
    PyErr_SetString(PyExc_TypeError, "contiguous buffer expected");
    return -1;
}

int buffered_release(PyObject *self_)
{
    cdata_buffered *self = (cdata_buffered *)self_;
    if (self->exports > 0) {
        PyErr_SetString(PyExc_BufferError, "the memory is in use, for example by a memoryview on "
                                           "an ffi.buffer() of it");
        return -1;
    }
    self->base.address = NULL;
    if (self->base.length > 0)
        self->base.length = 0;
    PyBuffer_Release(&self->view);
    return 0;
}

static int buffered_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(((cdata_buffered *)self)->base.type);
    Py_VISIT(((cdata_buffered *)self)->view.obj);
    return 0;
}

static void buffered_dealloc(PyObject *self)
{
    PyObject_GC_UnTrack(self);
    Py_TRASHCAN_BEGIN(self, buffered_dealloc)
    cdata_forget((cdata *)self);
    PyBuffer_Release(&((cdata_buffered *)self)->view);
    cdata_free((cdata *)self);
    Py_TRASHCAN_END
}

static PyObject *buffered_repr(PyObject *self)
{
    const cdata *base = (const cdata *)self;
    const PyObject *exporter = ((const cdata_buffered *)self)->view.obj;
    if (exporter == NULL)
        return PyUnicode_FromFormat("<cdata '%s' buffer RELEASED>", base->type->name);
    const char *name = Py_TYPE(exporter)->tp_name;
    if (base->type->kind == SB_ARRAY)
        return PyUnicode_FromFormat("<cdata '%s' buffer len %zd from '%.200s' object>",
                                    base->type->name, base->length, name);
    return PyUnicode_FromFormat("<cdata '%s' buffer from '%.200s' object>", base->type->name,
                                name);
}

static PyType_Slot buffered_slots[] = {
    {Py_tp_dealloc, SLOT(buffered_dealloc)},
    {Py_tp_traverse, SLOT(buffered_traverse)},
    {Py_tp_repr, SLOT(buffered_repr)},
    {Py_tp_free, SLOT(PyObject_GC_Del)},
    {0, NULL},
};

PyType_Spec buffered_spec = {
    .name = "symbridge._bridge.CDataFromBuffer",
    .basicsize = sizeof(cdata_buffered),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_DISALLOW_INSTANTIATION |
             Py_TPFLAGS_IMMUTABLETYPE,
    .slots = buffered_slots,
};

/* How many elements of the array lie in `size` bytes; -1 with an exception. */
static Py_ssize_t elements_of(const ctype *array, Py_ssize_t size)
{
    if (array->length >= 0) {
        if (size >= array->size)
            return array->length;
        PyErr_Format(PyExc_ValueError, "buffer is too small (%zd bytes) for '%s' (%zd bytes)",
                     size, array->name, array->size);
        return -1;
    }
    if (array->item->size > 0)
        return size / array->item->size;
    PyErr_Format(PyExc_ZeroDivisionError,
                 "from_buffer('%s', ..): the actual length of the array cannot be computed",
                 array->name);
    return -1;
}

PyObject *buffer_from(ctype *type, PyObject *exporter, bool require_writable)
{
    if (type->kind != SB_ARRAY && type->kind != SB_POINTER) {
        PyErr_Format(PyExc_TypeError, "expected a pointer or array ctype, got '%s'", type->name);
        return NULL;
    }
    if (PyUnicode_Check(exporter)) {
        PyErr_SetString(PyExc_TypeError,
                        "from_buffer() cannot return the address of a unicode object");
        return NULL;
    }
    PyTypeObject *kind = type->state->buffered_type;
    cdata_buffered *self = memory_unloaded(kind) ? NULL : PyObject_GC_New(cdata_buffered, kind);
    if (self == NULL)
        return NULL;
    cdata_init(&self->base, type, NULL, -1);
    self->view = (Py_buffer){0};
    self->exports = 0;
    PyObject_GC_Track((PyObject *)self);
    if (buffer_get_contiguous(exporter, &self->view, require_writable) < 0) {
        self->view.obj = NULL;
        Py_DECREF(self);
        return NULL;
    }
    self->base.address = self->view.buf;
    if (type->kind == SB_ARRAY) {
        self->base.length = elements_of(type, self->view.len);
        if (self->base.length < 0)
            Py_CLEAR(self);
    }
    return (PyObject *)self;
}
