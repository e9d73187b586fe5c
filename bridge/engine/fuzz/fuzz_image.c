/* fuzz_image.c - any bytes as the file of a library.
 *
 * Everything that an image can be asked is asked; texts must end, and ranges lie within the file.
 */
#include "symbridge.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool condition)
{
    if (!condition)
        abort();
}

static void require_within(const uint8_t *data, size_t size, const void *start, size_t length)
{
    uintptr_t first = (uintptr_t)data, at = (uintptr_t)start;
    require(at >= first && at - first <= size && length <= size - (at - first));
}

/* Texts are read to their end, which sanitizers watch. */
static void require_text(const uint8_t *data, size_t size, const char *text)
{
    if (text != NULL && text[0] != '\0')
        require_within(data, size, text, strlen(text) + 1);
}

static void read_symbols(sb_image *image, const uint8_t *data, size_t size)
{
    const sb_image_dynamic *dynamic;
    uint32_t count;
    sb_error error;
    if (sb_image_read_dynamic(image, &dynamic, &error) == SB_OK) {
        require_text(data, size, dynamic->soname);
        require_text(data, size, dynamic->rpath);
        require_text(data, size, dynamic->runpath);
        for (uint32_t i = 0; i < dynamic->needed_count; i++)
            require_text(data, size, dynamic->needed[i]);
    }
    if (sb_image_symbols(image, &count, &error) != SB_OK)
        require(error.message[0] != '\0' && count == 0);
    require(count <= SB_MAX_IMAGE_SYMBOLS && count <= size);
    for (uint32_t i = 0; i < count; i++) {
        sb_image_symbol symbol;
        if (sb_image_symbol_at(image, i, &symbol, &error) != SB_OK) {
            require(error.message[0] != '\0');
            continue;
        }
        require(symbol.name != NULL && symbol.kind <= SB_SYMBOL_IFUNC);
        require_text(data, size, symbol.name);
        require_text(data, size, symbol.version);
        require_text(data, size, symbol.version_file);
    }
}

static void read_notes(sb_image *image, const uint8_t *data, size_t size)
{
    sb_error error;
    bool found = true;
    for (uint32_t i = 0; found; i++) {
        sb_image_note note;
        require(i <= SB_MAX_IMAGE_NOTES);
        if (sb_image_note_at(image, i, &note, &found, &error) != SB_OK)
            require(error.message[0] != '\0' && !found);
        if (found) {
            require_within(data, size, note.owner, note.owner_length);
            require_within(data, size, note.bytes, note.size);
        }
    }
    const uint8_t *bytes;
    size_t length;
    if (sb_image_note_of(image, "symbridge", 1, &bytes, &length, &error) == SB_OK && bytes != NULL)
        require_within(data, size, bytes, length);
    if (sb_image_build_id(image, &bytes, &length, &error) == SB_OK && bytes != NULL)
        require_within(data, size, bytes, length);
}

static void read_sections(sb_image *image, const uint8_t *data, size_t size)
{
    sb_error error;
    sb_image_link link;
    uint32_t count = sb_image_head(image)->section_count;
    for (uint32_t i = 0; i < count; i++) {
        sb_image_section section;
        if (sb_image_section_at(image, i, &section, &error) != SB_OK) {
            require(error.message[0] != '\0');
            break;
        }
        require_text(data, size, section.name);
    }
    if (sb_image_debuglink(image, &link, &error) == SB_OK)
        require_text(data, size, link.name);
    if (sb_image_debugaltlink(image, &link, &error) == SB_OK && link.name != NULL)
        require_within(data, size, link.build_id, link.build_id_size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    sb_image *image;
    sb_error error;
    if (sb_image_of_bytes(data, size, "fuzz", &image, &error) != SB_OK) {
        require(image == NULL && error.message[0] != '\0');
        return 0;
    }
    /* The order in which things are asked for must not matter. */
    if (size % 2 != 0)
        read_notes(image, data, size);
    read_symbols(image, data, size);
    read_sections(image, data, size);
    read_notes(image, data, size);
    sb_image_close(image);
    return 0;
}
