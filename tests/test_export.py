"""symbridge export: the same declarations for C, cffi, ctypes and LuaJIT, each run for real."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest

import corelib
from symbridge import declarations, export
from symbridge.cli import main
from symbridge.declarations import Description, Record

ROOT = Path(__file__).parent.parent
PACKAGE = Path(corelib.__file__).parent
LIBRARY = PACKAGE / "libcore.so.1"
CORE = ROOT / "libcore" / "core.bridge"
COMPILERS = [c for c in ("gcc", "clang", "clang-14") if shutil.which(c)]
STRICT = ["-std=c11", "-Wall", "-Wextra", "-Wpedantic", "-Werror"]

#: Layouts that need more than a plain declaration, and types that some readers do not have.
STRANGE = """
[[library("libstrange.so")]];
struct natural { char a; double b; short c; };
struct __attribute__((packed)) packed { char a; double b; short c; };
#pragma pack(push, 2)
struct pack2 { char a; int b; double c; };
#pragma pack(pop)
struct aligned { char a; int b __attribute__((aligned(16))); };
struct bits { unsigned a : 3; unsigned b : 7; int c : 12; unsigned d : 20; };
struct gap { unsigned a : 3; unsigned : 0; unsigned b : 2; };
struct outer { struct packed p; int n; };
struct mixed { int kind; union { long whole; struct { short low, high; }; } ; char tail[3]; };
union either { int i; double d; char text[12]; };
struct named { struct { int x, y; } at[2]; const char *label; };
struct flexible { unsigned n; double items[]; };
struct node { struct node *next; struct later *other; void (*visit)(struct node *self, int n); };
struct later { struct node first; };
struct holder { struct { int a; } *p; struct { struct { short s; } in; char c; } q[2]; };
struct __attribute__((packed)) packed_bits { char a; unsigned b : 5; unsigned c : 9; int d; };
enum small : unsigned char { SMALL_ONE = 1, SMALL_TWO = 2 };
struct with_enum { enum small s; char c; };
enum huge { HUGE_ONE = 0x100000000 };
struct parts { float _Complex z; long double w; wchar_t u; _Bool b; };
typedef struct { int q, r; } unnamed_t;
typedef int (*compare_t)(const void *a, const void *b);
typedef double grid_t[2][3];
#define NEGATIVE -5
#define BIG 18446744073709551615u
#define TEXT "a \\"quoted\\" text"
#define HALF 0.5
static const int FIXED = 7;
int plain(int a, const char *text, compare_t compare, ...);
struct natural by_value(struct natural n, unnamed_t u);
double _Complex turn(double _Complex z);
long double precise(long double x);
int in_union(union either e);
int in_bits(struct bits b);
extern struct natural table[4];
extern const int limit;
void uses_wide(char16_t a, char32_t b, intmax_t c, int_fast16_t d, ssize_t e);
int renamed(int n) __asm__("another_name");
typedef struct { int n; } *handle_t;
handle_t make_handle(void);
int print_all(const char *format, va_list list);
"""


@pytest.fixture(scope="module")
def core() -> Description:
    return declarations.parse_file(CORE)


@pytest.fixture(scope="module")
def strange() -> Description:
    return declarations.parse(STRANGE, "strange.bridge")


def records(description: Description) -> Iterator[Record]:
    """Every record with a name and a layout."""
    for record in description.records():
        if record.name and record.fields and record.size is not None:
            yield record


def offsets(record: Record) -> Iterator[tuple[str, int]]:
    """The fields whose offset C can tell: no bit-fields, none without a name."""
    for member in record.fields or ():
        if member.name and member.bit_width is None:
            assert member.offset is not None
            yield member.name, member.offset


def load_module(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


# ---- C header


def layout_asserts(description: Description) -> str:
    """C that does not compile where the layouts differ."""
    lines = []
    for record in records(description):
        name = record.name
        lines.append(f'_Static_assert(sizeof({name}) == {record.size}, "sizeof {name}");')
        lines.append(f'_Static_assert(_Alignof({name}) == {record.align}, "alignof {name}");')
        for member, offset in offsets(record):
            what = f"offsetof({name}, {member})"
            lines.append(f'_Static_assert({what} == {offset}, "{what}");')
    return "\n".join(lines)


def compile_header(description: Description, compiler: str, directory: Path) -> None:
    (directory / "it.h").write_text(export.write(description, "header", "it.bridge"))
    (directory / "it.c").write_text(
        '#include "it.h"\n#include <stddef.h>\n' + layout_asserts(description) + "\n"
    )
    command = [compiler, *STRICT, "-fsyntax-only", "it.c"]
    done = subprocess.run(command, cwd=directory, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("compiler", COMPILERS)
class TestHeader:
    def test_compiles_and_is_laid_out_as_described(
        self, core: Description, compiler: str, tmp_path: Path
    ) -> None:
        compile_header(core, compiler, tmp_path)

    def test_strange_layouts_are_reproduced(
        self, strange: Description, compiler: str, tmp_path: Path
    ) -> None:
        compile_header(strange, compiler, tmp_path)

    def test_a_program_that_includes_it_runs_with_the_library(
        self, core: Description, compiler: str, tmp_path: Path
    ) -> None:
        (tmp_path / "core.h").write_text(export.write(core, "header", "core.bridge"))
        (tmp_path / "app.c").write_text(r"""
