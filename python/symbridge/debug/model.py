"""From types under numbers, as all debug formats have them, to declarations.

A format's reader derives from Reader and says what the type of a number is. What is common is here:
each type is made once, records first as shells and later filled, so that neither cycles nor chains
of any length cost more than memory for the types; records of one tag in several units are one;
what the formats leave unsaid (alignment, packing) is found from the layout.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable
from typing import Protocol

from symbridge.debug.limits import (
    DEPTH_MAX,
    RECORD_SIZE_MAX,
    TYPE_PARTS_MAX,
    TYPES_MAX,
    MalformedError,
)
from symbridge.debug.scalars import Machine, standard
from symbridge.declarations import (
    NOWHERE,
    Alias,
    Array,
    Declaration,
    Enum,
    Enumerator,
    Field,
    Function,
    FunctionType,
    Location,
    Parameter,
    Pointer,
    Qualifier,
    Record,
    Scalar,
    Type,
    Typedef,
    Variable,
    Void,
    resolved,
)

__all__ = [
    "Reader",
    "Steps",
    "Typed",
    "extent",
    "innermost",
    "is_name",
    "make_flexible",
    "settled",
]

#: A type and the qualifiers that stand beside it.
Typed = tuple[Type, Qualifier]

NAME = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]*\Z", re.ASCII)
ALIGN_MAX = 1 << 16
#: Records of one tag that are compared with a new one, and notes that are kept.
VARIANTS_MAX = 64
NOTES_MAX = 100


class Steps(Protocol):
    """Where progress is shown: symbridge.cli.terminal.Progress."""

    def step(self, done: int, total: int | None = None, what: str = "") -> None:
        """So much of the total is done."""


def is_name(text: str) -> bool:
    """Whether a name can stand in C."""
    return NAME.match(text) is not None


class Reader:
    """Makes types of numbers. `section` is what errors name."""

    section = ""
    #: Whether a size that fields alone do not explain tells of an alignment.
    infer_alignment = True

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        #: What a person should know of the data: a dict, for its order and its speed.
        self.notes: dict[str, None] = {}
        self._types: dict[int, Typed] = {}
        self._making: set[int] = set()
        self._records: dict[tuple[str, str, str], list[tuple[Record, int]]] = {}
        self._enums: dict[tuple[str, str], list[Enum]] = {}
        self._shells: list[tuple[Record, int]] = []
        self._measures: dict[int, tuple[Type, int, int]] = {}
        #: Where typedefs were declared, and alignments that the debug data say: by the object's id.
        self._places: dict[int, Location] = {}
        self._aligned: dict[int, int] = {}

    # -- what a format's reader says

    def make(self, key: int) -> Typed:
        """The type of a number. Calls self.type() for those it is made of."""
        raise NotImplementedError

    def fields(self, key: int) -> list[Field]:
        """The members of the record of a number, without their layout being checked."""
        raise NotImplementedError

    def shape(self, key: int) -> object:
        """What tells two records of one tag apart, without looking at other types."""
        raise NotImplementedError

    def correct(self, record: Record) -> None:
        """Put right what the format's writers are known to get wrong, once the fields are there."""

    # -- types

    def type(self, key: int) -> Typed:
        """The type of a number."""
        if key in self._types:
            return self._types[key]
        if key in self._making:
            raise MalformedError(self.section, f"type {key:#x} is made of itself")
        if len(self._making) >= DEPTH_MAX:
            raise MalformedError(self.section, f"types lie over {DEPTH_MAX} deep in one another")
        if len(self._types) >= TYPES_MAX:
            raise MalformedError(self.section, f"over {TYPES_MAX} types")
        self._making.add(key)
        try:
            made = self.make(key)
        finally:
            self._making.discard(key)
        self._measure(made[0])
        self._types[key] = made
        return made

    def _measure(self, type: Type) -> tuple[int, int]:
        """Parts and depth of a type written out. Those of its parts are known already, or small."""
        known = self._measures.get(id(type))
        if known is not None:
            return known[1], known[2]
        inner: Iterable[Type]
        match type:
            case Pointer() | Alias():
                inner = (type.target,)
            case Array():
                inner = (type.element,)
            case FunctionType():
                inner = (type.result, *(p.type for p in type.parameters))
            case _:
                return 1, 1
        parts, depth = 1, 0
        for part in inner:
            count, deep = self._measure(part)
            parts += count
            depth = max(depth, deep)
        depth += 1
        if parts > TYPE_PARTS_MAX or depth > DEPTH_MAX:
            raise MalformedError(
                self.section,
                f"a type of over {TYPE_PARTS_MAX} parts, or over {DEPTH_MAX} deep",
            )
        self._measures[id(type)] = (type, parts, depth)
        return parts, depth

    def qualified(self, key: int | None, qualifier: Qualifier) -> Typed:
        """The type of a number (None: void) under one more qualifier. An array's go to its
        elements."""
        made, qualifiers = self.type(key) if key is not None else (Void(), Qualifier.NONE)
        if isinstance(made, Array):
            return Array(made.element, made.length, made.qualifiers | qualifier), qualifiers
        if isinstance(made, FunctionType):
            return made, qualifiers
        return made, qualifiers | qualifier

    def array(self, element: Typed, lengths: list[int | None]) -> Typed:
        """element[lengths[0]][lengths[1]]..."""
        if len(lengths) > DEPTH_MAX:
            raise MalformedError(self.section, f"an array of over {DEPTH_MAX} dimensions")
        made, qualifiers = element
        for length in reversed(lengths):
            made, qualifiers = Array(made, length, qualifiers), Qualifier.NONE
        return made, Qualifier.NONE

    def parameter(self, name: str, typed: Typed) -> Parameter:
        """A parameter. Arrays and functions are pointers there, should a compiler have kept
        them."""
        made, qualifiers = typed
        behind = resolved(made)
        if isinstance(behind, Array):
            made, qualifiers = Pointer(behind.element, behind.qualifiers), Qualifier.NONE
        elif isinstance(behind, FunctionType):
            made, qualifiers = Pointer(made, Qualifier.NONE), Qualifier.NONE
        return Parameter(name if is_name(name) else "", made, qualifiers)

    def alias(self, name: str, typed: Typed, place: Location = NOWHERE, aligned: int = 0) -> Typed:
        """A typedef."""
        target, qualifiers = typed
        if not is_name(name):
            return typed
        behind = resolved(target)
        if isinstance(behind, Scalar) and not qualifiers and not aligned:
            known = standard(name, behind, self.machine)
            if known is not None:
                return known, Qualifier.NONE
        if isinstance(target, (Record, Enum)) and target.name == name and not qualifiers:
            self._places.setdefault(id(target), place)
            return target, Qualifier.NONE  # typedef struct { ... } name
        made = Alias(name, target, qualifiers)
        self._places[id(made)] = place
        if aligned:
            self._aligned[id(made)] = aligned
        return made, Qualifier.NONE

    # -- records and enums

    def record(
        self,
        key: int,
        kind: str,
        tag: str,
        typedef: str,
        size: int | None,
        place: Location = NOWHERE,
        aligned: int = 0,
    ) -> Record:
        """The record of a number; size None: only its name is known. Its fields follow in
        finish()."""
        if size is not None and not 0 <= size <= RECORD_SIZE_MAX:
            raise MalformedError(
                self.section, f"{kind} {tag or typedef or 'unnamed'} has {size} bytes"
            )
        name = (kind, tag, "" if tag else typedef)
        known = self._records.setdefault(name, []) if tag or typedef else []
        for number, (made, other) in enumerate(known[:VARIANTS_MAX]):
            if size is None:
                return made
            if made.size is None:  # its name was met before itself
                made.size, made.location = size, place
                known[number] = (made, key)
                if aligned:
                    self._aligned[id(made)] = aligned
                self._shells.append((made, key))
                return made
            same_place = place.line and made.location == place
            if made.size == size and (same_place or self.shape(other) == self.shape(key)):
                return made
        if known:
            self.note(f"{known[0][0].name} is declared in more than one way: each use has its own")
        made = Record(kind, tag, typedef if not tag else "", None, size, None, location=place)
        if aligned:
            self._aligned[id(made)] = aligned
        known.append((made, key))
        if size is not None:
            self._shells.append((made, key))
        return made

    def enum(
        self,
        tag: str,
        typedef: str,
        enumerators: list[Enumerator] | None,
        underlying: Scalar | None,
        place: Location = NOWHERE,
    ) -> Enum:
        """An enum; the one that is there already when it is the same."""
        known = self._enums.setdefault((tag, "" if tag else typedef), [])
        named = bool(tag or typedef)
        for made in known[:VARIANTS_MAX] if named else ():
            if made.enumerators is None or enumerators is None:
                if made.enumerators is None and enumerators is not None:
                    made.enumerators, made.underlying = enumerators, underlying
                return made
            pairs = [(e.name, e.value) for e in made.enumerators]
            if pairs == [(e.name, e.value) for e in enumerators] and made.underlying == underlying:
                return made
        if known and named:
            self.note(f"{known[0].name} is declared in more than one way: each use has its own")
        made = Enum(tag, typedef if not tag else "", enumerators, underlying, location=place)
        known.append(made)
        return made

    def note(self, text: str) -> None:
        """Say something about the data, once."""
        if len(self.notes) < NOTES_MAX:
            self.notes[text] = None

    def finish(self) -> None:
        """Fill the records that were met, and those met in them, and find how they are aligned."""
        filled: list[Record] = []
        while self._shells:
            record, key = self._shells.pop()
            record.fields = self.fields(key)
            self.correct(record)
            filled.append(record)
            if len(filled) > TYPES_MAX:
                raise MalformedError(self.section, f"over {TYPES_MAX} records")
        for record in filled:
            self._settle(record)

    def _settle(self, record: Record) -> None:
        """Settle a record and those that lie in it, innermost first."""
        stack = [record]
        on_way: set[int] = set()
        while stack:
            top = stack[-1]
            if top.align is not None:
                stack.pop()
                continue
            if id(top) not in on_way:
                on_way.add(id(top))
                if len(on_way) > DEPTH_MAX:
                    raise MalformedError(
                        self.section, f"records lie over {DEPTH_MAX} deep in one another"
                    )
                missing = [
                    inner
                    for field in top.fields or ()
                    if isinstance(inner := _embedded(field.type), Record)
                    and inner.align is None
                    and inner.size is not None
                ]
                for inner in missing:
                    if id(inner) in on_way:
                        raise MalformedError(self.section, f"{_shown(inner)} contains itself")
                if missing:
                    stack.extend(missing)
                    continue
            stack.pop()
            on_way.discard(id(top))
            settled(top, self.machine, self._aligned, self.section, self.infer_alignment)

    # -- declarations

    def declarations(
        self, functions: Iterable[Function], variables: Iterable[Variable]
    ) -> list[Declaration]:
        """Functions and variables, behind all types that they need, each behind those that it
        needs."""
        functions, variables = list(functions), list(variables)
        order = _Order(self._places, self.section)
        for function in functions:
            order.need(function.type)
        for variable in variables:
            order.need(variable.type)
        for name in order.ambiguous:
            self.note(f"{name} is a typedef of more than one type: the first one is declared")
        return [*order.result, *functions, *variables]


