"""A cffi cdef as a description.

A cdef is nearly one: it is kept as it is written, with its comments and the names of its types.
What only cffi and a C compiler together would complete ("..."), and functions that Python gives to
C, are changed or left out, each with a remark and a comment in its place.
"""

from __future__ import annotations

import bisect
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass, field

import symbridge
from symbridge.binary import locate, read
from symbridge.compare import compare
from symbridge.convert import Converted, Remark
from symbridge.convert.pieces import Piece, Token, cut
from symbridge.declarations import Description, Function, Location, Pointer, Record, Variable, parse
from symbridge.describe.spelling import string_literal
from symbridge.failure import ToolError

__all__ = ["Source", "convert_cdefs"]

#: Declarations that are left out one after the other because the engine refuses them.
MAX_REFUSED = 500


@dataclass(frozen=True, slots=True)
class Source:
    """The text of one cdef, where it begins, and how its records are packed (0: as C does)."""

    text: str
    file: str
    line: int = 1
    pack: int = 0


@dataclass(slots=True)
class _Part:
    """A stretch of the result: copied text, or a declaration with what became of it."""

    text: str
    origin: Location
    subject: str = ""
    tokens: list[Token] = field(default_factory=list)


def convert_cdefs(sources: Sequence[Source], *, library: str = "", module: str = "") -> Converted:
    """The description that says what the cdefs say, in their order.

    Raises DescriptionError when a cdef is none, ToolError when the result is not what it should be.
    """
    remarks: list[Remark] = []
    original = _original(sources)
    parts = [part for source in sources for part in _parts(source, remarks)]
    head = _head(library, module)
    _leave_out_refused(head, parts, remarks)
    if library:
        _mark_absent(head, parts, remarks, library)
    text = head + _joined(parts)
    # What was left out is missing, and has its remark.
    different = compare(original, parse(text), complete=False)
    differences = [each for each in different if "missing" not in each.kind]
    if differences:
        shown = "\n".join(f"  {difference}" for difference in differences[:20])
        raise ToolError(f"the description would not say what the cdef says:\n{shown}")
    return Converted(text, remarks)


def _head(library: str, module: str) -> str:
    said = []
    if library:
        said.append(f"library({string_literal(library)})")
    if module:
        said.append(f"module({string_literal(module)})")
    return f"[[{', '.join(said)}]];\n\n" if said else ""


def _original(sources: Sequence[Source]) -> Description:
    """What the cdefs declare, together. A mistake is told where it stands in its file."""
    starts, chunks, line = [], [], 1
    for source in sources:
        starts.append(line)
        chunk = _packed(source, source.text.rstrip() + "\n")
        chunks.append(chunk)
        line += chunk.count("\n")
    try:
        original = parse("".join(chunks), cdef=True)
    except symbridge.DescriptionError as error:
        source = sources[max(bisect.bisect_right(starts, error.lineno or 1) - 1, 0)]
        first = starts[sources.index(source)] + (1 if source.pack else 0)
        error.filename = source.file
        error.lineno = (error.lineno or 1) - first + source.line
        raise
    for typedef in original.typedefs():
        # The engine's name for what `typedef ... *T;` points at, which is called T here.
        if isinstance(typedef.type, Pointer) and isinstance(typedef.type.target, Record):
            typedef.type.target.tag = typedef.type.target.tag.removeprefix("$$")
    return original


def _packed(source: Source, text: str) -> str:
    if not source.pack:
        return text
    return f"#pragma pack(push, {source.pack})\n{text.rstrip()}\n#pragma pack(pop)\n"


# ---- one cdef


def _parts(source: Source, remarks: list[Remark]) -> list[_Part]:
    text = textwrap.dedent(source.text).strip("\n").rstrip()
    line = source.line + len(source.text) - len(source.text.lstrip("\n"))
    parts: list[_Part] = []
    nowhere = Location(source.file, source.line)
    if source.pack:
        parts.append(_Part(f"#pragma pack(push, {source.pack})\n", nowhere))
    position, counted = 0, 0
    for piece in cut(text):
        line += text.count("\n", counted, piece.start)
        counted = piece.start
        origin = Location(source.file, line)
        parts.append(_Part(text[position : piece.start], origin))
        parts.append(_converted(text, piece, origin, remarks))
        position = piece.end
    parts.append(_Part(text[position:] + "\n", nowhere))
    if source.pack:
        parts.append(_Part("#pragma pack(pop)\n", nowhere))
    return parts


