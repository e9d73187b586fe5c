"""Structs as classes that hold their record: fields, operators, copies, subclasses."""

from __future__ import annotations

import copy
import datetime
import gc
import inspect
import math
import pickle
import struct
import sys
import types
from array import array

import pytest

import symbridge

DESCRIPTION = """
[[module("records_module")]];

/** A point on a grid. */
[[class("Point"), hashable, ordered]] typedef struct point {
    uint32_t x; /**< across */
    uint32_t y;
} point;
[[class("Point3"), hashable, ordered]] typedef struct point3 {
    point base [[base]];
    uint32_t z;
} point3;
/** The sum of the coordinates. */
[[quick, method]] uint32_t point_sum(const point *p);
[[quick, method]] void point_move(point *p, int32_t dx, int32_t dy [[default(0)]]);
[[quick, class_method, name("Point.origin")]] point point_origin(void);
[[quick, name("Point.manhattan")]] uint32_t point_manhattan(point a, point b);
[[quick, method]] uint32_t point3_sum(const point3 *p);
/** The distance from the origin. */
[[quick, getter]] double point_get_norm(const point *p);
[[quick, setter, fails(nonzero, ValueError)]] int point_set_norm(point *p, double norm);
#define POINT_DIMENSIONS 2 [[name("Point.DIMENSIONS")]]
enum [[name("Point.Side")]] side { SIDE_LEFT, SIDE_RIGHT };

[[class("Vec")]] typedef struct vec { double x, y; } vec;
[[quick, operator("+")]] vec vec_add(const vec *a, const vec *b);
[[quick, operator("-")]] vec vec_sub(const vec *a, const vec *b);
[[quick, operator("/")]] vec vec_scale(const vec *a, double factor);
[[quick, operator("@")]] double vec_dot(vec a, vec b);
[[quick, operator("**")]] vec vec_power(const vec *a, double exponent);
[[quick, operator("+=")]] void vec_iadd(vec *a, const vec *b);
[[quick, operator("-")]] vec vec_neg(const vec *a);
[[quick, operator("abs")]] double vec_length(const vec *a);
[[quick, operator("bool")]] _Bool vec_bool(const vec *a);
[[quick, operator("int")]] int vec_int(const vec *a);
[[quick, call]] vec vec_call(const vec *a, double x, double y [[default(0.5)]]);

[[class("Version")]] typedef struct version { int major, minor; } version;
[[quick, compare]] int version_compare(const version *a, const version *b);
[[quick, hash]] int64_t version_hash(const version *a);
[[quick, str]] const char *version_str(const version *a);
[[quick, constructor]] version version_parse(const char *text [[default("1.0")]]);

[[class("Node")]] typedef struct node { int value; struct node *next; } node;
[[quick, method]] int node_total(const node *first);
[[class("Stream")]] typedef struct stream {
    const uint8_t *input [[array(input_size)]];
    uint32_t input_size;
    uint8_t *output [[array(output_size)]];
    uint32_t output_size;
} stream;
[[quick, method]] uint32_t stream_copy(stream *s);
[[class("Named")]] typedef struct named {
    const char *name;
    void *address;
    const wchar_t *wide;
    int (*function)(int);
} named;
[[quick, method]] size_t named_length(const named *n);
[[quick]] named named_make(void);

/* Without functions: every shape of field. */
enum color { COLOR_RED, COLOR_GREEN, COLOR_BLUE = 7 };
typedef struct shapes {
    point corners[2];
    double matrix[2][3];
    int32_t counts[4];
    char title[8];
    char lines[2][4];
    uint8_t raw[4];
    wchar_t wide[4];
    _Bool flags[3];
    enum color color;
    struct { int32_t a, b; } pair;
} shapes;
typedef struct bits {
    unsigned small : 3;
    int negative : 5;
    _Bool flag : 1;
    unsigned : 4;
    uint64_t large : 40;
} bits;
typedef struct line { point from, to; } line;
typedef struct frozen { const int32_t a; int32_t b [[readonly]]; } frozen;
[[readonly, hashable]] typedef struct fixed { int32_t a, b; } fixed;
typedef union number { int32_t i; float f; uint8_t bytes[4]; } number;
typedef struct tagged { int tag; union { int32_t i; double d; const char *s; }; } tagged;
typedef struct counted { uint32_t count; int16_t items[4] [[array(count)]]; } counted;
typedef struct text_holder { point where; const char *text; } text_holder;
typedef struct outer { int32_t tag; text_holder inner; } outer;
typedef struct [[hashable]] real { float f; double d; } real;
typedef struct many { int a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t; } many;
[[hashable]] typedef struct hidden_part { int32_t shown; int32_t secret [[hidden]]; } hidden_part;
[[adapt("datetime.date", year, month, day)]]
typedef struct date { int32_t year; uint8_t month; uint8_t day; } date;
[[hashable]] typedef struct event { date when; date others[2]; int code; } event;
typedef struct unlabelled { int64_t a; } unlabelled;
typedef struct labelled { unlabelled base [[base]]; const char *label; } labelled;
typedef struct counter counter;
[[quick]] counter *counter_shared(void);
typedef struct holder { counter *held; const char *names[2]; } holder;
typedef union variant { text_holder text; line line; } variant;
typedef union epoll { void *pointer; int number; } epoll;
[[class("Outer.Inner")]] typedef struct inner { int x; } inner;
[[class("Outer")]] typedef struct enclosing { int y; inner in; } enclosing;
"""

