"""Debug data that lie: a clear error, in bounded time and memory, never anything else."""

from __future__ import annotations

import os
import random
import resource
import struct
import subprocess
import sys
import time
import zlib
from pathlib import Path

import pytest

from debug_samples import (
    ARRAY,
    COMPILERS,
    CONSTRUCTS,
    COUNT,
    DATA1,
    DEFINITIONS,
    EXTERNAL,
    GCC,
    LANGUAGE,
    MEMBER,
    MEMBER_AT,
    NAME,
    PARAMETER,
    PRESENT,
    PROTOTYPED,
    REF4,
    SIBLING,
    SIG8,
    SIZE,
    STRING,
    STRUCT,
    SUBPROGRAM,
    SUBRANGE,
    SUBROUTINE,
    TYPE,
    TYPEDEF,
    UDATA,
    Dwarf,
    compiled,
    leb,
    shapes,
    with_sections,
)
from symbridge import debug
from symbridge.debug import limits
from symbridge.debug.sections import ElfFile
from symbridge.declarations import spell
from symbridge.failure import ToolError

ROUNDS = int(os.environ.get("SYMBRIDGE_FUZZ_ROUNDS", "60"))
SEED = int(os.environ.get("SYMBRIDGE_FUZZ_SEED", "0")) or random.SystemRandom().getrandbits(32)
#: Seconds that no input of these sizes may take, on a slow and busy machine.
PATIENCE = 60.0


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A library without debug data that exports f."""
    return compiled(
        tmp_path_factory.mktemp("bare"), "int f(void) { return 0; }\n", "-Wl,--build-id=none"
    )


def refused(library: Path, match: str) -> None:
    start = time.monotonic()
    with pytest.raises(ToolError, match=match) as error:
        debug.read(library)
    assert str(library) in str(error.value)
    assert time.monotonic() - start < PATIENCE


# ---- types that C cannot have


def test_what_these_tests_write_is_read_when_it_does_not_lie(bare: Path, tmp_path: Path) -> None:
    made = Dwarf()
    made.function(made.pointer(made.integer()))
    data = debug.read(with_sections(bare, tmp_path, made.sections()))
    (function,) = data.description.functions()
    assert spell(function.type, "f") == "void f(int *)"


def test_a_typedef_of_itself_is_refused(bare: Path, tmp_path: Path) -> None:
    made = Dwarf()
    made.function(made.add(TYPEDEF, False, {NAME: (STRING, "t"), TYPE: (REF4, len(made.info))}))
    refused(with_sections(bare, tmp_path, made.sections()), "made of itself")


def test_a_pointer_to_itself_is_refused(bare: Path, tmp_path: Path) -> None:
    made = Dwarf()
    made.function(made.pointer(len(made.info)))
    refused(with_sections(bare, tmp_path, made.sections()), "made of itself")


def test_a_struct_that_contains_itself_is_refused(bare: Path, tmp_path: Path) -> None:
    made = Dwarf()
    place = made.add(STRUCT, True, {NAME: (STRING, "s"), SIZE: (DATA1, 8)})
    attributes = {NAME: (STRING, "m"), TYPE: (REF4, place), MEMBER_AT: (DATA1, 0)}
    made.add(MEMBER, False, attributes)
    made.end()
    made.function(place)
    refused(with_sections(bare, tmp_path, made.sections()), "struct s contains itself")


def test_two_structs_that_contain_one_another_are_refused(bare: Path, tmp_path: Path) -> None:
    made = Dwarf()
    size = 1 + 2 + 1 + 1 + 2 + 4 + 1 + 1  # of one of the structs below
    first = len(made.info)
    for number in range(2):
        other = first if number else first + size
        made.add(STRUCT, True, {NAME: (STRING, "ab"[number]), SIZE: (DATA1, 8)})
        attributes = {NAME: (STRING, "m"), TYPE: (REF4, other), MEMBER_AT: (DATA1, 0)}
        made.add(MEMBER, False, attributes)
        made.end()
    assert len(made.info) == first + 2 * size
    made.function(first)
    refused(with_sections(bare, tmp_path, made.sections()), "contains itself")


def test_a_struct_without_a_name_that_points_to_itself_is_refused(
    bare: Path, tmp_path: Path
) -> None:
    made = Dwarf()
    pointer = made.pointer(len(made.info) + 5)
    place = made.add(STRUCT, True, {SIZE: (DATA1, 8)})
    made.add(MEMBER, False, {TYPE: (REF4, pointer), MEMBER_AT: (DATA1, 0)})
    made.end()
    assert place == pointer + 5
    made.function(pointer)
    refused(with_sections(bare, tmp_path, made.sections()), "no tag, refers to itself")


@pytest.mark.parametrize("depth", [limits.DEPTH_MAX + 5, 100_000])
def test_pointers_that_lie_too_deep_are_refused(depth: int, bare: Path, tmp_path: Path) -> None:
    made = Dwarf()
    place = made.integer()
    for _ in range(depth):
        place = made.pointer(place)
    made.function(place)
    refused(with_sections(bare, tmp_path, made.sections()), "deep")


def test_structs_that_lie_too_deep_are_refused(bare: Path, tmp_path: Path) -> None:
    made = Dwarf()
    place = made.integer()
    for number in range(5000):
        inner, place = place, 0
        place = made.add(STRUCT, True, {NAME: (STRING, f"s{number}"), SIZE: (DATA1, 4)})
        attributes = {NAME: (STRING, "m"), TYPE: (REF4, inner), MEMBER_AT: (DATA1, 0)}
        made.add(MEMBER, False, attributes)
        made.end()
    made.function(place)
    refused(with_sections(bare, tmp_path, made.sections()), "records lie over 100 deep")


def test_a_long_chain_of_structs_by_pointer_is_read(bare: Path, tmp_path: Path) -> None:
    made = Dwarf()
    pointer = made.pointer(made.integer())
    count = 20_000
    for number in range(count):
        place = made.add(STRUCT, True, {NAME: (STRING, f"s{number}"), SIZE: (DATA1, 8)})
        attributes = {NAME: (STRING, "m"), TYPE: (REF4, pointer), MEMBER_AT: (DATA1, 0)}
        made.add(MEMBER, False, attributes)
        made.end()
        pointer = made.pointer(place)
    made.function(pointer)
    data = debug.read(with_sections(bare, tmp_path, made.sections()))
    assert len(list(data.description.records())) == count


def test_function_types_that_double_are_refused(bare: Path, tmp_path: Path) -> None:
    made = Dwarf()
    place = made.pointer(made.integer())
    for _ in range(30):
        inner = place
        routine = made.add(SUBROUTINE, True, {PROTOTYPED: (PRESENT, None)})
        for _ in range(2):
            made.add(PARAMETER, False, {TYPE: (REF4, inner)})
        made.end()
        place = made.pointer(routine)
    made.function(place)
    refused(with_sections(bare, tmp_path, made.sections()), "a type of over 10000 parts")


def test_a_million_members_are_refused(bare: Path, tmp_path: Path) -> None:
    made = Dwarf()
    integer = made.integer()
    place = made.add(STRUCT, True, {NAME: (STRING, "s"), SIZE: (DATA1, 8)})
    attributes = {NAME: (STRING, "m"), TYPE: (REF4, integer), MEMBER_AT: (DATA1, 0)}
    start = len(made.info)
    made.add(MEMBER, False, attributes)
    made.info += bytes(made.info[start:]) * 1_000_000
    made.end()
    made.function(place)
    refused(with_sections(bare, tmp_path, made.sections()), "a record of over 65536 members")


def test_a_thousand_parameters_are_refused(bare: Path, tmp_path: Path) -> None:
    made = Dwarf()
    made.function(*[made.integer()] * 1000)
    refused(with_sections(bare, tmp_path, made.sections()), "over 255 parameters")


def test_an_array_of_a_thousand_dimensions_is_refused(bare: Path, tmp_path: Path) -> None:
    made = Dwarf()
    integer = made.integer()
    place = made.add(ARRAY, True, {TYPE: (REF4, integer)})
    for _ in range(1000):
        made.add(SUBRANGE, False, {COUNT: (DATA1, 2)})
    made.end()
    made.function(made.pointer(place))
    refused(with_sections(bare, tmp_path, made.sections()), "dimensions")


def test_a_member_outside_of_its_struct_is_refused(bare: Path, tmp_path: Path) -> None:
    made = Dwarf()
    integer = made.integer()
    place = made.add(STRUCT, True, {NAME: (STRING, "s"), SIZE: (DATA1, 8)})
    attributes = {NAME: (STRING, "m"), TYPE: (REF4, integer), MEMBER_AT: (DATA1, 6)}
    made.add(MEMBER, False, attributes)
    made.end()
    made.function(made.pointer(place))
    refused(with_sections(bare, tmp_path, made.sections()), r"struct s\.m ends at byte 10 of 8")


@pytest.mark.parametrize("size", [0x7FFFFFFFFFFFFFFF, 0xFFFFFFFFFFFFFFFF])
def test_a_struct_as_large_as_memory_is_refused(size: int, bare: Path, tmp_path: Path) -> None:
    made = Dwarf()
    place = made.add(STRUCT, True, {NAME: (STRING, "s"), SIZE: (UDATA, size)})
    made.end()
    made.function(place)
    refused(with_sections(bare, tmp_path, made.sections()), f"struct s has {size} bytes")


@pytest.mark.parametrize("length", [0xFFFFFFFF00000000, 1 << 62, 0xFFFFFFFFFFFFFFFE])
def test_an_array_as_large_as_memory_is_refused(length: int, bare: Path, tmp_path: Path) -> None:
    made = Dwarf()
    integer = made.integer()
    place = made.add(ARRAY, True, {TYPE: (REF4, integer)})
    made.add(SUBRANGE, False, {COUNT: (UDATA, length)})
    made.end()
    holder = made.add(STRUCT, True, {NAME: (STRING, "s"), SIZE: (DATA1, 8)})
    attributes = {NAME: (STRING, "m"), TYPE: (REF4, place), MEMBER_AT: (DATA1, 0)}
    made.add(MEMBER, False, attributes)
    made.end()
    made.function(made.pointer(holder))
    refused(with_sections(bare, tmp_path, made.sections()), "elements|ends at byte")


def test_a_reference_to_nowhere_is_refused(bare: Path, tmp_path: Path) -> None:
    for place in (0, 5, 0x7FFFFFFF):
        made = Dwarf()
        made.function(place)
        refused(with_sections(bare, tmp_path, made.sections()), "no unit is|no entry|unknown code")


def test_a_signature_that_no_type_has_is_refused(bare: Path, tmp_path: Path) -> None:
    made = Dwarf()
    made.add(SUBPROGRAM, False, {NAME: (STRING, "f"), EXTERNAL: (PRESENT, None), TYPE: (SIG8, 7)})
    refused(with_sections(bare, tmp_path, made.sections()), "a type is in no unit")


def test_siblings_that_lead_back_are_refused(bare: Path, tmp_path: Path) -> None:
    made = Dwarf()
    made.add(STRUCT, True, {NAME: (STRING, "s"), SIZE: (DATA1, 8), SIBLING: (REF4, 11)})
    made.end()
    made.function()
    refused(with_sections(bare, tmp_path, made.sections()), "has its sibling at 0xb")


def test_entries_without_end_are_bounded(bare: Path, tmp_path: Path) -> None:
    made = Dwarf()
    made.add(STRUCT, True, {})
    made.info += bytes(made.info[-1:]) * 2_000_000  # a tree as deep as it is long
    made.function()
    refused(with_sections(bare, tmp_path, made.sections()), "no exported function")


def test_overlapping_structs_of_many_members_are_bounded(bare: Path, tmp_path: Path) -> None:
    # References into one run of members, each of which would read all that follow.
    made = Dwarf()
    integer = made.integer()
    made.add(STRUCT, True, {NAME: (STRING, "s"), SIZE: (DATA1, 8)})
    places = []
    for number in range(3000):
        attributes = {SIZE: (DATA1, 8), TYPE: (REF4, integer)}
        places.append(made.add(STRUCT, True, {NAME: (STRING, f"t{number}"), **attributes}))
    for _ in range(60_000):
        made.add(MEMBER, False, {TYPE: (REF4, integer), MEMBER_AT: (DATA1, 0)})
    for _ in places:
        made.end()
    made.end()
    routine = made.add(STRUCT, True, {NAME: (STRING, "all"), SIZE: (UDATA, 8 * len(places))})
    for place in places:
        made.add(MEMBER, False, {TYPE: (REF4, place), MEMBER_AT: (DATA1, 0)})
    made.end()
    made.function(made.pointer(routine))
    library = with_sections(bare, tmp_path, made.sections())
    refused(library, "without end|records lie over")


# ---- sections that lie


def test_a_unit_that_is_longer_than_its_section_is_refused(bare: Path, tmp_path: Path) -> None:
    made = Dwarf()
    made.function(made.integer())
    sections = made.sections()
    sections[".debug_info"] = sections[".debug_info"][:-4]
    refused(with_sections(bare, tmp_path, sections), r"\.debug_info: the unit at 0x0 has")


def test_an_unknown_version_is_refused(bare: Path, tmp_path: Path) -> None:
    made = Dwarf()
    made.function()
    sections = made.sections()
    info = bytearray(sections[".debug_info"])
    info[4] = 6
    refused(with_sections(bare, tmp_path, {**sections, ".debug_info": bytes(info)}), "of DWARF 6")


def test_missing_abbreviations_are_refused(bare: Path, tmp_path: Path) -> None:
    made = Dwarf()
    made.function()
    info = made.sections()[".debug_info"]
    refused(with_sections(bare, tmp_path, {".debug_info": info}), r"\.debug_abbrev: no table at")


def test_a_form_that_is_not_known_is_refused(bare: Path, tmp_path: Path) -> None:
    made = Dwarf()
    made.function()
    sections = made.sections()
    table = sections[".debug_abbrev"].replace(leb(LANGUAGE) + leb(DATA1), leb(LANGUAGE) + b"\x7f")
    refused(with_sections(bare, tmp_path, {**sections, ".debug_abbrev": table}), "form 0x7f")


def test_many_units_that_share_a_huge_table_are_bounded(bare: Path, tmp_path: Path) -> None:
    # Each unit begins one byte later in one long table of abbreviations.
    table = b"\x01\x2e\x01" + b"\x03\x08" * 400_000 + b"\0\0\0"
    unit = bytearray(struct.pack("<IHIB", 9, 4, 0, 8) + b"\x01\0")
    info = bytearray()
    for number in range(2000):
        struct.pack_into("<I", unit, 6, 3 + 2 * number)
        info += unit
    sections = {".debug_info": bytes(info), ".debug_abbrev": table}
    refused(with_sections(bare, tmp_path, sections), r"\.debug_")


def compressed(directory: Path) -> tuple[Path, int, int]:
    """A library with compressed sections, and where the first byte of .debug_info's data and size
    lie."""
    library = compiled(directory, CONSTRUCTS + DEFINITIONS, "-g", "-gz=zlib")
    with ElfFile(library) as file:
        section = file.find(".debug_info")
        assert section is not None and section.flags & 0x800
        return library, section.offset, section.size


def test_a_decompressed_size_that_lies_is_refused(tmp_path: Path) -> None:
    library, offset, _ = compressed(tmp_path)
    data = bytearray(library.read_bytes())
    for size, match in ((1 << 62, "cannot hold"), (10, "over 10 bytes"), (1 << 16, "expected")):
        struct.pack_into("<Q", data, offset + 8, size)
        library.write_bytes(data)
        refused(library, rf"\.debug_info: .*{match}")


def test_damaged_compressed_data_are_refused(tmp_path: Path) -> None:
    library, offset, size = compressed(tmp_path)
    data = bytearray(library.read_bytes())
    data[offset + 30 : offset + size] = os.urandom(size - 30)
    library.write_bytes(data)
    refused(library, r"\.debug_info: ")


@pytest.mark.parametrize(
    ("said", "match"),
    [(700 << 20, "decompressed sections have over"), (8 << 20, "over 8388608 bytes decompressed")],
)
@pytest.mark.skipif("SB_SANITIZED" in os.environ, reason="sanitizers reserve much memory")
def test_a_decompression_bomb_does_not_fill_memory(
    said: int, match: str, bare: Path, tmp_path: Path
) -> None:
    stream = zlib.compressobj(1)
    block = b"\0" * (1 << 20)
    bomb = b"".join(stream.compress(block) for _ in range(200)) + stream.flush()
    head = b"ZLIB" + said.to_bytes(8, "big")
    made = with_sections(bare, tmp_path, {".zdebug_info": head + bomb})
    code = (
        "import sys\nfrom symbridge import debug\nfrom symbridge.failure import ToolError\n"
        "try: debug.read(sys.argv[1])\n"
        "except ToolError as error: print(error)\n"
    )
    limit = 150 << 20

    def bound() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))

    done = subprocess.run(
        [sys.executable, "-c", code, made], preexec_fn=bound, capture_output=True, text=True
    )
    assert match in done.stdout, done.stdout + done.stderr


def test_section_tables_that_lie_are_refused(tmp_path: Path) -> None:
    library = compiled(tmp_path, "int f(void) { return 0; }\n", "-g")
    good = library.read_bytes()
    for offset, layout, value in (
        (40, "<Q", len(good) - 10),  # where the table is
        (40, "<Q", 1 << 63),
        (58, "<H", 8),  # the size of a row
        (60, "<H", 0xFFF0),  # how many
    ):
        data = bytearray(good)
        struct.pack_into(layout, data, offset, value)
        library.write_bytes(data)
        with pytest.raises(ToolError, match="section table|ELF header|libmade"):
            debug.read(library)


def test_a_truncated_file_is_refused_at_any_length(tmp_path: Path) -> None:
    library = compiled(tmp_path, CONSTRUCTS + DEFINITIONS, "-g")
    good = library.read_bytes()
    for length in [*range(0, 80, 7), *range(100, len(good), len(good) // 60)]:
        library.write_bytes(good[:length])
        with pytest.raises(ToolError):
            debug.read(library)


# ---- what chance makes of true debug data


def samples(directory: Path) -> dict[str, bytes]:
    """Libraries with true debug data of each format."""
    wanted = {
        "gcc-5": [GCC, "-gdwarf-5"],
        "gcc-4-types": [GCC, "-gdwarf-4", "-fdebug-types-section"],
        "gcc-2": [GCC, "-gdwarf-2"],
        "ctf": [GCC, "-gctf"],
        "btf": [GCC, "-gbtf"],
        **{f"{Path(c).name}-any": [c, "-g", "-O2"] for c in COMPILERS},
    }
    result = {}
    for name, (compiler, *flags) in wanted.items():
        if compiler is None:
            continue
        try:
            made = compiled(directory, CONSTRUCTS + DEFINITIONS, *flags, compiler=compiler)
        except subprocess.CalledProcessError:
            continue
        result[name] = made.read_bytes()
    return result


def debug_ranges(library: Path) -> list[tuple[int, int]]:
    """Where debug data lie in a file."""
    with ElfFile(library) as file:
        return [
            (s.offset, s.size)
            for s in file.sections
            if s.size and s.name.startswith((".debug", ".ctf", ".BTF"))
        ]


def mutated(data: bytes, ranges: list[tuple[int, int]], chance: random.Random) -> bytes:
    """Data with a few bytes changed, mostly where debug data are."""
    result = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 4, 16, 64))):
        if chance.random() < 0.9:
            offset, size = chance.choice(ranges)
            at = offset + chance.randrange(size)
        else:
            at = chance.randrange(len(result))
        how = chance.randrange(4)
        if how == 0:
            result[at] ^= 1 << chance.randrange(8)
        elif how == 1:
            result[at] = chance.choice((0, 1, 0x7F, 0x80, 0xFF))
        elif how == 2:
            result[at : at + 4] = chance.randbytes(len(result[at : at + 4]))
        else:
            other = chance.randrange(len(result))
            count = chance.randrange(1, 32)
            result[at : at + count] = result[other : other + count][: len(result[at : at + count])]
    if chance.random() < 0.05:
        del result[chance.randrange(len(result)) :]
    return bytes(result)


def test_damaged_debug_data_are_read_or_refused(tmp_path: Path) -> None:
    print(f"seed {SEED}")
    chance = random.Random(SEED)
    library = tmp_path / "libfuzz.so"
    worst = 0.0
    for name, good in samples(tmp_path).items():
        library.write_bytes(good)
        ranges = debug_ranges(library)
        assert shapes(debug.read(library).description), name
        for number in range(ROUNDS):
            library.write_bytes(mutated(good, ranges, chance))
            start = time.monotonic()
            try:
                data = debug.read(library)
            except ToolError:
                pass
            except OSError:
                raise
            except BaseException as error:
                error.add_note(f"seed {SEED}, {name}, round {number}")
                raise
            else:
                # What was read can be used.
                assert shapes(data.description) is not None
                for function in data.description.functions():
                    assert spell(function.type, function.name)
            worst = max(worst, time.monotonic() - start)
    assert worst < PATIENCE


def test_the_limits_are_documented() -> None:
    page = (Path(__file__).parent.parent / "docs" / "debug-data.md").read_text(encoding="utf-8")
    table = page[page.index("## Limits") :]
    names = [name for name in vars(limits) if name.endswith("_MAX")]
    assert len(names) > 10
    for name in names:
        value = getattr(limits, name)
        spaced = f"{value:,}".replace(",", " ") if value >= 10_000 else str(value)
        assert f"| {spaced} |" in table, name
