/* plan.c - from what a description says of a function to how a call of it runs.
 *
 * A plan is made at a function's first use: which argument goes through which converter to which
 * place of the argument block, what comes back, and which entry runs it. call.c executes plans.
 */
#include "callback.h"

/* ---- text signature and docstring ----------------------------------------------------------------- */

/* A growing string; on allocation failure `text` is NULL and stays so. */
typedef struct text {
    char *text;
    size_t length, capacity;
} text;

static void text_add(text *t, const char *more, size_t n)
{
    if (t->text == NULL)
        return;
    if (t->length + n + 1 > t->capacity) {
        size_t capacity = (t->length + n + 1) * 2;
        char *grown = PyMem_RawRealloc(t->text, capacity);
        if (grown == NULL) {
            PyMem_RawFree(t->text);
            t->text = NULL;
            return;
        }
        t->text = grown;
        t->capacity = capacity;
    }
    memcpy(t->text + t->length, more, n);
    t->length += n;
    t->text[t->length] = '\0';
}

static void text_add_string(text *t, const char *more)
{
    text_add(t, more, strlen(more));
}

static void text_add_default(text *t, PyObject *value)
{
    PyObject *repr = PyObject_Repr(value);
    const char *utf8 = repr == NULL ? NULL : PyUnicode_AsUTF8(repr);
    /* A signature is parsed as Python, so only literals may stand in it. */
    text_add_string(t, utf8 == NULL || utf8[0] == '<' ? "..." : utf8);
    Py_XDECREF(repr);
    PyErr_Clear();
}

/* What inspect.signature reads: "name($self, a, b=1, *, c)\n--\n\ndoc". */
static char *make_doc(plan *p, const char *name)
{
    text t = {PyMem_RawMalloc(256), 0, 256};
    if (t.text == NULL) {
        PyErr_NoMemory();
        return NULL;
    }
    t.text[0] = '\0';
    text_add_string(&t, name);
    text_add_string(&t, "(");
    const char *separator = "";
    if (p->f->role == SB_ROLE_CLASS_METHOD) {
        text_add_string(&t, "$type");
        separator = ", ";
    }
    else if (p->flags & PLAN_METHOD) {
        text_add_string(&t, "$self");
        separator = ", ";
    }
    else if (p->b->d->scopes[p->f->scope].class_index == SB_NONE) {
        text_add_string(&t, "$module");
        separator = ", ";
    }
    bool slash_due = p->positional_only_count > 0;
    if (slash_due && p->visible_count == 0)
        slash_due = false;
    for (int i = 0; i < p->visible_count; i++) {
        if (i == p->positional_count) {
            text_add_string(&t, separator);
            text_add_string(&t, "*");
            separator = ", ";
        }
        text_add_string(&t, separator);
        separator = ", ";
        const char *argument = PyUnicode_AsUTF8(p->names[i]);
        char unnamed[16];
        if (argument == NULL || argument[0] == '\0') {
            PyErr_Clear();
            snprintf(unnamed, sizeof unnamed, "arg%d", i + 1);
            argument = unnamed;
        }
        text_add_string(&t, argument);
        if (p->defaults[i] != NULL) {
            text_add_string(&t, "=");
            text_add_default(&t, p->defaults[i]);
        }
        if (slash_due && i + 1 == p->positional_only_count)
            text_add_string(&t, ", /");
    }
    if (p->b->d->types[p->f->type].flags & SB_TYPE_VARIADIC) {
        text_add_string(&t, separator);
        text_add_string(&t, "*arguments");
    }
    text_add_string(&t, ")\n--\n\n");
    text_add_string(&t, sb_string(p->b->d, p->f->doc));
    if (t.text == NULL)
        PyErr_NoMemory();
    return t.text;
}

/* ---- defaults and constants -------------------------------------------------------------------------- */

PyObject *constant_to_python(const sb_description *d, const sb_constant *c)
{
    switch ((sb_constant_kind)c->kind) {
    case SB_CONST_INT:
        return PyLong_FromLongLong(c->as.i);
    case SB_CONST_UINT:
        return PyLong_FromUnsignedLongLong(c->as.u);
    case SB_CONST_FLOAT:
        return PyFloat_FromDouble(c->as.f);
    case SB_CONST_STRING:
        return PyUnicode_DecodeUTF8(sb_string(d, c->as.s), c->length, NULL);
    case SB_CONST_BOOL:
        return PyBool_FromLong(c->as.i != 0);
    case SB_CONST_NULL:
        Py_RETURN_NONE;
    case SB_CONST_NONE:
    case SB_CONST_NAME:
        break;
    }
    PyErr_SetString(PyExc_SystemError, "a default that is no constant");
    return NULL;
}

