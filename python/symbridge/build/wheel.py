"""The wheel: packages, library and description under the tag py3-none-PLATFORM."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import symbridge
from symbridge.build.archives import Entry, platform_tag, write_wheel
from symbridge.build.contents import package_files
from symbridge.build.finishing import finish
from symbridge.build.metadata import Metadata, read_metadata
from symbridge.build.settings import WORK_DIRECTORY, Project
from symbridge.failure import ToolError

__all__ = ["build", "dist_info", "tag", "work_directory", "write_metadata"]


def build(project: Project, wheel_directory: Path) -> str:
    """Compile the library and write the project's wheel; returns its file name."""
    metadata = read_metadata(project)
    entries = {name: Entry(path) for name, path in package_files(project)}
    with _build_directory(project) as directory:
        entries.update(finish(project, directory))
        entries.update(dist_info(project, metadata))
        file = f"{metadata.stem}-{tag(project)}.whl"
        write_wheel(wheel_directory / file, f"{metadata.stem}.dist-info", entries)
    return file


def write_metadata(project: Project, directory: Path) -> str:
    """Write the wheel's .dist-info directory without RECORD; returns its name."""
    metadata = read_metadata(project)
    for name, entry in dist_info(project, metadata).items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(entry.read())
    return f"{metadata.stem}.dist-info"


def dist_info(project: Project, metadata: Metadata) -> dict[str, Entry]:
    """The files of the .dist-info directory, but for RECORD."""
    top = f"{metadata.stem}.dist-info"
    wheel = (
        "Wheel-Version: 1.0\n"
        f"Generator: symbridge {symbridge.__version__}\n"
        "Root-Is-Purelib: false\n"
        f"Tag: {tag(project)}\n"
    )
    entries = {
        f"{top}/METADATA": Entry(metadata.text),
        f"{top}/WHEEL": Entry(wheel.encode()),
    }
    if metadata.entry_points:
        entries[f"{top}/entry_points.txt"] = Entry(metadata.entry_points)
    for name, path in metadata.licenses:
        entries[f"{top}/licenses/{name}"] = Entry(path)
    return entries


def tag(project: Project) -> str:
    """The wheel's tag: any Python 3, no ABI of Python, this platform."""
    return f"py3-none-{project.options.platform or platform_tag()}"


def work_directory(project: Project) -> Path:
    """The directory for what is built, below the project's own; version control ignores it."""
    directory = project.root / WORK_DIRECTORY
    try:
        directory.mkdir(exist_ok=True)
        (directory / ".gitignore").write_text("*\n", encoding="utf-8")
    except OSError as error:
        raise ToolError(
            f"cannot write to {directory}: {error}", hint="a config setting: build-directory=PATH"
        ) from None
    return directory


@contextmanager
def _build_directory(project: Project) -> Iterator[Path]:
    """A directory for one build, removed after it; or the one that was asked for, which stays."""
    if project.options.build_directory is not None:
        yield project.options.build_directory
        return
    work = work_directory(project)
    directory = Path(tempfile.mkdtemp(prefix="wheel-", dir=work))
    try:
        yield directory
    finally:
        shutil.rmtree(directory, ignore_errors=True)
        if {entry.name for entry in work.iterdir()} == {".gitignore"}:
            shutil.rmtree(work, ignore_errors=True)
