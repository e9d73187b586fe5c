"""FFI: single values and arrays between Python and C memory."""

from __future__ import annotations

import gc
import math
import operator
import pickle
import random
import struct
import sys
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from growth import growth
from symbridge import FFI

ffi = FFI()

INTEGERS = {
    "signed char": (-(2**7), 2**7 - 1),
    "unsigned char": (0, 2**8 - 1),
    "short": (-(2**15), 2**15 - 1),
    "unsigned short": (0, 2**16 - 1),
    "int": (-(2**31), 2**31 - 1),
    "unsigned int": (0, 2**32 - 1),
    "int8_t": (-(2**7), 2**7 - 1),
    "uint8_t": (0, 2**8 - 1),
    "int16_t": (-(2**15), 2**15 - 1),
    "uint16_t": (0, 2**16 - 1),
    "int32_t": (-(2**31), 2**31 - 1),
    "uint32_t": (0, 2**32 - 1),
    "int64_t": (-(2**63), 2**63 - 1),
    "uint64_t": (0, 2**64 - 1),
    "long long": (-(2**63), 2**63 - 1),
    "unsigned long long": (0, 2**64 - 1),
}
CHARACTERS = {"wchar_t": "\u20ac", "char16_t": "\u20ac", "char32_t": "\U0001f600"}


class Number:
    """Something that says its value when asked."""

    def __init__(self, value: Any, when_asked: Callable[[], object] = lambda: None) -> None:
        self.value = value
        self.when_asked = when_asked

    def __int__(self) -> Any:
        self.when_asked()
        return self.value

    __index__ = __int__

    def __float__(self) -> float:
        self.when_asked()
        return float(self.value)


# ---- integers ----


@pytest.mark.parametrize("name", INTEGERS)
def test_an_integer_holds_all_of_its_range(name: str) -> None:
    least, most = INTEGERS[name]
    p = ffi.new(f"{name} *")
    for value in (0, 1, least, most, least + 1, most - 1):
        p[0] = value
        assert p[0] == value
        assert type(p[0]) is int


@pytest.mark.parametrize("name", INTEGERS)
def test_an_integer_out_of_range_is_refused(name: str) -> None:
    least, most = INTEGERS[name]
    p = ffi.new(f"{name} *", 1)
    for value in (least - 1, most + 1, -(2**200), 2**200):
        with pytest.raises(OverflowError):
            p[0] = value
        assert p[0] == 1


def test_what_does_not_fit_is_named() -> None:
    with pytest.raises(OverflowError, match=r"^integer 128 does not fit 'int8_t'$"):
        ffi.new("int8_t *", 128)
    with pytest.raises(OverflowError, match="^can't convert negative number to unsigned$"):
        ffi.new("unsigned int *", -1)


def test_integers_take_what_has_int_but_no_float() -> None:
    p = ffi.new("int *", Number(7))
    assert p[0] == 7
    for wrong in (1.0, "1", None, ffi.cast("double", 1), ffi.new("int *")):
        with pytest.raises(TypeError):
            p[0] = wrong
    p[0] = ffi.cast("long", -3)
    assert p[0] == -3


def test_int_that_gives_no_int_is_refused() -> None:
    with pytest.raises(TypeError):
        ffi.new("int *", Number("7"))


def test_a_bool_is_a_bool() -> None:
    p = ffi.new("_Bool *", 1)
    assert p[0] is True
    p[0] = False
    assert p[0] is False
    with pytest.raises(OverflowError, match="integer 2 does not fit '_Bool'"):
        p[0] = 2


def test_a_byte_that_is_no_bool_is_refused() -> None:
    p = ffi.new("_Bool *")
    ffi.cast("unsigned char *", p)[0] = 5
    with pytest.raises(ValueError, match="got a _Bool of value 5, expected 0 or 1"):
        p[0]


def test_unaligned_memory_is_read_and_written() -> None:
    memory = ffi.new("char[32]")
    for name, value in (("int", -5), ("double", 2.5), ("long long", 2**60), ("wchar_t", "x")):
        p = ffi.cast(f"{name} *", memory + 1)
        p[0] = value
        assert p[0] == value


