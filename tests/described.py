"""Libraries whose whole public interface is described from their headers.

python tests/described.py        # the table of docs/describe.md, as this machine has it
"""

from __future__ import annotations

import fnmatch
import os
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from symbridge.describe.clang import HeaderDescription
from symbridge.describe.compiler import compiler
from symbridge.describe.making import Made, Source, make
from symbridge.failure import ToolError

__all__ = ["LIBRARIES", "Library", "describe", "headers_of", "table"]


@dataclass(frozen=True, eq=False)
class Library:
    """A library, its headers as patterns below the compiler's directories, and one call of it."""

    name: str
    package: str  # Debian's
    soname: str
    headers: Sequence[str]
    call: Callable[[Any], bool]
    include: Sequence[str] = ()  # below the compiler's directories
    defines: Sequence[str] = ()
    flags: Sequence[str] = ()
    only: Sequence[str] = ()
    #: What the library exports and its headers do not declare: patterns, and why.
    undeclared: Mapping[str, str] = field(default_factory=dict)


def _multiplies(m: Any) -> bool:
    x, y = m.__mpz_struct(), m.__mpz_struct()
    m.mpz_init_set_str(x, "123456789012345678901234567890", 10)
    m.mpz_init(y)
    m.mpz_mul_ui(y, x, 10)
    right = m.mpz_divisible_ui_p(y, 10) and m.mpz_cmp(y, x) > 0
    m.mpz_clear(x)
    m.mpz_clear(y)
    return bool(right)


def _transforms(m: Any, prefix: str, code: str) -> bool:
    from array import array

    data = array(code, [1.0, 0.0] * 4)
    here, _ = data.buffer_info()
    plan = getattr(m, f"{prefix}_plan_dft_1d")(4, here, here, m.FFTW_FORWARD, m.FFTW_ESTIMATE)
    getattr(m, f"{prefix}_execute")(plan)
    getattr(m, f"{prefix}_destroy_plan")(plan)
    return data.tolist() == [4.0, 0.0] + [0.0] * 6


INTERNAL = "internal: no header declares it"

LIBRARIES = [
    Library("zlib", "zlib1g-dev", "libz.so.1", ["zlib.h"],
            lambda m: m.zlibVersion() == m.ZLIB_VERSION, defines=["_LARGEFILE64_SOURCE=1"]),
    Library("SQLite", "libsqlite3-dev", "libsqlite3.so.0", ["sqlite3.h"],
            lambda m: m.sqlite3_libversion() == m.SQLITE_VERSION,
            defines=["SQLITE_ENABLE_SESSION", "SQLITE_ENABLE_PREUPDATE_HOOK"],
            undeclared={"sqlite3[A-Z]*": INTERNAL, "sqlite3a*": INTERNAL}),
    Library("libxml2", "libxml2-dev", "libxml2.so.2", ["libxml2/libxml/*.h"],
            lambda m: m.xmlCheckVersion(20900) is None and m.xmlStrlen(b"abc\0") == 3,
            include=["libxml2"],
            undeclared={"*": "internal, or a variable that the headers replace by a macro"}),
    Library("libgit2", "libgit2-dev", "libgit2.so.1.5", ["git2.h", "git2/sys/*.h"],
            lambda m: m.git_libgit2_features() >= 0,
            undeclared={"git_config_unlock": INTERNAL}),
    Library("GMP", "libgmp-dev", "libgmp.so.10", ["gmp.h"], _multiplies,
            flags=["-include", "stdio.h"], undeclared={"__gmp*": INTERNAL}),
    Library("libcurl", "libcurl4-openssl-dev", "libcurl.so.4", ["curl/curl.h", "curl/mprintf.h"],
            lambda m: m.curl_version().startswith("libcurl/" + m.LIBCURL_VERSION)),
    Library("libsodium", "libsodium-dev", "libsodium.so.23", ["sodium.h", "sodium/*.h"],
            lambda m: m.sodium_version_string() == m.SODIUM_VERSION_STRING),
    Library("libarchive", "libarchive-dev", "libarchive.so.13", ["archive.h", "archive_entry.h"],
            lambda m: m.archive_version_string() == m.ARCHIVE_VERSION_STRING),
    *(
        Library(f"FFTW, {kind}", "libfftw3-dev", f"libfftw3{suffix}.so.3", ["fftw3.h"], call,
                only=[f"fftw{suffix}_*", "FFTW_*"],
                undeclared={"*_": "called from Fortran", "*": INTERNAL})
        for kind, suffix, call in (
            ("double", "", lambda m: _transforms(m, "fftw", "d")),
            ("float", "f", lambda m: _transforms(m, "fftwf", "f")),
            ("long double", "l", lambda m: m.fftwl_alignment_of(0) == 0),
        )
    ),
]  # fmt: skip


def headers_of(library: Library) -> list[str]:
    """The paths of the headers. Raises ToolError when they are not installed."""
    found: list[str] = []
    for pattern in library.headers:
        paths = (
            path
            for directory in compiler().directories
            for path in sorted(Path(directory).glob(pattern))
        )
        matching = list({path.name: str(path) for path in paths}.values())
        if not matching:
            raise ToolError(f"{pattern} is not there: Debian's {library.package} has it")
        found += matching
    return found


def include_of(library: Library) -> list[str]:
    """The directories that the headers want to be told of."""
    wanted = [
        os.path.join(directory, name)
        for name in library.include
        for directory in compiler().directories
    ]
    return [directory for directory in wanted if os.path.isdir(directory)]


def describe(library: Library) -> Made:
    """The library's description, with proposals."""
    return make(
        Source(
            headers=headers_of(library),
            library=library.soname,
            include=include_of(library),
            defines=library.defines,
            flags=library.flags,
            only=library.only,
        )
    )


def reasons(library: Library, names: Sequence[str]) -> Counter[str]:
    """Why symbols are not declared, and of how many each is true; "" for those without a reason."""
    found: Counter[str] = Counter()
    for name in names:
        why = (w for pattern, w in library.undeclared.items() if fnmatch.fnmatchcase(name, pattern))
        found[next(why, "")] += 1
    return found


COLUMNS = (
    "library", "functions", "variables", "records", "enums", "constants", "inline functions",
    "macros with parameters", "other macros", "not in this library", "only in the library",
    "proposals", "pointers unsaid", "seconds",
)  # fmt: skip


def row(library: Library) -> list[str]:
    """The library's line of the table."""
    start = time.process_time()
    made = describe(library)
    seconds = time.process_time() - start
    f = made.figures
    assert isinstance(made.description, HeaderDescription)
    numbers = [
        f["functions"], f["variables"], f["records"], f["enums"], f["constants"],
        f["inline functions left out"], f["macros with parameters left out"],
        f["other macros left out"], len(made.absent), len(made.undeclared), f["proposals"],
        f["pointers unsaid"],
    ]  # fmt: skip
    return [
        f"{library.name} (`{library.soname}`)",
        *(f"{number:,}" for number in numbers),
        f"{seconds:.1f}",
    ]


def table() -> str:
    """All libraries, as Markdown."""
    lines = ["| " + " | ".join(COLUMNS) + " |", "|" + " --- |" + " ---: |" * (len(COLUMNS) - 1)]
    lines += ["| " + " | ".join(row(library)) + " |" for library in LIBRARIES]
    return "\n".join(lines)


if __name__ == "__main__":
    print(table())
