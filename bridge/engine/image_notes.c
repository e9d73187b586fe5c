/* image_notes.c - notes in a library's file, its build-id, and where its debug data is.
 *
 * A note is three words (length of the owner's name, length of the bytes, type), the name, the bytes,
 * each padded to the alignment of what holds it: 4, or 8 where a segment or section says so
 * ("System V Application Binary Interface", section "Note Section").
 */
#include "image.h"

#define NOTE_WORDS 12 /* bytes before the name */

/* ---- notes --------------------------------------------------------------------------------------- */

static bool has_note_at(const sb_image *image, uint32_t count, uint64_t offset)
{
    for (uint32_t i = 0; i < count; i++)
        if (image->notes[i].offset == offset)
            return true;
    return false;
}

/* Segments and sections hold the same notes, which are added once. */
static sb_status add_note(sb_image *image, sb_image_note note, sb_error *error)
{
    if (has_note_at(image, image->note_count, note.offset))
        return SB_OK;
    if (image->note_count >= SB_MAX_IMAGE_NOTES)
        return image_excess(image, "notes", (uint64_t)image->note_count + 1, SB_MAX_IMAGE_NOTES,
                            error);
    if (image->note_count == image->note_capacity) {
        uint32_t capacity = image->note_capacity == 0 ? 8 : image->note_capacity * 2;
        sb_image_note *notes = image_allocate(image, capacity, sizeof *notes, error);
        if (notes == NULL)
            return SB_ERROR_MEMORY;
        if (image->note_count > 0)
            memcpy(notes, image->notes, image->note_count * sizeof *notes);
        image->notes = notes;
        image->note_capacity = capacity;
    }
    image->notes[image->note_count++] = note;
    return SB_OK;
}

static uint64_t padded(uint64_t size, uint64_t align)
{
    return (size + align - 1) & ~(align - 1);
}

static bool is_zero(const uint8_t *bytes, uint64_t size)
{
    while (size > 0 && bytes[size - 1] == 0)
        size--;
    return size == 0;
}

/* Takes the notes of one segment or section. A malformed one ends it. */
static sb_status read_notes_of(sb_image *image, uint64_t offset, uint64_t size, uint64_t align,
                               sb_error *error)
{
    image_table table;
    sb_status status = image_read(image, offset, size, "the notes", &table, error);
    if (status != SB_OK)
        return status;
    align = align == 8 ? 8 : 4;
    for (uint64_t at = 0; at < size;) {
        const uint8_t *p = table.bytes + at;
        uint64_t rest = size - at;
        unsigned long long place = offset + at;
        if (rest < NOTE_WORDS && is_zero(p, rest))
            break; /* what aligned the end */
        if (rest < NOTE_WORDS)
            return image_fault(image, error, "%llu bytes at offset %llu are too few for a note",
                               (unsigned long long)rest, place);
        uint64_t owner = image_load(image, p, 4), bytes = image_load(image, p + 4, 4);
        uint64_t start = padded(NOTE_WORDS + owner, align);
        if (start > rest || bytes > rest - start)
            return image_fault(image, error,
                               "the note at offset %llu is to have %llu bytes of name and %llu of "
                               "content, but %llu are left",
                               place, (unsigned long long)owner, (unsigned long long)bytes,
                               (unsigned long long)(rest - NOTE_WORDS));
        sb_image_note note = {
            .owner = (const char *)p + NOTE_WORDS,
            .owner_length = (size_t)owner,
            .type = (uint32_t)image_load(image, p + 8, 4),
            .bytes = p + start,
            .size = (size_t)bytes,
            .offset = offset + at,
        };
        if (owner > 0 && note.owner[owner - 1] == '\0')
            note.owner_length--;
        status = add_note(image, note, error);
        if (status != SB_OK)
            return status;
        uint64_t whole = padded(start + bytes, align);
        if (whole >= rest)
            break;
        at += whole;
    }
    return SB_OK;
}

