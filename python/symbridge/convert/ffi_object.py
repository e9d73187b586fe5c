"""An FFI object of cffi's (or of symbridge's) in a module that was imported, as a description.

One that was made by cdef() still has what it was given. One that an out-of-line module holds has
only its types, so they are asked for one by one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from types import ModuleType
from typing import Any

from symbridge.convert import Converted, Remark
from symbridge.convert.cdef import Source, convert_cdefs
from symbridge.declarations import (
    Array,
    Attribute,
    Constant,
    Declaration,
    Description,
    Directive,
    Enum,
    Enumerator,
    Field,
    Function,
    FunctionType,
    Kind,
    Parameter,
    Pointer,
    Qualifier,
    Record,
    Scalar,
    Type,
    Typedef,
    Variable,
    Void,
    parse,
)
from symbridge.describe.write import Note, write
from symbridge.failure import ToolError

__all__ = ["convert_ffi", "is_ffi"]

#: Types within types that are followed.
DEEPEST = 200

#: SB_PARSE_PACKED of the engine.
PACKED = 4

_FLOATS = ("float", "double", "long double")


def is_ffi(value: object) -> bool:
    """Whether an object is an FFI."""
    # Asking the object itself would look up symbols, if it is a library.
    return not isinstance(value, type) and all(
        hasattr(type(value), name) for name in ("typeof", "sizeof", "offsetof", "dlopen", "new")
    )


def convert_ffi(ffi: Any, module: ModuleType, *, library: str = "", name: str = "") -> Converted:
    """The description of what an FFI object declares.

    Sizes and offsets are compared with what the object itself says. Raises ToolError.
    """
    sources = list(_sources(ffi, module.__name__))
    if sources:
        converted = convert_cdefs(sources, library=library, module=name)
    else:
        converted = _Walk(ffi, module).convert(library, name)
    _verify(ffi, converted)
    return converted


def _sources(ffi: Any, file: str) -> Iterator[Source]:
    """The cdefs that the object, and those that it includes, were given; each once."""
    seen: set[Source] = set()
    for text, pack in _given(ffi, 0):
        source = Source(text, file, pack=pack)
        if source not in seen:
            seen.add(source)
            yield source


def _given(ffi: Any, depth: int) -> Iterator[tuple[str, int]]:
    """The text of each cdef and how it is packed."""
    if hasattr(ffi, "_sources") and hasattr(ffi, "_includes"):  # symbridge.FFI
        if depth > DEEPEST:
            raise ToolError(f"FFI objects include one another more than {DEEPEST} deep")
        for included in ffi._includes():
            yield from _given(included, depth + 1)
        for text, flags, pack, _ in ffi._sources():
            yield text, 1 if flags & PACKED and not pack else pack
        return
    for text in getattr(ffi, "_cdefsources", ()):
        if text not in ("[", "]"):  # around what was included
            yield text, 0


def _verify(ffi: Any, converted: Converted) -> None:
    """Compare the sizes and offsets of the result with those that the object computed."""
    wrong = []
    for record in parse(converted.text).records():
        if record.size is None or not record.name:
            continue
        try:
            size = ffi.sizeof(record.name)
        except Exception:  # cffi raises several kinds for what it does not know
            continue
        if size != record.size:
            wrong.append(f"  {record.name}: {record.size} bytes, in the FFI object {size}")
            continue
        for field in record.fields or ():
            if field.name and field.bit_width is None:
                offset = ffi.offsetof(record.name, field.name)
                if offset != field.offset:
                    wrong.append(
                        f"  {record.name}.{field.name}: offset {field.offset}, in the FFI object "
                        f"{offset}"
                    )
    if wrong:
        raise ToolError(
            "the description would be laid out otherwise:\n" + "\n".join(wrong),
            hint="a cdef with packed=... is read from its Python file, without --import",
        )


class _Walk:
    """Asks an FFI object for its types, one by one."""

    def __init__(self, ffi: Any, module: ModuleType) -> None:
        self.ffi = ffi
        self.module = module
        self.made: dict[Any, Type] = {}
        self.remarks: list[Remark] = []

    def convert(self, library: str, name: str) -> Converted:
        said = [Attribute("library", (library,))] if library else []
        if name:
            said.append(Attribute("module", (name,)))
        typedefs, structs, unions = self.ffi.list_types()
        declarations: list[Declaration] = [Directive(tuple(said))] if said else []
        for kind, names in (("struct", structs), ("union", unions)):
            for each in names:
                made = self._named(f"{kind} {each}")
                if isinstance(made, Record):
                    declarations.append(made)
        for each in typedefs:
            made = self._named(each)
            if isinstance(made, (Record, Enum)) and not made.tag:
                declarations.append(made)
            elif made is not None:
                declarations.append(Typedef(each, made))
        symbols = list(self._symbols(library))
        enums = [made for made in self.made.values() if isinstance(made, Enum)]
        known = {each.name for enum in enums for each in enum.enumerators or ()}
        declarations += [enum for enum in enums if enum not in declarations]
        declarations += [each for each in symbols if getattr(each, "name", "") not in known]
        notes: list[Note] = []
        text = write(Description(self.module.__name__, declarations), notes=notes)
        self.remarks += [Remark(note.subject, note.text) for note in notes]
        return Converted(text, self.remarks)

    def _named(self, name: str) -> Type | None:
        try:
            return self._type(self.ffi.typeof(name))
        except (TypeError, ValueError, NotImplementedError, self.ffi.error) as error:
            self.remarks.append(Remark(name, f"left out: {error}"))
            return None

    def _symbols(self, library: str) -> Iterator[Declaration]:
        """Functions, variables and constants: of the module's lib, else of the library."""
        lib = getattr(self.module, "lib", None)
        if lib is None:
            if not library:
                self.remarks.append(
                    Remark("functions", "left out: name the library that has them: --library NAME")
                )
                return
            lib = self.ffi.dlopen(library)
        for name in dir(lib):
            try:
                value = getattr(lib, name)
                if isinstance(value, (int, float)) and not self._is_variable(lib, name):
                    yield Constant(name, value)
                    continue
                made = self._type(self.ffi.typeof(value)) if callable(value) else None
                if isinstance(made, Pointer) and isinstance(made.target, FunctionType):
                    made = made.target
                if isinstance(made, FunctionType):
                    yield Function(name, made, name)
                else:
                    item = self.ffi.typeof(self.ffi.addressof(lib, name)).item
                    yield Variable(name, self._type(item), name)
            except (AttributeError, TypeError, ValueError, self.ffi.error) as error:
                self.remarks.append(Remark(name, f"left out: {error}"))

    def _is_variable(self, lib: Any, name: str) -> bool:
        try:
            self.ffi.addressof(lib, name)
        except (AttributeError, TypeError):
            return False
        return True

    # ---- types

    def _type(self, ctype: Any, depth: int = 0) -> Type:
        if depth > DEEPEST:
            raise ValueError(f"types lie more than {DEEPEST} deep in one another")
        if ctype in self.made:
            return self.made[ctype]
        match ctype.kind:
            case "void":
                return Void()
            case "primitive":
                return self._number(ctype)
            case "pointer":
                return Pointer(self._type(ctype.item, depth + 1))
            case "array":
                return Array(self._type(ctype.item, depth + 1), ctype.length)
            case "function":
                parameters = tuple(
                    Parameter("", self._type(each, depth + 1)) for each in ctype.args
                )
                result = self._type(ctype.result, depth + 1)
                return Pointer(FunctionType(result, parameters, ctype.ellipsis))
            case "struct" | "union":
                return self._record(ctype, depth)
            case "enum":
                return self._enum(ctype)
        raise ValueError(f"{ctype.cname} is of an unknown kind, {ctype.kind}")

    def _number(self, ctype: Any) -> Scalar:
        name = ctype.cname
        size, align = self.ffi.sizeof(ctype), self.ffi.alignof(ctype)
        if name == "char":
            kind = Kind.CHAR
        elif name in ("_Bool", "bool"):
            name, kind = "_Bool", Kind.BOOL
        elif name in ("wchar_t", "char16_t", "char32_t"):
            kind = Kind.WIDE
        elif "_Complex" in name or "complex" in name:
            kind = Kind.COMPLEX
        elif name in _FLOATS:
            kind = Kind.FLOAT
        else:
            kind = Kind.INT if int(self.ffi.cast(ctype, -1)) < 0 else Kind.UINT
        return Scalar(name, kind, size, align)

    def _record(self, ctype: Any, depth: int) -> Record:
        kind, name = ctype.kind, ctype.cname
        tag = name.removeprefix(f"{kind} ") if name.startswith(f"{kind} ") else ""
        if "$" in name:  # cffi's own name for one that has none
            tag = name = ""
        record = Record(kind, tag, "" if tag else name)
        self.made[ctype] = record
        if ctype.fields is None:
            return record
        record.size, record.align = self.ffi.sizeof(ctype), self.ffi.alignof(ctype)
        record.fields = [self._field(label, each, depth) for label, each in ctype.fields]
        return record

    def _field(self, label: str, field: Any, depth: int) -> Field:
        made = self._type(field.type, depth + 1)
        if field.bitsize < 0:
            return Field(label, made, field.offset)
        offset, bits = field.offset + field.bitshift // 8, field.bitshift % 8
        return Field(label, made, offset, Qualifier.NONE, bits, field.bitsize)

    def _enum(self, ctype: Any) -> Enum:
        name = ctype.cname
        tag = name.removeprefix("enum ") if name.startswith("enum ") else ""
        elements: Sequence[tuple[int, str]] = sorted(ctype.elements.items())
        signed = int(self.ffi.cast(ctype, -1)) < 0
        size, align = self.ffi.sizeof(ctype), self.ffi.alignof(ctype)
        underlying = Scalar(
            f"{'' if signed else 'unsigned '}{'int' if size == 4 else 'long'}",
            Kind.INT if signed else Kind.UINT,
            size,
            align,
        )
        enumerators = [Enumerator(label, value) for value, label in elements]
        made = Enum(tag, "" if tag or "$" in name else name, enumerators, underlying)
        self.made[ctype] = made
        return made
