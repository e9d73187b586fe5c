/* abi.c - what the calling conventions have in common. */
#include "abi.h"

#include <limits.h>
#include <wchar.h>

const abi *abi_native(void)
{
#if defined(__x86_64__) && !defined(__ILP32__) && !defined(_WIN32)
    return &abi_sysv_x86_64;
#elif defined(__aarch64__) && defined(__linux__) && !defined(__ILP32__) &&                       \
    !defined(__AARCH64EB__)
    return &abi_aarch64;
#elif defined(__arm__) && defined(__linux__) && defined(__ARM_PCS_VFP) && !defined(__ARMEB__)
    return &abi_arm;
#elif defined(__i386__) && defined(__linux__)
    return &abi_i386;
#elif defined(__riscv) && __riscv_xlen == 64 && defined(__riscv_float_abi_double)
    return &abi_riscv64;
#elif defined(__s390x__)
    return &abi_s390x;
#else
    return NULL;
#endif
}

bool abi_is_signed(const sb_type *type)
{
    switch (type->kind) {
    case SB_INT:
        return true;
    case SB_CHAR:
        return CHAR_MIN < 0;
    case SB_WIDE:
        return type->primitive == SB_PRIM_WCHAR && WCHAR_MIN < 0;
    case SB_ENUM:
        return (type->flags & SB_TYPE_SIGNED) != 0;
    default:
        return false;
    }
}

struct walk {
    const sb_description *d;
    abi_visit visit;
    void *context;
    uint32_t steps;
};

bool abi_begin(const sb_type *type, abi_value *value, const char **reason)
{
    bool is_nothing = type->size == 0 || type->kind == SB_VOID;
    *value = (abi_value){.kind = ABI_NOTHING, .align = is_nothing ? 0 : type->align};
    *reason = !is_nothing && type->align > 16 ? ABI_OVERALIGNED : NULL;
    return !is_nothing && *reason == NULL;
}

static abi_walk walk_type(struct walk *walk, sb_type_id id, uint64_t offset)
{
    const sb_type *type = &walk->d->types[id];
    if (++walk->steps > ABI_MAX_STEPS)
        return ABI_WALK_TOO_LONG;
    if (type->kind == SB_ARRAY) {
        const sb_type *element = &walk->d->types[type->target];
        abi_walk outcome = ABI_WALK_DONE;
        for (uint64_t at = 0; outcome == ABI_WALK_DONE && at < type->size; at += element->size)
            outcome = walk_type(walk, type->target, offset + at);
        return outcome;
    }
    if (!abi_is_record(type))
        return walk->visit(walk->context, type, offset, NULL) ? ABI_WALK_DONE : ABI_WALK_STOPPED;
    for (uint32_t i = 0; i < type->count; i++) {
        const sb_field *field = &walk->d->fields[type->first + i];
        uint64_t at = offset + field->offset;
        abi_walk outcome = ABI_WALK_DONE;
        if (field->bit_width == 0)
            outcome = walk_type(walk, field->value.type, at);
        else if (!walk->visit(walk->context, &walk->d->types[field->value.type], at, field))
            outcome = ABI_WALK_STOPPED;
        if (outcome != ABI_WALK_DONE)
            return outcome;
    }
    return ABI_WALK_DONE;
}

abi_walk abi_scalars(const sb_description *d, sb_type_id type, abi_visit visit, void *context)
{
    struct walk walk = {.d = d, .visit = visit, .context = context, .steps = 0};
    return walk_type(&walk, type, 0);
}

static bool look_at(void *context, const sb_type *scalar, uint64_t offset, const sb_field *bits)
{
    abi_members *seen = context;
    if (bits != NULL && bits->value.name == 0) {
        seen->unnamed_bits = true;
        return true;
    }
    if (scalar->align > seen->natural)
        seen->natural = scalar->align;
    uint64_t size = scalar->kind == SB_COMPLEX ? scalar->size / 2 : scalar->size;
    bool fits = scalar->kind == SB_FLOAT || scalar->kind == SB_COMPLEX;
    if (!fits || (seen->size != 0 && seen->size != size) || offset % size != 0) {
        seen->mixed = true;
        return true;
    }
    seen->size = size;
    for (uint64_t at = offset; at < offset + scalar->size; at += size)
        seen->covered |= UINT64_C(1) << at / size;
    return true;
}

abi_walk abi_look_at(const sb_description *d, sb_type_id type, abi_members *members)
{
    /* What follows a flexible array member is not known to be nothing. */
    *members = (abi_members){.mixed = d->types[type].size > 64 ||
                                      (abi_is_record(&d->types[type]) &&
                                       (d->types[type].flags & SB_TYPE_FLEXIBLE) != 0)};
    return d->types[type].size > 64 ? ABI_WALK_DONE : abi_scalars(d, type, look_at, members);
}

unsigned abi_homogeneous(const abi_members *members, uint64_t size)
{
    uint64_t count = members->size == 0 ? 0 : size / members->size;
    if (members->mixed || count < 1 || count > ABI_MAX_PARTS || count * members->size != size ||
        members->covered != (UINT64_C(1) << count) - 1)
        return 0;
    return (unsigned)count;
}
