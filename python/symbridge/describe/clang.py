"""Headers, read by libclang: what they declare, as the compiler of this machine sees it.

What belongs to a library is what its headers declare: the named ones, those that they include with
quotes, those in the directories of the named ones (unless that is one of the compiler's own
directories), and those that patterns name. What these use of other headers is written only where it
is needed.
"""

from __future__ import annotations

import fnmatch
import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from symbridge.declarations import (
    Array,
    Attribute,
    Constant,
    Declaration,
    Description,
    Enum,
    Function,
    FunctionType,
    Record,
    Type,
    Typedef,
    Variable,
    resolved,
)
from symbridge.describe.comments import MODES, Comments, cleaned
from symbridge.describe.compiler import arguments, compiler, parse
from symbridge.describe.conversion import Types, is_unnamed, location_of
from symbridge.describe.macros import Macro, evaluate
from symbridge.describe.spelling import InexpressibleError
from symbridge.describe.write import Note
from symbridge.failure import ToolError

__all__ = ["HeaderDescription", "is_wanted", "read_headers"]

MAIN = "symbridge-headers.c"

#: How far in front of a macro its comment may begin.
LONGEST_COMMENT = 10_000

#: The most headers, and the largest one, that are looked into for what they include with quotes.
MOST_FILES = 20_000
LARGEST_FILE = 64 << 20

QUOTED = re.compile(rb'\s*#\s*(?:include|include_next|import)\s*"')
WORD = re.compile(rb"[A-Za-z_]\w*")


@dataclass(slots=True, eq=False)
class HeaderDescription(Description):
    """What headers declare, and what of it no library has."""

    #: Functions that exist only where headers are compiled: static, or inline and never extern.
    inline: list[Function] = field(default_factory=list)
    #: Macros with parameters; macros that are no constants a description can hold.
    function_macros: list[Macro] = field(default_factory=list)
    other_macros: list[Macro] = field(default_factory=list)
    #: The files whose declarations these are.
    files: list[str] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)


def read_headers(
    headers: Sequence[str | os.PathLike[str]],
    *,
    include: Sequence[str] = (),
    defines: Sequence[str] = (),
    flags: Sequence[str] = (),
    standard: str = "",
    only: Sequence[str] = (),
    exclude: Sequence[str] = (),
    include_from: Sequence[str] = (),
    comments: str = "doc",
    progress: Any = None,
) -> HeaderDescription:
    """The declarations of headers, read one after the other as one source would include them.

    headers are paths, or "<name.h>" for one that the compiler finds. include, defines, flags and
    standard are those of the compiler (-I, -D, any, -std=). include_from are patterns of headers
    whose declarations belong here too; only and exclude are patterns of names. comments is one of
    comments.MODES. progress has a method step(done, total, what).

    Raises ToolError, with the compiler's messages, when the headers do not compile.
    """
    if comments not in MODES:
        raise ValueError(f"comments is one of {', '.join(MODES)}, not {comments!r}")
    words = arguments(include, defines, flags, standard)
    if comments == "all":
        words.append("-fparse-all-comments")
    text = "".join(_include(header) for header in headers)
    unit: Any = parse(MAIN, text, words, keep_macros=True, strict=True)
    reader = _Reader(unit, [os.fspath(h) for h in headers], include_from, comments)
    reader.read(progress)
    return reader.describe(text, words, only, exclude)


def _include(header: str | os.PathLike[str]) -> str:
    name = os.fspath(header)
    if name.startswith("<") and name.endswith(">"):
        return f"#include {name}\n"
    if not os.path.isfile(name):
        base = os.path.basename(name)
        raise ToolError(
            f"there is no header '{name}'", f"'<{base}>' for one that the compiler finds"
        )
    if any(c in name for c in '"\n\\'):
        raise ToolError(f"a header's name cannot have quotes or backslashes in it: {name!r}")
    return f'#include "{os.path.abspath(name)}"\n'


