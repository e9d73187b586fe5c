/* realise.c - ctypes from the types of an FFI's description.
 *
 * ffi->by_id holds what has been made. Nothing is made before it is asked for, and the fields of a
 * record only when something needs one of them.
 */
#include "realise.h"

#include <stddef.h>
#include <string.h>

/* ---- names ----------------------------------------------------------------------------------- */

#define NAME_ROOM (SB_MAX_NAME + 32)

static bool is_unnamed(const sb_type *row)
{
    return row->name == 0 &&
           (row->kind == SB_STRUCT || row->kind == SB_UNION || row->kind == SB_ENUM);
}

/* How many unnamed records and enums there are up to this one. */
static unsigned unnamed_ordinal(const sb_description *d, sb_type_id id)
{
    unsigned count = 0;
    for (sb_type_id i = 1; i <= id; i++)
        count += is_unnamed(&d->types[i]);
    return count;
}

/* The first typedef of each type, which is what cffi calls a record or enum. C memory, owned by the
 * FFI, made anew for each description that something is made of. */
struct typedef_index {
    uint32_t version; /* of the FFI */
    uint32_t count;
    sb_text names[]; /* by type id; 0: none */
};

void typedefs_free(struct typedef_index *typedefs)
{
    PyMem_Free(typedefs);
}

