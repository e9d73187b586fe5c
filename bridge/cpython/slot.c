/* slot.c - special methods that are C functions.
 *
 * A type slot must reach its plan without asking the object's type, which may be a Python subclass
 * that overrides the very method. So each slot has a stub of its own, bound to a slot_target; where
 * a slot's C signature is that of a method without arguments, the plan's own stub serves.
 */
#include "classes.h"

/* ---- tuples and dicts as vectors ------------------------------------------------------------------------ */

int vector_fill(vector *v, PyObject *args, PyObject *kwargs)
{
    Py_ssize_t positional = PyTuple_GET_SIZE(args);
    Py_ssize_t keywords = kwargs == NULL ? 0 : PyDict_GET_SIZE(kwargs);
    v->count = positional;
    v->kwnames = NULL;
    v->allocated = NULL;
    if (keywords == 0) {
        v->items = ((PyTupleObject *)args)->ob_item;
        return 0;
    }
    PyObject **items = v->small;
    if (positional + keywords > VECTOR_SMALL) {
        items = v->allocated = PyMem_New(PyObject *, (size_t)(positional + keywords));
        if (items == NULL) {
            PyErr_NoMemory();
            return -1;
        }
    }
    v->kwnames = PyTuple_New(keywords);
    if (v->kwnames == NULL) {
        PyMem_Free(v->allocated);
        return -1;
    }
    for (Py_ssize_t i = 0; i < positional; i++)
        items[i] = PyTuple_GET_ITEM(args, i);
    v->items = items;
    Py_ssize_t position = 0, i = 0;
    PyObject *name, *value;
    while (i < keywords && PyDict_Next(kwargs, &position, &name, &value)) {
        PyTuple_SET_ITEM(v->kwnames, i, Py_NewRef(name));
        items[positional + i++] = Py_NewRef(value); /* others may change the dict meanwhile */
        if (!PyUnicode_Check(name)) {
            while (i < keywords)
                items[positional + i++] = NULL;
            vector_free(v);
            PyErr_SetString(PyExc_TypeError, "keywords must be strings");
            return -1;
        }
    }
    return 0;
}

void vector_free(vector *v)
{
    if (v->kwnames == NULL)
        return;
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(v->kwnames); i++)
        Py_XDECREF(v->items[v->count + i]);
    Py_DECREF(v->kwnames);
    PyMem_Free(v->allocated);
}

PyObject *plan_call_tuple(plan *p, PyObject *self, PyObject *args, PyObject *kwargs)
{
    vector v;
    if (vector_fill(&v, args, kwargs) < 0)
        return NULL;
    PyObject *result = plan_call(p, self, v.items, v.count, v.kwnames);
    vector_free(&v);
    return result;
}

/* Arguments and results that are no pointers travel as such through a stub: an int or Py_ssize_t fills
 * the low bits of the same register. */
static void *as_register(Py_ssize_t n)
{
    return (void *)n;
}

/* ---- operators -------------------------------------------------------------------------------------------- */

/* Whether the operand can be the function's argument at all; otherwise Python asks the other
 * operand's type. Exceptions from here on are the function's own. */
static COLD bool fits_operand(const step *s, PyObject *operand)
{
    if (s == NULL)
        return false;
    op code = (op)(s->code == OP_OUT ? s->scalar : s->code);
    PyNumberMethods *number = Py_TYPE(operand)->tp_as_number;
    switch (code) {
    case OP_RECORD:
    case OP_HANDLE:
    case OP_RECORD_VALUE: {
        PyTypeObject *type = s->aux.record->type;
        return type != NULL && PyObject_TypeCheck(operand, type);
    }
    case OP_STRING:
        return PyUnicode_Check(operand);
    case OP_FLOAT:
    case OP_DOUBLE:
    case OP_LDOUBLE:
        return PyFloat_Check(operand) || PyIndex_Check(operand) ||
               (number != NULL && number->nb_float != NULL);
    default:
        if (code >= OP_I8 && code <= OP_BOOL)
            return PyIndex_Check(operand);
        return true;
    }
}

