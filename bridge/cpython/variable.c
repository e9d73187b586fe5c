/* variable.c - global variables of a library, and modules that serve them live.
 *
 * A variable that may change is never kept in a module's dictionary. Modules with such variables
 * are of a subclass of the module type, whose attribute access looks into the dictionary first,
 * then among the variables, then goes the ordinary way. */
#include "classes.h"

/* ---- one variable ---------------------------------------------------------------------------- */

/* A variable and its surroundings: what place.c needs to know of a C object. `c` is no class of the
 * description; it only leads to the binding. */
typedef struct variable {
    binding *b;
    const sb_declaration *declaration;
    const sb_type *type;
    char *p;
    bool constant;
    class_record c;
    place at;
} variable;

static bool is_record(const sb_type *t)
{
    return t->kind == SB_STRUCT || t->kind == SB_UNION;
}

/* What an array of arrays is made of, at last, and whether that is const. */
static const sb_type *innermost(const sb_description *d, const sb_type *t, bool *constant)
{
    while (t->kind == SB_ARRAY) {
        if (t->target_quals & SB_CONST)
            *constant = true;
        t = &d->types[t->target];
    }
    return t;
}

static int variable_find(binding *b, uint32_t declaration, uint32_t address, variable *v)
{
    const sb_description *d = b->d;
    memset(v, 0, sizeof *v);
    v->b = b;
    v->declaration = &d->declarations[declaration];
    v->type = &d->types[v->declaration->type];
    v->p = b->addresses[address];
    if (v->p == NULL) {
        PyErr_Format(PyExc_AttributeError,
                     "variable '%s' is optional and this library (%S) does not have it",
                     sb_string(d, v->declaration->name), b->path);
        return -1;
    }
    v->constant = v->declaration->quals & SB_CONST;
    const sb_type *element = innermost(d, v->type, &v->constant);
    v->c.b = b;
    v->at = (place){.c = &v->c, .owner = b->root, .readonly = v->constant};
    v->at.copy = v->constant && is_record(element);
    return 0;
}

static bool is_readonly(const variable *v)
{
    return v->constant ||
           sb_attribute_find(v->b->d, v->declaration->first_attribute,
                             v->declaration->attribute_count, SB_ATTR_READONLY) != NULL;
}

/* What a pointer variable points at: an object of a class where it has one. */
static PyObject *get_pointer(const variable *v)
{
    const sb_description *d = v->b->d;
    const sb_type *pointee = &d->types[v->type->target];
    char *pointer;
    memcpy(&pointer, v->p, sizeof pointer);
    if (pointer == NULL)
        Py_RETURN_NONE;
    if ((pointee->kind == SB_CHAR || pointee->kind == SB_WIDE) &&
        v->type->target_quals & SB_CONST)
        return text_get(d, pointee, NULL, pointer, SIZE_MAX);
    if (!is_record(pointee) || pointee->binding == SB_NONE)
        return PyLong_FromVoidPtr(pointer);
    class_record *c = class_get(v->b, pointee->binding);
    if (c == NULL)
        return NULL;
    if (c->c->flags & SB_CLASS_OPAQUE)
        return handle_new(c, NULL, pointer, v->b->root, false);
    if (c->c->flags & SB_CLASS_ADAPTED)
        return adapt_load(c, pointer);
    return v->type->target_quals & SB_CONST ? record_new(c, NULL, pointer)
                                            : record_view(c, pointer, v->b->root);
}

static PyObject *get_enum(const variable *v)
{
    PyObject *number = scalar_load(scalar_op(v->b->d, v->declaration->type), v->p);
    enum_record *e = number == NULL ? NULL : enum_get(v->b, v->type->binding);
    PyObject *member = NULL;
    if (e != NULL) {
        int64_t bits = e->scalar == OP_U64 ? (int64_t)PyLong_AsUnsignedLongLong(number)
                                           : PyLong_AsLongLong(number);
        member = enum_member(e, bits);
    }
    Py_XDECREF(number);
    return member;
}

PyObject *variable_get(binding *b, uint32_t declaration, uint32_t address)
{
    op code = scalar_op(b->d, b->d->declarations[declaration].type);
    const sb_type *t = &b->d->types[b->d->declarations[declaration].type];
    if (likely(code != OP_NONE && t->kind != SB_ENUM && t->kind != SB_POINTER &&
               b->addresses[address] != NULL))
        return scalar_load(code, b->addresses[address]);
    variable v;
    if (variable_find(b, declaration, address, &v) < 0)
        return NULL;
    if (t->kind == SB_POINTER)
        return get_pointer(&v);
    if (t->kind == SB_ENUM && t->binding != SB_NONE)
        return get_enum(&v);
    if ((is_record(t) && !(t->flags & SB_TYPE_COMPLETE)) || t->size == 0)
        return PyLong_FromVoidPtr(v.p); /* of unknown size: all there is to say is where */
    PyObject *value = value_get(&v.at, v.declaration->type, NULL, v.p);
    Py_XDECREF(v.c.window_type);
    return value;
}

/* ---- assignment ------------------------------------------------------------------------------ */

static COLD int refuse(const variable *v, const char *why)
{
    PyErr_Format(PyExc_AttributeError, "variable '%s' %s",
                 sb_string(v->b->d, v->declaration->name), why);
    return -1;
}

