/* handwritten.c - libbench and parts of libcore as an extension module written by hand for speed:
 * what the rows of run.py are measured against.
 *
 * It takes what CPython offers to those who write C: a calling convention that fits each function,
 * static types, a vectorcall constructor, PyObject_New, macros of datetime, the buffer protocol,
 * the interpreter's lock held throughout. It checks what must be checked (types, counts, ranges,
 * NULs inside text, formats of buffers) and no more. Arguments are positional only, except those
 * of Point, because that is the usual way to be fast.
 *
 * Static types and pointers make it a module of one interpreter only; that, too, is usual.
 */
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <datetime.h>

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include <core/core.h>

#include "bench.h"

#define FASTCALL(function) ((PyCFunction)(void (*)(void))(function))

static PyObject *refused; /* exception class, made when the module is */

/* ---- conversions ----------------------------------------------------------------------------- */

/* True for ints of one digit, whose value is read in place: half the time of PyLong_AsLong. */
static inline bool is_compact(PyObject *o, Py_ssize_t *value)
{
    if (!PyLong_CheckExact(o))
        return false;
#if PY_VERSION_HEX >= 0x030c0000
    if (!PyUnstable_Long_IsCompact((PyLongObject *)o))
        return false;
    *value = PyUnstable_Long_CompactValue((PyLongObject *)o);
#else
    Py_ssize_t digits = Py_SIZE(o);
    if (digits < -1 || digits > 1)
        return false;
    *value = digits * (Py_ssize_t)((PyLongObject *)o)->ob_digit[0];
#endif
    return true;
}

static inline int long_from(PyObject *o, long long *out)
{
    Py_ssize_t compact;
    if (is_compact(o, &compact)) {
        *out = compact;
        return 0;
    }
    *out = PyLong_AsLongLong(o);
    return *out == -1 && PyErr_Occurred() ? -1 : 0;
}

static int int_from(PyObject *o, const char *what, int *out)
{
    long long value;
    if (long_from(o, &value) < 0)
        return -1;
    if (value < INT_MIN || value > INT_MAX) {
        PyErr_Format(PyExc_OverflowError, "%s does not fit a C int", what);
        return -1;
    }
    *out = (int)value;
    return 0;
}

static int uint32_from(PyObject *o, const char *what, uint32_t *out)
{
    long long value;
    if (long_from(o, &value) < 0)
        return -1;
    if (value < 0 || value > UINT32_MAX) {
        PyErr_Format(PyExc_OverflowError, "%s does not fit an unsigned 32-bit integer", what);
        return -1;
    }
    *out = (uint32_t)value;
    return 0;
}

static int double_from(PyObject *o, double *out)
{
    if (PyFloat_CheckExact(o)) {
        *out = PyFloat_AS_DOUBLE(o);
        return 0;
    }
    *out = PyFloat_AsDouble(o);
    return *out == -1.0 && PyErr_Occurred() ? -1 : 0;
}

static int count_is(Py_ssize_t count, Py_ssize_t expected, const char *function)
{
    if (count == expected)
        return 0;
    PyErr_Format(PyExc_TypeError, "%s() takes %zd arguments (%zd given)", function, expected,
                 count);
    return -1;
}

static PyObject *core_failure(enum core_status status)
{
    PyObject *exception = PyExc_RuntimeError;
    if (status == CORE_INVALID)
        exception = PyExc_ValueError;
    else if (status == CORE_OVERFLOW)
        exception = PyExc_OverflowError;
    else if (status == CORE_NOMEM)
        exception = PyExc_MemoryError;
    PyErr_SetString(exception, core_error_message(status));
    return NULL;
}

/* ---- functions ------------------------------------------------------------------------------- */

static PyObject *noop(PyObject *module, PyObject *unused)
{
    (void)module;
    (void)unused;
    bench_noop();
    Py_RETURN_NONE;
}

static PyObject *fact(PyObject *module, PyObject *arg)
{
    (void)module;
    uint32_t n;
    if (uint32_from(arg, "n", &n) < 0)
        return NULL;
    uint64_t result;
    enum core_status status = core_fact(n, &result);
    if (status != CORE_OK)
        return core_failure(status);
    return PyLong_FromUnsignedLongLong(result);
}

