"""From headers or a library's debug data to the text of a description, and what it leaves open."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from symbridge import _bridge
from symbridge.binary import Binary, locate
from symbridge.binary import read as read_binary
from symbridge.declarations import (
    Attribute,
    Declaration,
    Description,
    Directive,
    Enum,
    Function,
    Record,
    Typedef,
    Variable,
)
from symbridge.describe.annotations import Annotations, annotate, parse_annotations
from symbridge.describe.clang import HeaderDescription, is_wanted, read_headers
from symbridge.describe.ownership import Unsaid, unsaid
from symbridge.describe.propose import Proposal, accept, proposals, propose, rewrite
from symbridge.describe.spelling import Proposed, comment
from symbridge.describe.write import Note, write
from symbridge.failure import ToolError

__all__ = ["Made", "Source", "make"]

#: How often proposals that contradict one another are taken back before all are.
MOST_TRIES = 40


@dataclass(slots=True)
class Source:
    """What a description is made from, and how."""

    headers: Sequence[str] = ()
    binary: str = ""  # a library whose debug data are read instead of headers
    library: str = ""  # the library that the description is for: a soname or a path
    module: str = ""
    prefix: str = ""
    include: Sequence[str] = ()
    defines: Sequence[str] = ()
    flags: Sequence[str] = ()
    standard: str = ""
    include_from: Sequence[str] = ()
    only: Sequence[str] = ()
    exclude: Sequence[str] = ()
    comments: str = "doc"
    annotations: str = ""  # a file
    propose: bool = True
    accept: bool = False


@dataclass(slots=True)
class Made:
    """A description's text, and what it says and does not say."""

    text: str
    description: Description
    notes: list[Note] = field(default_factory=list)
    proposals: list[Proposal] = field(default_factory=list)
    unsaid: list[Unsaid] = field(default_factory=list)
    absent: list[str] = field(default_factory=list)  # declared, but not in the library
    undeclared: list[str] = field(default_factory=list)  # in the library, but not declared
    figures: dict[str, int] = field(default_factory=dict)


def make(source: Source, progress: Any = None) -> Made:
    """Make a description. Raises ToolError, also when annotations say what cannot be."""
    description = _read(source, progress)
    library = _library(source)
    made = Made("", description)
    if isinstance(description, HeaderDescription):
        made.notes += description.notes
    if library is not None:
        _compare(made, library)
    notes = _annotations(source)
    if notes is not None:
        annotate(description, notes)
    _head(source, description, library)
    _settle_names(made, source.prefix)
    if source.propose:
        propose(description, skip=lambda name: notes is not None and notes.names(name))
        _keep_what_holds(made)
        if source.accept:
            accept(description)
    made.proposals = proposals(description)
    made.unsaid = unsaid(description)
    origins: list[tuple[int, Declaration]] = []
    title = _title(source)
    made.text = title + write(description, notes=made.notes, origins=origins) + _tail(made)
    made.figures = _figures(made)
    above = title.count("\n")
    _verify(made.text, source, [(line + above, what) for line, what in origins])
    return made


def _read(source: Source, progress: Any) -> Description:
    if source.binary and source.headers:
        raise ToolError("headers and --binary exclude each other: a description is made from one")
    if source.binary:
        from symbridge import debug

        path = locate(source.binary)
        data = debug.read(path, progress=progress)
        description = data.description
        wanted = [d for d in description.declarations if is_wanted(d, source.only, source.exclude)]
        made = HeaderDescription(source.binary, wanted)
        made.notes = [Note(os.path.basename(source.binary), text) for text in data.notes]
        return made
    if not source.headers:
        raise ToolError(
            "there is nothing to describe", "name the library's headers, or --binary LIBRARY"
        )
    return read_headers(
        source.headers,
        include=source.include,
        defines=source.defines,
        flags=source.flags,
        standard=source.standard,
        only=source.only,
        exclude=source.exclude,
        include_from=source.include_from,
        comments=source.comments,
        progress=progress,
    )


def _library(source: Source) -> Binary | None:
    name = source.library or source.binary
    return read_binary(locate(name)) if name else None


