"""What cffi's two modes share: the declarations, and the Python that gives them the same meaning.

C functions that only compute are called as cffi offers them. Where the result comes through an
out parameter or a status can fail, cffi leaves the work to Python, so there is the function that
its users write: it makes the memory, checks the status, raises, and converts.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable
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

__all__ = ["DECLARATIONS", "RefusedError", "cffi_cases"]

DECLARATIONS = """
enum bench_status { BENCH_OK, BENCH_REFUSED };
void bench_noop(void);
int bench_add(int a, int b);
double bench_hypot(double x, double y);
int bench_eight(int a, int b, int c, int d, int e, int f, int g, int h);
size_t bench_text_length(const char *text);
const char *bench_greeting(void);
double bench_sum(const double *values, size_t n);
enum bench_status bench_fail(int code);
const char *bench_message(enum bench_status status);

enum core_status {
    CORE_OK, CORE_INVALID, CORE_OVERFLOW, CORE_NOMEM, CORE_IO, CORE_STUCK, CORE_INDEX,
    CORE_TRUNCATED
};
const char *core_error_message(enum core_status status);

typedef struct core_date { int32_t year; uint8_t month; uint8_t day; } core_date;
enum core_status core_seconds_before(core_date date, int64_t seconds, core_date *out);

typedef struct core_lucas core_lucas;
enum core_status core_lucas_new(const int64_t *coef, size_t n_coef, const int64_t *vals,
                                size_t n_vals, core_lucas **out);
void core_lucas_free(core_lucas *sequence);
enum core_status core_lucas_next(core_lucas *sequence, int64_t *term);

typedef struct core_point { uint32_t x; uint32_t y; } core_point;
float core_point_dist(const core_point *self, const core_point *other);
enum core_status core_point_add(const core_point *self, const core_point *other, core_point *sum);

enum core_status core_fact(uint32_t n, uint64_t *result);

struct bench_rect { int left, top, right, bottom; };
struct bench_rect bench_moved(struct bench_rect rect, int by);
int bench_total(int n, ...);
typedef int (*bench_visitor)(int value, void *user);
int bench_visit(bench_visitor visit, void *user, int n);
typedef int (*bench_comparison)(const int *a, const int *b);
void bench_sort(int *values, size_t n, bench_comparison compare);
"""

ERRORS = {1: ValueError, 2: OverflowError, 3: MemoryError, 4: OSError}


class RefusedError(Exception):
    pass


def cffi_cases(ffi: Any, bench: Any, core: Any) -> Cases:
    """The statements over cffi's `ffi` and its two `lib` objects, or one for both."""
    new, string = ffi.new, ffi.string
    point_pointer = ffi.typeof("core_point *")
    date_pointer = ffi.typeof("core_date *")
    uint64_pointer = ffi.typeof("uint64_t *")
    int64_pointer = ffi.typeof("int64_t *")

    def failure(status: int) -> Exception:
        return ERRORS.get(status, RuntimeError)(string(core.core_error_message(status)).decode())

    core_fact = core.core_fact

    def fact(n: int) -> int:
        out = new(uint64_pointer)
        status = core_fact(n, out)
        if status:
            raise failure(status)
        return out[0]  # type: ignore[no-any-return]

    bench_fail = bench.bench_fail

    def fail(code: int) -> None:
        status = bench_fail(code)
        if status:
            raise RefusedError(string(bench.bench_message(status)).decode())

    core_point_add = core.core_point_add

    def add_points(p: Any, q: Any) -> Any:
        out = new(point_pointer)
        status = core_point_add(p, q, out)
        if status:
            raise failure(status)
        return out

    core_lucas_next = core.core_lucas_next

    class LucasIter:
        def __init__(self, coef: Iterable[int], vals: Iterable[int]) -> None:
            first, second = list(coef), list(vals)
            out = new("core_lucas **")
            status = core.core_lucas_new(first, len(first), second, len(second), out)
            if status:
                raise failure(status)
            self.handle = ffi.gc(out[0], core.core_lucas_free)

        def __iter__(self) -> LucasIter:
            return self

        def __next__(self) -> int:
            out = new(int64_pointer)
            status = core_lucas_next(self.handle, out)
            if status:
                raise failure(status)
            return out[0]  # type: ignore[no-any-return]

    core_seconds_before = core.core_seconds_before
    date_class = datetime.date

    def seconds_before(date: datetime.date, seconds: int) -> datetime.date:
        out = new(date_pointer)
        status = core_seconds_before((date.year, date.month, date.day), seconds, out)
        if status:
            raise failure(status)
        return date_class(out.year, out.month, out.day)

    p, q = new(point_pointer, (1, 2)), new(point_pointer, (4, 6))
    return {
        "noop": Case("f()", {"f": bench.bench_noop}),
        "fact": Case("f(12)", {"f": fact}),
        "add": Case("f(3, 4)", {"f": bench.bench_add}),
        "hypot": Case("f(3.0, 4.0)", {"f": bench.bench_hypot}),
        "eight": Case("f(1, 2, 3, 4, 5, 6, 7, 8)", {"f": bench.bench_eight}),
        "text_in": Case("f(text.encode())", {"f": bench.bench_text_length, "text": TEXT}),
        "text_out": Case("string(f()).decode()", {"f": bench.bench_greeting, "string": string}),
        "array": Case(
            "f(from_buffer(kind, values), len(values))",
            {
                "f": bench.bench_sum,
                "from_buffer": ffi.from_buffer,
                "kind": ffi.typeof("double[]"),
                "values": VALUES,
            },
        ),
        "construct": Case(
            "new(Point, (1, 2))",
            {"new": new, "Point": point_pointer},
            COORDINATES.format("new(Point, (1, 2))"),
        ),
        "get": Case("p.x", {"p": new(point_pointer, (1, 2))}),
        "set": Case("p.x = 3", {"p": new(point_pointer, (1, 2))}, "p.x"),
        "method": Case("dist(p, q)", {"dist": core.core_point_dist, "p": p, "q": q}),
        "operator": Case(
            "add(p, q)",
            {"add": add_points, "p": p, "q": q},
            COORDINATES.format("add(p, q)"),
        ),
        "next": Case("next(lucas)", {"lucas": LucasIter(COEF, VALS), "next": next}, NEXT),
        "error": Case(
            RAISE,
            {"f": fail, "Refused": RefusedError, "message_of": message_of},
            MESSAGE,
        ),
        "date": Case("f(date, 1000000)", {"f": seconds_before, "date": DATE}),
    }
