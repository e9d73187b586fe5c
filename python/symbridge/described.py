"""The description that a file is, or that a library has: what commands take as DESCRIPTION."""

from __future__ import annotations

import os

from symbridge import binary, declarations
from symbridge.declarations import Description
from symbridge.failure import ToolError

__all__ = ["read"]


def read(name: str) -> tuple[Description, str]:
    """Read a description's file, or what a library carries or has beside it.

    A name with ".so" and without a slash is a soname, which is found as the loader finds it, never
    in the working directory. Returns the description and what to call it: the file's name. Raises
    ToolError for a library that has none, DescriptionError, OSError.
    """
    is_soname = "/" not in name and ".so" in name and not name.endswith(".bridge")
    path = binary.locate(name) if is_soname else name
    with open(path, "rb") as stream:
        is_library = stream.read(4) == b"\x7fELF"
    if not is_library:
        return declarations.parse_file(path), os.path.basename(path)
    own = binary.own_description(binary.read(path))
    if own is None:
        raise ToolError(
            f"{path}: no description is in it or beside it",
            hint="the description's file instead; symbridge describe writes one from headers",
        )
    text, file = own
    return declarations.parse(text, file), os.path.basename(path)
