"""Attributes that conventions of C suggest, for a person to confirm.

Names and types say much: what *_new makes *_free ends; `char *buf, size_t size` is room for text;
`void *user` behind a callback is handed to it. None of it is certain, so each proposal is an
attribute of the class Proposed, which is written as a comment: /*? [[out]] */. Taking the comment's
marks away confirms it; accept() does so for all.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from symbridge.declarations import (
    Alias,
    Attribute,
    Declaration,
    Description,
    Enum,
    Function,
    FunctionType,
    Identifier,
    Kind,
    Parameter,
    Pointer,
    Qualifier,
    Record,
    Scalar,
    Type,
    Typedef,
    Value,
    Void,
    resolved,
)
from symbridge.describe.spelling import Proposed

__all__ = ["PROPOSAL", "Proposal", "accept", "accept_text", "proposals", "propose"]

#: A proposal in the text of a description.
PROPOSAL = re.compile(r"/\*\? (\[\[[^\n]*?\]\]) \*/")

WORDS = re.compile(r"[A-Z]+(?![a-z])\d*|[A-Z]?[a-z]+\d*|\d+")

#: Words of functions' names. The likeliest first.
ENDING = (
    "free",
    "destroy",
    "delete",
    "finalize",
    "dispose",
    "close",
    "release",
    "unref",
    "cleanup",
)
MAKING = ("new", "create", "open", "init", "alloc", "make", "start", "prepare")
MORE_MAKING = ("dup", "copy", "clone", "lookup", "load", "from")
KEEPING = (
    "set",
    "register",
    "create",
    "add",
    "on",
    "hook",
    "handler",
    "install",
    "listen",
    "callback",
)
LOOPING = frozenset(
    (
        "each",
        "foreach",
        "walk",
        "visit",
        "iterate",
        "scan",
        "sort",
        "search",
        "bsearch",
        "exec",
        "apply",
        "dump",
        "traverse",
    )
)
BORROWING = frozenset(
    (
        "next",
        "get",
        "first",
        "last",
        "current",
        "peek",
        "find",
        "read",
        "prev",
        "parent",
        "child",
        "root",
    )
)
HOLDING = frozenset(("open", "set", "init", "use", "attach", "update", "push", "add"))
TELLING = ("strerror", "error", "message", "errmsg", "errstr")

#: Names of parameters.
OUT_NAMES = re.compile(r"(p_?)?(out|result|res|ret|retval|rv)(_\w+)?|\w+_(out|result|ret)", re.I)
LENGTH_NAMES = re.compile(
    r"n|k|len|length|size|count|num|nbytes?|cap|capacity|(n|num|len)_\w+|n[A-Z]\w*|\w+_"
    r"(n|len|length|size|count|num|bytes)|\w+(Len|Length|Size|Count|Bytes|len|size)|sz",
)
LENGTH_AFFIXES = re.compile(
    r"^(n|num|len)(?=_|[A-Z])|_?(n|len|length|size|count|num|bytes|sz)$", re.IGNORECASE
)
PLAIN_LENGTHS = frozenset(["", "n", "k", "byte", "char", "item", "data", "buf", "cap", "capacity"])
BUFFER_NAMES = re.compile(
    r"(out|dest|dst|target|z)?_?(buf|buffer|str|string|out|dest|dst|text)", re.I
)
USER_NAMES = re.compile(
    r"(p_?|_)?(user|data|user_?data|user_?ptr|ctx|context|arg|args|opaque|cookie|payload|clientp?|"
    r"client_?data|closure|app|userp|param|priv|priv_data|baton)",
    re.IGNORECASE,
)
PATH_NAMES = re.compile(r"(\w+_)?(path|filename|file_name|pathname|fname)|zFilename", re.IGNORECASE)
STATUS_NAMES = re.compile(r"(?i).*(error|status|result|retcode|errcode|code|err)(_?t|_?e|_code)?")
FINE_NAMES = re.compile(r"(?i)(\w*_|\w*E_|)(ok|success|none|no_error|noerr|okay|fine)")

NOT_MADE = "NULL is a handle that could not be made"

#: How many characters a buffer for text is proposed to have.
TEXT_CAPACITY = 256


@dataclass(frozen=True, slots=True)
class Proposal:
    """One proposed attribute, and where it would stand."""

    declaration: str  # the name of a function, record, enum or typedef
    parameter: str  # or ""
    attribute: Proposed

    @property
    def reason(self) -> str:
        """Why it is proposed."""
        return self.attribute.reason


def propose(description: Description, *, skip: Callable[[str], bool] = lambda name: False) -> None:
    """Add proposals to a description's declarations.

    skip says of a name that a person has spoken about it already: then nothing is proposed there.
    """
    _Proposer(description, skip).run()


def accept(description: Description, *, wanted: Callable[[Proposal], bool] | None = None) -> None:
    """Make proposals attributes: all, or those that are wanted. Others stay proposals."""

    def one(name: str, parameter: str, attribute: Attribute) -> Attribute:
        if not isinstance(attribute, Proposed):
            return attribute
        if wanted is not None and not wanted(Proposal(name, parameter, attribute)):
            return attribute
        return Attribute(attribute.name, attribute.arguments, attribute.location)

    rewrite(description, lambda *where: (one(*where),))


def accept_text(text: str) -> tuple[str, int]:
    """The text of a description with all its proposals confirmed, and how many they were."""
    return PROPOSAL.subn(r"\1", text)


def proposals(description: Description) -> list[Proposal]:
    """What is proposed."""
    found: list[Proposal] = []

    def one(name: str, parameter: str, attribute: Attribute) -> tuple[Attribute, ...]:
        if isinstance(attribute, Proposed):
            found.append(Proposal(name, parameter, attribute))
        return (attribute,)

    rewrite(description, one)
    return found


def rewrite(
    description: Description, one: Callable[[str, str, Attribute], Iterable[Attribute]]
) -> None:
    """Replace each attribute at functions, their parameters, typedefs, records and enums."""

    def several(
        name: str, parameter: str, attributes: tuple[Attribute, ...]
    ) -> tuple[Attribute, ...]:
        return tuple(made for a in attributes for made in one(name, parameter, a))

    def of_type(name: str, type: Type) -> Type:
        match type:
            case Pointer():
                target = of_type(name, type.target)
                return type if target is type.target else replace(type, target=target)
            case FunctionType():
                parameters = tuple(
                    replace(
                        p,
                        attributes=several(name, p.name, p.attributes),
                        type=of_type(name, p.type),
                    )
                    for p in type.parameters
                )
                return (
                    type if parameters == type.parameters else replace(type, parameters=parameters)
                )
        return type

    def of_declaration(declaration: Declaration) -> Declaration:
        match declaration:
            case Record() | Enum():
                name = declaration.tag or declaration.typedef
                declaration.attributes = several(name, "", declaration.attributes)
            case Function():
                made = of_type(declaration.name, declaration.type)
                assert isinstance(made, FunctionType)
                attributes = several(declaration.name, "", declaration.attributes)
                return replace(declaration, type=made, attributes=attributes)
            case Typedef():
                return replace(declaration, type=of_type(declaration.name, declaration.type))
        return declaration

    description.declarations[:] = [of_declaration(d) for d in description.declarations]


# ---- what is proposed


@dataclass(slots=True)
class _Handle:
    """An opaque record, and the functions of its life."""

    record: Record
    destructor: str = ""
    constructor: str = ""


class _Proposer:
    def __init__(self, description: Description, skip: Callable[[str], bool]) -> None:
        self.description = description
        self.skip = skip
        self.functions = {f.name: f for f in description.functions()}
        self.typedefs = {t.name for t in description.typedefs() if not skip(t.name)}
        self.said: dict[str, list[Proposed]] = {}  # of functions
        self.parameters: dict[tuple[str, int], list[Proposed]] = {}
        self.handles: dict[int, _Handle] = {}
        self.errors = self._error_codes()
        self.free = self._general_free()

    def run(self) -> None:
        self._find_handles()
        self._statuses()
        for function in self.functions.values():
            if not self.skip(function.name):
                self._roles(function)
                self._result(function)
                self._arrays(function)
                self._outs(function)
                self._failing(function)
                self._callbacks(function)
                self._paths(function)
        self.description.declarations[:] = [self._made(d) for d in self.description.declarations]

    def _made(self, declaration: Declaration) -> Declaration:
        if isinstance(declaration, Typedef):
            return self._callback_typedef(declaration)
        if not isinstance(declaration, Function):
            return declaration
        name = declaration.name
        parameters = tuple(
            replace(p, attributes=(*p.attributes, *_new(p, self.parameters.get((name, i), []))))
            for i, p in enumerate(self.functions[name].type.parameters)
        )
        return replace(
            declaration,
            type=replace(declaration.type, parameters=parameters),
            attributes=(*declaration.attributes, *_new(declaration, self.said.get(name, []))),
        )

    def _say(self, function: Function, reason: str, name: str, *arguments: Value) -> None:
        attribute = Proposed(name, arguments, reason=reason)
        said = self.said.setdefault(function.name, [])
        if name not in [a.name for a in said]:
            said.append(attribute)

    def _say_of(
        self, function: Function, index: int, reason: str, name: str, *arguments: Value
    ) -> None:
        attribute = Proposed(name, arguments, reason=reason)
        said = self.parameters.setdefault((function.name, index), [])
        if name not in [a.name for a in said]:
            said.append(attribute)

    def _is_said(self, function: Function, index: int) -> bool:
        parameter = function.type.parameters[index]
        return bool(parameter.attributes or self.parameters.get((function.name, index)))

    # ---- handles

    def _find_handles(self) -> None:
        endings: dict[int, list[tuple[int, int, str]]] = {}
        for function in self.functions.values():
            record = self._ended(function)
            if record is not None:
                rank = _ending(function.name, record)
                if rank is not None:
                    endings.setdefault(id(record), []).append(
                        (rank, len(function.name), function.name)
                    )
                    self.handles.setdefault(id(record), _Handle(record))
        for key, candidates in endings.items():
            self.handles[key].destructor = min(candidates)[2]
        makings: dict[int, list[tuple[int, int, str]]] = {}
        for function in self.functions.values():
            for record, _ in self._made_by(function):
                rank = _rank(function.name, MAKING)
                if rank is not None and id(record) in self.handles and _can_fail_or_give(function):
                    makings.setdefault(id(record), []).append(
                        (rank, len(function.name), function.name)
                    )
        for key, candidates in makings.items():
            self.handles[key].constructor = min(candidates)[2]
        for handle in self.handles.values():
            record = handle.record
            name = record.tag or record.typedef
            if not record.attributes and not self.skip(name):
                camel = _class_name(name, handle.destructor)
                reason = f"{handle.destructor}() ends it: a class of handles"
                record.attributes = (Proposed("class", (camel,), reason=reason),)

    def _ended(self, function: Function) -> Record | None:
        """The opaque record that a function takes, and nothing else."""
        if len(function.type.parameters) != 1 or function.type.variadic:
            return None
        found = _opaque(function.type.parameters[0].type)
        return None if found is None or found[1] else found[0]

    def _made_by(self, function: Function) -> list[tuple[Record, int]]:
        """The opaque records that a function gives, with the parameter's index, or -1."""
        found: list[tuple[Record, int]] = []
        made = _opaque(function.type.result)
        if made is not None and not made[1]:
            found.append((made[0], -1))
        for index, parameter in enumerate(function.type.parameters):
            target = resolved(parameter.type)
            if isinstance(target, Pointer) and not target.qualifiers & Qualifier.CONST:
                made = _opaque(target.target)
                if made is not None and not made[1]:
                    found.append((made[0], index))
        return found

    def _roles(self, function: Function) -> None:
        name = function.name
        if function.attributes:
            roles = {"constructor", "destructor", "method", "class_method", "owned"}
            if roles & {a.name for a in function.attributes}:
                return
        ended = self._ended(function)
        if ended is not None and id(ended) in self.handles:
            handle = self.handles[id(ended)]
            if handle.destructor == name:
                self._say(function, "it ends its only argument", "destructor")
            elif _ending(name, ended) is not None:
                self._say_of(function, 0, "it ends what it is given", "consumed")
            return
        for record, index in self._made_by(function):
            handle = self.handles.get(id(record), _Handle(record))
            if not handle.destructor or (index >= 0 and self._is_said(function, index)):
                continue
            if index >= 0:
                self._say_of(function, index, "it points at a handle to be set", "out")
            if handle.constructor == name:
                reason = f"it makes what {handle.destructor}() ends"
                self._say(function, reason, "constructor")
                if index < 0:
                    self._say(function, NOT_MADE, "fails", *_null(name))
            elif index >= 0:
                if not BORROWING & set(_words(name)):
                    self._say_of(function, index, f"{handle.destructor}() ends it", "owned")
            elif _rank(name, (*MAKING, *MORE_MAKING)) is not None:
                self._say(function, f"{handle.destructor}() ends it", "owned")
                self._say(function, NOT_MADE, "fails", *_null(name))

    # ---- failure

    def _statuses(self) -> None:
        results = {id(resolved(f.type.result)) for f in self.functions.values()}
        for enum in self.description.enums():
            name = enum.tag or enum.typedef
            fine = any(
                e.value == 0 and FINE_NAMES.fullmatch(e.name) for e in enum.enumerators or ()
            )
            if not fine or id(enum) not in results or enum.attributes or self.skip(name):
                continue
            if STATUS_NAMES.fullmatch(name):
                reason = "functions return it, 0 is success"
                enum.attributes = (Proposed("status", (), reason=reason),)
                self._message(enum)

    def _message(self, enum: Enum) -> None:
        for function in self.functions.values():
            parameters = function.type.parameters
            takes = len(parameters) == 1 and resolved(parameters[0].type) is enum
            tells = _rank(function.name, TELLING) is not None and not self.skip(function.name)
            if takes and tells and _is_text(function.type.result):
                self._say(function, "it says in words what a status means", "message")
                return

    def _error_codes(self) -> str:
        """How a library's functions of type int fail: "negative", "nonzero" or ""."""
        for enum in self.description.enums():
            values = enum.enumerators or []
            fine = any(e.value == 0 and FINE_NAMES.fullmatch(e.name) for e in values)
            name = enum.tag or enum.typedef
            if fine and (STATUS_NAMES.fullmatch(name) or any("ERROR" in e.name for e in values)):
                negative = sum(e.value < 0 for e in values)
                if negative * 2 > len(values):
                    return "negative"
        constants = {c.name: c.value for c in self.description.constants()}
        for name, value in constants.items():
            stem = name.removesuffix("_OK")
            if stem != name and value == 0:
                errors = [
                    v for n, v in constants.items() if n.startswith(f"{stem}_") and "ERR" in n
                ]
                if errors:
                    return "nonzero"
        return ""

    def _failing(self, function: Function) -> None:
        """An int that is an error code: where something is set, or all errors are below 0."""
        result = resolved(function.type.result)
        is_int = isinstance(result, Scalar) and result.name == "int"
        if not is_int or not self.errors or "fails" in [a.name for a in function.attributes]:
            return
        if function.name in {h.destructor for h in self.handles.values()}:
            return
        words = set(_words(function.name))
        if words & {"is", "has", "cmp", "compare", "equal", "count", "version", "size", "length"}:
            return
        sets = any(
            a.name == "out"
            for i in range(len(function.type.parameters))
            for a in self.parameters.get((function.name, i), [])
        )
        if self.errors == "negative" or sets:
            how = "nonzero" if sets else self.errors  # what is set is the result, not a code
            reason = f"it returns int, and errors of this library are {self.errors}"
            self._say(function, reason, "fails", Identifier(how), Identifier("RuntimeError"))

    # ---- results

    def _general_free(self) -> str:
        """The function that frees any memory of the library's: lib_free(void *)."""
        found = []
        for function in self.functions.values():
            parameters = function.type.parameters
            if len(parameters) != 1 or not isinstance(resolved(function.type.result), Void):
                continue
            target = resolved(parameters[0].type)
            words = _words(function.name)
            if _is_address(target) and len(words) == 2 and words[1] == "free":
                found.append(function.name)
        return found[0] if len(found) == 1 else ""

    def _result(self, function: Function) -> None:
        result = resolved(function.type.result)
        if not isinstance(result, Pointer) or result.qualifiers & Qualifier.CONST or not self.free:
            return
        target = resolved(result.target)
        same = any(resolved(p.type) == result for p in function.type.parameters)
        if isinstance(target, Scalar) and target.kind is Kind.CHAR and not same:
            reason = f"text that is not const, and {self.free}() frees what the library allocates"
            self._say(function, reason, "string")
            self._say(function, reason, "owned", Identifier(self.free))

    # ---- parameters

    def _outs(self, function: Function) -> None:
        if any(p.name in ("in", "input", "src", "source") for p in function.type.parameters):
            return  # then an output is likely to be as long as the input
        for index, parameter in enumerate(function.type.parameters):
            target = resolved(parameter.type)
            if self._is_said(function, index) or not isinstance(target, Pointer):
                continue
            pointed = resolved(target.target)
            if target.qualifiers & Qualifier.CONST or not OUT_NAMES.fullmatch(parameter.name):
                continue
            if self._length_behind(function, index) is not None:
                continue
            if _is_number(pointed):
                self._say_of(function, index, "a number that its name says is set", "out")
            elif isinstance(pointed, Enum) or _is_text(target.target):
                self._say_of(function, index, "its name says that it is set", "out")

    def _length_behind(self, function: Function, index: int) -> int | None:
        """The parameter that is the length of the one before it."""
        parameters = function.type.parameters
        if index + 1 >= len(parameters) or not parameters[index].name:
            return None
        after = parameters[index + 1]
        actual = resolved(after.type)
        if isinstance(actual, Pointer) and not actual.qualifiers & Qualifier.CONST:
            actual = resolved(actual.target)
        if not isinstance(actual, Scalar) or actual.kind not in (Kind.INT, Kind.UINT):
            return None
        if actual.size < 4 or not _is_length_of(after.name, parameters[index].name):
            return None
        before = parameters[index - 1] if index else None
        if before is not None and before.type == parameters[index].type and before.name:
            return None  # two texts and how much of both is looked at, as strncmp has them
        return index + 1

    def _arrays(self, function: Function) -> None:
        for index, parameter in enumerate(function.type.parameters):
            length = self._length_behind(function, index)
            target = resolved(parameter.type)
            if length is None or not isinstance(target, Pointer) or self._is_said(function, index):
                continue
            if self._is_said(function, length):
                continue
            element = resolved(target.target)
            is_bytes = isinstance(element, Void) or (
                isinstance(element, Scalar) and element.kind is not Kind.FOREIGN
            )
            after = function.type.parameters[length]
            in_and_out = isinstance(resolved(after.type), Pointer)
            name = Identifier(after.name)
            reason = f"its length '{after.name}' is behind it"
            if not is_bytes:
                continue
            if target.qualifiers & Qualifier.CONST:
                if not in_and_out:
                    self._say_of(function, index, reason, "array", name)
            elif HOLDING & set(_words(function.name)):
                continue  # the memory may be kept
            elif in_and_out:
                if _is_scalar(element) and BUFFER_NAMES.fullmatch(parameter.name):
                    self._say_of(function, index, reason, "out")
                    self._say_of(function, index, reason, "array", name)
                    self._say_of(function, length, "room before the call, length after", "inout")
            elif BUFFER_NAMES.fullmatch(parameter.name):
                text = isinstance(element, Scalar) and element.kind is Kind.CHAR
                self._say_of(function, index, f"a buffer: {reason}", "out")
                self._say_of(function, index, reason, "array", name)
                if text:
                    self._say_of(function, index, "room for text", "capacity", TEXT_CAPACITY)

    def _callbacks(self, function: Function) -> None:
        parameters = function.type.parameters
        free = {
            index
            for index, parameter in enumerate(parameters)
            if _is_address(parameter.type)
            and USER_NAMES.fullmatch(parameter.name)
            and not self._is_said(function, index)
        }
        for index, parameter in enumerate(parameters):
            callback = _callback(parameter.type)
            if callback is None or self._is_said(function, index) or not free:
                continue
            marked = _user_index(callback)
            if marked is None or not self._can_mark(parameter.type):
                continue
            nearest = min(free, key=lambda i: (abs(i - index), i < index))
            free.discard(nearest)
            name = Identifier(parameters[nearest].name)
            reason = f"'{name}' is what it is handed"
            self._say_of(function, index, reason, "user_data", name)
            words = set(_words(function.name))
            takes = any(_opaque(p.type) is not None for p in parameters)
            if words & set(KEEPING) or (takes and not words & LOOPING):
                why = "C may keep it: say until when"
                self._say_of(function, index, why, "scope", Identifier("forever"))
            if not isinstance(parameter.type, Alias):
                self._mark_user(function, index, callback, marked)

    def _can_mark(self, type: Type) -> bool:
        """Whether the prototype of a callback is written here, so that it can be marked in it."""
        name = ""
        while isinstance(type, Alias):
            name, type = type.name, type.target
        return not name or name in self.typedefs

    def _mark_user(
        self, function: Function, index: int, callback: FunctionType, marked: int
    ) -> None:
        """Propose [[user_data]] within the prototype of a parameter."""
        known = self.functions[function.name]
        parameters = list(known.type.parameters)
        made = _with_user(callback, marked)
        parameters[index] = replace(parameters[index], type=Pointer(made))
        type = replace(known.type, parameters=tuple(parameters))
        self.functions[function.name] = replace(known, type=type)

    def _callback_typedef(self, typedef: Typedef) -> Typedef:
        """The typedef of a callback: which of its parameters is the user's."""
        callback = _callback(typedef.type)
        if callback is None or isinstance(typedef.type, Alias) or self.skip(typedef.name):
            return typedef
        marked = _user_index(callback)
        if marked is None:
            return typedef
        made: Type = _with_user(callback, marked)
        if isinstance(typedef.type, Pointer):
            made = replace(typedef.type, target=made)
        return replace(typedef, type=made)

    def _paths(self, function: Function) -> None:
        for index, parameter in enumerate(function.type.parameters):
            named = PATH_NAMES.fullmatch(parameter.name)
            if named and _is_text(parameter.type) and not self._is_said(function, index):
                self._say_of(function, index, "its name says that it names a file", "filename")


