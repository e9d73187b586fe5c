"""The C compiler of this machine: where it finds headers; and libclang, told to read as it does."""

from __future__ import annotations

import functools
import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from types import ModuleType

from symbridge.failure import ToolError, require

__all__ = ["Compiler", "compiler", "libclang", "parse"]

#: Seconds that the compiler has to say where its headers are.
PATIENCE = 30

#: What libclang says it is to headers that ask for gcc's version: the last that the C library's
#: headers take for one without _Float32 and its kin as words, which clang does not have.
GNU_VERSION = "6.5.0"

#: The most messages of the compiler that an error shows.
MOST_MESSAGES = 20

#: libclang's bits for what parsing keeps: macros, and no bodies of functions.
DETAILED = 0x01
SKIP_BODIES = 0x40
ERROR = 3  # the least severity that is one

SEARCH = re.compile(r"^#include <\.\.\.>.*?:\n(.*?)^End of search", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Compiler:
    """A compiler and the directories that it takes headers from by itself."""

    command: tuple[str, ...]
    directories: tuple[str, ...]


def compiler() -> Compiler:
    """The compiler that $CC names, else cc."""
    return _ask(tuple(shlex.split(os.environ.get("CC", ""))) or ("cc",))


@functools.lru_cache(maxsize=8)
def _ask(command: tuple[str, ...]) -> Compiler:
    hint = "install a C compiler (Debian: gcc and libc6-dev), or name one in the variable CC"
    if shutil.which(command[0]) is None:
        raise ToolError(f"reading headers needs a C compiler: '{command[0]}' is not there", hint)
    environment = {**os.environ, "LC_ALL": "C"}
    try:
        answer = subprocess.run(
            [*command, "-E", "-v", "-x", "c", os.devnull],
            capture_output=True,
            text=True,
            errors="replace",
            timeout=PATIENCE,
            env=environment,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ToolError(f"the C compiler '{command[0]}' cannot be run: {error}", hint) from error
    found = SEARCH.search(answer.stderr)
    if found is None:
        raise ToolError(
            f"the C compiler '{shlex.join(command)}' does not say where its headers are", hint
        )
    lines = [line.strip() for line in found[1].splitlines()]
    return Compiler(command, tuple(os.path.normpath(line) for line in lines if line))


def libclang() -> ModuleType:
    """The module clang.cindex, with its library loaded."""
    cindex = require("clang.cindex", "libclang", "reading C headers")
    try:
        cindex.conf.lib  # noqa: B018 - loads the library
    except cindex.LibclangError as error:
        raise ToolError(
            f"libclang cannot be loaded: {error}", "pip install 'symbridge[tools]'"
        ) from error
    return cindex


def arguments(
    include: Sequence[str], defines: Sequence[str], flags: Sequence[str], standard: str
) -> list[str]:
    """What libclang is told, so that it reads what the compiler would."""
    words = ["-x", "c", "-w", "-ferror-limit=0", f"-fgnuc-version={GNU_VERSION}"]
    if standard:
        words.append(f"-std={standard}")
    words += [f"-I{directory}" for directory in include]
    words += [f"-D{define}" for define in defines]
    words += flags
    words.append("-nostdinc")
    for directory in compiler().directories:
        words += ["-isystem", directory]
    return words


def parse(name: str, text: str, words: Sequence[str], *, keep_macros: bool, strict: bool) -> object:
    """A translation unit of the text. strict: errors of the compiler are this function's."""
    cindex = libclang()
    options = SKIP_BODIES | (DETAILED if keep_macros else 0)
    try:
        unit = cindex.TranslationUnit.from_source(
            name, list(words), unsaved_files=[(name, text)], options=options
        )
    except cindex.TranslationUnitLoadError as error:
        raise ToolError(
            f"libclang cannot read the headers with these flags: {' '.join(words)}",
            "check the values of --cflag, -std, -I and -D",
        ) from error
    if strict:
        _check(unit, name)
    return unit


def _check(unit: object, name: str) -> None:
    failed = [d for d in unit.diagnostics if d.severity >= ERROR]  # type: ignore[attr-defined]
    if not failed:
        return
    shown = [_message(diagnostic, name) for diagnostic in failed[:MOST_MESSAGES]]
    if len(failed) > len(shown):
        shown.append(f"... and {len(failed) - len(shown)} more")
    raise ToolError(
        "the headers do not compile:\n  " + "\n  ".join(shown),
        "-I DIRECTORY and -D NAME as the library's documentation says; --cflag=-include "
        "--cflag=HEADER for what must come before",
    )


def _message(diagnostic: object, name: str) -> str:
    location = diagnostic.location  # type: ignore[attr-defined]
    spelling: str = diagnostic.spelling  # type: ignore[attr-defined]
    if location.file is None or location.file.name == name:
        return f"error: {spelling}"
    return f"{location.file.name}:{location.line}:{location.column}: error: {spelling}"
