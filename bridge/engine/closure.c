/* closure.c - C function pointers that run a handler: signatures, pools, and libffi's closures.
 *
 * Where a closure has a stub, C comes in by closure_registers.c. Else libffi makes the code of a
 * closure and hands each call over as a list of pointers to values, one for each piece of the draft
 * (foreign.h). A signature says how to make arguments of pieces and what to do with the result. It
 * is interned by spelling and shape, so that signatures of different descriptions share a pool when
 * a closure of one could serve as one of the other.
 *
 * The code of a closure is written once and bound to its sb_closure for good. Using a closure again
 * changes the sb_closure alone: instructions next to memory that is being written would cost each
 * call a flush of the processor's pipeline, and a parked closure stays callable, to be noticed.
 */
#include "closure.h"
#include "failure.h"
#include "foreign.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define NAME_SIZE     256 /* bytes of a spelled function type, cut beyond */
#define BUCKETS       256 /* of the table of signatures */
#define RESULT_BLOCK  64  /* results of up to this size are written to a block of enter's */
#define MAX_GATHERED  14 /* arguments in two parts: as many as x86-64 has registers for arguments */
#define GATHERED_SIZE 32 /* a float and what is aligned to 16, on RISC-V; elsewhere 16 */

/* One lock for the table and all pools: held for a few pointer moves, never while libffi or the
 * allocator works. Held over fork, so that the child finds it free and the pools whole. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static sb_signature *table[BUCKETS];

static _Atomic(sb_misuse_handler) misuse_handler;

static void acquire(void)
{
    (void)pthread_mutex_lock(&lock);
}

static void release(void)
{
    (void)pthread_mutex_unlock(&lock);
}

static void keep_over_fork(void)
{
    (void)pthread_atfork(acquire, release, release);
}

/* ---- misuse ---------------------------------------------------------------------------------- */

void sb_set_misuse_handler(sb_misuse_handler handler)
{
    atomic_store(&misuse_handler, handler);
}

void closure_misused(sb_misuse misuse, const char *name)
{
    sb_misuse_handler handler = atomic_load(&misuse_handler);
    if (handler != NULL) {
        handler(misuse, name);
        return;
    }
    char line[NAME_SIZE + 128];
    int length =
        snprintf(line, sizeof line, "symbridge: %s: %s\n",
                 misuse == SB_CLOSURE_FREED_TWICE
                     ? "a callback was freed twice"
                     : "C called a callback that was freed; it must be kept for as long as "
                       "C may call it",
                 name);
    ssize_t written = write(STDERR_FILENO, line, (size_t)(length > 0 ? length : 0));
    (void)written; /* when it fails there is nobody to tell */
    abort();
}

/* ---- the way in from C ----------------------------------------------------------------------- */

/* Loaded by their size, because a load that is wider than the handler's store would have to wait
 * for it. */
uint64_t closure_widen(enum give give, size_t size, const void *block)
{
    bool is_signed = give == GIVE_SIGNED;
    int8_t byte;
    int16_t half;
    int32_t word;
    uint64_t wide;
    switch (size) {
    case 1:
        memcpy(&byte, block, sizeof byte);
        wide = is_signed ? (uint64_t)byte : (uint8_t)byte;
        break;
    case 2:
        memcpy(&half, block, sizeof half);
        wide = is_signed ? (uint64_t)half : (uint16_t)half;
        break;
    case 4:
        memcpy(&word, block, sizeof word);
        wide = is_signed ? (uint64_t)word : (uint32_t)word;
        break;
    default:
        memcpy(&wide, block, sizeof wide);
        break;
    }
    return give == GIVE_BOOL ? wide != 0 : wide;
}

/* Integers narrower than a register go back as a register; wider ones as a pair of them. */
static void widen(const sb_signature *signature, const void *block, void *answer)
{
    uint64_t wide = closure_widen((enum give)signature->give, signature->result_size, block);
    ffi_arg narrow = (ffi_arg)wide;
    if (signature->result_size <= sizeof narrow)
        memcpy(answer, &narrow, sizeof narrow);
    else
        memcpy(answer, &wide, sizeof wide);
}