/* Notes of one kind of holder: a fault of the file is kept, so that what others hold is still read;
 * any other failure ends the reading. */
static sb_status read_segment_notes(sb_image *image, sb_error *fault, sb_error *error)
{
    for (uint32_t i = 0; i < image->head.segment_count; i++) {
        const image_segment *segment = &image->segments[i];
        if (segment->type != PT_NOTE || segment->file_size == 0)
            continue;
        sb_status status =
            read_notes_of(image, segment->offset, segment->file_size, segment->align, error);
        if (status == SB_ERROR_LIBRARY && fault->status == SB_OK)
            *fault = *error;
        if (status != SB_OK && status != SB_ERROR_LIBRARY)
            return status;
    }
    return SB_OK;
}

/* *any: there are sections of notes. All of them are read when a segment could not be; else those that
 * no segment held. */
static sb_status read_section_notes(sb_image *image, bool all, bool *any, sb_error *fault,
                                    sb_error *error)
{
    uint32_t in_segments = image->note_count, sections = 0;
    for (uint32_t i = 0; i < image->head.section_count; i++) {
        const image_section *section = &image->sections[i];
        if (section->type != SHT_NOTE || section->size == 0)
            continue;
        *any = true;
        if (++sections > SB_MAX_IMAGE_NOTES)
            return image_excess(image, "sections of notes", sections, SB_MAX_IMAGE_NOTES, error);
        if (!all && has_note_at(image, in_segments, section->offset))
            continue;
        sb_status status =
            read_notes_of(image, section->offset, section->size, section->align, error);
        if (status == SB_ERROR_LIBRARY && fault->status == SB_OK)
            *fault = *error;
        if (status != SB_OK && status != SB_ERROR_LIBRARY)
            return status;
    }
    return SB_OK;
}

static sb_status read_notes(sb_image *image, sb_error *error)
{
    sb_error in_segment = {.status = SB_OK}, in_section = {.status = SB_OK};
    bool any = false;
    image->note_count = image->note_capacity = 0;
    sb_status status = read_segment_notes(image, &in_segment, error);
    if (status != SB_OK)
        return status;
    status = image_read_sections(image, error);
    if (status == SB_OK) {
        status = read_section_notes(image, in_segment.status != SB_OK, &any, &in_section, error);
        if (status != SB_OK)
            return status;
    } else if (image->head.segment_count == 0 || status == SB_ERROR_MEMORY) {
        return status; /* else the loader needs no section headers, nor do we */
    }
    /* A segment that was joined of sections with different alignments cannot be walked, but its
     * sections can: what they say well stands for what the segment says badly. */
    if (in_section.status != SB_OK)
        image->note_error = in_section;
    else if (in_segment.status != SB_OK && !any)
        image->note_error = in_segment;
    else
        image->note_error.status = SB_OK;
    return SB_OK;
}

static sb_status want_notes(sb_image *image, sb_error *error)
{
    if (image->notes_read)
        return SB_OK;
    sb_error own;
    sb_status status = read_notes(image, error != NULL ? error : &own);
    image->notes_read = status == SB_OK;
    return status;
}

static sb_status at_end(const sb_image *image, sb_error *error)
{
    if (image->note_error.status != SB_OK && error != NULL)
        *error = image->note_error;
    return image->note_error.status;
}

sb_status sb_image_note_at(sb_image *image, uint32_t index, sb_image_note *out, bool *found,
                           sb_error *error)
{
    *found = false;
    sb_status status = want_notes(image, error);
    if (status != SB_OK)
        return status;
    if (index >= image->note_count)
        return at_end(image, error);
    *out = image->notes[index];
    *found = true;
    return SB_OK;
}

static bool is_note(const sb_image_note *note, const char *owner, uint32_t type)
{
    return note->type == type && note->owner_length == strlen(owner) &&
           memcmp(note->owner, owner, note->owner_length) == 0;
}

