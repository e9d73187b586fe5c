"""The options by which commands are told how headers are compiled: the same for all of them."""

from __future__ import annotations

import argparse

__all__ = ["add_compiler_arguments"]


def add_compiler_arguments(group: argparse._ArgumentGroup, *, compiler: bool = True) -> None:
    """Add include_dir, define, std, cflag and, if wanted, compiler: as a C compiler calls them."""
    group.add_argument(
        "-I",
        "--include-dir",
        action="append",
        default=[],
        metavar="DIR",
        help="where headers are looked for",
    )
    group.add_argument(
        "-D", "--define", action="append", default=[], metavar="NAME[=VALUE]", help="a macro"
    )
    group.add_argument(
        "-std", "--std", default="", metavar="STANDARD", help="the C standard, such as c11"
    )
    group.add_argument(
        "--cflag",
        action="append",
        default=[],
        metavar="FLAG",
        help="any other flag of the compiler: --cflag=-mavx",
    )
    if compiler:
        group.add_argument(
            "--compiler",
            default="",
            metavar="COMMAND",
            help="the C compiler; by default $CC, or cc",
        )
