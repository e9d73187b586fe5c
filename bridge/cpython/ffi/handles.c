/* handles.c - new_handle and from_handle: Python objects behind void *.
 *
 * The pointer that C gets is not the object's address but a name for it: the index of an entry in a
 * table of the interpreter's, and a serial number. So a pointer to a handle that is gone, or to
 * anything else, is found out, also when memory has been used again since. The pointer fits in the
 * 47 bits that user space has on most machines, and is aligned, because some C libraries keep tags
 * in the other bits.
 *
 * Table: C memory of the ffi_state, made with the first handle and freed with the last. Entries
 * hold borrowed references. Guarded by the GIL.
 */
#include "memory.h"

#if UINTPTR_MAX > UINT32_MAX
#define ALIGNMENT_BITS 4
#define INDEX_BITS 24
#define SERIAL_BITS 19
#else
#define ALIGNMENT_BITS 2
#define INDEX_BITS 18
#define SERIAL_BITS 12
#endif
#define MAX_HANDLES (((uint32_t)1 << INDEX_BITS) - 1) /* index 0 is not used */
#define SERIALS (((uint32_t)1 << SERIAL_BITS) - 1) /* 0 is not used: no small number is a handle */

typedef struct cdata_handle {
    cdata base;
    PyObject *object;
} cdata_handle;

typedef struct entry {
    cdata_handle *handle; /* NULL: free */
    uint32_t serial;
    uint32_t next; /* the free entry after this one, or 0 */
} entry;

struct handle_table {
    uint32_t capacity, live;
    uint32_t first_free, last_free; /* used first in, first out */
    entry entries[];
};

static uintptr_t name_of(uint32_t index, uint32_t serial)
{
    return ((uintptr_t)serial << INDEX_BITS | index) << ALIGNMENT_BITS;
}

/* ---- the table ------------------------------------------------------------------------------- */

static void put_free(struct handle_table *table, uint32_t index)
{
    table->entries[index].handle = NULL;
    table->entries[index].next = 0;
    if (table->first_free == 0)
        table->first_free = index;
    else
        table->entries[table->last_free].next = index;
    table->last_free = index;
}

static int grow_table(ffi_state *state)
{
    struct handle_table *table = state->handles;
    uint32_t old = table == NULL ? 0 : table->capacity;
    uint32_t capacity = old == 0 ? 16 : old <= MAX_HANDLES / 2 ? old * 2 : MAX_HANDLES + 1;
    if (old <= MAX_HANDLES)
        table = PyMem_Realloc(table, sizeof *table + capacity * sizeof(entry));
    if (old > MAX_HANDLES || table == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    if (old == 0)
        *table = (struct handle_table){0};
    table->capacity = capacity;
    state->handles = table;
    for (uint32_t i = old == 0 ? 1 : old; i < capacity; i++)
        put_free(table, i);
    return 0;
}

/* Gives the handle its name. */
static int enter_table(ffi_state *state, cdata_handle *handle)
{
    static uint32_t serials; /* atomic; of all interpreters: none takes another's handles */
    if ((state->handles == NULL || state->handles->first_free == 0) && grow_table(state) < 0)
        return -1;
    struct handle_table *table = state->handles;
    uint32_t index = table->first_free;
    entry *e = &table->entries[index];
    table->first_free = e->next;
    table->live++;
    e->handle = handle;
    e->serial = 1 + __atomic_fetch_add(&serials, 1, __ATOMIC_RELAXED) % SERIALS;
    handle->base.address = (char *)name_of(index, e->serial);
    return 0;
}

static entry *find_entry(const ffi_state *state, const char *address)
{
    struct handle_table *table = state->handles;
    uintptr_t bits = (uintptr_t)address >> ALIGNMENT_BITS;
    uint32_t index = (uint32_t)(bits & MAX_HANDLES);
    if (table == NULL || index == 0 || index >= table->capacity)
        return NULL;
    entry *e = &table->entries[index];
    return e->handle != NULL && name_of(index, e->serial) == (uintptr_t)address ? e : NULL;
}

static void leave_table(ffi_state *state, const char *address)
{
    const entry *e = find_entry(state, address);
    if (e == NULL)
        return;
    put_free(state->handles, (uint32_t)(e - state->handles->entries));
    if (--state->handles->live == 0) {
        PyMem_Free(state->handles);
        state->handles = NULL;
    }
}

/* ---- objects --------------------------------------------------------------------------------- */

static int handle_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(((cdata_handle *)self)->base.type);
    Py_VISIT(((cdata_handle *)self)->object);
    return 0;
}

