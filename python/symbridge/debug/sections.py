"""The sections of an ELF file, decompressed and bounded: where debug data lie.

After the System V ABI, "Object Files" (ELF headers, sections, notes, compressed sections), and
GNU's .zdebug_* and .gnu_debuglink. Reads no more of a file than is asked for, and never runs
anything.
"""

from __future__ import annotations

import os
import re
import stat
import struct
import zlib
from dataclasses import dataclass
from types import TracebackType

from symbridge.debug.limits import (
    FILE_SIZE_MAX,
    INFLATED_MAX,
    NAME_MAX,
    SECTIONS_MAX,
    SYMBOLS_MAX,
    MalformedError,
)

__all__ = ["ElfFile", "Section", "Symbol", "text_at"]

SHT_NOTE, SHT_NOBITS = 7, 8
SHF_COMPRESSED = 0x800
COMPRESS_ZLIB, COMPRESS_ZSTD = 1, 2
NT_GNU_BUILD_ID = 3
SHN_UNDEF, SHN_ABS, SHN_XINDEX = 0, 0xFFF1, 0xFFFF
STB_LOCAL, STT_OBJECT, STT_FUNC, STT_COMMON, STT_TLS, STT_IFUNC = 0, 1, 2, 5, 6, 10
#: Bytes that are read at once: Linux reads no more than 2 GB.
READ_MAX = 1 << 30


@dataclass(frozen=True, slots=True)
class Section:
    """A row of the section table."""

    name: str
    type: int
    flags: int
    address: int
    offset: int
    size: int
    link: int


@dataclass(frozen=True, slots=True)
class Symbol:
    """A row of a symbol table, in its order. kind is "function", "variable", "resolver" (of an
    indirect function) or ""."""

    name: str
    kind: str
    value: int
    size: int
    defined: bool
    external: bool
    #: What CTF counts as a row: "function", "variable" or "" (it leaves some rows out).
    row: str


