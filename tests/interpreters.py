"""The CPythons of this machine, and symbridge built for each: for tests of what all of them share.

usage: python -m tests.interpreters DIRECTORY      build symbridge's wheel for each into DIRECTORY
"""

from __future__ import annotations

import glob
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

DESCRIBE = """
import sys
if sys.implementation.name == "cpython" and sys.version_info >= (3, 11):
    print("%d.%d" % sys.version_info[:2], sys.executable)
"""


def found() -> dict[str, str]:
    """Each CPython from 3.11 up by its version, "3.12": this one, those on PATH, those of pyenv."""
    paths = [sys.executable]
    for directory in os.environ.get("PATH", "").split(os.pathsep):
        paths += sorted(glob.glob(f"{glob.escape(directory)}/python3.1[1-9]"))
    pyenv = os.environ.get("PYENV_ROOT") or os.path.expanduser("~/.pyenv")
    paths += sorted(glob.glob(f"{glob.escape(pyenv)}/versions/*/bin/python3.1[1-9]"))
    interpreters: dict[str, str] = {}
    for path in paths:
        # A pyenv shim whose version is not selected only says so.
        said = subprocess.run([path, "-c", DESCRIBE], capture_output=True, text=True, check=False)
        if said.returncode == 0 and said.stdout:
            version, executable = said.stdout.split(maxsplit=1)
            interpreters.setdefault(version, executable.strip())
    return interpreters


def environment(interpreter: str, directory: Path) -> str:
    """Make a virtual environment without pip; returns its interpreter."""
    subprocess.run([interpreter, "-m", "venv", "--without-pip", directory], check=True)
    return str(directory / "bin" / "python")


def install(interpreter: str, *arguments: str | Path) -> None:
    """Install into an environment with this interpreter's pip: nothing from the network."""
    subprocess.run(
        [
            *(sys.executable, "-m", "pip", "--python", interpreter, "install", "--quiet"),
            *("--no-index", "--no-deps", "--disable-pip-version-check", *map(str, arguments)),
        ],
        check=True,
    )


def main(directory: Path) -> None:
    """Build a wheel of symbridge for each interpreter into the directory."""
    directory.mkdir(parents=True, exist_ok=True)
    for version, interpreter in found().items():
        scratch = directory / f"build-{version}"
        subprocess.run([interpreter, "-m", "venv", "--clear", scratch], check=True)
        print(f"symbridge for Python {version}", flush=True)
        done = subprocess.run(
            [
                *(scratch / "bin" / "python", "-m", "pip", "wheel", "--quiet", "--no-deps"),
                *("--disable-pip-version-check", "--wheel-dir", directory, ROOT),
            ],
            check=False,
        )
        shutil.rmtree(scratch)
        if done.returncode:
            sys.exit(f"symbridge was not built for Python {version}")


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
