"""cffi's use of a C compiler: here to make a plain shared library."""

from pathlib import Path

from cffi._compiled import compile_library


def get_extension(source: str, name: str, **_: object) -> Path:
    return Path(source)


def compile(directory: str, extension: Path) -> str:
    made = compile_library(extension.read_text(), extension.stem)
    return str(made.rename(Path(directory) / f"{extension.stem}.so"))
