/* text.c - ffi.string and ffi.unpack: C memory as str, bytes and lists. */
#include "memory.h"

/* ---- characters ------------------------------------------------------------------------------ */

static uint32_t unit_at(const char *p, Py_ssize_t size, Py_ssize_t i)
{
    uint16_t narrow;
    uint32_t wide;
    if (size == (Py_ssize_t)sizeof narrow) {
        memcpy(&narrow, p + i * size, sizeof narrow);
        return narrow;
    }
    memcpy(&wide, p + i * size, sizeof wide);
    return wide;
}

/* Two units of UTF-16 are one character. */
static bool is_pair(uint32_t first, uint32_t second)
{
    return first >> 10 == 0xD800 >> 10 && second >> 10 == 0xDC00 >> 10;
}

/* The str of n units of 2 bytes: lone surrogates stay what they are. */
static PyObject *str_of_narrow(const char *p, Py_ssize_t n)
{
    const Py_ssize_t size = (Py_ssize_t)sizeof(uint16_t);
    Py_ssize_t characters = 0;
    uint32_t highest = 0;
    for (Py_ssize_t i = 0; i < n; i++, characters++) {
        uint32_t unit = unit_at(p, size, i);
        if (i + 1 < n && is_pair(unit, unit_at(p, size, i + 1))) {
            unit = 0x10FFFF;
            i++;
        }
        if (unit > highest)
            highest = unit;
    }
    PyObject *text = PyUnicode_New(characters, highest);
    if (text == NULL || characters == 0)
        return text;
    int kind = (int)PyUnicode_KIND(text);
    void *data = PyUnicode_DATA(text);
    for (Py_ssize_t i = 0, at = 0; i < n; i++, at++) {
        uint32_t unit = unit_at(p, size, i);
        uint32_t second = i + 1 < n ? unit_at(p, size, i + 1) : 0;
        if (is_pair(unit, second)) {
            unit = 0x10000 + ((unit & 0x3FF) << 10) + (second & 0x3FF);
            i++;
        }
        PyUnicode_WRITE(kind, data, at, unit);
    }
    return text;
}

static PyObject *str_of_wide(const char *p, Py_ssize_t n)
{
    const Py_ssize_t size = (Py_ssize_t)sizeof(uint32_t);
    uint32_t highest = 0;
    for (Py_ssize_t i = 0; i < n; i++) {
        uint32_t unit = unit_at(p, size, i);
        if (unit > highest)
            highest = unit;
    }
    if (highest > 0x10FFFF) {
        PyErr_Format(PyExc_ValueError, "character U+%x is not in range [U+0000; U+10ffff]",
                     (unsigned)highest);
        return NULL;
    }
    PyObject *text = PyUnicode_New(n, highest);
    if (text == NULL || n == 0)
        return text;
    int kind = (int)PyUnicode_KIND(text);
    void *data = PyUnicode_DATA(text);
    if (kind == PyUnicode_4BYTE_KIND)
        memcpy(data, p, (size_t)(n * size));
    else
        for (Py_ssize_t i = 0; i < n; i++)
            PyUnicode_WRITE(kind, data, i, unit_at(p, size, i));
    return text;
}

/* n characters, or bytes, at p. */
static PyObject *text_of(const ctype *unit, const char *p, Py_ssize_t n)
{
    if (unit->size == 1)
        return PyBytes_FromStringAndSize(p, n);
    return unit->size == 2 ? str_of_narrow(p, n) : str_of_wide(p, n);
}

/* ---- string ---------------------------------------------------------------------------------- */

/* Items that ffi.string reads: characters, and other integers of one byte. */
static bool is_unit(const ctype *type)
{
    if (type->flags & CTYPE_CHARACTER)
        return true;
    return (type->kind == SB_INT || type->kind == SB_UINT) && type->size == 1;
}

/* Characters before the first NUL, of at most `most`; -1: there is one. */
static Py_ssize_t length_of(const char *p, Py_ssize_t size, Py_ssize_t most)
{
    if (size == 1 && most < 0)
        return (Py_ssize_t)strlen(p);
    if (size == 1) {
        const char *end = memchr(p, 0, (size_t)most);
        return end == NULL ? most : end - p;
    }
    Py_ssize_t n = 0;
    while ((most < 0 || n < most) && unit_at(p, size, n) != 0)
        n++;
    return n;
}

/* The name of an enum's value; its number when it has none. */
static PyObject *enumerator_name(const cdata *value)
{
    PyObject *number = convert_load(value->type, value->address, NULL);
    if (number == NULL)
        return NULL;
    PyObject *elements = value->type->elements;
    PyObject *name = elements == NULL ? NULL : PyDict_GetItemWithError(elements, number);
    PyObject *text = NULL;
    if (name != NULL)
        text = Py_NewRef(name);
    else if (!PyErr_Occurred())
        text = PyObject_Str(number);
    Py_DECREF(number);
    return text;
}

