/* library.c - libraries that FFI opened. */
#include "cdata.h"

PyObject *library_open(ffi_object *Py_UNUSED(ffi), PyObject *Py_UNUSED(name), int Py_UNUSED(flags))
{
    PyErr_SetString(PyExc_NotImplementedError, "library_open");
    return NULL;
}

int library_close(PyObject *Py_UNUSED(library))
{
    PyErr_SetString(PyExc_NotImplementedError, "library_close");
    return -1;
}

PyObject *library_address(PyObject *Py_UNUSED(library), PyObject *Py_UNUSED(name))
{
    PyErr_SetString(PyExc_NotImplementedError, "library_address");
    return NULL;
}
