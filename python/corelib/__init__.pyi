# Written by `symbridge stubs` from core.bridge: changes here are lost.
"""libcore for Python: Lucas sequences, dates, points.

Most names here come from the C library libcore, which lies beside this file and carries its
description; `sum_as_string` and what is in `corelib.pure` are Python.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from enum import IntEnum, IntFlag
from os import PathLike
from typing import Final, Self, SupportsFloat, SupportsIndex, overload

from typing_extensions import Buffer, disjoint_base

from corelib.pure import sum_as_string as sum_as_string

from . import backend as backend
from . import date_ex as date_ex

VERSION_MAJOR: Final = 1
VERSION_MINOR: Final = 0
VERSION_PATCH: Final = 0
VERSION: Final = "1.0.0"
"""The version that this description was written for."""
LUCAS_ORDER_MAX: Final = 4096
"""The highest order of a recurrence: that many coefficients."""
LUCAS_NUMBERS_MAX: Final = 91
"""How many Lucas numbers fit 64 bits."""
version_number: Final[int]
"""The version of the library that is running as one number that grows: 1.2.3 is 10203."""

class AppleStuckInThroat(Exception):
    """An apple is stuck in the throat."""

class Status(IntEnum):
    """How a call of libcore ended."""

    OK = 0
    """the results are written"""
    INVALID = 1
    """an argument is outside of what is defined"""
    OVERFLOW = 2
    """the result does not fit its type"""
    NOMEM = 3
    """memory could not be had"""
    IO = 4
    """input or output failed"""
    STUCK = 5
    """an apple is stuck in the throat"""
    INDEX = 6
    """an index is beyond the end"""
    TRUNCATED = 7
    """the buffer is too small"""

class Quadrant(IntEnum):
    """Where a point lies: no coordinate is negative, so there is only the first quadrant, and what
    bounds it.
    """

    ORIGIN = 0
    """x and y are 0"""
    X_AXIS = 1
    """only y is 0"""
    Y_AXIS = 2
    """only x is 0"""
    FIRST = 3
    """neither is 0"""

class Axis(IntFlag):
    """A set of axes."""

    NONE = 0
    X = 1
    Y = 2
    Z = 4

@disjoint_base
class LucasIter:
    """The terms of a linear recurrence, oldest first: each further term is the sum of
    coef[i] * t[i], where t[0] is the oldest of the terms before it. LucasIter([1, 1], [2, 1]) gives
    the Lucas numbers 2, 1, 3, 4, 7, 11.

    The iterator never ends. Every term that fits 64 bits is delivered; from the first that does not,
    next() raises OverflowError.
    """

    def __init__(
        self,
        coef: Buffer | Sequence[SupportsIndex],
        vals: Buffer | Sequence[SupportsIndex],
    ) -> None: ...
    @property
    def order(self) -> int:
        """The order of the recurrence: how many coefficients it has."""

    def take(self, n: SupportsIndex) -> list[int]:
        """The next n terms at once, as a list.

        OverflowError when fewer than n terms fit 64 bits; then the iterator has not moved, and
        available(n) says how many can be had.
        """
    def take_into(self, buffer: Buffer) -> int:
        """Fills a buffer of 64-bit integers, such as array('q') or a NumPy array, with the next terms,
        without a copy, and returns how many they are: all that the buffer holds.

        OverflowError when fewer terms fit 64 bits; then the buffer begins with those that do, and the
        iterator has not moved.
        """
    def available(self, limit: SupportsIndex) -> int:
        """How many of the next terms fit 64 bits, counted up to a limit. The iterator does not move."""

    def __next__(self) -> int: ...
    def __iter__(self) -> Self: ...
    def close(self) -> None:
        """Release the resource; closing again does nothing."""
    def __enter__(self) -> Self: ...
    def __exit__(self, *exception: object) -> None: ...

@disjoint_base
class Point:
    """A point on the grid of unsigned 32-bit integers."""

    DIMENSIONS: Final = 2
    """How many coordinates a point has."""

    def __init__(self, x: SupportsIndex, y: SupportsIndex) -> None: ...
    @property
    def x(self) -> int:
        """from left to right"""
    @x.setter
    def x(self, value: SupportsIndex, /) -> None: ...
    @property
    def y(self) -> int:
        """from bottom to top"""
    @y.setter
    def y(self, value: SupportsIndex, /) -> None: ...
    @property
    def norm(self) -> float:
        """The distance from the origin.

        Setting it moves the point along its ray from the origin, then to the nearest point of the grid:
        both coordinates change. ValueError for a length that is negative or not a number, and for the
        origin, which has no ray; OverflowError beyond the grid.
        """
    @norm.setter
    def norm(self, value: SupportsFloat | SupportsIndex, /) -> None: ...
    @property
    def quadrant(self) -> Quadrant:
        """Where the point lies."""

    @property
    def axes(self) -> Axis:
        """The axes along which the point is away from the origin."""

    def dist(self, other: Point) -> float:
        """The straight distance to another point, computed in single precision."""
    @classmethod
    def origin(cls) -> Point:
        """The point (0, 0)."""
    @staticmethod
    def manhattan(p: Point, q: Point) -> int:
        """The distance of two points along the grid: |p.x - q.x| + |p.y - q.y|, exact."""

    def __add__(self, other: Point, /) -> Point: ...
    def __str__(self) -> str: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __lt__(self, other: Point, /) -> bool: ...
    def __le__(self, other: Point, /) -> bool: ...
    def __gt__(self, other: Point, /) -> bool: ...
    def __ge__(self, other: Point, /) -> bool: ...
    def __hash__(self) -> int: ...
    def __copy__(self) -> Self: ...
    def __deepcopy__(self, memo: object, /) -> Self: ...

@disjoint_base
class Point3(Point):
    """A point on the grid in space. Where a point of the plane is asked for, it stands for its shadow
    on the plane z = 0.
    """

    def __init__(self, x: SupportsIndex, y: SupportsIndex, z: SupportsIndex) -> None: ...
    @property
    def z(self) -> int:
        """from below to above"""
    @z.setter
    def z(self, value: SupportsIndex, /) -> None: ...
    @property
    def axes(self) -> Axis:
        """The axes along which the point is away from the origin."""

    def dist(self, other: Point3) -> float:  # type: ignore[override]
        """The straight distance to another point in space, computed in single precision."""

    def __str__(self) -> str: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __lt__(self, other: Point3, /) -> bool: ...  # type: ignore[override]
    def __le__(self, other: Point3, /) -> bool: ...  # type: ignore[override]
    def __gt__(self, other: Point3, /) -> bool: ...  # type: ignore[override]
    def __ge__(self, other: Point3, /) -> bool: ...  # type: ignore[override]
    def __hash__(self) -> int: ...
    def __copy__(self) -> Self: ...
    def __deepcopy__(self, memo: object, /) -> Self: ...

@disjoint_base
class PointArray:
    """n points, all (0, 0) at first, in one block of memory. An element is a view: changing it changes
    the array, and it keeps the array alive.
    """

    def __init__(self, n: SupportsIndex) -> None: ...
    def get(self, index: SupportsIndex) -> Point:
        """A copy of the point at an index. IndexError beyond the end."""
    def nearest(self, point: Point) -> int:
        """The index of the point that is nearest to a point by straight distance, the lowest one of those
        that are equally near. ValueError for an array without points.
        """

    def __len__(self) -> int: ...
    @overload
    def __getitem__(self, key: SupportsIndex, /) -> Point: ...
    @overload
    def __getitem__(self, key: slice, /) -> list[Point]: ...
    @overload
    def __setitem__(self, key: SupportsIndex, value: Point, /) -> None: ...
    @overload
    def __setitem__(self, key: slice, value: Iterable[Point], /) -> None: ...
    def __buffer__(self, flags: int, /) -> memoryview[int]: ...
    def close(self) -> None:
        """Release the resource; closing again does nothing."""
    def __enter__(self) -> Self: ...
    def __exit__(self, *exception: object) -> None: ...
    def __iter__(self) -> Iterator[Point]: ...

@disjoint_base
class Timer:
    """Calls a function once, after some seconds, from a thread that C makes. An exception in it goes to
    sys.unraisablehook.

    close() ends the timer: a callback that has not begun will not be called, one that is running is
    waited for, unless close() is called within it. A timer that is dropped is closed, and with the
    interpreter all timers end.
    """

    SECONDS_MAX: Final = 1000000000.0
    """The longest time that a timer waits, in seconds."""

    def __init__(
        self,
        seconds: SupportsFloat | SupportsIndex,
        callback: Callable[[], object] | int,
    ) -> None: ...
    @property
    def fired(self) -> bool:
        """Whether the callback has been called; it may be running still."""

    def close(self) -> None:
        """Release the resource; closing again does nothing."""
    def __enter__(self) -> Self: ...
    def __exit__(self, *exception: object) -> None: ...

def status_message(status: Status | SupportsIndex) -> str | None:
    """What a status means, in general."""

def version() -> str | None:
    """The version of the library that is running, such as "1.0.0"."""

def lucas_mod(
    coef: Buffer | Sequence[SupportsIndex],
    vals: Buffer | Sequence[SupportsIndex],
    n: SupportsIndex,
    m: SupportsIndex,
) -> int:
    """Term n of a recurrence modulo m, without the terms before it; vals[0] is term 0.

    The result is from 0 to m - 1, for negative terms too. ValueError when m is 0.
    """

def integrate(
    f: Callable[[float], SupportsFloat | SupportsIndex] | int,
    a: SupportsFloat | SupportsIndex,
    b: SupportsFloat | SupportsIndex,
    n: SupportsIndex,
) -> float:
    """The integral of f from a to b, by Simpson's rule on n panels: exact for polynomials up to the third
    degree but for rounding.

    f is called 2 n + 1 times, with x from a to b in order. An exception in it ends the integration and
    is raised. ValueError when n is 0 or a bound is not finite.
    """

def say_hello() -> None:
    """Prints "Hello world!" to the standard output of the process."""

def fact(n: SupportsIndex) -> int:
    """n!, exact. OverflowError for n above 20."""

def sum_as_string_native(a: SupportsIndex, b: SupportsIndex) -> str:
    """The sum of two numbers in decimal, from C. OverflowError when it does not fit 64 bits."""

def word_count(text: str) -> dict[str, int]:
    """How often each word occurs in a text, as a dict in order of first appearance.

    White space, control characters, punctuation and symbols separate words; an apostrophe or a
    hyphen between two letters does not.
    """

def count_lines(path: str | bytes | PathLike[str] | PathLike[bytes]) -> int:
    """The number of lines of a file."""

def throws_error() -> None:
    """Always raises AppleStuckInThroat."""
