/* array_out.c - arrays that C fills, makes or returns.
 *
 * Room for an array is made before the call: as large as the length argument says, or as
 * [[capacity]] or a fixed length does; it is zeroed, so that what C leaves out is never other
 * memory's contents. Bytes are filled in the bytes object that the user gets. */
#include "array.h"
#include "classes.h"

enum { SMALL_ROOM = 128 };

/* Room for C to fill. */
typedef struct out_state {
    void *memory;    /* what C was given: in bytes, `small`, or PyMem */
    PyObject *bytes; /* not NULL: the result, its contents being the memory */
    size_t capacity; /* elements */
    _Alignas(16) unsigned char small[SMALL_ROOM];
} out_state;

/* ---- how many -------------------------------------------------------------------------------- */

static bool is_negative(const frame *f, const step *length)
{
    PyObject *n;
    if (length->code == OP_OUT)
        n = scalar_load((op)length->scalar, frame_storage(f, length));
    else if (f->plan->b->d->types[length->value->type].kind != SB_INT)
        return false;
    else
        n = scalar_load(OP_I64, f->block + length->offset);
    int overflow = 0;
    bool negative = n != NULL && PyLong_Check(n) &&
                    (PyLong_AsLongLongAndOverflow(n, &overflow) < 0 || overflow < 0);
    Py_XDECREF(n);
    PyErr_Clear();
    return negative;
}

/* The elements there must be room for. */
static int get_capacity(const frame *f, const step *s, uint64_t *capacity)
{
    const sb_value *v = s->value;
    if (v->length < 0) {
        *capacity = v->fixed;
        return 0;
    }
    const step *length = frame_step(f, v->length);
    if (v->fixed != 0) {
        *capacity = v->fixed;
        return frame_set_length(f, v->length, v->fixed);
    }
    *capacity = frame_get_length(f, v->length);
    if (unlikely(*capacity == 0) && is_negative(f, length)) {
        PyErr_Format(PyExc_ValueError, "'%s' must not be negative",
                     sb_string(f->plan->b->d, length->value->py_name));
        return -1;
    }
    return 0;
}

/* The elements C says it has written. */
static int get_written(const frame *f, const step *s, size_t capacity, size_t *n)
{
    const sb_value *v = s->value;
    *n = capacity;
    if (v->written < 0)
        return 0;
    uint64_t written = frame_get_length(f, v->written);
    if (written > capacity) {
        const sb_description *d = f->plan->b->d;
        PyErr_Format(PyExc_BufferError, "%s reported %llu elements in '%s', but there was room for "
                     "%zu", sb_string(d, f->plan->f->symbol), (unsigned long long)written,
                     sb_string(d, v->name), capacity);
        return -1;
    }
    *n = (size_t)written;
    return 0;
}

/* ---- room ------------------------------------------------------------------------------------ */

static bool gives_bytes(const frame *f, const step *s)
{
    const sb_value *v = s->value;
    return v->flags & SB_VALUE_BYTES && !(v->flags & (SB_VALUE_DICT_KEYS | SB_VALUE_DICT_VALUES)) &&
           f->plan->b->d->types[v->value_type].size == 1;
}

static size_t element_size(const frame *f, const step *s)
{
    return (size_t)f->plan->b->d->types[s->value->value_type].size;
}

/* Makes room for `capacity` elements and gives it to C. */
static int make_room(frame *f, const step *s, uint64_t capacity)
{
    out_state *st = frame_storage(f, s);
    size_t size = element_size(f, s);
    if (capacity > (uint64_t)(PY_SSIZE_T_MAX / 2) / size) {
        PyErr_Format(PyExc_OverflowError, "there is no room for %llu elements of %zu bytes",
                     (unsigned long long)capacity, size);
        return -1;
    }
    size_t total = (size_t)capacity * size;
    st->capacity = (size_t)capacity;
    if (gives_bytes(f, s) && total > 0) {
        st->bytes = PyBytes_FromStringAndSize(NULL, (Py_ssize_t)total);
        if (st->bytes == NULL)
            return -1;
        st->memory = PyBytes_AS_STRING(st->bytes);
        memset(st->memory, 0, total);
    }
    else if (total <= SMALL_ROOM) {
        st->memory = memset(st->small, 0, total);
    }
    else {
        st->memory = PyMem_Calloc(1, total);
        if (st->memory == NULL) {
            PyErr_NoMemory();
            return -1;
        }
    }
    frame_set_pointer(f, s, st->memory);
    return 0;
}

