"""The standard metadata of a project: [project] in pyproject.toml, as wheel and sdist say it."""

from __future__ import annotations

import ast
import configparser
import io
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from symbridge.build.settings import Project
from symbridge.failure import ToolError

if TYPE_CHECKING:
    import pyproject_metadata

__all__ = ["Metadata", "read_metadata"]


@dataclass(frozen=True, slots=True)
class Metadata:
    """What wheel and sdist say of a project."""

    name: str  # as in file names: normalised, with underscores
    version: str
    text: bytes  # of METADATA and PKG-INFO
    entry_points: bytes  # of entry_points.txt; empty: there are none
    licenses: tuple[tuple[str, Path], ...]  # path below licenses/, and path

    @property
    def stem(self) -> str:
        """name-version, as files and directories are called."""
        return f"{self.name}-{self.version}"


def read_metadata(project: Project) -> Metadata:
    """The project's metadata. Raises ToolError, which names the key that is wrong."""
    try:
        import pyproject_metadata
    except ImportError as error:
        raise ToolError(
            f"reading [project] needs pyproject-metadata: {error}",
            hint="pip install pyproject-metadata packaging; without --no-build-isolation pip does",
        ) from None
    try:
        standard = pyproject_metadata.StandardMetadata.from_pyproject(
            project.document, project.root, allow_extra_keys=False
        )
        if "version" in standard.dynamic:
            from packaging.version import InvalidVersion, Version

            said, where = _package_version(project)
            try:
                standard.version = Version(said)
            except InvalidVersion:
                raise ToolError(f"{where}: __version__ is {said!r}, which is no version") from None
        others = [each for each in standard.dynamic if each != "version"]
        if others:
            raise ToolError(
                f"pyproject.toml: project.dynamic has {others[0]!r}; only 'version' can be dynamic"
            )
        # The backend has set what was dynamic; in the artefacts nothing is.
        text = bytes(standard.as_rfc822())
    except pyproject_metadata.ConfigurationError as error:
        raise ToolError(f"pyproject.toml: {error}") from None
    _warn_of_missing_dependency(standard)
    return Metadata(
        name=standard.canonical_name.replace("-", "_"),
        version=str(standard.version),
        text=text,
        entry_points=_entry_points(standard),
        licenses=tuple(_licenses(project, standard)),
    )


def _warn_of_missing_dependency(standard: pyproject_metadata.StandardMetadata) -> None:
    names = {requirement.name.lower() for requirement in standard.dependencies}
    if "symbridge" not in names and standard.canonical_name != "symbridge":
        print(
            "symbridge.build: project.dependencies does not name symbridge: whoever installs this "
            "package must install symbridge too",
            flush=True,
        )


def _package_version(project: Project) -> tuple[str, Path]:
    """The `__version__ = "..."` of the package's __init__.py, which is read, not run."""
    path = project.python_root.joinpath(*project.settings.packages[0].split("."), "__init__.py")
    hint = "give project.version, or write __version__ = '1.0' there"
    try:
        tree = ast.parse(path.read_bytes(), str(path))
    except (OSError, SyntaxError, ValueError) as error:
        raise ToolError(f"project.version is dynamic, and {path}: {error}", hint=hint) from None
    for node in tree.body:
        match node:
            case (
                ast.Assign(
                    targets=[ast.Name(id="__version__")], value=ast.Constant(value=str(version))
                )
                | ast.AnnAssign(
                    target=ast.Name(id="__version__"), value=ast.Constant(value=str(version))
                )
            ):
                return version, path
    raise ToolError(f"project.version is dynamic, but {path} has no __version__", hint=hint)


def _entry_points(standard: pyproject_metadata.StandardMetadata) -> bytes:
    groups: dict[str, Any] = dict(standard.entrypoints)
    if standard.scripts:
        groups["console_scripts"] = standard.scripts
    if standard.gui_scripts:
        groups["gui_scripts"] = standard.gui_scripts
    if not groups:
        return b""
    config = configparser.ConfigParser(delimiters="=", interpolation=None)
    config.optionxform = str  # type: ignore[assignment,method-assign]
    for group in sorted(groups):
        config[group] = dict(sorted(groups[group].items()))
    text = io.StringIO()
    config.write(text)
    return text.getvalue().encode()


def _licenses(
    project: Project, standard: pyproject_metadata.StandardMetadata
) -> list[tuple[str, Path]]:
    paths = list(standard.license_files or ())
    old = getattr(standard.license, "file", None)
    if old is not None:
        paths.append(old)
    found = {}
    for path in paths:
        name = Path(path)
        if name.is_absolute():
            name = name.relative_to(project.root)
        found[name.as_posix()] = project.root / name
    return sorted(found.items())
