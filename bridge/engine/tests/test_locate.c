/* test_locate.c - where the loader would find a library, and the cache that it looks into.
 *
 * The loader reads LD_LIBRARY_PATH when a program starts, so the program runs itself again for that:
 * `locate NAME` prints the path of NAME, and whether dlopen opens the same file.
 */
#include "check.h"
#include "loader_cache.h"

#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PATH_SIZE = 4096 };

static char directory[] = "/tmp/symbridge-test-XXXXXX";

static void refused(const char *name, const char *text)
{
    char path[PATH_SIZE];
    sb_error error;
    CHECK(sb_library_locate(name, path, sizeof path, &error) != SB_OK);
    if (strstr(error.message, text) == NULL) {
        fprintf(stderr, "'%s' says nothing of '%s'\n", error.message, text);
        check_failures++;
    }
}

/* ---- names ------------------------------------------------------------------------------------------ */

static void an_open_library_is_where_it_was_loaded_from(void)
{
    sb_library *library;
    sb_error error;
    char located[PATH_SIZE], loaded[PATH_SIZE];
    CHECK(sb_library_open("libm.so.6", 0, &library, &error) == SB_OK);
    CHECK(sb_library_path(library, loaded, sizeof loaded, &error) == SB_OK);
    CHECK(sb_library_locate("libm.so.6", located, sizeof located, &error) == SB_OK);
    CHECK(strcmp(located, loaded) == 0 && loaded[0] == '/');
    sb_library_release(library);
}

static void the_program_has_a_path_too(void)
{
    sb_library *program;
    sb_error error;
    char path[PATH_SIZE], real[PATH_SIZE] = "";
    CHECK(readlink("/proc/self/exe", real, sizeof real - 1) > 0);
    CHECK(sb_library_locate("", path, sizeof path, &error) == SB_OK && strcmp(path, real) == 0);
    CHECK(sb_library_locate(NULL, path, sizeof path, &error) == SB_OK && strcmp(path, real) == 0);
    CHECK(sb_library_open(NULL, 0, &program, &error) == SB_OK);
    CHECK(sb_library_path(program, path, sizeof path, &error) == SB_OK);
    CHECK(strcmp(path, real) == 0);
    sb_library_release(program);
}

static void a_path_is_made_absolute(void)
{
    char path[PATH_SIZE], name[PATH_SIZE];
    sb_error error;
    (void)snprintf(name, sizeof name, "%s/../%s/./file", directory, strrchr(directory, '/') + 1);
    refused(name, "No such file");
    char expected[PATH_SIZE];
    (void)snprintf(expected, sizeof expected, "%s/file", directory);
    fclose(fopen(expected, "w"));
    CHECK(sb_library_locate(name, path, sizeof path, &error) == SB_OK);
    CHECK(strcmp(path, expected) == 0);
    CHECK(sb_library_locate(name, path, 5, &error) == SB_ERROR_LIMIT);
    (void)unlink(expected);
}

static void names_that_nothing_has_are_refused(void)
{
    char name[3000];
    memset(name, 'x', sizeof name);
    name[sizeof name - 1] = '\0';
    refused("libno-such-library.so.9", "was not found where the system looks");
    refused(name, "2999 bytes");
}

/* ---- LD_LIBRARY_PATH -------------------------------------------------------------------------------- */

/* In the other process. */
static int show(const char *name)
{
    char path[PATH_SIZE], loaded[PATH_SIZE];
    sb_library *library;
    sb_error error;
    if (sb_library_locate(name, path, sizeof path, &error) != SB_OK) {
        printf("none\n");
        return 0;
    }
    if (sb_library_open(name, 0, &library, &error) != SB_OK ||
        sb_library_path(library, loaded, sizeof loaded, &error) != SB_OK) {
        printf("%s not opened: %s\n", path, error.message);
        return 0;
    }
    printf("%s %s\n", path, strcmp(path, loaded) == 0 ? "same" : loaded);
    sb_library_release(library);
    return 0;
}

/* What another process finds, in `working`, with that LD_LIBRARY_PATH. */
static const char *found_with(const char *self, const char *search, const char *working,
                              const char *name)
{
    static char line[2 * PATH_SIZE];
    int ends[2];
    line[0] = '\0';
    if (pipe(ends) != 0)
        abort();
    pid_t child = fork();
    if (child == 0) {
        if (dup2(ends[1], STDOUT_FILENO) < 0 || chdir(working) != 0 ||
            setenv("LD_LIBRARY_PATH", search, 1) != 0)
            _exit(1);
        execl(self, self, "locate", name, (char *)NULL);
        _exit(1);
    }
    (void)close(ends[1]);
    ssize_t length = read(ends[0], line, sizeof line - 1);
    line[length > 0 ? length - 1 : 0] = '\0'; /* without the end of the line */
    (void)close(ends[0]);
    int status;
    CHECK(waitpid(child, &status, 0) == child && status == 0);
    return line;
}

