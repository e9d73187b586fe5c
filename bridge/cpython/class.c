/* class.c - described records as Python types.
 *
 * A type is made at the class's first use, by PyType_FromModuleAndSpec with what a hand-written
 * extension would pass: slots, a method table, a getset table. The tables lie in C memory of the
 * class_record, which lives as long as the binding and so longer than the type.
 */
#include <stdatomic.h>
#include <time.h>

#include "classes.h"

static Py_ssize_t align_up(Py_ssize_t n, Py_ssize_t alignment)
{
    return (n + alignment - 1) / alignment * alignment;
}

class_record *class_of_type(PyTypeObject *type)
{
    for (; type != NULL; type = type->tp_base)
        if (type->tp_methods != NULL && type->tp_methods[0].ml_meth == object_reduce)
            return class_of_exact(type);
    return NULL;
}

bool class_is_family(class_record *c, PyObject *o)
{
    return Py_TYPE(o) == c->type || class_of_type(Py_TYPE(o)) == c;
}

/* ---- layout ---------------------------------------------------------------------------------------- */

static uint32_t family_root(const sb_description *d, uint32_t index)
{
    while (d->classes[index].base != SB_NONE)
        index = d->classes[index].base;
    return index;
}

static int layout_value_class(class_record *c)
{
    const sb_description *d = c->b->d;
    uint32_t root = family_root(d, c->index), alignment = 1;
    bool kept = false;
    for (uint32_t i = 0; i < d->class_count; i++) {
        const sb_class *other = &d->classes[i];
        if (other->flags & (SB_CLASS_OPAQUE | SB_CLASS_ADAPTED) || family_root(d, i) != root)
            continue;
        if (d->types[other->type].align > alignment)
            alignment = d->types[other->type].align;
        kept |= type_has_pointer(d, other->type, false);
    }
    if (c->record->size > INT32_MAX / 2) {
        PyErr_Format(PyExc_NotImplementedError, "%s is too large for an object: %llu bytes",
                     class_name(c), (unsigned long long)c->record->size);
        return -1;
    }
    if (alignment > 16) {
        PyErr_Format(PyExc_NotImplementedError,
                     "%s needs an alignment of %u bytes; Python objects are aligned to 16",
                     class_name(c), (unsigned)alignment);
        return -1;
    }
    c->size = (uint32_t)c->record->size;
    c->has_pointers = type_has_pointer(d, c->c->type, true);
    c->kept_offset = kept ? KEPT_OFFSET : 0;
    c->payload = (Py_ssize_t)sizeof(PyObject) + (kept ? (Py_ssize_t)sizeof(PyObject *) : 0);
    c->payload = align_up(c->payload, (Py_ssize_t)alignment);
    return 0;
}

/* At least a byte: CPython tells by the size which of several bases has the layout. */
static Py_ssize_t value_basicsize(const class_record *c)
{
    Py_ssize_t size = c->size == 0 ? 1 : (Py_ssize_t)c->size;
    return align_up(c->payload + size, (Py_ssize_t)_Alignof(PyObject));
}

/* What the functions of a description do with handles of one class. */
enum handle_use {
    USE_SLOW = 1 << 0,     /* a call that releases the GIL takes it, or an array of it */
    USE_BORROWED = 1 << 1, /* a call, or a field, gives it without ownership */
    USE_CONSUMED = 1 << 2, /* a call takes it over */
    USE_OWNER = 1 << 3     /* results of a call must not outlive it */
};