# ---- 128 bits ----


@pytest.mark.parametrize("value", [0, 1, -1, 2**64, -(2**64), 2**127 - 1, -(2**127), 3 << 70])
def test_int128_holds_what_fits_in_128_bits(value: int) -> None:
    p = ffi.new("__int128 *", value)
    assert p[0] == value
    assert ffi.cast("__int128", value) == value


def test_int128_is_range_checked() -> None:
    p, u = ffi.new("__int128 *"), ffi.new("unsigned __int128 *", 2**128 - 1)
    assert u[0] == 2**128 - 1
    for value in (2**127, -(2**127) - 1, 2**300):
        with pytest.raises(OverflowError):
            p[0] = value
    for value in (-1, 2**128, -(2**300)):
        with pytest.raises(OverflowError):
            u[0] = value


def test_casts_to_int128_wrap() -> None:
    assert int(ffi.cast("unsigned __int128", -1)) == 2**128 - 1
    assert int(ffi.cast("__int128", 2**128 + 5)) == 5
    assert int(ffi.cast("__int128", 2**127)) == -(2**127)


# ---- floats, complex ----


def test_floats_hold_what_their_precision_allows() -> None:
    assert ffi.new("double *", 0.1)[0] == 0.1
    assert ffi.new("float *", 0.1)[0] == struct.unpack("f", struct.pack("f", 0.1))[0]
    assert ffi.new("double *", 3)[0] == 3.0
    assert math.isnan(ffi.new("float *", math.nan)[0])


def test_a_float_takes_no_text() -> None:
    with pytest.raises(TypeError, match="must be real number, not str"):
        ffi.new("double *", "1")


def test_long_double_keeps_its_precision() -> None:
    a = ffi.new("long double[2]", [1])
    a[1] = ffi.cast("long double", a[0])
    assert repr(a[1]) == "<cdata 'long double' 1.000000E+00>"
    # 2^-60 is lost beside 1 in a double, not in an 80-bit float
    if ffi.sizeof("long double") > 8:
        memory = ffi.cast("unsigned char *", a)
        memory[0] = 1
        a[1] = a[0]
        assert ffi.buffer(a)[:10] == ffi.buffer(a)[16:26]
    assert float(a[1]) == 1.0
    assert int(a[1]) == 1


def test_long_doubles_do_not_compare() -> None:
    with pytest.raises(NotImplementedError, match="cannot use <cdata 'long double'> in a compar"):
        assert ffi.cast("long double", 1) == 1


@pytest.mark.parametrize("name", ["float _Complex", "double _Complex"])
def test_complex_numbers_cross_as_complex(name: str) -> None:
    p = ffi.new(f"{name} *", 1.5 - 2j)
    assert p[0] == 1.5 - 2j
    p[0] = 3
    assert p[0] == 3 + 0j
    assert complex(ffi.cast(name, 1j)) == 1j
    with pytest.raises(TypeError):
        p[0] = "x"


def test_long_double_complex_is_a_cdata() -> None:
    p = ffi.new("long double _Complex *", 1 - 2j)
    assert complex(p[0]) == 1 - 2j
    assert repr(p[0]) == "<cdata 'long double _Complex' (1.000000E+00-2.000000E+00j)>"
    other = ffi.new("long double _Complex *", p[0])
    assert complex(other[0]) == 1 - 2j


# ---- characters ----


def test_a_char_is_bytes_of_length_1() -> None:
    p = ffi.new("char *", b"x")
    assert p[0] == b"x"
    p[0] = ffi.cast("char", 0xFF)
    assert p[0] == b"\xff"
    for wrong in ("x", b"", b"xy", 120):
        with pytest.raises(TypeError, match="initializer for ctype 'char' must be a bytes of len"):
            p[0] = wrong


@pytest.mark.parametrize("name", CHARACTERS)
def test_a_wide_character_is_a_str_of_length_1(name: str) -> None:
    p = ffi.new(f"{name} *", CHARACTERS[name])
    assert p[0] == CHARACTERS[name]
    for wrong in (b"x", "", "xy", 120):
        with pytest.raises(TypeError, match="must be a unicode string of length 1, not "):
            p[0] = wrong


