"""symbridge.binary: what library files say, also hostile ones, and where libraries are."""

from __future__ import annotations

import os
import random
import shutil
import struct
import subprocess
import sys
import time
from pathlib import Path

import pytest

from elf_files import write_library
from growth import assert_no_growth, resident
from symbridge import binary
from symbridge.failure import ToolError

CRAFTED = Path(__file__).parent.parent / "bridge/engine/fuzz/corpus/image"
SANITIZED = "SB_SANITIZED" in os.environ

SOURCE = r"""
#include <stdio.h>
int shared = 7;
_Thread_local int local_count;
const char hidden_text[] __attribute__((visibility("hidden"))) = "x";
int plain(int x) { return x + (int)sizeof hidden_text; }
__attribute__((weak)) int feeble(void) { return 1; }
__attribute__((visibility("hidden"))) int inner(void) { return 2; }
int old_one(void) { return 1; }
int new_one(void) { return inner(); }
__asm__(".symver old_one, one@V1");
__asm__(".symver new_one, one@@V2");
static int chosen_now(void) { return 3; }
static int (*choose(void))(void) { return chosen_now; }
int chosen(void) __attribute__((ifunc("choose")));
/* Runs when the library is opened. */
__attribute__((constructor)) static void started(void) { fclose(fopen(MARK, "w")); }
__attribute__((section(".note.vendor"), used, aligned(4))) static const struct {
    unsigned owner, size, type; char name[8]; char content[4];
} vendor = {7, 3, 1, "Vendor", "abc"};
__attribute__((section(".note.symbridge"), used, aligned(4))) static const struct {
    unsigned owner, size, type; char name[12]; char content[20];
} described = {10, sizeof TEXT - 1, 1, "symbridge", TEXT};
"""

SCRIPT = "V1 { local: old_one; new_one; }; V2 { } V1;"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("binary")
    (directory / "made.c").write_text(SOURCE)
    (directory / "script").write_text(SCRIPT)
    library = directory / "libmade.so.1"
    subprocess.run(
        ["gcc", "-shared", "-fPIC", "-O1", "-o", library, "made.c", "-Wl,--version-script=script",
         "-Wl,-soname,libmade.so.1", "-Wl,--build-id=0xc0ffee", f'-DMARK="{directory}/ran"',
         '-DTEXT="int plain(int x);"'],
        check=True, cwd=directory,
    )  # fmt: skip
    return library


def copied(library: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(library, tmp_path / "copy.so"))


def without_sections(library: Path) -> None:
    content = bytearray(library.read_bytes())
    struct.pack_into("<Q", content, 40, 0)  # e_shoff
    struct.pack_into("<HHH", content, 58, 0, 0, 0)  # and its sizes
    library.write_bytes(content)


# ---- what a file says


def test_a_library_is_read(made: Path) -> None:
    read = binary.read(made)
    assert read.soname == "libmade.so.1"
    assert read.bits == struct.calcsize("P") * 8 and read.byte_order == sys.byteorder
    assert read.type == "shared library"
    assert read.needed == ["libc.so.6"]
    assert read.build_id == "c0ffee"
    assert read.description == "int plain(int x);" and read.facts is None
    assert ("Vendor", 1, b"abc") in read.notes
    assert read.debuglink is None and read.debugaltlink is None
    offset, size = read.sections[".note.vendor"]
    assert made.read_bytes()[offset : offset + size][20:23] == b"abc"


def test_symbols_have_kinds_versions_and_sizes(made: Path) -> None:
    exports = binary.read(made).exports()
    assert [str(s) for s in exports["one"]] == ["one@@V2", "one@V1"]
    assert {
        name: exports[name][0].kind for name in ("plain", "shared", "local_count", "chosen")
    } == {
        "plain": "function",
        "shared": "object",
        "local_count": "tls",
        "chosen": "ifunc",
    }
    assert exports["shared"][0].size == 4 and exports["plain"][0].size > 0
    assert exports["feeble"][0].weak and not exports["plain"][0].weak
    assert "inner" not in exports and "hidden_text" not in exports and "fopen" not in exports
    assert exports["V1"][0].made_by_linker and not exports["plain"][0].made_by_linker


