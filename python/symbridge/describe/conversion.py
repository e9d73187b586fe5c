"""Types as libclang has them, as the model has them."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from symbridge.declarations import (
    Alias,
    Array,
    Enum,
    Enumerator,
    Field,
    FunctionType,
    Kind,
    Location,
    Parameter,
    Pointer,
    Qualifier,
    Record,
    Scalar,
    Type,
    Void,
    resolved,
)
from symbridge.describe.comments import Comments
from symbridge.describe.known import is_argument_list
from symbridge.describe.spelling import InexpressibleError

__all__ = ["Types", "is_unnamed", "location_of", "own_name"]

#: libclang's numbers of the kinds of types, CXTypeKind in clang-c/Index.h. Scalars: name, kind.
SCALARS = {
    3: ("_Bool", Kind.BOOL),
    4: ("char", Kind.CHAR),
    5: ("unsigned char", Kind.UINT),
    6: ("char16_t", Kind.WIDE),
    7: ("char32_t", Kind.WIDE),
    8: ("unsigned short", Kind.UINT),
    9: ("unsigned int", Kind.UINT),
    10: ("unsigned long", Kind.UINT),
    11: ("unsigned long long", Kind.UINT),
    12: ("unsigned __int128", Kind.UINT),
    13: ("char", Kind.CHAR),
    14: ("signed char", Kind.INT),
    15: ("wchar_t", Kind.WIDE),
    16: ("short", Kind.INT),
    17: ("int", Kind.INT),
    18: ("long", Kind.INT),
    19: ("long long", Kind.INT),
    20: ("__int128", Kind.INT),
    21: ("float", Kind.FLOAT),
    22: ("double", Kind.FLOAT),
    23: ("long double", Kind.FLOAT),
    30: ("_Float128", Kind.FOREIGN),
    31: ("_Float16", Kind.FOREIGN),
    32: ("_Float16", Kind.FOREIGN),
    39: ("__bf16", Kind.FOREIGN),
}
INVALID, UNEXPOSED, VOID = 0, 1, 2
COMPLEX, POINTER = 100, 101
RECORD, ENUM, TYPEDEF = 105, 106, 107
FUNCTION_WITHOUT_PROTOTYPE, FUNCTION = 110, 111
CONSTANT_ARRAY, VECTOR, INCOMPLETE_ARRAY, VARIABLE_ARRAY = 112, 113, 114, 115
ELABORATED, ATTRIBUTED, ATOMIC = 119, 163, 177
ARRAYS = (CONSTANT_ARRAY, INCOMPLETE_ARRAY, VARIABLE_ARRAY)

#: Typedefs of the C library that are more than another name for an integer.
WIDE_NAMES = ("wchar_t", "char16_t", "char32_t")

#: What libclang calls what has no name: "struct (unnamed at x.h:3:1)".
UNNAMED = re.compile(r"\((?:unnamed|anonymous)")

#: In the names that libclang has for declarations (USR): only a typedef names the type.
NAMED_BY_TYPEDEF = re.compile(r"@[SUE]A@[^@]+$")

#: How deep types may nest.
DEEPEST = 200


def is_unnamed(cursor: Any) -> bool:
    """Whether a record, enum or field has no name of its own."""
    spelling: str = cursor.spelling
    return not spelling or UNNAMED.search(spelling) is not None


def own_name(cursor: Any) -> tuple[str, str]:
    """The tag of a record or enum, and the name that a typedef gives it if it has no tag."""
    if is_unnamed(cursor):
        return "", ""
    name: str = cursor.spelling
    return ("", name) if NAMED_BY_TYPEDEF.search(cursor.get_usr()) else (name, "")


def location_of(cursor: Any) -> Location:
    """Where a cursor is."""
    place = cursor.location
    return Location(place.file.name if place.file else "", place.line, place.column)


class Types:
    """Converts types, each once. is_described says whether a file is part of what is described:
    records from other files stay incomplete until their layout is needed."""

    def __init__(self, comments: Comments, is_described: Callable[[str], bool]) -> None:
        self._comments = comments
        self._is_described = is_described
        self._seen: dict[tuple[int, int], tuple[Type, Qualifier]] = {}
        self._tagged: dict[str, Record | Enum] = {}
        self._definitions: dict[int, Any] = {}  # by id of the record: what it is completed from
        self._depth = 0

    # ---- types

    def convert(self, found: Any, cursor: Any = None) -> tuple[Type, Qualifier]:
        """The type and its qualifiers. cursor is the declaration that has names for parameters."""
        key = (found._kind_id, found.data[0] or 0)
        seen = self._seen.get(key)
        if seen is not None and (cursor is None or not _has_prototype(seen[0])):
            return seen
        qualifiers = Qualifier.NONE
        if found.is_const_qualified():
            qualifiers |= Qualifier.CONST
        if found.is_volatile_qualified():
            qualifiers |= Qualifier.VOLATILE
        if found.is_restrict_qualified():
            qualifiers |= Qualifier.RESTRICT
        self._depth += 1
        try:
            if self._depth > DEEPEST:
                raise InexpressibleError(f"its type is nested more than {DEEPEST} deep")
            type, more = self._convert(found, cursor)
        finally:
            self._depth -= 1
        result = type, qualifiers | more
        if not (cursor is not None and _has_prototype(type)):
            self._seen[key] = result
        return result

    def _convert(self, found: Any, cursor: Any) -> tuple[Type, Qualifier]:
        kind = found._kind_id
        none = Qualifier.NONE
        if kind in SCALARS:
            name, scalar_kind = SCALARS[kind]
            return Scalar(name, scalar_kind, found.get_size(), found.get_align()), none
        if kind == VOID:
            return Void(), none
        if kind == POINTER:
            target, qualifiers = self.convert(found.get_pointee(), cursor)
            return Pointer(target, qualifiers), none
        if kind == ELABORATED:
            return self.convert(found.get_named_type(), cursor)
        if kind == TYPEDEF:
            return self._alias(found.get_declaration()), none
        if kind in (RECORD, ENUM):
            return self.tagged(found.get_declaration()), none
        if kind in ARRAYS:
            element, qualifiers = self.convert(found.get_array_element_type(), cursor)
            self.complete(element)
            length = found.element_count if kind == CONSTANT_ARRAY else None
            return Array(element, length, qualifiers), none
        if kind == COMPLEX:
            return self._complex(found), none
        if kind == VECTOR:
            return self._vector(found), none
        if kind == ATOMIC:
            return self.convert(_call("clang_Type_getValueType", found))
        if kind == ATTRIBUTED:
            return self.convert(_call("clang_Type_getModifiedType", found), cursor)
        canonical = found.get_canonical()
        if canonical._kind_id in (FUNCTION, FUNCTION_WITHOUT_PROTOTYPE):
            return self._function(found, canonical._kind_id == FUNCTION, cursor), none
        if canonical._kind_id != kind and canonical._kind_id not in (INVALID, UNEXPOSED):
            return self.convert(canonical, cursor)
        return Scalar(found.spelling, Kind.FOREIGN, max(found.get_size(), 0), 1), none

    def _alias(self, declaration: Any) -> Type:
        name: str = declaration.spelling
        target, qualifiers = self.convert(declaration.underlying_typedef_type, declaration)
        file = declaration.location.file
        described = file is not None and self._is_described(file.name)
        if not described:
            if name in WIDE_NAMES and isinstance(resolved(target), Scalar):
                scalar = resolved(target)
                assert isinstance(scalar, Scalar)
                return Scalar(name, Kind.WIDE, scalar.size, scalar.align)
            if isinstance(target, Alias) and target.name.startswith("_"):
                # The C library's own names for its own types say nothing to others.
                qualifiers |= target.qualifiers
                target = target.target
        return Alias(name, target, qualifiers)

    def _complex(self, found: Any) -> Type:
        element, _ = self.convert(found.element_type)
        assert isinstance(element, Scalar)
        if element.kind is Kind.FOREIGN:
            name, kind = f"_Complex {element.name}", Kind.FOREIGN
        else:
            name, kind = f"{element.name} _Complex", Kind.COMPLEX
        return Scalar(name, kind, found.get_size(), found.get_align())

    def _vector(self, found: Any) -> Type:
        element, _ = self.convert(found.element_type)
        actual = resolved(element)
        shown = actual.name if isinstance(actual, Scalar) else "?"
        size = found.get_size()
        name = f"__attribute__((vector_size({size}))) {shown}"
        return Scalar(name, Kind.FOREIGN, size, found.get_align())

    def function(self, cursor: Any) -> FunctionType | None:
        """The prototype of a function's declaration."""
        found = cursor.type
        if found._kind_id in (TYPEDEF, ELABORATED, FUNCTION_WITHOUT_PROTOTYPE):
            type, _ = self.convert(found)
            actual = resolved(type)
            return actual if isinstance(actual, FunctionType) else None
        result, _ = self.convert(found.get_result())
        parameters = tuple(self.parameter(p.type, p) for p in cursor.get_arguments())
        return FunctionType(result, parameters, bool(found.is_function_variadic()))

    def _function(self, found: Any, prototyped: bool, cursor: Any) -> FunctionType:
        result, _ = self.convert(found.get_result())
        if not prototyped:
            return FunctionType(result, (), prototyped=False)
        types = list(found.argument_types())
        named = [] if cursor is None else _parameters(cursor)
        if len(named) != len(types):
            named = [None] * len(types)
        parameters = tuple(
            self.parameter(type, parameter) for type, parameter in zip(types, named, strict=True)
        )
        return FunctionType(result, parameters, bool(found.is_function_variadic()))

    def parameter(self, found: Any, cursor: Any) -> Parameter:
        """A parameter, as functions receive it."""
        type, qualifiers = self.convert(found if cursor is None else cursor.type, cursor)
        actual = resolved(type)
        if isinstance(type, Alias) and is_argument_list(actual):
            if isinstance(actual, Array):
                type = Alias("va_list", Pointer(actual.element))
        elif isinstance(actual, Array):
            if isinstance(type, Alias):
                qualifiers |= type.qualifiers
            type = Pointer(actual.element, actual.qualifiers | qualifiers)
            qualifiers = Qualifier.NONE
        elif isinstance(actual, FunctionType):
            type, qualifiers = Pointer(type), Qualifier.NONE
        elif isinstance(actual, Record) and actual.kind == "union":
            self.complete(actual)
            if self._is_transparent(actual) and actual.fields:
                type = actual.fields[0].type
        name = "" if cursor is None or is_unnamed(cursor) else cursor.spelling
        location = Location("", 0) if cursor is None else location_of(cursor)
        return Parameter(name, type, qualifiers, (), location)

    def _is_transparent(self, record: Record) -> bool:
        definition = self._definitions.get(id(record))
        if definition is None:
            return False
        words = {token.spelling for token in definition.get_tokens()}
        return bool(words & {"transparent_union", "__transparent_union__"})

    # ---- records and enums

    def tagged(self, declaration: Any) -> Record | Enum:
        """The record or enum that a cursor declares: one object for all its declarations."""
        key = declaration.get_usr()
        if key in self._tagged:
            return self._tagged[key]
        tag, typedef = own_name(declaration)
        definition = declaration.get_definition()
        place = definition or declaration
        location = location_of(place)
        kind = place.kind.name
        if kind == "ENUM_DECL":
            enum = Enum(tag, typedef, location=location, doc=self._comments.of(place))
            self._tagged[key] = enum
            if definition is not None:
                self._fill_enum(enum, definition)
            return enum
        record = Record(
            "union" if kind == "UNION_DECL" else "struct",
            tag,
            typedef,
            location=location,
            doc=self._comments.of(place),
        )
        self._tagged[key] = record
        if definition is not None:
            self._definitions[id(record)] = definition
            if not tag or self._is_described(location.file):
                self.complete(record)
        return record

    def _fill_enum(self, enum: Enum, definition: Any) -> None:
        underlying, _ = self.convert(definition.enum_type)
        actual = resolved(underlying)
        enum.underlying = actual if isinstance(actual, Scalar) else None
        unsigned = enum.underlying is not None and enum.underlying.kind is not Kind.INT
        enum.enumerators = []
        for child in definition.get_children():
            if child.kind.name == "ENUM_CONSTANT_DECL":
                value = child.enum_value
                if unsigned and value < 0:
                    value += 1 << 64
                enum.enumerators.append(
                    Enumerator(
                        child.spelling, value, self._comments.of(child), (), location_of(child)
                    )
                )

    def complete(self, type: Type) -> None:
        """Give a record its fields, if it is one that is defined somewhere."""
        record = resolved(type)
        while isinstance(record, Array):
            record = resolved(record.element)
        if not isinstance(record, Record) or record.fields is not None:
            return
        definition = self._definitions.get(id(record))
        if definition is None:
            return
        found = definition.type
        record.fields = fields = []
        record.size, record.align = found.get_size(), found.get_align()
        for child in found.get_fields():
            width = child.get_bitfield_width() if child.is_bitfield() else None
            if width == 0:
                continue  # it has done its work
            type, qualifiers = self.convert(child.type, child)
            self.complete(type)
            bits = child.get_field_offsetof()
            fields.append(
                Field(
                    "" if is_unnamed(child) else child.spelling,
                    type,
                    bits // 8,
                    qualifiers,
                    bits % 8 if width is not None else 0,
                    width,
                    self._comments.of(child),
                    (),
                    location_of(child),
                )
            )

    def is_defined(self, type: Record | Enum) -> bool:
        """Whether the headers, described or not, define the record or enum."""
        return id(type) in self._definitions or isinstance(type, Enum)


def _has_prototype(type: Type) -> bool:
    """Whether names of parameters are part of the type as it is written."""
    while isinstance(type, (Pointer, Array)):
        type = type.target if isinstance(type, Pointer) else type.element
    return isinstance(type, FunctionType)


def _parameters(cursor: Any) -> list[Any]:
    return [child for child in cursor.get_children() if child.kind.name == "PARM_DECL"]


def _call(name: str, found: Any) -> Any:
    """A function of libclang's from type to type that its Python module lacks."""
    from symbridge.describe.compiler import libclang

    cindex: Any = libclang()
    function = getattr(cindex.conf.lib, name)
    if function.restype is not cindex.Type:
        function.argtypes, function.restype = [cindex.Type], cindex.Type
    result = function(found)
    result._tu = found._tu
    return result
