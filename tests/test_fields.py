"""The fields of structs and unions: every type, read, written and kept alive."""

from __future__ import annotations

import copy
import datetime
import gc
import math
import pickle
import struct
import sys
import types
from array import array
from pathlib import Path

import pytest

import symbridge

DESCRIPTION = (Path(__file__).parent / "native" / "records.bridge").read_text("utf-8")

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
