"""What changed between two versions of a description or library, and whom it concerns.

Two questions are answered apart. For programs that are compiled already: does the binary interface
still offer what it did? If not, the soname must change. For Python code: are the names, parameters
and results that it uses still there? Parameters' names, defaults and attributes matter to it alone.
docs/diff.md has the table of what counts.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from symbridge import binary, debug, declarations, surface
from symbridge.annotation import Annotation, Name, Own
from symbridge.annotation import spell as spell_annotation
from symbridge.compare import Difference, examine
from symbridge.debug.model import Steps
from symbridge.declarations import (
    NOWHERE,
    Attribute,
    Description,
    Function,
    Identifier,
    Location,
    Variable,
)
from symbridge.failure import ToolError
from symbridge.moving import is_of_a_release, may_move
from symbridge.surface import ParameterKind

__all__ = ["FORMAT", "Change", "Changes", "Side", "difference", "read_side"]

#: Of the JSON. A change that breaks its readers makes it a larger number.
FORMAT = 1

#: Attributes that say who owns memory and how long things live. Signatures do not show them.
OWNERSHIP = frozenset(
    ["owned", "keeps", "consumed", "scope", "held_by", "destroy", "destructor", "quick"]
)


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that is not what it was."""

    kind: str  # "removed", "added", or a kind of compare.Difference
    name: str
    old: str
    new: str
    breaking: bool
    sentence: str
    old_location: Location = NOWHERE
    new_location: Location = NOWHERE


@dataclass(slots=True)
class Side:
    """One version: a description, and the library that it comes from if it does."""

    name: str
    description: Description
    origin: str  # "description", "carried description", "debug data (...)"
    library: binary.Binary | None = None
    notes: list[str] = field(default_factory=list)

    @property
    def soname(self) -> str:
        """Under what programs know the library; "" when it is not said."""
        if self.library is not None:
            return self.library.soname or ""
        return os.path.basename(self.description.library)

    @property
    def is_complete(self) -> bool:
        """Whether what is not in the description is not there."""
        return not self.origin.startswith("debug")


@dataclass(slots=True)
class Changes:
    """All that changed, in the binary interface and in what Python sees."""

    old: Side
    new: Side
    binary: list[Change] = field(default_factory=list)
    python: list[Change] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def breaks_binary(self) -> bool:
        """Whether programs that were compiled before may fail."""
        return any(change.breaking for change in self.binary)

    @property
    def breaks_python(self) -> bool:
        """Whether Python code that worked before may fail."""
        return any(change.breaking for change in self.python)

    @property
    def has_new_soname(self) -> bool:
        """Whether the soname has changed already."""
        return bool(self.old.soname and self.new.soname and self.old.soname != self.new.soname)

    @property
    def must_change(self) -> bool:
        """Whether the soname must change, and has not."""
        return self.breaks_binary and not self.has_new_soname

    def as_json(self) -> dict[str, Any]:
        """All of it, as JSON has it."""
        return {
            "format": FORMAT,
            "old": _side_json(self.old),
            "new": _side_json(self.new),
            "soname": {
                "old": self.old.soname,
                "new": self.new.soname,
                "has_changed": self.has_new_soname,
                "must_change": self.must_change,
            },
            "binary": {
                "compatible": not self.breaks_binary,
                "changes": [_change_json(change) for change in self.binary],
            },
            "python": {
                "compatible": not self.breaks_python,
                "changes": [_change_json(change) for change in self.python],
            },
            "notes": self.notes,
        }


def read_side(path: str, *, progress: Steps | None = None) -> Side:
    """Read a version: a library, by what it carries, else its debug data; or a description's file.

    Raises ToolError when it is neither, DescriptionError, OSError.
    """
    with open(path, "rb") as stream:
        is_library = stream.read(4) == b"\x7fELF"
    if not is_library:
        return Side(path, declarations.parse_file(path), "description")
    library = binary.read(path)
    own = binary.own_description(library)
    if own is not None:
        text, file = own
        carried = file.endswith(":<description>")
        origin = "carried description" if carried else f"description {file}"
        return Side(path, declarations.parse(text, file), origin, library)
    try:
        data = debug.read(path, progress=progress)
    except ToolError as error:
        raise ToolError(
            f"{path}: no description is in it or beside it, and {error}",
            hint="symbridge diff with its description's file instead",
        ) from error
    return Side(path, data.description, f"debug data ({data.format})", library, list(data.notes))


