/* ffi.c - a set of C declarations: how it grows with cdef and include, and what names in it mean.
 *
 * Each cdef makes a new description upon the one before it, in which types keep their ids, and so
 * their ctypes. Names of types are parsed once and then found in by_name.
 *
 * What users call on it is in method.c.
 */
#include "realise.h"

#include <stddef.h>
#include <string.h>
#include <structmember.h>

/* ---- parsing --------------------------------------------------------------------------------- */

sb_status ffi_parse(const char *text, size_t length, const sb_description *base, unsigned flags,
                    uint32_t pack, sb_description **out, sb_error *error)
{
    const sb_parse_options options = {
        .base = base, .flags = flags | SB_PARSE_CDEF, .pack = pack};
    return sb_description_parse_with(text, length, &options, out, error);
}

/* The line that an error is in, with a caret below the place. Characters that would not show are
 * replaced, and long texts are left out. */
enum { LONGEST_SHOWN = 500 };

static void indent_by(char indent[LONGEST_SHOWN + 1], size_t spaces)
{
    memset(indent, ' ', spaces);
    indent[spaces] = '\0';
}

static PyObject *shown_place(const char *text, size_t length, size_t offset)
{
    if (length > LONGEST_SHOWN)
        return PyUnicode_FromString("");
    char shown[LONGEST_SHOWN + 1];
    for (size_t i = 0; i < length; i++)
        shown[i] = text[i] >= ' ' && text[i] < 0x7f           ? text[i]
                   : text[i] == '\t' || text[i] == '\n'       ? ' '
                                                              : '?';
    shown[length] = '\0';
    char indent[LONGEST_SHOWN + 1];
    indent_by(indent, offset > length ? length : offset);
    return PyUnicode_FromFormat("\n%s\n%s^", shown, indent);
}

/* What the FFI of cffi's modules says of a wrong type, where code compares it. */
static const struct {
    const char *ours, *cffis;
} type_messages[] = {
    {"expected a type", "identifier expected"},
    {"the control character", "identifier expected"},
    {"unknown type name", "undefined type name"},
    {"expected a name or '{' after", "struct or union name expected"},
};

static const char *type_message(const ffi_object *ffi, const char *message)
{
    for (size_t i = 0; !ffi->is_inline && i < sizeof type_messages / sizeof *type_messages; i++)
        if (strncmp(message, type_messages[i].ours, strlen(type_messages[i].ours)) == 0)
            return type_messages[i].cffis;
    return message;
}

/* The byte of the text that an error is at. */
static size_t error_offset(const char *text, size_t length, const sb_error *error)
{
    size_t offset = 0;
    for (uint32_t line = 1; line < error->line && offset < length; offset++)
        line += text[offset] == '\n';
    return error->column == 0 ? offset : offset + error->column - 1;
}

static void raise_type_error(const ffi_state *state, const char *message, const char *text,
                             size_t length, size_t offset)
{
    PyObject *place = shown_place(text, length, offset);
    if (place != NULL)
        PyErr_Format(state->type_error, "%s%U", message, place);
    Py_XDECREF(place);
}

static void raise_for_type(const ffi_object *ffi, const char *text, size_t length,
                           const sb_error *error)
{
    if (error->status == SB_ERROR_MEMORY)
        PyErr_NoMemory();
    else
        raise_type_error(ffi->state, type_message(ffi, error->message), text, length,
                         error_offset(text, length, error));
}

static void raise_for_cdef(const ffi_state *state, const sb_error *error)
{
    /* cffi tells a name that is declared twice from one that makes no sense. */
    PyObject *kind = error->status == SB_ERROR_CONFLICT ? state->ffi_error : state->cdef_error;
    if (error->status == SB_ERROR_MEMORY)
        PyErr_NoMemory();
    else if (error->line == 0)
        PyErr_SetString(kind, error->message);
    else {
        char indent[LONGEST_SHOWN + 1];
        indent_by(indent, error->caret < LONGEST_SHOWN ? error->caret : LONGEST_SHOWN);
        PyErr_Format(kind, "<cdef source string>:%u:%u: %s\n%s\n%s^", error->line, error->column,
                     error->message, error->excerpt, indent);
    }
}

sb_description *ffi_description(ffi_object *ffi)
{
    sb_error error;
    if (likely(ffi->description != NULL))
        return ffi->description;
    if (ffi_parse("", 0, ffi->state->plain, 0, 0, &ffi->description, &error) != SB_OK)
        raise_for_cdef(ffi->state, &error);
    else
        ffi->declared = ffi->description->declaration_count;
    return ffi->description;
}

/* ---- cdef ------------------------------------------------------------------------------------ */

