/* attach.c - how C code that is called from C, in any thread, comes to run Python code. */
#include "attach.h"

_Thread_local waiting_call *innermost_call __attribute__((tls_model("initial-exec")));
