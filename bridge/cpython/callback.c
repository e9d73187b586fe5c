/* callback.c - Python functions as arguments of described functions.
 *
 * A callback is a closure of the engine with the Python function that it runs. Who holds it:
 *
 *   uses    C, as the parameter's scope says; the call that passes it, until that has returned; and
 *           every call of it that runs. At the last one the closure and the function go
 *   count   of the C memory: one for all uses together, one for the list of a handle that holds it
 *
 * C lets go once, whichever way: at the end of the call, by the function that was passed as
 * `destroy`, at the end of the handle, or as the callback has been called. `held` says whether it
 * has not yet.
 *
 * Threads: all but `uses` changes under the GIL of the home's interpreter. When that is gone,
 * nothing is freed any more: C may still call, and gets what on_error says.
 *
 * Arguments are C's only while the callback runs. Records by reference are views that are refused
 * afterwards (their owner is a loan), handles are closed, all else is copied.
 */
#include "callback.h"

#include "array.h"
#include "classes.h"

enum { RESULT_SIZE = 32 }; /* of what on_error can say; longer results are zeroes */

/* How calls of one parameter's function type cross. C memory, owned by the plan of the function. */
typedef struct callback_plan {
    const plan *taker;
    const sb_value *taken; /* the parameter */
    sb_signature *signature;
    size_t result_size;
    uint16_t parameter_count, given_count, out_count;
    bool gives_result;     /* the C result is what Python returned */
    bool lends;            /* records by reference */
    int64_t success;       /* a status as result */
    uint8_t success_code;  /* its op; OP_NONE: no status */
    unsigned char on_error[RESULT_SIZE];
    step result;
    step steps[];
} callback_plan;

struct callback {
    size_t uses;  /* atomic */
    size_t count; /* under the GIL */
    bool held;
    uint8_t scope; /* sb_callback_scope */
    bool stored;   /* counted in b->stored_callbacks */
    bool taken;    /* by C, in a call that succeeded */
    callback_plan *how;
    binding *b; /* retained: the library, and `how` */
    interpreter_home *home;
    PyObject *callable;
    sb_closure *closure;
    callback *next; /* in the list of a handle */
};

#define LOAN "symbridge.loan"

/* ---- the life of a callback ------------------------------------------------------------------ */

static void announce_all(binding *b, bool announced)
{
    for (uint32_t i = 0; i < b->d->function_count; i++)
        if (b->plans[i] != NULL)
            plan_announce(b->plans[i], announced);
}

static void count_down(callback *c)
{
    if (--c->count != 0)
        return;
    home_release(c->home);
    PyMem_RawFree(c);
}

/* With the GIL. */
static void use_down(callback *c)
{
    if (__atomic_sub_fetch(&c->uses, 1, __ATOMIC_ACQ_REL) != 0)
        return;
    binding *b = c->b;
    PyObject *callable = c->callable;
    if (c->stored && --b->stored_callbacks == 0)
        announce_all(b, false);
    c->callable = NULL;
    sb_closure_free(c->closure);
    count_down(c);
    Py_DECREF(callable); /* may run Python code */
    binding_release(b);
}

static void let_go(callback *c)
{
    if (c->held) {
        c->held = false;
        use_down(c);
    }
}

static void on_call(sb_closure *closure, void *const *arguments, void *result, void *user);

/* With uses for C and for the call that passes it. */
static callback *callback_new(callback_plan *how, const step *s, binding *b, PyObject *callable)
{
    interpreter_home *home = home_get(b->state);
    callback *c = home == NULL ? NULL : PyMem_RawCalloc(1, sizeof *c);
    if (c == NULL) {
        if (!PyErr_Occurred())
            PyErr_NoMemory();
        return NULL;
    }
    sb_error error;
    sb_status status = sb_closure_new(how->signature, on_call, c, &c->closure, &error);
    if (status != SB_OK) {
        PyMem_RawFree(c);
        if (status == SB_ERROR_MEMORY)
            PyErr_NoMemory();
        else
            PyErr_SetString(PyExc_RuntimeError, error.message);
        return NULL;
    }
    c->uses = 2;
    c->count = 1;
    c->held = true;
    c->scope = s->value->scope;
    c->how = how;
    c->b = b;
    binding_retain(b);
    c->home = home;
    home_retain(home);
    c->callable = Py_NewRef(callable);
    if (c->scope != SB_SCOPE_CALL) {
        c->stored = true;
        if (b->stored_callbacks++ == 0)
            announce_all(b, true);
    }
    return c;
}

