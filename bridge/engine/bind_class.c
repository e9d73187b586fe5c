/* bind_class.c - records as classes: which there are, where, and what their fields are. */
#include "bind.h"

#include <string.h>

static bool is_record(const sb_type *type)
{
    return type->kind == SB_STRUCT || type->kind == SB_UNION;
}

/* A record's declaration, or the typedef that is the first a description says of one that is there
 * before its first line, such as FILE. */
static bool declares_record(const struct builder *b, const sb_declaration *row)
{
    return row->kind == SB_DECL_RECORD ||
           (row->kind == SB_DECL_TYPEDEF && is_record(&b->types[row->type]) &&
            b->types[row->type].decl == SB_NONE &&
            (b->types[row->type].flags & SB_TYPE_FOREIGN) == 0);
}

static const char *keyword_of(const sb_type *type)
{
    return type->kind == SB_UNION ? "union" : "struct";
}

/* ---- the classes ----------------------------------------------------------------------------- */

static const sb_attribute *class_path(const struct attributes *all)
{
    const sb_attribute *path = bind_attribute(all, SB_ATTR_CLASS);
    return path != NULL ? path : bind_attribute(all, SB_ATTR_NAME);
}

static uint32_t count_dots(const struct binder *binder, const sb_attribute *path)
{
    if (path == NULL)
        return 0;
    const sb_constant *argument = bind_argument(binder, path, 0);
    const char *bytes = builder_string(binder->b, argument->as.s);
    uint32_t dots = 0;
    for (uint32_t i = 0; i < argument->length; i++)
        dots += bytes[i] == '.';
    return dots;
}

static bool need_fields(struct binder *binder, const sb_declaration *row,
                        const struct attributes *all, sb_attribute_id id)
{
    const struct builder *b = binder->b;
    const sb_attribute *attribute = bind_attribute(all, id);
    const sb_type *type = &b->types[row->type];
    if (attribute == NULL)
        return true;
    if ((type->flags & SB_TYPE_COMPLETE) == 0)
        return bind_fail(binder, attribute->line, attribute->column,
                         "[[%s]] needs the fields of %s %.200s, which is only declared; define it "
                         "with its fields",
                         bind_spelling(id), keyword_of(type), builder_string(b, type->name));
    if (type->kind == SB_UNION && id != SB_ATTR_READONLY)
        return bind_fail(binder, attribute->line, attribute->column,
                         "[[%s]] goes field by field, but the fields of union %.200s overlap",
                         bind_spelling(id), builder_string(b, type->name));
    return true;
}

/* Makes the row; `scope` holds the declaration until place_class finds where the class lies. */
static bool make_class(struct binder *binder, uint32_t declaration, const struct attributes *all)
{
    struct builder *b = binder->b;
    const sb_declaration *row = &b->declarations[declaration];
    const sb_type *type = &b->types[row->type];
    if (!need_fields(binder, row, all, SB_ATTR_HASHABLE) ||
        !need_fields(binder, row, all, SB_ATTR_ORDERED) ||
        !need_fields(binder, row, all, SB_ATTR_READONLY) ||
        !need_fields(binder, row, all, SB_ATTR_ADAPT))
        return false;
    sb_class made = {
        .type = row->type,
        .scope = declaration,
        .inner_scope = SB_NONE,
        .base = SB_NONE,
        .constructor = SB_NONE,
        .destructor = SB_NONE,
    };
    for (int i = 0; i < SB_SLOT_COUNT; i++)
        made.slots[i] = SB_NONE;
    if ((type->flags & SB_TYPE_COMPLETE) == 0)
        made.flags |= SB_CLASS_OPAQUE;
    if (bind_has(all, SB_ATTR_HASHABLE))
        made.flags |= SB_CLASS_HASHABLE;
    if (bind_has(all, SB_ATTR_ORDERED))
        made.flags |= SB_CLASS_ORDERED;
    if (bind_has(all, SB_ATTR_READONLY))
        made.flags |= SB_CLASS_READONLY;
    if (bind_has(all, SB_ATTR_HIDDEN))
        made.flags |= SB_CLASS_HIDDEN;
    if (bind_has(all, SB_ATTR_ADAPT))
        made.flags |= SB_CLASS_ADAPTED;
    uint32_t index = builder_add_class(b, &made);
    if (index == SB_NONE)
        return false;
    b->types[row->type].binding = index;
    return true;
}

