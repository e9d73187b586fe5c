"""Which Python types cross for what a description declares: what is accepted, what is given.

The rules are those of the extension module (bridge/cpython: scalar.c, text.c, array_in.c,
array_out.c, address.c, callback.c, place.c, field.c, variable.c), said as annotations. Where the
extension decides by the value rather than its type (a range, a length, a buffer that must be
writable), the annotation says what can be right. Where C could break what the description says (an
enum without that enumerator, NULL for what is not nullable), it says what the description does.
"""

from __future__ import annotations

from typing import Any, TypeAlias

from symbridge.annotation import (
    BOOL,
    BUFFER,
    BYTES,
    COMPLEX,
    FLOAT,
    INDEX,
    INT,
    NEVER,
    NONE,
    OBJECT,
    REAL,
    STR,
    Annotation,
    Literal,
    Name,
    Own,
    Signature,
    generic,
    optional,
    union,
)

__all__ = ["Crossing", "Row", "Tables"]

#: One row of a table: the members of the engine's struct by name.
Row: TypeAlias = dict[str, Any]
#: What `symbridge._bridge.reflect` gives: each table's rows.
Tables: TypeAlias = dict[str, Any]

_RECORDS = ("struct", "union")
_INTEGERS = ("int", "uint")
_CHARACTERS = ("char", "wide")
_PATH = union(
    STR,
    BYTES,
    generic("os", "PathLike", STR),
    generic("os", "PathLike", BYTES),
)
_ADDRESS_IN = union(INDEX, NONE)
_ADDRESS_OUT = union(INT, NONE)

#: Dimensions of an array that a memoryview can show, see classes.h.
_WINDOW_DIMENSIONS = 8


def _sequence(item: Annotation) -> Name:
    return generic("collections.abc", "Sequence", item)


