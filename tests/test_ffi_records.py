"""FFI: structs and unions, their fields and bit-fields, and what new() makes them from."""

from __future__ import annotations

import gc
import operator
import random
from collections.abc import Callable
from typing import Any

import pytest

from growth import growth
from symbridge import FFI

ffi = FFI()
ffi.cdef("""
    struct point { int x, y; };
    struct line { struct point from, to; const char *name; };
    struct mixed {
        char c; signed char sc; unsigned char uc; short s; unsigned short us; int i;
        unsigned int u; long long ll; unsigned long long ull; float f; double d;
        _Bool b; wchar_t w; void *p; int a[3]; char text[8];
    };
    union number { int i; float f; unsigned char bytes[8]; };
    struct tagged { int kind; union { int i; double d; struct { short lo, hi; }; }; };
    struct bits { unsigned a:3; int b:5; unsigned c:1; int d:1; unsigned long long e:40; };
    struct flexible { int n; short items[]; };
    struct outer { int id; struct flexible inner; };
    struct opaque;
    struct node { int value; struct node *next; };
    enum color { RED, GREEN = 5, BLUE };
    struct painted { enum color color; };
    struct function { int (*f)(int); };
    struct shadow { int __enter__; };
""")


class Number:
    """Something that says its value when asked, and does something then."""

    def __init__(self, value: int, when_asked: Callable[[], object]) -> None:
        self.value = value
        self.when_asked = when_asked

    def __int__(self) -> int:
        self.when_asked()
        return self.value

    __index__ = __int__


# ---- fields ----


def test_fields_are_read_and_written() -> None:
    p = ffi.new("struct mixed *")
    values = {
        "c": b"x", "sc": -128, "uc": 255, "s": -(2**15), "us": 2**16 - 1, "i": -(2**31),
        "u": 2**32 - 1, "ll": -(2**63), "ull": 2**64 - 1, "f": 0.5, "d": 0.1, "b": True,
        "w": "\u20ac",
    }  # fmt: skip
    for name, value in values.items():
        setattr(p, name, value)
    for name, value in values.items():
        assert getattr(p, name) == value
        assert getattr(p[0], name) == value


def test_a_field_is_checked_like_any_value() -> None:
    p = ffi.new("struct mixed *")
    with pytest.raises(OverflowError, match="integer 128 does not fit 'signed char'"):
        p.sc = 128
    with pytest.raises(TypeError):
        p.c = "x"
    with pytest.raises(TypeError):
        p.p = 5
    assert p.sc == 0


def test_a_name_that_is_not_interned_finds_its_field() -> None:
    p = ffi.new("struct point *", [1, 2])
    for name in ("".join(["x"]), "".join("y")):
        assert getattr(p, name) in (1, 2)

    class Name(str):
        __slots__ = ()

    assert getattr(p, Name("y")) == 2
    setattr(p, Name("y"), 5)
    assert p.y == 5


def test_all_of_many_fields_are_found() -> None:
    other = FFI()
    names = [f"field{i}" for i in range(300)]
    other.cdef("struct many {" + "".join(f"int {name};" for name in names) + "};")
    p = other.new("struct many *", list(range(300)))
    assert [getattr(p, name) for name in names] == list(range(300))
    assert dir(p) == sorted(names)
    with pytest.raises(AttributeError):
        p.field300  # noqa: B018


def test_unknown_fields_are_named() -> None:
    p = ffi.new("struct point *")
    with pytest.raises(AttributeError, match=r"^cdata 'struct point \*' has no field 'z'$"):
        p.z  # noqa: B018
    with pytest.raises(AttributeError, match=r"^cdata 'struct point' has no field 'z'$"):
        p[0].z = 1
    with pytest.raises(AttributeError, match="cannot delete struct field"):
        del p.x
    assert dir(p) == dir(p[0]) == ["x", "y"]


def test_a_field_comes_before_a_method_of_its_name() -> None:
    p = ffi.new("struct shadow *", [7])
    assert p.__enter__ == 7


def test_fields_behind_null_are_refused() -> None:
    p = ffi.cast("struct point *", 0)
    with pytest.raises(RuntimeError, match="cannot dereference null pointer from cdata 'struct po"):
        p.x  # noqa: B018
    with pytest.raises(RuntimeError):
        p.x = 1


def test_an_incomplete_struct_has_no_fields_and_cannot_be_made() -> None:
    p = ffi.cast("struct opaque *", ffi.new("int *"))
    with pytest.raises(AttributeError, match="points to an opaque type: cannot read fields"):
        p.x  # noqa: B018
    with pytest.raises(AttributeError, match="points to an opaque type: cannot write fields"):
        p.x = 1
    with pytest.raises(TypeError, match="cannot instantiate ctype 'struct opaque' of unknown size"):
        ffi.new("struct opaque *")
    with pytest.raises(TypeError, match="'struct opaque' is opaque"):
        p[0] = [1]
    with pytest.raises(TypeError, match="points to items of unknown size"):
        p + 1
    assert dir(p) == []


