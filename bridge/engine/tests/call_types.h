/* call_types.h - a pool of C types, and the type table that describes them to the engine.
 *
 * The table is built by hand from what the compiler says (sizeof, offsetof), so that calls are
 * tested apart from the parser and its layouts.
 */
#ifndef CALL_TYPES_H
#define CALL_TYPES_H

#include "symbridge.h"

#include <stddef.h>
#include <stdint.h>

typedef signed char i8;
typedef unsigned char u8;
typedef short i16;
typedef unsigned short u16;
typedef int i32;
typedef unsigned u32;
typedef int64_t i64;
typedef uint64_t u64;
typedef _Bool boolean;
typedef char letter;
typedef float f32;
typedef double f64;
typedef long double f80;
typedef float _Complex c32;
typedef double _Complex c64;
typedef long double _Complex c80;
typedef void *ptr;
#ifdef __SIZEOF_INT128__
typedef sb_int128 i128;
typedef sb_uint128 u128;
#endif
typedef enum color { RED = 1, GREEN = -2 } color;

/* Records: X(name, field, type, elements) per field, elements 0 for a plain one. */
#define FIELDS_s_c1(X, s) X(s, a, i8, 0)
#define FIELDS_s_c3(X, s) X(s, a, u8, 3)
#define FIELDS_s_i1(X, s) X(s, a, i32, 0)
#define FIELDS_s_ii(X, s) X(s, a, i32, 0) X(s, b, i32, 0)
#define FIELDS_s_iii(X, s) X(s, a, i32, 3)
#define FIELDS_s_ll(X, s) X(s, a, i64, 0) X(s, b, i64, 0)
#define FIELDS_s_f(X, s) X(s, a, f32, 0)
#define FIELDS_s_ff(X, s) X(s, a, f32, 2)
#define FIELDS_s_fff(X, s) X(s, a, f32, 0) X(s, b, f32, 2)
#define FIELDS_s_ffff(X, s) X(s, a, f32, 0) X(s, b, f32, 0) X(s, c, f32, 2)
#define FIELDS_s_d(X, s) X(s, a, f64, 0)
#define FIELDS_s_dd(X, s) X(s, a, f64, 0) X(s, b, f64, 0)
#define FIELDS_s_ddd(X, s) X(s, a, f64, 3)
#define FIELDS_s_dddd(X, s) X(s, a, f64, 4)
#define FIELDS_s_fd(X, s) X(s, a, f32, 0) X(s, b, f64, 0)
#define FIELDS_s_if(X, s) X(s, a, i32, 0) X(s, b, f32, 0)
#define FIELDS_s_ld(X, s) X(s, a, i64, 0) X(s, b, f64, 0)
#define FIELDS_s_dl(X, s) X(s, a, f64, 0) X(s, b, i64, 0)
#define FIELDS_s_ffi(X, s) X(s, a, f32, 2) X(s, b, i32, 0)
#define FIELDS_s_cd(X, s) X(s, a, i8, 0) X(s, b, f64, 0)
#define FIELDS_s_lll(X, s) X(s, a, i64, 3)
#define FIELDS_s_big(X, s) X(s, a, i32, 0) X(s, b, f64, 6) X(s, c, i8, 3)
#define FIELDS_s_long(X, s) X(s, a, f80, 0)
#define FIELDS_s_longc(X, s) X(s, a, f80, 0) X(s, b, i8, 0)
#define FIELDS_s_c32(X, s) X(s, a, c32, 0)
#define FIELDS_s_c64(X, s) X(s, a, c64, 0)
#define FIELDS_s_deep(X, s) X(s, a, s_c3, 0) X(s, b, i8, 0) X(s, c, s_ff, 0)
#define FIELDS_s_list(X, s) X(s, a, s_ii, 2)
#define FIELDS_s_any(X, s) X(s, a, u_fi, 0) X(s, b, f32, 0)
#define FIELDS_s_packed(X, s) X(s, a, i8, 0) X(s, b, i32, 0)
#define FIELDS_s_packed16(X, s) X(s, a, i8, 0) X(s, b, f64, 0) X(s, c, i8, 0)
#define FIELDS_s_packed12(X, s) X(s, a, f64, 0) X(s, b, f32, 0)
#define FIELDS_u_fd(X, s) X(s, a, f32, 0) X(s, b, f64, 0)
#define FIELDS_u_fi(X, s) X(s, a, f32, 0) X(s, b, i32, 0)
#define FIELDS_u_ffd(X, s) X(s, a, s_ff, 0) X(s, b, f64, 0) X(s, c, f32, 0)
#define FIELDS_u_ldi(X, s) X(s, a, f80, 0) X(s, b, i32, 0)
#define FIELDS_s_128(X, s) X(s, a, i128, 0)

#define DECLARE_FIELD(s, name, type, n) DECLARE_FIELD_##n(name, type)
#define DECLARE_FIELD_0(name, type) type name;
#define DECLARE_FIELD_2(name, type) type name[2];
#define DECLARE_FIELD_3(name, type) type name[3];
#define DECLARE_FIELD_4(name, type) type name[4];
#define DECLARE_FIELD_6(name, type) type name[6];

