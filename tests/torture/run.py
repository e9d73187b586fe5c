"""Batches in parallel: generate, compile with each compiler, run the engine against them."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from .calls import Batch, description, make_batch, write_batch
from .layouts import LayoutBatch, make_layouts, records_text, write_layouts
from .shapes import PROFILES

__all__ = [
    "COMPILERS",
    "Drivers",
    "Report",
    "TortureError",
    "build_drivers",
    "compile_shared",
    "run",
]

ENGINE = Path(__file__).resolve().parents[2] / "bridge" / "engine"
TORTURE = ENGINE / "torture"

# Each compiler's profile: it leaves out what compilers disagree on.
COMPILERS = {"gcc": "lp64", "clang": "lp64-clang"}

# Cases that a compiler gets wrong by itself, as a share; more is the generator's fault. clang 14
# passes half of an eightbyte that a union's float and double share.
MOST_CONFUSED = {"gcc": 0.0, "clang": 0.1}

# Generated C is odd on purpose; the last one silences notes that -w does not.
FLAGS = ("-std=gnu11", "-w", "-Wno-packed-bitfield-compat", "-fPIC", "-shared", f"-I{TORTURE}")

SIGNATURES_PER_BATCH = 250
RECORDS_PER_BATCH = 2000


class TortureError(Exception):
    """A fault, or a program that did not do its work; the text says which."""


@dataclass(frozen=True)
class Drivers:
    """The programs that hold the engine."""

    calls: Path
    layouts: Path


@dataclass(frozen=True)
class Job:
    """One batch under one compiler."""

    kind: str  # calls or layouts
    compiler: str
    seed: int
    first: int
    count: int


@dataclass
class Report:
    """What one job did: the driver's line of totals, and what it said before it when it failed."""

    job: Job
    totals: dict[str, int]
    failure: str = ""


def build_drivers(directory: Path, compiler: str = "cc", flags: Iterable[str] = ()) -> Drivers:
    """Compile the engine and the drivers, without a build tree."""
    directory.mkdir(parents=True, exist_ok=True)
    command = [compiler, "-std=c11", "-D_GNU_SOURCE", f"-I{ENGINE}", f"-I{TORTURE}", *flags]
    libffi = _pkg_config("libffi")
    sources = [*sorted(ENGINE.glob("*.c")), TORTURE / "drive.c", TORTURE / "leaves.c"]
    shared = [directory / f"{source.stem}.o" for source in sources]

    def compile_one(pair: tuple[Path, Path]) -> None:
        _check([*command, *libffi, "-c", str(pair[0]), "-o", str(pair[1])])

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(compile_one, zip(sources, shared, strict=True)))
    drivers = Drivers(directory / "calls", directory / "layouts")
    for program in (drivers.calls, drivers.layouts):
        source = TORTURE / f"{program.name}.c"
        objects = [str(each) for each in shared]
        _check([*command, str(source), *objects, *libffi, "-ldl", "-pthread", "-o", str(program)])
    return drivers


def _pkg_config(name: str) -> list[str]:
    found = subprocess.run(
        ["pkg-config", "--cflags", "--libs", name], capture_output=True, text=True, check=False
    )
    return shlex.split(found.stdout) if found.returncode == 0 else [f"-l{name.removeprefix('lib')}"]


def _check(command: list[str]) -> str:
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    if done.returncode != 0:
        raise TortureError(f"{shlex.join(command)}\n{done.stdout}{done.stderr}"[:8000])
    return done.stdout


def compile_shared(compiler: str, sources: Iterable[Path], output: Path, level: str) -> Path:
    """Compile generated C into a shared object."""
    paths = [str(each) for each in sources]
    _check([compiler, *FLAGS, level, *paths, "-o", str(output)])
    return output


def _totals(output: str) -> dict[str, int]:
    """Read "cases 250; calls by registers 180, by libffi 250; ...": the driver's last line."""
    lines = output.splitlines()
    pairs = (
        [part.rsplit(" ", 1) for part in lines[-1].replace(",", ";").split(";")] if lines else []
    )
    return {
        name.strip(): int(number)
        for name, number in (pair for pair in pairs if len(pair) == 2)
        if number.isdigit()
    }


