/* adapt.c - records that cross as existing Python classes.
 *
 * Dates, times and complex numbers are read and made in C, by way of the datetime module's own
 * interface. Any other class is read attribute by attribute and made by calling it with the fields'
 * values in order.
 *
 * datetime.h declares a static pointer to that interface, which would be one per process; the
 * pointer used here is the interpreter's own, in bridge_state. */
#include "bridge.h"

#include <datetime.h>

/* One field of the record. */
typedef struct part {
    sb_text name;   /* the attribute */
    uint32_t offset;
    uint8_t code;   /* op */
    uint32_t enumeration; /* index in enums, or SB_NONE */
} part;

enum { BUILTIN_PARTS = 7 };

typedef struct adapter adapter;

/* A class known here, and its attributes in the order of its constructor. Records may leave out
 * the last of them, down to `least`. */
typedef struct known {
    const char *name;
    uint8_t least, most;
    bool integers; /* a class of the datetime module; else complex */
    const char *parts[BUILTIN_PARTS];
    int (*store)(const class_record *c, const adapter *a, PyObject *value, char *record);
    PyObject *(*load)(const class_record *c, const adapter *a, const char *record);
} known;

/* How one record crosses. C memory, in class_record.adapter; immutable once made. */
struct adapter {
    int (*store)(const class_record *c, const adapter *a, PyObject *value, char *record);
    PyObject *(*load)(const class_record *c, const adapter *a, const char *record);
    PyDateTime_CAPI *api; /* of the adapters for datetime's classes */
    const known *python;  /* such a class, when datetime is written in Python here */
    uint8_t shift[3];     /* store_packed_date: the places of year, month and day in bits */
    uint32_t count;
    part parts[];
};

static const adapter *adapter_of(const class_record *c)
{
    return c->adapter;
}

static COLD int wrong_type(const class_record *c, PyObject *value)
{
    PyErr_Format(PyExc_TypeError, "expected %s, got %s", sb_string(c->b->d, c->c->adapt),
                 Py_TYPE(value)->tp_name);
    return -1;
}

static COLD int torn_down(const class_record *c)
{
    PyErr_Format(PyExc_RuntimeError, "the module of struct %s is being torn down",
                 sb_string(c->b->d, c->record->name));
    return -1;
}

/* ---- integer fields -------------------------------------------------------------------------- */

static COLD int part_overflow(const class_record *c, const part *p, long value)
{
    PyErr_Format(PyExc_OverflowError, "%s %ld does not fit the field of struct %s",
                 sb_string(c->b->d, p->name), value, sb_string(c->b->d, c->record->name));
    return -1;
}

/* Field <- number, checked against the field's type. */
static inline int put_integer(const class_record *c, const part *p, char *record, long value)
{
    char *place = record + p->offset;
    switch ((op)p->code) {
#define X(id, ctype)                                                                            \
    case OP_##id: {                                                                             \
        ctype narrow = (ctype)value;                                                            \
        if (unlikely((long)narrow != value || (narrow > 0) != (value > 0)))                     \
            return part_overflow(c, p, value);                                                  \
        memcpy(place, &narrow, sizeof narrow);                                                  \
        return 0;                                                                               \
    }
        X(I8, int8_t)
        X(U8, uint8_t)
        X(I16, int16_t)
        X(U16, uint16_t)
        X(I32, int32_t)
        X(U32, uint32_t)
        X(I64, int64_t)
        X(U64, uint64_t)
#undef X
    default:
        return part_overflow(c, p, value);
    }
}

/* The field's value as an int; what int cannot hold becomes INT_MIN or INT_MAX, which every class
 * refuses with the error of its own. */
static inline int get_integer(const part *p, const char *record)
{
    const char *place = record + p->offset;
    switch ((op)p->code) {
#define X(id, ctype)                                                                            \
    case OP_##id: {                                                                             \
        ctype value;                                                                            \
        memcpy(&value, place, sizeof value);                                                    \
        return (int)value;                                                                      \
    }
        X(I8, int8_t)
        X(U8, uint8_t)
        X(I16, int16_t)
        X(U16, uint16_t)
        X(I32, int32_t)
#undef X
    case OP_U32: {
        uint32_t value;
        memcpy(&value, place, sizeof value);
        return value > INT_MAX ? INT_MAX : (int)value;
    }
    case OP_I64: {
        int64_t value;
        memcpy(&value, place, sizeof value);
        return value > INT_MAX ? INT_MAX : value < INT_MIN ? INT_MIN : (int)value;
    }
    default: {
        uint64_t value;
        memcpy(&value, place, sizeof value);
        return value > INT_MAX ? INT_MAX : (int)value;
    }
    }
}