class _Order:
    """Types in an order in which C can declare them."""

    def __init__(self, places: dict[int, Location], section: str) -> None:
        self.result: list[Declaration] = []
        self.ambiguous: list[str] = []
        self._places = places
        self._section = section
        self._seen: set[int] = set()
        self._unnamed: set[int] = set()  # records without a tag that lie around what is looked at
        self._typedefs: dict[str, Type] = {}
        self._later: deque[Record] = deque()

    def need(self, type: Type) -> None:
        """Declare what a type needs, then what it only points to."""
        self._declare(type)
        while self._later:
            self._declare(self._later.popleft())

    def _declare(self, type: Type) -> None:
        # (type, whether it has to be complete, whether what it needs has been declared)
        stack: list[tuple[Type, bool, bool]] = [(type, True, False)]
        while stack:
            top, whole, ready = stack.pop()
            if ready:
                self._emit(top)
                continue
            match top:
                case Pointer():
                    stack.append((top.target, False, False))
                case Array():
                    stack.append((top.element, whole, False))
                case FunctionType():
                    stack.extend((p.type, False, False) for p in reversed(top.parameters))
                    stack.append((top.result, False, False))
                case Alias():
                    if self._first(top):
                        stack.append((top, whole, True))
                    stack.append((top.target, whole, False))
                case Record():
                    if not whole and top.tag and id(top) not in self._seen:
                        self._later.append(top)
                    elif id(top) in self._unnamed:
                        # C has no way to say it, and who writes it out would not end.
                        what = f"{_shown(top)}, which has no tag, refers to itself"
                        raise MalformedError(self._section, what)
                    elif self._first(top):
                        if not top.tag:
                            self._unnamed.add(id(top))
                        stack.append((top, whole, True))
                        fields = reversed(top.fields or ())
                        stack.extend((f.type, True, False) for f in fields)
                case Enum():
                    if self._first(top):
                        self._emit(top)

    def _first(self, type: Type) -> bool:
        if id(type) in self._seen:
            return False
        self._seen.add(id(type))
        return True

    def _emit(self, type: Type) -> None:
        if isinstance(type, Alias):
            self._typedef(type.name, type.target, type.qualifiers, self._place(type))
        elif isinstance(type, (Record, Enum)):
            self._unnamed.discard(id(type))
            self.result.append(type)
            if type.typedef:
                self._typedef(type.typedef, type, Qualifier.NONE, self._place(type))

    def _place(self, type: Type) -> Location:
        return self._places.get(id(type), NOWHERE)

    def _typedef(self, name: str, target: Type, qualifiers: Qualifier, place: Location) -> None:
        if name not in self._typedefs:
            self._typedefs[name] = target
            self.result.append(Typedef(name, target, qualifiers, location=place))
        elif self._typedefs[name] != target and name not in self.ambiguous:
            self.ambiguous.append(name)


