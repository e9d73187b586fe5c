/* test_library.c - opening libraries, and what is said when one does not open. */
#include "check.h"

#include <elf.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char directory[] = "/tmp/symbridge-test-XXXXXX";

static void refused(const char *name, const char *text)
{
    sb_library *library = (sb_library *)(void *)&check_failures;
    sb_error error;
    CHECK(sb_library_open(name, 0, &library, &error) == SB_ERROR_LIBRARY);
    CHECK(library == NULL && error.status == SB_ERROR_LIBRARY && error.line == 0);
    if (strstr(error.message, text) == NULL) {
        fprintf(stderr, "'%s' says nothing of '%s'\n", error.message, text);
        check_failures++;
    }
}

static void a_soname_is_found_by_the_loader(void)
{
    sb_library *library;
    sb_error error;
    CHECK(sb_library_open("libm.so.6", 0, &library, &error) == SB_OK);
    union {
        void *object;
        double (*function)(double);
    } as = {.object = sb_library_symbol(library, "cos", NULL)};
    CHECK(as.object != NULL && as.function(0.0) == 1.0);
    CHECK(sb_library_symbol(library, "no_such_symbol", NULL) == NULL);
    sb_library_release(library);
}

static void the_program_itself_has_no_name(void)
{
    const char *const names[] = {NULL, ""};
    for (size_t i = 0; i < 2; i++) {
        sb_library *library;
        sb_error error;
        CHECK(sb_library_open(names[i], 0, &library, &error) == SB_OK);
        CHECK(sb_library_symbol(library, "malloc", NULL) != NULL);
        sb_library_release(library);
    }
}

static void a_library_lives_until_the_last_release(void)
{
    sb_library *library;
    sb_error error;
    CHECK(sb_library_open("libm.so.6", SB_LIBRARY_LAZY | SB_LIBRARY_GLOBAL, &library, &error) ==
          SB_OK);
    sb_library_retain(library);
    sb_library_release(library);
    CHECK(sb_library_symbol(library, "sin", "") != NULL);
    sb_library_release(library);
    sb_library_release(NULL);
}

static void symbols_have_versions(void)
{
    sb_library *library;
    sb_error error;
    CHECK(sb_library_open("libc.so.6", 0, &library, &error) == SB_OK);
#if defined(__x86_64__) && defined(__GLIBC__)
    void *old = sb_library_symbol(library, "memcpy", "GLIBC_2.2.5");
    void *new = sb_library_symbol(library, "memcpy", "GLIBC_2.14");
    CHECK(old != NULL && new != NULL && old != new);
#endif
    CHECK(sb_library_symbol(library, "memcpy", "NO_SUCH_VERSION") == NULL);
    sb_library_release(library);
}

/* Writes a file into the test's directory and returns its path. */
static const char *file(const char *name, const void *bytes, size_t size)
{
    static char path[256];
    (void)snprintf(path, sizeof path, "%s/%s", directory, name);
    FILE *out = fopen(path, "wb");
    CHECK(out != NULL && fwrite(bytes, 1, size, out) == size && fclose(out) == 0);
    return path;
}

static void missing_libraries_are_named_with_a_way_out(void)
{
    refused("libnosuchthing.so.7", "libnosuchthing.so.7");
    refused("libnosuchthing.so.7", "LD_LIBRARY_PATH");
    refused("/no/such/directory/libx.so", "No such file");
    refused("./libnosuchthing.so", "No such file");
}

