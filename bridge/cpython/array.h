/* array.h - what the files that convert arrays and text share.
 *
 *   array.c      what the elements are; lists, bytes and text from C memory; which converter
 *   array_in.c   buffers, sequences and dicts given to C
 *   array_out.c  arrays that C fills, makes or returns
 *   text.c       strings
 */
#ifndef SYMBRIDGE_CPYTHON_ARRAY_H
#define SYMBRIDGE_CPYTHON_ARRAY_H

#include "bridge.h"

typedef enum element_kind {
    ELEMENT_SCALAR,  /* number, character, address */
    ELEMENT_ENUM,
    ELEMENT_RECORD,  /* value class */
    ELEMENT_ADAPTED, /* record that crosses as another class */
    ELEMENT_POINTER, /* to a record with a class: value class or handle */
    ELEMENT_STRING   /* char * */
} element_kind;

/* What one element of an array is. Made when needed from the description; owns nothing. */
typedef struct element {
    element_kind kind;
    op code;       /* of scalars and enums */
    size_t size;   /* bytes of one */
    class_record *c;
    enum_record *e;
    binding *b;
    const sb_value *v; /* of the array: flags and encoding */
    const sb_type *type; /* of one element */
} element;

/* -1 with an exception when no such element can cross. */
int element_of(binding *b, const sb_value *v, element *e);
/* "double", "Point", "str": what the user should give or gets. */
void element_name(const element *e, char *name, size_t capacity);
/* New reference. `owner` keeps handles alive, may be NULL. */
PyObject *element_load(const element *e, const char *p, PyObject *owner);
/* Whether a whole array of such elements is text rather than a list. */
bool element_is_text(const element *e);

/* n elements at p as str, bytes or list, as the description says. */
PyObject *array_to_python(const element *e, const char *p, size_t n, PyObject *owner);
/* Elements before the first that is all zero bits. */
size_t array_count_to_zero(const element *e, const char *p);

/* An array given to C, in the frame's storage. */
typedef struct in_state {
    Py_buffer view;  /* held during the call when view.obj is set */
    void *memory;    /* elements converted from a sequence; PyMem */
    PyObject *keep;  /* what pointers in the elements point into: a tuple, str or bytes */
    size_t count;
    bool counted;    /* count is known: not None */
    bool entered;    /* keep's objects are marked busy */
} in_state;

extern const converter array_terminated_in, array_bytes_in, array_records_in, array_dict_in,
    array_partner_in, array_out, array_callee_out, array_result, array_shown_out,
    array_shown_result;
/* The converter for numbers of an op code, by code: those of scalars. */
const converter *array_numbers_in(op code);

/* What an item of a buffer of numbers must be to be passed as it lies. */
typedef struct item_format {
    char format; /* what array.array and NumPy call the type here */
    uint8_t shift; /* its size is 1 << shift */
    uint8_t alignment;
} item_format;

/* That of array_numbers_in's converter; NULL for other converters. */
const item_format *array_item_format(const converter *c);

/* Text as bytes in the encoding that v says, for units of that type, with a NUL unit at the end
 * (beyond the length, for units of one byte). NULL with an exception for other objects and for NULs
 * within. */
PyObject *text_encode(const sb_description *d, const sb_value *v, const sb_type *unit,
                      PyObject *value, bool nul_allowed);
/* n units at p as str, or bytes where v says so. */
PyObject *text_decode(const sb_description *d, const sb_value *v, const sb_type *unit,
                      const char *p, size_t n);

/* Frees what a step owns: by the function the description names, or free(). */
static inline void release_owned(const step *s, void *pointer)
{
    if (pointer == NULL || !(s->flags & STEP_OWNED))
        return;
    if (s->release_plan != NULL)
        plan_call_pointer(s->release_plan, pointer);
    else
        free(pointer);
}

#endif
