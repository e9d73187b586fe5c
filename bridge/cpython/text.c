/* text.c - strings: str, bytes and paths from and to C text.
 *
 * UTF-8 from a str needs no converter (call.c passes the str's own UTF-8). Here is the rest: other
 * encodings, wide characters, bytes, paths, None, and all text that C gives. */
#include "array.h"

/* ---- text as bytes --------------------------------------------------------------------------- */

static const char *errors_of(const sb_description *d, const sb_value *v)
{
    return v->encoding_errors == 0 ? NULL : sb_string(d, v->encoding_errors);
}

static COLD PyObject *expected(const char *what, PyObject *value)
{
    PyErr_Format(PyExc_TypeError, "expected %s, got %s", what, Py_TYPE(value)->tp_name);
    return NULL;
}

/* The native encoding of wide units, byte order given so that no mark is written. */
static const char *wide_encoding(size_t size)
{
    if (size == 4)
        return PY_LITTLE_ENDIAN ? "utf-32-le" : "utf-32-be";
    return PY_LITTLE_ENDIAN ? "utf-16-le" : "utf-16-be";
}

static PyObject *bytes_of_buffer(PyObject *value)
{
    if (PyBytes_CheckExact(value))
        return Py_NewRef(value); /* CPython puts a NUL after the bytes */
    if (!PyObject_CheckBuffer(value))
        return expected("a bytes-like object", value);
    return PyBytes_FromObject(value);
}

static PyObject *encode_wide(const sb_description *d, const sb_value *v, size_t size,
                             PyObject *value)
{
    PyObject *terminated = PyUnicode_FromFormat("%U%c", value, 0);
    PyObject *bytes = NULL;
    if (terminated != NULL)
        bytes = PyUnicode_AsEncodedString(terminated, wide_encoding(size), errors_of(d, v));
    Py_XDECREF(terminated);
    return bytes;
}

PyObject *text_encode(const sb_description *d, const sb_value *v, const sb_type *unit,
                      PyObject *value, bool nul_allowed)
{
    if (v->flags & SB_VALUE_BYTES) {
        PyObject *bytes = bytes_of_buffer(value);
        if (bytes != NULL && !nul_allowed &&
            memchr(PyBytes_AS_STRING(bytes), 0, (size_t)PyBytes_GET_SIZE(bytes)) != NULL) {
            PyErr_SetString(PyExc_ValueError, "embedded null byte");
            Py_CLEAR(bytes);
        }
        return bytes;
    }
    if (!PyUnicode_Check(value))
        return expected("str", value);
    if (!nul_allowed && PyUnicode_FindChar(value, 0, 0, PyUnicode_GET_LENGTH(value), 1) != -1) {
        PyErr_SetString(PyExc_ValueError, "embedded null character");
        return NULL;
    }
    if (unit->size > 1)
        return encode_wide(d, v, (size_t)unit->size, value);
    if (v->encoding == 0)
        return PyUnicode_AsEncodedString(value, "utf-8", errors_of(d, v));
    PyObject *bytes =
        PyUnicode_AsEncodedString(value, sb_string(d, v->encoding), errors_of(d, v));
    if (bytes != NULL && !PyBytes_Check(bytes)) {
        PyErr_Format(PyExc_TypeError, "the encoding %s does not give bytes",
                     sb_string(d, v->encoding));
        Py_CLEAR(bytes);
    }
    if (bytes != NULL && !nul_allowed &&
        memchr(PyBytes_AS_STRING(bytes), 0, (size_t)PyBytes_GET_SIZE(bytes)) != NULL) {
        PyErr_Format(PyExc_ValueError, "%s writes null bytes, at which C text ends",
                     sb_string(d, v->encoding));
        Py_CLEAR(bytes);
    }
    return bytes;
}

PyObject *text_decode(const sb_description *d, const sb_value *v, const sb_type *unit,
                      const char *p, size_t n)
{
    size_t size = (size_t)unit->size;
    if (n > (size_t)PY_SSIZE_T_MAX / size) {
        PyErr_Format(PyExc_OverflowError, "C reported %zu characters", n);
        return NULL;
    }
    Py_ssize_t length = (Py_ssize_t)(n * size);
    const char *errors = errors_of(d, v);
    int order = PY_LITTLE_ENDIAN ? -1 : 1;
    if (v->flags & SB_VALUE_BYTES)
        return PyBytes_FromStringAndSize(p, length);
    if (v->encoding != 0)
        return PyUnicode_Decode(p, length, sb_string(d, v->encoding), errors);
    if (size == 4)
        return PyUnicode_DecodeUTF32(p, length, errors, &order);
    if (size == 2)
        return PyUnicode_DecodeUTF16(p, length, errors, &order);
    return PyUnicode_DecodeUTF8(p, length, errors);
}

static size_t count_units(const char *p, size_t size)
{
    if (size == 1)
        return strlen(p);
    static const char zero[4];
    size_t n = 0;
    while (memcmp(p + n * size, zero, size) != 0)
        n++;
    return n;
}

/* ---- given to C ------------------------------------------------------------------------------ */

/* The object that holds the bytes during the call. */
typedef struct text_state {
    PyObject *keep;
} text_state;

static const sb_type *unit_of(const frame *f, const step *s)
{
    return &f->plan->b->d->types[s->value->value_type];
}

static int pass(const frame *f, const step *s, PyObject *bytes)
{
    if (bytes == NULL)
        return -1;
    text_state *st = frame_storage(f, s);
    st->keep = bytes;
    frame_set_pointer(f, s, PyBytes_AS_STRING(bytes));
    return 0;
}

