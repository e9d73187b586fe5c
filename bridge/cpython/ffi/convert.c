/* convert.c - single values between Python and memory.
 *
 * Memory may be unaligned: it is read and written through memcpy. What is stored is converted
 * before the first byte is written, so that a failed conversion changes nothing.
 */
#include "cdata.h"
#include "integer.h"

#define GREATEST_CODE_POINT 0x10FFFF

/* ---- errors ---------------------------------------------------------------------------------- */

COLD int convert_expected(const ctype *type, const char *expected, PyObject *got)
{
    if (!cdata_is(got)) {
        PyErr_Format(PyExc_TypeError, "initializer for ctype '%s' must be a %s, not %.200s",
                     type->name, expected, Py_TYPE(got)->tp_name);
        return -1;
    }
    const ctype *other = ((cdata *)got)->type;
    if (strcmp(type->name, other->name) != 0)
        PyErr_Format(PyExc_TypeError, "initializer for ctype '%s' must be a %s, not cdata '%s'",
                     type->name, expected, other->name);
    else /* two declarations of one name */
        PyErr_Format(PyExc_TypeError,
                     "initializer for ctype '%s' appears indeed to be '%s', but the types are "
                     "different (check that you are not e.g. mixing up different ffi instances)",
                     type->name, other->name);
    return -1;
}

COLD int convert_null(const ctype *type)
{
    PyErr_Format(PyExc_RuntimeError, "cannot dereference null pointer from cdata '%s'",
                 type->name);
    return -1;
}

static COLD int does_not_fit(const ctype *type, PyObject *value)
{
    PyErr_Format(PyExc_OverflowError, "integer %S does not fit '%s'", value, type->name);
    return -1;
}

static COLD int negative(void)
{
    PyErr_SetString(PyExc_OverflowError, "can't convert negative number to unsigned");
    return -1;
}

/* ---- integers -------------------------------------------------------------------------------- */

PyObject *convert_as_int(PyObject *value, bool floats)
{
    if (PyLong_Check(value))
        return Py_NewRef(value);
    PyNumberMethods *numbers = Py_TYPE(value)->tp_as_number;
    bool is_float = PyFloat_Check(value) ||
                    (cdata_is(value) && ((cdata *)value)->type->kind == SB_FLOAT);
    if ((is_float && !floats) || numbers == NULL || numbers->nb_int == NULL) {
        PyErr_SetString(PyExc_TypeError, "an integer is required");
        return NULL;
    }
    PyObject *integer = numbers->nb_int(value);
    if (integer != NULL && !PyLong_Check(integer)) {
        PyErr_SetString(PyExc_TypeError, "integer conversion failed");
        Py_CLEAR(integer);
    }
    return integer;
}

/* What each integer op holds: the least, and the greatest less that. */
static const struct {
    int64_t least;
    uint64_t span;
} ranges[] = {
    [OP_I8] = {INT8_MIN, UINT8_MAX},     [OP_U8] = {0, UINT8_MAX},
    [OP_I16] = {INT16_MIN, UINT16_MAX},  [OP_U16] = {0, UINT16_MAX},
    [OP_I32] = {INT32_MIN, UINT32_MAX},  [OP_U32] = {0, UINT32_MAX},
    [OP_I64] = {INT64_MIN, UINT64_MAX},  [OP_U64] = {0, INT64_MAX},
    [OP_BOOL] = {0, 1},
};

