/* image.c - the file of an ELF library: its headers, sections and dynamic section.
 *
 * Formats are those of the "System V Application Binary Interface", chapters "Object Files" and
 * "Program Loading and Dynamic Linking". The file is read with pread, in ranges, and never mapped: a
 * mapping would raise SIGBUS when another process cuts the file.
 */
#include "builder.h" /* memory_resize */
#include "image.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define SHOWN_PATH 300 /* bytes of a path that stand in an error */

struct image_block {
    struct image_block *next;
    max_align_t data[];
};

sb_status image_fault(const sb_image *image, sb_error *error, const char *format, ...)
{
    char text[200];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    return failure(error, SB_ERROR_LIBRARY, "library file '%.*s': %s", SHOWN_PATH, image->name,
                   text);
}

sb_status image_excess(const sb_image *image, const char *what, uint64_t count, uint64_t limit,
                       sb_error *error)
{
    return failure(error, SB_ERROR_LIMIT,
                   "library file '%.*s': %llu %s are more than the %llu that are read", SHOWN_PATH,
                   image->name, (unsigned long long)count, what, (unsigned long long)limit);
}

void *image_allocate(sb_image *image, uint64_t count, size_t size, sb_error *error)
{
    struct image_block *block = NULL;
    if (count <= (SIZE_MAX - sizeof *block) / size)
        block = memory_resize(NULL, sizeof *block + (size_t)count * size);
    if (block == NULL) {
        (void)failure(error, SB_ERROR_MEMORY, "out of memory");
        return NULL;
    }
    memset(block->data, 0, (size_t)count * size);
    block->next = image->blocks;
    image->blocks = block;
    return block->data;
}

/* ---- reading ------------------------------------------------------------------------------------- */

static sb_status check_range(const sb_image *image, uint64_t offset, uint64_t size,
                             const char *what, sb_error *error)
{
    uint64_t end = image->head.file_size;
    if (offset <= end && size <= end - offset)
        return SB_OK;
    return image_fault(image, error,
                       "%s (%llu bytes at offset %llu) lies beyond the end of the file (%llu "
                       "bytes); the file is cut off or damaged",
                       what, (unsigned long long)size, (unsigned long long)offset,
                       (unsigned long long)end);
}

/* Reads a range that lies in the file, unless the file has shrunk meanwhile. */
static sb_status read_file(const sb_image *image, uint64_t offset, uint64_t size, uint8_t *bytes,
                           sb_error *error)
{
    while (size > 0) {
        ssize_t got = pread(image->file, bytes, (size_t)size, (off_t)offset);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return image_fault(image, error, "cannot be read: %s", strerror(errno));
        if (got == 0)
            return image_fault(image, error, "became shorter while it was read");
        bytes += got;
        offset += (uint64_t)got;
        size -= (uint64_t)got;
    }
    return SB_OK;
}

sb_status image_read(sb_image *image, uint64_t offset, uint64_t size, const char *what,
                     image_table *out, sb_error *error)
{
    *out = (image_table){NULL, 0};
    sb_status status = check_range(image, offset, size, what, error);
    if (status != SB_OK)
        return status;
    if (size > SB_MAX_IMAGE_READ - image->bytes_read)
        return failure(error, SB_ERROR_LIMIT,
                       "library file '%.*s': %s has %llu bytes; at most %llu are read of a file in "
                       "all",
                       SHOWN_PATH, image->name, what, (unsigned long long)size,
                       (unsigned long long)SB_MAX_IMAGE_READ);
    image->bytes_read += size;
    if (image->memory != NULL) {
        *out = (image_table){image->memory + offset, size};
        return SB_OK;
    }
    struct image_block *block = memory_resize(NULL, sizeof *block + (size_t)size + 1);
    if (block == NULL)
        return failure(error, SB_ERROR_MEMORY, "out of memory");
    block->next = image->blocks;
    image->blocks = block;
    uint8_t *bytes = (uint8_t *)block->data;
    status = read_file(image, offset, size, bytes, error);
    if (status == SB_OK)
        *out = (image_table){bytes, size};
    return status;
}