#include "core.h"
#include <stdio.h>

static enum core_status square(double x, double *y, void *user)
{
    ++*(int *)user;
    *y = x * x;
    return CORE_OK;
}

int main(void)
{
    uint64_t factorial = 0;
    enum core_status status = core_fact(20, &factorial);
    struct core_point p = {1, 1}, q = {4, 5};
    core_lucas *sequence;
    int64_t coef[] = {1, 1}, vals[] = {2, 1}, term = 0;
    int calls = 0;
    double area = 0;
    char *sum;
    if (core_lucas_new(coef, 2, vals, 2, &sequence) != CORE_OK)
        return 1;
    for (int i = 0; i < 5; i++)
        core_lucas_next(sequence, &term);
    core_lucas_free(sequence);
    core_integrate(square, &calls, 0, 3, 2, &area);
    core_sum_as_string(40, 2, &sum);
    printf("%d %llu %llu %lld %d %.1f %s %s %d\n", status, (unsigned long long)factorial,
           (unsigned long long)core_point_manhattan(p, q), (long long)term, calls, area, sum,
           CORE_VERSION, CORE_POINT_DIMENSIONS);
    core_free(sum);
    return 0;
}
""")
        command = [compiler, *STRICT, "app.c", str(LIBRARY), f"-Wl,-rpath,{PACKAGE}", "-o", "app"]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        ran = subprocess.run(["./app"], cwd=tmp_path, capture_output=True, text=True, check=True)
        assert ran.stdout == "0 2432902008176640000 7 7 5 9.0 42 1.0.0 2\n"


@pytest.mark.skipif(not shutil.which("g++"), reason="needs a C++ compiler (Debian: g++)")
def test_header_is_read_by_cplusplus_too(core: Description, tmp_path: Path) -> None:
    (tmp_path / "core.h").write_text(export.write(core, "header", "core.bridge"))
    (tmp_path / "app.cc").write_text('#include "core.h"\n#include "core.h"\n')
    command = ["g++", "-std=c++17", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-fsyntax-only"]
    done = subprocess.run([*command, "app.cc"], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_header_carries_the_doc_comments(core: Description) -> None:
    text = export.write(core, "header", "core.bridge")
    assert "/** n!, exact. OverflowError for n above 20. */" in text
    assert "/** from left to right */" in text


# ---- cffi


@pytest.fixture(scope="module")
def with_cffi(
    core: Description, tmp_path_factory: pytest.TempPathFactory
) -> tuple[ModuleType, object]:
    pytest.importorskip("cffi", reason="needs cffi from PyPI")
    path = tmp_path_factory.mktemp("cffi") / "core_cffi.py"
    path.write_text(export.write(core, "cffi", "core.bridge"))
    module = load_module(path)
    return module, module.open_library(str(LIBRARY))


class TestCffi:
    def test_functions_are_called(self, with_cffi: tuple[ModuleType, object]) -> None:
        module, lib = with_cffi
        result = module.ffi.new("uint64_t *")
        assert lib.core_fact(20, result) == lib.CORE_OK == 0  # type: ignore[attr-defined]
        assert result[0] == 2432902008176640000
        assert module.ffi.string(lib.core_version()) == b"1.0.0"  # type: ignore[attr-defined]

    def test_points_go_by_value(self, with_cffi: tuple[ModuleType, object]) -> None:
        module, lib = with_cffi
        p, q = module.ffi.new("core_point *", (1, 1)), module.ffi.new("core_point *", (4, 5))
        assert lib.core_point_manhattan(p[0], q[0]) == 7  # type: ignore[attr-defined]
        assert lib.core_point_origin().x == 0  # type: ignore[attr-defined]

    def test_callbacks_are_called(self, with_cffi: tuple[ModuleType, object]) -> None:
        module, lib = with_cffi

        @module.ffi.callback("enum core_status(double, double *, void *)")
        def double(x: float, y: list[float], user: object) -> int:
            y[0] = 2 * x
            return 0

        area = module.ffi.new("double *")
        nothing = module.ffi.NULL
        assert lib.core_integrate(double, nothing, 0.0, 3.0, 2, area) == 0  # type: ignore[attr-defined]
        assert area[0] == 9.0

    def test_constants_are_there(self, with_cffi: tuple[ModuleType, object]) -> None:
        module, lib = with_cffi
        assert lib.CORE_YEAR_MAX == 9999  # type: ignore[attr-defined]
        assert module.CORE_VERSION == "1.0.0"

    def test_layouts_are_those_described(self, core: Description, strange: Description) -> None:
        cffi = pytest.importorskip("cffi", reason="needs cffi from PyPI")
        compared = 0
        for description in (core, strange):
            texts, left_out, _ = export.cffi.chunks(description)
            ffi = cffi.FFI()
            for text, pack in texts:
                ffi.cdef(text, pack=pack or None)
            unsaid = {one.name for one in left_out}
            for record in records(description):
                if record.name in unsaid:
                    continue
                assert ffi.sizeof(record.name) == record.size, record.name
                for name, offset in offsets(record):
                    assert ffi.offsetof(record.name, name) == offset, f"{record.name}.{name}"
                compared += 1
        assert compared >= 15

    def test_what_cannot_be_said_is_named(self, strange: Description) -> None:
        _, left_out, _ = export.cffi.chunks(strange)
        names = {one.name for one in left_out}
        assert {"struct aligned", "renamed", "turn", "print_all"} <= names
        assert "make_handle" not in names
        text = export.write(strange, "cffi", "strange.bridge")
        assert "# left out: struct aligned: its alignment cannot be said" in text


# ---- ctypes


def make_ctypes(description: Description, directory: Path, name: str) -> ModuleType:
    path = directory / f"{name}.py"
    path.write_text(export.write(description, "ctypes", f"{name}.bridge"))
    return load_module(path)


@pytest.fixture(scope="module")
def with_ctypes(core: Description, tmp_path_factory: pytest.TempPathFactory) -> ModuleType:
    return make_ctypes(core, tmp_path_factory.mktemp("ctypes"), "core_ctypes")


class TestCtypes:
    def test_functions_are_called(self, with_ctypes: ModuleType) -> None:
        ctypes, lib = with_ctypes.ctypes, with_ctypes.open_library(str(LIBRARY))
        result = ctypes.c_uint64()
        assert lib.core_fact(20, ctypes.byref(result)) == with_ctypes.CORE_OK
        assert result.value == 2432902008176640000
        assert lib.core_version() == b"1.0.0"
        assert lib.core_fact(21, ctypes.byref(result)) == with_ctypes.core_status.CORE_OVERFLOW

    def test_points_go_by_value(self, with_ctypes: ModuleType) -> None:
        lib = with_ctypes.open_library(str(LIBRARY))
        p, q = with_ctypes.core_point(1, 1), with_ctypes.core_point(x=4, y=5)
        assert lib.core_point_manhattan(p, q) == 7
        assert lib.core_point_dist(p, q) == 5.0

    def test_prototypes_refuse_what_does_not_fit(self, with_ctypes: ModuleType) -> None:
        lib = with_ctypes.open_library(str(LIBRARY))
        with pytest.raises(with_ctypes.ctypes.ArgumentError):
            lib.core_point_norm(with_ctypes.core_date())

    def test_iterators_and_owned_text(self, with_ctypes: ModuleType) -> None:
        ctypes, lib = with_ctypes.ctypes, with_ctypes.open_library(str(LIBRARY))
        two = ctypes.c_int64 * 2
        sequence = ctypes.POINTER(with_ctypes.core_lucas)()
        assert lib.core_lucas_new(two(1, 1), 2, two(2, 1), 2, ctypes.byref(sequence)) == 0
        term = ctypes.c_int64()
        terms = [lib.core_lucas_next(sequence, ctypes.byref(term)) or term.value for _ in range(5)]
        lib.core_lucas_free(sequence)
        assert terms == [2, 1, 3, 4, 7]
        text = ctypes.POINTER(ctypes.c_char)()
        assert lib.core_sum_as_string(40, 2, ctypes.byref(text)) == 0
        assert ctypes.string_at(text) == b"42"
        lib.core_free(text)

    def test_callbacks_are_called(self, with_ctypes: ModuleType) -> None:
        ctypes, lib = with_ctypes.ctypes, with_ctypes.open_library(str(LIBRARY))

        def double(x: float, y: list[float], user: object) -> int:
            y[0] = 2 * x
            return 0

        area = ctypes.c_double()
        callback = lib.core_integrate.argtypes[0](double)
        assert lib.core_integrate(callback, None, 0.0, 3.0, 2, ctypes.byref(area)) == 0
        assert area.value == 9.0

    def test_renamed_symbols_and_variables(self, with_ctypes: ModuleType) -> None:
        ctypes, lib = with_ctypes.ctypes, with_ctypes.open_library(str(LIBRARY))
        assert lib.core_version_number.value == 10000
        address = ctypes.cast(lib.core_lucas_take_into, ctypes.c_void_p).value
        assert address == ctypes.cast(lib.core_lucas_take, ctypes.c_void_p).value

    def test_layouts_are_those_described(
        self, core: Description, strange: Description, tmp_path: Path
    ) -> None:
        compared = 0
        for number, description in enumerate((core, strange)):
            module = make_ctypes(description, tmp_path, f"module_{number}")
            for record in records(description):
                class_ = getattr(module, record.tag or record.typedef)
                assert module.ctypes.sizeof(class_) == record.size, record.name
                for name, offset in offsets(record):
                    if record.tag == "packed_bits" and name == "d":
                        continue  # behind bits that ctypes cannot lay out: bytes
                    assert getattr(class_, name).offset == offset, f"{record.name}.{name}"
                compared += 1
        assert compared >= 20

    def test_values_in_strange_layouts_are_found(
        self, strange: Description, tmp_path: Path
    ) -> None:
        module = make_ctypes(strange, tmp_path, "strange")
        record = module.outer()
        record.p.b, record.n = 0.5, -3
        assert bytes(record)[1:9] == bytes(module.ctypes.c_double(0.5))
        assert bytes(record)[12:16] == (-3).to_bytes(4, sys.byteorder, signed=True)
        holder = module.holder()
        assert not holder.p
        assert holder._fields_[0][1]._type_._fields_ == [("a", module.ctypes.c_int)]
        mixed = module.mixed(kind=1)
        mixed.low, mixed.high = 1, 2  # members of a struct and a union without names
        assert mixed.whole == int.from_bytes(b"\1\0\2\0\0\0\0\0", sys.byteorder)

    def test_what_cannot_be_passed_is_named(self, strange: Description, tmp_path: Path) -> None:
        module = make_ctypes(strange, tmp_path, "strange")
        functions = {row[0] for row in module._FUNCTIONS}
        assert {"plain", "by_value", "precise", "uses_wide", "renamed"} <= functions
        assert not functions & {"turn", "in_union", "in_bits"}
        text = export.write(strange, "ctypes", "strange.bridge")
        assert "# left out: in_union: ctypes cannot pass unions by value" in text

    def test_constants_enums_and_typedefs(self, strange: Description, tmp_path: Path) -> None:
        module = make_ctypes(strange, tmp_path, "strange")
        assert (module.NEGATIVE, module.BIG, module.FIXED, module.HALF) == (-5, 2**64 - 1, 7, 0.5)
        assert module.TEXT == 'a "quoted" text'
        assert module.small.SMALL_TWO == module.SMALL_TWO == 2
        assert module.ctypes.sizeof(module.grid_t) == 48
        assert module.compare_t is module.ctypes.CFUNCTYPE(
            module.ctypes.c_int, module.ctypes.c_void_p, module.ctypes.c_void_p
        )


# ---- LuaJIT

LUAJIT = shutil.which("luajit")
needs_luajit = pytest.mark.skipif(LUAJIT is None, reason="needs LuaJIT (Debian: luajit)")


def run_lua(description: Description, name: str, program: str, directory: Path) -> str:
    assert LUAJIT is not None
    (directory / f"{name}.lua").write_text(export.write(description, "luajit", f"{name}.bridge"))
    (directory / "program.lua").write_text(program)
    done = subprocess.run(
        [LUAJIT, "program.lua"],
        cwd=directory,
        env=os.environ | {"LUA_PATH": f"{directory}/?.lua"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@needs_luajit
class TestLuaJIT:
    def test_real_calls(self, core: Description, tmp_path: Path) -> None:
        program = f"""
