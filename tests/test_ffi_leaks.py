"""A million of each operation of FFI on memory, and of buffers, leaves memory as it was."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import corelib
from growth import assert_no_growth
from symbridge.cffi import FFI
from test_memory import TIMES, failing

ffi = FFI()
ffi.cdef("struct point { int x, y; }; struct packet { int size; short data[]; };")
point = ffi.typeof("struct point *")
pair = ffi.new("int[]", [100_000, -100_000])
words = ffi.new("char[]", b"hello")
wide = ffi.new("wchar_t[]", "h\u00e9llo")
raw = bytearray(16)
window = ffi.buffer(words)
handle = ffi.new_handle("kept")
destroyed = ffi.gc(words, id)
allocate = ffi.new_allocator(lambda size: ffi.new("char[]", size), id)
points = corelib.PointArray(4)


def cycle() -> None:
    """Garbage that only the collector finds."""
    found: list[Any] = []
    found.append(ffi.gc(ffi.new("int *"), found.append))
    found.append(ffi.new_handle(found))
    found.append(ffi.from_buffer(bytearray(8)))


def released() -> None:
    with ffi.from_buffer("int[]", raw) as held:
        ffi.buffer(held)[0:2] = b"ab"


OPERATIONS: dict[str, tuple[Callable[[], object], int]] = {
    "new of a record": (lambda: ffi.new(point), 1),
    "new of a record from a list": (lambda: ffi.new(point, [1, 2]), 1),
    "new of a record from a dict": (lambda: ffi.new("struct point *", {"x": 1})[0], 1),
    "new of a record refused": (failing(lambda: ffi.new(point, [1, "x"])), 4),
    "new of a flexible record": (lambda: ffi.new("struct packet *", [1, [1, 2]]), 1),
    "new of an array": (lambda: ffi.new("int[]", [1, 2, 3]), 1),
    "new of an array refused": (failing(lambda: ffi.new("int[]", -1)), 4),
    "new of a text": (lambda: ffi.new("char[]", b"abc"), 1),
    "allocator": (lambda: allocate("int[]", [1, 2]), 4),
    "allocator of a record": (lambda: allocate(point, [1, 2])[0], 4),
    "allocator refused": (failing(lambda: allocate(point, "x")), 4),
    "gc": (lambda: ffi.gc(words, id), 1),
    "gc released": (lambda: ffi.release(ffi.gc(words, id)), 1),
    "gc taken away": (lambda: ffi.gc(ffi.gc(words, id), None), 1),
    "release refused": (failing(lambda: ffi.release(handle)), 4),
    "handle": (lambda: ffi.from_handle(ffi.new_handle(5)), 1),
    "handle refused": (failing(lambda: ffi.from_handle(words)), 4),
    "cycle": (cycle, 20),
    "memmove": (lambda: ffi.memmove(words, raw, 5), 1),
    "memmove refused": (failing(lambda: ffi.memmove(raw, words, 500)), 4),
    "string": (lambda: ffi.string(words), 1),
    "wide string": (lambda: ffi.string(wide), 1),
    "unpack": (lambda: ffi.unpack(pair, 2), 1),
    "unpack refused": (failing(lambda: ffi.unpack(pair, -1)), 4),
    "buffer": (lambda: ffi.buffer(words, 3), 1),
    "buffer read": (lambda: (window[1], window[1:3]), 1),
    "buffer written": (lambda: window.__setitem__(slice(0, 2), b"he"), 1),
    "buffer compared": (lambda: window == b"hello\0", 1),
    "buffer as memoryview": (lambda: memoryview(window), 1),
    "buffer refused": (failing(lambda: ffi.buffer(ffi.NULL)), 4),
    "from_buffer": (lambda: ffi.from_buffer(raw), 1),
    "from_buffer released": (released, 2),
    "from_buffer refused": (failing(lambda: ffi.from_buffer("int[9]", raw)), 4),
    "memoryview of an object": (lambda: memoryview(points), 1),
}


@pytest.mark.parametrize("name", OPERATIONS)
def test_memory_does_not_grow(name: str) -> None:
    work, share = OPERATIONS[name]
    assert_no_growth(work, TIMES // share)
