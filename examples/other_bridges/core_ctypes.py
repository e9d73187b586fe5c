"""libcore with plain ctypes: no bridge, so every type and check is written out here."""

from __future__ import annotations

import ctypes
import sys
from ctypes import (
    POINTER,
    Structure,
    byref,
    c_char_p,
    c_double,
    c_float,
    c_int32,
    c_int64,
    c_size_t,
    c_uint8,
    c_uint32,
    c_uint64,
    c_void_p,
)


class Date(Structure):
    _fields_ = [("year", c_int32), ("month", c_uint8), ("day", c_uint8)]


class Point(Structure):
    _fields_ = [("x", c_uint32), ("y", c_uint32)]


def open_core(path: str) -> ctypes.CDLL:
    """Open libcore and say what its functions take and return."""
    core = ctypes.CDLL(path)
    core.core_error_message.restype = c_char_p
    core.core_fact.argtypes = [c_uint32, POINTER(c_uint64)]
    core.core_lucas_new.argtypes = [
        POINTER(c_int64), c_size_t, POINTER(c_int64), c_size_t, POINTER(c_void_p),
    ]  # fmt: skip
    core.core_lucas_next.argtypes = [c_void_p, POINTER(c_int64)]
    core.core_lucas_free.argtypes = [c_void_p]
    core.core_lucas_free.restype = None
    core.core_seconds_before.argtypes = [Date, c_int64, POINTER(Date)]
    core.core_point_dist.argtypes = [POINTER(Point), POINTER(Point)]
    core.core_point_dist.restype = c_float
    core.core_point_norm.argtypes = [POINTER(Point)]
    core.core_point_norm.restype = c_double
    return core


def main(path: str) -> None:
    """Use it."""
    core = open_core(path)
    factorial = c_uint64()
    assert core.core_fact(20, byref(factorial)) == 0
    print("20! =", factorial.value)
    status = core.core_fact(21, byref(factorial))
    print("21! :", core.core_error_message(status).decode())

    pair = c_int64 * 2
    lucas, term = c_void_p(), c_int64()
    assert core.core_lucas_new(pair(1, 1), 2, pair(2, 1), 2, byref(lucas)) == 0
    terms = []
    for _ in range(10):
        assert core.core_lucas_next(lucas, byref(term)) == 0
        terms.append(term.value)
    core.core_lucas_free(lucas)
    print("Lucas:", *terms)

    date = Date()
    assert core.core_seconds_before(Date(2018, 2, 20), 1_000_000, byref(date)) == 0
    print(f"10^6 s before 2018-02-20: {date.year}-{date.month:02}-{date.day:02}")
    print("distance:", core.core_point_dist(Point(1, 1), Point(0, 2)))


if __name__ == "__main__":
    main(sys.argv[1])