/* One cdef is kept as (text, flags, pack, include, first, end), for those that include this FFI:
 * its types are those from `first` to `end`. include: it came from included[include]; -1: it is our
 * own. */
static int add_source(ffi_object *ffi, PyObject *text, unsigned flags, uint32_t pack,
                      Py_ssize_t include, uint32_t first, uint32_t end)
{
    PyObject *source = Py_BuildValue("(OIInII)", text, flags, pack, include, first, end);
    int status = source == NULL ? -1 : PyList_Append(ffi->sources, source);
    Py_XDECREF(source);
    return status;
}

static int add_declarations(ffi_object *ffi, PyObject *text, unsigned flags, uint32_t pack,
                            Py_ssize_t include)
{
    Py_ssize_t length;
    const char *utf8 = PyUnicode_AsUTF8AndSize(text, &length);
    const sb_description *base = utf8 == NULL ? NULL : ffi_description(ffi);
    if (base == NULL)
        return -1;
    sb_description *made;
    sb_error error;
    if (ffi_parse(utf8, (size_t)length, base, flags, pack, &made, &error) != SB_OK) {
        raise_for_cdef(ffi->state, &error);
        return -1;
    }
    if (add_source(ffi, text, flags, pack, include, base->type_count, made->type_count) < 0) {
        sb_description_release(made);
        return -1;
    }
    sb_description_release(ffi->description);
    ffi->description = made;
    ffi->declared = made->declaration_count;
    ffi->version++;
    if (flags & SB_PARSE_OVERRIDE)
        ffi->overrides++;
    realise_completed(ffi);
    PyDict_Clear(ffi->by_name); /* a name may mean something else now */
    return 0;
}

int ffi_cdef(ffi_object *ffi, PyObject *text, unsigned flags, uint32_t pack)
{
    return add_declarations(ffi, text, flags, pack, -1);
}

/* ---- include --------------------------------------------------------------------------------- */

static bool is_tagged(const sb_type *row)
{
    return row->kind == SB_STRUCT || row->kind == SB_UNION || row->kind == SB_ENUM;
}

/* The struct, union or enum among types [*from, to) of d that stands for `row` of another
 * description that was made by the same text; 0 when there is none. */
static sb_type_id counterpart(const sb_description *d, sb_type_id *from, sb_type_id to,
                              const sb_description *other, const sb_type *row)
{
    for (sb_type_id id = *from; id < to; id++) {
        const sb_type *mine = &d->types[id];
        if (mine->kind != row->kind || !is_tagged(mine) ||
            strcmp(sb_string(d, mine->name), sb_string(other, row->name)) != 0)
            continue;
        *from = id + 1;
        return id;
    }
    return 0;
}

/* Takes over the ctypes that `other` has for the types of one cdef, which this FFI has parsed. */
static int share_types(ffi_object *ffi, sb_type_id from, ffi_object *other, sb_type_id first,
                       sb_type_id end)
{
    sb_type_id to = ffi->description->type_count;
    for (sb_type_id id = first; id < end; id++) {
        const sb_type row = other->description->types[id];
        if (!is_tagged(&row) || realise_needs_compiler(other->description, &row))
            continue;
        sb_type_id mine = counterpart(ffi->description, &from, to, other->description, &row);
        if (mine == 0)
            continue;
        ctype *type = realise(other, id);
        if (type == NULL || realise_as(ffi, mine, type) < 0) {
            Py_XDECREF(type);
            return -1;
        }
        Py_DECREF(type);
    }
    return 0;
}

/* Whether this very text is here already, because the FFI that it comes from was included before,
 * perhaps by way of a third. */
static bool has_source(const ffi_object *ffi, PyObject *text)
{
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(ffi->sources); i++)
        if (PyTuple_GET_ITEM(PyList_GET_ITEM(ffi->sources, i), 0) == text)
            return true;
    return false;
}

int ffi_include(ffi_object *ffi, ffi_object *other)
{
    Py_ssize_t include = PyList_GET_SIZE(ffi->included);
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(other->sources); i++) {
        PyObject *text, *source = PyList_GET_ITEM(other->sources, i);
        unsigned flags, pack, first, end;
        Py_ssize_t origin;
        const sb_description *before = ffi_description(ffi);
        if (before == NULL ||
            !PyArg_ParseTuple(source, "OIInII", &text, &flags, &pack, &origin, &first, &end))
            return -1;
        if (has_source(ffi, text))
            continue;
        sb_type_id from = before->type_count;
        Py_INCREF(source);
        int status = add_declarations(ffi, text, flags, pack, include);
        Py_DECREF(source);
        if (status < 0 || share_types(ffi, from, other, first, end) < 0)
            return -1;
    }
    return PyList_Append(ffi->included, (PyObject *)other);
}

