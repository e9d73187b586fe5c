"""Arithmetic types by what debug data say of their bits: a family and a size, whatever they are
called."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from symbridge.declarations import Kind, Scalar

__all__ = ["Machine", "scalar", "standard", "vector"]

EM_386 = 3

#: Standard typedefs which are arithmetic types of their own in a description: what they have to be.
#: A size of 0 is whatever the C library chose, -1 that of a pointer.
STANDARD: dict[str, tuple[Kind, int]] = {
    "size_t": (Kind.UINT, -1),
    "ssize_t": (Kind.INT, -1),
    "ptrdiff_t": (Kind.INT, -1),
    "intptr_t": (Kind.INT, -1),
    "uintptr_t": (Kind.UINT, -1),
    "intmax_t": (Kind.INT, 8),
    "uintmax_t": (Kind.UINT, 8),
    "wchar_t": (Kind.WIDE, 0),
    "char16_t": (Kind.WIDE, 2),
    "char32_t": (Kind.WIDE, 4),
    **{f"int{8 * n}_t": (Kind.INT, n) for n in (1, 2, 4, 8)},
    **{f"uint{8 * n}_t": (Kind.UINT, n) for n in (1, 2, 4, 8)},
    **{f"int_least{8 * n}_t": (Kind.INT, n) for n in (1, 2, 4, 8)},
    **{f"uint_least{8 * n}_t": (Kind.UINT, n) for n in (1, 2, 4, 8)},
    **{f"int_fast{8 * n}_t": (Kind.INT, 0) for n in (1, 2, 4, 8)},
    **{f"uint_fast{8 * n}_t": (Kind.UINT, 0) for n in (1, 2, 4, 8)},
}

FLOATS = {4: "float", 8: "double"}
#: Sizes that long double has somewhere, beside those of double.
LONG_DOUBLES = (12, 16)
ALIGN_MAX = 16


@dataclass(frozen=True, slots=True)
class Machine:
    """What of a machine decides how its types are called and aligned."""

    order: str  # "<" little-endian, ">" big-endian
    pointer_size: int
    number: int = 0  # e_machine

    def align(self, size: int) -> int:
        """The alignment, in a record, of an arithmetic type of a size."""
        most = 4 if self.number == EM_386 else ALIGN_MAX
        align = 1
        while align < most and align < size and size % (2 * align) == 0:
            align *= 2
        return align


def scalar(name: str, family: str, size: int, machine: Machine) -> Scalar:
    """The type of a family and a size, under the name that C has for it.

    family: "signed", "unsigned", "char", "bool", "wide", "float", "complex", or "foreign".
    Compilers call one type "long unsigned int" and "unsigned long", other languages have yet other
    names: the name given here decides only among types that have the same bits.
    """
    align = machine.align(size)
    if family == "bool" and size == 1:
        return Scalar("_Bool", Kind.BOOL, 1, 1)
    if family == "char" and size == 1:
        return Scalar("char", Kind.CHAR, 1, 1)
    if family in ("signed", "unsigned", "bool", "char"):
        signed = family == "signed"
        spelled = _integer(name, signed, size, machine)
        if spelled:
            return Scalar(spelled, Kind.INT if signed else Kind.UINT, size, align)
    if family == "wide" and size in (2, 4):
        wide = name if name in ("wchar_t", "char16_t", "char32_t") else f"char{8 * size}_t"
        return Scalar(wide, Kind.WIDE, size, align)
    if family in ("float", "complex"):
        part = size // 2 if family == "complex" else size
        plain = _floating(name, part)
        kind = Kind.FLOAT if family == "float" else Kind.COMPLEX
        if plain:
            full = plain if family == "float" else f"{plain} _Complex"
            return Scalar(full, kind, size, machine.align(part))
    return Scalar(name or f"<{size} bytes>", Kind.FOREIGN, size, align)


def _integer(name: str, signed: bool, size: int, machine: Machine) -> str:
    words = Counter(name.split())
    long = 8 if machine.pointer_size == 8 else 4
    sizes = {"char": 1, "short": 2, "int": 4, "long": long, "long long": 8, "__int128": 16}
    said = "__int128" if words.keys() & {"__int128", "__int128_t", "__uint128_t"} else "int"
    for word in ("char", "short"):
        said = word if words[word] else said
    said = {1: "long", 2: "long long"}.get(words["long"], said)
    if sizes[said] != size:
        by_size = {1: "char", 2: "short", 4: "int", 8: "long", 16: "__int128"}
        said = by_size.get(size, "")
        if said == "long" and long != 8:
            said = "long long"
    if not said:
        return ""
    if said == "char":
        return "signed char" if signed else "unsigned char"
    return said if signed else f"unsigned {said}"


def _floating(name: str, size: int) -> str:
    """ "" for those that are no type of C11: _Float16, _Float128, __bf16."""
    if size in FLOATS:
        return "long double" if "long double" in name and size == 8 else FLOATS[size]
    foreign = any(word in name for word in ("Float", "float", "bf16", "Decimal", "ibm", "ieee"))
    named = "long double" in name or ("double" not in name and not foreign)
    return "long double" if size in LONG_DOUBLES and named else ""


def standard(name: str, target: Scalar, machine: Machine) -> Scalar | None:
    """The type that a standard typedef is in a description, when its target is what it has to
    be."""
    if name not in STANDARD:
        return None
    kind, size = STANDARD[name]
    size = machine.pointer_size if size < 0 else size or target.size
    kinds: tuple[Kind, ...]
    kinds = (Kind.INT, Kind.UINT, Kind.WIDE) if kind is Kind.WIDE else (kind,)
    if name in ("int8_t", "int_least8_t", "int_fast8_t"):
        kinds = (Kind.INT, Kind.CHAR)
    if target.kind not in kinds or target.size != size:
        return None
    return Scalar(name, kind, target.size, target.align)


def vector(element: Scalar, size: int) -> Scalar:
    """A vector of GNU C."""
    name = f"__attribute__((vector_size({size}))) {element.name}"
    align = 1
    while align < size and align < 64 and size % (2 * align) == 0:
        align *= 2
    return Scalar(name, Kind.FOREIGN, size, align)
