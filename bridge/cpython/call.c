/* call.c - running plans.
 *
 * Two ways: `simple` for calls whose arguments fit in registers and need no state (most of the
 * functions of most libraries), `general` for all others. Each has an entry for functions without
 * arguments and one for the others; both take what METH_NOARGS or METH_FASTCALL | METH_KEYWORDS
 * give plus the plan. Everything that only errors or keywords need is out of line.
 */
#include <errno.h>

#include "bridge.h"
#include "integer.h"

#define MAX_ARGUMENTS SB_MAX_PARAMETERS

/* ---- arguments: positions, keywords, defaults --------------------------------------------------- */

static COLD int wrong_count(const plan *p, Py_ssize_t given)
{
    const char *name = p->def.ml_name;
    if (given > p->positional_count) {
        PyErr_Format(PyExc_TypeError, "%s() takes %s%d positional argument%s but %zd %s given", name,
                     p->required_count < p->positional_count ? "at most " : "",
                     (int)p->positional_count, p->positional_count == 1 ? "" : "s", given,
                     given == 1 ? "was" : "were");
    }
    else {
        PyErr_Format(PyExc_TypeError, "%s() takes no arguments (%zd given)", name, given);
    }
    return -1;
}

static COLD int find_keyword(const plan *p, PyObject *keyword)
{
    for (int i = p->positional_only_count; i < p->visible_count; i++)
        if (p->names[i] == keyword)
            return i;
    for (int i = p->positional_only_count; i < p->visible_count; i++)
        if (PyUnicode_Compare(p->names[i], keyword) == 0)
            return i;
    PyErr_Format(PyExc_TypeError, "%s() got an unexpected keyword argument '%U'", p->def.ml_name,
                 keyword);
    return -1;
}

/* Fills bound[visible_count] from positions, keywords and defaults. Borrowed references. */
static COLD int bind_arguments(const plan *p, PyObject *const *args, Py_ssize_t count,
                               PyObject *kwnames, PyObject **bound)
{
    if (count > p->positional_count)
        return wrong_count(p, count);
    memset(bound, 0, p->visible_count * sizeof *bound);
    memcpy(bound, args, (size_t)count * sizeof *bound);
    Py_ssize_t keywords = kwnames == NULL ? 0 : PyTuple_GET_SIZE(kwnames);
    for (Py_ssize_t k = 0; k < keywords; k++) {
        PyObject *keyword = PyTuple_GET_ITEM(kwnames, k);
        int i = find_keyword(p, keyword);
        if (i < 0)
            return -1;
        if (bound[i] != NULL) {
            PyErr_Format(PyExc_TypeError, "%s() got multiple values for argument '%U'",
                         p->def.ml_name, keyword);
            return -1;
        }
        bound[i] = args[count + k];
    }
    for (int i = 0; i < p->visible_count; i++) {
        if (bound[i] != NULL)
            continue;
        bound[i] = p->defaults[i];
        if (bound[i] != NULL)
            continue;
        if (PyUnicode_GetLength(p->names[i]) > 0)
            PyErr_Format(PyExc_TypeError, "%s() missing required argument '%U' (position %d)",
                         p->def.ml_name, p->names[i], i + 1);
        else
            PyErr_Format(PyExc_TypeError, "%s() missing required argument %d", p->def.ml_name,
                         i + 1);
        return -1;
    }
    return 0;
}

/* ---- Python to C ------------------------------------------------------------------------------------ */

static inline void put_bits(const frame *f, const step *s, uint64_t bits)
{
    memcpy(f->block + s->offset, &bits, sizeof bits);
}

static inline PyObject *argument_of(const frame *f, const step *s)
{
    return likely(s->visible >= 0) ? f->args[s->visible]
           : s->visible == SELF_ARGUMENT ? f->self
                                         : NULL;
}

static COLD int load_none(const frame *f, const step *s)
{
    put_bits(f, s, 0);
    return 0;
}

