"""A description against the facts that a library carries: what its own compiler computed.

See docs/self-describing.md. Numbers are compared as they are. Of prototypes and records a library
has digests; where one differs, the library's own description says in what.
"""

from __future__ import annotations

from typing import Literal

from symbridge import DescriptionError, declarations
from symbridge.binary import Binary
from symbridge.check.report import Rung, Unverified
from symbridge.check.things import fill
from symbridge.compare import Difference, examine
from symbridge.declarations import (
    NOWHERE,
    Constant,
    Description,
    Enum,
    Function,
    Record,
    Variable,
)
from symbridge.embed.facts import Fact, facts_of
from symbridge.embed.note import fnv1a, unpack_facts

__all__ = ["check_carried"]

MASK = (1 << 64) - 1


def check_carried(description: Description, binary: Binary) -> Rung:
    """Compare with the facts in the library's note."""
    rung = Rung("own facts", "digests, sizes, offsets and values that the library carries")
    if binary.facts is None:
        rung.reason = "the library carries none"
        return rung
    order: Literal["little", "big"] = "big" if binary.byte_order == "big" else "little"
    facts = unpack_facts(binary.facts, order)
    rung.source = f"{len(facts)} facts"
    verified: dict[str, bool] = {}
    digests: list[tuple[str, Fact]] = []
    for fact in facts_of(description):
        thing = _thing(fact)
        actual = facts.get(_key(fact))
        if actual is None:
            verified[thing] = False
            if isinstance(fact.declaration, Enum) and _key_of_size(fact.declaration) in facts:
                rung.differences.append(_no_enumerator(thing, fact))
            else:
                _unknown(rung, thing, fact)
        elif actual == fact.value & MASK:
            verified.setdefault(thing, True)
        elif _is_digest(fact):
            digests.append((thing, fact))
        else:
            verified[thing] = False
            rung.differences.append(_number(fact, actual))
    bad = _look_closer(rung, description, binary, facts, digests) if digests else set()
    rung.verified = [thing for thing, holds in verified.items() if holds and thing not in bad]
    rung.verified += [
        thing for thing, _ in digests if thing not in bad and thing not in rung.verified
    ]
    return rung


def _look_closer(
    rung: Rung,
    description: Description,
    binary: Binary,
    facts: dict[int, int],
    digests: list[tuple[str, Fact]],
) -> set[str]:
    """Say in what prototypes and records differ; gives the things of which they truly do."""
    spoken: set[str] = set()
    own: Description | None = None
    if binary.description is not None:
        try:
            own = declarations.parse(binary.description, f"{binary.path}:<description>")
        except DescriptionError as error:
            rung.notes.append(f"the description that the library carries cannot be read: {error}")
    if own is not None:
        # The library's text speaks for those of its facts that it agrees with.
        spoken = {fact.text for fact in facts_of(own) if facts.get(_key(fact)) == fact.value & MASK}
    bad = set()
    for thing, fact in digests:
        if fact.text not in spoken:
            bad.add(thing)
            rung.differences.append(_digest(thing, fact, facts[_key(fact)]))
    if own is None or len(bad) == len(digests):
        return bad
    wanted = {id(fact.declaration) for _, fact in digests}
    kept = [
        item
        for item in description.declarations
        if id(item) in wanted or not isinstance(item, (Function, Variable, Constant, Record, Enum))
    ]
    part = Description(description.file, kept)
    closer = Rung("", "")
    strict = examine(part, own, complete=False, strict=True)
    fill(closer, examine(part, own, complete=False), strict, part)
    known = {(d.name, d.kind) for d in rung.differences}
    rung.differences += [d for d in closer.differences if (d.name, d.kind) not in known]
    rung.harmless += closer.harmless
    return bad | ({thing for thing, _ in digests} - set(closer.verified))


def _digest(thing: str, fact: Fact, actual: int) -> Difference:
    """A prototype or record of which only the digest is known."""
    sides = (f"digest {fact.value & MASK:#018x}", f"digest {actual:#018x}")
    sentence = f"{thing} is not what the library was compiled with: its digest differs"
    name = fact.text.partition(" ")[2]
    return Difference("digest", name, *sides, fact.location, NOWHERE, True, sentence)


def _key(fact: Fact) -> int:
    return fnv1a(fact.text.encode())


def _unknown(rung: Rung, thing: str, fact: Fact) -> None:
    if not any(item.thing == thing for item in rung.unverified[-1:]):
        reason = "the library carries no fact of it"
        rung.unverified.append(Unverified(thing, reason, fact.declaration.location))


def _key_of_size(enum: Enum) -> int:
    return fnv1a(f"sizeof enum {enum.tag or enum.typedef}".encode())


def _no_enumerator(thing: str, fact: Fact) -> Difference:
    """An enumerator of an enum that the library knows without it."""
    name = fact.text.partition(" ")[2]
    sentence = f"{name} is described, but {thing} does not have it"
    sides = (str(fact.value), "nothing")
    return Difference("enumerator missing", name, *sides, fact.location, NOWHERE, True, sentence)


def _is_digest(fact: Fact) -> bool:
    return fact.text.startswith(("function ", "variable ", "members "))


def _thing(fact: Fact) -> str:
    """What a fact is about, as examine() names it."""
    item = fact.declaration
    match item:
        case Function():
            return f"function {item.name}"
        case Variable():
            return f"variable {item.name}"
        case Constant():
            return f"constant {item.name}"
        case Enum() if not item.name:
            return f"enum {{{', '.join(e.name for e in (item.enumerators or [])[:1])}...}}"
        case Record() | Enum():
            return item.name
    return fact.text


def _number(fact: Fact, actual: int) -> Difference:
    """A size, an offset or a value that differs."""
    what, _, name = fact.text.partition(" ")
    signed = actual - (1 << 64) if actual >> 63 and fact.value < 1 << 63 else actual
    kinds = {"sizeof": "size", "alignof": "align", "offsetof": "offset"}
    words = {
        "sizeof": f"the size of {name}",
        "alignof": f"the alignment of {name}",
        "offsetof": f"the offset of {name}",
    }
    sentence = f"{words.get(what, name)} is described as {fact.value}, but is {signed}"
    return Difference(
        kinds.get(what, what),
        name,
        str(fact.value),
        str(signed),
        fact.location,
        NOWHERE,
        True,
        sentence,
    )
