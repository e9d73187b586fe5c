"""The rows about raw memory: what cffi's ABI mode offers, in symbridge.FFI, cffi and ctypes."""

from __future__ import annotations

import ctypes
import importlib
import random
from array import array
from collections.abc import Callable, Mapping
from typing import Any

from build import Built
from cases import Case, Cases, Row
from peers.cffi_common import DECLARATIONS

__all__ = ["ROWS", "SOURCES"]

ROWS = (
    Row("rect", "struct by value in and out", (2, 3, 4, 5)),
    Row("eight", "eight ints", 36),
    Row("variadic", "variadic, three ints", 6),
    Row("visit", "100 callbacks (int, void *)", 4950),
    Row("sort", "qsort of 10 000", True, unroll=1),
    Row("new", 'new("struct *")', 0),
    Row("read", "field read", 1),
    Row("write", "field write", 3),
    Row("index", "array index", 5),
    Row("store", "array item write", 7),
    Row("unpack", "unpack of 10 000 ints", True, unroll=1),
)

N = 10_000
SHUFFLED = array("i", random.Random(1).sample(range(N), N))
IN_ORDER = "list(values) == list(range(N))"
SORT = """\
move(values, shuffled, 4 * N)
sort(values, N, compare)"""


def ffi_cases(ffi: Any, lib: Any) -> Cases:
    """The statements over an `ffi` and its `lib`, whoever made them."""
    pointer = ffi.new("struct bench_rect *", [1, 2, 3, 4])
    numbers = ffi.new("int[10]", list(range(10)))
    three = {name: ffi.cast("int", value) for name, value in zip("abc", (1, 2, 3), strict=True)}
    visit = ffi.callback("bench_visitor", lambda value, user: value)
    compare = ffi.callback("bench_comparison", lambda a, b: a[0] - b[0])
    values = ffi.new("int[]", N)
    many = ffi.new("int[]", list(range(N)))
    return {
        "rect": Case(
            "f(p[0], 1)",
            {"f": lib.bench_moved, "p": pointer},
            "[(r.left, r.top, r.right, r.bottom) for r in [f(p[0], 1)]][0]",
        ),
        "eight": Case("f(1, 2, 3, 4, 5, 6, 7, 8)", {"f": lib.bench_eight}),
        "variadic": Case("f(3, a, b, c)", {"f": lib.bench_total, **three}),
        "visit": Case(
            "f(visit, NULL, 100)", {"f": lib.bench_visit, "visit": visit, "NULL": ffi.NULL}
        ),
        "sort": Case(
            SORT,
            {
                "move": ffi.memmove,
                "sort": lib.bench_sort,
                "compare": compare,
                "values": values,
                "shuffled": SHUFFLED,
                "N": N,
            },
            IN_ORDER,
        ),
        "new": Case(
            'new("struct bench_rect *")', {"new": ffi.new}, 'new("struct bench_rect *").top'
        ),
        "read": Case("p.left", {"p": pointer}),
        "write": Case("p.left = 3", {"p": ffi.new("struct bench_rect *")}, "p.left"),
        "index": Case("a[5]", {"a": numbers}),
        "store": Case("a[5] = 7", {"a": ffi.new("int[10]")}, "a[5]"),
        "unpack": Case(
            "unpack(many, N)",
            {"unpack": ffi.unpack, "many": many, "N": N},
            "unpack(many, N) == list(range(N))",
        ),
    }


def bridged(built: Built) -> Cases:
    ffi = importlib.import_module("symbridge").FFI()
    ffi.cdef(DECLARATIONS)
    return ffi_cases(ffi, ffi.dlopen(str(built.libbench)))


def cffi_abi(built: Built) -> Cases:
    ffi = importlib.import_module("cffi").FFI()
    ffi.cdef(DECLARATIONS)
    return ffi_cases(ffi, ffi.dlopen(str(built.libbench)))


def cffi_api(built: Built) -> Cases:
    module = importlib.import_module("_bench_cffi")
    return ffi_cases(module.ffi, module.lib)


class Rect(ctypes.Structure):
    _fields_ = tuple((name, ctypes.c_int) for name in ("left", "top", "right", "bottom"))


def with_ctypes(built: Built) -> Cases:
    library = ctypes.CDLL(str(built.libbench))
    library.bench_moved.argtypes = (Rect, ctypes.c_int)
    library.bench_moved.restype = Rect
    library.bench_eight.argtypes = (ctypes.c_int,) * 8
    library.bench_total.argtypes = (ctypes.c_int,)
    visitor = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_int, ctypes.c_void_p)
    library.bench_visit.argtypes = (visitor, ctypes.c_void_p, ctypes.c_int)
    int_pointer = ctypes.POINTER(ctypes.c_int)
    comparison = ctypes.CFUNCTYPE(ctypes.c_int, int_pointer, int_pointer)
    library.bench_sort.argtypes = (int_pointer, ctypes.c_size_t, comparison)
    library.bench_sort.restype = None
    rect = Rect(1, 2, 3, 4)
    numbers = (ctypes.c_int * 10)(*range(10))
    three = {name: ctypes.c_int(value) for name, value in zip("abc", (1, 2, 3), strict=True)}
    values, many = (ctypes.c_int * N)(), (ctypes.c_int * N)(*range(N))
    return {
        "rect": Case(
            "f(p, 1)",
            {"f": library.bench_moved, "p": rect},
            "[(r.left, r.top, r.right, r.bottom) for r in [f(p, 1)]][0]",
        ),
        "eight": Case("f(1, 2, 3, 4, 5, 6, 7, 8)", {"f": library.bench_eight}),
        "variadic": Case("f(3, a, b, c)", {"f": library.bench_total, **three}),
        "visit": Case(
            "f(visit, None, 100)",
            {"f": library.bench_visit, "visit": visitor(lambda value, user: value)},
        ),
        "sort": Case(
            SORT,
            {
                "move": ctypes.memmove,
                "sort": library.bench_sort,
                "compare": comparison(lambda a, b: a[0] - b[0]),
                "values": values,
                "shuffled": (ctypes.c_int * N)(*SHUFFLED),
                "N": N,
            },
            IN_ORDER,
        ),
        "new": Case("Rect()", {"Rect": Rect}, "Rect().top"),
        "read": Case("p.left", {"p": rect}),
        "write": Case("p.left = 3", {"p": Rect()}, "p.left"),
        "index": Case("a[5]", {"a": numbers}),
        "store": Case("a[5] = 7", {"a": (ctypes.c_int * 10)()}, "a[5]"),
        "unpack": Case("many[:]", {"many": many}, f"many[:] == list(range({N}))"),
    }


SOURCES: Mapping[str, Callable[[Built], Cases]] = {
    "cffi ABI": cffi_abi,
    "symbridge": bridged,
    "cffi API": cffi_api,
    "ctypes": with_ctypes,
}