def test_char16_refuses_what_needs_two() -> None:
    with pytest.raises(TypeError, match="not larger-than-0xFFFF character"):
        ffi.new("char16_t *", "\U0001f600")


def test_what_is_no_character_is_refused() -> None:
    number = ffi.new("uint32_t *", 0x110000)
    with pytest.raises(ValueError, match="char32_t out of range for conversion to unicode: 0x110"):
        ffi.cast("char32_t *", number)[0]


def test_arrays_of_char16_take_surrogate_pairs() -> None:
    a = ffi.new("char16_t[]", "a\U0001f600")
    assert len(a) == 4
    assert list(a) == ["a", "\ud83d", "\ude00", "\0"]


def test_int_of_a_character_is_its_code() -> None:
    assert int(ffi.cast("char", b"\xff")) == 255
    assert int(ffi.cast("char16_t", "\u20ac")) == 0x20AC
    assert int(ffi.cast("char32_t", "\U0001f600")) == 0x1F600
    assert int(ffi.cast("wchar_t", -1)) in (-1, 2**32 - 1)


# ---- arrays ----


def test_arrays_are_made_from_lists_and_tuples() -> None:
    assert list(ffi.new("int[]", [1, 2, 3])) == [1, 2, 3]
    assert list(ffi.new("int[4]", (1, 2))) == [1, 2, 0, 0]
    assert list(ffi.new("double[2]", [1, 2.5])) == [1.0, 2.5]


def test_arrays_of_arrays_are_made_from_nested_lists() -> None:
    a = ffi.new("int[2][3]", [[1, 2, 3], (4,)])
    assert [list(row) for row in a] == [[1, 2, 3], [4, 0, 0]]
    b = ffi.new("int[][3]", [[1], [2]])
    assert len(b) == 2
    assert ffi.sizeof(b) == 24
    b[1] = [7, 8, 9]
    assert list(b[1]) == [7, 8, 9]


def test_too_many_items_are_refused() -> None:
    with pytest.raises(IndexError, match=r"^too many initializers for 'int\[2\]' \(got 3\)$"):
        ffi.new("int[2]", [1, 2, 3])
    with pytest.raises(IndexError, match=r"initializer bytes is too long for 'char\[2\]'"):
        ffi.new("char[2]", b"abc")
    with pytest.raises(IndexError, match=r"initializer unicode is too long for 'char32_t\[2\]'"):
        ffi.new("char32_t[2]", "abc")


def test_text_is_terminated_when_there_is_room() -> None:
    assert list(ffi.new("char[]", b"ab")) == [b"a", b"b", b"\0"]
    assert list(ffi.new("char[2]", b"ab")) == [b"a", b"b"]
    assert list(ffi.new("wchar_t[]", "ab")) == ["a", "b", "\0"]
    assert list(ffi.new("wchar_t[2]", "ab")) == ["a", "b"]
    assert list(ffi.new("uint8_t[]", b"ab")) == [97, 98, 0]


def test_arrays_refuse_what_they_cannot_be_made_from() -> None:
    with pytest.raises(TypeError, match=r"'int\[2\]' must be a list or tuple, not generator"):
        ffi.new("int[2]", (i for i in range(2)))
    with pytest.raises(TypeError, match=r"'char\[\]' must be a bytes or list or tuple, not str"):
        ffi.new("char[]", "text")
    with pytest.raises(TypeError, match=r"must be a unicode or list or tuple, not bytes"):
        ffi.new("wchar_t[]", b"text")
    with pytest.raises(TypeError, match="expected new array length or list/tuple/str, not float"):
        ffi.new("int[]", 3.5)


def test_arrays_of_bool_take_bytes_of_zeroes_and_ones() -> None:
    assert list(ffi.new("_Bool[3]", b"\0\1\1")) == [False, True, True]
    with pytest.raises(ValueError, match="an array of _Bool can only contain"):
        ffi.new("_Bool[3]", b"\0\1\2")


