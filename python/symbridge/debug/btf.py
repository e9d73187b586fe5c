"""Declarations from BTF, the BPF Type Format: what `gcc -gbtf` and `pahole -J` write.

After "BPF Type Format (BTF)" of the Linux kernel's documentation. A section holds one block; GNU ld
puts those of several units one behind the other, each with numbers of its own. BTF has no places in
the source, no packing, no complex numbers but by their names.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from symbridge.debug.ctf import reversed_dimensions
from symbridge.debug.limits import (
    DICTIONARIES_MAX,
    FIELDS_MAX,
    PARAMETERS_MAX,
    TYPES_MAX,
    MalformedError,
)
from symbridge.debug.model import Reader, Steps, Typed, innermost, is_name, make_flexible
from symbridge.debug.scalars import Machine, scalar
from symbridge.debug.sections import ElfFile, Symbol, text_at
from symbridge.declarations import (
    Array,
    Declaration,
    Enumerator,
    Field,
    Function,
    FunctionType,
    Parameter,
    Pointer,
    Qualifier,
    Scalar,
    Variable,
    Void,
)

__all__ = ["BtfReader"]

MAGIC, VERSION, HEADER_SIZE = 0xEB9F, 1, 24
ROWS_MAX = 4 * TYPES_MAX

(
    K_VOID,
    K_INT,
    K_POINTER,
    K_ARRAY,
    K_STRUCT,
    K_UNION,
    K_ENUM,
    K_FORWARD,
    K_TYPEDEF,
    K_VOLATILE,
    K_CONST,
    K_RESTRICT,
    K_FUNCTION,
    K_PROTOTYPE,
    K_VARIABLE,
    K_SECTION,
    K_FLOAT,
    K_DECLARATION_TAG,
    K_TYPE_TAG,
    K_ENUM64,
) = range(20)

QUALIFIERS = {
    K_VOLATILE: Qualifier.VOLATILE,
    K_CONST: Qualifier.CONST,
    K_RESTRICT: Qualifier.RESTRICT,
}
#: Bytes behind a type: for each of its parts, and beside that.
PART_SIZES = {
    K_STRUCT: 12,
    K_UNION: 12,
    K_ENUM: 8,
    K_PROTOTYPE: 8,
    K_SECTION: 12,
    K_ENUM64: 12,
}
TAIL_SIZES = {K_INT: 4, K_ARRAY: 12, K_VARIABLE: 4, K_DECLARATION_TAG: 4}
INT_SIGNED, INT_CHAR, INT_BOOL = 1, 2, 4
FUNCTION_EXTERN, VARIABLE_EXTERN = 2, 2


@dataclass(slots=True)
class Row:
    """One type: kind, name, how many parts, whether its flag is set, its size or the type it
    refers to, where its parts begin."""

    kind: int
    name: int
    count: int
    flag: bool
    size: int
    at: int


@dataclass(slots=True)
class Block:
    """One block of BTF: its types, and the section's data that they lie in."""

    number: int
    strings: bytes
    rows: list[Row] = field(default_factory=list)


