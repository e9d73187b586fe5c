"""Descriptions verified against headers, by the compiler of the headers."""

from __future__ import annotations

import resource
import shutil
from pathlib import Path

import pytest

from symbridge import declarations
from symbridge.check.compiler import Options
from symbridge.check.headers import HeaderCheck, check_headers
from symbridge.check.scanning import scan
from symbridge.failure import ToolError

ROOT = Path(__file__).parent.parent

COMPILERS = [
    pytest.param(name, marks=pytest.mark.skipif(not shutil.which(name), reason=f"no {name}"))
    for name in ("gcc", "clang")
]

#: A header that is a description as well.
HEADER = """\
#ifndef SHAPES_H
#define SHAPES_H
#include <stdint.h>
#include <stddef.h>
#define SHAPES_MAX 12
#define SHAPES_MIN (-3)
#define SHAPES_BIG 0xffffffffffffffffu
#define SHAPES_NAME "shapes \\"1\\""
#define SHAPES_RATIO 1.25
enum color { RED, GREEN = 5, BLUE = -2 };
typedef enum { ROUND, SQUARE } form;
typedef struct { int32_t x, y; } place;
struct flags { unsigned a : 3; int b : 5; _Bool c : 1; unsigned : 0; uint64_t d : 40; };
struct nested {
    char kind;
    struct { short first; int second[3]; } inner;
    struct { uint8_t low : 4; uint8_t high : 4; float weight; } many[2];
    union { int number; double real; };
    struct { int deep; } *link;
};
struct __attribute__((packed)) tight { char c; int32_t n; };
struct tail { size_t count; place items[]; };
struct node { struct node *next; const char *name; int (*visit)(struct node *self, void *user); };
struct hidden;
typedef struct hidden *handle;
extern int shapes_count;
extern const char *const shapes_names[4];
int shapes_plain(int first, long second);
double shapes_area(form shape, const place *where, size_t n);
place shapes_move(place where, struct tight by);
handle shapes_open(const char *name, enum color color);
int shapes_print(const char *format, ...);
void shapes_each(handle h, int (*function)(place where, void *user), void *user);
void shapes_sort(void *base, size_t n, int (*compare)(const void *, const void *));
char **shapes_list(int matrix[3][4], unsigned char *bytes, long double _Complex *z);
#endif
"""


@pytest.fixture
def header(tmp_path: Path) -> Path:
    path = tmp_path / "shapes.h"
    path.write_text(HEADER)
    return path


def described(text: str) -> declarations.Description:
    """The header's declarations as a description."""
    lines = [line for line in text.splitlines() if not line.startswith(("#i", "#e"))]
    kept = [line for line in lines if line != "#define SHAPES_H"]
    return declarations.parse("\n".join(kept), "shapes.bridge")


def check(text: str, header: Path, compiler: str = "", strict: bool = False) -> HeaderCheck:
    options = Options(compiler=compiler)
    return check_headers(described(text), [str(header)], options, strict=strict)


@pytest.mark.parametrize("compiler", COMPILERS)
@pytest.mark.parametrize("strict", [False, True])
def test_a_faithful_description_is_verified_whole(
    header: Path, compiler: str, strict: bool
) -> None:
    result = check(HEADER, header, compiler, strict)
    assert result.differences == []
    assert result.harmless == []
    assert result.unverified == []
    assert len(result.verified) == 23


