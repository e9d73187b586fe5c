/* carried.c - the notes by which a library describes itself, read at the cost of a look.
 *
 * Every load asks for them, so only what is wanted is read: of segments that hold notes the heads, and
 * of ours the bytes. They mostly lie in the first page of the file, which has been read already. What
 * cannot be walked so (segments that were joined of sections with different alignments), or holds a note
 * twice, is left to the reader of all notes.
 */
#include "image.h"

#define HEAD_SIZE 12 /* three words: sizes of the owner's name and of the bytes, type */
#define OWNER_SIZE sizeof SB_NOTE_OWNER
#define MAX_WALKED 64 /* notes of one segment; libraries have two or three */

typedef struct range {
    uint64_t offset, size;
    bool found;
} range;

/* Where our notes lie, by type. */
typedef struct places {
    range of[SB_NOTE_FACTS + 1];
} places;

static uint64_t padded(uint64_t size, uint64_t align)
{
    return (size + align - 1) & ~(align - 1);
}

/* False when the segment is to be read in another way. */
static bool walk(sb_image *image, const image_segment *segment, places *found)
{
    uint64_t align = segment->align == 8 ? 8 : 4, at = 0;
    for (unsigned count = 0; segment->file_size - at >= HEAD_SIZE; count++) {
        const uint8_t *p;
        uint64_t rest = segment->file_size - at;
        uint64_t wanted = rest < HEAD_SIZE + OWNER_SIZE ? HEAD_SIZE : HEAD_SIZE + OWNER_SIZE;
        if (count == MAX_WALKED ||
            image_peek(image, segment->offset + at, wanted, "a note", &p, NULL) != SB_OK)
            return false;
        uint64_t owner = image_load(image, p, 4), size = image_load(image, p + 4, 4);
        uint64_t type = image_load(image, p + 8, 4), start = padded(HEAD_SIZE + owner, align);
        if (start > rest || size > rest - start)
            return false;
        if (owner == OWNER_SIZE && memcmp(p + HEAD_SIZE, SB_NOTE_OWNER, OWNER_SIZE) == 0 &&
            type <= SB_NOTE_FACTS) {
            if (found->of[type].found)
                return false;
            found->of[type] = (range){segment->offset + at + start, size, true};
        }
        uint64_t whole = padded(start + size, align);
        if (whole >= rest)
            return true;
        at += whole;
    }
    return true;
}

static sb_status read_range(sb_image *image, const range *from, sb_bytes *out, sb_error *error)
{
    static const char what[] = "what the library carries";
    image_table table;
    const uint8_t *p;
    sb_status status = SB_OK;
    *out = (sb_bytes){NULL, 0};
    if (!from->found)
        return SB_OK;
    if (from->size > 0 && from->size <= IMAGE_WINDOW) { /* has mostly been read already */
        status = image_peek(image, from->offset, from->size, what, &p, error);
        uint8_t *copy = status != SB_OK ? NULL : image_allocate(image, from->size, 1, error);
        if (copy == NULL)
            return status != SB_OK ? status : SB_ERROR_MEMORY;
        memcpy(copy, p, (size_t)from->size);
        *out = (sb_bytes){copy, (size_t)from->size};
        return SB_OK;
    }
    status = image_read(image, from->offset, from->size, what, &table, error);
    if (status == SB_OK)
        *out = (sb_bytes){table.bytes, (size_t)table.size};
    return status;
}

/* By the reader of all notes. */
static sb_status read_slowly(sb_image *image, sb_bytes *text, sb_bytes *facts, sb_error *error)
{
    sb_status status = sb_image_note_of(image, SB_NOTE_OWNER, SB_NOTE_FACTS, &facts->bytes,
                                        &facts->size, error);
    if (status != SB_OK || text == NULL)
        return status;
    return sb_image_note_of(image, SB_NOTE_OWNER, SB_NOTE_DESCRIPTION, &text->bytes, &text->size,
                            error);
}

sb_status sb_image_carried(sb_image *image, sb_bytes *text, sb_bytes *facts, sb_error *error)
{
    places found = {.of = {{.found = false}}};
    *facts = (sb_bytes){NULL, 0};
    if (text != NULL)
        *text = *facts;
    for (uint32_t i = 0; i < image->head.segment_count; i++)
        if (image->segments[i].type == PT_NOTE && image->segments[i].file_size > 0 &&
            !walk(image, &image->segments[i], &found))
            return read_slowly(image, text, facts, error);
    sb_status status = read_range(image, &found.of[SB_NOTE_FACTS], facts, error);
    if (status == SB_OK && text != NULL)
        status = read_range(image, &found.of[SB_NOTE_DESCRIPTION], text, error);
    return status;
}
