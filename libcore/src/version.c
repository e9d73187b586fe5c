/* version.c - which library is running. */
#include "internal.h"

const uint32_t core_version_number = CORE_VERSION_NUMBER;

const char *core_version(void)
{
    return CORE_VERSION;
}
