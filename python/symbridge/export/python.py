"""What the exported Python modules have in common: literals, docstrings, names."""

from __future__ import annotations

import keyword

__all__ = ["assignment", "docstring", "path_parameter", "safe_name", "text_literal"]


def text_literal(text: str) -> str:
    """A string in double quotes, where that needs no more escapes."""
    literal = repr(text)
    return f'"{literal[1:-1]}"' if literal[0] == "'" and '"' not in literal else literal


def docstring(doc: str, indent: str = "") -> list[str]:
    """The lines of a docstring; none for an empty text."""
    if not doc.strip():
        return []
    text = doc.strip().replace("\\", "\\\\").replace('"""', '\\"\\"\\"')
    if text.endswith('"'):
        text = text[:-1] + '\\"'
    lines = text.split("\n")
    if len(lines) == 1:
        return [f'{indent}"""{text}"""']
    rest = [f"{indent}{line}".rstrip() for line in lines[1:]]
    return [f'{indent}"""{lines[0].rstrip()}', *rest, f'{indent}"""']


def safe_name(name: str) -> str:
    """The name, with "_" behind it where it is a keyword of Python."""
    return f"{name}_" if keyword.iskeyword(name) else name


def assignment(name: str, value: object) -> list[str]:
    """NAME = value, for numbers and strings."""
    if isinstance(value, float) and repr(value) in ("inf", "-inf", "nan"):
        return [f'{safe_name(name)} = float("{value!r}")']
    text = text_literal(value) if isinstance(value, str) else repr(value)
    return [f"{safe_name(name)} = {text}"]


def path_parameter(soname: str) -> str:
    """The parameter of open_library(): what a description without a library needs must be given."""
    return "path: str = SONAME" if soname else "path: str"
