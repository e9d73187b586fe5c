/* foreign.c - drafts of function types for libffi. */
#include "foreign.h"

#include <string.h>

static ffi_type *scalar_type(const sb_type *type)
{
    bool is_signed = abi_is_signed(type);
    switch (type->kind) {
    case SB_VOID:
        return &ffi_type_void;
    case SB_POINTER:
        return &ffi_type_pointer;
    case SB_FLOAT:
        return type->size == 4   ? &ffi_type_float
               : type->size == 8 ? &ffi_type_double
                                 : &ffi_type_longdouble;
    case SB_COMPLEX:
#ifdef FFI_TARGET_HAS_COMPLEX_TYPE
        return type->size == 8    ? &ffi_type_complex_float
               : type->size == 16 ? &ffi_type_complex_double
                                  : &ffi_type_complex_longdouble;
#else
        return NULL;
#endif
    default:
        break;
    }
    switch (type->size) {
    case 1:
        return is_signed ? &ffi_type_sint8 : &ffi_type_uint8;
    case 2:
        return is_signed ? &ffi_type_sint16 : &ffi_type_uint16;
    case 4:
        return is_signed ? &ffi_type_sint32 : &ffi_type_uint32;
    case 8:
        return is_signed ? &ffi_type_sint64 : &ffi_type_uint64;
    default:
        return NULL;
    }
}

/* The element type below all dimensions of an array. */
static sb_type_id array_base(const sb_description *d, sb_type_id id)
{
    while (d->types[id].kind == SB_ARRAY)
        id = d->types[id].target;
    return id;
}

/* Counts what a record's tree takes and checks that C's rules for plain structs, which libffi
 * applies, give the layout that the type table has. Returns NULL, or why not. */
static const char *measure_tree(foreign_trees *trees, sb_type_id id)
{
    const sb_type *type = &trees->d->types[id];
    if (++trees->steps > ABI_MAX_STEPS)
        return "it holds too many members to be passed by value";
    if (!abi_is_record(type))
        return scalar_type(type) == NULL ? "libffi has no such type on this machine" : NULL;
    if (type->kind == SB_UNION)
        return "unions cannot be passed by value on this machine";
    trees->types++;
    trees->elements++;
    uint64_t end = 0;
    uint32_t align = 1;
    for (uint32_t i = 0; i < type->count; i++) {
        const sb_field *field = &trees->d->fields[type->first + i];
        if (field->bit_width != 0)
            return "records with bit-fields cannot be passed by value on this machine";
        uint64_t bytes = trees->d->types[field->value.type].size;
        if (bytes == 0)
            continue;
        sb_type_id base_id = array_base(trees->d, field->value.type);
        const sb_type *base = &trees->d->types[base_id];
        const char *reason = measure_tree(trees, base_id);
        if (reason != NULL)
            return reason;
        if (abi_round_up(end, base->align) != field->offset)
            return "records with unusual padding cannot be passed by value on this machine";
        end = field->offset + bytes;
        align = base->align > align ? base->align : align;
        trees->elements += (size_t)(bytes / base->size);
    }
    if (align != type->align || abi_round_up(end, align) != type->size)
        return "records with unusual alignment cannot be passed by value on this machine";
    return NULL;
}

/* Makes the tree that measure_tree has counted. libffi fills in sizes when it sees it. */
static ffi_type *make_tree(foreign_trees *trees, sb_type_id id)
{
    const sb_type *type = &trees->d->types[id];
    if (!abi_is_record(type))
        return scalar_type(type);
    ffi_type *node = trees->next_type++;
    size_t count = 0;
    for (uint32_t i = 0; i < type->count; i++) {
        const sb_type *member = &trees->d->types[trees->d->fields[type->first + i].value.type];
        if (member->size != 0) {
            sb_type_id base = array_base(trees->d, trees->d->fields[type->first + i].value.type);
            count += (size_t)(member->size / trees->d->types[base].size);
        }
    }
    ffi_type **elements = trees->next_element;
    trees->next_element += count + 1;
    *node = (ffi_type){.size = 0, .alignment = 0, .type = FFI_TYPE_STRUCT, .elements = elements};
    for (uint32_t i = 0; i < type->count; i++) {
        sb_type_id member = trees->d->fields[type->first + i].value.type;
        if (trees->d->types[member].size == 0)
            continue;
        sb_type_id base = array_base(trees->d, member);
        ffi_type *element = make_tree(trees, base);
        for (uint64_t n = trees->d->types[member].size / trees->d->types[base].size; n > 0; n--)
            *elements++ = element;
    }
    *elements = NULL;
    return node;
}

