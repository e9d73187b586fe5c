/* hot.c - entries specialised by signature, for quick functions whose arguments are all integers,
 * pointers and small records, or all doubles.
 *
 * An entry is compiled for each number of arguments, so that loading them is straight-line code and
 * the C function is called by a plain cast, with no argument block. Only what can be converted in
 * a few instructions is done here. Anything else - another type of number, a big int, keywords, a
 * wrong argument, a Python subclass - gives the whole call up before C was called and lets call.c
 * do it from the beginning; nothing here runs Python code before C is called.
 *
 * errno is not set to zero before a call, as the ordinary way does: a status that means OSError says
 * that the function has set it.
 *
 * One stub, one jump here, the conversions, the call: that is the whole path.
 */
#include <errno.h>

#include "bridge.h"
#include "integer.h"
#include "register_call.h"

#if SB_HAVE_REGISTER_CALLS

#define INLINE static inline __attribute__((always_inline))
#define MOST_GENERAL 8
#define MOST_VECTOR 4

/* Where the result arrives, and the two commonest ends known when the entry is compiled. */
enum kind {
    KIND_WORD,  /* a general register: see hot_result */
    KIND_INT,   /* a signed 32-bit integer that is the result */
    KIND_NONE,  /* nothing, and no failure */
    KIND_STATUS, /* a status of 32 bits, 0 for success, and what an out parameter holds */
    KIND_DOUBLE,
    KIND_FLOAT,
    KIND_COUNT
};

/* What becomes of the result register or the out parameter. */
enum hot_result {
    RESULT_OTHER = 0, /* plan_finish knows */
    RESULT_NONE,
    RESULT_SIGNED,
    RESULT_UNSIGNED,
    RESULT_BOOL,
    RESULT_STRING,
    RESULT_OUT_SIGNED, /* 64 bits */
    RESULT_OUT_UNSIGNED,
    RESULT_OUT_RECORD,
    RESULT_OUT_ADAPTED
};

/* ---- arguments ---------------------------------------------------------------------------------- */

INLINE bool load_record(const step *s, PyObject *value, char **record)
{
    const class_record *c = s->aux.record;
    *record = (char *)value + c->payload;
    return likely(Py_TYPE(value) == c->type);
}

/* One general register; false gives the call up. `kind` is what the entry was compiled for; HOT_NO:
 * look. */
INLINE bool load_general(const step *s, unsigned kind, PyObject *value, uint64_t *bits,
                         uint64_t *out)
{
    int64_t n;
    char *record;
    if (kind == HOT_NO)
        kind = s->hot;
    if (kind == HOT_INTEGER) {
        if (unlikely(!integer_small(value, &n)))
            return false;
        *bits = (uint64_t)n;
        return likely((uint64_t)n - (uint64_t)s->least <= s->span);
    }
    if (kind == HOT_RECORD) {
        bool done = load_record(s, value, &record);
        *bits = (uint64_t)(uintptr_t)record;
        return done;
    }
    if (kind == HOT_OUT) {
        *bits = (uint64_t)(uintptr_t)out;
        return true;
    }
    if (kind == HOT_HANDLE) {
        if (unlikely(!load_record(s, value, &record)))
            return false;
        memcpy(bits, record, sizeof *bits);
        return likely(*bits != 0);
    }
    if (kind == HOT_STRING) {
        if (unlikely(!PyUnicode_CheckExact(value)) || unlikely(!PyUnicode_IS_COMPACT_ASCII(value)))
            return false;
        const char *text = (const char *)PyUnicode_1BYTE_DATA(value);
        *bits = (uint64_t)(uintptr_t)text;
        return likely(memchr(text, 0, (size_t)PyUnicode_GET_LENGTH(value)) == NULL);
    }
    if (kind == HOT_RECORD_VALUE) {
        if (unlikely(!load_record(s, value, &record)))
            return false;
        memcpy(bits, record, sizeof *bits);
        return true;
    }
    if (kind == HOT_ADAPTED) {
        *bits = 0;
        if (likely(adapt_store(s->aux.record, value, bits) == 0))
            return true;
        PyErr_Clear(); /* raised again, with the argument's name, by the ordinary way */
        return false;
    }
    *bits = s->aux.constant;
    return true;
}

