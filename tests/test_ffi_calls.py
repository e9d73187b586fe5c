"""FFI: calling C functions."""

from __future__ import annotations

import contextlib
import random
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from growth import growth
from symbridge import FFI

DECLARATIONS = """
signed char same_schar(signed char);
unsigned char same_uchar(unsigned char);
short same_short(short);
unsigned short same_ushort(unsigned short);
int same_int(int);
unsigned same_uint(unsigned);
long long same_llong(long long);
unsigned long long same_ullong(unsigned long long);
_Bool same_bool(_Bool);
char same_char(char);
wchar_t same_wchar(wchar_t);
float same_float(float);
double same_double(double);
long double same_ldouble(long double);
double _Complex same_cdouble(double _Complex);
void *same_pointer(void *);
const char *same_text(const char *);
enum color { RED, GREEN = -5 };
enum color same_color(enum color);
long long add8(int, int, int, int, int, int, int, int);
double weigh(int8_t, float, uint16_t, double, int64_t, float, _Bool, double);
double sum20(double, int, double, int, double, int, double, int, double, int,
             double, int, double, int, double, int, double, int, double, int);
void count_call(void);
int called(void);

long sum_ints(const int *numbers, int count);
void double_ints(int *numbers, int count);
size_t length_of(const char *text);
size_t wide_length_of(const wchar_t *text);
int is_null(const void *);
int first_byte(const void *);
int count_true(const _Bool *, int);

struct pair { int a; double b; };
struct bytes3 { unsigned char b[3]; };
struct floats { float x, y, z; };
struct large { long numbers[9]; };
struct bits { unsigned low : 3; int middle : 12; unsigned high : 30; };
union number { int i; float f; double d; };
struct nested { struct pair p; union number n; };
struct opaque;
struct bytes3 same_bytes3(struct bytes3);
struct floats same_floats(struct floats);
struct nested same_nested(struct nested);
struct pair swap_pair(struct pair);
struct large reverse(struct large);
struct bits turn_bits(struct bits);
union number negate(union number);
double sum_pairs(const struct pair *, int);

int print(char *text, size_t size, const char *format, ...);
double add_doubles(int count, ...);
int add_pair(int count, ...);

int swap_errno(int);
int sleep_ms(int);

int (*choose(int which))(int);
struct operations { int (*unary)(int); double (*binary)(double, double); };
extern const struct operations operations;
int is_null_opaque(struct opaque *);
"""

ffi = FFI()
ffi.cdef(DECLARATIONS)
ffi.cdef("struct packed { char c; int i; }; struct packed same_packed(struct packed);", packed=True)


@pytest.fixture(scope="module")
def lib(native_library: Callable[[str], Path]) -> Any:
    return ffi.dlopen(str(native_library("ffi_calls")))


class Number:
    """Something that says its value when asked."""

    def __init__(self, value: int) -> None:
        self.value = value

    def __int__(self) -> int:
        return self.value

    def __float__(self) -> float:
        return float(self.value)


