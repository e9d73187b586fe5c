"""Units, abbreviations and entries of .debug_info and .debug_types: DWARF 2 to 5.

After "DWARF Debugging Information Format", versions 2 to 5, and the GNU extensions for data that
dwz moved to another file. An entry that nobody asks for costs a table look-up and an addition:
most data in a file are of function bodies, of which nothing is needed here.

A place in the data is one number: which section in the high bits, the offset in the low ones.
"""

from __future__ import annotations

import struct
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from symbridge.debug.limits import ABBREVIATIONS_MAX, NAME_MAX, UNITS_MAX, MalformedError
from symbridge.debug.sections import ElfFile, text_at

__all__ = ["Abbreviation", "Entry", "Info", "Unit", "uleb"]

SECTION_SHIFT = 48
OFFSET_MASK = (1 << SECTION_SHIFT) - 1

UT_TYPE, UT_SKELETON, UT_SPLIT, UT_SPLIT_TYPE = 2, 4, 5, 6

AT_SIBLING, AT_NAME, AT_STR_OFFSETS_BASE, AT_ADDR_BASE, AT_GNU_ADDR_BASE = (
    0x01,
    0x03,
    0x72,
    0x73,
    0x2133,
)
AT_LOW_PC, AT_RANGES = 0x11, 0x55
(
    RLE_BASE_ADDRESSX,
    RLE_STARTX_ENDX,
    RLE_STARTX_LENGTH,
    RLE_OFFSET_PAIR,
    RLE_BASE_ADDRESS,
    RLE_START_END,
    RLE_START_LENGTH,
) = range(1, 8)
#: How far into a list of ranges its first one is looked for.
RANGES_MAX = 8
AT_LANGUAGE, LANGUAGE_C99 = 0x13, 0x0C

# How a form is stored. Positive numbers are fixed sizes; the sizes of the first three depend on
# the unit.
ADDRESS, OFFSET, REFERENCE, ULEB, SLEB, STRING, BLOCK1, BLOCK2, BLOCK4, BLOCK, INDIRECT = range(
    -1, -12, -1
)

#: Each form: how it is stored, and what it is: a constant, "string" and so on.
FORMS: dict[int, tuple[int, str]] = {
    0x01: (ADDRESS, "address"),
    0x03: (BLOCK2, "block"),
    0x04: (BLOCK4, "block"),
    0x05: (2, "data"),
    0x06: (4, "data"),
    0x07: (8, "data"),
    0x08: (STRING, "string"),
    0x09: (BLOCK, "block"),
    0x0A: (BLOCK1, "block"),
    0x0B: (1, "data"),
    0x0C: (1, "flag"),
    0x0D: (SLEB, "data"),
    0x0E: (OFFSET, "strp"),
    0x0F: (ULEB, "data"),
    0x10: (REFERENCE, "ref_addr"),
    0x11: (1, "ref"),
    0x12: (2, "ref"),
    0x13: (4, "ref"),
    0x14: (8, "ref"),
    0x15: (ULEB, "ref"),
    0x16: (INDIRECT, "indirect"),
    0x17: (OFFSET, "data"),  # sec_offset
    0x18: (BLOCK, "block"),  # exprloc
    0x19: (0, "present"),
    0x1A: (ULEB, "strx"),
    0x1B: (ULEB, "addrx"),
    0x1C: (4, "ref_sup"),
    0x1D: (OFFSET, "strp_sup"),
    0x1E: (16, "bytes"),
    0x1F: (OFFSET, "line_strp"),
    0x20: (8, "ref_sig8"),
    0x21: (0, "implicit"),
    0x22: (ULEB, "data"),  # loclistx
    0x23: (ULEB, "data"),  # rnglistx
    0x24: (8, "ref_sup"),
    0x25: (1, "strx"),
    0x26: (2, "strx"),
    0x27: (3, "strx"),
    0x28: (4, "strx"),
    0x29: (1, "addrx"),
    0x2A: (2, "addrx"),
    0x2B: (3, "addrx"),
    0x2C: (4, "addrx"),
    0x1F01: (ULEB, "addrx"),
    0x1F02: (ULEB, "strx"),
    0x1F20: (OFFSET, "ref_sup"),
    0x1F21: (OFFSET, "strp_sup"),
}

