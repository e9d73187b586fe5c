"""symbridge describe: what C headers declare, as the compiler sees it."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, ClassVar

import pytest

import symbridge
from symbridge import declarations
from symbridge.cli import main
from symbridge.declarations import (
    Alias,
    Array,
    Description,
    Enum,
    Function,
    Kind,
    Pointer,
    Qualifier,
    Record,
    Scalar,
    Void,
    resolved,
    spell,
)
from symbridge.failure import ToolError

pytest.importorskip("clang.cindex", reason="PyPI's libclang is not installed")

from symbridge.describe.clang import HeaderDescription, read_headers
from symbridge.describe.comments import cleaned
from symbridge.describe.making import Source, make
from symbridge.describe.write import write

Read = Callable[..., HeaderDescription]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Read the text of a header."""

    def read_text(text: str, **options: Any) -> HeaderDescription:
        header = tmp_path / "lib.h"
        header.write_text(text)
        return read_headers([str(header)], **options)

    return read_text


def function(description: Description, name: str) -> Function:
    return next(f for f in description.functions() if f.name == name)


def record(description: Description, name: str) -> Record:
    return next(r for r in description.records() if name in (r.tag, r.typedef))


def names(described: Sequence[object]) -> list[str]:
    return [getattr(d, "name", "") for d in described]


def written(description: Description) -> Description:
    """What the engine makes of the description's text."""
    return declarations.parse(write(description))


# ---- functions


def test_functions_keep_names_of_parameters_and_typedefs(read: Read) -> None:
    found = read("#include <stdint.h>\nuint32_t f(const char *text, uint8_t *restrict out);")
    f = function(found, "f")
    assert spell(f.type, "f", names=True) == "uint32_t f(const char *text, uint8_t *restrict out)"
    assert "uint32_t f(const char *text, uint8_t *restrict out);" in write(found)


def test_names_of_a_callbacks_parameters_are_kept(read: Read) -> None:
    found = read(
        "typedef int (*visit)(void *user, int n);\n"
        "void each(int (*f)(const char *name, void (*inner)(int depth)), visit v);"
    )
    text = write(found)
    assert "typedef int (*visit)(void *user, int n);" in text
    assert "void each(int (*f)(const char *name, void (*inner)(int depth)), visit v);" in text


def test_arrays_and_functions_as_parameters_are_pointers(read: Read) -> None:
    f = function(read("typedef int vec[3]; void f(int a[3], vec b, const vec c, int g(int));"), "f")
    shown = [spell(p.type) for p in f.type.parameters]
    assert shown == ["int *", "int *", "const int *", "int (*)(int)"]


def test_variadic_and_old_prototypes_are_told_apart(read: Read) -> None:
    found = read("int a(const char *f, ...); int b(); int c(void);")
    assert [(f.type.variadic, f.type.prototyped) for f in found.functions()] == [
        (True, True), (False, False), (False, True),
    ]  # fmt: skip


def test_attributes_and_typedefs_of_functions_change_nothing(read: Read) -> None:
    found = read(
        "typedef int fn(int a, char *b); fn declared; extern fn other;\n"
        "void stop(int code) __attribute__((noreturn)) __attribute__((nonnull));\n"
        "__attribute__((malloc, warn_unused_result)) void *get(unsigned long size);\n"
        "int (*chosen(int which))(const char *name);\n"
    )
    assert [spell(f.type, f.name, names=True) for f in found.functions()] == [
        "int declared(int a, char *b)", "int other(int a, char *b)", "void stop(int code)",
        "void *get(unsigned long size)", "int (*chosen(int which))(const char *)",
    ]  # fmt: skip
    assert len(list(written(found).functions())) == 5


def test_an_asm_label_is_the_symbol(read: Read) -> None:
    found = read('int f(int) __asm__("real_f"); extern int v __asm__("real_v");')
    assert function(found, "f").symbol == "real_f"
    assert [v.symbol for v in found.variables()] == ["real_v"]
    assert function(written(found), "f").symbol == "real_f"


def test_a_macro_that_renames_a_function_is_its_name(read: Read) -> None:
    found = read("#define lib_init __lib_init\nvoid lib_init(int *x);")
    (f,) = found.functions()
    assert (f.name, f.symbol) == ("lib_init", "__lib_init")
    assert '__asm__("__lib_init")' in write(found)


