/* array_in.c - arrays given to C: the memory of a buffer without a copy, or elements converted one
 * by one from a sequence.
 *
 * A pointer to const takes any buffer or sequence. Another is filled or changed in place, so it
 * takes a writable buffer only; except for pointers to text and objects, of which there are no
 * buffers. */
#include "array.h"
#include "integer.h"
#include "item.h"

/* ---- lengths --------------------------------------------------------------------------------- */

/* Another array of the call that was given and has the same length parameter, or NULL. */
static const step *other_of_length(const frame *f, const step *s)
{
    for (int i = 0; i < f->plan->step_count; i++) {
        const step *other = frame_step(f, i);
        if (other == s || other->code != OP_GENERAL || other->value->passing != SB_PASS_ARRAY ||
            other->value->direction != SB_IN || other->value->length != s->value->length)
            continue;
        const in_state *st = frame_storage(f, other);
        if (st->counted)
            return other;
    }
    return NULL;
}

static COLD int set_length_slowly(const frame *f, const step *s, const in_state *st)
{
    const sb_description *d = f->plan->b->d;
    const sb_value *v = s->value;
    if (v->length < 0) {
        if (v->fixed == 0 || st->count == v->fixed)
            return 0;
        PyErr_Format(PyExc_ValueError, "expected exactly %llu items, got %zu",
                     (unsigned long long)v->fixed, st->count);
        return -1;
    }
    const step *other = other_of_length(f, s);
    if (other != NULL) {
        const in_state *its = frame_storage(f, other);
        if (its->count != st->count) {
            PyErr_Format(PyExc_ValueError, "has %zu items, but '%s' has %zu; they go together",
                         st->count, sb_string(d, other->value->py_name), its->count);
            return -1;
        }
    }
    return frame_set_length(f, v->length, st->count);
}

/* Sets the hidden length parameter, or checks a fixed length. */
static inline int set_length(const frame *f, const step *s, in_state *st, size_t count)
{
    st->count = count;
    st->counted = true;
    if (likely(s->value->length >= 0)) {
        const step *length = frame_step(f, s->value->length);
        if (likely(length->value->partner == s->index && length->size == 8 &&
                   length->code == OP_CONSTANT)) {
            uint64_t bits = count;
            memcpy(f->block + length->offset, &bits, sizeof bits);
            return 0;
        }
    }
    return set_length_slowly(f, s, st);
}

static int pass_none(const frame *f, const step *s)
{
    frame_set_pointer(f, s, NULL);
    return 0;
}

/* ---- one element from Python ----------------------------------------------------------------- */

static int store_pointer(const element *e, PyObject *item, char *p)
{
    void *pointer = e->c->c->flags & SB_CLASS_OPAQUE ? handle_of(e->c, item)
                                                     : record_of(e->c, item);
    memcpy(p, &pointer, sizeof pointer);
    return pointer == NULL ? -1 : 0;
}

/* Strings that are not passed as their own UTF-8 are encoded beforehand, see encode_all. */
static bool is_encoded(const element *e)
{
    return e->v->encoding != 0 || e->v->encoding_errors != 0 || e->v->flags & SB_VALUE_BYTES;
}

static int store_string(const element *e, PyObject *item, char *p)
{
    const char *text;
    if (is_encoded(e)) {
        text = PyBytes_AS_STRING(item);
    }
    else {
        Py_ssize_t length;
        if (!PyUnicode_Check(item)) {
            PyErr_Format(PyExc_TypeError, "expected str, got %s", Py_TYPE(item)->tp_name);
            return -1;
        }
        text = PyUnicode_AsUTF8AndSize(item, &length);
        if (text == NULL)
            return -1;
        if (memchr(text, 0, (size_t)length) != NULL) {
            PyErr_SetString(PyExc_ValueError, "embedded null character");
            return -1;
        }
    }
    memcpy(p, &text, sizeof text);
    return 0;
}

