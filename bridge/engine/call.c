/* call.c - planning calls: what a function type needs, and which tier makes its calls. */
#include "call_plan.h"
#include "failure.h"
#include "register_call.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

bool sb_register_calls_enabled(void)
{
#if SB_HAVE_REGISTER_CALLS
    enum { UNKNOWN, ON, OFF };
    static atomic_int state = UNKNOWN; /* threads that race here find the same answer */
    int known = atomic_load_explicit(&state, memory_order_relaxed);
    if (known == UNKNOWN) {
        const char *value = getenv("SYMBRIDGE_NO_REGISTER_CALLS");
        known = value != NULL && strcmp(value, "1") == 0 ? OFF : ON;
        atomic_store_explicit(&state, known, memory_order_relaxed);
    }
    return known == ON;
#else
    return false;
#endif
}

static sb_status refuse(const call_request *request, uint32_t argument, sb_status status,
                        const char *reason, sb_error *error)
{
    char type[128];
    bool is_result = argument == SB_NONE;
    sb_type_ref ref = is_result ? request->result_type : request->types[argument];
    (void)sb_type_spell(ref.description, ref.type, 0, NULL, type, sizeof type);
    if (is_result)
        return failure(error, status, "the result (%s): %s", type, reason);
    return failure(error, status, "argument %u (%s): %s", argument + 1, type, reason);
}

static call_result scalar_result(const sb_type *type)
{
    switch (type->kind) {
    case SB_VOID:
        return CALL_VOID;
    case SB_BOOL:
        return CALL_BOOL;
    case SB_FLOAT:
        return type->size == 4 ? CALL_FLOAT : type->size == 8 ? CALL_DOUBLE : CALL_BYTES;
    case SB_ENUM:
        if (type->primitive == SB_PRIM_BOOL)
            return CALL_BOOL;
        break;
    case SB_CHAR:
    case SB_INT:
    case SB_UINT:
    case SB_WIDE:
    case SB_POINTER:
        break;
    default:
        return CALL_BYTES;
    }
    if (type->size > 8)
        return CALL_BYTES;
    return abi_is_signed(type) ? CALL_SIGNED : CALL_UNSIGNED;
}

/* NULL, or why a value of this type can be neither passed nor returned. */
static const char *wrong_type(const sb_type *type)
{
    if ((type->flags & SB_TYPE_FOREIGN) != 0)
        return "only a compiler knows how this type is passed";
    switch (type->kind) {
    case SB_ARRAY:
    case SB_FUNCTION:
        return "arrays and functions do not travel by value";
    case SB_STRUCT:
    case SB_UNION:
    case SB_ENUM:
        return type->flags & SB_TYPE_COMPLETE ? NULL : "its definition is not known";
    default:
        return NULL;
    }
}

/* NULL, or why a type cannot be that of a variadic argument. */
static const char *not_promoted(const sb_type *type)
{
    switch (type->kind) {
    case SB_BOOL:
    case SB_CHAR:
    case SB_INT:
    case SB_UINT:
    case SB_WIDE:
    case SB_ENUM:
        return type->size < sizeof(int) ? "variadic integers narrower than int travel as int" : NULL;
    case SB_FLOAT:
        return type->size < sizeof(double) ? "variadic floats travel as double" : NULL;
    default:
        return NULL;
    }
}

static sb_status check_result(call_request *request, sb_error *error)
{
    const sb_type *result = request_type(request->result_type);
    const char *reason = wrong_type(result);
    if (reason == NULL && result->size > UINT32_MAX)
        reason = "it is too large to be returned by value";
    if (reason != NULL)
        return refuse(request, SB_NONE, SB_ERROR_UNSUPPORTED, reason, error);
    request->result_class = scalar_result(result);
    return SB_OK;
}

static sb_status check_argument(const call_request *request, uint32_t i, sb_error *error)
{
    const sb_type *argument = request_type(request->types[i]);
    if (argument->kind == SB_VOID)
        return refuse(request, i, SB_ERROR_MEANING, "void is not a value", error);
    const char *reason = wrong_type(argument);
    if (reason == NULL && argument->size > UINT16_MAX)
        reason = "it is too large to be passed by value";
    if (reason == NULL && i >= request->fixed)
        reason = not_promoted(argument);
    return reason == NULL ? SB_OK : refuse(request, i, SB_ERROR_UNSUPPORTED, reason, error);
}

/* Checks the types that the request has been given. */
static sb_status check(call_request *request, sb_error *error)
{
    sb_status status = check_result(request, error);
    for (uint32_t i = 0; i < request->count && status == SB_OK; i++)
        status = check_argument(request, i, error);
    return status;
}

