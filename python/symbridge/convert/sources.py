"""What `symbridge convert` is given: files that are read, or modules that are imported."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

from symbridge.convert import Converted, Remark
from symbridge.convert.cdef import Source, convert_cdefs
from symbridge.convert.python_source import read_python
from symbridge.failure import ToolError

__all__ = ["convert_files", "convert_import"]

#: Bytes of one file; the engine reads no longer descriptions.
LARGEST_FILE = 64 << 20


def convert_files(
    paths: Sequence[Path], library: str = "", module: str = "", *, conditional: bool = False
) -> Converted:
    """The description of the cdefs in some files, which belong together. No code is run."""
    sources: list[Source] = []
    remarks: list[Remark] = []
    opened: list[str] = []
    for path in paths:
        with open(path, "rb") as stream:
            data = stream.read(LARGEST_FILE + 1)
        if len(data) > LARGEST_FILE:
            raise ToolError(f"{path} is longer than {LARGEST_FILE} bytes")
        if path.suffix not in (".py", ".pyi"):
            sources.append(Source(_text(data, path), str(path)))
            continue
        found = read_python(data, str(path), conditional=conditional)
        if not found.cdefs and not found.remarks:
            what = "ctypes declarations" if found.imports_ctypes else "the module's declarations"
            raise ToolError(
                f"{path} calls no cdef()",
                hint=f"symbridge convert --import {path} runs it and reads {what}",
            )
        sources += found.cdefs
        remarks += found.remarks
        opened += found.libraries
    if not sources:
        told = "\n".join(f"  {remark}" for remark in remarks)
        raise ToolError(f"no cdef could be read:\n{told}")
    if not library:
        library = _library(opened, remarks)
    converted = convert_cdefs(sources, library=library, module=module)
    return Converted(converted.text, [*remarks, *converted.remarks])


def _text(data: bytes, path: Path) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ToolError(f"{path} is no text in UTF-8: {error}") from None


def _library(opened: list[str], remarks: list[Remark]) -> str:
    """The library that a Python file opens, when it says one that the system's loader knows."""
    names = list(dict.fromkeys(opened))
    if len(names) == 1 and ".so" in names[0]:
        return names[0]
    shown = ", ".join(repr(name) for name in names)
    said = f"the file opens {shown}" if names else "the file says none"
    remarks.append(Remark("library", f"{said}; name it: --library SONAME", lost=False))
    return ""


def convert_import(sources: Sequence[str], library: str = "", name: str = "") -> Converted:
    """The description of what a module, which is imported, declares. Its code runs."""
    from symbridge.convert.ctypes_module import convert_module
    from symbridge.convert.ffi_object import convert_ffi, is_ffi

    if len(sources) != 1:
        raise ToolError("--import takes one module")
    where, _, attribute = sources[0].partition(":")
    module = _imported(where)
    if attribute:
        try:
            found = getattr(module, attribute)
        except AttributeError:
            raise ToolError(f"{where} has no {attribute}") from None
        if not is_ffi(found):
            raise ToolError(f"{where}:{attribute} is no FFI object, but {found!r}")
        return convert_ffi(found, module, library=library, name=name)
    ffis = [key for key, value in vars(module).items() if is_ffi(value)]
    if ffis:
        if len(ffis) > 1:
            raise ToolError(
                f"{where} holds several FFI objects: {', '.join(ffis)}",
                hint=f"say which one: {where}:{ffis[0]}",
            )
        return convert_ffi(getattr(module, ffis[0]), module, library=library, name=name)
    return convert_module(module, library=library, name=name)


def _imported(name: str) -> ModuleType:
    try:
        if not name.endswith(".py"):
            return importlib.import_module(name)
        path = Path(name).resolve()
        spec = importlib.util.spec_from_file_location(path.stem, path)
        if spec is None or spec.loader is None:
            raise ImportError(f"{name} is no Python file")
        module = importlib.util.module_from_spec(spec)
        # Classes look for their module there while it runs.
        before = sys.modules.get(path.stem)
        sys.modules[path.stem] = module
        try:
            spec.loader.exec_module(module)
        finally:
            if before is None:
                sys.modules.pop(path.stem, None)
            else:
                sys.modules[path.stem] = before
        return module
    except (Exception, SystemExit) as error:  # whatever its code raises
        hint = ""
        if isinstance(error, ImportError):
            hint = "PYTHONPATH=DIRECTORY in the environment says where modules are"
        raise ToolError(
            f"importing {name} failed: {type(error).__name__}: {error}", hint=hint
        ) from error
