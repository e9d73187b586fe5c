/* variadic.c - functions whose declaration ends in "...".
 *
 * The types of such arguments are those of the values passed, so each call is planned anew. */
#include "call.h"

/* ---- variadic calls ------------------------------------------------------------------------------------------ */

/* The type of a variadic argument, after C's default promotions: an int is a long long (which any
 * narrower conversion of printf and its like reads correctly where registers are 64 bits wide), a
 * float a double, str and bytes pointers to their NUL-terminated bytes, None a null pointer. */
static int variadic_argument(const plan *p, PyObject *value, sb_type_id *type, uint64_t *bits)
{
    const sb_description *d = p->b->d;
    if (PyFloat_Check(value)) {
        double number = PyFloat_AS_DOUBLE(value);
        *type = sb_primitive_type(d, SB_PRIM_DOUBLE);
        memcpy(bits, &number, sizeof number);
        return 0;
    }
    if (PyLong_Check(value) || PyIndex_Check(value)) {
        *type = sb_primitive_type(d, SB_PRIM_LLONG);
        if (scalar_store_argument(OP_I64, value, bits) == 0)
            return 0;
        if (!PyErr_ExceptionMatches(PyExc_OverflowError))
            return -1;
        PyErr_Clear();
        *type = sb_primitive_type(d, SB_PRIM_ULLONG);
        return scalar_store_argument(OP_U64, value, bits);
    }
    const char *pointer = NULL;
    if (PyUnicode_Check(value)) {
        Py_ssize_t length;
        pointer = PyUnicode_AsUTF8AndSize(value, &length);
        if (pointer == NULL)
            return -1;
        if (strlen(pointer) != (size_t)length) {
            PyErr_SetString(PyExc_ValueError, "embedded null character");
            return -1;
        }
    }
    else if (PyBytes_Check(value)) {
        pointer = PyBytes_AS_STRING(value);
    }
    else if (value != Py_None) {
        PyErr_Format(PyExc_TypeError,
                     "expected int, float, str, bytes or None for a variadic argument, got %s",
                     Py_TYPE(value)->tp_name);
        return -1;
    }
    *type = sb_primitive_type(d, SB_PRIM_UINTPTR);
    *bits = (uint64_t)(uintptr_t)pointer;
    return 0;
}

void *enter_variadic(void *self, void *args_, void *count_, void *kwnames, target *t)
{
    plan *p = (plan *)t;
    PyObject *const *args = args_;
    Py_ssize_t count = (Py_ssize_t)count_;
    if (kwnames != NULL && PyTuple_GET_SIZE(kwnames) > 0) {
        PyErr_Format(PyExc_TypeError, "%s() takes no keyword arguments, being variadic",
                     p->def.ml_name);
        return NULL;
    }
    Py_ssize_t extra = count - p->visible_count;
    if (extra < 0) {
        PyErr_Format(PyExc_TypeError, "%s() takes at least %d argument%s (%zd given)",
                     p->def.ml_name, (int)p->visible_count, p->visible_count == 1 ? "" : "s",
                     count);
        return NULL;
    }
    if (extra > MAX_ARGUMENTS - p->step_count) {
        PyErr_Format(PyExc_TypeError, "%s() takes at most %d arguments (%zd given)", p->def.ml_name,
                     MAX_ARGUMENTS, count);
        return NULL;
    }
    sb_type_ref types[MAX_ARGUMENTS];
    uint64_t bits[MAX_ARGUMENTS];
    for (Py_ssize_t i = 0; i < extra; i++) {
        types[i].description = p->b->d;
        if (variadic_argument(p, args[p->visible_count + i], &types[i].type, &bits[i]) < 0) {
            error_prefix("%s() argument %zd: ", p->def.ml_name, p->visible_count + i + 1);
            return NULL;
        }
    }
    sb_call *call;
    sb_error error;
    if (sb_call_plan(p->b->d, p->f->type, types, (size_t)extra, 0, &call, &error) != SB_OK) {
        PyErr_Format(PyExc_NotImplementedError, "%s() cannot be called so: %s", p->def.ml_name,
                     error.message);
        return NULL;
    }
    PyObject *result = NULL;
    unsigned char *block = PyMem_RawCalloc(1, call->block_size);
    if (block == NULL) {
        PyErr_NoMemory();
    }
    else {
        for (Py_ssize_t i = 0; i < extra; i++)
            memcpy(block + call->args[p->step_count + i].offset, &bits[i], sizeof bits[i]);
        result = call_general(p, call, self, args, block);
        PyMem_RawFree(block);
    }
    sb_call_free(call);
    return result;
}
