"""A description's declarations as C, for other readers: compilers, cffi, LuaJIT.

What differs between them is a Dialect: which scalars it knows by name, whether it understands
attributes, doc comments, symbols with other names. The declarations come out in an order in which
each has what it needs before it; what a dialect cannot say is left out, and named in `left_out`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from symbridge.declarations import (
    Alias,
    Array,
    Constant,
    Description,
    Enum,
    Enumerator,
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
)
from symbridge.describe.known import BUILTIN_TAGS, is_argument_list
from symbridge.describe.layout import FieldPlan, RecordPlan, plan
from symbridge.describe.spelling import doc_comment, prototype, string_literal

__all__ = ["Declarer", "Dialect", "InexpressibleError", "Item", "LeftOut"]

INT_MIN, INT_MAX = -(1 << 31), (1 << 31) - 1


class InexpressibleError(Exception):
    """A dialect has no words for something; the text says for what."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A declaration that is not written, or not as it is, and why."""

    name: str
    why: str

    def __str__(self) -> str:
        return f"{self.name}: {self.why}"


@dataclass(frozen=True, slots=True)
class Item:
    """One declaration as text. pack: what #pragma pack would say, where the dialect has no words
    for that and its reader must be told; 0 otherwise."""

    lines: tuple[str, ...]
    pack: int = 0


@dataclass(frozen=True, slots=True)
class Dialect:
    """What a reader of C understands."""

    #: __attribute__((packed, aligned(n))) and #pragma pack.
    attributes: bool = True
    #: __asm__("symbol") behind a function or variable.
    symbols: bool = True
    docs: bool = False
    #: __extension__ before what ISO C does not have.
    extension: bool = False
    #: Scalars that cannot be named; and those that functions cannot take or give.
    unknown: frozenset[str] = frozenset()
    not_passed: frozenset[str] = frozenset()
    #: Names by which scalars are known that have others in the description.
    renamed: tuple[tuple[str, str], ...] = ()
    #: va_list is known.
    argument_lists: bool = True
    #: Enumerators beyond the range of int are possible.
    wide_enumerators: bool = False
    #: Typedef names that are there already.
    predefined: frozenset[str] = frozenset()


