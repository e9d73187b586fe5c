"""The members of records as code reaches them: through unnamed structs and unions."""

from __future__ import annotations

from dataclasses import dataclass

from symbridge.declarations import (
    Array,
    Field,
    Kind,
    Location,
    Qualifier,
    Record,
    Scalar,
    Type,
    resolved,
)
from symbridge.failure import ToolError

__all__ = ["MAX_DEPTH", "Member", "eightbytes", "members"]

#: Types nested in types, beyond which nothing that a compiler accepts is meant.
MAX_DEPTH = 200

#: Fields of one record with those of its unnamed members: debug data may lie.
MAX_MEMBERS = 1_000_000


@dataclass(frozen=True, slots=True)
class Member:
    """A field as code reaches it: those of unnamed structs and unions are their record's own."""

    name: str
    type: Type
    bit: int | None  # where it begins, in bits; None when the layout is not known
    width: int | None  # of a bit-field, in bits
    qualifiers: Qualifier
    location: Location


def members(record: Record) -> list[Member]:
    """The members of a record, in order. Unnamed bits are not among them."""
    found: list[Member] = []
    _add_members(record, 0, found, 0)
    return found


def _add_members(record: Record, base: int | None, found: list[Member], depth: int) -> None:
    if depth > MAX_DEPTH:
        raise ToolError(f"{record.name or 'a record'} is nested more than {MAX_DEPTH} deep")
    for item in record.fields or ():
        bit = None if base is None or item.offset is None else base + item.offset * 8
        inner = resolved(item.type)
        if not item.name and item.bit_width is None and isinstance(inner, Record):
            _add_members(inner, bit, found, depth + 1)
        elif item.name:
            if len(found) >= MAX_MEMBERS:
                raise ToolError(f"{record.name or 'a record'} has more than {MAX_MEMBERS} fields")
            found.append(_member(item, bit))


def _member(item: Field, bit: int | None) -> Member:
    if bit is not None and item.bit_width is not None:
        bit += item.bit_offset
    return Member(item.name, item.type, bit, item.bit_width, item.qualifiers, item.location)


def eightbytes(record: Record) -> dict[int, bool]:
    """For each eight bytes of a small union whether only floating numbers lie there."""
    floating: dict[int, bool] = {}
    for member in members(record):
        inner = resolved(member.type)
        while isinstance(inner, Array):
            inner = resolved(inner.element)
        is_float = isinstance(inner, Scalar) and inner.kind in (Kind.FLOAT, Kind.COMPLEX)
        first = (member.bit or 0) // 64
        last = first
        if isinstance(inner, (Record, Array)) or isinstance(resolved(member.type), Array):
            last = ((record.size or 1) - 1) // 8
        for index in range(first, last + 1):
            floating[index] = floating.get(index, True) and is_float
    return floating
