"""What C declarations say, as plain Python objects: the language in which the tools speak.

parse() gives the declarations of a description. The readers of headers (describe) and of debug data
(debug) give the same objects for what a compiler saw, so that one comparison serves them all.

Records and enums are objects with an identity, since C tells them apart by declaration; all other
types are values. Sizes, offsets and alignments are in bytes; those of bit-fields in bits where it
says so. Nothing here changes after it was made, but for records and enums while a reader completes
them; everything may be read from any thread.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum as _Enum
from enum import IntFlag
from typing import Any, TypeAlias

from symbridge import _bridge

__all__ = [
    "Alias",
    "Array",
    "Attribute",
    "Constant",
    "Declaration",
    "Description",
    "Directive",
    "Enum",
    "Enumerator",
    "Field",
    "Function",
    "FunctionType",
    "Identifier",
    "Kind",
    "Location",
    "Parameter",
    "Pointer",
    "Qualifier",
    "Record",
    "Scalar",
    "Type",
    "Typedef",
    "Value",
    "Variable",
    "Void",
    "parse",
    "parse_file",
    "resolved",
    "spell",
]

#: What an attribute's argument or a constant can be.
Value: TypeAlias = "int | float | str | bool | Identifier | None"


class Identifier(str):
    """A name written as an attribute's argument, as `count` in [[array(count)]]."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Location:
    """Where something was declared: file, line and column from 1; line 0 is "nowhere"."""

    file: str
    line: int
    column: int = 0

    def __str__(self) -> str:
        return f"{self.file}:{self.line}" if self.line else self.file

    def as_json(self) -> dict[str, str | int] | None:
        """The location as JSON has it: None for nowhere."""
        if not self.file:
            return None
        return {"file": self.file, "line": self.line, "column": self.column}


NOWHERE = Location("", 0)


@dataclass(frozen=True, slots=True)
class Attribute:
    """[[name(arguments)]]."""

    name: str
    arguments: tuple[Value, ...] = ()
    location: Location = NOWHERE


# ---- types


class Qualifier(IntFlag):
    """The engine's bits for what stands beside a type."""

    NONE = 0
    CONST = 1
    VOLATILE = 2
    RESTRICT = 4


class Kind(_Enum):
    """How a scalar's bits are read."""

    BOOL = "bool"
    CHAR = "char"  # plain char
    INT = "signed integer"
    UINT = "unsigned integer"
    WIDE = "wide character"
    FLOAT = "floating"
    COMPLEX = "complex"
    FOREIGN = "foreign"  # _Float128, vectors: no call can pass them


@dataclass(frozen=True, slots=True)
class Void:
    """void."""


@dataclass(frozen=True, slots=True)
class Scalar:
    """An arithmetic type under the name by which C knows it: "unsigned int", "uint32_t"."""

    name: str
    kind: Kind
    size: int
    align: int


@dataclass(frozen=True, slots=True)
class Pointer:
    """target *, with the qualifiers of the target."""

    target: Type
    qualifiers: Qualifier = Qualifier.NONE


