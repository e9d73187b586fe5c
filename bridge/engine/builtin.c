/* builtin.c - the types that are there before the first line: C's own and those of its library. */
#include "types.h"

#include <float.h>
#include <string.h>
#include <time.h>
#include <wchar.h>
#include <stdarg.h>
#include <signal.h>
#include <sys/types.h>
#include <sys/socket.h>
#include <netinet/in.h>

const struct primitive primitives[SB_PRIMITIVE_COUNT] = {
#define IS_SIGNED_SB_BOOL(T)    false
#define IS_SIGNED_SB_CHAR(T)    ((T)-1 < (T)1)
#define IS_SIGNED_SB_INT(T)     true
#define IS_SIGNED_SB_UINT(T)    false
#define IS_SIGNED_SB_WIDE(T)    ((T)-1 < (T)1)
#define IS_SIGNED_SB_FLOAT(T)   true
#define IS_SIGNED_SB_COMPLEX(T) true
#define X(id, spelling, ctype, kind) \
    [SB_PRIM_##id] = {spelling, kind, sizeof(ctype), _Alignof(ctype), IS_SIGNED_##kind(ctype)},
    SB_PRIMITIVES(X)
#undef X
};

/* The plain C type of the size and sign of a C library type. */
#define IS_NEGATIVE(T) ((T)-1 < (T)1)
#define PLAIN(T)                                                                     \
    (sizeof(T) == 1              ? (IS_NEGATIVE(T) ? SB_PRIM_SCHAR : SB_PRIM_UCHAR)  \
     : sizeof(T) == 2            ? (IS_NEGATIVE(T) ? SB_PRIM_SHORT : SB_PRIM_USHORT) \
     : sizeof(T) == 4            ? (IS_NEGATIVE(T) ? SB_PRIM_INT : SB_PRIM_UINT)     \
     : sizeof(T) == sizeof(long) ? (IS_NEGATIVE(T) ? SB_PRIM_LONG : SB_PRIM_ULONG)   \
                                 : (IS_NEGATIVE(T) ? SB_PRIM_LLONG : SB_PRIM_ULLONG))

static const struct {
    const char *name;
    uint8_t primitive;
} library_types[] = {
    {"int8_t", SB_PRIM_INT8},
    {"uint8_t", SB_PRIM_UINT8},
    {"int16_t", SB_PRIM_INT16},
    {"uint16_t", SB_PRIM_UINT16},
    {"int32_t", SB_PRIM_INT32},
    {"uint32_t", SB_PRIM_UINT32},
    {"int64_t", SB_PRIM_INT64},
    {"uint64_t", SB_PRIM_UINT64},
    {"intptr_t", SB_PRIM_INTPTR},
    {"uintptr_t", SB_PRIM_UINTPTR},
    {"ptrdiff_t", SB_PRIM_PTRDIFF},
    {"size_t", SB_PRIM_SIZE},
    {"ssize_t", SB_PRIM_SSIZE},
    {"wchar_t", SB_PRIM_WCHAR},
    {"char8_t", SB_PRIM_UCHAR},
    {"char16_t", SB_PRIM_CHAR16},
    {"char32_t", SB_PRIM_CHAR32},
    {"int_least8_t", SB_PRIM_INT_LEAST8},
    {"uint_least8_t", SB_PRIM_UINT_LEAST8},
    {"int_least16_t", SB_PRIM_INT_LEAST16},
    {"uint_least16_t", SB_PRIM_UINT_LEAST16},
    {"int_least32_t", SB_PRIM_INT_LEAST32},
    {"uint_least32_t", SB_PRIM_UINT_LEAST32},
    {"int_least64_t", SB_PRIM_INT_LEAST64},
    {"uint_least64_t", SB_PRIM_UINT_LEAST64},
    {"int_fast8_t", SB_PRIM_INT_FAST8},
    {"uint_fast8_t", SB_PRIM_UINT_FAST8},
    {"int_fast16_t", SB_PRIM_INT_FAST16},
    {"uint_fast16_t", SB_PRIM_UINT_FAST16},
    {"int_fast32_t", SB_PRIM_INT_FAST32},
    {"uint_fast32_t", SB_PRIM_UINT_FAST32},
    {"int_fast64_t", SB_PRIM_INT_FAST64},
    {"uint_fast64_t", SB_PRIM_UINT_FAST64},
    {"intmax_t", SB_PRIM_INTMAX},
    {"uintmax_t", SB_PRIM_UINTMAX},
    {"u_int8_t", SB_PRIM_UINT8},
    {"u_int16_t", SB_PRIM_UINT16},
    {"u_int32_t", SB_PRIM_UINT32},
    {"u_int64_t", SB_PRIM_UINT64},
    {"u_char", SB_PRIM_UCHAR},
    {"u_short", SB_PRIM_USHORT},
    {"u_int", SB_PRIM_UINT},
    {"u_long", SB_PRIM_ULONG},
    {"ushort", SB_PRIM_USHORT},
    {"uint", SB_PRIM_UINT},
    {"ulong", SB_PRIM_ULONG},
    {"wint_t", PLAIN(wint_t)},
    {"sig_atomic_t", PLAIN(sig_atomic_t)},
    {"off_t", PLAIN(off_t)},
    {"off64_t", SB_PRIM_INT64},
    {"loff_t", SB_PRIM_INT64},
    {"time_t", PLAIN(time_t)},
    {"clock_t", PLAIN(clock_t)},
    {"clockid_t", PLAIN(clockid_t)},
    {"pid_t", PLAIN(pid_t)},
    {"uid_t", PLAIN(uid_t)},
    {"gid_t", PLAIN(gid_t)},
    {"id_t", PLAIN(id_t)},
    {"mode_t", PLAIN(mode_t)},
    {"dev_t", PLAIN(dev_t)},
    {"ino_t", PLAIN(ino_t)},
    {"nlink_t", PLAIN(nlink_t)},
    {"blksize_t", PLAIN(blksize_t)},
    {"blkcnt_t", PLAIN(blkcnt_t)},
    {"useconds_t", PLAIN(useconds_t)},
    {"suseconds_t", PLAIN(suseconds_t)},
    {"key_t", PLAIN(key_t)},
    {"socklen_t", PLAIN(socklen_t)},
    {"sa_family_t", PLAIN(sa_family_t)},
    {"in_addr_t", PLAIN(in_addr_t)},
    {"in_port_t", PLAIN(in_port_t)},
    {"_Float32", SB_PRIM_FLOAT},
    {"_Float32x", SB_PRIM_DOUBLE},
    {"_Float64", SB_PRIM_DOUBLE},
    {"_Float64x", SB_PRIM_LDOUBLE},
#if LDBL_MANT_DIG == 113
    {"_Float128", SB_PRIM_LDOUBLE},
    {"__float128", SB_PRIM_LDOUBLE},
#endif
    {"_cffi_float_complex_t", SB_PRIM_CFLOAT},
    {"_cffi_double_complex_t", SB_PRIM_CDOUBLE},
#ifdef __SIZEOF_INT128__
    {"__int128_t", SB_PRIM_INT128},
    {"__uint128_t", SB_PRIM_UINT128},
#endif
};

/* X(ID, "spelling", size, alignment): types that can be declared, but that no call can pass. Where
 * long double is one of them, that name is long double's. */
#define FOREIGN_TYPES(X)                          \
    X(FLOAT128, "_Float128", 16, 16)              \
    X(CFLOAT128, "_Complex _Float128", 32, 16)    \
    X(FLOAT16, "_Float16", 2, 2)                  \
    X(CFLOAT16, "_Complex _Float16", 4, 2)        \
    X(BFLOAT16, "__bf16", 2, 2)                   \
    X(DECIMAL32, "_Decimal32", 4, 4)              \
    X(DECIMAL64, "_Decimal64", 8, 8)              \
    X(DECIMAL128, "_Decimal128", 16, 16)

enum {
    TYPE_FILE = TYPE_VOID + SB_PRIMITIVE_COUNT,
    TYPE_DIR,
#define X(id, spelling, size, align) TYPE_##id,
    FOREIGN_TYPES(X)
#undef X
    TYPE_LAST_FOREIGN = TYPE_DECIMAL128
};

static sb_status enter(struct builder *b, const char *name, sb_type_id type)
{
    uint32_t index = builder_name(b, name, strlen(name));
    if (index == SB_NONE)
        return b->status;
    if (b->names[index].kind == NAME_UNKNOWN) {
        b->names[index].kind = NAME_BUILTIN;
        b->names[index].type = type;
    }
    return SB_OK;
}

static sb_type_id add_builtin(struct builder *b, uint8_t kind, uint8_t primitive, const char *name)
{
    const struct primitive *p = &primitives[primitive];
    sb_type type = {.kind = kind,
                    .primitive = primitive,
                    .flags = SB_TYPE_BUILTIN,
                    .size = p->size,
                    .align = p->align,
                    .decl = SB_NONE,
                    .binding = SB_NONE};
    if (primitive != SB_PRIM_NONE)
        type.flags |= SB_TYPE_COMPLETE;
    type.name = builder_intern(b, name, strlen(name));
    return type.name == SB_NONE ? SB_NONE : builder_add_type(b, &type);
}

sb_type_id type_foreign(struct builder *b, const char *spelling, uint64_t size, uint32_t align)
{
    for (sb_type_id id = 1; id < b->type_count; id++) {
        const sb_type *type = &b->types[id];
        if ((type->flags & (SB_TYPE_FOREIGN | SB_TYPE_BUILTIN)) ==
                (SB_TYPE_FOREIGN | SB_TYPE_BUILTIN) &&
            type->size == size && type->align == align &&
            strcmp(builder_string(b, type->name), spelling) == 0)
            return id;
    }
    sb_type_id id = add_builtin(b, SB_STRUCT, SB_PRIM_NONE, spelling);
    if (id == SB_NONE)
        return SB_NONE;
    b->types[id].flags |= SB_TYPE_COMPLETE | SB_TYPE_FOREIGN;
    b->types[id].size = size;
    b->types[id].align = align;
    return id;
}

static bool add_foreign(struct builder *b)
{
#define X(id, spelling, size, align)                          \
    if (type_foreign(b, spelling, size, align) == SB_NONE)    \
        return false;
    FOREIGN_TYPES(X)
#undef X
    return true;
}

sb_type_id type_complex(const struct builder *b, sb_type_id type)
{
    switch (b->types[type].primitive) {
    case SB_PRIM_FLOAT:
        return type_of_primitive(SB_PRIM_CFLOAT);
    case SB_PRIM_DOUBLE:
        return type_of_primitive(SB_PRIM_CDOUBLE);
    case SB_PRIM_LDOUBLE:
        return type_of_primitive(SB_PRIM_CLDOUBLE);
    default:
        return type == TYPE_FLOAT128  ? (sb_type_id)TYPE_CFLOAT128
               : type == TYPE_FLOAT16 ? (sb_type_id)TYPE_CFLOAT16
                                      : SB_NONE;
    }
}

/* The record that va_list is, or is an array of: X(field, type, offset). */
#if defined(__x86_64__)
#define VA_LIST_TAG "__va_list_tag"
#define VA_LIST_IS_ARRAY true
#define VA_LIST(X)                                                                              \
    X("gp_offset", type_of_primitive(SB_PRIM_INT), 0)                                            \
    X("fp_offset", type_of_primitive(SB_PRIM_INT), 4)                                            \
    X("overflow_arg_area", pointer, 8)                                                           \
    X("reg_save_area", pointer, 16)
#elif defined(__aarch64__)
#define VA_LIST_TAG "__va_list"
#define VA_LIST_IS_ARRAY false
#define VA_LIST(X)                                                                              \
    X("__stack", pointer, 0)                                                                     \
    X("__gr_top", pointer, 8)                                                                    \
    X("__vr_top", pointer, 16)                                                                   \
    X("__gr_offs", type_of_primitive(SB_PRIM_INT), 24)                                           \
    X("__vr_offs", type_of_primitive(SB_PRIM_INT), 28)
#elif defined(__arm__)
#define VA_LIST_TAG "__va_list"
#define VA_LIST_IS_ARRAY false
#define VA_LIST(X) X("__ap", pointer, 0)
#elif defined(__s390x__)
#define VA_LIST_TAG "__va_list_tag"
#define VA_LIST_IS_ARRAY true
#define VA_LIST(X)                                                                              \
    X("__gpr", type_of_primitive(SB_PRIM_LONG), 0)                                               \
    X("__fpr", type_of_primitive(SB_PRIM_LONG), 8)                                               \
    X("__overflow_arg_area", pointer, 16)                                                        \
    X("__reg_save_area", pointer, 24)
#endif

/* What va_list is here: known, so that functions that take one can be described. */
static sb_type_id add_va_list(struct builder *b)
{
    sb_type_id pointer = type_pointer(b, TYPE_VOID, 0, 0, 0);
#ifdef VA_LIST
    sb_type_id record = add_builtin(b, SB_STRUCT, SB_PRIM_NONE, VA_LIST_TAG);
    if (record == SB_NONE || pointer == SB_NONE)
        return SB_NONE;
    const struct {
        const char *name;
        sb_type_id type;
        uint8_t offset;
    } fields[] = {
#define X(field, type, offset) {field, type, offset},
        VA_LIST(X)
#undef X
    };
    b->types[record].size = sizeof(va_list);
    b->types[record].align = _Alignof(va_list);
    b->types[record].flags |= SB_TYPE_COMPLETE;
    b->types[record].first = b->field_count;
    b->types[record].count = sizeof fields / sizeof *fields;
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        sb_field field = {.offset = fields[i].offset};
        field.value.length = field.value.written = field.value.partner = -1;
        field.value.free_function = SB_NONE;
        field.value.type = fields[i].type;
        field.value.name = builder_intern(b, fields[i].name, strlen(fields[i].name));
        if (field.value.name == SB_NONE || builder_add_field(b, &field) == SB_NONE)
            return SB_NONE;
    }
    return VA_LIST_IS_ARRAY ? type_array(b, record, 0, ARRAY_KNOWN, 1, 0, 0) : record;
#else
    return pointer;
#endif
}

