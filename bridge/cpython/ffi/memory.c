/* memory.c - allocation and ownership: new, allocators, destructors, release, memmove.
 *
 *   new("struct x *")        owning: the record's bytes lie in the object
 *   new("int[]", 5)          owning: the elements do
 *   an allocator's "int *"   gc: origin is what alloc() returned, destructor is free()
 *   an allocator's record    view of the pointer type; its owner is a gc cdata of the record
 *   gc(x, f)                 gc: origin is x, destructor is f
 *
 * The destructor of a gc cdata is called once, with its origin: at release(), when the garbage
 * collector finds the object in a cycle (before anything there is taken apart), or when the last
 * reference goes.
 */
#include "memory.h"

/* ---- errors that nobody waits for ------------------------------------------------------------ */

/* Hands the pending exception to sys.unraisablehook, with the message that cffi gives. */
static COLD void report_destructor(PyObject *origin)
{
#if PY_VERSION_HEX >= 0x030D0000
    PyErr_FormatUnraisable("Exception ignored from callback for ffi.gc %R", origin);
#else
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    PyObject *message = PyUnicode_FromFormat("from callback for ffi.gc %R", origin);
    const char *text = message == NULL ? NULL : PyUnicode_AsUTF8(message);
    if (text == NULL) {
        PyErr_Clear();
        text = "from callback for ffi.gc";
    }
    PyErr_Restore(type, value, traceback);
    _PyErr_WriteUnraisableMsg(text, NULL);
    Py_XDECREF(message);
#endif
}

/* ---- gc -------------------------------------------------------------------------------------- */

static cdata *gc_new(ctype *type, cdata *origin, PyObject *destructor, Py_ssize_t length)
{
    PyTypeObject *kind = type->state->gc_type;
    cdata_gc *self = memory_unloaded(kind) ? NULL : PyObject_GC_New(cdata_gc, kind);
    if (self == NULL)
        return NULL;
    cdata_init(&self->base, type, origin->address, length);
    self->origin = Py_NewRef(origin);
    self->destructor = Py_XNewRef(destructor);
    PyObject_GC_Track((PyObject *)self);
    return &self->base;
}

/* Lets go of the origin, by its destructor when there is one still. Keeps a pending exception. */
static void gc_finish(cdata_gc *self)
{
    PyObject *origin = self->origin, *destructor = self->destructor;
    self->origin = NULL;
    self->destructor = NULL;
    if (destructor != NULL) {
        PyObject *type, *value, *traceback;
        PyErr_Fetch(&type, &value, &traceback);
        PyObject *result = PyObject_CallOneArg(destructor, origin);
        if (result == NULL)
            report_destructor(origin);
        Py_XDECREF(result);
        Py_DECREF(destructor);
        PyErr_Restore(type, value, traceback);
    }
    Py_XDECREF(origin);
}

static void gc_finalize(PyObject *self)
{
    gc_finish((cdata_gc *)self);
}

static int gc_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(((cdata_gc *)self)->base.type);
    Py_VISIT(((cdata_gc *)self)->origin);
    Py_VISIT(((cdata_gc *)self)->destructor);
    return 0;
}

static void gc_dealloc(PyObject *self)
{
    PyObject_GC_UnTrack(self);
    Py_TRASHCAN_BEGIN(self, gc_dealloc)
    cdata_forget((cdata *)self);
    gc_finish((cdata_gc *)self);
    cdata_free((cdata *)self);
    Py_TRASHCAN_END
}

static PyType_Slot gc_slots[] = {
    {Py_tp_dealloc, SLOT(gc_dealloc)},
    {Py_tp_traverse, SLOT(gc_traverse)},
    {Py_tp_finalize, SLOT(gc_finalize)},
    {Py_tp_free, SLOT(PyObject_GC_Del)},
    {0, NULL},
};

PyType_Spec gc_spec = {
    .name = "symbridge._bridge.CDataGC",
    .basicsize = sizeof(cdata_gc),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_DISALLOW_INSTANTIATION |
             Py_TPFLAGS_IMMUTABLETYPE,
    .slots = gc_slots,
};

PyObject *memory_gc(PyObject *value, PyObject *destructor, Py_ssize_t size)
{
    (void)size; /* an estimate, for garbage collectors that count bytes */
    cdata *origin = (cdata *)value;
    const ffi_state *state = origin->type->state;
    if (destructor != Py_None)
        return (PyObject *)gc_new(origin->type, origin, destructor, origin->length);
    if (!Py_IS_TYPE(value, state->gc_type)) {
        PyErr_SetString(PyExc_TypeError, "Can remove destructor only on a object previously "
                                         "returned by ffi.gc()");
        return NULL;
    }
    Py_CLEAR(((cdata_gc *)value)->destructor);
    Py_RETURN_NONE;
}

