"""symbridge embed: the command, and what it asks of a library before it embeds."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import symbridge
from symbridge import binary
from symbridge.cli import main
from symbridge.declarations import parse
from symbridge.embed.elf import add_notes, read_notes
from symbridge.embed.facts import facts_of
from symbridge.embed.note import fnv1a, unpack_facts
from symbridge.failure import ToolError

HEADER = """
#include <stdint.h>
struct pair { int32_t low, high; };
enum sign { MINUS = -1, PLUS = 1 };
#define LIMIT 12
int32_t add(int32_t a, int32_t b);
int64_t spread(struct pair pair);
extern int32_t calls;
"""

SOURCE = """
#include "lib.h"
int32_t calls;
int32_t add(int32_t a, int32_t b) { calls++; return a + b; }
int64_t spread(struct pair pair) { calls++; return (int64_t)pair.high - pair.low; }
"""

DESCRIPTION = """
/** Twö numbers. */
struct pair { int32_t low, high; };
enum sign { MINUS = -1, PLUS = 1 };
#define LIMIT 12
/** Their sum. */
int32_t add(int32_t a, int32_t b);
int64_t spread(struct pair pair);
extern int32_t calls;
"""


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("compiled")
    (directory / "lib.h").write_text(HEADER)
    (directory / "lib.c").write_text(SOURCE)
    for name, flag in ("liblib.so", "-g0"), ("libdebug.so", "-g"):
        command = ["gcc", flag, "-shared", "-fPIC", "-o", name, "lib.c"]
        subprocess.run(command, cwd=directory, check=True)
    return directory


@pytest.fixture
def place(compiled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory with liblib.so, libdebug.so, lib.h and lib.bridge."""
    for name in "liblib.so", "libdebug.so", "lib.h":
        shutil.copy(compiled / name, tmp_path)
    (tmp_path / "lib.bridge").write_text(DESCRIPTION)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def facts_in(library: Path) -> dict[str, int]:
    """The facts that a library carries, by the texts of the description."""
    carried = binary.read(library).facts
    assert carried is not None
    known = unpack_facts(carried)
    texts = [fact.text for fact in facts_of(parse(DESCRIPTION))]
    return {text: known[fnv1a(text.encode())] for text in texts if fnv1a(text.encode()) in known}


FACTS = {fact.text: fact.value & (1 << 64) - 1 for fact in facts_of(parse(DESCRIPTION))}


def test_a_library_then_carries_its_description(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["embed", "liblib.so", "lib.bridge", "--header", "lib.h"]) == 0
    size = len(DESCRIPTION.encode())
    assert f"a description of {size} bytes is embedded" in capsys.readouterr().out
    assert binary.read(place / "liblib.so").description == DESCRIPTION
    subprocess.run(["strip", "liblib.so"], check=True)
    assert binary.read(place / "liblib.so").description == DESCRIPTION
    assert facts_in(place / "liblib.so") == FACTS


def test_load_then_needs_the_library_alone(place: Path) -> None:
    assert main(["embed", "liblib.so", "lib.bridge", "--header", "lib.h"]) == 0
    (place / "lib.bridge").unlink()
    lib = symbridge.load(place / "liblib.so")
    assert lib.add(20, b=22) == 42
    assert lib.spread(lib.pair(1, 3)) == 2
    assert lib.calls == 2
    assert lib.add.__doc__ is not None and "Their sum." in lib.add.__doc__


def test_load_refuses_a_description_that_the_facts_contradict(place: Path) -> None:
    assert main(["embed", "liblib.so", "lib.bridge", "--header", "lib.h"]) == 0
    with pytest.raises(symbridge.MismatchError, match="int64_t b"):
        symbridge.load(place / "liblib.so", DESCRIPTION.replace("int32_t b", "int64_t b"))


def test_the_output_can_be_another_file(place: Path) -> None:
    before = (place / "liblib.so").read_bytes()
    assert main(["embed", "liblib.so", "lib.bridge", "-o", "out.so", "--header", "lib.h"]) == 0
    assert (place / "liblib.so").read_bytes() == before
    assert binary.read(place / "out.so").description == DESCRIPTION