static COLD int would_be_lost(const class_record *c, long value)
{
    PyErr_Format(PyExc_ValueError, "struct %s has no field for all of %s: %ld would be lost",
                 sb_string(c->b->d, c->record->name), sb_string(c->b->d, c->c->adapt), value);
    return -1;
}

/* Stores the first of `count` numbers; those for which the record has no field must be zero. */
static int put_integers(const class_record *c, const adapter *a, const long *values,
                        uint32_t count, char *record)
{
    for (uint32_t i = a->count; i < count; i++)
        if (values[i] != 0)
            return would_be_lost(c, values[i]);
    memset(record, 0, c->size);
    for (uint32_t i = 0; i < a->count; i++)
        if (put_integer(c, &a->parts[i], record, values[i]) < 0)
            return -1;
    return 0;
}

static void get_integers(const adapter *a, const char *record, int *values, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        values[i] = i < a->count ? get_integer(&a->parts[i], record) : 0;
}

/* ---- datetime.date --------------------------------------------------------------------------- */

static COLD int would_lose_time(void)
{
    PyErr_SetString(PyExc_TypeError,
                    "expected datetime.date, got datetime.datetime, which would lose its time; "
                    "pass its date()");
    return -1;
}

static COLD int not_a_date(const class_record *c, const adapter *a, PyObject *value)
{
    return PyObject_TypeCheck(value, a->api->DateTimeType) ? would_lose_time()
                                                           : wrong_type(c, value);
}

static int store_date(const class_record *c, const adapter *a, PyObject *value, char *record)
{
    if (unlikely(Py_TYPE(value) != a->api->DateType) &&
        (PyObject_TypeCheck(value, a->api->DateTimeType) ||
         !PyObject_TypeCheck(value, a->api->DateType)))
        return not_a_date(c, a, value);
    memset(record, 0, c->size);
    if (put_integer(c, &a->parts[0], record, PyDateTime_GET_YEAR(value)) < 0 ||
        put_integer(c, &a->parts[1], record, PyDateTime_GET_MONTH(value)) < 0 ||
        put_integer(c, &a->parts[2], record, PyDateTime_GET_DAY(value)) < 0)
        return -1;
    return 0;
}

static PyObject *load_date(const class_record *c, const adapter *a, const char *record)
{
    (void)c;
    return a->api->Date_FromDate(get_integer(&a->parts[0], record),
                                 get_integer(&a->parts[1], record),
                                 get_integer(&a->parts[2], record), a->api->DateType);
}

/* The usual record of a date: an int32_t and two uint8_t in 8 bytes, which is one number on a
 * little-endian machine. No date is out of their range. One store of the whole, because whoever
 * loads the record as one register would wait for narrower ones. */
static int store_packed_date(const class_record *c, const adapter *a, PyObject *value,
                             char *record)
{
    if (unlikely(Py_TYPE(value) != a->api->DateType))
        return store_date(c, a, value, record);
    uint64_t bits = (uint64_t)PyDateTime_GET_YEAR(value) << a->shift[0] |
                    (uint64_t)PyDateTime_GET_MONTH(value) << a->shift[1] |
                    (uint64_t)PyDateTime_GET_DAY(value) << a->shift[2];
    memcpy(record, &bits, sizeof bits);
    return 0;
}

static PyObject *load_packed_date(const class_record *c, const adapter *a, const char *record)
{
    (void)c;
    int32_t year;
    memcpy(&year, record + a->shift[0] / 8, sizeof year);
    return a->api->Date_FromDate(year, (uint8_t)record[a->shift[1] / 8],
                                 (uint8_t)record[a->shift[2] / 8], a->api->DateType);
}

