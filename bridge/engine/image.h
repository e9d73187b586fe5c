/* image.h - a library's file as its readers share it: image.c, image_symbols.c, image_notes.c. */
#ifndef SB_IMAGE_H
#define SB_IMAGE_H

#include "failure.h"
#include "own_machine.h"

#include <elf.h>
#include <string.h>

#define IMAGE_WINDOW 4096 /* bytes that are read ahead around small structures */

/* A range of the file in memory. bytes is NULL when there is none. */
typedef struct image_table {
    const uint8_t *bytes;
    uint64_t size;
} image_table;

/* A program header, of either class and byte order. */
typedef struct image_segment {
    uint32_t type, flags;
    uint64_t offset, address, file_size, align;
} image_segment;

/* A section header. */
typedef struct image_section {
    uint32_t name, type, link, info;
    uint64_t flags, address, offset, size, align, entry_size;
} image_section;

/* What the dynamic section says, as far as it is of use. 0: not given. */
typedef struct image_dynamic {
    uint64_t strings, strings_size, symbols, symbol_size, hash, gnu_hash;
    uint64_t versions, defined_versions, needed_versions;
} image_dynamic;

/* A version number's meaning. Offsets are in the strings; 0: none. */
typedef struct image_version {
    uint32_t name, file;
} image_version;

/* Reads from `file`, or from `memory`. What is allocated hangs on `blocks` and lives as long. */
struct sb_image {
    sb_image_header head;
    bool swap; /* the file's byte order is not this machine's */
    bool has_file;
    int file;
    const uint8_t *memory;
    uint64_t device, inode;

    image_segment *segments;
    uint64_t sections_offset; /* of the section headers; 0: there are none */
    uint64_t section_size;    /* of each, says the file */
    uint32_t section_names;   /* the section that holds their names */
    bool sections_read, names_read, dynamic_read, symbols_read, notes_read;
    image_section *sections;
    image_table names;

    image_dynamic entries;
    sb_image_dynamic dynamic;
    image_table strings;

    image_table symbols, version_numbers;
    uint32_t symbol_count;
    image_version *versions;
    uint32_t version_count;

    sb_image_note *notes;
    uint32_t note_count, note_capacity;
    sb_error note_error; /* status SB_OK: all notes were well-formed */

    struct image_block *blocks;
    uint64_t bytes_read; /* of tables: at most SB_MAX_IMAGE_READ */
    uint64_t window_start, window_size;
    uint8_t window[IMAGE_WINDOW];
    char name[];
};

static inline uint64_t image_load(const sb_image *image, const uint8_t *p, size_t size)
{
    uint16_t u16;
    uint32_t u32;
    uint64_t u64;
    switch (size) {
    case 1:
        return *p;
    case 2:
        memcpy(&u16, p, sizeof u16);
        return image->swap ? __builtin_bswap16(u16) : u16;
    case 4:
        memcpy(&u32, p, sizeof u32);
        return image->swap ? __builtin_bswap32(u32) : u32;
    default:
        memcpy(&u64, p, sizeof u64);
        return image->swap ? __builtin_bswap64(u64) : u64;
    }
}

/* A member of Elf32_`record` or Elf64_`record` that lies at p. */
#define IMAGE_FIELD(image, p, record, member)                                               \
    ((image)->head.bits == 64 ? image_load((image), (p) + offsetof(Elf64_##record, member), \
                                           sizeof(((Elf64_##record *)NULL)->member))        \
                              : image_load((image), (p) + offsetof(Elf32_##record, member), \
                                           sizeof(((Elf32_##record *)NULL)->member)))

#define IMAGE_SIZE(image, record) \
    ((image)->head.bits == 64 ? sizeof(Elf64_##record) : sizeof(Elf32_##record))

/* SB_ERROR_LIBRARY about the image's file. `format` goes on after its name. */
__attribute__((format(printf, 3, 4))) sb_status image_fault(const sb_image *image, sb_error *error,
                                                            const char *format, ...);
sb_status image_excess(const sb_image *image, const char *what, uint64_t count, uint64_t limit,
                       sb_error *error);

/* Zeroed memory of the image. NULL and *error when there is none. */
void *image_allocate(sb_image *image, uint64_t count, size_t size, sb_error *error);

/* Makes a whole range of the file a table; `what` names it in errors. */
sb_status image_read(sb_image *image, uint64_t offset, uint64_t size, const char *what,
                     image_table *out, sb_error *error);
/* The same, good until the next image_peek. At most IMAGE_WINDOW bytes. */
sb_status image_peek(sb_image *image, uint64_t offset, uint64_t size, const char *what,
                     const uint8_t **out, sb_error *error);

/* Where in the file the byte is that is loaded to `address`, and how many are there from it on. */
bool image_offset(const sb_image *image, uint64_t address, uint64_t *offset, uint64_t *rest);

sb_status image_read_sections(sb_image *image, sb_error *error);

/* The text at `offset` of a table that ends in NUL, or NULL when it lies outside. */
static inline const char *image_text(image_table table, uint64_t offset)
{
    return offset < table.size ? (const char *)table.bytes + offset : NULL;
}

#endif
