/* classes.h - what the files that make described records into Python classes share.
 *
 *   class.c    makes the types: layout, methods, documentation, members
 *   field.c    one field_record per field; attributes
 *   place.c    any C object in memory <-> Python object
 *   window.c   memoryviews on arrays inside records, and on those that an object holds
 *   record.c   value classes: construction, views
 *   compare.c  equality, order, hash, repr
 *   copying.c  pickle and copy
 *   handle.c   opaque classes
 *   slot.c     special methods that are C functions
 *   slot_quick.c  the same, for functions of the commonest shapes
 *
 * Layout of instances, after PyObject_HEAD:
 *
 *   value class   [kept] record       kept: a dict or NULL, in families with pointer fields
 *   view          place_view          see below; its type is a hidden subclass of the class
 *   opaque class  handle [owner] [handle_state] [keeper_state] [deferred] [callbacks]
 *
 * All classes derived from one another put the record at the same place, so that a base's functions
 * and attributes work on derived objects without asking.
 */
#ifndef SYMBRIDGE_CPYTHON_CLASSES_H
#define SYMBRIDGE_CPYTHON_CLASSES_H

#include "bridge.h"

/* ---- finding the class of an object -------------------------------------------------------------- */

/* The method table of a class; the type's tp_methods is `list`. Its first method is always
 * __reduce__, which tells our types from others. Owned by the class_record. */
typedef struct class_methods {
    class_record *owner;
    PyMethodDef list[];
} class_methods;

PyObject *object_reduce(PyObject *self, PyObject *unused);

/* The class that an exact class type (not a subclass of it) stands for. */
static inline class_record *class_of_exact(PyTypeObject *type)
{
    const char *list = (const char *)type->tp_methods;
    return ((const class_methods *)(const void *)(list - offsetof(class_methods, list)))->owner;
}

/* The nearest described class among a type and its bases, or NULL. */
class_record *class_of_type(PyTypeObject *type);

static inline const sb_type *class_type(const class_record *c, sb_type_id id)
{
    return &c->b->d->types[id];
}
static inline const char *class_name(const class_record *c)
{
    return sb_string(c->b->d, c->c->name);
}
/* __name__ of a type. */
static inline const char *type_name(const PyTypeObject *type)
{
    const char *dot = strrchr(type->tp_name, '.');
    return dot == NULL ? type->tp_name : dot + 1;
}
/* An instance whose most derived described class is this one: not of a derived described class. */
bool class_is_family(class_record *c, PyObject *o);

/* ---- arguments of tp_new, tp_init and tp_call as a vector ---------------------------------------- */

enum { VECTOR_SMALL = 16 };
typedef struct vector {
    PyObject *const *items; /* borrowed; those of keywords owned */
    Py_ssize_t count;       /* positional */
    PyObject *kwnames;      /* owned, or NULL */
    PyObject **allocated;
    PyObject *small[VECTOR_SMALL];
} vector;

int vector_fill(vector *v, PyObject *args, PyObject *kwargs);
void vector_free(vector *v);
/* Runs a plan with a tuple and a dict. */
PyObject *plan_call_tuple(plan *p, PyObject *self, PyObject *args, PyObject *kwargs);

/* ---- memory ------------------------------------------------------------------------------------------ */

/* Where a C object lies and what keeps it there. Borrowed references. */
typedef struct place {
    class_record *c;     /* class whose field is looked at */
    PyObject *owner;     /* keeps the memory; NULL: it lives for ever */
    void **live;         /* the handle whose closing ends the memory, or NULL */
    keeper_state *keeper; /* of that handle, or NULL */
    char *base;          /* the root record when a Python object holds the memory inline, else NULL */
    bool copy;           /* give copies rather than views on the memory */
    bool readonly;
    bool bare;           /* pointers are addresses: other fields share their bytes */
} place;

/* While held, the handle whose closing would end the memory cannot be closed. */
static inline void place_hold(const place *at, bool hold)
{
    if (at->keeper != NULL)
        at->keeper->exports += hold ? 1u : (uint32_t)-1;
}

/* Memory beside an object of a class (not within it): what keeps it, and what ends it. */
void place_beside(place *at, PyObject *owner);

/* A view on a record that lies in C memory or inside another object. It owns `owner`, which is
 * never a view itself. GC object. */
typedef struct place_view {
    PyObject_HEAD
    char *data;
    PyObject *owner;
    void **live;
    keeper_state *keeper;
    char *base;
} place_view;

#define KEPT_OFFSET ((Py_ssize_t)sizeof(PyObject))

bool view_check(PyObject *o);
PyObject *view_new(class_record *c, char *data, const place *at);
/* The record inside self and its surroundings; NULL as record_of. */
char *place_of(class_record *c, PyObject *self, place *at);

/* Python object <- C object of that type. `v` says more of pointers and text; it may be NULL. */
PyObject *value_get(const place *at, sb_type_id type, const sb_value *v, char *p);
/* C object <- Python object. -1 leaves the memory as it was, except for arrays of strings. */
int value_set(const place *at, sb_type_id type, const sb_value *v, char *p, PyObject *value);

/* Text in an array of `most` units, or behind a pointer (SIZE_MAX), up to its NUL. */
PyObject *text_get(const sb_description *d, const sb_type *unit, const sb_value *v, const char *p,
                   size_t most);
