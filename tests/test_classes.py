"""Structs as classes that hold their record: construction, operators, copies, subclasses."""

from __future__ import annotations

import copy
import gc
import inspect
import math
import pickle
import sys
import types
from pathlib import Path

import pytest

import symbridge

DESCRIPTION = (Path(__file__).parent / "native" / "records.bridge").read_text("utf-8")


@pytest.fixture(scope="module")
def m(native_library) -> types.ModuleType:
    return symbridge.load(native_library("records"), DESCRIPTION)


class TestType:
    def test_looks_hand_written(self, m):
        assert m.Point.__name__ == m.Point.__qualname__ == "Point"
        assert m.Point.__module__ == "records_module"
        assert repr(m.Point) == "<class 'records_module.Point'>"
        assert type(m.Point) is type
        assert m.Point.__doc__ == "A point on a grid."

    def test_signature_names_the_fields(self, m):
        assert str(inspect.signature(m.Point)) == "(x, y)"
        assert str(inspect.signature(m.Point3)) == "(x, y, z)"

    def test_signature_of_a_constructor_function(self, m):
        assert str(inspect.signature(m.Version)) == "(text='1.0')"

    def test_methods_are_method_descriptors(self, m):
        assert type(m.Point.sum) is types.MethodDescriptorType
        assert m.Point.sum.__doc__ == "The sum of the coordinates."
        assert m.Point.sum.__qualname__ == "Point.sum"
        assert str(inspect.signature(m.Point.sum)) == "(self, /)"

    def test_fields_and_properties_are_getset_descriptors(self, m):
        assert type(m.Point.x) is types.GetSetDescriptorType
        assert m.Point.x.__doc__ == "across"
        assert m.Point.norm.__doc__ == "The distance from the origin."

    def test_objects_are_as_small_as_a_hand_written_type_makes_them(self, m):
        header = object.__basicsize__
        assert m.Point.__basicsize__ == header + 8
        assert m.Point3.__basicsize__ == header + 16
        assert m.Vec.__basicsize__ == header + 16
        assert not gc.is_tracked(m.Point(1, 2))

    def test_constants_and_enums_stand_inside_the_class(self, m):
        assert m.Point.DIMENSIONS == 2
        assert m.Point.Side.RIGHT == 1
        assert m.Point.Side.__qualname__ == "Point.Side"

    def test_is_immutable_as_static_types_are(self, m):
        with pytest.raises(TypeError, match="immutable type"):
            m.Point.sum = None
        with pytest.raises(TypeError):
            del m.Point.__eq__

    def test_too_much_alignment_is_refused_with_the_reason(self, native_library):
        big = symbridge.load(
            native_library("records"), "typedef struct big { _Alignas(64) int x; } big;"
        )
        with pytest.raises(NotImplementedError, match="alignment of 64"):
            _ = big.big


class TestConstruction:
    def test_by_position_and_keyword(self, m):
        for p in (m.Point(1, 2), m.Point(x=1, y=2), m.Point(1, y=2), m.Point(y=2, x=1)):
            assert (p.x, p.y) == (1, 2)

    @pytest.mark.parametrize(
        ("args", "kwargs", "message"),
        [
            ((), {}, r"Point\(\) missing required argument 'x' \(position 1\)"),
            ((1,), {}, r"Point\(\) missing required argument 'y' \(position 2\)"),
            ((1, 2, 3), {}, r"Point\(\) takes 2 positional arguments but 3 were given"),
            ((1,), {"x": 1}, r"Point\(\) got multiple values for argument 'x'"),
            ((1, 2), {"z": 1}, r"Point\(\) got an unexpected keyword argument 'z'"),
            (("1", 2), {}, r"Point\(\) argument 'x': expected int, got str"),
            ((1.0, 2), {}, r"Point\(\) argument 'x': expected int, got float"),
        ],
    )
    def test_wrong_arguments_are_named(self, m, args, kwargs, message):
        with pytest.raises(TypeError, match=message):
            m.Point(*args, **kwargs)

    @pytest.mark.parametrize("value", [-1, 2**32, 2**70, -(2**70)])
    def test_out_of_range_names_the_argument(self, m, value):
        with pytest.raises(OverflowError, match=r"Point\(\) argument 'y': .*uint32_t"):
            m.Point(0, value)

    def test_index_objects_are_integers(self, m):
        class Three:
            def __index__(self) -> int:
                return 3

        assert m.Point(Three(), True).x == 3

    def test_constructor_function(self, m):
        assert (m.Version("3.12").major, m.Version(text="3.12").minor) == (3, 12)
        assert m.Version().major == 1

    def test_records_with_pointers_or_arrays_start_as_zero(self, m):
        s = m.Stream()
        assert (s.input, s.output) == (None, None)
        assert list(m.shapes().counts) == [0, 0, 0, 0]

    def test_many_fields(self, m):
        values = list(range(20))
        many = m.many(*values)
        assert [getattr(many, name) for name in "abcdefghijklmnopqrst"] == values
        keywords = dict(zip("abcdefghijklmnopqrst", values, strict=True))
        assert m.many(**keywords) == many
        assert m.many(*values[:3], **dict(list(keywords.items())[3:])) == many

    def test_derived_class_takes_the_fields_of_its_base_first(self, m):
        p = m.Point3(1, 2, 3)
        assert (p.x, p.y, p.z) == (1, 2, 3)

    def test_object_new_is_refused(self, m):
        with pytest.raises(TypeError, match="not safe"):
            object.__new__(m.Point)

    def test_no_leak_when_an_argument_is_wrong(self, m):
        before = sys.getrefcount(m.Point)
        for _ in range(100):
            with pytest.raises(OverflowError):
                m.Point(1, -1)
        after = sys.getrefcount(m.Point)
        assert after == before


