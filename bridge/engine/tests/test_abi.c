/* test_abi.c - the calling conventions as arithmetic: both, whatever machine this is.
 *
 * Sizes in the pool are those of this compiler, so long double is that of x86-64 there; what the
 * compiler's own calls do is test_call.c's business.
 */
#include "abi.h"
#include "call_types.h"
#include "check.h"

#include <stdio.h>
#include <string.h>

static tables T;

/* How a value travels, as text: "g0 v3" registers, "w2" stack words, "-" nothing, "*g0" or "*w0" or
 * "*" a reference, "x87". */
static void spell(const abi_value *value, bool argument, char *text, size_t capacity)
{
    size_t used = 0;
    text[0] = '\0';
    if (value->kind == ABI_NOTHING)
        (void)snprintf(text, capacity, "-");
    if (value->kind == ABI_X87)
        (void)snprintf(text, capacity, "x87");
    if (value->kind == ABI_REFERENCE)
        used = (size_t)snprintf(text, capacity, "*");
    if (value->kind == ABI_STACK ||
        (value->kind == ABI_REFERENCE && argument && value->count == 0))
        (void)snprintf(text + used, capacity - used, "w%u", value->word);
    for (unsigned i = 0; i < value->count; i++)
        used += (size_t)snprintf(text + used, capacity - used, "%s%c%u", i > 0 ? " " : "",
                                 value->class[i] == ABI_VECTOR ? 'v' : 'g', value->at[i]);
}

/* Walks a call and compares with "result: argument, argument ...". */
static void expect(const abi *rules, sb_type_id result, const sb_type_id *args, size_t count,
                   const char *expected)
{
    abi_frame frame = {.general = 0};
    abi_value value;
    char text[512], one[64];
    const char *reason = rules->result(&T.d, result, &frame, &value);
    spell(&value, false, one, sizeof one);
    size_t used = (size_t)snprintf(text, sizeof text, "%s:", reason != NULL ? "refused" : one);
    for (size_t i = 0; i < count; i++) {
        reason = rules->argument(&T.d, args[i], &frame, &value);
        spell(&value, true, one, sizeof one);
        used += (size_t)snprintf(text + used, sizeof text - used, "%s %s", i > 0 ? "," : "",
                                 reason != NULL ? "refused" : one);
    }
    check_count++;
    if (strcmp(text, expected) != 0) {
        fprintf(stderr, "%s: '%s', expected '%s'\n", rules->name, text, expected);
        check_failures++;
    }
}

#define EXPECT(rules, expected, result, ...)                                                      \
    expect(rules, result, (sb_type_id[]){__VA_ARGS__},                                             \
           sizeof((sb_type_id[]){__VA_ARGS__}) / sizeof(sb_type_id), expected)

static void sysv_merges_eightbytes(void)
{
    const abi *rules = &abi_sysv_x86_64;
    EXPECT(rules, "g0: g0, v0, g1, v1", T_i32, T_i8, T_f32, T_ptr, T_f64);
    EXPECT(rules, "v0: v0, v1, v2 v3", T_f64, T_s_ff, T_s_f, T_s_ffff);
    EXPECT(rules, "g0 g1: g0, g1 g2, g3 g4", T_s_ll, T_s_c3, T_s_iii, T_s_ll);
    EXPECT(rules, "g0 v0: g0 v0, v1 g1", T_s_ld, T_s_ld, T_s_dl);
    if (_Alignof(s_cd) == 8)
        EXPECT(rules, "v0 g0: v0 g0, g1 v1", T_s_ffi, T_s_ffi, T_s_cd);
    EXPECT(rules, "g0: g0, v0, g1, g2 g3", T_u_fi, T_u_fi, T_u_ffd, T_s_bits,
           T_s_bits64);
    EXPECT(rules, "v0 v1: v0 v1, v2", T_c64, T_c64, T_c32);
}

static void sysv_passes_large_records_in_memory(void)
{
    const abi *rules = &abi_sysv_x86_64;
    EXPECT(rules, "*: g1, w0, w3, g2", T_s_lll, T_i32, T_s_lll, T_s_ddd, T_i32);
    EXPECT(rules, "*: w0", T_s_packed16, T_s_packed16);
    EXPECT(rules, "*: w0, g1", T_s_packed, T_s_packed, T_i32);
}

static void sysv_passes_whole_records_or_none(void)
{
    const abi *rules = &abi_sysv_x86_64;
    EXPECT(rules, "-: g0 g1, g2 g3, g4, w0, g5, w2", T_void, T_s_ll, T_s_ll, T_i32, T_s_ll, T_i32,
           T_i32);
    EXPECT(rules, "-: v0 v1, v2 v3, v4 v5, v6, w0, v7, w2", T_void, T_c64, T_c64, T_c64, T_f32,
           T_s_dd, T_f32, T_f64);
}