static void free_room(out_state *st)
{
    if (st->bytes == NULL && st->memory != st->small)
        PyMem_Free(st->memory);
    st->memory = NULL;
    Py_CLEAR(st->bytes);
}

static int out_load(frame *f, const step *s, PyObject *value)
{
    (void)value;
    uint64_t capacity;
    return get_capacity(f, s, &capacity) < 0 ? -1 : make_room(f, s, capacity);
}

static void out_release(frame *f, const step *s)
{
    free_room(frame_storage(f, s));
}

/* ---- results --------------------------------------------------------------------------------- */

/* What the call's [[keeps]] argument is: it keeps handles among the elements alive. Borrowed. */
static PyObject *owner_of(const frame *f)
{
    const step *s = f->plan->keeps;
    PyObject *owner = s == NULL                          ? NULL
                      : s->visible >= 0                  ? f->args[s->visible]
                      : s->visible == SELF_ARGUMENT      ? f->self
                                                         : NULL;
    return owner == Py_None ? NULL : owner;
}

/* Elements in memory, once the call is over. */
typedef struct column {
    element e;
    const char *p;
    size_t n;
    bool null; /* C gave no array at all */
} column;

static int null_array(const frame *f, const step *s, column *c)
{
    c->null = true;
    if (c->n == 0 || s->flags & STEP_NULLABLE || s->value->flags & SB_VALUE_ZERO_TERMINATED) {
        c->n = 0;
        return 0;
    }
    PyErr_Format(PyExc_RuntimeError, "%s gave a null pointer for %zu elements",
                 sb_string(f->plan->b->d, f->plan->f->symbol), c->n);
    return -1;
}

/* Of an array that C made: its length parameter, fixed length or terminating zero. */
static int column_at(const frame *f, const step *s, const char *p, column *c)
{
    const sb_value *v = s->value;
    if (element_of(f->plan->b, v, &c->e) < 0)
        return -1;
    c->p = p;
    c->null = false;
    uint64_t n = v->length >= 0 ? frame_get_length(f, v->length) : v->fixed;
    if (v->flags & SB_VALUE_ZERO_TERMINATED)
        n = p == NULL ? 0 : array_count_to_zero(&c->e, p);
    if (n > (uint64_t)PY_SSIZE_T_MAX) {
        PyErr_Format(PyExc_OverflowError, "%s reported %llu elements",
                     sb_string(f->plan->b->d, f->plan->f->symbol), (unsigned long long)n);
        return -1;
    }
    c->n = (size_t)n;
    return p == NULL ? null_array(f, s, c) : 0;
}

/* Of any out parameter. */
static int column_of(const frame *f, const step *s, column *c)
{
    if (s->value->flags & SB_VALUE_CALLEE_ALLOCATED) {
        char *const *pointer = frame_storage(f, s);
        return column_at(f, s, *pointer, c);
    }
    const out_state *st = frame_storage(f, s);
    if (element_of(f->plan->b, s->value, &c->e) < 0)
        return -1;
    c->p = st->memory;
    c->null = false;
    return get_written(f, s, st->capacity, &c->n);
}

/* { keys[i]: values[i] }, in order; a later equal key wins. */
static PyObject *make_dict(const frame *f, const step *s, const column *keys)
{
    column values;
    if (column_of(f, frame_step(f, s->value->partner), &values) < 0)
        return NULL;
    PyObject *owner = owner_of(f);
    PyObject *dict = PyDict_New();
    size_t n = values.n < keys->n ? values.n : keys->n;
    for (size_t i = 0; dict != NULL && i < n; i++) {
        PyObject *key = element_load(&keys->e, keys->p + i * keys->e.size, owner);
        PyObject *value =
            key == NULL ? NULL : element_load(&values.e, values.p + i * values.e.size, owner);
        if (value == NULL || PyDict_SetItem(dict, key, value) < 0)
            Py_CLEAR(dict);
        Py_XDECREF(value);
        Py_XDECREF(key);
    }
    return dict;
}