static unsigned value_use(const class_record *c, const sb_function *f, const sb_value *v)
{
    const sb_type *element = v->passing == SB_PASS_ARRAY ? class_type(c, v->value_type) : NULL;
    if (element != NULL && element->kind == SB_POINTER && element->target == c->c->type)
        return v->direction == SB_IN ? USE_SLOW : USE_BORROWED; /* held while others are converted */
    if (v->passing != SB_PASS_REFERENCE || v->value_type != c->c->type)
        return 0;
    unsigned use = 0;
    if (v->direction != SB_OUT && v != &f->result) {
        if (!(f->flags & SB_FUNCTION_QUICK) && f->role != SB_ROLE_DESTRUCTOR)
            use |= USE_SLOW;
        if (v->flags & SB_VALUE_CONSUMED)
            use |= USE_CONSUMED;
        if (v->flags & SB_VALUE_KEEPS)
            use |= USE_OWNER;
    }
    else if (!(v->flags & SB_VALUE_OWNED) && f->role != SB_ROLE_CONSTRUCTOR) {
        use |= USE_BORROWED;
    }
    return use;
}

static unsigned handle_uses(const class_record *c)
{
    const sb_description *d = c->b->d;
    unsigned use = 0;
    for (uint32_t i = 0; i < d->function_count; i++) {
        const sb_function *f = &d->functions[i];
        for (uint32_t k = 0; k < f->param_count; k++)
            use |= value_use(c, f, &d->params[f->first_param + k]);
        use |= value_use(c, f, &f->result);
    }
    for (uint32_t i = 0; i < d->field_count; i++) {
        const sb_value *v = &d->fields[i].value;
        if (v->passing == SB_PASS_REFERENCE && v->value_type == c->c->type)
            use |= USE_BORROWED;
    }
    for (uint32_t i = 0; i < d->param_count; i++) { /* what callbacks are given */
        const sb_value *v = &d->params[i];
        if (v->flags & SB_VALUE_OF_CALLBACK && v->value_type == c->c->type)
            use |= USE_BORROWED;
    }
    return use;
}

static void layout_opaque_class(class_record *c)
{
    unsigned use = handle_uses(c);
    bool destroyed = c->c->destructor != SB_NONE;
    bool closes = destroyed || use & USE_CONSUMED;
    Py_ssize_t end = (Py_ssize_t)sizeof(PyObject);
    c->payload = end;
    end += (Py_ssize_t)sizeof(void *);
    if (c->c->flags & SB_CLASS_KEEPS) {
        c->owner_offset = end;
        end += (Py_ssize_t)sizeof(PyObject *);
    }
    if ((closes && use & USE_SLOW) || (destroyed && use & USE_BORROWED)) {
        c->state_offset = end;
        end += (Py_ssize_t)sizeof(handle_state);
    }
    if (closes && use & USE_OWNER) {
        c->keeper_offset = end;
        end += (Py_ssize_t)sizeof(keeper_state);
    }
    if (destroyed && use & USE_OWNER) {
        end = align_up(end, (Py_ssize_t)_Alignof(void *));
        c->deferred_offset = end;
        end += (Py_ssize_t)sizeof(void *);
    }
    if (c->c->flags & SB_CLASS_HOLDS) {
        end = align_up(end, (Py_ssize_t)_Alignof(void *));
        c->callbacks_offset = end;
    }
}

static Py_ssize_t opaque_basicsize(const class_record *c)
{
    Py_ssize_t end = c->payload + (Py_ssize_t)sizeof(void *);
    if (c->owner_offset != 0)
        end += (Py_ssize_t)sizeof(PyObject *);
    if (c->state_offset != 0)
        end += (Py_ssize_t)sizeof(handle_state);
    if (c->keeper_offset != 0)
        end += (Py_ssize_t)sizeof(keeper_state);
    if (c->deferred_offset != 0)
        end = c->deferred_offset + (Py_ssize_t)sizeof(void *);
    if (c->callbacks_offset != 0)
        end = c->callbacks_offset + (Py_ssize_t)sizeof(void *);
    return align_up(end, (Py_ssize_t)_Alignof(PyObject));
}

/* ---- documentation ----------------------------------------------------------------------------------- */

static const char *description_doc(const class_record *c)
{
    const sb_description *d = c->b->d;
    return c->record->decl == SB_NONE ? "" : sb_string(d, d->declarations[c->record->decl].doc);
}

