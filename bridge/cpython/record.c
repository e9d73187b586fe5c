/* record.c - value classes: objects that hold their record, and views on records elsewhere.
 *
 * Construction follows two rules that let Python subclasses have an __init__ or a __new__ of their
 * own: __new__ fills the record unless a subclass has its own __init__ (and only that), then
 * super().__init__(...) does. Read-only classes are always filled by __new__, as tuples are.
 */
#include "callback.h"
#include "classes.h"
#include "integer.h"

/* ---- objects --------------------------------------------------------------------------------------- */

static COLD PyObject *class_is_gone(const class_record *c)
{
    return PyErr_Format(PyExc_RuntimeError, "class %s is being made or torn down", class_name(c));
}

PyObject *record_new(class_record *c, PyTypeObject *type, const void *bytes)
{
    if (unlikely(c->c->flags & SB_CLASS_ADAPTED)) {
        static const uint64_t zeroes[32];
        if (bytes == NULL && c->size > sizeof zeroes)
            return class_is_gone(c);
        return adapt_load(c, bytes == NULL ? (const void *)zeroes : bytes);
    }
    if (type == NULL || type == c->view_type)
        type = c->type;
    PyObject *o;
    if (likely(type == c->type && c->kept_offset == 0)) {
        if (unlikely(type == NULL))
            return class_is_gone(c);
        o = PyObject_New(PyObject, type);
    }
    else {
        o = type->tp_alloc(type, 0); /* `kept` is NULL */
    }
    if (unlikely(o == NULL))
        return NULL;
    char *record = (char *)o + c->payload;
    if (bytes == NULL)
        memset(record, 0, c->size);
    else
        memcpy(record, bytes, c->size);
    return o;
}

void record_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    type->tp_free(self);
    Py_DECREF(type);
}

static PyObject **kept_slot(PyObject *self)
{
    return (PyObject **)(void *)((char *)self + KEPT_OFFSET);
}

/* Long chains of records end in dicts, whose own deallocation limits the depth. */
void record_dealloc_kept(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    Py_XDECREF(*kept_slot(self));
    type->tp_free(self);
    Py_DECREF(type);
}

/* No tp_clear: pointers in the record must stay valid as long as it is there. Cycles run through
 * the dict, which the collector clears. */
int record_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(*kept_slot(self));
    return 0;
}

/* ---- views --------------------------------------------------------------------------------------------- */

static void view_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    Py_XDECREF(((place_view *)self)->owner);
    type->tp_free(self);
    Py_DECREF(type);
}

static int view_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(((place_view *)self)->owner);
    return 0;
}

bool view_check(PyObject *o)
{
    return Py_TYPE(o)->tp_dealloc == view_dealloc;
}

/* The hidden subclass. It is larger than the class, so that CPython never takes one's objects for
 * the other's. */
static PyTypeObject *make_view_type(class_record *c)
{
    if (c->type == NULL) {
        class_is_gone(c);
        return NULL;
    }
    PyType_Slot slots[] = {
        {Py_tp_dealloc, SLOT_FUNCTION(view_dealloc)},
        {Py_tp_traverse, SLOT_FUNCTION(view_traverse)},
        {0, NULL},
    };
    Py_ssize_t size = c->type->tp_basicsize + (Py_ssize_t)sizeof(void *);
    if (size < (Py_ssize_t)sizeof(place_view))
        size = (Py_ssize_t)sizeof(place_view);
    PyType_Spec spec = {
        .name = c->type->tp_name,
        .basicsize = (int)size,
        .flags = (unsigned)(Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC),
        .slots = slots,
    };
    PyObject *module = binding_module(c->b, c->c->scope);
    PyTypeObject *type = NULL;
    if (module != NULL)
        type = (PyTypeObject *)PyType_FromModuleAndSpec(module, &spec, (PyObject *)c->type);
    PyObject *qualified =
        type == NULL ? NULL : PyObject_GetAttrString((PyObject *)c->type, "__qualname__");
    if (qualified == NULL ||
        PyObject_SetAttrString((PyObject *)type, "__qualname__", qualified) < 0)
        Py_CLEAR(type);
    Py_XDECREF(qualified);
    if (type != NULL)
        type->tp_flags |= Py_TPFLAGS_IMMUTABLETYPE;
    return type;
}