static int element_store(const element *e, PyObject *item, char *p)
{
    switch (e->kind) {
    case ELEMENT_SCALAR:
        if (e->code == OP_DOUBLE && likely(PyFloat_CheckExact(item))) {
            double number = PyFloat_AS_DOUBLE(item);
            memcpy(p, &number, sizeof number);
            return 0;
        }
        return scalar_store(e->code, item, p);
    case ELEMENT_ENUM:
        return enum_check(e->e, item) < 0 ? -1 : scalar_store(e->code, item, p);
    case ELEMENT_RECORD: {
        void *record = record_of(e->c, item);
        if (record == NULL)
            return -1;
        memcpy(p, record, e->size);
        return 0;
    }
    case ELEMENT_ADAPTED:
        return adapt_store(e->c, item, p);
    case ELEMENT_POINTER:
        return store_pointer(e, item, p);
    case ELEMENT_STRING:
        break;
    }
    return store_string(e, item, p);
}

/* ---- sequences ------------------------------------------------------------------------------- */

static COLD int expected_items(const element *e, bool writable, PyObject *value)
{
    char name[192];
    element_name(e, name, sizeof name);
    PyErr_Format(PyExc_TypeError, writable ? "expected a writable buffer of %s items, got %s"
                                           : "expected a buffer or sequence of %s items, got %s",
                 name, Py_TYPE(value)->tp_name);
    return -1;
}

/* A tuple of strings as one of bytes. Steals the tuple. */
static PyObject *encode_all(const element *e, PyObject *items)
{
    const sb_description *d = e->b->d;
    Py_ssize_t n = PyTuple_GET_SIZE(items);
    PyObject *encoded = PyTuple_New(n);
    for (Py_ssize_t i = 0; encoded != NULL && i < n; i++) {
        PyObject *bytes = text_encode(d, e->v, &d->types[e->type->target],
                                      PyTuple_GET_ITEM(items, i), false);
        if (bytes == NULL) {
            error_prefix("item %zd: ", i);
            Py_CLEAR(encoded);
        }
        else {
            PyTuple_SET_ITEM(encoded, i, bytes);
        }
    }
    Py_DECREF(items);
    return encoded;
}

static int is_zero(const element *e, const char *p)
{
    for (size_t i = 0; i < e->size; i++)
        if (p[i] != 0)
            return 0;
    return 1;
}

/* Converts the items, which nobody else can change, into memory of the call's own, never NULL.
 * `keys`: what to name an item by in errors, when not its position. */
static int store_all(const element *e, in_state *st, PyObject *items, PyObject *keys)
{
    size_t n = (size_t)PyTuple_GET_SIZE(items);
    bool terminated = e->v->flags & SB_VALUE_ZERO_TERMINATED;
    if (n >= (size_t)PY_SSIZE_T_MAX / e->size) {
        PyErr_NoMemory();
        return -1;
    }
    st->memory = PyMem_Calloc(n + 1, e->size);
    if (st->memory == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    char *p = st->memory;
    for (size_t i = 0; i < n; i++, p += e->size) {
        int status = element_store(e, PyTuple_GET_ITEM(items, (Py_ssize_t)i), p);
        if (unlikely(status == 0 && terminated && is_zero(e, p))) {
            PyErr_SetString(PyExc_ValueError, "is zero, which marks the end of the array");
            status = -1;
        }
        if (unlikely(status < 0)) {
            if (keys == NULL)
                return error_prefix("item %zu: ", i);
            return error_prefix("value of %R: ", PyTuple_GET_ITEM(keys, (Py_ssize_t)i));
        }
    }
    return 0;
}

/* Handles, and what views look at, are in use until the call is over. */
static void mark_items(const element *e, in_state *st, bool enter)
{
    bool opaque = e->c->c->flags & SB_CLASS_OPAQUE;
    void (*mark)(class_record *c, PyObject *o) = enter ? (opaque ? handle_enter : record_enter)
                                                       : (opaque ? handle_leave : record_leave);
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(st->keep); i++)
        mark(e->c, PyTuple_GET_ITEM(st->keep, i));
    st->entered = enter;
}

