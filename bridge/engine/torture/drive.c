/* drive.c - options, files, generated libraries. */
#include "drive.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static _Noreturn void usage(const char *program)
{
    fprintf(stderr,
            "usage: %s [--seed N] [--only N] [--no-registers] [--no-plan] [--no-abi]\n"
            "       [--no-closures] [--strict] [--verbose] DESCRIPTION [LIBRARY]\n",
            program);
    exit(2);
}

drive_options drive_arguments(int argc, char **argv)
{
    drive_options options = {.only = SB_NONE};
    int i = 1;
    for (; i < argc && strncmp(argv[i], "--", 2) == 0; i++) {
        const char *option = argv[i] + 2;
        bool has_value = i + 1 < argc;
        if (strcmp(option, "no-registers") == 0) {
            options.no_registers = true;
        } else if (strcmp(option, "no-plan") == 0) {
            options.no_plan = true;
        } else if (strcmp(option, "no-abi") == 0) {
            options.no_abi = true;
        } else if (strcmp(option, "no-closures") == 0) {
            options.no_closures = true;
        } else if (strcmp(option, "strict") == 0) {
            options.strict = true;
        } else if (strcmp(option, "verbose") == 0) {
            options.verbose = true;
        } else if (strcmp(option, "seed") == 0 && has_value) {
            options.seed = strtoull(argv[++i], NULL, 0);
            options.has_seed = true;
        } else if (strcmp(option, "only") == 0 && has_value) {
            options.only = (uint32_t)strtoul(argv[++i], NULL, 0);
        } else {
            usage(argv[0]);
        }
    }
    if (argc - i < 1 || argc - i > 2)
        usage(argv[0]);
    options.description = argv[i];
    options.path = argc - i == 2 ? argv[i + 1] : NULL;
    return options;
}

static char *read_file(const char *path, size_t *length)
{
    FILE *file = fopen(path, "rb");
    char *text = NULL;
    size_t capacity = 0, used = 0;
    if (file == NULL) {
        perror(path);
        exit(2);
    }
    do {
        if (used == capacity) {
            capacity = capacity == 0 ? 1u << 16 : capacity * 2;
            char *grown = realloc(text, capacity);
            if (grown == NULL) {
                perror("realloc");
                exit(2);
            }
            text = grown;
        }
        used += fread(text + used, 1, capacity - used, file);
    } while (used == capacity);
    if (ferror(file)) {
        perror(path);
        exit(2);
    }
    (void)fclose(file);
    *length = used;
    return text;
}

sb_description *drive_description(const drive_options *options)
{
    sb_description *d;
    sb_error error;
    size_t length;
    char *text = read_file(options->description, &length);
    if (sb_description_parse(text, length, options->description, NULL, &d, &error) != SB_OK) {
        fprintf(stderr, "%s:%u:%u: %s\n    %s\n", options->description, error.line, error.column,
                error.message, error.excerpt);
        exit(1);
    }
    free(text);
    return d;
}

const void *drive_symbol(const drive_options *options, const char *name)
{
    void *library = dlopen(options->path, RTLD_NOW);
    const void *symbol = library == NULL ? NULL : dlsym(library, name);
    if (symbol == NULL) {
        fprintf(stderr, "%s\n", dlerror());
        exit(2);
    }
    return symbol;
}

/* ---- refusals ---------------------------------------------------------------------------------- */

#define MOST_REASONS 64

static struct {
    char text[160];
    uint32_t count;
} reasons[MOST_REASONS];

/* Messages name types before the reason: "argument 3 (struct s): ..."; long ones are cut. */
void drive_refused(const char *message)
{
    const char *reason = message, *next = message;
    while ((next = strstr(next, ": ")) != NULL)
        reason = next += 2;
    if (strlen(reason) >= sizeof reasons[0].text)
        reason = "(the message is cut before its reason)";
    for (size_t i = 0; i < MOST_REASONS; i++) {
        if (reasons[i].count == 0)
            memcpy(reasons[i].text, reason, strlen(reason) + 1);
        if (i + 1 == MOST_REASONS || strcmp(reasons[i].text, reason) == 0) {
            reasons[i].count++;
            return;
        }
    }
}

uint32_t drive_print_refusals(void)
{
    uint32_t sum = 0;
    for (size_t i = 0; i < MOST_REASONS && reasons[i].count != 0; i++) {
        printf("refused %u: %s\n", reasons[i].count, reasons[i].text);
        if (strstr(reasons[i].text, "compilers disagree") == NULL)
            sum += reasons[i].count;
    }
    return sum;
}
