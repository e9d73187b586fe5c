"""load compares a library's facts with what is described, and finds descriptions by itself."""

from __future__ import annotations

import os
import random
import re
import shutil
import struct
import subprocess
import sys
from pathlib import Path

import pytest

import symbridge
from growth import growth
from symbridge.declarations import parse
from symbridge.embed.elf import add_notes
from symbridge.embed.facts import facts_of
from symbridge.embed.note import DESCRIPTION, FACTS, fnv1a, pack_facts
from symbridge.embed.source import write_source

TEXT = """\
#define LIMIT 99
enum state { IDLE, BUSY = 4, FAILED = -1, STATE_COUNT = 2 };
struct point { int x; short y; struct { char c; } in; };
extern int total;
struct handle;
struct handle *handle_open(const char *name);
int handle_read(struct handle *h, char *buffer, size_t size, enum state *state);
int visit(struct handle *h, int (*each)(void *user, long item), void *user);
double scale(struct point p, double by);
long many(int count, ...);
#define LIMIT_VERSION 3
"""
HEADER = f"#include <stddef.h>\n{TEXT}"
CODE = """\
#include "lib.h"
int total = 3;
struct handle { int unused; } one;
struct handle *handle_open(const char *name) { return name != NULL ? &one : NULL; }
int handle_read(struct handle *h, char *buffer, size_t size, enum state *state)
{ (void)h; (void)buffer; *state = BUSY; return (int)size; }
int visit(struct handle *h, int (*each)(void *user, long item), void *user)
{ (void)h; return each(user, 1); }
double scale(struct point p, double by) { return p.x * by; }
long many(int count, ...) { return count; }
__attribute__((constructor)) static void opened(void)
{
    extern char *getenv(const char *);
    extern int puts(const char *);
    if (getenv("SAY_OPENED")) puts("opened");
}
"""

#: What is changed in the text, and what the error says of it: what was described, what is there.
DRIFT = {
    "width": ("size_t size", "unsigned size", "7", "unsigned int size", "size_t size"),
    "sign": ("double scale", "float scale", "9", "float", "double"),
    "order": (
        "char *buffer, size_t size",
        "size_t size, char *buffer",
        "7",
        "size_t size",
        "char *buffer",
    ),
    "number of parameters": ("(const char *name)", "(const char *name, int n)", "6", "n", ""),
    "variadic": ("int count, ...", "int count", "10", "", "..."),
    "pointer depth": ("enum state *state", "enum state **state", "7", "**", "*"),
    "callback": ("long item", "int item", "8", "int", "long"),
    "result": ("long many", "int many", "10", "int", "long"),
    "variable": ("extern int total", "extern short total", "4", "short", "int"),
    "field width": ("short y", "long y", "3", "long", "short"),
    "field sign": ("int x", "unsigned x", "3", "unsigned int", "int"),
    "field order": ("int x; short y;", "short y; int x;", "3", "4", "0"),
    "inner field": ("char c;", "short c;", "3", "", ""),
    "enumerator": ("BUSY = 4", "BUSY = 5", "2", "5", "4"),
    "negative enumerator": ("FAILED = -1", "FAILED = -2", "2", "-2", "-1"),
    "constant": ("LIMIT 99", "LIMIT 100", "1", "100", "99"),
}

#: Changes that no caller can tell.
HARMLESS = {
    "nothing": ("", ""),
    "const": ("const char *name", "char *name"),
    "a handle as void *": ("visit(struct handle *h", "visit(void *h"),
    "fixed width": ("extern int total", "extern int32_t total"),
    "size by another name": ("size_t size", "unsigned long size"),
    "names of parameters": ("int count, ...", "int n, ..."),
    "an attribute": ("extern int total", '[[name("sum")]] extern int total'),
    "names of fields": ("short y", "short second"),
    "fewer functions": ("long many(int count, ...);\n", ""),
    "an enumerator that counts the others": ("STATE_COUNT = 2", "STATE_COUNT = 1"),
    "the version": ("LIMIT_VERSION 3", "LIMIT_VERSION 2"),
    "a typedef": ("double scale(", "typedef double real;\nreal scale("),
}


