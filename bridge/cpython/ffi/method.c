/* method.c - the methods of FFI. */
#include "realise.h"

#include <ctype.h>
#include <string.h>

static inline ffi_object *as_ffi(PyObject *self)
{
    return (ffi_object *)self;
}

/* ---- arguments ------------------------------------------------------------------------------- */

/* A method's parameters, as most are: positional or by name, the first `required` needed. */
struct signature {
    const char *method;
    uint8_t required, count;
    const char *names[4];
};

static COLD int wrong_count(const struct signature *s, Py_ssize_t given)
{
    PyErr_Format(PyExc_TypeError, "%s() takes %s %d argument%s (%zd given)", s->method,
                 s->required == s->count ? "exactly" : given < s->required ? "at least" : "at most",
                 given < s->required ? s->required : s->count,
                 (given < s->required ? s->required : s->count) == 1 ? "" : "s", given);
    return -1;
}

static COLD int take_keywords(const struct signature *s, PyObject *const *args, Py_ssize_t given,
                              PyObject *keywords, PyObject **out)
{
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(keywords); i++) {
        PyObject *keyword = PyTuple_GET_ITEM(keywords, i);
        uint8_t at = 0;
        while (at < s->count && PyUnicode_CompareWithASCIIString(keyword, s->names[at]) != 0)
            at++;
        if (at == s->count) {
            PyErr_Format(PyExc_TypeError, "'%U' is an invalid keyword argument for %s()", keyword,
                         s->method);
            return -1;
        }
        if (out[at] != NULL) {
            PyErr_Format(PyExc_TypeError, "%s() got multiple values for argument '%U'", s->method,
                         keyword);
            return -1;
        }
        out[at] = args[given + i];
    }
    for (uint8_t i = 0; i < s->required; i++)
        if (out[i] == NULL) {
            PyErr_Format(PyExc_TypeError, "%s() missing required argument '%s' (pos %d)",
                         s->method, s->names[i], i + 1);
            return -1;
        }
    return 0;
}

/* Borrowed references in out[0..count), NULL for what was not given. */
static inline int take(const struct signature *s, PyObject *const *args, Py_ssize_t given,
                       PyObject *keywords, PyObject **out)
{
    if (unlikely(given > s->count || (given < s->required && keywords == NULL)))
        return wrong_count(s, given);
    for (uint8_t i = 0; i < s->count; i++)
        out[i] = i < given ? args[i] : NULL;
    return likely(keywords == NULL) ? 0 : take_keywords(s, args, given, keywords, out);
}

/* An optional size; -1 with an exception for an object that is none. */
static int take_size(PyObject *value, Py_ssize_t *out)
{
    if (value == NULL)
        return 0;
    *out = PyNumber_AsSsize_t(value, PyExc_OverflowError);
    return *out == -1 && PyErr_Occurred() ? -1 : 0;
}

static int take_flag(PyObject *value, bool *out)
{
    if (value == NULL)
        return 0;
    int truth = PyObject_IsTrue(value);
    *out = truth > 0;
    return truth < 0 ? -1 : 0;
}

/* ---- types ----------------------------------------------------------------------------------- */

static PyObject *method_typeof(PyObject *self, PyObject *named)
{
    return (PyObject *)ffi_type_of(as_ffi(self), named, ACCEPT_STRING | ACCEPT_CDATA);
}

static Py_ssize_t size_of_cdata(const cdata *value)
{
    const ctype *type = value->type;
    if (type->kind == SB_ARRAY)
        return value->length * type->item->size;
    Py_ssize_t size = ctype_is_record(type) ? cdata_flexible_size(value) : -1;
    return size < 0 ? type->size : size;
}

static PyObject *method_sizeof(PyObject *self, PyObject *named)
{
    if (cdata_is(named)) {
        Py_ssize_t size = size_of_cdata((cdata *)named);
        if (size >= 0)
            return PyLong_FromSsize_t(size);
    }
    ctype *type = ffi_type_of(as_ffi(self), named, ACCEPT_STRING | ACCEPT_CTYPE | ACCEPT_CDATA);
    if (type == NULL)
        return NULL;
    PyObject *size = NULL;
    if (type->size >= 0)
        size = PyLong_FromSsize_t(type->size);
    else
        PyErr_Format(type->state->type_error, "don't know the size of ctype '%s'", type->name);
    Py_DECREF(type);
    return size;
}

