/* calls.c - calls and closures of random function types, against a compiler.
 *
 * The description declares `R callee_N(A, B);` for each case, and `void extra_N(C, D);` when callee_N
 * is variadic and called with a C and a D too. Each is called in every tier that it has, and its type
 * is called back through a closure. With -DTORTURE_LINKED the callees are part of the program.
 */
#include "drive.h"
#include "leaves.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#define LEAST_RESULT 32 /* bytes of a result block, whatever the type */
#define GUARD 64        /* bytes behind a block that nobody may touch */
#define JUNK 0xA5
#define MOST_FAULTS_SHOWN 20

#ifdef TORTURE_LINKED
extern const torture_library torture_calls;
#endif

/* One function type while it is tested. */
struct subject {
    const sb_description *d;
    const torture_library *generated;
    uint64_t seed;
    uint32_t number;
    sb_type_id function;
    sb_type_id types[SB_MAX_PARAMETERS]; /* of all arguments, the extra ones too */
    uint32_t fixed, count;
    const char *way; /* for messages */
    uint32_t faults;
    bool handled; /* a closure's handler ran ... */
    sb_call *within; /* ... and made this call, unless NULL */
};

static struct {
    uint32_t cases, tiers[SB_TIER_LIBFFI + 1], closures, faults;
    uint32_t without_abi; /* calls and closures that libffi alone classified */
    uint32_t confused;    /* cases that the compiler gets wrong without us */
} totals;

/* ---- faults -------------------------------------------------------------------------------------- */

static void fault(struct subject *s, uint32_t argument, uint32_t leaf, const char *where)
{
    char type[4096];
    if (s->faults++ != 0 || totals.faults++ >= MOST_FAULTS_SHOWN)
        return;
    (void)sb_type_spell(s->d, s->function, 0, "callee", type, sizeof type);
    if (argument == TORTURE_RESULT)
        printf("FAULT case %u, %s: %s: leaf %u of the result is wrong\n    %s\n", s->number, s->way,
               where, leaf, type);
    else
        printf("FAULT case %u, %s: %s: leaf %u of argument %u is wrong\n    %s\n", s->number, s->way,
               where, leaf, argument, type);
}

static void other_fault(struct subject *s, const char *what)
{
    if (s->faults++ == 0 && totals.faults++ < MOST_FAULTS_SHOWN)
        printf("FAULT case %u, %s: %s\n", s->number, s->way, what);
}

/* What the C side has found since it was last asked. */
static void collect(struct subject *s, const char *where)
{
    torture_fault found = *s->generated->fault;
    memset(s->generated->fault, 0, sizeof *s->generated->fault);
    if (found.count != 0)
        fault(s, found.argument, found.leaf, where);
}

static sb_type_id result_type(const struct subject *s)
{
    return s->d->types[s->function].target;
}

/* ---- calls --------------------------------------------------------------------------------------- */

static bool is_signed(const sb_type *type)
{
    switch (type->kind) {
    case SB_INT:
        return true;
    case SB_CHAR:
        return CHAR_MIN < 0;
    case SB_WIDE:
        return type->primitive == SB_PRIM_WCHAR && WCHAR_MIN < 0;
    case SB_ENUM:
        return (type->flags & SB_TYPE_SIGNED) != 0;
    default:
        return false;
    }
}

/* True when a block holds such a value as a word of 64 bits. */
static bool is_word(const sb_type *type)
{
    switch (type->kind) {
    case SB_BOOL:
    case SB_CHAR:
    case SB_INT:
    case SB_UINT:
    case SB_WIDE:
    case SB_ENUM:
    case SB_POINTER:
        return type->size <= 8;
    default:
        return false;
    }
}

