typedef ... T, *P; typedef int... I; typedef unsigned long... U; typedef double... F;
struct x { int a; ...; }; struct y { struct x p; T *t; I i[3]; };
enum e { A, B = ..., C = 7, ... }; extern int a[...][3]; typedef int many[...];
#define X ...
#define Y -0x10
static const int N = ...; static const char *const S; int six = 6;
extern "Python" int f(int); extern "Python+C" { int g(T *, ...); void h(void); }
int __stdcall w(int); int (WINAPI *pointer)(I);
