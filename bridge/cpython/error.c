/* error.c - exceptions: where a conversion failed, and what a failed call says of itself. */
#include <errno.h>

#include "classes.h"

/* ---- prefixes -------------------------------------------------------------------------------- */

/* The pending exception, normalised and no longer pending. New reference, or NULL. */
static PyObject *take_exception(void)
{
#if PY_VERSION_HEX >= 0x030C0000
    return PyErr_GetRaisedException();
#else
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    if (type == NULL)
        return NULL;
    PyErr_NormalizeException(&type, &value, &traceback);
    if (traceback != NULL)
        PyException_SetTraceback(value, traceback);
    Py_DECREF(type);
    Py_XDECREF(traceback);
    return value;
#endif
}

/* Steals the reference. */
static void raise_again(PyObject *exception)
{
#if PY_VERSION_HEX >= 0x030C0000
    PyErr_SetRaisedException(exception);
#else
    PyErr_Restore(Py_NewRef(Py_TYPE(exception)), exception, PyException_GetTraceback(exception));
#endif
}

/* Exceptions that C code raises and whose one argument is the message. Derived classes are left
 * alone: their arguments mean what their authors say. */
static bool has_plain_message(PyObject *exception)
{
    PyObject *type = (PyObject *)Py_TYPE(exception);
    return type == PyExc_TypeError || type == PyExc_ValueError || type == PyExc_OverflowError ||
           type == PyExc_BufferError || type == PyExc_IndexError;
}

static int prefix_message(PyObject *exception, PyObject *prefix)
{
    PyObject *args = PyObject_GetAttrString(exception, "args");
    if (args == NULL)
        return -1;
    int status = 0;
    if (PyTuple_Check(args) && PyTuple_GET_SIZE(args) == 1 &&
        PyUnicode_Check(PyTuple_GET_ITEM(args, 0))) {
        PyObject *message = PyUnicode_Concat(prefix, PyTuple_GET_ITEM(args, 0));
        PyObject *changed = message == NULL ? NULL : PyTuple_Pack(1, message);
        status = changed == NULL ? -1 : PyObject_SetAttrString(exception, "args", changed);
        Py_XDECREF(changed);
        Py_XDECREF(message);
    }
    Py_DECREF(args);
    return status;
}

/* Unicode errors keep their type and attributes; their reason says where: "surrogates not allowed,
 * in echo() argument 'text'". */
static int prefix_reason(PyObject *exception, PyObject *prefix, bool encoding)
{
    PyObject *reason = encoding ? PyUnicodeEncodeError_GetReason(exception)
                                : PyUnicodeDecodeError_GetReason(exception);
    Py_ssize_t length = PyUnicode_GET_LENGTH(prefix);
    if (length >= 2 && PyUnicode_READ_CHAR(prefix, length - 2) == ':')
        length -= 2;
    PyObject *where = reason == NULL ? NULL : PyUnicode_Substring(prefix, 0, length);
    PyObject *changed = where == NULL ? NULL : PyUnicode_FromFormat("%U, in %U", reason, where);
    const char *text = changed == NULL ? NULL : PyUnicode_AsUTF8(changed);
    int status = -1;
    if (text != NULL)
        status = encoding ? PyUnicodeEncodeError_SetReason(exception, text)
                          : PyUnicodeDecodeError_SetReason(exception, text);
    Py_XDECREF(changed);
    Py_XDECREF(where);
    Py_XDECREF(reason);
    return status;
}

/* Steals the reference to prefix, which may be NULL (then the exception stays as it was). */
static int put_prefix(PyObject *exception, PyObject *prefix)
{
    PyObject *type = (PyObject *)Py_TYPE(exception);
    PyObject *traceback = PyException_GetTraceback(exception);
    int status = 0;
    if (traceback != NULL)
        Py_DECREF(traceback); /* Python code raised it */
    else if (prefix == NULL)
        status = -1;
    else if (type == PyExc_UnicodeEncodeError || type == PyExc_UnicodeDecodeError)
        status = prefix_reason(exception, prefix, type == PyExc_UnicodeEncodeError);
    else if (has_plain_message(exception))
        status = prefix_message(exception, prefix);
    if (status < 0)
        PyErr_Clear();
    Py_XDECREF(prefix);
    raise_again(exception);
    return -1;
}