/* A record by value: its bytes go where the call's plan says, split over registers if need be. */
static void put_record(const frame *f, const step *s, const void *record)
{
    if (s->second == SB_NO_SECOND) {
        memcpy(f->block + s->offset, record, s->size);
    }
    else {
        memcpy(f->block + s->offset, record, 8);
        memcpy(f->block + s->second, (const char *)record + 8, s->size - 8);
    }
}

/* The value behind an out or inout pointer, and the pointer. */
static int load_out(const frame *f, const step *s, PyObject *value)
{
    unsigned char *storage = frame_storage(f, s);
    memset(storage, 0, s->size < 16 ? 16 : s->size);
    frame_set_pointer(f, s, storage);
    if (!(s->flags & STEP_READS))
        return 0;
    switch ((op)s->scalar) {
    case OP_RECORD_VALUE: {
        void *record = record_of(s->aux.record, value);
        if (record == NULL)
            return -1;
        memcpy(storage, record, s->size);
        return 0;
    }
    case OP_ADAPTED:
        return adapt_store(s->aux.record, value, storage);
    case OP_RECORD:
    case OP_HANDLE: {
        void *pointer = s->scalar == OP_RECORD ? record_of(s->aux.record, value)
                                               : handle_of(s->aux.record, value);
        memcpy(storage, &pointer, sizeof pointer);
        return pointer == NULL ? -1 : 0;
    }
    default:
        if (s->flags & STEP_ENUM && enum_check(s->aux.enumeration, value) < 0)
            return -1;
        return scalar_store((op)s->scalar, value, storage);
    }
}

/* Strings: UTF-8 as CPython caches it in the str, no copy. */
static int load_string(const frame *f, const step *s, PyObject *value)
{
    if (!PyUnicode_Check(value)) {
        PyErr_Format(PyExc_TypeError, "expected str, got %s", Py_TYPE(value)->tp_name);
        return -1;
    }
    Py_ssize_t length;
    const char *utf8;
    if (likely(PyUnicode_IS_COMPACT_ASCII(value))) {
        utf8 = (const char *)PyUnicode_1BYTE_DATA(value);
        length = PyUnicode_GET_LENGTH(value);
    }
    else {
        utf8 = PyUnicode_AsUTF8AndSize(value, &length);
        if (utf8 == NULL)
            return -1;
    }
    if (unlikely(memchr(utf8, 0, (size_t)length) != NULL)) {
        PyErr_SetString(PyExc_ValueError, "embedded null character");
        return -1;
    }
    frame_set_pointer(f, s, utf8);
    return 0;
}

static COLD int load_other(frame *f, const step *s, PyObject *value)
{
    switch ((op)s->code) {
    case OP_ENUM: {
        if (enum_check(s->aux.enumeration, value) < 0)
            return -1;
        return scalar_store_argument((op)s->scalar, value, f->block + s->offset);
    }
    case OP_RECORD_VALUE: {
        void *record = record_of(s->aux.record, value);
        if (record == NULL)
            return -1;
        put_record(f, s, record);
        return 0;
    }
    case OP_ADAPTED_REFERENCE: {
        if (value == Py_None && s->flags & STEP_NULLABLE)
            return load_none(f, s);
        void *record = frame_storage(f, s);
        if (adapt_store(s->aux.record, value, record) < 0)
            return -1;
        frame_set_pointer(f, s, record);
        return 0;
    }
    default:
        return scalar_store_argument((op)s->code, value, f->block + s->offset);
    }
}

