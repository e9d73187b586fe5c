"""Declarations from DWARF 2 to 5.

One pass goes over what stands at the top of each unit, and stops only at functions and variables
that the library exports. Types are then made as these need them. After "DWARF Debugging
Information Format", versions 2 to 5, and the GNU extensions.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from symbridge.debug.dwarf_lines import Files
from symbridge.debug.dwarf_units import (
    UT_SKELETON,
    UT_TYPE,
    Entry,
    Info,
    Unit,
)
from symbridge.debug.limits import FIELDS_MAX, PARAMETERS_MAX, MalformedError
from symbridge.debug.model import Reader, Steps, Typed, is_name
from symbridge.debug.scalars import Machine, scalar, vector
from symbridge.debug.sections import Symbol
from symbridge.declarations import (
    NOWHERE,
    Declaration,
    Enumerator,
    Field,
    Function,
    FunctionType,
    Kind,
    Location,
    Parameter,
    Pointer,
    Qualifier,
    Scalar,
    Variable,
    Void,
    resolved,
)

__all__ = ["DwarfReader"]

(
    TAG_ARRAY,
    TAG_CLASS,
    TAG_ENUM,
    TAG_PARAMETER,
    TAG_BLOCK,
    TAG_MEMBER,
    TAG_POINTER,
    TAG_REFERENCE,
    TAG_STRUCT,
    TAG_SUBROUTINE,
    TAG_TYPEDEF,
    TAG_UNION,
    TAG_UNSPECIFIED_PARAMETERS,
    TAG_INHERITANCE,
    TAG_INLINED,
    TAG_POINTER_TO_MEMBER,
    TAG_SUBRANGE,
    TAG_BASE,
    TAG_CONST,
    TAG_ENUMERATOR,
    TAG_SUBPROGRAM,
    TAG_VARIABLE,
    TAG_VOLATILE,
    TAG_RESTRICT,
    TAG_UNSPECIFIED,
    TAG_PARTIAL,
    TAG_IMPORTED_UNIT,
    TAG_RVALUE,
    TAG_ATOMIC,
    TAG_CALL_SITE,
    TAG_GNU_CALL_SITE,
) = (
    0x01,
    0x02,
    0x04,
    0x05,
    0x0B,
    0x0D,
    0x0F,
    0x10,
    0x13,
    0x15,
    0x16,
    0x17,
    0x18,
    0x1C,
    0x1D,
    0x1F,
    0x21,
    0x24,
    0x26,
    0x28,
    0x2E,
    0x34,
    0x35,
    0x37,
    0x3B,
    0x3C,
    0x3D,
    0x42,
    0x47,
    0x48,
    0x4109,
)

AT_NAME, AT_BYTE_SIZE, AT_BIT_OFFSET, AT_BIT_SIZE, AT_STMT_LIST = 0x03, 0x0B, 0x0C, 0x0D, 0x10
AT_IMPORT, AT_CONST_VALUE = 0x18, 0x1C
AT_PROTOTYPED, AT_UPPER_BOUND, AT_ABSTRACT_ORIGIN, AT_COUNT = 0x27, 0x2F, 0x31, 0x37
AT_MEMBER_LOCATION, AT_DECL_FILE, AT_DECL_LINE, AT_DECLARATION = 0x38, 0x3A, 0x3B, 0x3C
AT_ENCODING, AT_EXTERNAL, AT_SPECIFICATION, AT_TYPE = 0x3E, 0x3F, 0x47, 0x49
AT_SIGNATURE, AT_DATA_BIT_OFFSET, AT_LINKAGE_NAME, AT_DWO_NAME = 0x69, 0x6B, 0x6E, 0x76
AT_ALIGNMENT, AT_MIPS_LINKAGE_NAME, AT_GNU_VECTOR, AT_GNU_DWO_NAME = 0x88, 0x2007, 0x2107, 0x2130

RECORDS = {TAG_STRUCT: "struct", TAG_CLASS: "struct", TAG_UNION: "union"}
QUALIFIERS = {
    TAG_CONST: Qualifier.CONST,
    TAG_VOLATILE: Qualifier.VOLATILE,
    TAG_RESTRICT: Qualifier.RESTRICT,
}
POINTERS = (TAG_POINTER, TAG_REFERENCE, TAG_RVALUE)
#: What stands in a function behind its parameters. Its variables can be before them.
BODY = (TAG_BLOCK, TAG_INLINED, TAG_CALL_SITE, TAG_GNU_CALL_SITE)

FAMILIES = {
    1: "unsigned",
    2: "bool",
    3: "complex",
    4: "float",
    5: "signed",
    6: "signed",
    7: "unsigned",
    8: "unsigned",
    0x10: "wide",
}
ENCODING_SIGNED, ENCODING_SIGNED_CHAR = 5, 6

#: DW_LANG: C, C++, and what errors call the others.
C_LANGUAGES = frozenset((0x01, 0x02, 0x0C, 0x1D, 0x2C, 0x3E, 0x8001))
CPP_LANGUAGES = frozenset((0x04, 0x1A, 0x21, 0x2B, 0x3A, 0x4A))
LANGUAGES = {
    0x03: "Ada", 0x07: "Fortran", 0x08: "Fortran", 0x09: "Pascal", 0x0B: "Java", 0x0D: "Ada",
    0x0E: "Fortran", 0x10: "Objective-C", 0x11: "Objective-C++", 0x13: "D", 0x14: "Python",
    0x16: "Go", 0x18: "Haskell", 0x1B: "OCaml", 0x1C: "Rust", 0x1E: "Swift", 0x1F: "Julia",
    0x22: "Fortran", 0x23: "Fortran", 0x27: "Zig", 0x28: "Crystal", 0x2D: "Fortran",
}  # fmt: skip

OP_PLUS_UCONST = 0x23
LENGTH_MAX = 1 << 62
STEP = 64


class DwarfReader(Reader):
    """The declarations of one file's DWARF. exports: the symbols to find, by name; None: all that
    are external."""

    section = ".debug_info"

    def __init__(self, info: Info, machine: Machine, exports: dict[str, Symbol] | None) -> None:
        super().__init__(machine)
        self.info = info
        self._exports = exports
        self._files = Files()
        self._definitions: dict[tuple[str, str], int] | None = None
        self._record_places: list[int] = []
        self._imported: list[int] = []
        self._typedef_names: dict[int, str] = {}
        self._functions: dict[str, tuple[int, int | None]] = {}
        self._variables: dict[str, int] = {}
        self._addresses: dict[int, int] = {}
        self._others: dict[str, int] = {}  # units in languages that are not read
        self._mangled = 0
        self._split: list[str] = []
        self.version = 0

    # -- what is exported

    def read(self, progress: Steps | None = None) -> list[Declaration]:
        """The declarations."""
        units = self.info.units
        for number, unit in enumerate(units):
            if progress is not None and number % STEP == 0:
                progress.step(number, len(units), "units")
            self._read_unit(unit)
        # Since version 5 compilers say which alignments were asked for.
        self.infer_alignment = any(unit.version < 5 for unit in units)
        functions = [f for f in self._made_functions() if f is not None]
        variables = [self._variable(name, place) for name, place in self._variables.items()]
        self.finish()
        functions.sort(key=lambda f: (f.location.file, f.location.line, f.name))
        variables.sort(key=lambda v: (v.location.file, v.location.line, v.name))
        self._say()
        return self.declarations(functions, variables)

    def _say(self) -> None:
        for language, count in sorted(self._others.items()):
            self.note(f"{language} is not read ({count} {'units' if count != 1 else 'unit'})")
        if self._mangled:
            self.note(f"{self._mangled} exported symbols have C++ linkage: they are not described")
        if self._split:
            more = f" and {len(self._split) - 1} more" if len(self._split) > 1 else ""
            self.note(
                f"split debug data are not read: {self._split[0]}{more} "
                "(compile with -gno-split-dwarf)"
            )

    def split_units(self) -> list[str]:
        """The .dwo files that units name: their data are not here."""
        return self._split

    def _wanted(self, symbol: str, kind: str) -> bool:
        if self._exports is None:
            return True
        found = self._exports.get(symbol)
        return found is not None and (found.kind == kind or found.kind in ("", "resolver"))

    def _read_unit(self, unit: Unit) -> None:
        root = self.info.open(unit)
        name = root.text(AT_DWO_NAME) or root.text(AT_GNU_DWO_NAME)
        if unit.kind == UT_SKELETON or name:
            self._split.append(name or f"the unit at {unit.offset:#x}")
            return
        if unit.kind == UT_TYPE:
            self._record_places.append(unit.base + unit.offset + unit.type_offset)
            return
        if not root.children:
            return
        language = self.info.language(unit)
        if language not in C_LANGUAGES and language not in CPP_LANGUAGES:
            other = LANGUAGES.get(language, f"the language {language:#x}")
            self._others[other] = self._others.get(other, 0) + 1
            return
        for start, abbreviation, at in self.info.scan(unit, root.after):
            tag = abbreviation.tag
            if tag in (TAG_SUBPROGRAM, TAG_VARIABLE):
                names = abbreviation.names
                if AT_EXTERNAL in names or AT_SPECIFICATION in names or AT_ABSTRACT_ORIGIN in names:
                    entry = self.info.decoded(unit, abbreviation, start, at)
                    if tag == TAG_SUBPROGRAM:
                        self._meet_function(entry)
                    else:
                        self._meet_variable(entry)
            elif tag in RECORDS or tag == TAG_ENUM:
                if AT_DECLARATION not in abbreviation.names and AT_NAME in abbreviation.names:
                    self._record_places.append(unit.base + start)
            elif tag == TAG_IMPORTED_UNIT:
                entry = self.info.decoded(unit, abbreviation, start, at)
                place = entry.reference(AT_IMPORT)
                if place is not None:
                    self._imported.append(place)

    def _meet_function(self, entry: Entry) -> None:
        address = self.info.first_address(entry)
        root = self._origin(entry)
        if root is None or (root.get(AT_DECLARATION) and root is entry):
            return
        if not root.get(AT_EXTERNAL):
            return
        symbol = _symbol(root)
        if not symbol:
            return
        # A definition speaks for itself; what it specifies was declared before.
        place = entry.place if entry.reference(AT_SPECIFICATION) is not None else root.place
        if address is not None:
            self._addresses.setdefault(address, place)
        if not self._wanted(symbol, "function"):
            return
        if symbol.startswith("_Z") and _symbol_is_linkage(root):
            self._mangled += 1
            return
        known = self._functions.get(symbol)
        if known is not None:
            # Two definitions, as of a weak and a strong function: that at the symbol's address.
            exported = (self._exports or {}).get(symbol)
            if exported is None or address is None or address != exported.value:
                return
        self._functions[symbol] = (place, address)
        self.version = max(self.version, entry.unit.version)

    def _meet_variable(self, entry: Entry) -> None:
        root = self._origin(entry)
        if root is None or (root.get(AT_DECLARATION) and root is entry):
            return
        symbol = _symbol(root)
        if not root.get(AT_EXTERNAL) or not symbol or not self._wanted(symbol, "variable"):
            return
        if symbol.startswith("_Z") and _symbol_is_linkage(root):
            self._mangled += 1
            return
        self._variables.setdefault(symbol, entry.place)
        self.version = max(self.version, entry.unit.version)

    def _origin(self, entry: Entry) -> Entry | None:
        """The entry that has the name: behind specifications and inlined functions' abstract
        ones."""
        for _ in range(4):
            place = entry.reference(AT_ABSTRACT_ORIGIN)
            if place is None:
                place = entry.reference(AT_SPECIFICATION)
            if place is None:
                return entry
            entry = self.info.entry(place)
        return None

    # -- functions and variables

    def _made_functions(self) -> Iterable[Function | None]:
        for symbol, (place, _) in self._functions.items():
            yield self._function(symbol, place)
        for symbol, exported in (self._exports or {}).items():
            # Other names of a function: aliases and versions, which only the assembler knew.
            if exported.kind == "function" and symbol not in self._functions:
                other = self._addresses.get(exported.value)
                if other is not None and not symbol.startswith("_Z"):
                    yield self._function(symbol, other, alias=True)

    def _function(self, symbol: str, place: int, alias: bool = False) -> Function | None:
        entry = self.info.entry(place)
        root = self._origin(entry) or entry
        name = symbol if alias else root.text(AT_NAME)
        if not is_name(name):
            name = symbol
        if not is_name(name):
            return None
        made = self._prototype(entry, root)
        return Function(name, made, symbol, location=self._place(entry, root))

    def _variable(self, symbol: str, place: int) -> Variable:
        entry = self.info.entry(place)
        root = self._origin(entry) or entry
        # The definition knows the length of an array that was declared without.
        typed = self._typed(entry if entry.get(AT_TYPE) else root)
        name = root.text(AT_NAME)
        name = name if is_name(name) else symbol
        return Variable(name, typed[0], symbol, typed[1], location=self._place(entry, root))

    def _place(self, *entries: Entry) -> Location:
        """Where the first of some entries that says so was declared."""
        for entry in entries:
            line = entry.number(AT_DECL_LINE)
            if line:
                file = entry.number(AT_DECL_FILE)
                table = entry.unit.info.open(entry.unit).number(AT_STMT_LIST)
                if file is None or table is None:
                    return NOWHERE
                # Version 5 counts files from 0, and so do the tables here.
                name = self._files.name(entry.unit, table, file)
                return Location(name, line) if name else NOWHERE
        return NOWHERE

    def _typed(self, entry: Entry) -> Typed:
        """The type that an entry refers to; none is void."""
        place = entry.reference(AT_TYPE)
        if place is not None:
            return self.type(place)
        if AT_TYPE in entry.attributes:
            raise MalformedError(self.section, "a type is in no unit of this file")
        return Void(), Qualifier.NONE

    def _prototype(self, entry: Entry, root: Entry) -> FunctionType:
        result, _ = self._typed(entry if entry.get(AT_TYPE) else root)
        parameters, open_ended = self._parameters(entry)
        if not parameters and entry is not root:
            parameters, open_ended = self._parameters(root)
        language = self.info.language(entry.unit)
        prototyped = bool(root.get(AT_PROTOTYPED)) or language in CPP_LANGUAGES
        if not prototyped and parameters and entry.tag == TAG_SUBROUTINE:
            prototyped = True  # a pointer's type has parameters only from a prototype
        return FunctionType(result, tuple(parameters), open_ended and prototyped, prototyped)

    def _parameters(self, entry: Entry) -> tuple[list[Parameter], bool]:
        parameters: list[Parameter] = []
        for start, abbreviation, at in self.info.scan_children(entry):
            if abbreviation.tag == TAG_PARAMETER:
                if len(parameters) >= PARAMETERS_MAX:
                    raise MalformedError(
                        self.section, f"a function of over {PARAMETERS_MAX} parameters"
                    )
                child = self.info.decoded(entry.unit, abbreviation, start, at)
                origin = self._origin(child) or child
                typed = self._typed(child if child.get(AT_TYPE) else origin)
                parameters.append(self.parameter(origin.text(AT_NAME), typed))
            elif abbreviation.tag == TAG_UNSPECIFIED_PARAMETERS:
                return parameters, True
            elif parameters and abbreviation.tag in BODY:
                break
        return parameters, False

    # -- types

    def make(self, key: int) -> Typed:
        """The type of a place."""
        entry = self.info.entry(key)
        tag = entry.tag
        if tag in POINTERS:
            target, qualifiers = self._typed(entry)
            return Pointer(target, qualifiers), Qualifier.NONE
        if tag in QUALIFIERS:
            return self.qualified(entry.reference(AT_TYPE), QUALIFIERS[tag])
        if tag == TAG_TYPEDEF:
            return self._typedef(entry)
        if tag == TAG_BASE:
            return self._base(entry), Qualifier.NONE
        if tag in RECORDS:
            return self._record(entry)
        if tag == TAG_ENUM:
            return self._enum(entry)
        if tag == TAG_ARRAY:
            return self._array(entry)
        if tag == TAG_SUBROUTINE:
            return self._prototype(entry, entry), Qualifier.NONE
        if tag == TAG_POINTER_TO_MEMBER:
            size = entry.number(AT_BYTE_SIZE) or self.machine.pointer_size
            return Scalar("<pointer to member>", Kind.FOREIGN, size, 8), Qualifier.NONE
        if tag == TAG_UNSPECIFIED:
            return Void(), Qualifier.NONE
        if AT_TYPE in entry.attributes:
            return self._typed(entry)  # _Atomic, and what only qualifies in other ways
        raise MalformedError(self.section, f"the entry at {_shown(key)} has tag {tag:#x}: no type")

    def _base(self, entry: Entry) -> Scalar:
        name = entry.text(AT_NAME)
        size = entry.number(AT_BYTE_SIZE) or 0
        family = FAMILIES.get(entry.number(AT_ENCODING) or 0, "foreign")
        if name == "char":
            family = "char"
        return scalar(name, family, size, self.machine)

    def _typedef(self, entry: Entry) -> Typed:
        name = entry.text(AT_NAME)
        place = entry.reference(AT_TYPE)
        if place is not None and is_name(name):
            self._typedef_names.setdefault(place, name)
        typed = self._typed(entry)
        aligned = self._alignment(entry)
        return self.alias(name, typed, self._place(entry), aligned)

    def _alignment(self, entry: Entry) -> int:
        value = entry.number(AT_ALIGNMENT) or 0
        if value < 0 or value & value - 1 or value > 1 << 28:
            raise MalformedError(self.section, f"an alignment of {value}, at {_shown(entry.place)}")
        return value

    def _array(self, entry: Entry) -> Typed:
        element = self._typed(entry)
        lengths: list[int | None] = []
        for child in self.info.children(entry):
            if child.tag not in (TAG_SUBRANGE, TAG_ENUM):
                continue
            if len(lengths) > 100:
                raise MalformedError(self.section, "an array of over 100 dimensions")
            lengths.append(_length(child))
        if entry.get(AT_GNU_VECTOR):
            size = entry.number(AT_BYTE_SIZE) or 0
            behind = resolved(element[0])
            if not isinstance(behind, Scalar):
                raise MalformedError(self.section, "a vector of what is no number")
            return vector(behind, size or behind.size * (lengths[0] or 0 if lengths else 0)), (
                Qualifier.NONE
            )
        return self.array(element, lengths or [None])

    def _record(self, entry: Entry) -> Typed:
        signature = entry.reference(AT_SIGNATURE)
        if signature is not None and signature != entry.place:
            return self.type(signature)
        kind, tag = RECORDS[entry.tag], _tag(entry)
        if entry.get(AT_DECLARATION):
            place = self._definition(kind, tag)
            if place is not None and place != entry.place:
                return self.type(place)
            return self.record(entry.place, kind, tag, "", None, self._place(entry)), Qualifier.NONE
        typedef = self._typedef_names.get(entry.place, "")
        size = entry.number(AT_BYTE_SIZE) or 0
        made = self.record(
            entry.place,
            kind,
            tag,
            typedef,
            size,
            self._place(entry),
            self._alignment(entry),
        )
        return made, Qualifier.NONE

    def _enum(self, entry: Entry) -> Typed:
        signature = entry.reference(AT_SIGNATURE)
        if signature is not None and signature != entry.place:
            return self.type(signature)
        tag, place = _tag(entry), self._place(entry)
        if entry.get(AT_DECLARATION):
            definition = self._definition("enum", tag)
            if definition is not None and definition != entry.place:
                return self.type(definition)
            return self.enum(tag, "", None, None, place), Qualifier.NONE
        values: list[tuple[str, int]] = []
        for child in self.info.children(entry):
            if child.tag == TAG_ENUMERATOR:
                if len(values) >= FIELDS_MAX:
                    raise MalformedError(self.section, f"an enum of over {FIELDS_MAX} values")
                value = child.number(AT_CONST_VALUE)
                name = child.text(AT_NAME)
                if value is not None and is_name(name):
                    values.append((name, value))
        size = entry.number(AT_BYTE_SIZE) or 4
        underlying: Scalar | None = None
        if entry.reference(AT_TYPE) is not None:
            behind = resolved(self._typed(entry)[0])
            underlying = behind if isinstance(behind, Scalar) else None
        if underlying is None:
            encoding = entry.number(AT_ENCODING)
            signed = encoding in (ENCODING_SIGNED, ENCODING_SIGNED_CHAR) or (
                encoding is None and any(value < 0 for _, value in values)
            )
            family = "signed" if signed else "unsigned"
            underlying = scalar("", family, size, self.machine)
        bits = 8 * underlying.size
        most = (1 << (bits - 1 if underlying.kind is Kind.INT else bits)) - 1
        enumerators = [
            Enumerator(name, value - (1 << bits) if value > most else value)
            for name, value in values
        ]
        typedef = self._typedef_names.get(entry.place, "")
        return self.enum(tag, typedef, enumerators, underlying, place), Qualifier.NONE

    def _definition(self, kind: str, tag: str) -> int | None:
        """Where a record or enum that is only declared in one unit is defined in another."""
        if self._definitions is None:
            self._definitions = {}
            for place in [*self._record_places, *self._imported_places()]:
                entry = self.info.entry(place)
                name = _tag(entry)
                if name and not entry.get(AT_DECLARATION):
                    sort = RECORDS.get(entry.tag, "enum")
                    self._definitions.setdefault((sort, name), place)
        return self._definitions.get((kind, tag)) if tag else None

    def _imported_places(self) -> Iterable[int]:
        done: set[int] = set()
        for place in self._imported:
            unit = self.info.unit_of(place)
            if unit.info is self.info or unit.base + unit.offset in done:
                continue  # units of this file were read already
            done.add(unit.base + unit.offset)
            root = unit.info.open(unit)
            if root.children:
                for start, abbreviation, _ in unit.info.scan(unit, root.after):
                    if abbreviation.tag in RECORDS and AT_NAME in abbreviation.names:
                        yield unit.base + start

    # -- members

    def shape(self, key: int) -> object:
        """Names and offsets of a record's members."""
        members = []
        for child in self.info.children(self.info.entry(key)):
            if child.tag == TAG_MEMBER:
                members.append(
                    (child.text(AT_NAME), child.get(AT_MEMBER_LOCATION), child.get(AT_BIT_SIZE))
                )
                if len(members) > FIELDS_MAX:
                    raise MalformedError(self.section, f"a record of over {FIELDS_MAX} members")
        return members

    def fields(self, key: int) -> list[Field]:
        """The members of the record at a place."""
        entry = self.info.entry(key)
        fields: list[Field] = []
        for child in self.info.children(entry):
            if child.tag not in (TAG_MEMBER, TAG_INHERITANCE):
                continue
            if child.get(AT_EXTERNAL) or child.get(AT_DECLARATION):
                continue  # a static member of C++
            if len(fields) >= FIELDS_MAX:
                raise MalformedError(self.section, f"a record of over {FIELDS_MAX} members")
            fields.append(self._field(child))
        return fields

    def _field(self, entry: Entry) -> Field:
        name = entry.text(AT_NAME)
        typed, qualifiers = self._typed(entry)
        at = _member_offset(entry)
        width = entry.number(AT_BIT_SIZE)
        bit = 0
        if width is not None:
            total = entry.number(AT_DATA_BIT_OFFSET)
            if total is None:
                bit_offset = entry.number(AT_BIT_OFFSET)
                total = 8 * at
                if bit_offset is not None:
                    # Before version 4: from the high end of a unit of this size.
                    unit = 8 * (entry.number(AT_BYTE_SIZE) or _bytes(typed))
                    bit_offset = _signed(bit_offset)
                    if self.machine.order == "<":
                        bit_offset = unit - bit_offset - width
                    total += bit_offset
            if total < 0 or width < 0:
                raise MalformedError(self.section, f"bits at {total}, in {name or 'a member'}")
            at, bit = divmod(total, 8)
        field = Field(
            name if is_name(name) else "",
            typed,
            at,
            qualifiers,
            bit,
            width,
            location=self._place(entry),
        )
        aligned = self._alignment(entry)
        if aligned:
            self._aligned[id(field)] = aligned
        return field


