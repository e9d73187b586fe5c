"""Functions: every scalar type in every direction, arguments, results, failure, conduct."""

from __future__ import annotations

import gc
import inspect
import math
import os
import struct
import sys
import threading
import time
import types

import pytest

import symbridge

INTEGERS = {
    "int8": ("int8_t", -(2**7), 2**7 - 1),
    "uint8": ("uint8_t", 0, 2**8 - 1),
    "int16": ("int16_t", -(2**15), 2**15 - 1),
    "uint16": ("uint16_t", 0, 2**16 - 1),
    "int32": ("int32_t", -(2**31), 2**31 - 1),
    "uint32": ("uint32_t", 0, 2**32 - 1),
    "int64": ("int64_t", -(2**63), 2**63 - 1),
    "uint64": ("uint64_t", 0, 2**64 - 1),
    "long": (
        "long",
        -(2 ** (8 * struct.calcsize("l") - 1)),
        2 ** (8 * struct.calcsize("l") - 1) - 1,
    ),
    "ulonglong": ("unsigned long long", 0, 2**64 - 1),
    "size": ("size_t", 0, 2 * sys.maxsize + 1),
    "int128": ("__int128", -(2**127), 2**127 - 1),
    "uint128": ("unsigned __int128", 0, 2**128 - 1),
}
REALS = {"float": "float", "double": "double", "longdouble": "long double"}
COMPLEX = {"cfloat": "float _Complex", "cdouble": "double _Complex"}
ALL = {**{name: row[0] for name, row in INTEGERS.items()}, **REALS, **COMPLEX}


def scalar_functions(name: str, ctype: str) -> str:
    ten = ", ".join(f"{ctype} {letter}" for letter in "abcdefghij")
    return f"""
        {ctype} {name}_same({ctype} value);
        void {name}_out({ctype} value, {ctype} *out [[out]]);
        void {name}_inout({ctype} *value [[inout]]);
        {ctype} {name}_in(const {ctype} *value [[in]]);
        {ctype} {name}_sum(const {ctype} *values [[array(n)]], size_t n);
        void {name}_fill({ctype} *values [[out, array(n)]], size_t n, {ctype} value);
        {ctype} {name}_many({ten});
    """


RECORDS = {
    "pair32": ("int32_t a, b;", (1, 2)),
    "pair64": ("int64_t a, b;", (1, 2**40)),
    "floats2": ("float a, b;", (1.5, 2.5)),
    "floats3": ("float a, b, c;", (1.5, 9.0, 2.5)),
    "doubles2": ("double a, b;", (1.5, 2.5)),
    "mixed16": ("double a; int64_t b;", (5.0, 7)),
    "mixed16_reversed": ("int64_t a; double b;", (5, 7.0)),
    "large": ("int64_t a, b, c; double d;", (1, 2, 3, 4.0)),
    "byte1": ("uint8_t a;", (200,)),
    "bytes3": ("uint8_t a, b, c;", (1, 2, 3)),
}

