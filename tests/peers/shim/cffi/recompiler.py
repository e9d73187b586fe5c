"""Where cffi's tests have an extension module made: an ABI-mode FFI of the same declarations."""

import io
import sys
from types import ModuleType
from typing import Any

from cffi._compiled import FFI
from symbridge._ffi import MODULE_VERSION, rebuild

NativeIO = io.StringIO


def recompile(ffi: FFI, module_name: str, preamble: str, **_: Any) -> FFI:
    """What load_dynamic takes for the file name of the module."""
    return ffi


def load_dynamic(module_name: str, made: FFI) -> ModuleType:
    module = ModuleType(module_name)
    # As out-of-line modules have it: undeclared structs are errors, and so on.
    vars(module)["ffi"] = rebuild(module_name, MODULE_VERSION, made._sources(), made._includes())
    sys.modules[module_name] = module
    return module