def difference(old: Side, new: Side) -> Changes:
    """Compare two versions."""
    changes = Changes(old, new)
    changes.notes = [f"{side.name}: {note}" for side in (old, new) for note in side.notes]
    changes.binary = list(_binary_changes(old, new, changes.notes))
    if old.description.tables and new.description.tables:
        changes.python = list(_python_changes(old.description, new.description))
    else:
        changes.notes.append(
            "what Python sees is compared when both sides have a description; debug data are none"
        )
    return changes


# ---- the binary interface


def _binary_changes(old: Side, new: Side, notes: list[str]) -> Iterator[Change]:
    compared = examine(old.description, new.description, complete=new.is_complete)
    removed = {d.name for d in compared.differences if d.kind == "missing"}
    for found in compared.differences:
        if found.kind == "missing":
            yield from _removed(found, old, new, notes)
        else:
            yield _changed(found)
    yield from _versions(old, new)
    yield from _symbols(old, new, removed)
    backward = examine(new.description, old.description, complete=False)
    known = set(compared.compared)
    for found in backward.differences:
        if found.kind == "missing" and f"function {found.name}" not in known:
            sentence = f"{found.name} is new"
            place = found.location
            yield Change("added", found.name, "", found.described, False, sentence, NOWHERE, place)


def _removed(found: Difference, old: Side, new: Side, notes: list[str]) -> Iterator[Change]:
    """What the new version does not declare: gone, unless its library has the symbol still."""
    name = found.name
    item = _declared(old.description, name)
    if isinstance(item, (Function, Variable)):
        if new.library is not None and new.library.find(item.symbol, item.version):
            notes.append(f"{name} is not described any more, but its symbol is there")
            return
        breaking = not item.optional
    elif not new.is_complete:
        notes.append(f"{name} is not in the debug data of {new.name}: nothing is said of it")
        return
    else:
        # Types and constants that nothing refers to any more are no part of the binary.
        breaking = False
    sentence = f"{name} is gone"
    yield Change("removed", name, found.described, "", breaking, sentence, found.location)


def _declared(description: Description, name: str) -> object:
    for item in description.declarations:
        if isinstance(item, (Function, Variable)) and item.name == name:
            return item
    return None


def _changed(found: Difference) -> Change:
    breaking = found.breaking
    sentence = _retold(found)
    if found.kind == "constant" and breaking:
        text = found.described.startswith('"') or found.actual.startswith('"')
        breaking = not text and not may_move("constant", found.name)
    elif may_move(found.kind, found.name):
        breaking = False
    elif found.kind == "symbol":
        breaking = True
        sentence = f"{found.name} was the symbol {found.described}, and is {found.actual}"
    return Change(
        found.kind,
        found.name,
        found.described,
        found.actual,
        breaking,
        sentence,
        found.location,
        found.actual_location,
    )


def _retold(found: Difference) -> str:
    """The change in a sentence: comparisons speak of a description and what is actual."""
    old, new = found.described, found.actual
    match found.kind:
        case "field missing" | "enumerator missing":
            return f"{found.name} is gone"
        case "field added" | "enumerator added":
            return f"{found.name} is new"
        case "size" | "align" | "offset":
            words = {"size": "size", "align": "alignment", "offset": "offset"}
            return f"the {words[found.kind]} of {found.name} was {old}, and is {new}"
        case "constant" | "enumerator":
            return f"{found.name} was {old}, and is {new}"
        case "field name":
            return f"{found.name} is called {new}"
        case "variadic":
            return f"{found.name} is variadic in one version only"
    return f"the {found.kind} of {found.name} was {old}, and is {new}"


def _versions(old: Side, new: Side) -> Iterator[Change]:
    """Symbol versions that a description names, and the new version's does not."""
    current = {f.name: f for f in _callables(new.description)}
    for item in _callables(old.description):
        other = current.get(item.name)
        if other is None or other.version == item.version or not item.version:
            continue
        if new.library is not None and new.library.find(item.symbol, item.version):
            continue
        was, now = f"{item.symbol}@{item.version}", f"{other.symbol}@{other.version}"
        sentence = f"{item.name} was bound to {was}, and is to {now}"
        places = (item.location, other.location)
        yield Change("version", item.name, was, now, True, sentence, *places)


