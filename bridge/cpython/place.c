/* place.c - C objects in memory, of any type, from and to Python.
 *
 *   scalar, enum        number, str of length 1, member
 *   record              view on it (a copy where `copy` says so); without a class: tuple
 *   array of char       str up to its NUL; of unsigned bytes: bytes
 *   array of numbers    memoryview on it (list where `copy` says so)
 *   other array         tuple
 *   const char *        str, kept alive by the record that holds the pointer
 *   pointer, [[array]]  memoryview of the buffer that was assigned: see field.c
 *   pointer to record   the object that was assigned, or a view
 *   other pointer       address or None
 *
 * What pointers point into is kept in the root record's dict, by the pointer's offset from the start
 * of the root record. The negative key -1 - offset holds what keeps a whole record's pointers valid
 * that was copied from C memory.
 */
#include "classes.h"

static bool is_record(const sb_type *t)
{
    return t->kind == SB_STRUCT || t->kind == SB_UNION;
}

/* The class of a record type; NULL without an exception when it has none. */
static class_record *record_class(const place *at, const sb_type *t)
{
    return t->binding == SB_NONE ? NULL : class_get(at->c->b, t->binding);
}

/* ---- what pointers point into --------------------------------------------------------------------------- */

static PyObject **kept_of(const place *at)
{
    if (at->base == NULL || at->owner == NULL)
        return NULL;
    class_record *root = class_of_type(Py_TYPE(at->owner));
    if (root == NULL || root->kept_offset == 0)
        return NULL;
    return (PyObject **)(void *)((char *)at->owner + root->kept_offset);
}

int keep_set(const place *at, const char *p, PyObject *object)
{
    PyObject **kept = kept_of(at);
    if (kept == NULL) {
        if (object == NULL)
            return 0;
        PyErr_SetString(PyExc_TypeError, "the record lies in C memory, which cannot keep alive "
                                         "what a pointer in it points at");
        return -1;
    }
    PyObject *key = PyLong_FromSsize_t(p - at->base);
    if (key == NULL)
        return -1;
    int status = 0;
    if (object != NULL) {
        if (*kept == NULL)
            *kept = PyDict_New();
        status = *kept == NULL ? -1 : PyDict_SetItem(*kept, key, object);
    }
    else if (*kept != NULL) {
        status = PyDict_Contains(*kept, key);
        if (status > 0)
            status = PyDict_DelItem(*kept, key);
    }
    Py_DECREF(key);
    return status;
}

int keep_pointer(const place *at, char *p, PyObject *object, const void *pointer)
{
    PyObject *before = Py_XNewRef(keep_get(at, p));
    int status = before == NULL && PyErr_Occurred() ? -1 : keep_set(at, p, object);
    if (status == 0)
        memcpy(p, &pointer, sizeof pointer);
    Py_XDECREF(before);
    return status;
}

PyObject *keep_get(const place *at, const char *p)
{
    PyObject **kept = kept_of(at);
    if (kept == NULL || *kept == NULL)
        return NULL;
    PyObject *key = PyLong_FromSsize_t(p - at->base);
    if (key == NULL)
        return NULL;
    PyObject *object = PyDict_GetItemWithError(*kept, key);
    Py_DECREF(key);
    return object;
}

/* Moves the entries of `from` in [start, start + size) to `to` (NULL: drops them), shifted. */
static int transfer_kept(PyObject *from, Py_ssize_t start, size_t size, PyObject *to,
                         Py_ssize_t shift)
{
    PyObject *items = PyDict_Items(from);
    int status = items == NULL ? -1 : 0;
    for (Py_ssize_t i = 0; status == 0 && i < PyList_GET_SIZE(items); i++) {
        PyObject *key = PyTuple_GET_ITEM(PyList_GET_ITEM(items, i), 0);
        PyObject *value = PyTuple_GET_ITEM(PyList_GET_ITEM(items, i), 1);
        Py_ssize_t offset = PyLong_AsSsize_t(key);
        bool whole = offset < 0;
        if (whole)
            offset = -1 - offset;
        if (offset < start || offset >= start + (Py_ssize_t)size)
            continue;
        if (to == NULL) {
            status = PyDict_DelItem(from, key);
            continue;
        }
        offset += shift;
        PyObject *moved = PyLong_FromSsize_t(whole ? -1 - offset : offset);
        status = moved == NULL ? -1 : PyDict_SetItem(to, moved, value);
        Py_XDECREF(moved);
    }
    Py_XDECREF(items);
    return status;
}