INLINE PyObject *argument(const step *s, PyObject *self, PyObject *const *args)
{
    return s->visible >= 0 ? args[s->visible] : self;
}

/* ---- results --------------------------------------------------------------------------------------- */

/* The register's upper bits are not the C type's: extend. */
INLINE uint64_t normalise(const plan *p, uint64_t bits)
{
    bits <<= p->hot_shift;
    return p->hot_signed ? (uint64_t)((int64_t)bits >> p->hot_shift) : bits >> p->hot_shift;
}

static COLD PyObject *finish(plan *p, PyObject *self, PyObject *const *args, uint64_t bits,
                             uint64_t *out)
{
    int saved_errno = errno;
    _Alignas(16) uint64_t result[SIMPLE_RESULT / 8] = {bits};
    return plan_finish(p, self, args, result, out, saved_errno);
}

INLINE PyObject *from_unsigned(uint64_t bits)
{
    return likely(bits <= INT64_MAX) ? PyLong_FromLongLong((int64_t)bits)
                                     : PyLong_FromUnsignedLongLong(bits);
}

/* What the one out parameter holds. */
INLINE PyObject *make_out(const plan *p, uint64_t *out)
{
    if (p->hot_result == RESULT_OUT_SIGNED)
        return PyLong_FromLongLong((int64_t)out[0]);
    if (p->hot_result == RESULT_OUT_UNSIGNED)
        return from_unsigned(out[0]);
    if (p->hot_result == RESULT_OUT_RECORD)
        return record_new(p->hot_out->aux.record, NULL, out);
    return adapt_load(p->hot_out->aux.record, out);
}

INLINE PyObject *make_word(plan *p, PyObject *self, PyObject *const *args, uint64_t bits,
                           uint64_t *out)
{
    bits = normalise(p, bits);
    if (unlikely(p->failure != SB_FAILS_NEVER) && unlikely(bits != 0 || p->zero_fails))
        return finish(p, self, args, bits, out);
    switch ((enum hot_result)p->hot_result) {
    case RESULT_NONE:
        Py_RETURN_NONE;
    case RESULT_SIGNED:
        return PyLong_FromLongLong((int64_t)bits);
    case RESULT_UNSIGNED:
        return from_unsigned(bits);
    case RESULT_BOOL:
        return Py_NewRef(bits ? Py_True : Py_False);
    case RESULT_STRING: {
        const char *text = (const char *)(uintptr_t)bits;
        if (unlikely(text == NULL))
            Py_RETURN_NONE;
        return PyUnicode_DecodeUTF8(text, (Py_ssize_t)strlen(text), NULL);
    }
    case RESULT_OUT_SIGNED:
    case RESULT_OUT_UNSIGNED:
    case RESULT_OUT_RECORD:
    case RESULT_OUT_ADAPTED:
        return make_out(p, out);
    case RESULT_OTHER:
        break;
    }
    return finish(p, self, args, bits, out);
}

/* ---- the entries ------------------------------------------------------------------------------------- */

INLINE bool positional(const plan *p, void *count, void *kwnames)
{
    return likely(kwnames == NULL) && likely((Py_ssize_t)count == p->visible_count);
}

/* The kinds of up to eight arguments in one number, four bits each, the first lowest. */
#define KIND_AT(code, i) (((code) >> (4 * (i))) & 15u)
#define LOAD(i)                                                                                 \
    if (!load_general(&p->steps[i], KIND_AT(code, i), argument(&p->steps[i], self, args), &r[i],  \
                      out))                                                                     \
        return plan_run(p, self, args);

#define LOADS_0
#define LOADS_1 LOAD(0)
#define LOADS_2 LOADS_1 LOAD(1)
#define LOADS_3 LOADS_2 LOAD(2)
#define LOADS_4 LOADS_3 LOAD(3)
#define LOADS_5 LOADS_4 LOAD(4)
#define LOADS_6 LOADS_5 LOAD(5)
#define LOADS_7 LOADS_6 LOAD(6)
#define LOADS_8 LOADS_7 LOAD(7)

