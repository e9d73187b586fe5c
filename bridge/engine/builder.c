/* builder.c - growing tables, interned strings, names and error reports. */
#include "builder.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define FIRST_CAPACITY 32u
#define LARGEST_COUNT  (UINT32_MAX / 2)

/* Makes *memory hold at least count + more rows of `size` bytes. */
static bool grow(struct builder *b, void **memory, uint32_t *capacity, uint32_t count,
                 uint32_t more, size_t size)
{
    if (more <= *capacity - count)
        return true;
    if (more > LARGEST_COUNT || count > LARGEST_COUNT - more) {
        builder_error(b, SB_ERROR_LIMIT, 0, 0, "the description is too large: a table is full");
        return false;
    }
    uint32_t wanted = count + more;
    uint32_t doubled = *capacity < LARGEST_COUNT / 2 ? *capacity * 2 : LARGEST_COUNT;
    if (wanted < doubled)
        wanted = doubled;
    if (wanted < FIRST_CAPACITY)
        wanted = FIRST_CAPACITY;
    void *moved = wanted <= SIZE_MAX / size ? memory_resize(*memory, wanted * size) : NULL;
    if (moved == NULL) {
        builder_no_memory(b);
        return false;
    }
    *memory = moved;
    *capacity = wanted;
    return true;
}

