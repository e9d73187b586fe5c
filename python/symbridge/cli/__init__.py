"""The command line: `symbridge COMMAND ...`.

A command is a module of this package, named in COMMANDS. It has two functions:
add_arguments(parser) says what it takes, run(arguments, terminal) does it and returns the exit
code. The work is done in other packages, which know nothing of the command line. A command's module
is loaded when it is asked for.

Exit codes, for all commands: 0 it is done and all is well; 1 it is done, and what was asked about
is not well (a mismatch, a break); 2 it could not be done, and stderr says why and what helps.
"""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Sequence

import symbridge
from symbridge.cli.terminal import Terminal
from symbridge.failure import ToolError

__all__ = ["COMMANDS", "main", "make_parser"]

#: Each command: its module, and what it is good for.
COMMANDS = {
    "describe": ("describing", "write a description from C headers or from a library's debug data"),
    "check": ("checking", "verify a description against a library, its headers and its debug data"),
    "diff": ("differing", "say what broke between two versions of a description or library"),
    "list": ("listing", "show a library's symbols, and which of them are described"),
    "call": ("calling", "call a function of a library"),
    "stubs": ("stubbing", "write .pyi files for the module that a description makes"),
    "export": ("exporting", "write a description as a C header, for cffi, ctypes or LuaJIT"),
    "convert": ("converting", "write a description from a cffi cdef or a ctypes module"),
    "embed": ("embedding", "put a description into a library, or into C source for one"),
    "new": ("creating", "start a C library project with description, tests and Python package"),
    "completion": ("completing", "write the completions of these commands for a shell"),
}

EPILOG = "symbridge COMMAND --help says what a command takes."


def make_parser(commands: Sequence[str] = tuple(COMMANDS)) -> argparse.ArgumentParser:
    """The parser of the command line, with the arguments of the named commands."""
    parser = argparse.ArgumentParser(
        prog="symbridge",
        description="C libraries as native Python modules: make, check and use descriptions.",
        epilog=EPILOG,
    )
    parser.add_argument("--version", action="version", version=f"symbridge {symbridge.__version__}")
    subparsers = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name, (module, summary) in COMMANDS.items():
        subparser = subparsers.add_parser(name, help=summary, description=f"{summary}.")
        subparser.add_argument(
            "--color",
            choices=("auto", "always", "never"),
            default="auto",
            help="colour the output; auto: on a terminal, unless NO_COLOR is set",
        )
        if name in commands:
            importlib.import_module(f"symbridge.cli.{module}").add_arguments(subparser)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit code."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    asked = [word for word in arguments if word in COMMANDS][:1]
    parsed = make_parser(asked).parse_args(arguments)
    terminal = Terminal(color=parsed.color)
    command = importlib.import_module(f"symbridge.cli.{COMMANDS[parsed.command][0]}")
    try:
        code: int = command.run(parsed, terminal)
        sys.stdout.flush()
        return code
    except (ToolError, symbridge.LibraryError, symbridge.SymbolError) as error:
        terminal.error(f"symbridge {parsed.command}: {error}", hint=getattr(error, "hint", ""))
    except symbridge.DescriptionError as error:
        place = f"{error.filename}:{error.lineno}:{error.offset}: " if error.lineno else ""
        caret = " " * max((error.offset or 1) - 1, 0) + "^"
        shown = f"\n  {error.text}\n  {caret}" if error.text else ""
        terminal.error(f"{place}{error.msg}{shown}")
    except BrokenPipeError:
        # Whoever read has seen enough. Python would complain when it flushes once more at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        named = error.strerror and error.filename is not None
        said = f"{os.fsdecode(error.filename)}: {error.strerror}" if named else str(error)
        terminal.error(f"symbridge {parsed.command}: {said}")
    except KeyboardInterrupt:
        terminal.error(f"symbridge {parsed.command}: interrupted")
        return 130
    return 2