int error_prefix(const char *format, ...)
{
    PyObject *exception = take_exception();
    if (exception == NULL)
        return -1;
    va_list arguments;
    va_start(arguments, format);
    PyObject *prefix = PyUnicode_FromFormatV(format, arguments);
    va_end(arguments);
    return put_prefix(exception, prefix);
}

/* ---- names for messages ---------------------------------------------------------------------- */

static const char *const dunders[SB_SLOT_COUNT] = {
#define X(id, spelling, dunder, operands) [SB_SLOT_##id] = dunder,
    SB_SLOTS(X)
#undef X
};

/* "fact()", "Point.dist()", "Point()" for a constructor, "Point.norm" for a property. */
static PyObject *function_name(const plan *p)
{
    const sb_description *d = p->b->d;
    const sb_function *f = p->f;
    const char *name = sb_string(d, f->name);
    const sb_class *c = f->class_index == SB_NONE ? NULL : &d->classes[f->class_index];
    const char *call = "()";
    uint32_t scope = f->scope;
    if (c != NULL && f->role == SB_ROLE_CONSTRUCTOR) {
        name = sb_string(d, c->name);
        scope = c->scope;
    }
    else if (c != NULL && f->role != SB_ROLE_FUNCTION) {
        scope = c->inner_scope;
        if (f->role == SB_ROLE_SLOT)
            name = dunders[f->slot];
        if (f->role == SB_ROLE_GETTER || f->role == SB_ROLE_SETTER)
            call = "";
    }
    PyObject *qualified = binding_qualified_name(p->b, scope, name);
    if (qualified != NULL)
        Py_SETREF(qualified, PyUnicode_FromFormat("%U%s", qualified, call));
    return qualified;
}

int error_at_argument(const plan *p, const step *s)
{
    PyObject *exception = take_exception();
    if (exception == NULL)
        return -1;
    PyObject *name = function_name(p), *prefix = NULL;
    const char *c_name = sb_string(p->b->d, s->value->name);
    if (name == NULL)
        prefix = NULL;
    else if (p->f->role == SB_ROLE_SETTER || p->f->role == SB_ROLE_GETTER)
        prefix = PyUnicode_FromFormat("%U: ", name);
    else if (s->visible >= 0 && PyUnicode_GetLength(p->names[s->visible]) > 0)
        prefix = PyUnicode_FromFormat("%U argument '%U': ", name, p->names[s->visible]);
    else if (s->visible >= 0)
        prefix = PyUnicode_FromFormat("%U argument %d: ", name, s->visible + 1);
    else if (s->visible == SELF_ARGUMENT || c_name[0] == '\0')
        prefix = PyUnicode_FromFormat("%U: ", name);
    else
        prefix = PyUnicode_FromFormat("%U parameter '%s': ", name, c_name);
    Py_XDECREF(name);
    return put_prefix(exception, prefix);
}

/* ---- errors of the engine -------------------------------------------------------------------- */

/* The number of characters in the first `bytes` bytes of UTF-8. */
static Py_ssize_t count_characters(const char *text, uint32_t bytes)
{
    Py_ssize_t n = 0;
    for (uint32_t i = 0; i < bytes && text[i] != '\0'; i++)
        if (((unsigned char)text[i] & 0xc0) != 0x80)
            n++;
    return n;
}

static PyObject *decode(const char *text)
{
    return PyUnicode_DecodeUTF8(text, (Py_ssize_t)strlen(text), "replace");
}

/* With a place in a file, as a SyntaxError wants it: offset counts characters of `text` from 1, so
 * that the caret of a traceback stands under what is wrong. */
static PyObject *description_error(bridge_state *state, const sb_error *error, const char *file)
{
    PyObject *message = decode(error->message), *exception = NULL;
    PyObject *filename = file == NULL ? Py_NewRef(Py_None) : PyUnicode_DecodeFSDefault(file);
    PyObject *text = error->line == 0 ? Py_NewRef(Py_None) : decode(error->excerpt);
    if (message != NULL && filename != NULL && text != NULL) {
        if (error->line != 0)
            exception = PyObject_CallFunction(
                state->description_error, "O(OnnO)", message, filename, (Py_ssize_t)error->line,
                count_characters(error->excerpt, error->caret) + 1, text);
        else
            exception = PyObject_CallFunction(state->description_error, "O(OOOO)", message,
                                              filename, Py_None, Py_None, Py_None);
    }
    Py_XDECREF(text);
    Py_XDECREF(filename);
    Py_XDECREF(message);
    return exception;
}

