/* foreign.h - function types as libffi gets them, for calls and for closures.
 *
 * libffi wants a list of values, each with a type. Where the engine knows the ABI it does not ask
 * libffi to classify records: it says eightbyte by eightbyte what its own classification found, so
 * that unions, bit-fields, packed records and __int128, which libffi has no words for, come out
 * right, and so that calls of all tiers and closures rest on one classification. Only on other ABIs
 * is a record described by its tree of elements, and refused when libffi would lay that tree out
 * differently.
 *
 * The work has three steps: draft a request, measure what the draft's types take, make them in
 * memory of the caller's.
 */
#ifndef SB_FOREIGN_H
#define SB_FOREIGN_H

#include "call_plan.h"

#include <ffi.h>

#define FOREIGN_RESULT UINT8_MAX /* foreign_piece.argument of the address of the result */

typedef enum foreign_role {
    FOREIGN_VALUE,   /* bytes of the argument, from `part` on */
    FOREIGN_ADDRESS, /* a pointer to the argument, or to where the result goes */
    FOREIGN_PADDING  /* keeps a register or a word free */
} foreign_role;

/* One value for libffi: a scalar type, a run of `count` elements of one type with a size and an
 * alignment of its own, or a record described by its tree. */
typedef struct foreign_piece {
    ffi_type *type; /* scalar, or element when count > 0 */
    uint8_t count;
    uint8_t argument; /* which it is of, or FOREIGN_RESULT */
    uint8_t role;     /* foreign_role */
    uint8_t part;     /* offset in the argument; of a result by field: that of the second */
    uint8_t bytes;    /* of the argument, from `part` on; 0: 8, or as many as there are */
    uint32_t size, align;
    sb_type_ref tree; /* without a description: none */
    uint32_t offset; /* in the block of a call */
} foreign_piece;

/* Of a call: writes the address of block[target], or of the result, to block[slot]. */
typedef struct foreign_pointer {
    uint32_t slot, target;
} foreign_pointer;

#define FOREIGN_TARGET_RESULT UINT32_MAX

/* An argument is at most two pieces, with at most one word of padding before it. */
#define FOREIGN_MAX_PIECES (3 * SB_MAX_PARAMETERS + 1)

/* A function type while it is put together: on the stack of who plans. */
typedef struct foreign_draft {
    const call_request *request;
    foreign_piece pieces[FOREIGN_MAX_PIECES];
    foreign_pointer pointers[SB_MAX_PARAMETERS + 1];
    uint32_t piece_count, pointer_count, fixed_pieces;
    uint32_t block;   /* bytes of a call's block so far */
    uint8_t argument; /* that pieces are added for */
    foreign_piece result;
    ffi_type *result_elements[2];        /* instead of result.type, when result.count > 0 */
    uint16_t offsets[SB_MAX_PARAMETERS]; /* of each argument in the block */
} foreign_draft;

/* Nodes and element lists that the types of a draft need, or are being made from. */
typedef struct foreign_trees {
    const sb_description *d; /* of the tree at work */
    ffi_type *next_type;
    ffi_type **next_element;
    size_t types, elements;
    uint32_t steps;
} foreign_trees;

/* Fills the draft, or returns why libffi cannot serve the request. */
const char *foreign_draft_request(foreign_draft *draft, const call_request *request);

/* Room for `size` bytes in the block, in whole words. Returns their offset. */
uint32_t foreign_room(foreign_draft *draft, uint64_t size, uint32_t align);

/* Counts in trees.types and trees.elements what all types of the draft take. Returns NULL, or why
 * libffi has no types for them. */
const char *foreign_measure(foreign_trees *trees, const foreign_draft *draft);

/* Makes what foreign_measure counted at next_type and next_element, fills arguments[piece_count]
 * and prepares the cif. Returns NULL, or why libffi refuses. */
const char *foreign_make(foreign_trees *trees, const foreign_draft *draft, ffi_type **arguments,
                         ffi_cif *cif);

#endif
