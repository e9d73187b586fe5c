"""The types of ctypes as declarations: numbers, pointers, arrays, structs, prototypes.

Sizes, offsets and bits are those that ctypes itself computed.
"""

from __future__ import annotations

import ctypes
import enum
import re
import sys
from typing import Any

from symbridge.declarations import (
    Alias,
    Array,
    Enum,
    Enumerator,
    Field,
    FunctionType,
    Kind,
    Parameter,
    Pointer,
    Qualifier,
    Record,
    Scalar,
    Type,
    Void,
)

__all__ = ["Types", "UnknownTypeError", "name_of_enumerator"]

#: ctypes' codes of simple types: their names in C.
SCALARS = {
    "?": ("_Bool", Kind.BOOL),
    "c": ("char", Kind.CHAR),
    "b": ("signed char", Kind.INT),
    "B": ("unsigned char", Kind.UINT),
    "h": ("short", Kind.INT),
    "H": ("unsigned short", Kind.UINT),
    "i": ("int", Kind.INT),
    "I": ("unsigned int", Kind.UINT),
    "l": ("long", Kind.INT),
    "L": ("unsigned long", Kind.UINT),
    "q": ("long long", Kind.INT),
    "Q": ("unsigned long long", Kind.UINT),
    "f": ("float", Kind.FLOAT),
    "d": ("double", Kind.FLOAT),
    "g": ("long double", Kind.FLOAT),
    "u": ("wchar_t", Kind.WIDE),
    "F": ("float _Complex", Kind.COMPLEX),
    "D": ("double _Complex", Kind.COMPLEX),
    "G": ("long double _Complex", Kind.COMPLEX),
}

CHAR = Scalar("char", Kind.CHAR, 1, 1)
INT = Scalar("int", Kind.INT, ctypes.sizeof(ctypes.c_int), ctypes.alignment(ctypes.c_int))
WCHAR = Scalar(
    "wchar_t", Kind.WIDE, ctypes.sizeof(ctypes.c_wchar), ctypes.alignment(ctypes.c_wchar)
)

#: Of the attributes __ctype_le__ and __ctype_be__ of a simple type, this machine's and the other.
OWN_ORDER, OTHER_ORDER = ("le", "be") if sys.byteorder == "little" else ("be", "le")

#: Pointers to pointers to ... that are followed.
DEEPEST = 100

#: The metaclasses of ctypes, which have no public names.
_SIMPLE: Any = type(ctypes.c_int)
_POINTER: Any = type(ctypes.POINTER(ctypes.c_int))
_ARRAY: Any = type(ctypes.c_int * 1)
_FUNCTION: Any = type(ctypes.CFUNCTYPE(None))
_RECORDS: Any = (type(ctypes.Structure), type(ctypes.Union))


class UnknownTypeError(Exception):
    """Something that no declaration can say; the text says what."""


