/* state.c - what FFI needs in each interpreter: types and exceptions, made when first asked for. */
#include "realise.h"

#include <dlfcn.h>

/* ---- life ------------------------------------------------------------------------------------ */

void ffi_state_retain(ffi_state *state)
{
    state->count++;
}

void ffi_state_release(ffi_state *state)
{
    if (--state->count > 0)
        return;
    sb_description_release(state->plain);
    PyMem_Free(state);
}

/* One row per reference that a state owns: X(member). */
#define STATE_REFERENCES(X)                                                                        \
    X(unique)                                                                                      \
    X(ctype_type)                                                                                  \
    X(cfield_type)                                                                                 \
    X(cdata_type)                                                                                  \
    X(owning_type)                                                                                 \
    X(view_type)                                                                                   \
    X(gc_type)                                                                                     \
    X(buffered_type)                                                                               \
    X(handle_type)                                                                                 \
    X(callback_type)                                                                               \
    X(iterator_type)                                                                               \
    X(allocator_type)                                                                              \
    X(minibuffer_type)                                                                             \
    X(library_type)                                                                                \
    X(ffi_type)                                                                                    \
    X(ffi_error)                                                                                   \
    X(cdef_error)                                                                                  \
    X(type_error)                                                                                  \
    X(verification_missing)                                                                        \
    X(void_type)                                                                                   \
    X(void_pointer)                                                                                \
    X(char_type)                                                                                   \
    X(char_array)                                                                                  \
    X(int_type)                                                                                    \
    X(null)                                                                                        \
    X(primitives)

int ffi_state_traverse(ffi_state *state, visitproc visit, void *arg)
{
#define X(member) Py_VISIT(state->member);
    STATE_REFERENCES(X)
#undef X
    return 0;
}

void ffi_state_clear(ffi_state *state)
{
    state->bridge = NULL;
#define X(member) Py_CLEAR(state->member);
    STATE_REFERENCES(X)
#undef X
    cdata_drop_spare(state);
}

/* ---- making it ------------------------------------------------------------------------------- */

static bool make_type(PyObject *module, PyType_Spec *spec, PyTypeObject *base, PyTypeObject **out)
{
    *out = (PyTypeObject *)PyType_FromModuleAndSpec(module, spec, (PyObject *)base);
    if (*out != NULL && spec == &minibuffer_spec)
        buffer_type_prepare(*out);
    return *out != NULL;
}

/* The user derives nothing from what only we make. */
static bool seal_type(PyTypeObject *type)
{
    type->tp_flags &= ~Py_TPFLAGS_BASETYPE;
    PyType_Modified(type);
    return true;
}

static bool make_types(PyObject *module, ffi_state *s)
{
    return make_type(module, &ctype_spec, NULL, &s->ctype_type) &&
           make_type(module, &cfield_spec, NULL, &s->cfield_type) &&
           make_type(module, &cdata_spec, NULL, &s->cdata_type) &&
           make_type(module, &owning_spec, s->cdata_type, &s->owning_type) &&
           make_type(module, &view_spec, s->cdata_type, &s->view_type) &&
           make_type(module, &gc_spec, s->cdata_type, &s->gc_type) &&
           make_type(module, &buffered_spec, s->cdata_type, &s->buffered_type) &&
           make_type(module, &handle_spec, s->cdata_type, &s->handle_type) &&
           make_type(module, &callback_spec, s->cdata_type, &s->callback_type) &&
           seal_type(s->cdata_type) &&
           make_type(module, &iterator_spec, NULL, &s->iterator_type) &&
           make_type(module, &allocator_spec, NULL, &s->allocator_type) &&
           make_type(module, &minibuffer_spec, NULL, &s->minibuffer_type) &&
           make_type(module, &library_spec, NULL, &s->library_type) &&
           make_type(module, &ffi_spec, NULL, &s->ffi_type);
}

static bool make_exception(PyObject **out, const char *name, const char *doc, PyObject *bases)
{
    *out = PyErr_NewExceptionWithDoc(name, doc, bases, NULL);
    return *out != NULL;
}

/* For one and the same wrong type cffi raises this or that, by its mode and by what is wrong. */
static bool make_type_error(ffi_state *s)
{
    PyObject *bases = PyTuple_Pack(3, s->cdef_error, PyExc_ValueError, PyExc_TypeError);
    bool made = bases != NULL &&
                make_exception(&s->type_error, "symbridge.cffi.TypeNameError",
                               "A type that cannot be, or whose size is not known.", bases);
    Py_XDECREF(bases);
    return made;
}

