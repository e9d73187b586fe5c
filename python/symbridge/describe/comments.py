"""Documentation in comments, as text."""

from __future__ import annotations

import re
from typing import Any

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
        raw = cursor.raw_comment
        return cleaned(raw) if raw else ""