class _Reader:
    def __init__(
        self, unit: Any, headers: Sequence[str], include_from: Sequence[str], comments: str
    ) -> None:
        self.unit = unit
        self.headers = headers
        self.include_from = include_from
        self.files: dict[str, bool] = {}  # every file that was read: is it described?
        self.sources: dict[str, bytes] = {}
        self.declarations: list[Declaration] = []
        self.functions: dict[str, int] = {}  # where in declarations
        self.variables: dict[str, int] = {}
        self.inline: dict[str, Function] = {}
        self.typedefs: set[str] = set()
        self.added: set[int] = set()  # ids of the records and enums in declarations
        self.macros: dict[str, Macro] = {}
        self.places: list[tuple[str, int]] = []  # of declarations: file and offset
        self.notes: list[Note] = []
        self._find_files()
        self.types = Types(Comments(comments), lambda name: self.files.get(name, False))
        self.comments = Comments(comments)

    # ---- files

    def _find_files(self) -> None:
        """Decide which of the files are described."""
        own = {os.path.normpath(d) for d in compiler().directories}
        own |= {os.path.realpath(d) for d in own}
        named: set[str] = set()
        quoted: dict[str, bool] = {}
        includes = list(self.unit.get_includes())
        if len(includes) > MOST_FILES:
            raise ToolError(f"the headers include more than {MOST_FILES} files")
        for inclusion in includes:
            if inclusion.source is not None and inclusion.source.name == MAIN:
                named.add(inclusion.include.name)
        trees = {os.path.dirname(os.path.realpath(name)) for name in named}
        trees = {tree + os.sep for tree in trees if tree not in own}
        for inclusion in includes:
            name = inclusion.include.name
            source = "" if inclusion.source is None else inclusion.source.name
            if name in named or quoted.get(name):
                continue
            from_described = source in named or quoted.get(source, False)
            quoted[name] = (
                os.path.realpath(name).startswith(tuple(trees))
                or (from_described and self._is_quoted(source, inclusion.location.offset))
                or any(_matches(name, pattern) for pattern in self.include_from)
            )
        self.files = {**quoted, **dict.fromkeys(named, True)}
        for pattern in self.include_from:
            if not any(_matches(name, pattern) for name in self.files):
                raise ToolError(
                    f"no header that is included matches '{pattern}'",
                    "the pattern is compared with the ends of their paths, as in 'git2/*'",
                )

    def _source(self, name: str) -> bytes:
        if name not in self.sources:
            try:
                with open(name, "rb") as stream:
                    self.sources[name] = stream.read(LARGEST_FILE)
            except OSError:
                self.sources[name] = b""
        return self.sources[name]

    def _is_quoted(self, name: str, offset: int) -> bool:
        """Whether the #include at an offset of a file has its name in quotes."""
        text = self._source(name)
        start = text.rfind(b"\n", 0, offset) + 1
        return QUOTED.match(text, start) is not None

    # ---- reading

    def read(self, progress: Any = None) -> None:
        """Take what the described files declare."""
        readers = {
            "FUNCTION_DECL": self._function,
            "VAR_DECL": self._variable,
            "STRUCT_DECL": self._tagged,
            "UNION_DECL": self._tagged,
            "ENUM_DECL": self._tagged,
            "TYPEDEF_DECL": self._typedef,
            "MACRO_DEFINITION": self._macro,
        }
        cursors = list(self.unit.cursor.get_children())
        for number, cursor in enumerate(cursors):
            if progress is not None:
                progress.step(number, len(cursors), "declarations")
            reader = readers.get(cursor.kind.name)
            if reader is None:
                continue
            file = cursor.location.file
            if file is not None and self.files.get(file.name):
                try:
                    reader(cursor)
                except InexpressibleError as error:
                    self.notes.append(Note(cursor.spelling, str(error), location_of(cursor)))

    def _add(self, declaration: Declaration, cursor: Any) -> int:
        place = cursor.location
        self.declarations.append(declaration)
        self.places.append((place.file.name, place.offset))
        return len(self.declarations) - 1

    def _macro(self, cursor: Any) -> None:
        extent = cursor.extent
        name: str = cursor.spelling
        location = location_of(cursor)
        text = self._source(location.file)[extent.start.offset : extent.end.offset]
        body = text.decode("utf-8", "replace")[len(name) :]
        function_like = body.startswith("(")
        body = re.sub(r"\\\r?\n", " ", body)
        body = re.sub(r"/\*.*?\*/|//[^\n]*", " ", body, flags=re.DOTALL).strip()
        offset = extent.start.offset
        doc = self._doc_before(location.file, offset)
        self.macros[name] = Macro(name, body, function_like, location, offset, doc)

    def _doc_before(self, file: str, offset: int) -> str:
        """The doc comment in front of a #define, which libclang does not tell of."""
        if self.comments.mode == "none":
            return ""
        source = self._source(file)
        before = source[max(source.rfind(b"\n", 0, offset) - LONGEST_COMMENT, 0) : offset]
        before = before[: before.rfind(b"\n") + 1].rstrip()
        start = before.rfind(b"/*")
        if not before.endswith(b"*/") or start < 0:
            return ""
        comment = before[start:]
        alone = before[before.rfind(b"\n", 0, start) + 1 : start].strip() == b""
        is_doc = comment.startswith((b"/**", b"/*!")) and not comment.startswith((b"/**/", b"/***"))
        if not alone or not (is_doc or self.comments.mode == "all"):
            return ""
        return cleaned(comment.decode("utf-8", "replace"))

    def _tagged(self, cursor: Any) -> None:
        type = self.types.tagged(cursor)
        if cursor.is_definition():
            self._nested(cursor)
        elif self.types.is_defined(type):
            return  # its definition follows, or is somewhere else
        if id(type) in self.added:
            return
        if isinstance(type, Record) and not type.name:
            return  # it is part of the declaration that uses it
        self.added.add(id(type))
        self._add(type, cursor)

    def _nested(self, cursor: Any) -> None:
        """Records and enums with tags that are defined within a record: C does not nest them."""
        for child in cursor.get_children():
            if child.kind.name not in ("STRUCT_DECL", "UNION_DECL", "ENUM_DECL"):
                continue
            if child.is_definition():
                if is_unnamed(child):
                    self._nested(child)
                else:
                    self._tagged(child)

    def _typedef(self, cursor: Any) -> None:
        name: str = cursor.spelling
        if name in self.typedefs:
            return
        self.typedefs.add(name)
        type, qualifiers = self.types.convert(cursor.underlying_typedef_type, cursor)
        doc = self.comments.of(cursor)
        if isinstance(type, (Record, Enum)) and type.doc and doc == type.doc:
            doc = ""
        self._add(Typedef(name, type, qualifiers, doc, (), location_of(cursor)), cursor)

    def _function(self, cursor: Any) -> None:
        name, symbol = self._name(cursor), self._symbol(cursor)
        actual = self.types.function(cursor)
        if actual is None:
            return
        for part in (actual.result, *(p.type for p in actual.parameters)):
            self.types.complete(part)
        attributes = self._attributes(cursor)
        doc = self.comments.of(cursor)
        function = Function(name, actual, symbol, "", doc, attributes, location_of(cursor))
        if cursor.storage_class.name == "STATIC" or self._is_only_inline(cursor):
            self.inline.setdefault(name, function)
            return
        self.inline.pop(name, None)
        earlier = self.functions.get(name)
        if earlier is None:
            self.functions[name] = self._add(function, cursor)
            return
        known = self.declarations[earlier]
        assert isinstance(known, Function)
        better = actual if _says_more(actual, known.type) else known.type
        label = symbol if known.symbol == known.name else known.symbol
        self.declarations[earlier] = replace(
            known,
            type=better,
            symbol=label,
            doc=known.doc or doc,
            attributes=known.attributes or attributes,
        )

    def _is_only_inline(self, cursor: Any) -> bool:
        """An inline definition that no library need have; an earlier declaration says one has."""
        return bool(_is_inlined(cursor)) and self._name(cursor) not in self.functions

    def _variable(self, cursor: Any) -> None:
        if cursor.storage_class.name == "STATIC":
            return
        name, symbol = self._name(cursor), self._symbol(cursor)
        type, qualifiers = self.types.convert(cursor.type, cursor)
        self.types.complete(type)
        location = location_of(cursor)
        if cursor.tls_kind.name != "NONE":
            self.notes.append(
                Note(name, "there is one for each thread: describe a function", location)
            )
            return
        doc = self.comments.of(cursor)
        attributes = self._attributes(cursor)
        variable = Variable(name, type, symbol, qualifiers, "", doc, attributes, location)
        earlier = self.variables.get(name)
        if earlier is None:
            self.variables[name] = self._add(variable, cursor)
            return
        known = self.declarations[earlier]
        if isinstance(known, Variable) and _is_open_array(known.type):
            self.declarations[earlier] = replace(known, type=type)

    def _name(self, cursor: Any) -> str:
        """The name that the header's reader uses: a macro may have given it another one."""
        name: str = cursor.spelling
        place = cursor.location
        if place.file is not None:
            found = WORD.match(self._source(place.file.name), place.offset)
            written = found[0].decode() if found else name
            if written != name:
                macro = self.macros.get(written)
                if macro is not None and macro.target == name:
                    return written
        return name

    def _symbol(self, cursor: Any) -> str:
        for child in cursor.get_children():
            if child.kind.name == "ASM_LABEL_ATTR":
                label: str = child.spelling
                return label.removeprefix("\x01")
        name: str = cursor.spelling
        return name

    def _attributes(self, cursor: Any) -> tuple[Attribute, ...]:
        if cursor.availability.name == "DEPRECATED":
            return (Attribute("deprecated"),)
        return ()

    # ---- the result

    def describe(
        self, text: str, words: Sequence[str], only: Sequence[str], exclude: Sequence[str]
    ) -> HeaderDescription:
        """The description, with the constants at their places."""
        taken = {d.name for d in self.declarations if isinstance(d, (Function, Variable, Typedef))}
        enumerators = {
            e.name for d in self.declarations if isinstance(d, Enum) for e in d.enumerators or ()
        }
        taken |= enumerators | self.inline.keys()
        candidates = [m for m in self.macros.values() if m.name not in taken]
        values = evaluate(text, words, candidates)
        constants: list[tuple[Macro, Declaration]] = []
        function_macros, other_macros = [], []
        for macro in self.macros.values():
            if macro.function_like:
                function_macros.append(macro)
            elif macro.name in values:
                value = values[macro.name]
                constant = Constant(macro.name, value, macro.doc, (), macro.location)
                constants.append((macro, constant))
            elif macro.name not in taken and macro.body:
                alias = self._alias(macro)
                if alias is None:
                    other_macros.append(macro)
                else:
                    constants.append((macro, alias))
        declarations = self._merged(constants)
        kept = [d for d in declarations if is_wanted(d, only, exclude)]
        described = HeaderDescription(", ".join(self.headers), kept)
        described.inline = list(self.inline.values())
        described.function_macros, described.other_macros = function_macros, other_macros
        described.files = [name for name, wanted in self.files.items() if wanted]
        described.notes = self.notes
        return described

    def _alias(self, macro: Macro) -> Declaration | None:
        """A macro that is another name of a function or variable: a declaration of its own."""
        for table in (self.functions, self.variables):
            index = table.get(macro.target)
            if index is not None:
                known = self.declarations[index]
                assert isinstance(known, (Function, Variable))
                return replace(known, name=macro.name, location=macro.location)
        return None

    def _merged(self, constants: Iterable[tuple[Macro, Declaration]]) -> list[Declaration]:
        """The declarations in their order, each constant before what follows it in its file."""
        waiting: dict[str, list[tuple[int, Declaration]]] = {}
        for macro, declaration in constants:
            waiting.setdefault(macro.location.file, []).append((macro.offset, declaration))
        for queue in waiting.values():
            queue.sort(key=lambda item: item[0], reverse=True)
        merged: list[Declaration] = []
        for declaration, (file, offset) in zip(self.declarations, self.places, strict=True):
            queue = waiting.get(file, [])
            while queue and queue[-1][0] < offset:
                merged.append(queue.pop()[1])
            merged.append(declaration)
        for queue in waiting.values():
            merged += [declaration for _, declaration in reversed(queue)]
        return merged