static PyObject *add(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
    (void)module;
    int a, b;
    if (count_is(count, 2, "add") < 0 || int_from(args[0], "a", &a) < 0 ||
        int_from(args[1], "b", &b) < 0)
        return NULL;
    return PyLong_FromLong(bench_add(a, b));
}

static PyObject *hypotenuse(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
    (void)module;
    double x, y;
    if (count_is(count, 2, "hypot") < 0 || double_from(args[0], &x) < 0 ||
        double_from(args[1], &y) < 0)
        return NULL;
    return PyFloat_FromDouble(bench_hypot(x, y));
}

static PyObject *eight(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
    (void)module;
    static const char *const names[] = {"a", "b", "c", "d", "e", "f", "g", "h"};
    int v[8];
    if (count_is(count, 8, "eight") < 0)
        return NULL;
    for (int i = 0; i < 8; i++) {
        if (int_from(args[i], names[i], &v[i]) < 0)
            return NULL;
    }
    return PyLong_FromLong(bench_eight(v[0], v[1], v[2], v[3], v[4], v[5], v[6], v[7]));
}

static PyObject *text_length(PyObject *module, PyObject *arg)
{
    (void)module;
    Py_ssize_t size;
    const char *text = PyUnicode_AsUTF8AndSize(arg, &size);
    if (text == NULL)
        return NULL;
    if (strlen(text) != (size_t)size) {
        PyErr_SetString(PyExc_ValueError, "embedded null character");
        return NULL;
    }
    return PyLong_FromSize_t(bench_text_length(text));
}

static PyObject *greeting(PyObject *module, PyObject *unused)
{
    (void)module;
    (void)unused;
    return PyUnicode_FromString(bench_greeting());
}

static PyObject *sum(PyObject *module, PyObject *arg)
{
    (void)module;
    Py_buffer view;
    if (PyObject_GetBuffer(arg, &view, PyBUF_C_CONTIGUOUS | PyBUF_FORMAT) < 0)
        return NULL;
    PyObject *result = NULL;
    if (view.itemsize != sizeof(double) || view.format == NULL || strcmp(view.format, "d") != 0) {
        PyErr_SetString(PyExc_TypeError, "values must be a buffer of doubles");
    } else {
        size_t n = (size_t)view.len / sizeof(double);
        result = PyFloat_FromDouble(bench_sum(view.buf, n));
    }
    PyBuffer_Release(&view);
    return result;
}

static PyObject *fail(PyObject *module, PyObject *arg)
{
    (void)module;
    int code;
    if (int_from(arg, "code", &code) < 0)
        return NULL;
    enum bench_status status = bench_fail(code);
    if (status != BENCH_OK) {
        PyErr_SetString(refused, bench_message(status));
        return NULL;
    }
    Py_RETURN_NONE;
}

static PyObject *seconds_before(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
    (void)module;
    if (count_is(count, 2, "seconds_before") < 0)
        return NULL;
    PyObject *given = args[0];
    if (!PyDate_CheckExact(given) && (!PyDate_Check(given) || PyDateTime_Check(given))) {
        PyErr_SetString(PyExc_TypeError, "date must be a datetime.date");
        return NULL;
    }
    long long seconds;
    if (long_from(args[1], &seconds) < 0)
        return NULL;
    core_date date = {
        .year = PyDateTime_GET_YEAR(given),
        .month = PyDateTime_GET_MONTH(given),
        .day = PyDateTime_GET_DAY(given),
    };
    core_date out;
    enum core_status status = core_seconds_before(date, seconds, &out);
    if (status != CORE_OK)
        return core_failure(status);
    return PyDate_FromDate(out.year, out.month, out.day);
}

/* ---- Point ----------------------------------------------------------------------------------- */

typedef struct point {
    PyObject head;
    core_point value;
} point;

static PyTypeObject point_type;

static PyObject *point_from(uint32_t x, uint32_t y)
{
    point *self = PyObject_New(point, &point_type);
    if (self != NULL)
        self->value = (core_point){x, y};
    return (PyObject *)self;
}