SCALARS = {
    "int8_t": (-(2**7), 2**7 - 1),
    "uint8_t": (0, 2**8 - 1),
    "int16_t": (-(2**15), 2**15 - 1),
    "uint16_t": (0, 2**16 - 1),
    "int32_t": (-(2**31), 2**31 - 1),
    "uint32_t": (0, 2**32 - 1),
    "int64_t": (-(2**63), 2**63 - 1),
    "uint64_t": (0, 2**64 - 1),
    "__int128": (-(2**127), 2**127 - 1),
    "unsigned __int128": (0, 2**128 - 1),
}


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


class TestScalarFields:
    @pytest.mark.parametrize("ctype", SCALARS)
    def test_integer_fields_hold_their_range_and_no_more(self, native_library, ctype):
        least, most = SCALARS[ctype]
        record = symbridge.load(
            native_library("records"), f"typedef struct t {{ char c; {ctype} v; }} t;"
        ).t
        for value in (least, most, 0, 1):
            t = record("a", value)
            assert t.v == value
            t.v = 0
            t.v = value
            assert t.v == value
        for value in (least - 1, most + 1):
            with pytest.raises(OverflowError, match=r"t\.v: "):
                t.v = value
            with pytest.raises(OverflowError, match="argument 'v'"):
                record("a", value)
        with pytest.raises(TypeError, match=r"t\.v: expected int, got float"):
            t.v = 1.0

    def test_packed_fields_may_be_unaligned(self, native_library):
        record = symbridge.load(
            native_library("records"),
            "typedef struct __attribute__((packed)) t { char c; double d; uint64_t n; } t;",
        ).t
        t = record("a", 1.5, 2**63)
        assert (t.c, t.d, t.n) == ("a", 1.5, 2**63)

    @pytest.mark.parametrize("ctype", ["float", "double", "long double"])
    def test_float_fields(self, native_library, ctype):
        record = symbridge.load(
            native_library("records"), f"typedef struct t {{ {ctype} v; }} t;"
        ).t
        t = record(1.5)
        assert t.v == 1.5
        t.v = 3
        assert t.v == 3.0
        t.v = math.inf
        assert t.v == math.inf
        t.v = math.nan
        assert math.isnan(t.v)
        with pytest.raises(TypeError, match="expected float, got str"):
            t.v = "1"

    def test_complex_bool_and_char_fields(self, native_library):
        record = symbridge.load(
            native_library("records"),
            "typedef struct t { double _Complex z; _Bool b; char c; wchar_t w; void *p; } t;",
        ).t
        t = record(z=1 + 2j, b=True, c="x", w="\N{SNOWMAN}", p=0x1000)
        assert (t.z, t.b, t.c, t.w, t.p) == (1 + 2j, True, "x", "\N{SNOWMAN}", 0x1000)
        t.p = None
        assert t.p is None
        with pytest.raises(ValueError, match="bool"):
            t.b = 2

    def test_deletion_is_refused(self, m):
        p = m.Point(1, 2)
        with pytest.raises(TypeError, match="cannot delete attribute 'x'"):
            del p.x
        with pytest.raises(TypeError, match="cannot delete attribute 'norm'"):
            del p.norm

    def test_read_only_fields(self, m):
        f = m.frozen(1, 2)
        for name in ("a", "b"):
            with pytest.raises(AttributeError):
                setattr(f, name, 3)
        assert (f.a, f.b) == (1, 2)
        with pytest.raises(AttributeError):
            m.fixed(1, 2).a = 3

    def test_attributes_of_other_classes_are_refused(self, m):
        with pytest.raises(TypeError):
            m.Point.x.__get__(m.Vec(1, 2))
        with pytest.raises(TypeError):
            m.Point.sum(m.Vec(1, 2))

    def test_unknown_attributes_cannot_be_set(self, m):
        with pytest.raises(AttributeError):
            m.Point(1, 2).z = 3

    def test_hidden_fields_are_not_there_but_are_copied(self, m):
        h = m.hidden_part(3)
        assert not hasattr(h, "secret")
        assert repr(h) == "hidden_part(shown=3)"
        assert pickle.loads(pickle.dumps(h)) == h == copy.copy(h)


