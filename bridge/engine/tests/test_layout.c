/* test_layout.c - the engine's layouts are the compiler's, for the records of layouts.h. */
#include "check.h"
#include "layouts.h"

#pragma GCC diagnostic ignored "-Wpedantic" /* [0], large enumerators */
#pragma GCC diagnostic ignored "-Woverlength-strings"
#pragma GCC diagnostic ignored "-Wconversion"

#define COMPILED(...) __VA_ARGS__
LAYOUTS(COMPILED)
#pragma pack(push, 2)
LAYOUTS_PACK_2(COMPILED)
#pragma pack(1)
LAYOUTS_PACK_1(COMPILED)
#pragma pack(8)
LAYOUTS_PACK_8(COMPILED)
#pragma pack(pop)

#define WRITTEN(...) #__VA_ARGS__ "\n"
/* clang-format off */
static const char text[] =
    LAYOUTS(WRITTEN)
    "#pragma pack(push, 2)\n"
    LAYOUTS_PACK_2(WRITTEN)
    "#pragma pack(1)\n"
    LAYOUTS_PACK_1(WRITTEN)
    "#pragma pack(8)\n"
    LAYOUTS_PACK_8(WRITTEN)
    "#pragma pack(pop)\n";
/* clang-format on */

static sb_description *d;

static const sb_type *type_named(const char *name)
{
    for (uint32_t i = 1; i < d->type_count; i++) {
        const sb_type *type = &d->types[i];
        if ((type->kind == SB_STRUCT || type->kind == SB_UNION || type->kind == SB_ENUM) &&
            strcmp(sb_string(d, type->name), name) == 0)
            return type;
    }
    fprintf(stderr, "no type %s\n", name);
    exit(1);
}

/* The field, also in unnamed members; *offset grows by where it lies. */
static const sb_field *field_named(const sb_type *type, const char *name, uint64_t *offset)
{
    for (uint32_t i = 0; i < type->count; i++) {
        const sb_field *field = &d->fields[type->first + i];
        uint64_t inner = *offset + field->offset;
        if (strcmp(sb_string(d, field->value.name), name) == 0) {
            *offset = inner;
            return field;
        }
        if (field->value.name != 0)
            continue;
        const sb_field *found = field_named(&d->types[field->value.type], name, &inner);
        if (found != NULL) {
            *offset = inner;
            return found;
        }
    }
    return NULL;
}

static void same_record(const char *name, size_t size, size_t align)
{
    const sb_type *type = type_named(name);
    CHECK(type->size == size);
    CHECK(type->align == align);
    if (type->size != size || type->align != align)
        fprintf(stderr, "    %s: size %llu align %u, the compiler has %zu and %zu\n", name,
                (unsigned long long)type->size, type->align, size, align);
}

static void same_offset(const char *name, const char *field, size_t compiled)
{
    uint64_t offset = 0;
    CHECK(field_named(type_named(name), field, &offset) != NULL);
    CHECK(offset == compiled);
    if (offset != compiled)
        fprintf(stderr, "    %s.%s: offset %llu, the compiler has %zu\n", name, field,
                (unsigned long long)offset, compiled);
}

/* `bytes` are those of a record of zeros with all ones in that bit-field. */
static void same_bits(const char *name, const char *field, const unsigned char *bytes, size_t size)
{
    uint64_t offset = 0, first = UINT64_MAX, count = 0;
    const sb_field *found = field_named(type_named(name), field, &offset);
    for (uint64_t bit = 0; bit < size * 8; bit++)
        if ((bytes[bit / 8] >> (SB_BIT_FIELDS_FROM_TOP ? 7 - bit % 8 : bit % 8) & 1) != 0) {
            if (first == UINT64_MAX)
                first = bit;
            count++;
        }
    CHECK(found != NULL && found->bit_width == count && found->bit_offset < 8);
    CHECK(found != NULL && offset * 8 + found->bit_offset == first);
    if (found != NULL && offset * 8 + found->bit_offset != first)
        fprintf(stderr, "    %s.%s: bit %llu, the compiler has %llu\n", name, field,
                (unsigned long long)(offset * 8 + found->bit_offset), (unsigned long long)first);
}

#define SAME_RECORD(word, name)        same_record(#name, sizeof(word name), _Alignof(word name));
#define SAME_OFFSET(word, name, field) same_offset(#name, #field, offsetof(word name, field));
#define SAME_BITS(word, name, field)                   \
    {                                                  \
        word name value;                               \
        unsigned char bytes[sizeof value];             \
        memset(&value, 0, sizeof value);               \
        value.field--; /* all ones */                  \
        memcpy(bytes, &value, sizeof value);           \
        same_bits(#name, #field, bytes, sizeof bytes); \
    }

static void bool_bits(void)
{
    struct bits_bool value;
    unsigned char bytes[sizeof value];
    memset(&value, 0, sizeof value);
    value.b = 1;
    memcpy(bytes, &value, sizeof value);
    same_bits("bits_bool", "b", bytes, sizeof bytes);
}

int main(void)
{
    d = parse(text);
    LAYOUT_FIELDS(SAME_RECORD, SAME_OFFSET, SAME_BITS)
    bool_bits();
    CHECK((type_named("packed")->flags & SB_TYPE_UNALIGNED_FIELDS) != 0);
    CHECK((type_named("packed_inside")->flags & SB_TYPE_UNALIGNED_FIELDS) != 0);
    CHECK((type_named("plain")->flags & SB_TYPE_UNALIGNED_FIELDS) == 0);
    CHECK((type_named("flexible")->flags & SB_TYPE_FLEXIBLE) != 0);
    sb_description_release(d);
    return check_done("layout");
}