# ---- arrays, where a format says less than C


def innermost(inner: Typed, length: int) -> Typed:
    """An array of arrays, of which `length` is the innermost length instead of the outermost."""
    made, qualifiers = inner
    lengths = []
    while isinstance(made, Array):
        lengths.append(made.length)
        qualifiers |= made.qualifiers
        made = made.element
    made, qualifiers = Array(made, length, qualifiers), Qualifier.NONE
    for outer in reversed(lengths):
        made = Array(made, outer)
    return made, qualifiers


def make_flexible(fields: list[Field]) -> None:
    """Make a struct's last member, an array of no elements, one of unknown length."""
    if len(fields) > 1:
        last = fields[-1]
        if isinstance(last.type, Array) and last.type.length == 0:
            last.type = Array(last.type.element, None, last.type.qualifiers)


# ---- layout


def _embedded(type: Type) -> Type:
    """What lies in memory where the type is: behind typedefs and arrays."""
    while isinstance(type, (Alias, Array)):
        type = type.target if isinstance(type, Alias) else type.element
    return type


def _shown(record: Record) -> str:
    return record.name or f"an unnamed {record.kind}"


def _alignment(type: Type, machine: Machine, aligned: dict[int, int]) -> int:
    most = 1
    while isinstance(type, (Alias, Array)):
        most = max(most, aligned.get(id(type), 1))
        type = type.target if isinstance(type, Alias) else type.element
    if isinstance(type, Scalar):
        return max(most, type.align)
    if isinstance(type, Pointer):
        return max(most, machine.pointer_size)
    if isinstance(type, Enum):
        return max(most, type.underlying.align if type.underlying else 1)
    return max(most, type.align or 1) if isinstance(type, Record) else most


