/* elf_file.h - small ELF libraries for tests, of either class and byte order, made in memory.
 *
 * All is in one segment whose addresses are its file offsets, so a part is found by its offset and can
 * be damaged there. The parts are in the order of elf_part.
 *
 *   symbol 1  malloc     undefined, wants LIBC_1 of libc.so.6 (version number 3)
 *          2  one        function, @@V2 (version number 2)
 *          3  one        function, @V1 (version number 4, hidden)
 *          4  datum      weak object of 8 bytes, no version
 *          5  local_time thread-local
 *          6  chosen     ifunc
 *          7  inner      function of hidden visibility
 */
#ifndef SB_ELF_FILE_H
#define SB_ELF_FILE_H

#include "symbridge.h"

#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef enum elf_part {
    ELF_HEAD,
    ELF_SEGMENTS,
    ELF_DYNAMIC,
    ELF_STRINGS,
    ELF_SYMBOLS,
    ELF_VERSIONS,
    ELF_DEFINED,
    ELF_NEEDED,
    ELF_HASH,
    ELF_GNU_HASH,
    ELF_NOTES,
    ELF_LINK,
    ELF_ALTLINK,
    ELF_NAMES,
    ELF_SECTIONS,
    ELF_END,
    ELF_PARTS
} elf_part;

enum elf_option {
    ELF_NO_SEGMENTS = 1 << 0,
    ELF_NO_SECTIONS = 1 << 1,
    ELF_NO_HASH = 1 << 2, /* DT_HASH */
    ELF_NO_GNU_HASH = 1 << 3,
    ELF_WIDE_NOTES = 1 << 4 /* aligned to 8 */
};

enum { ELF_SYMBOL_COUNT = 8, ELF_FILE_SIZE = 8192 };

typedef struct elf_file {
    uint8_t bytes[ELF_FILE_SIZE];
    size_t size;
    size_t at[ELF_PARTS];
    int bits;
    bool big;
} elf_file;

static inline void elf_put(elf_file *f, size_t at, size_t size, uint64_t value)
{
    for (size_t i = 0; i < size; i++)
        f->bytes[at + (f->big ? size - 1 - i : i)] = (uint8_t)(value >> (8 * i));
}

