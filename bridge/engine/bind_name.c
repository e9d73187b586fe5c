/* bind_name.c - what things are called in Python, and where: naming rules, dotted names, scopes and
 * their sorted members. */
#include "bind.h"

#include <stdio.h>
#include <string.h>

bool bind_grow(struct binder *binder, void **memory, uint32_t *capacity, uint32_t count,
               size_t size)
{
    if (count < *capacity)
        return true;
    uint32_t wanted = *capacity < 64 ? 64 : *capacity * 2;
    void *moved = wanted > *capacity && wanted <= SIZE_MAX / size
                      ? memory_resize(*memory, wanted * size)
                      : NULL;
    if (moved == NULL) {
        builder_no_memory(binder->b);
        return false;
    }
    *memory = moved;
    *capacity = wanted;
    return true;
}

static uint32_t map_slot(const struct bind_map *map, uint64_t key)
{
    uint32_t mask = map->slots - 1;
    uint32_t slot = (uint32_t)(key * UINT64_C(0x9e3779b97f4a7c15) >> 32) & mask;
    while (map->values[slot] != SB_NONE && map->keys[slot] != key)
        slot = (slot + 1) & mask;
    return slot;
}

uint32_t bind_map_find(const struct bind_map *map, uint64_t key)
{
    return map->slots == 0 ? SB_NONE : map->values[map_slot(map, key)];
}

/* Twice the slots; values and keys share an allocation. */
static bool map_widen(struct binder *binder, struct bind_map *map)
{
    struct bind_map wide = {.slots = map->slots == 0 ? 64 : map->slots * 2, .count = map->count};
    size_t row = sizeof *wide.keys + sizeof *wide.values;
    wide.keys = wide.slots > map->slots ? memory_resize(NULL, wide.slots * row) : NULL;
    if (wide.keys == NULL) {
        builder_no_memory(binder->b);
        return false;
    }
    wide.values = (uint32_t *)(wide.keys + wide.slots);
    memset(wide.values, 0xff, wide.slots * sizeof *wide.values);
    for (uint32_t i = 0; i < map->slots; i++) {
        if (map->values[i] == SB_NONE)
            continue;
        uint32_t slot = map_slot(&wide, map->keys[i]);
        wide.keys[slot] = map->keys[i];
        wide.values[slot] = map->values[i];
    }
    memory_free(map->keys);
    *map = wide;
    return true;
}

bool bind_map_put(struct binder *binder, struct bind_map *map, uint64_t key, uint32_t value)
{
    if (map->count >= map->slots / 2 && !map_widen(binder, map))
        return false;
    uint32_t slot = map_slot(map, key);
    map->count += map->values[slot] == SB_NONE;
    map->keys[slot] = key;
    map->values[slot] = value;
    return true;
}

void bind_map_clear(struct bind_map *map)
{
    memory_free(map->keys);
    *map = (struct bind_map){.slots = 0};
}

/* ---- identifiers ----------------------------------------------------------------------------- */

bool bind_is_keyword(const char *name, size_t length)
{
    static const char keywords[][9] = {
        "False", "None",     "True",  "and",    "as",   "assert", "async",  "await",    "break",
        "class", "continue", "def",   "del",    "elif", "else",   "except", "finally",  "for",
        "from",  "global",   "if",    "import", "in",   "is",     "lambda", "nonlocal", "not",
        "or",    "pass",     "raise", "return", "try",  "while",  "with",   "yield"};
    if (length < 2 || length > 8)
        return false;
    size_t low = 0, high = sizeof keywords / sizeof *keywords;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strncmp(name, keywords[middle], length);
        if (order == 0 && keywords[middle][length] == '\0')
            return true;
        if (order > 0)
            low = middle + 1;
        else
            high = middle;
    }
    return false;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_identifier(const char *name, size_t length)
{
    if (length == 0 || is_digit(name[0]))
        return false;
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)name[i];
        if (!(c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c >= 0x80 ||
              is_digit(name[i])))
            return false;
    }
    return true;
}