static bool place_class(struct binder *binder, uint32_t declaration)
{
    struct builder *b = binder->b;
    sb_declaration row = b->declarations[declaration];
    uint32_t index = b->types[row.type].binding;
    uint32_t flags = b->classes[index].flags;
    struct attributes all = bind_attributes(binder, row.first_attribute, row.attribute_count);
    const sb_attribute *given = class_path(&all);
    struct bind_path path = {.scope = 0};
    if (given != NULL && (flags & SB_CLASS_HIDDEN) == 0) {
        if (!bind_resolve_path(binder, given, &path))
            return false;
    } else
        path.name = bind_tag_name(binder, row.type,
                                  b->types[row.type].kind == SB_UNION ? "union_" : "struct_");
    if (path.name == SB_NONE)
        return false;
    b->classes[index].name = path.name;
    b->classes[index].scope = path.scope;
    if ((flags & SB_CLASS_ADAPTED) != 0)
        return true;
    bool hidden = (flags & SB_CLASS_HIDDEN) != 0;
    uint32_t inner = bind_add_scope(binder, path.scope, path.name, index, !hidden);
    if (inner == SB_NONE)
        return false;
    b->scopes[inner].doc = row.doc;
    b->classes[index].inner_scope = inner;
    return hidden || bind_add_member(binder, path.scope, path.name, SB_MEMBER_CLASS, index, SB_NONE,
                                     row.line, row.column);
}

/* Classes with dotted names wait until those they may lie in are placed: one round per dot. */
static bool place_waiting(struct binder *binder, uint32_t *waiting, uint32_t count)
{
    for (uint32_t dots = 1; count > 0; dots++) {
        uint32_t left = 0;
        for (uint32_t i = 0; i < count; i++) {
            const sb_declaration *row = &binder->b->declarations[waiting[i]];
            struct attributes all =
                bind_attributes(binder, row->first_attribute, row->attribute_count);
            if (count_dots(binder, class_path(&all)) > dots)
                waiting[left++] = waiting[i];
            else if (!place_class(binder, waiting[i]))
                return false;
        }
        count = left;
    }
    return true;
}

static bool place_classes(struct binder *binder)
{
    struct builder *b = binder->b;
    uint32_t *waiting = NULL;
    uint32_t count = 0, capacity = 0;
    bool done = true;
    for (uint32_t i = binder->old_classes; i < b->class_count && done; i++) {
        uint32_t declaration = b->classes[i].scope; /* as make_class left it */
        const sb_declaration *row = &b->declarations[declaration];
        struct attributes all = bind_attributes(binder, row->first_attribute, row->attribute_count);
        if (count_dots(binder, class_path(&all)) == 0) {
            done = place_class(binder, declaration);
            continue;
        }
        void *memory = waiting;
        done = bind_grow(binder, &memory, &capacity, count, sizeof *waiting);
        waiting = memory;
        if (done)
            waiting[count++] = declaration;
    }
    done = done && place_waiting(binder, waiting, count);
    memory_free(waiting);
    return done;
}

bool bind_classes(struct binder *binder)
{
    struct builder *b = binder->b;
    for (uint32_t i = 1; i < binder->old_types; i++) {
        const sb_type *type = &b->types[i];
        if (is_record(type) && type->binding != SB_NONE && (type->flags & SB_TYPE_COMPLETE) != 0)
            b->classes[type->binding].flags &= ~(uint32_t)SB_CLASS_OPAQUE;
    }
    for (uint32_t i = binder->old_declarations; i < b->declaration_count; i++) {
        sb_declaration row = b->declarations[i];
        if (!declares_record(b, &row) || b->types[row.type].binding != SB_NONE)
            continue;
        struct attributes all = bind_attributes(binder, row.first_attribute, row.attribute_count);
        if (b->types[row.type].name == 0) {
            if (all.count > 0)
                return bind_fail(binder, all.rows->line, all.rows->column,
                                 "[[%s]] needs a %s with a tag or a typedef name",
                                 bind_spelling(all.rows->id), keyword_of(&b->types[row.type]));
            continue;
        }
        if (!make_class(binder, i, &all))
            return false;
    }
    for (uint32_t i = binder->old_types; i < b->type_count; i++) /* the same, but for alignment */
        if (is_record(&b->types[i]) && b->types[i].target != 0)
            b->types[i].binding = b->types[b->types[i].target].binding;
    return place_classes(binder);
}

