/* callback.c - Python functions as C function pointers, for FFI. */
#include "cdata.h"

PyObject *callback_new(ctype *Py_UNUSED(function), PyObject *Py_UNUSED(callable), PyObject *Py_UNUSED(error), PyObject *Py_UNUSED(on_error))
{
    PyErr_SetString(PyExc_NotImplementedError, "callback_new");
    return NULL;
}