/* ---- the draft -------------------------------------------------------------------------------------- */

static void add_piece(foreign_draft *draft, foreign_piece piece)
{
    piece.argument = draft->argument;
    draft->pieces[draft->piece_count++] = piece;
}

static void add_scalar(foreign_draft *draft, ffi_type *type, foreign_role role, uint32_t offset)
{
    add_piece(draft, (foreign_piece){.type = type, .role = (uint8_t)role, .offset = offset});
}

uint32_t foreign_room(foreign_draft *draft, uint64_t size, uint32_t align)
{
    draft->block = (uint32_t)abi_round_up(draft->block, align > 8 ? 16 : 8);
    uint32_t offset = draft->block;
    draft->block += (uint32_t)(size == 0 ? 8 : abi_round_up(size, 8));
    return offset;
}

/* A pointer to block[target], or to the result. */
static void add_pointer(foreign_draft *draft, uint32_t target)
{
    uint32_t slot = foreign_room(draft, sizeof(void *), 8);
    draft->pointers[draft->pointer_count++] = (foreign_pointer){slot, target};
    add_scalar(draft, &ffi_type_pointer, FOREIGN_ADDRESS, slot);
}

static ffi_type *vector_type(uint64_t bytes)
{
    return bytes == 4 ? &ffi_type_float : bytes == 8 ? &ffi_type_double : &ffi_type_longdouble;
}

/* The type of a scalar in a vector register. libffi refuses a variadic float, which C never passes;
 * but a record's float goes unpromoted, and is the low half of the register. */
static ffi_type *vector_scalar(const foreign_draft *draft, uint64_t bytes)
{
    bool unnamed = draft->request->variadic && draft->argument >= draft->request->fixed;
    return vector_type(unnamed && bytes == 4 ? 8 : bytes);
}

/* x86-64: eightbytes in registers are scalars of their own, which avoids what libffi 3.4 does wrong
 * with records that end in the sixth general register. Memory is a run of one long double with the
 * size set by hand: its class keeps it out of registers whatever the size. */
static void draft_sysv(foreign_draft *draft, const abi_value *value, uint64_t size, uint32_t offset)
{
    for (unsigned i = 0; i < value->count; i++) {
        ffi_type *type = &ffi_type_uint64;
        if (value->class[i] == ABI_VECTOR)
            type = vector_scalar(draft, size - value->offset[i] == 4 ? 4 : 8);
        add_piece(draft, (foreign_piece){.type = type,
                                         .part = value->offset[i],
                                         .offset = offset + value->offset[i]});
    }
    if (value->kind == ABI_STACK)
        add_piece(draft, (foreign_piece){.type = &ffi_type_longdouble,
                                         .count = 1,
                                         .size = (uint32_t)abi_round_up(size, 8),
                                         .align = value->align > 8 ? value->align : 8,
                                         .offset = offset});
}

/* AArch64: homogeneous aggregates are runs of their member, other records runs of words, and libffi
 * spills them as the ABI says. It does not start 16-aligned pairs at an even register, so a word of
 * padding does. `general` counts the general registers libffi has used. */
static void draft_aarch64(foreign_draft *draft, const abi_value *value, uint64_t size,
                          uint32_t offset, uint32_t *general)
{
    if (value->width == 0) { /* a reference */
        add_pointer(draft, offset);
        *general += value->count;
        return;
    }
    bool vector = value->class[0] == ABI_VECTOR;
    uint64_t count = vector ? size / value->width : abi_round_up(size, 8) / 8;
    ffi_type *type = vector ? vector_type(value->width) : &ffi_type_uint64;
    if (!vector && value->kind == ABI_REGISTERS) {
        for (; *general < value->at[0]; ++*general)
            add_scalar(draft, &ffi_type_uint64, FOREIGN_PADDING, offset);
        *general += value->count;
    } else if (!vector) {
        *general = abi_aarch64.general;
    }
    if (count == 1)
        add_scalar(draft, vector ? vector_scalar(draft, value->width) : type, FOREIGN_VALUE, offset);
    else
        add_piece(draft, (foreign_piece){.type = type,
                                         .count = (uint8_t)count,
                                         .size = (uint32_t)size,
                                         .align = value->align,
                                         .offset = offset});
}

