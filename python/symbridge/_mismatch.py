"""What happens when a library's facts are not what is described: the slow path of load.

Facts are exact and strict: a prototype is one number, and any difference changes it. Where the
library carries its description too, comparing both tells what differs and whether callers can tell;
where it does not, a number that differs is all there is, and enough.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable

from symbridge._bridge import MismatchError
from symbridge.compare import Difference, compare
from symbridge.declarations import NOWHERE, Description, Function, Variable, parse, spell
from symbridge.embed.facts import Fact, canonical, facts_of
from symbridge.embed.note import fnv1a, unpack_facts
from symbridge.moving import may_move

__all__ = ["judge"]

_MASK = (1 << 64) - 1


def judge(path: str, file: str, text: bytes, own: bytes | None, facts: bytes) -> None:
    """Raise MismatchError when callers of a library would notice that it is not what is described.

    path: the library's file. text: the description, from `file`.
    own: the description that the library carries, if it does. facts: those that it carries.
    """
    described = parse(text, file)
    known = unpack_facts(facts, sys.byteorder)
    differing = [
        fact
        for fact in facts_of(described)
        if known.get(_key(fact), fact.value & _MASK) != fact.value & _MASK
    ]
    differences: list[Difference] = []
    if own is not None:
        carried = parse(own, f"<description in {os.path.basename(path)}>")
        differences = _breaks(described, carried)
        # The library's text speaks for its facts where it agrees with them.
        spoken = {
            fact.text for fact in facts_of(carried) if known.get(_key(fact)) == fact.value & _MASK
        }
        differing = [fact for fact in differing if fact.text not in spoken]
    differences += (
        found
        for fact in differing
        if not may_move((found := _plain_difference(fact, known[_key(fact)])).kind, found.name)
    )
    if differences:
        raise _error(path, file, differences)


def _key(fact: Fact) -> int:
    return fnv1a(fact.text.encode())


def _breaks(described: Description, carried: Description) -> list[Difference]:
    """What callers would notice. What the library does not describe it may still have."""
    found = compare(described, carried, complete=False)
    return [d for d in found if d.breaking and not may_move(d.kind, d.name)]


def _plain_difference(fact: Fact, actual: int) -> Difference:
    """A difference of which only the number is known."""
    kind, _, name = fact.text.partition(" ")
    declaration = fact.declaration
    if isinstance(declaration, (Function, Variable)):
        name = declaration.name
        described = f"{spell(declaration.type, name)}, {canonical(declaration.type)}"
        found = f"another prototype, of digest {actual:#018x} (described: {fact.value:#018x})"
    elif kind == "members":
        described = f"members of digest {fact.value:#018x}"
        found = f"members of digest {actual:#018x}"
    else:
        described = str(fact.value)
        # Described as negative, known as bits.
        found = str(actual - (1 << 64) if actual >> 63 and abs(fact.value) < 1 << 63 else actual)
    sentence = f"{fact.text} is described as {described}; the library has {found}"
    return Difference(kind, name, described, found, fact.location, NOWHERE, True, sentence)


def _error(path: str, file: str, differences: Iterable[Difference]) -> MismatchError:
    found = list(differences)
    count = "1 difference" if len(found) == 1 else f"{len(found)} differences"
    lines = [f"library {path!r} is not what {file} describes: {count}"]
    for difference in found:
        lines.append(f"  {difference.location}: {difference.kind}, {difference.name}")
        lines.append(f"    described: {difference.described}")
        lines.append(f"    actual:    {difference.actual}")
    error = MismatchError("\n".join(lines))
    error.differences = found
    return error
