"""A description for other languages: a C header, modules for cffi and ctypes, one for LuaJIT.

Each has what the declarations say, and nothing of what the attributes say to Python: functions are
called as in C.
"""

from __future__ import annotations

from collections.abc import Callable

from symbridge.declarations import Description
from symbridge.export import cffi, ctypes, header, luajit

__all__ = ["TARGETS", "write"]

#: What can be written: by what it is for.
TARGETS: dict[str, Callable[[Description, str], str]] = {
    "header": header.write,
    "cffi": cffi.write,
    "ctypes": ctypes.write,
    "luajit": luajit.write,
}


def write(description: Description, to: str, source: str = "a description") -> str:
    """The text for one of TARGETS. source: the description's name, for the text's head."""
    return TARGETS[to](description, source)