def test_a_macro_that_is_another_name_of_a_function_is_one_more_function(read: Read) -> None:
    found = read("void lib_new(int x);\n#define lib_old lib_new\n#define lib_older (lib_new)")
    assert [(f.name, f.symbol) for f in found.functions()] == [
        ("lib_new", "lib_new"), ("lib_old", "lib_new"), ("lib_older", "lib_new"),
    ]  # fmt: skip


def test_functions_made_by_macros_are_described(read: Read) -> None:
    found = read("#define API(name) int name##_one(int); int name##_two(void)\nAPI(x);\nAPI(y);")
    assert names(list(found.functions())) == ["x_one", "x_two", "y_one", "y_two"]


def test_inline_functions_are_left_out_and_listed(read: Read) -> None:
    found = read(
        "static inline int a(int x) { return x; }\n"
        "static int b(void) { return 1; }\n"
        "inline int c(void) { return 1; }\n"
        "extern int d(void);\nextern inline __attribute__((gnu_inline)) int d(void) { return 1; }\n"
    )
    assert names(list(found.functions())) == ["d"]
    assert sorted(names(found.inline)) == ["a", "b", "c"]


def test_several_declarations_of_a_function_are_one(read: Read) -> None:
    found = read("int f();\n/** Says it. */\nint f(int count);\nint f(int);")
    (f,) = found.functions()
    assert (f.doc, spell(f.type, "f", names=True)) == ("Says it.", "int f(int count)")


def test_a_deprecated_function_says_so(read: Read) -> None:
    found = read("int f(void) __attribute__((deprecated)); int g(void);")
    assert [[a.name for a in f.attributes] for f in found.functions()] == [["deprecated"], []]
    assert "[[deprecated]]\nint f(void);" in write(found)


def test_argument_lists_are_kept(read: Read) -> None:
    found = read("#include <stdarg.h>\nint f(const char *s, va_list ap); int g(va_list *ap);")
    assert "int f(const char *s, va_list ap);\nint g(va_list *ap);" in write(found)
    assert names(list(written(found).functions())) == ["f", "g"]


def test_types_that_calls_cannot_pass_are_described(read: Read) -> None:
    found = read(
        "typedef float v4 __attribute__((vector_size(16)));\n"
        "v4 f(__float128 q, long double l, double _Complex z, __int128 i);\n"
        "struct s { v4 v; __float128 q; };"
    )
    text = write(found)
    assert "typedef __attribute__((vector_size(16))) float v4;" in text
    assert "v4 f(_Float128 q, long double l, double _Complex z, __int128 i);" in text
    s = record(declarations.parse(text), "s")
    assert (s.size, s.align) == (32, 16)


# ---- records and enums


LAYOUTS = """
#include <stdint.h>
#include <stddef.h>
typedef struct { int a; struct { int b; union { char c; double d; }; }; int : 3; unsigned e : 4;
                 int : 0; struct { int z; } in; int arr[3][2]; char flex[]; } everything;
struct __attribute__((packed)) tight { char c; int i; double d; };
struct wide { char c; int i __attribute__((aligned(16))); } __attribute__((aligned(64)));
#pragma pack(push, 2)
struct two { char c; int i; double d; };
#pragma pack(pop)
struct bits { uint8_t a : 3; uint16_t b : 9; uint32_t c : 17; uint64_t d : 40; _Bool e : 1; };
struct __attribute__((packed)) tight_bits { int a : 3; int b : 30; char c; int d : 7; };
union any { int i; double d; char s[9]; };
struct inner_holder { struct held { int x; } *p, q; enum word { W1, W2 = 7 } w; };
struct unnamed_enum { enum { UE1 = 3, UE2 } kind; void *p; };
typedef struct self { struct self *next; struct other *o; } self;
struct callbacks { int (*f)(self *, void *user); void (*g[2])(void); };
struct mixed { char c; struct { short s; } __attribute__((packed)) n; max_align_t m; };
"""