/* One argument. The commonest kinds are here, the others behind one more call. */
static inline int load_argument(frame *f, const step *s)
{
    PyObject *value = argument_of(f, s);
    int64_t n;
    switch ((op)s->code) {
    case OP_NONE:
        return 0;
    case OP_CONSTANT:
        put_bits(f, s, s->aux.constant);
        return 0;
    case OP_OUT:
        if (!(s->flags & STEP_READS) && s->size <= 16) {
            memset(frame_storage(f, s), 0, 16);
            frame_set_pointer(f, s, frame_storage(f, s));
            return 0;
        }
        return load_out(f, s, value);
    case OP_I32:
        if (likely(integer_small(value, &n)) && likely(n == (int32_t)n)) {
            put_bits(f, s, (uint64_t)n);
            return 0;
        }
        break;
    case OP_U32:
        if (likely(integer_small(value, &n)) && likely(n == (int64_t)(uint32_t)n)) {
            put_bits(f, s, (uint64_t)n);
            return 0;
        }
        break;
    case OP_I64:
        if (likely(integer_small(value, &n))) {
            put_bits(f, s, (uint64_t)n);
            return 0;
        }
        break;
    case OP_U64:
        if (likely(integer_small(value, &n)) && likely(n >= 0)) {
            put_bits(f, s, (uint64_t)n);
            return 0;
        }
        break;
    case OP_DOUBLE:
        if (likely(PyFloat_CheckExact(value))) {
            double number = PyFloat_AS_DOUBLE(value);
            memcpy(f->block + s->offset, &number, sizeof number);
            return 0;
        }
        break;
    case OP_STRING:
        return load_string(f, s, value);
    case OP_RECORD: {
        void *record = NULL;
        if (unlikely(value == Py_None && s->flags & STEP_NULLABLE))
            return load_none(f, s);
        record = record_of(s->aux.record, value);
        frame_set_pointer(f, s, record);
        return record == NULL ? -1 : 0;
    }
    case OP_HANDLE: {
        if (unlikely(value == Py_None && s->flags & STEP_NULLABLE))
            return load_none(f, s);
        void *handle = handle_of(s->aux.record, value);
        frame_set_pointer(f, s, handle);
        return handle == NULL ? -1 : 0;
    }
    case OP_ADAPTED: {
        _Alignas(16) unsigned char record[64];
        if (unlikely(s->size > sizeof record)) {
            /* Only libffi takes these; there the place in the block is the record itself. */
            return adapt_store(s->aux.record, value, f->block + s->offset);
        }
        if (adapt_store(s->aux.record, value, record) < 0)
            return -1;
        put_record(f, s, record);
        return 0;
    }
    default:
        break;
    }
    return load_other(f, s, value);
}

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
        if (!(t->tp_flags & Py_TPFLAGS_HEAPTYPE) || t->tp_dealloc == own->tp_dealloc)
            return NULL;
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
static COLD void drop_results(const frame *f, int first, bool only_owned)
{
    plan *p = f->plan;
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
            drop_results(f, i + 1, false);
            Py_DECREF(tuple);
            return NULL;
        }
        PyTuple_SET_ITEM(tuple, n++, value);
    }
    return tuple;
}

static inline PyObject *make_result(frame *f)
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
    for (uint32_t i = 0; i < t->count; i++) {
        const sb_enumerator *e = &p->b->d->enumerators[t->first + i];
        if (e->value != status)
            continue;
        if (e->outcome == SB_OUTCOME_OK)
            return 1;
        if (e->outcome == SB_OUTCOME_STOP)
            return p->flags & PLAN_STOPS ? 0 : 1;
        break;
    }
    error_from_status(p, f, status);
    return -1;
}

static int64_t result_integer(const frame *f)
{
    int64_t bits;
    memcpy(&bits, f->result, sizeof bits);
    return bits;
}

/* As judge_status, for all ways in which a result can say "failed". */
static inline int check_failure(frame *f)
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

/* ---- the call itself ------------------------------------------------------------------------------------ */

static void mark_handles(const frame *f, void (*mark)(class_record *, PyObject *))
{
    plan *p = f->plan;
    for (int i = 0; i < p->step_count; i++) {
        const step *s = &p->steps[i];
        PyObject *value = s->code == OP_HANDLE ? argument_of(f, s) : NULL;
        if (value != NULL && value != Py_None)
            mark(s->aux.record, value);
    }
}

static void invoke_unlocked(frame *f)
{
    plan *p = f->plan;
    if (p->flags & PLAN_HAS_HANDLES)
        mark_handles(f, handle_enter);
    PyThreadState *state = PyEval_SaveThread();
    errno = 0;
    sb_call_invoke(f->call, p->function, f->block, f->result);
    f->saved_errno = errno;
    PyEval_RestoreThread(state);
    if (p->flags & PLAN_HAS_HANDLES)
        mark_handles(f, handle_leave);
}