/* ---- release --------------------------------------------------------------------------------- */

typedef enum releasing {
    RELEASE_REFUSED = -1,
    RELEASE_NOTHING, /* the memory is the object */
    RELEASE_GC,
    RELEASE_ALLOCATED, /* the gc cdata that owns the record behind a view */
    RELEASE_BUFFER
} releasing;

static releasing releasing_of(PyObject *value)
{
    const cdata *self = (const cdata *)value;
    const ffi_state *state = self->type->state;
    const PyTypeObject *type = Py_TYPE(value);
    bool pointer = self->type->kind == SB_POINTER;
    if (type == state->owning_type && (pointer || self->type->kind == SB_ARRAY))
        return RELEASE_NOTHING;
    if (type == state->gc_type)
        return RELEASE_GC;
    if (type == state->buffered_type)
        return RELEASE_BUFFER;
    if (type == state->view_type && pointer)
        return RELEASE_ALLOCATED;
    PyErr_SetString(PyExc_ValueError,
                    "only 'cdata' object from ffi.new(), ffi.gc(), ffi.from_buffer() or "
                    "ffi.new_allocator()() can be used with the 'with' keyword or ffi.release()");
    return RELEASE_REFUSED;
}

/* What was released is a NULL pointer or an array without items from then on: using it raises. An
 * array stays equal to the memory that its allocator freed, which cffi's users compare. A number or a
 * record lies in its origin, which it keeps. */
static void gc_release(cdata_gc *self)
{
    uint8_t kind = self->base.type->kind;
    PyObject *origin = Py_XNewRef(self->origin);
    gc_finish(self);
    if (kind == SB_POINTER || kind == SB_FUNCTION)
        self->base.address = NULL;
    else if (kind == SB_ARRAY)
        self->base.length = 0;
    else
        self->origin = Py_XNewRef(origin);
    Py_XDECREF(origin);
}

PyObject *memory_release(PyObject *value)
{
    switch (releasing_of(value)) {
    case RELEASE_REFUSED:
        return NULL;
    case RELEASE_GC:
        gc_release((cdata_gc *)value);
        break;
    case RELEASE_ALLOCATED: {
        PyObject *owner = ((cdata_view *)value)->owner;
        if (owner != NULL && Py_IS_TYPE(owner, ((cdata *)value)->type->state->gc_type))
            gc_finish((cdata_gc *)owner);
        break;
    }
    case RELEASE_BUFFER:
        if (buffered_release(value) < 0)
            return NULL;
        break;
    case RELEASE_NOTHING:
        break;
    }
    Py_RETURN_NONE;
}

PyObject *memory_enter(PyObject *value)
{
    return releasing_of(value) == RELEASE_REFUSED ? NULL : Py_NewRef(value);
}

/* ---- new ------------------------------------------------------------------------------------- */

/* What new() is asked for. */
typedef struct request {
    Py_ssize_t size;   /* bytes */
    Py_ssize_t length; /* array: elements; else -1 */
    PyObject *fill;    /* what the memory is to hold, borrowed; NULL: zeroes */
} request;

static int request_pointer(ctype *type, request *r)
{
    ctype *item = type->item;
    if (ctype_is_record(item) && !(item->flags & CTYPE_FILLED) && ctype_fill(item, false) < 0)
        return -1;
    if (item->size < 0 || item->kind == SB_VOID) {
        PyErr_Format(PyExc_TypeError, "cannot instantiate ctype '%s' of unknown size",
                     item->name);
        return -1;
    }
    r->size = item->size;
    r->length = -1;
    if (item->flags & CTYPE_CHARACTER)
        r->size *= 2; /* and a NUL after it */
    if (item->flags & CTYPE_FLEXIBLE && r->fill != NULL) {
        r->size = initialise_record_size(item, r->fill);
        if (r->size < 0)
            return -1;
    }
    return 0;
}

static int request_array(ctype *type, request *r)
{
    r->length = type->length;
    if (r->length < 0) {
        PyObject *fill = NULL;
        r->length = initialise_length(type, r->fill == NULL ? Py_None : r->fill, &fill);
        if (r->length < 0)
            return -1;
        r->fill = fill == Py_None ? NULL : fill;
    }
    r->size = type->size >= 0 ? type->size : ctype_array_size(type, r->length);
    return r->size < 0 ? -1 : 0;
}

