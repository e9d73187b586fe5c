/* arithmetic.c - pointer arithmetic, numbers, comparison and hashing of C values.
 *
 * Addresses are computed as unsigned numbers, because what the user adds may lead anywhere.
 */
#include "cdata.h"
#include "integer.h"

/* ---- pointers -------------------------------------------------------------------------------- */

/* How far one step from a pointer to `item` is; -1 with TypeError. */
static Py_ssize_t step_size(const cdata *value, ctype *item)
{
    if (item->kind == SB_VOID)
        return 1;
    if (ctype_is_record(item) && !(item->flags & CTYPE_FILLED) && ctype_fill(item, false) < 0)
        return -1;
    if (unlikely(item->size < 0))
        PyErr_Format(PyExc_TypeError, "ctype '%s' points to items of unknown size",
                     value->type->name);
    return item->size;
}

static PyObject *move_pointer(cdata *value, PyObject *steps, bool back)
{
    int64_t small;
    Py_ssize_t count;
    if (likely(integer_small(steps, &small))) {
        count = (Py_ssize_t)small;
    }
    else {
        count = PyNumber_AsSsize_t(steps, PyExc_OverflowError);
        if (count == -1 && PyErr_Occurred())
            return NULL;
    }
    ctype *type = value->type;
    if (type->kind != SB_POINTER && type->kind != SB_ARRAY) {
        PyErr_Format(PyExc_TypeError, "cannot add a cdata '%s' and a number", type->name);
        return NULL;
    }
    Py_ssize_t size = step_size(value, type->item);
    if (size < 0)
        return NULL;
    size_t distance = (size_t)count * (size_t)size;
    uintptr_t from = (uintptr_t)value->address;
    char *address = (char *)(back ? from - distance : from + distance);
    ctype *pointer = type->kind == SB_POINTER ? (ctype *)Py_NewRef((PyObject *)type)
                                              : ctype_pointer_to(type->item);
    if (pointer == NULL)
        return NULL;
    cdata *moved = cdata_new(pointer, address);
    Py_DECREF(pointer);
    return (PyObject *)moved;
}

PyObject *cdata_add(PyObject *a, PyObject *b)
{
    return cdata_is(a) ? move_pointer((cdata *)a, b, false) : move_pointer((cdata *)b, a, false);
}

/* The items between two pointers of one type, or from a pointer back to the start of an array. */
static PyObject *distance(const cdata *a, const cdata *b)
{
    const ctype *type = b->type;
    ctype *pointer = NULL; /* owned, when b is an array */
    if (type->kind == SB_ARRAY) {
        type = pointer = ctype_pointer_to(type->item);
        if (pointer == NULL)
            return NULL;
    }
    PyObject *result = NULL;
    const ctype *item = type->kind == SB_POINTER ? type->item : NULL;
    Py_ssize_t bytes = (Py_ssize_t)((uintptr_t)a->address - (uintptr_t)b->address);
    if (type != a->type || item == NULL || (item->size <= 0 && item->kind != SB_VOID))
        PyErr_Format(PyExc_TypeError, "cannot subtract cdata '%s' and cdata '%s'", a->type->name,
                     type->name);
    else if (item->size <= 1)
        result = PyLong_FromSsize_t(bytes);
    else if (bytes % item->size != 0)
        PyErr_SetString(PyExc_ValueError, "pointer subtraction: the distance between the two "
                                          "pointers is not a multiple of the item size");
    else
        result = PyLong_FromSsize_t(bytes / item->size);
    Py_XDECREF(pointer);
    return result;
}

PyObject *cdata_subtract(PyObject *a, PyObject *b)
{
    if (!cdata_is(a))
        Py_RETURN_NOTIMPLEMENTED;
    return cdata_is(b) ? distance((cdata *)a, (cdata *)b) : move_pointer((cdata *)a, b, true);
}

/* ---- numbers --------------------------------------------------------------------------------- */

static bool any_byte(const char *bytes, Py_ssize_t size)
{
    for (Py_ssize_t i = 0; i < size; i++)
        if (bytes[i] != 0)
            return true;
    return false;
}

static double read_float(op scalar, const char *source)
{
    if (scalar == OP_FLOAT) {
        float number;
        memcpy(&number, source, sizeof number);
        return number;
    }
    if (scalar == OP_DOUBLE) {
        double number;
        memcpy(&number, source, sizeof number);
        return number;
    }
    long double number[1];
    memcpy(number, source, sizeof number);
    return (double)number[0];
}

int cdata_bool(PyObject *self)
{
    const cdata *value = (const cdata *)self;
    const ctype *type = value->type;
    if (!ctype_is_primitive(type))
        return value->address != NULL;
    op scalar = (op)type->scalar;
    if (scalar == OP_LDOUBLE || scalar == OP_CLDOUBLE) { /* a double may not hold what is left */
        long double numbers[2] = {0, 0};
        memcpy(numbers, value->address, (size_t)type->size);
        return numbers[0] != 0 || numbers[1] != 0;
    }
    if (type->kind == SB_FLOAT)
        return read_float(scalar, value->address) != 0;
    if (type->kind == SB_COMPLEX) {
        Py_complex number = convert_read_complex(scalar, value->address);
        return number.real != 0 || number.imag != 0;
    }
    return any_byte(value->address, type->size);
}

