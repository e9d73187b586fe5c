"""A description against C headers: what the compiler of the headers makes of it.

One file with a static assertion for every prototype, variable, size, alignment, offset, field,
enumerator and constant is compiled, without output. What fails, and what assertions cannot see
(bit-fields, fields that are not described), is then asked of the compiler in a second file (see
probing.py), and compared as any two declarations are: an assertion also fails for what makes no
difference to callers.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from symbridge.check.compiler import Compiler, Diagnostic, Options, hide, quoted, show
from symbridge.check.probing import Probe
from symbridge.check.report import Unverified
from symbridge.check.scanning import Body, Prototype, Scan, scan
from symbridge.compare import Difference, examine
from symbridge.declarations import (
    Array,
    Constant,
    Description,
    Enum,
    Function,
    Location,
    Record,
    Type,
    Variable,
    resolved,
    spell,
)
from symbridge.failure import ToolError
from symbridge.members import members

__all__ = ["HeaderCheck", "check_headers"]

#: What descriptions may name without a header of the library: <stdint.h> and its kin.
STANDARD = ("stddef.h", "stdint.h", "sys/types.h", "wchar.h", "uchar.h")

#: Who is told how far the work is.
Step = Callable[[int, "int | None", str], None]


@dataclass(slots=True)
class HeaderCheck:
    """What came of it. Things are named as compare.Comparison names them."""

    verified: list[str] = field(default_factory=list)
    differences: list[Difference] = field(default_factory=list)  # breaking and noted ones
    harmless: list[Difference] = field(default_factory=list)  # that callers cannot tell
    unverified: list[Unverified] = field(default_factory=list)


@dataclass(slots=True)
class _Thing:
    """A declaration of the description, what the header calls it, and what is asserted of it."""

    name: str
    item: Function | Variable | Record | Enum | Constant
    actual: str = ""
    assertions: list[str] = field(default_factory=list)
    hidden: Sequence[str] = ()  # macros that would take the place of names
    suspect: bool = False  # to be asked about, whatever the assertions say


def check_headers(
    description: Description,
    headers: Sequence[str],
    options: Options | None = None,
    *,
    strict: bool = False,
    step: Step | None = None,
) -> HeaderCheck:
    """Verify a description with a C compiler against what headers declare.

    headers: files; a name that is no file is looked for where the compiler looks for <name>.
    strict: ask about everything, so that what makes no difference to callers is found too.
    Raises ToolError, with the compiler's own message, when the headers do not compile.
    """
    with Compiler(options or Options()) as compiler:
        return _Check(description, headers, compiler, strict, step or _silent).run()


def _silent(done: int, total: int | None, what: str) -> None:
    pass


class _Check:
    def __init__(
        self,
        description: Description,
        headers: Sequence[str],
        compiler: Compiler,
        strict: bool,
        step: Step,
    ) -> None:
        self.description = description
        self.compiler = compiler
        self.strict = strict
        self.step = step
        self.result = HeaderCheck()
        self.includes = "".join(f"#include {_include(name)}\n" for name in headers)
        self.includes += "".join(f"#include <{name}>\n" for name in STANDARD)
        self.scan = Scan()
        self.typedef_names: dict[int, list[str]] = {}
        for typedef in description.typedefs():
            target = resolved(typedef.type)
            if isinstance(target, (Record, Enum)):
                self.typedef_names.setdefault(id(target), []).append(typedef.name)

    def run(self) -> HeaderCheck:
        self.step(0, 3, "preprocessing the headers")
        text = self.compiler.preprocess(f"{self.includes}int sb_is_clang = __clang__ + 0;\n")
        self.compiler.is_clang = "__clang__ + 0" not in text
        self.scan = scan(text)
        things = list(self.things())
        self.step(1, 3, "compiling assertions")
        failed = self.compile(things)
        suspects = [
            thing for thing in things if self.strict or thing.suspect or thing.name in failed
        ]
        self.step(2, 3, "asking about what failed")
        bad = self.examine(suspects) if suspects else set()
        for thing in things:
            if self.without_prototype(thing) and thing.name not in bad:
                bad.add(thing.name)
                reason = "is declared without a prototype"
                self.unverified(thing.name, reason, thing.item.location)
        self.result.verified = [thing.name for thing in things if thing.name not in bad]
        return self.result

    def without_prototype(self, thing: _Thing) -> bool:
        """Whether the headers say nothing of the parameters: f()."""
        prototype = self.scan.functions.get(thing.actual)
        return (
            isinstance(thing.item, Function)
            and prototype is not None
            and not prototype.parameters
            and bool(thing.item.type.parameters)
        )

    def described_names(self) -> set[str]:
        """The names of all records that are described."""
        names = {name for record in self.description.records() for name in self.names(record)}
        return names | {typedef.name for typedef in self.description.typedefs()}

    def unverified(self, thing: str, reason: str, location: Location) -> None:
        self.result.unverified.append(Unverified(thing, reason, location))

    # ---- what is asserted

    def things(self) -> Iterator[_Thing]:
        """All that is described and that the headers have."""
        for item in self.description.declarations:
            thing = None
            match item:
                case Function():
                    thing = self.function(item)
                case Variable():
                    thing = self.variable(item)
                case Record():
                    thing = self.record(item)
                case Enum():
                    thing = self.enum(item)
                case Constant():
                    thing = self.constant(item)
            if thing is not None:
                yield thing

    def declared(self, item: Function | Variable) -> str | None:
        """The name under which the headers declare it."""
        for name in (item.symbol, item.name):
            if name in self.scan.functions or name in self.scan.objects:
                return name
        return None

    def absent(self, thing: str, item: Function | Variable | Constant) -> None:
        """Say why something cannot be verified."""
        macro = self.scan.macros.get(item.name)
        if macro is not None:
            shown = f"is a macro at {macro.location}, not declared: {macro.text[:60]}"
        else:
            shown = "is not declared by the headers"
        self.unverified(thing, shown, item.location)

    def function(self, item: Function) -> _Thing | None:
        name = self.declared(item)
        if name is None:
            self.absent(f"function {item.name}", item)
            return None
        thing = self.typed(_Thing(f"function {item.name}", item, name), spell(item.type, ""))
        prototype = self.scan.functions.get(name)
        thing.suspect |= prototype is None or _reordered(item, prototype)
        return thing

    def variable(self, item: Variable) -> _Thing | None:
        name = self.declared(item)
        if name is None:
            self.absent(f"variable {item.name}", item)
            return None
        return self.typed(_Thing(f"variable {item.name}", item, name), spell(item.type, ""))

    def typed(self, thing: _Thing, spelled: str) -> _Thing:
        """Assert the type of something declared, whatever macros are in front of it."""
        macro = self.scan.macros.get(thing.actual)
        if macro is not None and not macro.is_function:
            thing.hidden = [thing.actual]
        thing.assertions.append(_compatible(f"({thing.actual})", spelled))
        thing.suspect |= "<" in spelled
        return thing

    def names(self, item: Record | Enum) -> list[str]:
        own = [item.tag, item.typedef, *self.typedef_names.get(id(item), [])]
        return [name for name in own if name]

    def record(self, item: Record) -> _Thing | None:
        names = self.names(item)
        if item.fields is None or not names:
            return None
        found = self.scan.body_of(names)
        if found is None:
            known = any(name in self.scan.typedefs or name in self.scan.objects for name in names)
            reason = "is not defined by the headers" if known else "is not in the headers"
            self.unverified(item.name, reason, item.location)
            return None
        thing = _Thing(item.name, item, found[0])
        thing.assertions = list(_layout(item, found[0], f"(*({found[0]} *)0)", ""))
        thing.suspect = _has_bits(item) or not _same_fields(item, found[1])
        # A macro that the headers define later may have the name of a field.
        thing.hidden = sorted(set(_field_names(item)) & self.scan.macros.keys())
        return thing

    def enum(self, item: Enum) -> _Thing | None:
        if item.enumerators is None:
            return None
        name = item.name or f"enum {{{', '.join(e.name for e in item.enumerators[:1])}...}}"
        known = [
            e
            for e in item.enumerators
            if e.name in self.scan.enumerators or e.name in self.scan.macros
        ]
        if not known:
            self.unverified(name, "has no enumerator that is in the headers", item.location)
            return None
        thing = _Thing(name, item)
        thing.assertions = [_equal(e.name, e.value) for e in item.enumerators]
        found = self.scan.body_of(self.names(item))
        if found is not None:
            thing.actual = found[0]
            if item.underlying is not None:
                thing.assertions.append(_is(f"sizeof({found[0]})", item.underlying.size))
            described = {e.name for e in item.enumerators}
            thing.suspect = not {m.name for m in found[1].members} <= described
        return thing

    def constant(self, item: Constant) -> _Thing | None:
        name = f"constant {item.name}"
        known = (self.scan.macros, self.scan.enumerators, self.scan.objects)
        if not any(item.name in names for names in known):
            self.unverified(name, "is not in the headers", item.location)
            return None
        if item.value is None:
            self.unverified(name, "is described without a value", item.location)
            return None
        thing = _Thing(name, item)
        thing.assertions = [_equal(item.name, item.value)]
        return thing

    # ---- what the compiler says

    def compile(self, things: Sequence[_Thing]) -> set[str]:
        """Compile all assertions; the names of the things of which one failed."""
        lines = self.includes.splitlines()
        owners: dict[int, str] = {}
        for thing in things:
            lines += hide(thing.hidden)
            for assertion in thing.assertions:
                lines.append(assertion)
                owners[len(lines)] = thing.name
            lines += show(thing.hidden)
        source = "\n".join([*lines, ""])
        found, stderr = self.compiler.check(source, "check.c")
        path = str(self.compiler.path("check.c"))
        outside = [d for d in found if d.severity == "error" and not _is_ours(d, path, owners)]
        if outside:
            raise self.compiler.failure(stderr, Path(path))
        return {
            owners[d.line]
            for d in found
            if d.severity == "error" and d.file == path and d.line in owners
        }

    def examine(self, suspects: Sequence[_Thing]) -> set[str]:
        """Ask what the suspects are, and compare. Gives the names of what is broken."""
        probe = Probe(self.scan, self.includes, self.compiler)
        for thing in suspects:
            match thing.item:
                case Function() | Variable():
                    probe.declared(thing.actual, thing.hidden)
                case Record():
                    probe.record(thing.actual, self.names(thing.item), thing.hidden)
                case Enum():
                    names = [e.name for e in thing.item.enumerators or ()]
                    probe.enum(thing.actual, self.names(thing.item), names)
                case Constant():
                    probe.constant(thing.item.name)
        actual = probe.run()
        # A record that the description calls otherwise is compared by its layout.
        others = [
            name for name in probe.unasked(self.described_names()) if self.scan.body_of([name])
        ]
        if others:
            for name in others:
                found = self.scan.body_of([name])
                if found is not None:
                    probe.record(found[0], [name], ())
            actual = probe.run()
        described = self.part([thing.item for thing in suspects])
        compared = examine(described, actual)
        said = set(compared.differences)
        self.result.differences = compared.differences
        strict = examine(described, actual, strict=True).differences
        self.result.harmless = [difference for difference in strict if difference not in said]
        places = {thing.name: thing.item.location for thing in suspects}
        unknown = {name for name in compared.missing if name in places}
        for name in compared.missing:
            if name in unknown:
                reason = "is no constant expression in the headers"
                self.unverified(name, reason, places[name])
        return unknown | {
            thing.name
            for thing in suspects
            for difference in compared.differences
            if difference.breaking and _concerns(difference, thing)
        }

    def part(self, items: Sequence[object]) -> Description:
        """The description, of which only some items are looked at."""
        wanted = {id(item) for item in items}
        kept = [
            declaration
            for declaration in self.description.declarations
            if id(declaration) in wanted
            or not isinstance(declaration, (Function, Variable, Constant, Record, Enum))
        ]
        return Description(self.description.file, kept, self.description.library)


# ---- assertions


def _include(header: str) -> str:
    """A file by its path, else a name that the compiler finds: "zlib.h" or "<zlib.h>"."""
    if header.startswith("<") and header.endswith(">"):
        header = header[1:-1]
    elif os.path.isfile(header):
        header = os.path.abspath(header)
    if "\n" in header or '"' in header or ">" in header:
        raise ToolError(f"a header's name cannot be {header!r}")
    return f'"{header}"' if os.path.isabs(header) else f"<{header}>"


def _assert(condition: str) -> str:
    return f'_Static_assert({condition}, "");'


def _compatible(expression: str, spelled: str) -> str:
    return _assert(f"__builtin_types_compatible_p(__typeof__({expression}), {spelled})")


def _is(expression: str, number: int) -> str:
    return _assert(f"{expression} == {number}")


def _equal(name: str, value: int | float | str) -> str:
    """Assert a constant's value, and that C does not convert one sign into the other."""
    if isinstance(value, str):
        return _assert(f"__builtin_strcmp({name}, {quoted(value)}) == 0")
    if isinstance(value, float):
        number = value.hex() if value - value == 0 else '__builtin_nan("")'
        return _assert(f"({name}) == {number} || ({name}) == (__typeof__({name})){number}")
    number = f"{value}ULL" if value > 0x7FFFFFFFFFFFFFFF else f"{value}"
    if value <= -0x8000000000000000:
        number = "(-0x7fffffffffffffff - 1)"
    return _assert(f"({name}) == {number} && (({name}) < 0) == {int(value < 0)}")