DESCRIPTION = (
    "".join(scalar_functions(name, ctype) for name, ctype in ALL.items())
    + "".join(
        f"""
    struct {name} {{ {fields} }};
    struct {name} {name}_swap(struct {name} value);
    double {name}_late(int a, int b, int c, int d, int e, struct {name} value, double f);
    """
        for name, (fields, _) in RECORDS.items()
    )
    + """
    struct nested { struct pair32 first; struct floats2 second; };
    struct nested nested_swap(struct nested value);

    _Bool bool_not(_Bool value);
    char char_same(char value);
    wchar_t wchar_same(wchar_t value);
    char16_t char16_same(char16_t value);
    char32_t char32_same(char32_t value);
    void *pointer_same(void *value);
    double mixed(int8_t a, double b, uint64_t c, float d, int16_t e, double f, bool g, float h);
    double far_apart(double a, int b, double c, int d, double e, int f, double g, int h, double i,
        int j, double k, int l, double m, int n, double o, int p, double q, int r, double s);

    size_t text_length(const char *text);
    const char *text_same(const char *text [[nullable]]);
    const char *text_invalid(void);
    int live_blocks(void);
    void text_delete(char *text) [[hidden]];
    void numbers_delete(int32_t *numbers) [[hidden]];
    [[owned(text_delete)]] char *text_new(const char *text, int times [[default(2)]]);
    [[fails(nonzero, ValueError)]] int text_make(const char *text,
        char **out [[out, owned(text_delete)]]);
    [[fails(nonzero, ValueError)]] int numbers_make(int n,
        int32_t **out [[out, array(count), owned(numbers_delete)]], size_t *count [[out]]);
    [[result(drop)]] size_t text_print(
        char *buffer [[out, string, array(capacity, needed), capacity(8), grow]],
        size_t capacity, const char *text, int times, size_t *needed [[out]]);

    [[exception(Custom, KeyError)]];
    enum [[status(LookupError)]] outcome { OUTCOME_FINE, OUTCOME_VALUE [[raises(ValueError)]],
        OUTCOME_CUSTOM [[raises(Custom)]], OUTCOME_SYSTEM [[raises(OSError)]] = 50,
        OUTCOME_MORE [[ok]] = 100 };
    [[message]] const char *outcome_text(enum outcome outcome);
    enum outcome fail_with(int outcome, int errno_value);
    [[fails(negative)]] int negative_fails(int n);
    [[fails(nonzero, PermissionError)]] int nonzero_fails(int n);
    [[fails(zero, ValueError)]] int zero_fails(int n);
    [[fails(null, MemoryError)]] void *null_fails(int n);

    void sleep_milliseconds(int n);
    int add_up(int count, ...);
    double add_up_doubles(int count, ...);
"""
)


@pytest.fixture(scope="module")
def m(native_library) -> types.ModuleType:
    return symbridge.load(native_library("functions"), DESCRIPTION)


class Index:
    def __init__(self, value: int) -> None:
        self.value = value

    def __index__(self) -> int:
        return self.value


class TestIntegers:
    @pytest.mark.parametrize("name", INTEGERS)
    def test_the_whole_range_crosses(self, m, name):
        _, least, most = INTEGERS[name]
        same = getattr(m, f"{name}_same")
        for value in {least, least + 1, -1, 0, 1, 2**30, 2**31, most - 1, most}:
            if least <= value <= most:
                assert same(value) == value
                assert same(Index(value)) == value
                assert getattr(m, f"{name}_out")(value) == value
                assert getattr(m, f"{name}_in")(value) == value

    @pytest.mark.parametrize("name", INTEGERS)
    def test_beyond_the_range_is_overflow_that_names_argument_and_range(self, m, name):
        _, least, most = INTEGERS[name]
        for value in (least - 1, most + 1, 2**200, -(2**200)):
            for function in ("same", "out", "in", "inout"):
                with pytest.raises(OverflowError, match=f"{name}_{function}.*'value'"):
                    getattr(m, f"{name}_{function}")(value)
            with pytest.raises(OverflowError, match=r"item 1"):
                getattr(m, f"{name}_sum")([0, value])

    @pytest.mark.parametrize("name", INTEGERS)
    @pytest.mark.parametrize("wrong", [1.0, math.nan, math.inf, "1", b"1", None, [], 1j])
    def test_what_is_no_integer_is_refused(self, m, name, wrong):
        with pytest.raises(TypeError, match="'value'.*expected int"):
            getattr(m, f"{name}_same")(wrong)

    @pytest.mark.parametrize("name", INTEGERS)
    def test_inout_gives_the_new_value(self, m, name):
        assert getattr(m, f"{name}_inout")(41) == 42

    @pytest.mark.parametrize("name", INTEGERS)
    def test_more_arguments_than_registers(self, m, name):
        assert getattr(m, f"{name}_many")(*range(10)) == 1 + sum(range(10)) + 2 * 9

    @pytest.mark.parametrize("name", INTEGERS)
    def test_arrays(self, m, name):
        most = INTEGERS[name][2]
        assert getattr(m, f"{name}_sum")([1, 2, 3]) == 6
        assert getattr(m, f"{name}_sum")(()) == 0
        assert list(getattr(m, f"{name}_fill")(3, most)) == [most] * 3
        assert list(getattr(m, f"{name}_fill")(0, most)) == []

    def test_an_exception_in_index_comes_through(self, m):
        class Angry:
            def __index__(self) -> int:
                raise ZeroDivisionError("no")

        with pytest.raises(ZeroDivisionError, match="^no$"):
            m.int32_same(Angry())


