"""The source distribution: the project's files, and its metadata as PKG-INFO."""

from __future__ import annotations

import os
from pathlib import Path

from symbridge.build.archives import Entry, write_sdist
from symbridge.build.contents import source_files
from symbridge.build.metadata import read_metadata
from symbridge.build.settings import Project
from symbridge.failure import ToolError

__all__ = ["build"]


def build(project: Project, sdist_directory: Path) -> str:
    """Write the project's sdist; returns its file name."""
    metadata = read_metadata(project)
    entries = {}
    for name, path in source_files(project):
        if path.is_symlink() and not path.resolve().is_relative_to(project.root.resolve()):
            raise ToolError(
                f"{name} is a link to {path.resolve()}, which is not in the project",
                hint=f"copy the file, or leave it out: sdist-exclude = [{name!r}]",
            )
        entries[name] = Entry(path, executable=os.access(path, os.X_OK))
    settings = project.settings
    needed = [settings.description] if settings.description else []
    needed += [str(path.relative_to(project.root)) for _, path in metadata.licenses]
    for name in ("pyproject.toml", *needed):
        if name not in entries:
            raise ToolError(
                f"the sdist would lack {name}, which building from it needs",
                hint=f"sdist-include = [{name!r}] in [tool.symbridge]",
            )
    entries["PKG-INFO"] = Entry(metadata.text)
    file = f"{metadata.stem}.tar.gz"
    write_sdist(sdist_directory / file, metadata.stem, entries)
    return file
