/* verify.c - a description against the facts that a library carries about itself.
 *
 * Facts are what the library's own compiler knew: a digest for each function and variable, sizes,
 * alignments, offsets, enumerators and constants. Each has a key, the FNV-1a hash of a text such as
 * "offsetof struct point.x", so that a fact has 16 bytes and nothing has to be parsed.
 *
 *   offset  size
 *   0       4     format, SB_FACTS_FORMAT
 *   4       4     count
 *   8       16    each: key, value, both as their low and then their high 32 bits
 *
 * They stand in the order of the description that was compiled in, so that one which agrees with it
 * finds each fact where it looks first.
 */
#include "builder.h" /* memory_resize */
#include "failure.h"
#include "fnv.h"

#include <stdlib.h>
#include <string.h>

#define HEADER_SIZE 8
#define FACT_SIZE 16
#define SCANS_BEFORE_SORTING 8 /* of all facts */

struct fact {
    uint64_t key, value;
    uint32_t position;
};

struct verifier {
    const sb_description *d;
    const unsigned char *facts; /* behind the header */
    uint32_t count, cursor;     /* cursor: where the next one is expected */
    uint64_t scanned;           /* facts looked at in vain */
    struct fact *sorted;        /* NULL until scanning has taken long enough */
    sb_mismatch *mismatches;    /* grows by doubling */
    size_t mismatch_count, capacity, verified;
    bool out_of_memory;
};

/* ---- facts --------------------------------------------------------------------------------------- */

static uint64_t number_at(const unsigned char *bytes)
{
    uint32_t halves[2];
    memcpy(halves, bytes, sizeof halves);
    return (uint64_t)halves[1] << 32 | halves[0];
}

static uint64_t key_at(const struct verifier *v, uint32_t position)
{
    return number_at(v->facts + (size_t)position * FACT_SIZE);
}

static uint64_t value_at(const struct verifier *v, uint32_t position)
{
    return number_at(v->facts + (size_t)position * FACT_SIZE + 8);
}

static int by_key(const void *one, const void *other)
{
    const struct fact *a = one, *b = other;
    if (a->key != b->key)
        return a->key < b->key ? -1 : 1;
    return a->position < b->position ? -1 : a->position > b->position;
}

static bool sort_facts(struct verifier *v)
{
    struct fact *sorted = memory_resize(NULL, v->count * sizeof *sorted);
    if (sorted == NULL)
        return false;
    for (uint32_t i = 0; i < v->count; i++)
        sorted[i] = (struct fact){key_at(v, i), value_at(v, i), i};
    qsort(sorted, v->count, sizeof *sorted, by_key);
    v->sorted = sorted;
    return true;
}

/* The position of a fact of that key, or SB_NONE. */
static uint32_t bisect(const struct verifier *v, uint64_t key)
{
    uint32_t low = 0, high = v->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (v->sorted[middle].key < key)
            low = middle + 1;
        else
            high = middle;
    }
    return low < v->count && v->sorted[low].key == key ? v->sorted[low].position : SB_NONE;
}

static uint32_t search(struct verifier *v, uint64_t key)
{
    if (v->sorted == NULL && v->scanned > (uint64_t)v->count * SCANS_BEFORE_SORTING &&
        !sort_facts(v)) {
        v->out_of_memory = true;
        return SB_NONE;
    }
    if (v->sorted != NULL)
        return bisect(v, key);
    uint32_t position = v->cursor < v->count ? v->cursor : 0;
    for (uint32_t i = 0; i < v->count; i++) {
        v->scanned++;
        if (key_at(v, position) == key)
            return position;
        if (++position == v->count)
            position = 0;
    }
    return SB_NONE;
}

/* The fact of that key; false when the library does not speak of it. */
static bool fact_of(struct verifier *v, uint64_t key, uint64_t *value)
{
    uint32_t position = v->cursor;
    if (position >= v->count || key_at(v, position) != key)
        position = search(v, key);
    if (position == SB_NONE)
        return false;
    if (position >= v->cursor) /* a second name of what came before leads nowhere */
        v->cursor = position + 1;
    *value = value_at(v, position);
    v->verified++;
    return true;
}

/* ---- what is described ----------------------------------------------------------------------------- */

