"""What a header declares, read from the preprocessor's output, as far as compilers do not tell.

Compilers verify types, sizes and values (see headers.py). They do not say which names a header
uses for parameters, what fields it has besides those asked for, where something is declared, and
what is a macro. That much is read here, token by token; what is not understood is passed over.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from symbridge.declarations import NOWHERE, Location

__all__ = ["Body", "BodyMember", "Macro", "Prototype", "Scan", "scan"]

#: Nested braces and parentheses that are followed; headers have a handful.
MAX_NESTING = 100

TOKEN = re.compile(
    r"""[A-Za-z_$][\w$]*|(?:u8|[uUL])?"(?:[^"\\\n]|\\.)*"|(?:[uUL])?'(?:[^'\\\n]|\\.)*'"""
    r"""|\.?\d(?:[eEpP][+-]|[\w.])*|\.\.\.|\S"""
)
LINE_MARKER = re.compile(r'#\s*(?:line\s+)?(\d+)\s+"((?:[^"\\]|\\.)*)"')
DEFINE = re.compile(r"#\s*define\s+([A-Za-z_$][\w$]*)(\()?")
UNDEF = re.compile(r"#\s*undef\s+([A-Za-z_$][\w$]*)")

RECORD_WORDS = ("struct", "union")
TAG_WORDS = ("struct", "union", "enum")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


QUALIFIERS = _words(
    """const volatile restrict __const __const__ __volatile __volatile__ __restrict __restrict__
    _Atomic register extern static inline __inline __inline__ _Noreturn _Thread_local __thread
    __extension__ typedef auto constexpr"""
)
TYPE_WORDS = _words(
    """void char short int long float double signed unsigned _Bool bool _Complex __complex__
    __signed__ __int128 __float128 _Float16 _Float32 _Float64 _Float128 _Float32x _Float64x"""
)
#: Words with a group in parentheses that declare nothing.
WITH_GROUP = _words("__attribute__ __attribute __asm__ __asm asm _Alignas alignas __declspec")
OPENING = {"(": ")", "[": "]", "{": "}"}


@dataclass(frozen=True, slots=True)
class Macro:
    """#define name text."""

    name: str
    text: str
    is_function: bool
    location: Location


@dataclass(frozen=True, slots=True)
class Prototype:
    """A function's declaration: its text, and its parameters' names ("" for one without)."""

    name: str
    text: str
    parameters: tuple[str, ...]
    location: Location


@dataclass(slots=True)
class BodyMember:
    """One declarator within a record's braces."""

    name: str
    is_bits: bool = False
    specifiers: str = ""  # before the declarator, without nested braces
    body: Body | None = None  # of a struct or union without a tag that is defined here
    dimensions: int = 0  # of an array of such
    location: Location = NOWHERE


@dataclass(slots=True)
class Body:
    """A struct, union or enum with braces. Of enums members are the enumerators."""

    kind: str
    tag: str
    location: Location
    members: list[BodyMember] = field(default_factory=list)

    def flattened(self) -> Iterator[BodyMember]:
        """The members, those of unnamed structs and unions among them; no unnamed bits."""
        for member in self.members:
            if not member.name and member.body is not None:
                yield from member.body.flattened()
            elif member.name:
                yield member


@dataclass(slots=True)
class Scan:
    """What was found, by name."""

    functions: dict[str, Prototype] = field(default_factory=dict)
    objects: dict[str, Location] = field(default_factory=dict)
    macros: dict[str, Macro] = field(default_factory=dict)
    bodies: dict[tuple[str, str], Body] = field(default_factory=dict)  # by kind and tag
    #: Typedefs of structs, unions and enums: the kind, the tag or "", the braces if they are there.
    typedefs: dict[str, tuple[str, str, Body | None]] = field(default_factory=dict)
    enumerators: dict[str, Location] = field(default_factory=dict)

    def body_of(self, names: Sequence[str]) -> tuple[str, Body] | None:
        """The record or enum under the first of the names that has braces, and how C calls it."""
        for name in names:
            for kind in TAG_WORDS:
                body = self.bodies.get((kind, name))
                if body is not None:
                    return f"{kind} {name}", body
            typedef = self.typedefs.get(name)
            if typedef is not None:
                kind, tag, body = typedef
                body = body or self.bodies.get((kind, tag))
                if body is not None:
                    return name, body
        return None


