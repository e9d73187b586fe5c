/* item.c - what an item of a buffer is: the format of a record, as PEP 3118 and NumPy write it, and
 * whether the items of a buffer lie as a record does.
 *
 * A format that is written here is native ("@", which is the default) where every number lies at
 * its natural alignment, else native without alignment ("^"). All padding is explicit. Bit-fields,
 * unions without a name and hidden fields are padding; named unions and 128-bit integers are
 * bytes.
 */
#include "item.h"

/* ---- writing --------------------------------------------------------------------------------- */

#define FORMAT_MAX 65536 /* bytes of a format */

typedef struct writer {
    const sb_description *d;
    char *text; /* PyMem; NULL when memory ran out */
    size_t length, capacity;
} writer;

static void put(writer *w, const char *more)
{
    size_t n = strlen(more);
    if (w->text != NULL && w->length + n + 1 > w->capacity) {
        size_t capacity = (w->length + n + 1) * 2;
        char *grown = capacity > FORMAT_MAX ? NULL : PyMem_Realloc(w->text, capacity);
        if (grown == NULL)
            PyMem_Free(w->text);
        w->text = grown;
        w->capacity = capacity;
    }
    if (w->text == NULL)
        return;
    memcpy(w->text + w->length, more, n + 1);
    w->length += n;
}

static void put_number(writer *w, const char *before, uint64_t n, const char *after)
{
    char text[32];
    snprintf(text, sizeof text, "%s%llu%s", before, (unsigned long long)n, after);
    put(w, text);
}

static bool is_record(const sb_type *t)
{
    return t->kind == SB_STRUCT || t->kind == SB_UNION;
}

/* The alignment that the numbers within ask for, whatever the record's own is; 0 with something
 * that does not lie at its natural alignment. */
static uint32_t natural_alignment(const sb_description *d, sb_type_id id)
{
    const sb_type *t = &d->types[id];
    while (t->kind == SB_ARRAY)
        t = &d->types[t->target];
    if (t->kind != SB_STRUCT)
        return t->kind == SB_UNION ? 1 : t->align;
    uint32_t most = 1;
    for (uint32_t i = 0; i < t->count; i++) {
        const sb_field *f = &d->fields[t->first + i];
        if (f->bit_width != 0 || d->types[f->value.type].size == 0)
            continue;
        uint32_t own = natural_alignment(d, f->value.type);
        if (own == 0 || f->offset % own != 0)
            return 0;
        if (own > most)
            most = own;
    }
    return t->size % most == 0 ? most : 0;
}

static void write_type(writer *w, sb_type_id id);

/* The members of a struct from `at` on; returns where they end. `base`: the struct's own offset. */
static uint64_t write_members(writer *w, const sb_type *t, uint64_t base, uint64_t at)
{
    for (uint32_t i = 0; i < t->count; i++) {
        const sb_field *f = &w->d->fields[t->first + i];
        const sb_value *v = &f->value;
        const sb_type *inner = &w->d->types[v->type];
        uint64_t offset = base + f->offset;
        bool within = is_record(inner) && (v->name == 0 || v->flags & SB_VALUE_BASE);
        if (f->bit_width != 0 || inner->size == 0 || offset < at)
            continue;
        if (within && inner->kind == SB_STRUCT) {
            at = write_members(w, inner, offset, at);
            continue;
        }
        if (v->py_name == 0 || v->flags & SB_VALUE_HIDDEN || within)
            continue;
        if (offset > at)
            put_number(w, "", offset - at, "x");
        write_type(w, v->type);
        put(w, ":");
        put(w, sb_string(w->d, v->py_name));
        put(w, ":");
        at = offset + inner->size;
    }
    return at;
}

static void write_scalar(writer *w, sb_type_id id)
{
    op code = scalar_op(w->d, id);
    uint64_t size = w->d->types[id].size;
    char format[3] = {scalar_format(code), '\0', '\0'};
    if (code == OP_ADDRESS) {
        format[0] = scalar_format(sizeof(void *) == 8 ? OP_U64 : OP_U32);
    }
    else if (code == OP_CFLOAT || code == OP_CDOUBLE || code == OP_CLDOUBLE) {
        format[0] = 'Z';
        format[1] = code == OP_CFLOAT ? 'f' : code == OP_CDOUBLE ? 'd' : 'g';
    }
    else if (code == OP_LDOUBLE) {
        format[0] = 'g';
    }
    else if (code == OP_WIDE32) {
        format[0] = 'w';
    }
    else if (code == OP_WIDE16) {
        format[0] = 'H';
    }
    if (format[0] == '\0')
        put_number(w, "(", size, ")B");
    else
        put(w, format);
}