class BtfReader(Reader):
    """The declarations of one file's .BTF. exports: the symbols to find, by name; None: all there
    are."""

    section = ".BTF"

    def __init__(self, file: ElfFile, machine: Machine, exports: dict[str, Symbol] | None) -> None:
        super().__init__(machine)
        self._order = file.order
        self._data = file.data(".BTF")
        self._exports = exports
        self._blocks: list[Block] = []
        self._rows = 0
        self._typedef_names: dict[int, str] = {}
        self._reversed = reversed_dimensions(file)
        self._arrays = False

    def read(self, progress: Steps | None = None) -> list[Declaration]:
        """The declarations."""
        self._open()
        functions: dict[str, Function] = {}
        variables: dict[str, Variable] = {}
        for number, block in enumerate(self._blocks):
            if progress is not None:
                progress.step(number, len(self._blocks), "blocks")
            for index, row in enumerate(block.rows):
                if row.kind not in (K_FUNCTION, K_VARIABLE) or self._elsewhere(row):
                    continue
                name = text_at(block.strings, row.name, ".BTF")
                if not is_name(name) or not self._wanted(name, row.kind):
                    continue
                if row.kind == K_FUNCTION and name not in functions:
                    made = self.type(block.number << 32 | index + 1)[0]
                    if isinstance(made, FunctionType):
                        functions[name] = Function(name, made, name)
                elif row.kind == K_VARIABLE and name not in variables:
                    typed = self.type(block.number << 32 | index + 1)
                    variables[name] = Variable(name, typed[0], name, typed[1])
        self.finish()
        if self._arrays:
            self.note(
                "arrays of arrays: some compilers write their lengths in reverse order into BTF, "
                "and pahole makes one array of them"
            )
        return self.declarations(functions.values(), variables.values())

    def _elsewhere(self, row: Row) -> bool:
        """Whether a function or variable is only declared here."""
        if row.kind == K_FUNCTION:
            return row.count == FUNCTION_EXTERN
        linkage: int = struct.unpack_from(self._order + "I", self._data, row.at)[0]
        return linkage == VARIABLE_EXTERN

    def _wanted(self, name: str, kind: int) -> bool:
        if self._exports is None:
            return True
        found = self._exports.get(name)
        kinds = ("function", "resolver", "") if kind == K_FUNCTION else ("variable", "")
        return found is not None and found.kind in kinds

    # -- the container

    def _open(self) -> None:
        data, at = self._data, 0
        while at < len(data):
            if len(self._blocks) >= DICTIONARIES_MAX:
                raise MalformedError(".BTF", f"over {DICTIONARIES_MAX} blocks")
            if len(data) - at < HEADER_SIZE:
                if self._blocks and not any(data[at:]):
                    return  # padding
                raise MalformedError(".BTF", f"truncated in the header at {at:#x}")
            at = self._open_block(at)
            # The next unit's block begins where it is aligned; it may be on a boundary of 1, 4 or
            # 8.
            magic = MAGIC.to_bytes(2, "little" if self._order == "<" else "big")
            while at < len(data) and data[at] == 0 and data[at : at + 2] != magic:
                at += 1
        if len(self._blocks) > 1:
            self.note("the linker did not merge BTF: each unit's types are its own")

    def _open_block(self, start: int) -> int:
        data = self._data
        magic, version, _, size, types, type_size, names, name_size = struct.unpack_from(
            self._order + "HBBIIIII", data, start
        )
        if magic != MAGIC:
            raise MalformedError(".BTF", f"it begins with {magic:#06x}, not {MAGIC:#06x}")
        if version != VERSION:
            raise MalformedError(".BTF", f"it is of version {version}; {VERSION} is read")
        if size < HEADER_SIZE:
            raise MalformedError(".BTF", f"its header has {size} bytes, {HEADER_SIZE} expected")
        base = start + size
        if base + types + type_size > len(data) or base + names + name_size > len(data):
            raise MalformedError(".BTF", "its parts lie beyond its end: is the file truncated?")
        at, end = base + types, base + types + type_size
        block = Block(len(self._blocks), data[base + names : base + names + name_size])
        self._blocks.append(block)
        row = struct.Struct(self._order + "III")
        while at < end:
            self._rows += 1
            if self._rows > ROWS_MAX:
                raise MalformedError(".BTF", f"over {ROWS_MAX} types")
            if at + 12 > end:
                raise MalformedError(".BTF", "its types end within a type")
            name, info, value = row.unpack_from(data, at)
            kind, count = info >> 24 & 31, info & 0xFFFF
            if kind > K_ENUM64 or kind == K_VOID:
                what = f"type {len(block.rows) + 1:#x} is of kind {kind}, which is not known"
                raise MalformedError(".BTF", what)
            block.rows.append(Row(kind, name, count, info >> 31 != 0, value, at + 12))
            at += 12 + PART_SIZES.get(kind, 0) * count + TAIL_SIZES.get(kind, 0)
        if at > end:
            raise MalformedError(".BTF", "its types end within a type")
        last: int = max(end, base + names + name_size)
        return last

    # -- types

    def _row(self, key: int) -> tuple[Block, Row]:
        block = self._blocks[key >> 32]
        number = key & 0xFFFFFFFF
        if not 1 <= number <= len(block.rows):
            raise MalformedError(".BTF", f"there is no type {number:#x}")
        return block, block.rows[number - 1]

    def _typed(self, block: Block, type: int) -> Typed:
        return self.type(block.number << 32 | type) if type else (Void(), Qualifier.NONE)

    def make(self, key: int) -> Typed:
        """The type of a number."""
        block, row = self._row(key)
        kind, none = row.kind, Qualifier.NONE
        name = text_at(block.strings, row.name, ".BTF") if row.name else ""
        if kind == K_INT:
            return self._integer(name, row), none
        if kind == K_FLOAT:
            complex = "complex" in name.lower()
            return scalar(name, "complex" if complex else "float", row.size, self.machine), none
        if kind == K_POINTER:
            target, qualifiers = self._typed(block, row.size)
            return Pointer(target, qualifiers), none
        if kind == K_ARRAY:
            return self._array(block, row)
        if kind in (K_STRUCT, K_UNION):
            typedef = self._typedef_names.get(key, "")
            sort = "struct" if kind == K_STRUCT else "union"
            return self.record(key, sort, name, typedef, row.size), none
        if kind in (K_ENUM, K_ENUM64):
            return self._enum(key, name, block, row)
        if kind == K_FORWARD:
            return self.record(key, "union" if row.flag else "struct", name, "", None), none
        if kind == K_TYPEDEF:
            if is_name(name) and row.size:
                self._typedef_names.setdefault(block.number << 32 | row.size, name)
            return self.alias(name, self._typed(block, row.size))
        if kind in QUALIFIERS:
            target_key = block.number << 32 | row.size if row.size else None
            return self.qualified(target_key, QUALIFIERS[kind])
        if kind in (K_FUNCTION, K_VARIABLE, K_TYPE_TAG):
            return self._typed(block, row.size)
        if kind == K_PROTOTYPE:
            return self._prototype(block, row), none
        raise MalformedError(".BTF", f"a type of kind {kind}")

    def _integer(self, name: str, row: Row) -> Scalar:
        info: int = struct.unpack_from(self._order + "I", self._data, row.at)[0]
        encoding = info >> 24 & 15
        family = "signed" if encoding & INT_SIGNED else "unsigned"
        if encoding & INT_BOOL or name in ("_Bool", "bool"):
            family = "bool"
        elif name == "char":
            family = "char"
        return scalar(name, family, row.size, self.machine)

    def _array(self, block: Block, row: Row) -> Typed:
        element, _, length = struct.unpack_from(self._order + "III", self._data, row.at)
        typed = self._typed(block, element)
        self._arrays = self._arrays or (isinstance(typed[0], Array) and self._reversed is None)
        if isinstance(typed[0], Array) and self._reversed:
            return innermost(typed, length)
        return self.array(typed, [length])

    def _prototype(self, block: Block, row: Row) -> FunctionType:
        result, _ = self._typed(block, row.size)
        if row.count > PARAMETERS_MAX + 1:
            raise MalformedError(".BTF", f"a function of over {PARAMETERS_MAX} parameters")
        pairs = struct.Struct(self._order + "II")
        parameters: list[Parameter] = []
        for index in range(row.count):
            name, type = pairs.unpack_from(self._data, row.at + 8 * index)
            if type == 0 and index == row.count - 1:
                return FunctionType(result, tuple(parameters), bool(parameters), True)
            text = text_at(block.strings, name, ".BTF") if name else ""
            parameters.append(self.parameter(text, self._typed(block, type)))
        return FunctionType(result, tuple(parameters), False, True)

    def _enum(self, key: int, tag: str, block: Block, row: Row) -> Typed:
        wide = row.kind == K_ENUM64
        if row.count == 0:  # an enum of which only the name is known
            return self.enum(tag, "", None, None), Qualifier.NONE
        layout = struct.Struct(self._order + ("III" if wide else "II"))
        bits = 64 if wide else 32
        raw: list[tuple[str, int]] = []
        for index in range(row.count):
            values = layout.unpack_from(self._data, row.at + layout.size * index)
            value = values[1] | values[2] << 32 if wide else values[1]
            raw.append((text_at(block.strings, values[0], ".BTF"), value))
        # The flag says that values are signed; older writers never set it.
        signed = row.flag or (not wide and any(value >> 31 for _, value in raw))
        enumerators = [
            Enumerator(name, value - (1 << bits) if signed and value >> bits - 1 else value)
            for name, value in raw
        ]
        if not any(e.value < 0 for e in enumerators):
            signed = False
        underlying = scalar("", "signed" if signed else "unsigned", row.size or 4, self.machine)
        typedef = self._typedef_names.get(key, "")
        return self.enum(tag, typedef, enumerators, underlying), Qualifier.NONE

    # -- members

    def _members(self, key: int) -> Iterator[tuple[str, int, int, int]]:
        """Names, types, offsets in bits, widths in bits (0: no bit-field)."""
        block, row = self._row(key)
        if row.count > FIELDS_MAX:
            raise MalformedError(".BTF", f"a record of over {FIELDS_MAX} members")
        layout = struct.Struct(self._order + "III")
        for index in range(row.count):
            name, type, offset = layout.unpack_from(self._data, row.at + 12 * index)
            width = offset >> 24 if row.flag else 0
            text = text_at(block.strings, name, ".BTF") if name else ""
            yield text, type, offset & 0xFFFFFF if row.flag else offset, width

    def shape(self, key: int) -> object:
        """Names and offsets of a record's members."""
        return [(name, offset, width) for name, _, offset, width in self._members(key)]

    def fields(self, key: int) -> list[Field]:
        """The members of the record of a number."""
        block, record = self._row(key)
        fields: list[Field] = []
        for name, type, offset, width in self._members(key):
            typed, qualifiers = self._typed(block, type)
            at, bit = divmod(offset, 8)
            if not width:
                width = self._old_width(block, type)
            if not width and bit:
                raise MalformedError(".BTF", f"the member {name} begins within a byte")
            fields.append(
                Field(name if is_name(name) else "", typed, at, qualifiers, bit, width or None)
            )
        if record.kind == K_STRUCT:
            make_flexible(fields)
        return fields

    def _old_width(self, block: Block, type: int) -> int:
        """The width that an integer has of its own, as old writers said it of bit-fields."""
        _, row = self._row(block.number << 32 | type) if type else (block, None)
        if row is None or row.kind != K_INT:
            return 0
        bits: int = struct.unpack_from(self._order + "I", self._data, row.at)[0] & 0xFF
        return bits if bits != 8 * row.size and bits else 0