# ---- what is asked of names and types


def _new(declared: Function | Parameter, proposed: Sequence[Proposed]) -> tuple[Proposed, ...]:
    """Proposals for what is not said already."""
    said = {attribute.name for attribute in declared.attributes}
    return tuple(attribute for attribute in proposed if attribute.name not in said)


def _words(name: str) -> list[str]:
    """The words of a name, in lower case: xmlFreeDoc is xml, free, doc."""
    return [word.lower() for word in WORDS.findall(name)]


def _rank(name: str, verbs: Sequence[str]) -> int | None:
    """Which of the verbs is in the name, at its end rather than before."""
    words = _words(name)
    ranks = [
        verbs.index(word) * 2 + (position != 0)
        for position, word in enumerate(reversed(words[1:]))
        if word in verbs
    ]
    if not ranks and len(words) > 1:
        ranks = [verbs.index(v) * 2 for v in verbs if len(v) > 3 and words[-1].endswith(v)]
    return min(ranks, default=None)


def _ending(name: str, record: Record) -> int | None:
    """Which of the words for an end the name has: at its end, or before the record's name."""
    words = _words(name)
    while len(words) > 2 and re.fullmatch(r"v\d+|ex|all|full", words[-1]):
        words.pop()
    own = set(_words(record.tag or record.typedef))
    for position in range(len(words) - 1, 0, -1):
        if words[position] in ENDING:
            return ENDING.index(words[position])
        if words[position] not in own:
            break
    return None


