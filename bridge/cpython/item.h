/* item.h - items of buffers that are records (item.c). */
#ifndef SYMBRIDGE_CPYTHON_ITEM_H
#define SYMBRIDGE_CPYTHON_ITEM_H

#include "bridge.h"

/* The format of an item that is one value of the type: "T{I:x:I:y:}". In memory of PyMem; NULL with
 * MemoryError. */
char *item_format_new(const sb_description *d, sb_type_id element);

/* Whether each item of the buffer, or each of the last rows of an array of numbers, is as large as
 * the record and has no number where the record has another. Names do not count. */
bool item_matches(const sb_description *d, sb_type_id record, const Py_buffer *view);

#endif
