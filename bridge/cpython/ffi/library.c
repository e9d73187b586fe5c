/* library.c - libraries that FFI opened: functions, variables and constants by name.
 *
 * A library finds a name in its dict: functions and constants as they are, variables as pointers to
 * them, through which they are read and written. What is not there yet is looked up in the FFI's
 * declarations, through an index that all libraries of the FFI share, and put in. Closing empties
 * the dict. An FFI keeps its libraries open, because functions and pointers to variables do not.
 */
#include "attach.h"
#include "realise.h"

#include <dlfcn.h>
#include <stddef.h>
#include <string.h>
#include <structmember.h>

/* ---- declarations by name -------------------------------------------------------------------- */

/* C memory, owned by the FFI, made anew when the FFI has another description. Open hash; a slot
 * holds the index of a declaration, or of an enumerator with IS_ENUMERATOR, plus 1; 0: free. */
struct name_index {
    uint32_t version; /* of the FFI */
    uint32_t mask;
    uint32_t slots[];
};

#define IS_ENUMERATOR (1u << 31)

/* What a name stands for: an enumerator of the enum `of`, or a declaration. */
struct found {
    const sb_declaration *declaration;
    const sb_enumerator *enumerator;
    const sb_type *of;
};

void names_free(struct name_index *names)
{
    PyMem_Free(names);
}

static uint32_t hash_name(const char *name)
{
    uint32_t hash = 2166136261u; /* FNV-1a */
    for (; *name != '\0'; name++)
        hash = (hash ^ (unsigned char)*name) * 16777619u;
    return hash;
}

static const char *name_at(const sb_description *d, uint32_t entry)
{
    return sb_string(d, entry & IS_ENUMERATOR ? d->enumerators[entry & ~IS_ENUMERATOR].name
                                              : d->declarations[entry].name);
}

/* The slot of a name, or the free one where it goes. */
static uint32_t slot_of(const struct name_index *names, const sb_description *d, const char *name)
{
    uint32_t slot = hash_name(name) & names->mask;
    while (names->slots[slot] != 0 && strcmp(name_at(d, names->slots[slot] - 1), name) != 0)
        slot = (slot + 1) & names->mask;
    return slot;
}

/* Later ones win: that is what override means. */
static struct name_index *index_names(const sb_description *d)
{
    uint32_t size = 16;
    while (size < 2 * ((uint64_t)d->declaration_count + d->enumerator_count))
        size *= 2;
    struct name_index *names =
        PyMem_Calloc(1, offsetof(struct name_index, slots) + size * sizeof(uint32_t));
    if (names == NULL) {
        PyErr_NoMemory();
        return NULL;
    }
    names->mask = size - 1;
    for (uint32_t i = 0; i < d->enumerator_count; i++) {
        uint32_t entry = i | IS_ENUMERATOR;
        names->slots[slot_of(names, d, name_at(d, entry))] = entry + 1;
    }
    for (uint32_t i = 0; i < d->declaration_count; i++) {
        const sb_declaration *each = &d->declarations[i];
        if (each->kind == SB_DECL_FUNCTION || each->kind == SB_DECL_VARIABLE ||
            each->kind == SB_DECL_CONSTANT)
            names->slots[slot_of(names, d, sb_string(d, each->name))] = i + 1;
    }
    return names;
}

static const sb_type *enum_of(const sb_description *d, uint32_t enumerator)
{
    for (sb_type_id id = 1; id < d->type_count; id++) {
        const sb_type *row = &d->types[id];
        if (row->kind == SB_ENUM && enumerator >= row->first &&
            enumerator - row->first < row->count)
            return row;
    }
    return NULL;
}

