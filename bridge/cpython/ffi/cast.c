/* cast.c - ffi.cast: C's casts, between all numbers, characters and addresses.
 *
 * Integers wrap, floats lose what does not fit. What is cast to a number is a cdata with bytes of
 * its own; what is cast to a pointer or an array refers to memory that somebody else keeps.
 */
#include "cdata.h"

#define WORD 64 /* bits */

/* ---- integers -------------------------------------------------------------------------------- */

/* An integer cut to as many bits as the widest type has. */
typedef struct wide {
    uint64_t low, high;
} wide;

static int wide_from_int(PyObject *integer, bool needs_high, wide *out)
{
    out->low = PyLong_AsUnsignedLongLongMask(integer);
    if (out->low == UINT64_MAX && PyErr_Occurred())
        return -1;
    if (!needs_high)
        return 0;
    PyObject *shift = PyLong_FromLong(WORD);
    PyObject *high = shift == NULL ? NULL : PyNumber_Rshift(integer, shift);
    Py_XDECREF(shift);
    if (high == NULL)
        return -1;
    out->high = PyLong_AsUnsignedLongLongMask(high);
    Py_DECREF(high);
    return out->high == UINT64_MAX && PyErr_Occurred() ? -1 : 0;
}

static bool is_address(PyObject *value)
{
    return cdata_is(value) && (ctype_is_pointer(((cdata *)value)->type) ||
                               ((cdata *)value)->type->kind == SB_ARRAY);
}

/* Whether a number is not zero; -1 with TypeError. */
static int truth(PyObject *value)
{
    if (cdata_is(value) && ((cdata *)value)->type->kind == SB_FLOAT)
        return cdata_bool(value);
    PyNumberMethods *numbers = Py_TYPE(value)->tp_as_number;
    unaryfunc convert = numbers == NULL                                   ? NULL
                        : cdata_is(value) || numbers->nb_float == NULL ? numbers->nb_int
                                                                       : numbers->nb_float;
    if (PyLong_Check(value) || PyFloat_Check(value))
        return PyObject_IsTrue(value);
    if (convert == NULL) {
        PyErr_SetString(PyExc_TypeError, "integer/float expected");
        return -1;
    }
    PyObject *number = convert(value);
    if (number == NULL)
        return -1;
    int result = -1;
    if (PyLong_Check(number) || PyFloat_Check(number))
        result = PyObject_IsTrue(number);
    else
        PyErr_SetString(PyExc_TypeError, "integer/float conversion failed");
    Py_DECREF(number);
    return result;
}

static COLD int no_character(const ctype *type, PyObject *text)
{
    PyErr_Format(PyExc_TypeError, "cannot cast unicode string of length %zd to ctype '%s'",
                 PyUnicode_GET_LENGTH(text), type->name);
    return -1;
}

/* The bits of a value for an integer, a character or a bool. */
static int integer_of(const ctype *type, PyObject *value, wide *out)
{
    out->high = 0;
    if (is_address(value)) {
        out->low = (uintptr_t)((cdata *)value)->address;
    }
    else if (PyUnicode_Check(value)) {
        Py_UCS4 point;
        if (convert_code_point(value, &point) < 0)
            return no_character(type, value);
        out->low = point;
    }
    else if (PyBytes_Check(value)) {
        char byte;
        if (convert_character(value, &byte) < 0)
            return -1;
        out->low = (unsigned char)byte;
    }
    else if (type->kind == SB_BOOL) {
        int is_true = truth(value);
        if (is_true < 0)
            return -1;
        out->low = (uint64_t)is_true;
    }
    else {
        PyObject *integer = convert_as_int(value, true);
        if (integer == NULL)
            return -1;
        int status = wide_from_int(integer, type->size > (Py_ssize_t)sizeof out->low, out);
        Py_DECREF(integer);
        return status;
    }
    return 0;
}

static cdata *cast_to_integer(ctype *type, PyObject *value)
{
    wide bits;
    if (integer_of(type, value, &bits) < 0)
        return NULL;
    switch (type->size) {
    case 1: {
        uint8_t narrow = (uint8_t)(type->kind == SB_BOOL ? bits.low != 0 : bits.low);
        return cdata_new_scalar(type, &narrow);
    }
    case 2: {
        uint16_t narrow = (uint16_t)bits.low;
        return cdata_new_scalar(type, &narrow);
    }
    case 4: {
        uint32_t narrow = (uint32_t)bits.low;
        return cdata_new_scalar(type, &narrow);
    }
    case 8:
        return cdata_new_scalar(type, &bits.low);
    default: {
        uint64_t words[2] = {bits.low, bits.high};
#if PY_BIG_ENDIAN
        words[0] = bits.high;
        words[1] = bits.low;
#endif
        return cdata_new_scalar(type, words);
    }
    }
}

