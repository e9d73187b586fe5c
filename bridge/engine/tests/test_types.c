/* test_types.c - types by every name that C gives them: size and alignment are the compiler's. */
#include "check.h"

#include <complex.h>
#include <dirent.h>
#include <float.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <time.h>
#include <uchar.h>
#include <wchar.h>

#pragma GCC diagnostic ignored "-Wpedantic"
#pragma GCC diagnostic ignored "-Woverlength-strings"
#pragma GCC diagnostic ignored "-Wunknown-pragmas"
#if defined(__clang__)
#pragma clang diagnostic ignored "-Wunknown-warning-option"
#pragma clang diagnostic ignored "-Wgnu-enum-value-size"
#endif

/* Declared to the compiler and to the engine. */
/* clang-format off */
#define DECLARATIONS(D)                                                                          \
    D(struct point { int x; char y; };)                                                          \
    D(typedef int wide_int __attribute__((aligned(16)));)                                        \
    D(typedef long narrow_long __attribute__((aligned(2)));)                                     \
    D(typedef int aligned_array[4] __attribute__((aligned(32)));)                                \
    D(typedef char *aligned_pointer __attribute__((__aligned__(16)));)                           \
    D(typedef struct point aligned_point __attribute__((aligned(16)));)                          \
    D(typedef struct point packed_place __attribute__((aligned(1)));)                            \
    D(struct places { char a; aligned_point b; char c; packed_place d; aligned_array e; };)      \
    D(enum aligned_enum { AE } __attribute__((packed));)                                         \
    D(typedef enum aligned_enum aligned_enum_t __attribute__((aligned(8)));)                     \
    D(struct enums { char a; aligned_enum_t b; enum aligned_enum c; };)                          \
    D(typedef int q_int __attribute__((mode(QI)));)                                              \
    D(typedef unsigned h_int __attribute__((__mode__(__HI__)));)                                 \
    D(typedef unsigned d_int __attribute__((mode(DI)));)                                         \
    D(typedef int word_int __attribute__((mode(word)));)                                         \
    D(typedef int __attribute__((mode(pointer))) pointer_int;)                                   \
    D(typedef float s_float __attribute__((mode(SF)));)                                          \
    D(typedef float d_float __attribute__((mode(DF)));)                                          \
    D(typedef _Complex float d_complex __attribute__((mode(DC)));)                               \
    D(struct modes { char a; int b __attribute__((mode(HI))); char c; d_int d; };)               \
    D(typedef float vector4 __attribute__((vector_size(16)));)                                   \
    D(typedef char vector64 __attribute__((__vector_size__(32 * sizeof(short))));)               \
    D(typedef int unaligned_vector __attribute__((vector_size(16), aligned(1)));)                \
    D(struct vectors { char a; vector4 b; char c; unaligned_vector d; vector4 e[2]; };)          \
    D(typedef union { int *i; struct point *p; } any __attribute__((transparent_union));)        \
    D(union __attribute__((transparent_union)) any_tagged { long a; unsigned long b; };)         \
    D(struct atomics { char a; _Atomic int b; char c; _Atomic(long long) d; int *_Atomic e; };)  \
    D(extern int object; extern const char *const text; extern int function(int);)               \
    D(typedef __typeof__(object) of_object;)                                                     \
    D(typedef __typeof__(function) *of_function;)                                                \
    D(typedef __typeof__(1 ? 2 : 3L) of_expression;)                                             \
    D(typedef __typeof__(struct point[3]) of_name;)                                              \
    D(typedef __typeof__("abc") of_string;)                                                      \
    D(typedef int (*of_functions[3])(int, ...);)                                                 \
    D(typedef int (*(*returns_function)(void))(char);)                                           \
    D(typedef void (*takes_array)(int n, int a[static 3], int b[const]); )\
    D(__extension__ typedef long long extended;)                                                 \
    D(struct matrix { double m[3][4][5]; struct { union { int i; float f; }; } n[2][2]; };)      \
    D(typedef __typeof__(((struct matrix *)0)->m[1]) of_member;)                                 \
    D(typedef char of_size[sizeof ((struct matrix *)0)->n[0] + sizeof(object) / sizeof object];) \
    D(typedef char of_alignment[__alignof__(((struct point *)(void *)0)->x)];)                   \
    D(enum negative { N1 = -1, N2 = 0x7fffffff };)                                               \
    D(enum large { L1 = 0x80000000, L2 };)                                                       \
    D(enum huge { H1 = 0xffffffffffffffff };)                                                    \
    D(enum both { B1 = -1, B2 = 0x80000000 };)                                                   \
    D(enum tiny { T1 = 200 } __attribute__((packed));)                                           \
    D(enum small { S1 = -129 } __attribute__((__packed__));)                                     \
    D(struct bits { enum tiny a : 8; _Bool b : 1; enum both c : 40; char d : 3; short : 0; };)   \
    D(struct empty {};)                                                                          \
    D(struct no_length { int n; struct point p[0]; };)                                           \
    D(struct __attribute__((aligned)) most { char c; };)                                         \
    D(struct _Alignas_ { _Alignas(16) char a; char _Alignas(double) b; _Alignas(0) char c; };)   \
    D(struct attributes { char a __attribute__((unused)); int __attribute__((packed)) b;         \
                          __attribute__((aligned(8))) char c; char *__restrict d; };)            \
    D(_Static_assert(sizeof(struct matrix) == 60 * 8 + 16, "size");)

#if defined(__SIZEOF_FLOAT128__) && !defined(__clang__)
#define DECLARATIONS_FLOAT128(D)                                                                 \
    D(struct quads { char a; __float128 b; char c; _Float128 d[2]; _Complex _Float128 e; };)     \
    D(typedef _Complex float t_complex __attribute__((mode(TC)));)                               \
    D(typedef float t_float __attribute__((mode(TF)));)                                          \
    D(struct decimals { char a; _Decimal32 b; char c; _Decimal64 d; char e; _Decimal128 f; };)   \
    D(typedef _Complex _Float32 c32; typedef _Float64 _Complex c64; typedef _Float64x x64;)
#define TYPES_FLOAT128(T)                                                                        \
    T(struct quads) T(t_complex) T(t_float) T(struct decimals) T(c32) T(c64) T(x64)              \
    T(__float128) T(_Float128) T(_Float32) T(_Float32x) T(_Float64)
#else
#define DECLARATIONS_FLOAT128(D)
#define TYPES_FLOAT128(T)
#endif

#ifdef __SIZEOF_INT128__
#define TYPES_INT128(T)                                                                          \
    T(__int128) T(unsigned __int128) T(__int128 unsigned) T(signed __int128) T(__int128_t)       \
    T(__uint128_t) T(__int128[2])
#else
#define TYPES_INT128(T)
#endif

#define TYPES(T)                                                                                 \
    T(_Bool) T(char) T(signed char) T(unsigned char) T(char unsigned) T(short) T(short int)      \
    T(signed short) T(int short unsigned) T(int) T(signed) T(unsigned) T(signed int) T(long)     \
    T(long int) T(int unsigned long) T(long long) T(long unsigned int long) T(float) T(double)   \
    T(long double) T(double long) T(float _Complex) T(_Complex double) T(long double _Complex)   \
    T(_Complex long double) T(size_t) T(ssize_t) T(ptrdiff_t) T(intptr_t) T(uintptr_t)           \
    T(wchar_t) T(char16_t) T(char32_t) T(int8_t) T(uint8_t) T(int16_t) T(uint16_t) T(int32_t)    \
    T(uint32_t) T(int64_t) T(uint64_t) T(int_least8_t) T(uint_least8_t) T(int_least16_t)         \
    T(uint_least16_t) T(int_least32_t) T(uint_least32_t) T(int_least64_t) T(uint_least64_t)      \
    T(int_fast8_t) T(uint_fast8_t) T(int_fast16_t) T(uint_fast16_t) T(int_fast32_t)              \
    T(uint_fast32_t) T(int_fast64_t) T(uint_fast64_t) T(intmax_t) T(uintmax_t) T(wint_t)         \
    T(sig_atomic_t) T(off_t) T(time_t) T(clock_t) T(clockid_t) T(pid_t) T(uid_t) T(gid_t)        \
    T(id_t) T(mode_t) T(dev_t) T(ino_t) T(nlink_t) T(blksize_t) T(blkcnt_t) T(useconds_t)        \
    T(suseconds_t) T(key_t) T(socklen_t) T(sa_family_t) T(in_addr_t) T(in_port_t) T(va_list)     \
    T(FILE *) T(DIR *) T(void *) T(const volatile void *const) T(int (*)(void))                  \
    T(int (*(*)[2])(char, ...)) T(char[7]) T(int[2][3][4]) T(const char *[5]) T(struct point)    \
    T(struct point[3]) T(wide_int) T(narrow_long) T(aligned_array) T(aligned_pointer)            \
    T(aligned_point) T(packed_place) T(struct places) T(enum aligned_enum) T(aligned_enum_t)     \
    T(struct enums) T(q_int) T(h_int) T(d_int) T(word_int) T(pointer_int) T(s_float) T(d_float)  \
    T(d_complex) T(struct modes) T(vector4) T(vector64) T(unaligned_vector) T(struct vectors)    \
    T(any) T(union any_tagged) T(struct atomics) T(of_object) T(of_function) T(of_expression)    \
    T(of_name) T(of_string) T(of_functions) T(returns_function) T(takes_array) T(extended)       \
    T(of_member) T(of_size) T(of_alignment) T(enum negative) T(enum large) T(enum huge)          \
    T(enum both) T(enum tiny) T(enum small)                                                      \
    T(struct bits) T(struct empty) T(struct no_length) T(struct most) T(struct _Alignas_)        \
    T(struct attributes) T(struct matrix) T(_Atomic int) T(_Atomic(char) *)                      \
    T(__typeof__(int *)) T(char [sizeof(struct point *)])
/* clang-format on */

