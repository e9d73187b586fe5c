/* compare.c - equality, order, hash and repr of records, field by field.
 *
 * Comparison works on the C values, without Python objects: integers and enums as integers, floats
 * as floats (NaN is unequal, -0.0 equals 0.0), text up to its NUL, text behind pointers as text,
 * other pointers by address, records and arrays item by item, unions by their bytes. Padding does
 * not count. Hashes agree with that.
 */
#include <math.h>

#include "classes.h"

/* ---- C values ------------------------------------------------------------------------------------------ */

enum ordering { LESS = -1, SAME = 0, GREATER = 1, UNORDERED = 2 };

#define ORDER(a, b) ((a) < (b) ? LESS : (a) > (b) ? GREATER : (a) == (b) ? SAME : UNORDERED)

static int compare_scalar(op code, const char *a, const char *b)
{
    switch (code) {
#define X(id, ctype)                                                                            \
    case OP_##id: {                                                                             \
        ctype left, right;                                                                      \
        memcpy(&left, a, sizeof left);                                                          \
        memcpy(&right, b, sizeof right);                                                        \
        return ORDER(left, right);                                                              \
    }
        X(I8, int8_t)
        X(U8, uint8_t)
        X(I16, int16_t)
        X(U16, uint16_t)
        X(I32, int32_t)
        X(U32, uint32_t)
        X(I64, int64_t)
        X(U64, uint64_t)
#ifdef __SIZEOF_INT128__
        X(I128, sb_int128)
        X(U128, sb_uint128)
#endif
        X(BOOL, uint8_t)
        X(CHAR, unsigned char)
        X(WIDE16, uint16_t)
        X(WIDE32, uint32_t)
        X(FLOAT, float)
        X(DOUBLE, double)
        X(LDOUBLE, long double)
        X(ADDRESS, uintptr_t)
#undef X
    default: { /* complex: the parts */
        op part = code == OP_CFLOAT ? OP_FLOAT : code == OP_CDOUBLE ? OP_DOUBLE : OP_LDOUBLE;
        size_t size = scalar_size(part);
        bool same = compare_scalar(part, a, b) == SAME &&
                    compare_scalar(part, a + size, b + size) == SAME;
        return same ? SAME : UNORDERED;
    }
    }
}

static int compare_bytes(const char *a, const char *b, size_t size)
{
    int order = memcmp(a, b, size);
    return ORDER(order, 0);
}

static int compare_text(const sb_type *unit, const char *a, const char *b, size_t most)
{
    size_t size = unit->size;
    size_t n = text_length(a, size, most), m = text_length(b, size, most);
    for (size_t i = 0; i < n && i < m; i++) {
        op code = size == 1 ? OP_U8 : size == 2 ? OP_U16 : OP_U32;
        int order = compare_scalar(code, a + i * size, b + i * size);
        if (order != SAME)
            return order;
    }
    return ORDER(n, m);
}

/* The unit of the text that a pointer points at, or NULL. */
static const sb_type *text_behind(const sb_description *d, const sb_type *t, const sb_value *v)
{
    bool text = t->kind == SB_POINTER && v != NULL && v->passing == SB_PASS_STRING;
    return text ? &d->types[t->target] : NULL;
}

static int compare_type(const sb_description *d, sb_type_id id, const sb_value *v, const char *a,
                        const char *b);

static int64_t field_bits(const sb_description *d, const sb_field *f, const char *p)
{
    op code = scalar_op(d, f->value.type);
    bool is_signed = code == OP_I8 || code == OP_I16 || code == OP_I32 || code == OP_I64;
    return (int64_t)bits_load(p + f->offset, f, is_signed);
}

static int compare_record(const sb_description *d, const sb_type *t, const char *a, const char *b)
{
    if (t->kind == SB_UNION)
        return compare_bytes(a, b, (size_t)t->size);
    for (uint32_t i = 0; i < t->count; i++) {
        const sb_field *f = &d->fields[t->first + i];
        int order;
        if (f->bit_width != 0) {
            int64_t left = field_bits(d, f, a), right = field_bits(d, f, b);
            order = f->value.name == 0 ? SAME : ORDER(left, right);
        }
        else {
            order = compare_type(d, f->value.type, &f->value, a + f->offset, b + f->offset);
        }
        if (order != SAME)
            return order;
    }
    return SAME;
}

static int compare_array(const sb_description *d, const sb_type *t, const sb_value *v,
                         const char *a, const char *b)
{
    const sb_type *element = &d->types[t->target];
    size_t n = element->size == 0 ? 0 : (size_t)(t->size / element->size);
    if (element->kind == SB_CHAR || element->kind == SB_WIDE)
        return compare_text(element, a, b, n);
    for (size_t i = 0; i < n; i++) {
        size_t at = i * (size_t)element->size;
        int order = compare_type(d, t->target, v, a + at, b + at);
        if (order != SAME)
            return order;
    }
    return SAME;
}

