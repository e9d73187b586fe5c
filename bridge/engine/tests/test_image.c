/* test_image.c - library files: crafted ones, hostile ones, and the machine's own. */
#include "check.h"
#include "elf_file.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static elf_file file; /* of the test that runs */

/* ---- helpers --------------------------------------------------------------------------------------- */

static sb_image *open_bytes(const void *bytes, size_t size)
{
    sb_image *image = NULL;
    sb_error error;
    if (sb_image_of_bytes(bytes, size, "crafted", &image, &error) != SB_OK)
        fprintf(stderr, "%s\n", error.message);
    CHECK(image != NULL);
    if (image == NULL)
        exit(check_done("image"));
    return image;
}

static sb_image *made(int bits, bool big, unsigned options)
{
    elf_make(&file, bits, big, options);
    return open_bytes(file.bytes, file.size);
}

/* Keeps the first failure. */
static void keep(sb_status *kept, sb_status status, sb_error *error, const sb_error *latest)
{
    if (*kept == SB_OK && status != SB_OK) {
        *kept = status;
        *error = *latest;
    }
}

/* Asks for everything that an image can tell. SB_OK, or the first failure. */
static sb_status exercise(sb_image *image, sb_error *error)
{
    const sb_image_dynamic *dynamic;
    const uint8_t *bytes;
    size_t size;
    uint32_t count;
    sb_image_link link;
    sb_error latest;
    sb_status kept = SB_OK, status = sb_image_read_dynamic(image, &dynamic, &latest);
    keep(&kept, status, error, &latest);
    for (uint32_t i = 0; status == SB_OK && i < dynamic->needed_count; i++)
        CHECK(strlen(dynamic->needed[i]) < ELF_FILE_SIZE);
    keep(&kept, sb_image_symbols(image, &count, &latest), error, &latest);
    for (uint32_t i = 0; i < count; i++) {
        sb_image_symbol symbol;
        status = sb_image_symbol_at(image, i, &symbol, &latest);
        keep(&kept, status, error, &latest);
        if (status == SB_OK)
            CHECK(strlen(symbol.name) < ELF_FILE_SIZE);
    }
    bool found = true;
    for (uint32_t i = 0; found; i++) {
        sb_image_note note;
        keep(&kept, sb_image_note_at(image, i, &note, &found, &latest), error, &latest);
    }
    status = SB_OK;
    for (uint32_t i = 0; status == SB_OK && i < sb_image_head(image)->section_count; i++) {
        sb_image_section section;
        status = sb_image_section_at(image, i, &section, &latest);
        keep(&kept, status, error, &latest);
    }
    status = sb_image_note_of(image, "symbridge", 1, &bytes, &size, &latest);
    keep(&kept, status, error, &latest);
    keep(&kept, sb_image_build_id(image, &bytes, &size, &latest), error, &latest);
    keep(&kept, sb_image_debuglink(image, &link, &latest), error, &latest);
    keep(&kept, sb_image_debugaltlink(image, &link, &latest), error, &latest);
    return kept;
}

/* Opens and asks; whatever comes must be an answer or an error that says something. */
static sb_status try_bytes(const void *bytes, size_t size, sb_error *error)
{
    sb_image *image;
    error->status = SB_OK;
    error->message[0] = '\0';
    sb_status status = sb_image_of_bytes(bytes, size, "crafted", &image, error);
    CHECK((image != NULL) == (status == SB_OK));
    if (status == SB_OK)
        status = exercise(image, error);
    if (status != SB_OK) {
        CHECK(error->message[0] != '\0');
        CHECK(status == SB_ERROR_LIBRARY || status == SB_ERROR_LIMIT);
    }
    sb_image_close(image);
    return status;
}

static void refused(const char *text)
{
    sb_error error;
    CHECK(try_bytes(file.bytes, file.size, &error) != SB_OK);
    if (strstr(error.message, text) == NULL) {
        fprintf(stderr, "'%s' says nothing of '%s'\n", error.message, text);
        check_failures++;
    }
}