def _null(name: str) -> tuple[Value, ...]:
    """fails(null), and the exception where it is not errno that says why."""
    if "open" in _words(name):
        return (Identifier("null"),)
    return Identifier("null"), Identifier("MemoryError")


def _class_name(name: str, destructor: str) -> str:
    """A name for a class: that of the struct, without the library's own word before it."""
    words = _words(name)
    first = _words(destructor)
    while len(words) > 1 and words[-1] in ("t", "s", "st"):
        words.pop()
    if len(words) > 1 and first and words[0] == first[0]:
        words = words[1:]
    return "".join(word.capitalize() for word in words) or name


def _opaque(type: Type) -> tuple[Record, bool] | None:
    """The record that is only declared behind a pointer, and whether it is const."""
    target = resolved(type)
    if not isinstance(target, Pointer):
        return None
    record = resolved(target.target)
    if not isinstance(record, Record) or record.fields is not None or record.tag == "_IO_FILE":
        return None
    return record, bool(target.qualifiers & Qualifier.CONST)


def _can_fail_or_give(function: Function) -> bool:
    """A constructor gives the object as its result, or beside nothing but a status."""
    result = resolved(function.type.result)
    return isinstance(result, (Void, Enum, Pointer)) or (
        isinstance(result, Scalar) and result.kind in (Kind.INT, Kind.UINT)
    )