PyObject *error_from_engine(bridge_state *state, const sb_error *error, const char *file)
{
    PyObject *exception = NULL, *message = NULL;
    switch (error->status) {
    case SB_ERROR_MEMORY:
        return PyErr_NoMemory();
    case SB_ERROR_LIBRARY:
    case SB_ERROR_SYMBOL:
        message = decode(error->message);
        if (message != NULL)
            exception = PyObject_CallOneArg(error->status == SB_ERROR_LIBRARY
                                                ? state->library_error
                                                : state->symbol_error,
                                            message);
        Py_XDECREF(message);
        break;
    default:
        exception = description_error(state, error, file);
    }
    if (exception != NULL)
        PyErr_SetObject((PyObject *)Py_TYPE(exception), exception);
    Py_XDECREF(exception);
    return NULL;
}

/* ---- exception classes ----------------------------------------------------------------------- */

static PyObject *standard_exception(const char *name)
{
    PyObject *builtins = PyImport_ImportModule("builtins");
    PyObject *found = builtins == NULL ? NULL : PyObject_GetAttrString(builtins, name);
    Py_XDECREF(builtins);
    if (found != NULL && !PyExceptionClass_Check(found)) {
        PyErr_Format(PyExc_SystemError, "builtins.%s is no exception", name);
        Py_CLEAR(found);
    }
    return found;
}

static PyObject *own_exception(binding *b, const sb_exception *e)
{
    const sb_description *d = b->d;
    PyObject *base = PyExc_Exception;
    if (e->base != SB_NONE)
        base = exception_get(b, e->base);
    PyObject *module = base == NULL ? NULL : binding_module_name(b, 0);
    PyObject *full = NULL, *exception = NULL;
    if (module != NULL)
        full = PyUnicode_FromFormat("%U.%s", module, sb_string(d, e->name));
    const char *name = full == NULL ? NULL : PyUnicode_AsUTF8(full);
    if (name != NULL)
        exception = PyErr_NewExceptionWithDoc(
            name, e->doc == 0 ? NULL : sb_string(d, e->doc), base, NULL);
    Py_XDECREF(full);
    Py_XDECREF(module);
    return exception;
}

PyObject *exception_get(binding *b, uint32_t index)
{
    if (b->exceptions[index] == NULL) {
        const sb_exception *e = &b->d->exceptions[index];
        PyObject *made = e->standard ? standard_exception(sb_string(b->d, e->name))
                                     : own_exception(b, e);
        if (made == NULL)
            return NULL;
        if (b->exceptions[index] == NULL)
            b->exceptions[index] = made;
        else
            Py_DECREF(made);
    }
    return b->exceptions[index];
}

/* ---- the library's own words ----------------------------------------------------------------- */

static PyObject *argument_object(const frame *f, const step *s)
{
    return s->visible >= 0 ? f->args[s->visible] : s->visible == SELF_ARGUMENT ? f->self : NULL;
}

/* The pointer inside o, or inside what o keeps alive, when that is of class c; else NULL. */
static void *handle_among_owners(class_record *c, PyObject *o)
{
    for (int depth = 0; o != NULL && depth < SB_MAX_NESTING; depth++) {
        class_record *of = class_of_type(Py_TYPE(o));
        if (of == NULL || of->b != c->b)
            return NULL;
        if (PyObject_TypeCheck(o, c->type)) {
            void *handle = c->c->flags & SB_CLASS_OPAQUE ? handle_of(c, o) : record_of(c, o);
            PyErr_Clear();
            return handle;
        }
        if (of->owner_offset == 0)
            return NULL;
        o = *(PyObject **)(void *)((char *)o + of->owner_offset);
    }
    return NULL;
}

/* The handle of a class that takes part in the call: an argument, the owner of one, or what the
 * failed call itself has made (as sqlite3_open does). NULL without an exception: none. */
