"""Notes in a shared library that is already built.

The note needs two program headers more than the linker left room for. So the front of the file is
made anew: a page or more is put before all that was there. It holds the ELF header, the program
headers, the note, and room for more program headers, and is a read-only segment of its own, at the
addresses after all others:

    file:    [ELF header, program headers, note, padding][all of the file as it was]
    memory:  [all of it as it was][ELF header, program headers, note]

Nothing of the library moves in memory, so nothing in it needs to know. The program headers stay
where all tools write them, behind the ELF header: strip, objcopy and patchelf, which lay files out
anew, find room for them. What follows the front moves in the file by a multiple of the largest
alignment of any segment, so that segments keep theirs. Section names and section headers are
written again at the end, where linkers put them.

Embedding again makes the front again, and removing takes it off. Where that cannot be done (a note
that the linker put there, or one that another tool moved), the note is written over in its place
when the new one fits, else made void: type 0, which no reader looks at.
"""

from __future__ import annotations

import contextlib
import os
import stat
import struct
import tempfile
from collections.abc import Sequence
from itertools import pairwise
from typing import TypeAlias

from symbridge.embed.headers import (
    MAX_LIBRARY_SIZE,
    NOTE_ALIGN,
    PF_R,
    PT_LOAD,
    PT_NOTE,
    PT_PHDR,
    SHF_ALLOC,
    SHT_NOTE,
    SHT_NULL,
    SHT_STRTAB,
    SHT_SYMTAB,
    Headers,
    Note,
    Section,
    Segment,
    align_up,
    read_headers,
)
from symbridge.embed.note import OWNER, SECTION, ByteOrder, pack_note
from symbridge.failure import ToolError

__all__ = ["MAX_NOTE_SIZE", "add_notes", "byte_order", "read_notes", "remove_notes"]

Path: TypeAlias = "str | os.PathLike[str]"

#: The type of a note that was removed in its place.
VOID = 0
_OWNER = OWNER.encode() + b"\0"
_NAME = SECTION.encode() + b"\0"

#: Bytes of one note's description; that of the engine's descriptions.
MAX_NOTE_SIZE = 64 << 20
#: Program headers that other tools can add before they have to move any.
SPARE_SEGMENTS = 8
#: What the front is aligned to at least: the smallest page of any machine.
PAGE_SIZE = 4096


def add_notes(library: Path, output: Path, notes: Sequence[tuple[int, bytes]]) -> None:
    """Write `library` with these notes (type, bytes) as `output`, which may be the same file.

    Notes of ours that it carries already are replaced. Raises ToolError for what is no shared
    library, or one that is damaged; OSError when it cannot be read or written. Nothing is left half
    written.
    """
    for kind, text in notes:
        if len(text) > MAX_NOTE_SIZE:
            raise ToolError(f"note {kind}: {len(text)} bytes: more than {MAX_NOTE_SIZE}")
    content, file = _read(library)
    editor = _Editor(read_headers(content, file), content, file)
    packed = b"".join(pack_note(kind, text, editor.order) for kind, text in notes)
    _write(library, output, editor.add(packed))


def remove_notes(library: Path, output: Path) -> bool:
    """Write `library` without notes of ours as `output`; says whether it had any."""
    content, file = _read(library)
    editor = _Editor(read_headers(content, file), content, file)
    had = any(n.owner == _OWNER and n.type != VOID for n in editor.headers.notes(content))
    _write(library, output, editor.remove())
    return had


def read_notes(library: Path) -> list[tuple[int, bytes]]:
    """The notes of ours that a library carries: (type, bytes)."""
    content, file = _read(library)
    headers = read_headers(content, file)
    return [
        (n.type, n.description)
        for n in headers.notes(content)
        if n.owner == _OWNER and n.type != VOID
    ]


def byte_order(library: Path) -> ByteOrder:
    """The byte order of a library, in which its notes are."""
    content, file = _read(library)
    return _Editor(read_headers(content, file), content, file).order