/* Rows of an array, then its element; the last row of an array of characters is one text. */
static void write_array(writer *w, const sb_type *t)
{
    const char *separator = "(";
    for (;;) {
        const sb_type *element = &w->d->types[t->target];
        uint64_t n = element->size == 0 ? 0 : t->size / element->size;
        bool wide = element->kind == SB_WIDE && element->size == 4;
        if (element->kind == SB_CHAR || wide) {
            put(w, separator[0] == '(' ? "" : ")");
            put_number(w, "", n, wide ? "w" : "s");
            return;
        }
        put_number(w, separator, n, "");
        separator = ",";
        if (element->kind != SB_ARRAY)
            break;
        t = element;
    }
    put(w, ")");
    write_type(w, t->target);
}

static void write_type(writer *w, sb_type_id id)
{
    const sb_type *t = &w->d->types[id];
    switch ((sb_kind)t->kind) {
    case SB_ARRAY:
        write_array(w, t);
        break;
    case SB_STRUCT: {
        put(w, "T{");
        uint64_t end = write_members(w, t, 0, 0);
        if (end < t->size)
            put_number(w, "", t->size - end, "x");
        put(w, "}");
        break;
    }
    case SB_UNION:
        put_number(w, "(", t->size, ")B");
        break;
    default:
        write_scalar(w, id);
    }
}

char *item_format_new(const sb_description *d, sb_type_id element)
{
    writer w = {.d = d, .text = PyMem_Malloc(64), .capacity = 64};
    if (w.text != NULL)
        w.text[0] = '\0';
    if (natural_alignment(d, element) == 0)
        put(&w, "^");
    write_type(&w, element);
    if (w.text == NULL)
        PyErr_NoMemory();
    return w.text;
}

/* ---- a map of a record --------------------------------------------------------------------------
 *
 * One byte for each byte of the record: what number begins there, CONTINUED within a number, 0
 * where the record has none. */

#define MAP_MAX 65536  /* bytes of a record whose map is made; larger ones go by their size alone */
#define MAP_ON_STACK 256
#define CONTINUED 0xFF

typedef enum number_class { NUMBER_SIGNED = 1, NUMBER_UNSIGNED, NUMBER_FLOAT, NUMBER_COMPLEX,
                            NUMBER_BOOL } number_class;

/* Not 0 and not CONTINUED. What has one byte is the same by any name, but for bool. */
static unsigned char map_code(number_class class, size_t size)
{
    unsigned log = 0;
    while ((size_t)1 << log < size && log < 7)
        log++;
    if (size == 1 && class != NUMBER_BOOL)
        class = NUMBER_UNSIGNED;
    return (unsigned char)((unsigned)class << 3 | log);
}

static void map_number(unsigned char *map, number_class class, size_t size)
{
    map[0] = map_code(class, size);
    memset(map + 1, CONTINUED, size - 1);
}

static void map_type(const sb_description *d, sb_type_id id, unsigned char *map)
{
    const sb_type *t = &d->types[id];
    if (t->size == 0)
        return;
    if (t->kind == SB_ARRAY) {
        uint64_t each = d->types[t->target].size;
        for (uint64_t at = 0; each > 0 && at + each <= t->size; at += each)
            map_type(d, t->target, map + at);
        return;
    }
    if (t->kind == SB_STRUCT) {
        for (uint32_t i = 0; i < t->count; i++) {
            const sb_field *f = &d->fields[t->first + i];
            if (f->bit_width == 0)
                map_type(d, f->value.type, map + f->offset);
        }
        return;
    }
    op code = scalar_op(d, id);
    number_class class = code == OP_BOOL                            ? NUMBER_BOOL
                         : code >= OP_CFLOAT && code <= OP_CLDOUBLE ? NUMBER_COMPLEX
                         : code >= OP_FLOAT && code <= OP_LDOUBLE   ? NUMBER_FLOAT
                         : code == OP_I16 || code == OP_I32 || code == OP_I64 ? NUMBER_SIGNED
                                                                              : NUMBER_UNSIGNED;
    if (t->kind != SB_UNION && code != OP_NONE && code != OP_I128 && code != OP_U128)
        map_number(map, class, (size_t)t->size);
}

/* ---- reading --------------------------------------------------------------------------------- */

#define READER_NESTING 12 /* structs within structs: each is read twice */

typedef struct reader {
    const char *p;
    const unsigned char *map; /* NULL: only sizes are asked for */
    size_t size;              /* bytes of map */
    char mode;                /* @ = < > ! ^ */
    bool failed;
    int depth;
} reader;

