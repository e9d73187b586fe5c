"""What CTF says of a library: as GCC writes it and GNU ld merges it."""

from __future__ import annotations

import shutil
import struct
import subprocess
import zlib
from pathlib import Path

import pytest

from debug_samples import CONSTRUCTS, DEFINITIONS, GCC, compiled, described, run, shapes
from symbridge import debug
from symbridge.debug import ctf
from symbridge.debug.sections import ElfFile
from symbridge.declarations import Array, spell
from symbridge.failure import ToolError

OBJCOPY = shutil.which("objcopy") or "objcopy"


def takes_ctf() -> bool:
    return GCC is not None and not subprocess.run(
        [GCC, "-gctf", "-x", "c", "-c", "-", "-o", "/dev/null"], input=b"int x;",
        capture_output=True
    ).returncode  # fmt: skip


pytestmark = pytest.mark.skipif(not takes_ctf(), reason="needs GCC 12 or later, which has -gctf")


def library(directory: Path, source: str, *flags: str, name: str = "made") -> Path:
    return compiled(directory, source, "-gctf", *flags, compiler=GCC or "", name=name)


def test_every_construct_is_as_it_was_written(tmp_path: Path) -> None:
    data = debug.read(library(tmp_path, CONSTRUCTS + DEFINITIONS))
    assert data.format == "CTF 3"
    found, written = shapes(data.description), shapes(described())
    for result in (found, written):
        del result["struct opaque"]  # complete in the library, not in its header
        # CTF has 32 bits for an enumerator: GCC leaves larger ones out.
        del result["enum wide"], result["enum large"]
    assert found == written
    assert "large enumerators" in data.unsaid


def test_it_is_the_same_after_strip(tmp_path: Path) -> None:
    made = library(tmp_path, CONSTRUCTS + DEFINITIONS, "-O2")
    before = shapes(debug.read(made).description)
    run("strip", made)
    assert ".symtab" not in run("readelf", "-SW", made)
    assert shapes(debug.read(made).description) == before


def test_what_units_share_is_one_and_what_they_do_not_is_told_apart(tmp_path: Path) -> None:
    shared = "struct shared { int a; struct shared *next; };\n"
    (tmp_path / "other.c").write_text(
        shared + "struct own { long a, b; };\nenum e { E = 2 };\n"
        "long g(struct own *p, struct shared *s, enum e e) { return p->b + s->a + e; }\n"
    )
    source = (
        shared + "struct own { int a; };\nenum e { F = 1 };\n"
        "int f(struct own *p, struct shared *s, enum e e) { return p->a + s->a + e; }\n"
    )
    made = library(tmp_path, source, "other.c")
    with ElfFile(made) as file:
        magic = struct.unpack_from("<Q", file.data(".ctf"))[0]
    assert magic == ctf.ARCHIVE_MAGIC
    data = debug.read(made)
    assert [spell(f.type, f.name) for f in data.description.functions()] == [
        "int f(struct own *, struct shared *, enum e)",
        "long g(struct own *, struct shared *, enum e)",
    ]
    records = [(r.tag, r.size) for r in data.description.records()]
    assert sorted(records) == [("own", 4), ("own", 16), ("shared", 16)]
    assert any("struct own is declared in more than one way" in note for note in data.notes)


def test_compressed_ctf_is_read(tmp_path: Path) -> None:
    made = library(tmp_path, CONSTRUCTS + DEFINITIONS)
    with ElfFile(made) as file:
        data = file.data(".ctf")
    packed = data[:3] + bytes((data[3] | ctf.F_COMPRESS,)) + data[4:52] + zlib.compress(data[52:])
    assert len(packed) < len(data)
    before = shapes(debug.read(made).description)
    assert shapes(debug.read(altered(made, packed)).description) == before


def test_a_struct_that_the_linker_made_larger_has_its_size(tmp_path: Path) -> None:
    # GNU ld 2.40 merges a struct of 8 bytes that ends in bit-fields into one of 9.
    data = debug.read(
        library(
            tmp_path,
            "struct bits { unsigned a : 3; int b : 9; unsigned long c : 40; char e : 7; };\n"
            "struct outer { struct bits bits; int more; };\n"
            "int f(struct outer *o) { return o->more; }\n",
        )
    )
    assert {r.tag: (r.size, r.align, r.packed) for r in data.description.records()} == {
        "bits": (8, 8, False),
        "outer": (16, 8, False),
    }


@pytest.mark.parametrize("dimensions", [(2, 3), (2, 3, 4), (5, 1, 2, 3)])
def test_lengths_of_arrays_of_arrays_are_in_the_order_of_c(
    dimensions: tuple[int, ...], tmp_path: Path
) -> None:
    lengths = "".join(f"[{n}]" for n in dimensions)
    data = debug.read(
        library(tmp_path, f"short grid{lengths}; short (*at(void)){lengths} {{ return 0; }}\n")
    )
    (variable,) = data.description.variables()
    assert spell(variable.type, "grid") == f"short grid{lengths}"


