"""symbridge new: a C library project with description, tests, Python package and CI."""

from __future__ import annotations

import argparse
from pathlib import Path

from symbridge import project
from symbridge.cli.terminal import Terminal

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what the command takes."""
    parser.description = (
        "Start a C library project: header and sources, description, C and Python tests, a "
        "Python package built with symbridge.build, meson.build, Makefile and CI. Existing files "
        "are never overwritten."
    )
    parser.add_argument(
        "name", help="of library, prefix and package: lower-case letters, digits, underscores"
    )
    parser.add_argument(
        "--directory", metavar="DIR", help="where its files go; ./NAME by default, may be `.`"
    )
    parser.add_argument(
        "--license",
        choices=project.LICENSES,
        default="MIT",
        help="the licence; none leaves the choice open (default: %(default)s)",
    )
    parser.add_argument("--holder", default="", metavar="NAME", help="whose copyright it is")


def run(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Write the project."""
    project.check_name(arguments.name)
    directory = Path(arguments.directory or arguments.name)
    files = project.create(
        arguments.name, directory, license=arguments.license, holder=arguments.holder
    )
    for file in files:
        terminal.print(str(directory / file))
    terminal.note(
        f"{len(files)} files. Now, in {directory}:\n"
        "  meson setup build && meson test -C build\n"
        "  pip install -e '.[test]' && pytest"
    )
    return 0