static const char *zero_text(const class_record *c, const field_record *f)
{
    const sb_type *t = class_type(c, f->f->value.type);
    switch ((sb_kind)t->kind) {
    case SB_BOOL:
        return "False";
    case SB_FLOAT:
        return "0.0";
    case SB_COMPLEX:
        return "0j";
    case SB_CHAR:
        return "'\\x00'";
    case SB_INT:
    case SB_UINT:
    case SB_ENUM:
        return "0";
    case SB_POINTER:
        return "None";
    default:
        return "...";
    }
}

/* "(x, y=0)" */
static PyObject *field_signature(const class_record *c)
{
    PyObject *signature = PyUnicode_FromString("(");
    for (uint32_t i = 0; signature != NULL && i < c->visible_field_count; i++) {
        const field_record *f = &c->fields[i];
        const char *comma = i > 0 ? ", " : "";
        if (c->optional_fields)
            Py_SETREF(signature, PyUnicode_FromFormat("%U%s%U=%s", signature, comma, f->name,
                                                      zero_text(c, f)));
        else
            Py_SETREF(signature, PyUnicode_FromFormat("%U%s%U", signature, comma, f->name));
    }
    if (signature != NULL)
        Py_SETREF(signature, PyUnicode_FromFormat("%U)", signature));
    return signature;
}

/* tp_doc: "Point(x, y)\n--\n\n..."; without a constructor only the text. */
static int make_doc(class_record *c)
{
    const char *text = description_doc(c);
    PyObject *signature = NULL;
    if (c->constructor != NULL) {
        const char *doc = c->constructor->doc;
        const char *start = strchr(doc, '('), *end = strstr(doc, "\n--\n\n");
        if (start != NULL && end != NULL && start < end) {
            signature = PyUnicode_FromStringAndSize(start, end - start);
            if (text[0] == '\0')
                text = end + strlen("\n--\n\n");
        }
    }
    else if (c->size != 0) {
        signature = field_signature(c);
    }
    if (PyErr_Occurred())
        return -1;
    PyObject *doc = signature == NULL ? PyUnicode_FromString(text)
                                      : PyUnicode_FromFormat("%s%U\n--\n\n%s", class_name(c),
                                                             signature, text);
    Py_ssize_t length = 0;
    const char *utf8 = doc == NULL ? NULL : PyUnicode_AsUTF8AndSize(doc, &length);
    if (utf8 != NULL) {
        c->doc = PyMem_RawMalloc((size_t)length + 1);
        if (c->doc == NULL)
            PyErr_NoMemory();
        else
            memcpy(c->doc, utf8, (size_t)length + 1);
    }
    Py_XDECREF(doc);
    Py_XDECREF(signature);
    return c->doc == NULL ? -1 : 0;
}

/* ---- methods ----------------------------------------------------------------------------------------- */

static const sb_scope *inner_scope(const class_record *c)
{
    static const sb_scope empty;
    return c->c->inner_scope == SB_NONE ? &empty : &c->b->d->scopes[c->c->inner_scope];
}

/* Whether the library has the function: optional ones may be missing, and then so is the method. */
static bool is_available(const class_record *c, uint32_t function)
{
    return function != SB_NONE && c->b->addresses[c->b->d->functions[function].address] != NULL;
}

static int add_method(class_record *c, const sb_member *m, PyMethodDef *def)
{
    plan *p = plan_get(c->b, m->index);
    if (p == NULL)
        return -1;
    if (p->stub == NULL)
        p->stub = stub_take((target *)p);
    if (p->stub == NULL) {
        PyErr_Format(PyExc_RuntimeError, "no entry point is left for %s.%s()", class_name(c),
                     sb_string(c->b->d, m->name));
        return -1;
    }
    *def = p->def;
    def->ml_name = sb_string(c->b->d, m->name);
    def->ml_meth = (PyCFunction)(void (*)(void))p->stub;
    if (m->kind == SB_MEMBER_CLASS_METHOD)
        def->ml_flags |= METH_CLASS;
    else if (m->kind == SB_MEMBER_FUNCTION)
        def->ml_flags |= METH_STATIC;
    return 0;
}

