/* length.c - the integer parameters that hold how many elements an array has, read and written by the
 * array's converter: by value in the argument block, where integers are 64 bits wide, or behind the
 * pointer of an out or inout parameter, where they have the C type's size. */
#include "bridge.h"

typedef struct length_place {
    unsigned char *bytes;
    size_t size;      /* of the integer at bytes */
    const sb_type *t; /* its C type */
    bool is_signed;
} length_place;

static length_place place_of(const frame *f, int parameter)
{
    const step *s = frame_step(f, parameter);
    const sb_type *types = f->plan->b->d->types;
    const sb_type *t = &types[s->value->type];
    length_place place = {f->block + s->offset, sizeof(uint64_t), t, false};
    if (s->code == OP_OUT) {
        place.t = t = &types[t->target];
        place.bytes = frame_storage(f, s);
        place.size = t->size;
    }
    place.is_signed = t->kind == SB_INT || t->flags & SB_TYPE_SIGNED;
    return place;
}

int frame_set_length(const frame *f, int parameter, uint64_t n)
{
    length_place place = place_of(f, parameter);
    unsigned bits = (unsigned)place.t->size * 8 - (place.is_signed ? 1 : 0);
    if (bits < 64 && n >> bits != 0) {
        PyErr_Format(PyExc_OverflowError,
                     "%llu elements do not fit in the length parameter '%s' of %llu bytes",
                     (unsigned long long)n,
                     sb_string(f->plan->b->d, frame_step(f, parameter)->value->name),
                     (unsigned long long)place.t->size);
        return -1;
    }
    uint8_t n8 = (uint8_t)n;
    uint16_t n16 = (uint16_t)n;
    uint32_t n32 = (uint32_t)n;
    const void *narrow = place.size == 1   ? (const void *)&n8
                         : place.size == 2 ? (const void *)&n16
                         : place.size == 4 ? (const void *)&n32
                                           : (const void *)&n;
    memcpy(place.bytes, narrow, place.size < sizeof n ? place.size : sizeof n);
    return 0;
}

uint64_t frame_get_length(const frame *f, int parameter)
{
    length_place place = place_of(f, parameter);
    uint8_t n8;
    uint16_t n16;
    uint32_t n32;
    uint64_t n;
    switch (place.size) {
    case sizeof n8:
        memcpy(&n8, place.bytes, sizeof n8);
        n = n8;
        break;
    case sizeof n16:
        memcpy(&n16, place.bytes, sizeof n16);
        n = n16;
        break;
    case sizeof n32:
        memcpy(&n32, place.bytes, sizeof n32);
        n = n32;
        break;
    default:
        memcpy(&n, place.bytes, sizeof n);
        place.size = sizeof n;
    }
    bool negative = place.is_signed && (int64_t)(n << (64 - 8 * place.size)) < 0;
    return negative ? 0 : n;
}