#define ELF_SET(f, at, record, member, value)                                   \
    ((f)->bits == 64 ? elf_put(f, (at) + offsetof(Elf64_##record, member),      \
                               sizeof(((Elf64_##record *)NULL)->member), value) \
                     : elf_put(f, (at) + offsetof(Elf32_##record, member),      \
                               sizeof(((Elf32_##record *)NULL)->member), value))
#define ELF_SIZE(f, record) ((f)->bits == 64 ? sizeof(Elf64_##record) : sizeof(Elf32_##record))

static inline size_t elf_append(elf_file *f, const void *bytes, size_t size)
{
    size_t at = f->size;
    if (size > ELF_FILE_SIZE - at)
        abort();
    memcpy(f->bytes + at, bytes, size);
    f->size += size;
    return at;
}

static inline void elf_begin(elf_file *f, elf_part part)
{
    f->size = (f->size + 7) / 8 * 8;
    f->at[part] = f->size;
}

/* Room of zeros. */
static inline size_t elf_room(elf_file *f, size_t size)
{
    size_t at = f->size;
    if (size > ELF_FILE_SIZE - at)
        abort();
    f->size += size;
    return at;
}

/* The offset of a text in the table that began at `part`; it is added. */
static inline uint32_t elf_text(elf_file *f, elf_part part, const char *text)
{
    return (uint32_t)(elf_append(f, text, strlen(text) + 1) - f->at[part]);
}

static inline void elf_add_note(elf_file *f, const char *owner, uint32_t type, const void *bytes,
                                size_t size, size_t align)
{
    size_t length = strlen(owner) + 1;
    size_t at = elf_room(f, 12);
    elf_put(f, at, 4, length);
    elf_put(f, at + 4, 4, size);
    elf_put(f, at + 8, 4, type);
    elf_append(f, owner, length);
    elf_room(f, (align - (f->size - at) % align) % align);
    elf_append(f, bytes, size);
    elf_room(f, (align - (f->size - at) % align) % align);
}

typedef struct elf_symbol_row {
    uint32_t name;
    unsigned type, binding, visibility, section, size, version;
} elf_symbol_row;

static inline void elf_write_symbols(elf_file *f, const elf_symbol_row *rows)
{
    elf_begin(f, ELF_SYMBOLS);
    elf_room(f, ELF_SYMBOL_COUNT * ELF_SIZE(f, Sym));
    elf_begin(f, ELF_VERSIONS);
    elf_room(f, ELF_SYMBOL_COUNT * 2);
    for (size_t i = 0; i < ELF_SYMBOL_COUNT; i++) {
        size_t at = f->at[ELF_SYMBOLS] + i * ELF_SIZE(f, Sym);
        ELF_SET(f, at, Sym, st_name, rows[i].name);
        ELF_SET(f, at, Sym, st_info, rows[i].binding << 4 | rows[i].type);
        ELF_SET(f, at, Sym, st_other, rows[i].visibility);
        ELF_SET(f, at, Sym, st_shndx, rows[i].section);
        ELF_SET(f, at, Sym, st_value, rows[i].section == 0 ? 0 : 0x1000 + i);
        ELF_SET(f, at, Sym, st_size, rows[i].size);
        elf_put(f, f->at[ELF_VERSIONS] + i * 2, 2, rows[i].version);
    }
}

/* The records of versions and hashes are alike in both classes, but for the words of filters. */
static inline void elf_write_versions(elf_file *f, uint32_t soname, uint32_t v1, uint32_t v2,
                                      uint32_t libc, uint32_t libc_version)
{
    const uint32_t names[] = {soname, v2, v1};
    const unsigned numbers[] = {1, 2, 4};
    enum { DEF = sizeof(Elf64_Verdef), STEP = sizeof(Elf64_Verdef) + sizeof(Elf64_Verdaux) };
    elf_begin(f, ELF_DEFINED);
    for (size_t i = 0; i < 3; i++) {
        size_t at = elf_room(f, STEP);
        ELF_SET(f, at, Verdef, vd_version, 1);
        ELF_SET(f, at, Verdef, vd_flags, i == 0 ? VER_FLG_BASE : 0);
        ELF_SET(f, at, Verdef, vd_ndx, numbers[i]);
        ELF_SET(f, at, Verdef, vd_cnt, 1);
        ELF_SET(f, at, Verdef, vd_aux, DEF);
        ELF_SET(f, at, Verdef, vd_next, i == 2 ? 0 : STEP);
        ELF_SET(f, at + DEF, Verdaux, vda_name, names[i]);
    }
    elf_begin(f, ELF_NEEDED);
    size_t at = elf_room(f, sizeof(Elf64_Verneed) + sizeof(Elf64_Vernaux));
    ELF_SET(f, at, Verneed, vn_version, 1);
    ELF_SET(f, at, Verneed, vn_cnt, 1);
    ELF_SET(f, at, Verneed, vn_file, libc);
    ELF_SET(f, at, Verneed, vn_aux, sizeof(Elf64_Verneed));
    ELF_SET(f, at + sizeof(Elf64_Verneed), Vernaux, vna_other, 3);
    ELF_SET(f, at + sizeof(Elf64_Verneed), Vernaux, vna_name, libc_version);
}

static inline void elf_write_hashes(elf_file *f)
{
    enum { FIRST = 2 }; /* symbols before it are not found by the GNU hash */
    elf_begin(f, ELF_HASH);
    size_t at = elf_room(f, (2 + 1 + ELF_SYMBOL_COUNT) * 4);
    elf_put(f, at, 4, 1);
    elf_put(f, at + 4, 4, ELF_SYMBOL_COUNT);
    elf_begin(f, ELF_GNU_HASH);
    at = elf_room(f, 16 + (size_t)f->bits / 8 + 2 * 4 + (ELF_SYMBOL_COUNT - FIRST) * 4);
    elf_put(f, at, 4, 2);
    elf_put(f, at + 4, 4, FIRST);
    elf_put(f, at + 8, 4, 1);
    size_t buckets = at + 16 + (size_t)f->bits / 8;
    elf_put(f, buckets, 4, FIRST);
    elf_put(f, buckets + 4, 4, 5);
    for (size_t i = FIRST; i < ELF_SYMBOL_COUNT; i++) /* chains end at 4 and 7 */
        elf_put(f, buckets + 8 + (i - FIRST) * 4, 4, i == 4 || i == 7 ? 0x41 : 0x40);
}

static inline void elf_write_dynamic(elf_file *f, unsigned options, uint32_t soname, uint32_t libc)
{
    const uint64_t rows[][2] = {
        {DT_NEEDED, libc},
        {DT_SONAME, soname},
        {DT_STRTAB, f->at[ELF_STRINGS]},
        {DT_STRSZ, f->at[ELF_SYMBOLS] - f->at[ELF_STRINGS]},
        {DT_SYMTAB, f->at[ELF_SYMBOLS]},
        {DT_SYMENT, ELF_SIZE(f, Sym)},
        {DT_VERSYM, f->at[ELF_VERSIONS]},
        {DT_VERDEF, f->at[ELF_DEFINED]},
        {DT_VERDEFNUM, 3},
        {DT_VERNEED, f->at[ELF_NEEDED]},
        {DT_VERNEEDNUM, 1},
        {(options & ELF_NO_HASH) != 0 ? DT_DEBUG : DT_HASH, f->at[ELF_HASH]},
        {(options & ELF_NO_GNU_HASH) != 0 ? DT_DEBUG : DT_GNU_HASH, f->at[ELF_GNU_HASH]},
        {DT_NULL, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        size_t at = f->at[ELF_DYNAMIC] + i * ELF_SIZE(f, Dyn);
        ELF_SET(f, at, Dyn, d_tag, rows[i][0]);
        ELF_SET(f, at, Dyn, d_un, rows[i][1]);
    }
}

static inline void elf_write_segment(elf_file *f, size_t number, uint32_t type, size_t start,
                                     size_t end, size_t align)
{
    size_t at = f->at[ELF_SEGMENTS] + number * ELF_SIZE(f, Phdr);
    ELF_SET(f, at, Phdr, p_type, type);
    ELF_SET(f, at, Phdr, p_offset, start);
    ELF_SET(f, at, Phdr, p_vaddr, start);
    ELF_SET(f, at, Phdr, p_filesz, end - start);
    ELF_SET(f, at, Phdr, p_memsz, end - start);
    ELF_SET(f, at, Phdr, p_align, align);
}

enum elf_section {                       /* numbers of sections */
                   ELF_SECTION_TEXT = 1, /* all of the file, as the segment */
                   ELF_SECTION_DYNAMIC,
                   ELF_SECTION_SYMBOLS,
                   ELF_SECTION_NOTES,
                   ELF_SECTION_LINK,
                   ELF_SECTION_ALTLINK,
                   ELF_SECTION_NAMES,
                   ELF_SECTION_COUNT
};

static inline void elf_write_sections(elf_file *f, size_t note_align)
{
    const struct {
        const char *name;
        uint32_t type, flags;
        elf_part part;
        size_t entry, align;
    } rows[] = {
        [ELF_SECTION_TEXT] = {".text", SHT_PROGBITS, SHF_ALLOC, ELF_HEAD, 0, 8},
        [ELF_SECTION_DYNAMIC] = {".dynamic", SHT_DYNAMIC, SHF_ALLOC, ELF_DYNAMIC, 0, 8},
        [ELF_SECTION_SYMBOLS] = {".dynsym", SHT_DYNSYM, SHF_ALLOC, ELF_SYMBOLS, ELF_SIZE(f, Sym),
                                 8},
        [ELF_SECTION_NOTES] = {".note.test", SHT_NOTE, SHF_ALLOC, ELF_NOTES, 0, note_align},
        [ELF_SECTION_LINK] = {".gnu_debuglink", SHT_PROGBITS, 0, ELF_LINK, 0, 4},
        [ELF_SECTION_ALTLINK] = {".gnu_debugaltlink", SHT_PROGBITS, 0, ELF_ALTLINK, 0, 1},
        [ELF_SECTION_NAMES] = {".shstrtab", SHT_STRTAB, 0, ELF_NAMES, 0, 1},
    };
    uint32_t names[ELF_SECTION_COUNT] = {0};
    elf_begin(f, ELF_NAMES);
    elf_text(f, ELF_NAMES, "");
    for (size_t i = 1; i < ELF_SECTION_COUNT; i++)
        names[i] = elf_text(f, ELF_NAMES, rows[i].name);
    size_t end = f->size; /* of the names, without what aligns the next part */
    elf_begin(f, ELF_SECTIONS);
    elf_room(f, ELF_SECTION_COUNT * ELF_SIZE(f, Shdr));
    for (size_t i = 1; i < ELF_SECTION_COUNT; i++) {
        size_t at = f->at[ELF_SECTIONS] + i * ELF_SIZE(f, Shdr);
        size_t start = f->at[rows[i].part];
        size_t size = rows[i].part == ELF_HEAD    ? f->at[ELF_NAMES]
                      : rows[i].part == ELF_NAMES ? end - start
                                                  : f->at[rows[i].part + 1] - start;
        if (rows[i].part == ELF_SYMBOLS)
            size = ELF_SYMBOL_COUNT * ELF_SIZE(f, Sym);
        ELF_SET(f, at, Shdr, sh_name, names[i]);
        ELF_SET(f, at, Shdr, sh_type, rows[i].type);
        ELF_SET(f, at, Shdr, sh_flags, rows[i].flags);
        ELF_SET(f, at, Shdr, sh_addr, (rows[i].flags & SHF_ALLOC) != 0 ? start : 0);
        ELF_SET(f, at, Shdr, sh_offset, start);
        ELF_SET(f, at, Shdr, sh_size, size);
        ELF_SET(f, at, Shdr, sh_entsize, rows[i].entry);
        ELF_SET(f, at, Shdr, sh_addralign, rows[i].align);
    }
}

static inline void elf_write_head(elf_file *f, unsigned options)
{
    memcpy(f->bytes, ELFMAG, SELFMAG);
    f->bytes[EI_CLASS] = f->bits == 64 ? ELFCLASS64 : ELFCLASS32;
    f->bytes[EI_DATA] = f->big ? ELFDATA2MSB : ELFDATA2LSB;
    f->bytes[EI_VERSION] = EV_CURRENT;
    ELF_SET(f, 0, Ehdr, e_type, ET_DYN);
    ELF_SET(f, 0, Ehdr, e_machine, f->big ? EM_PPC64 : EM_X86_64);
    ELF_SET(f, 0, Ehdr, e_version, EV_CURRENT);
    ELF_SET(f, 0, Ehdr, e_ehsize, ELF_SIZE(f, Ehdr));
    if ((options & ELF_NO_SEGMENTS) == 0) {
        ELF_SET(f, 0, Ehdr, e_phoff, f->at[ELF_SEGMENTS]);
        ELF_SET(f, 0, Ehdr, e_phnum, 3);
        ELF_SET(f, 0, Ehdr, e_phentsize, ELF_SIZE(f, Phdr));
    }
    if ((options & ELF_NO_SECTIONS) == 0) {
        ELF_SET(f, 0, Ehdr, e_shoff, f->at[ELF_SECTIONS]);
        ELF_SET(f, 0, Ehdr, e_shnum, ELF_SECTION_COUNT);
        ELF_SET(f, 0, Ehdr, e_shentsize, ELF_SIZE(f, Shdr));
        ELF_SET(f, 0, Ehdr, e_shstrndx, ELF_SECTION_NAMES);
    }
}

static inline void elf_make(elf_file *f, int bits, bool big, unsigned options)
{
    memset(f, 0, sizeof *f);
    f->bits = bits;
    f->big = big;
    elf_room(f, ELF_SIZE(f, Ehdr));
    elf_begin(f, ELF_SEGMENTS);
    elf_room(f, 3 * ELF_SIZE(f, Phdr));
    elf_begin(f, ELF_DYNAMIC);
    elf_room(f, 14 * ELF_SIZE(f, Dyn));
    elf_begin(f, ELF_STRINGS);
    elf_text(f, ELF_STRINGS, "");
    uint32_t soname = elf_text(f, ELF_STRINGS, "libtest.so.1");
    uint32_t libc = elf_text(f, ELF_STRINGS, "libc.so.6");
    uint32_t libc_version = elf_text(f, ELF_STRINGS, "LIBC_1");
    uint32_t v1 = elf_text(f, ELF_STRINGS, "V1"), v2 = elf_text(f, ELF_STRINGS, "V2");
    uint32_t one = elf_text(f, ELF_STRINGS, "one");
    const elf_symbol_row rows[ELF_SYMBOL_COUNT] = {
        {0},
        {elf_text(f, ELF_STRINGS, "malloc"), STT_FUNC, STB_GLOBAL, STV_DEFAULT, 0, 0, 3},
        {one, STT_FUNC, STB_GLOBAL, STV_DEFAULT, 1, 16, 2},
        {one, STT_FUNC, STB_GLOBAL, STV_DEFAULT, 1, 17, 4 | 0x8000},
        {elf_text(f, ELF_STRINGS, "datum"), STT_OBJECT, STB_WEAK, STV_PROTECTED, 1, 8, 1},
        {elf_text(f, ELF_STRINGS, "local_time"), STT_TLS, STB_GLOBAL, STV_DEFAULT, 1, 4, 1},
        {elf_text(f, ELF_STRINGS, "chosen"), STT_GNU_IFUNC, STB_GLOBAL, STV_DEFAULT, 1, 0, 2},
        {elf_text(f, ELF_STRINGS, "inner"), STT_FUNC, STB_GLOBAL, STV_HIDDEN, 1, 5, 1},
    };
    elf_write_symbols(f, rows);
    elf_write_versions(f, soname, v1, v2, libc, libc_version);
    elf_write_hashes(f);
    elf_write_dynamic(f, options, soname, libc);
    size_t align = (options & ELF_WIDE_NOTES) != 0 ? 8 : 4;
    elf_begin(f, ELF_NOTES);
    elf_add_note(f, "Vendor", 1, "abc", 3, align);
    elf_add_note(f, "GNU", NT_GNU_BUILD_ID, "\x01\x23\x45", 3, align);
    elf_add_note(f, "symbridge", 1, "int one(void);", 14, align);
    elf_add_note(f, "symbridge", 2, "facts", 5, align);
    elf_begin(f, ELF_LINK);
    elf_append(f, "one.debug\0\0", 12);
    elf_put(f, elf_room(f, 4), 4, 0x89abcdef);
    elf_begin(f, ELF_ALTLINK);
    elf_append(f, "shared.debug\0\x01\x02\x03", 16);
    elf_write_sections(f, align);
    elf_begin(f, ELF_END);
    elf_write_segment(f, 0, PT_LOAD, 0, f->at[ELF_NAMES], 8);
    elf_write_segment(f, 1, PT_DYNAMIC, f->at[ELF_DYNAMIC], f->at[ELF_STRINGS], 8);
    elf_write_segment(f, 2, PT_NOTE, f->at[ELF_NOTES], f->at[ELF_LINK], align);
    elf_write_head(f, options);
}

/* A library of `count` symbols, function_0 ... exported without versions. The caller frees it. */
static inline uint8_t *elf_make_large(uint32_t count, size_t *size)
{
    enum { NAME = 16 };
    size_t dynamic = sizeof(Elf64_Ehdr) + 2 * sizeof(Elf64_Phdr);
    size_t hash = dynamic + 6 * sizeof(Elf64_Dyn);
    size_t symbols = hash + 16, strings = symbols + (size_t)count * sizeof(Elf64_Sym);
    *size = strings + (size_t)count * NAME;
    uint8_t *bytes = calloc(1, *size);
    if (bytes == NULL)
        abort();
    const uint16_t first = 1; /* its low byte comes first where numbers are little-endian */
    uint8_t order = *(const uint8_t *)&first != 0 ? ELFDATA2LSB : ELFDATA2MSB;
    Elf64_Ehdr head = {.e_ident = {0x7f, 'E', 'L', 'F', ELFCLASS64, order, EV_CURRENT},
                       .e_type = ET_DYN,
                       .e_machine = EM_X86_64,
                       .e_phoff = sizeof head,
                       .e_phnum = 2,
                       .e_phentsize = sizeof(Elf64_Phdr)};
    const Elf64_Phdr segments[2] = {
        {.p_type = PT_LOAD, .p_filesz = *size},
        {.p_type = PT_DYNAMIC, .p_offset = dynamic, .p_filesz = 6 * sizeof(Elf64_Dyn)},
    };
    const Elf64_Dyn entries[6] = {
        {.d_tag = DT_STRTAB, .d_un.d_val = strings},
        {.d_tag = DT_STRSZ, .d_un.d_val = (uint64_t)count * NAME},
        {.d_tag = DT_SYMTAB, .d_un.d_val = symbols},
        {.d_tag = DT_HASH, .d_un.d_val = hash},
        {.d_tag = DT_NULL},
    };
    const uint32_t counts[2] = {1, count};
    memcpy(bytes, &head, sizeof head);
    memcpy(bytes + sizeof head, segments, sizeof segments);
    memcpy(bytes + dynamic, entries, sizeof entries);
    memcpy(bytes + hash, counts, sizeof counts);
    for (uint32_t i = 1; i < count; i++) {
        const Elf64_Sym symbol = {.st_name = i * NAME,
                                  .st_info = ELF64_ST_INFO(STB_GLOBAL, STT_FUNC),
                                  .st_shndx = 1,
                                  .st_value = i,
                                  .st_size = 1};
        char name[NAME + 16];
        (void)snprintf(name, sizeof name, "function_%u", i % 1000000);
        memcpy(bytes + symbols + i * sizeof symbol, &symbol, sizeof symbol);
        memcpy(bytes + strings + (size_t)i * NAME, name, NAME);
    }
    return bytes;
}

#endif
