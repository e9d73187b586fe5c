/* misuse.c - what is said when C calls a callback that is gone, whoever made it. */
#include <stdatomic.h>
#include <unistd.h>

#include "attach.h"

#define LINE_SIZE 512
#define MOST_REPORTS 16 /* in one process: C may call in a loop */

void callback_misused(sb_misuse misuse, const char *function_type)
{
    static atomic_uint told;
    if (misuse != SB_CLOSURE_CALLED_AFTER_FREE || !Py_IsInitialized() ||
        atomic_load(&told) >= MOST_REPORTS || atomic_fetch_add(&told, 1) >= MOST_REPORTS)
        return;
    char line[LINE_SIZE];
    int length = snprintf(line, sizeof line,
                          "symbridge: C called a callback that was freed, and got zeros; keep what "
                          "ffi.callback() returned, or give the parameter its [[scope]], for as "
                          "long as C may call: %s\n",
                          function_type);
    if (length >= LINE_SIZE)
        length = LINE_SIZE - 1;
    ssize_t written = write(STDERR_FILENO, line, length > 0 ? (size_t)length : 0);
    (void)written; /* when it fails there is nobody to tell */
}
