"""Annotations: what people know of a library and its headers do not say, kept beside it.

An annotations file names declarations and gives them attributes, in the form of a description
without the types, which stay the header's:

    [[library("libz.so.1"), prefix("z")]];
    /** Compress text. */
    compress2 [[fails(nonzero, RuntimeError)]] (dest [[out]], 2 [[inout]]);
    struct gz_header_s [[class("Header")]] { text [[readonly]]; extra_len [[hidden]]; };
    inflateBack* [[hidden]];
    omit zlibCompileFlags;

A name with `*`, `?` or `[` in it stands for all that match. Parameters without a name are called by
their number, from 1; `2 dest` gives the second one a name. A name that nothing has is an error.
"""

from __future__ import annotations

import bisect
import difflib
import fnmatch
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from symbridge.declarations import (
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
    Identifier,
    Location,
    Parameter,
    Pointer,
    Record,
    Type,
    Typedef,
    Value,
    Variable,
    resolved,
)
from symbridge.describe.comments import cleaned
from symbridge.failure import ToolError

__all__ = ["Annotations", "annotate", "parse_annotations"]

#: Limits of an annotations file.
LARGEST = 16 << 20
MOST_ERRORS = 20
DEEPEST = 16

TOKEN = re.compile(
    r"""
    (?P<space>\s+|//[^\n]*)
    | (?P<doc>/\*\*(?!/).*?\*/)
    | (?P<comment>/\*.*?\*/)
    | (?P<string>"(?:[^"\\\n]|\\.)*")
    | (?P<character>'(?:[^'\\\n]|\\.)*')
    | (?P<open>\[\[)
    | (?P<close>\]\])
    | (?P<number>-?(?:0[xX][0-9a-fA-F]+|\d+(?:\.\d*)?(?:[eE][-+]?\d+)?))
    | (?P<word>[A-Za-z_*?][\w*?]*(?:\[[^\[\]\s]+\][\w*?]*)*)
    | (?P<mark>[(){},;])
    """,
    re.VERBOSE | re.DOTALL,
)
ESCAPE = re.compile(r"\\(n|t|r|0|[0-7]{3}|x[0-9a-fA-F]{2}|.)", re.DOTALL)
ESCAPED = {"n": "\n", "t": "\t", "r": "\r", "0": "\0"}
TAGS = ("struct", "union", "enum", "typedef")
PATTERN = re.compile(r"[*?\[]")


@dataclass(frozen=True, slots=True)
class Token:
    kind: str
    text: str
    location: Location


@dataclass(slots=True)
class Entry:
    """What is said of one name, and of what is inside it."""

    kind: str  # "", "omit", or one of TAGS
    name: str
    location: Location
    attributes: tuple[Attribute, ...] = ()
    doc: str = ""
    inside: list[Entry] = field(default_factory=list)  # parameters, fields or enumerators
    opened: str = ""  # "(" or "{"
    rename: str = ""  # of a parameter
    used: bool = False

    def matches(self, name: str) -> bool:
        """Whether the entry speaks of the name."""
        if PATTERN.search(self.name):
            return fnmatch.fnmatchcase(name, self.name)
        return name == self.name


@dataclass(slots=True)
class Annotations:
    """A file of annotations."""

    file: str
    directives: list[Directive] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)

    def names(self, name: str) -> bool:
        """Whether an entry speaks of a declaration of this name."""
        return any(entry.matches(name) for entry in self.entries)


def parse_annotations(text: str, file: str = "<annotations>") -> Annotations:
    """Read annotations. Raises ToolError with the line of what is wrong."""
    if len(text) > LARGEST:
        raise ToolError(f"{file}: annotations have at most {LARGEST} bytes")
    return _Parser(list(_tokens(text, file)), file).run()


def _tokens(text: str, file: str) -> Iterable[Token]:
    starts = [0, *(m.end() for m in re.finditer("\n", text))]
    at = 0
    while at < len(text):
        row = bisect.bisect_right(starts, at) - 1
        location = Location(file, row + 1, at - starts[row] + 1)
        found = TOKEN.match(text, at)
        if found is None:
            raise ToolError(
                f"{_place(location)}: unexpected {text[at]!r}; "
                "expected a name, [[attributes]] or ';'"
            )
        kind = found.lastgroup or ""
        if kind not in ("space", "comment"):
            yield Token(kind, found[0], location)
        at = found.end()
    yield Token("end", "", Location(file, len(starts)))