sb_text bind_safe_name(struct binder *binder, const char *name, size_t length)
{
    char longer[16];
    if (bind_is_keyword(name, length)) {
        memcpy(longer, name, length);
        longer[length++] = '_';
        name = longer;
    }
    return builder_intern(binder->b, name, length);
}

/* Bytes to take off the front: those of `front`, when what is left is a name. */
static size_t stripped(const char *name, size_t length, const char *front, size_t front_length)
{
    if (front_length == 0 || front_length >= length || memcmp(name, front, front_length) != 0 ||
        is_digit(name[front_length]))
        return 0;
    return front_length;
}

sb_text bind_short_name(struct binder *binder, sb_text name, bool upper)
{
    struct builder *b = binder->b;
    const char *bytes = builder_string(b, name);
    size_t length = strlen(bytes);
    size_t cut = stripped(bytes, length, builder_string(b, b->prefix), binder->prefix_length);
    if (cut == 0 && upper)
        cut =
            stripped(bytes, length, builder_string(b, binder->prefix_upper), binder->prefix_length);
    if (cut == 0 && !bind_is_keyword(bytes, length))
        return name;
    return bind_safe_name(binder, bytes + cut, length - cut);
}

/* Bytes of "tag_" at the front of a function's name, with or without the tag's "_t". */
static size_t stripped_tag(const struct builder *b, const char *name, size_t length, sb_text tag)
{
    const char *bytes = builder_string(b, tag);
    size_t tag_length = strlen(bytes);
    size_t best = 0;
    for (int less = 0; less <= 2; less += 2) {
        if (less == 2 && (tag_length <= 2 || memcmp(bytes + tag_length - 2, "_t", 2) != 0))
            break;
        size_t cut = tag_length - (size_t)less;
        if (cut == 0 || cut + 1 >= length || memcmp(name, bytes, cut) != 0 || name[cut] != '_' ||
            is_digit(name[cut + 1]))
            continue;
        if (cut + 1 > best)
            best = cut + 1;
    }
    return best;
}

sb_text bind_method_name(struct binder *binder, sb_text name, sb_type_id record, const char *verb)
{
    struct builder *b = binder->b;
    const char *bytes = builder_string(b, name);
    size_t length = strlen(bytes);
    size_t cut = stripped_tag(b, bytes, length, b->types[record].name);
    size_t by_alias = stripped_tag(b, bytes, length, binder->aliases[record]);
    if (by_alias > cut)
        cut = by_alias;
    if (cut == 0)
        cut = stripped(bytes, length, builder_string(b, b->prefix), binder->prefix_length);
    if (verb != NULL)
        cut += stripped(bytes + cut, length - cut, verb, strlen(verb));
    return bind_safe_name(binder, bytes + cut, length - cut);
}

sb_text bind_tag_name(struct binder *binder, sb_type_id type, const char *kind)
{
    struct builder *b = binder->b;
    sb_text tag = b->types[type].name;
    const struct name *other = builder_find_text(b, tag);
    bool taken = false;
    if (other != NULL && other->kind == NAME_DECLARED)
        taken = b->declarations[other->index].kind != SB_DECL_TYPEDEF;
    else if (other != NULL && other->kind == NAME_ENUMERATOR)
        taken = b->types[other->type].name == 0;
    sb_text name = bind_short_name(binder, tag, false);
    if (!taken || name == SB_NONE)
        return name;
    const char *bytes = builder_string(b, name);
    size_t length = strlen(bytes), kind_length = strlen(kind);
    char *longer = memory_resize(NULL, kind_length + length);
    if (longer == NULL) {
        builder_no_memory(b);
        return SB_NONE;
    }
    memcpy(longer, kind, kind_length);
    memcpy(longer + kind_length, bytes, length);
    name = builder_intern(b, longer, kind_length + length);
    memory_free(longer);
    return name;
}

