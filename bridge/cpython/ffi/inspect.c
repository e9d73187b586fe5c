/* inspect.c - what ctypes and fields tell about themselves: kind, cname, item, fields, args ... */
#include "realise.h"

/* ---- ctypes ---------------------------------------------------------------------------------- */

static PyObject *no_such(const char *attribute)
{
    PyErr_SetString(PyExc_AttributeError, attribute);
    return NULL;
}

PyObject *ctype_repr(PyObject *self)
{
    return PyUnicode_FromFormat("<ctype '%s'>", ((ctype *)self)->name);
}

static PyObject *get_kind(PyObject *self, void *Py_UNUSED(closure))
{
    static const char *const names[] = {
        [SB_VOID] = "void",         [SB_BOOL] = "primitive",  [SB_CHAR] = "primitive",
        [SB_INT] = "primitive",     [SB_UINT] = "primitive",  [SB_WIDE] = "primitive",
        [SB_FLOAT] = "primitive",   [SB_COMPLEX] = "primitive", [SB_POINTER] = "pointer",
        [SB_ARRAY] = "array",       [SB_STRUCT] = "struct",   [SB_UNION] = "union",
        [SB_ENUM] = "enum",         [SB_FUNCTION] = "function",
    };
    return PyUnicode_InternFromString(names[((ctype *)self)->kind]);
}

static PyObject *get_cname(PyObject *self, void *Py_UNUSED(closure))
{
    return ctype_name((ctype *)self);
}

static PyObject *get_item(PyObject *self, void *Py_UNUSED(closure))
{
    ctype *type = (ctype *)self;
    return type->kind == SB_POINTER || type->kind == SB_ARRAY ? Py_NewRef((PyObject *)type->item)
                                                              : no_such("item");
}

static PyObject *get_length(PyObject *self, void *Py_UNUSED(closure))
{
    ctype *type = (ctype *)self;
    if (type->kind != SB_ARRAY)
        return no_such("length");
    return type->length < 0 ? Py_NewRef(Py_None) : PyLong_FromSsize_t(type->length);
}

static PyObject *get_fields(PyObject *self, void *Py_UNUSED(closure))
{
    ctype *type = (ctype *)self;
    if (!ctype_is_record(type))
        return no_such("fields");
    if (ctype_fill(type, false) < 0)
        return NULL;
    return type->fields == NULL ? Py_NewRef(Py_None) : PyDict_Items(type->fields);
}

static PyObject *get_args(PyObject *self, void *Py_UNUSED(closure))
{
    ctype *type = (ctype *)self;
    return type->kind == SB_FUNCTION ? Py_NewRef(type->parameters) : no_such("args");
}

static PyObject *get_result(PyObject *self, void *Py_UNUSED(closure))
{
    ctype *type = (ctype *)self;
    return type->kind == SB_FUNCTION ? Py_NewRef((PyObject *)type->item) : no_such("result");
}

static PyObject *get_ellipsis(PyObject *self, void *Py_UNUSED(closure))
{
    ctype *type = (ctype *)self;
    return type->kind == SB_FUNCTION ? PyBool_FromLong(type->flags & CTYPE_VARIADIC)
                                     : no_such("ellipsis");
}

static PyObject *get_abi(PyObject *self, void *Py_UNUSED(closure))
{
    return ((ctype *)self)->kind == SB_FUNCTION ? PyLong_FromLong(FFI_DEFAULT_CONVENTION)
                                                : no_such("abi");
}

static PyObject *get_elements(PyObject *self, void *Py_UNUSED(closure))
{
    ctype *type = (ctype *)self;
    return type->kind == SB_ENUM ? PyDict_Copy(type->elements) : no_such("elements");
}

static PyObject *get_relements(PyObject *self, void *Py_UNUSED(closure))
{
    ctype *type = (ctype *)self;
    return type->kind == SB_ENUM ? PyDict_Copy(type->enumerators) : no_such("relements");
}

PyGetSetDef ctype_getsets[] = {
    {"kind", get_kind, NULL, "what sort of type it is", NULL},
    {"cname", get_cname, NULL, "the type as C spells it", NULL},
    {"item", get_item, NULL, "pointer, array: what it points at or consists of", NULL},
    {"length", get_length, NULL, "array: its length, or None", NULL},
    {"fields", get_fields, NULL, "struct, union: list of (name, field), or None when opaque", NULL},
    {"args", get_args, NULL, "function: the types of its parameters", NULL},
    {"result", get_result, NULL, "function: the type of its result", NULL},
    {"ellipsis", get_ellipsis, NULL, "function: whether it takes more arguments", NULL},
    {"abi", get_abi, NULL, "function: libffi's number of its calling convention", NULL},
    {"elements", get_elements, NULL, "enum: names by value", NULL},
    {"relements", get_relements, NULL, "enum: values by name", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

/* The attributes that this kind of type has. */
static PyObject *ctype_dir(PyObject *self, PyObject *Py_UNUSED(unused))
{
    PyObject *names = PyList_New(0);
    for (const PyGetSetDef *each = ctype_getsets; names != NULL && each->name != NULL; each++) {
        PyObject *value = each->get(self, NULL), *name = NULL;
        if (value == NULL) {
            if (!PyErr_ExceptionMatches(PyExc_AttributeError)) {
                Py_DECREF(names);
                return NULL;
            }
            PyErr_Clear();
            continue;
        }
        Py_DECREF(value);
        name = PyUnicode_InternFromString(each->name);
        if (name == NULL || PyList_Append(names, name) < 0)
            Py_CLEAR(names);
        Py_XDECREF(name);
    }
    return names;
}

PyMethodDef ctype_methods[] = {
    {"__dir__", ctype_dir, METH_NOARGS, "__dir__($self, /)\n--\n\nThe attributes it has."},
    {NULL, NULL, 0, NULL},
};

/* ---- fields ---------------------------------------------------------------------------------- */

enum { EMPTY_ARRAY_SHIFT = -2 }; /* what cffi shows of an array without length, or of length 0 */

static PyObject *get_type(PyObject *self, void *Py_UNUSED(closure))
{
    return Py_NewRef((PyObject *)((cfield *)self)->type);
}

static PyObject *get_offset(PyObject *self, void *Py_UNUSED(closure))
{
    return PyLong_FromSsize_t(((cfield *)self)->offset);
}

static PyObject *get_bit_shift(PyObject *self, void *Py_UNUSED(closure))
{
    const cfield *field = (cfield *)self;
    bool empty = field->type->kind == SB_ARRAY && field->type->length <= 0;
    return PyLong_FromLong(empty ? EMPTY_ARRAY_SHIFT : field->bit_shift);
}

static PyObject *get_bit_size(PyObject *self, void *Py_UNUSED(closure))
{
    return PyLong_FromLong(((cfield *)self)->bit_size);
}

static PyObject *get_flags(PyObject *self, void *Py_UNUSED(closure))
{
    return PyLong_FromLong(((cfield *)self)->flags);
}

PyGetSetDef cfield_getsets[] = {
    {"type", get_type, NULL, "its ctype", NULL},
    {"offset", get_offset, NULL, "bytes from the start of the record", NULL},
    {"bitshift", get_bit_shift, NULL, "bit-field: its lowest bit; else negative", NULL},
    {"bitsize", get_bit_size, NULL, "bit-field: how many bits; else -1", NULL},
    {"flags", get_flags, NULL, "1: lists do not initialise it", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};
