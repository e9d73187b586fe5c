"""Write the golden stub files anew, those of corelib and of the examples too:

    python tests/golden/renew.py

To be run when the text that `symbridge stubs` writes has changed on purpose; the difference that
git shows is what to look at.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from symbridge import declarations, stubs, surface

GOLDEN = Path(__file__).parent
ROOT = GOLDEN.parent.parent
INIT = ROOT / "python" / "corelib" / "__init__.py"

#: Descriptions, and where their stubs are.
DESCRIPTIONS = (
    ("tests/native/surface.bridge", GOLDEN),
    ("tests/native/records.bridge", GOLDEN),
    ("tests/native/callbacks.bridge", GOLDEN),
    ("examples/zlib/zlib.bridge", ROOT / "examples" / "zlib"),
    ("examples/sqlite/sqlite.bridge", ROOT / "examples" / "sqlite"),
    ("examples/libc/libc.bridge", ROOT / "examples" / "libc"),
)


def expected() -> Iterator[tuple[Path, str]]:
    """Each golden file and what it should hold."""
    for name, directory in DESCRIPTIONS:
        module = surface.read(declarations.parse_file(ROOT / name))
        for path, text in stubs.write(module, source=Path(name).name).items():
            yield directory / path, text
    python = stubs.read_package(INIT.read_text(encoding="utf-8"), "corelib/__init__.py")
    module = surface.read(declarations.parse_file(ROOT / "libcore" / "core.bridge"))
    for path, text in stubs.write(module, source="core.bridge", python=python).items():
        yield INIT.parent.parent / path, text


if __name__ == "__main__":
    for file, content in expected():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content, encoding="utf-8")
        print(file.relative_to(ROOT))