/* ---- names of types -------------------------------------------------------------------------- */

/* A struct, union or enum that only the name of a type has mentioned, among what a type is made of;
 * NULL when there is none. Types nest at most SB_MAX_NESTING deep. */
static const sb_type *find_undeclared(const ffi_object *ffi, sb_type_id id)
{
    const sb_description *d = ffi->description;
    const sb_type *row = &d->types[id];
    if (is_tagged(row))
        return row->decl != SB_NONE && row->decl >= ffi->declared ? row : NULL;
    const sb_type *found = row->target == 0 ? NULL : find_undeclared(ffi, row->target);
    for (uint32_t i = 0; found == NULL && row->kind == SB_FUNCTION && i < row->count; i++)
        found = find_undeclared(ffi, d->params[row->first + i].type);
    return found;
}

/* What a text names; function types as pointers to them, with *is_function. New reference. */
static ctype *parse_name(ffi_object *ffi, PyObject *name, bool *is_function)
{
    Py_ssize_t length;
    const char *text = PyUnicode_AsUTF8AndSize(name, &length);
    sb_description *d = text == NULL ? NULL : ffi_description(ffi);
    if (d == NULL)
        return NULL;
    sb_type_id id;
    sb_error error;
    if (sb_description_type(d, text, (size_t)length, &id, &error) != SB_OK) {
        raise_for_type(ffi, text, (size_t)length, &error);
        return NULL;
    }
    const sb_type *undeclared = ffi->is_inline ? NULL : find_undeclared(ffi, id);
    if (undeclared != NULL) {
        const char *tag = sb_string(d, undeclared->name), *at = strstr(text, tag);
        raise_type_error(ffi->state, "undefined struct/union name", text, (size_t)length,
                         at == NULL ? 0 : (size_t)(at - text));
        return NULL;
    }
    *is_function = d->types[id].kind == SB_FUNCTION;
    return realise(ffi, id);
}

static ctype *refuse_function(const ffi_object *ffi, PyObject *name, ctype *function)
{
    PyErr_Format(ffi->state->cdef_error,
                 "the type '%U' is a function type, not a pointer-to-function type", name);
    Py_DECREF(function);
    return NULL;
}

/* by_name holds ctypes, and those of function types in a tuple. */
static ctype *find_name(ffi_object *ffi, PyObject *name, unsigned accept)
{
    PyObject *known = PyDict_GetItemWithError(ffi->by_name, name);
    if (likely(known != NULL && ctype_check(ffi->state, known)))
        return (ctype *)Py_NewRef(known);
    bool is_function = known != NULL;
    ctype *type;
    if (is_function)
        type = (ctype *)Py_NewRef(PyTuple_GET_ITEM(known, 0));
    else if (PyErr_Occurred() || (type = parse_name(ffi, name, &is_function)) == NULL)
        return NULL;
    else {
        PyObject *entry = is_function ? PyTuple_Pack(1, type) : Py_NewRef((PyObject *)type);
        int status = entry == NULL ? -1 : PyDict_SetItem(ffi->by_name, name, entry);
        Py_XDECREF(entry);
        if (status < 0) {
            Py_DECREF(type);
            return NULL;
        }
    }
    return is_function && !(accept & FUNCTION_AS_POINTER) ? refuse_function(ffi, name, type) : type;
}

static COLD ctype *refuse_object(PyObject *named, unsigned accept)
{
    const char *string = accept & ACCEPT_STRING ? "string" : "";
    const char *type = accept & ACCEPT_CTYPE ? "ctype object" : "";
    const char *value = accept & ACCEPT_CDATA ? "cdata object" : "";
    bool has_more = (accept & (ACCEPT_CTYPE | ACCEPT_CDATA)) != 0;
    PyErr_Format(PyExc_TypeError, "expected a %s%s%s%s%s, got '%.200s'", string,
                 *string && has_more ? " or " : "", type, *type && *value ? " or " : "", value,
                 Py_TYPE(named)->tp_name);
    return NULL;
}

ctype *ffi_type_of(ffi_object *ffi, PyObject *named, unsigned accept)
{
    if ((accept & ACCEPT_STRING) && PyUnicode_Check(named))
        return find_name(ffi, named, accept);
    if ((accept & ACCEPT_CTYPE) && ctype_check(ffi->state, named))
        return (ctype *)Py_NewRef(named);
    if ((accept & ACCEPT_CDATA) && cdata_is(named))
        return (ctype *)Py_NewRef((PyObject *)((cdata *)named)->type);
    return refuse_object(named, accept);
}

/* ---- the object ------------------------------------------------------------------------------ */

