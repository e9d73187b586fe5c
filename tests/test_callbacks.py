"""Python functions as arguments of described functions: scopes, errors, threads, ends."""

from __future__ import annotations

import contextlib
import ctypes
import errno
import functools
import gc
import os
import re
import sys
import threading
import time
import types
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import symbridge
from growth import resident

DESCRIPTION = (Path(__file__).parent / "native" / "callbacks.bridge").read_text("utf-8")


@pytest.fixture(scope="module")
def path(native_library: Callable[[str], Path]) -> Path:
    return native_library("callbacks")


@pytest.fixture(scope="module")
def m(path: Path) -> types.ModuleType:
    return symbridge.load(path, DESCRIPTION)


@pytest.fixture(autouse=True)
def nothing_stays_stored(m: types.ModuleType) -> Iterator[None]:
    yield
    m.stop_ticking()
    m.forget()


@pytest.fixture
def reports(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What sys.unraisablehook was told: exceptions and objects."""
    told: list[Any] = []
    monkeypatch.setattr(sys, "unraisablehook", lambda u: told.append((u.exc_value, u.object)))
    return told


class FailureError(Exception):
    """What callbacks of these tests raise."""


def fail(*_: object) -> int:
    raise FailureError


def eventually(condition: Callable[[], object]) -> bool:
    deadline = time.monotonic() + 30
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.001)
    return True


class TestDuringTheCall:
    def test_functions_of_every_kind_are_called(self, m):
        class Callable:
            def __call__(self, n):
                return n + 1

            def method(self, n):
                return n + 2

            @staticmethod
            def static(n):
                return n + 3

        assert m.apply(lambda n: -n, 4) == -4
        assert m.apply(abs, -4) == 4
        assert m.apply(int, 4) == 4
        assert m.apply(functools.partial(max, 7), 4) == 7
        assert m.apply(Callable(), 4) == 5
        assert m.apply(Callable().method, 4) == 6
        assert m.apply(Callable.static, 4) == 7
        assert m.apply(f=lambda n: n, n=3) == 3

    def test_user_data_is_hidden(self, m):
        assert m.apply.__text_signature__ == "($module, f, n)"
        assert m.remember.__text_signature__ == "($module, f, fail=0)"

    def test_a_quick_function_may_call_back(self, m):
        assert m.apply_quickly(lambda n: n + 1, 1) == 2

    def test_a_callback_without_user_data(self, m):
        assert m.apply_bare(lambda n: n + 1, 1) == 2

    def test_none_is_null_where_it_is_allowed(self, m):
        assert m.apply_nullable() == -1
        assert m.apply_nullable(None, 2) == -1
        assert m.apply_nullable(lambda n: n, 2) == 2
        with pytest.raises(TypeError, match=r"apply\(\) argument 'f': expected a callable, got N"):
            m.apply(None, 1)

    @pytest.mark.parametrize("wrong", ["f", 1.5, (), object()])
    def test_what_cannot_be_called_is_refused(self, m, wrong):
        with pytest.raises(TypeError, match="expected a callable, got "):
            m.apply(wrong, 1)
        with pytest.raises(TypeError, match="expected a callable or None, got "):
            m.apply_nullable(wrong, 1)

    def test_the_address_of_a_c_function_is_taken_too(self, m):
        address = ctypes.cast(ctypes.CDLL(None).abs, ctypes.c_void_p).value
        assert m.apply_bare(address, -3) == 3

    def test_two_callbacks_may_share_user_data(self, m):
        assert m.apply_both(lambda n: n + 1, lambda n: n + 2, 3) == 4005

    def test_the_same_function_twice(self, m):
        def f(n):
            return n

        assert m.apply_both(f, f, 3) == 3003

    def test_it_is_freed_after_the_call(self, m):
        class F:
            def __call__(self, n):
                return n

        f = F()
        gone = weakref.ref(f)
        assert m.apply(f, 1) == 1
        with pytest.raises(TypeError):
            m.apply(f, "n")
        del f
        assert gone() is None

    def test_recursion_through_c(self, m):
        def f(n):
            return 0 if n == 0 else n + m.apply(f, n - 1)

        assert m.apply(f, 20) == 210

    def test_endless_recursion_is_an_error(self, m):
        def f(n):
            return m.apply(f, n)

        with pytest.raises(RecursionError):
            m.apply(f, 1)

    def test_errno_is_kept(self, m):
        def f(n):
            with pytest.raises(FileNotFoundError):
                os.stat("/no such file")
            ctypes.set_errno(errno.EPERM)
            return 0

        assert m.errno_around(f) == 77

    def test_the_lock_of_the_interpreter_is_free_meanwhile(self, m):
        held = threading.Event()
        done = threading.Event()

        def wait(n):
            held.set()
            assert done.wait(30)
            return n

        thread = threading.Thread(target=m.apply, args=(wait, 1))
        thread.start()
        assert held.wait(30)
        assert m.apply(lambda n: n, 2) == 2
        done.set()
        thread.join()


class TestArguments:
    @pytest.mark.parametrize(
        ("name", "values"),
        [
            ("i8", [-128, 127]),
            ("u8", [0, 255]),
            ("i16", [-(2**15), 2**15 - 1]),
            ("u16", [2**16 - 1]),
            ("i32", [-(2**31), 2**31 - 1]),
            ("u32", [2**32 - 1]),
            ("i64", [-(2**63), 2**63 - 1]),
            ("u64", [2**64 - 1]),
            ("bool", [False, True]),
            ("char", ["a"]),
            ("float", [1.5, float("inf")]),
            ("double", [-0.1, 1e300]),
            ("long_double", [0.5]),
            ("address", [2**47, 1]),
        ],
    )
    def test_scalars_cross_both_ways(self, m, name, values):
        for value in values:
            seen = []
            assert getattr(m, f"echo_{name}")(lambda v, to=seen: to.append(v) or v, value) == value
            assert seen == [value]
            assert type(seen[0]) is type(value)

    @pytest.mark.parametrize(("name", "value"), [("i8", 128), ("u8", -1), ("u64", 2**64)])
    def test_results_out_of_range_are_refused(self, m, name, value):
        with pytest.raises(OverflowError, match=rf"callback 'f' of echo_{name}\(\): "):
            getattr(m, f"echo_{name}")(lambda v: value, 1)

    def test_enums_are_members(self, m):
        seen = []
        assert m.echo_color(lambda c: seen.append(c) or m.color.BLUE, m.color.RED) is m.color.BLUE
        assert seen == [m.color.RED]
        assert type(seen[0]) is m.color

    def test_records_by_value_are_copies(self, m):
        kept = []

        def f(p):
            kept.append(p)
            return m.Point(p.y, p.x)

        assert m.echo_point(f, m.Point(1, 2)) == m.Point(2, 1)
        assert kept == [m.Point(1, 2)]
        block = m.echo_block(lambda b: b, m.Block([1, 2, 3, 4, 5, 6, 7, 8], "name"))
        assert list(block.values) == [1, 2, 3, 4, 5, 6, 7, 8]

    def test_a_record_of_another_class_is_refused(self, m):
        with pytest.raises(TypeError, match=r"callback 'f' of echo_point\(\): expected Point, "):
            m.echo_point(lambda p: m.Block([0] * 8, ""), m.Point(1, 2))

    def test_records_by_reference_are_cs_own(self, m):
        def f(p):
            p.x += 10

        assert m.change_point(f, m.Point(1, 2)) == m.Point(11, 2)

    def test_records_by_reference_are_refused_afterwards(self, m):
        kept = []
        m.change_point(kept.append, m.Point(1, 2))
        with pytest.raises(ValueError, match="was C's for the callback"):
            _ = kept[0].x
        with pytest.raises(ValueError, match="was C's for the callback"):
            kept[0].x = 1
        with pytest.raises(ValueError, match="was C's for the callback"):
            m.echo_point(lambda p: p, kept[0])

    def test_arrays_in_lent_records_are_copies(self, m):
        kept = []

        def f(b):
            kept.append(b.values)
            return sum(b.values)

        assert m.with_block(f) == 36
        assert kept == [[1, 2, 3, 4, 5, 6, 7, 8]]

    def test_text(self, m):
        kept = []

        def f(*texts):
            kept.extend(texts)
            return len(texts)

        assert m.with_text(f) == 2
        assert kept == ["grün", None]

    def test_text_that_is_not_utf_8_is_an_error(self, m):
        with pytest.raises(UnicodeDecodeError):
            m.with_broken_text(len)

    def test_arrays_are_lists_and_bytes(self, m):
        kept = []
        assert m.with_array(lambda v: kept.append(v) or sum(v)) == 8.0
        assert m.with_bytes(lambda v: kept.append(v) or len(v)) == 3
        assert kept == [[1.5, 2.5, 4.0], b"\0\1\2"]

    def test_a_negative_length_is_an_error(self, m):
        with pytest.raises(ValueError, match="negative length"):
            m.with_negative_length(len)

    def test_values_behind_pointers(self, m):
        items = (ctypes.c_int * 5)(3, 1, 2, 5, 4)
        m.sort_ints(items, lambda a, b: b - a)
        assert list(items) == [5, 4, 3, 2, 1]

    def test_out_parameters_are_what_is_returned(self, m):
        assert m.divide(lambda: divmod(17, 5)) == (3, 2)
        assert m.sum_checked(lambda x: 2 * x, 4) == 12.0

    @pytest.mark.parametrize("wrong", [1, (1,), (1, 2, 3), [1, 2]])
    def test_out_parameters_are_a_tuple(self, m, wrong):
        with pytest.raises(TypeError, match="expected a tuple of 2 values, got "):
            m.divide(lambda: wrong)

    def test_handles_are_closed_afterwards(self, m):
        kept = []

        def f(b):
            kept.append(b)
            b.on_press(lambda n: 5)
            return b.press()

        button = m.Button(lambda n: n)
        assert button.visit(f) == 5
        assert type(kept[0]) is m.Button
        with pytest.raises(ValueError, match="closed Button"):
            kept[0].press()
        kept.clear()
        assert button.press() == 5
        button.close()
        assert m.button_count() == 0

    def test_the_number_of_arguments_is_cs(self, m):
        with pytest.raises(TypeError, match="positional argument"):
            m.apply(lambda: 1, 1)


class TestFields:
    def test_they_take_addresses_of_c_functions(self, m):
        address = ctypes.cast(ctypes.CDLL(None).abs, ctypes.c_void_p).value
        visitor = m.Visitor(address)
        assert m.visitor_run(visitor, -3) == 3
        assert visitor.visit == address
        visitor.visit = None
        assert m.visitor_run(visitor, -3) == -1

    def test_python_functions_are_refused(self, m):
        with pytest.raises(TypeError, match="expected the address of a C function or None, got fu"):
            m.Visitor(lambda n: n)
        visitor = m.Visitor(None)
        with pytest.raises(
            TypeError, match=r"Visitor\.visit: expected the address of a C function"
        ):
            visitor.visit = abs


class TestExceptions:
    @pytest.mark.parametrize(
        "kind",
        [FailureError, KeyboardInterrupt, SystemExit, GeneratorExit, BaseException, MemoryError],
    )
    def test_they_are_raised_from_the_call(self, m, kind):
        error = kind("said so")

        def f(n):
            raise error

        for function in (m.apply, m.apply_quickly):
            with pytest.raises(kind) as caught:
                function(f, 1)
            assert caught.value is error
            names = [entry.name for entry in caught.traceback]
            assert names[-1] == "f"

    def test_no_further_callback_runs_below_that_call(self, m):
        calls = []

        def f(n):
            calls.append(n)
            if n == 2:
                raise FailureError
            return n

        with pytest.raises(FailureError):
            m.repeat(f, 10)
        assert calls == [0, 1, 2]

    def test_they_win_over_the_status(self, m):
        with pytest.raises(FailureError) as caught:
            m.sum_checked(fail, 3)
        assert caught.value.__context__ is None

    def test_an_inner_call_may_fail_and_be_caught(self, m):
        def f(n):
            with pytest.raises(FailureError):
                m.apply(fail, 1)
            return n + 1

        assert m.repeat(f, 3) == (3, 6)

    def test_results_that_do_not_fit_are_errors(self, m):
        with pytest.raises(TypeError, match=r"callback 'f' of apply\(\): expected int, got str"):
            m.apply(lambda n: "n", 1)
        with pytest.raises(TypeError, match=r"callback 'f' of sum_checked\(\): expected float"):
            m.sum_checked(lambda x: "x", 1)

    def test_in_a_thread_of_c_they_are_reported(self, m, reports):
        m.remember(fail)
        assert m.fire_in_thread(1) == 0
        assert [(type(error), which) for error, which in reports] == [(FailureError, fail)]

    @pytest.mark.parametrize("fire", ["fire", "fire_quickly"])
    def test_a_stored_callback_raises_from_whichever_call_led_there(self, m, fire):
        m.remember(fail)
        with pytest.raises(FailureError):
            getattr(m, fire)(1)
        m.remember(lambda n: n)
        assert getattr(m, fire)(1) == 1

    def test_quick_functions_raise_after_a_stored_callback_has_gone_too(self, m):
        m.remember(fail)
        m.forget()
        with pytest.raises(FailureError):
            m.apply_quickly(fail, 1)

    def test_an_exception_in_a_nested_quick_call_stays_there(self, m):
        m.remember(fail)
        seen = []

        def f(n):
            with pytest.raises(FailureError):
                m.fire_quickly(1)
            seen.append(n)
            return n

        assert m.apply(f, 3) == 3
        assert seen == [3]


class Noticed:
    """A callable that says when it goes."""

    def __init__(self) -> None:
        self.gone = gone = threading.Event()
        weakref.finalize(self, gone.set)

    def __call__(self, n: int) -> int:
        return n + 100


def noticed() -> tuple[Noticed, threading.Event]:
    f = Noticed()
    return f, f.gone


class TestScopes:
    def test_notified_is_kept_until_c_is_done(self, m):
        f, gone = noticed()
        m.remember(f)
        del f
        assert m.fire(1) == m.fire_quickly(1) == m.fire_in_thread(1) == 101
        assert not gone.is_set()
        m.forget()
        assert gone.is_set()

    def test_another_one_in_its_place(self, m):
        f, gone = noticed()
        m.remember(f)
        del f
        m.remember(lambda n: n)
        assert gone.is_set()
        assert m.fire(1) == 1

    def test_c_may_be_done_in_another_thread(self, m):
        f, gone = noticed()
        m.remember(f)
        del f
        m.forget_in_thread()
        assert gone.is_set()

    def test_c_may_be_done_within_the_callback(self, m):
        f, gone = noticed()

        def forgetful(n, kept=f):
            m.forget()
            gc.collect()
            return kept(n) + m.fire(n)

        m.remember(forgetful)
        del f, forgetful
        assert m.fire(1) == 100
        gc.collect()
        assert gone.is_set()

    def test_c_may_be_done_in_another_thread_within_the_callback(self, m):
        def forgetful(n):
            m.forget_in_thread()
            return n

        m.remember(forgetful)
        assert m.fire(7) == 7
        assert m.fire(7) == -1

    @pytest.mark.parametrize("how", [1, 2])
    def test_a_function_that_fails_does_not_keep_it(self, m, how):
        f, gone = noticed()
        with pytest.raises(RuntimeError):
            m.remember(f, how)
        del f
        assert gone.is_set()

    def test_none_for_a_stored_one(self, m):
        m.remember(None)
        assert m.fire(1) == -1

    def test_one_function_stored_twice(self, m):
        f, gone = noticed()
        m.remember(f)
        m.later(f)
        del f
        m.forget()
        assert not gone.is_set()
        assert m.now(1) == 101
        assert gone.is_set()

    def test_once_is_spent_when_called(self, m):
        f, gone = noticed()
        m.later(f)
        del f
        gc.collect()
        assert not gone.is_set()
        assert m.now(1) == 101
        assert gone.is_set()
        assert m.now(1) == -1

    def test_once_is_spent_by_an_exception_too(self, m):
        m.later(fail)
        with pytest.raises(FailureError):
            m.now(1)
        assert m.now(1) == -1

    def test_forever(self, m):
        f, gone = noticed()
        m.set_handler(f)
        del f
        gc.collect()
        assert m.handle(1) == 101
        assert not gone.is_set()
        m.set_handler(fail)
        with pytest.raises(FailureError):
            m.handle(1)

    def test_a_library_whose_module_is_gone(self, path):
        module = symbridge.load(path, DESCRIPTION)
        f, gone = noticed()
        module.remember(f)
        fire = ctypes.CDLL(str(path)).fire
        module = weakref.ref(module)
        del f
        gc.collect()
        assert fire(1) == 101
        assert not gone.is_set()
        ctypes.CDLL(str(path)).forget()
        assert gone.is_set()


class TestHeldByHandles:
    def test_until_the_handle_is_closed(self, m):
        f, gone = noticed()
        button = m.Button(f)
        del f
        assert button.press() == 101
        assert not gone.is_set()
        button.close()
        assert gone.is_set()

    def test_until_the_handle_goes(self, m):
        f, gone = noticed()
        button = m.Button.make(f, 0)
        del f
        assert button.press() == 101
        assert not gone.is_set()
        del button
        assert gone.is_set()
        assert m.button_count() == 0

    def test_no_handle_keeps_nothing(self, m):
        f, gone = noticed()
        with pytest.raises(RuntimeError):
            m.Button.make(f, 1)
        del f
        assert gone.is_set()

    def test_a_handle_that_is_passed_in(self, m):
        button = m.Button(None)
        assert button.press() == -1
        first, first_gone = noticed()
        second, second_gone = noticed()
        button.on_press(first)
        button.on_press(second)
        del first, second
        assert button.press() == 101
        assert not first_gone.is_set()
        button.close()
        assert first_gone.is_set()
        assert second_gone.is_set()

    def test_closed_within_its_callback(self, m):
        button = m.Button(lambda n: button.close() or n)
        with pytest.raises(ValueError, match="in use"):
            button.press()
        button.close()

    def test_cycles_are_collected(self, m):
        class Owner:
            def __init__(self):
                self.button = m.Button(self.pressed)

            def pressed(self, n):
                return n

        owner = Owner()
        assert owner.button.press() == 1
        assert m.button_count() == 1
        del owner
        gc.collect()
        assert m.button_count() == 0

    def test_a_subclass_that_is_initialised_later(self, m):
        class Bell(m.Button):
            def __init__(self, f):
                super().__init__(f)

        f, gone = noticed()
        bell = Bell(f)
        del f
        assert bell.press() == 101
        bell.close()
        assert gone.is_set()


class TestThreads:
    def test_a_thread_of_c_calls_while_python_runs(self, m):
        seen: set[int] = set()

        def tick(n):
            seen.add(threading.get_ident())
            return n

        m.remember(tick)
        assert m.start_ticking() == 0
        assert eventually(lambda: m.tick_count() > 100)
        m.stop_ticking()
        assert len(seen) == 1
        assert threading.get_ident() not in seen

    def test_its_thread_locals_last(self, m):
        local = threading.local()
        counts = []

        def tick(n):
            local.count = getattr(local, "count", 0) + 1
            counts.append(local.count)
            return n

        m.remember(tick)
        assert m.start_ticking() == 0
        assert eventually(lambda: len(counts) > 10)
        m.stop_ticking()
        assert counts == list(range(1, len(counts) + 1))

    def test_many_threads_of_c_come_and_go(self, m):
        m.remember(lambda n: n * 2)
        results = []

        def work():
            results.extend(m.fire_in_thread(n) for n in range(50))

        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(results) == sorted([n * 2 for n in range(50)] * 4)

    def test_ctypes_leads_there_too(self, m, path, reports):
        library, python_library = ctypes.CDLL(str(path)), ctypes.PyDLL(str(path))
        m.remember(lambda n: n + m.apply(lambda n: n, 1))
        assert library.fire(1) == python_library.fire(1) == 2
        m.remember(fail)
        assert library.fire(1) == python_library.fire(1) == 0
        assert [type(error) for error, _ in reports] == [FailureError, FailureError]


def refusal(text: str) -> str:
    with pytest.raises(symbridge.DescriptionError) as caught:
        symbridge.load("", text, name="refused")
    assert caught.value.lineno is not None
    assert caught.value.offset is not None
    return f"{caught.value.lineno}:{caught.value.offset}: {caught.value.msg}"


F = "int (*f)(int n, void *user [[user_data]])"


class TestDescriptions:
    @pytest.mark.parametrize(
        ("text", "message"),
        [
            (f"void g({F} [[scope(always), user_data(u)]], void *u);", "knows call, notified"),
            ("void g(int n [[scope(call)]]);", r"\[\[scope\]\] needs a function pointer"),
            ("void g(int n [[held_by(n)]]);", r"\[\[held_by\]\] needs a function pointer"),
            ("void g(int n [[on_error(1)]]);", r"\[\[on_error\]\] needs a function pointer"),
            ("void g(void *u [[user_data]]);", "stands at the callback and names"),
            (f"void g({F} [[user_data]], void *u);", "must name the parameter"),
            (f"void g({F} [[user_data(v)]], void *u);", "'v', which is no parameter"),
            (f"void g({F} [[user_data(u)]], int u);", "needs a void *"),
            (f"void g({F} [[user_data(u)]], void *u [[nullable]]);", "passes the user data itself"),
            (f"void g({F} [[on_error(1)]], void *u);", "say which parameter of this function"),
            ("void g(int (*f)(void *) [[user_data(u)]], void *u);", "marked .*user_data"),
            ("void g(int (*f)(int n [[user_data]]));", "needs a void *"),
            ("void g(int (*f)(void *a [[user_data]], void *b [[user_data]]));", "a second"),
            ("void g(int (*f)(void *a [[user_data(b)]]));", "takes no argument"),
            ("void g(int (*f)(int n [[default(1)]]));", r"\[\[default\]\] says nothing"),
            ("void g(int (*f)(int *n [[array(k)]]));", "'k', which is no parameter of the"),
            ("void g(int (*f)(int *n [[array(k)]], double k));", "integer passed by value"),
            ("void g(int (*f)(int *n [[array(k), out]], int k));", "cannot fill an array"),
            (f"void g({F} [[scope(notified), user_data(u)]], void *u);", "nothing says when C is"),
            (f"void g({F} [[destroy(d), user_data(u)]], void *u, void (*d)(void *));", "notified"),
            (
                "void g(int (*f)(void) [[scope(notified), destroy(d)]], void (*d)(void *));",
                "needs .*user_data",
            ),
            (
                f"void g({F} [[scope(notified), destroy(d), user_data(u)]], void *u, int d);",
                "takes one void",
            ),
            (
                f"void g({F} [[scope(notified), destroy(e), user_data(u)]], void *u);",
                "'e', which is no parameter",
            ),
            (
                "struct h; void g(struct h *h, int (*f)(void) [[held_by(h)]]);",
                "held_by.* needs .*scope",
            ),
            (
                "struct h; void g(struct h *h, int (*f)(void) [[scope(once), held_by(h)]]);",
                "needs a handle with a",
            ),
            (
                "int g(int (*f)(void) [[scope(notified), held_by(result)]]);",
                "needs a handle with a",
            ),
            ("[[quick]] void g(int (*f)(void) [[scope(once)]]);", "cannot store a callback"),
            ("void g(void (*f)(void) [[on_error(1)]]);", "returns nothing"),
            ("void g(int8_t (*f)(void) [[on_error(128)]]);", "does not fit its type"),
            ("void g(int (*f)(void) [[on_error(WHAT)]]);", "no constant that is known"),
        ],
    )
    def test_misuse_is_refused_with_its_place(self, text, message):
        assert re.search(r"^1:\d+: .*" + message, refusal(text))

    def test_the_place_is_the_attributes(self):
        assert refusal("void g(\n    int (*f)(void) [[scope(never)]]);").startswith("2:22: ")

    def test_a_callback_that_cannot_be_made_still_takes_addresses(self):
        m = symbridge.load("", "int atoi(const char *); void *bsearch(int (*f)(int, ...), ...);")
        assert m.atoi("3") == 3


@pytest.mark.skipif("SB_SANITIZED" in os.environ, reason="freed memory is kept for a while")
class TestGrowth:
    ROUNDS = int(os.environ.get("SYMBRIDGE_CALLBACK_ROUNDS", "20000"))

    def grows(self, operation: Callable[[], object]) -> int:
        for _ in range(2000):
            operation()
        gc.collect()
        before = resident(), sys.getrefcount(None), sys.getrefcount(operation)
        for _ in range(self.ROUNDS):
            operation()
        gc.collect()
        assert abs(sys.getrefcount(None) - before[1]) < 1000
        assert sys.getrefcount(operation) == before[2]
        return resident() - before[0]

    def test_calls_and_errors_leave_nothing(self, m):
        def f(n):
            if n:
                raise FailureError
            return n

        def operation():
            m.apply(f, 0)
            with contextlib.suppress(FailureError):
                m.apply(f, 1)

        assert self.grows(operation) < 1 << 20

    def test_storing_leaves_nothing(self, m):
        def operation():
            m.remember(lambda n: n)
            m.fire_quickly(1)
            m.forget()
            m.later(lambda n: n)
            m.now(1)

        assert self.grows(operation) < 1 << 20

    def test_handles_leave_nothing(self, m):
        def operation():
            button = m.Button(lambda n: n)
            button.on_press(lambda n: n)
            button.visit(lambda b: b.press())

        assert self.grows(operation) < 1 << 20

    def test_lent_records_leave_nothing(self, m):
        point = m.Point(1, 2)
        assert self.grows(lambda: m.change_point(lambda p: None, point)) < 1 << 20

    def test_threads_leave_nothing(self, m):
        m.remember(lambda n: n)

        def operation():
            m.fire_in_thread(1)

        for _ in range(200):
            operation()
        gc.collect()
        before = resident()
        for _ in range(min(self.ROUNDS, 2000)):
            operation()
        assert resident() - before < 1 << 20
