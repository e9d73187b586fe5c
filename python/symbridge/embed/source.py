"""C source by which a library carries its description, checked against its headers as it compiles.

write_source() writes one file, in C11 for gcc and clang, that needs nothing but the library's own
headers. It includes them, and then

- checks that every function and variable has the described type, every record the described size,
  alignment and offsets, every enumerator and constant the described value. What differs does not
  compile, and the compiler's message names the line of the description;
- defines the two notes (see `symbridge.embed.note`): the description's text, and the facts, whose
  sizes, offsets and values are computed by the compiler that makes the library.

Sizes and offsets are checked where the machine is like the one the source was made on (in the size
of pointers and of long double): elsewhere they differ rightly. Facts hold anywhere.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace

from symbridge.declarations import (
    Alias,
    Array,
    Constant,
    Declaration,
    Description,
    Enum,
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
    Variable,
    parse,
    spell,
)
from symbridge.declarations import Field as RecordField
from symbridge.embed.facts import Fact, digest, facts_of, members_digest
from symbridge.embed.note import DESCRIPTION, FACTS, FACTS_FORMAT, OWNER, SECTION, fnv1a
from symbridge.failure import ToolError

__all__ = ["HASH_MARK", "write_source"]

#: What stands before the hash of the description's text (SHA-256, hexadecimal) in the source, so
#: that a build can tell whether the source is of the description that lies there now.
HASH_MARK = "description-sha256: "

#: Scalars as wide as a pointer where the system is one of Unix.
_WORDS = frozenset(
    ("long", "unsigned long", "intptr_t", "uintptr_t", "ptrdiff_t", "size_t", "ssize_t")
)

_HEADERS = {"ssize_t": "sys/types.h", "char16_t": "uchar.h", "char32_t": "uchar.h"}

_CHECKS = """\
/* ---- the description against the headers ---------------------------------------------------- */

#pragma GCC diagnostic ignored "-Wpragmas"
#pragma GCC diagnostic ignored "-Wunknown-warning-option"
#pragma GCC diagnostic ignored "-Wpedantic"
#pragma GCC diagnostic ignored "-Woverlength-strings"
#pragma GCC diagnostic ignored "-Wunterminated-string-initialization"
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
#pragma GCC diagnostic ignored "-Wredundant-decls"
#pragma GCC diagnostic ignored "-Wstrict-prototypes"
#pragma GCC diagnostic ignored "-Wtype-limits"
#pragma GCC diagnostic ignored "-Wsign-compare"
#pragma GCC diagnostic ignored "-Wfloat-equal"
#pragma GCC diagnostic ignored "-Wunused-function"
#pragma GCC diagnostic error "-Woverflow"
#ifdef __clang__
#pragma GCC diagnostic ignored "-Wgnu-folding-constant"
#pragma GCC diagnostic ignored "-Wvla"
#pragma GCC diagnostic ignored "-Wtautological-compare"
#pragma GCC diagnostic error "-Wbitfield-constant-conversion"
#endif

/* Whether this machine lays out otherwise than the one did that this was made on. */
#if __SIZEOF_POINTER__ == {pointer} && __SIZEOF_LONG_DOUBLE__ == {long_double}
#define SYMBRIDGE_ELSEWHERE 0
#else
#define SYMBRIDGE_ELSEWHERE 1
#endif
"""

_NOTES = """\
/* ---- the notes ------------------------------------------------------------------------------ */

/* Linkers keep sections of notes, also with --gc-sections; `used` keeps compilers from dropping
 * what nothing refers to. The objects have names so that a linker can be told to take this file out
 * of an archive: -u {anchor} */
#define SYMBRIDGE_NOTE \\
    __attribute__((used, section("{section}"), aligned(4), visibility("hidden")))
#define SYMBRIDGE_LOW(value) (uint32_t)((uint64_t)(value) & 0xffffffffu)
#define SYMBRIDGE_HIGH(value) (uint32_t)((uint64_t)(value) >> 32)
#define SYMBRIDGE_FACT(key_low, key_high, value) \\
    {{key_low, key_high, SYMBRIDGE_LOW(value), SYMBRIDGE_HIGH(value)}}
