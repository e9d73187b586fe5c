"""What the engine knows before it reads a description: C's types and those of its library."""

from __future__ import annotations

import re

from symbridge._ffi import FFI
from symbridge.declarations import (
    Array,
    Kind,
    Pointer,
    Record,
    Scalar,
    Type,
    Void,
    resolved,
)
from symbridge.describe.spelling import InexpressibleError

__all__ = ["BUILTIN_TAGS", "LISTS", "Known", "is_argument_list"]

LISTS = ("va_list", "__builtin_va_list", "__gnuc_va_list")
BUILTIN_TAGS = ("_IO_FILE", "__dirstream", "__va_list_tag", "__va_list")

#: What can be the name of a scalar; nothing else is looked up.
SCALAR_NAME = re.compile(r"(__attribute__\(\(vector_size\(\d{1,7}\)\)\) )?[A-Za-z_][\w ]{0,80}")

#: Under which names the engine knows a scalar whose own name it does not know.
PLAIN = {
    Kind.BOOL: ("_Bool",),
    Kind.CHAR: ("char",),
    Kind.INT: ("signed char", "short", "int", "long", "long long", "__int128"),
    Kind.UINT: (
        "unsigned char",
        "unsigned short",
        "unsigned int",
        "unsigned long",
        "unsigned long long",
        "unsigned __int128",
    ),
    Kind.WIDE: ("char16_t", "char32_t", "wchar_t"),
    Kind.FLOAT: ("float", "double", "long double"),
    Kind.COMPLEX: ("float _Complex", "double _Complex", "long double _Complex"),
    Kind.FOREIGN: (),
}


def is_argument_list(type: Type) -> bool:
    """Whether the type is what va_list is here, or becomes as a parameter."""
    match type:
        case Array(element=element, length=1) | Pointer(target=element):
            actual = resolved(element)
            return isinstance(actual, Record) and actual.tag == "__va_list_tag"
        case Record():
            return type.tag == "__va_list"
    return False


class Known:
    """Names that the engine knows, and what it takes them for."""

    def __init__(self) -> None:
        self._ffi = FFI()
        self._layouts: dict[str, tuple[int, int, bool] | None] = {}

    def layout(self, name: str) -> tuple[int, int, bool] | None:
        """Size, alignment and whether it holds negative values; None for an unknown name."""
        if name not in self._layouts:
            self._layouts[name] = self._look(name)
        return self._layouts[name]

    def _look(self, name: str) -> tuple[int, int, bool] | None:
        ffi = self._ffi
        if not SCALAR_NAME.fullmatch(name):
            return None
        try:
            ctype = ffi.typeof(name)
        except (ffi.error, TypeError, ValueError, NotImplementedError):
            return None
        if ctype.kind != "primitive":
            foreign = ctype.kind == "struct" and ctype.cname == name and name not in ("FILE", "DIR")
            return (ffi.sizeof(ctype), ffi.alignof(ctype), False) if foreign else (0, 0, False)
        try:
            negative = int(ffi.cast(ctype, -1)) < 0
        except (TypeError, ValueError, NotImplementedError, OverflowError):
            negative = False
        return ffi.sizeof(ctype), ffi.alignof(ctype), negative

    def is_builtin(self, name: str) -> bool:
        """Whether a typedef of this name is there from the start."""
        return name in LISTS or self.layout(name) is not None

    def agrees(self, name: str, target: Type) -> bool:
        """Whether the engine's own typedef of this name is what `target` is."""
        actual = resolved(target)
        if name in LISTS:
            is_address = isinstance(actual, Pointer) and isinstance(resolved(actual.target), Void)
            return is_address or is_argument_list(actual)
        if isinstance(actual, Record):
            return {"FILE": "_IO_FILE", "DIR": "__dirstream"}.get(name) == actual.tag
        layout = self.layout(name)
        if not isinstance(actual, Scalar) or layout is None:
            return False
        if layout[:2] != (actual.size, actual.align):
            return False
        if actual.kind in (Kind.INT, Kind.UINT):
            return layout[2] == (actual.kind is Kind.INT)
        return True

    def spelling(self, scalar: Scalar) -> str:
        """A name of the engine's for the scalar."""
        candidates = (scalar.name, *PLAIN[scalar.kind])
        for name in candidates:
            layout = self.layout(name)
            if layout is None or layout[:2] != (scalar.size, scalar.align):
                continue
            if scalar.kind in (Kind.INT, Kind.UINT) and layout[2] != (scalar.kind is Kind.INT):
                continue
            return name
        bits = 8 * scalar.size
        raise InexpressibleError(
            f"the type '{scalar.name}' of {bits} bits is unknown to descriptions"
        )