def _size(type: Type, machine: Machine) -> int:
    count = 1
    while isinstance(type, (Alias, Array)):
        if isinstance(type, Array):
            count *= type.length or 0
        type = type.target if isinstance(type, Alias) else type.element
    if isinstance(type, Pointer):
        return count * machine.pointer_size
    if isinstance(type, Enum):
        return count * (type.underlying.size if type.underlying else 0)
    return count * (type.size or 0) if isinstance(type, (Scalar, Record)) else 0


def extent(record: Record, machine: Machine) -> tuple[int, int]:
    """The alignment that a record's fields ask for, and the byte behind the last of them."""
    natural, end = 1, 0
    for field in record.fields or ():
        natural = max(natural, _alignment(field.type, machine, {}))
        bits = field.bit_offset + (field.bit_width or 0)
        size = _size(field.type, machine) if field.bit_width is None else -(-bits // 8)
        end = max(end, (field.offset or 0) + size)
    return natural, end


def settled(
    record: Record, machine: Machine, aligned: dict[int, int], section: str, infer: bool
) -> None:
    """Find the alignment of a record, whether it is packed, and that no field lies outside of
    it."""
    natural, packed, bits = 1, False, False
    total = record.size or 0
    end = 0
    shapes: list[tuple[int, int, int]] = []  # offset, size, alignment
    for field in record.fields or ():
        size, align = _size(field.type, machine), _alignment(field.type, machine, aligned)
        align = max(align, aligned.get(id(field), 1))
        offset = field.offset or 0
        if field.bit_width is None:
            shapes.append((offset, size, align))
            packed = packed or offset % align != 0
            last = offset + size
        else:
            bits = True
            first = 8 * offset + field.bit_offset
            last_bit = first + max(field.bit_width, 1) - 1
            unit = 8 * max(size, 1)
            packed = packed or first // unit != last_bit // unit
            last = last_bit // 8 + 1
        end = max(end, last)
        natural = max(natural, align)
        if last > total:
            name = f"{_shown(record)}.{field.name or '<unnamed>'}"
            raise MalformedError(section, f"{name} ends at byte {last} of {total}")
    said = aligned.get(id(record), 1)
    packed = packed or total % natural != 0
    if not packed:
        record.align = max(natural, said)
        if infer and said == 1 and end and -(-end // natural) * natural != total:
            wider = 2 * natural
            while wider <= ALIGN_MAX and -(-end // wider) * wider != total:
                wider *= 2
            record.align = wider if wider <= ALIGN_MAX else natural
        return
    record.packed = True
    limit = 1
    if record.kind == "struct" and not bits:
        while limit < natural and not _laid_out(shapes, limit, total):
            limit *= 2
        limit = limit if limit < natural else 1
    record.align = max(limit, said)


def _laid_out(shapes: list[tuple[int, int, int]], limit: int, total: int) -> bool:
    """Whether fields lie as in a struct of which no alignment is above a limit (#pragma pack)."""
    end, most = 0, 1
    for offset, size, align in shapes:
        align = min(align, limit)
        most = max(most, align)
        if -(-end // align) * align != offset:
            return False
        end = offset + size
    return -(-end // most) * most == total
