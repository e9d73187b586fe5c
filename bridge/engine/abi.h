/* abi.h - where a calling convention puts arguments and results.
 *
 * An ABI walks the parameters of one call from the first to the last and says of each where its
 * bytes travel: in which registers of which class, in which words of the stack, or behind a pointer.
 * It is arithmetic on the type table alone: all ABIs are compiled and tested on every machine, and
 * abi_native() is the one that calls here really follow, if it is one of them.
 *
 * Register classes are assigned independently (general ones hold integers and pointers, vector ones
 * floating-point numbers), each from its first register on. A stack word is as wide as a general
 * register; word 0 is the one at the stack pointer before the call.
 */
#ifndef SB_ABI_H
#define SB_ABI_H

#include "symbridge.h"

#define ABI_MAX_PARTS 4 /* registers of one value: AArch64's homogeneous aggregates */

typedef enum abi_kind {
    ABI_NOTHING = 0, /* void, or a record without bytes: is not passed at all */
    ABI_REGISTERS,   /* in the parts below */
    ABI_STACK,       /* argument: its bytes in words of the stack */
    ABI_REFERENCE,   /* argument: a pointer to a copy goes in its place.
                      * result: the caller passes where to put it */
    ABI_X87          /* result: on the x87 stack */
} abi_kind;

typedef enum abi_class { ABI_GENERAL, ABI_VECTOR } abi_class;

/* Where one argument or result travels. 28 bytes, filled by one call of an ABI. */
typedef struct abi_value {
    uint8_t kind;                   /* abi_kind */
    uint8_t count;                  /* parts used */
    uint8_t width;                  /* bytes from the start of one part to that of the next */
    uint8_t aligned_pair;           /* AArch64: must start at an even general register */
    uint8_t class[ABI_MAX_PARTS];   /* abi_class of each part */
    uint8_t offset[ABI_MAX_PARTS];  /* of each part in the value */
    uint8_t at[ABI_MAX_PARTS];      /* register of each part, in its class */
    uint8_t bytes[ABI_MAX_PARTS];   /* RISC-V: of each part, when they travel by field; else 0 */
    uint32_t word;                  /* ABI_STACK: the first; ABI_REFERENCE without parts: the pointer */
    uint32_t align;                 /* of the value */
} abi_value;

/* What the arguments so far have taken. Starts as zeros; the result is classified first. */
typedef struct abi_frame {
    uint32_t general, vector; /* registers; of ARM's vector registers, which fill gaps: a bit each */
    uint32_t words;           /* of the stack */
    bool variadic;            /* the function is */
    bool unnamed;             /* the argument that comes belongs to its ... */
} abi_frame;

/* Both return NULL, or a reason why the type cannot travel by value, to follow "...: ". */
typedef struct abi {
    const char *name;
    uint8_t general, vector;     /* registers for arguments */
    bool result_takes_register;  /* ABI_REFERENCE results: the pointer is the first argument */
    const char *(*result)(const sb_description *d, sb_type_id type, abi_frame *frame,
                          abi_value *value);
    const char *(*argument)(const sb_description *d, sb_type_id type, abi_frame *frame,
                            abi_value *value);
} abi;

extern const abi abi_aarch64;
extern const abi abi_arm;
extern const abi abi_i386;
extern const abi abi_riscv64;
extern const abi abi_s390x;
extern const abi abi_sysv_x86_64;

/* The ABI of this process, or NULL when the engine leaves everything to libffi. */
const abi *abi_native(void);

/* Reasons that the ABIs share. */
#define ABI_OVERALIGNED "values aligned to more than 16 bytes cannot be passed by value"
#define ABI_TOO_INTRICATE "its unions hold too many alternatives to be passed by value"
#define ABI_UNNAMED_BITS                                                                        \
    "compilers disagree on how a record with its unnamed bit-field is passed by value"
#define ABI_ALIGNED_BEYOND                                                                      \
    "compilers disagree on how a record aligned beyond its members travels"
#define ABI_FLEXIBLE                                                                            \
    "compilers disagree on how a record with a flexible array member is passed by value"
#define ABI_UNION_BITS                                                                          \
    "compilers disagree on how a record with its unaligned union of bit-fields is passed by value"

/* ---- helpers of the ABIs -------------------------------------------------------------------- */

/* Clears *value but for the alignment of the type. False when there is no more to say: it has no
 * bytes, and is ABI_NOTHING, or cannot travel, for that *reason. */
bool abi_begin(const sb_type *type, abi_value *value, const char **reason);

#define ABI_MAX_STEPS 65536 /* scalars and records looked at in one value */

/* Called for each scalar in a type, with its offset; bits is the field when it is a bit-field. False
 * stops the walk. */
typedef bool (*abi_visit)(void *context, const sb_type *scalar, uint64_t offset,
                          const sb_field *bits);

typedef enum abi_walk { ABI_WALK_DONE, ABI_WALK_STOPPED, ABI_WALK_TOO_LONG } abi_walk;

/* Visits the scalars of a type of at most a few dozen bytes, unions' alternatives one after the
 * other. Gives up after ABI_MAX_STEPS: unions of unions can hold exponentially many. */
abi_walk abi_scalars(const sb_description *d, sb_type_id type, abi_visit visit, void *context);

/* What the scalars of a type have in common. */
typedef struct abi_members {
    uint64_t size;    /* of its floating-point numbers; 0: there is none */
    uint64_t covered; /* bit i: there is a number i sizes from the start */
    uint32_t natural; /* strictest alignment that a scalar inside wants */
    bool mixed;       /* there are others, or of several sizes */
    bool unnamed_bits;
} abi_members;

/* Looks at a type of at most 64 bytes; nothing is known of a larger one, and *members is mixed. */
abi_walk abi_look_at(const sb_description *d, sb_type_id type, abi_members *members);

/* The number of members of a homogeneous aggregate: one to ABI_MAX_PARTS floating-point numbers of
 * one size, without padding; 0 when it is none. */
unsigned abi_homogeneous(const abi_members *members, uint64_t size);

/* True for struct and union. */
static inline bool abi_is_record(const sb_type *type)
{
    return type->kind == SB_STRUCT || type->kind == SB_UNION;
}

/* True when the value of a scalar (or of an enum's underlying type) is signed. */
bool abi_is_signed(const sb_type *type);

static inline uint64_t abi_round_up(uint64_t size, uint64_t align)
{
    return (size + align - 1) / align * align;
}

#endif
