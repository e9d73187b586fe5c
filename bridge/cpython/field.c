/* field.c - fields of records as attributes.
 *
 * A class has one field_record for each field, its bases' and its unnamed members' included. It is
 * the closure of the attribute's getter and setter. Scalars have a getter each, as a hand-written
 * extension would; everything else goes through place.c.
 */
#include "classes.h"
#include "integer.h"

/* ---- what a record holds ----------------------------------------------------------------------------- */

static const sb_type *element_type(const sb_description *d, sb_type_id id)
{
    while (d->types[id].kind == SB_ARRAY)
        id = d->types[id].target;
    return &d->types[id];
}

bool type_has_pointer(const sb_description *d, sb_type_id id, bool in_unions)
{
    const sb_type *t = element_type(d, id);
    if (t->kind == SB_POINTER)
        return true;
    if (t->kind != SB_STRUCT && (t->kind != SB_UNION || !in_unions))
        return false;
    for (uint32_t i = 0; i < t->count; i++)
        if (type_has_pointer(d, d->fields[t->first + i].value.type, in_unions))
            return true;
    return false;
}

/* ---- field records ------------------------------------------------------------------------------------- */

static uint32_t count_fields(const sb_description *d, const sb_type *t)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < t->count; i++) {
        const sb_value *v = &d->fields[t->first + i].value;
        const sb_type *inner = &d->types[v->type];
        bool record = inner->kind == SB_STRUCT || inner->kind == SB_UNION;
        n += record && (v->name == 0 || v->flags & SB_VALUE_BASE) ? count_fields(d, inner) : 1;
    }
    return n;
}

/* The op of a field that is a scalar in whole bytes and no more: it has a quick getter. */
static op quick_op(const sb_description *d, const sb_field *f)
{
    const sb_type *t = &d->types[f->value.type];
    if (f->bit_width != 0 || t->kind == SB_ENUM || t->kind == SB_POINTER)
        return OP_GENERAL;
    op code = scalar_op(d, f->value.type);
    return code == OP_NONE ? OP_GENERAL : code;
}

static bool has_record_with_pointer(const sb_description *d, const sb_type *t)
{
    for (uint32_t i = 0; i < t->count; i++) {
        sb_type_id id = d->fields[t->first + i].value.type;
        if (element_type(d, id)->kind != SB_POINTER && type_has_pointer(d, id, true))
            return true;
    }
    return false;
}

static field_record *add_fields(class_record *c, const sb_type *t, uint64_t offset, unsigned flags,
                                field_record *next)
{
    const sb_description *d = c->b->d;
    if (t->kind == SB_UNION) {
        flags |= FIELD_IN_UNION;
        if (has_record_with_pointer(d, t))
            flags |= FIELD_FROZEN;
        c->has_union = true;
    }
    for (uint32_t i = 0; i < t->count; i++) {
        const sb_field *f = &d->fields[t->first + i];
        const sb_value *v = &f->value;
        const sb_type *inner = &d->types[v->type];
        unsigned own = flags;
        if (v->flags & SB_VALUE_HIDDEN)
            own |= FIELD_HIDDEN;
        if (v->flags & SB_VALUE_READONLY || c->c->flags & SB_CLASS_READONLY)
            own |= FIELD_READONLY;
        bool record = inner->kind == SB_STRUCT || inner->kind == SB_UNION;
        if (record && (v->name == 0 || v->flags & SB_VALUE_BASE)) {
            next = add_fields(c, inner, offset + f->offset, own, next);
            if (next == NULL)
                return NULL;
            continue;
        }
        /* Padding bits have no name; of a flexible array the length is not known. */
        if (v->py_name == 0 || (inner->size == 0 && inner->kind != SB_POINTER))
            own |= FIELD_HIDDEN;
        if (v->flags & SB_VALUE_IS_LENGTH)
            own |= FIELD_LENGTH | FIELD_READONLY;
        if (!(own & (FIELD_HIDDEN | FIELD_LENGTH)))
            own |= FIELD_PARAMETER;
        *next = (field_record){
            .f = f,
            .owner = c,
            .offset = offset + f->offset,
            .code = (uint8_t)quick_op(d, f),
            .flags = (uint8_t)own,
        };
        if (v->length >= 0) {
            next->length = &d->fields[t->first] + v->length;
            next->length_offset = offset + next->length->offset;
        }
        next->name = PyUnicode_InternFromString(sb_string(d, v->py_name));
        if (next->name == NULL)
            return NULL;
        c->field_count++;
        next++;
    }
    return next;
}