static PyObject *point_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    static char *names[] = {"x", "y", NULL};
    PyObject *first, *second;
    core_point value;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "OO:Point", names, &first, &second) ||
        uint32_from(first, "x", &value.x) < 0 || uint32_from(second, "y", &value.y) < 0)
        return NULL;
    point *self = (point *)type->tp_alloc(type, 0);
    if (self != NULL)
        self->value = value;
    return (PyObject *)self;
}

/* Point(...) itself; subclasses that are made in Python go through point_new. */
static PyObject *point_vectorcall(PyObject *type, PyObject *const *args, size_t flagged,
                                  PyObject *names)
{
    Py_ssize_t count = PyVectorcall_NARGS(flagged);
    uint32_t x, y;
    if (count == 2 && names == NULL) {
        if (uint32_from(args[0], "x", &x) < 0 || uint32_from(args[1], "y", &y) < 0)
            return NULL;
        return point_from(x, y);
    }
    PyObject *tuple = PyTuple_New(count);
    PyObject *dict = names != NULL ? PyDict_New() : NULL;
    PyObject *result = NULL;
    if (tuple == NULL || (names != NULL && dict == NULL))
        goto done;
    for (Py_ssize_t i = 0; i < count; i++) {
        Py_INCREF(args[i]);
        PyTuple_SET_ITEM(tuple, i, args[i]);
    }
    for (Py_ssize_t i = 0; names != NULL && i < PyTuple_GET_SIZE(names); i++) {
        if (PyDict_SetItem(dict, PyTuple_GET_ITEM(names, i), args[count + i]) < 0)
            goto done;
    }
    result = point_new((PyTypeObject *)type, tuple, dict);
done:
    Py_XDECREF(tuple);
    Py_XDECREF(dict);
    return result;
}

static PyObject *point_get_x(PyObject *self, void *closure)
{
    (void)closure;
    return PyLong_FromUnsignedLong(((point *)self)->value.x);
}

static PyObject *point_get_y(PyObject *self, void *closure)
{
    (void)closure;
    return PyLong_FromUnsignedLong(((point *)self)->value.y);
}

static int coordinate_from(PyObject *value, const char *name, uint32_t *out)
{
    if (value == NULL) {
        PyErr_Format(PyExc_AttributeError, "%s cannot be deleted", name);
        return -1;
    }
    return uint32_from(value, name, out);
}

static int point_set_x(PyObject *self, PyObject *value, void *closure)
{
    (void)closure;
    return coordinate_from(value, "x", &((point *)self)->value.x);
}

static int point_set_y(PyObject *self, PyObject *value, void *closure)
{
    (void)closure;
    return coordinate_from(value, "y", &((point *)self)->value.y);
}

static PyObject *point_dist(PyObject *self, PyObject *other)
{
    if (!PyObject_TypeCheck(other, &point_type)) {
        PyErr_SetString(PyExc_TypeError, "other must be a Point");
        return NULL;
    }
    float distance = core_point_dist(&((point *)self)->value, &((point *)other)->value);
    return PyFloat_FromDouble((double)distance);
}

static PyObject *point_add(PyObject *left, PyObject *right)
{
    if (!PyObject_TypeCheck(left, &point_type) || !PyObject_TypeCheck(right, &point_type))
        Py_RETURN_NOTIMPLEMENTED;
    core_point total;
    enum core_status status =
        core_point_add(&((point *)left)->value, &((point *)right)->value, &total);
    if (status != CORE_OK)
        return core_failure(status);
    return point_from(total.x, total.y);
}

static PyObject *point_repr(PyObject *self)
{
    const core_point *value = &((point *)self)->value;
    return PyUnicode_FromFormat("Point(x=%lu, y=%lu)", (unsigned long)value->x,
                                (unsigned long)value->y);
}