static PyObject *column_to_python(const frame *f, const step *s, const column *c)
{
    if (c->null && (s->flags & STEP_NULLABLE || s->value->flags & SB_VALUE_ZERO_TERMINATED))
        Py_RETURN_NONE;
    if (s->value->flags & SB_VALUE_DICT_KEYS)
        return make_dict(f, s, c);
    return array_to_python(&c->e, c->n == 0 ? "" : c->p, c->n, owner_of(f));
}

/* Text ends at its NUL where nothing says how long it is, and has none at its end in any case. */
static size_t text_units(const sb_value *v, const element *e, const char *p, size_t n)
{
    static const char zero[4];
    if (v->written >= 0)
        return n > 0 && memcmp(p + (n - 1) * e->size, zero, e->size) == 0 ? n - 1 : n;
    size_t units = 0;
    while (units < n && memcmp(p + units * e->size, zero, e->size) != 0)
        units++;
    return units;
}

static PyObject *out_result(frame *f, const step *s)
{
    out_state *st = frame_storage(f, s);
    column c;
    if (column_of(f, s, &c) < 0)
        return NULL;
    if (st->bytes != NULL) {
        PyObject *bytes = st->bytes;
        st->bytes = NULL;
        st->memory = NULL;
        if ((size_t)PyBytes_GET_SIZE(bytes) != c.n && _PyBytes_Resize(&bytes, (Py_ssize_t)c.n) < 0)
            return NULL;
        return bytes;
    }
    if (element_is_text(&c.e) && !(s->value->flags & SB_VALUE_DICT_KEYS))
        c.n = text_units(s->value, &c.e, c.p, c.n);
    return column_to_python(f, s, &c);
}

const converter array_out = {.name = "array that C fills",
                             .load = out_load,
                             .result = out_result,
                             .release = out_release,
                             .storage = sizeof(out_state)};

/* ---- arrays that C makes --------------------------------------------------------------------- */

static int callee_load(frame *f, const step *s, PyObject *value)
{
    (void)value;
    frame_set_pointer(f, s, frame_storage(f, s));
    return 0;
}

static PyObject *callee_result(frame *f, const step *s)
{
    column c;
    return column_of(f, s, &c) < 0 ? NULL : column_to_python(f, s, &c);
}

static void callee_release(frame *f, const step *s)
{
    char *const *pointer = frame_storage(f, s);
    release_owned(s, *pointer);
}

const converter array_callee_out = {.name = "array that C makes",
                                    .load = callee_load,
                                    .result = callee_result,
                                    .release = callee_release,
                                    .storage = sizeof(char *)};

/* The storage remembers the function's result once it is known to be there. */
static PyObject *returned_result(frame *f, const step *s)
{
    char **pointer = frame_storage(f, s);
    memcpy(pointer, f->result, sizeof *pointer);
    column c;
    return column_at(f, s, *pointer, &c) < 0 ? NULL : column_to_python(f, s, &c);
}

const converter array_result = {.name = "array that C returns",
                                .result = returned_result,
                                .release = callee_release,
                                .storage = sizeof(char *)};

/* ---- arrays that Python sees where they lie ---------------------------------------------------- */

/* As many elements as C says that the object has; a Python subclass may say otherwise. */
static int count_by_length(const frame *f, column *c)
{
    const class_record *of = class_of_type(Py_TYPE(f->self));
    while (of != NULL && of->slots[SB_SLOT_LENGTH] == NULL)
        of = of->base;
    if (of == NULL) {
        PyErr_SetString(PyExc_BufferError, "this library has no function for the length");
        return -1;
    }
    PyObject *length = plan_call(of->slots[SB_SLOT_LENGTH], f->self, NULL, 0, NULL);
    Py_ssize_t n = length == NULL ? -1 : PyNumber_AsSsize_t(length, PyExc_OverflowError);
    Py_XDECREF(length);
    if (n < 0 && !PyErr_Occurred())
        PyErr_SetString(PyExc_ValueError, "C says that the length is negative");
    c->n = n < 0 ? 0 : (size_t)n;
    return n < 0 ? -1 : 0;
}