/* The 64 bits of a [[value(...)]] argument. */
static uint64_t constant_bits(const sb_description *d, const sb_constant *c, op code)
{
    uint64_t bits = 0;
    switch ((sb_constant_kind)c->kind) {
    case SB_CONST_INT:
    case SB_CONST_UINT:
    case SB_CONST_BOOL:
        bits = c->as.u;
        if (code == OP_DOUBLE || code == OP_FLOAT) {
            double number = c->kind == SB_CONST_UINT ? (double)c->as.u : (double)c->as.i;
            float narrow = (float)number;
            bits = 0;
            if (code == OP_DOUBLE)
                memcpy(&bits, &number, sizeof number);
            else
                memcpy(&bits, &narrow, sizeof narrow);
        }
        break;
    case SB_CONST_FLOAT: {
        float narrow = (float)c->as.f;
        if (code == OP_FLOAT)
            memcpy(&bits, &narrow, sizeof narrow);
        else
            memcpy(&bits, &c->as.f, sizeof bits);
        break;
    }
    case SB_CONST_STRING:
        bits = (uint64_t)(uintptr_t)sb_string(d, c->as.s);
        break;
    case SB_CONST_NULL:
    case SB_CONST_NONE:
    case SB_CONST_NAME:
        break;
    }
    return bits;
}

/* ---- steps ------------------------------------------------------------------------------------------------ */

static const sb_type *type_of(binding *b, sb_type_id id)
{
    return &b->d->types[id];
}

static bool is_record(const sb_type *t)
{
    return t->kind == SB_STRUCT || t->kind == SB_UNION;
}

static int unsupported(plan *p, const sb_value *v, const char *what)
{
    char spelling[256];
    sb_type_spell(p->b->d, v->type, v->quals, NULL, spelling, sizeof spelling);
    PyErr_Format(PyExc_NotImplementedError, "%s: '%s %s' (line %u of the description): %s",
                 sb_string(p->b->d, p->f->symbol), spelling, sb_string(p->b->d, v->name),
                 (unsigned)v->line, what);
    return -1;
}

int plan_step_for_type(plan *p, step *s, sb_type_id id)
{
    const sb_type *t = type_of(p->b, id);
    s->size = (uint32_t)t->size;
    if (t->kind == SB_ENUM && t->binding != SB_NONE) {
        s->code = OP_ENUM;
        s->scalar = (uint8_t)scalar_op(p->b->d, id);
        s->aux.enumeration = enum_get(p->b, t->binding);
        return s->aux.enumeration == NULL ? -1 : 0;
    }
    if (is_record(t)) {
        if (t->binding == SB_NONE)
            return unsupported(p, s->value,
                               t->flags & SB_TYPE_FOREIGN
                                   ? "only a compiler knows how this type is passed"
                                   : "a record without a name has no class");
        s->aux.record = class_get(p->b, t->binding);
        if (s->aux.record == NULL)
            return -1;
        s->code = s->aux.record->c->flags & SB_CLASS_ADAPTED ? OP_ADAPTED : OP_RECORD_VALUE;
        return 0;
    }
    s->code = s->scalar = (uint8_t)scalar_op(p->b->d, id);
    if (s->code == OP_NONE)
        return unsupported(p, s->value, "no value of this type can cross");
    return 0;
}

/* For what a pointer points at, when the value crosses as that: out parameters, handles. */
int plan_step_for_pointer(plan *p, step *s, sb_type_id pointer)
{
    const sb_type *pointee = type_of(p->b, type_of(p->b, pointer)->target);
    if (!is_record(pointee) || pointee->binding == SB_NONE)
        return unsupported(p, s->value, "a pointer to a record with a class was expected");
    s->aux.record = class_get(p->b, pointee->binding);
    if (s->aux.record == NULL)
        return -1;
    uint32_t flags = s->aux.record->c->flags;
    s->code = flags & SB_CLASS_OPAQUE    ? OP_HANDLE
              : flags & SB_CLASS_ADAPTED ? OP_ADAPTED_REFERENCE
                                         : OP_RECORD;
    s->size = sizeof(void *);
    return 0;
}

