"""symbridge export: a description for other languages."""

from __future__ import annotations

import argparse

from symbridge import described, export
from symbridge.cli.terminal import Terminal
from symbridge.output import write_result

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what the command takes."""
    parser.description = (
        "Write what a description declares for other languages. Records are laid out exactly as "
        "described; what a target cannot say is left out, and named in the file."
    )
    parser.add_argument(
        "description", help="the description's file, or a library that carries its description"
    )
    parser.add_argument(
        "--to",
        required=True,
        choices=tuple(export.TARGETS),
        help="header: C; cffi, ctypes: a Python module; luajit: a Lua module",
    )
    parser.add_argument("-o", "--output", metavar="FILE", help="instead of stdout")


def run(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Write the text."""
    with terminal.progress("exporting"):
        description, source = described.read(arguments.description)
        text = export.write(description, arguments.to, source)
    write_result(arguments.output, text)
    if arguments.output not in (None, "-"):
        terminal.note(f"wrote {arguments.output}")
    return 0
