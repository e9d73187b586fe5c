/* function.c - calling C functions through FFI. */
#include "cdata.h"

PyObject *cdata_call(PyObject *Py_UNUSED(self), PyObject *Py_UNUSED(args), PyObject *Py_UNUSED(kwargs))
{
    PyErr_SetString(PyExc_NotImplementedError, "cdata_call");
    return NULL;
}

PyObject *cdata_vectorcall(PyObject *Py_UNUSED(self), PyObject *const *Py_UNUSED(args), size_t Py_UNUSED(count), PyObject *Py_UNUSED(kwnames))
{
    PyErr_SetString(PyExc_NotImplementedError, "cdata_vectorcall");
    return NULL;
}

cdata *function_new(ctype *Py_UNUSED(function), void *Py_UNUSED(address), PyObject *Py_UNUSED(owner))
{
    PyErr_SetString(PyExc_NotImplementedError, "function_new");
    return NULL;
}

void function_plan_free(struct function_plan *Py_UNUSED(plan))
{
}

int saved_errno_get(void)
{
    return 0;
}

void saved_errno_set(int Py_UNUSED(value))
{
}