def test_an_array_is_made_from_one_of_the_same_type() -> None:
    a = ffi.new("int[3]", [1, 2, 3])
    b = ffi.new("int[3]", a)
    a[0] = 9
    assert list(b) == [1, 2, 3]
    with pytest.raises(TypeError):
        ffi.new("int[4]", a)


@pytest.mark.parametrize("length", [2**61, 2**62, 2**63 - 1])
def test_arrays_of_more_bytes_than_there_are_addresses_are_refused(length: int) -> None:
    with pytest.raises(OverflowError, match="array size would overflow a Py_ssize_t"):
        ffi.new("int[]", length)


def test_arrays_that_no_memory_holds_are_refused() -> None:
    for size in (2**63 - 1, 2**63 - 64, 2**62):
        with pytest.raises(MemoryError):
            ffi.new("char[]", size)
    with pytest.raises(OverflowError):
        ffi.new("char[]", 2**63)
    with pytest.raises(ValueError, match="negative array length"):
        ffi.new("char[]", -1)


# ---- items ----


def test_an_index_beyond_a_known_length_is_refused() -> None:
    a = ffi.new("int[5]")
    message = r"^index too large for cdata 'int\[5\]' \(expected 5 < 5\)$"
    with pytest.raises(IndexError, match=message):
        a[5]
    with pytest.raises(IndexError, match="^negative index$"):
        a[-1]
    with pytest.raises(IndexError):
        a[2**70]
    with pytest.raises(IndexError):
        a[5] = 1
    for wrong in (1.0, "1", None):
        with pytest.raises(TypeError):
            a[wrong]


def test_an_index_may_be_anything_with_index() -> None:
    a = ffi.new("int[3]", [10, 20, 30])
    assert a[Number(2)] == 30
    assert a[True] == 20


def test_a_pointer_that_owns_has_one_item() -> None:
    p = ffi.new("int *", 5)
    assert p[0] == 5
    for index in (1, -1):
        with pytest.raises(IndexError, match=r"^cdata 'int \*' can only be indexed by 0$"):
            p[index]
        with pytest.raises(IndexError):
            p[index] = 1


def test_any_other_pointer_goes_anywhere() -> None:
    a = ffi.new("int[3]", [1, 2, 3])
    p = ffi.cast("int *", a) + 1
    assert (p[-1], p[0], p[1]) == (1, 2, 3)


def test_null_is_not_followed() -> None:
    message = "^cannot dereference null pointer from cdata 'int \\*'$"
    p = ffi.cast("int *", 0)
    with pytest.raises(RuntimeError, match=message):
        p[0]
    with pytest.raises(RuntimeError, match=message):
        p[5] = 1
    with pytest.raises(RuntimeError):
        ffi.NULL[0]


def test_items_of_unknown_size_are_refused() -> None:
    p = ffi.cast("void *", ffi.new("int *"))
    with pytest.raises(TypeError, match="cdata 'void' is opaque"):
        p[0]


def test_items_cannot_be_deleted() -> None:
    a = ffi.new("int[3]")
    with pytest.raises(TypeError, match=r"'del x\[n\]' not supported for cdata objects"):
        del a[0]
    with pytest.raises(TypeError):
        del a[0:1]


def test_numbers_have_no_items() -> None:
    n = ffi.cast("int", 5)
    with pytest.raises(TypeError, match="cdata of type 'int' cannot be indexed"):
        n[0]
    with pytest.raises(TypeError, match="cdata of type 'int' has no len"):
        len(n)
    with pytest.raises(TypeError, match="cdata 'int' does not support iteration"):
        iter(n)


def test_iteration_visits_each_item() -> None:
    a = ffi.new("short[]", [3, 1, 2])
    assert list(a) == [3, 1, 2]
    assert sum(a) == 6
    it = iter(a)
    assert operator.length_hint(it) == 3
    next(it)
    assert list(it) == [1, 2]
    assert next(it, None) is None


