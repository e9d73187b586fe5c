"""What a module that was imported says to ctypes, as a description.

ctypes knows nothing of names of parameters, of const, or of who frees what; and a function of
which only restype is set takes what it is given. All that is left for people to add.
"""

from __future__ import annotations

import ctypes
import enum
import os
import re
from collections.abc import Iterator
from types import ModuleType
from typing import Any

from symbridge.binary import read_named
from symbridge.compare import compare
from symbridge.convert import Converted, Remark
from symbridge.convert.ctypes_types import Types, UnknownTypeError
from symbridge.declarations import (
    NOWHERE,
    Attribute,
    Constant,
    Declaration,
    Description,
    Directive,
    Field,
    Function,
    FunctionType,
    Typedef,
    Variable,
    parse,
)
from symbridge.describe.write import Note, write
from symbridge.failure import ToolError

__all__ = ["convert_module"]

#: What is added to a remark of a struct that ctypes has laid out as no C compiler would.
BITS = "; ctypes itself lays out bit-fields of several types otherwise than C does"

_RECORDS = (ctypes.Structure, ctypes.Union)
_FUNCTION: Any = ctypes.CFUNCTYPE(None).__mro__[1]
_DATA: Any = ctypes.c_int.__mro__[2]
_CONSTANT = re.compile(r"[A-Z][A-Z0-9_]*\Z")


def convert_module(module: ModuleType, *, library: str = "", name: str = "") -> Converted:
    """The description of what a module declares through ctypes.

    library: which of its libraries is described, when it opens several.
    Raises ToolError when there is nothing, or when the description would be laid out otherwise.
    """
    reader = _Reader(module)
    described = reader.read(library, name)
    notes: list[Note] = []
    text = write(described, notes=notes)
    bits = {
        r.name for r in reader.types.records.values() if any(_is_bits(f) for f in r.fields or ())
    }
    lost = [
        Remark(
            note.subject,
            note.text + (BITS if note.subject in bits and "laid out" in note.text else ""),
        )
        for note in notes
    ]
    different = [
        each
        for each in compare(described, parse(text), complete=False)
        if "missing" not in each.kind
    ]
    if different:
        shown = "\n".join(f"  {difference}" for difference in different[:20])
        raise ToolError(f"the description would not say what {module.__name__} says:\n{shown}")
    return Converted(text, [*reader.remarks, *lost])


