/* result.c - what comes back: whether the call failed, and the Python objects for its results. */
#include "call.h"

/* ---- C to Python ----------------------------------------------------------------------------------- */

/* The type a constructor or class method was called on, when that is a Python subclass. */
static PyTypeObject *result_type(const frame *f, const step *s)
{
    const sb_function *described = f->plan->f;
    if (f->self == NULL || (described->role != SB_ROLE_CONSTRUCTOR &&
                            described->role != SB_ROLE_CLASS_METHOD))
        return NULL;
    PyTypeObject *type = (PyTypeObject *)f->self;
    PyTypeObject *own = s->aux.record->type;
    if (!PyType_Check(f->self) || type == own || !PyType_IsSubtype(type, own))
        return NULL;
    /* A described subclass has a record of its own: what came back does not fill it. */
    for (PyTypeObject *t = type; t != own; t = t->tp_base)
        if (t == NULL || !(t->tp_flags & Py_TPFLAGS_HEAPTYPE) || t->tp_dealloc == own->tp_dealloc)
            return NULL; /* NULL: a base beside the one whose layout it has */
    return type;
}

static PyObject *owner_of_result(const frame *f)
{
    const step *s = f->plan->keeps;
    PyObject *owner = s == NULL ? NULL : argument_of(f, s);
    return owner == Py_None ? NULL : owner;
}

/* A record class's pointer that came back: a copy, or a view kept valid by an argument. */
static PyObject *load_record_pointer(const frame *f, const step *s, void *pointer)
{
    class_record *c = s->aux.record;
    PyObject *owner = owner_of_result(f);
    if (pointer == NULL)
        Py_RETURN_NONE;
    if (c->c->flags & SB_CLASS_ADAPTED)
        return adapt_load(c, pointer);
    if (owner != NULL)
        return record_view(c, pointer, owner);
    PyObject *copy = record_new(c, result_type(f, s), pointer);
    if (s->flags & STEP_OWNED) {
        if (s->release_plan != NULL)
            plan_call_pointer(s->release_plan, pointer);
        else if (c->destructor != NULL)
            plan_call_pointer(c->destructor, pointer);
        else
            free(pointer);
    }
    return copy;
}

static PyObject *load_handle(const frame *f, const step *s, void *pointer)
{
    if (pointer == NULL) {
        if (f->plan->f->role == SB_ROLE_CONSTRUCTOR) {
            PyErr_Format(PyExc_MemoryError, "%s() returned NULL", f->plan->def.ml_name);
            return NULL;
        }
        Py_RETURN_NONE;
    }
    return handle_new(s->aux.record, result_type(f, s), pointer, owner_of_result(f),
                      s->flags & STEP_OWNED);
}

/* The value of an OP_OUT step. */
static PyObject *result_of_out(const frame *f, const step *s)
{
    const unsigned char *storage = frame_storage(f, s);
    void *pointer;
    int64_t bits;
    switch ((op)s->scalar) {
    case OP_RECORD_VALUE:
        return record_new(s->aux.record, result_type(f, s), storage);
    case OP_ADAPTED:
        return adapt_load(s->aux.record, storage);
    case OP_RECORD:
    case OP_ADAPTED_REFERENCE:
        memcpy(&pointer, storage, sizeof pointer);
        return load_record_pointer(f, s, pointer);
    case OP_HANDLE:
        memcpy(&pointer, storage, sizeof pointer);
        return load_handle(f, s, pointer);
    default:
        if (unlikely(s->flags & STEP_ENUM)) {
            PyObject *number = scalar_load((op)s->scalar, storage);
            if (number == NULL)
                return NULL;
            bits = s->scalar == OP_U64 ? (int64_t)PyLong_AsUnsignedLongLong(number)
                                       : PyLong_AsLongLong(number);
            Py_DECREF(number);
            return enum_member(s->aux.enumeration, bits);
        }
        return scalar_load((op)s->scalar, storage);
    }
}

/* UTF-8 that C keeps; NULL is None. */
static PyObject *load_text(const char *text)
{
    if (text == NULL)
        Py_RETURN_NONE;
    return PyUnicode_DecodeUTF8(text, (Py_ssize_t)strlen(text), NULL);
}

