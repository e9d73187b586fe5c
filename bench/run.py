"""Measures calls: symbridge, cffi and ctypes against a hand-written extension; and raw memory:
symbridge.FFI and the others against cffi's ABI mode.

    python bench/run.py             everything: tables, bench/results.json, docs/*.svg
    python bench/run.py --quick     tables in a few seconds, nothing written

README.md beside this file says how to read the numbers.
"""

from __future__ import annotations

import argparse
import importlib
import json
import random
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import chart
import raw
from build import BENCH, ROOT, BuildError, Built, build, default_directory
from cases import ROWS, Case, Cases, Row, native_cases
from measure import (
    BASELINE,
    UNROLL,
    Results,
    Subject,
    WrongResultError,
    evaluate,
    joined,
    measure,
    subject,
)
from report import about, write_json

__all__ = ["main"]

TARGET_NS = 1_000_000
QUICK_NS = 200_000
"""About how long one loop runs."""

Work = dict[str, Any]


@dataclass(frozen=True)
class Table:
    """Rows in several implementations, the first of which is the measure of the others."""

    title: str
    rows: Sequence[Row]
    sources: Mapping[str, Callable[[Built], Cases]]
    svg: Path

    @property
    def baseline(self) -> str:
        return next(iter(self.sources))

    @property
    def others(self) -> list[str]:
        return list(self.sources)[1:]


def handwritten(built: Built) -> Cases:
    module = importlib.import_module("handwritten")
    return native_cases(module, module, module.seconds_before)


def bridged(built: Built) -> Cases:
    symbridge = importlib.import_module("symbridge")
    corelib = importlib.import_module("corelib")
    date_ex = importlib.import_module("corelib.date_ex")
    description = BENCH / "native" / "bench.bridge"
    bench = symbridge.load(str(built.libbench), file=str(description))
    return native_cases(bench, corelib, date_ex.seconds_before)


def peer(name: str) -> Callable[[Built], Cases]:
    def cases(built: Built) -> Cases:
        found: Cases = importlib.import_module(f"peers.{name}").cases(built.libbench, built.libcore)
        return found

    return cases


TABLES: Mapping[str, Table] = {
    "calls": Table(
        "Time per operation; 1.00 is a hand-written C extension",
        ROWS,
        {
            BASELINE: handwritten,
            "symbridge": bridged,
            "cffi ABI": peer("cffi_abi"),
            "cffi API": peer("cffi_api"),
            "ctypes": peer("ctypes_peer"),
        },
        ROOT / "docs" / "bench.svg",
    ),
    "raw": Table(
        "Time per operation on raw memory; 1.00 is cffi's ABI mode",
        raw.ROWS,
        raw.SOURCES,
        ROOT / "docs" / "bench-raw.svg",
    ),
}


def prepare(
    table: Table, rows: Sequence[Row], built: Built
) -> tuple[list[Subject], dict[str, str]]:
    """The subjects, and why an implementation has none."""
    subjects: list[Subject] = []
    missing: dict[str, str] = {}
    for name, source in table.sources.items():
        try:
            cases = source(built)
            made = [subject(row, name, cases[row.key]) for row in rows]
        except WrongResultError:
            raise
        except Exception as error:
            if name == table.baseline:
                raise
            missing[name] = f"{type(error).__name__}: {error}"
            continue
        subjects += made
    return subjects, missing


def empty_loop() -> float:
    """Nanoseconds that the loop itself adds to each statement. Nothing is subtracted for it."""
    one = subject(Row("empty", "empty loop", None), BASELINE, Case("pass", {}, "None"))
    return min(measure([one], 50, 200_000, 0)["empty"][BASELINE])


def work(chosen: argparse.Namespace, built: Built) -> Work:
    """What one process measures."""
    subjects, missing = prepare(TABLES[chosen.table], chosen.rows, built)
    target = QUICK_NS if chosen.quick else TARGET_NS
    return {
        "missing": missing,
        "empty_loop_ns": empty_loop(),
        "times": measure(subjects, chosen.rounds, target, chosen.seed),
    }


def work_in_process(chosen: argparse.Namespace, seed: int) -> Work:
    """The same in a process of its own."""
    command = [sys.executable, __file__, "--worker", "--rounds", str(chosen.rounds)]
    command += ["--seed", str(seed), "--build", str(chosen.build)]
    command += ["--table", chosen.table, "--rows", ",".join(row.key for row in chosen.rows)]
    command += ["--quick"] * chosen.quick
    command += ["--core", str(chosen.core)] if chosen.core else []
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode != 0:
        raise BuildError("a measuring process failed")
    found: Work = json.loads(done.stdout)
    return found


def print_table(table: Table, rows: Sequence[Row], results: Results) -> None:
    width = max(len(row.label) for row in rows)
    heads = "".join(f"{name:>12}" for name in table.others)
    print(f"{'':{width}}  {table.baseline + ', ns':>16}{heads}")
    for row in rows:
        line = f"{row.label:{width}}  {results[row.key, table.baseline].ns:16.1f}"
        for name in table.others:
            figures = results.get((row.key, name))
            line += f"{'n/a' if figures is None else format(figures.ratio, '.2f'):>12}"
        print(line)


def as_json(
    table: Table, rows: Sequence[Row], results: Results, conditions: Mapping[str, Any]
) -> dict[str, Any]:
    return {
        **conditions,
        "rows": [
            {
                "row": row.key,
                "label": row.label,
                "results": {
                    name: results[row.key, name].as_json()
                    for name in table.sources
                    if (row.key, name) in results
                },
            }
            for row in rows
        ],
    }