def _callables(description: Description) -> Iterator[Function | Variable]:
    for item in description.declarations:
        if isinstance(item, (Function, Variable)):
            yield item


def _symbols(old: Side, new: Side, removed: set[str]) -> Iterator[Change]:
    """Of two libraries, the symbols that nobody describes."""
    if old.library is None or new.library is None:
        return
    described = {item.symbol for item in _callables(old.description)} | removed
    described |= {item.symbol for item in _callables(new.description)}
    before, after = old.library.exports(), new.library.exports()
    for symbol in (each for name in sorted(before) for each in before[name]):
        if symbol.made_by_linker:
            continue
        other = new.library.find(symbol.name, symbol.version or "")
        is_described = symbol.name in described
        if other is None:
            # What is described was looked for already, but for versions that nobody names.
            if symbol.version or not is_described:
                sentence = f"the symbol {symbol} is gone"
                yield Change("removed", symbol.name, str(symbol), "", True, sentence)
        elif symbol.size != other.size and symbol.kind == "object" and not is_described:
            sizes = (str(symbol.size), str(other.size))
            sentence = f"{symbol} had {sizes[0]} bytes, and has {sizes[1]}"
            yield Change("size", symbol.name, *sizes, True, sentence)
    for name in sorted(after.keys() - before.keys() - described):
        symbol = after[name][0]
        if not symbol.made_by_linker:
            yield Change("added", name, "", str(symbol), False, f"the symbol {symbol} is new")


# ---- what Python sees


@dataclass(frozen=True, slots=True)
class _Seen:
    """Something with a name in Python: what it looks like as text, and its parameters if it has."""

    text: str
    call: surface.Callable | None = None


def _python_changes(old: Description, new: Description) -> Iterator[Change]:
    before = dict(_names(surface.read(old, "module")))
    after = dict(_names(surface.read(new, "module")))
    for name, seen in before.items():
        now = after.get(name)
        if now is None:
            sentence = f"{name} is gone"
            yield Change("removed", name, seen.text, "", True, sentence)
        elif now.text != seen.text:
            breaking = not (
                seen.call is not None and now.call is not None and _accepts(seen.call, now.call)
            )
            sentence = f"{name} was {seen.text}, and is {now.text}"
            yield Change("changed", name, seen.text, now.text, breaking, sentence)
    for name, seen in after.items():
        if name not in before:
            yield Change("added", name, "", seen.text, False, f"{name} is new")
    yield from _ownership(old, new)


def _names(module: surface.Module) -> Iterator[tuple[str, _Seen]]:
    """All that can be reached by name, with what it looks like."""
    for each in module.walk():
        yield from _scope(each, "".join(f"{part}." for part in each.path))


def _scope(scope: surface.Module | surface.Class, path: str) -> Iterator[tuple[str, _Seen]]:
    for constant in scope.constants:
        # A release's own constants change with each of them.
        shown = "a constant" if is_of_a_release(constant.name) else f"{constant.value!r}"
        yield f"{path}{constant.name}", _Seen(shown)
    for variable in scope.variables:
        access = "" if variable.writable else ", read only"
        yield f"{path}{variable.name}", _Seen(f"{_spelled(variable.annotation)}{access}")
    for exception in scope.exceptions:
        yield f"{path}{exception.name}", _Seen(f"an exception, of {_spelled(exception.base)}")
    for enum in scope.enums:
        yield f"{path}{enum.name}", _Seen("IntFlag" if enum.flags else "IntEnum")
        for member in enum.members:
            yield f"{path}{enum.name}.{member.name}", _Seen(str(member.value))
    for function in scope.functions:
        yield f"{path}{function.name}", _Seen(_signature(function), function)
    for each in scope.classes:
        yield from _class(each, f"{path}{each.name}")


def _class(each: surface.Class, path: str) -> Iterator[tuple[str, _Seen]]:
    base = f", of {each.base.name}" if each.base is not None else ""
    traits = "" if each.hashable else ", not hashable"
    yield path, _Seen(f"class{base}{traits}")
    if each.constructor is not None:
        yield f"{path}()", _Seen(_signature(each.constructor), each.constructor)
    for item in each.properties:
        shown = "" if item.getter is None else _spelled(item.getter)
        written = "read only" if item.setter is None else f"set to {_spelled(item.setter)}"
        yield f"{path}.{item.name}", _Seen(f"{shown}, {written}")
    counts: dict[str, int] = {}
    for method in each.special_methods:
        number = counts[method.name] = counts.get(method.name, 0) + 1
        suffix = f" ({number})" if number > 1 else ""
        yield f"{path}.{method.name}{suffix}", _Seen(_signature(method), method)
    yield from _scope(each, f"{path}.")


