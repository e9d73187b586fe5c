"""Structs that cross as classes that exist: dates, times, complex numbers, any other."""

from __future__ import annotations

import fractions
import gc
import os
import subprocess
import sys
import types
from datetime import UTC, date, datetime, time, timedelta

import pytest

import symbridge
from growth import growth

KINDS = (
    "date", "small_date", "datetime", "minute", "time", "duration", "days", "complex", "complexf",
    "fraction", "reversed", "shade",
)  # fmt: skip

DESCRIPTION = """
    [[prefix("ad_")]];
    [[adapt("datetime.date", year, month, day)]]
    struct ad_date { int32_t year; uint8_t month, day; };
    [[adapt("datetime.date", year, month, day)]]
    struct ad_small_date { int8_t year; uint8_t month, day; };
    [[adapt("datetime.datetime", year, month, day, hour, minute, second, microsecond)]]
    struct ad_datetime {
        int16_t year; uint8_t month, day, hour, minute, second; int32_t microsecond;
    };
    [[adapt("datetime.datetime", year, month, day, hour, minute)]]
    struct ad_minute { int16_t year; uint8_t month, day, hour, minute; };
    [[adapt("datetime.time", hour, minute, second, microsecond)]]
    struct ad_time { int hour, minute, second, microsecond; };
    [[adapt("datetime.timedelta", days, seconds, microseconds)]]
    struct ad_duration { int64_t days; int32_t seconds, microseconds; };
    [[adapt("datetime.timedelta", days)]] struct ad_days { int32_t days; };
    [[adapt("complex", real, imag)]] struct ad_complex { double re, im; };
    [[adapt("complex", real, imag)]] struct ad_complexf { float real, imag; };
    [[adapt("fractions.Fraction", numerator, denominator)]]
    struct ad_fraction { int64_t numerator, denominator; };
    [[adapt("datetime.date", year, month, day)]] struct ad_reversed { int32_t day, month, year; };
    enum ad_color { AD_RED, AD_GREEN };
    enum ad_other { AD_OTHER };
    [[adapt("adapted_classes.Shade", color, level)]]
    struct ad_shade { enum ad_color color; double level; };
    struct ad_date ad_date_make(int year, int month, int day);
    struct ad_duration ad_duration_make(int64_t days, int32_t seconds, int32_t microseconds);
    struct ad_fraction ad_fraction_make(int64_t numerator, int64_t denominator);
    int ad_year_or(const struct ad_date *date [[nullable]], int otherwise);
    void ad_next_year(struct ad_date *date [[inout]]);
    int ad_padding(struct ad_date value);
""" + "".join(
    f"struct ad_{kind} ad_{kind}_same(struct ad_{kind} value);"
    f"void ad_{kind}_copy(const struct ad_{kind} *value, struct ad_{kind} *out [[out]]);"
    for kind in KINDS
)


class Shade:
    def __init__(self, color: object, level: float) -> None:
        self.color, self.level = color, level


@pytest.fixture(scope="module")
def a(native_library) -> types.ModuleType:
    classes = types.ModuleType("adapted_classes")
    classes.Shade = Shade  # type: ignore[attr-defined]
    sys.modules["adapted_classes"] = classes
    return symbridge.load(native_library("adapt"), DESCRIPTION, name="adapt_under_test")


class DerivedDate(date):
    pass


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("date", date(2018, 2, 20)),
        ("date", date.min),
        ("date", date.max),
        ("small_date", date(99, 12, 31)),
        ("datetime", datetime(2018, 2, 20, 1, 2, 3, 999999)),
        ("datetime", datetime.min),
        ("datetime", datetime.max),
        ("minute", datetime(2018, 2, 20, 1, 2)),
        ("time", time(1, 2, 3, 4)),
        ("time", time.max),
        ("duration", timedelta(days=-1, seconds=5, microseconds=6)),
        ("duration", timedelta.min),
        ("duration", timedelta.max),
        ("days", timedelta(days=-3)),
        ("complex", 1.5 - 2j),
        ("complexf", 1.5 - 2j),
        ("fraction", fractions.Fraction(-3, 4)),
        ("reversed", date(2018, 2, 20)),
    ],
)
def test_round_trip(a, kind: str, value: object) -> None:
    for suffix in ("same", "copy"):
        result = getattr(a, f"{kind}_{suffix}")(value)
        assert result == value
        assert type(result) is type(value)