static COLD PyObject *refuse_null(const char *function, PyObject *value)
{
    PyErr_Format(PyExc_RuntimeError, "cannot use %s() on %R", function, value);
    return NULL;
}

PyObject *text_string(PyObject *object, Py_ssize_t most)
{
    const cdata *value = (const cdata *)object;
    const ctype *type = value->type;
    bool pointer = type->kind == SB_POINTER;
    if (pointer || type->kind == SB_ARRAY) {
        const ctype *unit = type->item;
        bool integers = unit->flags & (CTYPE_CHARACTER | CTYPE_INTEGER) && unit->kind != SB_BOOL;
        if (integers && value->address == NULL)
            return refuse_null("string", object);
        if (is_unit(unit)) {
            if (most < 0 && !pointer)
                most = value->length;
            return text_of(unit, value->address, length_of(value->address, unit->size, most));
        }
    }
    else if (type->kind == SB_ENUM) {
        return enumerator_name(value);
    }
    else if (is_unit(type)) {
        return text_of(type, value->address, 1);
    }
    return PyErr_Format(PyExc_TypeError, "string(): unexpected cdata '%s' argument", type->name);
}

/* ---- unpack ---------------------------------------------------------------------------------- */

/* Numbers with a loop of their own: X(op, C type, Python object of one). */
#define UNPACKED(X)                                                                             \
    X(I8, int8_t, PyLong_FromLong(number))                                                      \
    X(U8, uint8_t, PyLong_FromLong(number))                                                     \
    X(I16, int16_t, PyLong_FromLong(number))                                                    \
    X(U16, uint16_t, PyLong_FromLong(number))                                                   \
    X(I32, int32_t, PyLong_FromLong(number))                                                    \
    X(U32, uint32_t, PyLong_FromUnsignedLong(number))                                           \
    X(I64, int64_t, PyLong_FromLongLong(number))                                                \
    X(U64, uint64_t, PyLong_FromUnsignedLongLong(number))                                       \
    X(FLOAT, float, PyFloat_FromDouble((double)number))                                         \
    X(DOUBLE, double, PyFloat_FromDouble(number))

#define X(id, ctype_, object)                                                                   \
    static int unpack_##id(PyObject *list, const char *p, Py_ssize_t n)                         \
    {                                                                                           \
        for (Py_ssize_t i = 0; i < n; i++, p += sizeof(ctype_)) {                               \
            ctype_ number;                                                                      \
            memcpy(&number, p, sizeof number);                                                  \
            PyObject *item = object;                                                            \
            if (unlikely(item == NULL))                                                         \
                return -1;                                                                      \
            PyList_SET_ITEM(list, i, item);                                                     \
        }                                                                                       \
        return 0;                                                                               \
    }
UNPACKED(X)
#undef X

static int unpack_others(PyObject *list, ctype *type, const char *p, Py_ssize_t n)
{
    for (Py_ssize_t i = 0; i < n; i++, p += type->size) {
        PyObject *item = convert_load(type, p, NULL);
        if (item == NULL)
            return -1;
        PyList_SET_ITEM(list, i, item);
    }
    return 0;
}

static int unpack_items(PyObject *list, ctype *type, const char *p, Py_ssize_t n)
{
    bool number = type->kind == SB_INT || type->kind == SB_UINT || type->kind == SB_FLOAT;
    switch (number ? (op)type->scalar : OP_NONE) {
#define X(id, ctype_, object)                                                                   \
    case OP_##id:                                                                               \
        return unpack_##id(list, p, n);
        UNPACKED(X)
#undef X
    default:
        return unpack_others(list, type, p, n);
    }
}

PyObject *text_unpack(PyObject *object, Py_ssize_t length)
{
    const cdata *value = (const cdata *)object;
    const ctype *type = value->type;
    if (type->kind != SB_ARRAY && type->kind != SB_POINTER)
        return PyErr_Format(PyExc_TypeError, "expected a pointer or array, got '%s'", type->name);
    if (length < 0) {
        PyErr_SetString(PyExc_ValueError, "'length' cannot be negative");
        return NULL;
    }
    if (value->address == NULL)
        return refuse_null("unpack", object);
    ctype *item = type->item;
    if (item->flags & CTYPE_CHARACTER)
        return text_of(item, value->address, length);
    if (item->size < 0)
        return PyErr_Format(PyExc_ValueError, "'%s' points to items of unknown size", type->name);
    PyObject *list = PyList_New(length);
    if (list != NULL && unpack_items(list, item, value->address, length) < 0)
        Py_CLEAR(list);
    return list;
}