/* One part of a name that an attribute gives. */
static sb_text given_part(struct binder *binder, const sb_attribute *attribute, const char *part,
                          size_t length)
{
    if (!is_identifier(part, length)) {
        (void)bind_fail(binder, attribute->line, attribute->column,
                        "'%.*s' in [[%s]] is not an identifier; use letters, digits and _",
                        (int)(length < 200 ? length : 200), part, bind_spelling(attribute->id));
        return SB_NONE;
    }
    if (bind_is_keyword(part, length)) {
        (void)bind_fail(binder, attribute->line, attribute->column,
                        "'%.*s' in [[%s]] is a keyword of Python and cannot be a name; "
                        "write '%.*s_' or another name",
                        (int)length, part, bind_spelling(attribute->id), (int)length, part);
        return SB_NONE;
    }
    return builder_intern(binder->b, part, length);
}

sb_text bind_given_name(struct binder *binder, const sb_attribute *attribute)
{
    const sb_constant *argument = bind_argument(binder, attribute, 0);
    const char *name = builder_string(binder->b, argument->as.s);
    if (memchr(name, '.', argument->length) != NULL) {
        (void)bind_fail(binder, attribute->line, attribute->column,
                        "[[%s(\"%.200s\")]]: a name without dots was expected here",
                        bind_spelling(attribute->id), name);
        return SB_NONE;
    }
    return given_part(binder, attribute, name, argument->length);
}

/* ---- scopes ---------------------------------------------------------------------------------- */

static uint64_t child_key(uint32_t scope, sb_text name)
{
    return (uint64_t)scope << 32 | name;
}

uint32_t bind_add_scope(struct binder *binder, uint32_t parent, sb_text name, uint32_t class_index,
                        bool listed)
{
    sb_scope row = {.name = name, .parent = parent, .class_index = class_index};
    uint32_t scope = builder_add_scope(binder->b, &row);
    if (scope == SB_NONE ||
        (listed && !bind_map_put(binder, &binder->children, child_key(parent, name), scope)))
        return SB_NONE;
    return scope;
}

/* The members and the tree of the base description, which the new members join. */
bool bind_recall_scopes(struct binder *binder)
{
    struct builder *b = binder->b;
    for (uint32_t i = 1; i < b->scope_count; i++) {
        /* Names of the base need interning: they are compared as numbers. */
        sb_text name = b->scopes[i].name;
        const char *bytes = builder_string(b, name);
        name = builder_intern(b, bytes, strlen(bytes));
        if (name == SB_NONE)
            return false;
        b->scopes[i].name = name;
        uint32_t class_index = b->scopes[i].class_index;
        if ((class_index == SB_NONE || (b->classes[class_index].flags & SB_CLASS_HIDDEN) == 0) &&
            !bind_map_put(binder, &binder->children, child_key(b->scopes[i].parent, name), i))
            return false;
    }
    for (uint32_t i = 0; i < b->scope_count; i++) {
        for (uint32_t k = 0; k < b->scopes[i].member_count; k++) {
            sb_member row = b->members[b->scopes[i].first_member + k];
            if (!bind_add_member(binder, i, row.name, row.kind, row.index, row.other, 0, 0))
                return false;
        }
    }
    b->member_count = 0;
    return true;
}

static uint32_t submodule_at(struct binder *binder, const sb_attribute *attribute, uint32_t parent,
                             const char *part, size_t length, bool through_classes)
{
    sb_text name = given_part(binder, attribute, part, length);
    if (name == SB_NONE)
        return SB_NONE;
    uint32_t scope = bind_map_find(&binder->children, child_key(parent, name));
    if (scope == SB_NONE) {
        if (binder->b->scopes[parent].class_index != SB_NONE) {
            (void)bind_fail(binder, attribute->line, attribute->column,
                            "[[%s]]: class %s has no inner class '%s', and no submodule can be "
                            "made in a class",
                            bind_spelling(attribute->id),
                            builder_string(binder->b, binder->b->scopes[parent].name),
                            builder_string(binder->b, name));
            return SB_NONE;
        }
        scope = bind_add_scope(binder, parent, name, SB_NONE, true);
        if (scope == SB_NONE || !bind_add_member(binder, parent, name, SB_MEMBER_SCOPE, scope,
                                                 SB_NONE, attribute->line, attribute->column))
            return SB_NONE;
    } else if (!through_classes && binder->b->scopes[scope].class_index != SB_NONE) {
        (void)bind_fail(binder, attribute->line, attribute->column,
                        "'%s' in [[%s]] is a class already, not a submodule; choose another name",
                        builder_string(binder->b, name), bind_spelling(attribute->id));
        return SB_NONE;
    }
    return scope;
}

