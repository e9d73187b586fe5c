"""The text of one stub file."""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Iterable, Sequence

from symbridge.annotation import NEVER, NONE, Annotation, Name
from symbridge.stubs.names import Names
from symbridge.stubs.package import PythonPart
from symbridge.surface import (
    Callable,
    Class,
    Constant,
    Enum,
    Exception_,
    Module,
    Parameter,
    ParameterKind,
    Property,
    Variable,
)

__all__ = ["write_module"]

#: Columns that a line fills at most, where it can be broken.
WIDTH = 100
INDENT = "    "


def write_module(
    module: Module, *, source: str, docstrings: bool, is_package: bool, python: PythonPart | None
) -> str:
    """The stub of one module. source: the description's name; python: the package's Python part,
    whose names win."""
    return _Writer(module, docstrings, is_package, python).text(source)


class _Writer:
    def __init__(
        self, module: Module, docstrings: bool, is_package: bool, python: PythonPart | None
    ) -> None:
        self.module = module
        self.docstrings = docstrings
        self.python = python
        self.taken = python.names if python is not None else frozenset()
        bound = {*_bound(module), *(m.name for m in module.submodules), *self.taken}
        self.names = Names(module.path, is_package, bound)
        self.lines: list[str] = []

    def text(self, source: str) -> str:
        body = self.body()
        doc = self.module.doc
        head = [f"# Written by `symbridge stubs` from {source}: changes here are lost."]
        if self.python is not None and self.python.doc:
            doc = self.python.doc
        head += self.doc(doc, 0)
        imports = self.names.imports()
        if self.python is not None:
            imports += self.python.imports
        imports += [f"from . import {m.name} as {m.name}" for m in self.module.submodules]
        top = self.module.name if not self.module.path else ""
        parts = [head, sorted_imports(imports, top), self.all(), body]
        return "\n\n".join("\n".join(part).strip("\n") for part in parts if part) + "\n"

    def all(self) -> list[str]:
        """What `from module import *` takes. A package with a Python part says that itself."""
        if self.python is not None:
            return []
        found = {*_bound(self.module), *(m.name for m in self.module.submodules)}
        listed = sorted(found, key=_listing_key)
        whole = f"__all__ = [{', '.join(map(_quoted, listed))}]"
        if len(whole) <= WIDTH:
            return [whole]
        return ["__all__ = [", *(f"{INDENT}{_quoted(name)}," for name in listed), "]"]

    def body(self) -> list[str]:
        module = self.module
        groups: list[list[str]] = []
        if self.python is not None and self.python.body:
            groups.append(self.python.body)
        groups.append(self.values(module.constants, module.variables, 0))
        exceptions = [e for e in module.exceptions if e.name not in self.taken]
        groups += _runs((self.exception(e, 0) for e in exceptions), classes=True)
        groups += [self.enum(e, 0) for e in module.enums if e.name not in self.taken]
        groups += [self.class_(c, 0) for c in module.classes if c.name not in self.taken]
        functions = [f for f in module.functions if f.name not in self.taken]
        groups += _runs(self.function(f, 0) for f in functions)
        groups.append(self.names.aliases())
        return _joined(groups)

    # ---- pieces

    def doc(self, doc: str, depth: int) -> list[str]:
        """A docstring, or nothing."""
        if not doc or not self.docstrings:
            return []
        text = inspect.cleandoc(doc).replace("\\", "\\\\").replace('"""', '\\"\\"\\"')
        if text.endswith('"'):
            text = text[:-1] + '\\"'
        lines = text.split("\n")
        indent = INDENT * depth
        if len(lines) == 1:
            return [f'{indent}"""{text}"""']
        return [
            f'{indent}"""{lines[0]}',
            *(f"{indent}{line}".rstrip() for line in lines[1:]),
            f'{indent}"""',
        ]

    def values(
        self, constants: Sequence[Constant], variables: Sequence[Variable], depth: int
    ) -> list[str]:
        lines = []
        indent = INDENT * depth
        for constant in constants:
            if depth == 0 and constant.name in self.taken:
                continue
            final = self.names.typing("Final")
            text = _literal(constant.value)
            if constant.value is None or text in ("inf", "-inf", "nan"):
                kind = NONE if constant.value is None else Name("builtins", "float")
                lines.append(f"{indent}{constant.name}: {final}[{self.names.spell(kind)}]")
            else:
                lines.append(f"{indent}{constant.name}: {final} = {text}")
            lines += self.doc(constant.doc, depth)
        for variable in variables:
            if depth == 0 and variable.name in self.taken:
                continue
            spelled = self.names.spell(variable.annotation)
            if depth or not variable.writable:  # those of a class are read once
                spelled = f"{self.names.typing('Final')}[{spelled}]"
            lines.append(f"{indent}{variable.name}: {spelled}")
            lines += self.doc(variable.doc, depth)
        return lines

    def exception(self, exception: Exception_, depth: int) -> list[str]:
        return self.block(
            f"class {exception.name}({self.names.spell(exception.base)})",
            self.doc(exception.doc, depth + 1),
            depth,
        )

    def enum(self, enum: Enum, depth: int) -> list[str]:
        base = self.names.reach(Name("enum", "IntFlag" if enum.flags else "IntEnum"))
        body = self.doc(enum.doc, depth + 1)
        if body and enum.members:
            body.append("")
        for member in enum.members:
            body.append(f"{INDENT * (depth + 1)}{member.name} = {member.value}")
            body += self.doc(member.doc, depth + 1)
        return self.block(f"class {enum.name}({base})", body, depth)

    def block(self, head: str, body: Iterable[str], depth: int) -> list[str]:
        lines = list(body)
        indent = INDENT * depth
        return [f"{indent}{head}:", *lines] if lines else [f"{indent}{head}: ..."]

    # ---- classes

    def class_(self, class_: Class, depth: int) -> list[str]:
        base = "" if class_.base is None else f"({self.names.spell(class_.base)})"
        self.names.enter(_bound(class_))
        inner = depth + 1
        groups = [self.doc(class_.doc, inner)]
        groups.append(self.values(class_.constants, class_.variables, inner))
        groups += [self.exception(e, inner) for e in class_.exceptions]
        groups += [self.enum(e, inner) for e in class_.enums]
        groups += [self.class_(c, inner) for c in class_.classes]
        groups.append(self.constructor(class_, inner))
        groups += [self.property(p, inner) for p in class_.properties]
        groups.append([line for f in class_.functions for line in self.function(f, inner)])
        groups.append(self.special_methods(class_, inner))
        self.names.leave()
        lines = self.block(f"class {class_.name}{base}", _joined(groups, compact=True), depth)
        if class_.disjoint:
            disjoint = self.names.reach(Name("typing_extensions", "disjoint_base"))
            lines.insert(0, f"{INDENT * depth}@{disjoint}")
        return lines

    def constructor(self, class_: Class, depth: int) -> list[str]:
        if class_.constructor is not None:
            constructor = class_.constructor
            if not class_.doc:
                return self.function(constructor, depth)
            return self.function(_without_doc(constructor), depth)
        if class_.base is not None:
            return []
        # Nothing can be passed here: only functions of the library make such objects.
        never = Parameter("made_by_functions", ParameterKind.POSITIONAL_ONLY, NEVER)
        return self.function(Callable("__init__", (never,), NONE, "", "self"), depth)

    def property(self, prop: Property, depth: int) -> list[str]:
        indent = INDENT * depth
        getter = self.names.spell(prop.getter if prop.getter is not None else NEVER)
        head = f"def {prop.name}(self) -> {getter}"
        doc = self.doc(prop.doc, depth + 1)
        ignored = "  # type: ignore[override]" if prop.incompatible else ""
        lines = [f"{indent}@{self.names.builtin('property')}"]
        if doc:
            lines += [f"{indent}{head}:{ignored}", *doc]
        else:
            lines.append(f"{indent}{head}: ...{ignored}")
        if prop.setter is not None:
            lines.append(f"{indent}@{prop.name}.setter")
            value = Parameter("value", ParameterKind.POSITIONAL_ONLY, prop.setter)
            lines += self.function(Callable(prop.name, (value,), NONE, "", "self"), depth)
        return lines

    def special_methods(self, class_: Class, depth: int) -> list[str]:
        lines: list[str] = []
        methods = class_.special_methods
        for method in methods:
            if sum(m.name == method.name for m in methods) > 1:
                lines.append(f"{INDENT * depth}@{self.names.typing('overload')}")
            lines += self.function(method, depth)
        if class_.items is not None:
            items = Name("collections.abc", "Iterator", (class_.items,))
            lines += self.function(Callable("__iter__", (), items, "", "self"), depth)
        if not class_.hashable and not class_.base_unhashable:
            none = f"{self.names.typing('ClassVar')}[None]"
            lines.append(f"{INDENT * depth}__hash__: {none}  # type: ignore[assignment]")
        return lines

    # ---- functions

    def function(self, function: Callable, depth: int) -> list[str]:
        indent = INDENT * depth
        lines = []
        if depth and not function.receiver:
            lines.append(f"{indent}@{self.names.builtin('staticmethod')}")
        elif function.receiver == "cls" and function.name != "__new__":
            lines.append(f"{indent}@{self.names.builtin('classmethod')}")
        parameters = self.parameters(function)
        result = self.names.spell(function.result)
        doc = self.doc(function.doc, depth + 1)
        end = ":" if doc else ": ..."
        ignored = "  # type: ignore[override]" if function.incompatible else ""
        whole = f"{indent}def {function.name}({', '.join(parameters)}) -> {result}{end}"
        if len(whole) <= WIDTH:
            lines.append(whole + ignored)
        else:
            lines.append(f"{indent}def {function.name}({ignored}")
            lines += [f"{indent}{INDENT}{parameter}," for parameter in parameters]
            lines.append(f"{indent}) -> {result}{end}")
        return lines + doc

    def parameters(self, function: Callable) -> list[str]:
        """As they are written between the parentheses, with the marks / and *."""
        written = []
        given = function.parameters
        if function.receiver:
            written.append(_receiver(function))
        positional_only = [p for p in given if p.kind is ParameterKind.POSITIONAL_ONLY]
        starred = any(p.kind is ParameterKind.VAR_POSITIONAL for p in given)
        for i, parameter in enumerate(given):
            if parameter.kind is ParameterKind.KEYWORD_ONLY and not starred:
                written.append("*")
                starred = True
            written.append(self.parameter(parameter))
            if positional_only and i + 1 == len(positional_only):
                written.append("/")
        return written

    def parameter(self, parameter: Parameter) -> str:
        star = "*" if parameter.kind is ParameterKind.VAR_POSITIONAL else ""
        default = f" = {_double_quoted(parameter.default)}" if parameter.default else ""
        return f"{star}{parameter.name}: {self.annotation(parameter.annotation)}{default}"

    def annotation(self, annotation: Annotation) -> str:
        return self.names.spell(annotation)


