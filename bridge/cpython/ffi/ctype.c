/* ctype.c - C types as Python objects: how they are made, kept unique and spelled.
 *
 * Equal types are one object. A pointer to a type, and the array T[] of it, are found from the type
 * itself; arrays of a length and functions through state->unique, by a key of the addresses of what
 * they are made of. All three links are borrowed: who is derived holds what it is derived from, and
 * takes itself out of the link when it goes. Primitives live as long as the state.
 *
 * What is asked of a type from Python is in inspect.c.
 */
#include "realise.h"

#include <stddef.h>
#include <string.h>
#include <structmember.h>

/* ---- names ----------------------------------------------------------------------------------- */

/* The name of `base` with `inside` where a declarator goes. Allocated; NULL with MemoryError. */
static char *name_around(const ctype *base, const char *inside)
{
    size_t before = (size_t)base->name_position, extra = strlen(inside);
    size_t after = strlen(base->name + before) + 1;
    char *name = PyMem_Malloc(before + extra + after);
    if (name == NULL) {
        PyErr_NoMemory();
        return NULL;
    }
    memcpy(name, base->name, before);
    memcpy(name + before, inside, extra);
    memcpy(name + before + extra, base->name + before, after);
    return name;
}

static char *name_copy(const char *text)
{
    size_t size = strlen(text) + 1;
    char *name = PyMem_Malloc(size);
    if (name == NULL) {
        PyErr_NoMemory();
        return NULL;
    }
    return memcpy(name, text, size);
}

/* "(*)(int, char *, ...)", what a function type adds to its result's name. */
static char *name_parameters(ctype *const *parameters, Py_ssize_t count, bool variadic)
{
    size_t size = sizeof "(*)()" + sizeof ", ...";
    for (Py_ssize_t i = 0; i < count; i++)
        size += strlen(parameters[i]->name) + 2;
    char *text = PyMem_Malloc(size);
    if (text == NULL) {
        PyErr_NoMemory();
        return NULL;
    }
    char *end = stpcpy(text, "(*)(");
    for (Py_ssize_t i = 0; i < count; i++)
        end = stpcpy(stpcpy(end, i > 0 ? ", " : ""), parameters[i]->name);
    if (variadic)
        end = stpcpy(end, count > 0 ? ", ..." : "...");
    stpcpy(end, ")");
    return text;
}

PyObject *ctype_spell(const ctype *type, const char *inside)
{
    char *name = name_around(type, inside);
    if (name == NULL)
        return NULL;
    PyObject *spelled = PyUnicode_FromString(name);
    PyMem_Free(name);
    return spelled;
}

PyObject *ctype_name(ctype *type)
{
    if (type->name_object == NULL)
        type->name_object = PyUnicode_FromString(type->name);
    return Py_XNewRef(type->name_object);
}

/* ---- making ---------------------------------------------------------------------------------- */

/* An untracked ctype of that kind, without a name yet. */
static ctype *ctype_new(ffi_state *state, sb_kind kind)
{
    if (state->ctype_type == NULL) {
        PyErr_SetString(PyExc_RuntimeError, "symbridge has been unloaded");
        return NULL;
    }
    ctype *type = PyObject_GC_New(ctype, state->ctype_type);
    if (type == NULL)
        return NULL;
    memset((char *)type + sizeof(PyObject), 0, sizeof *type - sizeof(PyObject));
    type->kind = (uint8_t)kind;
    type->size = type->length = -1;
    type->state = state;
    ffi_state_retain(state);
    return type;
}

/* Gives it a name, which is taken over and may be NULL after an error, and offers it to the garbage
 * collector. On failure the type is dropped. */
static ctype *ctype_finish(ctype *type, char *name, size_t position)
{
    type->name = name;
    type->name_position = (Py_ssize_t)position;
    if (name == NULL) {
        Py_DECREF(type);
        return NULL;
    }
    PyObject_GC_Track(type);
    return type;
}

static PyObject *unique_key(sb_kind kind, const void *const *parts, size_t count)
{
    PyObject *key = PyBytes_FromStringAndSize(NULL, (Py_ssize_t)(1 + count * sizeof *parts));
    if (key != NULL) {
        PyBytes_AS_STRING(key)[0] = (char)kind;
        memcpy(PyBytes_AS_STRING(key) + 1, parts, count * sizeof *parts);
    }
    return key;
}

