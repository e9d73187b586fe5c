/* initialise.c - arrays and records from Python values.
 *
 * Converting an item can run Python code (__int__, __float__), which may change the very list or
 * dict that is being read: items are held while they are converted, and sizes are asked for again
 * before each one. What was measured before does not bind what is found later, so every write is
 * held against the size of the memory, where that is known.
 */
#include "cdata.h"

#define UNKNOWN_SIZE (-1)

/* ---- text ------------------------------------------------------------------------------------ */

/* How many char16_t a str takes, surrogate pairs included. */
static Py_ssize_t utf16_length(PyObject *text)
{
    Py_ssize_t length = PyUnicode_GET_LENGTH(text), units = length;
    if (PyUnicode_KIND(text) == PyUnicode_4BYTE_KIND) {
        const Py_UCS4 *points = PyUnicode_4BYTE_DATA(text);
        for (Py_ssize_t i = 0; i < length; i++)
            units += points[i] > UINT16_MAX;
    }
    return units;
}

static Py_ssize_t text_length(const ctype *item, PyObject *text)
{
    return item->size == sizeof(uint16_t) ? utf16_length(text) : PyUnicode_GET_LENGTH(text);
}

static char *put16(char *at, Py_UCS4 unit)
{
    uint16_t narrow = (uint16_t)unit;
    memcpy(at, &narrow, sizeof narrow);
    return at + sizeof narrow;
}

static void write_text(const ctype *item, char *at, PyObject *text)
{
    int kind = PyUnicode_KIND(text);
    const void *data = PyUnicode_DATA(text);
    Py_ssize_t length = PyUnicode_GET_LENGTH(text);
    for (Py_ssize_t i = 0; i < length; i++) {
        Py_UCS4 point = PyUnicode_READ(kind, data, i);
        if (item->size != sizeof(uint16_t)) {
            memcpy(at, &point, sizeof point);
            at += sizeof point;
        }
        else if (point <= UINT16_MAX) {
            at = put16(at, point);
        }
        else {
            point -= 0x10000;
            at = put16(at, 0xD800 | point >> 10);
            at = put16(at, 0xDC00 | (point & 0x3FF));
        }
    }
}

/* A str into an array of wide characters, and a NUL when there is room. */
static int from_text(const ctype *array, char *destination, Py_ssize_t length, PyObject *text)
{
    const ctype *item = array->item;
    Py_ssize_t units = text_length(item, text);
    if (length >= 0 && units > length) {
        PyErr_Format(PyExc_IndexError,
                     "initializer unicode is too long for '%s' (got %zd characters)", array->name,
                     units);
        return -1;
    }
    write_text(item, destination, text);
    if (units != length)
        memset(destination + units * item->size, 0, (size_t)item->size);
    return 0;
}

static int from_bytes(const ctype *array, char *destination, Py_ssize_t length, PyObject *bytes)
{
    Py_ssize_t size = PyBytes_GET_SIZE(bytes);
    const char *source = PyBytes_AS_STRING(bytes);
    if (length >= 0 && size > length) {
        PyErr_Format(PyExc_IndexError,
                     "initializer bytes is too long for '%s' (got %zd characters)", array->name,
                     size);
        return -1;
    }
    if (array->item->kind == SB_BOOL && !convert_bytes_are_bools(bytes))
        return -1;
    memcpy(destination, source, (size_t)(size == length ? size : size + 1)); /* and the NUL */
    return 0;
}

bool convert_bytes_are_bools(PyObject *bytes)
{
    const char *source = PyBytes_AS_STRING(bytes);
    for (Py_ssize_t i = PyBytes_GET_SIZE(bytes); i-- > 0;) {
        if ((unsigned char)source[i] > 1) {
            PyErr_SetString(PyExc_ValueError,
                            "an array of _Bool can only contain \\x00 or \\x01");
            return false;
        }
    }
    return true;
}

/* ---- arrays ---------------------------------------------------------------------------------- */

/* The size of a list or tuple now, and an item of it as a new reference. */
static inline Py_ssize_t sequence_size(PyObject *sequence)
{
    return PySequence_Fast_GET_SIZE(sequence);
}