static PyGetSetDef point_properties[] = {
    {"x", point_get_x, point_set_x, NULL, NULL},
    {"y", point_get_y, point_set_y, NULL, NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyMethodDef point_methods[] = {
    {"dist", point_dist, METH_O, NULL},
    {NULL, NULL, 0, NULL},
};

static PyNumberMethods point_numbers = {
    .nb_add = point_add,
};

static PyTypeObject point_type = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "handwritten.Point",
    .tp_basicsize = sizeof(point),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
    .tp_new = point_new,
    .tp_vectorcall = point_vectorcall,
    .tp_repr = point_repr,
    .tp_getset = point_properties,
    .tp_methods = point_methods,
    .tp_as_number = &point_numbers,
};

/* ---- LucasIter ------------------------------------------------------------------------------- */

typedef struct lucas {
    PyObject head;
    core_lucas *sequence;
} lucas;

/* The integers of a sequence, in memory that PyMem_Free frees. */
static int64_t *terms_from(PyObject *o, Py_ssize_t *count)
{
    PyObject *items = PySequence_Fast(o, "expected a sequence of integers");
    if (items == NULL)
        return NULL;
    *count = PySequence_Fast_GET_SIZE(items);
    int64_t *terms = PyMem_New(int64_t, (size_t)*count + 1);
    if (terms == NULL)
        PyErr_NoMemory();
    for (Py_ssize_t i = 0; terms != NULL && i < *count; i++) {
        terms[i] = PyLong_AsLongLong(PySequence_Fast_GET_ITEM(items, i));
        if (terms[i] == -1 && PyErr_Occurred()) {
            PyMem_Free(terms);
            terms = NULL;
        }
    }
    Py_DECREF(items);
    return terms;
}

static PyObject *lucas_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    static char *names[] = {"coef", "vals", NULL};
    PyObject *first, *second;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "OO:LucasIter", names, &first, &second))
        return NULL;
    lucas *self = NULL;
    Py_ssize_t coef_count = 0, vals_count = 0;
    int64_t *vals = NULL, *coef = terms_from(first, &coef_count);
    if (coef == NULL || (vals = terms_from(second, &vals_count)) == NULL)
        goto done;
    self = (lucas *)type->tp_alloc(type, 0);
    if (self == NULL)
        goto done;
    enum core_status status =
        core_lucas_new(coef, (size_t)coef_count, vals, (size_t)vals_count, &self->sequence);
    if (status != CORE_OK) {
        self->sequence = NULL;
        core_failure(status);
        Py_CLEAR(self);
    }
done:
    PyMem_Free(coef);
    PyMem_Free(vals);
    return (PyObject *)self;
}

static void lucas_dealloc(PyObject *self)
{
    core_lucas_free(((lucas *)self)->sequence);
    Py_TYPE(self)->tp_free(self);
}

static PyObject *lucas_next(PyObject *self)
{
    int64_t term;
    enum core_status status = core_lucas_next(((lucas *)self)->sequence, &term);
    if (status != CORE_OK)
        return core_failure(status);
    return PyLong_FromLongLong(term);
}

static PyTypeObject lucas_type = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "handwritten.LucasIter",
    .tp_basicsize = sizeof(lucas),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
    .tp_new = lucas_new,
    .tp_dealloc = lucas_dealloc,
    .tp_iter = PyObject_SelfIter,
    .tp_iternext = lucas_next,
};

/* ---- the module ------------------------------------------------------------------------------ */

static PyMethodDef functions[] = {
    {"noop", noop, METH_NOARGS, NULL},
    {"fact", fact, METH_O, NULL},
    {"add", FASTCALL(add), METH_FASTCALL, NULL},
    {"hypot", FASTCALL(hypotenuse), METH_FASTCALL, NULL},
    {"eight", FASTCALL(eight), METH_FASTCALL, NULL},
    {"text_length", text_length, METH_O, NULL},
    {"greeting", greeting, METH_NOARGS, NULL},
    {"sum", sum, METH_O, NULL},
    {"fail", fail, METH_O, NULL},
    {"seconds_before", FASTCALL(seconds_before), METH_FASTCALL, NULL},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = "handwritten",
    .m_size = -1,
    .m_methods = functions,
};

PyMODINIT_FUNC PyInit_handwritten(void);

PyMODINIT_FUNC PyInit_handwritten(void)
{
    PyDateTime_IMPORT;
    if (PyDateTimeAPI == NULL)
        return NULL;
    PyObject *module = PyModule_Create(&definition);
    if (module == NULL)
        return NULL;
    refused = PyErr_NewException("handwritten.Refused", NULL, NULL);
    if (refused == NULL || PyModule_AddObjectRef(module, "Refused", refused) < 0 ||
        PyModule_AddType(module, &point_type) < 0 || PyModule_AddType(module, &lucas_type) < 0) {
        Py_DECREF(module);
        return NULL;
    }
    return module;
}