/* What C calls when it is done: the parameter that destroy(q) names. Any thread. */
static void on_destroy(void *user)
{
    callback *c = user;
    attachment a;
    if (c == NULL || !attach_enter(c->home, &a))
        return;
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    let_go(c);
    PyErr_Restore(type, value, traceback);
    attach_leave(&a);
}

/* ---- what handles hold ----------------------------------------------------------------------- */

int callbacks_traverse(callback *list, visitproc visit, void *arg)
{
    for (; list != NULL; list = list->next)
        Py_VISIT(list->callable);
    return 0;
}

void callbacks_end(callback **word)
{
    callback *c = *word;
    *word = NULL;
    while (c != NULL) {
        callback *next = c->next;
        c->next = NULL;
        let_go(c);
        count_down(c);
        c = next;
    }
}

/* The handle object that a callback is held by, or NULL when it was not made. */
static PyObject *holder_of(const frame *f, const step *s, PyObject *made)
{
    const plan *p = f->plan;
    int index = s->value->held_by;
    const step *holder = index == SB_HELD_BY_RESULT ? &p->result : &p->steps[index];
    if (!(holder->flags & STEP_RESULT)) {
        if (holder->visible == SELF_ARGUMENT)
            return f->self;
        return holder->visible >= 0 ? f->args[holder->visible] : NULL;
    }
    if (made == NULL || holder == p->single)
        return made;
    Py_ssize_t position = 0;
    for (int i = -1; i < p->step_count; i++) {
        const step *other = i < 0 ? &p->result : &p->steps[i];
        if (other == holder)
            break;
        position += (other->flags & STEP_RESULT) != 0;
    }
    return PyTuple_GET_ITEM(made, position);
}

static callback **callback_of(const frame *f, const step *s)
{
    return frame_storage(f, s);
}

/* Handles that were closed meanwhile, by the function or another thread, hold nothing. */
static void hold(callback *c, PyObject *holder)
{
    bool borrowed = false;
    callback **list =
        holder == NULL || holder == Py_None ? NULL : handle_callbacks(holder, &borrowed);
    if (list == NULL) {
        if (!borrowed) /* the end of a handle that is not ours is never known */
            let_go(c);
        return;
    }
    callback **link = list;
    while (*link != NULL) { /* those that C has called, or let go of, are only memory */
        callback *other = *link;
        if (other->callable == NULL) {
            *link = other->next;
            count_down(other);
        }
        else {
            link = &other->next;
        }
    }
    c->count++;
    c->next = *list;
    *list = c;
}

void callbacks_hold(frame *f, PyObject *made)
{
    const plan *p = f->plan;
    for (int i = 0; i < p->step_count; i++) {
        const step *s = &p->steps[i];
        if (s->code != OP_GENERAL || s->converter != &callback_converter)
            continue;
        callback *c = *callback_of(f, s);
        if (c == NULL || c->scope == SB_SCOPE_CALL || !f->succeeded)
            continue;
        if (s->value->held_by != -1)
            hold(c, holder_of(f, s, made));
        c->taken = true;
    }
}

/* ---- what is lent to a callback -------------------------------------------------------------- */

/* A capsule whose context is what place.live points at: the word and its memory go with the last
 * view. */
static void loan_free(PyObject *capsule)
{
    PyMem_Free(PyCapsule_GetPointer(capsule, LOAN));
}

