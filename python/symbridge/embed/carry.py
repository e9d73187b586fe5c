"""Let a library that is already built carry its description, after a look at whether it is its own.

The description must parse, and the library must have what it describes. Facts, which load compares
a description with, come from whoever knows the library's ABI: the compiler, which gets the headers,
the library's debug data, or facts that were compiled into it.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias

from symbridge import binary, compare, declarations
from symbridge.check.compiler import Compiler, Options, sections
from symbridge.declarations import Description, Function, Variable
from symbridge.embed import elf
from symbridge.embed.facts import facts_of
from symbridge.embed.note import (
    DESCRIPTION,
    FACTS,
    SECTION,
    fnv1a,
    pack_facts,
    unpack_facts,
    unpack_notes,
)
from symbridge.embed.source import write_source
from symbridge.failure import ToolError

__all__ = ["Carried", "Options", "Progress", "description_source", "embed", "show"]

Path: TypeAlias = "str | os.PathLike[str]"

#: Differences that an error shows; the others are counted.
MOST_SHOWN = 200


class Progress(Protocol):
    """Who is told how far the work is: symbridge.cli.terminal.Progress."""

    def step(self, done: int, total: int | None = None, what: str = "") -> None:
        """Say how far the work is."""


@dataclass(slots=True)
class Carried:
    """What a library was given."""

    size: int  # bytes of the description
    facts: int
    described: int  # facts that there could be
    source: str  # who knew them; without facts, what is wrong with the debug data, if there is some
    ignored: list[str] = field(default_factory=list)  # what was not right, and was forced


def embed(
    library: Path,
    description: Path,
    output: Path | None = None,
    *,
    headers: Sequence[str] = (),
    options: Options | None = None,
    force: bool = False,
    progress: Progress | None = None,
) -> Carried:
    """Write `library` as `output`, or in its place, with the text of a description in it.

    headers: what the compiler is to read the facts from; without them they come from the library's
        debug data, if there is some. options: how headers are compiled.
    force: embed also what the library contradicts. progress: told of the reading of debug data.

    Raises DescriptionError for what is no description; ToolError when the library lacks what is
    described or its debug data has it otherwise, all of it at once, or when it is no library.
    """
    with open(description, "rb") as stream:
        text = stream.read(elf.MAX_NOTE_SIZE + 1)
    file = os.fspath(description)
    described = declarations.parse(text, file)
    order = elf.byte_order(library)  # refuses what is no library, and says what to do instead
    image = binary.read(library)
    problems = _missing(described, image)
    claimed = [fact.text for fact in facts_of(described)]
    facts: bytes | None = None
    if headers:
        facts = _compiled_facts(text, file, headers, options or Options(), library)
        source = f"the compiler, {(options or Options()).command()[0]}"
    else:
        known, source, differences = _debug_facts(described, library, progress)
        problems += differences
        pairs = [(name, known[name]) for name in claimed if name in known]
        facts = pack_facts(pairs, order) if pairs else None
    if facts is None and image.facts is not None:
        try:
            problems += _contradictions(described, unpack_facts(image.facts, order))
            facts, source = image.facts, "those that it carried"
        except ToolError as error:
            source = f"{os.fspath(library)}: {error}"
    if problems and not force:
        shown = "".join(f"\n  {problem}" for problem in problems[:MOST_SHOWN])
        more = f"\n  and {len(problems) - MOST_SHOWN} more" if len(problems) > MOST_SHOWN else ""
        raise ToolError(
            f"{file} does not describe {os.fspath(library)}:{shown}{more}",
            hint="correct it, mark what not every version has with [[optional]], or --force",
        )
    notes = [(DESCRIPTION, text)] + ([(FACTS, facts)] if facts else [])
    elf.add_notes(library, library if output is None else output, notes)
    count = len(unpack_facts(facts, order)) if facts else 0
    return Carried(len(text), count, len(claimed), source, problems)


def show(library: Path) -> str:
    """The text of the description that a library carries."""
    text = binary.read(library).description
    if text is None:
        raise ToolError(
            f"{os.fspath(library)} carries no description",
            hint=f"symbridge embed {os.fspath(library)} DESCRIPTION puts one in",
        )
    return text


def description_source(description: Path, headers: Sequence[str], name: str) -> str:
    """C source that carries a description (see embed.source)."""
    with open(description, "rb") as stream:
        text = stream.read(elf.MAX_NOTE_SIZE + 1)
    return write_source(text, headers, file=os.fspath(description), name=name)


def _missing(described: Description, image: binary.Binary) -> list[str]:
    """What the library lacks of what is described, each in a line."""
    lines = []
    named: list[Function | Variable] = [*described.functions(), *described.variables()]
    for declaration in named:
        name, version = declaration.symbol, declaration.version
        if declaration.optional or image.find(name, version):
            continue
        shown = f"{name}@{version}" if version else name
        line = f"{declaration.location}: {shown} is no symbol of the library"
        versions = [str(symbol) for symbol in image.exports().get(name, [])] if version else []
        near = versions or image.near_misses(name)
        lines.append(f"{line}; it has {', '.join(near)}" if near else line)
    return lines


def _contradictions(described: Description, known: dict[int, int]) -> list[str]:
    """The numbers that facts in the library have otherwise. Digests are left to load: those of
    prototypes that are compatible can differ."""
    lines = []
    for fact in facts_of(described):
        value = known.get(fnv1a(fact.text.encode()))
        if fact.expression and value not in (None, fact.value & (1 << 64) - 1):
            lines.append(f"{fact.location}: {fact.text} is {fact.value}; in the library {value}")
    return lines


def _compiled_facts(
    text: bytes, file: str, headers: Sequence[str], options: Options, library: Path
) -> bytes | None:
    name = "carried_description.c"
    included = [f'"{os.path.abspath(h)}"' if os.path.isfile(h) else h for h in headers]
    source = write_source(text, included, file=file, name=name)
    with Compiler(options) as compiler:
        diagnostics, said = compiler.check(source, name)
        if any(d.severity == "error" for d in diagnostics):
            raise ToolError(
                f"{file} and the headers do not go together; {options.command()[0]} says:\n"
                f"{said.decode('utf-8', 'replace').strip()}",
                hint="correct the description; -I DIRECTORY and -D MACRO are for the headers",
            )
        compiled = compiler.compile(source, name)
    with open(library, "rb") as stream:
        head = stream.read(20)
    # Class, byte order and machine: facts of another machine are wrong for this library.
    if (compiled[4:6], compiled[18:20]) != (head[4:6], head[18:20]):
        raise ToolError(
            f"{options.command()[0]} does not compile for the machine of {os.fspath(library)}",
            hint="--compiler NAME, or CC=NAME in the environment",
        )
    found, big = sections(compiled)
    for _, kind, content in unpack_notes(found.get(SECTION, b""), "big" if big else "little"):
        if kind == FACTS:
            return content
    return None


def _debug_facts(
    described: Description, library: Path, progress: Progress | None
) -> tuple[dict[str, int], str, list[str]]:
    """The facts in a library's debug data, where that is from, and what it has otherwise; without
    facts, what is wrong with the debug data."""
    from symbridge import debug

    try:
        if not debug.find(library).file:
            return {}, "", []
        data = debug.read(library, progress=progress)
    except ToolError as error:
        # The library and its description are none the worse for it.
        return {}, f"{error}", []
    differences = compare.compare(described, data.description, complete=False)
    lines = [f"{d.location}: {d}" for d in differences if d.breaking]
    known = {fact.text: fact.value for fact in facts_of(data.description)}
    return known, f"{data.format} in {data.file}", lines
