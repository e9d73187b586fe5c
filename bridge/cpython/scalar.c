/* scalar.c - one C object of arithmetic or address type from and to Python.
 *
 * Rules: an integer takes an int or what has __index__ and is range-checked; a bool takes a bool, 0
 * or 1; a float takes any real number; a character takes a str of length 1. Nothing is cut short or
 * rounded silently, but that float and long double hold what their precision allows.
 */
#include <float.h>
#include <math.h>
#include <stdarg.h>

#include "bridge.h"
#include "integer.h"

op scalar_op(const sb_description *d, sb_type_id type)
{
    const sb_type *t = &d->types[type];
    switch ((sb_kind)t->kind) {
    case SB_BOOL:
        return OP_BOOL;
    case SB_CHAR:
        return OP_CHAR;
    case SB_INT:
    case SB_UINT:
        switch (t->size) {
        case 1:
            return t->kind == SB_INT ? OP_I8 : OP_U8;
        case 2:
            return t->kind == SB_INT ? OP_I16 : OP_U16;
        case 4:
            return t->kind == SB_INT ? OP_I32 : OP_U32;
        case 8:
            return t->kind == SB_INT ? OP_I64 : OP_U64;
        default:
            return t->kind == SB_INT ? OP_I128 : OP_U128;
        }
    case SB_WIDE:
        return t->size == 2 ? OP_WIDE16 : OP_WIDE32;
    case SB_FLOAT:
        return t->primitive == SB_PRIM_FLOAT    ? OP_FLOAT
               : t->primitive == SB_PRIM_DOUBLE ? OP_DOUBLE
                                                : OP_LDOUBLE;
    case SB_COMPLEX:
        return t->primitive == SB_PRIM_CFLOAT    ? OP_CFLOAT
               : t->primitive == SB_PRIM_CDOUBLE ? OP_CDOUBLE
                                                 : OP_CLDOUBLE;
    case SB_POINTER:
        return OP_ADDRESS;
    case SB_ENUM:
        return t->target != 0 ? scalar_op(d, t->target) : OP_NONE;
    case SB_VOID:
    case SB_ARRAY:
    case SB_STRUCT:
    case SB_UNION:
    case SB_FUNCTION:
        break;
    }
    return OP_NONE;
}

size_t scalar_size(op code)
{
    switch (code) {
#define X(id, ctype)                                                                            \
    case OP_##id:                                                                               \
        return sizeof(ctype);
        SCALARS(X)
#undef X
    default:
        return 0;
    }
}

/* ---- integers ----------------------------------------------------------------------------------- */

static const struct {
    const char *name, *least, *most;
} integer_names[] = {
    [OP_I8] = {"int8_t", "-128", "127"},
    [OP_U8] = {"uint8_t", "0", "255"},
    [OP_I16] = {"int16_t", "-32768", "32767"},
    [OP_U16] = {"uint16_t", "0", "65535"},
    [OP_I32] = {"int32_t", "-2147483648", "2147483647"},
    [OP_U32] = {"uint32_t", "0", "4294967295"},
    [OP_I64] = {"int64_t", "-2**63", "2**63 - 1"},
    [OP_U64] = {"uint64_t", "0", "2**64 - 1"},
    [OP_I128] = {"__int128", "-2**127", "2**127 - 1"},
    [OP_U128] = {"unsigned __int128", "0", "2**128 - 1"},
};

static COLD int out_of_range(op code, PyObject *value)
{
    int overflow;
    (void)PyLong_AsLongLongAndOverflow(value, &overflow);
    PyErr_Clear();
    if (overflow != 0) { /* may be too long to print */
        PyObject *bits = PyObject_CallMethod(value, "bit_length", NULL);
        long count = bits == NULL ? 0 : PyLong_AsLong(bits);
        Py_XDECREF(bits);
        PyErr_Clear();
        if (count > 130) {
            PyErr_Format(PyExc_OverflowError, "an int of %ld bits is out of range for %s (%s to %s)",
                         count, integer_names[code].name, integer_names[code].least,
                         integer_names[code].most);
            return -1;
        }
    }
    PyErr_Format(PyExc_OverflowError, "%S is out of range for %s (%s to %s)", value,
                 integer_names[code].name, integer_names[code].least, integer_names[code].most);
    return -1;
}

