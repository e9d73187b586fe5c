"""What an ELF library's file says: its symbols, notes and sections. Its code is never run.

The engine reads the file (docs/engine.md, "Library files"): it believes nothing that the file says,
and gives up at the limits named there.
"""

from __future__ import annotations

import bisect
import difflib
import gc
import os
import string
from collections.abc import Container, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import NamedTuple

from symbridge import _bridge
from symbridge._load import descriptions_beside
from symbridge.failure import ToolError

__all__ = [
    "Binary",
    "Link",
    "NearMisses",
    "Note",
    "Section",
    "Symbol",
    "locate",
    "near_misses",
    "own_description",
    "read",
    "read_named",
]

#: Names of EM_... in elf.h, as people say them.
MACHINES = {
    2: "SPARC", 3: "x86", 4: "m68k", 8: "MIPS", 15: "PA-RISC", 20: "PowerPC", 21: "PowerPC64",
    22: "s390", 40: "ARM", 42: "SuperH", 43: "SPARC V9", 50: "IA-64", 62: "x86-64", 183: "AArch64",
    243: "RISC-V", 258: "LoongArch", 0x9026: "Alpha",
}  # fmt: skip

#: Names of ET_... in elf.h.
TYPES = {0: "no type", 1: "object file", 2: "program", 3: "shared library", 4: "core dump"}

SHT_NOBITS = 8

LINKER_NAMES = frozenset(
    ["_init", "_fini", "_edata", "edata", "_end", "end", "_etext", "etext", "__bss_start"]
)


class Symbol(NamedTuple):
    """One dynamic symbol. address is before the library is moved to where it is loaded."""

    name: str
    version: str | None
    is_default: bool  # defined, and what is found when no version is named: name@@version
    kind: str  # "function", "object", "tls", "ifunc" (chosen when loaded) or "other"
    size: int
    address: int
    defined: bool
    weak: bool
    exported: bool  # defined, and others can bind to it

    @property
    def made_by_linker(self) -> bool:
        """Whether it is no part of an interface: a version's own name, _init, _end ..."""
        return self.name in LINKER_NAMES or (self.name == self.version and self.size == 0)

    def __str__(self) -> str:
        if self.version is None:
            return self.name
        return f"{self.name}{'@@' if self.is_default else '@'}{self.version}"


class Note(NamedTuple):
    """One note."""

    owner: str
    type: int
    content: bytes


class Section(NamedTuple):
    """Where a section is in the file. One without content there (.bss) has size 0."""

    offset: int
    size: int


class Link(NamedTuple):
    """.gnu_debuglink: the debug data's file, and the CRC-32 of that file."""

    file: str
    crc: int


@dataclass(eq=False)
class Binary:
    """What was read of a file."""

    path: str
    soname: str | None
    machine: str
    bits: int
    byte_order: str  # "little" or "big"
    type: str
    needed: list[str]
    rpath: str | None
    runpath: str | None
    symbols: list[Symbol] = field(repr=False)  # dynamic ones, defined or not
    notes: list[Note] = field(repr=False)
    build_id: str  # in hexadecimal; "" when there is none
    debuglink: Link | None
    #: .gnu_debugaltlink: the file that debug data is shared with, and its build-id in hexadecimal.
    debugaltlink: tuple[str, str] | None
    sections: dict[str, Section] = field(repr=False)  # of several of one name the first
    description: str | None = field(repr=False)  # the text in symbridge's note
    facts: bytes | None = field(repr=False)  # the content of symbridge's other note
    _exports: dict[str, list[Symbol]] | None = field(default=None, init=False, repr=False)
    _near: NearMisses | None = field(default=None, init=False, repr=False)

    def exports(self) -> dict[str, list[Symbol]]:
        """The symbols that others can bind to, by name: each version, the default one first."""
        if self._exports is None:
            with _collector_paused():
                self._exports = _by_name(self.symbols)
        return self._exports

    def find(self, name: str, version: str = "") -> Symbol | None:
        """The symbol that a look-up of the name, and version, gives."""
        same = self.exports().get(name, [])
        if not version:
            return same[0] if same else None
        return next((symbol for symbol in same if symbol.version == version), None)

    def near_misses(self, name: str, count: int = 3) -> list[str]:
        """Exported names that could be meant, the likeliest first."""
        if self._near is None:
            self._near = NearMisses(self.exports())
        return self._near.of(name, count)


