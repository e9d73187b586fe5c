"""What differs between two sets of declarations, for those who call: the comparison of ABIs.

`described` is what callers believe, `actual` what a compiler saw: a header, debug data, another
version. What is compared is what a call or an access to memory does; docs/check.md has the table.
Each difference has one of three weights:

- breaking: calls or accesses made after the description do something else. Width, signedness and
  class of numbers, depth of pointers and what they point at, lengths of arrays, the layout of
  records, values of enumerators and constants, number, order and types of parameters, the result,
  variadic.
- noted: the same bits, read otherwise: `char *` for `uint8_t *`, one enum for another, a renamed
  field.
- strict: C tells them apart, callers cannot: const, names of parameters, `void *` for an object's
  pointer, `long` for a `long long` of the same size, an enum for its integer. Only reported when
  asked.

Names of typedefs never count. Records are paired by name (tag or typedef) and compared once,
however many functions use them; an incomplete one goes with any layout.
"""

from __future__ import annotations

import platform
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import IntEnum
from typing import TypeAlias

from symbridge.declarations import (
    NOWHERE,
    Alias,
    Array,
    Constant,
    Description,
    Enum,
    Enumerator,
    Function,
    FunctionType,
    Kind,
    Location,
    Parameter,
    Pointer,
    Qualifier,
    Record,
    Scalar,
    Type,
    Variable,
    Void,
    resolved,
    spell,
)
from symbridge.failure import ToolError
from symbridge.members import MAX_DEPTH, Member, eightbytes, members

__all__ = ["Comparison", "Difference", "compare", "examine"]

#: Machines of which plain char is unsigned on Linux.
UNSIGNED_CHAR_MACHINES = ("aarch64", "arm", "ppc", "powerpc", "s390", "riscv")

