"""What BTF says of a library: as GCC writes it, and pahole."""

from __future__ import annotations

import shutil
import struct
import subprocess
from pathlib import Path

import pytest

from debug_samples import CONSTRUCTS, DEFINITIONS, GCC, compiled, described, run, shapes
from symbridge import debug
from symbridge.debug import btf
from symbridge.debug.sections import ElfFile
from symbridge.declarations import Enum, spell
from symbridge.failure import ToolError

OBJCOPY = shutil.which("objcopy") or "objcopy"


def takes_btf() -> bool:
    return GCC is not None and not subprocess.run(
        [GCC, "-gbtf", "-x", "c", "-c", "-", "-o", "/dev/null"], input=b"int x;",
        capture_output=True
    ).returncode  # fmt: skip


pytestmark = pytest.mark.skipif(not takes_btf(), reason="needs GCC 12 or later, which has -gbtf")


def library(directory: Path, source: str, *flags: str) -> Path:
    return compiled(directory, source, "-gbtf", *flags, compiler=GCC or "")


def altered(made: Path, data: bytes) -> Path:
    """The library with another .BTF."""
    new = made.with_suffix(".btf")
    new.write_bytes(data)
    result = made.with_suffix(".altered.so")
    run(OBJCOPY, f"--update-section=.BTF={new}", made, result)
    return result


def test_every_construct_is_as_it_was_written(tmp_path: Path) -> None:
    data = debug.read(library(tmp_path, CONSTRUCTS + DEFINITIONS))
    assert data.format == "BTF"
    found, written = shapes(data.description), shapes(described())
    for result in (found, written):
        del result["struct opaque"]
        # Values of over 32 bits, which GCC 12 leaves out.
        del result["enum wide"], result["enum large"]
    assert found == written


def test_parameters_have_names(tmp_path: Path) -> None:
    data = debug.read(library(tmp_path, "int sum(int first, long second) { return first; }\n"))
    (function,) = data.description.functions()
    assert spell(function.type, "sum", names=True) == "int sum(int first, long second)"


def test_it_is_the_same_after_strip(tmp_path: Path) -> None:
    made = library(tmp_path, CONSTRUCTS + DEFINITIONS)
    before = shapes(debug.read(made).description)
    run("strip", made)
    assert shapes(debug.read(made).description) == before


def test_blocks_that_the_linker_put_together_are_all_read(tmp_path: Path) -> None:
    (tmp_path / "second.c").write_text(
        "struct b { char c; };\nint g(struct b *b) { return b->c; }\n"
    )
    (tmp_path / "third.c").write_text(
        "struct a { int x; };\nlong h(struct a *a) { return a->x; }\n"
    )
    data = debug.read(
        library(tmp_path, "struct a { int x; };\nint f(struct a *a) { return a->x; }\n",
                "second.c", "third.c")
    )  # fmt: skip
    assert sorted(f.name for f in data.description.functions()) == ["f", "g", "h"]
    assert sorted(r.tag for r in data.description.records()) == ["a", "b"]


@pytest.mark.parametrize("count", [1, 2, 3])
def test_blocks_may_lie_on_any_boundary(count: int, tmp_path: Path) -> None:
    made = library(tmp_path, "int f(int a) { return a; }\n")
    with ElfFile(made) as file:
        block = file.data(".BTF")
    data = debug.read(altered(made, block + b"\0" * count + block + b"\0\0\0"))
    assert [f.name for f in data.description.functions()] == ["f"]


def test_what_pahole_writes_is_read(tmp_path: Path) -> None:
    pahole = shutil.which("pahole")
    if pahole is None:
        pytest.skip("needs pahole (Debian: pahole)")
    made = compiled(
        tmp_path,
        "struct s { unsigned a : 3; int b : 9; long c; }; enum e { LOW = -3, HIGH = 5 };\n"
        "enum big { BIG = 0x123456789abLL };\n"
        "enum big f(struct s *first, enum e second, const char *third) { return BIG; }\n",
        "-g",
        compiler=GCC or "",
    )
    dwarf = debug.read(made, formats=["DWARF"])
    run(pahole, "-J", "--btf_gen_floats", made)
    data = debug.read(made, formats=["BTF"])
    found, written = shapes(data.description), shapes(dwarf.description)
    values = {e.name: e.enumerators for e in data.description.enums()}
    assert [(v.name, v.value) for v in values["enum e"] or []] == [("LOW", -3), ("HIGH", 5)]
    for result in (found, written):
        result.pop("enum big")  # needs BTF_KIND_ENUM64, which older versions do not have
    assert found == written


def test_enums_of_64_bits_are_read(tmp_path: Path) -> None:
    made = library(tmp_path, "enum e { A = 1 };\nenum e f(enum e a) { return a; }\n")
    with ElfFile(made) as file:
        data = file.data(".BTF")
    _, _, _, size, types, type_size, names, name_size = struct.unpack_from("<HBBIIIII", data)
    body = data[size + types : size + types + type_size]
    strings = data[size + names : size + names + name_size]
    at = body.index(struct.pack("<II", btf.K_ENUM << 24 | 1, 4))
    enumerator, _ = struct.unpack_from("<II", body, at + 8)
    wide = struct.pack("<II", 1 << 31 | btf.K_ENUM64 << 24 | 1, 8) + struct.pack(
        "<III", enumerator, 0xFFFFFFFE, 0xFFFFFFFF
    )
    body = body[:at] + wide + body[at + 16 :]
    header = struct.pack("<HBBIIIII", btf.MAGIC, 1, 0, 24, 0, len(body), len(body), len(strings))
    description = debug.read(altered(made, header + body + strings)).description
    (enum,) = (e for e in description.declarations if isinstance(e, Enum))
    assert enum.enumerators and enum.enumerators[0].value == -2
    assert enum.underlying and enum.underlying.size == 8


@pytest.mark.parametrize("length", [1, 8, 23, 24, 60, 200])
def test_truncated_btf_is_an_error(length: int, tmp_path: Path) -> None:
    made = library(tmp_path, CONSTRUCTS + DEFINITIONS)
    with ElfFile(made) as file:
        data = file.data(".BTF")
    with pytest.raises(ToolError, match=r"\.BTF"):
        debug.read(altered(made, data[:length]))


def test_another_version_is_refused(tmp_path: Path) -> None:
    made = library(tmp_path, "int f(void) { return 0; }\n")
    with ElfFile(made) as file:
        data = file.data(".BTF")
    with pytest.raises(ToolError, match="version 9; 1 is read"):
        debug.read(altered(made, data[:2] + b"\x09" + data[3:]))


def test_a_type_made_of_itself_is_refused(tmp_path: Path) -> None:
    made = library(tmp_path, "typedef long number;\nnumber f(number n) { return n; }\n")
    with ElfFile(made) as file:
        data = bytearray(file.data(".BTF"))
    at = data.index(struct.pack("<I", btf.K_TYPEDEF << 24))
    struct.pack_into("<I", data, at + 4, _number_of(bytes(data), at - 4))
    with pytest.raises(ToolError, match="made of itself"):
        debug.read(altered(made, bytes(data)))


def _number_of(data: bytes, place: int) -> int:
    """The number of the type that lies at a place."""
    _, _, _, at, types, _, _, _ = struct.unpack_from("<HBBIIIII", data)
    at += types
    number = 1
    while at < place:
        _, info, _ = struct.unpack_from("<III", data, at)
        kind, count = info >> 24 & 31, info & 0xFFFF
        at += 12 + btf.PART_SIZES.get(kind, 0) * count + btf.TAIL_SIZES.get(kind, 0)
        number += 1
    return number