def _converted(text: str, piece: Piece, origin: Location, remarks: list[Remark]) -> _Part:
    """What becomes of one declaration."""
    own = text[piece.start : piece.end]
    words = piece.words()
    subject = _subject(piece)
    part = _Part(own, origin, subject, piece.tokens)

    def leave_out(why: str, lost: bool = True) -> _Part:
        remarks.append(Remark(subject, why, origin, lost))
        part.text = _comment(f"left out: {subject}: {why}")
        part.subject = ""
        return part

    if piece.directive:
        if "..." in words:
            return leave_out("its value is known to a compiler only; write it here")
        return part
    if words[0] == "extern" and len(words) > 1 and words[1].startswith('"Python'):
        return leave_out("Python gives it to C, so no library has it: pass a callable instead")
    if words[:3] == ["typedef", "_Bool", "bool"]:
        part.text = "/* bool is known */"
        return part
    unknown = _unknown(piece.tokens)
    if not unknown:
        part.text = _prototyped(own, piece)
        return part
    if words[0] == "typedef" and words[1] == "...":
        return _opaque_typedef(part, piece, words)
    if "{" in words and "enum" in words[: words.index("{")]:
        return leave_out("the values of some of its enumerators are known to a compiler only")
    if "{" in words:
        made = _without_body(own, piece)
        if made is None:
            return leave_out("only a compiler knows its layout")
        part.text = made
        why = "only a compiler knows its layout: it is declared without fields, for pointers to it"
        remarks.append(Remark(subject, why, origin))
        return part
    tokens = piece.tokens
    if words[0] != "typedef" and len(unknown) == 1:
        at = unknown[0]
        if tokens[at - 1].text == "[" and tokens[at + 1].text == "]":
            token = tokens[at]
            part.text = own[: token.start - piece.start] + own[token.end - piece.start :]
            return part
    return leave_out("only a compiler knows its type")


def _unknown(tokens: Sequence[Token]) -> list[int]:
    """The "..." that stand for what only a compiler knows: all but those of variadic functions."""
    return [
        index
        for index, token in enumerate(tokens)
        if token.kind == "ellipsis"
        and not (
            0 < index < len(tokens) - 1
            and tokens[index - 1].text in (",", "(")
            and tokens[index + 1].text == ")"
        )
    ]


def _prototyped(own: str, piece: Piece) -> str:
    """The declaration with (void) for (): in a cdef both are a function without parameters."""
    tokens = piece.tokens
    insertions = [
        token.start - piece.start + 1
        for index, token in enumerate(tokens[:-1])
        if token.text == "(" and tokens[index + 1].text == ")" and index > 0
    ]
    for position in reversed(insertions):
        own = own[:position] + "void" + own[position:]
    return own


def _opaque_typedef(part: _Part, piece: Piece, words: list[str]) -> _Part:
    """typedef ... T, *P; declares unknown records, and so does a struct without fields."""
    lines, pointer = [], ""
    for word in words[2:]:
        if word == "*":
            pointer += "*"
        elif word not in (",", ";"):
            lines.append(f"typedef struct {word} {pointer}{word};")
            pointer = ""
    part.text = "\n".join(lines)
    return part


