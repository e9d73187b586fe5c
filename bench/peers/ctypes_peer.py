"""The bench's functions through ctypes, with argtypes and restype set.

Structure classes carry the methods that their users write in Python. ctypes lets integers that do
not fit pass without a word; nothing is added here against that.
"""

from __future__ import annotations

import ctypes
import datetime
from collections.abc import Sequence
from ctypes import (
    POINTER,
    Structure,
    byref,
    c_char_p,
    c_double,
    c_float,
    c_int,
    c_int32,
    c_int64,
    c_size_t,
    c_uint8,
    c_uint32,
    c_uint64,
    c_void_p,
)
from pathlib import Path
from typing import Any

from cases import (
    COEF,
    COORDINATES,
    DATE,
    MESSAGE,
    NEXT,
    RAISE,
    TEXT,
    VALS,
    VALUES,
    Case,
    Cases,
    message_of,
)

__all__ = ["cases"]

ERRORS = {1: ValueError, 2: OverflowError, 3: MemoryError, 4: OSError}


class RefusedError(Exception):
    pass


class Date(Structure):
    _fields_ = (("year", c_int32), ("month", c_uint8), ("day", c_uint8))


def function(library: Any, name: str, result: Any, *arguments: Any) -> Any:
    found = library[name]
    found.restype = result
    found.argtypes = arguments
    return found


def cases(libbench: Path, libcore: Path) -> Cases:
    bench, core = ctypes.CDLL(str(libbench)), ctypes.CDLL(str(libcore))
    core_error_message = function(core, "core_error_message", c_char_p, c_int)
    bench_message = function(bench, "bench_message", c_char_p, c_int)

    def failure(status: int) -> Exception:
        return ERRORS.get(status, RuntimeError)(core_error_message(status).decode())

    core_fact = function(core, "core_fact", c_int, c_uint32, POINTER(c_uint64))

    def fact(n: int) -> int:
        out = c_uint64()
        status = core_fact(n, byref(out))
        if status:
            raise failure(status)
        return out.value

    bench_fail = function(bench, "bench_fail", c_int, c_int)

    def fail(code: int) -> None:
        status = bench_fail(code)
        if status:
            raise RefusedError(bench_message(status).decode())

    class Point(Structure):
        _fields_ = (("x", c_uint32), ("y", c_uint32))

        def dist(self, other: Point) -> float:
            return core_point_dist(self, other)  # type: ignore[no-any-return]

        def __add__(self, other: Point) -> Point:
            out = Point()
            status = core_point_add(self, other, out)
            if status:
                raise failure(status)
            return out

    pointer = POINTER(Point)
    core_point_dist = function(core, "core_point_dist", c_float, pointer, pointer)
    core_point_add = function(core, "core_point_add", c_int, pointer, pointer, pointer)

    vector = POINTER(c_int64)
    core_lucas_new = function(
        core, "core_lucas_new", c_int, vector, c_size_t, vector, c_size_t, POINTER(c_void_p)
    )
    core_lucas_free = function(core, "core_lucas_free", None, c_void_p)
    core_lucas_next = function(core, "core_lucas_next", c_int, c_void_p, vector)

    class LucasIter:
        def __init__(self, coef: Sequence[int], vals: Sequence[int]) -> None:
            self.handle = c_void_p()
            first, second = (c_int64 * len(coef))(*coef), (c_int64 * len(vals))(*vals)
            status = core_lucas_new(first, len(coef), second, len(vals), byref(self.handle))
            if status:
                raise failure(status)

        def __del__(self) -> None:
            core_lucas_free(self.handle)

        def __iter__(self) -> LucasIter:
            return self

        def __next__(self) -> int:
            out = c_int64()
            status = core_lucas_next(self.handle, byref(out))
            if status:
                raise failure(status)
            return out.value

    core_seconds_before = function(core, "core_seconds_before", c_int, Date, c_int64, POINTER(Date))
    date_class = datetime.date

    def seconds_before(date: datetime.date, seconds: int) -> datetime.date:
        out = Date()
        status = core_seconds_before(Date(date.year, date.month, date.day), seconds, out)
        if status:
            raise failure(status)
        return date_class(out.year, out.month, out.day)

    return {
        "noop": Case("f()", {"f": function(bench, "bench_noop", None)}),
        "fact": Case("f(12)", {"f": fact}),
        "add": Case("f(3, 4)", {"f": function(bench, "bench_add", c_int, c_int, c_int)}),
        "hypot": Case(
            "f(3.0, 4.0)", {"f": function(bench, "bench_hypot", c_double, c_double, c_double)}
        ),
        "eight": Case(
            "f(1, 2, 3, 4, 5, 6, 7, 8)",
            {"f": function(bench, "bench_eight", c_int, *[c_int] * 8)},
        ),
        "text_in": Case(
            "f(text.encode())",
            {"f": function(bench, "bench_text_length", c_size_t, c_char_p), "text": TEXT},
        ),
        "text_out": Case("f().decode()", {"f": function(bench, "bench_greeting", c_char_p)}),
        "array": Case(
            "f((double * len(values)).from_buffer(values), len(values))",
            {
                "f": function(bench, "bench_sum", c_double, POINTER(c_double), c_size_t),
                "double": c_double,
                "values": VALUES,
            },
        ),
        "construct": Case("Point(1, 2)", {"Point": Point}, COORDINATES.format("Point(1, 2)")),
        "get": Case("p.x", {"p": Point(1, 2)}),
        "set": Case("p.x = 3", {"p": Point(1, 2)}, "p.x"),
        "method": Case("p.dist(q)", {"p": Point(1, 2), "q": Point(4, 6)}),
        "operator": Case(
            "p + q", {"p": Point(1, 2), "q": Point(4, 6)}, COORDINATES.format("p + q")
        ),
        "next": Case("next(lucas)", {"lucas": LucasIter(COEF, VALS), "next": next}, NEXT),
        "error": Case(
            RAISE,
            {"f": fail, "Refused": RefusedError, "message_of": message_of},
            MESSAGE,
        ),
        "date": Case("f(date, 1000000)", {"f": seconds_before, "date": DATE}),
    }
