"""Stub files: what a type checker and an editor know of the module that a description makes."""

from __future__ import annotations

from symbridge.stubs.module import write_module
from symbridge.stubs.package import PythonPart, read_package
from symbridge.surface import Module

__all__ = ["PythonPart", "read_package", "write"]


def write(
    module: Module,
    *,
    source: str = "a description",
    docstrings: bool = True,
    python: PythonPart | None = None,
) -> dict[str, str]:
    """The stub files of a module: the text of each by its path.

    A module without submodules is one file, "maths.pyi"; with them, or with a Python part, a
    package: "corelib/__init__.pyi", "corelib/date_ex.pyi". source: the description's name, for the
    head of each file.
    """
    files = {}
    top = module.name.replace(".", "/")
    for one in module.walk():
        is_package = bool(one.submodules) or (one is module and python is not None)
        path = "/".join((top, *one.path))
        name = f"{path}/__init__.pyi" if is_package else f"{path}.pyi"
        files[name] = write_module(
            one,
            source=source,
            docstrings=docstrings,
            is_package=is_package,
            python=python if one is module else None,
        )
    return files
