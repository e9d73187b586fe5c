"""`symbridge describe`: a description from C headers, or from a library's debug data."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from symbridge.cli.compiling import add_compiler_arguments
from symbridge.cli.terminal import Terminal
from symbridge.describe.comments import MODES
from symbridge.describe.making import Made, Source, make
from symbridge.describe.propose import accept_text
from symbridge.failure import ToolError
from symbridge.output import write_result

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.description = (
        "Write a description from C headers, or from a library's debug data: functions, variables, "
        "records, enums, typedefs and constants, as the compiler lays them out. Attributes that "
        "conventions suggest are proposed in comments, for a person to confirm."
    )
    parser.epilog = (
        "symbridge describe zlib.h --library libz.so.1 -o zlib.bridge; then symbridge describe "
        "--accept zlib.bridge confirms all proposals that are left in the file."
    )
    parser.add_argument(
        "headers",
        nargs="*",
        metavar="HEADER",
        help="headers, in the order in which a source would include them; '<name.h>' for one that "
        "the compiler finds; with --accept, a description",
    )
    parser.add_argument("--binary", metavar="LIBRARY", help="read a library's debug data instead")
    parser.add_argument("-o", "--output", metavar="FILE", help="write the description to FILE")
    parser.add_argument(
        "--library",
        metavar="LIBRARY",
        default="",
        help="the soname or path of the library: what it lacks becomes [[optional]]",
    )
    parser.add_argument("--module", metavar="NAME", default="", help="the module's name")
    parser.add_argument("--prefix", metavar="P", default="", help="what Python leaves off names")
    compiling = parser.add_argument_group("what the compiler is told")
    add_compiler_arguments(compiling, compiler=False)
    chosen = parser.add_argument_group("what is described")
    chosen.add_argument(
        "--include-from",
        action="append",
        default=[],
        metavar="GLOB",
        help="included headers that belong to the library too, as 'git2/*'",
    )
    chosen.add_argument(
        "--only", action="append", default=[], metavar="GLOB", help="names, and what they need"
    )
    chosen.add_argument(
        "--exclude", action="append", default=[], metavar="GLOB", help="names to leave out"
    )
    chosen.add_argument(
        "--comments",
        choices=MODES,
        default="doc",
        help="which comments become docstrings: /** */ and its kin, all before a declaration, none",
    )
    said = parser.add_argument_group("what is said of it")
    said.add_argument(
        "--annotations", metavar="FILE", default="", help="attributes and names, merged in"
    )
    said.add_argument(
        "--propose",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="propose attributes where a convention is plain",
    )
    said.add_argument("--accept", action="store_true", help="confirm all proposals")
    said.add_argument(
        "--report", action="store_true", help="show figures, proposals and unsaid pointers"
    )
    said.add_argument("--json", action="store_true", help="the report as JSON")


def run(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Run the command."""
    if arguments.accept and [Path(h).suffix for h in arguments.headers] == [".bridge"]:
        return _accept(arguments, terminal)
    source = Source(
        headers=arguments.headers,
        binary=arguments.binary or "",
        library=arguments.library,
        module=arguments.module,
        prefix=arguments.prefix,
        include=arguments.include_dir,
        defines=arguments.define,
        flags=arguments.cflag,
        standard=arguments.std,
        include_from=arguments.include_from,
        only=arguments.only,
        exclude=arguments.exclude,
        comments=arguments.comments,
        annotations=arguments.annotations,
        propose=arguments.propose,
        accept=arguments.accept,
    )
    with terminal.progress("describe") as progress:
        made = make(source, progress)
    reports = arguments.report or arguments.json
    if arguments.output is not None or not reports:
        write_result(arguments.output, made.text)
    if arguments.json:
        terminal.print(json.dumps(_as_json(made), indent=2))
    elif arguments.report:
        _report(made, terminal)
    elif arguments.output not in (None, "-"):
        _summary(made, terminal, arguments.output)
    for note in made.notes:
        terminal.note(f"note: {note}")
    return 0


def _accept(arguments: argparse.Namespace, terminal: Terminal) -> int:
    path = Path(arguments.headers[0])
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise ToolError(f"{path} is no description: {error}") from error
    accepted, count = accept_text(text)
    write_result(arguments.output or path, accepted)
    terminal.note(f"{count} proposals confirmed")
    return 0


def _summary(made: Made, terminal: Terminal, output: str) -> None:
    shown = ", ".join(
        f"{made.figures[name]} {name}" for name in ("functions", "records", "enums", "constants")
    )
    terminal.note(f"{output}: {shown}")
    if made.proposals:
        terminal.note(f"{len(made.proposals)} proposals to confirm")
    if made.unsaid:
        terminal.note(f"{len(made.unsaid)} pointers whose ownership is unsaid")
    if made.absent:
        terminal.note(f"{len(made.absent)} functions and variables are not in the library")


def _report(made: Made, terminal: Terminal) -> None:
    terminal.table([("described", "count"), *((k, str(v)) for k, v in made.figures.items())])
    if made.proposals:
        terminal.print()
        rows = [("proposed", "at", "because")]
        for proposal in made.proposals:
            place = proposal.declaration + (f": {proposal.parameter}" * bool(proposal.parameter))
            rows.append((_attribute(proposal.attribute), place, proposal.reason))
        terminal.table(rows)
    if made.unsaid:
        terminal.print()
        rows = [("ownership unsaid", "parameter", "type")]
        rows += [(u.function, u.parameter, f"{u.type}  {u.location}") for u in made.unsaid]
        terminal.table(rows)


def _attribute(attribute: object) -> str:
    from symbridge.describe.spelling import Proposed, attributes_text

    assert isinstance(attribute, Proposed)
    return attributes_text((attribute,))[0][4:-3]


def _as_json(made: Made) -> dict[str, object]:
    return {
        "figures": made.figures,
        "notes": [str(note) for note in made.notes],
        "proposals": [
            {
                "declaration": p.declaration,
                "parameter": p.parameter,
                "attribute": _attribute(p.attribute),
                "reason": p.reason,
            }
            for p in made.proposals
        ],
        "unsaid": [
            {
                "function": u.function,
                "parameter": u.parameter,
                "type": u.type,
                "file": u.location.file,
                "line": u.location.line,
            }
            for u in made.unsaid
        ],
        "absent": made.absent,
        "undeclared": made.undeclared,
    }