def _place(location: Location) -> str:
    return f"{location.file}:{location.line}:{location.column}"


class _Parser:
    def __init__(self, tokens: Sequence[Token], file: str) -> None:
        self.tokens = tokens
        self.at = 0
        self.depth = 0
        self.result = Annotations(file)

    @property
    def token(self) -> Token:
        return self.tokens[self.at]

    def take(self) -> Token:
        token = self.tokens[self.at]
        self.at = min(self.at + 1, len(self.tokens) - 1)
        return token

    def wrong(self, expected: str) -> ToolError:
        token = self.token
        found = f"'{token.text}'" if token.text else "the end of the file"
        return ToolError(f"{_place(token.location)}: expected {expected}, found {found}")

    def expect(self, text: str, expected: str) -> None:
        if self.token.text != text:
            raise self.wrong(expected)
        self.take()

    def run(self) -> Annotations:
        while self.token.kind != "end":
            if self.token.text == ";":
                self.take()
                continue
            doc = self.doc()
            location = self.token.location
            attributes = self.attributes()
            if self.token.text == ";" and attributes:
                self.take()
                self.result.directives.append(Directive(attributes, doc, location))
                continue
            entry = self.entry(("omit", *TAGS))
            entry.doc = entry.doc or doc
            entry.attributes = attributes + entry.attributes
            self.expect(";", f"';' after what is said of '{entry.name}'")
            self.result.entries.append(entry)
        return self.result

    def doc(self) -> str:
        text = ""
        while self.token.kind == "doc":
            text = cleaned(self.take().text)
        return text

    def entry(self, kinds: Sequence[str]) -> Entry:
        """[kind] name [attributes] [( ... ) or { ... }] [attributes]"""
        doc = self.doc()
        attributes = self.attributes()
        doc = self.doc() or doc
        kind = ""
        if self.token.text in kinds and self.tokens[self.at + 1].kind in ("word", "open"):
            kind = self.take().text
            attributes += self.attributes()
        if self.token.kind not in ("word", "number"):
            raise self.wrong("a name")
        name = self.take()
        entry = Entry(kind, name.text, name.location, attributes, doc)
        if name.kind == "number":
            if not name.text.isdecimal() or name.text == "0" or self.depth == 0:
                raise ToolError(
                    f"{_place(name.location)}: '{name.text}' is no name and no parameter's number"
                )
            if self.token.kind == "word":
                entry.rename = self.take().text
        entry.attributes += self.attributes()
        if self.token.text in ("(", "{"):
            self.inside(entry)
            entry.attributes += self.attributes()
        return entry

    def inside(self, entry: Entry) -> None:
        self.depth += 1
        if self.depth > DEEPEST:
            raise ToolError(f"{_place(self.token.location)}: nested more than {DEEPEST} deep")
        entry.opened = self.take().text
        closing = ")" if entry.opened == "(" else "}"
        while self.token.text != closing:
            entry.inside.append(self.entry(TAGS))
            if self.token.text in (",", ";"):
                self.take()
            elif self.token.text != closing:
                raise self.wrong(f"',' or '{closing}'")
        self.take()
        self.depth -= 1

    def attributes(self) -> tuple[Attribute, ...]:
        found: list[Attribute] = []
        while self.token.kind == "open":
            self.take()
            while self.token.kind != "close":
                found.append(self.attribute())
                if self.token.text == ",":
                    self.take()
                elif self.token.kind != "close":
                    raise self.wrong("',' or ']]'")
            self.take()
        return tuple(found)

    def attribute(self) -> Attribute:
        if self.token.kind != "word":
            raise self.wrong("the name of an attribute")
        name = self.take()
        values: list[Value] = []
        if self.token.text == "(":
            self.take()
            while self.token.text != ")":
                values.append(self.value())
                if self.token.text == ",":
                    self.take()
                elif self.token.text != ")":
                    raise self.wrong("',' or ')'")
            self.take()
        return Attribute(name.text, tuple(values), name.location)

    def value(self) -> Value:
        token = self.take()
        match token.kind:
            case "string":
                text = _unescaped(token.text)
                while self.token.kind == "string":
                    text += _unescaped(self.take().text)
                return text
            case "character" if len(_unescaped(token.text)) == 1:
                return ord(_unescaped(token.text))
            case "number":
                if re.fullmatch(r"-?0[xX].*", token.text):
                    return int(token.text, 16)
                return int(token.text) if token.text.lstrip("-").isdecimal() else float(token.text)
            case "word":
                words: dict[str, Value] = {"true": True, "false": False, "NULL": None}
                return words[token.text] if token.text in words else Identifier(token.text)
        self.at -= 1
        raise self.wrong("a value: a name, a number or a string")