def test_nested_records_are_parts_of_the_whole() -> None:
    line = ffi.new("struct line *")
    line.to.x = 5
    to = line.to
    assert repr(to).startswith("<cdata 'struct point &' 0x")
    to.y = 6
    assert (line.to.x, line.to.y) == (5, 6)
    line.to = [7, 8]
    assert to.x == 7


def test_a_part_of_what_new_made_keeps_it() -> None:
    part = ffi.new("struct line *", {"to": [1, 2]}).to
    array = ffi.new("struct mixed *", {"a": [1, 2, 3]}).a
    item = ffi.new("struct point[3]", [[1, 2], [3, 4]])[1]
    gc.collect()
    for _ in range(100):
        ffi.new("struct line *", {"to": [9, 9]})
        ffi.new("struct mixed *", {"a": [9, 9, 9]})
    assert (part.x, part.y) == (1, 2)
    assert list(array) == [1, 2, 3]
    assert (item.x, item.y) == (3, 4)


def test_the_record_that_a_pointer_owns_keeps_it() -> None:
    record = ffi.new("struct point *", [1, 2])[0]
    gc.collect()
    assert repr(record) == "<cdata 'struct point' owning 8 bytes>"
    assert (record.x, record.y) == (1, 2)


def test_anonymous_records_lend_their_fields() -> None:
    p = ffi.new("struct tagged *", [1, 5])
    assert (p.kind, p.i) == (1, 5)
    p.lo, p.hi = -1, 7
    assert p.i & 0xFFFF in (0xFFFF, 7)
    p.d = 2.5
    assert p.d == 2.5


def test_arrays_in_records_are_assigned_whole() -> None:
    p = ffi.new("struct mixed *")
    p.a = [1, 2]
    p.text = b"abc"
    assert list(p.a) == [1, 2, 0]
    assert ffi.string(p.text) == b"abc"
    with pytest.raises(IndexError, match=r"too many initializers for 'int\[3\]'"):
        p.a = [1, 2, 3, 4]
    with pytest.raises(IndexError):
        p.text = b"too long!"


def test_enums_cross_as_ints() -> None:
    p = ffi.new("struct painted *")
    p.color = 5
    assert p.color == 5
    assert repr(ffi.cast("enum color", 5)) == "<cdata 'enum color' 5: GREEN>"
    assert repr(ffi.cast("enum color", 77)) == "<cdata 'enum color' 77>"
    assert int(ffi.cast("enum color", 6)) == 6


def test_function_pointers_are_fields() -> None:
    p = ffi.new("struct function *")
    assert not p.f
    p.f = ffi.cast("int(*)(int)", 0x1000)
    assert int(ffi.cast("intptr_t", p.f)) == 0x1000
    with pytest.raises(TypeError, match=r"'int\(\*\)\(int\)' must be a pointer to same type"):
        p.f = ffi.cast("int(*)(long)", 0x1000)


def test_records_refer_to_one_another() -> None:
    first = ffi.new("struct node *", [1])
    second = ffi.new("struct node *", [2, first])
    first.next = second
    assert second.next.next.value == 2
    assert first.next == second


# ---- initialisers ----


def test_records_are_made_from_lists_tuples_and_dicts() -> None:
    assert ffi.new("struct point *", [1, 2]).y == 2
    assert ffi.new("struct point *", (1,)).y == 0
    assert ffi.new("struct point *", {"y": 3}).y == 3
    line = ffi.new("struct line *", [{"x": 1}, (2, 3)])
    assert (line.from_x if hasattr(line, "from_x") else getattr(line, "from").x) == 1
    assert line.to.y == 3


def test_records_are_copied_from_records() -> None:
    a = ffi.new("struct point *", [1, 2])
    b = ffi.new("struct point *", a[0])
    a.x = 9
    assert (b.x, b.y) == (1, 2)
    line = ffi.new("struct line *", {"to": b[0]})
    assert line.to.y == 2
    points = ffi.new("struct point[]", [a[0], b[0], [5, 6]])
    assert [point.x for point in points] == [9, 1, 5]
    points[0] = points[2]
    assert points[0].x == 5
    points[0] = points[0]


