# Written by `symbridge stubs` from zlib.bridge: changes here are lost.
"""zlib: deflate streams and checksums."""

from collections.abc import Sequence
from enum import IntEnum
from typing import ClassVar, Final, Never, Self, SupportsIndex

from typing_extensions import Buffer, disjoint_base

__all__ = [
    "MAX_WBITS",
    "Z_BEST_COMPRESSION",
    "Z_BEST_SPEED",
    "Z_DEFAULT_COMPRESSION",
    "Z_DEFLATED",
    "Stream",
    "ZlibError",
    "adler32",
    "compress2",
    "compressBound",
    "crc32",
    "internal_state",
    "uncompress",
    "zError",
    "z_flush",
    "z_status",
    "zlibVersion",
]

Z_DEFAULT_COMPRESSION: Final = -1
Z_BEST_SPEED: Final = 1
Z_BEST_COMPRESSION: Final = 9
MAX_WBITS: Final = 15
Z_DEFLATED: Final = 8

class ZlibError(Exception):
    """zlib refused the data or the call."""

class z_status(IntEnum):
    """What zlib's functions return."""

    Z_OK = 0
    Z_STREAM_END = 1
    Z_NEED_DICT = 2
    Z_ERRNO = -1
    Z_STREAM_ERROR = -2
    Z_DATA_ERROR = -3
    Z_MEM_ERROR = -4
    Z_BUF_ERROR = -5
    Z_VERSION_ERROR = -6

class z_flush(IntEnum):
    """When deflate() gives out what it holds."""

    Z_NO_FLUSH = 0
    Z_PARTIAL_FLUSH = 1
    Z_SYNC_FLUSH = 2
    Z_FULL_FLUSH = 3
    Z_FINISH = 4
    Z_BLOCK = 5
    Z_TREES = 6

@disjoint_base
class Stream:
    """A stream: assign buffers to next_in and next_out, then call deflate() or inflate()."""

    def __init__(
        self,
        next_in: Buffer | None = None,
        total_in: SupportsIndex = 0,
        next_out: Buffer | None = None,
        total_out: SupportsIndex = 0,
        msg: str | None = None,
        data_type: SupportsIndex = 0,
        adler: SupportsIndex = 0,
    ) -> None: ...
    @property
    def next_in(self) -> memoryview[int] | None: ...
    @next_in.setter
    def next_in(self, value: Buffer | None, /) -> None: ...
    @property
    def avail_in(self) -> int: ...
    @property
    def total_in(self) -> int: ...
    @property
    def next_out(self) -> memoryview[int] | None: ...
    @next_out.setter
    def next_out(self, value: Buffer | None, /) -> None: ...
    @property
    def avail_out(self) -> int: ...
    @property
    def total_out(self) -> int: ...
    @property
    def msg(self) -> str | None: ...
    @property
    def data_type(self) -> int: ...
    @property
    def adler(self) -> int: ...
    def deflate_init(
        self,
        level: SupportsIndex = -1,
        method: SupportsIndex = 8,
        window_bits: SupportsIndex = 15,
        memory_level: SupportsIndex = 8,
        strategy: SupportsIndex = 0,
    ) -> None: ...
    def deflate(self, flush: z_flush | SupportsIndex) -> z_status: ...
    def deflate_end(self) -> None: ...
    def inflate_init(self, window_bits: SupportsIndex = 15) -> None: ...
    def inflate(self, flush: z_flush | SupportsIndex) -> z_status: ...
    def inflate_end(self) -> None: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __copy__(self) -> Self: ...
    def __deepcopy__(self, memo: object, /) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@disjoint_base
class internal_state:
    def __init__(self, made_by_functions: Never, /) -> None: ...

def zError(status: z_status | SupportsIndex) -> str | None: ...
def zlibVersion() -> str | None: ...
def adler32(start: SupportsIndex, data: Buffer | Sequence[SupportsIndex]) -> int:
    """Adler-32 and CRC-32 checksums, continued from `start`."""

def crc32(start: SupportsIndex, data: Buffer | Sequence[SupportsIndex]) -> int: ...
def compressBound(length: SupportsIndex) -> int:
    """An upper bound of what compress2() makes of that many bytes."""

def compress2(
    capacity: SupportsIndex,
    source: Buffer | Sequence[SupportsIndex],
    level: SupportsIndex = -1,
) -> bytes:
    """Compress at once into a buffer of the caller's; returns how many bytes it took."""

def uncompress(capacity: SupportsIndex, source: Buffer | Sequence[SupportsIndex]) -> bytes:
    """Expand at once what compress2() made, into at most `capacity` bytes."""
