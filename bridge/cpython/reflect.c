/* reflect.c - a description's tables as Python data, for the tools.
 *
 * One list per table of sb_description, under its name; one dict per row, under the names of the
 * struct's members. Texts are str, sets of flags are frozensets of their names in lower case, the
 * values of other enums their names, "no such" indices None. Bytes of C that are not UTF-8 are
 * escaped as surrogates. Nothing refers to the description afterwards.
 */
#include "bridge.h"

/* ---- names of the engine's enums, in their order ------------------------------------------------- */

static const char *const kind_names[] = {
    "void",    "bool",  "char",   "int",   "uint", "wide",     "float",
    "complex", "pointer", "array", "struct", "union", "enum", "function",
};
static const char *const declaration_names[] = {
    "function", "variable", "typedef", "record", "enum", "constant", "file",
};
static const char *const role_names[] = {
    "function", "method", "class_method", "constructor", "destructor",
    "getter",   "setter", "slot",         "message",
};
static const char *const member_names[] = {
    "function", "method", "class_method", "property", "field", "constant",
    "variable", "class",  "enum",         "exception", "scope",
};
static const char *const direction_names[] = {"in", "out", "inout"};
static const char *const passing_names[] = {"value", "reference", "array", "string", "address", "function"};
static const char *const scope_names[] = {"call", "notified", "once", "forever"};
static const char *const outcome_names[] = {"raise", "ok", "stop"};
static const char *const failure_names[] = {"never", "status", "null", "negative", "nonzero", "zero"};
static const char *const slot_names[] = {
    "",
#define X(id, spelling, dunder, operands) dunder,
    SB_SLOTS(X)
#undef X
};
static const char *const attribute_names[] = {
#define X(id, spelling, places, least, most) spelling,
    SB_ATTRIBUTES(X)
#undef X
};

/* Flags by bit, from bit 0; NULL ends. */
static const char *const type_flags[] = {
    "complete", "packed",   "variadic",         "flexible", "no_proto", "signed",
    "builtin",  "unaligned_fields", "partial", "foreign",  "transparent", NULL,
};
static const char *const value_flags[] = {
    "nullable", "hidden", "keyword_only", "consumed", "filename", "bytes", "zero_terminated",
    "callee_allocated", "grow", "owned", "dict_keys", "dict_values", "readonly", "self", "base",
    "string_elements", "is_length", "keeps", "shown", "user_data", "destroy", "of_callback", NULL,
};
static const char *const declaration_flags[] = {"python", NULL};
static const char *const function_flags[] = {"quick", "optional", "hidden", "errno", NULL};
static const char *const class_flags[] = {
    "opaque", "adapted", "hashable", "ordered", "readonly", "hidden", "keeps", "pointers", "holds",
    NULL,
};

#define COUNT(names) (sizeof(names) / sizeof *(names))

static const char *name_of(const char *const *names, size_t count, unsigned value)
{
    return value < count ? names[value] : "unknown";
}
#define NAME(names, value) name_of(names, COUNT(names), (unsigned)(value))

_Static_assert(COUNT(kind_names) == SB_FUNCTION + 1, "a name for each kind");
_Static_assert(COUNT(declaration_names) == SB_DECL_FILE + 1, "a name for each declaration kind");
_Static_assert(COUNT(role_names) == SB_ROLE_MESSAGE + 1, "a name for each role");
_Static_assert(COUNT(member_names) == SB_MEMBER_SCOPE + 1, "a name for each member kind");
_Static_assert(COUNT(passing_names) == SB_PASS_FUNCTION + 1, "a name for each way of passing");
_Static_assert(COUNT(failure_names) == SB_FAILS_ZERO + 1, "a name for each failure");

static PyObject *flag_set(const char *const *names, unsigned flags)
{
    PyObject *set = PyFrozenSet_New(NULL);
    for (unsigned bit = 0; set != NULL && names[bit] != NULL; bit++) {
        if ((flags >> bit & 1u) == 0)
            continue;
        PyObject *name = PyUnicode_InternFromString(names[bit]);
        if (name == NULL || PySet_Add(set, name) < 0)
            Py_CLEAR(set);
        Py_XDECREF(name);
    }
    return set;
}

/* ---- values ---------------------------------------------------------------------------------------- */

static PyObject *text_of(const sb_description *d, sb_text text)
{
    const char *bytes = sb_string(d, text);
    return PyUnicode_DecodeUTF8(bytes, (Py_ssize_t)strlen(bytes), "surrogateescape");
}