/* The code of a character; wchar_t may be signed. */
static PyObject *character_code(const cdata *value)
{
    if (value->type->scalar == OP_CHAR)
        return PyLong_FromLong((unsigned char)*value->address);
    if (value->type->scalar == OP_WIDE16) {
        uint16_t code;
        memcpy(&code, value->address, sizeof code);
        return PyLong_FromLong(code);
    }
    uint32_t code;
    memcpy(&code, value->address, sizeof code);
    bool is_signed = (wchar_t)-1 < (wchar_t)0 && strcmp(value->type->name, "wchar_t") == 0;
    return is_signed ? PyLong_FromLong((int32_t)code) : PyLong_FromUnsignedLong(code);
}

PyObject *cdata_int(PyObject *self)
{
    cdata *value = (cdata *)self;
    switch ((sb_kind)value->type->kind) {
    case SB_BOOL: {
        PyObject *boolean = convert_load_bool(value->address);
        int is_true = boolean == Py_True;
        Py_XDECREF(boolean);
        return boolean == NULL ? NULL : PyLong_FromLong(is_true);
    }
    case SB_INT:
    case SB_UINT:
    case SB_ENUM:
        return convert_load(value->type, value->address, NULL);
    case SB_CHAR:
    case SB_WIDE:
        return character_code(value);
    case SB_FLOAT:
        return PyLong_FromDouble(read_float((op)value->type->scalar, value->address));
    default:
        PyErr_Format(PyExc_TypeError, "int() not supported on cdata '%s'", value->type->name);
        return NULL;
    }
}

PyObject *cdata_float(PyObject *self)
{
    const cdata *value = (const cdata *)self;
    if (value->type->kind == SB_FLOAT)
        return PyFloat_FromDouble(read_float((op)value->type->scalar, value->address));
    PyErr_Format(PyExc_TypeError, "float() not supported on cdata '%s'", value->type->name);
    return NULL;
}

PyObject *cdata_complex(PyObject *self, PyObject *Py_UNUSED(unused))
{
    const cdata *value = (const cdata *)self;
    if (value->type->kind == SB_COMPLEX)
        return PyComplex_FromCComplex(
            convert_read_complex((op)value->type->scalar, value->address));
    PyErr_Format(PyExc_TypeError, "complex() not supported on cdata '%s'", value->type->name);
    return NULL;
}

/* ---- comparison ------------------------------------------------------------------------------ */

static bool is_number(PyObject *object)
{
    return cdata_is(object) && ctype_is_primitive(((cdata *)object)->type);
}

Py_hash_t cdata_hash(PyObject *self)
{
    cdata *value = (cdata *)self;
    if (is_number(self)) {
        PyObject *number = convert_load(value->type, value->address, NULL);
        if (number == NULL)
            return -1;
        bool plain = !cdata_is(number);
        Py_hash_t hash = plain ? PyObject_Hash(number) : 0;
        Py_DECREF(number);
        if (plain)
            return hash;
    }
#if PY_VERSION_HEX >= 0x030D0000
    return Py_HashPointer(value->address);
#else
    return _Py_HashPointer(value->address);
#endif
}

/* What stands for one side of a comparison of numbers; new reference. */
static PyObject *comparable(PyObject *side)
{
    if (!cdata_is(side))
        return Py_NewRef(side);
    cdata *value = (cdata *)side;
    PyObject *number = convert_load(value->type, value->address, NULL);
    if (number != NULL && cdata_is(number)) {
        PyErr_Format(PyExc_NotImplementedError, "cannot use <cdata '%s'> in a comparison",
                     value->type->name);
        Py_CLEAR(number);
    }
    return number;
}

static PyObject *compare_numbers(PyObject *a, PyObject *b, int operator)
{
    PyObject *left = comparable(a);
    PyObject *right = left == NULL ? NULL : comparable(b);
    PyObject *result = right == NULL ? NULL : PyObject_RichCompare(left, right, operator);
    Py_XDECREF(left);
    Py_XDECREF(right);
    return result;
}

PyObject *cdata_compare(PyObject *a, PyObject *b, int operator)
{
    bool a_is_address = cdata_is(a) && !is_number(a), b_is_address = cdata_is(b) && !is_number(b);
    if (a_is_address != b_is_address)
        Py_RETURN_NOTIMPLEMENTED;
    if (!a_is_address)
        return compare_numbers(a, b, operator);
    uintptr_t left = (uintptr_t)((cdata *)a)->address, right = (uintptr_t)((cdata *)b)->address;
    Py_RETURN_RICHCOMPARE(left, right, operator);
}