static int copy_kept(const place *at, const char *p, const place *from, const char *source,
                     size_t size)
{
    PyObject **kept = kept_of(at), **other = kept_of(from);
    if (kept == NULL) {
        /* C memory, or a family of classes without pointers. */
        bool nothing = other == NULL || *other == NULL || PyDict_GET_SIZE(*other) == 0;
        return nothing ? 0 : keep_set(at, p, Py_None);
    }
    Py_ssize_t offset = p - at->base;
    PyObject *source_kept = other == NULL ? NULL : Py_XNewRef(*other);
    int status = 0;
    if (source_kept != NULL && source_kept == *kept)
        Py_SETREF(source_kept, PyDict_Copy(source_kept));
    if (*kept != NULL)
        status = transfer_kept(*kept, offset, size, NULL, 0);
    bool from_c = from->base == NULL && from->owner != NULL;
    if (status == 0 && *kept == NULL && (source_kept != NULL || from_c)) {
        *kept = PyDict_New();
        status = *kept == NULL ? -1 : 0;
    }
    if (status == 0 && source_kept != NULL) {
        Py_ssize_t start = source - from->base;
        status = transfer_kept(source_kept, start, size, *kept, offset - start);
    }
    if (status == 0 && from_c) {
        PyObject *key = PyLong_FromSsize_t(-1 - offset);
        status = key == NULL ? -1 : PyDict_SetItem(*kept, key, from->owner);
        Py_XDECREF(key);
    }
    Py_XDECREF(source_kept);
    return status;
}

int keep_copy(const place *at, char *p, const place *from, const char *source, size_t size)
{
    PyObject **kept = kept_of(at), *before = NULL;
    if (kept != NULL && *kept != NULL) {
        before = PyDict_Copy(*kept);
        if (before == NULL)
            return -1;
    }
    int status = copy_kept(at, p, from, source, size);
    if (status == 0)
        memmove(p, source, size);
    else if (before != NULL)
        Py_SETREF(*kept, Py_NewRef(before));
    Py_XDECREF(before);
    return status;
}

/* ---- text ------------------------------------------------------------------------------------------------ */

size_t text_length(const char *p, size_t unit, size_t most)
{
    static const char zero[4];
    size_t n = 0;
    while (n < most && memcmp(p + n * unit, zero, unit) != 0)
        n++;
    return n;
}

static const char *text_errors(const sb_description *d, const sb_value *v)
{
    return v == NULL || v->encoding_errors == 0 ? NULL : sb_string(d, v->encoding_errors);
}

PyObject *text_get(const sb_description *d, const sb_type *unit, const sb_value *v, const char *p,
                   size_t most)
{
    Py_ssize_t n = (Py_ssize_t)text_length(p, unit->size, most);
    const char *errors = text_errors(d, v);
    if (v != NULL && v->flags & SB_VALUE_BYTES)
        return PyBytes_FromStringAndSize(p, n * (Py_ssize_t)unit->size);
    int order = PY_LITTLE_ENDIAN ? -1 : 1;
    if (v != NULL && v->encoding != 0)
        return PyUnicode_Decode(p, n * (Py_ssize_t)unit->size, sb_string(d, v->encoding), errors);
    if (unit->size == 4)
        return PyUnicode_DecodeUTF32(p, n * 4, errors, &order);
    if (unit->size == 2)
        return PyUnicode_DecodeUTF16(p, n * 2, errors, &order);
    return PyUnicode_DecodeUTF8(p, n, errors);
}

