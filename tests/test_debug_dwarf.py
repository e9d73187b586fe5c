"""What DWARF says of a library, in every version and from every compiler that is there."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from pathlib import Path

import pytest

from debug_samples import (
    BLOCK,
    COMPILERS,
    CONSTRUCTS,
    DEFINITIONS,
    EXTERNAL,
    GCC,
    LOCAL,
    NAME,
    PARAMETER,
    PRESENT,
    PROTOTYPED,
    REF4,
    STRING,
    SUBPROGRAM,
    TYPE,
    Dwarf,
    compiled,
    described,
    run,
    shape,
    shapes,
    with_sections,
)
from symbridge import debug
from symbridge.declarations import Array, Function, Location, Record, Typedef, Variable, spell
from symbridge.failure import ToolError

GNU_CC = pytest.mark.skipif(GCC is None, reason="needs GCC")

FLAGS = [
    ["-gdwarf-2", "-gstrict-dwarf"],
    ["-gdwarf-3"],
    ["-gdwarf-4"],
    ["-gdwarf-5"],
    ["-gdwarf-5", "-O2"],
    ["-gdwarf-5", "-gdwarf64"],
    ["-gdwarf-4", "-fdebug-types-section"],
    ["-gdwarf-5", "-fdebug-types-section"],
    ["-gdwarf-4", "-gz=zlib"],
    ["-gdwarf-5", "-gz=zlib"],
    ["-gdwarf-4", "-gz=zlib-gnu"],
]
#: Only GCC has the compressed sections of old.
CASES = [
    pytest.param(compiler, flags, id=f"{Path(compiler).name} {' '.join(flags)}")
    for compiler in COMPILERS
    for flags in FLAGS
    if compiler == GCC or "-gz=zlib-gnu" not in flags
]


def build(
    directory: Path, compiler: str, flags: list[str], source: str = CONSTRUCTS + DEFINITIONS
) -> Path:
    try:
        return compiled(directory, source, *flags, compiler=compiler)
    except subprocess.CalledProcessError:
        pytest.skip(f"{Path(compiler).name} does not take {' '.join(flags)}")


def read_one(directory: Path, source: str, *flags: str, compiler: str = "") -> debug.DebugData:
    return debug.read(compiled(directory, source, *(flags or ("-g",)), compiler=compiler))


def function(data: debug.DebugData, name: str) -> Function:
    return next(f for f in data.description.functions() if f.name == name)


def record(data: debug.DebugData, name: str) -> Record:
    return next(r for r in data.description.records() if r.name == name)


@pytest.mark.parametrize(("compiler", "flags"), CASES)
def test_every_construct_is_as_it_was_written(
    compiler: str, flags: list[str], tmp_path: Path
) -> None:
    data = debug.read(build(tmp_path, compiler, flags))
    written, found = shapes(described()), shapes(data.description)
    assert found.pop("struct opaque")[1:3] == (4, 4)  # what only the definitions have
    written.pop("struct opaque", None)
    assert found == written
    number = next(flag for flag in flags if flag.startswith("-gdwarf-"))[-1]
    assert data.format == f"DWARF {number}"


@pytest.mark.parametrize("compiler", COMPILERS, ids=lambda path: Path(path).name)
def test_names_of_parameters_and_places_in_the_source_are_kept(
    compiler: str, tmp_path: Path
) -> None:
    data = read_one(
        tmp_path,
        "typedef int number;\nstruct pair {\n  number a;\n};\n\n"
        "int sum(struct pair *pair,\n  int b)\n{ return pair->a + b; }\nint total;\n",
        compiler=compiler,
    )
    assert (
        spell(function(data, "sum").type, "sum", names=True) == "int sum(struct pair *pair, int b)"
    )
    assert function(data, "sum").location == Location("made.c", 6)
    assert record(data, "struct pair").location == Location("made.c", 2)
    assert (record(data, "struct pair").fields or [])[0].location == Location("made.c", 3)
    (variable,) = data.description.variables()
    assert variable.location == Location("made.c", 9)
    (typedef,) = data.description.typedefs()
    assert typedef.location == Location("made.c", 1)


def test_a_header_in_a_directory_is_named_with_it(tmp_path: Path) -> None:
    (tmp_path / "include").mkdir()
    (tmp_path / "include" / "api.h").write_text("struct api { int x; };\n")
    for flags in (["-gdwarf-4"], ["-gdwarf-5"]):
        data = read_one(
            tmp_path,
            '#include "include/api.h"\nint f(struct api *a) { return a->x; }\n',
            *flags,
        )
        assert record(data, "struct api").location == Location("include/api.h", 1)


def test_typedefs_are_kept_and_declared_before_their_use(tmp_path: Path) -> None:
    data = read_one(
        tmp_path,
        "typedef long off; typedef off *offs; typedef struct s { offs o; struct s *n; } s_t;\n"
        "off f(s_t *s) { return *s->o; }\n",
    )
    assert spell(function(data, "f").type, "f") == "off f(s_t *)"
    seen: list[str] = []
    for declared in data.description.declarations:
        if isinstance(declared, (Record, Typedef, Function)):
            seen.append(declared.name)
    assert seen.index("off") < seen.index("offs") < seen.index("struct s") < seen.index("f")
    assert {"s_t", "struct s"} < set(seen)


def test_only_what_is_exported_is_read_unless_all_is_asked_for(tmp_path: Path) -> None:
    library = compiled(
        tmp_path,
        "static int hidden_a(void) { return 1; }\n"
        '__attribute__((visibility("hidden"))) int hidden_b(void) { return hidden_a(); }\n'
        "int shown(void) { return hidden_b(); }\n",
        "-g",
        "-O0",
    )
    assert [f.name for f in debug.read(library).description.functions()] == ["shown"]
    every = debug.read(library, externals=True).description.functions()
    assert sorted(f.name for f in every) == ["hidden_b", "shown"]


def test_a_struct_declared_in_one_unit_is_completed_from_another(tmp_path: Path) -> None:
    (tmp_path / "other.c").write_text(
        "struct handle { int a; long b; };\nint use(struct handle *h) { return h->a; }\n"
    )
    for flags in (["-g"], ["-g", "-fdebug-types-section"]):
        data = read_one(
            tmp_path,
            "struct handle;\nstruct handle *keep;\nint first(struct handle *h) { return !h; }\n",
            *flags,
            "other.c",
        )
        assert [f.name for f in record(data, "struct handle").fields or []] == ["a", "b"]
        handles = [r for r in data.description.records() if r.tag == "handle"]
        assert len(handles) == 1


def test_a_struct_that_no_unit_completes_is_only_named(tmp_path: Path) -> None:
    data = read_one(tmp_path, "struct unknown;\nint f(struct unknown *u) { return u != 0; }\n")
    assert record(data, "struct unknown").fields is None


def test_two_structs_of_one_name_are_told_apart_and_noted(tmp_path: Path) -> None:
    (tmp_path / "other.c").write_text(
        "struct n { long a, b; };\nlong g(struct n *p) { return p->b; }"
    )
    data = read_one(
        tmp_path, "struct n { int a; };\nint f(struct n *p) { return p->a; }\n", "-g", "other.c"
    )
    assert sorted(r.size or 0 for r in data.description.records()) == [4, 16]
    assert any("struct n is declared in more than one way" in note for note in data.notes)


@pytest.mark.parametrize("compiler", COMPILERS, ids=lambda path: Path(path).name)
def test_functions_without_a_prototype_are_known_as_such(compiler: str, tmp_path: Path) -> None:
    data = read_one(
        tmp_path,
        "int empty() { return 0; }\nint old(a, b) int a; long b; { return a + (int)b; }\n"
        "int none(void) { return 0; }\nint (*hook)();\n",
        "-g",
        "-std=gnu11",
        compiler=compiler,
    )
    assert not function(data, "empty").type.prototyped
    assert function(data, "none").type.prototyped
    old = function(data, "old").type
    assert not old.prototyped and [spell(p.type) for p in old.parameters] == ["int", "long"]
    (hook,) = data.description.variables()
    assert spell(hook.type) == "int (*)()"


def test_functions_that_were_inlined_or_split_are_whole(tmp_path: Path) -> None:
    source = (
        "#include <stdlib.h>\n"
        "int inlined(int value, const char *why) { return value * 2 + (why != 0); }\n"
        'int caller(int n) { if (n < 0) abort(); return inlined(n, "x"); }\n'
    )
    for flags in (["-O3", "-g"], ["-O2", "-g", "-flto"]):
        data = read_one(tmp_path, source, *flags)
        assert spell(function(data, "inlined").type, "inlined", names=True) == (
            "int inlined(int value, const char *why)"
        )
        assert spell(function(data, "caller").type, "caller", names=True) == "int caller(int n)"


def test_a_variable_takes_its_length_from_the_definition(tmp_path: Path) -> None:
    data = read_one(
        tmp_path, "extern int table[];\nint use(void) { return table[0]; }\nint table[7];\n"
    )
    (variable,) = data.description.variables()
    assert isinstance(variable.type, Array) and variable.type.length == 7


def test_a_symbol_of_another_name_is_found_through_its_label(tmp_path: Path) -> None:
    data = read_one(
        tmp_path, 'int inner(int a) __asm__("outer_name");\nint inner(int a) { return a; }\n'
    )
    found = function(data, "inner")
    assert found.symbol == "outer_name"


@GNU_CC
def test_aliases_and_versions_of_a_function_have_its_prototype(tmp_path: Path) -> None:
    (tmp_path / "map").write_text("V1 { global: *; };\nV2 {};\n")
    data = read_one(
        tmp_path,
        "int original(int a, char *b) { return a + *b; }\n"
        'int other(int a, char *b) __attribute__((alias("original")));\n'
        "long new_one(long a) { return a; }\n"
        '__asm__(".symver new_one,versioned@@V2");\n',
        "-g",
        "-O2",
        "-Wl,--version-script=map",
        compiler=GCC or "",
    )
    assert spell(function(data, "other").type, "f") == "int f(int, char *)"
    assert spell(function(data, "versioned").type, "f") == "long f(long)"


@pytest.mark.parametrize("flags", [["-gdwarf-4"], ["-gdwarf-5"]], ids=" ".join)
def test_numbers_beyond_c11_are_foreign_or_known(flags: list[str], tmp_path: Path) -> None:
    data = read_one(
        tmp_path,
        "typedef int v4 __attribute__((vector_size(16)));\n"
        "_Float128 quad(_Float128 a) { return a; }\n"
        "v4 vector(v4 a) { return a; }\n"
        "__int128 wide(unsigned __int128 a) { return (__int128)a; }\n"
        "long double _Complex both(long double _Complex a) { return a; }\n"
        "_Atomic int counter;\n"
        "struct s { _Atomic long a; v4 v; _Float128 q; } *made(void) { return 0; }\n",
        *flags,
        compiler=GCC or COMPILERS[0],
    )
    written = described(
        "typedef int v4 __attribute__((vector_size(16)));\n"
        "_Float128 quad(_Float128 a); v4 vector(v4 a); __int128 wide(unsigned __int128 a);\n"
        "long double _Complex both(long double _Complex a); extern int counter;\n"
        "struct s { long a; v4 v; _Float128 q; } *made(void);\n"
    )
    assert shapes(data.description) == shapes(written)


def test_standard_typedefs_are_the_types_that_descriptions_know(tmp_path: Path) -> None:
    text = (
        "#include <stdint.h>\n#include <stddef.h>\n#include <wchar.h>\n#include <sys/types.h>\n"
        "uint8_t f(int8_t a, uint16_t b, int32_t c, uint64_t d, size_t e, ssize_t g, ptrdiff_t h,\n"
        "          uintptr_t i, intmax_t j, wchar_t k, uint_fast16_t l, int_least8_t m)"
    )
    data = read_one(tmp_path, text + " { return (uint8_t)(a + b + c); }\n")
    assert spell(function(data, "f").type, "f") == (
        "uint8_t f(int8_t, uint16_t, int32_t, uint64_t, size_t, ssize_t, ptrdiff_t, uintptr_t, "
        "intmax_t, wchar_t, uint_fast16_t, int_least8_t)"
    )
    assert not list(data.description.typedefs())


def test_a_typedef_that_lies_about_a_standard_name_stays_a_typedef(tmp_path: Path) -> None:
    data = read_one(tmp_path, "typedef unsigned char uint32_t;\nuint32_t f(void) { return 1; }\n")
    result = function(data, "f").type.result
    assert shape(result) == " UINT 1 1" and [t.name for t in data.description.typedefs()] == [
        "uint32_t"
    ]


def test_pragma_pack_keeps_the_layout(tmp_path: Path) -> None:
    data = read_one(
        tmp_path,
        "#pragma pack(2)\nstruct two { char c; int i; char d; };\n#pragma pack()\n"
        "int f(struct two *t) { return t->i; }\n",
    )
    two = record(data, "struct two")
    assert (two.size, two.align, two.packed) == (8, 2, True)
    assert [f.offset for f in two.fields or []] == [0, 2, 6]


def test_arrays_of_no_elements_are_not_those_of_unknown_length(tmp_path: Path) -> None:
    for compiler in COMPILERS:
        data = read_one(
            tmp_path,
            "struct z { int n; int none[0]; };\nstruct u { int n; int some[]; };\n"
            "int f(struct z *a, struct u *b) { return a->n + b->n; }\n",
            compiler=compiler,
        )
        types = [(record(data, f"struct {tag}").fields or [])[1].type for tag in "zu"]
        lengths = [t.length for t in types if isinstance(t, Array)]
        # Old clang does not tell them apart.
        assert lengths == [0, None]


def test_c_functions_of_cpp_are_read_and_cpp_ones_are_counted(tmp_path: Path) -> None:
    compiler = shutil.which("g++") or shutil.which("clang++") or shutil.which("c++")
    if compiler is None:
        pytest.skip("needs a C++ compiler")
    (tmp_path / "made.cc").write_text(
        "namespace n { struct inner { int a; virtual ~inner() {} }; }\n"
        "template <class T> struct box { T value; };\n"
        "struct base { int b; }; struct derived : base { int c; };\n"
        'extern "C" int c_face(n::inner *p, box<int> &q, derived *d, bool flag)\n'
        "{ return p->a + q.value + d->c + flag; }\n"
        "int cpp_face(int a) { return a; }\n"
        'extern "C" { int c_number = 3; }\n'
    )
    library = tmp_path / "libcpp.so"
    subprocess.run(
        [compiler, "-shared", "-fPIC", "-g", "-o", library, "made.cc"], check=True, cwd=tmp_path
    )
    data = debug.read(library)
    assert [f.name for f in data.description.functions()] == ["c_face"]
    assert [v.name for v in data.description.variables()] == ["c_number"]
    face = function(data, "c_face").type
    assert spell(face, "f") == "int f(struct inner *, struct _box_int_ *, struct derived *, _Bool)"
    assert face.prototyped
    derived = record(data, "struct derived")
    assert [(f.name, f.offset) for f in derived.fields or []] == [("", 0), ("c", 4)]
    assert any("C++" in note for note in data.notes)


def test_other_languages_are_named_and_left_out(tmp_path: Path) -> None:
    compiler = shutil.which("rustc")
    if compiler is None or "SB_SANITIZED" in os.environ:
        pytest.skip("needs rustc, without a sanitizer in it")
    (tmp_path / "made.rs").write_text(
        '#[no_mangle] pub extern "C" fn from_rust(a: i32) -> i32 { a }\n'
    )
    library = tmp_path / "librust.so"
    subprocess.run(
        [compiler, "--crate-type=cdylib", "-g", "-o", library, "made.rs"], check=True, cwd=tmp_path
    )
    with pytest.raises(ToolError, match="Rust is not read"):
        debug.read(library)


@pytest.mark.parametrize("flags", [["-gdwarf-4"], ["-gdwarf-5"]], ids=" ".join)
@pytest.mark.parametrize("compiler", COMPILERS, ids=lambda path: Path(path).name)
def test_split_debug_data_are_named_and_not_read(
    compiler: str, flags: list[str], tmp_path: Path
) -> None:
    library = build(tmp_path, compiler, [*flags, "-gsplit-dwarf"], "int f(int a) { return a; }\n")
    with pytest.raises(ToolError, match=r"split debug data are not read: .*made.*\.dwo"):
        debug.read(library)


def test_a_type_that_dwz_moved_is_found_in_its_file(tmp_path: Path) -> None:
    dwz = shutil.which("dwz")
    if dwz is None:
        pytest.skip("needs dwz (Debian: dwz)")
    libraries = []
    for name in ("one", "two"):
        source = (
            CONSTRUCTS + DEFINITIONS + f"int only_{name}(struct node *n) {{ return n != 0; }}\n"
        )
        libraries.append(compiled(tmp_path, source, "-g", "-Wl,--build-id", name=name))
    before = [shapes(debug.read(library).description) for library in libraries]
    run(dwz, "-m", tmp_path / "common.debug", *libraries)
    sections = run("readelf", "-SW", libraries[0])
    assert ".gnu_debugaltlink" in sections
    assert [shapes(debug.read(library).description) for library in libraries] == before
    (tmp_path / "common.debug").unlink()
    with pytest.raises(ToolError, match="dwz"):
        debug.read(libraries[0])


def test_an_object_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "made.c").write_text("int f(int a) { return a; }\n")
    run(COMPILERS[0], "-g", "-c", "-o", tmp_path / "made.o", tmp_path / "made.c")
    with pytest.raises(ToolError, match="not linked"):
        debug.read(tmp_path / "made.o")


def test_exported_functions_without_debug_data_are_named(tmp_path: Path) -> None:
    (tmp_path / "plain.c").write_text("int undebugged(void) { return 0; }\n")
    run(COMPILERS[0], "-fPIC", "-c", "-o", tmp_path / "plain.o", tmp_path / "plain.c")
    data = read_one(tmp_path, "int debugged(void) { return 0; }\n", "-g", "plain.o")
    assert any("nothing is told of undebugged" in note for note in data.notes)


def test_a_variable_that_is_thread_local_is_read(tmp_path: Path) -> None:
    data = read_one(tmp_path, "_Thread_local int mine = 3;\n")
    assert isinstance(data.description.declarations[-1], Variable)


def test_progress_is_told(tmp_path: Path) -> None:
    class Steps:
        told: list[tuple[int, int | None, str]] = []  # noqa: RUF012

        def step(self, done: int, total: int | None = None, what: str = "") -> None:
            self.told.append((done, total, what))

    debug.read(compiled(tmp_path, "int f(void) { return 0; }\n", "-g"), progress=Steps())
    assert Steps.told and Steps.told[0][2] == "units"


def test_five_megabytes_are_read_in_time(tmp_path: Path) -> None:
    # Functions with bodies, as most debug data are; nothing says where a body ends.
    made = Dwarf()
    integer = made.integer()
    variable = {NAME: (STRING, "a_local_variable"), TYPE: (REF4, integer)}
    count = 2500
    for number in range(count):
        name = {NAME: (STRING, f"f{number}"), EXTERNAL: (PRESENT, None)}
        made.add(SUBPROGRAM, True, {**name, PROTOTYPED: (PRESENT, None), TYPE: (REF4, integer)})
        for _ in range(4):
            made.add(PARAMETER, False, variable)
        for _ in range(20):
            made.add(BLOCK, True, {})
            for _ in range(4):
                made.add(LOCAL, False, variable)
            made.end()
        made.end()
    source = "".join(f"int f{number}(void) {{ return 0; }}\n" for number in range(count))
    bare = compiled(tmp_path, source, "-O0")
    library = with_sections(bare, tmp_path, made.sections())
    assert library.stat().st_size > 5_000_000
    start = time.process_time()
    data = debug.read(library)
    assert time.process_time() - start < 10
    assert len(list(data.description.functions())) == count


@pytest.mark.parametrize("flags", [["-gdwarf-4"], ["-gdwarf-5", "-O2"]], ids=" ".join)
@pytest.mark.parametrize("compiler", COMPILERS, ids=lambda path: Path(path).name)
def test_another_reader_of_dwarf_finds_the_same(
    compiler: str, flags: list[str], tmp_path: Path
) -> None:
    elffile = pytest.importorskip("elftools.elf.elffile", reason="needs pyelftools")
    library = build(tmp_path, compiler, flags)
    description = debug.read(library).description
    functions = {f.name: f.location.line for f in description.functions()}
    records = {
        r.tag: (r.size, [(f.name, f.offset) for f in r.fields or [] if f.bit_width is None])
        for r in description.records()
        if r.tag
    }
    seen = 0
    with library.open("rb") as stream:
        for unit in elffile.ELFFile(stream).get_dwarf_info().iter_CUs():
            for entry in unit.iter_DIEs():
                said = {name: value.value for name, value in entry.attributes.items()}
                name = said.get("DW_AT_name", b"").decode()
                if entry.tag == "DW_TAG_subprogram" and "DW_AT_external" in said and name:
                    if "DW_AT_declaration" not in said:
                        assert functions[name] == said["DW_AT_decl_line"]
                        seen += 1
                elif entry.tag == "DW_TAG_structure_type" and name in records:
                    members = [
                        (
                            m.attributes["DW_AT_name"].value.decode()
                            if "DW_AT_name" in m.attributes
                            else "",
                            m.attributes["DW_AT_data_member_location"].value,
                        )
                        for m in entry.iter_children()
                        if m.tag == "DW_TAG_member" and "DW_AT_bit_size" not in m.attributes
                    ]
                    if "DW_AT_declaration" not in said:
                        assert records[name] == (said["DW_AT_byte_size"], members)
                        seen += 1
    assert seen >= 16
