"""Declarations as the text of a description.

What is written reads as a header does, in the declarations' order, except that what a declaration
needs comes before it. The engine lays out what it reads exactly as the declarations say; what no
description can say becomes a comment and a note, never something that is nearly right.
"""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Sequence
from dataclasses import dataclass

from symbridge.declarations import (
    NOWHERE,
    Alias,
    Array,
    Attribute,
    Constant,
    Declaration,
    Description,
    Directive,
    Enum,
    Enumerator,
    Field,
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
    Typedef,
    Variable,
    Void,
    resolved,
)
from symbridge.describe.known import BUILTIN_TAGS, Known, is_argument_list
from symbridge.describe.layout import FieldPlan, plan
from symbridge.describe.spelling import (
    InexpressibleError,
    attributes_text,
    comment,
    constant_text,
    doc_comment,
    enumerator_value,
    is_name,
    prototype,
    string_literal,
)

__all__ = ["Note", "write"]

#: How deep declarations may need one another.
DEEPEST = 200

#: Limits of the engine's: SB_MAX_NESTING, SB_MAX_PARAMETERS and SB_MAX_FIELDS.
MOST_NESTED = 64
MOST_PARAMETERS = 127
MOST_FIELDS = 65_535

#: The types that compilers try for an enum, in their order.
ENUM_TYPES = (
    ("unsigned int", 4, False),
    ("int", 4, True),
    ("unsigned long", 8, False),
    ("long", 8, True),
)


@dataclass(frozen=True, slots=True)
class Note:
    """Something that the description does not say as its source did."""

    subject: str
    text: str
    location: Location = NOWHERE

    def __str__(self) -> str:
        place = f"{self.location}: " if self.location.line else ""
        return f"{place}{self.subject}: {self.text}"


def write(
    description: Description,
    *,
    notes: list[Note] | None = None,
    origins: list[tuple[int, Declaration]] | None = None,
) -> str:
    """The text of a description, which the engine reads to the same declarations.

    notes gets what could not be said; a comment is in its place. origins gets the number of each
    declaration's first line and the declaration, in the text's order. Attributes of the class
    spelling.Proposed are written as comments that say nothing until they are confirmed.
    """
    writer = _Writer(description, [] if notes is None else notes)
    text = writer.run()
    if origins is not None:
        origins += writer.origins
    return text