/* A str as bytes in the units' encoding. NUL characters are refused; with `terminate` one follows. */
static PyObject *text_encode(const sb_description *d, const sb_type *unit, const sb_value *v,
                             PyObject *value, bool terminate)
{
    if (v != NULL && v->flags & SB_VALUE_BYTES) {
        if (!PyBytes_Check(value)) {
            PyErr_Format(PyExc_TypeError, "expected bytes, got %s", Py_TYPE(value)->tp_name);
            return NULL;
        }
        if (memchr(PyBytes_AS_STRING(value), 0, (size_t)PyBytes_GET_SIZE(value)) != NULL) {
            PyErr_SetString(PyExc_ValueError, "embedded null byte");
            return NULL;
        }
        return Py_NewRef(value); /* CPython puts a NUL after the bytes */
    }
    if (!PyUnicode_Check(value)) {
        PyErr_Format(PyExc_TypeError, "expected str, got %s", Py_TYPE(value)->tp_name);
        return NULL;
    }
    if (PyUnicode_FindChar(value, 0, 0, PyUnicode_GET_LENGTH(value), 1) >= 0) {
        PyErr_SetString(PyExc_ValueError, "embedded null character");
        return NULL;
    }
    const char *encoding = "utf-8";
    if (v != NULL && v->encoding != 0)
        encoding = sb_string(d, v->encoding);
    else if (unit->size == 4)
        encoding = PY_LITTLE_ENDIAN ? "utf-32-le" : "utf-32-be";
    else if (unit->size == 2)
        encoding = PY_LITTLE_ENDIAN ? "utf-16-le" : "utf-16-be";
    PyObject *text = Py_NewRef(value);
    if (terminate)
        Py_SETREF(text, PyUnicode_FromFormat("%U%c", text, 0));
    PyObject *bytes =
        text == NULL ? NULL : PyUnicode_AsEncodedString(text, encoding, text_errors(d, v));
    Py_XDECREF(text);
    return bytes;
}

int text_array_set(const sb_description *d, const sb_type *unit, const sb_value *v, char *p,
                   size_t most, PyObject *value)
{
    PyObject *bytes = text_encode(d, unit, v, value, false);
    if (bytes == NULL)
        return -1;
    size_t length = (size_t)PyBytes_GET_SIZE(bytes), room = most * unit->size;
    int status = 0;
    if (length > room) {
        PyErr_Format(PyExc_ValueError, "text of %zu %s is too long for %zu", length / unit->size,
                     unit->size == 1 ? "bytes" : "units", most);
        status = -1;
    }
    else {
        memset(p, 0, room);
        memcpy(p, PyBytes_AS_STRING(bytes), length);
    }
    Py_DECREF(bytes);
    return status;
}

static int string_pointer_set(const place *at, const sb_type *unit, const sb_value *v, char *p,
                              PyObject *value)
{
    const char *pointer = NULL;
    PyObject *keep = NULL;
    if (value == Py_None) {
        value = NULL;
    }
    else if (unit->size == 1 && PyUnicode_Check(value) &&
             (v == NULL || (v->encoding == 0 && !(v->flags & SB_VALUE_BYTES)))) {
        Py_ssize_t length;
        pointer = PyUnicode_AsUTF8AndSize(value, &length);
        if (pointer == NULL)
            return -1;
        if (strlen(pointer) != (size_t)length) {
            PyErr_SetString(PyExc_ValueError, "embedded null character");
            return -1;
        }
        keep = Py_NewRef(value);
    }
    else {
        keep = text_encode(at->c->b->d, unit, v, value, true);
        if (keep == NULL)
            return -1;
        pointer = PyBytes_AS_STRING(keep);
    }
    int status = keep_pointer(at, p, keep, pointer);
    Py_XDECREF(keep);
    return status;
}

/* ---- pointers -------------------------------------------------------------------------------------------- */

