"""Declarations from CTF version 3, the Compact C Type Format: what `gcc -gctf` and GNU ld write.

After "The CTF File Format" and binutils' documentation of it. A section holds one dictionary, or an
archive of several: a parent with the types that all units share, and one for each unit with types
that contradict those of others. Which symbol has which type follows from the order of the symbol
table, or from names beside the types. CTF has no parameter names, no places in the source, no
packing.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from symbridge.debug.limits import (
    DICTIONARIES_MAX,
    FIELDS_MAX,
    INFLATED_MAX,
    PARAMETERS_MAX,
    TYPES_MAX,
    MalformedError,
)
from symbridge.debug.model import Reader, Steps, Typed, extent, innermost, is_name, make_flexible
from symbridge.debug.scalars import Machine, scalar
from symbridge.debug.sections import ElfFile, Symbol, text_at
from symbridge.declarations import (
    Array,
    Declaration,
    Enumerator,
    Field,
    Function,
    FunctionType,
    Pointer,
    Qualifier,
    Record,
    Variable,
    Void,
)

__all__ = ["CtfReader", "reversed_dimensions"]

MAGIC, ARCHIVE_MAGIC = 0xDFF2, 0x8B47F2A4D7623EEB
VERSION_3 = 4  # as the file numbers it
F_COMPRESS, F_NEWFUNCINFO, F_IDXSORTED, F_DYNSTR = 1, 2, 4, 8
HEADER_SIZE = 52
#: A type's size that is too large for 32 bits stands behind it; members then have longer offsets.
LARGE_SIZE, LARGE_RECORD = 0xFFFFFFFF, 1 << 29
CHILD = 0x80000000
#: Deflate makes of one byte at most so many.
RATIO_MAX = 1032
#: Types of which all dictionaries together consist.
ROWS_MAX = 4 * TYPES_MAX

(
    K_UNKNOWN,
    K_INTEGER,
    K_FLOAT,
    K_POINTER,
    K_ARRAY,
    K_FUNCTION,
    K_STRUCT,
    K_UNION,
    K_ENUM,
    K_FORWARD,
    K_TYPEDEF,
    K_VOLATILE,
    K_CONST,
    K_RESTRICT,
    K_SLICE,
) = range(15)

QUALIFIERS = {
    K_VOLATILE: Qualifier.VOLATILE,
    K_CONST: Qualifier.CONST,
    K_RESTRICT: Qualifier.RESTRICT,
}
RECORDS = {K_STRUCT: "struct", K_UNION: "union"}
INT_SIGNED, INT_CHAR, INT_BOOL = 1, 2, 4
FLOATS_COMPLEX, FLOATS_REAL = (3, 4, 5), (1, 2, 6)


@dataclass(slots=True)
class Row:
    """One type: kind, name, how many parts, its size or the type it refers to, where its parts
    begin."""

    kind: int
    name: int
    count: int
    size: int
    at: int


@dataclass(slots=True)
class Dictionary:
    """One CTF dictionary, decompressed: `data` is what follows the header."""

    number: int
    data: bytes
    header: tuple[int, ...]
    flags: int
    strings: bytes
    parent: Dictionary | None = None
    rows: list[Row] = field(default_factory=list)
    tags: dict[tuple[int, str], int] | None = None  # its records and enums by name


class CtfReader(Reader):
    """The declarations of one file's .ctf. exports: the symbols to find, by name; None: all there
    are."""

    section = ".ctf"

    def __init__(self, file: ElfFile, machine: Machine, exports: dict[str, Symbol] | None) -> None:
        super().__init__(machine)
        self._file = file
        self._order = file.order
        self._u4 = struct.Struct(file.order + "I")
        self._exports = exports
        self._dictionaries: list[Dictionary] = []
        self._inflated = 0
        self._rows = 0
        self._typedef_names: dict[int, str] = {}
        self._reversed = reversed_dimensions(file)
        self._dimensions = False

    def read(self, progress: Steps | None = None) -> list[Declaration]:
        """The declarations."""
        self._open()
        functions: dict[str, Function] = {}
        variables: dict[str, Variable] = {}
        for number, dictionary in enumerate(self._dictionaries):
            if progress is not None:
                progress.step(number, len(self._dictionaries), "dictionaries")
            for name, kind, index in self._symbols(dictionary):
                symbol = self._wanted(name, kind)
                if symbol is None or name in functions or name in variables or not is_name(name):
                    continue
                typed = self.type(self._key(dictionary, index))
                if symbol == "function":
                    if isinstance(typed[0], FunctionType):
                        functions[name] = Function(name, typed[0], name)
                elif not isinstance(typed[0], FunctionType):
                    variables[name] = Variable(name, typed[0], name, typed[1])
        self.finish()
        if self._dimensions and self._reversed is None:
            self.note(
                "arrays of arrays: some versions of GCC write their lengths in reverse order, and "
                "which compiler this was is not said"
            )
        return self.declarations(functions.values(), variables.values())

    def _wanted(self, name: str, kind: str) -> str | None:
        """What the symbol of a name is: "function" or "variable"; None when it is not asked for."""
        if self._exports is None:
            return kind or None
        found = self._exports.get(name)
        if found is None:
            return None
        return {"resolver": "function", "": kind}.get(found.kind, found.kind) or None

    # -- the container

    def _open(self) -> None:
        data = self._file.data(".ctf")
        if len(data) >= 40:
            (magic,) = struct.unpack_from(self._order + "Q", data)
            if magic == ARCHIVE_MAGIC:
                self._open_archive(data)
                return
        at = 0
        while at < len(data):
            if len(self._dictionaries) >= DICTIONARIES_MAX:
                raise MalformedError(".ctf", f"over {DICTIONARIES_MAX} dictionaries")
            if self._dictionaries and not any(data[at:]):
                return  # padding
            used = self._open_dictionary(data[at:])
            at += used + 3 & ~3
        if len(self._dictionaries) > 1:
            self.note("the linker did not merge CTF: each unit's types are its own")

    def _open_archive(self, data: bytes) -> None:
        _, _, count, names, bodies = struct.unpack_from(self._order + "5Q", data)
        if count > DICTIONARIES_MAX:
            raise MalformedError(".ctf", f"{count} dictionaries, over {DICTIONARIES_MAX}")
        if 40 + 16 * count > len(data):
            raise MalformedError(".ctf", "its archive's index lies beyond its end")
        parent = None
        for index in range(count):
            name_at, at = struct.unpack_from(self._order + "2Q", data, 40 + 16 * index)
            at += bodies
            if at + 8 > len(data):
                raise MalformedError(
                    ".ctf", f"dictionary {index} of its archive lies beyond its end"
                )
            (size,) = struct.unpack_from(self._order + "Q", data, at)
            if size > len(data) - at - 8:
                raise MalformedError(".ctf", f"dictionary {index} of its archive has {size} bytes")
            self._open_dictionary(data[at + 8 : at + 8 + size])
            if text_at(data, names + name_at, ".ctf") in (".ctf", ""):
                parent = self._dictionaries[-1]
        for dictionary in self._dictionaries:
            if dictionary is not parent:
                dictionary.parent = parent

    def _open_dictionary(self, data: bytes) -> int:
        """Add the dictionary that data begin with; returns how many of them are its."""
        if len(data) < HEADER_SIZE:
            raise MalformedError(
                ".ctf", f"truncated: {len(data)} bytes, where a header has {HEADER_SIZE}"
            )
        magic, version, flags = struct.unpack_from(self._order + "HBB", data)
        if magic != MAGIC:
            raise MalformedError(".ctf", f"it begins with {magic:#06x}, not {MAGIC:#06x}")
        if version != VERSION_3:
            shown = {2: "1", 3: "2"}.get(version, str(version - 1))
            raise MalformedError(".ctf", f"it is CTF {shown}; version 3 is read (GCC 12 and later)")
        header = struct.unpack_from(self._order + "12I", data, 4)
        *starts, names, length = header[3:]
        end = names + length
        edges = [*starts, names]
        if edges != sorted(edges) or any(edge % 4 for edge in edges[:-1]):
            raise MalformedError(".ctf", "its header has parts that overlap")
        body, used = self._body(data, flags, end)
        strings = body[names:end]
        dictionary = Dictionary(len(self._dictionaries), body, header, flags, strings)
        self._dictionaries.append(dictionary)
        self._read_rows(dictionary)
        return used

    def _body(self, data: bytes, flags: int, end: int) -> tuple[bytes, int]:
        if not flags & F_COMPRESS:
            if HEADER_SIZE + end > len(data):
                raise MalformedError(".ctf", f"truncated: {len(data)} of {HEADER_SIZE + end} bytes")
            return data[HEADER_SIZE : HEADER_SIZE + end], HEADER_SIZE + end
        packed = data[HEADER_SIZE:]
        self._inflated += end
        if end > RATIO_MAX * len(packed) + 64 or self._inflated > INFLATED_MAX:
            raise MalformedError(".ctf", f"{len(packed)} compressed bytes cannot hold {end}")
        stream = zlib.decompressobj()
        try:
            body = stream.decompress(packed, end)
        except zlib.error as error:
            raise MalformedError(".ctf", f"damaged compressed data: {error}") from error
        if len(body) != end:
            raise MalformedError(".ctf", f"{len(body)} bytes decompressed, {end} expected")
        return body, len(data) - len(stream.unused_data)

    def _read_rows(self, dictionary: Dictionary) -> None:
        data, at, end = dictionary.data, dictionary.header[9], dictionary.header[10]
        rows, row = dictionary.rows, struct.Struct(self._order + "III")
        while at < end:
            self._rows += 1
            if self._rows > ROWS_MAX:
                raise MalformedError(".ctf", f"over {ROWS_MAX} types")
            if at + 12 > end:
                raise MalformedError(".ctf", "its types end within a type")
            name, info, size = row.unpack_from(data, at)
            kind, count = info >> 26, info & 0xFFFFFF
            at += 12
            if size == LARGE_SIZE:
                if at + 8 > end:
                    raise MalformedError(".ctf", "its types end within a type")
                high, low = struct.unpack_from(self._order + "II", data, at)
                size, at = high << 32 | low, at + 8
            rows.append(Row(kind, name, count, size, at))
            if kind in (K_INTEGER, K_FLOAT):
                at += 4
            elif kind == K_ARRAY:
                at += 12
            elif kind == K_FUNCTION:
                at += 4 * (count + (count & 1))
            elif kind in (K_STRUCT, K_UNION):
                at += (16 if size >= LARGE_RECORD else 12) * count
            elif kind == K_ENUM:
                at += 8 * count
            elif kind == K_SLICE:
                at += 8
            elif kind > K_SLICE:
                raise MalformedError(
                    ".ctf", f"type {len(rows):#x} is of kind {kind}, which is not known"
                )
        if at > end:
            raise MalformedError(".ctf", "its types end within a type")

    def _text(self, dictionary: Dictionary, name: int) -> str:
        if not name & CHILD:
            return text_at(dictionary.strings, name, ".ctf") if name else ""
        table = ".dynstr" if dictionary.flags & F_DYNSTR else ".strtab"
        return text_at(self._file.data(table), name & ~CHILD, table)

    # -- which symbol has which type

    def _symbols(self, dictionary: Dictionary) -> Iterator[tuple[str, str, int]]:
        """Names, what kind of symbol they are of ("": not said), and their types."""
        _, objects, functions, object_index, function_index, variables, types = dictionary.header[
            3:10
        ]
        table = ".dynsym" if dictionary.flags & F_DYNSTR else ".symtab"
        for kind, start, end, index, index_end in (
            ("variable", objects, functions, object_index, function_index),
            ("function", functions, object_index, function_index, variables),
        ):
            entries = self._numbers(dictionary, start, end)
            names = self._numbers(dictionary, index, index_end)
            if names:
                for name, type in zip(names, entries, strict=False):
                    if type:
                        yield self._text(dictionary, name), kind, type
            elif entries:
                rows = [s.name for s in self._file.symbols(table) if s.row == kind]
                for symbol, type in zip(rows, entries, strict=False):
                    if type:
                        yield symbol, kind, type
        pairs = self._numbers(dictionary, variables, types)
        for name, type in zip(pairs[::2], pairs[1::2], strict=False):
            if type:
                yield self._text(dictionary, name), "", type

    def _numbers(self, dictionary: Dictionary, start: int, end: int) -> tuple[int, ...]:
        count = (end - start) // 4
        return struct.unpack_from(f"{self._order}{count}I", dictionary.data, start)

    # -- types

    def _key(self, context: Dictionary, type: int) -> int:
        """The number of a type as a dictionary sees it: those of its parent are its own too, since
        what the parent only names may be defined in it."""
        return context.number << 32 | type

    def _row(self, key: int) -> tuple[Dictionary, Dictionary, Row]:
        """The dictionary that a type is seen from, the one that it lies in, and the type."""
        context = owner = self._dictionaries[key >> 32]
        number = key & 0xFFFFFFFF
        if not number & CHILD and context.parent is not None:
            owner = context.parent
        number &= ~CHILD
        if not 1 <= number <= len(owner.rows):
            raise MalformedError(".ctf", f"there is no type {number:#x}")
        return context, owner, owner.rows[number - 1]

    def _typed(self, context: Dictionary, type: int) -> Typed:
        if type == 0:
            raise MalformedError(".ctf", "a type that CTF cannot say")
        return self.type(self._key(context, type))

    def make(self, key: int) -> Typed:
        """The type of a number."""
        context, owner, row = self._row(key)
        kind = row.kind
        none = Qualifier.NONE
        if kind in (K_INTEGER, K_FLOAT):
            return self._number(owner, row)
        if kind == K_POINTER:
            target, qualifiers = self._reference(context, row.size)
            return Pointer(target, qualifiers), none
        if kind == K_ARRAY:
            return self._array(context, owner, row)
        if kind == K_FUNCTION:
            return self._function(context, owner, row), none
        if kind in (K_STRUCT, K_UNION):
            tag = self._text(owner, row.name)
            typedef = self._typedef_names.get(key, "")
            return self.record(key, RECORDS[kind], tag, typedef, row.size), none
        if kind == K_ENUM:
            return self._enum(key, owner, row)
        if kind == K_FORWARD:
            return self._forward(key, context, owner, row)
        if kind == K_TYPEDEF:
            name = self._text(owner, row.name)
            if is_name(name) and row.size:
                self._typedef_names.setdefault(self._key(context, row.size), name)
            return self.alias(name, self._reference(context, row.size))
        if kind in QUALIFIERS:
            target_key = self._key(context, row.size) if row.size else None
            return self.qualified(target_key, QUALIFIERS[kind])
        if kind == K_SLICE:
            return self._typed(context, self._u4.unpack_from(owner.data, row.at)[0])
        if kind == K_UNKNOWN:
            name = self._text(owner, row.name) or "<a type that CTF cannot say>"
            return scalar(name, "foreign", row.size, self.machine), none
        raise MalformedError(".ctf", f"a type of kind {kind}")

    def _forward(self, key: int, context: Dictionary, owner: Dictionary, row: Row) -> Typed:
        """A record or enum that is only named, unless the dictionary it is seen from defines it."""
        tag = self._text(owner, row.name)
        kind = row.size if row.size in (K_UNION, K_ENUM) else K_STRUCT
        if context is not owner and tag:
            if context.tags is None:
                context.tags = {
                    (other.kind, self._text(context, other.name)): number
                    for number, other in enumerate(context.rows, 1)
                    if other.kind in (K_STRUCT, K_UNION, K_ENUM)
                }
            number = context.tags.get((kind, tag))
            if number is not None:
                return self.type(self._key(context, CHILD | number))
        if kind == K_ENUM:
            return self.enum(tag, "", None, None), Qualifier.NONE
        return self.record(key, RECORDS[kind], tag, "", None), Qualifier.NONE

    def _reference(self, context: Dictionary, type: int) -> Typed:
        """What a pointer or typedef refers to: 0 is void to some compilers."""
        return self._typed(context, type) if type else (Void(), Qualifier.NONE)

    def _number(self, owner: Dictionary, row: Row) -> Typed:
        name = self._text(owner, row.name)
        (encoding,) = self._u4.unpack_from(owner.data, row.at)
        form, bits = encoding >> 24, encoding & 0xFFFF
        if row.kind == K_FLOAT:
            family = "complex" if form in FLOATS_COMPLEX else "float"
            if form not in FLOATS_COMPLEX and form not in FLOATS_REAL:
                family = "foreign"
        else:
            if name == "void" or (row.size == 0 and bits == 0):
                return Void(), Qualifier.NONE
            family = "signed" if form & INT_SIGNED else "unsigned"
            if form & INT_BOOL:
                family = "bool"
            elif name == "char" and form & INT_CHAR:
                family = "char"
        return scalar(name, family, row.size, self.machine), Qualifier.NONE

    def _array(self, context: Dictionary, owner: Dictionary, row: Row) -> Typed:
        element, _, length = struct.unpack_from(self._order + "III", owner.data, row.at)
        typed = self._typed(context, element)
        if isinstance(typed[0], Array):
            self._dimensions = True
            if self._reversed:
                return innermost(typed, length)
        return self.array(typed, [length])

    def _function(self, context: Dictionary, owner: Dictionary, row: Row) -> FunctionType:
        result, _ = self._reference(context, row.size)
        if row.count > PARAMETERS_MAX + 1:
            raise MalformedError(".ctf", f"a function of over {PARAMETERS_MAX} parameters")
        numbers = list(self._numbers(owner, row.at, row.at + 4 * row.count))
        open_ended = bool(numbers) and numbers[-1] == 0
        if open_ended:
            numbers.pop()
        parameters = [self.parameter("", self._typed(context, number)) for number in numbers]
        return FunctionType(result, tuple(parameters), open_ended and bool(parameters), True)

    def _enum(self, key: int, owner: Dictionary, row: Row) -> Typed:
        if row.count > FIELDS_MAX:
            raise MalformedError(".ctf", f"an enum of over {FIELDS_MAX} values")
        pairs = struct.Struct(self._order + "Ii")
        enumerators = []
        for index in range(row.count):
            name, value = pairs.unpack_from(owner.data, row.at + 8 * index)
            enumerators.append(Enumerator(self._text(owner, name), value))
        signed = any(e.value < 0 for e in enumerators)
        underlying = scalar("", "signed" if signed else "unsigned", row.size or 4, self.machine)
        typedef = self._typedef_names.get(key, "")
        tag = self._text(owner, row.name)
        return self.enum(tag, typedef, enumerators, underlying), Qualifier.NONE

    # -- members

    def _members(self, key: int) -> Iterator[tuple[str, int, int]]:
        """Names, types and offsets in bits."""
        _, owner, row = self._row(key)
        if row.count > FIELDS_MAX:
            raise MalformedError(".ctf", f"a record of over {FIELDS_MAX} members")
        large = row.size >= LARGE_RECORD
        layout = struct.Struct(self._order + ("4I" if large else "3I"))
        for index in range(row.count):
            values: tuple[int, ...] = layout.unpack_from(owner.data, row.at + layout.size * index)
            offset = values[1] << 32 | values[3] if large else values[1]
            yield self._text(owner, values[0]), values[2], offset

    def shape(self, key: int) -> object:
        """Names and offsets of a record's members."""
        return [(name, offset) for name, _, offset in self._members(key)]

    def fields(self, key: int) -> list[Field]:
        """The members of the record of a number."""
        context, _, record = self._row(key)
        fields: list[Field] = []
        for name, type, offset in self._members(key):
            typed, qualifiers = self._typed(context, type)
            width = None
            _, owner, row = self._row(self._key(context, type))
            if row.kind == K_SLICE:
                _, more, width = struct.unpack_from(self._order + "IHH", owner.data, row.at)
                offset += more
            at, bit = divmod(offset, 8)
            if width is None and bit:
                raise MalformedError(".ctf", f"the member {name} begins within a byte")
            fields.append(Field(name if is_name(name) else "", typed, at, qualifiers, bit, width))
        if record.kind == K_STRUCT:
            make_flexible(fields)
        return fields

    def correct(self, record: Record) -> None:
        """Take back what GNU ld adds to a struct that ends in bit-fields: it counts their storage
        in bytes from where they begin, not from where it lies."""
        wrong = 0
        for member in record.fields or ():
            if member.bit_width is not None:
                storage = 1 << max(-(-member.bit_width // 8) - 1, 0).bit_length()
                wrong = max(wrong, (member.offset or 0) + storage)
        if record.kind == "struct" and wrong and wrong == record.size:
            natural, end = extent(record, self.machine)
            size = -(-end // natural) * natural
            if size < wrong and wrong % natural:
                record.size = size
                self.note(f"the size of {record.name or 'a struct'} is found from its bit-fields")


def reversed_dimensions(file: ElfFile) -> bool | None:
    """Whether the compiler wrote the lengths of arrays of arrays in reverse order into CTF and BTF,
    as GCC did before version 14; None when the file does not say what compiled it."""
    versions: set[int] = set()
    for text in file.compilers():
        words: list[Any] = text.split()
        if words[:1] == ["GCC:"] and words[-1].split(".")[0].isdecimal():
            versions.add(int(words[-1].split(".")[0]))
    if not versions:
        return None
    old = {version < 14 for version in versions}
    return old.pop() if len(old) == 1 else None