/* ---- floats ---------------------------------------------------------------------------------- */

static COLD cdata *cannot_cast(const ctype *type, PyObject *value)
{
    if (cdata_is(value))
        PyErr_Format(PyExc_TypeError, "cannot cast ctype '%s' to ctype '%s'",
                     ((cdata *)value)->type->name, type->name);
    else
        PyErr_Format(PyExc_TypeError, "cannot cast %.200s object to ctype '%s'",
                     Py_TYPE(value)->tp_name, type->name);
    return NULL;
}

/* The code of a bytes or str of one character: 1, with the number; 0: neither; -1: too long. */
static int character_number(PyObject *value, double *number)
{
    if (PyBytes_Check(value)) {
        *number = (unsigned char)*PyBytes_AS_STRING(value);
        return PyBytes_GET_SIZE(value) == 1 ? 1 : -1;
    }
    if (PyUnicode_Check(value)) {
        Py_UCS4 point = 0;
        int status = convert_code_point(value, &point);
        *number = point;
        return status < 0 ? -1 : 1;
    }
    return 0;
}

static cdata *float_of(ctype *type, PyObject *number)
{
    char bytes[sizeof(long double _Complex)];
    if (cdata_is(number) && ((cdata *)number)->type->scalar == type->scalar)
        return cdata_new_scalar(type, ((cdata *)number)->address); /* in full precision */
    if (type->kind == SB_FLOAT) {
        double value = PyFloat_AsDouble(number);
        if (value == -1.0 && PyErr_Occurred())
            return NULL;
        convert_write_float((op)type->scalar, bytes, value);
    }
    else {
        Py_complex value = PyComplex_AsCComplex(number);
        if (value.real == -1.0 && PyErr_Occurred())
            return NULL;
        convert_write_complex((op)type->scalar, bytes, value);
    }
    return cdata_new_scalar(type, bytes);
}

static cdata *cast_to_float(ctype *type, PyObject *value)
{
    PyObject *number = NULL; /* owned */
    if (!cdata_is(value))
        number = Py_NewRef(value);
    else if (!ctype_is_primitive(((cdata *)value)->type))
        return cannot_cast(type, value);
    else
        number = convert_load(((cdata *)value)->type, ((cdata *)value)->address, NULL);
    if (number == NULL)
        return NULL;
    cdata *made = NULL;
    double code;
    int is_character = character_number(number, &code);
    if (is_character < 0) {
        cannot_cast(type, value);
    }
    else if (is_character > 0) {
        PyObject *as_float = PyFloat_FromDouble(code);
        made = as_float == NULL ? NULL : float_of(type, as_float);
        Py_XDECREF(as_float);
    }
    else {
        made = float_of(type, number);
    }
    Py_DECREF(number);
    return made;
}

/* ---- addresses ------------------------------------------------------------------------------- */

static cdata *cast_to_address(ctype *type, PyObject *value)
{
    if (is_address(value))
        return cdata_new(type, ((cdata *)value)->address);
    char *stream;
    int is_stream = file_pointer(type, value, &stream);
    if (unlikely(is_stream != 0))
        return is_stream < 0 ? NULL : cdata_new(type, stream);
    PyObject *integer = convert_as_int(value, true);
    if (integer == NULL)
        return NULL;
    wide bits;
    int status = wide_from_int(integer, false, &bits);
    Py_DECREF(integer);
    return status < 0 ? NULL : cdata_new(type, (char *)(uintptr_t)bits.low);
}

cdata *cast(ctype *type, PyObject *value)
{
    switch ((sb_kind)type->kind) {
    case SB_POINTER:
    case SB_FUNCTION:
        return cast_to_address(type, value);
    case SB_ARRAY:
        if (type->length >= 0)
            return cast_to_address(type, value);
        break;
    case SB_BOOL:
    case SB_CHAR:
    case SB_INT:
    case SB_UINT:
    case SB_WIDE:
    case SB_ENUM:
        return cast_to_integer(type, value);
    case SB_FLOAT:
    case SB_COMPLEX:
        return cast_to_float(type, value);
    default:
        break;
    }
    PyErr_Format(PyExc_TypeError, "cannot cast to ctype '%s'", type->name);
    return NULL;
}