static bool is(const char *text, const char *expected)
{
    return text != NULL && expected != NULL ? strcmp(text, expected) == 0 : text == expected;
}

/* ---- what files say ------------------------------------------------------------------------------- */

typedef struct expected_symbol {
    const char *name, *version;
    uint8_t kind;
    bool defined, is_default, exported;
    uint64_t size;
} expected_symbol;

static void check_symbols(sb_image *image)
{
    static const expected_symbol expected[ELF_SYMBOL_COUNT] = {
        {"", NULL, SB_SYMBOL_OTHER, false, false, false, 0},
        {"malloc", "LIBC_1", SB_SYMBOL_FUNCTION, false, false, false, 0},
        {"one", "V2", SB_SYMBOL_FUNCTION, true, true, true, 16},
        {"one", "V1", SB_SYMBOL_FUNCTION, true, false, true, 17},
        {"datum", NULL, SB_SYMBOL_OBJECT, true, true, true, 8},
        {"local_time", NULL, SB_SYMBOL_THREAD_LOCAL, true, true, true, 4},
        {"chosen", "V2", SB_SYMBOL_IFUNC, true, true, true, 0},
        {"inner", NULL, SB_SYMBOL_FUNCTION, true, true, false, 5},
    };
    uint32_t count;
    sb_error error;
    CHECK(sb_image_symbols(image, &count, &error) == SB_OK);
    CHECK(count == ELF_SYMBOL_COUNT);
    for (uint32_t i = 0; i < count; i++) {
        const expected_symbol *e = &expected[i];
        sb_image_symbol symbol;
        CHECK(sb_image_symbol_at(image, i, &symbol, &error) == SB_OK);
        CHECK(is(symbol.name, e->name) && is(symbol.version, e->version));
        CHECK(symbol.kind == e->kind && symbol.defined == e->defined);
        CHECK(symbol.is_default == e->is_default && symbol.exported == e->exported);
        CHECK(symbol.size == e->size && symbol.value == (e->defined ? 0x1000 + i : 0));
        CHECK(is(symbol.version_file, i == 1 ? "libc.so.6" : NULL));
        CHECK(symbol.binding == (i == 0 ? STB_LOCAL : i == 4 ? STB_WEAK : STB_GLOBAL));
    }
    sb_image_symbol beyond;
    CHECK(sb_image_symbol_at(image, count, &beyond, &error) == SB_ERROR_LIBRARY);
}

static void check_notes(sb_image *image)
{
    static const char *const owners[] = {"Vendor", "GNU", "symbridge", "symbridge"};
    sb_error error;
    sb_image_note note;
    bool found;
    for (uint32_t i = 0; i < 4; i++) {
        CHECK(sb_image_note_at(image, i, &note, &found, &error) == SB_OK && found);
        CHECK(note.owner_length == strlen(owners[i]));
        CHECK(memcmp(note.owner, owners[i], note.owner_length) == 0);
    }
    CHECK(sb_image_note_at(image, 4, &note, &found, &error) == SB_OK && !found);
    const uint8_t *bytes;
    size_t size;
    CHECK(sb_image_note_of(image, "symbridge", 1, &bytes, &size, &error) == SB_OK);
    CHECK(size == 14 && memcmp(bytes, "int one(void);", 14) == 0);
    CHECK(sb_image_note_of(image, "symbridge", 2, &bytes, &size, &error) == SB_OK);
    CHECK(size == 5 && memcmp(bytes, "facts", 5) == 0);
    CHECK(sb_image_note_of(image, "symbridge", 3, &bytes, &size, &error) == SB_OK);
    CHECK(bytes == NULL && size == 0);
    CHECK(sb_image_build_id(image, &bytes, &size, &error) == SB_OK);
    CHECK(size == 3 && memcmp(bytes, "\x01\x23\x45", 3) == 0);
}