def test_what_a_library_needs_is_undefined(made: Path) -> None:
    fopen = next(s for s in binary.read(made).symbols if s.name == "fopen")
    assert not fopen.defined and not fopen.exported and fopen.version.startswith("GLIBC_")


def test_a_symbol_is_found_by_name_and_version(made: Path) -> None:
    read = binary.read(made)
    assert str(read.find("one")) == "one@@V2"
    assert str(read.find("one", "V1")) == "one@V1"
    assert read.find("one", "V3") is None and read.find("two") is None


def test_no_code_of_the_library_runs(made: Path) -> None:
    binary.read(made)
    binary.locate(made)
    assert not (made.parent / "ran").exists()


@pytest.mark.parametrize("name", ["libc.so.6", "libm.so.6", "libz.so.1", "libsqlite3.so.0"])
def test_symbols_are_those_that_pyelftools_finds(name: str) -> None:
    elffile = pytest.importorskip("elftools.elf.elffile", reason="pyelftools is not installed")
    try:
        path = binary.locate(name)
    except ToolError:
        pytest.skip(f"{name} is not installed (Debian: zlib1g, libsqlite3-0)")
    kinds = {"STT_FUNC": "function", "STT_OBJECT": "object", "STT_TLS": "tls", "STT_LOOS": "ifunc"}
    with open(path, "rb") as stream:
        elf = elffile.ELFFile(stream)
        table = elf.get_section_by_name(".dynsym")
        numbers = elf.get_section_by_name(".gnu.version")
        versions = {}
        definitions = elf.get_section_by_name(".gnu.version_d")
        for definition, names in definitions.iter_versions() if definitions else ():
            if not definition["vd_flags"] & 1:
                versions[definition["vd_ndx"]] = next(names).name
        for _, needs in elf.get_section_by_name(".gnu.version_r").iter_versions():
            versions.update((need["vna_other"], need.name) for need in needs)
        expected = []
        for index, symbol in enumerate(table.iter_symbols()):
            if not symbol.name or symbol["st_info"]["bind"] == "STB_LOCAL":
                continue
            number = numbers.get_symbol(index)["ndx"] if numbers else 1
            number = {"VER_NDX_LOCAL": 0, "VER_NDX_GLOBAL": 1}.get(number, number)
            defined = symbol["st_shndx"] != "SHN_UNDEF"
            expected.append(
                (
                    symbol.name,
                    versions[number & 0x7FFF] if number & 0x7FFF > 1 else None,
                    defined and not number & 0x8000,
                    kinds.get(symbol["st_info"]["type"], "other"),
                    symbol["st_size"],
                    symbol["st_value"],
                    defined,
                    symbol["st_info"]["bind"] == "STB_WEAK",
                )
            )
    assert len(expected) > 90
    assert [symbol[:8] for symbol in binary.read(path).symbols] == expected


@pytest.mark.parametrize("path", sorted(CRAFTED.iterdir()), ids=lambda path: path.name)
def test_both_classes_and_byte_orders_are_read(path: Path) -> None:
    read = binary.read(path)
    assert read.bits == (64 if "elf64" in path.name else 32)
    assert read.byte_order == ("big" if "big" in path.name else "little")
    assert read.machine == ("PowerPC64" if "big" in path.name else "x86-64")
    assert read.soname == "libtest.so.1" and read.needed == ["libc.so.6"]
    assert [str(s) for s in read.exports()["one"]] == ["one@@V2", "one@V1"]
    assert (read.description, read.facts) == ("int one(void);", b"facts")
    assert [note.owner for note in read.notes] == ["Vendor", "GNU", "symbridge", "symbridge"]
    if "no-sections" in path.name:
        assert read.debuglink is None and read.sections == {}
    else:
        assert read.debuglink == ("one.debug", 0x89ABCDEF)
        assert read.debugaltlink == ("shared.debug", "010203")


def test_a_stripped_library_says_the_same(made: Path, tmp_path: Path) -> None:
    stripped = copied(made, tmp_path)
    subprocess.run(["strip", stripped], check=True)
    before, after = binary.read(made), binary.read(stripped)
    assert ".symtab" in before.sections and ".symtab" not in after.sections
    assert after.symbols == before.symbols and after.description == before.description