#if __SIZEOF_POINTER__ == 8
#define SYMBRIDGE_WORDS(on_64_bits, on_32_bits) on_64_bits
#else
#define SYMBRIDGE_WORDS(on_64_bits, on_32_bits) on_32_bits
#endif
"""


def write_source(
    text: str | bytes,
    headers: Sequence[str],
    *,
    file: str = "<description>",
    name: str = "carried_description.c",
    anchor: str = "",
) -> str:
    """The C source that carries a description.

    text: the description's. file: its name, for the compiler's messages.
    headers: what the source includes, such as "core/core.h" (written in angle brackets) or, with
        its own quotes, '"core.h"'.
    name: the name of the source, for what the compiler says of the rest of it.
    anchor: the C identifier of the description's note; by default made of `file`.

    Raises DescriptionError when the text is no description, ToolError when it can never be right.
    """
    data = text if isinstance(text, bytes) else text.encode()
    description = parse(data, file)
    if not headers:
        raise ToolError(
            "no headers to check the description against", hint="name them, such as core/core.h"
        )
    anchor = anchor or _anchor_of(file)
    if not re.fullmatch(r"[A-Za-z_]\w*", anchor):
        raise ToolError(f"'{anchor}' is no C identifier")
    writer = _Writer(description, name)
    writer.put_head(data, file, headers)
    writer.put_checks()
    writer.put_notes(data, anchor)
    return "\n".join(writer.lines) + "\n"


def _included(header: str) -> str:
    return header if header.startswith(("<", '"')) else f"<{header}>"


def _anchor_of(file: str) -> str:
    stem = re.sub(r"\.bridge$", "", re.split(r"[/\\]", file)[-1])
    return "symbridge_description_of_" + re.sub(r"\W", "_", stem, flags=re.ASCII)


@dataclass
class _Entry:
    """A row of the table of facts, and the preprocessor's condition for it."""

    row: str
    condition: str = ""


