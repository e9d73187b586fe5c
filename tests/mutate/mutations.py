"""One change at a time: what can be changed of a description, and whether callers must notice.

Whether a change alters the ABI is known from how it is made, without asking what is tested: other
bits in a register or in memory, another number of them, or another order.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from symbridge.declarations import (
    Array,
    Constant,
    Declaration,
    Description,
    Enum,
    Field,
    Function,
    FunctionType,
    Kind,
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

__all__ = ["ALTERING", "NEUTRAL", "Mutation", "mutations"]

#: Kinds of changes that callers must notice.
ALTERING = (
    "width", "sign", "class", "pointer depth", "array length", "result", "void result",
    "parameter added", "parameter removed", "parameter order", "variadic", "by value", "handle",
    "field removed", "field added", "field order", "bit width", "packed", "enumerator value",
    "enumerator name", "constant value", "symbol name",
)  # fmt: skip

#: Kinds that they must not be bothered with.
NEUTRAL = ("const", "parameter name", "enum as integer", "void pointer", "text as bytes")

#: Types of each class, and those of another size or sign.
INTEGERS = {
    (1, Kind.INT): "int8_t", (2, Kind.INT): "int16_t", (4, Kind.INT): "int32_t",
    (8, Kind.INT): "int64_t", (1, Kind.UINT): "uint8_t", (2, Kind.UINT): "uint16_t",
    (4, Kind.UINT): "uint32_t", (8, Kind.UINT): "uint64_t",
}  # fmt: skip
FLOATS = {4: "float", 8: "double"}


@dataclass(frozen=True, slots=True)
class Mutation:
    """One change: a declaration of the description in place of another."""

    kind: str
    target: str  # the thing's name as differences have it: "core_fact", "struct core_point"
    thing: str  # as the rungs have it: "function core_fact"
    index: int  # of the declaration
    declaration: Declaration
    #: Only names tell: nothing of the types changes, so what has no names cannot notice.
    only_names: bool = False

    @property
    def alters(self) -> bool:
        """Whether callers must notice."""
        return self.kind in ALTERING

    def __str__(self) -> str:
        return f"{self.kind} of {self.target}"


def mutations(description: Description) -> Iterator[Mutation]:
    """Every change of every declaration."""
    others = _handles(description)
    for index, item in enumerate(description.declarations):
        match item:
            case Function():
                for kind, made, only_names in _functions(item, others):
                    yield Mutation(
                        kind, made.name, f"function {item.name}", index, made, only_names
                    )
            case Variable():
                for kind, type in _types(item.type, others):
                    made_variable = replace(item, type=type)
                    yield Mutation(kind, item.name, f"variable {item.name}", index, made_variable)
            case Constant() if item.value is not None:
                changed = replace(item, value=_other_value(item.value))
                yield Mutation("constant value", item.name, f"constant {item.name}", index, changed)
            case Enum() if item.enumerators and (item.tag or not item.typedef):
                yield from _enum(item, index)
            case Record() if item.tag and item.fields:
                for kind, record in _records(item, others):
                    yield Mutation(kind, item.name, item.name, index, record)
            case Typedef():
                target = resolved(item.type)
                if isinstance(target, Record) and not target.tag and target.fields:
                    for kind, record in _records(target, others):
                        made = replace(item, type=record)
                        yield Mutation(kind, target.name, target.name, index, made)


def _handles(description: Description) -> list[Record]:
    """Records that are only named: handles, one of which may be taken for another."""
    return [r for r in description.records() if r.tag and r.fields is None]


def _other_value(value: int | float | str) -> int | float | str:
    if isinstance(value, str):
        return f"{value}?"
    return value + 1


# ---- functions


def _functions(item: Function, others: list[Record]) -> Iterator[tuple[str, Function, bool]]:
    for kind, type, only_names in _prototypes(item.type, others):
        yield kind, replace(item, type=type), only_names
    if item.symbol == item.name and not item.optional:
        name = f"{item.name}_x"
        yield "symbol name", replace(item, name=name, symbol=name), False


def _prototypes(
    type: FunctionType, others: list[Record]
) -> Iterator[tuple[str, FunctionType, bool]]:
    if isinstance(resolved(type.result), Void):
        yield "void result", replace(type, result=_scalar("int32_t", Kind.INT, 4)), False
    else:
        yield "void result", replace(type, result=Void()), False
    for kind, result in _types(type.result, others):
        # A result's own kind of change is told apart: only it can break the caller's reading.
        yield kind if kind in NEUTRAL else "result", replace(type, result=result), False
    parameters = type.parameters
    for at, parameter in enumerate(parameters):
        for kind, changed in _types(parameter.type, others):
            yield kind, _with(type, at, replace(parameter, type=changed)), False
        if parameter.name:
            renamed = replace(parameter, name=f"{parameter.name}_renamed")
            yield "parameter name", _with(type, at, renamed), False
        fewer = (*parameters[:at], *parameters[at + 1 :])
        yield "parameter removed", replace(type, parameters=fewer), False
        more = (*parameters[:at], Parameter("added", _scalar("int32_t", Kind.INT, 4)))
        yield "parameter added", replace(type, parameters=(*more, *parameters[at:])), False
    for at in range(len(parameters) - 1):
        first, second = parameters[at], parameters[at + 1]
        alike = _shape(first.type) == _shape(second.type)
        if alike and not all(p.name for p in parameters):
            continue  # nothing tells them apart, for anyone
        swapped = (*parameters[:at], second, first, *parameters[at + 2 :])
        yield "parameter order", replace(type, parameters=swapped), alike
    if parameters:
        yield "variadic", replace(type, variadic=not type.variadic), False


def _with(type: FunctionType, at: int, parameter: Parameter) -> FunctionType:
    parameters = (*type.parameters[:at], parameter, *type.parameters[at + 1 :])
    return replace(type, parameters=parameters)


def _shape(type: Type) -> tuple[object, ...]:
    """What a register or the memory behind it sees of a type; void is like any object."""
    inner = resolved(type)
    match inner:
        case Scalar():
            return (inner.kind, inner.size)
        case Enum():
            return ("integer", 4)
        case Pointer():
            target = resolved(inner.target)
            if isinstance(target, (Void, Record, Scalar, Enum, FunctionType)):
                return ("pointer",)
            return ("pointer", *_shape(target))
    return ("other", id(inner))


# ---- types


def _scalar(name: str, kind: Kind, size: int) -> Scalar:
    return Scalar(name, kind, size, size)


def _types(type: Type, others: list[Record]) -> Iterator[tuple[str, Type]]:
    """Every change of one thing within a type."""
    inner = resolved(type)
    match inner:
        case Scalar():
            yield from _scalars(inner)
        case Enum() if inner.underlying is not None and inner.name:
            wide = 8 if inner.underlying.size < 8 else 4
            yield "width", _integer(wide, Kind.INT)
            yield "enum as integer", _integer(inner.underlying.size, Kind.INT)
        case Record() if inner.name:
            yield "by value", Pointer(inner)
        case Array():
            if inner.length:
                yield "array length", replace(inner, length=inner.length + 1)
            for kind, element in _types(inner.element, others):
                yield kind, replace(inner, element=element)
        case Pointer():
            yield from _pointers(inner, others)


def _integer(size: int, kind: Kind) -> Scalar:
    return _scalar(INTEGERS[size, kind], kind, size)


def _scalars(scalar: Scalar) -> Iterator[tuple[str, Type]]:
    sizes = {1: 2, 2: 4, 4: 8, 8: 4}
    match scalar.kind:
        case Kind.INT | Kind.UINT if (scalar.size, scalar.kind) in INTEGERS:
            other = Kind.UINT if scalar.kind is Kind.INT else Kind.INT
            yield "width", _integer(sizes[scalar.size], scalar.kind)
            yield "sign", _integer(scalar.size, other)
            if scalar.size in FLOATS:
                yield "class", _scalar(FLOATS[scalar.size], Kind.FLOAT, scalar.size)
        case Kind.FLOAT if scalar.size in FLOATS:
            other_size = 12 - scalar.size
            yield "width", _scalar(FLOATS[other_size], Kind.FLOAT, other_size)
            yield "class", _integer(scalar.size, Kind.INT)
        case Kind.CHAR | Kind.BOOL:
            yield "width", _integer(4, Kind.INT)


def _pointers(pointer: Pointer, others: list[Record]) -> Iterator[tuple[str, Type]]:
    target = resolved(pointer.target)
    yield "class", _integer(8, Kind.INT)
    yield "width", _integer(4, Kind.INT)
    if isinstance(target, FunctionType):
        for kind, type, only_names in _prototypes(target, others):
            if not only_names:
                yield kind, replace(pointer, target=type)
        return
    yield "pointer depth", Pointer(pointer)
    yield "const", replace(pointer, qualifiers=pointer.qualifiers ^ Qualifier.CONST)
    match target:
        case Pointer():
            yield "pointer depth", target
            for kind, type in _types(target, others):
                yield kind, replace(pointer, target=type)
        case Scalar():
            yield "void pointer", replace(pointer, target=Void())
            if target.kind is Kind.CHAR:
                yield "text as bytes", replace(pointer, target=_integer(1, Kind.UINT))
            for kind, type in _scalars(target):
                yield kind, replace(pointer, target=type)
        case Record() if target.name:
            yield "void pointer", replace(pointer, target=Void())
            for other in others[:3]:
                if other.name != target.name:
                    yield "handle", replace(pointer, target=other)
                    break
        case Array() if target.length:
            longer = replace(target, length=target.length + 1)
            yield "array length", replace(pointer, target=longer)


# ---- enums and records


def _enum(item: Enum, index: int) -> Iterator[Mutation]:
    enumerators = item.enumerators or []
    thing = item.name or f"enum {{{enumerators[0].name}...}}"
    taken = {e.value for e in enumerators}
    for at, enumerator in enumerate(enumerators):
        # A value that the enum's type has room for, and no other name has.
        value = next(v for v in range(enumerator.value + 1, enumerator.value + 10**6)
                     if v not in taken)  # fmt: skip
        changed = [*enumerators]
        changed[at] = replace(enumerator, value=value)
        if value < 2**31:
            made = replace(item, enumerators=changed)
            yield Mutation("enumerator value", enumerator.name, thing, index, made)
        name = f"{enumerator.name}_X"
        changed = [*enumerators]
        changed[at] = replace(enumerator, name=name)
        if len(enumerators) > 1:
            made = replace(item, enumerators=changed)
            yield Mutation("enumerator name", name, thing, index, made)


def _records(record: Record, others: list[Record]) -> Iterator[tuple[str, Record]]:
    fields = record.fields or []

    def made(changed: list[Field]) -> Record:
        return replace(record, fields=changed)

    for at, item in enumerate(fields):
        if not item.name:
            continue
        before, after = fields[:at], fields[at + 1 :]
        if item.bit_width is not None:
            if item.bit_width > 1:
                narrower = replace(item, bit_width=item.bit_width - 1)
                yield "bit width", made([*before, narrower, *after])
            continue
        for kind, type in _types(item.type, others):
            yield kind, made([*before, replace(item, type=type), *after])
        if record.kind == "union":
            continue
        if len(fields) > 1:
            yield "field removed", made([*before, *after])
        added = Field("added", _scalar("int32_t", Kind.INT, 4), None)
        yield "field added", made([*before, added, item, *after])
        if after and after[0].name and after[0].bit_width is None:
            is_open = isinstance(resolved(after[0].type), Array) and after is fields[-1:]
            if not is_open:
                yield "field order", made([*before, after[0], item, *after[1:]])
    if record.kind == "struct" and not record.packed and _has_padding(record):
        yield "packed", replace(record, packed=True)


def _has_padding(record: Record) -> bool:
    """Whether packing changes anything: its alignment at least."""
    return (record.align or 1) > 1
