"""What Python sees of a description: modules, classes, callables, each with its annotations.

    description = declarations.parse_file("core.bridge")
    module = surface.read(description)
    module.functions[0].parameters[0].annotation

It says of the module that `symbridge.load` would make what `inspect` could say, and the types of
what goes in and comes out besides; no library is opened. The members of each module and class are
in the order of the description.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum as _Enum
from typing import Any

from symbridge.annotation import (
    BOOL,
    FLOAT,
    INDEX,
    INT,
    NEVER,
    NONE,
    OBJECT,
    SELF,
    STR,
    Annotation,
    Name,
    Own,
    assignable,
    generic,
    union,
)
from symbridge.crossing import Crossing, Row
from symbridge.declarations import Description

__all__ = [
    "Callable",
    "Class",
    "Constant",
    "Enum",
    "Exception_",
    "Member",
    "Module",
    "Parameter",
    "ParameterKind",
    "Property",
    "Variable",
    "read",
]


class ParameterKind(_Enum):
    """How a parameter can be passed; as inspect.Parameter says it."""

    POSITIONAL_ONLY = "positional-only"
    POSITIONAL_OR_KEYWORD = "positional or keyword"
    VAR_POSITIONAL = "variadic positional"
    KEYWORD_ONLY = "keyword-only"


@dataclass(frozen=True, slots=True)
class Parameter:
    """One argument that a caller passes."""

    name: str
    kind: ParameterKind
    annotation: Annotation
    #: Python text of the default, "..." for one that is no literal, or "" without one.
    default: str = ""


@dataclass(slots=True)
class Callable:
    """A function, method, constructor or special method, without its receiver."""

    name: str
    parameters: tuple[Parameter, ...]
    result: Annotation
    doc: str = ""
    #: What it is called on: "" in a module or as a static method, "self" or "cls".
    receiver: str = ""
    #: It takes or gives what the method of that name in a base class does not.
    incompatible: bool = False
    #: The library may lack it.
    optional: bool = False
    #: The C symbol, or "" for what no function of the library stands behind.
    symbol: str = ""


@dataclass(slots=True)
class Property:
    """An attribute of objects: a field, or what getters and setters make."""

    name: str
    getter: Annotation | None
    setter: Annotation | None
    doc: str = ""
    incompatible: bool = False


@dataclass(frozen=True, slots=True)
class Constant:
    """A name with a value that never changes."""

    name: str
    value: int | float | str | bool | None
    doc: str = ""


@dataclass(frozen=True, slots=True)
class Variable:
    """A global variable of the library."""

    name: str
    annotation: Annotation
    writable: bool
    doc: str = ""


@dataclass(frozen=True, slots=True)
class Member:
    """One name of an enum."""

    name: str
    value: int
    doc: str = ""


@dataclass(frozen=True, slots=True)
class Enum:
    """An IntEnum, or with `flags` an IntFlag."""

    name: str
    own: Own
    members: tuple[Member, ...]
    flags: bool = False
    doc: str = ""


@dataclass(frozen=True, slots=True)
class Exception_:  # noqa: N801 - as the standard library would spell what is not Exception
    """An exception class of the module's own."""

    name: str
    own: Own
    base: Annotation
    doc: str = ""


@dataclass(slots=True)
class _Scope:
    """What modules and classes can hold."""

    constants: list[Constant] = field(default_factory=list)
    variables: list[Variable] = field(default_factory=list)
    exceptions: list[Exception_] = field(default_factory=list)
    enums: list[Enum] = field(default_factory=list)
    classes: list[Class] = field(default_factory=list)
    #: Functions of a module; static and class methods and methods of a class.
    functions: list[Callable] = field(default_factory=list)


