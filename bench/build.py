"""Compiles what the bench needs: libbench, the hand-written extension, cffi's API-mode module.

    python bench/build.py [DIRECTORY]

It needs a C compiler, Python's headers, and corelib installed beside the running interpreter: the
extension and the peers are linked with the same libcore.so.1 that corelib loads. The flags are
those that this Python builds extensions with. What is newer than its sources is left alone.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import shlex
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

__all__ = [
    "BENCH",
    "ROOT",
    "BuildError",
    "Built",
    "build",
    "compiler",
    "default_directory",
    "installed_core",
]

BENCH = Path(__file__).resolve().parent
ROOT = BENCH.parent
INCLUDES = (BENCH / "native", ROOT / "libcore" / "include")


class BuildError(Exception):
    """Something is missing, or did not compile."""


@dataclass(frozen=True)
class Built:
    """Where the things that were built are."""

    directory: Path
    """What to put on sys.path for `handwritten` and, if cffi is there, `_bench_cffi`."""
    libbench: Path
    libcore: Path


def default_directory() -> Path:
    return ROOT / "build" / f"bench-{sys.implementation.cache_tag}"


def installed_core() -> Path:
    """The libcore.so.1 inside the installed corelib, which is not imported for that."""
    spec = importlib.util.find_spec("corelib")
    for place in (spec.submodule_search_locations or []) if spec else []:
        library = Path(place) / "libcore.so.1"
        if library.exists():
            return library
    raise BuildError("corelib is not installed for this Python: run `make build` first")


def compiler() -> list[str]:
    if chosen := os.environ.get("CC"):
        return shlex.split(chosen)
    usual = shlex.split(sysconfig.get_config_var("CC") or "cc")
    if shutil.which(usual[0]):
        return usual
    if shutil.which("cc"):
        return ["cc"]
    raise BuildError(f"no C compiler: neither {usual[0]} nor cc is there")


def flags() -> list[str]:
    given = shlex.split(sysconfig.get_config_var("CFLAGS") or "-O2")
    return [*given, "-fPIC", "-shared", "-std=c11", "-fvisibility=hidden"]


def newer(target: Path, sources: Iterable[Path]) -> bool:
    if not target.exists():
        return False
    made = target.stat().st_mtime
    return all(source.stat().st_mtime < made for source in sources)


def compile_shared(
    target: Path, sources: Sequence[Path], libraries: Sequence[Path] = (), extra: Sequence[str] = ()
) -> None:
    headers = [header for place in INCLUDES for header in place.rglob("*.h")]
    if newer(target, [*sources, *headers, *libraries, Path(__file__)]):
        return
    rpaths = {f"-Wl,-rpath,{library.parent}" for library in libraries}
    command = [
        *compiler(),
        *flags(),
        *(f"-I{place}" for place in (*INCLUDES, sysconfig.get_paths()["include"])),
        *map(str, sources),
        *map(str, libraries),
        *sorted(rpaths),
        *extra,
        "-o",
        str(target),
    ]
    done = subprocess.run(command, text=True, stderr=subprocess.PIPE, check=False)
    if done.returncode != 0:
        raise BuildError(f"{shlex.join(command)}\n{done.stderr}")


def build(directory: Path, core: Path | None = None) -> Built:
    """Compiles what is missing or out of date."""
    directory.mkdir(parents=True, exist_ok=True)
    libcore = core or installed_core()
    libbench = directory / "libbench.so"
    suffix = sysconfig.get_config_var("EXT_SUFFIX")
    compile_shared(
        libbench, [BENCH / "native" / "bench.c"], extra=["-Wl,-soname,libbench.so", "-lm"]
    )
    compile_shared(
        directory / f"handwritten{suffix}",
        [BENCH / "handwritten" / "handwritten.c"],
        [libbench, libcore],
    )
    if importlib.util.find_spec("cffi"):
        from peers import cffi_api

        source = directory / f"{cffi_api.MODULE}.c"
        cffi_api.emit(source)
        compile_shared(directory / f"{cffi_api.MODULE}{suffix}", [source], [libbench, libcore])
    return Built(directory, libbench, libcore)


def main() -> int:
    parser = argparse.ArgumentParser(description="Compile what the bench needs.")
    parser.add_argument("directory", nargs="?", type=Path, default=default_directory())
    parser.add_argument("--core", type=Path, help="the libcore.so.1 to link with")
    options = parser.parse_args()
    try:
        built = build(options.directory, options.core)
    except BuildError as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    print(built.directory)
    return 0


if __name__ == "__main__":
    sys.exit(main())
