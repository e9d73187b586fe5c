"""Quick functions of one array of numbers: buffers pass as they lie, all else as anywhere."""

from __future__ import annotations

import array
import contextlib
import sys
from types import ModuleType
from typing import Any

import pytest

import symbridge

DESCRIPTION = """
    [[prefix("arr_")]];
    [[quick]] double arr_sum(const double *values [[array(n)]], size_t n);
    [[quick]] size_t arr_address(const double *values [[array(n), nullable]], size_t n);
    [[quick]] int64_t arr_sum_int64(const int64_t *values [[array(n)]], size_t n);
    [[quick]] void arr_scale(double *values [[array(n)]], size_t n, double factor);
    [[quick]] void arr_fill_bytes(unsigned char *bytes [[array(n)]], size_t n, unsigned char value);
"""


class Index:
    """A number that counts how often it is asked for its value."""

    def __init__(self, value: int) -> None:
        self.value = value
        self.asked = 0

    def __index__(self) -> int:
        self.asked += 1
        return self.value


@pytest.fixture(scope="module")
def quick(native_library: Any) -> ModuleType:
    return symbridge.load(native_library("arrays"), DESCRIPTION)


def test_buffer_passes_without_a_copy(quick: ModuleType) -> None:
    values = array.array("d", [1, 2, 3])
    assert quick.address(values) == values.buffer_info()[0]


def test_buffer_gives_its_number_of_items(quick: ModuleType) -> None:
    assert quick.sum(array.array("d", range(100))) == 4950.0


def test_empty_buffer_has_no_items(quick: ModuleType) -> None:
    assert quick.sum(array.array("d")) == 0.0


def test_buffer_passes_by_keyword(quick: ModuleType) -> None:
    assert quick.sum(values=array.array("d", [1, 2])) == 3.0


def test_sequence_is_converted(quick: ModuleType) -> None:
    assert quick.sum([1, 2.5]) == 3.5


def test_none_is_null(quick: ModuleType) -> None:
    assert quick.address(None) == 0


def test_none_is_refused_where_it_is_not_nullable(quick: ModuleType) -> None:
    with pytest.raises(TypeError, match=r"sum\(\) argument 'values': expected a buffer"):
        quick.sum(None)


def test_other_name_of_the_format_is_taken(quick: ModuleType) -> None:
    assert quick.sum_int64(memoryview(array.array("q", [1, 2]))) == 3
    assert quick.sum_int64(memoryview(array.array("l", [1, 2]))) == 3


def test_foreign_format_is_refused(quick: ModuleType) -> None:
    with pytest.raises(TypeError, match=r"sum\(\) argument 'values': expected items of double"):
        quick.sum(array.array("f", [1]))


def test_strided_buffer_is_refused(quick: ModuleType) -> None:
    with pytest.raises(BufferError, match=r"sum\(\) argument 'values'"):
        quick.sum(memoryview(array.array("d", range(6)))[::2])


def test_misaligned_const_buffer_is_copied(quick: ModuleType) -> None:
    raw = bytearray(1) + array.array("d", [1, 2, 3]).tobytes()
    assert quick.sum(memoryview(raw)[1:].cast("d")) == 6.0


def test_misaligned_writable_buffer_is_refused(quick: ModuleType) -> None:
    raw = bytearray(1) + array.array("d", [1, 2, 3]).tobytes()
    with pytest.raises(BufferError, match="not aligned to 8 bytes"):
        quick.scale(memoryview(raw)[1:].cast("d"), 2.0)


def test_buffer_is_changed_in_place(quick: ModuleType) -> None:
    values = array.array("d", [1, 2])
    quick.scale(values, 2.5)
    assert values.tolist() == [2.5, 5.0]


def test_read_only_buffer_is_not_changed(quick: ModuleType) -> None:
    with pytest.raises(BufferError, match=r"fill_bytes\(\) argument 'bytes'"):
        quick.fill_bytes(b"abc", 0)


def test_int_is_a_double_beside_an_array(quick: ModuleType) -> None:
    values = array.array("d", [1, 2])
    quick.scale(values, 3)
    assert values.tolist() == [3.0, 6.0]


def test_number_beside_an_array_is_asked_once(quick: ModuleType) -> None:
    filler, target = Index(7), bytearray(3)
    quick.fill_bytes(target, filler)
    assert (target, filler.asked) == (b"\7\7\7", 1)


def test_range_beside_an_array_is_checked(quick: ModuleType) -> None:
    with pytest.raises(OverflowError, match=r"fill_bytes\(\) argument 'value'"):
        quick.fill_bytes(bytearray(3), 256)


def test_type_beside_an_array_is_checked(quick: ModuleType) -> None:
    with pytest.raises(TypeError, match=r"fill_bytes\(\) argument 'value'"):
        quick.fill_bytes(bytearray(3), 1.0)


def test_missing_argument_is_named(quick: ModuleType) -> None:
    with pytest.raises(TypeError, match="factor"):
        quick.scale(array.array("d", [1]))


@pytest.mark.parametrize("arguments", [(1,), (256,), (1.0,), ("x",)])
def test_buffer_is_given_back(quick: ModuleType, arguments: tuple[object]) -> None:
    target = bytearray(3)
    with contextlib.suppress(OverflowError, TypeError):
        quick.fill_bytes(target, *arguments)
    target.append(0)
    assert len(target) == 4


def test_nothing_is_kept_alive(quick: ModuleType) -> None:
    values = array.array("d", [1, 2])
    before = sys.getrefcount(values)
    quick.sum(values)
    quick.scale(values, 2.0)
    assert sys.getrefcount(values) == before