FORM_REF4, FORM_IMPLICIT = 0x13, 0x21

#: Attribute, form, how it is stored, what it is, and its value if the abbreviation has it.
Attribute = tuple[int, int, int, str, int]
ADDRESS_SIZES = (2, 4, 8)
#: Bytes of a LEB128 number of 64 bits.
LEB_MAX = 10


def uleb(data: bytes, at: int) -> tuple[int, int]:
    """An unsigned LEB128 number, and where it ends."""
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7
        if shift > 63:
            raise ValueError("a LEB128 number of over 64 bits")


def sleb(data: bytes, at: int) -> tuple[int, int]:
    """A signed LEB128 number, and where it ends."""
    start = at
    value, at = uleb(data, at)
    bits = 7 * (at - start)
    return (value - (1 << bits) if data[at - 1] & 0x40 else value), at


@dataclass(slots=True)
class Abbreviation:
    """What entries of one code consist of."""

    tag: int
    children: bool
    attributes: list[Attribute]
    #: Sizes of what an entry consists of, runs of fixed ones added up; fixed when that is all of
    #: it.
    skips: list[int]
    fixed: int | None
    #: The last four bytes are the offset of the next entry that is not a child.
    sibling: bool
    names: frozenset[int]


@dataclass(slots=True)
class Unit:
    """One unit: a compiled file, a type, or what dwz took out of several."""

    base: int  # of its section: the high bits of a place
    data: bytes
    offset: int  # in its section, of the header
    first: int  # of its first entry
    end: int
    version: int
    kind: int
    address_size: int
    offset_size: int
    abbreviations_at: int
    info: Info
    signature: int = 0
    type_offset: int = 0
    abbreviations: dict[int, Abbreviation] = field(default_factory=dict)
    root: Entry | None = None
    str_offsets_base: int | None = None
    addr_base: int | None = None


@dataclass(slots=True)
class Entry:
    """A debugging information entry, with all its attributes decoded."""

    unit: Unit
    place: int
    tag: int
    children: bool
    attributes: dict[int, Any]
    after: int  # where its children or its next sibling begin

    def get(self, attribute: int) -> Any:
        """An attribute's value, or None."""
        return self.attributes.get(attribute)

    def number(self, attribute: int) -> int | None:
        """An attribute's value if it is a constant."""
        value = self.attributes.get(attribute)
        return value if isinstance(value, int) and not isinstance(value, bool) else None

    def text(self, attribute: int) -> str:
        """An attribute's value if it is a string, or ""."""
        value = self.attributes.get(attribute)
        return value if isinstance(value, str) else ""

    def reference(self, attribute: int) -> int | None:
        """The place that an attribute refers to."""
        value = self.attributes.get(attribute)
        return value.place if isinstance(value, Reference) else None


@dataclass(frozen=True, slots=True)
class Reference:
    """A reference to another entry, by its place."""

    place: int