class TestOtherScalars:
    @pytest.mark.parametrize("name", REALS)
    def test_reals(self, m, name):
        same = getattr(m, f"{name}_same")
        for value in (0.0, -0.0, 1.5, -2.25, math.inf, -math.inf):
            result = same(value)
            assert result == value
            assert math.copysign(1, result) == math.copysign(1, value)
        assert math.isnan(same(math.nan))
        assert same(3) == 3.0
        assert same(True) == 1.0
        assert getattr(m, f"{name}_out")(1.5) == 1.5
        assert getattr(m, f"{name}_inout")(1.5) == 2.5
        assert getattr(m, f"{name}_in")(1.5) == 1.5
        assert getattr(m, f"{name}_sum")([1, 2.5]) == 3.5
        assert list(getattr(m, f"{name}_fill")(2, 1.5)) == [1.5, 1.5]
        assert getattr(m, f"{name}_many")(*range(10)) == 64

    @pytest.mark.parametrize("name", REALS)
    @pytest.mark.parametrize("wrong", ["1", None, 1j, b"x", []])
    def test_what_is_no_real_is_refused(self, m, name, wrong):
        with pytest.raises(TypeError, match="'value'.*expected float"):
            getattr(m, f"{name}_same")(wrong)

    def test_a_double_too_large_for_float_is_overflow(self, m):
        largest = struct.unpack("f", b"\xff\xff\x7f\x7f")[0]
        assert m.float_same(largest) == largest
        for value in (1e300, -1e300, 3.5e38):
            with pytest.raises(OverflowError, match="float"):
                m.float_same(value)

    @pytest.mark.parametrize("name", COMPLEX)
    def test_complex(self, m, name):
        assert getattr(m, f"{name}_same")(1.5 - 2.5j) == 1.5 - 2.5j
        assert getattr(m, f"{name}_same")(2) == 2
        assert getattr(m, f"{name}_out")(1j) == 1j
        assert getattr(m, f"{name}_inout")(1j) == 1 + 1j
        assert getattr(m, f"{name}_sum")([1, 1j]) == 1 + 1j
        assert getattr(m, f"{name}_many")(*range(10)) == 64
        with pytest.raises(TypeError, match="'value'"):
            getattr(m, f"{name}_same")("1")

    def test_bool(self, m):
        assert m.bool_not(False) is True
        assert m.bool_not(1) is False
        for wrong in (2, -1):
            with pytest.raises(ValueError, match="0 or 1"):
                m.bool_not(wrong)
        for wrong in ("", None, 1.0):
            with pytest.raises(TypeError):
                m.bool_not(wrong)

    def test_characters(self, m):
        for value in ("a", "\0", "é", "ÿ"):
            assert m.char_same(value) == value
        assert m.char_same(b"a") == "a"
        for value in ("a", "é", "€", "🍏"):
            assert m.wchar_same(value) == m.char32_same(value) == value
        assert m.char16_same("€") == "€"
        with pytest.raises(OverflowError):
            m.char16_same("🍏")
        with pytest.raises(OverflowError):
            m.char_same("€")
        for wrong in ("ab", "", 97, None):
            with pytest.raises(TypeError):
                m.wchar_same(wrong)

    def test_addresses(self, m):
        assert m.pointer_same(None) is None
        assert m.pointer_same(2**40 + 7) == 2**40 + 7
        assert m.pointer_same(bytearray(b"x")) > 0
        with pytest.raises(OverflowError):
            m.pointer_same(-1)
        with pytest.raises(TypeError):
            m.pointer_same("text")

    def test_mixed_registers(self, m):
        assert m.mixed(1, 2.0, 3, 4.0, 5, 6.0, True, 8.0) == 1 + 4 + 9 + 16 + 25 + 36 + 7 + 64

    def test_arguments_beyond_both_register_rows(self, m):
        assert m.far_apart(*range(19)) == sum(range(17)) + 1700 + 18000


