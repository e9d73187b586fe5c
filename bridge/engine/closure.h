/* closure.h - what the two kinds of closures share: those of libffi (closure.c) and those that come
 * in by a stub (closure_registers.c).
 */
#ifndef SB_CLOSURE_H
#define SB_CLOSURE_H

#include "call_plan.h"

#include <ffi.h>
#include <stdatomic.h>

enum closure_state { PARKED, LIVE };

/* 64 bytes on 64-bit machines, besides libffi's own. Made by sb_closure_new, never freed but when
 * given back by a full pool. state is LIVE from sb_closure_new to sb_closure_free; handler and user
 * change before state becomes LIVE and are read after it was seen to be; signature, code, memory
 * and stub never change; next is under the lock. */
struct sb_closure {
    _Atomic(int) state;
    uint32_t stub; /* STUB_NONE: libffi's */
    sb_closure_handler handler;
    void *user;
    sb_signature *signature;
    void *code;       /* what C calls */
    void *memory;     /* libffi's ffi_closure, maybe mapped elsewhere than code; NULL: a stub */
    sb_closure *next; /* parked after this one */
};

#define STUB_NONE UINT32_MAX

/* How an argument is made of libffi's values. */
enum take_way {
    DIRECT,   /* it is the value */
    INDIRECT, /* the value is its address */
    GATHERED, /* it is put together of one or two values */
    NOTHING   /* it has no bytes */
};

struct take {
    uint8_t way;
    uint8_t count;    /* GATHERED: values */
    uint8_t part[2];  /* GATHERED: offset of each in the argument, of at most GATHERED_SIZE */
    uint8_t bytes[2]; /* GATHERED: of each */
    uint16_t value;   /* the first */
};

/* What becomes of the result block. */
enum give {
    GIVE_NOTHING,
    GIVE_SIGNED, /* an integer, widened to a register */
    GIVE_UNSIGNED,
    GIVE_BOOL,
    GIVE_BYTES,    /* copied to where libffi wants it */
    GIVE_IN_PLACE, /* it is where libffi wants it */
    GIVE_ADDRESS   /* it is where value 0 points, which is also returned (x86-64) */
};

/* Which stubs serve a signature: those of one kind have the same parameters and result. */
enum stub_kind {
    STUBS_NONE,    /* libffi's closures alone do */
    STUBS_GENERAL, /* general registers; the result in one, or none */
    STUBS_MIXED,   /* all registers; the result in a general one, or none */
    STUBS_REAL,    /* all registers; the result in a vector register */
    STUB_KINDS
};

/* Where the arguments of a signature with stubs are in the image of the registers, in bytes. */
struct stub_places {
    uint8_t kind; /* stub_kind */
    uint8_t at[16];
};

/* Parked closures of a signature, of one kind. */
struct closure_queue {
    sb_closure *oldest, *newest;
    size_t count;
};

enum { QUEUE_STUBS, QUEUE_FOREIGN, CLOSURE_QUEUES };

/* One allocation: this, then the takes, the types of the values, what those point at, the name.
 * Immutable but for the fields under the lock. Freed with its last reference, unless it has ever
 * made a closure that was not given back. */
struct sb_signature {
    ffi_cif cif;
    struct take *takes; /* one per argument */
    const char *name;
    size_t result_size;
    uint32_t hash;
    uint16_t argument_count;
    uint8_t give;
    bool plain; /* libffi's values, less the address of the result, are the arguments */
    struct stub_places stubs;

    /* Under the lock. */
    sb_signature *next; /* in its bucket */
    size_t references;  /* of embedders */
    size_t closures;    /* all, parked ones included */
    struct closure_queue parked[CLOSURE_QUEUES];
};

/* Which stubs can serve what the request asks for, and how. */
void closure_choose_stubs(struct stub_places *places, const call_request *request);

/* A free stub of that kind, bound to the closure, whose code and stub are set; false when all are
 * taken. Its closure's code may be called at once. Both are called under the lock. */
bool closure_take_stub(enum stub_kind kind, sb_closure *closure);
void closure_give_back_stub(const sb_closure *closure);

/* Says that a closure was called after it was freed, or aborts. name: its function type. */
void closure_misused(sb_misuse misuse, const char *name);

/* An integer result of that many bytes as a register has it. */
uint64_t closure_widen(enum give give, size_t size, const void *block);

#endif
