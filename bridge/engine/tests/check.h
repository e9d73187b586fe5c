/* check.h - what the engine's test programs share: checks that count, and a last line. */
#ifndef SB_CHECK_H
#define SB_CHECK_H

#include "symbridge.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static unsigned check_count, check_failures;

#define CHECK(condition)                                                                          \
    do {                                                                                          \
        check_count++;                                                                            \
        if (!(condition)) {                                                                       \
            check_failures++;                                                                     \
            fprintf(stderr, "%s:%d: %s: not so: %s\n", __FILE__, __LINE__, __func__, #condition); \
        }                                                                                         \
    } while (0)

/* To be returned from main. */
static inline int check_done(const char *program)
{
    printf("%s: %u checks, %u failed\n", program, check_count, check_failures);
    return check_failures != 0;
}

/* A description that must be right; ends the program when it is not. */
static inline sb_description *parse(const char *text)
{
    sb_description *d;
    sb_error error;
    if (sb_description_parse(text, strlen(text), NULL, NULL, &d, &error) != SB_OK) {
        fprintf(stderr, "%u:%u: %s\n    %s\nin:\n%s\n", error.line, error.column, error.message,
                error.excerpt, text);
        exit(1);
    }
    return d;
}

/* The declaration of that kind and name, or NULL. */
static inline const sb_declaration *find(const sb_description *d, sb_declaration_kind kind,
                                         const char *name)
{
    for (uint32_t i = 0; i < d->declaration_count; i++)
        if (d->declarations[i].kind == kind &&
            strcmp(sb_string(d, d->declarations[i].name), name) == 0)
            return &d->declarations[i];
    return NULL;
}

#endif
