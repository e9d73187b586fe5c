/* bitfield.c - bit-fields of records.
 *
 * A bit-field is described by the unit that it was declared with: a value of that type, read at
 * `offset`, has the field's lowest bit at `bit_shift`. In packed records the field can reach beyond
 * the unit, and the unit beyond the record; so only the bytes that hold bits of the field are
 * touched, one after the other.
 */
#include "cdata.h"

#define WORD 64 /* bits */

/* Where the bits lie. Bytes are counted from the one with the lowest bits, in any byte order. */
typedef struct span {
    ptrdiff_t first;  /* from the start of the record */
    ptrdiff_t step;   /* to the next byte: 1, or -1 where the high bytes come first */
    int shift;        /* bits of the first byte below the field */
    int bytes;
} span;

static span span_of(const cfield *field)
{
    int below = field->bit_shift / CHAR_BIT;
    span s = {.step = 1, .shift = field->bit_shift % CHAR_BIT};
    s.bytes = (s.shift + field->bit_size + CHAR_BIT - 1) / CHAR_BIT;
    s.first = field->offset + below;
#if PY_BIG_ENDIAN
    s.first = field->offset + field->type->size - 1 - below;
    s.step = -1;
#endif
    return s;
}

/* The bits, low word first. */
static void read_bits(const cfield *field, const char *record, uint64_t words[2])
{
    span s = span_of(field);
    words[0] = words[1] = 0;
    for (int i = 0, at = -s.shift; i < s.bytes; i++, at += CHAR_BIT) {
        uint64_t byte = (unsigned char)record[s.first + i * s.step];
        if (at < 0) {
            words[0] |= byte >> -at;
            continue;
        }
        words[at / WORD & 1] |= byte << at % WORD;
        if (at % WORD > WORD - CHAR_BIT && at < WORD)
            words[1] |= byte >> (WORD - at % WORD);
    }
    int high = field->bit_size - WORD;
    if (high < 0)
        words[0] &= ((uint64_t)1 << field->bit_size) - 1;
    if (high < WORD)
        words[1] &= high <= 0 ? 0 : ((uint64_t)1 << high) - 1;
}

static uint64_t word_at(const uint64_t words[2], int at)
{
    uint64_t low = at < WORD ? words[0] >> at : words[1] >> (at - WORD);
    return at > 0 && at < WORD ? low | words[1] << (WORD - at) : low;
}

static void write_bits(const cfield *field, char *record, const uint64_t words[2])
{
    span s = span_of(field);
    for (int i = 0, at = -s.shift; i < s.bytes; i++, at += CHAR_BIT) {
        char *byte = &record[s.first + i * s.step];
        uint64_t bits = at < 0 ? words[0] << -at : word_at(words, at);
        unsigned mask = at < 0 ? 0xffu << -at : 0xffu;
        if (at + CHAR_BIT > field->bit_size)
            mask &= 0xffu >> (at + CHAR_BIT - field->bit_size);
        *byte = (char)(((unsigned char)*byte & ~mask) | ((unsigned)bits & mask));
    }
}

/* ---- reading --------------------------------------------------------------------------------- */

static PyObject *load_wide(const cfield *field, uint64_t words[2])
{
    bool is_signed = field->type->flags & CTYPE_SIGNED;
    int high = field->bit_size - WORD;
    if (is_signed && high < WORD && words[1] >> (high - 1) & 1)
        words[1] |= ~(uint64_t)0 << high;
#ifdef __SIZEOF_INT128__
    sb_uint128 value = (sb_uint128)words[1] << WORD | words[0];
    return scalar_load(is_signed ? OP_I128 : OP_U128, &value);
#else
    return PyLong_FromUnsignedLongLong(words[0]);
#endif
}

PyObject *convert_load_bits(const cfield *field, const char *record)
{
    uint64_t words[2];
    read_bits(field, record, words);
    if (field->bit_size > WORD)
        return load_wide(field, words);
    if (!(field->type->flags & CTYPE_SIGNED))
        return PyLong_FromUnsignedLongLong(words[0]);
    uint64_t sign = (uint64_t)1 << (field->bit_size - 1);
    return PyLong_FromLongLong((int64_t)((words[0] ^ sign) - sign));
}