static void files_that_are_no_library_are_told_apart(void)
{
    const char script[] = "/* GNU ld script */ GROUP ( libm.so.6 )";
    refused(file("libscript.so", script, sizeof script - 1), "linker script");
    refused(file("libtext.so", "hello", 5), "not an ELF file");
    refused(file("libempty.so", "", 0), "not an ELF file");
    refused(directory, "cannot be read");

    Elf64_Ehdr head = {.e_type = ET_DYN, .e_machine = EM_SPARC, .e_version = EV_CURRENT};
    memcpy(head.e_ident, ELFMAG, SELFMAG);
    head.e_ident[EI_DATA] = ELFDATA2LSB;
    head.e_ident[EI_VERSION] = EV_CURRENT;
    head.e_ident[EI_CLASS] = sizeof(void *) == 8 ? ELFCLASS32 : ELFCLASS64;
    refused(file("libclass.so", &head, sizeof head), "-bit library");
    head.e_ident[EI_CLASS] = sizeof(void *) == 8 ? ELFCLASS64 : ELFCLASS32;
    refused(file("libother.so", &head, sizeof head), "another processor");
#if defined(__x86_64__)
    head.e_machine = EM_X86_64;
    head.e_type = ET_REL;
    refused(file("thing.o", &head, sizeof head), "an object file");
#endif
}

static void the_working_directory_is_not_searched(void)
{
    char before[4096];
    CHECK(getcwd(before, sizeof before) != NULL);
    (void)file("libhere.so", "hello", 5);
    CHECK(chdir(directory) == 0);
    refused("libhere.so", "was not found");
    CHECK(setenv("LD_LIBRARY_PATH", "/nonexistent:", 1) == 0);
    refused("libhere.so", "working directory");
    refused("libnothere.so", "was not found");
    CHECK(setenv("LD_LIBRARY_PATH", "/nonexistent", 1) == 0);
    refused("libhere.so", "was not found");
    CHECK(chdir(before) == 0);
}

/* ---- resolving a description ------------------------------------------------------------------------ */

static const char strings[] = "\0cos\0GLIBC_2.2.5\0nosuch_a\0nosuch_b\0NEVER_1\0signgam";
enum { NO_TEXT = 0, COS = 1, GLIBC = 5, MISSING_A = 17, MISSING_B = 26, NEVER = 35, SIGNGAM = 43 };

static void all_missing_symbols_are_listed(void)
{
    sb_library *library;
    sb_error error;
    const sb_function functions[] = {
        {.symbol = COS, .address = 0, .declaration = 10},
        {.symbol = MISSING_A, .address = 1, .declaration = 11},
        {.symbol = MISSING_A, .address = 2, .declaration = 12, .flags = SB_FUNCTION_OPTIONAL},
        {.symbol = COS, .version = NEVER, .address = 3, .declaration = 13},
        {.symbol = MISSING_B, .address = 4, .declaration = 14},
    };
    const sb_declaration declarations[] = {
        {.kind = SB_DECL_VARIABLE, .name = SIGNGAM},
        {.kind = SB_DECL_VARIABLE, .name = MISSING_B},
        {.kind = SB_DECL_VARIABLE, .name = MISSING_B, .attribute_count = 1},
    };
    const sb_attribute attributes[] = {{.id = SB_ATTR_OPTIONAL}};
    const sb_member members[] = {
        {.kind = SB_MEMBER_VARIABLE, .index = 0, .other = 5},
        {.kind = SB_MEMBER_VARIABLE, .index = 1, .other = 6},
        {.kind = SB_MEMBER_VARIABLE, .index = 2, .other = 7},
        {.kind = SB_MEMBER_FUNCTION, .index = 0, .other = 0},
    };
    sb_description d = {.strings = strings,
                        .functions = functions,
                        .function_count = 5,
                        .declarations = declarations,
                        .declaration_count = 3,
                        .attributes = attributes,
                        .attribute_count = 1,
                        .members = members,
                        .member_count = 4,
                        .address_count = 8};
    void *addresses[8];
    uint32_t *missing;
    size_t count;
    CHECK(sb_library_open("libm.so.6", 0, &library, &error) == SB_OK);
    CHECK(sb_library_resolve(library, &d, addresses, &missing, &count, &error) ==
          SB_ERROR_SYMBOL);
    CHECK(count == 4 && missing[0] == 11 && missing[1] == 13 && missing[2] == 14 &&
          missing[3] == 1);
    CHECK(addresses[0] != NULL && addresses[5] != NULL);
    CHECK(addresses[1] == NULL && addresses[2] == NULL && addresses[3] == NULL &&
          addresses[4] == NULL && addresses[6] == NULL && addresses[7] == NULL);
    CHECK(strstr(error.message, "lacks 4 of") != NULL);
    CHECK(strstr(error.message, "'nosuch_a', 'cos@NEVER_1', 'nosuch_b'") != NULL);
    CHECK(strstr(error.message, "libm.so.6") != NULL);
    sb_free(missing);

    d.function_count = 1;
    d.member_count = 1;
    CHECK(sb_library_resolve(library, &d, addresses, &missing, &count, &error) == SB_OK);
    CHECK(missing == NULL && count == 0);
    sb_library_release(library);
}

