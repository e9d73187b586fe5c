/* core/core.h - all of libcore. Each header may be included alone instead. */
#ifndef CORE_CORE_H
#define CORE_CORE_H

#include "api.h"
#include "date.h"
#include "integrate.h"
#include "lucas.h"
#include "memory.h"
#include "point.h"
#include "point_array.h"
#include "status.h"
#include "text.h"
#include "timer.h"
#include "version.h"

#endif
