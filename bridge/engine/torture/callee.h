/* callee.h - what generated callees call: the next known value, and checks against it. */
#ifndef TORTURE_CALLEE_H
#define TORTURE_CALLEE_H

#include "torture.h"

#include <complex.h>
#include <stdarg.h>
#include <stdbool.h>
#include <string.h>
#include <sys/types.h>
#include <uchar.h>
#include <wchar.h>

#ifdef __SIZEOF_INT128__
__extension__ typedef unsigned __int128 t_uint128;
#endif

extern const uint64_t torture_seed; /* in table.c */
extern torture_fault torture_callee_fault;

void t_signature(uint32_t signature); /* values of this one from now on */
void t_at(uint32_t argument);         /* leaf 0 of it is next */
uint32_t t_pick(uint32_t count);      /* the member of a union */

/* The next leaf's value. */
uint64_t t_word(void);
uint32_t t_wide(void);
float t_float(void);
double t_double(void);
long double t_ldouble(void);
float _Complex t_cfloat(void);
double _Complex t_cdouble(void);
long double _Complex t_cldouble(void);

/* Checks the next leaf. */
void t_check_word(uint64_t value, unsigned bits); /* the low bits count */
void t_check_wide(uint32_t value);
void t_check_float(double value);
void t_check_double(double value);
void t_check_ldouble(long double value);
void t_check_cfloat(float _Complex value);
void t_check_cdouble(double _Complex value);
void t_check_cldouble(long double _Complex value);

#ifdef __SIZEOF_INT128__
t_uint128 t_word128(void);
void t_check_word128(t_uint128 value);
#endif

#endif