/* ---- fields ---------------------------------------------------------------------------------- */

/* The field of that name, as an index in the record; `names` is filled at the first use. SB_NONE
 * when there is none, or without memory. */
static uint32_t find_field(struct binder *binder, const sb_type *type, struct bind_map *names,
                           sb_text name)
{
    const struct builder *b = binder->b;
    if (names->slots == 0) {
        for (uint32_t i = 0; i < type->count; i++) {
            sb_text field = b->fields[type->first + i].value.name;
            if (field != 0 && !bind_map_put(binder, names, field, i))
                return SB_NONE;
        }
    }
    return bind_map_find(names, name);
}

static bool link_length(struct binder *binder, const struct bind_subject *subject,
                        const sb_type *type, uint32_t index, const sb_attribute *array,
                        struct bind_map *names)
{
    struct builder *b = binder->b;
    sb_value *value = &b->fields[type->first + index].value;
    const sb_constant *argument = bind_argument(binder, array, 0);
    if (array->argument_count > 1)
        return bind_value_fail(binder, subject, value, array,
                               "[[array]] takes one argument at a field");
    sb_text name = bind_identifier(argument);
    uint32_t length = name == 0 ? SB_NONE : find_field(binder, type, names, name);
    if (b->status != SB_OK)
        return false;
    if (length == SB_NONE) {
        if (argument->kind == SB_CONST_INT && argument->as.i > 0)
            value->fixed = (uint64_t)argument->as.i;
        else if (argument->kind == SB_CONST_UINT)
            value->fixed = argument->as.u;
        else
            return bind_value_fail(binder, subject, value, array,
                                   "there is no field '%.100s' beside it that could hold the "
                                   "length",
                                   builder_string(b, name));
        return true;
    }
    sb_field *holder = &b->fields[type->first + length];
    sb_kind kind = b->types[holder->value.type].kind;
    if ((kind != SB_INT && kind != SB_UINT) || length > INT16_MAX || index > INT16_MAX)
        return bind_value_fail(binder, subject, value, array,
                               "the length must be an integer field among the first %d, which "
                               "'%.100s' is not",
                               INT16_MAX, builder_string(b, name));
    value->length = (int16_t)length;
    holder->value.flags |= SB_VALUE_IS_LENGTH | SB_VALUE_READONLY;
    if (holder->value.partner < 0)
        holder->value.partner = (int16_t)index;
    return true;
}

static bool bind_base(struct binder *binder, const struct bind_subject *subject, sb_type_id id,
                      uint32_t index, const sb_attribute *attribute)
{
    struct builder *b = binder->b;
    const sb_type *type = &b->types[id];
    sb_field *field = &b->fields[type->first + index];
    uint32_t base = bind_class_of(binder, field->value.type);
    if (type->kind != SB_STRUCT || index != 0)
        return bind_value_fail(binder, subject, &field->value, attribute,
                               "[[base]] belongs to the first field of a struct");
    if (base == SB_NONE || (b->classes[base].flags & SB_CLASS_ADAPTED) != 0)
        return bind_value_fail(binder, subject, &field->value, attribute,
                               "[[base]] needs a field that is a struct with a class of its own");
    if (type->binding == SB_NONE || bind_class_of(binder, id) == SB_NONE)
        return bind_value_fail(binder, subject, &field->value, attribute,
                               "only a struct with a class can inherit");
    field->value.flags |= SB_VALUE_BASE;
    b->classes[type->binding].base = base;
    return true;
}