def _by_name(symbols: list[Symbol]) -> dict[str, list[Symbol]]:
    found: dict[str, list[Symbol]] = {}
    for symbol in symbols:
        if not symbol.exported:
            continue
        same = found.get(symbol.name)
        if same is None:
            found[symbol.name] = [symbol]
        elif symbol.is_default:
            same.insert(0, symbol)
        else:
            same.append(symbol)
    return found


@contextmanager
def _collector_paused() -> Iterator[None]:
    """Make a million lists without looking for garbage among them again and again."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def read(path: str | os.PathLike[str]) -> Binary:
    """Read a library's file. Raises ToolError when it is none, or a damaged one."""
    shown = os.fspath(path)
    try:
        facts = _bridge.read_image(path, Symbol)
    except _bridge.LibraryError as error:
        raise ToolError(str(error), hint=_advice(shown)) from None
    except ValueError as error:  # a NUL in the name
        raise ToolError(f"no file can be named {shown!r}: {error}") from None
    description = facts["description"]
    try:
        text = None if description is None else description.decode()
    except UnicodeDecodeError as error:
        raise ToolError(
            f"the description that library file {shown!r} carries is not UTF-8: {error}",
            hint=f"symbridge embed --remove {shown} takes it out",
        ) from None
    sections: dict[str, Section] = {}
    for name, type, _, _, offset, size in facts["sections"]:
        sections.setdefault(name, Section(offset, 0 if type == SHT_NOBITS else size))
    link, shared = facts["debuglink"], facts["debugaltlink"]
    return Binary(
        path=shown,
        soname=facts["soname"],
        machine=MACHINES.get(facts["machine"], f"machine {facts['machine']}"),
        bits=facts["bits"],
        byte_order=facts["byte_order"],
        type=TYPES.get(facts["type"], f"type {facts['type']}"),
        needed=facts["needed"],
        rpath=facts["rpath"],
        runpath=facts["runpath"],
        symbols=facts["symbols"],
        notes=[Note(*note) for note in facts["notes"]],
        build_id=facts["build_id"].hex(),
        debuglink=None if link is None else Link(*link),
        debugaltlink=None if shared is None else (shared[0], shared[1].hex()),
        sections=sections,
        description=text,
        facts=facts["facts"],
    )


def locate(name: str | os.PathLike[str]) -> str:
    """The path of the file that the loader would open.

    A soname is looked for where the loader looks; a name with a slash is that file, made absolute.
    Raises ToolError when there is none.
    """
    try:
        return _bridge.locate_library(name)
    except _bridge.LibraryError as error:
        raise ToolError(str(error), hint=_other_names(os.fspath(name))) from None
    except ValueError as error:
        raise ToolError(f"no library can be named {name!r}: {error}") from None


def read_named(name: str) -> Binary:
    """Read the library of a name: a path with a slash, or what locate() finds."""
    return read(name if "/" in name else locate(name))


def own_description(binary: Binary) -> tuple[str, str] | None:
    """The description that a library comes with, and the name under which errors show it.

    In the order of load: the file beside the library that has the library's name and ".bridge"
    after it; the one whose name ends before ".so"; the note in the library. Raises OSError.
    """
    directory, file = os.path.split(binary.path)
    for name in descriptions_beside(file):
        path = os.path.join(directory, name)
        if os.path.isfile(path):
            with open(path, encoding="utf-8", errors="surrogateescape") as stream:
                return stream.read(), path
    if binary.description is None:
        return None
    return binary.description, f"{binary.path}:<description>"


def _advice(path: str) -> str:
    if not os.path.exists(path):
        return "the path of a library's file" if "/" in path else ""
    if os.path.isdir(path):
        return f"a library in it: {os.path.join(path, 'lib....so')}"
    if not os.path.isfile(path):  # a pipe would be waited for
        return ""
    try:
        with open(path, "rb") as stream:
            head = stream.read(4)
    except OSError:
        return ""
    if head[:2] == b"/*":
        return "the library's own name, such as libm.so.6 rather than libm.so"
    return "" if head != b"\x7fELF" else "readelf -a shows what is there; a fresh copy of the file"


