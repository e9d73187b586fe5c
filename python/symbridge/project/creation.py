"""Writing a project: all of its files, or none."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from symbridge import __version__, declarations, stubs, surface
from symbridge.embed.source import write_source
from symbridge.failure import ToolError
from symbridge.project.names import check_name

__all__ = ["LICENSES", "create", "render"]

#: Licences by their SPDX identifiers; "none" leaves the choice to a person.
LICENSES = ("MIT", "0BSD", "none")

#: How names of files begin in template/ that begin with a dot in the project.
DOT = "dot-"
SUFFIX = ".in"


def create(name: str, directory: Path, *, license: str = "MIT", holder: str = "") -> list[Path]:
    """Write a project called `name` into a directory; gives its files, relative to it.

    The directory may exist and have other files. holder: whose copyright it is.

    Raises ToolError when the name will not do, or when a file of the project is there already.
    Then, and when anything else fails, nothing is written.
    """
    check_name(name)
    files = render(name, license=license, holder=holder)
    target = Path(os.path.realpath(directory))
    if target.exists() and not target.is_dir():
        raise ToolError(f"{directory} is there already, and is no directory")
    if target.is_dir() and any(target.iterdir()):
        _write_into(target, files)
    else:
        _write_new(target, files)
    return sorted(files)


def render(name: str, *, license: str = "MIT", holder: str = "") -> dict[Path, str]:
    """The text of each file of a project by its path."""
    if license not in LICENSES:
        raise ToolError(f"no text of the licence {license!r}", hint=" or ".join(LICENSES))
    words = {
        "name": name,
        "NAME": name.upper(),
        "year": str(time.localtime().tm_year),
        "holder": " ".join(holder.split()) or f"the authors of {name}",
        "symbridge": __version__,
        "meson_license": "",
        "pyproject_license": "",
        "readme_license": "None yet: without one nobody may use it. Choose one and write it to "
        "`LICENSE`.",
    }
    if license != "none":
        words["meson_license"] = f"    license: '{license}',\n    license_files: 'LICENSE',\n"
        words["pyproject_license"] = f'license = "{license}"\nlicense-files = ["LICENSE"]\n'
        words["readme_license"] = f"{license}: see [LICENSE](LICENSE)."
    package = resources.files("symbridge.project")
    files = {
        Path(_filled(path, words)): _filled(text, words)
        for path, text in _templates(package / "template", "")
    }
    if license != "none":
        text = (package / "licenses" / f"{license}{SUFFIX}").read_text(encoding="utf-8")
        files[Path("LICENSE")] = _filled(text, words)
    files |= _generated(name, files)
    return files


def _generated(name: str, files: Mapping[Path, str]) -> dict[Path, str]:
    """What `make generated` makes in a project."""
    file = f"{name}.bridge"
    text = files[Path(file)]
    source = write_source(text, [f'"{name}.h"'], file=file, name=f"{name}_description.c")
    initial = f"python/{name}/__init__.py"
    python = stubs.read_package(files[Path(initial)], initial)
    module = surface.read(declarations.parse(text, file), name)
    made = stubs.write(module, source=file, python=python)
    return {Path(f"src/{name}_description.c"): source} | {
        Path("python", path): text for path, text in made.items()
    }


def _templates(directory: Traversable, prefix: str) -> Iterator[tuple[str, str]]:
    for entry in directory.iterdir():
        name = entry.name
        if entry.is_dir():
            yield from _templates(entry, f"{prefix}{_dotted(name)}/")
        elif name.endswith(SUFFIX):
            text = entry.read_text(encoding="utf-8")
            yield f"{prefix}{_dotted(name.removesuffix(SUFFIX))}", text


def _dotted(name: str) -> str:
    return f".{name.removeprefix(DOT)}" if name.startswith(DOT) else name


def _filled(text: str, words: Mapping[str, str]) -> str:
    return re.sub(r"@(\w+)@", lambda match: words[match[1]], text)


def _write_new(target: Path, files: Mapping[Path, str]) -> None:
    """Write a directory that is not there, or is empty: it appears with all that is in it."""
    made = [p for p in (target.parent, *target.parent.parents) if not p.exists()]
    staging: Path | None = None
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        staging = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))
        for path, text in files.items():
            (staging / path).parent.mkdir(parents=True, exist_ok=True)
            (staging / path).write_text(text, encoding="utf-8")
        umask = os.umask(0)
        os.umask(umask)
        staging.chmod(0o777 & ~umask)
        staging.rename(target)
    except BaseException:
        if staging is not None:
            shutil.rmtree(staging, ignore_errors=True)
        _remove_directories(made)
        raise


def _write_into(target: Path, files: Mapping[Path, str]) -> None:
    """Write among files that are there; takes back what was written when something fails."""
    taken = [str(path) for path in sorted(files) if os.path.lexists(target / path)]
    if taken:
        raise ToolError(
            f"{target} has files of the project already: {', '.join(taken)}",
            hint="--directory with another directory; nothing was written",
        )
    written: list[Path] = []
    made: list[Path] = []
    try:
        for path, text in files.items():
            parents = [target / p for p in path.parents]
            made += [p for p in parents if not p.exists() and p not in made]
            (target / path).parent.mkdir(parents=True, exist_ok=True)
            with open(target / path, "x", encoding="utf-8") as stream:
                written.append(target / path)
                stream.write(text)
    except BaseException:
        for path in written:
            with contextlib.suppress(OSError):
                path.unlink()
        _remove_directories(made)
        raise


def _remove_directories(made: list[Path]) -> None:
    for path in sorted(made, reverse=True):  # those within others first
        with contextlib.suppress(OSError):
            path.rmdir()
