"""A million of each operation leaves memory as it was."""

from __future__ import annotations

import os
import pickle
from array import array
from collections.abc import Callable
from datetime import date

import pytest

import corelib
import symbridge
from corelib import LucasIter, Point, Point3
from corelib.date_ex import seconds_before
from growth import assert_no_growth

TIMES = 100_000 if os.environ.get("SB_SANITIZED") else 1_000_000

libm = symbridge.load(
    "libm.so.6",
    "[[quick]] double cos(double x); [[quick]] double frexp(double x, int *e [[out]]);",
)
p, q = Point(1, 2), Point(3, 4)
points = corelib.PointArray(10)
lucas = LucasIter([1], [1])
doubles = array("q", [1, 1])
day = date(2018, 2, 20)
axis = corelib.Axis.X


def failing(call: Callable[[], object]) -> Callable[[], None]:
    def work() -> None:
        try:
            call()
        except (ValueError, OverflowError, TypeError, OSError, corelib.AppleStuckInThroat):
            return
        raise AssertionError("it did not fail")

    return work


def close_handle() -> None:
    with LucasIter(doubles, doubles):
        pass


OPERATIONS: dict[str, tuple[Callable[[], object], int]] = {
    "call": (lambda: libm.cos(0.5), 1),
    "call with keyword": (lambda: libm.cos(x=0.5), 1),
    "two results": (lambda: libm.frexp(10.0), 1),
    "status": (lambda: corelib.fact(20), 1),
    "status raised": (failing(lambda: corelib.fact(21)), 1),
    "exception class raised": (failing(corelib.throws_error), 1),
    "OSError raised": (failing(lambda: corelib.count_lines("/no/such/file")), 1),
    "wrong type": (failing(lambda: corelib.fact("x")), 1),
    "out of range": (failing(lambda: corelib.fact(2**70)), 1),
    "missing argument": (failing(lambda: corelib.fact()), 1),
    "value object": (lambda: Point(1, 2), 1),
    "value object by keyword": (lambda: Point(x=1, y=2), 1),
    "value object refused": (failing(lambda: Point(1, -2)), 1),
    "derived value object": (lambda: Point3(1, 2, 3), 1),
    "field read": (lambda: p.x, 1),
    "field write": (lambda: setattr(p, "x", 3), 1),
    "method": (lambda: p.dist(q), 1),
    "operator": (lambda: p + q, 1),
    "comparison": (lambda: p == q, 1),
    "hash": (lambda: hash(p), 1),
    "str and repr": (lambda: (str(p), repr(p)), 1),
    "pickle": (lambda: pickle.loads(pickle.dumps(p)), 1),
    "property": (lambda: p.norm, 1),
    "enum result": (lambda: p.quadrant, 1),
    "flags result": (lambda: p.axes, 1),
    "handle": (close_handle, 1),
    "handle refused": (failing(lambda: LucasIter([], [])), 1),
    "iteration": (lambda: next(lucas), 1),
    "view": (lambda: points[3].x, 1),
    "adapted": (lambda: seconds_before(day, 1000), 1),
    "array in from a list": (lambda: corelib.lucas_mod([1, 1], [2, 1], 5, 7), 1),
    "array refused": (failing(lambda: corelib.lucas_mod([1, "x"], [2, 1], 5, 7)), 1),
    "array out": (lambda: lucas.take(3), 1),
    "owned text": (lambda: corelib.sum_as_string_native(1, 2), 1),
    "dict out": (lambda: corelib.word_count("a b a"), 1),
    "a whole load": (
        lambda: symbridge.load("libm.so.6", "double cos(double x); struct p { int x; };").cos(0),
        200,
    ),
}


@pytest.mark.parametrize("name", OPERATIONS)
def test_memory_does_not_grow(name: str) -> None:
    work, share = OPERATIONS[name]
    assert_no_growth(work, TIMES // share)
