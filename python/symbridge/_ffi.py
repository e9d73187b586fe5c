"""symbridge.FFI: what is used often is in C, and here is the rest of cffi's ABI mode."""

import os
import sys

from symbridge import _bridge

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Path = str | bytes | os.PathLike[str] | os.PathLike[bytes]

__all__ = [
    "FFI",
    "CDefError",
    "CoreFFI",
    "FFIError",
    "PkgConfigError",
    "VerificationError",
    "VerificationMissing",
    "rebuild",
]

CoreFFI = _bridge.FFI
FFIError = _bridge.FFIError
CDefError = _bridge.CDefError
VerificationMissing = _bridge.VerificationMissing

# The form of the modules that compile() writes.
MODULE_VERSION = 1


class VerificationError(Exception):
    """Something was asked for that needs a C compiler."""

    __module__ = "symbridge.cffi"


class PkgConfigError(Exception):
    """A package that pkg-config does not know. Never raised here; cffi's callers may catch it."""

    __module__ = "symbridge.cffi"


_NO_COMPILER = (
    "symbridge compiles no C: declare what you use with cdef(), and open the library that has it "
    "with dlopen(); pass None as the source for a module that does so"
)


class FFI(CoreFFI):
    """A set of C declarations, and what can be done with the types and libraries in it.

    The same as cffi's FFI in ABI mode:

    >>> ffi = FFI()
    >>> ffi.cdef("int abs(int);")
    >>> lib = ffi.dlopen(None)
    >>> lib.abs(-3)
    3
    """

    # Libraries raise as those of cffi's in-line mode do.
    _inline = True

    def __init__(self, backend: object = None) -> None:
        """backend is cffi's choice of one, and is ignored."""
        super().__init__()
        self._set_source: tuple[str, str | None] | None = None
        self._embedding: str | None = None
        self._unicode: bool | None = None

    def dlopen(self, name: "Path | _bridge.CData | None" = None, flags: int = 0) -> _bridge.Lib:
        """Open a library: a file name, a plain name such as "m", None for the running program, or a
        void * that dlopen() gave.

        A name without a slash is looked up by the system's loader, never in the working directory.
        The library stays open as long as this FFI, or until dlclose().
        """
        if not (name is None or isinstance(name, (str, bytes, os.PathLike, self.CData))):
            raise TypeError(
                "dlopen(name): name must be a file name, None, or an already-opened 'void *' handle"
            )
        if isinstance(name, (bytes, os.PathLike)):
            name = os.fsdecode(name)
        return self._open(name, flags)

    def _open(self, name: "str | _bridge.CData | None", flags: int) -> _bridge.Lib:
        if not isinstance(name, str):
            return super().dlopen(name, flags)
        failure = None
        if "." in name or "/" in name:
            try:
                return super().dlopen(name, flags)
            except OSError as error:
                failure = error
        import ctypes.util  # slow, and refused in interpreters with a GIL of their own

        found = ctypes.util.find_library(name)
        if found is not None:
            return super().dlopen(found, flags)
        message = f"ctypes.util.find_library() did not manage to locate a library called {name!r}"
        raise OSError(message if failure is None else f"{failure}.  Additionally, {message}")

    def set_unicode(self, enabled_flag: object) -> None:
        """Declare Windows' TCHAR and its kin, as wchar_t or as char."""
        if self._unicode is not None:
            raise ValueError("set_unicode() can only be called once")
        self._unicode = bool(enabled_flag)
        character = "wchar_t" if self._unicode else "char"
        self.cdef(
            f"typedef {character} TBYTE, TCHAR;"
            f"typedef const {character} *LPCTSTR, *PCTSTR;"
            f"typedef {character} *LPTSTR, *PTSTR;"
            "typedef TBYTE *PTBYTE; typedef TCHAR *PTCHAR;"
        )

    # ---- modules that need no cdef -------------------------------------------------------------

    def set_source(self, module_name: str, source: str | None, *_: object, **__: object) -> None:
        """Name the module that compile() writes. The source must be None: nothing is compiled."""
        if self._set_source is not None:
            raise ValueError("set_source() cannot be called several times per ffi object")
        if not isinstance(module_name, str):
            raise TypeError("'module_name' must be a string")
        if os.sep in module_name or (os.altsep is not None and os.altsep in module_name):
            raise ValueError(
                "'module_name' must not contain '/': use a dotted name to make a 'package.module' "
                "location"
            )
        if source is not None:
            raise VerificationError(_NO_COMPILER)
        self._set_source = (module_name, source)

    def set_source_pkgconfig(self, *_: object, **__: object) -> None:
        """Raise VerificationError: nothing is compiled."""
        raise VerificationError(_NO_COMPILER)

    def emit_python_code(self, filename: "Path | Any") -> None:
        """Write the module that set_source() named: it holds an FFI with these declarations."""
        if self._set_source is None:
            raise ValueError("set_source() must be called before emit_python_code()")
        text = self._python_code(self._set_source[0])
        with open(os.fspath(filename), "w", encoding="utf-8") as file:
            file.write(text)

    def compile(
        self, tmpdir: str = ".", verbose: object = 0, target: object = None, debug: object = None
    ) -> str:
        """Write the module that set_source() named, below tmpdir, and return its file name."""
        if self._set_source is None:
            raise ValueError("set_source() must be called before compile()")
        parts = self._set_source[0].split(".")
        directory = os.path.join(tmpdir, *parts[:-1])
        os.makedirs(directory, exist_ok=True)
        filename = os.path.join(directory, parts[-1] + ".py")
        text = self._python_code(self._set_source[0])
        with open(filename, "w", encoding="utf-8") as file:
            file.write(text)
        if verbose:
            print(f"generated {filename}", file=sys.stderr)
        return filename

    def _python_code(self, module_name: str) -> str:
        self._check_complete()
        lines = [
            "# auto-generated by symbridge.FFI.compile()",
            "from symbridge._ffi import rebuild",
        ]
        included = self._includes()
        names = []
        for number, ffi in enumerate(included):
            chosen = getattr(ffi, "_set_source", None)
            if chosen is None:
                raise VerificationError(
                    f"ffi object {self!r} includes {ffi!r}, but the latter has not been prepared "
                    "with set_source()"
                )
            names.append(f"_ffi{number}")
            lines.append(f"from {chosen[0]} import ffi as _ffi{number}")
        lines += ["", "ffi = rebuild(", f"    {module_name!r},", f"    {MODULE_VERSION},", "    ["]
        for text, flags, pack, include in self._sources():
            lines.append(f"        ({text!r}, {flags}, {pack}, {include}),")
        lines += ["    ],", f"    [{', '.join(names)}],", ")", ""]
        return "\n".join(lines)

    def emit_c_code(self, filename: object) -> None:
        """Raise VerificationError: nothing is compiled."""
        raise VerificationError(_NO_COMPILER)

    def distutils_extension(self, tmpdir: object = "build", verbose: object = True) -> None:
        """Raise VerificationError: nothing is compiled."""
        raise VerificationError(_NO_COMPILER)

    def verify(self, source: str = "", tmpdir: object = None, **_: object) -> None:
        """Raise VerificationError: nothing is compiled."""
        raise VerificationError(_NO_COMPILER)

    # ---- embedding -----------------------------------------------------------------------------

    def embedding_api(self, csource: str, packed: bool = False, pack: int | None = None) -> None:
        """Raise VerificationError: nothing is compiled."""
        raise VerificationError(_NO_COMPILER)

    def embedding_init_code(self, pysource: str) -> None:
        """Raise VerificationError: nothing is compiled."""
        raise VerificationError(_NO_COMPILER)


def rebuild(
    module_name: str,
    version: int,
    sources: list[tuple[str, int, int, int]],
    included: list[CoreFFI],
) -> CoreFFI:
    """The FFI of a module that compile() wrote."""
    if version != MODULE_VERSION:
        raise ImportError(
            f"the module {module_name!r} was written by another release of symbridge: form "
            f"{version}, not {MODULE_VERSION}; write it again with compile()"
        )
    ffi = CoreFFI()
    done: set[int] = set()
    for text, flags, pack, include in sources:
        if include < 0:
            ffi._cdef(text, flags, pack)
        elif include not in done:
            done.add(include)
            ffi.include(included[include])
    return ffi