/* The bits of any integer type of up to 64 bits, the long way. */
static COLD int integer_bits_slow(const ctype *type, PyObject *value, uint64_t *bits)
{
    PyObject *integer = convert_as_int(value, false);
    if (integer == NULL)
        return -1;
    int status = 0, overflow = 0;
    bool is_signed = type->scalar != OP_BOOL && ranges[type->scalar].least < 0;
    long long number = PyLong_AsLongLongAndOverflow(integer, &overflow);
    if (!is_signed && (overflow < 0 || (overflow == 0 && number < 0))) {
        status = negative();
    }
    else if (overflow != 0) {
        /* CPython's words for what is too large */
        *bits = is_signed ? (uint64_t)PyLong_AsLongLong(integer)
                          : PyLong_AsUnsignedLongLong(integer);
        if (PyErr_Occurred())
            status = -1;
        else if (type->scalar != OP_U64)
            status = does_not_fit(type, value);
    }
    else if (type->scalar != OP_U64 &&
             (uint64_t)number - (uint64_t)ranges[type->scalar].least > ranges[type->scalar].span) {
        status = does_not_fit(type, value);
    }
    else {
        *bits = (uint64_t)number;
    }
    Py_DECREF(integer);
    return status;
}

static inline int integer_bits(const ctype *type, PyObject *value, uint64_t *bits)
{
    int64_t small;
    if (likely(integer_small(value, &small) &&
               (uint64_t)small - (uint64_t)ranges[type->scalar].least <=
                   ranges[type->scalar].span)) {
        *bits = (uint64_t)small;
        return 0;
    }
    return integer_bits_slow(type, value, bits);
}

#ifdef __SIZEOF_INT128__
static int store_wide(const ctype *type, char *destination, PyObject *value)
{
    sb_uint128 bits;
    PyObject *integer = convert_as_int(value, false);
    if (integer == NULL)
        return -1;
    int status = scalar_store((op)type->scalar, integer, &bits);
    if (status == 0) {
        memcpy(destination, &bits, sizeof bits);
    }
    else if (PyErr_ExceptionMatches(PyExc_OverflowError)) {
        PyErr_Clear();
        int sign = PyObject_RichCompareBool(integer, Py_False, Py_LT);
        if (sign > 0 && type->scalar == OP_U128)
            negative();
        else if (sign >= 0)
            PyErr_SetString(PyExc_OverflowError, "int too big to convert");
    }
    Py_DECREF(integer);
    return status;
}
#endif

/* ---- characters ------------------------------------------------------------------------------ */

/* The bytes of another cdata of the same kind of character, or NULL. */
static const char *same_character(op scalar, PyObject *value)
{
    if (!cdata_is(value) || ((cdata *)value)->type->scalar != scalar)
        return NULL;
    return ((cdata *)value)->address;
}

int convert_character(PyObject *value, char *out)
{
    const char *source = same_character(OP_CHAR, value);
    if (PyBytes_Check(value) && PyBytes_GET_SIZE(value) == 1)
        source = PyBytes_AS_STRING(value);
    if (source == NULL) {
        PyErr_Format(PyExc_TypeError,
                     "initializer for ctype 'char' must be a bytes of length 1, not %.200s",
                     Py_TYPE(value)->tp_name);
        return -1;
    }
    *out = *source;
    return 0;
}

int convert_code_point(PyObject *text, Py_UCS4 *out)
{
    if (PyUnicode_GET_LENGTH(text) != 1)
        return -1;
    *out = PyUnicode_READ_CHAR(text, 0);
    return 0;
}

static COLD int wide_expected(op scalar, PyObject *value)
{
    char got[64] = "larger-than-0xFFFF character";
    const char *what = got;
    if (!PyUnicode_Check(value))
        what = Py_TYPE(value)->tp_name;
    else if (PyUnicode_GET_LENGTH(value) != 1)
        PyOS_snprintf(got, sizeof got, "unicode string of length %zd",
                      PyUnicode_GET_LENGTH(value));
    PyErr_Format(PyExc_TypeError,
                 "initializer for ctype '%s' must be a unicode string of length 1, not %.200s",
                 scalar == OP_WIDE16 ? "char16_t" : "char32_t", what);
    return -1;
}