static inline void invoke(frame *f)
{
    plan *p = f->plan;
    if (unlikely(!(p->flags & PLAN_QUICK))) {
        invoke_unlocked(f);
    }
    else if (unlikely(p->flags & PLAN_ERRNO)) {
        errno = 0;
        sb_call_invoke(f->call, p->function, f->block, f->result);
        f->saved_errno = errno;
    }
    else {
        sb_call_invoke(f->call, p->function, f->block, f->result);
    }
}

/* ---- simple calls ----------------------------------------------------------------------------------------- */

static COLD PyObject *argument_failed(plan *p, const step *s)
{
    error_at_argument(p, s);
    return NULL;
}

static inline PyObject *run_simple(plan *p, PyObject *self, PyObject *const *args)
{
    _Alignas(16) unsigned char block[SIMPLE_BLOCK];
    _Alignas(16) unsigned char storage[SIMPLE_STORAGE];
    _Alignas(16) unsigned char result[SIMPLE_RESULT];
    frame f = {p, self, args, p->call, block, result, storage, 0};
    for (int i = 0; i < p->step_count; i++) {
        const step *s = &p->steps[p->order[i]];
        if (unlikely(load_argument(&f, s) < 0))
            return argument_failed(p, s);
    }
    invoke(&f);
    int outcome = check_failure(&f);
    if (unlikely(outcome <= 0)) {
        drop_results(&f, 0, true);
        return NULL;
    }
    return make_result(&f);
}

static void *enter_simple_no_arguments(void *self, void *unused, void *c, void *d, target *t)
{
    (void)unused;
    (void)c;
    (void)d;
    return run_simple((plan *)t, self, NULL);
}

static void *enter_simple(void *self, void *args, void *count, void *kwnames, target *t)
{
    plan *p = (plan *)t;
    if (unlikely(kwnames != NULL || (Py_ssize_t)count != p->visible_count ||
                 p->visible_count != p->positional_count))
        return plan_run_with_keywords(p, self, args, (Py_ssize_t)count, kwnames);
    return run_simple(p, self, args);
}

/* ---- general calls ----------------------------------------------------------------------------------------- */

static void release_steps(frame *f, int loaded)
{
    plan *p = f->plan;
    for (int n = loaded - 1; n >= 0; n--) {
        const step *s = &p->steps[p->order[n]];
        if (s->code == OP_GENERAL && s->converter->release != NULL)
            s->converter->release(f, s);
    }
    if (p->result.code == OP_GENERAL && p->result.converter->release != NULL)
        p->result.converter->release(f, &p->result);
}

static void consume_handles(const frame *f)
{
    plan *p = f->plan;
    for (int i = 0; i < p->step_count; i++) {
        const step *s = &p->steps[i];
        PyObject *value = argument_of(f, s);
        if (s->value->flags & SB_VALUE_CONSUMED && s->code == OP_HANDLE && value != NULL &&
            value != Py_None)
            handle_consume(s->aux.record, value);
    }
}

/* Calls again while an out array turns out too small, as [[grow]] asks for. */
static void invoke_until_it_fits(frame *f)
{
    plan *p = f->plan;
    for (int tries = 0; tries < 4; tries++) {
        bool grown = false;
        invoke(f);
        for (int i = 0; i < p->step_count; i++) {
            const step *s = &p->steps[i];
            if (s->code == OP_GENERAL && s->value->flags & SB_VALUE_GROW)
                grown |= array_grow(f, s);
        }
        if (!grown || PyErr_Occurred())
            return;
    }
}

static PyObject *run_loaded(frame *f)
{
    plan *p = f->plan;
    invoke_until_it_fits(f);
    if (unlikely(PyErr_Occurred()))
        return NULL;
    int outcome = check_failure(f);
    if (outcome <= 0) {
        drop_results(f, 0, true);
        return NULL;
    }
    if (p->flags & PLAN_CONSUMES)
        consume_handles(f);
    return make_result(f);
}