static bool has_member(const class_record *c, const char *name)
{
    return c->c->inner_scope != SB_NONE &&
           sb_scope_find(c->b->d, c->c->inner_scope, name) != NULL;
}

#define METHOD(function) ((PyCFunction)(void (*)(void))(function))

static int make_methods(class_record *c)
{
    const sb_scope *scope = inner_scope(c);
    size_t size = sizeof(class_methods) + (scope->member_count + 8) * sizeof(PyMethodDef);
    class_methods *table = PyMem_RawCalloc(1, size);
    if (table == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    table->owner = c;
    c->methods = table->list;
    PyMethodDef *def = table->list;
    *def++ = (PyMethodDef){"__reduce__", object_reduce, METH_NOARGS, NULL};
    bool opaque = c->c->flags & SB_CLASS_OPAQUE;
    if (!opaque) {
        *def++ = (PyMethodDef){"__copy__", record_copy, METH_NOARGS, NULL};
        *def++ = (PyMethodDef){"__deepcopy__", record_deepcopy, METH_O, NULL};
    }
    if (c->destructor != NULL && opaque && !has_member(c, "close"))
        *def++ = (PyMethodDef){"close", handle_close, METH_NOARGS,
                               "close($self, /)\n--\n\nRelease the resource; closing again does "
                               "nothing."};
    if ((c->destructor != NULL && opaque) || c->slots[SB_SLOT_ENTER] || c->slots[SB_SLOT_EXIT]) {
        *def++ = (PyMethodDef){"__enter__", object_enter, METH_NOARGS, NULL};
        *def++ = (PyMethodDef){"__exit__", METHOD(object_exit), METH_FASTCALL, NULL};
    }
    for (uint32_t i = 0; i < scope->member_count; i++) {
        const sb_member *m = &c->b->d->members[scope->first_member + i];
        bool callable = m->kind == SB_MEMBER_METHOD || m->kind == SB_MEMBER_CLASS_METHOD ||
                        m->kind == SB_MEMBER_FUNCTION;
        if (callable && is_available(c, m->index) && add_method(c, m, def++) < 0)
            return -1;
    }
    return 0;
}

/* ---- attributes: fields, and properties made of functions -------------------------------------------- */

typedef struct property {
    plan *get, *set;
    const char *name;
} property;

static PyObject *property_get(PyObject *self, void *closure)
{
    const property *p = closure;
    return p->get->entry(self, NULL, NULL, NULL, (target *)p->get);
}

static int property_set(PyObject *self, PyObject *value, void *closure)
{
    const property *p = closure;
    if (value == NULL) {
        PyErr_Format(PyExc_TypeError, "cannot delete attribute '%s'", p->name);
        return -1;
    }
    PyObject *result = plan_call(p->set, self, &value, 1, NULL);
    Py_XDECREF(result);
    return result == NULL ? -1 : 0;
}

static int add_property(class_record *c, const sb_member *m, property *p, PyGetSetDef *def)
{
    p->name = sb_string(c->b->d, m->name);
    if (is_available(c, m->index)) {
        p->get = plan_get(c->b, m->index);
        if (p->get == NULL)
            return -1;
        if (p->get->visible_count != 0) {
            PyErr_Format(PyExc_NotImplementedError, "getter of %s.%s takes arguments",
                         class_name(c), p->name);
            return -1;
        }
    }
    if (is_available(c, m->other)) {
        p->set = plan_get(c->b, m->other);
        if (p->set == NULL)
            return -1;
    }
    const plan *described = p->get != NULL ? p->get : p->set;
    *def = (PyGetSetDef){.name = p->name, .closure = p};
    if (p->get != NULL)
        def->get = property_get;
    if (p->set != NULL)
        def->set = property_set;
    if (described != NULL && described->f->doc != 0)
        def->doc = sb_string(c->b->d, described->f->doc);
    return 0;
}

static int make_getsets(class_record *c)
{
    const sb_scope *scope = inner_scope(c);
    size_t count = (size_t)c->field_count + scope->member_count;
    c->getsets = PyMem_RawCalloc(count + 1, sizeof *c->getsets);
    c->properties = PyMem_RawCalloc((size_t)scope->member_count + 1, sizeof(property));
    if (c->getsets == NULL || c->properties == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    PyGetSetDef *def = c->getsets;
    property *p = c->properties;
    for (uint32_t i = 0; i < c->field_count; i++)
        if (!(c->fields[i].flags & FIELD_HIDDEN))
            field_attribute(&c->fields[i], def++);
    for (uint32_t i = 0; i < scope->member_count; i++) {
        const sb_member *m = &c->b->d->members[scope->first_member + i];
        if (m->kind == SB_MEMBER_PROPERTY && add_property(c, m, p++, def++) < 0)
            return -1;
    }
    return 0;
}

/* ---- the type ------------------------------------------------------------------------------------------ */

static int make_plans(class_record *c)
{
    if (is_available(c, c->c->constructor)) {
        c->constructor = plan_get(c->b, c->c->constructor);
        if (c->constructor == NULL)
            return -1;
    }
    if (is_available(c, c->c->destructor)) {
        c->destructor = plan_get(c->b, c->c->destructor);
        if (c->destructor == NULL)
            return -1;
    }
    for (int i = 1; i < SB_SLOT_COUNT; i++) {
        if (!is_available(c, c->c->slots[i]))
            continue;
        c->slots[i] = plan_get(c->b, c->c->slots[i]);
        if (c->slots[i] == NULL)
            return -1;
    }
    return 0;
}

static void value_slots(class_record *c, slot_list *list)
{
    bool kept = c->kept_offset != 0;
    slot_add(list, Py_tp_dealloc, kept ? SLOT_FUNCTION(record_dealloc_kept) : SLOT_FUNCTION(record_dealloc));
    if (kept)
        slot_add(list, Py_tp_traverse, SLOT_FUNCTION(record_traverse));
    slot_add(list, Py_tp_new, SLOT_FUNCTION(record_tp_new));
    slot_add(list, Py_tp_init, SLOT_FUNCTION(record_tp_init));
    if (c->slots[SB_SLOT_REPR] == NULL)
        slot_add(list, Py_tp_repr, SLOT_FUNCTION(record_repr));
    slot_add(list, Py_tp_richcompare, SLOT_FUNCTION(class_richcompare));
    if (c->slots[SB_SLOT_HASH] == NULL)
        slot_add(list, Py_tp_hash, c->c->flags & SB_CLASS_HASHABLE
                                       ? SLOT_FUNCTION(record_hash)
                                       : SLOT_FUNCTION(PyObject_HashNotImplemented));
}

/* Whether handles hold Python objects. */
static bool is_collected(const class_record *c)
{
    return c->owner_offset != 0 || c->callbacks_offset != 0;
}

static void opaque_slots(class_record *c, slot_list *list)
{
    bool owning = is_collected(c);
    slot_add(list, Py_tp_dealloc, owning ? SLOT_FUNCTION(handle_dealloc_owning) : SLOT_FUNCTION(handle_dealloc));
    if (owning)
        slot_add(list, Py_tp_traverse, SLOT_FUNCTION(handle_traverse));
    if (c->constructor != NULL) {
        slot_add(list, Py_tp_new, SLOT_FUNCTION(handle_tp_new));
        slot_add(list, Py_tp_init, SLOT_FUNCTION(handle_tp_init));
    }
    if (c->slots[SB_SLOT_REPR] == NULL)
        slot_add(list, Py_tp_repr, SLOT_FUNCTION(handle_repr));
    if (c->slots[SB_SLOT_EQUAL] != NULL || c->slots[SB_SLOT_COMPARE] != NULL) {
        slot_add(list, Py_tp_richcompare, SLOT_FUNCTION(class_richcompare));
        if (c->slots[SB_SLOT_HASH] == NULL)
            slot_add(list, Py_tp_hash, SLOT_FUNCTION(PyObject_HashNotImplemented));
    }
}

/* The type itself, without what stands inside the class. */
static PyTypeObject *create_type(class_record *c)
{
    bool opaque = c->c->flags & SB_CLASS_OPAQUE;
    slot_list list = {.count = 0};
    if (opaque)
        opaque_slots(c, &list);
    else
        value_slots(c, &list);
    if (slots_make(c, &list) < 0)
        return NULL;
    slot_add(&list, Py_tp_methods, c->methods);
    slot_add(&list, Py_tp_getset, c->getsets);
    if (c->doc[0] != '\0')
        slot_add(&list, Py_tp_doc, c->doc);
    slot_add(&list, 0, NULL);
    unsigned long flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE;
    if (opaque ? is_collected(c) : c->kept_offset != 0)
        flags |= Py_TPFLAGS_HAVE_GC;
    if (opaque && c->constructor == NULL)
        flags |= Py_TPFLAGS_DISALLOW_INSTANTIATION;
    PyTypeObject *type = NULL;
    PyObject *module = binding_module(c->b, c->c->scope);
    PyObject *prefix = module == NULL ? NULL : binding_module_name(c->b, c->c->scope);
    PyObject *name = prefix == NULL ? NULL
                                    : PyUnicode_FromFormat("%U.%s", prefix, class_name(c));
    PyObject *qualified =
        name == NULL ? NULL : binding_qualified_name(c->b, c->c->scope, class_name(c));
    const char *utf8 = qualified == NULL ? NULL : PyUnicode_AsUTF8(name);
    if (utf8 != NULL) {
        PyType_Spec spec = {
            .name = utf8,
            .basicsize = (int)(opaque ? opaque_basicsize(c) : value_basicsize(c)),
            .flags = (unsigned)flags,
            .slots = list.slots,
        };
        PyObject *base = c->base == NULL ? NULL : (PyObject *)c->base->type;
        type = (PyTypeObject *)PyType_FromModuleAndSpec(module, &spec, base);
        if (type == NULL && !PyErr_Occurred())
            PyErr_NoMemory(); /* CPython 3.11 does not say so everywhere */
        if (type != NULL && c->b->d->scopes[c->c->scope].class_index != SB_NONE &&
            PyObject_SetAttrString((PyObject *)type, "__qualname__", qualified) < 0)
            Py_CLEAR(type);
    }
    Py_XDECREF(qualified);
    Py_XDECREF(name);
    Py_XDECREF(prefix);
    if (type != NULL && c->constructor != NULL)
        type->tp_vectorcall = constructor_vectorcall;
    else if (type != NULL && !opaque)
        type->tp_vectorcall = record_vectorcall;
    return type;
}

/* Constants, enums, classes and variables that stand inside the class. */
static int set_inner_members(class_record *c)
{
    const sb_scope *scope = inner_scope(c);
    for (uint32_t i = 0; i < scope->member_count; i++) {
        const sb_member *m = &c->b->d->members[scope->first_member + i];
        switch ((sb_member_kind)m->kind) {
        case SB_MEMBER_VARIABLE:
            if (c->b->addresses[m->other] == NULL)
                continue;
            break;
        case SB_MEMBER_CONSTANT:
        case SB_MEMBER_CLASS:
        case SB_MEMBER_ENUM:
        case SB_MEMBER_EXCEPTION:
            break;
        default:
            continue;
        }
        PyObject *value = member_realise(c->b, c->c->inner_scope, m);
        if (value == NULL)
            return -1;
        int status =
            PyObject_SetAttrString((PyObject *)c->type, sb_string(c->b->d, m->name), value);
        Py_DECREF(value);
        if (status < 0)
            return -1;
    }
    return 0;
}

/* Frees what make_type made, so that it can be tried again. Others may hold the class_record. */
static void discard(class_record *c)
{
    class_clear(c);
    for (uint32_t i = 0; i < c->field_count; i++)
        Py_CLEAR(c->fields[i].name);
    for (uint32_t i = 0; i < c->stub_count; i++) {
        if (c->stubs[i] != NULL)
            stub_give_back(c->stubs[i]);
        PyMem_RawFree(c->targets[i]);
    }
    c->stub_count = 0;
    PyMem_RawFree(c->stubs);
    PyMem_RawFree(c->targets);
    PyMem_RawFree(c->getsets);
    PyMem_RawFree(c->properties);
    PyMem_RawFree(c->doc);
    PyMem_RawFree(c->fields);
    if (c->methods != NULL)
        PyMem_RawFree((char *)c->methods - offsetof(class_methods, list));
    c->stubs = NULL;
    c->targets = NULL;
    c->getsets = NULL;
    c->properties = NULL;
    c->doc = NULL;
    c->fields = NULL;
    c->methods = NULL;
    c->field_count = c->visible_field_count = 0;
    c->constructor = c->destructor = NULL;
    memset(c->slots, 0, sizeof c->slots);
}

static class_record *get_class(binding *b, uint32_t index, bool now);

static int make_type(class_record *c)
{
    if (c->c->flags & SB_CLASS_ADAPTED) {
        c->adapts = adapt_prepare(c) == 0;
        return c->adapts ? 0 : -1;
    }
    if (c->c->base != SB_NONE) {
        c->base = get_class(c->b, c->c->base, true);
        if (c->base == NULL)
            return -1;
        if (c->base->type == NULL) {
            PyErr_Format(PyExc_NotImplementedError, "%s cannot be a base and contain its derived "
                         "class %s", class_name(c->base), class_name(c));
            return -1;
        }
    }
    if (!(c->c->flags & SB_CLASS_OPAQUE) && fields_make(c) < 0)
        return -1;
    if (make_plans(c) < 0 || make_methods(c) < 0 || make_getsets(c) < 0 || make_doc(c) < 0)
        return -1;
    c->type = create_type(c);
    if (c->type == NULL || set_inner_members(c) < 0)
        return -1;
    /* From here on as a static type's: CPython calls the constructors of such types directly. */
    c->type->tp_flags |= Py_TPFLAGS_IMMUTABLETYPE;
    PyType_Modified(c->type);
    return 0;
}

static class_record *class_new(binding *b, uint32_t index)
{
    class_record *c = PyMem_RawCalloc(1, sizeof *c);
    if (c == NULL) {
        PyErr_NoMemory();
        return NULL;
    }
    c->b = b;
    c->index = index;
    c->c = &b->d->classes[index];
    c->record = &b->d->types[c->c->type];
    if (c->c->flags & SB_CLASS_OPAQUE) {
        layout_opaque_class(c);
    }
    else if (c->c->flags & SB_CLASS_ADAPTED) {
        c->size = (uint32_t)c->record->size;
    }
    else if (layout_value_class(c) < 0) {
        PyMem_RawFree(c);
        return NULL;
    }
    return c;
}

/* ---- at first use ---------------------------------------------------------------------------- */

/* Making a class makes the plans of its methods, and so the classes that those mention. One thread
 * of the process does that at a time: it may run Python code, which lets others in. Chains of
 * classes longer than MAKING_DEPTH are finished one by one, after the class that was asked for. */
enum { MAKING_DEPTH = 64, MAKER_PATIENCE = 100000 };
static atomic_flag maker = ATOMIC_FLAG_INIT;
static _Thread_local struct {
    unsigned depth;
    size_t count, capacity;
    class_record **postponed; /* each retains its binding */
} making;

static int begin_making(void)
{
    static const struct timespec pause = {0, 100000};
    for (int waited = 0; making.depth == 0 && atomic_flag_test_and_set(&maker); waited++) {
        if (waited == MAKER_PATIENCE) {
            PyErr_SetString(PyExc_RuntimeError, "another thread does not come to an end of making "
                                                "classes");
            return -1;
        }
        Py_BEGIN_ALLOW_THREADS
        nanosleep(&pause, NULL);
        Py_END_ALLOW_THREADS
    }
    making.depth++;
    return 0;
}

static int postpone(class_record *c)
{
    if (making.count == making.capacity) {
        size_t capacity = making.capacity * 2 + 16;
        class_record **grown =
            PyMem_RawRealloc(making.postponed, capacity * sizeof *making.postponed);
        if (grown == NULL) {
            PyErr_NoMemory();
            return -1;
        }
        making.postponed = grown;
        making.capacity = capacity;
    }
    binding_retain(c->b);
    making.postponed[making.count++] = c;
    return 0;
}

static class_record *make_class(binding *b, uint32_t index, bool now)
{
    class_record *c = b->classes[index];
    if (c != NULL && (c->type != NULL || c->adapts || c->making))
        return c; /* by another thread, while this one waited */
    if (c == NULL) {
        c = class_new(b, index);
        if (c == NULL)
            return NULL;
        /* Published before its type is there: plans of its own methods refer to it. When making
         * the type fails it stays, for the same reason, and the next use tries again. */
        b->classes[index] = c;
    }
    if (making.depth > MAKING_DEPTH && !now && !(c->c->flags & SB_CLASS_ADAPTED))
        return postpone(c) < 0 ? NULL : c;
    c->making = true;
    int status = make_type(c);
    c->making = false;
    if (status < 0) {
        discard(c);
        return NULL;
    }
    return c;
}

static void end_making(void)
{
    if (making.depth == 1 && making.count > 0) {
        PyObject *type, *value, *traceback;
        PyErr_Fetch(&type, &value, &traceback);
        while (making.count > 0) {
            class_record *c = making.postponed[--making.count];
            binding *b = c->b;
            if (b->root != NULL && make_class(b, c->index, true) == NULL)
                PyErr_Clear(); /* raised again for whoever asks for this one */
            binding_release(b);
        }
        PyErr_Restore(type, value, traceback);
    }
    if (--making.depth > 0)
        return;
    PyMem_RawFree(making.postponed);
    making.postponed = NULL;
    making.capacity = 0;
    atomic_flag_clear(&maker);
}

static class_record *get_class(binding *b, uint32_t index, bool now)
{
    class_record *c = b->classes[index];
    if (likely(c != NULL && !c->making && (c->type != NULL || c->adapts)))
        return c;
    if (c != NULL && c->making && making.depth > 0)
        return c;
    if (b->root == NULL) {
        PyErr_SetString(PyExc_RuntimeError, "the module is being torn down");
        return NULL;
    }
    if (begin_making() < 0)
        return NULL;
    c = make_class(b, index, now);
    end_making();
    return c;
}

class_record *class_get(binding *b, uint32_t index)
{
    return get_class(b, index, false);
}

/* ---- the end --------------------------------------------------------------------------------------------- */

void class_clear(class_record *c)
{
    Py_CLEAR(c->view_type);
    Py_CLEAR(c->window_type);
    Py_CLEAR(c->type);
    Py_CLEAR(c->adapted);
}

int class_traverse(class_record *c, visitproc visit, void *arg)
{
    Py_VISIT(c->view_type);
    Py_VISIT(c->window_type);
    Py_VISIT(c->type);
    Py_VISIT(c->adapted);
    return 0;
}

void class_free(class_record *c)
{
    discard(c);
    PyMem_RawFree(c->adapter);
    PyMem_RawFree(c);
}
