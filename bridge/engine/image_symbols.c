/* image_symbols.c - the dynamic symbols of a library's file, and their versions.
 *
 * The table of symbols has no size of its own that the loader would use: the hash tables say how
 * many there are. Formats: "System V Application Binary Interface" for DT_HASH, "Linux Standard Base",
 * chapter "Symbol Versioning", for versions; DT_GNU_HASH is an array of buckets that hold symbol
 * numbers, and an array of hashes in symbol order whose lowest bit ends a chain.
 */
#include "image.h"

#define VERSION_HIDDEN 0x8000 /* bit of a version number: not the default */
#define FIRST_VERSION  2      /* 0 is a local symbol, 1 one without version */

/* ---- how many there are ---------------------------------------------------------------------------- */

static sb_status read_word(sb_image *image, uint64_t offset, uint32_t *word, sb_error *error)
{
    const uint8_t *p;
    sb_status status = image_peek(image, offset, 4, "a hash table", &p, error);
    *word = status == SB_OK ? (uint32_t)image_load(image, p, 4) : 0;
    return status;
}

static sb_status table_lost(const sb_image *image, const char *what, uint64_t address,
                            sb_error *error)
{
    return image_fault(image, error, "%s (address 0x%llx) lies outside what the file holds", what,
                       (unsigned long long)address);
}

/* DT_HASH: nbucket, nchain, and there are as many chain words as symbols. Two architectures have
 * words of 8 bytes there, but they are none that matter for long: Alpha, and 64-bit s390. */
static sb_status count_by_hash(sb_image *image, uint32_t *count, sb_error *error)
{
    uint64_t offset, rest;
    bool wide = image->head.machine == EM_S390 && image->head.bits == 64;
    size_t word = wide ? 8 : 4;
    if (!image_offset(image, image->entries.hash, &offset, &rest) || rest < 2 * word)
        return table_lost(image, "the hash table DT_HASH", image->entries.hash, error);
    size_t low = wide && image->head.big_endian ? 4 : 0;
    return read_word(image, offset + word + low, count, error);
}

static sb_status count_by_gnu_hash(sb_image *image, uint32_t *count, sb_error *error)
{
    uint64_t offset, rest;
    uint32_t bucket_count, first, filters, last = 0;
    if (!image_offset(image, image->entries.gnu_hash, &offset, &rest) || rest < 16)
        return table_lost(image, "the hash table DT_GNU_HASH", image->entries.gnu_hash, error);
    sb_status status = read_word(image, offset, &bucket_count, error);
    if (status == SB_OK)
        status = read_word(image, offset + 4, &first, error);
    if (status == SB_OK)
        status = read_word(image, offset + 8, &filters, error);
    if (status != SB_OK)
        return status;
    uint64_t buckets = 16 + (uint64_t)filters * (image->head.bits / 8u);
    uint64_t chains = buckets + (uint64_t)bucket_count * 4;
    if (chains > rest)
        return image_fault(image, error,
                           "the hash table DT_GNU_HASH claims %u buckets and %u filter words, more "
                           "than the file holds",
                           bucket_count, filters);
    for (uint64_t i = 0; i < bucket_count; i++) {
        uint32_t bucket;
        status = read_word(image, offset + buckets + i * 4, &bucket, error);
        if (status != SB_OK)
            return status;
        last = bucket > last ? bucket : last;
    }
    if (last == 0) {
        *count = first;
        return SB_OK;
    }
    if (last < first)
        return image_fault(image, error,
                           "the hash table DT_GNU_HASH holds symbol %u, but begins "
                           "with %u",
                           last, first);
    for (;; last++) {
        uint64_t place = chains + (uint64_t)(last - first) * 4;
        uint32_t hash;
        if (place + 4 > rest)
            return image_fault(image, error, "a chain of the hash table DT_GNU_HASH has no end");
        if (last >= SB_MAX_IMAGE_SYMBOLS)
            return image_excess(image, "dynamic symbols", (uint64_t)last + 1, SB_MAX_IMAGE_SYMBOLS,
                                error);
        status = read_word(image, offset + place, &hash, error);
        if (status != SB_OK)
            return status;
        if ((hash & 1) != 0)
            break;
    }
    *count = last + 1;
    return SB_OK;
}