class TestBitFields:
    def test_values_are_kept_apart(self, m):
        b = m.bits(5, -16, True, 2**40 - 1)
        assert (b.small, b.negative, b.flag, b.large) == (5, -16, True, 2**40 - 1)
        b.negative = 15
        b.small = 0
        assert (b.small, b.negative, b.flag, b.large) == (0, 15, True, 2**40 - 1)
        b.flag = False
        b.large = 1
        assert (b.small, b.negative, b.flag, b.large) == (0, 15, False, 1)

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("small", 8),
            ("small", -1),
            ("negative", 16),
            ("negative", -17),
            ("large", 2**40),
            ("large", 2**70),
        ],
    )
    def test_range_is_checked(self, m, name, value):
        b = m.bits(1, 2, False, 3)
        with pytest.raises(OverflowError, match=f"bits.{name}: .*out of range"):
            setattr(b, name, value)
        assert b == m.bits(1, 2, False, 3)


class TestRecordFields:
    def test_a_view_changes_the_outer_record(self, m):
        line = m.line(m.Point(1, 2), m.Point(3, 4))
        line.from_.x = 10
        assert line.from_ == m.Point(10, 2)
        assert isinstance(line.from_, m.Point)
        line.to.move(1, 1)
        assert line.to == m.Point(4, 5)

    def test_a_view_keeps_the_outer_record_alive(self, m):
        view = m.line(m.Point(1, 2), m.Point(3, 4)).to
        gc.collect()
        assert (view.x, view.y) == (3, 4)

    def test_assignment_copies(self, m):
        line, p = m.line(m.Point(1, 2), m.Point(3, 4)), m.Point(5, 6)
        line.to = p
        p.x = 0
        assert line.to == m.Point(5, 6)
        line.to = line.from_
        assert line.to == m.Point(1, 2)
        with pytest.raises(TypeError, match="line.to: expected Point, got .*Vec"):
            line.to = m.Vec(1, 2)

    def test_views_work_wherever_objects_do(self, m):
        view = m.line(m.Point(3, 4), m.Point(0, 0)).from_
        assert view.sum() == 7
        assert view.norm == 5.0
        assert m.Point.manhattan(view, m.Point(0, 0)) == 7
        assert hash(view) == hash(m.Point(3, 4))
        assert view == m.Point(3, 4) and m.Point(3, 4) == view and view < m.Point(4, 0)
        assert repr(view) == "Point(x=3, y=4)"
        assert type(copy.copy(view)) is m.Point
        assert type(pickle.loads(pickle.dumps(view))) is m.Point
        assert type(type(view)(1, 2)) is m.Point

    def test_view_class_cannot_be_swapped_with_the_class(self, m):
        view, p = m.line(m.Point(1, 2), m.Point(3, 4)).to, m.Point(1, 2)
        with pytest.raises(TypeError):
            view.__class__ = m.Point
        with pytest.raises(TypeError):
            p.__class__ = type(view)

    def test_unnamed_record_crosses_as_a_tuple(self, m):
        s = m.shapes()
        assert s.pair == (0, 0)
        s.pair = (1, 2)
        assert s.pair == (1, 2)
        with pytest.raises(ValueError, match="exactly 2 items"):
            s.pair = (1,)


