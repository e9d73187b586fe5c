"""Mutants through `check`: many in one run, since they concern different declarations."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from symbridge import DescriptionError, binary, declarations
from symbridge.check.compiler import Options
from symbridge.check.ladder import Sources, climb
from symbridge.check.report import Report
from symbridge.declarations import Array, Declaration, Description, Record, Type, resolved

from .mutations import Mutation, mutations
from .text import text_of

__all__ = ["Case", "Outcome", "Subject", "run", "sample"]

#: Mutants in one run. They concern different things.
BATCH = 60

#: What has no names of parameters: swapping two of one type is nothing to it.
NAMELESS = ("CTF", "own facts")


@dataclass(frozen=True, slots=True)
class Case:
    """A way to check: a library, with or without headers."""

    name: str  # "" or what sets its debug data apart: "DWARF", "CTF"
    library: binary.Binary
    headers: Sequence[str] = ()
    options: Options = field(default_factory=Options)
    use_debug: bool = True

    def check(self, text: str, file: str) -> Report:
        """Check a description."""
        sources = Sources(self.headers, self.options, use_debug=self.use_debug)
        return climb(declarations.parse(text, file), self.library, sources)

    def rung(self, name: str) -> str:
        """The name of a rung in this case."""
        return self.name if name == "debug data" else name


class Subject:
    """A library with its description, in plain C, and all that can be changed of it."""

    def __init__(self, name: str, text: str, cases: Sequence[Case]) -> None:
        self.name = name
        self.cases = cases
        plain = text_of(declarations.parse(text, name))
        self.description = declarations.parse(plain, name)
        self.mutations = list(mutations(self.description))
        #: What each rung verifies of the unchanged description: there changes must be caught.
        self.verified: dict[str, set[str]] = {}
        #: Symbols that the header declares and the library lacks, changed or not.
        self.missing: set[str] = set()
        for case in cases:
            report = case.check(plain, name)
            for rung in report.rungs:
                self.missing |= {d.name for d in rung.failures() if d.kind == "missing"}
                broken = [d.sentence for d in rung.failures() if d.kind != "missing"]
                if broken:
                    raise AssertionError(f"{name} is not as described: {broken}")
                if not rung.reason:
                    known = self.verified.setdefault(case.rung(rung.name), set())
                    known.update(rung.verified)

    def _is_fit(self, mutation: Mutation) -> bool:
        """Whether the text differs."""
        before = text_of(self._only(self.description.declarations[mutation.index]))
        after = text_of(self._only(mutation.declaration))
        return before != after

    def _only(self, declaration: Declaration) -> Description:
        return Description(self.name, [declaration])

    def text(self, batch: Sequence[Mutation]) -> str:
        """The description with some changes."""
        changed = {m.index: m.declaration for m in batch}
        kept = [
            changed.get(index, item) for index, item in enumerate(self.description.declarations)
        ]
        return text_of(Description(self.name, kept))

    def is_readable(self, mutation: Mutation) -> bool:
        """Whether the mutant is a description, and another one than it was."""
        if not self._is_fit(mutation):
            return False
        try:
            declarations.parse(self.text([mutation]), self.name)
        except DescriptionError:
            return False
        return True


@dataclass(slots=True)
class Outcome:
    """What came of the mutants of one subject."""

    subject: str
    made: Counter[str] = field(default_factory=Counter)  # by kind
    caught: Counter[str] = field(default_factory=Counter)
    by_rung: Counter[tuple[str, str]] = field(default_factory=Counter)  # caught: rung, kind
    expected: Counter[str] = field(default_factory=Counter)  # by rung: it verifies the thing
    met: Counter[str] = field(default_factory=Counter)
    neutral: Counter[str] = field(default_factory=Counter)
    survivors: list[str] = field(default_factory=list)

    @property
    def altering(self) -> int:
        """How many of the mutants altered the ABI."""
        return sum(self.made.values())


def sample(subject: Subject, count: int, seed: int) -> list[Mutation]:
    """So many of a subject's mutants: of each kind in turn, so that none is left out."""
    rng = random.Random(f"{subject.name} {seed}")
    by_kind: dict[str, list[Mutation]] = {}
    for mutation in subject.mutations:
        by_kind.setdefault(mutation.kind, []).append(mutation)
    for members in by_kind.values():
        rng.shuffle(members)
    chosen: list[Mutation] = []
    while len(chosen) < count and any(by_kind.values()):
        for members in by_kind.values():
            while members and len(chosen) < count:
                mutation = members.pop()
                if subject.is_readable(mutation):
                    chosen.append(mutation)
                    break
    return chosen