class ElfFile:
    """An ELF file, open for reading its sections. To be closed, or used with `with`."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = os.fspath(path)
        self._inflated = 0
        self._cache: dict[str, bytes] = {}
        if not stat.S_ISREG(os.stat(self.path).st_mode):
            raise MalformedError("ELF header", "no file")  # a pipe would be waited for
        # Read, not mapped: a file that shrinks under a mapping ends the process.
        self._file = os.open(self.path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            self.size = os.fstat(self._file).st_size
            if self.size > FILE_SIZE_MAX:
                what = f"the file has {self.size} bytes, over {FILE_SIZE_MAX}"
                raise MalformedError("ELF header", what)
            if self.size < 52:
                raise MalformedError("ELF header", f"no ELF file: it has {self.size} bytes")
            self._read_header()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Let go of the file."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def __enter__(self) -> ElfFile:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _bytes(self, offset: int, size: int) -> bytes:
        """So many bytes of the file."""
        parts: list[bytes] = []
        while size > 0:
            part = os.pread(self._file, min(size, READ_MAX), offset)
            if not part:
                raise MalformedError("file", f"it ends at {offset:#x}, while it is read")
            parts.append(part)
            offset, size = offset + len(part), size - len(part)
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def _read_header(self) -> None:
        head = self._bytes(0, min(self.size, 64))
        if head[:4] != b"\x7fELF" or head[4] not in (1, 2) or head[5] not in (1, 2):
            raise MalformedError("ELF header", "no ELF file")
        self.is_64 = head[4] == 2
        self.order = "<" if head[5] == 1 else ">"
        self.pointer_size = 8 if self.is_64 else 4
        if self.is_64 and self.size < 64:
            raise MalformedError("ELF header", "truncated")
        self.type, self.machine = struct.unpack_from(self.order + "HH", head, 16)
        if self.is_64:
            (table,) = struct.unpack_from(self.order + "Q", head, 40)
            row_size, count, names = struct.unpack_from(self.order + "HHH", head, 58)
        else:
            (table,) = struct.unpack_from(self.order + "I", head, 32)
            row_size, count, names = struct.unpack_from(self.order + "HHH", head, 46)
        layout = self.order + ("IIQQQQIIQQ" if self.is_64 else "10I")
        self.sections: list[Section] = []
        if not table:
            return
        need = struct.calcsize(layout)
        if row_size < need:
            raise MalformedError("section table", f"rows of {row_size} bytes, {need} expected")
        if table + row_size > self.size:
            raise MalformedError("section table", "beyond the end of the file")
        first = struct.unpack_from(layout, self._bytes(table, row_size))
        count = count or first[5]
        names = first[6] if names == SHN_XINDEX else names
        if count > SECTIONS_MAX:
            raise MalformedError("section table", f"{count} sections, over {SECTIONS_MAX}")
        if table + row_size * count > self.size:
            raise MalformedError("section table", "beyond the end of the file")
        data = self._bytes(table, row_size * count)
        rows = [struct.unpack_from(layout, data, row_size * index) for index in range(count)]
        strings = b""
        if names < count and rows[names][1] != SHT_NOBITS:
            offset, size = rows[names][4:6]
            if offset + size > self.size:
                raise MalformedError("section table", "its names lie beyond the end of the file")
            strings = self._bytes(offset, size)
        for row in rows:
            name = text_at(strings, row[0], "section table") if strings else ""
            self.sections.append(Section(name, row[1], row[2], row[3], row[4], row[5], row[6]))

    def find(self, name: str) -> Section | None:
        """The section of a name, or of its old compressed form .zdebug_*, that has contents."""
        names = (name, ".z" + name[1:]) if name.startswith(".debug") else (name,)
        for section in self.sections:
            if section.name in names and section.type != SHT_NOBITS and section.size:
                return section
        return None

    def __contains__(self, name: str) -> bool:
        return self.find(name) is not None

    def data(self, name: str) -> bytes:
        """What is in a section, decompressed; nothing when there is no such section."""
        if name not in self._cache:
            section = self.find(name)
            self._cache[name] = b"" if section is None else self.contents(section)
        return self._cache[name]

    def contents(self, section: Section) -> bytes:
        """What is in a section, decompressed."""
        if section.type == SHT_NOBITS:
            return b""
        if section.offset + section.size > self.size:
            raise MalformedError(
                section.name, "lies beyond the end of the file: is the file truncated?"
            )
        data = self._bytes(section.offset, section.size)
        if section.flags & SHF_COMPRESSED:
            layout = self.order + ("IIQQ" if self.is_64 else "III")
            head = struct.calcsize(layout)
            if len(data) < head:
                raise MalformedError(section.name, "truncated before its compression header ends")
            fields = struct.unpack_from(layout, data)
            kind, size = fields[0], fields[2] if self.is_64 else fields[1]
            if kind == COMPRESS_ZSTD:
                return self._unzstd(section.name, data[head:], size)
            if kind != COMPRESS_ZLIB:
                raise MalformedError(section.name, f"compressed in a way that is not known: {kind}")
            return self._inflate(section.name, data[head:], size)
        if section.name.startswith(".zdebug"):
            if data[:4] != b"ZLIB" or len(data) < 12:
                raise MalformedError(section.name, "no compressed data")
            return self._inflate(section.name, data[12:], int.from_bytes(data[4:12], "big"))
        return data

    def _charge(self, name: str, size: int) -> None:
        self._inflated += size
        if self._inflated > INFLATED_MAX:
            raise MalformedError(name, f"decompressed sections have over {INFLATED_MAX} bytes")

    def _inflate(self, name: str, data: bytes, size: int) -> bytes:
        # Deflate makes of one byte at most 1032: a size beyond that is a lie.
        if size > 1032 * len(data) + 64:
            raise MalformedError(name, f"{len(data)} compressed bytes cannot hold {size}")
        self._charge(name, size)
        stream = zlib.decompressobj()
        try:
            result = stream.decompress(data, size + 1)
        except zlib.error as error:
            raise MalformedError(name, f"damaged compressed data: {error}") from error
        if len(result) != size:
            more = "over " if len(result) > size else ""
            shown = min(len(result), size)
            raise MalformedError(name, f"{more}{shown} bytes decompressed, {size} expected")
        return result

    def _unzstd(self, name: str, data: bytes, size: int) -> bytes:
        self._charge(name, size)
        try:
            from compression import zstd  # type: ignore[import-not-found, unused-ignore]
        except ImportError:
            raise MalformedError(
                name, "compressed with zstd, which needs Python 3.14 (objcopy can decompress it)"
            ) from None
        try:
            result = bytes(zstd.ZstdDecompressor().decompress(data, size + 1))
        except (zstd.ZstdError, EOFError) as error:
            raise MalformedError(name, f"damaged compressed data: {error}") from error
        if len(result) != size:
            raise MalformedError(name, f"{len(result)} bytes decompressed, {size} expected")
        return result

    def build_id(self) -> str:
        """The build ID in hexadecimal, or ""."""
        for section in self.sections:
            if section.type != SHT_NOTE or section.size > 1 << 20:
                continue
            data, at = self.contents(section), 0
            while at + 12 <= len(data):
                owner, size, kind = struct.unpack_from(self.order + "III", data, at)
                start = at + 12 + (owner + 3 & ~3)
                if kind == NT_GNU_BUILD_ID and data[at + 12 : at + 16] == b"GNU\0" and owner == 4:
                    identity = data[start : start + size]
                    return identity.hex() if len(identity) == size <= 64 else ""
                at = start + (size + 3 & ~3)
        return ""

    def debuglink(self) -> tuple[str, int] | None:
        """The file name and CRC of .gnu_debuglink."""
        data = self.data(".gnu_debuglink")
        end = data.find(b"\0")
        at = end + 4 & ~3  # behind the name's zero, aligned
        if end <= 0 or at + 4 > len(data):
            return None
        return os.fsdecode(data[:end]), struct.unpack_from(self.order + "I", data, at)[0]

    def altlink(self) -> tuple[str, str] | None:
        """The path and build ID of .gnu_debugaltlink: the file that dwz moved common data to."""
        data = self.data(".gnu_debugaltlink")
        end = data.find(b"\0")
        return None if end <= 0 else (os.fsdecode(data[:end]), data[end + 1 :].hex())

    def crc(self) -> int:
        """The CRC-32 of the whole file, as .gnu_debuglink has it."""
        value = 0
        for at in range(0, self.size, 1 << 20):
            value = zlib.crc32(self._bytes(at, min(1 << 20, self.size - at)), value)
        return value

    def symbols(self, table: str) -> list[Symbol]:
        """The rows of .dynsym or .symtab, without the first, which is empty."""
        section = self.find(table)
        if section is None:
            return []
        data = self.contents(section)
        strings = b""
        if section.link < len(self.sections):
            strings = self.contents(self.sections[section.link])
        layout = struct.Struct(self.order + ("IBBHQQ" if self.is_64 else "IIIBBH"))
        count = len(data) // layout.size
        if count > SYMBOLS_MAX:
            raise MalformedError(table, f"{count} symbols, over {SYMBOLS_MAX}")
        result: list[Symbol] = []
        for row in layout.iter_unpack(data[layout.size : count * layout.size]):
            if self.is_64:
                at, info, other, index, value, size = row
            else:
                at, value, size, info, other, index = row
            kind = info & 15
            name = text_at(strings, at, table)
            sort = ""
            if kind == STT_FUNC:
                sort = "function"
            elif kind == STT_IFUNC:
                sort = "resolver"
            elif kind in (STT_OBJECT, STT_COMMON, STT_TLS):
                sort = "variable"
            row_kind = {STT_FUNC: "function", STT_OBJECT: "variable"}.get(kind, "")
            if not name or index == SHN_UNDEF or name in ("_START_", "_END_"):
                row_kind = ""
            if kind == STT_OBJECT and index == SHN_ABS and value == 0:
                row_kind = ""
            external = info >> 4 != STB_LOCAL and other & 3 not in (1, 2)  # internal, hidden
            result.append(Symbol(name, sort, value, size, index != SHN_UNDEF, external, row_kind))
        return result

    def compilers(self) -> list[str]:
        """What .comment says: one text for each compiler that had a part in the file."""
        texts = re.findall(rb"[^\0]{1,200}", self.data(".comment")[:65536])
        return [text.decode("utf-8", "replace") for text in texts]


def text_at(strings: bytes, at: int, section: str) -> str:
    """The text of a string table that begins at an offset."""
    if at >= len(strings):
        raise MalformedError(
            section, f"a name at {at:#x}, beyond the {len(strings)} bytes of names"
        )
    end = strings.find(b"\0", at, at + NAME_MAX + 1)
    if end < 0:
        raise MalformedError(section, f"a name at {at:#x} has no end, or over {NAME_MAX} bytes")
    return strings[at:end].decode("utf-8", "replace")