/* The section of the symbols, when there are section headers, or NULL. */
static const image_section *symbol_section(const sb_image *image)
{
    for (uint32_t i = 0; image->sections_read && i < image->head.section_count; i++) {
        const image_section *section = &image->sections[i];
        if (section->type == SHT_DYNSYM && section->address == image->entries.symbols &&
            section->entry_size == IMAGE_SIZE(image, Sym))
            return section;
    }
    return NULL;
}

static sb_status count_symbols(sb_image *image, uint64_t *count, sb_error *error)
{
    const image_dynamic *entries = &image->entries;
    const image_section *section = symbol_section(image);
    uint32_t hashed = 0;
    sb_status status = SB_OK;
    if (entries->hash != 0)
        status = count_by_hash(image, &hashed, error);
    else if (entries->gnu_hash != 0)
        status = count_by_gnu_hash(image, &hashed, error);
    else if (section == NULL)
        return image_fault(image, error,
                           "has dynamic symbols, but neither a hash table nor a "
                           "section header that would say how many");
    *count = hashed;
    /* DT_GNU_HASH leaves out undefined symbols when it is empty; the section header does not. */
    if (status == SB_OK && section != NULL && section->size / section->entry_size > hashed)
        *count = section->size / section->entry_size;
    return status;
}

/* ---- versions ---------------------------------------------------------------------------------------- */

static sb_status add_version(sb_image *image, uint32_t number, uint64_t name, uint64_t file,
                             sb_error *error)
{
    number &= ~(uint32_t)VERSION_HIDDEN;
    if (number < FIRST_VERSION)
        return SB_OK;
    if (name >= image->strings.size || file >= image->strings.size)
        return image_fault(image, error,
                           "the name of symbol version %u lies outside the string "
                           "table",
                           number);
    if (number >= image->version_count) {
        /* Room for all that a number can be, in one piece, when the first is met. */
        image->versions =
            image_allocate(image, SB_MAX_IMAGE_VERSIONS, sizeof *image->versions, error);
        if (image->versions == NULL)
            return SB_ERROR_MEMORY;
        image->version_count = SB_MAX_IMAGE_VERSIONS;
    }
    image->versions[number] = (image_version){(uint32_t)name, (uint32_t)file};
    return SB_OK;
}

/* Goes on to the next of a chain of entries; false at its end. Chains only go forward, so they end
 * with the file at the latest. */
static bool advance(uint64_t *offset, uint64_t *rest, uint64_t step)
{
    if (step == 0 || step > *rest)
        return false;
    *offset += step;
    *rest -= step;
    return true;
}

static sb_status read_defined_versions(sb_image *image, sb_error *error)
{
    uint64_t offset, rest, address = image->entries.defined_versions;
    if (address == 0)
        return SB_OK;
    if (!image_offset(image, address, &offset, &rest))
        return table_lost(image, "the table of defined versions DT_VERDEF", address, error);
    static const char what[] = "the table of defined versions DT_VERDEF";
    for (uint32_t seen = 0;; seen++) {
        const uint8_t *p;
        /* Both classes have the same records here. */
        sb_status status = image_peek(image, offset, sizeof(Elf64_Verdef), what, &p, error);
        if (status != SB_OK)
            return status;
        uint32_t number = (uint32_t)IMAGE_FIELD(image, p, Verdef, vd_ndx);
        bool base = (IMAGE_FIELD(image, p, Verdef, vd_flags) & VER_FLG_BASE) != 0;
        uint64_t aux = IMAGE_FIELD(image, p, Verdef, vd_aux);
        uint64_t next = IMAGE_FIELD(image, p, Verdef, vd_next);
        if (IMAGE_FIELD(image, p, Verdef, vd_cnt) > 0 && !base) {
            status = image_peek(image, offset + aux, sizeof(Elf64_Verdaux), what, &p, error);
            if (status == SB_OK)
                status =
                    add_version(image, number, IMAGE_FIELD(image, p, Verdaux, vda_name), 0, error);
            if (status != SB_OK)
                return status;
        }
        if (next == 0)
            return SB_OK;
        if (seen >= SB_MAX_IMAGE_VERSIONS)
            return image_excess(image, "defined versions", seen, SB_MAX_IMAGE_VERSIONS, error);
        if (!advance(&offset, &rest, next))
            return image_fault(image, error, "%s goes beyond its segment", what);
    }
}