class _Writer:
    def __init__(self, description: Description, notes: list[Note]) -> None:
        self.description = description
        self.notes = notes
        self.known = _known()
        self.lines: list[str] = []
        self.origins: list[tuple[int, Declaration]] = []
        self.typedefs: dict[str, Typedef] = {}
        for typedef in description.typedefs():
            self.typedefs.setdefault(typedef.name, typedef)
        self.names: dict[str, Declaration] = {}  # ordinary names, and what has them
        self.tags: dict[str, Record | Enum] = {}  # tags, and what has them
        self.invented: dict[int, str] = {}  # tags for what has no name at all
        self.given: dict[str, str] = {}  # typedefs: "", or why it cannot be written
        self.defined: set[int] = set()  # ids of records and enums whose definition is written
        self.open: set[int] = set()  # of those being written
        self.failed: dict[int, str] = {}  # of those that cannot be written, and why
        self.nested: dict[int, int] = {}  # how deep records are, by their ids
        self.later: list[Type] = []  # what prototypes of pointers pass by value
        self.depth = 0

    # ---- the whole

    def run(self) -> str:
        for declaration in self.description.declarations:
            self._declare(declaration)
        while self.later:
            # Nobody's declaration fails for the want of these.
            with contextlib.suppress(InexpressibleError):
                self._need(self.later.pop(), complete=True)
        while self.lines and not self.lines[-1]:
            self.lines.pop()
        return "\n".join([*self.lines, ""]) if self.lines else ""

    def _declare(self, declaration: Declaration) -> None:
        try:
            match declaration:
                case Directive():
                    self._directive(declaration)
                case Constant():
                    self._constant(declaration)
                case Typedef():
                    self._typedef(declaration)
                case Record():
                    self._record(declaration)
                case Enum():
                    self._enum(declaration)
                case Function() | Variable():
                    self._symbol(declaration)
        except InexpressibleError as error:
            self._leave_out(declaration, str(error))

    def _leave_out(self, declaration: Declaration, why: str) -> None:
        subject = getattr(declaration, "name", "") or "an unnamed type"
        self.notes.append(Note(subject, why, declaration.location))
        self._put([comment(f"left out: {subject}: {why}")])

    def _put(self, lines: Sequence[str], doc: str = "", origin: Declaration | None = None) -> None:
        documented = doc_comment(doc)
        if (documented or len(lines) > 2) and self.lines and self.lines[-1]:
            self.lines.append("")
        if origin is not None:
            self.origins.append((len(self.lines) + 1, origin))
        self.lines += documented
        for line in lines:
            self.lines += line.split("\n")
        if len(lines) > 2:
            self.lines.append("")

    def _claim(self, name: str, declaration: Declaration) -> None:
        """Take a name for a declaration: C has one space of names for most things."""
        if not is_name(name):
            raise InexpressibleError(f"'{name}' is no name that C allows")
        holder = self.names.setdefault(name, declaration)
        if holder is not declaration:
            raise InexpressibleError(f"'{name}' is the name of something else too")

    def _claim_tag(self, type: Record | Enum) -> None:
        if not type.tag:
            return
        if not is_name(type.tag):
            raise InexpressibleError(f"'{type.tag}' is no name that C allows")
        holder = self.tags.setdefault(type.tag, type)
        if holder is type:
            return
        if isinstance(holder, Record) and isinstance(type, Record) and holder.kind == type.kind:
            if type.fields is None:
                return
            if holder.fields is None:
                self.tags[type.tag] = type
                return
        raise InexpressibleError(f"another type is called '{holder.name}'")

    # ---- declarations

    def _directive(self, directive: Directive) -> None:
        for text in attributes_text(directive.attributes):
            if text.startswith("[["):
                self._put([f"{text};"], directive.doc, directive)
            else:
                self._put([text])

    def _constant(self, constant: Constant) -> None:
        text = constant_text(constant.value)
        self._claim(constant.name, constant)
        line = " ".join(["#define", constant.name, text, *_marks(constant)])
        self._put([line], constant.doc, constant)

    def _symbol(self, declared: Function | Variable) -> None:
        type: Type = declared.type
        attributes = declared.attributes
        said = {attribute.name for attribute in attributes}
        if declared.version and "version" not in said:
            attributes = (*attributes, Attribute("version", (declared.version,)))
        if declared.optional and not said & {"optional", "since"}:
            attributes = (*attributes, Attribute("optional"))
        if self.names.get(declared.name) not in (None, declared):
            self._claim(declared.name, declared)
        self._need(type, complete=not isinstance(resolved(type), Pointer))
        self._claim(declared.name, declared)
        if isinstance(declared, Function):
            text = self._spell(type, declared.name, wide=True)
        else:
            text = "extern " + self._spell(type, declared.name, declared.qualifiers, define=True)
        if declared.symbol and declared.symbol != declared.name:
            text += f" __asm__({string_literal(declared.symbol)})"
        self._put([*attributes_text(attributes), f"{text};"], declared.doc, declared)

    def _typedef(self, typedef: Typedef) -> None:
        if typedef.name in self.given:
            return
        if _is_own_name(typedef):
            self._define(typedef.type)
            return
        self._give(typedef)

    def _give(self, typedef: Typedef) -> None:
        """Write a typedef, unless the engine has it."""
        name, target = typedef.name, typedef.type
        if self.known.is_builtin(name):
            self.given[name] = ""
            return
        self.given[name] = f"'{name}' is defined in terms of itself"
        try:
            self._need(target, complete=isinstance(target, Array))
            if self.given[name] == "":
                return
            self._claim(name, self.typedefs.get(name, typedef))
            text = self._spell(target, name, typedef.qualifiers, define=True)
        except InexpressibleError as error:
            self.given[name] = str(error)
            raise
        self.given[name] = ""
        attributes, doc = typedef.attributes, typedef.doc
        if isinstance(target, Record) and target.tag:
            self._claim_tag(target)
            if target.fields is None and not target.doc and not target.attributes:
                self.defined.add(id(target))
            if target.fields is None and id(target) not in self.defined:
                attributes, doc = target.attributes or attributes, target.doc or doc
                self.defined.add(id(target))
            elif target.doc:
                doc = ""
        self._put([*attributes_text(attributes), f"typedef {text};"], doc, typedef)

    def _record(self, record: Record) -> None:
        if record.fields is not None:
            self._define(record)
            return
        if not record.tag or record.tag in BUILTIN_TAGS or id(record) in self.defined:
            return
        typedef = self._typedef_of(record)
        if typedef is not None and typedef.name not in self.given:
            self._give(typedef)
            return
        self._claim_tag(record)
        self.defined.add(id(record))
        marks = " ".join([record.kind, *_marks(record), record.tag])
        self._put([f"{marks};"], record.doc, record)

    def _typedef_of(self, record: Record) -> Typedef | None:
        """The typedef that says nothing but another name for the record."""
        named = self.typedefs.get(record.tag)
        return named if named is not None and named.type is record else None

    # ---- what a type needs before it

    def _need(self, type: Type, complete: bool) -> None:
        """Write what must stand before a use of the type; complete: before its size is wanted."""
        self.depth += 1
        try:
            if self.depth > DEEPEST:
                raise InexpressibleError(f"declarations need one another more than {DEEPEST} deep")
            self._need_one(type, complete)
        finally:
            self.depth -= 1

    def _need_one(self, type: Type, complete: bool) -> None:
        if is_argument_list(type):
            return
        match type:
            case Alias():
                self._need_alias(type, complete)
            case Pointer():
                self._need(type.target, complete=False)
            case Array():
                self._need(type.element, complete=True)
            case FunctionType():
                self._need_prototype(type, complete)
            case Record():
                if type.tag in BUILTIN_TAGS:
                    return
                if complete:
                    self._define(type, inside=True)
                elif not type.tag:
                    self._name_unnamed(type)
            case Enum():
                self._enum(type, inside=True)
            case Scalar():
                self.known.spelling(type)
            case Void():
                pass

    def _need_prototype(self, type: FunctionType, complete: bool) -> None:
        for part in (type.result, *(p.type for p in type.parameters)):
            by_value = isinstance(resolved(part), Record)
            if by_value and not complete:
                self.later.append(part)
            self._need(part, complete=complete and by_value)
        for parameter in type.parameters:
            self._mention(parameter.type)

    def _need_alias(self, alias: Alias, complete: bool) -> None:
        if not self._has_own_name(alias):
            self._need(alias.target, complete)
            return
        if self.known.is_builtin(alias.name):
            return
        typedef = self.typedefs.get(alias.name)
        if typedef is None:
            typedef = Typedef(alias.name, alias.target, alias.qualifiers)
        if _is_own_name(typedef):
            self._define(typedef.type, inside=True)
        elif alias.name not in self.given:
            self._give(typedef)
        if self.given.get(alias.name):
            raise InexpressibleError(self.given[alias.name])
        if complete:
            self._need(alias.target, complete)

    def _has_own_name(self, alias: Alias) -> bool:
        """Whether the alias can be written under its name."""
        if not is_name(alias.name):
            return False
        return not self.known.is_builtin(alias.name) or self.known.agrees(alias.name, alias.target)

    def _mention(self, type: Type) -> None:
        """Declare a record ahead: the parameter of a prototype must not be the first to name it."""
        while isinstance(type, (Pointer, Array)):
            type = type.target if isinstance(type, Pointer) else type.element
        if not isinstance(type, Record) or not type.tag or type.tag in BUILTIN_TAGS:
            return
        if type.tag in self.tags:
            self._claim_tag(type)
            return
        self._claim_tag(type)
        self._put([f"{type.kind} {type.tag};"])

    def _name_unnamed(self, record: Record) -> None:
        """Define a record that has no tag, where it cannot be defined in place."""
        if record.typedef:
            self._define(record, inside=True)
        elif id(record) not in self.invented:
            number = len(self.invented) + 1
            while f"unnamed_{number}" in self.tags:
                number += 1
            self.invented[id(record)] = f"unnamed_{number}"
            self._define(record, inside=True)

    # ---- records

    def _define(self, type: Type, inside: bool = False) -> None:
        """Write the definition of a record or enum, once; inside: for what stands behind it."""
        if isinstance(type, Enum):
            self._enum(type, inside)
            return
        assert isinstance(type, Record)
        if id(type) in self.failed:
            if inside:
                raise InexpressibleError(f"it needs '{type.name or type.kind}', which is left out")
            return
        if id(type) in self.defined:
            return
        if type.fields is None:
            if not type.tag:
                raise InexpressibleError(
                    f"the {type.kind} '{type.typedef}' is not defined anywhere"
                )
            self._mention(type)
            return
        if id(type) in self.open:
            raise InexpressibleError(f"'{type.name or type.kind}' needs itself")
        self.open.add(id(type))
        try:
            if len(type.fields) > MOST_FIELDS:
                raise InexpressibleError(f"a {type.kind} of more than {MOST_FIELDS} fields")
            self._need_fields(type)
            if self._nesting(type) > MOST_NESTED:
                raise InexpressibleError(f"records nested more than {MOST_NESTED} deep")
            if not type.tag and not type.typedef and id(type) not in self.invented:
                return  # written where it is used
            if id(type) in self.defined:
                return
            self._write_record(type)
        except InexpressibleError as error:
            self.failed[id(type)] = str(error)
            self._leave_out(type, str(error))
            if type.tag and self.tags.get(type.tag) in (None, type) and is_name(type.tag):
                self.tags[type.tag] = type
                self._put([f"{type.kind} {type.tag};"])
            if inside:
                raise
        finally:
            self.open.discard(id(type))

    def _write_record(self, record: Record) -> None:
        name = self.invented.get(id(record), record.tag)
        if record.tag:
            self._claim_tag(record)
        elif not name:
            self._claim(record.typedef, record)
        layout = plan(record)
        lines = self._body(record, name, "").split("\n")
        if name:
            lines[-1] += ";"
        else:
            lines[0] = f"typedef {lines[0]}"
            lines[-1] += f" {record.typedef};"
            self.given[record.typedef] = ""
        if layout is not None and layout.pack:
            lines = [f"#pragma pack(push, {layout.pack})", *lines, "#pragma pack(pop)"]
        self.defined.add(id(record))
        self._put(lines, record.doc, record)

    def _nesting(self, record: Record) -> int:
        """How many records deep the fields of a record lie; those it holds are measured before."""
        deepest = 0
        for member in record.fields or ():
            held = resolved(member.type)
            while isinstance(held, Array):
                held = resolved(held.element)
            if isinstance(held, Record):
                inner = self.nested.get(id(held))
                deepest = max(deepest, 1 + (self._nesting(held) if inner is None else inner))
        self.nested[id(record)] = deepest
        return deepest

    def _need_fields(self, record: Record) -> None:
        for member in record.fields or ():
            if isinstance(member.type, Record) and _is_unnamed(member.type):
                self._need_fields(member.type)
            elif not (isinstance(member.type, Enum) and _is_unnamed(member.type)):
                self._need(member.type, complete=True)

    def _body(self, record: Record, name: str, indent: str, nested: bool = False) -> str:
        """The text of a record's definition, up to the attributes at its end."""
        layout = plan(record)
        if layout is None or (layout.pack and nested):
            raise InexpressibleError(
                f"no {record.kind} can be declared that is laid out so "
                f"({record.size} bytes, aligned to {record.align})"
            )
        inner = indent + "    "
        lines = [" ".join([record.kind, *_marks(record), *([name] if name else []), "{"])]
        bits = 0  # that are taken of the byte at the end of what is written
        for member, choice in zip(record.fields or (), layout.fields, strict=True):
            lines += _padding(inner, bits, choice.padding)
            lines += doc_comment(member.doc, inner)
            lines.append(inner + self._field(member, choice, inner))
            bits = 0 if member.bit_width is None else (member.bit_offset + member.bit_width) % 8
        lines += _padding(inner, bits, layout.padding)
        gnu = ["packed"] if layout.packed else []
        if layout.aligned:
            gnu.append(f"aligned({layout.aligned})")
        lines.append(f"{indent}}}{_gnu(gnu)}")
        return "\n".join(lines)

    def _field(self, member: Field, choice: FieldPlan, indent: str) -> str:
        gnu = ["packed"] if choice.packed else []
        if choice.aligned:
            gnu.append(f"aligned({choice.aligned})")
        if not member.name and member.bit_width is None:
            return self._anonymous(member, choice, indent)
        if member.name and not is_name(member.name):
            raise InexpressibleError(f"its field '{member.name}' has no name that C allows")
        text = self._spell(member.type, member.name, member.qualifiers, define=True, indent=indent)
        if member.bit_width is not None:
            text += f"{' ' if member.name else ''}: {member.bit_width}"
        return " ".join([text + _gnu(gnu), *_marks(member)]) + ";"

    def _anonymous(self, member: Field, choice: FieldPlan, indent: str) -> str:
        record = member.type
        if not isinstance(record, Record) or record.fields is None or choice.packed:
            raise InexpressibleError(
                "a member without a name that is no struct or union of its own"
            )
        gnu = _gnu([f"aligned({choice.aligned})"] if choice.aligned else [])
        words = [*([gnu.strip()] if gnu else []), *_qualifier_words(member.qualifiers)]
        return " ".join([*words, self._body(record, "", indent, nested=True)]) + ";"

    # ---- enums

    def _enum(self, enum: Enum, inside: bool = False) -> None:
        if id(enum) in self.failed:
            if inside:
                raise InexpressibleError(f"it needs '{enum.name or 'an enum'}', which is left out")
            return
        if id(enum) in self.defined:
            return
        if inside and _is_unnamed(enum) and enum.enumerators:
            return  # written where it is used, or its underlying type is
        try:
            text = self._enum_text(enum, "")
        except InexpressibleError as error:
            self.failed[id(enum)] = str(error)
            self._leave_out(enum, str(error))
            if inside:
                raise
            return
        if text is None:
            return
        if enum.typedef and not enum.tag:
            self._claim(enum.typedef, enum)
            self.given[enum.typedef] = ""
            text = f"typedef {text} {enum.typedef}"
        self._put(f"{text};".split("\n"), enum.doc, enum)

    def _enum_text(self, enum: Enum, indent: str) -> str | None:
        """The definition of an enum; what is left out of it is noted. None: there is nothing."""
        self._claim_tag(enum)
        self.defined.add(id(enum))
        marks = _marks(enum)
        fixed = enum.underlying is not None and not self._is_default(enum)
        behind = []
        if fixed and enum.underlying is not None:
            behind = [":", self.known.spelling(enum.underlying)]
        head = " ".join(["enum", *marks, *([enum.tag] if enum.tag else []), *behind])
        if not enum.enumerators:
            if not enum.tag:
                if enum.underlying is None or not enum.typedef:
                    raise InexpressibleError("an enum without enumerators and without a tag")
                return self.known.spelling(enum.underlying)
            if enum.underlying is not None and not fixed:
                head += f" : {self.known.spelling(enum.underlying)}"
            return head
        lines = [f"{head} {{"]
        inner, written = indent + "    ", 0
        for enumerator in enum.enumerators:
            lines += doc_comment(enumerator.doc, inner)
            try:
                lines.append(f"{inner}{self._enumerator(enumerator, enum)},")
                written += 1
            except InexpressibleError as error:
                self.notes.append(Note(enumerator.name, str(error), enumerator.location))
                lines.append(inner + comment(f"left out: {error}"))
        if not written:
            raise InexpressibleError("all its enumerators are the names of something else")
        return "\n".join([*lines, f"{indent}}}"])

    def _enumerator(self, enumerator: Enumerator, enum: Enum) -> str:
        value = enumerator_value(enumerator.value)
        if enumerator.name in self.names or not is_name(enumerator.name):
            raise InexpressibleError(f"'{enumerator.name}' is the name of something else too")
        self.names[enumerator.name] = enum
        return " ".join([enumerator.name, *_marks(enumerator), "=", value])

    def _is_default(self, enum: Enum) -> bool:
        """Whether compilers choose the enum's type by themselves, for the values it has."""
        values = [enumerator.value for enumerator in enum.enumerators or ()]
        underlying = enum.underlying
        if not values or underlying is None:
            return underlying is None
        for _, size, negative in ENUM_TYPES:
            low = -(1 << (8 * size - 1)) if negative else 0
            high = (1 << (8 * size - negative)) - 1
            if low <= min(values) and max(values) <= high:
                return (underlying.size, underlying.kind is Kind.INT) == (size, negative)
        return False

    # ---- spelling

    def _spell(
        self,
        type: Type,
        declarator: str,
        qualifiers: Qualifier = Qualifier.NONE,
        *,
        define: bool = False,
        wide: bool = False,
        indent: str = "",
    ) -> str:
        """Spell a declaration of the type; define: records without a name may be defined in it."""
        for _ in range(MOST_NESTED + 1):
            if is_argument_list(type):
                return _joined([*_qualifier_words(qualifiers), "va_list"], declarator)
            match type:
                case Pointer():
                    words = _qualifier_words(qualifiers)
                    space = " " if words and declarator else ""
                    declarator = f"*{' '.join(words)}{space}{declarator}"
                    if isinstance(self._shown(type.target), (Array, FunctionType)):
                        declarator = f"({declarator})"
                    qualifiers = type.qualifiers
                    type = type.target
                case Array():
                    length = "" if type.length is None else str(type.length)
                    declarator = f"{declarator}[{length}]"
                    qualifiers |= type.qualifiers
                    type = type.element
                case FunctionType():
                    declarator = self._prototype(type, declarator, wide)
                    type, qualifiers, wide = type.result, Qualifier.NONE, False
                case Alias() if not self._has_own_name(type):
                    qualifiers |= type.qualifiers
                    type = type.target
                case _:
                    base = self._base(type, define, indent)
                    return _joined([*_qualifier_words(qualifiers), base], declarator)
        raise InexpressibleError(f"more than {MOST_NESTED} pointers and arrays in one type")

    def _shown(self, type: Type) -> Type:
        """The type behind the aliases that are not written under their own names."""
        while isinstance(type, Alias) and not self._has_own_name(type):
            type = type.target
        return type

    def _prototype(self, type: FunctionType, declarator: str, wide: bool) -> str:
        if len(type.parameters) > MOST_PARAMETERS:
            raise InexpressibleError(f"a function of more than {MOST_PARAMETERS} parameters")
        parameters = [self._parameter(parameter) for parameter in type.parameters]
        return prototype(type, declarator, parameters, wide)

    def _parameter(self, parameter: Parameter) -> str:
        name = parameter.name
        if name and not is_name(name):
            name = f"{name}_" if is_name(f"{name}_") else ""
        text = self._spell(parameter.type, name, parameter.qualifiers)
        return " ".join([text, *_marks(parameter)])

    def _base(self, type: Type, define: bool, indent: str) -> str:
        match type:
            case Void():
                return "void"
            case Scalar():
                return self.known.spelling(type)
            case Alias():
                return type.name
            case Record():
                name = self.invented.get(id(type), type.tag)
                if name:
                    return f"{type.kind} {name}"
                if type.typedef:
                    return type.typedef
                if define:
                    return self._body(type, "", indent, nested=True)
                raise InexpressibleError(f"it needs a {type.kind} without a name")
            case Enum():
                return self._enum_base(type, define, indent)
        raise TypeError(f"not a base type: {type!r}")

    def _enum_base(self, enum: Enum, define: bool, indent: str) -> str:
        if not _is_unnamed(enum):
            return enum.name
        if define and enum.enumerators and id(enum) not in self.defined:
            text = self._enum_text(enum, indent)
            assert text is not None
            return text
        if enum.underlying is None:
            raise InexpressibleError("it needs an enum without a name")
        return self.known.spelling(enum.underlying)


