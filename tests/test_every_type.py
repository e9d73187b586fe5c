"""Every type of C through every way in which load lets a value cross: parameter, result, out,
inout, array, field, array in a field, record by value, variable.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import symbridge

NATIVE = Path(__file__).parent / "native" / "every_type.c"
SOURCE = NATIVE.read_text()

# The declarations that the library begins with are part of each description.
TYPES = SOURCE[SOURCE.index("enum et_int_enum") : SOURCE.index("#define TYPES(X)")]
TYPES += "typedef int (*et_callable)(int);"


@dataclass(frozen=True)
class Case:
    """A type, values that come back as they went, and values that are refused."""

    name: str
    spelling: str
    values: list[Any]
    refused: list[tuple[Any, type[Exception]]] = field(default_factory=list)

    def __str__(self) -> str:
        return self.name


def integer(name: str, spelling: str, bits: int, signed: bool = True) -> Case:
    least, most = (-(1 << bits - 1), (1 << bits - 1) - 1) if signed else (0, (1 << bits) - 1)
    refused: list[tuple[Any, type[Exception]]] = [
        (least - 1, OverflowError),
        (most + 1, OverflowError),
        (1.0, TypeError),
        ("1", TypeError),
        (None, TypeError),
    ]
    return Case(name, spelling, [least, 0, 1, most], refused)


def floating(name: str, spelling: str, exact: float) -> Case:
    return Case(name, spelling, [0.0, -1.5, exact, float("inf")], [("1", TypeError)])


def complex_number(name: str, spelling: str) -> Case:
    return Case(name, spelling, [0j, 1.5 - 2j, complex(0.5, float("inf"))], [("1", TypeError)])


def enumeration(name: str, *values: int) -> Case:
    return Case(name, f"enum et_{name}", list(values), [("1", TypeError)])


LONG = 64 if sys.maxsize > 2**32 else 32

CASES = [
    Case("bool", "_Bool", [True, False], [("1", TypeError)]),
    Case("char", "char", ["A", "~"], [("AB", TypeError), (1, TypeError)]),
    integer("schar", "signed char", 8),
    integer("uchar", "unsigned char", 8, signed=False),
    integer("short", "short", 16),
    integer("ushort", "unsigned short", 16, signed=False),
    integer("int", "int", 32),
    integer("uint", "unsigned", 32, signed=False),
    integer("long", "long", LONG),
    integer("ulong", "unsigned long", LONG, signed=False),
    integer("llong", "long long", 64),
    integer("ullong", "unsigned long long", 64, signed=False),
    integer("int8", "int8_t", 8),
    integer("uint8", "uint8_t", 8, signed=False),
    integer("int16", "int16_t", 16),
    integer("uint16", "uint16_t", 16, signed=False),
    integer("int32", "int32_t", 32),
    integer("uint32", "uint32_t", 32, signed=False),
    integer("int64", "int64_t", 64),
    integer("uint64", "uint64_t", 64, signed=False),
    integer("least8", "int_least8_t", 8),
    integer("intmax", "intmax_t", 64),
    integer("intptr", "intptr_t", LONG),
    integer("uintptr", "uintptr_t", LONG, signed=False),
    integer("ptrdiff", "ptrdiff_t", LONG),
    integer("size", "size_t", LONG, signed=False),
    integer("ssize", "ssize_t", LONG),
    Case("fast16", "uint_fast16_t", [0, 65535], [(-1, OverflowError)]),
    Case("off", "off_t", [0, -1, 2**31 - 1], [("1", TypeError)]),
    Case("wchar", "wchar_t", ["é", "😀"], [("", TypeError), (1, TypeError)]),
    Case("char16", "char16_t", ["é", "\uffff"], [("😀", OverflowError), (1, TypeError)]),
    Case("char32", "char32_t", ["é", "😀"], [("ab", TypeError)]),
    floating("float", "float", 0.1015625),
    floating("double", "double", 0.1),
    floating("ldouble", "long double", 0.1),
    complex_number("cfloat", "float _Complex"),
    complex_number("cdouble", "double _Complex"),
    complex_number("cldouble", "long double _Complex"),
    enumeration("int_enum", -5, 1),
    enumeration("uint_enum", 0xFFFFFFF0, 0),
    enumeration("long_enum", -0x100000000, 1),
    enumeration("ulong_enum", 0xFFFFFFFFFFFFFFF0),
    enumeration("char_enum", -3, 1),
    enumeration("ushort_enum", 0xFFF0, 7),
    Case("address", "void *", [4096, None], [("x", TypeError), (1 << 64, OverflowError)]),
]
if re.search(r"__SIZEOF_INT128__", SOURCE) and LONG == 64:
    CASES += [
        integer("int128", "__int128", 128),
        integer("uint128", "unsigned __int128", 128, signed=False),
    ]

DESCRIPTION = """
T et_echo_I(T value);
T et_ninth_I(T a, T b, T c, T d, T e, T f, T g, T h, T i);
void et_out_I(T value, T *out [[out]]);
void et_swap_I(T value, T *inout [[inout]]);
T et_last_I(T const *items [[array(count)]], size_t count);
void et_fill_I(T value, T *items [[out, array(count)]], size_t count);
typedef struct et_holds_I { char before; T value; T row[3]; T grid[2][3]; } et_holds_I;
et_holds_I et_hold_I(T value);
T et_held_I(const et_holds_I *holder, int which);
T et_held_by_value_I(et_holds_I holder);
extern T et_variable_I;
T et_read_I(void);
"""


class Bound:
    """The library as one case's description has it: attributes without the type's name."""

    def __init__(self, module: ModuleType, name: str) -> None:
        self.module = module
        self.name = name

    def __getattr__(self, function: str) -> Any:
        return getattr(self.module, f"{function}_{self.name}")


@pytest.fixture(scope="module")
def bound(native_library: Callable[[str], Path]) -> Callable[[Case], Bound]:
    library = native_library("every_type")
    modules: dict[str, Bound] = {}

    def load(case: Case) -> Bound:
        if case.name not in modules:
            text = re.sub(r"\bT\b", case.spelling, DESCRIPTION)
            text = re.sub(r"_I\b", f"_{case.name}", text)
            module = symbridge.load(library, f'[[prefix("et_")]];\n{TYPES}\n{text}')
            modules[case.name] = Bound(module, case.name)
        return modules[case.name]

    return load


each_type = pytest.mark.parametrize("case", CASES, ids=str)


@each_type
def test_a_value_is_passed_and_returned(case: Case, bound: Callable[[Case], Bound]) -> None:
    library = bound(case)
    for value in case.values:
        result = library.echo(value)
        assert result == value
        assert type(result) is type(library.echo(result))


@each_type
def test_a_value_is_passed_on_the_stack(case: Case, bound: Callable[[Case], Bound]) -> None:
    first, last = case.values[0], case.values[-1]
    assert bound(case).ninth(*[first] * 8, last) == last


@each_type
def test_a_value_that_does_not_fit_is_refused(case: Case, bound: Callable[[Case], Bound]) -> None:
    library = bound(case)
    for value, exception in case.refused:
        with pytest.raises(exception):
            library.echo(value)


@each_type
def test_a_value_comes_out_through_a_pointer(case: Case, bound: Callable[[Case], Bound]) -> None:
    for value in case.values:
        assert bound(case).out(value) == value


@each_type
def test_a_value_goes_in_and_comes_out(case: Case, bound: Callable[[Case], Bound]) -> None:
    assert bound(case).swap(case.values[-1], case.values[0]) == case.values[-1]


@each_type
def test_a_sequence_goes_in(case: Case, bound: Callable[[Case], Bound]) -> None:
    values: Any = case.values[:2]
    if isinstance(values[0], str):
        values = "".join(values)
    assert bound(case).last(values) == values[-1]


@each_type
def test_an_array_comes_out(case: Case, bound: Callable[[Case], Bound]) -> None:
    for value in case.values:
        filled = bound(case).fill(value, 3)
        assert len(filled) == 3
        assert filled[0] == filled[2] == value


@each_type
def test_a_field_is_read_and_written(case: Case, bound: Callable[[Case], Bound]) -> None:
    library = bound(case)
    first, last = case.values[0], case.values[-1]
    holder = library.hold(first)
    assert holder.value == first
    holder.value = last
    assert holder.value == last
    assert library.held(holder, 0) == last
    assert library.held(holder, 1) == first


@each_type
def test_a_field_refuses_what_a_parameter_refuses(
    case: Case, bound: Callable[[Case], Bound]
) -> None:
    holder = bound(case).hold(case.values[0])
    for value, exception in case.refused:
        with pytest.raises(exception):
            holder.value = value
    assert holder.value == case.values[0]


@each_type
def test_fields_that_are_arrays_are_read_and_written(
    case: Case, bound: Callable[[Case], Bound]
) -> None:
    library = bound(case)
    holder, other = library.hold(case.values[0]), library.hold(case.values[-1])
    holder.row = other.row
    holder.grid = other.grid
    assert library.held(holder, 1) == library.held(holder, 2) == case.values[-1]
    assert len(holder.row) == 3 and len(holder.grid) == 2


@each_type
def test_a_record_that_holds_it_goes_by_value(case: Case, bound: Callable[[Case], Bound]) -> None:
    library = bound(case)
    for value in case.values:
        assert library.held_by_value(library.hold(value)) == value


@each_type
def test_a_variable_is_read_and_written(case: Case, bound: Callable[[Case], Bound]) -> None:
    library = bound(case)
    for value in case.values:
        setattr(library.module, f"variable_{case.name}", value)
        assert library.read() == value
        assert library.variable == value


# ---- records, unions, bit-fields, function pointers --------------------------------------------


RECORDS: dict[str, tuple[str, Callable[[Any, int], Any]]] = {
    "pair": ("et_pair", lambda library, n: library.pair(n, n + 0.5)),
    "either": ("et_either", lambda library, n: library.either(n)),
    "bits": ("et_bits", lambda library, n: library.bits(-n, n, True, -(1 << 39) + n, 255 - n, n)),
}
each_record = pytest.mark.parametrize("name", RECORDS)


@each_record
def test_a_record_goes_every_way(name: str, bound: Callable[[Case], Bound]) -> None:
    spelling, make = RECORDS[name]
    library = bound(Case(name, spelling, []))
    one, two = make(library.module, 1), make(library.module, 2)
    assert library.echo(one) == one != two
    assert library.ninth(*[one] * 8, two) == two
    assert library.out(two) == two
    assert library.swap(two, one) == two
    assert library.last([one, two]) == two
    assert list(library.fill(two, 3)) == [two] * 3
    holder = library.hold(one)
    holder.value = two
    assert library.held(holder, 0) == two
    assert library.held(holder, 2) == library.held_by_value(holder) == one
    setattr(library.module, f"variable_{name}", two)
    assert library.read() == two


def test_bit_fields_hold_their_ranges(bound: Callable[[Case], Bound]) -> None:
    library = bound(Case("bits", "et_bits", []))
    bits = library.echo(library.module.bits(-4, 31, True, -(1 << 39), 255, -5))
    assert (bits.a, bits.b, bits.c, bits.d, bits.e, bits.f) == (-4, 31, True, -(1 << 39), 255, -5)
    for name, value in [("a", 4), ("a", -5), ("b", 32), ("d", 1 << 39), ("e", 256), ("f", 64)]:
        with pytest.raises(OverflowError):
            setattr(bits, name, value)


def test_a_function_pointer_is_an_address_in_a_field_and_a_callable_in_a_call(
    native_library: Callable[[str], Path],
) -> None:
    text = """
        typedef int (*et_callable)(int);
        typedef struct et_holds_callable {
            char before; et_callable value; et_callable row[3]; et_callable grid[2][3];
        } et_holds_callable;
        et_callable et_held_callable(const et_holds_callable *holder, int which);
        et_holds_callable et_hold_callable(void *value);
    """
    module = symbridge.load(native_library("every_type"), f'[[prefix("et_")]];\n{text}')
    holder = module.hold_callable(4096)
    assert holder.value == holder.row[2] == module.held_callable(holder, 2) == 4096
    holder.value = None
    assert module.held_callable(holder, 0) is None


# ---- what C can declare and no call can pass ----------------------------------------------------


@pytest.mark.parametrize(
    ("declaration", "spelling"),
    [
        ("", "_Float128"),
        ("", "_Decimal64"),
        ("typedef float v4 __attribute__((vector_size(16)));", "v4"),
        ("typedef float v4 __attribute__((vector_size(16))); struct h { v4 v; };", "struct h"),
    ],
    ids=["_Float128", "_Decimal64", "vector", "record of a vector"],
)
def test_a_type_that_only_a_compiler_can_pass_is_declared_and_refused_in_calls(
    declaration: str, spelling: str
) -> None:
    library = symbridge.load(
        "libm.so.6",
        f"{declaration}; struct holder {{ int i; {spelling} x; }}; double cos(double x);"
        f"double sin({spelling} x); {spelling} tan(double x); int ilogb(struct holder *x);",
    )
    assert library.cos(0) == 1
    with pytest.raises((NotImplementedError, TypeError)):
        library.sin(0)
    with pytest.raises(NotImplementedError):
        library.tan(0.0)


def test_a_transparent_union_is_passed_as_its_first_member() -> None:
    library = symbridge.load(
        "libc.so.6",
        "typedef union { const char *text; long *number; } any"
        " __attribute__((__transparent_union__)); size_t strlen(any text);",
    )
    assert library.strlen("abc") == 3


def test_a_record_under_another_alignment_is_the_same_class() -> None:
    library = symbridge.load(
        "libc.so.6",
        "typedef struct number { int n; } number;"
        "typedef number aligned_number __attribute__((aligned(16)));"
        "struct holder { char c; aligned_number n; }; int abs(struct holder h);",
    )
    holder = library.holder("a", library.number(5))
    assert isinstance(holder.n, library.number)
    assert holder.n.n == 5


def test_a_flexible_array_takes_no_room() -> None:
    library = symbridge.load(
        "libc.so.6",
        "struct list { int count; double items[]; }; int abs(struct list *x);",
    )
    assert library.list(3).count == 3
