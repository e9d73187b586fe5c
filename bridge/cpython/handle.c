/* handle.c - opaque classes: objects that hold a pointer to what only C knows.
 *
 * The destructor runs once: at close(), at the end of `with`, or when the object goes. It waits for
 * handles that keep this one alive (statements of a connection): closed meanwhile, this one can no
 * longer be used, and its pointer waits in the word at deferred_offset. Closing is refused while a
 * call that released the GIL uses the handle, or a memoryview shows its memory.
 *
 * Each object retains the binding, so that the destructor, the library and the class_record are
 * there even when the garbage collector has taken module and class apart.
 */
#include "callback.h"
#include "classes.h"

static void **handle_word(const class_record *c, PyObject *self)
{
    return (void **)(void *)((char *)self + c->payload);
}

static PyObject **owner_word(const class_record *c, PyObject *self)
{
    return (PyObject **)(void *)((char *)self + c->owner_offset);
}

static handle_state *state_of(const class_record *c, PyObject *self)
{
    if (c->state_offset == 0)
        return NULL;
    return (handle_state *)(void *)((char *)self + c->state_offset);
}

static keeper_state *keeper_of(const class_record *c, PyObject *self)
{
    if (c->keeper_offset == 0)
        return NULL;
    return (keeper_state *)(void *)((char *)self + c->keeper_offset);
}

static void **deferred_word(const class_record *c, PyObject *self)
{
    return (void **)(void *)((char *)self + c->deferred_offset);
}

/* The callbacks that C has for as long as the handle lives. */
static callback **callbacks_word(const class_record *c, PyObject *self)
{
    return (callback **)(void *)((char *)self + c->callbacks_offset);
}

/* The class of an object that is a handle, or NULL. */
static class_record *handle_class(PyObject *o)
{
    class_record *c = class_of_type(Py_TYPE(o));
    return c != NULL && c->c->flags & SB_CLASS_OPAQUE ? c : NULL;
}

/* ---- the end of a handle -------------------------------------------------------------------------------- */

static void destroy(class_record *c, void *pointer)
{
    if (pointer == NULL || c->destructor == NULL)
        return;
    /* It may wait for threads that are in a callback, which want the GIL. */
    if (c->callbacks_offset != 0)
        plan_call_pointer_waiting(c->destructor, pointer);
    else
        plan_call_pointer(c->destructor, pointer);
}

/* Ends what is C's, then the callbacks that it had. Other threads may run meanwhile. */
static void destroy_of(class_record *c, PyObject *self, void *pointer)
{
    callback *list = NULL;
    if (c->callbacks_offset != 0) {
        list = *callbacks_word(c, self);
        *callbacks_word(c, self) = NULL;
    }
    destroy(c, pointer);
    callbacks_end(&list);
}

/* The object no longer keeps its owner; an owner that was closed and waited for it ends now. */
static void leave_owner(class_record *c, PyObject *self)
{
    if (c->owner_offset == 0)
        return;
    PyObject *owner = *owner_word(c, self);
    if (owner == NULL)
        return;
    *owner_word(c, self) = NULL;
    class_record *owning = handle_class(owner);
    keeper_state *keeper = owning == NULL ? NULL : keeper_of(owning, owner);
    if (keeper != NULL && --keeper->dependents == 0 && owning->deferred_offset != 0) {
        void *pointer = *deferred_word(owning, owner);
        *deferred_word(owning, owner) = NULL;
        destroy_of(owning, owner, pointer);
    }
    Py_DECREF(owner);
}

/* Ends the C object, now or after those that depend on it. */
static void end_handle(class_record *c, PyObject *self)
{
    void *pointer = *handle_word(c, self);
    const handle_state *state = state_of(c, self);
    const keeper_state *keeper = keeper_of(c, self);
    *handle_word(c, self) = NULL;
    if (pointer != NULL && !(state != NULL && state->borrowed)) {
        if (keeper != NULL && keeper->dependents > 0 && c->deferred_offset != 0) {
            *deferred_word(c, self) = pointer;
            return;
        }
        destroy_of(c, self, pointer);
    }
    leave_owner(c, self);
}

static void dealloc(class_record *c, PyObject *self)
{
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    end_handle(c, self);
    if (c->deferred_offset != 0)
        destroy_of(c, self, *deferred_word(c, self)); /* nothing depends on it any more */
    leave_owner(c, self);
    PyErr_Restore(type, value, traceback);
}

void handle_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    class_record *c = class_of_type(type);
    binding *b = c->b;
    dealloc(c, self);
    type->tp_free(self);
    Py_DECREF(type);
    binding_release(b);
}

/* Owners may form long chains. */
void handle_dealloc_owning(PyObject *self)
{
    PyObject_GC_UnTrack(self);
    Py_TRASHCAN_BEGIN(self, handle_dealloc_owning)
    handle_dealloc(self);
    Py_TRASHCAN_END
}