static void check_whole(sb_image *image, int bits, bool big)
{
    sb_error error;
    const sb_image_header *head = sb_image_head(image);
    CHECK(head->bits == bits && head->big_endian == big && head->type == ET_DYN);
    CHECK(head->machine == (big ? EM_PPC64 : EM_X86_64));
    const sb_image_dynamic *dynamic;
    CHECK(sb_image_read_dynamic(image, &dynamic, &error) == SB_OK && dynamic->present);
    CHECK(is(dynamic->soname, "libtest.so.1") && dynamic->rpath == NULL);
    CHECK(dynamic->needed_count == 1 && is(dynamic->needed[0], "libc.so.6"));
    check_symbols(image);
    check_notes(image);
}

static void files_of_all_kinds_say_the_same(void)
{
    static const unsigned options[] = {
        0,
        ELF_NO_SECTIONS,
        ELF_NO_SEGMENTS,
        ELF_NO_HASH,
        ELF_NO_GNU_HASH,
        ELF_NO_SECTIONS | ELF_NO_HASH,
        ELF_NO_SECTIONS | ELF_NO_GNU_HASH,
        ELF_NO_HASH | ELF_NO_GNU_HASH,
        ELF_WIDE_NOTES,
        ELF_WIDE_NOTES | ELF_NO_SECTIONS,
    };
    for (unsigned kind = 0; kind < 4; kind++)
        for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
            int bits = (kind & 1) != 0 ? 64 : 32;
            bool big = (kind & 2) != 0;
            sb_image *image = made(bits, big, options[i]);
            check_whole(image, bits, big);
            sb_image_close(image);
        }
}

static void sections_and_links_are_told(void)
{
    sb_image *image = made(64, false, 0);
    sb_error error;
    sb_image_section section;
    CHECK(sb_image_head(image)->section_count == ELF_SECTION_COUNT);
    CHECK(sb_image_section_at(image, ELF_SECTION_DYNAMIC, &section, &error) == SB_OK);
    CHECK(is(section.name, ".dynamic") && section.type == SHT_DYNAMIC);
    CHECK(section.offset == file.at[ELF_DYNAMIC] && section.alignment == 8);
    CHECK(section.size == file.at[ELF_STRINGS] - file.at[ELF_DYNAMIC]);
    CHECK(sb_image_section_at(image, ELF_SECTION_COUNT, &section, &error) == SB_ERROR_LIBRARY);
    sb_image_link link;
    CHECK(sb_image_debuglink(image, &link, &error) == SB_OK);
    CHECK(is(link.name, "one.debug") && link.crc == 0x89abcdef);
    CHECK(sb_image_debugaltlink(image, &link, &error) == SB_OK);
    CHECK(is(link.name, "shared.debug") && link.build_id_size == 3);
    CHECK(memcmp(link.build_id, "\x01\x02\x03", 3) == 0);
    sb_image_close(image);
    image = made(64, false, ELF_NO_SECTIONS);
    CHECK(sb_image_debuglink(image, &link, &error) == SB_OK && link.name == NULL);
    sb_image_close(image);
}

static void numbers_too_large_for_the_header_are_in_section_0(void)
{
    elf_make(&file, 64, false, 0);
    size_t first = file.at[ELF_SECTIONS];
    ELF_SET(&file, 0, Ehdr, e_shnum, 0);
    ELF_SET(&file, 0, Ehdr, e_shstrndx, SHN_XINDEX);
    ELF_SET(&file, 0, Ehdr, e_phnum, PN_XNUM);
    ELF_SET(&file, first, Shdr, sh_size, ELF_SECTION_COUNT);
    ELF_SET(&file, first, Shdr, sh_link, ELF_SECTION_NAMES);
    ELF_SET(&file, first, Shdr, sh_info, 3);
    sb_image *image = open_bytes(file.bytes, file.size);
    CHECK(sb_image_head(image)->segment_count == 3);
    check_whole(image, 64, false);
    sb_image_close(image);
}