PyObject *view_new(class_record *c, char *data, const place *at)
{
    if (unlikely(c->view_type == NULL)) {
        c->view_type = make_view_type(c);
        if (c->view_type == NULL)
            return NULL;
    }
    place_view *view = PyObject_GC_New(place_view, c->view_type);
    if (view == NULL)
        return NULL;
    view->data = data;
    view->owner = Py_XNewRef(at->owner);
    view->live = at->live;
    view->keeper = at->keeper;
    view->base = at->base;
    PyObject_GC_Track((PyObject *)view);
    return (PyObject *)view;
}

void place_beside(place *at, PyObject *owner)
{
    *at = (place){.c = class_of_type(Py_TYPE(owner)), .owner = owner};
    if (view_check(owner)) {
        const place_view *outer = (const place_view *)owner;
        at->owner = outer->owner;
        at->live = outer->live;
        at->keeper = outer->keeper;
    }
    else {
        handle_watch(owner, &at->live, &at->keeper);
    }
}

PyObject *record_view(class_record *c, void *data, PyObject *owner)
{
    if (data == NULL)
        Py_RETURN_NONE;
    if (c->c->flags & SB_CLASS_ADAPTED)
        return adapt_load(c, data);
    place at = {.c = c};
    if (owner != NULL)
        place_beside(&at, owner);
    return view_new(c, data, &at);
}

static void hold_view(class_record *c, PyObject *o, bool hold)
{
    if (Py_TYPE(o) != c->type && view_check(o)) {
        keeper_state *keeper = ((place_view *)o)->keeper;
        if (keeper != NULL)
            keeper->exports += hold ? 1u : (uint32_t)-1;
    }
}

void record_enter(class_record *c, PyObject *o)
{
    hold_view(c, o, true);
}

void record_leave(class_record *c, PyObject *o)
{
    hold_view(c, o, false);
}

COLD void *record_of_slow(class_record *c, PyObject *o)
{
    if (c->type == NULL || !PyObject_TypeCheck(o, c->type)) {
        PyErr_Format(PyExc_TypeError, "expected %s, got %s", class_name(c), Py_TYPE(o)->tp_name);
        return NULL;
    }
    if (!view_check(o))
        return (char *)o + c->payload;
    const place_view *view = (const place_view *)o;
    if (view->live != NULL && *view->live == NULL) {
        if (loan_check(view->owner)) {
            PyErr_Format(PyExc_ValueError, "this %s was C's for the callback that it was given to, "
                         "which has returned; copy it there", class_name(c));
            return NULL;
        }
        PyErr_Format(PyExc_ValueError, "the %s that this %s belongs to was closed",
                     type_name(Py_TYPE(view->owner)), class_name(c));
        return NULL;
    }
    return view->data;
}

char *place_of(class_record *c, PyObject *self, place *at)
{
    char *record = record_of(c, self);
    if (record == NULL)
        return NULL;
    *at = (place){.c = c, .owner = self, .base = record};
    if (view_check(self)) {
        const place_view *view = (const place_view *)self;
        at->owner = view->owner;
        at->live = view->live;
        at->keeper = view->keeper;
        at->base = view->base;
    }
    return record;
}

/* ---- construction from fields ---------------------------------------------------------------------------- */

static COLD int argument_failed(const field_record *f)
{
    return error_prefix("%s() argument '%s': ", class_name(f->owner),
                        sb_string(f->owner->b->d, f->f->value.py_name));
}

static COLD int find_field(const class_record *c, PyObject *keyword)
{
    for (uint32_t i = 0; i < c->visible_field_count; i++)
        if (c->fields[i].name == keyword)
            return (int)i;
    for (uint32_t i = 0; i < c->visible_field_count; i++)
        if (PyUnicode_Compare(c->fields[i].name, keyword) == 0)
            return (int)i;
    PyErr_Format(PyExc_TypeError, "%s() got an unexpected keyword argument '%U'", class_name(c),
                 keyword);
    return -1;
}