/* A scalar that libffi has a type for. */
static void draft_scalar(foreign_draft *draft, const sb_type *type, uint32_t offset)
{
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    /* Integers arrive extended to a word: the narrow value is at its end. */
    if (type->kind != SB_FLOAT && type->kind != SB_COMPLEX)
        offset += 8 - (uint32_t)type->size;
#endif
    add_scalar(draft, scalar_type(type), FOREIGN_VALUE, offset);
}

static void draft_unknown(foreign_draft *draft, sb_type_ref ref, uint32_t offset)
{
    const sb_type *type = request_type(ref);
    if (type->size == 0)
        return;
    if (abi_is_record(type))
        add_piece(draft, (foreign_piece){.tree = ref, .offset = offset});
    else if (type->size > 8 && type->kind != SB_FLOAT && type->kind != SB_COMPLEX)
        add_scalar(draft, NULL, FOREIGN_VALUE, offset); /* __int128 */
    else
        draft_scalar(draft, type, offset);
}

/* A run of `count` elements that has the size and alignment of the argument, in whole words. */
static void add_run(foreign_draft *draft, ffi_type *element, uint64_t count, uint64_t size,
                    uint32_t align, uint32_t offset)
{
    add_piece(draft, (foreign_piece){.type = element,
                                     .count = (uint8_t)count,
                                     .size = (uint32_t)size,
                                     .align = align,
                                     .offset = offset});
}

/* i386: everything is words of the stack. libffi must not see the alignment: it would keep it. */
static void draft_i386(foreign_draft *draft, uint64_t size, uint32_t offset)
{
    add_run(draft, &ffi_type_uint32, 1, abi_round_up(size, 4), 4, offset);
}

/* ARM: homogeneous aggregates are runs of their member, other values runs of one element, whose
 * alignment libffi keeps to. It does not forget the general registers that are left when a value
 * finds too few and goes to the stack, so padding takes them. `general` counts those taken. */
static void draft_arm(foreign_draft *draft, const abi_value *value, const sb_type *type,
                      uint32_t offset, uint32_t *general)
{
    bool vector = value->class[0] == ABI_VECTOR;
    if (!vector && value->kind == ABI_STACK && *general < abi_arm.general)
        add_piece(draft, (foreign_piece){.type = &ffi_type_uint32,
                                         .count = 1,
                                         .role = FOREIGN_PADDING,
                                         .size = 4 * (abi_arm.general - *general),
                                         .align = 4,
                                         .offset = offset});
    if (!vector)
        *general =
            value->kind == ABI_STACK ? abi_arm.general : value->at[0] + (uint32_t)value->count;
    bool is_scalar = !abi_is_record(type) && type->kind != SB_COMPLEX;
    if (is_scalar)
        draft_scalar(draft, type, offset);
    else if (vector)
        add_run(draft, vector_type(value->width), type->size / value->width, type->size,
                value->width, offset);
    else
        add_run(draft, &ffi_type_uint32, 1, abi_round_up(type->size, 4), value->align, offset);
}

static ffi_type *part_type(const abi_value *value, unsigned i)
{
    if (value->class[i] == ABI_VECTOR)
        return vector_type(value->bytes[i]);
    return value->bytes[i] == 1   ? &ffi_type_uint8
           : value->bytes[i] == 2 ? &ffi_type_uint16
           : value->bytes[i] <= 4 ? &ffi_type_uint32
                                  : &ffi_type_uint64;
}

/* RISC-V: what travels by field is a scalar for each field, what travels in words a run of words,
 * whose alignment libffi keeps to. Its own copies of large values are aligned to no more than 8. */
static void draft_riscv64(foreign_draft *draft, const abi_value *value, const sb_type *type,
                          uint32_t offset)
{
    if (!abi_is_record(type) && type->kind != SB_COMPLEX && scalar_type(type) != NULL) {
        draft_scalar(draft, type, offset);
        return;
    }
    if (value->kind == ABI_REFERENCE) {
        add_pointer(draft, offset);
        return;
    }
    if (value->bytes[0] == 0) {
        add_run(draft, &ffi_type_uint64, 1, type->size, type->align > 8 ? 16 : 8, offset);
        return;
    }
    draft->block += 8; /* a field may be loaded wider than it is */
    for (unsigned i = 0; i < value->count; i++)
        add_piece(draft, (foreign_piece){.type = part_type(value, i),
                                         .part = value->offset[i],
                                         .bytes = value->bytes[i],
                                         .offset = offset + value->offset[i]});
}

