"""C types as the generator sees them: what to write, and how to reach each leaf."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum, auto

__all__ = ["ENUM_TAGS", "Array", "Field", "Leaf", "Profile", "Record", "Scalar", "Type", "declare"]


class Leaf(Enum):
    """How the value of a scalar follows from its word."""

    WORD = auto()
    BOOL = auto()
    POINTER = auto()
    WIDE = auto()
    WORD128 = auto()
    FLOAT = auto()
    DOUBLE = auto()
    LDOUBLE = auto()
    CFLOAT = auto()
    CDOUBLE = auto()
    CLDOUBLE = auto()


@dataclass(frozen=True)
class Profile:
    """What the generator must know of the target; sizes of everything else it leaves to C."""

    name: str
    long_bits: int
    has_int128: bool
    passes_int128: bool = True  # as an argument of its own, as the ABI says
    aligned_bits_as_gcc: bool = True


@dataclass(frozen=True)
class Scalar:
    """An arithmetic type, an enum or a pointer; `spelling` goes before the declarator."""

    spelling: str
    leaf: Leaf
    bits: int = 0  # integers: their width
    promoted: bool = False  # may be a variadic argument as it is
    needs: str = ""  # tag of an enum


@dataclass(frozen=True)
class Array:
    """`length` of an element; None: a flexible array member."""

    element: Type
    length: int | None


@dataclass
class Field:
    """A member of a record. No name: an anonymous record or an unnamed bit-field."""

    name: str
    type: Type
    width: int | None = None
    before: str = ""  # _Alignas(8)
    after: str = ""  # __attribute__((packed))

    @property
    def is_leafless(self) -> bool:
        """True of bit-fields without a name, which hold no value."""
        return self.width is not None and not self.name


@dataclass
class Record:
    """A struct or union. No tag: it is written where it is used."""

    kind: str
    tag: str
    fields: list[Field] = field(default_factory=list)
    attribute: str = ""
    pack: int = 0

    @property
    def spelling(self) -> str:
        return f"{self.kind} {self.tag}" if self.tag else self.body()

    def body(self) -> str:
        """Give the definition, without a semicolon."""
        head = f"{self.kind} {self.tag}".rstrip()
        members = " ".join(member(each) for each in self.fields)
        return f"{head} {{ {members} }}{self.attribute and ' ' + self.attribute}"

    def definition(self) -> str:
        """Give the declaration that defines it."""
        text = f"{self.body()};"
        if self.pack:
            text = f"#pragma pack(push, {self.pack})\n{text}\n#pragma pack(pop)"
        return text

    def values(self) -> list[Field]:
        """Give the members that hold values."""
        return [each for each in self.fields if not each.is_leafless]

    def records(self) -> list[Record]:
        """Give the tagged records it needs defined before it."""
        found: list[Record] = []
        for each in self.fields:
            base = each.type
            while isinstance(base, Array):
                base = base.element
            if isinstance(base, Record):
                found += [base] if base.tag else base.records()
        return found


Type = Scalar | Array | Record

# The enums of every description: signed, unsigned, wider than int, and as small as may be.
ENUM_TAGS = {
    "e_signed": "enum e_signed { E_S0 = -3, E_S1 = 100000 };",
    "e_unsigned": "enum e_unsigned { E_U0, E_U1 = 7 };",
    "e_wide": "enum e_wide { E_W0, E_W1 = 0x7000000000 };",
    "e_byte": "enum __attribute__((packed)) e_byte { E_B0 = -1, E_B1 = 100 };",
    "e_short": "enum __attribute__((packed)) e_short { E_H0 = 0, E_H1 = 50000 };",
}


def declare(kind: Type, declarator: str) -> str:
    """Give `declarator` declared of a type."""
    if isinstance(kind, Array):
        length = "" if kind.length is None else str(kind.length)
        return declare(kind.element, f"{declarator}[{length}]")
    gap = "" if kind.spelling.endswith("*") or not declarator else " "
    return f"{kind.spelling}{gap}{declarator}"


def member(each: Field) -> str:
    """Give the declaration of a member."""
    text = declare(each.type, each.name)
    if each.width is not None:
        text += f" : {each.width}"
    return f"{each.before and each.before + ' '}{text}{each.after and ' ' + each.after};"
