"""What debug data may ask of the machine: the named limits of all readers, and how they
complain."""

from __future__ import annotations

__all__ = [
    "ABBREVIATIONS_MAX",
    "DEPTH_MAX",
    "DICTIONARIES_MAX",
    "FIELDS_MAX",
    "FILES_MAX",
    "FILE_SIZE_MAX",
    "INFLATED_MAX",
    "NAME_MAX",
    "PARAMETERS_MAX",
    "RECORD_SIZE_MAX",
    "SECTIONS_MAX",
    "SYMBOLS_MAX",
    "TYPES_MAX",
    "TYPE_PARTS_MAX",
    "UNITS_MAX",
    "MalformedError",
]

#: Bytes of a file that is read, and of all its compressed sections once they are decompressed.
FILE_SIZE_MAX = 4 << 30
INFLATED_MAX = 512 << 20
#: Sections of an ELF file, and symbols of its tables.
SECTIONS_MAX = 65_536
SYMBOLS_MAX = 2_000_000
#: Bytes of a name.
NAME_MAX = 4096
#: Members of one struct, union or enum; parameters of one function.
FIELDS_MAX = 65_536
PARAMETERS_MAX = 255
#: Records, enums, typedefs and function types that one description reaches.
TYPES_MAX = 500_000
#: How deep types lie in one another: pointers to arrays of pointers, structs in structs.
DEPTH_MAX = 100
#: Parts of one type, written out without its typedefs: the parameters of the parameters of a
#: function pointer ... double with each level.
TYPE_PARTS_MAX = 10_000
#: Bytes of a record, bits and all: what a pointer difference can say.
RECORD_SIZE_MAX = 1 << 62
#: Units, abbreviations and files of the line tables that DWARF has.
UNITS_MAX = 200_000
ABBREVIATIONS_MAX = 2_000_000
FILES_MAX = 2_000_000
#: Dictionaries in a CTF archive; BTF and CTF blocks that a linker only put one behind the other.
DICTIONARIES_MAX = 10_000


class MalformedError(Exception):
    """Debug data are not what their format says. read() makes a ToolError of it, with the file's
    name."""

    def __init__(self, section: str, what: str) -> None:
        super().__init__(f"{section}: {what}")
        self.section = section
