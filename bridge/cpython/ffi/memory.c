/* memory.c - allocation and ownership. */
#include "cdata.h"

PyObject *memory_new(ctype *Py_UNUSED(type), PyObject *Py_UNUSED(initialiser))
{
    PyErr_SetString(PyExc_NotImplementedError, "memory_new");
    return NULL;
}

PyObject *memory_release(PyObject *Py_UNUSED(value))
{
    PyErr_SetString(PyExc_NotImplementedError, "memory_release");
    return NULL;
}

PyObject *memory_enter(PyObject *Py_UNUSED(value))
{
    PyErr_SetString(PyExc_NotImplementedError, "memory_enter");
    return NULL;
}

PyObject *memory_gc(PyObject *Py_UNUSED(value), PyObject *Py_UNUSED(destructor), Py_ssize_t Py_UNUSED(size))
{
    PyErr_SetString(PyExc_NotImplementedError, "memory_gc");
    return NULL;
}

PyObject *memory_new_handle(ffi_state *Py_UNUSED(state), PyObject *Py_UNUSED(object))
{
    PyErr_SetString(PyExc_NotImplementedError, "memory_new_handle");
    return NULL;
}

PyObject *memory_from_handle(ffi_state *Py_UNUSED(state), PyObject *Py_UNUSED(handle))
{
    PyErr_SetString(PyExc_NotImplementedError, "memory_from_handle");
    return NULL;
}

PyObject *memory_new_allocator(ffi_object *Py_UNUSED(ffi), PyObject *Py_UNUSED(allocate), PyObject *Py_UNUSED(free_function), bool Py_UNUSED(clear))
{
    PyErr_SetString(PyExc_NotImplementedError, "memory_new_allocator");
    return NULL;
}

PyObject *memory_move(ffi_state *Py_UNUSED(state), PyObject *Py_UNUSED(destination), PyObject *Py_UNUSED(source), Py_ssize_t Py_UNUSED(size))
{
    PyErr_SetString(PyExc_NotImplementedError, "memory_move");
    return NULL;
}
