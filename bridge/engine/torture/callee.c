/* callee.c - known values and their checks, for generated callees. Linked with them, compiled by
 * their compiler. One thread at a time. */
#include "callee.h"

torture_fault torture_callee_fault;

static uint32_t current, at_argument, at_leaf;

void t_signature(uint32_t signature)
{
    current = signature;
}

void t_at(uint32_t argument)
{
    at_argument = argument;
    at_leaf = 0;
}

static uint64_t word_of(uint32_t leaf)
{
    return torture_word(torture_seed, current, at_argument, leaf);
}

uint32_t t_pick(uint32_t count)
{
    return torture_pick(t_word(), count);
}

/* ---- values ---------------------------------------------------------------------------------- */

uint64_t t_word(void)
{
    return word_of(at_leaf++);
}

uint32_t t_wide(void)
{
    return torture_character(t_word());
}

float t_float(void)
{
    return torture_float(t_word());
}

double t_double(void)
{
    return torture_double(t_word());
}

long double t_ldouble(void)
{
    return torture_long_double(t_word());
}

float _Complex t_cfloat(void)
{
    float parts[2] = {torture_float(word_of(at_leaf)),
                      torture_float(word_of(at_leaf + TORTURE_SECOND))};
    float _Complex value;
    at_leaf++;
    memcpy(&value, parts, sizeof value);
    return value;
}

double _Complex t_cdouble(void)
{
    double parts[2] = {torture_double(word_of(at_leaf)),
                       torture_double(word_of(at_leaf + TORTURE_SECOND))};
    double _Complex value;
    at_leaf++;
    memcpy(&value, parts, sizeof value);
    return value;
}

long double _Complex t_cldouble(void)
{
    long double parts[2] = {torture_long_double(word_of(at_leaf)),
                            torture_long_double(word_of(at_leaf + TORTURE_SECOND))};
    long double _Complex value;
    at_leaf++;
    memcpy(&value, parts, sizeof value);
    return value;
}

/* ---- checks ---------------------------------------------------------------------------------- */

/* Counts a wrong leaf, which is the one before the next. */
static void judge(bool right)
{
    torture_fault *fault = &torture_callee_fault;
    if (right)
        return;
    if (fault->count++ == 0) {
        fault->signature = current;
        fault->argument = at_argument;
        fault->leaf = at_leaf - 1;
    }
}

void t_check_word(uint64_t value, unsigned bits)
{
    uint64_t mask = bits >= 64 ? UINT64_MAX : (UINT64_C(1) << bits) - 1;
    uint64_t expected = t_word();
    judge(((value ^ expected) & mask) == 0);
}

void t_check_wide(uint32_t value)
{
    uint32_t expected = t_wide();
    judge(value == expected);
}

void t_check_float(double value)
{
    double expected = t_float();
    judge(value == expected);
}

void t_check_double(double value)
{
    double expected = t_double();
    judge(value == expected);
}

void t_check_ldouble(long double value)
{
    long double expected = t_ldouble();
    judge(value == expected);
}

void t_check_cfloat(float _Complex value)
{
    float _Complex expected = t_cfloat();
    judge(value == expected);
}

void t_check_cdouble(double _Complex value)
{
    double _Complex expected = t_cdouble();
    judge(value == expected);
}

void t_check_cldouble(long double _Complex value)
{
    long double _Complex expected = t_cldouble();
    judge(value == expected);
}

#ifdef __SIZEOF_INT128__
t_uint128 t_word128(void)
{
    uint64_t high = word_of(at_leaf + TORTURE_SECOND), low = word_of(at_leaf);
    at_leaf++;
    return (t_uint128)high << 64 | low;
}

void t_check_word128(t_uint128 value)
{
    t_uint128 expected = t_word128();
    judge(value == expected);
}
#endif
