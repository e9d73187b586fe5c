"""What the tests share: C libraries made on the spot."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

NATIVE = Path(__file__).parent / "native"


@pytest.fixture(scope="session")
def native_library(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Give a function that compiles tests/native/NAME.c once and returns the library's path."""
    directory = tmp_path_factory.mktemp("native")

    def compiled(name: str) -> Path:
        library = directory / f"lib{name}.so"
        if not library.exists():
            subprocess.run(
                ["cc", "-shared", "-fPIC", "-std=c11", "-D_GNU_SOURCE", "-O1", "-Wall", "-Wextra",
                 "-o", library, NATIVE / f"{name}.c", "-lm", "-pthread"],
                check=True,
            )  # fmt: skip
        return library

    return compiled