static PyObject *index_of(uint32_t index)
{
    return index == SB_NONE ? Py_NewRef(Py_None) : PyLong_FromUnsignedLong(index);
}

/* (kind, value): "none", "int", "float", "string", "null", "bool" or "name". */
static PyObject *constant_of(const sb_description *d, const sb_constant *c)
{
    switch (c->kind) {
    case SB_CONST_INT: return Py_BuildValue("(sL)", "int", (long long)c->as.i);
    case SB_CONST_UINT: return Py_BuildValue("(sK)", "int", (unsigned long long)c->as.u);
    case SB_CONST_FLOAT: return Py_BuildValue("(sd)", "float", c->as.f);
    case SB_CONST_BOOL: return Py_BuildValue("(sO)", "bool", c->as.i != 0 ? Py_True : Py_False);
    case SB_CONST_STRING:
        return Py_BuildValue("(sN)", "string",
                             PyUnicode_DecodeUTF8(sb_string(d, c->as.s), (Py_ssize_t)c->length,
                                                  "surrogateescape"));
    case SB_CONST_NAME: return Py_BuildValue("(sN)", "name", text_of(d, c->as.s));
    case SB_CONST_NULL: return Py_BuildValue("(sO)", "null", Py_None);
    default: return Py_BuildValue("(sO)", "none", Py_None);
    }
}

/* ---- rows, one function per table -------------------------------------------------------------------- */

static PyObject *type_row(const sb_description *d, uint32_t i)
{
    const sb_type *t = &d->types[i];
    return Py_BuildValue("{ss sN sB sI sK sI sI sI sN sN sN}", "kind", NAME(kind_names, t->kind),
                         "flags", flag_set(type_flags, t->flags), "target_quals", t->target_quals,
                         "target", t->target, "size", (unsigned long long)t->size, "align",
                         t->align, "first", t->first, "count", t->count, "name",
                         text_of(d, t->name), "decl", index_of(t->decl), "binding",
                         index_of(t->binding));
}

static PyObject *value_row(const sb_description *d, const sb_value *v)
{
    PyObject *row = Py_BuildValue(
        "{sN sN sI sB ss ss sB sI sI sI sN sI sh sh sh sh sh sh ss sK}", "name",
        text_of(d, v->name), "py_name", text_of(d, v->py_name), "type", v->type, "quals", v->quals,
        "direction", NAME(direction_names, v->direction), "passing",
        NAME(passing_names, v->passing), "attribute_count", v->attribute_count, "first_attribute",
        v->first_attribute, "line", v->line, "column", v->column, "flags",
        flag_set(value_flags, v->flags), "value_type", v->value_type, "length", v->length,
        "written", v->written, "partner", v->partner, "user_data", v->user_data, "destroy",
        v->destroy, "held_by", v->held_by, "scope", NAME(scope_names, v->scope), "fixed",
        (unsigned long long)v->fixed);
    PyObject *more =
        row == NULL ? NULL
                    : Py_BuildValue("{sN sN sN sN}", "free_function", index_of(v->free_function),
                                    "encoding", text_of(d, v->encoding), "encoding_errors",
                                    text_of(d, v->encoding_errors), "constant",
                                    constant_of(d, &v->constant));
    if (more == NULL || PyDict_Update(row, more) < 0)
        Py_CLEAR(row);
    Py_XDECREF(more);
    return row;
}

static PyObject *param_row(const sb_description *d, uint32_t i)
{
    return value_row(d, &d->params[i]);
}

static PyObject *field_row(const sb_description *d, uint32_t i)
{
    const sb_field *f = &d->fields[i];
    return Py_BuildValue("{sN sK sH sH sN}", "value", value_row(d, &f->value), "offset",
                         (unsigned long long)f->offset, "bit_offset", f->bit_offset, "bit_width",
                         f->bit_width, "doc", text_of(d, f->doc));
}

/* The value is of the enum's type: its bits are all that is here. */
static PyObject *enumerator_row(const sb_description *d, uint32_t i)
{
    const sb_enumerator *e = &d->enumerators[i];
    return Py_BuildValue("{sN sN sN sB sI ss sN sI sI sL}", "name", text_of(d, e->name), "py_name",
                         text_of(d, e->py_name), "doc", text_of(d, e->doc), "attribute_count",
                         e->attribute_count, "first_attribute", e->first_attribute, "outcome",
                         NAME(outcome_names, e->outcome), "exception", index_of(e->exception),
                         "line", e->line, "column", e->column, "value", (long long)e->value);
}