/* The value in memory, extended as the block wants it. */
static uint64_t extended(const sb_type *type, const unsigned char *memory)
{
    uint64_t word = 0;
    for (uint64_t i = 0; i < type->size; i++) {
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
        word = word << 8 | memory[i];
#else
        word |= (uint64_t)memory[i] << 8 * i;
#endif
    }
    if (is_signed(type) && type->size > 0 && type->size < 8 && word >> (8 * type->size - 1) != 0)
        word |= UINT64_MAX << 8 * type->size;
    return word;
}

static void *allocate(size_t size)
{
    void *memory = aligned_alloc(64, (size + 63) / 64 * 64 + 64);
    if (memory == NULL) {
        perror("aligned_alloc");
        exit(2);
    }
    return memory;
}

static void put_argument(struct subject *s, const sb_call *call, uint32_t i, unsigned char *block)
{
    const sb_argument_place *place = &call->args[i];
    const sb_type *type = &s->d->types[s->types[i]];
    leaf_walk walk = leaves_begin(s->d, s->seed, s->number, i);
    size_t size = (size_t)type->size;
    unsigned char *value = allocate(size);
    memset(value, JUNK, size);
    leaves_fill(&walk, s->types[i], value);
    if (place->size != type->size) {
        other_fault(s, "the place of an argument has not the size of its type");
    } else if (is_word(type)) {
        uint64_t word = extended(type, value);
        memcpy(block + place->offset, &word, sizeof word);
    } else if (place->second == SB_NO_SECOND) {
        memcpy(block + place->offset, value, size);
    } else {
        memcpy(block + place->offset, value, 8);
        memcpy(block + place->second, value + 8, size - 8);
    }
    free(value);
}

static void check_result(struct subject *s, const unsigned char *result)
{
    const sb_type *type = &s->d->types[result_type(s)];
    leaf_walk walk = leaves_begin(s->d, s->seed, s->number, TORTURE_RESULT);
    if (is_word(type)) {
        unsigned char value[8];
        uint64_t word;
        leaves_fill(&walk, result_type(s), value);
        memcpy(&word, result, sizeof word);
        if (word != extended(type, value))
            fault(s, TORTURE_RESULT, 0, "the caller says");
    } else if (!leaves_match(&walk, result_type(s), result)) {
        fault(s, TORTURE_RESULT, walk.at_wrong, "the caller says");
    }
}

static void check_guard(struct subject *s, const unsigned char *guard, const char *what)
{
    for (size_t i = 0; i < GUARD; i++) {
        if (guard[i] != JUNK) {
            other_fault(s, what);
            return;
        }
    }
}

static void make_call(struct subject *s, const sb_call *call)
{
    union {
        void (*function)(void);
        void *object;
    } callee = {.function = s->generated->cases[s->number - s->generated->first].callee};
    size_t result_size = call->result_size < LEAST_RESULT ? LEAST_RESULT : call->result_size;
    unsigned char *block = allocate(call->block_size + GUARD);
    unsigned char *result = allocate(result_size + GUARD);
    if (call->argument_count != s->count)
        other_fault(s, "the plan has another number of arguments");
    for (unsigned round = 0; round < 2; round++) { /* a block may be filled and used again */
        memset(block, JUNK, call->block_size + GUARD);
        memset(result, JUNK, result_size + GUARD);
        for (uint32_t i = 0; i < s->count; i++)
            put_argument(s, call, i, block);
        sb_call_invoke(call, callee.object, block, result);
        collect(s, "the callee says");
        check_result(s, result);
        check_guard(s, block + call->block_size, "a byte behind the argument block was written");
        check_guard(s, result + result_size, "a byte behind the result block was written");
    }
    free(block);
    free(result);
}

static void extra_types(const struct subject *s, sb_type_ref *extra)
{
    for (uint32_t i = s->fixed; i < s->count; i++)
        extra[i - s->fixed] = (sb_type_ref){s->d, s->types[i]};
}