local ffi = require("ffi")
local core = require("core").open("{LIBRARY}")
local n = ffi.new("uint64_t[1]")
assert(core.core_fact(20, n) == core.CORE_OK)
print(n[0])
assert(core.core_fact(21, n) == core.CORE_OVERFLOW)
local p, q = ffi.new("core_point", 1, 1), ffi.new("core_point", 4, 5)
print(core.core_point_manhattan(p, q), core.core_point_dist(p, q), core.core_point_origin().x)
local sequence = ffi.new("core_lucas *[1]")
local coef, vals = ffi.new("int64_t[2]", 1, 1), ffi.new("int64_t[2]", 2, 1)
assert(core.core_lucas_new(coef, 2, vals, 2, sequence) == 0)
local it = ffi.gc(sequence[0], core.core_lucas_free)
local term, terms = ffi.new("int64_t[1]"), {{}}
for i = 1, 5 do
  assert(core.core_lucas_next(it, term) == 0)
  terms[i] = tostring(tonumber(term[0]))
end
print(table.concat(terms, " "))
local taken = ffi.new("size_t[1]")
local more = ffi.new("int64_t[3]")
assert(core.core_lucas_take_into(it, more, 3, taken) == 0)
print(tonumber(more[0]), tonumber(more[2]), tonumber(taken[0]))
local callback = ffi.cast("enum core_status (*)(double, double *, void *)", function(x, y)
  y[0] = 2 * x
  return core.CORE_OK
end)
local area = ffi.new("double[1]")
assert(core.core_integrate(callback, nil, 0, 3, 2, area) == 0)
callback:free()
print(area[0])
local text = ffi.new("char *[1]")
assert(core.core_sum_as_string(40, 2, text) == 0)
print(ffi.string(text[0]), ffi.string(core.core_version()))
core.core_free(text[0])
print(core.CORE_VERSION, core.CORE_YEAR_MAX, core.core_version_number)
core.core_greetings = 7
print(core.core_greetings)
"""
        assert run_lua(core, "core", program, tmp_path).split("\n") == [
            "2432902008176640000ULL",
            "7ULL\t5\t0",
            "2 1 3 4 7",
            "11\t29\t3",
            "9",
            "42\t1.0.0",
            "1.0.0\t9999\t10000",
            "7",
            "",
        ]

    @pytest.mark.parametrize("which", ["core", "strange"])
    def test_layouts_are_those_described(
        self, which: str, request: pytest.FixtureRequest, tmp_path: Path
    ) -> None:
        description: Description = request.getfixturevalue(which)
        lines = ['local ffi = require("ffi")', f'require("{which}")']
        expected = []
        for record in records(description):
            lines.append(f'print(ffi.sizeof("{record.name}"))')
            expected.append(str(record.size))
            for name, offset in offsets(record):
                lines.append(f'print(ffi.offsetof("{record.name}", "{name}"))')
                expected.append(str(offset))
        assert len(expected) >= 14
        printed = run_lua(description, which, "\n".join(lines), tmp_path).split()
        wrong = [
            (line, want, got)
            for line, want, got in zip(lines[2:], expected, printed, strict=True)
            if want != got
        ]
        assert wrong == []

    def test_constants_of_every_kind(self, strange: Description, tmp_path: Path) -> None:
        program = """