def test_an_iterator_keeps_its_array() -> None:
    it = iter(ffi.new("int[]", [1, 2, 3]))
    gc.collect()
    assert list(it) == [1, 2, 3]


# ---- slices ----


def test_a_slice_shares_the_memory() -> None:
    a = ffi.new("int[5]", [1, 2, 3, 4, 5])
    s = a[1:4]
    assert repr(s) == "<cdata 'int[]' sliced length 3>"
    assert list(s) == [2, 3, 4]
    s[0] = 20
    assert a[1] == 20
    assert list(s[1:3]) == [3, 4]
    with pytest.raises(IndexError):
        s[3]


def test_a_slice_of_what_new_made_keeps_it() -> None:
    s = ffi.new("int[]", [1, 2, 3])[1:3]
    gc.collect()
    ffi.new("int[]", [7, 8, 9])
    assert list(s) == [2, 3]


@pytest.mark.parametrize(
    ("bounds", "message"),
    [
        (slice(None, 2), "slice start must be specified"),
        (slice(1, None), "slice stop must be specified"),
        (slice(0, 2, 1), "slice with step not supported"),
        (slice(2, 1), "slice start > stop"),
        (slice(-1, 2), "negative index"),
        (slice(0, 6), r"index too large \(expected 6 <= 5\)"),
    ],
)
def test_slices_are_within_bounds(bounds: slice, message: str) -> None:
    a = ffi.new("int[5]")
    with pytest.raises(IndexError, match=message):
        a[bounds]
    with pytest.raises(IndexError, match=message):
        a[bounds] = [0] * 2


def test_a_slice_takes_as_many_items_as_it_has() -> None:
    a = ffi.new("int[5]")
    a[1:4] = (i * i for i in range(3))
    assert list(a) == [0, 0, 1, 4, 0]
    with pytest.raises(ValueError, match="need 3 values to unpack, got 2"):
        a[1:4] = [1, 2]
    with pytest.raises(ValueError, match="got more than 3 values to unpack"):
        a[1:4] = [1, 2, 3, 4]
    with pytest.raises(TypeError):
        a[1:4] = 5


def test_an_exception_of_the_iterable_passes() -> None:
    def failing() -> Any:
        yield 1
        raise LookupError("enough")

    a = ffi.new("int[3]")
    with pytest.raises(LookupError, match="enough"):
        a[0:3] = failing()
    assert a[0] == 1


def test_a_slice_of_char_takes_bytes() -> None:
    a = ffi.new("char[5]")
    a[1:4] = b"abc"
    a[3:5] = bytearray(b"xy")
    assert ffi.buffer(a)[:] == b"\0abxy"
    with pytest.raises(ValueError, match="need a string of length 2, got 3"):
        a[0:2] = b"abc"


def test_slices_may_overlap() -> None:
    a = ffi.new("int[5]", [1, 2, 3, 4, 5])
    a[1:5] = a[0:4]
    assert list(a) == [1, 1, 2, 3, 4]


def test_a_slice_of_null_cannot_be_used() -> None:
    s = ffi.cast("int *", 0)[0:3]
    with pytest.raises(RuntimeError):
        s[0]
    with pytest.raises(RuntimeError):
        list(s)
    with pytest.raises(RuntimeError):
        s[0:3] = [1, 2, 3]
    with pytest.raises(RuntimeError):
        ffi.new("int[3]")[0:3] = s


# ---- casts ----


def test_casts_to_integers_wrap() -> None:
    assert int(ffi.cast("int8_t", 255)) == -1
    assert int(ffi.cast("unsigned char", -1)) == 255
    assert int(ffi.cast("unsigned int", 2**40 + 7)) == 7
    assert int(ffi.cast("int", 3.9)) == 3
    assert int(ffi.cast("int", -3.9)) == -3
    assert int(ffi.cast("int", "a")) == 97
    assert int(ffi.cast("int", b"\xff")) == 255
    assert int(ffi.cast("int64_t", Number(2**64 + 1))) == 1


