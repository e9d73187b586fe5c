"""The facts about a description: what a library says of itself, so that load can compare.

A fact is a text and a number. The text says what the number is:

    function NAME, variable NAME    the digest of its prototype; NAME is the symbol
    sizeof struct NAME              also union and enum; NAME is the tag, or the typedef's name
    alignof struct NAME
    members struct NAME             the digest of what its members are
    offsetof struct NAME.MEMBER     in bytes; MEMBER.INNER within a member of an unnamed type
    enumerator NAME, constant NAME  its value

Digests are of the canonical spelling of a type, which `canonical` writes. The engine (digest.c,
verify.c) has its own hand at both; the tests hold them together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from symbridge.declarations import (
    Alias,
    Array,
    Constant,
    Declaration,
    Description,
    Enum,
    Function,
    FunctionType,
    Kind,
    Location,
    Pointer,
    Record,
    Scalar,
    Type,
    Variable,
    Void,
)
from symbridge.embed.note import fnv1a

__all__ = ["Fact", "canonical", "digest", "facts_of", "members_digest"]

#: Bytes of a canonical spelling; what follows is not looked at.
MAX_CANONICAL = 8192

_KINDS = {
    Kind.BOOL: "bool",
    Kind.CHAR: "char",
    Kind.INT: "int",
    Kind.UINT: "uint",
    Kind.WIDE: "wide",
    Kind.FLOAT: "float",
    Kind.COMPLEX: "complex",
}


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact as the description has it."""

    text: str
    value: int  # a digest, or a number that may be negative
    declaration: Declaration  # where it is described
    location: Location
    expression: str  # the constant expression that gives it in C; empty for digests

    @property
    def pair(self) -> tuple[str, int]:
        """What pack_facts takes."""
        return self.text, self.value


def facts_of(description: Description) -> Iterator[Fact]:
    """The facts that a description claims, in its order.

    A symbol that is described under two names has two facts of one text. A function that not every
    version of the library has, [[optional]], has one too.
    """
    for declaration in description.declarations:
        yield from _facts(declaration)


def _facts(declaration: Declaration) -> Iterator[Fact]:
    match declaration:
        case Function():
            text = f"function {declaration.symbol}"
            value = digest(declaration.type)
            yield Fact(text, value, declaration, declaration.location, "")
        case Variable():
            text = f"variable {declaration.symbol}"
            value = digest(declaration.type)
            yield Fact(text, value, declaration, declaration.location, "")
        case Record():
            yield from _record_facts(declaration)
        case Enum():
            yield from _enum_facts(declaration)
        case Constant(value=int(value)) if not isinstance(declaration.value, bool):
            text = f"constant {declaration.name}"
            expression = f"({declaration.name})"
            yield Fact(text, value, declaration, declaration.location, expression)


def _record_facts(record: Record) -> Iterator[Fact]:
    if not record.name or record.fields is None or record.size is None or record.align is None:
        return
    name = f"{record.kind} {record.tag or record.typedef}"
    place = record.location
    yield Fact(f"sizeof {name}", record.size, record, place, f"sizeof({record.name})")
    yield Fact(f"alignof {name}", record.align, record, place, f"_Alignof({record.name})")
    yield Fact(f"members {name}", members_digest(record), record, place, "")
    yield from _offset_facts(record, record, name, "", 0)


def _offset_facts(outer: Record, record: Record, name: str, path: str, base: int) -> Iterator[Fact]:
    for field in record.fields or ():
        if field.bit_width is not None or field.offset is None:
            continue  # no compiler says where bits lie
        offset, inner = base + field.offset, path
        if field.name:
            member = f"{path}{field.name}"
            inner = f"{member}."
            expression = f"offsetof({outer.name}, {member})"
            yield Fact(f"offsetof {name}.{member}", offset, outer, field.location, expression)
        if isinstance(field.type, Record) and not field.type.name:
            yield from _offset_facts(outer, field.type, name, inner, offset)


def _enum_facts(enum: Enum) -> Iterator[Fact]:
    if enum.underlying is None:
        return
    if enum.name:
        text = f"sizeof enum {enum.tag or enum.typedef}"
        yield Fact(text, enum.underlying.size, enum, enum.location, f"sizeof({enum.name})")
    for enumerator in enum.enumerators or ():
        text = f"enumerator {enumerator.name}"
        yield Fact(text, enumerator.value, enum, enumerator.location, f"({enumerator.name})")


# ---- prototypes


def digest(type: Type, size_of: Callable[[Scalar], int] | None = None) -> int:
    """The digest of a function's or variable's type: the hash of its canonical spelling."""
    return fnv1a(canonical(type, size_of).encode())


def members_digest(record: Record, size_of: Callable[[Scalar], int] | None = None) -> int:
    """The digest of a record: of its members, spelled as though it had no name."""
    return digest(replace(record, tag="", typedef=""), size_of)


def canonical(type: Type, size_of: Callable[[Scalar], int] | None = None) -> str:
    """The canonical spelling of a type: "(uint32,*uint64)uint32".

    size_of: the bytes of a scalar on another machine than the description's.
    """
    spelling = _Spelling(size_of or (lambda scalar: scalar.size))
    spelling.put_type(type)
    # Cut where the engine cuts: at a byte.
    text = "".join(spelling.parts).encode()[:MAX_CANONICAL]
    return text.decode("utf-8", "ignore")


class _Spelling:
    """Text that is not added to once it is too long."""

    def __init__(self, size_of: Callable[[Scalar], int]) -> None:
        self.parts: list[str] = []
        self._length = 0
        self._size_of = size_of

    def put(self, text: str) -> None:
        self.parts.append(text)
        self._length += len(text.encode())

    def put_type(self, type: Type) -> None:
        while not self._is_full():
            match type:
                case Void():
                    self.put("void")
                    return
                case Scalar():
                    self._put_scalar(type)
                    return
                case Enum():
                    self._put_enum(type)
                    return
                case Record():
                    self._put_record(type)
                    return
                case Alias():
                    type = type.target
                case Pointer():
                    self.put("*")
                    type = type.target
                case Array():
                    self.put(f"[{'' if type.length is None else type.length}]")
                    type = type.element
                case FunctionType():
                    self._put_parameters(type)
                    type = type.result

    def _is_full(self) -> bool:
        return self._length >= MAX_CANONICAL

    def _put_scalar(self, scalar: Scalar) -> None:
        if scalar.kind is Kind.FOREIGN:
            self.put(scalar.name)
        else:
            self.put(f"{_KINDS[scalar.kind]}{self._size_of(scalar) * 8}")

    def _put_enum(self, enum: Enum) -> None:
        if enum.underlying is None:
            self.put("uint0")
        else:
            self._put_scalar(enum.underlying)

    def _put_record(self, record: Record) -> None:
        self.put(record.kind)
        if record.tag or record.typedef:
            self.put(f" {record.tag or record.typedef}")
            return
        self.put("{")
        for number, field in enumerate(record.fields or ()):
            if self._is_full():
                return
            if number > 0:
                self.put(",")
            self.put_type(field.type)
            if field.bit_width:
                self.put(f":{field.bit_width}")
        self.put("}")

    def _put_parameters(self, type: FunctionType) -> None:
        self.put("(")
        if not type.prototyped:
            self.put("?")
        for number, parameter in enumerate(type.parameters):
            if self._is_full():
                return
            if number > 0:
                self.put(",")
            self.put_type(parameter.type)
        if type.variadic:
            self.put(",..." if type.parameters else "...")
        self.put(")")