static size_t align_up(size_t n, size_t alignment)
{
    return alignment == 0 ? n : (n + alignment - 1) / alignment * alignment;
}

/* One number of a format: false when it does not lie where the record has one like it. */
static bool fits_map(const reader *r, size_t at, number_class class, size_t size)
{
    if (r->map == NULL)
        return true;
    if (at > r->size || size > r->size - at)
        return false;
    if (r->map[at] == map_code(class, size))
        return true;
    for (size_t i = 0; i < size; i++)
        if (r->map[at + i] != 0)
            return false;
    return true;
}

/* Letters of formats: X(letter, class, C type, bytes where sizes are standard) */
#define LETTERS(X)                                                                              \
    X('b', NUMBER_SIGNED, signed char, 1)                                                       \
    X('B', NUMBER_UNSIGNED, unsigned char, 1)                                                   \
    X('c', NUMBER_UNSIGNED, char, 1)                                                            \
    X('s', NUMBER_UNSIGNED, char, 1)                                                            \
    X('p', NUMBER_UNSIGNED, char, 1)                                                            \
    X('?', NUMBER_BOOL, _Bool, 1)                                                               \
    X('h', NUMBER_SIGNED, short, 2)                                                             \
    X('H', NUMBER_UNSIGNED, unsigned short, 2)                                                  \
    X('i', NUMBER_SIGNED, int, 4)                                                               \
    X('I', NUMBER_UNSIGNED, unsigned int, 4)                                                    \
    X('l', NUMBER_SIGNED, long, 4)                                                              \
    X('L', NUMBER_UNSIGNED, unsigned long, 4)                                                   \
    X('q', NUMBER_SIGNED, long long, 8)                                                         \
    X('Q', NUMBER_UNSIGNED, unsigned long long, 8)                                              \
    X('n', NUMBER_SIGNED, ptrdiff_t, sizeof(ptrdiff_t))                                         \
    X('N', NUMBER_UNSIGNED, size_t, sizeof(size_t))                                             \
    X('P', NUMBER_UNSIGNED, void *, sizeof(void *))                                             \
    X('u', NUMBER_UNSIGNED, uint16_t, 2)                                                        \
    X('w', NUMBER_UNSIGNED, uint32_t, 4)                                                        \
    X('f', NUMBER_FLOAT, float, 4)                                                              \
    X('d', NUMBER_FLOAT, double, 8)                                                             \
    X('g', NUMBER_FLOAT, long double, sizeof(long double))

typedef struct letter {
    char letter;
    uint8_t class, native, alignment, standard;
} letter;

static const letter letters[] = {
#define X(letter_, class_, ctype_, standard_)                                                   \
    {letter_, class_, sizeof(ctype_), _Alignof(ctype_), standard_},
    LETTERS(X)
#undef X
};

static const letter *find_letter(char wanted)
{
    for (size_t i = 0; i < sizeof letters / sizeof *letters; i++)
        if (letters[i].letter == wanted)
            return &letters[i];
    return NULL;
}

static uint64_t read_number(reader *r)
{
    uint64_t n = 0;
    while (*r->p >= '0' && *r->p <= '9' && n <= UINT32_MAX)
        n = n * 10 + (uint64_t)(*r->p++ - '0');
    if (n > UINT32_MAX)
        r->failed = true;
    return n;
}

/* "(2,3)" and "4": how many there are. */
static uint64_t read_count(reader *r)
{
    uint64_t count = 1;
    if (*r->p == '(') {
        do {
            r->p++;
            uint64_t n = read_number(r);
            if (n != 0 && count > UINT32_MAX / n)
                r->failed = true;
            else
                count *= n;
        } while (*r->p == ',' && !r->failed);
        if (*r->p != ')')
            r->failed = true;
        else
            r->p++;
    }
    if (*r->p >= '0' && *r->p <= '9') {
        uint64_t n = read_number(r);
        if (n != 0 && count > UINT32_MAX / n)
            r->failed = true;
        else
            count *= n;
    }
    return count;
}

static size_t read_items(reader *r, size_t at, size_t *alignment);

