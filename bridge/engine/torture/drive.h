/* drive.h - what the programs of this folder share: options, files, generated libraries. */
#ifndef TORTURE_DRIVE_H
#define TORTURE_DRIVE_H

#include "torture.h"

#include <symbridge.h>

typedef struct drive_options {
    const char *description; /* path */
    const char *path;        /* of the library; NULL: linked in */
    uint64_t seed;           /* expected values; of the library, unless given */
    uint32_t only;           /* one case, or SB_NONE */
    bool has_seed, no_registers, no_plan, no_abi, no_closures, strict, verbose;
} drive_options;

/* Reads the command line; exits with a usage message when it is wrong. */
drive_options drive_arguments(int argc, char **argv);

/* The parsed description; exits with the engine's message when there is none. */
sb_description *drive_description(const drive_options *options);

/* Symbol of the library that the options name; exits when it is missing. */
const void *drive_symbol(const drive_options *options, const char *name);

/* Counts of refusals by reason, printed in the end. The sum is without those of types on which
 * compilers disagree. */
void drive_refused(const char *message);
uint32_t drive_print_refusals(void);

#endif