def test_casts_to_bool_ask_for_truth() -> None:
    assert [bool(ffi.cast("_Bool", x)) for x in (0, 2, 0.1, 0.0, 256, b"\0")] == [
        False, True, True, False, True, False,
    ]  # fmt: skip
    assert ffi.cast("_Bool", ffi.new("int *")) == 1
    with pytest.raises(TypeError, match="integer/float expected"):
        ffi.cast("_Bool", [])


def test_casts_to_floats_take_numbers_and_characters() -> None:
    assert float(ffi.cast("double", 3)) == 3.0
    assert float(ffi.cast("float", b"a")) == 97.0
    assert float(ffi.cast("double", "\u20ac")) == 0x20AC
    assert float(ffi.cast("double", ffi.cast("int", -2))) == -2.0
    with pytest.raises(TypeError, match=r"cannot cast ctype 'int \*' to ctype 'double'"):
        ffi.cast("double", ffi.new("int *"))
    with pytest.raises(TypeError, match="cannot cast str object to ctype 'double'"):
        ffi.cast("double", "ab")
    with pytest.raises(TypeError):
        ffi.cast("float", [])


def test_addresses_cast_to_integers_and_back() -> None:
    p = ffi.new("int *", 42)
    address = int(ffi.cast("uintptr_t", p))
    assert ffi.cast("int *", address)[0] == 42
    assert int(ffi.cast("char", p)) == address & 0xFF
    a = ffi.cast("int[1]", p)
    assert len(a) == 1
    assert a[0] == 42
    for wrong in ("int[]", "void"):
        with pytest.raises(TypeError, match="cannot cast to ctype"):
            ffi.cast(wrong, p)


def test_casts_of_several_characters_are_refused() -> None:
    with pytest.raises(TypeError, match="cannot cast unicode string of length 2 to ctype 'int'"):
        ffi.cast("int", "ab")
    with pytest.raises(TypeError):
        ffi.cast("int", b"ab")
    with pytest.raises(TypeError, match="an integer is required"):
        ffi.cast("int *", "a")


def test_random_casts_between_integers_agree_with_arithmetic() -> None:
    seed = random.randrange(2**32)
    print("seed", seed)
    rng = random.Random(seed)
    for _ in range(2000):
        name = rng.choice(list(INTEGERS))
        least, most = INTEGERS[name]
        value = rng.randrange(-(2 ** rng.randrange(1, 90)), 2 ** rng.randrange(1, 90))
        expected = (value - least) % (most - least + 1) + least
        assert int(ffi.cast(name, value)) == expected, (name, value)


# ---- pointers between types ----


def test_a_pointer_takes_only_its_own_type() -> None:
    q = ffi.new("int **", ffi.new("int *"))
    message = r"'int \*' must be a pointer to same type, not cdata 'long \*'$"
    with pytest.raises(TypeError, match=message):
        q[0] = ffi.new("long *")
    with pytest.raises(TypeError, match=r"must be a cdata pointer, not int"):
        q[0] = 5
    with pytest.raises(TypeError, match=r"must be a pointer or array, not cdata 'int'"):
        q[0] = ffi.cast("int", 5)
    with pytest.raises(TypeError):
        q[0] = None


def test_null_void_and_arrays_convert_to_pointers() -> None:
    a = ffi.new("int[3]", [4, 5, 6])
    q = ffi.new("int **", a)
    assert q[0][2] == 6
    q[0] = ffi.cast("void *", a + 1)
    assert q[0][0] == 5
    q[0] = ffi.NULL
    assert q[0] == ffi.NULL
    v = ffi.new("void **", a)
    assert v[0] == a


def test_char_pointers_convert_only_among_bytes() -> None:
    ffi.new("char **", ffi.new("unsigned char *"))
    with pytest.raises(TypeError, match="implicit cast to 'char \\*' from a different pointer ty"):
        ffi.new("char **", ffi.new("int *"))
    with pytest.raises(TypeError, match="implicit cast from 'char \\*' to a different pointer ty"):
        ffi.new("int **", ffi.new("char *"))


# ---- objects ----