static void note_mismatch(struct verifier *v, const sb_mismatch *mismatch)
{
    if (v->mismatch_count == v->capacity) {
        size_t capacity = v->capacity == 0 ? 16 : v->capacity * 2;
        sb_mismatch *grown = memory_resize(v->mismatches, capacity * sizeof *grown);
        if (grown == NULL) {
            v->out_of_memory = true;
            return;
        }
        v->mismatches = grown;
        v->capacity = capacity;
    }
    v->mismatches[v->mismatch_count++] = *mismatch;
}

/* Compares what is described with the fact of that key, if there is one. `what` says all but the
 * actual value. */
static void compare(struct verifier *v, uint64_t key, sb_mismatch what)
{
    if (fact_of(v, key, &what.actual) && what.actual != what.described)
        note_mismatch(v, &what);
}

static void compare_digest(struct verifier *v, uint64_t key, sb_mismatch what)
{
    if (!fact_of(v, key, &what.actual))
        return;
    what.described = sb_digest(v->d, what.declaration);
    if (what.actual != what.described)
        note_mismatch(v, &what);
}

static void verify_prototype(struct verifier *v, uint32_t index)
{
    const sb_declaration *declared = &v->d->declarations[index];
    bool is_function = declared->kind == SB_DECL_FUNCTION;
    uint64_t key = fnv_text(FNV_START, is_function ? "function " : "variable ");
    key = fnv_text(key, sb_string(v->d, declared->symbol != 0 ? declared->symbol : declared->name));
    compare_digest(v, key,
                   (sb_mismatch){.declaration = index,
                                 .fact = is_function ? SB_FACT_FUNCTION : SB_FACT_VARIABLE,
                                 .member = SB_NONE});
}

static void verify_fields(struct verifier *v, const sb_type *record, uint64_t base, uint64_t path,
                          uint32_t declaration);

static void verify_field(struct verifier *v, const sb_field *field, uint64_t base, uint64_t path,
                         uint32_t declaration)
{
    const sb_type *type = &v->d->types[field->value.type];
    const char *name = sb_string(v->d, field->value.name);
    bool is_inner = (type->kind == SB_STRUCT || type->kind == SB_UNION) && type->name == 0;
    if (field->bit_width != 0) /* no compiler says where they lie */
        return;
    if (name[0] != '\0') {
        path = fnv_text(path, name);
        compare(v, path,
                (sb_mismatch){.declaration = declaration,
                              .fact = SB_FACT_OFFSET,
                              .member = (uint32_t)(field - v->d->fields),
                              .described = base + field->offset});
        path = fnv_text(path, ".");
    }
    if (is_inner)
        verify_fields(v, type, base + field->offset, path, declaration);
}

/* The members of a record, and those of records without a name in it, by the path that C knows them
 * by. No deeper than records are nested, which parsing bounds. */
static void verify_fields(struct verifier *v, const sb_type *record, uint64_t base, uint64_t path,
                          uint32_t declaration)
{
    for (uint32_t i = 0; i < record->count && !v->out_of_memory; i++)
        verify_field(v, &v->d->fields[record->first + i], base, path, declaration);
}

static void verify_record(struct verifier *v, uint32_t index)
{
    const sb_type *type = &v->d->types[v->d->declarations[index].type];
    if ((type->flags & SB_TYPE_COMPLETE) == 0 || type->name == 0)
        return;
    /* The bytes of " struct NAME" follow different words, so they are hashed for each. */
    const char *word = type->kind == SB_UNION ? "union " : "struct ";
    const char *name = sb_string(v->d, type->name);
    uint64_t size = fnv_text(fnv_text(fnv_text(FNV_START, "sizeof "), word), name);
    uint64_t align = fnv_text(fnv_text(fnv_text(FNV_START, "alignof "), word), name);
    uint64_t members = fnv_text(fnv_text(fnv_text(FNV_START, "members "), word), name);
    uint64_t offset = fnv_text(fnv_text(fnv_text(FNV_START, "offsetof "), word), name);
    sb_mismatch what = {.declaration = index, .member = SB_NONE};
    what.fact = SB_FACT_SIZE;
    what.described = type->size;
    compare(v, size, what);
    what.fact = SB_FACT_ALIGN;
    what.described = type->align;
    compare(v, align, what);
    what.fact = SB_FACT_MEMBERS;
    compare_digest(v, members, what);
    verify_fields(v, type, 0, fnv_text(offset, "."), index);
}

