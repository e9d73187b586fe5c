"""How single things are spelled in a description: constants, attributes, comments, names.

What needs no knowledge of other declarations; how declarations hang together is in write.py.
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass

from symbridge.declarations import Attribute, FunctionType, Identifier, Value

__all__ = [
    "KEYWORDS",
    "InexpressibleError",
    "Proposed",
    "attributes_text",
    "comment",
    "constant_text",
    "doc_comment",
    "enumerator_value",
    "is_name",
    "prototype",
    "string_literal",
]

#: Words of C, and of its compilers, that cannot be the name of anything.
_KEYWORDS = """
    _Alignas _Alignof _Atomic _BitInt _Bool _Complex _Generic _Imaginary _Noreturn _Static_assert
    _Thread_local __alignof __alignof__ __asm __asm__ __attribute __attribute__ __builtin_offsetof
    __cdecl __complex __complex__ __const __const__ __declspec __extension__ __inline __inline__
    __int128 __restrict __restrict__ __signed __signed__ __stdcall __thread __typeof __typeof__
    __volatile __volatile__ _cdecl _stdcall alignas alignof asm auto bool break case char const
    constexpr continue default do double else enum extern false float for goto if inline int long
    noreturn nullptr offsetof register restrict return short signed sizeof static static_assert
    struct switch thread_local true typedef typeof typeof_unqual union unsigned void volatile while
    NULL
"""
KEYWORDS = frozenset(_KEYWORDS.split())

#: Limits of the engine's: SB_MAX_STRING and SB_MAX_NAME.
LONGEST_STRING = 65_535
LONGEST_NAME = 1023


class InexpressibleError(Exception):
    """Something that no description can say; the text says what and why."""


@dataclass(frozen=True, slots=True)
class Proposed(Attribute):
    """An attribute that somebody has yet to confirm. It is written as /*? [[...]] */, which means
    nothing until the comment's marks are taken away."""

    reason: str = ""


@functools.lru_cache(maxsize=65_536)
def is_name(text: str) -> bool:
    """Whether the text can be the name of something in C."""
    return text.isidentifier() and text not in KEYWORDS and len(text.encode()) <= LONGEST_NAME


def string_literal(text: str) -> str:
    """A string as C writes it. Bytes that are no UTF-8 (surrogates, in Python) become escapes."""
    parts = []
    for character in text:
        if character in '"\\':
            parts.append("\\" + character)
        elif character == "\n":
            parts.append("\\n")
        elif character == "\t":
            parts.append("\\t")
        elif character.isprintable():
            parts.append(character)
        else:
            encoded = character.encode("utf-8", "surrogateescape")
            parts.extend(f"\\{byte:03o}" for byte in encoded)
    literal = "".join(parts)
    if len(text.encode("utf-8", "surrogateescape")) > LONGEST_STRING:
        raise InexpressibleError(f"a string of more than {LONGEST_STRING} bytes")
    return f'"{literal}"'


def constant_text(value: Value) -> str:
    """The value of a constant, as an expression."""
    match value:
        case bool():
            return "true" if value else "false"
        case int():
            return _integer(value)
        case float():
            return _floating(value)
        case str():
            return string_literal(value)
    raise InexpressibleError("its value is not known")


def _integer(value: int) -> str:
    if value == -(1 << 63):
        return f"(-{(1 << 63) - 1} - 1)"
    if -(1 << 63) < value < 1 << 63:
        return str(value)
    if 0 <= value < 1 << 64:
        return f"{value}ULL"
    raise InexpressibleError("its value needs more than 64 bits")


def _floating(value: float) -> str:
    if math.isnan(value):
        return "(1e999 * 0)"
    if math.isinf(value):
        return "1e999" if value > 0 else "-1e999"
    return repr(value)


def enumerator_value(value: int) -> str:
    """The value of an enumerator."""
    return _integer(value)


def attributes_text(attributes: tuple[Attribute, ...]) -> tuple[str, ...]:
    """[[...]] of what is said, and /*? [[...]] */ of what is proposed; nothing for neither."""
    said = [_attribute(a) for a in attributes if not isinstance(a, Proposed)]
    proposed = [_attribute(a) for a in attributes if isinstance(a, Proposed)]
    texts = [f"[[{', '.join(said)}]]"] if said else []
    if proposed:
        texts.append(f"/*? [[{', '.join(proposed)}]] */")
    return tuple(texts)


def _attribute(attribute: Attribute) -> str:
    if not attribute.arguments:
        return attribute.name
    return f"{attribute.name}({', '.join(map(_argument, attribute.arguments))})"


def _argument(value: Value) -> str:
    if isinstance(value, Identifier):
        return str(value)
    return "NULL" if value is None else constant_text(value)


def comment(text: str) -> str:
    """A comment. Nothing in the text can end it, or be read as more than a comment."""
    return f"/* {_inside_comment(text)} */"


def doc_comment(text: str, indent: str = "") -> list[str]:
    """The lines of a doc comment; none for an empty text."""
    lines = _inside_comment(text).strip().splitlines()
    if not lines:
        return []
    if len(lines) == 1 and len(indent) + len(lines[0]) <= 90:
        return [f"{indent}/** {lines[0].rstrip()} */"]
    # A line that begins with a star would lose it to the comment's margin: each has one of its own.
    body = [f"{indent} * {line}".rstrip() for line in lines]
    return [f"{indent}/**", *body, f"{indent} */"]


def _inside_comment(text: str) -> str:
    plain = text.encode("utf-8", "replace").decode("utf-8", "replace").replace("\0", "")
    return plain.replace("*/", "* /").replace("/*", "/ *")


#: Columns of a line.
_WIDTH = 100


def prototype(type: FunctionType, declarator: str, parameters: list[str], wide: bool) -> str:
    """The declarator with its parameters; if `wide`, folded where one line is too short."""
    words = list(parameters)
    if type.variadic:
        words.append("...")
    elif not words and type.prototyped:
        words.append("void")
    joined = ", ".join(words)
    if wide and len(declarator) + len(joined) + 20 > _WIDTH:
        joined = "\n    " + ",\n    ".join(words)
    return f"{declarator}({joined})"