@dataclass(slots=True)
class Class(_Scope):
    """A struct or union as a class."""

    name: str = ""
    own: Own = field(default_factory=lambda: Own((), ""))
    doc: str = ""
    base: Own | None = None
    #: None: objects come from functions only.
    constructor: Callable | None = None
    #: Made by __new__ alone, as tuples are: nothing can be changed later.
    readonly: bool = False
    #: Objects are handles that only functions understand.
    opaque: bool = False
    properties: list[Property] = field(default_factory=list)
    #: __add__, __len__ ...; several of one name are its overloads.
    special_methods: list[Callable] = field(default_factory=list)
    hashable: bool = True
    #: Neither are those of its base.
    base_unhashable: bool = False
    #: Its objects are laid out as no base's are: a class can inherit from one such only.
    disjoint: bool = True
    #: Objects are taken in turn by numbers from 0, though there is no __iter__: what each is.
    items: Annotation | None = None


@dataclass(slots=True)
class Module(_Scope):
    """The module, or a submodule."""

    name: str = ""
    #: The submodule's names from the top; () for the top itself.
    path: tuple[str, ...] = ()
    doc: str = ""
    submodules: list[Module] = field(default_factory=list)

    def walk(self) -> Iterator[Module]:
        """This module and all below it."""
        yield self
        for submodule in self.submodules:
            yield from submodule.walk()


def read(description: Description, name: str = "") -> Module:
    """The module that a description makes; `name` instead of its own, as at load().

    A description that a reader made, rather than parse(), has no tables and so no surface:
    ValueError.
    """
    if not description.tables:
        raise ValueError("a description must be parsed for its surface: use declarations.parse()")
    reader = _Reader(description.tables)
    module = reader.module(0)
    module.name = name or module.name or _name_of_library(description.library)
    return module


def _name_of_library(library: str) -> str:
    return library.rpartition("/")[2].partition(".")[0] or "native"


#: Special methods whose result Python itself demands.
_UNARY = {
    "__bool__": BOOL,
    "__int__": INT,
    "__float__": FLOAT,
    "__index__": INT,
    "__len__": INT,
    "__hash__": INT,
    "__str__": STR,
    "__repr__": STR,
}
_IN_PLACE = tuple(
    f"__i{name[2:]}"
    for name in (
        *("__add__", "__sub__", "__mul__", "__truediv__", "__floordiv__", "__mod__"),
        *("__matmul__", "__pow__", "__lshift__", "__rshift__", "__and__", "__or__", "__xor__"),
    )
)
_VARIADIC = union(FLOAT, INDEX, STR, Name("builtins", "bytes"), NONE)
_ZEROS = {"bool": "False", "float": "0.0", "complex": "0j", "char": r"'\x00'", "pointer": "None"}


def _parameter(name: str, annotation: Annotation) -> Parameter:
    return Parameter(name, ParameterKind.POSITIONAL_ONLY, annotation)


#: What the sizes of Python's objects are rounded up to.
_WORD = struct.calcsize("P")


