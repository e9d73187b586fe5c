"""The build backend: a plain C library and its Python package become one wheel for every Python.

In pyproject.toml:

    [build-system]
    requires = ["symbridge"]
    build-backend = "symbridge.build"

    [tool.symbridge]
    build-system = "meson"
    library = "libsundial.so.1"
    description = "sundial.bridge"

docs/build.md lists the settings. What is here are the hooks of PEP 517 and PEP 660, which tools
such as pip and build call with the project's directory as the working directory. They import what
they need when they are called: get_requires_for_*() must work where nothing but symbridge is.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, ParamSpec, TypeAlias, TypeVar

from symbridge.failure import ToolError

if TYPE_CHECKING:
    from symbridge.build.settings import Project

__all__ = [
    "build_editable",
    "build_sdist",
    "build_wheel",
    "get_requires_for_build_editable",
    "get_requires_for_build_sdist",
    "get_requires_for_build_wheel",
    "prepare_metadata_for_build_editable",
    "prepare_metadata_for_build_wheel",
]

ConfigSettings: TypeAlias = "Mapping[str, object] | None"
_P = ParamSpec("_P")
_R = TypeVar("_R")


def _hook(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """A hook whose errors are told in their own words: a traceback helps nobody who builds."""

    def hook(*args: _P.args, **kwargs: _P.kwargs) -> _R:
        try:
            return function(*args, **kwargs)
        except ToolError as error:
            sys.stdout.flush()
            print(f"symbridge.build: {error}", file=sys.stderr)
            if error.hint:
                print(f"  try: {error.hint}", file=sys.stderr)
            sys.stderr.flush()
            raise SystemExit(1) from error

    hook.__name__ = function.__name__
    hook.__qualname__ = function.__qualname__
    hook.__doc__ = function.__doc__
    return hook


def _project(config_settings: ConfigSettings) -> Project:
    from symbridge.build.settings import read_project

    return read_project(Path(os.getcwd()), config_settings or {})


@_hook
def get_requires_for_build_wheel(config_settings: ConfigSettings = None) -> list[str]:
    """What building a wheel needs from PyPI: what reads [project], and absent build tools."""
    from symbridge.build.compiling import requirements

    return ["packaging>=24.2", "pyproject-metadata>=0.9", *requirements(_project(config_settings))]


@_hook
def get_requires_for_build_editable(config_settings: ConfigSettings = None) -> list[str]:
    """What an editable install needs from PyPI: the same as a wheel."""
    return get_requires_for_build_wheel(config_settings)


@_hook
def get_requires_for_build_sdist(config_settings: ConfigSettings = None) -> list[str]:
    """What building an sdist needs from PyPI: what reads [project]. Nothing is compiled."""
    _project(config_settings)
    return ["packaging>=24.2", "pyproject-metadata>=0.9"]


@_hook
def prepare_metadata_for_build_wheel(
    metadata_directory: str, config_settings: ConfigSettings = None
) -> str:
    """Write the .dist-info directory that the wheel will have, but for its RECORD."""
    from symbridge.build.wheel import write_metadata

    return write_metadata(_project(config_settings), Path(metadata_directory))


@_hook
def prepare_metadata_for_build_editable(
    metadata_directory: str, config_settings: ConfigSettings = None
) -> str:
    """Write the .dist-info directory that the editable wheel will have."""
    return prepare_metadata_for_build_wheel(metadata_directory, config_settings)


@_hook
def build_wheel(
    wheel_directory: str,
    config_settings: ConfigSettings = None,
    metadata_directory: str | None = None,
) -> str:
    """Compile the library and write the wheel; returns its file name."""
    from symbridge.build.wheel import build

    return build(_project(config_settings), Path(wheel_directory))


@_hook
def build_editable(
    wheel_directory: str,
    config_settings: ConfigSettings = None,
    metadata_directory: str | None = None,
) -> str:
    """Compile the library, link it into the package's source, and write a wheel to lead there."""
    from symbridge.build.editable import build

    return build(_project(config_settings), Path(wheel_directory))


@_hook
def build_sdist(sdist_directory: str, config_settings: ConfigSettings = None) -> str:
    """Write the source distribution; returns its file name."""
    from symbridge.build.sdist import build

    return build(_project(config_settings), Path(sdist_directory))
