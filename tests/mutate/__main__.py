"""The command line: python -m tests.mutate --count 900 --seed 1."""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from pathlib import Path

from .mutations import ALTERING
from .run import Outcome, run, sample
from .subjects import SUBJECTS, make

#: At least so many mutants that alter the ABI are made in all.
LEAST = 500

#: Of each hundred mutants, so many of each library.
SHARES = {"libcore": 50, "zlib": 20, "sqlite": 30}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.mutate", description=__doc__)
    parser.add_argument("--count", type=int, default=900, help="mutants in all")
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--only", choices=SUBJECTS, action="append", help="a library")
    arguments = parser.parse_args()
    seed = arguments.seed
    if seed is None:
        seed = random.SystemRandom().randrange(1 << 32)
    names = tuple(arguments.only or SUBJECTS)
    print(f"SEED={seed}", flush=True)
    total = sum(SHARES[name] for name in names)
    outcomes = []
    with tempfile.TemporaryDirectory(prefix="mutate-") as directory:
        for subject in make(names, Path(directory)):
            began = time.monotonic()
            share = -(-arguments.count * SHARES[subject.name] // total)
            outcome = run(subject, sample(subject, share, seed))
            outcomes.append(outcome)
            print(
                f"{subject.name}: {outcome.altering} mutants alter the ABI, "
                f"{sum(outcome.caught.values())} were caught; "
                f"{sum(outcome.neutral.values())} do not; of {len(subject.mutations)} possible; "
                f"{time.monotonic() - began:.1f} s",
                flush=True,
            )
    return _summary(outcomes, arguments.count)


def _summary(outcomes: list[Outcome], count: int) -> int:
    print()
    rungs = sorted({rung for outcome in outcomes for rung, _ in outcome.by_rung})
    print(f"{'kind':20}{'made':>7}{'caught':>8}" + "".join(f"{rung:>12}" for rung in rungs))
    for kind in ALTERING:
        made = sum(outcome.made[kind] for outcome in outcomes)
        if made:
            caught = sum(outcome.caught[kind] for outcome in outcomes)
            on = [sum(outcome.by_rung[rung, kind] for outcome in outcomes) for rung in rungs]
            print(f"{kind:20}{made:7}{caught:8}" + "".join(f"{number:12}" for number in on))
    for rung in rungs:
        expected = sum(outcome.expected[rung] for outcome in outcomes)
        met = sum(outcome.met[rung] for outcome in outcomes)
        print(f"{rung}: {met} of the {expected} that it had to catch")
    neutral = sum(sum(outcome.neutral.values()) for outcome in outcomes)
    altering = sum(outcome.altering for outcome in outcomes)
    survivors = [survivor for outcome in outcomes for survivor in outcome.survivors]
    for survivor in survivors:
        print(f"SURVIVOR {survivor}")
    print(f"{altering} mutants alter the ABI, {neutral} do not; {len(survivors)} survivors")
    if count >= 2 * LEAST and altering < LEAST:
        print(f"fewer than {LEAST}")
        return 1
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main())
