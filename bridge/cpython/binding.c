/* binding.c - the life of a binding, and the names under which its things are found. */
#include "bridge.h"
#include "namespace.h"

void binding_retain(binding *b)
{
    __atomic_add_fetch(&b->count, 1, __ATOMIC_RELAXED);
}

void binding_release(binding *b)
{
    if (b == NULL || __atomic_sub_fetch(&b->count, 1, __ATOMIC_ACQ_REL) != 0)
        return;
    const sb_description *d = b->d;
    for (uint32_t i = 0; b->classes != NULL && i < d->class_count; i++)
        if (b->classes[i] != NULL)
            class_free(b->classes[i]);
    for (uint32_t i = 0; b->plans != NULL && i < d->function_count; i++)
        if (b->plans[i] != NULL)
            plan_free(b->plans[i]);
    for (uint32_t i = 0; b->enums != NULL && i < d->enum_count; i++)
        PyMem_RawFree(b->enums[i]);
    PyMem_RawFree(b->classes);
    PyMem_RawFree(b->plans);
    PyMem_RawFree(b->enums);
    PyMem_RawFree(b->exceptions);
    PyMem_RawFree(b->modules);
    PyMem_RawFree(b->addresses);
    sb_library_release(b->library);
    sb_description_release(b->d);
    PyMem_RawFree(b);
}

/* A table of n null pointers; never of size 0. */
static void *new_table(uint32_t n)
{
    return PyMem_RawCalloc((size_t)n + 1, sizeof(void *));
}

binding *binding_new(PyObject *extension, sb_description *d, sb_library *library)
{
    binding *b = PyMem_RawCalloc(1, sizeof *b);
    if (b == NULL) {
        sb_library_release(library);
        sb_description_release(d);
        PyErr_NoMemory();
        return NULL;
    }
    b->count = 1;
    b->state = PyModule_GetState(extension);
    b->extension = Py_NewRef(extension);
    b->d = d;
    b->library = library;
    b->addresses = new_table(d->address_count);
    b->modules = new_table(d->scope_count);
    b->plans = new_table(d->function_count);
    b->classes = new_table(d->class_count);
    b->enums = new_table(d->enum_count);
    b->exceptions = new_table(d->exception_count);
    if (!b->addresses || !b->modules || !b->plans || !b->classes || !b->enums || !b->exceptions) {
        Py_CLEAR(b->extension);
        binding_release(b);
        PyErr_NoMemory();
        return NULL;
    }
    return b;
}

int binding_traverse(binding *b, visitproc visit, void *arg)
{
    const sb_description *d = b->d;
    Py_VISIT(b->extension);
    for (uint32_t i = 1; i < d->scope_count; i++)
        Py_VISIT(b->modules[i]);
    for (uint32_t i = 0; i < d->class_count; i++) {
        int status = b->classes[i] == NULL ? 0 : class_traverse(b->classes[i], visit, arg);
        if (status != 0)
            return status;
    }
    for (uint32_t i = 0; i < d->enum_count; i++) {
        if (b->enums[i] != NULL) {
            Py_VISIT(b->enums[i]->type);
            Py_VISIT(b->enums[i]->by_value);
        }
    }
    for (uint32_t i = 0; i < d->exception_count; i++)
        Py_VISIT(b->exceptions[i]);
    return 0;
}

void binding_clear(binding *b)
{
    const sb_description *d = b->d;
    b->root = NULL;
    for (uint32_t i = 1; i < d->scope_count; i++)
        Py_CLEAR(b->modules[i]);
    for (uint32_t i = 0; i < d->class_count; i++)
        if (b->classes[i] != NULL)
            class_clear(b->classes[i]);
    for (uint32_t i = 0; i < d->enum_count; i++) {
        if (b->enums[i] != NULL) {
            Py_CLEAR(b->enums[i]->type);
            Py_CLEAR(b->enums[i]->by_value);
        }
    }
    for (uint32_t i = 0; i < d->exception_count; i++)
        Py_CLEAR(b->exceptions[i]);
    Py_CLEAR(b->module_name);
    Py_CLEAR(b->path);
    Py_CLEAR(b->extension);
}

/* ---- names ---------------------------------------------------------------------------------------- */

/* The nearest scope that is a module. */
static uint32_t module_scope(binding *b, uint32_t scope)
{
    while (b->d->scopes[scope].class_index != SB_NONE)
        scope = b->d->scopes[scope].parent;
    return scope;
}

PyObject *binding_module_name(binding *b, uint32_t scope)
{
    scope = module_scope(b, scope);
    if (b->module_name == NULL) {
        PyErr_SetString(PyExc_RuntimeError, "the module is being torn down");
        return NULL;
    }
    PyObject *name = Py_NewRef(b->module_name);
    uint32_t path[SB_MAX_NESTING];
    int depth = 0;
    for (; scope != 0 && depth < SB_MAX_NESTING; scope = b->d->scopes[scope].parent)
        path[depth++] = scope;
    while (name != NULL && depth > 0) {
        const char *part = sb_string(b->d, b->d->scopes[path[--depth]].name);
        Py_SETREF(name, PyUnicode_FromFormat("%U.%s", name, part));
    }
    return name;
}

PyObject *binding_qualified_name(binding *b, uint32_t scope, const char *name)
{
    PyObject *qualified = PyUnicode_FromString(name);
    while (qualified != NULL && b->d->scopes[scope].class_index != SB_NONE) {
        const char *part = sb_string(b->d, b->d->scopes[scope].name);
        Py_SETREF(qualified, PyUnicode_FromFormat("%s.%U", part, qualified));
        scope = b->d->scopes[scope].parent;
    }
    return qualified;
}

PyObject *binding_module(binding *b, uint32_t scope)
{
    scope = module_scope(b, scope);
    if (b->root == NULL) {
        PyErr_SetString(PyExc_RuntimeError, "the module is being torn down");
        return NULL;
    }
    if (scope == 0)
        return b->root;
    if (b->modules[scope] == NULL)
        b->modules[scope] = namespace_new(b, scope);
    return b->modules[scope];
}
