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

#: The type of the note that holds a description.
NOTE_DESCRIPTION = 1


def finish(project: Project, directory: Path) -> dict[str, Entry]:
    """Build the library in a directory; gives, by path in the wheel, what goes into it beside the
    packages' own files."""
    settings = project.settings
    built = compile_library(project, directory / "build")
    finished = directory / "finished"
    shutil.rmtree(finished, ignore_errors=True)
    finished.mkdir(parents=True)
    library = finished / settings.library
    shutil.copyfile(built, library)
    if settings.embed:
        _embed(project, library)

    entries = {str(project.package / settings.library): Entry(library, executable=True)}
    if settings.description and not settings.embed:
        # Beside a library that carries it the file would only be one that can differ.
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


def _embed(project: Project, library: Path) -> None:
    """Put the description into the library, beside the facts that it may carry already."""
    from symbridge.embed.elf import add_notes, read_notes

    text = (project.root / project.settings.description).read_bytes()
    present = read_notes(library)
    carried = [note for kind, note in present if kind == NOTE_DESCRIPTION]
    if carried == [text]:
        return
    if carried:
        raise ToolError(
            f"{library.name} carries a description already, which is not that in "
            f"{project.settings.description}",
            hint="leave out `description` and `embed`: the library needs neither",
        )
    others = [(kind, note) for kind, note in present if kind != NOTE_DESCRIPTION]
    add_notes(library, library, [(NOTE_DESCRIPTION, text), *others])