def test_every_layout_is_the_compilers(tmp_path: Path) -> None:
    header = tmp_path / "layouts.h"
    header.write_text(LAYOUTS)
    found = read_headers([str(header)])
    read_again = written(found)
    claims = []
    for r in read_again.records():
        if r.fields is None or not r.name:
            continue
        claims.append(f"sizeof({r.name}) == {r.size} && _Alignof({r.name}) == {r.align}")
        claims += [
            f"offsetof({r.name}, {f.name}) == {f.offset}"
            for f in r.fields
            if f.name and f.bit_width is None
        ]
    assert len(claims) > 40
    source = tmp_path / "claims.c"
    asserts = "\n".join(f'_Static_assert({claim}, "{claim}");' for claim in claims)
    source.write_text(f'#include "layouts.h"\n{asserts}\n')
    checked = subprocess.run(
        ["cc", "-std=gnu11", "-fsyntax-only", source], capture_output=True, text=True
    )
    assert checked.returncode == 0, checked.stderr


def test_bit_fields_lie_where_the_compiler_has_them(read: Read) -> None:
    bits = [
        (f.offset, f.bit_offset, f.bit_width) for f in record(read(LAYOUTS), "bits").fields or ()
    ]
    again = record(written(read(LAYOUTS)), "bits")
    assert bits == [(0, 0, 3), (0, 3, 9), (2, 0, 17), (8, 0, 40), (13, 0, 1)] or bits[0] == (
        0,
        0,
        3,
    )
    assert [(f.offset, f.bit_offset, f.bit_width) for f in again.fields or ()] == bits


def test_records_of_other_headers_stay_opaque_until_they_are_needed(read: Read) -> None:
    found = read(
        "#include <sys/stat.h>\n#include <sys/time.h>\n#include <stdio.h>\n"
        "int by_pointer(struct stat *s, FILE *f);\n"
        "struct holds { struct timeval when; };\n"
    )
    text = write(found)
    assert "struct stat;" in text and "st_mode" not in text
    assert "struct timeval {" in text and "_IO_read_ptr" not in text
    assert names(list(found.records())) == ["struct holds"]
    declarations.parse(text)


def test_only_what_is_used_of_other_headers_is_written(read: Read) -> None:
    text = write(
        read("#include <stdio.h>\n#include <sys/types.h>\nsize_t f(off_t, pid_t, fpos_t *);")
    )
    assert text.splitlines()[-1] == "size_t f(off_t, pid_t, fpos_t *);"
    assert "printf" not in text


def test_enums_keep_values_types_and_names(read: Read) -> None:
    found = read(
        "enum a { A0, A1 = 5, A2 };\ntypedef enum { B0 = -1, B1 } b_t;\nenum { FREE = 9 };\n"
        "enum __attribute__((packed)) c { C0 };\nenum d { D0 = 0x80000000u, D1 = -1 };\n"
        "enum e { E0 = 0xffffffffffffffffu };\n"
    )
    again = written(found)
    values = [[(e.name, e.value) for e in enum.enumerators or ()] for enum in again.enums()]
    assert values == [
        [("A0", 0), ("A1", 5), ("A2", 6)], [("B0", -1), ("B1", 0)], [("FREE", 9)], [("C0", 0)],
        [("D0", 0x80000000), ("D1", -1)], [("E0", 2**64 - 1)],
    ]  # fmt: skip
    sizes = [e.underlying.size for e in again.enums() if e.underlying is not None]
    assert sizes == [4, 4, 4, 1, 8, 8]
    assert names(list(again.enums()))[:3] == ["enum a", "b_t", ""]


def test_an_opaque_struct_and_its_typedef_are_one_line(read: Read) -> None:
    assert write(read("typedef struct db db;\ndb *db_open(void);")).startswith(
        "typedef struct db db;\ndb *db_open(void);"
    )


def test_variables_keep_qualifiers_and_lengths(read: Read) -> None:
    found = read(
        "extern const char *const names[]; extern const char *const names[3]; extern int n;"
    )
    assert "extern const char *const names[3];" in write(found)


def test_a_variable_of_each_thread_is_left_out_and_noted(read: Read) -> None:
    found = read("extern _Thread_local int v; int f(void);")
    assert not list(found.variables())
    assert "thread" in str(found.notes[0])


# ---- macros and conditions


