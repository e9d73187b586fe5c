"""`symbridge call`: one call of a library's function, from the shell."""

from __future__ import annotations

import argparse
import difflib
import inspect
from types import ModuleType
from typing import Any

import symbridge
from symbridge.cli.terminal import Terminal
from symbridge.expression import evaluate, look_up
from symbridge.failure import ToolError

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.description = (
        "Call a function of a library and print its result as Python shows it. The library's code "
        "runs in this process."
    )
    parser.epilog = (
        "An argument is a Python literal, or a call of what the module offers: 3, -1.5, [1, 2], "
        "'Point(1, 2)', name=3. Text needs no quotes of its own where the function takes text. "
        "Exit code: 0 it returned, 1 it raised, 2 it could not be called."
    )
    parser.add_argument("library", help="a soname, a path with a slash, or '' for this program")
    parser.add_argument("function", help="its name in Python (date_ex.before, Point.dist) or in C")
    parser.add_argument("argument", nargs="*", help="an argument, or name=argument")
    source = parser.add_mutually_exclusive_group()
    source.add_argument("-d", "--description", metavar="FILE", help="the library's description")
    source.add_argument(
        "-s",
        "--source",
        metavar="TEXT",
        help="the description as text, such as 'double cos(double x);'",
    )


def run(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Call it."""
    source = arguments.source
    if source is not None and not source.rstrip().endswith((";", "}")):
        source += ";"
    try:
        module = symbridge.load(arguments.library, source, file=arguments.description)
    except ValueError as error:
        raise ToolError(str(error), hint="--description FILE or --source 'DECLARATIONS'") from None
    function = _find(arguments.function, module)
    positional, keywords = _arguments(arguments.argument, function, module)
    try:
        result = function(*positional, **keywords)
    except Exception as error:
        terminal.error(f"{type(error).__qualname__}: {error}")
        return 1
    terminal.print(repr(result))
    return 0


def _find(name: str, module: ModuleType) -> Any:
    """The callable of that Python name, or of that C name."""
    try:
        found = look_up(name, module)
    except AttributeError:
        found = _by_symbol(name, module)
    if found is None:
        offered = [n for n in dir(module) if callable(getattr(module, n, None))]
        near = difflib.get_close_matches(name, offered, 3, 0.5)
        raise ToolError(
            f"{module.__name__} offers no function {name!r}",
            hint=f"did you mean {', '.join(near)}?"
            if near
            else "symbridge list shows what there is",
        )
    if not callable(found):
        raise ToolError(f"{name!r} is no function but {found!r}")
    return found


def _by_symbol(name: str, module: ModuleType) -> Any:
    """The function whose C name it is: Python's name may have lost a prefix, or be in a submodule."""
    for candidate in dir(module):
        value = getattr(module, candidate)
        if isinstance(value, ModuleType):
            found = _by_symbol(name, value) if value.__name__.startswith(module.__name__) else None
            if found is not None:
                return found
        elif callable(value) and name.endswith(candidate) and not inspect.isclass(value):
            return value
    return None


def _arguments(
    texts: list[str], function: Any, module: ModuleType
) -> tuple[list[Any], dict[str, Any]]:
    """The values of the arguments; what is no Python value is text."""
    try:
        names = set(inspect.signature(function).parameters)
    except (TypeError, ValueError):
        names = set()
    positional: list[Any] = []
    keywords: dict[str, Any] = {}
    for text in texts:
        name, equals, rest = text.partition("=")
        if equals and name in names:
            keywords[name] = _argument(rest, module)
        else:
            positional.append(_argument(text, module))
    return positional, keywords


def _argument(text: str, module: ModuleType) -> Any:
    try:
        return evaluate(text, module)
    except ToolError:
        # Words such as hello or /etc/hosts: text. What looks like a call or a list is a mistake.
        if any(c in text for c in "()[]{}"):
            raise
        return text