static void debug_data_that_was_split_off_has_no_symbols(void)
{
    elf_make(&file, 64, false, 0);
    size_t dynamic = file.at[ELF_SECTIONS] + ELF_SECTION_DYNAMIC * sizeof(Elf64_Shdr);
    ELF_SET(&file, dynamic, Shdr, sh_type, SHT_NOBITS);
    memset(file.bytes + file.at[ELF_DYNAMIC], 0xee, 64); /* what lies there is something else */
    sb_image *image = open_bytes(file.bytes, file.size);
    const sb_image_dynamic *entries;
    sb_error error;
    uint32_t count = 1;
    CHECK(sb_image_read_dynamic(image, &entries, &error) == SB_OK && !entries->present);
    CHECK(sb_image_symbols(image, &count, &error) == SB_OK && count == 0);
    check_notes(image);
    sb_image_close(image);
}

/* ---- notes ----------------------------------------------------------------------------------------- */

/* Puts a note of symbridge's in the place of the first one, which is as long. */
static void second_note(const char *text)
{
    elf_make(&file, 64, false, 0);
    size_t start = file.at[ELF_NOTES], size = file.at[ELF_LINK] - start;
    uint8_t kept[ELF_FILE_SIZE];
    memcpy(kept, file.bytes + start, size);
    size_t whole = file.size;
    file.size = start;
    elf_add_note(&file, "symbridge", 1, text, strlen(text), 4);
    size_t used = file.size - start;
    size_t own = 12 + 12 + 16; /* of the note that stands third */
    size_t before = (12 + 8 + 4) + (12 + 4 + 4);
    memcpy(file.bytes + file.size, kept + before, own);
    memset(file.bytes + file.size + own, 0, size - used - own);
    file.size = whole;
}

static void notes_that_contradict_each_other_are_refused(void)
{
    second_note("int two(void);");
    sb_image *image = open_bytes(file.bytes, file.size);
    const uint8_t *bytes = (const uint8_t *)"";
    size_t size;
    sb_error error;
    CHECK(sb_image_note_of(image, "symbridge", 1, &bytes, &size, &error) == SB_ERROR_LIBRARY);
    CHECK(bytes == NULL && strstr(error.message, "two different notes") != NULL);
    sb_image_close(image);
    second_note("int one(void);");
    image = open_bytes(file.bytes, file.size);
    CHECK(sb_image_note_of(image, "symbridge", 1, &bytes, &size, &error) == SB_OK);
    CHECK(bytes != NULL && size == 14);
    sb_image_close(image);
}

static void what_comes_before_a_malformed_note_is_still_read(void)
{
    elf_make(&file, 64, false, 0);
    size_t facts = file.at[ELF_NOTES] + (12 + 8 + 4) + (12 + 4 + 4) + (12 + 12 + 16);
    elf_put(&file, facts + 4, 4, 0xffffff00);
    sb_image *image = open_bytes(file.bytes, file.size);
    const uint8_t *bytes;
    size_t size;
    sb_error error;
    CHECK(sb_image_note_of(image, "symbridge", 1, &bytes, &size, &error) == SB_OK);
    CHECK(bytes != NULL && size == 14);
    CHECK(sb_image_note_of(image, "symbridge", 2, &bytes, &size, &error) == SB_ERROR_LIBRARY);
    CHECK(bytes == NULL && strstr(error.message, "4294967040") != NULL);
    sb_image_close(image);
}

static void sections_stand_for_a_segment_that_cannot_be_walked(void)
{
    elf_make(&file, 64, false, 0);
    size_t segment = file.at[ELF_SEGMENTS] + 2 * sizeof(Elf64_Phdr);
    ELF_SET(&file, segment, Phdr, p_offset, file.at[ELF_NOTES] - 4);
    sb_image *image = open_bytes(file.bytes, file.size);
    const uint8_t *bytes;
    size_t size;
    sb_error error;
    CHECK(sb_image_note_of(image, "symbridge", 1, &bytes, &size, &error) == SB_OK);
    CHECK(bytes != NULL && size == 14);
    CHECK(sb_image_note_of(image, "symbridge", 9, &bytes, &size, &error) == SB_OK);
    sb_image_close(image);
}

