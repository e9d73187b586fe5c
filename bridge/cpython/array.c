/* array.c - elements of arrays, and arrays in C memory as Python objects. */
#include "array.h"

/* ---- elements -------------------------------------------------------------------------------- */

static bool is_record(const sb_type *t)
{
    return t->kind == SB_STRUCT || t->kind == SB_UNION;
}

static int unsupported(const element *e, const char *why)
{
    char spelling[256];
    sb_type_spell(e->b->d, e->v->value_type, 0, NULL, spelling, sizeof spelling);
    PyErr_Format(PyExc_NotImplementedError, "'%s' (line %u of the description): an array of %s: %s",
                 sb_string(e->b->d, e->v->name), (unsigned)e->v->line, spelling, why);
    return -1;
}

static int element_of_record(element *e, const sb_type *record, bool pointer)
{
    if (record->binding == SB_NONE)
        return unsupported(e, "a record without a name has no class");
    e->c = class_get(e->b, record->binding);
    if (e->c == NULL)
        return -1;
    bool adapted = e->c->c->flags & SB_CLASS_ADAPTED;
    if (pointer && adapted)
        return unsupported(e, "pointers to adapted records cannot cross; use an array of records");
    e->kind = pointer ? ELEMENT_POINTER : adapted ? ELEMENT_ADAPTED : ELEMENT_RECORD;
    return 0;
}

int element_of(binding *b, const sb_value *v, element *e)
{
    const sb_description *d = b->d;
    const sb_type *t = &d->types[v->value_type];
    *e = (element){.kind = ELEMENT_SCALAR, .size = (size_t)t->size, .b = b, .v = v, .type = t};
    if (is_record(t))
        return element_of_record(e, t, false);
    e->code = scalar_op(d, v->value_type);
    if (e->code == OP_NONE || e->size == 0)
        return unsupported(e, "no such elements can cross");
    if (t->kind == SB_ENUM && t->binding != SB_NONE) {
        e->kind = ELEMENT_ENUM;
        e->e = enum_get(b, t->binding);
        return e->e == NULL ? -1 : 0;
    }
    if (v->flags & SB_VALUE_STRING_ELEMENTS) {
        e->kind = ELEMENT_STRING;
    }
    else if (t->kind == SB_POINTER) {
        const sb_type *pointee = &d->types[t->target];
        if (is_record(pointee) && pointee->binding != SB_NONE)
            return element_of_record(e, pointee, true);
    }
    return 0;
}

void element_name(const element *e, char *name, size_t capacity)
{
    const sb_description *d = e->b->d;
    switch (e->kind) {
    case ELEMENT_RECORD:
    case ELEMENT_POINTER:
        snprintf(name, capacity, "%s", sb_string(d, e->c->c->name));
        return;
    case ELEMENT_ADAPTED:
        snprintf(name, capacity, "%s", sb_string(d, e->c->c->adapt));
        return;
    case ELEMENT_STRING:
        snprintf(name, capacity, "%s", e->v->flags & SB_VALUE_BYTES ? "bytes" : "str");
        return;
    case ELEMENT_ENUM:
    case ELEMENT_SCALAR:
        sb_type_spell(d, e->v->value_type, 0, NULL, name, capacity);
    }
}

static PyObject *load_enum(const element *e, const char *p)
{
    PyObject *number = scalar_load(e->code, p);
    if (number == NULL)
        return NULL;
    int64_t bits = e->code == OP_U64 ? (int64_t)PyLong_AsUnsignedLongLong(number)
                                     : PyLong_AsLongLong(number);
    Py_DECREF(number);
    return enum_member(e->e, bits);
}

PyObject *element_load(const element *e, const char *p, PyObject *owner)
{
    const sb_description *d = e->b->d;
    char *pointer;
    switch (e->kind) {
    case ELEMENT_SCALAR:
        return scalar_load(e->code, p);
    case ELEMENT_ENUM:
        return load_enum(e, p);
    case ELEMENT_RECORD:
        return record_new(e->c, NULL, p);
    case ELEMENT_ADAPTED:
        return adapt_load(e->c, p);
    case ELEMENT_POINTER:
    case ELEMENT_STRING:
        break;
    }
    memcpy(&pointer, p, sizeof pointer);
    if (pointer == NULL)
        Py_RETURN_NONE;
    if (e->kind == ELEMENT_STRING)
        return text_decode(d, e->v, &d->types[e->type->target], pointer, strlen(pointer));
    if (e->c->c->flags & SB_CLASS_OPAQUE)
        return handle_new(e->c, NULL, pointer, owner, false);
    return owner != NULL ? record_view(e->c, pointer, owner) : record_new(e->c, NULL, pointer);
}

/* ---- whole arrays ---------------------------------------------------------------------------- */

