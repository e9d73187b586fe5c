/* words.c - how often each word occurs in a text. */
#include "internal.h"

#include <assert.h>
#include <stdbool.h>
#include <string.h>

/* The sizes that the tables begin with; both double whenever they are full. */
#define FIRST_ENTRIES 16
#define FIRST_SLOTS   64 /* a power of 2 */

/* A word that was found; text points into the caller's text. */
struct entry {
    const char *text;
    size_t length;
    uint64_t hash;
    uint64_t count;
};

/* The words found so far, for the length of one call: entries in order of first appearance, and
 * an open-addressed hash table of their indices. slots[i] is an index into entries plus 1, or 0
 * when it is free; at most half of the slots are taken. */
struct table {
    struct entry *entries;
    size_t used;
    size_t capacity;
    size_t *slots;
    size_t n_slots; /* a power of 2 */
};

/* ---- UTF-8 ----------------------------------------------------------------------------------- */

/* Reads the character at *at and moves past it. False, without moving, when it is malformed: cut
 * short, longer than necessary, a surrogate, or beyond U+10FFFF. The NUL at the text's end stops
 * every read, as it is no continuation byte. */
static bool decode(const char **at, uint32_t *character)
{
    static const uint32_t least[] = {0, 0x80, 0x800, 0x10000};
    const unsigned char *bytes = (const unsigned char *)*at;
    uint32_t value = bytes[0];
    unsigned following;

    if (value < 0x80) {
        following = 0;
    } else if (value >= 0xc2 && value < 0xe0) {
        following = 1;
        value &= 0x1f;
    } else if (value >= 0xe0 && value < 0xf0) {
        following = 2;
        value &= 0x0f;
    } else if (value >= 0xf0 && value < 0xf5) {
        following = 3;
        value &= 0x07;
    } else {
        return false;
    }
    for (unsigned i = 1; i <= following; i++) {
        if ((bytes[i] & 0xc0) != 0x80) {
            return false;
        }
        value = value << 6 | (bytes[i] & 0x3f);
    }
    if (value < least[following] || value > 0x10ffff || (value >= 0xd800 && value < 0xe000)) {
        return false;
    }
    *at += following + 1;
    *character = value;
    return true;
}

/* ---- characters ------------------------------------------------------------------------------ */

/* What separates words, as documented in core/text.h, in ascending order without overlaps. Taken
 * from the Unicode Character Database: White_Space of PropList.txt, general category Cc, and in the
 * blocks named there the categories P, S, Z and Cf. */
static const struct range {
    uint32_t first;
    uint32_t last;
} separators[] = {
    {0x0000, 0x002f}, /* controls, space, punctuation */
    {0x003a, 0x0040},
    {0x005b, 0x0060},
    {0x007b, 0x00a9}, /* punctuation, DEL, the controls of Latin-1, its punctuation */
    {0x00ab, 0x00b1}, /* all but the feminine ordinal */
    {0x00b4, 0x00b4}, /* between the superscripts and the micro sign */
    {0x00b6, 0x00b8},
    {0x00bb, 0x00bb},
    {0x00bf, 0x00bf},
    {0x00d7, 0x00d7}, /* times */
    {0x00f7, 0x00f7}, /* divided by */
    {0x1680, 0x1680}, /* Ogham space mark */
    {0x2000, 0x200b}, /* General Punctuation; the joiners U+200C and U+200D belong to words */
    {0x200e, 0x206f},
    {0x3000, 0x3004}, /* CJK Symbols and Punctuation; the iteration mark and zero are of words */
    {0x3008, 0x3020},
    {0x3030, 0x3030},
    {0x3036, 0x3037},
    {0x303d, 0x303f},
    {0xfeff, 0xfeff}, /* the byte order mark */
    {0xff01, 0xff0f}, /* Fullwidth Forms of the ASCII punctuation, and halfwidth CJK punctuation */
    {0xff1a, 0xff20},
    {0xff3b, 0xff40},
    {0xff5b, 0xff65},
    {0xffe0, 0xffee}, /* fullwidth and halfwidth symbols */
};

static bool is_separator(uint32_t character)
{
    size_t low = 0;
    size_t high = sizeof separators / sizeof separators[0];

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (character > separators[middle].last) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < sizeof separators / sizeof separators[0] && character >= separators[low].first;
}

/* Apostrophes and hyphens, which join the parts of one word. */
static bool is_joiner(uint32_t character)
{
    return character == '\'' || character == '-' || character == 0x2010 || character == 0x2011 ||
           character == 0x2019;
}

/* ---- the table ------------------------------------------------------------------------------- */

/* FNV-1a with 64 bits: http://www.isthe.com/chongo/tech/comp/fnv/ */
static uint64_t hash_of(const char *text, size_t length)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);

    for (size_t i = 0; i < length; i++) {
        hash = (hash ^ (unsigned char)text[i]) * UINT64_C(0x100000001b3);
    }
    return hash;
}

