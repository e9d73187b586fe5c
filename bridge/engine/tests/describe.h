/* describe.h - shorthands for tests that parse a description and look things up in it. */
#ifndef DESCRIBE_H
#define DESCRIBE_H

#include "symbridge.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static unsigned failures;

#define CHECK(condition)                                                                          \
    do {                                                                                          \
        if (!(condition)) {                                                                       \
            fprintf(stderr, "%s:%d: %s: not so: %s\n", __FILE__, __LINE__, __func__, #condition); \
            failures++;                                                                           \
        }                                                                                         \
    } while (0)

#define CHECK_TEXT(description, text, expected)                                                \
    do {                                                                                       \
        const char *check_text = sb_string(description, text);                                 \
        if (strcmp(check_text, expected) != 0) {                                               \
            fprintf(stderr, "%s:%d: %s: \"%s\" is not \"%s\"\n", __FILE__, __LINE__, __func__, \
                    check_text, expected);                                                     \
            failures++;                                                                        \
        }                                                                                      \
    } while (0)

/* The description of a text that is right; ends the program when it is not. */
static inline sb_description *describe(const char *text)
{
    sb_description *d = NULL;
    sb_error error;
    if (sb_description_parse(text, strlen(text), "test.bridge", NULL, &d, &error) != SB_OK) {
        fprintf(stderr, "%u:%u: %s\n%s\n%s\n", error.line, error.column, error.message,
                error.excerpt, text);
        exit(1);
    }
    return d;
}

static inline const sb_function *function_of(const sb_description *d, const char *symbol)
{
    for (uint32_t i = 0; i < d->function_count; i++) {
        if (strcmp(sb_string(d, d->declarations[d->functions[i].declaration].name), symbol) == 0)
            return &d->functions[i];
    }
    fprintf(stderr, "there is no function %s\n", symbol);
    exit(1);
}

static inline uint32_t index_of(const sb_description *d, const char *symbol)
{
    return (uint32_t)(function_of(d, symbol) - d->functions);
}

static inline const sb_value *param_of(const sb_description *d, const char *symbol, unsigned i)
{
    const sb_function *function = function_of(d, symbol);
    if (i >= function->param_count) {
        fprintf(stderr, "%s has no parameter %u\n", symbol, i);
        exit(1);
    }
    return &d->params[function->first_param + i];
}

static inline const sb_class *class_of(const sb_description *d, const char *name)
{
    for (uint32_t i = 0; i < d->class_count; i++) {
        if (strcmp(sb_string(d, d->classes[i].name), name) == 0)
            return &d->classes[i];
    }
    fprintf(stderr, "there is no class %s\n", name);
    exit(1);
}

static inline const sb_enum *enum_of(const sb_description *d, const char *name)
{
    for (uint32_t i = 0; i < d->enum_count; i++) {
        if (strcmp(sb_string(d, d->enums[i].name), name) == 0)
            return &d->enums[i];
    }
    fprintf(stderr, "there is no enum %s\n", name);
    exit(1);
}

static inline const sb_field *field_of(const sb_description *d, const char *class_name, unsigned i)
{
    const sb_type *type = &d->types[class_of(d, class_name)->type];
    if (i >= type->count) {
        fprintf(stderr, "%s has no field %u\n", class_name, i);
        exit(1);
    }
    return &d->fields[type->first + i];
}

/* The member at a path such as "date_ex.seconds_before", or NULL. */
static inline const sb_member *member_at(const sb_description *d, const char *path)
{
    uint32_t scope = 0;
    char part[128];
    for (;;) {
        const char *dot = strchr(path, '.');
        size_t length = dot != NULL ? (size_t)(dot - path) : strlen(path);
        snprintf(part, sizeof part, "%.*s", (int)length, path);
        const sb_member *member = sb_scope_find(d, scope, part);
        if (dot == NULL || member == NULL)
            return member;
        if (member->kind == SB_MEMBER_CLASS)
            scope = d->classes[member->index].inner_scope;
        else if (member->kind == SB_MEMBER_SCOPE)
            scope = member->index;
        else
            return NULL;
        path = dot + 1;
    }
}

static inline bool is_member(const sb_description *d, const char *path, sb_member_kind kind)
{
    const sb_member *member = member_at(d, path);
    return member != NULL && member->kind == kind;
}

static inline const char *exception_name(const sb_description *d, uint32_t exception)
{
    return sb_string(d, d->exceptions[exception].name);
}

#endif