def test_macros_that_are_constants_have_the_compilers_values(read: Read) -> None:
    found = read(
        "enum { SEVEN = 7 };\n"
        '#define A 3\n#define B (A << 4 | 1)\n#define C \'x\'\n#define D 1.5f\n#define E "a" "b"\n'
        "#define F 0xffffffffffffffffULL\n#define G (-1L)\n#define H sizeof(long)\n"
        "#define I SEVEN\n"
        '#define N ((const unsigned char *) "n" "m")\n#define O (const char*)"o"\n'
        "#define J ((char)200)\n#define K (1 ? 2 : 3)\n#define L 1e400L\n#define M (double)1/3\n"
    )
    values = {c.name: c.value for c in found.constants()}
    assert values.pop("L") > 0  # type: ignore[operator]
    assert values == {
        "A": 3, "B": 49, "C": 120, "D": 1.5, "E": "ab", "F": 2**64 - 1, "G": -1, "H": 8, "I": 7,
        "J": -56, "K": 2, "M": 1 / 3, "N": "nm", "O": "o",
    }  # fmt: skip
    assert {c.name: c.value for c in written(found).constants()}["F"] == 2**64 - 1


def test_macros_that_are_no_constants_are_left_out_and_counted(read: Read) -> None:
    found = read(
        "#define EMPTY\n#define API extern\n#define CALL(x) ((x) + 1)\n#define PTR ((void *)0)\n"
        "#define BLOCK { 0, 1 }\n#define USE lib_f(1)\n#define TYPE unsigned long\n"
        "#define TWICE 1\n"
        "#undef TWICE\n#define WRONG (1\n#define NAME undeclared\nint lib_f(int);\n"
    )
    assert not list(found.constants())
    assert [m.name for m in found.function_macros] == ["CALL"]
    left = {m.name for m in found.other_macros}
    assert left == {"API", "PTR", "BLOCK", "USE", "TYPE", "TWICE", "WRONG", "NAME"}


def test_constants_of_other_headers_are_not_described(read: Read) -> None:
    found = read("#include <limits.h>\n#define MINE INT_MAX\n")
    assert {c.name: c.value for c in found.constants()} == {"MINE": 2**31 - 1}


def test_constants_stand_where_the_header_has_them(read: Read) -> None:
    found = read("#define A 1\nint f(void);\n#define B 2\nint g(void);\n#define C 3\n")
    assert names(found.declarations) == ["A", "f", "B", "g", "C"]


def test_conditional_code_is_as_the_compiler_sees_it(read: Read) -> None:
    text = "#ifdef EXTRA\nint extra(void);\n#endif\n#if WIDTH > 3\nint wide(void);\n#endif\n"
    assert names(list(read(text).functions())) == []
    assert names(list(read(text, defines=["EXTRA", "WIDTH=4"]).functions())) == ["extra", "wide"]
    text = "#if __STDC_VERSION__ >= 201112L\nint eleven(void);\n#endif\n"
    assert names(list(read(text, standard="c99").functions())) == []
    assert names(list(read(text, standard="c11").functions())) == ["eleven"]


# ---- which files


def test_headers_in_the_directory_of_a_named_one_are_described(tmp_path: Path) -> None:
    (tmp_path / "lib" / "sub").mkdir(parents=True)
    (tmp_path / "other").mkdir()
    (tmp_path / "lib" / "lib.h").write_text(
        "#include <sub/a.h>\n#include <theirs.h>\nint here(void);"
    )
    (tmp_path / "lib" / "sub" / "a.h").write_text("int inside(void);\n")
    (tmp_path / "other" / "theirs.h").write_text("int theirs(void);\ntypedef int theirs_t;\n")
    include = [str(tmp_path / "lib"), str(tmp_path / "other")]
    found = read_headers([str(tmp_path / "lib" / "lib.h")], include=include)
    assert names(list(found.functions())) == ["inside", "here"]
    found = read_headers(
        [str(tmp_path / "lib" / "lib.h")], include=include, include_from=["theirs.h"]
    )
    assert names(list(found.functions())) == ["inside", "theirs", "here"]


def test_headers_included_with_quotes_are_described(tmp_path: Path) -> None:
    for directory in ("lib", "quoted", "angled"):
        (tmp_path / directory).mkdir()
    (tmp_path / "lib" / "lib.h").write_text('#include "q.h"\n#  include <a.h>\nint here(void);\n')
    (tmp_path / "quoted" / "q.h").write_text("int in_quotes(void);\n")
    (tmp_path / "angled" / "a.h").write_text("int in_angles(void);\n")
    include = [str(tmp_path / "quoted"), str(tmp_path / "angled")]
    found = read_headers([str(tmp_path / "lib" / "lib.h")], include=include)
    assert names(list(found.functions())) == ["in_quotes", "here"]