/* Calls in the tier that the flags lead to, unless `seen` has it. */
static void call_in_tier(struct subject *s, unsigned flags, unsigned *seen)
{
    static const char *const names[] = {"", "registers", "libffi plan", "libffi"};
    sb_call *call;
    sb_error error;
    sb_type_ref extra[SB_MAX_PARAMETERS];
    s->way = "plan";
    extra_types(s, extra);
    sb_status status =
        sb_call_plan(s->d, s->function, extra, s->count - s->fixed, flags, &call, &error);
    if (status == SB_ERROR_UNSUPPORTED) {
        if (*seen == 0)
            drive_refused(error.message);
        *seen |= 1;
        return;
    }
    if (status != SB_OK) {
        other_fault(s, error.message);
        return;
    }
    unsigned bit = 1u << call->tier;
    s->way = names[call->tier];
    if (!(*seen & bit)) {
        totals.tiers[call->tier]++;
        make_call(s, call);
    }
    *seen |= bit;
    sb_call_free(call);
}

/* As on an ABI that only libffi knows: many records are refused there. */
static void call_without_abi(struct subject *s)
{
    sb_call *call;
    sb_error error;
    sb_type_ref extra[SB_MAX_PARAMETERS];
    extra_types(s, extra);
    if (sb_call_plan(s->d, s->function, extra, s->count - s->fixed, SB_CALL_NO_ABI, &call,
                     &error) != SB_OK)
        return;
    s->way = "libffi without ABI";
    totals.without_abi++;
    make_call(s, call);
    sb_call_free(call);
}

/* ---- closures ---------------------------------------------------------------------------------- */

static void handle(sb_closure *closure, void *const *arguments, void *result, void *user)
{
    struct subject *s = user;
    (void)closure;
    s->handled = true;
    if (s->within != NULL)
        make_call(s, s->within);
    for (uint32_t i = 0; i < s->count; i++) {
        leaf_walk walk = leaves_begin(s->d, s->seed, s->number, i);
        if (!leaves_match(&walk, s->types[i], arguments[i]))
            fault(s, i, walk.at_wrong, "the handler says");
        memset(arguments[i], JUNK, (size_t)s->d->types[s->types[i]].size); /* they are the handler's */
    }
    leaf_walk walk = leaves_begin(s->d, s->seed, s->number, TORTURE_RESULT);
    leaves_fill(&walk, result_type(s), result);
}

static void call_back(struct subject *s, unsigned flags)
{
    const torture_case *known = &s->generated->cases[s->number - s->generated->first];
    union {
        void (*function)(void);
        void (*caller)(void *);
    } as = {.function = known->caller};
    sb_signature *signature;
    sb_closure *closure;
    sb_error error;
    s->way = flags & SB_CALL_NO_ABI ? "closure without ABI" : "closure";
    sb_status status = sb_signature_new(s->d, s->function, flags, &signature, &error);
    if (status == SB_ERROR_UNSUPPORTED) {
        if (!(flags & SB_CALL_NO_ABI))
            drive_refused(error.message);
        return;
    }
    if (status == SB_OK)
        status = sb_closure_new(signature, handle, s, &closure, &error);
    if (status != SB_OK) {
        other_fault(s, error.message);
        return;
    }
    s->handled = false;
    if (sb_call_plan(s->d, s->function, NULL, 0, flags, &s->within, &error) != SB_OK)
        s->within = NULL;
    as.caller(sb_closure_code(closure));
    if (!s->handled)
        other_fault(s, "the handler was not called");
    collect(s, "C got back:");
    sb_call_free(s->within);
    *(flags & SB_CALL_NO_ABI ? &totals.without_abi : &totals.closures) += 1;
    sb_closure_free(closure);
    sb_signature_release(signature);
}

/* The compiler against itself. False: it is confused, and the case says nothing about the engine. */
static bool agrees_with_itself(struct subject *s)
{
    const torture_case *known = &s->generated->cases[s->number - s->generated->first];
    union {
        void (*function)(void);
        void (*caller)(void (*)(void));
    } as = {.function = known->caller};
    as.caller(known->callee);
    if (s->generated->fault->count == 0)
        return true;
    memset(s->generated->fault, 0, sizeof *s->generated->fault);
    return false;
}