static bool make_exceptions(ffi_state *s)
{
    return make_exception(&s->ffi_error, "symbridge.cffi.FFIError", "What FFI refuses.",
                          PyExc_Exception) &&
           make_exception(&s->cdef_error, "symbridge.cffi.CDefError",
                          "C declarations, or the name of a type, that make no sense.",
                          s->ffi_error) &&
           make_type_error(s) &&
           make_exception(&s->verification_missing, "symbridge.cffi.VerificationMissing",
                          "A declaration with \"...\" that only a C compiler could complete.",
                          PyExc_Exception);
}

static bool make_basic_ctypes(ffi_state *s)
{
    static const char nothing[] = "";
    sb_error error;
    if (ffi_parse(nothing, 0, NULL, 0, 0, &s->plain, &error) != SB_OK) {
        PyErr_SetString(PyExc_RuntimeError, error.message);
        return false;
    }
    s->unique = PyDict_New();
    s->primitives = PyList_New(SB_PRIMITIVE_COUNT);
    if (s->unique == NULL || s->primitives == NULL)
        return false;
    for (Py_ssize_t i = 0; i < SB_PRIMITIVE_COUNT; i++)
        PyList_SET_ITEM(s->primitives, i, Py_NewRef(Py_None));
    return (s->void_type = ctype_primitive(s, SB_PRIM_NONE)) != NULL &&
           (s->void_pointer = ctype_pointer(s->void_type)) != NULL &&
           (s->char_type = ctype_primitive(s, SB_PRIM_CHAR)) != NULL &&
           (s->char_array = ctype_array(s->char_type, -1)) != NULL &&
           (s->int_type = ctype_primitive(s, SB_PRIM_INT)) != NULL &&
           (s->null = cdata_new(s->void_pointer, NULL)) != NULL;
}

static int add_constant(PyObject *attributes, const char *name, long value)
{
    PyObject *number = PyLong_FromLong(value);
    int status = number == NULL ? -1 : PyDict_SetItemString(attributes, name, number);
    Py_XDECREF(number);
    return status;
}

/* FFI is immutable to Python code; these are put in before anybody has seen it. */
static bool add_class_attributes(ffi_state *s)
{
    static const struct {
        const char *name;
        long value;
    } flags[] = {
        {"RTLD_LAZY", RTLD_LAZY},         {"RTLD_NOW", RTLD_NOW},
        {"RTLD_GLOBAL", RTLD_GLOBAL},     {"RTLD_LOCAL", RTLD_LOCAL},
        {"RTLD_NODELETE", RTLD_NODELETE}, {"RTLD_NOLOAD", RTLD_NOLOAD},
#ifdef RTLD_DEEPBIND
        {"RTLD_DEEPBIND", RTLD_DEEPBIND},
#endif
    };
    PyObject *attributes = s->ffi_type->tp_dict;
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
        if (add_constant(attributes, flags[i].name, flags[i].value) < 0)
            return false;
    if (PyDict_SetItemString(attributes, "NULL", (PyObject *)s->null) < 0 ||
        PyDict_SetItemString(attributes, "CData", (PyObject *)s->cdata_type) < 0 ||
        PyDict_SetItemString(attributes, "CType", (PyObject *)s->ctype_type) < 0 ||
        PyDict_SetItemString(attributes, "buffer", (PyObject *)s->minibuffer_type) < 0 ||
        PyDict_SetItemString(attributes, "error", s->ffi_error) < 0)
        return false;
    PyType_Modified(s->ffi_type);
    return true;
}

static bool add_to_module(PyObject *module, const ffi_state *s)
{
    return PyModule_AddObjectRef(module, "FFIError", s->ffi_error) == 0 &&
           PyModule_AddObjectRef(module, "CDefError", s->cdef_error) == 0 &&
           PyModule_AddObjectRef(module, "TypeNameError", s->type_error) == 0 &&
           PyModule_AddObjectRef(module, "VerificationMissing", s->verification_missing) == 0 &&
           PyModule_AddObjectRef(module, "Lib", (PyObject *)s->library_type) == 0 &&
           PyModule_AddObjectRef(module, "FFI", (PyObject *)s->ffi_type) == 0;
}

int ffi_state_init(PyObject *module, bridge_state *bridge)
{
    if (bridge->ffi != NULL)
        return 0;
    ffi_state *state = PyMem_Calloc(1, sizeof *state);
    if (state == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    state->count = 1;
    state->bridge = bridge;
    if (make_types(module, state) && make_exceptions(state) && make_basic_ctypes(state) &&
        add_class_attributes(state) && add_to_module(module, state)) {
        bridge->ffi = state;
        return 0;
    }
    ffi_state_clear(state);
    ffi_state_release(state);
    return -1;
}

/* The state, from a class of FFI or from one derived from it. */
ffi_state *ffi_state_of(PyTypeObject *type)
{
    PyObject *module = PyType_GetModuleByDef(type, &bridge_def);
    bridge_state *bridge = module == NULL ? NULL : PyModule_GetState(module);
    return bridge == NULL ? NULL : bridge->ffi;
}