def draw(table: Table, rows: Sequence[Row], results: Results, subtitle: str) -> str:
    bars = [
        (
            row.label,
            {
                name: results[row.key, name].ratio
                for name in table.others
                if (row.key, name) in results
            },
        )
        for row in rows
    ]
    return chart.draw(bars, table.title, subtitle)


def failures(rows: Sequence[Row], results: Results, limit: float) -> list[str]:
    """What misses the aims: rows above the limit, or not below cffi's API mode."""
    found = []
    for row in rows:
        mine = results.get((row.key, "symbridge"))
        other = results.get((row.key, "cffi API"))
        if mine is None:
            found.append(f"{row.label}: not measured")
            continue
        if mine.ratio > limit:
            found.append(f"{row.label}: {mine.ratio:.2f} is above {limit}")
        if other is not None and mine.ratio >= other.ratio:
            found.append(f"{row.label}: {mine.ratio:.2f} is not below cffi API, {other.ratio:.2f}")
    return found


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description="Measure calls, and raw memory, beside cffi and ctypes.",
        epilog="; ".join(
            f"rows of {name}: " + ", ".join(row.key for row in table.rows)
            for name, table in TABLES.items()
        ),
    )
    parser.add_argument("--table", choices=TABLES, help="only this one; default: each")
    parser.add_argument(
        "--rounds", type=int, metavar="N", help="per process; default: 60, quick: 15"
    )
    parser.add_argument("--processes", type=int, metavar="N", help="default: 5, quick: 3")
    parser.add_argument("--quick", action="store_true", help="shorter loops, fewer rounds")
    parser.add_argument("--rows", metavar="KEY,...", help="only these rows")
    parser.add_argument("--seed", type=int, help="of the random order; default: a new one")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there")
    parser.add_argument("--svg", type=Path, metavar="FILE", help="draw the chart there")
    parser.add_argument(
        "--check",
        type=float,
        metavar="RATIO",
        help="exit with 1 if a row of symbridge is above, or not below cffi's API mode",
    )
    parser.add_argument("--core", type=Path, help="the libcore.so.1 to use; default: corelib's")
    parser.add_argument("--build", type=Path, default=default_directory(), help="where to compile")
    parser.add_argument("--worker", action="store_true", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.table is None and (chosen.rows or chosen.json or chosen.svg):
        chosen.table = "calls"
    if chosen.rounds is None:
        chosen.rounds = 15 if chosen.quick else 60
    if chosen.processes is None:
        chosen.processes = 3 if chosen.quick else 5
    if chosen.rounds < 1 or chosen.processes < 1:
        parser.error("--rounds and --processes must be positive")
    if chosen.seed is None:
        chosen.seed = random.SystemRandom().randrange(1 << 32)
    return chosen


def of_table(chosen: argparse.Namespace, name: str) -> argparse.Namespace:
    """The options for one table: its rows, and where its figures are written."""
    table = TABLES[name]
    own = argparse.Namespace(**vars(chosen))
    own.table = name
    keys = chosen.rows.split(",") if chosen.rows else [row.key for row in table.rows]
    if unknown := sorted(set(keys) - {row.key for row in table.rows}):
        raise BuildError(f"unknown rows: {', '.join(unknown)}")
    own.rows = [row for row in table.rows if row.key in keys]
    if not (chosen.rows or chosen.quick or chosen.worker or chosen.check is not None):
        own.json = chosen.json or BENCH / "results.json"
        own.svg = chosen.svg or table.svg
    return own


def measure_table(chosen: argparse.Namespace) -> int:
    """Measures one table, prints it, and writes its figures."""
    table, rows = TABLES[chosen.table], chosen.rows
    parts = []
    for number in range(chosen.processes):
        parts.append(work_in_process(chosen, chosen.seed + number))
        if sys.stderr.isatty():
            print(f"process {number + 1} of {chosen.processes} done", file=sys.stderr)
    for name, reason in parts[0]["missing"].items():
        print(f"bench: no {name}: {reason}", file=sys.stderr)
    results = evaluate(joined([part["times"] for part in parts]), table.baseline)
    machine = about()
    share = min(part["empty_loop_ns"] for part in parts)
    conditions = {
        **machine,
        "processes": chosen.processes,
        "rounds": chosen.rounds,
        "seed": chosen.seed,
        "unroll": UNROLL,
        "empty_loop_ns": round(share, 3),
    }
    named = ", ".join(f"{name} {version}" for name, version in machine["versions"].items())
    rounds = f"{chosen.processes} x {chosen.rounds} rounds"
    print(f"{named}; {rounds}, seed {chosen.seed}")
    print_table(table, rows, results)
    print(f"the loop's share of each statement: {share:.2f} ns, not subtracted")
    if chosen.json:
        write_json(chosen.json, chosen.table, as_json(table, rows, results, conditions))
    if chosen.svg:
        chosen.svg.parent.mkdir(exist_ok=True)
        subtitle = f"{named}; median of {rounds}; logarithmic scale"
        chosen.svg.write_text(draw(table, rows, results, subtitle), encoding="utf-8")
    if chosen.check is not None:
        missed = failures(rows, results, chosen.check)
        for line in missed:
            print(f"missed: {line}")
        return 1 if missed else 0
    return 0


def main() -> int:
    chosen = options()
    try:
        built = build(chosen.build, chosen.core)
        sys.path.insert(0, str(built.directory))
        tables = [of_table(chosen, name) for name in ([chosen.table] if chosen.table else TABLES)]
        if chosen.worker:
            json.dump(work(tables[0], built), sys.stdout)
            return 0
        return max([measure_table(one) for one in tables])
    except (BuildError, WrongResultError) as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