/* The ctype of that key, or NULL (with an exception, or without). */
static ctype *unique_find(const ffi_state *state, PyObject *key)
{
    if (state->unique == NULL)
        return NULL;
    PyObject *address = PyDict_GetItemWithError(state->unique, key);
    return address == NULL ? NULL : (ctype *)Py_NewRef(PyLong_AsVoidPtr(address));
}

/* Enters a new type; takes over the key. */
static int unique_enter(ctype *type, PyObject *key)
{
    PyObject *address = PyLong_FromVoidPtr(type);
    int status = address == NULL ? -1 : PyDict_SetItem(type->state->unique, key, address);
    Py_XDECREF(address);
    if (status < 0)
        Py_DECREF(key);
    else
        type->key = key;
    return status;
}

/* Takes the type out of all that finds it, so that nobody gets it while it goes. */
static void forget(ctype *type)
{
    ctype *item = type->item;
    if (item != NULL && item->pointer == type)
        item->pointer = NULL;
    if (item != NULL && item->open_array == type)
        item->open_array = NULL;
    if (type->key == NULL)
        return;
    PyObject *unique = type->state->unique, *key = type->key;
    type->key = NULL;
    if (unique != NULL) {
        PyObject *kind, *value, *trace; /* a type may go while an exception is on its way */
        PyErr_Fetch(&kind, &value, &trace);
        if (PyDict_DelItem(unique, key) < 0)
            PyErr_Clear();
        PyErr_Restore(kind, value, trace);
    }
    Py_DECREF(key);
}

/* ---- arithmetic types ------------------------------------------------------------------------ */

static op integer_op(size_t size, bool is_signed)
{
    switch (size) {
    case 1:
        return is_signed ? OP_I8 : OP_U8;
    case 2:
        return is_signed ? OP_I16 : OP_U16;
    case 4:
        return is_signed ? OP_I32 : OP_U32;
    case 8:
        return is_signed ? OP_I64 : OP_U64;
    default:
        return is_signed ? OP_I128 : OP_U128;
    }
}

static op primitive_op(const sb_type *row)
{
    switch ((sb_primitive)row->primitive) {
    case SB_PRIM_BOOL:
        return OP_BOOL;
    case SB_PRIM_CHAR:
        return OP_CHAR;
    case SB_PRIM_WCHAR:
    case SB_PRIM_CHAR16:
    case SB_PRIM_CHAR32:
        return row->size == 2 ? OP_WIDE16 : OP_WIDE32;
    case SB_PRIM_FLOAT:
        return OP_FLOAT;
    case SB_PRIM_DOUBLE:
        return OP_DOUBLE;
    case SB_PRIM_LDOUBLE:
        return OP_LDOUBLE;
    case SB_PRIM_CFLOAT:
        return OP_CFLOAT;
    case SB_PRIM_CDOUBLE:
        return OP_CDOUBLE;
    case SB_PRIM_CLDOUBLE:
        return OP_CLDOUBLE;
    default:
        return integer_op(row->size, row->kind == SB_INT);
    }
}

/* What makes wchar_t negative or not is the C compiler's choice. */
enum { WIDE_IS_SIGNED = (wchar_t)-1 < (wchar_t)1 };

static unsigned primitive_flags(const sb_type *row)
{
    switch ((sb_kind)row->kind) {
    case SB_BOOL:
    case SB_UINT:
        return CTYPE_INTEGER;
    case SB_INT:
        return CTYPE_INTEGER | CTYPE_SIGNED;
    case SB_CHAR:
        return CTYPE_CHARACTER;
    case SB_WIDE:
        return CTYPE_CHARACTER |
               (row->primitive == SB_PRIM_WCHAR && WIDE_IS_SIGNED ? CTYPE_SIGNED : 0u);
    default:
        return 0;
    }
}

static const char *primitive_name(const sb_description *d, const sb_type *row)
{
    return row->kind == SB_VOID ? "void" : sb_string(d, row->name);
}

