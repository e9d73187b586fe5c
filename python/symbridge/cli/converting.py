"""`symbridge convert`: a description from a cffi cdef or from a module's ctypes declarations."""

from __future__ import annotations

import argparse
from pathlib import Path

from symbridge.cli.terminal import Terminal
from symbridge.output import write_result

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.description = (
        "Write a description from what a program says to cffi or ctypes. A file with the text of "
        "a cdef, or a Python file that calls cdef(), is read and not run. With --import the module "
        "is imported, so that its code runs; then its ctypes declarations or its FFI object are "
        "read."
    )
    parser.epilog = (
        "What the description does not say as its source did is told on stderr. Exit code: 1 when "
        "something was left out."
    )
    parser.add_argument(
        "sources",
        nargs="+",
        metavar="SOURCE",
        help="files, which belong together; with --import a module: a.b, a.b:ffi or FILE.py",
    )
    parser.add_argument("-o", "--output", metavar="FILE", help="write to a file, not to stdout")
    parser.add_argument(
        "--import",
        dest="run",
        action="store_true",
        help="import the module: this runs its code",
    )
    parser.add_argument("--library", default="", metavar="NAME", help="the library, as a soname")
    parser.add_argument("--module", default="", metavar="NAME", help="the name of the module")
    parser.add_argument(
        "--conditional",
        action="store_true",
        help="take the cdefs of a Python file that stand under an `if` too",
    )


def run(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Write the description; say what is not in it."""
    from symbridge.convert.sources import convert_files, convert_import

    with terminal.progress("converting"):
        if arguments.run:
            converted = convert_import(arguments.sources, arguments.library, arguments.module)
        else:
            converted = convert_files(
                [Path(source) for source in arguments.sources],
                arguments.library,
                arguments.module,
                conditional=arguments.conditional,
            )
    write_result(arguments.output, converted.text)
    for remark in converted.remarks:
        terminal.note(f"symbridge convert: {remark}")
    return 0 if converted.complete else 1
