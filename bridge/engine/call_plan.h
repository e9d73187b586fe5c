/* call_plan.h - what call.c hands to the tiers, and to closures, when it plans. */
#ifndef SB_CALL_PLAN_H
#define SB_CALL_PLAN_H

#include "abi.h"
#include "builder.h" /* memory_resize */
#include "symbridge.h"

/* sb_call.result_class: what the code after the call does with what came back. */
typedef enum call_result {
    CALL_VOID,     /* nothing */
    CALL_SIGNED,   /* an integer of result_size bytes, extended to 64 bits */
    CALL_UNSIGNED, /* likewise; also pointers, and records in one general register */
    CALL_BOOL,     /* the low byte, made 0 or 1 in a word of 64 bits */
    CALL_FLOAT,    /* 4 bytes */
    CALL_DOUBLE,   /* 8 bytes; also records in one vector register */
    CALL_GG,       /* two registers, general or vector: records of 9 to 16 bytes, __int128, complex */
    CALL_VV,
    CALL_GV,
    CALL_VG,
    CALL_POINTER,  /* the callee wrote it through the hidden first argument */
    CALL_BYTES     /* libffi only: stored by libffi as its bytes */
} call_result;

#define CALL_RESULTS (CALL_POINTER + 1) /* those that thunks exist for */

typedef void call_invoke(const sb_call *call, void *function, void *block, void *result);

/* One call, or one closure, being planned. Lives on the stack of who plans. */
typedef struct call_request {
    const abi *abi; /* NULL: libffi knows, we do not */
    sb_type_ref result_type;
    call_result result_class; /* of scalars; CALL_BYTES for everything else */
    uint32_t count, fixed;    /* arguments, and how many of them are not variadic */
    bool variadic;
    abi_frame frame;
    abi_value result;
    sb_type_ref types[SB_MAX_PARAMETERS]; /* arrays and functions made pointers */
    abi_value arguments[SB_MAX_PARAMETERS];
} call_request;

static inline const sb_type *request_type(sb_type_ref ref)
{
    return &ref.description->types[ref.type];
}

/* Checks a function type (or a pointer to one) with the types of variadic arguments, and says where
 * everything travels. Of the flags, SB_CALL_NO_ABI counts. */
sb_status request_fill(call_request *request, const sb_description *d, sb_type_id function,
                       const sb_type_ref *extra, size_t extra_count, unsigned flags,
                       sb_error *error);
sb_status request_fill_prototype(call_request *request, const sb_prototype *prototype,
                                 unsigned flags, sb_error *error);

/* How a call in registers lays its block out: that many slots of 8 bytes of each kind, in this
 * order. At least as many as are used. */
typedef struct register_shape {
    uint8_t general, vector, words;
} register_shape;

/* The thunk that makes a call with these registers and stack words, or NULL when there is none. */
call_invoke *registers_find(const abi_frame *frame, call_result result, register_shape *shape);

/* Plans a call through libffi: allocates *out and fills all of it. */
sb_status foreign_plan(const call_request *request, unsigned flags, sb_call **out,
                       sb_error *error);

/* Frees what foreign_plan put outside the call's own allocation. */
void foreign_release(sb_call *call);

#endif