/* The unit of text that a pointer in a record points at, or NULL. */
static const sb_type *string_unit(const place *at, const sb_type *t, const sb_value *v)
{
    const sb_type *unit = class_type(at->c, t->target);
    if (at->bare)
        return NULL;
    if (v != NULL && v->passing == SB_PASS_STRING)
        return unit;
    bool text = unit->kind == SB_CHAR || unit->kind == SB_WIDE;
    bool element = v == NULL || class_type(at->c, v->type)->kind == SB_ARRAY;
    return element && text && t->target_quals & SB_CONST ? unit : NULL;
}

static PyObject *pointer_get(const place *at, const sb_type *t, const sb_value *v, char *p)
{
    char *pointer;
    memcpy(&pointer, p, sizeof pointer);
    const sb_type *unit = string_unit(at, t, v);
    if (unit != NULL && pointer == NULL)
        Py_RETURN_NONE;
    if (unit != NULL)
        return text_get(at->c->b->d, unit, v, pointer, SIZE_MAX);
    if (v == NULL || v->passing != SB_PASS_REFERENCE || at->bare)
        return scalar_load(OP_ADDRESS, p);
    if (pointer == NULL)
        Py_RETURN_NONE;
    class_record *c = record_class(at, class_type(at->c, t->target));
    if (c == NULL)
        return PyErr_Occurred() ? NULL : scalar_load(OP_ADDRESS, p);
    PyObject *kept = keep_get(at, p);
    if (kept == NULL && PyErr_Occurred())
        return NULL;
    bool opaque = c->c->flags & SB_CLASS_OPAQUE;
    if (kept != NULL && PyObject_TypeCheck(kept, c->type)) {
        char *current = opaque ? handle_of(c, kept) : record_of(c, kept);
        if (current == pointer)
            return Py_NewRef(kept);
        PyErr_Clear();
    }
    if (opaque)
        return handle_new(c, NULL, pointer, at->owner, false);
    place beyond = *at;
    beyond.base = NULL; /* memory of C: nothing in it can be kept alive */
    return view_new(c, pointer, &beyond);
}

static int pointer_set(const place *at, const sb_type *t, const sb_value *v, char *p,
                       PyObject *value)
{
    const sb_type *unit = string_unit(at, t, v);
    if (unit != NULL)
        return string_pointer_set(at, unit, v, p, value);
    class_record *c = NULL;
    if (v != NULL && v->passing == SB_PASS_REFERENCE && !at->bare) {
        c = record_class(at, class_type(at->c, t->target));
        if (c == NULL && PyErr_Occurred())
            return -1;
    }
    if (c == NULL && v != NULL && v->passing == SB_PASS_FUNCTION && PyCallable_Check(value)) {
        PyErr_Format(PyExc_TypeError, "expected the address of a C function or None, got %s; a Python "
                     "function can be passed to a function, whose description says how long C keeps "
                     "it", Py_TYPE(value)->tp_name);
        return -1;
    }
    if (c == NULL)
        return scalar_store(OP_ADDRESS, value, p);
    void *pointer = NULL;
    if (value != Py_None) {
        pointer = c->c->flags & SB_CLASS_OPAQUE ? handle_of(c, value) : record_of(c, value);
        if (pointer == NULL)
            return -1;
    }
    return keep_pointer(at, p, value == Py_None ? NULL : value, pointer);
}

/* ---- records ------------------------------------------------------------------------------------------------ */

static PyObject *record_get(const place *at, const sb_type *t, char *p)
{
    class_record *c = record_class(at, t);
    if (c == NULL && PyErr_Occurred())
        return NULL;
    if (c != NULL && c->c->flags & SB_CLASS_ADAPTED)
        return adapt_load(c, p);
    if (c != NULL)
        return at->copy ? record_new(c, NULL, p) : view_new(c, p, at);
    if (t->kind == SB_UNION)
        return PyBytes_FromStringAndSize(p, (Py_ssize_t)t->size);
    PyObject *tuple = PyTuple_New((Py_ssize_t)t->count);
    for (uint32_t i = 0; tuple != NULL && i < t->count; i++) {
        const sb_field *f = &at->c->b->d->fields[t->first + i];
        PyObject *item;
        if (f->bit_width != 0)
            item = bits_get(at->c->b, f, p + f->offset);
        else
            item = value_get(at, f->value.type, &f->value, p + f->offset);
        if (item == NULL)
            Py_CLEAR(tuple);
        else
            PyTuple_SET_ITEM(tuple, (Py_ssize_t)i, item);
    }
    return tuple;
}

