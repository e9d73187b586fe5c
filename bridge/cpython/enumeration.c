/* enumeration.c - described enums as enum.IntEnum and enum.IntFlag.
 *
 * A class is made at the enum's first use, through the functional API that any Python program could
 * use, so that it is an ordinary enum class: iteration, aliases, pickling, documentation. Members
 * are found by value in a dict beside it. */
#include "bridge.h"

/* ---- building a class ------------------------------------------------------------------------ */

/* IntEnum or IntFlag; borrowed. */
static PyObject *base_class(bridge_state *state, bool flags)
{
    PyObject **slot = flags ? &state->int_flag : &state->int_enum;
    if (*slot == NULL) {
        PyObject *module = PyImport_ImportModule("enum");
        PyObject *found = module == NULL
                              ? NULL
                              : PyObject_GetAttrString(module, flags ? "IntFlag" : "IntEnum");
        Py_XDECREF(module);
        if (*slot == NULL)
            *slot = found;
        else
            Py_XDECREF(found);
    }
    return *slot;
}

static PyObject *value_to_python(const enum_record *e, int64_t bits)
{
    return e->scalar == OP_U64 ? PyLong_FromUnsignedLongLong((uint64_t)bits)
                               : PyLong_FromLongLong(bits);
}

/* The member's name, changed where enum classes forbid it: "mro", and "_so_" or "__so__". */
static PyObject *member_name(const char *name)
{
    size_t length = strlen(name);
    if (strcmp(name, "mro") == 0)
        return PyUnicode_FromString("mro_");
    if (name[0] == '_' && name[length - 1] == '_')
        return PyUnicode_FromFormat("c%s", name);
    return PyUnicode_FromString(name);
}

/* [(name, value), ...] in the order of the text. */
static PyObject *member_list(const enum_record *e)
{
    const sb_description *d = e->b->d;
    const sb_type *t = &d->types[e->e->type];
    PyObject *members = PyList_New(0);
    for (uint32_t i = 0; members != NULL && i < t->count; i++) {
        const sb_enumerator *row = &d->enumerators[t->first + i];
        if (row->py_name == 0) /* hidden */
            continue;
        PyObject *name = member_name(sb_string(d, row->py_name));
        PyObject *value = name == NULL ? NULL : value_to_python(e, row->value);
        PyObject *pair = value == NULL ? NULL : PyTuple_Pack(2, name, value);
        if (pair == NULL || PyList_Append(members, pair) < 0)
            Py_CLEAR(members);
        Py_XDECREF(pair);
        Py_XDECREF(value);
        Py_XDECREF(name);
    }
    return members;
}

/* cls(name, members, module=..., qualname=...) */
static PyObject *call_base(const enum_record *e, PyObject *members)
{
    const sb_description *d = e->b->d;
    const char *name = sb_string(d, e->e->name);
    if (name[0] == '\0')
        name = sb_string(d, d->types[e->e->type].name);
    if (name[0] == '\0')
        name = "enum";
    PyObject *base = base_class(e->b->state, e->e->is_flags);
    PyObject *args = base == NULL ? NULL : Py_BuildValue("(sO)", name, members);
    PyObject *module = args == NULL ? NULL : binding_module_name(e->b, e->e->scope);
    PyObject *qualified = module == NULL ? NULL : binding_qualified_name(e->b, e->e->scope, name);
    PyObject *kwargs = NULL, *type = NULL;
    if (qualified != NULL)
        kwargs = Py_BuildValue("{sOsO}", "module", module, "qualname", qualified);
    if (kwargs != NULL)
        type = PyObject_Call(base, args, kwargs);
    Py_XDECREF(kwargs);
    Py_XDECREF(qualified);
    Py_XDECREF(module);
    Py_XDECREF(args);
    return type;
}

static int set_doc(PyObject *o, const sb_description *d, sb_text doc)
{
    if (doc == 0)
        return 0;
    PyObject *text = PyUnicode_FromString(sb_string(d, doc));
    int status = text == NULL ? -1 : PyObject_SetAttrString(o, "__doc__", text);
    Py_XDECREF(text);
    return status;
}