class TestRecordsByValue:
    @pytest.mark.parametrize("name", RECORDS)
    def test_in_and_out(self, m, name):
        values = RECORDS[name][1]
        fields = "abcd"[: len(values)]
        result = getattr(m, f"{name}_swap")(getattr(m, name)(*values))
        swapped = [values[-1], *values[1:-1], values[0]][: len(values)]
        assert [getattr(result, field) for field in fields] == swapped

    @pytest.mark.parametrize("name", RECORDS)
    def test_after_the_registers_are_full(self, m, name):
        values = RECORDS[name][1]
        late = getattr(m, f"{name}_late")(1, 2, 3, 4, 5, getattr(m, name)(*values), 0.5)
        assert late == 15 + values[0] * 10 + values[-1] * 100 + 0.5

    def test_nested(self, m):
        value = m.nested(m.pair32(1, 2), m.floats2(3, 4))
        result = m.nested_swap(value)
        assert (result.first.a, result.first.b) == (4, 2)
        assert (result.second.a, result.second.b) == (3, 1)

    def test_wrong_class(self, m):
        with pytest.raises(TypeError, match=r"pair32_swap.*'value'.*pair32.*pair64"):
            m.pair32_swap(m.pair64(1, 2))


class TestArguments:
    def test_keywords_and_defaults(self, m):
        assert m.text_new("ab") == "abab"
        assert m.text_new("ab", 3) == m.text_new("ab", times=3) == m.text_new(times=3, text="ab")
        assert str(inspect.signature(m.text_new)) == "(text, times=2)"

    @pytest.mark.parametrize(
        ("call", "says"),
        [
            (lambda m: m.text_new(), "missing required argument 'text'"),
            (lambda m: m.text_new("a", 1, 2), "at most 2 positional arguments but 3"),
            (lambda m: m.text_new("a", count=1), "unexpected keyword argument 'count'"),
            (lambda m: m.text_new("a", text="b"), "multiple values for argument 'text'"),
            (lambda m: m.live_blocks(1), "takes no arguments|takes 0 positional"),
            (lambda m: m.live_blocks(x=1), "no keyword arguments|unexpected keyword"),
            (lambda m: m.int8_same(), "missing required argument 'value'"),
            (lambda m: m.int8_same(1, 2), "takes 1 positional argument but 2 were given"),
        ],
    )
    def test_wrong_arguments(self, m, call, says):
        with pytest.raises(TypeError, match=says):
            call(m)

    def test_unnamed_parameters_are_positional_only(self):
        libm = symbridge.load("libm.so.6", "double hypot(double, double);")
        assert libm.hypot(3, 4) == 5
        assert "/" in str(inspect.signature(libm.hypot))
        with pytest.raises(TypeError, match="argument 2"):
            libm.hypot(3, "4")

    def test_python_keywords_as_parameter_names(self):
        libm = symbridge.load("libm.so.6", "double cos(double from);")
        assert libm.cos(from_=0) == 1

    def test_keyword_only(self):
        libm = symbridge.load("libm.so.6", "double hypot(double x, double y [[keyword_only]]);")
        assert libm.hypot(3, y=4) == 5
        assert str(inspect.signature(libm.hypot)) == "(x, *, y)"
        with pytest.raises(TypeError):
            libm.hypot(3, 4)


class TestOwnership:
    def test_owned_text_is_freed(self, m):
        before = m.live_blocks()
        assert m.text_new("ab", 2) == "abab"
        assert m.text_make("x") == "xx"
        assert m.numbers_make(5) == [0, 1, 4, 9, 16]
        assert m.live_blocks() == before

    def test_owned_text_is_freed_when_it_cannot_be_decoded(self, m, native_library):
        before = m.live_blocks()
        bad = symbridge.load(
            native_library("functions"),
            "void text_delete(char *text) [[hidden]];"
            '[[owned(text_delete), string("ascii")]] char *text_new(const char *text, int times);',
        )
        with pytest.raises(UnicodeDecodeError):
            bad.text_new("é", 1)
        assert m.live_blocks() == before

    def test_failure_raises_and_leaks_nothing(self, m):
        before = m.live_blocks()
        with pytest.raises(ValueError):
            m.text_make("")
        with pytest.raises(ValueError):
            m.numbers_make(-1)
        assert m.live_blocks() == before

    def test_a_buffer_grows_to_what_the_function_needs(self, m):
        assert m.text_print("ab", 3) == "ababab"
        assert m.text_print("ab", 1000) == "ab" * 1000