sb_status image_peek(sb_image *image, uint64_t offset, uint64_t size, const char *what,
                     const uint8_t **out, sb_error *error)
{
    *out = NULL;
    sb_status status = check_range(image, offset, size, what, error);
    if (status != SB_OK)
        return status;
    if (image->memory != NULL) {
        *out = image->memory + offset;
        return SB_OK;
    }
    uint64_t start = image->window_start;
    if (offset < start || offset - start > image->window_size ||
        size > image->window_size - (offset - start)) {
        uint64_t rest = image->head.file_size - offset;
        image->window_start = offset;
        image->window_size = 0;
        uint64_t wanted = rest < IMAGE_WINDOW ? rest : IMAGE_WINDOW;
        status = read_file(image, offset, wanted, image->window, error);
        if (status != SB_OK)
            return status;
        image->window_size = wanted;
    }
    *out = image->window + (offset - image->window_start);
    return SB_OK;
}

/* Whether every text of a table of texts ends within it. */
static bool ends_in_nul(image_table texts)
{
    return texts.bytes != NULL && texts.size > 0 && texts.bytes[texts.size - 1] == '\0';
}

/* ---- headers --------------------------------------------------------------------------------------- */

static image_section decode_section(const sb_image *image, const uint8_t *p)
{
    return (image_section){
        .name = (uint32_t)IMAGE_FIELD(image, p, Shdr, sh_name),
        .type = (uint32_t)IMAGE_FIELD(image, p, Shdr, sh_type),
        .link = (uint32_t)IMAGE_FIELD(image, p, Shdr, sh_link),
        .info = (uint32_t)IMAGE_FIELD(image, p, Shdr, sh_info),
        .flags = IMAGE_FIELD(image, p, Shdr, sh_flags),
        .address = IMAGE_FIELD(image, p, Shdr, sh_addr),
        .offset = IMAGE_FIELD(image, p, Shdr, sh_offset),
        .size = IMAGE_FIELD(image, p, Shdr, sh_size),
        .align = IMAGE_FIELD(image, p, Shdr, sh_addralign),
        .entry_size = IMAGE_FIELD(image, p, Shdr, sh_entsize),
    };
}

static sb_status read_segments(sb_image *image, uint64_t offset, uint64_t count,
                               uint64_t entry_size, sb_error *error)
{
    if (count == 0)
        return SB_OK;
    if (count > SB_MAX_IMAGE_SEGMENTS)
        return image_excess(image, "program headers", count, SB_MAX_IMAGE_SEGMENTS, error);
    if (entry_size != IMAGE_SIZE(image, Phdr))
        return image_fault(image, error, "program headers have %llu bytes each, not %zu",
                           (unsigned long long)entry_size, IMAGE_SIZE(image, Phdr));
    image->segments = image_allocate(image, count, sizeof *image->segments, error);
    if (image->segments == NULL)
        return SB_ERROR_MEMORY;
    for (uint64_t i = 0; i < count; i++) {
        const uint8_t *p;
        sb_status status =
            image_peek(image, offset + i * entry_size, entry_size, "a program header", &p, error);
        if (status != SB_OK)
            return status;
        image->segments[i] = (image_segment){
            .type = (uint32_t)IMAGE_FIELD(image, p, Phdr, p_type),
            .flags = (uint32_t)IMAGE_FIELD(image, p, Phdr, p_flags),
            .offset = IMAGE_FIELD(image, p, Phdr, p_offset),
            .address = IMAGE_FIELD(image, p, Phdr, p_vaddr),
            .file_size = IMAGE_FIELD(image, p, Phdr, p_filesz),
            .align = IMAGE_FIELD(image, p, Phdr, p_align),
        };
    }
    image->head.segment_count = (uint32_t)count;
    return SB_OK;
}