static int step_general(step *s, const converter *c)
{
    if (c == NULL)
        return -1;
    s->code = OP_GENERAL;
    s->converter = c;
    return 0;
}

static int plan_free_function(plan *p, step *s)
{
    const sb_value *v = s->value;
    if (!(v->flags & SB_VALUE_OWNED) || v->free_function == SB_NONE)
        return 0;
    s->release_plan = plan_get(p->b, v->free_function);
    return s->release_plan == NULL ? -1 : 0;
}

/* A parameter that the function fills, or changes: `storage` holds the value, the block its
 * address. OP_OUT keeps what the value is in `scalar`. */
static int step_out(plan *p, step *s)
{
    const sb_value *v = s->value;
    sb_type_id pointee = type_of(p->b, v->type)->target;
    int status = v->passing == SB_PASS_REFERENCE && (v->flags & SB_VALUE_CALLEE_ALLOCATED)
                     ? plan_step_for_pointer(p, s, pointee)
                     : plan_step_for_type(p, s, pointee);
    if (status < 0)
        return -1;
    if (s->code != OP_ENUM)
        s->scalar = s->code;
    else
        s->flags |= STEP_ENUM;
    s->code = OP_OUT;
    bool passed_only = v->direction == SB_INOUT && v->flags & SB_VALUE_READONLY;
    if (!(v->flags & (SB_VALUE_HIDDEN | SB_VALUE_IS_LENGTH)) && !passed_only)
        s->flags |= STEP_RESULT;
    if (v->direction == SB_INOUT && s->visible != NO_ARGUMENT)
        s->flags |= STEP_READS;
    return 0;
}

static int step_parameter(plan *p, step *s)
{
    const sb_value *v = s->value;
    if (v->flags & SB_VALUE_NULLABLE)
        s->flags |= STEP_NULLABLE;
    if (v->flags & SB_VALUE_OWNED)
        s->flags |= STEP_OWNED;
    if (v->flags & SB_VALUE_HIDDEN && v->constant.kind != SB_CONST_NONE) {
        s->code = OP_CONSTANT;
        s->aux.constant = constant_bits(p->b->d, &v->constant, scalar_op(p->b->d, v->type));
        return 0;
    }
    if (v->flags & (SB_VALUE_USER_DATA | SB_VALUE_DESTROY)) {
        s->code = OP_CONSTANT; /* NULL until the callback's converter writes it */
        s->size = sizeof(void *);
        return 0;
    }
    switch ((sb_passing)v->passing) {
    case SB_PASS_VALUE:
        if (v->direction != SB_IN)
            return step_out(p, s);
        if (v->flags & SB_VALUE_HIDDEN && v->flags & SB_VALUE_IS_LENGTH) {
            s->code = OP_CONSTANT; /* zero until the array's converter writes it */
            s->size = (uint32_t)type_of(p->b, v->type)->size;
            return 0;
        }
        return plan_step_for_type(p, s, v->type);
    case SB_PASS_REFERENCE:
        return v->direction == SB_IN ? plan_step_for_pointer(p, s, v->type) : step_out(p, s);
    case SB_PASS_STRING:
        if (v->direction == SB_IN && v->flags & SB_VALUE_READONLY && v->encoding == 0 &&
            !(v->flags & (SB_VALUE_BYTES | SB_VALUE_FILENAME | SB_VALUE_NULLABLE)) &&
            type_of(p->b, v->value_type)->kind == SB_CHAR) {
            s->code = OP_STRING;
            return 0;
        }
        if (v->direction != SB_IN && !(v->flags & SB_VALUE_HIDDEN))
            s->flags |= STEP_RESULT;
        return step_general(s, text_converter(p->b, v, false));
    case SB_PASS_ARRAY:
        if (v->direction != SB_IN && !(v->flags & SB_VALUE_HIDDEN))
            s->flags |= STEP_RESULT;
        return step_general(s, array_converter(p->b, v, false));
    case SB_PASS_ADDRESS:
        return step_general(s, &address_converter);
    case SB_PASS_FUNCTION:
        if (v->direction == SB_IN && !(v->flags & SB_VALUE_HIDDEN)) {
            p->flags |= PLAN_ANNOUNCED | PLAN_CALLS_BACK;
            if (v->scope != SB_SCOPE_CALL)
                p->flags |= PLAN_CALLBACKS;
            return step_general(s, &callback_converter);
        }
        s->code = s->scalar = OP_ADDRESS;
        return 0;
    }
    return unsupported(p, v, "unknown way of passing");
}

