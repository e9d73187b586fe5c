# Written by `symbridge stubs` from sqlite.bridge: changes here are lost.
"""SQLite: connections, statements, rows."""

import builtins as _builtins
from collections.abc import Sequence
from enum import IntEnum
from os import PathLike
from typing import Final, Self, SupportsFloat, SupportsIndex, TypeAlias

from typing_extensions import Buffer, disjoint_base

__all__ = [
    "SQLITE_OPEN_CREATE",
    "SQLITE_OPEN_READONLY",
    "SQLITE_OPEN_READWRITE",
    "Connection",
    "SqliteError",
    "Statement",
    "errmsg",
    "errstr",
    "libversion",
    "status",
    "type",
]

SQLITE_OPEN_READONLY: Final = 1
SQLITE_OPEN_READWRITE: Final = 2
SQLITE_OPEN_CREATE: Final = 4

class SqliteError(Exception):
    """What SQLite reports, with its own message."""

class status(IntEnum):
    """Result codes."""

    SQLITE_OK = 0
    SQLITE_ERROR = 1
    SQLITE_INTERNAL = 2
    SQLITE_PERM = 3
    SQLITE_ABORT = 4
    SQLITE_BUSY = 5
    SQLITE_LOCKED = 6
    SQLITE_NOMEM = 7
    SQLITE_READONLY = 8
    SQLITE_INTERRUPT = 9
    SQLITE_IOERR = 10
    SQLITE_CORRUPT = 11
    SQLITE_NOTFOUND = 12
    SQLITE_FULL = 13
    SQLITE_CANTOPEN = 14
    SQLITE_PROTOCOL = 15
    SQLITE_EMPTY = 16
    SQLITE_SCHEMA = 17
    SQLITE_TOOBIG = 18
    SQLITE_CONSTRAINT = 19
    SQLITE_MISMATCH = 20
    SQLITE_MISUSE = 21
    SQLITE_NOLFS = 22
    SQLITE_AUTH = 23
    SQLITE_FORMAT = 24
    SQLITE_RANGE = 25
    SQLITE_NOTADB = 26
    SQLITE_ROW = 100
    SQLITE_DONE = 101

class type(IntEnum):
    """The type of a column's value."""

    SQLITE_INTEGER = 1
    SQLITE_FLOAT = 2
    SQLITE_TEXT = 3
    SQLITE_BLOB = 4
    SQLITE_NULL = 5

@disjoint_base
class Connection:
    """A connection to a database."""

    def __init__(
        self,
        filename: str | bytes | PathLike[str] | PathLike[bytes],
        flags: SupportsIndex = 6,
    ) -> None: ...
    def changes(self) -> int:
        """How many rows the last statement changed."""
    def last_insert_rowid(self) -> int: ...
    def close(self) -> None:
        """Release the resource; closing again does nothing."""
    def __enter__(self) -> Self: ...
    def __exit__(self, *exception: object) -> None: ...

@disjoint_base
class Statement:
    """A prepared statement; iterating steps it, once for each row."""

    def __init__(self, db: Connection, sql: Buffer | str | Sequence[str | bytes]) -> None: ...
    def reset(self) -> None:
        """Make the statement ready to run again."""
    def bind_int(self, index: SupportsIndex, value: SupportsIndex) -> None: ...
    def bind_float(self, index: SupportsIndex, value: SupportsFloat | SupportsIndex) -> None: ...
    def bind_null(self, index: SupportsIndex) -> None: ...
    def bind_text(
        self,
        index: SupportsIndex,
        text: Buffer | str | Sequence[str | bytes],
    ) -> None: ...
    def bind_blob(self, index: SupportsIndex, data: Buffer | str) -> None: ...
    def name(self, column: SupportsIndex) -> str | None: ...
    def type(self, column: SupportsIndex) -> _type: ...
    def int(self, column: SupportsIndex) -> _builtins.int: ...
    def float(self, column: SupportsIndex) -> _builtins.float: ...
    def text(self, column: SupportsIndex) -> str | None: ...
    def __next__(self) -> None:
        """Step to the next row."""
    def __len__(self) -> _builtins.int: ...
    def __iter__(self) -> Self: ...
    def close(self) -> None:
        """Release the resource; closing again does nothing."""
    def __enter__(self) -> Self: ...
    def __exit__(self, *exception: object) -> None: ...

def errmsg(db: Connection) -> str | None: ...
def errstr(status: status | SupportsIndex) -> str | None: ...
def libversion() -> str | None: ...

_type: TypeAlias = type