static void verify_enum(struct verifier *v, uint32_t index)
{
    const sb_type *type = &v->d->types[v->d->declarations[index].type];
    if ((type->flags & SB_TYPE_COMPLETE) == 0)
        return;
    if (type->name != 0)
        compare(v, fnv_text(fnv_text(FNV_START, "sizeof enum "), sb_string(v->d, type->name)),
                (sb_mismatch){.declaration = index,
                              .fact = SB_FACT_SIZE,
                              .member = SB_NONE,
                              .described = type->size});
    uint64_t path = fnv_text(FNV_START, "enumerator ");
    for (uint32_t i = 0; i < type->count && !v->out_of_memory; i++) {
        const sb_enumerator *enumerator = &v->d->enumerators[type->first + i];
        compare(v, fnv_text(path, sb_string(v->d, enumerator->name)),
                (sb_mismatch){.declaration = index,
                              .fact = SB_FACT_ENUMERATOR,
                              .member = type->first + i,
                              .described = (uint64_t)enumerator->value});
    }
}

static void verify_constant(struct verifier *v, uint32_t index)
{
    const sb_declaration *declared = &v->d->declarations[index];
    const sb_constant *constant = &declared->constant;
    bool is_number = constant->kind == SB_CONST_INT || constant->kind == SB_CONST_UINT;
    if (!is_number)
        return;
    compare(v, fnv_text(fnv_text(FNV_START, "constant "), sb_string(v->d, declared->name)),
            (sb_mismatch){.declaration = index,
                          .fact = SB_FACT_CONSTANT,
                          .member = SB_NONE,
                          .described = constant->kind == SB_CONST_INT ? (uint64_t)constant->as.i
                                                                      : constant->as.u});
}

static void verify_declaration(struct verifier *v, uint32_t index)
{
    switch ((sb_declaration_kind)v->d->declarations[index].kind) {
    case SB_DECL_FUNCTION:
    case SB_DECL_VARIABLE:
        verify_prototype(v, index);
        break;
    case SB_DECL_RECORD:
        verify_record(v, index);
        break;
    case SB_DECL_ENUM:
        verify_enum(v, index);
        break;
    case SB_DECL_CONSTANT:
        verify_constant(v, index);
        break;
    case SB_DECL_TYPEDEF:
    case SB_DECL_FILE:
        break;
    }
}

sb_status sb_verify(const sb_description *d, const void *facts, size_t size, sb_mismatch **out,
                    size_t *count, size_t *verified, sb_error *error)
{
    struct verifier v = {.d = d};
    uint32_t header[2];
    *out = NULL;
    *count = *verified = 0;
    if (size < HEADER_SIZE)
        return failure(error, SB_ERROR_LIBRARY, "its facts end within their header, after %zu bytes",
                       size);
    memcpy(header, facts, sizeof header);
    if (header[0] != SB_FACTS_FORMAT)
        return failure(error, SB_ERROR_LIBRARY,
                       "its facts are in format %lu, and this version of symbridge knows %d; use a "
                       "later version", (unsigned long)header[0], SB_FACTS_FORMAT);
    if (header[1] != (size - HEADER_SIZE) / FACT_SIZE || (size - HEADER_SIZE) % FACT_SIZE != 0)
        return failure(error, SB_ERROR_LIBRARY,
                       "its facts claim to be %lu, but have %zu bytes, not %llu",
                       (unsigned long)header[1], size,
                       (unsigned long long)header[1] * FACT_SIZE + HEADER_SIZE);
    v.facts = (const unsigned char *)facts + HEADER_SIZE;
    v.count = header[1];
    for (uint32_t i = 0; i < d->declaration_count && !v.out_of_memory; i++)
        verify_declaration(&v, i);
    memory_free(v.sorted);
    if (v.out_of_memory) {
        memory_free(v.mismatches);
        return failure(error, SB_ERROR_MEMORY, "out of memory");
    }
    *out = v.mismatches;
    *count = v.mismatch_count;
    *verified = v.verified;
    return SB_OK;
}
