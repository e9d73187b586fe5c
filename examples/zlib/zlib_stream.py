"""zlib through symbridge: what Python's own zlib module gives, byte for byte."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import symbridge

if TYPE_CHECKING:  # example_zlib.pyi: symbridge stubs zlib.bridge -o .
    import example_zlib as z
else:
    z = symbridge.load(file=Path(__file__).with_name("zlib.bridge"))

CHUNK = 16384


def compress(data: bytes, level: int = -1) -> bytes:
    """Compress data through a stream, a chunk of output at a time."""
    stream = z.Stream()
    stream.deflate_init(level)
    try:
        stream.next_in = data
        return _pump(stream, stream.deflate, z.z_flush.Z_FINISH)
    finally:
        stream.deflate_end()


def decompress(data: bytes) -> bytes:
    """Expand what compress() made."""
    stream = z.Stream()
    stream.inflate_init()
    try:
        stream.next_in = data
        return _pump(stream, stream.inflate, z.z_flush.Z_NO_FLUSH)
    finally:
        stream.inflate_end()


def _pump(stream: z.Stream, step: Callable[[int], z.z_status], flush: int) -> bytes:
    output = bytearray()
    chunk = bytearray(CHUNK)
    status = z.z_status.Z_OK
    while status != z.z_status.Z_STREAM_END:
        stream.next_out = chunk
        status = step(flush)
        output += chunk[: CHUNK - stream.avail_out]
    return bytes(output)


def main() -> None:
    """Compare with Python's module and print the sizes."""
    text = Path(__file__).read_bytes() * 50
    for level in (1, 6, 9):
        packed = compress(text, level)
        assert packed == zlib.compress(text, level)
        assert decompress(packed) == text
        print(f"level {level}: {len(text)} -> {len(packed)} bytes, the same as Python's zlib")
    bound = z.compressBound(len(text))
    assert z.compress2(bound, text) == zlib.compress(text)
    assert z.uncompress(len(text), zlib.compress(text)) == text
    assert z.crc32(0, text) == zlib.crc32(text)
    assert z.adler32(1, text) == zlib.adler32(text)
    try:
        decompress(b"this is not a zlib stream")
    except z.ZlibError as error:
        print("not a stream:", error)


if __name__ == "__main__":
    main()
