/* module.c - symbridge._bridge: the extension module and its few functions. */
#include "attach.h"
#include "carried.h"
#include "ffi/cdata.h"
#include "namespace.h"

extern PyType_Spec carrier_spec;

PyObject *reflect(PyObject *module, PyObject *args); /* reflect.c */
PyObject *read_image(PyObject *module, PyObject *args);     /* image.c */
PyObject *locate_library(PyObject *module, PyObject *args); /* image.c */

/* ---- load --------------------------------------------------------------------------------------------- */

/* Every missing symbol by name, for SymbolError.missing. */
static PyObject *missing_names(const sb_description *d, const uint32_t *missing, size_t count)
{
    PyObject *names = PyList_New(0);
    for (size_t i = 0; names != NULL && i < count; i++) {
        const sb_declaration *declared = &d->declarations[missing[i]];
        sb_text symbol = declared->symbol != 0 ? declared->symbol : declared->name;
        if (declared->kind == SB_DECL_FUNCTION && declared->binding != SB_NONE)
            symbol = d->functions[declared->binding].symbol;
        PyObject *name = PyUnicode_FromString(sb_string(d, symbol));
        if (name == NULL || PyList_Append(names, name) < 0)
            Py_CLEAR(names);
        Py_XDECREF(name);
    }
    return names;
}

static void raise_missing(bridge_state *state, const sb_description *d, PyObject *path,
                          const uint32_t *missing, size_t count)
{
    PyObject *names = missing_names(d, missing, count);
    PyObject *separator = PyUnicode_FromString(", ");
    PyObject *joined = NULL, *message = NULL, *exception = NULL;
    if (names != NULL && separator != NULL)
        joined = PyUnicode_Join(separator, names);
    if (joined != NULL)
        message = PyUnicode_FromFormat("library %R lacks %zu symbol%s that '%s' describes: %U", path,
                                       count, count == 1 ? "" : "s",
                                       d->file == 0 ? "the description" : sb_string(d, d->file),
                                       joined);
    if (message != NULL)
        exception = PyObject_CallOneArg(state->symbol_error, message);
    if (exception != NULL && PyObject_SetAttrString(exception, "missing", names) == 0)
        PyErr_SetObject(state->symbol_error, exception);
    Py_XDECREF(exception);
    Py_XDECREF(message);
    Py_XDECREF(joined);
    Py_XDECREF(separator);
    Py_XDECREF(names);
}

static int resolve(binding *b, PyObject *path)
{
    uint32_t *missing = NULL;
    size_t count = 0;
    sb_error error;
    sb_status status =
        sb_library_resolve(b->library, b->d, b->addresses, &missing, &count, &error);
    if (status == SB_ERROR_SYMBOL)
        raise_missing(b->state, b->d, path, missing, count);
    else if (status != SB_OK)
        error_from_engine(b->state, &error, NULL);
    sb_free(missing);
    return status == SB_OK ? 0 : -1;
}

/* "libm.so.6" and "/usr/lib/libm.so.6" are called "libm". */
static PyObject *name_from_library(const char *library)
{
    const char *slash = strrchr(library, '/');
    const char *start = slash == NULL ? library : slash + 1;
    size_t length = strcspn(start, ".");
    if (length == 0)
        return PyUnicode_FromString("native");
    PyObject *name = PyUnicode_DecodeFSDefaultAndSize(start, (Py_ssize_t)length);
    return name;
}

static sb_library *open_library(bridge_state *state, const char *library)
{
    sb_library *opened = NULL;
    sb_error error;
    sb_status status;
    Py_BEGIN_ALLOW_THREADS /* runs the library's constructors */
    status = sb_library_open(library, 0, &opened, &error);
    Py_END_ALLOW_THREADS
    if (status != SB_OK)
        error_from_engine(state, &error, NULL);
    return opened;
}

