/* argument.c - what the user passes: positions, keywords and defaults, and each value into its place
 * in the argument block. */
#include "call.h"
#include "integer.h"

/* ---- arguments: positions, keywords, defaults --------------------------------------------------- */

COLD int arguments_wrong_count(const plan *p, Py_ssize_t given)
{
    const char *name = p->def.ml_name;
    if (given > p->positional_count) {
        PyErr_Format(PyExc_TypeError, "%s() takes %s%d positional argument%s but %zd %s given", name,
                     p->required_count < p->positional_count ? "at most " : "",
                     (int)p->positional_count, p->positional_count == 1 ? "" : "s", given,
                     given == 1 ? "was" : "were");
    }
    else {
        PyErr_Format(PyExc_TypeError, "%s() takes no arguments (%zd given)", name, given);
    }
    return -1;
}

static COLD int find_keyword(const plan *p, PyObject *keyword)
{
    for (int i = p->positional_only_count; i < p->visible_count; i++)
        if (p->names[i] == keyword)
            return i;
    for (int i = p->positional_only_count; i < p->visible_count; i++)
        if (PyUnicode_Compare(p->names[i], keyword) == 0)
            return i;
    PyErr_Format(PyExc_TypeError, "%s() got an unexpected keyword argument '%U'", p->def.ml_name,
                 keyword);
    return -1;
}

/* Fills bound[visible_count] from positions, keywords and defaults. Borrowed references. */
COLD int arguments_bind(const plan *p, PyObject *const *args, Py_ssize_t count, PyObject *kwnames,
                        PyObject **bound)
{
    if (count > p->positional_count)
        return arguments_wrong_count(p, count);
    memset(bound, 0, p->visible_count * sizeof *bound);
    memcpy(bound, args, (size_t)count * sizeof *bound);
    Py_ssize_t keywords = kwnames == NULL ? 0 : PyTuple_GET_SIZE(kwnames);
    for (Py_ssize_t k = 0; k < keywords; k++) {
        PyObject *keyword = PyTuple_GET_ITEM(kwnames, k);
        int i = find_keyword(p, keyword);
        if (i < 0)
            return -1;
        if (bound[i] != NULL) {
            PyErr_Format(PyExc_TypeError, "%s() got multiple values for argument '%U'",
                         p->def.ml_name, keyword);
            return -1;
        }
        bound[i] = args[count + k];
    }
    for (int i = 0; i < p->visible_count; i++) {
        if (bound[i] != NULL)
            continue;
        bound[i] = p->defaults[i];
        if (bound[i] != NULL)
            continue;
        if (PyUnicode_GetLength(p->names[i]) > 0)
            PyErr_Format(PyExc_TypeError, "%s() missing required argument '%U' (position %d)",
                         p->def.ml_name, p->names[i], i + 1);
        else
            PyErr_Format(PyExc_TypeError, "%s() missing required argument %d", p->def.ml_name,
                         i + 1);
        return -1;
    }
    return 0;
}

/* ---- Python to C ------------------------------------------------------------------------------------ */

static inline void put_bits(const frame *f, const step *s, uint64_t bits)
{
    memcpy(f->block + s->offset, &bits, sizeof bits);
}

static COLD int load_none(const frame *f, const step *s)
{
    put_bits(f, s, 0);
    return 0;
}

/* A record by value: its bytes go where the call's plan says, split over registers if need be. */
static void put_record(const frame *f, const step *s, const void *record)
{
    if (s->second == SB_NO_SECOND) {
        memcpy(f->block + s->offset, record, s->size);
    }
    else {
        memcpy(f->block + s->offset, record, 8);
        memcpy(f->block + s->second, (const char *)record + 8, s->size - 8);
    }
}

/* The value behind an out or inout pointer, and the pointer. */
static int load_out(const frame *f, const step *s, PyObject *value)
{
    unsigned char *storage = frame_storage(f, s);
    memset(storage, 0, s->size < 16 ? 16 : s->size);
    frame_set_pointer(f, s, storage);
    if (!(s->flags & STEP_READS))
        return 0;
    switch ((op)s->scalar) {
    case OP_RECORD_VALUE: {
        void *record = record_of(s->aux.record, value);
        if (record == NULL)
            return -1;
        memcpy(storage, record, s->size);
        return 0;
    }
    case OP_ADAPTED:
        return adapt_store(s->aux.record, value, storage);
    case OP_RECORD:
    case OP_HANDLE: {
        void *pointer = s->scalar == OP_RECORD ? record_of(s->aux.record, value)
                                               : handle_of(s->aux.record, value);
        memcpy(storage, &pointer, sizeof pointer);
        return pointer == NULL ? -1 : 0;
    }
    default:
        if (s->flags & STEP_ENUM && enum_check(s->aux.enumeration, value) < 0)
            return -1;
        return scalar_store((op)s->scalar, value, storage);
    }
}

