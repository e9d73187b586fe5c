"""The bench's functions through cffi's ABI mode: declarations parsed at run time, libffi calls."""

from __future__ import annotations

from pathlib import Path

import cffi  # type: ignore[import-untyped]

from cases import Cases
from peers.cffi_common import DECLARATIONS, cffi_cases

__all__ = ["cases"]


def cases(libbench: Path, libcore: Path) -> Cases:
    ffi = cffi.FFI()
    ffi.cdef(DECLARATIONS)
    return cffi_cases(ffi, ffi.dlopen(str(libbench)), ffi.dlopen(str(libcore)))
