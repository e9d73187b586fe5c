/* library.c - opening shared libraries and finding their symbols.
 *
 * A name without a slash goes to the system's loader as it is, which looks where it always looks; a
 * name with one is made absolute and opened. Nothing is guessed: no "lib" is put in front, no ".so"
 * behind, and the working directory is not searched.
 */
#include "builder.h" /* memory_resize */
#include "failure.h"
#include "loader_cache.h" /* locate_handle */
#include "own_machine.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* An open library. Shared by threads: all but the count is immutable. */
struct sb_library {
    atomic_size_t references;
    void *handle;
    char name[]; /* as given; "the program" for the process itself */
};

#define PROCESS_NAME "the program"

/* ---- why a library does not open --------------------------------------------------------------- */

/* Says what is wrong with the file, or leaves `text` empty when it is a library for this machine. */
static void describe_file(const char *path, char *text, size_t capacity)
{
    text[0] = '\0';
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) {
        (void)snprintf(text, capacity, "it cannot be read: %s", strerror(errno));
        return;
    }
    unsigned char head[64] = {0};
    ssize_t length = read(file, head, sizeof head);
    int code = errno;
    (void)close(file);
    uint16_t type = 0, machine = 0;
    memcpy(&type, head + offsetof(Elf64_Ehdr, e_type), sizeof type);
    memcpy(&machine, head + offsetof(Elf64_Ehdr, e_machine), sizeof machine);
    if (length < 0)
        (void)snprintf(text, capacity, "it cannot be read: %s", strerror(code));
    else if (length >= 2 && memcmp(head, "/*", 2) == 0)
        (void)snprintf(text, capacity,
                       "it is a text file, perhaps a linker script, not an ELF library; name the "
                       "library itself, such as libm.so.6 rather than libm.so");
    else if (length < (ssize_t)sizeof(Elf32_Ehdr) || memcmp(head, ELFMAG, SELFMAG) != 0)
        (void)snprintf(text, capacity, "it is not an ELF file, so not a shared library");
    else if (head[EI_CLASS] != OWN_CLASS)
        (void)snprintf(text, capacity,
                       "it is a %d-bit library and this is a %d-bit process; use one built for it",
                       head[EI_CLASS] == ELFCLASS64 ? 64 : 32, OWN_BITS);
    else if (OWN_MACHINE != EM_NONE && machine != OWN_MACHINE)
        (void)snprintf(text, capacity,
                       "it was built for another processor (ELF machine %u, this one is %u)",
                       machine, (unsigned)OWN_MACHINE);
    else if (type != ET_DYN)
        (void)snprintf(text, capacity,
                       "it is not a shared library but %s; link it with -shared",
                       type == ET_REL    ? "an object file"
                       : type == ET_EXEC ? "a program"
                                         : "another kind of ELF file");
}

/* The loader's message often begins with a path or a name, up to ": ". Copies that, or "". */
static void culprit_of(const char *message, char *name, size_t capacity)
{
    const char *end = strstr(message, ": ");
    size_t length = end == NULL ? 0 : (size_t)(end - message);
    if (length >= capacity)
        length = 0;
    memcpy(name, message, length);
    name[length] = '\0';
}

/* Explains a failed dlopen of `opened`, which the user called `name`. */
static sb_status explain(const char *name, const char *opened, const char *message,
                         sb_error *error)
{
    char culprit[PATH_MAX], reason[256] = "";
    if (message == NULL)
        message = "the loader does not say why";
    culprit_of(message, culprit, sizeof culprit);
    if (strchr(opened, '/') != NULL)
        describe_file(opened, reason, sizeof reason);
    else if (culprit[0] == '/')
        describe_file(culprit, reason, sizeof reason);
    if (reason[0] != '\0')
        return failure(error, SB_ERROR_LIBRARY, "cannot open library '%s': %s (%s)", name, reason,
                       message);
    bool missing = strstr(message, "No such file") != NULL;
    if (missing && strcmp(culprit, opened) == 0)
        return failure(error, SB_ERROR_LIBRARY,
                       "library '%s' was not found where the system looks (%s); install it, give "
                       "its path with a slash, or add its directory to LD_LIBRARY_PATH before the "
                       "program starts", name, message);
    if (missing && culprit[0] != '\0')
        return failure(error, SB_ERROR_LIBRARY,
                       "cannot open library '%s': it needs '%s', which was not found (%s)", name,
                       culprit, message);
    return failure(error, SB_ERROR_LIBRARY, "cannot open library '%s': %s", name, message);
}

