/* library_file.h - what the file of a library says, without opening the library. Part of symbridge.h,
 * which includes it.
 */
#ifndef SYMBRIDGE_LIBRARY_FILE_H
#define SYMBRIDGE_LIBRARY_FILE_H

#include "symbridge.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- library files ------------------------------------------------------------------------------
 *
 * What a library's file says, read without opening the library: no code of it runs. An image reads
 * ELF files of both classes and byte orders, by what the loader uses (program headers, dynamic
 * section) and by section headers where there are no others; either may be absent.
 *
 *     sb_image *image;
 *     if (sb_image_open("/usr/lib/libm.so.6", &image, &error) == SB_OK &&
 *         sb_image_symbols(image, &count, &error) == SB_OK)
 *         for (uint32_t i = 0; i < count; i++)
 *             ... sb_image_symbol(image, i, &symbol, &error)
 *
 * Nothing that the file says is believed: every offset, size and count is checked, every loop has an
 * end. A file may shrink while it is read; then reads fail, and nothing else does. Tables are read
 * when they are first asked for, and only they: the size of a file costs nothing. What an image hands
 * out lives until it is closed. An image is for one thread at a time.
 *
 * Faults of the file are SB_ERROR_LIBRARY, excesses SB_ERROR_LIMIT.
 */
#define SB_MAX_IMAGE_FILE (UINT64_C(1) << 40) /* bytes of the file */
#define SB_MAX_IMAGE_READ (UINT64_C(1) << 28) /* bytes of its tables, which are held in memory */
#define SB_MAX_IMAGE_SEGMENTS 65536
#define SB_MAX_IMAGE_SECTIONS 1000000
#define SB_MAX_IMAGE_DYNAMIC 65536   /* entries of the dynamic section */
#define SB_MAX_IMAGE_SYMBOLS 4000000 /* dynamic symbols */
#define SB_MAX_IMAGE_VERSIONS 32768  /* versions of symbols; what their numbers have room for */
#define SB_MAX_IMAGE_NOTES 4096

typedef struct sb_image sb_image;

typedef struct sb_image_header {
    uint8_t bits; /* 32 or 64 */
    bool big_endian;
    uint16_t type;    /* ET_DYN ... of elf.h */
    uint16_t machine; /* EM_X86_64 ... */
    uint8_t os_abi;
    uint32_t flags;
    uint64_t file_size;
    uint32_t segment_count, section_count;
} sb_image_header;

/* Reads the headers of a regular file. */
sb_status sb_image_open(const char *path, sb_image **out, sb_error *error);
/* The same of a file that is in memory, which must stay there; `name` stands in errors. */
sb_status sb_image_of_bytes(const void *bytes, size_t size, const char *name, sb_image **out,
                            sb_error *error);
void sb_image_close(sb_image *image); /* NULL is fine */
const sb_image_header *sb_image_head(const sb_image *image);
/* Whether the file at `path` is the one that was read: the same inode. */
bool sb_image_is_file(const sb_image *image, const char *path);

/* The dynamic section: what the loader is told. Absent entries are NULL. A file without one (an
 * object file, debug data that was split off) has `present` false and nothing else. */
typedef struct sb_image_dynamic {
    bool present;
    const char *soname, *rpath, *runpath;
    const char *const *needed; /* in the order of the file */
    uint32_t needed_count;
} sb_image_dynamic;
sb_status sb_image_read_dynamic(sb_image *image, const sb_image_dynamic **out, sb_error *error);

typedef enum sb_symbol_kind {
    SB_SYMBOL_OTHER = 0, /* no type is given, or one that libraries do not export */
    SB_SYMBOL_FUNCTION,
    SB_SYMBOL_OBJECT,
    SB_SYMBOL_THREAD_LOCAL,
    SB_SYMBOL_IFUNC /* a function that the loader chooses by running another one */
} sb_symbol_kind;

