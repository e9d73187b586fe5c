/* digest.c - prototypes as one number, so that two can be compared without either's text.
 *
 * The digest of a function or variable is the FNV-1a hash, 64 bits wide, of the canonical spelling
 * of its type: prefix notation that keeps what a call depends on and drops the rest. Another
 * language has to produce the same bytes, so docs/self-describing.md says it in full:
 *
 *   void                                    void
 *   bool8 char8 int32 uint64 wide32         scalars by kind and size in bits; an enum is its integer
 *   float64 complex128
 *   *T                                      pointer, whatever its qualifiers
 *   [4]T  []T                               array, array of unknown length
 *   struct name  union name                 by its tag, or the typedef that names it
 *   struct{T,T:3}                           one without a name: its members, bits after a colon
 *   (T,T)R  ()R  (T,...)R  (?)R             function; of no parameters, variadic, without prototype
 *
 * Types that no call can pass (_Float128, vectors) are spelled as C does. The digest of a record is that
 * of its members, spelled as though it had no name.
 */
#include "fnv.h"
#include "symbridge.h"

#include <string.h>

/* What has been spelled so far. Beyond SB_MAX_CANONICAL bytes nothing more is taken in. */
struct spelling {
    const sb_description *d;
    uint64_t hash;
    size_t length;
    char *buffer; /* NULL with capacity 0: only the hash is wanted */
    size_t capacity;
};

uint64_t sb_fnv1a(const void *bytes, size_t size)
{
    const unsigned char *byte = bytes;
    uint64_t hash = FNV_START;
    for (size_t i = 0; i < size; i++)
        hash = fnv_byte(hash, byte[i]);
    return hash;
}

static bool is_full(const struct spelling *s)
{
    return s->length >= SB_MAX_CANONICAL;
}

static void put(struct spelling *s, const char *text)
{
    uint64_t hash = s->hash;
    size_t length = s->length;
    for (; *text != '\0' && length < SB_MAX_CANONICAL; text++, length++) {
        hash = fnv_byte(hash, (unsigned char)*text);
        if (length + 1 < s->capacity)
            s->buffer[length] = *text;
    }
    s->hash = hash;
    s->length = length;
}

static void put_number(struct spelling *s, uint64_t number)
{
    char digits[24];
    char *at = digits + sizeof digits - 1;
    *at = '\0';
    do {
        *--at = (char)('0' + number % 10);
        number /= 10;
    } while (number != 0);
    put(s, at);
}

static void put_scalar(struct spelling *s, const char *kind, uint64_t size)
{
    put(s, kind);
    put_number(s, size * 8);
}

static void put_type(struct spelling *s, sb_type_id id);

static void put_members(struct spelling *s, const sb_type *type)
{
    put(s, type->kind == SB_UNION ? "union{" : "struct{");
    for (uint32_t i = 0; i < type->count && !is_full(s); i++) {
        const sb_field *field = &s->d->fields[type->first + i];
        if (i > 0)
            put(s, ",");
        put_type(s, field->value.type);
        if (field->bit_width != 0) {
            put(s, ":");
            put_number(s, field->bit_width);
        }
    }
    put(s, "}");
}

static void put_record(struct spelling *s, const sb_type *type)
{
    const unsigned of_its_own = SB_TYPE_FOREIGN | SB_TYPE_BUILTIN;
    const char *name = sb_string(s->d, type->name);
    if ((type->flags & of_its_own) == of_its_own) {
        put(s, name);
        return;
    }
    if (name[0] == '\0') {
        put_members(s, type);
        return;
    }
    put(s, type->kind == SB_UNION ? "union " : "struct ");
    put(s, name);
}

static void put_function(struct spelling *s, const sb_type *type)
{
    put(s, "(");
    if ((type->flags & SB_TYPE_NO_PROTO) != 0)
        put(s, "?");
    for (uint32_t i = 0; i < type->count && !is_full(s); i++) {
        if (i > 0)
            put(s, ",");
        put_type(s, s->d->params[type->first + i].type);
    }
    if ((type->flags & SB_TYPE_VARIADIC) != 0)
        put(s, type->count > 0 ? ",..." : "...");
    put(s, ")");
    put_type(s, type->target);
}

/* No deeper than types are derived, which parsing bounds by SB_MAX_NESTING. */
static void put_type(struct spelling *s, sb_type_id id)
{
    const sb_type *type = &s->d->types[id];
    if (is_full(s))
        return;
    switch ((sb_kind)type->kind) {
    case SB_VOID:
        put(s, "void");
        break;
    case SB_BOOL:
        put_scalar(s, "bool", type->size);
        break;
    case SB_CHAR:
        put_scalar(s, "char", type->size);
        break;
    case SB_INT:
        put_scalar(s, "int", type->size);
        break;
    case SB_UINT:
        put_scalar(s, "uint", type->size);
        break;
    case SB_WIDE:
        put_scalar(s, "wide", type->size);
        break;
    case SB_FLOAT:
        put_scalar(s, "float", type->size);
        break;
    case SB_COMPLEX:
        put_scalar(s, "complex", type->size);
        break;
    case SB_POINTER:
        put(s, "*");
        put_type(s, type->target);
        break;
    case SB_ARRAY: {
        uint64_t element = s->d->types[type->target].size;
        put(s, "[");
        if ((type->flags & SB_TYPE_COMPLETE) != 0)
            put_number(s, element == 0 ? 0 : type->size / element);
        put(s, "]");
        put_type(s, type->target);
        break;
    }
    case SB_STRUCT:
    case SB_UNION:
        put_record(s, type);
        break;
    case SB_ENUM:
        put_scalar(s, (type->flags & SB_TYPE_SIGNED) != 0 ? "int" : "uint", type->size);
        break;
    case SB_FUNCTION:
        put_function(s, type);
        break;
    }
}

static struct spelling spelled(const sb_description *d, sb_type_id type, char *buffer,
                               size_t capacity)
{
    struct spelling s = {d, FNV_START, 0, buffer, capacity};
    put_type(&s, type);
    if (capacity > 0)
        buffer[s.length < capacity ? s.length : capacity - 1] = '\0';
    return s;
}

uint64_t sb_digest(const sb_description *d, uint32_t declaration)
{
    const sb_declaration *declared = &d->declarations[declaration];
    if (declared->kind != SB_DECL_RECORD)
        return spelled(d, declared->type, NULL, 0).hash;
    struct spelling s = {.d = d, .hash = FNV_START};
    put_members(&s, &d->types[declared->type]);
    return s.hash;
}

size_t sb_canonical(const sb_description *d, sb_type_id type, char *buffer, size_t capacity)
{
    return spelled(d, type, buffer, capacity).length;
}
