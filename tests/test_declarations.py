"""declarations.parse(): a description as Python objects."""

from __future__ import annotations

from pathlib import Path

import pytest

import symbridge
from symbridge import _bridge
from symbridge.declarations import (
    Array,
    Constant,
    Directive,
    Enum,
    Function,
    FunctionType,
    Identifier,
    Kind,
    Pointer,
    Qualifier,
    Record,
    Scalar,
    Typedef,
    Variable,
    Void,
    parse,
    parse_file,
    spell,
)

CORE = Path(__file__).parents[1] / "libcore" / "core.bridge"


def only(text: str) -> object:
    """The one declaration of a text, the last where it declares types on the way."""
    return parse(text).declarations[-1]


def function(text: str) -> Function:
    """The one function."""
    made = only(text)
    assert isinstance(made, Function)
    return made


def record(text: str) -> Record:
    """The first record."""
    return next(parse(text).records())


# ---- functions


def test_a_function_has_its_types_names_and_place() -> None:
    f = function("\nint  f(const char *text, unsigned long n);")
    assert (f.name, f.symbol, f.location.line, f.location.column) == ("f", "f", 2, 6)
    assert [p.name for p in f.type.parameters] == ["text", "n"]
    text, n = (p.type for p in f.type.parameters)
    assert text == Pointer(Scalar("char", Kind.CHAR, 1, 1), Qualifier.CONST)
    assert n == Scalar("unsigned long", Kind.UINT, 8, 8)


def test_variadic_and_unprototyped_functions_are_told_apart() -> None:
    assert function("int f(int a, ...);").type.variadic
    assert not function("int f();").type.prototyped
    assert function("int f(void);").type.prototyped


def test_a_symbol_may_have_another_name_and_a_version() -> None:
    f = function('[[version("V_2.0")]] int f(void) __asm__("f_v2");')
    assert (f.symbol, f.version) == ("f_v2", "V_2.0")


@pytest.mark.parametrize("attribute", ["optional", 'since("1.2")'])
def test_optional_functions_say_so(attribute: str) -> None:
    assert function(f"[[{attribute}]] int f(void);").optional


def test_attributes_keep_their_arguments() -> None:
    f = function("[[quick]] int f(const int *a [[array(n)]], size_t n);")
    assert [a.name for a in f.attributes] == ["quick"]
    (array,) = f.type.parameters[0].attributes
    assert array.name == "array"
    assert array.arguments == ("n",)
    assert isinstance(array.arguments[0], Identifier)


def test_docstrings_are_kept() -> None:
    assert function("/** Counts. */ int f(void);").doc == "Counts."


# ---- types, as C spells them


@pytest.mark.parametrize(
    "declared",
    [
        "int f(const char *const restrict, int (*)(int, ...), ...)",
        "int (*f(void))(char)",
        "int (*const (*fp)[3])(void)",
        "const char *const names[3]",
        "volatile double (*m)[2][5]",
        "unsigned char f()",
        "void *(*f(void *(*)(void)))(int)",
        "_Bool f(double _Complex, long double, __int128, wchar_t)",
        "int k[]",
    ],
)
def test_a_declaration_is_spelled_as_it_was_written(declared: str) -> None:
    made = only(f"extern {declared};")
    assert isinstance(made, Function | Variable)
    qualifiers = made.qualifiers if isinstance(made, Variable) else Qualifier.NONE
    assert spell(made.type, made.name, qualifiers) == declared


def test_spelling_gives_names_of_parameters_when_asked() -> None:
    f = function("int f(int count, void (*done)(int status));")
    assert spell(f.type, "f", names=True) == "int f(int count, void (*done)(int status))"
    assert spell(f.type, "f") == "int f(int, void (*)(int))"


def test_foreign_types_are_scalars_of_their_own() -> None:
    made = function("__float128 f(void);").type.result
    assert isinstance(made, Scalar)
    assert (made.kind, made.size) == (Kind.FOREIGN, 16)


# ---- records


def test_a_record_has_its_layout() -> None:
    r = record("struct s { char c; int64_t n; short a[3]; };")
    assert (r.name, r.size, r.align, r.packed) == ("struct s", 24, 8, False)
    assert r.fields is not None
    assert [(f.name, f.offset) for f in r.fields] == [("c", 0), ("n", 8), ("a", 16)]
    assert isinstance(r.fields[2].type, Array)
    assert r.fields[2].type.length == 3


def test_arrays_of_arrays_have_each_length() -> None:
    r = record("struct s { unsigned m[2][3]; };")
    assert r.fields is not None
    assert spell(r.fields[0].type, "m") == "unsigned int m[2][3]"


def test_bit_fields_have_their_bits() -> None:
    r = record("struct s { int a : 3; int : 2; unsigned b : 9; };")
    assert r.fields is not None
    assert [(f.name, f.offset, f.bit_offset, f.bit_width) for f in r.fields if f.name] == [
        ("a", 0, 0, 3),
        ("b", 0, 5, 9),
    ]


def test_packed_records_say_so() -> None:
    r = record("struct __attribute__((packed)) s { char c; int n; };")
    assert (r.packed, r.size) == (True, 5)


def test_unnamed_records_have_the_name_of_their_typedef() -> None:
    r = record("typedef struct { int a; union { int b; float c; }; } t;")
    assert (r.name, r.tag, r.typedef) == ("t", "", "t")
    assert r.fields is not None
    inner = r.fields[1].type
    assert isinstance(inner, Record)
    assert (inner.kind, inner.name, r.fields[1].name) == ("union", "", "")


