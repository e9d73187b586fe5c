/* stub.c - a fixed pool of compiled entry points, each bound at run time to one target.
 *
 * CPython wants a plain C function pointer for every built-in function, method and type slot, and
 * gives that function nothing from which an arbitrary description could be found. So thousands of
 * identical functions are compiled, and function N reads slot N of a table. No code is generated at
 * run time, which hardened systems refuse, and the interpreter sees true built-in functions.
 *
 * The pool is shared by all interpreters of the process; a spin lock guards taking and giving back
 * (a few instructions, never nested). Calls need no lock: a slot is written before its function is
 * published and cleared after the last user of its binding is gone.
 */
#include <stdatomic.h>

#include "bridge.h"

/* 8192 = 2^13 stubs of about 16 bytes of code each. */
#define STUB_COUNT 8192

static target *slots[STUB_COUNT];

#define STUB(n)                                                                                 \
    static void *stub_##n(void *a, void *b, void *c, void *d)                                   \
    {                                                                                           \
        target *t = slots[0x##n];                                                               \
        return t->entry(a, b, c, d, t);                                                         \
    }
#define NAME(n) stub_##n,

/* Sixteen rows for each of the next hexadecimal digit. */
#define DIGIT(X, n)                                                                             \
    X(n##0) X(n##1) X(n##2) X(n##3) X(n##4) X(n##5) X(n##6) X(n##7) X(n##8) X(n##9) X(n##a)     \
    X(n##b) X(n##c) X(n##d) X(n##e) X(n##f)
#define DIGIT2(X, n)                                                                            \
    DIGIT(X, n##0) DIGIT(X, n##1) DIGIT(X, n##2) DIGIT(X, n##3) DIGIT(X, n##4) DIGIT(X, n##5)   \
    DIGIT(X, n##6) DIGIT(X, n##7) DIGIT(X, n##8) DIGIT(X, n##9) DIGIT(X, n##a) DIGIT(X, n##b)   \
    DIGIT(X, n##c) DIGIT(X, n##d) DIGIT(X, n##e) DIGIT(X, n##f)
#define DIGIT3(X, n)                                                                            \
    DIGIT2(X, n##0) DIGIT2(X, n##1) DIGIT2(X, n##2) DIGIT2(X, n##3) DIGIT2(X, n##4)             \
    DIGIT2(X, n##5) DIGIT2(X, n##6) DIGIT2(X, n##7) DIGIT2(X, n##8) DIGIT2(X, n##9)             \
    DIGIT2(X, n##a) DIGIT2(X, n##b) DIGIT2(X, n##c) DIGIT2(X, n##d) DIGIT2(X, n##e)             \
    DIGIT2(X, n##f)

DIGIT3(STUB, 0)
DIGIT3(STUB, 1)

static const stub_function stubs[STUB_COUNT] = {DIGIT3(NAME, 0) DIGIT3(NAME, 1)};

/* Slots [0, used) have been handed out at some time; those given back are chained. */
static atomic_flag pool_lock = ATOMIC_FLAG_INIT;
static int used;
static int free_list = -1;
static int next_free[STUB_COUNT];

static void lock_pool(void)
{
    while (atomic_flag_test_and_set_explicit(&pool_lock, memory_order_acquire))
        ;
}

static void unlock_pool(void)
{
    atomic_flag_clear_explicit(&pool_lock, memory_order_release);
}

stub_function stub_take(target *t)
{
    int n = -1;
    lock_pool();
    if (free_list >= 0) {
        n = free_list;
        free_list = next_free[n];
    }
    else if (used < STUB_COUNT) {
        n = used++;
    }
    if (n >= 0)
        slots[n] = t;
    unlock_pool();
    return n < 0 ? NULL : stubs[n];
}

void stub_give_back(stub_function stub)
{
    int n = 0;
    while (n < STUB_COUNT && stubs[n] != stub)
        n++;
    if (n == STUB_COUNT)
        return;
    lock_pool();
    slots[n] = NULL;
    next_free[n] = free_list;
    free_list = n;
    unlock_pool();
}

/* ---- carriers: what a function's self is when all stubs are taken ---------------------------- */

typedef struct carrier {
    PyObject_HEAD
    plan *p;
    PyObject *self;
} carrier;

static PyObject *carrier_fast(PyObject *self, PyObject *const *args, Py_ssize_t count,
                              PyObject *kwnames)
{
    carrier *c = (carrier *)self;
    return c->p->entry(c->self, (void *)(uintptr_t)args, (void *)count, kwnames, (target *)c->p);
}

static PyObject *carrier_no_arguments(PyObject *self, PyObject *unused)
{
    (void)unused;
    carrier *c = (carrier *)self;
    return c->p->entry(c->self, NULL, NULL, NULL, (target *)c->p);
}

static int carrier_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(((carrier *)self)->self);
    return 0;
}

static void carrier_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    Py_XDECREF(((carrier *)self)->self);
    type->tp_free(self);
    Py_DECREF(type);
}

static PyType_Slot carrier_slots[] = {
    {Py_tp_dealloc, (void *)carrier_dealloc},
    {Py_tp_traverse, (void *)carrier_traverse},
    {0, NULL},
};

PyType_Spec carrier_spec = {
    .name = "symbridge._bridge.carrier",
    .basicsize = sizeof(carrier),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_DISALLOW_INSTANTIATION |
             Py_TPFLAGS_IMMUTABLETYPE,
    .slots = carrier_slots,
};

PyObject *stub_builtin(binding *b, plan *p, PyObject *self, PyObject *module_name)
{
    if (p->stub == NULL)
        p->stub = stub_take((target *)p);
    if (p->stub != NULL) {
        p->def.ml_meth = (PyCFunction)(void (*)(void))p->stub;
        return PyCFunction_NewEx(&p->def, self, module_name);
    }
    p->def.ml_meth = p->def.ml_flags & METH_NOARGS ? carrier_no_arguments
                                                   : (PyCFunction)(void (*)(void))carrier_fast;
    carrier *c = PyObject_GC_New(carrier, b->state->carrier_type);
    if (c == NULL)
        return NULL;
    c->p = p;
    c->self = Py_NewRef(self);
    PyObject_GC_Track((PyObject *)c);
    PyObject *function = PyCFunction_NewEx(&p->def, (PyObject *)c, module_name);
    Py_DECREF(c);
    return function;
}