class TestArrayFields:
    def test_numbers_are_a_live_memoryview(self, m):
        s = m.shapes()
        s.counts = [1, 2, 3, 4]
        view = s.counts
        assert (type(view), view.format, view.tolist()) == (memoryview, "i", [1, 2, 3, 4])
        view[0] = 10
        assert s.counts[0] == 10
        del s
        gc.collect()
        assert view[0] == 10

    def test_assignment_from_sequences_and_buffers(self, m):
        s = m.shapes()
        for values in (
            [1, 2, 3, 4],
            (1, 2, 3, 4),
            array("i", [1, 2, 3, 4]),
            range(1, 5),
            array("q", [1, 2, 3, 4]),
            memoryview(array("i", range(8)))[1:5],
        ):
            s.counts = [0] * 4
            s.counts = values
            assert list(s.counts) == [1, 2, 3, 4]
        s.counts = memoryview(array("i", range(8)))[::2]
        assert list(s.counts) == [0, 2, 4, 6]

    @pytest.mark.parametrize(
        ("values", "error"),
        [
            ([1, 2, 3], ValueError),
            ([1] * 5, ValueError),
            (array("i", [1]), ValueError),
            ([1, 2, 3, "x"], TypeError),
            ([1, 2, 3, 2**31], OverflowError),
            ("1234", TypeError),
            (4, TypeError),
            (None, TypeError),
        ],
    )
    def test_a_wrong_assignment_changes_nothing(self, m, values, error):
        s = m.shapes()
        s.counts = [9, 8, 7, 6]
        with pytest.raises(error, match="shapes.counts: "):
            s.counts = values
        assert list(s.counts) == [9, 8, 7, 6]

    def test_dimensions(self, m):
        s = m.shapes()
        s.matrix = [[1, 2, 3], [4, 5, 6]]
        assert s.matrix.shape == (2, 3)
        assert s.matrix.tolist() == [[1, 2, 3], [4, 5, 6]]
        s.matrix[1, 2] = 60
        assert s.matrix[1, 2] == 60.0

    def test_text(self, m):
        s = m.shapes()
        s.title = "héllo"
        assert s.title == "héllo"
        s.title = "12345678"
        assert s.title == "12345678"
        s.title = "x"
        assert s.title == "x"
        with pytest.raises(ValueError, match="shapes.title: text of 9 bytes is too long for 8"):
            s.title = "123456789"
        with pytest.raises(ValueError, match="null"):
            s.title = "a\0b"
        with pytest.raises(TypeError, match="expected str"):
            s.title = b"bytes"
        with pytest.raises(UnicodeEncodeError):
            s.title = "\ud800"
        assert s.title == "x"

    def test_lines_and_wide_text(self, m):
        s = m.shapes()
        s.lines = ("ab", "cdef")
        assert s.lines == ("ab", "cdef")
        s.wide = "\N{SNOWMAN}é"
        assert s.wide == "\N{SNOWMAN}é"

    def test_unsigned_bytes_are_bytes(self, m):
        s = m.shapes()
        s.raw = b"\0\1\2\xff"
        assert s.raw == b"\0\1\2\xff"
        s.raw = bytearray(4)
        assert s.raw == bytes(4)
        with pytest.raises(ValueError, match="exactly 4 bytes"):
            s.raw = b"abc"

    def test_records_are_views(self, m):
        s = m.shapes()
        s.corners = (m.Point(1, 2), m.Point(3, 4))
        s.corners[1].x = 30
        assert s.corners == (m.Point(1, 2), m.Point(30, 4))
        with pytest.raises(TypeError):
            s.corners = (m.Point(9, 9), 1)
        assert s.corners == (m.Point(1, 2), m.Point(30, 4))

    def test_enum_field(self, m):
        s = m.shapes()
        s.color = m.color.BLUE
        assert s.color is m.color.BLUE
        s.color = 1
        assert s.color is m.color.GREEN
        with pytest.raises(TypeError):
            s.color = "RED"

    def test_counted_array(self, m):
        c = m.counted()
        assert list(c.items) == []
        c.items = [1, 2, 3]
        assert list(c.items) == [1, 2, 3]
        with pytest.raises(ValueError, match="at most 4"):
            c.items = range(5)
        assert pickle.loads(pickle.dumps(c)) == c

    def test_equality_pickle_and_copy_of_all_shapes(self, m):
        s = m.shapes(
            corners=[m.Point(1, 2), m.Point(3, 4)],
            matrix=[[1, 2, 3], [4, 5, math.inf]],
            counts=[1, 2, 3, 4],
            title="title",
            lines=["a", "b"],
            raw=b"1234",
            wide="w",
            flags=[True, False, True],
            color=m.color.BLUE,
        )
        for other in (pickle.loads(pickle.dumps(s)), copy.copy(s), copy.deepcopy(s)):
            assert other == s and repr(other) == repr(s)
            other.matrix[0, 0] = 100
            assert other != s
        assert "color=<color.BLUE: 7>" in repr(s)
        assert "counts=[1, 2, 3, 4]" in repr(s)