static PyObject *method_alignof(PyObject *self, PyObject *named)
{
    ctype *type = ffi_type_of(as_ffi(self), named, ACCEPT_STRING | ACCEPT_CTYPE | ACCEPT_CDATA);
    if (type == NULL)
        return NULL;
    PyObject *align = NULL;
    if (type->align > 0)
        align = PyLong_FromUnsignedLong(type->align);
    else
        PyErr_Format(type->state->type_error, "ctype '%s' is of unknown alignment", type->name);
    Py_DECREF(type);
    return align;
}

static const struct signature getctype_signature = {"getctype", 1, 2, {"cdecl", "replace_with"}};

/* A declarator that begins with * needs parentheses around it before the [] of an array. */
static PyObject *spell_around(ctype *type, const char *declarator, size_t length)
{
    bool enclosed = declarator[0] == '*' && type->kind == SB_ARRAY;
    bool spaced = !enclosed && length > 0 && declarator[0] != '[' && declarator[0] != '(';
    char *inside = PyMem_Malloc(length + 3);
    if (inside == NULL)
        return PyErr_NoMemory();
    char *end = inside;
    if (enclosed || spaced)
        *end++ = enclosed ? '(' : ' ';
    memcpy(end, declarator, length);
    end += length;
    if (enclosed)
        *end++ = ')';
    *end = '\0';
    PyObject *spelled = ctype_spell(type, inside);
    PyMem_Free(inside);
    return spelled;
}

static PyObject *method_getctype(PyObject *self, PyObject *const *args, Py_ssize_t given,
                                 PyObject *keywords)
{
    PyObject *taken[2];
    if (take(&getctype_signature, args, given, keywords, taken) < 0)
        return NULL;
    const char *declarator = taken[1] == NULL ? "" : PyUnicode_AsUTF8(taken[1]);
    ctype *type = NULL;
    if (declarator != NULL)
        type = ffi_type_of(as_ffi(self), taken[0], ACCEPT_STRING | ACCEPT_CTYPE);
    if (type == NULL)
        return NULL;
    while (isspace((unsigned char)*declarator))
        declarator++;
    size_t length = strlen(declarator);
    while (length > 0 && isspace((unsigned char)declarator[length - 1]))
        length--;
    PyObject *spelled = spell_around(type, declarator, length);
    Py_DECREF(type);
    return spelled;
}

/* The type and offset of a field or an element. `first`: a pointer to a record is as good as one.
 * Borrowed from type. */
static ctype *step_into(ctype *type, PyObject *where, bool first, Py_ssize_t *offset)
{
    if (PyUnicode_Check(where)) {
        if (first && type->kind == SB_POINTER)
            type = type->item;
        if (!ctype_is_record(type)) {
            PyErr_SetString(PyExc_TypeError,
                            "with a field name argument, expected a struct or union ctype");
            return NULL;
        }
        if (ctype_fill(type, false) < 0)
            return NULL;
        if (type->fields == NULL) {
            PyErr_SetString(PyExc_TypeError, "struct/union is opaque");
            return NULL;
        }
        cfield *field = ctype_field(type, where);
        if (field == NULL)
            PyErr_SetObject(PyExc_KeyError, where);
        else if (field->bit_shift >= 0)
            PyErr_SetString(PyExc_TypeError, "not supported for bitfields");
        else {
            *offset = field->offset;
            return field->type;
        }
        return NULL;
    }
    Py_ssize_t index = PyLong_Check(where) || PyIndex_Check(where)
                           ? PyNumber_AsSsize_t(where, PyExc_OverflowError)
                           : -1;
    if (index == -1 && (PyErr_Occurred() || !PyIndex_Check(where))) {
        PyErr_SetString(PyExc_TypeError, "field name or array index expected");
        return NULL;
    }
    if ((type->kind != SB_ARRAY && type->kind != SB_POINTER) || type->item->size < 0) {
        PyErr_SetString(PyExc_TypeError, "with an integer argument, expected an array ctype or a "
                                         "pointer to non-opaque");
        return NULL;
    }
    if (__builtin_mul_overflow(index, type->item->size, offset)) {
        PyErr_SetString(PyExc_OverflowError, "array offset would overflow a Py_ssize_t");
        return NULL;
    }
    return type->item;
}

/* Follows a path of fields and indices from a type, which is replaced by that of the end; the
 * caller owns a reference to it before and after. -1 with an exception. */
static int follow(ctype **type, PyObject *const *path, Py_ssize_t count, Py_ssize_t *offset)
{
    *offset = 0;
    for (Py_ssize_t i = 0; i < count; i++) {
        Py_ssize_t more;
        ctype *next = step_into(*type, path[i], i == 0, &more);
        if (next == NULL)
            return -1;
        *offset = (Py_ssize_t)((size_t)*offset + (size_t)more);
        Py_INCREF(next);
        Py_SETREF(*type, next);
    }
    return 0;
}