/* Runs the handler of a closure that was seen to be live, and returns its result to libffi. */
static void run(sb_closure *closure, void *const *arguments, void **values, void *answer)
{
    const sb_signature *signature = closure->signature;
    _Alignas(16) unsigned char block[RESULT_BLOCK];
    void *result = block;
    if (signature->give == GIVE_IN_PLACE)
        result = answer;
    else if (signature->give == GIVE_ADDRESS)
        memcpy(&result, values[0], sizeof result);
    memset(block, 0, sizeof block);
    if (result != block)
        memset(result, 0, signature->result_size);

    if (atomic_load_explicit(&closure->state, memory_order_acquire) == LIVE)
        closure->handler(closure, arguments, result, closure->user);
    else
        closure_misused(SB_CLOSURE_CALLED_AFTER_FREE, signature->name);

    switch ((enum give)signature->give) {
    case GIVE_SIGNED:
    case GIVE_UNSIGNED:
    case GIVE_BOOL:
        widen(signature, block, answer);
        break;
    case GIVE_BYTES:
        memcpy(answer, block, signature->result_size);
        break;
    case GIVE_ADDRESS:
        memcpy(answer, &result, sizeof result);
        break;
    case GIVE_NOTHING:
    case GIVE_IN_PLACE:
        break;
    }
}

/* What libffi calls when its values are the arguments. */
static void enter_plain(ffi_cif *cif, void *answer, void **values, void *data)
{
    sb_closure *closure = data;
    (void)cif;
    run(closure, values + (closure->signature->give == GIVE_ADDRESS), values, answer);
}

/* What libffi calls when arguments have to be made of its values. */
static void enter(ffi_cif *cif, void *answer, void **values, void *data)
{
    sb_closure *closure = data;
    const sb_signature *signature = closure->signature;
    void *arguments[SB_MAX_PARAMETERS];
    _Alignas(16) unsigned char gathered[MAX_GATHERED][GATHERED_SIZE];
    size_t used = 0;
    (void)cif;
    for (unsigned i = 0; i < signature->argument_count; i++) {
        const struct take *take = &signature->takes[i];
        switch ((enum take_way)take->way) {
        case DIRECT:
            arguments[i] = values[take->value];
            break;
        case INDIRECT:
            memcpy(&arguments[i], values[take->value], sizeof arguments[i]);
            break;
        case GATHERED:
            arguments[i] = memset(gathered[used], 0, GATHERED_SIZE);
            for (unsigned n = 0; n < take->count; n++)
                memcpy(gathered[used] + take->part[n], values[take->value + n], take->bytes[n]);
            used++;
            break;
        case NOTHING:
            arguments[i] = gathered;
            break;
        }
    }
    run(closure, arguments, values, answer);
}

/* ---- signatures ------------------------------------------------------------------------------ */

static bool same_types(const ffi_type *a, const ffi_type *b)
{
    if (a == b)
        return true;
    if (a->type != b->type || a->size != b->size || a->alignment != b->alignment ||
        a->type != FFI_TYPE_STRUCT)
        return false;
    size_t i = 0;
    for (; a->elements[i] != NULL && b->elements[i] != NULL; i++) {
        if (!same_types(a->elements[i], b->elements[i]))
            return false;
    }
    return a->elements[i] == b->elements[i];
}

/* True when a closure of one can serve as one of the other, and has the same name. */
static bool are_equal(const sb_signature *a, const sb_signature *b)
{
    if (a->hash != b->hash || a->give != b->give || a->result_size != b->result_size ||
        a->argument_count != b->argument_count || a->cif.nargs != b->cif.nargs ||
        strcmp(a->name, b->name) != 0 || !same_types(a->cif.rtype, b->cif.rtype))
        return false;
    for (unsigned i = 0; i < a->cif.nargs; i++) {
        if (!same_types(a->cif.arg_types[i], b->cif.arg_types[i]))
            return false;
    }
    if (memcmp(&a->stubs, &b->stubs, sizeof a->stubs) != 0)
        return false;
    return memcmp(a->takes, b->takes, a->argument_count * sizeof a->takes[0]) == 0;
}

static uint32_t hash_text(const char *text)
{
    uint32_t hash = 2166136261u;
    for (; *text != '\0'; text++)
        hash = (hash ^ (unsigned char)*text) * 16777619u;
    return hash;
}

/* Copies a spelling of that length, of which `from` holds as much as fits; from may be name. */
static void cut_name(const char *from, size_t length, char name[NAME_SIZE])
{
    bool fits = length < NAME_SIZE;
    memmove(name, from, fits ? length + 1 : NAME_SIZE - 1);
    if (fits)
        return;
    size_t end = NAME_SIZE - sizeof "...";
    while (end > 0 && ((unsigned char)name[end] & 0xC0) == 0x80)
        end--; /* not inside a character */
    memcpy(name + end, "...", sizeof "...");
}

static void spell(const sb_description *d, sb_type_id function, char name[NAME_SIZE])
{
    if (d->types[function].kind == SB_POINTER)
        function = d->types[function].target;
    cut_name(name, sb_type_spell(d, function, 0, NULL, name, NAME_SIZE), name);
}

