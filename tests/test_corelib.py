"""corelib does what libcore's documentation promises, name by name."""

from __future__ import annotations

import copy
import ctypes
import gc
import importlib
import inspect
import math
import os
import pickle
import subprocess
import sys
import textwrap
import threading
import time
import weakref
from array import array
from datetime import date, datetime, timedelta
from enum import IntEnum, IntFlag
from itertools import islice
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import corelib
from corelib import LucasIter, Point, Point3
from corelib.date_ex import (
    before,
    days_between,
    from_timestamp,
    seconds_before,
    to_timestamp,
)

U32 = st.integers(0, 2**32 - 1)
U64 = st.integers(0, 2**64 - 1)


class TestLucasSequences:
    @pytest.mark.parametrize(
        ("coef", "vals", "first"),
        [
            ([1, 1], [2, 1], [2, 1, 3, 4, 7, 11, 18, 29, 47, 76]),
            ([1, 1], [0, 1], [0, 1, 1, 2, 3, 5, 8, 13, 21, 34]),
            ([2, 1], [0, 1], [0, 1, 1, 3, 5, 11, 21]),
            ([1, 2], [0, 1], [0, 1, 2, 5, 12, 29]),
            ([3], [1], [1, 3, 9, 27]),
        ],
    )
    def test_known_sequences(self, coef, vals, first):
        assert list(islice(LucasIter(coef, vals), len(first))) == first

    def test_iter_is_itself_and_endless(self):
        sequence = LucasIter([1], [7])
        assert iter(sequence) is sequence
        assert list(islice(sequence, 1000)) == [7] * 1000

    def test_every_term_that_fits_is_delivered_and_then_overflow_for_ever(self):
        sequence = LucasIter([1, 1], [2, 1])
        terms = list(islice(sequence, 91))
        assert terms[90] == 6440026026380244498
        for _ in range(3):
            with pytest.raises(OverflowError):
                next(sequence)

    def test_matches_python_on_any_recurrence(self):
        terms = [3, -5, 2]
        for _ in range(40):
            terms.append(2 * terms[-3] - terms[-2] + 1 * terms[-1])
        assert list(islice(LucasIter([2, -1, 1], [3, -5, 2]), 40)) == terms[:40]

    @pytest.mark.parametrize(("coef", "vals"), [([1, 1], [1]), ([], []), ([1], []), ([], [1])])
    def test_unequal_or_no_coefficients_are_value_errors(self, coef, vals):
        with pytest.raises(ValueError, match=r"length|coefficient"):
            LucasIter(coef, vals)

    def test_values_outside_64_bits_name_the_argument(self):
        with pytest.raises(OverflowError, match=r"'vals'.*item 1"):
            LucasIter([1, 1], [0, 2**63])
        with pytest.raises(OverflowError, match=r"'coef'.*item 0"):
            LucasIter([-(2**63) - 1, 1], [0, 1])

    def test_take_gives_a_list(self):
        sequence = LucasIter([1, 1], [2, 1])
        assert sequence.take(5) == [2, 1, 3, 4, 7]
        assert sequence.take(0) == []
        assert next(sequence) == 11

    def test_take_keeps_the_terms_on_overflow(self):
        sequence = LucasIter([1, 1], [2, 1])
        with pytest.raises(OverflowError, match="91"):
            sequence.take(100)
        assert sequence.available(100) == 91
        assert sequence.take(91)[-1] == 6440026026380244498

    def test_take_into_a_buffer_without_a_copy(self):
        terms = array("q", bytes(8 * 6))
        LucasIter([1, 1], [2, 1]).take_into(terms)
        assert terms.tolist() == [2, 1, 3, 4, 7, 11]

    def test_take_into_numpy(self):
        numpy = pytest.importorskip("numpy")
        terms = numpy.zeros(6, dtype=numpy.int64)
        LucasIter([1, 1], [2, 1]).take_into(terms)
        assert terms.tolist() == [2, 1, 3, 4, 7, 11]

    @pytest.mark.parametrize("n", [-1, 2**62, 2**64, 2**70])
    def test_absurd_counts_are_refused(self, n):
        with pytest.raises((OverflowError, MemoryError)):
            LucasIter([1, 1], [2, 1]).take(n)

    def test_lucas_mod_agrees_with_iteration(self):
        a, b = 2, 1
        for n in range(200):
            assert corelib.lucas_mod([1, 1], [2, 1], n, 10**9 + 7) == a % (10**9 + 7)
            a, b = b, a + b

    def test_lucas_mod_is_exact_for_huge_n_and_m(self):
        n, m = 2**64 - 1, 2**64 - 59
        power = _matrix_power(n, m)
        expected = (power[0][0] * 2 + power[0][1] * 1) % m
        assert corelib.lucas_mod([1, 1], [2, 1], n, m) == expected

    def test_lucas_mod_zero_modulus(self):
        with pytest.raises(ValueError, match="m"):
            corelib.lucas_mod([1, 1], [2, 1], 5, 0)

    def test_some_func_in_backend(self):
        from corelib.backend import some_func

        assert some_func(10) == [2, 1, 3, 4, 7, 11, 18, 29, 47, 76]
        assert some_func(0) == []
        assert some_func(91)[-1] == 6440026026380244498
        with pytest.raises(OverflowError):
            some_func(92)