def _shown(place: int) -> str:
    return hex(place & (1 << 48) - 1)


def _symbol(entry: Entry) -> str:
    linkage = entry.text(AT_LINKAGE_NAME) or entry.text(AT_MIPS_LINKAGE_NAME)
    return linkage or entry.text(AT_NAME)


def _symbol_is_linkage(entry: Entry) -> bool:
    return bool(entry.text(AT_LINKAGE_NAME) or entry.text(AT_MIPS_LINKAGE_NAME))


def _tag(entry: Entry) -> str:
    """The tag; that of a C++ template as near to a C name as it comes."""
    name = entry.text(AT_NAME)
    return name if not name or is_name(name) else re.sub(r"[^A-Za-z0-9_]+", "_", "_" + name)


def _signed(value: int) -> int:
    """A number that an old compiler wrote as unsigned though it is below zero."""
    return value - (1 << 64) if value >= 1 << 63 else value


def _length(entry: Entry) -> int | None:
    count = entry.number(AT_COUNT)
    if count is None:
        bound = entry.number(AT_UPPER_BOUND)
        if bound is None:
            return None
        count = 0 if bound in (-1, 0xFFFFFFFF, 0xFFFFFFFFFFFFFFFF) else bound + 1
    if count in (0xFFFFFFFFFFFFFFFF, -1):
        return None
    if not 0 <= count <= LENGTH_MAX:
        raise MalformedError(".debug_info", f"an array of {count} elements")
    return count


def _member_offset(entry: Entry) -> int:
    value = entry.get(AT_MEMBER_LOCATION)
    if value is None:
        return 0
    if isinstance(value, bytes):  # DWARF 2: an expression, which adds a number
        number = shift = 0
        for byte in value[1:11] if value[:1] == bytes((OP_PLUS_UCONST,)) else b"":
            number |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return number
        raise MalformedError(
            ".debug_info", f"a member at an offset that is computed: {value[:16].hex()}"
        )
    if not isinstance(value, int) or not 0 <= value <= LENGTH_MAX:
        raise MalformedError(".debug_info", f"a member at offset {value}")
    return value


def _bytes(type: object) -> int:
    behind = resolved(type)  # type: ignore[arg-type]
    size = getattr(behind, "size", None)
    if size is None:
        size = getattr(getattr(behind, "underlying", None), "size", 0)
    return size or 0