/* 1: found, 0: no such name, -1 with an exception. */
static int find(ffi_object *ffi, const char *name, struct found *out)
{
    const sb_description *d = ffi_description(ffi);
    *out = (struct found){NULL, NULL, NULL};
    if (d == NULL)
        return -1;
    struct name_index *names = ffi->names;
    if (names == NULL || names->version != ffi->version) {
        names = index_names(d);
        if (names == NULL)
            return -1;
        names->version = ffi->version;
        names_free(ffi->names);
        ffi->names = names;
    }
    uint32_t entry = names->slots[slot_of(names, d, name)];
    if (entry == 0)
        return 0;
    entry--;
    if (entry & IS_ENUMERATOR) {
        out->enumerator = &d->enumerators[entry & ~IS_ENUMERATOR];
        out->of = enum_of(d, entry & ~IS_ENUMERATOR);
        return out->of != NULL;
    }
    out->declaration = &d->declarations[entry];
    return 1;
}

/* An enumerator, or a constant whose integer value is in the text. */
static bool has_value(const struct found *found)
{
    if (found->of != NULL)
        return true;
    switch ((sb_constant_kind)found->declaration->constant.kind) {
    case SB_CONST_INT:
    case SB_CONST_UINT:
    case SB_CONST_BOOL:
        return found->declaration->kind == SB_DECL_CONSTANT;
    default:
        return false;
    }
}

/* The value of an enumerator, or of a constant that the text gives one. */
static PyObject *value_of(const ffi_object *ffi, const struct found *found)
{
    if (found->of == NULL)
        return realise_constant(ffi->description, &found->declaration->constant);
    if ((found->of->flags & SB_TYPE_PARTIAL) == 0)
        return realise_enumerator(found->of, found->enumerator);
    PyErr_Format(ffi->state->verification_missing, "enum %s",
                 sb_string(ffi->description, found->of->name));
    return NULL;
}

PyObject *library_constant(ffi_object *ffi, PyObject *name)
{
    struct found found;
    const char *text = PyUnicode_AsUTF8(name);
    int status = text == NULL ? -1 : find(ffi, text, &found);
    if (status < 0)
        return NULL;
    if (status > 0 && has_value(&found))
        return value_of(ffi, &found);
    if (status > 0)
        PyErr_Format(ffi->state->ffi_error,
                     "function, global variable or non-integer constant '%.200s' must be fetched "
                     "from its original 'lib' object",
                     text);
    else
        PyErr_Format(PyExc_AttributeError, "integer constant '%.200s' not found", text);
    return NULL;
}

/* ---- libraries ------------------------------------------------------------------------------- */

/* GC object. `dictionary` holds ints, functions as cdata, and variables as a tuple of one pointer,
 * which tells them from constants that are pointers. */
typedef struct library {
    PyObject_HEAD
    ffi_object *ffi;
    PyObject *name;       /* str, for messages */
    PyObject *dictionary; /* name -> what it is */
    void *handle;         /* dlopen's; NULL once closed */
    bool closes;          /* the handle is ours */
    uint32_t overrides;   /* of the FFI, when the dict was begun */
    PyObject *weak_references;
} library;

/* cffi's words and classes differ between its in-line mode and its modules. */
static COLD void raise_closed(const library *lib)
{
    if (lib->ffi->is_inline)
        PyErr_Format(PyExc_ValueError, "library '%U' has already been closed", lib->name);
    else
        PyErr_Format(lib->ffi->state->ffi_error, "library '%U' has been closed", lib->name);
}

static COLD void raise_no_symbol(const library *lib, const char *symbol, bool is_function,
                                 const char *why)
{
    if (!lib->ffi->is_inline)
        PyErr_Format(lib->ffi->state->ffi_error, "symbol '%s' not found in library '%U': %s",
                     symbol, lib->name, why);
    else
        PyErr_Format(is_function ? PyExc_AttributeError : PyExc_KeyError,
                     "%s '%s' not found in library '%U': %s",
                     is_function ? "function/symbol" : "variable", symbol, lib->name, why);
}