/* Takes the reference to a tuple of items over. */
static int load_items(frame *f, const step *s, const element *e, PyObject *items, PyObject *keys)
{
    in_state *st = frame_storage(f, s);
    if (e->kind == ELEMENT_STRING && is_encoded(e)) {
        items = encode_all(e, items);
        if (items == NULL)
            return -1;
    }
    st->keep = items;
    if (store_all(e, st, items, keys) < 0)
        return -1;
    if (e->kind == ELEMENT_POINTER)
        mark_items(e, st, true);
    frame_set_pointer(f, s, st->memory);
    return set_length(f, s, st, (size_t)PyTuple_GET_SIZE(items));
}

/* str for an array of characters: its UTF-8, or the encoding that is asked for. */
static int load_text(frame *f, const step *s, const element *e, PyObject *value)
{
    in_state *st = frame_storage(f, s);
    if (e->size == 1 && e->v->encoding == 0 && e->v->encoding_errors == 0) {
        Py_ssize_t length;
        const char *utf8 = PyUnicode_AsUTF8AndSize(value, &length);
        if (utf8 == NULL)
            return -1;
        frame_set_pointer(f, s, utf8);
        return set_length(f, s, st, (size_t)length);
    }
    st->keep = text_encode(e->b->d, e->v, e->type, value, true);
    if (st->keep == NULL)
        return -1;
    frame_set_pointer(f, s, PyBytes_AS_STRING(st->keep));
    size_t n = (size_t)PyBytes_GET_SIZE(st->keep) / e->size;
    return set_length(f, s, st, e->size > 1 ? n - 1 : n); /* wide text is terminated */
}

#ifndef Py_GIL_DISABLED

/* Exact floats and small ints of a list or tuple, read where they lie: nothing of this can run
 * Python code. 1: something else is among them, take the long way. */