/* s390x: what is no reference is a scalar of its size. */
static void draft_s390x(foreign_draft *draft, const abi_value *value, const sb_type *type,
                        uint32_t offset)
{
    if (value->kind == ABI_REFERENCE)
        add_pointer(draft, offset);
    else if (!abi_is_record(type))
        draft_scalar(draft, type, offset);
    else if (value->class[0] == ABI_VECTOR)
        add_scalar(draft, vector_type(type->size), FOREIGN_VALUE, offset);
    else
        add_scalar(draft,
                   type->size == 1   ? &ffi_type_uint8
                   : type->size == 2 ? &ffi_type_uint16
                   : type->size == 4 ? &ffi_type_uint32
                                     : &ffi_type_uint64,
                   FOREIGN_VALUE, offset);
}

static void draft_arguments(foreign_draft *draft)
{
    const call_request *request = draft->request;
    uint32_t general = request->abi == &abi_arm && request->result.kind == ABI_REFERENCE;
    if (request->abi == &abi_sysv_x86_64 && request->result.kind == ABI_REFERENCE)
        add_pointer(draft, FOREIGN_TARGET_RESULT);
    for (uint32_t i = 0; i < request->count; i++) {
        draft->argument = (uint8_t)i;
        if (i == request->fixed)
            draft->fixed_pieces = draft->piece_count;
        const sb_type *type = request_type(request->types[i]);
        const abi_value *value = &request->arguments[i];
        uint32_t offset = foreign_room(draft, type->size, type->align);
        draft->offsets[i] = (uint16_t)(offset > UINT16_MAX ? UINT16_MAX : offset);
        if (request->abi == NULL)
            draft_unknown(draft, request->types[i], offset);
        else if (value->kind == ABI_NOTHING)
            continue;
        else if (request->abi == &abi_aarch64)
            draft_aarch64(draft, value, type->size, offset, &general);
        else if (request->abi == &abi_arm)
            draft_arm(draft, value, type, offset, &general);
        else if (request->abi == &abi_i386 && (abi_is_record(type) || type->kind == SB_COMPLEX))
            draft_i386(draft, type->size, offset);
        else if (request->abi == &abi_i386)
            draft_scalar(draft, type, offset);
        else if (request->abi == &abi_riscv64)
            draft_riscv64(draft, value, type, offset);
        else if (request->abi == &abi_s390x)
            draft_s390x(draft, value, type, offset);
        else
            draft_sysv(draft, value, type->size, offset);
    }
    if (request->count == request->fixed)
        draft->fixed_pieces = draft->piece_count;
}

/* The result: a scalar type, a run with result_elements, or a tree. */
static void draft_result(foreign_draft *draft)
{
    const call_request *request = draft->request;
    const sb_type *type = request_type(request->result_type);
    const abi_value *value = &request->result;
    foreign_piece *result = &draft->result;
    *result = (foreign_piece){.type = &ffi_type_void,
                              .size = (uint32_t)type->size,
                              .align = type->align};
    if (type->size == 0 && request->abi != NULL && value->kind == ABI_REFERENCE) {
        /* A place for a record without bytes. libffi would work a size of 0 out. */
        result->type = &ffi_type_uint8;
        result->count = 1;
        result->size = result->align = 1;
    }
    if (type->size == 0)
        return;
    if (request->abi == NULL || request->result_class != CALL_BYTES) {
        if (abi_is_record(type))
            result->tree = request->result_type;
        else
            result->type = scalar_type(type);
        return;
    }
    if (value->kind == ABI_X87) {
        /* libffi knows it as a scalar, but not as the only member of a record. */
#ifdef FFI_TARGET_HAS_COMPLEX_TYPE
        result->type = type->size > 16 ? &ffi_type_complex_longdouble : &ffi_type_longdouble;
#else
        result->type = type->size > 16 ? NULL : &ffi_type_longdouble;
#endif
    } else if (value->kind == ABI_REFERENCE) {
        if (request->abi != &abi_sysv_x86_64) {
            result->count = 1;
            draft->result_elements[0] = &ffi_type_uint64;
        }
    } else if (request->abi == &abi_i386) { /* float _Complex */
        result->type = &ffi_type_uint64;
    } else if (value->bytes[0] != 0) { /* RISC-V, by field */
        result->type = part_type(value, 0);
        if (value->count > 1) {
            result->count = value->count;
            result->part = value->offset[1];
            draft->result_elements[0] = result->type;
            draft->result_elements[1] = part_type(value, 1);
        }
    } else if (request->abi != &abi_sysv_x86_64 && value->class[0] == ABI_VECTOR) {
        result->type = vector_type(value->width);
        if (value->count > 1) {
            result->count = value->count;
            draft->result_elements[0] = draft->result_elements[1] = result->type;
        }
    } else if (value->kind == ABI_REGISTERS) {
        /* Eightbytes of padding count as general: what lands there does not matter. */
        result->count = type->size > 8 ? 2 : 1;
        draft->result_elements[0] = draft->result_elements[1] = &ffi_type_uint64;
        for (unsigned i = 0; i < value->count; i++) {
            if (value->class[i] == ABI_VECTOR)
                draft->result_elements[value->offset[i] / 8] = &ffi_type_double;
        }
    }
}

