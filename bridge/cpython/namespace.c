/* namespace.c - described modules as Python modules.
 *
 * Each scope that is a module becomes a true module object. Its members are made at first use, by a
 * __getattr__ in its dictionary (PEP 562), and then live in the dictionary. CPython caches module
 * attributes at their call sites only for modules without a __getattr__; so a module of ordinary
 * size makes the rest of its members too when the first is asked for, and drops its __getattr__.
 * Larger ones stay lazy. Members that must be read anew each time (global variables that change)
 * are served by the module's class, see variable.c.
 */
#include "namespace.h"

/* Members up to which a module settles at first use. Making one takes a microsecond or so. */
#define SETTLE_LIMIT 512

typedef struct module_state {
    binding *b;
    uint32_t scope;
    PyObject *root; /* strong; NULL in the root itself */
} module_state;

static int module_traverse(PyObject *module, visitproc visit, void *arg)
{
    module_state *m = PyModule_GetState(module);
    if (m == NULL || m->b == NULL)
        return 0;
    Py_VISIT(m->root);
    return m->root == NULL && m->scope == 0 ? binding_traverse(m->b, visit, arg) : 0;
}

static int module_clear(PyObject *module)
{
    module_state *m = PyModule_GetState(module);
    if (m == NULL || m->b == NULL)
        return 0;
    if (m->scope == 0)
        binding_clear(m->b);
    Py_CLEAR(m->root);
    return 0;
}

static void module_free(void *module)
{
    module_state *m = PyModule_GetState(module);
    if (m == NULL || m->b == NULL)
        return;
    binding *b = m->b;
    module_clear(module);
    m->b = NULL;
    binding_release(b);
}

static PyModuleDef_Slot module_slots[] = {
#if PY_VERSION_HEX >= 0x030C0000
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
#endif
#if PY_VERSION_HEX >= 0x030D0000
    {Py_mod_gil, Py_MOD_GIL_USED}, /* see module.c */
#endif
    {0, NULL},
};

static PyModuleDef module_def = {
    PyModuleDef_HEAD_INIT,
    .m_name = "described",
    .m_size = sizeof(module_state),
    .m_slots = module_slots,
    .m_traverse = module_traverse,
    .m_clear = module_clear,
    .m_free = module_free,
};

binding *module_binding(PyObject *module, uint32_t *scope)
{
    if (!PyModule_Check(module) || PyModule_GetDef(module) != &module_def)
        return NULL;
    module_state *m = PyModule_GetState(module);
    if (m == NULL || m->b == NULL)
        return NULL;
    *scope = m->scope;
    return m->b;
}

/* ---- members ------------------------------------------------------------------------------------------ */

static PyObject *realise_function(binding *b, uint32_t scope, const sb_member *m)
{
    PyObject *module = binding_module(b, scope);
    plan *p = module == NULL ? NULL : plan_get(b, m->index);
    PyObject *name = p == NULL ? NULL : binding_module_name(b, scope);
    if (name == NULL)
        return NULL;
    PyObject *function = stub_builtin(b, p, module, name);
    Py_DECREF(name);
    return function;
}

static PyObject *realise_constant(binding *b, const sb_member *m)
{
    if (m->other != SB_NONE) {
        const sb_enumerator *e = &b->d->enumerators[m->other];
        return PyLong_FromLongLong(e->value);
    }
    return constant_to_python(b->d, &b->d->declarations[m->index].constant);
}

PyObject *member_realise(binding *b, uint32_t scope, const sb_member *m)
{
    switch ((sb_member_kind)m->kind) {
    case SB_MEMBER_FUNCTION:
        return realise_function(b, scope, m);
    case SB_MEMBER_CONSTANT:
        return realise_constant(b, m);
    case SB_MEMBER_VARIABLE:
        return variable_get(b, m->index, m->other);
    case SB_MEMBER_CLASS: {
        class_record *c = class_get(b, m->index);
        if (c != NULL && c->type == NULL) { /* asked for by Python code that runs for its making */
            PyErr_Format(PyExc_RuntimeError, "class %s is being made", sb_string(b->d, m->name));
            return NULL;
        }
        return c == NULL ? NULL : Py_NewRef(c->type);
    }
    case SB_MEMBER_ENUM: {
        enum_record *e = enum_get(b, m->index);
        return e == NULL ? NULL : Py_NewRef(e->type);
    }
    case SB_MEMBER_EXCEPTION: {
        PyObject *exception = exception_get(b, m->index);
        return exception == NULL ? NULL : Py_NewRef(exception);
    }
    case SB_MEMBER_SCOPE: {
        PyObject *module = binding_module(b, m->index);
        return module == NULL ? NULL : Py_NewRef(module);
    }
    case SB_MEMBER_METHOD:
    case SB_MEMBER_CLASS_METHOD:
    case SB_MEMBER_PROPERTY:
    case SB_MEMBER_FIELD:
        break; /* live in classes only */
    }
    PyErr_Format(PyExc_SystemError, "member '%s' cannot stand in a module",
                 sb_string(b->d, m->name));
    return NULL;
}