class Info:
    """All units of a file. Entries of the supplementary file of dwz are found through `other`."""

    def __init__(self, file: ElfFile, number: int = 0, other: Info | None = None) -> None:
        self.file = file
        self.order = file.order
        self.other = other
        self._little = file.order == "<"
        self._u = {n: struct.Struct(file.order + c) for n, c in ((2, "H"), (4, "I"), (8, "Q"))}
        self.units: list[Unit] = []
        self.signatures: dict[int, Unit] = {}
        self._starts: list[int] = []
        self._tables: dict[tuple[int, int, int, int], dict[int, Abbreviation]] = {}
        self._known: dict[tuple[bytes | int, ...], Abbreviation] = {}
        self._abbreviations = 0
        self.work = 0
        for index, name in enumerate((".debug_info", ".debug_types")):
            data = file.data(name)
            if not data:
                continue
            self.work += len(data) + 1000
            self._read_headers(name, data, 2 * number + index << SECTION_SHIFT)
        self._bases = {unit.base for unit in self.units}

    # -- units

    def _read_headers(self, name: str, data: bytes, base: int) -> None:
        at = 0
        while at < len(data):
            if len(self.units) >= UNITS_MAX:
                raise MalformedError(name, f"over {UNITS_MAX} units")
            try:
                unit = self._read_header(name, data, at, base)
            except (IndexError, struct.error):
                raise MalformedError(name, f"truncated in the unit's header at {at:#x}") from None
            if unit is None:
                return
            self.units.append(unit)
            self._starts.append(base + unit.offset)
            if unit.kind == UT_TYPE:
                self.signatures.setdefault(unit.signature, unit)
            at = unit.end

    def _read_header(self, name: str, data: bytes, start: int, base: int) -> Unit | None:
        u2, u4, u8 = self._u[2].unpack_from, self._u[4].unpack_from, self._u[8].unpack_from
        (length,) = u4(data, start)
        at, offset_size = start + 4, 4
        if length == 0xFFFFFFFF:
            (length,) = u8(data, at)
            at, offset_size = at + 8, 8
        elif length >= 0xFFFFFFF0:
            raise MalformedError(name, f"the unit at {start:#x} has a length of {length:#x}")
        if length == 0 and not any(data[start:]):
            return None  # padding
        end = at + length
        if end > len(data):
            what = f"the unit at {start:#x} has {length} bytes, {len(data) - at} are there"
            raise MalformedError(name, what)
        (version,) = u2(data, at)
        at += 2
        if not 2 <= version <= 5:
            raise MalformedError(
                name, f"the unit at {start:#x} is of DWARF {version}; 2 to 5 are read"
            )
        read = u4 if offset_size == 4 else u8
        kind = UT_TYPE if name == ".debug_types" else 1
        if version >= 5:
            kind, address_size = data[at], data[at + 1]
            (abbreviations,) = read(data, at + 2)
            at += 2 + offset_size
        else:
            (abbreviations,) = read(data, at)
            address_size = data[at + offset_size]
            at += offset_size + 1
        if address_size not in ADDRESS_SIZES:
            raise MalformedError(
                name, f"the unit at {start:#x} has addresses of {address_size} bytes"
            )
        unit = Unit(
            base,
            data,
            start,
            at,
            end,
            version,
            kind,
            address_size,
            offset_size,
            abbreviations,
            self,
        )
        if kind in (UT_TYPE, UT_SPLIT_TYPE):
            (unit.signature,) = u8(data, at)
            (unit.type_offset,) = read(data, at + 8)
            unit.first = at + 8 + offset_size
        elif kind in (UT_SKELETON, UT_SPLIT):
            unit.first = at + 8
        if unit.first > end:
            raise MalformedError(name, f"the unit at {start:#x} ends in its header")
        return unit

    def open(self, unit: Unit) -> Entry:
        """The first entry of a unit, which speaks of all of it."""
        if unit.root is None:
            unit.abbreviations = self._abbreviation_table(unit)
            entry = self.entry_at(unit, unit.first)
            # Where its strings and addresses begin is among what may need them.
            for attribute in (AT_ADDR_BASE, AT_GNU_ADDR_BASE):
                if unit.addr_base is None:
                    unit.addr_base = entry.number(attribute)
            unit.str_offsets_base = entry.number(AT_STR_OFFSETS_BASE)
            unit.root = self.entry_at(unit, unit.first)
        return unit.root

    def unit_of(self, place: int) -> Unit:
        """The unit that a place lies in."""
        info: Info = self
        if place >> SECTION_SHIFT << SECTION_SHIFT not in self._bases and self.other is not None:
            info = self.other
        index = bisect_right(info._starts, place) - 1
        if index >= 0:
            unit = info.units[index]
            if unit.base + unit.first <= place < unit.base + unit.end:
                info.open(unit)
                return unit
        raise MalformedError(
            ".debug_info", f"a reference to {place & OFFSET_MASK:#x}, where no unit is"
        )

    def entry(self, place: int) -> Entry:
        """The entry at a place."""
        unit = self.unit_of(place)
        return unit.info.entry_at(unit, place & OFFSET_MASK)

    def signed(self, signature: int) -> int:
        """The place of the type that a type unit of a signature holds."""
        unit = self.signatures.get(signature)
        if unit is None:
            raise MalformedError(".debug_types", f"no type has the signature {signature:#018x}")
        return unit.base + unit.offset + unit.type_offset

    def language(self, unit: Unit) -> int:
        """DW_AT_language of a unit; C when it has none."""
        return unit.info.open(unit).number(AT_LANGUAGE) or LANGUAGE_C99

    # -- abbreviations

    def _abbreviation_table(self, unit: Unit) -> dict[int, Abbreviation]:
        key = (unit.abbreviations_at, unit.address_size, unit.offset_size, min(unit.version, 3))
        table = self._tables.get(key)
        if table is None:
            data = self.file.data(".debug_abbrev")
            try:
                table = self._read_abbreviations(data, unit)
            except (IndexError, ValueError) as error:
                at = unit.abbreviations_at
                raise MalformedError(".debug_abbrev", f"no table at {at:#x}: {error}") from None
            self._tables[key] = table
        return table

    def _read_abbreviations(self, data: bytes, unit: Unit) -> dict[int, Abbreviation]:
        at = unit.abbreviations_at
        sizes = {
            ADDRESS: unit.address_size,
            OFFSET: unit.offset_size,
            REFERENCE: unit.address_size if unit.version == 2 else unit.offset_size,
        }
        table: dict[int, Abbreviation] = {}
        while True:
            code, at = uleb(data, at)
            if code == 0:
                return table
            start = at
            tag, at = uleb(data, at)
            children = data[at] != 0
            at += 1
            attributes: list[Attribute] = []
            while True:
                self._abbreviations += 1
                if self._abbreviations > ABBREVIATIONS_MAX:
                    raise MalformedError(".debug_abbrev", f"over {ABBREVIATIONS_MAX} abbreviations")
                attribute, form = data[at], data[at + 1]
                if attribute < 0x80 and form < 0x80:
                    at += 2
                else:
                    attribute, at = uleb(data, at)
                    form, at = uleb(data, at)
                if attribute == 0 and form == 0:
                    break
                constant = 0
                if form == FORM_IMPLICIT:
                    constant, at = sleb(data, at)
                if form not in FORMS:
                    raise MalformedError(".debug_abbrev", f"form {form:#x} is not known")
                storage, kind = FORMS[form]
                if storage < 0:
                    storage = sizes.get(storage, storage)
                attributes.append((attribute, form, storage, kind, constant))
            # Compilers write the same ones for each unit.
            key: tuple[bytes | int, ...] = (data[start:at], *sizes.values())
            known = self._known.get(key)
            if known is None:
                known = self._known[key] = _abbreviation(tag, children, attributes)
            table.setdefault(code, known)

    # -- entries

    def entry_at(self, unit: Unit, at: int) -> Entry:
        """The entry at an offset in a unit's section."""
        self._count()
        start = at
        data = unit.data
        try:
            code, at = uleb(data, at)
            if code == 0:
                raise MalformedError(".debug_info", f"no entry at {start:#x}")
            abbreviation = unit.abbreviations.get(code)
            if abbreviation is None:
                raise MalformedError(
                    ".debug_info", f"the entry at {start:#x} has the unknown code {code}"
                )
            return self._decode(unit, abbreviation, start, at)
        except (IndexError, struct.error, ValueError) as error:
            raise MalformedError(".debug_info", f"the entry at {start:#x}: {error}") from None

    def _count(self) -> None:
        self.work -= 1
        if self.work < 0:
            raise MalformedError(".debug_info", "entries refer to one another without end")

    def _decode(self, unit: Unit, abbreviation: Abbreviation, start: int, at: int) -> Entry:
        data = unit.data
        values: dict[int, Any] = {}
        for attribute, form, storage, kind, constant in abbreviation.attributes:
            if storage >= 0:
                if at + storage > unit.end:
                    raise ValueError("beyond its unit")
                if storage == 1:
                    raw = data[at]
                elif storage in (2, 4, 8):
                    (raw,) = self._u[storage].unpack_from(data, at)
                elif storage == 0:
                    raw = constant
                else:
                    order = "little" if self._little else "big"
                    raw = int.from_bytes(data[at : at + storage], order)  # type: ignore[arg-type]
                at += storage
                values[attribute] = self._value(unit, kind, raw)
            else:
                values[attribute], at = self._variable(unit, form, storage, kind, at)
        if at > unit.end:
            raise ValueError("beyond its unit")
        return Entry(unit, unit.base + start, abbreviation.tag, abbreviation.children, values, at)

    def _variable(self, unit: Unit, form: int, storage: int, kind: str, at: int) -> tuple[Any, int]:
        data = unit.data
        if storage == ULEB:
            raw, at = uleb(data, at)
            return self._value(unit, kind, raw), at
        if storage == SLEB:
            return sleb(data, at)
        if storage == STRING:
            text = text_at(data, at, ".debug_info")
            return text, data.index(b"\0", at) + 1
        if storage == INDIRECT:
            form, at = uleb(data, at)
            if form not in FORMS or form in (0x16, 0x21):
                raise ValueError(f"form {form:#x} is not known")
            indirect = _resized(form, unit)
            if indirect < 0:
                return self._variable(unit, form, indirect, FORMS[form][1], at)
            order = "little" if self._little else "big"
            raw = int.from_bytes(data[at : at + indirect], order)  # type: ignore[arg-type]
            return self._value(unit, FORMS[form][1], raw), at + indirect
        size, at = self._block_size(data, storage, at)
        if at + size > unit.end:
            raise ValueError("a block beyond its unit")
        return data[at : at + size], at + size

    def _block_size(self, data: bytes, storage: int, at: int) -> tuple[int, int]:
        if storage == BLOCK:
            return uleb(data, at)
        if storage == BLOCK1:
            return data[at], at + 1
        width = 2 if storage == BLOCK2 else 4
        size: int = self._u[width].unpack_from(data, at)[0]
        return size, at + width

    def _value(self, unit: Unit, kind: str, raw: int) -> Any:
        match kind:
            case "data" | "implicit" | "address" | "bytes":
                return raw
            case "flag":
                return raw != 0
            case "present":
                return True
            case "ref":
                return Reference(unit.base + unit.offset + raw)
            case "ref_addr":
                return Reference((unit.base >> SECTION_SHIFT & ~1) << SECTION_SHIFT | raw)
            case "strp":
                return text_at(self.file.data(".debug_str"), raw, ".debug_str")
            case "line_strp":
                return text_at(self.file.data(".debug_line_str"), raw, ".debug_line_str")
            case "strx":
                return self._indexed_text(unit, raw)
            case "addrx":
                return self._indexed_address(unit, raw)
            case "ref_sig8":
                # A type that is in no unit here is not known: split or stripped data.
                known = raw in self.signatures
                return Reference(self.signed(raw)) if known else None
            case "ref_sup":
                return Reference(self._supplement() + raw)
            case "strp_sup":
                return text_at(self._supplementary().file.data(".debug_str"), raw, ".debug_str")
        raise ValueError(f"a value of class {kind}")

    def _supplementary(self) -> Info:
        if self.other is None:
            raise MalformedError(
                ".debug_info", "what it refers to was moved to another file by dwz, which is absent"
            )
        return self.other

    def _supplement(self) -> int:
        units = self._supplementary().units
        return units[0].base if units else 0

    def _indexed_text(self, unit: Unit, index: int) -> str:
        if unit.str_offsets_base is None and unit.root is None and unit.version >= 5:
            return ""  # the first entry, read for its bases
        width = unit.offset_size
        base = unit.str_offsets_base or (4 + width if unit.version >= 5 else 0)
        table = self.file.data(".debug_str_offsets")
        (at,) = self._u[width].unpack_from(table, base + index * width)
        return text_at(self.file.data(".debug_str"), at, ".debug_str")

    def _indexed_address(self, unit: Unit, index: int) -> int | None:
        if unit.addr_base is None and unit.root is None:
            return None
        table = self.file.data(".debug_addr")
        at = (unit.addr_base or 0) + index * unit.address_size
        if unit.address_size == 2 or at + unit.address_size > len(table):
            return None
        address: int = self._u[unit.address_size].unpack_from(table, at)[0]
        return address

    def first_address(self, entry: Entry) -> int | None:
        """Where the code of an entry begins, or of the first of its ranges; None: nowhere."""
        address = entry.number(AT_LOW_PC)
        if address is not None:
            return address
        ranges = entry.number(AT_RANGES)
        if ranges is None:
            return None
        unit = entry.unit
        base = unit.info.open(unit).number(AT_LOW_PC) or 0
        try:
            if unit.version < 5:
                return self._old_range(unit, ranges, base)
            return self._range(unit, ranges, base)
        except (IndexError, struct.error, ValueError):
            return None  # it only helps to find other names of a function

    def _old_range(self, unit: Unit, at: int, base: int) -> int | None:
        data, size = unit.info.file.data(".debug_ranges"), unit.address_size
        unpack = self._u[size].unpack_from
        for place in range(at, at + 2 * size * RANGES_MAX, 2 * size):
            (start,), (end,) = unpack(data, place), unpack(data, place + size)
            if start == (1 << 8 * size) - 1:
                base = end
            else:
                return None if start == end == 0 else int(base + start)
        return None

    def _range(self, unit: Unit, at: int, base: int) -> int | None:
        data, size = unit.info.file.data(".debug_rnglists"), unit.address_size
        unpack = self._u[size].unpack_from
        for _ in range(RANGES_MAX):
            kind, at = data[at], at + 1
            if kind == RLE_BASE_ADDRESS:
                ((base,), at) = unpack(data, at), at + size
            elif kind == RLE_BASE_ADDRESSX:
                index, at = uleb(data, at)
                base = self._indexed_address(unit, index) or 0
            elif kind == RLE_OFFSET_PAIR:
                return base + uleb(data, at)[0]
            elif kind in (RLE_START_END, RLE_START_LENGTH):
                start: int = unpack(data, at)[0]
                return start
            elif kind in (RLE_STARTX_ENDX, RLE_STARTX_LENGTH):
                return self._indexed_address(unit, uleb(data, at)[0])
            else:
                return None
        return None

    def decoded(self, unit: Unit, abbreviation: Abbreviation, start: int, at: int) -> Entry:
        """An entry that scan() met."""
        try:
            return unit.info._decode(unit, abbreviation, start, at)
        except (IndexError, struct.error, ValueError) as error:
            raise MalformedError(".debug_info", f"the entry at {start:#x}: {error}") from None

    def scan_children(self, entry: Entry) -> Iterator[tuple[int, Abbreviation, int]]:
        """What stands right under an entry, not decoded: as scan()."""
        if not entry.children:
            return iter(())
        return entry.unit.info.scan(entry.unit, entry.after)

    def children(self, entry: Entry) -> Iterator[Entry]:
        """The entries right under an entry."""
        for start, abbreviation, at in self.scan_children(entry):
            yield self.decoded(entry.unit, abbreviation, start, at)

    def scan(self, unit: Unit, at: int) -> Iterator[tuple[int, Abbreviation, int]]:
        """The entries that stand from an offset on, without their children: where each begins, what
        it consists of, where its attributes begin. This is where the time goes."""
        data, end, table = unit.data, unit.end, unit.abbreviations
        depth = 0
        start = at
        unpack = self._u[4].unpack_from
        work = self.work
        try:
            while at < end:
                start = at
                work -= 1
                code = data[at]
                at += 1
                if code == 0:
                    if depth == 0:
                        return
                    depth -= 1
                    continue
                if code >= 0x80:
                    code, at = uleb(data, start)
                abbreviation = table.get(code)
                if abbreviation is None:
                    what = f"the entry at {start:#x} has the unknown code {code}"
                    raise MalformedError(".debug_info", what)
                if depth == 0:
                    # Whoever gets this entry does work of his own.
                    self.work = work
                    yield start, abbreviation, at
                    work = self.work
                if work < 0:
                    self._count()
                if abbreviation.fixed is not None:
                    at += abbreviation.fixed
                else:
                    at = _skipped(data, abbreviation, at, unit, self)
                if abbreviation.children:
                    if abbreviation.sibling and at <= end:
                        (target,) = unpack(data, at - 4)
                        target += unit.offset
                        if not at <= target <= end:
                            what = f"the entry at {start:#x} has its sibling at {target:#x}"
                            raise MalformedError(".debug_info", what)
                        at = target
                    else:
                        depth += 1
        except (IndexError, struct.error, ValueError) as error:
            raise MalformedError(".debug_info", f"the entry at {start:#x}: {error}") from None
        finally:
            self.work = min(self.work, work)
        if at > end:
            raise MalformedError(".debug_info", f"the entry at {start:#x} goes beyond its unit")