def test_progress_is_told(read: Read) -> None:
    class Steps:
        told: ClassVar[list[tuple[int, int | None]]] = []

        def step(self, done: int, total: int | None = None, what: str = "") -> None:
            self.told.append((done, total))

    read("int f(void);\nint g(void);\n", progress=Steps())
    assert Steps.told[-1][0] == (Steps.told[-1][1] or 0) - 1


def test_only_and_exclude_choose_by_name(read: Read) -> None:
    text = "struct s { int x; }; typedef struct s s_t; int a_one(s_t x), a_two(void), b(void);"
    found = read(text, only=["a_*"], exclude=["*_two"])
    assert names(found.declarations) == ["a_one"]
    assert names(list(written(found).functions())) == ["a_one"]
    assert record(written(found), "s").size == 4


# ---- comments


@pytest.mark.parametrize(
    ("comment", "text"),
    [
        ("/** One line. */", "One line."),
        ("/*! Qt's way. */", "Qt's way."),
        ("/** First.\n *  Second.\n */", "First.\nSecond."),
        ("/**\n * First.\n *\n *   indented\n */", "First.\n\n  indented"),
        ("/// One.\n/// Two.", "One.\nTwo."),
        ("/***********\n * Boxed.\n ***********/", "Boxed."),
        ("/*\n** SQLite's.\n** Way.\n*/", "SQLite's.\nWay."),
    ],
)
def test_comments_are_cleaned(comment: str, text: str) -> None:
    assert cleaned(comment) == text


def test_doc_comments_become_documentation(read: Read) -> None:
    found = read(
        "/** A point. */\nstruct p { int x; /**< across */\n /** up */ int y; };\n"
        "/** Words. */\nenum w { /** first */ W1,\n W2 /**< second */ };\n"
        "/* not for documentation */\nint f(void);\n/// Says g.\nint g(void);\n"
    )
    again = written(found)
    p = record(again, "p")
    assert (p.doc, [f.doc for f in p.fields or ()]) == ("A point.", ["across", "up"])
    (w,) = again.enums()
    assert (w.doc, [e.doc for e in w.enumerators or ()]) == ("Words.", ["first", "second"])
    assert [f.doc for f in again.functions()] == ["", "Says g."]


def test_doc_comments_of_macros_are_documentation(read: Read) -> None:
    found = read(
        "/** The\n * first. */\n#define A 1\n#define B 2\n/* plain */\n#define C 3\n"
        "int f(void); /** of f */\n#define D 4\n"
    )
    assert {c.name: c.doc for c in found.constants()} == {
        "A": "The\nfirst.", "B": "", "C": "", "D": "",
    }  # fmt: skip
    assert next(written(found).constants()).doc == "The\nfirst."


def test_which_comments_count_can_be_chosen(read: Read) -> None:
    text = "/* plain */\nint f(void);\n/** doc */\nint g(void);\n"
    assert [f.doc for f in read(text, comments="all").functions()] == ["plain", "doc"]
    assert [f.doc for f in read(text, comments="none").functions()] == ["", ""]


def test_a_comment_that_is_not_utf_8_is_no_harm(tmp_path: Path) -> None:
    header = tmp_path / "latin.h"
    header.write_bytes(b'/** caf\xe9 */\nint f(void);\n#define S "caf\xe9"\n')
    again = written(read_headers([str(header)]))
    assert names(list(again.functions())) == ["f"]
    assert [c.value for c in again.constants()] == ["caf\udce9"]


# ---- errors


