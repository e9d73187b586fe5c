"""Running a C compiler on generated files, and reading what it says and writes."""

from __future__ import annotations

import os
import re
import shlex
import struct
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from symbridge.failure import ToolError

__all__ = ["Compiler", "Diagnostic", "Options", "hide", "quoted", "sections", "show"]

#: Seconds that one run may take, and bytes that it may say. A header can ask for any amount.
TIMEOUT = 120
MAX_OUTPUT = 256 << 20

DIAGNOSTIC = re.compile(
    r"^(.*?):(\d+):(?:\d+:)? (fatal error|internal compiler error|error|warning|note): (.*)$"
)


@dataclass(frozen=True, slots=True)
class Options:
    """How headers are compiled."""

    include_dirs: Sequence[str] = ()
    defines: Sequence[str] = ()
    std: str = ""
    compiler: str = ""  # "" is $CC, else cc
    flags: Sequence[str] = ()

    def command(self) -> list[str]:
        """The compiler and all its options but for what to do."""
        name = self.compiler or os.environ.get("CC", "") or "cc"
        words = shlex.split(name)
        words += [f"-std={self.std}"] if self.std else []
        words += [f"-I{directory}" for directory in self.include_dirs]
        words += [f"-D{define}" for define in self.defines]
        return [*words, *self.flags]


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One message of the compiler."""

    file: str
    line: int
    severity: str
    text: str


@dataclass
class Compiler:
    """A compiler with its options, and a directory of its own. Use it in a `with` statement."""

    options: Options
    runs: int = 0
    is_clang: bool = False
    _directory: tempfile.TemporaryDirectory[str] | None = field(default=None, repr=False)

    def __enter__(self) -> Compiler:
        self._directory = tempfile.TemporaryDirectory(prefix="symbridge-check-")
        return self

    def __exit__(self, *_: object) -> None:
        if self._directory is not None:
            self._directory.cleanup()

    def path(self, name: str) -> Path:
        """A file of the compiler's own directory."""
        if self._directory is None:
            raise RuntimeError("the compiler is not in use")
        return Path(self._directory.name) / name

    def _run(self, arguments: Sequence[str]) -> subprocess.CompletedProcess[bytes]:
        self.runs += 1
        command = [*self.options.command(), *arguments]
        try:
            # Messages are read: in English, and without colour.
            return subprocess.run(
                command,
                capture_output=True,
                check=False,
                stdin=subprocess.DEVNULL,
                timeout=TIMEOUT,
                env={**os.environ, "LC_ALL": "C", "GCC_COLORS": ""},
            )
        except FileNotFoundError:
            raise ToolError(
                f"no C compiler: {command[0]} was not found",
                hint="install one, or name it: --compiler NAME, or CC=NAME in the environment",
            ) from None
        except subprocess.TimeoutExpired:
            raise ToolError(f"{command[0]} took more than {TIMEOUT} s") from None

    def preprocess(self, source: str) -> str:
        """The preprocessor's output, with macros. Raises ToolError with the compiler's message."""
        path = self.path("headers.c")
        path.write_text(source, encoding="utf-8", errors="surrogateescape")
        done = self._run(["-E", "-dD", "-x", "c", str(path)])
        if done.returncode:
            raise self.failure(done.stderr, path)
        if len(done.stdout) > MAX_OUTPUT:
            raise ToolError(f"the headers are more than {MAX_OUTPUT} bytes when preprocessed")
        return done.stdout.decode("utf-8", "surrogateescape")

    def check(self, source: str, name: str) -> tuple[list[Diagnostic], bytes]:
        """Compile without output; gives the messages, and as they were said."""
        path = self.path(name)
        path.write_text(source, encoding="utf-8", errors="surrogateescape")
        limit = "-ferror-limit=0" if self.is_clang else "-fmax-errors=0"
        done = self._run(["-fsyntax-only", "-w", limit, *self._plain(), "-x", "c", str(path)])
        found = diagnostics(done.stderr)
        # An error without a place, or one that ends the compilation, leaves lines unread.
        placed = any(each.severity == "error" for each in found)
        if any(each.severity.startswith(("fatal", "internal")) for each in found) or (
            done.returncode and not placed
        ):
            raise self.failure(done.stderr, path)
        return found, done.stderr

    def _plain(self) -> list[str]:
        if self.is_clang:
            return ["-fno-caret-diagnostics", "-fno-color-diagnostics", "-fno-spell-checking"]
        # Errors within a macro are those of the line that uses it.
        return [
            "-fno-diagnostics-show-caret",
            "-fdiagnostics-color=never",
            "-ftrack-macro-expansion=0",
        ]

    def compile(self, source: str, name: str) -> bytes:
        """Compile to an object file, and give that."""
        path = self.path(name)
        path.write_text(source, encoding="utf-8", errors="surrogateescape")
        output = path.with_suffix(".o")
        done = self._run(
            ["-c", "-w", "-O0", "-g0", "-fno-lto", "-x", "c", str(path), "-o", str(output)]
        )
        if done.returncode:
            raise self.failure(done.stderr, path)
        return output.read_bytes()

    def failure(self, stderr: bytes, path: Path) -> ToolError:
        """The error of a compilation that had to succeed, with the compiler's own message."""
        said = stderr.decode("utf-8", "replace").replace(f"{path}", "<headers>").strip()
        name = self.options.command()[0]
        return ToolError(
            f"the headers do not compile:\n{said or f'{name} failed without a message'}",
            hint="--include-dir DIRECTORY, -D MACRO, or --header with what must come first",
        )


