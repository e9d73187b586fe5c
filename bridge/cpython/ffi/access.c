/* access.c - items, slices, fields and iteration of C values. */
#include "cdata.h"

PyObject *cdata_subscript(PyObject *Py_UNUSED(self), PyObject *Py_UNUSED(key))
{
    PyErr_SetString(PyExc_NotImplementedError, "cdata_subscript");
    return NULL;
}

int cdata_assign_subscript(PyObject *Py_UNUSED(self), PyObject *Py_UNUSED(key), PyObject *Py_UNUSED(value))
{
    PyErr_SetString(PyExc_NotImplementedError, "cdata_assign_subscript");
    return -1;
}

Py_ssize_t cdata_length(PyObject *Py_UNUSED(self))
{
    PyErr_SetString(PyExc_NotImplementedError, "cdata_length");
    return -1;
}

PyObject *cdata_iterate(PyObject *Py_UNUSED(self))
{
    PyErr_SetString(PyExc_NotImplementedError, "cdata_iterate");
    return NULL;
}

PyObject *cdata_getattr(PyObject *Py_UNUSED(self), PyObject *Py_UNUSED(name))
{
    PyErr_SetString(PyExc_NotImplementedError, "cdata_getattr");
    return NULL;
}

int cdata_setattr(PyObject *Py_UNUSED(self), PyObject *Py_UNUSED(name), PyObject *Py_UNUSED(value))
{
    PyErr_SetString(PyExc_NotImplementedError, "cdata_setattr");
    return -1;
}
