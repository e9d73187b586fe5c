"""A description for LuaJIT: a Lua module with the text for ffi.cdef, its loader and constants.

LuaJIT's parser of C knows GNU attributes, bit-fields and symbols with other names. It does not know
__int128, the wider types of <stdint.h> and <uchar.h>, enums of another size than int, and calls
neither take nor give long double.
"""

from __future__ import annotations

from symbridge.declarations import Description
from symbridge.export.declarer import Declarer, Dialect

__all__ = ["DIALECT", "write"]

_PLAIN = {
    "ssize_t": "ptrdiff_t",
    "char16_t": "uint16_t",
    "char32_t": "uint32_t",
    "intmax_t": "int64_t",
    "uintmax_t": "uint64_t",
    **{f"{u}int_least{n}_t": f"{u}int{n}_t" for u in ("", "u") for n in (8, 16, 32, 64)},
    "int_fast8_t": "int8_t",
    "uint_fast8_t": "uint8_t",
    **{f"int_fast{n}_t": "intptr_t" for n in (16, 32)},
    **{f"uint_fast{n}_t": "uintptr_t" for n in (16, 32)},
    "int_fast64_t": "int64_t",
    "uint_fast64_t": "uint64_t",
    "float _Complex": "complex float",
    "double _Complex": "complex double",
}

DIALECT = Dialect(
    unknown=frozenset({"__int128", "unsigned __int128", "long double _Complex"}),
    not_passed=frozenset({"long double"}),
    renamed=tuple(_PLAIN.items()),
    predefined=frozenset({"size_t", "wchar_t", "ptrdiff_t", "va_list", "FILE"}),
)

_LOADER = """\
local library

--- Opens the library: the soname by default, or a path with a slash. Called by itself at the first
--- use of a function or variable.
function M.open(path)
  library = ffi.load(assert(path or SONAME, "the description names no library: open(path)"))
  return M
end

return setmetatable(M, {
  __index = function(_, name)
    if library == nil then M.open() end
    return library[name]
  end,
  __newindex = function(_, name, value)
    if library == nil then M.open() end
    library[name] = value
  end,
})
"""


def write(description: Description, source: str) -> str:
    """The module's text. source: the name of the description."""
    declarer = Declarer(description, DIALECT).run()
    text = "\n".join(line for item in declarer.items for line in item.lines)
    needs_file = "stdio.h" in declarer.headers
    level = "="
    while f"]{level}]" in text:
        level += "="
    lines = [
        f"-- Written by `symbridge export` from {source}: changes here are lost.",
        'local ffi = require("ffi")',
        "",
        f"ffi.cdef[{level}[",
        *(["typedef struct _IO_FILE FILE;"] if needs_file else []),
        text,
        f"]{level}]",
        "",
        f"local SONAME = {_string(description.library) if description.library else 'nil'}",
        "",
        "local M = {",
        *(f"  [{_string(n)}] = {_value(v)}," for n, v in declarer.constants.items()),
        "}",
        "",
        *(f"-- left out: {one}" for one in declarer.left_out),
    ]
    return "\n".join(lines) + "\n" + _LOADER


def _value(value: int | float | str | bool | None) -> str:
    match value:
        case None:
            return "nil"
        case bool():
            return "true" if value else "false"
        case int():
            if abs(value) <= 2**53:
                return str(value)
            return f"{value}ULL" if value > 0 else f"-{-value}LL"
        case float():
            special = {"inf": "1/0", "-inf": "-1/0", "nan": "0/0"}
            return special.get(repr(value), repr(value))
    return _string(value)


def _string(text: str) -> str:
    """A Lua string: bytes that are no plain characters as decimal escapes."""
    parts = []
    for byte in text.encode("utf-8", "surrogateescape"):
        character = chr(byte)
        if character in '"\\':
            parts.append(f"\\{character}")
        elif 32 <= byte < 127:
            parts.append(character)
        else:
            parts.append(f"\\{byte:03d}")
    return f'"{"".join(parts)}"'
