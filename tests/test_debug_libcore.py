"""What libcore's own debug data say, in each format, against its description."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from debug_samples import CONSTRUCTS, DEFINITIONS, GCC, compiled, shapes
from symbridge import debug
from symbridge.cli import main
from symbridge.compare import examine
from symbridge.declarations import Description, parse, parse_file
from symbridge.describe.write import write
from symbridge.failure import ToolError

LIBCORE = Path(__file__).parent.parent / "libcore"
DESCRIPTION = LIBCORE / "core.bridge"
FORMATS = {"DWARF": "-g", "CTF": "-gctf", "BTF": "-gbtf"}

pytestmark = pytest.mark.skipif(GCC is None, reason="needs GCC")


@pytest.fixture(scope="module", params=FORMATS)
def core(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """libcore with debug data of one format, stripped of nothing."""
    library = tmp_path_factory.mktemp(request.param) / "libcore.so.1"
    sources = sorted((LIBCORE / "src").glob("*.c"))
    subprocess.run(
        [GCC or "", FORMATS[request.param], "-std=c11", "-O2", "-shared", "-fPIC",
         "-fvisibility=hidden", f"-I{LIBCORE / 'include'}", "-Wl,-soname,libcore.so.1", *sources,
         "-lm", "-pthread", "-o", library],
        check=True,
    )  # fmt: skip
    return library


def differences(one: Description, other: Description) -> list[str]:
    """What is otherwise in two descriptions, of all that both have."""
    compared = examine(one, other, complete=False)
    return [str(d) for d in compared.differences if d.kind != "missing"]


def test_nothing_that_is_described_is_otherwise(core: Path) -> None:
    described = parse_file(DESCRIPTION)
    data = debug.read(core)
    compared = examine(described, data.description, complete=False)
    assert [str(d) for d in compared.differences if d.breaking] == []
    # All is verified but macros, which debug data do not have.
    assert all(thing.startswith("constant ") for thing in compared.missing)
    assert {f"function {f.name}" for f in described.functions()} <= set(compared.compared)


def test_what_is_changed_is_noticed(core: Path) -> None:
    text = DESCRIPTION.read_text()
    data = debug.read(core)
    for old, new in (
        ("uint32_t x; /**<", "uint64_t x; /**<"),
        ("core_date date, int64_t seconds", "core_date date, int32_t seconds"),
        ("CORE_QUADRANT_FIRST = 3", "CORE_QUADRANT_FIRST = 4"),
        ("double core_point_norm(", "float core_point_norm("),
        ("uint8_t day;", "uint16_t day;"),
    ):
        assert old in text
        changed = examine(parse(text.replace(old, new)), data.description, complete=False)
        assert [d for d in changed.differences if d.breaking], old


def test_what_describe_writes_of_it_is_its_description(
    core: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["describe", "--binary", str(core)]) == 0
    made = parse(capsys.readouterr().out)
    described = parse_file(DESCRIPTION)
    assert differences(described, made) == []
    assert differences(made, described) == []
    symbols = {f.symbol for f in described.functions()}
    assert symbols == {f.symbol for f in made.functions()}
    written = {name: shape for name, shape in shapes(made).items() if name in shapes(described)}
    for name, shape in shapes(described).items():
        if name.startswith("struct ") and shape[3] is not None:
            assert written[name] == shape


@pytest.mark.parametrize("flag", FORMATS.values())
def test_what_is_written_has_the_layout_that_was_read(flag: str, tmp_path: Path) -> None:
    data = debug.read(compiled(tmp_path, CONSTRUCTS + DEFINITIONS, flag, compiler=GCC or ""))
    again = parse(write(data.description))
    assert shapes(again) == shapes(data.description)


def test_no_debug_data_and_none_of_the_exports_are_told_from_damage(tmp_path: Path) -> None:
    with pytest.raises(debug.NoDebugDataError, match="no debug data"):
        debug.read(compiled(tmp_path, "int f(void) { return 0; }\n"))
    with pytest.raises(debug.NoDebugDataError, match="no exported function"):
        debug.read(compiled(tmp_path, "static int x; int *f(void);\n", "-g"))
    damaged = tmp_path / "damaged.so"
    damaged.write_bytes(b"\x7fELF" + b"\xff" * 100)
    with pytest.raises(ToolError) as error:
        debug.read(damaged)
    assert not isinstance(error.value, debug.NoDebugDataError)