def _matrix_power(n, m):
    """[[0, 1], [1, 1]] ** n modulo m: row 0 gives term n from terms 0 and 1."""
    result, base = [[1, 0], [0, 1]], [[0, 1], [1, 1]]

    def multiply(p, q):
        return [[sum(p[i][k] * q[k][j] for k in range(2)) % m for j in range(2)] for i in range(2)]

    while n:
        if n & 1:
            result = multiply(result, base)
        base = multiply(base, base)
        n >>= 1
    return result


class TestDates:
    def test_examples(self):
        assert seconds_before(date(2018, 2, 20), int(1e6)) == date(2018, 2, 8)
        assert seconds_before(date(2018, 2, 20), 0) == date(2018, 2, 20)
        assert seconds_before(date(2018, 2, 20), 1) == date(2018, 2, 19)
        assert seconds_before(date(2018, 2, 20), 86400) == date(2018, 2, 19)
        assert seconds_before(date(2018, 2, 20), 86401) == date(2018, 2, 18)
        assert seconds_before(date(2018, 2, 20), -86399) == date(2018, 2, 20)
        assert seconds_before(date(2018, 2, 20), -86400) == date(2018, 2, 21)

    @given(st.dates(), st.integers(-(10**11), 10**11))
    def test_seconds_before_agrees_with_datetime(self, d, seconds):
        try:
            expected = (datetime(d.year, d.month, d.day) - timedelta(seconds=seconds)).date()
        except OverflowError:
            with pytest.raises(OverflowError):
                seconds_before(d, seconds)
        else:
            assert seconds_before(d, seconds) == expected

    def test_every_date_round_trips(self):
        day, stamp = date(1, 1, 1), -62135596800
        one = timedelta(days=1)
        while True:
            assert to_timestamp(day) == stamp
            assert from_timestamp(stamp) == day
            if day == date.max:
                break
            day += one
            stamp += 86400

    @pytest.mark.parametrize("stamp", [-62135596801, 253402300800, 2**63 - 1, -(2**63)])
    def test_outside_the_calendar_is_overflow(self, stamp):
        with pytest.raises(OverflowError):
            from_timestamp(stamp)

    def test_beyond_64_bits_names_the_argument(self):
        with pytest.raises(OverflowError, match="seconds"):
            from_timestamp(2**63)
        with pytest.raises(OverflowError):
            seconds_before(date.min, 1)

    def test_a_datetime_is_refused(self):
        with pytest.raises(TypeError, match="datetime"):
            to_timestamp(datetime(2018, 2, 20, 12))
        with pytest.raises(TypeError, match="datetime"):
            seconds_before(datetime(2018, 2, 20), 0)

    @pytest.mark.parametrize("wrong", [1.0, "1", None, timedelta(1)])
    def test_seconds_must_be_int(self, wrong):
        with pytest.raises(TypeError, match="seconds"):
            seconds_before(date(2018, 2, 20), wrong)

    def test_a_date_subclass_is_fine(self):
        class Day(date):
            pass

        assert seconds_before(Day(2018, 2, 20), 0) == date(2018, 2, 20)

    def test_durations_are_timedelta(self):
        assert before(date(2018, 2, 20), timedelta(days=1)) == date(2018, 2, 19)
        assert before(date(2018, 2, 20), timedelta(microseconds=1)) == date(2018, 2, 19)
        assert days_between(date(2018, 2, 1), date(2018, 3, 1)) == timedelta(days=28)
        assert days_between(date.max, date.min) == date.min - date.max

    def test_time_zone_does_not_matter(self):
        code = (
            "from datetime import date; from corelib.date_ex import *;"
            "print(to_timestamp(date(2018, 2, 20)), seconds_before(date(2018, 2, 20), 10**6))"
        )
        outputs = {
            subprocess.run(
                [sys.executable, "-c", code],
                env={**os.environ, "TZ": zone},
                capture_output=True,
                text=True,
                check=True,
            ).stdout
            for zone in ("UTC", "Pacific/Kiritimati", "America/New_York")
        }
        assert outputs == {"1519084800 2018-02-08\n"}