@dataclass(frozen=True, slots=True)
class Array:
    """element[length]; length None is element[]."""

    element: Type
    length: int | None
    qualifiers: Qualifier = Qualifier.NONE


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter. Arrays and functions as parameters are pointers already."""

    name: str  # may be empty
    type: Type
    qualifiers: Qualifier = Qualifier.NONE
    attributes: tuple[Attribute, ...] = ()
    location: Location = NOWHERE


@dataclass(frozen=True, slots=True)
class FunctionType:
    """result (parameters); prototyped is False for `()`, which says nothing of parameters."""

    result: Type
    parameters: tuple[Parameter, ...]
    variadic: bool = False
    prototyped: bool = True


@dataclass(frozen=True, slots=True)
class Alias:
    """A type under a typedef's name.

    Descriptions that were parsed hold none: the engine sees through typedefs. Readers keep them, so
    that what they write reads as the header does.
    """

    name: str
    target: Type
    qualifiers: Qualifier = Qualifier.NONE


@dataclass(slots=True)
class Field:
    """A member of a record. offset is None in a record of unknown layout.

    For bit-fields offset is the byte that holds the first bit, bit_offset that bit within it (0 to
    7, from the end that compilers begin at), bit_width its width in bits.
    """

    name: str  # empty: an unnamed struct or union, or unnamed bits
    type: Type
    offset: int | None
    qualifiers: Qualifier = Qualifier.NONE
    bit_offset: int = 0
    bit_width: int | None = None
    doc: str = ""
    attributes: tuple[Attribute, ...] = ()
    location: Location = NOWHERE


@dataclass(slots=True, eq=False, repr=False)
class Record:
    """A struct or union. fields is None while it is incomplete (only named)."""

    kind: str  # "struct" or "union"
    tag: str  # may be empty
    typedef: str = ""  # the name of one without a tag: typedef struct {...} typedef
    fields: list[Field] | None = None
    size: int | None = None
    align: int | None = None
    packed: bool = False
    doc: str = ""
    attributes: tuple[Attribute, ...] = ()
    location: Location = NOWHERE

    @property
    def name(self) -> str:
        """Its name in C: "struct point", "point" for one that only a typedef names, or ""."""
        return f"{self.kind} {self.tag}" if self.tag else self.typedef

    def __repr__(self) -> str:
        return f"<Record {self.name or 'unnamed ' + self.kind}>"


@dataclass(frozen=True, slots=True)
class Enumerator:
    """One name of an enum and its value."""

    name: str
    value: int
    doc: str = ""
    attributes: tuple[Attribute, ...] = ()
    location: Location = NOWHERE


@dataclass(slots=True, eq=False, repr=False)
class Enum:
    """An enum. underlying is None while it is incomplete."""

    tag: str  # may be empty
    typedef: str = ""
    enumerators: list[Enumerator] | None = None
    underlying: Scalar | None = None
    doc: str = ""
    attributes: tuple[Attribute, ...] = ()
    location: Location = NOWHERE

    @property
    def name(self) -> str:
        """Its name in C: "enum status", "status" for one that only a typedef names, or ""."""
        return f"enum {self.tag}" if self.tag else self.typedef

    def __repr__(self) -> str:
        return f"<Enum {self.name or 'unnamed'}>"


Type: TypeAlias = "Void | Scalar | Pointer | Array | FunctionType | Alias | Record | Enum"


# ---- declarations


@dataclass(frozen=True, slots=True)
class Function:
    """A function. symbol is the name that the library exports it under."""

    name: str
    type: FunctionType
    symbol: str
    version: str = ""  # [[version]]: of the symbol
    doc: str = ""
    attributes: tuple[Attribute, ...] = ()
    location: Location = NOWHERE
    optional: bool = False  # [[optional]] or [[since]]: the library may lack it
    digest: int | None = None  # of the prototype: see docs/self-describing.md


@dataclass(frozen=True, slots=True)
class Variable:
    """A global variable."""

    name: str
    type: Type
    symbol: str
    qualifiers: Qualifier = Qualifier.NONE
    version: str = ""
    doc: str = ""
    attributes: tuple[Attribute, ...] = ()
    location: Location = NOWHERE
    optional: bool = False
    digest: int | None = None


@dataclass(frozen=True, slots=True)
class Typedef:
    """typedef type name."""

    name: str
    type: Type
    qualifiers: Qualifier = Qualifier.NONE
    doc: str = ""
    attributes: tuple[Attribute, ...] = ()
    location: Location = NOWHERE


@dataclass(frozen=True, slots=True)
class Constant:
    """#define name value, or static const. value None: its name is all that is known."""

    name: str
    value: int | float | str | bool | None
    doc: str = ""
    attributes: tuple[Attribute, ...] = ()
    location: Location = NOWHERE
    type: Type | None = None  # of static const; macros have none


