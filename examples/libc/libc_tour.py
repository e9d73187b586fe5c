"""The C library through symbridge: integer division, numbers in text, the clock."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import symbridge

if TYPE_CHECKING:  # example_libc.pyi: symbridge stubs libc.bridge -o .
    import example_libc as libc
else:
    libc = symbridge.load(file=Path(__file__).with_name("libc.bridge"))
libm = symbridge.load(
    "libm.so.6",
    """
    [[quick]] double cos(double x);
    [[quick]] double frexp(double x, int *exponent [[out]]);
    [[quick]] double fma(double x, double y, double z);
    """,
)


def main() -> None:
    """Print what each call gives."""
    result = libc.div(-7, 2)
    print(f"div(-7, 2)          -> quot {result.quot}, rem {result.rem}")
    print(f"strtol('ff', 16)    -> {libc.strtol('ff', base=16)}")
    print(f"strtol('0x1f', 0)   -> {libc.strtol('0x1f', 0)}")
    os.environ["SYMBRIDGE_EXAMPLE"] = "héllo"
    print(f"getenv(...)         -> {libc.getenv('SYMBRIDGE_EXAMPLE')!r}")
    print(f"getenv('no such')   -> {libc.getenv('no such')}")
    moment = libc.gmtime_r(1_000_000_000)
    print(
        f"gmtime_r(10**9)     -> {moment.tm_year + 1900}-{moment.tm_mon + 1:02}-"
        f"{moment.tm_mday:02} {moment.tm_hour:02}:{moment.tm_min:02}:{moment.tm_sec:02}"
    )
    print(f"cos(0.0)            -> {libm.cos(0.0)}")
    print(f"frexp(10.0)         -> {libm.frexp(10.0)}")
    print(f"fma(2.0, 3.0, 4.0)  -> {libm.fma(2.0, 3.0, 4.0)}")
    assert libc.time() > 1_500_000_000


if __name__ == "__main__":
    main()