def test_headers_that_do_not_compile_show_the_compilers_messages(tmp_path: Path) -> None:
    header = tmp_path / "bad.h"
    header.write_text("int f(void);\nint g(nosuch x);\n#include <not/there.h>\n")
    with pytest.raises(ToolError) as caught:
        read_headers([str(header)])
    assert f"{header}:2:7: error: unknown type name 'nosuch'" in str(caught.value)
    assert f"{header}:3:10: error: 'not/there.h' file not found" in str(caught.value)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["no/such.h"], "there is no header 'no/such.h'"),
        ([], "there is nothing to describe"),
        (["<nosuchheader.h>"], "'nosuchheader.h' file not found"),
        (["h.h", "--include-from", "nosuch/*"], "no header that is included matches 'nosuch/*'"),
        (["h.h", "--library", "libnosuch.so.9"], "libnosuch.so.9"),
        (["h.h", "-std=nosuch"], "nosuch"),
        (["h.h", "--annotations", "none.txt"], "none.txt"),
        (["h.h", "--binary", "libm.so.6"], "exclude each other"),
    ],
)
def test_what_cannot_be_done_is_said(
    arguments: list[str], message: str, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    (tmp_path / "h.h").write_text("int f(void);\n")
    assert main(["describe", *arguments]) == 2
    assert message in capsys.readouterr().err


def test_a_compiler_that_is_not_there_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    header = tmp_path / "h.h"
    header.write_text("int f(void);\n")
    monkeypatch.setenv("CC", "no-such-compiler")
    with pytest.raises(ToolError, match="'no-such-compiler' is not there"):
        read_headers([str(header)])


@pytest.mark.parametrize(
    "hostile",
    [
        f"int f({', '.join(['int'] * 200)});",
        f"int {'*' * 100}f(void);",
        f"extern int {'*' * 5000}f;",
        f"extern int f{'[1]' * 100};",
        "".join(f"struct s{i} {{ {f'struct s{i - 1} x;' if i else 'int x;'} }};" for i in range(90))
        + "void f(struct s89 x);",
        "typedef int t0;" + "".join(f"typedef t{i} t{i + 1};" for i in range(300))
        + "extern t300 f;",
    ],
    ids=["parameters", "pointers", "more pointers", "arrays", "structs", "typedefs"],
)  # fmt: skip
def test_what_is_too_much_for_a_description_is_noted_and_the_rest_described(
    hostile: str, tmp_path: Path
) -> None:
    header = tmp_path / "hostile.h"
    header.write_text(f"{hostile}\nint sane(int x);\n")
    made = make(Source(headers=[str(header)]))
    found = declarations.parse(made.text)
    assert [f.name for f in found.functions()] == ["sane"]
    assert "f" not in [v.name for v in found.variables()] or "t300" in made.text
    assert made.notes or "t300" in made.text


# ---- the command


HEADER = """\
/** Adds. */
int lib_add(int a, int b);
int lib_absent(int a);
extern int lib_count;
"""
SOURCE = """\
int lib_add(int a, int b) { return a + b; }
int lib_count = 3;
int lib_extra(void) { return 0; }
"""


@pytest.fixture
def library(tmp_path: Path) -> Path:
    (tmp_path / "lib.h").write_text(HEADER)
    (tmp_path / "lib.c").write_text(SOURCE)
    path = tmp_path / "liblib.so.1"
    subprocess.run(
        ["cc", "-g", "-shared", "-fPIC", "-Wl,-soname,liblib.so.1", "-o", path, tmp_path / "lib.c"],
        check=True,
    )
    return path


def test_a_description_of_a_header_and_library_loads(library: Path, tmp_path: Path) -> None:
    output = tmp_path / "lib.bridge"
    header = str(tmp_path / "lib.h")
    code = main([
        "describe", header, "--library", str(library), "--module", "adder", "--prefix", "lib_",
        "-o", str(output),
    ])  # fmt: skip
    assert code == 0
    module = symbridge.load(file=output)
    assert (module.__name__, module.add(2, 3), module.count) == ("adder", 5, 3)
    assert module.add.__doc__ is not None and "Adds." in module.add.__doc__
    assert not hasattr(module, "absent")


def test_what_the_library_lacks_is_optional_and_reported(
    library: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    header = str(tmp_path / "lib.h")
    assert main(["describe", header, "--library", str(library), "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["absent"] == ["lib_absent"]
    assert report["undeclared"] == ["lib_extra"]
    assert report["figures"]["functions"] == 2
    made = make(Source(headers=[header], library=str(library)))
    assert "[[optional]]\nint lib_absent(int a);" in made.text


def test_debug_data_are_described_instead_of_headers(library: Path, tmp_path: Path) -> None:
    output = tmp_path / "debug.bridge"
    assert main(["describe", "--binary", str(library), "-o", str(output)]) == 0
    text = output.read_text()
    assert "int lib_add(int a, int b);" in text and "lib_extra" in text
    assert symbridge.load(str(library), file=output).lib_add(2, 3) == 5


def test_flags_reach_the_compiler(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    header, before = tmp_path / "h.h", tmp_path / "before.h"
    header.write_text("number f(void);\n#if WIDTH == 3\nint g(void);\n#endif\n")
    before.write_text("typedef int number;\n")
    flags = ["--cflag=-include", f"--cflag={before}", "-DWIDTH=3"]
    assert main(["describe", str(header), *flags]) == 0
    assert "typedef int number;\nnumber f(void);\nint g(void);" in capsys.readouterr().out
    assert main(["describe", str(header)]) == 2
    assert "--cflag=-include" in capsys.readouterr().err


def test_without_output_the_description_goes_to_stdout(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    header = tmp_path / "h.h"
    header.write_text("int f(void);\n")
    assert main(["describe", str(header)]) == 0
    out = capsys.readouterr().out
    assert names(list(declarations.parse(out).functions())) == ["f"]


def test_the_text_names_no_directories(tmp_path: Path) -> None:
    header = tmp_path / "h.h"
    header.write_text("int f(int *x); static inline int g(void) { return 0; }\n")
    made = make(Source(headers=[str(header)]))
    assert str(tmp_path) not in made.text and "From h.h" in made.text


def test_what_is_left_out_is_listed_at_the_end(tmp_path: Path) -> None:
    header = tmp_path / "h.h"
    header.write_text("static inline int g(void) { return 0; }\n#define M(x) x\n#define E extern\n")
    text = make(Source(headers=[str(header)])).text
    assert "Inline functions, which no library has, are left out:\n   g */" in text
    assert "Macros with parameters are left out:\n   M */" in text
    assert "Macros that are no constants are left out:\n   E */" in text


def test_a_name_that_the_prefix_hides_keeps_it(tmp_path: Path) -> None:
    header = tmp_path / "h.h"
    header.write_text("struct a { int x; };\nstruct lib_a { int y; };\nint lib_f(struct a *p);\n")
    made = make(Source(headers=[str(header)], prefix="lib_"))
    assert [note.subject for note in made.notes] == ["lib_a"]
    module = symbridge.load("libc.so.6", made.text.replace("int lib_f", "[[optional]] int lib_f"))
    assert {"a", "lib_a"} <= set(dir(module))


SQLITE = Path("/usr/include/sqlite3.h")


@pytest.mark.skipif(not SQLITE.exists(), reason="Debian's libsqlite3-dev is not installed")
def test_sqlites_header_is_described_in_under_two_seconds(tmp_path: Path) -> None:
    command: list[str | Path] = [
        sys.executable,
        "-m",
        "symbridge",
        "describe",
        str(SQLITE),
        "-o",
        tmp_path / "o",
    ]
    assert min(_processor_seconds(command) for _ in range(3)) < 2.0


def _processor_seconds(command: Sequence[str | Path]) -> float:
    """What a process takes when it has a processor for itself."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def test_importing_symbridge_imports_no_tool() -> None:
    code = (
        "import symbridge, sys; print([m for m in sys.modules if 'describe' in m or 'clang' in m])"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout == "[]\n"


def test_types_of_the_model_are_those_of_the_header(read: Read) -> None:
    found = read(
        "typedef unsigned int u32;\ntypedef const u32 cu32;\nvoid f(cu32 *p, u32 a[2][3]);"
    )
    f = function(found, "f")
    p, a = (parameter.type for parameter in f.type.parameters)
    assert isinstance(p, Pointer) and isinstance(p.target, Alias) and p.target.name == "cu32"
    assert p.target.qualifiers == Qualifier.CONST
    scalar = resolved(p.target)
    assert isinstance(scalar, Scalar) and (scalar.kind, scalar.size) == (Kind.UINT, 4)
    assert isinstance(a, Pointer) and isinstance(a.target, Array) and a.target.length == 3
    assert isinstance(f.type.result, Void)


def test_an_enum_without_enumerators_is_left_to_its_typedef(read: Read) -> None:
    found = read("enum later; typedef enum later later_t; void f(later_t *x); enum later { L };")
    (enum,) = (e for e in written(found).enums() if isinstance(e, Enum))
    assert [e.name for e in enum.enumerators or ()] == ["L"]