/* The address of a symbol, or NULL with an exception. */
static void *address_of(const library *lib, const char *symbol, bool is_function)
{
    if (lib->handle == NULL) {
        raise_closed(lib);
        return NULL;
    }
    (void)dlerror();
    void *address = dlsym(lib->handle, symbol);
    const char *error = address == NULL ? dlerror() : NULL;
    if (address == NULL)
        raise_no_symbol(lib, symbol, is_function, error == NULL ? "its address is NULL" : error);
    return address;
}

static const char *symbol_of(const sb_description *d, const sb_declaration *declared)
{
    return sb_string(d, declared->symbol != 0 ? declared->symbol : declared->name);
}

/* A pointer to a variable: what reading and writing it go through. An array of unknown length is
 * its first element's address. */
static PyObject *pointer_to_variable(ctype *type, void *address)
{
    ctype *pointer = ctype_pointer_to(type);
    PyObject *made = pointer == NULL ? NULL : (PyObject *)cdata_new(pointer, address);
    Py_XDECREF(pointer);
    return made;
}

static PyObject *make_declared(library *lib, const sb_declaration *declared)
{
    sb_declaration row = *declared; /* realising types may move it */
    if (row.kind == SB_DECL_CONSTANT && (row.type == 0 || lib->ffi->is_inline)) {
        PyErr_Format(PyExc_NotImplementedError,
                     "non-integer constant '%s' cannot be accessed from a dlopen() library",
                     sb_string(lib->ffi->description, row.name));
        return NULL;
    }
    void *address = address_of(lib, symbol_of(lib->ffi->description, &row),
                               row.kind == SB_DECL_FUNCTION);
    ctype *type = address == NULL ? NULL : realise(lib->ffi, row.type);
    if (type == NULL)
        return NULL;
    PyObject *made = NULL;
    if (row.kind == SB_DECL_FUNCTION)
        made = (PyObject *)function_new(type, address, NULL);
    else if (row.kind == SB_DECL_CONSTANT || ((row.quals & SB_CONST) && type->kind != SB_ARRAY))
        made = convert_load(type, address, (PyObject *)lib);
    else {
        PyObject *pointer = pointer_to_variable(type, address);
        made = pointer == NULL ? NULL : PyTuple_Pack(1, pointer);
        Py_XDECREF(pointer);
    }
    Py_DECREF(type);
    return made;
}

/* Makes what a name stands for and keeps it. Borrowed from the dict; NULL with AttributeError. */
static PyObject *make(library *lib, PyObject *name)
{
    struct found found;
    const char *text = PyUnicode_AsUTF8(name);
    int status = text == NULL ? -1 : find(lib->ffi, text, &found);
    if (status < 0)
        return NULL;
    if (status == 0 && lib->ffi->is_inline) {
        PyErr_SetObject(PyExc_AttributeError, name);
        return NULL;
    }
    if (status == 0) {
        PyErr_Format(PyExc_AttributeError,
                     "cffi library '%.200U' has no function, constant or global variable named "
                     "'%.200s'",
                     lib->name, text);
        return NULL;
    }
    PyObject *made = has_value(&found) ? value_of(lib->ffi, &found)
                                       : make_declared(lib, found.declaration);
    if (made == NULL)
        return NULL;
    status = PyDict_SetItem(lib->dictionary, name, made);
    Py_DECREF(made);
    return status < 0 ? NULL : made;
}

static inline PyObject *get(library *lib, PyObject *name)
{
    if (unlikely(lib->overrides != lib->ffi->overrides)) {
        PyDict_Clear(lib->dictionary);
        lib->overrides = lib->ffi->overrides;
    }
    PyObject *known = PyDict_GetItemWithError(lib->dictionary, name);
    if (likely(known != NULL) || PyErr_Occurred())
        return known;
    return make(lib, name);
}

static PyObject *read_variable(PyObject *entry, PyObject *owner)
{
    cdata *pointer = (cdata *)PyTuple_GET_ITEM(entry, 0);
    return convert_load(pointer->type->item, pointer->address, owner);
}

