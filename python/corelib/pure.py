"""The parts of corelib that are written in Python."""

from operator import index

__all__ = ["sum_as_string"]

_LIMIT = 2**64


def sum_as_string(a: int, b: int) -> str:
    """Return a + b in decimal.

    Both arguments and the sum are unsigned 64-bit integers, as in `sum_as_string_native`; others
    raise OverflowError.
    """
    for name, value in (("a", a), ("b", b)):
        if not 0 <= index(value) < _LIMIT:
            raise OverflowError(
                f"sum_as_string() argument '{name}': {value} is out of range for uint64_t "
                "(0 to 2**64 - 1)"
            )
    total = index(a) + index(b)
    if total >= _LIMIT:
        raise OverflowError(f"{a} + {b} does not fit in 64 bits")
    return str(total)