#: Names that only C's own types have. Two of them that differ are two types, even of one size.
KEYWORDS = frozenset({"char", "short", "int", "long", "signed", "unsigned", "float", "double"})


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing of which the description and the actual declarations disagree."""

    kind: str  # "missing", "parameter type", "offset" ...: see docs/check.md
    name: str  # "core_fact", "struct core_point.x"
    described: str  # as the description has it: C, or a number
    actual: str
    location: Location  # in the description
    actual_location: Location
    breaking: bool
    sentence: str = ""  # says it all, but for the locations

    def __str__(self) -> str:
        return self.sentence


@dataclass(slots=True)
class Comparison:
    """What examine() found. A thing is "function f", "struct s", "enum e", "constant C" ..."""

    differences: list[Difference] = field(default_factory=list)
    compared: list[str] = field(default_factory=list)  # things of which the actual side knows
    missing: list[str] = field(default_factory=list)  # things of which it does not


class Weight(IntEnum):
    """How much a difference matters."""

    SAME = 0
    STRICT = 1
    NOTED = 2
    BREAKING = 3


#: How two types compare, and why, when they differ.
_Verdict: TypeAlias = "tuple[Weight, str]"
_SAME: _Verdict = (Weight.SAME, "")

#: A difference that is not yet weighed: weight, kind, name, both sides, both locations, sentence.
_Report: TypeAlias = (
    "tuple[Weight, str, str, tuple[object, object], tuple[Location, Location], str]"
)


def compare(
    described: Description, actual: Description, *, strict: bool = False, complete: bool = True
) -> list[Difference]:
    """What of the description is otherwise in `actual`. What only `actual` has is no difference.

    strict: report also what makes no difference to callers.
    complete: `actual` is all there is, so that what it lacks is a break. Debug data is not: it
        lacks what the library's code did not use.
    """
    return examine(described, actual, strict=strict, complete=complete).differences


def examine(
    described: Description, actual: Description, *, strict: bool = False, complete: bool = True
) -> Comparison:
    """As compare(), and say which things were compared."""
    return _Comparer(described, actual, strict, complete).run()


# ---- the actual side, by name


class _Index:
    """What a description declares, to be found by name."""

    def __init__(self, description: Description) -> None:
        self.symbols: dict[str, Function | Variable] = {}
        self.names: dict[str, Function | Variable] = {}
        self.constants: dict[str, Constant] = {}
        self.enumerators: dict[str, Enumerator] = {}
        self.records: dict[str, Record] = {}  # by tag and by typedef
        self.enums: dict[str, Enum] = {}
        self.record_names: dict[int, set[str]] = {}
        self._typedefs: dict[int, set[str]] = {}
        for item in description.declarations:
            match item:
                case Function() | Variable():
                    self.symbols.setdefault(item.symbol or item.name, item)
                    self.names.setdefault(item.name, item)
                case Constant():
                    self.constants.setdefault(item.name, item)
                case Enum():
                    self._add_enum(item, (item.tag, item.typedef))
                case Record():
                    self._add_record(item, (item.tag, item.typedef))
        for typedef in description.typedefs():
            target = resolved(typedef.type)
            if isinstance(target, (Record, Enum)):
                self._typedefs.setdefault(id(target), set()).add(typedef.name)
            if isinstance(target, Record):
                self._add_record(target, (target.tag, target.typedef, typedef.name))
            elif isinstance(target, Enum):
                self._add_enum(target, (target.tag, target.typedef, typedef.name))

    def _add_record(self, record: Record, names: Iterable[str]) -> None:
        for name in names:
            known = self.records.get(name)
            if name and (known is None or (known.fields is None and record.fields is not None)):
                self.records[name] = record

    def _add_enum(self, enum: Enum, names: Iterable[str]) -> None:
        for name in names:
            known = self.enums.get(name)
            if name and (known is None or (not known.enumerators and enum.enumerators)):
                self.enums[name] = enum
        for item in enum.enumerators or ():
            self.enumerators.setdefault(item.name, item)

    def callable(self, item: Function | Variable) -> Function | Variable | None:
        """What the other side has under the symbol that is called, else under the name."""
        symbol = item.symbol or item.name
        return self.symbols.get(symbol) or self.names.get(symbol) or self.names.get(item.name)

    def value(self, name: str) -> Enumerator | Constant | None:
        """A constant, whatever declares it."""
        return self.enumerators.get(name) or self.constants.get(name)

    def names_of(self, type: Record | Enum) -> set[str]:
        """All names of a record or enum, without "struct"."""
        found = self._typedefs.get(id(type), set()) | {type.tag, type.typedef}
        found.discard("")
        return found


# ---- types


def _kind_text(scalar: Scalar) -> str:
    return f"{scalar.kind.value} of {scalar.size} byte{'s' * (scalar.size != 1)}"


def _char_is_signed() -> bool:
    return not platform.machine().lower().startswith(UNSIGNED_CHAR_MACHINES)


def _scalars(described: Scalar, actual: Scalar, pointee: bool) -> _Verdict:
    """Compare arithmetic types. pointee: they are pointed at, so that only their memory counts."""
    if described.size != actual.size:
        return Weight.BREAKING, f"{_kind_text(described)}, not {_kind_text(actual)}"
    kinds = {described.kind, actual.kind}
    if len(kinds) == 1:
        return _names(described, actual)
    integers = {Kind.CHAR, Kind.INT, Kind.UINT, Kind.WIDE}
    if kinds <= integers and Kind.WIDE in kinds:
        return Weight.STRICT, "a wide character for an integer of its size"
    if kinds <= integers and Kind.CHAR in kinds:
        other = Kind.INT if Kind.INT in kinds else Kind.UINT
        if pointee or (other is Kind.INT) == _char_is_signed():
            return Weight.NOTED, "plain char for an integer of one byte"
    return Weight.BREAKING, f"{_kind_text(described)}, not {_kind_text(actual)}"


def _names(described: Scalar, actual: Scalar) -> _Verdict:
    if described.kind is Kind.FOREIGN or described.name == actual.name:
        return _SAME
    sides = [frozenset(side.name.split()) for side in (described, actual)]
    longs = [side.name.split().count("long") for side in (described, actual)]
    if all(side <= KEYWORDS for side in sides) and longs[0] != longs[1]:
        return Weight.STRICT, "another type of the same size"
    return _SAME


class _Comparer:
    """One comparison. Records wait in a queue, so that depth is that of declarators alone."""

    def __init__(
        self, described: Description, actual: Description, strict: bool, complete: bool
    ) -> None:
        self.described = described
        self.left = _Index(described)
        self.right = _Index(actual)
        self.threshold = Weight.STRICT if strict else Weight.NOTED
        self.complete = complete
        self.result = Comparison()
        self._seen: set[Difference] = set()
        self._queue: list[tuple[Record, Record]] = []
        self._queued: set[tuple[int, int]] = set()
        self._verdicts: dict[tuple[int, int, bool], _Verdict] = {}
        self._layouts: dict[tuple[int, int], _Verdict] = {}
        self._depth = 0

    # ---- what is reported

    def report(
        self,
        weight: Weight,
        kind: str,
        name: str,
        sides: tuple[object, object],
        where: tuple[Location, Location],
        sentence: str,
    ) -> None:
        """Add a difference, unless it is too light or was said before."""
        if weight < self.threshold:
            return
        difference = Difference(
            kind, name, str(sides[0]), str(sides[1]), *where, weight is Weight.BREAKING, sentence
        )
        if difference not in self._seen:
            self._seen.add(difference)
            self.result.differences.append(difference)

    def missing(self, thing: str, name: str, described: str, item: Location, needed: bool) -> None:
        """Report a whole declaration that the actual side lacks."""
        self.result.missing.append(thing)
        weight = Weight.BREAKING if self.complete and needed else Weight.NOTED
        sentence = f"{name} is described, but not declared"
        self.report(weight, "missing", name, (described, "nothing"), (item, NOWHERE), sentence)

    def run(self) -> Comparison:
        """Compare all that is described."""
        for item in self.described.declarations:
            match item:
                case Function():
                    self.function(item)
                case Variable():
                    self.variable(item)
                case Constant():
                    self.constant(item)
                case Enum():
                    self.enum(item)
                case Record():
                    self.declared_record(item)
            self.drain()
        return self.result

    def drain(self) -> None:
        """Compare the records that were met."""
        while self._queue:
            self.record(*self._queue.pop())

    # ---- functions and variables

    def function(self, item: Function) -> None:
        """Compare a function with the one of its symbol."""
        other = self.right.callable(item)
        if other is None:
            text = spell(item.type, item.name, names=True)
            self.missing(f"function {item.name}", item.name, text, item.location, not item.optional)
            return
        self.result.compared.append(f"function {item.name}")
        where = (item.location, other.location)
        if not isinstance(other, Function):
            text = spell(item.type, item.name, names=True)
            shown = spell(other.type, other.name, other.qualifiers)
            sentence = f"{item.name} is described as a function, but it is a variable: {shown}"
            self.report(Weight.BREAKING, "kind", item.name, (text, shown), where, sentence)
            return
        self.symbol(item, other)
        self.prototype(item.name, item.type, other.type, where)

    def symbol(self, item: Function | Variable, other: Function | Variable) -> None:
        """Note a function that its header knows under another symbol."""
        if item.symbol and other.symbol and other.symbol != item.symbol:
            sentence = (
                f"{item.name} is described as the symbol {item.symbol}, "
                f"but callers of {other.name} use {other.symbol}"
            )
            where = (item.location, other.location)
            sides = (item.symbol, other.symbol)
            self.report(Weight.NOTED, "symbol", item.name, sides, where, sentence)

    def prototype(
        self,
        name: str,
        described: FunctionType,
        actual: FunctionType,
        where: tuple[Location, Location],
    ) -> None:
        """Report all in which two prototypes differ."""
        weight, why = self.types(described.result, actual.result, False)
        if weight:
            sides = (spell(described.result), spell(actual.result))
            sentence = f"{name} returns {_against(sides, why)}"
            self.report(weight, "result", name, sides, where, sentence)
        if not described.prototyped or not actual.prototyped:
            if described.prototyped != actual.prototyped:
                shown = (spell(described, name), spell(actual, name))
                sentence = f"{name} is declared without a prototype on one side"
                self.report(Weight.STRICT, "prototype", name, shown, where, sentence)
            return
        if described.variadic != actual.variadic:
            whole = (spell(described, name, names=True), spell(actual, name, names=True))
            says = ("is", "is not") if described.variadic else ("is not", "is")
            sentence = f"{name} {says[0]} variadic as described, but actually {says[1]}"
            self.report(Weight.BREAKING, "variadic", name, whole, where, sentence)
        counts = (len(described.parameters), len(actual.parameters))
        if counts[0] != counts[1]:
            whole = (spell(described, name, names=True), spell(actual, name, names=True))
            sentence = f"{name} is described with {_count(counts[0])}, but takes {counts[1]}"
            self.report(Weight.BREAKING, "parameter count", name, whole, where, sentence)
            return
        if _reordered(described.parameters, actual.parameters):
            whole = (spell(described, name, names=True), spell(actual, name, names=True))
            orders = [", ".join(p.name for p in t.parameters) for t in (described, actual)]
            sentence = f"{name} takes {orders[1]}, in this order, not {orders[0]}"
            self.report(Weight.BREAKING, "parameter order", name, whole, where, sentence)
            return
        for number, pair in enumerate(
            zip(described.parameters, actual.parameters, strict=True), start=1
        ):
            self.parameter(name, number, *pair, where)

    def parameter(
        self,
        function: str,
        number: int,
        described: Parameter,
        actual: Parameter,
        where: tuple[Location, Location],
    ) -> None:
        """Report how a parameter differs."""
        weight, why = self.types(described.type, actual.type, False)
        renamed = described.name != actual.name and described.name and actual.name
        if not weight and not renamed:
            return
        places = _places((described.location, actual.location), where)
        sides = (
            spell(described.type, described.name, described.qualifiers),
            spell(actual.type, actual.name, actual.qualifiers),
        )
        label = f"parameter {number}"
        if described.name or actual.name:
            label += f" ({described.name or actual.name})"
        if weight:
            texts = (spell(described.type), spell(actual.type))
            sentence = f"{label} of {function} is {_against(texts, why)}"
            self.report(weight, "parameter type", function, sides, places, sentence)
        else:
            sentence = f"{label} of {function} is called {actual.name}"
            self.report(Weight.STRICT, "parameter name", function, sides, places, sentence)

    def variable(self, item: Variable) -> None:
        """Compare a variable with the one of its symbol."""
        other = self.right.callable(item)
        text = spell(item.type, item.name, item.qualifiers)
        if other is None:
            thing = f"variable {item.name}"
            self.missing(thing, item.name, text, item.location, not item.optional)
            return
        self.result.compared.append(f"variable {item.name}")
        where = (item.location, other.location)
        if not isinstance(other, Variable):
            shown = spell(other.type, other.name, names=True)
            sentence = f"{item.name} is described as a variable, but it is a function: {shown}"
            self.report(Weight.BREAKING, "kind", item.name, (text, shown), where, sentence)
            return
        self.symbol(item, other)
        weight, why = self.types(item.type, other.type, False)
        shown = spell(other.type, other.name, other.qualifiers)
        if weight:
            sentence = f"{item.name} is {_against((spell(item.type), spell(other.type)), why)}"
            self.report(weight, "variable type", item.name, (text, shown), where, sentence)
        elif Qualifier.CONST & (item.qualifiers ^ other.qualifiers):
            sentence = f"{item.name} is const on one side only"
            self.report(Weight.STRICT, "const", item.name, (text, shown), where, sentence)

    # ---- values

    def constant(self, item: Constant) -> None:
        """Compare a constant with a macro, constant or enumerator."""
        other = self.right.value(item.name)
        if other is None:
            described = "" if item.value is None else _value_text(item.value)
            self.missing(f"constant {item.name}", item.name, described, item.location, True)
            return
        if item.value is None or other.value is None:
            self.result.missing.append(f"constant {item.name}")
            return
        self.result.compared.append(f"constant {item.name}")
        self.values("constant", item, other)

    def values(
        self, kind: str, item: Constant | Enumerator, other: Constant | Enumerator, owner: str = ""
    ) -> None:
        """Report two values that differ."""
        mine, theirs = item.value, other.value
        same = type(mine) is type(theirs) and mine == theirs
        if same or mine is None or theirs is None:
            return
        equal = mine == theirs and not isinstance(mine, str) and not isinstance(theirs, str)
        sides = (_value_text(mine), _value_text(theirs))
        where = (item.location, other.location)
        sentence = f"{item.name} is described as {sides[0]}, but is {sides[1]}"
        weight = Weight.NOTED if equal else Weight.BREAKING
        self.report(weight, kind, f"{owner}{item.name}", sides, where, sentence)

    def enum(self, item: Enum) -> None:
        """Compare an enum by its name; its enumerators, and those of unnamed ones, by theirs."""
        if item.enumerators is None:
            return
        other = self.find_enum(item)
        thing = item.name or f"enum {{{', '.join(e.name for e in item.enumerators[:1])}...}}"
        own = {e.name: e for e in (other.enumerators or ())} if other else {}
        found = [own.get(e.name) or self.right.value(e.name) for e in item.enumerators]
        if other is None and not any(found):
            names = ", ".join(e.name for e in item.enumerators)
            self.missing(thing, thing, f"{{{names}}}", item.location, True)
            return
        self.result.compared.append(thing)
        for mine, theirs in zip(item.enumerators, found, strict=True):
            if theirs is not None:
                self.values("enumerator", mine, theirs)
                continue
            sentence = f"{mine.name} is described, but {thing} does not have it"
            sides, where = (str(mine.value), "nothing"), (mine.location, NOWHERE)
            weight = Weight.BREAKING if self.complete or other else Weight.NOTED
            self.report(weight, "enumerator missing", mine.name, sides, where, sentence)
        if other is not None and other.enumerators is not None:
            self.enum_itself(item, other, thing)

    def enum_itself(self, item: Enum, other: Enum, thing: str) -> None:
        """Compare the width, and what the actual enum has more."""
        where = (item.location, other.location)
        if item.underlying and other.underlying and item.underlying.size != other.underlying.size:
            sides = (item.underlying.size, other.underlying.size)
            sentence = f"{thing} is described with {_bytes(sides[0])}, but has {sides[1]}"
            self.report(Weight.BREAKING, "size", thing, sides, where, sentence)
        known = {e.name for e in item.enumerators or ()}
        for extra in other.enumerators or ():
            if extra.name not in known and extra.name not in self.left.enumerators:
                sentence = f"{extra.name} of {thing} is not described"
                places = (item.location, extra.location)
                sides_of = ("nothing", str(extra.value))
                self.report(
                    Weight.NOTED, "enumerator added", extra.name, sides_of, places, sentence
                )

    def find_enum(self, item: Enum) -> Enum | None:
        """The actual enum of the same name."""
        for name in (item.tag, item.typedef, *sorted(self.left.names_of(item))):
            if name and name in self.right.enums:
                return self.right.enums[name]
        return None

    # ---- records

    def declared_record(self, item: Record) -> None:
        """Compare a record with the one of its name."""
        if item.fields is None or not self.left.names_of(item):
            return
        for name in (item.tag, item.typedef, *sorted(self.left.names_of(item))):
            other = self.right.records.get(name)
            if name and other is not None and other.fields is not None:
                self.result.compared.append(item.name)
                self.enqueue(item, other)
                return
        self.missing(item.name, item.name, f"{item.name} {{...}}", item.location, True)

    def enqueue(self, described: Record, actual: Record) -> None:
        """Have two records compared, once."""
        if (id(described), id(actual)) not in self._queued:
            self._queued.add((id(described), id(actual)))
            self._queue.append((described, actual))

    def record(self, described: Record, actual: Record) -> None:
        """Report all in which the layouts of two records differ."""
        for difference in self.layout(described, actual, described.name or "unnamed record"):
            self.report(*difference)

    def layout(self, described: Record, actual: Record, name: str) -> Iterator[_Report]:
        """Say in what two layouts differ. Incomplete records have none."""
        if described.fields is None or actual.fields is None:
            return
        where = (described.location, actual.location)
        if described.kind != actual.kind:
            sides: tuple[object, object] = (described.kind, actual.kind)
            sentence = f"{name} is described as a {sides[0]}, but is a {sides[1]}"
            yield Weight.BREAKING, "kind", name, sides, where, sentence
            return
        for kind in ("size", "align"):
            mine, theirs = getattr(described, kind), getattr(actual, kind)
            if mine is not None and theirs is not None and mine != theirs:
                what = {"size": "has", "align": "is aligned to"}[kind]
                sentence = f"{name} {what} {_bytes(theirs)}, not {mine} as described"
                yield Weight.BREAKING, kind, name, (mine, theirs), where, sentence
        yield from self.fields(described, actual, name, where)

    def fields(
        self, described: Record, actual: Record, name: str, where: tuple[Location, Location]
    ) -> Iterator[_Report]:
        """Say in what the fields of two records differ: paired by name, then by place."""
        theirs = {member.name: member for member in members(actual)}
        unpaired: list[Member] = []
        for member in members(described):
            other = theirs.pop(member.name, None)
            if other is None:
                unpaired.append(member)
            else:
                yield from self.member(f"{name}.{member.name}", member, other, where)
        by_place: dict[tuple[int | None, int | None], Member] = {
            (m.bit, m.width): m for m in theirs.values() if m.bit is not None
        }
        for member in unpaired:
            places = _places((member.location, NOWHERE), where)
            text = spell(member.type, member.name, member.qualifiers)
            other = by_place.get((member.bit, member.width))
            if other and self.types(member.type, other.type, False)[0] < Weight.BREAKING:
                del by_place[member.bit, member.width]
                theirs.pop(other.name, None)
                places = _places((member.location, other.location), where)
                sentence = f"{name}.{member.name} is called {other.name}"
                shown = (member.name, other.name)
                yield Weight.NOTED, "field name", f"{name}.{member.name}", shown, places, sentence
                continue
            sentence = f"{name} has no field {member.name}"
            sides = (text, "nothing")
            full = f"{name}.{member.name}"
            yield Weight.BREAKING, "field missing", full, sides, places, sentence
        for other in theirs.values():
            places = _places((NOWHERE, other.location), where)
            harmless = described.kind == "union" and self.same_classes(described, actual)
            weight = Weight.NOTED if harmless else Weight.BREAKING
            sentence = f"{name} has a field {other.name}, which is not described"
            sides = ("nothing", spell(other.type, other.name, other.qualifiers))
            yield weight, "field added", f"{name}.{other.name}", sides, places, sentence

    def same_classes(self, described: Record, actual: Record) -> bool:
        """Whether two unions of one size travel in the same registers."""
        same = (described.size, described.align) == (actual.size, actual.align)
        if not same or described.size is None or described.size > 16:
            return same
        return eightbytes(described) == eightbytes(actual)

    def member(
        self, name: str, mine: Member, theirs: Member, where: tuple[Location, Location]
    ) -> Iterator[_Report]:
        """Say in what two fields of one name differ."""
        places = _places((mine.location, theirs.location), where)
        known = mine.bit is not None and theirs.bit is not None
        if mine.width is not None or theirs.width is not None:
            sides: tuple[object, object] = (_bits(mine), _bits(theirs))
            if mine.width != theirs.width or (known and mine.bit != theirs.bit):
                sentence = f"{name} is {sides[1]}, not {sides[0]} as described"
                yield Weight.BREAKING, "bit-field", name, sides, places, sentence
        elif known and mine.bit != theirs.bit:
            sides = ((mine.bit or 0) // 8, (theirs.bit or 0) // 8)
            sentence = f"{name} is at offset {sides[1]}, not {sides[0]} as described"
            yield Weight.BREAKING, "offset", name, sides, places, sentence
        if mine.width is not None and theirs.width is not None:
            weight, why = self.bit_types(mine, theirs)
        else:
            weight, why = self.types(mine.type, theirs.type, False)
        texts = (spell(mine.type), spell(theirs.type))
        if weight:
            sentence = f"{name} is {_against(texts, why)}"
            yield weight, "field type", name, texts, places, sentence
        elif Qualifier.CONST & (mine.qualifiers ^ theirs.qualifiers):
            yield Weight.STRICT, "const", name, texts, places, f"{name} is const on one side only"

    def bit_types(self, mine: Member, theirs: Member) -> _Verdict:
        """Compare the types of bit-fields: their bits are compared already, the sign is left."""
        kinds = [_bit_kind(m.type) for m in (mine, theirs)]
        if None in kinds or kinds[0] == kinds[1]:
            return _SAME
        if Kind.BOOL in kinds and mine.width == 1 and Kind.INT not in kinds:
            return Weight.STRICT, "one bit as bool"
        return Weight.BREAKING, "the sign differs"

    # ---- types

    def types(self, described: Type, actual: Type, pointee: bool) -> _Verdict:
        """Compare two types by what code does with them.

        pointee: both are pointed at, so that they matter as memory, and may be incomplete.
        """
        mine, theirs = resolved(described), resolved(actual)
        if mine is theirs and not isinstance(mine, (Pointer, Array, FunctionType)):
            return _SAME
        if isinstance(mine, Record) or isinstance(theirs, Record):
            return self.record_types(described, actual, pointee)
        key = (id(mine), id(theirs), pointee)
        verdict = self._verdicts.get(key)
        if verdict is None:
            if self._depth >= MAX_DEPTH:
                raise ToolError(f"a type is nested more than {MAX_DEPTH} deep")
            self._depth += 1
            try:
                verdict = self.unlike(mine, theirs, pointee)
            finally:
                self._depth -= 1
            self._verdicts[key] = verdict
        return verdict

    def unlike(self, mine: Type, theirs: Type, pointee: bool) -> _Verdict:
        """Compare types that are no records, kind by kind."""
        match mine, theirs:
            case Void(), Void():
                return _SAME
            case Scalar(), Scalar():
                return _scalars(mine, theirs, pointee)
            case Enum() | Scalar(), Enum() | Scalar():
                return self.enum_types(mine, theirs)
            case Pointer(), Pointer():
                return self.pointers(mine, theirs)
            case Array(), Array():
                return self.arrays(mine, theirs, pointee)
            case FunctionType(), FunctionType():
                return self.function_types(mine, theirs)
        return Weight.BREAKING, f"{_class(mine)}, not {_class(theirs)}"

    def enum_types(self, mine: Enum | Scalar, theirs: Enum | Scalar) -> _Verdict:
        """Compare an enum with an enum or an integer. Compilers choose the sign of an enum."""
        sides = [side.underlying if isinstance(side, Enum) else side for side in (mine, theirs)]
        left, right = sides
        integers = {Kind.CHAR, Kind.INT, Kind.UINT, Kind.WIDE}
        if (
            left is not None
            and right is not None
            and (left.size != right.size or not {left.kind, right.kind} <= integers)
        ):
            return Weight.BREAKING, f"{_kind_text(left)}, not {_kind_text(right)}"
        if isinstance(mine, Enum) and isinstance(theirs, Enum):
            if self.named_alike(mine, theirs) or not (mine.name and theirs.name):
                return _SAME
            return Weight.NOTED, "another enum"
        return Weight.STRICT, "an enum for an integer"

    def named_alike(self, mine: Record | Enum, theirs: Record | Enum) -> bool:
        """Whether a name stands for both."""
        return bool(self.left.names_of(mine) & self.right.names_of(theirs))

    def pointers(self, mine: Pointer, theirs: Pointer) -> _Verdict:
        """Compare what is pointed at."""
        left, right = resolved(mine.target), resolved(theirs.target)
        sides = (left, right)
        if any(isinstance(side, Void) for side in sides) and left != right:
            other = right if isinstance(left, Void) else left
            if isinstance(other, Pointer):
                return Weight.BREAKING, "the depth of the pointer differs"
            if isinstance(other, FunctionType):
                return Weight.NOTED, "void * for a pointer to a function"
            return Weight.STRICT, "void * for a pointer to an object"
        if isinstance(left, Array) != isinstance(right, Array):
            inner = [side.element if isinstance(side, Array) else side for side in sides]
            weight, why = self.types(inner[0], inner[1], True)
            return max((weight, why), (Weight.NOTED, "a pointer to an array, and to an element"))
        weight, why = self.types(mine.target, theirs.target, True)
        if weight is Weight.SAME and Qualifier.CONST & (mine.qualifiers ^ theirs.qualifiers):
            return Weight.STRICT, "const differs"
        return weight, why

    def arrays(self, mine: Array, theirs: Array, pointee: bool) -> _Verdict:
        """Compare lengths and elements. One of unknown length goes with any."""
        lengths = (mine.length, theirs.length)
        if None not in lengths and lengths[0] != lengths[1]:
            return Weight.BREAKING, f"{lengths[0]} elements, not {lengths[1]}"
        return self.types(mine.element, theirs.element, pointee)

    def function_types(self, mine: FunctionType, theirs: FunctionType) -> _Verdict:
        """Compare the types of callbacks."""
        weight, why = self.types(mine.result, theirs.result, False)
        worst = (weight, f"the result: {why}")
        if mine.prototyped and theirs.prototyped:
            if mine.variadic != theirs.variadic:
                return Weight.BREAKING, "one is variadic, the other is not"
            counts = (len(mine.parameters), len(theirs.parameters))
            if counts[0] != counts[1]:
                return Weight.BREAKING, f"{_count(counts[0])}, not {counts[1]}"
            if _reordered(mine.parameters, theirs.parameters):
                return Weight.BREAKING, "the parameters stand in another order"
            for number, (left, right) in enumerate(
                zip(mine.parameters, theirs.parameters, strict=True), start=1
            ):
                weight, why = self.types(left.type, right.type, False)
                worst = max(worst, (weight, f"parameter {number}: {why}"), key=lambda w: w[0])
        return worst if worst[0] else _SAME

    def record_types(self, described: Type, actual: Type, pointee: bool) -> _Verdict:
        """Compare records where a type needs them: those of one name are compared on their own."""
        mine, theirs = resolved(described), resolved(actual)
        if not isinstance(mine, Record) or not isinstance(theirs, Record):
            return Weight.BREAKING, f"{_class(mine)}, not {_class(theirs)}"
        names = (
            self.left.names_of(mine) | _alias_names(described),
            self.right.names_of(theirs) | _alias_names(actual),
        )
        if names[0] & names[1]:
            self.enqueue(mine, theirs)
            return _SAME
        if mine.fields is None or theirs.fields is None:
            if pointee and not (names[0] and names[1]):
                return _SAME
            return Weight.BREAKING, "another record"
        verdict = self.structure(mine, theirs)
        if verdict[0] is Weight.SAME and names[0] and names[1]:
            return Weight.STRICT, "another record of the same layout"
        return verdict

    def structure(self, mine: Record, theirs: Record) -> _Verdict:
        """Compare records without a common name, member by member."""
        key = (id(mine), id(theirs))
        if key not in self._layouts:
            self._layouts[key] = _SAME  # what it points back at is as equal as the rest
            if self._depth >= MAX_DEPTH:
                raise ToolError(f"a type is nested more than {MAX_DEPTH} deep")
            self._depth += 1
            try:
                worst = _SAME
                for weight, _, _, _, _, sentence in self.layout(mine, theirs, "it"):
                    worst = max(worst, (weight, sentence), key=lambda w: w[0])
            finally:
                self._depth -= 1
            self._layouts[key] = worst
        return self._layouts[key]


# ---- words


def _against(sides: tuple[str, str], why: str) -> str:
    described, actual = sides
    if described == actual:
        return f"{actual}: {why}"
    return f"{actual}, not {described} as described ({why})"


def _count(number: int) -> str:
    return f"{number} parameter{'s' * (number != 1)}"


def _bytes(number: object) -> str:
    return f"{number} byte{'s' * (number != 1)}"


def _bits(member: Member) -> str:
    if member.width is None:
        return "no bit-field"
    at = "" if member.bit is None else f" at bit {member.bit}"
    return f"{member.width} bit{'s' * (member.width != 1)}{at}"


def _value_text(value: int | float | str) -> str:
    if isinstance(value, str):
        escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
        return f'"{escaped}"'
    return repr(value)


def _class(type: Type) -> str:
    match type:
        case Void():
            return "void"
        case Scalar():
            return _kind_text(type)
        case Pointer():
            return "a pointer"
        case Array():
            return "an array"
        case FunctionType():
            return "a function"
        case Record():
            return f"a {type.kind}"
    return "an enum"


def _places(
    own: tuple[Location, Location], fallback: tuple[Location, Location]
) -> tuple[Location, Location]:
    return (
        own[0] if own[0].line else fallback[0],
        own[1] if own[1].line else fallback[1],
    )


def _reordered(described: tuple[Parameter, ...], actual: tuple[Parameter, ...]) -> bool:
    """Whether both sides name the same parameters, in another order."""
    mine, theirs = [p.name for p in described], [p.name for p in actual]
    return mine != theirs and "" not in mine and sorted(mine) == sorted(theirs)


def _alias_names(type: Type) -> set[str]:
    names = set()
    while isinstance(type, Alias):
        names.add(type.name)
        type = type.target
    return names


def _bit_kind(type: Type) -> Kind | None:
    """How a bit-field's value is read; None where compilers choose."""
    inner = resolved(type)
    if not isinstance(inner, Scalar):
        return None
    return Kind.INT if inner.kind is Kind.CHAR and _char_is_signed() else inner.kind