class _Reader:
    def __init__(self, module: ModuleType) -> None:
        self.module = module
        # `from ctypes import *` brings names that say nothing of the library.
        self.namespace = {
            key: value
            for key, value in vars(module).items()
            if key not in vars(ctypes) or vars(ctypes)[key] is not value
        }
        self.types = Types()
        self.remarks: list[Remark] = []

    def remark(self, subject: str, text: str, lost: bool = True) -> None:
        self.remarks.append(Remark(subject, text, NOWHERE, lost))

    def read(self, library: str, name: str) -> Description:
        """Everything that the module's namespace holds, in its order."""
        for key, value in self.namespace.items():
            if _is_named_type(value) and key.isidentifier():
                self.types.aliases.setdefault(value, key)
        chosen = self._library(library)
        said = []
        if chosen is not None and chosen._name:
            said.append(Attribute("library", (library or _soname(chosen._name),)))
        if name:
            said.append(Attribute("module", (name,)))
        declarations: list[Declaration] = [
            *self._constants(),
            *self._types(),
            *self._functions(chosen),
            *self._variables(chosen),
        ]
        if not any(not isinstance(each, Constant) for each in declarations):
            raise ToolError(
                f"{self.module.__name__} declares nothing through ctypes that has a name in it",
                hint="name the module in which the types and the library are",
            )
        head: list[Declaration] = [Directive(tuple(said))] if said else []
        return Description(self.module.__name__, head + declarations)

    # ---- the library

    def _libraries(self) -> list[ctypes.CDLL]:
        """The libraries in the module's namespace."""
        found: dict[int, ctypes.CDLL] = {}
        for value in self.namespace.values():
            if isinstance(value, ctypes.CDLL) and not isinstance(value, ctypes.PyDLL):
                found.setdefault(id(value), value)
        return list(found.values())

    def _library(self, wanted: str) -> ctypes.CDLL | None:
        found = self._libraries()
        if wanted:
            for each in found:
                if wanted in (each._name, os.path.basename(each._name or ""), _soname(each._name)):
                    return each
        names = {each._name for each in found}
        if len(names) > 1:
            shown = ", ".join(sorted(_soname(each) or "the program itself" for each in names))
            raise ToolError(
                f"{self.module.__name__} opens several libraries: {shown}",
                hint="say which one is described: --library NAME",
            )
        if not found:
            self.remark("library", "none is open in the module; write [[library(...)]] yourself")
        return found[0] if found else None

    # ---- constants and types

    def _constants(self) -> Iterator[Constant]:
        for key, value in self.namespace.items():
            if not _CONSTANT.match(key) or isinstance(value, (bool, enum.Enum)):
                continue
            if isinstance(value, bytes):
                try:
                    value = value.decode()
                except UnicodeDecodeError:
                    self.remark(key, "left out: bytes that are no UTF-8")
                    continue
            if isinstance(value, (int, float, str)):
                yield Constant(key, value)

    def _types(self) -> Iterator[Declaration]:
        for key, value in self.namespace.items():
            if not isinstance(value, type):
                continue
            try:
                if issubclass(value, _RECORDS) and not self._is_foreign(value):
                    made = self.types.record(value)
                    yield made
                    if key != made.tag and key.isidentifier():
                        yield Typedef(key, made)
                elif issubclass(value, enum.IntEnum) and not self._is_foreign(value):
                    yield self.types.enum(value)
                elif self.types.aliases.get(value) == key:
                    alias = self.types.of(value)
                    yield Typedef(key, getattr(alias, "target", alias))
            except UnknownTypeError as error:
                self.remark(key, f"left out: {error}")

    def _is_foreign(self, made: type) -> bool:
        """Whether a class came from ctypes or enum; from another module it is this one's to use."""
        return made.__module__.split(".")[0] in ("ctypes", "_ctypes", "enum")

    # ---- functions and variables

    def _functions(self, library: ctypes.CDLL | None) -> Iterator[Function]:
        given: dict[str, Any] = {}
        for owner in self._libraries():
            if library is None or owner._name != library._name:
                continue
            for symbol, value in vars(owner).items():
                if isinstance(value, _FUNCTION):
                    given[symbol] = value
        for key, value in self.namespace.items():
            if not isinstance(value, _FUNCTION) or any(value is each for each in given.values()):
                continue
            symbol = getattr(value, "__name__", None) or key
            if _is_symbol(library, symbol, value):
                given[symbol] = value
            else:
                self.remark(key, "left out: which symbol of which library it calls is not known")
        for symbol, value in given.items():
            yield from self._function(symbol, value)

    def _function(self, symbol: str, value: Any) -> Iterator[Function]:
        result, arguments = value.restype, value.argtypes
        if arguments is None:
            self.remark(symbol, "left out: its argtypes are not set, so its parameters are unknown")
            return
        try:
            type = self.types.prototype(result, arguments)
        except UnknownTypeError as error:
            self.remark(symbol, f"left out: {error}")
            return
        if self.types.is_converter(result):
            self.remark(
                symbol,
                "its restype is a function, which makes something of an int: see whether "
                "[[fails(...)]] says the same",
                False,
            )
        elif getattr(value, "errcheck", None) is not None:
            self.remark(
                symbol,
                "its errcheck judges the result in Python: see whether [[fails(...)]] says so too",
                False,
            )
        assert isinstance(type, FunctionType)
        yield Function(symbol, type, symbol)

    def _variables(self, library: ctypes.CDLL | None) -> Iterator[Variable]:
        for key, value in self.namespace.items():
            if not isinstance(value, _DATA) or isinstance(value, _FUNCTION) or library is None:
                continue
            try:
                there = type(value).in_dll(library, key)
            except (ValueError, AttributeError, TypeError):
                self.remark(key, "left out: an object of Python's, or a variable of another name")
                continue
            if ctypes.addressof(there) != ctypes.addressof(value):
                self.remark(key, "left out: an object of Python's, not the library's variable")
                continue
            try:
                yield Variable(key, self.types.of(type(value)), key)
            except UnknownTypeError as error:
                self.remark(key, f"left out: {error}")


def _is_bits(field: Field) -> bool:
    return field.bit_width is not None


def _is_named_type(value: object) -> bool:
    """Whether a module's name for a type is a typedef: that of a pointer, or of a prototype."""
    if not isinstance(value, type):
        return False
    pointer = type(ctypes.POINTER(ctypes.c_int))
    return (isinstance(value, (pointer, type(_FUNCTION))) and hasattr(value, "_type_")) or (
        isinstance(value, type(_FUNCTION)) and hasattr(value, "_restype_")
    )


def _is_symbol(library: ctypes.CDLL | None, symbol: str, value: Any) -> bool:
    """Whether a function object calls that symbol of the library."""
    if library is None:
        return False
    try:
        own = ctypes.cast(library[symbol], ctypes.c_void_p).value
    except AttributeError:
        return False
    return own == ctypes.cast(value, ctypes.c_void_p).value


def _soname(name: str | None) -> str:
    """What a library calls itself: a path is only good on the machine that has it."""
    if not name:
        return ""
    try:
        return read_named(name).soname or name
    except (ToolError, OSError):
        return name