/* Everything that load has in hand until the binding owns it. */
typedef struct loading {
    bridge_state *state;
    PyObject *module;
    const char *library; /* NULL: what the description names */
    const char *file;    /* names the description in errors */
    PyObject *given;     /* its text, bytes that no other thread can change meanwhile; or None */
    PyObject *judge;
    sb_description *d;
    sb_library *opened;
    carried carried;
} loading;

static int parse_text(loading *l, const char *text, size_t size)
{
    sb_error error;
    sb_status status;
    sb_description_release(l->d);
    l->d = NULL;
    Py_BEGIN_ALLOW_THREADS
    status = sb_description_parse(text, size, l->file, NULL, &l->d, &error);
    Py_END_ALLOW_THREADS
    if (status != SB_OK)
        (void)error_from_engine(l->state, &error, l->file);
    return status == SB_OK ? 0 : -1;
}

/* Parses the library's own description when none was given, and compares it, or the given one, with
 * the library's facts. 1; 0 when there is no description; -1 with an exception. */
static int settle(loading *l)
{
    const char *text;
    size_t size;
    if (l->given != Py_None) {
        text = PyBytes_AS_STRING(l->given);
        size = (size_t)PyBytes_GET_SIZE(l->given);
    } else if (l->carried.text.bytes != NULL) {
        text = (const char *)l->carried.text.bytes;
        size = l->carried.text.size;
        if (parse_text(l, text, size) < 0)
            return -1;
    } else {
        return 0;
    }
    return carried_verify(l->state, &l->carried, l->d, l->file, text, size, l->judge) < 0 ? -1 : 1;
}

/* Reads, compares, opens. As settle(). */
static int prepare(loading *l)
{
    if (l->given != Py_None &&
        parse_text(l, PyBytes_AS_STRING(l->given), (size_t)PyBytes_GET_SIZE(l->given)) < 0)
        return -1;
    if (l->library == NULL && l->d != NULL && l->d->library != 0)
        l->library = sb_string(l->d, l->d->library);
    if (l->library == NULL) {
        PyErr_SetString(PyExc_ValueError,
                        "no library given, and the description has no [[library(\"...\")]]");
        return -1;
    }
    if (carried_read(l->state, &l->carried, l->library, l->given == Py_None) < 0)
        return -1;
    int status = settle(l);
    if (status <= 0)
        return status;
    l->opened = open_library(l->state, l->library);
    if (l->opened == NULL)
        return -1;
    int same = carried_follow(l->state, &l->carried, l->opened);
    return same != 0 ? same : settle(l);
}

static PyObject *bind(loading *l, PyObject *name)
{
    binding *b = binding_new(l->module, l->d, l->opened);
    sb_description *d = l->d;
    l->d = NULL;
    l->opened = NULL;
    if (b == NULL)
        return NULL;
    bool named = name != Py_None || d->scopes[0].name != 0;
    b->path = PyUnicode_DecodeFSDefault(l->library);
    if (name != Py_None)
        b->module_name = Py_NewRef(name);
    else if (d->scopes[0].name != 0)
        b->module_name = PyUnicode_FromString(sb_string(d, d->scopes[0].name));
    else
        b->module_name = name_from_library(l->library);
    if (b->path == NULL || b->module_name == NULL || resolve(b, b->path) < 0) {
        binding_clear(b);
        binding_release(b);
        return NULL;
    }
    PyObject *made = namespace_new(b, 0);
    return made == NULL ? NULL : Py_BuildValue("NO", made, named ? Py_True : Py_False);
}

PyDoc_STRVAR(load_doc,
             "load($module, library, text, file, name, judge, /)\n--\n\n"
             "Bind a library to the description in text (UTF-8 bytes): the module, and whether it\n"
             "was given a name.\n\n"
             "library is a soname, a path, None for what the description names, or '' for the\n"
             "running program. text is None for what the library carries; then the result is None\n"
             "when it carries nothing. file names the description in errors; name is the module's,\n"
             "None for the description's own. judge(path, file, text, own, facts) is called when\n"
             "the library's facts are not what is described; unless it raises, that is all right.\n"
             "Nothing is put into sys.modules.");

