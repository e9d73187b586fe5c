/* copying.c - pickle and copy.
 *
 * A record without pointers is pickled as _rebuild(class, values), with the instance's own __dict__
 * and __slots__ as state where a Python subclass has them. Records with unions are pickled as their
 * bytes. What holds pointers into C memory cannot be pickled.
 */
#include "classes.h"

/* The type to make again: views give objects that hold their record. */
static PyTypeObject *type_to_make(class_record *c, PyObject *self)
{
    return view_check(self) ? c->type : Py_TYPE(self);
}

/* ---- pickle ------------------------------------------------------------------------------------------------ */

/* Numbers for enum members, so that pickles need no more than the class. */
static PyObject *plain_value(const field_record *f, place *at, char *record)
{
    at->copy = true;
    PyObject *value = field_get(f, at, record);
    if (value != NULL && PyLong_Check(value) && !PyLong_CheckExact(value) && !PyBool_Check(value))
        Py_SETREF(value, PyNumber_Long(value));
    return value;
}

static PyObject *plain_values(class_record *c, PyObject *self)
{
    place at;
    char *record = place_of(c, self, &at);
    if (record == NULL)
        return NULL;
    if (c->has_union)
        return PyBytes_FromStringAndSize(record, (Py_ssize_t)c->size);
    place_hold(&at, true);
    PyObject *values = PyTuple_New((Py_ssize_t)c->field_count);
    for (uint32_t i = 0; values != NULL && i < c->field_count; i++) {
        PyObject *value = plain_value(&c->fields[i], &at, record);
        if (value == NULL)
            Py_CLEAR(values);
        else
            PyTuple_SET_ITEM(values, (Py_ssize_t)i, value);
    }
    place_hold(&at, false);
    return values;
}

static COLD PyObject *cannot(const char *what, PyObject *self)
{
    return PyErr_Format(PyExc_TypeError,
                        "cannot %s '%s' object: it holds a pointer into C memory", what,
                        Py_TYPE(self)->tp_name);
}

PyObject *object_reduce(PyObject *self, PyObject *unused)
{
    (void)unused;
    class_record *c = class_of_type(Py_TYPE(self));
    if (c->c->flags & SB_CLASS_OPAQUE || c->has_pointers)
        return cannot("pickle", self);
    PyObject *values = plain_values(c, self);
    PyObject *state = values == NULL ? NULL : PyObject_CallMethod(self, "__getstate__", NULL);
    PyObject *reduced = NULL;
    if (state != NULL) {
        PyObject *type = (PyObject *)type_to_make(c, self), *rebuild = c->b->state->rebuild;
        reduced = state == Py_None ? Py_BuildValue("O(OO)", rebuild, type, values)
                                   : Py_BuildValue("O(OO)O", rebuild, type, values, state);
    }
    Py_XDECREF(values);
    Py_XDECREF(state);
    return reduced;
}

static int restore_fields(class_record *c, PyObject *self, PyObject *values)
{
    place at;
    char *record = place_of(c, self, &at);
    if (record == NULL)
        return -1;
    if (PyBytes_Check(values) && c->has_union &&
        PyBytes_GET_SIZE(values) == (Py_ssize_t)c->size) {
        memcpy(record, PyBytes_AS_STRING(values), c->size);
        return 0;
    }
    if (!PyTuple_Check(values) || c->has_union ||
        PyTuple_GET_SIZE(values) != (Py_ssize_t)c->field_count) {
        PyErr_Format(PyExc_ValueError, "the pickle is not of this version of %s", class_name(c));
        return -1;
    }
    for (uint32_t i = 0; i < c->field_count; i++)
        if (field_set(&c->fields[i], &at, record, PyTuple_GET_ITEM(values, i)) < 0)
            return error_prefix("%s.%s: ", class_name(c),
                                sb_string(c->b->d, c->fields[i].f->value.py_name));
    return 0;
}