static int store_wide_character(op scalar, char *destination, PyObject *value)
{
    size_t size = scalar == OP_WIDE16 ? sizeof(uint16_t) : sizeof(uint32_t);
    const char *source = same_character(scalar, value);
    Py_UCS4 point;
    if (source != NULL) {
        memmove(destination, source, size);
        return 0;
    }
    if (!PyUnicode_Check(value) || convert_code_point(value, &point) < 0 ||
        (scalar == OP_WIDE16 && point > UINT16_MAX))
        return wide_expected(scalar, value);
    uint16_t narrow = (uint16_t)point;
    if (scalar == OP_WIDE16)
        memcpy(destination, &narrow, size);
    else
        memcpy(destination, &point, size);
    return 0;
}

static PyObject *load_wide_character(op scalar, const char *source)
{
    Py_UCS4 point;
    uint16_t narrow;
    if (scalar == OP_WIDE16) {
        memcpy(&narrow, source, sizeof narrow);
        return PyUnicode_FromKindAndData(PyUnicode_2BYTE_KIND, &narrow, 1);
    }
    memcpy(&point, source, sizeof point);
    if (unlikely(point > GREATEST_CODE_POINT)) {
        PyErr_Format(PyExc_ValueError,
                     "char32_t out of range for conversion to unicode: 0x%x", (unsigned)point);
        return NULL;
    }
    return PyUnicode_FromKindAndData(PyUnicode_4BYTE_KIND, &point, 1);
}

/* ---- floats ---------------------------------------------------------------------------------- */

static int store_float(op scalar, char *destination, PyObject *value)
{
    if (scalar == OP_LDOUBLE && cdata_is(value) && ((cdata *)value)->type->scalar == OP_LDOUBLE) {
        memmove(destination, ((cdata *)value)->address, sizeof(long double));
        return 0;
    }
    double number = PyFloat_AsDouble(value);
    if (number == -1.0 && PyErr_Occurred())
        return -1;
    convert_write_float(scalar, destination, number);
    return 0;
}

void convert_write_float(op scalar, char *destination, double number)
{
    if (scalar == OP_DOUBLE) {
        memcpy(destination, &number, sizeof number);
    }
    else if (scalar == OP_FLOAT) {
        float single = (float)number;
        memcpy(destination, &single, sizeof single);
    }
    else {
        long double extended[1] = {number};
        memcpy(destination, extended, sizeof extended);
    }
}

void convert_write_complex(op scalar, char *destination, Py_complex number)
{
    op part = scalar == OP_CFLOAT ? OP_FLOAT : scalar == OP_CDOUBLE ? OP_DOUBLE : OP_LDOUBLE;
    convert_write_float(part, destination, number.real);
    convert_write_float(part, destination + scalar_size(part), number.imag);
}

Py_complex convert_read_complex(op scalar, const char *source)
{
    Py_complex number;
    if (scalar == OP_CFLOAT) {
        float parts[2];
        memcpy(parts, source, sizeof parts);
        number.real = parts[0];
        number.imag = parts[1];
    }
    else if (scalar == OP_CDOUBLE) {
        memcpy(&number, source, sizeof number);
    }
    else {
        long double parts[2];
        memcpy(parts, source, sizeof parts);
        number.real = (double)parts[0];
        number.imag = (double)parts[1];
    }
    return number;
}

static int store_complex(op scalar, char *destination, PyObject *value)
{
    if (scalar == OP_CLDOUBLE && cdata_is(value) && ((cdata *)value)->type->scalar == OP_CLDOUBLE) {
        memmove(destination, ((cdata *)value)->address, sizeof(long double _Complex));
        return 0;
    }
    Py_complex number = PyComplex_AsCComplex(value);
    if (number.real == -1.0 && PyErr_Occurred())
        return -1;
    convert_write_complex(scalar, destination, number);
    return 0;
}

/* ---- pointers -------------------------------------------------------------------------------- */

/* "char *" and "void *" accept one another with a word of warning. */
static bool is_loose(const ctype *pointer)
{
    return pointer->kind == SB_POINTER &&
           (pointer->item->kind == SB_VOID || pointer->item->kind == SB_CHAR);
}