static PyObject *loan_new(void ***live)
{
    void **word = PyMem_Malloc(sizeof *word);
    if (word == NULL)
        return PyErr_NoMemory();
    PyObject *loan = PyCapsule_New(word, LOAN, loan_free);
    if (loan == NULL) {
        PyMem_Free(word);
        return NULL;
    }
    *word = loan;
    *live = word;
    return loan;
}

bool loan_check(PyObject *owner)
{
    return PyCapsule_IsValid(owner, LOAN);
}

/* ---- C to Python ----------------------------------------------------------------------------- */

static PyObject *load_enum(const step *s, const void *source)
{
    PyObject *number = scalar_load((op)s->scalar, source);
    if (number == NULL)
        return NULL;
    int64_t bits = s->scalar == OP_U64 ? (int64_t)PyLong_AsUnsignedLongLong(number)
                                       : PyLong_AsLongLong(number);
    Py_DECREF(number);
    return enum_member(s->aux.enumeration, bits);
}

static PyObject *load_string(const callback_plan *how, const step *s, const char *text)
{
    const sb_description *d = how->taker->b->d;
    const sb_type *unit = &d->types[s->value->value_type];
    if (text == NULL)
        Py_RETURN_NONE;
    return text_decode(d, s->value, unit, text, text_length(text, (size_t)unit->size, SIZE_MAX));
}

/* The integer that counts the elements of an array; false when it is negative. */
static bool load_length(const callback_plan *how, int index, void *const *arguments, size_t *n)
{
    const sb_type *type = &how->taker->b->d->types[how->steps[index].value->type];
    op code = scalar_op(how->taker->b->d, how->steps[index].value->type);
    uint64_t bits = 0;
    switch (scalar_size(code)) {
#define X(size, unsigned_type, signed_type)                                                      \
    case size: {                                                                                 \
        unsigned_type value;                                                                     \
        memcpy(&value, arguments[index], sizeof value);                                          \
        bits = type->kind == SB_INT ? (uint64_t)(int64_t)(signed_type)value : value;             \
        break;                                                                                   \
    }
    X(1, uint8_t, int8_t)
    X(2, uint16_t, int16_t)
    X(4, uint32_t, int32_t)
    X(8, uint64_t, int64_t)
#undef X
    default:
        return false;
    }
    *n = (size_t)bits;
    return type->kind != SB_INT || (int64_t)bits >= 0;
}

static PyObject *load_array(const callback_plan *how, const step *s, void *const *arguments,
                            const char *items)
{
    const sb_value *v = s->value;
    element e;
    size_t n = (size_t)v->fixed;
    if (items == NULL && v->length < 0)
        Py_RETURN_NONE;
    if (element_of(how->taker->b, v, &e) < 0)
        return NULL;
    if (v->flags & SB_VALUE_ZERO_TERMINATED) {
        n = array_count_to_zero(&e, items);
    }
    else if (v->length >= 0 && !load_length(how, v->length, arguments, &n)) {
        PyErr_Format(PyExc_ValueError, "C passed an array of a negative length");
        return NULL;
    }
    if (items == NULL && n > 0)
        Py_RETURN_NONE;
    return array_to_python(&e, items, n, NULL);
}

/* One argument of the Python function. Loans are taken from *loan, which is made when NULL. */
static PyObject *load(const callback_plan *how, const step *s, void *const *arguments,
                      PyObject **loan)
{
    void *source = arguments[s->index], *pointer;
    class_record *record = s->aux.record;
    if (s->flags & STEP_READS) {
        memcpy(&source, source, sizeof source);
        if (source == NULL)
            Py_RETURN_NONE;
    }
    switch ((op)s->code) {
    case OP_ENUM:
        return load_enum(s, source);
    case OP_RECORD_VALUE:
        return record_new(record, NULL, source);
    case OP_ADAPTED:
        return adapt_load(record, source);
    default:
        if (s->code != OP_GENERAL)
            return scalar_load((op)s->code, source);
        break;
    case OP_STRING:
    case OP_RECORD:
    case OP_HANDLE:
    case OP_ADAPTED_REFERENCE:
        break;
    }
    memcpy(&pointer, source, sizeof pointer);
    if (s->code == OP_STRING)
        return load_string(how, s, pointer);
    if (s->code == OP_GENERAL)
        return load_array(how, s, arguments, pointer);
    if (pointer == NULL)
        Py_RETURN_NONE;
    if (s->code == OP_ADAPTED_REFERENCE)
        return adapt_load(record, pointer);
    if (s->code == OP_HANDLE)
        return handle_new(record, NULL, pointer, NULL, false);
    void **live;
    if (*loan == NULL && (*loan = loan_new(&live)) == NULL)
        return NULL;
    live = PyCapsule_GetPointer(*loan, LOAN);
    place at = {.c = record, .owner = *loan, .live = live};
    return view_new(record, pointer, &at);
}

