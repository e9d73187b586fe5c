"""Macros: which are constants and of which value, and which only give a function another name."""

from __future__ import annotations

import ctypes
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from symbridge.declarations import NOWHERE, Location
from symbridge.describe.compiler import libclang, parse

__all__ = ["Macro", "evaluate"]

#: What no expression has in it.
NO_EXPRESSION = re.compile(r"[{};#@`]|\b(?:asm|__asm__|__attribute__|_Pragma|return|goto)\b")
IDENTIFIER = re.compile(r"[A-Za-z_]\w*")
STRING_OR_CHARACTER = re.compile(r'"(?:[^"\\]|\\.)*"|\'(?:[^\'\\]|\\.)*\'', re.DOTALL)

#: How libclang calls the kinds of what it evaluated.
INTEGER, FLOATING, STRING = 1, 2, 4

#: The most macros whose values are asked for at once, and the longest that is looked at.
MOST_MACROS = 200_000
LONGEST_MACRO = 10_000

#: A string that is cast to a pointer to another kind of characters.
CAST_STRING = re.compile(
    r"\(?\s*\(\s*(?:const\s+)?\w+(?:\s+\w+)?(?:\s+const)?\s*\*\s*(?:const\s*)?\)\s*"
    r"((?:\"(?:[^\"\\]|\\.)*\"\s*)+)\)?"
)

PREFIX = "symbridge_constant_"


@dataclass(frozen=True, slots=True)
class Macro:
    """One #define, as written."""

    name: str
    body: str  # of what has parameters, with them
    function_like: bool
    location: Location = NOWHERE
    offset: int = 0
    doc: str = ""

    @property
    def target(self) -> str:
        """The one identifier that it stands for, or ""."""
        body = self.body
        while body.startswith("(") and body.endswith(")"):
            body = body[1:-1].strip()
        return body if not self.function_like and IDENTIFIER.fullmatch(body) else ""

    @property
    def may_be_constant(self) -> bool:
        """Whether it is worth asking for its value."""
        if self.function_like or not self.body or len(self.body) > LONGEST_MACRO:
            return False
        plain = STRING_OR_CHARACTER.sub("0", self.body)
        return NO_EXPRESSION.search(plain) is None and plain.count("(") == plain.count(")")


def evaluate(
    text: str, words: Sequence[str], macros: Iterable[Macro]
) -> dict[str, int | float | str]:
    """The values of those macros that are integers, floating-point numbers or strings.

    text includes the headers. Each macro initialises a variable of its own type behind it, whose
    value libclang knows if the macro is a constant expression.
    """
    wanted = {m.name: m for m in macros if m.may_be_constant}
    names = list(wanted)[:MOST_MACROS]
    if not names:
        return {}
    lines = []
    for i, name in enumerate(names):
        cast = CAST_STRING.fullmatch(wanted[name].body)
        lines.append(f"__auto_type {PREFIX}{i} = {cast[1] if cast else name}\n;")
    unit: Any = parse(
        "symbridge-constants.c",
        text + "\n".join([*lines, ""]),
        words,
        keep_macros=False,
        strict=False,
    )
    values: dict[str, int | float | str] = {}
    for cursor in unit.cursor.get_children():
        if cursor.spelling.startswith(PREFIX):
            value = _value(cursor)
            if value is not None:
                values[names[int(cursor.spelling[len(PREFIX) :])]] = value
    return values


def _value(cursor: Any) -> int | float | str | None:
    """What libclang makes of a variable's initialiser."""
    lib = _functions()
    result = lib.clang_Cursor_Evaluate(cursor)
    if not result:
        return None
    try:
        kind = lib.clang_EvalResult_getKind(result)
        if kind == INTEGER:
            if lib.clang_EvalResult_isUnsignedInt(result):
                return int(lib.clang_EvalResult_getAsUnsigned(result))
            return int(lib.clang_EvalResult_getAsLongLong(result))
        if kind == FLOATING:
            return float(lib.clang_EvalResult_getAsDouble(result))
        if kind == STRING:
            found: bytes = lib.clang_EvalResult_getAsStr(result)
            return found.decode("utf-8", "surrogateescape")
        return None
    finally:
        lib.clang_EvalResult_dispose(result)


def _functions() -> Any:
    """libclang's functions for values, which its Python module does not declare."""
    cindex: Any = libclang()
    lib = cindex.conf.lib
    if lib.clang_Cursor_Evaluate.restype is not ctypes.c_void_p:
        for name, result in (
            ("getKind", ctypes.c_int),
            ("isUnsignedInt", ctypes.c_uint),
            ("getAsUnsigned", ctypes.c_ulonglong),
            ("getAsLongLong", ctypes.c_longlong),
            ("getAsDouble", ctypes.c_double),
            ("getAsStr", ctypes.c_char_p),
            ("dispose", None),
        ):
            function = getattr(lib, f"clang_EvalResult_{name}")
            function.argtypes, function.restype = [ctypes.c_void_p], result
        lib.clang_Cursor_Evaluate.argtypes = [cindex.Cursor]
        lib.clang_Cursor_Evaluate.restype = ctypes.c_void_p
    return lib