bool bind_resolve_path(struct binder *binder, const sb_attribute *attribute, struct bind_path *out)
{
    sb_constant argument = *bind_argument(binder, attribute, 0);
    uint32_t scope = 0;
    uint32_t start = 0;
    for (uint32_t i = 0; i < argument.length; i++) {
        const char *bytes = builder_string(binder->b, argument.as.s);
        if (bytes[i] != '.')
            continue;
        scope = submodule_at(binder, attribute, scope, bytes + start, i - start, true);
        if (scope == SB_NONE)
            return false;
        start = i + 1;
    }
    out->scope = scope;
    out->name = given_part(binder, attribute, builder_string(binder->b, argument.as.s) + start,
                           argument.length - start);
    return out->name != SB_NONE;
}

uint32_t bind_submodule(struct binder *binder, const sb_attribute *attribute)
{
    struct bind_path path;
    if (!bind_resolve_path(binder, attribute, &path))
        return SB_NONE;
    const char *name = builder_string(binder->b, path.name);
    return submodule_at(binder, attribute, path.scope, name, strlen(name), false);
}

/* ---- members --------------------------------------------------------------------------------- */

static uint64_t sort_key(const char *name)
{
    uint64_t key = 0;
    for (int i = 0; i < 8; i++) {
        key = key << 8 | (unsigned char)*name;
        if (*name != '\0')
            name++;
    }
    return key;
}

bool bind_add_member(struct binder *binder, uint32_t scope, sb_text name, sb_member_kind kind,
                     uint32_t index, uint32_t other, uint32_t line, uint32_t column)
{
    void *memory = binder->entries;
    if (!bind_grow(binder, &memory, &binder->entry_capacity, binder->entry_count,
                   sizeof *binder->entries))
        return false;
    binder->entries = memory;
    binder->entries[binder->entry_count] = (struct entry){
        .key = sort_key(builder_string(binder->b, name)),
        .member = {.name = name, .kind = (uint8_t)kind, .index = index, .other = other},
        .scope = scope,
        .line = line,
        .column = column,
        .order = binder->entry_count,
    };
    binder->entry_count++;
    return true;
}

static int compare_entries(const struct builder *b, const struct entry *x, const struct entry *y)
{
    if (x->scope != y->scope)
        return x->scope < y->scope ? -1 : 1;
    if (x->key != y->key)
        return x->key < y->key ? -1 : 1;
    const char *x_name = builder_string(b, x->member.name);
    const char *y_name = builder_string(b, y->member.name);
    if ((x->key & 0xff) != 0) { /* both have eight bytes or more */
        int order = strcmp(x_name + 8, y_name + 8);
        if (order != 0)
            return order;
    }
    return x->order < y->order ? -1 : 1;
}

/* Merge sort, from `entries` into itself through `spare`. */
static void sort_entries(const struct builder *b, struct entry *entries, struct entry *spare,
                         size_t count)
{
    struct entry *from = entries, *to = spare;
    for (size_t width = 1; width < count; width *= 2) {
        for (size_t start = 0; start < count; start += 2 * width) {
            size_t left = start;
            size_t middle = count - start < width ? count : start + width;
            size_t right = middle;
            size_t end = count - middle < width ? count : middle + width;
            for (size_t k = start; k < end; k++) {
                bool take_left =
                    left < middle &&
                    (right == end || compare_entries(b, &from[left], &from[right]) < 0);
                to[k] = take_left ? from[left++] : from[right++];
            }
        }
        struct entry *swap = from;
        from = to;
        to = swap;
    }
    if (from != entries)
        memcpy(entries, from, count * sizeof *entries);
}