#if defined(__x86_64__)
static void sysv_knows_the_x87_stack(void)
{
    const abi *rules = &abi_sysv_x86_64;
    EXPECT(rules, "x87: w0, g0", T_f80, T_f80, T_i32);
    EXPECT(rules, "x87: w0", T_s_long, T_s_long);
    EXPECT(rules, "x87: w0, w4", T_c80, T_c80, T_f80);
    EXPECT(rules, "*: w0, w2", T_u_ldi, T_u_ldi, T_s_longc);
    EXPECT(rules, "-: w0, w4", T_void, T_s_lll, T_f80);
}
#endif

static void aarch64_passes_homogeneous_aggregates_in_vectors(void)
{
    const abi *rules = &abi_aarch64;
    EXPECT(rules, "v0 v1: v0 v1, v2 v3 v4", T_s_ff, T_s_ff, T_s_fff);
    EXPECT(rules, "v0 v1 v2 v3: v0 v1 v2 v3, v4 v5 v6", T_s_dddd, T_s_dddd, T_s_ddd);
    EXPECT(rules, "v0 v1: v0 v1, v2 v3", T_c32, T_c32, T_s_c64);
    EXPECT(rules, "g0 g1: g0 g1, g2 g3", T_s_fd, T_s_fd, T_s_ld);
    EXPECT(rules, "g0: g0, g1", T_u_fd, T_u_fi, T_u_fd);
}

static void aarch64_fills_no_gaps_after_a_spill(void)
{
    const abi *rules = &abi_aarch64;
    EXPECT(rules, "-: v0 v1 v2 v3, v4 v5 v6, w0, w2, g0", T_void, T_s_dddd, T_s_ddd, T_s_dd, T_f32,
           T_i32);
    EXPECT(rules, "-: g0 g1, g2 g3, g4 g5, g6, w0, w2", T_void, T_s_ll, T_s_ll, T_s_ll, T_i32,
           T_s_ll, T_i32);
}

static void aarch64_passes_large_records_by_reference(void)
{
    const abi *rules = &abi_aarch64;
    EXPECT(rules, "*: g0, *g1, g2", T_s_lll, T_i32, T_s_lll, T_i32);
    EXPECT(rules, "-: g0, g1, g2, g3, g4, g5, g6, g7, *w0, w1", T_void, T_i32, T_i32, T_i32, T_i32,
           T_i32, T_i32, T_i32, T_i32, T_s_lll, T_i32);
}

#if defined(__SIZEOF_INT128__) && !defined(__s390x__) /* where it is aligned to 8 */
#define HAVE_PAIRS 1
static void int128_is_a_pair(void)
{
    EXPECT(&abi_sysv_x86_64, "g0 g1: g0, g1 g2, g3, g4 g5", T_i128, T_i32, T_i128, T_i32, T_i128);
    EXPECT(&abi_sysv_x86_64, "-: g0 g1, g2 g3, g4, w0, w2, g5", T_void, T_i128, T_i128, T_i32,
           T_i128, T_s_lll, T_i32);
    EXPECT(&abi_aarch64, "g0 g1: g0, g2 g3, g4, g6 g7", T_i128, T_i32, T_i128, T_i32, T_s_128);
    EXPECT(&abi_aarch64, "-: g0 g1, g2 g3, g4 g5, g6, w0, w2", T_void, T_i128, T_i128, T_i128,
           T_i32, T_i128, T_i32);
}
#endif

static void records_with_endless_alternatives_are_refused(void)
{
    sb_type_id inner = T_f32;
    for (unsigned depth = 0; depth < 40; depth++) {
        sb_type_id outer = tables_record(&T, SB_UNION, 4, 4);
        tables_field(&T, inner, 0);
        tables_field(&T, inner, 0);
        inner = outer;
    }
    EXPECT(&abi_sysv_x86_64, "refused: refused", inner, inner);
    EXPECT(&abi_aarch64, "refused: refused", inner, inner);
    tables_reset(&T);
}

int main(void)
{
    tables_init(&T);
    sysv_merges_eightbytes();
    sysv_passes_large_records_in_memory();
    sysv_passes_whole_records_or_none();
#if defined(__x86_64__)
    sysv_knows_the_x87_stack();
#endif
    aarch64_passes_homogeneous_aggregates_in_vectors();
    aarch64_fills_no_gaps_after_a_spill();
    aarch64_passes_large_records_by_reference();
#ifdef HAVE_PAIRS
    int128_is_a_pair();
#endif
    records_with_endless_alternatives_are_refused();
    return check_done("abi");
}