static bool bind_record(struct binder *binder, sb_type_id id)
{
    struct builder *b = binder->b;
    sb_type type = b->types[id];
    struct bind_subject subject = {.use = BIND_FIELD, .owner = type.name, .is_hidden = true};
    struct bind_map names = {.slots = 0};
    bool all_readonly =
        type.binding != SB_NONE && (b->classes[type.binding].flags & SB_CLASS_READONLY) != 0;
    bool done = true;
    for (uint32_t i = 0; i < type.count && done; i++) {
        sb_value *value = &b->fields[type.first + i].value;
        struct attributes all =
            bind_attributes(binder, value->first_attribute, value->attribute_count);
        const sb_attribute *given = bind_attribute(&all, SB_ATTR_NAME);
        sb_text name = given != NULL      ? bind_given_name(binder, given)
                       : value->name != 0 ? bind_safe_name(binder, builder_string(b, value->name),
                                                           strlen(builder_string(b, value->name)))
                                          : 0;
        if (name == SB_NONE) {
            done = false;
            break;
        }
        value->py_name = name;
        if (all_readonly || bind_has(&all, SB_ATTR_READONLY) || (value->quals & SB_CONST) != 0)
            value->flags |= SB_VALUE_READONLY;
        if (bind_has(&all, SB_ATTR_HIDDEN))
            value->flags |= SB_VALUE_HIDDEN;
        const sb_attribute *array = bind_attribute(&all, SB_ATTR_ARRAY);
        const sb_attribute *base = bind_attribute(&all, SB_ATTR_BASE);
        done = bind_value(binder, &subject, value, &all) &&
               (array == NULL || link_length(binder, &subject, &type, i, array, &names)) &&
               (base == NULL || bind_base(binder, &subject, id, i, base));
    }
    bind_map_clear(&names);
    return done;
}

/* ---- adapted records ------------------------------------------------------------------------- */

static bool is_scalar(const sb_type *type)
{
    switch (type->kind) {
    case SB_BOOL:
    case SB_INT:
    case SB_UINT:
    case SB_FLOAT:
    case SB_ENUM:
        return true;
    default:
        return false;
    }
}

/* Names of [[adapt]] are those of fields, or of no field and stand for all fields in order. */
static bool bind_adapt(struct binder *binder, uint32_t index)
{
    struct builder *b = binder->b;
    sb_class *row = &b->classes[index];
    sb_type type = b->types[row->type];
    const sb_declaration *declaration = &b->declarations[type.decl];
    struct attributes all =
        bind_attributes(binder, declaration->first_attribute, declaration->attribute_count);
    const sb_attribute *adapt = bind_attribute(&all, SB_ATTR_ADAPT);
    const sb_constant *target = bind_argument(binder, adapt, 0);
    const char *tag = builder_string(b, type.name);
    row->adapt = target->as.s;
    if (type.kind != SB_STRUCT)
        return bind_fail(binder, adapt->line, adapt->column,
                         "[[adapt]] needs a struct; the fields of union %.200s overlap", tag);
    struct bind_map names = {.slots = 0};
    uint32_t wanted = adapt->argument_count - 1u;
    uint32_t matched = 0;
    sb_text missing = 0;
    for (uint32_t i = 0; i < wanted; i++) {
        sb_text name = bind_identifier(bind_argument(binder, adapt, i + 1));
        if (find_field(binder, &type, &names, name) != SB_NONE)
            matched++;
        else if (missing == 0)
            missing = name;
    }
    bind_map_clear(&names);
    if (b->status != SB_OK)
        return false;
    if (matched != wanted && (matched != 0 || wanted != type.count))
        return bind_fail(binder, adapt->line, adapt->column,
                         "[[adapt]]: struct %.100s has no field '%.100s'; name its fields, or name "
                         "all %u attributes in the order of the fields",
                         tag, builder_string(b, missing), type.count);
    for (uint32_t i = 0; i < type.count; i++) {
        const sb_value *field = &b->fields[type.first + i].value;
        if (!is_scalar(&b->types[field->type]))
            return bind_fail(binder, adapt->line, adapt->column,
                             "[[adapt]] needs a struct of numbers, but field '%.100s' of struct "
                             "%.100s is none",
                             builder_string(b, field->name), tag);
    }
    row->first_adapt = adapt->first_argument + 1;
    row->adapt_count = wanted;
    if (wanted > 0)
        return true;
    row->first_adapt = b->argument_count;
    row->adapt_count = type.count;
    for (uint32_t i = 0; i < type.count; i++) {
        sb_text name = b->fields[type.first + i].value.name;
        sb_constant listed = {.kind = SB_CONST_NAME, .name = name, .as.s = name};
        if (builder_add_argument(b, &listed) == SB_NONE)
            return false;
    }
    return true;
}

