/* layouts.h - records whose layout is checked against the compiler's.
 *
 * The text of each is compiled by the C compiler and parsed by the engine. X(name, definition) is
 * one record, "struct name" or "union name" after the word given; F(record, field) one field that
 * has an offset; B(record, field, type) one bit-field.
 */
#ifndef SB_LAYOUTS_H
#define SB_LAYOUTS_H

/* Definitions: LAYOUT_TEXT(...) expands once to C and once to a string. */
#define LAYOUTS(D)                                                                              \
    D(struct plain { char a; short b; int c; long d; float e; double f; void *g; };)            \
    D(struct descending { long double a; double b; int c; short d; char e; };)                  \
    D(struct tail { double a; char b; };)                                                       \
    D(struct inner { short a; char b; };)                                                       \
    D(struct outer { char a; struct inner b; char c; struct inner d[3]; };)                     \
    D(struct wide { char a; long double b; char c; };)                                          \
    D(struct complexes { char a; float _Complex b; char c; double _Complex d; };)               \
    LAYOUTS_128(D)                                                                              \
    D(struct flags { _Bool a; _Bool b[3]; unsigned char c; };)                                  \
    D(struct flexible { int n; double values[]; };)                                             \
    D(struct flexible_packed { char n; short values[]; } __attribute__((packed));)              \
    D(struct holds_zero { int n; char none[0]; };)                                              \
    D(union mixed { char a[5]; int b; double c; };)                                             \
    D(union odd { char a[9]; short b; };)                                                       \
    D(struct anonymous { char a; union { int b; char c[6]; }; struct { short d; char e; }; };)  \
    D(struct nested { struct { char a; struct { int b; union { char c; long d; }; }; } x;       \
                      char y; };)                                                               \
    D(struct bits { unsigned a : 3; unsigned b : 5; unsigned c : 24; };)                        \
    D(struct bits_straddle { unsigned a : 20; unsigned b : 20; unsigned c : 20; };)             \
    D(struct bits_chars { unsigned char a : 3; unsigned char b : 6; unsigned char c : 7; };)    \
    D(struct bits_mixed { char a; int b : 5; short c : 9; long long d : 33; char e : 2; };)     \
    D(struct bits_after { char a; unsigned b : 9; char c; unsigned d : 23; };)                  \
    D(struct bits_zero { unsigned a : 3; unsigned : 0; unsigned b : 3; char : 0; int c : 1; };) \
    D(struct bits_zero_long { char a : 3; long : 0; char b : 3; };)                             \
    D(struct bits_unnamed { char a; int : 11; char b; };)                                       \
    D(struct bits_unnamed_long { char a; long long : 40; char b; };)                            \
    D(struct bits_unnamed_only { char a; long : 3; };)                                          \
    D(struct bits_long { long a : 1; long long b : 63; long long c : 64; };)                    \
    D(struct bits_bool { _Bool a : 1; _Bool b : 1; int c : 30; };)                              \
    D(struct bits_in_pointer { void *a; short b : 3; };)                                        \
    D(struct bits_fill { int a : 32; short b : 16; char c : 8; long long d : 64; };)            \
    D(struct bits_small_tail { short a : 4; char b; };)                                         \
    D(struct bits_byte_gap { char a; char b; int c : 17; };)                                    \
    D(union bits_union { unsigned a : 3; unsigned long long b : 40; char c; };)                 \
    D(union bits_union_small { unsigned a : 3; };)                                              \
    D(struct packed { char a; int b; char c; long d; } __attribute__((packed));)                \
    D(struct __attribute__((packed)) packed_front { char a; double b; short c; };)              \
    D(struct packed_bits { unsigned a : 3; unsigned b : 30; char c; unsigned long long d : 50; } \
      __attribute__((packed));)                                                                 \
    D(struct packed_zero { char a : 3; int : 0; char b : 2; } __attribute__((packed));)         \
    D(struct packed_inside { char a; struct packed b; int c; };)                                \
    D(struct packed_field { char a; int b __attribute__((packed)); short c; };)                 \
    D(struct packed_bit_field { char a; int b : 30 __attribute__((packed)); int c : 3; };)      \
    D(struct packed_keeps_inner { char a; struct inner b; } __attribute__((packed));)           \
    D(struct packed_aligned { char a; int b; } __attribute__((packed, aligned(4)));)            \
    D(struct packed_aligned_field { char a; int b __attribute__((aligned(2))); }                \
      __attribute__((packed));)                                                                 \
    D(union packed_union { char a[5]; long b; } __attribute__((packed));)                       \
    D(struct aligned { char a; char b __attribute__((aligned(16))); char c; };)                 \
    D(struct aligned_whole { char a; int b; } __attribute__((aligned(32)));)                    \
    D(struct __attribute__((aligned)) aligned_most { char a; };)                                \
    D(struct alignas_field { char a; _Alignas(8) char b; _Alignas(double) char c; };)           \
    D(struct aligned_inside { char a; struct aligned_whole b; char c; };)                       \
    D(struct aligned_less { char a; int b __attribute__((aligned(1))); };)                      \
    D(struct aligned_bits { char a; int b : 4 __attribute__((aligned(8))); int c : 4; };)       \
    D(typedef int int_at_16 __attribute__((aligned(16)));)                                      \
    D(typedef short short_at_1 __attribute__((aligned(1)));)                                    \
    D(struct aligned_typedef { char a; int_at_16 b; short_at_1 c; short d; };)                  \
    D(enum small_enum { SMALL_A, SMALL_B = 200 } __attribute__((packed));)                      \
    D(enum plain_enum { PLAIN_A = -1, PLAIN_B };)                                               \
    D(enum big_enum { BIG_A = 0x100000000 };)                                                   \
    D(struct enums { char a; enum plain_enum b; enum small_enum c; enum big_enum d; };)         \
    D(struct enum_bits { enum plain_enum a : 3; unsigned b : 7; };)                             \
    D(struct functions { char a; int (*b)(int, char *); void (*c[2])(void); };)                 \
    D(struct pointers { char a; char *b; char c; int (*d)[4]; };)                               \
    D(struct self { struct self *next; char a; };)                                              \
    D(struct arrays { char a[3]; short b[3]; char c[1][2][3]; struct inner d[2][2]; };)

