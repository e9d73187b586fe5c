# Written by `symbridge stubs` from core.bridge: changes here are lost.
"""Functions that stand behind others: how they are called may change."""

from typing import SupportsIndex

__all__ = ["greetings", "some_func", "sum_to_buffer"]

greetings: int
"""How many times say_hello has greeted since the program began.

It lies in a submodule, because a module whose variables change cannot be cached by the
interpreter as others are.
"""

def some_func(n: SupportsIndex) -> list[int]:
    """The first n Lucas numbers as a list: 2, 1, 3, 4, 7, 11. OverflowError for n above 91."""

def sum_to_buffer(a: SupportsIndex, b: SupportsIndex) -> str:
    """The sum of two numbers in decimal, written by C into a buffer of the caller's."""