/* ---- members --------------------------------------------------------------------------------- */

/* Fields of an unnamed record within the class are the class's own, as in C: copies of their rows
 * with the offset from the start of the class's record. */
static bool promote(struct binder *binder, uint32_t scope, sb_type_id id, uint64_t offset,
                    bool readonly)
{
    struct builder *b = binder->b;
    for (uint32_t i = 0; i < b->types[id].count; i++) {
        sb_field field = b->fields[b->types[id].first + i];
        field.offset += offset;
        if (readonly)
            field.value.flags |= SB_VALUE_READONLY;
        if ((field.value.flags & SB_VALUE_HIDDEN) != 0)
            continue;
        if (field.value.name == 0) {
            if (is_record(&b->types[field.value.type]) &&
                !promote(binder, scope, field.value.type, field.offset,
                         (field.value.flags & SB_VALUE_READONLY) != 0))
                return false;
            continue;
        }
        if (field.value.length >= 0)
            return bind_fail(binder, field.value.line, field.value.column,
                             "a field of an unnamed struct cannot be [[array(length)]]; give the "
                             "struct a name");
        uint32_t index = builder_add_field(b, &field);
        if (index == SB_NONE ||
            !bind_add_member(binder, scope, field.value.py_name, SB_MEMBER_FIELD, index, SB_NONE,
                             field.value.line, field.value.column))
            return false;
    }
    return true;
}

static bool place_fields(struct binder *binder, uint32_t class_index)
{
    struct builder *b = binder->b;
    sb_class row = b->classes[class_index];
    if (row.inner_scope == SB_NONE || (row.flags & SB_CLASS_HIDDEN) != 0)
        return true;
    sb_type type = b->types[row.type];
    for (uint32_t i = 0; i < type.count; i++) {
        sb_field field = b->fields[type.first + i];
        const sb_value *value = &field.value;
        if ((value->flags & (SB_VALUE_HIDDEN | SB_VALUE_BASE)) != 0)
            continue;
        if (value->name == 0) {
            if (field.bit_width == 0 && is_record(&b->types[value->type]) &&
                !promote(binder, row.inner_scope, value->type, field.offset,
                         (value->flags & SB_VALUE_READONLY) != 0))
                return false;
            continue;
        }
        if (!bind_add_member(binder, row.inner_scope, value->py_name, SB_MEMBER_FIELD,
                             type.first + i, SB_NONE, value->line, value->column))
            return false;
    }
    return true;
}

/* Whether objects of the record keep what its fields point at; inner records come first. */
static bool has_pointers(const struct builder *b, const sb_type *type, const uint8_t *pointers)
{
    for (uint32_t i = 0; i < type->count; i++) {
        const sb_value *value = &b->fields[type->first + i].value;
        if ((value->flags & SB_VALUE_HIDDEN) != 0)
            continue;
        sb_type_id id = value->type;
        while (b->types[id].kind == SB_ARRAY)
            id = b->types[id].target;
        if (b->types[id].kind == SB_POINTER || (is_record(&b->types[id]) && pointers[id] != 0))
            return true;
    }
    return false;
}

/* Binds the records in the order in which they were completed, which is that of their fields: a
 * record comes after all that it contains. */