static bool points_at_void(const ctype *pointer)
{
    return pointer->kind == SB_POINTER && pointer->item->kind == SB_VOID;
}

static bool points_at_bytes(const ctype *pointer)
{
    return pointer->kind == SB_POINTER && pointer->item->size == 1;
}

static COLD int different_pointers(const ctype *pointer, const ctype *given, PyObject *value)
{
    if (points_at_void(pointer) || points_at_void(given))
        return 0;
    if (!is_loose(pointer) && !is_loose(given))
        return convert_expected(pointer, "pointer to same type", value);
    if (points_at_bytes(pointer) && points_at_bytes(given))
        return 0;
    PyErr_SetString(PyExc_TypeError,
                    is_loose(pointer)
                        ? "implicit cast to 'char *' from a different pointer type."
                          "(check that the types are as you expect; use an explicit "
                          "ffi.cast() if they are correct)"
                        : "implicit cast from 'char *' to a different pointer type: "
                          "(check that the types are as you expect; use an explicit "
                          "ffi.cast() if they are correct)");
    return -1;
}

/* An array stands for a pointer to its first element. */
static int from_array(const ctype *pointer, PyObject *value)
{
    ctype *given = ctype_pointer_to(((cdata *)value)->type->item);
    if (given == NULL)
        return -1;
    int status = given == pointer ? 0 : different_pointers(pointer, given, value);
    Py_DECREF(given);
    return status;
}

int convert_pointer(ctype *pointer, PyObject *value, char **out)
{
    if (unlikely(!cdata_is(value)))
        return convert_expected(pointer, "cdata pointer", value);
    const ctype *given = ((cdata *)value)->type;
    if (likely(given == pointer))
        ;
    else if (ctype_is_pointer(given)) {
        if (different_pointers(pointer, given, value) < 0)
            return -1;
    }
    else if (given->kind != SB_ARRAY)
        return convert_expected(pointer, "pointer or array", value);
    else if (from_array(pointer, value) < 0)
        return -1;
    *out = ((cdata *)value)->address;
    return 0;
}

/* ---- memory to Python ------------------------------------------------------------------------ */

PyObject *convert_load_bool(const char *source)
{
    unsigned char bits = (unsigned char)*source;
    if (likely(bits <= 1))
        return Py_NewRef(bits ? Py_True : Py_False);
    PyErr_Format(PyExc_ValueError, "got a _Bool of value %d, expected 0 or 1", bits);
    return NULL;
}

/* A cdata that refers to a record or an array. */
static PyObject *refer(ctype *type, char *address, PyObject *owner)
{
    owner = owner == NULL ? NULL : convert_keeper(type->state, owner);
    return (PyObject *)(owner != NULL ? cdata_new_view(type, address, type->length, owner)
                                      : cdata_new(type, address));
}

static PyObject *load_aggregate(ctype *type, const char *source, PyObject *owner)
{
    char *address = (char *)source;
    switch ((sb_kind)type->kind) {
    case SB_FUNCTION:
        memcpy(&address, source, sizeof address);
        return (PyObject *)cdata_new(type, address);
    case SB_STRUCT:
    case SB_UNION:
        if (unlikely(!(type->flags & CTYPE_FILLED)) && ctype_fill(type, false) < 0)
            return NULL;
        return refer(type, address, owner);
    case SB_ARRAY:
        if (likely(type->length >= 0))
            return refer(type, address, owner);
        /* nobody knows its length */
        ctype *pointer = ctype_pointer_to(type->item);
        if (pointer == NULL)
            return NULL;
        cdata *made = cdata_new(pointer, address);
        Py_DECREF(pointer);
        return (PyObject *)made;
    default:
        PyErr_Format(PyExc_TypeError, "cdata '%s' is opaque", type->name);
        return NULL;
    }
}