local strange = require("strange")
print(strange.NEGATIVE, strange.BIG, strange.TEXT, strange.HALF, strange.HUGE_ONE, strange.FIXED)
"""
        printed = run_lua(strange, "strange", program, tmp_path)
        assert printed == '-5\t18446744073709551615ULL\ta "quoted" text\t0.5\t4294967296\t7\n'

    def test_complex_numbers_go_by_value(self, tmp_path: Path) -> None:
        description = declarations.parse("""
            [[library("libm.so.6")]];
            double _Complex csqrt(double _Complex z);
        """)
        program = """
local ffi = require("ffi")
local m = require("maths").open()
print(m.csqrt(ffi.new("complex double", -4, 0)).im)
"""
        assert run_lua(description, "maths", program, tmp_path) == "2\n"

    def test_what_cannot_be_passed_is_named(self, strange: Description) -> None:
        text = export.write(strange, "luajit", "strange.bridge")
        assert "-- left out: precise: long double cannot be passed or returned by value" in text


# ---- the command


class TestCommand:
    @pytest.mark.parametrize("target", list(export.TARGETS))
    def test_writes_to_a_file_or_stdout(
        self, target: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert main(["export", str(CORE), "--to", target]) == 0
        shown = capsys.readouterr().out
        file = tmp_path / "out"
        assert main(["export", str(CORE), "--to", target, "-o", str(file)]) == 0
        assert file.read_text() == shown
        assert "core_fact" in shown

    def test_a_library_that_carries_its_description_will_do(
        self, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert main(["export", str(LIBRARY), "--to", "header"]) == 0
        assert (
            "enum core_status core_fact(uint32_t n, uint64_t *result);" in capsys.readouterr().out
        )

    def test_a_library_without_a_description_is_an_error(
        self, native_library: Callable[[str], Path], capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert main(["export", str(native_library("functions")), "--to", "header"]) == 2
        assert "no description is in it or beside it" in capsys.readouterr().err

    def test_a_wrong_description_is_an_error_with_its_line(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        wrong = tmp_path / "wrong.bridge"
        wrong.write_text("int f(void);\nint g(nosuch x);\n")
        assert main(["export", str(wrong), "--to", "header"]) == 2
        assert f"{wrong}:2:" in capsys.readouterr().err

    def test_a_description_without_a_library_must_be_given_one(
        self, tmp_path: Path, native_library: Callable[[str], Path]
    ) -> None:
        description = declarations.parse("int add_int(int a, int b);")
        module = make_ctypes(description, tmp_path, "plain")
        with pytest.raises(TypeError, match="path"):
            module.open_library()
        assert "def open_library(path: str):" in export.write(description, "cffi")
        assert "local SONAME = nil" in export.write(description, "luajit")


# ---- descriptions of real libraries


@pytest.mark.parametrize("name", ["zlib", "sqlite", "libc"])
def test_real_descriptions_are_read_by_every_target(name: str, tmp_path: Path) -> None:
    description = declarations.parse_file(ROOT / "examples" / name / f"{name}.bridge")
    for compiler in COMPILERS:
        compile_header(description, compiler, tmp_path)
    module = make_ctypes(description, tmp_path, name)
    assert module.open_library()
    if importlib.util.find_spec("cffi") is not None:
        path = tmp_path / f"{name}_cffi.py"
        path.write_text(export.write(description, "cffi", name))
        assert load_module(path).open_library()
    if LUAJIT is not None:
        printed = run_lua(description, name, f'require("{name}").open() print("open")', tmp_path)
        assert printed == "open\n"
