"""The names of source files, from the headers of .debug_line: DWARF 2 to 5."""

from __future__ import annotations

import struct

from symbridge.debug.dwarf_units import Unit, uleb
from symbridge.debug.limits import FILES_MAX, MalformedError
from symbridge.debug.sections import text_at

__all__ = ["Files"]

CONTENT_PATH, CONTENT_DIRECTORY = 1, 2
#: Forms that describe paths and directory numbers in DWARF 5, and what else compilers put beside
#: them.
FORM_STRING, FORM_STRP, FORM_LINE_STRP, FORM_UDATA, FORM_DATA16, FORM_BLOCK = (
    0x08,
    0x0E,
    0x1F,
    0x0F,
    0x1E,
    0x09,
)
FIXED = {0x0B: 1, 0x05: 2, 0x06: 4, 0x07: 8, FORM_DATA16: 16}
COLUMNS_MAX = 16


class Files:
    """The file names of a file's line tables, each table read once."""

    def __init__(self) -> None:
        self._tables: dict[tuple[int, int], list[str]] = {}
        self._count = 0

    def name(self, unit: Unit, table: int, index: int) -> str:
        """The name of a unit's file: as the compiler was given it; "" when there is none."""
        key = (unit.base, table)
        if key not in self._tables:
            try:
                self._tables[key] = self._read(unit, table)
            except (IndexError, struct.error, ValueError) as error:
                raise MalformedError(".debug_line", f"the table at {table:#x}: {error}") from None
        names = self._tables[key]
        return names[index] if 0 <= index < len(names) else ""

    def _charge(self) -> None:
        self._count += 1
        if self._count > FILES_MAX:
            raise MalformedError(".debug_line", f"over {FILES_MAX} files")

    def _read(self, unit: Unit, at: int) -> list[str]:
        data, order = unit.info.file.data(".debug_line"), unit.info.order
        (length,) = struct.unpack_from(order + "I", data, at)
        at, width = at + 4, "I"
        if length == 0xFFFFFFFF:
            at, width = at + 8, "Q"
        (version,) = struct.unpack_from(order + "H", data, at)
        at += 2
        if not 2 <= version <= 5:
            raise ValueError(f"it is of version {version}; 2 to 5 are read")
        at += 2 if version >= 5 else 0  # sizes of addresses and segment selectors
        at += struct.calcsize(width)  # length of the header
        at += 5 if version >= 4 else 4  # sizes of instructions, default, bases and ranges of lines
        at += data[at]  # opcode base, and the lengths of the opcodes below it
        if version >= 5:
            directories, at = self._entries(unit, data, at, order, width)
            files, at = self._entries(unit, data, at, order, width)
            parts = [directory for directory, _ in directories]
            return [_joined(parts, number, name, 0) for name, number in files]
        return self._old(data, at)

    def _old(self, data: bytes, at: int) -> list[str]:
        directories = [""]
        while data[at]:
            self._charge()
            directories.append(text_at(data, at, ".debug_line"))
            at = data.index(b"\0", at) + 1
        at += 1
        names = [""]
        while data[at]:
            self._charge()
            name = text_at(data, at, ".debug_line")
            at = data.index(b"\0", at) + 1
            number, at = uleb(data, at)
            _, at = uleb(data, at)
            _, at = uleb(data, at)
            names.append(_joined(directories, number, name, 0))
        return names

    def _entries(
        self, unit: Unit, data: bytes, at: int, order: str, width: str
    ) -> tuple[list[tuple[str, int]], int]:
        columns: list[tuple[int, int]] = []
        count, at = data[at], at + 1
        if count > COLUMNS_MAX:
            raise ValueError(f"{count} columns, over {COLUMNS_MAX}")
        for _ in range(count):
            content, at = uleb(data, at)
            form, at = uleb(data, at)
            columns.append((content, form))
        rows: list[tuple[str, int]] = []
        total, at = uleb(data, at)
        if total and not columns:
            raise ValueError("files of which nothing is said")
        for _ in range(total):
            self._charge()
            name, number = "", 0
            for content, form in columns:
                value: str | int = 0
                if form == FORM_STRING:
                    value = text_at(data, at, ".debug_line")
                    at = data.index(b"\0", at) + 1
                elif form in (FORM_STRP, FORM_LINE_STRP):
                    section = ".debug_str" if form == FORM_STRP else ".debug_line_str"
                    (where,) = struct.unpack_from(order + width, data, at)
                    value = text_at(unit.info.file.data(section), where, section)
                    at += struct.calcsize(width)
                elif form == FORM_UDATA:
                    value, at = uleb(data, at)
                elif form == FORM_BLOCK:
                    size, at = uleb(data, at)
                    at += size
                elif form in FIXED:
                    size = FIXED[form]
                    value = int.from_bytes(
                        data[at : at + size], "little" if order == "<" else "big"
                    )
                    at += size
                    if at > len(data):
                        raise ValueError("beyond the end of the section")
                else:
                    raise ValueError(f"form {form:#x} is not known")
                if content == CONTENT_PATH and isinstance(value, str):
                    name = value
                elif content == CONTENT_DIRECTORY and isinstance(value, int):
                    number = value
            rows.append((name, number))
        return rows, at


def _joined(directories: list[str], number: int, name: str, own: int) -> str:
    """A path: without a directory when that is the one where the compiler ran."""
    if name.startswith("/") or number == own or number >= len(directories):
        return name
    directory = directories[number]
    return f"{directory.rstrip('/')}/{name}" if directory else name