class Declarer:
    """Writes a description's declarations in a dialect."""

    def __init__(self, description: Description, dialect: Dialect) -> None:
        self.description = description
        self.dialect = dialect
        self.items: list[Item] = []
        self.left_out: list[LeftOut] = []
        #: Enumerators that the text does not declare, and constants: by name.
        self.constants: dict[str, int | float | str | bool | None] = {}
        #: Docs of those constants.
        self.docs: dict[str, str] = {}
        #: Headers of C's library that the text needs.
        self.headers: set[str] = set()
        self._renamed = dict(dialect.renamed)
        self._defined: set[int] = set()
        self._declared: set[int] = set()
        self._opaque: dict[int, str] = {}
        #: Tags for records that have no name, where they are not defined in place.
        self._invented: dict[int, str] = {}

    def run(self) -> Declarer:
        """Write everything; returns itself."""
        for declaration in self.description.declarations:
            try:
                match declaration:
                    case Record():
                        self._record(declaration)
                    case Enum():
                        self._enum(declaration)
                    case Typedef():
                        self._typedef(declaration)
                    case Constant():
                        self.constants[declaration.name] = _number(declaration.value)
                        self.docs[declaration.name] = declaration.doc
                    case Function() | Variable():
                        self._symbol(declaration)
            except InexpressibleError as error:
                self.left_out.append(LeftOut(getattr(declaration, "name", ""), str(error)))
        return self

    def _put(self, lines: list[str], doc: str = "", pack: int = 0) -> None:
        documented = doc_comment(doc) if self.dialect.docs else []
        self.items.append(Item((*documented, *lines), pack))

    # ---- functions and variables

    def _symbol(self, declared: Function | Variable) -> None:
        if declared.symbol != declared.name and not self.dialect.symbols:
            raise InexpressibleError(f"its symbol has another name, '{declared.symbol}'")
        if isinstance(declared, Function):
            for part in (declared.type.result, *(p.type for p in declared.type.parameters)):
                self._need_passed(part)
            text = self.spell(declared.type, declared.name, wide=True)
        else:
            self._need(declared.type)
            text = f"extern {self.spell(declared.type, declared.name, declared.qualifiers)}"
        if declared.symbol != declared.name:
            text += f" __asm__({string_literal(declared.symbol)})"
        extension = self._extension(self._is_foreign(declared.type))
        self._put(f"{extension}{text};".split("\n"), declared.doc)

    def _need_passed(self, type: Type) -> None:
        self._need(type)
        if isinstance(type, Scalar) and type.name in self.dialect.not_passed:
            raise InexpressibleError(f"{type.name} cannot be passed or returned by value")
        if isinstance(type, Record) and not is_argument_list(type):
            for scalar in _scalars(type):
                if scalar.name in self.dialect.not_passed:
                    raise InexpressibleError(
                        f"a {type.kind} that holds {scalar.name} cannot be passed by value"
                    )

    def _is_foreign(self, type: Type) -> bool:
        """Whether ISO C does not have the type."""
        match type:
            case Scalar():
                return "__int128" in type.name or type.kind is Kind.FOREIGN
            case Pointer():
                return self._is_foreign(type.target)
            case Array():
                return type.length == 0 or self._is_foreign(type.element)
            case FunctionType():
                parts = (type.result, *(p.type for p in type.parameters))
                return any(self._is_foreign(part) for part in parts)
        return False

    def _extension(self, wanted: bool) -> str:
        return "__extension__ " if wanted and self.dialect.extension else ""

    # ---- typedefs

    def _typedef(self, typedef: Typedef) -> None:
        target = typedef.type
        if typedef.name in self.dialect.predefined:
            return
        if isinstance(target, (Record, Enum)) and not target.tag and target.typedef == typedef.name:
            if isinstance(target, Record):
                self._define(target)
            else:
                self._enum(target)
            return
        if isinstance(target, Enum):
            self._enum(target)
        self._need(target, complete=isinstance(target, Array))
        text = self.spell(target, typedef.name, typedef.qualifiers)
        extension = self._extension(self._is_foreign(target))
        doc = "" if isinstance(target, (Record, Enum)) and target.doc else typedef.doc
        self._put([f"{extension}typedef {text};"], doc)

    # ---- records

    def _record(self, record: Record) -> None:
        if record.fields is not None:
            if record.tag or record.typedef:
                self._define(record)
        elif record.tag not in BUILTIN_TAGS:
            self._declare(record)

    def _declare(self, record: Record) -> None:
        if record.tag and id(record) not in self._declared and id(record) not in self._defined:
            self._declared.add(id(record))
            doc = record.doc if record.fields is None else ""
            self._put([f"{record.kind} {record.tag};"], doc)

    def _need(self, type: Type, complete: bool = True) -> None:
        """Write what must stand before a use of the type; complete: its size is wanted."""
        match type:
            case _ if is_argument_list(type):
                if not self.dialect.argument_lists:
                    raise InexpressibleError("the type va_list is not known here")
                self.headers.add("stdarg.h")
            case Pointer():
                self._need(type.target, complete=False)
            case Array():
                self._need(type.element)
            case FunctionType():
                for part in (type.result, *(p.type for p in type.parameters)):
                    self._need(part, complete=False)
            case Alias():
                self._need(type.target, complete)
            case Enum():
                self._enum(type)
            case Scalar():
                self.scalar(type)
            case Record():
                self._need_record(type, complete)

    def _need_record(self, record: Record, complete: bool) -> None:
        if record.tag in BUILTIN_TAGS:
            self.headers.add("dirent.h" if record.tag == "__dirstream" else "stdio.h")
            return
        if not complete and record.tag:
            self._declare(record)
            return
        if record.fields is None:
            if complete:
                raise InexpressibleError(f"{record.name} is not defined")
            return
        if not record.tag and not record.typedef and id(record) not in self._invented:
            self._invented[id(record)] = f"unnamed_{len(self._invented) + 1}"
        self._define(record)
        if complete and id(record) in self._opaque:
            raise InexpressibleError(f"it needs {record.name}, which cannot be written")

    def _need_fields(self, record: Record) -> None:
        for member in record.fields or ():
            inner = _unnamed_in(member.type)
            if inner is not None:
                self._need_fields(inner)  # it is defined in place
            else:
                self._need(member.type, complete=not isinstance(member.type, Pointer))

    def _define(self, record: Record) -> None:
        if id(record) in self._defined:
            return
        self._defined.add(id(record))
        name = record.tag or self._invented.get(id(record), "")
        try:
            self._need_fields(record)
            layout = self._layout(record)
            lines = self._body(record, layout, name, "").split("\n")
        except InexpressibleError as error:
            self._opaque[id(record)] = str(error)
            shown = record.name or name
            self.left_out.append(LeftOut(shown, f"{error}; only its name is declared"))
            text = f"{record.kind} {name or record.typedef}"
            self._put([f"{text};" if name else f"typedef {text} {record.typedef};"])
            return
        if not name:
            lines[0] = f"typedef {lines[0]}"
            lines[-1] += f" {record.typedef}"
        lines[-1] += ";"
        lines[0] = self._extension(not record.fields) + lines[0]
        pack = layout.pack or (1 if layout.packed else 0)
        if self.dialect.attributes:
            if layout.pack:
                lines = [f"#pragma pack(push, {layout.pack})", *lines, "#pragma pack(pop)"]
            pack = 0
        self._put(lines, record.doc, pack)

    def _layout(self, record: Record) -> RecordPlan:
        layout = plan(record)
        if layout is None:
            raise InexpressibleError("no declaration is laid out as it is")
        if self.dialect.attributes:
            return layout
        if layout.aligned or any(f.aligned or f.packed for f in layout.fields):
            raise InexpressibleError("its alignment cannot be said")
        return layout

    def _body(self, record: Record, layout: RecordPlan, name: str, indent: str) -> str:
        inner = indent + "    "
        lines = [f"{record.kind} {name} {{" if name else f"{record.kind} {{"]
        bits = 0
        for member, choice in zip(record.fields or (), layout.fields, strict=True):
            lines += self._padding(inner, bits, choice.padding)
            if self.dialect.docs:
                lines += doc_comment(member.doc, inner)
            lines.append(inner + self._field(record, member, choice, layout, inner))
            bits = 0 if member.bit_width is None else (member.bit_offset + member.bit_width) % 8
        lines += self._padding(inner, bits, layout.padding)
        gnu = ["packed"] if layout.packed and self.dialect.attributes else []
        if layout.aligned:
            gnu.append(f"aligned({layout.aligned})")
        return "\n".join([*lines, f"{indent}}}{_gnu(gnu)}"])

    def _padding(self, indent: str, taken: int, bits: int) -> Iterator[str]:
        extension = self._extension(True)
        while bits > 0:
            width = min(bits, 8 - taken)
            yield f"{indent}{extension}unsigned char : {width};"
            bits, taken = bits - width, 0

    def _field(
        self, record: Record, member: Field, choice: FieldPlan, around: RecordPlan, indent: str
    ) -> str:
        gnu = ["packed"] if choice.packed else []
        if choice.aligned:
            gnu.append(f"aligned({choice.aligned})")
        inner = _unnamed_in(member.type)
        if inner is not None and inner.fields is not None:
            layout = self._layout(inner)
            if not self.dialect.attributes and self._packing(layout) != self._packing(around):
                raise InexpressibleError("a struct within it is packed otherwise")
            if layout.pack:
                raise InexpressibleError("a struct within it is packed otherwise")
            body = self._body(inner, layout, "", indent)
            if not member.name:
                return f"{_words(member.qualifiers)}{body}{_gnu(gnu)};"
            text = self.spell(member.type, member.name, member.qualifiers, unnamed=body)
        else:
            text = self.spell(member.type, member.name, member.qualifiers)
        strange = self._is_foreign(member.type)
        if member.bit_width is not None:
            strange |= not (isinstance(member.type, Scalar) and member.type.size == 4)
            text += f"{' ' if member.name else ''}: {member.bit_width}"
        return f"{self._extension(strange)}{text}{_gnu(gnu)};"

    @staticmethod
    def _packing(layout: RecordPlan) -> int:
        return layout.pack or (1 if layout.packed else 0)

    # ---- enums

    def enum_is_written(self, enum: Enum) -> bool:
        """Whether the enum can be declared as one: of the type that compilers give it."""
        return enum.underlying is not None and self._is_default(enum)

    def _is_default(self, enum: Enum) -> bool:
        values = [e.value for e in enum.enumerators or ()]
        if not values or enum.underlying is None:
            return False
        wanted = (4, Kind.INT if min(values) < 0 else Kind.UINT)
        fits = min(values) >= INT_MIN and max(values) <= (INT_MAX if min(values) < 0 else 2**32 - 1)
        return fits and (enum.underlying.size, enum.underlying.kind) == wanted

    def _enum(self, enum: Enum) -> None:
        if id(enum) in self._defined:
            return
        self._defined.add(id(enum))
        wide: list[Enumerator] = []
        written: list[Enumerator] = []
        for e in enum.enumerators or ():
            fits = INT_MIN <= e.value <= INT_MAX or self.dialect.wide_enumerators
            (written if fits else wide).append(e)
        as_enum = self.enum_is_written(enum) and not wide
        if not as_enum and enum.name:
            for e in enum.enumerators or ():
                self.constants[e.name] = e.value
                self.docs[e.name] = e.doc
            if enum.typedef and not enum.tag and enum.underlying is not None:
                self._put([f"typedef {self.scalar(enum.underlying)} {enum.typedef};"], enum.doc)
            return
        for e in wide:
            self.constants[e.name] = e.value
            self.docs[e.name] = e.doc
        if not written:
            return
        lines = [f"enum {enum.tag} {{" if enum.tag else "enum {"]
        for e in written:
            if self.dialect.docs:
                lines += doc_comment(e.doc, "    ")
            lines.append(f"    {e.name} = {_enumerator_text(e.value)},")
        if enum.typedef and not enum.tag:
            lines[0] = f"typedef {lines[0]}"
            lines.append(f"}} {enum.typedef};")
        else:
            lines.append("};")
        lines[-2] = lines[-2].removesuffix(",")
        self._put(lines, enum.doc)

    # ---- spelling

    def scalar(self, scalar: Scalar) -> str:
        """The name of a scalar in this dialect."""
        foreign = scalar.kind is Kind.FOREIGN and not self.dialect.extension
        if foreign or scalar.name in self.dialect.unknown:
            raise InexpressibleError(f"the type {scalar.name} is not known here")
        return self._renamed.get(scalar.name, scalar.name)

    def spell(
        self,
        type: Type,
        declarator: str = "",
        qualifiers: Qualifier = Qualifier.NONE,
        *,
        wide: bool = False,
        unnamed: str = "",
    ) -> str:
        """`declarator` declared of the type; unnamed: the text of a record without a name in it."""
        while True:
            inner: Type
            if is_argument_list(type):
                return _joined(f"{_words(qualifiers)}va_list", declarator)
            if isinstance(type, Pointer):
                words = _words(qualifiers)
                declarator = f"*{words if declarator else words.rstrip()}{declarator}"
                if isinstance(type.target, (Array, FunctionType)):
                    declarator = f"({declarator})"
                qualifiers, inner = type.qualifiers, type.target
            elif isinstance(type, Array):
                declarator = f"{declarator}[{'' if type.length is None else type.length}]"
                qualifiers, inner = qualifiers | type.qualifiers, type.element
            elif isinstance(type, FunctionType):
                declarator = self._prototype(type, declarator, wide)
                qualifiers, wide, inner = Qualifier.NONE, False, type.result
            elif isinstance(type, Alias):
                qualifiers, inner = qualifiers | type.qualifiers, type.target
            else:
                return _joined(f"{_words(qualifiers)}{self._base(type, unnamed)}", declarator)
            type = inner

    def _prototype(self, type: FunctionType, declarator: str, wide: bool) -> str:
        parameters = [self._parameter(p) for p in type.parameters]
        return prototype(type, declarator, parameters, wide)

    def _parameter(self, parameter: Parameter) -> str:
        return self.spell(parameter.type, parameter.name, parameter.qualifiers)

    def _base(self, type: Void | Scalar | Record | Enum, unnamed: str) -> str:
        match type:
            case Void():
                return "void"
            case Scalar():
                return self.scalar(type)
            case Record():
                if type.tag or type.typedef:
                    return type.name
                invented = self._invented.get(id(type))
                return f"{type.kind} {invented}" if invented else unnamed
            case Enum():
                if type.name and self.enum_is_written(type) and self._fits(type):
                    return type.name
                if type.underlying is None:
                    raise InexpressibleError(f"{type.name} is not defined")
                return self.scalar(type.underlying)

    def _fits(self, enum: Enum) -> bool:
        if self.dialect.wide_enumerators:
            return True
        return all(INT_MIN <= e.value <= INT_MAX for e in enum.enumerators or ())