class TestText:
    def test_crosses(self, m):
        for text in ("", "abc", "héllo", "🍏" * 1000):
            assert m.text_same(text) == text
            assert m.text_length(text) == len(text.encode())

    def test_none(self, m):
        assert m.text_same(None) is None
        with pytest.raises(TypeError, match="'text'.*expected str"):
            m.text_length(None)

    def test_embedded_null_and_surrogates(self, m):
        with pytest.raises(ValueError, match="'text'.*null"):
            m.text_length("a\0b")
        with pytest.raises(UnicodeEncodeError):
            m.text_length("\ud800")

    def test_invalid_utf8_from_c(self, m):
        with pytest.raises(UnicodeDecodeError):
            m.text_invalid()


class TestFailure:
    def test_status(self, m):
        assert m.fail_with(0, 0) is None
        assert m.fail_with(100, 0) is None
        with pytest.raises(ValueError, match="a bad välue"):
            m.fail_with(1, 0)
        with pytest.raises(m.Custom, match="OUTCOME_CUSTOM") as caught:
            m.fail_with(2, 0)
        assert isinstance(caught.value, KeyError)
        with pytest.raises(LookupError, match="77"):
            m.fail_with(77, 0)
        with pytest.raises(FileNotFoundError):
            m.fail_with(50, 2)

    def test_results_that_say_failed(self, m):
        assert m.negative_fails(3) == 3
        with pytest.raises(FileNotFoundError):
            m.negative_fails(-1)
        assert m.nonzero_fails(0) is None
        with pytest.raises(PermissionError):
            m.nonzero_fails(1)
        assert m.zero_fails(5) is None
        with pytest.raises(ValueError):
            m.zero_fails(0)
        assert m.null_fails(1) is not None
        with pytest.raises(MemoryError):
            m.null_fails(0)


class Ticker:
    """A thread that counts while it gets to run."""

    def __init__(self) -> None:
        self.count = 0
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._tick)

    def _tick(self) -> None:
        while not self._done.wait(0.001):
            self.count += 1

    def __enter__(self) -> Ticker:
        self._thread.start()
        time.sleep(0.05)
        return self

    def __exit__(self, *exception: object) -> None:
        self._done.set()
        self._thread.join()


class TestConduct:
    def test_other_threads_run_while_a_function_does(self, m):
        with Ticker() as ticker:
            before = ticker.count
            m.sleep_milliseconds(200)
            assert ticker.count - before > 5

    def test_quick_functions_keep_the_lock(self, native_library):
        quick = symbridge.load(
            native_library("functions"), "[[quick]] void sleep_milliseconds(int n);"
        )
        with Ticker() as ticker:
            before = ticker.count
            quick.sleep_milliseconds(200)
            assert ticker.count - before <= 2

    def test_variadic(self, m):
        assert m.add_up(3, 1, 2, -4) == -1
        assert m.add_up(0) == 0
        assert m.add_up(20, *range(20)) == sum(range(20))
        assert m.add_up_doubles(3, 1.5, 2.0, 0.25) == 3.75
        libc = symbridge.load(
            "libc.so.6",
            "int snprintf(char *buffer [[array(n)]], size_t n, const char *format, ...);",
        )
        buffer = bytearray(64)
        assert libc.snprintf(buffer, "%d %s %.2f %c", -5, "héllo", 2.5, 65) == 16
        assert buffer.startswith("-5 héllo 2.50 A\0".encode())
        with pytest.raises(TypeError, match="argument 2|variadic"):
            m.add_up(1, object())
        with pytest.raises(TypeError):
            m.add_up()


class TestTiers:
    def test_without_register_calls_everything_still_works(self, native_library):
        import subprocess

        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", __file__,
             "-k", "not TestTiers and not TestConduct"],
            env={**os.environ, "SYMBRIDGE_NO_REGISTER_CALLS": "1"},
            capture_output=True,
            text=True,
            check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout[-4000:]


class TestReferences:
    def test_calls_leak_no_references(self, m):
        value = 2**40
        name = "abc" * 10
        item = [value]

        def work() -> None:
            m.int64_same(value)
            m.int64_sum(item)
            m.text_same(name)
            m.text_new(name, times=1)
            for bad in (
                lambda: m.int8_same(value),
                lambda: m.text_same(value),
                lambda: m.text_new(),
            ):
                with pytest.raises((TypeError, OverflowError)):
                    bad()

        work()
        gc.collect()
        before = [sys.getrefcount(x) for x in (value, name, item)]
        for _ in range(1000):
            work()
        gc.collect()
        assert [sys.getrefcount(x) for x in (value, name, item)] == before