bool element_is_text(const element *e)
{
    if (e->kind != ELEMENT_SCALAR || e->v->flags & SB_VALUE_BYTES)
        return false;
    switch (e->code) {
    case OP_CHAR:
    case OP_WIDE16:
    case OP_WIDE32:
        return true;
    case OP_U8: /* bytes, unless [[string]] says otherwise */
        return true;
    case OP_I8:
        return e->v->encoding != 0 ||
               sb_attribute_find(e->b->d, e->v->first_attribute, e->v->attribute_count,
                                 SB_ATTR_STRING) != NULL;
    default:
        return false;
    }
}

/* The commonest numbers are made here, the others one call further down. */
static PyObject *list_of_numbers(const element *e, const char *p, Py_ssize_t n)
{
    PyObject *list = PyList_New(n);
    for (Py_ssize_t i = 0; list != NULL && i < n; i++, p += e->size) {
        PyObject *item;
        double number;
        int64_t integer;
        switch (e->code) {
        case OP_DOUBLE:
            memcpy(&number, p, sizeof number);
            item = PyFloat_FromDouble(number);
            break;
        case OP_I64:
            memcpy(&integer, p, sizeof integer);
            item = PyLong_FromLongLong(integer);
            break;
        default:
            item = scalar_load(e->code, p);
        }
        if (item == NULL)
            Py_CLEAR(list);
        else
            PyList_SET_ITEM(list, i, item);
    }
    return list;
}

static PyObject *list_of_others(const element *e, const char *p, Py_ssize_t n, PyObject *owner)
{
    PyObject *list = PyList_New(n);
    for (Py_ssize_t i = 0; list != NULL && i < n; i++) {
        PyObject *item = element_load(e, p + (size_t)i * e->size, owner);
        if (item == NULL) {
            error_prefix("item %zd: ", i);
            Py_CLEAR(list);
        }
        else {
            PyList_SET_ITEM(list, i, item);
        }
    }
    return list;
}

static PyObject *list_of(const element *e, const char *p, Py_ssize_t n, PyObject *owner)
{
    if (e->kind == ELEMENT_SCALAR)
        return list_of_numbers(e, p, n);
    bool runs_python = e->kind == ELEMENT_ENUM ||
                       (e->kind == ELEMENT_ADAPTED && !adapt_is_native(e->c));
    if (!runs_python)
        return list_of_others(e, p, n, owner);
    /* From a copy: Python code may close what the memory belongs to. */
    char *copy = PyMem_Malloc((size_t)n * e->size + 1);
    if (copy == NULL)
        return PyErr_NoMemory();
    memcpy(copy, p, (size_t)n * e->size);
    PyObject *list = list_of_others(e, copy, n, owner);
    PyMem_Free(copy);
    return list;
}

PyObject *array_to_python(const element *e, const char *p, size_t n, PyObject *owner)
{
    if (n > (size_t)PY_SSIZE_T_MAX / e->size) {
        PyErr_Format(PyExc_OverflowError, "C reported %zu elements of %zu bytes", n, e->size);
        return NULL;
    }
    if (e->v->flags & SB_VALUE_BYTES && e->kind == ELEMENT_SCALAR)
        return PyBytes_FromStringAndSize(p, (Py_ssize_t)n);
    if (element_is_text(e))
        return text_decode(e->b->d, e->v, e->type, p, n);
    return list_of(e, p, (Py_ssize_t)n, owner);
}

size_t array_count_to_zero(const element *e, const char *p)
{
    static const char zeros[64];
    size_t n = 0;
    for (;; n++, p += e->size) {
        size_t at = 0;
        while (at < e->size) {
            size_t part = e->size - at < sizeof zeros ? e->size - at : sizeof zeros;
            if (memcmp(p + at, zeros, part) != 0)
                break;
            at += part;
        }
        if (at >= e->size)
            return n;
    }
}

/* ---- choosing -------------------------------------------------------------------------------- */

const converter *array_converter(binding *b, const sb_value *v, bool is_result)
{
    element e;
    if (element_of(b, v, &e) < 0)
        return NULL;
    if (v->flags & SB_VALUE_SHOWN)
        return is_result ? &array_shown_result : &array_shown_out;
    if (is_result)
        return &array_result;
    if (v->direction != SB_IN)
        return v->flags & SB_VALUE_CALLEE_ALLOCATED ? &array_callee_out : &array_out;
    if (v->flags & SB_VALUE_DICT_KEYS)
        return &array_dict_in;
    if (v->flags & SB_VALUE_DICT_VALUES)
        return &array_partner_in;
    if (v->flags & SB_VALUE_ZERO_TERMINATED)
        return &array_terminated_in;
    if (b->d->types[b->d->types[v->type].target].kind == SB_VOID)
        return &array_bytes_in;
    if (e.kind == ELEMENT_SCALAR || e.kind == ELEMENT_ENUM)
        return array_numbers_in(e.code);
    return &array_records_in;
}