/* What nobody may write to: const memory, and what a class or a pointer's keeper must know of. */
static bool is_readonly(const frame *f, const step *s, const element *e)
{
    const sb_description *d = f->plan->b->d;
    bool record = e->kind == ELEMENT_RECORD;
    return s->value->flags & SB_VALUE_READONLY || (record && e->c->c->flags & SB_CLASS_READONLY) ||
           type_has_pointer(d, s->value->value_type, true);
}

static PyObject *show_column(const frame *f, const step *s, column *c)
{
    const sb_value *v = s->value;
    PyObject *owner = owner_of(f);
    bool counted = v->length >= 0 || v->fixed != 0 || v->flags & SB_VALUE_ZERO_TERMINATED;
    if (c->null && counted && s->flags & STEP_NULLABLE)
        Py_RETURN_NONE;
    if (owner == NULL) {
        PyErr_Format(PyExc_TypeError, "%s: the object that keeps the array must be given, not None",
                     sb_string(f->plan->b->d, f->plan->f->symbol));
        return NULL;
    }
    if (!counted && (count_by_length(f, c) < 0 || (c->null && null_array(f, s, c) < 0)))
        return NULL;
    if (c->n > (size_t)PY_SSIZE_T_MAX / c->e.size)
        return PyErr_Format(PyExc_OverflowError, "C reported %zu elements of %zu bytes", c->n,
                            c->e.size);
    place at;
    place_beside(&at, owner);
    if (at.live != NULL && *at.live == NULL)
        return PyErr_Format(PyExc_ValueError, "operation on a closed %s",
                            type_name(Py_TYPE(owner)));
    static const uint64_t nothing;
    char *data = c->n == 0 && c->p == NULL ? (char *)(uintptr_t)&nothing : (char *)(uintptr_t)c->p;
    return window_new_items(&at, data, f->plan->b->d, v->value_type, (Py_ssize_t)c->n,
                            is_readonly(f, s, &c->e));
}

static PyObject *shown_at(frame *f, const step *s, const char *p)
{
    column c;
    return column_at(f, s, p, &c) < 0 ? NULL : show_column(f, s, &c);
}

static PyObject *shown_result(frame *f, const step *s)
{
    const char *p;
    memcpy(&p, f->result, sizeof p);
    return shown_at(f, s, p);
}

static PyObject *shown_out(frame *f, const step *s)
{
    char *const *p = frame_storage(f, s);
    return shown_at(f, s, *p);
}

const converter array_shown_result = {.name = "array that an object holds", .result = shown_result};

const converter array_shown_out = {.name = "array that an object holds",
                                   .load = callee_load,
                                   .result = shown_out,
                                   .storage = sizeof(char *)};

/* ---- arrays that turn out too small ---------------------------------------------------------- */

/* Whether the call shares one length between these two arrays that C fills. */
static bool shares_length(const step *s, const step *other)
{
    return other->code == OP_GENERAL && other->converter == &array_out &&
           other->value->length == s->value->length;
}

bool array_grow(frame *f, const step *s)
{
    if (s->converter != &array_out || s->value->length < 0)
        return false;
    const out_state *st = frame_storage(f, s);
    uint64_t wanted = frame_get_length(f, s->value->written);
    element e;
    if (element_of(f->plan->b, s->value, &e) < 0)
        return false;
    if (element_is_text(&e)) /* the count leaves out the NUL, which needs room too */
        wanted++;
    /* An absurd number is how some functions say that they failed: the status will tell. */
    if (wanted <= st->capacity || wanted > (uint64_t)(PY_SSIZE_T_MAX / 2) / element_size(f, s))
        return false;
    for (int i = 0; i < f->plan->step_count; i++) {
        const step *other = frame_step(f, i);
        if (!shares_length(s, other))
            continue;
        free_room(frame_storage(f, other));
        if (make_room(f, other, wanted) < 0)
            return false;
    }
    return frame_set_length(f, s->value->length, wanted) == 0;
}
