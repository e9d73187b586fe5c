/* integer.h - the shortest way from a Python int to a machine integer.
 *
 * Most ints are small enough for one digit; those are read in place. Everything else (big ints,
 * bools, __index__) takes the ordinary way in scalar.c. */
#ifndef SYMBRIDGE_CPYTHON_INTEGER_H
#define SYMBRIDGE_CPYTHON_INTEGER_H

#include <Python.h>
#include <stdbool.h>
#include <stdint.h>

/* True, with the value, when o is exactly an int of one digit. */
static inline bool integer_small(PyObject *o, int64_t *value)
{
    if (!PyLong_CheckExact(o))
        return false;
#if PY_VERSION_HEX >= 0x030C0000
    if (!PyUnstable_Long_IsCompact((PyLongObject *)o))
        return false;
    *value = PyUnstable_Long_CompactValue((PyLongObject *)o);
#else
    Py_ssize_t size = Py_SIZE(o);
    if (size < -1 || size > 1)
        return false;
    *value = size == 0 ? 0 : size * (int64_t)((PyLongObject *)o)->ob_digit[0];
#endif
    return true;
}

#endif