class TestDates:
    def test_derived_class_is_taken(self, a) -> None:
        result = a.date_same(DerivedDate(2018, 2, 20))
        assert type(result) is date

    def test_datetime_would_lose_its_time(self, a) -> None:
        with pytest.raises(
            TypeError,
            match=r"^date_same\(\) argument 'value': expected datetime.date, got datetime.datetime"
            r", which would lose its time; pass its date\(\)$",
        ):
            a.date_same(datetime(2018, 2, 20))

    @pytest.mark.parametrize("value", ["2018-02-20", 5, None, time(1), (2018, 2, 20)])
    def test_other_objects(self, a, value: object) -> None:
        with pytest.raises(TypeError, match="expected datetime.date, got"):
            a.date_same(value)

    def test_field_too_small(self, a) -> None:
        with pytest.raises(OverflowError, match="year 2018 does not fit the field of struct ad_sm"):
            a.small_date_same(date(2018, 1, 1))

    @pytest.mark.parametrize("fields", [(2018, 13, 1), (2018, 2, 30), (0, 1, 1), (10000, 1, 1)])
    def test_dates_that_do_not_exist(self, a, fields: tuple[int, int, int]) -> None:
        with pytest.raises(ValueError, match="month|day|year"):
            a.date_make(*fields)

    def test_nullable(self, a) -> None:
        assert a.year_or(None, 7) == 7
        assert a.year_or(date(2018, 1, 1), 7) == 2018

    def test_inout(self, a) -> None:
        assert a.next_year(date(2018, 1, 1)) == date(2019, 1, 1)

    def test_padding_is_zero(self, a) -> None:
        assert a.padding(date(2018, 1, 1)) == 0


class TestTimes:
    def test_time_zone_would_be_lost(self, a) -> None:
        with pytest.raises(TypeError, match=r"without tzinfo, got one with datetime.timezone.utc"):
            a.datetime_same(datetime(2018, 1, 1, tzinfo=UTC))
        with pytest.raises(TypeError, match=r"without tzinfo"):
            a.time_same(time(1, tzinfo=UTC))

    def test_fields_that_the_struct_lacks_must_be_zero(self, a) -> None:
        with pytest.raises(ValueError, match=r"no field for all of datetime.datetime: 3 would be"):
            a.minute_same(datetime(2018, 1, 1, 1, 2, 3))
        with pytest.raises(ValueError, match="would be lost"):
            a.days_same(timedelta(hours=1))

    def test_dates_are_no_datetimes(self, a) -> None:
        with pytest.raises(TypeError, match=r"expected datetime.datetime, got datetime.date"):
            a.datetime_same(date(2018, 1, 1))

    def test_durations_are_carried_over(self, a) -> None:
        assert a.duration_make(0, 90000, 0) == timedelta(days=1, hours=1)
        assert a.duration_make(0, -1, -1) == timedelta(seconds=-1, microseconds=-1)

    def test_durations_too_long(self, a) -> None:
        with pytest.raises(OverflowError):
            a.duration_make(10**9, 0, 0)
        with pytest.raises(OverflowError):
            a.duration_make(2**40, 0, 0)


class TestComplex:
    def test_any_number(self, a) -> None:
        assert a.complex_same(2) == 2
        assert a.complex_same(2.5) == 2.5

    def test_other_objects(self, a) -> None:
        with pytest.raises(TypeError, match="expected complex, got str"):
            a.complex_same("1j")

    def test_out_of_range(self, a) -> None:
        with pytest.raises(OverflowError, match="out of range for float"):
            a.complexf_same(1e300j)