static COLD int expected(const char *what, PyObject *value)
{
    PyErr_Format(PyExc_TypeError, "expected %s, got %s", what, Py_TYPE(value)->tp_name);
    return -1;
}

/* A new reference to value as an exact or derived int. */
static PyObject *as_int(PyObject *value)
{
    if (PyLong_Check(value))
        return Py_NewRef(value);
    if (!PyIndex_Check(value)) {
        expected("int", value);
        return NULL;
    }
    return PyNumber_Index(value);
}

static const struct {
    int64_t least, most;
} signed_ranges[] = {
    [OP_I8] = {INT8_MIN, INT8_MAX},    [OP_U8] = {0, UINT8_MAX},    [OP_I16] = {INT16_MIN, INT16_MAX},
    [OP_U16] = {0, UINT16_MAX},        [OP_I32] = {INT32_MIN, INT32_MAX}, [OP_U32] = {0, UINT32_MAX},
    [OP_I64] = {INT64_MIN, INT64_MAX},
};

static int store_wide_integer(op code, PyObject *integer, void *destination);

/* Any integer but the 128-bit ones, as its 64 bits. */
static int integer_bits(op code, PyObject *value, uint64_t *bits)
{
    int64_t small;
    if (likely(integer_small(value, &small))) {
        if (code == OP_U64 ? small < 0
                           : small < signed_ranges[code].least || small > signed_ranges[code].most)
            return out_of_range(code, value);
        *bits = (uint64_t)small;
        return 0;
    }
    PyObject *integer = as_int(value);
    if (integer == NULL)
        return -1;
    int result = 0, overflow = 0;
    long long n = PyLong_AsLongLongAndOverflow(integer, &overflow);
    if (n == -1 && overflow == 0 && PyErr_Occurred()) {
        result = -1;
    }
    else if (code == OP_U64) {
        if (overflow == 0 && n >= 0) {
            *bits = (uint64_t)n;
        }
        else if (overflow > 0) {
            *bits = PyLong_AsUnsignedLongLong(integer);
            if (*bits == UINT64_MAX && PyErr_Occurred()) {
                PyErr_Clear();
                result = out_of_range(code, integer);
            }
        }
        else {
            result = out_of_range(code, integer);
        }
    }
    else if (overflow != 0 || n < signed_ranges[code].least || n > signed_ranges[code].most) {
        result = out_of_range(code, integer);
    }
    else {
        *bits = (uint64_t)n;
    }
    Py_DECREF(integer);
    return result;
}

#ifdef __SIZEOF_INT128__

/* The low and high 64 bits of an int between -2^127 and 2^128, by shifts. */
static int store_wide_integer(op code, PyObject *value, void *destination)
{
    PyObject *integer = as_int(value);
    if (integer == NULL)
        return -1;
    int result = -1;
    PyObject *shift = PyLong_FromLong(64);
    PyObject *high = shift == NULL ? NULL : PyNumber_Rshift(integer, shift);
    if (high != NULL) {
        int overflow;
        long long high_signed = PyLong_AsLongLongAndOverflow(high, &overflow);
        uint64_t high_bits = (uint64_t)high_signed;
        bool fits = overflow == 0 && (code == OP_I128 || high_signed >= 0);
        if (code == OP_U128 && overflow > 0) {
            high_bits = PyLong_AsUnsignedLongLong(high);
            fits = !(high_bits == UINT64_MAX && PyErr_Occurred());
            PyErr_Clear();
        }
        if (fits) {
            uint64_t low_bits = PyLong_AsUnsignedLongLongMask(integer);
            sb_uint128 bits = (sb_uint128)high_bits << 64 | low_bits;
            memcpy(destination, &bits, sizeof bits);
            result = 0;
        }
        else {
            result = out_of_range(code, integer);
        }
    }
    Py_XDECREF(high);
    Py_XDECREF(shift);
    Py_DECREF(integer);
    return result;
}