#define WORDS_0 (p->function)
#define WORDS_1 (p->function, r[0])
#define WORDS_2 (p->function, r[0], r[1])
#define WORDS_3 (p->function, r[0], r[1], r[2])
#define WORDS_4 (p->function, r[0], r[1], r[2], r[3])
#define WORDS_5 (p->function, r[0], r[1], r[2], r[3], r[4])
#define WORDS_6 (p->function, r[0], r[1], r[2], r[3], r[4], r[5])
#define WORDS_7 (p->function, r[0], r[1], r[2], r[3], r[4], r[5], r[6])
#define WORDS_8 (p->function, r[0], r[1], r[2], r[3], r[4], r[5], r[6], r[7])

/* An entry for each kind of result, with and without arguments from the user. */
#define GENERAL(n)                                                                              \
    INLINE void *general_##n(PyObject *self, PyObject *const *args, plan *p, enum kind kind,    \
                             uint32_t code)                                                     \
    {                                                                                           \
        uint64_t r[n + 1];                                                                      \
        uint64_t out[2] = {0, 0};                                                               \
        (void)r;                                                                                \
        (void)code;                                                                             \
        LOADS_##n                                                                               \
        switch (kind) {                                                                         \
        case KIND_DOUBLE:                                                                       \
            return PyFloat_FromDouble(sb_general_##n##_double WORDS_##n);                       \
        case KIND_FLOAT:                                                                        \
            return PyFloat_FromDouble((double)sb_general_##n##_float WORDS_##n);                \
        case KIND_INT:                                                                          \
            return PyLong_FromLong((int32_t)sb_general_##n##_word WORDS_##n);                   \
        case KIND_NONE:                                                                         \
            (void)sb_general_##n##_word WORDS_##n;                                              \
            Py_RETURN_NONE;                                                                     \
        case KIND_STATUS: {                                                                     \
            uint32_t status = (uint32_t)sb_general_##n##_word WORDS_##n;                        \
            return likely(status == 0) ? make_out(p, out) : finish(p, self, args, status, out); \
        }                                                                                       \
        default:                                                                                \
            return make_word(p, self, args, sb_general_##n##_word WORDS_##n, out);              \
        }                                                                                       \
    }                                                                                           \
    SIGNATURE(n, any_##n, 0)

#define SIGNATURE(n, name, code)                                                                \
    SIGNATURE_ENTRIES(n, name##_word, KIND_WORD, code)                                          \
    SIGNATURE_ENTRIES(n, name##_int, KIND_INT, code)                                            \
    SIGNATURE_ENTRIES(n, name##_none, KIND_NONE, code)                                          \
    SIGNATURE_ENTRIES(n, name##_status, KIND_STATUS, code)                                      \
    SIGNATURE_ENTRIES(n, name##_double, KIND_DOUBLE, code)                                      \
    SIGNATURE_ENTRIES(n, name##_float, KIND_FLOAT, code)

#define SIGNATURE_ENTRIES(n, name, kind, code)                                                  \
    static void *enter_##name(void *self, void *args, void *count, void *kwnames, target *t)    \
    {                                                                                           \
        plan *p = (plan *)t;                                                                    \
        if (unlikely(!positional(p, count, kwnames)))                                           \
            return plan_run_with_keywords(p, self, args, (Py_ssize_t)count, kwnames);           \
        return general_##n(self, args, p, kind, code);                                          \
    }                                                                                           \
    static void *enter_bare_##name(void *self, void *b, void *c, void *d, target *t)            \
    {                                                                                           \
        (void)b;                                                                                \
        (void)c;                                                                                \
        (void)d;                                                                                \
        PyObject *receiver = self; /* the only argument there can be */                         \
        return general_##n(self, &receiver, (plan *)t, kind, code);                             \
    }

GENERAL(0)
GENERAL(1)
GENERAL(2)
GENERAL(3)
GENERAL(4)
GENERAL(5)
GENERAL(6)
GENERAL(7)
GENERAL(8)

/* The commonest signatures have entries in which each argument's kind is known too:
 * X(name, number of arguments, their kinds from the first). */
#define SIGNATURES(X)                                                                           \
    X(integer, 1, HOT_INTEGER)                                                                  \
    X(record, 1, HOT_RECORD)                                                                    \
    X(string, 1, HOT_STRING)                                                                    \
    X(integer_integer, 2, HOT_INTEGER | HOT_INTEGER << 4)                                       \
    X(integer_out, 2, HOT_INTEGER | HOT_OUT << 4)                                               \
    X(record_record, 2, HOT_RECORD | HOT_RECORD << 4)                                           \
    X(record_integer, 2, HOT_RECORD | HOT_INTEGER << 4)                                         \
    X(record_out, 2, HOT_RECORD | HOT_OUT << 4)                                                 \
    X(handle, 1, HOT_HANDLE)                                                                    \
    X(handle_integer, 2, HOT_HANDLE | HOT_INTEGER << 4)                                         \
    X(handle_out, 2, HOT_HANDLE | HOT_OUT << 4)                                                 \
    X(integers_out, 3, HOT_INTEGER | HOT_INTEGER << 4 | HOT_OUT << 8)                           \
    X(records_out, 3, HOT_RECORD | HOT_RECORD << 4 | HOT_OUT << 8)                              \
    X(adapted_integer_out, 3, HOT_ADAPTED | HOT_INTEGER << 4 | HOT_OUT << 8)

#define X(name, n, code) SIGNATURE(n, name, code)
SIGNATURES(X)
#undef X

#define ENTRIES(name)                                                                           \
    {{enter_##name##_word, enter_##name##_int, enter_##name##_none, enter_##name##_status,      \
      enter_##name##_double, enter_##name##_float},                                             \
     {enter_bare_##name##_word, enter_bare_##name##_int, enter_bare_##name##_none,              \
      enter_bare_##name##_status, enter_bare_##name##_double, enter_bare_##name##_float}}

typedef stub_entry entry_table[2][KIND_COUNT]; /* without arguments from the user?, by kind */

static const entry_table any_entries[MOST_GENERAL + 1] = {
    ENTRIES(any_0), ENTRIES(any_1), ENTRIES(any_2), ENTRIES(any_3), ENTRIES(any_4),
    ENTRIES(any_5), ENTRIES(any_6), ENTRIES(any_7), ENTRIES(any_8)};

static const struct signature {
    int count;
    uint32_t code;
    entry_table entries;
} signatures[] = {
#define X(name, n, code) {n, code, ENTRIES(name)},
    SIGNATURES(X)
#undef X
};

static const entry_table *find_entries(int count, uint32_t code)
{
    for (size_t i = 0; i < sizeof signatures / sizeof *signatures; i++)
        if (signatures[i].count == count && signatures[i].code == code)
            return &signatures[i].entries;
    return &any_entries[count];
}

/* Doubles in, a double or a word out. Ints are taken where they are small, as float(int) is exact. */
INLINE bool load_double(PyObject *value, double *number)
{
    int64_t n;
    if (likely(PyFloat_CheckExact(value))) {
        *number = PyFloat_AS_DOUBLE(value);
        return true;
    }
    if (!integer_small(value, &n))
        return false;
    *number = (double)n;
    return true;
}

#define LOAD_DOUBLE(i)                                                                          \
    if (unlikely(!load_double(((PyObject *const *)args)[i], &v[i])))                            \
        return plan_run(p, self, args);

#define DOUBLES_1 (p->function, v[0])
#define DOUBLES_2 (p->function, v[0], v[1])
#define DOUBLES_3 (p->function, v[0], v[1], v[2])
#define DOUBLES_4 (p->function, v[0], v[1], v[2], v[3])
#define LOAD_DOUBLES_1 LOAD_DOUBLE(0)
#define LOAD_DOUBLES_2 LOAD_DOUBLES_1 LOAD_DOUBLE(1)
#define LOAD_DOUBLES_3 LOAD_DOUBLES_2 LOAD_DOUBLE(2)
#define LOAD_DOUBLES_4 LOAD_DOUBLES_3 LOAD_DOUBLE(3)

#define VECTOR(n)                                                                               \
    static void *enter_vector_##n(void *self, void *args, void *count, void *kwnames,           \
                                  target *t)                                                    \
    {                                                                                           \
        plan *p = (plan *)t;                                                                    \
        double v[n];                                                                            \
        if (unlikely(!positional(p, count, kwnames)))                                           \
            return plan_run_with_keywords(p, self, args, (Py_ssize_t)count, kwnames);           \
        LOAD_DOUBLES_##n return PyFloat_FromDouble(sb_vector_##n##_double DOUBLES_##n);         \
    }

VECTOR(1)
VECTOR(2)
VECTOR(3)
VECTOR(4)

static const stub_entry vector_entries[MOST_VECTOR + 1] = {
    NULL, enter_vector_1, enter_vector_2, enter_vector_3, enter_vector_4};

/* ---- choosing -------------------------------------------------------------------------------------------- */

static void set_range(step *s, int64_t least, uint64_t most)
{
    s->hot = HOT_INTEGER;
    s->least = least;
    s->span = most - (uint64_t)least;
}

static void classify(step *s)
{
    if (s->flags & STEP_NULLABLE)
        return;
    switch ((op)s->code) {
    case OP_I8:
        set_range(s, INT8_MIN, INT8_MAX);
        break;
    case OP_U8:
        set_range(s, 0, UINT8_MAX);
        break;
    case OP_I16:
        set_range(s, INT16_MIN, INT16_MAX);
        break;
    case OP_U16:
        set_range(s, 0, UINT16_MAX);
        break;
    case OP_I32:
        set_range(s, INT32_MIN, INT32_MAX);
        break;
    case OP_U32:
        set_range(s, 0, UINT32_MAX);
        break;
    case OP_I64:
        set_range(s, INT64_MIN, INT64_MAX);
        break;
    case OP_U64:
        set_range(s, 0, INT64_MAX);
        break;
    case OP_DOUBLE:
        s->hot = HOT_DOUBLE;
        break;
    case OP_STRING:
        s->hot = HOT_STRING;
        break;
    case OP_RECORD:
        s->hot = HOT_RECORD;
        break;
    case OP_HANDLE:
        s->hot = HOT_HANDLE;
        break;
    case OP_RECORD_VALUE:
        if (s->size == 8 && s->in_general_register)
            s->hot = HOT_RECORD_VALUE;
        break;
    case OP_ADAPTED:
        if (s->size <= 8 && s->in_general_register && adapt_is_native(s->aux.record))
            s->hot = HOT_ADAPTED;
        break;
    case OP_OUT:
        if (!(s->flags & STEP_READS) && s->size <= 16)
            s->hot = HOT_OUT;
        break;
    case OP_CONSTANT:
        s->hot = HOT_CONSTANT;
        break;
    default:
        break;
    }
}

static enum hot_result out_result(const step *s)
{
    if (!(s->flags & STEP_RESULT) || s->flags & STEP_ENUM)
        return RESULT_OTHER;
    switch ((op)s->scalar) {
    case OP_I64:
        return RESULT_OUT_SIGNED;
    case OP_U64:
        return RESULT_OUT_UNSIGNED;
    case OP_RECORD_VALUE:
        return RESULT_OUT_RECORD;
    case OP_ADAPTED:
        return RESULT_OUT_ADAPTED;
    default:
        return RESULT_OTHER;
    }
}

/* The kind, with the members that make_word reads; KIND_COUNT: not here. */
static enum kind classify_result(plan *p)
{
    const sb_type *t = &p->b->d->types[p->f->result.type];
    if (p->result_count > 1)
        return KIND_COUNT;
    bool used = p->single == &p->result;
    switch ((sb_kind)t->kind) {
    case SB_VOID:
        break;
    case SB_FLOAT:
        if (!used || p->failure != SB_FAILS_NEVER)
            return KIND_COUNT;
        return t->primitive == SB_PRIM_DOUBLE  ? KIND_DOUBLE
               : t->primitive == SB_PRIM_FLOAT ? KIND_FLOAT
                                               : KIND_COUNT;
    case SB_BOOL:
    case SB_CHAR:
    case SB_INT:
    case SB_UINT:
    case SB_WIDE:
    case SB_ENUM:
    case SB_POINTER:
        if (t->size > 8)
            return KIND_COUNT;
        p->hot_shift = (uint8_t)(64 - 8 * t->size);
        p->hot_signed = t->kind == SB_INT || t->flags & SB_TYPE_SIGNED ||
                        (t->kind == SB_CHAR && CHAR_MIN < 0);
        break;
    case SB_COMPLEX:
    case SB_ARRAY:
    case SB_STRUCT:
    case SB_UNION:
    case SB_FUNCTION:
        return KIND_COUNT;
    }
    /* A type cannot be asked for through an out parameter of a constructor or class method here. */
    bool plain = p->f->role != SB_ROLE_CONSTRUCTOR && p->f->role != SB_ROLE_CLASS_METHOD;
    if (p->result_count == 0)
        p->hot_result = RESULT_NONE;
    else if (!used)
        p->hot_result = plain ? (uint8_t)out_result(p->single) : RESULT_OTHER;
    else if (p->result.code >= OP_I8 && p->result.code <= OP_U64)
        p->hot_result = p->hot_signed ? RESULT_SIGNED : RESULT_UNSIGNED;
    else if (p->result.code == OP_BOOL)
        p->hot_result = RESULT_BOOL;
    else if (p->result.code == OP_STRING)
        p->hot_result = RESULT_STRING;
    if (p->failure == SB_FAILS_STATUS && t->size == 4 && !p->zero_fails && !p->hot_signed &&
        p->hot_result >= RESULT_OUT_SIGNED)
        return KIND_STATUS;
    if (p->failure != SB_FAILS_NEVER)
        return KIND_WORD;
    return p->hot_result == RESULT_NONE ? KIND_NONE
           : p->hot_result == RESULT_SIGNED && t->size == 4 ? KIND_INT
                                                            : KIND_WORD;
}

stub_entry plan_hot_entry(plan *p)
{
    unsigned forbidden = PLAN_CONSUMES | PLAN_HAS_HANDLES;
    bool all_failures_known = p->failure == SB_FAILS_NEVER || p->failure == SB_FAILS_STATUS ||
                              p->failure == SB_FAILS_NONZERO;
    if (!sb_register_calls_enabled() || !(p->flags & PLAN_QUICK) || p->flags & forbidden ||
        !all_failures_known || p->visible_count != p->positional_count ||
        p->result.code == OP_GENERAL || p->b->d->types[p->f->type].flags & SB_TYPE_VARIADIC)
        return NULL;
    int general = 0, vector = 0, outs = 0;
    uint32_t code = 0;
    for (int i = 0; i < p->step_count; i++) {
        step *s = &p->steps[i];
        s->in_general_register = p->call->tier == SB_TIER_REGISTERS &&
                                 s->second == SB_NO_SECOND &&
                                 s->offset < SB_GENERAL_REGISTERS * 8;
        classify(s);
        if (s->hot == HOT_NO)
            return NULL;
        if (s->hot == HOT_OUT) {
            outs++;
            p->hot_out = s;
        }
        if (s->hot == HOT_CONSTANT && p->b->d->types[s->value->type].kind == SB_FLOAT)
            return NULL;
        if (i < MOST_GENERAL)
            code |= (uint32_t)s->hot << (4 * i);
        *(s->hot == HOT_DOUBLE ? &vector : &general) += 1;
    }
    enum kind kind = classify_result(p);
    if (kind == KIND_COUNT || outs > 1)
        return NULL;
    bool bare = p->def.ml_flags & METH_NOARGS;
    p->flags |= PLAN_HOT;
    if (vector == 0 && general <= MOST_GENERAL)
        return (*find_entries(general, code))[bare][kind];
    if (general == 0 && vector <= MOST_VECTOR && kind == KIND_DOUBLE && !(p->flags & PLAN_METHOD))
        return vector_entries[vector];
    p->flags &= (uint16_t)~PLAN_HOT;
    return NULL;
}

#else

stub_entry plan_hot_entry(plan *p)
{
    (void)p;
    return NULL;
}

#endif