def test_facts_come_from_the_debug_data(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["embed", "libdebug.so", "lib.bridge"]) == 0
    assert "DWARF" in capsys.readouterr().out
    facts = facts_in(place / "libdebug.so")
    # Debug data has no macros, and no enum that no code uses.
    assert facts.items() <= FACTS.items()
    assert {"function add", "function spread", "variable calls", "sizeof struct pair"} <= set(facts)


def test_without_headers_and_debug_data_there_are_no_facts_and_it_says_so(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["embed", "liblib.so", "lib.bridge"]) == 0
    assert "no facts" in capsys.readouterr().err
    assert [kind for kind, _ in read_notes(place / "liblib.so")] == [1]


def test_facts_that_the_library_carries_stay(place: Path) -> None:
    assert main(["embed", "liblib.so", "lib.bridge", "--header", "lib.h"]) == 0
    more = DESCRIPTION + "/* more */\n"
    (place / "lib.bridge").write_text(more)
    assert main(["embed", "liblib.so", "lib.bridge"]) == 0
    assert binary.read(place / "liblib.so").description == more
    assert facts_in(place / "liblib.so") == FACTS


def test_facts_that_the_library_carries_are_held_against_the_description(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["embed", "liblib.so", "lib.bridge", "--header", "lib.h"]) == 0
    (place / "lib.bridge").write_text(DESCRIPTION.replace("int32_t low", "int64_t low"))
    assert main(["embed", "liblib.so", "lib.bridge"]) == 2
    said = capsys.readouterr().err
    assert "lib.bridge:3: sizeof struct pair is 16; in the library 8" in said


