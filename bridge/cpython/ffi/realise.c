/* realise.c - ctypes from the types of a description. */
#include "cdata.h"

ctype *realise(ffi_object *Py_UNUSED(ffi), sb_type_id Py_UNUSED(id))
{
    PyErr_SetString(PyExc_NotImplementedError, "realise");
    return NULL;
}
