"""Libraries that carry their description: the header, the written source, libcore's build."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

import symbridge
from symbridge import binary, declarations
from symbridge.embed import include_directory
from symbridge.embed.elf import read_notes
from symbridge.embed.facts import canonical, facts_of
from symbridge.embed.note import (
    DESCRIPTION,
    FACTS,
    fnv1a,
    pack_facts,
    pack_note,
    unpack_facts,
    unpack_notes,
)
from symbridge.embed.source import HASH_MARK, write_source
from symbridge.failure import ToolError

ROOT = Path(__file__).parents[1]
LIBCORE = ROOT / "libcore"
WARNINGS = ("-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Wshadow", "-Werror")

HEADER = """\
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdarg.h>
#define LIMIT 99
#define NAME "text?\\"\\\\"
#define RATIO 0.1
enum colour { RED, GREEN = 7, DARK = -1 };
typedef struct point { int32_t x; int16_t y; unsigned low : 3; int high : 5; } point;
typedef struct { double a; union { long b; char c[4]; }; struct { short d; } in; } nested;
struct hidden;
extern int count;
int move(point *p, long by, const char *name);
enum colour paint(struct hidden *h, nested n, void (*done)(void *user, int), void *user);
int print(FILE *to, const char *format, va_list arguments);
size_t many(const char *format, ...);
long double far(wchar_t w, _Bool b);
"""
DESCRIBED = HEADER.partition("#include <stdarg.h>\n")[2]
CODE = """\
#include "shape.h"
int count = 5;
int move(point *p, long by, const char *name)
{ p->x += (int32_t)by; return name != NULL; }
enum colour paint(struct hidden *h, nested n, void (*done)(void *user, int), void *user)
{ (void)h; (void)n; done(user, 1); return GREEN; }
int print(FILE *to, const char *format, va_list a) { return vfprintf(to, format, a); }
size_t many(const char *format, ...) { return format != NULL; }
long double far(wchar_t w, _Bool b) { return b ? (long double)w : 0; }
"""


def compiler(name: str) -> str:
    if shutil.which(name) is None:
        pytest.skip(f"{name} is not installed")
    return name


def compile_library(
    directory: Path, sources: Sequence[str], *flags: str, cc: str = "cc", name: str = "libshape.so"
) -> Path:
    target = directory / name
    command = [cc, "-shared", "-fPIC", *flags, *sources, "-o", str(target)]
    done = subprocess.run(command, cwd=directory, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return target


def compile_error(directory: Path, source: str, cc: str) -> str:
    """What the compiler says of a source that must not compile."""
    command = [cc, "-std=c11", "-fsyntax-only", source]
    done = subprocess.run(command, cwd=directory, capture_output=True, text=True, check=False)
    assert done.returncode != 0, "it compiled"
    return done.stderr


@pytest.fixture
def shape(tmp_path: Path) -> Path:
    """A directory with a small library and the source that carries its description."""
    (tmp_path / "shape.h").write_text(HEADER)
    (tmp_path / "shape.c").write_text(CODE)
    text = write_source(DESCRIBED, ['"shape.h"'], file="shape.bridge", name="carried.c")
    (tmp_path / "carried.c").write_text(text)
    return tmp_path


class TestNoteBytes:
    def test_the_hash_is_fnv1a(self) -> None:
        assert fnv1a(b"") == 0xCBF29CE484222325
        assert fnv1a(b"foobar") == 0x85944171F73967E8

    @pytest.mark.parametrize("byteorder", ["little", "big"])
    def test_what_is_packed_unpacks(self, byteorder: str) -> None:
        facts = [("sizeof struct s", 8), ("enumerator DARK", -1)]
        payload = pack_facts(facts, byteorder)  # type: ignore[arg-type]
        section = pack_note(DESCRIPTION, b"int f(void);", byteorder) + pack_note(  # type: ignore[arg-type]
            FACTS,
            payload,
            byteorder,  # type: ignore[arg-type]
        )
        notes = list(unpack_notes(section, byteorder))  # type: ignore[arg-type]
        assert notes == [("symbridge", 1, b"int f(void);"), ("symbridge", 2, payload)]
        assert unpack_facts(payload, byteorder) == {  # type: ignore[arg-type]
            fnv1a(b"sizeof struct s"): 8,
            fnv1a(b"enumerator DARK"): 2**64 - 1,
        }

    def test_notes_that_are_cut_off_end_the_reading(self) -> None:
        section = pack_note(DESCRIPTION, b"int f(void);") * 2
        for size in range(len(section)):
            assert len(list(unpack_notes(section[:size]))) == size // (len(section) // 2)

    @pytest.mark.parametrize("size", range(8 + 16 * 2))
    def test_facts_that_are_cut_off_are_refused(self, size: int) -> None:
        with pytest.raises(ToolError, match="header" if size < 8 else "claim to be 2"):
            unpack_facts(pack_facts([("a", 1), ("b", 2)])[:size])


class TestDigests:
    def test_python_and_the_engine_agree(self, native_library: Callable[[str], Path]) -> None:
        descriptions = [LIBCORE / "core.bridge", *sorted((ROOT / "tests/native").glob("*.bridge"))]
        compared = 0
        for path in descriptions:
            description = declarations.parse_file(path)
            for function in description.functions():
                assert function.digest == fnv1a(canonical(function.type).encode()), function.name
                compared += 1
            for variable in description.variables():
                assert variable.digest == fnv1a(canonical(variable.type).encode()), variable.name
        assert compared > 60

    @pytest.mark.parametrize(
        ("declaration", "spelling"),
        [
            ("uint32_t f(const char *a, size_t b);", "(*char8,uint64)uint32"),
            ("void f(void (*g)(int, ...), struct s *s);", "(*(int32,...)void,*struct s)void"),
            ("union u { int i; }; union u f(union u u[3]);", "(*union u)union u"),
            ("enum e { A = -1 }; void f(enum e, double, _Bool);", "(int32,float64,bool8)void"),
            ("int f();", "(?)int32"),
        ],
    )
    def test_canonical_spelling(self, declaration: str, spelling: str) -> None:
        function = next(declarations.parse(declaration).functions())
        assert canonical(function.type) == spelling
        assert function.digest == fnv1a(spelling.encode())


class TestMacro:
    """symbridge_description.h."""

    SOURCE = """
    #include <symbridge_description.h>
    #ifdef __cplusplus
    extern "C"
    #endif
    int add(int a, int b);
    %s;
    int add(int a, int b) { return a + b; }
    """
    BUILDS = (
        ("gcc", "c", ("-std=c99",)),
        ("gcc", "c", ("-flto", "-O2")),
        ("clang", "c", ("-std=c99", "-O2")),
        ("g++", "cc", ("-std=c++14",)),
        ("g++", "cc", ("-flto", "-O3")),
        ("clang++", "cc", ("-std=c++14",)),
    )

    @pytest.mark.parametrize(("cc", "suffix", "flags"), BUILDS)
    @pytest.mark.parametrize("more", range(4))
    def test_text(
        self, tmp_path: Path, cc: str, suffix: str, flags: tuple[str, ...], more: int
    ) -> None:
        text = "int add(int a, int b);" + " " * more
        self.build(tmp_path, cc, suffix, flags, f'SYMBRIDGE_DESCRIPTION("{text}")')
        self.check(tmp_path, text)

    @pytest.mark.parametrize(("cc", "suffix", "flags"), BUILDS)
    def test_file(self, tmp_path: Path, cc: str, suffix: str, flags: tuple[str, ...]) -> None:
        text = "/** é */\nint add(int a, int b);\n"
        (tmp_path / "add.bridge").write_text(text)
        self.build(tmp_path, cc, suffix, flags, 'SYMBRIDGE_DESCRIPTION_FILE("add.bridge")')
        self.check(tmp_path, text)

    def build(
        self, directory: Path, cc: str, suffix: str, flags: tuple[str, ...], macro: str
    ) -> None:
        source = directory / f"add.{suffix}"
        source.write_text(self.SOURCE % macro + "\n")
        compile_library(
            directory, [source.name], *flags, "-Wall", "-Wextra", "-Wpedantic", "-Werror",
            f"-I{include_directory()}", "-ffunction-sections", "-fdata-sections",
            "-Wl,--gc-sections", cc=compiler(cc), name="libadd.so",
        )  # fmt: skip

    def check(self, directory: Path, text: str) -> None:
        library = directory / "libadd.so"
        subprocess.run(["strip", library], check=True)
        image = binary.read(library)
        assert image.description == text
        assert not [s.name for s in image.symbols if "symbridge" in s.name]
        assert symbridge.load(str(library)).add(2, 3) == 5

    def test_an_archive_gives_it_when_asked(self, tmp_path: Path) -> None:
        (tmp_path / "add.c").write_text(
            '#include <symbridge_description.h>\nSYMBRIDGE_DESCRIPTION("int sub(int a, int b);");'
        )
        (tmp_path / "sub.c").write_text("int sub(int a, int b) { return a - b; }")
        flags = ["cc", "-c", "-fPIC", f"-I{include_directory()}", "add.c"]
        subprocess.run(flags, cwd=tmp_path, check=True)
        subprocess.run(["ar", "rcs", "libadd.a", "add.o"], cwd=tmp_path, check=True)
        plain = compile_library(tmp_path, ["sub.c", "libadd.a"], name="plain.so")
        asked = "-Wl,-u,symbridge_description"
        carrying = compile_library(tmp_path, ["sub.c", "libadd.a"], asked, name="carrying.so")
        assert read_notes(plain) == []
        assert symbridge.load(str(carrying)).sub(5, 3) == 2


class TestWrittenSource:
    PLAIN = ("-std=c11", *WARNINGS)
    DROPPED = ("-ffunction-sections", "-fdata-sections", "-Wl,--gc-sections", "-O2")

    @pytest.mark.parametrize(
        ("cc", "flags"),
        [
            ("gcc", PLAIN),
            ("clang", PLAIN),
            ("gcc", DROPPED),
            ("clang", DROPPED),
            ("gcc", ("-fuse-ld=gold", *DROPPED)),
            # clang's LTO needs a plugin of its own in the linker.
            ("gcc", ("-flto", "-O3", "-Wl,--gc-sections")),
        ],
    )
    def test_it_carries_text_and_facts(self, shape: Path, cc: str, flags: tuple[str, ...]) -> None:
        if "-fuse-ld=gold" in flags:
            compiler("ld.gold")
        library = compile_library(shape, ["shape.c", "carried.c"], *flags, cc=compiler(cc))
        subprocess.run(["strip", library], check=True)
        notes = dict(read_notes(library))
        assert notes[DESCRIPTION].decode() == DESCRIBED
        facts = unpack_facts(notes[FACTS], sys.byteorder)
        expected = {
            fnv1a(f.text.encode()): f.value & 2**64 - 1
            for f in facts_of(declarations.parse(DESCRIBED))
        }
        assert facts == expected
        assert len(facts) > 20

    def test_it_loads_by_itself(self, shape: Path) -> None:
        library = compile_library(shape, ["shape.c", "carried.c"])
        module = symbridge.load(str(library))
        assert module.LIMIT == 99 and module.NAME == 'text?"\\'
        assert module.count == 5

    def test_an_archive_gives_it_when_asked(self, shape: Path) -> None:
        subprocess.run(["cc", "-c", "-fPIC", "carried.c", "shape.c"], cwd=shape, check=True)
        subprocess.run(["ar", "rcs", "libshape.a", "carried.o", "shape.o"], cwd=shape, check=True)
        anchor = "-Wl,-u,symbridge_description_of_shape,-u,move"
        for flag in (anchor, "-Wl,--whole-archive"):
            library = compile_library(shape, [], flag, "libshape.a", "-Wl,--no-whole-archive")
            assert dict(read_notes(library))[DESCRIPTION].decode() == DESCRIBED

    @pytest.mark.parametrize("cc", ["gcc", "clang"])
    @pytest.mark.parametrize(
        ("header", "described", "line", "message"),
        [
            ("int32_t x;", "uint32_t x;", "shape.bridge:5", "described as `uint32_t x`"),
            ("int16_t y;", "int32_t y;", "shape.bridge:5", "described as"),
            ("LIMIT 99", "LIMIT 98", "shape.bridge:1", "LIMIT is described as 98"),
            ("RATIO 0.1", "RATIO 0.2", "shape.bridge:3", "RATIO"),
            ('NAME "text', 'NAME "taxt', "shape.bridge:2", "NAME is described as"),
            ("GREEN = 7", "GREEN = 8", "shape.bridge:4", "GREEN is described as 8"),
            ("long by,", "int by,", "shape.bridge:9", "move is described as `int move(struct"),
            ("extern int count", "extern long count", "shape.bridge:8", "described as `long count"),
            ("const char *name", "char *name", "shape.bridge:9", "char *name"),
            ("format, ...", "format", "shape.bridge:12", "many is described as"),
            ("low : 3", "low : 4", "shape.bridge:5", "15"),
            ("double a;", "double a, more;", "shape.bridge:6", "more"),
            ("struct { short d; } in", "struct { int d; } in", "shape.bridge:6", "described as"),
            ("many(", "meny(", "shape.bridge:12", "meny"),
        ],
    )
    def test_what_disagrees_does_not_compile(
        self, shape: Path, cc: str, header: str, described: str, line: str, message: str
    ) -> None:
        assert header in DESCRIBED
        text = write_source(
            DESCRIBED.replace(header, described), ['"shape.h"'], file="shape.bridge"
        )
        (shape / "wrong.c").write_text(text)
        error = compile_error(shape, "wrong.c", compiler(cc))
        assert re.search(rf"^{line}:[\d:]* error: ", error, re.MULTILINE), error
        assert message in error

    def test_another_name_for_a_symbol_is_checked(self, tmp_path: Path) -> None:
        (tmp_path / "a.h").write_text("int real(int a);\n")
        good = 'int real(int a);\nint alias(int b) __asm__("real");\n'
        for text, compiles in ((good, True), (good.replace("int b", "long b"), False)):
            (tmp_path / "c.c").write_text(write_source(text, ['"a.h"'], file="a.bridge"))
            if compiles:
                compile_library(tmp_path, ["c.c"])
            else:
                assert "a.bridge:2" in compile_error(tmp_path, "c.c", "cc")

    def test_what_is_optional_need_not_be_in_headers(self, tmp_path: Path) -> None:
        (tmp_path / "a.h").write_text("int real(int a);\n")
        text = "int real(int a);\n[[optional]] int later(int a);\n"
        (tmp_path / "c.c").write_text(write_source(text, ['"a.h"'], file="a.bridge"))
        facts = unpack_facts(dict(read_notes(compile_library(tmp_path, ["c.c"])))[FACTS])
        assert set(facts) == {fnv1a(b"function real")}

    def test_it_says_of_what_it_was_made(self) -> None:
        text = write_source(b"int f(void);", ["a.h"])
        assert HASH_MARK + hashlib.sha256(b"int f(void);").hexdigest() in text

    def test_errors_say_what_is_wrong(self) -> None:
        with pytest.raises(ToolError, match="no headers"):
            write_source("int f(void);", [])
        with pytest.raises(ToolError, match="no C identifier"):
            write_source("int f(void);", ["a.h"], anchor="a b")
        with pytest.raises(symbridge.DescriptionError):
            write_source("int f(", ["a.h"])

    @pytest.mark.parametrize("text", ["", "\n", "int f(void);", "// a\nint f(void);\r\n\n"])
    def test_text_of_any_length_arrives_whole(self, tmp_path: Path, text: str) -> None:
        (tmp_path / "a.h").write_text("int f(void);\n")
        for more in range(4):
            whole = text + "\n" * more
            (tmp_path / "c.c").write_text(write_source(whole, ['"a.h"']))
            notes = dict(read_notes(compile_library(tmp_path, ["c.c"])))
            assert notes[DESCRIPTION].decode() == whole


class TestLibcore:
    """Its build fails when its header and its description disagree."""

    @pytest.fixture
    def copy(self, tmp_path: Path) -> Path:
        return Path(shutil.copytree(LIBCORE, tmp_path / "libcore"))

    def make(self, copy: Path) -> subprocess.CompletedProcess[str]:
        build = f"BUILD={copy.parent / 'build'}"
        return subprocess.run(
            ["make", "-s", "-j2", "-C", str(copy), build, "CFLAGS=-O0"],
            capture_output=True, text=True, check=False,
        )  # fmt: skip

    def write_again(self, copy: Path) -> None:
        text = write_source(
            (copy / "core.bridge").read_bytes(), ["core/core.h"], file="core.bridge"
        )
        (copy / "src/carried_description.c").write_text(text)

    def test_the_committed_source_is_of_the_committed_description(self) -> None:
        text = write_source(
            (LIBCORE / "core.bridge").read_bytes(), ["core/core.h"], file="core.bridge"
        )
        assert (LIBCORE / "src/carried_description.c").read_text() == text

    def test_a_header_that_changed_fails_with_the_description_s_line(self, copy: Path) -> None:
        header = copy / "include/core/text.h"
        text = header.read_text()
        assert "core_fact(uint32_t n" in text
        header.write_text(text.replace("core_fact(uint32_t n", "core_fact(uint64_t n"))
        done = self.make(copy)
        lines = (copy / "core.bridge").read_text().splitlines()
        line = next(n for n, t in enumerate(lines, 1) if "core_fact(" in t)
        assert done.returncode != 0
        found = re.search(rf"^core\.bridge:{line}:.* error: .*core_fact", done.stderr, re.MULTILINE)
        assert found is not None, done.stderr

    def test_a_description_that_changed_has_to_be_put_in_again(self, copy: Path) -> None:
        bridge = copy / "core.bridge"
        bridge.write_text(bridge.read_text().replace("CORE_INDEX = 6", "CORE_INDEX = 16"))
        done = self.make(copy)
        assert done.returncode != 0
        assert "core.bridge has changed since src/carried_description.c was made" in done.stderr
        assert "symbridge embed --source" in done.stderr
        self.write_again(copy)
        done = self.make(copy)
        assert done.returncode != 0
        assert "CORE_INDEX is described as 16; the headers say otherwise" in done.stderr

    def test_meson_says_it_too(self, copy: Path) -> None:
        meson = compiler("meson")
        bridge = copy / "core.bridge"
        bridge.write_text(bridge.read_text() + "\n")
        done = subprocess.run(
            [meson, "setup", str(copy.parent / "build"), str(copy)],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode != 0
        assert "core.bridge has changed" in done.stdout

    def test_corelib_needs_no_file(self) -> None:
        import corelib

        here = Path(corelib.__file__).parent
        assert not list(here.glob("*.bridge"))
        assert binary.read(here / "libcore.so.1").description == (
            (LIBCORE / "core.bridge").read_text()
        )
        assert corelib.fact(5) == 120

    def test_other_languages_can_read_it(self, tmp_path: Path) -> None:
        """The example of docs/self-describing.md."""
        import corelib

        library = os.path.join(os.path.dirname(corelib.__file__), "libcore.so.1")
        page = (ROOT / "docs/self-describing.md").read_text()
        example = re.search(r"```c\n(/\* note\.c .*?)```", page, re.DOTALL)
        assert example is not None
        (tmp_path / "note.c").write_text(example[1])
        subprocess.run(
            ["cc", "-std=c11", *WARNINGS, "note.c", "-o", "note"], cwd=tmp_path, check=True
        )
        done = subprocess.run(
            [tmp_path / "note", library], capture_output=True, text=True, check=True
        )
        assert done.stdout == (LIBCORE / "core.bridge").read_text()
        python = re.search(r"```python\n(import struct.*?)```", page, re.DOTALL)
        assert python is not None
        names: dict[str, Any] = {}
        exec(python[1], names)
        assert names["description"](library) == done.stdout