/* ---- cases --------------------------------------------------------------------------------------- */

static void run(struct subject *s, const drive_options *options)
{
    bool has_caller = s->generated->cases[s->number - s->generated->first].caller != NULL;
    unsigned seen = 0;
    if (options->verbose) {
        char type[4096];
        (void)sb_type_spell(s->d, s->function, 0, "callee", type, sizeof type);
        printf("case %u: %s\n", s->number, type);
        (void)fflush(stdout);
    }
    totals.cases++;
    if (has_caller && !agrees_with_itself(s)) {
        totals.confused++;
        return;
    }
    unsigned never = (options->no_registers ? SB_CALL_NO_REGISTERS : 0u) |
                     (options->no_plan ? SB_CALL_NO_PLAN : 0u);
    call_in_tier(s, never, &seen);
    call_in_tier(s, never | SB_CALL_NO_REGISTERS, &seen);
    call_in_tier(s, SB_CALL_NO_REGISTERS | SB_CALL_NO_PLAN, &seen);
    if (options->no_abi)
        call_without_abi(s);
    if (has_caller && !options->no_closures)
        call_back(s, 0);
    if (has_caller && !options->no_closures && options->no_abi)
        call_back(s, SB_CALL_NO_ABI);
}

static void add_types(struct subject *s, const sb_type *function)
{
    for (uint32_t i = 0; i < function->count && s->count < SB_MAX_PARAMETERS; i++)
        s->types[s->count++] = s->d->params[function->first + i].type;
}

/* Declarations come in the order of the numbers: callee_N, and its extra_N right behind it. */
static void run_all(const sb_description *d, const torture_library *library,
                    const drive_options *options)
{
    for (uint32_t i = 0; i < d->declaration_count; i++) {
        const sb_declaration *declaration = &d->declarations[i];
        const char *name = sb_string(d, declaration->name);
        if (declaration->kind != SB_DECL_FUNCTION || strncmp(name, "callee_", 7) != 0)
            continue;
        struct subject s = {.d = d,
                            .generated = library,
                            .seed = options->has_seed ? options->seed : library->seed,
                            .number = (uint32_t)strtoul(name + 7, NULL, 10),
                            .function = declaration->type};
        if (s.number - library->first >= library->count) {
            fprintf(stderr, "the library has no case %u\n", s.number);
            exit(2);
        }
        add_types(&s, &d->types[s.function]);
        s.fixed = s.count;
        if (i + 1 < d->declaration_count &&
            strncmp(sb_string(d, declaration[1].name), "extra_", 6) == 0)
            add_types(&s, &d->types[declaration[1].type]);
        if (options->only == SB_NONE || options->only == s.number)
            run(&s, options);
    }
}

int main(int argc, char **argv)
{
    drive_options options = drive_arguments(argc, argv);
    sb_description *d = drive_description(&options);
#ifdef TORTURE_LINKED
    const torture_library *library = &torture_calls;
#else
    const torture_library *library = drive_symbol(&options, "torture_calls");
#endif
    run_all(d, library, &options);
    sb_description_release(d);
    uint32_t refused = drive_print_refusals();
    printf("cases %u; calls by registers %u, by libffi's plan %u, by libffi %u; closures %u; "
           "without ABI %u; confused %u; refused %u; faults %u\n",
           totals.cases, totals.tiers[SB_TIER_REGISTERS], totals.tiers[SB_TIER_LIBFFI_PLAN],
           totals.tiers[SB_TIER_LIBFFI], totals.closures, totals.without_abi,
           totals.confused, refused, totals.faults);
    return totals.faults != 0 || totals.cases == 0 || (options.strict && refused != 0);
}