def test_a_library_without_section_headers_says_the_same(made: Path, tmp_path: Path) -> None:
    stripped = copied(made, tmp_path)
    without_sections(stripped)
    before, after = binary.read(made), binary.read(stripped)
    assert after.sections == {}
    assert after.symbols == before.symbols and after.needed == before.needed
    assert after.description == before.description and after.build_id == before.build_id


def test_debug_data_that_was_split_off_is_read(made: Path, tmp_path: Path) -> None:
    library, debug = copied(made, tmp_path), tmp_path / "copy.debug"
    subprocess.run(["objcopy", "--only-keep-debug", library, debug], check=True)
    subprocess.run(["objcopy", f"--add-gnu-debuglink={debug}", library], check=True)
    link = binary.read(library).debuglink
    assert link is not None and link.file == "copy.debug"
    split = binary.read(debug)
    assert split.symbols == [] and split.build_id == "c0ffee"
    assert split.sections[".dynsym"].size == 0 and split.sections[".symtab"].size > 0


def test_an_object_file_has_sections_and_notes(made: Path, tmp_path: Path) -> None:
    made_of = tmp_path / "made.o"
    subprocess.run(
        [
            "gcc",
            "-c",
            "-DMARK=0",
            '-DTEXT="int plain(int x);"',
            made.parent / "made.c",
            "-o",
            made_of,
        ],
        check=True,
    )
    read = binary.read(made_of)
    assert read.type == "object file" and read.symbols == [] and read.soname is None
    assert read.description == "int plain(int x);"


def test_reading_leaves_nothing_behind(made: Path) -> None:
    damaged = made.parent / "damaged.so"
    damaged.write_bytes(made.read_bytes()[:9000])

    def work() -> None:
        binary.read(made)
        with pytest.raises(ToolError):
            binary.read(damaged)

    assert_no_growth(work, 500)


# ---- descriptions


def test_the_file_beside_a_library_comes_before_its_note(made: Path, tmp_path: Path) -> None:
    library = Path(shutil.copy(made, tmp_path / "libmade.so.1"))
    text, shown = binary.own_description(binary.read(library)) or ("", "")
    assert text == "int plain(int x);" and shown.startswith(str(library))
    (tmp_path / "libmade.bridge").write_text("int feeble(void);")
    assert binary.own_description(binary.read(library)) == (
        "int feeble(void);",
        str(tmp_path / "libmade.bridge"),
    )
    (tmp_path / "libmade.so.1.bridge").write_text("int one(void);")
    assert (binary.own_description(binary.read(library)) or ("",))[0] == "int one(void);"


def test_a_library_without_description_has_none(tmp_path: Path) -> None:
    path = write_library(tmp_path / "bare.so", 1, b"\0f\0", lambda i: 1)
    assert binary.own_description(binary.read(path)) is None


def test_two_descriptions_in_one_library_are_refused(made: Path, tmp_path: Path) -> None:
    for name, text in ("a", "int a;"), ("b", "int b;"):
        command = ["gcc", "-c", "-fPIC", "-DMARK=0", f'-DTEXT="{text}"', "-o", f"{name}.o"]
        source = SOURCE[SOURCE.index('__attribute__((section(".note.symbridge")') :]
        (tmp_path / f"{name}.c").write_text(source)
        subprocess.run([*command, f"{name}.c"], cwd=tmp_path, check=True)
    subprocess.run(["gcc", "-shared", "-o", "two.so", "a.o", "b.o"], cwd=tmp_path, check=True)
    with pytest.raises(ToolError, match="two different notes"):
        binary.read(tmp_path / "two.so")


def test_a_description_that_is_no_text_is_refused(made: Path, tmp_path: Path) -> None:
    library = copied(made, tmp_path)
    library.write_bytes(
        library.read_bytes().replace(b"int plain(int x);", b"int \xff\xfe(int x);   ")
    )
    with pytest.raises(ToolError, match="not UTF-8"):
        binary.read(library)


# ---- hostile files