static int request_of(ctype *type, PyObject *initialiser, request *r)
{
    r->fill = initialiser == Py_None ? NULL : initialiser;
    if (type->kind == SB_POINTER)
        return request_pointer(type, r);
    if (type->kind == SB_ARRAY)
        return request_array(type, r);
    PyErr_Format(PyExc_TypeError, "expected a pointer or array ctype, got '%s'", type->name);
    return -1;
}

static int fill_memory(ctype *type, const request *r, char *address)
{
    if (r->fill == NULL)
        return 0;
    if (type->kind == SB_ARRAY)
        return initialise_array(type, address, r->length, r->fill);
    if (ctype_is_record(type->item))
        return initialise_record(type->item, address, r->size, r->fill);
    return convert_store(type->item, address, r->fill);
}

static PyObject *new_owning(ctype *type, PyObject *initialiser, bool clear)
{
    request r;
    if (request_of(type, initialiser, &r) < 0)
        return NULL;
    cdata *made = clear ? cdata_new_owning(type, r.size, r.length)
                        : cdata_new_uncleared(type, r.size, r.length);
    if (made != NULL && fill_memory(type, &r, made->address) < 0)
        Py_CLEAR(made);
    return (PyObject *)made;
}

PyObject *memory_new(ctype *type, PyObject *initialiser)
{
    if (initialiser == NULL)
        initialiser = Py_None;
    /* A plain record, as most often. */
    ctype *record = type->item;
    if (unlikely(type->kind != SB_POINTER || !ctype_is_record(record) ||
                 (record->flags & (CTYPE_FILLED | CTYPE_FLEXIBLE)) != CTYPE_FILLED ||
                 record->size < 0))
        return new_owning(type, initialiser, true);
    cdata *made = cdata_new_owning(type, record->size, -1);
    if (initialiser == Py_None || made == NULL)
        return (PyObject *)made;
    if (unlikely(initialise_record(record, made->address, record->size, initialiser) < 0))
        Py_CLEAR(made);
    return (PyObject *)made;
}

/* ---- allocators ------------------------------------------------------------------------------ */

/* What new_allocator() returns. GC object. */
typedef struct allocator {
    PyObject_HEAD
    ffi_object *ffi;
    PyObject *allocate, *free_function; /* NULL: none */
    bool clear; /* what allocate() returns is not zero yet */
} allocator;

/* The memory for a request as a gc cdata of the type. */
static cdata *allocate_memory(const allocator *self, ctype *type, const request *r)
{
    const ffi_state *state = type->state;
    PyObject *size = PyLong_FromSsize_t(r->size);
    if (size == NULL)
        return NULL;
    PyObject *raw = PyObject_CallOneArg(self->allocate, size);
    Py_DECREF(size);
    if (raw == NULL)
        return NULL;
    cdata *memory = (cdata *)raw, *made = NULL;
    if (!cdata_check(state, raw))
        PyErr_Format(PyExc_TypeError, "alloc() must return a cdata object (got %.200s)",
                     Py_TYPE(raw)->tp_name);
    else if (memory->type->kind != SB_ARRAY && memory->type->kind != SB_POINTER)
        PyErr_Format(PyExc_TypeError, "alloc() must return a cdata pointer, not '%s'",
                     memory->type->name);
    else if (memory->address == NULL)
        PyErr_SetString(PyExc_MemoryError, "alloc() returned NULL");
    else
        made = gc_new(type, memory, self->free_function, r->length);
    if (made != NULL && self->clear)
        memset(made->address, 0, (size_t)r->size);
    Py_DECREF(raw);
    return made;
}

static PyObject *allocator_new(const allocator *self, ctype *type, PyObject *initialiser)
{
    if (self->allocate == NULL)
        return new_owning(type, initialiser, self->clear);
    request r;
    if (request_of(type, initialiser, &r) < 0)
        return NULL;
    bool record = type->kind == SB_POINTER && ctype_is_record(type->item);
    cdata *made = allocate_memory(self, record ? type->item : type, &r);
    if (made != NULL && record) {
        cdata *owner = made;
        /* Its length is the size that a flexible array gave it, see cdata_flexible_size. */
        Py_ssize_t size = type->item->flags & CTYPE_FLEXIBLE ? r.size : -1;
        made = cdata_new_view(type, owner->address, size, (PyObject *)owner);
        Py_DECREF(owner);
    }
    if (made != NULL && fill_memory(type, &r, made->address) < 0)
        Py_CLEAR(made);
    return (PyObject *)made;
}