static PyObject *method_offsetof(PyObject *self, PyObject *const *args, Py_ssize_t given)
{
    if (given < 2) {
        PyErr_SetString(PyExc_TypeError, "offsetof() expects at least 2 arguments");
        return NULL;
    }
    ctype *type = ffi_type_of(as_ffi(self), args[0], ACCEPT_STRING | ACCEPT_CTYPE);
    if (type == NULL)
        return NULL;
    Py_ssize_t offset;
    int status = follow(&type, args + 1, given - 1, &offset);
    Py_DECREF(type);
    return status < 0 ? NULL : PyLong_FromSsize_t(offset);
}

static PyObject *address_of_cdata(cdata *value, PyObject *const *path, Py_ssize_t count)
{
    ctype *type = value->type;
    bool is_place = ctype_is_record(type) || type->kind == SB_ARRAY;
    if (!is_place && !(count > 0 && type->kind == SB_POINTER)) {
        PyErr_Format(PyExc_TypeError, "expected a cdata struct/union/array%s object",
                     count > 0 ? "/pointer" : "");
        return NULL;
    }
    Py_ssize_t offset;
    Py_INCREF(type);
    PyObject *made = NULL;
    if (follow(&type, path, count, &offset) == 0) {
        ctype *pointer = ctype_pointer_to(type);
        if (pointer != NULL)
            made = (PyObject *)cdata_new(pointer, (char *)((uintptr_t)value->address +
                                                           (uintptr_t)offset));
        Py_XDECREF(pointer);
    }
    Py_DECREF(type);
    return made;
}

static PyObject *method_addressof(PyObject *self, PyObject *const *args, Py_ssize_t given)
{
    if (given < 1) {
        PyErr_SetString(PyExc_TypeError, "addressof() expects at least 1 argument");
        return NULL;
    }
    if (Py_IS_TYPE(args[0], as_ffi(self)->state->library_type)) {
        if (given == 2)
            return library_address(args[0], args[1]);
        PyErr_Format(PyExc_TypeError, "addressof(lib) takes exactly 2 arguments (%zd given)",
                     given);
        return NULL;
    }
    if (!cdata_is(args[0])) {
        (void)ffi_type_of(as_ffi(self), args[0], ACCEPT_CDATA);
        return NULL;
    }
    return address_of_cdata((cdata *)args[0], args + 1, given - 1);
}

static PyObject *method_list_types(PyObject *self, PyObject *Py_UNUSED(unused))
{
    const sb_description *d = ffi_description(as_ffi(self));
    if (d == NULL)
        return NULL;
    PyObject *lists[3] = {PyList_New(0), PyList_New(0), PyList_New(0)};
    bool failed = lists[0] == NULL || lists[1] == NULL || lists[2] == NULL;
    for (uint32_t i = 0; !failed && i < d->declaration_count; i++) {
        const sb_declaration *each = &d->declarations[i];
        int list = each->kind == SB_DECL_TYPEDEF ? 0
                   : each->kind != SB_DECL_RECORD || each->name == 0 ||
                             sb_string(d, each->name)[0] == '$'
                       ? -1
                   : d->types[each->type].kind == SB_STRUCT ? 1
                                                             : 2;
        if (list < 0)
            continue;
        PyObject *name = PyUnicode_FromString(sb_string(d, each->name));
        failed = name == NULL || PyList_Append(lists[list], name) < 0;
        Py_XDECREF(name);
    }
    for (int i = 0; !failed && i < 3; i++)
        failed = PyList_Sort(lists[i]) < 0;
    PyObject *made = failed ? NULL : PyTuple_Pack(3, lists[0], lists[1], lists[2]);
    for (int i = 0; i < 3; i++)
        Py_XDECREF(lists[i]);
    return made;
}

/* ---- declarations ---------------------------------------------------------------------------- */

/* packed=True or pack=n, but not both. */
static int take_packing(PyObject *packed, PyObject *pack, bool *is_packed, uint32_t *out)
{
    if (packed != NULL) {
        int is_true = PyObject_RichCompareBool(packed, Py_True, Py_EQ);
        int is_set = is_true < 0 ? -1 : PyObject_IsTrue(packed);
        if (is_set < 0)
            return -1;
        if (is_set > is_true) {
            PyErr_SetString(PyExc_ValueError,
                            "'packed' should be False or True; use 'pack' to give another value");
            return -1;
        }
        *is_packed = is_true;
    }
    if (pack == NULL || pack == Py_None)
        return 0;
    long n = PyLong_AsLong(pack);
    if (n == -1 && PyErr_Occurred())
        return -1;
    if (*is_packed)
        PyErr_SetString(PyExc_ValueError, "'pack' cannot be given together with 'packed'");
    else if (n < 0 || n > INT32_MAX || (n & (n - 1)) != 0)
        PyErr_Format(PyExc_ValueError, "'pack' must be a power of two, not %ld", n);
    else {
        *out = (uint32_t)n;
        return 0;
    }
    return -1;
}

