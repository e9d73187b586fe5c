"""The examples of the documentation give what they say."""

from __future__ import annotations

import doctest
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import corelib
import symbridge

ROOT = Path(__file__).parent.parent
BLOCK = re.compile(r"^```(c bridge|python)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def examples(page: Path) -> Iterator[tuple[int, str, str]]:
    """Give the line, the description (may be empty) and the session of each Python example."""
    text = page.read_text(encoding="utf-8")
    description = ""
    for block in BLOCK.finditer(text):
        language, body = block.groups()
        if language == "c bridge":
            description = body
        elif ">>>" in body:
            yield text.count("\n", 0, block.start()) + 2, description, body


def cases() -> Iterator[object]:
    for page in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))):
        for line, description, session in examples(page):
            yield pytest.param(page, line, description, session, id=f"{page.name}:{line}")


@pytest.mark.parametrize(("page", "line", "description", "session"), list(cases()))
def test_example(page: Path, line: int, description: str, session: str) -> None:
    names = {"corelib": corelib, "symbridge": symbridge}
    if description:
        names["m"] = symbridge.load(None if "[[library" in description else "", description)
    test = doctest.DocTestParser().get_doctest(session, names, page.name, str(page), line - 1)
    report: list[str] = []
    flags = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE | doctest.IGNORE_EXCEPTION_DETAIL
    result = doctest.DocTestRunner(optionflags=flags, verbose=False).run(test, out=report.append)
    assert result.failed == 0, "".join(report)


def test_the_guide_has_examples() -> None:
    assert len(list(examples(ROOT / "docs" / "description.md"))) > 30


def test_every_attribute_has_a_section() -> None:
    table = (ROOT / "bridge" / "engine" / "attributes.h").read_text(encoding="utf-8")
    rows = table[table.index("#define SB_ATTRIBUTES(X)") :]
    names = re.findall(r'X\([A-Z_]+, "([a-z_]+)"', rows)
    guide = (ROOT / "docs" / "description.md").read_text(encoding="utf-8")
    assert len(names) > 60
    assert [name for name in names if f"\n### {name}\n" not in guide] == []
