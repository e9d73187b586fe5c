/* prototype.h - ctypes as the engine plans calls and closures with them. */
#ifndef SYMBRIDGE_CPYTHON_FFI_PROTOTYPE_H
#define SYMBRIDGE_CPYTHON_FFI_PROTOTYPE_H

#include "cdata.h"

/* The engine's type of values of a ctype; with `promoted`, of variadic arguments of it, where
 * arrays travel as pointers. -1 with an exception. The description belongs to the ctype or the
 * state. */
int prototype_type(ctype *type, bool promoted, sb_type_ref *out);

/* The result and the parameters of a function type, which are put in types[SB_MAX_PARAMETERS]. -1
 * with an exception. */
int prototype_fill(sb_prototype *prototype, sb_type_ref *types, ctype *function);

/* Raises for what the engine said when it planned: NotImplementedError or MemoryError. "done" is
 * what cannot be done with the function type. Returns -1. */
COLD int prototype_refuse(const ctype *function, const char *done, const sb_error *error);

#endif