/* Whether the member's value may differ at each reading, so that no dictionary may hold it. */
static bool is_live(binding *b, const sb_member *m)
{
    return m->kind == SB_MEMBER_VARIABLE && !(b->d->declarations[m->index].quals & SB_CONST);
}

/* Whether the member is there: optional functions and variables may be missing in the library. */
static bool is_available(binding *b, const sb_member *m)
{
    if (m->kind == SB_MEMBER_FUNCTION)
        return b->addresses[b->d->functions[m->index].address] != NULL;
    if (m->kind == SB_MEMBER_VARIABLE)
        return b->addresses[m->other] != NULL;
    return true;
}

/* ---- __getattr__, __dir__ --------------------------------------------------------------------------------- */

static PyObject *member_names(binding *b, uint32_t scope)
{
    const sb_scope *s = &b->d->scopes[scope];
    PyObject *names = PyList_New(0);
    for (uint32_t i = 0; names != NULL && i < s->member_count; i++) {
        const sb_member *m = &b->d->members[s->first_member + i];
        if (!is_available(b, m))
            continue;
        PyObject *name = PyUnicode_FromString(sb_string(b->d, m->name));
        if (name == NULL || PyList_Append(names, name) < 0)
            Py_CLEAR(names);
        Py_XDECREF(name);
    }
    return names;
}

/* Makes a member and, unless it is live, puts it in the module's dictionary. New reference. */
static PyObject *member_fetch(binding *b, uint32_t scope, PyObject *module, const sb_member *m)
{
    PyObject *value = member_realise(b, scope, m);
    if (value != NULL && !is_live(b, m) &&
        PyDict_SetItemString(PyModule_GetDict(module), sb_string(b->d, m->name), value) < 0)
        Py_CLEAR(value);
    return value;
}

/* Makes all members and removes __getattr__, when nothing will need it any more. */
static int settle(binding *b, uint32_t scope, PyObject *module)
{
    const sb_scope *s = &b->d->scopes[scope];
    PyObject *dict = PyModule_GetDict(module);
    bool lazy = s->member_count > SETTLE_LIMIT;
    if (lazy)
        return 0;
    for (uint32_t i = 0; i < s->member_count; i++) {
        const sb_member *m = &b->d->members[s->first_member + i];
        const char *name = sb_string(b->d, m->name);
        if (is_live(b, m) || !is_available(b, m)) {
            lazy = true;
            continue;
        }
        if (PyDict_GetItemString(dict, name) != NULL)
            continue;
        PyObject *value = member_fetch(b, scope, module, m);
        if (value == NULL) {
            if (!PyErr_ExceptionMatches(PyExc_NotImplementedError))
                return -1;
            PyErr_Clear(); /* raised again for whoever asks for this one */
            lazy = true;
        }
        Py_XDECREF(value);
    }
    if (!lazy && PyDict_GetItemString(dict, "__all__") == NULL) {
        PyObject *names = member_names(b, scope);
        if (names == NULL || PyDict_SetItemString(dict, "__all__", names) < 0) {
            Py_XDECREF(names);
            return -1;
        }
        Py_DECREF(names);
    }
    if (!lazy && PyDict_GetItemString(dict, "__getattr__") != NULL)
        return PyDict_DelItemString(dict, "__getattr__");
    return 0;
}

static PyObject *namespace_getattr(PyObject *module, PyObject *name)
{
    uint32_t scope;
    binding *b = module_binding(module, &scope);
    const char *wanted = PyUnicode_Check(name) ? PyUnicode_AsUTF8(name) : NULL;
    if (wanted == NULL && PyErr_Occurred())
        return NULL;
    if (b != NULL && b->root != NULL && wanted != NULL) {
        const sb_member *m = sb_scope_find(b->d, scope, wanted);
        if (m != NULL) {
            PyObject *value = member_fetch(b, scope, module, m);
            if (value == NULL) {
                if (!is_available(b, m) && PyErr_ExceptionMatches(PyExc_NotImplementedError)) {
                    PyObject *type, *reason, *traceback;
                    PyErr_Fetch(&type, &reason, &traceback);
                    PyErr_Format(PyExc_AttributeError, "%S", reason);
                    Py_XDECREF(type);
                    Py_XDECREF(reason);
                    Py_XDECREF(traceback);
                }
                return NULL;
            }
            if (settle(b, scope, module) < 0)
                Py_CLEAR(value);
            return value;
        }
        if (strcmp(wanted, "__all__") == 0)
            return member_names(b, scope);
    }
    PyObject *of = PyModule_GetNameObject(module);
    if (of == NULL) { /* deleted, or no str */
        PyErr_Clear();
        return PyErr_Format(PyExc_AttributeError, "module has no attribute %R", name);
    }
    PyErr_Format(PyExc_AttributeError, "module '%U' has no attribute '%S'", of, name);
    Py_DECREF(of);
    return NULL;
}