static PyObject *ffi_new(PyTypeObject *type, PyObject *Py_UNUSED(args), PyObject *Py_UNUSED(kwargs))
{
    ffi_state *state = ffi_state_of(type);
    if (state == NULL) {
        if (!PyErr_Occurred())
            PyErr_SetString(PyExc_RuntimeError, "symbridge has been unloaded");
        return NULL;
    }
    ffi_object *ffi = (ffi_object *)type->tp_alloc(type, 0);
    if (ffi == NULL)
        return NULL;
    ffi->state = state;
    ffi_state_retain(state);
    PyObject *is_inline = PyObject_GetAttrString((PyObject *)type, "_inline");
    ffi->is_inline = is_inline == Py_True;
    Py_XDECREF(is_inline);
    if (is_inline == NULL)
        PyErr_Clear();
    ffi->by_name = PyDict_New();
    ffi->included = PyList_New(0);
    ffi->sources = PyList_New(0);
    ffi->libraries = PyList_New(0);
    if (ffi->by_name == NULL || ffi->included == NULL || ffi->sources == NULL ||
        ffi->libraries == NULL)
        Py_CLEAR(ffi);
    return (PyObject *)ffi;
}

/* Subclasses may take what they like, as long as they do not pass it on. */
static int ffi_init(PyObject *Py_UNUSED(self), PyObject *args, PyObject *kwargs)
{
    if (PyTuple_GET_SIZE(args) == 0 && (kwargs == NULL || PyDict_GET_SIZE(kwargs) == 0))
        return 0;
    PyErr_SetString(PyExc_TypeError, "FFI() takes no arguments");
    return -1;
}

static int ffi_traverse(PyObject *self, visitproc visit, void *arg)
{
    ffi_object *ffi = (ffi_object *)self;
    Py_VISIT(Py_TYPE(self));
    for (uint32_t id = 0; id < ffi->by_id_count; id++)
        Py_VISIT(ffi->by_id[id]);
    Py_VISIT(ffi->by_name);
    Py_VISIT(ffi->included);
    Py_VISIT(ffi->sources);
    Py_VISIT(ffi->libraries);
    Py_VISIT(ffi->once);
    return 0;
}

static int ffi_clear(PyObject *self)
{
    ffi_object *ffi = (ffi_object *)self;
    for (uint32_t id = 0; id < ffi->by_id_count; id++)
        Py_CLEAR(ffi->by_id[id]);
    if (ffi->by_name != NULL)
        PyDict_Clear(ffi->by_name);
    if (ffi->libraries != NULL)
        (void)PyList_SetSlice(ffi->libraries, 0, PY_SSIZE_T_MAX, NULL);
    Py_CLEAR(ffi->once);
    return 0;
}

static void ffi_dealloc(PyObject *self)
{
    ffi_object *ffi = (ffi_object *)self;
    PyTypeObject *own = Py_TYPE(self);
    ffi_state *state = ffi->state;
    PyObject_GC_UnTrack(self);
    if (ffi->weak_references != NULL)
        PyObject_ClearWeakRefs(self);
    (void)ffi_clear(self);
    PyMem_Free(ffi->by_id);
    names_free(ffi->names);
    typedefs_free(ffi->typedefs);
    Py_XDECREF(ffi->by_name);
    Py_XDECREF(ffi->included);
    Py_XDECREF(ffi->sources);
    Py_XDECREF(ffi->libraries);
    sb_description_release(ffi->description);
    own->tp_free(self);
    Py_DECREF(own);
    if (state != NULL)
        ffi_state_release(state);
}

static PyMemberDef ffi_members[] = {
    {"__weaklistoffset__", T_PYSSIZET, offsetof(ffi_object, weak_references), READONLY, NULL},
    {NULL, 0, 0, 0, NULL},
};

static PyType_Slot ffi_slots[] = {
    {Py_tp_new, (void *)ffi_new},
    {Py_tp_init, (void *)ffi_init},
    {Py_tp_dealloc, (void *)ffi_dealloc},
    {Py_tp_traverse, (void *)ffi_traverse},
    {Py_tp_clear, (void *)ffi_clear},
    {Py_tp_methods, ffi_methods},
    {Py_tp_getset, ffi_getsets},
    {Py_tp_members, ffi_members},
    {Py_tp_doc, (void *)"FFI()\n--\n\n"
                        "A set of C declarations, and what can be done with the types in it."},
    {0, NULL},
};

PyType_Spec ffi_spec = {
    .name = "symbridge._bridge.FFI",
    .basicsize = sizeof(ffi_object),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC |
             Py_TPFLAGS_IMMUTABLETYPE,
    .slots = ffi_slots,
};
