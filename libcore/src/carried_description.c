/* carried_description.c - the library carries its description, core.bridge, in ELF notes.
 *
 * Made by `symbridge embed --source`; not to be edited, but made again when the description has
 * changed. It does not compile when the description says other than the headers.
 *
 * description-sha256: 3bcc4b402caa76d767ff9cc203b5acb56e386fc97698475f7e10524e47534982
 */
#include <core/core.h>

#include <stddef.h>
#include <stdint.h>

/* ---- the description against the headers ---------------------------------------------------- */

#pragma GCC diagnostic ignored "-Wpragmas"
#pragma GCC diagnostic ignored "-Wunknown-warning-option"
#pragma GCC diagnostic ignored "-Wpedantic"
#pragma GCC diagnostic ignored "-Woverlength-strings"
#pragma GCC diagnostic ignored "-Wunterminated-string-initialization"
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
#pragma GCC diagnostic ignored "-Wredundant-decls"
#pragma GCC diagnostic ignored "-Wstrict-prototypes"
#pragma GCC diagnostic ignored "-Wtype-limits"
#pragma GCC diagnostic ignored "-Wsign-compare"
#pragma GCC diagnostic ignored "-Wfloat-equal"
#pragma GCC diagnostic ignored "-Wunused-function"
#pragma GCC diagnostic error "-Woverflow"
#ifdef __clang__
#pragma GCC diagnostic ignored "-Wgnu-folding-constant"
#pragma GCC diagnostic ignored "-Wvla"
#pragma GCC diagnostic ignored "-Wtautological-compare"
#pragma GCC diagnostic error "-Wbitfield-constant-conversion"
#endif

/* Whether this machine lays out otherwise than the one did that this was made on. */
#if __SIZEOF_POINTER__ == 8 && __SIZEOF_LONG_DOUBLE__ == 16
#define SYMBRIDGE_ELSEWHERE 0
#else
#define SYMBRIDGE_ELSEWHERE 1
#endif