/* Copies a library of the machine under another name. */
static void copy_library(const char *from, const char *to)
{
    FILE *in = fopen(from, "rb"), *out = fopen(to, "wb");
    if (in == NULL || out == NULL)
        abort();
    for (int byte = getc(in); byte != EOF; byte = getc(in))
        putc(byte, out);
    (void)fclose(in);
    (void)fclose(out);
}

static void the_search_path_is_the_loaders(void)
{
    char self[PATH_SIZE] = "", first[PATH_SIZE], second[PATH_SIZE], search[2 * PATH_SIZE + 8];
    char file[PATH_SIZE + 32], libm[PATH_SIZE], expected[PATH_SIZE + 64];
    static const char name[] = "libsymbridge-located.so.1";
    sb_error error;
    CHECK(readlink("/proc/self/exe", self, sizeof self - 1) > 0);
    CHECK(sb_library_locate("libm.so.6", libm, sizeof libm, &error) == SB_OK);
    (void)snprintf(first, sizeof first, "%s/first", directory);
    (void)snprintf(second, sizeof second, "%s/second", directory);
    (void)snprintf(search, sizeof search, "%s:%s", first, second);
    CHECK(mkdir(first, 0700) == 0 && mkdir(second, 0700) == 0);
    CHECK(strcmp(found_with(self, search, directory, name), "none") == 0);
    (void)snprintf(file, sizeof file, "%s/%s", second, name);
    copy_library(libm, file);
    (void)snprintf(expected, sizeof expected, "%s same", file);
    CHECK(strcmp(found_with(self, search, directory, name), expected) == 0);
    /* An empty entry would have the working directory searched. */
    CHECK(strcmp(found_with(self, ":", second, name), "none") == 0);
    /* One for another machine is passed over. */
    (void)snprintf(file, sizeof file, "%s/%s", first, name);
    copy_library(libm, file);
    FILE *stream = fopen(file, "r+b");
    CHECK(stream != NULL && fseek(stream, offsetof(Elf64_Ehdr, e_machine), SEEK_SET) == 0);
    CHECK(putc(0xfe, stream) != EOF && putc(0xfe, stream) != EOF && fclose(stream) == 0);
    CHECK(strcmp(found_with(self, search, directory, name), expected) == 0);
    (void)unlink(file);
    copy_library(libm, file);
    (void)snprintf(expected, sizeof expected, "%s same", file);
    CHECK(strcmp(found_with(self, search, directory, name), expected) == 0);
    (void)unlink(file);
    (void)snprintf(file, sizeof file, "%s/%s", second, name);
    (void)unlink(file);
    (void)rmdir(first);
    (void)rmdir(second);
}

/* ---- the loader's cache ----------------------------------------------------------------------------- */

enum { HEAD = 48, ENTRY = 24, LIBC6 = 3, CACHE_SIZE = 1024 };

typedef struct cache {
    uint8_t bytes[CACHE_SIZE];
    size_t start, strings, size;
    uint32_t count;
} cache;

static void put(uint8_t *at, uint32_t value)
{
    memcpy(at, &value, sizeof value);
}

/* A cache of at most four entries, behind `start` bytes of the older format. */
static void begin(cache *c, size_t start)
{
    memset(c, 0, sizeof *c);
    if (start > 0) {
        memcpy(c->bytes, "ld.so-1.7.0", 11);
        put(c->bytes + 12, (uint32_t)((start - 16) / 12));
    }
    c->start = start;
    c->strings = c->size = HEAD + 4 * ENTRY;
    memcpy(c->bytes + start, "glibc-ld.so.cache1.1", 20);
}

static uint32_t text(cache *c, const char *value)
{
    size_t at = c->size;
    memcpy(c->bytes + c->start + at, value, strlen(value) + 1);
    c->size += strlen(value) + 1;
    return (uint32_t)at;
}

static uint8_t *add(cache *c, uint32_t flags, const char *name, const char *path)
{
    uint8_t *entry = c->bytes + c->start + HEAD + (size_t)c->count * ENTRY;
    put(entry, flags);
    put(entry + 4, text(c, name));
    put(entry + 8, text(c, path));
    c->count++;
    put(c->bytes + c->start + 20, c->count);
    put(c->bytes + c->start + 24, (uint32_t)(c->size - c->strings));
    return entry;
}

static bool take_first(const char *path, void *context)
{
    (void)snprintf(context, 100, "%s", path);
    return true;
}

