"""FFI: Python functions called by C."""

from __future__ import annotations

import contextlib
import gc
import os
import random
import subprocess
import sys
import textwrap
import threading
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from growth import growth
from symbridge import FFI

DECLARATIONS = """
typedef int int_function(int n, void *user);
int apply(int_function *, int, void *);
int apply_with_errno(int_function *, int, int *);
void apply_void(void (*)(int), int);
struct pair { int a; double b; };
struct floats { float x, y, z; };
struct large { long numbers[9]; };
struct bits { unsigned low : 3; int middle : 12; unsigned high : 30; };
union number { int i; float f; double d; };
enum color { RED, GREEN = -5 };
signed char same_schar(signed char (*)(signed char), signed char);
unsigned char same_uchar(unsigned char (*)(unsigned char), unsigned char);
short same_short(short (*)(short), short);
unsigned short same_ushort(unsigned short (*)(unsigned short), unsigned short);
int same_int(int (*)(int), int);
unsigned same_uint(unsigned (*)(unsigned), unsigned);
long long same_llong(long long (*)(long long), long long);
unsigned long long same_ullong(unsigned long long (*)(unsigned long long), unsigned long long);
_Bool same_bool(_Bool (*)(_Bool), _Bool);
char same_char(char (*)(char), char);
wchar_t same_wchar(wchar_t (*)(wchar_t), wchar_t);
float same_float(float (*)(float), float);
double same_double(double (*)(double), double);
long double same_ldouble(long double (*)(long double), long double);
double _Complex same_cdouble(double _Complex (*)(double _Complex), double _Complex);
int *same_pointer(int *(*)(int *), int *);
enum color same_color(enum color (*)(enum color), enum color);
struct pair same_pair(struct pair (*)(struct pair), struct pair);
struct floats same_floats(struct floats (*)(struct floats), struct floats);
struct large same_large(struct large (*)(struct large), struct large);
struct bits same_bits(struct bits (*)(struct bits), struct bits);
union number same_number(union number (*)(union number), union number);
int narrow(signed char (*)(void));
double mixed(double (*)(int8_t, float, uint16_t, double, int64_t, float, _Bool, double));
long spilled(long (*)(long, long, long, long, long, long, long, long, long, long));
void keep(int_function *);
int call_kept(int);
int keep_for_exit(int_function *);
long call_in_threads(int_function *, int threads, int times);
int call_in_background(int_function *);
void qsort(void *, size_t, size_t, int (*)(const void *, const void *));
"""

ffi = FFI()
ffi.cdef(DECLARATIONS)

INT_FUNCTION = "int(int, void *)"


@pytest.fixture(scope="module")
def path(native_library: Callable[[str], Path]) -> Path:
    return native_library("ffi_callbacks")


@pytest.fixture(scope="module")
def lib(path: Path) -> Any:
    return ffi.dlopen(str(path))


