/* convert.c - single values between Python and memory. */
#include "cdata.h"

PyObject *convert_load(ctype *Py_UNUSED(type), const char *Py_UNUSED(source), PyObject *Py_UNUSED(owner))
{
    PyErr_SetString(PyExc_NotImplementedError, "convert_load");
    return NULL;
}

PyObject *convert_load_bits(const cfield *Py_UNUSED(field), const char *Py_UNUSED(source))
{
    PyErr_SetString(PyExc_NotImplementedError, "convert_load_bits");
    return NULL;
}

int convert_store(ctype *Py_UNUSED(type), char *Py_UNUSED(destination), PyObject *Py_UNUSED(value))
{
    PyErr_SetString(PyExc_NotImplementedError, "convert_store");
    return -1;
}

int convert_store_bits(const cfield *Py_UNUSED(field), char *Py_UNUSED(destination), PyObject *Py_UNUSED(value))
{
    PyErr_SetString(PyExc_NotImplementedError, "convert_store_bits");
    return -1;
}

int convert_store_field(const cfield *Py_UNUSED(field), char *Py_UNUSED(record), PyObject *Py_UNUSED(value))
{
    PyErr_SetString(PyExc_NotImplementedError, "convert_store_field");
    return -1;
}

int convert_pointer(ctype *Py_UNUSED(pointer), PyObject *Py_UNUSED(value), char **Py_UNUSED(out))
{
    PyErr_SetString(PyExc_NotImplementedError, "convert_pointer");
    return -1;
}

int convert_expected(const ctype *Py_UNUSED(type), const char *Py_UNUSED(expected), PyObject *Py_UNUSED(got))
{
    PyErr_SetString(PyExc_NotImplementedError, "convert_expected");
    return -1;
}

int convert_integer(PyObject *Py_UNUSED(value), int64_t *Py_UNUSED(low), bool *Py_UNUSED(negative_or_large))
{
    PyErr_SetString(PyExc_NotImplementedError, "convert_integer");
    return -1;
}