def _unnamed_in(type: Type) -> Record | None:
    """The record without a name that a field's type is, points at, or is made of."""
    while isinstance(type, (Pointer, Array)):
        type = type.target if isinstance(type, Pointer) else type.element
    if isinstance(type, Record) and not type.tag and not type.typedef:
        return type
    return None


def _scalars(record: Record) -> Iterator[Scalar]:
    """The scalars within a record."""
    for member in record.fields or ():
        inner = member.type
        while isinstance(inner, Array):
            inner = inner.element
        if isinstance(inner, Scalar):
            yield inner
        elif isinstance(inner, Record):
            yield from _scalars(inner)


def _number(value: object) -> int | float | str | bool | None:
    return value if isinstance(value, (int, float, str)) else None


def _enumerator_text(value: int) -> str:
    return "(-2147483647 - 1)" if value == INT_MIN else str(value)


def _words(qualifiers: Qualifier) -> str:
    """The qualifiers, each with a space behind it."""
    return "".join(f"{q.name.lower()} " for q in Qualifier if q & qualifiers and q.name)


def _joined(base: str, declarator: str) -> str:
    separator = " " if declarator and not declarator.startswith("[") else ""
    return f"{base}{separator}{declarator}"


def _gnu(attributes: list[str]) -> str:
    return f" __attribute__(({', '.join(attributes)}))" if attributes else ""