/* No tp_clear: an owner must outlive what depends on it. Cycles run through objects that have one. */
int handle_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(self));
    class_record *c = class_of_type(Py_TYPE(self));
    if (c->owner_offset != 0)
        Py_VISIT(*owner_word(c, self));
    if (c->callbacks_offset != 0)
        return callbacks_traverse(*callbacks_word(c, self), visit, arg);
    return 0;
}

/* ---- objects ---------------------------------------------------------------------------------------------- */

static PyObject *handle_alloc(class_record *c, PyTypeObject *type)
{
    PyObject *self = type->tp_alloc(type, 0); /* all words are zero */
    if (self != NULL)
        binding_retain(c->b);
    return self;
}

PyObject *handle_new(class_record *c, PyTypeObject *type, void *handle, PyObject *owner,
                     bool owned)
{
    if (type == NULL)
        type = c->type;
    PyObject *self = NULL;
    if (likely(type != NULL))
        self = handle_alloc(c, type);
    else
        PyErr_Format(PyExc_RuntimeError, "class %s is being made or torn down", class_name(c));
    if (unlikely(self == NULL)) {
        if (owned)
            destroy(c, handle);
        return NULL;
    }
    *handle_word(c, self) = handle;
    if (c->state_offset != 0)
        state_of(c, self)->borrowed = !owned;
    if (owner != NULL && c->owner_offset != 0) {
        if (view_check(owner) && ((place_view *)owner)->owner != NULL)
            owner = ((place_view *)owner)->owner;
        *owner_word(c, self) = Py_NewRef(owner);
        class_record *owning = handle_class(owner);
        keeper_state *keeper = owning == NULL ? NULL : keeper_of(owning, owner);
        if (keeper != NULL)
            keeper->dependents++;
    }
    return self;
}

COLD void *handle_of_slow(class_record *c, PyObject *o)
{
    if (c->type == NULL || !PyObject_TypeCheck(o, c->type)) {
        PyErr_Format(PyExc_TypeError, "expected %s, got %s", class_name(c), Py_TYPE(o)->tp_name);
        return NULL;
    }
    void *handle = *handle_word(c, o);
    if (handle == NULL)
        PyErr_Format(PyExc_ValueError, "operation on a closed %s", class_name(c));
    return handle;
}

void handle_enter(class_record *c, PyObject *o)
{
    handle_state *state = state_of(c, o);
    if (state != NULL)
        __atomic_add_fetch(&state->busy, 1, __ATOMIC_RELAXED);
}

void handle_leave(class_record *c, PyObject *o)
{
    handle_state *state = state_of(c, o);
    if (state != NULL)
        __atomic_sub_fetch(&state->busy, 1, __ATOMIC_RELAXED);
}

void handle_give(class_record *c, PyObject *o, void *handle)
{
    *handle_word(c, o) = handle;
}

void handle_watch(PyObject *owner, void ***live, keeper_state **keeper)
{
    class_record *c = handle_class(owner);
    if (c == NULL)
        return;
    *live = handle_word(c, owner);
    *keeper = keeper_of(c, owner);
}

callback **handle_callbacks(PyObject *o, bool *borrowed)
{
    class_record *c = handle_class(o);
    if (c == NULL || c->callbacks_offset == 0 || *handle_word(c, o) == NULL)
        return NULL;
    const handle_state *state = state_of(c, o);
    *borrowed = state != NULL && state->borrowed;
    return *borrowed ? NULL : callbacks_word(c, o);
}

/* ---- construction: as for value classes, see record.c --------------------------------------------------- */

PyObject *constructor_vectorcall(PyObject *callable, PyObject *const *args, size_t nargsf,
                                 PyObject *kwnames)
{
    class_record *c = class_of_exact((PyTypeObject *)callable);
    return plan_call(c->constructor, callable, args, PyVectorcall_NARGS(nargsf), kwnames);
}

static bool no_arguments(PyObject *args, PyObject *kwargs)
{
    return PyTuple_GET_SIZE(args) == 0 && (kwargs == NULL || PyDict_GET_SIZE(kwargs) == 0);
}

PyObject *handle_tp_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    class_record *c = class_of_type(type);
    bool own_new = type->tp_new != handle_tp_new, own_init = type->tp_init != handle_tp_init;
    if (own_init && (!own_new || no_arguments(args, kwargs)))
        return handle_alloc(c, type);
    return plan_call_tuple(c->constructor, (PyObject *)type, args, kwargs);
}

