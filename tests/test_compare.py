"""The comparison of two sets of declarations by what matters to callers."""

from __future__ import annotations

import pytest

from symbridge import declarations
from symbridge.compare import Difference, compare, examine
from symbridge.declarations import Alias, Description, Function, FunctionType, Parameter
from symbridge.failure import ToolError


def differences(
    described: str, actual: str, *, strict: bool = False, complete: bool = True
) -> list[Difference]:
    return compare(
        declarations.parse(described, "described.bridge"),
        declarations.parse(actual, "actual.h"),
        strict=strict,
        complete=complete,
    )


#: What changes a call or an access: description, header, the kind of difference, and of what.
BREAKING = [
    ("int f(int32_t a);", "int f(int64_t a);", "parameter type", "f"),
    ("int f(int32_t a);", "int f(uint32_t a);", "parameter type", "f"),
    ("int f(float a);", "int f(int32_t a);", "parameter type", "f"),
    ("int f(float a);", "int f(double a);", "parameter type", "f"),
    ("int f(long double a);", "int f(_Float128 a);", "parameter type", "f"),
    ("int f(int *a);", "int f(int a);", "parameter type", "f"),
    ("int f(int *a);", "int f(int **a);", "parameter type", "f"),
    ("int f(void *a);", "int f(void **a);", "parameter type", "f"),
    ("int f(int32_t *a);", "int f(int64_t *a);", "parameter type", "f"),
    ("int f(int8_t *a);", "int f(uint8_t *a);", "parameter type", "f"),
    ("int f(int32_t *a);", "int f(uint32_t *a);", "parameter type", "f"),
    ("int f(int (*a)[3]);", "int f(int (*a)[4]);", "parameter type", "f"),
    ("int f(void (*a)(int));", "int f(void (*a)(long));", "parameter type", "f"),
    ("int f(void (*a)(int));", "int f(void (*a)(int, int));", "parameter type", "f"),
    ("int f(void (*a)(void));", "int f(int (*a)(void));", "parameter type", "f"),
    ("struct a; struct b; int f(struct a *p);", "struct a; struct b; int f(struct b *p);",
     "parameter type", "f"),
    ("struct a { int x; }; int f(struct a p);", "struct a { int x; }; int f(struct a *p);",
     "parameter type", "f"),
    ("int f(_Bool a);", "int f(unsigned char a);", "parameter type", "f"),
    ("int f(int a, int b);", "int f(int a);", "parameter count", "f"),
    ("int f(int a);", "int f(int a, ...);", "variadic", "f"),
    ("int f(int from, int to);", "int f(int to, int from);", "parameter order", "f"),
    ("int f(void);", "long f(void);", "result", "f"),
    ("void f(void);", "int f(void);", "result", "f"),
    ("int f(void);", "int g(void);", "missing", "f"),
    ("int f(void);", "extern int f;", "kind", "f"),
    ("extern int f;", "int f(void);", "kind", "f"),
    ("extern int v;", "extern long v;", "variable type", "v"),
    ("extern int v[3];", "extern int v[4];", "variable type", "v"),
    ("#define C 1\n", "#define C 2\n", "constant", "C"),
    ('#define C "a"\n', '#define C "b"\n', "constant", "C"),
    ("#define C 1.5\n", "#define C 2.5\n", "constant", "C"),
    ("#define C 1\n", "enum { C = 2 };", "constant", "C"),
    ("#define C 1\n", "#define D 1\n", "missing", "C"),
    ("enum e { A };", "enum e { A = 1 };", "enumerator", "A"),
    ("enum e { A, B };", "enum e { A };", "enumerator missing", "B"),
    ("enum e { A };", "enum e { A, B = 0x100000000 };", "size", "enum e"),
    ("enum e { A };", "enum d { B };", "missing", "enum e"),
    ("struct s { int x; };", "struct s { int x, y; };", "size", "struct s"),
    ("struct s { int x; };", "struct s { int x, y; };", "field added", "struct s.y"),
    ("struct s { int x, y; };", "struct s { int x; };", "field missing", "struct s.y"),
    ("struct s { int x, y; };", "struct s { int y, x; };", "offset", "struct s.x"),
    ("struct s { int x; };", "struct s { float x; };", "field type", "struct s.x"),
    ("struct s { int x; };", "struct s { unsigned x; };", "field type", "struct s.x"),
    ("struct s { char x[4]; };", "struct s { char x[8]; };", "field type", "struct s.x"),
    ("struct s { int x : 3; };", "struct s { int x : 4; };", "bit-field", "struct s.x"),
    ("struct s { int x : 3; };", "struct s { int x; };", "bit-field", "struct s.x"),
    ("struct s { int x : 3; };", "struct s { int : 1, x : 3; };", "bit-field", "struct s.x"),
    ("struct s { int x : 3; };", "struct s { unsigned x : 3; };", "field type", "struct s.x"),
    ("struct s { char c; int x; };", "struct s { char c; int x; } __attribute__((packed));",
     "align", "struct s"),
    ("struct s { int x; };", "union s { int x; };", "kind", "struct s"),
    ("union u { float x; };", "union u { float x; int y; };", "field added", "union u.y"),
    ("struct s { struct { int a, b; } x; };", "struct s { struct { int b, a; } x; };",
     "field type", "struct s.x"),
]  # fmt: skip

