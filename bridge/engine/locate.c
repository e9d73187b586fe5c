/* locate.c - the path of the file that the loader would open for a name, without opening it.
 *
 * The order is the loader's: what is open already; RPATH, LD_LIBRARY_PATH and RUNPATH, as the loader
 * of the GNU C library says that it has them; its cache; the system's directories. Other C libraries do
 * not say what they search, so there it is LD_LIBRARY_PATH and the directories.
 */
#include "builder.h" /* memory_resize */
#include "image.h"
#include "loader_cache.h"

#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define MAX_SEARCH 4096 /* directories that are looked into */
#define MAX_NAME   1024 /* bytes of a library's name */

/* What is looked for, and where the answer goes. */
typedef struct search {
    const char *name;
    char *path;
    size_t size;
    unsigned directories;
    char other[PATH_MAX]; /* a library of that name for another machine */
} search;

/* ---- candidates ------------------------------------------------------------------------------------- */

/* Whether the loader would take the file. It passes over libraries for another machine, and fails at
 * what is no library; finding that out is left to it, so such a file is taken here. */
static bool is_for_this_machine(const char *path)
{
    sb_image *image;
    if (sb_image_open(path, &image, NULL) != SB_OK)
        return true;
    const sb_image_header *head = sb_image_head(image);
    bool fits = head->bits == OWN_BITS && head->big_endian == OWN_BIG_ENDIAN &&
                (OWN_MACHINE == EM_NONE || head->machine == OWN_MACHINE);
    sb_image_close(image);
    return fits;
}

/* Copies a path that exists and suits; false when it does not. */
static bool take(search *s, const char *path)
{
    size_t length = strlen(path);
    if (length >= s->size || access(path, R_OK) != 0)
        return false;
    if (!is_for_this_machine(path)) {
        if (s->other[0] == '\0')
            (void)snprintf(s->other, sizeof s->other, "%s", path);
        return false;
    }
    memcpy(s->path, path, length + 1);
    return true;
}

/* An empty directory is the working directory to the loader; it is not searched (see library.c). */
static bool look_in(search *s, const char *directory, size_t length)
{
    char path[PATH_MAX];
    if (length == 0 || (length == 1 && directory[0] == '.') || length > PATH_MAX / 2 ||
        s->directories++ >= MAX_SEARCH)
        return false;
    bool slash = directory[length - 1] == '/';
    int used =
        snprintf(path, sizeof path, "%.*s%s%s", (int)length, directory, slash ? "" : "/", s->name);
    return used > 0 && (size_t)used < sizeof path && take(s, path);
}

/* ---- what is open already ------------------------------------------------------------------------ */

static sb_status path_of_program(char *path, size_t size, sb_error *error)
{
    ssize_t length = readlink("/proc/self/exe", path, size - 1);
    if (length < 0)
        return failure(error, SB_ERROR_LIBRARY, "cannot tell the path of the running program: %s",
                       strerror(errno));
    if ((size_t)length >= size - 1)
        return failure(error, SB_ERROR_LIMIT, "the path of the running program is too long");
    path[length] = '\0';
    return SB_OK;
}

sb_status locate_handle(void *handle, char *path, size_t size, sb_error *error)
{
    struct link_map *map = NULL;
    if (dlinfo(handle, RTLD_DI_LINKMAP, &map) != 0 || map == NULL || map->l_name == NULL) {
        const char *message = dlerror();
        return failure(error, SB_ERROR_LIBRARY,
                       "the loader does not say which file a library is "
                       "from: %s",
                       message != NULL ? message : "it has no record of it");
    }
    size_t length = strlen(map->l_name);
    if (length == 0)
        return path_of_program(path, size, error);
    if (length >= size)
        return failure(error, SB_ERROR_LIMIT, "the path '%.200s...' is too long", map->l_name);
    memcpy(path, map->l_name, length + 1);
    return SB_OK;
}

static bool find_open(search *s)
{
    void *handle = dlopen(s->name, RTLD_LAZY | RTLD_NOLOAD);
    if (handle == NULL)
        return false;
    /* The kernel's own library has a name, but no file. */
    bool found =
        locate_handle(handle, s->path, s->size, NULL) == SB_OK && strchr(s->path, '/') != NULL;
    (void)dlclose(handle);
    return found;
}

/* ---- directories ------------------------------------------------------------------------------------ */

#ifdef __GLIBC__

/* The directories that the loader searches for this code: with DEFAULT the system's, else all that
 * come before its cache. */