typedef struct sb_image_symbol {
    const char *name;
    const char *version; /* NULL: none */
    const char *version_file; /* undefined symbols: the library that is to have that version */
    uint64_t value;           /* an address, before the library is moved to where it is loaded */
    uint64_t size;
    uint8_t kind;       /* sb_symbol_kind */
    uint8_t binding;    /* STB_GLOBAL, STB_WEAK ... of elf.h */
    uint8_t visibility; /* STV_DEFAULT ... */
    bool defined;
    bool is_default; /* defined, and found without naming a version: name@@version */
    bool exported;   /* defined, and others may bind to it */
} sb_image_symbol;

/* Reads the table of dynamic symbols; *count is how many there are, number 0 included, which is no
 * symbol. 0 when the file has none. */
sb_status sb_image_symbols(sb_image *image, uint32_t *count, sb_error *error);
/* Number `index` of it. Allocates nothing. */
sb_status sb_image_symbol_at(sb_image *image, uint32_t index, sb_image_symbol *out,
                             sb_error *error);

typedef struct sb_image_note {
    const char *owner; /* not NUL-terminated */
    size_t owner_length;
    uint32_t type;
    const uint8_t *bytes;
    size_t size;
    uint64_t offset; /* of the note, in the file */
} sb_image_note;

/* Note number `index`: those of segments, then those of sections that no segment holds. *found is
 * false beyond the last one. A segment or section ends at its first note that is malformed: the
 * notes of others are still read, and an error takes the place of the end. */
sb_status sb_image_note_at(sb_image *image, uint32_t index, sb_image_note *out, bool *found,
                           sb_error *error);
/* The note of that owner and type, as symbridge's own: owner "symbridge". *bytes is NULL when there
 * is none. Two that differ are an error, since nothing says which one is meant. */
sb_status sb_image_note_of(sb_image *image, const char *owner, uint32_t type,
                           const uint8_t **bytes, size_t *size, sb_error *error);

/* What a library carries of itself (see "facts"), from the notes in its segments. bytes is NULL where
 * it carries none. text may be NULL: it is not wanted, and not read. */
typedef struct sb_bytes {
    const uint8_t *bytes;
    size_t size;
} sb_bytes;
sb_status sb_image_carried(sb_image *image, sb_bytes *text, sb_bytes *facts, sb_error *error);

sb_status sb_image_build_id(sb_image *image, const uint8_t **bytes, size_t *size, sb_error *error);

/* .gnu_debuglink: the file name of the debug data and the CRC-32 of that file; .gnu_debugaltlink: the
 * file that debug data is shared with, and its build-id. Absent: name NULL. */
typedef struct sb_image_link {
    const char *name;
    uint32_t crc;
    const uint8_t *build_id;
    size_t build_id_size;
} sb_image_link;
sb_status sb_image_debuglink(sb_image *image, sb_image_link *out, sb_error *error);
sb_status sb_image_debugaltlink(sb_image *image, sb_image_link *out, sb_error *error);

typedef struct sb_image_section {
    const char *name;
    uint32_t type;  /* SHT_PROGBITS ... of elf.h */
    uint64_t flags; /* SHF_ALLOC, SHF_COMPRESSED ... */
    uint64_t address, offset, size, alignment;
} sb_image_section;
/* index < section_count of the header. */
sb_status sb_image_section_at(sb_image *image, uint32_t index, sb_image_section *out,
                              sb_error *error);

/* The path of the file that sb_library_open(name) would open, found without opening it: of a library
 * that is open already; else in the program's RPATH, LD_LIBRARY_PATH and RUNPATH, the loader's cache
 * and the system's directories. The working directory is not searched. A name with a slash is made
 * absolute; NULL or "" is the running program.
 *
 * The loader knows of more: variants of a library for newer processors, for one. So who relies on
 * the answer compares it with sb_library_path once the library is open (sb_image_is_file). */
sb_status sb_library_locate(const char *name, char *path, size_t size, sb_error *error);

/* The path that an open library was loaded from. */
sb_status sb_library_path(sb_library *library, char *path, size_t size, sb_error *error);

#ifdef __cplusplus
}
#endif
#endif