/* Finds the value of each field among the arguments: borrowed, or NULL. */
static int bind_fields(const class_record *c, PyObject *const *args, Py_ssize_t count,
                       PyObject *kwnames, PyObject **values)
{
    uint32_t fields = c->visible_field_count;
    if (count > (Py_ssize_t)fields) {
        PyErr_Format(PyExc_TypeError, "%s() takes %s%u positional argument%s but %zd %s given",
                     class_name(c), c->optional_fields ? "at most " : "", (unsigned)fields,
                     fields == 1 ? "" : "s", count, count == 1 ? "was" : "were");
        return -1;
    }
    for (Py_ssize_t i = 0; i < count; i++)
        values[i] = args[i];
    Py_ssize_t keywords = kwnames == NULL ? 0 : PyTuple_GET_SIZE(kwnames);
    for (Py_ssize_t k = 0; k < keywords; k++) {
        PyObject *keyword = PyTuple_GET_ITEM(kwnames, k);
        int i = find_field(c, keyword);
        if (i < 0)
            return -1;
        if (values[i] != NULL) {
            PyErr_Format(PyExc_TypeError, "%s() got multiple values for argument '%U'",
                         class_name(c), keyword);
            return -1;
        }
        values[i] = args[count + k];
    }
    for (uint32_t i = 0; i < fields && !c->optional_fields; i++) {
        if (values[i] == NULL) {
            PyErr_Format(PyExc_TypeError, "%s() missing required argument '%U' (position %u)",
                         class_name(c), c->fields[i].name, (unsigned)i + 1);
            return -1;
        }
    }
    return 0;
}

static int fill_record(class_record *c, PyObject *self, PyObject *const *args, Py_ssize_t count,
                       PyObject *kwnames)
{
    PyObject *small[VECTOR_SMALL] = {NULL};
    PyObject **values = small, **allocated = NULL;
    if (c->visible_field_count > VECTOR_SMALL) {
        values = allocated = PyMem_Calloc(c->visible_field_count, sizeof *values);
        if (allocated == NULL) {
            PyErr_NoMemory();
            return -1;
        }
    }
    place at;
    char *record = place_of(c, self, &at);
    int status = record == NULL ? -1 : bind_fields(c, args, count, kwnames, values);
    for (uint32_t i = 0; status == 0 && i < c->visible_field_count; i++) {
        if (values[i] == NULL)
            continue;
        const field_record *f = &c->fields[i];
        at.copy = at.readonly = false;
        if (f->flags & FIELD_FROZEN) {
            PyErr_SetString(PyExc_TypeError, "it shares its bytes with pointers and can only be "
                                             "read");
            status = argument_failed(f);
        }
        else if (field_set(f, &at, record, values[i]) < 0) {
            status = argument_failed(f);
        }
    }
    PyMem_Free(allocated);
    return status;
}

/* Fields that are all of one type, which most small records are: as many as go the short way. */
#define STORE_RUN(name, ctype, condition, value)                                                \
    static inline Py_ssize_t store_##name(const field_record *f, PyObject *const *args,         \
                                          Py_ssize_t count, char *record)                       \
    {                                                                                           \
        Py_ssize_t i = 0;                                                                       \
        for (; i < count; i++) {                                                                \
            int64_t n = 0;                                                                      \
            if (unlikely(!(condition)))                                                         \
                break;                                                                          \
            ctype number = (ctype)(value);                                                      \
            memcpy(record + f[i].offset, &number, sizeof number);                               \
        }                                                                                       \
        return i;                                                                               \
    }
#define FITS(ctype) (integer_small(args[i], &n) && (int64_t)(ctype)n == n)
STORE_RUN(I32, int32_t, FITS(int32_t), n)
STORE_RUN(U32, uint32_t, FITS(uint32_t), n)
STORE_RUN(I64, int64_t, FITS(int64_t), n)
STORE_RUN(DOUBLE, double, PyFloat_CheckExact(args[i]), ((void)n, PyFloat_AS_DOUBLE(args[i])))

/* Stores all scalars. The object is new: no Python code can know it yet, and so this may run some.
 * Returns the index of the first that fails, with an exception; or count. */
