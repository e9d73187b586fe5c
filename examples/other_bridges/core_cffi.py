"""libcore with cffi's ABI mode: the declarations as in C, the checks by hand."""

from __future__ import annotations

import sys

from cffi import FFI

ffi = FFI()
ffi.cdef(
    """
    const char *core_error_message(int status);
    int core_fact(uint32_t n, uint64_t *result);

    typedef struct core_lucas core_lucas;
    int core_lucas_new(const int64_t *coef, size_t n_coef, const int64_t *vals, size_t n_vals,
                       core_lucas **out);
    int core_lucas_next(core_lucas *sequence, int64_t *term);
    void core_lucas_free(core_lucas *sequence);

    typedef struct { int32_t year; uint8_t month; uint8_t day; } core_date;
    int core_seconds_before(core_date date, int64_t seconds, core_date *out);

    typedef struct { uint32_t x, y; } core_point;
    float core_point_dist(const core_point *self, const core_point *other);
    """
)


def main(path: str) -> None:
    """Use it."""
    core = ffi.dlopen(path)
    factorial = ffi.new("uint64_t *")
    assert core.core_fact(20, factorial) == 0
    print("20! =", factorial[0])
    status = core.core_fact(21, factorial)
    print("21! :", ffi.string(core.core_error_message(status)).decode())

    out = ffi.new("core_lucas **")
    assert core.core_lucas_new([1, 1], 2, [2, 1], 2, out) == 0
    lucas = ffi.gc(out[0], core.core_lucas_free)
    term = ffi.new("int64_t *")
    terms = []
    for _ in range(10):
        assert core.core_lucas_next(lucas, term) == 0
        terms.append(term[0])
    print("Lucas:", *terms)

    date = ffi.new("core_date *")
    assert core.core_seconds_before([2018, 2, 20], 1_000_000, date) == 0
    print(f"10^6 s before 2018-02-20: {date.year}-{date.month:02}-{date.day:02}")
    p, q = ffi.new("core_point *", [1, 1]), ffi.new("core_point *", [0, 2])
    print("distance:", core.core_point_dist(p, q))


if __name__ == "__main__":
    main(sys.argv[1])
