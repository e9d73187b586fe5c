"""Random records, and the C tables that say how the compiler lays them out."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from .calls import PRELUDE
from .shapes import Scalars, random_layout
from .types import ENUM_TAGS, Array, Profile, Record

__all__ = ["LayoutBatch", "make_layouts", "member_paths", "records_text", "write_layouts"]

MOST_TO_NEST = 40  # records made last, of which later ones may hold some


@dataclass
class LayoutBatch:
    """Records that are compiled together."""

    seed: int
    records: list[Record]


def make_layouts(
    seed: int, first: int, count: int, profile: Profile, only: int | None = None
) -> LayoutBatch:
    """Make records number `first` and up."""
    scalars = Scalars(profile)
    records: list[Record] = []
    for number in range(first, first + count):
        rng = random.Random(f"layout {seed} {number}")
        pool = [each for each in records[-MOST_TO_NEST:] if not _is_huge(each)]
        records.append(random_layout(rng, scalars, pool, f"R{number}"))
    if only is not None:
        wanted = [each for each in records if each.tag == f"R{only}"]
        for record in wanted:
            wanted += [each for each in record.records() if each not in wanted]
        records = [each for each in records if each in wanted]
    return LayoutBatch(seed, records)


def _is_huge(record: Record) -> bool:
    return _weight(record) > 60


def _weight(record: Record) -> int:
    weight = 0
    for each in record.fields:
        times, base = 1, each.type
        while isinstance(base, Array):
            times *= max(1, base.length or 0)
            base = base.element
        weight += times * (_weight(base) if isinstance(base, Record) else 1)
    return weight


def member_paths(record: Record, path: str = "") -> Iterator[tuple[str, int | None]]:
    """Give (f1.f2, width of a bit-field) of each member, in the order of the table."""
    for each in record.values():
        inner = f"{path}.{each.name}".removeprefix(".") if each.name else path
        if each.name:
            yield inner, each.width
        if isinstance(each.type, Record):
            yield from member_paths(each.type, inner)


def _flexible(record: Record) -> str:
    last = record.fields[-1] if record.fields else None
    if last is not None and isinstance(last.type, Array) and last.type.length is None:
        return last.name
    return ""


def _table(record: Record, lines: list[str]) -> str:
    """Add what the table needs to lines; give the record's row."""
    rows: list[str] = []
    spelling, tag = record.spelling, record.tag
    flexible = _flexible(record)
    for path, width in member_paths(record):
        if width is not None:
            image = f"{tag}_{len(rows)}"
            lines.append(f"static const {spelling} {image}_ones = {{.{path} = -1}};")
            lines.append(f"static const {spelling} {image}_one = {{.{path} = 1}};")
            rows.append(f"{{0, 0, &{image}_ones, &{image}_one}}")
        elif path == flexible:
            rows.append(f"{{offsetof({spelling}, {path}), 0, 0, 0}}")
        else:
            size = f"sizeof((({spelling} *)0)->{path})"
            rows.append(f"{{offsetof({spelling}, {path}), {size}, 0, 0}}")
    if rows:
        lines.append(f"static const torture_member {tag}_members[] = {{{', '.join(rows)}}};")
    members = f"{tag}_members" if rows else "0"
    return f'{{"{spelling}", sizeof({spelling}), _Alignof({spelling}), {len(rows)}, {members}}},'


def records_text(batch: LayoutBatch) -> str:
    """Give the declarations, which are both a description and a header."""
    lines = [*ENUM_TAGS.values(), PRELUDE, *(each.definition() for each in batch.records)]
    return "\n".join(lines) + "\n"


def layout_table(batch: LayoutBatch) -> str:
    """Give the C tables."""
    lines = ['#include "callee.h"', '#include "records.h"']
    rows = [_table(record, lines) for record in batch.records]
    lines += [
        "static const torture_record records[] = {",
        *rows,
        "};",
        "const torture_layout_library torture_layouts = {",
        f"UINT64_C({batch.seed}), {len(rows)}, records}};",
    ]
    return "\n".join(lines) + "\n"


def write_layouts(batch: LayoutBatch, directory: Path) -> None:
    """Write records.h and layout_table.c."""
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "records.h").write_text(records_text(batch))
    (directory / "layout_table.c").write_text(layout_table(batch))
