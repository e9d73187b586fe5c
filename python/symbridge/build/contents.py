"""Which files of a project are its source, and which are a package's."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from fnmatch import fnmatchcase
from pathlib import Path

from symbridge.build.settings import WORK_DIRECTORY, Project
from symbridge.failure import ToolError

__all__ = ["LINKS", "matching", "package_files", "source_files"]

#: Names the links that an editable install has put among the packages' files, one in a line.
LINKS = f"{WORK_DIRECTORY}/links"

#: Files and directories that are no source, wherever they lie; hidden ones, .name, are none either.
GENERATED = (
    "__pycache__", "build", "dist", "node_modules", "*.egg-info", "*.py[cod]", "*.o", "*.a", "*.so",
    "*.so.*", "*.dylib",
)  # fmt: skip

#: Of those, what is none in a Python package: it may bring compiled files of its own.
GENERATED_IN_PACKAGES = ("__pycache__", "*.py[co]")

#: Files of one project.
MAX_FILES = 500_000


def source_files(project: Project) -> list[tuple[str, Path]]:
    """Path in the project, and path, of all that a source distribution holds, in order.

    Whether the project is a checkout of a version control system makes no difference.
    """
    settings = project.settings
    links = _links(project)
    ours = (project.root / WORK_DIRECTORY, project.options.build_directory)

    def enter(name: str) -> bool:
        if _any_match(name, settings.sdist_exclude) or project.root / name in ours:
            return False
        if any(each.startswith(f"{name}/") for each in settings.sdist_include):
            return True
        if _any_match(name, settings.sdist_include):
            return True
        environment = (project.root / name / "pyvenv.cfg").is_file()
        return not environment and not _generated(name, GENERATED)

    def take(name: str) -> bool:
        if name in links or _any_match(name, settings.sdist_exclude):
            return False
        return _any_match(name, settings.sdist_include) or not _generated(name, GENERATED)

    return [(name, path) for name, path in _walk(project.root, enter) if take(name)]


def package_files(project: Project) -> Iterator[tuple[str, Path]]:
    """Path in the wheel, and path, of the files of the project's packages, in order."""
    links = _links(project)
    for package in sorted(project.settings.packages):
        directory = project.python_root.joinpath(*package.split("."))
        within = package.replace(".", "/")

        def enter(name: str, within: str = within) -> bool:
            if _any_match(f"{within}/{name}", project.settings.exclude):
                return False
            return not _generated(name, GENERATED_IN_PACKAGES)

        for name, path in _walk(directory, enter):
            in_project = path.relative_to(project.root).as_posix()
            if enter(name) and in_project not in links:
                yield f"{within}/{name}", path


def matching(root: Path, patterns: Sequence[str], key: str) -> list[str]:
    """The files below a directory that patterns name, each once, in the order of the patterns."""
    found: dict[str, None] = {}
    for pattern in patterns:
        try:
            paths = sorted(path for path in root.glob(pattern) if path.is_file())
        except (ValueError, NotImplementedError) as error:
            raise ToolError(
                f"pyproject.toml: tool.symbridge.{key} has {pattern!r}: {error}"
            ) from None
        if not paths:
            raise ToolError(
                f"pyproject.toml: tool.symbridge.{key} has {pattern!r}, which is no file in {root}"
            )
        for path in paths:
            found.setdefault(path.relative_to(root).as_posix(), None)
    return list(found)


def _walk(root: Path, enter: Callable[[str], bool]) -> list[tuple[str, Path]]:
    """Files below a directory by path in it, sorted. Links count as the files they lead to."""
    found: list[tuple[str, Path]] = []
    pending = [root]
    while pending:
        directory = pending.pop()
        for entry in os.scandir(directory):
            path = Path(entry.path)
            name = path.relative_to(root).as_posix()
            # Directories behind links are not entered: they may contain this one.
            if entry.is_dir(follow_symlinks=False):
                if enter(name):
                    pending.append(path)
            elif entry.is_file():
                if len(found) == MAX_FILES:
                    raise ToolError(f"{root} holds over {MAX_FILES} files")
                found.append((name, path))
    return sorted(found)


def _generated(name: str, patterns: Sequence[str]) -> bool:
    return any(
        part.startswith(".") or any(fnmatchcase(part, pattern) for pattern in patterns)
        for part in name.split("/")
    )


def _any_match(name: str, patterns: Sequence[str]) -> bool:
    """Whether a path, or a directory that it lies in, matches a pattern."""
    parts = name.split("/")
    heads = ["/".join(parts[: i + 1]) for i in range(len(parts))]
    return any(fnmatchcase(head, pattern.rstrip("/")) for pattern in patterns for head in heads)


def _links(project: Project) -> set[str]:
    """The links that an editable install has put into the package: see editable.py."""
    kept = project.root / LINKS
    return set(kept.read_text(encoding="utf-8").splitlines()) if kept.is_file() else set()
