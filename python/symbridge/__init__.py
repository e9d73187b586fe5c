"""Any plain C shared library, plus a description of its symbols, as a native Python module.

>>> import symbridge
>>> libm = symbridge.load("libm.so.6", "double cos(double x);")
>>> libm.cos(0)
1.0
"""

from symbridge._bridge import DescriptionError, LibraryError, MismatchError, SymbolError
from symbridge._load import extend, load

TYPE_CHECKING = False
if TYPE_CHECKING:
    from symbridge._ffi import FFI

__version__ = "0.1.0"

__all__ = [
    "FFI",
    "DescriptionError",
    "LibraryError",
    "MismatchError",
    "SymbolError",
    "__version__",
    "extend",
    "load",
]


def __getattr__(name: str) -> object:
    # FFI's types are made when it is first asked for: load does not need them.
    if name != "FFI":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from symbridge._ffi import FFI

    globals()["FFI"] = FFI
    return FFI
