/* window.c - memoryviews on arrays inside records, and on arrays that an object holds.
 *
 * A window is the hidden object that exports the array's memory and keeps what the memory belongs to
 * alive. While memory of a handle is exported, the handle cannot be closed. The type is made per class,
 * at its first use; windows need nothing of the class afterwards.
 */
#include "callback.h"
#include "classes.h"
#include "item.h"

typedef struct window {
    PyObject_HEAD
    char *data;
    PyObject *owner;
    void **live;
    keeper_state *keeper;
    bool readonly;
    char *format;        /* in letter, or PyMem */
    char letter[2];
    int dimensions;
    Py_ssize_t item_size;
    Py_ssize_t shape[WINDOW_DIMENSIONS], strides[WINDOW_DIMENSIONS];
} window;

bool window_can_show(op code)
{
    char format = scalar_format(code);
    return format != 0 && strchr("bBhHiIlLqQfd?", format) != NULL;
}

static int window_get_buffer(PyObject *self, Py_buffer *view, int flags)
{
    window *w = (window *)self;
    view->obj = NULL;
    if (w->live != NULL && *w->live == NULL) {
        PyErr_SetString(PyExc_ValueError, "what the memory belongs to was closed");
        return -1;
    }
    if (w->readonly && flags & PyBUF_WRITABLE) {
        PyErr_SetString(PyExc_BufferError, "the array is read-only");
        return -1;
    }
    Py_ssize_t length = w->item_size;
    for (int i = 0; i < w->dimensions; i++)
        length *= w->shape[i];
    *view = (Py_buffer){
        .buf = w->data,
        .obj = Py_NewRef(self),
        .len = length,
        .itemsize = w->item_size,
        .readonly = w->readonly,
        .ndim = w->dimensions,
        .format = flags & PyBUF_FORMAT ? w->format : NULL,
        .shape = flags & PyBUF_ND ? w->shape : NULL,
        .strides = (flags & PyBUF_STRIDES) == PyBUF_STRIDES ? w->strides : NULL,
    };
    if (w->keeper != NULL)
        w->keeper->exports++;
    return 0;
}

static void window_release_buffer(PyObject *self, Py_buffer *view)
{
    (void)view;
    window *w = (window *)self;
    if (w->keeper != NULL)
        w->keeper->exports--;
}

static int window_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(((window *)self)->owner);
    return 0;
}

static void window_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    window *w = (window *)self;
    if (w->format != w->letter)
        PyMem_Free(w->format);
    Py_XDECREF(w->owner);
    type->tp_free(self);
    Py_DECREF(type);
}

static PyType_Slot window_slots[] = {
    {Py_tp_dealloc, SLOT_FUNCTION(window_dealloc)},
    {Py_tp_traverse, SLOT_FUNCTION(window_traverse)},
    {Py_bf_getbuffer, SLOT_FUNCTION(window_get_buffer)},
    {Py_bf_releasebuffer, SLOT_FUNCTION(window_release_buffer)},
    {0, NULL},
};

static PyType_Spec window_spec = {
    .name = "symbridge._bridge.array_field",
    .basicsize = sizeof(window),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_DISALLOW_INSTANTIATION |
             Py_TPFLAGS_IMMUTABLETYPE,
    .slots = window_slots,
};

/* A window without shape and format. */
static window *window_on(const place *at, char *data, bool readonly)
{
    class_record *c = at->c;
    if (c->window_type == NULL) {
        c->window_type = (PyTypeObject *)PyType_FromSpec(&window_spec);
        if (c->window_type == NULL)
            return NULL;
    }
    window *w = PyObject_GC_New(window, c->window_type);
    if (w == NULL)
        return NULL;
    w->data = data;
    w->owner = Py_XNewRef(at->owner);
    w->live = at->live;
    w->keeper = at->keeper;
    w->readonly = readonly;
    w->format = w->letter;
    PyObject_GC_Track((PyObject *)w);
    return w;
}

static PyObject *window_open(window *w, size_t item_size, int dimensions, const Py_ssize_t *shape)
{
    w->dimensions = dimensions;
    w->item_size = (Py_ssize_t)item_size;
    Py_ssize_t stride = w->item_size;
    for (int i = dimensions - 1; i >= 0; i--) {
        w->shape[i] = shape[i];
        w->strides[i] = stride;
        stride *= shape[i];
    }
    bool lent = w->owner != NULL && loan_check(w->owner);
    PyObject *memory = PyMemoryView_FromObject((PyObject *)w);
    Py_DECREF(w);
    /* A memoryview could not be taken back when the callback returns. */
    if (memory != NULL && lent)
        Py_SETREF(memory, PyObject_CallMethod(memory, "tolist", NULL));
    return memory;
}

PyObject *window_new(const place *at, char *data, op code, int dimensions, const Py_ssize_t *shape,
                     bool readonly)
{
    window *w = window_on(at, data, readonly);
    if (w == NULL)
        return NULL;
    w->letter[0] = scalar_format(code);
    w->letter[1] = '\0';
    return window_open(w, scalar_size(code), dimensions, shape);
}

PyObject *window_new_items(const place *at, char *data, const sb_description *d, sb_type_id item,
                           Py_ssize_t count, bool readonly)
{
    char *format = item_format_new(d, item);
    window *w = format == NULL ? NULL : window_on(at, data, readonly);
    if (w == NULL) {
        PyMem_Free(format);
        return NULL;
    }
    w->format = format;
    return window_open(w, (size_t)d->types[item].size, 1, &count);
}