static PyObject *run_general_in(frame *f)
{
    plan *p = f->plan;
    memset(f->storage, 0, p->storage_size);
    for (int i = 0; i < p->step_count; i++) {
        const step *s = &p->steps[p->order[i]];
        PyObject *value = argument_of(f, s);
        int status = s->code == OP_GENERAL ? s->converter->load(f, s, value) : load_argument(f, s);
        if (unlikely(status < 0)) {
            error_at_argument(p, s);
            release_steps(f, i + 1);
            return NULL;
        }
    }
    PyObject *result = run_loaded(f);
    release_steps(f, p->step_count);
    return result;
}

#define GENERAL_ON_STACK 2048

static PyObject *run_general(plan *p, const sb_call *call, PyObject *self, PyObject *const *args,
                             frame *outer)
{
    size_t block = (call->block_size + 15u) & ~15u, storage = (p->storage_size + 15u) & ~15u;
    size_t result = (call->result_size < 32 ? 32 : call->result_size + 15u) & ~15u;
    size_t total = block + storage + result;
    _Alignas(16) unsigned char on_stack[GENERAL_ON_STACK];
    unsigned char *memory = on_stack;
    if (total > sizeof on_stack) {
        memory = PyMem_RawMalloc(total);
        if (memory == NULL)
            return PyErr_NoMemory();
    }
    memset(memory, 0, block);
    frame f = {p, self, args, call, memory, memory + block + storage, memory + block, 0};
    if (outer != NULL) { /* variadic arguments are already in place in another frame's block */
        memcpy(memory, outer->block, block);
    }
    PyObject *value = run_general_in(&f);
    if (memory != on_stack)
        PyMem_RawFree(memory);
    return value;
}

static void *enter_general_no_arguments(void *self, void *unused, void *c, void *d, target *t)
{
    (void)unused;
    (void)c;
    (void)d;
    plan *p = (plan *)t;
    return run_general(p, p->call, self, NULL, NULL);
}

static void *enter_general(void *self, void *args, void *count, void *kwnames, target *t)
{
    plan *p = (plan *)t;
    if (unlikely(kwnames != NULL || (Py_ssize_t)count != p->visible_count ||
                 p->visible_count != p->positional_count))
        return plan_run_with_keywords(p, self, args, (Py_ssize_t)count, kwnames);
    return run_general(p, p->call, self, args, NULL);
}

/* ---- variadic calls ------------------------------------------------------------------------------------------ */

/* The type of a variadic argument, after C's default promotions: an int is a long long (which any
 * narrower conversion of printf and its like reads correctly where registers are 64 bits wide), a
 * float a double, str and bytes pointers to their NUL-terminated bytes, None a null pointer. */
static int variadic_argument(const plan *p, PyObject *value, sb_type_id *type, uint64_t *bits)
{
    const sb_description *d = p->b->d;
    if (PyFloat_Check(value)) {
        double number = PyFloat_AS_DOUBLE(value);
        *type = sb_primitive_type(d, SB_PRIM_DOUBLE);
        memcpy(bits, &number, sizeof number);
        return 0;
    }
    if (PyLong_Check(value) || PyIndex_Check(value)) {
        *type = sb_primitive_type(d, SB_PRIM_LLONG);
        if (scalar_store_argument(OP_I64, value, bits) == 0)
            return 0;
        if (!PyErr_ExceptionMatches(PyExc_OverflowError))
            return -1;
        PyErr_Clear();
        *type = sb_primitive_type(d, SB_PRIM_ULLONG);
        return scalar_store_argument(OP_U64, value, bits);
    }
    const char *pointer = NULL;
    if (PyUnicode_Check(value)) {
        Py_ssize_t length;
        pointer = PyUnicode_AsUTF8AndSize(value, &length);
        if (pointer == NULL)
            return -1;
        if (strlen(pointer) != (size_t)length) {
            PyErr_SetString(PyExc_ValueError, "embedded null character");
            return -1;
        }
    }
    else if (PyBytes_Check(value)) {
        pointer = PyBytes_AS_STRING(value);
    }
    else if (value != Py_None) {
        PyErr_Format(PyExc_TypeError,
                     "expected int, float, str, bytes or None for a variadic argument, got %s",
                     Py_TYPE(value)->tp_name);
        return -1;
    }
    *type = sb_primitive_type(d, SB_PRIM_UINTPTR);
    *bits = (uint64_t)(uintptr_t)pointer;
    return 0;
}