static const struct signature cdef_signature = {
    "cdef", 1, 4, {"csource", "override", "packed", "pack"}};

static PyObject *method_cdef(PyObject *self, PyObject *const *args, Py_ssize_t given,
                             PyObject *keywords)
{
    PyObject *taken[4];
    bool override = false, packed = false;
    uint32_t pack = 0;
    if (take(&cdef_signature, args, given, keywords, taken) < 0 ||
        take_flag(taken[1], &override) < 0 || take_packing(taken[2], taken[3], &packed, &pack) < 0)
        return NULL;
    if (!PyUnicode_Check(taken[0])) {
        PyErr_SetString(PyExc_TypeError, "cdef() argument must be a string");
        return NULL;
    }
    unsigned flags = (override ? SB_PARSE_OVERRIDE : 0u) | (packed ? SB_PARSE_PACKED : 0u);
    if (ffi_cdef(as_ffi(self), taken[0], flags, pack) < 0)
        return NULL;
    Py_RETURN_NONE;
}

static PyObject *method_include(PyObject *self, PyObject *other)
{
    if (!PyObject_TypeCheck(other, as_ffi(self)->state->ffi_type)) {
        PyErr_Format(PyExc_TypeError,
                     "ffi.include() expects an argument that is also of type cffi.FFI, not "
                     "'%.200s'",
                     Py_TYPE(other)->tp_name);
        return NULL;
    }
    if (other == self) {
        PyErr_SetString(PyExc_ValueError, "self.include(self)");
        return NULL;
    }
    if (ffi_include(as_ffi(self), as_ffi(other)) < 0)
        return NULL;
    Py_RETURN_NONE;
}

static const struct signature integer_const_signature = {"integer_const", 1, 1, {"name"}};

static PyObject *method_integer_const(PyObject *self, PyObject *const *args, Py_ssize_t given,
                                      PyObject *keywords)
{
    PyObject *name;
    if (take(&integer_const_signature, args, given, keywords, &name) < 0)
        return NULL;
    if (!PyUnicode_Check(name)) {
        PyErr_Format(PyExc_TypeError, "integer_const() argument 1 must be str, not %.200s",
                     Py_TYPE(name)->tp_name);
        return NULL;
    }
    return library_constant(as_ffi(self), name);
}

static PyObject *method_sources(PyObject *self, PyObject *Py_UNUSED(unused))
{
    const ffi_object *ffi = as_ffi(self);
    PyObject *all = PyList_New(0);
    for (Py_ssize_t i = 0; all != NULL && i < PyList_GET_SIZE(ffi->sources); i++) {
        PyObject *one = PyTuple_GetSlice(PyList_GET_ITEM(ffi->sources, i), 0, 4);
        if (one == NULL || PyList_Append(all, one) < 0)
            Py_CLEAR(all);
        Py_XDECREF(one);
    }
    return all;
}

/* A cdef from a module that compile() wrote. */
static PyObject *method__cdef(PyObject *self, PyObject *args)
{
    PyObject *text;
    unsigned flags, pack;
    if (!PyArg_ParseTuple(args, "UII:_cdef", &text, &flags, &pack) ||
        ffi_cdef(as_ffi(self), text, flags & (SB_PARSE_OVERRIDE | SB_PARSE_PACKED), pack) < 0)
        return NULL;
    Py_RETURN_NONE;
}

static PyObject *method_includes(PyObject *self, PyObject *Py_UNUSED(unused))
{
    return PyList_GetSlice(as_ffi(self)->included, 0, PY_SSIZE_T_MAX);
}

static PyObject *method_check_complete(PyObject *self, PyObject *Py_UNUSED(unused))
{
    if (ffi_description(as_ffi(self)) == NULL || realise_check(as_ffi(self)) < 0)
        return NULL;
    Py_RETURN_NONE;
}

/* ---- memory ---------------------------------------------------------------------------------- */

static const struct signature new_signature = {"new", 1, 2, {"cdecl", "init"}};