/* ---- writing --------------------------------------------------------------------------------- */

/* 2^power less one; the negative of 2^power. */
static PyObject *power_of_two(int power, bool lowest)
{
    PyObject *one = PyLong_FromLong(lowest ? -1 : 1), *count = PyLong_FromLong(power);
    PyObject *shifted = one == NULL || count == NULL ? NULL : PyNumber_Lshift(one, count);
    Py_XDECREF(count);
    if (shifted != NULL && !lowest)
        Py_SETREF(shifted, PyNumber_Subtract(shifted, one));
    Py_XDECREF(one);
    return shifted;
}

static COLD int outside(const cfield *field, PyObject *value)
{
    bool is_signed = field->type->flags & CTYPE_SIGNED;
    int bits = field->bit_size - is_signed;
    PyObject *least = is_signed ? power_of_two(bits, true) : PyLong_FromLong(0);
    /* "int x: 1" takes 1 too */
    PyObject *most = power_of_two(bits == 0 ? 1 : bits, false);
    if (least != NULL && most != NULL)
        PyErr_Format(PyExc_OverflowError,
                     "value %S outside the range allowed by the bit field width: %S <= x <= %S",
                     value, least, most);
    Py_XDECREF(least);
    Py_XDECREF(most);
    return -1;
}

#ifdef __SIZEOF_INT128__
static int store_wide(const cfield *field, char *record, PyObject *value)
{
    bool is_signed = field->type->flags & CTYPE_SIGNED;
    PyObject *integer = PyNumber_Index(value);
    if (integer == NULL)
        return -1;
    sb_uint128 bits = 0;
    int status = scalar_store(is_signed ? OP_I128 : OP_U128, integer, &bits);
    Py_DECREF(integer);
    int unused = 2 * WORD - field->bit_size;
    bool fits = status == 0 &&
                (is_signed ? (sb_int128)(bits << unused) >> unused == (sb_int128)bits
                           : bits << unused >> unused == bits);
    if (!fits) {
        if (status < 0 && !PyErr_ExceptionMatches(PyExc_OverflowError))
            return -1;
        PyErr_Clear();
        return outside(field, value);
    }
    const uint64_t words[2] = {(uint64_t)bits, (uint64_t)(bits >> WORD)};
    write_bits(field, record, words);
    return 0;
}
#endif

int convert_store_bits(const cfield *field, char *record, PyObject *value)
{
#ifdef __SIZEOF_INT128__
    if (field->bit_size > WORD)
        return store_wide(field, record, value);
#endif
    int overflow;
    int64_t number = PyLong_AsLongLongAndOverflow(value, &overflow);
    if (number == -1 && overflow == 0 && PyErr_Occurred())
        return -1;
    bool fits;
    if (field->type->flags & CTYPE_SIGNED) {
        int64_t most = (int64_t)(((uint64_t)1 << (field->bit_size - 1)) - 1);
        fits = overflow == 0 && number >= -most - 1 && number <= (most == 0 ? 1 : most);
    }
    else if (field->bit_size == WORD) {
        fits = overflow == 0 && number >= 0;
        if (overflow > 0) {
            PyObject *integer = PyNumber_Index(value);
            if (integer == NULL)
                return -1;
            number = (int64_t)PyLong_AsUnsignedLongLong(integer);
            Py_DECREF(integer);
            fits = !PyErr_Occurred();
            PyErr_Clear();
        }
    }
    else {
        fits = overflow == 0 && number >= 0 && (uint64_t)number >> field->bit_size == 0;
    }
    if (!fits)
        return outside(field, value);
    const uint64_t words[2] = {(uint64_t)number, 0};
    write_bits(field, record, words);
    return 0;
}

int convert_store_field(const cfield *field, char *record, PyObject *value)
{
    if (unlikely(field->bit_shift >= 0))
        return convert_store_bits(field, record, value);
    return convert_store(field->type, record + field->offset, value);
}