class TestPoints:
    def test_fields(self):
        p = Point(1, 2)
        assert (p.x, p.y) == (1, 2)
        p.x = 3
        p.y += 1
        assert (p.x, p.y) == (3, 3)

    @pytest.mark.parametrize(
        "value", [-1, 2**32, 2**64, -(2**64), pytest.param(10**5000, id="huge")]
    )
    def test_out_of_range_names_the_argument(self, value):
        with pytest.raises(OverflowError, match="'x'"):
            Point(value, 0)
        with pytest.raises(OverflowError, match="'y'"):
            Point(0, value)
        p = Point(5, 6)
        with pytest.raises(OverflowError, match="x"):
            p.x = value
        assert p == Point(5, 6)

    def test_extremes_fit(self):
        p = Point(2**32 - 1, 0)
        assert (p.x, p.y) == (2**32 - 1, 0)

    def test_text(self):
        assert str(Point(1, 1)) == "Point {x = 1, y = 1}"
        assert repr(Point(1, 2)) == "Point(x=1, y=2)"
        assert eval(repr(Point(1, 2))) == Point(1, 2)

    @given(U32, U32, U32, U32)
    def test_equality_hash_and_order_by_value(self, a, b, c, d):
        p, q = Point(a, b), Point(c, d)
        assert (p == q) == ((a, b) == (c, d))
        assert (p != q) == ((a, b) != (c, d))
        assert (p < q) == ((a, b) < (c, d))
        assert (p <= q) == ((a, b) <= (c, d))
        assert (p > q) == ((a, b) > (c, d))
        assert (p >= q) == ((a, b) >= (c, d))
        assert hash(p) == hash(Point(a, b))

    def test_foreign_comparison(self):
        assert Point(1, 2) != (1, 2)
        assert Point(1, 2) != None  # noqa: E711
        with pytest.raises(TypeError):
            Point(1, 2) < (1, 2)  # noqa: B015

    def test_copies_and_pickles(self):
        p = Point(1, 2)
        for made in (copy.copy(p), copy.deepcopy(p)):
            assert made == p
            assert made is not p
        for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
            assert pickle.loads(pickle.dumps(p, protocol)) == p

    def test_keywords(self):
        assert Point(x=1, y=2) == Point(1, 2) == Point(1, y=2)
        with pytest.raises(TypeError, match="y"):
            Point(1)
        with pytest.raises(TypeError, match="z"):
            Point(1, 2, z=3)
        with pytest.raises(TypeError, match="x"):
            Point(1, 2, x=3)
        with pytest.raises(TypeError):
            Point(1, 2, 3)

    def test_deletion_is_refused(self):
        p = Point(1, 2)
        with pytest.raises((TypeError, AttributeError)):
            del p.x
        with pytest.raises(AttributeError):
            p.nothing = 1
        assert p == Point(1, 2)

    def test_distance_is_single_precision(self):
        assert Point(1, 1).dist(Point(0, 2)) == 1.4142135381698608
        assert Point(1, 1).dist(other=Point(1, 1)) == 0.0

    def test_sum(self):
        assert Point(1, 2) + Point(3, 4) == Point(4, 6)
        with pytest.raises(OverflowError):
            Point(2**32 - 1, 0) + Point(1, 0)
        with pytest.raises(TypeError):
            Point(1, 2) + 3
        with pytest.raises(TypeError):
            3 + Point(1, 2)

    def test_class_and_static_methods_and_constant(self):
        assert Point.origin() == Point(0, 0)
        assert Point(5, 5).origin() == Point(0, 0)
        assert Point.manhattan(Point(1, 1), Point(4, 5)) == 7
        assert Point.DIMENSIONS == 2

    def test_norm_scales_the_point(self):
        p = Point(3, 4)
        assert p.norm == 5.0
        p.norm = 10
        assert p == Point(6, 8)

    @pytest.mark.parametrize("length", [-1.0, math.nan, -math.inf])
    def test_impossible_norms(self, length):
        p = Point(3, 4)
        with pytest.raises(ValueError, match="norm"):
            p.norm = length
        assert p == Point(3, 4)

    def test_norm_of_zero_and_beyond_the_grid(self):
        with pytest.raises(ValueError, match="zero|origin"):
            Point(0, 0).norm = 1.0
        p = Point(3, 4)
        for length in (1e12, math.inf):
            with pytest.raises(OverflowError):
                p.norm = length
        assert p == Point(3, 4)

    def test_quadrant_and_axes(self):
        assert isinstance(Point(1, 1).quadrant, corelib.Quadrant)
        assert issubclass(corelib.Quadrant, IntEnum)
        assert Point(0, 0).quadrant is corelib.Quadrant.ORIGIN
        assert Point(1, 1).quadrant is corelib.Quadrant.FIRST
        assert issubclass(corelib.Axis, IntFlag)
        assert Point(1, 1).axes == corelib.Axis.X | corelib.Axis.Y
        assert Point(0, 1).axes == corelib.Axis.Y

    def test_subclass_of_point_in_c(self):
        p = Point3(1, 2, 3)
        assert isinstance(p, Point)
        assert (p.x, p.y, p.z) == (1, 2, 3)
        assert p == Point3(1, 2, 3)
        assert p.norm == Point(1, 2).norm
        assert Point3(0, 0, 2).dist(Point3(0, 0, 0)) == 2.0
        assert Point(0, 0).dist(Point3(3, 4, 9)) == 5.0
        assert pickle.loads(pickle.dumps(p)) == p

    def test_subclass_in_python(self):
        class Named(Point):
            name = "nameless"

        p = Named(1, 2)
        p.name = "home"
        assert p == Point(1, 2)
        assert p.dist(Point(1, 2)) == 0
        assert copy.copy(p).name == "home"
        assert type(Named.origin()) is Named

    def test_object_is_no_larger_than_header_and_struct(self):
        assert sys.getsizeof(Point(1, 2)) == object.__basicsize__ + 8