/* What was lent is taken back. */
static void take_back(const callback_plan *how, PyObject **given, int count, PyObject *loan)
{
    for (int i = 0, k = 0; k < count; i++) {
        const step *s = &how->steps[i];
        if (s->visible < 0)
            continue;
        if (s->code == OP_HANDLE && given[k] != Py_None)
            handle_give(s->aux.record, given[k], NULL);
        Py_DECREF(given[k++]);
    }
    if (loan != NULL) {
        *(void **)PyCapsule_GetPointer(loan, LOAN) = NULL;
        Py_DECREF(loan);
    }
}

/* ---- Python to C ----------------------------------------------------------------------------- */

static int store(const step *s, PyObject *value, void *destination)
{
    class_record *record = s->aux.record;
    void *source;
    switch ((op)s->code) {
    case OP_ENUM:
        if (enum_check(s->aux.enumeration, value) < 0)
            return -1;
        return scalar_store((op)s->scalar, value, destination);
    case OP_RECORD_VALUE:
        source = record_of(record, value);
        if (source == NULL)
            return -1;
        memcpy(destination, source, record->size);
        return 0;
    case OP_ADAPTED:
        return adapt_store(record, value, destination);
    case OP_HANDLE:
    case OP_RECORD: /* C borrows it from an object that somebody else keeps */
        source = NULL;
        if (value != Py_None) {
            source = s->code == OP_HANDLE ? handle_of(record, value) : record_of(record, value);
            if (source == NULL)
                return -1;
        }
        memcpy(destination, &source, sizeof source);
        return 0;
    case OP_ADDRESS:
        if (value == Py_None) {
            memset(destination, 0, sizeof(void *));
            return 0;
        }
        return scalar_store(OP_ADDRESS, value, destination);
    default:
        return scalar_store((op)s->code, value, destination);
    }
}

/* The C result and out parameters. */
static int store_results(const callback_plan *how, PyObject *value, void *const *arguments,
                         void *result)
{
    int count = how->out_count + how->gives_result;
    PyObject *const *items = &value;
    if (count > 1) {
        if (!PyTuple_Check(value) || PyTuple_GET_SIZE(value) != count) {
            PyErr_Format(PyExc_TypeError, "expected a tuple of %d values, got %s", count,
                         Py_TYPE(value)->tp_name);
            return -1;
        }
        items = &PyTuple_GET_ITEM(value, 0);
    }
    if (how->gives_result && store(&how->result, *items++, result) < 0)
        return -1;
    for (int i = 0; how->out_count > 0 && i < how->parameter_count; i++) {
        const step *s = &how->steps[i];
        void *destination;
        if (s->value->direction != SB_OUT)
            continue;
        memcpy(&destination, arguments[i], sizeof destination);
        PyObject *item = *items++;
        if (destination != NULL && store(s, item, destination) < 0)
            return -1;
    }
    if (how->success_code != OP_NONE && how->result_size <= sizeof how->success) {
        char *bytes = (char *)result; /* integers of any width, lowest byte first or last */
        int64_t success = how->success;
        const char *from = (const char *)&success;
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
        from += sizeof success - how->result_size;
#endif
        memcpy(bytes, from, how->result_size);
    }
    return 0;
}

/* ---- being called ---------------------------------------------------------------------------- */