def _layout(record: Record, name: str, value: str, path: str) -> Iterator[str]:
    """Assert the layout of a record, and of the unnamed records of which members are."""
    if record.size is not None and record.align is not None:
        yield _is(f"sizeof({value})", record.size)
        yield _is(f"_Alignof(__typeof__({value}))", record.align)
    for member in members(record):
        if member.width is not None:
            continue
        place, item = f"{path}{member.name}", f"{value}.{member.name}"
        if member.bit is not None:
            whole = f"__builtin_offsetof({name}, {place})"
            before = f"__builtin_offsetof({name}, {path[:-1]})" if path else "0"
            yield _is(f"{whole} - {before}", member.bit // 8)
        inner, steps = _unnamed(member.type)
        if inner is None:
            yield _compatible(item, spell(member.type, ""))
        else:
            yield from _layout(inner, name, f"{item}{steps}", f"{place}{steps}.")


def _unnamed(type: Type) -> tuple[Record | None, str]:
    """The record without a name that a member is, or is an array of."""
    steps = ""
    inner = resolved(type)
    while isinstance(inner, Array):
        inner, steps = resolved(inner.element), f"{steps}[0]"
    return (inner, steps) if isinstance(inner, Record) and not inner.name else (None, "")


def _field_names(record: Record) -> Iterator[str]:
    """The names of all fields, also of the unnamed records of which members are."""
    for member in members(record):
        yield member.name
        inner, _ = _unnamed(member.type)
        if inner is not None:
            yield from _field_names(inner)


def _has_bits(record: Record) -> bool:
    for member in members(record):
        inner, _ = _unnamed(member.type)
        if member.width is not None or (inner is not None and _has_bits(inner)):
            return True
    return False


def _same_fields(record: Record, body: Body) -> bool:
    """Whether the header's record has the described fields and no others."""
    described = {member.name: member for member in members(record)}
    actual = {member.name: member for member in body.flattened()}
    if described.keys() != actual.keys():
        return False
    for name, member in described.items():
        inner, _ = _unnamed(member.type)
        nested = actual[name].body
        if inner is not None and nested is not None and not _same_fields(inner, nested):
            return False
    return True


def _reordered(item: Function, prototype: Prototype) -> bool:
    mine = [p.name for p in item.type.parameters]
    theirs = list(prototype.parameters)
    return mine != theirs and "" not in mine and sorted(mine) == sorted(theirs)


def _is_ours(diagnostic: Diagnostic, path: str, owners: dict[int, str]) -> bool:
    return diagnostic.file == path and diagnostic.line in owners


def _concerns(difference: Difference, thing: _Thing) -> bool:
    """Whether a difference speaks of a thing."""
    if isinstance(thing.item, (Function, Variable, Constant)):
        return difference.name == thing.item.name
    if isinstance(thing.item, Enum):
        names = {e.name for e in thing.item.enumerators or ()}
        return difference.name == thing.name or difference.name in names
    name = thing.item.name
    return difference.name == name or difference.name.startswith(f"{name}.")