/* ---- opening ------------------------------------------------------------------------------------- */

/* The loader takes an empty entry of LD_LIBRARY_PATH for the working directory. True when such an
 * entry would let it find the name there. */
static bool found_through_empty_entry(const char *name)
{
    const char *path = getenv("LD_LIBRARY_PATH");
    if (path == NULL || path[0] == '\0')
        return false;
    for (;;) {
        size_t length = strcspn(path, ":;");
        if (length == 0)
            return access(name, F_OK) == 0;
        if (path[length] == '\0')
            return false;
        path += length + 1;
    }
}

static sb_status open_handle(const char *name, int mode, void **handle, sb_error *error)
{
    char *path = NULL;
    if (name != NULL && strchr(name, '/') != NULL) {
        path = realpath(name, NULL);
        if (path == NULL)
            return failure(error, SB_ERROR_LIBRARY, "cannot open library '%s': %s", name,
                           strerror(errno));
    } else if (name != NULL && found_through_empty_entry(name)) {
        return failure(error, SB_ERROR_LIBRARY,
                       "library '%s' is in the working directory, which an empty entry of "
                       "LD_LIBRARY_PATH would search; write './%s' if that one is meant, or remove "
                       "the empty entry", name, name);
    }
    const char *opened = path != NULL ? path : name;
    *handle = dlopen(opened, mode);
    sb_status status = SB_OK;
    if (*handle == NULL)
        status = explain(name != NULL ? name : PROCESS_NAME, opened != NULL ? opened : "",
                         dlerror(), error);
    free(path); /* realpath's, from the C library */
    return status;
}

sb_status sb_library_open(const char *name, unsigned flags, sb_library **out, sb_error *error)
{
    *out = NULL;
    if (name != NULL && name[0] == '\0')
        name = NULL;
    const char *shown = name != NULL ? name : PROCESS_NAME;
    size_t length = strlen(shown);
    sb_library *library = memory_resize(NULL, sizeof *library + length + 1);
    if (library == NULL)
        return failure(error, SB_ERROR_MEMORY, "out of memory");
    int mode = (flags & SB_LIBRARY_LAZY ? RTLD_LAZY : RTLD_NOW) |
               (flags & SB_LIBRARY_GLOBAL ? RTLD_GLOBAL : RTLD_LOCAL);
    sb_status status = open_handle(name, mode, &library->handle, error);
    if (status != SB_OK) {
        memory_free(library);
        return status;
    }
    atomic_init(&library->references, 1);
    memcpy(library->name, shown, length + 1);
    *out = library;
    return SB_OK;
}

void sb_library_retain(sb_library *library)
{
    atomic_fetch_add_explicit(&library->references, 1, memory_order_relaxed);
}

void sb_library_release(sb_library *library)
{
    if (library == NULL)
        return;
    if (atomic_fetch_sub_explicit(&library->references, 1, memory_order_acq_rel) != 1)
        return;
    (void)dlclose(library->handle);
    memory_free(library);
}

sb_status sb_library_path(sb_library *library, char *path, size_t size, sb_error *error)
{
    return locate_handle(library->handle, path, size, error);
}

/* ---- symbols ------------------------------------------------------------------------------------- */

/* The allocator serves the whole process and may have been replaced by a preloaded one: what a
 * library got from malloc must go to the free that its own calls find, not to the C library's. */
static bool is_allocator(const char *name)
{
    static const char *const names[] = {"free",           "malloc",        "calloc", "realloc",
                                        "posix_memalign", "aligned_alloc", "memalign"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(name, names[i]) == 0)
            return true;
    return false;
}

void *sb_library_symbol(sb_library *library, const char *name, const char *version)
{
    if (name == NULL)
        return NULL;
    if (version != NULL && version[0] != '\0')
        return dlvsym(library->handle, name, version);
    void *address = dlsym(library->handle, name);
    void *global = address != NULL && is_allocator(name) ? dlsym(RTLD_DEFAULT, name) : NULL;
    return global != NULL ? global : address;
}

