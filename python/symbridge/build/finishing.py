"""What a build adds to the packages: the library, checked; its description; stubs; other files."""

from __future__ import annotations

import shutil
from pathlib import Path, PurePosixPath

from symbridge.build.archives import Entry
from symbridge.build.compiling import compile_library
from symbridge.build.contents import matching
from symbridge.build.settings import Project
from symbridge.failure import ToolError

__all__ = ["finish"]


def finish(project: Project, directory: Path) -> dict[str, Entry]:
    """Build the library in a directory; gives, by path in the wheel, what goes into it beside the
    packages' own files."""
    settings = project.settings
    built = compile_library(project, directory)
    finished = directory / "finished"
    finished.mkdir(exist_ok=True)
    library = finished / settings.library
    shutil.copyfile(built, library)

    entries = {str(project.package / settings.library): Entry(library, executable=True)}
    if settings.description and not settings.embed:
        name = PurePosixPath(settings.description).name
        entries[str(project.package / name)] = Entry(project.root / settings.description)
    for source, target in sorted(settings.files.items()):
        found = matching(project.root, [source], "files")
        if len(found) > 1 and not target.endswith("/"):
            raise ToolError(
                f"pyproject.toml: tool.symbridge.files: {source!r} names {len(found)} files, so "
                f"{target!r} must be a directory",
                hint=f'"{source}" = "{target}/"',
            )
        for name in found:
            where = PurePosixPath(target)
            if target.endswith("/"):
                where /= PurePosixPath(name).name
            entries[str(where)] = Entry(project.root / name)
    return entries