static sb_status read_head(sb_image *image, sb_error *error)
{
    const uint8_t *p;
    sb_image_header *head = &image->head;
    if (head->file_size < EI_NIDENT)
        return image_fault(image, error, "is not an ELF file: it has only %llu bytes",
                           (unsigned long long)head->file_size);
    sb_status status = image_peek(image, 0, EI_NIDENT, "the ELF header", &p, error);
    if (status != SB_OK)
        return status;
    if (memcmp(p, ELFMAG, SELFMAG) != 0)
        return image_fault(image, error, "is not an ELF file, so not a shared library%s",
                           p[0] == '/' && p[1] == '*' ? "; it is text, perhaps a linker script "
                                                        "that names the library itself"
                                                      : "");
    if ((p[EI_CLASS] != ELFCLASS32 && p[EI_CLASS] != ELFCLASS64) ||
        (p[EI_DATA] != ELFDATA2LSB && p[EI_DATA] != ELFDATA2MSB) || p[EI_VERSION] != EV_CURRENT)
        return image_fault(image, error,
                           "is an ELF file of an unknown sort (class %u, byte order %u, version "
                           "%u)",
                           p[EI_CLASS], p[EI_DATA], p[EI_VERSION]);
    head->bits = p[EI_CLASS] == ELFCLASS64 ? 64 : 32;
    head->big_endian = p[EI_DATA] == ELFDATA2MSB;
    head->os_abi = p[EI_OSABI];
    image->swap = head->big_endian != OWN_BIG_ENDIAN;
    status = image_peek(image, 0, IMAGE_SIZE(image, Ehdr), "the ELF header", &p, error);
    if (status != SB_OK)
        return status;
    head->type = (uint16_t)IMAGE_FIELD(image, p, Ehdr, e_type);
    head->machine = (uint16_t)IMAGE_FIELD(image, p, Ehdr, e_machine);
    head->flags = (uint32_t)IMAGE_FIELD(image, p, Ehdr, e_flags);
    uint64_t segments = IMAGE_FIELD(image, p, Ehdr, e_phoff);
    uint64_t segment_count = IMAGE_FIELD(image, p, Ehdr, e_phnum);
    uint64_t segment_size = IMAGE_FIELD(image, p, Ehdr, e_phentsize);
    uint64_t sections = IMAGE_FIELD(image, p, Ehdr, e_shoff);
    uint64_t section_count = IMAGE_FIELD(image, p, Ehdr, e_shnum);
    uint64_t section_size = IMAGE_FIELD(image, p, Ehdr, e_shentsize);
    image->section_names = (uint32_t)IMAGE_FIELD(image, p, Ehdr, e_shstrndx);
    /* Numbers that do not fit into the header are in section 0. */
    if (sections != 0 &&
        (section_count == 0 || segment_count == PN_XNUM || image->section_names == SHN_XINDEX)) {
        status =
            image_peek(image, sections, IMAGE_SIZE(image, Shdr), "a section header", &p, error);
        image_section first = {.name = 0};
        if (status == SB_OK)
            first = decode_section(image, p);
        else if (segment_count == PN_XNUM)
            return status;
        section_count = section_count == 0 ? first.size : section_count;
        segment_count = segment_count == PN_XNUM ? first.info : segment_count;
        if (image->section_names == SHN_XINDEX)
            image->section_names = first.link;
    }
    /* The loader looks at no section header, so what is wrong with them waits until they are asked
     * for. */
    section_count = sections == 0 ? 0 : section_count;
    image->sections_offset = sections;
    image->section_size = section_size;
    head->section_count = section_count > UINT32_MAX ? UINT32_MAX : (uint32_t)section_count;
    return read_segments(image, segments, segments == 0 ? 0 : segment_count, segment_size, error);
}

/* ---- opening ------------------------------------------------------------------------------------- */

static sb_image *new_image(const char *name, sb_error *error)
{
    size_t length = strlen(name);
    sb_image *image = memory_resize(NULL, sizeof *image + length + 1);
    if (image == NULL) {
        (void)failure(error, SB_ERROR_MEMORY, "out of memory");
        return NULL;
    }
    memset(image, 0, sizeof *image);
    image->file = -1;
    memcpy(image->name, name, length + 1);
    return image;
}

static sb_status finish(sb_image *image, sb_status status, sb_image **out)
{
    if (status == SB_OK)
        *out = image;
    else
        sb_image_close(image);
    return status;
}