static PyObject *method_new(PyObject *self, PyObject *const *args, Py_ssize_t given,
                            PyObject *keywords)
{
    PyObject *taken[2];
    if (take(&new_signature, args, given, keywords, taken) < 0)
        return NULL;
    ctype *type = ffi_type_of(as_ffi(self), taken[0], ACCEPT_STRING | ACCEPT_CTYPE);
    if (type == NULL)
        return NULL;
    PyObject *made = memory_new(type, taken[1] == NULL ? Py_None : taken[1]);
    Py_DECREF(type);
    return made;
}

static const struct signature cast_signature = {"cast", 2, 2, {"cdecl", "source"}};

static PyObject *method_cast(PyObject *self, PyObject *const *args, Py_ssize_t given,
                             PyObject *keywords)
{
    PyObject *taken[2];
    if (take(&cast_signature, args, given, keywords, taken) < 0)
        return NULL;
    ctype *type = ffi_type_of(as_ffi(self), taken[0], ACCEPT_STRING | ACCEPT_CTYPE);
    if (type == NULL)
        return NULL;
    PyObject *made = (PyObject *)cast(type, taken[1]);
    Py_DECREF(type);
    return made;
}

static COLD PyObject *expected_cdata(const char *method, PyObject *got)
{
    PyErr_Format(PyExc_TypeError, "%s() argument 1 must be a cdata object, not %.200s", method,
                 Py_TYPE(got)->tp_name);
    return NULL;
}

static const struct signature string_signature = {"string", 1, 2, {"cdata", "maxlen"}};

static PyObject *method_string(PyObject *self, PyObject *const *args, Py_ssize_t given,
                               PyObject *keywords)
{
    PyObject *taken[2];
    Py_ssize_t most = -1;
    (void)self;
    if (take(&string_signature, args, given, keywords, taken) < 0 || take_size(taken[1], &most) < 0)
        return NULL;
    return cdata_is(taken[0]) ? text_string(taken[0], most) : expected_cdata("string", taken[0]);
}

static const struct signature unpack_signature = {"unpack", 2, 2, {"cdata", "length"}};

static PyObject *method_unpack(PyObject *self, PyObject *const *args, Py_ssize_t given,
                               PyObject *keywords)
{
    PyObject *taken[2];
    Py_ssize_t length = 0;
    (void)self;
    if (take(&unpack_signature, args, given, keywords, taken) < 0 ||
        take_size(taken[1], &length) < 0)
        return NULL;
    return cdata_is(taken[0]) ? text_unpack(taken[0], length) : expected_cdata("unpack", taken[0]);
}

static const struct signature from_buffer_signature = {
    "from_buffer", 1, 3, {"cdecl", "python_buffer", "require_writable"}};

static PyObject *method_from_buffer(PyObject *self, PyObject *const *args, Py_ssize_t given,
                                    PyObject *keywords)
{
    PyObject *taken[3];
    bool writable = false;
    if (take(&from_buffer_signature, args, given, keywords, taken) < 0 ||
        take_flag(taken[2], &writable) < 0)
        return NULL;
    if (taken[1] == NULL)
        return buffer_from(as_ffi(self)->state->char_array, taken[0], writable);
    ctype *type = ffi_type_of(as_ffi(self), taken[0], ACCEPT_STRING | ACCEPT_CTYPE);
    if (type == NULL)
        return NULL;
    PyObject *made = buffer_from(type, taken[1], writable);
    Py_DECREF(type);
    return made;
}

static const struct signature memmove_signature = {"memmove", 3, 3, {"dest", "src", "n"}};

static PyObject *method_memmove(PyObject *self, PyObject *const *args, Py_ssize_t given,
                                PyObject *keywords)
{
    PyObject *taken[3];
    Py_ssize_t size = 0;
    if (take(&memmove_signature, args, given, keywords, taken) < 0 ||
        take_size(taken[2], &size) < 0)
        return NULL;
    return memory_move(as_ffi(self)->state, taken[0], taken[1], size);
}

static const struct signature gc_signature = {"gc", 2, 3, {"cdata", "destructor", "size"}};

static PyObject *method_gc(PyObject *self, PyObject *const *args, Py_ssize_t given,
                           PyObject *keywords)
{
    PyObject *taken[3];
    Py_ssize_t size = 0;
    (void)self;
    if (take(&gc_signature, args, given, keywords, taken) < 0 || take_size(taken[2], &size) < 0)
        return NULL;
    return cdata_is(taken[0]) ? memory_gc(taken[0], taken[1], size)
                              : expected_cdata("gc", taken[0]);
}

static PyObject *method_release(PyObject *self, PyObject *value)
{
    (void)self;
    return cdata_is(value) ? memory_release(value) : expected_cdata("release", value);
}

static const struct signature new_allocator_signature = {
    "new_allocator", 0, 3, {"alloc", "free", "should_clear_after_alloc"}};