static void *enter_variadic(void *self, void *args_, void *count_, void *kwnames, target *t)
{
    plan *p = (plan *)t;
    PyObject *const *args = args_;
    Py_ssize_t count = (Py_ssize_t)count_;
    if (kwnames != NULL && PyTuple_GET_SIZE(kwnames) > 0) {
        PyErr_Format(PyExc_TypeError, "%s() takes no keyword arguments, being variadic",
                     p->def.ml_name);
        return NULL;
    }
    Py_ssize_t extra = count - p->visible_count;
    if (extra < 0) {
        PyErr_Format(PyExc_TypeError, "%s() takes at least %d argument%s (%zd given)",
                     p->def.ml_name, (int)p->visible_count, p->visible_count == 1 ? "" : "s",
                     count);
        return NULL;
    }
    if (extra > MAX_ARGUMENTS - p->step_count) {
        PyErr_Format(PyExc_TypeError, "%s() takes at most %d arguments (%zd given)", p->def.ml_name,
                     MAX_ARGUMENTS, count);
        return NULL;
    }
    sb_type_id types[MAX_ARGUMENTS];
    uint64_t bits[MAX_ARGUMENTS];
    for (Py_ssize_t i = 0; i < extra; i++) {
        if (variadic_argument(p, args[p->visible_count + i], &types[i], &bits[i]) < 0) {
            error_prefix("%s() argument %zd: ", p->def.ml_name, p->visible_count + i + 1);
            return NULL;
        }
    }
    sb_call *call;
    sb_error error;
    if (sb_call_plan(p->b->d, p->f->type, types, (size_t)extra, 0, &call, &error) != SB_OK) {
        PyErr_Format(PyExc_NotImplementedError, "%s() cannot be called so: %s", p->def.ml_name,
                     error.message);
        return NULL;
    }
    PyObject *result = NULL;
    unsigned char *block = PyMem_RawCalloc(1, call->block_size + 16u);
    if (block == NULL) {
        PyErr_NoMemory();
    }
    else {
        for (Py_ssize_t i = 0; i < extra; i++)
            memcpy(block + call->args[p->step_count + i].offset, &bits[i], sizeof bits[i]);
        frame outer = {.plan = p, .block = block};
        result = run_general(p, call, self, args, &outer);
        PyMem_RawFree(block);
    }
    sb_call_free(call);
    return result;
}

/* ---- what hot.c leaves to this file ----------------------------------------------------------------------- */

PyObject *plan_run(plan *p, PyObject *self, PyObject *const *args)
{
    return p->flags & PLAN_SIMPLE ? run_simple(p, self, args)
                                  : run_general(p, p->call, self, args, NULL);
}

PyObject *plan_run_with_keywords(plan *p, PyObject *self, PyObject *const *args, Py_ssize_t count,
                                 PyObject *kwnames)
{
    PyObject *bound[MAX_ARGUMENTS];
    if (bind_arguments(p, args, count, kwnames, bound) < 0)
        return NULL;
    return plan_run(p, self, bound);
}

PyObject *plan_finish(plan *p, PyObject *self, PyObject *const *args, void *result, void *storage)
{
    frame f = {p, self, args, p->call, NULL, result, storage, 0};
    if (check_failure(&f) <= 0) {
        drop_results(&f, 0, true);
        return NULL;
    }
    return make_result(&f);
}

/* ---- what other files use ------------------------------------------------------------------------------------ */

stub_entry plan_entry(const plan *p)
{
    if (p->b->d->types[p->f->type].flags & SB_TYPE_VARIADIC)
        return enter_variadic;
    if (p->flags & PLAN_SIMPLE)
        return p->def.ml_flags & METH_NOARGS ? enter_simple_no_arguments : enter_simple;
    return p->def.ml_flags & METH_NOARGS ? enter_general_no_arguments : enter_general;
}