def test_incomplete_records_have_no_fields() -> None:
    r = record("struct s; struct s *f(void);")
    assert (r.fields, r.size) == (None, None)


def test_a_record_may_hold_pointers_to_itself() -> None:
    r = record("struct s { struct s *next; };")
    assert r.fields is not None
    assert r.fields[0].type == Pointer(r)


def test_flexible_arrays_have_no_length() -> None:
    r = record("struct s { int n; double d[]; };")
    assert r.fields is not None
    assert isinstance(r.fields[1].type, Array)
    assert r.fields[1].type.length is None


# ---- enums, constants, the rest


def test_an_enum_has_its_values_and_width() -> None:
    e = next(parse("enum e { A = -1, B, C = 7 };").enums())
    assert e.enumerators is not None
    assert e.underlying is not None
    assert [(x.name, x.value) for x in e.enumerators] == [("A", -1), ("B", 0), ("C", 7)]
    assert (e.underlying.kind, e.underlying.size) == (Kind.INT, 4)


def test_large_unsigned_enumerators_stay_positive() -> None:
    e = next(parse("enum e { A = 0xffffffffffffffff };").enums())
    assert e.enumerators is not None
    assert e.enumerators[0].value == 2**64 - 1


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("#define X 3\n", 3),
        ("#define X 1.5\n", 1.5),
        ('#define X "a"\n', "a"),
        ("#define X 0xffffffffffffffff\n", 2**64 - 1),
        ("#define X -4\n", -4),
    ],
)
def test_constants_have_their_value(text: str, value: object) -> None:
    made = only(text)
    assert isinstance(made, Constant)
    assert made.value == value


def test_typedefs_variables_and_directives_are_declarations() -> None:
    d = parse('[[library("libx.so.1")]]; typedef int number; extern const number n;')
    directive, typedef, variable = d.declarations
    assert isinstance(directive, Directive)
    assert isinstance(typedef, Typedef)
    assert isinstance(variable, Variable)
    assert d.library == "libx.so.1"
    assert (typedef.name, spell(typedef.type)) == ("number", "int")
    assert variable.qualifiers == Qualifier.CONST


def test_cdef_text_may_leave_what_only_a_compiler_knows() -> None:
    d = parse("struct s { int a; ...; }; typedef ... *handle;\n#define X ...\n", cdef=True)
    r = next(d.records())
    assert r.size is None
    assert r.fields is not None
    assert [(f.name, f.offset) for f in r.fields] == [("a", None)]
    assert next(d.constants()).value is None


def test_wrong_text_raises_with_its_place() -> None:
    with pytest.raises(symbridge.DescriptionError) as caught:
        parse("int f(;", "x.bridge")
    assert (caught.value.filename, caught.value.lineno) == ("x.bridge", 1)


def test_a_description_can_be_read_from_its_file() -> None:
    d = parse_file(CORE)
    assert d.file == str(CORE)
    fact = next(f for f in d.functions() if f.name == "core_fact")
    assert spell(fact.type, fact.name) == "enum core_status core_fact(uint32_t, uint64_t *)"
    assert {e.name for e in d.enums()} == {
        "enum core_status",
        "enum core_quadrant",
        "enum core_axis",
    }
    assert all(isinstance(e, Enum) for e in d.enums())


def test_equal_types_are_equal_values() -> None:
    f = function("void f(int *a, int *b, void (*c)(void));")
    a, b, c = (p.type for p in f.type.parameters)
    assert a == b
    assert c == Pointer(FunctionType(Void(), ()))


# ---- the tables themselves


def test_tables_name_roles_flags_and_attributes() -> None:
    tables = _bridge.reflect(CORE.read_bytes(), "core.bridge")
    fact = next(f for f in tables["functions"] if f["symbol"] == "core_fact")
    assert (fact["name"], fact["role"], fact["failure"]) == ("fact", "function", "status")
    assert "quick" in fact["flags"]
    result = tables["params"][fact["first_param"] + 1]
    assert (result["name"], result["direction"]) == ("result", "out")
    point = next(c for c in tables["classes"] if c["name"] == "Point")
    assert set(point["slots"]) >= {"__add__", "__str__"}


def test_unknown_flags_are_refused() -> None:
    with pytest.raises(ValueError, match="unknown flags"):
        _bridge.reflect(b"", None, 1 << 12)


def test_the_types_of_all_rows_are_in_the_tables() -> None:
    tables = _bridge.reflect(CORE.read_bytes(), None)
    count = len(tables["types"])
    rows = [*tables["params"], *(f["value"] for f in tables["fields"]), *tables["declarations"]]
    assert all(0 <= row["type"] < count for row in rows)


def test_text_that_is_not_utf_8_is_escaped() -> None:
    made = only('#define X "\\xff"\n')
    assert isinstance(made, Constant)
    assert made.value == "\udcff"


def test_unnamed_types_are_spelled_as_such() -> None:
    r = record("struct s { struct { int a; } inner; };")
    assert r.fields is not None
    assert spell(r.fields[0].type) == "struct <unnamed>"


def test_a_digest_is_of_what_calls_depend_on() -> None:
    def digest(text: str) -> int | None:
        return function(text).digest

    assert digest("int f(const char *text);") == digest("int g(char *);")
    assert digest("int f(char *);") != digest("int f(char **);")
    assert digest("int f(int);") != digest("int f(unsigned);")
