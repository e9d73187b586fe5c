"""Documentation in comments, as text."""

from __future__ import annotations

import ctypes
import re
from typing import Any

from symbridge.describe.compiler import libclang

__all__ = ["MODES", "Comments", "cleaned"]

#: Which comments are documentation: those that say so (/** */, /*! */, ///), any, or none.
MODES = ("doc", "all", "none")

OPENING = re.compile(r"/\*[*!]?<?|//[/!]?<?")
MARGIN = re.compile(r"^[ \t]*(?:\*+(?!/)[ \t]?|//[/!]?<?[ \t]?)?")


def cleaned(raw: str) -> str:
    """The text of a comment, or of several lines of `///`, without what makes it one."""
    lines = []
    for number, line in enumerate(raw.strip().splitlines()):
        front = OPENING if number == 0 else MARGIN
        lines.append(front.sub("", line.rstrip(), count=1))
    if lines and raw.lstrip().startswith("/*"):
        lines[-1] = re.sub(r"\*+/\s*$", "", lines[-1]).rstrip()
    lines[0:1] = [line.strip(" \t*") for line in lines[0:1]]
    # What all lines but the first are indented by is part of the comment's form.
    margins = [len(line) - len(line.lstrip()) for line in lines[1:] if line.strip()]
    margin = min(margins, default=0)
    lines[1:] = [line[margin:] for line in lines[1:]]
    while lines and not lines[0].strip(" *-=/"):
        del lines[0]
    while lines and not lines[-1].strip(" *-=/"):
        del lines[-1]
    return "\n".join(lines)


class Comments:
    """Gives the documentation of cursors."""

    def __init__(self, mode: str = "doc") -> None:
        self.mode = mode

    def of(self, cursor: Any) -> str:
        """The text of the comment that belongs to what a cursor declares."""
        if self.mode == "none":
            return ""
        raw = _raw_comment(cursor)
        return cleaned(raw) if raw else ""


class _String(ctypes.Structure):
    """CXString of clang-c/CXString.h."""

    _fields_ = (("data", ctypes.c_void_p), ("flags", ctypes.c_uint))


def _raw_comment(cursor: Any) -> str:
    """The comment as it stands in the file, also if it is not UTF-8, as libclang's module wants."""
    try:
        return cursor.raw_comment or ""
    except UnicodeDecodeError:
        cindex: Any = libclang()
        lib = ctypes.CDLL(cindex.conf.lib._name)  # with types of its own
        lib.clang_Cursor_getRawCommentText.argtypes = [cindex.Cursor]
        lib.clang_Cursor_getRawCommentText.restype = _String
        lib.clang_getCString.argtypes = [_String]
        lib.clang_getCString.restype = ctypes.c_char_p
        lib.clang_disposeString.argtypes = [_String]
        string = lib.clang_Cursor_getRawCommentText(cursor)
        raw: bytes = lib.clang_getCString(string) or b""
        lib.clang_disposeString(string)
        return raw.decode("utf-8", "replace")
