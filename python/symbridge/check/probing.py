"""Asking a C compiler what something in a header is: its type, its layout, its value.

Types are read from the compiler's own words: _Generic without a fitting case is an error that
spells the type, in gcc and clang, with typedefs seen through. The engine's parser reads that.
Numbers and strings are compiled into sections of an object file, and read from there; so are
bit-fields, as records in which nothing but one of them is set. Nothing is run.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from symbridge import _bridge, declarations
from symbridge.check.compiler import Compiler, hide, sections, show
from symbridge.check.scanning import Body, BodyMember, Scan
from symbridge.declarations import (
    NOWHERE,
    Alias,
    Array,
    Constant,
    Declaration,
    Description,
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
    resolved,
)

__all__ = ["Probe"]

#: Bytes of a record whose bit-fields are looked for: it is compiled once for each of them.
MAX_BITS_RECORD = 1 << 16

GENERIC_TYPE = re.compile(r"(?:selector of|controlling expression) type '([^']*)'")
CANONICAL = re.compile(r"type '[^']*' [{(]aka '([^']*)'[)}]")
ATTRIBUTE = re.compile(r"\s*__attribute__\s*\(\((?:[^()]|\([^()]*\))*\)\)")
UNNAMED = re.compile(
    r"(struct|union|enum) (?:<(?:anonymous|unnamed)[^>]*>|\((?:unnamed|anonymous)[^)]*\)"
    r"|[\w:]*::\((?:unnamed|anonymous)[^)]*\))"
)
NAME = re.compile(r"[A-Za-z_]\w*")
SKIPPED = re.compile(r"\b(struct|union|enum) ([A-Za-z_]\w*)|([A-Za-z_]\w*)")
UNNAMED_TAG = "sb_unnamed"

#: Words of types as compilers spell them; all other names are tags and typedefs.
WORDS = frozenset(
    re.findall(
        r"\w+",
        """void char short int long float double signed unsigned _Bool bool _Complex complex
        const volatile restrict __restrict _Atomic __int128 __float128 _Float16 _Float32 _Float64
        _Float128 _Float32x _Float64x wchar_t char16_t char32_t""",
    )
)


@dataclass(slots=True)
class _Question:
    """One line of a file: what follows from it is for `use`."""

    text: str
    said: str = ""  # the compiler's error, "" when there was none
    section: str = ""


@dataclass(slots=True)
class _Asked:
    """Something asked for, with the questions by what they are about."""

    kind: str
    name: str
    names: Sequence[str] = ()
    hidden: Sequence[str] = ()  # macros
    questions: dict[str, _Question] = field(default_factory=dict)
    body: Body | None = None
    enumerators: Sequence[str] = ()


class Probe:
    """Collects what is to be asked, and asks it in two compilations."""

    def __init__(self, scan: Scan, includes: str, compiler: Compiler) -> None:
        self.scan = scan
        self.includes = includes
        self.compiler = compiler
        self._asked: list[_Asked] = []
        self._count = 0
        self._read: dict[str, bytes] = {}
        self._big = False
        self._stubs: dict[tuple[str, str], Record | Enum] = {}
        self._named_by_types: set[Record | Enum] = set()

    def unasked(self, described: set[str]) -> list[str]:
        """Records that types were found to name, of which neither side was asked."""
        return [
            record.tag or record.typedef
            for record in self._stubs.values()
            if isinstance(record, Record)
            and record.fields is None
            and record in self._named_by_types
            and not {record.tag, record.typedef} & described
        ]

    # ---- what to ask

    def declared(self, name: str, hidden: Sequence[str]) -> None:
        """Ask for the type of a function or variable."""
        asked = _Asked("declared", name, hidden=hidden)
        asked.questions["type"] = self._type(f"({name})")
        self._asked.append(asked)

    def record(self, name: str, names: Sequence[str], hidden: Sequence[str]) -> None:
        """Ask for the layout of a record."""
        found = self.scan.body_of(names)
        if found is None:
            return
        asked = _Asked("record", name, names, body=found[1], hidden=hidden)
        self._members(asked, found[1], name, f"(*({name} *)0)", "")
        self._asked.append(asked)

    def _members(self, asked: _Asked, body: Body, name: str, value: str, path: str) -> None:
        questions = asked.questions
        questions[f"sizeof {path}"] = self._number(f"sizeof({value})")
        questions[f"alignof {path}"] = self._number(f"_Alignof(__typeof__({value}))")
        for member in body.flattened():
            place, item = f"{path}{member.name}", f"{value}.{member.name}"
            if member.is_bits:
                words = member.specifiers
                questions[f"bits {place}"] = self._bits(name, place)
                questions[f"sign {place}"] = self._number(f"(({words})-1) < 0")
                questions[f"width {place}"] = self._number(f"sizeof({words})")
                questions[f"bool {place}"] = self._number(
                    f"_Generic(({words})0, _Bool: 1, default: 0)"
                )
                continue
            questions[f"offset {place}"] = self._number(f"__builtin_offsetof({name}, {place})")
            questions[f"type {place}"] = self._type(item)
            if member.body is not None:
                steps = "[0]" * member.dimensions
                self._members(asked, member.body, name, f"{item}{steps}", f"{place}{steps}.")

    def enum(self, name: str, names: Sequence[str], enumerators: Sequence[str]) -> None:
        """Ask for an enum's size and values, and for enumerators wherever they are."""
        found = self.scan.body_of(names)
        own = [m.name for m in found[1].members] if found else []
        asked = _Asked("enum", name, names, body=found[1] if found else None)
        asked.enumerators = [*own, *(e for e in enumerators if e not in own)]
        for each in asked.enumerators:
            asked.questions[each] = self._number(each)
        if found:
            self._size_of_enum(asked)
        self._asked.append(asked)

    def constant(self, name: str) -> None:
        """Ask for the value of a macro or enumerator."""
        asked = _Asked("constant", name)
        asked.questions["type"] = _Question(self._generic(f"({name})"))
        asked.questions["number"] = self._number(name)
        asked.questions["floating"] = self._data(f"double %s = ({name});")
        asked.questions["text"] = self._data(f"char %s[] = {name};")
        self._asked.append(asked)

    def _enum_sizes(self) -> None:
        """Ask for the sizes of all enums, since types name them."""
        known = {asked.name for asked in self._asked if asked.kind.startswith("enum")}
        found = [
            (f"enum {tag}", body) for (k, tag), body in self.scan.bodies.items() if k == "enum"
        ]
        found += [
            (name, body)
            for name, (k, tag, body) in self.scan.typedefs.items()
            if k == "enum" and not tag and body is not None
        ]
        for name, body in found:
            if name not in known:
                asked = _Asked("enum size", name, body=body)
                self._size_of_enum(asked)
                self._asked.append(asked)

    def _size_of_enum(self, asked: _Asked) -> None:
        asked.questions["sizeof "] = self._number(f"sizeof({asked.name})")
        asked.questions["sign "] = self._number(f"(({asked.name})-1) < 0")

    def _type(self, expression: str) -> _Question:
        return _Question(self._generic(f"&({expression})"))

    def _generic(self, expression: str) -> str:
        self._count += 1
        return f"int sb_t{self._count} = _Generic({expression}, struct sb_nothing *: 0);"

    def _number(self, expression: str) -> _Question:
        return self._data(
            f"unsigned long long %s[2] = "
            f"{{(unsigned long long)({expression}), ({expression}) < 0}};"
        )

    def _bits(self, name: str, place: str) -> _Question:
        small = f"[sizeof({name}) <= {MAX_BITS_RECORD} ? 1 : -1]"
        return self._data(
            f"struct {{ __typeof__({name}) r{small}; }} %s = {{{{{{.{place} = -1}}}}}};"
        )

    def _data(self, definition: str) -> _Question:
        self._count += 1
        section = f".sb_{self._count}"
        mark = f"sb_d{self._count}"
        where = f'__attribute__((section("{section}"), used))'
        before, _, after = definition.partition("%s")
        bound, equals, value = after.partition(" = ")
        text = f"static const {before}{mark}{bound} {where}{equals}{value}"
        return _Question(text, section=section)

    # ---- asking

    def run(self) -> Description:
        """Ask, and give what was learnt as declarations."""
        self._enum_sizes()
        lines = self.includes.splitlines()
        owners: dict[int, _Question] = {}
        for asked in self._asked:
            lines += hide(asked.hidden)
            for question in asked.questions.values():
                lines.append(question.text)
                owners[len(lines)] = question
            lines += show(asked.hidden)
        found, _ = self.compiler.check("\n".join([*lines, ""]), "ask.c")
        path = str(self.compiler.path("ask.c"))
        for diagnostic in found:
            about = owners.get(diagnostic.line) if diagnostic.file == path else None
            if about is not None and diagnostic.severity == "error" and not about.said:
                about.said = diagnostic.text
        lines = self.includes.splitlines()
        first = len(lines)
        for asked in self._asked:
            data = [q.text for q in asked.questions.values() if q.section and not q.said]
            lines += [*hide(asked.hidden), *data, *show(asked.hidden)] if data else []
        if len(lines) > first:
            source = "\n".join([*lines, ""])
            self._read, self._big = sections(self.compiler.compile(source, "read.c"))
        return self._description()

    def _value(self, question: _Question | None) -> int | None:
        data = self._read.get(question.section, b"") if question is not None else b""
        if len(data) < 16:
            return None
        order: Literal["big", "little"] = "big" if self._big else "little"
        negative = int.from_bytes(data[8:16], order)
        return int.from_bytes(data[:8], order, signed=bool(negative))

    # ---- what was learnt

    def _description(self) -> Description:
        made: list[Declaration] = []
        for asked in self._asked:
            if asked.kind in ("enum", "enum size") and asked.body is not None:
                self._sized(asked, asked.body)
        for name, (kind, tag, _) in self.scan.typedefs.items():
            made.append(Typedef(name, self._stub(kind, tag) if tag else self._named(kind, name)))
        for asked in self._asked:
            match asked.kind:
                case "declared":
                    made.append(self._declared(asked))
                case "record":
                    made.append(self._record(asked))
                case "enum":
                    made += self._enum(asked)
                case "constant":
                    made += self._constant(asked)
        return Description("<headers>", made)

    def _declared(self, asked: _Asked) -> Function | Variable:
        name = asked.name
        target, quals = _pointed(self._answer(asked.questions["type"]))
        prototype = self.scan.functions.get(name)
        if isinstance(target, FunctionType):
            where = prototype.location if prototype else NOWHERE
            names = prototype.parameters if prototype else ()
            return Function(name, _with_names(target, names), name, location=where)
        where = self.scan.objects.get(name, NOWHERE)
        return Variable(name, target, name, quals, location=where)

    def _record(self, asked: _Asked) -> Record:
        assert asked.body is not None
        tag = asked.body.tag
        record = self._stub(asked.body.kind, tag) if tag else self._named("struct", asked.name)
        assert isinstance(record, Record)
        self._complete(record, asked, asked.body, "")
        return record

    def _complete(self, record: Record, asked: _Asked, body: Body, path: str) -> None:
        record.kind = body.kind
        record.location = body.location
        record.size = self._value(asked.questions.get(f"sizeof {path}"))
        record.align = self._value(asked.questions.get(f"alignof {path}"))
        base = 0
        if path:
            base = self._value(asked.questions.get(f"offset {_outer(path)}")) or 0
        fields = [self._field(asked, member, path, base) for member in body.flattened()]
        record.fields = [item for item in fields if item is not None]

    def _field(self, asked: _Asked, member: BodyMember, path: str, base: int) -> Field | None:
        place = f"{path}{member.name}"
        if member.is_bits:
            return self._bit_field(asked, member, place, base)
        offset = self._value(asked.questions.get(f"offset {place}"))
        question = asked.questions.get(f"type {place}")
        if offset is None or question is None:
            return None
        nested = None
        if member.body is not None:
            nested = Record(member.body.kind, "")
            steps = "[0]" * member.dimensions
            self._complete(nested, asked, member.body, f"{place}{steps}.")
        target, quals = _pointed(self._answer(question, nested))
        return Field(member.name, target, offset - base, quals, location=member.location)

    def _bit_field(self, asked: _Asked, member: BodyMember, place: str, base: int) -> Field | None:
        data = self._read.get(asked.questions[f"bits {place}"].section, b"")
        bits = [
            8 * index + bit
            for index, byte in enumerate(data)
            for bit in range(8)
            if byte & ((128 >> bit) if self._big else (1 << bit))
        ]
        if not bits:
            return None
        signed = self._value(asked.questions[f"sign {place}"])
        is_bool = self._value(asked.questions[f"bool {place}"])
        size = self._value(asked.questions[f"width {place}"]) or 4
        kind = Kind.BOOL if is_bool else Kind.INT if signed else Kind.UINT
        first = bits[0] - 8 * base
        return Field(
            member.name,
            Scalar(member.specifiers, kind, size, size),
            first // 8,
            bit_offset=first % 8,
            bit_width=len(bits),
            location=member.location,
        )

    def _enum(self, asked: _Asked) -> list[Declaration]:
        location = asked.body.location if asked.body else NOWHERE
        places = {m.name: m.location for m in asked.body.members} if asked.body else {}
        made: list[Declaration] = []
        enumerators: list[Enumerator] = []
        for name in asked.enumerators:
            value = self._value(asked.questions[name])
            if value is None:
                continue
            if name in places:
                enumerators.append(Enumerator(name, value, location=places[name]))
            else:
                made.append(Constant(name, value, location=self._place(name)))
        if asked.body is not None:
            enum = self._sized(asked, asked.body)
            enum.enumerators, enum.location = enumerators, location
            made.append(enum)
        return made

    def _sized(self, asked: _Asked, body: Body) -> Enum:
        """The enum that was asked about, with its width."""
        enum = self._stub("enum", body.tag) if body.tag else self._named("enum", asked.name)
        assert isinstance(enum, Enum)
        size = self._value(asked.questions["sizeof "])
        if size is not None:
            kind = Kind.INT if self._value(asked.questions["sign "]) else Kind.UINT
            enum.underlying = Scalar("int", kind, size, size)
        return enum

    def _constant(self, asked: _Asked) -> list[Declaration]:
        where = self._place(asked.name)
        value: int | float | str | None = None
        text = self._read.get(asked.questions["text"].section)
        said = GENERIC_TYPE.search(asked.questions["type"].said)
        floating = self._read.get(asked.questions["floating"].section)
        if text is not None:
            value = text.split(b"\0")[0].decode("utf-8", "surrogateescape")
        elif said and floating and re.search(r"\b(float|double)\b", said[1]):
            (value,) = memoryview(floating[::-1] if self._big else floating).cast("d").tolist()
        else:
            value = self._value(asked.questions["number"])
        return [Constant(asked.name, value, location=where)]

    def _place(self, name: str) -> Location:
        macro = self.scan.macros.get(name)
        if macro is not None:
            return macro.location
        return self.scan.enumerators.get(name) or self.scan.objects.get(name) or NOWHERE

    # ---- types

    def _answer(self, question: _Question, unnamed: Record | None = None) -> Type:
        """The type that the compiler spelled; one that cannot be read is a scalar of that name."""
        said = CANONICAL.search(question.said) or GENERIC_TYPE.search(question.said)
        if said is None:
            return Scalar(question.said or "of unknown type", Kind.FOREIGN, 0, 1)
        try:
            return self._parsed(ATTRIBUTE.sub("", said[1]), unnamed)
        except _bridge.DescriptionError:
            return Scalar(said[1], Kind.FOREIGN, 0, 1)

    def _parsed(self, text: str, unnamed: Record | None) -> Type:
        text = UNNAMED.sub(rf"\1 {UNNAMED_TAG}", text)
        text = re.sub(r"(?<!_)\bcomplex\b", "_Complex", text)
        context: dict[str, str] = {}
        for kind, tag, name in SKIPPED.findall(text):
            if kind == "enum":
                context[tag] = f"enum {tag} {{ sb_of_{tag} }};"
            elif kind:
                # Complete, so that arrays of it can be read; _own() puts the true one in its place.
                context[tag] = f"{kind} {tag} {{ char sb_in_{tag}; }};"
            elif name not in WORDS:
                context[name] = self._typedef_text(name)
        source = "\n".join([*context.values(), f"void sb_probe({text});"])
        for item in declarations.parse(source, "<compiler>").functions():
            return self._own(item.type.parameters[0].type, unnamed)
        raise AssertionError("a function was declared")

    def _typedef_text(self, name: str) -> str:
        kind, tag, _ = self.scan.typedefs.get(name, ("struct", "", None))
        tag = tag or name
        body = f" {{ sb_of_{name} }}" if kind == "enum" else f" {{ char sb_in_{name}; }}"
        return f"typedef {kind} {tag}{body} {name};"

    def _own(self, type: Type, unnamed: Record | None) -> Type:
        """The type with the records and enums of this probe, of which there is one per name."""
        match type:
            case Pointer():
                return Pointer(self._own(type.target, unnamed), type.qualifiers)
            case Array():
                return Array(self._own(type.element, unnamed), type.length, type.qualifiers)
            case FunctionType():
                parameters = tuple(
                    Parameter(p.name, self._own(p.type, unnamed), p.qualifiers)
                    for p in type.parameters
                )
                result = self._own(type.result, unnamed)
                return FunctionType(result, parameters, type.variadic, type.prototyped)
            case Alias():
                return self._own(resolved(type), unnamed)
            case Record():
                if type.tag == UNNAMED_TAG:
                    return unnamed if unnamed is not None else Record(type.kind, "")
                known = self.scan.typedefs.get(type.tag)
                unnamed_tag = known is not None and not known[1]
                made = (self._named if unnamed_tag else self._stub)(type.kind, type.tag)
                self._named_by_types.add(made)
                return made
            case Enum():
                known = self.scan.typedefs.get(type.tag)
                if type.tag == UNNAMED_TAG:
                    return Scalar("int", Kind.INT, 4, 4)
                if known is not None and not known[1]:
                    return self._named("enum", type.tag)
                return self._stub("enum", type.tag)
        return type

    def _stub(self, kind: str, tag: str) -> Record | Enum:
        """The record or enum with a tag; its contents are not known unless they were asked for."""
        key = (kind, tag)
        if key not in self._stubs:
            self._stubs[key] = Enum(tag) if kind == "enum" else Record(kind, tag)
        return self._stubs[key]

    def _named(self, kind: str, typedef: str) -> Record | Enum:
        """The same for one that only a typedef names."""
        key = ("typedef", typedef)
        if key not in self._stubs:
            enum = kind == "enum"
            self._stubs[key] = Enum("", typedef) if enum else Record(kind, "", typedef)
        return self._stubs[key]


def _with_names(type: FunctionType, names: Sequence[str]) -> FunctionType:
    """The type with the parameters' names of the header."""
    if len(names) != len(type.parameters):
        return type
    parameters = tuple(
        Parameter(name, each.type, each.qualifiers)
        for name, each in zip(names, type.parameters, strict=True)
    )
    return FunctionType(type.result, parameters, type.variadic, type.prototyped)


def _pointed(type: Type) -> tuple[Type, Qualifier]:
    """What the address that was asked for points at."""
    if isinstance(type, Pointer):
        return type.target, type.qualifiers
    return type, Qualifier.NONE


def _outer(path: str) -> str:
    """The place of the member within which a path leads: "x[0]." is in "x"."""
    return re.sub(r"(?:\[0\])*\.$", "", path)
