"""Pointers of which a description does not say whose they are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from symbridge.declarations import (
    Attribute,
    Description,
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
    resolved,
    spell,
)
from symbridge.describe.spelling import Proposed

__all__ = ["Unsaid", "unsaid"]

#: Attributes that say whose memory it is, or that it is the bridge's own.
OF_RESULTS = {"owned", "keeps", "constructor", "class_method", "array", "result", "string", "bytes"}
OF_PARAMETERS = {
    "in", "out", "inout", "array", "zero_terminated", "owned", "consumed", "scope", "user_data",
    "destroy", "held_by", "value", "string", "bytes", "dict", "hidden",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Unsaid:
    """One pointer: a parameter of a function, or its result."""

    function: str
    parameter: str  # its name, or its number from 1; "result" for what the function gives
    type: str
    location: Location


def unsaid(description: Description) -> list[Unsaid]:
    """The pointers whose ownership nobody has said. What is only proposed does not count as said.

    Said by the type alone are: pointers to const that are passed (C reads them during the call) or
    are text that is given; and pointers to structs that are passed (the caller keeps them).
    """
    found: list[Unsaid] = []
    for function in description.functions():
        said = _names(function.attributes)
        if "hidden" not in said:
            found += _of_function(function, said)
    return found


def _of_function(function: Function, said: set[str]) -> Iterator[Unsaid]:
    used = {
        str(argument)
        for parameter in function.type.parameters
        for attribute in parameter.attributes
        if not isinstance(attribute, Proposed) and attribute.name in ("user_data", "destroy")
        for argument in attribute.arguments
    }
    result = function.type.result
    if not said & OF_RESULTS and _needs_word(result, given=True):
        yield Unsaid(function.name, "result", spell(result), function.location)
    for number, parameter in enumerate(function.type.parameters, 1):
        words = _names(parameter.attributes)
        # How long C keeps a callback is its ownership.
        enough = {"scope", "hidden", "value"} if _is_callback(parameter) else OF_PARAMETERS
        if words & enough or parameter.name in used:
            continue
        if _needs_word(parameter.type, given=False) and "destructor" not in said:
            shown = spell(parameter.type)
            yield Unsaid(function.name, parameter.name or str(number), shown, parameter.location)


def _names(attributes: tuple[Attribute, ...]) -> set[str]:
    return {a.name for a in attributes if not isinstance(a, Proposed)}


def _is_callback(parameter: Parameter) -> bool:
    pointer = resolved(parameter.type)
    return isinstance(pointer, Pointer) and isinstance(resolved(pointer.target), FunctionType)


def _needs_word(type: Type, given: bool) -> bool:
    """Whether a pointer's type leaves open whose it is."""
    pointer = resolved(type)
    if not isinstance(pointer, Pointer):
        return False
    target = resolved(pointer.target)
    constant = bool(pointer.qualifiers & Qualifier.CONST)
    if isinstance(target, FunctionType):
        return not given
    if not given:
        return not constant and not isinstance(target, Record)
    return not (constant and isinstance(target, Scalar) and target.kind in (Kind.CHAR, Kind.WIDE))
