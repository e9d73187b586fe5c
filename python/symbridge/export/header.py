"""A description as a C header."""

from __future__ import annotations

import re

from symbridge.declarations import Description
from symbridge.describe.spelling import InexpressibleError as SpellingError
from symbridge.describe.spelling import comment, constant_text, doc_comment
from symbridge.export.declarer import Declarer, Dialect, Item

__all__ = ["DIALECT", "write"]

DIALECT = Dialect(
    docs=True,
    extension=True,
    renamed=(("_Bool", "bool"),),  # which C++ has too
    predefined=frozenset({"FILE", "DIR", "va_list", "wchar_t", "size_t", "ptrdiff_t"}),
)

#: Headers of C's library, and a name in the text that asks for each.
HEADERS = {
    "stdbool.h": r"bool",
    "stddef.h": r"size_t|ptrdiff_t|wchar_t",
    "stdint.h": r"u?int(_least|_fast)?(8|16|32|64)_t|u?int(max|ptr)_t",
    "sys/types.h": r"ssize_t",
    "uchar.h": r"char(16|32)_t",
}


def write(description: Description, source: str) -> str:
    """The header's text. source: the name of the description."""
    declarer = Declarer(description, DIALECT).run()
    body = _declarations(declarer.items)
    constants = _constants(declarer)
    text = "\n".join([*constants, *body])
    headers = sorted(
        {h for h, names in HEADERS.items() if re.search(rf"\b({names})\b", text)} | declarer.headers
    )
    guard = _guard(source)
    lines = [
        comment(f"Written by `symbridge export` from {source}: changes here are lost."),
        f"#ifndef {guard}",
        f"#define {guard}",
        "",
        *(f"#include <{header}>" for header in headers),
        *([""] if headers else []),
        "#ifdef __cplusplus",
        'extern "C" {',
        "#endif",
        "",
        *constants,
        *([""] if constants else []),
        *body,
        *([""] if body else []),
        *(comment(f"left out: {one}") for one in declarer.left_out),
        "#ifdef __cplusplus",
        "}",
        "#endif",
        f"#endif {comment(guard)}",
    ]
    return "\n".join(lines) + "\n"


def _guard(source: str) -> str:
    return (
        re.sub(r"\W", "_", source.upper().removesuffix(".BRIDGE"), flags=re.ASCII) + "_H_INCLUDED"
    )


def _constants(declarer: Declarer) -> list[str]:
    """Macros. Numbers below zero and longer expressions stand in parentheses."""
    lines = []
    for name, value in declarer.constants.items():
        try:
            text = constant_text(value) if not isinstance(value, bool) else str(int(value))
        except SpellingError as error:
            lines.append(comment(f"left out: {name}: {error}"))
            continue
        if text.startswith("-"):
            text = f"({text})"
        lines += doc_comment(declarer.docs[name])
        lines.append(f"#define {name} {text}")
    return lines


def _declarations(items: list[Item]) -> list[str]:
    """One after another; longer and documented ones with empty lines around them."""
    lines: list[str] = []
    for item in items:
        if len(item.lines) > 1 and lines and lines[-1]:
            lines.append("")
        lines += item.lines
        if len(item.lines) > 1:
            lines.append("")
    while lines and not lines[-1]:
        lines.pop()
    return lines
