/* test_carried.c - what the library says of itself in ELF notes, read as any program can. */
#define _GNU_SOURCE /* dl_iterate_phdr */
#include <core/core.h>
#include <link.h>

#include "check.h"

/* The notes of the library that is loaded, by type; NULL when there is none. */
static struct {
    const char *bytes;
    uint32_t size;
} notes[3];

/* A note: the sizes of its owner's name and its content, its type, then both, each padded to 4. */
static void read_notes(const char *at, size_t left)
{
    while (left >= 12) {
        uint32_t head[3];
        memcpy(head, at, sizeof head);
        size_t owner = (head[0] + 3u) & ~(size_t)3, content = (head[1] + 3u) & ~(size_t)3;
        if (head[0] == sizeof "symbridge" && memcmp(at + 12, "symbridge", head[0]) == 0 &&
            head[2] < 3) {
            notes[head[2]].bytes = at + 12 + owner;
            notes[head[2]].size = head[1];
        }
        if (12 + owner + content > left)
            return;
        at += 12 + owner + content;
        left -= 12 + owner + content;
    }
}

static int look_at(struct dl_phdr_info *object, size_t size, void *unused)
{
    const char *slash = strrchr(object->dlpi_name, '/');
    (void)size;
    (void)unused;
    if (strncmp(slash != NULL ? slash + 1 : object->dlpi_name, "libcore.so", 10) != 0)
        return 0;
    for (int i = 0; i < object->dlpi_phnum; i++) {
        const ElfW(Phdr) *segment = &object->dlpi_phdr[i];
        if (segment->p_type == PT_NOTE)
            read_notes((const char *)(uintptr_t)(object->dlpi_addr + segment->p_vaddr),
                       segment->p_memsz);
    }
    return 0;
}

static void it_carries_its_description(void)
{
    static const char begin[] = "/* core.bridge - ";

    if (CHECK(notes[1].bytes != NULL)) {
        CHECK(notes[1].size > 10000);
        CHECK(memcmp(notes[1].bytes, begin, sizeof begin - 1) == 0);
        CHECK(notes[1].bytes[notes[1].size - 1] == '\n');
    }
}

/* Facts are found by the FNV-1a hash of a text. */
static int fact(const char *text, uint64_t *value)
{
    uint64_t hash = 0xcbf29ce484222325u;
    uint32_t head[2] = {0, 0}, row[4];

    for (; *text != '\0'; text++)
        hash = (hash ^ (unsigned char)*text) * 0x100000001b3u;
    if (notes[2].bytes != NULL)
        memcpy(head, notes[2].bytes, sizeof head);
    for (uint32_t i = 0; i < head[1]; i++) {
        memcpy(row, notes[2].bytes + 8 + i * sizeof row, sizeof row);
        if (row[0] == (uint32_t)hash && row[1] == (uint32_t)(hash >> 32)) {
            *value = (uint64_t)row[3] << 32 | row[2];
            return 1;
        }
    }
    return 0;
}

static void it_carries_facts(void)
{
    uint64_t value = 0;

    CHECK(notes[2].size % 16 == 8);
    if (CHECK(fact("sizeof struct core_point3", &value)))
        CHECK_UINT(value, sizeof(core_point3));
    if (CHECK(fact("offsetof struct core_date.day", &value)))
        CHECK_UINT(value, offsetof(core_date, day));
    if (CHECK(fact("enumerator CORE_TRUNCATED", &value)))
        CHECK_UINT(value, CORE_TRUNCATED);
    if (CHECK(fact("constant CORE_YEAR_MAX", &value)))
        CHECK_UINT(value, CORE_YEAR_MAX);
    CHECK(fact("function core_fact", &value));
    CHECK(!fact("function core_fax", &value));
}

static const struct test tests[] = {
    TEST(it_carries_its_description),
    TEST(it_carries_facts),
};

int main(void)
{
    (void)core_version(); /* so that the linker takes the library, and the loader loads it */
    (void)dl_iterate_phdr(look_at, NULL);
    return RUN_TESTS(tests);
}
