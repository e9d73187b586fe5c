/* hot_array.c - the entry of quick functions that take one array of numbers, with its hidden length,
 * beside arguments that need no state: double mean(const double *values, size_t n).
 *
 * It passes the memory of a buffer whose items are exactly of the C type. Anything else - a sequence,
 * None, a foreign or misaligned format, keywords, an argument whose conversion could run Python code
 * - gives the whole call up before C was called and lets call.c do it from the beginning. (Such a
 * buffer is then asked for twice, as a memoryview of it would.)
 *
 * The buffer is taken before the other arguments are converted, and held: none of their conversions
 * runs Python code, and pointers out of objects are taken last.
 */
#include <errno.h>

#include "array.h"
#include "call.h"

#define HOT_ARRAY_STORAGE 256

/* ---- arguments --------------------------------------------------------------------------------------- */

/* A conversion that cannot run Python code: of exact numbers, or pointers out of objects. */
static inline bool is_inert(const step *s, PyObject *value)
{
    return s->visible == NO_ARGUMENT || s->code == OP_RECORD || s->code == OP_HANDLE ||
           PyLong_CheckExact(value) || PyFloat_CheckExact(value) || PyBool_Check(value);
}

static inline bool fits(const item_format *item, const Py_buffer *view)
{
    const char *format = view->format;
    return likely(format != NULL) && likely(format[0] == item->format) &&
           likely(format[1] == '\0') && likely(view->itemsize == (Py_ssize_t)1 << item->shift) &&
           likely(((uintptr_t)view->buf & (item->alignment - 1u)) == 0);
}

/* False, without an exception and holding nothing, when the call is to be given up. */
static inline bool take_buffer(const plan *p, PyObject *value, Py_buffer *view)
{
    const step *s = p->hot_array;
    const PyBufferProcs *procs = Py_TYPE(value)->tp_as_buffer;
    int writable = s->value->flags & SB_VALUE_READONLY ? 0 : PyBUF_WRITABLE;
    if (unlikely(procs == NULL || procs->bf_getbuffer == NULL))
        return false;
    if (unlikely(PyObject_GetBuffer(value, view,
                                    PyBUF_FORMAT | PyBUF_C_CONTIGUOUS | writable) < 0)) {
        PyErr_Clear(); /* raised again, with the argument's name, by the ordinary way */
        return false;
    }
    if (likely(fits(p->hot_item, view)))
        return true;
    PyBuffer_Release(view);
    return false;
}

/* All arguments but the array and its length. */
static inline int load_others(frame *f)
{
    const plan *p = f->plan;
    for (int i = 0; i < p->step_count; i++) {
        const step *s = &p->steps[p->order[i]];
        if (s == p->hot_array || s->index == p->hot_array->value->length)
            continue;
        if (unlikely(argument_load(f, s) < 0))
            return error_at_argument(p, s);
    }
    return 0;
}

/* ---- the call ------------------------------------------------------------------------------------------ */

static inline PyObject *call_loaded(frame *f)
{
    plan *p = f->plan;
    if (unlikely(p->flags & PLAN_ERRNO))
        errno = 0;
    sb_call_invoke(p->call, p->function, f->block, f->result);
    if (unlikely(p->flags & PLAN_ERRNO))
        f->saved_errno = errno;
    if (p->failure == SB_FAILS_NEVER && p->single == &p->result && p->result.code == OP_DOUBLE) {
        double number; /* the commonest result */
        memcpy(&number, f->result, sizeof number);
        return PyFloat_FromDouble(number);
    }
    if (unlikely(result_check(f) <= 0)) {
        result_drop(f, 0, true);
        return NULL;
    }
    return result_make(f);
}

static void *enter_array(void *self, void *args, void *count, void *kwnames, target *t)
{
    plan *p = (plan *)t;
    if (unlikely(kwnames != NULL || (Py_ssize_t)count != p->visible_count))
        return plan_run_with_keywords(p, self, args, (Py_ssize_t)count, kwnames);
    _Alignas(16) unsigned char block[SIMPLE_BLOCK];
    _Alignas(16) unsigned char storage[HOT_ARRAY_STORAGE];
    _Alignas(16) unsigned char result[SIMPLE_RESULT];
    frame f = {p, self, args, p->call, block, result, storage, 0, false, NULL};
    Py_buffer view;
    bool others = p->step_count > 2;
    for (int i = 0; others && i < p->step_count; i++) {
        const step *s = &p->steps[i];
        if (unlikely(s != p->hot_array && !is_inert(s, argument_of(&f, s))))
            return plan_run(p, self, args);
    }
    if (unlikely(!take_buffer(p, f.args[p->hot_array->visible], &view)))
        return plan_run(p, self, args);
    uint64_t items = (uint64_t)view.len >> p->hot_item->shift;
    frame_set_pointer(&f, p->hot_array, view.buf);
    memcpy(block + frame_step(&f, p->hot_array->value->length)->offset, &items, sizeof items);
    PyObject *value = others && load_others(&f) < 0 ? NULL : call_loaded(&f);
    PyBuffer_Release(&view);
    return value;
}

/* ---- choosing -------------------------------------------------------------------------------------------- */

/* Whether argument_load converts it, without Python code when is_inert says so. */
static bool is_light(const step *s)
{
    switch ((op)s->code) {
    case OP_I8:
    case OP_U8:
    case OP_I16:
    case OP_U16:
    case OP_I32:
    case OP_U32:
    case OP_I64:
    case OP_U64:
    case OP_BOOL:
    case OP_FLOAT:
    case OP_DOUBLE:
    case OP_RECORD:
    case OP_HANDLE:
    case OP_CONSTANT:
        return true;
    case OP_OUT:
        return !(s->flags & STEP_READS) && s->size <= 16;
    default:
        return false;
    }
}

/* The array, when it is the only step that is not light and its length is 64 bits of its own. */
static const step *only_array(const plan *p)
{
    const step *array = NULL;
    for (int i = 0; i < p->step_count; i++) {
        const step *s = &p->steps[i];
        if (s->code != OP_GENERAL) {
            if (!is_light(s) || (s->flags & STEP_OWNED && !(s->flags & STEP_RESULT)))
                return NULL;
            continue;
        }
        if (array != NULL || s->visible < 0 || array_item_format(s->converter) == NULL ||
            s->value->length < 0)
            return NULL;
        const step *length = &p->steps[s->value->length];
        if (length->code != OP_CONSTANT || length->size != 8 || length->value->partner != s->index)
            return NULL;
        array = s;
    }
    return array;
}

stub_entry plan_hot_array_entry(plan *p)
{
    if (!(p->flags & PLAN_QUICK) || p->flags & (PLAN_CONSUMES | PLAN_HAS_HANDLES) ||
        p->call->tier != SB_TIER_REGISTERS || p->call->block_size > SIMPLE_BLOCK ||
        p->call->result_size > SIMPLE_RESULT || p->storage_size > HOT_ARRAY_STORAGE ||
        p->result_count > 1 || p->result.code == OP_GENERAL ||
        p->visible_count != p->positional_count ||
        p->b->d->types[p->f->type].flags & SB_TYPE_VARIADIC)
        return NULL;
    p->hot_array = only_array(p);
    if (p->hot_array == NULL)
        return NULL;
    p->hot_item = array_item_format(p->hot_array->converter);
    return enter_array;
}