static inline Py_ssize_t store_scalars(const class_record *c, PyObject *const *args,
                                       Py_ssize_t count, char *record)
{
    Py_ssize_t i = 0;
    switch ((op)c->uniform) {
    case OP_I32:
        i = store_I32(c->fields, args, count, record);
        break;
    case OP_U32:
        i = store_U32(c->fields, args, count, record);
        break;
    case OP_I64:
        i = store_I64(c->fields, args, count, record);
        break;
    case OP_DOUBLE:
        i = store_DOUBLE(c->fields, args, count, record);
        break;
    default:
        break;
    }
    for (; unlikely(i < count); i++) {
        const field_record *f = &c->fields[i];
        if (unlikely(scalar_store((op)f->code, args[i], record + f->offset) < 0))
            break;
    }
    return i;
}

PyObject *record_vectorcall(PyObject *callable, PyObject *const *args, size_t nargsf,
                            PyObject *kwnames)
{
    PyTypeObject *type = (PyTypeObject *)callable;
    class_record *c = class_of_exact(type);
    Py_ssize_t count = PyVectorcall_NARGS(nargsf);
    if (unlikely(kwnames != NULL || count != (Py_ssize_t)c->visible_field_count ||
                 !c->scalar_fields)) {
        PyObject *self = record_new(c, type, NULL);
        if (self != NULL && fill_record(c, self, args, count, kwnames) < 0)
            Py_CLEAR(self);
        return self;
    }
    PyObject *self = c->dense ? PyObject_New(PyObject, type) : record_new(c, type, NULL);
    if (unlikely(self == NULL))
        return NULL;
    Py_ssize_t stored = store_scalars(c, args, count, (char *)self + c->payload);
    if (unlikely(stored < count)) {
        argument_failed(&c->fields[stored]);
        Py_CLEAR(self);
    }
    return self;
}

static int fill_from_tuple(class_record *c, PyObject *self, PyObject *args, PyObject *kwargs)
{
    vector v;
    if (vector_fill(&v, args, kwargs) < 0)
        return -1;
    int status = fill_record(c, self, v.items, v.count, v.kwnames);
    vector_free(&v);
    return status;
}

static bool no_arguments(PyObject *args, PyObject *kwargs)
{
    return PyTuple_GET_SIZE(args) == 0 && (kwargs == NULL || PyDict_GET_SIZE(kwargs) == 0);
}

PyObject *record_tp_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    class_record *c = class_of_type(type);
    if (type == c->view_type)
        type = c->type;
    bool own_new = type->tp_new != record_tp_new, own_init = type->tp_init != record_tp_init;
    bool later = own_init && (!own_new || no_arguments(args, kwargs));
    if (later && !(c->c->flags & SB_CLASS_READONLY))
        return record_new(c, type, NULL);
    if (c->constructor != NULL)
        return plan_call_tuple(c->constructor, (PyObject *)type, args, kwargs);
    PyObject *self = record_new(c, type, NULL);
    if (self != NULL && fill_from_tuple(c, self, args, kwargs) < 0)
        Py_CLEAR(self);
    return self;
}

/* Takes over what a constructor function made. */
static int fill_by_constructor(class_record *c, PyObject *self, PyObject *args, PyObject *kwargs)
{
    PyObject *made = plan_call_tuple(c->constructor, (PyObject *)c->type, args, kwargs);
    if (made == NULL)
        return -1;
    place at, from;
    char *record = place_of(c, self, &at), *source = place_of(c, made, &from);
    int status = record == NULL || source == NULL ? -1 : 0;
    if (status == 0 && c->has_pointers)
        status = keep_copy(&at, record, &from, source, c->size);
    else if (status == 0)
        memcpy(record, source, c->size);
    Py_DECREF(made);
    return status;
}

int record_tp_init(PyObject *self, PyObject *args, PyObject *kwargs)
{
    PyTypeObject *type = Py_TYPE(self);
    class_record *c = class_of_type(type);
    if (type->tp_init == record_tp_init || c->c->flags & SB_CLASS_READONLY ||
        no_arguments(args, kwargs))
        return 0; /* __new__ has done it */
    if (c->constructor != NULL)
        return fill_by_constructor(c, self, args, kwargs);
    return fill_from_tuple(c, self, args, kwargs);
}
