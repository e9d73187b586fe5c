"""What a project says of itself in pyproject.toml, [tool.symbridge], and config settings."""

from __future__ import annotations

import difflib
import shlex
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

from symbridge.failure import ToolError

__all__ = ["BUILD_SYSTEMS", "WORK_DIRECTORY", "Options", "Project", "Settings", "read_project"]

BUILD_SYSTEMS = ("meson", "cmake", "make", "sources", "none")

#: Where things are built, below the project's directory.
WORK_DIRECTORY = ".symbridge"

#: Where the packages lie when nothing says so: the first of these that has them.
PYTHON_DIRECTORIES = ("python", "src", ".")


class _Key(NamedTuple):
    """One key of [tool.symbridge]: the kind of its value, and the build systems that it is for."""

    kind: str
    systems: tuple[str, ...] = BUILD_SYSTEMS


_CONFIGURED = ("meson", "cmake", "make", "sources")
_KEYS = {
    "packages": _Key("list"),
    "python-directory": _Key("path"),
    "library": _Key("text"),
    "description": _Key("path"),
    "into": _Key("text"),
    "build-system": _Key("text"),
    "directory": _Key("path", _CONFIGURED),
    "arguments": _Key("list", _CONFIGURED),
    "targets": _Key("list", ("meson", "cmake", "make")),
    "built": _Key("path"),
    "sources": _Key("list", ("sources",)),
    "include-directories": _Key("list"),
    "defines": _Key("list"),
    "link-arguments": _Key("list", ("sources",)),
    "embed": _Key("flag"),
    "headers": _Key("list"),
    "check": _Key("flag"),
    "stubs": _Key("flag"),
    "files": _Key("table"),
    "exclude": _Key("list"),
    "sdist-include": _Key("list"),
    "sdist-exclude": _Key("list"),
}

_OPTIONS = ("arguments", "build-directory", "platform", "verbose")


@dataclass(frozen=True, slots=True)
class Options:
    """The config settings of one build: `-C name=value` of pip and build."""

    arguments: tuple[str, ...] = ()
    build_directory: Path | None = None
    platform: str = ""
    verbose: bool = False


@dataclass(frozen=True, slots=True)
class Settings:
    """[tool.symbridge], checked. Paths are relative to the project's directory."""

    packages: tuple[str, ...]
    python_directory: str
    library: str
    description: str
    into: str
    build_system: str
    directory: str = "."
    arguments: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    built: str = ""
    sources: tuple[str, ...] = ()
    include_directories: tuple[str, ...] = ()
    defines: tuple[str, ...] = ()
    link_arguments: tuple[str, ...] = ()
    embed: bool = False
    headers: tuple[str, ...] = ()
    check: bool = True
    stubs: bool = False
    files: Mapping[str, str] = field(default_factory=dict)
    exclude: tuple[str, ...] = ()
    sdist_include: tuple[str, ...] = ()
    sdist_exclude: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Project:
    """A project that is built: its directory, pyproject.toml as read, settings and options."""

    root: Path
    document: Mapping[str, Any]
    settings: Settings
    options: Options

    @property
    def python_root(self) -> Path:
        """The directory in which the packages lie."""
        return self.root / self.settings.python_directory

    @property
    def package(self) -> PurePosixPath:
        """The directory, in the wheel, of the package that gets library and description."""
        return PurePosixPath(*self.settings.into.split("."))