static bool bind_records(struct binder *binder, sb_type_id *record_at, uint8_t *pointers)
{
    struct builder *b = binder->b;
    uint32_t field_count = b->field_count;
    for (uint32_t i = 1; i < b->type_count; i++) {
        if (is_record(&b->types[i]) && b->types[i].count > 0 && b->types[i].target == 0)
            record_at[b->types[i].first] = i;
    }
    for (uint32_t i = 0; i < field_count; i++) {
        sb_type_id id = record_at[i];
        if (id == 0)
            continue;
        if (i >= binder->old_fields && !bind_record(binder, id))
            return false;
        uint32_t class_index = b->types[id].binding;
        pointers[id] = has_pointers(b, &b->types[id], pointers);
        if (pointers[id] != 0 && class_index != SB_NONE)
            b->classes[class_index].flags |= SB_CLASS_POINTERS;
    }
    for (uint32_t i = 0; i < field_count; i++) {
        sb_type_id id = record_at[i];
        if (id == 0 || i < binder->old_fields || b->types[id].binding == SB_NONE)
            continue;
        uint32_t class_index = b->types[id].binding;
        if ((b->classes[class_index].flags & SB_CLASS_ADAPTED) != 0) {
            if (!bind_adapt(binder, class_index))
                return false;
        } else if (!place_fields(binder, class_index))
            return false;
    }
    return true;
}

bool bind_fields(struct binder *binder)
{
    struct builder *b = binder->b;
    if (b->field_count == 0)
        return true;
    sb_type_id *record_at = memory_resize(NULL, b->field_count * sizeof *record_at);
    uint8_t *pointers = memory_resize(NULL, b->type_count);
    bool done = record_at != NULL && pointers != NULL;
    if (done) {
        memset(record_at, 0, b->field_count * sizeof *record_at);
        memset(pointers, 0, b->type_count);
        done = bind_records(binder, record_at, pointers);
    } else
        builder_no_memory(b);
    memory_free(record_at);
    memory_free(pointers);
    return done;
}

/* ---- after the functions --------------------------------------------------------------------- */

static bool has_length(const struct builder *b, uint32_t class_index)
{
    for (; class_index != SB_NONE; class_index = b->classes[class_index].base) {
        if (b->classes[class_index].slots[SB_SLOT_LENGTH] != SB_NONE)
            return true;
    }
    return false;
}

/* [[buffer]] without [[array]]: as many elements as the class's length. */
static bool check_buffer_length(struct binder *binder, uint32_t class_index)
{
    const struct builder *b = binder->b;
    uint32_t index = b->classes[class_index].slots[SB_SLOT_BUFFER];
    if (index == SB_NONE)
        return true;
    const sb_function *function = &b->functions[index];
    const sb_value *value = &function->result;
    bool counted = (value->flags & SB_VALUE_SHOWN) == 0 || value->length >= 0 ||
                   value->fixed != 0 || (value->flags & SB_VALUE_ZERO_TERMINATED) != 0;
    if (counted || has_length(b, class_index))
        return true;
    const sb_declaration *place = &b->declarations[function->declaration];
    return bind_fail(binder, place->line, place->column,
                     "[[buffer]]: nothing says how many elements %.150s gives; add [[array(n)]], or "
                     "a [[length]] function to class %.150s",
                     builder_string(b, place->name),
                     builder_string(b, b->classes[class_index].name));
}

bool bind_check_classes(struct binder *binder)
{
    struct builder *b = binder->b;
    for (uint32_t i = 0; i < b->class_count; i++) {
        const sb_class *row = &b->classes[i];
        if (!check_buffer_length(binder, i))
            return false;
        static const struct {
            uint32_t flag;
            uint8_t slot, attribute;
        } pairs[] = {
            {SB_CLASS_HASHABLE, SB_SLOT_HASH, SB_ATTR_HASHABLE},
            {SB_CLASS_ORDERED, SB_SLOT_COMPARE, SB_ATTR_ORDERED},
        };
        for (int k = 0; k < 2; k++) {
            uint32_t function = row->slots[pairs[k].slot];
            if ((row->flags & pairs[k].flag) == 0 || function == SB_NONE)
                continue;
            const sb_declaration *place = &b->declarations[b->functions[function].declaration];
            return bind_fail(binder, place->line, place->column,
                             "class %.200s is [[%s]] field by field already; remove that, or this "
                             "function's attribute",
                             builder_string(b, row->name), bind_spelling(pairs[k].attribute));
        }
    }
    return true;
}