static void give_error(const callback_plan *how, void *result)
{
    if (how->result_size <= RESULT_SIZE)
        memcpy(result, how->on_error, how->result_size);
    else
        memset(result, 0, how->result_size);
}

static COLD int prefix_result(const callback_plan *how)
{
    const sb_description *d = how->taker->b->d;
    return error_prefix("callback '%s' of %s(): ", sb_string(d, how->taken->py_name),
                        how->taker->def.ml_name);
}

static int run(const callback *c, void *const *arguments, void *result)
{
    const callback_plan *how = c->how;
    PyObject *stack[1 + SB_MAX_PARAMETERS], **given = stack + 1, *loan = NULL, *value = NULL;
    PyObject *callable = Py_NewRef(c->callable);
    int count = 0;
    for (int i = 0; i < how->parameter_count; i++) {
        const step *s = &how->steps[i];
        if (s->visible < 0)
            continue;
        given[count] = load(how, s, arguments, &loan);
        if (given[count] == NULL)
            break;
        count++;
    }
    if (likely(count == how->given_count) && Py_EnterRecursiveCall(" in a callback") == 0) {
        value = PyObject_Vectorcall(callable, given,
                                    (size_t)count | PY_VECTORCALL_ARGUMENTS_OFFSET, NULL);
        Py_LeaveRecursiveCall();
    }
    int status = -1;
    if (value != NULL) {
        status = store_results(how, value, arguments, result);
        if (status < 0)
            prefix_result(how);
        Py_DECREF(value);
    }
    /* Taking back may end the life of objects: whatever that raises is not ours. */
    PyObject *type, *pending, *traceback;
    if (unlikely(status < 0)) {
        PyErr_Fetch(&type, &pending, &traceback);
        take_back(how, given, count, loan);
        PyErr_Restore(type, pending, traceback);
    }
    else {
        take_back(how, given, count, loan);
    }
    Py_DECREF(callable);
    return status;
}

/* The exception waits in the call that led here, or is reported. */
static COLD void leave_exception(const callback *c, waiting_call *waiting)
{
    if (waiting == NULL) {
        PyErr_WriteUnraisable(c->callable);
        return;
    }
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    PyErr_NormalizeException(&type, &value, &traceback);
    if (traceback != NULL)
        PyException_SetTraceback(value, traceback);
    Py_XDECREF(type);
    Py_XDECREF(traceback);
    waiting->raised = value;
}

static void on_call(sb_closure *closure, void *const *arguments, void *result, void *user)
{
    (void)closure;
    callback *c = user;
    attachment a;
    __atomic_add_fetch(&c->uses, 1, __ATOMIC_RELAXED);
    if (unlikely(!attach_enter(c->home, &a))) {
        give_error(c->how, result);
        __atomic_sub_fetch(&c->uses, 1, __ATOMIC_RELAXED); /* nobody can free it any more */
        return;
    }
    if (unlikely(a.waiting != NULL && a.waiting->raised != NULL)) {
        give_error(c->how, result);
    }
    else if (unlikely(c->callable == NULL || run(c, arguments, result) < 0)) {
        give_error(c->how, result);
        if (PyErr_Occurred())
            leave_exception(c, a.waiting);
    }
    if (c->scope == SB_SCOPE_ONCE)
        let_go(c);
    use_down(c);
    attach_leave(&a);
}

/* ---- plans ----------------------------------------------------------------------------------- */

static bool is_record_pointer(const sb_description *d, sb_type_id id)
{
    const sb_type *type = &d->types[id];
    const sb_type *pointee = type->kind == SB_POINTER ? &d->types[type->target] : NULL;
    return pointee != NULL && (pointee->kind == SB_STRUCT || pointee->kind == SB_UNION) &&
           pointee->binding != SB_NONE;
}

static bool has_in(const sb_description *d, const sb_value *v)
{
    return sb_attribute_find(d, v->first_attribute, v->attribute_count, SB_ATTR_IN) != NULL;
}