def read_project(root: Path, config_settings: Mapping[str, object]) -> Project:
    """The project in a directory. Raises ToolError for what is wrong in pyproject.toml."""
    path = root / "pyproject.toml"
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ToolError(f"there is no pyproject.toml in {root}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ToolError(f"{path}: {error}") from None
    tool = document.get("tool", {})
    table = tool.get("symbridge", {}) if isinstance(tool, dict) else {}
    if not isinstance(table, dict):
        raise ToolError("pyproject.toml: tool.symbridge is no table")
    return Project(root, document, _settings(root, document, table), _options(config_settings))


def _settings(root: Path, document: Mapping[str, Any], table: Mapping[str, Any]) -> Settings:
    system = table.get("build-system")
    if not isinstance(system, str) or system not in BUILD_SYSTEMS:
        said = "is missing" if system is None else f"is {system!r}"
        raise _wrong("build-system", f"{said}; it is one of {', '.join(BUILD_SYSTEMS)}")
    values: dict[str, Any] = {"build-system": system}
    for name, value in table.items():
        key = _KEYS.get(name)
        if key is None:
            raise _unknown(
                f"pyproject.toml: tool.symbridge has an unknown key {name!r}", name, _KEYS
            )
        if system not in key.systems:
            meant = " or ".join(repr(each) for each in key.systems)
            raise _wrong(name, f'goes with build-system {meant}, not with "{system}"')
        values[name] = _checked(name, key.kind, value)

    project = document.get("project")
    called = project.get("name") if isinstance(project, dict) else None
    if "packages" not in values:
        if not isinstance(called, str):
            raise ToolError("pyproject.toml: project.name is missing")
        values["packages"] = (called.lower().replace("-", "_").replace(".", "_"),)
    packages = values["packages"]
    if not packages:
        raise _wrong("packages", "is empty; name the package that gets the library")
    for package in packages:
        if not all(part.isidentifier() for part in package.split(".")):
            raise _wrong("packages", f"has {package!r}, which is no name of a package")
    values["python-directory"] = _python_directory(root, values)
    into = values.setdefault("into", packages[0])
    if not any(into == package or into.startswith(f"{package}.") for package in packages):
        raise _wrong("into", f"is {into!r}, which lies in none of the packages {list(packages)}")

    library = values.get("library", "")
    if not library:
        raise _wrong("library", 'is missing: the file name of the library, as "libsundial.so.1"')
    if "/" in library or library in (".", ".."):
        raise _wrong("library", f"is {library!r}; it is a file name. Where it is built is `built`")
    if system == "none" and "built" not in values:
        raise _wrong("built", 'is missing: with build-system "none" it says where the library is')
    if system == "sources" and not values.get("sources"):
        raise _wrong("sources", "is missing: the C files, which may be patterns such as src/*.c")
    description = values.setdefault("description", "")
    if description and not (root / description).is_file():
        raise _wrong("description", f"is {description!r}, but there is no such file")
    if values.get("embed") and not description:
        raise _wrong("embed", "is true, but there is no `description` to embed")
    if values.get("headers") and not values.get("embed"):
        raise _wrong("headers", "go with embed = true: the facts in the library come from them")
    for compiling in ("include-directories", "defines"):
        if compiling in values and system != "sources" and not values.get("headers"):
            raise _wrong(compiling, 'are for `headers`, or for build-system "sources"')
    if values.get("stubs") and not description:
        raise _wrong("stubs", "is true, but there is no `description` to make them of")
    directory = values.get("directory", ".")
    if not (root / directory).is_dir():
        raise _wrong("directory", f"is {directory!r}, but there is no such directory")
    return Settings(**{name.replace("-", "_"): value for name, value in values.items()})


def _python_directory(root: Path, values: Mapping[str, Any]) -> str:
    packages: Sequence[str] = values["packages"]
    given: str | None = values.get("python-directory")
    tried = PYTHON_DIRECTORIES if given is None else (given,)
    for directory in tried:
        if all((root / directory / Path(*package.split("."))).is_dir() for package in packages):
            return directory
    names = ", ".join(package.replace(".", "/") for package in packages)
    raise _wrong(
        "packages" if given is None else "python-directory",
        f"the package {names} is not in {' or '.join(f'{each}/' for each in tried)}",
    )


def _checked(name: str, kind: str, value: object) -> Any:
    """The value of a key of [tool.symbridge], when it is of its kind."""
    match kind:
        case "flag" if isinstance(value, bool):
            return value
        case "text" if isinstance(value, str):
            return value
        case "path" if isinstance(value, str):
            return _inside(name, value)
        case "list" if isinstance(value, list) and all(isinstance(each, str) for each in value):
            return tuple(value)
        case "table" if isinstance(value, dict):
            for source, target in value.items():
                if not isinstance(target, str):
                    raise _wrong(
                        f"{name}.{source!r}", f"must be a path in the wheel, not {target!r}"
                    )
                _inside(name, source)
                _inside(name, target)
            return dict(value)
    wanted = {
        "flag": "true or false",
        "text": "a string",
        "path": "a path, as a string",
        "list": "an array of strings",
        "table": "a table of strings",
    }[kind]
    raise _wrong(name, f"must be {wanted}, not {value!r}")


def _inside(name: str, value: str) -> str:
    path = PurePosixPath(value)
    if path.is_absolute() or ".." in path.parts:
        raise _wrong(name, f"has {value!r}, which leads out of the project")
    return value


def _options(config_settings: Mapping[str, object]) -> Options:
    for name in config_settings:
        if name not in _OPTIONS:
            raise _unknown(f"unknown config setting {name!r}", name, _OPTIONS)

    def words(name: str) -> list[str]:
        value = config_settings.get(name)
        given: list[object] = value if isinstance(value, list) else [value]
        if value is None:
            return []
        strings = [each for each in given if isinstance(each, str)]
        if len(strings) != len(given):
            raise ToolError(f"config setting {name} must be a string, not {value!r}")
        return strings

    def last(name: str) -> str:
        return (words(name) or [""])[-1]

    try:
        arguments = tuple(word for each in words("arguments") for word in shlex.split(each))
    except ValueError as error:
        raise ToolError(f"config setting arguments: {error}") from None
    verbose = last("verbose").lower()
    if verbose not in ("", "true", "false", "1", "0"):
        raise ToolError(f"config setting verbose must be true or false, not {verbose!r}")
    directory = last("build-directory")
    platform = last("platform")
    if not all(letter.isalnum() or letter in "_.-" for letter in platform):
        raise ToolError(f"config setting platform: {platform!r} is no name of a platform")
    return Options(
        arguments=arguments,
        build_directory=Path(directory).absolute() if directory else None,
        platform=platform.replace("-", "_").replace(".", "_"),
        verbose=verbose in ("true", "1") or ("verbose" in config_settings and not verbose),
    )


def _wrong(key: str, what: str) -> ToolError:
    return ToolError(f"pyproject.toml: tool.symbridge.{key} {what}")


def _unknown(message: str, name: str, known: Sequence[str] | Mapping[str, object]) -> ToolError:
    near = difflib.get_close_matches(name, list(known), n=1)
    return ToolError(message, hint=f"{near[0]}" if near else f"one of {', '.join(sorted(known))}")