static int bytes_array_set(char *p, size_t size, PyObject *value);

/* A record without a class, from a sequence of its fields' values; a union from its bytes. */
static int unnamed_record_set(const place *at, const sb_type *t, char *p, PyObject *value)
{
    if (t->kind == SB_UNION)
        return bytes_array_set(p, (size_t)t->size, value);
    PyObject *items = PySequence_Tuple(value);
    if (items == NULL)
        return -1;
    int status = 0;
    if (PyTuple_GET_SIZE(items) != (Py_ssize_t)t->count) {
        PyErr_Format(PyExc_ValueError, "expected exactly %u items, got %zd", (unsigned)t->count,
                     PyTuple_GET_SIZE(items));
        status = -1;
    }
    for (uint32_t i = 0; status == 0 && i < t->count; i++) {
        const sb_field *f = &at->c->b->d->fields[t->first + i];
        PyObject *item = PyTuple_GET_ITEM(items, (Py_ssize_t)i);
        status = f->bit_width != 0 ? bits_set(at->c->b, f, p + f->offset, item)
                                   : value_set(at, f->value.type, &f->value, p + f->offset, item);
    }
    Py_DECREF(items);
    return status;
}

static int record_set(const place *at, const sb_type *t, char *p, PyObject *value)
{
    class_record *c = record_class(at, t);
    if (c == NULL)
        return PyErr_Occurred() ? -1 : unnamed_record_set(at, t, p, value);
    if (c->c->flags & SB_CLASS_ADAPTED)
        return adapt_store(c, value, p);
    char *source = record_of(c, value);
    if (source == NULL)
        return -1;
    if (!c->has_pointers) {
        memmove(p, source, c->size);
        return 0;
    }
    place from;
    if (place_of(c, value, &from) == NULL)
        return -1;
    place_hold(&from, true);
    int status = keep_copy(at, p, &from, source, c->size);
    place_hold(&from, false);
    return status;
}

/* ---- arrays -------------------------------------------------------------------------------------------------- */

static bool is_byte_array(const sb_type *element, const sb_value *v)
{
    return element->kind == SB_UINT && element->size == 1 &&
           (v == NULL || v->flags & SB_VALUE_BYTES || element->primitive == SB_PRIM_UCHAR);
}

static size_t array_length(const sb_type *t, const sb_type *element)
{
    return element->size == 0 ? 0 : (size_t)(t->size / element->size);
}

/* The innermost element of an array of arrays, and its shape; 0 when it has too many dimensions. */
static int array_shape(const place *at, const sb_type *t, Py_ssize_t *shape, sb_type_id *innermost)
{
    int dimensions = 0;
    for (; t->kind == SB_ARRAY; t = class_type(at->c, t->target)) {
        if (dimensions == WINDOW_DIMENSIONS)
            return 0;
        shape[dimensions++] = (Py_ssize_t)array_length(t, class_type(at->c, t->target));
        *innermost = t->target;
    }
    return dimensions;
}

static PyObject *items_get(const place *at, const sb_type *t, const sb_value *v, char *p)
{
    const sb_type *element = class_type(at->c, t->target);
    Py_ssize_t n = (Py_ssize_t)array_length(t, element);
    PyObject *items = PyTuple_New(n);
    for (Py_ssize_t i = 0; items != NULL && i < n; i++) {
        PyObject *item = value_get(at, t->target, v, p + (size_t)i * element->size);
        if (item == NULL)
            Py_CLEAR(items);
        else
            PyTuple_SET_ITEM(items, i, item);
    }
    return items;
}

