/* address.c - bare pointers of which the description says nothing more.
 *
 * The user gives None, an address as an int, or any object with a buffer, whose memory is passed
 * and held during the call. A pointer to const takes read-only buffers too. */
#include "bridge.h"

static int address_load(frame *f, const step *s, PyObject *value)
{
    if (value == NULL || value == Py_None) {
        frame_set_pointer(f, s, NULL);
        return 0;
    }
    if (PyObject_CheckBuffer(value)) {
        Py_buffer *view = frame_storage(f, s);
        int writable = s->value->flags & SB_VALUE_READONLY ? 0 : PyBUF_WRITABLE;
        if (PyObject_GetBuffer(value, view, PyBUF_SIMPLE | writable) < 0)
            return -1;
        frame_set_pointer(f, s, view->buf);
        return 0;
    }
    if (PyLong_Check(value) || PyIndex_Check(value))
        return scalar_store_argument(OP_ADDRESS, value, f->block + s->offset);
    PyErr_Format(PyExc_TypeError, "expected a buffer, an address (int) or None, got %s",
                 Py_TYPE(value)->tp_name);
    return -1;
}

static void address_release(frame *f, const step *s)
{
    Py_buffer *view = frame_storage(f, s);
    if (view->obj != NULL)
        PyBuffer_Release(view);
}

const converter address_converter = {
    .name = "address",
    .load = address_load,
    .release = address_release,
    .storage = sizeof(Py_buffer),
};
