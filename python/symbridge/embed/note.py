"""The two ELF notes by which a library describes itself: their bytes, made and read.

Both have the owner "symbridge". Type 1 is the description: its text in UTF-8 and nothing else.
Type 2 are facts, see `symbridge.embed.facts`:

    u32 format (1), u32 count, count x { u32 key_low, key_high, value_low, value_high }

Numbers are in the byte order of the library, and a note begins and ends at a multiple of 4 bytes.
docs/self-describing.md says the same for other languages.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from typing import Literal, TypeAlias

from symbridge.failure import ToolError

__all__ = [
    "DESCRIPTION",
    "FACTS",
    "FACTS_FORMAT",
    "OWNER",
    "SECTION",
    "fnv1a",
    "pack_facts",
    "pack_note",
    "unpack_facts",
    "unpack_notes",
]

OWNER = "symbridge"
SECTION = ".note.symbridge"
DESCRIPTION = 1
FACTS = 2
FACTS_FORMAT = 1

ByteOrder: TypeAlias = 'Literal["little", "big"]'

_MARKS = {"little": "<", "big": ">"}
_MASK = (1 << 64) - 1


def fnv1a(data: bytes) -> int:
    """The FNV-1a hash of bytes, 64 bits wide."""
    value = 0xCBF29CE484222325
    for byte in data:
        value = (value ^ byte) * 0x100000001B3 & _MASK
    return value


def pack_note(type: int, payload: bytes, byteorder: ByteOrder = "little") -> bytes:
    """One note of ours, as it lies in the section."""
    owner = OWNER.encode() + b"\0"
    head = struct.pack(f"{_MARKS[byteorder]}3I", len(owner), len(payload), type)
    return head + _padded(owner) + _padded(payload)


def unpack_notes(
    section: bytes, byteorder: ByteOrder = "little"
) -> Iterator[tuple[str, int, bytes]]:
    """The notes in a section: owner, type, payload. Stops where the bytes are no notes."""
    at = 0
    while at + 12 <= len(section):
        owner_size, size, type = struct.unpack_from(f"{_MARKS[byteorder]}3I", section, at)
        begin = at + 12 + (owner_size + 3) // 4 * 4
        if begin + size > len(section):
            return
        owner = section[at + 12 : at + 12 + owner_size].rstrip(b"\0")
        yield owner.decode("utf-8", "replace"), type, section[begin : begin + size]
        at = begin + (size + 3) // 4 * 4


def pack_facts(facts: Iterable[tuple[str, int]], byteorder: ByteOrder = "little") -> bytes:
    """The payload of a facts note: each fact's key as text, and its value."""
    mark = _MARKS[byteorder]
    rows = []
    for text, value in facts:
        key = fnv1a(text.encode())
        halves = (key & 0xFFFFFFFF, key >> 32, value & 0xFFFFFFFF, value >> 32 & 0xFFFFFFFF)
        rows.append(struct.pack(f"{mark}4I", *halves))
    return struct.pack(f"{mark}2I", FACTS_FORMAT, len(rows)) + b"".join(rows)


def unpack_facts(payload: bytes, byteorder: ByteOrder = "little") -> dict[int, int]:
    """The facts of a note: values, unsigned, by key. Raises ToolError when these are no facts."""
    mark = _MARKS[byteorder]
    if len(payload) < 8:
        raise ToolError(f"the facts end within their header, after {len(payload)} bytes")
    format, count = struct.unpack_from(f"{mark}2I", payload)
    if format != FACTS_FORMAT:
        raise ToolError(
            f"the facts are in format {format}, and this version knows {FACTS_FORMAT}",
            hint="a later version of symbridge",
        )
    if len(payload) != 8 + 16 * count:
        raise ToolError(
            f"the facts claim to be {count}, but have {len(payload)} bytes, not {8 + 16 * count}"
        )
    found: dict[int, int] = {}
    for low, high, value_low, value_high in struct.iter_unpack(f"{mark}4I", payload[8:]):
        found.setdefault(high << 32 | low, value_high << 32 | value_low)
    return found


def _padded(data: bytes) -> bytes:
    return data + bytes(-len(data) % 4)