#define COMPILED(...) __VA_ARGS__
#define WRITTEN(...) #__VA_ARGS__ "\n"
DECLARATIONS(COMPILED)
DECLARATIONS_FLOAT128(COMPILED)

static const struct {
    const char *name;
    size_t size, align;
} types[] = {
#define T(...)                          \
    {#__VA_ARGS__, sizeof(__VA_ARGS__), \
     offsetof(struct { char first; __typeof__(__VA_ARGS__) second; }, second)},
    TYPES(T) TYPES_INT128(T) TYPES_FLOAT128(T)
#undef T
};

static void check_types(sb_description *d)
{
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        sb_type_id id;
        sb_error error;
        sb_status status =
            sb_description_type(d, types[i].name, strlen(types[i].name), &id, &error);
        bool equal = status == SB_OK && d->types[id].size == types[i].size &&
                     d->types[id].align == types[i].align;
        CHECK(equal);
        if (!equal)
            fprintf(stderr, "    %s: %s, %llu bytes at %u, not %zu at %zu\n", types[i].name,
                    status == SB_OK ? "" : error.message,
                    status == SB_OK ? (unsigned long long)d->types[id].size : 0,
                    status == SB_OK ? d->types[id].align : 0, types[i].size, types[i].align);
    }
}

static void check_offsets(const sb_description *d)
{
#define O(tag, field)                                                              \
    do {                                                                           \
        const sb_type *t = &d->types[find(d, SB_DECL_RECORD, #tag)->type];         \
        for (uint32_t i = 0; i < t->count; i++)                                    \
            if (strcmp(sb_string(d, d->fields[t->first + i].value.name), #field) == 0) \
                CHECK(d->fields[t->first + i].offset == offsetof(struct tag, field)); \
    } while (0)
    O(places, b);
    O(places, c);
    O(places, d);
    O(places, e);
    O(enums, b);
    O(enums, c);
    O(modes, b);
    O(modes, d);
    O(vectors, b);
    O(vectors, d);
    O(vectors, e);
    O(atomics, d);
    O(_Alignas_, b);
    O(attributes, b);
    O(attributes, c);
    O(matrix, n);
#undef O
}

/* Types that C passes in ways of their own are refused in calls, also inside others. */
static void check_calls(sb_description *d)
{
    static const char *const names[] = {"void(*)(vector4)", "vector4(*)(void)",
                                        "int(*)(struct vectors)", "int(*)(_Float128)"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        sb_type_id id;
        sb_error error;
        sb_call *call;
        sb_signature *signature;
        CHECK(sb_description_type(d, names[i], strlen(names[i]), &id, &error) == SB_OK);
        bool is_long_double = i == 3 && LDBL_MANT_DIG == 113;
        sb_status status = sb_call_plan(d, id, NULL, 0, 0, &call, &error);
        CHECK(is_long_double || status == SB_ERROR_UNSUPPORTED);
        if (status == SB_OK)
            sb_call_free(call);
        status = sb_signature_new(d, id, 0, &signature, &error);
        CHECK(is_long_double || status == SB_ERROR_UNSUPPORTED);
        if (status == SB_OK)
            sb_signature_release(signature);
    }
}

/* A parameter of a transparent union is one of its first member's type. */
static void check_transparent(sb_description *d)
{
    sb_type_id id;
    sb_error error;
    CHECK(sb_description_type(d, "void(*)(any, any *)", 19, &id, &error) == SB_OK);
    const sb_type *function = &d->types[d->types[id].target];
    char shown[80];
    sb_type_spell(d, d->params[function->first].type, 0, NULL, shown, sizeof shown);
    CHECK(strcmp(shown, "int *") == 0);
    sb_type_spell(d, d->params[function->first + 1].type, 0, NULL, shown, sizeof shown);
    CHECK(strcmp(shown, "any *") == 0);
}

/* The classic spelling of offsetof, which compilers fold though it is no constant to ISO C. */
static void check_classic_offsetof(sb_description *d)
{
    static const char name[] = "char[(long)&((struct matrix *)0)->n[1][1].f]";
    sb_type_id id;
    sb_error error;
    CHECK(sb_description_type(d, name, sizeof name - 1, &id, &error) == SB_OK);
    CHECK(d->types[id].size == offsetof(struct matrix, n[1][1].f));
}

int main(void)
{
    static const char source[] = DECLARATIONS(WRITTEN) DECLARATIONS_FLOAT128(WRITTEN);
    for (unsigned flags = 0; flags <= SB_PARSE_CDEF; flags += SB_PARSE_CDEF) {
        const sb_parse_options options = {.flags = flags};
        sb_description *d;
        sb_error error;
        if (sb_description_parse_with(source, sizeof source - 1, &options, &d, &error) != SB_OK) {
            fprintf(stderr, "%u:%u: %s\n%s\n", error.line, error.column, error.message,
                    error.excerpt);
            return 1;
        }
        check_types(d);
        check_offsets(d);
        check_transparent(d);
        check_calls(d);
        check_classic_offsetof(d);
        sb_description_release(d);
    }
    return check_done("types");
}
