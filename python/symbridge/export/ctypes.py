"""A description as a Python module for ctypes: structures, prototypes, enums, constants.

Records are laid out by ctypes where it does so as C; where not (packing within, alignment), their
fields lie between explicit padding, so that every offset and size is C's. What ctypes cannot pass
is left out, and the module says so: complex numbers and 128-bit integers by value, unions and
records with bit-fields by value.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from symbridge.declarations import (
    Alias,
    Array,
    Description,
    Enum,
    Field,
    Function,
    FunctionType,
    Kind,
    Pointer,
    Qualifier,
    Record,
    Scalar,
    Type,
    Variable,
    Void,
)
from symbridge.describe.known import BUILTIN_TAGS, is_argument_list
from symbridge.describe.layout import POINTER_SIZE
from symbridge.export.declarer import InexpressibleError, LeftOut
from symbridge.export.python import (
    assignment,
    docstring,
    path_parameter,
    safe_name,
    text_literal,
)

__all__ = ["write"]

WIDTH = 100

#: Scalars that have a ctypes name of their own; all others go by their size.
_NAMED = {
    "_Bool": "c_bool",
    "char": "c_char",
    "signed char": "c_byte",
    "unsigned char": "c_ubyte",
    "short": "c_short",
    "unsigned short": "c_ushort",
    "int": "c_int",
    "unsigned int": "c_uint",
    "long": "c_long",
    "unsigned long": "c_ulong",
    "long long": "c_longlong",
    "unsigned long long": "c_ulonglong",
    "size_t": "c_size_t",
    "ssize_t": "c_ssize_t",
    "wchar_t": "c_wchar",
    "float": "c_float",
    "double": "c_double",
    "long double": "c_longdouble",
}

#: Complex numbers in memory are two of these.
_PARTS = {"float _Complex": "c_float", "double _Complex": "c_double"}

_LOADER = '''\
def open_library(PATH) -> ctypes.CDLL:
    """Open the library with its prototypes: the soname by default, or a path with a slash."""
    library = ctypes.CDLL(path, use_errno=True)
    for name, symbol, optional, restype, argtypes in _FUNCTIONS:
        try:
            function = library[symbol]
        except AttributeError:
            if not optional:
                raise
            continue
        function.restype = restype
        function.argtypes = argtypes
        setattr(library, name, function)
    for name, symbol, optional, type_ in _VARIABLES:
        try:
            setattr(library, name, type_.in_dll(library, symbol))
        except ValueError:
            if not optional:
                raise
    return library
'''


def write(description: Description, source: str) -> str:
    """The module's text. source: the name of the description."""
    return _Writer(description).run(source)


@dataclass(slots=True)
class _Layout:
    """How a record is written: entries of _fields_, and what stands beside them."""

    fields: list[tuple[str, str, int | None]]
    anonymous: list[str] = field(default_factory=list)
    packed: bool = False
    align: int = 1