#: One change to the description each, and the difference that it makes.
CHANGES = [
    ("SHAPES_MAX 12", "SHAPES_MAX 13", "constant", "SHAPES_MAX", "13", "12"),
    ("(-3)", "3", "constant", "SHAPES_MIN", "3", "-3"),
    ("0xffffffffffffffffu", "(-1)", "constant", "SHAPES_BIG", "-1", str(2**64 - 1)),
    ('shapes \\"1\\"', "shapes", "constant", "SHAPES_NAME", '"shapes"', '"shapes \\"1\\""'),
    ("1.25", "1.5", "constant", "SHAPES_RATIO", "1.5", "1.25"),
    ("GREEN = 5", "GREEN = 6", "enumerator", "GREEN", "6", "5"),
    ("BLUE = -2", "BLUE = 2", "enumerator", "BLUE", "2", "-2"),
    ("ROUND, SQUARE", "ROUND, OVAL", "enumerator missing", "OVAL", "1", "nothing"),
    ("int32_t x, y;", "int32_t y, x;", "offset", "place.x", "4", "0"),
    ("a : 3; int b : 5", "a : 4; int b : 4", "bit-field", "struct flags.a", "4 bits at bit 0",
     "3 bits at bit 0"),
    ("int b : 5", "unsigned b : 5", "field type", "struct flags.b", "unsigned int", "int"),
    ("d : 40", "d : 41", "bit-field", "struct flags.d", "41 bits at bit 64", "40 bits at bit 64"),
    ("second[3]", "second[4]", "field type", "struct nested.inner", None, None),
    ("low : 4; uint8_t high", "high : 4; uint8_t low", "field type", "struct nested.many", None,
     None),
    ("float weight", "int weight", "field type", "struct nested.many", None, None),
    ("many[2]", "many[3]", "field type", "struct nested.many", None, None),
    ("double real", "float real", "field type", "struct nested.real", "float", "double"),
    ("__attribute__((packed)) ", "", "size", "struct tight", "8", "5"),
    ("place items[]", "place items[1]", "size", "struct tail", "16", "8"),
    ("struct node *self, void *user", "struct node *self, int user", "field type",
     "struct node.visit", None, None),
    ("struct node *next; const char *name", "struct node *next", "field added",
     "struct node.name", "nothing", "const char *name"),
    ("int shapes_count", "long shapes_count", "variable type", "shapes_count",
     "long shapes_count", "int shapes_count"),
    ("shapes_names[4]", "shapes_names[5]", "variable type", "shapes_names", None, None),
    ("int first, long second", "long first, int second", "parameter type", "shapes_plain",
     "long first", "int first"),
    ("int first, long second", "long second, int first", "parameter order", "shapes_plain", None,
     None),
    ("const char *name, enum color color", "const char *name, uint64_t color", "parameter type",
     "shapes_open", "uint64_t color", "enum color color"),
    ("double shapes_area", "float shapes_area", "result", "shapes_area", "float", "double"),
    ("size_t n);\nplace", "uint32_t n);\nplace", "parameter type", "shapes_area", "uint32_t n",
     "unsigned long n"),
    ("const place *where, size_t n", "const place **where, size_t n", "parameter type",
     "shapes_area", None, None),
    ("place where, struct tight by", "place where, struct flags by", "parameter type",
     "shapes_move", "struct flags by", "struct tight by"),
    ("const char *format, ...", "const char *format", "variadic", "shapes_print", None, None),
    ("(place where, void *user), void *user", "(place *where, void *user), void *user",
     "parameter type", "shapes_each", None, None),
    ("matrix[3][4]", "matrix[3][5]", "parameter type", "shapes_list", None, None),
    ("long double _Complex", "double _Complex", "parameter type", "shapes_list", None, None),
    ("const char *name, enum color color", "enum color color", "parameter count", "shapes_open",
     None, None),
]  # fmt: skip


@pytest.mark.parametrize(
    ("compiler", "before", "after", "kind", "name", "mine", "theirs"),
    # clang for a part of them: what it says of types and values is what differs
    [("gcc", *change) for change in CHANGES] + [("clang", *change) for change in CHANGES[::3]],
)
def test_a_drift_is_found(
    header: Path,
    compiler: str,
    before: str,
    after: str,
    kind: str,
    name: str,
    mine: str | None,
    theirs: str | None,
) -> None:
    if not shutil.which(compiler):
        pytest.skip(f"no {compiler}")
    assert HEADER.count(before) == 1
    text = HEADER.replace(before, after)
    result = check(text, header, compiler)
    found = [d for d in result.differences if (d.kind, d.name) == (kind, name)]
    assert found, [d.sentence for d in result.differences]
    assert found[0].breaking
    if mine is not None:
        assert (found[0].described, found[0].actual) == (mine, theirs)
    assert found[0].location.file == "shapes.bridge"
    assert found[0].location.line > 0
    if kind != "enumerator missing":
        assert found[0].actual_location.file == str(header)


@pytest.mark.parametrize("compiler", COMPILERS)
@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("const char *format", "char *format"),
        ("const place *where, size_t n", "place *where, size_t n"),
        ("handle h", "void *h"),
        ("void *base", "int *base"),
        ("form shape", "int shape"),
        ("long second", "long long second"),
    ],
)
def test_what_makes_no_difference_does_not_fail(
    header: Path, compiler: str, before: str, after: str
) -> None:
    assert HEADER.count(before) == 1
    result = check(HEADER.replace(before, after), header, compiler)
    assert result.differences == []
    assert len(result.harmless) == 1
    assert len(result.verified) == 23


