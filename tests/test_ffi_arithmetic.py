"""FFI: pointer arithmetic, comparison, hashing and numbers of C values."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import pytest

from growth import growth
from symbridge import FFI

ffi = FFI()
ffi.cdef("struct three { char bytes[3]; }; struct opaque; enum e { A, B };")

COMPARISONS = [operator.lt, operator.le, operator.eq, operator.ne, operator.gt, operator.ge]


def address(value: Any) -> int:
    return int(ffi.cast("uintptr_t", value))


# ---- pointers and numbers ----


@pytest.mark.parametrize("name", ["char", "int", "double", "struct three", "int[5]", "void *"])
def test_a_pointer_moves_by_items(name: str) -> None:
    p = ffi.cast(f"{ffi.getctype(name, '*')}", 0x10000)
    size = ffi.sizeof(name)
    assert address(p + 3) == 0x10000 + 3 * size
    assert address(3 + p) == 0x10000 + 3 * size
    assert address(p - 3) == 0x10000 - 3 * size
    assert ffi.typeof(p + 1) is ffi.typeof(p)
    assert (p + 3) - p == 3
    assert p - (p + 3) == -3


def test_void_pointers_move_by_bytes() -> None:
    p = ffi.cast("void *", 0x1000)
    assert address(p + 3) == 0x1003
    assert (p + 3) - p == 3


def test_an_array_moves_as_a_pointer_to_its_first_item() -> None:
    a = ffi.new("int[5]", [1, 2, 3, 4, 5])
    p = a + 2
    assert ffi.typeof(p) is ffi.typeof("int *")
    assert p[0] == 3
    assert p[-2] == 1
    assert p - a == 2


def test_addresses_wrap_around() -> None:
    p = ffi.cast("int *", 4)
    assert address(p - 2) == 2 ** (8 * ffi.sizeof("void *")) - 4
    assert address(p - 2 + 2) == 4
    p + (2**62)
    p - (-(2**63))


def test_what_is_added_is_an_integer() -> None:
    p = ffi.new("int[3]")
    for wrong in (1.0, "1", None):
        with pytest.raises(TypeError):
            p + wrong
    with pytest.raises(TypeError):
        p + p
    with pytest.raises(OverflowError):
        p + 2**70
    with pytest.raises(TypeError):
        1 - p


def test_items_of_unknown_size_do_not_move() -> None:
    p = ffi.cast("struct opaque *", 0x1000)
    message = r"^ctype 'struct opaque \*' points to items of unknown size$"
    with pytest.raises(TypeError, match=message):
        p + 1


def test_numbers_and_functions_are_not_added_to() -> None:
    with pytest.raises(TypeError, match="cannot add a cdata 'int' and a number"):
        ffi.cast("int", 5) + 1
    with pytest.raises(TypeError, match=r"cannot add a cdata 'int\(\*\)\(\)' and a number"):
        ffi.cast("int(*)(void)", 5) + 1


def test_only_pointers_of_one_type_are_subtracted() -> None:
    p, q = ffi.new("int *"), ffi.new("long *")
    with pytest.raises(TypeError, match=r"^cannot subtract cdata 'int \*' and cdata 'long \*'$"):
        p - q
    with pytest.raises(TypeError):
        p - ffi.cast("int", 3)


def test_pointers_between_items_are_not_subtracted() -> None:
    p = ffi.cast("int *", 0x1000)
    message = "pointer subtraction: the distance between the two pointers is not a multiple of the"
    with pytest.raises(ValueError, match=message):
        ffi.cast("int *", 0x1002) - p
    with pytest.raises(ValueError, match=message):
        p - ffi.cast("int *", 0x1002)


# ---- comparison ----


@pytest.mark.parametrize("compare", COMPARISONS)
def test_addresses_compare_as_unsigned_numbers(compare: Callable[[Any, Any], bool]) -> None:
    top = 2 ** (8 * ffi.sizeof("void *")) - 8
    for left in (0, 8, 0x1000, top):
        for right in (0, 8, 0x1000, top):
            expected = compare(left, right)
            assert compare(ffi.cast("int *", left), ffi.cast("char *", right)) is expected


def test_arrays_and_records_compare_by_address() -> None:
    a = ffi.new("int[3]")
    p = ffi.new("struct three *")
    assert a == a + 0
    assert a < a + 1
    assert p[0] == p
    assert a != ffi.new("int[3]")


def test_addresses_are_no_numbers() -> None:
    p = ffi.cast("int *", 5)
    assert (p == 5) is False
    assert (p != 5) is True
    assert p != ffi.cast("int", 5)
    with pytest.raises(TypeError, match="not supported between instances"):
        assert p < 5


@pytest.mark.parametrize("compare", COMPARISONS)
def test_numbers_compare_as_their_values(compare: Callable[[Any, Any], bool]) -> None:
    for left in (-1, 0, 5):
        for right in (-1, 0, 5, 5.5):
            expected = compare(left, right)
            assert compare(ffi.cast("int", left), right) is expected
            assert compare(left, ffi.cast("double", right)) is expected
            assert compare(ffi.cast("long", left), ffi.cast("double", right)) is expected


def test_characters_compare_as_text() -> None:
    assert ffi.cast("char", b"a") == b"a"
    assert ffi.cast("wchar_t", "a") == "a"
    assert ffi.cast("char", b"a") != "a"


def test_equal_values_hash_alike() -> None:
    assert hash(ffi.cast("int", 5)) == hash(5)
    assert hash(ffi.cast("double", 5.5)) == hash(5.5)
    assert hash(ffi.cast("char", b"x")) == hash(b"x")
    p = ffi.new("int *")
    assert hash(p) == hash(ffi.cast("char *", p))
    assert {p: 1}[ffi.cast("void *", p)] == 1
    assert isinstance(hash(ffi.cast("long double", 5)), int)


# ---- truth and numbers ----


def test_null_and_zero_are_false() -> None:
    assert not ffi.NULL
    assert ffi.new("int *")
    assert ffi.new("int[1]")
    assert not ffi.cast("int", 0)
    assert ffi.cast("long long", 2**40)
    assert not ffi.cast("double", -0.0)
    assert ffi.cast("float", 0.1)
    assert not ffi.cast("char", b"\0")
    assert ffi.cast("wchar_t", "\u0100")
    assert not ffi.cast("double _Complex", 0)
    assert ffi.cast("double _Complex", 1j)
    assert ffi.cast("long double", 0.5)
    assert not ffi.cast("long double", 0)
    assert ffi.cast("__int128", 1 << 100)
    assert not ffi.cast("_Bool", 0)


def test_int_takes_integers_characters_and_floats() -> None:
    assert int(ffi.cast("unsigned long long", -1)) == 2**64 - 1
    assert int(ffi.cast("signed char", -1)) == -1
    assert int(ffi.cast("double", -2.9)) == -2
    assert int(ffi.cast("enum e", 1)) == 1
    assert int(ffi.cast("char", b"a")) == 97
    number = int(ffi.cast("_Bool", 1))
    assert number == 1 and type(number) is int
    for wrong in (ffi.NULL, ffi.new("int[3]"), ffi.cast("double _Complex", 1)):
        with pytest.raises(TypeError, match=r"int\(\) not supported on cdata '"):
            int(wrong)
    with pytest.raises(OverflowError):
        int(ffi.cast("double", float("inf")))


def test_float_takes_floats_alone() -> None:
    assert float(ffi.cast("float", 0.5)) == 0.5
    assert float(ffi.cast("long double", 0.1)) == 0.1
    for wrong in (ffi.cast("int", 1), ffi.NULL, ffi.cast("double _Complex", 1)):
        with pytest.raises(TypeError, match=r"float\(\) not supported on cdata '"):
            float(wrong)


def test_complex_takes_complex_alone() -> None:
    assert complex(ffi.cast("float _Complex", 1 + 2j)) == 1 + 2j
    for wrong in (ffi.cast("int", 1), ffi.cast("double", 1), ffi.NULL):
        with pytest.raises(TypeError, match=r"complex\(\) not supported on cdata '"):
            complex(wrong)


def test_numbers_do_not_index() -> None:
    with pytest.raises(TypeError):
        operator.index(ffi.cast("int", 3))
    with pytest.raises(TypeError):
        [1, 2, 3][ffi.cast("int", 1)]


# ---- references ----

array = ffi.new("int[10]")
pointer = ffi.cast("int *", array)


def refused(work: Callable[[], object]) -> None:
    with pytest.raises(TypeError):
        work()


GROWTH: dict[str, Callable[[], object]] = {
    "array + int": lambda: array + 5,
    "pointer + int": lambda: pointer + 1000,
    "pointer - array": lambda: (pointer + 5) - array,
    "refused": lambda: refused(lambda: array + "x"),
    "comparison": lambda: (pointer == array, ffi.cast("int", 1000) < 1001),
    "hash": lambda: (hash(pointer), hash(ffi.cast("double", 1.5))),
    "numbers": lambda: (int(ffi.cast("long", 5000)), float(ffi.cast("double", 1.5))),
}


@pytest.mark.parametrize("name", GROWTH)
def test_nothing_is_left_behind(name: str) -> None:
    assert growth(GROWTH[name], 500) < 8