/* Which take makes argument i, whose pieces begin at *piece; moves *piece past them. */
static struct take take_argument(const foreign_draft *draft, uint32_t i, uint32_t *piece)
{
    const call_request *request = draft->request;
    uint64_t size = request_type(request->types[i])->size;
    struct take take = {.way = NOTHING, .count = 0};
    for (; *piece < draft->piece_count && draft->pieces[*piece].argument == i; ++*piece) {
        const foreign_piece *from = &draft->pieces[*piece];
        if (from->role == FOREIGN_PADDING)
            continue;
        unsigned n = take.count++;
        if (n == 0) {
            take.value = (uint16_t)*piece;
            take.way = from->role == FOREIGN_ADDRESS ? INDIRECT : DIRECT;
        }
        if (n < 2) {
            uint64_t rest = size - from->part;
            take.part[n] = from->part;
            take.bytes[n] = from->bytes != 0 ? from->bytes : (uint8_t)(rest < 8 ? rest : 8);
        }
    }
    /* On x86-64 a value in registers may need both of two, or have its bytes in the second. */
    bool in_registers =
        request->abi == &abi_sysv_x86_64 && request->arguments[i].kind == ABI_REGISTERS;
    if (take.count > 1 || (in_registers && size > 8))
        take.way = GATHERED;
    return take;
}

static enum give choose_give(const foreign_draft *draft)
{
    const call_request *request = draft->request;
    const sb_type *type = request_type(request->result_type);
    if (type->size == 0)
        return GIVE_NOTHING;
    if (request->abi != NULL && request->result.kind == ABI_NOTHING)
        return GIVE_NOTHING;
    switch (request->result_class) {
    case CALL_SIGNED:
        return GIVE_SIGNED;
    case CALL_UNSIGNED:
        return GIVE_UNSIGNED;
    case CALL_BOOL:
        return GIVE_BOOL;
    default:
        break;
    }
    if (request->abi == &abi_sysv_x86_64 && request->result.kind == ABI_REFERENCE)
        return GIVE_ADDRESS;
    return type->size > RESULT_BLOCK ? GIVE_IN_PLACE : GIVE_BYTES;
}

static size_t take_room(size_t *size, size_t bytes)
{
    size_t at = (size_t)abi_round_up(*size, 16);
    *size = at + bytes;
    return at;
}

static sb_status refuse(const char *name, const char *reason, sb_error *error)
{
    return failure(error, SB_ERROR_UNSUPPORTED, "C cannot be given a callback of type %s: %s", name,
                   reason);
}

/* A signature of its own, not yet in the table; NULL, with *status set, when there can be none. */
static sb_signature *plan(const call_request *request, const char *name, unsigned flags,
                          sb_status *status, sb_error *error)
{
    foreign_draft draft;
    foreign_trees trees = {.types = 0};
    const char *reason = foreign_draft_request(&draft, request);
    enum give give = choose_give(&draft);
    if (give == GIVE_ADDRESS) /* foreign.c makes it an argument; it is the result as well */
        draft.result = (foreign_piece){.type = &ffi_type_pointer};
    if (reason == NULL)
        reason = foreign_measure(&trees, &draft);
    if (reason != NULL) {
        *status = refuse(name, reason, error);
        return NULL;
    }

    size_t size = sizeof(sb_signature);
    size_t takes = take_room(&size, request->count * sizeof(struct take));
    size_t arguments = take_room(&size, draft.piece_count * sizeof(ffi_type *));
    size_t types = take_room(&size, trees.types * sizeof(ffi_type));
    size_t elements = take_room(&size, trees.elements * sizeof(ffi_type *));
    size_t text = take_room(&size, strlen(name) + 1);
    char *memory = memory_resize(NULL, size);
    if (memory == NULL) {
        *status = failure(error, SB_ERROR_MEMORY, "out of memory");
        return NULL;
    }
    memset(memory, 0, size);

    sb_signature *signature = (sb_signature *)(void *)memory;
    signature->takes = (struct take *)(void *)(memory + takes);
    signature->name = memcpy(memory + text, name, strlen(name) + 1);
    signature->hash = hash_text(name);
    signature->result_size = (size_t)request_type(request->result_type)->size;
    signature->argument_count = (uint16_t)request->count;
    signature->give = (uint8_t)give;
    if (!(flags & SB_CALL_NO_REGISTERS))
        closure_choose_stubs(&signature->stubs, request);
    trees.next_type = (ffi_type *)(void *)(memory + types);
    trees.next_element = (ffi_type **)(void *)(memory + elements);
    reason =
        foreign_make(&trees, &draft, (ffi_type **)(void *)(memory + arguments), &signature->cif);

    uint32_t first = give == GIVE_ADDRESS, piece = first, gathered = 0;
    signature->plain = true;
    for (uint32_t i = 0; i < request->count; i++) {
        struct take take = take_argument(&draft, i, &piece);
        signature->takes[i] = take;
        gathered += take.way == GATHERED;
        if (take.way != DIRECT || take.value != i + first)
            signature->plain = false;
    }
    if (reason == NULL && gathered > MAX_GATHERED)
        reason = "it takes more records in registers than there are registers";
    if (reason != NULL) {
        *status = refuse(name, reason, error);
        sb_free(memory);
        return NULL;
    }
    return signature;
}

