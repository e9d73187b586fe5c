/* memory.h - the cdata that hold something for the memory they show, and what their files share.
 *
 *   memory.c   new, allocators, gc, release, memmove
 *   handles.c  Python objects behind void *
 *   buffer.c   ffi.buffer, from_buffer
 *   text.c     string, unpack
 *
 * All are GC objects of subtypes of cdata.
 */
#ifndef SYMBRIDGE_CPYTHON_FFI_MEMORY_H
#define SYMBRIDGE_CPYTHON_FFI_MEMORY_H

#include "cdata.h"

/* PyType_Slot wants functions as data pointers. */
#define SLOT(function) ((void *)(uintptr_t)(function))

/* gc(x, destructor), and what an allocator made. Both references are NULL once it was released. */
typedef struct cdata_gc {
    cdata base;
    PyObject *origin;     /* the cdata that the destructor is called with */
    PyObject *destructor; /* NULL: none */
} cdata_gc;

/* from_buffer(x): the buffer is held until release() or the end of the object. After release the
 * address is NULL, so that every use of it is an error. */
typedef struct cdata_buffered {
    cdata base;
    Py_buffer view;
    Py_ssize_t exports; /* memoryviews and such on an ffi.buffer of it: no release meanwhile */
} cdata_buffered;

/* True, with an exception, when the types went with their module. */
static inline bool memory_unloaded(const PyTypeObject *kind)
{
    if (unlikely(kind == NULL))
        PyErr_SetString(PyExc_RuntimeError, "symbridge has been unloaded");
    return unlikely(kind == NULL);
}

/* -1 with BufferError while its memory is exported. */
int buffered_release(PyObject *self);
/* A held buffer of contiguous memory; -1 with an exception. (buffer.c) */
int buffer_get_contiguous(PyObject *exporter, Py_buffer *view, bool writable);

#endif