def _compare(made: Made, library: Binary) -> None:
    """Mark what the library does not have, and list what only the library has."""
    exports = library.exports()
    symbols = set()
    for index, declaration in enumerate(made.description.declarations):
        if isinstance(declaration, (Function, Variable)):
            symbols.add(declaration.symbol)
            if declaration.symbol not in exports:
                made.absent.append(declaration.name)
                made.description.declarations[index] = replace(declaration, optional=True)
    made.undeclared = sorted(
        name
        for name, found in exports.items()
        if name not in symbols and not all(symbol.made_by_linker for symbol in found)
    )


def _annotations(source: Source) -> Annotations | None:
    if not source.annotations:
        return None
    path = Path(source.annotations)
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise ToolError(f"{path}: annotations are UTF-8 text: {error}") from error
    return parse_annotations(text, str(path))


def _head(source: Source, description: Description, library: Binary | None) -> None:
    """The line that names library, module and prefix, where no annotation does."""
    said = {
        attribute.name
        for declaration in description.declarations
        if isinstance(declaration, Directive)
        for attribute in declaration.attributes
    }
    name = source.library or source.binary
    if library is not None and library.soname and "/" not in source.library:
        name = library.soname
    values = {"library": name, "module": source.module, "prefix": source.prefix}
    attributes = tuple(
        Attribute(key, (value,)) for key, value in values.items() if value and key not in said
    )
    if attributes:
        description.declarations.insert(0, Directive(attributes))
    description.library = description.library or name


def _settle_names(made: Made, prefix: str) -> None:
    """Where two things would have one name without the prefix, one of them keeps it."""
    if not prefix:
        return
    declarations = made.description.declarations
    for _ in range(MOST_TRIES):
        origins: list[tuple[int, Declaration]] = []
        wrong = _refusal(write(made.description, origins=origins))
        culprit = None if wrong is None else _at(origins, wrong)
        if culprit is None or isinstance(culprit, (Directive, Typedef)):
            return
        name = _name_of(culprit)
        named = any(a.name in ("name", "class") for a in culprit.attributes)
        if named or not name.lower().startswith(prefix.lower()):
            return
        attributes = (*culprit.attributes, Attribute("name", (name,)))
        if isinstance(culprit, (Record, Enum)):
            culprit.attributes = attributes
        else:
            index = next(i for i, d in enumerate(declarations) if d is culprit)
            declarations[index] = replace(culprit, attributes=attributes)
        short = name[len(prefix) :]
        made.notes.append(Note(name, f"it keeps its prefix: '{short}' is another's name"))


def _at(origins: list[tuple[int, Declaration]], wrong: SyntaxError) -> Declaration | None:
    """The declaration in the line of an error."""
    return next((d for line, d in reversed(origins) if line <= (wrong.lineno or 0)), None)


def _keep_what_holds(made: Made) -> None:
    """Take proposals back that the engine would refuse, were all of them accepted."""
    description = made.description
    for _ in range(MOST_TRIES):
        proposed = list(description.declarations)
        kept = [(d, d.attributes) for d in proposed if isinstance(d, (Record, Enum))]
        accept(description)
        origins: list[tuple[int, Declaration]] = []
        text = write(description, origins=origins)
        description.declarations[:] = proposed
        for tagged, attributes in kept:
            tagged.attributes = attributes
        wrong = _refusal(text)
        if wrong is None:
            return
        culprit = _at(origins, wrong)
        name = "" if culprit is None else _name_of(culprit)
        if not _withdraw(description, name):
            break
        made.notes.append(Note(name, f"nothing is proposed for it: {wrong.msg}"))
    else:
        wrong = None
    if _withdraw(description, None) and wrong is not None:
        made.notes.append(Note("proposals", f"none is made: {wrong.msg}"))


def _refusal(text: str) -> SyntaxError | None:
    try:
        _bridge.reflect(text.encode("utf-8", "surrogateescape"), "<description>")
    except _bridge.DescriptionError as error:
        return error
    return None


def _name_of(declaration: Declaration) -> str:
    if isinstance(declaration, (Record, Enum)):
        return declaration.tag or declaration.typedef
    if isinstance(declaration, Typedef) and isinstance(declaration.type, (Record, Enum)):
        return declaration.type.tag or declaration.name
    return getattr(declaration, "name", "")


def _withdraw(description: Description, name: str | None) -> bool:
    """Remove the proposals for one declaration, or all; says whether there were any."""
    found = False

    def one(declaration: str, parameter: str, attribute: Attribute) -> tuple[Attribute, ...]:
        nonlocal found
        if isinstance(attribute, Proposed) and name in (None, declaration):
            found = True
            return ()
        return (attribute,)

    rewrite(description, one)
    return found