def _unescaped(literal: str) -> str:
    def one(found: re.Match[str]) -> str:
        text = found[1]
        if text in ESCAPED:
            return ESCAPED[text]
        if text[0] == "x" and len(text) == 3:
            return chr(int(text[1:], 16))
        return chr(int(text, 8)) if len(text) == 3 else text

    return ESCAPE.sub(one, literal[1:-1])


# ---- merging

Inner = TypeVar("Inner", Parameter, Field, Enumerator)


def annotate(description: Description, annotations: Annotations) -> None:
    """Merge annotations into a description's declarations.

    Raises ToolError that lists, with lines, every name that nothing has, and what is like it.
    """
    _Merger(description, annotations).run()


class _Merger:
    def __init__(self, description: Description, annotations: Annotations) -> None:
        self.description = description
        self.annotations = annotations
        self.errors: list[str] = []
        self.error_count = 0

    def run(self) -> None:
        kept: list[Declaration] = []
        for declaration in self.description.declarations:
            entries = [e for e in self.annotations.entries if _speaks_of(e, declaration)]
            for entry in entries:
                entry.used = True
            if not any(entry.kind == "omit" for entry in entries):
                for entry in entries:
                    declaration = self.merge(declaration, entry)
                kept.append(declaration)
        self.enumerators_on_their_own()
        names = [name for d in self.description.declarations for name in _names_of(d)]
        for entry in self.annotations.entries:
            if not entry.used:
                self.unknown(entry, "declared", names)
        if self.errors:
            more = self.error_count - len(self.errors)
            rest = [f"... and {more} more"] if more else []
            raise ToolError(
                "\n".join([*self.errors, *rest]),
                "correct the names, or remove what headers no longer have",
            )
        self.description.declarations[:] = [*self.annotations.directives, *kept]
        for directive in self.annotations.directives:
            for attribute in directive.attributes:
                if attribute.name == "library" and attribute.arguments:
                    self.description.library = str(attribute.arguments[0])

    def unknown(self, entry: Entry, what: str, names: Iterable[str]) -> None:
        self.error_count += 1
        if len(self.errors) == MOST_ERRORS:
            return
        kind = f"{entry.kind} " if entry.kind in TAGS else ""
        near = difflib.get_close_matches(entry.name, list(dict.fromkeys(names)), 3)
        hint = f"; did you mean {' or '.join(repr(n) for n in near)}?" if near else ""
        if PATTERN.search(entry.name):
            text = f"nothing matches '{kind}{entry.name}'"
        else:
            text = f"'{kind}{entry.name}' is not {what}"
        self.errors.append(f"{_place(entry.location)}: {text}{hint}")

    def enumerators_on_their_own(self) -> None:
        """Enumerators may be named without their enum."""
        for entry in self.annotations.entries:
            if entry.kind or entry.opened:
                continue
            for enum in self.description.enums():
                if enum.enumerators and any(entry.matches(e.name) for e in enum.enumerators):
                    enum.enumerators = [
                        _said(e, entry) if entry.matches(e.name) else e for e in enum.enumerators
                    ]
                    entry.used = True

    def merge(self, declaration: Declaration, entry: Entry) -> Declaration:
        match declaration:
            case Record():
                declaration.attributes += entry.attributes
                declaration.doc = entry.doc or declaration.doc
                declaration.fields = (
                    self.members(entry, declaration.fields or [], "a field of " + declaration.name)
                    or declaration.fields
                )
            case Enum():
                declaration.attributes += entry.attributes
                declaration.doc = entry.doc or declaration.doc
                declaration.enumerators = (
                    self.members(
                        entry, declaration.enumerators or [], "an enumerator of " + declaration.name
                    )
                    or declaration.enumerators
                )
            case Function():
                type = self.function(declaration.type, entry, f"{declaration.name}()")
                return replace(_said(declaration, entry), type=type)
            case Typedef():
                return self.typedef(declaration, entry)
            case Variable():
                self.nothing_inside(entry)
                return _said(declaration, entry)
            case Constant():
                self.nothing_inside(entry)
                return _said(declaration, entry)
        return declaration

    def nothing_inside(self, entry: Entry) -> None:
        if entry.opened:
            self.wrong(entry, f"'{entry.name}' has no parameters and no fields")

    def wrong(self, entry: Entry, text: str) -> None:
        self.error_count += 1
        if len(self.errors) < MOST_ERRORS:
            self.errors.append(f"{_place(entry.location)}: {text}")

    def typedef(self, typedef: Typedef, entry: Entry) -> Typedef:
        target = typedef.type
        if isinstance(target, (Record, Enum)):
            if target.tag:  # what is said of a typedef of a struct speaks of the struct
                self.merge(target, entry)
            return typedef
        if entry.opened == "(":
            type = self.callback(target, entry, typedef.name)
            return replace(_said(typedef, entry), type=type)
        return _said(typedef, entry)

    def callback(self, type: Type, entry: Entry, name: str) -> Type:
        """A pointer to a function, whose parameters an entry speaks of."""
        match type:
            case Pointer():
                return replace(type, target=self.callback(type.target, entry, name))
            case Array():
                return replace(type, element=self.callback(type.element, entry, name))
            case FunctionType():
                return self.function(type, entry, name)
            case Alias() if isinstance(_pointed(type), FunctionType):
                # Written out, since what is said here is said of this use alone.
                return self.callback(type.target, entry, name)
        self.wrong(entry, f"'{name}' is no function, and no pointer to one")
        return type

    def function(self, type: FunctionType, entry: Entry, name: str) -> FunctionType:
        if entry.opened == "{":
            self.wrong(entry, f"{name} is a function: its parameters stand in '( )'")
            return type
        parameters = list(type.parameters)
        for inner in entry.inside:
            index = self.find(inner, [p.name for p in parameters], f"a parameter of {name}")
            if index is None:
                continue
            parameter = parameters[index]
            if inner.opened:
                made = self.callback(parameter.type, inner, inner.name)
                parameter = replace(parameter, type=made)
            parameters[index] = replace(
                parameter,
                name=inner.rename or parameter.name,
                attributes=parameter.attributes + inner.attributes,
            )
        return replace(type, parameters=tuple(parameters))

    def find(self, entry: Entry, names: Sequence[str], what: str) -> int | None:
        """Which of the names, or by its number, an entry speaks of."""
        if entry.name.isdecimal():
            if int(entry.name) <= len(names):
                return int(entry.name) - 1
            self.wrong(entry, f"there is no number {entry.name}: {len(names)} is the last")
            return None
        if entry.name in names:
            return names.index(entry.name)
        self.unknown(entry, what, [name for name in names if name])
        return None

    def members(self, entry: Entry, members: list[Inner], what: str) -> list[Inner]:
        """Fields or enumerators with what an entry says of them."""
        result = list(members)
        for inner in entry.inside:
            matching = [i for i, m in enumerate(result) if inner.matches(m.name)]
            if not matching:
                self.unknown(inner, what, [m.name for m in result if m.name])
            for i in matching:
                result[i] = _said(result[i], inner)
        return result