@dataclass(frozen=True, slots=True)
class Directive:
    """A line of attributes alone: [[library("libm.so.6")]];"""

    attributes: tuple[Attribute, ...]
    doc: str = ""
    location: Location = NOWHERE


Declaration: TypeAlias = "Function | Variable | Typedef | Constant | Directive | Record | Enum"


@dataclass(slots=True, eq=False)
class Description:
    """All declarations of one source, in its order."""

    file: str
    declarations: list[Declaration]
    library: str = ""  # [[library]]
    #: What the engine made of it, table by table, for the tools that need roles, classes and scopes
    #: (see surface.py); empty when a reader made the description.
    tables: dict[str, Any] = field(default_factory=dict, repr=False)

    def functions(self) -> Iterator[Function]:
        """The functions."""
        return (d for d in self.declarations if isinstance(d, Function))

    def variables(self) -> Iterator[Variable]:
        """The global variables."""
        return (d for d in self.declarations if isinstance(d, Variable))

    def typedefs(self) -> Iterator[Typedef]:
        """The typedefs."""
        return (d for d in self.declarations if isinstance(d, Typedef))

    def constants(self) -> Iterator[Constant]:
        """The constants that are not of an enum."""
        return (d for d in self.declarations if isinstance(d, Constant))

    def records(self) -> Iterator[Record]:
        """The structs and unions."""
        return (d for d in self.declarations if isinstance(d, Record))

    def enums(self) -> Iterator[Enum]:
        """The enums."""
        return (d for d in self.declarations if isinstance(d, Enum))


# ---- what can be said of any type


def resolved(type: Type) -> Type:
    """The type behind typedefs."""
    while isinstance(type, Alias):
        type = type.target
    return type


def spell(
    type: Type, declarator: str = "", qualifiers: Qualifier = Qualifier.NONE, names: bool = False
) -> str:
    """Spell a type as C does, with `declarator` declared of it: "int (*f)(int)".

    Parameters' names are written when `names` is true.
    """
    while True:
        if isinstance(type, Pointer):
            # `qualifiers` are the pointer's own; those of its target come with the target.
            declarator = f"*{_qualified(qualifiers, declarator)}"
            if isinstance(type.target, (Array, FunctionType)):
                declarator = f"({declarator})"
            qualifiers, inner = type.qualifiers, type.target
        elif isinstance(type, Array):
            declarator = f"{declarator}[{'' if type.length is None else type.length}]"
            qualifiers, inner = qualifiers | type.qualifiers, type.element
        elif isinstance(type, FunctionType):
            parameters = [
                spell(p.type, p.name if names else "", p.qualifiers, names) for p in type.parameters
            ]
            if type.variadic:
                parameters.append("...")
            elif not parameters and type.prototyped:
                parameters.append("void")
            declarator = f"{declarator}({', '.join(parameters)})"
            qualifiers, inner = Qualifier.NONE, type.result
        else:
            base = _qualified(qualifiers, _base_name(type))
            separator = " " if declarator and not declarator.startswith("[") else ""
            return f"{base}{separator}{declarator}"
        type = inner


_QUALIFIER_WORDS = (
    (Qualifier.CONST, "const"),
    (Qualifier.VOLATILE, "volatile"),
    (Qualifier.RESTRICT, "restrict"),
)


def _base_name(type: Type) -> str:
    match type:
        case Void():
            return "void"
        case Record():
            return type.name or f"{type.kind} <unnamed>"
        case Enum():
            return type.name or "enum <unnamed>"
        case Scalar() | Alias():
            return type.name
    raise TypeError(f"not a type: {type!r}")


def _qualified(qualifiers: Qualifier, text: str) -> str:
    words = [word for bit, word in _QUALIFIER_WORDS if bit & qualifiers]
    return " ".join([*words, text] if text else words)


# ---- parsing


