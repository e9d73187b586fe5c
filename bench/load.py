"""Measures what comes before the first call: imports, loading, parsing, and the size of objects.

python bench/load.py            everything: tables, and a section of bench/results.json
python bench/load.py --quick    fewer repeats, nothing written
"""

from __future__ import annotations

import argparse
import gc
import importlib
import importlib.util
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Any

from build import BENCH, BuildError, build, compiler, default_directory, installed_core
from generate import description, function_names
from report import about, write_json

__all__ = ["main"]

LARGE = (2000, 300)
"""Functions and structs of the large description."""
GROWTH = (1000, 3000, 10000, 30000, 100000)
"""Declarations, of which structs have the same share as in the large one."""

Figures = dict[str, Any]

# Run in an interpreter of its own: what one import costs, and how many modules come with it.
IMPORT = """
import sys, time
before = len(sys.modules)
start = time.perf_counter()
import {name}
print(time.perf_counter() - start, len(sys.modules) - before)
"""

# The same for the first load, after the import.
FIRST_LOAD = """
import sys, time, symbridge
start = time.perf_counter()
symbridge.load(sys.argv[1], file=sys.argv[2], name="first_core")
print(time.perf_counter() - start)
"""


def milliseconds(function: Callable[[], object], repeats: int) -> float:
    """The least time of a call: on a shared machine, the rest is other work's. What it made is
    dropped outside the measured time."""
    times = []
    for _ in range(repeats):
        gc.collect()
        start = perf_counter()
        made = function()
        times.append(perf_counter() - start)
        del made
    return min(times) * 1e3


def in_new_interpreter(source: str, *arguments: str) -> list[float]:
    command = [sys.executable, "-c", source, *arguments]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return [float(word) for word in done.stdout.split()]


def imports(repeats: int) -> Figures:
    """Interleaved, so that all meet the same state of the machine."""
    names = ["ctypes", "symbridge", "corelib"]
    if importlib.util.find_spec("cffi"):
        names.insert(1, "cffi")
    found: dict[str, list[list[float]]] = {name: [] for name in names}
    for _ in range(repeats):
        for name in names:
            found[name].append(in_new_interpreter(IMPORT.format(name=name)))
    result: Figures = {}
    for name, samples in found.items():
        result[name] = {
            "ms": round(min(sample[0] for sample in samples) * 1e3, 3),
            "modules": int(samples[0][1]),
        }
    return result


def parse_only(symbridge: Any, text: str) -> None:
    """The description is read and checked before the library is opened; there is none."""
    try:
        symbridge.load("/no/such/library.so", text, name="parse_only")
    except symbridge.LibraryError:
        return
    raise AssertionError("a library that is not there was opened")


def stub_library(directory: Path, names: Sequence[str]) -> Path:
    """A library with these symbols, all at one `ret`, assembled in a moment."""
    target = directory / f"libstubs{len(names)}.so"
    if target.exists():
        return target
    lines = [".text"]
    for name in names:
        lines += [f".globl {name}", f".type {name}, %function", f"{name}:"]
    lines += ["ret", '.section .note.GNU-stack,"",%progbits', ""]
    source = target.with_suffix(".s")
    source.write_text("\n".join(lines), encoding="ascii")
    command = [*compiler(), "-shared", "-nostdlib", str(source), "-o", str(target)]
    subprocess.run(command, check=True)
    return target


def core_libraries(directory: Path) -> tuple[Path, Path]:
    """libcore with what it carries of itself, and without."""
    sources = sorted((BENCH.parent / "libcore" / "src").glob("*.c"))
    include = BENCH.parent / "libcore" / "include"
    made = []
    for name in ("carrying", "silent"):
        target = directory / f"libcore-{name}.so"
        used = [s for s in sources if name == "carrying" or s.name != "carried_description.c"]
        command = [*compiler(), "-O2", "-shared", "-fPIC", "-fvisibility=hidden", f"-I{include}"]
        command += [*map(str, used), "-o", str(target), "-lm", "-pthread"]
        subprocess.run(command, check=True)
        made.append(target)
    return made[0], made[1]


def core_figures(symbridge: Any, core: Path, directory: Path, repeats: int) -> Figures:
    bridge = BENCH.parent / "libcore" / "core.bridge"
    text = bridge.read_text(encoding="utf-8")
    first = [in_new_interpreter(FIRST_LOAD, str(core), str(bridge))[0] for _ in range(repeats)]
    carrying, silent = core_libraries(directory)

    def load(library: Path) -> object:
        return symbridge.load(str(library), text, name="bench_core")

    # Interleaved, so that both meet the same state of the machine.
    verified, unverified = [], []
    for _ in range(repeats * 5):
        verified.append(milliseconds(partial(load, carrying), 3))
        unverified.append(milliseconds(partial(load, silent), 3))
    return {
        "bytes": len(text.encode()),
        "parse_ms": round(milliseconds(lambda: parse_only(symbridge, text), repeats * 5), 4),
        "load_ms": round(
            milliseconds(
                lambda: symbridge.load(str(core), file=str(bridge), name="bench_core"), repeats * 5
            ),
            4,
        ),
        "first_load_ms": round(min(first) * 1e3, 4),
        "verified_ms": round(min(verified), 4),
        "unverified_ms": round(min(unverified), 4),
    }


def blocks_of_load(load: Callable[[], object]) -> int:
    """How many more memory blocks Python's allocator holds while the module lives."""
    load()
    gc.collect()
    before = sys.getallocatedblocks()
    kept = load()
    blocks = sys.getallocatedblocks() - before
    del kept
    return blocks