class _Editor:
    """One library while notes are put in or taken out.

    `body` is the library but for a front that an earlier run made; all offsets in `headers` are
    offsets in it, and `headers` has no program headers of the front.
    """

    def __init__(self, headers: Headers, content: bytes, file: str) -> None:
        self.headers = headers
        self.body = bytearray(content)
        self.file = file
        self.address: int | None = None  # of the front that there was
        self.section: Section | None = None  # of its notes
        self.table_size = len(headers.sections) * headers.section_size  # in the file
        self._split()

    @property
    def order(self) -> ByteOrder:
        """The library's byte order."""
        return "little" if self.headers.order == "<" else "big"

    def add(self, notes: bytes) -> bytes:
        """The file with these packed notes."""
        if self.address is None and self._overwrite(notes):
            return bytes(self.body)
        self._void_others()
        headers = self.headers
        if headers.sections and self.section is None:
            self.section = Section(0, SHT_NOTE, SHF_ALLOC, 0, 0, 0, 0, 0, NOTE_ALIGN, 0)
            headers.sections.append(self.section)
        self._place_tail()

        loads = headers.loads()
        alignment = self._alignment()
        address = self.address
        if address is None:
            address = align_up(loads[-1].vaddr + loads[-1].memsz, alignment)
        table = (len(headers.segments) + 2 + SPARE_SEGMENTS) * headers.segment_size
        begin = align_up(headers.header_size + table, NOTE_ALIGN)
        end = begin + len(notes)
        size = align_up(end, alignment)
        if max(address + end, size + len(self.body)) > headers.highest:
            raise ToolError(f"{self.file}: no room for {len(notes)} bytes in its address space")

        self._shift(size)
        if self.section:
            self.section.addr, self.section.offset = address + begin, begin
            self.section.size = len(notes)
        at, place = address + begin, headers.segments.index(loads[-1]) + 1
        front = Segment(PT_LOAD, PF_R, 0, address, address, end, end, alignment)
        headers.segments[place:place] = [front]  # loaders want them in the order of addresses
        headers.segments.append(
            Segment(PT_NOTE, PF_R, begin, at, at, len(notes), len(notes), NOTE_ALIGN)
        )
        self._write_section_headers(size)
        return (
            self._header_tables(address).ljust(begin, b"\0")
            + notes.ljust(size - begin, b"\0")
            + bytes(self.body)
        )

    def remove(self) -> bytes:
        """The file without notes of ours."""
        self._void_others()
        if self.address is None:
            return bytes(self.body)
        if not self._has_room_for_headers():
            return self.add(pack_note(VOID, b"", self.order))
        first = self.headers.loads()[0]
        first.vaddr -= first.offset
        first.paddr = first.paddr - first.offset & self.headers.highest
        first.filesz, first.memsz = first.filesz + first.offset, first.memsz + first.offset
        first.offset = 0
        self._drop_section()
        self._place_tail()
        self._write_section_headers(0)
        tables = self._header_tables(first.vaddr)
        self.body[: len(tables)] = tables
        return bytes(self.body)

    # ---- notes that lie elsewhere

    def _others(self) -> list[Note]:
        return [n for n in self.headers.notes(self.body) if n.owner == _OWNER]

    def _overwrite(self, notes: bytes) -> bool:
        """Write the notes over old ones that lie side by side, when they fit."""
        old = self._others()
        if not old or any(a.offset + a.size != b.offset for a, b in pairwise(old)):
            return False
        begin, room = old[0].offset, sum(n.size for n in old) - len(notes)
        void = pack_note(VOID, b"", self.order)
        if room < 0 or 0 < room < len(void) or room % NOTE_ALIGN:
            return False
        if room:
            notes += pack_note(VOID, bytes(room - len(void)), self.order)
        self.body[begin : begin + len(notes)] = notes
        return True

    def _void_others(self) -> None:
        for note in self._others():
            struct.pack_into(f"{self.headers.order}I", self.body, note.offset + 8, VOID)
            text = note.offset + align_up(12 + len(_OWNER), NOTE_ALIGN)
            self.body[text : note.offset + note.size] = bytes(note.offset + note.size - text)

    # ---- the front that an earlier run made

    def _split(self) -> None:
        """Tell the front from the body, when there is one."""
        headers = self.headers
        front = headers.loads()[-1]
        table = headers.phoff + len(headers.segments) * headers.segment_size
        if front.offset or front.flags != PF_R or not headers.phoff < table <= front.filesz:
            return
        inside = [s for s in headers.segments if s.filesz and s.offset < front.end]
        inside = [s for s in inside if s is not front and s.type != PT_PHDR]
        sections = [s for s in headers.sections[1:] if s.size and s.offset < front.end]
        held = [n for n in headers.notes(self.body) if n.offset < front.end]
        if (
            [s.type for s in inside] != [PT_NOTE]
            or [s.type for s in sections] != [SHT_NOTE] * len(sections)
            or len(sections) != bool(headers.sections)
            or any(n.owner != _OWNER for n in held)
        ):
            return
        rest = [s for s in headers.segments if s is not front and s is not inside[0]]
        if PT_LOAD not in [s.type for s in rest]:
            return
        headers.segments = rest
        places = [s.offset for s in headers.segments if s.filesz and s.type != PT_PHDR]
        places += [s.offset for s in headers.sections[1:] if s.size and s not in sections]
        places += [headers.shoff] if headers.sections else []
        begin = min(places) & -self._alignment()
        self.address, self.section = front.vaddr, sections[0] if sections else None
        self._shift(-begin)
        # Where strip moved the rest close to the front, both begin on one page.
        self.body[: front.end] = bytes(front.end)
        del self.body[:begin]

    def _has_room_for_headers(self) -> bool:
        """Whether the body begins with room for the ELF header and the program headers."""
        headers = self.headers
        first = headers.loads()[0]
        end = headers.header_size + len(headers.segments) * headers.segment_size
        places = [s.offset for s in headers.loads()[1:] if s.filesz]
        places += [s.offset for s in headers.sections[1:] if s.size and s is not self.section]
        if not headers.sections:
            places.append(end if self.body.startswith(headers.pack_header()[:52]) else 0)
        return first.vaddr >= first.offset and end <= min(places)

    # ---- layout

    def _alignment(self) -> int:
        return max(PAGE_SIZE, *(s.align for s in self.headers.loads()))

    def _shift(self, distance: int) -> None:
        """Count offsets from another place. Those of what is empty may be any: they wrap."""
        highest = self.headers.highest
        for segment in self.headers.segments:
            if (segment.filesz or segment.offset) and segment.type != PT_PHDR:
                segment.offset = segment.offset + distance & highest
        for section in self.headers.sections[1:]:
            if section.type != SHT_NULL and section is not self.section:
                section.offset = section.offset + distance & highest
        self.headers.shoff += distance if self.headers.sections else 0

    def _drop_section(self) -> None:
        """Take the notes' section off the table."""
        headers = self.headers
        if self.section is None:
            return
        index = next(i for i, s in enumerate(headers.sections) if s is self.section)
        after = headers.sections[index + 1 :]
        if any(s.type not in (SHT_SYMTAB, SHT_STRTAB) for s in after):
            # Others refer to later sections by their numbers: leave an entry that says nothing.
            headers.sections[index] = Section(0, SHT_NULL, 0, 0, 0, 0, 0, 0, 0, 0)
        else:
            del headers.sections[index]
            for section in headers.sections:
                section.link -= section.link > index
            headers.shstrndx -= headers.shstrndx > index
        self.section = None

    def _place_tail(self) -> None:
        """Find places for the sections' names and headers, where either grew or shrank."""
        headers = self.headers
        if not headers.sections:
            return
        names = headers.sections[headers.shstrndx]
        text = bytes(self.body[names.offset : names.end])
        if self.section and not text[self.section.name :].startswith(_NAME):
            self.section.name = len(text)
            text += _NAME
        elif not self.section and text.endswith(b"\0" + _NAME):
            text = text[: -len(_NAME)]
        size = len(headers.sections) * headers.section_size
        if (names.size, self.table_size) == (len(text), size):
            return
        others = [(s.offset, s.end) for s in headers.segments if s.type != PT_PHDR]
        others += [
            (s.offset, s.end)
            for s in headers.sections[1:]
            if s is not names and s is not self.section
        ]
        # Both are written where they end the file. Names that lie before other sections stay there,
        # forgotten, until a section less needs those very names.
        last = max(end for _, end in others)
        table_end = headers.shoff + self.table_size
        if headers.shoff >= last and len(self.body) == max(table_end, names.end):
            del self.body[names.offset if last <= names.offset < headers.shoff else headers.shoff :]
        begin = self.body.find(text) if self.section is None else -1
        if begin < 0 or any(o < begin + len(text) and begin < end for o, end in others):
            begin = len(self.body)
            self.body += text
        names.offset, names.size = begin, len(text)
        headers.shoff = align_up(len(self.body), 8 if headers.wide else 4)
        self.body += bytes(headers.shoff + size - len(self.body))

    def _write_section_headers(self, size: int) -> None:
        """Write the table where it is in a body with `size` bytes before it."""
        packed = self.headers.pack_sections()
        begin = self.headers.shoff - size
        self.body[begin : begin + len(packed)] = packed

    def _header_tables(self, address: int) -> bytes:
        """The ELF header and the program headers, to be mapped at an address."""
        headers = self.headers
        headers.phoff = headers.header_size
        for s in headers.segments:
            if s.type == PT_PHDR:
                s.offset, s.vaddr, s.paddr = headers.phoff, *[address + headers.phoff] * 2
                s.filesz = s.memsz = len(headers.segments) * headers.segment_size
        return headers.pack_header() + headers.pack_segments()


# ---- files


def _read(path: Path) -> tuple[bytes, str]:
    file = os.fspath(path)
    with open(file, "rb") as stream:
        status = os.fstat(stream.fileno())
        if not stat.S_ISREG(status.st_mode):
            raise ToolError(f"{file}: not a file")
        if status.st_size > MAX_LIBRARY_SIZE:
            raise ToolError(f"{file}: more than {MAX_LIBRARY_SIZE} bytes")
        return stream.read(MAX_LIBRARY_SIZE), file


def _write(library: Path, output: Path, content: bytes) -> None:
    """Write a file whole or not at all, with the library's mode. A link is followed."""
    target = os.path.realpath(output)
    mode = stat.S_IMODE(os.stat(library).st_mode)
    directory, name = os.path.split(target)
    descriptor, temporary = tempfile.mkstemp(prefix=f".{name}.", dir=directory)
    try:
        with open(descriptor, "wb") as stream:
            stream.write(content)
            os.fchmod(stream.fileno(), mode)
        os.replace(temporary, target)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise
