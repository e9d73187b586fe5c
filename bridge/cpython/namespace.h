/* namespace.h - described modules as Python modules (namespace.c), for binding.c and module.c. */
#ifndef SYMBRIDGE_CPYTHON_NAMESPACE_H
#define SYMBRIDGE_CPYTHON_NAMESPACE_H

#include "bridge.h"

/* Takes both references over, also on failure. */
binding *binding_new(PyObject *extension, sb_description *d, sb_library *library);
int binding_traverse(binding *b, visitproc visit, void *arg);
void binding_clear(binding *b);

/* A module object for a module scope of the binding. Scope 0 takes over the caller's reference to
 * the binding and becomes its root; other scopes hold the root. New reference. */
PyObject *namespace_new(binding *b, uint32_t scope);
/* Whether the scope has global variables that may change. */
bool namespace_has_variables(binding *b, uint32_t scope);

#endif