def scan(preprocessed: str) -> Scan:
    """Read the output of `cc -E -dD`."""
    return _Scanner(preprocessed).run()


@dataclass(frozen=True, slots=True)
class _Token:
    """A word, or a group in brackets with what is in it."""

    text: str  # of a group: its opening bracket
    place: int  # index of its line
    inside: tuple[_Token, ...] = ()

    @property
    def is_name(self) -> bool:
        return (self.text[0].isalpha() or self.text[0] in "_$") and self.text[-1] not in "\"'"


class _Scanner:
    def __init__(self, text: str) -> None:
        self.scan = Scan()
        self._words: list[str] = []
        self._places: list[int] = []
        self._lines: list[tuple[str, int]] = []
        self._read(text)

    def _read(self, text: str) -> None:
        """Cut the text into words, each with its place in the source."""
        file, line = "", 0
        for row in text.split("\n"):
            if row.startswith("#"):
                marker = LINE_MARKER.match(row)
                if marker:
                    line, file = int(marker[1]), marker[2].replace("\\\\", "\\")
                    continue
                self._macro(row, Location(file, line))
            else:
                words = TOKEN.findall(row)
                if words:
                    self._words += words
                    self._places += [len(self._lines)] * len(words)
                    self._lines.append((file, line))
            line += 1

    def _macro(self, row: str, location: Location) -> None:
        define = DEFINE.match(row)
        if define:
            text = row[define.end(1) :].strip()
            macro = Macro(define[1], text, define[2] is not None, location)
            self.scan.macros[define[1]] = macro
            return
        undef = UNDEF.match(row)
        if undef:
            self.scan.macros.pop(undef[1], None)

    def _location(self, token: _Token) -> Location:
        return Location(*self._lines[token.place]) if self._lines else NOWHERE

    def run(self) -> Scan:
        for statement in self._statements():
            self._statement(statement)
        return self.scan

    # ---- statements

    def _statements(self) -> Iterator[list[_Token]]:
        """Cut the words at the top level: after each ";", and after a function's body."""
        stack: list[tuple[str, int, list[_Token]]] = []
        current: list[_Token] = []
        for text, place in zip(self._words, self._places, strict=True):
            if text in OPENING:
                if len(stack) >= MAX_NESTING:
                    return
                stack.append((text, place, current))
                current = []
            elif stack and text == OPENING[stack[-1][0]]:
                opening, start, outer = stack.pop()
                outer.append(_Token(opening, start, tuple(current)))
                current = outer
                if opening == "{" and not stack and not _is_tag_body(current):
                    yield current[:-1]
                    current = []
            elif text == ";" and not stack:
                if current:
                    yield current
                current = []
            else:
                current.append(_Token(text, place))

    def _statement(self, tokens: list[_Token]) -> None:
        tokens = _plain(tokens)
        if not tokens or tokens[0].text in ("_Static_assert", "static_assert"):
            return
        self._collect_bodies(tokens, 0)
        is_typedef = any(token.text == "typedef" for token in tokens)
        for specifiers, declarator in _declarators(tokens):
            name, parameters = _declared(specifiers, declarator)
            if name is None:
                continue
            if is_typedef:
                self._typedef(name.text, specifiers, declarator)
            elif parameters is not None:
                self._function(name, parameters, specifiers + declarator)
            else:
                self.scan.objects.setdefault(name.text, self._location(name))

    def _function(self, name: _Token, parameters: tuple[_Token, ...], tokens: list[_Token]) -> None:
        names = tuple(_parameter_name(piece) for piece in _split(parameters, ","))
        known = self.scan.functions.get(name.text)
        if known is not None and all(known.parameters):
            return
        dropped = QUALIFIERS - {"const", "volatile", "restrict"}
        text = _text([token for token in tokens if token.text not in dropped])
        self.scan.functions[name.text] = Prototype(name.text, text, names, self._location(name))

    def _typedef(self, name: str, specifiers: list[_Token], declarator: list[_Token]) -> None:
        """Remember a typedef of a record or enum itself, no pointer to one."""
        if len(declarator) != 1:
            return
        for at, token in enumerate(specifiers):
            if token.text in TAG_WORDS:
                tag, body = self._tagged(specifiers, at)
                self.scan.typedefs[name] = (token.text, tag, body)
                return
            if token.text in self.scan.typedefs:
                self.scan.typedefs.setdefault(name, self.scan.typedefs[token.text])
                return

    # ---- braces

    def _tagged(self, tokens: Sequence[_Token], at: int) -> tuple[str, Body | None]:
        """What follows the word struct, union or enum at an index: a tag, and braces."""
        rest = tokens[at + 1 : at + 3]
        tag = rest[0].text if rest and rest[0].is_name else ""
        braces = rest[1:] if tag else rest
        if braces and braces[0].text == "{":
            return tag, self._body(tokens[at], tag, braces[0], 0)
        if tag and len(tokens) > at + 3 and tokens[at + 2].text == ":":  # enum e : type {
            for token in tokens[at + 3 :]:
                if token.text == "{":
                    return tag, self._body(tokens[at], tag, token, 0)
        return tag, None

    def _collect_bodies(self, tokens: Sequence[_Token], depth: int) -> None:
        """Find all braces of records and enums, those within others too."""
        if depth > MAX_NESTING:
            return
        for at, token in enumerate(tokens):
            if token.text in TAG_WORDS:
                tag, body = self._tagged(tokens, at)
                if body is None:
                    continue
                if tag:
                    self.scan.bodies.setdefault((token.text, tag), body)
                if token.text == "enum":
                    for member in body.members:
                        self.scan.enumerators.setdefault(member.name, body.location)
            if token.inside:
                self._collect_bodies(_plain(token.inside), depth + 1)

    def _body(self, word: _Token, tag: str, braces: _Token, depth: int) -> Body:
        body = Body(word.text, tag, self._location(word))
        if word.text == "enum":
            for piece in _split(_plain(braces.inside), ","):
                if piece:
                    place = self._location(piece[0])
                    body.members.append(BodyMember(piece[0].text, location=place))
            return body
        if depth > MAX_NESTING:
            return body
        for piece in _split(_plain(braces.inside), ";"):
            if piece and piece[0].text not in ("_Static_assert", "static_assert"):
                self._members(piece, body, depth)
        return body

    def _members(self, tokens: list[_Token], body: Body, depth: int) -> None:
        """Add the members that one line within a record declares."""
        nested = self._nested(tokens, depth)
        found = False
        for specifiers, declarator in _declarators(tokens):
            colon = [at for at, token in enumerate(declarator) if token.text == ":"]
            own = declarator[: colon[0]] if colon else declarator
            name, _ = _declared(specifiers, own) if own else (None, None)
            found = True
            if name is None and not colon:
                continue
            words = _text([token for token in specifiers if token.text != "{"])
            shown = "" if name is None else name.text
            inner = None if any(token.text in "*(" for token in own) else nested
            dimensions = sum(token.text == "[" for token in own)
            place = self._location(declarator[0])
            body.members.append(BodyMember(shown, bool(colon), words, inner, dimensions, place))
        if not found and nested is not None:
            body.members.append(BodyMember("", body=nested, location=nested.location))

    def _nested(self, tokens: list[_Token], depth: int) -> Body | None:
        """The braces of an untagged record that stand in a member's declaration."""
        for at, token in enumerate(tokens):
            if token.text in RECORD_WORDS:
                rest = tokens[at + 1 : at + 2]
                if rest and rest[0].text == "{":
                    return self._body(token, "", rest[0], depth + 1)
        return None