PyObject *convert_load_other(ctype *type, const char *source, PyObject *owner)
{
    char *address;
    switch ((op)type->scalar) {
    case OP_I128:
    case OP_U128:
        return scalar_load((op)type->scalar, source);
    case OP_BOOL:
        return convert_load_bool(source);
    case OP_CHAR:
        return PyBytes_FromStringAndSize(source, 1);
    case OP_WIDE16:
    case OP_WIDE32:
        return load_wide_character((op)type->scalar, source);
    case OP_LDOUBLE:
    case OP_CLDOUBLE: /* Python has no number of that precision */
        return (PyObject *)cdata_new_scalar(type, source);
    case OP_CFLOAT:
    case OP_CDOUBLE:
        return PyComplex_FromCComplex(convert_read_complex((op)type->scalar, source));
    case OP_ADDRESS:
        memcpy(&address, source, sizeof address);
        return (PyObject *)cdata_new(type, address);
    default:
        return load_aggregate(type, source, owner);
    }
}

/* ---- Python to memory ------------------------------------------------------------------------ */

static int store_aggregate(ctype *type, char *destination, PyObject *value)
{
    switch ((sb_kind)type->kind) {
    case SB_FUNCTION: {
        char *address;
        if (convert_pointer(type, value, &address) < 0)
            return -1;
        memcpy(destination, &address, sizeof address);
        return 0;
    }
    case SB_ARRAY:
        return initialise_array(type, destination, type->length, value);
    case SB_STRUCT:
    case SB_UNION:
        return initialise_record(type, destination, type->size, value);
    default:
        PyErr_Format(PyExc_TypeError, "'%s' is opaque", type->name);
        return -1;
    }
}

int convert_store(ctype *type, char *destination, PyObject *value)
{
    uint64_t bits;
    switch ((op)type->scalar) {
    case OP_I8:
    case OP_U8:
    case OP_BOOL: {
        if (unlikely(integer_bits(type, value, &bits) < 0))
            return -1;
        *destination = (char)bits;
        return 0;
    }
    case OP_I16:
    case OP_U16: {
        if (unlikely(integer_bits(type, value, &bits) < 0))
            return -1;
        uint16_t number = (uint16_t)bits;
        memcpy(destination, &number, sizeof number);
        return 0;
    }
    case OP_I32:
    case OP_U32: {
        if (unlikely(integer_bits(type, value, &bits) < 0))
            return -1;
        uint32_t number = (uint32_t)bits;
        memcpy(destination, &number, sizeof number);
        return 0;
    }
    case OP_I64:
    case OP_U64:
        if (unlikely(integer_bits(type, value, &bits) < 0))
            return -1;
        memcpy(destination, &bits, sizeof bits);
        return 0;
#ifdef __SIZEOF_INT128__
    case OP_I128:
    case OP_U128:
        return store_wide(type, destination, value);
#endif
    case OP_CHAR:
        return convert_character(value, destination);
    case OP_WIDE16:
    case OP_WIDE32:
        return store_wide_character((op)type->scalar, destination, value);
    case OP_DOUBLE:
        if (likely(PyFloat_CheckExact(value))) {
            double number = PyFloat_AS_DOUBLE(value);
            memcpy(destination, &number, sizeof number);
            return 0;
        }
        return store_float(OP_DOUBLE, destination, value);
    case OP_FLOAT:
    case OP_LDOUBLE:
        return store_float((op)type->scalar, destination, value);
    case OP_CFLOAT:
    case OP_CDOUBLE:
    case OP_CLDOUBLE:
        return store_complex((op)type->scalar, destination, value);
    case OP_ADDRESS: {
        char *address;
        if (unlikely(convert_pointer(type, value, &address) < 0))
            return -1;
        memcpy(destination, &address, sizeof address);
        return 0;
    }
    default:
        return store_aggregate(type, destination, value);
    }
}