static int compare_type(const sb_description *d, sb_type_id id, const sb_value *v, const char *a,
                        const char *b)
{
    const sb_type *t = &d->types[id];
    switch ((sb_kind)t->kind) {
    case SB_STRUCT:
    case SB_UNION:
        return compare_record(d, t, a, b);
    case SB_ARRAY:
        return compare_array(d, t, v, a, b);
    default: {
        const sb_type *unit = text_behind(d, t, v);
        if (unit != NULL) {
            const char *left, *right;
            memcpy(&left, a, sizeof left);
            memcpy(&right, b, sizeof right);
            if (left != NULL && right != NULL)
                return compare_text(unit, left, right, SIZE_MAX);
        }
        return compare_scalar(scalar_op(d, id), a, b);
    }
    }
}

/* ---- hash ------------------------------------------------------------------------------------------------ */

static uint64_t mix(uint64_t hash, uint64_t value)
{
    hash ^= value + 0x9e3779b97f4a7c15u + (hash << 6) + (hash >> 2);
    hash *= 0xff51afd7ed558ccdu;
    return hash ^ (hash >> 32);
}

static uint64_t mix_bytes(uint64_t hash, const char *p, size_t size)
{
    for (size_t i = 0; i < size; i++)
        hash = mix(hash, (unsigned char)p[i]);
    return mix(hash, size);
}

static uint64_t mix_double(uint64_t hash, double value)
{
    uint64_t bits = 0;
    if (value != 0) /* -0.0 equals 0.0 */
        memcpy(&bits, &value, sizeof bits);
    return mix(hash, bits);
}

static uint64_t mix_scalar(uint64_t hash, op code, const char *p)
{
    switch (code) {
    case OP_FLOAT: {
        float value;
        memcpy(&value, p, sizeof value);
        return mix_double(hash, (double)value);
    }
    case OP_DOUBLE: {
        double value;
        memcpy(&value, p, sizeof value);
        return mix_double(hash, value);
    }
    case OP_LDOUBLE: {
        long double value;
        memcpy(&value, p, sizeof value);
        return mix_double(hash, (double)value);
    }
    case OP_CFLOAT:
        return mix_scalar(mix_scalar(hash, OP_FLOAT, p), OP_FLOAT, p + sizeof(float));
    case OP_CDOUBLE:
        return mix_scalar(mix_scalar(hash, OP_DOUBLE, p), OP_DOUBLE, p + sizeof(double));
    case OP_CLDOUBLE:
        return mix_scalar(mix_scalar(hash, OP_LDOUBLE, p), OP_LDOUBLE, p + sizeof(long double));
    default: {
        uint64_t parts[2] = {0, 0};
        memcpy(parts, p, scalar_size(code));
        return mix(mix(hash, parts[0]), parts[1]);
    }
    }
}

static uint64_t mix_type(const sb_description *d, uint64_t hash, sb_type_id id, const sb_value *v,
                         const char *p);

static uint64_t mix_record(const sb_description *d, uint64_t hash, const sb_type *t, const char *p)
{
    if (t->kind == SB_UNION)
        return mix_bytes(hash, p, (size_t)t->size);
    for (uint32_t i = 0; i < t->count; i++) {
        const sb_field *f = &d->fields[t->first + i];
        if (f->bit_width == 0)
            hash = mix_type(d, hash, f->value.type, &f->value, p + f->offset);
        else if (f->value.name != 0)
            hash = mix(hash, (uint64_t)field_bits(d, f, p));
    }
    return hash;
}

static uint64_t mix_type(const sb_description *d, uint64_t hash, sb_type_id id, const sb_value *v,
                         const char *p)
{
    const sb_type *t = &d->types[id];
    if (t->kind == SB_STRUCT || t->kind == SB_UNION)
        return mix_record(d, hash, t, p);
    if (t->kind == SB_ARRAY) {
        const sb_type *element = &d->types[t->target];
        size_t n = element->size == 0 ? 0 : (size_t)(t->size / element->size);
        if (element->kind == SB_CHAR || element->kind == SB_WIDE)
            return mix_bytes(hash, p, text_length(p, element->size, n) * element->size);
        for (size_t i = 0; i < n; i++)
            hash = mix_type(d, hash, t->target, v, p + i * (size_t)element->size);
        return hash;
    }
    const sb_type *unit = text_behind(d, t, v);
    const char *pointer = NULL;
    if (unit != NULL)
        memcpy(&pointer, p, sizeof pointer);
    if (pointer != NULL)
        return mix_bytes(hash, pointer, text_length(pointer, unit->size, SIZE_MAX) * unit->size);
    return mix_scalar(hash, scalar_op(d, id), p);
}

Py_hash_t record_hash(PyObject *self)
{
    class_record *c = class_of_type(Py_TYPE(self));
    const char *record = record_of(c, self);
    if (record == NULL)
        return -1;
    Py_hash_t hash = (Py_hash_t)mix_record(c->b->d, 0x2545f4914f6cdd1du, c->record, record);
    return hash == -1 ? -2 : hash;
}