Declared = TypeVar("Declared", Function, Variable, Typedef, Constant, Parameter, Field, Enumerator)


def _said(declared: Declared, entry: Entry) -> Declared:
    """The declaration with the entry's attributes and comment."""
    attributes = declared.attributes + entry.attributes
    if isinstance(declared, Parameter) or not entry.doc:
        return replace(declared, attributes=attributes)
    return replace(declared, attributes=attributes, doc=entry.doc)


def _pointed(type: Type) -> Type:
    actual = resolved(type)
    while isinstance(actual, (Pointer, Array)):
        actual = resolved(actual.target if isinstance(actual, Pointer) else actual.element)
    return actual


def _names_of(declaration: Declaration) -> list[str]:
    match declaration:
        case Record() | Enum():
            names = [declaration.tag or declaration.typedef]
            if isinstance(declaration, Enum):
                names += [e.name for e in declaration.enumerators or ()]
            return names
        case Directive():
            return []
    return [declaration.name]


def _speaks_of(entry: Entry, declaration: Declaration) -> bool:
    """Whether an entry names a declaration: as C does, with the word before a tag."""
    match declaration:
        case Directive():
            return False
        case Record() | Enum():
            kind = declaration.kind if isinstance(declaration, Record) else "enum"
            tagged = declaration.tag and entry.kind in (kind, "omit")
            name = declaration.tag if tagged else declaration.typedef
        case Typedef():
            kind, name = "typedef", declaration.name
        case _:
            kind, name = "", declaration.name
    return bool(name) and entry.kind in ("", "omit", kind) and entry.matches(name)