/* Both operands are of the class itself, as most often; or at least such as the function takes. */
static inline bool fit(const slot_target *t, PyObject *left, PyObject *right)
{
    PyTypeObject *type = t->c->type;
    if (likely(Py_TYPE(left) == type && Py_TYPE(right) == type && t->operand != NULL &&
               t->operand->aux.record == t->c))
        return true;
    return type != NULL && PyObject_TypeCheck(left, type) && fits_operand(t->operand, right);
}

void *slot_binary(void *a, void *b, void *c, void *d, target *t_)
{
    (void)c;
    (void)d;
    const slot_target *t = (const slot_target *)t_;
    PyObject *operand = b;
    if (unlikely(!fit(t, a, operand)))
        return Py_NewRef(Py_NotImplemented);
    return t->p->entry(a, &operand, as_register(1), NULL, (target *)t->p);
}

static void *slot_inplace(void *a, void *b, void *c, void *d, target *t)
{
    PyObject *result = slot_binary(a, b, c, d, t);
    if (result == Py_None)
        Py_SETREF(result, Py_NewRef((PyObject *)a));
    return result;
}

static void *slot_power(void *a, void *b, void *modulo, void *d, target *t)
{
    if (modulo != Py_None)
        return Py_NewRef(Py_NotImplemented);
    return slot_binary(a, b, NULL, d, t);
}

static void *slot_inplace_power(void *a, void *b, void *modulo, void *d, target *t)
{
    if (modulo != Py_None)
        return Py_NewRef(Py_NotImplemented);
    return slot_inplace(a, b, NULL, d, t);
}

/* For functions whose further parameters have defaults. */
static void *slot_unary(void *a, void *b, void *c, void *d, target *t)
{
    (void)b;
    (void)c;
    (void)d;
    return plan_call(((const slot_target *)t)->p, a, NULL, 0, NULL);
}

/* [[iter]] that gives nothing: the object is its own iterator. */
static void *slot_iter(void *a, void *b, void *c, void *d, target *t)
{
    PyObject *iterator = slot_unary(a, b, c, d, t);
    if (iterator == Py_None)
        Py_SETREF(iterator, Py_NewRef((PyObject *)a));
    return iterator;
}

static void *slot_bool(void *a, void *b, void *c, void *d, target *t)
{
    PyObject *result = slot_unary(a, b, c, d, t);
    if (result == NULL)
        return as_register(-1);
    int truth = PyObject_IsTrue(result);
    Py_DECREF(result);
    return as_register(truth);
}

static void *slot_hash(void *a, void *b, void *c, void *d, target *t)
{
    PyObject *result = slot_unary(a, b, c, d, t);
    if (result == NULL)
        return as_register(-1);
    Py_hash_t hash = PyObject_Hash(result);
    Py_DECREF(result);
    return as_register(hash);
}

static void *slot_call(void *self, void *args, void *kwargs, void *d, target *t)
{
    (void)d;
    return plan_call_tuple(((const slot_target *)t)->p, self, args, kwargs);
}

static void *slot_contains(void *self, void *item, void *c, void *d, target *t)
{
    (void)c;
    (void)d;
    PyObject *operand = item;
    PyObject *result = plan_call(((const slot_target *)t)->p, self, &operand, 1, NULL);
    if (result == NULL)
        return as_register(-1);
    int truth = PyObject_IsTrue(result);
    Py_DECREF(result);
    return as_register(truth);
}

/* ---- items --------------------------------------------------------------------------------------------------- */

static Py_ssize_t length_of(const class_record *c, PyObject *self)
{
    PyObject *result = plan_call(c->slots[SB_SLOT_LENGTH], self, NULL, 0, NULL);
    if (result == NULL)
        return -1;
    Py_ssize_t n = PyNumber_AsSsize_t(result, PyExc_OverflowError);
    Py_DECREF(result);
    if (n < 0 && !PyErr_Occurred())
        PyErr_Format(PyExc_ValueError, "%s says that its length is negative", class_name(c));
    return n < 0 ? -1 : n;
}

