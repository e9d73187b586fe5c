/* layouts.c - sizes, alignments and offsets of random records, against a compiler. */
#include "drive.h"
#include "leaves.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST_FAULTS_SHOWN 20

#ifdef TORTURE_LINKED
extern const torture_layout_library torture_layouts;
#endif

/* A record while it is compared. */
struct subject {
    const sb_description *d;
    const torture_record *known;
    uint32_t next; /* member */
    bool wrong;
};

static struct {
    uint32_t records, members, bit_fields, faults;
} totals;

static void fault(struct subject *s, const char *what, uint64_t ours, uint64_t theirs)
{
    if (!s->wrong && totals.faults++ < MOST_FAULTS_SHOWN)
        printf("FAULT %s, member %u: %s is %llu, the compiler says %llu\n", s->known->name, s->next,
               what, (unsigned long long)ours, (unsigned long long)theirs);
    s->wrong = true;
}

/* Where the first set bit is, for messages. */
static uint64_t first_bit(const unsigned char *bytes, uint64_t size)
{
    for (uint64_t i = 0; i < size * 8; i++) {
        if (bytes[i / 8] >> i % 8 & 1)
            return i;
    }
    return size * 8;
}

static void compare_image(struct subject *s, const sb_field *field, uint64_t base, uint64_t value,
                          const void *image, const char *what)
{
    uint64_t size = s->known->size;
    unsigned char *ours = calloc(1, (size_t)size + 16);
    if (ours == NULL) {
        perror("calloc");
        exit(2);
    }
    bits_store(field, ours + base, value);
    if (memcmp(ours, image, (size_t)size) != 0)
        fault(s, what, first_bit(ours, size), first_bit(image, size));
    if (bits_load(field, ours + base) != value)
        fault(s, "what was stored", bits_load(field, ours + base), value);
    free(ours);
}

static void compare_bit_field(struct subject *s, const sb_field *field, uint64_t base,
                              const torture_member *known)
{
    uint64_t ones =
        field->bit_width == 64 ? UINT64_MAX : (UINT64_C(1) << field->bit_width) - 1;
    uint64_t last = field->offset + (field->bit_offset + field->bit_width + 7u) / 8;
    totals.bit_fields++;
    if (field->bit_offset > 7 || base + last > s->known->size) {
        fault(s, "the end of the bit-field", base + last, s->known->size);
        return;
    }
    compare_image(s, field, base, ones, known->ones, "the first bit set by all ones");
    compare_image(s, field, base, 1, known->one, "the bit set by 1");
}

static void compare_members(struct subject *s, sb_type_id id, uint64_t base)
{
    const sb_type *type = &s->d->types[id];
    for (uint32_t i = 0; i < type->count; i++) {
        const sb_field *field = &s->d->fields[type->first + i];
        const sb_type *of = &s->d->types[field->value.type];
        if (is_bit_field_without_name(field))
            continue;
        bool is_record = of->kind == SB_STRUCT || of->kind == SB_UNION;
        bool is_anonymous = is_record && field->value.name == 0;
        if (!is_anonymous) {
            if (s->next >= s->known->member_count) {
                fault(s, "the number of members", s->next + 1u, s->known->member_count);
                return;
            }
            const torture_member *known = &s->known->members[s->next];
            totals.members++;
            if ((field->bit_width != 0) != (known->ones != NULL))
                fault(s, "the width of the bit-field", field->bit_width, 0);
            else if (known->ones != NULL)
                compare_bit_field(s, field, base, known);
            else if (known->offset != base + field->offset)
                fault(s, "the offset", base + field->offset, known->offset);
            else if (known->size != of->size)
                fault(s, "the size", of->size, known->size);
            s->next++;
        }
        if (is_record)
            compare_members(s, field->value.type, base + field->offset);
    }
}

static void compare(const sb_description *d, sb_type_id id, const torture_record *known)
{
    struct subject s = {.d = d, .known = known};
    const sb_type *type = &d->types[id];
    totals.records++;
    if (type->size != known->size)
        fault(&s, "sizeof", type->size, known->size);
    else if (type->align != known->align)
        fault(&s, "_Alignof", type->align, known->align);
    else
        compare_members(&s, id, 0);
    if (!s.wrong && s.next != known->member_count)
        fault(&s, "the number of members", s.next, known->member_count);
}

int main(int argc, char **argv)
{
    drive_options options = drive_arguments(argc, argv);
    sb_description *d = drive_description(&options);
#ifdef TORTURE_LINKED
    const torture_layout_library *library = &torture_layouts;
#else
    const torture_layout_library *library = drive_symbol(&options, "torture_layouts");
#endif
    for (uint32_t i = 0; i < library->count; i++) {
        const char *name = library->records[i].name;
        sb_error error;
        sb_type_id id;
        if (sb_description_type(d, name, strlen(name), &id, &error) != SB_OK) {
            printf("FAULT %s: %s\n", name, error.message);
            totals.faults++;
        } else if (options.only == SB_NONE || options.only == i) {
            compare(d, id, &library->records[i]);
        }
    }
    sb_description_release(d);
    printf("records %u; members %u, of which bit-fields %u; faults %u\n", totals.records,
           totals.members, totals.bit_fields, totals.faults);
    return totals.faults != 0 || totals.records == 0;
}
