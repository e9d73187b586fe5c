/* call_types.c - the type table of the pool. */
#include "call_types.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint32_t pool_types, pool_fields;

static sb_type_id append(tables *t, sb_type type)
{
    if (t->d.type_count == MAX_TYPES) {
        fprintf(stderr, "the test's type table is full\n");
        exit(2);
    }
    type.decl = type.binding = SB_NONE;
    t->types[t->d.type_count] = type;
    return t->d.type_count++;
}

sb_type_id tables_array(tables *t, sb_type_id element, uint64_t count)
{
    const sb_type *of = &t->types[element];
    return append(t, (sb_type){.kind = SB_ARRAY,
                               .flags = SB_TYPE_COMPLETE,
                               .target = element,
                               .size = of->size * count,
                               .align = of->align});
}

sb_type_id tables_record(tables *t, sb_kind kind, uint64_t size, uint32_t align)
{
    return append(t, (sb_type){.kind = (uint8_t)kind,
                               .flags = SB_TYPE_COMPLETE,
                               .size = size,
                               .align = align,
                               .first = t->d.field_count});
}

static void add_field(tables *t, sb_type_id record, sb_field field)
{
    if (t->d.field_count == MAX_FIELDS) {
        fprintf(stderr, "the test's field table is full\n");
        exit(2);
    }
    t->fields[t->d.field_count++] = field;
    t->types[record].count++;
}

void tables_field(tables *t, sb_type_id type, uint64_t offset)
{
    add_field(t, t->d.type_count - 1,
              (sb_field){.value = {.type = type, .name = 1}, .offset = offset});
}

void tables_bits(tables *t, sb_type_id type, uint64_t offset, unsigned first, unsigned width,
                 bool named)
{
    add_field(t, t->d.type_count - 1,
              (sb_field){.value = {.type = type, .name = named ? 1 : 0},
                         .offset = offset,
                         .bit_offset = (uint16_t)first,
                         .bit_width = (uint16_t)width});
}

sb_type_id tables_function(tables *t, sb_type_id result, const sb_type_id *params, size_t count,
                           unsigned flags)
{
    uint32_t first = t->d.param_count;
    for (size_t i = 0; i < count; i++)
        t->params[t->d.param_count++] = (sb_value){.type = params[i]};
    return append(t, (sb_type){.kind = SB_FUNCTION,
                               .flags = (uint8_t)flags,
                               .target = result,
                               .first = first,
                               .count = (uint32_t)count});
}

void tables_reset(tables *t)
{
    t->d.type_count = pool_types;
    t->d.field_count = pool_fields;
    t->d.param_count = 0;
}

static void check_id(sb_type_id id, sb_type_id expected)
{
    if (id != expected) {
        fprintf(stderr, "the pool is out of order at %u\n", expected);
        exit(2);
    }
}

void tables_init(tables *t)
{
    memset(t, 0, sizeof *t);
    t->d.strings = "\0x";
    t->d.strings_size = 3;
    t->d.types = t->types;
    t->d.fields = t->fields;
    t->d.params = t->params;
    append(t, (sb_type){.kind = SB_VOID});
    append(t, (sb_type){.kind = SB_VOID});
#define X(name, id, class)                                                                      \
    check_id(append(t, (sb_type){.kind = class,                                                  \
                                 .primitive = SB_PRIM_##id,                                      \
                                 .flags = SB_TYPE_COMPLETE,                                      \
                                 .size = sizeof(name),                                           \
                                 .align = _Alignof(name)}),                                      \
             T_##name);
    SCALARS(X)
#undef X
    append(t, (sb_type){.kind = SB_POINTER,
                        .flags = SB_TYPE_COMPLETE,
                        .target = T_void,
                        .size = sizeof(ptr),
                        .align = _Alignof(ptr)});
    append(t, (sb_type){.kind = SB_ENUM,
                        .primitive = SB_PRIM_INT,
                        .flags = SB_TYPE_COMPLETE | SB_TYPE_SIGNED,
                        .target = T_i32,
                        .size = sizeof(color),
                        .align = _Alignof(color)});
    /* Ids of records are fixed by the enum, those of arrays come after all of them. */
    t->d.type_count = T_count;
#define FIELD(s, member, of, n)                                                                 \
    add_field(t, T_##s,                                                                          \
              (sb_field){.value = {.type = (n) == 0 ? T_##of : tables_array(t, T_##of, n),       \
                                   .name = 1},                                                   \
                         .offset = offsetof(s, member)});
#define X(s, of, attributes)                                                                    \
    t->types[T_##s] = (sb_type){.kind = RECORD_KIND_##of,                                        \
                                .flags = SB_TYPE_COMPLETE,                                       \
                                .size = sizeof(s),                                               \
                                .align = _Alignof(s),                                            \
                                .first = t->d.field_count,                                       \
                                .decl = SB_NONE,                                                 \
                                .binding = SB_NONE};                                             \
    FIELDS_##s(FIELD, s)
#define RECORD_KIND_struct SB_STRUCT
#define RECORD_KIND_union SB_UNION
    RECORDS(X)
#undef X
#undef FIELD
    uint32_t after = t->d.type_count;
    t->d.type_count = T_s_bits;
    check_id(tables_record(t, SB_STRUCT, sizeof(s_bits), _Alignof(s_bits)), T_s_bits);
    tables_bits(t, T_u32, 0, 0, 5, true);
    tables_bits(t, T_u32, 0, 5, 20, true);
    tables_bits(t, T_i32, 0, 25, 7, true);
    tables_field(t, T_f32, offsetof(s_bits, d));
    check_id(tables_record(t, SB_STRUCT, sizeof(s_bits64), _Alignof(s_bits64)), T_s_bits64);
    tables_field(t, T_f32, 0);
    tables_bits(t, T_u32, 4, 0, 3, true);
    tables_bits(t, T_u64, 8, 0, 40, true);
    t->d.type_count = after;
    pool_types = t->d.type_count;
    pool_fields = t->d.field_count;
}

sb_status plan_call(const sb_description *d, sb_type_id function, const sb_type_id *extra,
                    size_t count, unsigned flags, sb_call **out, sb_error *error)
{
    sb_type_ref refs[SB_MAX_PARAMETERS + 1];
    for (size_t i = 0; i < count && i <= SB_MAX_PARAMETERS; i++)
        refs[i] = (sb_type_ref){d, extra[i]};
    return sb_call_plan(d, function, refs, count, flags, out, error);
}
