"""`symbridge check`: the ladder of what can be verified of a description."""

from __future__ import annotations

import dataclasses
import json
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from symbridge import binary, cli, declarations
from symbridge.check.carried import check_carried
from symbridge.check.ladder import Sources, climb
from symbridge.check.report import Report, Rung
from symbridge.check.symbols import check_symbols, size_of
from symbridge.failure import ToolError

SOURCE = """\
#include "shape.h"
struct shape { int kind; double side; };
int shape_count = 3;
long shape_table[4];
double shape_area(const struct shape *self) { return self->side * self->side; }
int shape_move(struct place *at, int dx, int dy) { at->x += dx; at->y += dy; return 0; }
"""

HEADER = """\
#ifndef SHAPE_H
#define SHAPE_H
#define SHAPE_MAX 9
struct shape;
struct place { int x, y; };
extern int shape_count;
extern long shape_table[4];
double shape_area(const struct shape *self);
int shape_move(struct place *at, int dx, int dy);
#endif
"""

DESCRIPTION = """\
[[library("libshape.so.1")]];
#define SHAPE_MAX 9
struct shape;
struct place { int x, y; };
extern int shape_count;
extern long shape_table[4];
double shape_area(const struct shape *self);
int shape_move(struct place *at, int dx, int dy);
"""


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A library with debug data, one without, and their description."""
    path = tmp_path_factory.mktemp("shape")
    (path / "shape.h").write_text(HEADER)
    (path / "shape.c").write_text(SOURCE)
    (path / "shape.map").write_text("V1 { shape_count; shape_table; shape_area; shape_move; };")
    for name, flags in (("debug", ["-g"]), ("bare", ["-s", "-Wl,--version-script=shape.map"])):
        subprocess.run(
            ["cc", "-shared", "-fPIC", *flags, "-o", f"lib{name}.so", "shape.c"],
            check=True,
            cwd=path,
        )
    (path / "shape.bridge").write_text(DESCRIPTION)
    return path


def check(
    directory: Path, library: str, text: str = DESCRIPTION, headers: Sequence[str] = ()
) -> Report:
    description = declarations.parse(text, "shape.bridge")
    paths = [str(directory / header) for header in headers]
    return climb(description, binary.read(directory / library), Sources(headers=paths))


def rung(report: Report, name: str) -> Rung:
    return next(each for each in report.rungs if each.name == name)


def test_each_rung_says_what_it_verified(directory: Path) -> None:
    report = check(directory, "libdebug.so", headers=["shape.h"])
    assert report.holds()
    assert rung(report, "symbols").verified == [
        "variable shape_count", "variable shape_table", "function shape_area",
        "function shape_move",
    ]  # fmt: skip
    assert len(rung(report, "headers").verified) == 6
    assert len(rung(report, "debug data").verified) == 5
    assert rung(report, "debug data").source.startswith("DWARF ")
    assert rung(report, "own facts").status == "unavailable"
    assert report.unproved() == []


def test_a_stripped_library_without_headers_says_what_could_not_be_verified(
    directory: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = check(directory, "libbare.so")
    assert [each.status for each in report.rungs] == [
        "verified", "unavailable", "unavailable", "unavailable",
    ]  # fmt: skip
    assert len(report.unproved()) == 6
    code = cli.main(["check", str(directory / "libbare.so"), str(directory / "shape.bridge")])
    said = capsys.readouterr().out
    assert code == 0
    assert "no --header was given" in said
    assert "the library has no debug data" in said
    assert "verified by no rung: 2 variables, 2 functions, 1 constant, 1 struct" in said


@pytest.mark.parametrize(
    ("before", "after", "rungs"),
    [
        ("int dx", "long dx", {"headers", "debug data"}),
        ("int dx, int dy", "int dy, int dx", {"headers", "debug data"}),
        ("int x, y;", "int x, y, z;", {"headers", "debug data"}),
        ("int x, y;", "int y, x;", {"headers", "debug data"}),
        ("SHAPE_MAX 9", "SHAPE_MAX 8", {"headers"}),
        ("int shape_count", "short shape_count", {"symbols", "headers", "debug data"}),
        ("long shape_table[4]", "long shape_table[5]", {"symbols", "headers", "debug data"}),
        ("shape_area(", "shape_aera(", {"symbols"}),
    ],
)
def test_a_drift_is_found_on_every_rung_that_can(
    directory: Path, before: str, after: str, rungs: set[str]
) -> None:
    assert DESCRIPTION.count(before) == 1
    report = check(
        directory, "libdebug.so", DESCRIPTION.replace(before, after), headers=["shape.h"]
    )
    assert {each.name for each in report.rungs if each.failures()} == rungs


def test_a_record_that_fails_is_counted_once_and_was_looked_at(directory: Path) -> None:
    text = DESCRIPTION.replace("int x, y;", "int y, x;") + "enum { A, B };\n"
    report = check(directory, "libdebug.so", text, headers=["shape.h"])
    assert {d.name for d in rung(report, "headers").failures()} == {
        "struct place.x", "struct place.y",
    }  # fmt: skip
    assert report.failed(rung(report, "headers")) == {"struct place"}
    rows, _ = report.ladder()
    assert rows[2][:3] == ["headers", "5", "1"]
    assert [thing for thing, _ in report.unproved()] == ["enum {A...}"]


def test_all_missing_symbols_come_at_once_with_what_could_be_meant(directory: Path) -> None:
    text = "int shape_mov(void); int shape_Area(void); int quite_other(void); int shape_move(void);"
    found = check_symbols(declarations.parse(text), binary.read(directory / "libdebug.so"))
    assert [(d.kind, d.name) for d in found.differences] == [
        ("missing", "shape_mov"),
        ("missing", "shape_Area"),
        ("missing", "quite_other"),
    ]
    assert "is it shape_move" in found.differences[0].sentence
    assert "is it shape_area" in found.differences[1].sentence
    assert found.verified == ["function shape_move"]


def test_a_version_that_the_library_lacks_is_told_from_one_that_it_has(directory: Path) -> None:
    text = """[[version("V1")]] int shape_move(void); [[version("V2")]] int shape_area(void);"""
    found = check_symbols(declarations.parse(text), binary.read(directory / "libbare.so"))
    assert found.verified == ["function shape_move"]
    (wrong,) = found.differences
    assert (wrong.kind, wrong.described, wrong.actual) == (
        "version", "shape_area@V2", "shape_area@@V1",
    )  # fmt: skip


def test_an_optional_symbol_may_be_absent(directory: Path) -> None:
    text = "[[optional]] int shape_none(void);"
    found = check_symbols(declarations.parse(text), binary.read(directory / "libbare.so"))
    assert found.status == "verified"
    assert [item.thing for item in found.unverified] == ["function shape_none"]


def test_a_variable_described_as_a_function_is_found(directory: Path) -> None:
    text = "int shape_count(void); extern int shape_move;"
    found = check_symbols(declarations.parse(text), binary.read(directory / "libbare.so"))
    assert [(d.kind, d.described, d.actual) for d in found.differences] == [
        ("kind", "function", "object"),
        ("kind", "variable", "function"),
    ]


def test_a_symbol_of_another_library_is_said_to_be_so() -> None:
    library = binary.read(binary.locate("libm.so.6"))
    (symbol, *_) = [s.name for s in library.symbols if not s.defined and not s.weak]
    found = check_symbols(declarations.parse(f"int {symbol}(void);"), library)
    assert "takes it from another one" in found.differences[0].sentence


def test_sizes_of_variables_follow_their_types() -> None:
    text = """struct s { int x; char c; }; enum e { A };
    extern struct s a[3]; extern char *b[2]; extern enum e c; extern int d[];"""
    sizes = [size_of(v.type, 4) for v in declarations.parse(text).variables()]
    assert sizes == [24, 8, 4, None]


def test_the_table_shows_both_sides_and_where(
    directory: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "shape.bridge"
    file.write_text(DESCRIPTION.replace("int dx", "long dx"))
    header = str(directory / "shape.h")
    code = cli.main(["check", str(directory / "libdebug.so"), str(file), "--header", header])
    said = capsys.readouterr().out.splitlines()
    assert code == 1
    assert said[0].startswith(f"{file}:8: parameter 2 (dx) of shape_move is int, not long")
    assert said[0].endswith("[headers, debug data: parameter type]")
    assert said[1] == "    described  long dx"
    assert said[2] == f"    actual     int dx   ({header}:9)"


def test_const_fails_only_when_strict(
    directory: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "shape.bridge"
    file.write_text(DESCRIPTION.replace("const struct", "struct"))
    arguments = ["check", str(directory / "libdebug.so"), str(file)]
    assert cli.main(arguments) == 0
    assert "1 difference that callers cannot tell" in capsys.readouterr().out
    assert cli.main([*arguments, "--strict"]) == 1
    assert "const differs" in capsys.readouterr().out


def test_the_json_has_a_documented_shape(
    directory: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "shape.bridge"
    file.write_text(DESCRIPTION.replace("int dx", "long dx"))
    library = str(directory / "libdebug.so")
    assert cli.main(["check", library, str(file), "--json"]) == 1
    said: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert list(said) == [
        "format", "library", "description", "strict", "holds", "rungs", "unproved",
    ]  # fmt: skip
    assert (said["format"], said["library"], said["holds"]) == (1, library, False)
    rungs = {each["rung"]: each for each in said["rungs"]}
    assert [each["status"] for each in rungs.values()] == [
        "verified", "unavailable", "mismatch", "unavailable",
    ]  # fmt: skip
    assert list(rungs["symbols"]) == [
        "rung", "status", "source", "reason", "verified", "differences", "harmless", "unverified",
        "notes",
    ]  # fmt: skip
    (found,) = rungs["debug data"]["differences"]
    assert found["location"] == {"file": str(file), "line": 8, "column": 39}
    assert found["actual_location"]["file"].endswith("shape.c")
    assert (found["kind"], found["described"], found["actual"], found["breaking"]) == (
        "parameter type", "long dx", "int dx", True,
    )  # fmt: skip
    assert said["unproved"][0]["thing"] == "constant SHAPE_MAX"


def test_debug_data_of_another_build_are_refused(directory: Path, tmp_path: Path) -> None:
    libraries = []
    for name in ("one", "two"):
        libraries.append(tmp_path / f"lib{name}.so")
        source = f"int f(int a) {{ return a + {len(name + str(libraries))}; }}"
        subprocess.run(
            ["cc", "-shared", "-g", "-Wl,--build-id", "-x", "c", "-", "-o", libraries[-1]],
            input=source.encode(),
            check=True,
        )
    description = declarations.parse("int f(int a);")
    library = binary.read(libraries[0])
    fitting = climb(description, library, Sources(debug_file=str(libraries[0])))
    assert rung(fitting, "debug data").verified == ["function f"]
    with pytest.raises(ToolError, match="its build ID is"):
        climb(description, library, Sources(debug_file=str(libraries[1])))


def test_debug_data_can_be_left_aside(directory: Path) -> None:
    description = declarations.parse(DESCRIPTION)
    library = binary.read(directory / "libdebug.so")
    report = climb(description, library, Sources(use_debug=False))
    assert rung(report, "debug data").status == "unavailable"


def test_what_cannot_be_done_is_exit_code_2(directory: Path, tmp_path: Path) -> None:
    library, description = str(directory / "libdebug.so"), str(directory / "shape.bridge")
    bad = tmp_path / "bad.bridge"
    bad.write_text("int f(;")
    assert cli.main(["check", str(tmp_path / "none.so"), description]) == 2
    assert cli.main(["check", description, description]) == 2
    assert cli.main(["check", library, str(tmp_path / "none.bridge")]) == 2
    assert cli.main(["check", library, str(bad)]) == 2
    assert cli.main(["check", library]) == 2  # carries none
    assert cli.main(["check", library, description, "--header", "none.h"]) == 2
    assert cli.main(["check", library, description, "--debug-file", description]) == 2


def test_a_description_beside_the_library_is_found(
    directory: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    library = tmp_path / "libshape.so.1"
    library.write_bytes((directory / "libdebug.so").read_bytes())
    (tmp_path / "libshape.so.1.bridge").write_text(DESCRIPTION.replace("SHAPE_MAX 9", "OTHER 1"))
    assert cli.main(["check", str(library), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["description"].endswith("libshape.so.1.bridge")


# ---- facts that a library carries


@pytest.fixture(scope="module")
def libcore() -> binary.Binary:
    """libcore as it is installed, with the facts that its build put in."""
    import corelib

    return binary.read(Path(corelib.__file__).parent / "libcore.so.1")


def core(before: str = "", after: str = "") -> declarations.Description:
    path = Path(__file__).parent.parent / "libcore" / "core.bridge"
    text = path.read_text(encoding="utf-8")
    assert text.count(before) == 1 or not before
    return declarations.parse(text.replace(before, after) if before else text, "core.bridge")


def test_libcores_own_facts_hold(libcore: binary.Binary) -> None:
    found = check_carried(core(), libcore)
    assert found.status == "verified"
    assert len(found.verified) > 60


@pytest.mark.parametrize(
    ("before", "after", "kind", "name"),
    [
        ("core_fact(uint32_t n", "core_fact(uint64_t n", "parameter type", "core_fact"),
        ("CORE_YEAR_MAX 9999", "CORE_YEAR_MAX 9998", "constant", "CORE_YEAR_MAX"),
        ("CORE_AXIS_Z = 4", "CORE_AXIS_Z = 8", "enumerator", "CORE_AXIS_Z"),
        ("CORE_AXIS_Z = 4", "CORE_AXIS_W = 4", "enumerator missing", "CORE_AXIS_W"),
        ("    uint32_t z;", "    uint16_t z;", "field type", "struct core_point3.z"),
        ("extern uint32_t core_greetings", "extern float core_greetings", "variable type",
         "core_greetings"),
    ],
)  # fmt: skip
def test_a_drift_from_the_own_facts_is_found(
    libcore: binary.Binary, before: str, after: str, kind: str, name: str
) -> None:
    found = check_carried(core(before, after), libcore)
    assert (kind, name) in [(d.kind, d.name) for d in found.failures()]


def test_a_carried_description_that_cannot_be_read_leaves_the_digests(
    libcore: binary.Binary,
) -> None:
    broken = dataclasses.replace(libcore, description="int f(;")
    found = check_carried(core("core_fact(uint32_t n", "core_fact(uint64_t n"), broken)
    assert [(d.kind, d.name) for d in found.failures()] == [("digest", "core_fact")]
    assert "cannot be read" in found.notes[0]


def test_const_is_no_drift_from_the_own_facts(libcore: binary.Binary) -> None:
    found = check_carried(
        core("core_word_count(\n    const char", "core_word_count(\n    char"), libcore
    )
    assert found.failures() == []
    assert "function core_word_count" in found.verified