static PyObject *method_new_allocator(PyObject *self, PyObject *const *args, Py_ssize_t given,
                                      PyObject *keywords)
{
    PyObject *taken[3];
    bool clear = true;
    if (take(&new_allocator_signature, args, given, keywords, taken) < 0 ||
        take_flag(taken[2], &clear) < 0)
        return NULL;
    return memory_new_allocator(as_ffi(self), taken[0] == NULL ? Py_None : taken[0],
                                taken[1] == NULL ? Py_None : taken[1], clear);
}

static PyObject *method_new_handle(PyObject *self, PyObject *object)
{
    return memory_new_handle(as_ffi(self)->state, object);
}

static PyObject *method_from_handle(PyObject *self, PyObject *handle)
{
    return memory_from_handle(as_ffi(self)->state, handle);
}

static PyObject *get_errno(PyObject *Py_UNUSED(self), void *Py_UNUSED(closure))
{
    return PyLong_FromLong(saved_errno_get());
}

static int set_errno(PyObject *Py_UNUSED(self), PyObject *value, void *Py_UNUSED(closure))
{
    if (value == NULL) {
        PyErr_SetString(PyExc_AttributeError, "errno cannot be deleted");
        return -1;
    }
    long number = PyLong_AsLong(value);
    if (number == -1 && PyErr_Occurred())
        return -1;
    if (number < INT32_MIN || number > INT32_MAX) {
        PyErr_SetString(PyExc_OverflowError, "errno value too large");
        return -1;
    }
    saved_errno_set((int)number);
    return 0;
}

/* ---- functions ------------------------------------------------------------------------------- */

static const struct signature callback_signature = {
    "callback", 1, 4, {"cdecl", "python_callable", "error", "onerror"}};

/* The decorator's self: (function type, error, onerror). */
static PyObject *decorate(PyObject *self, PyObject *callable)
{
    return callback_new((ctype *)PyTuple_GET_ITEM(self, 0), callable, PyTuple_GET_ITEM(self, 1),
                        PyTuple_GET_ITEM(self, 2));
}

static PyMethodDef decorator_method = {"callback_decorator", decorate, METH_O,
                                       "callback_decorator(python_callable, /)\n--\n\n"
                                       "Make a callback of a Python function."};

static PyObject *method_callback(PyObject *self, PyObject *const *args, Py_ssize_t given,
                                 PyObject *keywords)
{
    PyObject *taken[4];
    if (take(&callback_signature, args, given, keywords, taken) < 0)
        return NULL;
    for (int i = 1; i < 4; i++)
        if (taken[i] == NULL)
            taken[i] = Py_None;
    ctype *type = ffi_type_of(as_ffi(self), taken[0],
                              ACCEPT_STRING | ACCEPT_CTYPE | FUNCTION_AS_POINTER);
    if (type == NULL)
        return NULL;
    PyObject *made = NULL;
    if (taken[1] != Py_None)
        made = callback_new(type, taken[1], taken[2], taken[3]);
    else {
        PyObject *settings = PyTuple_Pack(3, type, taken[2], taken[3]);
        if (settings != NULL)
            made = PyCFunction_New(&decorator_method, settings);
        Py_XDECREF(settings);
    }
    Py_DECREF(type);
    return made;
}

static PyObject *method_def_extern(PyObject *self, PyObject *Py_UNUSED(args),
                                   PyObject *Py_UNUSED(kwargs))
{
    (void)self;
    PyErr_SetString(PyExc_ValueError,
                    "ffi.def_extern() is only available on API-mode FFI objects");
    return NULL;
}

/* ---- libraries ------------------------------------------------------------------------------- */

static const struct signature dlopen_signature = {"dlopen", 0, 2, {"name", "flags"}};

static PyObject *method_dlopen(PyObject *self, PyObject *const *args, Py_ssize_t given,
                               PyObject *keywords)
{
    PyObject *taken[2];
    if (take(&dlopen_signature, args, given, keywords, taken) < 0)
        return NULL;
    long flags = taken[1] == NULL ? 0 : PyLong_AsLong(taken[1]);
    if (flags == -1 && PyErr_Occurred())
        return NULL;
    return library_open(as_ffi(self), taken[0] == NULL ? Py_None : taken[0], (int)flags);
}

static PyObject *method_dlclose(PyObject *self, PyObject *library)
{
    if (!Py_IS_TYPE(library, as_ffi(self)->state->library_type)) {
        PyErr_Format(PyExc_TypeError, "dlclose() argument must be a library, not %.200s",
                     Py_TYPE(library)->tp_name);
        return NULL;
    }
    if (library_close(library) < 0)
        return NULL;
    Py_RETURN_NONE;
}