/* `count` structs; p is behind "T{". */
static size_t read_structs(reader *r, size_t at, uint64_t count, size_t *alignment)
{
    reader dry = *r;
    dry.map = NULL;
    if (++r->depth > READER_NESTING) {
        r->failed = true;
        return at;
    }
    dry.depth = r->depth;
    size_t size = read_items(&dry, 0, alignment);
    if (dry.failed || *dry.p != '}') {
        r->failed = true;
        return at;
    }
    bool native = r->mode == '@';
    size_t stride = native ? align_up(size, *alignment) : size;
    if (native)
        at = align_up(at, *alignment);
    if (count > 0 && stride > 0 && count > (SIZE_MAX / 2 - at) / stride) {
        r->failed = true;
        return at;
    }
    const char *start = r->p;
    char mode = r->mode;
    for (uint64_t i = 0; i < count && stride > 0 && r->map != NULL && !r->failed; i++) {
        size_t ignored;
        r->p = start;
        r->mode = mode;
        (void)read_items(r, at + (size_t)i * stride, &ignored);
    }
    r->p = dry.p + 1;
    r->mode = dry.mode;
    r->depth--;
    return at + (size_t)count * stride;
}

static size_t read_numbers(reader *r, size_t at, uint64_t count, size_t *alignment)
{
    bool complex = *r->p == 'Z';
    if (complex)
        r->p++;
    if (*r->p == 'x' && !complex) {
        r->p++;
        return at + (size_t)count;
    }
    const letter *l = find_letter(*r->p);
    if (l == NULL) {
        r->failed = true;
        return at;
    }
    r->p++;
    bool native = r->mode == '@' || r->mode == '^';
    size_t size = native ? l->native : l->standard;
    number_class class = complex ? NUMBER_COMPLEX : (number_class)l->class;
    if (complex)
        size *= 2;
    bool foreign = r->mode == (PY_BIG_ENDIAN ? '<' : '>') || (!PY_BIG_ENDIAN && r->mode == '!');
    if ((foreign && size > 1) || (complex && l->class != NUMBER_FLOAT))
        r->failed = true;
    if (r->mode == '@') {
        at = align_up(at, l->alignment);
        *alignment = l->alignment;
    }
    if (r->map == NULL)
        return at + (size_t)count * size;
    for (uint64_t i = 0; i < count && !r->failed; i++, at += size)
        r->failed = !fits_map(r, at, class, size);
    return at;
}

/* Items up to a "}" or the end; returns where they end. */
static size_t read_items(reader *r, size_t at, size_t *alignment)
{
    *alignment = 1;
    while (!r->failed && *r->p != '\0' && *r->p != '}') {
        if (strchr("@=<>!^", *r->p) != NULL) {
            r->mode = *r->p++;
            continue;
        }
        if (*r->p == ' ') {
            r->p++;
            continue;
        }
        uint64_t count = read_count(r);
        size_t own = 1;
        if (r->failed)
            break;
        if (r->p[0] == 'T' && r->p[1] == '{') {
            r->p += 2;
            at = read_structs(r, at, count, &own);
        }
        else {
            at = read_numbers(r, at, count, &own);
        }
        if (own > *alignment)
            *alignment = own;
        if (*r->p == ':') {
            const char *end = strchr(r->p + 1, ':');
            r->failed |= end == NULL;
            r->p = end == NULL ? r->p : end + 1;
        }
        if (at > SIZE_MAX / 4)
            r->failed = true;
    }
    return at;
}

/* How many items of the buffer are one record: more than one where the last rows of an array of
 * numbers are records. 0: they are no records. */
static size_t items_of_record(const Py_buffer *view, size_t size)
{
    size_t item = (size_t)view->itemsize, items = 1;
    if (item == size)
        return 1;
    for (int i = view->ndim - 1; i >= 1 && view->shape != NULL && item > 0; i--) {
        if (view->shape[i] <= 0 || (size_t)view->shape[i] > size / item)
            return 0;
        items *= (size_t)view->shape[i];
        item *= (size_t)view->shape[i];
        if (item == size)
            return items;
    }
    return 0;
}

bool item_matches(const sb_description *d, sb_type_id record, const Py_buffer *view)
{
    size_t size = (size_t)d->types[record].size;
    size_t items = items_of_record(view, size);
    if (items == 0 || size > MAP_MAX)
        return items != 0;
    unsigned char on_stack[MAP_ON_STACK], *map = on_stack;
    if (size > sizeof on_stack) {
        map = PyMem_Malloc(size);
        if (map == NULL)
            return false;
    }
    memset(map, 0, size);
    map_type(d, record, map);
    const char *format = view->format == NULL ? "B" : view->format;
    bool fits = true;
    for (size_t i = 0; i < items && fits; i++) {
        size_t alignment, at = i * (size_t)view->itemsize;
        reader r = {.p = format, .map = map, .size = size, .mode = '@'};
        size_t end = read_items(&r, at, &alignment);
        fits = !r.failed && *r.p == '\0' && end <= at + (size_t)view->itemsize;
    }
    if (map != on_stack)
        PyMem_Free(map);
    return fits;
}