static PyObject *load_wide_integer(op code, const void *source)
{
    sb_uint128 bits;
    memcpy(&bits, source, sizeof bits);
    PyObject *low = PyLong_FromUnsignedLongLong((uint64_t)bits);
    PyObject *high = code == OP_I128 ? PyLong_FromLongLong((int64_t)(uint64_t)(bits >> 64))
                                     : PyLong_FromUnsignedLongLong((uint64_t)(bits >> 64));
    PyObject *shift = PyLong_FromLong(64);
    PyObject *shifted = NULL, *result = NULL;
    if (low != NULL && high != NULL && shift != NULL)
        shifted = PyNumber_Lshift(high, shift);
    if (shifted != NULL)
        result = PyNumber_Or(shifted, low);
    Py_XDECREF(low);
    Py_XDECREF(high);
    Py_XDECREF(shift);
    Py_XDECREF(shifted);
    return result;
}

#endif

/* ---- the other kinds ------------------------------------------------------------------------------ */

static int get_bool(PyObject *value, uint64_t *bits)
{
    if (value == Py_True || value == Py_False) {
        *bits = value == Py_True;
        return 0;
    }
    if (!PyLong_Check(value) && !PyIndex_Check(value))
        return expected("bool", value);
    PyObject *integer = as_int(value);
    if (integer == NULL)
        return -1;
    int overflow;
    long long n = PyLong_AsLongLongAndOverflow(integer, &overflow);
    if (overflow != 0 || (n != 0 && n != 1)) {
        PyErr_Clear();
        PyErr_SetString(PyExc_ValueError, "expected a bool, or 0 or 1");
        Py_DECREF(integer);
        return -1;
    }
    *bits = (uint64_t)n;
    Py_DECREF(integer);
    return 0;
}

/* A character of at most `most`, from a str of length 1 (or bytes, for plain char). */
static int get_character(op code, PyObject *value, uint64_t *bits)
{
    Py_UCS4 most = code == OP_CHAR ? 0xff : code == OP_WIDE16 ? 0xffff : 0x10ffff;
    if (code == OP_CHAR && PyBytes_Check(value) && PyBytes_GET_SIZE(value) == 1) {
        *bits = (unsigned char)PyBytes_AS_STRING(value)[0];
        return 0;
    }
    if (!PyUnicode_Check(value))
        return expected(code == OP_CHAR ? "a str or bytes of length 1" : "a str of length 1", value);
    if (PyUnicode_GetLength(value) != 1) {
        PyErr_Format(PyExc_TypeError, "expected a str of length 1, got one of length %zd",
                     PyUnicode_GetLength(value));
        return -1;
    }
    Py_UCS4 character = PyUnicode_READ_CHAR(value, 0);
    if (character > most) {
        PyErr_Format(PyExc_OverflowError, "character U+%04X does not fit; the largest is U+%04X",
                     (unsigned)character, (unsigned)most);
        return -1;
    }
    *bits = character;
    return 0;
}

static int get_double(PyObject *value, double *out)
{
    if (likely(PyFloat_CheckExact(value))) {
        *out = PyFloat_AS_DOUBLE(value);
        return 0;
    }
    if (!PyFloat_Check(value) && !PyIndex_Check(value) &&
        (Py_TYPE(value)->tp_as_number == NULL || Py_TYPE(value)->tp_as_number->nb_float == NULL))
        return expected("float", value);
    *out = PyFloat_AsDouble(value);
    return *out == -1.0 && PyErr_Occurred() ? -1 : 0;
}

