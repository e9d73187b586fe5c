"""symbridge list: what is shown of a library's symbols, and what exit codes say."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from elf_files import write_library
from symbridge.cli import main

SOURCE = r"""
int counter = 3;
int add(int a, int b) { return a + b; }
double half(double x) { return x / 2; }
int old_form(void) { return 1; }
int new_form(void) { return 2; }
__asm__(".symver old_form, form@V1");
__asm__(".symver new_form, form@@V2");
__attribute__((constructor)) static void started(void) { __builtin_trap(); }
"""

DESCRIPTION = """extern int counter;
int add(int a, int b);
int form(void);
"""


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("list")
    (directory / "source.c").write_text(SOURCE)
    (directory / "script").write_text("V1 { local: old_form; new_form; }; V2 { } V1;")
    subprocess.run(
        ["gcc", "-shared", "-fPIC", "-o", "liblisted.so.1", "source.c",
         "-Wl,--version-script=script"],
        check=True, cwd=directory,
    )  # fmt: skip
    return directory / "liblisted.so.1"


@pytest.fixture
def library(compiled: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(compiled, tmp_path / compiled.name))


@pytest.fixture
def description(tmp_path: Path) -> Path:
    path = tmp_path / "given.bridge"
    path.write_text(DESCRIPTION)
    return path


def listed(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, list[str], str]:
    """The exit code, the lines of the table without its heading, and stderr."""
    code = main(["list", *map(str, arguments)])
    out, err = capsys.readouterr()
    return code, [" ".join(line.split()) for line in out.splitlines()[1:]], err


def as_json(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, dict[str, Any]]:
    code = main(["list", "--json", *map(str, arguments)])
    return code, json.loads(capsys.readouterr().out)


def test_symbols_are_shown_with_their_declarations(
    library: Path, description: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, lines, err = listed(capsys, library, description)
    assert code == 0
    add, counter, form, old_form, half = lines
    assert add.startswith("add function ") and add.endswith(
        f"{description}:2 int add(int a, int b)"
    )
    assert counter == f"counter object 4 {description}:1 int counter"
    assert "@@V2" in form and form.endswith(f"{description}:3 int form(void)")
    assert "@V1" in old_form and old_form.endswith(" no")
    assert half.startswith("half function ") and half.endswith(" no")
    assert f"{library}: 5 symbols, 3 described in {description}" in err


def test_without_a_description_symbols_are_shown(
    library: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, lines, err = listed(capsys, library)
    assert code == 0 and len(lines) == 5
    assert "no description is given, beside it or in it" in err


def test_the_description_beside_the_library_is_found(
    library: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    beside = library.with_name("liblisted.bridge")
    beside.write_text("double half(double x);")
    code, lines, err = listed(capsys, library, "--described")
    assert code == 0 and len(lines) == 1 and f"{beside}:1" in lines[0]
    assert f"1 described in {beside}" in err


def test_what_is_described_and_absent_makes_exit_code_1(
    library: Path, description: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    description.write_text("int ad(int);\n")
    code, lines, err = listed(capsys, library, description, "--missing")
    assert code == 1
    assert lines == [f"ad absent {description}:1 int ad(int) (is it add?)"]
    assert "1 described but absent" in err


def test_what_is_optional_may_be_absent(
    library: Path, description: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    description.write_text("[[optional]] int later(int);\nint add(int a, int b);\n")
    code, lines, err = listed(capsys, library, description, "--missing")
    assert code == 0
    assert lines == [f"later optional {description}:1 int later(int)"]
    assert "1 optional and absent" in err


def test_a_version_that_is_described_is_the_one_that_counts(
    library: Path, description: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    description.write_text('[[version("V1")]] int form(void);\n')
    code, lines, _ = listed(capsys, library, description, "--described")
    assert code == 0 and len(lines) == 1 and " @V1 " in lines[0]
    description.write_text('[[version("V3")]] int form(void);\n')
    code, lines, _ = listed(capsys, library, description, "--missing")
    assert code == 1 and lines[0].startswith("form absent V3 ")


def test_a_function_that_is_data_makes_exit_code_1(
    library: Path, description: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    description.write_text("int counter(void);\n")
    code, lines, err = listed(capsys, library, description, "--described")
    assert code == 1 and lines[0].endswith("int counter(void) (not that kind of symbol)")
    assert "1 described as another kind" in err


def test_what_is_shown_can_be_chosen(
    library: Path, description: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    description.write_text(DESCRIPTION + "int absent(void);\n")
    names = {}
    for option in "--described", "--undescribed", "--missing":
        _, lines, _ = listed(capsys, library, description, option)
        names[option] = [line.split()[0] for line in lines]
    assert names == {
        "--described": ["add", "counter", "form"],
        "--undescribed": ["form", "half"],
        "--missing": ["absent"],
    }
    _, lines, _ = listed(capsys, library, description, "--undescribed", "--missing")
    assert [line.split()[0] for line in lines] == ["form", "half", "absent"]


def test_json_says_all_of_it(
    library: Path, description: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    description.write_text(DESCRIPTION + "int ad(int);\n")
    code, result = as_json(capsys, library, description)
    assert code == 1
    assert result["library"] == str(library) and result["description"] == str(description)
    assert result["counts"] == {
        "described": 3, "undescribed": 2, "different": 0, "absent": 1, "optional": 0,
    }  # fmt: skip
    add = result["symbols"][0]
    assert (add["name"], add["kind"], add["status"]) == ("add", "function", "described")
    assert add["declaration"] == {
        "name": "add",
        "prototype": "int add(int a, int b)",
        "file": str(description),
        "line": 2,
    }
    assert [s["version"] for s in result["symbols"] if s["name"] == "form"] == ["V2", "V1"]
    (missing,) = result["missing"]
    assert (missing["name"], missing["status"], missing["near"]) == ("ad", "absent", ["add"])


def test_a_soname_is_located(capsys: pytest.CaptureFixture[str]) -> None:
    code, result = as_json(capsys, "libm.so.6")
    assert code == 0 and result["library"].startswith("/") and result["soname"] == "libm.so.6"
    assert "cos" in {symbol["name"] for symbol in result["symbols"]}


def test_no_code_of_the_library_runs(library: Path) -> None:
    command = [sys.executable, "-m", "symbridge", "list", str(library)]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr  # its constructor would end the process


def test_colour_marks_what_is_absent(
    library: Path, description: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    description.write_text("int ad(int);\n")
    main(["list", "--color", "always", "--missing", str(library), str(description)])
    assert "\x1b[31mad " in capsys.readouterr().out
    main(["list", "--missing", str(library), str(description)])
    assert "\x1b[" not in capsys.readouterr().out


def test_names_cannot_move_the_cursor(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write_library(tmp_path / "evil.so", 1, b"\0\x1b[2Jname\xff\0", lambda i: 1)
    code, lines, _ = listed(capsys, path)
    assert code == 0 and lines[0].startswith("\\x1b[2Jname\\xff function")


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("libno-such-thing.so.9", "was not found where the system looks"),
        ("/no/such/library.so", "No such file"),
        (__file__, "is not an ELF file"),
    ],
)
def test_what_cannot_be_listed_makes_exit_code_2(
    name: str, says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["list", name]) == 2
    out, err = capsys.readouterr()
    assert out == "" and says in err


def test_a_wrong_description_is_shown(
    library: Path, description: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    description.write_text("int add(int a,, int b);\n")
    assert main(["list", str(library), str(description)]) == 2
    assert f"{description}:1:15" in capsys.readouterr().err