static int from_sequence(const ctype *array, char *destination, Py_ssize_t length,
                         PyObject *sequence)
{
    ctype *item = array->item;
    Py_ssize_t count = sequence_size(sequence);
    if (length >= 0 && count > length) {
        PyErr_Format(PyExc_IndexError, "too many initializers for '%s' (got %zd)", array->name,
                     count);
        return -1;
    }
    for (Py_ssize_t i = 0; i < count && i < sequence_size(sequence); i++) {
        PyObject *value = Py_NewRef(PySequence_Fast_GET_ITEM(sequence, i));
        int status = convert_store(item, destination + i * item->size, value);
        Py_DECREF(value);
        if (unlikely(status < 0))
            return -1;
    }
    return 0;
}

/* Another array of the same type. */
static int from_array(const ctype *array, char *destination, Py_ssize_t length, const cdata *value)
{
    if (length >= 0 && value->length > length) {
        PyErr_Format(PyExc_IndexError, "too many initializers for '%s' (got %zd)", array->name,
                     value->length);
        return -1;
    }
    if (value->address == NULL)
        return convert_null(value->type);
    memmove(destination, value->address, (size_t)(value->length * array->item->size));
    return 0;
}

int initialise_array(ctype *array, char *destination, Py_ssize_t length, PyObject *value)
{
    const ctype *item = array->item;
    if (PyList_Check(value) || PyTuple_Check(value))
        return from_sequence(array, destination, length, value);
    const char *expected = "list or tuple";
    if (item->size == 1 && ((item->flags & CTYPE_CHARACTER) || (item->flags & CTYPE_INTEGER))) {
        if (PyBytes_Check(value))
            return from_bytes(array, destination, length, value);
        expected = "bytes or list or tuple";
    }
    else if (item->flags & CTYPE_CHARACTER) {
        if (PyUnicode_Check(value))
            return from_text(array, destination, length, value);
        expected = "unicode or list or tuple";
    }
    if (array->kind == SB_ARRAY && cdata_is(value) && ((cdata *)value)->type == array)
        return from_array(array, destination, length, (cdata *)value);
    return convert_expected(array, expected, value);
}

static COLD Py_ssize_t length_expected(PyObject *value)
{
    if (!PyErr_Occurred())
        PyErr_SetString(PyExc_ValueError, "negative array length");
    else if (PyErr_ExceptionMatches(PyExc_TypeError))
        PyErr_Format(PyExc_TypeError, "expected new array length or list/tuple/str, not %.200s",
                     Py_TYPE(value)->tp_name);
    return -1;
}

Py_ssize_t initialise_length(ctype *array, PyObject *value, PyObject **fill)
{
    *fill = value;
    if (PyList_Check(value) || PyTuple_Check(value))
        return sequence_size(value);
    if (PyBytes_Check(value)) /* and the NUL */
        return PyBytes_GET_SIZE(value) + 1;
    if (PyUnicode_Check(value))
        return text_length(array->item, value) + 1;
    Py_ssize_t length = PyNumber_AsSsize_t(value, PyExc_OverflowError);
    *fill = NULL;
    return likely(length >= 0) ? length : length_expected(value);
}

/* ---- records --------------------------------------------------------------------------------- */

static int must_be_filled(ctype *record)
{
    if (likely(record->flags & CTYPE_FILLED))
        return 0;
    if (ctype_fill(record, false) < 0)
        return -1;
    if (record->flags & CTYPE_FILLED)
        return 0;
    PyErr_Format(PyExc_TypeError, "'%s' is opaque", record->name);
    return -1;
}

static bool is_flexible_array(const ctype *type)
{
    return type->kind == SB_ARRAY && type->length < 0;
}

/* How many elements a flexible array at `offset` has in `size` bytes of record. */
static Py_ssize_t flexible_room(const cfield *field, Py_ssize_t size)
{
    if (size == UNKNOWN_SIZE)
        return -1;
    Py_ssize_t room = size - field->offset, each = field->type->item->size;
    return room <= 0 || each <= 0 ? 0 : room / each;
}

int initialise_field(const cfield *field, char *record, Py_ssize_t size, PyObject *value)
{
    ctype *type = field->type;
    if (unlikely(is_flexible_array(type)))
        return initialise_array(type, record + field->offset, flexible_room(field, size), value);
    if (unlikely((type->flags & CTYPE_FLEXIBLE) && ctype_is_record(type)))
        return initialise_record(type, record + field->offset,
                                 size == UNKNOWN_SIZE ? size : size - field->offset, value);
    return convert_store_field(field, record, value);
}