static bool look_where_loader_does(search *s, bool defaults)
{
    Dl_info self;
    bool found = false;
    void *handle = NULL;
    union {
        bool (*function)(search *, bool);
        void *object;
    } here = {.function = look_where_loader_does};
    if (dladdr(here.object, &self) != 0 && self.dli_fname != NULL)
        handle = dlopen(self.dli_fname, RTLD_LAZY | RTLD_NOLOAD);
    if (handle == NULL)
        handle = dlopen(NULL, RTLD_LAZY | RTLD_NOLOAD);
    Dl_serinfo head;
    Dl_serinfo *info = NULL;
    if (handle != NULL && dlinfo(handle, RTLD_DI_SERINFOSIZE, &head) == 0)
        info = memory_resize(NULL, head.dls_size);
    if (info != NULL) {
        info->dls_size = head.dls_size;
        info->dls_cnt = head.dls_cnt;
        if (dlinfo(handle, RTLD_DI_SERINFO, info) != 0)
            info->dls_cnt = 0;
        for (unsigned i = 0; !found && i < info->dls_cnt; i++) {
            const Dl_serpath *entry = &info->dls_serpath[i];
            bool is_default = (entry->dls_flags & LA_SER_DEFAULT) != 0;
            if (is_default == defaults)
                found = look_in(s, entry->dls_name, strlen(entry->dls_name));
        }
    }
    memory_free(info);
    if (handle != NULL)
        (void)dlclose(handle);
    return found;
}

#else

static bool look_where_loader_does(search *s, bool defaults)
{
    const char *path = defaults ? NULL : getenv("LD_LIBRARY_PATH");
    while (path != NULL) {
        size_t length = strcspn(path, ":;");
        if (look_in(s, path, length))
            return true;
        path = path[length] == '\0' ? NULL : path + length + 1;
    }
    return false;
}

#endif

#ifdef __x86_64__
#define MULTIARCH "x86_64-linux-gnu"
#elif defined(__aarch64__)
#define MULTIARCH "aarch64-linux-gnu"
#elif defined(__i386__)
#define MULTIARCH "i386-linux-gnu"
#elif defined(__arm__)
#define MULTIARCH "arm-linux-gnueabihf"
#elif defined(__riscv)
#define MULTIARCH "riscv64-linux-gnu"
#elif defined(__powerpc64__)
#define MULTIARCH "powerpc64le-linux-gnu"
#elif defined(__s390x__)
#define MULTIARCH "s390x-linux-gnu"
#endif

/* Of the GNU C library only where its cache cannot be read, else the loader has said so itself. */
static bool look_in_defaults(search *s)
{
    static const char *const directories[] = {
#ifdef MULTIARCH
        "/lib/" MULTIARCH, "/usr/lib/" MULTIARCH,
#endif
        "/lib64",          "/usr/lib64",          "/lib", "/usr/lib", "/usr/local/lib",
    };
    size_t count = sizeof directories / sizeof *directories;
#ifdef __GLIBC__
    count--; /* its loader finds /usr/local/lib through the cache alone */
#endif
    for (size_t i = 0; i < count; i++)
        if (look_in(s, directories[i], strlen(directories[i])))
            return true;
    return false;
}

static bool take_cached(const char *path, void *context)
{
    return take(context, path);
}

/* ---- names ---------------------------------------------------------------------------------------- */

static sb_status resolve(const char *name, char *path, size_t size, sb_error *error)
{
    char *real = realpath(name, NULL);
    if (real == NULL)
        return failure(error, SB_ERROR_LIBRARY, "cannot find library '%s': %s", name,
                       strerror(errno));
    size_t length = strlen(real);
    if (length < size)
        memcpy(path, real, length + 1);
    free(real); /* realpath's, from the C library */
    if (length >= size)
        return failure(error, SB_ERROR_LIMIT, "the path of library '%.200s' is too long", name);
    return SB_OK;
}

sb_status sb_library_locate(const char *name, char *path, size_t size, sb_error *error)
{
    if (size == 0)
        return failure(error, SB_ERROR_LIMIT, "no room for a path");
    path[0] = '\0';
    if (name == NULL || name[0] == '\0')
        return path_of_program(path, size, error);
    if (strlen(name) > MAX_NAME)
        return failure(error, SB_ERROR_LIMIT,
                       "the library's name has %zu bytes; at most %d are looked for", strlen(name),
                       MAX_NAME);
    if (strchr(name, '/') != NULL)
        return resolve(name, path, size, error);
    search s = {.name = name, .path = path, .size = size};
    if (find_open(&s) || look_where_loader_does(&s, false) ||
        loader_cache_find(LOADER_CACHE, name, take_cached, &s) ||
        look_where_loader_does(&s, true) || look_in_defaults(&s))
        return SB_OK;
    path[0] = '\0';
    if (s.other[0] != '\0')
        return failure(error, SB_ERROR_LIBRARY,
                       "library '%s' was not found for this machine; '%.200s' is for another one",
                       name, s.other);
    return failure(error, SB_ERROR_LIBRARY,
                   "library '%s' was not found where the system looks; install it, give its path "
                   "with a slash, or add its directory to LD_LIBRARY_PATH before the program "
                   "starts",
                   name);
}