def _spelled(annotation: Annotation) -> str:
    def name(named: Name | Own) -> str:
        return named.name

    return spell_annotation(annotation, name)


def _signature(function: surface.Callable) -> str:
    """A callable as Python writes it."""
    parts: list[str] = []
    starred = False
    last_positional = -1
    for at, parameter in enumerate(function.parameters):
        if parameter.kind is ParameterKind.POSITIONAL_ONLY:
            last_positional = at
    for at, parameter in enumerate(function.parameters):
        star = ""
        if parameter.kind is ParameterKind.VAR_POSITIONAL:
            star, starred = "*", True
        elif parameter.kind is ParameterKind.KEYWORD_ONLY and not starred:
            parts.append("*")
            starred = True
        default = f" = {parameter.default}" if parameter.default else ""
        parts.append(f"{star}{parameter.name}: {_spelled(parameter.annotation)}{default}")
        if at == last_positional:
            parts.append("/")
    receiver = f"[{function.receiver}] " if function.receiver else ""
    optional = ", optional" if function.optional else ""
    return f"{receiver}({', '.join(parts)}) -> {_spelled(function.result)}{optional}"


def _accepts(old: surface.Callable, new: surface.Callable) -> bool:
    """Whether every call that the old one took, the new one takes and answers alike."""
    if old.result != new.result or old.receiver != new.receiver or new.optional > old.optional:
        return False
    for at, was in enumerate(old.parameters):
        if at >= len(new.parameters):
            return False
        now = new.parameters[at]
        same_name = was.name == now.name or was.kind is ParameterKind.POSITIONAL_ONLY
        wider = was.kind is now.kind or (
            now.kind is ParameterKind.POSITIONAL_OR_KEYWORD
            and was.kind is not ParameterKind.VAR_POSITIONAL
        )
        keeps_default = bool(now.default) or not was.default
        if not (same_name and wider and keeps_default and was.annotation == now.annotation):
            return False
        if was.default and was.default != now.default:
            return False
    more = new.parameters[len(old.parameters) :]
    return all(each.default or each.kind is ParameterKind.VAR_POSITIONAL for each in more)


def _ownership(old: Description, new: Description) -> Iterator[Change]:
    """Who owns what, of functions in both: no signature shows it."""
    current = {f.name: f for f in new.functions()}
    for item in old.functions():
        other = current.get(item.name)
        if other is None:
            continue
        was, now = _owning(item), _owning(other)
        if was != now:
            sides = (", ".join(was) or "nothing", ", ".join(now) or "nothing")
            sentence = f"{item.name}: who owns what was {sides[0]}, and is {sides[1]}"
            only_quick = {*was} ^ {*now} == {"quick"}
            yield Change(
                "ownership", item.name, *sides, not only_quick, sentence, item.location,
                other.location,
            )  # fmt: skip


def _owning(item: Function) -> Sequence[str]:
    said = [_attribute(a) for a in item.attributes if a.name in OWNERSHIP]
    for parameter in item.type.parameters:
        label = f"{parameter.name}: "
        said += [label + _attribute(a) for a in parameter.attributes if a.name in OWNERSHIP]
    return sorted(said)


def _attribute(attribute: Attribute) -> str:
    shown = [
        str(argument) if isinstance(argument, Identifier) else repr(argument)
        for argument in attribute.arguments
    ]
    return f"{attribute.name}({', '.join(shown)})" if shown else attribute.name


# ---- JSON


def _side_json(side: Side) -> dict[str, Any]:
    return {"name": side.name, "origin": side.origin}


def _change_json(change: Change) -> dict[str, Any]:
    return {
        "kind": change.kind,
        "name": change.name,
        "old": change.old,
        "new": change.new,
        "breaking": change.breaking,
        "sentence": change.sentence,
        "old_location": change.old_location.as_json(),
        "new_location": change.new_location.as_json(),
    }