static const char needed_table[] = "the table of needed versions DT_VERNEED";

/* The versions that are needed of one file. *seen counts those of all files. */
static sb_status read_needed_of(sb_image *image, uint64_t offset, uint64_t rest, uint64_t file,
                                uint32_t *seen, sb_error *error)
{
    for (;;) {
        const uint8_t *p;
        sb_status status =
            image_peek(image, offset, sizeof(Elf64_Vernaux), needed_table, &p, error);
        if (status != SB_OK)
            return status;
        uint32_t number = (uint32_t)IMAGE_FIELD(image, p, Vernaux, vna_other);
        uint64_t next = IMAGE_FIELD(image, p, Vernaux, vna_next);
        status = add_version(image, number, IMAGE_FIELD(image, p, Vernaux, vna_name), file, error);
        if (status != SB_OK || next == 0)
            return status;
        if (++*seen >= SB_MAX_IMAGE_VERSIONS)
            return image_excess(image, "needed versions", *seen, SB_MAX_IMAGE_VERSIONS, error);
        if (!advance(&offset, &rest, next))
            return image_fault(image, error, "%s goes beyond its segment", needed_table);
    }
}

static sb_status read_needed_versions(sb_image *image, sb_error *error)
{
    uint64_t offset, rest, address = image->entries.needed_versions;
    if (address == 0)
        return SB_OK;
    if (!image_offset(image, address, &offset, &rest))
        return table_lost(image, needed_table, address, error);
    for (uint32_t seen = 0;;) {
        const uint8_t *p;
        sb_status status =
            image_peek(image, offset, sizeof(Elf64_Verneed), needed_table, &p, error);
        if (status != SB_OK)
            return status;
        uint64_t file = IMAGE_FIELD(image, p, Verneed, vn_file);
        uint64_t aux = IMAGE_FIELD(image, p, Verneed, vn_aux);
        uint64_t next = IMAGE_FIELD(image, p, Verneed, vn_next);
        uint64_t first = offset, room = rest;
        if (IMAGE_FIELD(image, p, Verneed, vn_cnt) > 0) {
            if (!advance(&first, &room, aux))
                return image_fault(image, error, "%s goes beyond its segment", needed_table);
            status = read_needed_of(image, first, room, file, &seen, error);
            if (status != SB_OK)
                return status;
        }
        if (next == 0)
            return SB_OK;
        if (++seen >= SB_MAX_IMAGE_VERSIONS)
            return image_excess(image, "needed versions", seen, SB_MAX_IMAGE_VERSIONS, error);
        if (!advance(&offset, &rest, next))
            return image_fault(image, error, "%s goes beyond its segment", needed_table);
    }
}

/* ---- the table --------------------------------------------------------------------------------------- */

static sb_status read_part(sb_image *image, uint64_t address, uint64_t size, const char *what,
                           image_table *out, sb_error *error)
{
    uint64_t offset, rest;
    if (!image_offset(image, address, &offset, &rest))
        return table_lost(image, what, address, error);
    if (size > rest)
        return image_fault(image, error,
                           "%s is to have %llu bytes, but the file holds %llu from its start on",
                           what, (unsigned long long)size, (unsigned long long)rest);
    return image_read(image, offset, size, what, out, error);
}

static sb_status read_symbols(sb_image *image, sb_error *error)
{
    const sb_image_dynamic *dynamic;
    const image_dynamic *entries = &image->entries;
    sb_status status = sb_image_read_dynamic(image, &dynamic, error);
    if (status != SB_OK || !dynamic->present || entries->symbols == 0)
        return status;
    uint64_t count = 0, size = IMAGE_SIZE(image, Sym);
    if (entries->symbol_size != 0 && entries->symbol_size != size)
        return image_fault(image, error, "dynamic symbols have %llu bytes each, not %llu",
                           (unsigned long long)entries->symbol_size, (unsigned long long)size);
    status = count_symbols(image, &count, error);
    if (status != SB_OK)
        return status;
    if (count > SB_MAX_IMAGE_SYMBOLS)
        return image_excess(image, "dynamic symbols", count, SB_MAX_IMAGE_SYMBOLS, error);
    status = read_part(image, entries->symbols, count * size, "the table of dynamic symbols",
                       &image->symbols, error);
    if (status == SB_OK && entries->versions != 0 && count > 0)
        status = read_part(image, entries->versions, count * 2, "the table of symbol versions",
                           &image->version_numbers, error);
    if (status == SB_OK)
        status = read_defined_versions(image, error);
    if (status == SB_OK)
        status = read_needed_versions(image, error);
    if (status == SB_OK)
        image->symbol_count = (uint32_t)count;
    return status;
}