def _matches(name: str, pattern: str) -> bool:
    return fnmatch.fnmatch(name, pattern) or fnmatch.fnmatch(name, f"*/{pattern}")


def is_wanted(declaration: Declaration, only: Sequence[str], exclude: Sequence[str]) -> bool:
    name = getattr(declaration, "name", "")
    names = [name, name.partition(" ")[2]] if " " in name else [name]
    if isinstance(declaration, Enum):
        names += [e.name for e in declaration.enumerators or ()]
    if any(fnmatch.fnmatchcase(n, pattern) for n in names[:2] for pattern in exclude):
        return False
    return not only or any(fnmatch.fnmatchcase(n, pattern) for n in names for pattern in only)


def _says_more(one: FunctionType, other: FunctionType) -> bool:
    if one.prototyped != other.prototyped:
        return one.prototyped
    return sum(bool(p.name) for p in one.parameters) > sum(bool(p.name) for p in other.parameters)


def _is_open_array(type: Type) -> bool:
    actual = resolved(type)
    return isinstance(actual, Array) and actual.length is None


def _is_inlined(cursor: Any) -> int:
    from symbridge.describe.compiler import libclang

    cindex: Any = libclang()
    found: int = cindex.conf.lib.clang_Cursor_isFunctionInlined(cursor)
    return found