def _receiver(function: Callable) -> str:
    name = function.receiver
    while any(p.name == name for p in function.parameters):
        name = f"_{name}"
    return name


def _without_doc(function: Callable) -> Callable:
    return Callable(function.name, function.parameters, function.result, "", function.receiver)


def _bound(scope: Module | Class) -> list[str]:
    """The names that a module or class binds itself."""
    found = [
        *(c.name for c in scope.constants),
        *(v.name for v in scope.variables),
        *(e.name for e in scope.exceptions),
        *(e.name for e in scope.enums),
        *(c.name for c in scope.classes),
        *(f.name for f in scope.functions),
    ]
    if isinstance(scope, Class):
        found += [p.name for p in scope.properties]
        found += [m.name for m in scope.special_methods]
    return found


def _listing_key(name: str) -> tuple[bool, bool, list[tuple[int, str]]]:
    """Constants first, then classes, then the rest; numbers in names by their value."""
    parts = re.split(r"(\d+)", name)
    natural = [(int(part), "") if part.isdecimal() else (-1, part) for part in parts]
    return not name.isupper(), not name[0].isupper(), natural


def _quoted(name: str) -> str:
    return f'"{name}"'


def _literal(value: object) -> str:
    """The value as Python text, strings in double quotes where that needs no escapes."""
    return _double_quoted(repr(value))