def run(subject: Subject, chosen: Sequence[Mutation]) -> Outcome:
    """Check all mutants."""
    outcome = Outcome(subject.name)
    for batch in _batches(subject, chosen):
        _check(subject, batch, outcome)
    return outcome


def _check(subject: Subject, batch: Sequence[Mutation], outcome: Outcome) -> None:
    text = subject.text(batch)
    found: dict[str, set[str]] = {}  # by rung: names of what is said to be broken
    for case in subject.cases:
        for rung in case.check(text, subject.name).rungs:
            if not rung.reason:
                names = found.setdefault(case.rung(rung.name), set())
                names.update(difference.name for difference in rung.failures())
                if rung.name == "symbols":
                    names -= subject.missing
    for mutation in batch:
        on = {rung for rung, names in found.items() if _concerns(mutation, names)}
        if not mutation.alters:
            outcome.neutral[mutation.kind] += 1
            if on:
                outcome.survivors.append(f"{subject.name}: false alarm: {mutation} on {on}")
            continue
        outcome.made[mutation.kind] += 1
        outcome.caught[mutation.kind] += bool(on)
        for rung in on:
            outcome.by_rung[rung, mutation.kind] += 1
        wanted = {rung for rung in found if _must_notice(subject, mutation, rung)}
        for rung in wanted:
            outcome.expected[rung] += 1
            outcome.met[rung] += rung in on
        if not on or wanted - on:
            missed = ", ".join(sorted(wanted - on)) or "all"
            declared = text_of(Description("", [mutation.declaration])).strip()
            outcome.survivors.append(
                f"{subject.name}: {mutation} was not noticed by {missed}: {declared}"
            )


def _concerns(mutation: Mutation, names: set[str]) -> bool:
    prefix = f"{mutation.target}."
    return any(name == mutation.target or name.startswith(prefix) for name in names)


def _must_notice(subject: Subject, mutation: Mutation, rung: str) -> bool:
    """Whether a rung has to catch it: it verifies the unchanged thing, and can see the change."""
    if mutation.thing not in subject.verified[rung]:
        return False
    if rung == "symbols":
        return mutation.kind == "symbol name"
    if mutation.kind == "symbol name":
        return False  # a function of another name: there is nothing to compare it with
    return not (mutation.only_names and rung in NAMELESS)


def _batches(subject: Subject, chosen: Sequence[Mutation]) -> Iterator[list[Mutation]]:
    """Put mutants together that cannot be taken for one another."""
    waiting = list(chosen)
    while waiting:
        batch: list[Mutation] = []
        rest: list[Mutation] = []
        used: set[int] = set()
        touched: set[str] = set()
        for mutation in waiting:
            related = _related(mutation)
            if len(batch) >= BATCH or mutation.index in used or related & touched:
                rest.append(mutation)
                continue
            batch.append(mutation)
            used.add(mutation.index)
            touched |= related
        yield batch
        waiting = rest


def _related(mutation: Mutation) -> set[str]:
    """The records whose layout depends on this one's, or on which its own does."""
    item = mutation.declaration
    if isinstance(item, Record):
        return {item.name, *_held(item)}
    if not isinstance(item, (declarations.Function, declarations.Variable)):
        target = resolved(item.type) if isinstance(item, declarations.Typedef) else None
        if isinstance(target, Record):
            return {target.name, *_held(target)}
    return set()


def _held(record: Record) -> Iterator[str]:
    """The records that lie within a record."""
    for item in record.fields or ():
        inner: Type = resolved(item.type)
        while isinstance(inner, Array):
            inner = resolved(inner.element)
        if isinstance(inner, Record):
            yield inner.name
            yield from _held(inner)