def _other_names(name: str) -> str:
    if "/" in name or ".so" in name:
        return ""
    return f"the soname, such as lib{name.removeprefix('lib')}.so.1"


# ---- names that could be meant

#: Names that share a beginning, or an end, and are compared with a missing one: on each side in the
#: order of the alphabet.
NEIGHBOURS = 32
#: Longer names are not tried with each letter changed, and not compared letter by letter.
LONGEST_EDITED = 64
LONGEST_COMPARED = 256
#: With more candidates those that share an end, or differ in case, are not looked for: making ready
#: for that would take seconds.
MOST_INDEXED = 200_000
ALIKE = 0.6

_LETTERS = string.ascii_lowercase + string.ascii_uppercase + string.digits + "_"


class NearMisses:
    """Names among which the nearest to a missing one are found, quickly however many there are.

    They are: those that differ by one letter, by case or underscores, and of those next to it in
    alphabetical order, from the front and from the back, the most similar ones.
    """

    def __init__(self, candidates: Iterable[str]) -> None:
        # In the order of the file, not of a set: sorting that is much faster.
        names = candidates if isinstance(candidates, dict) else dict.fromkeys(candidates)
        self._present: Container[str] = names
        self._sorted = sorted(names)
        indexed = self._sorted if len(self._sorted) <= MOST_INDEXED else []
        self._reversed = sorted(name[::-1] for name in indexed)
        self._plain: dict[str, str] = {}
        for name in indexed:
            self._plain.setdefault(_plain(name), name)

    def of(self, name: str, count: int = 3) -> list[str]:
        """At most `count` names that `name` could be meant to be, the likeliest first."""
        found = dict.fromkeys(self._edited(name), 2.0)
        same = self._plain.get(_plain(name))
        if same is not None:
            found[same] = 3.0
        found.pop(name, None)
        if len(name) <= LONGEST_COMPARED:
            matcher = difflib.SequenceMatcher(b=name, autojunk=False)
            for near in self._neighbours(name):
                if near in found or near == name or len(near) > LONGEST_COMPARED:
                    continue
                matcher.set_seq1(near)
                if matcher.real_quick_ratio() < ALIKE or matcher.quick_ratio() < ALIKE:
                    continue
                ratio = matcher.ratio()
                # One that goes on where the other ends is likely, however much follows.
                if near.startswith(name) or name.startswith(near):
                    ratio += 0.5
                if ratio >= ALIKE:
                    found[near] = ratio
        return sorted(found, key=lambda near: (-found[near], near))[:count]

    def _neighbours(self, name: str) -> set[str]:
        at = bisect.bisect_left(self._sorted, name)
        near = set(self._sorted[max(at - NEIGHBOURS, 0) : at + NEIGHBOURS])
        backward = name[::-1]
        at = bisect.bisect_left(self._reversed, backward)
        near.update(
            other[::-1] for other in self._reversed[max(at - NEIGHBOURS, 0) : at + NEIGHBOURS]
        )
        return near

    def _edited(self, name: str) -> set[str]:
        """Candidates that one letter more, less, changed, or exchanged with the next one gives."""
        if len(name) > LONGEST_EDITED:
            return set()
        edited: set[str] = set()
        for i in range(len(name) + 1):
            before, after = name[:i], name[i:]
            edited.update(before + letter + after for letter in _LETTERS)
            if after:
                edited.add(before + after[1:])
                edited.update(before + letter + after[1:] for letter in _LETTERS)
            if len(after) > 1:
                edited.add(before + after[1] + after[0] + after[2:])
        return {near for near in edited if near in self._present}


def _plain(name: str) -> str:
    return name.replace("_", "").lower()


def near_misses(name: str, candidates: Iterable[str] | NearMisses, count: int = 3) -> list[str]:
    """Names that `name` could be meant to be. For many names make one NearMisses and give that."""
    if not isinstance(candidates, NearMisses):
        candidates = NearMisses(candidates)
    return candidates.of(name, count)
