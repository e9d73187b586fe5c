"""Nine libraries of Debian's, described from their headers: all of them, as compilers see them."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

import symbridge
from symbridge import declarations
from symbridge.binary import locate, read
from symbridge.check.compiler import Options
from symbridge.check.headers import check_headers
from symbridge.declarations import Description, Record
from symbridge.failure import ToolError

pytest.importorskip("clang.cindex", reason="PyPI's libclang is not installed")

from described import LIBRARIES, Library, describe, headers_of, include_of, reasons
from symbridge.describe.making import Made
from symbridge.describe.propose import accept_text


@cache
def made_of(library: Library) -> Made:
    try:
        headers_of(library)
        locate(library.soname)
    except ToolError as error:
        pytest.skip(str(error))
    return describe(library)


@cache
def parsed(library: Library) -> Description:
    return declarations.parse(made_of(library).text)


@pytest.fixture(params=LIBRARIES, ids=lambda library: library.name)
def library(request: pytest.FixtureRequest) -> Library:
    found: Library = request.param
    return found


def test_every_function_of_the_headers_is_in_the_description(library: Library) -> None:
    made, description = made_of(library), parsed(library)
    assert made.notes == []
    assert {f.name for f in description.functions()} == {
        f.name for f in made.description.functions()
    }
    assert {c.name for c in description.constants()} == {
        c.name for c in made.description.constants()
    }


def test_every_symbol_is_described_or_known_not_to_be_declared(library: Library) -> None:
    made, description = made_of(library), parsed(library)
    exports = {
        name
        for name, symbols in read(locate(library.soname)).exports().items()
        if not all(symbol.made_by_linker for symbol in symbols)
    }
    declared = {f.symbol for f in description.functions()}
    declared |= {v.symbol for v in description.variables()}
    assert exports - declared == set(made.undeclared)
    assert reasons(library, made.undeclared)[""] == 0
    absent = {f.name for f in description.functions() if f.optional}
    absent |= {v.name for v in description.variables() if v.optional}
    assert absent == set(made.absent)


def test_every_prototype_layout_and_value_is_the_compilers(library: Library) -> None:
    description = parsed(library)
    options = Options(
        include_dirs=include_of(library), defines=library.defines, flags=library.flags
    )
    checked = check_headers(description, headers_of(library), options)
    assert [str(d) for d in checked.differences] == []
    assert checked.unverified == []
    wanted = {f"function {f.name}" for f in description.functions()}
    wanted |= {f"constant {c.name}" for c in description.constants()}
    wanted |= {r.name for r in own_records(library, description)}
    assert wanted <= set(checked.verified)


def own_records(library: Library, description: Description) -> list[Record]:
    """The records that the library's headers define, and C has a name for."""
    described = {r.name for r in made_of(library).description.records() if r.fields is not None}
    return [r for r in description.records() if r.name in described and r.name]


def test_the_description_loads_and_a_call_works(library: Library) -> None:
    module = symbridge.load(source=made_of(library).text)
    assert library.call(module)


def test_all_proposals_together_load(library: Library) -> None:
    made = made_of(library)
    text, count = accept_text(made.text)
    assert count > 0 and len(made.proposals) >= count
    symbridge.load(source=text)


def test_the_documentation_has_the_figures_of_all(library: Library) -> None:
    page = (Path(__file__).parent.parent / "docs" / "describe.md").read_text()
    assert f"| {library.name} (`{library.soname}`) |" in page
