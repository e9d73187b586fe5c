"""A description for cffi's ABI mode: a Python module with the text for ffi.cdef()."""

from __future__ import annotations

from symbridge.declarations import Description
from symbridge.export.declarer import Declarer, Dialect, LeftOut
from symbridge.export.python import assignment, docstring, path_parameter, text_literal

__all__ = ["DIALECT", "Chunk", "chunks", "write"]

DIALECT = Dialect(
    attributes=False,
    symbols=False,
    unknown=frozenset({"__int128", "unsigned __int128", "long double _Complex"}),
    not_passed=frozenset({"float _Complex", "double _Complex"}),  # in ABI mode
    argument_lists=False,
    wide_enumerators=True,
    predefined=frozenset({"FILE", "size_t", "ssize_t", "wchar_t", "ptrdiff_t"}),
)

#: Text for one call of cdef, and its `pack` argument, 0 for none.
Chunk = tuple[str, int]


def chunks(description: Description) -> tuple[list[Chunk], list[LeftOut], dict[str, object]]:
    """The texts for cdef() in their order, what is left out, and constants that cdef has no words
    for."""
    declarer = Declarer(description, DIALECT).run()
    left_out = list(declarer.left_out)
    found: list[tuple[list[str], int]] = [([], 0)]
    constants: dict[str, object] = {}
    for name, value in declarer.constants.items():
        if isinstance(value, int):
            found[0][0].append(f"#define {name} {int(value)}")
        else:
            constants[name] = value
    for item in declarer.items:
        if item.pack != found[-1][1]:
            found.append(([], item.pack))
        found[-1][0].extend(item.lines)
    return [("\n".join(lines), pack) for lines, pack in found if lines], left_out, constants


def write(description: Description, source: str) -> str:
    """The module's text. source: the name of the description."""
    texts, left_out, constants = chunks(description)
    lines = [
        f"# Written by `symbridge export` from {source}: changes here are lost.",
        *docstring(f"The library of {source} for cffi: ffi, open_library() and constants."),
        "",
        "from cffi import FFI",
        "",
        f"SONAME = {text_literal(description.library)}",
        "",
        "ffi = FFI()",
    ]
    for text, pack in texts:
        lines += ["ffi.cdef(", '    """', *text.split("\n"), '"""']
        lines[-1] += f",\n    pack={pack},\n)" if pack else "\n)"
    lines += [f"# left out: {one}" for one in left_out]
    if constants:
        lines.append("")
    lines += [line for name, value in constants.items() for line in assignment(name, value)]
    lines += [
        "",
        "",
        f"def open_library({path_parameter(description.library)}):",
        '    """Open the library: the soname by default, or a path with a slash."""',
        "    return ffi.dlopen(path)",
    ]
    return "\n".join(lines) + "\n"