def test_parameter_names_are_said_when_asked(header: Path) -> None:
    text = HEADER.replace("int first", "int one")
    assert check(text, header).harmless == []
    (found,) = check(text, header, strict=True).harmless
    assert (found.kind, found.breaking) == ("parameter name", False)


def test_text_read_as_bytes_is_noted(header: Path) -> None:
    result = check(HEADER.replace("unsigned char *bytes", "char *bytes"), header)
    assert [(d.kind, d.breaking) for d in result.differences] == [("parameter type", False)]
    assert "function shapes_list" in result.verified


def test_macros_and_absent_things_are_told_apart(tmp_path: Path) -> None:
    header = tmp_path / "few.h"
    header.write_text("#define twice(x) ((x) * 2)\nint f(void);\nstruct s;\n")
    text = """int twice(int x); int f(void); int g(void); extern int v; enum { A };
    struct s { int x; }; struct t { int y; };
    #define C 1
    """
    result = check_headers(declarations.parse(text), [str(header)])
    assert result.verified == ["function f"]
    reasons = {item.thing: item.reason for item in result.unverified}
    assert reasons["function twice"].startswith("is a macro")
    assert reasons["function g"] == "is not declared by the headers"
    assert set(reasons) == {
        "function twice", "function g", "variable v", "enum {A...}", "struct s", "struct t",
        "constant C",
    }  # fmt: skip


def test_a_declared_function_behind_a_macro_is_verified(tmp_path: Path) -> None:
    header = tmp_path / "macro.h"
    header.write_text(
        "int f(int x);\n#define f(x) ((x) + 1)\nint g(int x);\nint g64(long x);\n#define g g64\n"
    )
    result = check_headers(declarations.parse("int f(int x); int g(int x);"), [str(header)])
    assert result.verified == ["function f", "function g"]


def test_a_macro_with_the_name_of_a_field_is_out_of_its_way(tmp_path: Path) -> None:
    header = tmp_path / "field.h"
    header.write_text("struct s { int limit; int b : 3; };\n#define limit 7\n")
    text = "#define limit 7\nstruct s { int limit; int b : 3; };"
    result = check_headers(declarations.parse(text), [str(header)])
    assert (result.differences, result.verified) == ([], ["constant limit", "struct s"])


def test_a_function_without_a_prototype_is_not_verified(tmp_path: Path) -> None:
    header = tmp_path / "old.h"
    header.write_text("int f();\nint g();\n")
    result = check_headers(
        declarations.parse("int f(int x); int g();"), [str(header)], Options(std="gnu17")
    )
    assert result.verified == ["function g"]
    assert [item.reason for item in result.unverified] == ["is declared without a prototype"]


def test_a_macro_that_is_no_constant_is_not_verified(tmp_path: Path) -> None:
    header = tmp_path / "call.h"
    header.write_text("int f(void);\n#define LIMIT f()\nstatic const int other = 3;\n")
    text = "#define LIMIT 3\n#define other 3\n"
    result = check_headers(declarations.parse(text), [str(header)])
    assert (result.differences, result.verified) == ([], ["constant other"])
    assert [item.reason for item in result.unverified] == [
        "is no constant expression in the headers"
    ]


@pytest.mark.parametrize(("kind", "breaks"), [("int", False), ("long", True)])
def test_a_record_of_another_name_is_compared_by_its_layout(
    tmp_path: Path, kind: str, breaks: bool
) -> None:
    header = tmp_path / "named.h"
    header.write_text("struct theirs { int x; struct theirs *next; };\nint f(struct theirs *p);\n")
    text = f"struct mine {{ {kind} x; struct mine *next; }}; int f(struct mine *p);"
    result = check_headers(declarations.parse(text), [str(header)])
    assert [(d.kind, d.breaking) for d in result.differences] == (
        [("parameter type", True)] if breaks else []
    )


def test_a_compiler_that_fails_without_a_word_is_an_error(tmp_path: Path) -> None:
    compiler = tmp_path / "cc"
    compiler.write_text('#!/bin/sh\ncase " $* " in *" -E "*) exec cc "$@";; esac\nexit 4\n')
    compiler.chmod(0o755)
    with pytest.raises(ToolError, match="failed without a message"):
        check_headers(
            declarations.parse("int puts(const char *);"), ["stdio.h"],
            Options(compiler=str(compiler)),
        )  # fmt: skip