/* The signature in the table that equals this one, which is put there when there is none. */
static sb_signature *intern(sb_signature *signature)
{
    sb_signature **bucket = &table[signature->hash % BUCKETS], *known = *bucket;
    while (known != NULL && !are_equal(known, signature))
        known = known->next;
    if (known == NULL) {
        known = signature;
        known->next = *bucket;
        *bucket = known;
    }
    known->references++;
    return known;
}

static sb_status make_signature(const call_request *request, const char *name, unsigned flags,
                                sb_signature **out, sb_error *error)
{
    sb_status status = SB_OK;
    if (request->variadic)
        return refuse(name, "what a caller passes for ... cannot be known", error);
    sb_signature *signature = plan(request, name, flags, &status, error);
    if (signature == NULL)
        return status;
    (void)pthread_once(&once, keep_over_fork);
    acquire();
    *out = intern(signature);
    release();
    if (*out != signature)
        sb_free(signature);
    return SB_OK;
}

sb_status sb_signature_new(const sb_description *d, sb_type_id function, unsigned flags,
                           sb_signature **out, sb_error *error)
{
    call_request request;
    char name[NAME_SIZE];
    *out = NULL;
    sb_status status = request_fill(&request, d, function, NULL, 0, flags, error);
    if (status != SB_OK)
        return status;
    spell(d, function, name);
    return make_signature(&request, name, flags, out, error);
}

sb_status sb_signature_of_prototype(const sb_prototype *prototype, const char *name, unsigned flags,
                                    sb_signature **out, sb_error *error)
{
    call_request request;
    char cut[NAME_SIZE];
    *out = NULL;
    sb_status status = request_fill_prototype(&request, prototype, flags, error);
    if (status != SB_OK)
        return status;
    cut_name(name, strlen(name), cut);
    return make_signature(&request, cut, flags, out, error);
}

/* Under the lock: takes a signature that nothing needs out of the table. True when the caller is to
 * free it. */
static bool retire(sb_signature *signature)
{
    if (signature->references > 0 || signature->closures > 0)
        return false;
    sb_signature **link = &table[signature->hash % BUCKETS];
    while (*link != signature)
        link = &(*link)->next;
    *link = signature->next;
    return true;
}

void sb_signature_release(sb_signature *signature)
{
    if (signature == NULL)
        return;
    acquire();
    signature->references--;
    bool unused = retire(signature);
    release();
    if (unused)
        sb_free(signature);
}

const char *sb_signature_name(const sb_signature *signature)
{
    return signature->name;
}

/* ---- closures -------------------------------------------------------------------------------- */

/* Under the lock: the closure parked longest, when more than `least` are parked, or NULL. */
static sb_closure *unpark_from(struct closure_queue *queue, size_t least)
{
    sb_closure *closure = queue->oldest;
    if (queue->count <= least)
        return NULL;
    queue->oldest = closure->next;
    queue->count--;
    return closure;
}

static sb_closure *unpark(sb_signature *signature, size_t least)
{
    sb_closure *closure = unpark_from(&signature->parked[QUEUE_STUBS], least);
    return closure != NULL ? closure : unpark_from(&signature->parked[QUEUE_FOREIGN], least);
}

/* Under the lock: parks a closure. Returns one that is parked too many, which the caller is to
 * free, or NULL. */
static sb_closure *park(sb_closure *closure)
{
    sb_signature *signature = closure->signature;
    bool has_stub = closure->stub != STUB_NONE;
    struct closure_queue *queue = &signature->parked[has_stub ? QUEUE_STUBS : QUEUE_FOREIGN];
    if (queue->count == 0)
        queue->oldest = closure;
    else
        queue->newest->next = closure;
    queue->newest = closure;
    queue->count++;
    sb_closure *surplus = unpark_from(queue, has_stub ? SB_CLOSURE_STUB_POOL : SB_CLOSURE_POOL);
    if (surplus != NULL)
        signature->closures--;
    if (surplus != NULL && has_stub)
        closure_give_back_stub(surplus);
    return surplus;
}