/* SB_PRIM_NONE: void. Descriptions begin with these rows, in order, after "none". */
ctype *ctype_primitive(ffi_state *state, sb_primitive primitive)
{
    PyObject *known = state->primitives == NULL
                          ? NULL
                          : PyList_GET_ITEM(state->primitives, (Py_ssize_t)primitive);
    if (known != NULL && known != Py_None)
        return (ctype *)Py_NewRef(known);
    const sb_description *d = state->plain;
    const sb_type *row = &d->types[1 + (unsigned)primitive];
    ctype *type = ctype_new(state, (sb_kind)row->kind);
    if (type == NULL)
        return NULL;
    if (row->kind != SB_VOID) {
        type->size = (Py_ssize_t)row->size;
        type->align = row->align;
        type->scalar = (uint8_t)primitive_op(row);
        type->flags = (uint16_t)primitive_flags(row);
    }
    const char *name = primitive_name(d, row);
    type = ctype_finish(type, name_copy(name), strlen(name));
    if (type != NULL && known != NULL)
        PyList_SetItem(state->primitives, (Py_ssize_t)primitive, Py_NewRef((PyObject *)type));
    return type;
}

ctype *ctype_enum(ctype *integer, const char *name, PyObject *enumerators, PyObject *elements)
{
    ctype *type = ctype_new(integer->state, SB_ENUM);
    if (type == NULL)
        return NULL;
    type->enumerators = Py_NewRef(enumerators);
    type->elements = Py_NewRef(elements);
    type->size = integer->size;
    type->align = integer->align;
    type->scalar = integer->scalar;
    type->flags = (uint16_t)(CTYPE_INTEGER | (integer->flags & CTYPE_SIGNED));
    type->item = (ctype *)Py_NewRef((PyObject *)integer);
    return ctype_finish(type, name_copy(name), strlen(name));
}

/* ---- derived types --------------------------------------------------------------------------- */

static bool is_byte(const ctype *type)
{
    return type->kind == SB_CHAR || type->kind == SB_BOOL ||
           ((type->kind == SB_INT || type->kind == SB_UINT) && type->size == 1);
}

ctype *ctype_pointer(ctype *to)
{
    if (to->pointer != NULL)
        return (ctype *)Py_NewRef((PyObject *)to->pointer);
    ctype *type = ctype_new(to->state, SB_POINTER);
    if (type == NULL)
        return NULL;
    type->item = (ctype *)Py_NewRef((PyObject *)to);
    type->size = sizeof(void *);
    type->align = _Alignof(void *);
    type->scalar = OP_ADDRESS;
    if (to->kind == SB_VOID)
        type->flags = CTYPE_VOID_POINTER;
    else if (to->kind == SB_CHAR || (is_byte(to) && to->kind != SB_BOOL))
        type->flags = CTYPE_CHAR_POINTER;
    bool enclosed = to->kind == SB_ARRAY;
    type = ctype_finish(type, name_around(to, enclosed ? "(*)" : " *"),
                        (size_t)to->name_position + 2);
    if (type != NULL)
        to->pointer = type;
    return type;
}

Py_ssize_t ctype_array_size(const ctype *array, Py_ssize_t length)
{
    Py_ssize_t size;
    if (__builtin_mul_overflow(array->item->size, length, &size)) {
        PyErr_SetString(PyExc_OverflowError, "array size would overflow a Py_ssize_t");
        return -1;
    }
    return size;
}

static bool holds_pointers(const ctype *type)
{
    return type->kind == SB_POINTER || type->kind == SB_FUNCTION ||
           (type->flags & CTYPE_HAS_POINTERS) != 0;
}

/* The array, not yet found by anybody. */
static ctype *array_new(ctype *of, Py_ssize_t length)
{
    ctype *type = ctype_new(of->state, SB_ARRAY);
    if (type == NULL)
        return NULL;
    type->item = (ctype *)Py_NewRef((PyObject *)of);
    type->align = of->align;
    type->length = length;
    if (holds_pointers(of))
        type->flags = CTYPE_HAS_POINTERS;
    char dimension[32] = "[]";
    if (length >= 0) {
        snprintf(dimension, sizeof dimension, "[%zd]", length);
        type->size = ctype_array_size(type, length);
        if (type->size < 0) {
            Py_DECREF(type);
            return NULL;
        }
    }
    return ctype_finish(type, name_around(of, dimension), (size_t)of->name_position);
}