#: The same bits, read otherwise: reported, and no break.
NOTED = [
    ("int f(char *a);", "int f(uint8_t *a);", "parameter type"),
    ("int f(char *a);", "int f(signed char *a);", "parameter type"),
    ("int f(void *a);", "int f(void (*a)(void));", "parameter type"),
    ("int f(int *a);", "int f(int (*a)[3]);", "parameter type"),
    ("enum a { A }; enum b { B }; int f(enum a x);", "enum a { A }; enum b { B }; int f(enum b x);",
     "parameter type"),
    ("struct s { int x; };", "struct s { int y; };", "field name"),
    ("enum e { A };", "enum e { A, B };", "enumerator added"),
    ("union u { int x; };", "union u { int x; unsigned y; };", "field added"),
    ("#define C 1\n", "#define C 1.0\n", "constant"),
    ('int f(void) __asm__("g");', 'int f(void) __asm__("h");', "symbol"),
]  # fmt: skip

#: What C tells apart and callers cannot.
STRICT = [
    ("int f(const char *a);", "int f(char *a);", "parameter type"),
    ("int f(const char *const *a);", "int f(char **a);", "parameter type"),
    ("int f(void *a);", "int f(int *a);", "parameter type"),
    ("struct s; int f(struct s *a);", "struct s; int f(void *a);", "parameter type"),
    ("int f(long a);", "int f(long long a);", "parameter type"),
    ("enum e { A }; int f(enum e a);", "enum e { A }; int f(unsigned a);", "parameter type"),
    ("enum e { A }; int f(enum e a);", "enum e { A }; int f(int a);", "parameter type"),
    ("int f(int a);", "int f(int b);", "parameter name"),
    ("int f(int a);", "int f();", "prototype"),
    ("extern int v;", "extern const int v;", "const"),
    ("struct s { const int x; };", "struct s { int x; };", "const"),
    ("struct a { int x; }; int f(struct a *p);",
     "struct a { int x; }; struct b { int x; }; int f(struct b *p);", "parameter type"),
    ("int f(wchar_t a);", "int f(int a);", "parameter type"),
]  # fmt: skip

#: What is the same.
SAME = [
    ("int f(uint32_t a);", "typedef unsigned word; int f(word b);"),
    ("int f(size_t a);", "int f(unsigned long a);"),
    ("int f(int a[3]);", "int f(int *a);"),
    ("int f(int a(void));", "int f(int (*a)(void));"),
    ("struct s; int f(struct s *a);", "struct s { int x; }; int f(struct s *a);"),
    (
        "struct s { int x; }; int f(struct s *a);",
        "struct s; struct s { int x; }; int f(struct s *);",
    ),
    ("typedef struct s s; int f(s *a);", "typedef struct { int x; } s; int f(s *a);"),
    ("typedef struct t { int x; } s; int f(s *a);", "typedef struct { int x; } s; int f(s *a);"),
    ("struct s { struct { int a; }; };", "struct s { int a; };"),
    ("struct s { struct s *next; int x; };", "struct s { struct s *next; int x; };"),
    ("extern int v[];", "extern int v[3];"),
    ("enum { A = 1 };", "#define A 1\n"),
    ("#define A 1\n", "enum e { A = 1 };"),
    ("enum e { A = 1, B };", "enum { A = 1 };\n#define B 2\n"),
    ('int f(int a) __asm__("g");', "int g(int a);"),
    ("int f(void);", "int f(void); int g(void); struct s { int x; };"),
]


def breaking(found: list[Difference]) -> list[Difference]:
    return [difference for difference in found if difference.breaking]