def test_facts_that_are_damaged_are_left_behind(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    add_notes("liblib.so", "liblib.so", [(1, b"int old;"), (2, b"\1\0\0\0\xff\0\0\0")])
    assert main(["embed", "liblib.so", "lib.bridge"]) == 0
    assert "the facts claim to be 255" in capsys.readouterr().err
    assert [kind for kind, _ in read_notes("liblib.so")] == [1]


def test_what_is_no_text_can_be_removed(place: Path) -> None:
    original = (place / "liblib.so").read_bytes()
    add_notes("liblib.so", "liblib.so", [(1, b"\xff\xfe")])
    with pytest.raises(ToolError, match="not UTF-8") as caught:
        binary.read("liblib.so")
    assert "--remove" in caught.value.hint
    assert main(["embed", "--remove", "liblib.so"]) == 0
    assert (place / "liblib.so").read_bytes() == original


def test_all_missing_symbols_are_told_at_once(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (place / "lib.bridge").write_text(
        "int ad(void);\n[[optional]] int later(void);\nextern int callz;\nint add(int, int);\n"
    )
    before = (place / "liblib.so").read_bytes()
    assert main(["embed", "liblib.so", "lib.bridge"]) == 2
    said = capsys.readouterr().err
    assert "lib.bridge:1: ad is no symbol of the library; it has add" in said
    assert "lib.bridge:3: callz is no symbol of the library; it has calls" in said
    assert "later" not in said and "--force" in said
    assert (place / "liblib.so").read_bytes() == before

    assert main(["embed", "liblib.so", "lib.bridge", "--force"]) == 0
    assert "warning: lib.bridge:1: ad is no symbol" in capsys.readouterr().err
    assert "callz" in (binary.read(place / "liblib.so").description or "")


def test_debug_data_that_says_otherwise_is_told(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (place / "lib.bridge").write_text("int32_t add(int32_t a, int64_t b);\n")
    assert main(["embed", "libdebug.so", "lib.bridge"]) == 2
    said = capsys.readouterr().err
    assert "does not describe libdebug.so" in said and "add" in said and "lib.bridge:1" in said


def test_headers_that_say_otherwise_are_told_by_the_compiler(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (place / "lib.bridge").write_text("\nint32_t add(int32_t a, int64_t b);\n")
    assert main(["embed", "liblib.so", "lib.bridge", "--header", "lib.h"]) == 2
    said = capsys.readouterr().err
    assert "lib.bridge:2" in said and "the headers declare it otherwise" in said
    (place / "lib.bridge").write_text(DESCRIPTION)
    assert main(["embed", "liblib.so", "lib.bridge", "--header", "absent.h"]) == 2
    assert "absent.h: No such file" in capsys.readouterr().err


def test_facts_of_another_machine_are_refused(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if not shutil.which("aarch64-linux-gnu-gcc"):
        pytest.skip("aarch64-linux-gnu-gcc is not installed")
    command = ["embed", "liblib.so", "lib.bridge", "--header", "lib.h"]
    assert main([*command, "--compiler", "aarch64-linux-gnu-gcc"]) == 2
    assert "does not compile for the machine of liblib.so" in capsys.readouterr().err


def test_facts_of_a_big_endian_library_are_in_its_byte_order(place: Path, compiled: Path) -> None:
    if not shutil.which("s390x-linux-gnu-gcc"):
        pytest.skip("s390x-linux-gnu-gcc is not installed")
    for source, target in ("header", "libheader.so"), ("debug data", "libbig.so"):
        build = ["s390x-linux-gnu-gcc", "-g", "-shared", "-fPIC", "-o", target]
        subprocess.run([*build, compiled / "lib.c"], check=True)
        by_header = ["--header", "lib.h", "--compiler", "s390x-linux-gnu-gcc"]
        command = ["embed", target, "lib.bridge", *(by_header if source == "header" else [])]
        assert main(command) == 0
        carried = binary.read(place / target)
        assert carried.description == DESCRIPTION
        facts = unpack_facts(carried.facts or b"", "big")
        assert facts[fnv1a(b"sizeof struct pair")] == 8


def test_a_wrong_description_is_not_embedded(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (place / "lib.bridge").write_text("int add(int a,);\n")
    assert main(["embed", "liblib.so", "lib.bridge"]) == 2
    assert "lib.bridge:1:" in capsys.readouterr().err
    assert read_notes(place / "liblib.so") == []


def test_show_and_remove(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    original = (place / "liblib.so").read_bytes()
    assert main(["embed", "--show", "liblib.so"]) == 2
    assert "liblib.so carries no description" in capsys.readouterr().err
    assert main(["embed", "liblib.so", "lib.bridge", "--header", "lib.h"]) == 0
    capsys.readouterr()
    assert main(["embed", "--show", "liblib.so"]) == 0
    assert capsys.readouterr().out == DESCRIPTION
    assert main(["embed", "--show", "liblib.so", "-o", "shown.bridge"]) == 0
    assert (place / "shown.bridge").read_text() == DESCRIPTION
    assert main(["embed", "--remove", "liblib.so"]) == 0
    assert (place / "liblib.so").read_bytes() == original
    assert main(["embed", "--remove", "liblib.so"]) == 0
    assert "there was no description" in capsys.readouterr().out


def test_source_is_compiled_into_a_library(place: Path, compiled: Path) -> None:
    command = ["embed", "--source", "lib.bridge", "--header", '"lib.h"', "-o", "carried.c"]
    assert main(command) == 0
    build = ["gcc", "-Wl,--gc-sections", "-shared", "-fPIC", "-I.", "-o", "libcarried.so"]
    subprocess.run([*build, "carried.c", compiled / "lib.c"], check=True)
    subprocess.run(["strip", "libcarried.so"], check=True)
    assert binary.read(place / "libcarried.so").description == DESCRIPTION
    assert facts_in(place / "libcarried.so") == FACTS


@pytest.mark.parametrize(
    "arguments",
    [["liblib.so"], ["--show", "liblib.so", "lib.bridge"], ["--source", "a", "b"], ["a", "b", "c"]],
    ids=" ".join,
)
def test_the_wrong_number_of_files_is_told(
    place: Path, arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["embed", *arguments]) == 2
    assert "try: symbridge embed" in capsys.readouterr().err


def test_the_command_runs_from_the_shell(place: Path) -> None:
    def symbridge_embed(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "symbridge", "embed", *arguments]
        return subprocess.run(command, capture_output=True, text=True)

    done = symbridge_embed("absent.so", "lib.bridge")
    assert done.returncode == 2 and "absent.so" in done.stderr and "Traceback" not in done.stderr
    done = symbridge_embed("--help")
    assert done.returncode == 0 and "--source DESCRIPTION" in done.stdout