/* ---- names of a library ---------------------------------------------------------------------- */

static int add_name(PyObject *names, const char *text)
{
    PyObject *name = PyUnicode_FromString(text);
    int status = name == NULL ? -1 : PyList_Append(names, name);
    Py_XDECREF(name);
    return status;
}

/* All that the FFI declares; sorted. */
static PyObject *names_of(library *lib, bool with_variables)
{
    const sb_description *d = ffi_description(lib->ffi);
    PyObject *list = d == NULL ? NULL : PyList_New(0);
    int status = list == NULL ? -1 : 0;
    for (uint32_t i = 0; status == 0 && i < d->declaration_count; i++) {
        const sb_declaration *each = &d->declarations[i];
        bool is_variable = each->kind == SB_DECL_VARIABLE && !(each->quals & SB_CONST);
        if (each->kind == SB_DECL_FUNCTION || each->kind == SB_DECL_CONSTANT ||
            (each->kind == SB_DECL_VARIABLE && (with_variables || !is_variable)))
            status = add_name(list, sb_string(d, each->name));
    }
    for (uint32_t i = 0; status == 0 && i < d->enumerator_count; i++)
        status = add_name(list, sb_string(d, d->enumerators[i].name));
    if (status == 0)
        status = PyList_Sort(list);
    if (status < 0)
        Py_CLEAR(list);
    return list;
}

static PyObject *library_dir(PyObject *self, PyObject *Py_UNUSED(unused))
{
    return names_of((library *)self, true);
}

static PyObject *library_dict(library *lib)
{
    PyObject *names = names_of(lib, true), *all = names == NULL ? NULL : PyDict_New();
    for (Py_ssize_t i = 0; all != NULL && i < PyList_GET_SIZE(names); i++) {
        PyObject *name = PyList_GET_ITEM(names, i), *value = get(lib, name);
        if (value != NULL && PyTuple_CheckExact(value))
            value = PyTuple_GET_ITEM(value, 0);
        if (value == NULL || PyDict_SetItem(all, name, value) < 0)
            Py_CLEAR(all);
    }
    Py_XDECREF(names);
    return all;
}

/* ---- attributes ------------------------------------------------------------------------------ */

/* What every object has, for a name that the library does not know. */
static COLD PyObject *own_attribute(library *lib, PyObject *name)
{
    PyObject *type, *value, *trace;
    const char *text = PyUnicode_AsUTF8(name);
    if (text == NULL || strncmp(text, "__", 2) != 0)
        return NULL;
    PyErr_Fetch(&type, &value, &trace);
    PyObject *found = NULL;
    if (strcmp(text, "__all__") == 0)
        found = names_of(lib, false);
    else if (strcmp(text, "__dict__") == 0)
        found = library_dict(lib);
    else if (strcmp(text, "__name__") == 0)
        found = PyUnicode_FromFormat("%U.lib", lib->name);
    else if (strcmp(text, "__loader__") == 0 || strcmp(text, "__spec__") == 0)
        found = Py_NewRef(Py_None);
    else if ((found = PyObject_GenericGetAttr((PyObject *)lib, name)) == NULL) {
        PyErr_Restore(type, value, trace); /* the library's own words */
        return NULL;
    }
    Py_XDECREF(type);
    Py_XDECREF(value);
    Py_XDECREF(trace);
    return found;
}

static PyObject *library_getattr(PyObject *self, PyObject *name)
{
    library *lib = (library *)self;
    PyObject *found = get(lib, name);
    if (unlikely(found == NULL))
        return PyErr_ExceptionMatches(PyExc_AttributeError) ? own_attribute(lib, name) : NULL;
    if (PyTuple_CheckExact(found))
        return read_variable(found, self);
    return Py_NewRef(found);
}