static void *slot_length(void *self, void *b, void *c, void *d, target *t)
{
    (void)b;
    (void)c;
    (void)d;
    return as_register(length_of(((const slot_target *)t)->c, self));
}

/* Whether items are numbered from 0 to the length: the key is an integer and there is a length. */
static bool is_sequence(const class_record *c)
{
    static const int slots[] = {SB_SLOT_GETITEM, SB_SLOT_SETITEM, SB_SLOT_DELITEM};
    if (c->slots[SB_SLOT_LENGTH] == NULL)
        return false;
    for (int k = 0; k < 3; k++) {
        const plan *p = c->slots[slots[k]];
        if (p == NULL)
            continue;
        for (int i = 0; i < p->step_count; i++)
            if (p->steps[i].visible == 0)
                return p->steps[i].code >= OP_I8 && p->steps[i].code <= OP_U64;
    }
    return false;
}

/* Calls getitem, setitem or delitem with an index that is checked here, not in C. */
static PyObject *call_at(const slot_target *t, plan *p, PyObject *self, Py_ssize_t index,
                         PyObject *value)
{
    Py_ssize_t length = length_of(t->c, self);
    if (length < 0)
        return NULL;
    if (index < 0 || index >= length) {
        PyErr_Format(PyExc_IndexError, "%s index out of range", class_name(t->c));
        return NULL;
    }
    PyObject *args[2] = {PyLong_FromSsize_t(index), value};
    if (args[0] == NULL)
        return NULL;
    PyObject *result = plan_call(p, self, args, value == NULL ? 1 : 2, NULL);
    Py_DECREF(args[0]);
    return result;
}

/* An index counted from the end is made one from the start. -1 with an exception: `*failed`. */
static Py_ssize_t index_of_key(const slot_target *t, PyObject *self, PyObject *key, bool *failed)
{
    Py_ssize_t index = PyNumber_AsSsize_t(key, PyExc_IndexError);
    *failed = index == -1 && PyErr_Occurred() != NULL;
    if (*failed || index >= 0)
        return index;
    Py_ssize_t length = length_of(t->c, self);
    *failed = length < 0;
    return index + length;
}

static PyObject *slice_of(const slot_target *t, PyObject *self, PyObject *key)
{
    Py_ssize_t start, stop, stride;
    if (PySlice_Unpack(key, &start, &stop, &stride) < 0)
        return NULL;
    Py_ssize_t length = length_of(t->c, self);
    if (length < 0)
        return NULL;
    Py_ssize_t n = PySlice_AdjustIndices(length, &start, &stop, stride);
    PyObject *items = PyList_New(0);
    for (Py_ssize_t i = 0; items != NULL && i < n; i++) {
        PyObject *item = call_at(t, t->p, self, start + i * stride, NULL);
        if (item == NULL || PyList_Append(items, item) < 0)
            Py_CLEAR(items);
        Py_XDECREF(item);
    }
    return items;
}

static COLD PyObject *wrong_key(const slot_target *t, PyObject *key)
{
    return PyErr_Format(PyExc_TypeError, "%s indices must be integers or slices, not %s",
                        class_name(t->c), Py_TYPE(key)->tp_name);
}

static void *slot_subscript(void *self, void *key_, void *c, void *d, target *t_)
{
    (void)c;
    (void)d;
    const slot_target *t = (const slot_target *)t_;
    PyObject *key = key_;
    if (!is_sequence(t->c))
        return plan_call(t->p, self, &key, 1, NULL);
    if (PySlice_Check(key))
        return slice_of(t, self, key);
    if (!PyIndex_Check(key))
        return wrong_key(t, key);
    bool failed;
    Py_ssize_t index = index_of_key(t, self, key, &failed);
    return failed ? NULL : call_at(t, t->p, self, index, NULL);
}

static void *slot_item(void *self, void *index, void *c, void *d, target *t_)
{
    (void)c;
    (void)d;
    const slot_target *t = (const slot_target *)t_;
    return call_at(t, t->p, self, (Py_ssize_t)index, NULL);
}

static void *done(PyObject *result)
{
    Py_XDECREF(result);
    return as_register(result == NULL ? -1 : 0);
}