# ---- scalars -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "low", "high"),
    [
        ("schar", -(2**7), 2**7 - 1),
        ("uchar", 0, 2**8 - 1),
        ("short", -(2**15), 2**15 - 1),
        ("ushort", 0, 2**16 - 1),
        ("int", -(2**31), 2**31 - 1),
        ("uint", 0, 2**32 - 1),
        ("llong", -(2**63), 2**63 - 1),
        ("ullong", 0, 2**64 - 1),
    ],
)
def test_integers_cross_over_their_whole_range(lib: Any, name: str, low: int, high: int) -> None:
    same = getattr(lib, f"same_{name}")
    for value in (low, low + 1, 0, 1, high // 2, high - 1, high):
        assert same(value) == value
        assert type(same(value)) is int
        assert same(Number(value)) == value
    assert same(True) == 1
    for value in (low - 1, high + 1, 2**64, -(2**63) - 1):
        with pytest.raises(OverflowError):
            same(value)
        with pytest.raises(OverflowError):
            same(Number(value))


def test_integers_do_not_come_from_other_types(lib: Any) -> None:
    for wrong in (1.5, "1", b"1", None, [1], ffi.new("int *"), ffi.cast("float", 1)):
        with pytest.raises(TypeError):
            lib.same_int(wrong)
    with pytest.raises(TypeError, match="^an integer is required$"):
        lib.same_int("1")
    with pytest.raises(OverflowError, match="^integer 2147483648 does not fit 'int'$"):
        lib.same_int(2**31)


def test_integers_come_from_integer_cdata(lib: Any) -> None:
    assert lib.same_int(ffi.cast("short", -3)) == -3
    assert lib.same_uint(ffi.cast("char", b"A")) == 65


def test_bools_cross(lib: Any) -> None:
    assert lib.same_bool(True) is True
    assert lib.same_bool(0) is False
    with pytest.raises(OverflowError):
        lib.same_bool(2)
    with pytest.raises(TypeError):
        lib.same_bool(1.0)


def test_characters_cross(lib: Any) -> None:
    assert lib.same_char(b"\xff") == b"\xff"
    assert lib.same_wchar("\u20ac") == "\u20ac"
    with pytest.raises(TypeError, match="'char' must be a bytes of length 1"):
        lib.same_char("x")
    with pytest.raises(TypeError):
        lib.same_char(b"xy")


def test_floats_cross(lib: Any) -> None:
    assert lib.same_double(0.1) == 0.1
    assert lib.same_double(7) == 7.0
    assert lib.same_double(Number(7)) == 7.0
    assert lib.same_float(0.1) == pytest.approx(0.1, rel=1e-6)
    assert lib.same_float(0.1) != 0.1
    assert lib.same_double(ffi.cast("float", 0.5)) == 0.5
    with pytest.raises(TypeError):
        lib.same_double("1")
    with pytest.raises(TypeError):
        lib.same_double(None)


def test_long_doubles_keep_their_precision(lib: Any) -> None:
    third = ffi.cast("long double", 1)
    result = lib.same_ldouble(third)
    assert ffi.typeof(result) is ffi.typeof("long double")
    assert float(result) == 1.0
    assert float(lib.same_ldouble(0.25)) == 0.25


def test_complex_numbers_cross(lib: Any) -> None:
    assert lib.same_cdouble(1.5 - 2j) == 1.5 - 2j


def test_enums_cross_as_integers(lib: Any) -> None:
    assert lib.same_color(lib.GREEN) == -5
    assert lib.same_color(77) == 77


def test_eight_integers_arrive_in_order(lib: Any) -> None:
    assert lib.add8(1, 2, 3, 4, 5, 6, 7, 8) == 87654321


def test_mixed_arguments_arrive(lib: Any) -> None:
    assert lib.weigh(-1, 0.5, 2, 0.25, 3, 1.5, True, 10.0) == -1 + 1 + 6 + 1 + 15 + 9 + 7 + 80


def test_arguments_beyond_the_registers_arrive(lib: Any) -> None:
    assert lib.sum20(*[1.5, 2] * 10) == 35


def test_void_is_none(lib: Any) -> None:
    before = lib.called()
    assert lib.count_call() is None
    assert lib.called() == before + 1


# ---- counts and keywords -------------------------------------------------------------------------


def test_the_number_of_arguments_is_checked(lib: Any) -> None:
    with pytest.raises(TypeError, match=r"^'int\(\*\)\(int\)' expects 1 arguments, got 0$"):
        lib.same_int()
    with pytest.raises(TypeError, match=r"^'int\(\*\)\(int\)' expects 1 arguments, got 2$"):
        lib.same_int(1, 2)
    with pytest.raises(TypeError, match="expects at least 1 arguments, got 0$"):
        lib.add_doubles()


def test_keywords_are_refused(lib: Any) -> None:
    with pytest.raises(TypeError, match="cannot be called with keyword arguments"):
        lib.same_int(value=1)
    assert lib.same_int(*[1]) == 1


def test_only_functions_can_be_called(lib: Any) -> None:
    with pytest.raises(TypeError, match=r"^cdata 'int \*' is not callable$"):
        ffi.new("int *")()
    with pytest.raises(TypeError, match="is not callable"):
        ffi.cast("int", 1)(2)


def test_a_null_function_is_not_called(lib: Any) -> None:
    with pytest.raises(RuntimeError, match=r"cannot call null pointer .*'int\(\*\)\(int\)'"):
        ffi.cast("int(*)(int)", 0)(1)
    with pytest.raises(RuntimeError):
        lib.choose(0)(1)


def test_function_pointers_of_any_origin_can_be_called(lib: Any) -> None:
    assert lib.choose(1)(-4) == 4
    assert lib.choose(-1)(-4) == -4
    assert lib.operations.unary(-9) == 9
    assert lib.operations.binary(1.5, 4) == 6.0
    assert ffi.cast("int(*)(int)", lib.choose(1))(-4) == 4
    table = ffi.new("int(*[2])(int)", [lib.choose(1), lib.same_int])
    assert [f(-2) for f in table] == [2, -2]


def test_incomplete_records_do_not_travel_by_value(lib: Any) -> None:
    for spelling in ("void(*)(struct opaque)", "struct opaque(*)(void)"):
        with pytest.raises((TypeError, ffi.error)):
            ffi.cast(spelling, lib.choose(1))(0)


# ---- pointers ------------------------------------------------------------------------------------


def test_pointers_come_from_cdata(lib: Any) -> None:
    numbers = ffi.new("int[]", [1, 2, 3])
    assert lib.sum_ints(numbers, 3) == 6
    assert lib.sum_ints(numbers + 1, 2) == 5
    assert lib.sum_ints(ffi.addressof(numbers, 2), 1) == 3
    assert lib.sum_ints(numbers[0:2], 2) == 3
    lib.double_ints(numbers, 3)
    assert list(numbers) == [2, 4, 6]


def test_pointers_of_other_types_are_refused(lib: Any) -> None:
    match = r"^initializer for ctype 'int \*' must be a pointer to same type, not cdata 'long \*'$"
    with pytest.raises(TypeError, match=match):
        lib.sum_ints(ffi.new("long *"), 1)
    with pytest.raises(TypeError, match=r"must be a cdata pointer, not int$"):
        lib.sum_ints(0, 1)
    with pytest.raises(TypeError, match=r"must be a pointer or array, not cdata 'int'$"):
        lib.sum_ints(ffi.cast("int", 0), 1)
    with pytest.raises(TypeError):
        lib.is_null(None)


def test_void_pointers_go_both_ways(lib: Any) -> None:
    number = ffi.new("int *", 5)
    assert ffi.cast("int *", lib.same_pointer(number))[0] == 5
    assert lib.sum_ints(lib.same_pointer(number), 1) == 5
    assert lib.is_null(ffi.NULL) == 1
    assert lib.is_null(ffi.new("long[2]")) == 0
    assert lib.is_null(lib.choose(1)) == 0
    assert lib.same_pointer(ffi.NULL) == ffi.NULL


def test_bytes_serve_as_char_and_void_pointers(lib: Any) -> None:
    assert lib.length_of(b"hello") == 5
    assert lib.length_of(b"a\0b") == 1
    assert lib.first_byte(b"\xfe") == 0xFE
    assert lib.length_of(ffi.new("char[]", b"seven77")) == 7
    with pytest.raises(TypeError, match="must be a bytes or list or tuple, not str$"):
        lib.length_of("hello")
    with pytest.raises(TypeError, match="must be a cdata pointer, not bytes$"):
        lib.sum_ints(b"abcd", 1)


def test_bytes_of_bools_are_checked(lib: Any) -> None:
    assert lib.count_true(b"\1\0\1", 3) == 2
    with pytest.raises(ValueError, match="_Bool"):
        lib.count_true(b"\2", 1)


def test_str_serves_as_wide_characters(lib: Any) -> None:
    assert lib.wide_length_of("h\u00e9\u20ac\U0001f600") == 4
    assert lib.wide_length_of("") == 0


def test_lists_and_tuples_serve_as_arrays(lib: Any) -> None:
    assert lib.sum_ints([1, 2, 3], 3) == 6
    assert lib.sum_ints((4, 5), 2) == 9
    assert lib.sum_ints([], 0) == 0
    assert lib.sum_ints(list(range(100000)), 100000) == 4999950000
    assert lib.sum_pairs([(2, 1.5), {"a": 1, "b": 4}], 2) == 7.0
    assert lib.length_of([b"a", b"b", b"\0"]) == 2
    with pytest.raises(OverflowError):
        lib.sum_ints([1, 2**31], 2)
    with pytest.raises(TypeError):
        lib.sum_ints([1, "2"], 2)
    with pytest.raises(TypeError, match="must be a cdata pointer, not list$"):
        lib.is_null([1])


def test_what_a_list_was_converted_to_is_freed(lib: Any) -> None:
    numbers = list(range(500))
    assert growth(lambda: lib.sum_ints(numbers, 500), 300) < 1

    def fail() -> None:
        with pytest.raises(OverflowError):
            lib.sum_ints([1, 2], 2**40)

    assert growth(fail, 200) < 1


def test_pointer_results_keep_their_type(lib: Any) -> None:
    text = ffi.new("char[]", b"abc")
    result = lib.same_text(text)
    assert ffi.typeof(result) is ffi.typeof("char *")
    assert ffi.string(result) == b"abc"
    assert repr(lib.same_pointer(ffi.NULL)) == "<cdata 'void *' NULL>"


# ---- records -------------------------------------------------------------------------------------


def test_records_go_in_and_out(lib: Any) -> None:
    pair = ffi.new("struct pair *", (3, 8.5))
    swapped = lib.swap_pair(pair[0])
    assert (swapped.a, swapped.b) == (8, 3.0)
    assert repr(swapped) == "<cdata 'struct pair' owning 16 bytes>"
    assert bytes(lib.same_bytes3(([1, 2, 3],)).b) == b"\1\2\3"
    floats = lib.same_floats({"x": 0.5, "z": -1.5})
    assert (floats.x, floats.y, floats.z) == (0.5, 0, -1.5)
    assert list(lib.reverse(([1, 2, 3, 4, 5, 6, 7, 8, 9],)).numbers) == [9, 8, 7, 6, 5, 4, 3, 2, 1]
    packed = lib.same_packed((b"x", -7))
    assert (packed.c, packed.i) == (b"x", -7)


def test_records_with_bit_fields_travel_by_value(lib: Any) -> None:
    turned = lib.turn_bits({"low": 7, "middle": -2000, "high": 2**30 - 1})
    assert (turned.low, turned.middle, turned.high) == (0, 2000, 2**29 - 1)


def test_unions_travel_by_value(lib: Any) -> None:
    assert lib.negate({"d": 2.5}).d == -2.5
    nested = lib.same_nested({"p": (1, 2.0), "n": {"i": -3}})
    assert (nested.p.a, nested.p.b, nested.n.i) == (1, 2.0, -3)


def test_record_arguments_are_checked(lib: Any) -> None:
    match = "must be a list or tuple or dict or struct-cdata, not int$"
    with pytest.raises(TypeError, match=match):
        lib.swap_pair(3)
    with pytest.raises(TypeError, match="struct-cdata, not cdata 'struct pair \\*'$"):
        lib.swap_pair(ffi.new("struct pair *"))
    with pytest.raises(ValueError, match="too many initializers"):
        lib.swap_pair((1, 2, 3))


def test_a_record_result_is_its_own(lib: Any) -> None:
    first = lib.reverse((list(range(9)),))
    second = lib.reverse(first)
    first.numbers[0] = 99
    assert list(second.numbers) == list(range(9))


# ---- variadic functions --------------------------------------------------------------------------


def test_variadic_functions_take_cdata(lib: Any) -> None:
    text = ffi.new("char[200]")
    arguments = [
        ffi.cast("int", -5),
        ffi.cast("double", 2.5),
        ffi.new("char[]", b"text"),
        ffi.cast("long long", 2**40),
        ffi.cast("char", b"c"),
        ffi.cast("unsigned short", 65535),
        ffi.cast("float", 0.5),
        ffi.cast("long double", 1.25),
        ffi.NULL,
    ]
    lib.print(text, 200, b"%d %.1f %s %lld %c %d %.1f %.2Lf %p", *arguments)
    assert ffi.string(text) == b"-5 2.5 text 1099511627776 c 65535 0.5 1.25 (nil)"


def test_variadic_arguments_beyond_the_registers_arrive(lib: Any) -> None:
    for count in (0, 1, 7, 8, 9, 20, 100):
        numbers = [ffi.cast("double", i) for i in range(count)]
        assert lib.add_doubles(count, *numbers) == sum(range(count))


def test_records_may_be_variadic_arguments(lib: Any) -> None:
    assert lib.add_pair(1, ffi.new("struct pair *", (20, 300))[0]) == 321


def test_variadic_arguments_are_cdata_only(lib: Any) -> None:
    text = ffi.new("char[20]")
    for wrong, name in ((1, "int"), (None, "NoneType"), (b"x", "bytes"), (1.5, "float")):
        match = rf"^argument 4 passed .* needs to be a cdata object \(got {name}\)$"
        with pytest.raises(TypeError, match=match):
            lib.print(text, 20, b"%d", wrong)


def test_more_arguments_than_a_call_takes_are_refused(lib: Any) -> None:
    with pytest.raises(TypeError, match="at most 127 arguments"):
        lib.add_doubles(0, *[ffi.cast("double", 1)] * 127)


def test_many_combinations_of_variadic_types_work(lib: Any) -> None:
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    choose = random.Random(seed)
    kinds: list[tuple[str, Any, Callable[[], Any]]] = [
        ("%d", "int", lambda: choose.randrange(-(2**31), 2**31)),
        ("%lld", "long long", lambda: choose.randrange(-(2**63), 2**63)),
        ("%u", "unsigned char", lambda: choose.randrange(256)),
        ("%.3f", "double", lambda: choose.randrange(1000) / 8),
        ("%.3f", "float", lambda: choose.randrange(1000) / 8),
    ]
    text = ffi.new("char[2000]")
    for _ in range(500):
        picked = [choose.choice(kinds) for _ in range(choose.randrange(16))]
        values = [make() for _, _, make in picked]
        form = " ".join(form for form, _, _ in picked)
        cdata = [ffi.cast(kind, value) for (_, kind, _), value in zip(picked, values, strict=True)]
        lib.print(text, 2000, form.encode(), *cdata)
        expected = " ".join(
            form.replace("l", "") % value
            for (form, _, _), value in zip(picked, values, strict=True)
        )
        assert ffi.string(text).decode() == expected


def test_variadic_calls_leave_nothing_behind(lib: Any) -> None:
    text = ffi.new("char[20]")
    one = ffi.cast("int", 1)
    combinations = [[one] * n for n in range(20)]

    def call() -> None:
        for arguments in combinations:
            lib.print(text, 20, b"", *arguments)

    assert growth(call, 100) < 1


# ---- errno, threads, lives -----------------------------------------------------------------------


def test_errno_is_kept_from_call_to_call(lib: Any) -> None:
    lib.swap_errno(17)
    assert ffi.errno == 17
    open("/dev/null").close()  # may change C's errno
    assert lib.swap_errno(3) == 17
    ffi.errno = 42
    assert lib.swap_errno(0) == 42
    assert ffi.errno == 0


def test_errno_belongs_to_a_thread(lib: Any) -> None:
    seen = []
    lib.swap_errno(5)

    def work() -> None:
        seen.append(ffi.errno)
        lib.swap_errno(9)
        seen.append(ffi.errno)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [0, 9]
    assert ffi.errno == 5


def test_other_threads_run_during_a_call(lib: Any) -> None:
    done = threading.Event()

    def work() -> None:
        time.sleep(0.01)
        done.set()

    thread = threading.Thread(target=work)
    thread.start()
    lib.sleep_ms(300)
    assert done.is_set()
    thread.join()


def test_calls_leave_nothing_behind(lib: Any) -> None:
    pair = ffi.new("struct pair *", (3, 8.5))[0]
    numbers = ffi.new("int[3]")

    def call() -> None:
        lib.add8(1, 2, 3, 4, 5, 6, 7, 8)
        lib.swap_pair(pair)
        lib.reverse(([1],))
        lib.same_pointer(numbers)
        lib.same_ldouble(1.5)
        lib.same_text(b"abc")
        lib.wide_length_of("abc")

    assert growth(call) < 1


def test_failed_calls_leave_nothing_behind(lib: Any) -> None:
    def call() -> None:
        for function, arguments in (
            (lib.add8, (1, 2, 3, 4, 5, 6, 7, "8")),
            (lib.sum_pairs, ([(1, 2), (1, 2, 3)], 2)),
            (lib.swap_pair, ({"c": 1},)),
            (lib.print, (ffi.NULL, 0, b"", 3)),
        ):
            with contextlib.suppress(TypeError, ValueError, KeyError):
                function(*arguments)

    assert growth(call, 500) < 1


def test_calls_take_no_reference_of_the_type(lib: Any) -> None:
    functions = lib.same_int, lib.sleep_ms
    kind = ffi.typeof(functions[0])
    before = sys.getrefcount(kind)
    for _ in range(100):
        for function in functions:
            function(1)
    after = sys.getrefcount(kind)
    assert after == before


def test_arguments_may_run_code_that_calls_the_same_function(lib: Any) -> None:
    class Calling:
        def __int__(self) -> int:
            return int(lib.add8(1, 1, 1, 1, 1, 1, 1, 1)) % 100

    assert lib.add8(Calling(), 2, 3, 4, 5, 6, 7, Calling()) == 87654321 + 10 + 30000000