class TestAnyClass:
    def test_made_by_calling_the_class(self, a) -> None:
        with pytest.raises(ZeroDivisionError):
            a.fraction_make(1, 0)
        assert a.fraction_make(2, 4) == fractions.Fraction(1, 2)

    def test_other_objects(self, a) -> None:
        with pytest.raises(TypeError, match=r"expected fractions.Fraction, got float"):
            a.fraction_same(0.5)

    def test_attribute_out_of_range(self, a) -> None:
        with pytest.raises(OverflowError, match=r"argument 'value': Fraction.numerator: .* out of"):
            a.fraction_same(fractions.Fraction(2**70))

    def test_enum_fields(self, a) -> None:
        shade = a.shade_same(Shade(a.color.GREEN, 0.5))
        assert type(shade) is Shade
        assert shade.color is a.color.GREEN
        assert shade.level == 0.5
        with pytest.raises(TypeError, match="expected color or int, got <other.OTHER: 0>"):
            a.shade_same(Shade(a.other.OTHER, 0.5))

    def test_missing_attribute(self, a) -> None:
        shade = Shade(0, 0.5)
        del shade.level
        with pytest.raises(AttributeError, match="level"):
            a.shade_same(shade)

    def test_class_that_is_not_there(self, native_library) -> None:
        for name in ("no.such.module.Class", "fractions.NoSuchClass", "no_such_builtin"):
            module = symbridge.load(
                native_library("adapt"),
                f'[[adapt("{name}")]] struct ad_days {{ int32_t days; }};'
                "struct ad_days ad_days_same(struct ad_days value);",
                name="adapt_broken",
            )
            with pytest.raises((ImportError, AttributeError)):
                module.ad_days_same(5)


WITHOUT_C = """
import sys
sys.modules["_datetime"] = None
import datetime, symbridge
assert not hasattr(datetime, "datetime_CAPI")
a = symbridge.load(LIBRARY, DESCRIPTION)
utc = datetime.timezone.utc
assert a.ad_date_same(datetime.date(2018, 2, 20)) == datetime.date(2018, 2, 20)
assert a.ad_datetime_same(datetime.datetime(2018, 2, 20, 1)) == datetime.datetime(2018, 2, 20, 1)
assert a.ad_duration_same(datetime.timedelta(-1, 5)) == datetime.timedelta(-1, 5)
for error, call, value in (
    (TypeError, a.ad_date_same, datetime.datetime(2018, 2, 20)),
    (TypeError, a.ad_date_same, "2018"),
    (TypeError, a.ad_datetime_same, datetime.datetime(2018, 2, 20, tzinfo=utc)),
    (ValueError, a.ad_minute_same, datetime.datetime(2018, 2, 20, 1, 2, 3)),
    (ValueError, a.ad_days_same, datetime.timedelta(hours=1)),
    (OverflowError, a.ad_small_date_same, datetime.date(2018, 2, 20)),
):
    try:
        call(value)
    except error:
        continue
    raise AssertionError((call, value))
"""


def test_datetime_module_written_in_python(native_library) -> None:
    kinds = ("date", "small_date", "datetime", "minute", "duration", "days")
    declarations = DESCRIPTION.split("enum ad_color")[0].replace('[[prefix("ad_")]];', "")
    declarations += "".join(
        f"struct ad_{kind} ad_{kind}_same(struct ad_{kind} value);" for kind in kinds
    )
    program = WITHOUT_C.replace("LIBRARY", repr(str(native_library("adapt"))))
    program = program.replace("DESCRIPTION", repr(declarations))
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    subprocess.run([sys.executable, "-c", program], check=True, env=environment)


def test_nothing_leaks(a) -> None:
    values = [
        (a.date_same, date(2018, 1, 1)), (a.datetime_copy, datetime(2018, 1, 1, 2)),
        (a.time_same, time(2)), (a.duration_copy, timedelta(1)), (a.complex_same, 1j),
        (a.fraction_same, fractions.Fraction(1, 2)), (a.shade_same, Shade(a.color.RED, 1.0)),
    ]  # fmt: skip
    wrong = [
        (a.date_same, "x"), (a.date_same, datetime(2018, 1, 1)), (a.small_date_same, date.max),
        (a.datetime_same, datetime(2018, 1, 1, tzinfo=UTC)), (a.fraction_same, 0.5),
        (a.fraction_same, fractions.Fraction(2**70)), (a.shade_same, Shade(a.other.OTHER, 1)),
    ]  # fmt: skip

    def work() -> None:
        for call, value in values:
            call(value)
        for call, value in wrong:
            try:
                call(value)
            except (TypeError, OverflowError):
                continue
            raise AssertionError("it did not fail")

    for _ in range(20):
        work()
    gc.collect()
    references = [sys.getrefcount(value) for _, value in values + wrong]
    assert growth(work) < 16
    assert references == [sys.getrefcount(value) for _, value in values + wrong]