#line 34 "core.bridge"
typedef const char *symbridge_described_core_status_message(enum core_status);
#line 34 "core.bridge"
_Static_assert(__builtin_types_compatible_p(__typeof__(core_status_message), symbridge_described_core_status_message), "core_status_message is described as `const char *core_status_message(enum core_status status)`; the headers declare it otherwise");
#line 34 "core.bridge"
extern symbridge_described_core_status_message core_status_message;
#line 36 "core.bridge"
typedef const char *symbridge_described_core_error_message(enum core_status);
#line 36 "core.bridge"
_Static_assert(__builtin_types_compatible_p(__typeof__(core_error_message), symbridge_described_core_error_message), "core_error_message is described as `const char *core_error_message(enum core_status status)`; the headers declare it otherwise");
#line 36 "core.bridge"
extern symbridge_described_core_error_message core_error_message;
#line 45 "core.bridge"
_Static_assert(sizeof(CORE_VERSION) == 6 && __builtin_memcmp(CORE_VERSION, "1.0.0", 6) == 0, "CORE_VERSION is described as '1.0.0'; the headers say otherwise");
#line 48 "core.bridge"
typedef const char *symbridge_described_core_version(void);
#line 48 "core.bridge"
_Static_assert(__builtin_types_compatible_p(__typeof__(core_version), symbridge_described_core_version), "core_version is described as `const char *core_version(void)`; the headers declare it otherwise");
#line 48 "core.bridge"
extern symbridge_described_core_version core_version;
#line 51 "core.bridge"
typedef uint32_t symbridge_described_core_version_number;
#line 51 "core.bridge"
_Static_assert(__builtin_types_compatible_p(__typeof__(core_version_number), symbridge_described_core_version_number), "core_version_number is described as `const uint32_t core_version_number`; the headers declare it otherwise");
#line 55 "core.bridge"
typedef void symbridge_described_core_free(void *);
#line 55 "core.bridge"
_Static_assert(__builtin_types_compatible_p(__typeof__(core_free), symbridge_described_core_free), "core_free is described as `void core_free(void *memory)`; the headers declare it otherwise");
#line 55 "core.bridge"
extern symbridge_described_core_free core_free;
#line 57 "core.bridge"
typedef enum core_status symbridge_described_core_set_allocator(void *(*)(size_t), void *(*)(void *, size_t), void (*)(void *));
#line 57 "core.bridge"
_Static_assert(__builtin_types_compatible_p(__typeof__(core_set_allocator), symbridge_described_core_set_allocator), "core_set_allocator is described as `enum core_status core_set_allocator(void *(*allocate)(size_t size), void *(*reallocate)(void *memory, size_t size), void (*release)(void *memory))`; the headers declare it otherwise");
#line 57 "core.bridge"
extern symbridge_described_core_set_allocator core_set_allocator;
#line 77 "core.bridge"
typedef enum core_status symbridge_described_core_lucas_new(const int64_t *, size_t, const int64_t *, size_t, struct core_lucas **);
#line 77 "core.bridge"
_Static_assert(__builtin_types_compatible_p(__typeof__(core_lucas_new), symbridge_described_core_lucas_new), "core_lucas_new is described as `enum core_status core_lucas_new(const int64_t *coef, size_t n_coef, const int64_t *vals, size_t n_vals, struct core_lucas **out)`; the headers declare it otherwise");
#line 77 "core.bridge"
extern symbridge_described_core_lucas_new core_lucas_new;
#line 82 "core.bridge"
typedef void symbridge_described_core_lucas_free(struct core_lucas *);
#line 82 "core.bridge"
_Static_assert(__builtin_types_compatible_p(__typeof__(core_lucas_free), symbridge_described_core_lucas_free), "core_lucas_free is described as `void core_lucas_free(struct core_lucas *sequence)`; the headers declare it otherwise");
#line 82 "core.bridge"
extern symbridge_described_core_lucas_free core_lucas_free;
#line 84 "core.bridge"
typedef enum core_status symbridge_described_core_lucas_next(struct core_lucas *, int64_t *);
#line 84 "core.bridge"
_Static_assert(__builtin_types_compatible_p(__typeof__(core_lucas_next), symbridge_described_core_lucas_next), "core_lucas_next is described as `enum core_status core_lucas_next(struct core_lucas *sequence, int64_t *term)`; the headers declare it otherwise");
#line 84 "core.bridge"
extern symbridge_described_core_lucas_next core_lucas_next;
#line 90 "core.bridge"
typedef enum core_status symbridge_described_core_lucas_take(struct core_lucas *, int64_t *, size_t, size_t *);
#line 90 "core.bridge"
_Static_assert(__builtin_types_compatible_p(__typeof__(core_lucas_take), symbridge_described_core_lucas_take), "core_lucas_take is described as `enum core_status core_lucas_take(struct core_lucas *sequence, int64_t *terms, size_t n, size_t *taken)`; the headers declare it otherwise");
#line 90 "core.bridge"
extern symbridge_described_core_lucas_take core_lucas_take;
#line 99 "core.bridge"
typedef enum core_status symbridge_described_core_lucas_take_into(struct core_lucas *, int64_t *, size_t, size_t *);
#line 99 "core.bridge"
_Static_assert(__builtin_types_compatible_p(__typeof__(core_lucas_take), symbridge_described_core_lucas_take_into), "core_lucas_take_into is described as `enum core_status core_lucas_take_into(struct core_lucas *sequence, int64_t *buffer, size_t n, size_t *taken)`; the headers declare it otherwise");
#line 104 "core.bridge"
typedef enum core_status symbridge_described_core_lucas_available(const struct core_lucas *, size_t, size_t *);
#line 104 "core.bridge"
_Static_assert(__builtin_types_compatible_p(__typeof__(core_lucas_available), symbridge_described_core_lucas_available), "core_lucas_available is described as `enum core_status core_lucas_available(const struct core_lucas *sequence, size_t limit, size_t *count)`; the headers declare it otherwise");
#line 104 "core.bridge"
extern symbridge_described_core_lucas_available core_lucas_available;
#line 108 "core.bridge"
typedef size_t symbridge_described_core_lucas_order(const struct core_lucas *);
#line 108 "core.bridge"
_Static_assert(__builtin_types_compatible_p(__typeof__(core_lucas_order), symbridge_described_core_lucas_order), "core_lucas_order is described as `size_t core_lucas_order(const struct core_lucas *sequence)`; the headers declare it otherwise");
#line 108 "core.bridge"
extern symbridge_described_core_lucas_order core_lucas_order;
#line 113 "core.bridge"
typedef enum core_status symbridge_described_core_lucas_mod(const int64_t *, size_t, const int64_t *, size_t, uint64_t, uint64_t, uint64_t *);
#line 113 "core.bridge"
_Static_assert(__builtin_types_compatible_p(__typeof__(core_lucas_mod), symbridge_described_core_lucas_mod), "core_lucas_mod is described as `enum core_status core_lucas_mod(const int64_t *coef, size_t n_coef, const int64_t *vals, size_t n_vals, uint64_t n, uint64_t m, uint64_t *result)`; the headers declare it otherwise");
#line 113 "core.bridge"
extern symbridge_described_core_lucas_mod core_lucas_mod;
#line 119 "core.bridge"
typedef enum core_status symbridge_described_core_lucas_numbers(size_t, int64_t **, size_t *);
#line 119 "core.bridge"
_Static_assert(__builtin_types_compatible_p(__typeof__(core_lucas_numbers), symbridge_described_core_lucas_numbers), "core_lucas_numbers is described as `enum core_status core_lucas_numbers(size_t n, int64_t **terms, size_t *count)`; the headers declare it otherwise");
#line 119 "core.bridge"
extern symbridge_described_core_lucas_numbers core_lucas_numbers;
#line 129 "core.bridge"
typedef int32_t symbridge_described_struct_core_date_year;
#line 129 "core.bridge"
_Static_assert(__builtin_types_compatible_p(__typeof__(((struct core_date *)0)->year), symbridge_described_struct_core_date_year), "struct core_date.year is described as `int32_t year`; the headers declare it otherwise");
#line 130 "core.bridge"
typedef uint8_t symbridge_described_struct_core_date_month;
#line 130 "core.bridge"
_Static_assert(__builtin_types_compatible_p(__typeof__(((struct core_date *)0)->month), symbridge_described_struct_core_date_month), "struct core_date.month is described as `uint8_t month`; the headers declare it otherwise");
#line 131 "core.bridge"
typedef uint8_t symbridge_described_struct_core_date_day;
#line 131 "core.bridge"
_Static_assert(__builtin_types_compatible_p(__typeof__(((struct core_date *)0)->day), symbridge_described_struct_core_date_day), "struct core_date.day is described as `uint8_t day`; the headers declare it otherwise");
#line 136 "core.bridge"
typedef int32_t symbridge_described_struct_core_duration_days;
#line 136 "core.bridge"
_Static_assert(__builtin_types_compatible_p(__typeof__(((struct core_duration *)0)->days), symbridge_described_struct_core_duration_days), "struct core_duration.days is described as `int32_t days`; the headers declare it otherwise");
#line 137 "core.bridge"
typedef int32_t symbridge_described_struct_core_duration_seconds;
#line 137 "core.bridge"
_Static_assert(__builtin_types_compatible_p(__typeof__(((struct core_duration *)0)->seconds), symbridge_described_struct_core_duration_seconds), "struct core_duration.seconds is described as `int32_t seconds`; the headers declare it otherwise");
#line 138 "core.bridge"
typedef int32_t symbridge_described_struct_core_duration_microseconds;
#line 138 "core.bridge"
_Static_assert(__builtin_types_compatible_p(__typeof__(((struct core_duration *)0)->microseconds), symbridge_described_struct_core_duration_microseconds), "struct core_duration.microseconds is described as `int32_t microseconds`; the headers declare it otherwise");
#line 144 "core.bridge"
typedef enum core_status symbridge_described_core_seconds_before(struct core_date, int64_t, struct core_date *);
#line 144 "core.bridge"
_Static_assert(__builtin_types_compatible_p(__typeof__(core_seconds_before), symbridge_described_core_seconds_before), "core_seconds_before is described as `enum core_status core_seconds_before(struct core_date date, int64_t seconds, struct core_date *out)`; the headers declare it otherwise");
#line 144 "core.bridge"
extern symbridge_described_core_seconds_before core_seconds_before;
#line 150 "core.bridge"
typedef enum core_status symbridge_described_core_before(struct core_date, struct core_duration, struct core_date *);
#line 150 "core.bridge"
_Static_assert(__builtin_types_compatible_p(__typeof__(core_before), symbridge_described_core_before), "core_before is described as `enum core_status core_before(struct core_date date, struct core_duration duration, struct core_date *out)`; the headers declare it otherwise");
#line 150 "core.bridge"
extern symbridge_described_core_before core_before;
#line 154 "core.bridge"
typedef enum core_status symbridge_described_core_to_timestamp(struct core_date, int64_t *);
#line 154 "core.bridge"
_Static_assert(__builtin_types_compatible_p(__typeof__(core_to_timestamp), symbridge_described_core_to_timestamp), "core_to_timestamp is described as `enum core_status core_to_timestamp(struct core_date date, int64_t *seconds)`; the headers declare it otherwise");
#line 154 "core.bridge"
extern symbridge_described_core_to_timestamp core_to_timestamp;
#line 160 "core.bridge"
typedef enum core_status symbridge_described_core_from_timestamp(int64_t, struct core_date *);
#line 160 "core.bridge"
_Static_assert(__builtin_types_compatible_p(__typeof__(core_from_timestamp), symbridge_described_core_from_timestamp), "core_from_timestamp is described as `enum core_status core_from_timestamp(int64_t seconds, struct core_date *out)`; the headers declare it otherwise");
#line 160 "core.bridge"
extern symbridge_described_core_from_timestamp core_from_timestamp;
#line 164 "core.bridge"
typedef enum core_status symbridge_described_core_days_between(struct core_date, struct core_date, struct core_duration *);
#line 164 "core.bridge"
_Static_assert(__builtin_types_compatible_p(__typeof__(core_days_between), symbridge_described_core_days_between), "core_days_between is described as `enum core_status core_days_between(struct core_date a, struct core_date b, struct core_duration *out)`; the headers declare it otherwise");
#line 164 "core.bridge"
extern symbridge_described_core_days_between core_days_between;
#line 194 "core.bridge"
typedef uint32_t symbridge_described_struct_core_point_x;
#line 194 "core.bridge"
_Static_assert(__builtin_types_compatible_p(__typeof__(((struct core_point *)0)->x), symbridge_described_struct_core_point_x), "struct core_point.x is described as `uint32_t x`; the headers declare it otherwise");
#line 195 "core.bridge"
typedef uint32_t symbridge_described_struct_core_point_y;
#line 195 "core.bridge"
_Static_assert(__builtin_types_compatible_p(__typeof__(((struct core_point *)0)->y), symbridge_described_struct_core_point_y), "struct core_point.y is described as `uint32_t y`; the headers declare it otherwise");
#line 199 "core.bridge"
typedef float symbridge_described_core_point_dist(const struct core_point *, const struct core_point *);
#line 199 "core.bridge"
_Static_assert(__builtin_types_compatible_p(__typeof__(core_point_dist), symbridge_described_core_point_dist), "core_point_dist is described as `float core_point_dist(const struct core_point *self, const struct core_point *other)`; the headers declare it otherwise");
#line 199 "core.bridge"
extern symbridge_described_core_point_dist core_point_dist;
#line 201 "core.bridge"
typedef enum core_status symbridge_described_core_point_add(const struct core_point *, const struct core_point *, struct core_point *);
#line 201 "core.bridge"
_Static_assert(__builtin_types_compatible_p(__typeof__(core_point_add), symbridge_described_core_point_add), "core_point_add is described as `enum core_status core_point_add(const struct core_point *self, const struct core_point *other, struct core_point *sum)`; the headers declare it otherwise");
#line 201 "core.bridge"
extern symbridge_described_core_point_add core_point_add;
#line 205 "core.bridge"
typedef struct core_point symbridge_described_core_point_origin(void);
#line 205 "core.bridge"
_Static_assert(__builtin_types_compatible_p(__typeof__(core_point_origin), symbridge_described_core_point_origin), "core_point_origin is described as `struct core_point core_point_origin(void)`; the headers declare it otherwise");
#line 205 "core.bridge"
extern symbridge_described_core_point_origin core_point_origin;
#line 208 "core.bridge"
typedef uint64_t symbridge_described_core_point_manhattan(struct core_point, struct core_point);
#line 208 "core.bridge"
_Static_assert(__builtin_types_compatible_p(__typeof__(core_point_manhattan), symbridge_described_core_point_manhattan), "core_point_manhattan is described as `uint64_t core_point_manhattan(struct core_point p, struct core_point q)`; the headers declare it otherwise");
#line 208 "core.bridge"
extern symbridge_described_core_point_manhattan core_point_manhattan;
#line 215 "core.bridge"
typedef double symbridge_described_core_point_norm(const struct core_point *);
#line 215 "core.bridge"
_Static_assert(__builtin_types_compatible_p(__typeof__(core_point_norm), symbridge_described_core_point_norm), "core_point_norm is described as `double core_point_norm(const struct core_point *self)`; the headers declare it otherwise");
#line 215 "core.bridge"
extern symbridge_described_core_point_norm core_point_norm;
#line 216 "core.bridge"
typedef enum core_status symbridge_described_core_point_set_norm(struct core_point *, double);
#line 216 "core.bridge"
_Static_assert(__builtin_types_compatible_p(__typeof__(core_point_set_norm), symbridge_described_core_point_set_norm), "core_point_set_norm is described as `enum core_status core_point_set_norm(struct core_point *self, double norm)`; the headers declare it otherwise");
#line 216 "core.bridge"
extern symbridge_described_core_point_set_norm core_point_set_norm;
#line 219 "core.bridge"
typedef enum core_quadrant symbridge_described_core_point_quadrant(const struct core_point *);
#line 219 "core.bridge"
_Static_assert(__builtin_types_compatible_p(__typeof__(core_point_quadrant), symbridge_described_core_point_quadrant), "core_point_quadrant is described as `enum core_quadrant core_point_quadrant(const struct core_point *self)`; the headers declare it otherwise");
#line 219 "core.bridge"
extern symbridge_described_core_point_quadrant core_point_quadrant;
#line 222 "core.bridge"
typedef enum core_axis symbridge_described_core_point_axes(const struct core_point *);
#line 222 "core.bridge"
_Static_assert(__builtin_types_compatible_p(__typeof__(core_point_axes), symbridge_described_core_point_axes), "core_point_axes is described as `enum core_axis core_point_axes(const struct core_point *self)`; the headers declare it otherwise");
#line 222 "core.bridge"
extern symbridge_described_core_point_axes core_point_axes;
#line 224 "core.bridge"
typedef enum core_status symbridge_described_core_point_format(const struct core_point *, char *, size_t, size_t *);
#line 224 "core.bridge"
_Static_assert(__builtin_types_compatible_p(__typeof__(core_point_format), symbridge_described_core_point_format), "core_point_format is described as `enum core_status core_point_format(const struct core_point *self, char *buffer, size_t capacity, size_t *length)`; the headers declare it otherwise");
#line 224 "core.bridge"
extern symbridge_described_core_point_format core_point_format;
#line 233 "core.bridge"
typedef struct core_point symbridge_described_struct_core_point3_base;
#line 233 "core.bridge"
_Static_assert(__builtin_types_compatible_p(__typeof__(((struct core_point3 *)0)->base), symbridge_described_struct_core_point3_base), "struct core_point3.base is described as `struct core_point base`; the headers declare it otherwise");
#line 234 "core.bridge"
typedef uint32_t symbridge_described_struct_core_point3_z;
#line 234 "core.bridge"
_Static_assert(__builtin_types_compatible_p(__typeof__(((struct core_point3 *)0)->z), symbridge_described_struct_core_point3_z), "struct core_point3.z is described as `uint32_t z`; the headers declare it otherwise");
#line 238 "core.bridge"
typedef float symbridge_described_core_point3_dist(const struct core_point3 *, const struct core_point3 *);
#line 238 "core.bridge"
_Static_assert(__builtin_types_compatible_p(__typeof__(core_point3_dist), symbridge_described_core_point3_dist), "core_point3_dist is described as `float core_point3_dist(const struct core_point3 *self, const struct core_point3 *other)`; the headers declare it otherwise");
#line 238 "core.bridge"
extern symbridge_described_core_point3_dist core_point3_dist;
#line 241 "core.bridge"
typedef enum core_axis symbridge_described_core_point3_axes(const struct core_point3 *);
#line 241 "core.bridge"
_Static_assert(__builtin_types_compatible_p(__typeof__(core_point3_axes), symbridge_described_core_point3_axes), "core_point3_axes is described as `enum core_axis core_point3_axes(const struct core_point3 *self)`; the headers declare it otherwise");
#line 241 "core.bridge"
extern symbridge_described_core_point3_axes core_point3_axes;
#line 243 "core.bridge"
typedef enum core_status symbridge_described_core_point3_format(const struct core_point3 *, char *, size_t, size_t *);
#line 243 "core.bridge"
_Static_assert(__builtin_types_compatible_p(__typeof__(core_point3_format), symbridge_described_core_point3_format), "core_point3_format is described as `enum core_status core_point3_format(const struct core_point3 *self, char *buffer, size_t capacity, size_t *length)`; the headers declare it otherwise");
#line 243 "core.bridge"
extern symbridge_described_core_point3_format core_point3_format;
#line 254 "core.bridge"
typedef enum core_status symbridge_described_core_point_array_new(size_t, struct core_point_array **);
#line 254 "core.bridge"
_Static_assert(__builtin_types_compatible_p(__typeof__(core_point_array_new), symbridge_described_core_point_array_new), "core_point_array_new is described as `enum core_status core_point_array_new(size_t n, struct core_point_array **out)`; the headers declare it otherwise");
#line 254 "core.bridge"
extern symbridge_described_core_point_array_new core_point_array_new;
#line 257 "core.bridge"
typedef void symbridge_described_core_point_array_free(struct core_point_array *);
#line 257 "core.bridge"
_Static_assert(__builtin_types_compatible_p(__typeof__(core_point_array_free), symbridge_described_core_point_array_free), "core_point_array_free is described as `void core_point_array_free(struct core_point_array *array)`; the headers declare it otherwise");
#line 257 "core.bridge"
extern symbridge_described_core_point_array_free core_point_array_free;
#line 259 "core.bridge"
typedef size_t symbridge_described_core_point_array_size(const struct core_point_array *);
#line 259 "core.bridge"
_Static_assert(__builtin_types_compatible_p(__typeof__(core_point_array_size), symbridge_described_core_point_array_size), "core_point_array_size is described as `size_t core_point_array_size(const struct core_point_array *array)`; the headers declare it otherwise");
#line 259 "core.bridge"
extern symbridge_described_core_point_array_size core_point_array_size;
#line 261 "core.bridge"
typedef struct core_point *symbridge_described_core_point_array_at(struct core_point_array *, size_t);
#line 261 "core.bridge"
_Static_assert(__builtin_types_compatible_p(__typeof__(core_point_array_at), symbridge_described_core_point_array_at), "core_point_array_at is described as `struct core_point *core_point_array_at(struct core_point_array *array, size_t index)`; the headers declare it otherwise");
#line 261 "core.bridge"
extern symbridge_described_core_point_array_at core_point_array_at;
#line 264 "core.bridge"
typedef enum core_status symbridge_described_core_point_array_set(struct core_point_array *, size_t, struct core_point);
#line 264 "core.bridge"
_Static_assert(__builtin_types_compatible_p(__typeof__(core_point_array_set), symbridge_described_core_point_array_set), "core_point_array_set is described as `enum core_status core_point_array_set(struct core_point_array *array, size_t index, struct core_point point)`; the headers declare it otherwise");
#line 264 "core.bridge"
extern symbridge_described_core_point_array_set core_point_array_set;
#line 268 "core.bridge"
typedef enum core_status symbridge_described_core_point_array_get(const struct core_point_array *, size_t, struct core_point *);
#line 268 "core.bridge"
_Static_assert(__builtin_types_compatible_p(__typeof__(core_point_array_get), symbridge_described_core_point_array_get), "core_point_array_get is described as `enum core_status core_point_array_get(const struct core_point_array *array, size_t index, struct core_point *out)`; the headers declare it otherwise");
#line 268 "core.bridge"
extern symbridge_described_core_point_array_get core_point_array_get;
#line 271 "core.bridge"
typedef struct core_point *symbridge_described_core_point_array_data(struct core_point_array *);
#line 271 "core.bridge"
_Static_assert(__builtin_types_compatible_p(__typeof__(core_point_array_data), symbridge_described_core_point_array_data), "core_point_array_data is described as `struct core_point *core_point_array_data(struct core_point_array *array)`; the headers declare it otherwise");
#line 271 "core.bridge"
extern symbridge_described_core_point_array_data core_point_array_data;
#line 275 "core.bridge"
typedef enum core_status symbridge_described_core_point_array_nearest(const struct core_point_array *, const struct core_point *, size_t *);
#line 275 "core.bridge"
_Static_assert(__builtin_types_compatible_p(__typeof__(core_point_array_nearest), symbridge_described_core_point_array_nearest), "core_point_array_nearest is described as `enum core_status core_point_array_nearest(const struct core_point_array *array, const struct core_point *point, size_t *index)`; the headers declare it otherwise");
#line 275 "core.bridge"
extern symbridge_described_core_point_array_nearest core_point_array_nearest;
#line 285 "core.bridge"
typedef enum core_status symbridge_described_core_integrate(enum core_status (*)(double, double *, void *), void *, double, double, size_t, double *);
#line 285 "core.bridge"
_Static_assert(__builtin_types_compatible_p(__typeof__(core_integrate), symbridge_described_core_integrate), "core_integrate is described as `enum core_status core_integrate(enum core_status (*function)(double x, double *y, void *user), void *user, double a, double b, size_t n, double *result)`; the headers declare it otherwise");
#line 285 "core.bridge"
extern symbridge_described_core_integrate core_integrate;
#ifdef __clang__
#line 291 "core.bridge"
typedef char symbridge_described_CORE_TIMER_SECONDS_MAX[(CORE_TIMER_SECONDS_MAX) == 1000000000.0 ? 1 : -1];
#else
#line 291 "core.bridge"
_Static_assert((CORE_TIMER_SECONDS_MAX) == 1000000000.0, "CORE_TIMER_SECONDS_MAX is described as 1000000000.0; the headers say otherwise");
#endif
#line 301 "core.bridge"
typedef enum core_status symbridge_described_core_timer_new(double, void (*)(void *), void *, struct core_timer **);
#line 301 "core.bridge"
_Static_assert(__builtin_types_compatible_p(__typeof__(core_timer_new), symbridge_described_core_timer_new), "core_timer_new is described as `enum core_status core_timer_new(double seconds, void (*callback)(void *user), void *user, struct core_timer **out)`; the headers declare it otherwise");
#line 301 "core.bridge"
extern symbridge_described_core_timer_new core_timer_new;
#line 307 "core.bridge"
typedef void symbridge_described_core_timer_free(struct core_timer *);
#line 307 "core.bridge"
_Static_assert(__builtin_types_compatible_p(__typeof__(core_timer_free), symbridge_described_core_timer_free), "core_timer_free is described as `void core_timer_free(struct core_timer *timer)`; the headers declare it otherwise");
#line 307 "core.bridge"
extern symbridge_described_core_timer_free core_timer_free;
#line 310 "core.bridge"
typedef _Bool symbridge_described_core_timer_fired(const struct core_timer *);
#line 310 "core.bridge"
_Static_assert(__builtin_types_compatible_p(__typeof__(core_timer_fired), symbridge_described_core_timer_fired), "core_timer_fired is described as `_Bool core_timer_fired(const struct core_timer *timer)`; the headers declare it otherwise");
#line 310 "core.bridge"
extern symbridge_described_core_timer_fired core_timer_fired;
#line 318 "core.bridge"
typedef uint32_t symbridge_described_core_greetings;
#line 318 "core.bridge"
_Static_assert(__builtin_types_compatible_p(__typeof__(core_greetings), symbridge_described_core_greetings), "core_greetings is described as `uint32_t core_greetings`; the headers declare it otherwise");
#line 321 "core.bridge"
typedef enum core_status symbridge_described_core_say_hello(void);
#line 321 "core.bridge"
_Static_assert(__builtin_types_compatible_p(__typeof__(core_say_hello), symbridge_described_core_say_hello), "core_say_hello is described as `enum core_status core_say_hello(void)`; the headers declare it otherwise");
#line 321 "core.bridge"
extern symbridge_described_core_say_hello core_say_hello;
#line 324 "core.bridge"
typedef enum core_status symbridge_described_core_fact(uint32_t, uint64_t *);
#line 324 "core.bridge"
_Static_assert(__builtin_types_compatible_p(__typeof__(core_fact), symbridge_described_core_fact), "core_fact is described as `enum core_status core_fact(uint32_t n, uint64_t *result)`; the headers declare it otherwise");
#line 324 "core.bridge"
extern symbridge_described_core_fact core_fact;
#line 327 "core.bridge"
typedef enum core_status symbridge_described_core_sum_as_string(uint64_t, uint64_t, char **);
#line 327 "core.bridge"
_Static_assert(__builtin_types_compatible_p(__typeof__(core_sum_as_string), symbridge_described_core_sum_as_string), "core_sum_as_string is described as `enum core_status core_sum_as_string(uint64_t a, uint64_t b, char **text)`; the headers declare it otherwise");
#line 327 "core.bridge"
extern symbridge_described_core_sum_as_string core_sum_as_string;
#line 333 "core.bridge"
typedef enum core_status symbridge_described_core_sum_to_buffer(uint64_t, uint64_t, char *, size_t, size_t *);
#line 333 "core.bridge"
_Static_assert(__builtin_types_compatible_p(__typeof__(core_sum_to_buffer), symbridge_described_core_sum_to_buffer), "core_sum_to_buffer is described as `enum core_status core_sum_to_buffer(uint64_t a, uint64_t b, char *buffer, size_t capacity, size_t *length)`; the headers declare it otherwise");
#line 333 "core.bridge"
extern symbridge_described_core_sum_to_buffer core_sum_to_buffer;
#line 342 "core.bridge"
typedef enum core_status symbridge_described_core_word_count(const char *, char ***, uint64_t **, size_t *);
#line 342 "core.bridge"
_Static_assert(__builtin_types_compatible_p(__typeof__(core_word_count), symbridge_described_core_word_count), "core_word_count is described as `enum core_status core_word_count(const char *text, char ***words, uint64_t **counts, size_t *n)`; the headers declare it otherwise");
#line 342 "core.bridge"
extern symbridge_described_core_word_count core_word_count;
#line 347 "core.bridge"
typedef enum core_status symbridge_described_core_count_lines(const char *, uint64_t *);
#line 347 "core.bridge"
_Static_assert(__builtin_types_compatible_p(__typeof__(core_count_lines), symbridge_described_core_count_lines), "core_count_lines is described as `enum core_status core_count_lines(const char *path, uint64_t *lines)`; the headers declare it otherwise");
#line 347 "core.bridge"
extern symbridge_described_core_count_lines core_count_lines;
#line 350 "core.bridge"
typedef enum core_status symbridge_described_core_throws_error(void);
#line 350 "core.bridge"
_Static_assert(__builtin_types_compatible_p(__typeof__(core_throws_error), symbridge_described_core_throws_error), "core_throws_error is described as `enum core_status core_throws_error(void)`; the headers declare it otherwise");
#line 350 "core.bridge"
extern symbridge_described_core_throws_error core_throws_error;
#line 22 "core.bridge"
_Static_assert(SYMBRIDGE_ELSEWHERE || sizeof(enum core_status) == 4, "sizeof enum core_status is described as 4; the headers say otherwise");
#line 23 "core.bridge"
_Static_assert((unsigned long long)(CORE_OK) == 0ull && ((CORE_OK) < 0) == 0, "CORE_OK is described as 0; the headers say otherwise");
#line 24 "core.bridge"
_Static_assert((unsigned long long)(CORE_INVALID) == 1ull && ((CORE_INVALID) < 0) == 0, "CORE_INVALID is described as 1; the headers say otherwise");
#line 25 "core.bridge"
_Static_assert((unsigned long long)(CORE_OVERFLOW) == 2ull && ((CORE_OVERFLOW) < 0) == 0, "CORE_OVERFLOW is described as 2; the headers say otherwise");
#line 26 "core.bridge"
_Static_assert((unsigned long long)(CORE_NOMEM) == 3ull && ((CORE_NOMEM) < 0) == 0, "CORE_NOMEM is described as 3; the headers say otherwise");
#line 27 "core.bridge"
_Static_assert((unsigned long long)(CORE_IO) == 4ull && ((CORE_IO) < 0) == 0, "CORE_IO is described as 4; the headers say otherwise");
#line 28 "core.bridge"
_Static_assert((unsigned long long)(CORE_STUCK) == 5ull && ((CORE_STUCK) < 0) == 0, "CORE_STUCK is described as 5; the headers say otherwise");
#line 29 "core.bridge"
_Static_assert((unsigned long long)(CORE_INDEX) == 6ull && ((CORE_INDEX) < 0) == 0, "CORE_INDEX is described as 6; the headers say otherwise");
#line 30 "core.bridge"
_Static_assert((unsigned long long)(CORE_TRUNCATED) == 7ull && ((CORE_TRUNCATED) < 0) == 0, "CORE_TRUNCATED is described as 7; the headers say otherwise");
#line 40 "core.bridge"
_Static_assert((unsigned long long)(CORE_VERSION_MAJOR) == 1ull && ((CORE_VERSION_MAJOR) < 0) == 0, "CORE_VERSION_MAJOR is described as 1; the headers say otherwise");
#line 41 "core.bridge"
_Static_assert((unsigned long long)(CORE_VERSION_MINOR) == 0ull && ((CORE_VERSION_MINOR) < 0) == 0, "CORE_VERSION_MINOR is described as 0; the headers say otherwise");
#line 42 "core.bridge"
_Static_assert((unsigned long long)(CORE_VERSION_PATCH) == 0ull && ((CORE_VERSION_PATCH) < 0) == 0, "CORE_VERSION_PATCH is described as 0; the headers say otherwise");
#line 64 "core.bridge"
_Static_assert((unsigned long long)(CORE_LUCAS_ORDER_MAX) == 4096ull && ((CORE_LUCAS_ORDER_MAX) < 0) == 0, "CORE_LUCAS_ORDER_MAX is described as 4096; the headers say otherwise");
#line 67 "core.bridge"
_Static_assert((unsigned long long)(CORE_LUCAS_NUMBERS_MAX) == 91ull && ((CORE_LUCAS_NUMBERS_MAX) < 0) == 0, "CORE_LUCAS_NUMBERS_MAX is described as 91; the headers say otherwise");
#line 124 "core.bridge"
_Static_assert((unsigned long long)(CORE_YEAR_MIN) == 1ull && ((CORE_YEAR_MIN) < 0) == 0, "CORE_YEAR_MIN is described as 1; the headers say otherwise");
#line 125 "core.bridge"
_Static_assert((unsigned long long)(CORE_YEAR_MAX) == 9999ull && ((CORE_YEAR_MAX) < 0) == 0, "CORE_YEAR_MAX is described as 9999; the headers say otherwise");
#line 128 "core.bridge"
_Static_assert(SYMBRIDGE_ELSEWHERE || sizeof(struct core_date) == 8, "sizeof struct core_date is described as 8; the headers say otherwise");
#line 128 "core.bridge"
_Static_assert(SYMBRIDGE_ELSEWHERE || _Alignof(struct core_date) == 4, "alignof struct core_date is described as 4; the headers say otherwise");
#line 129 "core.bridge"
_Static_assert(SYMBRIDGE_ELSEWHERE || offsetof(struct core_date, year) == 0, "offsetof struct core_date.year is described as 0; the headers say otherwise");
#line 130 "core.bridge"
_Static_assert(SYMBRIDGE_ELSEWHERE || offsetof(struct core_date, month) == 4, "offsetof struct core_date.month is described as 4; the headers say otherwise");
#line 131 "core.bridge"
_Static_assert(SYMBRIDGE_ELSEWHERE || offsetof(struct core_date, day) == 5, "offsetof struct core_date.day is described as 5; the headers say otherwise");
#line 135 "core.bridge"
_Static_assert(SYMBRIDGE_ELSEWHERE || sizeof(struct core_duration) == 12, "sizeof struct core_duration is described as 12; the headers say otherwise");
#line 135 "core.bridge"
_Static_assert(SYMBRIDGE_ELSEWHERE || _Alignof(struct core_duration) == 4, "alignof struct core_duration is described as 4; the headers say otherwise");
#line 136 "core.bridge"
_Static_assert(SYMBRIDGE_ELSEWHERE || offsetof(struct core_duration, days) == 0, "offsetof struct core_duration.days is described as 0; the headers say otherwise");
#line 137 "core.bridge"
_Static_assert(SYMBRIDGE_ELSEWHERE || offsetof(struct core_duration, seconds) == 4, "offsetof struct core_duration.seconds is described as 4; the headers say otherwise");
#line 138 "core.bridge"
_Static_assert(SYMBRIDGE_ELSEWHERE || offsetof(struct core_duration, microseconds) == 8, "offsetof struct core_duration.microseconds is described as 8; the headers say otherwise");
#line 171 "core.bridge"
_Static_assert(SYMBRIDGE_ELSEWHERE || sizeof(enum core_quadrant) == 4, "sizeof enum core_quadrant is described as 4; the headers say otherwise");
#line 172 "core.bridge"
_Static_assert((unsigned long long)(CORE_QUADRANT_ORIGIN) == 0ull && ((CORE_QUADRANT_ORIGIN) < 0) == 0, "CORE_QUADRANT_ORIGIN is described as 0; the headers say otherwise");
#line 173 "core.bridge"
_Static_assert((unsigned long long)(CORE_QUADRANT_X_AXIS) == 1ull && ((CORE_QUADRANT_X_AXIS) < 0) == 0, "CORE_QUADRANT_X_AXIS is described as 1; the headers say otherwise");
#line 174 "core.bridge"
_Static_assert((unsigned long long)(CORE_QUADRANT_Y_AXIS) == 2ull && ((CORE_QUADRANT_Y_AXIS) < 0) == 0, "CORE_QUADRANT_Y_AXIS is described as 2; the headers say otherwise");
#line 175 "core.bridge"
_Static_assert((unsigned long long)(CORE_QUADRANT_FIRST) == 3ull && ((CORE_QUADRANT_FIRST) < 0) == 0, "CORE_QUADRANT_FIRST is described as 3; the headers say otherwise");
#line 179 "core.bridge"
_Static_assert(SYMBRIDGE_ELSEWHERE || sizeof(enum core_axis) == 4, "sizeof enum core_axis is described as 4; the headers say otherwise");
#line 180 "core.bridge"
_Static_assert((unsigned long long)(CORE_AXIS_NONE) == 0ull && ((CORE_AXIS_NONE) < 0) == 0, "CORE_AXIS_NONE is described as 0; the headers say otherwise");
#line 181 "core.bridge"
_Static_assert((unsigned long long)(CORE_AXIS_X) == 1ull && ((CORE_AXIS_X) < 0) == 0, "CORE_AXIS_X is described as 1; the headers say otherwise");
#line 182 "core.bridge"
_Static_assert((unsigned long long)(CORE_AXIS_Y) == 2ull && ((CORE_AXIS_Y) < 0) == 0, "CORE_AXIS_Y is described as 2; the headers say otherwise");
#line 183 "core.bridge"
_Static_assert((unsigned long long)(CORE_AXIS_Z) == 4ull && ((CORE_AXIS_Z) < 0) == 0, "CORE_AXIS_Z is described as 4; the headers say otherwise");
#line 186 "core.bridge"
_Static_assert((unsigned long long)(CORE_POINT_TEXT_SIZE) == 64ull && ((CORE_POINT_TEXT_SIZE) < 0) == 0, "CORE_POINT_TEXT_SIZE is described as 64; the headers say otherwise");
#line 189 "core.bridge"
_Static_assert((unsigned long long)(CORE_POINT_DIMENSIONS) == 2ull && ((CORE_POINT_DIMENSIONS) < 0) == 0, "CORE_POINT_DIMENSIONS is described as 2; the headers say otherwise");
#line 193 "core.bridge"
_Static_assert(SYMBRIDGE_ELSEWHERE || sizeof(struct core_point) == 8, "sizeof struct core_point is described as 8; the headers say otherwise");
#line 193 "core.bridge"
_Static_assert(SYMBRIDGE_ELSEWHERE || _Alignof(struct core_point) == 4, "alignof struct core_point is described as 4; the headers say otherwise");
#line 194 "core.bridge"
_Static_assert(SYMBRIDGE_ELSEWHERE || offsetof(struct core_point, x) == 0, "offsetof struct core_point.x is described as 0; the headers say otherwise");
#line 195 "core.bridge"
_Static_assert(SYMBRIDGE_ELSEWHERE || offsetof(struct core_point, y) == 4, "offsetof struct core_point.y is described as 4; the headers say otherwise");
#line 232 "core.bridge"
_Static_assert(SYMBRIDGE_ELSEWHERE || sizeof(struct core_point3) == 12, "sizeof struct core_point3 is described as 12; the headers say otherwise");
#line 232 "core.bridge"
_Static_assert(SYMBRIDGE_ELSEWHERE || _Alignof(struct core_point3) == 4, "alignof struct core_point3 is described as 4; the headers say otherwise");
#line 233 "core.bridge"
_Static_assert(SYMBRIDGE_ELSEWHERE || offsetof(struct core_point3, base) == 0, "offsetof struct core_point3.base is described as 0; the headers say otherwise");
#line 234 "core.bridge"
_Static_assert(SYMBRIDGE_ELSEWHERE || offsetof(struct core_point3, z) == 8, "offsetof struct core_point3.z is described as 8; the headers say otherwise");
#line 330 "core.bridge"
_Static_assert((unsigned long long)(CORE_SUM_TEXT_SIZE) == 21ull && ((CORE_SUM_TEXT_SIZE) < 0) == 0, "CORE_SUM_TEXT_SIZE is described as 21; the headers say otherwise");
#line 492 "carried_description.c"

