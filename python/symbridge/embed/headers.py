"""The header tables of an ELF shared library: read with every claim checked, and written back.

What embed.elf edits. It keeps what it does not understand as it is. The format is that of the
System V Application Binary Interface, chapters 4 (object files) and 5 (program loading), for both
sizes of address and both byte orders.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from symbridge.failure import ToolError

__all__ = [
    "MAX_LIBRARY_SIZE",
    "NOTE_ALIGN",
    "Headers",
    "Note",
    "Section",
    "Segment",
    "align_up",
    "read_headers",
]

#: Bytes of a library that is edited: all of it is held in memory.
MAX_LIBRARY_SIZE = 2 << 30
#: An ELF file counts more program or section headers elsewhere than in its header; none does.
MAX_SEGMENTS = 0xFFFE
MAX_SECTIONS = 0xFEFF
#: A segment's alignment: pages are up to 64 KiB, huge ones 2 MiB; files would grow by more.
MAX_ALIGN = 64 << 20
#: Entries of the dynamic section, and notes, that are looked at.
MAX_DYNAMIC = 1 << 16
MAX_NOTES = 1 << 12

PT_LOAD, PT_DYNAMIC, PT_NOTE, PT_PHDR = 1, 2, 4, 6
PF_R = 4
SHT_NULL, SHT_SYMTAB, SHT_STRTAB, SHT_NOTE, SHT_NOBITS = 0, 2, 3, 7, 8
SHF_ALLOC = 2
ET_REL, ET_EXEC, ET_DYN, ET_CORE = 1, 2, 3, 4
DT_NULL, DT_FLAGS_1 = 0, 0x6FFFFFFB
DF_1_PIE = 0x08000000
NOTE_ALIGN = 4

Bytes: TypeAlias = "bytes | bytearray | memoryview"


def align_up(value: int, alignment: int) -> int:
    """The next multiple of a power of two."""
    return (value + alignment - 1) & -alignment


@dataclass(slots=True)
class Segment:
    """A program header, in the order of 64-bit files."""

    type: int
    flags: int
    offset: int
    vaddr: int
    paddr: int
    filesz: int
    memsz: int
    align: int

    @property
    def end(self) -> int:
        """Where it ends in the file."""
        return self.offset + self.filesz


@dataclass(slots=True)
class Section:
    """A section header."""

    name: int  # where it begins in the section of names
    type: int
    flags: int
    addr: int
    offset: int
    size: int
    link: int
    info: int
    align: int
    entsize: int

    @property
    def end(self) -> int:
        """Where it ends in the file."""
        return self.offset + (0 if self.type == SHT_NOBITS else self.size)


@dataclass(frozen=True, slots=True)
class Note:
    """A note, and where it lies in the file, padding included."""

    owner: bytes
    type: int
    description: bytes
    offset: int
    size: int


@dataclass(slots=True)
class Headers:
    """The ELF header, program headers and section headers of a file."""

    ident: bytes
    type: int
    machine: int
    version: int
    entry: int
    phoff: int
    shoff: int
    flags: int
    shstrndx: int
    segments: list[Segment]
    sections: list[Section]

    @property
    def wide(self) -> bool:
        """Whether addresses have 64 bits."""
        return self.ident[4] == 2

    @property
    def order(self) -> str:
        """The byte order, as struct spells it."""
        return "<" if self.ident[5] == 1 else ">"

    @property
    def header_size(self) -> int:
        """Bytes of the ELF header."""
        return 64 if self.wide else 52

    @property
    def segment_size(self) -> int:
        """Bytes of one program header."""
        return 56 if self.wide else 32

    @property
    def section_size(self) -> int:
        """Bytes of one section header."""
        return 64 if self.wide else 40

    @property
    def highest(self) -> int:
        """The largest offset or address that the file can state."""
        return (1 << 64 if self.wide else 1 << 32) - 1

    def loads(self) -> list[Segment]:
        """The segments that are mapped."""
        return [s for s in self.segments if s.type == PT_LOAD]

    def pack_header(self) -> bytes:
        """The ELF header."""
        address = "Q" if self.wide else "I"
        return self.ident + struct.pack(
            f"{self.order}HHI{address}{address}{address}I6H",
            self.type,
            self.machine,
            self.version,
            self.entry,
            self.phoff,
            self.shoff,
            self.flags,
            self.header_size,
            self.segment_size,
            len(self.segments),
            self.section_size,
            len(self.sections),
            self.shstrndx,
        )

    def pack_segments(self) -> bytes:
        """The program header table."""
        packed = bytearray()
        for s in self.segments:
            if self.wide:
                values = (s.type, s.flags, s.offset, s.vaddr, s.paddr, s.filesz, s.memsz, s.align)
                packed += struct.pack(f"{self.order}IIQQQQQQ", *values)
            else:
                values = (s.type, s.offset, s.vaddr, s.paddr, s.filesz, s.memsz, s.flags, s.align)
                packed += struct.pack(f"{self.order}8I", *values)
        return bytes(packed)

    def pack_sections(self) -> bytes:
        """The section header table."""
        layout = "IIQQQQIIQQ" if self.wide else "10I"
        packed = bytearray()
        for s in self.sections:
            packed += struct.pack(
                f"{self.order}{layout}",
                s.name,
                s.type,
                s.flags,
                s.addr,
                s.offset,
                s.size,
                s.link,
                s.info,
                s.align,
                s.entsize,
            )
        return bytes(packed)

    def notes(self, content: Bytes) -> Iterator[Note]:
        """All notes that segments or allocated sections hold, each once, by their place."""
        places = {(s.offset, s.filesz, s.align) for s in self.segments if s.type == PT_NOTE}
        places |= {
            (s.offset, s.size, s.align)
            for s in self.sections
            if s.type == SHT_NOTE and s.flags & SHF_ALLOC
        }
        found: dict[int, Note] = {}
        seen = 0
        for offset, size, alignment in sorted(places):
            for note in self._notes_at(content, offset, size, 8 if alignment == 8 else 4):
                found.setdefault(note.offset, note)
                seen += 1
                if seen > MAX_NOTES:
                    raise ToolError(f"more than {MAX_NOTES} notes")
        for place in sorted(found):
            yield found[place]

    def _notes_at(self, content: Bytes, offset: int, size: int, alignment: int) -> Iterator[Note]:
        end = offset + size
        while offset + 12 <= end:
            name_size, size, kind = struct.unpack_from(f"{self.order}3I", content, offset)
            begin = align_up(offset + 12 + name_size, alignment)
            following = align_up(begin + size, alignment)
            if begin + size > end:
                return  # a note that claims more than there is: nobody reads beyond it
            owner = bytes(content[offset + 12 : offset + 12 + name_size])
            description = bytes(content[begin : begin + size])
            yield Note(owner, kind, description, offset, min(following, end) - offset)
            offset = following


def read_headers(content: Bytes, file: str) -> Headers:
    """Read the header tables of a shared library.

    Raises ToolError, which says what is wrong and what to give instead, for what is no shared
    library and for one whose tables contradict the file or each other.
    """
    headers = _read(content, file)
    if headers.type in (ET_EXEC, ET_CORE):
        kind = "a program" if headers.type == ET_EXEC else "a core dump"
        raise ToolError(f"{file}: {kind}, not a shared library")
    _check_content(headers, file)
    _check_segments(headers, len(content), file)
    _check_sections(headers, len(content), file)
    _check_dynamic(headers, content, file)
    return headers


def _read(content: Bytes, file: str) -> Headers:
    start = bytes(content[:16])
    if start.startswith((b"!<arch>\n", b"!<thin>\n")):
        raise ToolError(f"{file}: a static archive: nothing is loaded from it", hint=SOURCE_HINT)
    if not start.startswith(b"\x7fELF"):
        if b"GNU ld script" in bytes(content[:4096]):
            hint = "give the library that the script names"
            raise ToolError(f"{file}: a script of the linker, not a shared library", hint=hint)
        raise ToolError(f"{file}: not an ELF file")
    if len(start) < 16 or start[4] not in (1, 2) or start[5] not in (1, 2) or start[6] != 1:
        raise ToolError(f"{file}: an ELF header of unknown class, byte order or version")
    order, address = "<" if start[5] == 1 else ">", "Q" if start[4] == 2 else "I"
    layout = f"{order}HHI{address}{address}{address}I6H"
    if len(content) < 16 + struct.calcsize(layout):
        raise ToolError(f"{file}: truncated: the ELF header is not whole")
    (
        kind,
        machine,
        version,
        entry,
        phoff,
        shoff,
        flags,
        _,
        phentsize,
        phnum,
        shentsize,
        shnum,
        shstrndx,
    ) = struct.unpack_from(layout, content, 16)
    if kind == ET_REL:
        raise ToolError(f"{file}: an object file: nothing is loaded from it", hint=SOURCE_HINT)
    headers = Headers(start, kind, machine, version, entry, phoff, shoff, flags, shstrndx, [], [])
    if phnum and phentsize != headers.segment_size:
        raise ToolError(f"{file}: program headers of {phentsize} bytes: unknown")
    if phnum > MAX_SEGMENTS:
        raise ToolError(f"{file}: more than {MAX_SEGMENTS} program headers")
    if phoff + phnum * phentsize > len(content):
        raise ToolError(f"{file}: truncated: the program headers lie beyond its end")
    if shoff and shnum == 0:
        raise ToolError(f"{file}: more than {MAX_SECTIONS} sections")
    if shnum and shentsize != headers.section_size:
        raise ToolError(f"{file}: section headers of {shentsize} bytes: unknown")
    if shoff + shnum * shentsize > len(content):
        raise ToolError(f"{file}: truncated: the section headers lie beyond its end")
    for i in range(phnum):
        at = phoff + i * phentsize
        if headers.wide:
            headers.segments.append(Segment(*struct.unpack_from(f"{order}IIQQQQQQ", content, at)))
        else:
            t, offset, vaddr, paddr, filesz, memsz, bits, align = struct.unpack_from(
                f"{order}8I", content, at
            )
            headers.segments.append(Segment(t, bits, offset, vaddr, paddr, filesz, memsz, align))
    layout = order + ("IIQQQQIIQQ" if headers.wide else "10I")
    for i in range(shnum):
        headers.sections.append(
            Section(*struct.unpack_from(layout, content, shoff + i * shentsize))
        )
    return headers


SOURCE_HINT = (
    "symbridge embed --source DESCRIPTION --header HEADER -o FILE.c writes C source that carries "
    "the description: compile it into the library"
)


def _check_content(headers: Headers, file: str) -> None:
    """Refuse a file of debug data that was taken out of a library: its sections are empty."""
    kinds = [s.type for s in headers.sections if s.flags & SHF_ALLOC and s.type != SHT_NOTE]
    if kinds and all(kind == SHT_NOBITS for kind in kinds):
        raise ToolError(f"{file}: debug data without its library", hint="give the library itself")


def _check_segments(headers: Headers, length: int, file: str) -> None:
    end = -1
    for number, s in enumerate(headers.segments):
        where = f"{file}: program header {number}"
        if s.end > length:
            raise ToolError(f"{where}: truncated: its segment lies beyond the file's end")
        if s.type != PT_LOAD:
            continue
        if s.align > MAX_ALIGN or s.align & (s.align - 1):
            raise ToolError(
                f"{where}: alignment {s.align:#x} is no power of 2 up to {MAX_ALIGN:#x}"
            )
        if s.align > 1 and (s.offset - s.vaddr) % s.align:
            raise ToolError(f"{where}: offset and address do not agree modulo the alignment")
        if s.memsz < s.filesz or s.vaddr + s.memsz > headers.highest:
            raise ToolError(f"{where}: its sizes are not those of a segment")
        if s.vaddr < end:
            raise ToolError(f"{where}: overlaps the segment before it, or is out of order")
        end = s.vaddr + s.memsz
    if end < 0:
        raise ToolError(f"{file}: nothing of it is loaded", hint="give the library itself")


def _check_sections(headers: Headers, length: int, file: str) -> None:
    for number, s in enumerate(headers.sections):
        if number and s.end > length:
            raise ToolError(f"{file}: section {number}: truncated: it lies beyond the file's end")
    if headers.sections:
        if headers.shstrndx >= len(headers.sections):
            raise ToolError(f"{file}: the section of section names ({headers.shstrndx}) is absent")
        if headers.sections[headers.shstrndx].type != SHT_STRTAB:
            raise ToolError(f"{file}: the section of section names holds no names")


def _check_dynamic(headers: Headers, content: Bytes, file: str) -> None:
    dynamic = [s for s in headers.segments if s.type == PT_DYNAMIC and s.filesz]
    if not dynamic:
        raise ToolError(f"{file}: not a shared library: it has no dynamic section")
    layout = f"{headers.order}{'QQ' if headers.wide else 'II'}"
    size = struct.calcsize(layout)
    for i in range(min(dynamic[0].filesz // size, MAX_DYNAMIC)):
        tag, value = struct.unpack_from(layout, content, dynamic[0].offset + i * size)
        if tag == DT_NULL:
            break
        if tag == DT_FLAGS_1 and value & DF_1_PIE:
            raise ToolError(f"{file}: a program, not a shared library")