class _Writer:
    def __init__(self, description: Description) -> None:
        self.description = description
        self.left_out: list[LeftOut] = []
        self.names: dict[int, str] = {}
        self.taken: set[str] = {"ctypes", "IntEnum", "SONAME", "open_library"}
        self.records: list[Record] = []
        self.layouts: dict[int, _Layout | str] = {}
        self.ordered: list[Record] = []
        self.unnamed = 0

    def run(self, source: str) -> str:
        description = self.description
        enums = [e for e in description.enums() if e.enumerators]
        for constant in description.constants():
            self.taken.add(safe_name(constant.name))
        for enum in enums:
            self.taken |= {safe_name(e.name) for e in enum.enumerators or ()}
        for record in description.records():
            if record.tag or record.typedef:
                self.name(record)
        functions = list(self.functions())
        variables = list(self.variables())
        typedefs = list(self.typedefs())
        for record in self.records:  # grows: layouts find records without a name
            self.layout(record)
        head = [
            f"# Written by `symbridge export` from {source}: changes here are lost.",
            *docstring(f"The library of {source} for ctypes: open_library(), types and constants."),
            "",
            "import ctypes",
            *(["from enum import IntEnum"] if any(e.name for e in enums) else []),
            "",
            f"SONAME = {text_literal(description.library)}",
        ]
        parts = [
            head,
            *self.constants(),
            *self.enums(enums),
            *self.classes(),
            self.fields(),
            typedefs,
            [f"# left out: {one}" for one in self.left_out],
            ["_FUNCTIONS = (", *functions, ")"],
            ["_VARIABLES = (", *variables, ")"] if variables else ["_VARIABLES = ()"],
        ]
        text = "\n".join(line for part in parts if part for line in ("", *part)).lstrip("\n")
        loader = _LOADER.replace("PATH", path_parameter(description.library))
        return f"{text}\n\n\n{loader}"

    # ---- names

    def name(self, record: Record) -> str:
        """The class of a record."""
        if id(record) not in self.names:
            wanted = safe_name(record.tag or record.typedef)
            if not wanted:
                self.unnamed += 1
                wanted = f"_unnamed_{self.unnamed}"
            if wanted in self.taken:
                wanted = f"{record.kind}_{wanted}"
            while wanted in self.taken:
                wanted += "_"
            self.taken.add(wanted)
            self.names[id(record)] = wanted
            self.records.append(record)
        return self.names[id(record)]

    # ---- constants and enums

    def constants(self) -> Iterator[list[str]]:
        lines: list[str] = []
        for constant in self.description.constants():
            if constant.value is None:
                self.left_out.append(LeftOut(constant.name, "its value is not known"))
            else:
                lines += assignment(constant.name, constant.value)
                lines += docstring(constant.doc)
        yield lines

    def enums(self, enums: list[Enum]) -> Iterator[list[str]]:
        for enum in enums:
            enumerators = enum.enumerators or []
            if not enum.name:
                yield [f"{safe_name(e.name)} = {e.value}" for e in enumerators]
                continue
            name = safe_name(enum.tag or enum.typedef)
            if name in self.taken:
                name = f"enum_{name}"
            self.taken.add(name)
            lines = ["", f"class {name}(IntEnum):", *docstring(enum.doc, "    ")]
            lines += [""] if enum.doc else []
            for e in enumerators:
                lines.append(f"    {_member(e.name)} = {e.value}")
            lines += ["", ""]
            lines += [f"{safe_name(e.name)} = {name}.{_member(e.name)}" for e in enumerators]
            yield lines

    # ---- types

    def scalar(self, scalar: Scalar) -> str:
        if scalar.name in _NAMED:
            return f"ctypes.{_NAMED[scalar.name]}"
        if scalar.name in _PARTS:
            return f"ctypes.{_PARTS[scalar.name]} * 2"
        bits = scalar.size * 8
        if scalar.kind in (Kind.INT, Kind.UINT, Kind.WIDE) and bits <= 64:
            sign = "" if scalar.kind is Kind.INT else "u"
            return f"ctypes.c_{sign}int{bits}"
        raise InexpressibleError(f"ctypes has no {scalar.name}")

    def type(self, type: Type, *, in_memory: bool = False) -> str:
        """The ctypes type. in_memory: as a field or variable, where pointers to text stay pointers
        that can be set."""
        if is_argument_list(type):
            return "ctypes.c_void_p"
        match type:
            case Void():
                return "None"
            case Alias():
                return self.type(type.target, in_memory=in_memory)
            case Scalar():
                return self.scalar(type)
            case Enum():
                if type.underlying is None:
                    raise InexpressibleError(f"{type.name} is not defined")
                return self.scalar(type.underlying)
            case Pointer():
                return self.pointer(type)
            case Array():
                return f"{self.type(type.element, in_memory=True)} * {type.length or 0}"
            case Record():
                if type.tag in BUILTIN_TAGS:
                    raise InexpressibleError(f"{type.name} is not defined here")
                return self.name(type)
            case FunctionType():
                return self.prototype(type)
        raise TypeError(f"not a type: {type!r}")

    def pointer(self, pointer: Pointer) -> str:
        target = pointer.target
        while isinstance(target, Alias):
            target = target.target
        if isinstance(target, Void) or (isinstance(target, Record) and target.tag in BUILTIN_TAGS):
            return "ctypes.c_void_p"
        if isinstance(target, Scalar) and pointer.qualifiers & Qualifier.CONST:
            if target.kind is Kind.CHAR:
                return "ctypes.c_char_p"
            if target.name == "wchar_t":
                return "ctypes.c_wchar_p"
        if isinstance(target, FunctionType):
            try:
                return self.prototype(target)
            except InexpressibleError:
                return "ctypes.c_void_p"
        try:
            return f"ctypes.POINTER({self.type(target, in_memory=True)})"
        except InexpressibleError:
            return "ctypes.c_void_p"

    def prototype(self, type: FunctionType) -> str:
        parts = [self.passed(type.result), *(self.passed(p.type) for p in type.parameters)]
        return f"ctypes.CFUNCTYPE({', '.join(parts)})"

    def passed(self, type: Type) -> str:
        """The type of a parameter or result."""
        if isinstance(type, Scalar) and type.name in _PARTS:
            raise InexpressibleError(f"ctypes cannot pass {type.name} by value")
        if isinstance(type, Record) and not is_argument_list(type):
            self.check_passed(type)
        return self.type(type)

    def check_passed(self, record: Record) -> None:
        if record.kind == "union" or any(f.kind == "union" for f in _within(record)):
            raise InexpressibleError("ctypes cannot pass unions by value")
        members = [f for r in (record, *_within(record)) for f in r.fields or ()]
        if any(f.bit_width is not None for f in members):
            raise InexpressibleError("ctypes cannot pass records with bit-fields by value")
        layout = self.layout(record)
        if isinstance(layout, str) or layout.packed:
            raise InexpressibleError(f"ctypes cannot pass {record.name} as C does")

    # ---- records

    def layout(self, record: Record) -> _Layout | str:
        """How the record is written; a text: why only its name is."""
        if id(record) not in self.layouts:
            self.layouts[id(record)] = "it needs itself"
            try:
                self.layouts[id(record)] = self.lay_out(record)
                self.ordered.append(record)
            except InexpressibleError as error:
                self.layouts[id(record)] = str(error)
                if record.fields is not None:
                    self.left_out.append(LeftOut(record.name, f"{error}; only its name is there"))
        return self.layouts[id(record)]

    def lay_out(self, record: Record) -> _Layout:
        if record.fields is None or record.size is None or record.align is None:
            raise InexpressibleError("it is not defined")
        aligns = [self.need(member) for member in record.fields]
        members = list(zip(record.fields, aligns, strict=True))
        align = max((a for _, a in members), default=1)
        made = _Layout([], align=align)
        natural = self.is_natural(record, members, align)
        if not natural:
            made.packed, made.align = True, 1
        place = 0
        for number, (member, _) in enumerate(members):
            assert member.offset is not None
            if not natural:
                if member.bit_width is not None:
                    self.add_bits(made, record, place)
                    return made
                self.pad(made, member.offset - place)
            name = member.name
            if not name:
                if member.bit_width is not None:
                    name = f"_bits_{number}"
                else:
                    name = f"_anonymous_{number}"
                    made.anonymous.append(name)
            made.fields.append((name, self.type(member.type, in_memory=True), member.bit_width))
            if record.kind == "struct":
                place = member.offset + _size(member.type)
        if not natural and record.kind == "struct":
            self.pad(made, record.size - place)
        elif not natural:
            made.fields.append(("_room", f"ctypes.c_byte * {record.size}", None))
        return made

    def add_bits(self, made: _Layout, record: Record, place: int) -> None:
        """The rest of a record in whose bits ctypes would go astray, as bytes."""
        assert record.size is not None
        made.fields.append(("_bytes", f"ctypes.c_ubyte * {record.size - place}", None))
        why = f"from byte {place} on it is bytes: ctypes lays out its bit-fields otherwise"
        self.left_out.append(LeftOut(record.name, why))

    def pad(self, made: _Layout, size: int) -> None:
        if size > 0:
            made.fields.append((f"_padding_{len(made.fields)}", f"ctypes.c_byte * {size}", None))

    def need(self, member: Field) -> int:
        """What ctypes aligns a field to; what it needs before it is laid out."""
        inner = member.type
        while isinstance(inner, (Array, Alias)):
            inner = inner.element if isinstance(inner, Array) else inner.target
        self.type(member.type, in_memory=True)
        match inner:
            case Record():
                self.name(inner)
                layout = self.layout(inner)
                if isinstance(layout, str):
                    raise InexpressibleError(f"it needs {inner.name or inner.kind}: {layout}")
                return layout.align
            case Scalar():
                if inner.name in _PARTS:
                    return inner.size // 2
                return inner.align
            case Enum():
                return inner.underlying.align if inner.underlying is not None else 1
        return _POINTER_ALIGN

    def is_natural(self, record: Record, members: list[tuple[Field, int]], align: int) -> bool:
        """Whether ctypes lays the record out as it is, without being told."""
        bits = place = 0
        for member, own in members:
            assert member.offset is not None
            size = _size(member.type)
            wanted = member.offset * 8 + member.bit_offset
            if member.bit_width is None:
                start = 0 if record.kind == "union" else -(-place // (own * 8)) * own * 8
                place = start + size * 8
            else:
                unit = size * 8
                start = 0 if record.kind == "union" else place
                if start // unit != (start + member.bit_width - 1) // unit:
                    start = -(-start // unit) * unit
                place = start + member.bit_width
            if start != wanted or (member.bit_width is not None and not member.name):
                return False
            bits = max(bits, place)
        size_now = -(-bits // (align * 8)) * align
        return size_now == record.size

    def classes(self) -> Iterator[list[str]]:
        """Every class, before any has its fields: they may point to each other."""
        for record in self.records:
            base = "Union" if record.kind == "union" else "Structure"
            doc = docstring(record.doc, "    ") or ["    pass"]
            yield ["", f"class {self.names[id(record)]}(ctypes.{base}):", *doc]

    def fields(self) -> list[str]:
        lines = [""]
        for record in self.ordered:
            layout = self.layouts[id(record)]
            if isinstance(layout, str):
                continue
            name = self.names[id(record)]
            if layout.packed:
                lines.append(f"{name}._pack_ = 1")
                lines.append(f'{name}._layout_ = "ms"')
            if layout.anonymous:
                lines.append(
                    f"{name}._anonymous_ = ({', '.join(map(text_literal, layout.anonymous))},)"
                )
            lines.append(f"{name}._fields_ = [")
            for field_name, type_, width in layout.fields:
                bits = "" if width is None else f", {width}"
                lines.append(f"    ({text_literal(field_name)}, {type_}{bits}),")
            lines.append("]")
        return lines if len(lines) > 1 else []

    # ---- functions and variables

    def functions(self) -> Iterator[str]:
        for function in self.description.functions():
            try:
                result = self.passed(function.type.result)
                arguments = [self.passed(p.type) for p in function.type.parameters]
            except InexpressibleError as error:
                self.left_out.append(LeftOut(function.name, str(error)))
                continue
            listed = f"[{', '.join(arguments)}]"
            line = f"    ({self.symbol(function)}, {result}, {listed}),"
            if len(line) <= WIDTH:
                yield line
                continue
            yield f"    ({self.symbol(function)}, {result}, ["
            yield from (f"        {argument}," for argument in arguments)
            yield "    ]),"

    def typedefs(self) -> Iterator[str]:
        """Second names of types; those of function pointers are what callbacks are made with."""
        for typedef in self.description.typedefs():
            target = typedef.type
            name = safe_name(typedef.name)
            if isinstance(target, Record):
                known = self.names.get(id(target), "")
                if known and known != name and name not in self.taken:
                    self.taken.add(name)
                    yield f"{name} = {known}"
                continue
            if name in self.taken or isinstance(target, (Enum, Void)):
                continue
            try:
                spelled = self.type(target, in_memory=True)
            except InexpressibleError as error:
                self.left_out.append(LeftOut(typedef.name, str(error)))
                continue
            self.taken.add(name)
            yield f"{name} = {spelled}"

    def variables(self) -> Iterator[str]:
        for variable in self.description.variables():
            try:
                type_ = self.type(variable.type, in_memory=True)
                if isinstance(variable.type, Record):
                    layout = self.layout(variable.type)
                    if isinstance(layout, str):
                        raise InexpressibleError(layout)
            except InexpressibleError as error:
                self.left_out.append(LeftOut(variable.name, str(error)))
                continue
            yield f"    ({self.symbol(variable)}, {type_}),"

    @staticmethod
    def symbol(declared: Function | Variable) -> str:
        name, symbol = text_literal(declared.name), text_literal(declared.symbol)
        return f"{name}, {symbol}, {declared.optional}"


_POINTER_ALIGN = POINTER_SIZE


def _member(name: str) -> str:
    """A name that an enum class allows."""
    if name == "mro" or (name[0] == "_" == name[-1]):
        return f"c_{name}"
    return safe_name(name)


def _within(record: Record) -> Iterator[Record]:
    """The records within a record."""
    for member in record.fields or ():
        inner = member.type
        while isinstance(inner, Array):
            inner = inner.element
        if isinstance(inner, Record):
            yield inner
            yield from _within(inner)


def _size(type: Type) -> int:
    """Bytes of a type in memory."""
    match type:
        case Alias():
            return _size(type.target)
        case Scalar():
            return type.size
        case Array():
            return _size(type.element) * (type.length or 0)
        case Record():
            return type.size or 0
        case Enum():
            return type.underlying.size if type.underlying is not None else 0
    return _POINTER_ALIGN