const char *foreign_draft_request(foreign_draft *draft, const call_request *request)
{
    draft->request = request;
    draft->piece_count = draft->pointer_count = draft->fixed_pieces = draft->block = 0;
    draft->argument = FOREIGN_RESULT;
    draft_result(draft);
    draft_arguments(draft);
    for (uint32_t i = 0; i < request->count; i++) {
        if (draft->offsets[i] == UINT16_MAX)
            return "its arguments are too large to be passed by value";
    }
    return NULL;
}

/* ---- types of a draft ------------------------------------------------------------------------------- */

static ffi_type *make_type(foreign_trees *trees, const foreign_piece *piece,
                           ffi_type *const *elements)
{
    if (piece->tree.description != NULL) {
        trees->d = piece->tree.description;
        return make_tree(trees, piece->tree.type);
    }
    if (piece->count == 0)
        return piece->type;
    ffi_type *type = trees->next_type++;
    *type = (ffi_type){.size = piece->size,
                       .alignment = (unsigned short)piece->align,
                       .type = FFI_TYPE_STRUCT,
                       .elements = trees->next_element};
    for (unsigned i = 0; i < piece->count; i++)
        *trees->next_element++ = elements != NULL ? elements[i < 2 ? i : 1] : piece->type;
    *trees->next_element++ = NULL;
    if (piece->part != 0 && elements != NULL) {
        /* The second field starts where it does, which libffi works out of size and alignment. */
        for (unsigned i = 0; i < 2; i++) {
            trees->next_type[i] = *elements[i];
            type->elements[i] = &trees->next_type[i];
        }
        trees->next_type[0].size = piece->part;
        trees->next_type[1].alignment = 1;
        trees->next_type += 2;
    }
    return type;
}

static const char *measure(foreign_trees *trees, const foreign_piece *piece)
{
    if (piece->tree.description != NULL) {
        trees->d = piece->tree.description;
        return measure_tree(trees, piece->tree.type);
    }
    if (piece->count > 0) {
        trees->types += piece->part != 0 ? 3 : 1;
        trees->elements += piece->count + 1u;
    } else if (piece->type == NULL) {
        return "libffi has no such type on this machine";
    }
    return NULL;
}

const char *foreign_measure(foreign_trees *trees, const foreign_draft *draft)
{
    const char *reason = measure(trees, &draft->result);
    for (uint32_t i = 0; i < draft->piece_count && reason == NULL; i++)
        reason = measure(trees, &draft->pieces[i]);
    return reason;
}

const char *foreign_make(foreign_trees *trees, const foreign_draft *draft, ffi_type **arguments,
                         ffi_cif *cif)
{
    ffi_type *result = make_type(trees, &draft->result, draft->result_elements);
    for (uint32_t i = 0; i < draft->piece_count; i++)
        arguments[i] = make_type(trees, &draft->pieces[i], NULL);
    ffi_status status;
    /* On s390x all arguments travel alike, and libffi would refuse the small scalars that records
     * of that size travel as. */
    bool apart = draft->request->variadic && draft->request->abi != &abi_s390x;
    if (apart && draft->fixed_pieces > 0)
        status = ffi_prep_cif_var(cif, FFI_DEFAULT_ABI, draft->fixed_pieces, draft->piece_count,
                                  result, arguments);
    else
        status = ffi_prep_cif(cif, FFI_DEFAULT_ABI, draft->piece_count, result, arguments);
    switch (status) {
    case FFI_OK:
        return NULL;
    case FFI_BAD_TYPEDEF:
        return "a type is not one it knows";
    case FFI_BAD_ABI:
        return "the calling convention is not one it knows";
    default:
        return "an argument has a type that it does not pass";
    }
}
