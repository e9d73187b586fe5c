"""Measures the developer's commands as they are run: from the start of the process to its end.

python bench/tools.py            everything: a table, and a section of bench/results.json
python bench/tools.py --quick    once each, nothing written
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter

from build import BENCH
from generate import description
from report import about, write_json
from symbridge.declarations import parse, spell

__all__ = ["main"]

#: What each row may take, in seconds.
BUDGETS = {
    "describe sqlite3.h": 2.0,
    "check --header, 1000 functions": 5.0,
    "check, 5 MB of DWARF": 10.0,
}

#: Functions and structs of the header that check compiles.
HEADER = (1000, 150)

#: Functions and structs, and local variables of each function, whose debug data is at least
#: DEBUG_BYTES: most of what real libraries' debug data says is of the insides of functions.
DEBUG = (3200, 480, 40)
DEBUG_BYTES = 5_000_000

SQLITE = Path("/usr/include/sqlite3.h")


def seconds(command: Sequence[str], repeats: int) -> float:
    """The least time of a run that succeeds."""
    times = []
    for _ in range(repeats):
        start = perf_counter()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        times.append(perf_counter() - start)
    return min(times)


def symbridge(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "symbridge", *map(str, arguments)]


def make_library(
    directory: Path, functions: int, structs: int, variables: int = 0
) -> tuple[Path, Path, Path]:
    """A library with debug data, its header and its description, of which functions do nothing."""
    text = description(functions, structs)
    described, header = directory / "gen.bridge", directory / "gen.h"
    described.write_text(text, encoding="utf-8")
    header.write_text(
        "#include <stdbool.h>\n#include <stddef.h>\n#include <stdint.h>\n" + text, encoding="utf-8"
    )
    lines = ['#include "gen.h"\n']
    inside = "".join(f"volatile int local_{i} = {i}; {{ " for i in range(variables))
    inside += "}" * variables
    for function in parse(text).functions():
        declared = spell(function.type, function.name, names=True)
        lines.append(f"{declared} {{ {inside} __builtin_trap(); }}\n")
    source, library = directory / "gen.c", directory / "libgen.so"
    source.write_text("".join(lines), encoding="utf-8")
    command = ["cc", "-g", "-O0", "-shared", "-fPIC", "-o", library, source]
    subprocess.run(command, check=True)
    return library, described, header


def debug_bytes(library: Path) -> int:
    """The bytes of a library's debug sections."""
    listed = subprocess.run(["size", "-A", library], check=True, capture_output=True, text=True)
    rows = (line.split() for line in listed.stdout.splitlines())
    return sum(int(row[1]) for row in rows if row and row[0].startswith(".debug"))


def measure(directory: Path, repeats: int) -> dict[str, float]:
    """Seconds by row."""
    found: dict[str, float] = {}
    if SQLITE.exists():
        command = symbridge("describe", SQLITE, "-o", directory / "sqlite.bridge")
        found["describe sqlite3.h"] = seconds(command, repeats)
    small = directory / "small"
    small.mkdir()
    library, described, header = make_library(small, *HEADER)
    subprocess.run(["strip", library], check=True)
    command = symbridge("check", library, described, "--header", header)
    found["check --header, 1000 functions"] = seconds(command, repeats)
    large = directory / "large"
    large.mkdir()
    library, described, _ = make_library(large, *DEBUG)
    size = debug_bytes(library)
    if size < DEBUG_BYTES:
        raise SystemExit(f"only {size} bytes of debug data: raise DEBUG")
    print(f"debug data: {size / 1e6:.1f} MB, {DEBUG[0]} functions, {DEBUG[1]} structs")
    found["check, 5 MB of DWARF"] = seconds(symbridge("check", library, described), repeats)
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="once each, nothing written")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        found = measure(Path(directory), 1 if arguments.quick else 5)
    for name, taken in found.items():
        print(f"{name:32} {taken:6.2f} s of {BUDGETS[name]:g} s")
    if not arguments.quick:
        write_json(BENCH / "results.json", "tools", {"about": about(), "seconds": found})
    return int(any(taken > BUDGETS[name] for name, taken in found.items()))


if __name__ == "__main__":
    sys.exit(main())
