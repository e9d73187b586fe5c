"""Editable installs: Python imports the packages' source, and finds the library there as a link.

The wheel holds no code but a .pth file, a line that adds the packages' directory to the path. The
library is built in a directory that stays, so that the next build is short, and is linked into the
package's source directory, where an installed package has it too; so is what else the build adds.
No import hook: whatever reads the path, a type checker or a debugger, sees what Python sees.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from symbridge.build.archives import Entry, write_wheel
from symbridge.build.contents import LINKS
from symbridge.build.finishing import finish
from symbridge.build.metadata import read_metadata
from symbridge.build.settings import Project
from symbridge.build.wheel import dist_info, tag, work_directory
from symbridge.failure import ToolError

__all__ = ["build"]


def build(project: Project, wheel_directory: Path) -> str:
    """Build the library in place and write the editable wheel; returns its file name."""
    metadata = read_metadata(project)
    work = work_directory(project)
    platform = tag(project).rpartition("-")[2]
    directory = project.options.build_directory or work / f"editable-{platform}"
    _link(project, finish(project, directory))

    entries = dist_info(project, metadata)
    path = f"{project.python_root.resolve()}\n"
    entries[f"__editable__.{metadata.stem}.pth"] = Entry(path.encode())
    file = f"{metadata.stem}-{tag(project)}.whl"
    write_wheel(wheel_directory / file, f"{metadata.stem}.dist-info", entries)
    return file


def _link(project: Project, entries: Mapping[str, Entry]) -> None:
    """Link what was built into the packages, and take away links of an earlier build."""
    kept = project.root / LINKS
    earlier = set(kept.read_text(encoding="utf-8").splitlines()) if kept.is_file() else set()
    wanted: dict[str, Path] = {}
    for name, entry in entries.items():
        place = project.python_root / name
        assert isinstance(entry.content, Path)
        if place.exists() and place.resolve() == entry.content.resolve() and not place.is_symlink():
            continue  # the description lies in the package already
        in_project = place.relative_to(project.root).as_posix()
        if os.path.lexists(place) and not (place.is_symlink() and in_project in earlier):
            raise ToolError(
                f"{place} is in the way: an editable install puts a link to {entry.content} there",
                hint="remove the file, or move it out of the package",
            )
        wanted[in_project] = entry.content
    # First the list, so that no link is left behind that it does not have.
    _keep(kept, earlier | set(wanted))
    for name in sorted(earlier | set(wanted)):
        place = project.root / name
        if place.is_symlink():
            place.unlink()
        if name in wanted:
            place.parent.mkdir(parents=True, exist_ok=True)
            place.symlink_to(os.path.relpath(wanted[name], place.parent.resolve()))
    _keep(kept, set(wanted))


def _keep(path: Path, links: set[str]) -> None:
    new = path.with_name(f"{path.name}.new")
    new.write_text("".join(f"{name}\n" for name in sorted(links)), encoding="utf-8")
    os.replace(new, path)