/* ---- rich comparison ---------------------------------------------------------------------------------------- */

/* Whether an operation holds, given how the first operand is ordered to the second. */
static bool holds(int operation, int order)
{
    switch (operation) {
    case Py_LT:
        return order == LESS;
    case Py_LE:
        return order == LESS || order == SAME;
    case Py_EQ:
        return order == SAME;
    case Py_NE:
        return order != SAME;
    case Py_GT:
        return order == GREATER;
    default:
        return order == GREATER || order == SAME;
    }
}

static PyObject *equal_by_function(plan *p, PyObject *self, PyObject *other, int operation)
{
    PyObject *result = plan_call(p, self, &other, 1, NULL);
    if (result == NULL)
        return NULL;
    int truth = PyObject_IsTrue(result);
    Py_DECREF(result);
    return truth < 0 ? NULL : PyBool_FromLong(operation == Py_EQ ? truth : !truth);
}

static PyObject *compare_by_function(plan *p, PyObject *self, PyObject *other, int operation)
{
    PyObject *result = plan_call(p, self, &other, 1, NULL);
    if (result == NULL)
        return NULL;
    int overflow = 0;
    long long n = PyLong_AsLongLongAndOverflow(result, &overflow);
    Py_DECREF(result);
    if (n == -1 && overflow == 0 && PyErr_Occurred())
        return NULL;
    n += overflow;
    return PyBool_FromLong(holds(operation, ORDER(n, 0)));
}

PyObject *class_richcompare(PyObject *self, PyObject *other, int operation)
{
    class_record *c = class_of_type(Py_TYPE(self));
    bool equality = operation == Py_EQ || operation == Py_NE;
    plan *equal = c->slots[SB_SLOT_EQUAL], *compare = c->slots[SB_SLOT_COMPARE];
    bool opaque = c->c->flags & SB_CLASS_OPAQUE;
    if (!class_is_family(c, other))
        Py_RETURN_NOTIMPLEMENTED;
    if (equality && equal != NULL)
        return equal_by_function(equal, self, other, operation);
    if (compare != NULL)
        return compare_by_function(compare, self, other, operation);
    if (opaque || (!equality && !(c->c->flags & SB_CLASS_ORDERED)))
        Py_RETURN_NOTIMPLEMENTED;
    const char *a = record_of(c, self), *b = a == NULL ? NULL : record_of(c, other);
    if (b == NULL)
        return NULL;
    return PyBool_FromLong(holds(operation, compare_record(c->b->d, c->record, a, b)));
}

/* ---- repr ------------------------------------------------------------------------------------------------------ */

/* Records behind pointers are only named: chains of them may be long, or closed. */
static PyObject *pointer_repr(PyObject *value)
{
    if (value == Py_None)
        return PyObject_Repr(value);
    return PyUnicode_FromFormat("<%s at %p>", type_name(Py_TYPE(value)), (void *)value);
}

static PyObject *field_repr(const field_record *f, place *at, char *record)
{
    at->copy = true;
    PyObject *value = field_get(f, at, record);
    if (value == NULL)
        return NULL;
    bool reference = f->f->value.passing == SB_PASS_REFERENCE;
    PyObject *text = reference ? pointer_repr(value) : PyObject_Repr(value);
    Py_DECREF(value);
    if (text != NULL)
        Py_SETREF(text, PyUnicode_FromFormat("%U=%U", f->name, text));
    return text;
}

static PyObject *fields_repr(class_record *c, PyObject *self)
{
    place at;
    char *record = place_of(c, self, &at);
    if (record == NULL)
        return NULL;
    place_hold(&at, true);
    PyObject *parts = PyList_New(0);
    for (uint32_t i = 0; parts != NULL && i < c->field_count; i++) {
        const field_record *f = &c->fields[i];
        if (f->flags & FIELD_HIDDEN)
            continue;
        PyObject *part = field_repr(f, &at, record);
        if (part == NULL || PyList_Append(parts, part) < 0)
            Py_CLEAR(parts);
        Py_XDECREF(part);
    }
    place_hold(&at, false);
    PyObject *comma = parts == NULL ? NULL : PyUnicode_FromString(", ");
    PyObject *inside = comma == NULL ? NULL : PyUnicode_Join(comma, parts);
    Py_XDECREF(comma);
    Py_XDECREF(parts);
    return inside;
}

PyObject *record_repr(PyObject *self)
{
    class_record *c = class_of_type(Py_TYPE(self));
    const char *name = type_name(Py_TYPE(self));
    int entered = Py_ReprEnter(self);
    if (entered != 0)
        return entered < 0 ? NULL : PyUnicode_FromFormat("%s(...)", name);
    PyObject *inside = fields_repr(c, self);
    Py_ReprLeave(self);
    if (inside != NULL)
        Py_SETREF(inside, PyUnicode_FromFormat("%s(%U)", name, inside));
    return inside;
}
