/* access.c - items, slices, fields and iteration of C values.
 *
 * The ways that programs take all the time come first in each function and call nothing but the
 * conversion: an exact int as index, an interned name as field.
 */
#include "cdata.h"
#include "integer.h"

/* ---- items ----------------------------------------------------------------------------------- */

/* Pointers that own what they point at have one item. */
static bool owns(const cdata *value)
{
    const ffi_state *state = value->type->state;
    const PyTypeObject *kind = Py_TYPE(value);
    return kind == state->owning_type || kind == state->view_type || kind == state->handle_type;
}

static COLD char *index_out_of_range(const cdata *value, Py_ssize_t index)
{
    if (index < 0)
        PyErr_SetString(PyExc_IndexError, "negative index");
    else
        PyErr_Format(PyExc_IndexError, "index too large for cdata '%s' (expected %zd < %zd)",
                     value->type->name, index, value->length);
    return NULL;
}

static COLD char *not_indexable(const cdata *value)
{
    PyErr_Format(PyExc_TypeError, "cdata of type '%s' cannot be indexed", value->type->name);
    return NULL;
}

static COLD char *only_item(const cdata *value)
{
    PyErr_Format(PyExc_IndexError, "cdata '%s' can only be indexed by 0", value->type->name);
    return NULL;
}

static COLD char *null_pointer(const cdata *value)
{
    convert_null(value->type);
    return NULL;
}

/* Where item `key` is; NULL with an exception. */
static inline char *item_address(const cdata *value, PyObject *key)
{
    const ctype *type = value->type;
    int64_t small;
    Py_ssize_t index;
    if (likely(integer_small(key, &small))) {
        index = (Py_ssize_t)small;
    }
    else {
        index = PyNumber_AsSsize_t(key, PyExc_IndexError);
        if (index == -1 && PyErr_Occurred())
            return NULL;
    }
    if (type->kind == SB_ARRAY) {
        if (unlikely((size_t)index >= (size_t)value->length))
            return index_out_of_range(value, index);
    }
    else if (unlikely(type->kind != SB_POINTER)) {
        return not_indexable(value);
    }
    else if (index != 0 && owns(value)) {
        return only_item(value);
    }
    if (unlikely(value->address == NULL))
        return null_pointer(value);
    return (char *)((uintptr_t)value->address + (size_t)index * (size_t)type->item->size);
}

/* The array type of slices of a value, new reference. */
static ctype *slice_bounds(const cdata *value, PySliceObject *slice, Py_ssize_t *start,
                           Py_ssize_t *length)
{
    const char *wrong = NULL;
    *start = PyLong_AsSsize_t(slice->start);
    if (*start == -1 && PyErr_Occurred()) {
        if (slice->start != Py_None)
            return NULL;
        wrong = "slice start must be specified";
    }
    Py_ssize_t stop = wrong != NULL ? 0 : PyLong_AsSsize_t(slice->stop);
    if (stop == -1 && PyErr_Occurred()) {
        if (slice->stop != Py_None)
            return NULL;
        wrong = "slice stop must be specified";
    }
    const ctype *type = value->type;
    bool is_array = type->kind == SB_ARRAY;
    if (wrong != NULL)
        ;
    else if (slice->step != Py_None)
        wrong = "slice with step not supported";
    else if (*start > stop)
        wrong = "slice start > stop";
    else if (is_array && *start < 0)
        wrong = "negative index";
    if (wrong != NULL) {
        PyErr_SetString(PyExc_IndexError, wrong);
        return NULL;
    }
    if (is_array && stop > value->length) {
        PyErr_Format(PyExc_IndexError, "index too large (expected %zd <= %zd)", stop,
                     value->length);
        return NULL;
    }
    if (!is_array && type->kind != SB_POINTER) {
        not_indexable(value);
        return NULL;
    }
    *length = (Py_ssize_t)((size_t)stop - (size_t)*start);
    if (*length < 0) {
        PyErr_SetString(PyExc_OverflowError, "array size would overflow a Py_ssize_t");
        return NULL;
    }
    return ctype_array_of(type->item);
}

static inline char *slice_address(const cdata *value, Py_ssize_t start)
{
    return (char *)((uintptr_t)value->address + (size_t)start * (size_t)value->type->item->size);
}