/* The missing symbols so far; the text lists the first ones. */
struct missing {
    uint32_t *declarations; /* grows by doubling */
    size_t count, capacity;
    char names[256];
    size_t used, named;
    bool out_of_memory;
};

static void note_missing(struct missing *missing, uint32_t declaration, const char *symbol,
                         const char *version)
{
    if (missing->count == missing->capacity) {
        size_t capacity = missing->capacity == 0 ? 16 : missing->capacity * 2;
        uint32_t *grown = memory_resize(missing->declarations, capacity * sizeof *grown);
        if (grown == NULL) {
            missing->out_of_memory = true;
            return;
        }
        missing->declarations = grown;
        missing->capacity = capacity;
    }
    missing->declarations[missing->count++] = declaration;
    if (missing->named + 1 < missing->count)
        return; /* the text is full */
    size_t room = sizeof missing->names - missing->used;
    bool versioned = version[0] != '\0';
    int length = snprintf(missing->names + missing->used, room, "%s'%s%s%s'",
                          missing->used > 0 ? ", " : "", symbol, versioned ? "@" : "",
                          versioned ? version : "");
    if (length < 0 || (size_t)length >= room) {
        missing->names[missing->used] = '\0';
        return;
    }
    missing->used += (size_t)length;
    missing->named++;
}

static void *look_up(sb_library *library, const char *symbol, const char *version, bool optional,
                     uint32_t declaration, struct missing *missing)
{
    void *address = sb_library_symbol(library, symbol, version);
    if (address == NULL && !optional)
        note_missing(missing, declaration, symbol, version);
    return address;
}

static void resolve_variable(sb_library *library, const sb_description *d,
                             const sb_member *member, void **addresses, struct missing *missing)
{
    const sb_declaration *declaration = &d->declarations[member->index];
    uint32_t first = declaration->first_attribute, count = declaration->attribute_count;
    const sb_attribute *version = sb_attribute_find(d, first, count, SB_ATTR_VERSION);
    const char *version_text = "";
    if (version != NULL)
        version_text = sb_string(d, d->arguments[version->first_argument].as.s);
    /* What came later may be missing from an older library. */
    bool optional = sb_attribute_find(d, first, count, SB_ATTR_OPTIONAL) != NULL ||
                    sb_attribute_find(d, first, count, SB_ATTR_SINCE) != NULL;
    sb_text symbol = declaration->symbol != 0 ? declaration->symbol : declaration->name;
    addresses[member->other] =
        look_up(library, sb_string(d, symbol), version_text, optional, member->index, missing);
}

sb_status sb_library_resolve(sb_library *library, const sb_description *d, void **addresses,
                             uint32_t **missing, size_t *missing_count, sb_error *error)
{
    struct missing found = {.count = 0};
    *missing = NULL;
    *missing_count = 0;
    for (uint32_t i = 0; i < d->address_count; i++)
        addresses[i] = NULL;
    for (uint32_t i = 0; i < d->function_count && !found.out_of_memory; i++) {
        const sb_function *function = &d->functions[i];
        if (function->address != SB_NONE)
            addresses[function->address] =
                look_up(library, sb_string(d, function->symbol), sb_string(d, function->version),
                        (function->flags & SB_FUNCTION_OPTIONAL) != 0, function->declaration,
                        &found);
    }
    for (uint32_t i = 0; i < d->member_count && !found.out_of_memory; i++) {
        if (d->members[i].kind == SB_MEMBER_VARIABLE)
            resolve_variable(library, d, &d->members[i], addresses, &found);
    }
    if (found.out_of_memory) {
        memory_free(found.declarations);
        return failure(error, SB_ERROR_MEMORY, "out of memory");
    }
    if (found.count == 0)
        return SB_OK;
    *missing = found.declarations;
    *missing_count = found.count;
    char more[48] = "";
    if (found.count > found.named)
        (void)snprintf(more, sizeof more, " and %zu more", found.count - found.named);
    return failure(error, SB_ERROR_SYMBOL,
                   "library '%s' lacks %zu of the symbols described: %s%s; mark those that not "
                   "every version has [[optional]]", library->name, found.count, found.names, more);
}
