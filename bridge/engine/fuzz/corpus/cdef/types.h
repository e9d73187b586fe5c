typedef float v4 __attribute__((vector_size(16))); typedef _Complex float tc __attribute__((mode(TC)));
typedef struct point { int x; _Atomic(long long) y; } *pp, point_t __attribute__((aligned(64)));
typedef union { int *i; pp p; } any __attribute__((__transparent_union__));
struct bits { unsigned a : 3; _Bool b : 1; enum { K } c : 4; int : 0; char d; } __attribute__((packed));
typedef __typeof__(((struct bits *)0)->d) dt; extern _Complex _Float128 q(any, v4);
enum big : unsigned char { L = sizeof ((pp)0)->y, M = (long)&((pp)0)->y, Z = __alignof__(dt) };
int arr<:2:>; struct s <% int (*f[3])(int, int[static 2]); struct s *next[]; %>;
#pragma pack(push, 2)
union u { _Float16 h; struct { long l; union { char c; short s; }; }; };
#pragma pack(pop)
_Static_assert(sizeof(union u) == 10, "size");