static PyObject *array_get(const place *at, const sb_type *t, const sb_value *v, char *p)
{
    const sb_type *element = class_type(at->c, t->target);
    if (element->kind == SB_CHAR || element->kind == SB_WIDE)
        return text_get(at->c->b->d, element, v, p, array_length(t, element));
    if (is_byte_array(element, v))
        return PyBytes_FromStringAndSize(p, (Py_ssize_t)t->size);
    Py_ssize_t shape[WINDOW_DIMENSIONS];
    sb_type_id innermost = 0;
    int dimensions = array_shape(at, t, shape, &innermost);
    op code = dimensions == 0 ? OP_NONE : scalar_op(at->c->b->d, innermost);
    bool bytes = is_byte_array(class_type(at->c, innermost), v);
    if (dimensions == 0 || !window_can_show(code) || (bytes && dimensions > 1))
        return items_get(at, t, v, p);
    PyObject *window = window_new(at, p, code, dimensions, shape, at->readonly);
    if (window != NULL && at->copy)
        Py_SETREF(window, PyObject_CallMethod(window, "tolist", NULL));
    return window;
}

/* A buffer of exactly the array's items. 1: not such a buffer, try as a sequence. */
static int array_set_from_buffer(op code, char *p, size_t size, PyObject *value)
{
    Py_buffer view;
    if (PyObject_GetBuffer(value, &view, PyBUF_FULL_RO) < 0) {
        PyErr_Clear();
        return 1;
    }
    int status = 1;
    if (scalar_matches_format(code, view.format, view.itemsize)) {
        if ((size_t)view.len != size) {
            size_t item = scalar_size(code);
            PyErr_Format(PyExc_ValueError, "expected exactly %zu items, got %zu", size / item,
                         (size_t)view.len / item);
            status = -1;
        }
        else {
            status = PyBuffer_ToContiguous(p, &view, view.len, 'C');
        }
    }
    PyBuffer_Release(&view);
    return status;
}

static int items_set(const place *at, const sb_type *t, const sb_value *v, char *p,
                     PyObject *value)
{
    const sb_type *element = class_type(at->c, t->target);
    Py_ssize_t n = (Py_ssize_t)array_length(t, element);
    if (PyUnicode_Check(value) || (!PySequence_Check(value) && !PyObject_CheckBuffer(value))) {
        PyErr_Format(PyExc_TypeError, "expected a sequence of %zd items, got %s", n,
                     Py_TYPE(value)->tp_name);
        return -1;
    }
    PyObject *items = PySequence_Tuple(value);
    if (items == NULL)
        return -1;
    int status = 0;
    if (PyTuple_GET_SIZE(items) != n) {
        PyErr_Format(PyExc_ValueError, "expected exactly %zd items, got %zd", n,
                     PyTuple_GET_SIZE(items));
        status = -1;
    }
    class_record *c = is_record(element) ? record_class(at, element) : NULL;
    for (Py_ssize_t i = 0; status == 0 && c != NULL && c->type != NULL && i < n; i++)
        status = record_of(c, PyTuple_GET_ITEM(items, i)) == NULL ? -1 : 0;
    for (Py_ssize_t i = 0; status == 0 && i < n; i++) {
        status = value_set(at, t->target, v, p + (size_t)i * element->size,
                           PyTuple_GET_ITEM(items, i));
        if (status < 0)
            error_prefix("item %zd: ", i);
    }
    Py_DECREF(items);
    return status;
}

static int bytes_array_set(char *p, size_t size, PyObject *value)
{
    Py_buffer view;
    if (PyObject_GetBuffer(value, &view, PyBUF_FULL_RO) < 0) {
        PyErr_Clear();
        PyErr_Format(PyExc_TypeError, "expected a bytes-like object, got %s",
                     Py_TYPE(value)->tp_name);
        return -1;
    }
    int status = -1;
    if ((size_t)view.len != size)
        PyErr_Format(PyExc_ValueError, "expected exactly %zu bytes, got %zd", size, view.len);
    else
        status = PyBuffer_ToContiguous(p, &view, view.len, 'C');
    PyBuffer_Release(&view);
    return status;
}