static void pack_date(const class_record *c, adapter *a)
{
    if (a->store != store_date || c->size != sizeof(uint64_t) || PY_BIG_ENDIAN)
        return;
    for (int i = 0; i < 3; i++) {
        if (a->parts[i].code != (i == 0 ? OP_I32 : OP_U8))
            return;
        a->shift[i] = (uint8_t)(a->parts[i].offset * 8);
    }
    a->store = store_packed_date;
    a->load = load_packed_date;
}

/* ---- datetime.datetime, datetime.time -------------------------------------------------------- */

static int refuse_zone(const class_record *c, PyObject *zone)
{
    if (zone == Py_None)
        return 0;
    PyErr_Format(PyExc_TypeError,
                 "expected a %s without tzinfo, got one with %R, which would be lost",
                 sb_string(c->b->d, c->c->adapt), zone);
    return -1;
}

static int store_datetime(const class_record *c, const adapter *a, PyObject *value, char *record)
{
    if (!PyObject_TypeCheck(value, a->api->DateTimeType))
        return wrong_type(c, value);
    if (refuse_zone(c, PyDateTime_DATE_GET_TZINFO(value)) < 0)
        return -1;
    long values[] = {
        PyDateTime_GET_YEAR(value),         PyDateTime_GET_MONTH(value),
        PyDateTime_GET_DAY(value),          PyDateTime_DATE_GET_HOUR(value),
        PyDateTime_DATE_GET_MINUTE(value),  PyDateTime_DATE_GET_SECOND(value),
        PyDateTime_DATE_GET_MICROSECOND(value),
    };
    return put_integers(c, a, values, 7, record);
}

static PyObject *load_datetime(const class_record *c, const adapter *a, const char *record)
{
    (void)c;
    int v[7];
    get_integers(a, record, v, 7);
    return a->api->DateTime_FromDateAndTime(v[0], v[1], v[2], v[3], v[4], v[5], v[6], Py_None,
                                            a->api->DateTimeType);
}

static int store_time(const class_record *c, const adapter *a, PyObject *value, char *record)
{
    if (!PyObject_TypeCheck(value, a->api->TimeType))
        return wrong_type(c, value);
    if (refuse_zone(c, PyDateTime_TIME_GET_TZINFO(value)) < 0)
        return -1;
    long values[] = {PyDateTime_TIME_GET_HOUR(value), PyDateTime_TIME_GET_MINUTE(value),
                     PyDateTime_TIME_GET_SECOND(value), PyDateTime_TIME_GET_MICROSECOND(value)};
    return put_integers(c, a, values, 4, record);
}

static PyObject *load_time(const class_record *c, const adapter *a, const char *record)
{
    (void)c;
    int v[4];
    get_integers(a, record, v, 4);
    return a->api->Time_FromTime(v[0], v[1], v[2], v[3], Py_None, a->api->TimeType);
}

/* ---- datetime.timedelta ---------------------------------------------------------------------- */

static int store_timedelta(const class_record *c, const adapter *a, PyObject *value, char *record)
{
    if (!PyObject_TypeCheck(value, a->api->DeltaType))
        return wrong_type(c, value);
    long values[] = {PyDateTime_DELTA_GET_DAYS(value), PyDateTime_DELTA_GET_SECONDS(value),
                     PyDateTime_DELTA_GET_MICROSECONDS(value)};
    return put_integers(c, a, values, 3, record);
}

/* Seconds and microseconds need not be in their usual ranges: the class carries them over. */
static PyObject *load_timedelta(const class_record *c, const adapter *a, const char *record)
{
    (void)c;
    int v[3];
    get_integers(a, record, v, 3);
    for (uint32_t i = 0; i < 3; i++) {
        if (v[i] == INT_MAX || v[i] == INT_MIN) {
            PyErr_SetString(PyExc_OverflowError, "C gave a duration that timedelta cannot hold");
            return NULL;
        }
    }
    return a->api->Delta_FromDelta(v[0], v[1], v[2], 1, a->api->DeltaType);
}

/* ---- complex --------------------------------------------------------------------------------- */