static int library_setattr(PyObject *self, PyObject *name, PyObject *value)
{
    library *lib = (library *)self;
    PyObject *found = get(lib, name);
    if (found == NULL)
        return -1;
    if (value == NULL) {
        PyErr_SetString(PyExc_AttributeError, "C attribute cannot be deleted");
        return -1;
    }
    if (!PyTuple_CheckExact(found)) {
        PyErr_Format(PyExc_AttributeError, "cannot write to function or constant '%.200U'", name);
        return -1;
    }
    cdata *pointer = (cdata *)Py_NewRef(PyTuple_GET_ITEM(found, 0));
    int status = convert_store(pointer->type->item, pointer->address, value);
    Py_DECREF(pointer);
    return status;
}

PyObject *library_address(PyObject *self, PyObject *name)
{
    if (!PyUnicode_Check(name)) {
        PyErr_Format(PyExc_TypeError, "addressof() argument 2 must be str, not %.200s",
                     Py_TYPE(name)->tp_name);
        return NULL;
    }
    PyObject *found = get((library *)self, name);
    if (found == NULL)
        return NULL;
    if (PyTuple_CheckExact(found))
        return Py_NewRef(PyTuple_GET_ITEM(found, 0));
    if (cdata_is(found) && ((cdata *)found)->type->kind == SB_FUNCTION)
        return Py_NewRef(found);
    PyErr_Format(PyExc_AttributeError, "cannot take the address of the constant '%.200U'", name);
    return NULL;
}

/* ---- opening and closing --------------------------------------------------------------------- */

static PyObject *library_new(ffi_object *ffi, PyObject *name, void *handle, bool closes)
{
    library *lib = PyObject_GC_New(library, ffi->state->library_type);
    PyObject *dictionary = lib == NULL ? NULL : PyDict_New();
    if (dictionary == NULL) {
        if (lib != NULL)
            PyObject_GC_Del(lib);
        if (closes)
            (void)dlclose(handle);
        return NULL;
    }
    lib->ffi = (ffi_object *)Py_NewRef((PyObject *)ffi);
    lib->name = Py_NewRef(name);
    lib->dictionary = dictionary;
    lib->handle = handle;
    lib->closes = closes;
    lib->overrides = ffi->overrides;
    lib->weak_references = NULL;
    PyObject_GC_Track(lib);
    /* What was taken from a library is used without it: it stays as long as its FFI. */
    if (closes && PyList_Append(ffi->libraries, (PyObject *)lib) < 0)
        Py_CLEAR(lib);
    return (PyObject *)lib;
}

/* A library that somebody else has opened, and will close. */
static PyObject *open_handle(ffi_object *ffi, const cdata *handle)
{
    if (handle->type != ffi->state->void_pointer) {
        PyErr_Format(PyExc_TypeError, "dlopen() takes a file name or 'void *' handle, not '%s'",
                     handle->type->name);
        return NULL;
    }
    if (handle->address == NULL) {
        PyErr_SetString(PyExc_RuntimeError, "cannot call dlopen(NULL)");
        return NULL;
    }
    PyObject *name = PyUnicode_FromFormat("%p", (void *)handle->address);
    PyObject *made = name == NULL ? NULL : library_new(ffi, name, handle->address, false);
    Py_XDECREF(name);
    return made;
}

static PyObject *open_path(ffi_object *ffi, const char *path, PyObject *shown, int flags)
{
    void *handle;
    char error[512];
    Py_BEGIN_ALLOW_THREADS /* runs the library's constructors */
    handle = dlopen(path, flags);
    const char *said = handle == NULL ? dlerror() : NULL;
    snprintf(error, sizeof error, "%s", said == NULL ? "unknown error" : said);
    Py_END_ALLOW_THREADS
    if (handle != NULL)
        return library_new(ffi, shown, handle, true);
    PyErr_Format(PyExc_OSError, "cannot load library '%U': %s", shown, error);
    return NULL;
}