static PyObject *allocator_call(PyObject *self_, PyObject *args, PyObject *kwargs)
{
    static char *keywords[] = {"cdecl", "init", NULL};
    const allocator *self = (const allocator *)self_;
    PyObject *named, *initialiser = Py_None;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O|O:new", keywords, &named, &initialiser))
        return NULL;
    ctype *type = ffi_type_of(self->ffi, named, ACCEPT_STRING | ACCEPT_CTYPE);
    if (type == NULL)
        return NULL;
    PyObject *made = allocator_new(self, type, initialiser);
    Py_DECREF(type);
    return made;
}

static int allocator_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(((allocator *)self)->ffi);
    Py_VISIT(((allocator *)self)->allocate);
    Py_VISIT(((allocator *)self)->free_function);
    return 0;
}

/* The FFI stays: a call may be under way. */
static int allocator_clear(PyObject *self)
{
    Py_CLEAR(((allocator *)self)->allocate);
    Py_CLEAR(((allocator *)self)->free_function);
    return 0;
}

static void allocator_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    allocator_clear(self);
    Py_XDECREF(((allocator *)self)->ffi);
    PyObject_GC_Del(self);
    Py_DECREF(type);
}

static PyType_Slot allocator_slots[] = {
    {Py_tp_dealloc, SLOT(allocator_dealloc)},
    {Py_tp_traverse, SLOT(allocator_traverse)},
    {Py_tp_clear, SLOT(allocator_clear)},
    {Py_tp_call, SLOT(allocator_call)},
    {0, NULL},
};

PyType_Spec allocator_spec = {
    .name = "symbridge._bridge.Allocator",
    .basicsize = sizeof(allocator),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_DISALLOW_INSTANTIATION |
             Py_TPFLAGS_IMMUTABLETYPE,
    .slots = allocator_slots,
};

PyObject *memory_new_allocator(ffi_object *ffi, PyObject *allocate, PyObject *free_function,
                               bool clear)
{
    if (allocate == Py_None)
        allocate = NULL;
    if (free_function == Py_None)
        free_function = NULL;
    if (allocate == NULL && free_function != NULL) {
        PyErr_SetString(PyExc_TypeError, "cannot pass 'free' without 'alloc'");
        return NULL;
    }
    PyTypeObject *kind = ffi->state->allocator_type;
    allocator *self = memory_unloaded(kind) ? NULL : PyObject_GC_New(allocator, kind);
    if (self == NULL)
        return NULL;
    self->ffi = (ffi_object *)Py_NewRef(ffi);
    self->allocate = Py_XNewRef(allocate);
    self->free_function = Py_XNewRef(free_function);
    self->clear = clear;
    PyObject_GC_Track((PyObject *)self);
    return (PyObject *)self;
}

/* ---- memmove --------------------------------------------------------------------------------- */

/* One side of a copy: a cdata, or a buffer that is held meanwhile. */
static int side_of(ffi_state *state, PyObject *object, Py_ssize_t size, bool writable,
                   Py_buffer *view)
{
    if (!cdata_check(state, object)) {
        if (buffer_get_contiguous(object, view, writable) < 0)
            return -1;
    }
    else {
        const cdata *memory = (const cdata *)object;
        if (memory->type->kind != SB_ARRAY && memory->type->kind != SB_POINTER) {
            PyErr_Format(PyExc_TypeError, "expected a pointer or array ctype, got '%s'",
                         memory->type->name);
            return -1;
        }
        if (memory->address == NULL && size > 0) {
            PyErr_Format(PyExc_RuntimeError, "cannot use memmove() on %R", object);
            return -1;
        }
        view->buf = memory->address;
        view->obj = NULL;
        view->len = Py_IS_TYPE(object, state->owning_type) ? ((const cdata_owning *)memory)->size
                                                           : PY_SSIZE_T_MAX;
    }
    if (size > view->len) {
        PyErr_Format(PyExc_ValueError, "memmove() of %zd bytes, but '%.200s' has only %zd", size,
                     Py_TYPE(object)->tp_name, view->len);
        PyBuffer_Release(view);
        return -1;
    }
    return 0;
}

PyObject *memory_move(ffi_state *state, PyObject *destination, PyObject *source, Py_ssize_t size)
{
    if (size < 0) {
        PyErr_SetString(PyExc_ValueError, "negative size");
        return NULL;
    }
    Py_buffer from, to;
    if (side_of(state, source, size, false, &from) < 0)
        return NULL;
    if (side_of(state, destination, size, true, &to) < 0) {
        PyBuffer_Release(&from);
        return NULL;
    }
    if (size > 0)
        memmove(to.buf, from.buf, (size_t)size);
    PyBuffer_Release(&to);
    PyBuffer_Release(&from);
    Py_RETURN_NONE;
}