static int index_typedefs(ffi_object *ffi)
{
    const sb_description *d = ffi->description;
    if (ffi->typedefs != NULL && ffi->typedefs->version == ffi->version)
        return 0;
    struct typedef_index *made =
        PyMem_Calloc(1, offsetof(struct typedef_index, names) + d->type_count * sizeof(sb_text));
    if (made == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    made->version = ffi->version;
    made->count = d->type_count;
    for (uint32_t i = 0; i < d->declaration_count; i++) {
        const sb_declaration *each = &d->declarations[i];
        if (each->kind == SB_DECL_TYPEDEF && made->names[each->type] == 0)
            made->names[each->type] = each->name;
    }
    typedefs_free(ffi->typedefs);
    ffi->typedefs = made;
    return 0;
}

/* "point_t" when a typedef names it, else "struct point", "struct $1" when nothing does; the C
 * library's own without a word before it. */
static int tagged_name(ffi_object *ffi, sb_type_id id, char name[NAME_ROOM])
{
    if (index_typedefs(ffi) < 0)
        return -1;
    const sb_description *d = ffi->description;
    const sb_type *row = &d->types[id];
    const char *word = row->kind == SB_STRUCT ? "struct" : row->kind == SB_UNION ? "union" : "enum";
    const char *own = sb_string(d, row->name);
    sb_text alias = id < ffi->typedefs->count ? ffi->typedefs->names[id] : 0;
    bool has_no_tag = (row->flags & SB_TYPE_FOREIGN) != 0 && row->count == 0;
    if (has_no_tag || (row->flags & SB_TYPE_BUILTIN))
        snprintf(name, NAME_ROOM, "%s",
                 strcmp(own, "_IO_FILE") == 0      ? "FILE"
                 : strcmp(own, "__dirstream") == 0 ? "DIR"
                                                   : own);
    else if (alias != 0)
        snprintf(name, NAME_ROOM, "%s", sb_string(d, alias));
    else if (is_unnamed(row))
        snprintf(name, NAME_ROOM, "%s $%u", word, unnamed_ordinal(d, id));
    else
        snprintf(name, NAME_ROOM, "%s %s", word, own);
    return 0;
}

/* ---- constants ------------------------------------------------------------------------------- */

PyObject *realise_constant(const sb_description *d, const sb_constant *constant)
{
    switch ((sb_constant_kind)constant->kind) {
    case SB_CONST_INT:
    case SB_CONST_BOOL:
        return PyLong_FromLongLong(constant->as.i);
    case SB_CONST_UINT:
        return PyLong_FromUnsignedLongLong(constant->as.u);
    case SB_CONST_FLOAT:
        return PyFloat_FromDouble(constant->as.f);
    case SB_CONST_STRING:
        return PyBytes_FromStringAndSize(sb_string(d, constant->as.s),
                                         (Py_ssize_t)constant->length);
    case SB_CONST_NULL:
        return PyLong_FromLong(0);
    default:
        return NULL;
    }
}

PyObject *realise_enumerator(const sb_type *type, const sb_enumerator *e)
{
    return type->flags & SB_TYPE_SIGNED ? PyLong_FromLongLong(e->value)
                                        : PyLong_FromUnsignedLongLong((uint64_t)e->value);
}

/* ---- types ----------------------------------------------------------------------------------- */

static ctype *missing(const ffi_state *state, const char *name)
{
    PyErr_SetString(state->verification_missing, name);
    return NULL;
}

/* typedef ... T; is not incomplete but opaque. */
static bool is_opaque_typedef(const sb_description *d, const sb_type *row)
{
    return row->count == 0 && (row->decl == SB_NONE || d->declarations[row->decl].name == 0 ||
                               sb_string(d, row->name)[0] == '$');
}

bool realise_needs_compiler(const sb_description *d, const sb_type *row)
{
    return (row->flags & SB_TYPE_PARTIAL) != 0 &&
           (row->kind == SB_ENUM || !is_opaque_typedef(d, row));
}

/* typedef int... T; and typedef float... T; */
static ctype *unknown_number(const sb_description *d, const sb_type *row)
{
    PyErr_Format(PyExc_NotImplementedError, "%s type '%s' can only be used after compilation",
                 row->kind == SB_FLOAT ? "float" : "integer", sb_string(d, row->name));
    return NULL;
}

static int warn_of_opaque(const char *name)
{
    return PyErr_WarnFormat(PyExc_UserWarning, 1,
                            "'%s' has no values explicitly defined; guessing that it is equivalent "
                            "to 'unsigned int'",
                            name);
}

/* Both directions of an enum, as dicts of its names and values; false with an exception. */
static bool enumerators_of(const sb_description *d, const sb_type *row, PyObject *values,
                           PyObject *names)
{
    for (uint32_t i = 0; i < row->count; i++) {
        const sb_enumerator *e = &d->enumerators[row->first + i];
        PyObject *text = PyUnicode_InternFromString(sb_string(d, e->name));
        PyObject *value = realise_enumerator(row, &d->enumerators[row->first + i]);
        bool failed = text == NULL || value == NULL || PyDict_SetItem(values, text, value) < 0 ||
                      PyDict_SetDefault(names, value, text) == NULL;
        Py_XDECREF(text);
        Py_XDECREF(value);
        if (failed)
            return false;
    }
    return true;
}

static ctype *realise_enum(ffi_object *ffi, sb_type_id id)
{
    const sb_type row = ffi->description->types[id];
    char name[NAME_ROOM];
    if (tagged_name(ffi, id, name) < 0)
        return NULL;
    if (realise_needs_compiler(ffi->description, &row))
        return missing(ffi->state, name);
    PyObject *values = PyDict_New(), *names = PyDict_New();
    bool is_known = row.count > 0;
    ctype *integer = NULL, *type = NULL;
    if (values != NULL && names != NULL && (is_known || warn_of_opaque(name) == 0) &&
        enumerators_of(ffi->description, &row, values, names))
        integer = ctype_primitive(ffi->state, is_known ? (sb_primitive)row.primitive
                                                       : SB_PRIM_UINT);
    if (integer != NULL)
        type = ctype_enum(integer, name, values, names);
    Py_XDECREF(integer);
    Py_XDECREF(values);
    Py_XDECREF(names);
    return type;
}

static ctype *realise_record(ffi_object *ffi, sb_type_id id)
{
    const sb_type row = ffi->description->types[id];
    char name[NAME_ROOM];
    if (tagged_name(ffi, id, name) < 0)
        return NULL;
    if (realise_needs_compiler(ffi->description, &row))
        return missing(ffi->state, name);
    bool is_shared = id < ffi->state->plain->type_count && !(row.flags & SB_TYPE_COMPLETE);
    if (is_shared)
        return ctype_opaque(ffi->state, (sb_kind)row.kind, name, id);
    ctype *type = ctype_record(ffi->state, (sb_kind)row.kind, name);
    if (type == NULL)
        return NULL;
    type->id = id;
    type->origin = (ffi_object *)Py_NewRef((PyObject *)ffi);
    type->description = sb_description_retain(ffi->description);
    if (row.flags & SB_TYPE_COMPLETE)
        ctype_complete(type, &row);
    return type;
}

static ctype *realise_array(ffi_object *ffi, sb_type_id id)
{
    const sb_description *d = ffi->description;
    sb_type row = d->types[id];
    if (row.flags & SB_TYPE_PARTIAL) {
        char shown[NAME_ROOM];
        sb_type_spell(d, id, 0, NULL, shown, sizeof shown);
        PyErr_Format(ffi->state->cdef_error, "cannot render the type '%s': unknown length", shown);
        return NULL;
    }
    ctype *element = realise(ffi, row.target);
    if (element == NULL)
        return NULL;
    Py_ssize_t length = -1;
    if (row.flags & SB_TYPE_COMPLETE)
        length = element->size > 0 ? (Py_ssize_t)row.size / element->size : (Py_ssize_t)row.count;
    ctype *type = ctype_array(element, length);
    Py_DECREF(element);
    return type;
}

static ctype *realise_function(ffi_object *ffi, sb_type_id id)
{
    sb_type row = ffi->description->types[id];
    ctype *parameters[SB_MAX_PARAMETERS], *type = NULL;
    uint32_t made = 0;
    ctype *result = realise(ffi, row.target);
    while (result != NULL && made < row.count) {
        sb_type_id parameter = ffi->description->params[row.first + made].type;
        parameters[made] = realise(ffi, parameter);
        if (parameters[made] == NULL)
            break;
        made++;
    }
    if (result != NULL && made == row.count)
        type = ctype_function(result, parameters, (Py_ssize_t)made, row.flags & SB_TYPE_VARIADIC,
                              ffi->description, id);
    while (made > 0)
        Py_DECREF(parameters[--made]);
    Py_XDECREF(result);
    return type;
}

static ctype *realise_pointer(ffi_object *ffi, sb_type_id id)
{
    sb_type_id pointee = ffi->description->types[id].target;
    ctype *to = realise(ffi, pointee);
    if (to == NULL || ffi->description->types[pointee].kind == SB_FUNCTION)
        return to;
    ctype *type = ctype_pointer(to);
    Py_DECREF(to);
    return type;
}

/* Room for every type that the description has by now. */
static int make_room(ffi_object *ffi)
{
    uint32_t count = ffi->description->type_count;
    ctype **by_id = PyMem_Realloc(ffi->by_id, count * sizeof *by_id);
    if (by_id == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    memset(by_id + ffi->by_id_count, 0, (count - ffi->by_id_count) * sizeof *by_id);
    ffi->by_id = by_id;
    ffi->by_id_count = count;
    return 0;
}

static ctype *realise_new(ffi_object *ffi, sb_type_id id)
{
    const sb_type row = ffi->description->types[id];
    switch ((sb_kind)row.kind) {
    case SB_POINTER:
        return realise_pointer(ffi, id);
    case SB_ARRAY:
        return realise_array(ffi, id);
    case SB_FUNCTION:
        return realise_function(ffi, id);
    case SB_STRUCT:
    case SB_UNION:
        return realise_record(ffi, id);
    case SB_ENUM:
        return realise_enum(ffi, id);
    default:
        return row.flags & SB_TYPE_PARTIAL
                   ? unknown_number(ffi->description, &row)
                   : ctype_primitive(ffi->state, (sb_primitive)row.primitive);
    }
}

/* Making objects may run Python code, in finalizers, that adds declarations: so rows are copied, and
 * the description is held. Ids stay the same. */
ctype *realise(ffi_object *ffi, sb_type_id id)
{
    if (id >= ffi->by_id_count && make_room(ffi) < 0)
        return NULL;
    if (ffi->by_id[id] != NULL)
        return (ctype *)Py_NewRef((PyObject *)ffi->by_id[id]);
    sb_description *held = sb_description_retain(ffi->description);
    ctype *type = realise_new(ffi, id);
    sb_description_release(held);
    if (type != NULL && ffi->by_id[id] == NULL)
        ffi->by_id[id] = (ctype *)Py_NewRef((PyObject *)type);
    return type;
}

void realise_completed(ffi_object *ffi)
{
    for (uint32_t id = 1; id < ffi->by_id_count; id++) {
        ctype *type = ffi->by_id[id];
        const sb_type *row = &ffi->description->types[id];
        if (type == NULL || !ctype_is_record(type) || (type->flags & CTYPE_COMPLETE) ||
            !(row->flags & SB_TYPE_COMPLETE))
            continue;
        ffi_object *before = type->origin; /* another one, when this FFI included it */
        type->origin = (ffi_object *)Py_NewRef((PyObject *)ffi);
        Py_XDECREF(before);
        sb_description_release(type->description);
        type->description = sb_description_retain(ffi->description);
        type->id = id;
        ctype_complete(type, row);
    }
}

int realise_check(ffi_object *ffi)
{
    const sb_description *d = ffi->description;
    for (sb_type_id id = 1; id < d->type_count; id++) {
        const sb_type *row = &d->types[id];
        bool is_tagged =
            row->kind == SB_STRUCT || row->kind == SB_UNION || row->kind == SB_ENUM;
        if (is_tagged && realise_needs_compiler(d, row)) {
            char name[NAME_ROOM];
            if (tagged_name(ffi, id, name) == 0)
                (void)missing(ffi->state, name);
            return -1;
        }
    }
    return 0;
}

int realise_as(ffi_object *ffi, sb_type_id id, ctype *type)
{
    if (id >= ffi->by_id_count && make_room(ffi) < 0)
        return -1;
    if (ffi->by_id[id] == NULL)
        ffi->by_id[id] = (ctype *)Py_NewRef((PyObject *)type);
    return 0;
}

/* ---- fields ---------------------------------------------------------------------------------- */

/* cffi's place of a bit-field: its lowest bit in a value of its type, where an aligned one would
 * be. In packed records it can reach beyond that; then the value begins in the byte of its lowest
 * bit. */
static void place_bits(cfield *field, const sb_field *row, bool packed)
{
    Py_ssize_t align = packed ? 1 : (Py_ssize_t)field->type->align;
    Py_ssize_t size = field->type->size, width = row->bit_width;
    Py_ssize_t first = 8 * (Py_ssize_t)row->offset + row->bit_offset; /* bit of the record */
    Py_ssize_t offset = (Py_ssize_t)row->offset & ~(align - 1);
    if (first + width > 8 * (offset + size))
        offset = SB_BIT_FIELDS_FROM_TOP ? (first + width + 7) / 8 - size : first / 8;
    Py_ssize_t shift = SB_BIT_FIELDS_FROM_TOP ? 8 * (offset + size) - (first + width)
                                              : first - 8 * offset;
    field->offset = offset;
    field->bit_shift = (int16_t)shift;
    field->bit_size = (int16_t)width;
}

static int add_field(PyObject *fields, cfield *field)
{
    if (field == NULL)
        return -1;
    int status = PyDict_SetItem(fields, field->name, (PyObject *)field);
    Py_DECREF(field);
    return status;
}

/* The fields of a record without a name are the outer one's. */
static int add_inner(PyObject *fields, ctype *inner, Py_ssize_t offset, uint8_t flags)
{
    Py_ssize_t position = 0;
    PyObject *each;
    if (ctype_fill(inner, true) < 0)
        return -1;
    while (PyDict_Next(inner->fields, &position, NULL, &each)) {
        cfield *from = (cfield *)each;
        cfield *field = cfield_new(inner->state, from->name, from->type, offset + from->offset);
        if (field != NULL) {
            field->bit_shift = from->bit_shift;
            field->bit_size = from->bit_size;
            field->flags = from->flags | flags;
        }
        if (add_field(fields, field) < 0)
            return -1;
    }
    return 0;
}

static int add_row(PyObject *fields, ffi_object *ffi, const sb_field *row, ctype *type, bool packed,
                   uint8_t flags)
{
    if (row->value.name == 0 && row->bit_width > 0)
        return 0;
    if (row->value.name == 0 && ctype_is_record(type))
        return add_inner(fields, type, (Py_ssize_t)row->offset, flags);
    PyObject *name = PyUnicode_FromString(sb_string(ffi->description, row->value.name));
    if (name == NULL)
        return -1;
    cfield *field = cfield_new(ffi->state, name, type, (Py_ssize_t)row->offset);
    Py_DECREF(name);
    if (field != NULL) {
        field->flags = flags;
        if (row->bit_width > 0)
            place_bits(field, row, packed);
    }
    return add_field(fields, field);
}

/* The dict of fields of a record of this FFI, or NULL. */
static PyObject *fields_of(ffi_object *ffi, sb_type_id id)
{
    const sb_type record = ffi->description->types[id];
    PyObject *fields = PyDict_New();
    for (uint32_t i = 0; fields != NULL && i < record.count; i++) {
        sb_field row = ffi->description->fields[record.first + i];
        ctype *type = realise(ffi, row.value.type);
        uint8_t flags = record.kind == SB_UNION && i > 0 ? CFIELD_NOT_INITIALISED : 0;
        if (type == NULL ||
            add_row(fields, ffi, &row, type, record.flags & SB_TYPE_PACKED, flags) < 0)
            Py_CLEAR(fields);
        Py_XDECREF(type);
    }
    return fields;
}

int realise_fields(ctype *record)
{
    ffi_object *ffi = record->origin;
    if (ffi == NULL) {
        PyErr_Format(PyExc_RuntimeError, "the fields of '%s' are gone", record->name);
        return -1;
    }
    Py_INCREF(ffi);
    PyObject *fields = fields_of(ffi, record->id);
    int status = -1;
    if (fields != NULL && (record->flags & CTYPE_FILLED)) { /* meanwhile, by a finalizer */
        Py_DECREF(fields);
        status = 0;
    } else if (fields != NULL)
        status = ctype_set_fields(record, fields);
    if (status == 0) {
        sb_description *before = record->description;
        record->description = sb_description_retain(ffi->description);
        sb_description_release(before);
    }
    Py_DECREF(ffi);
    return status;
}