def test_a_record_refuses_what_it_cannot_be_made_from() -> None:
    with pytest.raises(ValueError, match=r"^too many initializers for 'struct point' \(got 3\)$"):
        ffi.new("struct point *", [1, 2, 3])
    with pytest.raises(KeyError, match="'z'"):
        ffi.new("struct point *", {"z": 1})
    with pytest.raises(KeyError):
        ffi.new("struct point *", {1: 1})
    message = "^initializer for ctype 'struct point' must be a list or tuple or dict or struct-cda"
    for wrong in (5, "xy", iter([1])):
        with pytest.raises(TypeError, match=message):
            ffi.new("struct point *", wrong)
    with pytest.raises(TypeError, match="not cdata 'struct line'"):
        ffi.new("struct point *", ffi.new("struct line *")[0])


def test_types_of_one_name_are_told_apart() -> None:
    other = FFI()
    other.cdef("struct point { int x, y; };")
    with pytest.raises(TypeError, match="but the types are different"):
        ffi.new("struct point *", other.new("struct point *")[0])


def test_a_union_is_made_from_its_first_field() -> None:
    u = ffi.new("union number *", [0x01020304])
    assert u.i == 0x01020304
    assert bytes(u.bytes) in (b"\4\3\2\1" + bytes(4), b"\1\2\3\4" + bytes(4))
    with pytest.raises(ValueError, match="too many initializers for 'union number'"):
        ffi.new("union number *", [1, 2])
    assert ffi.new("union number *", {"f": 0.5}).f == 0.5


# ---- bit-fields ----


def test_bit_fields_hold_their_range() -> None:
    p = ffi.new("struct bits *")
    for name, least, most in (("a", 0, 7), ("b", -16, 15), ("c", 0, 1), ("e", 0, 2**40 - 1)):
        for value in (least, most, 0):
            setattr(p, name, value)
            assert getattr(p, name) == value
        for value in (least - 1, most + 1, 2**70, -(2**70)):
            with pytest.raises(OverflowError):
                setattr(p, name, value)


def test_a_bit_field_out_of_range_says_what_is_allowed() -> None:
    p = ffi.new("struct bits *")
    message = "^value 8 outside the range allowed by the bit field width: 0 <= x <= 7$"
    with pytest.raises(OverflowError, match=message):
        p.a = 8
    with pytest.raises(OverflowError, match="value -17 .* -16 <= x <= 15"):
        p.b = -17


def test_a_signed_bit_takes_one() -> None:
    p = ffi.new("struct bits *")
    p.d = 1
    assert p.d == -1
    p.d = -1
    assert p.d == -1
    with pytest.raises(OverflowError):
        p.d = 2


def test_bit_fields_leave_their_neighbours() -> None:
    p = ffi.new("struct bits *", [5, -3, 1, -1, 2**39])
    for name in "abcde":
        before = {other: getattr(p, other) for other in "abcde" if other != name}
        value = getattr(p, name)
        setattr(p, name, 0)
        assert {other: getattr(p, other) for other in before} == before
        setattr(p, name, value)
    assert [getattr(p, name) for name in "abcde"] == [5, -3, 1, -1, 2**39]


def test_packed_bit_fields_reach_across_units() -> None:
    other = FFI()
    other.cdef("struct tight { unsigned char a; int b:7; int c:30; int d:3; long long e:60; };",
               packed=True)  # fmt: skip
    size = other.sizeof("struct tight")
    p = other.new("struct tight *")
    memory = other.buffer(p)
    for values in ([255, -64, 2**29 - 1, -4, -(2**59)], [0, 63, -(2**29), 3, 2**59 - 1]):
        for name, value in zip("abcde", values, strict=True):
            setattr(p, name, value)
        assert [getattr(p, name) for name in "abcde"] == values
    assert len(memory) == size == 1 + (7 + 30 + 3 + 60 + 7) // 8


def test_random_bit_fields_do_not_disturb_one_another() -> None:
    seed = random.randrange(2**32)
    print("seed", seed)
    rng = random.Random(seed)
    widths = {"unsigned char": 8, "short": 16, "int": 32, "unsigned int": 32, "long long": 64,
              "unsigned long long": 64}  # fmt: skip
    for number in range(20):
        fields = []
        for i in range(rng.randrange(1, 12)):
            kind = rng.choice(list(widths))
            fields.append((f"f{i}", kind, rng.randrange(1, widths[kind] + 1)))
        other = FFI()
        text = "".join(f"{kind} {name}:{bits};" for name, kind, bits in fields)
        other.cdef(f"struct r {{ {text} }};", packed=bool(number % 2))
        p = other.new("struct r *")
        expected = dict.fromkeys((name for name, _, _ in fields), 0)
        for _ in range(60):
            name, kind, bits = rng.choice(fields)
            signed = not kind.startswith("unsigned")
            least = -(2 ** (bits - 1)) if signed else 0
            most = 2 ** (bits - signed) - 1
            expected[name] = rng.randrange(least, most + 1)
            setattr(p, name, expected[name])
            assert {name: getattr(p, name) for name in expected} == expected, text


# ---- flexible arrays ----