static sb_status open_file(sb_image *image, sb_error *error)
{
    struct stat facts;
    /* Without O_NONBLOCK a named pipe would be waited for. */
    image->file = open(image->name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (image->file < 0 || fstat(image->file, &facts) < 0)
        return image_fault(image, error, "cannot be read: %s", strerror(errno));
    if (!S_ISREG(facts.st_mode))
        return image_fault(image, error, "is %s, not a regular file",
                           S_ISDIR(facts.st_mode) ? "a directory" : "a device or pipe");
    image->has_file = true;
    image->device = (uint64_t)facts.st_dev;
    image->inode = (uint64_t)facts.st_ino;
    image->head.file_size = (uint64_t)facts.st_size;
    if (image->head.file_size > SB_MAX_IMAGE_FILE)
        return image_excess(image, "bytes", image->head.file_size, SB_MAX_IMAGE_FILE, error);
    return read_head(image, error);
}

sb_status sb_image_open(const char *path, sb_image **out, sb_error *error)
{
    *out = NULL;
    sb_image *image = new_image(path, error);
    if (image == NULL)
        return SB_ERROR_MEMORY;
    return finish(image, open_file(image, error), out);
}

sb_status sb_image_of_bytes(const void *bytes, size_t size, const char *name, sb_image **out,
                            sb_error *error)
{
    *out = NULL;
    sb_image *image = new_image(name, error);
    if (image == NULL)
        return SB_ERROR_MEMORY;
    image->memory = bytes;
    image->head.file_size = size;
    return finish(image, read_head(image, error), out);
}

void sb_image_close(sb_image *image)
{
    if (image == NULL)
        return;
    while (image->blocks != NULL) {
        struct image_block *block = image->blocks;
        image->blocks = block->next;
        memory_free(block);
    }
    if (image->file >= 0)
        (void)close(image->file);
    memory_free(image);
}

const sb_image_header *sb_image_head(const sb_image *image)
{
    return &image->head;
}

bool sb_image_is_file(const sb_image *image, const char *path)
{
    struct stat facts;
    return image->has_file && stat(path, &facts) == 0 && (uint64_t)facts.st_dev == image->device &&
           (uint64_t)facts.st_ino == image->inode;
}

/* ---- sections -------------------------------------------------------------------------------------- */

sb_status image_read_sections(sb_image *image, sb_error *error)
{
    if (image->sections_read || image->head.section_count == 0)
        return SB_OK;
    uint64_t count = image->head.section_count;
    uint64_t size = IMAGE_SIZE(image, Shdr);
    if (image->section_size != size)
        return image_fault(image, error, "section headers have %llu bytes each, not %llu",
                           (unsigned long long)image->section_size, (unsigned long long)size);
    if (count > SB_MAX_IMAGE_SECTIONS)
        return image_excess(image, "sections", count, SB_MAX_IMAGE_SECTIONS, error);
    /* The range is checked first: a count that lies allocates nothing. */
    sb_status status = check_range(image, image->sections_offset, count * size,
                                   "the table of section headers", error);
    if (status != SB_OK)
        return status;
    image_section *sections = image_allocate(image, count, sizeof *sections, error);
    if (sections == NULL)
        return SB_ERROR_MEMORY;
    for (uint64_t i = 0; i < count; i++) {
        const uint8_t *p;
        status = image_peek(image, image->sections_offset + i * size, size, "a section header", &p,
                            error);
        if (status != SB_OK)
            return status;
        sections[i] = decode_section(image, p);
    }
    image->sections = sections;
    image->sections_read = true;
    return SB_OK;
}

static sb_status read_names(sb_image *image, sb_error *error)
{
    sb_status status = image_read_sections(image, error);
    if (status != SB_OK || image->names_read)
        return status;
    image_table names = {NULL, 0};
    if (image->section_names != SHN_UNDEF) {
        if (image->section_names >= image->head.section_count)
            return image_fault(image, error, "the names of sections are to be in section %u of %u",
                               image->section_names, image->head.section_count);
        const image_section *section = &image->sections[image->section_names];
        status = image_read(image, section->offset, section->size, "the table of section names",
                            &names, error);
        if (status != SB_OK)
            return status;
        if (names.size > 0 && !ends_in_nul(names))
            return image_fault(image, error, "the table of section names does not end in NUL");
    }
    image->names = names;
    image->names_read = true;
    return SB_OK;
}

sb_status sb_image_section_at(sb_image *image, uint32_t index, sb_image_section *out,
                              sb_error *error)
{
    sb_status status = read_names(image, error);
    if (status != SB_OK)
        return status;
    if (index >= image->head.section_count)
        return image_fault(image, error, "has %u sections, no number %u", image->head.section_count,
                           index);
    const image_section *section = &image->sections[index];
    const char *name = image->names.size == 0 ? "" : image_text(image->names, section->name);
    if (name == NULL)
        return image_fault(image, error, "the name of section %u lies outside the table of names",
                           index);
    *out = (sb_image_section){
        .name = name,
        .type = section->type,
        .flags = section->flags,
        .address = section->address,
        .offset = section->offset,
        .size = section->size,
        .alignment = section->align,
    };
    return SB_OK;
}

/* ---- addresses ------------------------------------------------------------------------------------- */

static bool within(const sb_image *image, uint64_t address, uint64_t start, uint64_t size,
                   uint64_t file_offset, uint64_t *offset, uint64_t *rest)
{
    uint64_t end = image->head.file_size;
    if (address < start || address - start >= size || file_offset > end)
        return false;
    uint64_t skipped = address - start;
    if (skipped >= end - file_offset)
        return false;
    *offset = file_offset + skipped;
    *rest = size - skipped < end - *offset ? size - skipped : end - *offset;
    return true;
}

bool image_offset(const sb_image *image, uint64_t address, uint64_t *offset, uint64_t *rest)
{
    bool loaded = false;
    for (uint32_t i = 0; i < image->head.segment_count; i++) {
        const image_segment *s = &image->segments[i];
        loaded |= s->type == PT_LOAD;
        if (s->type == PT_LOAD &&
            within(image, address, s->address, s->file_size, s->offset, offset, rest))
            return true;
    }
    for (uint32_t i = 0; !loaded && image->sections_read && i < image->head.section_count; i++) {
        const image_section *s = &image->sections[i];
        if ((s->flags & SHF_ALLOC) != 0 && s->type != SHT_NOBITS &&
            within(image, address, s->address, s->size, s->offset, offset, rest))
            return true;
    }
    return false;
}

/* ---- the dynamic section --------------------------------------------------------------------------- */

/* Where the dynamic section is. *size is 0 when there is none. */
static sb_status find_dynamic(sb_image *image, uint64_t *offset, uint64_t *size, sb_error *error)
{
    *offset = *size = 0;
    const image_segment *segment = NULL;
    for (uint32_t i = 0; segment == NULL && i < image->head.segment_count; i++)
        if (image->segments[i].type == PT_DYNAMIC)
            segment = &image->segments[i];
    sb_status status = image_read_sections(image, error);
    if (status != SB_OK && segment == NULL)
        return status;
    if (segment != NULL) {
        *offset = segment->offset;
        *size = segment->file_size;
    }
    for (uint32_t i = 0; image->sections_read && i < image->head.section_count; i++) {
        const image_section *section = &image->sections[i];
        if (segment == NULL && section->type == SHT_DYNAMIC) {
            *offset = section->offset;
            *size = section->size;
            return SB_OK;
        }
        /* Debug data that was split off keeps the headers of what it leaves out. */
        if (segment != NULL && section->type == SHT_NOBITS && section->size > 0 &&
            section->address == segment->address && (section->flags & SHF_ALLOC) != 0 &&
            (section->flags & SHF_TLS) == 0)
            *size = 0;
    }
    return SB_OK;
}

static void note_entry(image_dynamic *entries, uint64_t tag, uint64_t value)
{
    switch (tag) {
    case DT_STRTAB:
        entries->strings = value;
        break;
    case DT_STRSZ:
        entries->strings_size = value;
        break;
    case DT_SYMTAB:
        entries->symbols = value;
        break;
    case DT_SYMENT:
        entries->symbol_size = value;
        break;
    case DT_HASH:
        entries->hash = value;
        break;
    case DT_GNU_HASH:
        entries->gnu_hash = value;
        break;
    case DT_VERSYM:
        entries->versions = value;
        break;
    case DT_VERDEF:
        entries->defined_versions = value;
        break;
    case DT_VERNEED:
        entries->needed_versions = value;
        break;
    default:
        break;
    }
}

static sb_status read_strings(sb_image *image, sb_error *error)
{
    const image_dynamic *entries = &image->entries;
    uint64_t offset, rest;
    if (entries->strings_size == 0)
        return SB_OK;
    if (!image_offset(image, entries->strings, &offset, &rest) || rest < entries->strings_size)
        return image_fault(image, error,
                           "the string table (DT_STRTAB 0x%llx, %llu bytes) lies outside what the "
                           "file holds",
                           (unsigned long long)entries->strings,
                           (unsigned long long)entries->strings_size);
    sb_status status = image_read(image, offset, entries->strings_size, "the string table",
                                  &image->strings, error);
    if (status != SB_OK)
        return status;
    if (!ends_in_nul(image->strings)) {
        image->strings = (image_table){NULL, 0};
        return image_fault(image, error, "the string table does not end in NUL");
    }
    return SB_OK;
}

static sb_status take_text(const sb_image *image, const char *what, uint64_t offset,
                           const char **out, sb_error *error)
{
    *out = image_text(image->strings, offset);
    if (*out != NULL)
        return SB_OK;
    return image_fault(image, error, "%s at %llu lies outside the string table (%llu bytes)", what,
                       (unsigned long long)offset, (unsigned long long)image->strings.size);
}

/* One name for each DT_NEEDED, DT_SONAME ... Names are read when the strings are. */
static sb_status read_texts(sb_image *image, image_table table, sb_error *error)
{
    sb_image_dynamic *dynamic = &image->dynamic;
    size_t entry = IMAGE_SIZE(image, Dyn);
    uint64_t needed = 0;
    for (uint64_t at = 0; at < table.size; at += entry)
        needed += IMAGE_FIELD(image, table.bytes + at, Dyn, d_tag) == DT_NEEDED;
    const char **names = image_allocate(image, needed, sizeof *names, error);
    if (names == NULL)
        return SB_ERROR_MEMORY;
    dynamic->needed = names;
    for (uint64_t at = 0; at < table.size; at += entry) {
        const uint8_t *p = table.bytes + at;
        uint64_t value = IMAGE_FIELD(image, p, Dyn, d_un);
        sb_status status = SB_OK;
        switch (IMAGE_FIELD(image, p, Dyn, d_tag)) {
        case DT_NEEDED:
            status = take_text(image, "the name of a needed library", value,
                               &names[dynamic->needed_count], error);
            dynamic->needed_count++;
            break;
        case DT_SONAME:
            status = take_text(image, "the soname", value, &dynamic->soname, error);
            break;
        case DT_RPATH:
            status = take_text(image, "the rpath", value, &dynamic->rpath, error);
            break;
        case DT_RUNPATH:
            status = take_text(image, "the runpath", value, &dynamic->runpath, error);
            break;
        default:
            break;
        }
        if (status != SB_OK)
            return status;
    }
    return SB_OK;
}

static sb_status read_dynamic(sb_image *image, sb_error *error)
{
    uint64_t offset, size;
    image_table table;
    size_t entry = IMAGE_SIZE(image, Dyn);
    sb_status status = find_dynamic(image, &offset, &size, error);
    if (status != SB_OK || size == 0)
        return status;
    if (size / entry > SB_MAX_IMAGE_DYNAMIC)
        return image_excess(image, "dynamic entries", size / entry, SB_MAX_IMAGE_DYNAMIC, error);
    status = image_read(image, offset, size - size % entry, "the dynamic section", &table, error);
    if (status != SB_OK)
        return status;
    uint64_t used = 0;
    for (; used < table.size; used += entry) {
        uint64_t tag = IMAGE_FIELD(image, table.bytes + used, Dyn, d_tag);
        if (tag == DT_NULL)
            break;
        note_entry(&image->entries, tag, IMAGE_FIELD(image, table.bytes + used, Dyn, d_un));
    }
    table.size = used;
    image->dynamic.present = true;
    status = read_strings(image, error);
    return status == SB_OK ? read_texts(image, table, error) : status;
}

sb_status sb_image_read_dynamic(sb_image *image, const sb_image_dynamic **out, sb_error *error)
{
    *out = NULL;
    if (!image->dynamic_read) {
        image->dynamic = (sb_image_dynamic){.present = false};
        image->entries = (image_dynamic){.strings = 0};
        sb_status status = read_dynamic(image, error);
        if (status != SB_OK)
            return status;
        image->dynamic_read = true;
    }
    *out = &image->dynamic;
    return SB_OK;
}