class TestComparison:
    def test_equality_is_by_value(self, m):
        assert m.Point(1, 2) == m.Point(1, 2)
        assert m.Point(1, 2) != m.Point(1, 3)
        assert m.Point(1, 2) != (1, 2)
        assert m.Point(1, 2).__eq__(1) is NotImplemented

    def test_order_is_field_by_field_where_described(self, m):
        points = [m.Point(2, 0), m.Point(1, 5), m.Point(1, 2)]
        assert sorted(points) == [m.Point(1, 2), m.Point(1, 5), m.Point(2, 0)]
        assert m.Point(1, 2) <= m.Point(1, 2) and not m.Point(1, 2) < m.Point(1, 2)
        with pytest.raises(TypeError, match="not supported"):
            _ = m.Vec(1, 2) < m.Vec(2, 3)

    def test_classes_are_not_mixed(self, m):
        assert m.Point(1, 2) != m.Point3(1, 2, 0)
        assert m.Point3(1, 2, 0) != m.Point(1, 2)
        with pytest.raises(TypeError):
            _ = m.Point(1, 2) < m.Point3(1, 2, 3)

    def test_hash_agrees_with_equality(self, m):
        assert hash(m.Point(1, 2)) == hash(m.Point(1, 2))
        assert len({m.Point(1, 2), m.Point(1, 2), m.Point(2, 1)}) == 2
        assert hash(m.real(0.0, -0.0)) == hash(m.real(-0.0, 0.0))
        assert len({hash(m.Point(i, j)) for i in range(50) for j in range(50)}) == 2500

    def test_unhashable_unless_described(self, m):
        with pytest.raises(TypeError, match="unhashable"):
            hash(m.Vec(1, 2))

    def test_nan_is_not_equal_to_itself(self, m):
        nan = m.real(math.nan, 1)
        assert nan != nan
        assert (nan == nan) is False

    def test_compare_function(self, m):
        v = m.Version
        assert v("1.2") < v("1.10") and v("2.0") >= v("1.9") and v("1.1") == v("1.1")
        assert max(v("3.1"), v("3.9"), v("2.99")).minor == 9

    def test_hash_function(self, m):
        assert hash(m.Version("3.4")) == 3004
        assert hash(m.Version("99.0")) == -2


class TestOperators:
    def test_binary(self, m):
        a, b = m.Vec(1, 2), m.Vec(3, 5)
        assert a + b == m.Vec(4, 7)
        assert b - a == m.Vec(2, 3)
        assert a @ b == 13.0
        assert b / 2 == m.Vec(1.5, 2.5)
        assert b**2 == m.Vec(9, 25)

    def test_unary(self, m):
        a = m.Vec(3, -4)
        assert -a == m.Vec(-3, 4)
        assert abs(a) == 5.0
        assert int(a) == 3
        assert bool(a) and not m.Vec(0, 0)

    def test_in_place_changes_and_returns_the_object(self, m):
        a = b = m.Vec(1, 2)
        a += m.Vec(10, 10)
        assert a is b and b == m.Vec(11, 12)

    def test_in_place_falls_back_to_the_plain_operator(self, m):
        a = b = m.Vec(1, 2)
        a -= m.Vec(1, 1)
        assert a == m.Vec(0, 1) and b == m.Vec(1, 2)

    def test_other_operands_get_their_turn(self, m):
        class Other:
            def __radd__(self, left: object) -> str:
                return "radd"

            def __add__(self, right: object) -> str:
                return "add"

        assert m.Vec(1, 2) + Other() == "radd"
        assert Other() + m.Vec(1, 2) == "add"

    @pytest.mark.parametrize("other", [1, "x", None, object()])
    def test_unknown_operands_are_type_errors(self, m, other):
        with pytest.raises(TypeError, match="unsupported operand"):
            _ = m.Vec(1, 2) + other
        with pytest.raises(TypeError):
            _ = other + m.Vec(1, 2)
        v = m.Vec(1, 2)
        with pytest.raises(TypeError, match="unsupported operand"):
            v += other

    def test_power_takes_no_modulus(self, m):
        with pytest.raises(TypeError):
            pow(m.Vec(1, 2), 2, 3)

    def test_call(self, m):
        v = m.Vec(1, 2)
        assert v(1, 1) == m.Vec(2, 3) == v(x=1, y=1) == v(1, y=1)
        assert v(1) == m.Vec(2, 2.5)
        with pytest.raises(TypeError, match="missing required argument 'x'"):
            v()


