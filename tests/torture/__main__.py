"""The command line: generate, or generate, compile and run."""

from __future__ import annotations

import argparse
from pathlib import Path

from .calls import make_batch, write_batch
from .shapes import PROFILES


def _number(text: str) -> int:
    return int(text, 0)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.torture")
    commands = parser.add_subparsers(dest="command", required=True)
    generate = commands.add_parser("generate", help="write the C of one batch of function types")
    generate.add_argument("--seed", type=_number, required=True)
    generate.add_argument("--first", type=_number, default=0, help="number of the first")
    generate.add_argument("--count", type=_number, default=250)
    generate.add_argument("--only", type=_number, help="just this one of them")
    generate.add_argument("--target-profile", choices=sorted(PROFILES), default="lp64")
    generate.add_argument("directory", type=Path)
    options = parser.parse_args()
    profile = PROFILES[options.target_profile]
    write_batch(
        make_batch(options.seed, options.first, options.count, profile, options.only),
        options.directory,
    )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