def run_job(job: Job, drivers: Drivers, directory: Path) -> Report:
    """Generate, compile and run one batch in a directory of its own."""
    profile = PROFILES[COMPILERS[job.compiler]]
    if job.kind == "calls":
        write_batch(make_batch(job.seed, job.first, job.count, profile), directory)
        sources = [directory / "callees.c", directory / "table.c", TORTURE / "callee.c"]
        library = compile_shared(job.compiler, sources, directory / "callees.so", "-O1")
        command = [drivers.calls, "--strict", directory / "description.h", library]
    else:
        write_layouts(make_layouts(job.seed, job.first, job.count, profile), directory)
        sources = [directory / "layout_table.c"]
        library = compile_shared(job.compiler, sources, directory / "layouts.so", "-O0")
        command = [drivers.layouts, directory / "records.h", library]
    done = subprocess.run(
        [str(each) for each in command],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )
    totals = _totals(done.stdout)
    if totals.get("confused", 0) > MOST_CONFUSED[job.compiler] * job.count:
        return Report(job, totals, f"{job}: {job.compiler} disagrees with itself: {done.stdout}")
    if done.returncode == 0:
        return Report(job, totals)
    if done.returncode < 0:  # a crash: where?
        again = [str(command[0]), "--verbose", *(str(each) for each in command[1:])]
        done = subprocess.run(again, capture_output=True, text=True, errors="replace", check=False)
        return Report(job, {}, _explain(job, _crash(done.stdout), done.returncode))
    return Report(job, totals, _explain(job, done.stdout, done.returncode))


def _crash(output: str) -> str:
    """Make a fault of the last case that was begun."""
    last = output.splitlines()[-1] if output else ""
    return f"FAULT {last.replace(':', ', crashed:', 1)}"


def _explain(job: Job, output: str, status: int) -> str:
    """Say what went wrong, with the C of the first fault alone."""
    head = f"{job.compiler}, seed {job.seed}, {job.kind} {job.first} and up: status {status}"
    text = f"{head}\n{output[-6000:]}"
    profile = PROFILES[COMPILERS[job.compiler]]
    for line in output.splitlines():
        words = line.replace(",", " ").split()
        if len(words) < 3 or words[0] != "FAULT":
            continue
        only: Batch | LayoutBatch
        number = int(words[2].lstrip("R"))
        what = (job.seed, job.first, job.count, profile, number)
        if job.kind == "calls":
            only = make_batch(*what)
            return f"{text}\n---- the first alone (--only {number}) ----\n{description(only)}"
        only = make_layouts(*what)
        return f"{text}\n---- the first alone (--only {number}) ----\n{records_text(only)}"
    return text


def _jobs(kind: str, seed: int, count: int, size: int, compilers: Iterable[str]) -> list[Job]:
    return [
        Job(kind, compiler, seed, first, min(size, count - first))
        for first in range(0, count, size)
        for compiler in compilers
    ]


def run(
    seed: int,
    signatures: int,
    records: int,
    drivers: Drivers,
    compilers: Sequence[str] = tuple(COMPILERS),
    jobs: int | None = None,
) -> list[Report]:
    """Run so many function types and records under each compiler."""
    for compiler in compilers:
        if shutil.which(compiler) is None:
            raise TortureError(f"there is no {compiler}")
    work = _jobs("calls", seed, signatures, SIGNATURES_PER_BATCH, compilers)
    work += _jobs("layouts", seed, records, RECORDS_PER_BATCH, compilers)

    def one(job: Job) -> Report:
        with tempfile.TemporaryDirectory(prefix="torture-") as directory:
            try:
                return run_job(job, drivers, Path(directory))
            except TortureError as failure:
                return Report(job, {}, str(failure))

    with ThreadPoolExecutor(jobs or os.cpu_count()) as pool:
        return list(pool.map(one, work))


def summary(reports: list[Report]) -> str:
    """Sum the totals of all reports, by kind and compiler."""
    sums: dict[tuple[str, str], dict[str, int]] = {}
    for report in reports:
        group = sums.setdefault((report.job.kind, report.job.compiler), {})
        for name, number in report.totals.items():
            group[name] = group.get(name, 0) + number
    return "\n".join(
        f"{kind}, {compiler}: " + ", ".join(f"{name} {number}" for name, number in group.items())
        for (kind, compiler), group in sums.items()
    )