static int store_complex(const class_record *c, const adapter *a, PyObject *value, char *record)
{
    double z[2];
    if (scalar_store(OP_CDOUBLE, value, z) < 0)
        return -1;
    _Alignas(16) char fields[2][16] = {{0}};
    for (uint32_t i = 0; i < 2; i++) {
        if (a->parts[i].code == OP_DOUBLE) {
            memcpy(fields[i], &z[i], sizeof z[i]);
            continue;
        }
        PyObject *number = PyFloat_FromDouble(z[i]);
        int status = number == NULL ? -1 : scalar_store((op)a->parts[i].code, number, fields[i]);
        Py_XDECREF(number);
        if (status < 0)
            return -1;
    }
    memset(record, 0, c->size);
    for (uint32_t i = 0; i < 2; i++)
        memcpy(record + a->parts[i].offset, fields[i], scalar_size((op)a->parts[i].code));
    return 0;
}

static double get_real(const part *p, const char *record)
{
    const char *place = record + p->offset;
    if (p->code == OP_FLOAT) {
        float value;
        memcpy(&value, place, sizeof value);
        return (double)value;
    }
    if (p->code == OP_LDOUBLE) {
        long double value;
        memcpy(&value, place, sizeof value);
        return (double)value;
    }
    double value;
    memcpy(&value, place, sizeof value);
    return value;
}

static PyObject *load_complex(const class_record *c, const adapter *a, const char *record)
{
    (void)c;
    return PyComplex_FromDoubles(get_real(&a->parts[0], record), get_real(&a->parts[1], record));
}

/* ---- any class ------------------------------------------------------------------------------- */

enum { RECORD_ON_STACK = 256 };

static int store_parts(const class_record *c, const adapter *a, PyObject *value, char *record)
{
    for (uint32_t i = 0; i < a->count; i++) {
        const part *p = &a->parts[i];
        const char *name = sb_string(c->b->d, p->name);
        PyObject *item = PyObject_GetAttrString(value, name);
        if (item == NULL)
            return -1;
        _Alignas(16) char field[32];
        int status = 0;
        if (p->enumeration != SB_NONE) {
            enum_record *e = enum_get(c->b, p->enumeration);
            status = e == NULL ? -1 : enum_check(e, item);
        }
        if (status == 0)
            status = scalar_store((op)p->code, item, field);
        Py_DECREF(item);
        if (status < 0)
            return error_prefix("%s.%s: ", Py_TYPE(value)->tp_name, name);
        memcpy(record + p->offset, field, scalar_size((op)p->code));
    }
    return 0;
}

/* What the ways in C refuse, for classes of a datetime module without an interface for C: some
 * versions of CPython have only that in isolated subinterpreters. */
static int check_python_class(const class_record *c, const adapter *a, PyObject *value)
{
    const known *k = a->python;
    if (strcmp(k->name, "datetime.date") == 0 && PyObject_HasAttrString(value, "hour"))
        return would_lose_time();
    int status = 0;
    PyObject *zone = PyObject_GetAttrString(value, "tzinfo");
    if (zone == NULL)
        PyErr_Clear();
    else
        status = refuse_zone(c, zone);
    Py_XDECREF(zone);
    for (uint32_t i = a->count; status == 0 && i < k->most; i++) {
        PyObject *part_value = PyObject_GetAttrString(value, k->parts[i]);
        long n = part_value == NULL ? -1 : PyLong_AsLong(part_value);
        Py_XDECREF(part_value);
        status = PyErr_Occurred() ? -1 : n != 0 ? would_be_lost(c, n) : 0;
    }
    return status;
}

