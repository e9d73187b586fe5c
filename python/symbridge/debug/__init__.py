"""What a library's debug data say of it, as declarations: from DWARF, CTF or BTF.

    data = symbridge.debug.read("libcore.so.1")
    for function in data.description.functions(): ...

read() gives every exported function and variable of which the debug data tell, and all types that
they reach. The data may be hostile: what is wrong is a ToolError, in bounded time and memory. The
limits have names, in limits.py. Nothing of the library is run.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field

from symbridge.debug.btf import BtfReader
from symbridge.debug.ctf import CtfReader
from symbridge.debug.dwarf import DwarfReader
from symbridge.debug.dwarf_units import Info
from symbridge.debug.limits import MalformedError
from symbridge.debug.locate import FORMATS, Found, search, supplement
from symbridge.debug.model import Steps
from symbridge.debug.scalars import Machine
from symbridge.debug.sections import ElfFile, Symbol
from symbridge.declarations import Declaration, Description, Function, Variable
from symbridge.failure import ToolError

__all__ = ["FORMATS", "UNSAID", "DebugData", "Found", "NoDebugDataError", "find", "read"]

#: What a format may leave unsaid, for those who compare.
UNSAID = {
    "locations": "where something was declared",
    "parameter names": "the names of parameters",
    "prototypes": "whether a function without parameters has a prototype",
    "flexible arrays": "whether an array has no elements or an unknown number of them",
    "large enumerators": "enumerators whose values do not fit 32 bits",
    "alignment": "alignments that were asked for: they are found from sizes and offsets",
    "symbol names": "functions and variables that have another name in the library",
}
FORMAT_UNSAID = {
    "DWARF": frozenset({"alignment"}),
    "CTF": frozenset(UNSAID),
    "BTF": frozenset(UNSAID) - {"parameter names"},
}

HINT = "compile with -g (DWARF) or -gctf (CTF), or give the directory of the debug file"
ET_REL = 1
SHOWN = 5


class NoDebugDataError(ToolError):
    """There are no debug data, or they tell of nothing that the library exports."""


@dataclass(frozen=True, slots=True)
class DebugData:
    """What the debug data of a library say."""

    description: Description
    format: str  # "DWARF 5", "CTF 3", "BTF"
    file: str  # that they lie in
    #: What a person should know of these data: what could not be read, what is in doubt.
    notes: list[str] = field(default_factory=list)
    #: What the format cannot say: keys of UNSAID.
    unsaid: frozenset[str] = frozenset()


def find(path: str | os.PathLike[str], *, directories: Sequence[str] = ()) -> Found:
    """The file that has a library's debug data: itself, or a separate one that is surely of it.

    directories: where to look beside the library's own directory and /usr/lib/debug.
    """
    try:
        with ElfFile(path) as library:
            return search(library, directories)
    except MalformedError as error:
        raise _failed(os.fspath(path), error) from error


def read(
    path: str | os.PathLike[str],
    *,
    progress: Steps | None = None,
    directories: Sequence[str] = (),
    formats: Iterable[str] = (),
    externals: bool = False,
) -> DebugData:
    """Read the debug data of a library.

    progress: is told how far the work is: cli.terminal.Progress.
    directories: where to look for separate debug files, beside the usual places.
    formats: those of FORMATS to use; any by default, DWARF first.
    externals: all functions and variables with external linkage, also those that are not exported.

    Raises NoDebugDataError when there are no debug data, or none of what the library exports;
    ToolError when they are damaged; OSError.
    """
    name = os.fspath(path)
    with ExitStack() as stack:
        try:
            library = stack.enter_context(ElfFile(name))
            found = search(library, directories, formats)
        except MalformedError as error:
            raise _failed(name, error) from error
        if not found.file:
            tried = "".join(f"\n  {line}" for line in found.tried)
            raise NoDebugDataError(f"{name}: no debug data{tried}", hint=HINT)
        file = found.file
        try:
            data = library if file == library.path else stack.enter_context(ElfFile(file))
            exports = None if externals else _exports(library)
            made = _read(data, exports, found.formats[0], directories, progress)
        except MalformedError as error:
            raise _failed(file, error) from error
        except (struct.error, IndexError, ValueError, OverflowError) as error:
            section = FORMATS[found.formats[0]]
            raise ToolError(f"{file}: {section}: damaged: {error}", hint=_again(file)) from error
        except (RecursionError, MemoryError) as error:
            section = FORMATS[found.formats[0]]
            what = "memory" if isinstance(error, MemoryError) else "nesting"
            raise ToolError(f"{file}: {section}: reading it takes too much {what}") from None
    declarations, format, notes = made
    if not any(isinstance(made, (Function, Variable)) for made in declarations):
        shown = "".join(f"\n  {note}" for note in notes)
        raise NoDebugDataError(
            f"{file}: {format}: tells of no exported function or variable{shown}", hint=HINT
        )
    _add_missing(declarations, exports, notes)
    unsaid = FORMAT_UNSAID[format.split()[0]]
    if format == "DWARF 5":
        unsaid = frozenset()
    return DebugData(Description(name, declarations), format, file, notes, unsaid)


def _read(
    file: ElfFile,
    exports: dict[str, Symbol] | None,
    format: str,
    directories: Sequence[str],
    progress: Steps | None,
) -> tuple[list[Declaration], str, list[str]]:
    machine = Machine(file.order, file.pointer_size, file.machine)
    reader: DwarfReader | CtfReader | BtfReader
    if format == "CTF":
        reader = CtfReader(file, machine, exports)
        return reader.read(progress), "CTF 3", list(reader.notes)
    if format == "BTF":
        reader = BtfReader(file, machine, exports)
        return reader.read(progress), "BTF", list(reader.notes)
    if file.type == ET_REL:
        raise MalformedError(
            ".debug_info", "of an object file that is not linked yet: link it first"
        )
    with ExitStack() as stack:
        other, (path, missing) = None, supplement(file, directories)
        if path:
            other = Info(stack.enter_context(ElfFile(path)), 1)
        reader = DwarfReader(Info(file, 0, other), machine, exports)
        if missing:
            reader.note(f"dwz moved data to another file: {missing}")
        declarations = reader.read(progress)
        version = f" {reader.version}" if reader.version else ""
        return declarations, f"DWARF{version}", list(reader.notes)


def _exports(library: ElfFile) -> dict[str, Symbol] | None:
    """What a library exports, by name; of a separate debug file or program, what is external in
    it."""
    result: dict[str, Symbol] = {}
    for table in (".dynsym", ".symtab"):
        for symbol in library.symbols(table):
            if symbol.defined and symbol.external:
                name = symbol.name.partition("@")[0]
                result.setdefault(name, symbol)
        if result:
            return result
    return None


def _add_missing(
    declarations: list[Declaration], exports: dict[str, Symbol] | None, notes: list[str]
) -> None:
    """Note the exported functions of which nothing is told."""
    told = {f.symbol for f in Description("", declarations).functions()}
    missing = sorted(
        name
        for name, symbol in (exports or {}).items()
        if symbol.kind in ("function", "resolver")
        and name not in told
        and not name.startswith(("_", "."))
    )
    if missing:
        more = f" and {len(missing) - SHOWN} more" if len(missing) > SHOWN else ""
        shown = ", ".join(missing[:SHOWN])
        notes.append(f"nothing is told of {shown}{more}, which the library exports")


def _failed(file: str, error: MalformedError) -> ToolError:
    return ToolError(f"{file}: {error}", hint=_again(file) if error.section != "ELF header" else "")


def _again(file: str) -> str:
    return f"build {os.path.basename(file)} anew, or leave its debug data aside"
