/* cdata.c - C values as Python objects: their kinds and lifetimes. */
#include "cdata.h"

cdata *cdata_new(ctype *Py_UNUSED(type), char *Py_UNUSED(address))
{
    PyErr_SetString(PyExc_NotImplementedError, "cdata_new");
    return NULL;
}

cdata *cdata_new_array(ctype *Py_UNUSED(type), char *Py_UNUSED(address), Py_ssize_t Py_UNUSED(length))
{
    PyErr_SetString(PyExc_NotImplementedError, "cdata_new_array");
    return NULL;
}

cdata *cdata_new_view(ctype *Py_UNUSED(type), char *Py_UNUSED(address), Py_ssize_t Py_UNUSED(length), PyObject *Py_UNUSED(owner))
{
    PyErr_SetString(PyExc_NotImplementedError, "cdata_new_view");
    return NULL;
}

cdata *cdata_new_owning(ctype *Py_UNUSED(type), Py_ssize_t Py_UNUSED(size), Py_ssize_t Py_UNUSED(length))
{
    PyErr_SetString(PyExc_NotImplementedError, "cdata_new_owning");
    return NULL;
}