@dataclass
class _Writer:
    description: Description
    name: str
    lines: list[str] = field(default_factory=list)

    # -- the head

    def put_head(self, data: bytes, file: str, headers: Sequence[str]) -> None:
        base = re.split(r"[/\\]", file)[-1]
        self.lines += [
            f"/* {_in_comment(self.name)} - the library carries its description,"
            f" {_in_comment(base)}, in ELF notes.",
            " *",
            " * Made by `symbridge embed --source`; not to be edited, but made again when the"
            " description has",
            " * changed. It does not compile when the description says other than the headers.",
            " *",
            f" * {HASH_MARK}{hashlib.sha256(data).hexdigest()}",
            " */",
            *(f"#include {_included(h)}" for h in headers),
            "",
            "#include <stddef.h>",
            "#include <stdint.h>",
            *(f"#include <{header}>" for header in self._more_headers()),
            "",
        ]

    def _more_headers(self) -> list[str]:
        names = {s.name for d in self.description.declarations for s in _scalars(d)}
        return sorted({_HEADERS[name] for name in names if name in _HEADERS})

    # -- checks

    def put_checks(self) -> None:
        long_double = next(
            s.size
            for s in _scalars(next(parse("extern long double x;").variables()))
            if s.name == "long double"
        )
        pointer = next(s.size for s in _scalars(next(parse("extern size_t x;").variables())))
        self.lines += (
            _CHECKS.replace("{pointer}", str(pointer))
            .replace("{long_double}", str(long_double))
            .split("\n")
        )
        names = {f.name for f in self.description.functions()}
        for declaration in self.description.declarations:
            match declaration:
                case Function():
                    self._check_function(declaration, names)
                case Variable():
                    self._check_variable(declaration)
                case Record() if declaration.name:
                    self._check_members(declaration, declaration, "")
                case Constant():
                    self._check_constant(declaration)
        for fact in facts_of(self.description):
            self._check_number(fact)
        self._back_here()

    def _at(self, location: Location, *lines: str) -> None:
        for line in lines:
            self.lines.append(f"#line {max(location.line, 1)} {_literal(location.file)}")
            self.lines.append(line)

    def _back_here(self) -> None:
        self.lines += [f"#line {len(self.lines) + 2} {_literal(self.name)}", ""]

    def _check_function(self, function: Function, names: Iterable[str]) -> None:
        if not _is_checked(function):
            return
        name = function.name
        type = _nameable(function.type)
        shown = _literal(
            f"{name} is described as `{spell(function.type, name, names=True)}`;"
            " the headers declare it otherwise"
        )
        typedef = f"typedef {spell(type, f'symbridge_described_{name}')};"
        if function.symbol != name and function.symbol in names:
            # Another name for a function that the headers have under its own.
            self._at(function.location, typedef, _is_of_type(function.symbol, name, shown))
            return
        check = _is_of_type(name, name, shown)
        # Declared once more, so that the compiler says what the headers have.
        again = f"extern symbridge_described_{name} {name};"
        self._at(function.location, typedef, check, again)

    def _check_variable(self, variable: Variable) -> None:
        if not _is_checked(variable):
            return
        name = variable.name
        spelled = spell(variable.type, name, variable.qualifiers)
        shown = _literal(f"{name} is described as `{spelled}`; the headers declare it otherwise")
        typedef = f"typedef {spell(_nameable(variable.type), f'symbridge_described_{name}')};"
        self._at(variable.location, typedef, _is_of_type(name, name, shown))

    def _check_members(self, outer: Record, record: Record, path: str) -> None:
        for member in record.fields or ():
            whole = f"{path}{member.name}"
            if isinstance(member.type, Record) and not member.type.name:
                inner = f"{whole}." if member.name else path
                self._check_members(outer, member.type, inner)
            elif member.name and member.bit_width:
                self._check_bit_field(outer, member, whole)
            elif member.name and not _has_unnamed(member.type):
                self._check_member(outer, member, whole)

    def _check_member(self, outer: Record, member: RecordField, path: str) -> None:
        spelled = spell(member.type, member.name, member.qualifiers)
        what = f"{outer.name}.{path} is described as `{spelled}`"
        shown = _literal(f"{what}; the headers declare it otherwise")
        name = re.sub(r"\W", "_", f"{outer.name}_{path}")
        typedef = f"typedef {spell(_nameable(member.type), f'symbridge_described_{name}')};"
        check = _is_of_type(f"(({outer.name} *)0)->{path}", name, shown)
        self._at(member.location, typedef, check)

    def _check_bit_field(self, outer: Record, member: RecordField, path: str) -> None:
        """No constant tells where bits lie or how many there are, but a value that just fits shows
        that there are not fewer."""
        width = member.bit_width or 0
        scalar = member.type.underlying if isinstance(member.type, Enum) else member.type
        if not isinstance(scalar, Scalar):
            return
        if scalar.kind is Kind.INT:
            value = f"-{(1 << (width - 1)) - 1}ll - 1"
        else:
            value = f"{(1 << width) - 1}ull"
        function = re.sub(r"\W", "_", f"symbridge_described_{outer.name}_{path}")
        line = (
            f"static inline void {function}(void) {{ (void)({outer.name}){{.{path} = {value}}}; }}"
        )
        self._at(member.location, line)

    def _check_constant(self, constant: Constant) -> None:
        name, value = constant.name, constant.value
        shown = _literal(f"{name} is described as {_shown(value)}; the headers say otherwise")
        if isinstance(value, str) and type(value) is str:
            size = len(value.encode("utf-8", "surrogateescape")) + 1
            check = (
                f"_Static_assert(sizeof({name}) == {size} && "
                f"__builtin_memcmp({name}, {_literal(value)}, {size}) == 0, {shown});"
            )
        elif isinstance(value, bool):
            check = f"_Static_assert(({name}) == {int(value)}, {shown});"
        elif isinstance(value, float) and value == value and abs(value) != float("inf"):
            # Not a constant expression to clang, but the length of an array.
            array = f"typedef char symbridge_described_{name}[({name}) == {value!r} ? 1 : -1];"
            self.lines.append("#ifdef __clang__")
            self._at(constant.location, array)
            self.lines.append("#else")
            self._at(constant.location, f"_Static_assert(({name}) == {value!r}, {shown});")
            self.lines.append("#endif")
            return
        else:
            return  # whole numbers are facts; other constants are the description's own
        self._at(constant.location, check)

    def _check_number(self, fact: Fact) -> None:
        expression, value = fact.expression, fact.value
        if not expression:
            return
        what = fact.text.removeprefix("enumerator ").removeprefix("constant ")
        shown = _literal(f"{what} is described as {value}; the headers say otherwise")
        if fact.text.startswith(("enumerator ", "constant ")):
            same = f"(unsigned long long){expression} == {value & (1 << 64) - 1}ull"
            sign = f"({expression} < 0) == {int(value < 0)}"
            check = f"_Static_assert({same} && {sign}, {shown});"
        else:
            same = f"{expression} == {value}"
            check = f"_Static_assert(SYMBRIDGE_ELSEWHERE || {same}, {shown});"
        self._at(fact.location, check)

    # -- notes

    def put_notes(self, data: bytes, anchor: str) -> None:
        entries = [self._entry(f) for f in facts_of(self.description) if _is_checked(f.declaration)]
        notes = _NOTES.format(section=SECTION, anchor=anchor)
        self.lines += [*notes.split("\n"), "enum {"]
        conditions = sorted({e.condition for e in entries if e.condition})
        always = sum(not e.condition for e in entries)
        self.lines.append(f"    symbridge_always = {always},")
        for number, condition in enumerate(conditions):
            count = sum(e.condition == condition for e in entries)
            self.lines += [
                f"#if {condition}",
                f"    symbridge_more_{number} = {count},",
                "#else",
                f"    symbridge_more_{number} = 0,",
                "#endif",
            ]
        total = " + ".join(
            ["symbridge_always", *(f"symbridge_more_{n}" for n in range(len(conditions)))]
        )
        self.lines += [f"    symbridge_facts = {total}", "};", ""]
        self._put_description(data, anchor)
        if entries:
            self._put_facts(entries, anchor)

    def _entry(self, fact: Fact) -> _Entry:
        key = fnv1a(fact.text.encode())
        words = f"{key & 0xFFFFFFFF:#010x}, {key >> 32:#010x}"
        note = f"/* {_in_comment(fact.text)} */"
        if fact.expression:
            return _Entry(f"SYMBRIDGE_FACT({words}, {fact.expression}), {note}")
        wide, narrow = (_digest_of(fact.declaration, _word_of(size)) for size in (8, 4))
        value = f"{wide:#018x}ull"
        if wide != narrow:
            value = f"SYMBRIDGE_WORDS({value}, {narrow:#018x}ull)"
        conditions = sorted({c for s in _scalars(fact.declaration) if (c := _condition(s))})
        row = f"SYMBRIDGE_FACT({words}, {value}), {note}"
        return _Entry(row, " && ".join(conditions))

    def _put_description(self, data: bytes, anchor: str) -> None:
        size = len(data)
        text = [f"        {_literal(line)}" for line in data.splitlines(keepends=True)] or ['""']
        self.lines += [
            "SYMBRIDGE_NOTE const struct {",
            "    uint32_t owner_size, size, type;",
            "    char owner[12];",
            f"    char text[{max(size + -size % 4, 4)}];",
            f"}} {anchor} = {{",
            f"    {len(OWNER) + 1}, {size}, {DESCRIPTION}, {_literal(OWNER)},",
            *text,
            "};",
            "",
        ]

    def _put_facts(self, entries: Sequence[_Entry], anchor: str) -> None:
        self.lines += [
            "SYMBRIDGE_NOTE const struct {",
            "    uint32_t owner_size, size, type;",
            "    char owner[12];",
            "    uint32_t format, count;",
            "    struct {",
            "        uint32_t key_low, key_high, value_low, value_high;",
            "    } facts[symbridge_facts];",
            f"}} {anchor}_facts = {{",
            f"    {len(OWNER) + 1}, 8 + 16 * symbridge_facts, {FACTS}, {_literal(OWNER)},",
            f"    {FACTS_FORMAT}, symbridge_facts, {{",
        ]
        for entry in entries:
            if entry.condition:
                self.lines += [f"#if {entry.condition}", f"        {entry.row}", "#endif"]
            else:
                self.lines.append(f"        {entry.row}")
        self.lines += ["    },", "};"]