/* ---- init_once ------------------------------------------------------------------------------- */

static const struct signature init_once_signature = {"init_once", 2, 2, {"func", "tag"}};

/* While the function runs, once[tag] is a lock (a threading.Lock); then a tuple of its result. */
static PyObject *once_entry(ffi_object *ffi, PyObject *tag)
{
    if (ffi->once == NULL && (ffi->once = PyDict_New()) == NULL)
        return NULL;
    PyObject *entry = PyDict_GetItemWithError(ffi->once, tag);
    if (entry != NULL || PyErr_Occurred())
        return Py_XNewRef(entry);
    PyObject *threads = PyImport_ImportModule("_thread");
    PyObject *lock = threads == NULL ? NULL : PyObject_CallMethod(threads, "allocate_lock", NULL);
    Py_XDECREF(threads);
    if (lock == NULL)
        return NULL;
    entry = Py_XNewRef(PyDict_SetDefault(ffi->once, tag, lock));
    Py_DECREF(lock);
    return entry;
}

static PyObject *run_once(ffi_object *ffi, PyObject *function, PyObject *tag)
{
    PyObject *entry = PyDict_GetItemWithError(ffi->once, tag);
    if (entry != NULL && PyTuple_CheckExact(entry)) /* another thread was faster */
        return Py_NewRef(PyTuple_GET_ITEM(entry, 0));
    PyObject *result = PyErr_Occurred() ? NULL : PyObject_CallNoArgs(function);
    PyObject *done = result == NULL ? NULL : PyTuple_Pack(1, result);
    if (done == NULL || PyDict_SetItem(ffi->once, tag, done) < 0)
        Py_CLEAR(result);
    Py_XDECREF(done);
    return result;
}

static PyObject *method_init_once(PyObject *self, PyObject *const *args, Py_ssize_t given,
                                  PyObject *keywords)
{
    PyObject *taken[2];
    if (take(&init_once_signature, args, given, keywords, taken) < 0)
        return NULL;
    PyObject *entry = once_entry(as_ffi(self), taken[1]);
    if (entry == NULL)
        return NULL;
    PyObject *result = NULL;
    if (PyTuple_CheckExact(entry)) {
        result = Py_NewRef(PyTuple_GET_ITEM(entry, 0));
        Py_DECREF(entry);
        return result;
    }
    PyObject *locked = PyObject_CallMethod(entry, "acquire", NULL);
    if (locked != NULL) {
        Py_DECREF(locked);
        result = run_once(as_ffi(self), taken[0], taken[1]);
        PyObject *type, *value, *trace;
        PyErr_Fetch(&type, &value, &trace);
        PyObject *unlocked = PyObject_CallMethod(entry, "release", NULL);
        if (unlocked == NULL)
            PyErr_WriteUnraisable(entry);
        Py_XDECREF(unlocked);
        PyErr_Restore(type, value, trace);
    }
    Py_DECREF(entry);
    return result;
}

/* ---- the table ------------------------------------------------------------------------------- */

