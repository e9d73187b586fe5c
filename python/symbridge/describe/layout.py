"""How to write a struct so that it is laid out as the model says.

The engine lays out records as gcc and clang do. Where that is not what a record has, attributes
make it so: `packed`, `aligned(n)` at the record or at fields, `#pragma pack`, and unnamed bits for
gaps. plan() finds the least that is needed, by laying the record out under each choice.
"""

from __future__ import annotations

import platform
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from symbridge.declarations import (
    Array,
    Enum,
    Field,
    FunctionType,
    Pointer,
    Record,
    Scalar,
    Type,
    Void,
    resolved,
)

__all__ = ["LARGEST_ALIGN", "POINTER_SIZE", "FieldPlan", "RecordPlan", "plan", "size_and_align"]

POINTER_SIZE = struct.calcsize("P")

#: Where unnamed bit-fields align their record.
UNNAMED_BITS_ALIGN = platform.machine() in ("aarch64", "arm64") or platform.machine().startswith(
    "arm"
)

#: What alignments are tried up to, and the widest gap that is filled, in bytes.
LARGEST_ALIGN = 4096
WIDEST_GAP = 64


@dataclass(slots=True)
class FieldPlan:
    """How a field is to be written: bits of padding before it, its own attributes."""

    padding: int = 0
    packed: bool = False
    aligned: int = 0


@dataclass(slots=True)
class RecordPlan:
    """How a record is to be written."""

    packed: bool = False
    aligned: int = 0
    pack: int = 0
    fields: list[FieldPlan] = field(default_factory=list)
    padding: int = 0  # bits behind the last field


def size_and_align(type: Type) -> tuple[int, int] | None:
    """Size and alignment of a type; None for one that has none. A flexible array has size 0."""
    match resolved(type):
        case Scalar() as scalar:
            return scalar.size, scalar.align
        case Pointer():
            return POINTER_SIZE, POINTER_SIZE
        case Array() as array:
            element = size_and_align(array.element)
            return None if element is None else (element[0] * (array.length or 0), element[1])
        case Record() as record:
            if record.size is None or record.align is None:
                return None
            return record.size, record.align
        case Enum() as enum:
            return None if enum.underlying is None else size_and_align(enum.underlying)
        case Void() | FunctionType() | _:
            return None


def plan(record: Record) -> RecordPlan | None:
    """The least that makes the engine lay the record out as it is; None when nothing does."""
    fields = record.fields or []
    measures = [size_and_align(f.type) for f in fields]
    if record.size is None or record.align is None or any(f.offset is None for f in fields):
        return RecordPlan(fields=[FieldPlan() for _ in fields])
    if any(measure is None for measure in measures):
        return None
    known = [measure for measure in measures if measure is not None]
    for pack, packed in ((0, False), (0, True), *((1 << n, False) for n in range(5))):
        found = _Attempt(record, fields, known, pack, packed).run()
        if found is not None:
            return found
    return None


def _round_up(value: int, align: int) -> int:
    return (value + align - 1) & ~(align - 1)


class _Attempt:
    """One way to write the whole record. Places are counted in bits from its start."""

    def __init__(
        self,
        record: Record,
        fields: Sequence[Field],
        measures: Sequence[tuple[int, int]],
        pack: int,
        packed: bool,
    ) -> None:
        self.record = record
        self.fields = fields
        self.measures = measures
        self.pack = pack
        self.packed = packed

    def run(self) -> RecordPlan | None:
        record, is_union = self.record, self.record.kind == "union"
        assert record.size is not None
        assert record.align is not None
        result = RecordPlan(packed=self.packed, pack=self.pack)
        place = end = 0
        align = 1
        for member, measure in zip(self.fields, self.measures, strict=True):
            start = 0 if is_union else place
            found = self._field(start, member, measure)
            if found is None:
                return None
            choice, own_align = found
            if is_union and choice.padding:
                return None
            result.fields.append(choice)
            assert member.offset is not None
            width = measure[0] * 8 if member.bit_width is None else member.bit_width
            place = member.offset * 8 + member.bit_offset + width
            end, align = max(end, place), max(align, own_align)
        if align < record.align:
            result.aligned = align = record.align
        size = _round_up((end + 7) // 8, align)
        if size < record.size:
            gap = (record.size - align) * 8 + 1 - end
            if is_union or gap > WIDEST_GAP * 8:
                return None
            result.padding = _round_up(end + gap, 8) - end
            size = _round_up((end + result.padding) // 8, align)
        return result if (size, align) == (record.size, record.align) else None

    def _field(
        self, place: int, member: Field, measure: tuple[int, int]
    ) -> tuple[FieldPlan, int] | None:
        """What puts the field where it lies, behind `place`; its share in the alignment."""
        assert member.offset is not None
        assert self.record.align is not None
        wanted = member.offset * 8 + member.bit_offset
        if wanted < place:
            return None
        for choice in self._choices(wanted - place):
            found, align = self._lay(place + choice.padding, member, measure, choice)
            if found == wanted and align <= self.record.align:
                return choice, align
        return None

    def _choices(self, gap: int) -> Iterator[FieldPlan]:
        aligns = [1 << n for n in range(1, LARGEST_ALIGN.bit_length())]
        yield FieldPlan()
        yield from (FieldPlan(aligned=align) for align in aligns)
        yield FieldPlan(packed=True)
        yield from (FieldPlan(packed=True, aligned=align) for align in aligns)
        if 0 < gap <= WIDEST_GAP * 8:
            yield FieldPlan(padding=gap)
            yield FieldPlan(padding=gap, packed=True)

    def _lay(
        self, place: int, member: Field, measure: tuple[int, int], choice: FieldPlan
    ) -> tuple[int, int]:
        """Where the engine puts the field, in bits; the alignment it asks of the record."""
        size, natural = measure
        packed, asked = self.packed or choice.packed, choice.aligned
        if member.bit_width is None:
            align = (asked or 1) if packed else max(natural, asked)
            if self.pack:
                align = min(align, self.pack)
            return _round_up(place, align * 8), align
        if self.pack and asked:
            asked = min(asked, self.pack)
        if asked:
            place = _round_up(place, asked * 8)
        align = max(asked, 1)
        if member.name or UNNAMED_BITS_ALIGN:
            align = max(align, min(natural, self.pack) if self.pack else 1 if packed else natural)
        if not packed and not self.pack:
            unit = natural * 8
            if (place % unit + member.bit_width + unit - 1) // unit > size // natural:
                place = _round_up(place, unit)
        return place, align