/* Of what calls and accesses of a symbol depend on. */
static PyObject *digest_of(const sb_description *d, uint32_t i)
{
    uint8_t kind = d->declarations[i].kind;
    if (kind != SB_DECL_FUNCTION && kind != SB_DECL_VARIABLE)
        return Py_NewRef(Py_None);
    return PyLong_FromUnsignedLongLong(sb_digest(d, i));
}

static PyObject *declaration_row(const sb_description *d, uint32_t i)
{
    const sb_declaration *c = &d->declarations[i];
    return Py_BuildValue("{ss sB sH sI sN sN sI sI sI sN sI sN sN sN sN}", "kind",
                         NAME(declaration_names, c->kind), "quals", c->quals, "attribute_count",
                         c->attribute_count, "type", c->type, "name", text_of(d, c->name), "doc",
                         text_of(d, c->doc), "first_attribute", c->first_attribute, "line",
                         c->line, "column", c->column, "constant", constant_of(d, &c->constant),
                         "first_param", c->first_param, "binding", index_of(c->binding), "symbol",
                         text_of(d, c->symbol), "flags", flag_set(declaration_flags, c->flags), "digest",
                         digest_of(d, i));
}

static PyObject *attribute_row(const sb_description *d, uint32_t i)
{
    const sb_attribute *a = &d->attributes[i];
    PyObject *arguments = PyTuple_New(a->argument_count);
    for (uint32_t k = 0; arguments != NULL && k < a->argument_count; k++) {
        PyObject *argument = constant_of(d, &d->arguments[a->first_argument + k]);
        if (argument == NULL)
            Py_CLEAR(arguments);
        else
            PyTuple_SET_ITEM(arguments, k, argument);
    }
    return Py_BuildValue("{ss sN sI sI}", "name", NAME(attribute_names, a->id), "arguments",
                         arguments, "line", a->line, "column", a->column);
}

static PyObject *function_row(const sb_description *d, uint32_t i)
{
    const sb_function *f = &d->functions[i];
    return Py_BuildValue(
        "{sI sI sN sN sN sN sI sN sI sH ss ss ss sN sI sN sN sN}", "declaration", f->declaration,
        "type", f->type, "symbol", text_of(d, f->symbol), "version", text_of(d, f->version), "name",
        text_of(d, f->name), "doc", text_of(d, f->doc), "scope", f->scope, "class_index",
        index_of(f->class_index), "first_param", f->first_param, "param_count", f->param_count,
        "role", NAME(role_names, f->role), "slot", NAME(slot_names, f->slot), "failure",
        NAME(failure_names, f->failure), "flags", flag_set(function_flags, f->flags), "exception",
        f->exception, "address", index_of(f->address), "since", text_of(d, f->since), "result",
        value_row(d, &f->result));
}

static PyObject *class_row(const sb_description *d, uint32_t i)
{
    const sb_class *c = &d->classes[i];
    PyObject *adapt = PyList_New(c->adapt_count);
    for (uint32_t k = 0; adapt != NULL && k < c->adapt_count; k++) {
        PyObject *name = text_of(d, d->arguments[c->first_adapt + k].as.s);
        if (name == NULL)
            Py_CLEAR(adapt);
        else
            PyList_SET_ITEM(adapt, k, name);
    }
    PyObject *slots = PyDict_New();
    for (unsigned s = 1; slots != NULL && s < SB_SLOT_COUNT; s++) {
        if (c->slots[s] == SB_NONE)
            continue;
        PyObject *function = PyLong_FromUnsignedLong(c->slots[s]);
        if (function == NULL || PyDict_SetItemString(slots, slot_names[s], function) < 0)
            Py_CLEAR(slots);
        Py_XDECREF(function);
    }
    return Py_BuildValue("{sI sN sI sI sN sN sN sN sN sN sN}", "type", c->type, "name",
                         text_of(d, c->name), "scope", c->scope, "inner_scope", c->inner_scope,
                         "base", index_of(c->base), "constructor", index_of(c->constructor),
                         "destructor", index_of(c->destructor), "flags",
                         flag_set(class_flags, c->flags), "adapt", text_of(d, c->adapt),
                         "adapt_fields", adapt, "slots", slots);
}

static PyObject *enum_row(const sb_description *d, uint32_t i)
{
    const sb_enum *e = &d->enums[i];
    return Py_BuildValue("{sI sN sI sN sO sO sO}", "type", e->type, "name", text_of(d, e->name),
                         "scope", e->scope, "exception", index_of(e->exception), "is_status",
                         e->is_status ? Py_True : Py_False, "is_flags",
                         e->is_flags ? Py_True : Py_False, "hidden",
                         e->hidden ? Py_True : Py_False);
}