static int load_plain_numbers(frame *f, const step *s, const element *e, PyObject *value)
{
    bool doubles = e->code == OP_DOUBLE, integers = e->code == OP_I64;
    if (e->kind != ELEMENT_SCALAR || (!doubles && !integers) ||
        s->value->flags & SB_VALUE_ZERO_TERMINATED ||
        (!PyList_CheckExact(value) && !PyTuple_CheckExact(value)))
        return 1;
    in_state *st = frame_storage(f, s);
    size_t n = (size_t)PySequence_Fast_GET_SIZE(value);
    PyObject **items = PySequence_Fast_ITEMS(value);
    char *p = PyMem_Malloc((n + 1) * e->size);
    if (p == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    st->memory = p;
    for (size_t i = 0; i < n; i++, p += sizeof(double)) {
        int64_t integer;
        if (doubles && likely(PyFloat_CheckExact(items[i]))) {
            double number = PyFloat_AS_DOUBLE(items[i]);
            memcpy(p, &number, sizeof number);
        }
        else if (integers && likely(integer_small(items[i], &integer))) {
            memcpy(p, &integer, sizeof integer);
        }
        else {
            PyMem_Free(st->memory);
            st->memory = NULL;
            return 1;
        }
    }
    frame_set_pointer(f, s, st->memory);
    return set_length(f, s, st, n);
}

#endif

static bool is_character(const element *e)
{
    return e->kind == ELEMENT_SCALAR &&
           (e->code == OP_CHAR || e->code == OP_WIDE16 || e->code == OP_WIDE32 ||
            (e->size == 1 && e->v->encoding != 0));
}

/* Anything that is not a buffer. */
static COLD int load_sequence(frame *f, const step *s, PyObject *value)
{
    element e;
    if (element_of(f->plan->b, s->value, &e) < 0)
        return -1;
    bool in_place = !(s->value->flags & SB_VALUE_READONLY) && e.kind != ELEMENT_STRING &&
                    e.kind != ELEMENT_POINTER;
    if (in_place)
        return expected_items(&e, true, value);
#ifndef Py_GIL_DISABLED
    int plain = load_plain_numbers(f, s, &e, value);
    if (plain <= 0)
        return plain;
#endif
    if (PyUnicode_Check(value) && is_character(&e) &&
        !(s->value->flags & SB_VALUE_ZERO_TERMINATED))
        return load_text(f, s, &e, value);
    if (PyUnicode_Check(value) || PyDict_Check(value) || PyAnySet_Check(value) ||
        (Py_TYPE(value)->tp_iter == NULL && !PySequence_Check(value)))
        return expected_items(&e, false, value);
    PyObject *items = PySequence_Tuple(value);
    return items == NULL ? -1 : load_items(f, s, &e, items, NULL);
}

/* ---- buffers --------------------------------------------------------------------------------- */

static int get_buffer(const step *s, PyObject *value, Py_buffer *view)
{
    int writable = s->value->flags & SB_VALUE_READONLY ? 0 : PyBUF_WRITABLE;
    return PyObject_GetBuffer(value, view, PyBUF_FORMAT | PyBUF_C_CONTIGUOUS | writable);
}

static bool is_aligned(const void *p, size_t alignment)
{
    return ((uintptr_t)p & (alignment - 1)) == 0;
}

/* Passes the buffer's memory, or a copy where C could not read it as it lies. */
static int pass_buffer(frame *f, const step *s, in_state *st, size_t size, size_t alignment)
{
    if (unlikely(!is_aligned(st->view.buf, alignment))) {
        if (!(s->value->flags & SB_VALUE_READONLY)) {
            PyErr_Format(PyExc_BufferError, "the buffer is not aligned to %zu bytes", alignment);
            return -1;
        }
        st->memory = PyMem_Malloc((size_t)st->view.len + 1);
        if (st->memory == NULL) {
            PyErr_NoMemory();
            return -1;
        }
        memcpy(st->memory, st->view.buf, (size_t)st->view.len);
        frame_set_pointer(f, s, st->memory);
    }
    else {
        frame_set_pointer(f, s, st->view.buf);
    }
    return set_length(f, s, st, (size_t)st->view.len / size);
}

/* Items of one byte fit each other: what text and raw bytes are called differs widely. */
static bool both_bytes(op code, const Py_buffer *view)
{
    const char *format = view->format == NULL ? "B" : view->format;
    return scalar_size(code) == 1 && code != OP_BOOL && view->itemsize == 1 &&
           strchr("bBc", format[strspn(format, "@=<>!")]) != NULL;
}

static COLD int load_other_buffer(frame *f, const step *s, op code)
{
    in_state *st = frame_storage(f, s);
    if (scalar_matches_format(code, st->view.format, st->view.itemsize) ||
        both_bytes(code, &st->view)) {
        size_t size = scalar_size(code);
        return pass_buffer(f, s, st, size, size > 16 ? 16 : size);
    }
    element e;
    if (element_of(f->plan->b, s->value, &e) < 0)
        return -1;
    char name[192], format[2] = {scalar_format(code), '\0'};
    element_name(&e, name, sizeof name);
    PyErr_Format(PyExc_TypeError,
                 "expected items of %s (%s%s%s%zu bytes each), got a buffer with items of format "
                 "'%s' (%zd byte%s each)",
                 name, format[0] == '\0' ? "" : "'", format, format[0] == '\0' ? "" : "', ", e.size,
                 st->view.format == NULL ? "B" : st->view.format, st->view.itemsize,
                 st->view.itemsize == 1 ? "" : "s");
    return -1;
}

/* Numbers of one type: the way that must be short. */
static inline int load_numbers(frame *f, const step *s, PyObject *value, op code, size_t size,
                               size_t alignment, char format)
{
    in_state *st = frame_storage(f, s);
    if (unlikely(value == Py_None) && s->flags & STEP_NULLABLE)
        return pass_none(f, s);
    const PyBufferProcs *procs = Py_TYPE(value)->tp_as_buffer;
    if (unlikely(procs == NULL || procs->bf_getbuffer == NULL))
        return load_sequence(f, s, value);
    if (get_buffer(s, value, &st->view) < 0)
        return -1;
    const char *given = st->view.format;
    if (likely(given != NULL && given[0] == format && given[1] == '\0' &&
               st->view.itemsize == (Py_ssize_t)size && is_aligned(st->view.buf, alignment))) {
        frame_set_pointer(f, s, st->view.buf);
        return set_length(f, s, st, (size_t)st->view.len / size);
    }
    return load_other_buffer(f, s, code);
}

static void in_release(frame *f, const step *s)
{
    in_state *st = frame_storage(f, s);
    if (st->entered) {
        element e;
        if (element_of(f->plan->b, s->value, &e) == 0)
            mark_items(&e, st, false);
    }
    if (st->view.obj != NULL)
        PyBuffer_Release(&st->view);
    if (unlikely(st->memory != NULL)) {
        PyMem_Free(st->memory);
        st->memory = NULL;
    }
    Py_CLEAR(st->keep);
}

/* What array.array and NumPy call an item of the type here. */
#define FORMAT(id)                                                                              \
    (OP_##id == OP_I8       ? 'b'                                                               \
     : OP_##id == OP_U8     ? 'B'                                                               \
     : OP_##id == OP_I16    ? 'h'                                                               \
     : OP_##id == OP_U16    ? 'H'                                                               \
     : OP_##id == OP_I32    ? 'i'                                                               \
     : OP_##id == OP_U32    ? 'I'                                                               \
     : OP_##id == OP_I64    ? (sizeof(long) == 8 ? 'l' : 'q')                                   \
     : OP_##id == OP_U64    ? (sizeof(long) == 8 ? 'L' : 'Q')                                   \
     : OP_##id == OP_BOOL   ? '?'                                                               \
     : OP_##id == OP_CHAR   ? 'B'                                                               \
     : OP_##id == OP_FLOAT  ? 'f'                                                               \
     : OP_##id == OP_DOUBLE ? 'd'                                                               \
                            : '\1')

#define X(id, ctype)                                                                            \
    static int load_##id(frame *f, const step *s, PyObject *value)                              \
    {                                                                                           \
        return load_numbers(f, s, value, OP_##id, sizeof(ctype), _Alignof(ctype), FORMAT(id));  \
    }
SCALARS(X)
#undef X

static const converter numbers_in[] = {
#define X(id, ctype)                                                                            \
    [OP_##id] = {.name = "array of " #ctype,                                                    \
                 .load = load_##id,                                                             \
                 .release = in_release,                                                         \
                 .storage = sizeof(in_state)},
    SCALARS(X)
#undef X
};

const converter *array_numbers_in(op code)
{
    return &numbers_in[code];
}

#define LOG2(size)                                                                              \
    ((size) == 1 ? 0 : (size) == 2 ? 1 : (size) == 4 ? 2 : (size) == 8 ? 3 : (size) == 16 ? 4 : 5)

const item_format *array_item_format(const converter *c)
{
    static const item_format formats[] = {
#define X(id, ctype) [OP_##id] = {FORMAT(id), LOG2(sizeof(ctype)), _Alignof(ctype)},
        SCALARS(X)
#undef X
    };
    for (size_t code = 0; code < sizeof numbers_in / sizeof *numbers_in; code++)
        if (&numbers_in[code] == c)
            return &formats[code];
    return NULL;
}

/* ---- void * ---------------------------------------------------------------------------------- */

/* The bytes of any contiguous buffer, whatever its items are. */
static int bytes_load(frame *f, const step *s, PyObject *value)
{
    in_state *st = frame_storage(f, s);
    if (value == Py_None && s->flags & STEP_NULLABLE)
        return pass_none(f, s);
    if (PyUnicode_Check(value) && s->value->flags & SB_VALUE_READONLY) {
        Py_ssize_t length;
        const char *utf8 = PyUnicode_AsUTF8AndSize(value, &length);
        if (utf8 == NULL)
            return -1;
        frame_set_pointer(f, s, utf8);
        return set_length(f, s, st, (size_t)length);
    }
    if (!PyObject_CheckBuffer(value)) {
        PyErr_Format(PyExc_TypeError, "expected a %s, got %s",
                     s->value->flags & SB_VALUE_READONLY ? "bytes-like object" : "writable buffer",
                     Py_TYPE(value)->tp_name);
        return -1;
    }
    if (get_buffer(s, value, &st->view) < 0)
        return -1;
    return pass_buffer(f, s, st, 1, 1);
}

const converter array_bytes_in = {
    .name = "bytes", .load = bytes_load, .release = in_release, .storage = sizeof(in_state)};

/* ---- records, pointers, strings -------------------------------------------------------------- */

static COLD int wrong_layout(const step *s, const sb_description *d, const char *name,
                             const Py_buffer *view)
{
    char *format = item_format_new(d, s->value->value_type);
    if (format != NULL)
        PyErr_Format(PyExc_TypeError,
                     "expected items of %s in the layout '%s', got a buffer with items of '%.200s'",
                     name, format, view->format == NULL ? "B" : view->format);
    PyMem_Free(format);
    return -1;
}

/* A buffer that holds whole records, as NumPy's structured arrays do, or bytes of them. */
static int load_record_buffer(frame *f, const step *s, const element *e, PyObject *value)
{
    in_state *st = frame_storage(f, s);
    if (get_buffer(s, value, &st->view) < 0)
        return -1;
    bool raw = st->view.itemsize == 1 && st->view.ndim <= 1 &&
               st->view.len % (Py_ssize_t)e->size == 0;
    if (!raw && !item_matches(f->plan->b->d, s->value->value_type, &st->view)) {
        char name[192];
        element_name(e, name, sizeof name);
        if ((size_t)st->view.itemsize == e->size)
            return wrong_layout(s, f->plan->b->d, name, &st->view);
        PyErr_Format(PyExc_TypeError,
                     "expected items of %s (%zu bytes each), got a buffer of %zd bytes with items "
                     "of %zd bytes",
                     name, e->size, st->view.len, st->view.itemsize);
        return -1;
    }
    return pass_buffer(f, s, st, e->size, e->type->align);
}

static int records_load(frame *f, const step *s, PyObject *value)
{
    if (value == Py_None && s->flags & STEP_NULLABLE)
        return pass_none(f, s);
    element e;
    if (element_of(f->plan->b, s->value, &e) < 0)
        return -1;
    bool plain = (e.kind == ELEMENT_RECORD || e.kind == ELEMENT_ADAPTED) && !e.c->has_pointers;
    if (plain && PyObject_CheckBuffer(value) && !PySequence_Check(value))
        return load_record_buffer(f, s, &e, value);
    if (plain && PyObject_CheckBuffer(value)) {
        /* NumPy's arrays of objects are sequences of instances, not memory of records. */
        Py_buffer probe;
        if (PyObject_GetBuffer(value, &probe, PyBUF_FULL_RO) == 0) {
            bool objects = probe.format != NULL && strcmp(probe.format, "O") == 0;
            PyBuffer_Release(&probe);
            if (!objects)
                return load_record_buffer(f, s, &e, value);
        }
        PyErr_Clear();
    }
    return load_sequence(f, s, value);
}

const converter array_records_in = {.name = "array of records",
                                    .load = records_load,
                                    .release = in_release,
                                    .storage = sizeof(in_state)};

/* ---- arrays that end in zero ----------------------------------------------------------------- */

/* In place, the user's buffer must hold the zero; otherwise one is put after a copy. */
static int terminated_load(frame *f, const step *s, PyObject *value)
{
    in_state *st = frame_storage(f, s);
    if (value == Py_None && s->flags & STEP_NULLABLE)
        return pass_none(f, s);
    element e;
    if (element_of(f->plan->b, s->value, &e) < 0)
        return -1;
    bool numbers = e.kind == ELEMENT_SCALAR || e.kind == ELEMENT_ENUM;
    if (s->value->flags & SB_VALUE_READONLY || !numbers || !PyObject_CheckBuffer(value)) {
        bool foreign = numbers && PyObject_CheckBuffer(value);
        if (foreign) {
            Py_buffer view; /* a wrong item type is an error here too, not converted */
            if (PyObject_GetBuffer(value, &view, PyBUF_FULL_RO) < 0)
                return -1;
            bool fits = scalar_matches_format(e.code, view.format, view.itemsize) ||
                        both_bytes(e.code, &view);
            st->view = view;
            if (!fits)
                return load_other_buffer(f, s, e.code);
            PyBuffer_Release(&st->view);
        }
        return load_sequence(f, s, value);
    }
    if (array_numbers_in(e.code)->load(f, s, value) < 0)
        return -1;
    if (st->count == 0 || !is_zero(&e, (const char *)st->view.buf + (st->count - 1) * e.size)) {
        PyErr_SetString(PyExc_ValueError, "the buffer does not end in a zero item");
        return -1;
    }
    return 0;
}

const converter array_terminated_in = {.name = "array that ends in zero",
                                       .load = terminated_load,
                                       .release = in_release,
                                       .storage = sizeof(in_state)};

/* ---- dicts ----------------------------------------------------------------------------------- */

/* The two columns of a mapping's items, as tuples. */
static int split_items(PyObject *mapping, PyObject **keys, PyObject **values)
{
    PyObject *items = PyMapping_Items(mapping);
    if (items == NULL)
        return -1;
    Py_ssize_t n = PyList_GET_SIZE(items);
    *keys = PyTuple_New(n);
    *values = PyTuple_New(n);
    int status = *keys == NULL || *values == NULL ? -1 : 0;
    for (Py_ssize_t i = 0; status == 0 && i < n; i++) {
        PyObject *pair = PyList_GET_ITEM(items, i);
        if (!PyTuple_Check(pair) || PyTuple_GET_SIZE(pair) != 2) {
            PyErr_SetString(PyExc_TypeError, "items() must give pairs");
            status = -1;
            break;
        }
        PyTuple_SET_ITEM(*keys, i, Py_NewRef(PyTuple_GET_ITEM(pair, 0)));
        PyTuple_SET_ITEM(*values, i, Py_NewRef(PyTuple_GET_ITEM(pair, 1)));
    }
    Py_DECREF(items);
    if (status < 0) {
        Py_CLEAR(*keys);
        Py_CLEAR(*values);
    }
    return status;
}

/* Keys and values become two parallel arrays; the values' own converter finds its work done. */
static int dict_load(frame *f, const step *s, PyObject *value)
{
    const step *partner = frame_step(f, s->value->partner);
    if (value == Py_None && s->flags & STEP_NULLABLE)
        return pass_none(f, partner) + pass_none(f, s);
    if (!PyDict_Check(value) &&
        (!PyMapping_Check(value) || !PyObject_HasAttrString(value, "items"))) {
        PyErr_Format(PyExc_TypeError, "expected a dict or other mapping, got %s",
                     Py_TYPE(value)->tp_name);
        return -1;
    }
    element key_element, value_element;
    binding *b = f->plan->b;
    PyObject *keys, *values;
    if (element_of(b, s->value, &key_element) < 0 ||
        element_of(b, partner->value, &value_element) < 0 || split_items(value, &keys, &values) < 0)
        return -1;
    PyObject *names = Py_NewRef(keys);
    int status = load_items(f, s, &key_element, keys, NULL);
    if (status == 0)
        status = load_items(f, partner, &value_element, values, names);
    else
        Py_DECREF(values);
    Py_DECREF(names);
    return status;
}

/* The values' state too: their own step may not have come to its turn. */
static void dict_release(frame *f, const step *s)
{
    in_release(f, s);
    in_release(f, frame_step(f, s->value->partner));
}

static int partner_load(frame *f, const step *s, PyObject *value)
{
    (void)f;
    (void)s;
    (void)value;
    return 0;
}

const converter array_dict_in = {.name = "keys of a dict",
                                 .load = dict_load,
                                 .release = dict_release,
                                 .storage = sizeof(in_state)};
const converter array_partner_in = {
    .name = "values of a dict", .load = partner_load, .storage = sizeof(in_state)};
