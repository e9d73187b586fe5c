/* cast.c - ffi.cast. */
#include "cdata.h"

cdata *cast(ctype *Py_UNUSED(type), PyObject *Py_UNUSED(value))
{
    PyErr_SetString(PyExc_NotImplementedError, "cast");
    return NULL;
}