class _Reader:
    """Builds the surface from the tables."""

    def __init__(self, tables: dict[str, Any]) -> None:
        self.tables = tables
        self.crossing = Crossing(tables)
        self.types: list[Row] = tables["types"]
        self.bases: dict[Own, Own] = {}
        for index, row in enumerate(tables["classes"]):
            if row["base"] is not None:
                self.bases[self.crossing.class_own(index)] = self.crossing.class_own(row["base"])
        self.made: dict[int, Class] = {}

    # ---- modules

    def module(self, scope: int) -> Module:
        row = self.tables["scopes"][scope]
        doc = row["doc"] or (self.tables["doc"] if scope == 0 else "")
        made = Module(name=row["name"], path=self.crossing.module_path(scope), doc=doc)
        self.fill(made, scope)
        for member in self.members(scope, "scope"):
            made.submodules.append(self.module(member["index"]))
        made.submodules.sort(key=lambda module: module.name)
        return made

    def members(self, scope: int, *kinds: str) -> list[Row]:
        row = self.tables["scopes"][scope]
        first = row["first_member"]
        rows = self.tables["members"][first : first + row["member_count"]]
        found = [member for member in rows if member["kind"] in kinds]
        return sorted(found, key=lambda m: (m["index"] is None, m["index"], m["other"] or 0))

    def fill(self, made: Module | Class, scope: int) -> None:
        for member in self.members(scope, "constant"):
            made.constants.append(self.constant(member))
        for member in self.members(scope, "variable"):
            declared = self.tables["declarations"][member["index"]]
            annotation, writable = self.crossing.variable(declared)
            made.variables.append(Variable(member["name"], annotation, writable, declared["doc"]))
        for member in self.members(scope, "exception"):
            made.exceptions.append(self.exception(scope, member))
        for member in self.members(scope, "enum"):
            made.enums.append(self.enum(scope, member))
        for member in self.members(scope, "class"):
            made.classes.append(self.class_(member["index"]))
        for member in self.members(scope, "function", "method", "class_method"):
            receiver = {"method": "self", "class_method": "cls"}.get(member["kind"], "")
            function = self.function(self.tables["functions"][member["index"]], receiver)
            function.name = member["name"]
            made.functions.append(function)

    def constant(self, member: Row) -> Constant:
        if member["other"] is not None:
            row = self.tables["enumerators"][member["other"]]
            return Constant(member["name"], row["value"], row["doc"])
        declared = self.tables["declarations"][member["index"]]
        return Constant(member["name"], declared["constant"][1], declared["doc"])

    def exception(self, scope: int, member: Row) -> Exception_:
        rows = self.tables["exceptions"]
        row = rows[member["index"]]
        base: Annotation = Name("builtins", "Exception")
        if row["base"] is not None:
            above = rows[row["base"]]
            base = Name("builtins", above["name"]) if above["standard"] else Own((), above["name"])
        own = self.crossing.own(scope, member["name"])
        return Exception_(member["name"], own, base, row["doc"])

    def enum(self, scope: int, member: Row) -> Enum:
        row = self.tables["enums"][member["index"]]
        type_ = self.types[row["type"]]
        unsigned = "signed" not in type_["flags"]
        first = type_["first"]
        members = tuple(
            Member(
                _member_name(e["py_name"]),
                e["value"] + 2**64 if unsigned and e["value"] < 0 else e["value"],
                e["doc"],
            )
            for e in self.tables["enumerators"][first : first + type_["count"]]
            if e["py_name"]
        )
        own = self.crossing.own(scope, member["name"])
        return Enum(member["name"], own, members, row["is_flags"], self.type_doc(type_))

    def type_doc(self, type_: Row) -> str:
        if type_["decl"] is None:
            return ""
        doc: str = self.tables["declarations"][type_["decl"]]["doc"]
        return doc

    # ---- functions

    def siblings(self, function: Row) -> list[Row]:
        first = function["first_param"]
        rows: list[Row] = self.tables["params"][first : first + function["param_count"]]
        return rows

    def parameters(self, function: Row) -> tuple[Parameter, ...]:
        params = self.siblings(function)
        visible = [
            p for p in params if not p["flags"] & {"hidden", "self"} and p["direction"] != "out"
        ]
        nameless = [i for i, p in enumerate(visible) if not p["py_name"]]
        positional_only = nameless[-1] + 1 if nameless else 0
        variadic = "variadic" in self.types[function["type"]]["flags"]
        if variadic:
            positional_only = len(visible)
        made, keyword_only = [], False
        for i, param in enumerate(visible):
            keyword_only |= "keyword_only" in param["flags"]
            kind = ParameterKind.POSITIONAL_OR_KEYWORD
            if keyword_only:
                kind = ParameterKind.KEYWORD_ONLY
            elif i < positional_only:
                kind = ParameterKind.POSITIONAL_ONLY
            name = param["py_name"] or f"arg{i + 1}"
            annotation = self.crossing.argument(param, params)
            made.append(Parameter(name, kind, annotation, _default(param["constant"])))
        if variadic:
            made.append(Parameter("arguments", ParameterKind.VAR_POSITIONAL, _VARIADIC))
        return tuple(made)

    def results(self, function: Row) -> list[Annotation]:
        params = self.siblings(function)
        found = []
        if "hidden" not in function["result"]["flags"]:
            found.append(self.crossing.result(function["result"], function, params))
        for param in params:
            unseen = {"hidden", "is_length"}
            if param["direction"] == "inout":
                unseen.add("readonly")  # [[in]]
            if param["passing"] in ("string", "array"):
                unseen = {"hidden"}
            if param["direction"] != "in" and not param["flags"] & unseen:
                found.append(self.crossing.result(param, function, params))
        return found

    def result(self, function: Row) -> Annotation:
        found = self.results(function)
        if not found:
            return NONE
        return found[0] if len(found) == 1 else generic("builtins", "tuple", *found)

    def function(self, function: Row, receiver: str = "") -> Callable:
        result = self.result(function)
        if receiver == "cls" and function["class_index"] is not None:
            own = self.crossing.class_own(function["class_index"])
            if result == own and own not in self.bases.values():
                result = SELF  # an object of the Python subclass that it was called on
        return Callable(
            function["name"],
            self.parameters(function),
            result,
            function["doc"],
            receiver,
            optional="optional" in function["flags"] or bool(function["since"]),
            symbol=function["symbol"],
        )

    # ---- classes

    def class_(self, index: int) -> Class:
        if index in self.made:
            return self.made[index]
        row = self.tables["classes"][index]
        made = Class(
            name=row["name"],
            own=self.crossing.class_own(index),
            doc=self.type_doc(self.types[row["type"]]),
            base=None if row["base"] is None else self.crossing.class_own(row["base"]),
            readonly="readonly" in row["flags"],
            opaque="opaque" in row["flags"],
            disjoint=self.is_disjoint(row),
        )
        self.made[index] = made
        self.fill(made, row["inner_scope"])
        self.add_fields(made, row)
        self.add_properties(made, row)
        self.add_constructor(made, row)
        self.add_special_methods(made, row)
        self.mark_overrides(made, row)
        return made

    def is_disjoint(self, row: Row) -> bool:
        """Whether objects are larger than the base's, as CPython compares them."""
        if row["base"] is None:
            return True
        above = self.tables["classes"][row["base"]]
        words = [-(-max(self.types[one["type"]]["size"], 1) // _WORD) for one in (row, above)]
        return bool(words[0] != words[1])

    def add_fields(self, made: Class, row: Row) -> None:
        """Properties for the fields; those of bases are there already in Python."""
        if made.opaque:
            return
        inherited = {
            p.name for base in self.base_classes(row) for p in self.class_(base).properties
        }
        for one in self.flat_fields(row):
            if one.hidden or (one.from_base and one.name in inherited):
                continue
            getter = self.crossing.field_out(one.field, one.in_union, one.frozen)
            setter = None
            if not (one.readonly or one.frozen or one.length):
                setter = self.crossing.field_in(one.field, one.in_union, one.frozen)
            made.properties.append(Property(one.name, getter, setter, one.field["doc"]))

    def base_classes(self, row: Row) -> Iterator[int]:
        while row["base"] is not None:
            yield row["base"]
            row = self.tables["classes"][row["base"]]

    def flat_fields(self, row: Row) -> list[_Field]:
        readonly = "readonly" in row["flags"]
        return list(self.flatten(self.types[row["type"]], readonly, _Surroundings()))

    def flatten(self, type_: Row, readonly: bool, around: _Surroundings) -> Iterator[_Field]:
        """The fields as add_fields() of field.c finds them: those of unnamed records and of the
        base are the class's own."""
        fields = self.tables["fields"][type_["first"] : type_["first"] + type_["count"]]
        in_union, frozen = around.in_union, around.frozen
        if type_["kind"] == "union":
            in_union = True
            frozen |= any(self.is_record_with_pointer(f["value"]["type"]) for f in fields)
        for one in fields:
            value = one["value"]
            flags = value["flags"]
            inner = self.types[value["type"]]
            hidden = around.hidden or "hidden" in flags
            fixed = around.readonly or readonly or "readonly" in flags
            base = "base" in flags
            if inner["kind"] in ("struct", "union") and (not value["name"] or base):
                below = _Surroundings(in_union, frozen, hidden, fixed, around.from_base or base)
                yield from self.flatten(inner, readonly, below)
                continue
            unknown = inner["size"] == 0 and inner["kind"] != "pointer"
            yield _Field(
                value["py_name"],
                one,
                in_union,
                frozen,
                hidden or not value["py_name"] or unknown,
                fixed,
                "is_length" in flags,
                around.from_base,
            )

    def is_record_with_pointer(self, type_id: int) -> bool:
        inner = type_id
        while self.types[inner]["kind"] == "array":
            inner = self.types[inner]["target"]
        if self.types[inner]["kind"] == "pointer":
            return False
        return self.crossing.has_pointers(type_id, in_unions=True)

    def add_properties(self, made: Class, row: Row) -> None:
        functions = self.tables["functions"]
        for member in self.members(row["inner_scope"], "property"):
            getter = setter = None
            doc = ""
            if member["other"] is not None:
                function = functions[member["other"]]
                given = self.parameters(function)
                setter = given[0].annotation if given else NEVER
                doc = function["doc"]
            if member["index"] is not None:
                function = functions[member["index"]]
                getter = self.result(function)
                doc = function["doc"]
            made.properties.append(Property(member["name"], getter, setter, doc))

    def add_constructor(self, made: Class, row: Row) -> None:
        name = "__new__" if made.readonly else "__init__"
        receiver = "cls" if made.readonly else "self"
        result = SELF if made.readonly else NONE
        if row["constructor"] is not None:
            function = self.tables["functions"][row["constructor"]]
            parameters = self.parameters(function)
            made.constructor = Callable(
                name, parameters, result, function["doc"], receiver, symbol=function["symbol"]
            )
        elif not made.opaque:
            made.constructor = Callable(name, self.field_parameters(row), result, "", receiver)

    def field_parameters(self, row: Row) -> tuple[Parameter, ...]:
        fields = [f for f in self.flat_fields(row) if not f.hidden and not f.length]
        optional = self.has_union(self.types[row["type"]]) or any(
            self.types[f.field["value"]["type"]]["kind"] in ("pointer", "array") for f in fields
        )
        made = []
        for one in fields:
            kind = self.types[one.field["value"]["type"]]["kind"]
            default = ""
            if optional:
                default = _ZEROS.get(kind, "0" if kind in ("int", "uint", "enum") else "...")
            annotation = self.crossing.field_in(one.field, one.in_union, one.frozen)
            made.append(
                Parameter(one.name, ParameterKind.POSITIONAL_OR_KEYWORD, annotation, default)
            )
        return tuple(made)

    def has_union(self, type_: Row) -> bool:
        """Whether a union lies in the class itself: it is one, or an unnamed one is in it."""
        if type_["kind"] == "union":
            return True
        for one in self.tables["fields"][type_["first"] : type_["first"] + type_["count"]]:
            inner = self.types[one["value"]["type"]]
            within = not one["value"]["name"] or "base" in one["value"]["flags"]
            if inner["kind"] in ("struct", "union") and within and self.has_union(inner):
                return True
        return False

    # ---- special methods

    def add_special_methods(self, made: Class, row: Row) -> None:
        for name, index in row["slots"].items():
            function = self.tables["functions"][index]
            made.special_methods.extend(self.special(made, row, name, function))
        self.add_iteration(made, row)
        self.add_comparison(made, row)
        self.add_ends(made, row)

    def special(self, made: Class, row: Row, name: str, function: Row) -> Iterator[Callable]:
        parameters = self.parameters(function)
        result = self.result(function)

        def method(result: Annotation, *given: Parameter) -> Callable:
            return Callable(name, given, result, function["doc"], "self", symbol=function["symbol"])

        operand = parameters[0].annotation if parameters else OBJECT
        if name in _UNARY:
            yield method(_UNARY[name])
        elif name == "__call__":
            yield method(result, *parameters)
        elif name == "__contains__":
            yield method(BOOL, _parameter("key", operand))
        elif name == "__buffer__":
            yield method(generic("builtins", "memoryview", INT), _parameter("flags", INT))
        elif name in ("__getitem__", "__setitem__", "__delitem__"):
            yield from self.item_methods(row, name, parameters, result, method)
        elif name in ("__eq__", "__lt__", "__enter__", "__exit__"):
            return  # see add_comparison and add_ends
        elif name == "__iter__" and result == NONE:
            yield method(SELF)
        elif name in _IN_PLACE:
            changed = SELF if result in (NONE, made.own) else result
            yield method(changed, _parameter("other", operand))
        elif name == "__pow__":
            modulo = Parameter("modulo", ParameterKind.POSITIONAL_ONLY, NONE, "None")
            yield method(result, _parameter("other", operand), modulo)
        elif parameters:
            yield method(result, _parameter("other", operand))
        else:
            yield method(result)

    def is_sequence(self, row: Row) -> bool:
        """Whether items are numbered from 0, as is_sequence() of slot.c tells."""
        if "__len__" not in row["slots"]:
            return False
        for name in ("__getitem__", "__setitem__", "__delitem__"):
            if name not in row["slots"]:
                continue
            function = self.tables["functions"][row["slots"][name]]
            for param in self.siblings(function):
                if param["flags"] & {"hidden", "self"} or param["direction"] == "out":
                    continue
                type_ = self.types[param["type"]]
                number = type_["kind"] in ("int", "uint") and type_["size"] <= 8
                return bool(param["passing"] == "value" and number)
        return False

    def item_methods(
        self,
        row: Row,
        name: str,
        parameters: tuple[Parameter, ...],
        result: Annotation,
        method: Any,
    ) -> Iterator[Callable]:
        key = parameters[0].annotation if parameters else NEVER
        value = parameters[1].annotation if len(parameters) > 1 else NEVER
        if not self.is_sequence(row):
            more = (_parameter("value", value),) if name == "__setitem__" else ()
            yield method(result, _parameter("key", key), *more)
            return
        index = _parameter("key", INDEX)
        slice_ = _parameter("key", Name("builtins", "slice"))
        if name == "__getitem__":
            yield method(result, index)
            yield method(generic("builtins", "list", result), slice_)
        elif name == "__setitem__":
            values = generic("collections.abc", "Iterable", value)
            yield method(NONE, index, _parameter("value", value))
            yield method(NONE, slice_, _parameter("value", values))
        else:
            yield method(NONE, index)

    def add_iteration(self, made: Class, row: Row) -> None:
        slots = row["slots"]
        if "__next__" in slots and "__iter__" not in slots:
            made.special_methods.append(Callable("__iter__", (), SELF, "", "self"))
        iterates = "__iter__" in slots or "__next__" in slots
        if "__getitem__" in slots and not iterates and self.is_sequence(row):
            made.items = self.result(self.tables["functions"][slots["__getitem__"]])

    def add_comparison(self, made: Class, row: Row) -> None:
        slots, flags = row["slots"], row["flags"]
        compared = "__lt__" in slots
        equal = "__eq__" in slots or compared or not made.opaque
        if equal:
            other = _parameter("other", OBJECT)
            made.special_methods.append(Callable("__eq__", (other,), BOOL, "", "self"))
            made.special_methods.append(Callable("__ne__", (other,), BOOL, "", "self"))
        if compared or "ordered" in flags:
            other = _parameter("other", made.own)
            for name in ("__lt__", "__le__", "__gt__", "__ge__"):
                made.special_methods.append(Callable(name, (other,), BOOL, "", "self"))
        if "hashable" in flags:
            made.special_methods.append(Callable("__hash__", (), INT, "", "self"))
        elif "__hash__" not in slots and equal:
            made.hashable = False
        if row["base"] is not None:
            made.base_unhashable = not self.class_(row["base"]).hashable

    def add_ends(self, made: Class, row: Row) -> None:
        """Closing, `with`, copying."""
        slots = row["slots"]
        functions = self.tables["functions"]
        closes = made.opaque and row["destructor"] is not None
        inner = self.tables["scopes"][row["inner_scope"]]
        first = inner["first_member"]
        members = self.tables["members"][first : first + inner["member_count"]]
        taken = {member["name"] for member in members}
        if closes and "close" not in taken:
            doc = "Release the resource; closing again does nothing."
            made.special_methods.append(Callable("close", (), NONE, doc, "self"))
        if closes or slots.keys() & {"__enter__", "__exit__"}:
            entered: Annotation = SELF
            if "__enter__" in slots:
                given = self.result(functions[slots["__enter__"]])
                entered = SELF if given in (NONE, made.own) else given
            result: Annotation = NONE
            if "__exit__" in slots and self.result(functions[slots["__exit__"]]) == BOOL:
                result = BOOL
            exception = Parameter("exception", ParameterKind.VAR_POSITIONAL, OBJECT)
            made.special_methods.append(Callable("__enter__", (), entered, "", "self"))
            made.special_methods.append(Callable("__exit__", (exception,), result, "", "self"))
        if not made.opaque:
            memo = _parameter("memo", OBJECT)
            made.special_methods.append(Callable("__copy__", (), SELF, "", "self"))
            made.special_methods.append(Callable("__deepcopy__", (memo,), SELF, "", "self"))

    # ---- inheritance

    def mark_overrides(self, made: Class, row: Row) -> None:
        bases = [self.class_(index) for index in self.base_classes(row)]
        if not bases:
            return
        for method in (*made.functions, *made.special_methods):
            above = [m for b in bases for m in (*b.functions, *b.special_methods)]
            found = next((m for m in above if m.name == method.name), None)
            if found is not None:
                method.incompatible = not self.replaces(method, found)
        for prop in made.properties:
            for base in bases:
                other = next((p for p in base.properties if p.name == prop.name), None)
                if other is not None:
                    prop.incompatible = not self.replaces_property(prop, other)
                    break

    def replaces(self, method: Callable, above: Callable) -> bool:
        if method.receiver != above.receiver or len(method.parameters) != len(above.parameters):
            return False
        if not assignable(method.result, above.result, self.bases):
            return False
        return all(
            new.kind == old.kind
            and (new.name == old.name or new.kind is ParameterKind.POSITIONAL_ONLY)
            and bool(new.default) >= bool(old.default)
            and assignable(old.annotation, new.annotation, self.bases)
            for new, old in zip(method.parameters, above.parameters, strict=True)
        )

    def replaces_property(self, new: Property, old: Property) -> bool:
        if new.getter is None or old.getter is None:
            return False
        if not assignable(new.getter, old.getter, self.bases):
            return False
        if old.setter is None:
            return True
        return new.setter is not None and assignable(old.setter, new.setter, self.bases)


@dataclass(frozen=True, slots=True)
class _Surroundings:
    """What the records around a field make of it."""

    in_union: bool = False
    frozen: bool = False
    hidden: bool = False
    readonly: bool = False
    from_base: bool = False


@dataclass(frozen=True, slots=True)
class _Field:
    """One field of a class, its bases' and its unnamed records' included."""

    name: str
    field: Row
    in_union: bool
    frozen: bool
    hidden: bool
    readonly: bool
    length: bool
    from_base: bool


def _member_name(name: str) -> str:
    """As member_name() of enumeration.c: enum classes forbid some names."""
    if name == "mro":
        return "mro_"
    return f"c{name}" if name[0] == "_" == name[-1] else name


def _default(constant: tuple[str, Any]) -> str:
    kind, value = constant
    if kind == "none":
        return ""
    text = repr(value)
    return "..." if text in ("inf", "-inf", "nan") else text