/* What to do with the value of each field: write it, or add up how much memory it needs. */
typedef struct visit {
    char *record;
    Py_ssize_t size; /* of the memory; or what is needed so far */
    bool measures;
} visit;

static int measure_record(ctype *record, PyObject *value, Py_ssize_t *size);

static COLD int too_large(void)
{
    PyErr_SetString(PyExc_OverflowError, "array size would overflow a Py_ssize_t");
    return -1;
}

static int measure_field(const cfield *field, PyObject *value, Py_ssize_t *size)
{
    ctype *type = field->type;
    Py_ssize_t needed, all;
    if (is_flexible_array(type)) {
        PyObject *fill;
        Py_ssize_t length = initialise_length(type, value, &fill);
        if (length < 0)
            return -1;
        if (__builtin_mul_overflow(length, type->item->size, &needed))
            return too_large();
    }
    else if ((type->flags & CTYPE_FLEXIBLE) && ctype_is_record(type) && !cdata_is(value)) {
        needed = type->size;
        if (measure_record(type, value, &needed) < 0)
            return -1;
    }
    else {
        return 0;
    }
    if (__builtin_add_overflow(field->offset, needed, &all))
        return too_large();
    if (all > *size)
        *size = all;
    return 0;
}

static int visit_field(visit *v, const cfield *field, PyObject *value)
{
    if (v->measures)
        return measure_field(field, value, &v->size);
    if (unlikely(is_flexible_array(field->type))) {
        PyObject *fill;
        if (initialise_length(field->type, value, &fill) < 0)
            return -1;
        if (fill == NULL) /* only a length: it stays zero */
            return 0;
    }
    return initialise_field(field, v->record, v->size, value);
}

static int visit_sequence(visit *v, const ctype *record, PyObject *values)
{
    Py_ssize_t count = sequence_size(values), fields = PyTuple_GET_SIZE(record->initial);
    for (Py_ssize_t i = 0; i < count && i < sequence_size(values); i++) {
        if (unlikely(i >= fields)) {
            PyErr_Format(PyExc_ValueError, "too many initializers for '%s' (got %zd)",
                         record->name, count);
            return -1;
        }
        PyObject *value = Py_NewRef(PySequence_Fast_GET_ITEM(values, i));
        int status = visit_field(v, (cfield *)PyTuple_GET_ITEM(record->initial, i), value);
        Py_DECREF(value);
        if (unlikely(status < 0))
            return -1;
    }
    return 0;
}

static int visit_dict(visit *v, const ctype *record, PyObject *values)
{
    PyObject *name, *value;
    Py_ssize_t position = 0;
    while (PyDict_Next(values, &position, &name, &value)) {
        Py_INCREF(name);
        Py_INCREF(value);
        int status = -1;
        PyObject *field = PyDict_GetItemWithError(record->fields, name);
        if (field != NULL)
            status = visit_field(v, (cfield *)field, value);
        else if (!PyErr_Occurred())
            PyErr_SetObject(PyExc_KeyError, name);
        Py_DECREF(name);
        Py_DECREF(value);
        if (unlikely(status < 0))
            return -1;
    }
    return 0;
}

static int visit_record(visit *v, ctype *record, PyObject *value)
{
    if (must_be_filled(record) < 0)
        return -1;
    if (PyList_Check(value) || PyTuple_Check(value))
        return visit_sequence(v, record, value);
    if (PyDict_Check(value))
        return visit_dict(v, record, value);
    return convert_expected(record,
                            v->measures ? "list or tuple or dict"
                                        : "list or tuple or dict or struct-cdata",
                            value);
}

static int measure_record(ctype *record, PyObject *value, Py_ssize_t *size)
{
    visit v = {.size = *size, .measures = true};
    int status = visit_record(&v, record, value);
    *size = v.size;
    return status;
}

Py_ssize_t initialise_record_size(ctype *record, PyObject *value)
{
    Py_ssize_t size = record->size;
    return measure_record(record, value, &size) < 0 ? -1 : size;
}

int initialise_record(ctype *record, char *destination, Py_ssize_t size, PyObject *value)
{
    if (cdata_is(value) && ((cdata *)value)->type == record && record->size >= 0) {
        const char *source = ((cdata *)value)->address;
        if (unlikely(source == NULL))
            return convert_null(record);
        memmove(destination, source, (size_t)record->size);
        return 0;
    }
    visit v = {.record = destination, .size = size};
    return visit_record(&v, record, value);
}