sb_status sb_image_symbols(sb_image *image, uint32_t *count, sb_error *error)
{
    *count = 0;
    if (!image->symbols_read) {
        sb_status status = read_symbols(image, error);
        if (status != SB_OK)
            return status;
        image->symbols_read = true;
    }
    *count = image->symbol_count;
    return SB_OK;
}

static uint8_t kind_of(unsigned type)
{
    switch (type) {
    case STT_FUNC:
        return SB_SYMBOL_FUNCTION;
    case STT_OBJECT:
    case STT_COMMON:
        return SB_SYMBOL_OBJECT;
    case STT_TLS:
        return SB_SYMBOL_THREAD_LOCAL;
    case STT_GNU_IFUNC:
        return SB_SYMBOL_IFUNC;
    default:
        return SB_SYMBOL_OTHER;
    }
}

/* Fills in the version, where the symbol has one. */
static sb_status version_of(const sb_image *image, uint32_t index, sb_image_symbol *out,
                            sb_error *error)
{
    uint64_t word = image_load(image, image->version_numbers.bytes + (size_t)index * 2, 2);
    uint32_t number = (uint32_t)word & ~(uint32_t)VERSION_HIDDEN;
    out->is_default = out->defined && (word & VERSION_HIDDEN) == 0;
    if (number < FIRST_VERSION)
        return SB_OK;
    const image_version *version = number < image->version_count ? &image->versions[number] : NULL;
    if (version == NULL || version->name == 0)
        return image_fault(image, error,
                           "symbol %u ('%.100s') has version number %u, which no "
                           "table of versions knows",
                           index, out->name, number);
    out->version = image_text(image->strings, version->name);
    if (version->file != 0)
        out->version_file = image_text(image->strings, version->file);
    return SB_OK;
}

sb_status sb_image_symbol_at(sb_image *image, uint32_t index, sb_image_symbol *out, sb_error *error)
{
    if (index >= image->symbol_count)
        return image_fault(image, error, "has %u dynamic symbols, no number %u",
                           image->symbol_count, index);
    const uint8_t *p = image->symbols.bytes + (size_t)index * IMAGE_SIZE(image, Sym);
    uint64_t name = IMAGE_FIELD(image, p, Sym, st_name);
    unsigned info = (unsigned)IMAGE_FIELD(image, p, Sym, st_info);
    uint64_t section = IMAGE_FIELD(image, p, Sym, st_shndx);
    *out = (sb_image_symbol){
        .name = name == 0 ? "" : image_text(image->strings, name),
        .value = IMAGE_FIELD(image, p, Sym, st_value),
        .size = IMAGE_FIELD(image, p, Sym, st_size),
        .kind = kind_of(ELF64_ST_TYPE(info)),
        .binding = ELF64_ST_BIND(info),
        .visibility = ELF64_ST_VISIBILITY((unsigned)IMAGE_FIELD(image, p, Sym, st_other)),
        .defined = section != SHN_UNDEF,
        .is_default = section != SHN_UNDEF,
    };
    if (out->name == NULL)
        return image_fault(image, error, "the name of symbol %u lies outside the string table",
                           index);
    out->exported = out->defined && out->binding != STB_LOCAL &&
                    (out->visibility == STV_DEFAULT || out->visibility == STV_PROTECTED) &&
                    ELF64_ST_TYPE(info) != STT_SECTION && ELF64_ST_TYPE(info) != STT_FILE;
    return image->version_numbers.size == 0 ? SB_OK : version_of(image, index, out, error);
}
