"""symbridge stubs: .pyi files of a description."""

from __future__ import annotations

import argparse
from pathlib import Path

from symbridge import described, stubs, surface
from symbridge.cli.terminal import Terminal
from symbridge.failure import ToolError
from symbridge.output import write_file, write_result

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what the command takes."""
    parser.description = (
        "Write .pyi files of the module that a description makes: what type checkers and editors "
        "know of it. Nothing of a library is run."
    )
    parser.add_argument(
        "description", help="the description's file, or a library that carries its description"
    )
    parser.add_argument(
        "-o",
        "--output",
        metavar="DIR|FILE",
        help="directory that the module or package is put into, or one file that ends in .pyi; "
        "without it a module without submodules is written to stdout",
    )
    parser.add_argument("--name", metavar="MODULE", help="the module's name, as at load()")
    parser.add_argument(
        "--extend",
        metavar="INIT",
        help="the __init__.py of a package that symbridge.extend() fills: what it defines is "
        "written too, and wins",
    )
    parser.add_argument("--no-docstrings", action="store_true", help="leave doc comments out")
    parser.add_argument(
        "--check",
        action="store_true",
        help="write nothing; exit code 1 when the files are not what would be written",
    )


def run(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Write the files, or compare them."""
    with terminal.progress("writing stubs"):
        description, source = described.read(arguments.description)
        python = None
        if arguments.extend is not None:
            text = Path(arguments.extend).read_text(encoding="utf-8")
            python = stubs.read_package(text, arguments.extend)
        module = surface.read(description, arguments.name or "")
        files = stubs.write(
            module,
            source=source,
            docstrings=not arguments.no_docstrings,
            python=python,
        )
    targets = _targets(files, arguments.output, module.name)
    if targets is None:
        write_result(None, next(iter(files.values())))
        return 0
    if arguments.check:
        return _check(targets, terminal)
    for path, text in targets.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        write_file(path, text)
        terminal.note(f"wrote {path}")
    return 0


def _targets(files: dict[str, str], where: str | None, module: str) -> dict[Path, str] | None:
    """The text of each file by where it goes; None for stdout."""
    if where is not None and not where.endswith(".pyi"):
        return {Path(where, name): text for name, text in files.items()}
    if len(files) > 1:
        raise ToolError(
            f"module '{module}' has submodules: its stubs are {len(files)} files",
            hint="-o DIRECTORY",
        )
    return None if where is None else {Path(where): next(iter(files.values()))}


def _check(targets: dict[Path, str], terminal: Terminal) -> int:
    stale = []
    for path, text in targets.items():
        try:
            current = path.read_text(encoding="utf-8")
        except FileNotFoundError:
            current = ""
        if current != text:
            stale.append(path)
            terminal.print(f"{path} is not what the description says", "bad")
    return 1 if stale else 0