/* Members by value, each with its enumerator's documentation. Aliases lead to the first. */
static int index_members(enum_record *e)
{
    const sb_description *d = e->b->d;
    const sb_type *t = &d->types[e->e->type];
    int status = 0;
    for (uint32_t i = 0; status == 0 && i < t->count; i++) {
        const sb_enumerator *row = &d->enumerators[t->first + i];
        if (row->py_name == 0)
            continue;
        PyObject *key = value_to_python(e, row->value);
        PyObject *member = key == NULL ? NULL : PyObject_CallOneArg(e->type, key);
        int known = member == NULL ? -1 : PyDict_Contains(e->by_value, key);
        if (known == 0)
            known = PyDict_SetItem(e->by_value, key, member) < 0 ? -1
                                                                  : set_doc(member, d, row->doc);
        status = known < 0 ? -1 : 0;
        Py_XDECREF(member);
        Py_XDECREF(key);
    }
    return status;
}

static int build(enum_record *e)
{
    const sb_description *d = e->b->d;
    const sb_type *t = &d->types[e->e->type];
    PyObject *members = member_list(e);
    if (members == NULL)
        return -1;
    e->type = call_base(e, members);
    Py_DECREF(members);
    if (e->type == NULL)
        return -1;
    sb_text doc = t->decl == SB_NONE ? 0 : d->declarations[t->decl].doc;
    if (set_doc(e->type, d, doc) < 0)
        return -1;
    e->by_value = PyDict_New();
    return e->by_value == NULL ? -1 : index_members(e);
}

/* ---- what other files use -------------------------------------------------------------------- */

static enum_record *discard(enum_record *e)
{
    Py_XDECREF(e->type);
    Py_XDECREF(e->by_value);
    PyMem_RawFree(e);
    return NULL;
}

enum_record *enum_get(binding *b, uint32_t index)
{
    if (b->enums[index] != NULL)
        return b->enums[index];
    enum_record *e = PyMem_RawCalloc(1, sizeof *e);
    if (e == NULL) {
        PyErr_NoMemory();
        return NULL;
    }
    e->b = b;
    e->e = &b->d->enums[index];
    e->scalar = scalar_op(b->d, e->e->type);
    if (build(e) < 0)
        return discard(e);
    if (b->enums[index] != NULL) /* by another thread, while Python code ran */
        discard(e);
    else
        b->enums[index] = e;
    return b->enums[index];
}

PyObject *enum_member(enum_record *e, int64_t bits)
{
    PyObject *value = value_to_python(e, bits);
    if (value == NULL || e->by_value == NULL)
        return value;
    PyObject *member = PyDict_GetItemWithError(e->by_value, value);
    if (likely(member != NULL)) {
        Py_DECREF(value);
        return Py_NewRef(member);
    }
    if (PyErr_Occurred()) {
        Py_DECREF(value);
        return NULL;
    }
    if (!e->e->is_flags)
        return value;
    member = PyObject_CallOneArg(e->type, value); /* a set of flags */
    if (member == NULL && PyErr_ExceptionMatches(PyExc_ValueError)) {
        PyErr_Clear();
        return value;
    }
    Py_DECREF(value);
    return member;
}

/* Whether o is an instance of enum.IntEnum or enum.IntFlag. */
static bool is_enum_member(const bridge_state *state, PyObject *o)
{
    return (state->int_enum != NULL &&
            PyObject_TypeCheck(o, (PyTypeObject *)state->int_enum)) ||
           (state->int_flag != NULL && PyObject_TypeCheck(o, (PyTypeObject *)state->int_flag));
}

int enum_check(enum_record *e, PyObject *value)
{
    if (PyLong_CheckExact(value) || (PyObject *)Py_TYPE(value) == e->type || e->type == NULL ||
        !PyLong_Check(value) || !is_enum_member(e->b->state, value))
        return 0;
    PyErr_Format(PyExc_TypeError, "expected %s or int, got %R",
                 ((PyTypeObject *)e->type)->tp_name, value);
    return -1;
}