static bool twice(struct binder *binder, const struct entry *first, const struct entry *second)
{
    static const char *const kinds[] = {
        [SB_MEMBER_FUNCTION] = "function",
        [SB_MEMBER_METHOD] = "method",
        [SB_MEMBER_CLASS_METHOD] = "class method",
        [SB_MEMBER_PROPERTY] = "property",
        [SB_MEMBER_FIELD] = "field",
        [SB_MEMBER_CONSTANT] = "constant",
        [SB_MEMBER_VARIABLE] = "variable",
        [SB_MEMBER_CLASS] = "class",
        [SB_MEMBER_ENUM] = "enum",
        [SB_MEMBER_EXCEPTION] = "exception",
        [SB_MEMBER_SCOPE] = "submodule",
    };
    const struct builder *b = binder->b;
    const sb_scope *scope = &b->scopes[first->scope];
    char where[64];
    if (first->line == 0)
        (void)snprintf(where, sizeof where, "of the base description");
    else
        (void)snprintf(where, sizeof where, "in line %u", builder_logical_line(b, first->line));
    return bind_fail(binder, second->line, second->column,
                     "the %s '%.150s' has the name of the %s %s, and both stand in %s%.100s; give "
                     "one of them another with [[name(\"...\")]], or hide it with [[hidden]]",
                     kinds[second->member.kind], builder_string(b, second->member.name),
                     kinds[first->member.kind], where,
                     scope->class_index != SB_NONE ? "class "
                     : first->scope == 0           ? "the module"
                                                   : "submodule ",
                     first->scope == 0 ? "" : builder_string(b, scope->name));
}

/* A getter and a setter of one name are one property. */
static bool merge(struct entry *first, const struct entry *second)
{
    if (first->member.kind != SB_MEMBER_PROPERTY || second->member.kind != SB_MEMBER_PROPERTY)
        return false;
    if (first->member.index == SB_NONE && second->member.index != SB_NONE &&
        second->member.other == SB_NONE) {
        first->member.index = second->member.index;
        return true;
    }
    if (first->member.other == SB_NONE && second->member.other != SB_NONE &&
        second->member.index == SB_NONE) {
        first->member.other = second->member.other;
        return true;
    }
    return false;
}

bool bind_members(struct binder *binder)
{
    struct builder *b = binder->b;
    uint32_t count = binder->entry_count;
    for (uint32_t i = 0; i < b->scope_count; i++) {
        b->scopes[i].first_member = 0;
        b->scopes[i].member_count = 0;
    }
    if (count == 0)
        return true;
    struct entry *spare = memory_resize(NULL, count * sizeof *spare);
    if (spare == NULL) {
        builder_no_memory(b);
        return false;
    }
    sort_entries(b, binder->entries, spare, count);
    memory_free(spare);
    if (!builder_reserve_member(b, count))
        return false;
    struct entry *last = NULL;
    for (uint32_t i = 0; i < count; i++) {
        struct entry *entry = &binder->entries[i];
        bool same_scope = last != NULL && last->scope == entry->scope;
        if (same_scope && last->key == entry->key &&
            strcmp(builder_string(b, last->member.name), builder_string(b, entry->member.name)) ==
                0) {
            if (!merge(last, entry))
                return twice(binder, last, entry);
            b->members[b->member_count - 1] = last->member;
            continue;
        }
        if (!same_scope)
            b->scopes[entry->scope].first_member = b->member_count;
        b->scopes[entry->scope].member_count++;
        (void)builder_add_member(b, &entry->member);
        last = entry;
    }
    return true;
}
