"""symbridge embed: a description into a library, or into C source for one."""

from __future__ import annotations

import argparse
import os

from symbridge.cli.compiling import add_compiler_arguments
from symbridge.cli.terminal import Terminal
from symbridge.embed import carry, elf
from symbridge.failure import ToolError
from symbridge.output import write_result

__all__ = ["add_arguments", "run"]

USAGE = """%(prog)s [options] LIBRARY DESCRIPTION
       %(prog)s [options] --source DESCRIPTION --header HEADER
       %(prog)s --show LIBRARY
       %(prog)s --remove LIBRARY"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what the command takes."""
    parser.usage = USAGE
    parser.description = (
        "Put a description into a shared library that is already built, so that "
        "symbridge.load(LIBRARY) needs nothing else. It stays there when the library is stripped. "
        "With it go facts that load compares a description with: sizes, offsets, values, and a "
        "digest for each prototype, from the compiler (--header) or the library's debug data."
    )
    parser.epilog = (
        "The library's file is replaced at once, or left as it is. Embedding again replaces what "
        "was embedded."
    )
    parser.add_argument("file", nargs="+", help=argparse.SUPPRESS)
    mode = parser.add_mutually_exclusive_group()
    mode.add_argument(
        "--source",
        action="store_true",
        help="write C source that carries the description, to be compiled into the library; it "
        "does not compile when description and headers disagree",
    )
    mode.add_argument(
        "--show", action="store_true", help="print the description that a library carries"
    )
    mode.add_argument("--remove", action="store_true", help="take the description out of a library")
    parser.add_argument(
        "-o", "--output", metavar="FILE", help="write this file, not the library in its place"
    )
    parser.add_argument(
        "--force",
        action="store_true",
        help="embed a description although the library lacks or contradicts what it describes",
    )
    headers = parser.add_argument_group("headers")
    headers.add_argument(
        "--header",
        action="append",
        default=[],
        metavar="HEADER",
        help="a header of the library: a file, or what stands in #include <...>; may be repeated",
    )
    add_compiler_arguments(headers)


def run(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Do one of the four."""
    if arguments.show:
        write_result(arguments.output, carry.show(_only(arguments.file, "--show LIBRARY")))
        return 0
    if arguments.remove:
        return _remove(_only(arguments.file, "--remove LIBRARY"), arguments.output, terminal)
    if arguments.source:
        description = _only(arguments.file, "--source DESCRIPTION --header HEADER")
        name = os.path.basename(arguments.output or "carried_description.c")
        write_result(
            arguments.output, carry.description_source(description, arguments.header, name)
        )
        return 0
    if len(arguments.file) != 2:
        raise ToolError(
            f"a library and a description are needed, {len(arguments.file)} files are given",
            hint="symbridge embed LIBRARY DESCRIPTION",
        )
    return _embed(arguments, terminal)


def _only(files: list[str], usage: str) -> str:
    if len(files) != 1:
        raise ToolError(
            f"one file is needed, {len(files)} are given", hint=f"symbridge embed {usage}"
        )
    return files[0]


def _remove(library: str, output: str | None, terminal: Terminal) -> int:
    if elf.remove_notes(library, output or library):
        terminal.print(f"{output or library}: the description is removed")
    else:
        terminal.print(f"{output or library}: there was no description in it")
    return 0


def _embed(arguments: argparse.Namespace, terminal: Terminal) -> int:
    library, description = arguments.file
    options = carry.Options(
        include_dirs=arguments.include_dir,
        defines=arguments.define,
        std=arguments.std,
        compiler=arguments.compiler,
        flags=arguments.cflag,
    )
    with terminal.progress("reading debug data") as progress:
        carried = carry.embed(
            library,
            description,
            arguments.output,
            headers=arguments.header,
            options=options,
            force=arguments.force,
            progress=progress,
        )
    for problem in carried.ignored:
        terminal.note(f"warning: {problem}")
    target = arguments.output or library
    terminal.print(f"{target}: a description of {carried.size} bytes is embedded")
    if carried.facts:
        terminal.print(
            f"facts: {carried.facts} of {carried.described}, from {carried.source}; load compares "
            "descriptions with them"
        )
    else:
        if carried.source:
            terminal.note(f"warning: {carried.source}")
        terminal.note(
            "no facts: load cannot compare descriptions with this library. --header has the "
            "compiler find them; so has debug data in the library (-g)"
        )
    return 0