/* A subclass's __init__ calls this one: the handle is made in an object of its own and moved. */
int handle_tp_init(PyObject *self, PyObject *args, PyObject *kwargs)
{
    class_record *c = class_of_type(Py_TYPE(self));
    if (Py_TYPE(self)->tp_init == handle_tp_init)
        return 0;
    if (*handle_word(c, self) != NULL) {
        PyErr_Format(PyExc_TypeError, "this %s is initialised already", class_name(c));
        return -1;
    }
    PyObject *made = plan_call_tuple(c->constructor, (PyObject *)c->type, args, kwargs);
    if (made == NULL)
        return -1;
    int status = -1;
    if (!PyObject_TypeCheck(made, c->type) || *handle_word(c, made) == NULL) {
        PyErr_Format(PyExc_TypeError, "the constructor of %s did not make one", class_name(c));
    }
    else if (*handle_word(c, self) != NULL || (c->deferred_offset != 0 &&
                                               *deferred_word(c, self) != NULL)) {
        PyErr_Format(PyExc_TypeError, "this %s is initialised already", class_name(c));
    }
    else {
        *handle_word(c, self) = *handle_word(c, made);
        *handle_word(c, made) = NULL;
        if (c->state_offset != 0)
            state_of(c, self)->borrowed = state_of(c, made)->borrowed;
        if (c->owner_offset != 0) {
            leave_owner(c, self);
            *owner_word(c, self) = *owner_word(c, made);
            *owner_word(c, made) = NULL;
        }
        if (c->callbacks_offset != 0) {
            callbacks_end(callbacks_word(c, self));
            *callbacks_word(c, self) = *callbacks_word(c, made);
            *callbacks_word(c, made) = NULL;
        }
        status = 0;
    }
    Py_DECREF(made);
    return status;
}

/* ---- methods ------------------------------------------------------------------------------------------------ */

static int refuse_if_in_use(class_record *c, PyObject *self)
{
    const handle_state *state = state_of(c, self);
    const keeper_state *keeper = keeper_of(c, self);
    if (state != NULL && __atomic_load_n(&state->busy, __ATOMIC_RELAXED) > 0) {
        PyErr_Format(PyExc_ValueError, "%s is in use by a call in another thread", class_name(c));
        return -1;
    }
    if (keeper != NULL && keeper->exports > 0) {
        PyErr_Format(PyExc_BufferError, "memory of this %s is in use, for example by a memoryview",
                     class_name(c));
        return -1;
    }
    return 0;
}

int handle_take(class_record *c, PyObject *o)
{
    const keeper_state *keeper = keeper_of(c, o);
    if (*handle_word(c, o) == NULL) /* passed twice */
        return 0;
    if (refuse_if_in_use(c, o) < 0)
        return -1;
    if (keeper != NULL && keeper->dependents > 0) {
        PyErr_Format(PyExc_ValueError, "other objects depend on this %s", class_name(c));
        return -1;
    }
    *handle_word(c, o) = NULL;
    return 0;
}

PyObject *handle_close(PyObject *self, PyObject *unused)
{
    (void)unused;
    class_record *c = class_of_type(Py_TYPE(self));
    if (*handle_word(c, self) == NULL)
        Py_RETURN_NONE;
    if (refuse_if_in_use(c, self) < 0)
        return NULL;
    end_handle(c, self);
    Py_RETURN_NONE;
}

PyObject *object_enter(PyObject *self, PyObject *unused)
{
    (void)unused;
    class_record *c = class_of_type(Py_TYPE(self));
    plan *enter = c->slots[SB_SLOT_ENTER];
    if (enter == NULL) {
        if (c->c->flags & SB_CLASS_OPAQUE && handle_of(c, self) == NULL)
            return NULL;
        return Py_NewRef(self);
    }
    PyObject *result = plan_call(enter, self, NULL, 0, NULL);
    if (result == Py_None)
        Py_SETREF(result, Py_NewRef(self));
    return result;
}

PyObject *object_exit(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    (void)args;
    (void)nargs;
    class_record *c = class_of_type(Py_TYPE(self));
    plan *leave = c->slots[SB_SLOT_EXIT];
    if (leave != NULL) {
        /* Its result is its own affair, unless it is a bool, which says to drop the exception. */
        PyObject *result = plan_call(leave, self, NULL, 0, NULL);
        if (result != NULL && !PyBool_Check(result))
            Py_SETREF(result, Py_NewRef(Py_None));
        return result;
    }
    if (!(c->c->flags & SB_CLASS_OPAQUE))
        Py_RETURN_NONE;
    return handle_close(self, NULL);
}

PyObject *handle_repr(PyObject *self)
{
    class_record *c = class_of_type(Py_TYPE(self));
    PyObject *name = PyObject_GetAttrString((PyObject *)Py_TYPE(self), "__qualname__");
    PyObject *module = PyObject_GetAttrString((PyObject *)Py_TYPE(self), "__module__");
    PyObject *text = NULL;
    if (name != NULL && module != NULL) {
        if (*handle_word(c, self) == NULL)
            text = PyUnicode_FromFormat("<%S.%S closed>", module, name);
        else
            text = PyUnicode_FromFormat("<%S.%S at %p>", module, name, (void *)self);
    }
    Py_XDECREF(module);
    Py_XDECREF(name);
    return text;
}
