/* buffer.c - ffi.buffer and ffi.from_buffer. */
#include "cdata.h"

PyObject *buffer_new(ffi_state *Py_UNUSED(state), PyObject *Py_UNUSED(value), Py_ssize_t Py_UNUSED(size))
{
    PyErr_SetString(PyExc_NotImplementedError, "buffer_new");
    return NULL;
}

PyObject *buffer_from(ctype *Py_UNUSED(array), PyObject *Py_UNUSED(exporter), bool Py_UNUSED(require_writable))
{
    PyErr_SetString(PyExc_NotImplementedError, "buffer_from");
    return NULL;
}