static sb_status too_many(sb_error *error)
{
    (void)failure(error, SB_ERROR_LIMIT, "a call takes at most %d arguments", SB_MAX_PARAMETERS);
    return SB_ERROR_LIMIT;
}

/* Takes the types of a function type of a description. */
static sb_status gather(call_request *request, const sb_description *d, sb_type_id function,
                        const sb_type_ref *extra, size_t extra_count, sb_error *error)
{
    const sb_type *type = &d->types[function];
    if (type->kind == SB_POINTER)
        type = &d->types[type->target];
    if (type->kind != SB_FUNCTION) {
        char text[128];
        (void)sb_type_spell(d, function, 0, NULL, text, sizeof text);
        (void)failure(error, SB_ERROR_MEANING, "%s is not a function type, so it cannot be called",
                      text);
        return SB_ERROR_MEANING;
    }
    if (type->count > SB_MAX_PARAMETERS || extra_count > SB_MAX_PARAMETERS - type->count)
        return too_many(error);
    if (extra_count > 0 && !(type->flags & (SB_TYPE_VARIADIC | SB_TYPE_NO_PROTO))) {
        (void)failure(error, SB_ERROR_MEANING,
                      "the function takes %u arguments and is not variadic, so there can be no "
                      "more", type->count);
        return SB_ERROR_MEANING;
    }
    request->result_type = (sb_type_ref){d, type->target};
    request->fixed = type->count;
    request->count = type->count + (uint32_t)extra_count;
    request->variadic = (type->flags & SB_TYPE_VARIADIC) != 0;
    for (uint32_t i = 0; i < request->fixed; i++)
        request->types[i] = (sb_type_ref){d, d->params[type->first + i].type};
    for (size_t i = 0; i < extra_count; i++)
        request->types[request->fixed + i] = extra[i];
    return SB_OK;
}

static sb_status classify(call_request *request, sb_error *error)
{
    const abi *rules = request->abi;
    request->frame = (abi_frame){.variadic = request->variadic};
    const char *reason =
        rules->result(request->result_type.description, request->result_type.type,
                      &request->frame, &request->result);
    if (reason != NULL)
        return refuse(request, SB_NONE, SB_ERROR_UNSUPPORTED, reason, error);
    for (uint32_t i = 0; i < request->count; i++) {
        request->frame.unnamed = request->variadic && i >= request->fixed;
        reason = rules->argument(request->types[i].description, request->types[i].type,
                                 &request->frame, &request->arguments[i]);
        if (reason != NULL)
            return refuse(request, i, SB_ERROR_UNSUPPORTED, reason, error);
    }
    return SB_OK;
}

/* ---- tier 1 --------------------------------------------------------------------------------------- */

/* What a thunk has to do for the result, or CALL_BYTES when none can. */
static call_result register_result(const call_request *request)
{
    const abi_value *value = &request->result;
    uint64_t size = request_type(request->result_type)->size;
    if (request->result_class != CALL_BYTES)
        return request->result_class;
    if (value->kind == ABI_NOTHING)
        return CALL_VOID;
    if (value->kind == ABI_REFERENCE && request->abi->result_takes_register)
        return CALL_POINTER;
    if (value->kind != ABI_REGISTERS || value->count > 2 || value->offset[0] != 0)
        return CALL_BYTES;
    if (value->count == 1) {
        if (value->class[0] == ABI_VECTOR)
            return size == 4 ? CALL_FLOAT : value->width == 8 ? CALL_DOUBLE : CALL_BYTES;
        return size <= 8 ? CALL_UNSIGNED : CALL_GG; /* the second half is padding: any register */
    }
    if (value->width != 8)
        return CALL_BYTES;
    if (value->class[0] == ABI_GENERAL)
        return value->class[1] == ABI_GENERAL ? CALL_GG : CALL_GV;
    return value->class[1] == ABI_VECTOR ? CALL_VV : CALL_VG;
}

/* True when the argument's place in a register block can be said with offset and second. */
static bool is_placeable(const abi_value *value, uint64_t size)
{
    switch (value->kind) {
    case ABI_NOTHING:
    case ABI_STACK:
        return true;
    case ABI_REGISTERS:
        if (value->count == 1)
            return value->offset[0] == 0 && size <= 8;
        return value->count == 2 && value->width == 8;
    default:
        return false;
    }
}