static PyObject *load(PyObject *module, PyObject *args)
{
    loading l;
    memset(&l, 0, offsetof(loading, carried.path)); /* which is long, and begins empty */
    l.carried.path[0] = '\0';
    l.state = PyModule_GetState(module);
    l.module = module;
    PyObject *name, *made = NULL;
    if (!PyArg_ParseTuple(args, "zOsOO:load", &l.library, &l.given, &l.file, &name, &l.judge))
        return NULL;
    if (l.given != Py_None && !PyBytes_Check(l.given)) {
        PyErr_SetString(PyExc_TypeError, "text must be bytes or None");
        return NULL;
    }
    int status = prepare(&l);
    if (status > 0)
        made = bind(&l, name);
    else if (status == 0)
        made = Py_NewRef(Py_None);
    carried_end(&l.carried);
    sb_library_release(l.opened);
    sb_description_release(l.d);
    return made;
}

PyDoc_STRVAR(read_image_doc,
             "read_image($module, path, row, /)\n--\n\n"
             "What a library's file says, as a dict; each symbol is a `row`, which is tuple or a\n"
             "subclass. No code of the library runs.");
PyDoc_STRVAR(locate_library_doc,
             "locate_library($module, name, /)\n--\n\n"
             "The path of the file that the loader would open for a library's name.");

PyDoc_STRVAR(reflect_doc,
             "reflect($module, text, file, flags=0, /)\n--\n\n"
             "The tables of a description (UTF-8 bytes) as a dict of lists of dicts; no library is\n"
             "opened. flags are the engine's for parsing: 1: as cffi's cdef.");

/* ---- what a module holds, for the Python layer -------------------------------------------------------- */

PyDoc_STRVAR(submodules_doc, "submodules($module, module, /)\n--\n\n"
                             "The described submodules of a loaded module, as a dict by full name.");

static int add_submodules(binding *b, uint32_t scope, PyObject *found)
{
    const sb_scope *s = &b->d->scopes[scope];
    for (uint32_t i = 0; i < s->member_count; i++) {
        const sb_member *m = &b->d->members[s->first_member + i];
        if (m->kind != SB_MEMBER_SCOPE)
            continue;
        PyObject *module = binding_module(b, m->index);
        PyObject *name = module == NULL ? NULL : binding_module_name(b, m->index);
        int status = name == NULL ? -1 : PyDict_SetItem(found, name, module);
        Py_XDECREF(name);
        if (status < 0 || add_submodules(b, m->index, found) < 0)
            return -1;
    }
    return 0;
}

static PyObject *submodules(PyObject *Py_UNUSED(self), PyObject *module)
{
    uint32_t scope;
    binding *b = module_binding(module, &scope);
    if (b == NULL) {
        PyErr_SetString(PyExc_TypeError, "expected a module made by symbridge.load");
        return NULL;
    }
    PyObject *found = PyDict_New();
    if (found != NULL && add_submodules(b, scope, found) < 0)
        Py_CLEAR(found);
    return found;
}

PyDoc_STRVAR(is_native_doc, "is_native($module, module, /)\n--\n\n"
                            "Whether symbridge made this module object.");

static PyObject *is_native(PyObject *Py_UNUSED(self), PyObject *module)
{
    uint32_t scope;
    return PyBool_FromLong(module_binding(module, &scope) != NULL);
}

PyDoc_STRVAR(serve_variables_doc,
             "serve_variables($module, package, native, /)\n--\n\n"
             "Let a Python package serve the global variables of a loaded module live.");

