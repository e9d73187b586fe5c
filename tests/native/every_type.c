/* every_type.c - for tests/test_every_type.py: one function, field and variable for each type and
 * each way in which a value can cross. The description is generated from the same list there.
 */
#include <complex.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/types.h>
#include <uchar.h>
#include <wchar.h>

enum et_int_enum { ET_INT = -5, ET_INT_ONE = 1 };
enum et_uint_enum { ET_UINT = 0xfffffff0 };
enum et_long_enum { ET_LONG = -0x100000000, ET_LONG_ONE = 1 };
enum et_ulong_enum { ET_ULONG = 0xfffffffffffffff0 };
enum __attribute__((packed)) et_char_enum { ET_CHAR = -3, ET_CHAR_ONE = 1 };
enum __attribute__((packed)) et_ushort_enum { ET_USHORT = 0xfff0 };

typedef struct et_pair {
    int32_t x;
    double y;
} et_pair;

typedef union et_either {
    int64_t i;
    double d;
} et_either;

typedef struct et_bits {
    int a : 3;
    unsigned b : 5;
    _Bool c : 1;
    int64_t d : 40;
    uint8_t e : 8;
    enum et_int_enum f : 7;
} et_bits;

#define TYPES(X)                            \
    X(bool, _Bool)                          \
    X(char, char)                           \
    X(schar, signed char)                   \
    X(uchar, unsigned char)                 \
    X(short, short)                         \
    X(ushort, unsigned short)               \
    X(int, int)                             \
    X(uint, unsigned)                       \
    X(long, long)                           \
    X(ulong, unsigned long)                 \
    X(llong, long long)                     \
    X(ullong, unsigned long long)           \
    X(int8, int8_t)                         \
    X(uint8, uint8_t)                       \
    X(int16, int16_t)                       \
    X(uint16, uint16_t)                     \
    X(int32, int32_t)                       \
    X(uint32, uint32_t)                     \
    X(int64, int64_t)                       \
    X(uint64, uint64_t)                     \
    X(least8, int_least8_t)                 \
    X(fast16, uint_fast16_t)                \
    X(intmax, intmax_t)                     \
    X(intptr, intptr_t)                     \
    X(uintptr, uintptr_t)                   \
    X(ptrdiff, ptrdiff_t)                   \
    X(size, size_t)                         \
    X(ssize, ssize_t)                       \
    X(off, off_t)                           \
    X(wchar, wchar_t)                       \
    X(char16, char16_t)                     \
    X(char32, char32_t)                     \
    X(float, float)                         \
    X(double, double)                       \
    X(ldouble, long double)                 \
    X(cfloat, float _Complex)               \
    X(cdouble, double _Complex)             \
    X(cldouble, long double _Complex)       \
    X(int_enum, enum et_int_enum)           \
    X(uint_enum, enum et_uint_enum)         \
    X(long_enum, enum et_long_enum)         \
    X(ulong_enum, enum et_ulong_enum)       \
    X(char_enum, enum et_char_enum)         \
    X(ushort_enum, enum et_ushort_enum)     \
    X(pair, et_pair)                        \
    X(either, et_either)                    \
    X(bits, et_bits)                        \
    X(address, void *)                      \
    X(callable, et_callable)                \
    TYPES_128(X)

typedef int (*et_callable)(int);

#ifdef __SIZEOF_INT128__
__extension__ typedef __int128 et_wide;
__extension__ typedef unsigned __int128 et_uwide;
#define TYPES_128(X)       \
    X(int128, et_wide)     \
    X(uint128, et_uwide)
#else
#define TYPES_128(X)
#endif

#define DEFINE(id, T)                                                \
    T et_echo_##id(T value);                                         \
    T et_echo_##id(T value)                                          \
    {                                                                \
        return value;                                                \
    }                                                                \
    /* in registers and on the stack */                              \
    T et_ninth_##id(T a, T b, T c, T d, T e, T f, T g, T h, T i);    \
    T et_ninth_##id(T a, T b, T c, T d, T e, T f, T g, T h, T i)     \
    {                                                                \
        (void)a, (void)b, (void)c, (void)d, (void)e;                 \
        (void)f, (void)g, (void)h;                                   \
        return i;                                                    \
    }                                                                \
    void et_out_##id(T value, T *out);                               \
    void et_out_##id(T value, T *out)                                \
    {                                                                \
        *out = value;                                                \
    }                                                                \
    void et_swap_##id(T value, T *inout);                            \
    void et_swap_##id(T value, T *inout)                             \
    {                                                                \
        *inout = value;                                              \
    }                                                                \
    T et_last_##id(T const *items, size_t count);                    \
    T et_last_##id(T const *items, size_t count)                     \
    {                                                                \
        return items[count - 1];                                     \
    }                                                                \
    void et_fill_##id(T value, T *items, size_t count);              \
    void et_fill_##id(T value, T *items, size_t count)               \
    {                                                                \
        for (size_t i = 0; i < count; i++)                           \
            items[i] = value;                                        \
    }                                                                \
    typedef struct et_holds_##id {                                   \
        char before;                                                 \
        T value;                                                     \
        T row[3];                                                    \
        T grid[2][3];                                                \
    } et_holds_##id;                                                 \
    et_holds_##id et_hold_##id(T value);                             \
    et_holds_##id et_hold_##id(T value)                              \
    {                                                                \
        et_holds_##id made;                                          \
        memset(&made, 0, sizeof made);                               \
        made.value = value;                                          \
        for (int i = 0; i < 3; i++)                                  \
            made.row[i] = made.grid[0][i] = made.grid[1][i] = value; \
        return made;                                                 \
    }                                                                \
    T et_held_##id(const et_holds_##id *holder, int which);          \
    T et_held_##id(const et_holds_##id *holder, int which)           \
    {                                                                \
        return which == 0   ? holder->value                          \
               : which == 1 ? holder->row[2]                         \
                            : holder->grid[1][2];                    \
    }                                                                \
    T et_held_by_value_##id(et_holds_##id holder);                   \
    T et_held_by_value_##id(et_holds_##id holder)                    \
    {                                                                \
        return holder.grid[1][2];                                    \
    }                                                                \
    T et_variable_##id;                                              \
    T et_read_##id(void);                                            \
    T et_read_##id(void)                                             \
    {                                                                \
        return et_variable_##id;                                     \
    }

TYPES(DEFINE)

int et_twice(int n);
int et_twice(int n)
{
    return 2 * n;
}