/* ---- the notes ------------------------------------------------------------------------------ */

/* Linkers keep sections of notes, also with --gc-sections; `used` keeps compilers from dropping
 * what nothing refers to. The objects have names so that a linker can be told to take this file out
 * of an archive: -u symbridge_description_of_core */
#define SYMBRIDGE_NOTE \
    __attribute__((used, section(".note.symbridge"), aligned(4), visibility("hidden")))
#define SYMBRIDGE_LOW(value) (uint32_t)((uint64_t)(value) & 0xffffffffu)
#define SYMBRIDGE_HIGH(value) (uint32_t)((uint64_t)(value) >> 32)
#define SYMBRIDGE_FACT(key_low, key_high, value) \
    {key_low, key_high, SYMBRIDGE_LOW(value), SYMBRIDGE_HIGH(value)}
#if __SIZEOF_POINTER__ == 8
#define SYMBRIDGE_WORDS(on_64_bits, on_32_bits) on_64_bits
#else
#define SYMBRIDGE_WORDS(on_64_bits, on_32_bits) on_32_bits
#endif

enum {
    symbridge_always = 103,
    symbridge_facts = symbridge_always
};

SYMBRIDGE_NOTE const struct {
    uint32_t owner_size, size, type;
    char owner[12];
    char text[15840];
} symbridge_description_of_core = {
    10, 15839, 1, "symbridge",
        "/* core.bridge - what libcore offers to other languages: its headers' declarations, with what C\n"
        " * cannot say in [[...]]. docs/description.md explains the language. */\n"
        "\n"
        "/** Lucas sequences, dates and points, from the C library libcore.\n"
        " *\n"
        " * Integers are exact: what does not fit raises OverflowError. Nothing depends on the locale or on\n"
        " * the machine's time zone. */\n"
        "[[library(\"libcore.so.1\"), module(\"corelib\"), prefix(\"core_\")]];\n"
        "\n"
        "/** Functions that stand behind others: how they are called may change. */\n"
        "[[submodule(\"backend\")]];\n"
        "\n"
        "/** Dates in the proleptic Gregorian calendar, from 0001-01-01 to 9999-12-31, without time zones. */\n"
        "[[submodule(\"date_ex\")]];\n"
        "\n"
        "/** An apple is stuck in the throat. */\n"
        "[[exception(AppleStuckInThroat)]];\n"
        "\n"
        "/* ---- how calls end -------------------------------------------------------------------------- */\n"
        "\n"
        "/** How a call of libcore ended. */\n"
        "enum [[status, name(\"Status\")]] core_status {\n"
        "    CORE_OK = 0,                                /**< the results are written */\n"
        "    CORE_INVALID = 1 [[raises(ValueError)]],    /**< an argument is outside of what is defined */\n"
        "    CORE_OVERFLOW = 2 [[raises(OverflowError)]], /**< the result does not fit its type */\n"
        "    CORE_NOMEM = 3 [[raises(MemoryError)]],     /**< memory could not be had */\n"
        "    CORE_IO = 4 [[raises(OSError)]],            /**< input or output failed */\n"
        "    CORE_STUCK = 5 [[raises(AppleStuckInThroat)]], /**< an apple is stuck in the throat */\n"
        "    CORE_INDEX = 6 [[raises(IndexError)]],      /**< an index is beyond the end */\n"
        "    CORE_TRUNCATED = 7 [[raises(BufferError)]], /**< the buffer is too small */\n"
        "};\n"
        "\n"
        "/** What a status means, in general. */\n"
        "[[quick]] const char *core_status_message(enum core_status status);\n"
        "\n"
        "[[quick, hidden, message]] const char *core_error_message(enum core_status status);\n"
        "\n"
        "/* ---- version -------------------------------------------------------------------------------- */\n"
        "\n"
        "#define CORE_VERSION_MAJOR 1\n"
        "#define CORE_VERSION_MINOR 0\n"
        "#define CORE_VERSION_PATCH 0\n"
        "\n"
        "/** The version that this description was written for. */\n"
        "#define CORE_VERSION \"1.0.0\"\n"
        "\n"
        "/** The version of the library that is running, such as \"1.0.0\". */\n"
        "[[quick]] const char *core_version(void);\n"
        "\n"
        "/** The version of the library that is running as one number that grows: 1.2.3 is 10203. */\n"
        "extern const uint32_t core_version_number;\n"
        "\n"
        "/* ---- memory --------------------------------------------------------------------------------- */\n"
        "\n"
        "[[quick, hidden]] void core_free(void *memory);\n"
        "\n"
        "[[hidden]] enum core_status core_set_allocator(void *(*allocate)(size_t size),\n"
        "                                               void *(*reallocate)(void *memory, size_t size),\n"
        "                                               void (*release)(void *memory));\n"
        "\n"
        "/* ---- Lucas sequences ------------------------------------------------------------------------ */\n"
        "\n"
        "/** The highest order of a recurrence: that many coefficients. */\n"
        "#define CORE_LUCAS_ORDER_MAX 4096\n"
        "\n"
        "/** How many Lucas numbers fit 64 bits. */\n"
        "#define CORE_LUCAS_NUMBERS_MAX 91\n"
        "\n"
        "/** The terms of a linear recurrence, oldest first: each further term is the sum of\n"
        " * coef[i] * t[i], where t[0] is the oldest of the terms before it. LucasIter([1, 1], [2, 1]) gives\n"
        " * the Lucas numbers 2, 1, 3, 4, 7, 11.\n"
        " *\n"
        " * The iterator never ends. Every term that fits 64 bits is delivered; from the first that does not,\n"
        " * next() raises OverflowError. */\n"
        "[[class(\"LucasIter\")]] typedef struct core_lucas core_lucas;\n"
        "\n"
        "[[quick, constructor]] enum core_status core_lucas_new(\n"
        "    const int64_t *coef [[array(n_coef)]], size_t n_coef,\n"
        "    const int64_t *vals [[array(n_vals)]], size_t n_vals,\n"
        "    core_lucas **out [[out]]);\n"
        "\n"
        "[[quick, destructor]] void core_lucas_free(core_lucas *sequence);\n"
        "\n"
        "[[quick, iternext]] enum core_status core_lucas_next(core_lucas *sequence, int64_t *term [[out]]);\n"
        "\n"
        "/** The next n terms at once, as a list.\n"
        " *\n"
        " * OverflowError when fewer than n terms fit 64 bits; then the iterator has not moved, and\n"
        " * available(n) says how many can be had. */\n"
        "[[method]] enum core_status core_lucas_take(\n"
        "    core_lucas *sequence, int64_t *terms [[out, array(n, taken)]], size_t n,\n"
        "    size_t *taken [[out]]);\n"
        "\n"
        "/** Fills a buffer of 64-bit integers, such as array('q') or a NumPy array, with the next terms,\n"
        " * without a copy, and returns how many they are: all that the buffer holds.\n"
        " *\n"
        " * OverflowError when fewer terms fit 64 bits; then the buffer begins with those that do, and the\n"
        " * iterator has not moved. */\n"
        "[[method]] enum core_status core_lucas_take_into(\n"
        "    core_lucas *sequence, int64_t *buffer [[array(n)]], size_t n,\n"
        "    size_t *taken [[out]]) __asm__(\"core_lucas_take\");\n"
        "\n"
        "/** How many of the next terms fit 64 bits, counted up to a limit. The iterator does not move. */\n"
        "[[method]] enum core_status core_lucas_available(const core_lucas *sequence, size_t limit,\n"
        "                                                 size_t *count [[out]]);\n"
        "\n"
        "/** The order of the recurrence: how many coefficients it has. */\n"
        "[[quick, getter]] size_t core_lucas_order(const core_lucas *sequence);\n"
        "\n"
        "/** Term n of a recurrence modulo m, without the terms before it; vals[0] is term 0.\n"
        " *\n"
        " * The result is from 0 to m - 1, for negative terms too. ValueError when m is 0. */\n"
        "enum core_status core_lucas_mod(\n"
        "    const int64_t *coef [[array(n_coef)]], size_t n_coef,\n"
        "    const int64_t *vals [[array(n_vals)]], size_t n_vals,\n"
        "    uint64_t n, uint64_t m, uint64_t *result [[out]]);\n"
        "\n"
        "/** The first n Lucas numbers as a list: 2, 1, 3, 4, 7, 11. OverflowError for n above 91. */\n"
        "[[quick, name(\"backend.some_func\")]] enum core_status core_lucas_numbers(\n"
        "    size_t n, int64_t **terms [[out, array(count), owned(core_free)]], size_t *count [[out]]);\n"
        "\n"
        "/* ---- dates ---------------------------------------------------------------------------------- */\n"
        "\n"
        "#define CORE_YEAR_MIN 1 [[name(\"date_ex.YEAR_MIN\")]]\n"
        "#define CORE_YEAR_MAX 9999 [[name(\"date_ex.YEAR_MAX\")]]\n"
        "\n"
        "[[adapt(\"datetime.date\", year, month, day)]]\n"
        "typedef struct core_date {\n"
        "    int32_t year;\n"
        "    uint8_t month;\n"
        "    uint8_t day;\n"
        "} core_date;\n"
        "\n"
        "[[adapt(\"datetime.timedelta\", days, seconds, microseconds)]]\n"
        "typedef struct core_duration {\n"
        "    int32_t days;\n"
        "    int32_t seconds;\n"
        "    int32_t microseconds;\n"
        "} core_duration;\n"
        "\n"
        "/** The date some seconds before a date at 00:00:00 UTC, rounded down to its date.\n"
        " *\n"
        " * A negative number of seconds goes forward. OverflowError outside of the years 1 to 9999. */\n"
        "[[quick, name(\"date_ex.seconds_before\")]] enum core_status core_seconds_before(\n"
        "    core_date date, int64_t seconds, core_date *out [[out]]);\n"
        "\n"
        "/** The date some length of time before a date at 00:00:00 UTC, rounded down to its date.\n"
        " *\n"
        " * A negative duration goes forward. OverflowError outside of the years 1 to 9999. */\n"
        "[[quick, name(\"date_ex.before\")]] enum core_status core_before(\n"
        "    core_date date, core_duration duration, core_date *out [[out]]);\n"
        "\n"
        "/** The seconds from 1970-01-01 to a date, both at 00:00:00 UTC; negative for earlier dates. */\n"
        "[[quick, name(\"date_ex.to_timestamp\")]] enum core_status core_to_timestamp(\n"
        "    core_date date, int64_t *seconds [[out]]);\n"
        "\n"
        "/** The date of a moment that is given in seconds from 1970-01-01 00:00:00 UTC, rounded down.\n"
        " *\n"
        " * OverflowError outside of the years 1 to 9999. */\n"
        "[[quick, name(\"date_ex.from_timestamp\")]] enum core_status core_from_timestamp(\n"
        "    int64_t seconds, core_date *out [[out]]);\n"
        "\n"
        "/** The time from date a to date b: whole days, negative when b is earlier. */\n"
        "[[quick, name(\"date_ex.days_between\")]] enum core_status core_days_between(\n"
        "    core_date a, core_date b, core_duration *out [[out]]);\n"
        "\n"
        "/* ---- points --------------------------------------------------------------------------------- */\n"
        "\n"
        "/** Where a point lies: no coordinate is negative, so there is only the first quadrant, and what\n"
        " * bounds it. */\n"
        "enum [[name(\"Quadrant\")]] core_quadrant {\n"
        "    CORE_QUADRANT_ORIGIN = 0, /**< x and y are 0 */\n"
        "    CORE_QUADRANT_X_AXIS = 1, /**< only y is 0 */\n"
        "    CORE_QUADRANT_Y_AXIS = 2, /**< only x is 0 */\n"
        "    CORE_QUADRANT_FIRST = 3,  /**< neither is 0 */\n"
        "};\n"
        "\n"
        "/** A set of axes. */\n"
        "enum [[flags, name(\"Axis\")]] core_axis {\n"
        "    CORE_AXIS_NONE = 0,\n"
        "    CORE_AXIS_X = 1,\n"
        "    CORE_AXIS_Y = 2,\n"
        "    CORE_AXIS_Z = 4,\n"
        "};\n"
        "\n"
        "#define CORE_POINT_TEXT_SIZE 64 [[hidden]]\n"
        "\n"
        "/** How many coordinates a point has. */\n"
        "#define CORE_POINT_DIMENSIONS 2 [[name(\"Point.DIMENSIONS\")]]\n"
        "\n"
        "/** A point on the grid of unsigned 32-bit integers. */\n"
        "[[class(\"Point\"), hashable, ordered]]\n"
        "typedef struct core_point {\n"
        "    uint32_t x; /**< from left to right */\n"
        "    uint32_t y; /**< from bottom to top */\n"
        "} core_point;\n"
        "\n"
        "/** The straight distance to another point, computed in single precision. */\n"
        "[[quick, method]] float core_point_dist(const core_point *self, const core_point *other);\n"
        "\n"
        "[[quick, operator(\"+\")]] enum core_status core_point_add(\n"
        "    const core_point *self, const core_point *other, core_point *sum [[out]]);\n"
        "\n"
        "/** The point (0, 0). */\n"
        "[[quick, class_method]] core_point core_point_origin(void);\n"
        "\n"
        "/** The distance of two points along the grid: |p.x - q.x| + |p.y - q.y|, exact. */\n"
        "[[quick, name(\"Point.manhattan\")]] uint64_t core_point_manhattan(core_point p, core_point q);\n"
        "\n"
        "/** The distance from the origin.\n"
        " *\n"
        " * Setting it moves the point along its ray from the origin, then to the nearest point of the grid:\n"
        " * both coordinates change. ValueError for a length that is negative or not a number, and for the\n"
        " * origin, which has no ray; OverflowError beyond the grid. */\n"
        "[[quick, getter]] double core_point_norm(const core_point *self);\n"
        "[[quick, setter]] enum core_status core_point_set_norm(core_point *self, double norm);\n"
        "\n"
        "/** Where the point lies. */\n"
        "[[quick, getter]] enum core_quadrant core_point_quadrant(const core_point *self);\n"
        "\n"
        "/** The axes along which the point is away from the origin. */\n"
        "[[quick, getter]] enum core_axis core_point_axes(const core_point *self);\n"
        "\n"
        "[[quick, str]] enum core_status core_point_format(\n"
        "    const core_point *self,\n"
        "    char *buffer [[out, string, array(capacity, length), capacity(CORE_POINT_TEXT_SIZE)]],\n"
        "    size_t capacity, size_t *length [[out]]);\n"
        "\n"
        "/** A point on the grid in space. Where a point of the plane is asked for, it stands for its shadow\n"
        " * on the plane z = 0. */\n"
        "[[class(\"Point3\"), hashable, ordered]]\n"
        "typedef struct core_point3 {\n"
        "    core_point base [[base]];\n"
        "    uint32_t z; /**< from below to above */\n"
        "} core_point3;\n"
        "\n"
        "/** The straight distance to another point in space, computed in single precision. */\n"
        "[[quick, method]] float core_point3_dist(const core_point3 *self, const core_point3 *other);\n"
        "\n"
        "/** The axes along which the point is away from the origin. */\n"
        "[[quick, getter]] enum core_axis core_point3_axes(const core_point3 *self);\n"
        "\n"
        "[[quick, str]] enum core_status core_point3_format(\n"
        "    const core_point3 *self,\n"
        "    char *buffer [[out, string, array(capacity, length), capacity(CORE_POINT_TEXT_SIZE)]],\n"
        "    size_t capacity, size_t *length [[out]]);\n"
        "\n"
        "/* ---- many points ---------------------------------------------------------------------------- */\n"
        "\n"
        "/** n points, all (0, 0) at first, in one block of memory. An element is a view: changing it changes\n"
        " * the array, and it keeps the array alive. */\n"
        "[[class(\"PointArray\")]] typedef struct core_point_array core_point_array;\n"
        "\n"
        "[[quick, constructor]] enum core_status core_point_array_new(size_t n,\n"
        "                                                             core_point_array **out [[out]]);\n"
        "\n"
        "[[quick, destructor]] void core_point_array_free(core_point_array *array);\n"
        "\n"
        "[[quick, length]] size_t core_point_array_size(const core_point_array *array);\n"
        "\n"
        "[[quick, getitem, keeps(array), fails(null, IndexError)]] core_point *core_point_array_at(\n"
        "    core_point_array *array, size_t index);\n"
        "\n"
        "[[quick, setitem]] enum core_status core_point_array_set(core_point_array *array, size_t index,\n"
        "                                                         core_point point);\n"
        "\n"
        "/** A copy of the point at an index. IndexError beyond the end. */\n"
        "[[quick, method]] enum core_status core_point_array_get(\n"
        "    const core_point_array *array, size_t index, core_point *out [[out]]);\n"
        "\n"
        "[[quick, buffer]] core_point *core_point_array_data(core_point_array *array);\n"
        "\n"
        "/** The index of the point that is nearest to a point by straight distance, the lowest one of those\n"
        " * that are equally near. ValueError for an array without points. */\n"
        "[[method]] enum core_status core_point_array_nearest(\n"
        "    const core_point_array *array, const core_point *point, size_t *index [[out]]);\n"
        "\n"
        "/* ---- functions that call back --------------------------------------------------------------- */\n"
        "\n"
        "/** The integral of f from a to b, by Simpson's rule on n panels: exact for polynomials up to the third\n"
        " * degree but for rounding.\n"
        " *\n"
        " * f is called 2 n + 1 times, with x from a to b in order. An exception in it ends the integration and\n"
        " * is raised. ValueError when n is 0 or a bound is not finite. */\n"
        "enum core_status core_integrate(\n"
        "    enum core_status (*function)(double x, double *y [[out]], void *user [[user_data]])\n"
        "        [[name(\"f\"), user_data(user), on_error(CORE_INVALID)]],\n"
        "    void *user, double a, double b, size_t n, double *result [[out]]);\n"
        "\n"
        "/** The longest time that a timer waits, in seconds. */\n"
        "#define CORE_TIMER_SECONDS_MAX 1e9 [[name(\"Timer.SECONDS_MAX\")]]\n"
        "\n"
        "/** Calls a function once, after some seconds, from a thread that C makes. An exception in it goes to\n"
        " * sys.unraisablehook.\n"
        " *\n"
        " * close() ends the timer: a callback that has not begun will not be called, one that is running is\n"
        " * waited for, unless close() is called within it. A timer that is dropped is closed, and with the\n"
        " * interpreter all timers end. */\n"
        "[[class(\"Timer\")]] typedef struct core_timer core_timer;\n"
        "\n"
        "[[constructor]] enum core_status core_timer_new(\n"
        "    double seconds,\n"
        "    void (*callback)(void *user [[user_data]])\n"
        "        [[scope(notified), user_data(user), held_by(out)]],\n"
        "    void *user, core_timer **out [[out]]);\n"
        "\n"
        "[[destructor]] void core_timer_free(core_timer *timer);\n"
        "\n"
        "/** Whether the callback has been called; it may be running still. */\n"
        "[[quick, getter]] _Bool core_timer_fired(const core_timer *timer);\n"
        "\n"
        "/* ---- the small functions -------------------------------------------------------------------- */\n"
        "\n"
        "/** How many times say_hello has greeted since the program began.\n"
        " *\n"
        " * It lies in a submodule, because a module whose variables change cannot be cached by the\n"
        " * interpreter as others are. */\n"
        "[[name(\"backend.greetings\")]] extern uint32_t core_greetings;\n"
        "\n"
        "/** Prints \"Hello world!\" to the standard output of the process. */\n"
        "enum core_status core_say_hello(void);\n"
        "\n"
        "/** n!, exact. OverflowError for n above 20. */\n"
        "[[quick]] enum core_status core_fact(uint32_t n, uint64_t *result [[out]]);\n"
        "\n"
        "/** The sum of two numbers in decimal, from C. OverflowError when it does not fit 64 bits. */\n"
        "[[quick, name(\"sum_as_string_native\")]] enum core_status core_sum_as_string(\n"
        "    uint64_t a, uint64_t b, char **text [[out, owned(core_free)]]);\n"
        "\n"
        "#define CORE_SUM_TEXT_SIZE 21 [[hidden]]\n"
        "\n"
        "/** The sum of two numbers in decimal, written by C into a buffer of the caller's. */\n"
        "[[quick, name(\"backend.sum_to_buffer\")]] enum core_status core_sum_to_buffer(\n"
        "    uint64_t a, uint64_t b,\n"
        "    char *buffer [[out, string, array(capacity, length), capacity(CORE_SUM_TEXT_SIZE)]],\n"
        "    size_t capacity, size_t *length [[out]]);\n"
        "\n"
        "/** How often each word occurs in a text, as a dict in order of first appearance.\n"
        " *\n"
        " * White space, control characters, punctuation and symbols separate words; an apostrophe or a\n"
        " * hyphen between two letters does not. */\n"
        "enum core_status core_word_count(\n"
        "    const char *text, char ***words [[out, array(n), dict(counts), owned(core_free)]],\n"
        "    uint64_t **counts [[out, array(n), owned(core_free)]], size_t *n [[out]]);\n"
        "\n"
        "/** The number of lines of a file. */\n"
        "enum core_status core_count_lines(const char *path [[filename]], uint64_t *lines [[out]]);\n"
        "\n"
        "/** Always raises AppleStuckInThroat. */\n"
        "[[quick]] enum core_status core_throws_error(void);\n"
};