class Crossing:
    """The types that values of one description cross as."""

    def __init__(self, tables: Tables) -> None:
        self.tables = tables
        self.types: list[Row] = tables["types"]

    # ---- where names are found

    def module_path(self, scope: int) -> tuple[str, ...]:
        """The submodule that a scope is, or lies in: its path from the top."""
        scopes = self.tables["scopes"]
        path: list[str] = []
        while scopes[scope]["class_index"] is not None:
            scope = scopes[scope]["parent"]
        while scopes[scope]["parent"] is not None:
            path.insert(0, scopes[scope]["name"])
            scope = scopes[scope]["parent"]
        return tuple(path)

    def own(self, scope: int, name: str) -> Own:
        """What has that name in a scope: a class, an enum, an exception."""
        scopes = self.tables["scopes"]
        inner = scope
        while scopes[inner]["class_index"] is not None:
            name = f"{scopes[inner]['name']}.{name}"
            inner = scopes[inner]["parent"]
        return Own(self.module_path(scope), name)

    def class_own(self, index: int) -> Own:
        """A described class."""
        row = self.tables["classes"][index]
        return self.own(row["scope"], row["name"])

    # ---- classes

    def class_in(self, index: int) -> Annotation:
        """An object of a class, given to C."""
        row = self.tables["classes"][index]
        if "adapted" in row["flags"]:
            return self._adapted(row, given_to_c=True)
        return OBJECT if "hidden" in row["flags"] else self.class_own(index)

    def class_out(self, index: int) -> Annotation:
        """An object of a class, from C."""
        row = self.tables["classes"][index]
        if "adapted" in row["flags"]:
            return self._adapted(row, given_to_c=False)
        return OBJECT if "hidden" in row["flags"] else self.class_own(index)

    def _adapted(self, row: Row, given_to_c: bool) -> Annotation:
        path: str = row["adapt"]
        if path == "complex" and given_to_c and row["adapt_fields"] == ["real", "imag"]:
            return COMPLEX
        parts = path.split(".")
        # Modules are in lower case, classes are not, but for those of the standard library.
        split = next((i for i, part in enumerate(parts) if part[:1].isupper()), len(parts) - 1)
        return Name(".".join(parts[:split]) or "builtins", ".".join(parts[split:]))

    def record_class(self, type_id: int) -> int | None:
        """The class of a record type."""
        row = self.types[type_id]
        return row["binding"] if row["kind"] in _RECORDS else None

    def pointee_class(self, pointer: int) -> int | None:
        """The class of what a pointer type points at."""
        row = self.types[pointer]
        return self.record_class(row["target"]) if row["kind"] == "pointer" else None

    # ---- numbers, enums, records by value

    def _enum(self, type_id: int) -> Own | None:
        row = self.types[type_id]
        if row["kind"] != "enum" or row["binding"] is None:
            return None
        enum = self.tables["enums"][row["binding"]]
        return None if enum["hidden"] else self.own(enum["scope"], enum["name"])

    def value_in(self, type_id: int) -> Annotation:
        """One value of a type, given to C."""
        row = self.types[type_id]
        kind = row["kind"]
        if kind in _RECORDS:
            return NEVER if row["binding"] is None else self.class_in(row["binding"])
        enum = self._enum(type_id)
        if enum is not None:
            return union(enum, INDEX)
        return {
            "bool": union(BOOL, Literal((0, 1))),
            "char": union(STR, BYTES),
            "wide": STR,
            "int": INDEX,
            "uint": INDEX,
            "enum": INDEX,
            "float": REAL,
            "complex": COMPLEX,
            "pointer": _ADDRESS_IN,
        }.get(kind, NEVER)

    def value_out(self, type_id: int) -> Annotation:
        """One value of a type, from C."""
        row = self.types[type_id]
        kind = row["kind"]
        if kind in _RECORDS:
            return NEVER if row["binding"] is None else self.class_out(row["binding"])
        enum = self._enum(type_id)
        if enum is not None:
            return enum
        return {
            "bool": BOOL,
            "char": STR,
            "wide": STR,
            "int": INT,
            "uint": INT,
            "enum": INT,
            "float": FLOAT,
            "complex": Name("builtins", "complex"),
            "pointer": _ADDRESS_OUT,
        }.get(kind, NEVER)

    # ---- elements of arrays

    def _is_text_element(self, value: Row) -> bool:
        return "string_elements" in value["flags"]

    def element_in(self, value: Row) -> Annotation:
        """An element of an array that is given to C."""
        if self._is_text_element(value):
            return BUFFER if "bytes" in value["flags"] else STR
        index = self.pointee_class(value["value_type"])
        return self.value_in(value["value_type"]) if index is None else self.class_in(index)

    def element_out(self, value: Row) -> Annotation:
        """An element of an array from C."""
        if self._is_text_element(value):
            return BYTES if "bytes" in value["flags"] else STR
        index = self.pointee_class(value["value_type"])
        return self.value_out(value["value_type"]) if index is None else self.class_out(index)

    def _array_in(self, value: Row) -> Annotation:
        flags, element = value["flags"], self.types[value["value_type"]]
        readonly, terminated = "readonly" in flags, "zero_terminated" in flags
        if "dict_keys" in flags:
            raise AssertionError("dicts are handled by their function")
        target = self.types[self.types[value["type"]]["target"]]
        if target["kind"] == "void":
            return union(BUFFER, STR) if readonly else BUFFER
        pointers = (
            self._is_text_element(value) or self.pointee_class(value["value_type"]) is not None
        )
        if pointers:
            return _sequence(self.element_in(value))
        items = _sequence(self.element_in(value))
        if element["kind"] in _RECORDS:
            plain = not self.has_pointers(value["value_type"], in_unions=True) and not terminated
            return (
                union(*([BUFFER] if plain else []), *([items] if readonly else []))
                if (plain or readonly)
                else NEVER
            )
        if not readonly:
            return BUFFER
        text = not terminated and (
            element["kind"] in _CHARACTERS or (element["size"] == 1 and value["encoding"])
        )
        return union(BUFFER, STR, items) if text else union(BUFFER, items)

    def has_pointers(self, type_id: int, in_unions: bool) -> bool:
        """Whether a record holds pointers, as type_has_pointer() of field.c tells."""
        row = self.types[type_id]
        while row["kind"] == "array":
            row = self.types[row["target"]]
        if row["kind"] == "pointer":
            return True
        if row["kind"] != "struct" and (row["kind"] != "union" or not in_unions):
            return False
        fields = self.tables["fields"][row["first"] : row["first"] + row["count"]]
        return any(self.has_pointers(f["value"]["type"], in_unions) for f in fields)

    def _is_text_array(self, value: Row) -> bool:
        element = self.types[value["value_type"]]
        if "bytes" in value["flags"] or self._is_text_element(value):
            return False
        if element["kind"] in _CHARACTERS or (element["kind"] == "uint" and element["size"] == 1):
            return True
        asked = bool(value["encoding"]) or "string" in self.attributes(value)
        return bool(element["kind"] == "int" and element["size"] == 1 and asked)

    def _array_out(self, value: Row) -> Annotation:
        if "shown" in value["flags"]:
            return self._memoryview(value["value_type"])
        element = self.types[value["value_type"]]
        if self._is_text_array(value):
            return STR
        scalar = element["kind"] not in _RECORDS and self._enum(value["value_type"]) is None
        pointers = (
            self._is_text_element(value) or self.pointee_class(value["value_type"]) is not None
        )
        if "bytes" in value["flags"] and scalar and not pointers:
            return BYTES
        return generic("builtins", "list", self.element_out(value))

    def _memoryview(self, element: int) -> Annotation:
        kind = self.types[element]["kind"]
        item = {"float": FLOAT, "bool": BOOL, "char": BYTES}.get(kind, INT)
        return generic("builtins", "memoryview", item)

    def attributes(self, row: Row) -> dict[str, tuple[Any, ...]]:
        """A row's attributes: each one's arguments by its name."""
        first = row["first_attribute"]
        rows = self.tables["attributes"][first : first + row["attribute_count"]]
        return {a["name"]: a["arguments"] for a in rows}

    # ---- parameters and results of functions

    def argument(self, value: Row, siblings: list[Row]) -> Annotation:
        """What a parameter accepts. siblings: all parameters of the function."""
        null = "nullable" in value["flags"]
        target = self.types[value["type"]]["target"]
        match value["passing"]:
            case "value":
                return self.value_in(value["type"])
            case "reference" if value["direction"] == "in":
                index = self.pointee_class(value["type"])
                return NEVER if index is None else optional(self.class_in(index), null)
            case "reference":
                return self.value_in(target)
            case "string":
                return optional(self._text_in(value), null)
            case "array" if "dict_keys" in value["flags"]:
                values = siblings[value["partner"]]
                # Mapping is invariant in its keys: what is given names them as C gives them.
                mapping = generic(
                    "collections.abc", "Mapping", self.element_out(value), self.element_in(values)
                )
                return optional(mapping, null)
            case "array":
                return optional(self._array_in(value), null)
            case "function":
                return optional(union(self.callback(value), INT), null)
        return union(BUFFER, INDEX, NONE)

    def _text_in(self, value: Row) -> Annotation:
        if "filename" in value["flags"]:
            return _PATH
        return BUFFER if "bytes" in value["flags"] else STR

    def result(self, value: Row, function: Row, siblings: list[Row]) -> Annotation:
        """What the function's C result or an out parameter gives."""
        is_result = value is function["result"]
        given = self._given(value, is_result, siblings)
        return optional(given, self._may_be_none(value, function, is_result))

    def _given(self, value: Row, is_result: bool, siblings: list[Row]) -> Annotation:
        flags = value["flags"]
        target = self.types[value["type"]]["target"]
        match value["passing"]:
            case "value":
                return self.value_out(value["type"])
            case "reference" if is_result:
                index = self.pointee_class(value["type"])
                return NEVER if index is None else self.class_out(index)
            case "reference":
                index = self.pointee_class(target) if "callee_allocated" in flags else None
                return self.value_out(target) if index is None else self.class_out(index)
            case "string":
                return BYTES if "bytes" in flags else STR
            case "array" if "dict_keys" in flags:
                values = siblings[value["partner"]]
                return generic(
                    "builtins", "dict", self.element_out(value), self.element_out(values)
                )
            case "array":
                return self._array_out(value)
        return INT

    def _may_be_none(self, value: Row, function: Row, is_result: bool) -> bool:
        """Whether None stands for a NULL that the description allows.

        A text or an address that is returned may be NULL unless that is how the function fails; one
        that is given through a parameter may be where nothing else says that the call failed.
        """
        if is_result and function["failure"] == "null":
            return False
        flags, passing = value["flags"], value["passing"]
        declared = self.tables["declarations"][function["declaration"]]
        if "nullable" in self.attributes(declared if is_result else value):
            return True
        if passing in ("string", "address", "function"):
            return is_result or function["failure"] == "never"
        if passing == "array" and "shown" not in flags:
            caller_owned = not is_result and "callee_allocated" not in flags
            return "zero_terminated" in flags and not caller_owned
        return False

    # ---- callbacks

    def callback(self, value: Row) -> Signature:
        """The Python function that a parameter of function pointer type takes."""
        function = self.types[self.types[value["type"]]["target"]]
        params = self.tables["params"][function["first"] : function["first"] + function["count"]]
        given, wanted = [], []
        result = self.types[function["target"]]
        if result["kind"] != "void" and not self._is_status(function["target"]):
            wanted.append(self._returned_to_c(function["target"]))
        for param in params:
            if param["direction"] == "out":
                wanted.append(self._returned_to_c(self.types[param["type"]]["target"]))
            elif "hidden" not in param["flags"]:
                given.append(self._given_to_callback(param))
        if not wanted:
            return Signature(tuple(given), OBJECT)
        one = wanted[0] if len(wanted) == 1 else generic("builtins", "tuple", *wanted)
        return Signature(tuple(given), one)

    def _is_status(self, type_id: int) -> bool:
        row = self.types[type_id]
        named = row["kind"] == "enum" and row["binding"] is not None
        return bool(named and self.tables["enums"][row["binding"]]["is_status"])

    def _returned_to_c(self, type_id: int) -> Annotation:
        index = self.pointee_class(type_id)
        if index is not None:
            flags = self.tables["classes"][index]["flags"]
            if not flags & {"adapted", "hidden"}:
                return union(self.class_own(index), NONE)
        return self.value_in(type_id)

    def _given_to_callback(self, value: Row) -> Annotation:
        flags = value["flags"]
        null = "nullable" in flags
        match value["passing"]:
            case "value":
                return self.value_out(value["type"])
            case "reference" if "in" in self.attributes(value):
                return optional(self.value_out(value["value_type"]), null)
            case "reference":
                index = self.pointee_class(value["type"])
                return NEVER if index is None else optional(self.class_out(index), null)
            case "string":
                text = BYTES if "bytes" in flags else STR
                return optional(text, "nullable" in self.attributes(value))
            case "array":
                return optional(self._array_out(value), null)
        return _ADDRESS_OUT

    # ---- memory: fields of records, global variables

    def held_out(self, type_id: int, value: Row | None, bare: bool, copy: bool) -> Annotation:
        """What reading memory of that type gives. bare: pointers are addresses only; copy: nothing
        that is given shows the memory itself."""
        row = self.types[type_id]
        match row["kind"]:
            case "struct" | "union":
                return self._record_out(row, bare, copy)
            case "array":
                return self._held_array_out(row, value, bare, copy)
            case "pointer":
                return self._pointer_out(row, value, bare)
        return self.value_out(type_id)

    def held_in(self, type_id: int, value: Row | None, bare: bool) -> Annotation:
        """What can be written to memory of that type."""
        row = self.types[type_id]
        match row["kind"]:
            case "struct" | "union":
                return self._record_in(row, bare)
            case "array":
                return self._held_array_in(row, value, bare)
            case "pointer":
                return self._pointer_in(row, value, bare)
        return self.value_in(type_id)

    def _fields(self, record: Row) -> list[Row]:
        fields: list[Row] = self.tables["fields"][
            record["first"] : record["first"] + record["count"]
        ]
        return fields

    def _record_out(self, row: Row, bare: bool, copy: bool) -> Annotation:
        if row["binding"] is not None:
            return self.class_out(row["binding"])
        if row["kind"] == "union":
            return BYTES
        items = [
            self.value_out(f["value"]["type"])
            if f["bit_width"]
            else self.held_out(f["value"]["type"], f["value"], bare, copy)
            for f in self._fields(row)
        ]
        return generic("builtins", "tuple", *items)

    def _record_in(self, row: Row, bare: bool) -> Annotation:
        if row["binding"] is not None:
            return self.class_in(row["binding"])
        if row["kind"] == "union":
            return BUFFER
        items = [self.held_in(f["value"]["type"], f["value"], bare) for f in self._fields(row)]
        return generic("builtins", "tuple", *items)

    def _is_byte_array(self, element: Row, value: Row | None) -> bool:
        byte = element["kind"] == "uint" and element["size"] == 1
        named = value is None or "bytes" in value["flags"] or element["name"] == "unsigned char"
        return bool(byte and named)

    def _innermost(self, row: Row) -> tuple[int, int]:
        """The element type of an array of arrays, and its dimensions; 0 when they are too many."""
        dimensions, innermost = 0, 0
        while row["kind"] == "array":
            if dimensions == _WINDOW_DIMENSIONS:
                return 0, 0
            dimensions += 1
            innermost = row["target"]
            row = self.types[innermost]
        return innermost, dimensions

    def can_show(self, type_id: int) -> bool:
        """Whether a memoryview can show items of the type as numbers."""
        row = self.types[type_id]
        while row["kind"] == "enum" and row["target"]:
            row = self.types[row["target"]]
        if row["kind"] in ("bool", *_INTEGERS):
            return bool(row["size"] <= 8)
        return row["kind"] == "float" and row["name"] in ("float", "double")

    def _held_array_out(self, row: Row, value: Row | None, bare: bool, copy: bool) -> Annotation:
        element = self.types[row["target"]]
        if element["kind"] in _CHARACTERS:
            return BYTES if value is not None and "bytes" in value["flags"] else STR
        if self._is_byte_array(element, value):
            return BYTES
        innermost, dimensions = self._innermost(row)
        numbers = dimensions > 0 and self.can_show(innermost)
        if numbers and not (dimensions > 1 and self._is_byte_array(self.types[innermost], value)):
            if not copy:
                return self._memoryview(innermost)
            listed: Annotation = self.value_out(innermost)
            if self._enum(innermost) is not None:
                listed = INT
            for _ in range(dimensions):
                listed = generic("builtins", "list", listed)
            return listed
        item = self.held_out(row["target"], value, bare, copy)
        return generic("builtins", "tuple", item, Name("builtins", "..."))

    def _held_array_in(self, row: Row, value: Row | None, bare: bool) -> Annotation:
        element = self.types[row["target"]]
        if element["kind"] in _CHARACTERS:
            return BYTES if value is not None and "bytes" in value["flags"] else STR
        if self._is_byte_array(element, value):
            return BUFFER
        items = _sequence(self.held_in(row["target"], value, bare))
        innermost, dimensions = self._innermost(row)
        kind = self.types[innermost]["kind"] if dimensions else "void"
        numbers = kind not in ("void", "pointer", *_RECORDS)
        return union(BUFFER, items) if numbers else items

    def _text_unit(self, row: Row, value: Row | None, bare: bool) -> bool:
        """Whether a pointer in memory is text, as string_unit() of place.c tells."""
        if bare:
            return False
        if value is not None and value["passing"] == "string":
            return True
        element = value is None or self.types[value["type"]]["kind"] == "array"
        text = self.types[row["target"]]["kind"] in _CHARACTERS
        return element and text and bool(row["target_quals"] & 1)

    def _pointer_out(self, row: Row, value: Row | None, bare: bool) -> Annotation:
        if self._text_unit(row, value, bare):
            as_bytes = value is not None and "bytes" in value["flags"]
            return union(BYTES if as_bytes else STR, NONE)
        if value is None or value["passing"] != "reference" or bare:
            return _ADDRESS_OUT
        index = self.record_class(row["target"])
        return _ADDRESS_OUT if index is None else union(self.class_out(index), NONE)

    def _pointer_in(self, row: Row, value: Row | None, bare: bool) -> Annotation:
        if self._text_unit(row, value, bare):
            as_bytes = value is not None and "bytes" in value["flags"]
            return union(BYTES if as_bytes else STR, NONE)
        if value is None or value["passing"] != "reference" or bare:
            return _ADDRESS_IN
        index = self.record_class(row["target"])
        return _ADDRESS_IN if index is None else union(self.class_in(index), NONE)

    def field_out(self, field: Row, in_union: bool, frozen: bool) -> Annotation:
        """What reading a field gives."""
        value = field["value"]
        row = self.types[value["type"]]
        if field["bit_width"]:
            return self.value_out(value["type"])
        if value["passing"] == "array" and row["kind"] == "pointer" and not in_union:
            element = self.types[value["value_type"]]
            shown = element["kind"] == "char" or self.can_show(value["value_type"])
            view = (
                generic("builtins", "memoryview", INT)
                if element["kind"] == "char"
                else self._memoryview(value["value_type"])
            )
            return union(view, NONE) if shown else union(view, INT, NONE)
        return self.held_out(value["type"], value, in_union, frozen)

    def field_in(self, field: Row, in_union: bool, frozen: bool) -> Annotation:
        """What can be assigned to a field."""
        value = field["value"]
        row = self.types[value["type"]]
        if frozen:
            return NEVER
        if field["bit_width"]:
            return self.value_in(value["type"])
        if value["passing"] == "array" and row["kind"] == "pointer" and not in_union:
            return union(BUFFER, NONE)
        if row["kind"] == "array" and value["length"] >= 0:
            element = self.types[row["target"]]
            if element["kind"] not in _CHARACTERS:
                return _sequence(self.held_in(row["target"], value, in_union))
        return self.held_in(value["type"], value, in_union)

    def variable(self, declaration: Row) -> tuple[Annotation, bool]:
        """What a global variable gives, and whether it can be assigned."""
        type_id = declaration["type"]
        row = self.types[type_id]
        constant = bool(declaration["quals"] & 1)
        element, inner = row, type_id
        while element["kind"] == "array":
            constant |= bool(element["target_quals"] & 1)
            inner = element["target"]
            element = self.types[inner]
        writable = not constant and "readonly" not in self.attributes(declaration)
        writable = writable and self._is_assignable(row, element, inner)
        if row["kind"] == "pointer":
            return self._pointer_variable(row), writable
        if row["kind"] in _RECORDS and "complete" not in row["flags"]:
            return INT, False
        if row["size"] == 0:
            return INT, False
        copy = constant and element["kind"] in _RECORDS
        return self.held_out(type_id, None, False, copy), writable

    def _is_assignable(self, row: Row, element: Row, inner: int) -> bool:
        if element["kind"] == "pointer":
            pointee = self.types[element["target"]]["kind"]
            if pointee in _CHARACTERS or pointee in _RECORDS:
                return False
        if row["size"] == 0:
            return False
        return not (element["kind"] in _RECORDS and self.has_pointers(inner, in_unions=True))

    def _pointer_variable(self, row: Row) -> Annotation:
        pointee = self.types[row["target"]]
        if pointee["kind"] in _CHARACTERS and row["target_quals"] & 1:
            return union(STR, NONE)
        index = self.record_class(row["target"])
        return _ADDRESS_OUT if index is None else union(self.class_out(index), NONE)