/* C may still ask for it. */
static int handle_clear(PyObject *self)
{
    Py_SETREF(((cdata_handle *)self)->object, Py_NewRef(Py_None));
    return 0;
}

static void handle_dealloc(PyObject *self)
{
    cdata_handle *handle = (cdata_handle *)self;
    PyObject_GC_UnTrack(self);
    Py_TRASHCAN_BEGIN(self, handle_dealloc)
    cdata_forget(&handle->base);
    leave_table(handle->base.type->state, handle->base.address);
    Py_XDECREF(handle->object);
    cdata_free(&handle->base);
    Py_TRASHCAN_END
}

static PyObject *handle_repr(PyObject *self)
{
    const cdata_handle *handle = (const cdata_handle *)self;
    return PyUnicode_FromFormat("<cdata '%s' handle to %R>", handle->base.type->name,
                                handle->object);
}

static PyType_Slot handle_slots[] = {
    {Py_tp_dealloc, SLOT(handle_dealloc)},
    {Py_tp_traverse, SLOT(handle_traverse)},
    {Py_tp_clear, SLOT(handle_clear)},
    {Py_tp_repr, SLOT(handle_repr)},
    {Py_tp_free, SLOT(PyObject_GC_Del)},
    {0, NULL},
};

PyType_Spec handle_spec = {
    .name = "symbridge._bridge.CDataHandle",
    .basicsize = sizeof(cdata_handle),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_DISALLOW_INSTANTIATION |
             Py_TPFLAGS_IMMUTABLETYPE,
    .slots = handle_slots,
};

PyObject *memory_new_handle(ffi_state *state, PyObject *object)
{
    PyTypeObject *kind = state->handle_type;
    cdata_handle *self = memory_unloaded(kind) ? NULL : PyObject_GC_New(cdata_handle, kind);
    if (self == NULL)
        return NULL;
    cdata_init(&self->base, state->void_pointer, NULL, -1);
    self->object = Py_NewRef(object);
    PyObject_GC_Track((PyObject *)self);
    if (enter_table(state, self) < 0)
        Py_CLEAR(self);
    return (PyObject *)self;
}

PyObject *memory_from_handle(ffi_state *state, PyObject *handle)
{
    if (!cdata_check(state, handle)) {
        PyErr_SetString(PyExc_TypeError, "expected a 'cdata' object");
        return NULL;
    }
    const cdata *pointer = (const cdata *)handle;
    const ctype *type = pointer->type;
    if (type->kind != SB_POINTER || (type->item->kind != SB_VOID && type->item->kind != SB_CHAR)) {
        PyErr_Format(PyExc_TypeError,
                     "expected a 'cdata' object with a 'void *' out of new_handle(), got '%s'",
                     type->name);
        return NULL;
    }
    if (pointer->address == NULL) {
        PyErr_SetString(PyExc_RuntimeError, "cannot use from_handle() on NULL pointer");
        return NULL;
    }
    const entry *e = find_entry(state, pointer->address);
    if (e == NULL) {
        PyErr_SetString(PyExc_RuntimeError,
                        "from_handle() got an address that is no handle: the object out of "
                        "new_handle() has been garbage collected, or it never was one");
        return NULL;
    }
    return Py_NewRef(e->handle->object);
}
