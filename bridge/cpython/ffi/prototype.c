/* prototype.c - ctypes as the engine plans calls and closures with them.
 *
 * A function ctype may be put together of types of several descriptions, so it is described to the
 * engine by the types of its values. Where pointers point makes no difference to a call.
 */
#include "prototype.h"

static sb_primitive primitive_of(uint8_t code)
{
    switch (code) {
    case OP_I8:
        return SB_PRIM_INT8;
    case OP_U8:
        return SB_PRIM_UINT8;
    case OP_I16:
        return SB_PRIM_INT16;
    case OP_U16:
        return SB_PRIM_UINT16;
    case OP_I32:
        return SB_PRIM_INT32;
    case OP_U32:
        return SB_PRIM_UINT32;
    case OP_I64:
        return SB_PRIM_INT64;
    case OP_U64:
        return SB_PRIM_UINT64;
#ifdef __SIZEOF_INT128__
    case OP_I128:
        return SB_PRIM_INT128;
    case OP_U128:
        return SB_PRIM_UINT128;
#endif
    case OP_BOOL:
        return SB_PRIM_BOOL;
    case OP_CHAR:
        return SB_PRIM_CHAR;
    case OP_WIDE16:
        return SB_PRIM_CHAR16;
    case OP_WIDE32:
        return SB_PRIM_CHAR32;
    case OP_FLOAT:
        return SB_PRIM_FLOAT;
    case OP_DOUBLE:
        return SB_PRIM_DOUBLE;
    case OP_LDOUBLE:
        return SB_PRIM_LDOUBLE;
    case OP_CFLOAT:
        return SB_PRIM_CFLOAT;
    case OP_CDOUBLE:
        return SB_PRIM_CDOUBLE;
    case OP_CLDOUBLE:
        return SB_PRIM_CLDOUBLE;
    case OP_ADDRESS:
        return SB_PRIM_UINTPTR;
    default:
        return SB_PRIM_NONE;
    }
}

int prototype_type(ctype *type, bool promoted, sb_type_ref *out)
{
    const sb_description *plain = type->state->plain;
    uint8_t code = type->scalar;
    if (ctype_is_record(type)) {
        if (!(type->flags & CTYPE_FILLED) && ctype_fill(type, true) < 0)
            return -1;
        if (type->description == NULL || type->flags & CTYPE_PARTIAL) {
            PyErr_Format(PyExc_NotImplementedError,
                         "ctype '%s' cannot be passed by value: its layout is not known",
                         type->name);
            return -1;
        }
        *out = (sb_type_ref){type->description, type->id};
        return 0;
    }
    if (type->kind == SB_VOID && !promoted) {
        *out = (sb_type_ref){plain, 1};
        return 0;
    }
    if (type->kind == SB_ARRAY && promoted)
        code = OP_ADDRESS;
    if (promoted && code == OP_FLOAT)
        code = OP_DOUBLE;
    if (promoted && type->size < (Py_ssize_t)sizeof(int) && type->size > 0 && code != OP_DOUBLE &&
        code != OP_ADDRESS)
        code = OP_I32;
    sb_primitive primitive = primitive_of(code);
    if (primitive == SB_PRIM_NONE) {
        PyErr_Format(PyExc_NotImplementedError, "ctype '%s' cannot be passed by value",
                     type->name);
        return -1;
    }
    *out = (sb_type_ref){plain, sb_primitive_type(plain, primitive)};
    return 0;
}

int prototype_fill(sb_prototype *prototype, sb_type_ref *types, ctype *function)
{
    Py_ssize_t count = PyTuple_GET_SIZE(function->parameters);
    if (count > SB_MAX_PARAMETERS) {
        PyErr_Format(PyExc_NotImplementedError, "ctype '%s' has more than %d parameters",
                     function->name, SB_MAX_PARAMETERS);
        return -1;
    }
    for (Py_ssize_t i = 0; i < count; i++) {
        if (prototype_type((ctype *)PyTuple_GET_ITEM(function->parameters, i), false, &types[i]) <
            0)
            return -1;
    }
    *prototype = (sb_prototype){.types = types,
                                .fixed = (size_t)count,
                                .count = (size_t)count,
                                .variadic = (function->flags & CTYPE_VARIADIC) != 0};
    return prototype_type(function->item, false, &prototype->result);
}

int prototype_refuse(const ctype *function, const char *done, const sb_error *error)
{
    if (error->status == SB_ERROR_MEMORY)
        PyErr_NoMemory();
    else
        PyErr_Format(PyExc_NotImplementedError, "ctype '%s' cannot be %s: %s", function->name, done,
                     error->message);
    return -1;
}