# ---- declarations


def _is_tag_body(tokens: list[_Token]) -> bool:
    """Whether the braces that end the tokens are those of a record, an enum or an initialiser."""
    before = _plain(tokens[:-1])
    if any(token.text == "=" for token in before):
        return True
    if any(token.text == ":" for token in before[-4:]):
        return True
    return any(token.text in TAG_WORDS for token in before[-2:])


def _plain(tokens: Sequence[_Token]) -> list[_Token]:
    """The tokens without attributes, assembler names and what else declares nothing."""
    kept: list[_Token] = []
    skip = False
    for token in tokens:
        if skip:
            skip = False
            if token.text == "(":
                continue
        if token.text in WITH_GROUP:
            skip = True
        elif token.text == "__extension__" or _is_attribute(token):
            continue
        else:
            kept.append(token)
    return kept


def _is_attribute(token: _Token) -> bool:
    return token.text == "[" and len(token.inside) == 1 and token.inside[0].text == "["


def _split(tokens: Sequence[_Token], at: str) -> Iterator[list[_Token]]:
    current: list[_Token] = []
    for token in tokens:
        if token.text == at:
            yield current
            current = []
        else:
            current.append(token)
    if current:
        yield current


def _declarators(tokens: list[_Token]) -> Iterator[tuple[list[_Token], list[_Token]]]:
    """Each declarator of a declaration, with the specifiers that all have in common."""
    first = _first_declarator(tokens)
    specifiers = tokens[:first]
    for piece in _split(tokens[first:], ","):
        if piece:
            yield specifiers, piece