#ifdef __SIZEOF_INT128__
#define LAYOUTS_128(D) D(struct int128 { char a; __extension__ __int128 b; char c; };)
#define LAYOUT_FIELDS_128(R, F) R(struct, int128) F(struct, int128, b) F(struct, int128, c)
#else
#define LAYOUTS_128(D)
#define LAYOUT_FIELDS_128(R, F)
#endif

/* Under #pragma pack(2), then pack(1) and pack(8). */
#define LAYOUTS_PACK_2(D)                                                                       \
    D(struct pack2 { char a; int b; char c; double d; };)                                       \
    D(struct pack2_bits { char a; int b : 5; int c : 30; short d : 3; };)                       \
    D(struct pack2_zero { char a; int : 0; char b; };)                                          \
    D(struct pack2_aligned { char a; int b __attribute__((aligned(8))); char c; };)             \
    D(struct pack2_whole { char a; int b; } __attribute__((aligned(8)));)                       \
    D(struct pack2_inside { char a; struct outer b; long c; };)                                 \
    D(union pack2_union { char a[5]; long b; };)

#define LAYOUTS_PACK_1(D)                                                                       \
    D(struct pack1 { char a; int b; char c; double d; };)                                       \
    D(struct pack1_bits { unsigned a : 7; unsigned b : 30; unsigned long long c : 60; char d; };) \
    D(struct pack1_packed { char a; int b; } __attribute__((packed));)

#define LAYOUTS_PACK_8(D)                                                                       \
    D(struct pack8 { char a; long double b; int c; };)                                          \
    D(struct pack8_bits { int a : 20; int b : 20; long long c : 50; char d : 5; };)