def _is_length_of(length: str, name: str) -> bool:
    """Whether a parameter is by its name the length of the one before it: len, nData of pData."""
    if not LENGTH_NAMES.fullmatch(length):
        return False
    plain = re.sub(
        r"(?i)^(n|num|len)(?=_|[A-Z])|_?(n|len|length|size|count|num|bytes|sz)$", "", length
    )
    stem = plain.strip("_").lower().rstrip("s")
    if stem in (
        "",
        "n",
        "k",
        "byte",
        "char",
        "item",
        "elem",
        "data",
        "buf",
        "buffer",
        "cap",
        "capacity",
    ):
        return True
    return stem in name.lower() or name.lower().rstrip("s") in stem


def _is_text(type: Type) -> bool:
    target = resolved(type)
    if not isinstance(target, Pointer) or not target.qualifiers & Qualifier.CONST:
        return False
    pointed = resolved(target.target)
    return isinstance(pointed, Scalar) and pointed.kind is Kind.CHAR


def _is_address(type: Type) -> bool:
    target = resolved(type)
    return isinstance(target, Pointer) and isinstance(resolved(target.target), Void)


def _is_number(type: Type) -> bool:
    """A number that is no byte: those are as likely to be many."""
    kinds = (Kind.INT, Kind.UINT, Kind.FLOAT)
    return isinstance(type, Scalar) and type.kind in kinds and type.size > 1


