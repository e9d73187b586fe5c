/* call_libffi.c - tiers 2 and 3: calls through libffi, which foreign.c says the types to.
 *
 * The plan is one allocation: the sb_call, then a struct foreign and what the ffi_cif points at. The
 * block of a call holds the arguments' bytes, then slots for pointers that only the call knows (to
 * copies, and to the result), then the array of addresses that ffi_call takes.
 */
#include "failure.h"
#include "foreign.h"

#include <string.h>

#if defined(FFI_VERSION_NUMBER) && FFI_VERSION_NUMBER >= 30700
#define HAVE_CALL_PLANS 1
#else
#define HAVE_CALL_PLANS 0
#endif

/* What sb_call.foreign points at. Immutable; the arrays are in the same allocation. */
struct foreign {
    ffi_cif cif;
#if HAVE_CALL_PLANS
    ffi_call_plan *plan; /* libffi's own allocation, or NULL */
#endif
    uint32_t addresses; /* offset in the block of the array that ffi_call takes */
    uint32_t value_count, pointer_count;
    uint32_t *values; /* offset in the block of each value */
    foreign_pointer *pointers;
};

static void finish(const sb_call *call, void *result)
{
    uint64_t word = 0;
    switch (call->result_class) {
    case CALL_SIGNED:
    case CALL_UNSIGNED:
    case CALL_BOOL:
        break;
    default:
        return;
    }
    if (call->result_size <= sizeof(ffi_arg)) {
        ffi_arg narrow;
        memcpy(&narrow, result, sizeof narrow);
        word = narrow;
    } else {
        memcpy(&word, result, sizeof word);
    }
    unsigned shift = 64 - 8 * call->result_size;
    if (call->result_class == CALL_BOOL)
        word = (word & 0xFF) != 0;
    else if (call->result_class == CALL_SIGNED)
        word = (uint64_t)((int64_t)(word << shift) >> shift);
    else
        word = word << shift >> shift;
    memcpy(result, &word, sizeof word);
}

/* Writes the addresses that ffi_call takes and returns them. */
static void **prepare(const struct foreign *foreign, void *block, void *result)
{
    char *base = block;
    for (uint32_t i = 0; i < foreign->pointer_count; i++) {
        const foreign_pointer *pointer = &foreign->pointers[i];
        void *target = pointer->target == FOREIGN_TARGET_RESULT ? result : base + pointer->target;
        memcpy(base + pointer->slot, &target, sizeof target);
    }
    void **addresses = (void **)(void *)(base + foreign->addresses);
    for (uint32_t i = 0; i < foreign->value_count; i++)
        addresses[i] = base + foreign->values[i];
    return addresses;
}

typedef union callee {
    void *object;
    void (*function)(void);
} callee;

static void invoke_foreign(const sb_call *call, void *function, void *block, void *result)
{
    struct foreign *foreign = call->foreign;
    callee as = {.object = function};
    ffi_call(&foreign->cif, as.function, result, prepare(foreign, block, result));
    finish(call, result);
}

#if HAVE_CALL_PLANS
static void invoke_planned(const sb_call *call, void *function, void *block, void *result)
{
    struct foreign *foreign = call->foreign;
    callee as = {.object = function};
    ffi_call_plan_invoke(foreign->plan, as.function, result, prepare(foreign, block, result));
    finish(call, result);
}
#endif

void foreign_release(sb_call *call)
{
#if HAVE_CALL_PLANS
    if (call->tier == SB_TIER_LIBFFI_PLAN)
        ffi_call_plan_free(((struct foreign *)call->foreign)->plan);
#else
    (void)call;
#endif
}

/* Where the parts of the allocation start. */
struct layout {
    size_t foreign, values, pointers, arguments, types, elements, size;
};

static size_t take(size_t *size, size_t bytes)
{
    size_t at = (size_t)abi_round_up(*size, 16);
    *size = at + bytes;
    return at;
}

static sb_status refuse(const char *reason, sb_error *error)
{
    return failure(error, SB_ERROR_UNSUPPORTED, "libffi cannot make this call: %s", reason);
}

sb_status foreign_plan(const call_request *request, unsigned flags, sb_call **out, sb_error *error)
{
    foreign_draft draft;
    foreign_trees trees = {.types = 0};
    const char *reason = foreign_draft_request(&draft, request);
    uint32_t addresses = foreign_room(&draft, draft.piece_count * sizeof(void *), 8);
    if (reason == NULL)
        reason = foreign_measure(&trees, &draft);
    if (reason != NULL)
        return refuse(reason, error);

    struct layout at = {.size = sizeof(sb_call) + request->count * sizeof(sb_argument_place)};
    at.foreign = take(&at.size, sizeof(struct foreign));
    at.values = take(&at.size, draft.piece_count * sizeof(uint32_t));
    at.pointers = take(&at.size, draft.pointer_count * sizeof(foreign_pointer));
    at.arguments = take(&at.size, draft.piece_count * sizeof(ffi_type *));
    at.types = take(&at.size, trees.types * sizeof(ffi_type));
    at.elements = take(&at.size, trees.elements * sizeof(ffi_type *));
    char *memory = memory_resize(NULL, at.size);
    if (memory == NULL)
        return failure(error, SB_ERROR_MEMORY, "out of memory");
    memset(memory, 0, at.size);

    sb_call *call = (sb_call *)(void *)memory;
    struct foreign *foreign = (struct foreign *)(void *)(memory + at.foreign);
    ffi_type **arguments = (ffi_type **)(void *)(memory + at.arguments);
    foreign->addresses = addresses;
    foreign->value_count = draft.piece_count;
    foreign->values = (uint32_t *)(void *)(memory + at.values);
    foreign->pointer_count = draft.pointer_count;
    foreign->pointers = (foreign_pointer *)(void *)(memory + at.pointers);
    memcpy(foreign->pointers, draft.pointers, draft.pointer_count * sizeof(foreign_pointer));
    trees.next_type = (ffi_type *)(void *)(memory + at.types);
    trees.next_element = (ffi_type **)(void *)(memory + at.elements);
    for (uint32_t i = 0; i < draft.piece_count; i++)
        foreign->values[i] = draft.pieces[i].offset;
    reason = foreign_make(&trees, &draft, arguments, &foreign->cif);
    if (reason != NULL) {
        sb_free(memory);
        return refuse(reason, error);
    }

    call->invoke = invoke_foreign;
    call->block_size = draft.block;
    call->result_size = (uint32_t)request_type(request->result_type)->size;
    call->argument_count = (uint16_t)request->count;
    call->tier = SB_TIER_LIBFFI;
    call->result_class = (uint8_t)request->result_class;
    call->foreign = foreign;
    for (uint32_t i = 0; i < request->count; i++)
        call->args[i] = (sb_argument_place){draft.offsets[i], SB_NO_SECOND,
                                            (uint32_t)request_type(request->types[i])->size};
#if HAVE_CALL_PLANS
    if (!(flags & SB_CALL_NO_PLAN))
        foreign->plan = ffi_call_plan_alloc(&foreign->cif);
    if (foreign->plan != NULL) {
        call->tier = SB_TIER_LIBFFI_PLAN;
        call->invoke = invoke_planned;
    }
#else
    (void)flags;
#endif
    *out = call;
    return SB_OK;
}