#define X(plural, row, singular)                                                                \
    bool builder_reserve_##singular(struct builder *b, uint32_t count)                          \
    {                                                                                           \
        void *memory = b->plural;                                                               \
        bool done =                                                                             \
            grow(b, &memory, &b->singular##_capacity, b->singular##_count, count, sizeof(row)); \
        b->plural = memory;                                                                     \
        return done;                                                                            \
    }                                                                                           \
    uint32_t builder_add_##singular(struct builder *b, const row *from)                         \
    {                                                                                           \
        row copy = {0}; /* `from` may be a row of the table that moves */                       \
        if (from != NULL)                                                                       \
            copy = *from;                                                                       \
        if (!builder_reserve_##singular(b, 1))                                                  \
            return SB_NONE;                                                                     \
        b->plural[b->singular##_count] = copy;                                                  \
        return b->singular##_count++;                                                           \
    }
BUILDER_TABLES(X)
#undef X

/* ---- strings -------------------------------------------------------------------------------- */

sb_text builder_store(struct builder *b, const char *bytes, size_t length)
{
    if (length == 0)
        return 0;
    if (length >= LARGEST_COUNT) {
        builder_error(b, SB_ERROR_LIMIT, 0, 0, "a string of %zu bytes is too long", length);
        return SB_NONE;
    }
    /* The bytes may be in the pool that moves. */
    bool inside = b->strings != NULL && (uintptr_t)bytes >= (uintptr_t)b->strings &&
                  (uintptr_t)bytes < (uintptr_t)b->strings + b->strings_size;
    size_t offset = inside ? (size_t)(bytes - b->strings) : 0;
    void *memory = b->strings;
    if (!grow(b, &memory, &b->strings_capacity, b->strings_size, (uint32_t)length + 1, 1))
        return SB_NONE;
    b->strings = memory;
    sb_text text = b->strings_size;
    memcpy(b->strings + text, inside ? b->strings + offset : bytes, length);
    b->strings[text + length] = '\0';
    b->strings_size += (uint32_t)length + 1;
    return text;
}

/* ---- names ---------------------------------------------------------------------------------- */

static uint32_t hash_bytes(const char *bytes, size_t length)
{
    uint32_t hash = 2166136261u;
    for (size_t i = 0; i < length; i++)
        hash = (hash ^ (unsigned char)bytes[i]) * 16777619u;
    return hash ^ (hash >> 15);
}

/* The slot that holds the name, or the empty one where it belongs. */
static uint32_t name_slot(const struct builder *b, const char *bytes, size_t length, uint32_t hash)
{
    uint32_t mask = b->name_slot_count - 1;
    uint32_t slot = hash & mask;
    for (uint32_t step = 1; b->name_slots[slot] != SB_NONE; step++) {
        const struct name *name = &b->names[b->name_slots[slot]];
        if (name->hash == hash && name->length == length &&
            memcmp(b->strings + name->text, bytes, length) == 0)
            return slot;
        slot = (slot + step) & mask; /* triangular probing visits every slot of a power of two */
    }
    return slot;
}

static bool rehash_names(struct builder *b, uint32_t slots)
{
    uint32_t *fresh = memory_resize(NULL, slots * sizeof *fresh);
    if (fresh == NULL) {
        builder_no_memory(b);
        return false;
    }
    memory_free(b->name_slots);
    b->name_slots = fresh;
    b->name_slot_count = slots;
    memset(fresh, 0xff, slots * sizeof *fresh);
    for (uint32_t i = 0; i < b->name_count; i++) {
        uint32_t slot = b->names[i].hash & (slots - 1);
        for (uint32_t step = 1; fresh[slot] != SB_NONE; step++)
            slot = (slot + step) & (slots - 1);
        fresh[slot] = i;
    }
    return true;
}

static uint32_t add_name(struct builder *b, const char *bytes, size_t length, sb_text existing)
{
    if (length > UINT16_MAX) {
        builder_error(b, SB_ERROR_LIMIT, 0, 0, "a name of %zu bytes is too long", length);
        return SB_NONE;
    }
    if (b->name_count >= b->name_slot_count - b->name_slot_count / 4 &&
        !rehash_names(b, b->name_slot_count * 2))
        return SB_NONE;
    uint32_t hash = hash_bytes(bytes, length);
    uint32_t slot = name_slot(b, bytes, length, hash);
    if (b->name_slots[slot] != SB_NONE)
        return b->name_slots[slot];
    void *memory = b->names;
    if (!grow(b, &memory, &b->name_capacity, b->name_count, 1, sizeof *b->names))
        return SB_NONE;
    b->names = memory;
    sb_text text = existing != 0 ? existing : builder_store(b, bytes, length);
    if (text == SB_NONE)
        return SB_NONE;
    b->names[b->name_count] =
        (struct name){.text = text, .hash = hash, .length = (uint16_t)length, .index = SB_NONE};
    b->name_slots[slot] = b->name_count;
    return b->name_count++;
}

uint32_t builder_name(struct builder *b, const char *bytes, size_t length)
{
    return add_name(b, bytes, length, 0);
}

sb_text builder_intern(struct builder *b, const char *bytes, size_t length)
{
    uint32_t name = add_name(b, bytes, length, 0);
    return name == SB_NONE ? SB_NONE : b->names[name].text;
}

struct name *builder_find_name(const struct builder *b, const char *bytes, size_t length)
{
    if (length > UINT16_MAX || b->name_slot_count == 0)
        return NULL;
    uint32_t slot = name_slot(b, bytes, length, hash_bytes(bytes, length));
    return b->name_slots[slot] == SB_NONE ? NULL : &b->names[b->name_slots[slot]];
}

struct name *builder_find_text(const struct builder *b, sb_text text)
{
    return builder_find_name(b, b->strings + text, strlen(b->strings + text));
}

/* ---- life ----------------------------------------------------------------------------------- */

static bool copy_table(struct builder *b, void **memory, uint32_t *capacity, uint32_t *count,
                       const void *from, uint32_t rows, size_t size)
{
    if (rows == 0)
        return true;
    if (!grow(b, memory, capacity, 0, rows, size))
        return false;
    if (*memory == NULL)
        return false; /* cannot be: grow has succeeded */
    memcpy(*memory, from, rows * size);
    *count = rows;
    return true;
}

static bool copy_base(struct builder *b, const sb_description *base)
{
    bool done = true;
    void *memory;
#define X(plural, row, singular)                                                         \
    memory = NULL;                                                                       \
    done = done && copy_table(b, &memory, &b->singular##_capacity, &b->singular##_count, \
                              base->plural, base->singular##_count, sizeof(row));        \
    b->plural = memory;
    BUILDER_TABLES(X)
#undef X
    memory = NULL;
    done = done && copy_table(b, &memory, &b->strings_capacity, &b->strings_size, base->strings,
                              base->strings_size, 1);
    b->strings = memory;
    b->file = base->file;
    b->address_count = base->address_count;
    b->library = base->library;
    b->prefix = base->prefix;
    b->doc = base->doc;
    b->message_count = base->message_count;
    b->first_message = base->first_message;
    return done;
}

/* The row for a tag that is a type of another kind too: its name is no identifier. */
static uint32_t second_tag(struct builder *b, uint32_t name, unsigned kind)
{
    char bytes[SB_MAX_NAME + sizeof "union "];
    int length = snprintf(bytes, sizeof bytes, "%s %s",
                          kind == SB_STRUCT  ? "struct"
                          : kind == SB_UNION ? "union"
                                             : "enum",
                          builder_string(b, b->names[name].text));
    return add_name(b, bytes, (size_t)length, 0);
}

sb_type_id builder_tag(struct builder *b, uint32_t name, unsigned kind)
{
    sb_type_id id = b->names[name].tag;
    if (id == 0 || b->types[id].kind == kind)
        return id;
    uint32_t second = second_tag(b, name, kind);
    return second == SB_NONE ? SB_NONE : b->names[second].tag;
}

bool builder_set_tag(struct builder *b, uint32_t name, sb_type_id id)
{
    if (b->names[name].tag != 0)
        name = second_tag(b, name, b->types[id].kind);
    if (name == SB_NONE)
        return false;
    b->names[name].tag = id;
    return true;
}

/* Structs, unions and enums; not those that are others but for their alignment. */
static bool is_tagged(const struct builder *b, sb_type_id id)
{
    const sb_type *type = &b->types[id];
    return (type->kind == SB_STRUCT || type->kind == SB_UNION || type->kind == SB_ENUM) &&
           (type->decl == SB_NONE || b->declarations[type->decl].type == id);
}

/* The names that the tables' own rows speak of. */
static bool name_rows(struct builder *b)
{
    for (uint32_t i = 1; i < b->type_count; i++) {
        const sb_type *type = &b->types[i];
        if (!is_tagged(b, i))
            continue;
        sb_text tag = type->decl == SB_NONE ? type->name : b->declarations[type->decl].name;
        if (tag == 0)
            continue;
        const char *bytes = b->strings + tag;
        uint32_t name = add_name(b, bytes, strlen(bytes), tag);
        if (name == SB_NONE || !builder_set_tag(b, name, i))
            return false;
    }
    /* Declarations come last: one that replaced an enumerator has its name. */
    for (uint32_t i = 1; i < b->type_count; i++) {
        if (b->types[i].kind != SB_ENUM || !is_tagged(b, i))
            continue;
        for (uint32_t k = 0; k < b->types[i].count; k++) {
            uint32_t index = b->types[i].first + k;
            const char *bytes = b->strings + b->enumerators[index].name;
            uint32_t name = add_name(b, bytes, strlen(bytes), b->enumerators[index].name);
            if (name == SB_NONE)
                return false;
            b->names[name].kind = NAME_ENUMERATOR;
            b->names[name].index = index;
            b->names[name].type = i;
        }
    }
    for (uint32_t i = 0; i < b->declaration_count; i++) {
        const sb_declaration *declaration = &b->declarations[i];
        if (declaration->kind == SB_DECL_RECORD || declaration->kind == SB_DECL_ENUM ||
            declaration->name == 0)
            continue;
        const char *bytes = b->strings + declaration->name;
        uint32_t name = add_name(b, bytes, strlen(bytes), declaration->name);
        if (name == SB_NONE)
            return false;
        b->names[name].kind = NAME_DECLARED;
        b->names[name].index = i;
        b->names[name].type = declaration->type;
    }
    return true;
}

sb_status builder_recall_names(struct builder *b)
{
    if (b->name_slots == NULL && rehash_names(b, 1024))
        (void)name_rows(b);
    return b->status;
}

sb_status builder_init(struct builder *b, const sb_description *base, sb_error *error)
{
    *b = (struct builder){.error = error, .base = base};
    if (base != NULL) {
        if (copy_base(b, base))
            (void)builder_recall_names(b);
        return b->status;
    }
    void *memory = NULL;
    if (grow(b, &memory, &b->strings_capacity, 0, 4096, 1) && memory != NULL) {
        b->strings = memory;
        b->strings[0] = '\0';
        b->strings_size = 1;
        if (builder_recall_names(b) == SB_OK)
            (void)builder_add_type(b, NULL);
    }
    return b->status;
}

void builder_forget_names(struct builder *b)
{
    memory_free(b->names);
    memory_free(b->name_slots);
    memory_free(b->type_slots);
    memory_free(b->markers);
    b->names = NULL;
    b->name_slots = NULL;
    b->type_slots = NULL;
    b->markers = NULL;
    b->name_count = b->name_capacity = b->name_slot_count = 0;
    b->type_slot_count = b->type_slot_used = 0;
    b->marker_count = b->marker_capacity = 0;
}

void builder_clear(struct builder *b)
{
    builder_forget_names(b);
#define X(plural, row, singular) memory_free(b->plural);
    BUILDER_TABLES(X)
#undef X
    memory_free(b->strings);
    *b = (struct builder){.error = NULL};
}

void builder_publish(const struct builder *b, sb_description *d)
{
#define X(plural, row, singular) \
    d->plural = b->plural;       \
    d->singular##_count = b->singular##_count;
    BUILDER_TABLES(X)
#undef X
    d->strings = b->strings;
    d->strings_size = b->strings_size;
    d->address_count = b->address_count;
    d->file = b->file;
    d->library = b->library;
    d->prefix = b->prefix;
    d->doc = b->doc;
    d->message_count = b->message_count;
    d->first_message = b->first_message;
}

/* ---- errors --------------------------------------------------------------------------------- */

static const struct marker *marker_of(const struct builder *b, uint32_t line)
{
    uint32_t low = 0, high = b->marker_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (b->markers[middle].physical <= line)
            low = middle + 1;
        else
            high = middle;
    }
    return low == 0 ? NULL : &b->markers[low - 1];
}

uint32_t builder_logical_line(const struct builder *b, uint32_t line)
{
    const struct marker *marker = marker_of(b, line);
    return marker == NULL ? line : marker->logical + (line - marker->physical);
}

unsigned utf8_length(const unsigned char *bytes, size_t length)
{
    if (bytes[0] < 0x80)
        return 1;
    if (bytes[0] < 0xc2 || bytes[0] > 0xf4)
        return 0;
    unsigned needed = bytes[0] < 0xe0 ? 2 : bytes[0] < 0xf0 ? 3 : 4;
    if (length < needed)
        return 0;
    for (unsigned i = 1; i < needed; i++)
        if ((bytes[i] & 0xc0) != 0x80)
            return 0;
    if ((bytes[0] == 0xe0 && bytes[1] < 0xa0) || (bytes[0] == 0xed && bytes[1] >= 0xa0) ||
        (bytes[0] == 0xf0 && bytes[1] < 0x90) || (bytes[0] == 0xf4 && bytes[1] >= 0x90))
        return 0;
    return needed;
}

uint32_t builder_declaration_line(const struct builder *b, uint32_t declaration)
{
    uint32_t line = b->declarations[declaration].line;
    bool of_base = b->base != NULL && declaration < b->base->declaration_count;
    return of_base ? line : builder_logical_line(b, line);
}

uint32_t builder_enumerator_line(const struct builder *b, uint32_t enumerator)
{
    uint32_t line = b->enumerators[enumerator].line;
    bool of_base = b->base != NULL && enumerator < b->base->enumerator_count;
    return of_base ? line : builder_logical_line(b, line);
}

/* Cuts a UTF-8 string to at most `length` bytes without splitting a character. */
static size_t whole_characters(const char *bytes, size_t length)
{
    while (length > 0 && ((unsigned char)bytes[length] & 0xc0) == 0x80)
        length--;
    return length;
}

/* The offending line, or the part of it around the column that fits. */
static void take_excerpt(const struct builder *b, uint32_t line, uint32_t column, sb_error *error)
{
    const char *start = b->source;
    const char *end = b->source + b->source_length;
    for (uint32_t i = 1; i < line; i++) {
        const char *newline = memchr(start, '\n', (size_t)(end - start));
        if (newline == NULL)
            return;
        start = newline + 1;
    }
    const char *stop = memchr(start, '\n', (size_t)(end - start));
    size_t length = (size_t)((stop != NULL ? stop : end) - start);
    if (length > 0 && start[length - 1] == '\r')
        length--;
    size_t caret = column > 0 ? column - 1 : 0;
    if (caret > length)
        caret = length;
    size_t room = sizeof error->excerpt - 1;
    size_t from = 0;
    if (length > room && caret > room / 2) {
        from = caret - room / 2;
        while (from < caret && ((unsigned char)start[from] & 0xc0) == 0x80)
            from++;
    }
    size_t used = 0;
    for (size_t at = from; at < length;) {
        unsigned step = utf8_length((const unsigned char *)start + at, length - at);
        bool plain = step > 1 || (step == 1 && (unsigned char)start[at] >= ' ' && start[at] != 127);
        if (used + (step == 0 ? 1 : step) > room)
            break;
        if (plain)
            memcpy(error->excerpt + used, start + at, step);
        else
            error->excerpt[used] = step == 0 ? '?' : ' ';
        step = step == 0 ? 1 : step;
        used += step;
        at += step;
    }
    error->excerpt[used] = '\0';
    caret -= from;
    error->caret = (uint32_t)(caret < used ? caret : used);
}

sb_status builder_error(struct builder *b, sb_status status, uint32_t line, uint32_t column,
                        const char *format, ...)
{
    if (b->status != SB_OK)
        return b->status;
    b->status = status;
    sb_error *error = b->error;
    if (error == NULL)
        return status;
    memset(error, 0, sizeof *error);
    error->status = status;
    size_t used = 0;
    if (line > 0 && b->source != NULL) {
        const struct marker *marker = marker_of(b, line);
        if (marker != NULL && marker->file != 0) {
            const char *file = b->strings + marker->file;
            size_t length = strlen(file);
            if (length > 90)
                length = whole_characters(file, 90);
            used = (size_t)snprintf(error->message, 100, "in %.*s: ", (int)length, file);
        }
        error->line = builder_logical_line(b, line);
        error->column = column;
        take_excerpt(b, line, column, error);
    }
    char message[sizeof error->message + 4];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    size_t room = sizeof error->message - 1 - used;
    size_t shown = length < 0 ? 0 : (size_t)length;
    if (shown > room)
        shown = whole_characters(message, room);
    memcpy(error->message + used, message, shown);
    error->message[used + shown] = '\0';
    return status;
}

sb_status builder_no_memory(struct builder *b)
{
    return builder_error(b, SB_ERROR_MEMORY, 0, 0, "out of memory");
}

unsigned edit_distance(const char *a, size_t a_length, const char *b, size_t b_length,
                       unsigned limit)
{
    enum { LONGEST = 64 };
    size_t difference = a_length > b_length ? a_length - b_length : b_length - a_length;
    if (difference > limit || a_length >= LONGEST || b_length >= LONGEST)
        return limit + 1;
    unsigned rows[3][LONGEST];
    unsigned *before = rows[0], *above = rows[1], *row = rows[2];
    for (unsigned k = 0; k <= b_length; k++)
        above[k] = k;
    for (size_t i = 1; i <= a_length; i++) {
        row[0] = (unsigned)i;
        for (size_t k = 1; k <= b_length; k++) {
            unsigned best = above[k - 1] + (a[i - 1] != b[k - 1]);
            if (above[k] + 1 < best)
                best = above[k] + 1;
            if (row[k - 1] + 1 < best)
                best = row[k - 1] + 1;
            if (i > 1 && k > 1 && a[i - 1] == b[k - 2] && a[i - 2] == b[k - 1] &&
                before[k - 2] + 1 < best)
                best = before[k - 2] + 1;
            row[k] = best;
        }
        unsigned *spare = before;
        before = above;
        above = row;
        row = spare;
    }
    return above[b_length] <= limit ? above[b_length] : limit + 1;
}
