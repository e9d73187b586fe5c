"""Runs the test suites of cffi, and of packages that use it, against symbridge.cffi.

usage: python tests/peers/run.py [--directory BUILD] [SUITE...]
"""

import argparse
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).resolve().parent
PROJECT = HERE.parent.parent


def pinned(name: str) -> str:
    """The version of a package that tests/requirements.txt pins."""
    found = re.search(
        rf"^{name}==(\S+)", (HERE.parent / "requirements.txt").read_text(), re.MULTILINE
    )
    if found is None:
        raise SystemExit(f"tests/requirements.txt does not pin {name}")
    return found[1]


@dataclass(frozen=True)
class Suite:
    """One source distribution and how its tests are run in it."""

    name: str
    version: str
    tests: tuple[str, ...]
    plugin: str = "without_cffi"
    needs: tuple[str, ...] = ()  # suites that are unpacked beside it and importable
    prepare: Callable[[Path], None] = lambda tree: None
    deselected: dict[str, str] = field(default_factory=dict)  # test -> reason


def generate_soundfile(tree: Path) -> None:
    # Its build writes an out-of-line module.
    subprocess.run([sys.executable, "soundfile_build.py"], cwd=tree, check=True)


def make_output_directory(tree: Path) -> None:
    (tree / "tests" / "output").mkdir(exist_ok=True)


CFFI_TESTS = (
    "testing/cffi0/test_ffi_backend.py",
    "testing/cffi0/test_function.py",
    "testing/cffi0/test_ownlib.py",
    "testing/cffi0/test_unicode_literals.py",
    "testing/cffi1/test_new_ffi_1.py",
    "testing/cffi1/test_ffi_obj.py",
    "testing/cffi1/test_re_python.py",
)

SUITES = (
    Suite("cffi", pinned("cffi"), CFFI_TESTS, plugin="plugin"),
    Suite("soundfile", "0.14.0", ("tests",), prepare=generate_soundfile),
    Suite("cairocffi", "1.7.1", ("cairocffi",)),
    # Its own tests are not complete in its distribution; it is there for the next.
    Suite("pangocffi", "0.14.1", ()),
    Suite(
        "pangocairocffi",
        "0.7.1",
        ("tests",),
        needs=("cairocffi", "pangocffi"),
        prepare=make_output_directory,
    ),
)


def moved(source: str) -> str:
    """Python source with cffi's import replaced by symbridge's."""
    source = re.sub(r"^(\s*)import cffi$", r"\1import symbridge.cffi as cffi", source, flags=re.M)
    return re.sub(r"^(\s*)from cffi import", r"\1from symbridge.cffi import", source, flags=re.M)


def unpack(suite: Suite, directory: Path) -> Path:
    """The suite's source tree, made at the first time."""
    tree = directory / f"{suite.name}-{suite.version}"
    if (tree / ".ready").exists():
        return tree
    subprocess.run(
        [
            *(sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"),
            *("--no-binary", suite.name, "--dest", str(directory)),
            f"{suite.name}=={suite.version}",
        ],
        check=True,
    )
    # tar stays below the directory; Python's tarfile does so only from 3.11.4 on.
    archive = directory / f"{suite.name}-{suite.version}.tar.gz"
    subprocess.run(["tar", "-xzf", str(archive), "-C", str(directory)], check=True)
    if suite.name != "cffi":
        for path in tree.rglob("*.py"):
            before = path.read_text()
            after = moved(before)
            if after != before:
                path.write_text(after)
                print(f"{path.relative_to(directory)}: imports symbridge.cffi")
    suite.prepare(tree)
    (tree / ".ready").touch()
    return tree


def run(suite: Suite, directory: Path) -> bool:
    tree = unpack(suite, directory)
    if not suite.tests:
        return True
    by_name = {each.name: each for each in SUITES}
    path = [tree, HERE, *(unpack(by_name[name], directory) for name in suite.needs)]
    if suite.name == "cffi":
        path.insert(0, HERE / "shim")
    print(f"== {suite.name} {suite.version}", flush=True)
    for test, reason in suite.deselected.items():
        print(f"not run: {test}: {reason}")
    command = [
        *(sys.executable, "-m", "pytest", "-q", "-rsx", "-c", os.devnull, "--rootdir", str(tree)),
        *("-p", "no:cacheprovider", "-p", suite.plugin),
        *(word for test in suite.deselected for word in ("--deselect", test)),
        *suite.tests,
    ]
    search = os.pathsep.join(map(str, path))
    if "PYTHONPATH" in os.environ:
        search += os.pathsep + os.environ["PYTHONPATH"]
    environment = {**os.environ, "PYTHONPATH": search}
    return subprocess.run(command, cwd=tree, env=environment).returncode == 0


def main(arguments: Iterable[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--directory", type=Path, default=PROJECT / "build" / "peers")
    parser.add_argument("suites", nargs="*", metavar="SUITE", help="all, when none is named")
    options = parser.parse_args(arguments)
    unknown = set(options.suites) - {suite.name for suite in SUITES}
    if unknown:
        parser.error(f"no such suite: {', '.join(sorted(unknown))}")
    directory: Path = options.directory.resolve()
    directory.mkdir(parents=True, exist_ok=True)
    chosen = [s for s in SUITES if s.tests and (not options.suites or s.name in options.suites)]
    failed = [suite.name for suite in chosen if not run(suite, directory)]
    print(f"{len(chosen) - len(failed)} of {len(chosen)} suites passed", *failed)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
