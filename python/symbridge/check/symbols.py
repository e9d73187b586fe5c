"""A description against a library's symbols: that they are there, of which kind and size."""

from __future__ import annotations

from symbridge.binary import Binary, Symbol
from symbridge.check.report import Rung, Unverified
from symbridge.compare import Difference
from symbridge.declarations import (
    NOWHERE,
    Array,
    Description,
    Enum,
    Function,
    Pointer,
    Record,
    Scalar,
    Type,
    Variable,
    resolved,
    spell,
)

__all__ = ["check_symbols", "size_of"]

#: Missing symbols for which near misses are looked for; with more of them it is another library.
MOST_NEAR_MISSES = 500

FUNCTION_KINDS = ("function", "ifunc", "other")
VARIABLE_KINDS = ("object", "tls", "other")


def check_symbols(description: Description, binary: Binary) -> Rung:
    """Look for every function and variable."""
    rung = Rung("symbols", "each symbol is there", binary.path)
    named = description.library.rpartition("/")[2]
    if named and binary.soname and named != binary.soname:
        rung.notes.append(f"{named} is described, and this is {binary.soname}")
    tried = 0
    for item in description.declarations:
        if not isinstance(item, (Function, Variable)):
            continue
        kind = "function" if isinstance(item, Function) else "variable"
        thing = f"{kind} {item.name}"
        symbol = binary.find(item.symbol, item.version)
        if symbol is None and item.optional:
            reason = "optional, and the library does not have it"
            rung.unverified.append(Unverified(thing, reason, item.location))
        elif symbol is None:
            tried += 1
            rung.differences.append(_missing(item, binary, tried <= MOST_NEAR_MISSES))
        else:
            found = _unlike(item, kind, symbol, binary)
            if found is None:
                rung.verified.append(thing)
            else:
                rung.differences.append(found)
    return rung


def _missing(item: Function | Variable, binary: Binary, near: bool) -> Difference:
    wanted = f"{item.symbol}@{item.version}" if item.version else item.symbol
    others = binary.exports().get(item.symbol, [])
    if others:
        there = ", ".join(str(symbol) for symbol in others)
        sentence = f"{wanted} is not in the library, which has {there}"
        return _difference("version", item, wanted, there, sentence)
    sentence = f"{wanted} is not in the library"
    undefined = any(s.name == item.symbol and not s.defined for s in binary.symbols)
    if undefined:
        sentence += ", which takes it from another one"
        if binary.needed:
            sentence += f" (it needs {', '.join(binary.needed)})"
    elif near:
        names = binary.near_misses(item.symbol)
        if names:
            sentence += f"; is it {' or '.join(names)}?"
    return _difference("missing", item, wanted, "nothing", sentence)


def _unlike(
    item: Function | Variable, kind: str, symbol: Symbol, binary: Binary
) -> Difference | None:
    kinds = FUNCTION_KINDS if kind == "function" else VARIABLE_KINDS
    if symbol.kind not in kinds:
        sentence = f"{item.name} is described as a {kind}, but its symbol is of kind {symbol.kind}"
        return _difference("kind", item, kind, symbol.kind, sentence)
    if isinstance(item, Variable):
        size = size_of(item.type, binary.bits // 8)
        if size is not None and symbol.size and size != symbol.size:
            sentence = (
                f"{item.name} is described with {size} bytes ({spell(item.type)}), "
                f"but its symbol has {symbol.size}"
            )
            return _difference("size", item, str(size), str(symbol.size), sentence)
    return None


def _difference(
    kind: str, item: Function | Variable, described: str, actual: str, sentence: str
) -> Difference:
    return Difference(kind, item.name, described, actual, item.location, NOWHERE, True, sentence)


def size_of(type: Type, pointer: int) -> int | None:
    """The bytes of a type; None when they are not known."""
    count = 1
    inner = resolved(type)
    while isinstance(inner, Array):
        if inner.length is None:
            return None
        count *= inner.length
        inner = resolved(inner.element)
    size: int | None = None
    match inner:
        case Scalar():
            size = inner.size
        case Pointer():
            size = pointer
        case Enum():
            size = inner.underlying.size if inner.underlying else None
        case Record():
            size = inner.size
    return None if size is None else count * size
