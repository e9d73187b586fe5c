/* file.c - Python files where C wants a FILE *.
 *
 * The stream is made once for each file object, on a descriptor of its own, without a buffer, so that
 * what C and Python write comes in order. A capsule in the file object's attributes closes it when
 * the object goes.
 */
#include "cdata.h"

#include <stdio.h>
#include <unistd.h>

#define ATTRIBUTE "__symbridge_FILE"
#define CAPSULE "FILE"
#define MODE_ROOM 16 /* bytes of a mode; "rb+" is a long one */

static bool is_stream_pointer(const ctype *type)
{
    return type->kind == SB_POINTER && ctype_is_record(type->item) &&
           (strcmp(type->item->name, "FILE") == 0 ||
            strcmp(type->item->name, "struct _IO_FILE") == 0);
}

/* 1, 0, or -1 with an exception. */
static int is_file(PyObject *value)
{
    PyObject *io = PyImport_ImportModule("io");
    PyObject *base = io == NULL ? NULL : PyObject_GetAttrString(io, "IOBase");
    int result = base == NULL ? -1 : PyObject_IsInstance(value, base);
    Py_XDECREF(io);
    Py_XDECREF(base);
    return result;
}

static void close_stream(PyObject *capsule)
{
    FILE *stream = PyCapsule_GetPointer(capsule, CAPSULE);
    if (stream != NULL)
        (void)fclose(stream);
}

/* The file's mode as C knows it: a file that was created is written now. */
static int read_mode(PyObject *file, char mode[MODE_ROOM])
{
    PyObject *text = PyObject_GetAttrString(file, "mode");
    const char *utf8 = text == NULL ? NULL : PyUnicode_AsUTF8(text);
    if (utf8 != NULL) {
        snprintf(mode, MODE_ROOM, "%s", utf8);
        if (mode[0] == 'x')
            mode[0] = 'w';
    }
    Py_XDECREF(text);
    return utf8 == NULL ? -1 : 0;
}

static FILE *open_stream(PyObject *file)
{
    char mode[MODE_ROOM];
    int descriptor = PyObject_AsFileDescriptor(file);
    if (descriptor < 0 || read_mode(file, mode) < 0)
        return NULL;
    descriptor = dup(descriptor);
    FILE *stream = descriptor < 0 ? NULL : fdopen(descriptor, mode);
    if (stream == NULL) {
        PyErr_SetFromErrno(PyExc_OSError);
        if (descriptor >= 0)
            close(descriptor);
        return NULL;
    }
    setbuf(stream, NULL);
    return stream;
}

/* The capsule of the file's stream; new reference. */
static PyObject *stream_capsule(PyObject *file)
{
    PyObject *capsule = PyObject_GetAttrString(file, ATTRIBUTE);
    if (capsule != NULL || !PyErr_ExceptionMatches(PyExc_AttributeError))
        return capsule;
    PyErr_Clear();
    FILE *stream = open_stream(file);
    if (stream == NULL)
        return NULL;
    capsule = PyCapsule_New(stream, CAPSULE, close_stream);
    if (capsule == NULL)
        (void)fclose(stream);
    else if (PyObject_SetAttrString(file, ATTRIBUTE, capsule) < 0)
        Py_CLEAR(capsule);
    return capsule;
}

int file_pointer(const ctype *pointer, PyObject *value, char **out)
{
    if (!is_stream_pointer(pointer))
        return 0;
    int is = is_file(value);
    if (is <= 0)
        return is;
    PyObject *flushed = PyObject_CallMethod(value, "flush", NULL);
    if (flushed == NULL)
        return -1;
    Py_DECREF(flushed);
    PyObject *capsule = stream_capsule(value);
    *out = capsule == NULL ? NULL : PyCapsule_GetPointer(capsule, CAPSULE);
    Py_XDECREF(capsule); /* the file has it */
    return *out == NULL ? -1 : 1;
}