/* Attributes may run Python code, so the record is filled aside and copied when it is whole. */
static int store_attributes(const class_record *c, const adapter *a, PyObject *value,
                            char *record)
{
    if (c->adapted == NULL)
        return torn_down(c);
    int is_instance = PyObject_IsInstance(value, c->adapted);
    if (is_instance <= 0)
        return is_instance < 0 ? -1 : wrong_type(c, value);
    if (a->python != NULL && check_python_class(c, a, value) < 0)
        return -1;
    _Alignas(16) char on_stack[RECORD_ON_STACK];
    char *memory = c->size <= sizeof on_stack ? on_stack : PyMem_Malloc(c->size);
    if (memory == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    memset(memory, 0, c->size);
    int status = store_parts(c, a, value, memory);
    if (status == 0)
        memcpy(record, memory, c->size);
    if (memory != on_stack)
        PyMem_Free(memory);
    return status;
}

static PyObject *load_part(const class_record *c, const part *p, const char *record)
{
    PyObject *item = scalar_load((op)p->code, record + p->offset);
    if (item == NULL || p->enumeration == SB_NONE)
        return item;
    enum_record *e = enum_get(c->b, p->enumeration);
    PyObject *member = NULL;
    if (e != NULL) {
        int64_t bits = e->scalar == OP_U64 ? (int64_t)PyLong_AsUnsignedLongLong(item)
                                           : PyLong_AsLongLong(item);
        member = enum_member(e, bits);
    }
    Py_DECREF(item);
    return member;
}

static PyObject *load_attributes(const class_record *c, const adapter *a, const char *record)
{
    PyObject *args = PyTuple_New((Py_ssize_t)a->count);
    for (uint32_t i = 0; args != NULL && i < a->count; i++) {
        PyObject *item = load_part(c, &a->parts[i], record);
        if (item == NULL)
            Py_CLEAR(args);
        else
            PyTuple_SET_ITEM(args, (Py_ssize_t)i, item);
    }
    PyObject *made = NULL, *adapted = Py_XNewRef(c->adapted);
    if (args != NULL && adapted == NULL)
        torn_down(c);
    else if (args != NULL)
        made = PyObject_Call(adapted, args, NULL);
    Py_XDECREF(adapted);
    Py_XDECREF(args);
    return made;
}

/* ---- choosing -------------------------------------------------------------------------------- */

static const known known_classes[] = {
    {"datetime.date", 3, 3, true, {"year", "month", "day"}, store_date, load_date},
    {"datetime.datetime",
     3,
     7,
     true,
     {"year", "month", "day", "hour", "minute", "second", "microsecond"},
     store_datetime,
     load_datetime},
    {"datetime.time", 1, 4, true, {"hour", "minute", "second", "microsecond"}, store_time,
     load_time},
    {"datetime.timedelta", 1, 3, true, {"days", "seconds", "microseconds"}, store_timedelta,
     load_timedelta},
    {"complex", 2, 2, false, {"real", "imag"}, store_complex, load_complex},
};

static bool suits(const class_record *c, const adapter *a, const known *k)
{
    const sb_description *d = c->b->d;
    if (strcmp(k->name, sb_string(d, c->c->adapt)) != 0 || a->count < k->least ||
        a->count > k->most)
        return false;
    for (uint32_t i = 0; i < a->count; i++) {
        const part *p = &a->parts[i];
        bool fits = k->integers ? p->code >= OP_I8 && p->code <= OP_U64
                                    : p->code >= OP_FLOAT && p->code <= OP_LDOUBLE;
        if (!fits || p->enumeration != SB_NONE ||
            strcmp(sb_string(d, p->name), k->parts[i]) != 0)
            return false;
    }
    return true;
}

/* The interface of the datetime module, the interpreter's own; NULL without an exception when it
 * has none. */
static PyDateTime_CAPI *datetime_api(bridge_state *state)
{
    (void)PyDateTimeAPI;
    if (state->datetime == NULL) {
        PyObject *module = PyImport_ImportModule("datetime");
        PyObject *capsule =
            module == NULL ? NULL : PyObject_GetAttrString(module, "datetime_CAPI");
        Py_XDECREF(module);
        if (capsule == NULL) {
            if (module != NULL && PyErr_ExceptionMatches(PyExc_AttributeError))
                PyErr_Clear();
            return NULL;
        }
        void *api = PyCapsule_GetPointer(capsule, PyDateTime_CAPSULE_NAME);
        if (api == NULL || state->datetime != NULL) {
            Py_DECREF(capsule);
        }
        else {
            state->datetime_capi = capsule;
            state->datetime = api;
        }
    }
    return state->datetime;
}

static PyObject *get_path(PyObject *o, const char *path)
{
    while (o != NULL && *path != '\0') {
        size_t length = strcspn(path, ".");
        PyObject *name = PyUnicode_FromStringAndSize(path, (Py_ssize_t)length);
        PyObject *next = name == NULL ? NULL : PyObject_GetAttr(o, name);
        Py_XDECREF(name);
        Py_SETREF(o, next);
        path += length + (path[length] == '.');
    }
    return o;
}

/* "pkg.mod.Class", "pkg.mod.Outer.Inner", or a built-in class: the longest importable module
 * first. */
static PyObject *import_class(const char *path)
{
    for (const char *end = strrchr(path, '.'); end != NULL;) {
        PyObject *name = PyUnicode_FromStringAndSize(path, end - path);
        PyObject *module = name == NULL ? NULL : PyImport_Import(name);
        Py_XDECREF(name);
        if (module != NULL)
            return get_path(module, end + 1);
        if (!PyErr_ExceptionMatches(PyExc_ModuleNotFoundError))
            return NULL;
        const char *previous = end - 1;
        while (previous > path && *previous != '.')
            previous--;
        if (previous <= path)
            return NULL; /* with the ModuleNotFoundError */
        PyErr_Clear();
        end = previous;
    }
    return get_path(PyImport_ImportModule("builtins"), path);
}

/* The field for the i-th name: of that name, or else the i-th. */
static const sb_field *field_for(const class_record *c, sb_text name, uint32_t i)
{
    const sb_description *d = c->b->d;
    const sb_field *fields = d->fields + c->record->first;
    for (uint32_t k = 0; k < c->record->count; k++)
        if (strcmp(sb_string(d, fields[k].value.name), sb_string(d, name)) == 0)
            return &fields[k];
    return i < c->record->count ? &fields[i] : NULL;
}

static int fill_parts(const class_record *c, adapter *a)
{
    const sb_description *d = c->b->d;
    for (uint32_t i = 0; i < a->count; i++) {
        part *p = &a->parts[i];
        const sb_constant *named = &d->arguments[c->c->first_adapt + i];
        p->name = named->kind == SB_CONST_NAME || named->kind == SB_CONST_STRING ? named->as.s
                                                                                 : named->name;
        const sb_field *f = field_for(c, p->name, i);
        const sb_type *t = f == NULL ? NULL : &d->types[f->value.type];
        p->code = t == NULL ? OP_NONE : (uint8_t)scalar_op(d, f->value.type);
        p->enumeration = SB_NONE;
        if (p->code == OP_NONE || t->kind == SB_POINTER || f->bit_width != 0) {
            PyErr_Format(PyExc_NotImplementedError,
                         "struct %s cannot cross as %s: field '%s' is not a plain number",
                         sb_string(d, c->record->name), sb_string(d, c->c->adapt),
                         sb_string(d, p->name));
            return -1;
        }
        if (t->kind == SB_ENUM)
            p->enumeration = t->binding;
        p->offset = (uint32_t)f->offset;
    }
    return 0;
}

static int choose(class_record *c, adapter *a)
{
    a->store = store_attributes;
    a->load = load_attributes;
    for (size_t i = 0; i < sizeof known_classes / sizeof *known_classes; i++) {
        const known *k = &known_classes[i];
        if (!suits(c, a, k))
            continue;
        if (k->integers) {
            a->api = datetime_api(c->b->state);
            if (a->api == NULL && PyErr_Occurred())
                return -1;
            if (a->api == NULL) {
                a->python = k;
                continue;
            }
        }
        a->store = k->store;
        a->load = k->load;
    }
    if (c->adapted != NULL)
        return 0;
    PyObject *found = import_class(sb_string(c->b->d, c->c->adapt));
    if (found != NULL && !PyType_Check(found)) {
        PyErr_Format(PyExc_TypeError, "[[adapt(\"%s\")]] names no class",
                     sb_string(c->b->d, c->c->adapt));
        Py_CLEAR(found);
    }
    c->adapted = found;
    return found == NULL ? -1 : 0;
}

int adapt_prepare(class_record *c)
{
    adapter *a = PyMem_RawCalloc(1, sizeof *a + c->c->adapt_count * sizeof a->parts[0]);
    if (a == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    a->count = c->c->adapt_count;
    if (fill_parts(c, a) < 0 || choose(c, a) < 0) {
        PyMem_RawFree(a);
        return -1;
    }
    pack_date(c, a);
    PyMem_RawFree(c->adapter);
    c->adapter = a;
    return 0;
}

int adapt_store(class_record *c, PyObject *value, void *record)
{
    const adapter *a = adapter_of(c);
    return a->store(c, a, value, record);
}

PyObject *adapt_load(class_record *c, const void *record)
{
    const adapter *a = adapter_of(c);
    return a->load(c, a, record);
}

bool adapt_is_native(const class_record *c)
{
    const adapter *a = adapter_of(c);
    return a != NULL && a->api != NULL;
}
