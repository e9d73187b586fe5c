"""Random function types and records: the engine against what gcc and clang make of the same C."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from symbridge import FFI
from torture.calls import Signature, make_batch, write_batch
from torture.ffi import Torture, TortureLayouts, spelled
from torture.layouts import make_layouts, write_layouts
from torture.run import (
    COMPILERS,
    TORTURE,
    Drivers,
    Report,
    build_drivers,
    compile_shared,
    run,
    summary,
)
from torture.shapes import PROFILES

SIGNATURES = 300
RECORDS = 3000


@pytest.fixture(scope="module")
def drivers(tmp_path_factory: pytest.TempPathFactory) -> Drivers:
    return build_drivers(tmp_path_factory.mktemp("torture"))


@pytest.fixture(scope="module")
def seed() -> int:
    """Give the same seed each time, unless told: `make torture` is for new ones."""
    number = int(os.environ.get("SB_TEST_SEED", "2024"), 0)
    print(f"SB_TEST_SEED={number}")
    return number


@pytest.fixture(params=sorted(COMPILERS))
def compiler(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    if shutil.which(name) is None:
        pytest.skip(f"there is no {name}")
    return name


def check(reports: list[Report]) -> dict[str, int]:
    """Fail with the first failure of a run of one kind; give its totals."""
    print(summary(reports))
    totals: dict[str, int] = {}
    for report in reports:
        if report.failure:
            pytest.fail(report.failure)
        for name, number in report.totals.items():
            totals[name] = totals.get(name, 0) + number
    return totals


def test_calls_and_closures_carry_what_the_compiler_carries(
    drivers: Drivers, seed: int, compiler: str
) -> None:
    totals = check(run(seed, SIGNATURES, 0, drivers, [compiler]))
    assert totals["cases"] == SIGNATURES
    assert totals["by libffi"] + totals["by libffi's plan"] > SIGNATURES * 0.9
    assert totals["closures"] > SIGNATURES * 0.7


def test_records_are_laid_out_as_the_compiler_lays_them_out(
    drivers: Drivers, seed: int, compiler: str
) -> None:
    totals = check(run(seed, 0, RECORDS, drivers, [compiler]))
    assert totals["records"] == RECORDS
    assert totals["of which bit-fields"] > RECORDS


@pytest.fixture
def torture(seed: int, compiler: str, tmp_path: Path) -> Torture:
    """Give random function types as FFI sees them."""
    batch = make_batch(seed, 0, SIGNATURES, PROFILES[COMPILERS[compiler]])
    write_batch(batch, tmp_path)
    sources = [tmp_path / "callees.c", tmp_path / "table.c", TORTURE / "callee.c"]
    return Torture(FFI, batch, compile_shared(compiler, sources, tmp_path / "callees.so", "-O1"))


def check_each(
    torture: Torture, signatures: list[Signature], check_one: Callable[[Signature], str]
) -> None:
    """Fail with the first fault. Types on which compilers disagree may be refused."""
    left_out = 0
    for signature in signatures:
        if torture.confuses_compiler(signature):
            left_out += 1
            continue
        try:
            fault = check_one(signature)
        except NotImplementedError as error:
            if "compilers disagree" not in str(error):
                raise
            left_out += 1
            continue
        assert fault == "", spelled(signature)
    assert left_out < len(signatures) / 4


def test_ffi_calls_random_functions(torture: Torture) -> None:
    check_each(torture, torture.batch.signatures, torture.call)


def test_ffi_callbacks_are_called_by_c_as_random_functions(torture: Torture) -> None:
    fixed = [each for each in torture.batch.signatures if not each.variadic]
    check_each(torture, fixed, torture.call_back)


def test_ffi_lays_random_records_out_as_the_compiler_does(
    seed: int, compiler: str, tmp_path: Path
) -> None:
    batch = make_layouts(seed, 0, 500, PROFILES[COMPILERS[compiler]])
    write_layouts(batch, tmp_path)
    source = tmp_path / "layout_table.c"
    library = compile_shared(compiler, [source], tmp_path / "layouts.so", "-O0")
    layouts = TortureLayouts(FFI, batch, library)
    faults = [layouts.wrong(number) for number in range(len(batch.records))]
    assert [fault for fault in faults if fault] == []


def faults_of(command: list[str | Path]) -> int:
    """Run a driver that must find faults; give how many."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    return int(done.stdout.rsplit(" ", 1)[1])


def test_the_driver_of_calls_notices_wrong_values(
    drivers: Drivers, seed: int, tmp_path: Path
) -> None:
    count = 50
    write_batch(make_batch(seed, 0, count, PROFILES["lp64"]), tmp_path)
    sources = [tmp_path / "callees.c", tmp_path / "table.c", TORTURE / "callee.c"]
    library = compile_shared("cc", sources, tmp_path / "callees.so", "-O0")
    description = tmp_path / "description.h"
    command: list[str | Path] = [drivers.calls, "--seed", str(seed + 1), description, library]
    assert faults_of(command) > count * 0.8  # some have nothing to compare


def test_the_driver_of_layouts_notices_another_layout(
    drivers: Drivers, seed: int, tmp_path: Path
) -> None:
    count = 200
    write_layouts(make_layouts(seed, 0, count, PROFILES["lp64"]), tmp_path)
    table = tmp_path / "layout_table.c"
    packed = tmp_path / "packed.c"
    packed.write_text(table.read_text().replace('#include "records.h"', PACK_ALL))
    library = compile_shared("cc", [packed], tmp_path / "layouts.so", "-O0")
    assert faults_of([drivers.layouts, tmp_path / "records.h", library]) > count * 0.3


PACK_ALL = """\
#pragma pack(1)
#include "records.h"
"""