/* libffi says only that there is none: asks the system for such memory, to tell why. */
static sb_status no_code(const sb_signature *signature, sb_error *error)
{
    long page = sysconf(_SC_PAGESIZE);
    size_t size = page > 0 ? (size_t)page : 4096;
    void *memory =
        mmap(NULL, size, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    int code = memory == MAP_FAILED ? errno : 0;
    if (memory != MAP_FAILED)
        (void)munmap(memory, size);
    if (code != EACCES && code != EPERM)
        return failure(error, SB_ERROR_MEMORY, "out of memory for a callback of type %s",
                       signature->name);
    return failure(error, SB_ERROR_UNSUPPORTED,
                   "the system refuses the executable memory that libffi needs for callbacks (%s): "
                   "allow it (SELinux: execmem; systemd: MemoryDenyWriteExecute=no), or set "
                   "LIBFFI_TMPDIR to a directory not mounted noexec, or use a libffi built with "
                   "static trampolines, which needs none",
                   code == EACCES ? "EACCES" : "EPERM");
}

/* Gives a closure code of libffi's making. */
static sb_status make_code(sb_closure *closure, sb_error *error)
{
    sb_signature *signature = closure->signature;
    closure->stub = STUB_NONE;
    closure->memory = ffi_closure_alloc(sizeof(ffi_closure), &closure->code);
    if (closure->memory == NULL)
        return no_code(signature, error);
    ffi_status status =
        ffi_prep_closure_loc(closure->memory, &signature->cif,
                             signature->plain ? enter_plain : enter, closure, closure->code);
    if (status == FFI_OK)
        return SB_OK;
    ffi_closure_free(closure->memory);
    return refuse(signature->name, "libffi has no closures of it", error);
}

/* A closure with code, parked but in no list. */
static sb_status make(sb_signature *signature, sb_closure **out, sb_error *error)
{
    sb_closure *closure = memory_resize(NULL, sizeof *closure);
    if (closure == NULL)
        return failure(error, SB_ERROR_MEMORY, "out of memory");
    memset(closure, 0, sizeof *closure);
    closure->signature = signature;
    bool has_stub = false;
    if (signature->stubs.kind != STUBS_NONE) {
        acquire();
        has_stub = closure_take_stub((enum stub_kind)signature->stubs.kind, closure);
        release();
    }
    sb_status status = has_stub ? SB_OK : make_code(closure, error);
    if (status == SB_OK)
        *out = closure;
    else
        sb_free(closure);
    return status;
}

sb_status sb_closure_new(sb_signature *signature, sb_closure_handler handler, void *user,
                         sb_closure **out, sb_error *error)
{
    *out = NULL;
    acquire();
    sb_closure *closure = unpark(signature, SB_CLOSURE_QUARANTINE);
    release();
    if (closure == NULL) {
        sb_status status = make(signature, &closure, error);
        acquire();
        if (status == SB_OK)
            signature->closures++;
        else
            closure = unpark(signature, 0);
        release();
        if (closure == NULL)
            return status;
    }
    closure->handler = handler;
    closure->user = user;
    atomic_store_explicit(&closure->state, LIVE, memory_order_release);
    *out = closure;
    return SB_OK;
}

void *sb_closure_code(const sb_closure *closure)
{
    return closure->code;
}

sb_tier sb_closure_tier(const sb_closure *closure)
{
    return closure->stub != STUB_NONE ? SB_TIER_REGISTERS : SB_TIER_LIBFFI;
}

void sb_closure_free(sb_closure *closure)
{
    if (closure == NULL)
        return;
    sb_signature *signature = closure->signature;
    if (atomic_exchange(&closure->state, PARKED) != LIVE) {
        closure_misused(SB_CLOSURE_FREED_TWICE, signature->name);
        return;
    }
    acquire();
    sb_closure *surplus = park(closure);
    release();
    if (surplus == NULL)
        return;
    if (surplus->memory != NULL)
        ffi_closure_free(surplus->memory);
    sb_free(surplus);
}

sb_closure_counts sb_count_closures(void)
{
    sb_closure_counts counts = {0, 0, 0};
    acquire();
    for (size_t i = 0; i < BUCKETS; i++) {
        for (const sb_signature *s = table[i]; s != NULL; s = s->next) {
            counts.signatures++;
            size_t parked = s->parked[QUEUE_STUBS].count + s->parked[QUEUE_FOREIGN].count;
            counts.live += s->closures - parked;
            counts.parked += parked;
        }
    }
    release();
    return counts;
}