/* Numbers are converted in memory of their own first: a bad one changes nothing. */
static int numbers_set(const place *at, const sb_type *t, const sb_value *v, op code, char *p,
                       PyObject *value)
{
    size_t size = (size_t)t->size;
    char *memory = PyMem_Malloc(size + 1);
    if (memory == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    int status = 1;
    if (PyObject_CheckBuffer(value))
        status = array_set_from_buffer(code, memory, size, value);
    if (status > 0)
        status = items_set(at, t, v, memory, value);
    if (status == 0)
        memcpy(p, memory, size);
    PyMem_Free(memory);
    return status;
}

static int array_set(const place *at, const sb_type *t, const sb_value *v, char *p,
                     PyObject *value)
{
    const sb_type *element = class_type(at->c, t->target);
    if (element->kind == SB_CHAR || element->kind == SB_WIDE)
        return text_array_set(at->c->b->d, element, v, p, array_length(t, element), value);
    if (is_byte_array(element, v))
        return bytes_array_set(p, (size_t)t->size, value);
    Py_ssize_t shape[WINDOW_DIMENSIONS];
    sb_type_id innermost = 0;
    int dimensions = array_shape(at, t, shape, &innermost);
    op code = dimensions == 0 ? OP_NONE : scalar_op(at->c->b->d, innermost);
    if (code != OP_NONE && class_type(at->c, innermost)->kind != SB_POINTER)
        return numbers_set(at, t, v, code, p, value);
    return items_set(at, t, v, p, value);
}

/* ---- any type --------------------------------------------------------------------------------------------------- */

static PyObject *enum_value_get(const place *at, sb_type_id id, const sb_type *t, const char *p)
{
    PyObject *number = scalar_load(scalar_op(at->c->b->d, id), p);
    enum_record *e = NULL;
    if (number != NULL && t->binding != SB_NONE)
        e = enum_get(at->c->b, t->binding);
    if (e != NULL) {
        int64_t bits = (int64_t)PyLong_AsUnsignedLongLongMask(number);
        Py_SETREF(number, enum_member(e, bits));
    }
    else if (PyErr_Occurred()) {
        Py_CLEAR(number);
    }
    return number;
}

PyObject *value_get(const place *at, sb_type_id id, const sb_value *v, char *p)
{
    const sb_type *t = class_type(at->c, id);
    switch ((sb_kind)t->kind) {
    case SB_ENUM:
        return enum_value_get(at, id, t, p);
    case SB_STRUCT:
    case SB_UNION:
        return record_get(at, t, p);
    case SB_ARRAY:
        return array_get(at, t, v, p);
    case SB_POINTER:
        return pointer_get(at, t, v, p);
    default:
        return scalar_load(scalar_op(at->c->b->d, id), p);
    }
}

int value_set(const place *at, sb_type_id id, const sb_value *v, char *p, PyObject *value)
{
    const sb_type *t = class_type(at->c, id);
    switch ((sb_kind)t->kind) {
    case SB_STRUCT:
    case SB_UNION:
        return record_set(at, t, p, value);
    case SB_ARRAY:
        return array_set(at, t, v, p, value);
    case SB_POINTER:
        return pointer_set(at, t, v, p, value);
    default: {
        /* Converted aside: the conversion may run Python code, and that may do anything. */
        _Alignas(16) char bytes[32];
        op code = scalar_op(at->c->b->d, id);
        if (code == OP_NONE) {
            PyErr_SetString(PyExc_TypeError, "no value of this type can be assigned");
            return -1;
        }
        if (t->kind == SB_ENUM && t->binding != SB_NONE) {
            enum_record *e = enum_get(at->c->b, t->binding);
            if (e == NULL || enum_check(e, value) < 0)
                return -1;
        }
        if (scalar_store(code, value, bytes) < 0)
            return -1;
        memcpy(p, bytes, scalar_size(code));
        return 0;
    }
    }
}