def _first_declarator(tokens: list[_Token]) -> int:
    """Where the declarator begins: after qualifiers and one type."""
    at, typed = 0, False
    while at < len(tokens):
        text = tokens[at].text
        if text in TAG_WORDS:
            at += 1
            if at < len(tokens) and tokens[at].is_name:
                at += 1
            if at < len(tokens) and tokens[at].text == "{":
                at += 1
            typed = True
        elif text in TYPE_WORDS:
            typed, at = True, at + 1
        elif text in QUALIFIERS:
            at += 1
        elif text in ("typeof", "__typeof__", "__typeof"):
            typed, at = True, at + 2
        elif tokens[at].is_name and not typed:
            typed, at = True, at + 1
        else:
            break
    return at


def _declared(
    specifiers: Sequence[_Token], declarator: Sequence[_Token]
) -> tuple[_Token | None, tuple[_Token, ...] | None]:
    """The name that a declarator declares, and its parameters when that is a function."""
    tokens = [t for t in declarator if t.text not in QUALIFIERS]
    for at, token in enumerate(tokens):
        if token.text == "=":
            break
        follows = tokens[at + 1] if at + 1 < len(tokens) else None
        if token.is_name and token.text not in TYPE_WORDS:
            if follows is not None and follows.text == "(":
                return token, follows.inside
            return token, None
        if token.text == "(":
            inner, parameters = _declared(specifiers, token.inside)
            lone = len([t for t in token.inside if t.text not in QUALIFIERS]) == 1
            if lone and follows is not None and follows.text == "(":
                return inner, follows.inside
            return inner, parameters
    return None, None


def _parameter_name(tokens: list[_Token]) -> str:
    plain = _plain(tokens)
    first = _first_declarator(plain)
    name, _ = _declared(plain[:first], plain[first:])
    return "" if name is None else name.text


def _text(tokens: Sequence[_Token]) -> str:
    """The tokens as C, spaced as people do."""
    text = ""
    for token in tokens:
        word = token.text
        if token.text in OPENING:
            word = f"{token.text}{_text(token.inside)}{OPENING[token.text]}"
        glued = not text or text[-1] in "*([" or word in (",", ")", "]") or word[0] == "["
        after_name = word[0] == "(" and (text[-1:].isalnum() or text[-1:] in "_)")
        is_call = after_name and text.rsplit(" ", 1)[-1].lstrip("*") not in TYPE_WORDS
        text += word if glued or is_call else f" {word}"
    return text