static PyObject *namespace_dir(PyObject *module, PyObject *Py_UNUSED(unused))
{
    uint32_t scope;
    binding *b = module_binding(module, &scope);
    PyObject *names = PySet_New(PyModule_GetDict(module));
    PyObject *members = names == NULL || b == NULL ? NULL : member_names(b, scope);
    if (members != NULL) {
        PyObject *done = PyObject_CallMethod(names, "update", "O", members);
        Py_XDECREF(done);
        Py_DECREF(members);
    }
    static const char *const hidden[] = {"__getattr__", "__dir__", "__path__"};
    for (size_t i = 0; names != NULL && i < sizeof hidden / sizeof *hidden; i++) {
        PyObject *name = PyUnicode_FromString(hidden[i]);
        if (name != NULL)
            PySet_Discard(names, name);
        Py_XDECREF(name);
    }
    PyObject *list = names == NULL || PyErr_Occurred() ? NULL : PySequence_List(names);
    Py_XDECREF(names);
    return list;
}

static PyMethodDef namespace_methods[] = {
    {"__getattr__", namespace_getattr, METH_O, NULL},
    {"__dir__", namespace_dir, METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL},
};

/* ---- a module -------------------------------------------------------------------------------------------------- */

/* importlib's ModuleSpec(name, None), found without importing anything. */
static PyObject *new_spec(PyObject *name)
{
    PyObject *modules = PyImport_GetModuleDict();
    PyObject *importlib = PyDict_GetItemString(modules, "_frozen_importlib");
    if (importlib == NULL) {
        PyErr_SetString(PyExc_ImportError, "the import system is not there");
        return NULL;
    }
    return PyObject_CallMethod(importlib, "ModuleSpec", "OO", name, Py_None);
}

static int set_dict(PyObject *dict, const char *key, PyObject *value)
{
    int status = value == NULL ? -1 : PyDict_SetItemString(dict, key, value);
    Py_XDECREF(value);
    return status;
}

static bool has_submodules(binding *b, uint32_t scope)
{
    const sb_scope *s = &b->d->scopes[scope];
    for (uint32_t i = 0; i < s->member_count; i++)
        if (b->d->members[s->first_member + i].kind == SB_MEMBER_SCOPE)
            return true;
    return false;
}

bool namespace_has_variables(binding *b, uint32_t scope)
{
    const sb_scope *s = &b->d->scopes[scope];
    for (uint32_t i = 0; i < s->member_count; i++)
        if (is_live(b, &b->d->members[s->first_member + i]))
            return true;
    return false;
}

static int fill_module(binding *b, uint32_t scope, PyObject *module, PyObject *name)
{
    PyObject *dict = PyModule_GetDict(module);
    sb_text doc = b->d->scopes[scope].doc;
    if (scope == 0 && doc == 0)
        doc = b->d->doc;
    if (doc != 0 && PyModule_SetDocString(module, sb_string(b->d, doc)) < 0)
        return -1;
    if (has_submodules(b, scope) && set_dict(dict, "__path__", PyList_New(0)) < 0)
        return -1;
    for (PyMethodDef *def = namespace_methods; def->ml_name != NULL; def++)
        if (set_dict(dict, def->ml_name, PyCFunction_NewEx(def, module, name)) < 0)
            return -1;
    return namespace_has_variables(b, scope) ? module_use_variables(module, b, scope) : 0;
}

PyObject *namespace_new(binding *b, uint32_t scope)
{
    PyObject *module = NULL;
    PyObject *name = binding_module_name(b, scope);
    PyObject *spec = name == NULL ? NULL : new_spec(name);
    if (spec != NULL)
        module = PyModule_FromDefAndSpec(&module_def, spec);
    if (module != NULL && (set_dict(PyModule_GetDict(module), "__spec__", Py_NewRef(spec)) < 0 ||
                           PyModule_ExecDef(module, &module_def) < 0))
        Py_CLEAR(module);
    if (module == NULL) {
        if (scope == 0) {
            binding_clear(b);
            binding_release(b);
        }
    }
    else {
        module_state *m = PyModule_GetState(module);
        m->b = b;
        m->scope = scope;
        if (scope == 0) {
            b->root = module;
        }
        else {
            binding_retain(b);
            m->root = Py_NewRef(b->root);
        }
        if (fill_module(b, scope, module, name) < 0)
            Py_CLEAR(module);
    }
    Py_XDECREF(spec);
    Py_XDECREF(name);
    return module;
}