static int narrow_to_float(double wide, float *out)
{
    if (isfinite(wide) && fabs(wide) > (double)FLT_MAX) {
        /* Halfway beyond FLT_MAX still rounds down to it. */
        double limit = ldexp(1.0, FLT_MAX_EXP) - ldexp(1.0, FLT_MAX_EXP - FLT_MANT_DIG - 1);
        if (fabs(wide) >= limit) {
            char *text = PyOS_double_to_string(wide, 'r', 0, 0, NULL);
            PyErr_Format(PyExc_OverflowError, "%s is out of range for float",
                         text == NULL ? "the value" : text);
            PyMem_Free(text);
            return -1;
        }
        *out = wide < 0 ? -FLT_MAX : FLT_MAX;
        return 0;
    }
    *out = (float)wide;
    return 0;
}

static int get_complex(PyObject *value, Py_complex *out)
{
    if (!PyComplex_Check(value) && !PyFloat_Check(value) && !PyIndex_Check(value) &&
        (Py_TYPE(value)->tp_as_number == NULL || Py_TYPE(value)->tp_as_number->nb_float == NULL) &&
        !PyObject_HasAttrString((PyObject *)Py_TYPE(value), "__complex__"))
        return expected("complex", value);
    *out = PyComplex_AsCComplex(value);
    return out->real == -1.0 && PyErr_Occurred() ? -1 : 0;
}

static int get_address(PyObject *value, uint64_t *bits)
{
    if (value == Py_None) {
        *bits = 0;
        return 0;
    }
    if (!PyLong_Check(value) && !PyIndex_Check(value))
        return expected("an address (int) or None", value);
    return integer_bits(sizeof(void *) == 8 ? OP_U64 : OP_U32, value, bits);
}

/* The 64-bit image of an integer-like scalar. */
static int get_bits(op code, PyObject *value, uint64_t *bits)
{
    switch (code) {
    case OP_BOOL:
        return get_bool(value, bits);
    case OP_CHAR:
    case OP_WIDE16:
    case OP_WIDE32:
        return get_character(code, value, bits);
    case OP_ADDRESS:
        return get_address(value, bits);
    default:
        return integer_bits(code, value, bits);
    }
}

/* ---- memory ------------------------------------------------------------------------------------------ */

int scalar_store(op code, PyObject *value, void *destination)
{
    switch (code) {
    case OP_FLOAT: {
        double wide;
        float narrow;
        if (get_double(value, &wide) < 0 || narrow_to_float(wide, &narrow) < 0)
            return -1;
        memcpy(destination, &narrow, sizeof narrow);
        return 0;
    }
    case OP_DOUBLE: {
        double wide;
        if (get_double(value, &wide) < 0)
            return -1;
        memcpy(destination, &wide, sizeof wide);
        return 0;
    }
    case OP_LDOUBLE: {
        double wide;
        if (get_double(value, &wide) < 0)
            return -1;
        long double wider = wide;
        memset(destination, 0, sizeof wider);
        memcpy(destination, &wider, sizeof wider);
        return 0;
    }
    case OP_CFLOAT: {
        Py_complex z;
        float parts[2];
        if (get_complex(value, &z) < 0 || narrow_to_float(z.real, &parts[0]) < 0 ||
            narrow_to_float(z.imag, &parts[1]) < 0)
            return -1;
        memcpy(destination, parts, sizeof parts);
        return 0;
    }
    case OP_CDOUBLE: {
        Py_complex z;
        if (get_complex(value, &z) < 0)
            return -1;
        double parts[2] = {z.real, z.imag};
        memcpy(destination, parts, sizeof parts);
        return 0;
    }
    case OP_CLDOUBLE: {
        Py_complex z;
        if (get_complex(value, &z) < 0)
            return -1;
        long double parts[2] = {z.real, z.imag};
        memcpy(destination, parts, sizeof parts);
        return 0;
    }
#ifdef __SIZEOF_INT128__
    case OP_I128:
    case OP_U128:
        return store_wide_integer(code, value, destination);
#endif
    default: {
        uint64_t bits;
        if (get_bits(code, value, &bits) < 0)
            return -1;
        switch (scalar_size(code)) {
        case 1:
            *(uint8_t *)destination = (uint8_t)bits;
            break;
        case 2: {
            uint16_t narrow = (uint16_t)bits;
            memcpy(destination, &narrow, sizeof narrow);
            break;
        }
        case 4: {
            uint32_t narrow = (uint32_t)bits;
            memcpy(destination, &narrow, sizeof narrow);
            break;
        }
        default:
            memcpy(destination, &bits, sizeof bits);
        }
        return 0;
    }
    }
}