def test_arrays_of_arrays_are_doubted_when_no_compiler_is_named(tmp_path: Path) -> None:
    made = library(tmp_path, "short grid[2][3];\n")
    run(OBJCOPY, "--remove-section=.comment", made)
    assert any("reverse order" in note for note in debug.read(made).notes)


def test_it_says_what_ctf_does_not(tmp_path: Path) -> None:
    data = debug.read(
        library(tmp_path, "struct z { int n; int none[0]; };\nint f(struct z *z) { return 0; }\n")
    )
    (record,) = data.description.records()
    last = (record.fields or [])[1].type
    assert isinstance(last, Array) and last.length is None
    assert {"flexible arrays", "parameter names", "locations", "prototypes"} < data.unsaid


def test_a_type_that_ctf_cannot_say_is_an_error_or_foreign(tmp_path: Path) -> None:
    made = library(
        tmp_path, "_Float128 quad(_Float128 a) { return a; }\nint f(int a) { return a; }\n"
    )
    found = {f.name: spell(f.type, f.name) for f in debug.read(made).description.functions()}
    assert found["f"] == "int f(int)"
    assert found.get("quad", "_Float128 quad(_Float128)") == "_Float128 quad(_Float128)"


def test_dwarf_is_preferred_and_ctf_is_read_when_asked_for(tmp_path: Path) -> None:
    made = library(tmp_path, "int f(int named) { return named; }\n", "-g")
    assert debug.read(made).format.startswith("DWARF")
    assert debug.read(made, formats=["CTF"]).format == "CTF 3"


def test_ctf_is_smaller_than_dwarf(tmp_path: Path) -> None:
    sizes = {}
    for flag in ("-gctf", "-g"):
        made = compiled(tmp_path, CONSTRUCTS + DEFINITIONS, flag, compiler=GCC or "")
        with ElfFile(made) as file:
            sizes[flag] = sum(
                s.size for s in file.sections if s.name.startswith((".debug", ".ctf"))
            )
    assert 0 < sizes["-gctf"] < sizes["-g"]


# ---- what is no CTF, or lies


@pytest.fixture
def simple(tmp_path: Path) -> tuple[Path, bytes]:
    """A library, and its uncompressed .ctf."""
    made = library(
        tmp_path, "struct s { int a; char b[4]; };\nint f(struct s *s, long n) { return s->a; }\n"
    )
    with ElfFile(made) as file:
        return made, file.data(".ctf")


def altered(made: Path, data: bytes) -> Path:
    """The library with another .ctf."""
    new = made.with_suffix(".ctf")
    new.write_bytes(data)
    result = made.with_suffix(".altered.so")
    run(OBJCOPY, f"--update-section=.ctf={new}", made, result)
    return result


def test_an_older_version_is_refused(simple: tuple[Path, bytes]) -> None:
    made, data = simple
    with pytest.raises(ToolError, match="CTF 2; version 3 is read"):
        debug.read(altered(made, data[:2] + b"\x03" + data[3:]))


def test_parts_that_overlap_are_refused(simple: tuple[Path, bytes]) -> None:
    made, data = simple
    header = bytearray(data)
    struct.pack_into("<I", header, 4 + 4 * 8, 0x1000)  # the variables begin behind the types
    with pytest.raises(ToolError, match=r"\.ctf: its header has parts that overlap"):
        debug.read(altered(made, bytes(header)))


def test_a_decompression_bomb_is_refused(simple: tuple[Path, bytes]) -> None:
    made, data = simple
    header = bytearray(data[:52])
    header[3] |= ctf.F_COMPRESS
    body = zlib.compress(b"\0" * 64)
    struct.pack_into("<I", header, 4 + 4 * 11, 0x7FFFFFFF)
    with pytest.raises(ToolError, match="cannot hold"):
        debug.read(altered(made, bytes(header) + body))


def test_more_compressed_data_than_announced_are_not_expanded(simple: tuple[Path, bytes]) -> None:
    made, data = simple
    header = bytearray(data[:52])
    header[3] |= ctf.F_COMPRESS
    body = zlib.compress(data[52:] + b"\0" * (64 << 20))
    functions = debug.read(altered(made, bytes(header) + body)).description.functions()
    assert [f.name for f in functions] == ["f"]


def test_a_type_made_of_itself_is_refused(simple: tuple[Path, bytes]) -> None:
    made, data = simple
    start = 52 + struct.unpack_from("<I", data, 4 + 4 * 9)[0]
    cyclic = bytearray(data)
    # Type 1 becomes a typedef of itself, and so does every other reference to an integer.
    name, _, _ = struct.unpack_from("<III", data, start)
    struct.pack_into("<III", cyclic, start, name, ctf.K_TYPEDEF << 26 | 1 << 25, 1)
    struct.pack_into("<III", cyclic, start + 12, 0, ctf.K_POINTER << 26 | 1 << 25, 1)
    with pytest.raises(ToolError, match=r"\.ctf"):
        debug.read(altered(made, bytes(cyclic)))
