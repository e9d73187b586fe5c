"""Values that are meant to change from release to release, and that no caller is hurt by.

A library may well have another VERSION than the one that its description was written for, and one
more enumerator in front of the last one, which only counts the others.
"""

from __future__ import annotations

import re

__all__ = ["is_of_a_release", "may_move"]

_RELEASE = re.compile(r"VERSION|_VER(_|$)|RELEASE|_DATE|SOURCE_ID|COPYRIGHT", re.IGNORECASE)
_COUNTER = re.compile(r"(^|_)(LAST|LASTENTRY|MAX|COUNT|NUM|END|N)_?$|^(N|NUM)_", re.IGNORECASE)


def is_of_a_release(constant: str) -> bool:
    """Whether a constant of that name says what a release is: no program passes it on."""
    return _RELEASE.search(constant) is not None


def may_move(kind: str, name: str) -> bool:
    """Whether a "constant" or "enumerator" of that name may have another value without harm."""
    if kind == "constant":
        return is_of_a_release(name)
    return kind == "enumerator" and _COUNTER.search(name) is not None
