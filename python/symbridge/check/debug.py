"""A description against a library's debug data: what its compiler saw when it built the library."""

from __future__ import annotations

from collections.abc import Sequence

from symbridge import binary, debug
from symbridge.check.report import Rung, Unverified
from symbridge.check.things import fill, things_of
from symbridge.compare import examine
from symbridge.debug.model import Steps
from symbridge.declarations import Description
from symbridge.failure import ToolError

__all__ = ["check_debug"]


def check_debug(
    description: Description,
    library: binary.Binary,
    *,
    file: str = "",
    directories: Sequence[str] = (),
    formats: Sequence[str] = (),
    progress: Steps | None = None,
) -> Rung:
    """Compare with debug data: those of the library, or of a file that is said to have them.

    Without a file, the absence of debug data is a rung that cannot be climbed, no error. Raises
    ToolError when the file is of another library, or the data are damaged.
    """
    rung = Rung("debug data", "prototypes, layouts and values as the library was compiled")
    if file:
        _belongs(file, library)
    else:
        found = debug.find(library.path, directories=directories)
        if not found.file:
            rung.reason = "the library has no debug data, and no separate file of them was found"
            return rung
    try:
        data = debug.read(
            file or library.path, progress=progress, directories=directories, formats=formats
        )
    except debug.NoDebugDataError as error:
        if file:
            raise
        rung.reason = str(error)  # split, or of another language: no fault of the description
        return rung
    rung.source = data.format if data.file == library.path else f"{data.format} in {data.file}"
    rung.notes = list(data.notes)
    compared = examine(description, data.description, complete=False)
    strict = examine(description, data.description, complete=False, strict=True)
    fill(rung, compared, strict, description)
    for thing, location in things_of(description):
        if thing in compared.missing:
            rung.unverified.append(Unverified(thing, _why(thing), location))
    return rung


def _why(thing: str) -> str:
    if thing.startswith("constant "):
        return "debug data do not have macros"
    if thing.startswith(("function ", "variable ")):
        return "debug data do not tell of it"
    return "debug data do not have the type: the library's code does not use it"


def _belongs(file: str, library: binary.Binary) -> None:
    """Refuse the debug data of another build."""
    theirs = binary.read(file).build_id
    if theirs and library.build_id and theirs != library.build_id:
        raise ToolError(
            f"{file} is not of {library.path}: its build ID is {theirs}, not {library.build_id}",
            hint="the debug file of this very build; readelf -n shows build IDs",
        )