ctype *ctype_array(ctype *of, Py_ssize_t length)
{
    if (length < 0 && of->open_array != NULL)
        return (ctype *)Py_NewRef((PyObject *)of->open_array);
    if (of->size < 0) {
        PyErr_Format(PyExc_ValueError, "array item of unknown size: '%s'", of->name);
        return NULL;
    }
    if (length < 0) {
        ctype *open = array_new(of, -1);
        if (open != NULL)
            of->open_array = open;
        return open;
    }
    const void *const parts[] = {of, (const void *)(uintptr_t)length};
    PyObject *key = unique_key(SB_ARRAY, parts, 2);
    if (key == NULL)
        return NULL;
    ctype *type = unique_find(of->state, key);
    if (type != NULL || PyErr_Occurred()) {
        Py_DECREF(key);
        return type;
    }
    type = array_new(of, length);
    if (type == NULL)
        Py_DECREF(key);
    else if (unique_enter(type, key) < 0)
        Py_CLEAR(type);
    return type;
}

/* The key of a function: its result, its parameters, and whether more may follow. NULL when out of
 * memory. */
static PyObject *function_key(const ctype *result, ctype *const *parameters, Py_ssize_t count,
                              bool variadic)
{
    const void **parts = PyMem_Malloc((size_t)(count + 2) * sizeof *parts);
    if (parts == NULL)
        return PyErr_NoMemory();
    parts[0] = result;
    parts[1] = (const void *)(uintptr_t)variadic;
    for (Py_ssize_t i = 0; i < count; i++)
        parts[2 + i] = parameters[i];
    PyObject *key = unique_key(SB_FUNCTION, parts, (size_t)(count + 2));
    PyMem_Free(parts);
    return key;
}

static ctype *function_of(ctype *result, ctype *const *parameters, Py_ssize_t count, bool variadic)
{
    ctype *type = ctype_new(result->state, SB_FUNCTION);
    if (type == NULL)
        return NULL;
    type->item = (ctype *)Py_NewRef((PyObject *)result);
    type->size = sizeof(void (*)(void));
    type->align = _Alignof(void (*)(void));
    type->scalar = OP_ADDRESS;
    type->flags = variadic ? CTYPE_VARIADIC : 0;
    type->parameters = PyTuple_New(count);
    if (type->parameters == NULL) {
        Py_DECREF(type);
        return NULL;
    }
    for (Py_ssize_t i = 0; i < count; i++)
        PyTuple_SET_ITEM(type->parameters, i, Py_NewRef((PyObject *)parameters[i]));
    char *list = name_parameters(parameters, count, variadic);
    char *name = list == NULL ? NULL : name_around(result, list);
    PyMem_Free(list);
    return ctype_finish(type, name, (size_t)result->name_position + 2);
}

ctype *ctype_function(ctype *result, ctype *const *parameters, Py_ssize_t count, bool variadic,
                      sb_description *description, sb_type_id id)
{
    PyObject *key = function_key(result, parameters, count, variadic);
    if (key == NULL)
        return NULL;
    ctype *type = unique_find(result->state, key);
    if (type != NULL)
        Py_DECREF(key);
    else if (PyErr_Occurred() ||
             (type = function_of(result, parameters, count, variadic)) == NULL) {
        Py_DECREF(key);
        return NULL;
    } else if (unique_enter(type, key) < 0) {
        Py_DECREF(type);
        return NULL;
    }
    /* What is declared later may complete records that the earlier description did not know. */
    if (type->plan == NULL && type->signature == NULL && type->description != description) {
        sb_description *before = type->description;
        type->description = sb_description_retain(description);
        type->id = id;
        sb_description_release(before);
    }
    return type;
}

/* ---- records --------------------------------------------------------------------------------- */

ctype *ctype_record(ffi_state *state, sb_kind kind, const char *name)
{
    ctype *type = ctype_new(state, kind);
    return type == NULL ? NULL : ctype_finish(type, name_copy(name), strlen(name));
}