class TestMethods:
    def test_methods_class_methods_and_static_methods(self, m):
        assert m.Point(1, 2).sum() == 3
        assert m.Point.origin() == m.Point(0, 0)
        assert m.Point(5, 5).origin() == m.Point(0, 0)
        assert m.Point.manhattan(m.Point(1, 1), m.Point(3, 0)) == 3
        assert m.Point(0, 0).manhattan(m.Point(1, 1), m.Point(3, 0)) == 3

    def test_defaults_and_keywords(self, m):
        p = m.Point(1, 1)
        p.move(2)
        p.move(dx=0, dy=3)
        assert p == m.Point(3, 4)

    def test_property_with_a_setter_that_changes_all(self, m):
        p = m.Point(3, 4)
        assert p.norm == 5.0
        p.norm = 10
        assert p == m.Point(6, 8)
        with pytest.raises(ValueError):
            p.norm = -1
        with pytest.raises(TypeError):
            p.norm = "x"
        assert p == m.Point(6, 8)

    def test_inherited_methods_and_overrides(self, m):
        p = m.Point3(3, 4, 5)
        assert isinstance(p, m.Point)
        assert p.norm == 5.0
        assert p.sum() == 12
        assert m.Point.sum(p) == 7
        p.move(1, 1)
        assert (p.x, p.y, p.z) == (4, 5, 5)
        assert m.Point3.DIMENSIONS == 2

    def test_receiver_of_another_class_is_refused(self, m):
        with pytest.raises(TypeError):
            m.Point3.sum(m.Point(1, 2))


class TestText:
    def test_repr_names_class_and_fields(self, m):
        assert repr(m.Point(1, 2)) == "Point(x=1, y=2)"
        assert repr(m.Point3(1, 2, 3)) == "Point3(x=1, y=2, z=3)"
        assert str(m.line(m.Point(1, 2), m.Point(3, 4))) == (
            "line(from_=Point(x=1, y=2), to=Point(x=3, y=4))"
        )

    def test_str_function(self, m):
        v = m.Version("2.5")
        assert str(v) == "v2.5"
        assert repr(v) == "Version(major=2, minor=5)"


class TestPickleAndCopy:
    @pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
    def test_round_trip(self, m, protocol):
        for value in (
            m.Point(1, 2),
            m.Point3(1, 2, 3),
            m.bits(1, -2, True, 2**39),
            m.fixed(1, 2),
            m.line(m.Point(1, 2), m.Point(3, 4)),
        ):
            again = pickle.loads(pickle.dumps(value, protocol))
            assert again == value and type(again) is type(value)

    def test_copies_are_apart(self, m):
        line = m.line(m.Point(1, 2), m.Point(3, 4))
        for other in (copy.copy(line), copy.deepcopy(line)):
            other.to.x = 9
            assert line.to.x == 3

    def test_a_pickle_of_another_version_is_refused(self, m):
        rebuild = m.Point(1, 2).__reduce__()[0]
        for values in ((1,), (1, 2, 3), b"12345678", None):
            with pytest.raises(ValueError, match="version of Point"):
                rebuild(m.Point, values)
        for cls in (int, object, m.Named):
            with pytest.raises(TypeError, match="described record"):
                rebuild(cls, ())
        with pytest.raises(OverflowError):
            rebuild(m.Point, (1, -1))


class WithDict:
    """A mixin, to derive from it and a described class."""

    label = "none"


@pytest.fixture(scope="module")
def subclasses(m) -> types.SimpleNamespace:
    class Plain(m.Point):
        pass

    class Named(m.Point):
        def __init__(self, x: int, y: int, name: str) -> None:
            super().__init__(x, y)
            self.name = name

    class Shifted(m.Point):
        def __new__(cls, x: int) -> Shifted:
            return super().__new__(cls, x + 1, 0)

    class Slotted(m.Point):
        __slots__ = ("extra",)

    class Mixed(WithDict, m.Point3):
        pass

    class Silent(m.Point):
        def __init__(self) -> None:
            pass

    class SubFixed(m.fixed):
        def __new__(cls, a: int) -> SubFixed:
            return super().__new__(cls, a, a)

    found = types.SimpleNamespace(**{k: v for k, v in locals().items() if isinstance(v, type)})
    for name, cls in vars(found).items():
        cls.__module__, cls.__qualname__ = __name__, name
        globals().setdefault(f"_{name}", cls)
        setattr(sys.modules[__name__], name, cls)
    return found