/* Strings: UTF-8 as CPython caches it in the str, no copy. */
static int load_string(const frame *f, const step *s, PyObject *value)
{
    if (!PyUnicode_Check(value)) {
        PyErr_Format(PyExc_TypeError, "expected str, got %s", Py_TYPE(value)->tp_name);
        return -1;
    }
    Py_ssize_t length;
    const char *utf8;
    if (likely(PyUnicode_IS_COMPACT_ASCII(value))) {
        utf8 = (const char *)PyUnicode_1BYTE_DATA(value);
        length = PyUnicode_GET_LENGTH(value);
    }
    else {
        utf8 = PyUnicode_AsUTF8AndSize(value, &length);
        if (utf8 == NULL)
            return -1;
    }
    if (unlikely(memchr(utf8, 0, (size_t)length) != NULL)) {
        PyErr_SetString(PyExc_ValueError, "embedded null character");
        return -1;
    }
    frame_set_pointer(f, s, utf8);
    return 0;
}

static COLD int load_other(frame *f, const step *s, PyObject *value)
{
    switch ((op)s->code) {
    case OP_ENUM: {
        if (enum_check(s->aux.enumeration, value) < 0)
            return -1;
        return scalar_store_argument((op)s->scalar, value, f->block + s->offset);
    }
    case OP_RECORD_VALUE: {
        void *record = record_of(s->aux.record, value);
        if (record == NULL)
            return -1;
        put_record(f, s, record);
        return 0;
    }
    case OP_ADAPTED_REFERENCE: {
        if (value == Py_None && s->flags & STEP_NULLABLE)
            return load_none(f, s);
        void *record = frame_storage(f, s);
        if (adapt_store(s->aux.record, value, record) < 0)
            return -1;
        frame_set_pointer(f, s, record);
        return 0;
    }
    default:
        return scalar_store_argument((op)s->code, value, f->block + s->offset);
    }
}

/* One argument. The commonest kinds are here, the others behind one more call. */
int argument_load(frame *f, const step *s)
{
    PyObject *value = argument_of(f, s);
    int64_t n;
    switch ((op)s->code) {
    case OP_NONE:
        return 0;
    case OP_CONSTANT:
        put_bits(f, s, s->aux.constant);
        return 0;
    case OP_OUT:
        return load_out(f, s, value);
    case OP_I32:
        if (likely(integer_small(value, &n)) && likely(n == (int32_t)n)) {
            put_bits(f, s, (uint64_t)n);
            return 0;
        }
        break;
    case OP_U32:
        if (likely(integer_small(value, &n)) && likely(n == (int64_t)(uint32_t)n)) {
            put_bits(f, s, (uint64_t)n);
            return 0;
        }
        break;
    case OP_I64:
        if (likely(integer_small(value, &n))) {
            put_bits(f, s, (uint64_t)n);
            return 0;
        }
        break;
    case OP_U64:
        if (likely(integer_small(value, &n)) && likely(n >= 0)) {
            put_bits(f, s, (uint64_t)n);
            return 0;
        }
        break;
    case OP_DOUBLE:
        if (likely(PyFloat_CheckExact(value))) {
            double number = PyFloat_AS_DOUBLE(value);
            memcpy(f->block + s->offset, &number, sizeof number);
            return 0;
        }
        break;
    case OP_STRING:
        return load_string(f, s, value);
    case OP_RECORD: {
        if (unlikely(value == Py_None && s->flags & STEP_NULLABLE))
            return load_none(f, s);
        void *record = record_of(s->aux.record, value);
        frame_set_pointer(f, s, record);
        return record == NULL ? -1 : 0;
    }
    case OP_HANDLE: {
        if (unlikely(value == Py_None && s->flags & STEP_NULLABLE))
            return load_none(f, s);
        void *handle = handle_of(s->aux.record, value);
        frame_set_pointer(f, s, handle);
        return handle == NULL ? -1 : 0;
    }
    case OP_ADAPTED: {
        _Alignas(16) unsigned char record[64];
        if (unlikely(s->size > sizeof record)) {
            /* Only libffi takes these; there the place in the block is the record itself. */
            return adapt_store(s->aux.record, value, f->block + s->offset);
        }
        if (adapt_store(s->aux.record, value, record) < 0)
            return -1;
        put_record(f, s, record);
        return 0;
    }
    default:
        break;
    }
    return load_other(f, s, value);
}
