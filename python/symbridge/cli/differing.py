"""`symbridge diff`: what broke between two versions of a description or library."""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Sequence

from symbridge import binary
from symbridge.cli.terminal import Terminal
from symbridge.difference import Change, Changes, difference, read_side

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.description = (
        "Compare two versions: what was removed, changed and added, for programs that are compiled "
        "already and for Python code. Each side is a description's file, or a library: by the "
        "description beside it or in it, else by its debug data."
    )
    parser.epilog = (
        "Exit code: 0 compatible, the soname may stay (or has changed already); 1 the soname must "
        "change; 2 it could not be done. What breaks Python code alone does not count, unless "
        "--python is given."
    )
    parser.add_argument("old", help="the version before: a description or library")
    parser.add_argument("new", help="the version after")
    parser.add_argument(
        "--python", action="store_true", help="exit with 1 for what breaks Python code, too"
    )
    parser.add_argument("--json", action="store_true", help="write JSON")


def run(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Compare, and say what changed."""
    with terminal.progress("reading") as progress:
        old = read_side(_path(arguments.old), progress=progress)
        new = read_side(_path(arguments.new), progress=progress)
    changes = difference(old, new)
    if arguments.json:
        terminal.print(json.dumps(changes.as_json(), indent=2))
    else:
        _write(changes, terminal)
    return 1 if changes.must_change or (arguments.python and changes.breaks_python) else 0


def _path(name: str) -> str:
    """A soname is found as the loader finds it."""
    is_soname = "/" not in name and re.search(r"\.so(\.[\w.]+)?$", name) is not None
    return binary.locate(name) if is_soname and not name.endswith(".bridge") else name


def _write(changes: Changes, terminal: Terminal) -> None:
    for title, found in (("binary interface", changes.binary), ("Python", changes.python)):
        groups: Sequence[tuple[str, list[Change], str]] = [
            ("removed", [c for c in found if c.kind == "removed"], "bad"),
            ("changed, breaking", _changed(found, True), "bad"),
            ("changed, compatible", _changed(found, False), "warn"),
            ("added", [c for c in found if c.kind == "added"], "good"),
        ]
        for name, members, style in groups:
            if members:
                terminal.print(f"{title}: {name}: {len(members)}", style)
                for change in members:
                    terminal.print(f"  {_line(change)}")
    for note in changes.notes:
        terminal.print(note, "dim")
    terminal.print(*_verdict(changes))


def _changed(found: list[Change], breaking: bool) -> list[Change]:
    return [c for c in found if c.kind not in ("removed", "added") and c.breaking is breaking]


def _line(change: Change) -> str:
    place = change.new_location if change.new_location.file else change.old_location
    where = f"{place}: " if place.file else ""
    harmless = ", which breaks nothing" if change.kind == "removed" and not change.breaking else ""
    return f"{where}{change.sentence}{harmless}"


def _verdict(changes: Changes) -> tuple[str, str]:
    if not (changes.binary or changes.python):
        return "nothing has changed", "good"
    python = "Python code may break" if changes.breaks_python else "Python code goes on as before"
    if not changes.breaks_binary:
        return f"compatible: the soname may stay; {python}", "good"
    if changes.has_new_soname:
        names = f"{changes.old.soname} is now {changes.new.soname}"
        return f"incompatible, and the soname has changed: {names}; {python}", "warn"
    soname = f" ({changes.old.soname})" if changes.old.soname else ""
    return f"incompatible: the soname{soname} must change; {python}", "bad"
