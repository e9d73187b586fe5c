/* ctype.c - C types as Python objects. */
#include "cdata.h"

ctype *ctype_primitive(ffi_state *Py_UNUSED(state), sb_primitive Py_UNUSED(primitive))
{
    PyErr_SetString(PyExc_NotImplementedError, "ctype_primitive");
    return NULL;
}

ctype *ctype_pointer(ctype *Py_UNUSED(to))
{
    PyErr_SetString(PyExc_NotImplementedError, "ctype_pointer");
    return NULL;
}

ctype *ctype_array(ctype *Py_UNUSED(of), Py_ssize_t Py_UNUSED(length))
{
    PyErr_SetString(PyExc_NotImplementedError, "ctype_array");
    return NULL;
}

ctype *ctype_function(ctype *Py_UNUSED(result), ctype *const *Py_UNUSED(parameters), Py_ssize_t Py_UNUSED(count), bool Py_UNUSED(variadic), sb_description *Py_UNUSED(description), sb_type_id Py_UNUSED(id))
{
    PyErr_SetString(PyExc_NotImplementedError, "ctype_function");
    return NULL;
}

ctype *ctype_record(ffi_state *Py_UNUSED(state), sb_kind Py_UNUSED(kind), const char *Py_UNUSED(name))
{
    PyErr_SetString(PyExc_NotImplementedError, "ctype_record");
    return NULL;
}

int ctype_fill(ctype *Py_UNUSED(record), bool Py_UNUSED(must))
{
    PyErr_SetString(PyExc_NotImplementedError, "ctype_fill");
    return -1;
}

cfield *ctype_field(ctype *Py_UNUSED(record), PyObject *Py_UNUSED(name))
{
    return NULL;
}

PyObject *ctype_spell(const ctype *Py_UNUSED(type), const char *Py_UNUSED(inside))
{
    PyErr_SetString(PyExc_NotImplementedError, "ctype_spell");
    return NULL;
}

Py_ssize_t ctype_array_size(const ctype *Py_UNUSED(array), Py_ssize_t Py_UNUSED(length))
{
    PyErr_SetString(PyExc_NotImplementedError, "ctype_array_size");
    return -1;
}