static PyObject *serve_variables(PyObject *Py_UNUSED(self), PyObject *args)
{
    PyObject *package, *native;
    if (!PyArg_ParseTuple(args, "O!O!:serve_variables", &PyModule_Type, &package, &PyModule_Type,
                          &native))
        return NULL;
    uint32_t scope;
    binding *b = module_binding(native, &scope);
    if (b == NULL) {
        PyErr_SetString(PyExc_TypeError, "expected a module made by symbridge.load");
        return NULL;
    }
    if (PyModule_AddObjectRef(package, "__native__", native) < 0)
        return NULL;
    if (namespace_has_variables(b, scope) && module_use_variables(package, b, scope) < 0)
        return NULL;
    Py_RETURN_NONE;
}

/* ---- allocation failures, for tests ------------------------------------------------------------------------ */

static _Thread_local long allocations_left = -1;

static void *failing_reallocate(void *memory, size_t size)
{
    if (size == 0) {
        free(memory);
        return NULL;
    }
    if (allocations_left == 0)
        return NULL;
    if (allocations_left > 0)
        allocations_left--;
    return realloc(memory, size);
}

PyDoc_STRVAR(fail_allocations_doc,
             "_fail_allocations_after($module, n, /)\n--\n\n"
             "For tests: the engine's allocations in this thread fail after n more; -1: never.");

static PyObject *fail_allocations_after(PyObject *Py_UNUSED(self), PyObject *n)
{
    long count = PyLong_AsLong(n);
    if (count == -1 && PyErr_Occurred())
        return NULL;
    sb_set_allocator(failing_reallocate);
    allocations_left = count;
    Py_RETURN_NONE;
}

/* ---- FFI, made when it is first asked for ------------------------------------------------------- */

PyDoc_STRVAR(getattr_doc, "__getattr__($module, name, /)\n--\n\n"
                          "Make FFI and its exceptions at their first use.");

static PyObject *bridge_getattr(PyObject *module, PyObject *name)
{
    static const char *const lazy[] = {"FFI", "Lib", "FFIError", "CDefError", "TypeNameError",
                                       "VerificationMissing"};
    for (size_t i = 0; i < sizeof lazy / sizeof *lazy; i++) {
        if (!PyUnicode_Check(name) || PyUnicode_CompareWithASCIIString(name, lazy[i]) != 0)
            continue;
        if (ffi_state_init(module, PyModule_GetState(module)) < 0)
            return NULL;
        return Py_XNewRef(PyDict_GetItemWithError(PyModule_GetDict(module), name));
    }
    PyErr_Format(PyExc_AttributeError, "module 'symbridge._bridge' has no attribute %R", name);
    return NULL;
}

/* ---- the module -------------------------------------------------------------------------------------------------- */

static PyMethodDef bridge_methods[] = {
    {"load", load, METH_VARARGS, load_doc},
    {"reflect", reflect, METH_VARARGS, reflect_doc},
    {"read_image", read_image, METH_VARARGS, read_image_doc},
    {"locate_library", locate_library, METH_VARARGS, locate_library_doc},
    {"submodules", submodules, METH_O, submodules_doc},
    {"is_native", is_native, METH_O, is_native_doc},
    {"serve_variables", serve_variables, METH_VARARGS, serve_variables_doc},
    {"_rebuild", (PyCFunction)(void (*)(void))record_rebuild, METH_FASTCALL,
     "_rebuild($module, cls, values, /)\n--\n\nMake a record from its fields' values (pickling)."},
    {"__getattr__", bridge_getattr, METH_O, getattr_doc},
    {"_fail_allocations_after", fail_allocations_after, METH_O, fail_allocations_doc},
    {NULL, NULL, 0, NULL},
};

static int add_exception(PyObject *module, PyObject **slot, const char *name, const char *doc,
                         PyObject *base)
{
    char qualified[64];
    snprintf(qualified, sizeof qualified, "symbridge.%s", name);
    *slot = PyErr_NewExceptionWithDoc(qualified, doc, base, NULL);
    return *slot == NULL ? -1 : PyModule_AddObjectRef(module, name, *slot);
}