PyObject *library_open(ffi_object *ffi, PyObject *name, int flags)
{
    if (cdata_is(name))
        return open_handle(ffi, (cdata *)name);
    if ((flags & (RTLD_NOW | RTLD_LAZY)) == 0)
        flags |= RTLD_NOW;
    PyObject *path = NULL, *shown, *made = NULL;
    if (name == Py_None)
        shown = PyUnicode_FromString("<None>");
    else {
        if (!PyUnicode_FSConverter(name, &path))
            return NULL;
        shown = PyUnicode_Check(name) ? Py_NewRef(name)
                                      : PyUnicode_DecodeFSDefault(PyBytes_AS_STRING(path));
    }
    if (shown != NULL)
        made = open_path(ffi, path == NULL ? NULL : PyBytes_AS_STRING(path), shown, flags);
    Py_XDECREF(shown);
    Py_XDECREF(path);
    return made;
}

/* Its FFI need not keep a closed one. */
static int forget_library(library *lib)
{
    PyObject *libraries = lib->ffi->libraries;
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(libraries); i++)
        if (PyList_GET_ITEM(libraries, i) == (PyObject *)lib)
            return PyList_SetSlice(libraries, i, i + 1, NULL);
    return 0;
}

/* The caller holds a reference to the library. */
int library_close(PyObject *self)
{
    library *lib = (library *)self;
    void *handle = lib->handle;
    if (handle == NULL)
        return 0;
    if (forget_library(lib) < 0)
        return -1;
    lib->handle = NULL;
    PyDict_Clear(lib->dictionary);
    if (!lib->closes || dlclose(handle) == 0)
        return 0;
    PyErr_Format(lib->ffi->state->ffi_error, "closing library '%U': %s", lib->name, dlerror());
    return -1;
}

/* ---- the type -------------------------------------------------------------------------------- */

static PyObject *library_repr(PyObject *self)
{
    return PyUnicode_FromFormat("<Lib object for '%U'>", ((library *)self)->name);
}

static int library_traverse(PyObject *self, visitproc visit, void *arg)
{
    library *lib = (library *)self;
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(lib->ffi);
    Py_VISIT(lib->dictionary);
    return 0;
}

static int library_clear(PyObject *self)
{
    PyDict_Clear(((library *)self)->dictionary);
    return 0;
}

static void library_dealloc(PyObject *self)
{
    library *lib = (library *)self;
    PyTypeObject *own = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    if (lib->weak_references != NULL)
        PyObject_ClearWeakRefs(self);
    if (lib->handle != NULL && lib->closes && !interpreter_is_ending())
        (void)dlclose(lib->handle);
    Py_DECREF(lib->dictionary);
    Py_DECREF(lib->name);
    Py_DECREF(lib->ffi);
    own->tp_free(self);
    Py_DECREF(own);
}

static PyMethodDef library_methods[] = {
    {"__dir__", library_dir, METH_NOARGS, "__dir__($self, /)\n--\n\nAll that is declared."},
    {NULL, NULL, 0, NULL},
};

static PyMemberDef library_members[] = {
    {"__weaklistoffset__", T_PYSSIZET, offsetof(library, weak_references), READONLY, NULL},
    {NULL, 0, 0, 0, NULL},
};

static PyType_Slot library_slots[] = {
    {Py_tp_dealloc, (void *)library_dealloc},
    {Py_tp_traverse, (void *)library_traverse},
    {Py_tp_clear, (void *)library_clear},
    {Py_tp_repr, (void *)library_repr},
    {Py_tp_getattro, (void *)library_getattr},
    {Py_tp_setattro, (void *)library_setattr},
    {Py_tp_methods, library_methods},
    {Py_tp_members, library_members},
    {Py_tp_doc, (void *)"An open library: its functions, variables and constants as attributes."},
    {0, NULL},
};

PyType_Spec library_spec = {
    .name = "symbridge._bridge.Lib",
    .basicsize = sizeof(library),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_DISALLOW_INSTANTIATION |
             Py_TPFLAGS_IMMUTABLETYPE,
    .slots = library_slots,
};
