"""Loading: a library and its description become a module.

Kept small, and free of imports that cost time: `import symbridge` loads this and the extension.
"""

import os
import sys

from symbridge import _bridge

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any

    Path = str | os.PathLike[str]

__all__ = ["descriptions_beside", "extend", "load"]


def load(
    library: "Path | None" = None,
    source: str | None = None,
    *,
    file: "Path | None" = None,
    name: str | None = None,
) -> "ModuleType":
    """Open a C library and return it as a module.

    library: a soname that the system's loader finds ("libm.so.6"), or a path with a slash; None
        takes the one that the description names; "" is the running program itself.
    source: the description as text: C declarations, with [[attributes]] where C cannot say it.
    file: the description's file instead of source. With neither, it is the file beside the library
        ("libcore.so.1.bridge" or "libcore.bridge"), else what the library itself carries.
    name: the module's name; by default the one in [[module("...")]], else made of the library's.

    A module that was named, by name or [[module]], is put into sys.modules with its submodules, so
    that they can be imported and their contents pickled; a module of that name that did not come
    from here is left in place.

    A library that carries facts about itself is compared with the description, whichever that is,
    before any code of it runs.

    Raises DescriptionError (wrong description, with line and column), LibraryError (the library
    cannot be opened), MismatchError (it is not what is described; a LibraryError), SymbolError (it
    lacks symbols; all are listed), ValueError (no description).

    Opening a library runs its code: only load what you trust. Nothing is searched in the working
    directory.
    """
    module, named = _bind(library, source, file, name)
    if named:
        _register(module)
    return module


def extend(
    package: str,
    library: "Path | None" = None,
    source: str | None = None,
    *,
    file: "Path | None" = None,
) -> "ModuleType":
    """Add what a description offers to a Python package: native and Python code under one name.

    To be called in the package's `__init__` as `symbridge.extend(__name__, ...)`; other arguments
    and errors as of load(). Names that the package defines itself win. Submodules become
    importable ("package.submodule"). Returns the native module behind the package.
    """
    module = sys.modules[package]
    native, _ = _bind(library, source, file, package)
    for full_name, submodule in _bridge.submodules(native).items():
        sys.modules.setdefault(full_name, submodule)
    if not hasattr(module, "__path__"):
        raise ImportError(f"{package} is a module; only a package can be extended", name=package)
    _bridge.serve_variables(module, native)
    namespace = vars(module)

    def get(name: str) -> "Any":
        if name == "__all__" or name.startswith("__"):
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        try:
            value = getattr(native, name)
        except AttributeError as error:
            raise AttributeError(f"module {package!r} has no attribute {name!r}") from error
        if name in vars(native):
            namespace.setdefault(name, value)
        if "__getattr__" not in vars(native):
            # All members are made: take them over, and let attribute access be native again.
            for member in native.__all__:
                namespace.setdefault(member, getattr(native, member))
            namespace.pop("__getattr__", None)
        return value

    def names() -> list[str]:
        hidden = {"__getattr__", "__dir__", "__native__"}
        return sorted((set(namespace) | set(dir(native))) - hidden)

    namespace["__getattr__"] = get
    namespace["__dir__"] = names
    return native


def _bind(
    library: "Path | None", source: str | None, file: "Path | None", name: str | None
) -> "tuple[ModuleType, bool]":
    path = None if library is None else os.fspath(library)
    text: bytes | None
    if source is not None and file is not None:
        raise TypeError("give the description as source or as file, not both")
    if source is not None:
        text, shown = source.encode("utf-8", "surrogatepass"), "<description>"
    elif file is not None:
        shown = os.fspath(file)
        with open(file, "rb") as stream:
            text = stream.read()
    elif path is None:
        raise ValueError("no description: give it as source, or its file as file=")
    else:
        text, shown, places = _beside(path)
    bound = _bridge.load(path, text, shown, name, _judge)
    if bound is None:
        raise ValueError(
            f"no description of library {path!r}: there is no {places}, and the library carries"
            " none; give it as source, or its file as file="
        )
    return bound


def descriptions_beside(library: str) -> list[str]:
    """The names that a description in a file beside a library may have, in their order.

    library: the name of the library's file.
    """
    return list(dict.fromkeys([f"{library}.bridge", f"{library.partition('.so')[0]}.bridge"]))


def _beside(library: str) -> "tuple[bytes | None, str, str]":
    """The description in a file beside the library: its text, its name, and where it was looked
    for. Without one the text is None, and the name is that of what the library carries."""
    located = os.path.abspath(library) if "/" in library else _bridge.locate_library(library)
    directory, base = os.path.split(located)
    names = descriptions_beside(base)
    for candidate in names:
        path = f"{directory}/{candidate}"
        try:
            with open(path, "rb") as stream:
                return stream.read(), path, path
        except (FileNotFoundError, NotADirectoryError):
            continue
    places = " or ".join(names)
    return None, f"<description in {base}>", f"{places} in {directory}"


def _judge(path: str, file: str, text: bytes, own: bytes | None, facts: bytes) -> None:
    from symbridge._mismatch import judge

    judge(path, file, text, own, facts)


def _register(module: "ModuleType") -> None:
    modules = {module.__name__: module, **_bridge.submodules(module)}
    for name, made in modules.items():
        present = sys.modules.get(name)
        if present is None or _bridge.is_native(present):
            sys.modules[name] = made
