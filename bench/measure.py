"""Interleaved timing of cases, and what is made of the times."""

from __future__ import annotations

import gc
import itertools
import random
import statistics
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from textwrap import indent
from time import perf_counter_ns

from cases import UNROLL, Case, Row

__all__ = [
    "BASELINE",
    "UNROLL",
    "Figures",
    "Results",
    "Subject",
    "Times",
    "WrongResultError",
    "evaluate",
    "joined",
    "measure",
    "subject",
]

BASELINE = "handwritten"
DEPTHS = 8
"""Places on the C stack where a loop may run, see Subject.run_at."""

Loop = Callable[[Iterable[None], Callable[[], int]], int]

Times = dict[str, dict[str, list[float]]]
"""By row and implementation: nanoseconds per statement, one per round."""


class WrongResultError(Exception):
    """A case does not give what its row says."""


@dataclass
class Subject:
    """A row in one implementation, ready to run."""

    row: str
    implementation: str
    loop: Loop
    unroll: int = UNROLL
    repeats: int = 1

    def run(self) -> int:
        """Nanoseconds for `repeats` times `unroll` statements."""
        return self.loop(itertools.repeat(None, self.repeats), perf_counter_ns)

    def run_at(self, depth: int) -> int:
        """The same, that many interpreter frames further down the C stack.

        Where the stack lies relative to the interpreter's own memory differs between processes and
        can cost as much as the call: a load that agrees with an earlier store in the low 12 bits of
        its address waits for it. At varying depth that is one more disturbance, not a fixed
        handicap of whichever implementation has it.
        """
        if depth == 0:
            return self.run()
        return next(map(self.run_at, (depth - 1,)))  # a C function that calls Python

    def calibrate(self, target_ns: int) -> None:
        self.repeats = max(1, self.unroll // 2)
        self.run()  # lets the interpreter specialise the loop's code
        while True:
            taken = self.run()
            if taken >= target_ns // 4 or self.repeats >= 1 << 24:
                break
            self.repeats *= 2
        self.repeats = max(1, self.repeats * target_ns // max(taken, 1))


@dataclass(frozen=True)
class Figures:
    """One subject over all rounds."""

    ns: float
    """Median time of one statement, with its share of the loop."""
    best_ns: float
    ratio: float
    """Median over the rounds of the time divided by the baseline's."""
    low: float
    high: float
    """Quartiles of that."""

    def as_json(self) -> dict[str, float]:
        return {
            "ns": round(self.ns, 2),
            "best_ns": round(self.best_ns, 2),
            "ratio": round(self.ratio, 4),
            "low": round(self.low, 4),
            "high": round(self.high, 4),
        }


Results = Mapping[tuple[str, str], Figures]


def subject(row: Row, implementation: str, case: Case) -> Subject:
    """Compiles a case into a loop of its own, so that no two share what the interpreter learns
    about their code, and checks that it does what the row says."""
    arguments = "".join(f", {name}" for name in case.names)
    lines = [
        f"def make({arguments.removeprefix(', ')}):",
        # Made anew per case: locals are what the statement reads.
        f"    def loop(repeats, clock{''.join(f', {name}={name}' for name in case.names)}):",
        "        start = clock()",
        "        for _ in repeats:",
        *[indent(case.statement, " " * 12)] * row.unroll,
        "        return clock() - start",
        "    return loop",
    ]
    scope: dict[str, Callable[..., Loop]] = {}
    exec(compile("\n".join(lines), f"<{row.key}, {implementation}>", "exec"), scope)
    loop = scope["make"](**case.names)
    loop(itertools.repeat(None, 1), perf_counter_ns)
    outcome = eval(case.check or case.statement, dict(case.names))
    if outcome != row.expected:
        raise WrongResultError(
            f"{row.label} in {implementation} gave {outcome!r}, expected {row.expected!r}"
        )
    return Subject(row.key, implementation, loop, row.unroll)


def measure(subjects: Sequence[Subject], rounds: int, target_ns: int, seed: int) -> Times:
    """Times every subject once per round: nanoseconds per statement. In each round the rows come in
    a new random order, and within a row its implementations do: a disturbance of the machine meets
    all of them alike, and a ratio is always of two neighbours in time."""
    order = random.Random(seed)
    by_row: dict[str, list[Subject]] = {}
    times: Times = {}
    for one in subjects:
        by_row.setdefault(one.row, []).append(one)
        times.setdefault(one.row, {})[one.implementation] = []
    collecting = gc.isenabled()
    gc.collect()
    gc.disable()
    try:
        for one in subjects:
            one.calibrate(target_ns)
        rows = list(by_row)
        for _ in range(rounds):
            order.shuffle(rows)
            for row in rows:
                group = by_row[row]
                order.shuffle(group)
                for one in group:
                    taken = one.run_at(order.randrange(DEPTHS)) / (one.repeats * one.unroll)
                    times[row][one.implementation].append(taken)
            gc.collect()
    finally:
        if collecting:
            gc.enable()
    return times


def joined(parts: Sequence[Times]) -> Times:
    """The rounds of several processes as one."""
    whole: Times = {}
    for part in parts:
        for row, implementations in part.items():
            for name, times in implementations.items():
                whole.setdefault(row, {}).setdefault(name, []).extend(times)
    return whole


def evaluate(times: Times, baseline: str = BASELINE) -> Results:
    return {
        (row, name): figures(mine, implementations[baseline])
        for row, implementations in times.items()
        for name, mine in implementations.items()
    }


def figures(mine: Sequence[float], base: Sequence[float]) -> Figures:
    ratios = [one / other for one, other in zip(mine, base, strict=True)]
    low, middle, high = statistics.quantiles(ratios, n=4) if len(ratios) > 1 else [ratios[0]] * 3
    return Figures(statistics.median(mine), min(mine), middle, low, high)