int variable_set(binding *b, uint32_t declaration, uint32_t address, PyObject *value)
{
    variable v;
    if (variable_find(b, declaration, address, &v) < 0)
        return -1;
    if (value == NULL)
        return refuse(&v, "belongs to the library and cannot be deleted");
    if (is_readonly(&v))
        return refuse(&v, v.constant ? "is const" : "is read-only");
    const sb_description *d = b->d;
    bool constant = false;
    const sb_type *element = innermost(d, v.type, &constant);
    bool address_only = element->kind == SB_POINTER;
    if (address_only) {
        const sb_type *pointee = &d->types[element->target];
        address_only = pointee->kind != SB_CHAR && pointee->kind != SB_WIDE && !is_record(pointee);
    }
    if (v.type->size == 0 || (element->kind == SB_POINTER && !address_only))
        return refuse(&v, "points at what only the library can keep alive; it cannot be assigned");
    if (is_record(element) && type_has_pointer(d, (sb_type_id)(element - d->types), true))
        return refuse(&v, "holds pointers, to what only the library can keep alive; assign to its "
                          "other fields");
    int status = 0;
    if (v.type->kind == SB_ENUM && v.type->binding != SB_NONE) {
        enum_record *e = enum_get(b, v.type->binding);
        status = e == NULL ? -1 : enum_check(e, value);
    }
    if (status == 0)
        status = value_set(&v.at, v.declaration->type, NULL, v.p, value);
    Py_XDECREF(v.c.window_type);
    if (status < 0)
        error_prefix("variable '%s': ", sb_string(d, v.declaration->name));
    return status;
}

/* ---- modules --------------------------------------------------------------------------------- */

/* The binding and scope whose variables a module serves: its own, or, for a Python package, those
 * of the native module kept in it. */
static binding *served_binding(PyObject *module, uint32_t *scope)
{
    binding *b = module_binding(module, scope);
    if (b != NULL)
        return b;
    PyObject *dict = PyModule_GetDict(module);
    PyObject *native = dict == NULL ? NULL : PyDict_GetItemString(dict, "__native__");
    return native == NULL ? NULL : module_binding(native, scope);
}

/* The variable of that name, or NULL without an exception. */
static const sb_member *find_variable(PyObject *module, PyObject *name, binding **b)
{
    uint32_t scope;
    if (!PyUnicode_Check(name))
        return NULL;
    *b = served_binding(module, &scope);
    if (*b == NULL || (*b)->root == NULL)
        return NULL;
    const char *wanted = PyUnicode_AsUTF8(name);
    if (wanted == NULL) {
        PyErr_Clear();
        return NULL;
    }
    const sb_member *m = sb_scope_find((*b)->d, scope, wanted);
    return m != NULL && m->kind == SB_MEMBER_VARIABLE ? m : NULL;
}

static PyObject *variables_getattro(PyObject *module, PyObject *name)
{
    PyObject *dict = PyModule_GetDict(module);
    PyObject *value = dict == NULL ? NULL : PyDict_GetItemWithError(dict, name);
    if (likely(value != NULL))
        return Py_NewRef(value);
    if (PyErr_Occurred())
        return NULL;
    binding *b;
    const sb_member *m = find_variable(module, name, &b);
    if (m == NULL || b->addresses[m->other] == NULL ||
        b->d->declarations[m->index].quals & SB_CONST)
        return PyModule_Type.tp_getattro(module, name);
    PyObject *root = Py_NewRef(b->root); /* a package may lose its native module meanwhile */
    value = variable_get(b, m->index, m->other);
    Py_DECREF(root);
    return value;
}

static int variables_setattro(PyObject *module, PyObject *name, PyObject *value)
{
    binding *b;
    const sb_member *m = find_variable(module, name, &b);
    if (m == NULL || b->addresses[m->other] == NULL)
        return PyModule_Type.tp_setattro(module, name, value);
    /* A name that a package defines itself is the package's own. */
    bool live = !(b->d->declarations[m->index].quals & SB_CONST);
    if (live && PyDict_Contains(PyModule_GetDict(module), name) > 0)
        return PyModule_Type.tp_setattro(module, name, value);
    PyObject *root = Py_NewRef(b->root); /* converting the value may run any Python code */
    int status = variable_set(b, m->index, m->other, value);
    Py_DECREF(root);
    return status;
}

static PyType_Slot variables_slots[] = {
    {Py_tp_getattro, (void *)variables_getattro},
    {Py_tp_setattro, (void *)variables_setattro},
    {Py_tp_doc, (void *)"A module that serves the global variables of a C library."},
    {0, NULL},
};

static PyType_Spec variables_spec = {
    .name = "symbridge._bridge.module",
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
    .slots = variables_slots,
};

int variables_type_create(bridge_state *state)
{
    PyObject *type = PyType_FromSpecWithBases(&variables_spec, (PyObject *)&PyModule_Type);
    if (type == NULL)
        return -1;
    state->variables_type = (PyTypeObject *)type;
    return 0;
}

int module_use_variables(PyObject *module, binding *b, uint32_t scope)
{
    (void)scope;
    return PyObject_SetAttrString(module, "__class__", (PyObject *)b->state->variables_type);
}