static void damaged_section_headers_do_not_hide_what_segments_hold(void)
{
    elf_make(&file, 64, false, 0);
    ELF_SET(&file, 0, Ehdr, e_shoff, UINT64_MAX - 64);
    sb_image *image = open_bytes(file.bytes, file.size);
    check_whole(image, 64, false);
    sb_image_section section;
    sb_error error;
    CHECK(sb_image_section_at(image, 1, &section, &error) == SB_ERROR_LIBRARY);
    CHECK(strstr(error.message, "section headers") != NULL);
    sb_image_close(image);
}

/* ---- hostile files --------------------------------------------------------------------------------- */

static void every_truncation_is_an_answer_or_an_error(void)
{
    for (unsigned kind = 0; kind < 4; kind++) {
        elf_make(&file, (kind & 1) != 0 ? 64 : 32, (kind & 2) != 0, 0);
        sb_error error;
        CHECK(try_bytes(file.bytes, file.size, &error) == SB_OK);
        for (size_t size = 0; size < file.size; size++) {
            /* An allocation of its own: a read beyond it is seen by sanitizers. */
            uint8_t *bytes = malloc(size + 1);
            if (bytes == NULL)
                abort();
            memcpy(bytes + 1, file.bytes, size);
            CHECK(try_bytes(bytes + 1, size, &error) != SB_OK || size > file.at[ELF_NAMES]);
            free(bytes);
        }
    }
}

static void any_damage_is_an_answer_or_an_error(void)
{
    unsigned seed = (unsigned)time(NULL);
    printf("image: damage with seed %u\n", seed);
    srand(seed);
    for (unsigned round = 0; round < 5000; round++) {
        elf_make(&file, rand() % 2 ? 64 : 32, rand() % 2, (unsigned)rand() % 32);
        for (int i = rand() % 4; i >= 0; i--) {
            static const uint8_t values[] = {0, 1, 4, 0x7f, 0x80, 0xfe, 0xff};
            file.bytes[(size_t)rand() % file.size] =
                rand() % 2 ? values[rand() % 7] : (uint8_t)rand();
        }
        sb_error error;
        (void)try_bytes(file.bytes, file.size, &error);
    }
}

static void hash_tables_that_lie_are_refused(void)
{
    elf_make(&file, 64, false, ELF_NO_HASH);
    size_t hash = file.at[ELF_GNU_HASH], chains = hash + 16 + 8 + 8;
    for (size_t at = chains; at < file.size; at += 4)
        file.bytes[at] &= 0xfe; /* no chain ends any more */
    refused("has no end");
    elf_make(&file, 64, false, ELF_NO_HASH);
    elf_put(&file, hash, 4, 0xffffffff);
    refused("buckets");
    elf_make(&file, 64, false, ELF_NO_HASH);
    elf_put(&file, hash + 8, 4, 0xffffffff);
    refused("filter words");
    elf_make(&file, 64, false, ELF_NO_HASH);
    elf_put(&file, hash + 4, 4, 6); /* the first symbol, after one that a bucket names */
    refused("begins with 6");
    elf_make(&file, 64, false, ELF_NO_HASH);
    elf_put(&file, hash + 16 + 8, 4, 0xfffffff0);
    refused("has no end");
    elf_make(&file, 64, false, ELF_NO_GNU_HASH);
    elf_put(&file, file.at[ELF_HASH] + 4, 4, 5000);
    refused("is to have 120000 bytes");
    elf_make(&file, 64, false, ELF_NO_GNU_HASH);
    elf_put(&file, file.at[ELF_HASH] + 4, 4, 0xffffffff);
    refused("more than the 4000000");
    elf_make(&file, 64, false, ELF_NO_HASH | ELF_NO_GNU_HASH | ELF_NO_SECTIONS);
    refused("neither a hash table");
}