static void *handle_in_call(const frame *f, uint32_t class_index)
{
    class_record *c = f->plan->b->classes[class_index];
    if (c == NULL || c->type == NULL)
        return NULL;
    for (int i = 0; i < f->plan->step_count; i++) {
        const step *s = frame_step(f, i);
        void *handle = NULL;
        if (s->code == OP_HANDLE || s->code == OP_RECORD)
            handle = handle_among_owners(c, argument_object(f, s));
        else if (s->code == OP_OUT && s->scalar == OP_HANDLE && s->aux.record == c)
            memcpy(&handle, frame_storage(f, s), sizeof handle);
        if (handle != NULL)
            return handle;
    }
    return NULL;
}

/* Calls a message function with the bits of its argument, if it takes any. A str, or NULL. */
static PyObject *call_message(plan *p, uint64_t bits)
{
    _Alignas(16) unsigned char block[SIMPLE_BLOCK];
    _Alignas(16) unsigned char result[SIMPLE_RESULT];
    if (p->call->block_size > sizeof block || p->call->result_size > sizeof result)
        return NULL;
    memset(block, 0, p->call->block_size);
    if (p->step_count > 0)
        memcpy(block + p->call->args[0].offset, &bits, sizeof bits);
    sb_call_invoke(p->call, p->function, block, result);
    char *text;
    memcpy(&text, result, sizeof text);
    if (text == NULL)
        return NULL;
    PyObject *message = text[0] == '\0' ? NULL : decode(text);
    if (p->result.flags & STEP_OWNED) {
        if (p->result.release_plan != NULL)
            plan_call_pointer(p->result.release_plan, text);
        else
            free(text);
    }
    return message;
}

/* How well a message function fits the failed call; 0: not at all. */
enum { FITS_ANY = 1, FITS_STATUS, FITS_HANDLE };

/* Clears *fixed when that depends on the arguments. */
static int message_fit(const frame *f, const sb_function *message, int64_t status, uint64_t *bits,
                       bool *fixed)
{
    const plan *p = f->plan;
    const sb_description *d = p->b->d;
    if (message->param_count == 0)
        return FITS_ANY;
    const sb_value *v = &d->params[message->first_param];
    const sb_type *t = &d->types[v->type];
    if (t->kind == SB_POINTER) {
        uint32_t class_index = d->types[t->target].binding;
        void *handle = class_index == SB_NONE ? NULL : handle_in_call(f, class_index);
        *fixed &= class_index == SB_NONE;
        *bits = (uint64_t)(uintptr_t)handle;
        return handle == NULL ? 0 : FITS_HANDLE;
    }
    /* The status itself: the same enum, or an integer code of [[fails]] of the same type. */
    if (v->type != p->f->result.type ||
        (p->failure != SB_FAILS_STATUS && p->failure != SB_FAILS_NONZERO &&
         p->failure != SB_FAILS_NEGATIVE))
        return 0;
    *bits = (uint64_t)status;
    return FITS_STATUS;
}

/* The function that fits best, with the bits of its argument; NULL, maybe with an exception. */
static plan *choose_message(const frame *f, int64_t status, uint64_t *argument)
{
    binding *b = f->plan->b;
    const sb_description *d = b->d;
    int best = 0;
    uint32_t chosen = 0;
    bool fixed = true;
    for (uint32_t i = 0; i < d->message_count; i++) {
        uint32_t function = (uint32_t)d->arguments[d->first_message + i].as.u;
        uint64_t bits = 0;
        int fit = message_fit(f, &d->functions[function], status, &bits, &fixed);
        if (fit > best) {
            best = fit;
            chosen = function;
            *argument = bits;
        }
    }
    plan *p = best == 0 ? NULL : plan_get(b, chosen);
    if (p != NULL && fixed)
        __atomic_store_n(&f->plan->message, p, __ATOMIC_RELEASE);
    return p;
}

/* What the library says of the failure: a new str, or NULL without an exception. */
static PyObject *library_message(const frame *f, int64_t status)
{
    uint64_t argument = (uint64_t)status;
    plan *p = __atomic_load_n(&f->plan->message, __ATOMIC_ACQUIRE);
    if (unlikely(p == NULL))
        p = choose_message(f, status, &argument);
    PyObject *message = p == NULL ? NULL : call_message(p, argument);
    if (message == NULL)
        PyErr_Clear();
    return message;
}