/* Parameters of the constructor first, all else in order. */
static int sort_fields(class_record *c)
{
    field_record *sorted = PyMem_RawCalloc((size_t)c->field_count + 1, sizeof *sorted);
    if (sorted == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    uint32_t n = 0;
    for (int pass = 0; pass < 2; pass++) {
        for (uint32_t i = 0; i < c->field_count; i++)
            if ((c->fields[i].flags & FIELD_PARAMETER) == (pass == 0 ? FIELD_PARAMETER : 0))
                sorted[n++] = c->fields[i];
        if (pass == 0)
            c->visible_field_count = n;
    }
    PyMem_RawFree(c->fields);
    c->fields = sorted;
    return 0;
}

int fields_make(class_record *c)
{
    const sb_description *d = c->b->d;
    c->fields = PyMem_RawCalloc((size_t)count_fields(d, c->record) + 1, sizeof *c->fields);
    if (c->fields == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    c->has_union = false;
    if (add_fields(c, c->record, 0, 0, c->fields) == NULL || sort_fields(c) < 0)
        return -1;
    c->optional_fields = c->has_union;
    c->scalar_fields = true;
    uint64_t filled = 0;
    for (uint32_t i = 0; i < c->visible_field_count; i++) {
        const sb_type *t = &d->types[c->fields[i].f->value.type];
        if (t->kind == SB_POINTER || t->kind == SB_ARRAY)
            c->optional_fields = true;
        if (c->fields[i].code == OP_GENERAL)
            c->scalar_fields = false;
        filled += t->size;
        if (i == 0)
            c->uniform = c->fields[i].code;
        else if (c->uniform != c->fields[i].code)
            c->uniform = OP_NONE;
    }
    c->dense = c->scalar_fields && !c->has_union && c->kept_offset == 0 && filled == c->size;
    return 0;
}

/* ---- bit-fields -------------------------------------------------------------------------------------------- */

/* Bits are counted from the least significant of the first byte, as little-endian ABIs do. */
uint64_t bits_load(const char *p, const sb_field *f, bool is_signed)
{
    const unsigned char *bytes = (const unsigned char *)p;
    unsigned width = f->bit_width;
    uint64_t bits = 0;
    for (unsigned i = 0; i < width; i++) {
        unsigned at = f->bit_offset + i;
        bits |= (uint64_t)(bytes[at / 8] >> (at & 7) & 1) << (i & 63);
    }
    if (is_signed && width < 64 && bits >> (width - 1) & 1)
        bits |= ~(uint64_t)0 << width;
    return bits;
}

void bits_store(char *p, const sb_field *f, uint64_t bits)
{
    unsigned char *bytes = (unsigned char *)p;
    for (unsigned i = 0; i < f->bit_width; i++) {
        unsigned at = f->bit_offset + i, bit = 1u << (at & 7);
        bytes[at / 8] = (unsigned char)(bits >> (i & 63) & 1 ? bytes[at / 8] | bit
                                                             : bytes[at / 8] & ~bit);
    }
}

static bool is_signed(const sb_description *d, const sb_field *f)
{
    op code = scalar_op(d, f->value.type);
    return code == OP_I8 || code == OP_I16 || code == OP_I32 || code == OP_I64;
}

PyObject *bits_get(binding *b, const sb_field *f, const char *p)
{
    const sb_type *t = &b->d->types[f->value.type];
    uint64_t bits = bits_load(p, f, is_signed(b->d, f));
    if (t->kind == SB_BOOL)
        return PyBool_FromLong(bits != 0);
    if (t->kind == SB_ENUM && t->binding != SB_NONE) {
        enum_record *e = enum_get(b, t->binding);
        return e == NULL ? NULL : enum_member(e, (int64_t)bits);
    }
    return is_signed(b->d, f) ? PyLong_FromLongLong((int64_t)bits)
                              : PyLong_FromUnsignedLongLong(bits);
}

int bits_set(binding *b, const sb_field *f, char *p, PyObject *value)
{
    const sb_type *t = &b->d->types[f->value.type];
    unsigned width = f->bit_width;
    if (t->kind == SB_ENUM && t->binding != SB_NONE) {
        enum_record *e = enum_get(b, t->binding);
        if (e == NULL || enum_check(e, value) < 0)
            return -1;
    }
    _Alignas(8) char bytes[8];
    uint64_t bits = 0;
    bool fits;
    int64_t least = 0;
    if (t->kind == SB_BOOL) {
        if (scalar_store(OP_BOOL, value, bytes) < 0)
            return -1;
        bits = (uint64_t)bytes[0];
        fits = true;
    }
    else if (is_signed(b->d, f)) {
        if (scalar_store(OP_I64, value, bytes) < 0)
            return -1;
        memcpy(&bits, bytes, sizeof bits);
        least = -(int64_t)((uint64_t)1 << (width - 1));
        fits = width == 64 || ((int64_t)bits >= least && (int64_t)bits < -least);
    }
    else {
        if (scalar_store(OP_U64, value, bytes) < 0)
            return -1;
        memcpy(&bits, bytes, sizeof bits);
        fits = width == 64 || bits >> width == 0;
    }
    if (!fits) {
        unsigned long long most = ((unsigned long long)1 << (least < 0 ? width - 1 : width)) - 1;
        PyErr_Format(PyExc_OverflowError, "%S is out of range for a bit-field of %u bits "
                     "(%lld to %llu)", value, width, (long long)least, most);
        return -1;
    }
    bits_store(p, f, bits);
    return 0;
}

/* ---- pointers to buffers, whose length is in another field ------------------------------------------------- */

static bool is_buffer(const field_record *f)
{
    return f->f->value.passing == SB_PASS_ARRAY && !(f->flags & FIELD_IN_UNION) &&
           f->owner->b->d->types[f->f->value.type].kind == SB_POINTER;
}

static uint64_t length_get(const field_record *f, const char *record)
{
    if (f->length == NULL)
        return f->f->value.fixed;
    uint64_t n = 0;
    if (f->length->bit_width != 0)
        return bits_load(record + f->length_offset, f->length, false);
    size_t size = (size_t)f->owner->b->d->types[f->length->value.type].size;
    memcpy(&n, record + f->length_offset, size < sizeof n ? size : sizeof n);
    return n; /* little-endian, or 8 bytes wide: checked by length_set for what Python stores */
}

static int length_set(const field_record *f, char *record, uint64_t n)
{
    if (f->length == NULL) {
        if (n >= f->f->value.fixed)
            return 0;
        PyErr_Format(PyExc_ValueError, "expected at least %llu items, got %llu",
                     (unsigned long long)f->f->value.fixed, (unsigned long long)n);
        return -1;
    }
    PyObject *number = PyLong_FromUnsignedLongLong(n);
    if (number == NULL)
        return -1;
    int status;
    if (f->length->bit_width != 0) {
        status = bits_set(f->owner->b, f->length, record + f->length_offset, number);
    }
    else {
        status = scalar_store(scalar_op(f->owner->b->d, f->length->value.type), number,
                              record + f->length_offset);
    }
    Py_DECREF(number);
    return status;
}

/* Puts back what length_get gave. */
static void length_restore(const field_record *f, char *record, uint64_t n)
{
    if (f->length == NULL)
        return;
    size_t size = (size_t)f->owner->b->d->types[f->length->value.type].size;
    if (f->length->bit_width != 0)
        bits_store(record + f->length_offset, f->length, n);
    else
        memcpy(record + f->length_offset, &n, size < sizeof n ? size : sizeof n);
}

static PyObject *buffer_get(const field_record *f, const place *at, char *record)
{
    const sb_description *d = at->c->b->d;
    const sb_value *v = &f->f->value;
    char *p = record + f->offset, *pointer;
    memcpy(&pointer, p, sizeof pointer);
    if (pointer == NULL)
        Py_RETURN_NONE;
    PyObject *kept = keep_get(at, p);
    if (kept != NULL || PyErr_Occurred())
        return Py_XNewRef(kept);
    op code = d->types[v->value_type].kind == SB_CHAR ? OP_U8 : scalar_op(d, v->value_type);
    if (!window_can_show(code))
        return scalar_load(OP_ADDRESS, p);
    uint64_t n = length_get(f, record);
    if (n > (uint64_t)PY_SSIZE_T_MAX / scalar_size(code)) {
        PyErr_Format(PyExc_OverflowError, "C says that there are %llu items",
                     (unsigned long long)n);
        return NULL;
    }
    Py_ssize_t shape[1] = {(Py_ssize_t)n};
    bool readonly = d->types[v->type].target_quals & SB_CONST;
    return window_new(at, pointer, code, 1, shape, readonly);
}

static int buffer_set(const field_record *f, const place *at, char *record, PyObject *value)
{
    const sb_description *d = at->c->b->d;
    const sb_value *v = &f->f->value;
    char *p = record + f->offset;
    uint64_t before = length_get(f, record);
    if (value == Py_None) {
        length_restore(f, record, 0);
        if (keep_pointer(at, p, NULL, NULL) == 0)
            return 0;
        length_restore(f, record, before);
        return -1;
    }
    PyObject *memory = PyMemoryView_FromObject(value);
    if (memory == NULL)
        return -1;
    const Py_buffer *view = PyMemoryView_GET_BUFFER(memory);
    const sb_type *element = &d->types[v->value_type];
    op code = scalar_op(d, v->value_type);
    bool bytes = element->size == 1;
    int status = -1;
    if (!PyBuffer_IsContiguous(view, 'C'))
        PyErr_SetString(PyExc_BufferError, "expected a contiguous buffer");
    else if (view->readonly && !(d->types[v->type].target_quals & SB_CONST))
        PyErr_SetString(PyExc_BufferError, "expected a writable buffer, got a read-only one");
    else if (!bytes && (code == OP_NONE ||
                        !scalar_matches_format(code, view->format, view->itemsize)))
        PyErr_Format(PyExc_TypeError, "expected a buffer of %s, got items of format '%s'",
                     sb_string(d, element->name), view->format == NULL ? "B" : view->format);
    else
        status = length_set(f, record, (uint64_t)view->len / element->size);
    if (status == 0) {
        status = keep_pointer(at, p, memory, view->buf);
        if (status < 0) /* length and pointer go together */
            length_restore(f, record, before);
    }
    Py_DECREF(memory);
    return status;
}

/* ---- arrays within the record, whose length is in another field --------------------------------------------- */

static bool is_counted_array(const field_record *f)
{
    return f->length != NULL && f->owner->b->d->types[f->f->value.type].kind == SB_ARRAY;
}

static bool is_text(const sb_type *element)
{
    return element->kind == SB_CHAR || element->kind == SB_WIDE;
}

static PyObject *counted_get(const field_record *f, const place *at, char *record)
{
    const sb_value *v = &f->f->value;
    const sb_type *t = class_type(f->owner, v->type), *element = class_type(f->owner, t->target);
    uint64_t n = length_get(f, record), most = t->size / element->size;
    if (n > most)
        n = most;
    if (is_text(element))
        return text_get(f->owner->b->d, element, v, record + f->offset, (size_t)n);
    PyObject *all = value_get(at, v->type, v, record + f->offset);
    if (all != NULL)
        Py_SETREF(all, PySequence_GetSlice(all, 0, (Py_ssize_t)n));
    return all;
}

static int counted_set(const field_record *f, const place *at, char *record, PyObject *value)
{
    const sb_value *v = &f->f->value;
    const sb_type *t = class_type(f->owner, v->type), *element = class_type(f->owner, t->target);
    char *p = record + f->offset;
    Py_ssize_t most = (Py_ssize_t)(t->size / element->size);
    if (is_text(element)) {
        if (value_set(at, v->type, v, p, value) < 0)
            return -1;
        return length_set(f, record, text_length(p, element->size, (size_t)most));
    }
    PyObject *items = PyUnicode_Check(value) ? NULL : PySequence_Tuple(value);
    if (items == NULL) {
        if (!PyErr_Occurred())
            PyErr_Format(PyExc_TypeError, "expected a sequence of numbers, got str");
        return -1;
    }
    Py_ssize_t n = PyTuple_GET_SIZE(items);
    int status = 0;
    if (n > most) {
        PyErr_Format(PyExc_ValueError, "expected at most %zd items, got %zd", most, n);
        status = -1;
    }
    for (Py_ssize_t i = 0; status == 0 && i < n; i++) {
        status = value_set(at, t->target, v, p + (size_t)i * element->size,
                           PyTuple_GET_ITEM(items, i));
        if (status < 0)
            error_prefix("item %zd: ", i);
    }
    Py_DECREF(items);
    return status < 0 ? -1 : length_set(f, record, (uint64_t)n);
}

/* ---- one field ------------------------------------------------------------------------------------------------ */

static PyObject *field_get_in(const field_record *f, place *at, char *record)
{
    at->readonly = f->flags & FIELD_READONLY;
    at->bare = f->flags & FIELD_IN_UNION;
    if (f->flags & FIELD_FROZEN) {
        /* Bytes that are pointers when looked at otherwise must not be changed from here. */
        at->readonly = true;
        at->copy = true;
    }
    if (f->f->bit_width != 0)
        return bits_get(f->owner->b, f->f, record + f->offset);
    if (is_buffer(f))
        return buffer_get(f, at, record);
    if (is_counted_array(f))
        return counted_get(f, at, record);
    return value_get(at, f->f->value.type, &f->f->value, record + f->offset);
}

static int field_set_in(const field_record *f, place *at, char *record, PyObject *value)
{
    at->bare = f->flags & FIELD_IN_UNION;
    if (f->f->bit_width != 0)
        return bits_set(f->owner->b, f->f, record + f->offset, value);
    if (is_buffer(f))
        return buffer_set(f, at, record, value);
    if (is_counted_array(f))
        return counted_set(f, at, record, value);
    return value_set(at, f->f->value.type, &f->f->value, record + f->offset, value);
}

/* Conversions may run Python code, which must not free the record meanwhile. */
PyObject *field_get(const field_record *f, place *at, char *record)
{
    place_hold(at, true);
    PyObject *value = field_get_in(f, at, record);
    place_hold(at, false);
    return value;
}

int field_set(const field_record *f, place *at, char *record, PyObject *value)
{
    place_hold(at, true);
    int status = field_set_in(f, at, record, value);
    place_hold(at, false);
    return status;
}

/* ---- attributes ------------------------------------------------------------------------------------------------ */

#define GETTER(id, ctype, make)                                                                 \
    static PyObject *get_##id(PyObject *self, void *closure)                                    \
    {                                                                                           \
        const field_record *f = closure;                                                        \
        const char *record = record_of(f->owner, self);                                         \
        if (unlikely(record == NULL))                                                           \
            return NULL;                                                                        \
        ctype number;                                                                           \
        memcpy(&number, record + f->offset, sizeof number);                                     \
        return make;                                                                            \
    }
GETTER(I8, int8_t, PyLong_FromLong(number))
GETTER(U8, uint8_t, PyLong_FromLong(number))
GETTER(I16, int16_t, PyLong_FromLong(number))
GETTER(U16, uint16_t, PyLong_FromLong(number))
GETTER(I32, int32_t, PyLong_FromLong(number))
GETTER(U32, uint32_t, PyLong_FromLongLong(number))
GETTER(I64, int64_t, PyLong_FromLongLong(number))
GETTER(U64, uint64_t, PyLong_FromUnsignedLongLong(number))
GETTER(FLOAT, float, PyFloat_FromDouble((double)number))
GETTER(DOUBLE, double, PyFloat_FromDouble(number))

static const getter quick_getters[] = {
    [OP_I8] = get_I8,   [OP_U8] = get_U8,       [OP_I16] = get_I16,     [OP_U16] = get_U16,
    [OP_I32] = get_I32, [OP_U32] = get_U32,     [OP_I64] = get_I64,     [OP_U64] = get_U64,
    [OP_FLOAT] = get_FLOAT, [OP_DOUBLE] = get_DOUBLE,
};

static PyObject *get_scalar(PyObject *self, void *closure)
{
    const field_record *f = closure;
    const char *record = record_of(f->owner, self);
    if (record == NULL)
        return NULL;
    return scalar_load((op)f->code, record + f->offset);
}

static PyObject *get_any(PyObject *self, void *closure)
{
    const field_record *f = closure;
    place at;
    char *record = place_of(f->owner, self, &at);
    return record == NULL ? NULL : field_get(f, &at, record);
}

static COLD int set_failed(const field_record *f)
{
    return error_prefix("%s.%s: ", class_name(f->owner),
                        sb_string(f->owner->b->d, f->f->value.py_name));
}

static COLD int cannot_delete(const field_record *f)
{
    PyErr_Format(PyExc_TypeError, "cannot delete attribute '%U' of '%s' objects", f->name,
                 class_name(f->owner));
    return -1;
}

static COLD int set_any(PyObject *self, PyObject *value, void *closure)
{
    const field_record *f = closure;
    if (value == NULL)
        return cannot_delete(f);
    place at;
    char *record = place_of(f->owner, self, &at);
    if (record == NULL)
        return -1;
    return field_set(f, &at, record, value) < 0 ? set_failed(f) : 0;
}

/* Integers small enough for one digit go straight in; everything else by set_any. */
#define SETTER(id, ctype)                                                                       \
    static int set_##id(PyObject *self, PyObject *value, void *closure)                         \
    {                                                                                           \
        const field_record *f = closure;                                                        \
        int64_t wide;                                                                           \
        if (likely(value != NULL) && likely(Py_TYPE(self) == f->owner->type) &&                 \
            likely(integer_small(value, &wide)) && likely((int64_t)(ctype)wide == wide)) {      \
            ctype number = (ctype)wide;                                                         \
            memcpy((char *)self + f->owner->payload + f->offset, &number, sizeof number);       \
            return 0;                                                                           \
        }                                                                                       \
        return set_any(self, value, closure);                                                   \
    }
SETTER(I8, int8_t)
SETTER(U8, uint8_t)
SETTER(I16, int16_t)
SETTER(U16, uint16_t)
SETTER(I32, int32_t)
SETTER(U32, uint32_t)
SETTER(I64, int64_t)

static int set_DOUBLE(PyObject *self, PyObject *value, void *closure)
{
    const field_record *f = closure;
    if (likely(value != NULL) && likely(Py_TYPE(self) == f->owner->type) &&
        likely(PyFloat_CheckExact(value))) {
        double number = PyFloat_AS_DOUBLE(value);
        memcpy((char *)self + f->owner->payload + f->offset, &number, sizeof number);
        return 0;
    }
    return set_any(self, value, closure);
}

static const setter quick_setters[] = {
    [OP_I8] = set_I8,   [OP_U8] = set_U8,   [OP_I16] = set_I16, [OP_U16] = set_U16,
    [OP_I32] = set_I32, [OP_U32] = set_U32, [OP_I64] = set_I64, [OP_DOUBLE] = set_DOUBLE,
};

#define QUICK(table, code) ((code) < sizeof(table) / sizeof *(table) ? (table)[code] : NULL)

void field_attribute(const field_record *f, PyGetSetDef *def)
{
    const sb_description *d = f->owner->b->d;
    getter get = QUICK(quick_getters, f->code);
    setter set = QUICK(quick_setters, f->code);
    if (get == NULL)
        get = f->code == OP_GENERAL ? get_any : get_scalar;
    if (set == NULL)
        set = set_any;
    if (f->flags & (FIELD_READONLY | FIELD_FROZEN))
        set = NULL;
    *def = (PyGetSetDef){
        .name = sb_string(d, f->f->value.py_name),
        .get = get,
        .set = set,
        .doc = f->f->doc == 0 ? NULL : sb_string(d, f->f->doc),
        .closure = (void *)(uintptr_t)f,
    };
}