def parse(text: str | bytes, file: str = "<description>", *, cdef: bool = False) -> Description:
    """The declarations of a description's text.

    cdef: read it as cffi's cdef() does, with "..." where only a compiler knows the rest.
    Raises DescriptionError, with line and column, when it is not a description.
    """
    data = text if isinstance(text, bytes) else text.encode("utf-8", "surrogateescape")
    return _Tables(_bridge.reflect(data, file, _CDEF if cdef else 0), file).description()


def parse_file(path: str | os.PathLike[str]) -> Description:
    """The declarations of a description's file. Raises OSError, DescriptionError."""
    with open(path, "rb") as stream:
        return parse(stream.read(), os.fspath(path))


_CDEF = 1  # SB_PARSE_CDEF of the engine

_SCALARS = {
    "bool": Kind.BOOL,
    "char": Kind.CHAR,
    "int": Kind.INT,
    "uint": Kind.UINT,
    "wide": Kind.WIDE,
    "float": Kind.FLOAT,
    "complex": Kind.COMPLEX,
}


class _Tables:
    """Turns the engine's tables into declarations, each type once."""

    def __init__(self, tables: dict[str, Any], file: str) -> None:
        self._tables = tables
        self._file = file
        self._types: dict[int, Type] = {}

    def description(self) -> Description:
        declarations = [
            made
            for row in self._tables["declarations"]
            if (made := self._declaration(row)) is not None
        ]
        return Description(self._file, declarations, self._tables["library"], self._tables)

    def _location(self, row: dict[str, Any]) -> Location:
        return Location(self._file, row["line"], row["column"])

    def _attributes(self, row: dict[str, Any]) -> tuple[Attribute, ...]:
        first = row["first_attribute"]
        return tuple(
            Attribute(
                a["name"],
                tuple(_value(argument) for argument in a["arguments"]),
                self._location(a),
            )
            for a in self._tables["attributes"][first : first + row["attribute_count"]]
        )

    # -- types

    def _type(self, index: int) -> Type:
        if index not in self._types:
            self._types[index] = self._make(index)
        return self._types[index]

    def _make(self, index: int) -> Type:
        row = self._tables["types"][index]
        kind = row["kind"]
        if "foreign" in row["flags"] and kind == "struct" and not row["count"]:
            return Scalar(row["name"], Kind.FOREIGN, row["size"], row["align"])
        match kind:
            case "void":
                return Void()
            case "pointer":
                return Pointer(self._type(row["target"]), Qualifier(row["target_quals"]))
            case "array":
                size = self._tables["types"][row["target"]]["size"]
                length = None if "flexible" in row["flags"] else row["size"] // max(size, 1)
                return Array(self._type(row["target"]), length, Qualifier(row["target_quals"]))
            case "function":
                return self._function_type(row, row["first"])
            case "struct" | "union":
                return self._record(index, row)
            case "enum":
                return self._enum(index, row)
        return Scalar(row["name"], _SCALARS[kind], row["size"], row["align"])

    def _function_type(self, row: dict[str, Any], first: int) -> FunctionType:
        parameters = tuple(
            Parameter(
                p["name"],
                self._type(p["type"]),
                Qualifier(p["quals"]),
                self._attributes(p),
                self._location(p),
            )
            for p in self._tables["params"][first : first + row["count"]]
        )
        return FunctionType(
            self._type(row["target"]),
            parameters,
            "variadic" in row["flags"],
            "no_proto" not in row["flags"],
        )

    def _declared(
        self, row: dict[str, Any]
    ) -> tuple[str, str, str, tuple[Attribute, ...], Location]:
        """Tag, typedef name, doc, attributes and location of a record or enum."""
        if row["decl"] is None:
            return row["name"], "", "", (), NOWHERE
        declared = self._tables["declarations"][row["decl"]]
        tag = declared["name"]
        typedef = "" if tag else row["name"]
        place = self._location(declared)
        return tag, typedef, declared["doc"], self._attributes(declared), place

    def _record(self, index: int, row: dict[str, Any]) -> Record:
        tag, typedef, doc, attributes, location = self._declared(row)
        record = Record(
            row["kind"], tag, typedef, None, None, None, False, doc, attributes, location
        )
        self._types[index] = record  # its fields may point to it
        complete = "complete" in row["flags"]
        if not complete and "partial" not in row["flags"]:
            return record
        first = row["first"]
        fields = self._tables["fields"][first : first + row["count"]]
        record.fields = [self._field(f, complete) for f in fields]
        record.packed = "packed" in row["flags"]
        if complete:
            record.size, record.align = row["size"], row["align"]
        return record

    def _field(self, row: dict[str, Any], complete: bool) -> Field:
        value = row["value"]
        return Field(
            value["name"],
            self._type(value["type"]),
            row["offset"] if complete else None,
            Qualifier(value["quals"]),
            row["bit_offset"],
            row["bit_width"] or None,
            row["doc"],
            self._attributes(value),
            self._location(value),
        )

    def _enum(self, index: int, row: dict[str, Any]) -> Enum:
        tag, typedef, doc, attributes, location = self._declared(row)
        made = Enum(tag, typedef, None, None, doc, attributes, location)
        self._types[index] = made
        if "complete" not in row["flags"]:
            return made
        underlying = self._type(row["target"])
        assert isinstance(underlying, Scalar)
        made.underlying = underlying
        signed = "signed" in row["flags"]
        first = row["first"]
        made.enumerators = [
            Enumerator(
                e["name"],
                e["value"] if signed or e["value"] >= 0 else e["value"] + 2**64,
                e["doc"],
                self._attributes(e),
                self._location(e),
            )
            for e in self._tables["enumerators"][first : first + row["count"]]
        ]
        return made

    # -- declarations

    def _declaration(self, row: dict[str, Any]) -> Declaration | None:
        name, doc = row["name"], row["doc"]
        attributes, location = self._attributes(row), self._location(row)
        match row["kind"]:
            case "function":
                return self._function(row)
            case "variable":
                return Variable(
                    name,
                    self._type(row["type"]),
                    row["symbol"] or name,
                    Qualifier(row["quals"]),
                    _version(attributes),
                    doc,
                    attributes,
                    location,
                    _may_lack(attributes),
                    row.get("digest"),
                )
            case "typedef":
                type = self._type(row["type"])
                return Typedef(name, type, Qualifier(row["quals"]), doc, attributes, location)
            case "constant":
                value = _value(row["constant"])
                of = self._type(row["type"]) if row["type"] else None
                return Constant(name, value, doc, attributes, location, of)
            case "file":
                return Directive(attributes, doc, location)
        made = self._type(row["type"])
        return made if isinstance(made, (Record, Enum)) else None

    def _function(self, row: dict[str, Any]) -> Function | None:
        if "python" in row["flags"]:
            return None  # extern "Python": of cffi's, no library has it
        attributes = self._attributes(row)
        type = self._function_type(self._tables["types"][row["type"]], row["first_param"])
        symbol, version = row["symbol"] or row["name"], _version(attributes)
        if row["binding"] is not None:
            bound = self._tables["functions"][row["binding"]]
            symbol, version = bound["symbol"], bound["version"]
        return Function(
            row["name"],
            type,
            symbol,
            version,
            row["doc"],
            attributes,
            self._location(row),
            _may_lack(attributes),
            row.get("digest"),
        )


def _value(constant: tuple[str, Any]) -> Any:
    kind, value = constant
    return Identifier(value) if kind == "name" else value


def _version(attributes: tuple[Attribute, ...]) -> str:
    return next((str(a.arguments[0]) for a in attributes if a.name == "version"), "")


def _may_lack(attributes: tuple[Attribute, ...]) -> bool:
    return any(a.name in ("optional", "since") for a in attributes)