static int bridge_exec(PyObject *module)
{
    bridge_state *state = PyModule_GetState(module);
    if (add_exception(module, &state->description_error, "DescriptionError",
                      "A description is wrong: has filename, lineno, offset and text.",
                      PyExc_SyntaxError) < 0 ||
        add_exception(module, &state->library_error, "LibraryError",
                      "A library could not be opened.", PyExc_OSError) < 0 ||
        add_exception(module, &state->mismatch_error, "MismatchError",
                      "A library is not what the description says; `differences` lists how.",
                      state->library_error) < 0 ||
        add_exception(module, &state->symbol_error, "SymbolError",
                      "A library lacks symbols that are described; `missing` lists them.",
                      PyExc_LookupError) < 0)
        return -1;
    state->carrier_type = (PyTypeObject *)PyType_FromModuleAndSpec(module, &carrier_spec, NULL);
    if (state->carrier_type == NULL || variables_type_create(state) < 0)
        return -1;
    sb_set_misuse_handler(callback_misused);
    state->rebuild = PyObject_GetAttrString(module, "_rebuild");
    if (state->rebuild == NULL || home_get(state) == NULL)
        return -1;
    return PyModule_AddStringConstant(module, "engine_version", SB_ENGINE_VERSION);
}

static int bridge_traverse(PyObject *module, visitproc visit, void *arg)
{
    bridge_state *state = PyModule_GetState(module);
    Py_VISIT(state->int_enum);
    Py_VISIT(state->int_flag);
    Py_VISIT(state->datetime_capi);
    Py_VISIT(state->rebuild);
    Py_VISIT(state->carrier_type);
    Py_VISIT(state->variables_type);
    Py_VISIT(state->description_error);
    Py_VISIT(state->library_error);
    Py_VISIT(state->mismatch_error);
    Py_VISIT(state->symbol_error);
    return state->ffi == NULL ? 0 : ffi_state_traverse(state->ffi, visit, arg);
}

static int bridge_clear(PyObject *module)
{
    bridge_state *state = PyModule_GetState(module);
    Py_CLEAR(state->int_enum);
    Py_CLEAR(state->int_flag);
    Py_CLEAR(state->datetime_capi);
    Py_CLEAR(state->rebuild);
    Py_CLEAR(state->carrier_type);
    Py_CLEAR(state->variables_type);
    Py_CLEAR(state->description_error);
    Py_CLEAR(state->library_error);
    Py_CLEAR(state->mismatch_error);
    Py_CLEAR(state->symbol_error);
    if (state->ffi != NULL) {
        ffi_state *ffi = state->ffi;
        state->ffi = NULL;
        ffi_state_clear(ffi);
        ffi_state_release(ffi);
    }
    return 0;
}

static PyModuleDef_Slot bridge_slots[] = {
    {Py_mod_exec, (void *)bridge_exec},
#if PY_VERSION_HEX >= 0x030C0000
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
#endif
#if PY_VERSION_HEX >= 0x030D0000
    /* Plans and classes are made at first use, and handles are closed, without locks of their own:
     * the GIL is the lock. A free-threaded interpreter turns it on for us. */
    {Py_mod_gil, Py_MOD_GIL_USED},
#endif
    {0, NULL},
};

PyModuleDef bridge_def = {
    PyModuleDef_HEAD_INIT,
    .m_name = "symbridge._bridge",
    .m_doc = "The engine of symbridge: described C libraries as native modules.",
    .m_size = sizeof(bridge_state),
    .m_methods = bridge_methods,
    .m_slots = bridge_slots,
    .m_traverse = bridge_traverse,
    .m_clear = bridge_clear,
};

PyMODINIT_FUNC PyInit__bridge(void);
PyMODINIT_FUNC PyInit__bridge(void)
{
    return PyModuleDef_Init(&bridge_def);
}