def _verify(text: str, source: Source, origins: list[tuple[int, Declaration]]) -> None:
    """What is written must be a description."""
    wrong = _refusal(text)
    if wrong is None:
        return
    line = text.splitlines()[(wrong.lineno or 1) - 1].strip()
    if source.annotations or source.prefix:
        said = _annotated(_at(origins, wrong), source.annotations)
        raise ToolError(
            f"{said}with what annotations and --prefix say, the description is refused: "
            f"{wrong.msg}\n  {line}",
            "see docs/description.md for what the attribute wants; [[name(...)]] for two things "
            "of one name",
        )
    raise ToolError(
        f"the description of these headers is refused: {wrong.msg}\n  {line}",
        "--exclude NAME leaves a declaration out",
    )


def _annotated(culprit: Declaration | None, file: str) -> str:
    """Where the annotations speak of a declaration: "FILE:LINE:COLUMN: ", or nothing."""
    attributes = list(getattr(culprit, "attributes", ()))
    if isinstance(culprit, Function):
        attributes += (a for p in culprit.type.parameters for a in p.attributes)
    if isinstance(culprit, Record):
        attributes += (a for f in culprit.fields or () for a in f.attributes)
    if isinstance(culprit, Enum):
        attributes += (a for e in culprit.enumerators or () for a in e.attributes)
    places = [a.location for a in attributes if file and a.location.file == file]
    if not places:
        return ""
    first = min(places, key=lambda place: (place.line, place.column))
    return f"{first.file}:{first.line}:{first.column}: "


# ---- what is written around the declarations


def _title(source: Source) -> str:
    names = [os.path.basename(header.strip("<>")) for header in source.headers]
    shown = ", ".join(names[:8]) + (", ..." if len(names) > 8 else "")
    if source.binary:
        shown = f"the debug data of {os.path.basename(source.binary)}"
    lines = [comment(f"From {shown}, by symbridge describe.")]
    if source.propose and not source.accept:
        lines.append(
            "/* Comments that begin with a question mark are proposals: take the mark and the\n"
            "   comment's ends away to confirm one, remove it to decline it. */"
        )
    return "\n".join([*lines, "", ""])


def _tail(made: Made) -> str:
    """Comments for what is not described, and for pointers of which too little is said."""
    lines: list[str] = []
    description = made.description
    if isinstance(description, HeaderDescription):
        lines += _listed(
            "Inline functions, which no library has, are left out:",
            [function.name for function in description.inline],
        )
        lines += _listed(
            "Macros with parameters are left out:",
            list(dict.fromkeys(macro.name for macro in description.function_macros)),
        )
        lines += _listed(
            "Macros that are no constants are left out:",
            [macro.name for macro in description.other_macros],
        )
    if made.unsaid:
        lines += ["", "/* Pointers whose ownership is unsaid:"]
        lines += [comment(f"{u.function}: {u.parameter}: {u.type}")[2:-3] for u in made.unsaid]
        lines[-1] += " */"
    return "\n".join([*lines, ""]) if lines else ""


def _listed(title: str, names: Sequence[str]) -> list[str]:
    if not names:
        return []
    lines = ["", f"/* {title}"]
    row = "  "
    for name in sorted(names):
        if len(row) + len(name) + 1 > 96:
            lines.append(row)
            row = "  "
        row += f" {name}"
    return [*lines, f"{row} */"]


def _figures(made: Made) -> dict[str, int]:
    description = made.description
    figures = {
        "functions": len(list(description.functions())),
        "variables": len(list(description.variables())),
        "records": len(list(description.records())),
        "enums": len(list(description.enums())),
        "typedefs": len(list(description.typedefs())),
        "constants": len(list(description.constants())),
    }
    if isinstance(description, HeaderDescription):
        figures["inline functions left out"] = len(description.inline)
        figures["macros with parameters left out"] = len(
            {macro.name for macro in description.function_macros}
        )
        figures["other macros left out"] = len(description.other_macros)
    figures["proposals"] = len(made.proposals)
    figures["pointers unsaid"] = len(made.unsaid)
    figures["declared but not in the library"] = len(made.absent)
    figures["in the library but not declared"] = len(made.undeclared)
    return figures