def test_reprs_say_what_is_owned() -> None:
    assert repr(ffi.new("int *")) == "<cdata 'int *' owning 4 bytes>"
    assert repr(ffi.new("int[3]")) == "<cdata 'int[3]' owning 12 bytes>"
    assert repr(ffi.new("int[]", 3)) == "<cdata 'int[]' owning 12 bytes>"
    assert repr(ffi.new("char *", b"x")) == "<cdata 'char *' owning 1 bytes>"
    assert repr(ffi.cast("int", 5)) == "<cdata 'int' 5>"
    assert repr(ffi.cast("char", b"x")) == "<cdata 'char' b'x'>"
    assert repr(ffi.cast("_Bool", 1)) == "<cdata '_Bool' True>"
    assert repr(ffi.NULL) == "<cdata 'void *' NULL>"
    assert repr(ffi.cast("int *", 0x1234)) == "<cdata 'int *' 0x1234>"


def test_cdata_are_of_one_family() -> None:
    for value in (ffi.new("int *"), ffi.cast("int", 1), ffi.new("int[3]")[0:1], ffi.NULL):
        assert isinstance(value, ffi.CData)


def test_cdata_are_made_by_ffi_alone() -> None:
    with pytest.raises(TypeError):
        ffi.CData()
    with pytest.raises(TypeError):
        type("Derived", (ffi.CData,), {})
    with pytest.raises(TypeError):
        ffi.CData.attribute = 1


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_cdata_are_not_pickled(protocol: int) -> None:
    with pytest.raises(TypeError, match="cannot pickle"):
        pickle.dumps(ffi.new("int *"), protocol)


def test_weak_references_end_with_the_object() -> None:
    gone: list[object] = []
    for make in (
        lambda: ffi.new("int *"),
        lambda: ffi.cast("int", 3),
        lambda: ffi.new("int[3]")[0:2],
    ):
        value = make()
        reference = weakref.ref(value, gone.append)
        assert reference() is value
        del value
        assert reference() is None
    assert len(gone) == 3


def test_unknown_attributes_are_named() -> None:
    a = ffi.new("int[5]")
    with pytest.raises(AttributeError, match=r"^cdata 'int\[5\]' has no attribute 'z'$"):
        a.z  # noqa: B018
    with pytest.raises(AttributeError, match=r"^cdata 'int\[5\]' has no attribute 'z'$"):
        a.z = 1
    assert dir(a) == []


def test_a_file_is_a_stream_to_c(tmp_path: Path) -> None:
    other = FFI()
    other.cdef("int fputs(const char *, FILE *); int fputc(int, FILE *);")
    c = other.dlopen(None)
    with (tmp_path / "text").open("wb") as file:
        file.write(b"[")
        c.fputs(b"from C", file)
        file.write(b"]")
        c.fputc(ord("."), other.cast("FILE *", file))
    assert (tmp_path / "text").read_bytes() == b"[from C]."
    with pytest.raises(ValueError, match="closed"):
        c.fputc(65, file)
    with pytest.raises(TypeError, match="must be a cdata pointer, not "):
        c.fputc(65, tmp_path)


def test_over_aligned_types_get_aligned_memory() -> None:
    other = FFI()
    other.cdef("struct wide { int x; } __attribute__((aligned(64)));")
    for _ in range(20):
        p = other.new("struct wide *")
        assert int(other.cast("uintptr_t", p)) % 64 == 0
        a = other.new("struct wide[3]")
        assert int(other.cast("uintptr_t", a)) % 64 == 0


# ---- what is gone ----


def test_a_released_buffer_is_not_used() -> None:
    memory = bytearray(b"abc")
    a = ffi.from_buffer("char[]", memory)
    it = iter(a)
    assert next(it) == b"a"
    ffi.release(a)
    for use in (
        lambda: a[0],
        lambda: operator.setitem(a, 0, b"x"),
        lambda: next(it),
        lambda: operator.setitem(a, slice(0, 3), b"xyz"),
    ):
        with pytest.raises((RuntimeError, IndexError, ValueError)):
            use()
    memory.extend(b"d")  # nobody holds it