/* Rows: X(name, struct or union, attributes). A record comes after those inside it. */
#define RECORDS(X)                                                                              \
    X(s_c1, struct, )                                                                            \
    X(s_c3, struct, )                                                                            \
    X(s_i1, struct, )                                                                            \
    X(s_ii, struct, )                                                                            \
    X(s_iii, struct, )                                                                           \
    X(s_ll, struct, )                                                                            \
    X(s_f, struct, )                                                                             \
    X(s_ff, struct, )                                                                            \
    X(s_fff, struct, )                                                                           \
    X(s_ffff, struct, )                                                                          \
    X(s_d, struct, )                                                                             \
    X(s_dd, struct, )                                                                            \
    X(s_ddd, struct, )                                                                           \
    X(s_dddd, struct, )                                                                          \
    X(s_fd, struct, )                                                                            \
    X(s_if, struct, )                                                                            \
    X(s_ld, struct, )                                                                            \
    X(s_dl, struct, )                                                                            \
    X(s_ffi, struct, )                                                                           \
    X(s_cd, struct, )                                                                            \
    X(s_lll, struct, )                                                                           \
    X(s_big, struct, )                                                                           \
    X(s_long, struct, )                                                                          \
    X(s_longc, struct, )                                                                         \
    X(s_c32, struct, )                                                                           \
    X(s_c64, struct, )                                                                           \
    X(s_deep, struct, )                                                                          \
    X(s_list, struct, )                                                                          \
    X(u_fi, union, )                                                                             \
    X(s_any, struct, )                                                                           \
    X(s_packed, struct, __attribute__((packed)))                                                 \
    X(s_packed16, struct, __attribute__((packed)))                                               \
    X(s_packed12, struct, __attribute__((packed)))                                               \
    X(u_fd, union, )                                                                             \
    X(u_ffd, union, )                                                                            \
    X(u_ldi, union, )                                                                            \
    RECORDS_128(X)

#ifdef __SIZEOF_INT128__
#define RECORDS_128(X) X(s_128, struct, )
#define SCALARS_128(X)                                                                          \
    X(i128, INT128, SB_INT)                                                                      \
    X(u128, UINT128, SB_UINT)
#else
#define RECORDS_128(X)
#define SCALARS_128(X)
#endif

#define X(name, kind, attributes)                                                               \
    typedef kind attributes name {                                                               \
        FIELDS_##name(DECLARE_FIELD, name)                                                       \
    } name;
RECORDS(X)
#undef X

/* Bit-fields, which have no address. */
typedef struct s_bits {
    u32 a : 5, b : 20;
    i32 c : 7;
    f32 d;
} s_bits;
typedef struct s_bits64 {
    f32 a;
    u32 b : 3;
    u64 c : 40;
} s_bits64;

#define SCALARS(X)                                                                              \
    X(i8, SCHAR, SB_INT)                                                                         \
    X(u8, UCHAR, SB_UINT)                                                                        \
    X(i16, SHORT, SB_INT)                                                                        \
    X(u16, USHORT, SB_UINT)                                                                      \
    X(i32, INT, SB_INT)                                                                          \
    X(u32, UINT, SB_UINT)                                                                        \
    X(i64, INT64, SB_INT)                                                                        \
    X(u64, UINT64, SB_UINT)                                                                      \
    X(boolean, BOOL, SB_BOOL)                                                                    \
    X(letter, CHAR, SB_CHAR)                                                                     \
    X(f32, FLOAT, SB_FLOAT)                                                                      \
    X(f64, DOUBLE, SB_FLOAT)                                                                     \
    X(f80, LDOUBLE, SB_FLOAT)                                                                    \
    X(c32, CFLOAT, SB_COMPLEX)                                                                   \
    X(c64, CDOUBLE, SB_COMPLEX)                                                                  \
    X(c80, CLDOUBLE, SB_COMPLEX)                                                                 \
    SCALARS_128(X)

enum pool_type {
    T_none,
    T_void,
#define X(name, ...) T_##name,
    SCALARS(X)
    T_ptr,
    T_color,
    RECORDS(X)
    T_s_bits,
    T_s_bits64,
#undef X
    T_count
};

#define MAX_TYPES 512
#define MAX_FIELDS 512
#define MAX_PARAMS 1024

/* The tables behind an sb_description made by hand. */
typedef struct tables {
    sb_description d;
    sb_type types[MAX_TYPES];
    sb_field fields[MAX_FIELDS];
    sb_value params[MAX_PARAMS];
} tables;

/* Fills the tables with the pool. */
void tables_init(tables *t);

/* The others append, and return the id of what they made. */
sb_type_id tables_array(tables *t, sb_type_id element, uint64_t count);
sb_type_id tables_record(tables *t, sb_kind kind, uint64_t size, uint32_t align);
void tables_field(tables *t, sb_type_id type, uint64_t offset); /* of the last record */
void tables_bits(tables *t, sb_type_id type, uint64_t offset, unsigned first, unsigned width,
                 bool named);
sb_type_id tables_function(tables *t, sb_type_id result, const sb_type_id *params, size_t count,
                           unsigned flags);

/* Forgets what was appended after the pool. */
void tables_reset(tables *t);

/* sb_call_plan with extra types of the same description. */
sb_status plan_call(const sb_description *d, sb_type_id function, const sb_type_id *extra,
                    size_t count, unsigned flags, sb_call **out, sb_error *error);

#endif