static bool count_all(const char *path, void *context)
{
    CHECK(strlen(path) < CACHE_SIZE);
    ++*(unsigned *)context;
    return false;
}

static const char *look_up(const cache *c, const char *name)
{
    static char found[100];
    found[0] = '\0';
    bool taken = loader_cache_search(c->bytes, c->start + c->size, name, take_first, found);
    CHECK(taken == (found[0] != '\0'));
    return found;
}

static void the_cache_tells_paths_by_name(void)
{
    static const size_t starts[] = {0, 16 + 3 * 12 + 4, 16 + 4 * 12};
    for (size_t i = 0; i < 3; i++) {
        cache c;
        begin(&c, starts[i]);
        add(&c, 0x303, "libb.so.2", "/lib/libb.so.2");
        add(&c, 0x303, "liba.so.1", "/lib/liba.so.1");
        CHECK(strcmp(look_up(&c, "liba.so.1"), "/lib/liba.so.1") == 0);
        CHECK(strcmp(look_up(&c, "libb.so.2"), "/lib/libb.so.2") == 0);
        CHECK(strcmp(look_up(&c, "liba.so"), "") == 0 && strcmp(look_up(&c, ""), "") == 0);
    }
}

static void entries_for_others_are_passed_over(void)
{
    cache c;
    begin(&c, 0);
    add(&c, 0x301, "liba.so.1", "/lib/libc5/liba.so.1");
    uint8_t *variant = add(&c, 0x303, "liba.so.1", "/lib/variant/liba.so.1");
    put(variant + 20, 1u << 30); /* for a processor that can more */
    add(&c, 0x303, "liba.so.1", "relative/liba.so.1");
    CHECK(strcmp(look_up(&c, "liba.so.1"), "") == 0);
    add(&c, 0x303, "liba.so.1", "/lib/liba.so.1");
    CHECK(strcmp(look_up(&c, "liba.so.1"), "/lib/liba.so.1") == 0);
}

static void a_damaged_cache_has_nothing(void)
{
    cache c;
    unsigned taken = 0;
    begin(&c, 0);
    add(&c, 0x303, "liba.so.1", "/lib/liba.so.1");
    for (size_t size = 0; size < c.size; size++) {
        uint8_t *bytes = malloc(size + 1);
        if (bytes == NULL)
            abort();
        memcpy(bytes + 1, c.bytes, size);
        CHECK(!loader_cache_search(bytes + 1, size, "liba.so.1", count_all, &taken));
        free(bytes);
    }
    CHECK(taken == 0);
    static const uint32_t lies[] = {0xffffffff, 0x80000000, 1000, 0xaaaaaab};
    for (size_t i = 0; i < 4; i++) {
        begin(&c, 0);
        uint8_t *entry = add(&c, 0x303, "liba.so.1", "/lib/liba.so.1");
        put(entry + 8, lies[i]);
        CHECK(strcmp(look_up(&c, "liba.so.1"), "") == 0);
        begin(&c, 0);
        entry = add(&c, 0x303, "liba.so.1", "/lib/liba.so.1");
        put(entry + 4, lies[i]);
        CHECK(strcmp(look_up(&c, "liba.so.1"), "") == 0);
        begin(&c, 0);
        (void)add(&c, 0x303, "liba.so.1", "/lib/liba.so.1");
        put(c.bytes + 20, lies[i]);
        CHECK(strcmp(look_up(&c, "liba.so.1"), "") == 0);
        begin(&c, 16 + 4 * 12);
        (void)add(&c, 0x303, "liba.so.1", "/lib/liba.so.1");
        put(c.bytes + 12, lies[i]);
        CHECK(strcmp(look_up(&c, "liba.so.1"), "") == 0);
    }
    CHECK(!loader_cache_find("/no/such/cache", "liba.so.1", count_all, &taken));
    CHECK(!loader_cache_find("/dev/zero", "liba.so.1", count_all, &taken));
    CHECK(!loader_cache_find(directory, "liba.so.1", count_all, &taken));
}

int main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "locate") == 0)
        return show(argv[2]);
    if (mkdtemp(directory) == NULL)
        return 1;
    an_open_library_is_where_it_was_loaded_from();
    the_program_has_a_path_too();
    a_path_is_made_absolute();
    names_that_nothing_has_are_refused();
    /* An emulator has a loader of its own, which looks elsewhere than the machine's. */
    if (getenv("MESON_EXE_WRAPPER") == NULL)
        the_search_path_is_the_loaders();
    else
        printf("locate: the loader's search is not compared under an emulator\n");
    the_cache_tells_paths_by_name();
    entries_for_others_are_passed_over();
    a_damaged_cache_has_nothing();
    (void)rmdir(directory);
    return check_done("locate");
}