static void versions_that_lie_are_refused(void)
{
    elf_make(&file, 64, false, 0);
    ELF_SET(&file, file.at[ELF_DEFINED], Verdef, vd_next, 0xfffffff0);
    refused("goes beyond its segment");
    elf_make(&file, 64, false, 0);
    ELF_SET(&file, file.at[ELF_NEEDED], Verneed, vn_aux, 0xfffffff0);
    refused("goes beyond its segment");
    elf_make(&file, 64, false, 0);
    ELF_SET(&file, file.at[ELF_NEEDED] + sizeof(Elf64_Verneed), Vernaux, vna_next, 0x7fffffff);
    refused("goes beyond its segment");
    elf_make(&file, 64, false, 0);
    elf_put(&file, file.at[ELF_VERSIONS] + 4, 2, 77);
    refused("version number 77");
    elf_make(&file, 64, false, 0);
    ELF_SET(&file, file.at[ELF_NEEDED] + sizeof(Elf64_Verneed), Vernaux, vna_name, 100000);
    refused("lies outside the string table");
}

/* A chain of version records, each a byte after the one before, in a file of zeros. */
static void a_chain_of_overlapping_versions_ends(void)
{
    static elf_file small;
    enum { SIZE = 1 << 20 };
    elf_make(&small, 64, false, ELF_NO_SECTIONS);
    uint8_t *bytes = malloc(SIZE);
    if (bytes == NULL)
        abort();
    memset(bytes, 1, SIZE); /* each record leads 0x01010101 bytes on */
    elf_file *f = &small;
    size_t segment = f->at[ELF_SEGMENTS];
    ELF_SET(f, segment, Phdr, p_filesz, SIZE);
    size_t versions = f->at[ELF_DYNAMIC] + 7 * sizeof(Elf64_Dyn);
    ELF_SET(f, versions, Dyn, d_un, ELF_FILE_SIZE);
    memcpy(bytes, f->bytes, f->size);
    sb_error error;
    CHECK(try_bytes(bytes, SIZE, &error) == SB_ERROR_LIBRARY);
    /* Records that lead 20 bytes on, until the limit. */
    for (size_t at = ELF_FILE_SIZE; at + 20 < SIZE; at += 20) {
        Elf64_Verdef record = {.vd_version = 1, .vd_next = 20};
        memcpy(bytes + at, &record, sizeof record);
    }
    CHECK(try_bytes(bytes, SIZE, &error) != SB_OK);
    CHECK(strstr(error.message, "defined versions") != NULL);
    free(bytes);
}

static void strings_that_do_not_end_are_refused(void)
{
    elf_make(&file, 64, false, 0);
    size_t dynamic = file.at[ELF_DYNAMIC];
    ELF_SET(&file, dynamic + 3 * sizeof(Elf64_Dyn), Dyn, d_un, 4);
    refused("does not end in NUL");
    elf_make(&file, 64, false, 0);
    ELF_SET(&file, dynamic + 1 * sizeof(Elf64_Dyn), Dyn, d_un, 1 << 20);
    refused("the soname at 1048576");
    elf_make(&file, 64, false, 0);
    ELF_SET(&file, file.at[ELF_SYMBOLS] + 2 * sizeof(Elf64_Sym), Sym, st_name, 1 << 20);
    refused("the name of symbol 2");
    elf_make(&file, 64, false, 0);
    memset(file.bytes + file.at[ELF_LINK], 'x', 16);
    refused(".gnu_debuglink");
}

