"""`symbridge check`: a description against a library, its headers, debug data and own facts."""

from __future__ import annotations

import argparse
import json

from symbridge import binary, declarations
from symbridge.check.compiler import Options
from symbridge.check.ladder import Sources, climb
from symbridge.cli.compiling import add_compiler_arguments
from symbridge.cli.terminal import Terminal
from symbridge.failure import ToolError

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.description = (
        "Verify a description: that the library has its symbols; with --header, that prototypes, "
        "layouts and values are those of the headers; the same against the library's debug data "
        "and the facts that it carries, where there are any. Nothing of the library is run."
    )
    parser.epilog = (
        "Exit code: 0 all that could be verified holds; 1 something does not; 2 it could not be "
        "done. What could not be verified is said, and why."
    )
    parser.add_argument("library", help="a soname, or a path with a slash")
    parser.add_argument(
        "description",
        nargs="?",
        help="the description's file; without it the one beside the library, or that it carries",
    )
    headers = parser.add_argument_group("against headers")
    headers.add_argument(
        "--header",
        action="append",
        default=[],
        metavar="FILE",
        help="a header that declares what is described; may be given again",
    )
    add_compiler_arguments(headers)
    debug = parser.add_argument_group("against debug data")
    debug.add_argument("--debug-file", default="", metavar="FILE", help="the file that has them")
    debug.add_argument(
        "--debug-dir",
        action="append",
        default=[],
        metavar="DIR",
        help="where to look for such a file, beside the usual places",
    )
    debug.add_argument(
        "--no-debug", action="store_true", help="leave debug data aside, even where there are some"
    )
    parser.add_argument(
        "--strict",
        action="store_true",
        help="fail for differences that callers cannot tell, too: const, names of parameters",
    )
    parser.add_argument("--json", action="store_true", help="write JSON")


def run(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Check, and say what was found."""
    library = binary.read_named(arguments.library)
    if arguments.description is not None:
        description = declarations.parse_file(arguments.description)
    else:
        own = binary.own_description(library)
        if own is None:
            raise ToolError(
                f"{library.path} carries no description, and none is beside it",
                hint="symbridge check LIBRARY DESCRIPTION",
            )
        description = declarations.parse(*own)
    sources = Sources(
        headers=arguments.header,
        options=Options(
            include_dirs=arguments.include_dir,
            defines=arguments.define,
            std=arguments.std,
            compiler=arguments.compiler,
            flags=arguments.cflag,
        ),
        debug_file=arguments.debug_file,
        debug_dirs=arguments.debug_dir,
        use_debug=not arguments.no_debug,
    )
    with terminal.progress("checking") as progress:
        report = climb(description, library, sources, strict=arguments.strict, progress=progress)
    strict: bool = arguments.strict
    if arguments.json:
        terminal.print(json.dumps(report.as_json(strict), indent=2))
        return 0 if report.holds(strict) else 1
    for text, style in report.mismatches(strict):
        first, _, rest = text.partition("\n")
        terminal.print(first, style)
        if rest:
            terminal.print(rest)
    rows, styles = report.ladder(strict)
    if len(rows) > 1 and report.mismatches(strict):
        terminal.print()
    terminal.table(rows, styles)
    for line in report.remarks(strict):
        terminal.print(line, "dim")
    return 0 if report.holds(strict) else 1