def test_a_function_under_another_name_is_verified_by_its_symbol(tmp_path: Path) -> None:
    header = tmp_path / "asm.h"
    header.write_text("int f(int *x);\n")
    text = 'int in_python(long *x) __asm__("f");'
    result = check_headers(declarations.parse(text), [str(header)])
    assert [(d.kind, d.name) for d in result.differences] == [("parameter type", "in_python")]


@pytest.mark.parametrize("compiler", COMPILERS)
def test_a_header_that_does_not_compile_shows_the_compilers_message(
    tmp_path: Path, compiler: str
) -> None:
    header = tmp_path / "bad.h"
    header.write_text("int f(void);\nint g(unheard_of x);\n")
    with pytest.raises(ToolError, match=r"bad\.h:2:.*error: unknown type name 'unheard_of'"):
        check_headers(declarations.parse("int f(void);"), [str(header)], Options(compiler=compiler))


def test_a_header_that_is_not_there_shows_the_compilers_message() -> None:
    with pytest.raises(ToolError, match="no_such_header.h"):
        check_headers(declarations.parse("int f(void);"), ["no_such_header.h"])


def test_a_compiler_that_is_not_there_is_an_error() -> None:
    with pytest.raises(ToolError, match="no C compiler: no-such-cc"):
        check_headers(
            declarations.parse("int f(void);"), ["stdio.h"], Options(compiler="no-such-cc")
        )


def test_macros_and_directories_reach_the_compiler(tmp_path: Path) -> None:
    (tmp_path / "inner.h").write_text("#ifdef WIDE\nlong f(void);\n#else\nint f(void);\n#endif\n")
    description = declarations.parse("long f(void);")
    options = Options(include_dirs=[str(tmp_path)])
    assert check_headers(description, ["inner.h"], options).differences
    options = Options(include_dirs=[str(tmp_path)], defines=["WIDE"], std="c99")
    assert check_headers(description, ["inner.h"], options).differences == []


def spent() -> float:
    """Seconds of work, here and in the compiler, however much else the machine does."""
    who = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return sum(used.ru_utime + used.ru_stime for used in map(resource.getrusage, who))


def test_a_thousand_functions_take_less_than_five_seconds(tmp_path: Path) -> None:
    lines = [f"int f{i}(int a, const char *b, struct s{i % 100} *c);" for i in range(1000)]
    records = [f"struct s{i} {{ int a; double b[{i + 1}]; }};" for i in range(100)]
    header = tmp_path / "many.h"
    header.write_text("\n".join(records + lines))
    text = header.read_text().replace("f7(int a", "f7(long a")
    began = spent()
    result = check_headers(declarations.parse(text), [str(header)])
    assert spent() - began < 5
    assert len(result.verified) == 1099
    assert [d.name for d in result.differences] == ["f7"]


def test_libcore_is_as_described() -> None:
    description = declarations.parse_file(ROOT / "libcore" / "core.bridge")
    options = Options(include_dirs=[str(ROOT / "libcore" / "include")])
    result = check_headers(description, ["core/core.h"], options)
    assert (result.differences, result.unverified) == ([], [])
    assert len(result.verified) > 60


def test_the_scanner_finds_names_in_odd_declarators() -> None:
    found = scan(
        '# 1 "odd.h"\n'
        "extern int (plain)(int a, char *b[], void (*c)(int x), unsigned, struct s *, t *const d)"
        ";\n"
        "static inline int body(int a) { struct q { int z; } v = { a }; return v.z; }\n"
        "int (*pointer)(int), array[3];\n"
        '__attribute__((noreturn)) void stop(void) __asm__("other");\n'
        "char *(*returns(int n))(void);\n"
    )
    assert found.functions["plain"].parameters == ("a", "b", "c", "", "", "d")
    assert set(found.functions) == {"plain", "body", "stop", "returns"}
    assert set(found.objects) == {"pointer", "array"}
    assert str(found.functions["stop"].location) == "odd.h:4"


def test_the_scanner_is_not_stopped_by_deep_nesting() -> None:
    assert scan("int f" + "(" * 100_000 + ")" * 100_000 + ";\nint g(void);").functions == {}
