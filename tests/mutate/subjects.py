"""The libraries whose descriptions are mutated: libcore, zlib, SQLite."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

from symbridge import binary
from symbridge.check.compiler import Options
from symbridge.describe.clang import read_headers
from symbridge.describe.write import write

from .run import Case, Subject

__all__ = ["SUBJECTS", "libcore", "make"]

ROOT = Path(__file__).resolve().parents[2]

#: The libraries that the machine has: soname and header.
SYSTEM = {"zlib": ("libz.so.1", "<zlib.h>"), "sqlite": ("libsqlite3.so.0", "<sqlite3.h>")}

SUBJECTS = ("libcore", *SYSTEM)


def make(names: Iterator[str] | tuple[str, ...], directory: Path) -> Iterator[Subject]:
    """The named subjects."""
    for name in names:
        yield libcore(directory) if name == "libcore" else _system(name)


def libcore(directory: Path) -> Subject:
    """libcore, built with DWARF and with CTF."""
    include = str(ROOT / "libcore" / "include")
    options = Options(include_dirs=[include])
    cases = []
    for name, flag, headers in (("DWARF", "-g", ["core/core.h"]), ("CTF", "-gctf", [])):
        library = directory / name / "libcore.so.1"
        library.parent.mkdir()
        sources = sorted((ROOT / "libcore" / "src").glob("*.c"))
        compiler = os.environ.get("CC", "cc") if name == "DWARF" else "gcc"
        subprocess.run(
            [compiler, "-shared", "-fPIC", "-O1", flag, "-std=c11", "-D_GNU_SOURCE",
             "-fvisibility=hidden", "-DCORE_BUILDING", f"-I{include}", "-o", library, *sources,
             "-lm", "-pthread"],
            check=True,
        )  # fmt: skip
        cases.append(Case(name, binary.read(library), headers, options))
    text = (ROOT / "libcore" / "core.bridge").read_text(encoding="utf-8")
    return Subject("libcore", text, cases)


def _system(name: str) -> Subject:
    soname, header = SYSTEM[name]
    text = write(read_headers([header]))
    library = binary.read(binary.locate(soname))
    return Subject(name, text, [Case("", library, [header], use_debug=False)])
