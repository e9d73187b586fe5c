"""The bench's functions through cffi's API mode: an extension module that cffi writes in C."""

from __future__ import annotations

import contextlib
import importlib
import io
from pathlib import Path

import cffi  # type: ignore[import-untyped]

from cases import Cases
from peers.cffi_common import DECLARATIONS, cffi_cases

__all__ = ["MODULE", "cases", "emit"]

MODULE = "_bench_cffi"


def emit(path: Path) -> None:
    """Writes the C source of the module; a file that is the same already is left alone."""
    ffi = cffi.FFI()
    ffi.cdef(DECLARATIONS)
    ffi.set_source(MODULE, '#include "bench.h"\n#include <core/core.h>\n')
    with contextlib.redirect_stdout(io.StringIO()):
        ffi.emit_c_code(str(path))


def cases(libbench: Path, libcore: Path) -> Cases:
    """The libraries are linked to the module; build.py has compiled it."""
    module = importlib.import_module(MODULE)
    return cffi_cases(module.ffi, module.lib, module.lib)
