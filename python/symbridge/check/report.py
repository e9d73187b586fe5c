"""What a check found: a ladder of rungs, each with what it verified and what it could not.

docs/check.md has the table of rungs, and the shape of the JSON, which stays as it is within a
format.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from symbridge.compare import Difference
from symbridge.declarations import Location

__all__ = ["FORMAT", "Report", "Rung", "Unverified"]

#: Of the JSON. A change that breaks its readers makes it a larger number.
FORMAT = 1


@dataclass(frozen=True, slots=True)
class Unverified:
    """A thing of the description that could not be verified, and why."""

    thing: str  # "function f", "struct s", "constant C" ...
    reason: str
    location: Location


@dataclass(slots=True)
class Rung:
    """One way of verifying, and what came of it."""

    name: str  # "symbols", "headers", "debug data" or "own facts"
    proves: str  # what it verifies, for people
    source: str = ""  # what the description was compared with
    #: Why it could not be climbed at all; "" when it was.
    reason: str = ""
    verified: list[str] = field(default_factory=list)  # things
    differences: list[Difference] = field(default_factory=list)
    harmless: list[Difference] = field(default_factory=list)  # which callers cannot tell
    unverified: list[Unverified] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def failures(self, strict: bool = False) -> list[Difference]:
        """The differences that make the check fail."""
        if strict:
            return [*self.differences, *self.harmless]
        return [difference for difference in self.differences if difference.breaking]

    @property
    def status(self) -> str:
        """One of "verified", "mismatch", "unavailable"."""
        if self.reason:
            return "unavailable"
        return "mismatch" if self.failures() else "verified"


@dataclass(slots=True)
class Report:
    """All rungs of one check."""

    library: str
    description: str
    things: list[tuple[str, Location]]  # everything that is described
    owners: dict[str, str] = field(default_factory=dict)  # the enums of enumerators
    rungs: list[Rung] = field(default_factory=list)

    def holds(self, strict: bool = False) -> bool:
        """Whether all that could be verified is as described."""
        return not any(rung.failures(strict) for rung in self.rungs)

    def failed(self, rung: Rung, strict: bool = False) -> set[str]:
        """The names of the things that a rung found otherwise: records, not their fields."""
        names = {difference.name for difference in rung.failures(strict)}
        return {self.owners.get(name, name.partition(".")[0]) for name in names}

    def unproved(self) -> list[tuple[str, Location]]:
        """The things that no rung but that of symbols has looked at."""
        proved: set[str] = set()
        for rung in self.rungs:
            if rung.name != "symbols":
                proved.update(rung.verified)
                proved.update(self.failed(rung))
        return [
            (thing, location)
            for thing, location in self.things
            if thing not in proved and thing.partition(" ")[2] not in proved
        ]

    # ---- for programs

    def as_json(self, strict: bool = False) -> dict[str, Any]:
        """The report as JSON has it."""
        return {
            "format": FORMAT,
            "library": self.library,
            "description": self.description,
            "strict": strict,
            "holds": self.holds(strict),
            "rungs": [_rung_json(rung, strict) for rung in self.rungs],
            "unproved": [
                {"thing": thing, "location": location.as_json()}
                for thing, location in self.unproved()
            ],
        }

    # ---- for people

    def ladder(self, strict: bool = False) -> tuple[list[list[str]], list[str]]:
        """Rows of a table with a heading, and their styles."""
        rows = [["rung", "verified", "failed", "not verified", "against"]]
        styles = ["bold"]
        for rung in self.rungs:
            if rung.reason:
                rows.append([rung.name, "-", "-", "-", f"nothing: {rung.reason}"])
                styles.append("dim")
                continue
            failed = len(self.failed(rung, strict))
            counts = [str(len(rung.verified)), str(failed), str(len(rung.unverified))]
            rows.append([rung.name, *counts, rung.source])
            styles.append("bad" if failed else "good")
        return rows, styles

    def mismatches(self, strict: bool = False) -> list[tuple[str, str]]:
        """Each difference as lines of text, with the style of the first: failures come first."""
        found: dict[tuple[str, str, str], tuple[Difference, list[str], bool]] = {}
        for rung in self.rungs:
            failures = set(rung.failures(strict))
            for difference in [*rung.differences, *(rung.harmless if strict else [])]:
                key = (difference.kind, difference.name, difference.described)
                said, rungs, fails = found.setdefault(key, (difference, [], False))
                rungs += [rung.name] if rung.name not in rungs else []
                found[key] = (said, rungs, fails or difference in failures)
        rows = sorted(found.values(), key=lambda row: not row[2])
        return [
            (_shown(difference, ", ".join(rungs), fails), "bad" if fails else "warn")
            for difference, rungs, fails in rows
        ]

    def remarks(self, strict: bool = False) -> list[str]:
        """What people should know beside the mismatches."""
        lines: list[str] = []
        for rung in self.rungs:
            lines += [f"{rung.name}: {note}" for note in rung.notes]
            if rung.harmless and not strict:
                count = len(rung.harmless)
                lines.append(
                    f"{rung.name}: {_counted(count, 'difference')} that callers cannot tell "
                    f"(const and the like); --strict shows {'it' if count == 1 else 'them'}"
                )
            reasons = Counter(_kind_and_reason(item) for item in rung.unverified)
            for (kind, reason), count in reasons.most_common():
                first = next(
                    i.thing for i in rung.unverified if _kind_and_reason(i) == (kind, reason)
                )
                name = first.removeprefix(f"{kind} ")
                what = first if count == 1 else f"{_counted(count, kind)}, such as {name}"
                lines.append(f"{rung.name}: not verified: {what}: {reason}")
        unproved = self.unproved()
        if unproved:
            kinds = Counter(_kind(thing) for thing, _ in unproved)
            what = ", ".join(_counted(count, kind) for kind, count in kinds.most_common())
            lines.append(f"what they are like was verified by no rung: {what}")
        return lines


def _shown(difference: Difference, rung: str, fails: bool) -> str:
    place = f"{difference.location}: " if difference.location.file else ""
    actual_place = f"   ({difference.actual_location})" if difference.actual_location.file else ""
    weight = "" if fails else ", no break"
    lines = [f"{place}{difference.sentence}   [{rung}: {difference.kind}{weight}]"]
    if difference.described or difference.actual:
        lines.append(f"    described  {difference.described or 'nothing'}")
        lines.append(f"    actual     {difference.actual or 'nothing'}{actual_place}")
    return "\n".join(lines)


def _counted(count: int, word: str) -> str:
    return f"{count} {word}{'s' * (count != 1)}"


def _kind(thing: str) -> str:
    word = thing.partition(" ")[0]
    known = ("function", "variable", "constant", "struct", "union", "enum")
    return word if word in known else "type"


def _kind_and_reason(item: Unverified) -> tuple[str, str]:
    return _kind(item.thing), item.reason


def _difference_json(difference: Difference) -> dict[str, Any]:
    return {
        "kind": difference.kind,
        "name": difference.name,
        "described": difference.described,
        "actual": difference.actual,
        "breaking": difference.breaking,
        "location": difference.location.as_json(),
        "actual_location": difference.actual_location.as_json(),
        "sentence": difference.sentence,
    }


def _rung_json(rung: Rung, strict: bool) -> dict[str, Any]:
    differences: Sequence[Difference] = rung.differences
    if strict:
        differences = [*differences, *rung.harmless]
    return {
        "rung": rung.name,
        "status": "mismatch" if rung.failures(strict) else rung.status,
        "source": rung.source,
        "reason": rung.reason,
        "verified": list(rung.verified),
        "differences": [_difference_json(difference) for difference in differences],
        "harmless": len(rung.harmless),
        "unverified": [
            {"thing": item.thing, "reason": item.reason, "location": item.location.as_json()}
            for item in rung.unverified
        ],
        "notes": list(rung.notes),
    }