SYMBRIDGE_NOTE const struct {
    uint32_t owner_size, size, type;
    char owner[12];
    uint32_t format, count;
    struct {
        uint32_t key_low, key_high, value_low, value_high;
    } facts[symbridge_facts];
} symbridge_description_of_core_facts = {
    10, 8 + 16 * symbridge_facts, 2, "symbridge",
    1, symbridge_facts, {
        SYMBRIDGE_FACT(0xe6f3d118, 0x8dfdaa5d, sizeof(enum core_status)), /* sizeof enum core_status */
        SYMBRIDGE_FACT(0x372546c5, 0x3a7dd6c8, (CORE_OK)), /* enumerator CORE_OK */
        SYMBRIDGE_FACT(0xa568246a, 0x850e6b16, (CORE_INVALID)), /* enumerator CORE_INVALID */
        SYMBRIDGE_FACT(0x29f441f9, 0xda9a7be3, (CORE_OVERFLOW)), /* enumerator CORE_OVERFLOW */
        SYMBRIDGE_FACT(0x02682471, 0xb6fc9233, (CORE_NOMEM)), /* enumerator CORE_NOMEM */
        SYMBRIDGE_FACT(0x3720678b, 0x3a7792c8, (CORE_IO)), /* enumerator CORE_IO */
        SYMBRIDGE_FACT(0x60ccaac1, 0x74bde152, (CORE_STUCK)), /* enumerator CORE_STUCK */
        SYMBRIDGE_FACT(0x17e95d81, 0xe2a6e141, (CORE_INDEX)), /* enumerator CORE_INDEX */
        SYMBRIDGE_FACT(0x34c3c417, 0xdfcc196a, (CORE_TRUNCATED)), /* enumerator CORE_TRUNCATED */
        SYMBRIDGE_FACT(0x9b5a778f, 0x12d95fca, 0x6b473db4e8d0ac2bull), /* function core_status_message */
        SYMBRIDGE_FACT(0x554c8559, 0x027c96ad, 0x6b473db4e8d0ac2bull), /* function core_error_message */
        SYMBRIDGE_FACT(0x1638d1b9, 0x2a35464a, (CORE_VERSION_MAJOR)), /* constant CORE_VERSION_MAJOR */
        SYMBRIDGE_FACT(0x674edb8d, 0x7e9ada8c, (CORE_VERSION_MINOR)), /* constant CORE_VERSION_MINOR */
        SYMBRIDGE_FACT(0xd1e6e6fa, 0x4b27e285, (CORE_VERSION_PATCH)), /* constant CORE_VERSION_PATCH */
        SYMBRIDGE_FACT(0xc9b94e9f, 0xd8e435ba, 0x0e4483c213bb9e3cull), /* function core_version */
        SYMBRIDGE_FACT(0x4a84e6ad, 0x60966226, 0x54c64ac60988012cull), /* variable core_version_number */
        SYMBRIDGE_FACT(0x758ffbe3, 0x048052b7, 0xef3718f4e4a940baull), /* function core_free */
        SYMBRIDGE_FACT(0x64787ad1, 0x72d38dda, SYMBRIDGE_WORDS(0xd1bb131203ee8cc8ull, 0xd52871b802a9774eull)), /* function core_set_allocator */
        SYMBRIDGE_FACT(0x51d29f75, 0x377cc0cf, (CORE_LUCAS_ORDER_MAX)), /* constant CORE_LUCAS_ORDER_MAX */
        SYMBRIDGE_FACT(0x10abf817, 0x8e774519, (CORE_LUCAS_NUMBERS_MAX)), /* constant CORE_LUCAS_NUMBERS_MAX */
        SYMBRIDGE_FACT(0xe86fb1ce, 0x744960ff, SYMBRIDGE_WORDS(0xacfb8ff7cd83ab48ull, 0x227ddf6cdd6edfdcull)), /* function core_lucas_new */
        SYMBRIDGE_FACT(0x702dd85e, 0x56663e95, 0x4e5a81c5addd39dbull), /* function core_lucas_free */
        SYMBRIDGE_FACT(0xf5bc8f41, 0x08508ed7, 0x77bde62cbb387c3bull), /* function core_lucas_next */
        SYMBRIDGE_FACT(0x592c5463, 0xced66900, SYMBRIDGE_WORDS(0x1f545814022e4903ull, 0x3f40268ee30faa43ull)), /* function core_lucas_take */
        SYMBRIDGE_FACT(0x592c5463, 0xced66900, SYMBRIDGE_WORDS(0x1f545814022e4903ull, 0x3f40268ee30faa43ull)), /* function core_lucas_take */
        SYMBRIDGE_FACT(0x88227e5b, 0x9cab0a98, SYMBRIDGE_WORDS(0x1185f43b8e5af756ull, 0x3f196b48c905483eull)), /* function core_lucas_available */
        SYMBRIDGE_FACT(0xda0ff4e8, 0x4b3db1b5, SYMBRIDGE_WORDS(0x7a1cecd6c59d536full, 0x7a26f8d6c5a5bc58ull)), /* function core_lucas_order */
        SYMBRIDGE_FACT(0xe43407f4, 0x6c6b44ff, SYMBRIDGE_WORDS(0x73799d96c160821dull, 0x42103331c25a6799ull)), /* function core_lucas_mod */
        SYMBRIDGE_FACT(0x00be8bb6, 0x820e3763, SYMBRIDGE_WORDS(0x8baa6b71bc806284ull, 0xc0226051392879bcull)), /* function core_lucas_numbers */
        SYMBRIDGE_FACT(0xef55c74f, 0xa7faad9c, (CORE_YEAR_MIN)), /* constant CORE_YEAR_MIN */
        SYMBRIDGE_FACT(0xef3ee101, 0xa7df9b9c, (CORE_YEAR_MAX)), /* constant CORE_YEAR_MAX */
        SYMBRIDGE_FACT(0xbff7579a, 0xec133848, sizeof(struct core_date)), /* sizeof struct core_date */
        SYMBRIDGE_FACT(0x21bda4ec, 0xc5567458, _Alignof(struct core_date)), /* alignof struct core_date */
        SYMBRIDGE_FACT(0x74bbaac1, 0x7603c650, 0x871c3ef0a48c251aull), /* members struct core_date */
        SYMBRIDGE_FACT(0x67f372ff, 0x8a4a3a41, offsetof(struct core_date, year)), /* offsetof struct core_date.year */
        SYMBRIDGE_FACT(0x8558d7b4, 0xf59474b3, offsetof(struct core_date, month)), /* offsetof struct core_date.month */
        SYMBRIDGE_FACT(0x105579d0, 0x9d56c623, offsetof(struct core_date, day)), /* offsetof struct core_date.day */
        SYMBRIDGE_FACT(0x40b659a2, 0xfe979825, sizeof(struct core_duration)), /* sizeof struct core_duration */
        SYMBRIDGE_FACT(0x2e29e168, 0xd1588045, _Alignof(struct core_duration)), /* alignof struct core_duration */
        SYMBRIDGE_FACT(0x9e7722c5, 0x2daed443, 0x3ab79dfc65c91d8aull), /* members struct core_duration */
        SYMBRIDGE_FACT(0xc3a05b7d, 0x70445bc8, offsetof(struct core_duration, days)), /* offsetof struct core_duration.days */
        SYMBRIDGE_FACT(0xf88308ab, 0xfc126bdb, offsetof(struct core_duration, seconds)), /* offsetof struct core_duration.seconds */
        SYMBRIDGE_FACT(0x31ed569f, 0xe0448545, offsetof(struct core_duration, microseconds)), /* offsetof struct core_duration.microseconds */
        SYMBRIDGE_FACT(0xf5927020, 0xc7a15439, 0x3ee79fb420cdfba0ull), /* function core_seconds_before */
        SYMBRIDGE_FACT(0x5d050076, 0x29f23ee7, 0xf05ce2650ecdb58eull), /* function core_before */
        SYMBRIDGE_FACT(0xd7851157, 0xb020ae27, 0x77345b1968a4116bull), /* function core_to_timestamp */
        SYMBRIDGE_FACT(0xe48b4bce, 0x81cc99c6, 0x7ad0c48ae8d849c1ull), /* function core_from_timestamp */
        SYMBRIDGE_FACT(0x4ed38eb9, 0xa14035bd, 0x91813a4f0bb3358aull), /* function core_days_between */
        SYMBRIDGE_FACT(0x6ce91006, 0xa1b3e89c, sizeof(enum core_quadrant)), /* sizeof enum core_quadrant */
        SYMBRIDGE_FACT(0xe5a15506, 0x83b74520, (CORE_QUADRANT_ORIGIN)), /* enumerator CORE_QUADRANT_ORIGIN */
        SYMBRIDGE_FACT(0x64ca8da8, 0xfe4e2539, (CORE_QUADRANT_X_AXIS)), /* enumerator CORE_QUADRANT_X_AXIS */
        SYMBRIDGE_FACT(0x3f3d8561, 0x1bdda442, (CORE_QUADRANT_Y_AXIS)), /* enumerator CORE_QUADRANT_Y_AXIS */
        SYMBRIDGE_FACT(0x3ef881f2, 0x0f627eff, (CORE_QUADRANT_FIRST)), /* enumerator CORE_QUADRANT_FIRST */
        SYMBRIDGE_FACT(0xff3528ab, 0x1f07bf62, sizeof(enum core_axis)), /* sizeof enum core_axis */
        SYMBRIDGE_FACT(0xb8c4ae8d, 0xb9da7528, (CORE_AXIS_NONE)), /* enumerator CORE_AXIS_NONE */
        SYMBRIDGE_FACT(0xf3ca2a09, 0x1dc65409, (CORE_AXIS_X)), /* enumerator CORE_AXIS_X */
        SYMBRIDGE_FACT(0xf3ca2856, 0x1dc65309, (CORE_AXIS_Y)), /* enumerator CORE_AXIS_Y */
        SYMBRIDGE_FACT(0xf3ca26a3, 0x1dc65209, (CORE_AXIS_Z)), /* enumerator CORE_AXIS_Z */
        SYMBRIDGE_FACT(0xd1d7e8ff, 0xdba0ce8b, (CORE_POINT_TEXT_SIZE)), /* constant CORE_POINT_TEXT_SIZE */
        SYMBRIDGE_FACT(0xb97dc0cf, 0xab452051, (CORE_POINT_DIMENSIONS)), /* constant CORE_POINT_DIMENSIONS */
        SYMBRIDGE_FACT(0x8dd5b780, 0xa24733bd, sizeof(struct core_point)), /* sizeof struct core_point */
        SYMBRIDGE_FACT(0x1821020e, 0x278bfd5b, _Alignof(struct core_point)), /* alignof struct core_point */
        SYMBRIDGE_FACT(0xd6b872b9, 0xc7434c17, 0x3c4cdb1e4c4d2300ull), /* members struct core_point */
        SYMBRIDGE_FACT(0xb7cd8c04, 0x93a4dc34, offsetof(struct core_point, x)), /* offsetof struct core_point.x */
        SYMBRIDGE_FACT(0xb7cd8db7, 0x93a4dd34, offsetof(struct core_point, y)), /* offsetof struct core_point.y */
        SYMBRIDGE_FACT(0x6711e136, 0xdd656145, 0x529d5653eceb0ff5ull), /* function core_point_dist */
        SYMBRIDGE_FACT(0x33813a29, 0x395d6ad2, 0x1a536c659fc8bef4ull), /* function core_point_add */
        SYMBRIDGE_FACT(0x5c9e8754, 0x9dcbab6e, 0xc4721362e67bce13ull), /* function core_point_origin */
        SYMBRIDGE_FACT(0xbb221912, 0xd30b856e, 0xf477399101e1a2a6ull), /* function core_point_manhattan */
        SYMBRIDGE_FACT(0x26b897ac, 0x5f76c876, 0x59c881902be74a0dull), /* function core_point_norm */
        SYMBRIDGE_FACT(0x9cddb975, 0x93b98a8c, 0x5a326c2c03650802ull), /* function core_point_set_norm */
        SYMBRIDGE_FACT(0xaba56ae2, 0x991e60d4, 0x612f95faffa16b46ull), /* function core_point_quadrant */
        SYMBRIDGE_FACT(0x99020eb3, 0x1e8d712d, 0x612f95faffa16b46ull), /* function core_point_axes */
        SYMBRIDGE_FACT(0xc478c9f1, 0xb0f9d13f, SYMBRIDGE_WORDS(0xc4e899448c88527eull, 0xd369ee7845a8a5a6ull)), /* function core_point_format */
        SYMBRIDGE_FACT(0x02272529, 0x94b49e18, sizeof(struct core_point3)), /* sizeof struct core_point3 */
        SYMBRIDGE_FACT(0x0016cda7, 0x53e1beca, _Alignof(struct core_point3)), /* alignof struct core_point3 */
        SYMBRIDGE_FACT(0xdb6aa07e, 0x4fccd681, 0x416498e68a9e70ceull), /* members struct core_point3 */
        SYMBRIDGE_FACT(0x5cdb810a, 0xfa5b56d1, offsetof(struct core_point3, base)), /* offsetof struct core_point3.base */
        SYMBRIDGE_FACT(0xcc8f6227, 0xc3585a93, offsetof(struct core_point3, z)), /* offsetof struct core_point3.z */
        SYMBRIDGE_FACT(0x6b5c5b43, 0x364c3ed7, 0xb5624d330025cbc3ull), /* function core_point3_dist */
        SYMBRIDGE_FACT(0x745df96a, 0x96693ead, 0x49e29bf984906c21ull), /* function core_point3_axes */
        SYMBRIDGE_FACT(0x0e7871bc, 0x27e488af, SYMBRIDGE_WORDS(0x2062e4e1eebf2945ull, 0x386deea7e5b21365ull)), /* function core_point3_format */
        SYMBRIDGE_FACT(0x82408e42, 0x1326392f, SYMBRIDGE_WORDS(0xcf6686f104849098ull, 0x1f232d77aa456c75ull)), /* function core_point_array_new */
        SYMBRIDGE_FACT(0xf52641da, 0x5d9b8b77, 0x55efab7d85ce645full), /* function core_point_array_free */
        SYMBRIDGE_FACT(0xac9f99fd, 0x17d31b25, SYMBRIDGE_WORDS(0x98fb55531aadd413ull, 0x98ea59531a9f67acull)), /* function core_point_array_size */
        SYMBRIDGE_FACT(0xf92e3711, 0xc7575558, SYMBRIDGE_WORDS(0xb4d188d97d2814ccull, 0x5959e97bb989d5bdull)), /* function core_point_array_at */
        SYMBRIDGE_FACT(0xc14a210c, 0x82e14b2f, SYMBRIDGE_WORDS(0xbcb2f149a0ba5685ull, 0xfb587cdfc335d4f4ull)), /* function core_point_array_set */
        SYMBRIDGE_FACT(0x5f41b420, 0xd5bf172f, SYMBRIDGE_WORDS(0x9c64de4be9f1d803ull, 0xf19f3b6291ff9b8cull)), /* function core_point_array_get */
        SYMBRIDGE_FACT(0xcf92630c, 0x83675a65, 0x6d330df52bc2ecfeull), /* function core_point_array_data */
        SYMBRIDGE_FACT(0x8ce427ee, 0x62672998, SYMBRIDGE_WORDS(0x5b953271659a00c9ull, 0x8f20352984e84614ull)), /* function core_point_array_nearest */
        SYMBRIDGE_FACT(0x087b9c58, 0x1e2de380, SYMBRIDGE_WORDS(0x01f18d896fb3ccc7ull, 0xf6e46607b57ccd04ull)), /* function core_integrate */
        SYMBRIDGE_FACT(0x6d0ba99f, 0x3c54bffa, 0xfa22c62bd440d538ull), /* function core_timer_new */
        SYMBRIDGE_FACT(0x94ed4d9d, 0xd8f763c9, 0x8ce4b6a0d5ab8e1cull), /* function core_timer_free */
        SYMBRIDGE_FACT(0x3a8ed8bd, 0x2d0995d0, 0x97884a268972c3d2ull), /* function core_timer_fired */
        SYMBRIDGE_FACT(0x5b5c7d43, 0xda532a68, 0x54c64ac60988012cull), /* variable core_greetings */
        SYMBRIDGE_FACT(0x64318b9b, 0x235c8762, 0x8f6b1daf317a8707ull), /* function core_say_hello */
        SYMBRIDGE_FACT(0xb49fb427, 0x744268b7, 0xddee20bb8c32e768ull), /* function core_fact */
        SYMBRIDGE_FACT(0x23cabbbf, 0xb38709b7, 0x67787005fee1e9edull), /* function core_sum_as_string */
        SYMBRIDGE_FACT(0xdccd38d6, 0x83b0e247, (CORE_SUM_TEXT_SIZE)), /* constant CORE_SUM_TEXT_SIZE */
        SYMBRIDGE_FACT(0x31a7aaff, 0xda5096b4, SYMBRIDGE_WORDS(0x1286b4befc95731dull, 0x2df018e21928061dull)), /* function core_sum_to_buffer */
        SYMBRIDGE_FACT(0xefd70f9d, 0x35b92f52, SYMBRIDGE_WORDS(0x90fd138cef320a19ull, 0x6bb769b4a5a61da4ull)), /* function core_word_count */
        SYMBRIDGE_FACT(0xc0c2c200, 0xf173a1d1, 0x37505078d1515141ull), /* function core_count_lines */
        SYMBRIDGE_FACT(0x64a8d35d, 0x7fa024e7, 0x8f6b1daf317a8707ull), /* function core_throws_error */
    },
};