# ---- what can be checked, and on which machines


def _is_checked(declaration: Declaration) -> bool:
    """Whether headers can be held against it: an [[optional]] function may not be in them, and
    types without a name cannot be written twice."""
    if not isinstance(declaration, (Function, Variable)):
        return True
    is_optional = any(a.name == "optional" for a in declaration.attributes)
    return not is_optional and not _has_unnamed(declaration.type)


def _has_unnamed(type: Type) -> bool:
    match type:
        case Record() | Enum():
            return not type.name
        case Pointer() | Alias():
            return _has_unnamed(type.target)
        case Array():
            return _has_unnamed(type.element)
        case FunctionType():
            parts = (type.result, *(p.type for p in type.parameters))
            return any(_has_unnamed(part) for part in parts)
    return False


_VA_LIST = Scalar("__builtin_va_list", Kind.FOREIGN, 0, 1)


def _nameable(type: Type) -> Type:
    """The type with names that C source can use: the struct behind va_list has none."""
    match type:
        case Record(tag="__va_list"):
            return _VA_LIST
        case Pointer(target=Record(tag="__va_list_tag")):
            return _VA_LIST
        case Pointer():
            return replace(type, target=_nameable(type.target))
        case Array():
            return replace(type, element=_nameable(type.element))
        case FunctionType():
            parameters = tuple(
                Parameter("", _nameable(p.type), p.qualifiers & Qualifier.RESTRICT)
                for p in type.parameters
            )
            return replace(type, result=_nameable(type.result), parameters=parameters)
    return type


