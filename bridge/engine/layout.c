/* layout.c - size, alignment and offsets of structs and unions, as gcc and clang lay them out under
 * the System V ABIs of x86-64 and AArch64. Where the two differ (bit-fields with an alignment of
 * their own under #pragma pack) this follows gcc. */
#include "types.h"

/* A place inside a record: a byte, and a bit in it when bit-fields lie there. */
struct place {
    uint64_t byte;
    unsigned bit; /* 0 to 7 */
};

/* Rounds up to a multiple of align, a power of two; false beyond the largest object. */
static bool round_up(uint64_t *value, uint64_t align)
{
    if (*value > (uint64_t)SB_MAX_OBJECT_SIZE - (align - 1))
        return false;
    *value = (*value + (align - 1)) & ~(align - 1);
    return true;
}

static bool round_place(struct place *place, uint64_t align)
{
    if (place->bit != 0) {
        place->byte++;
        place->bit = 0;
    }
    return round_up(&place->byte, align);
}

static bool advance(struct place *place, uint64_t bytes, unsigned bits)
{
    uint64_t more = bytes + (place->bit + bits) / 8;
    if (more < bytes || place->byte > (uint64_t)SB_MAX_OBJECT_SIZE ||
        more > (uint64_t)SB_MAX_OBJECT_SIZE - place->byte)
        return false;
    place->byte += more;
    place->bit = (place->bit + bits) % 8;
    return true;
}

static uint32_t smaller(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

static uint32_t larger(uint32_t a, uint32_t b)
{
    return a > b ? a : b;
}

/* Does a bit-field of `width` bits at `place` span more units of its type than one? */
static bool straddles(const struct place *place, unsigned width, const sb_type *type)
{
    uint64_t unit = type->align;
    uint64_t bits = (place->byte % unit) * 8 + place->bit + width;
    return (bits + unit * 8 - 1) / (unit * 8) > type->size / unit;
}

/* Whether unnamed bit-fields align their record. */
#if defined(__aarch64__) || defined(__arm__)
static const bool unnamed_bit_fields_align = true;
#else
static const bool unnamed_bit_fields_align = false;
#endif

/* Places a bit-field; *align is what it asks of the record. */
static bool place_bit_field(struct place *place, sb_field *field, const sb_type *type,
                            const struct member_layout *member, const struct record_layout *how,
                            uint32_t *align)
{
    bool packed = how->packed || member->packed;
    uint32_t asked = member->aligned;
    if (field->bit_width == 0) {
        *align = unnamed_bit_fields_align ? type->align : 1; /* whatever #pragma pack says */
        return round_place(place, larger(type->align, asked));
    }
    if (how->pack != 0 && asked != 0)
        asked = smaller(asked, how->pack);
    if (asked != 0 && !round_place(place, asked))
        return false;
    *align = larger(asked, 1);
    if (member->is_named || unnamed_bit_fields_align) {
        uint32_t wanted = type->align;
        if (how->pack != 0)
            wanted = smaller(wanted, how->pack);
        else if (packed)
            wanted = 1;
        *align = larger(*align, wanted);
    }
    if (!packed && how->pack == 0 && straddles(place, field->bit_width, type) &&
        !round_place(place, type->align))
        return false;
    field->offset = place->byte;
    field->bit_offset = (uint16_t)place->bit;
    return advance(place, 0, field->bit_width);
}

static bool place_member(struct place *place, sb_field *field, const sb_type *type,
                         const struct member_layout *member, const struct record_layout *how,
                         uint32_t *align)
{
    bool packed = how->packed || member->packed;
    *align = packed && member->aligned == 0 ? 1
             : packed                       ? member->aligned
                                            : larger(type->align, member->aligned);
    if (*align == 0)
        *align = 1;
    if (how->pack != 0)
        *align = smaller(*align, how->pack);
    if (!round_place(place, *align))
        return false;
    field->offset = place->byte;
    return advance(place, type->size, 0);
}

static sb_status too_large(struct builder *b, uint32_t line, uint32_t column)
{
    return builder_error(b, SB_ERROR_LIMIT, line, column,
                         "this struct or union is larger than any object");
}

sb_status layout_record(struct builder *b, sb_type_id record, sb_field *fields,
                        const struct member_layout *members, uint32_t count,
                        const struct record_layout *how, uint32_t line, uint32_t column)
{
    bool is_union = b->types[record].kind == SB_UNION;
    bool unaligned = false, flexible = false;
    uint16_t inherited = 0;
    uint64_t size = 0;
    uint32_t record_align = 1, natural = 1;
    unsigned depth = 0;
    struct place place = {0, 0};
    for (uint32_t i = 0; i < count; i++) {
        const sb_type *type = &b->types[fields[i].value.type];
        uint32_t align = 1;
        if (is_union)
            place = (struct place){0, 0};
        bool placed = members[i].is_bit_field
                          ? place_bit_field(&place, &fields[i], type, &members[i], how, &align)
                          : place_member(&place, &fields[i], type, &members[i], how, &align);
        if (!placed)
            return too_large(b, fields[i].value.line, fields[i].value.column);
        record_align = larger(record_align, align);
        uint64_t end = place.byte + (place.bit != 0);
        if (end > size)
            size = end;
        if (!members[i].is_bit_field) {
            natural = larger(natural, type->align);
            unaligned = unaligned || fields[i].offset % larger(type->align, 1) != 0 ||
                        (type->flags & SB_TYPE_UNALIGNED_FIELDS) != 0;
        }
        flexible = (type->flags & SB_TYPE_FLEXIBLE) != 0;
        inherited |= type->flags & SB_TYPE_FOREIGN;
        const sb_type *held = type;
        while (held->kind == SB_ARRAY)
            held = &b->types[held->target];
        if (type_is_record(held) && type->depth + 1u > depth)
            depth = type->depth + 1u;
    }
    if (depth > SB_MAX_NESTING)
        return builder_error(b, SB_ERROR_LIMIT, line, column,
                             "records are nested more than %d deep", SB_MAX_NESTING);
    record_align = larger(record_align, how->aligned);
    if (!round_up(&size, record_align))
        return too_large(b, line, column);
    sb_type *type = &b->types[record];
    type->size = size;
    type->align = record_align;
    type->depth = (uint8_t)depth;
    type->flags |= SB_TYPE_COMPLETE | inherited;
    if (how->packed)
        type->flags |= SB_TYPE_PACKED;
    if (flexible)
        type->flags |= SB_TYPE_FLEXIBLE;
    if (unaligned || record_align < natural)
        type->flags |= SB_TYPE_UNALIGNED_FIELDS;
    return SB_OK;
}
