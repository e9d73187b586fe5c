"""What cffi's API mode does, as far as the tests need it to check ABI mode: C source is compiled to
a plain shared library, and constants, whose values only the compiler knows, become variables."""

import itertools
import re
import subprocess
import tempfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import symbridge.cffi

_CONSTANTS = re.compile(r"static\s+const\s+int\s+([^;=]+);")
_directory = tempfile.TemporaryDirectory(prefix="verified-")
_numbers = itertools.count()


def compile_library(source: str, name: str = "verified") -> Path:
    """The shared library that cc makes of C source."""
    base = Path(_directory.name) / f"{name}{next(_numbers)}"
    base.with_suffix(".c").write_text(source)
    library = base.with_suffix(".so")
    subprocess.run(
        ["cc", "-shared", "-fPIC", "-w", "-o", library, base.with_suffix(".c")], check=True
    )
    return library


class FFI(symbridge.cffi.FFI):
    """An FFI that remembers its declarations for verify()."""

    def __init__(self, backend: object = None) -> None:
        super().__init__()
        self._declared: list[str] = []

    def cdef(self, csource: str, **options: Any) -> None:
        super().cdef(csource, **options)
        self._declared.append(csource)

    def set_source(self, module_name: str, source: str | None, **options: Any) -> None:
        # With C source, the tests go on to recompile(): see recompiler.py.
        if source is None:
            super().set_source(module_name, source, **options)

    def verify(self, source: str = "", **_: Any) -> SimpleNamespace:
        constants = [
            name.strip()
            for declaration in self._declared
            for names in _CONSTANTS.findall(declaration)
            for name in names.split(",")
        ]
        verified = symbridge.cffi.FFI()
        verified.cdef("".join(f"extern const long long verified_{n};" for n in constants))
        functions = _CONSTANTS.sub("", "".join(self._declared))
        verified.cdef(functions)
        values = "".join(
            f"#undef verified_{n}\nconst long long verified_{n} = (long long)({n});\n"
            for n in constants
        )
        path = str(compile_library(f"#include <stddef.h>\n{source}\n{values}"))
        library = verified.dlopen(path)
        found: dict[str, Any] = {n: getattr(library, f"verified_{n}") for n in constants}
        for name in dir(library):
            if not name.startswith("verified_"):
                found[name] = getattr(library, name)
        return SimpleNamespace(**found)