def _scalars(declaration: Declaration | Type) -> list[Scalar]:
    """The scalars in a prototype, or in what a record holds. Named records are names there."""
    found: list[Scalar] = []
    todo: list[object] = [declaration]
    if isinstance(declaration, Record):
        todo = [member.type for member in declaration.fields or ()]
    while todo:
        match todo.pop():
            case Function(type=type) | Variable(type=type):
                todo.append(type)
            case Scalar() as scalar:
                found.append(scalar)
            case Pointer(target=type) | Alias(target=type) | Array(element=type):
                todo.append(type)
            case Record(tag="", typedef="", fields=fields):
                todo += [member.type for member in fields or ()]
            case FunctionType(result=result, parameters=parameters):
                todo += [result, *(p.type for p in parameters)]
    return found


def _digest_of(declaration: Declaration, size_of: Callable[[Scalar], int]) -> int:
    if isinstance(declaration, Record):
        return members_digest(declaration, size_of)
    assert isinstance(declaration, (Function, Variable))
    return digest(declaration.type, size_of)


def _word_of(pointer_size: int) -> Callable[[Scalar], int]:
    """How many bytes scalars have on a machine with pointers of that size."""

    def size_of(scalar: Scalar) -> int:
        return pointer_size if scalar.name in _WORDS else scalar.size

    return size_of


def _condition(scalar: Scalar) -> str:
    """When a scalar has the size that it has here, for the preprocessor; "" for always."""
    if scalar.name.startswith("long double"):
        size = scalar.size // (2 if scalar.kind is Kind.COMPLEX else 1)
        return f"__SIZEOF_LONG_DOUBLE__ == {size}"
    if scalar.name == "wchar_t":
        return f"__SIZEOF_WCHAR_T__ == {scalar.size}"
    if match := re.fullmatch(r"u?int_fast(16|32)_t", scalar.name):
        return f"UINT_FAST{match[1]}_MAX == UINT{scalar.size * 8}_MAX"
    return ""


# ---- text in C


def _is_of_type(expression: str, name: str, message: str) -> str:
    """The assertion that an expression has the type symbridge_described_NAME. Written out, since
    compilers place what they say of a macro at its definition."""
    types = f"__typeof__({expression}), symbridge_described_{name}"
    return f"_Static_assert(__builtin_types_compatible_p({types}), {message});"


def _literal(text: str | bytes) -> str:
    """A string literal of these bytes, in ASCII."""
    data = text if isinstance(text, bytes) else text.encode("utf-8", "surrogateescape")
    parts = []
    for byte in data:
        char = chr(byte)
        if char == "\n":
            parts.append("\\n")
        elif char in '\\"?':  # ?? would begin a trigraph
            parts.append("\\" + char)
        elif 32 <= byte < 127:
            parts.append(char)
        else:
            parts.append(f"\\{byte:03o}")
    return '"' + "".join(parts) + '"'


def _in_comment(text: str) -> str:
    return re.sub(r"[^\x20-\x7e]", "?", text).replace("*/", "* /").replace("/*", "/ *")


def _shown(value: object) -> str:
    return f"'{value}'" if isinstance(value, str) else str(value)
