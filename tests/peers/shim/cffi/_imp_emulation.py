"""cffi's replacement for imp.load_dynamic."""

from cffi.recompiler import load_dynamic

__all__ = ["load_dynamic"]