def _is_scalar(type: Type) -> bool:
    return isinstance(type, Scalar) and type.kind is not Kind.FOREIGN


def _callback(type: Type) -> FunctionType | None:
    actual = resolved(type)
    target = resolved(actual.target) if isinstance(actual, Pointer) else actual
    return target if isinstance(target, FunctionType) else None


def _user_index(callback: FunctionType) -> int | None:
    """The parameter of a callback that hands user data over: an address, named so or alone."""
    if callback.variadic or any(p.attributes for p in callback.parameters):
        return None
    parameters = callback.parameters
    addresses = [i for i, parameter in enumerate(parameters) if _is_mutable_address(parameter)]
    named = [i for i in addresses if USER_NAMES.fullmatch(parameters[i].name)]
    if len(named) == 1:
        return named[0]
    alone = len(addresses) == 1 and len(parameters) > 1 and not parameters[addresses[0]].name
    return addresses[0] if alone else None


def _is_mutable_address(parameter: Parameter) -> bool:
    target = resolved(parameter.type)
    return (
        isinstance(target, Pointer)
        and isinstance(resolved(target.target), Void)
        and not target.qualifiers & Qualifier.CONST
    )


def _with_user(callback: FunctionType, index: int) -> FunctionType:
    parameters = list(callback.parameters)
    attribute = Proposed("user_data", (), reason="what the function was given with the callback")
    parameters[index] = replace(parameters[index], attributes=(attribute,))
    return replace(callback, parameters=tuple(parameters))