class TestPointArray:
    def test_sequence(self):
        points = corelib.PointArray(10)
        assert len(points) == 10
        points[3] = Point(1, 2)
        assert points[3] == points[-7] == Point(1, 2)
        assert [p for p in points if p != Point(0, 0)] == [Point(1, 2)]
        for wrong in (10, -11, 2**70):
            with pytest.raises(IndexError):
                points[wrong]
        with pytest.raises(IndexError):
            points[10] = Point(0, 0)

    def test_an_element_keeps_its_array_alive(self):
        element = corelib.PointArray(1000)[500]
        element.x = 7
        assert element == Point(7, 0)

    def test_an_element_of_a_closed_array_is_an_error(self):
        points = corelib.PointArray(10)
        element = points[3]
        points.close()
        with pytest.raises(ValueError, match="closed"):
            element.x  # noqa: B018
        with pytest.raises(ValueError, match="closed"):
            points[0]

    def test_nearest_in_a_million(self):
        points = corelib.PointArray(1_000_000)
        points[777_777] = Point(100, 100)
        assert points.nearest(Point(99, 98)) == 777_777
        assert points.nearest(Point(0, 0)) == 0


class TestIntegrate:
    def test_polynomials_up_to_the_third_degree_are_exact(self):
        assert corelib.integrate(lambda x: 2.0, 0, 8, 1) == 16.0
        assert corelib.integrate(lambda x: x * x, 0, 3, 6) == 9.0
        assert corelib.integrate(lambda x: 4 * x**3, 0, 4, 8) == 256.0

    def test_other_functions_converge(self):
        assert math.isclose(corelib.integrate(math.sin, 0, math.pi, 1000), 2, rel_tol=1e-12)

    def test_exchanged_bounds_change_the_sign(self):
        assert corelib.integrate(lambda x: 2, a=8, b=0, n=1) == -16.0

    def test_f_is_called_in_order_from_a_to_b(self):
        seen = []

        def f(x):
            seen.append(x)
            return 0.0

        corelib.integrate(f, -1, 0.7, 10)
        assert len(seen) == 21
        assert (seen[0], seen[-1]) == (-1.0, 0.7)
        assert seen == sorted(seen)

    def test_an_exception_stops_it_and_is_raised(self):
        calls = []

        def f(x):
            calls.append(x)
            if len(calls) == 4:
                raise LookupError("at the fourth")
            return x

        with pytest.raises(LookupError, match="at the fourth"):
            corelib.integrate(f, 0, 1, 1_000_000)
        assert len(calls) == 4

    def test_a_result_that_is_no_number_is_named(self):
        with pytest.raises(
            TypeError, match=r"callback 'f' of integrate\(\): expected float, got str"
        ):
            corelib.integrate(str, 0, 1, 1)

    def test_it_may_be_called_within_itself(self):
        def inner(x):
            return corelib.integrate(lambda y: x * y, 0, 2, 2)

        assert corelib.integrate(inner, 0, 3, 2) == 9.0

    def test_wrong_arguments_are_refused(self):
        with pytest.raises(ValueError, match="n must be at least 1"):
            corelib.integrate(abs, 0, 1, 0)
        with pytest.raises(ValueError, match="the bounds must be finite"):
            corelib.integrate(abs, 0, math.inf, 1)
        with pytest.raises(TypeError, match="argument 'f': expected a callable, got float"):
            corelib.integrate(1.5, 0, 1, 1)
        with pytest.raises(TypeError, match="argument 'f': expected a callable, got NoneType"):
            corelib.integrate(None, 0, 1, 1)


