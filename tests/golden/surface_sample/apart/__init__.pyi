# Written by `symbridge stubs` from surface.bridge: changes here are lost.
"""What stands apart."""

from enum import IntEnum
from typing import ClassVar, Final, Never, Self, SupportsIndex

from typing_extensions import disjoint_base

from .. import Box, Pair, color
from . import deep as deep

__all__ = [
    "Frozen",
    "Ghost",
    "Outcome",
    "change",
    "counter",
    "deep",
    "favourite",
    "fixed_here",
    "nobody",
    "origin",
    "weights",
]

counter: int
"""Counts."""
weights: memoryview[float]
origin: Pair
favourite: color
nobody: Final[Box | None]
fixed_here: Final[int]

class Outcome(IntEnum):
    DONE = 0
    WRONG = 1
    OVER = 9

@disjoint_base
class Frozen:
    """Cannot be changed."""

    def __new__(cls, value: SupportsIndex) -> Self: ...
    @property
    def value(self) -> int: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __lt__(self, other: Frozen, /) -> bool: ...
    def __le__(self, other: Frozen, /) -> bool: ...
    def __gt__(self, other: Frozen, /) -> bool: ...
    def __ge__(self, other: Frozen, /) -> bool: ...
    def __copy__(self) -> Self: ...
    def __deepcopy__(self, memo: object, /) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@disjoint_base
class Ghost:
    """Only functions make these."""

    def __init__(self, made_by_functions: Never, /) -> None: ...

def change(value: SupportsIndex) -> int: ...
