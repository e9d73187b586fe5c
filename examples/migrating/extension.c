/* extension.c - the library as an extension module written by hand. */
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "track.h"

typedef struct {
    PyObject_HEAD
    track *handle;
} TrackObject;

static int track_init(TrackObject *self, PyObject *args, PyObject *kwargs)
{
    static char *names[] = {"name", NULL};
    const char *name;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "s:Track", names, &name))
        return -1;
    track_free(self->handle);
    self->handle = track_new(name);
    if (self->handle == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    return 0;
}

static void track_dealloc(TrackObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    track_free(self->handle);
    type->tp_free(self);
    Py_DECREF(type);
}

static int check(TrackObject *self)
{
    if (self->handle != NULL)
        return 0;
    PyErr_SetString(PyExc_ValueError, "Track.__init__ has not run");
    return -1;
}

static PyObject *get_name(TrackObject *self, void *Py_UNUSED(closure))
{
    return check(self) < 0 ? NULL : PyUnicode_FromString(track_name(self->handle));
}

static PyObject *get_length(TrackObject *self, void *Py_UNUSED(closure))
{
    return check(self) < 0 ? NULL : PyFloat_FromDouble(track_length(self->handle));
}

static Py_ssize_t size(TrackObject *self)
{
    return check(self) < 0 ? -1 : (Py_ssize_t)track_size(self->handle);
}

static PyObject *add(TrackObject *self, PyObject *args)
{
    struct track_point point;
    if (check(self) < 0 || !PyArg_ParseTuple(args, "dd:add", &point.latitude, &point.longitude))
        return NULL;
    if (track_add(self->handle, point) < 0)
        return PyErr_SetFromErrno(PyExc_OSError);
    Py_RETURN_NONE;
}

static int append(const struct track_point *point, void *points)
{
    PyObject *pair = Py_BuildValue("dd", point->latitude, point->longitude);
    int failed = pair == NULL || PyList_Append(points, pair) < 0;
    Py_XDECREF(pair);
    return failed;
}

static PyObject *iterate(TrackObject *self)
{
    PyObject *points = check(self) < 0 ? NULL : PyList_New(0);
    if (points == NULL)
        return NULL;
    PyObject *iterator = NULL;
    if (track_visit(self->handle, append, points) == 0)
        iterator = PyObject_GetIter(points);
    Py_DECREF(points);
    return iterator;
}

static PyGetSetDef properties[] = {
    {"name", (getter)get_name, NULL, NULL, NULL},
    {"length", (getter)get_length, NULL, "Metres, along great circles.", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyMethodDef methods[] = {
    {"add", (PyCFunction)add, METH_VARARGS, "Add a point, in degrees."},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot slots[] = {
    {Py_tp_doc, "A path over the globe."},
    {Py_tp_init, track_init},
    {Py_tp_dealloc, track_dealloc},
    {Py_tp_getset, properties},
    {Py_tp_methods, methods},
    {Py_tp_iter, iterate},
    {Py_sq_length, size},
    {0, NULL},
};

static PyType_Spec spec = {
    .name = "track.Track",
    .basicsize = sizeof(TrackObject),
    .flags = Py_TPFLAGS_DEFAULT,
    .slots = slots,
};

static int execute(PyObject *module)
{
    PyObject *type = PyType_FromModuleAndSpec(module, &spec, NULL);
    int status = type == NULL ? -1 : PyModule_AddObjectRef(module, "Track", type);
    Py_XDECREF(type);
    return status;
}

static PyModuleDef_Slot module_slots[] = {
    {Py_mod_exec, execute},
    {0, NULL},
};

static PyModuleDef module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "track",
    .m_slots = module_slots,
};

PyMODINIT_FUNC PyInit_track(void)
{
    return PyModuleDef_Init(&module);
}