int scalar_store_argument(op code, PyObject *value, void *slot)
{
    switch (code) {
    case OP_FLOAT:
    case OP_DOUBLE:
    case OP_LDOUBLE:
    case OP_CFLOAT:
    case OP_CDOUBLE:
    case OP_CLDOUBLE:
    case OP_I128:
    case OP_U128:
        return scalar_store(code, value, slot);
    default: {
        uint64_t bits;
        if (get_bits(code, value, &bits) < 0)
            return -1;
        if (code == OP_CHAR && CHAR_MIN < 0) /* extended as plain char is */
            bits = (uint64_t)(int64_t)(signed char)bits;
        memcpy(slot, &bits, sizeof bits);
        return 0;
    }
    }
}

static PyObject *load_character(uint32_t character)
{
    if (character > 0x10ffff) {
        PyErr_Format(PyExc_ValueError, "C returned 0x%x, which is no Unicode character",
                     (unsigned)character);
        return NULL;
    }
    return PyUnicode_FromOrdinal((int)character);
}

PyObject *scalar_load(op code, const void *source)
{
#define READ(ctype)                                                                             \
    ctype v;                                                                                    \
    memcpy(&v, source, sizeof v)
    switch (code) {
    case OP_I8:
        return PyLong_FromLong(*(const int8_t *)source);
    case OP_U8:
        return PyLong_FromLong(*(const uint8_t *)source);
    case OP_I16: {
        READ(int16_t);
        return PyLong_FromLong(v);
    }
    case OP_U16: {
        READ(uint16_t);
        return PyLong_FromLong(v);
    }
    case OP_I32: {
        READ(int32_t);
        return PyLong_FromLong(v);
    }
    case OP_U32: {
        READ(uint32_t);
        return PyLong_FromUnsignedLong(v);
    }
    case OP_I64: {
        READ(int64_t);
        return PyLong_FromLongLong(v);
    }
    case OP_U64: {
        READ(uint64_t);
        return PyLong_FromUnsignedLongLong(v);
    }
#ifdef __SIZEOF_INT128__
    case OP_I128:
    case OP_U128:
        return load_wide_integer(code, source);
#endif
    case OP_BOOL:
        return PyBool_FromLong(*(const uint8_t *)source != 0);
    case OP_CHAR:
        return load_character(*(const uint8_t *)source);
    case OP_WIDE16: {
        READ(uint16_t);
        return load_character(v);
    }
    case OP_WIDE32: {
        READ(uint32_t);
        return load_character(v);
    }
    case OP_FLOAT: {
        READ(float);
        return PyFloat_FromDouble((double)v);
    }
    case OP_DOUBLE: {
        READ(double);
        return PyFloat_FromDouble(v);
    }
    case OP_LDOUBLE: {
        READ(long double);
        return PyFloat_FromDouble((double)v);
    }
    case OP_CFLOAT: {
        float v[2];
        memcpy(v, source, sizeof v);
        return PyComplex_FromDoubles((double)v[0], (double)v[1]);
    }
    case OP_CDOUBLE: {
        double v[2];
        memcpy(v, source, sizeof v);
        return PyComplex_FromDoubles(v[0], v[1]);
    }
    case OP_CLDOUBLE: {
        long double v[2];
        memcpy(v, source, sizeof v);
        return PyComplex_FromDoubles((double)v[0], (double)v[1]);
    }
    case OP_ADDRESS: {
        READ(void *);
        if (v == NULL)
            Py_RETURN_NONE;
        return PyLong_FromVoidPtr(v);
    }
    default:
        PyErr_Format(PyExc_SystemError, "scalar_load: no scalar (%d)", (int)code);
        return NULL;
    }
#undef READ
}

