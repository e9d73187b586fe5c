"""A tour of symbridge: each feature with the code that makes it.

Every step below is run as it is printed; what it prints follows it.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

STEPS = r"""
# A plain C declaration is a description. No compiler, no build step.
import symbridge
libm = symbridge.load("libm.so.6", "double cos(double x); double hypot(double x, double y);")
print(libm.cos(0), libm.hypot(3, 4), libm.hypot(y=4, x=3))

# corelib is such a module: libcore, a C library that knows nothing of Python, and its description.
import corelib
print(corelib.fact(20))
print(corelib.fact)

# It looks like a hand-written extension: help, signatures, docstrings, pickling by reference.
import inspect, pickle
print(inspect.signature(corelib.fact), "-", corelib.fact.__doc__.splitlines()[0])
print(pickle.loads(pickle.dumps(corelib.fact)) is corelib.fact)

# A status in C is an exception in Python, with the library's own message.
try:
    corelib.fact(21)
except OverflowError as error:
    print("OverflowError:", error)

# Wrong arguments are named. Nothing is cut short silently.
for wrong in ("corelib.fact(-1)", "corelib.fact('5')", "corelib.fact(m=5)", "corelib.fact()"):
    try:
        eval(wrong)
    except (TypeError, OverflowError) as error:
        print(f"{type(error).__name__}: {error}")

# Exceptions of the library's own.
try:
    corelib.throws_error()
except corelib.AppleStuckInThroat as error:
    print(repr(error))

# An opaque C handle is a class; its next function makes it an iterator.
from itertools import islice
lucas = corelib.LucasIter([1, 1], [2, 1])
print(list(islice(lucas, 10)), "then at once:", lucas.take(5))

# Use after close is an exception, not a crash.
lucas.close()
try:
    next(lucas)
except ValueError as error:
    print("ValueError:", error)

# Arrays: from any buffer without a copy, from any sequence, and into a buffer of yours.
from array import array
terms = array("q", bytes(8 * 6))
with corelib.LucasIter(array("q", [1, 1]), (0, 1)) as fibonacci:
    fibonacci.take_into(terms)
print(terms.tolist())

# A struct is a class, with its bytes inside the object.
from corelib import Point
p = Point(1, y=1)
print(p, repr(p), p.dist(Point(0, 2)), p + Point(2, 3), Point.manhattan(p, Point(4, 5)))
print(sorted([Point(2, 1), Point(1, 9)]), {Point(1, 1): "found"}[p], pickle.loads(pickle.dumps(p)))

# Properties with C getters and setters, enums, constants, inheritance.
q = Point(3, 4)
q.norm = 10
print(q, q.norm, [q.quadrant, q.axes], Point.DIMENSIONS, Point.origin())
print(corelib.Point3(1, 2, 3), isinstance(corelib.Point3(1, 2, 3), Point))

# A C array of a million points; an element is a view that keeps it alive.
points = corelib.PointArray(1_000_000)
points[7] = Point(5, 5)
element = points[7]
element.x = 6
print(len(points), points[7], "nearest to (9, 9):", points.nearest(Point(9, 9)))

# Structs that are Python classes already cross as those.
from datetime import date
from corelib.date_ex import seconds_before, to_timestamp
print(seconds_before(date(2018, 2, 20), int(1e6)), to_timestamp(date(2001, 9, 9)))

# Parallel arrays in C, a dict in Python.
print(corelib.word_count("the cat and the hat and the bat"))

# Errors of the system carry errno and file name.
try:
    corelib.count_lines("/no/such/file")
except FileNotFoundError as error:
    print(error)

# Python and native code side by side under one name.
print(corelib.sum_as_string(9000, 1), corelib.sum_as_string_native(9000, 1))

# A wrong description says where and what.
try:
    symbridge.load("libm.so.6", "double cos(double x);\ndouble hypot(duble x, double y);")
except symbridge.DescriptionError as error:
    print(f"line {error.lineno}, column {error.offset}: {error.msg}")

# So does a library that lacks what is described: all of it, at once.
try:
    symbridge.load("libm.so.6", "double cos(double); double tau(void); int meaning_of_life(void);")
except symbridge.SymbolError as error:
    print(error.missing)

# A library can carry its description, and what its own compiler knew: nothing else is needed.
from os.path import dirname
libcore = dirname(corelib.__file__) + "/libcore.so.1"
print(symbridge.load(libcore, name="carried").fact(10))

# A description that has drifted from it is refused before any code of the library runs.
try:
    symbridge.load(libcore, "struct core_point { int64_t x, y; }; double core_point_norm(int p);")
except symbridge.MismatchError as error:
    for difference in error.differences:
        print(difference.sentence)
"""


def main() -> None:
    """Print each step, run it, and leave room between them."""
    here = {"__name__": "tour"}
    colour = sys.stdout.isatty()
    for step in re.split(r"\n\n", STEPS.strip("\n")):
        title, _, code = step.partition("\n")
        print(f"\033[1m{title}\033[0m" if colour else title)
        print("\n".join(f">>> {line}" for line in code.splitlines()))
        sys.stdout.flush()
        exec(compile(code, Path(__file__).name, "exec"), here)
        print()


if __name__ == "__main__":
    main()