PyObject *plan_call(plan *p, PyObject *self, PyObject *const *args, Py_ssize_t count,
                    PyObject *kwnames)
{
    if (p->def.ml_flags & METH_NOARGS && (count > 0 || kwnames != NULL)) {
        if (count > 0 || PyTuple_GET_SIZE(kwnames) > 0) {
            wrong_count(p, count > 0 ? count : PyTuple_GET_SIZE(kwnames));
            return NULL;
        }
    }
    return p->entry(self, (void *)(uintptr_t)args, (void *)count, kwnames, (target *)p);
}

void plan_call_pointer(plan *p, void *pointer)
{
    _Alignas(16) unsigned char block[SIMPLE_BLOCK] = {0};
    _Alignas(16) unsigned char result[SIMPLE_RESULT];
    uint64_t bits = (uint64_t)(uintptr_t)pointer;
    memcpy(block + p->call->args[0].offset, &bits, sizeof bits);
    sb_call_invoke(p->call, p->function, block, result);
}

/* The bytes of an integer parameter: in the block, or behind the pointer of an out parameter. */
static unsigned char *length_place(const frame *f, const step *s)
{
    return s->code == OP_OUT ? frame_storage(f, s) : f->block + s->offset;
}

int frame_set_length(const frame *f, int parameter, uint64_t n)
{
    const step *s = frame_step(f, parameter);
    const sb_description *d = f->plan->b->d;
    const sb_type *t = &d->types[s->value->type];
    bool behind_pointer = s->code == OP_OUT;
    if (behind_pointer)
        t = &d->types[t->target];
    unsigned bits = (unsigned)t->size * 8 - (t->kind == SB_INT || t->flags & SB_TYPE_SIGNED ? 1 : 0);
    if (bits < 64 && n >> bits != 0) {
        PyErr_Format(PyExc_OverflowError,
                     "%llu elements do not fit in the length parameter '%s' of %llu bytes",
                     (unsigned long long)n, sb_string(d, s->value->name),
                     (unsigned long long)t->size);
        return -1;
    }
    unsigned char *place = length_place(f, s);
    if (!behind_pointer || t->size == 8) {
        memcpy(place, &n, sizeof n);
    }
    else if (t->size == 4) {
        uint32_t narrow = (uint32_t)n;
        memcpy(place, &narrow, sizeof narrow);
    }
    else if (t->size == 2) {
        uint16_t narrow = (uint16_t)n;
        memcpy(place, &narrow, sizeof narrow);
    }
    else {
        *place = (uint8_t)n;
    }
    return 0;
}

uint64_t frame_get_length(const frame *f, int parameter)
{
    const step *s = frame_step(f, parameter);
    const sb_description *d = f->plan->b->d;
    const sb_type *t = &d->types[s->value->type];
    const unsigned char *place = length_place(f, s);
    uint64_t n = 0;
    if (s->code != OP_OUT) {
        memcpy(&n, place, sizeof n);
        if ((t->kind == SB_INT || t->flags & SB_TYPE_SIGNED) && (int64_t)n < 0)
            return 0;
        return n;
    }
    t = &d->types[t->target];
    bool negative = false;
    switch (t->size) {
    case 1:
        n = *place;
        negative = t->kind == SB_INT && (int8_t)n < 0;
        break;
    case 2: {
        uint16_t narrow;
        memcpy(&narrow, place, sizeof narrow);
        n = narrow;
        negative = t->kind == SB_INT && (int16_t)narrow < 0;
        break;
    }
    case 4: {
        uint32_t narrow;
        memcpy(&narrow, place, sizeof narrow);
        n = narrow;
        negative = t->kind == SB_INT && (int32_t)narrow < 0;
        break;
    }
    default:
        memcpy(&n, place, sizeof n);
        negative = t->kind == SB_INT && (int64_t)n < 0;
    }
    return negative ? 0 : n;
}