#define KEYWORDS(name, doc)                                                                        \
    {#name, (PyCFunction)(void (*)(void))method_##name, METH_FASTCALL | METH_KEYWORDS, doc}
#define POSITIONS(name, doc)                                                                       \
    {#name, (PyCFunction)(void (*)(void))method_##name, METH_FASTCALL, doc}

PyMethodDef ffi_methods[] = {
    {"typeof", method_typeof, METH_O,
     "typeof($self, cdecl, /)\n--\n\n"
     "The ctype that a string names, or that a cdata has."},
    {"sizeof", method_sizeof, METH_O,
     "sizeof($self, cdecl, /)\n--\n\n"
     "How many bytes a type takes, named by a string or a ctype, or a cdata."},
    {"alignof", method_alignof, METH_O,
     "alignof($self, cdecl, /)\n--\n\n"
     "The natural alignment of a type, in bytes."},
    POSITIONS(offsetof, "offsetof($self, cdecl, /, *fields_or_indexes)\n--\n\n"
                        "How far into a struct, union or array a field or element lies.\n\n"
                        "Several names and indices lead into what is nested."),
    KEYWORDS(getctype, "getctype($self, /, cdecl, replace_with='')\n--\n\n"
                       "How C spells a type, with a declarator such as '*' in its place."),
    POSITIONS(addressof, "addressof($self, cdata, /, *fields_or_indexes)\n--\n\n"
                         "A pointer to a struct, union or array, or to what is in it.\n\n"
                         "addressof(lib, 'name') is that of a library's function or variable."),
    KEYWORDS(new, "new($self, /, cdecl, init=None)\n--\n\n"
                  "Allocate what a pointer type points at, or an array.\n\n"
                  "The memory is zeroed, then filled from init, and freed with the cdata."),
    KEYWORDS(new_allocator,
             "new_allocator($self, /, alloc=None, free=None, should_clear_after_alloc=True)\n--\n\n"
             "A function like new(), with memory from alloc(size) that goes to free()."),
    KEYWORDS(cast, "cast($self, /, cdecl, source)\n--\n\n"
                   "A C cast: a cdata of that type from a number, a pointer or another cdata."),
    KEYWORDS(string, "string($self, /, cdata, maxlen=-1)\n--\n\n"
                     "The text at a pointer or in an array, up to its NUL: bytes for char, str\n"
                     "for wide characters.\n\n"
                     "Of an enum, the name of its value."),
    KEYWORDS(unpack, "unpack($self, /, cdata, length)\n--\n\n"
                     "That many elements from a pointer or an array: bytes, a str, or a list."),
    KEYWORDS(from_buffer,
             "from_buffer($self, /, cdecl, python_buffer=None, require_writable=False)\n--\n\n"
             "A cdata on the memory of an object with the buffer interface, which it holds.\n\n"
             "With one argument, that is the object, and the type is char[]."),
    KEYWORDS(memmove, "memmove($self, /, dest, src, n)\n--\n\n"
                      "Copy n bytes between cdata and buffers, which may overlap."),
    KEYWORDS(gc, "gc($self, /, cdata, destructor, size=0)\n--\n\n"
                 "The same cdata again, as one that calls destructor(cdata) when it goes."),
    {"release", method_release, METH_O,
     "release($self, cdata, /)\n--\n\n"
     "Free what a cdata from new(), gc() or from_buffer() holds, now."},
    {"new_handle", method_new_handle, METH_O,
     "new_handle($self, object, /)\n--\n\n"
     "A void * that stands for a Python object, as long as it is kept."},
    {"from_handle", method_from_handle, METH_O,
     "from_handle($self, handle, /)\n--\n\n"
     "The Python object that a void * from new_handle() stands for."},
    KEYWORDS(callback,
             "callback($self, /, cdecl, python_callable=None, error=None, onerror=None)\n--\n\n"
             "A C function pointer that calls a Python function, as long as it is kept; or,\n"
             "without a function, a decorator."),
    {"def_extern", (PyCFunction)(void (*)(void))method_def_extern, METH_VARARGS | METH_KEYWORDS,
     "def_extern($self, /, *args, **kwargs)\n--\n\n"
     "For API mode alone: raises ValueError."},
    KEYWORDS(dlopen, "dlopen($self, /, name=None, flags=0)\n--\n\n"
                     "Open a library: a file name, None for the running program, or a handle."),
    {"dlclose", method_dlclose, METH_O,
     "dlclose($self, library, /)\n--\n\n"
     "Close a library; nothing of it may be used afterwards."},
    KEYWORDS(cdef, "cdef($self, /, csource, override=False, packed=False, pack=None)\n--\n\n"
                   "Add C declarations."),
    {"include", method_include, METH_O,
     "include($self, ffi_to_include, /)\n--\n\n"
     "Add what another FFI declares; its types are the same objects in both."},
    {"list_types", method_list_types, METH_NOARGS,
     "list_types($self, /)\n--\n\n"
     "The names of typedefs, of structs and of unions: a tuple of three sorted lists."},
    KEYWORDS(integer_const, "integer_const($self, /, name)\n--\n\n"
                            "The value of a declared constant or enumerator."),
    KEYWORDS(init_once, "init_once($self, /, func, tag)\n--\n\n"
                        "What func() returned when it was called for this tag, once."),
    {"_cdef", method__cdef, METH_VARARGS,
     "_cdef($self, csource, flags, pack, /)\n--\n\n"
     "Add C declarations as _sources() has them."},
    {"_sources", method_sources, METH_NOARGS,
     "_sources($self, /)\n--\n\n"
     "Each cdef so far, as (text, flags, pack, index in _includes() or -1)."},
    {"_includes", method_includes, METH_NOARGS,
     "_includes($self, /)\n--\n\n"
     "The FFIs that this one includes."},
    {"_check_complete", method_check_complete, METH_NOARGS,
     "_check_complete($self, /)\n--\n\n"
     "Raise VerificationMissing when only a compiler could complete a declaration."},
    {NULL, NULL, 0, NULL},
};

PyGetSetDef ffi_getsets[] = {
    {"errno", get_errno, set_errno,
     "the errno that the last call left, and that the next will find", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};
