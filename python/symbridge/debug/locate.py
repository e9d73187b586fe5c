"""Where a library's debug data are: in itself, or in the file beside it that distributions make.

Looked for by build ID, then by the name in .gnu_debuglink with its checksum, in the places that
GDB's manual names ("Debugging Information in Separate Files"). A file counts only if the build
ID or the checksum says that it is of this very library. The working directory is never searched,
and nothing is asked of the network.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from symbridge.debug.limits import MalformedError
from symbridge.debug.sections import ElfFile

__all__ = ["FORMATS", "SYSTEM_DIRECTORY", "Found", "formats_of", "search", "supplement"]

#: Where distributions put debug files.
SYSTEM_DIRECTORY = "/usr/lib/debug"
#: The formats that are read, best first, and the section that each lies in.
FORMATS = {"DWARF": ".debug_info", "CTF": ".ctf", "BTF": ".BTF"}
BUILD_ID_MIN = 2


@dataclass(frozen=True, slots=True)
class Found:
    """The file with a library's debug data. file "": there is none, and why each candidate was not
    taken is in `tried`."""

    file: str
    formats: tuple[str, ...]
    tried: tuple[str, ...] = ()


def formats_of(file: ElfFile) -> tuple[str, ...]:
    """The formats of the debug data in a file, best first."""
    return tuple(name for name, section in FORMATS.items() if section in file)


def search(library: ElfFile, directories: Sequence[str] = (), formats: Iterable[str] = ()) -> Found:
    """The file that has debug data of a library, in one of some formats (of any by default)."""
    asked = tuple(formats) or tuple(FORMATS)
    own = tuple(name for name in formats_of(library) if name in asked)
    if own:
        return Found(library.path, own)
    tried: list[str] = []
    identity = library.build_id()
    seen: set[str] = set()
    for path, checksum in _candidates(library, identity, directories):
        key = os.path.realpath(path)
        if key in seen or key == os.path.realpath(library.path):
            continue
        seen.add(key)
        if not os.path.isfile(path):
            tried.append(f"{path}: not there")
            continue
        why, kinds = _suitable(path, identity, checksum)
        kinds = tuple(name for name in kinds if name in asked)
        if not why and kinds:
            return Found(path, kinds, tuple(tried))
        tried.append(f"{path}: {why or 'has no debug data of a format that is read'}")
    return Found("", (), tuple(tried))


def _candidates(
    library: ElfFile, identity: str, directories: Sequence[str]
) -> Iterator[tuple[str, int | None]]:
    """Paths, each with the checksum that its file must have, if no build ID is to vouch for it."""
    roots = [*directories, SYSTEM_DIRECTORY]
    if len(identity) > BUILD_ID_MIN:
        for root in roots:
            yield os.path.join(root, ".build-id", identity[:2], f"{identity[2:]}.debug"), None
    link = library.debuglink()
    if link is None or not link[0] or "/" in link[0] or link[0] in (".", ".."):
        return
    name, checksum = link
    path = os.path.abspath(library.path)
    homes = dict.fromkeys((os.path.dirname(os.path.realpath(path)), os.path.dirname(path)))
    for home in homes:
        yield os.path.join(home, name), checksum
        yield os.path.join(home, ".debug", name), checksum
    for root in roots:
        for home in homes:
            yield os.path.join(root, home.lstrip("/"), name), checksum
    for directory in directories:
        yield os.path.join(directory, name), checksum


def _suitable(path: str, identity: str, checksum: int | None) -> tuple[str, tuple[str, ...]]:
    """Why a file is not that of the library, or "", and its formats."""
    try:
        with ElfFile(path) as file:
            other = file.build_id()
            if identity and other and identity != other:
                return f"its build ID is {other}, the library's {identity}", ()
            if checksum is None and other != identity:
                return "it has no build ID", ()
            if checksum is not None and not (identity and other):
                found = file.crc()
                if found != checksum:
                    return f"its checksum is {found:#010x}, the library says {checksum:#010x}", ()
            return "", formats_of(file)
    except (MalformedError, OSError) as error:
        return str(error), ()


def supplement(file: ElfFile, directories: Sequence[str] = ()) -> tuple[str, str]:
    """The file that dwz moved common DWARF to: its path and "", or "" and why there is none."""
    link = file.altlink()
    if link is None:
        return "", ""
    name, identity = link
    home = os.path.dirname(os.path.realpath(file.path))
    paths = [os.path.normpath(os.path.join(home, name))]
    if len(identity) > BUILD_ID_MIN:
        for root in (*directories, SYSTEM_DIRECTORY):
            paths.append(os.path.join(root, ".build-id", identity[:2], f"{identity[2:]}.debug"))
    for path in paths:
        try:
            with ElfFile(path) as other:
                if other.build_id() == identity:
                    return path, ""
        except (MalformedError, OSError):
            continue
    return "", f"{name}, with the build ID {identity or '(none)'}, is not there"
