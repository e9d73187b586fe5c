"""ELF libraries that no linker would make, for tests: very many symbols, names that overlap."""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path

__all__ = ["write_library"]

HEAD, SEGMENT, ENTRY, SYMBOL = 64, 56, 16, 24

PT_LOAD, PT_DYNAMIC = 1, 2
DT_NULL, DT_HASH, DT_STRTAB, DT_SYMTAB, DT_STRSZ = 0, 4, 5, 6, 10
GLOBAL_FUNCTION = 0x12


def write_library(
    path: Path, count: int, strings: bytes, name_at: Callable[[int], int], claimed: int = 0
) -> Path:
    """Write a 64-bit library of `count` functions; the name of number i begins at name_at(i).

    claimed: how many symbols the hash table says there are, when that is a lie.
    """
    dynamic = HEAD + 2 * SEGMENT
    hash = dynamic + 5 * ENTRY
    symbols = hash + 16
    texts = symbols + (count + 1) * SYMBOL
    size = texts + len(strings)
    with open(path, "wb") as stream:
        ident = b"\x7fELF\x02\x01\x01".ljust(16, b"\0")
        stream.write(ident)
        # type, machine, version, entry, segments, sections, flags, sizes and counts
        stream.write(struct.pack("<HHIQQQI6H", 3, 62, 1, 0, HEAD, 0, 0, HEAD, SEGMENT, 2, 0, 0, 0))
        stream.write(struct.pack("<IIQQQQQQ", PT_LOAD, 4, 0, 0, 0, size, size, 4096))
        rows = ((DT_HASH, hash), (DT_STRTAB, texts), (DT_SYMTAB, symbols), (DT_STRSZ, len(strings)))
        stream.write(
            struct.pack("<IIQQQQQQ", PT_DYNAMIC, 4, dynamic, dynamic, 0, 5 * ENTRY, 5 * ENTRY, 8)
        )
        for tag, value in (*rows, (DT_NULL, 0)):
            stream.write(struct.pack("<QQ", tag, value))
        stream.write(struct.pack("<IIII", 1, claimed or count + 1, 0, 0))
        stream.write(bytes(SYMBOL))
        stream.write(
            b"".join(
                struct.pack("<IBBHQQ", name_at(i), GLOBAL_FUNCTION, 0, 1, i, 1)
                for i in range(count)
            )
        )
        stream.write(strings)
    return path