@pytest.mark.parametrize(("described", "actual", "kind", "name"), BREAKING)
def test_what_changes_calls_breaks(described: str, actual: str, kind: str, name: str) -> None:
    found = breaking(differences(described, actual))
    assert (kind, name) in [(d.kind, d.name) for d in found]
    assert all(d.sentence for d in found)


@pytest.mark.parametrize(("described", "actual", "kind"), NOTED)
def test_what_is_only_read_otherwise_is_noted(described: str, actual: str, kind: str) -> None:
    found = differences(described, actual)
    assert [d.kind for d in found] == [kind]
    assert breaking(found) == []


@pytest.mark.parametrize(("described", "actual", "kind"), STRICT)
def test_what_only_c_tells_apart_is_said_when_asked(described: str, actual: str, kind: str) -> None:
    assert differences(described, actual) == []
    found = differences(described, actual, strict=True)
    assert kind in [d.kind for d in found]
    assert breaking(found) == []


@pytest.mark.parametrize(("described", "actual"), SAME)
def test_the_same_abi_has_no_difference(described: str, actual: str) -> None:
    assert differences(described, actual) == []


def test_a_difference_says_both_sides_and_where() -> None:
    (found,) = differences("\nint f(uint32_t n, int *out);", "\n\nint f(uint64_t n, int *out);")
    assert (found.described, found.actual) == ("uint32_t n", "uint64_t n")
    assert str(found.location) == "described.bridge:2"
    assert str(found.actual_location) == "actual.h:3"
    assert found.sentence == (
        "parameter 1 (n) of f is uint64_t, not uint32_t as described "
        "(unsigned integer of 4 bytes, not unsigned integer of 8 bytes)"
    )


def test_a_record_is_compared_once_however_many_use_it() -> None:
    users = "".join(f"int f{i}(struct s *a);" for i in range(5))
    found = differences("struct s { int x; };" + users, "struct s { long x; };" + users)
    assert {d.name for d in found} == {"struct s", "struct s.x"}
    assert len(found) == len(set(found))


def test_a_record_within_a_record_is_compared_as_itself() -> None:
    found = differences(
        "struct a { int x, y; }; struct b { struct a a; };",
        "struct a { int y, x; }; struct b { struct a a; };",
    )
    assert {d.name for d in found} == {"struct a.x", "struct a.y"}


def test_offsets_within_unnamed_members_count() -> None:
    found = differences(
        "struct s { int k; union { int a; struct { int b, c; }; }; };",
        "struct s { int k; union { int a; struct { int c, b; }; }; };",
    )
    assert [(d.name, d.described, d.actual) for d in found] == [
        ("struct s.b", "4", "8"),
        ("struct s.c", "8", "4"),
    ]


def test_an_optional_symbol_may_be_missing() -> None:
    found = differences("[[optional]] int f(void); int g(void);", "int h(void);")
    assert [d.name for d in breaking(found)] == ["g"]


def test_what_partial_data_lacks_is_not_a_break() -> None:
    described = declarations.parse("int f(void); struct s { int x; }; int g(int a);")
    actual = declarations.parse("int g(int a);")
    found = examine(described, actual, complete=False)
    assert breaking(found.differences) == []
    assert found.missing == ["function f", "struct s"]
    assert found.compared == ["function g"]


def test_cyclic_records_without_a_common_name_are_compared() -> None:
    found = differences(
        "struct a { struct a *next; int x; }; int f(struct a *p);",
        "struct b { struct b *next; long x; }; int f(struct b *p);",
    )
    assert ("parameter type", "f") in [(d.kind, d.name) for d in breaking(found)]


def test_types_nested_without_end_are_refused() -> None:
    kind = declarations.Scalar("int", declarations.Kind.INT, 4, 4)
    sides = []
    for _ in range(2):
        nested: declarations.Type = kind
        for _ in range(5000):
            nested = declarations.Pointer(nested)
        function = Function("f", FunctionType(nested, ()), "f")
        sides.append(Description("x", [function]))
    with pytest.raises(ToolError, match="nested more than"):
        compare(*sides)


def test_aliases_are_seen_through() -> None:
    described = declarations.parse("int f(uint32_t n);")
    word = declarations.Scalar("unsigned int", declarations.Kind.UINT, 4, 4)
    alias = Alias("word", Alias("inner", word))
    result = declarations.Scalar("int", declarations.Kind.INT, 4, 4)
    function = Function("f", FunctionType(result, (Parameter("n", alias),)), "f")
    assert compare(described, Description("x", [function])) == []