def one_description(symbridge: Any, library: Path, text: str, repeats: int) -> Figures:
    def parse() -> None:
        parse_only(symbridge, text)

    def load() -> object:
        return symbridge.load(str(library), text, name="bench_generated")

    return {
        "lines": text.count("\n"),
        "bytes": len(text.encode()),
        "parse_ms": round(milliseconds(parse, repeats), 3),
        "load_ms": round(milliseconds(load, repeats), 3),
        "blocks": blocks_of_load(load),
    }


def large_figures(symbridge: Any, directory: Path, repeats: int) -> Figures:
    functions, structs = LARGE
    library = stub_library(directory, function_names(functions))
    return {
        "functions": functions,
        "structs": structs,
        "plain": one_description(symbridge, library, description(*LARGE), repeats),
        "described": one_description(symbridge, library, description(*LARGE, True), repeats),
    }


def split(declarations: int) -> tuple[int, int]:
    structs = declarations * LARGE[1] // sum(LARGE)
    return declarations - structs, structs


def growth_figures(symbridge: Any, repeats: int) -> list[Figures]:
    found = []
    for declarations in GROWTH:
        text = description(*split(declarations))
        times = milliseconds(partial(parse_only, symbridge, text), repeats)
        found.append(
            {
                "declarations": declarations,
                "bytes": len(text),
                "parse_ms": round(times, 3),
                "us_per_declaration": round(times * 1e3 / declarations, 3),
            }
        )
    return found


def declare(ffi: Any, text: str) -> None:
    ffi().cdef(text)


def cdef_figures(repeats: int) -> Figures:
    """Reading the large declaration, in both FFIs."""
    text = description(*LARGE)
    found: Figures = {}
    for name in ("symbridge", "cffi"):
        if importlib.util.find_spec(name):
            ffi = importlib.import_module(name).FFI
            times = repeats if name == "symbridge" else max(1, repeats // 5)
            found[name] = round(milliseconds(partial(declare, ffi, text), times), 3)
    return found


def sizes(modules: Mapping[str, Any]) -> Figures:
    """Bytes per object, with the garbage collector's header where there is one."""
    return {
        name: {
            "Point": sys.getsizeof(module.Point(1, 2)),
            "LucasIter": sys.getsizeof(module.LucasIter([1, 1], [2, 1])),
        }
        for name, module in modules.items()
    }


def show(title: str, lines: Sequence[tuple[str, str]]) -> None:
    width = max(len(name) for name, _ in lines)
    print(title)
    for name, value in lines:
        print(f"  {name:{width}}  {value}")


def show_all(figures: Figures) -> None:
    show(
        "import, in a new interpreter",
        [
            (k, f"{v['ms']:8.2f} ms, {v['modules']:3d} modules")
            for k, v in figures["import"].items()
        ],
    )
    if core := figures.get("core"):
        show(
            f"core.bridge, {core['bytes']} bytes",
            [
                ("parse", f"{core['parse_ms']:8.3f} ms"),
                ("load", f"{core['load_ms']:8.3f} ms"),
                ("load, first in its process", f"{core['first_load_ms']:8.3f} ms"),
                ("load, compared with the library's facts", f"{core['verified_ms']:8.3f} ms"),
                ("load, of a library without facts", f"{core['unverified_ms']:8.3f} ms"),
            ],
        )
    if large := figures.get("large"):
        show(
            f"{large['functions']} functions and {large['structs']} structs",
            [
                line
                for key in ("plain", "described")
                for line in (
                    (f"parse, {key}", f"{large[key]['parse_ms']:8.2f} ms"),
                    (
                        f"load, {key}",
                        f"{large[key]['load_ms']:8.2f} ms, "
                        f"{large[key]['blocks']} blocks of Python's memory",
                    ),
                )
            ],
        )
    show(
        "cdef of the same, plain",
        [(name, f"{ms:8.2f} ms") for name, ms in figures["cdef_ms"].items()],
    )
    if growth := figures.get("growth"):
        show(
            "parse",
            [
                (
                    f"{g['declarations']:6d} declarations",
                    f"{g['parse_ms']:8.2f} ms, {g['us_per_declaration']:.2f} us each",
                )
                for g in growth
            ],
        )
    show(
        "bytes per object",
        [
            (name, ", ".join(f"{kind} {size}" for kind, size in found.items()))
            for name, found in figures["sizes"].items()
        ],
    )


def main() -> int:
    parser = argparse.ArgumentParser(description="Measure imports, loading, parsing, sizes.")
    parser.add_argument("--quick", action="store_true", help="fewer repeats; nothing is written")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there")
    parser.add_argument("--build", type=Path, default=default_directory(), help="where to compile")
    chosen = parser.parse_args()
    try:
        core = installed_core()
        built = build(chosen.build, core)
    except BuildError as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    sys.path.insert(0, str(built.directory))
    repeats = 3 if chosen.quick else 15
    symbridge = importlib.import_module("symbridge")
    modules = {
        "handwritten": importlib.import_module("handwritten"),
        "symbridge": importlib.import_module("corelib"),
    }
    figures: Figures = {
        **about(),
        "import": imports(repeats),
        "core": core_figures(symbridge, core, built.directory, repeats),
        "large": large_figures(symbridge, built.directory, repeats),
        "growth": growth_figures(symbridge, max(3, repeats // 3)),
        "cdef_ms": cdef_figures(repeats),
        "sizes": sizes(modules),
    }
    show_all(figures)
    target = chosen.json or (None if chosen.quick else BENCH / "results.json")
    if target:
        write_json(target, "load", figures)
    return 0


if __name__ == "__main__":
    sys.exit(main())