static int plan_given(plan *p, callback_plan *how, step *s)
{
    const sb_value *v = s->value;
    s->visible = (int8_t)how->given_count++;
    switch ((sb_passing)v->passing) {
    case SB_PASS_VALUE:
        return plan_step_for_type(p, s, v->type);
    case SB_PASS_REFERENCE:
        if (v->flags & SB_VALUE_READONLY && has_in(p->b->d, v)) {
            s->flags |= STEP_READS; /* of the value that it points at */
            return plan_step_for_type(p, s, v->value_type);
        }
        if (plan_step_for_pointer(p, s, v->type) < 0)
            return -1;
        how->lends |= s->code == OP_RECORD;
        return 0;
    case SB_PASS_STRING:
        s->code = OP_STRING;
        return 0;
    case SB_PASS_ARRAY:
        if (is_record_pointer(p->b->d, v->value_type)) {
            PyErr_Format(PyExc_NotImplementedError,
                         "parameter '%s' of the callback: an array of pointers to structs cannot "
                         "be lent", sb_string(p->b->d, v->name));
            return -1;
        }
        s->code = OP_GENERAL;
        return 0;
    case SB_PASS_ADDRESS:
    case SB_PASS_FUNCTION:
        break;
    }
    s->code = s->scalar = OP_ADDRESS;
    return 0;
}

static int plan_parameters(plan *p, callback_plan *how, const sb_type *function)
{
    const sb_description *d = p->b->d;
    for (uint16_t i = 0; i < function->count; i++) {
        const sb_value *v = &d->params[function->first + i];
        step *s = &how->steps[i];
        s->value = v;
        s->index = (int16_t)i;
        s->visible = NO_ARGUMENT;
        if (v->direction == SB_OUT) {
            how->out_count++;
            if (plan_step_for_type(p, s, d->types[v->type].target) < 0)
                return -1;
        }
        else if (!(v->flags & SB_VALUE_HIDDEN) && plan_given(p, how, s) < 0) {
            return -1;
        }
    }
    return 0;
}

/* The value that says "fine" in a status. */
static int64_t success_of(const sb_description *d, const sb_type *status)
{
    for (uint32_t i = 0; i < status->count; i++) {
        const sb_enumerator *e = &d->enumerators[status->first + i];
        if (e->outcome == SB_OUTCOME_OK)
            return e->value;
    }
    return 0;
}

static int plan_result(plan *p, callback_plan *how, const sb_type *function)
{
    const sb_description *d = p->b->d;
    const sb_type *type = &d->types[function->target];
    step *s = &how->result;
    s->value = how->taken;
    s->index = -1;
    if (type->kind == SB_VOID)
        return 0;
    how->result_size = (size_t)type->size;
    if (type->kind == SB_ENUM && type->binding != SB_NONE && d->enums[type->binding].is_status) {
        how->success_code = (uint8_t)scalar_op(d, function->target);
        how->success = success_of(d, type);
        return 0;
    }
    how->gives_result = true;
    if (is_record_pointer(d, function->target) &&
        !(d->classes[d->types[type->target].binding].flags & (SB_CLASS_ADAPTED | SB_CLASS_HIDDEN)))
        return plan_step_for_pointer(p, s, function->target);
    return plan_step_for_type(p, s, function->target);
}

/* Of the constants that the description could name, those that fit are known to. */
static int plan_on_error(const plan *p, callback_plan *how, const sb_type *function)
{
    const sb_value *v = how->taken;
    const sb_attribute *on_error =
        sb_attribute_find(p->b->d, v->first_attribute, v->attribute_count, SB_ATTR_ON_ERROR);
    if (on_error == NULL)
        return 0;
    op code = scalar_op(p->b->d, function->target);
    if (code == OP_NONE)
        return 0;
    const sb_constant *constant = &p->b->d->arguments[on_error->first_argument];
    PyObject *value = constant_to_python(p->b->d, constant);
    if (value == Py_None)
        Py_SETREF(value, PyLong_FromLong(0));
    int status = value == NULL ? -1 : scalar_store(code, value, how->on_error);
    Py_XDECREF(value);
    return status;
}