def run_python(code):
    """Run code in an interpreter of its own; its output."""
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


class TestTimer:
    def test_it_calls_once_from_another_thread(self):
        threads = []
        rung = threading.Event()

        def ring():
            threads.append(threading.get_ident())
            rung.set()

        with corelib.Timer(0.001, ring) as timer:
            assert rung.wait(30)
            assert timer.fired
        assert len(threads) == 1
        assert threads[0] != threading.get_ident()

    def test_closed_before_its_time_it_never_calls(self):
        timer = corelib.Timer(1000, pytest.fail)
        assert not timer.fired
        timer.close()
        timer.close()
        with pytest.raises(ValueError, match="closed Timer"):
            _ = timer.fired

    def test_close_waits_for_the_callback_without_the_lock_of_the_interpreter(self):
        begun, ended = threading.Event(), threading.Event()

        def slow():
            begun.set()
            time.sleep(0.05)
            ended.set()

        timer = corelib.Timer(0, slow)
        assert begun.wait(30)
        timer.close()
        assert ended.is_set()

    def test_close_within_the_callback(self):
        timers = []
        made, closed = threading.Event(), threading.Event()

        def ring():
            made.wait(30)
            timers[0].close()
            closed.set()

        timers.append(corelib.Timer(0, ring))
        made.set()
        assert closed.wait(30)
        assert repr(timers[0]) == "<corelib.Timer closed>"

    def test_close_in_many_threads(self):
        for _ in range(20):
            timer = corelib.Timer(0, lambda: None)
            threads = [threading.Thread(target=timer.close) for _ in range(4)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()

    def test_a_dropped_timer_lets_its_callback_go(self):
        class Owner:
            def __init__(self):
                self.timer = corelib.Timer(1000, self.ring)

            def ring(self):
                pytest.fail("dropped")

        owner = Owner()
        gone = weakref.ref(owner)
        del owner
        gc.collect()
        assert gone() is None

    def test_an_exception_is_reported(self, monkeypatch):
        reports = []
        reported = threading.Event()

        def hook(report):
            reports.append((type(report.exc_value), report.object))
            reported.set()

        def fail():
            raise LookupError

        monkeypatch.setattr(sys, "unraisablehook", hook)
        with corelib.Timer(0, fail):
            assert reported.wait(30)
        assert reports == [(LookupError, fail)]

    def test_wrong_arguments_are_refused(self):
        with pytest.raises(ValueError, match="seconds must be from 0 to 1e\\+09, not -1"):
            corelib.Timer(-1, print)
        with pytest.raises(TypeError, match="argument 'callback': expected a callable, got str"):
            corelib.Timer(1, "print")
        assert corelib.Timer.SECONDS_MAX == 1e9

    def test_the_interpreter_may_end_while_timers_wait_and_fire(self):
        code = """
        import corelib, time
        waiting = corelib.Timer(1000, print)
        timers = [corelib.Timer(i * 1e-4, lambda: sum(range(1000))) for i in range(200)]
        time.sleep(0.005)
        print("done")
        """
        assert run_python(code) == "done\n"

    def test_the_interpreter_may_end_while_a_callback_runs(self):
        code = """
        import corelib, threading, time
        begun = threading.Event()
        def slow():
            begun.set()
            time.sleep(0.2)
            print("callback ended")
        timer = corelib.Timer(0, slow)
        begun.wait(30)
        """
        assert run_python(code) == "callback ended\n"


class TestSmallFunctions:
    def test_say_hello_prints_to_the_process_output(self):
        done = subprocess.run(
            [sys.executable, "-c", "import corelib; corelib.say_hello()"],
            capture_output=True,
            check=True,
        )
        assert done.stdout == b"Hello world!\n"

    @pytest.mark.parametrize("n", range(21))
    def test_fact_is_exact(self, n):
        assert corelib.fact(n) == math.factorial(n)

    def test_fact_overflow(self):
        for n in (21, 22, 2**32 - 1):
            with pytest.raises(OverflowError):
                corelib.fact(n)

    @given(U64, U64)
    def test_both_sums_behave_alike(self, a, b):
        if a + b < 2**64:
            assert corelib.sum_as_string(a, b) == corelib.sum_as_string_native(a, b) == str(a + b)
        else:
            for sum_ in (corelib.sum_as_string, corelib.sum_as_string_native):
                with pytest.raises(OverflowError):
                    sum_(a, b)

    @pytest.mark.parametrize("sum_", [corelib.sum_as_string, corelib.sum_as_string_native])
    def test_sums_refuse_alike(self, sum_):
        assert sum_(9000, 1) == "9001"
        for wrong in (-1, 2**64):
            with pytest.raises(OverflowError, match="'a'"):
                sum_(wrong, 0)
        for wrong in ("1", 1.0, None):
            with pytest.raises(TypeError):
                sum_(wrong, 0)

    def test_word_count(self):
        assert corelib.word_count("the cat and the hat") == {"the": 2, "cat": 1, "and": 1, "hat": 1}
        assert corelib.word_count("") == {}
        assert corelib.word_count("Äpfel äpfel Äpfel") == {"Äpfel": 2, "äpfel": 1}
        with pytest.raises(ValueError, match="null"):
            corelib.word_count("a\0b")
        with pytest.raises(UnicodeEncodeError):
            corelib.word_count("\ud800")

    def test_throws_error(self):
        with pytest.raises(corelib.AppleStuckInThroat) as caught:
            corelib.throws_error()
        assert str(caught.value) == "Hello Error: 🍏🍏"
        assert isinstance(caught.value, Exception)
        assert corelib.AppleStuckInThroat.__module__ == "corelib"

    def test_input_output_errors_carry_errno_and_name(self, tmp_path):
        path = tmp_path / "no such file"
        with pytest.raises(FileNotFoundError) as caught:
            corelib.count_lines(path)
        assert caught.value.errno == 2
        assert caught.value.filename == str(path)
        path.write_text("one\ntwo\nthree")
        assert corelib.count_lines(str(path)) in (2, 3)


class TestIntrospection:
    def test_submodules_import_like_any_other(self):
        module = importlib.import_module("corelib.date_ex")
        assert module is corelib.date_ex
        assert module.seconds_before is seconds_before
        assert seconds_before.__module__ == "corelib.date_ex"
        assert inspect.isbuiltin(seconds_before)

    def test_functions_look_hand_written(self):
        assert repr(corelib.fact) == "<built-in function fact>"
        assert corelib.fact.__module__ == "corelib"
        assert corelib.fact.__qualname__ == corelib.fact.__name__ == "fact"
        assert str(inspect.signature(corelib.fact)) == "(n)"
        assert corelib.fact.__doc__
        assert pickle.loads(pickle.dumps(corelib.fact)) is corelib.fact

    def test_classes_look_hand_written(self):
        assert type(Point) is type
        assert repr(Point) == "<class 'corelib.Point'>"
        assert Point.dist.__qualname__ == "Point.dist"
        assert inspect.ismethoddescriptor(Point.dist)
        assert str(inspect.signature(Point.dist)) == "(self, /, other)"
        assert str(inspect.signature(Point)) == "(x, y)"
        assert pickle.loads(pickle.dumps(Point)) is Point
        assert "x" in dir(Point)

    def test_dir_and_help(self):
        names = dir(corelib)
        for name in ("fact", "Point", "LucasIter", "date_ex", "backend", "sum_as_string"):
            assert name in names
        import pydoc

        text = pydoc.render_doc(corelib, renderer=pydoc.plaintext)
        assert "fact(n)" in text
        assert "class Point" in text

    def test_unknown_names(self):
        with pytest.raises(AttributeError, match="corelib.*nothing"):
            corelib.nothing  # noqa: B018
        with pytest.raises(ImportError):
            from corelib import nothing  # noqa: F401

    def test_star_import(self):
        names: dict[str, object] = {}
        exec("from corelib.date_ex import *", names)
        assert names["seconds_before"] is seconds_before

    def test_the_library_itself_lies_beside_the_package(self):
        library = Path(corelib.__file__).with_name("libcore.so.1")
        assert ctypes.CDLL(str(library)).core_fact is not None
