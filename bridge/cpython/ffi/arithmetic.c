/* arithmetic.c - pointer arithmetic, numbers, comparison and hashing of C values. */
#include "cdata.h"

PyObject *cdata_add(PyObject *Py_UNUSED(a), PyObject *Py_UNUSED(b))
{
    PyErr_SetString(PyExc_NotImplementedError, "cdata_add");
    return NULL;
}

PyObject *cdata_subtract(PyObject *Py_UNUSED(a), PyObject *Py_UNUSED(b))
{
    PyErr_SetString(PyExc_NotImplementedError, "cdata_subtract");
    return NULL;
}

int cdata_bool(PyObject *Py_UNUSED(self))
{
    PyErr_SetString(PyExc_NotImplementedError, "cdata_bool");
    return 0;
}

PyObject *cdata_int(PyObject *Py_UNUSED(self))
{
    PyErr_SetString(PyExc_NotImplementedError, "cdata_int");
    return NULL;
}

PyObject *cdata_float(PyObject *Py_UNUSED(self))
{
    PyErr_SetString(PyExc_NotImplementedError, "cdata_float");
    return NULL;
}

PyObject *cdata_complex(PyObject *Py_UNUSED(self), PyObject *Py_UNUSED(unused))
{
    PyErr_SetString(PyExc_NotImplementedError, "cdata_complex");
    return NULL;
}

Py_hash_t cdata_hash(PyObject *Py_UNUSED(self))
{
    PyErr_SetString(PyExc_NotImplementedError, "cdata_hash");
    return -1;
}

PyObject *cdata_compare(PyObject *Py_UNUSED(a), PyObject *Py_UNUSED(b), int Py_UNUSED(operator))
{
    PyErr_SetString(PyExc_NotImplementedError, "cdata_compare");
    return NULL;
}