static int text_load(frame *f, const step *s, PyObject *value)
{
    if (value == Py_None && s->flags & STEP_NULLABLE) {
        frame_set_pointer(f, s, NULL);
        return 0;
    }
    return pass(f, s, text_encode(f->plan->b->d, s->value, unit_of(f, s), value, false));
}

/* UTF-8 that the str keeps itself; const, so that C cannot change it. */
static int text_load_utf8(frame *f, const step *s, PyObject *value)
{
    if (value == Py_None && s->flags & STEP_NULLABLE) {
        frame_set_pointer(f, s, NULL);
        return 0;
    }
    if (!PyUnicode_Check(value)) {
        expected(s->flags & STEP_NULLABLE ? "str or None" : "str", value);
        return -1;
    }
    Py_ssize_t length;
    const char *utf8 = PyUnicode_AsUTF8AndSize(value, &length);
    if (utf8 == NULL)
        return -1;
    if (memchr(utf8, 0, (size_t)length) != NULL) {
        PyErr_SetString(PyExc_ValueError, "embedded null character");
        return -1;
    }
    frame_set_pointer(f, s, utf8);
    return 0;
}

/* Bytes of its own, which C may write into. */
static int text_load_copy(frame *f, const step *s, PyObject *value)
{
    if (value == Py_None && s->flags & STEP_NULLABLE) {
        frame_set_pointer(f, s, NULL);
        return 0;
    }
    PyObject *bytes = text_encode(f->plan->b->d, s->value, unit_of(f, s), value, false);
    if (bytes == NULL)
        return -1;
    Py_ssize_t size = PyBytes_GET_SIZE(bytes);
    PyObject *copy = PyBytes_FromStringAndSize(NULL, size + 1);
    if (copy != NULL)
        memcpy(PyBytes_AS_STRING(copy), PyBytes_AS_STRING(bytes), (size_t)size + 1);
    Py_DECREF(bytes);
    return pass(f, s, copy);
}

/* str, bytes and os.PathLike, in the encoding of the file system. */
static int text_load_path(frame *f, const step *s, PyObject *value)
{
    if (value == Py_None && s->flags & STEP_NULLABLE) {
        frame_set_pointer(f, s, NULL);
        return 0;
    }
    PyObject *bytes = NULL;
    if (unit_of(f, s)->size == 1 && s->value->encoding == 0) {
        if (!PyUnicode_FSConverter(value, &bytes))
            return -1;
        return pass(f, s, bytes);
    }
    PyObject *path = PyOS_FSPath(value);
    if (path != NULL && PyBytes_Check(path))
        Py_SETREF(path, PyUnicode_DecodeFSDefaultAndSize(PyBytes_AS_STRING(path),
                                                         PyBytes_GET_SIZE(path)));
    if (path != NULL)
        bytes = text_encode(f->plan->b->d, s->value, unit_of(f, s), path, false);
    Py_XDECREF(path);
    return pass(f, s, bytes);
}

static void text_release(frame *f, const step *s)
{
    text_state *st = frame_storage(f, s);
    Py_CLEAR(st->keep);
}

/* ---- given by C ------------------------------------------------------------------------------ */

static PyObject *text_at(const frame *f, const step *s, const char *p)
{
    if (p == NULL)
        Py_RETURN_NONE;
    const sb_type *unit = unit_of(f, s);
    return text_decode(f->plan->b->d, s->value, unit, p, count_units(p, (size_t)unit->size));
}

/* Behind a pointer: the storage holds what C set. */
static int text_out_load(frame *f, const step *s, PyObject *value)
{
    (void)value;
    frame_set_pointer(f, s, frame_storage(f, s));
    return 0;
}

static PyObject *text_out_result(frame *f, const step *s)
{
    char *const *pointer = frame_storage(f, s);
    return text_at(f, s, *pointer);
}

static void text_out_release(frame *f, const step *s)
{
    char *const *pointer = frame_storage(f, s);
    release_owned(s, *pointer);
}

/* The function's result: the storage remembers it once it is known to be there. */
static PyObject *text_result(frame *f, const step *s)
{
    char **pointer = frame_storage(f, s);
    memcpy(pointer, f->result, sizeof *pointer);
    return text_at(f, s, *pointer);
}

/* ---- choosing -------------------------------------------------------------------------------- */

static const converter text_in = {
    .name = "text", .load = text_load, .release = text_release, .storage = sizeof(text_state)};
static const converter text_utf8_in = {.name = "utf-8", .load = text_load_utf8};
static const converter text_copy_in = {.name = "text in memory of its own",
                                       .load = text_load_copy,
                                       .release = text_release,
                                       .storage = sizeof(text_state)};
static const converter text_path_in = {
    .name = "path", .load = text_load_path, .release = text_release, .storage = sizeof(text_state)};
static const converter text_out = {.name = "text that C gives",
                                   .load = text_out_load,
                                   .result = text_out_result,
                                   .release = text_out_release,
                                   .storage = sizeof(char *)};
static const converter text_of_result = {.name = "text that C returns",
                                         .result = text_result,
                                         .release = text_out_release,
                                         .storage = sizeof(char *)};

const converter *text_converter(binding *b, const sb_value *v, bool is_result)
{
    if (is_result)
        return &text_of_result;
    if (v->direction != SB_IN)
        return &text_out;
    if (v->flags & SB_VALUE_FILENAME)
        return &text_path_in;
    if (!(v->flags & SB_VALUE_READONLY))
        return &text_copy_in;
    bool plain = v->encoding == 0 && v->encoding_errors == 0 && !(v->flags & SB_VALUE_BYTES) &&
                 b->d->types[v->value_type].size == 1;
    return plain ? &text_utf8_in : &text_in;
}