/* ---- raising --------------------------------------------------------------------------------- */

/* The arguments that an OSError names: at most two. Borrowed. */
static void filenames_of(const frame *f, PyObject **first, PyObject **second)
{
    *first = *second = NULL;
    for (int i = 0; i < f->plan->step_count; i++) {
        const step *s = frame_step(f, i);
        PyObject *value = s->value->flags & SB_VALUE_FILENAME ? argument_object(f, s) : NULL;
        if (value == NULL || value == Py_None)
            continue;
        if (*first == NULL) {
            *first = value;
        }
        else {
            *second = value;
            return;
        }
    }
}

/* OSError(errno, text, filename), which becomes FileNotFoundError and its like by itself. */
static void raise_errno(PyObject *exception, const frame *f)
{
    PyObject *first, *second;
    filenames_of(f, &first, &second);
    first = first == NULL ? NULL : PyOS_FSPath(first);
    second = second == NULL ? NULL : PyOS_FSPath(second);
    PyErr_Clear();
    errno = f->saved_errno;
    PyErr_SetFromErrnoWithFilenameObjects(exception, first, second);
    Py_XDECREF(first);
    Py_XDECREF(second);
}

/* By the chain of layouts: OSError has one of its own, so it is in the chain of all that derive
 * from it, and PyType_IsSubtype need not be asked. */
static bool is_os_error(PyObject *exception)
{
    const PyTypeObject *type = (PyTypeObject *)exception;
    while (type != NULL && type != (PyTypeObject *)PyExc_OSError)
        type = type->tp_base;
    return type != NULL;
}

/* Steals the reference to message; NULL with an exception set means that making it failed. */
static PyObject *raise_message(PyObject *exception, PyObject *message)
{
    if (message != NULL)
        PyErr_SetObject(exception, message);
    Py_XDECREF(message);
    return NULL;
}

/* "core_fact failed with CORE_OVERFLOW", for want of better words. */
static PyObject *status_text(const plan *p, const sb_enumerator *e, int64_t status)
{
    const sb_description *d = p->b->d;
    const sb_type *t = &d->types[p->f->result.type];
    const char *symbol = sb_string(d, p->f->symbol);
    if (e != NULL)
        return PyUnicode_FromFormat("%s failed with %s", symbol, sb_string(d, e->name));
    const char *tag = sb_string(d, t->name);
    return PyUnicode_FromFormat("%s failed with status %lld (not in enum %s)", symbol,
                                (long long)status, tag[0] == '\0' ? "of its result" : tag);
}

PyObject *error_from_status(plan *p, frame *f, int64_t status, const sb_enumerator *e)
{
    binding *b = p->b;
    const sb_description *d = b->d;
    const sb_type *t = &d->types[p->f->result.type];
    uint32_t index = d->enums[t->binding].exception;
    if (e != NULL && e->outcome == SB_OUTCOME_RAISE)
        index = e->exception;
    index = index == SB_NONE ? 0 : index;
    PyObject *exception = b->exceptions[index];
    if (unlikely(exception == NULL))
        exception = exception_get(b, index);
    if (exception == NULL)
        return NULL;
    if (is_os_error(exception) && f->saved_errno != 0) {
        raise_errno(exception, f);
        return NULL;
    }
    PyObject *message = library_message(f, status);
    return raise_message(exception, message != NULL ? message : status_text(p, e, status));
}

PyObject *error_from_failure(plan *p, frame *f)
{
    PyObject *exception = exception_get(p->b, p->f->exception == SB_NONE ? 0 : p->f->exception);
    if (exception == NULL)
        return NULL;
    if (is_os_error(exception) && f->saved_errno != 0) {
        raise_errno(exception, f);
        return NULL;
    }
    int64_t code;
    memcpy(&code, f->result, sizeof code);
    PyObject *message = library_message(f, code);
    if (message == NULL) {
        const char *symbol = sb_string(p->b->d, p->f->symbol);
        message = p->failure == SB_FAILS_NULL
                      ? PyUnicode_FromFormat("%s returned NULL", symbol)
                      : PyUnicode_FromFormat("%s returned %lld", symbol, (long long)code);
    }
    return raise_message(exception, message);
}
