"""Any plain C shared library, plus a description of its symbols, as a native Python module.

>>> import symbridge
>>> libm = symbridge.load("libm.so.6", "double cos(double x);")
>>> libm.cos(0)
1.0
"""

from symbridge._bridge import DescriptionError, LibraryError, SymbolError
from symbridge._load import extend, load

__version__ = "0.1.0"

__all__ = [
    "DescriptionError",
    "LibraryError",
    "SymbolError",
    "__version__",
    "extend",
    "load",
]
