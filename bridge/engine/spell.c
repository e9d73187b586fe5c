/* spell.c - types as C spells them. */
#include "symbridge.h"

#include <stdio.h>
#include <string.h>

/* Text that grows to both sides of a declared name. Only what fits in the buffer is kept; `length`
 * counts everything, up to SB_MAX_STRING, where spelling stops: parameters of parameters can
 * multiply without end. */
struct text {
    char *buffer;
    size_t capacity, length;
};

static void put(struct text *text, const char *bytes)
{
    size_t length = strlen(bytes);
    if (text->length < text->capacity) {
        size_t room = text->capacity - text->length;
        memcpy(text->buffer + text->length, bytes, length < room ? length : room);
    }
    text->length += length;
}

static void put_quals(struct text *text, unsigned quals, bool space_after)
{
    static const struct {
        unsigned bit;
        const char *before, *after;
    } words[] = {
        {SB_CONST, "const ", "const"},
        {SB_VOLATILE, "volatile ", "volatile"},
        {SB_RESTRICT, "restrict ", "restrict"},
    };
    bool first = true;
    for (size_t i = 0; i < 3; i++)
        if ((quals & words[i].bit) != 0) {
            if (!space_after && !first)
                put(text, " ");
            put(text, space_after ? words[i].before : words[i].after);
            first = false;
        }
}

static void put_base(struct text *text, const sb_description *d, sb_type_id id)
{
    const sb_type *type = &d->types[id];
    bool unnamed = type->decl != SB_NONE && d->declarations[type->decl].name == 0;
    const char *word = type->kind == SB_STRUCT  ? "struct"
                       : type->kind == SB_UNION ? "union"
                       : type->kind == SB_ENUM  ? "enum"
                                                : NULL;
    const unsigned of_its_own = SB_TYPE_FOREIGN | SB_TYPE_BUILTIN; /* _Float128, a vector */
    if (word == NULL || (type->flags & of_its_own) == of_its_own) {
        put(text, type->name != 0 ? sb_string(d, type->name) : "?");
        return;
    }
    if (unnamed && type->name != 0) { /* known by its typedef only */
        put(text, sb_string(d, type->name));
        return;
    }
    put(text, word);
    put(text, " ");
    put(text, type->name != 0 ? sb_string(d, type->name) : "<unnamed>");
}

static void spell(struct text *text, const sb_description *d, sb_type_id id, unsigned quals,
                  const char *name);

/* The part of a declarator that stands before the name; *bare tells whether a name that follows
 * needs a space. */
static void put_front(struct text *text, const sb_description *d, sb_type_id id, unsigned quals,
                      bool *bare)
{
    const sb_type *type = &d->types[id];
    if (type->kind == SB_ARRAY || type->kind == SB_FUNCTION) {
        put_front(text, d, type->target, type->target_quals, bare);
        return;
    }
    if (type->kind != SB_POINTER) {
        put_quals(text, quals, true);
        put_base(text, d, id);
        *bare = true;
        return;
    }
    put_front(text, d, type->target, type->target_quals, bare);
    uint8_t kind = d->types[type->target].kind;
    if (*bare)
        put(text, " ");
    put(text, kind == SB_ARRAY || kind == SB_FUNCTION ? "(*" : "*");
    put_quals(text, quals, false);
    *bare = quals != 0;
}

static void put_back(struct text *text, const sb_description *d, sb_type_id id)
{
    const sb_type *type = &d->types[id];
    char length[32];
    switch (type->kind) {
    case SB_POINTER: {
        uint8_t kind = d->types[type->target].kind;
        if (kind == SB_ARRAY || kind == SB_FUNCTION)
            put(text, ")");
        break;
    }
    case SB_ARRAY: {
        uint64_t element = d->types[type->target].size;
        if ((type->flags & SB_TYPE_COMPLETE) == 0)
            put(text, "[]");
        else {
            snprintf(length, sizeof length, "[%llu]",
                     (unsigned long long)(element == 0 ? 0 : type->size / element));
            put(text, length);
        }
        break;
    }
    case SB_FUNCTION:
        put(text, "(");
        for (uint32_t i = 0; i < type->count && text->length < SB_MAX_STRING; i++) {
            if (i > 0)
                put(text, ", ");
            spell(text, d, d->params[type->first + i].type, 0, NULL);
        }
        if ((type->flags & SB_TYPE_VARIADIC) != 0)
            put(text, type->count > 0 ? ", ..." : "...");
        else if (type->count == 0 && (type->flags & SB_TYPE_NO_PROTO) == 0)
            put(text, "void");
        put(text, ")");
        break;
    default:
        return;
    }
    put_back(text, d, type->target);
}

static void spell(struct text *text, const sb_description *d, sb_type_id id, unsigned quals,
                  const char *name)
{
    bool bare = false;
    put_front(text, d, id, quals, &bare);
    if (name != NULL) {
        if (bare)
            put(text, " ");
        put(text, name);
    } else if (bare && d->types[id].kind == SB_FUNCTION)
        put(text, " ");
    put_back(text, d, id);
}

size_t sb_type_spell(const sb_description *d, sb_type_id type, unsigned quals, const char *name,
                     char *buffer, size_t capacity)
{
    struct text text = {buffer, capacity, 0};
    spell(&text, d, type, quals, name);
    if (capacity > 0)
        buffer[text.length < capacity ? text.length : capacity - 1] = '\0';
    return text.length;
}
