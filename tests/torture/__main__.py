"""The command line: generate, or generate, compile and run."""

from __future__ import annotations

import argparse
import random
import tempfile
from pathlib import Path

from .calls import make_batch, write_batch
from .layouts import make_layouts, write_layouts
from .run import COMPILERS, Drivers, build_drivers, run, summary
from .shapes import PROFILES

MOST_SHOWN = 5  # batches that failed


def _number(text: str) -> int:
    return int(text, 0)


def _run(options: argparse.Namespace) -> int:
    seed = options.seed if options.seed is not None else random.SystemRandom().randrange(1 << 32)
    print(f"SEED={seed}", flush=True)
    with tempfile.TemporaryDirectory(prefix="torture-") as directory:
        if options.drivers is None:
            drivers = build_drivers(Path(directory), flags=["-O1"])
        else:
            drivers = Drivers(
                options.drivers / "torture_calls", options.drivers / "torture_layouts"
            )
        compilers = options.compiler or list(COMPILERS)
        reports = run(seed, options.signatures, options.records, drivers, compilers, options.jobs)
    failed = [report for report in reports if report.failure]
    for report in failed[:MOST_SHOWN]:
        print(report.failure)
    print(summary(reports))
    print(f"{len(failed)} of {len(reports)} batches failed; SEED={seed}")
    return 1 if failed else 0


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.torture")
    commands = parser.add_subparsers(dest="command", required=True)
    for name, makes, count in (
        ("generate", "function types", 250),
        ("generate-layouts", "records", 2000),
    ):
        command = commands.add_parser(name, help=f"write the C of one batch of {makes}")
        command.add_argument("--seed", type=_number, required=True)
        command.add_argument("--first", type=_number, default=0, help="number of the first")
        command.add_argument("--count", type=_number, default=count)
        command.add_argument("--only", type=_number, help="just this one of them")
        command.add_argument("--target-profile", choices=sorted(PROFILES), default="lp64")
        command.add_argument("directory", type=Path)
    command = commands.add_parser("run", help="generate, compile and run many batches")
    command.add_argument("--seed", type=_number, help="random, unless given")
    command.add_argument("--signatures", type=int, default=20000)
    command.add_argument("--records", type=int, default=100000)
    command.add_argument("--compiler", action="append", choices=sorted(COMPILERS))
    command.add_argument("--drivers", type=Path, help="where torture_calls and torture_layouts are")
    command.add_argument("--jobs", type=int)
    options = parser.parse_args()
    if options.command == "run":
        return _run(options)
    profile = PROFILES[options.target_profile]
    what = (options.seed, options.first, options.count, profile, options.only)
    if options.command == "generate":
        write_batch(make_batch(*what), options.directory)
    else:
        write_layouts(make_layouts(*what), options.directory)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