ctype *ctype_opaque(ffi_state *state, sb_kind kind, const char *name, sb_type_id id)
{
    const void *const parts[] = {(const void *)(uintptr_t)id};
    PyObject *key = unique_key(kind, parts, 1);
    ctype *type = key == NULL ? NULL : unique_find(state, key);
    if (key == NULL || type != NULL || PyErr_Occurred() ||
        (type = ctype_record(state, kind, name)) == NULL)
        Py_XDECREF(key);
    else if (unique_enter(type, key) < 0)
        Py_CLEAR(type);
    return type;
}

void ctype_complete(ctype *record, const sb_type *row)
{
    record->size = (Py_ssize_t)row->size;
    record->align = row->align;
    record->flags |= CTYPE_COMPLETE;
    if (row->flags & SB_TYPE_FLEXIBLE)
        record->flags |= CTYPE_FLEXIBLE;
}

cfield *cfield_new(ffi_state *state, PyObject *name, ctype *type, Py_ssize_t offset)
{
    cfield *field = PyObject_GC_New(cfield, state->cfield_type);
    if (field == NULL)
        return NULL;
    field->name = Py_NewRef(name);
    PyUnicode_InternInPlace(&field->name);
    field->type = (ctype *)Py_NewRef((PyObject *)type);
    field->offset = offset;
    field->bit_shift = field->bit_size = -1;
    field->flags = 0;
    PyObject_GC_Track(field);
    return field;
}

/* The open hash of field names, at most half full. */
static int index_fields(ctype *record, PyObject *fields)
{
    uint32_t size = 4;
    while (size < 2 * (size_t)PyDict_GET_SIZE(fields))
        size *= 2;
    record->by_name = PyMem_Calloc(size, sizeof(cfield *));
    if (record->by_name == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    record->by_name_mask = size - 1;
    Py_ssize_t position = 0;
    PyObject *field;
    while (PyDict_Next(fields, &position, NULL, &field)) {
        uint32_t slot = ctype_name_slot(record, ((cfield *)field)->name);
        while (record->by_name[slot] != NULL)
            slot = (slot + 1) & record->by_name_mask;
        record->by_name[slot] = (cfield *)field;
    }
    return 0;
}

static PyObject *initialised_fields(PyObject *fields)
{
    PyObject *found = PyList_New(0), *field;
    Py_ssize_t position = 0;
    while (found != NULL && PyDict_Next(fields, &position, NULL, &field))
        if ((((cfield *)field)->flags & CFIELD_NOT_INITIALISED) == 0 &&
            PyList_Append(found, field) < 0)
            Py_CLEAR(found);
    PyObject *initial = found == NULL ? NULL : PyList_AsTuple(found);
    Py_XDECREF(found);
    return initial;
}

int ctype_set_fields(ctype *record, PyObject *fields)
{
    PyObject *initial = initialised_fields(fields), *field;
    if (initial == NULL || index_fields(record, fields) < 0) {
        Py_XDECREF(initial);
        Py_DECREF(fields);
        return -1;
    }
    Py_ssize_t position = 0;
    while (PyDict_Next(fields, &position, NULL, &field))
        if (holds_pointers(((cfield *)field)->type))
            record->flags |= CTYPE_HAS_POINTERS;
    record->fields = fields;
    record->initial = initial;
    record->flags |= CTYPE_FILLED;
    Py_CLEAR(record->origin);
    return 0;
}

int ctype_fill(ctype *record, bool must)
{
    if (likely(record->flags & CTYPE_FILLED))
        return 0;
    if (record->flags & CTYPE_COMPLETE)
        return realise_fields(record);
    if (must)
        PyErr_Format(PyExc_TypeError, "'%s' is opaque or not completed yet", record->name);
    return must ? -1 : 0;
}

cfield *ctype_field(ctype *record, PyObject *name)
{
    if (unlikely(record->by_name == NULL))
        return NULL;
    uint32_t slot = ctype_name_slot(record, name);
    for (cfield *field; (field = record->by_name[slot]) != NULL;
         slot = (slot + 1) & record->by_name_mask)
        if (field->name == name)
            return field;
    if (!PyUnicode_Check(name) || PyUnicode_CHECK_INTERNED(name))
        return NULL;
    /* A str that was put together at run time. Its hash cannot fail. */
    return (cfield *)PyDict_GetItemWithError(record->fields, name);
}

/* ---- the types of these objects -------------------------------------------------------------- */

static int ctype_traverse(PyObject *self, visitproc visit, void *arg)
{
    ctype *type = (ctype *)self;
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(type->item);
    Py_VISIT(type->fields);
    Py_VISIT(type->initial);
    Py_VISIT(type->enumerators);
    Py_VISIT(type->elements);
    Py_VISIT(type->parameters);
    Py_VISIT(type->origin);
    return 0;
}

/* Only records can be part of a cycle, through their fields; so only those links are dropped, and a
 * ctype that is still used by what goes with it keeps its item and parameters. */
static int ctype_clear(PyObject *self)
{
    ctype *type = (ctype *)self;
    forget(type);
    Py_CLEAR(type->origin);
    if (type->fields != NULL) {
        type->flags &= (uint16_t)~(CTYPE_FILLED | CTYPE_COMPLETE);
        type->size = -1;
        PyMem_Free(type->by_name);
        type->by_name = NULL;
        Py_CLEAR(type->fields);
        Py_CLEAR(type->initial);
    }
    return 0;
}

static void ctype_dealloc(PyObject *self)
{
    ctype *type = (ctype *)self;
    PyTypeObject *own = Py_TYPE(self);
    ffi_state *state = type->state;
    PyObject_GC_UnTrack(self);
    forget(type); /* before the trash can, where it may wait */
    Py_TRASHCAN_BEGIN(self, ctype_dealloc)
    if (type->weak_references != NULL)
        PyObject_ClearWeakRefs(self);
    (void)ctype_clear(self);
    if (type->plan != NULL)
        function_plan_free(type->plan);
    sb_signature_release(type->signature);
    sb_description_release(type->description);
    Py_XDECREF(type->enumerators);
    Py_XDECREF(type->elements);
    Py_XDECREF(type->parameters);
    Py_XDECREF(type->name_object);
    Py_XDECREF(type->item);
    PyMem_Free(type->name);
    own->tp_free(self);
    Py_DECREF(own);
    ffi_state_release(state);
    Py_TRASHCAN_END
}

static int cfield_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(((cfield *)self)->type);
    return 0;
}

