"""What the tests share: C libraries made on the spot."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
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


@pytest.fixture(autouse=True)
def corelib_stays() -> Iterator[None]:
    """Put back the modules of corelib, whose names others that load libcore take over."""
    before = {n: m for n, m in sys.modules.items() if n.partition(".")[0] == "corelib"}
    yield
    sys.modules.update(before)