/* Makes the slots twice as many. False, with the failure recorded, when there is no memory. */
static bool rehash(struct table *table)
{
    size_t n_slots = table->n_slots > 0 ? 2 * table->n_slots : FIRST_SLOTS;
    size_t *slots = core_allocate(n_slots * sizeof *slots);

    if (slots == NULL) {
        (void)core_fail_memory(n_slots * sizeof *slots);
        return false;
    }
    memset(slots, 0, n_slots * sizeof *slots);
    for (size_t i = 0; i < table->used; i++) {
        size_t slot = (size_t)table->entries[i].hash & (n_slots - 1);

        while (slots[slot] != 0) {
            slot = (slot + 1) & (n_slots - 1);
        }
        slots[slot] = i + 1;
    }
    core_free(table->slots);
    table->slots = slots;
    table->n_slots = n_slots;
    return true;
}

/* Makes room for one more entry. False, with the failure recorded, when there is no memory. */
static bool reserve_entry(struct table *table)
{
    size_t capacity = table->capacity > 0 ? 2 * table->capacity : FIRST_ENTRIES;
    struct entry *entries;

    if (table->used < table->capacity) {
        return true;
    }
    entries = core_reallocate(table->entries, capacity * sizeof *entries);
    if (entries == NULL) {
        (void)core_fail_memory(capacity * sizeof *entries);
        return false;
    }
    table->entries = entries;
    table->capacity = capacity;
    return true;
}

static enum core_status count_word(struct table *table, const char *text, size_t length)
{
    uint64_t hash = hash_of(text, length);
    size_t slot;

    if (2 * (table->used + 1) > table->n_slots && !rehash(table)) {
        return CORE_NOMEM;
    }
    slot = (size_t)hash & (table->n_slots - 1);
    while (table->slots[slot] != 0) {
        struct entry *entry = &table->entries[table->slots[slot] - 1];

        assert(table->entries != NULL && table->slots[slot] <= table->used);
        if (entry->hash == hash && entry->length == length &&
            memcmp(entry->text, text, length) == 0) {
            entry->count++;
            return CORE_OK;
        }
        slot = (slot + 1) & (table->n_slots - 1);
    }
    if (!reserve_entry(table)) {
        return CORE_NOMEM;
    }
    table->entries[table->used] = (struct entry){text, length, hash, 1};
    table->used++;
    table->slots[slot] = table->used;
    return CORE_OK;
}

/* ---- the text -------------------------------------------------------------------------------- */

/* Splits text into words and counts them. */
static enum core_status count_words(struct table *table, const char *text)
{
    const char *at = text;
    const char *word = NULL; /* where the current word begins, or NULL between words */
    const char *end = NULL;  /* where it ends, as far as is known */
    bool joining = false;    /* a single joiner stands between end and at */

    for (;;) {
        const char *here = at;
        uint32_t character;

        if (!decode(&at, &character)) {
            return core_fail(CORE_INVALID, "text is not UTF-8 at byte %zu", (size_t)(here - text));
        }
        if (!is_separator(character)) {
            if (word == NULL) {
                word = here;
            }
            end = at;
            joining = false;
        } else if (word != NULL && is_joiner(character) && !joining) {
            joining = true;
        } else {
            if (word != NULL) {
                enum core_status status = count_word(table, word, (size_t)(end - word));

                if (status != CORE_OK) {
                    return status;
                }
            }
            word = NULL;
            joining = false;
        }
        if (character == 0) {
            return CORE_OK;
        }
    }
}

/* Copies the words and counts out of the table, into the two blocks that the caller will own. */
static enum core_status deliver_words(const struct table *table, char ***words, uint64_t **counts,
                                      size_t *n)
{
    size_t pointers_size = (table->used + 1) * sizeof(char *);
    size_t counts_size = (table->used > 0 ? table->used : 1) * sizeof(uint64_t);
    size_t size = pointers_size;
    char **pointers;
    uint64_t *numbers;
    char *to;

    for (size_t i = 0; i < table->used; i++) {
        size += table->entries[i].length + 1;
    }
    pointers = core_allocate(size);
    if (pointers == NULL) {
        return core_fail_memory(size);
    }
    numbers = core_allocate(counts_size);
    if (numbers == NULL) {
        core_free(pointers);
        return core_fail_memory(counts_size);
    }
    to = (char *)pointers + pointers_size;
    for (size_t i = 0; i < table->used; i++) {
        const struct entry *entry = &table->entries[i];

        pointers[i] = to;
        numbers[i] = entry->count;
        memcpy(to, entry->text, entry->length);
        to[entry->length] = '\0';
        to += entry->length + 1;
    }
    pointers[table->used] = NULL;
    *words = pointers;
    *counts = numbers;
    *n = table->used;
    return CORE_OK;
}

enum core_status core_word_count(const char *text, char ***words, uint64_t **counts, size_t *n)
{
    struct table table = {0};
    enum core_status status;

    if (text == NULL) {
        return core_fail_null("text");
    }
    if (words == NULL) {
        return core_fail_null("words");
    }
    if (counts == NULL) {
        return core_fail_null("counts");
    }
    if (n == NULL) {
        return core_fail_null("n");
    }
    status = count_words(&table, text);
    if (status == CORE_OK) {
        status = deliver_words(&table, words, counts, n);
    }
    core_free(table.entries);
    core_free(table.slots);
    return status;
}
