"""What a description describes, thing by thing, and which of it a comparison has verified."""

from __future__ import annotations

from symbridge.check.report import Rung
from symbridge.compare import Comparison, examine
from symbridge.declarations import Description, Enum, Location

__all__ = ["fill", "owners_of", "things_of"]


def fill(rung: Rung, compared: Comparison, strict: Comparison, description: Description) -> None:
    """Take over a comparison with an actual side that need not know everything."""
    said = set(compared.differences)
    rung.differences = [d for d in compared.differences if d.kind != "missing"]
    rung.harmless = [d for d in strict.differences if d not in said]
    broken = {d.name.partition(".")[0] for d in rung.failures()}
    owners = owners_of(description)
    broken |= {owners[name] for name in broken & owners.keys()}
    rung.verified = [
        thing
        for thing in compared.compared
        if thing not in broken and thing.partition(" ")[2] not in broken
    ]


def owners_of(description: Description) -> dict[str, str]:
    """The enum of each enumerator, under the name that examine() gives it."""
    owners: dict[str, str] = {}
    for enum in description.enums():
        items = enum.enumerators or []
        for item in items:
            owners[item.name] = enum.name or f"enum {{{items[0].name}...}}"
    return owners


def things_of(description: Description) -> list[tuple[str, Location]]:
    """All that can be verified of a description, under the names that examine() gives it."""
    nothing = examine(description, Description("", []), complete=False)
    places: dict[str, Location] = {}
    for item in description.declarations:
        name = getattr(item, "name", "")
        for thing in (name, f"function {name}", f"variable {name}", f"constant {name}"):
            places.setdefault(thing, item.location)
        if isinstance(item, Enum) and not item.name and item.enumerators:
            places[f"enum {{{item.enumerators[0].name}...}}"] = item.location
    return [(thing, places.get(thing, Location("", 0))) for thing in nothing.missing]