class TestUnions:
    def test_fields_share_their_bytes(self, m):
        n = m.number(f=1.0)
        assert n.i == struct.unpack("i", struct.pack("f", 1.0))[0]
        assert n.bytes == struct.pack("f", 1.0)
        n.i = -1
        assert n.bytes == b"\xff" * 4

    def test_pickle_copy_and_equality_by_bytes(self, m):
        n = m.number(i=77)
        assert pickle.loads(pickle.dumps(n)) == n == copy.copy(n)
        assert n != m.number(i=78)

    def test_unnamed_members_are_the_records_own(self, m):
        t = m.tagged(tag=1, d=2.5)
        assert (t.tag, t.d) == (1, 2.5)
        t.i = 0
        assert t.s is None or isinstance(t.s, int)

    def test_text_that_shares_its_bytes_is_an_address(self, m):
        assert m.tagged(i=0x10).s == 0x10


class TestPointerFields:
    def test_text_is_kept_alive(self, m):
        n = m.Named()
        assert n.name is None
        n.name = "".join(["kept ", "alive"])
        gc.collect()
        assert n.name == "kept alive"
        assert n.length() == 10
        n.wide = "\N{SNOWMAN}"
        assert (n.wide, n.length()) == ("\N{SNOWMAN}", 11)
        n.name = None
        assert n.name is None

    def test_text_that_c_made(self, m):
        n = m.named_make()
        assert (n.name, n.wide, n.address, n.function) == ("from C", "w\u00efde", None, None)

    @pytest.mark.parametrize(
        ("value", "error"),
        [("a\0b", ValueError), (b"bytes", TypeError), (1, TypeError), ("\ud800", UnicodeError)],
    )
    def test_wrong_text_changes_nothing(self, m, value, error):
        n = m.Named(name="before")
        with pytest.raises(error, match="Named.name: " if error is not UnicodeError else None):
            n.name = value
        assert n.name == "before"

    def test_plain_addresses(self, m):
        n = m.Named(address=0x1234, function=0x10)
        assert (n.address, n.function) == (0x1234, 0x10)
        with pytest.raises(OverflowError):
            n.address = -1

    def test_linked_records_are_the_objects_that_were_assigned(self, m):
        b = m.Node(2)
        a = m.Node(1, b)
        assert a.next is b and b.next is None
        assert a.total() == 3
        b.value = 20
        assert a.total() == 21
        del b
        gc.collect()
        assert a.total() == 21
        with pytest.raises(TypeError, match="Node.next: expected Node, got int"):
            a.next = 1

    def test_cycles_are_collected(self, m):
        gc.collect()
        before = sys.getrefcount(m.Node)
        for _ in range(100):
            a = m.Node(1)
            b = m.Node(2, a)
            a.next = b
            assert repr(a).startswith("Node(value=1, next=<Node at 0x")
        del a, b
        gc.collect()
        after = sys.getrefcount(m.Node)
        assert after == before

    def test_long_chains_end_without_deep_recursion(self, m):
        chain = None
        for i in range(100_000):
            chain = m.Node(i, chain)
        del chain

    def test_buffers_set_pointer_and_length_and_are_held(self, m):
        out = bytearray(8)
        s = m.Stream(input=b"abcdefghijkl", output=out)
        assert s.copy() == 8
        assert out == b"abcdefgh"
        with pytest.raises(BufferError):
            out.extend(b"more")
        assert s.input == b"abcdefghijkl"
        s.output = None
        out.extend(b"more")
        assert s.copy() == 0

    def test_buffers_that_do_not_fit(self, m):
        s = m.Stream()
        with pytest.raises(BufferError, match="writable"):
            s.output = b"read-only"
        with pytest.raises(BufferError, match="contiguous"):
            s.input = memoryview(b"abcdef")[::2]
        with pytest.raises(TypeError):
            s.input = "text"
        with pytest.raises(TypeError):
            s.input = 5

    def test_copies_share_what_is_kept(self, m):
        a = m.Named(name="".join(["sha", "red"]))
        b = copy.copy(a)
        del a
        gc.collect()
        assert b.name == "shared"

    def test_assigning_a_record_takes_over_what_its_pointers_need(self, m):
        o = m.outer(1, m.text_holder(m.Point(1, 2), "".join(["in", "ner"])))
        gc.collect()
        assert o.inner.text == "inner"
        o.inner.text = "".join(["by ", "view"])
        gc.collect()
        assert o.inner.text == "by view"
        inner = copy.copy(o.inner)
        del o
        gc.collect()
        assert inner.text == "by view"

    def test_pickle_and_deepcopy_are_refused_with_the_reason(self, m):
        n = m.Named(name="x")
        with pytest.raises(TypeError, match="cannot pickle.*pointer into C memory"):
            pickle.dumps(n)
        with pytest.raises(TypeError, match="cannot deepcopy.*pointer into C memory"):
            copy.deepcopy(n)


