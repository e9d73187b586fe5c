"""Random function types, and the C callees and callers that check them."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from .shapes import Scalars, random_value_record
from .types import ENUM_TAGS, Array, Leaf, Profile, Record, Scalar, Type, declare

__all__ = ["Batch", "Signature", "make_batch", "write_batch"]

MANY_ARGUMENTS = 30
MOST_ARGUMENTS = 127  # SB_MAX_PARAMETERS
RECORDS_PER_BATCH = 120

PRELUDE = """\
typedef int (*t_function)(int, double);
typedef int t_array[3];
struct t_opaque;
"""

_CHECKS = {
    Leaf.WORD: "t_check_word((uint64_t){0}, 8 * sizeof {0});",
    Leaf.BOOL: "t_check_word({0}, 1);",
    Leaf.POINTER: "t_check_word((uintptr_t){0}, 8 * sizeof {0});",
    Leaf.WIDE: "t_check_wide((uint32_t){0});",
    Leaf.WORD128: "t_check_word128((t_uint128){0});",
    Leaf.FLOAT: "t_check_float({0});",
    Leaf.DOUBLE: "t_check_double({0});",
    Leaf.LDOUBLE: "t_check_ldouble({0});",
    Leaf.CFLOAT: "t_check_cfloat({0});",
    Leaf.CDOUBLE: "t_check_cdouble({0});",
    Leaf.CLDOUBLE: "t_check_cldouble({0});",
}

_VALUES = {
    Leaf.WORD: "({0})t_word()",
    Leaf.BOOL: "t_word() & 1",
    Leaf.POINTER: "({0})(uintptr_t)t_word()",
    Leaf.WIDE: "({0})t_wide()",
    Leaf.WORD128: "({0})t_word128()",
    Leaf.FLOAT: "t_float()",
    Leaf.DOUBLE: "t_double()",
    Leaf.LDOUBLE: "t_ldouble()",
    Leaf.CFLOAT: "t_cfloat()",
    Leaf.CDOUBLE: "t_cdouble()",
    Leaf.CLDOUBLE: "t_cldouble()",
}


@dataclass
class Signature:
    """One function type; `extra` are the variadic arguments of its call."""

    number: int
    result: Scalar | Record | None
    arguments: list[Scalar | Record]
    extra: list[Scalar | Record]
    variadic: bool

    def all(self) -> list[Scalar | Record]:
        return self.arguments + self.extra

    def declaration(self, declarator: str, names: bool = False) -> str:
        """Give `declarator` declared as a function of this type."""
        arguments = [
            declare(each, f"a{i}" if names else "") for i, each in enumerate(self.arguments)
        ]
        if self.variadic:
            arguments.append("...")
        head = f"{declarator}({', '.join(arguments) or 'void'})"
        return f"void {head}" if self.result is None else declare(self.result, head)


@dataclass
class Batch:
    """Signatures that share a pool of records, and are compiled together."""

    seed: int
    first: int
    profile: Profile
    records: list[Record]
    signatures: list[Signature]


# ---- random signatures ---------------------------------------------------------------------------


def _argument_count(rng: random.Random) -> int:
    roll = rng.random()
    if roll < 0.6:
        return rng.randint(0, 7)
    if roll < 0.9:
        return rng.randint(5, 14)
    if roll < 0.995:
        return rng.randint(12, MANY_ARGUMENTS)
    return rng.randint(MANY_ARGUMENTS, MOST_ARGUMENTS)


def _is_misread(record: Record) -> bool:
    """Tell records that may be in general registers and aligned to 16 bytes: va_arg of gcc 12 on
    x86-64 takes the place where it saved the registers to be as well aligned, and crashes."""
    text = record.body() + "".join(inner.body() for inner in _held(record))
    return (
        "aligned(16)" in text or "__int128" in text or ("union" in text and "long double" in text)
    )


def _held(record: Record) -> Iterator[Record]:
    """Give the tagged records in it, at any depth."""
    for inner in record.records():
        yield inner
        yield from _held(inner)


def _make_signature(
    rng: random.Random, number: int, scalars: Scalars, pool: list[Record]
) -> Signature:
    share = rng.choice([0.0, 0.1, 0.3, 0.3, 0.6])  # of records
    focus = rng.choice([None, None, rng.choice(pool)])  # one record again and again

    def value(promoted: bool) -> Scalar | Record:
        if rng.random() < share:
            record = focus if focus is not None and rng.random() < 0.4 else rng.choice(pool)
            if not promoted or not _is_misread(record):
                return record
        return scalars.argument(rng, promoted)

    count = _argument_count(rng)
    variadic = count > 0 and rng.random() < 0.12
    fixed = rng.randint(1, count) if variadic else count
    arguments = [value(variadic and i == fixed - 1) for i in range(fixed)]
    extra = [value(True) for _ in range(count - fixed)]
    roll = rng.random()
    result = None if roll < 0.08 else rng.choice(pool) if roll < 0.5 else scalars.any(rng)
    return Signature(number, result, arguments, extra, variadic)


def make_batch(
    seed: int, first: int, count: int, profile: Profile, only: int | None = None
) -> Batch:
    """Make signatures number `first` and up. Each is the same whatever else is made with it, as
    long as the batch begins with the same number."""
    scalars = Scalars(profile)
    records: list[Record] = []
    rng = random.Random(f"records {seed} {first}")
    for i in range(RECORDS_PER_BATCH):
        records.append(random_value_record(rng, scalars, records, f"R{i}"))
    signatures = [
        _make_signature(random.Random(f"{seed} {number}"), number, scalars, records)
        for number in range(first, first + count)
        if only in (None, number)
    ]
    if only is not None:
        records = _needed(records, signatures)
    return Batch(seed, first, profile, records, signatures)


def _needed(records: list[Record], signatures: list[Signature]) -> list[Record]:
    needed: set[str] = set()
    queue = [
        each
        for signature in signatures
        for each in [*signature.all(), signature.result]
        if isinstance(each, Record)
    ]
    while queue:
        record = queue.pop()
        if record.tag not in needed:
            needed.add(record.tag)
            queue += record.records()
    return [each for each in records if each.tag in needed]


# ---- C -------------------------------------------------------------------------------------------


def _visit(kind: Type, path: str, check: bool, depth: int = 0) -> Iterator[str]:
    """Give the statements that check or set the leaves of `path`."""
    if isinstance(kind, Array):
        if kind.length is not None:
            at = f"i{depth}"
            yield f"for (unsigned {at} = 0; {at} < {kind.length}; {at}++) {{"
            yield from _visit(kind.element, f"{path}[{at}]", check, depth + 1)
            yield "}"
    elif isinstance(kind, Record):
        values = kind.values()
        is_union = kind.kind == "union"
        if is_union and values:
            yield f"switch (t_pick({len(values)})) {{"
        for i, each in enumerate(values):
            inner = f"{path}.{each.name}" if each.name else path
            if is_union:
                yield f"case {i}:"
            if each.width is not None:
                yield _bit_field(inner, each.type, each.width, check)
            else:
                yield from _visit(each.type, inner, check, depth)
            if is_union:
                yield "break;"
        if is_union and values:
            yield "}"
    elif check:
        yield _CHECKS[kind.leaf].format(path)
    else:
        yield f"{path} = {_VALUES[kind.leaf].format(kind.spelling)};"


def _bit_field(path: str, kind: Type, width: int, check: bool) -> str:
    assert isinstance(kind, Scalar)
    if check:
        return f"t_check_word((uint64_t){path}, {width});"
    if kind.leaf is Leaf.BOOL:
        return f"{path} = t_word() & 1;"
    return f"{path} = ({kind.spelling})t_word();"


def _helpers(record: Record) -> Iterator[str]:
    """Give the functions that check and set one record."""
    for check in (True, False):
        const, verb = ("const ", "check") if check else ("", "set")
        yield f"static void {verb}_{record.tag}({const}{record.spelling} *p)"
        yield "{"
        yield "(void)p;"
        yield from _visit(record, "(*p)", check)
        yield "}"


def _check(kind: Scalar | Record, path: str) -> str:
    if isinstance(kind, Record):
        return f"check_{kind.tag}(&{path});"
    return _CHECKS[kind.leaf].format(path)


def _set(kind: Scalar | Record, path: str) -> str:
    if isinstance(kind, Record):
        return f"memset(&{path}, 0x77, sizeof {path}); set_{kind.tag}(&{path});"
    return f"{path} = {_VALUES[kind.leaf].format(kind.spelling)};"


def _callee(signature: Signature) -> Iterator[str]:
    yield signature.declaration(f"callee_{signature.number}", names=True)
    yield "{"
    yield f"t_signature({signature.number});"
    fixed = len(signature.arguments)
    if signature.variadic:
        yield f"va_list list; va_start(list, a{fixed - 1});"
    for i, each in enumerate(signature.all()):
        if i >= fixed:
            yield f"{declare(each, f'a{i}')} = va_arg(list, {declare(each, '').rstrip()});"
        yield f"t_at({i}); {_check(each, f'a{i}')}"
    if signature.variadic:
        yield "va_end(list);"
    if signature.result is not None:
        yield f"{declare(signature.result, 'result')};"
        yield f"t_at(TORTURE_RESULT); {_set(signature.result, 'result')}"
        yield "return result;"
    yield "}"


def _caller(signature: Signature) -> Iterator[str]:
    yield f"void caller_{signature.number}({signature.declaration('(*function)')})"
    yield "{"
    yield f"t_signature({signature.number});"
    for i, each in enumerate(signature.arguments):
        yield f"{declare(each, f'a{i}')}; t_at({i}); {_set(each, f'a{i}')}"
    call = f"function({', '.join(f'a{i}' for i in range(len(signature.arguments)))})"
    if signature.result is None:
        yield f"{call};"
    else:
        yield f"{declare(signature.result, 'result')} = {call};"
        yield f"t_signature({signature.number}); t_at(TORTURE_RESULT);"
        yield _check(signature.result, "result")
    yield "}"


def description(batch: Batch) -> str:
    """Give the declarations, which are both a description and a header."""
    lines = [*ENUM_TAGS.values(), PRELUDE]
    lines += [record.definition() for record in batch.records]
    for signature in batch.signatures:
        lines.append(f"{signature.declaration(f'callee_{signature.number}')};")
        if signature.extra:
            extra = ", ".join(declare(each, "") for each in signature.extra)
            lines.append(f"void extra_{signature.number}({extra});")
    return "\n".join(lines) + "\n"


def callees(batch: Batch) -> str:
    """Give the C that checks."""
    lines = ['#include "callee.h"', '#include "description.h"']
    for record in batch.records:
        lines += _helpers(record)
    for signature in batch.signatures:
        lines += _callee(signature)
        if not signature.variadic:
            lines += _caller(signature)
    return "\n".join(lines) + "\n"


def table(batch: Batch) -> str:
    """Give the C table of callees and callers, by number."""
    lines = ['#include "callee.h"']
    known = {each.number: each for each in batch.signatures}
    for each in batch.signatures:
        lines.append(f"extern void callee_{each.number}(void);")
        if not each.variadic:
            lines.append(f"extern void caller_{each.number}(void);")
    lines.append("static const torture_case cases[] = {")
    last = max(known, default=batch.first)
    for number in range(batch.first, last + 1):
        if number not in known:
            lines.append("{0, 0},")
        elif known[number].variadic:
            lines.append(f"{{callee_{number}, 0}},")
        else:
            lines.append(f"{{callee_{number}, caller_{number}}},")
    lines += [
        "};",
        f"const uint64_t torture_seed = UINT64_C({batch.seed});",
        "const torture_library torture_calls = {",
        f"UINT64_C({batch.seed}), {batch.first}, sizeof cases / sizeof cases[0], cases,",
        "&torture_callee_fault};",
    ]
    return "\n".join(lines) + "\n"


def write_batch(batch: Batch, directory: Path) -> None:
    """Write description.h, callees.c and table.c."""
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "description.h").write_text(description(batch))
    (directory / "callees.c").write_text(callees(batch))
    (directory / "table.c").write_text(table(batch))