def message_of(path: Path) -> str:
    """What is said when the file is read; "" when it can be."""
    try:
        binary.read(path)
    except ToolError as error:
        return str(error)
    return ""


def test_every_truncation_is_told_or_read(made: Path, tmp_path: Path) -> None:
    content = made.read_bytes()
    read = binary.read(made)
    edges = {0, 1, 15, 16, 63, 64, 65, len(content) - 1}
    for offset, size in read.sections.values():
        edges |= {offset - 1, offset, offset + 1, offset + size // 2, offset + size}
    cut = tmp_path / "cut.so"
    refused = 0
    for edge in sorted(edge for edge in edges if 0 <= edge < len(content)):
        cut.write_bytes(content[:edge])
        message = message_of(cut)
        refused += message != ""
        assert message == "" or "cut.so" in message
    assert refused > 50


def test_any_damage_is_told_or_read(made: Path, tmp_path: Path) -> None:
    seed = random.randrange(1 << 32)
    print(f"seed {seed}")
    chance = random.Random(seed)
    content = made.read_bytes()
    read = binary.read(made)
    # Where it matters: headers, and what the loader reads.
    places = list(range(64 + 56 * 11))
    for name in (".dynsym", ".dynamic", ".gnu.hash", ".gnu.version", ".gnu.version_d",
                 ".gnu.version_r", ".note.symbridge"):  # fmt: skip
        offset, size = read.sections[name]
        places += range(offset, offset + size)
    places += range(len(content) - 64 * len(read.sections), len(content))
    damaged = tmp_path / "damaged.so"
    refused = 0
    for _ in range(600):
        changed = bytearray(content)
        for _ in range(chance.randrange(1, 4)):
            changed[chance.choice(places)] = chance.choice(
                [0, 1, 0x7F, 0x80, 0xFF, chance.randrange(256)]
            )
        damaged.write_bytes(changed)
        refused += message_of(damaged) != ""
    assert refused > 50


def test_a_million_symbols_are_read_in_bounded_time_and_memory(tmp_path: Path) -> None:
    count = 1_000_000
    strings = b"\0" + b"".join(b"function_%07d\0" % i for i in range(count))
    path = write_library(tmp_path / "large.so", count, strings, lambda i: 1 + 17 * i)
    before, start = resident(), time.process_time()
    read = binary.read(path)
    seconds, grown = time.process_time() - start, resident() - before
    assert len(read.symbols) == count and read.symbols[-1].name == "function_0999999"
    assert seconds < (60 if SANITIZED else 10)
    if not SANITIZED:
        assert grown < 500 << 20
    read.near_misses("function_x")  # makes the index
    start = time.process_time()
    for i in range(300):
        assert f"function_{i:07d}" in read.near_misses(f"function_{i:07d}x")
    assert time.process_time() - start < 30


def test_names_that_overlap_are_limited(tmp_path: Path) -> None:
    strings = b"\0" + b"x" * (1 << 20) + b"\0"
    path = write_library(tmp_path / "names.so", 1000, strings, lambda i: 1 + i)
    start = time.process_time()
    with pytest.raises(ToolError, match="names of the dynamic symbols have more than"):
        binary.read(path)
    assert time.process_time() - start < 30


def test_a_count_that_lies_is_refused(tmp_path: Path) -> None:
    path = write_library(tmp_path / "lie.so", 10, b"\0f\0", lambda i: 1, claimed=1_000_000)
    with pytest.raises(ToolError, match="24000000 bytes, but the file holds"):
        binary.read(path)
    path = write_library(tmp_path / "lie.so", 10, b"\0f\0", lambda i: 1, claimed=1 << 31)
    with pytest.raises(ToolError, match="are more than the 4000000 that are read"):
        binary.read(path)


@pytest.mark.parametrize(
    ("content", "says", "hint"),
    [
        (b"", "is not an ELF file", ""),
        (b"/* GNU ld script */\nGROUP ( libm.so.6 )\n", "linker script", "libm.so.6 rather than"),
        (b"MZ" + bytes(100), "is not an ELF file", ""),
        (b"\x7fELF\x02\x01\x01" + bytes(20), "beyond the end", "fresh copy"),
    ],
)
def test_what_is_no_library_is_told(content: bytes, says: str, hint: str, tmp_path: Path) -> None:
    path = tmp_path / "file.so"
    path.write_bytes(content)
    with pytest.raises(ToolError, match=says) as raised:
        binary.read(path)
    assert hint in raised.value.hint


def test_only_regular_files_are_read(tmp_path: Path) -> None:
    with pytest.raises(ToolError, match="a directory") as raised:
        binary.read(tmp_path)
    assert "lib....so" in raised.value.hint
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(ToolError, match="not a regular file"):
        binary.read(tmp_path / "pipe")
    with pytest.raises(ToolError, match="No such file"):
        binary.read(tmp_path / "none.so")
    with pytest.raises(ToolError, match="no file can be named"):
        binary.read("a\0b")


# ---- where libraries are

LOADED = """
import ctypes, os, sys
from symbridge import binary
name = sys.argv[1]
located = binary.locate(name)
with open("/proc/self/maps") as maps:
    before = os.path.realpath(located) in maps.read()
ctypes.CDLL(name)
with open("/proc/self/maps") as maps:
    print(before, os.path.realpath(located) in maps.read(), located)
"""


def located(name: str, **environment: str) -> list[str]:
    return subprocess.run(
        [sys.executable, "-c", LOADED, name],
        check=True, capture_output=True, text=True, env={**os.environ, **environment},
    ).stdout.split()  # fmt: skip


@pytest.mark.parametrize("name", ["libz.so.1", "libm.so.6", "libsqlite3.so.0", "libcurl.so.4"])
def test_a_soname_is_where_the_loader_finds_it(name: str) -> None:
    try:
        binary.locate(name)
    except ToolError:
        pytest.skip(f"{name} is not installed (Debian: zlib1g, libsqlite3-0, libcurl4)")
    _, loaded, path = located(name)
    assert loaded == "True" and path.startswith("/")


@pytest.mark.skipif(SANITIZED, reason="the sanitizer's own libraries are preloaded")
def test_the_search_path_is_the_loaders(made: Path, tmp_path: Path) -> None:
    shutil.copy(made, tmp_path / "libmade.so.1")
    found = located("libmade.so.1", LD_LIBRARY_PATH=f"/nonexistent:{tmp_path}")
    assert found == ["False", "True", str(tmp_path / "libmade.so.1")]


def test_a_path_is_made_absolute(made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(made.parent)
    assert binary.locate("./libmade.so.1") == str(made.resolve())
    with pytest.raises(ToolError, match="not found where the system looks"):
        binary.locate("libmade.so.1")  # the working directory is not searched


def test_a_name_that_nothing_has_is_told() -> None:
    with pytest.raises(ToolError, match="libno-such-thing.so.9") as raised:
        binary.locate("libno-such-thing.so.9")
    assert "LD_LIBRARY_PATH" in str(raised.value)
    with pytest.raises(ToolError) as raised:
        binary.locate("no-such-thing")
    assert "libno-such-thing.so.1" in raised.value.hint


# ---- near misses

NAMES = [
    "core_fact",
    "core_free",
    "core_point_dist",
    "core_point_dist_sq",
    "corePointArea",
    "other",
]


@pytest.mark.parametrize(
    ("name", "first"),
    [
        ("core_facts", "core_fact"),
        ("core_fcat", "core_fact"),
        ("core_fac", "core_fact"),
        ("core_fuct", "core_fact"),
        ("core_point_distance", "core_point_dist"),
        ("core_point_area", "corePointArea"),
        ("Core_Free", "core_free"),
        ("my_core_point_dist", "core_point_dist"),
    ],
)
def test_the_nearest_name_comes_first(name: str, first: str) -> None:
    assert binary.near_misses(name, NAMES)[0] == first


def test_names_that_are_unlike_all_have_no_near_miss() -> None:
    assert binary.near_misses("zlibVersion", NAMES) == []
    assert binary.near_misses("x" * 5000, NAMES) == []
    assert binary.near_misses("core_fact", []) == []


def test_near_misses_are_no_more_than_asked_for() -> None:
    near = binary.NearMisses(f"name_{i}" for i in range(100))
    assert len(near.of("name_5x", 2)) == 2