/* The function for assigning or deleting an item, or NULL with an exception. */
static plan *item_plan(const slot_target *t, PyObject *value)
{
    plan *p = value != NULL ? t->p : t->other;
    if (p == NULL)
        PyErr_Format(PyExc_TypeError, "'%s' object does not support item %s", class_name(t->c),
                     value != NULL ? "assignment" : "deletion");
    return p;
}

static PyObject *assign_slice(const slot_target *t, PyObject *self, PyObject *key, PyObject *value)
{
    Py_ssize_t start, stop, stride;
    if (value == NULL)
        return PyErr_Format(PyExc_TypeError, "slices of %s cannot be deleted", class_name(t->c));
    if (PySlice_Unpack(key, &start, &stop, &stride) < 0)
        return NULL;
    PyObject *items = PySequence_Tuple(value);
    Py_ssize_t length = items == NULL ? -1 : length_of(t->c, self);
    PyObject *result = NULL;
    if (length >= 0) {
        Py_ssize_t n = PySlice_AdjustIndices(length, &start, &stop, stride);
        result = Py_NewRef(Py_None);
        if (n != PyTuple_GET_SIZE(items)) {
            PyErr_Format(PyExc_ValueError, "a slice of %zd items cannot be set to %zd items", n,
                         PyTuple_GET_SIZE(items));
            Py_CLEAR(result);
        }
        for (Py_ssize_t i = 0; result != NULL && i < n; i++)
            Py_SETREF(result, call_at(t, t->p, self, start + i * stride, PyTuple_GET_ITEM(items, i)));
    }
    Py_XDECREF(items);
    return result;
}

static void *slot_assign_subscript(void *self, void *key_, void *value_, void *d, target *t_)
{
    (void)d;
    const slot_target *t = (const slot_target *)t_;
    PyObject *key = key_, *value = value_;
    plan *p = item_plan(t, value);
    if (p == NULL)
        return as_register(-1);
    if (!is_sequence(t->c)) {
        PyObject *args[2] = {key, value};
        return done(plan_call(p, self, args, value == NULL ? 1 : 2, NULL));
    }
    if (PySlice_Check(key))
        return done(assign_slice(t, self, key, value));
    if (!PyIndex_Check(key))
        return done(wrong_key(t, key));
    bool failed;
    Py_ssize_t index = index_of_key(t, self, key, &failed);
    return failed ? as_register(-1) : done(call_at(t, p, self, index, value));
}

static void *slot_assign_item(void *self, void *index, void *value, void *d, target *t_)
{
    (void)d;
    const slot_target *t = (const slot_target *)t_;
    plan *p = item_plan(t, value);
    return p == NULL ? as_register(-1) : done(call_at(t, p, self, (Py_ssize_t)index, value));
}

/* ---- buffers ------------------------------------------------------------------------------------------------ */

/* The function gives a memoryview; what it shows is passed on as the object's own. `internal` is that
 * memoryview. */
static void *slot_get_buffer(void *self, void *view_, void *flags, void *d, target *t)
{
    (void)d;
    Py_buffer *view = view_;
    view->obj = NULL;
    PyObject *memory = plan_call(((const slot_target *)t)->p, self, NULL, 0, NULL);
    if (memory == NULL)
        return as_register(-1);
    if (memory == Py_None)
        PyErr_Format(PyExc_BufferError, "this %s has no memory", class_name(((const slot_target *)t)->c));
    int status = memory == Py_None ? -1 : PyObject_GetBuffer(memory, view, (int)(intptr_t)flags);
    if (status == 0) {
        Py_SETREF(view->obj, Py_NewRef((PyObject *)self));
        view->internal = memory; /* the buffer holds it from here on */
        return as_register(0);
    }
    Py_DECREF(memory);
    return as_register(-1);
}

static void release_buffer(PyObject *self, Py_buffer *view)
{
    (void)self;
    PyObject *memory = view->internal;
    Py_buffer inner = *view;
    inner.obj = memory;
    inner.internal = NULL;
    PyBuffer_Release(&inner);
}