def test_a_flexible_array_gets_what_its_initialiser_needs() -> None:
    p = ffi.new("struct flexible *", [3, [1, 2, 3]])
    assert list(p.items) == [1, 2, 3]
    assert repr(p) == "<cdata 'struct flexible *' owning 10 bytes>"
    assert ffi.sizeof(p[0]) == 10
    q = ffi.new("struct flexible *", {"items": 4})
    assert list(q.items) == [0, 0, 0, 0]
    assert list(q[0].items) == [0, 0, 0, 0]


def test_a_flexible_array_of_unknown_length_is_a_pointer() -> None:
    p = ffi.new("struct flexible *", [3, [1, 2, 3]])
    items = (ffi.cast("struct flexible *", p)).items
    assert ffi.typeof(items) is ffi.typeof("short *")
    assert items[2] == 3


def test_a_flexible_array_is_assigned_within_its_memory() -> None:
    p = ffi.new("struct flexible *", [3, 3])
    p.items = [7, 8, 9]
    assert list(p.items) == [7, 8, 9]
    with pytest.raises(IndexError, match="too many initializers"):
        p.items = [0] * 4
    with pytest.raises(IndexError, match="too many initializers"):
        p[0] = [1, [0] * 4]
    p[0] = [1, [4, 5, 6]]
    assert list(p.items) == [4, 5, 6]


def test_a_record_may_end_in_one_with_a_flexible_array() -> None:
    p = ffi.new("struct outer *", [1, [2, [3, 4]]])
    assert ffi.buffer(p.inner.items, 4)[:] == ffi.buffer(ffi.new("short[]", [3, 4]))[:]


def test_a_flexible_array_too_large_is_refused() -> None:
    with pytest.raises(OverflowError, match="array size would overflow a Py_ssize_t"):
        ffi.new("struct flexible *", [0, 2**62])
    with pytest.raises(MemoryError):
        ffi.new("struct flexible *", [0, 2**61])


def test_a_list_that_grows_between_measuring_and_filling_is_refused() -> None:
    items: list[Any] = [1, 2]
    count = Number(2, lambda: items.extend([9] * 1000))
    with pytest.raises(IndexError, match="too many initializers"):
        ffi.new("struct flexible *", [count, items])


# ---- what other code does meanwhile ----


def test_a_dict_that_changes_while_it_is_read() -> None:
    values: dict[str, Any] = {}
    values["x"] = Number(1, values.clear)
    values["y"] = 5
    p = ffi.new("struct point *", values)
    assert p.x == 1
    assert p.y in (0, 5)


def test_a_list_that_shrinks_while_it_is_read() -> None:
    values: list[Any] = []
    values.extend([Number(1, values.clear), 5])
    p = ffi.new("struct point *", values)
    assert (p.x, p.y) == (1, 0)


def test_a_pointer_that_is_dropped_while_its_field_is_set() -> None:
    holder = [ffi.new("struct point *")]
    holder[0].x = Number(3, holder.clear)
    assert holder == []


def test_a_list_that_holds_itself_ends_with_the_type() -> None:
    values: list[Any] = []
    values.append(values)
    with pytest.raises(TypeError):
        ffi.new("struct line *", values)


# ---- references ----

point = ffi.new("struct point *")
line = ffi.new("struct line *")
points = ffi.new("struct point[10]")
bits = ffi.new("struct bits *")
mixed = ffi.new("struct mixed *")


def raising(work: Callable[[], object]) -> None:
    with pytest.raises((TypeError, OverflowError, ValueError, KeyError, AttributeError)):
        work()


GROWTH: dict[str, Callable[[], object]] = {
    "new": lambda: ffi.new("struct point *"),
    "new from a list": lambda: ffi.new("struct point *", [1000, 2000]),
    "new from a dict": lambda: ffi.new("struct line *", {"to": {"x": 1000}}),
    "new refused": lambda: raising(lambda: ffi.new("struct line *", {"to": {"z": 1000}})),
    "new flexible": lambda: ffi.new("struct flexible *", [1, [1000, 2]]).items[1],
    "read": lambda: point.x,
    "write": lambda: operator.setitem(points, 1, point[0]),
    "record": lambda: point[0].x,
    "nested": lambda: line.to.x,
    "item": lambda: points[3].y,
    "iteration": lambda: [each.x for each in points],
    "bit-field": lambda: setattr(bits, "e", bits.e + 1),
    "bit-field refused": lambda: raising(lambda: setattr(bits, "a", 99)),
    "array": lambda: setattr(mixed, "a", mixed.a),
    "unknown": lambda: raising(lambda: point.z),
}


@pytest.mark.parametrize("name", GROWTH)
def test_nothing_is_left_behind(name: str) -> None:
    assert growth(GROWTH[name], 500) < 8
