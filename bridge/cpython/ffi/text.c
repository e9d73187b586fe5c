/* text.c - ffi.string and ffi.unpack. */
#include "cdata.h"

PyObject *text_string(PyObject *Py_UNUSED(value), Py_ssize_t Py_UNUSED(most))
{
    PyErr_SetString(PyExc_NotImplementedError, "text_string");
    return NULL;
}

PyObject *text_unpack(PyObject *Py_UNUSED(value), Py_ssize_t Py_UNUSED(length))
{
    PyErr_SetString(PyExc_NotImplementedError, "text_unpack");
    return NULL;
}
