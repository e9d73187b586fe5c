"""`symbridge completion`: the completions of all commands, as a script for a shell."""

from __future__ import annotations

import argparse

from symbridge.cli.terminal import Terminal
from symbridge.failure import require

__all__ = ["add_arguments", "run"]

SHELLS = ("bash", "zsh", "tcsh")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.description = "Write the completions of symbridge's commands for a shell to stdout."
    parser.epilog = (
        "For bash: symbridge completion bash > ~/.local/share/bash-completion/completions/symbridge"
    )
    parser.add_argument("shell", choices=SHELLS, help="the shell that reads it")


def run(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Write the script."""
    from symbridge.cli import make_parser

    shtab = require("shtab", "shtab", "symbridge completion")
    terminal.print(shtab.complete(make_parser(), arguments.shell).rstrip())
    return 0