def _resized(form: int, unit: Unit) -> int:
    storage = FORMS[form][0]
    if storage == ADDRESS:
        return unit.address_size
    if storage == OFFSET:
        return unit.offset_size
    if storage == REFERENCE:
        return unit.address_size if unit.version == 2 else unit.offset_size
    return storage


def _abbreviation(tag: int, children: bool, attributes: list[Attribute]) -> Abbreviation:
    skips: list[int] = []
    for _, _, storage, _, _ in attributes:
        if storage >= 0 and skips and skips[-1] >= 0:
            skips[-1] += storage
        else:
            skips.append(storage)
    fixed = None
    if not skips:
        fixed = 0
    elif len(skips) == 1 and skips[0] >= 0:
        fixed = skips[0]
    last = attributes[-1] if attributes else (0, 0, 0, "", 0)
    sibling = last[0] == AT_SIBLING and last[1] == FORM_REF4
    names = frozenset(attribute for attribute, *_ in attributes)
    return Abbreviation(tag, children, attributes, skips, fixed, sibling, names)


def _skipped(data: bytes, abbreviation: Abbreviation, at: int, unit: Unit, info: Info) -> int:
    """Where an entry ends of which some attributes have a size of their own."""
    for skip in abbreviation.skips:
        if skip >= 0:
            at += skip
        elif skip in (ULEB, SLEB):
            most = at + LEB_MAX
            while data[at] >= 0x80:
                at += 1
                if at >= most:
                    raise ValueError("a LEB128 number of over 64 bits")
            at += 1
        elif skip == STRING:
            stop = data.find(b"\0", at, at + NAME_MAX + 1)
            if stop < 0:
                raise ValueError(f"a name that has no end, or over {NAME_MAX} bytes")
            at = stop + 1
        elif skip == INDIRECT:
            form, at = uleb(data, at)
            if form not in FORMS or form in (0x16, 0x21):
                raise ValueError(f"form {form:#x} is not known")
            storage = _resized(form, unit)
            if storage >= 0:
                at += storage
            else:
                single = Abbreviation(0, False, [], [storage], None, False, frozenset())
                at = _skipped(data, single, at, unit, info)
        else:
            size, at = info._block_size(data, skip, at)
            at += size
    return at