@functools.cache
def _known() -> Known:
    return Known()


def _is_unnamed(type: Record | Enum) -> bool:
    return not type.tag and not type.typedef


def _is_own_name(typedef: Typedef) -> bool:
    """Whether the typedef is the only name of what it names: typedef struct {...} name."""
    target = typedef.type
    return isinstance(target, (Record, Enum)) and not target.tag and target.typedef == typedef.name


def _marks(
    what: Constant | Record | Enum | Enumerator | Field | Parameter,
) -> tuple[str, ...]:
    return attributes_text(what.attributes)


def _joined(words: list[str], declarator: str) -> str:
    base = " ".join(words)
    separator = " " if declarator and not declarator.startswith("[") else ""
    return f"{base}{separator}{declarator}"


@functools.cache
def _qualifier_words(qualifiers: Qualifier) -> tuple[str, ...]:
    return tuple(q.name.lower() for q in Qualifier if q & qualifiers and q.name)


def _gnu(attributes: list[str]) -> str:
    return f" __attribute__(({', '.join(attributes)}))" if attributes else ""


def _padding(indent: str, taken: int, bits: int) -> list[str]:
    """Unnamed bit-fields of `bits` bits, behind a byte of which `taken` bits are taken."""
    lines = []
    while bits > 0:
        width = min(bits, 8 - taken)
        lines.append(f"{indent}unsigned char : {width};")
        bits, taken = bits - width, 0
    return lines