static PyObject *result_of_step(frame *f, const step *s)
{
    void *pointer;
    int64_t bits;
    switch ((op)s->code) {
    case OP_I32:
    case OP_I64:
        memcpy(&bits, f->result, sizeof bits);
        return PyLong_FromLongLong(bits);
    case OP_DOUBLE: {
        double number;
        memcpy(&number, f->result, sizeof number);
        return PyFloat_FromDouble(number);
    }
    case OP_FLOAT: {
        float number;
        memcpy(&number, f->result, sizeof number);
        return PyFloat_FromDouble((double)number);
    }
    case OP_OUT:
        return result_of_out(f, s);
    case OP_ENUM:
        memcpy(&bits, f->result, sizeof bits);
        return enum_member(s->aux.enumeration, bits);
    case OP_RECORD_VALUE:
        return record_new(s->aux.record, result_type(f, s), f->result);
    case OP_ADAPTED:
        return adapt_load(s->aux.record, f->result);
    case OP_RECORD:
    case OP_ADAPTED_REFERENCE:
        memcpy(&pointer, f->result, sizeof pointer);
        return load_record_pointer(f, s, pointer);
    case OP_HANDLE:
        memcpy(&pointer, f->result, sizeof pointer);
        return load_handle(f, s, pointer);
    case OP_STRING:
        memcpy(&pointer, f->result, sizeof pointer);
        return load_text(pointer);
    case OP_GENERAL:
        return s->converter->result(f, s);
    default:
        return scalar_load_result((op)s->code, f->result);
    }
}

/* Destroys the handles that steps from `first` on were to hand out: their objects will not be made.
 * After a call that failed only those said to be [[owned]], which must be released even then.
 * (Arrays and strings are released by their converters.) */
COLD void result_drop(const frame *f, int first, bool only_owned)
{
    plan *p = f->plan;
    if (only_owned && !(p->flags & PLAN_OWNS_OUT))
        return;
    for (int i = first; i < p->step_count; i++) {
        const step *s = &p->steps[i];
        if (s->code != OP_OUT || s->scalar != OP_HANDLE || !(s->flags & STEP_OWNED) ||
            (only_owned && !(s->value->flags & SB_VALUE_OWNED)))
            continue;
        plan *release = s->release_plan != NULL ? s->release_plan : s->aux.record->destructor;
        void *handle;
        memcpy(&handle, frame_storage(f, s), sizeof handle);
        if (handle != NULL && release != NULL)
            plan_call_pointer(release, handle);
    }
}

/* Several values: the C result first, then out parameters in order. */
static PyObject *result_tuple(frame *f)
{
    plan *p = f->plan;
    if (p->result_count == 0)
        Py_RETURN_NONE;
    PyObject *tuple = PyTuple_New(p->result_count);
    if (tuple == NULL)
        return NULL;
    Py_ssize_t n = 0;
    for (int i = -1; i < p->step_count; i++) {
        const step *s = i < 0 ? &p->result : &p->steps[i];
        if (!(s->flags & STEP_RESULT))
            continue;
        PyObject *value = result_of_step(f, s);
        if (value == NULL) {
            result_drop(f, i + 1, false);
            Py_DECREF(tuple);
            return NULL;
        }
        PyTuple_SET_ITEM(tuple, n++, value);
    }
    return tuple;
}

PyObject *result_make(frame *f)
{
    plan *p = f->plan;
    if (likely(p->single != NULL))
        return result_of_step(f, p->single);
    return result_tuple(f);
}

/* ---- failure ------------------------------------------------------------------------------------------ */

/* A status other than zero. 1: it is a success after all; 0: StopIteration; -1: exception set. */
static COLD int judge_status(frame *f, int64_t status)
{
    plan *p = f->plan;
    const sb_type *t = &p->b->d->types[p->f->result.type];
    const sb_enumerator *e = &p->b->d->enumerators[t->first], *end = e + t->count;
    while (e < end && e->value != status)
        e++;
    if (e == end)
        e = NULL;
    else if (e->outcome == SB_OUTCOME_OK)
        return 1;
    else if (e->outcome == SB_OUTCOME_STOP)
        return p->flags & PLAN_STOPS ? 0 : 1;
    error_from_status(p, f, status, e);
    return -1;
}

static int64_t result_integer(const frame *f)
{
    int64_t bits;
    memcpy(&bits, f->result, sizeof bits);
    return bits;
}

/* As judge_status, for all ways in which a result can say "failed". */
int result_check(frame *f)
{
    plan *p = f->plan;
    bool failed;
    if (p->failure == SB_FAILS_NEVER)
        return 1;
    if (p->failure == SB_FAILS_STATUS) {
        int64_t status = result_integer(f);
        return likely(status == 0) && !p->zero_fails ? 1 : judge_status(f, status);
    }
    switch ((sb_failure)p->failure) {
    case SB_FAILS_NULL: {
        void *pointer;
        memcpy(&pointer, f->result, sizeof pointer);
        failed = pointer == NULL;
        break;
    }
    case SB_FAILS_NEGATIVE:
        if (p->result.code == OP_DOUBLE) {
            double number;
            memcpy(&number, f->result, sizeof number);
            failed = number < 0;
        }
        else {
            failed = result_integer(f) < 0;
        }
        break;
    case SB_FAILS_NONZERO:
        failed = result_integer(f) != 0;
        break;
    default:
        failed = result_integer(f) == 0;
    }
    if (likely(!failed))
        return 1;
    error_from_failure(p, f);
    return -1;
}
