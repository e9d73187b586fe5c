/* ffi.c - the FFI class. */
#include "cdata.h"

ctype *ffi_type_of(ffi_object *Py_UNUSED(ffi), PyObject *Py_UNUSED(named), unsigned Py_UNUSED(accept))
{
    PyErr_SetString(PyExc_NotImplementedError, "ffi_type_of");
    return NULL;
}

int ffi_state_init(PyObject *Py_UNUSED(module), bridge_state *Py_UNUSED(bridge))
{
    return 0;
}

int ffi_state_traverse(ffi_state *Py_UNUSED(state), visitproc Py_UNUSED(visit), void *Py_UNUSED(arg))
{
    return 0;
}

void ffi_state_clear(ffi_state *Py_UNUSED(state))
{
}