static PyObject *exception_row(const sb_description *d, uint32_t i)
{
    const sb_exception *e = &d->exceptions[i];
    return Py_BuildValue("{sN sN sN sO}", "name", text_of(d, e->name), "base", index_of(e->base),
                         "doc", text_of(d, e->doc), "standard", e->standard ? Py_True : Py_False);
}

static PyObject *scope_row(const sb_description *d, uint32_t i)
{
    const sb_scope *s = &d->scopes[i];
    return Py_BuildValue("{sN sN sN sN sI sI}", "name", text_of(d, s->name), "doc",
                         text_of(d, s->doc), "parent", index_of(s->parent), "class_index",
                         index_of(s->class_index), "first_member", s->first_member, "member_count",
                         s->member_count);
}

static PyObject *member_row(const sb_description *d, uint32_t i)
{
    const sb_member *m = &d->members[i];
    return Py_BuildValue("{sN ss sN sN}", "name", text_of(d, m->name), "kind",
                         NAME(member_names, m->kind), "index", index_of(m->index), "other",
                         index_of(m->other));
}

/* ---- tables -------------------------------------------------------------------------------------------- */

typedef PyObject *(*row_function)(const sb_description *d, uint32_t index);

static int add_table(PyObject *tables, const char *name, const sb_description *d, uint32_t count,
                     row_function row)
{
    PyObject *rows = PyList_New(count);
    for (uint32_t i = 0; rows != NULL && i < count; i++) {
        PyObject *made = row(d, i);
        if (made == NULL)
            Py_CLEAR(rows);
        else
            PyList_SET_ITEM(rows, i, made);
    }
    int status = rows == NULL ? -1 : PyDict_SetItemString(tables, name, rows);
    Py_XDECREF(rows);
    return status;
}

static PyObject *tables_of(const sb_description *d)
{
    const struct {
        const char *name;
        uint32_t count;
        row_function row;
    } lists[] = {
        {"types", d->type_count, type_row},
        {"fields", d->field_count, field_row},
        {"params", d->param_count, param_row},
        {"enumerators", d->enumerator_count, enumerator_row},
        {"declarations", d->declaration_count, declaration_row},
        {"attributes", d->attribute_count, attribute_row},
        {"functions", d->function_count, function_row},
        {"classes", d->class_count, class_row},
        {"enums", d->enum_count, enum_row},
        {"exceptions", d->exception_count, exception_row},
        {"scopes", d->scope_count, scope_row},
        {"members", d->member_count, member_row},
    };
    PyObject *tables = Py_BuildValue("{sN sN sN sN}", "file", text_of(d, d->file), "library",
                                     text_of(d, d->library), "prefix", text_of(d, d->prefix), "doc",
                                     text_of(d, d->doc));
    for (size_t i = 0; tables != NULL && i < COUNT(lists); i++)
        if (add_table(tables, lists[i].name, d, lists[i].count, lists[i].row) < 0)
            Py_CLEAR(tables);
    return tables;
}

PyObject *reflect(PyObject *module, PyObject *args)
{
    bridge_state *state = PyModule_GetState(module);
    const char *file;
    PyObject *text; /* bytes, which no other thread can change meanwhile */
    unsigned flags = 0;
    if (!PyArg_ParseTuple(args, "Sz|I:reflect", &text, &file, &flags))
        return NULL;
    if ((flags & ~(unsigned)(SB_PARSE_CDEF | SB_PARSE_OVERRIDE | SB_PARSE_PACKED)) != 0)
        return PyErr_Format(PyExc_ValueError, "unknown flags %u", flags);
    const sb_parse_options options = {.file = file, .flags = flags};
    sb_description *d = NULL;
    sb_error error;
    sb_status status;
    Py_BEGIN_ALLOW_THREADS
    status = sb_description_parse_with(PyBytes_AS_STRING(text), (size_t)PyBytes_GET_SIZE(text),
                                       &options, &d, &error);
    Py_END_ALLOW_THREADS
    if (status != SB_OK)
        return error_from_engine(state, &error, file);
    /* Nothing that is made here is garbage, however much it is. */
    int collected = PyGC_Disable();
    PyObject *tables = tables_of(d);
    if (collected)
        (void)PyGC_Enable();
    sb_description_release(d);
    return tables;
}
