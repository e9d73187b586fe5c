/* call_by_description.c - the engine without Python: a library, a description, a call.
 *
 *     call_by_description libm.so.6 'double hypot(double x, double y);' hypot 3 4
 *
 * Opens the library, reads the description, and calls one function with numbers and strings from
 * the command line. Nothing here knows the function beforehand.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "symbridge.h"

static int fail(const sb_error *error)
{
    if (error->line > 0)
        fprintf(stderr, "description:%u:%u: ", (unsigned)error->line, (unsigned)error->column);
    fprintf(stderr, "%s\n", error->message);
    if (error->line > 0)
        fprintf(stderr, "    %s\n    %*s^\n", error->excerpt, (int)error->caret, "");
    return 1;
}

/* Writes one argument of type t, given as text, to its place in the argument block. */
static int put_argument(const sb_type *t, const char *text, unsigned char *slot)
{
    char *end;
    errno = 0;
    if (t->kind == SB_FLOAT && t->primitive == SB_PRIM_FLOAT) {
        float number = strtof(text, &end);
        memcpy(slot, &number, sizeof number);
    }
    else if (t->kind == SB_FLOAT && t->primitive == SB_PRIM_DOUBLE) {
        double number = strtod(text, &end);
        memcpy(slot, &number, sizeof number);
    }
    else if (t->kind == SB_INT || t->kind == SB_ENUM || t->kind == SB_BOOL || t->kind == SB_CHAR) {
        int64_t number = strtoll(text, &end, 0);
        memcpy(slot, &number, sizeof number);
    }
    else if (t->kind == SB_UINT) {
        uint64_t number = strtoull(text, &end, 0);
        memcpy(slot, &number, sizeof number);
    }
    else if (t->kind == SB_POINTER) {
        uint64_t address = (uint64_t)(uintptr_t)text;
        memcpy(slot, &address, sizeof address);
        return 0;
    }
    else {
        fprintf(stderr, "this example passes numbers and strings only\n");
        return 1;
    }
    if (*end != '\0' || errno != 0) {
        fprintf(stderr, "'%s' is not a number that fits\n", text);
        return 1;
    }
    return 0;
}

static void print_result(const sb_description *d, const sb_type *t, const void *result)
{
    const sb_type *pointee = &d->types[t->target];
    if (t->kind == SB_FLOAT && t->primitive == SB_PRIM_DOUBLE) {
        printf("%.17g\n", *(const double *)result);
    }
    else if (t->kind == SB_FLOAT && t->primitive == SB_PRIM_FLOAT) {
        printf("%.9g\n", (double)*(const float *)result);
    }
    else if (t->kind == SB_UINT) {
        printf("%" PRIu64 "\n", *(const uint64_t *)result);
    }
    else if (t->kind == SB_POINTER && pointee->kind == SB_CHAR) {
        const char *text = *(const char *const *)result;
        printf("%s\n", text == NULL ? "(null)" : text);
    }
    else if (t->kind != SB_VOID) {
        printf("%" PRId64 "\n", *(const int64_t *)result);
    }
}

static int call_function(const sb_description *d, const sb_function *f, void *address,
                         char *const *arguments, int count)
{
    sb_error error;
    sb_call *call;
    if (count != f->param_count) {
        fprintf(stderr, "%s takes %d arguments\n", sb_string(d, f->symbol), (int)f->param_count);
        return 1;
    }
    if (sb_call_plan(d, f->type, NULL, 0, 0, &call, &error) != SB_OK)
        return fail(&error);
    _Alignas(16) unsigned char block[2048] = {0}, result[256] = {0};
    int status = call->block_size > sizeof block || call->result_size > sizeof result;
    for (int i = 0; status == 0 && i < count; i++)
        status = put_argument(&d->types[d->params[f->first_param + (uint32_t)i].type], arguments[i],
                              block + call->args[i].offset);
    if (status == 0) {
        sb_call_invoke(call, address, block, result);
        print_result(d, &d->types[d->types[f->type].target], result);
    }
    sb_free(call);
    return status;
}

int main(int argc, char **argv)
{
    if (argc < 4) {
        fprintf(stderr, "usage: %s LIBRARY DESCRIPTION FUNCTION [ARGUMENT...]\n", argv[0]);
        return 2;
    }
    sb_error error;
    sb_description *d;
    if (sb_description_parse(argv[2], strlen(argv[2]), "description", NULL, &d, &error) != SB_OK)
        return fail(&error);
    sb_library *library;
    if (sb_library_open(argv[1], 0, &library, &error) != SB_OK) {
        sb_description_release(d);
        return fail(&error);
    }
    int status = 1;
    uint32_t *missing = NULL;
    size_t missing_count;
    void **addresses = calloc(d->address_count + 1, sizeof *addresses);
    const sb_member *member = sb_scope_find(d, 0, argv[3]);
    if (addresses == NULL)
        fprintf(stderr, "out of memory\n");
    else if (sb_library_resolve(library, d, addresses, &missing, &missing_count, &error) != SB_OK)
        fail(&error);
    else if (member == NULL || member->kind != SB_MEMBER_FUNCTION)
        fprintf(stderr, "the description has no function '%s'\n", argv[3]);
    else
        status = call_function(d, &d->functions[member->index],
                               addresses[d->functions[member->index].address], argv + 4, argc - 4);
    free(addresses);
    sb_free(missing);
    sb_library_release(library);
    sb_description_release(d);
    return status;
}