/* Names to look at: R(word, record) whole records, F(word, record, field), B(...) bit-fields. */
#define LAYOUT_FIELDS(R, F, B)                                                                  \
    R(struct, plain) F(struct, plain, a) F(struct, plain, b) F(struct, plain, c)                \
    F(struct, plain, d) F(struct, plain, e) F(struct, plain, f) F(struct, plain, g)             \
    R(struct, descending) F(struct, descending, b) F(struct, descending, e)                     \
    R(struct, tail) R(struct, inner)                                                            \
    R(struct, outer) F(struct, outer, b) F(struct, outer, c) F(struct, outer, d)                \
    R(struct, wide) F(struct, wide, b) F(struct, wide, c)                                       \
    R(struct, complexes) F(struct, complexes, b) F(struct, complexes, d)                        \
    LAYOUT_FIELDS_128(R, F)                                                                     \
    R(struct, flags) F(struct, flags, b) F(struct, flags, c)                                    \
    R(struct, flexible) F(struct, flexible, values)                                             \
    R(struct, flexible_packed) F(struct, flexible_packed, values)                               \
    R(struct, holds_zero) F(struct, holds_zero, none)                                           \
    R(union, mixed) F(union, mixed, c) R(union, odd)                                            \
    R(struct, anonymous) F(struct, anonymous, b) F(struct, anonymous, c)                        \
    F(struct, anonymous, d) F(struct, anonymous, e)                                             \
    R(struct, nested) F(struct, nested, x) F(struct, nested, y)                                 \
    R(struct, bits) B(struct, bits, a) B(struct, bits, b) B(struct, bits, c)                    \
    R(struct, bits_straddle) B(struct, bits_straddle, b) B(struct, bits_straddle, c)            \
    R(struct, bits_chars) B(struct, bits_chars, b) B(struct, bits_chars, c)                     \
    R(struct, bits_mixed) B(struct, bits_mixed, b) B(struct, bits_mixed, c)                     \
    B(struct, bits_mixed, d) B(struct, bits_mixed, e)                                           \
    R(struct, bits_after) B(struct, bits_after, b) F(struct, bits_after, c)                     \
    B(struct, bits_after, d)                                                                    \
    R(struct, bits_zero) B(struct, bits_zero, a) B(struct, bits_zero, b)                        \
    B(struct, bits_zero, c)                                                                     \
    R(struct, bits_zero_long) B(struct, bits_zero_long, b)                                      \
    R(struct, bits_unnamed) F(struct, bits_unnamed, b)                                          \
    R(struct, bits_unnamed_long) F(struct, bits_unnamed_long, b)                                \
    R(struct, bits_unnamed_only)                                                                \
    R(struct, bits_long) B(struct, bits_long, a) B(struct, bits_long, b)                        \
    B(struct, bits_long, c)                                                                     \
    R(struct, bits_bool) B(struct, bits_bool, c)                                                \
    R(struct, bits_in_pointer) B(struct, bits_in_pointer, b)                                    \
    R(struct, bits_fill) B(struct, bits_fill, a) B(struct, bits_fill, b)                        \
    B(struct, bits_fill, c) B(struct, bits_fill, d)                                             \
    R(struct, bits_small_tail) B(struct, bits_small_tail, a) F(struct, bits_small_tail, b)      \
    R(struct, bits_byte_gap) B(struct, bits_byte_gap, c)                                        \
    R(union, bits_union) B(union, bits_union, a) B(union, bits_union, b)                        \
    R(union, bits_union_small) B(union, bits_union_small, a)                                    \
    R(struct, packed) F(struct, packed, b) F(struct, packed, d)                                 \
    R(struct, packed_front) F(struct, packed_front, b) F(struct, packed_front, c)               \
    R(struct, packed_bits) B(struct, packed_bits, a) B(struct, packed_bits, b)                  \
    F(struct, packed_bits, c) B(struct, packed_bits, d)                                         \
    R(struct, packed_zero) B(struct, packed_zero, b)                                            \
    R(struct, packed_inside) F(struct, packed_inside, b) F(struct, packed_inside, c)            \
    R(struct, packed_field) F(struct, packed_field, b) F(struct, packed_field, c)               \
    R(struct, packed_bit_field) B(struct, packed_bit_field, b) B(struct, packed_bit_field, c)   \
    R(struct, packed_keeps_inner) F(struct, packed_keeps_inner, b)                              \
    R(struct, packed_aligned) F(struct, packed_aligned, b)                                      \
    R(struct, packed_aligned_field) F(struct, packed_aligned_field, b)                          \
    R(union, packed_union)                                                                      \
    R(struct, aligned) F(struct, aligned, b) F(struct, aligned, c)                              \
    R(struct, aligned_whole) F(struct, aligned_whole, b)                                        \
    R(struct, aligned_most)                                                                     \
    R(struct, alignas_field) F(struct, alignas_field, b) F(struct, alignas_field, c)            \
    R(struct, aligned_inside) F(struct, aligned_inside, b) F(struct, aligned_inside, c)         \
    R(struct, aligned_less) F(struct, aligned_less, b)                                          \
    R(struct, aligned_bits) B(struct, aligned_bits, b) B(struct, aligned_bits, c)               \
    R(struct, aligned_typedef) F(struct, aligned_typedef, b) F(struct, aligned_typedef, c)      \
    F(struct, aligned_typedef, d)                                                               \
    R(enum, small_enum) R(enum, plain_enum) R(enum, big_enum)                                   \
    R(struct, enums) F(struct, enums, b) F(struct, enums, c) F(struct, enums, d)                \
    R(struct, enum_bits) B(struct, enum_bits, b)                                                \
    R(struct, functions) F(struct, functions, b) F(struct, functions, c)                        \
    R(struct, pointers) F(struct, pointers, b) F(struct, pointers, d)                           \
    R(struct, self) F(struct, self, a)                                                          \
    R(struct, arrays) F(struct, arrays, b) F(struct, arrays, c) F(struct, arrays, d)            \
    R(struct, pack2) F(struct, pack2, b) F(struct, pack2, c) F(struct, pack2, d)                \
    R(struct, pack2_bits) B(struct, pack2_bits, b) B(struct, pack2_bits, c)                     \
    B(struct, pack2_bits, d)                                                                    \
    R(struct, pack2_zero) F(struct, pack2_zero, b)                                              \
    R(struct, pack2_aligned) F(struct, pack2_aligned, b) F(struct, pack2_aligned, c)            \
    R(struct, pack2_whole) F(struct, pack2_whole, b)                                            \
    R(struct, pack2_inside) F(struct, pack2_inside, b) F(struct, pack2_inside, c)               \
    R(union, pack2_union)                                                                       \
    R(struct, pack1) F(struct, pack1, b) F(struct, pack1, d)                                    \
    R(struct, pack1_bits) B(struct, pack1_bits, a) B(struct, pack1_bits, b)                     \
    B(struct, pack1_bits, c) F(struct, pack1_bits, d)                                           \
    R(struct, pack1_packed) F(struct, pack1_packed, b)                                          \
    R(struct, pack8) F(struct, pack8, b) F(struct, pack8, c)                                    \
    R(struct, pack8_bits) B(struct, pack8_bits, a) B(struct, pack8_bits, b)                     \
    B(struct, pack8_bits, c) B(struct, pack8_bits, d)

#endif
