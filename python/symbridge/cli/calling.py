"""`symbridge call`: one call of a library's function, from the shell."""

from __future__ import annotations

import argparse
import difflib
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import symbridge
from symbridge.binary import own_description, read_named
from symbridge.cli.terminal import Terminal
from symbridge.declarations import Description, parse
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
    source, text, file = _description(arguments)
    callables = index(parse(text, file))
    module = symbridge.load(arguments.library, source, file=arguments.description)
    found = callables.get(arguments.function)
    if found is None:
        offered = [name for name in callables if len(name) > 1]
        near = difflib.get_close_matches(arguments.function, offered, 3, 0.5)
        raise ToolError(
            f"{module.__name__} offers no function {arguments.function!r}",
            hint=f"did you mean {' or '.join(near)}?" if near else "symbridge list shows them all",
        )
    positional, keywords = _arguments(arguments.argument, found, module)
    try:
        result = found.call(module, positional, keywords)
    except Exception as error:
        terminal.error(f"{type(error).__qualname__}: {error}")
        return 1
    terminal.print(repr(result))
    return 0


def _description(arguments: argparse.Namespace) -> tuple[str | None, str | bytes, str]:
    """What to give to load() as source; the description's text, and what names it."""
    if arguments.source is not None:
        text = arguments.source.rstrip()
        text += "" if text.endswith((";", "}")) else ";"
        return text, text, "<description>"
    if arguments.description is not None:
        return None, Path(arguments.description).read_bytes(), arguments.description
    name = arguments.library
    own = None
    if name:
        own = own_description(read_named(name))
    if own is None:
        raise ToolError(
            f"library {name!r} has no description of its own",
            hint="--description FILE, or --source 'double cos(double x)'",
        )
    return None, *own


@dataclass(frozen=True, slots=True)
class Offered:
    """Something that can be called."""

    path: str  # "date_ex.before"; of a method "Point.dist"
    role: str  # of the engine's roles
    parameters: tuple[tuple[str, bool], ...]  # what the user passes: its name, whether it is text

    def call(self, module: ModuleType, positional: list[Any], keywords: dict[str, Any]) -> Any:
        """Call it; raises what it raises."""
        owner, _, name = self.path.rpartition(".")
        if self.role in ("getter", "setter"):
            accessor = look_up(owner, module).__dict__[name]
            made = accessor.__get__ if self.role == "getter" else accessor.__set__
            return made(*positional, **keywords)
        if self.role == "slot":
            return getattr(look_up(owner, module), name)(*positional, **keywords)
        return look_up(self.path, module)(*positional, **keywords)


def index(description: Description) -> dict[str, Offered]:
    """All that can be called, by its path in Python and by its name in C."""
    tables = description.tables
    found: dict[str, Offered] = {}
    for row in tables["functions"]:
        if "hidden" in row["flags"] or row["role"] in ("destructor", "message"):
            continue
        of_class = row["class_index"] is not None
        owner = tables["classes"][row["class_index"]] if of_class else None
        if row["role"] == "constructor" and owner is not None:
            path = _path(tables, owner["scope"], owner["name"])
        elif row["role"] == "slot" and owner is not None:
            path = _path(tables, owner["inner_scope"], row["slot"])
        else:
            path = _path(tables, row["scope"], row["name"])
        first = row["first_param"]
        parameters = tuple(
            (p["py_name"], p["passing"] == "string")
            for p in tables["params"][first : first + row["param_count"]]
            if "hidden" not in p["flags"] and p["direction"] != "out"
        )
        offered = Offered(path, row["role"], parameters)
        found[tables["declarations"][row["declaration"]]["name"]] = offered
        found[path] = offered
    for row in tables["classes"]:
        if not {"adapted", "hidden"} & row["flags"]:
            path = _path(tables, row["scope"], row["name"])
            found.setdefault(path, Offered(path, "constructor", ()))
    return found


def _path(tables: dict[str, Any], scope: int, name: str) -> str:
    names = [name]
    row = tables["scopes"][scope]
    while row["parent"] is not None:
        names.append(row["name"])
        row = tables["scopes"][row["parent"]]
    return ".".join(reversed(names))


def _arguments(
    texts: list[str], offered: Offered, module: ModuleType
) -> tuple[list[Any], dict[str, Any]]:
    """The values of the arguments: positional ones, and those given as name=value."""
    is_text = dict(offered.parameters)
    order = [text for _, text in offered.parameters]
    positional: list[Any] = []
    keywords: dict[str, Any] = {}
    for text in texts:
        name, equals, rest = text.partition("=")
        if equals and name in is_text:
            keywords[name] = _argument(rest, is_text[name], module)
        else:
            place = len(positional)
            positional.append(_argument(text, place < len(order) and order[place], module))
    return positional, keywords


def _argument(text: str, is_text: bool, module: ModuleType) -> Any:
    """The value of one argument. Where text is taken, only quotes and None are Python."""
    if is_text and text != "None" and not text.startswith(("'", '"', "b'", 'b"')):
        return text
    try:
        return evaluate(text, module)
    except ToolError:
        # A word such as hello or /etc/hosts. What looks like a call or a list is a mistake.
        if any(c in text for c in "()[]{}"):
            raise
        return text