static PyObject *slice(cdata *value, PySliceObject *key)
{
    Py_ssize_t start, length;
    ctype *array = slice_bounds(value, key, &start, &length);
    if (array == NULL)
        return NULL;
    char *address = slice_address(value, start);
    PyObject *owner = convert_keeper(array->state, (PyObject *)value);
    cdata *made = owner != NULL ? cdata_new_view(array, address, length, owner)
                                : cdata_new_array(array, address, length);
    Py_DECREF(array);
    return (PyObject *)made;
}

PyObject *cdata_subscript(PyObject *self, PyObject *key)
{
    cdata *value = (cdata *)self;
    if (unlikely(PySlice_Check(key)))
        return slice(value, (PySliceObject *)key);
    const char *address = item_address(value, key);
    if (unlikely(address == NULL && PyErr_Occurred()))
        return NULL;
    ctype *item = value->type->item;
    if (unlikely(ctype_is_record(item)) && value->type->kind == SB_POINTER) {
        /* an allocator's record is an object of its own */
        const ffi_state *state = item->state;
        PyObject *owner =
            Py_TYPE(self) == state->view_type ? ((cdata_view *)self)->owner : NULL;
        if (owner != NULL && cdata_is(owner) && ((cdata *)owner)->type == item)
            return Py_NewRef(owner);
    }
    return convert_load(item, address, self);
}

/* ---- assigning items ------------------------------------------------------------------------- */

static COLD int no_deletion(void)
{
    PyErr_SetString(PyExc_TypeError, "'del x[n]' not supported for cdata objects");
    return -1;
}

/* Any iterable, of exactly `length` items. */
static int assign_items(ctype *item, char *at, Py_ssize_t length, PyObject *values)
{
    PyObject *iterator = PyObject_GetIter(values);
    if (iterator == NULL)
        return -1;
    iternextfunc next = Py_TYPE(iterator)->tp_iternext;
    int status = 0;
    for (Py_ssize_t i = 0; status == 0 && i < length; i++, at += item->size) {
        PyObject *value = next(iterator);
        if (unlikely(value == NULL)) {
            if (!PyErr_Occurred() || PyErr_ExceptionMatches(PyExc_StopIteration)) {
                PyErr_Clear();
                PyErr_Format(PyExc_ValueError, "need %zd values to unpack, got %zd", length, i);
            }
            status = -1;
            break;
        }
        status = convert_store(item, at, value);
        Py_DECREF(value);
    }
    PyObject *more = status == 0 ? next(iterator) : NULL;
    Py_DECREF(iterator);
    if (more != NULL) {
        Py_DECREF(more);
        PyErr_Format(PyExc_ValueError, "got more than %zd values to unpack", length);
        return -1;
    }
    if (status == 0 && PyErr_Occurred()) {
        if (!PyErr_ExceptionMatches(PyExc_StopIteration))
            return -1;
        PyErr_Clear();
    }
    return status;
}

static int assign_text(char *at, Py_ssize_t length, const char *text, Py_ssize_t size)
{
    if (size != length) {
        PyErr_Format(PyExc_ValueError, "need a string of length %zd, got %zd", length, size);
        return -1;
    }
    memcpy(at, text, (size_t)size);
    return 0;
}

static int assign_slice(cdata *value, PySliceObject *key, PyObject *values)
{
    Py_ssize_t start, length;
    ctype *array = slice_bounds(value, key, &start, &length);
    if (array == NULL)
        return -1;
    ctype *item = array->item; /* the value's type has it too */
    Py_DECREF(array);
    if (values == NULL)
        return no_deletion();
    if (unlikely(value->address == NULL && length > 0))
        return convert_null(value->type);
    if (unlikely(item->size < 0)) {
        PyErr_Format(PyExc_TypeError, "'%s' is opaque", item->name);
        return -1;
    }
    char *at = slice_address(value, start);
    if (cdata_is(values)) {
        const cdata *other = (const cdata *)values;
        if (other->type->kind == SB_ARRAY && other->type->item == item &&
            other->length == length) {
            if (length > 0 && other->address == NULL)
                return convert_null(other->type);
            memmove(at, other->address, (size_t)(length * item->size));
            return 0;
        }
    }
    if (item->scalar == OP_CHAR && PyBytes_Check(values))
        return assign_text(at, length, PyBytes_AS_STRING(values), PyBytes_GET_SIZE(values));
    if (item->scalar == OP_CHAR && PyByteArray_Check(values))
        return assign_text(at, length, PyByteArray_AS_STRING(values),
                           PyByteArray_GET_SIZE(values));
    return assign_items(item, at, length, values);
}