def _without_body(own: str, piece: Piece) -> str | None:
    """struct s {...; ...} as struct s; None when it declares something that needs its layout."""
    tokens = piece.tokens
    texts = piece.words()
    opening = texts.index("{")
    depth, closing = 0, None
    for index in range(opening, len(texts)):
        depth += (texts[index] == "{") - (texts[index] == "}")
        if depth == 0:
            closing = index
            break
    if closing is None:
        return None
    head, tail = texts[:opening], texts[closing + 1 :]
    behind = own[tokens[closing].end - piece.start :]
    tagged = tokens[opening - 1].kind == "word" and head[-1] not in ("struct", "union")
    is_typedef = head[0] == "typedef"
    names = [text for text in tail if text not in (";", ",", "*")]
    if not is_typedef:
        return f"{' '.join(head)};" if tagged and not names else None
    if not names or any(not name.isidentifier() for name in names):
        return None
    if not tagged:
        if "*" in tail[: tail.index(names[0])]:
            return None
        head = [*head, names[0]]
    return " ".join(head) + " " + behind.lstrip()


def _subject(piece: Piece) -> str:
    """How a declaration is called in a remark."""
    tokens = [token for token in piece.tokens if token.kind in ("word", "string")]
    words = [token.text for token in tokens]
    if piece.directive:
        return (
            words[1]
            if words[:1] == ["define"] and len(words) > 1
            else f"#{words[0] if words else ''}"
        )
    texts = piece.words()
    for index, text in enumerate(texts):
        if text in ("struct", "union", "enum") and "{" in texts:
            after = texts[index + 1] if index + 1 < len(texts) else "{"
            if after != "{":
                return f"{text} {after}"
            behind = [word for word in texts[texts.index("}") :] if word.isidentifier()]
            return behind[0] if behind else f"an unnamed {text}"
        if text == "(" and index and texts[index - 1].isidentifier():
            return texts[index - 1]
    return words[-1] if words else "a declaration"


def _comment(text: str) -> str:
    return f"/* {text.replace('*/', '* /')} */"


# ---- what the engine refuses


def _leave_out_refused(head: str, parts: list[_Part], remarks: list[Remark]) -> None:
    """Leave out, one by one, the declarations that are no description."""
    for _ in range(MAX_REFUSED):
        try:
            parse(head + _joined(parts))
            return
        except symbridge.DescriptionError as error:
            line = max((error.lineno or 1) - head.count("\n"), 1)
            part = _Places(parts).find(line, error.offset or 1)
            if part is None:
                raise
            remarks.append(Remark(part.subject, error.msg, part.origin))
            part.text = _comment(f"left out: {part.subject}: {error.msg}")
            part.subject = ""
    raise ToolError(f"over {MAX_REFUSED} declarations of the cdef are no description")


def _mark_absent(head: str, parts: list[_Part], remarks: list[Remark], library: str) -> None:
    """Mark as [[optional]] what the library of this machine lacks.

    cffi looks a symbol up when it is used, load() all of them at once."""
    try:
        image = read(locate(library))
    except (ToolError, OSError):
        return  # it is on another machine
    described = parse(head + _joined(parts))
    places, marked = _Places(parts), set()
    items: list[Function | Variable] = [*described.functions(), *described.variables()]
    for item in items:
        if item.optional or image.find(item.symbol, item.version) is not None:
            continue
        part = places.find(item.location.line - head.count("\n"), item.location.column)
        if part is None:
            continue
        text = f"{library} lacks it on this machine: it is [[optional]]"
        remarks.append(Remark(item.name, text, part.origin, lost=False))
        if id(part) not in marked:
            marked.add(id(part))
            part.text = f"[[optional]] {part.text}"


class _Places:
    """Finds the part in which a line and column of the joined text lie."""

    def __init__(self, parts: list[_Part]) -> None:
        self.declared: list[_Part] = []
        self.starts: list[int] = []
        self.lines = [0]
        position = 0
        for part in parts:
            if part.subject:
                self.declared.append(part)
                self.starts.append(position)
            for line in part.text.split("\n")[:-1]:
                position += len(line) + 1
                self.lines.append(position)
            position += len(part.text) - part.text.rfind("\n") - 1

    def find(self, line: int, column: int) -> _Part | None:
        """The declaration there, or the one that ends before it."""
        place = self.lines[min(line, len(self.lines)) - 1] + column - 1
        index = bisect.bisect_right(self.starts, place) - 1
        return self.declared[index] if index >= 0 else None


def _joined(parts: list[_Part]) -> str:
    return "".join(part.text for part in parts)
