/* realise.h - what ctype.c, inspect.c, realise.c, ffi.c and library.c share among themselves. */
#ifndef SYMBRIDGE_CPYTHON_FFI_REALISE_H
#define SYMBRIDGE_CPYTHON_FFI_REALISE_H

#include "cdata.h"

/* ---- the state (state.c) --------------------------------------------------------------------- */

/* That of a class of FFI or of one derived from it. NULL, perhaps without an exception. */
ffi_state *ffi_state_of(PyTypeObject *type);

/* ---- ctypes (ctype.c) ------------------------------------------------------------------------ */

/* The name as a str; new reference. */
PyObject *ctype_name(ctype *type);
/* An enum of that integer type, with its values by name, and its names by value. */
ctype *ctype_enum(ctype *integer, const char *name, PyObject *enumerators, PyObject *elements);
/* A record of the C library's that nothing completes, such as FILE: one in an interpreter. */
ctype *ctype_opaque(ffi_state *state, sb_kind kind, const char *name, sb_type_id id);
/* Says how large a record is, once that is known. */
void ctype_complete(ctype *record, const sb_type *row);
/* A field that is no bit-field has bit_shift and bit_size -1. Interns the name. */
cfield *cfield_new(ffi_state *state, PyObject *name, ctype *type, Py_ssize_t offset);
/* Gives a complete record its fields, a dict by name, which is taken over also on failure. */
int ctype_set_fields(ctype *record, PyObject *fields);

/* What types show (inspect.c). */
PyObject *ctype_repr(PyObject *self);
extern PyGetSetDef ctype_getsets[], cfield_getsets[];
extern PyMethodDef ctype_methods[];

/* libffi's number of the platform's own calling convention, as its header ffitarget.h has it. */
#if defined(__x86_64__) || (defined(__arm__) && defined(__ARM_PCS_VFP))
enum { FFI_DEFAULT_CONVENTION = 2 };
#else
enum { FFI_DEFAULT_CONVENTION = 1 };
#endif

/* ---- from descriptions (realise.c) ----------------------------------------------------------- */

/* True for a record or an enum that has "..." where only a compiler knows more; typedef ... T is not
 * such a one, but opaque. */
bool realise_needs_compiler(const sb_description *d, const sb_type *row);
/* Makes record->fields from what its FFI knows by now. */
int realise_fields(ctype *record);
/* After a cdef: records that it completed are complete. */
void realise_completed(ffi_object *ffi);
/* The value of a constant or an enumerator. */
PyObject *realise_constant(const sb_description *d, const sb_constant *constant);
PyObject *realise_enumerator(const sb_type *type, const sb_enumerator *e);

void typedefs_free(struct typedef_index *typedefs); /* NULL is fine */
/* -1 with VerificationMissing when a declaration has "..." that only a compiler could complete. */
int realise_check(ffi_object *ffi);
/* Type `id` of this FFI is that ctype, of an FFI that it includes. */
int realise_as(ffi_object *ffi, sb_type_id id, ctype *type);

/* ---- FFI (ffi.c, method.c) ------------------------------------------------------------------- */

/* As sb_description_parse_with for C that cffi's cdef accepts. */
sb_status ffi_parse(const char *text, size_t length, const sb_description *base, unsigned flags,
                    uint32_t pack, sb_description **out, sb_error *error);
/* The description, made now for an FFI without a cdef; NULL with an exception. Borrowed. */
sb_description *ffi_description(ffi_object *ffi);
/* Adds declarations (a str); -1 with an exception, and nothing added. flags: sb_parse_flag. */
int ffi_cdef(ffi_object *ffi, PyObject *text, unsigned flags, uint32_t pack);
/* Adds all that another FFI declares, with its ctypes. */
int ffi_include(ffi_object *ffi, ffi_object *other);
extern PyMethodDef ffi_methods[];
extern PyGetSetDef ffi_getsets[];

/* ---- libraries (library.c) ------------------------------------------------------------------- */

/* Where the functions, variables and constants of an FFI are found by name. */
struct name_index;
void names_free(struct name_index *names); /* NULL is fine */
/* The value of an integer constant or enumerator; NULL with AttributeError. */
PyObject *library_constant(ffi_object *ffi, PyObject *name);

#endif
