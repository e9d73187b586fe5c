"""Declarations written as a description, which the engine reads to the same declarations."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

import pytest

import symbridge
from symbridge import declarations
from symbridge.declarations import (
    Alias,
    Array,
    Attribute,
    Constant,
    Declaration,
    Description,
    Directive,
    Enum,
    Enumerator,
    Field,
    Function,
    FunctionType,
    Identifier,
    Kind,
    Parameter,
    Pointer,
    Qualifier,
    Record,
    Scalar,
    Type,
    Typedef,
    Variable,
    Void,
    resolved,
    spell,
)
from symbridge.describe.layout import plan, size_and_align
from symbridge.describe.spelling import Proposed
from symbridge.describe.write import Note, write

CHAR = Scalar("char", Kind.CHAR, 1, 1)
BYTE = Scalar("unsigned char", Kind.UINT, 1, 1)
SHORT = Scalar("short", Kind.INT, 2, 2)
INT = Scalar("int", Kind.INT, 4, 4)
UINT = Scalar("unsigned int", Kind.UINT, 4, 4)
LONG = Scalar("long long", Kind.INT, 8, 8)
DOUBLE = Scalar("double", Kind.FLOAT, 8, 8)
LDOUBLE = Scalar("long double", Kind.FLOAT, 16, 16)
TEXT = Pointer(CHAR, Qualifier.CONST)
PLACES: list[Type] = [CHAR, BYTE, SHORT, INT, UINT, LONG, DOUBLE, LDOUBLE, TEXT, Pointer(Void())]


OLD = FunctionType(INT, (), prototyped=False)


def described(*parts: Declaration) -> Description:
    return Description("test.h", list(parts))


def text_of(*parts: Declaration) -> str:
    notes: list[Note] = []
    text = write(described(*parts), notes=notes)
    assert notes == []
    return text


def again(*parts: Declaration) -> Description:
    """What the engine reads of what is written."""
    return declarations.parse(text_of(*parts))


def record_of(description: Description, name: str) -> Record:
    return next(r for r in description.records() if name in (r.tag, r.typedef))


def plain(type: Type) -> Type:
    """The type without typedefs, which the engine sees through."""
    match resolved(type):
        case Pointer() as pointer:
            return Pointer(plain(pointer.target), pointer.qualifiers)
        case Array() as array:
            return Array(plain(array.element), array.length, array.qualifiers)
        case actual:
            return actual


def places(record: Record, at: int = 0) -> Iterator[tuple[object, ...]]:
    """Every named member: where it is, and of which type, members of unnamed records included."""
    for member in record.fields or ():
        assert member.offset is not None
        place = at + member.offset
        actual = resolved(member.type)
        if isinstance(actual, Record) and not actual.name:
            yield member.name, place, actual.kind, actual.size, actual.align
            yield from places(actual, place)
        elif member.name:
            bits = (member.bit_offset, member.bit_width)
            yield member.name, place, bits, spell(plain(actual)), size_and_align(actual)


def same_layout(one: Record, other: Record) -> bool:
    return (one.kind, one.size, one.align) == (other.kind, other.size, other.align) and list(
        places(one)
    ) == list(places(other))


def struct(tag: str, *fields: Field, size: int, align: int, kind: str = "struct") -> Record:
    return Record(kind, tag, fields=list(fields), size=size, align=align)


def test_a_natural_struct_needs_no_attributes() -> None:
    text = text_of(struct("p", Field("x", INT, 0), Field("y", DOUBLE, 8), size=16, align=8))
    assert text == "struct p {\n    int x;\n    double y;\n};\n"


@pytest.mark.parametrize(
    "record",
    [
        struct("r", Field("c", CHAR, 0), Field("i", INT, 1), size=5, align=1),
        struct("r", Field("c", CHAR, 0), Field("i", INT, 4), size=32, align=32),
        struct("r", Field("c", CHAR, 0), Field("i", INT, 2), size=6, align=2),
        struct("r", Field("c", CHAR, 0), Field("i", INT, 16), size=64, align=16),
        struct("r", Field("c", CHAR, 0), Field("d", DOUBLE, 4), size=12, align=4),
        struct("r", Field("c", CHAR, 5), Field("d", CHAR, 40), size=50, align=1),
        struct("r", Field("i", INT, 0), Field("d", DOUBLE, 0), size=8, align=8, kind="union"),
        struct("r", Field("i", INT, 0), size=4, align=1, kind="union"),
        struct("r", Field("a", INT, 0, bit_width=3), Field("b", INT, 0, bit_offset=3, bit_width=9),
               Field("c", CHAR, 2), size=4, align=4),
        struct("r", Field("a", INT, 0, bit_width=30), Field("b", INT, 3, bit_offset=6, bit_width=9),
               size=5, align=1),
        struct("r", Field("a", BYTE, 0, bit_width=3), Field("b", BYTE, 4, bit_width=5),
               size=5, align=1),
        struct("r", Field("n", INT, 0), Field("f", Array(SHORT, None), 4), size=4, align=4),
        struct("r", Field("f", LDOUBLE, 0), Field("c", CHAR, 16), size=20, align=4),
        Record("struct", "r", fields=[], size=0, align=1),
    ],
    ids=lambda r: ", ".join(f"{f.name}@{f.offset}" for f in r.fields or ()) + f" {r.size}",
)  # fmt: skip
def test_a_layout_that_is_not_natural_is_the_same_when_read_again(record: Record) -> None:
    assert same_layout(record_of(again(record), "r"), record)


@pytest.mark.parametrize(
    "record",
    [
        struct("r", Field("a", INT, 0), Field("b", INT, 2), size=6, align=2),
        struct("r", Field("a", CHAR, 0), size=3, align=2),
        struct("r", Field("a", CHAR, 0), Field("b", CHAR, 5000), size=5001, align=1),
        struct("r", Field("a", CHAR, 1), size=2, align=1, kind="union"),
    ],
    ids=["overlapping", "size no multiple", "gap", "union"],
)
def test_a_layout_that_c_does_not_have_is_left_out_and_noted(record: Record) -> None:
    notes: list[Note] = []
    use = Function("f", FunctionType(Void(), (Parameter("r", Pointer(record)),)), "f")
    by_value = Function("g", FunctionType(Void(), (Parameter("r", record),)), "g")
    text = write(described(record, use, by_value), notes=notes)
    assert [note.subject for note in notes] == [f"{record.kind} r", "g"]
    read = declarations.parse(text)
    assert [f.name for f in read.functions()] == ["f"]
    assert record_of(read, "r").fields is None


def test_unnamed_members_are_written_inside() -> None:
    inner = Record("struct", "", fields=[Field("c", CHAR, 0), Field("x", INT, 1)], size=8, align=8)
    either = Record("union", "", fields=[Field("i", INT, 0), Field("", inner, 0)], size=8, align=8)
    outer = struct(
        "o", Field("k", CHAR, 0), Field("", either, 8), Field("v", Array(inner, 2), 16),
        size=32, align=8,
    )  # fmt: skip
    assert same_layout(record_of(again(outer), "o"), outer)


def test_what_is_needed_comes_first() -> None:
    inner = struct("inner", Field("x", INT, 0), size=4, align=4)
    point = Record("struct", "", "point_t", fields=[Field("x", INT, 0)], size=4, align=4)
    node = struct("node", size=24, align=8)
    following = Pointer(Alias("node_t", node))
    node.fields = [
        Field("next", following, 0),
        Field("in", Alias("inner_t", inner), 8),
        Field("p", Alias("point_t", point), 12),
        Field("kind", Enum("kind", enumerators=[Enumerator("K", 1)], underlying=UINT), 16),
    ]
    text = text_of(
        Function("f", FunctionType(Void(), (Parameter("n", following),)), "f"),
        Typedef("node_t", node),
        node,
    )
    read = declarations.parse(text)
    assert same_layout(record_of(read, "node"), node)
    assert text.index("typedef struct node node_t;") < text.index("void f(")
    assert text.index("struct inner {") < text.index("struct node {")


def test_a_prototype_is_not_the_first_to_name_a_struct() -> None:
    function = FunctionType(Void(), (Parameter("s", Pointer(Record("struct", "s"))),))
    assert text_of(Function("f", function, "f")) == "struct s;\nvoid f(struct s *s);\n"


@pytest.mark.parametrize(
    ("type", "spelled"),
    [
        (Pointer(TEXT), "const char **x"),
        (Pointer(Pointer(CHAR), Qualifier.CONST), "char *const *x"),
        (Array(Array(INT, 3), 2), "int x[2][3]"),
        (Pointer(Array(INT, 3)), "int (*x)[3]"),
        (Array(Pointer(FunctionType(INT, ())), 4), "int (*x[4])(void)"),
        (Pointer(FunctionType(Pointer(OLD), (Parameter("a", INT),))), "int (*(*x)(int a))()"),
        (Pointer(FunctionType(Void(), (Parameter("f", TEXT),), variadic=True)),
         "void (*x)(const char *f, ...)"),
        (Alias("size_t", Scalar("unsigned long", Kind.UINT, 8, 8)), "size_t x"),
        (Pointer(Alias("FILE", Record("struct", "_IO_FILE"))), "FILE *x"),
        (Scalar("_Float128", Kind.FOREIGN, 16, 16), "_Float128 x"),
        (Scalar("__attribute__((vector_size(16))) float", Kind.FOREIGN, 16, 16),
         "__attribute__((vector_size(16))) float x"),
        (Scalar("double _Complex", Kind.COMPLEX, 16, 8), "double _Complex x"),
        (Scalar("long unsigned int", Kind.UINT, 8, 8), "long unsigned int x"),
        (Scalar("ssizetype", Kind.INT, 8, 8), "long x"),
        (Pointer(Record("struct", "__va_list_tag")), "va_list x"),
        (Alias("time_t", Record("struct", "mine")), "struct mine x"),
    ],
)  # fmt: skip
def test_types_are_spelled_as_c_does(type: Type, spelled: str) -> None:
    record = resolved(type)
    if isinstance(record, Record) and record.tag == "mine":
        record.fields, record.size, record.align = [Field("a", INT, 0)], 4, 4
    text = text_of(Variable("x", type, "x"))
    assert f"extern {spelled};" in text
    (variable,) = declarations.parse(text).variables()
    read, written = size_and_align(variable.type), size_and_align(type)
    assert isinstance(resolved(type), (Array, Pointer)) or read == written


def test_a_type_without_a_name_here_is_said_to_be_left_out() -> None:
    odd = Scalar("decimal24", Kind.FOREIGN, 3, 1)
    notes: list[Note] = []
    text = write(described(Variable("x", odd, "x"), Variable("y", INT, "y")), notes=notes)
    assert "decimal24" in str(notes[0]) and "left out: x" in text
    assert [v.name for v in declarations.parse(text).variables()] == ["y"]


@pytest.mark.parametrize("value", [
    0, -1, 2**31, 2**63 - 1, 2**63, 2**64 - 1, -(2**63), 1.5, -0.0, 1e300, 5e-324, float("inf"),
    "", 'a"\\\n\t\0b', "héé 🍏", "\udcff\udc80x", "\x7f1", True,
])  # fmt: skip
def test_constants_keep_their_values(value: int | float | str) -> None:
    (constant,) = again(Constant("C", value)).constants()
    assert constant.value == value
    assert isinstance(constant.value, str) == isinstance(value, str)


def test_a_constant_that_is_no_number_stays_none() -> None:
    (constant,) = again(Constant("C", float("nan"))).constants()
    assert constant.value != constant.value


@pytest.mark.parametrize("value", [2**64, -(2**63) - 1, None])
def test_a_constant_that_cannot_be_said_is_left_out(value: int | None) -> None:
    notes: list[Note] = []
    text = write(described(Constant("C", value)), notes=notes)
    assert notes[0].subject == "C" and not list(declarations.parse(text).constants())


@pytest.mark.parametrize(
    ("values", "underlying", "shown"),
    [
        ([0, 1], UINT, "enum e {"),
        ([-1, 1], INT, "enum e {"),
        ([0, 2**32], Scalar("unsigned long", Kind.UINT, 8, 8), "enum e {"),
        ([-1, 2**31], Scalar("long", Kind.INT, 8, 8), "enum e {"),
        ([0, 1], BYTE, "enum e : unsigned char {"),
        ([0, 1], INT, "enum e : int {"),
        ([-(2**63), 0], Scalar("long", Kind.INT, 8, 8), "enum e {"),
        ([2**64 - 1], Scalar("unsigned long", Kind.UINT, 8, 8), "enum e {"),
    ],
)
def test_an_enum_keeps_its_type_and_values(
    values: Sequence[int], underlying: Scalar, shown: str
) -> None:
    enum = Enum("e", enumerators=[Enumerator(f"E{i}", v) for i, v in enumerate(values)],
                underlying=underlying)  # fmt: skip
    text = text_of(enum)
    (read,) = declarations.parse(text).enums()
    assert shown in text
    assert [e.value for e in read.enumerators or ()] == values
    assert read.underlying is not None
    assert (read.underlying.size, read.underlying.kind) == (underlying.size, underlying.kind)


def test_enumerators_with_the_name_of_another_thing_are_left_out() -> None:
    one = Enum("one", enumerators=[Enumerator("A", 1), Enumerator("B", 2)], underlying=UINT)
    two = Enum("two", enumerators=[Enumerator("A", 3), Enumerator("C", 4)], underlying=UINT)
    notes: list[Note] = []
    read = declarations.parse(write(described(one, two), notes=notes))
    assert [[e.name for e in enum.enumerators or ()] for enum in read.enums()] == [
        ["A", "B"],
        ["C"],
    ]
    assert [note.subject for note in notes] == ["A"]


def test_symbols_versions_and_absence_are_kept() -> None:
    type = FunctionType(INT, ())
    read = again(
        Function("f", type, "__lib_f", version="V1", optional=True),
        Variable("v", INT, "__lib_v", Qualifier.CONST),
        Function("g", type, "g", attributes=(Attribute("since", ("1.2",)),), optional=True),
    )
    f, g = read.functions()
    (v,) = read.variables()
    assert (f.symbol, f.version, f.optional) == ("__lib_f", "V1", True)
    assert (v.symbol, v.qualifiers) == ("__lib_v", Qualifier.CONST)
    assert [a.name for a in g.attributes] == ["since"]


def test_attributes_stand_where_they_are_read() -> None:
    x = Field("x", INT, 0, attributes=(Attribute("readonly"),))
    record = struct("point", x, size=4, align=4)
    record.attributes = (Attribute("class", ("Point",)), Attribute("hashable"))
    status = Attribute("status", (Identifier("OSError"),))
    enum = Enum("e", enumerators=[Enumerator("A", 0, attributes=(Attribute("ok"),))],
                underlying=UINT, attributes=(status,))  # fmt: skip
    function = Function(
        "f",
        FunctionType(enum, (Parameter("n", Pointer(INT), attributes=(Attribute("out"),)),
                            Parameter("d", INT, attributes=(Attribute("default", (3,)),)))),
        "f",
        attributes=(Attribute("quick"), Attribute("name", ("m.f",))),
    )  # fmt: skip
    library = Directive((Attribute("library", ("libx.so.1",)), Attribute("prefix", ("x_",))))
    read = again(library, record, enum, function)
    assert read.library == "libx.so.1"
    assert [a.name for a in record_of(read, "point").attributes] == ["class", "hashable"]
    (f,) = read.functions()
    assert [a.name for a in f.attributes] == ["quick", "name"]
    assert [[a.name for a in p.attributes] for p in f.type.parameters] == [["out"], ["default"]]
    (e,) = read.enums()
    assert e.attributes[0].arguments == ("OSError",)


def test_proposals_say_nothing() -> None:
    proposed = (Proposed("out", (), reason="perhaps"),)
    function = FunctionType(INT, (Parameter("n", Pointer(INT), attributes=proposed),))
    text = text_of(Function("f", function, "f"))
    assert text == "int f(int *n /*? [[out]] */);\n"
    (read,) = declarations.parse(text).functions()
    assert read.type.parameters[0].attributes == ()


@pytest.mark.parametrize(
    ("doc", "read"),
    [
        ("One line.", "One line."),
        ("Two\nlines.", "Two\nlines."),
        ("* a list\n* of two", "* a list\n* of two"),
        ("ends */ here /* and starts", "ends * / here / * and starts"),
        ("bytes \udcff", "bytes ?"),
        ("an\n\n    example", "an\n\n    example"),
        ("x" * 200, "x" * 200),
        ("\0nul", "nul"),
    ],
)
def test_documentation_is_kept_and_cannot_end_its_comment(doc: str, read: str) -> None:
    (function,) = again(Function("f", FunctionType(INT, ()), "f", doc=doc)).functions()
    assert function.doc == read


def test_a_parameter_whose_name_is_a_word_of_c_gets_another() -> None:
    type = FunctionType(INT, (Parameter("bool", INT), Parameter("int", INT)))
    (function,) = again(Function("f", type, "f")).functions()
    assert [p.name for p in function.type.parameters] == ["bool_", "int_"]


@pytest.mark.parametrize("name", ["a b", "int", "x;", "", "1a", "a" * 2000])
def test_a_function_whose_name_c_does_not_allow_is_left_out(name: str) -> None:
    notes: list[Note] = []
    text = write(described(Function(name, FunctionType(INT, ()), name)), notes=notes)
    assert len(notes) == 1 and not list(declarations.parse(text).functions())


def test_two_structs_of_one_name_are_not_mixed_up() -> None:
    one = struct("s", Field("x", INT, 0), size=4, align=4)
    two = struct("s", Field("x", DOUBLE, 0), size=8, align=8)
    holder = struct("h", Field("s", two, 0), size=8, align=8)
    notes: list[Note] = []
    read = declarations.parse(write(described(one, two, holder), notes=notes))
    assert same_layout(record_of(read, "s"), one)
    assert [note.subject for note in notes] == ["struct s", "struct h"]


def test_typedefs_in_a_circle_and_deep_ones_end() -> None:
    ring: Type = INT
    for i in range(400):
        ring = Alias(f"deep_{i}", ring)
    notes: list[Note] = []
    declarations.parse(write(described(Variable("x", ring, "x")), notes=notes))
    assert [note.subject for note in notes] == ["x"]


def random_record(chance: random.Random, depth: int = 0) -> Record:
    """A struct or union with any layout that has no overlap: mostly such as compilers make."""
    kind = chance.choice(["struct", "struct", "union"])
    record = Record(kind, "r" if depth == 0 else "", fields=[])
    assert record.fields is not None
    pack = chance.choice([16, 16, 16, 1, 2, 4])
    end, align = 0, 1
    for i in range(chance.randrange(1, 7)):
        if depth < 2 and chance.random() < 0.2:
            type: Type = random_record(chance, depth + 1)
        else:
            type = chance.choice(PLACES)
        name = f"f{depth}_{i}_{chance.randrange(10**6)}"
        if isinstance(type, Record) and chance.random() < 0.5:
            name = ""
        elif chance.random() < 0.2:
            type = Array(type, chance.randrange(1, 4))
        measure = size_and_align(type)
        assert measure is not None
        size, natural = measure
        natural = min(natural, pack)
        if chance.random() < 0.1:
            natural = min(natural * 2, 64)
        offset = 0 if kind == "union" else -(-end // natural) * natural
        if kind == "struct" and chance.random() < 0.1:
            offset += natural * chance.randrange(1, 3)
        record.fields.append(Field(name, type, offset))
        end, align = max(end, offset + size), max(align, natural)
    if chance.random() < 0.1:
        align *= 2
    record.align = align
    record.size = -(-end // align) * align
    return record


def test_random_records_are_the_same_when_read_again() -> None:
    seed = random.SystemRandom().randrange(2**32)
    print(f"seed {seed}")
    chance = random.Random(seed)
    said = 0
    for _ in range(600):
        record = random_record(chance)
        notes: list[Note] = []
        text = write(described(record), notes=notes)
        read = record_of(declarations.parse(text), "r")
        if notes:
            assert read.fields is None, text
            continue
        said += 1
        assert same_layout(read, record), text
    assert said > 400


def test_what_is_written_is_read_and_written_the_same_way_again() -> None:
    first = text_of(
        struct("p", Field("c", CHAR, 0, doc="first"), Field("i", INT, 1), size=5, align=1),
        Enum("e", enumerators=[Enumerator("A", 0, doc="none")], underlying=BYTE, doc="An enum."),
        Function("f", FunctionType(TEXT, (Parameter("n", INT),)), "g", doc="Says it."),
        Constant("N", 3),
    )
    second = write(declarations.parse(first))
    assert second == first


def test_the_plan_of_a_natural_record_is_empty() -> None:
    made = plan(struct("p", Field("x", INT, 0), Field("y", DOUBLE, 8), size=16, align=8))
    assert made is not None
    assert (made.packed, made.aligned, made.pack, made.padding) == (False, 0, 0, 0)


def test_what_is_written_loads() -> None:
    text = text_of(Function("cosine", FunctionType(DOUBLE, (Parameter("x", DOUBLE),)), "cos"))
    assert symbridge.load("libm.so.6", text).cosine(0.0) == 1.0