PyObject *scalar_load_result(op code, const void *result)
{
    uint64_t bits;
    switch (code) {
    case OP_I8:
    case OP_U8:
    case OP_I16:
    case OP_U16:
    case OP_I32:
    case OP_I64:
        memcpy(&bits, result, sizeof bits);
        return PyLong_FromLongLong((int64_t)bits);
    case OP_U32:
    case OP_U64:
        memcpy(&bits, result, sizeof bits);
        return PyLong_FromUnsignedLongLong(bits);
    case OP_BOOL:
        memcpy(&bits, result, sizeof bits);
        return PyBool_FromLong(bits != 0);
    case OP_CHAR:
        memcpy(&bits, result, sizeof bits);
        return load_character((uint8_t)bits);
    case OP_WIDE16:
    case OP_WIDE32:
        memcpy(&bits, result, sizeof bits);
        return load_character((uint32_t)bits);
    case OP_ADDRESS:
        memcpy(&bits, result, sizeof bits);
        if (bits == 0)
            Py_RETURN_NONE;
        return PyLong_FromUnsignedLongLong(bits);
    default:
        return scalar_load(code, result);
    }
}

/* ---- buffer formats --------------------------------------------------------------------------------- */

char scalar_format(op code)
{
    switch (code) {
    case OP_I8:
        return 'b';
    case OP_U8:
        return 'B';
    case OP_I16:
        return 'h';
    case OP_U16:
        return 'H';
    case OP_I32:
        return 'i';
    case OP_U32:
        return 'I';
    case OP_I64:
        return sizeof(long) == 8 ? 'l' : 'q';
    case OP_U64:
        return sizeof(long) == 8 ? 'L' : 'Q';
    case OP_BOOL:
        return '?';
    case OP_CHAR:
        return 'c';
    case OP_FLOAT:
        return 'f';
    case OP_DOUBLE:
        return 'd';
    case OP_ADDRESS:
        return 'P';
    default:
        return 0;
    }
}

bool scalar_matches_format(op code, const char *format, Py_ssize_t itemsize)
{
    if ((size_t)itemsize != scalar_size(code))
        return false;
    if (format == NULL)
        format = "B";
    if (*format == '@' || *format == '=' || *format == (PY_BIG_ENDIAN ? '>' : '<') ||
        (PY_BIG_ENDIAN && *format == '!'))
        format++;
    const char *letters;
    switch (code) {
    case OP_I8:
    case OP_I16:
    case OP_I32:
    case OP_I64:
        letters = "bhilqn";
        break;
    case OP_U8:
        letters = "Bc";
        break;
    case OP_U16:
    case OP_U32:
    case OP_U64:
        letters = "HILQN";
        break;
    case OP_CHAR:
        letters = "cbB";
        break;
    case OP_BOOL:
        letters = "?";
        break;
    case OP_WIDE16:
    case OP_WIDE32:
        letters = "uw";
        break;
    case OP_FLOAT:
    case OP_DOUBLE:
    case OP_LDOUBLE:
        letters = "fdg";
        break;
    case OP_CFLOAT:
    case OP_CDOUBLE:
    case OP_CLDOUBLE:
        if (format[0] != 'Z')
            return false;
        format++;
        letters = "fdg";
        break;
    case OP_ADDRESS:
        letters = "P";
        break;
    default:
        return false;
    }
    return format[0] != '\0' && format[1] == '\0' && strchr(letters, format[0]) != NULL;
}