def make_library(directory: Path, *, carried: str | None = TEXT, name: str = "libdrift.so") -> Path:
    (directory / "lib.h").write_text(HEADER)
    (directory / "lib.c").write_text(CODE)
    sources = ["lib.c"]
    if carried is not None:
        source = write_source(carried, ['"lib.h"'], file="lib.bridge")
        (directory / "carried.c").write_text(source)
        sources.append("carried.c")
    target = directory / name
    command = ["cc", "-shared", "-fPIC", *sources, "-o", str(target)]
    subprocess.run(command, cwd=directory, check=True)
    return target


@pytest.fixture(scope="module")
def carrying(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A library with text and facts."""
    return make_library(tmp_path_factory.mktemp("carrying"))


@pytest.fixture(scope="module")
def factual(carrying: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A library with facts alone."""
    directory = tmp_path_factory.mktemp("factual")
    plain = make_library(directory, carried=None, name="plain.so")
    library = directory / "libdrift.so"
    add_notes(plain, library, [(FACTS, own_facts())])
    return library


@pytest.fixture
def plain(tmp_path: Path) -> Path:
    """A library that carries nothing."""
    return make_library(tmp_path, carried=None)


def own_facts(text: str = TEXT) -> bytes:
    return pack_facts((f.pair for f in facts_of(parse(text))), sys.byteorder)


def changed(old: str, new: str) -> str:
    assert old in TEXT
    return TEXT.replace(old, new, 1)


class TestDrift:
    @pytest.mark.parametrize("kind", DRIFT)
    def test_is_refused_with_both_sides(self, carrying: Path, kind: str) -> None:
        old, new, line, described, actual = DRIFT[kind]
        with pytest.raises(symbridge.MismatchError) as caught:
            symbridge.load(str(carrying), changed(old, new))
        error = caught.value
        assert isinstance(error, symbridge.LibraryError)
        assert str(carrying) in str(error)
        differences = error.differences
        assert differences
        assert any(str(d.location) == f"<description>:{line}" for d in differences)
        text = str(error)
        assert f"  <description>:{line}: " in text
        assert re.search(rf"described: .*{re.escape(described)}", text), text
        assert re.search(rf"actual: .*{re.escape(actual)}", text), text

    @pytest.mark.parametrize("kind", DRIFT)
    def test_is_refused_where_there_are_only_facts(self, factual: Path, kind: str) -> None:
        old, new, line, _, _ = DRIFT[kind]
        with pytest.raises(symbridge.MismatchError) as caught:
            symbridge.load(str(factual), changed(old, new))
        text = str(caught.value)
        assert f"  <description>:{line}: " in text
        assert "described: " in text and "actual: " in text

    @pytest.mark.parametrize("kind", HARMLESS)
    def test_that_no_caller_can_tell_passes(self, carrying: Path, kind: str) -> None:
        module = symbridge.load(str(carrying), changed(*HARMLESS[kind]))
        assert module.LIMIT == 99

    def test_all_of_it_is_said_at_once(self, carrying: Path) -> None:
        text = TEXT.replace("BUSY = 4", "BUSY = 5").replace("LIMIT 99", "LIMIT 1")
        text = text.replace("long many", "char many")
        with pytest.raises(symbridge.MismatchError, match="3 differences") as caught:
            symbridge.load(str(carrying), text)
        names = [d.name for d in caught.value.differences]
        assert names == ["LIMIT", "BUSY", "many"]

    def test_the_file_s_line_is_named(self, carrying: Path, tmp_path: Path) -> None:
        file = tmp_path / "drift.bridge"
        file.write_text("\n\n" + changed("BUSY = 4", "BUSY = 5"))
        with pytest.raises(symbridge.MismatchError, match=rf"{re.escape(str(file))}:4: "):
            symbridge.load(str(carrying), file=file)

    def test_no_code_of_the_library_runs(self, carrying: Path, tmp_path: Path) -> None:
        library = shutil.copy(carrying, tmp_path / "fresh.so")
        script = (
            "import symbridge, sys\n"
            "try: symbridge.load(sys.argv[1], sys.argv[2])\n"
            "except symbridge.MismatchError: print('refused')\n"
        )
        for text, said in ((changed("BUSY = 4", "BUSY = 5"), "refused\n"), (TEXT, "opened\n")):
            done = subprocess.run(
                [sys.executable, "-c", script, str(library), text],
                env={**os.environ, "SAY_OPENED": "1"},
                capture_output=True, text=True, check=True,
            )  # fmt: skip
            assert done.stdout == said, done.stderr

    def test_a_package_is_not_extended(self, carrying: Path) -> None:
        import types

        package = types.ModuleType("drifted")
        package.__path__ = []
        sys.modules["drifted"] = package
        try:
            with pytest.raises(symbridge.MismatchError):
                symbridge.extend("drifted", str(carrying), changed("BUSY = 4", "BUSY = 5"))
            symbridge.extend("drifted", str(carrying))
            assert package.LIMIT == 99
        finally:
            del sys.modules["drifted"]

    def test_facts_speak_against_the_text_beside_them(self, plain: Path, tmp_path: Path) -> None:
        """A description that was embedded by hand, and is not what the compiler knew."""
        library = tmp_path / "stale.so"
        stale = changed("BUSY = 4", "BUSY = 6").encode()
        add_notes(plain, library, [(DESCRIPTION, stale), (FACTS, own_facts())])
        with pytest.raises(symbridge.MismatchError, match="stale.so>:2: enumerator, BUSY"):
            symbridge.load(str(library))

    def test_two_libraries_are_two(self, carrying: Path, plain: Path) -> None:
        drifted = changed("LIMIT 99", "LIMIT 5")
        assert symbridge.load(str(plain), drifted).LIMIT == 5
        with pytest.raises(symbridge.MismatchError):
            symbridge.load(str(carrying), drifted)
        assert symbridge.load(str(carrying)).LIMIT == 99

    def test_what_is_described_more_is_not_compared(self, carrying: Path) -> None:
        module = symbridge.load(
            str(carrying), TEXT + "#define MORE 5\n[[optional]] int later(void);"
        )
        assert module.MORE == 5


class TestLookUp:
    SIMPLE = "int visit(void *h, void *each, void *user);\n#define FROM "

    def test_the_argument_comes_first(self, carrying: Path, tmp_path: Path) -> None:
        library = shutil.copy(carrying, tmp_path)
        Path(f"{library}.bridge").write_text("#define FROM 2\n")
        assert symbridge.load(str(library), "#define FROM 1\n").FROM == 1

    def test_then_the_file_of_the_library_s_name(self, carrying: Path, tmp_path: Path) -> None:
        library = tmp_path / "libdrift.so.1"
        shutil.copy(carrying, library)
        (tmp_path / "libdrift.bridge").write_text("#define FROM 3\n")
        assert symbridge.load(str(library)).FROM == 3
        (tmp_path / "libdrift.so.1.bridge").write_text("#define FROM 2\n")
        assert symbridge.load(str(library)).FROM == 2

    def test_then_the_library_itself(self, carrying: Path) -> None:
        module = symbridge.load(str(carrying))
        assert module.total == 3 and module.scale and not hasattr(module, "FROM")

    def test_else_the_places_are_named(self, plain: Path) -> None:
        with pytest.raises(ValueError, match=r"no libdrift\.so\.bridge or libdrift\.bridge in "):
            symbridge.load(str(plain))

    def test_a_library_that_is_not_there(self) -> None:
        with pytest.raises(symbridge.LibraryError, match="not found"):
            symbridge.load("libnothing-of-that-name.so.9")
        with pytest.raises(symbridge.LibraryError):
            symbridge.load("/no/such/library.so")

    def test_by_soname(self, carrying: Path, tmp_path: Path) -> None:
        library = tmp_path / "libsymbridgedrift.so.1"
        shutil.copy(carrying, library)
        script = "import symbridge; print(symbridge.load('libsymbridgedrift.so.1').LIMIT)"
        done = subprocess.run(
            [sys.executable, "-c", script],
            env={**os.environ, "LD_LIBRARY_PATH": str(tmp_path)},
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        assert done.stdout == "99\n"

    def test_not_in_the_working_directory(
        self, carrying: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (tmp_path / "libm.so.6.bridge").write_text("#define FROM 2\n")
        (tmp_path / "libm.bridge").write_text("#define FROM 2\n")
        monkeypatch.chdir(tmp_path)
        with pytest.raises(ValueError, match="no description"):
            symbridge.load("libm.so.6")

    def test_a_relative_path(
        self, carrying: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        shutil.copy(carrying, tmp_path / "libdrift.so")
        monkeypatch.chdir(tmp_path)
        assert symbridge.load("./libdrift.so").LIMIT == 99
        (tmp_path / "libdrift.bridge").write_text("#define FROM 2\n")
        assert symbridge.load("./libdrift.so").FROM == 2

    def test_errors_in_what_it_carries_have_a_place(self, plain: Path, tmp_path: Path) -> None:
        library = tmp_path / "broken.so"
        add_notes(plain, library, [(DESCRIPTION, b"\nint f(;")])
        with pytest.raises(symbridge.DescriptionError) as caught:
            symbridge.load(str(library))
        assert caught.value.filename == "<description in broken.so>"
        assert caught.value.lineno == 2

    def test_a_library_loaded_from_elsewhere_is_read_there(
        self, carrying: Path, plain: Path, tmp_path: Path
    ) -> None:
        """A name that leads the loader elsewhere than to the file that was read."""
        library = shutil.copy(carrying, tmp_path / "libmoved.so")
        held = symbridge.load(str(library))
        os.replace(plain, library)  # the process still has the one that carries
        with pytest.raises(ValueError, match="carries none"):
            symbridge.load(str(library))
        assert held.LIMIT == 99


class TestNotes:
    def test_of_other_vendors_are_passed_over(self, tmp_path: Path) -> None:
        (tmp_path / "v.c").write_text(
            """
            #define NOTE(name, owner, type, text) \\
                __attribute__((used, section(".note." name), aligned(4))) static const struct { \\
                    unsigned n, d, t; char o[12]; char b[sizeof text]; \\
                } note_##type = {sizeof owner, sizeof text, type, owner, text}
            NOTE("symbridgf", "symbridgf", 1, "int g(;");
            NOTE("symbridg", "symbridge2", 2, "not facts  ");
            NOTE("symbridge", "symbridge", 77, "of a type that is not known");
            int f(void) { return 5; }
            """
        )
        command = ["cc", "-shared", "-fPIC", "v.c", "-o", "v.so"]
        subprocess.run(command, cwd=tmp_path, check=True)
        library = str(tmp_path / "v.so")
        assert symbridge.load(library, "int f(void);").f() == 5
        with pytest.raises(ValueError, match="carries none"):
            symbridge.load(library)

    @pytest.mark.parametrize(
        ("facts", "message"),
        [
            (b"", "end within their header"),
            (b"\1\0\0", "end within their header"),
            (struct.pack("=II", 2, 0), "format 2"),
            (struct.pack("=II", 1, 1), "claim to be 1"),
            (struct.pack("=II", 1, 2**32 - 1) + bytes(160), "claim to be 4294967295"),
            (struct.pack("=II", 1, 0) + bytes(16), "claim to be 0"),
        ],
    )
    def test_facts_that_are_none_are_refused(
        self, plain: Path, tmp_path: Path, facts: bytes, message: str
    ) -> None:
        library = tmp_path / "hostile.so"
        add_notes(plain, library, [(FACTS, facts)])
        with pytest.raises(symbridge.LibraryError, match=message):
            symbridge.load(str(library), TEXT)

    def test_facts_of_no_use_are_no_obstacle(self, plain: Path, tmp_path: Path) -> None:
        library = tmp_path / "odd.so"
        add_notes(plain, library, [(FACTS, pack_facts([("nonsense", 5)] * 1000))])
        assert symbridge.load(str(library), TEXT).LIMIT == 99

    def test_two_that_differ_are_refused(self, tmp_path: Path) -> None:
        library = make_library(tmp_path)
        more = '#include "symbridge_description.h"\nSYMBRIDGE_DESCRIPTION("int f(void);");\n'
        from symbridge.embed import include_directory

        (tmp_path / "more.c").write_text(more)
        command = ["cc", "-shared", "-fPIC", f"-I{include_directory()}", "lib.c", "carried.c",
                   "more.c", "-o", str(library)]  # fmt: skip
        subprocess.run(command, cwd=tmp_path, check=True)
        with pytest.raises(symbridge.LibraryError, match="two different notes"):
            symbridge.load(str(library))

    def test_damaged_files_never_crash(self, carrying: Path, tmp_path: Path) -> None:
        """What is damaged is the part that is read before the library is opened; it is opened only
        when all of that was right."""
        seed = random.randrange(2**32)
        print("seed:", seed)
        dice = random.Random(seed)
        whole = carrying.read_bytes()
        start = whole.index(b"symbridge\0") - 12
        errors = (symbridge.LibraryError, symbridge.DescriptionError, ValueError)
        # Its program headers are gone, so no loader takes it, whatever the notes say.
        script_library = tmp_path / "damaged.so"
        outcomes = set()
        for _ in range(300):
            data = bytearray(whole)
            for _ in range(dice.randrange(1, 4)):
                data[dice.randrange(start, start + 80)] = dice.randrange(256)
            data[16:18] = b"\1\0"  # ET_REL: the loader refuses it
            script_library.write_bytes(data)
            with pytest.raises((*errors, symbridge.MismatchError)) as caught:
                symbridge.load(str(script_library), TEXT)
            outcomes.add(type(caught.value))
        assert symbridge.LibraryError in outcomes

    def test_many_facts_out_of_order_take_no_time(self, plain: Path, tmp_path: Path) -> None:
        import time

        facts = [(f"constant C{i}", i) for i in range(100_000)]
        library = tmp_path / "many.so"
        add_notes(plain, library, [(FACTS, pack_facts(reversed(facts)))])
        text = "".join(f"#define C{i} {i}\n" for i in range(0, 100_000, 10))
        start = time.perf_counter()
        symbridge.load(str(library), text)
        assert time.perf_counter() - start < 5

    def test_a_key_of_facts_is_a_hash_of_text(self) -> None:
        assert own_facts()[8:16] == struct.pack(
            "=II", fnv1a(b"constant LIMIT") & 0xFFFFFFFF, fnv1a(b"constant LIMIT") >> 32
        )


class TestCost:
    def test_import_brings_no_tools(self) -> None:
        script = (
            "import sys, symbridge\n"
            "symbridge.load('libm.so.6', 'double cos(double x);')\n"
            "print([m for m in sys.modules if m.startswith('symbridge')])\n"
        )
        done = subprocess.run(
            [sys.executable, "-c", script], capture_output=True, text=True, check=True
        )
        found = set(re.findall(r"'(.*?)'", done.stdout))
        assert found == {"symbridge", "symbridge._bridge", "symbridge._load"}

    def test_nothing_leaks(self, carrying: Path) -> None:
        drifted = changed("BUSY = 4", "BUSY = 5")

        def refuse() -> None:
            with pytest.raises(symbridge.MismatchError):
                symbridge.load(str(carrying), drifted)

        assert growth(refuse, 5) < 16 * 1024
        assert growth(lambda: symbridge.load(str(carrying), name="leak"), 20) < 1024
