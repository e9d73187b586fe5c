"""Python types as annotations say them, apart from how a module spells their names.

An annotation is a value: names with arguments, unions, callables. What is in a description's own
modules is an `Own`, so that each module can say how it reaches that; all else is a `Name` in a
module of Python's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

__all__ = [
    "ANY",
    "BOOL",
    "BUFFER",
    "BYTES",
    "COMPLEX",
    "FLOAT",
    "INDEX",
    "INT",
    "NEVER",
    "NONE",
    "OBJECT",
    "REAL",
    "SELF",
    "STR",
    "Annotation",
    "Literal",
    "Name",
    "Own",
    "Signature",
    "Union",
    "assignable",
    "generic",
    "names",
    "optional",
    "spell",
    "union",
]


@dataclass(frozen=True, slots=True)
class Name:
    """A type of Python's own or of another package: builtins.int, typing.SupportsIndex."""

    module: str
    name: str
    arguments: tuple[Annotation, ...] = ()


@dataclass(frozen=True, slots=True)
class Own:
    """A class of the description: in the submodule of that path, under that qualified name."""

    module: tuple[str, ...]
    name: str


@dataclass(frozen=True, slots=True)
class Literal:
    """One of some values: Literal[0, 1]."""

    values: tuple[int | str, ...]


@dataclass(frozen=True, slots=True)
class Signature:
    """What can be called with these positional arguments: Callable[[...], result]."""

    parameters: tuple[Annotation, ...]
    result: Annotation


@dataclass(frozen=True, slots=True)
class Union:
    """One of several, none of them a union."""

    members: tuple[Annotation, ...]


Annotation: TypeAlias = "Name | Own | Literal | Signature | Union"

ANY = Name("typing", "Any")
BOOL = Name("builtins", "bool")
BUFFER = Name("typing_extensions", "Buffer")
BYTES = Name("builtins", "bytes")
FLOAT = Name("builtins", "float")
INDEX = Name("typing", "SupportsIndex")
INT = Name("builtins", "int")
NEVER = Name("typing", "Never")
NONE = Name("builtins", "None")
OBJECT = Name("builtins", "object")
SELF = Name("typing", "Self")
STR = Name("builtins", "str")


def union(*members: Annotation) -> Annotation:
    """One of the members: flat, each once, None at the end, object and Never as they count."""
    flat: dict[Annotation, None] = {}
    for member in members:
        for part in member.members if isinstance(member, Union) else (member,):
            flat[part] = None
    if OBJECT in flat:
        return OBJECT
    if len(flat) > 1:
        flat.pop(NEVER, None)
    if NONE in flat:
        del flat[NONE]
        flat[NONE] = None
    return next(iter(flat)) if len(flat) == 1 else Union(tuple(flat))


def optional(annotation: Annotation, null: bool = True) -> Annotation:
    """The annotation, or None too when `null` is true."""
    return union(annotation, NONE) if null else annotation


def generic(module: str, name: str, *arguments: Annotation) -> Name:
    """A type with arguments: generic("builtins", "list", INT)."""
    return Name(module, name, arguments)


REAL = union(Name("typing", "SupportsFloat"), INDEX)
COMPLEX = union(Name("builtins", "complex"), Name("typing", "SupportsComplex"), REAL)


def names(annotation: Annotation) -> Iterator[Name | Own]:
    """All names in an annotation, with those that spelling it needs."""
    match annotation:
        case Name():
            yield annotation
            for argument in annotation.arguments:
                yield from names(argument)
        case Own():
            yield annotation
        case Literal():
            yield Name("typing", "Literal")
        case Signature():
            yield Name("collections.abc", "Callable")
            for part in (*annotation.parameters, annotation.result):
                yield from names(part)
        case Union():
            for member in annotation.members:
                yield from names(member)


def spell(annotation: Annotation, name: Callable[[Name | Own], str] | None = None) -> str:
    """The annotation as Python text; `name` says how a name is reached, by default as itself."""
    reach = name or (lambda named: named.name)

    def text(part: Annotation) -> str:
        match part:
            case Name():
                inside = ", ".join(map(text, part.arguments))
                return f"{reach(part)}[{inside}]" if inside else reach(part)
            case Own():
                return reach(part)
            case Literal():
                values = ", ".join(map(repr, part.values))
                return f"{reach(Name('typing', 'Literal'))}[{values}]"
            case Signature():
                parameters = ", ".join(map(text, part.parameters))
                callable_ = reach(Name("collections.abc", "Callable"))
                return f"{callable_}[[{parameters}], {text(part.result)}]"
            case Union():
                return " | ".join(map(text, part.members))

    return text(annotation)


def assignable(
    value: Annotation,
    target: Annotation,
    bases: Mapping[Own, Own] = {},
) -> bool:
    """Whether all that `value` allows is allowed by `target`, as far as names tell.

    bases: each class's base. An answer of false may be wrong for types that are related otherwise.
    """
    if value in (target, NEVER) or target in (OBJECT, ANY):
        return True
    if isinstance(value, Union):
        return all(assignable(member, target, bases) for member in value.members)
    if isinstance(target, Union):
        return any(assignable(value, member, bases) for member in target.members)
    match value, target:
        case Own(), Own():
            return value in bases and assignable(bases[value], target, bases)
        case Signature(), Signature():
            same = len(value.parameters) == len(target.parameters)
            return (
                same
                and assignable(value.result, target.result, bases)
                and all(
                    assignable(wanted, given, bases)
                    for wanted, given in zip(target.parameters, value.parameters, strict=True)
                )
            )
    return False