class Types:
    """Declarations of ctypes' types. Each class is one record or enum, however often it is met."""

    def __init__(self) -> None:
        self.records: dict[type, Record] = {}
        self.enums: dict[type, Enum] = {}
        self.aliases: dict[type, str] = {}  # what a module calls a pointer or prototype
        self.aliased: dict[type, Alias] = {}
        self.refused: dict[type, str] = {}
        self._tags: dict[str, type] = {}

    def of(self, made: Any, depth: int = 0) -> Type:
        """The type that a ctypes class is. Raises UnknownTypeError."""
        if depth > DEEPEST:
            raise UnknownTypeError(f"types lie more than {DEEPEST} deep in one another")
        if made is None:
            return Void()
        if not isinstance(made, type):
            raise UnknownTypeError(f"{made!r} is no type")
        if made in self.aliases and made not in self.aliased:
            self.aliased[made] = Alias(self.aliases[made], self._plain(made, depth))
        return self.aliased.get(made) or self._plain(made, depth)

    def _plain(self, made: Any, depth: int) -> Type:
        if isinstance(made, _RECORDS):
            return self.record(made)
        if isinstance(made, _POINTER):
            target = getattr(made, "_type_", None)
            return Pointer(Void() if target is None else self.of(target, depth + 1))
        if isinstance(made, _ARRAY):
            return Array(self.of(made._type_, depth + 1), made._length_)
        if isinstance(made, _FUNCTION):
            result = getattr(made, "_restype_", None)
            return Pointer(self.prototype(result, getattr(made, "_argtypes_", None), depth + 1))
        if issubclass(made, enum.IntEnum):
            return self.enum(made)
        dtype = getattr(made, "_dtype_", self)
        if dtype is not self and hasattr(made, "from_param"):  # numpy.ctypeslib.ndpointer
            return Pointer(self._element(dtype))
        code = getattr(made, "_type_", None)
        if isinstance(made, _SIMPLE) and isinstance(code, str):
            return self._simple(made, code)
        raise UnknownTypeError(
            f"{made.__name__} is a class of its own, which only from_param() knows"
        )

    def _simple(self, made: type, code: str) -> Type:
        match code:
            case "z":
                return Pointer(CHAR, Qualifier.CONST)
            case "Z":
                return Pointer(WCHAR, Qualifier.CONST)
            case "P":
                return Pointer(Void())
            case "O":
                raise UnknownTypeError("py_object is an object of Python's, not of C's")
        own = getattr(made, f"__ctype_{OWN_ORDER}__", made)
        if own is not made and getattr(made, f"__ctype_{OTHER_ORDER}__", None) is made:
            raise UnknownTypeError(f"{made.__name__} has its bytes in the other order")
        if code not in SCALARS:
            raise UnknownTypeError(f"{made.__name__} has the unknown code {code!r}")
        name, kind = SCALARS[code]
        return Scalar(name, kind, ctypes.sizeof(made), ctypes.alignment(made))

    def _element(self, dtype: Any) -> Type:
        """What an ndpointer of a dtype points at."""
        if dtype is None:
            return Void()
        size, align = int(dtype.itemsize), int(dtype.alignment)
        native = bool(dtype.isnative)
        match dtype.kind if native else "":
            case "i" | "u" if size in (1, 2, 4, 8):
                signed = dtype.kind == "i"
                name = f"{'' if signed else 'u'}int{8 * size}_t"
                return Scalar(name, Kind.INT if signed else Kind.UINT, size, align)
            case "f" if size in (4, 8):
                return Scalar("float" if size == 4 else "double", Kind.FLOAT, size, align)
            case "c" if size in (8, 16):
                name = "float _Complex" if size == 8 else "double _Complex"
                return Scalar(name, Kind.COMPLEX, size, align)
            case "b":
                return Scalar("_Bool", Kind.BOOL, size, align)
        return Void()

    def prototype(self, result: Any, arguments: Any, depth: int = 0) -> FunctionType:
        """The function type of a restype and argtypes."""
        made: Type = INT if self.is_converter(result) else self.of(result, depth + 1)
        parameters = []
        for argument in arguments or ():
            of = self.of(argument, depth + 1)
            if isinstance(of, Array):
                of = Pointer(of.element)
            parameters.append(Parameter("", of))
        return FunctionType(made, tuple(parameters))

    @staticmethod
    def is_converter(result: Any) -> bool:
        """Whether a restype is a function that makes something of an int."""
        return result is not None and not isinstance(result, type) and callable(result)

    # ---- records

    def record(self, made: Any) -> Record:
        """The record that a Structure or Union is."""
        if made in self.refused:
            raise UnknownTypeError(self.refused[made])
        if made in self.records:
            return self.records[made]
        kind = "union" if isinstance(made, _RECORDS[1]) else "struct"
        record = Record(kind, self._tag(made))
        self.records[made] = record  # its fields may point to it
        try:
            fields = [
                (base, each)
                for base in reversed(made.__mro__)
                for each in vars(base).get("_fields_", ())
            ]
            if fields or any("_fields_" in vars(base) for base in made.__mro__):
                record.fields = [self._field(made, base, *each) for base, each in fields]
                record.size, record.align = ctypes.sizeof(made), ctypes.alignment(made)
                record.packed = bool(getattr(made, "_pack_", 0))
        except UnknownTypeError as error:
            del self.records[made]
            self.refused[made] = f"{made.__name__}: {error}"
            raise UnknownTypeError(self.refused[made]) from None
        return record

    def _tag(self, made: type) -> str:
        name = re.sub(r"\W", "_", made.__name__)
        tag, number = name, 2
        while self._tags.setdefault(tag, made) is not made:
            tag, number = f"{name}_{number}", number + 1
        return tag

    def _field(self, made: Any, base: Any, name: str, type: Any, width: int | None = None) -> Field:
        of = self.of(type)
        place = vars(base)[name]
        offset, bits = place.offset, 0
        if width is not None:
            # ctypes gives the storage unit's offset, and the first bit in it from its low end.
            bits = getattr(place, "bit_offset", place.size & 0xFFFF)
            offset, bits = offset + bits // 8, bits % 8
        anonymous = name in getattr(base, "_anonymous_", ())
        # Where C packs a struct it packs those without a name in it; ctypes does not.
        if anonymous and isinstance(of, Record) and not getattr(made, "_pack_", 0):
            unnamed = Record(of.kind, "", "", of.fields, of.size, of.align, of.packed)
            return Field("", unnamed, offset)
        return Field(name, of, offset, Qualifier.NONE, bits, width)

    # ---- enums

    def enum(self, made: type[enum.IntEnum]) -> Enum:
        """The enum that an IntEnum is: an int, as ctypes passes it."""
        if made in self.enums:
            return self.enums[made]
        tag = self._tag(made)
        enumerators = [
            Enumerator(name_of_enumerator(tag, name), int(value))
            for name, value in made.__members__.items()
        ]
        low = -(1 << (8 * INT.size - 1))
        if any(not low <= each.value < -low for each in enumerators):
            raise UnknownTypeError(f"{made.__name__} has values that are no int")
        result = Enum(tag, "", enumerators, INT)
        self.enums[made] = result
        return result


def name_of_enumerator(tag: str, name: str) -> str:
    """An enumerator's name in C, which is known everywhere: COLOR_RED for Color.RED."""
    prefix = f"{tag.upper()}_"
    return name if name.startswith(prefix) else prefix + name