@pytest.fixture
def unraisable(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What goes to sys.unraisablehook: (type, message, err_msg)."""
    seen: list[Any] = []

    def note(report: Any) -> None:
        seen.append((report.exc_type, str(report.exc_value), report.err_msg))

    monkeypatch.setattr(sys, "unraisablehook", note)
    return seen


# ---- arguments and results -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "spelling", "values"),
    [
        ("schar", "signed char", [-128, 0, 127]),
        ("uchar", "unsigned char", [0, 255]),
        ("short", "short", [-(2**15), 2**15 - 1]),
        ("ushort", "unsigned short", [0, 2**16 - 1]),
        ("int", "int", [-(2**31), -1, 2**31 - 1]),
        ("uint", "unsigned", [0, 2**32 - 1]),
        ("llong", "long long", [-(2**63), 2**63 - 1]),
        ("ullong", "unsigned long long", [0, 2**64 - 1]),
        ("bool", "_Bool", [True, False]),
        ("char", "char", [b"x", b"\xff"]),
        ("wchar", "wchar_t", ["\u20ac"]),
        ("float", "float", [0.5, -1e30]),
        ("double", "double", [0.1, float("inf")]),
        ("cdouble", "double _Complex", [1.5 - 2j]),
        ("color", "enum color", [-5, 0]),
    ],
)
def test_scalars_go_in_and_out(lib: Any, name: str, spelling: str, values: list[Any]) -> None:
    seen = []
    callback = ffi.callback(f"{spelling}({spelling})", lambda value: seen.append(value) or value)
    for value in values:
        result = getattr(lib, f"same_{name}")(callback, value)
        assert type(result) is type(value)
        assert result == pytest.approx(value) if isinstance(value, float) else result == value
    assert [type(v) for v in seen] == [type(v) for v in values]


def test_long_doubles_go_in_and_out(lib: Any) -> None:
    callback = ffi.callback("long double(long double)", lambda x: x)
    assert float(lib.same_ldouble(callback, 0.25)) == 0.25


def test_pointers_go_in_and_out(lib: Any) -> None:
    number = ffi.new("int *", 7)
    callback = ffi.callback("int *(int *)", lambda p: p + 1)
    assert lib.same_pointer(callback, number) == number + 1
    nothing = ffi.callback("int *(int *)", lambda p: ffi.NULL)
    assert lib.same_pointer(nothing, number) == ffi.NULL


def test_narrow_results_are_extended(lib: Any) -> None:
    assert lib.narrow(ffi.callback("signed char(void)", lambda: -100)) == -100


def test_mixed_arguments_arrive(lib: Any) -> None:
    seen: list[Any] = []

    def see(*arguments: Any) -> float:
        seen.extend(arguments)
        return 2.5

    spelling = "double(int8_t, float, uint16_t, double, int64_t, float, _Bool, double)"
    assert lib.mixed(ffi.callback(spelling, see)) == 2.5
    assert seen == [-1, 0.5, 2, 0.25, 3, 1.5, True, 10.0]


def test_arguments_beyond_the_registers_arrive(lib: Any) -> None:
    def weigh(*arguments: int) -> int:
        return sum(10**i * n for i, n in enumerate(arguments))

    callback = ffi.callback("long(long,long,long,long,long,long,long,long,long,long)", weigh)
    assert lib.spilled(callback) == sum(10**i * (i + 1) for i in range(10))


def test_records_go_in_and_out(lib: Any) -> None:
    kept = []

    def swap(p: Any) -> Any:
        kept.append(p)
        return (int(p.b), p.a)

    swapped = lib.same_pair(ffi.callback("struct pair(struct pair)", swap), (3, 8.0))
    assert (swapped.a, swapped.b) == (8, 3.0)
    assert (kept[0].a, kept[0].b) == (3, 8.0)  # a copy of its own: C's is gone

    floats = lib.same_floats(
        ffi.callback("struct floats(struct floats)", lambda f: {"x": f.z, "z": f.x}), (1, 2, 3)
    )
    assert (floats.x, floats.y, floats.z) == (3, 0, 1)
    numbers = list(range(9))
    large = lib.same_large(ffi.callback("struct large(struct large)", lambda x: x), (numbers,))
    assert list(large.numbers) == numbers


def test_records_with_bit_fields_and_unions_go_in_and_out(lib: Any) -> None:
    def turn(b: Any) -> dict[str, int]:
        return {"low": (b.low + 1) % 8, "middle": -b.middle, "high": b.high // 2}

    callback = ffi.callback("struct bits(struct bits)", turn)
    bits = lib.same_bits(callback, (7, -2000, 2**30 - 1))
    assert (bits.low, bits.middle, bits.high) == (0, 2000, 2**29 - 1)
    negate = ffi.callback("union number(union number)", lambda n: {"d": -n.d})
    assert lib.same_number(negate, {"d": 2.5}).d == -2.5


def test_void_callbacks_return_none(lib: Any, unraisable: list[Any]) -> None:
    seen = []
    lib.apply_void(ffi.callback("void(int)", seen.append), 4)
    assert seen == [4]
    lib.apply_void(ffi.callback("void(int)", lambda n: n), 4)
    [(kind, message, _)] = unraisable
    assert kind is TypeError
    assert message == "callback with the return type 'void' must return None"


def test_a_callback_is_a_function_pointer(lib: Any) -> None:
    callback = ffi.callback(INT_FUNCTION, lambda n, _: n + 1)
    assert ffi.typeof(callback) is ffi.typeof("int(*)(int, void *)")
    assert callback(4, ffi.NULL) == 5
    again = ffi.cast("int(*)(int, void *)", callback)
    assert again == callback
    assert lib.apply(again, 6, ffi.NULL) == 7


def test_callback_decorates(lib: Any) -> None:
    @ffi.callback(INT_FUNCTION, error=-3)
    def fail(n: int, user: Any) -> int:
        raise ValueError

    @ffi.callback(INT_FUNCTION)
    def add(n: int, user: Any) -> int:
        return n + 2

    assert lib.apply(add, 1, ffi.NULL) == 3


def test_repr_says_what_is_called() -> None:
    callback = ffi.callback(INT_FUNCTION, max)
    assert repr(callback) == "<cdata 'int(*)(int, void *)' calling <built-in function max>>"


def test_handles_pass_objects_through_c(lib: Any) -> None:
    box = {"n": 3}
    handle = ffi.new_handle(box)
    callback = ffi.callback(INT_FUNCTION, lambda n, user: n * ffi.from_handle(user)["n"])
    assert lib.apply(callback, 5, handle) == 15


# ---- wrong uses ----------------------------------------------------------------------------------


def test_only_function_types_make_callbacks() -> None:
    with pytest.raises(TypeError, match=r"^expected a function ctype, got 'int \*'$"):
        ffi.callback("int *", lambda: 0)


def test_only_callables_make_callbacks() -> None:
    with pytest.raises(TypeError, match="'python_callable' argument is not callable"):
        ffi.callback(INT_FUNCTION, 5)
    with pytest.raises(TypeError, match="callable object for 'onerror', not str"):
        ffi.callback(INT_FUNCTION, max, onerror="x")


def test_variadic_callbacks_are_refused() -> None:
    with pytest.raises(NotImplementedError, match=r"callback with unsupported .* or with '...'"):
        ffi.callback("int(int, ...)", max)


def test_the_error_value_is_converted_at_once() -> None:
    with pytest.raises(TypeError):
        ffi.callback(INT_FUNCTION, max, error="x")
    with pytest.raises(OverflowError):
        ffi.callback(INT_FUNCTION, max, error=2**31)
    with pytest.raises(TypeError, match="must return None"):
        ffi.callback("void(int)", max, error=1)


# ---- exceptions ----------------------------------------------------------------------------------


def fail(*_: Any) -> Any:
    raise ValueError("on purpose")


def test_an_exception_is_reported_and_c_gets_zero(lib: Any, unraisable: list[Any]) -> None:
    assert lib.apply(ffi.callback(INT_FUNCTION, fail), 1, ffi.NULL) == 0
    [(kind, message, where)] = unraisable
    assert (kind, message) == (ValueError, "on purpose")
    assert "from cffi callback <function fail" in where


def test_an_exception_gives_the_error_value(lib: Any, unraisable: list[Any]) -> None:
    assert lib.apply(ffi.callback(INT_FUNCTION, fail, error=-77), 1, ffi.NULL) == -77
    callback = ffi.callback("struct pair(struct pair)", fail, error=(4, 0.5))
    pair = lib.same_pair(callback, (1, 2))
    assert (pair.a, pair.b) == (4, 0.5)
    number = ffi.new("int *")
    assert lib.same_pointer(ffi.callback("int *(int *)", fail, error=number), ffi.NULL) == number
    assert lib.same_double(ffi.callback("double(double)", fail, error=0.25), 1) == 0.25
    assert len(unraisable) == 4


@pytest.mark.parametrize("wrong", ["x", None, 2**31, -(2**31) - 1, 1.5, b"1", [1]])
def test_a_wrong_result_gives_the_error_value(
    lib: Any, unraisable: list[Any], wrong: object
) -> None:
    callback = ffi.callback(INT_FUNCTION, lambda n, _: wrong, error=-8)
    assert lib.apply(callback, 1, ffi.NULL) == -8
    [(kind, _, where)] = unraisable
    assert kind in (TypeError, OverflowError)
    assert where.endswith(", trying to convert the result back to C")


def test_wrong_records_and_pointers_give_the_error_value(lib: Any, unraisable: list[Any]) -> None:
    pair = lib.same_pair(ffi.callback("struct pair(struct pair)", lambda p: (5, "x")), (1, 2))
    assert (pair.a, pair.b) == (0, 0)
    wrong = ffi.callback("int *(int *)", lambda p: ffi.new("long *"))
    assert lib.same_pointer(wrong, ffi.new("int *")) == ffi.NULL
    assert [kind for kind, _, _ in unraisable] == [TypeError, TypeError]


def test_onerror_sees_the_exception(lib: Any, unraisable: list[Any]) -> None:
    seen = []
    callback = ffi.callback(INT_FUNCTION, fail, error=6, onerror=lambda *e: seen.append(e))
    assert lib.apply(callback, 1, ffi.NULL) == 6
    [(kind, value, trace)] = seen
    assert kind is ValueError
    assert str(value) == "on purpose"
    assert trace.tb_next is None
    assert unraisable == []


def test_onerror_may_give_the_result(lib: Any, unraisable: list[Any]) -> None:
    callback = ffi.callback(INT_FUNCTION, fail, error=6, onerror=lambda *_: 17)
    assert lib.apply(callback, 1, ffi.NULL) == 17
    assert unraisable == []


def test_onerror_that_fails_is_reported_with_the_first(lib: Any, unraisable: list[Any]) -> None:
    def fail_too(*_: Any) -> Any:
        raise KeyError("too")

    callback = ffi.callback(INT_FUNCTION, fail, error=6, onerror=fail_too)
    assert lib.apply(callback, 1, ffi.NULL) == 6
    assert [kind for kind, _, _ in unraisable] == [ValueError, KeyError]
    wrong = ffi.callback(INT_FUNCTION, fail, error=7, onerror=lambda *_: "x")
    assert lib.apply(wrong, 1, ffi.NULL) == 7
    assert [kind for kind, _, _ in unraisable[2:]] == [ValueError, TypeError]


def test_onerror_sees_wrong_results(lib: Any) -> None:
    seen = []
    callback = ffi.callback(INT_FUNCTION, lambda n, _: "x", onerror=lambda *e: seen.append(e[0]))
    assert lib.apply(callback, 1, ffi.NULL) == 0
    assert seen == [TypeError]


def test_too_few_parameters_are_an_exception(lib: Any, unraisable: list[Any]) -> None:
    assert lib.apply(ffi.callback(INT_FUNCTION, lambda: 3, error=-1), 1, ffi.NULL) == -1
    assert unraisable[0][0] is TypeError


def test_exceptions_do_not_leak(lib: Any, unraisable: list[Any]) -> None:
    one = ffi.callback(INT_FUNCTION, fail, error=3)
    two = ffi.callback(INT_FUNCTION, fail, onerror=lambda *_: None)

    def call() -> None:
        lib.apply(one, 1, ffi.NULL)
        lib.apply(two, 1, ffi.NULL)
        unraisable.clear()

    assert growth(call, 300) < 1


# ---- errno ---------------------------------------------------------------------------------------


def test_errno_is_seen_and_set(lib: Any) -> None:
    seen = []

    def note(n: int, _: Any) -> int:
        seen.append(ffi.errno)
        ffi.errno = 55
        return n

    number = ffi.new("int *", 44)
    assert lib.apply_with_errno(ffi.callback(INT_FUNCTION, note), 3, number) == 3
    assert seen == [44]
    assert number[0] == 55


def test_errno_survives_a_callback_that_does_not_touch_it(lib: Any) -> None:
    def work(n: int, _: Any) -> int:
        with contextlib.suppress(OSError):
            os.stat("/nowhere/at/all")
        return n

    number = ffi.new("int *", 44)
    lib.apply_with_errno(ffi.callback(INT_FUNCTION, work), 3, number)
    assert number[0] == 44


# ---- lives ---------------------------------------------------------------------------------------


def test_a_callback_keeps_what_it_calls(lib: Any) -> None:
    class Adder:
        def __call__(self, n: int, user: Any) -> int:
            return n + 1

    adder = Adder()
    reference = weakref.ref(adder)
    callback = ffi.callback(INT_FUNCTION, adder, onerror=Adder().__call__)
    del adder
    gc.collect()
    assert lib.apply(callback, 1, ffi.NULL) == 2
    del callback
    gc.collect()
    assert reference() is None


def test_cycles_through_callbacks_are_collected() -> None:
    class Owner:
        callback: Any

        def work(self, n: int, user: Any) -> int:
            return n

    owner = Owner()
    owner.callback = ffi.callback(INT_FUNCTION, owner.work)
    reference = weakref.ref(owner)
    del owner
    gc.collect()
    assert reference() is None


def test_a_callback_may_free_itself(lib: Any) -> None:
    box: list[Any] = []

    def free(n: int, user: Any) -> int:
        box.clear()
        gc.collect()
        return n + 1

    for _ in range(200):
        box.append(ffi.callback(INT_FUNCTION, free))
        lib.keep(box[0])
        assert lib.call_kept(1) == 2
        assert box == []


def test_a_callback_may_make_callbacks(lib: Any) -> None:
    def work(n: int, user: Any) -> int:
        inner = ffi.callback(INT_FUNCTION, lambda n, _: n * 2)
        return int(lib.apply(inner, n, ffi.NULL)) + 1

    assert lib.apply(ffi.callback(INT_FUNCTION, work), 4, ffi.NULL) == 9


def test_thousands_of_callbacks_live_at_once(lib: Any) -> None:
    callbacks = [ffi.callback(INT_FUNCTION, lambda n, _, i=i: n + i) for i in range(3000)]
    for _ in range(2):
        assert [lib.apply(c, 1, ffi.NULL) for c in callbacks] == list(range(1, 3001))
        random.shuffle(callbacks)
        callbacks.sort(key=lambda c: int(lib.apply(c, 0, ffi.NULL)))


def test_making_and_calling_leaves_nothing_behind(lib: Any) -> None:
    numbers = ffi.new("int[]", [3, 1, 2])
    by_value = ffi.callback("struct pair(struct pair)", lambda p: p)

    def call() -> None:
        compare = ffi.callback(
            "int(const void *, const void *)",
            lambda a, b: ffi.cast("int *", a)[0] - ffi.cast("int *", b)[0],
        )
        lib.qsort(numbers, 3, 4, compare)
        lib.same_pair(by_value, (1, 2))

    assert growth(call, 500) < 1


def test_qsort_sorts(lib: Any) -> None:
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    values = [random.Random(seed).randrange(-1000, 1000) for _ in range(1000)]
    numbers = ffi.new("int[]", values)

    @ffi.callback("int(const int *, const int *)")
    def compare(a: Any, b: Any) -> int:
        return int(a[0] - b[0])

    lib.qsort(numbers, 1000, 4, ffi.cast("int(*)(const void *, const void *)", compare))
    assert list(numbers) == sorted(values)


# ---- recursion, threads --------------------------------------------------------------------------


def test_c_and_python_call_each_other_deeply(lib: Any) -> None:
    def down(n: int, user: Any) -> int:
        return 0 if n == 0 else 1 + int(lib.apply(callback, n - 1, ffi.NULL))

    callback = ffi.callback(INT_FUNCTION, down)
    assert lib.apply(callback, 150, ffi.NULL) == 150


def test_endless_recursion_ends_with_the_error_value(path: Path) -> None:
    done = in_child(
        path,
        """
        def down(n, user):
            return lib.apply(callback, n + 1, ffi.NULL)
        callback = ffi.callback("int(int, void *)", down, error=-1)
        print(lib.apply(callback, 0, ffi.NULL))
        """,
    )
    assert done.returncode == 0
    assert done.stdout == "-1\n"


def test_threads_of_c_call_back(lib: Any) -> None:
    threads = set()

    def work(n: int, user: Any) -> int:
        threads.add(threading.get_ident())
        return n

    callback = ffi.callback(INT_FUNCTION, work)
    assert lib.call_in_threads(callback, 4, 500) == 4 * sum(range(500))
    assert len(threads) >= 1
    assert threading.get_ident() not in threads


def test_threads_of_python_call_one_callback(lib: Any) -> None:
    callback = ffi.callback(INT_FUNCTION, lambda n, _: n + 1)
    wrong = []

    def work() -> None:
        for i in range(2000):
            if lib.apply(callback, i, ffi.NULL) != i + 1:
                wrong.append(i)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


# ---- after the end -------------------------------------------------------------------------------


def in_child(path: Path, code: str) -> subprocess.CompletedProcess[str]:
    """Runs code after the declarations; the library is `lib`."""
    program = f"from symbridge import FFI\nffi = FFI()\nffi.cdef({DECLARATIONS!r})\n"
    program += f"lib = ffi.dlopen({str(path)!r})\n" + textwrap.dedent(code)
    return subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60
    )


def test_a_call_of_a_freed_callback_is_noticed(path: Path) -> None:
    done = in_child(
        path,
        """
        callback = ffi.callback("int(int, void *)", lambda n, _: 5)
        lib.keep(callback)
        print(lib.call_kept(1))
        del callback
        print(lib.call_kept(1))
        """,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["5", "0"]
    assert "callback that was freed" in done.stderr
    assert "int(*)(int, void *)" in done.stderr


def test_a_callback_may_go_while_threads_of_c_call_it(path: Path) -> None:
    done = in_child(
        path,
        """
        import time
        callback = ffi.callback("int(int, void *)", lambda n, _: n)
        for _ in range(4):
            lib.call_in_background(callback)
        time.sleep(0.1)
        del callback
        others = [ffi.callback("int(int, void *)", lambda n, _: n) for _ in range(20)]
        time.sleep(0.1)
        print("alive")
        """,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == "alive\n"
    assert 1 <= len(done.stderr.splitlines()) <= 16


def test_c_gets_the_error_value_when_the_interpreter_is_gone(path: Path) -> None:
    done = in_child(
        path,
        """
        import sys, ctypes
        callback = ffi.callback("int(int, void *)", lambda n, _: print("called", n) or 5, error=3)
        print(lib.keep_for_exit(callback))
        """,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["0"]
    assert done.stderr == ""


def test_threads_may_call_while_the_interpreter_ends(path: Path) -> None:
    done = in_child(
        path,
        """
        import time
        callback = ffi.callback("int(int, void *)", lambda n, _: n)
        for _ in range(4):
            lib.call_in_background(callback)
        time.sleep(0.2)
        """,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