static void callback_plan_free(callback_plan *how)
{
    if (how == NULL)
        return;
    sb_signature_release(how->signature);
    PyMem_RawFree(how);
}

static callback_plan *callback_plan_new(plan *p, const step *taken)
{
    const sb_description *d = p->b->d;
    sb_type_id id = d->types[taken->value->type].target;
    const sb_type *function = &d->types[id];
    callback_plan *how = PyMem_RawCalloc(1, sizeof *how + function->count * sizeof(step));
    if (how == NULL) {
        PyErr_NoMemory();
        return NULL;
    }
    how->taker = p;
    how->taken = taken->value;
    how->parameter_count = (uint16_t)function->count;
    sb_error error;
    if (sb_signature_new(d, id, 0, &how->signature, &error) != SB_OK) {
        PyErr_Format(error.status == SB_ERROR_MEMORY ? PyExc_MemoryError
                                                     : PyExc_NotImplementedError,
                     "a Python function cannot be passed here: %s", error.message);
        callback_plan_free(how);
        return NULL;
    }
    if (plan_parameters(p, how, function) < 0 || plan_result(p, how, function) < 0 ||
        plan_on_error(p, how, function) < 0) {
        callback_plan_free(how);
        return NULL;
    }
    return how;
}

/* Plans are made when a parameter is first given a Python function: what else it may be given, an
 * address, crosses in any case. */
static callback_plan *callback_plan_get(plan *p, const step *s)
{
    if (p->callbacks == NULL) {
        p->callbacks = PyMem_RawCalloc(p->step_count, sizeof *p->callbacks);
        if (p->callbacks == NULL) {
            PyErr_NoMemory();
            return NULL;
        }
    }
    callback_plan *how = p->callbacks[s->index];
    if (how != NULL)
        return how;
    how = callback_plan_new(p, s);
    if (how != NULL && p->callbacks[s->index] != NULL) { /* made meanwhile, by way of a class */
        callback_plan_free(how);
        return p->callbacks[s->index];
    }
    p->callbacks[s->index] = how;
    return how;
}

void callback_plans_free(plan *p)
{
    for (int i = 0; p->callbacks != NULL && i < p->step_count; i++)
        callback_plan_free(p->callbacks[i]);
    PyMem_RawFree(p->callbacks);
}

/* ---- arguments ------------------------------------------------------------------------------- */

static void set_function(const frame *f, const step *s, void (*function)(void *))
{
    void *pointer;
    memcpy(&pointer, &function, sizeof pointer);
    frame_set_pointer(f, s, pointer);
}

static int callback_load(frame *f, const step *s, PyObject *value)
{
    if (value == Py_None || value == NULL) {
        if (value == NULL || s->flags & STEP_NULLABLE) {
            frame_set_pointer(f, s, NULL);
            return 0;
        }
    }
    if (PyLong_Check(value))
        return scalar_store_argument(OP_ADDRESS, value, f->block + s->offset);
    if (!PyCallable_Check(value)) {
        PyErr_Format(PyExc_TypeError, "expected a callable%s, got %s",
                     s->flags & STEP_NULLABLE ? " or None" : "", Py_TYPE(value)->tp_name);
        return -1;
    }
    plan *p = f->plan;
    const sb_value *v = s->value;
    callback_plan *how = callback_plan_get(p, s);
    callback *c = how == NULL ? NULL : callback_new(how, s, p->b, value);
    if (c == NULL)
        return -1;
    *callback_of(f, s) = c;
    frame_set_pointer(f, s, sb_closure_code(c->closure));
    if (v->user_data >= 0)
        frame_set_pointer(f, frame_step(f, v->user_data), c);
    if (v->destroy >= 0)
        set_function(f, frame_step(f, v->destroy), on_destroy);
    return 0;
}

static void callback_release(frame *f, const step *s)
{
    callback *c = *callback_of(f, s);
    if (c == NULL)
        return;
    if (!c->taken)
        let_go(c);
    use_down(c);
}

const converter callback_converter = {
    .name = "callback",
    .load = callback_load,
    .release = callback_release,
    .storage = sizeof(callback *),
};