static void what_is_no_elf_file_is_named(void)
{
    static const struct {
        const char *text, *says;
    } cases[] = {
        {"", "only 0 bytes"},
        {"short", "only 5 bytes"},
        {"/* GNU ld script */ GROUP ( /lib/libm.so.6 )", "linker script"},
        {"MZ this is not what one reads here......", "not an ELF file"},
        {"\x7f"
         "ELF\x07\x01\x01 and more than sixteen bytes",
         "unknown sort"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        sb_error error;
        CHECK(try_bytes(cases[i].text, strlen(cases[i].text), &error) == SB_ERROR_LIBRARY);
        CHECK(strstr(error.message, cases[i].says) != NULL);
    }
}

static void a_million_symbols_take_little_time(void)
{
    enum { COUNT = 1000000 };
    size_t size;
    uint8_t *bytes = elf_make_large(COUNT, &size);
    clock_t start = clock();
    sb_image *image = open_bytes(bytes, size);
    sb_error error;
    uint32_t count, functions = 0;
    CHECK(sb_image_symbols(image, &count, &error) == SB_OK && count == COUNT);
    for (uint32_t i = 1; i < count; i++) {
        sb_image_symbol symbol;
        if (sb_image_symbol_at(image, i, &symbol, &error) == SB_OK)
            functions += symbol.exported && strncmp(symbol.name, "function_", 9) == 0;
    }
    double seconds = (double)(clock() - start) / CLOCKS_PER_SEC;
    printf("image: a million symbols in %.3f s\n", seconds);
    /* A tenth of a second; valgrind takes fifty times as long, and what is not linear, for ever. */
    CHECK(functions == COUNT - 1 && seconds < 30.0);
    sb_image_close(image);
    free(bytes);
}

/* ---- files on the disk --------------------------------------------------------------------------- */

static char directory[] = "/tmp/symbridge-test-XXXXXX";
static char path[128];

static void write_file(const void *bytes, size_t size, off_t length)
{
    FILE *stream = fopen(path, "wb");
    if (stream == NULL || fwrite(bytes, 1, size, stream) != size || fclose(stream) != 0 ||
        truncate(path, length) != 0)
        abort();
}

static void a_file_that_shrinks_is_an_error(void)
{
    elf_make(&file, 64, false, 0);
    ELF_SET(&file, 0, Ehdr, e_shoff, 90000);
    write_file(file.bytes, file.size, 100000);
    sb_image *image;
    sb_error error;
    CHECK(sb_image_open(path, &image, &error) == SB_OK);
    CHECK(truncate(path, (off_t)file.size) == 0);
    sb_image_section section;
    CHECK(sb_image_section_at(image, 1, &section, &error) == SB_ERROR_LIBRARY);
    CHECK(strstr(error.message, "became shorter") != NULL);
    sb_image_close(image);
}

static void what_a_huge_file_claims_is_not_read_into_memory(void)
{
    elf_make(&file, 64, false, ELF_NO_SECTIONS);
    size_t segment = file.at[ELF_SEGMENTS] + 2 * sizeof(Elf64_Phdr);
    ELF_SET(&file, segment, Phdr, p_filesz, UINT64_C(1) << 29);
    write_file(file.bytes, file.size, (off_t)1 << 30); /* sparse */
    sb_image *image;
    sb_error error;
    CHECK(sb_image_open(path, &image, &error) == SB_OK);
    const uint8_t *bytes;
    size_t size;
    CHECK(sb_image_note_of(image, "symbridge", 1, &bytes, &size, &error) == SB_ERROR_LIMIT);
    CHECK(strstr(error.message, "536870912 bytes") != NULL);
    check_symbols(image);
    sb_image_close(image);
}

static void only_regular_files_are_read(void)
{
    sb_image *image;
    sb_error error;
    CHECK(sb_image_open(directory, &image, &error) == SB_ERROR_LIBRARY && image == NULL);
    CHECK(strstr(error.message, "a directory") != NULL);
    CHECK(sb_image_open("/dev/zero", &image, &error) == SB_ERROR_LIBRARY);
    CHECK(strstr(error.message, "not a regular file") != NULL);
    (void)unlink(path);
    CHECK(mkfifo(path, 0600) == 0); /* nobody writes to it */
    CHECK(sb_image_open(path, &image, &error) == SB_ERROR_LIBRARY);
    (void)unlink(path);
    CHECK(sb_image_open(path, &image, &error) == SB_ERROR_LIBRARY);
    CHECK(strstr(error.message, "No such file") != NULL);
}

static long allocations_left;

static void *failing(void *memory, size_t size)
{
    if (size == 0) {
        free(memory);
        return NULL;
    }
    return allocations_left-- > 0 ? realloc(memory, size) : NULL;
}

static void running_out_of_memory_is_an_error(void)
{
    elf_make(&file, 64, false, 0);
    write_file(file.bytes, file.size, (off_t)file.size);
    sb_set_allocator(failing);
    bool done = false;
    for (long n = 0; n < 100 && !done; n++) {
        allocations_left = n;
        sb_image *image;
        sb_error error;
        sb_status status = sb_image_open(path, &image, &error);
        if (status == SB_OK)
            status = exercise(image, &error);
        CHECK(status == SB_OK || status == SB_ERROR_MEMORY);
        sb_image_close(image);
        done = status == SB_OK;
    }
    sb_set_allocator(NULL);
    CHECK(done);
}

/* ---- the machine's own libraries --------------------------------------------------------------------- */

/* Every function of the C library's mathematics is where its file says. */
static void symbols_are_where_the_file_says(void)
{
    sb_library *library;
    sb_error error;
    char where[4096];
    CHECK(sb_library_open("libm.so.6", 0, &library, &error) == SB_OK);
    CHECK(sb_library_path(library, where, sizeof where, &error) == SB_OK);
    sb_image *image;
    CHECK(sb_image_open(where, &image, &error) == SB_OK);
    /* Emulators may have stat look elsewhere than open. */
    CHECK(sb_image_is_file(image, where) || getenv("MESON_EXE_WRAPPER") != NULL);
    CHECK(!sb_image_is_file(image, "/"));
    void *handle = dlopen("libm.so.6", RTLD_LAZY | RTLD_NOLOAD);
    struct link_map *map = NULL;
    CHECK(handle != NULL && dlinfo(handle, RTLD_DI_LINKMAP, &map) == 0);
    uint32_t count, compared = 0;
    CHECK(sb_image_symbols(image, &count, &error) == SB_OK && count > 100);
    for (uint32_t i = 1; i < count; i++) {
        sb_image_symbol symbol;
        CHECK(sb_image_symbol_at(image, i, &symbol, &error) == SB_OK);
        if (!symbol.exported || symbol.kind != SB_SYMBOL_FUNCTION || symbol.version == NULL)
            continue;
        uintptr_t address = (uintptr_t)dlvsym(handle, symbol.name, symbol.version);
        CHECK(address == map->l_addr + (uintptr_t)symbol.value);
        if (symbol.is_default)
            CHECK(address == (uintptr_t)dlsym(handle, symbol.name));
        compared++;
    }
    CHECK(compared > 100);
    (void)dlclose(handle);
    sb_image_close(image);
    sb_library_release(library);
}

int main(void)
{
    if (mkdtemp(directory) == NULL)
        return 1;
    (void)snprintf(path, sizeof path, "%s/library.so", directory);
    files_of_all_kinds_say_the_same();
    sections_and_links_are_told();
    numbers_too_large_for_the_header_are_in_section_0();
    debug_data_that_was_split_off_has_no_symbols();
    notes_that_contradict_each_other_are_refused();
    what_comes_before_a_malformed_note_is_still_read();
    sections_stand_for_a_segment_that_cannot_be_walked();
    damaged_section_headers_do_not_hide_what_segments_hold();
    every_truncation_is_an_answer_or_an_error();
    any_damage_is_an_answer_or_an_error();
    hash_tables_that_lie_are_refused();
    versions_that_lie_are_refused();
    a_chain_of_overlapping_versions_ends();
    strings_that_do_not_end_are_refused();
    what_is_no_elf_file_is_named();
    a_million_symbols_take_little_time();
    a_file_that_shrinks_is_an_error();
    what_a_huge_file_claims_is_not_read_into_memory();
    only_regular_files_are_read();
    running_out_of_memory_is_an_error();
    symbols_are_where_the_file_says();
    (void)unlink(path);
    (void)rmdir(directory);
    return check_done("image");
}