static int step_result(plan *p)
{
    step *s = &p->result;
    const sb_value *v = &p->f->result;
    const sb_type *t = type_of(p->b, v->type);
    s->value = v;
    s->index = -1;
    s->visible = NO_ARGUMENT;
    s->size = (uint32_t)t->size;
    if (t->kind == SB_VOID)
        return 0;
    if (v->flags & SB_VALUE_OWNED || p->f->role == SB_ROLE_CONSTRUCTOR)
        s->flags |= STEP_OWNED;
    if (v->flags & SB_VALUE_NULLABLE)
        s->flags |= STEP_NULLABLE;
    if (!(v->flags & SB_VALUE_HIDDEN))
        s->flags |= STEP_RESULT;
    else {
        /* A status or failure code: only its integer matters. */
        s->code = s->scalar = (uint8_t)scalar_op(p->b->d, v->type);
        return 0;
    }
    switch ((sb_passing)v->passing) {
    case SB_PASS_VALUE:
        if (plan_step_for_type(p, s, v->type) < 0)
            return -1;
        break;
    case SB_PASS_REFERENCE:
        if (plan_step_for_pointer(p, s, v->type) < 0)
            return -1;
        break;
    case SB_PASS_STRING:
        if (v->encoding == 0 && !(v->flags & (SB_VALUE_BYTES | SB_VALUE_OWNED)) &&
            type_of(p->b, v->value_type)->kind == SB_CHAR) {
            s->code = OP_STRING;
            break;
        }
        if (step_general(s, text_converter(p->b, v, true)) < 0)
            return -1;
        break;
    case SB_PASS_ARRAY:
        if (step_general(s, array_converter(p->b, v, true)) < 0)
            return -1;
        break;
    case SB_PASS_ADDRESS:
    case SB_PASS_FUNCTION:
        s->code = s->scalar = OP_ADDRESS;
        break;
    }
    return plan_free_function(p, s);
}

/* What may run Python code (numbers, sequences, buffers) comes before what hands out pointers into
 * objects, so that such code cannot close what was already converted. Lengths come first. */
static int step_rank(const step *s)
{
    switch ((op)s->code) {
    case OP_RECORD:
    case OP_HANDLE:
    case OP_RECORD_VALUE:
    case OP_STRING:
        return 3;
    case OP_CONSTANT:
        return 0;
    case OP_OUT:
        return s->flags & STEP_READS ? 1 : 0;
    case OP_GENERAL: /* room for what is given depends on lengths of what is taken */
        return s->value->direction == SB_OUT ? 3 : 2;
    default:
        return 1;
    }
}

/* ---- arguments as the user sees them --------------------------------------------------------------------- */

/* Whether parameter v is one of the user's arguments. */
static bool is_visible(const sb_value *v)
{
    if (v->flags & (SB_VALUE_HIDDEN | SB_VALUE_SELF))
        return false;
    if (v->direction == SB_OUT)
        return false;
    return true;
}

static int plan_arguments(plan *p)
{
    const sb_value *params = p->b->d->params + p->f->first_param;
    int n = 0;
    bool keyword_only = false;
    for (int i = 0; i < p->step_count; i++) {
        const sb_value *v = &params[i];
        step *s = &p->steps[i];
        s->value = v;
        s->index = (int16_t)i;
        s->visible = NO_ARGUMENT;
        if (v->flags & SB_VALUE_SELF) {
            s->visible = SELF_ARGUMENT;
            continue;
        }
        if (!is_visible(v))
            continue;
        s->visible = (int8_t)n;
        const char *name = sb_string(p->b->d, v->py_name);
        p->names[n] = PyUnicode_InternFromString(name);
        if (p->names[n] == NULL)
            return -1;
        if (v->constant.kind != SB_CONST_NONE) {
            p->defaults[n] = constant_to_python(p->b->d, &v->constant);
            if (p->defaults[n] == NULL)
                return -1;
        }
        if (v->flags & SB_VALUE_KEYWORD_ONLY)
            keyword_only = true;
        n++;
        if (!keyword_only)
            p->positional_count = (uint8_t)n;
        if (v->constant.kind == SB_CONST_NONE)
            p->required_count = (uint8_t)n;
        if (name[0] == '\0')
            p->positional_only_count = (uint8_t)n;
    }
    if (type_of(p->b, p->f->type)->flags & SB_TYPE_VARIADIC)
        p->positional_only_count = (uint8_t)n; /* see enter_variadic */
    p->visible_count = (uint8_t)n;
    return 0;
}