/* ---- making them ------------------------------------------------------------------------------------------------ */

/* Slots with a function of their own: X(slot, type slot, entry). UNARY ones use the plan's stub. */
#define BINARY_SLOTS(X)                                                                         \
    X(ADD, Py_nb_add, slot_binary)                                                              \
    X(SUBTRACT, Py_nb_subtract, slot_binary)                                                    \
    X(MULTIPLY, Py_nb_multiply, slot_binary)                                                    \
    X(TRUE_DIVIDE, Py_nb_true_divide, slot_binary)                                              \
    X(FLOOR_DIVIDE, Py_nb_floor_divide, slot_binary)                                            \
    X(REMAINDER, Py_nb_remainder, slot_binary)                                                  \
    X(MATRIX_MULTIPLY, Py_nb_matrix_multiply, slot_binary)                                      \
    X(POWER, Py_nb_power, slot_power)                                                           \
    X(LSHIFT, Py_nb_lshift, slot_binary)                                                        \
    X(RSHIFT, Py_nb_rshift, slot_binary)                                                        \
    X(AND, Py_nb_and, slot_binary)                                                              \
    X(OR, Py_nb_or, slot_binary)                                                                \
    X(XOR, Py_nb_xor, slot_binary)                                                              \
    X(INPLACE_ADD, Py_nb_inplace_add, slot_inplace)                                             \
    X(INPLACE_SUBTRACT, Py_nb_inplace_subtract, slot_inplace)                                   \
    X(INPLACE_MULTIPLY, Py_nb_inplace_multiply, slot_inplace)                                   \
    X(INPLACE_TRUE_DIVIDE, Py_nb_inplace_true_divide, slot_inplace)                             \
    X(INPLACE_FLOOR_DIVIDE, Py_nb_inplace_floor_divide, slot_inplace)                           \
    X(INPLACE_REMAINDER, Py_nb_inplace_remainder, slot_inplace)                                 \
    X(INPLACE_MATRIX_MULTIPLY, Py_nb_inplace_matrix_multiply, slot_inplace)                     \
    X(INPLACE_POWER, Py_nb_inplace_power, slot_inplace_power)                                   \
    X(INPLACE_LSHIFT, Py_nb_inplace_lshift, slot_inplace)                                       \
    X(INPLACE_RSHIFT, Py_nb_inplace_rshift, slot_inplace)                                       \
    X(INPLACE_AND, Py_nb_inplace_and, slot_inplace)                                             \
    X(INPLACE_OR, Py_nb_inplace_or, slot_inplace)                                               \
    X(INPLACE_XOR, Py_nb_inplace_xor, slot_inplace)                                             \
    X(BOOL, Py_nb_bool, slot_bool)                                                              \
    X(HASH, Py_tp_hash, slot_hash)                                                              \
    X(CALL, Py_tp_call, slot_call)                                                              \
    X(CONTAINS, Py_sq_contains, slot_contains)                                                  \
    X(LENGTH, Py_sq_length, slot_length)                                                        \
    X(LENGTH, Py_mp_length, slot_length)                                                        \
    X(GETITEM, Py_mp_subscript, slot_subscript)                                                 \
    X(BUFFER, Py_bf_getbuffer, slot_get_buffer)

#define UNARY_SLOTS(X)                                                                          \
    X(NEGATIVE, Py_nb_negative)                                                                 \
    X(POSITIVE, Py_nb_positive)                                                                 \
    X(INVERT, Py_nb_invert)                                                                     \
    X(ABSOLUTE, Py_nb_absolute)                                                                 \
    X(INT, Py_nb_int)                                                                           \
    X(FLOAT, Py_nb_float)                                                                       \
    X(INDEX, Py_nb_index)                                                                       \
    X(ITERNEXT, Py_tp_iternext)                                                                 \
    X(ITER, Py_tp_iter)                                                                         \
    X(STR, Py_tp_str)                                                                           \
    X(REPR, Py_tp_repr)