int text_array_set(const sb_description *d, const sb_type *unit, const sb_value *v, char *p,
                   size_t most, PyObject *value);
size_t text_length(const char *p, size_t unit, size_t most);

/* Remembers what a pointer at p points into, for as long as the root record lives; NULL forgets. */
int keep_set(const place *at, const char *p, PyObject *object);
/* Sets the pointer at p, to something in `object`. What it pointed into may run Python code when it
 * goes, which is after that. */
int keep_pointer(const place *at, char *p, PyObject *object, const void *pointer);
/* What was remembered: borrowed, NULL without an exception when nothing. */
PyObject *keep_get(const place *at, const char *p);
/* Copies `size` bytes of a record of `from` to p, and takes over what they point into. */
int keep_copy(const place *at, char *p, const place *from, const char *source, size_t size);

/* Integers in bit-fields. */
uint64_t bits_load(const char *p, const sb_field *f, bool is_signed);
void bits_store(char *p, const sb_field *f, uint64_t bits);
PyObject *bits_get(binding *b, const sb_field *f, const char *p);
int bits_set(binding *b, const sb_field *f, char *p, PyObject *value);

/* A memoryview on an array of scalars; NULL with an exception. `shape` has `dimensions` entries. */
enum { WINDOW_DIMENSIONS = 8 };
PyObject *window_new(const place *at, char *data, op code, int dimensions, const Py_ssize_t *shape,
                     bool readonly);
/* The same on `count` items of any type. */
PyObject *window_new_items(const place *at, char *data, const sb_description *d, sb_type_id item,
                           Py_ssize_t count, bool readonly);
/* True when memoryviews can show items of this scalar. */
bool window_can_show(op code);

/* ---- fields ------------------------------------------------------------------------------------------- */

int fields_make(class_record *c);
/* Attributes of fields; entries are appended to c->getsets. */
void field_attribute(const field_record *f, PyGetSetDef *def);
PyObject *field_get(const field_record *f, place *at, char *record);
/* Whatever `readonly` says: construction uses it too. */
int field_set(const field_record *f, place *at, char *record, PyObject *value);
bool type_has_pointer(const sb_description *d, sb_type_id id, bool in_unions);

/* ---- value classes --------------------------------------------------------------------------------- */

PyObject *record_vectorcall(PyObject *type, PyObject *const *args, size_t nargsf,
                            PyObject *kwnames);
/* Instead, where a C function is the constructor; of opaque classes too. */
PyObject *constructor_vectorcall(PyObject *type, PyObject *const *args, size_t nargsf,
                                 PyObject *kwnames);
PyObject *record_tp_new(PyTypeObject *type, PyObject *args, PyObject *kwargs);
int record_tp_init(PyObject *self, PyObject *args, PyObject *kwargs);
void record_dealloc(PyObject *self);
void record_dealloc_kept(PyObject *self);
int record_traverse(PyObject *self, visitproc visit, void *arg);
PyObject *record_repr(PyObject *self);
Py_hash_t record_hash(PyObject *self);
PyObject *class_richcompare(PyObject *self, PyObject *other, int operation);
PyObject *record_copy(PyObject *self, PyObject *unused);
PyObject *record_deepcopy(PyObject *self, PyObject *memo);

/* ---- opaque classes ---------------------------------------------------------------------------------- */

PyObject *handle_tp_new(PyTypeObject *type, PyObject *args, PyObject *kwargs);
int handle_tp_init(PyObject *self, PyObject *args, PyObject *kwargs);
void handle_dealloc(PyObject *self);
void handle_dealloc_owning(PyObject *self);
int handle_traverse(PyObject *self, visitproc visit, void *arg);
PyObject *handle_repr(PyObject *self);
PyObject *handle_close(PyObject *self, PyObject *unused);
PyObject *object_enter(PyObject *self, PyObject *unused);
PyObject *object_exit(PyObject *self, PyObject *const *args, Py_ssize_t nargs);

/* The handle word and state of an object when it is a handle that can be closed: what views on its
 * memory must watch. */
void handle_watch(PyObject *owner, void ***live, keeper_state **keeper);
/* The list of callbacks that end with a handle; NULL when it is closed, or not ours to end, which
 * *borrowed says. */
struct callback **handle_callbacks(PyObject *o, bool *borrowed);

/* ---- special methods ---------------------------------------------------------------------------------- */

/* Room for the type's slots; far more than any class can have. */
enum { SLOTS_MAX = 96 };
typedef struct slot_list {
    PyType_Slot slots[SLOTS_MAX];
    int count;
} slot_list;

/* PyType_Slot wants functions as data pointers. */
#define SLOT_FUNCTION(function) ((void *)(uintptr_t)(function))

static inline void slot_add(slot_list *list, int slot, void *pointer)
{
    list->slots[list->count++] = (PyType_Slot){slot, pointer};
}

/* What a slot's stub is bound to. */
typedef struct slot_target {
    stub_entry entry; /* first: see target */
    class_record *c;
    plan *p;
    plan *other;         /* delitem beside setitem */
    const step *operand; /* of the first argument, or NULL */
} slot_target;

/* Plans and stubs of the class's special methods. */
int slots_make(class_record *c, slot_list *list);
void *slot_binary(void *left, void *right, void *c, void *d, target *t);
/* Entries for functions of the commonest shapes; NULL for others. */
stub_entry slot_quick_binary(const class_record *c, const plan *p);

#endif
