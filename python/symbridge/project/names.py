"""Which names a project can have: one word for a C library, its prefix, and a Python package."""

from __future__ import annotations

import builtins
import keyword
import re
import sys

from symbridge.failure import ToolError

__all__ = ["check_name"]

MAX_NAME = 40

#: Words that C's compiler or its headers know, in lower case.
C_WORDS = frozenset({
    "alignas", "alignof", "asm", "auto", "bool", "break", "case", "char", "const", "constexpr",
    "continue", "default", "do", "double", "else", "enum", "extern", "false", "float", "for",
    "goto", "if", "inline", "int", "long", "main", "nullptr", "register", "restrict", "return",
    "short", "signed", "sizeof", "static", "struct", "switch", "thread_local", "true",
    "typedef", "typeof", "typeof_unqual", "union", "unsigned", "void", "volatile", "while",
    "near", "far", "linux", "unix", "i386", "errno", "stdin", "stdout", "stderr",
})  # fmt: skip

#: Headers of C and of Unix that are not modules of Python as well.
C_HEADERS = frozenset({
    "alloca", "assert", "ctype", "dlfcn", "elf", "endian", "fenv", "float", "inttypes", "iso646",
    "limits", "link", "malloc", "memory", "sched", "setjmp", "stdalign", "stdarg", "stdatomic",
    "stdbool", "stdckdint", "stddef", "stdint", "stdio", "stdlib", "stdnoreturn", "strings",
    "tgmath", "threads", "uchar", "unistd", "values", "wchar", "wctype",
})  # fmt: skip

#: Libraries of the system that another `-lNAME` would hide, and packages that would be hidden.
TAKEN = frozenset({
    "anl", "asan", "atomic", "c", "crypt", "dl", "gcc", "gcc_s", "gcov", "m", "nsl", "pthread",
    "resolv", "rt", "stdc", "tsan", "ubsan", "util", "cffi", "symbridge", "pip", "setuptools",
    "wheel", "build", "meson", "ninja", "pytest", "include", "python", "src", "tests",
    "all", "benchmark", "clean", "coverage", "dist", "install", "reconfigure", "test",
    "uninstall",
})  # fmt: skip


def check_name(name: str) -> None:
    """Raise ToolError when a name does not do as C prefix, library and Python package at once."""
    near = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_").lstrip("0123456789_")
    near = near.removeprefix("lib").lstrip("_")[:MAX_NAME]
    hint = f"symbridge new {near}" if near and near != name and not _why_not(near) else ""
    why = _why_not(name)
    if why:
        raise ToolError(f"{name!r} is no name for a project: {why}", hint=hint)


def _why_not(name: str) -> str:
    """What is wrong with a name, or ""."""
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name, re.ASCII) or name.endswith("_") or "__" in name:
        return "it has lower-case letters, digits and single underscores, a letter first"
    if len(name) > MAX_NAME:
        return f"it has more than {MAX_NAME} characters"
    if name in C_WORDS:
        return "C has that word already"
    if name in C_HEADERS:
        return f"C has a header {name}.h"
    if keyword.iskeyword(name) or keyword.issoftkeyword(name):
        return "it is a word of Python"
    if hasattr(builtins, name):
        return f"Python has {name} built in"
    if name in sys.stdlib_module_names:
        return f"Python's standard library has the module {name}"
    if name in TAKEN:
        return "a library or package that others need is called so"
    if name.startswith("lib"):
        return f"the library would be lib{name}.so"
    return ""
