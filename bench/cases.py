"""What is measured: the rows, and for each implementation the statement that a user would write."""

from __future__ import annotations

import datetime
from array import array
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

__all__ = [
    "COEF",
    "COORDINATES",
    "DATE",
    "MESSAGE",
    "NEXT",
    "RAISE",
    "ROWS",
    "TEXT",
    "UNROLL",
    "VALS",
    "VALUES",
    "Case",
    "Cases",
    "Row",
    "message_of",
    "native_cases",
]


UNROLL = 20
"""Copies of a short statement in the loop's body."""


@dataclass(frozen=True)
class Row:
    key: str
    label: str
    expected: object
    """What the case's `check` must give, whatever the implementation."""
    unroll: int = UNROLL
    """Copies of the statement in the loop's body."""


@dataclass(frozen=True)
class Case:
    """One row in one implementation."""

    statement: str
    names: Mapping[str, Any] = field(default_factory=dict)
    """Local variables of the function that runs the statement."""
    check: str = ""
    """An expression for the outcome, evaluated after one run of the statement; the statement
    itself when empty."""


Cases = Mapping[str, Case]

TEXT = "the quick brown fox"
DATE = datetime.date(2018, 2, 20)
VALUES = array("d", (float(i % 10) for i in range(1000)))

# A recurrence that stays in 64 bits for ever: 2, 1, 2, 1 ...
COEF = (1, 0)
VALS = (2, 1)

ROWS = (
    Row("noop", "noop()", None),
    Row("fact", "fact(int)", 479001600),
    Row("add", "add(int, int)", 7),
    Row("hypot", "hypot(double, double)", 5.0),
    Row("eight", "eight ints", 36),
    Row("text_in", "str in", len(TEXT)),
    Row("text_out", "str out", "good morning, everybody"),
    Row("array", "array of 1000 doubles", 4500.0),
    Row("construct", "Point(1, 2)", (1, 2)),
    Row("get", "p.x", 1),
    Row("set", "p.x = 3", 3),
    Row("method", "p.dist(q)", 5.0),
    Row("operator", "p + q", (5, 8)),
    Row("next", "next(lucas)", True),
    Row("error", "a raised error", "refused"),
    Row("date", "seconds_before(date, int)", datetime.date(2018, 2, 8)),
)

RAISE = """\
try:
    f(1)
except Refused:
    pass"""

# Expressions for Case.check.
COORDINATES = "[(r.x, r.y) for r in [{}]][0]"
NEXT = "next(lucas) in (1, 2)"
MESSAGE = "message_of(f, Refused, 1)"


def message_of(function: Any, exception: type[BaseException], *arguments: object) -> str:
    """The text of the exception that the call raises."""
    try:
        function(*arguments)
    except exception as error:
        return str(error)
    return "nothing raised"


def native_cases(bench: Any, core: Any, seconds_before: Any) -> Cases:
    """The statements for modules that feel native: the hand-written one, and symbridge's."""
    point = core.Point
    return {
        "noop": Case("f()", {"f": bench.noop}),
        "fact": Case("f(12)", {"f": core.fact}),
        "add": Case("f(3, 4)", {"f": bench.add}),
        "hypot": Case("f(3.0, 4.0)", {"f": bench.hypot}),
        "eight": Case("f(1, 2, 3, 4, 5, 6, 7, 8)", {"f": bench.eight}),
        "text_in": Case("f(text)", {"f": bench.text_length, "text": TEXT}),
        "text_out": Case("f()", {"f": bench.greeting}),
        "array": Case("f(values)", {"f": bench.sum, "values": VALUES}),
        "construct": Case("Point(1, 2)", {"Point": point}, COORDINATES.format("Point(1, 2)")),
        "get": Case("p.x", {"p": point(1, 2)}),
        "set": Case("p.x = 3", {"p": point(1, 2)}, "p.x"),
        "method": Case("p.dist(q)", {"p": point(1, 2), "q": point(4, 6)}),
        "operator": Case(
            "p + q",
            {"p": point(1, 2), "q": point(4, 6)},
            COORDINATES.format("p + q"),
        ),
        "next": Case("next(lucas)", {"lucas": core.LucasIter(COEF, VALS), "next": next}, NEXT),
        "error": Case(
            RAISE,
            {"f": bench.fail, "Refused": bench.Refused, "message_of": message_of},
            MESSAGE,
        ),
        "date": Case("f(date, 1000000)", {"f": seconds_before, "date": DATE}),
    }