/* `many`: of several the first is as good as any. */
static sb_status find_note(sb_image *image, const char *owner, uint32_t type, bool many,
                           const uint8_t **bytes, size_t *size, sb_error *error)
{
    *bytes = NULL;
    *size = 0;
    sb_status status = want_notes(image, error);
    if (status != SB_OK)
        return status;
    for (uint32_t i = 0; i < image->note_count; i++) {
        const sb_image_note *note = &image->notes[i];
        if (!is_note(note, owner, type))
            continue;
        if (*bytes == NULL) {
            *bytes = note->bytes;
            *size = note->size;
            if (many)
                return SB_OK;
        } else if (note->size != *size || memcmp(note->bytes, *bytes, *size) != 0) {
            *bytes = NULL;
            *size = 0;
            return image_fault(image, error,
                               "has two different notes of owner '%s' and type %u; "
                               "link only one of them into it",
                               owner, (unsigned)type);
        }
    }
    return *bytes == NULL ? at_end(image, error) : SB_OK;
}

sb_status sb_image_note_of(sb_image *image, const char *owner, uint32_t type, const uint8_t **bytes,
                           size_t *size, sb_error *error)
{
    return find_note(image, owner, type, false, bytes, size, error);
}

/* ---- build-id and debug data -------------------------------------------------------------------- */

sb_status sb_image_build_id(sb_image *image, const uint8_t **bytes, size_t *size, sb_error *error)
{
    return find_note(image, ELF_NOTE_GNU, NT_GNU_BUILD_ID, true, bytes, size, error);
}

/* The contents of a section, or none. */
static sb_status read_section(sb_image *image, const char *name, image_table *out, sb_error *error)
{
    *out = (image_table){NULL, 0};
    for (uint32_t i = 0; i < image->head.section_count; i++) {
        sb_image_section section;
        sb_status status = sb_image_section_at(image, i, &section, error);
        if (status != SB_OK)
            return status;
        if (section.type != SHT_NOBITS && strcmp(section.name, name) == 0)
            return image_read(image, section.offset, section.size, name, out, error);
    }
    return SB_OK;
}

/* The file name that a section begins with. `least` bytes are to follow it. */
static sb_status read_link(sb_image *image, const char *section, uint64_t align, uint64_t least,
                           image_table *rest, const char **name, sb_error *error)
{
    image_table table;
    *name = NULL;
    sb_status status = read_section(image, section, &table, error);
    if (status != SB_OK || table.size == 0)
        return status;
    const uint8_t *end = memchr(table.bytes, '\0', (size_t)table.size);
    if (end == NULL || end == table.bytes)
        return image_fault(image, error, "section %s holds no file name that ends in NUL", section);
    uint64_t used = padded((uint64_t)(end - table.bytes) + 1, align);
    if (used > table.size || table.size - used < least)
        return image_fault(image, error, "section %s is cut off after the file name", section);
    *rest = (image_table){table.bytes + used, table.size - used};
    *name = (const char *)table.bytes;
    return SB_OK;
}

sb_status sb_image_debuglink(sb_image *image, sb_image_link *out, sb_error *error)
{
    image_table rest;
    *out = (sb_image_link){.name = NULL};
    sb_status status = read_link(image, ".gnu_debuglink", 4, 4, &rest, &out->name, error);
    if (status == SB_OK && out->name != NULL)
        out->crc = (uint32_t)image_load(image, rest.bytes, 4);
    return status;
}

sb_status sb_image_debugaltlink(sb_image *image, sb_image_link *out, sb_error *error)
{
    image_table rest;
    *out = (sb_image_link){.name = NULL};
    sb_status status = read_link(image, ".gnu_debugaltlink", 1, 0, &rest, &out->name, error);
    if (status == SB_OK && out->name != NULL) {
        out->build_id = rest.bytes;
        out->build_id_size = (size_t)rest.size;
    }
    return status;
}