def test_memory_of_new_stays_after_release() -> None:
    with ffi.new("int[3]", [1, 2, 3]) as array:
        pass
    assert list(array) == [1, 2, 3]


# ---- what other code does meanwhile ----


def test_a_list_that_shrinks_while_it_is_read_gives_what_is_left() -> None:
    values: list[Any] = [1, 2, 3, 4]
    values[1] = Number(7, values.clear)
    a = ffi.new("int[]", values)
    assert list(a) == [1, 7, 0, 0]


def test_a_list_that_grows_while_it_is_read_gives_what_it_had() -> None:
    values: list[Any] = [1, 2]
    values[0] = Number(7, lambda: values.extend([9] * 1000))
    a = ffi.new("int[]", values)
    assert list(a) == [7, 2]


def test_an_item_that_goes_while_it_is_converted() -> None:
    values: list[Any] = []
    values.append(Number(3, values.clear))
    a = ffi.new("double[4]")
    a[0:1] = values
    values.append(Number(3, values.clear))
    assert list(ffi.new("double[1]", values)) == [3.0]


def test_an_exception_in_a_conversion_leaves_what_was_done() -> None:
    def fail() -> None:
        raise LookupError("no")

    a = ffi.new("int[3]", [1, 2, 3])
    with pytest.raises(LookupError):
        a[0:3] = [7, Number(8, fail), 9]
    assert list(a) == [7, 2, 3]
    with pytest.raises(LookupError):
        ffi.new("int[]", [Number(8, fail)])


def test_a_list_that_holds_itself_ends_with_the_type() -> None:
    values: list[Any] = []
    values.append(values)
    with pytest.raises(TypeError):
        ffi.new("int[2][2][2]", values)


# ---- references ----

a = ffi.new("int[10]")
p = ffi.new("double *")
text = ffi.new("char[10]")
GROWTH: dict[str, Callable[[], object]] = {
    "new": lambda: ffi.new("int *", 5),
    "new array": lambda: ffi.new("int[]", [1, 2, 3]),
    "refused": lambda: raising(lambda: ffi.new("int[2]", [1, "x"])),
    "read": lambda: a[3],
    "write": lambda: operator.setitem(a, 3, 2**30),
    "write refused": lambda: raising(lambda: operator.setitem(a, 3, 2**40)),
    "float": lambda: operator.setitem(p, 0, 1.5),
    "slice": lambda: a[2:5],
    "slice assigned": lambda: operator.setitem(a, slice(2, 5), [1, 2, 3]),
    "text assigned": lambda: operator.setitem(text, slice(2, 5), b"abc"),
    "iteration": lambda: list(a),
    "index refused": lambda: raising(lambda: a[10]),
    "cast": lambda: ffi.cast("int", 5000),
    "cast to a pointer": lambda: ffi.cast("int *", a),
    "long double": lambda: ffi.new("long double *", 2)[0],
    "int128": lambda: ffi.new("__int128 *", 2**100)[0],
    "character": lambda: ffi.new("char16_t[]", "abc")[1],
    "weak reference": lambda: weakref.ref(ffi.new("int *")),
    "repr": lambda: repr(a[1:3]),
    "attribute refused": lambda: raising(lambda: a.nothing),
    "released": lambda: ffi.release(ffi.from_buffer(b"abc")),
}


def raising(work: Callable[[], object]) -> None:
    with pytest.raises((TypeError, OverflowError, IndexError, AttributeError)):
        work()


@pytest.mark.parametrize("name", GROWTH)
def test_nothing_is_left_behind(name: str) -> None:
    assert growth(GROWTH[name], 500) < 8


@pytest.mark.parametrize("name", ["read", "slice", "cast to a pointer", "index refused"])
def test_types_are_counted(name: str) -> None:
    work = GROWTH[name]
    kind = ffi.typeof(a)
    before = sys.getrefcount(kind), sys.getrefcount(type(a)), sys.getrefcount(a)
    for _ in range(100):
        work()
    assert (sys.getrefcount(kind), sys.getrefcount(type(a)), sys.getrefcount(a)) == before