static sb_status enter_tag(struct builder *b, const char *tag, sb_type_id type)
{
    uint32_t index = builder_name(b, tag, strlen(tag));
    if (index == SB_NONE)
        return b->status;
    if (b->names[index].tag == 0)
        b->names[index].tag = type;
    return SB_OK;
}

sb_status types_init(struct builder *b)
{
    static const char *const lists[] = {"va_list", "__builtin_va_list", "__gnuc_va_list"};
    static const char *const primitive_names[] = {"void",
#define X(id, spelling, ctype, kind) spelling,
                                                  SB_PRIMITIVES(X)
#undef X
    };
    bool fresh = b->type_count <= TYPE_VOID; /* otherwise a base, or this builder, has them */
    if (fresh) {
        for (unsigned i = 0; i < SB_PRIMITIVE_COUNT; i++) {
            uint8_t kind = i == 0 ? SB_VOID : primitives[i].kind;
            if (add_builtin(b, kind, (uint8_t)i, primitive_names[i]) == SB_NONE)
                return b->status;
        }
        if (add_builtin(b, SB_STRUCT, SB_PRIM_NONE, "_IO_FILE") == SB_NONE ||
            add_builtin(b, SB_STRUCT, SB_PRIM_NONE, "__dirstream") == SB_NONE || !add_foreign(b))
            return b->status;
    }
    for (size_t i = 0; i < sizeof library_types / sizeof *library_types; i++)
        if (enter(b, library_types[i].name,
                  type_of_primitive((sb_primitive)library_types[i].primitive)) != SB_OK)
            return b->status;
    if (enter(b, "FILE", TYPE_FILE) != SB_OK || enter_tag(b, "_IO_FILE", TYPE_FILE) != SB_OK ||
        enter(b, "DIR", TYPE_DIR) != SB_OK || enter_tag(b, "__dirstream", TYPE_DIR) != SB_OK ||
        enter(b, "__float128", TYPE_FLOAT128) != SB_OK)
        return b->status;
#define X(id, spelling, size, align)                        \
    if (enter(b, spelling, (sb_type_id)TYPE_##id) != SB_OK) \
        return b->status;
    FOREIGN_TYPES(X)
#undef X
    /* The last of the builtin types; the rest of the list follows from it. */
    sb_type_id list;
    if (fresh)
        list = add_va_list(b);
    else {
        list = TYPE_LAST_FOREIGN + 1; /* void * */
#ifdef VA_LIST
        list += VA_LIST_IS_ARRAY ? 2 : 1; /* the record, the array */
#endif
    }
    if (list == SB_NONE)
        return b->status;
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        if (enter(b, lists[i], list) != SB_OK)
            return b->status;
    return b->status;
}