/* ---- a plan ------------------------------------------------------------------------------------------------- */

static uint32_t align_up(uint32_t n, uint32_t alignment)
{
    return (n + alignment - 1) & ~(alignment - 1);
}

/* Places in the argument block and in the storage; the entry that fits. */
static void plan_layout(plan *p)
{
    bool simple = p->call->tier == SB_TIER_REGISTERS && p->result_count <= 1 &&
                  p->result.code != OP_GENERAL && p->call->result_size <= SIMPLE_RESULT;
    uint32_t storage = 0;
    for (int i = 0; i < p->step_count; i++) {
        step *s = &p->steps[i];
        s->offset = p->call->args[i].offset;
        s->second = p->call->args[i].second;
        uint32_t need = 0;
        if (s->code == OP_OUT)
            need = s->size < 16 ? 16 : s->size;
        else if (s->code == OP_ADAPTED_REFERENCE)
            need = s->aux.record->size;
        else if (s->code == OP_GENERAL)
            need = s->converter->storage;
        if (s->code == OP_GENERAL || (s->flags & STEP_OWNED && !(s->flags & STEP_RESULT)))
            simple = false;
        s->storage = storage;
        storage = align_up(storage + need, 16);
    }
    if (p->result.code == OP_GENERAL) {
        p->result.storage = storage;
        storage = align_up(storage + p->result.converter->storage, 16);
    }
    p->storage_size = storage;
    if (simple && storage <= SIMPLE_STORAGE && p->call->block_size <= SIMPLE_BLOCK &&
        !(p->flags & (PLAN_CONSUMES | PLAN_HAS_HANDLES)) &&
        !(p->b->d->types[p->f->type].flags & SB_TYPE_VARIADIC))
        p->flags |= PLAN_SIMPLE;
}

static void plan_order(plan *p)
{
    int n = 0;
    for (int rank = 0; rank <= 3; rank++)
        for (int i = 0; i < p->step_count; i++)
            if (step_rank(&p->steps[i]) == rank)
                p->order[n++] = (uint8_t)i;
}

static bool status_zero_fails(const plan *p)
{
    if (p->f->failure != SB_FAILS_STATUS)
        return false;
    const sb_type *t = type_of(p->b, p->f->result.type);
    for (uint32_t i = 0; i < t->count; i++) {
        const sb_enumerator *e = &p->b->d->enumerators[t->first + i];
        if (e->value == 0)
            return e->outcome != SB_OUTCOME_OK;
    }
    return false;
}