static const struct {
    uint8_t slot;
    int type_slot;
    stub_entry entry;
} binary_slots[] = {
#define X(id, type_slot, entry) {SB_SLOT_##id, type_slot, entry},
    BINARY_SLOTS(X)
#undef X
};

static const struct {
    uint8_t slot;
    int type_slot;
} unary_slots[] = {
#define X(id, type_slot) {SB_SLOT_##id, type_slot},
    UNARY_SLOTS(X)
#undef X
};

/* A stub bound to a new target; both are the class's. */
static int add_stub(class_record *c, slot_list *list, int type_slot, stub_entry entry, plan *p,
                    plan *other)
{
    slot_target *t = PyMem_RawCalloc(1, sizeof *t);
    if (t == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    *t = (slot_target){entry, c, p, other, NULL};
    for (int i = 0; p != NULL && i < p->step_count && t->operand == NULL; i++)
        if (p->steps[i].visible == 0)
            t->operand = &p->steps[i];
    stub_function stub = stub_take((target *)t);
    if (stub == NULL) {
        PyMem_RawFree(t);
        PyErr_Format(PyExc_RuntimeError, "no entry point is left for the special methods of %s",
                     class_name(c));
        return -1;
    }
    c->targets[c->stub_count] = t;
    c->stubs[c->stub_count++] = stub;
    slot_add(list, type_slot, SLOT_FUNCTION(stub));
    return 0;
}

static int add_unary(class_record *c, slot_list *list, int type_slot, plan *p)
{
    if (type_slot == Py_tp_iter)
        return add_stub(c, list, type_slot, slot_iter, p, NULL);
    if (!(p->def.ml_flags & METH_NOARGS))
        return add_stub(c, list, type_slot, slot_unary, p, NULL);
    if (p->stub == NULL)
        p->stub = stub_take((target *)p);
    if (p->stub == NULL)
        return add_stub(c, list, type_slot, slot_unary, p, NULL);
    slot_add(list, type_slot, SLOT_FUNCTION(p->stub));
    return 0;
}

int slots_make(class_record *c, slot_list *list)
{
    c->stubs = PyMem_RawCalloc(SLOTS_MAX, sizeof *c->stubs);
    c->targets = PyMem_RawCalloc(SLOTS_MAX, sizeof *c->targets);
    if (c->stubs == NULL || c->targets == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    for (size_t i = 0; i < sizeof binary_slots / sizeof *binary_slots; i++) {
        plan *p = c->slots[binary_slots[i].slot];
        stub_entry entry = binary_slots[i].entry;
        if (p != NULL && entry == slot_binary && slot_quick_binary(c, p) != NULL)
            entry = slot_quick_binary(c, p);
        if (p != NULL && add_stub(c, list, binary_slots[i].type_slot, entry, p, NULL) < 0)
            return -1;
    }
    for (size_t i = 0; i < sizeof unary_slots / sizeof *unary_slots; i++) {
        plan *p = c->slots[unary_slots[i].slot];
        if (p != NULL && add_unary(c, list, unary_slots[i].type_slot, p) < 0)
            return -1;
    }
    if (c->slots[SB_SLOT_ITERNEXT] != NULL && c->slots[SB_SLOT_ITER] == NULL)
        slot_add(list, Py_tp_iter, SLOT_FUNCTION(PyObject_SelfIter));
    if (c->slots[SB_SLOT_BUFFER] != NULL)
        slot_add(list, Py_bf_releasebuffer, SLOT_FUNCTION(release_buffer));
    plan *get = c->slots[SB_SLOT_GETITEM], *set = c->slots[SB_SLOT_SETITEM];
    plan *delete = c->slots[SB_SLOT_DELITEM];
    bool sequence = is_sequence(c);
    if (get != NULL && sequence &&
        add_stub(c, list, Py_sq_item, slot_item, get, NULL) < 0)
        return -1;
    if (set == NULL && delete == NULL)
        return 0;
    if (sequence && add_stub(c, list, Py_sq_ass_item, slot_assign_item, set, delete) < 0)
        return -1;
    return add_stub(c, list, Py_mp_ass_subscript, slot_assign_subscript, set, delete);
}