static void cfield_dealloc(PyObject *self)
{
    cfield *field = (cfield *)self;
    PyTypeObject *own = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    Py_DECREF(field->name);
    Py_DECREF(field->type);
    own->tp_free(self);
    Py_DECREF(own);
}

static PyType_Slot ctype_slots[] = {
    {Py_tp_dealloc, (void *)ctype_dealloc},
    {Py_tp_traverse, (void *)ctype_traverse},
    {Py_tp_clear, (void *)ctype_clear},
    {Py_tp_repr, (void *)ctype_repr},
    {Py_tp_methods, ctype_methods},
    {Py_tp_getset, ctype_getsets},
    {Py_tp_members, (PyMemberDef[]){
        {"__weaklistoffset__", T_PYSSIZET, offsetof(ctype, weak_references), READONLY, NULL},
        {NULL, 0, 0, 0, NULL}}},
    {Py_tp_doc, (void *)"A C type. Equal types are one object."},
    {0, NULL},
};

PyType_Spec ctype_spec = {
    .name = "symbridge.CType",
    .basicsize = sizeof(ctype),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_DISALLOW_INSTANTIATION |
             Py_TPFLAGS_IMMUTABLETYPE,
    .slots = ctype_slots,
};

static PyType_Slot cfield_slots[] = {
    {Py_tp_dealloc, (void *)cfield_dealloc},
    {Py_tp_traverse, (void *)cfield_traverse},
    {Py_tp_getset, cfield_getsets},
    {Py_tp_doc, (void *)"A field of a struct or union: its type and its place."},
    {0, NULL},
};

PyType_Spec cfield_spec = {
    .name = "symbridge.CField",
    .basicsize = sizeof(cfield),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_DISALLOW_INSTANTIATION |
             Py_TPFLAGS_IMMUTABLETYPE,
    .slots = cfield_slots,
};