PyObject *record_rebuild(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
    (void)module;
    if (count != 2 || !PyType_Check(args[0])) {
        PyErr_SetString(PyExc_TypeError, "_rebuild() takes a class and its fields' values");
        return NULL;
    }
    PyTypeObject *type = (PyTypeObject *)args[0];
    class_record *c = class_of_type(type);
    if (c == NULL || c->c->flags & SB_CLASS_OPAQUE || c->has_pointers) {
        PyErr_Format(PyExc_TypeError, "%s is not the class of a described record without pointers",
                     type->tp_name);
        return NULL;
    }
    PyObject *self = record_new(c, type, NULL);
    if (self != NULL && restore_fields(c, self, args[1]) < 0)
        Py_CLEAR(self);
    return self;
}

/* ---- copy ---------------------------------------------------------------------------------------------------- */

static PyObject *copy_record(PyObject *self)
{
    class_record *c = class_of_type(Py_TYPE(self));
    place from, at;
    char *source = place_of(c, self, &from);
    if (source == NULL)
        return NULL;
    place_hold(&from, true);
    PyObject *made = record_new(c, type_to_make(c, self), c->has_pointers ? NULL : source);
    if (made != NULL && c->has_pointers) {
        char *record = place_of(c, made, &at);
        if (keep_copy(&at, record, &from, source, c->size) < 0)
            Py_CLEAR(made);
    }
    place_hold(&from, false);
    return made;
}

static int set_attributes(PyObject *made, PyObject *attributes)
{
    Py_ssize_t position = 0;
    PyObject *name, *value;
    if (!PyDict_Check(attributes))
        return 0;
    while (PyDict_Next(attributes, &position, &name, &value))
        if (PyObject_SetAttr(made, name, value) < 0)
            return -1;
    return 0;
}

/* Gives the copy what __getstate__ said, as pickle would. */
static int restore_state(PyObject *made, PyObject *state)
{
    if (state == Py_None)
        return 0;
    PyObject *restore = NULL;
    if (PyObject_HasAttrString(made, "__setstate__")) {
        restore = PyObject_CallMethod(made, "__setstate__", "O", state);
        Py_XDECREF(restore);
        return restore == NULL ? -1 : 0;
    }
    PyObject *dict = state, *slots = NULL;
    if (PyTuple_Check(state) && PyTuple_GET_SIZE(state) == 2) {
        dict = PyTuple_GET_ITEM(state, 0);
        slots = PyTuple_GET_ITEM(state, 1);
    }
    if (dict != Py_None) {
        PyObject *own = PyObject_GetAttrString(made, "__dict__");
        int status = own == NULL ? -1 : PyDict_Update(own, dict);
        Py_XDECREF(own);
        if (status < 0)
            return -1;
    }
    return slots == NULL ? 0 : set_attributes(made, slots);
}

static PyObject *state_of(PyObject *self)
{
    return PyObject_CallMethod(self, "__getstate__", NULL);
}

PyObject *record_copy(PyObject *self, PyObject *unused)
{
    (void)unused;
    class_record *c = class_of_type(Py_TYPE(self));
    PyObject *made = copy_record(self);
    if (made == NULL || Py_TYPE(made) == c->type)
        return made;
    PyObject *state = state_of(self);
    if (state == NULL || restore_state(made, state) < 0)
        Py_CLEAR(made);
    Py_XDECREF(state);
    return made;
}

/* copy.deepcopy(state, memo), with the copy in the memo first: the state may refer to self. */
static PyObject *deep_state(PyObject *self, PyObject *made, PyObject *memo)
{
    PyObject *state = state_of(self);
    PyObject *key = state == NULL ? NULL : PyLong_FromVoidPtr(self);
    PyObject *module = NULL, *deep = NULL;
    if (key != NULL && PyObject_SetItem(memo, key, made) == 0)
        module = PyImport_ImportModule("copy");
    if (module != NULL)
        deep = PyObject_CallMethod(module, "deepcopy", "OO", state, memo);
    Py_XDECREF(module);
    Py_XDECREF(key);
    Py_XDECREF(state);
    return deep;
}

PyObject *record_deepcopy(PyObject *self, PyObject *memo)
{
    class_record *c = class_of_type(Py_TYPE(self));
    if (c->has_pointers)
        return cannot("deepcopy", self);
    PyObject *made = copy_record(self);
    if (made == NULL || Py_TYPE(made) == c->type)
        return made;
    PyObject *state = deep_state(self, made, memo);
    if (state == NULL || restore_state(made, state) < 0)
        Py_CLEAR(made);
    Py_XDECREF(state);
    return made;
}
