"""All rungs, one after the other."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from symbridge.binary import Binary
from symbridge.check.carried import check_carried
from symbridge.check.compiler import Options
from symbridge.check.headers import check_headers
from symbridge.check.report import Report, Rung
from symbridge.check.symbols import check_symbols
from symbridge.check.things import owners_of, things_of
from symbridge.declarations import Description

__all__ = ["Sources", "climb"]

#: Bits of a pointer here: descriptions are laid out for this machine.
BITS = struct.calcsize("P") * 8


class Steps(Protocol):
    """Who is told how far the work is: cli.terminal.Progress."""

    def step(self, done: int, total: int | None = None, what: str = "") -> None: ...


@dataclass(frozen=True, slots=True)
class Sources:
    """What a description is to be compared with, beside the library itself."""

    headers: Sequence[str] = ()
    options: Options = field(default_factory=Options)
    debug_file: str = ""
    debug_dirs: Sequence[str] = ()
    debug_formats: Sequence[str] = ()
    use_debug: bool = True


class _Silent:
    def step(self, done: int, total: int | None = None, what: str = "") -> None:
        pass


def climb(
    description: Description,
    library: Binary,
    sources: Sources,
    *,
    strict: bool = False,
    progress: Steps | None = None,
) -> Report:
    """Check on every rung that there is something for.

    Raises ToolError when something that was asked for cannot be done: headers that do not compile,
    a debug file of another library.
    """
    steps = progress or _Silent()
    things, owners = things_of(description), owners_of(description)
    report = Report(library.path, description.file, things, owners)
    report.rungs.append(check_symbols(description, library))
    report.rungs.append(_headers(description, sources, strict, steps))
    report.rungs.append(_debug(description, library, sources, steps))
    report.rungs.append(_carried(description, library))
    return report


def _headers(description: Description, sources: Sources, strict: bool, steps: Steps) -> Rung:
    rung = Rung("headers", "prototypes, layouts and values as the headers declare them")
    if not sources.headers:
        rung.reason = "no --header was given"
        return rung
    found = check_headers(
        description, sources.headers, sources.options, strict=strict, step=steps.step
    )
    rung.source = ", ".join(sources.headers)
    rung.verified, rung.unverified = found.verified, found.unverified
    rung.differences, rung.harmless = found.differences, found.harmless
    return rung


def _debug(description: Description, library: Binary, sources: Sources, steps: Steps) -> Rung:
    if not sources.use_debug:
        return Rung("debug data", "", reason="left aside, as was asked")
    if library.bits != BITS:
        return Rung("debug data", "", reason=_other(library))
    # Loaded when it is needed: it takes longer than all of the rest.
    from symbridge.check.debug import check_debug

    return check_debug(
        description,
        library,
        file=sources.debug_file,
        directories=sources.debug_dirs,
        formats=sources.debug_formats,
        progress=steps,
    )


def _carried(description: Description, library: Binary) -> Rung:
    if library.bits != BITS:
        return Rung("own facts", "", reason=_other(library))
    return check_carried(description, library)


def _other(library: Binary) -> str:
    return f"the library is for a machine of {library.bits} bits, and layouts here are of {BITS}"
