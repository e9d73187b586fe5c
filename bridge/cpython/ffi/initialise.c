/* initialise.c - arrays and records from Python values. */
#include "cdata.h"

int initialise_array(ctype *Py_UNUSED(array), char *Py_UNUSED(destination), Py_ssize_t Py_UNUSED(length), PyObject *Py_UNUSED(value))
{
    PyErr_SetString(PyExc_NotImplementedError, "initialise_array");
    return -1;
}

int initialise_record(ctype *Py_UNUSED(record), char *Py_UNUSED(destination), Py_ssize_t Py_UNUSED(size), PyObject *Py_UNUSED(value))
{
    PyErr_SetString(PyExc_NotImplementedError, "initialise_record");
    return -1;
}

Py_ssize_t initialise_length(ctype *Py_UNUSED(array), PyObject *Py_UNUSED(value), PyObject **Py_UNUSED(fill))
{
    PyErr_SetString(PyExc_NotImplementedError, "initialise_length");
    return -1;
}

Py_ssize_t initialise_record_size(ctype *Py_UNUSED(record), PyObject *Py_UNUSED(value))
{
    PyErr_SetString(PyExc_NotImplementedError, "initialise_record_size");
    return -1;
}