class TestSubclasses:
    def test_construct(self, m, subclasses):
        s = subclasses
        assert repr(s.Plain(1, 2)) == "Plain(x=1, y=2)"
        assert s.Named(1, 2, name="n").name == "n"
        assert s.Named(1, 2, "n").y == 2
        assert s.Shifted(4).x == 5
        assert s.Mixed(1, 2, 3).label == "none"
        assert s.Silent() == m.Point(0, 0)
        assert s.SubFixed(3) == m.fixed(3, 3)
        with pytest.raises(TypeError):
            s.Plain(1)

    def test_calling_init_again_changes_nothing(self, m):
        p = m.Point(1, 2)
        p.__init__(3, 4)
        assert p == m.Point(1, 2)

    def test_compare_and_hash_as_their_base(self, m, subclasses):
        p = subclasses.Plain(1, 2)
        assert p == m.Point(1, 2) and m.Point(1, 2) == p
        assert hash(p) == hash(m.Point(1, 2))
        assert p < m.Point(2, 0)

    def test_cross_into_c(self, m, subclasses):
        assert m.Point.manhattan(subclasses.Plain(1, 2), subclasses.Named(0, 0, "x")) == 3

    def test_class_methods_make_the_subclass(self, subclasses):
        assert type(subclasses.Plain.origin()) is subclasses.Plain

    def test_pickle_and_copy_with_state(self, subclasses):
        named = subclasses.Named(1, 2, "n")
        named.more = [1, 2]
        slotted = subclasses.Slotted(3, 4)
        slotted.extra = [5]
        for value in (named, slotted, subclasses.Shifted(1), subclasses.Mixed(1, 2, 3)):
            for again in (
                pickle.loads(pickle.dumps(value)),
                copy.copy(value),
                copy.deepcopy(value),
            ):
                assert type(again) is type(value) and again == value
                assert getattr(again, "__dict__", None) == getattr(value, "__dict__", None)
                assert getattr(again, "extra", None) == getattr(value, "extra", None)
        assert copy.copy(named).more is named.more
        assert copy.deepcopy(named).more is not named.more

    def test_deepcopy_of_a_cycle(self, subclasses):
        named = subclasses.Named(1, 2, "n")
        named.me = named
        again = copy.deepcopy(named)
        assert again.me is again

    def test_overridden_operators_and_methods(self, m):
        class Loud(m.Vec):
            def __add__(self, other: object) -> str:
                return "loud"

            def __repr__(self) -> str:
                return f"Loud {super().__repr__()}"

        assert Loud(1, 2) + m.Vec(1, 1) == "loud"
        assert m.Vec(1, 1) + Loud(1, 2) == m.Vec(2, 3)
        assert super(Loud, Loud(1, 2)).__add__(m.Vec(1, 1)) == m.Vec(2, 3)
        assert repr(Loud(1, 2)) == "Loud Loud(x=1.0, y=2.0)"

    def test_instances_in_cycles_are_collected(self, m, subclasses):
        gc.collect()
        before = sys.getrefcount(subclasses.Named)
        for _ in range(50):
            named = subclasses.Named(1, 2, "n")
            named.me = named
        del named
        gc.collect()
        after = sys.getrefcount(subclasses.Named)
        assert after == before


class TestEnd:
    def test_objects_outlive_their_module(self, native_library):
        module = symbridge.load(
            native_library("records"),
            DESCRIPTION.split("*/", 1)[0]
            + """*/
            typedef struct pt { int x, y; } pt; typedef struct two { pt a, b; } two;""",
            name="short_lived",
        )
        p, view = module.pt(1, 2), module.two(module.pt(1, 2), module.pt(3, 4)).b
        sys.modules.pop("short_lived")
        del module
        gc.collect()
        assert (p.x, view.y) == (1, 4)
        assert repr(p) == "pt(x=1, y=2)" and p == type(p)(1, 2)
        del p, view
        gc.collect()

    def test_modules_and_classes_are_collected(self, native_library):
        gc.collect()
        before = len(gc.get_objects())
        for _ in range(20):
            module = symbridge.load(
                native_library("records"), "typedef struct pt { int x, y; } pt;"
            )
            module.pt(1, 2)
            del module
        gc.collect()
        assert len(gc.get_objects()) - before < 50
