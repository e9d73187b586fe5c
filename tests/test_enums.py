"""Enums as enum.IntEnum, flags as enum.IntFlag."""

from __future__ import annotations

import copy
import enum
import gc
import pickle
import sys
import types

import pytest

import symbridge

DESCRIPTION = """
    [[prefix("en_")]];
    /** Colours of light. */
    enum [[name("Color")]] en_color {
        EN_RED, /**< long waves */
        EN_GREEN,
        EN_BLUE = 10,
        EN_CYAN = 10,
    };
    enum en_signed { EN_MINUS = -1, EN_PLUS = 1 };
    enum [[flags, name("Axis")]] en_axis { EN_NONE = 0, EN_X = 1, EN_Y = 2, EN_Z = 4, EN_XY = 3 };
    enum [[name("geo.Shape")]] en_shape { EN_ROUND, EN_FLAT };
    enum [[name("Odd")]] en_odd { EN_mro, EN__sunder_, EN_name = 2, EN_SECRET [[hidden]] = 3 };
    enum { EN_LOOSE = 7 };
    enum en_color en_color_same(enum en_color value);
    enum en_color en_color_number(int value);
    void en_color_out(int value, enum en_color *out [[out]]);
    void en_color_next(enum en_color *value [[inout]]);
    enum en_signed en_signed_same(enum en_signed value);
    enum en_axis en_axis_same(enum en_axis value);
    int en_int(int value);
    enum en_color en_color_or(enum en_color value [[default(EN_BLUE)]]) __asm__("en_color_same");
"""


@pytest.fixture(scope="module")
def e(native_library) -> types.ModuleType:
    return symbridge.load(native_library("enums"), DESCRIPTION, name="enums_under_test")


class TestClass:
    def test_is_an_int_enum(self, e) -> None:
        assert issubclass(e.Color, enum.IntEnum)
        assert [m.name for m in e.Color] == ["RED", "GREEN", "BLUE"]
        assert [m.value for m in e.Color] == [0, 1, 10]

    def test_aliases(self, e) -> None:
        assert e.Color.CYAN is e.Color.BLUE
        assert list(e.Color.__members__) == ["RED", "GREEN", "BLUE", "CYAN"]

    def test_names(self, e) -> None:
        assert e.Color.__module__ == "enums_under_test"
        assert e.Color.__qualname__ == e.Color.__name__ == "Color"
        assert e.geo.Shape.__module__ == "enums_under_test.geo"
        assert repr(e.Color.RED) == "<Color.RED: 0>"

    def test_documentation(self, e) -> None:
        assert e.Color.__doc__ == "Colours of light."
        assert e.Color.RED.__doc__ == "long waves"

    def test_negative_values(self, e) -> None:
        assert e.signed.MINUS == -1
        assert e.signed_same(e.signed.MINUS) is e.signed.MINUS

    def test_flags(self, e) -> None:
        assert issubclass(e.Axis, enum.IntFlag)
        assert e.Axis.X | e.Axis.Y is e.Axis.XY
        assert e.Axis(0) is e.Axis.NONE

    def test_names_that_enum_classes_forbid(self, e) -> None:
        assert e.Odd["mro_"] == 0
        assert e.Odd["c_sunder_"] == 1
        assert e.Odd["name"] == 2
        assert "SECRET" not in e.Odd.__members__

    def test_unnamed_enums_are_constants(self, e) -> None:
        assert e.LOOSE == 7

    def test_pickle_and_copy(self, e) -> None:
        for member in (e.Color.BLUE, e.Axis.X | e.Axis.Z, e.geo.Shape.FLAT):
            assert pickle.loads(pickle.dumps(member)) is member
            assert copy.deepcopy(member) is member


class TestCalls:
    def test_member(self, e) -> None:
        assert e.color_same(e.Color.GREEN) is e.Color.GREEN

    def test_int(self, e) -> None:
        assert e.color_same(10) is e.Color.BLUE

    def test_value_without_a_member_is_an_int(self, e) -> None:
        result = e.color_number(7)
        assert result == 7
        assert type(result) is int

    def test_out_and_inout(self, e) -> None:
        assert e.color_out(1) is e.Color.GREEN
        assert e.color_next(e.Color.RED) is e.Color.GREEN
        assert e.color_next(e.Color.GREEN) == 2

    def test_sets_of_flags(self, e) -> None:
        result = e.axis_same(e.Axis.X | e.Axis.Z)
        assert result == 5
        assert type(result) is e.Axis
        assert e.axis_same(3) is e.Axis.XY
        assert type(e.axis_same(64)) is e.Axis

    def test_member_of_another_enum(self, e) -> None:
        with pytest.raises(
            TypeError,
            match=r"^color_same\(\) argument 'value': expected Color or int, got <signed.PLUS: 1>$",
        ):
            e.color_same(e.signed.PLUS)
        with pytest.raises(TypeError, match="expected Axis or int"):
            e.axis_same(e.Color.RED)
        with pytest.raises(TypeError, match="expected Color or int"):
            e.color_next(e.Axis.X)

    def test_member_where_an_int_is_wanted(self, e) -> None:
        assert e.int(e.Color.BLUE) == 10

    def test_other_objects(self, e) -> None:
        with pytest.raises(TypeError, match="expected int, got str"):
            e.color_same("RED")
        with pytest.raises(OverflowError):
            e.color_same(2**32)
        with pytest.raises(OverflowError):
            e.color_same(-1)

    def test_default(self, e) -> None:
        assert e.color_or() is e.Color.BLUE


def test_nothing_leaks(e) -> None:
    member, flags = e.Color.GREEN, e.Axis.X | e.Axis.Z

    def work() -> None:
        e.color_same(member)
        e.color_number(7)
        e.color_next(0)
        e.axis_same(flags)
        try:
            e.color_same(flags)
        except TypeError:
            return
        raise AssertionError("it did not fail")

    for _ in range(10):
        work()
    gc.collect()
    references = [sys.getrefcount(o) for o in (member, flags, e.Color, e.Axis)]
    for _ in range(5000):
        work()
    gc.collect()
    assert references == [sys.getrefcount(o) for o in (member, flags, e.Color, e.Axis)]