def _double_quoted(text: str) -> str:
    return f'"{text[1:-1]}"' if text[0] == "'" and '"' not in text else text


def _joined(groups: Iterable[list[str]], compact: bool = False) -> list[str]:
    """Groups of lines with an empty line between; compact: none behind what has no body."""
    lines: list[str] = []
    for group in groups:
        if not group:
            continue
        bodiless = compact and lines and lines[-1].partition("  #")[0].endswith(": ...")
        if lines and not bodiless:
            lines.append("")
        lines += group
    return lines


def _runs(definitions: Iterable[list[str]], classes: bool = False) -> list[list[str]]:
    """Definitions without a body and what follows them become one group; of classes, only those
    that have no body either."""
    groups: list[list[str]] = []
    before = False
    for lines in definitions:
        bodiless = lines[-1].endswith("...")
        if before and (bodiless or not classes):
            groups[-1] += lines
        else:
            groups.append(lines)
        before = bodiless
    return groups


def sorted_imports(lines: Iterable[str], top: str) -> list[str]:
    """Import statements in the order that formatters want: sections of the standard library, of
    others, of the package `top` itself, and relative ones."""
    sections: dict[int, set[str]] = {}
    for line in lines:
        module = line.split()[1]
        first = module.partition(".")[0]
        if not first:
            section = 3
        elif first in sys.stdlib_module_names:
            section = 0
        else:
            section = 2 if first == top.partition(".")[0] else 1
        sections.setdefault(section, set()).add(line)
    written: list[str] = []
    for section in sorted(sections):
        plain = sorted(line for line in sections[section] if line.startswith("import"))
        members = sorted(
            (line for line in sections[section] if not line.startswith("import")), key=_import_key
        )
        lines = [part for line in [*plain, *members] for part in _wrapped(line)]
        written += ["", *lines] if written else lines
    return written


def _wrapped(line: str) -> list[str]:
    """An import on one line, or with each name on its own."""
    if len(line) <= WIDTH:
        return [line]
    head, _, listed = line.partition(" import ")
    return [f"{head} import (", *(f"{INDENT}{name}," for name in listed.split(", ")), ")"]


def _import_key(line: str) -> tuple[int, str, bool, str]:
    """Relative imports of further up come first, as do those without `as`."""
    module = line.split()[1]
    dots = len(module) - len(module.lstrip("."))
    return -dots, module.lstrip(".").casefold(), " as " in line, line