static void a_long_list_of_missing_symbols_is_cut_and_counted(void)
{
    enum { COUNT = 300 };
    static sb_function functions[COUNT];
    static void *addresses[COUNT];
    for (uint32_t i = 0; i < COUNT; i++)
        functions[i] = (sb_function){.symbol = MISSING_A, .address = i, .declaration = i};
    sb_description d = {.strings = strings,
                        .functions = functions,
                        .function_count = COUNT,
                        .address_count = COUNT};
    sb_library *library;
    sb_error error;
    uint32_t *missing;
    size_t count;
    CHECK(sb_library_open(NULL, 0, &library, &error) == SB_OK);
    CHECK(sb_library_resolve(library, &d, addresses, &missing, &count, &error) ==
          SB_ERROR_SYMBOL);
    CHECK(count == COUNT && missing[COUNT - 1] == COUNT - 1);
    CHECK(strstr(error.message, "lacks 300 of") != NULL);
    CHECK(strstr(error.message, " more") != NULL);
    sb_free(missing);
    sb_library_release(library);
}

static unsigned allocations_left;

static void *few_allocations(void *memory, size_t size)
{
    if (size == 0) {
        free(memory);
        return NULL;
    }
    return allocations_left == 0 ? NULL : (allocations_left--, realloc(memory, size));
}

static void without_memory_nothing_opens_and_nothing_leaks(void)
{
    const sb_function function = {.symbol = MISSING_A};
    const sb_description d = {
        .strings = strings, .functions = &function, .function_count = 1, .address_count = 1};
    sb_library *library;
    sb_error error;
    void *address;
    uint32_t *missing;
    size_t count;
    sb_set_allocator(few_allocations);
    allocations_left = 0;
    CHECK(sb_library_open("libm.so.6", 0, &library, &error) == SB_ERROR_MEMORY);
    allocations_left = 1;
    CHECK(sb_library_open("libm.so.6", 0, &library, &error) == SB_OK);
    CHECK(sb_library_resolve(library, &d, &address, &missing, &count, &error) == SB_ERROR_MEMORY);
    CHECK(missing == NULL && count == 0);
    sb_library_release(library);
    sb_set_allocator(NULL);
}

int main(void)
{
    if (mkdtemp(directory) == NULL) {
        perror("mkdtemp");
        return 1;
    }
    a_soname_is_found_by_the_loader();
    the_program_itself_has_no_name();
    a_library_lives_until_the_last_release();
    symbols_have_versions();
    missing_libraries_are_named_with_a_way_out();
    files_that_are_no_library_are_told_apart();
    the_working_directory_is_not_searched();
    all_missing_symbols_are_listed();
    a_long_list_of_missing_symbols_is_cut_and_counted();
    without_memory_nothing_opens_and_nothing_leaks();
    char command[64];
    (void)snprintf(command, sizeof command, "rm -r %s", directory);
    CHECK(system(command) == 0);
    return check_done("library");
}