def diagnostics(stderr: bytes) -> list[Diagnostic]:
    """The messages of gcc or clang."""
    found: list[Diagnostic] = []
    for line in stderr.decode("utf-8", "surrogateescape").splitlines():
        match = DIAGNOSTIC.match(line)
        if match:
            found.append(Diagnostic(match[1], int(match[2]), match[3], match[4]))
    return found


def hide(macros: Sequence[str]) -> list[str]:
    """Lines after which names stand for themselves, though there are macros of them."""
    return [line for name in macros for line in (f'#pragma push_macro("{name}")', f"#undef {name}")]


def show(macros: Sequence[str]) -> list[str]:
    """Lines that undo hide()."""
    return [f'#pragma pop_macro("{name}")' for name in macros]


def quoted(text: str) -> str:
    """A string literal of C."""
    pieces = ['"']
    for byte in text.encode("utf-8", "surrogateescape"):
        plain = 32 <= byte < 127 and chr(byte) not in '"\\?'
        pieces.append(chr(byte) if plain else f"\\{byte:03o}")
    return "".join([*pieces, '"'])


def sections(image: bytes) -> tuple[dict[str, bytes], bool]:
    """The contents of an object file's sections by name, and whether numbers in it are big-endian.

    For what the compiler has just written; libraries are read by symbridge.binary.
    """
    if image[:4] != b"\x7fELF" or len(image) < 64:
        raise ToolError("the compiler did not write an ELF object file")
    wide, big = image[4] == 2, image[5] == 2
    order = ">" if big else "<"
    at, size_at, names_at = (40, 58, 62) if wide else (32, 46, 50)
    (table,) = struct.unpack_from(order + ("Q" if wide else "I"), image, at)
    entry, count = struct.unpack_from(order + "HH", image, size_at)
    (names,) = struct.unpack_from(order + "H", image, names_at)
    if not count:  # more than 65 279 sections: the first one says how many
        (count,) = struct.unpack_from(
            order + ("Q" if wide else "I"), image, table + (32 if wide else 20)
        )
    if names == 0xFFFF:
        (names,) = struct.unpack_from(order + "I", image, table + (40 if wide else 24))
    layout = order + ("IIQQQQ" if wide else "IIIIII")
    headers = [struct.unpack_from(layout, image, table + i * entry) for i in range(count)]
    start = headers[names][4]
    found: dict[str, bytes] = {}
    for name, kind, _, _, offset, size in headers:
        end = image.index(b"\0", start + name)
        text = image[start + name : end].decode("ascii", "replace")
        found[text] = bytes(size) if kind == 8 else image[offset : offset + size]
    return found, big