int cdata_assign_subscript(PyObject *self, PyObject *key, PyObject *assigned)
{
    cdata *value = (cdata *)self;
    if (unlikely(PySlice_Check(key)))
        return assign_slice(value, (PySliceObject *)key, assigned);
    char *address = item_address(value, key);
    if (unlikely(address == NULL && PyErr_Occurred()))
        return -1;
    if (unlikely(assigned == NULL))
        return no_deletion();
    ctype *item = value->type->item;
    if (unlikely((item->flags & CTYPE_FLEXIBLE) && ctype_is_record(item)))
        return initialise_record(item, address, cdata_flexible_size(value), assigned);
    return convert_store(item, address, assigned);
}

/* ---- length and iteration -------------------------------------------------------------------- */

Py_ssize_t cdata_length(PyObject *self)
{
    const cdata *value = (const cdata *)self;
    if (likely(value->type->kind == SB_ARRAY))
        return value->length;
    PyErr_Format(PyExc_TypeError, "cdata of type '%s' has no len()", value->type->name);
    return -1;
}

/* Goes through an array, which it keeps. */
typedef struct iterator {
    PyObject_HEAD
    cdata *array; /* owned */
    ctype *item;  /* the array's */
    const char *next;
    Py_ssize_t left;
} iterator;

PyObject *cdata_iterate(PyObject *self)
{
    cdata *value = (cdata *)self;
    if (value->type->kind != SB_ARRAY) {
        PyErr_Format(PyExc_TypeError, "cdata '%s' does not support iteration",
                     value->type->name);
        return NULL;
    }
    if (unlikely(value->address == NULL && value->length > 0)) {
        convert_null(value->type);
        return NULL;
    }
    PyTypeObject *kind = value->type->state->iterator_type;
    if (unlikely(kind == NULL)) {
        PyErr_SetString(PyExc_RuntimeError, "symbridge has been unloaded");
        return NULL;
    }
    iterator *it = PyObject_New(iterator, kind);
    if (it == NULL)
        return NULL;
    it->array = (cdata *)Py_NewRef(self);
    it->item = value->type->item;
    it->next = value->address;
    it->left = value->length;
    return (PyObject *)it;
}

static PyObject *iterator_next(PyObject *self)
{
    iterator *it = (iterator *)self;
    if (unlikely(it->left <= 0))
        return NULL;
    if (unlikely(it->array->length == 0)) { /* released meanwhile */
        convert_null(it->array->type);
        return NULL;
    }
    const char *source = it->next;
    it->left--;
    it->next += it->item->size;
    return convert_load(it->item, source, (PyObject *)it->array);
}

static void iterator_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    Py_DECREF(((iterator *)self)->array);
    PyObject_Free(self);
    Py_DECREF(type);
}

static PyObject *iterator_length_hint(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return PyLong_FromSsize_t(((iterator *)self)->left);
}