static sb_argument_place register_place(const abi_value *value, uint64_t size,
                                        const register_shape *shape)
{
    sb_argument_place place = {0, SB_NO_SECOND, (uint32_t)size};
    unsigned before[] = {[ABI_GENERAL] = 0, [ABI_VECTOR] = shape->general};
    if (value->kind == ABI_STACK)
        place.offset = (uint16_t)(8 * (shape->general + shape->vector + value->word));
    if (value->count >= 1)
        place.offset = (uint16_t)(8 * (before[value->class[0]] + value->at[0]));
    if (value->count == 2)
        place.second = (uint16_t)(8 * (before[value->class[1]] + value->at[1]));
    return place;
}

/* Plans a call in registers. *out stays NULL when there is none for it. */
static sb_status plan_registers(const call_request *request, sb_call **out, sb_error *error)
{
    for (uint32_t i = 0; i < request->count; i++) {
        if (!is_placeable(&request->arguments[i], request_type(request->types[i])->size))
            return SB_OK;
    }
    register_shape shape;
    call_result result = register_result(request);
    call_invoke *invoke = registers_find(&request->frame, result, &shape);
    if (invoke == NULL)
        return SB_OK;
    sb_call *call =
        memory_resize(NULL, sizeof *call + request->count * sizeof call->args[0]);
    if (call == NULL)
        return failure(error, SB_ERROR_MEMORY, "out of memory");
    memset(call, 0, sizeof *call);
    call->invoke = invoke;
    call->block_size = 8u * ((uint32_t)shape.general + shape.vector + shape.words);
    call->result_size = (uint32_t)request_type(request->result_type)->size;
    call->argument_count = (uint16_t)request->count;
    call->tier = SB_TIER_REGISTERS;
    call->general_count = (uint8_t)request->frame.general;
    call->vector_count = (uint8_t)request->frame.vector;
    call->stack_count = (uint8_t)request->frame.words;
    call->result_class = (uint8_t)result;
    for (uint32_t i = 0; i < request->count; i++)
        call->args[i] = register_place(&request->arguments[i],
                                       request_type(request->types[i])->size, &shape);
    *out = call;
    return SB_OK;
}

/* ---- the plan --------------------------------------------------------------------------------------- */

/* What follows once the request has its types. */
static sb_status finish_request(call_request *request, unsigned flags, sb_error *error)
{
    request->abi = flags & SB_CALL_NO_ABI ? NULL : abi_native();
    sb_status status = check(request, error);
    if (status == SB_OK && request->abi != NULL)
        status = classify(request, error);
    return status;
}

sb_status request_fill(call_request *request, const sb_description *d, sb_type_id function,
                       const sb_type_ref *extra, size_t extra_count, unsigned flags,
                       sb_error *error)
{
    sb_status status = gather(request, d, function, extra, extra_count, error);
    return status == SB_OK ? finish_request(request, flags, error) : status;
}

sb_status request_fill_prototype(call_request *request, const sb_prototype *prototype,
                                 unsigned flags, sb_error *error)
{
    if (prototype->count > SB_MAX_PARAMETERS)
        return too_many(error);
    request->result_type = prototype->result;
    request->fixed = (uint32_t)prototype->fixed;
    request->count = (uint32_t)prototype->count;
    request->variadic = prototype->variadic;
    for (size_t i = 0; i < prototype->count; i++)
        request->types[i] = prototype->types[i];
    return finish_request(request, flags, error);
}

static sb_status plan(const call_request *request, unsigned flags, sb_call **out, sb_error *error)
{
    /* What a function declared () takes is not known: it may be variadic. */
    bool unknown = !request->variadic && request->count > request->fixed;
    if (request->abi != NULL && !unknown && !(flags & SB_CALL_NO_REGISTERS) &&
        sb_register_calls_enabled()) {
        sb_status status = plan_registers(request, out, error);
        if (status != SB_OK || *out != NULL)
            return status;
    }
    return foreign_plan(request, flags, out, error);
}

sb_status sb_call_plan(const sb_description *d, sb_type_id function, const sb_type_ref *extra,
                       size_t extra_count, unsigned flags, sb_call **out, sb_error *error)
{
    call_request request;
    *out = NULL;
    sb_status status = request_fill(&request, d, function, extra, extra_count, flags, error);
    return status == SB_OK ? plan(&request, flags, out, error) : status;
}

sb_status sb_call_plan_prototype(const sb_prototype *prototype, unsigned flags, sb_call **out,
                                 sb_error *error)
{
    call_request request;
    *out = NULL;
    sb_status status = request_fill_prototype(&request, prototype, flags, error);
    return status == SB_OK ? plan(&request, flags, out, error) : status;
}

void sb_call_free(sb_call *call)
{
    if (call == NULL)
        return;
    foreign_release(call);
    sb_free(call);
}