class TestFieldsOfOtherKinds:
    def test_adapted_records_cross_as_their_class(self, m):
        day, other = datetime.date(2020, 1, 2), datetime.date(1999, 12, 31)
        e = m.event(day, (other, other), 5)
        assert (e.when, e.others) == (day, (other, other))
        e.when = other
        assert e.when == other
        assert pickle.loads(pickle.dumps(e)) == e and hash(copy.copy(e)) == hash(e)
        with pytest.raises(TypeError, match="event.when: expected datetime.date, got int"):
            e.when = 5

    def test_handles_are_kept_by_the_record_that_points_at_them(self, m):
        shared = m.counter_shared()
        h = m.holder(held=shared)
        assert h.held is shared
        h.held = None
        assert h.held is None
        with pytest.raises(TypeError, match="holder.held: expected counter, got int"):
            h.held = 5

    def test_arrays_of_text_pointers(self, m):
        h = m.holder()
        assert h.names == (None, None)
        h.names = ("".join(["o", "ne"]), "two")
        gc.collect()
        assert h.names == ("one", "two")

    def test_a_derived_class_may_have_pointers_where_its_base_has_none(self, m):
        v = m.labelled(1, "".join(["la", "bel"]))
        assert (v.a, m.unlabelled.a.__get__(v), v.label) == (1, 1, "label")
        m.unlabelled.a.__set__(v, 5)
        assert repr(copy.copy(v)) == "labelled(a=5, label='label')"
        assert m.unlabelled(3).a == 3

    def test_unions_with_records_that_hold_pointers_are_read_only_copies(self, m):
        v = m.variant()
        assert v.text.text is None
        v.line.from_.x = 77
        assert v.line.from_.x == 0
        with pytest.raises(AttributeError):
            v.line = m.line(m.Point(1, 2), m.Point(3, 4))
        with pytest.raises(TypeError, match="can only be read"):
            m.variant(line=m.line(m.Point(1, 2), m.Point(3, 4)))

    def test_unions_of_an_address_and_a_number_can_be_written(self, m):
        e = m.epoll(number=3)
        e.number = 9
        assert e.pointer == 9

    def test_classes_within_classes(self, m):
        assert m.Outer.Inner.__qualname__ == "Outer.Inner"
        outer = m.Outer(1, m.Outer.Inner(2))
        assert type(outer.in_).__qualname__ == "Outer.Inner"
        assert pickle.loads(pickle.dumps(outer)) == outer

    def test_a_converted_value_may_drop_the_record(self, m):
        class Evil:
            def __index__(self) -> int:
                holder.clear()
                gc.collect()
                return 3

        holder = [m.Point(1, 2)]
        holder[0].x = Evil()
        assert holder == []


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