static PyMethodDef iterator_methods[] = {
    {"__length_hint__", iterator_length_hint, METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot iterator_slots[] = {
    {Py_tp_dealloc, (void *)iterator_dealloc},
    {Py_tp_iter, (void *)PyObject_SelfIter},
    {Py_tp_iternext, (void *)iterator_next},
    {Py_tp_methods, iterator_methods},
    {0, NULL},
};

PyType_Spec iterator_spec = {
    .name = "symbridge._bridge.CDataIterator",
    .basicsize = sizeof(iterator),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .slots = iterator_slots,
};

/* ---- fields ---------------------------------------------------------------------------------- */

/* The field of an interned name, without asking how strings compare; NULL when there is none. */
static inline const cfield *quick_field(const ctype *record, const PyObject *name)
{
    uint32_t slot = ctype_name_slot(record, name);
    for (const cfield *field; (field = record->by_name[slot]) != NULL;
         slot = (slot + 1) & record->by_name_mask) {
        if (likely(field->name == name))
            return field;
    }
    return NULL;
}

/* A field of the record that a value is or points at; NULL without an exception when it has none of
 * that name, or with one. *wrong is what is then to be said. */
static inline const cfield *find_field(const cdata *value, PyObject *name, bool writing,
                                       const char **wrong)
{
    ctype *record = value->type;
    if (record->kind == SB_POINTER)
        record = record->item;
    *wrong = "cdata '%s' has no attribute '%U'";
    if (unlikely(!ctype_is_record(record)))
        return NULL;
    if (unlikely(!(record->flags & CTYPE_FILLED))) {
        if (ctype_fill(record, false) < 0)
            return NULL;
        if (!(record->flags & CTYPE_FILLED)) {
            *wrong = writing ? "cdata '%s' points to an opaque type: cannot write fields"
                             : "cdata '%s' points to an opaque type: cannot read fields";
            return NULL;
        }
    }
    const cfield *field = quick_field(record, name);
    if (unlikely(field == NULL)) {
        *wrong = "cdata '%s' has no field '%U'";
        field = ctype_field(record, name);
    }
    return field;
}

static COLD void no_attribute(const cdata *value, PyObject *name, const char *wrong)
{
    if (!PyErr_ExceptionMatches(PyExc_AttributeError))
        return;
    PyErr_Clear();
    PyErr_Format(PyExc_AttributeError, wrong, value->type->name, name);
}

/* A flexible array: its length is known when the memory is. Arrays of no elements are declared in
 * its place. */
static PyObject *load_flexible(cdata *value, const cfield *field)
{
    ctype *array = field->type;
    char *source = value->address + field->offset;
    Py_ssize_t size = cdata_flexible_size(value), each = array->item->size;
    if (size < field->offset || each <= 0) {
        ctype *pointer = ctype_pointer_to(array->item);
        if (pointer == NULL)
            return NULL;
        cdata *made = cdata_new(pointer, source);
        Py_DECREF(pointer);
        return (PyObject *)made;
    }
    Py_ssize_t length = array->length < 0 ? (size - field->offset) / each : array->length;
    PyObject *owner = convert_keeper(array->state, (PyObject *)value);
    return (PyObject *)(owner != NULL ? cdata_new_view(array, source, length, owner)
                                      : cdata_new_array(array, source, length));
}

static COLD PyObject *other_attribute(PyObject *self, PyObject *name, const char *wrong)
{
    if (PyErr_Occurred())
        return NULL;
    PyObject *attribute = PyObject_GenericGetAttr(self, name);
    if (attribute == NULL)
        no_attribute((cdata *)self, name, wrong);
    return attribute;
}

PyObject *cdata_getattr(PyObject *self, PyObject *name)
{
    cdata *value = (cdata *)self;
    const char *wrong;
    const cfield *field = find_field(value, name, false, &wrong);
    if (unlikely(field == NULL))
        return other_attribute(self, name, wrong);
    if (unlikely(value->address == NULL)) {
        convert_null(value->type);
        return NULL;
    }
    if (unlikely(field->bit_shift >= 0))
        return convert_load_bits(field, value->address);
    if (unlikely(field->type->kind == SB_ARRAY && field->type->length <= 0))
        return load_flexible(value, field);
    return convert_load(field->type, value->address + field->offset, self);
}

static COLD int set_other_attribute(PyObject *self, PyObject *name, PyObject *assigned,
                                    const char *wrong)
{
    if (PyErr_Occurred())
        return -1;
    int status = PyObject_GenericSetAttr(self, name, assigned);
    if (status < 0)
        no_attribute((cdata *)self, name, wrong);
    return status;
}

int cdata_setattr(PyObject *self, PyObject *name, PyObject *assigned)
{
    cdata *value = (cdata *)self;
    const char *wrong;
    const cfield *field = find_field(value, name, true, &wrong);
    if (unlikely(field == NULL))
        return set_other_attribute(self, name, assigned, wrong);
    if (unlikely(assigned == NULL)) {
        PyErr_SetString(PyExc_AttributeError, "cannot delete struct field");
        return -1;
    }
    if (unlikely(value->address == NULL))
        return convert_null(value->type);
    if (likely(field->bit_shift < 0 && field->type->scalar != OP_NONE))
        return convert_store(field->type, value->address + field->offset, assigned);
    return initialise_field(field, value->address, cdata_flexible_size(value), assigned);
}