static int plan_fill(plan *p)
{
    const sb_function *f = p->f;
    p->function = p->b->addresses[f->address];
    if (p->function == NULL) {
        PyErr_Format(PyExc_NotImplementedError,
                     "%s() is optional and this library (%S) does not have '%s'%s%s",
                     sb_string(p->b->d, f->name), p->b->path, sb_string(p->b->d, f->symbol),
                     f->since != 0 ? "; it is there since version " : "",
                     sb_string(p->b->d, f->since));
        return -1;
    }
    p->failure = f->failure;
    p->zero_fails = status_zero_fails(p);
    if (f->flags & SB_FUNCTION_QUICK)
        p->flags |= PLAN_QUICK;
    if (f->flags & SB_FUNCTION_ERRNO)
        p->flags |= PLAN_ERRNO;
    if (f->slot == SB_SLOT_ITERNEXT)
        p->flags |= PLAN_STOPS;
    if (plan_arguments(p) < 0)
        return -1;
    for (int i = 0; i < p->step_count; i++) {
        step *s = &p->steps[i];
        if (step_parameter(p, s) < 0 || plan_free_function(p, s) < 0)
            return -1;
        if (s->visible == SELF_ARGUMENT)
            p->flags |= PLAN_METHOD;
        if (s->value->flags & SB_VALUE_CONSUMED)
            p->flags |= PLAN_CONSUMES;
        if (s->value->flags & SB_VALUE_GROW)
            p->flags |= PLAN_GROWS;
        if (s->value->flags & SB_VALUE_OWNED && s->code == OP_OUT)
            p->flags |= PLAN_OWNS_OUT;
        if (s->code == OP_HANDLE && !(p->flags & PLAN_QUICK))
            p->flags |= PLAN_HAS_HANDLES;
        if (s->code == OP_RECORD && !(p->flags & PLAN_QUICK))
            p->flags |= PLAN_HAS_RECORDS;
        if (s->flags & STEP_RESULT) {
            p->result_count++;
            p->single = s;
        }
        if (f->role == SB_ROLE_CONSTRUCTOR && s->code == OP_OUT)
            s->flags |= STEP_OWNED;
        if (s->value->flags & SB_VALUE_KEEPS)
            p->keeps = s;
    }
    if (step_result(p) < 0)
        return -1;
    if (p->result.flags & STEP_RESULT) {
        p->result_count++;
        p->single = &p->result;
    }
    if (p->result_count != 1)
        p->single = NULL;
    sb_error error;
    if (sb_call_plan(p->b->d, f->type, NULL, 0, 0, &p->call, &error) != SB_OK) {
        if (error.status == SB_ERROR_MEMORY)
            PyErr_NoMemory();
        else
            PyErr_Format(PyExc_NotImplementedError, "%s() cannot be called: %s",
                         sb_string(p->b->d, f->symbol), error.message);
        return -1;
    }
    plan_layout(p);
    plan_order(p);
    p->doc = make_doc(p, sb_string(p->b->d, f->name));
    if (p->doc == NULL)
        return -1;
    bool variadic = p->b->d->types[f->type].flags & SB_TYPE_VARIADIC;
    p->def.ml_name = sb_string(p->b->d, f->name);
    p->def.ml_doc = p->doc;
    p->def.ml_flags =
        p->visible_count == 0 && !variadic ? METH_NOARGS : METH_FASTCALL | METH_KEYWORDS;
    p->entry = plan_hot_entry(p);
    if (p->entry == NULL)
        p->entry = plan_hot_array_entry(p);
    if (p->entry == NULL)
        p->entry = plan_entry(p);
    p->own_entry = p->entry;
    return 0;
}

static plan *plan_new(binding *b, uint32_t function)
{
    const sb_function *f = &b->d->functions[function];
    size_t n = f->param_count;
    size_t size = sizeof(plan) + n * sizeof(step) + n * 2 * sizeof(PyObject *) + n;
    plan *p = PyMem_RawCalloc(1, size);
    if (p == NULL) {
        PyErr_NoMemory();
        return NULL;
    }
    p->b = b;
    p->f = f;
    p->step_count = (uint8_t)n;
    p->names = (PyObject **)(void *)(p->steps + n);
    p->defaults = p->names + n;
    p->order = (uint8_t *)(p->defaults + n);
    if (plan_fill(p) < 0) {
        plan_free(p);
        return NULL;
    }
    return p;
}

plan *plan_get(binding *b, uint32_t function)
{
    if (b->plans[function] != NULL)
        return b->plans[function];
    plan *p = plan_new(b, function);
    if (p == NULL)
        return NULL;
    if (b->plans[function] != NULL) { /* made meanwhile by way of a class it needs */
        plan_free(p);
        return b->plans[function];
    }
    if (b->stored_callbacks > 0)
        plan_announce(p, true);
    b->plans[function] = p;
    return p;
}

/* Names and defaults are strings and numbers, which make no cycles: they last as long as the plan,
 * as built-in functions may be called after the garbage collector has cleared their module. */
static void drop_objects(plan *p)
{
    for (int i = 0; i < p->step_count; i++) {
        Py_CLEAR(p->names[i]);
        Py_CLEAR(p->defaults[i]);
    }
}

void plan_free(plan *p)
{
    drop_objects(p);
    if (p->stub != NULL)
        stub_give_back(p->stub);
    callback_plans_free(p);
    sb_call_free(p->call);
    PyMem_RawFree(p->doc);
    PyMem_RawFree(p);
}
