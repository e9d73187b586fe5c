"""The types of symbridge.FFI: what they are called, what they tell, and which are one object."""

import gc
import subprocess
import sys
import weakref
from pathlib import Path

import pytest

import symbridge
import symbridge.cffi
from symbridge.cffi import CDefError, FFIError, VerificationError, VerificationMissing

FFI = symbridge.FFI

DECLARATIONS = """
struct point { int x, y; };
typedef struct { double re, im; } pair_t;
struct mixed {
    char tag;
    union { int number; float fraction; };
    struct point at[2];
    struct mixed *next;
    int low : 3;
    unsigned high : 7;
};
struct tail { int count; short items[]; };
struct opaque;
enum color { RED, GREEN = 5, BLUE };
typedef int (*handler)(struct point *, ...);
"""


@pytest.fixture
def ffi():
    made = FFI()
    made.cdef(DECLARATIONS)
    return made


def names(fields):
    return [name for name, _ in fields]


# ---- spelling ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "spelled"),
    [
        ("int", "int"),
        ("unsigned", "unsigned int"),
        ("long   unsigned  int", "unsigned long"),
        ("short signed", "short"),
        ("bool", "_Bool"),
        ("const char *", "char *"),
        ("char const * const *", "char * *"),
        ("int[3][4]", "int[3][4]"),
        ("int(*)[3]", "int(*)[3]"),
        ("int *[3]", "int *[3]"),
        ("int(*)(void)", "int(*)()"),
        ("int(*)(int[5], char *)", "int(*)(int *, char *)"),
        ("int(*(*)[3])(void)", "int(*(*)[3])()"),
        ("int(*)(void(int))", "int(*)(void(*)(int))"),
        ("handler", "int(*)(struct point *, ...)"),
        ("FILE *", "FILE *"),
        ("uint64_t *", "uint64_t *"),
        ("struct point", "struct point"),
        ("pair_t *", "pair_t *"),
        ("enum color", "enum color"),
        ("long double", "long double"),
    ],
)
def test_a_type_is_spelled_as_c_does(ffi, written, spelled):
    assert ffi.typeof(written).cname == spelled
    assert repr(ffi.typeof(written)) == f"<ctype '{spelled}'>"


def test_a_struct_is_called_by_its_typedef(ffi):
    ffi.cdef("typedef struct spot { int x; } spot_t;")
    assert ffi.typeof("struct spot").cname == "spot_t"


def test_structs_without_any_name_are_numbered(ffi):
    ffi.cdef("struct outer { struct { int a; } first; union { int b; } second; };")
    fields = dict(ffi.typeof("struct outer").fields)
    first, second = fields["first"].type.cname, fields["second"].type.cname
    assert first.startswith("struct $") and second.startswith("union $")
    assert first.split("$")[1] != second.split("$")[1]


@pytest.mark.parametrize(
    ("type_name", "declarator", "spelled"),
    [
        ("int", "x", "int x"),
        ("int", "*", "int *"),
        ("int", "  * x ", "int * x"),
        ("int", "[5]", "int[5]"),
        ("int[5]", "[6]", "int[6][5]"),
        ("int[5]", "*", "int(*)[5]"),
        ("int[5]", "*name", "int(*name)[5]"),
        ("int(*)(int)", "name", "int(* name)(int)"),
    ],
)
def test_getctype_puts_a_declarator_in_its_place(ffi, type_name, declarator, spelled):
    assert ffi.getctype(type_name, declarator) == spelled
    assert ffi.getctype(ffi.typeof(type_name), replace_with=declarator) == spelled


# ---- attributes ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "kind", "attributes"),
    [
        ("void", "void", set()),
        ("int", "primitive", set()),
        ("int *", "pointer", {"item"}),
        ("int[3]", "array", {"item", "length"}),
        ("struct point", "struct", {"fields"}),
        ("union { int a; } *", "pointer", {"item"}),
        ("enum color", "enum", {"elements", "relements"}),
        ("handler", "function", {"args", "result", "ellipsis", "abi"}),
    ],
)
def test_a_type_has_the_attributes_of_its_kind(ffi, written, kind, attributes):
    if written.startswith("union"):
        ffi.cdef("union only { int a; };")
        written = "union only *"
    made = ffi.typeof(written)
    assert made.kind == kind
    assert set(dir(made)) == {"kind", "cname"} | attributes
    every = {
        "item",
        "length",
        "fields",
        "args",
        "result",
        "ellipsis",
        "abi",
        "elements",
        "relements",
    }
    for name in every - attributes:
        with pytest.raises(AttributeError, match=name):
            getattr(made, name)


def test_pointers_and_arrays_have_an_item(ffi):
    assert ffi.typeof("int *").item is ffi.typeof("int")
    assert ffi.typeof("int[4][3]").item is ffi.typeof("int[3]")
    assert ffi.typeof("int[4][3]").length == 4
    assert ffi.typeof("int[]").length is None


def test_functions_know_their_parameters(ffi):
    handler = ffi.typeof("handler")
    assert handler.args == (ffi.typeof("struct point *"),)
    assert handler.result is ffi.typeof("int")
    assert handler.ellipsis is True
    assert ffi.typeof("void(*)(int)").ellipsis is False


def test_enums_map_names_and_values(ffi):
    color = ffi.typeof("enum color")
    assert color.relements == {"RED": 0, "GREEN": 5, "BLUE": 6}
    assert color.elements == {0: "RED", 5: "GREEN", 6: "BLUE"}
    color.elements[0] = "changed"
    assert color.elements[0] == "RED"


def test_of_enumerators_with_one_value_the_first_names_it(ffi):
    ffi.cdef("enum twice { ONE = 1, UNO = 1 };")
    assert ffi.typeof("enum twice").elements == {1: "ONE"}
    assert ffi.typeof("enum twice").relements == {"ONE": 1, "UNO": 1}


def test_an_enum_is_as_wide_and_as_signed_as_it_needs(ffi):
    ffi.cdef("enum wide { HUGE = 0x1ffffffffLL }; enum negative { BELOW = -1 };")
    assert ffi.sizeof("enum wide") == 8
    assert int(ffi.cast("enum negative", -1)) == -1
    assert int(ffi.cast("enum color", -1)) == 2**32 - 1


def test_an_enum_that_nothing_defines_is_guessed_with_a_warning():
    ffi = FFI()
    ffi.cdef("enum unknown;")
    with pytest.warns(UserWarning, match="'enum unknown' has no values explicitly defined"):
        assert ffi.sizeof("enum unknown") == 4


def test_fields_come_in_order_with_those_of_unnamed_members(ffi):
    fields = ffi.typeof("struct mixed").fields
    assert names(fields) == ["tag", "number", "fraction", "at", "next", "low", "high"]
    by_name = dict(fields)
    assert [by_name[n].offset for n in ("tag", "number", "fraction", "at", "next")] == [
        0,
        4,
        4,
        8,
        24,
    ]
    assert by_name["at"].type is ffi.typeof("struct point[2]")
    assert by_name["next"].type is ffi.typeof("struct mixed *")
    assert (by_name["number"].flags, by_name["fraction"].flags) == (0, 1)


def test_bit_fields_tell_shift_and_size(ffi):
    by_name = dict(ffi.typeof("struct mixed").fields)
    low, high = by_name["low"], by_name["high"]
    assert (low.offset, low.bitsize) == (32, 3)
    assert (high.offset, high.bitsize) == (32, 7)
    little = sys.byteorder == "little"
    assert (low.bitshift, high.bitshift) == ((0, 3) if little else (29, 22))
    assert (by_name["tag"].bitshift, by_name["tag"].bitsize) == (-1, -1)


def test_a_flexible_array_is_a_field(ffi):
    items = dict(ffi.typeof("struct tail").fields)["items"]
    assert items.type is ffi.typeof("short[]")
    assert (items.offset, items.bitshift) == (4, -2)


def test_an_opaque_struct_has_no_fields(ffi):
    assert ffi.typeof("struct opaque").fields is None


def test_types_and_fields_cannot_be_made_by_hand(ffi):
    point = ffi.typeof("struct point")
    for made in (type(point), type(point.fields[0][1])):
        with pytest.raises(TypeError):
            made()


# ---- size and place ------------------------------------------------------------------------------


def test_sizes_and_alignments(ffi):
    assert ffi.sizeof("struct point") == ffi.sizeof(ffi.typeof("struct point")) == 8
    assert ffi.sizeof("int[3][4]") == 48
    assert ffi.sizeof("handler") == ffi.sizeof("void *")
    assert ffi.sizeof(ffi.new("struct point *")) == ffi.sizeof("void *")
    assert ffi.sizeof(ffi.new("struct point *")[0]) == 8
    assert ffi.sizeof(ffi.new("int[]", 5)) == 20
    assert ffi.alignof("struct mixed") == ffi.alignof("void *")
    assert ffi.alignof("short[]") == 2


@pytest.mark.parametrize("written", ["void", "int[]", "struct opaque"])
def test_an_unknown_size_is_an_error(ffi, written):
    with pytest.raises(FFIError, match="don't know the size of ctype"):
        ffi.sizeof(written)
    with pytest.raises(ValueError):
        ffi.sizeof(written)


@pytest.mark.parametrize("written", ["void", "struct opaque"])
def test_an_unknown_alignment_is_an_error(ffi, written):
    with pytest.raises(ValueError, match="is of unknown alignment"):
        ffi.alignof(written)


def test_offsets_follow_fields_and_indices(ffi):
    assert ffi.offsetof("struct point", "y") == 4
    assert ffi.offsetof("struct mixed", "at", 1, "y") == 8 + 8 + 4
    assert ffi.offsetof("int[5]", 3) == 12
    assert ffi.offsetof("struct mixed *", "at") == 8
    assert ffi.offsetof("int *", -2) == -8


@pytest.mark.parametrize(
    ("path", "error", "message"),
    [
        (("struct point", "z"), KeyError, "z"),
        (("struct mixed", "low"), TypeError, "not supported for bitfields"),
        (("struct opaque", "x"), TypeError, "struct/union is opaque"),
        (("int", "x"), TypeError, "expected a struct or union ctype"),
        (("struct point", 1), TypeError, "expected an array ctype"),
        (("int[3]", 1.5), TypeError, "field name or array index expected"),
        (("struct mixed", "next", "tag"), TypeError, "expected a struct or union ctype"),
        (("int[3]", 2**61), OverflowError, "would overflow"),
        (("struct point",), TypeError, "at least 2 arguments"),
    ],
)
def test_a_path_that_leads_nowhere_is_an_error(ffi, path, error, message):
    with pytest.raises(error, match=message):
        ffi.offsetof(*path)


def test_addressof_points_at_what_it_names(ffi):
    mixed = ffi.new("struct mixed *")
    mixed.at[1].y = 7
    inside = ffi.addressof(mixed, "at", 1, "y")
    assert ffi.typeof(inside) is ffi.typeof("int *")
    assert inside[0] == 7
    assert ffi.addressof(mixed[0]) == mixed
    assert ffi.addressof(mixed.at, 1) == mixed.at + 1
    with pytest.raises(TypeError, match="expected a cdata struct/union/array object"):
        ffi.addressof(mixed)
    with pytest.raises(TypeError, match="expected a cdata object, got 'int'"):
        ffi.addressof(5)


# ---- one object for equal types ------------------------------------------------------------------


def test_equal_types_are_one_object_in_all_ffis(ffi):
    other = FFI()
    for written in ("int", "int **", "int[]", "int[7]", "char(*)(int, ...)", "FILE *"):
        assert ffi.typeof(written) is other.typeof(" " + written)
    assert ffi.typeof("int *") is ffi.typeof("int **").item
    assert ffi.typeof("int(*)(int)") is not ffi.typeof("int(*)(int, ...)")


def test_structs_of_two_ffis_are_two_types(ffi):
    other = FFI()
    other.cdef("struct point { long z; };")
    assert ffi.typeof("struct point") is not other.typeof("struct point")
    assert ffi.sizeof("struct point") == 8
    assert names(other.typeof("struct point").fields) == ["z"]


def test_types_go_when_nobody_holds_them():
    ffi = FFI()
    array, pointer = ffi.typeof("unsigned short[717]"), ffi.typeof("unsigned short(*)[717]")
    gone, kept = weakref.ref(pointer), weakref.ref(array)
    del pointer, ffi
    gc.collect()
    assert gone() is None
    assert kept() is FFI().typeof("unsigned short[717]")


def test_structs_that_point_at_each_other_go():
    ffi = FFI()
    ffi.cdef("struct a { struct b *b; }; struct b { struct a *a; int (*f)(struct a *); };")
    reference = weakref.ref(ffi.typeof("struct a"))
    assert names(ffi.typeof("struct b").fields) == ["a", "f"]
    assert names(ffi.typeof("struct a").fields) == ["b"]
    del ffi
    gc.collect()
    assert reference() is None


def test_a_struct_keeps_its_fields_without_its_ffi():
    ffi = FFI()
    ffi.cdef("struct inner { int deep; }; struct outer { struct inner in; struct outer *next; };")
    outer = ffi.typeof("struct outer")
    del ffi
    gc.collect()
    inner = dict(outer.fields)["in"].type
    gc.collect()
    assert names(inner.fields) == ["deep"]


# ---- cdef ----------------------------------------------------------------------------------------


def test_a_struct_is_completed_by_a_later_cdef(ffi):
    opaque = ffi.typeof("struct opaque")
    with pytest.raises(TypeError):
        ffi.new("struct opaque *")
    ffi.cdef("struct opaque { short s; };")
    assert ffi.typeof("struct opaque") is opaque
    assert ffi.sizeof(opaque) == 2
    assert ffi.new("struct opaque *", [3]).s == 3


def test_a_struct_can_be_used_before_any_declaration(ffi):
    pointer = ffi.typeof("struct later *")
    ffi.cdef("struct later { int x; };")
    assert ffi.typeof("struct later *") is pointer
    assert names(pointer.item.fields) == ["x"]


def test_a_failed_cdef_changes_nothing(ffi):
    with pytest.raises(CDefError):
        ffi.cdef("struct fresh { int x; }; nonsense nonsense;")
    assert "fresh" not in ffi.list_types()[1]
    assert ffi.sizeof("struct point") == 8


def test_the_error_of_a_cdef_shows_the_place(ffi):
    with pytest.raises(CDefError) as raised:
        ffi.cdef("int f(void);\nint g(nonsense x);")
    assert ":2:" in str(raised.value)
    assert "int g(nonsense x);\n      ^" in str(raised.value)


def test_the_error_of_a_type_shows_the_place(ffi):
    with pytest.raises(CDefError) as raised:
        ffi.typeof("int(*)(nonsense)")
    assert str(raised.value).endswith("\nint(*)(nonsense)\n       ^")


@pytest.mark.parametrize(
    "written", ["", "int[-1]", "int[3][]", "void[2]", "struct opaque[2]", "\0"]
)
def test_names_of_no_type_are_errors(ffi, written):
    with pytest.raises((CDefError, ValueError)):
        ffi.typeof(written)


def test_a_function_type_is_not_one_of_values(ffi):
    with pytest.raises(CDefError, match="is a function type, not a pointer-to-function type"):
        ffi.typeof("int(int)")
    assert ffi.callback("int(int)", abs)(-3) == 3
    with pytest.raises(CDefError, match="is a function type"):
        ffi.new("int(int)")


def test_packed_structs():
    ffi = FFI()
    ffi.cdef("struct loose { char c; long n; };")
    ffi.cdef("struct tight { char c; long n; };", packed=True)
    ffi.cdef("struct half { char c; long n; };", pack=2)
    sizes = [ffi.sizeof(f"struct {name}") for name in ("loose", "tight", "half")]
    assert sizes == [16, 9, 10]


@pytest.mark.parametrize(
    "options", [{"pack": 3}, {"pack": -2}, {"packed": 2}, {"packed": True, "pack": 1}]
)
def test_packing_that_cannot_be_is_an_error(options):
    with pytest.raises(ValueError):
        FFI().cdef("", **options)


def test_declarations_may_be_replaced_when_asked():
    ffi = FFI()
    ffi.cdef("typedef int number;")
    assert ffi.sizeof("number") == 4
    with pytest.raises(FFIError):
        ffi.cdef("typedef short number;")
    ffi.cdef("typedef short number;", override=True)
    assert ffi.sizeof("number") == 2


def test_cdef_takes_str_alone():
    with pytest.raises(TypeError, match="must be a string"):
        FFI().cdef(b"int f(void);")


@pytest.mark.parametrize(
    ("declaration", "name"),
    [
        ("struct partial { int x; ...; };", "struct partial"),
        ("struct partial { int x; ...; };", "struct partial *"),
        ("enum partial { FIRST, ... };", "enum partial"),
    ],
)
def test_what_a_compiler_must_complete_is_missing(declaration, name):
    ffi = FFI()
    ffi.cdef(declaration)
    with pytest.raises(VerificationMissing, match="partial"):
        ffi.typeof(name)


def test_numbers_of_unknown_size_cannot_be_used():
    ffi = FFI()
    ffi.cdef("typedef int... id_t_like;")
    with pytest.raises(
        NotImplementedError, match="integer type 'id_t_like' can only be used after"
    ):
        ffi.typeof("id_t_like")


def test_a_typedef_of_dots_is_opaque():
    ffi = FFI()
    ffi.cdef("typedef ... thing; typedef ... *handle;")
    assert ffi.typeof("thing *").item.cname == "thing"
    assert ffi.typeof("handle").kind == "pointer"
    with pytest.raises(TypeError):
        ffi.new("thing *")


def test_list_types(ffi):
    typedefs, structs, unions = ffi.list_types()
    assert typedefs == ["handler", "pair_t"]
    assert structs == ["mixed", "opaque", "point", "tail"]
    assert unions == []


def test_set_unicode_declares_tchar():
    ffi = FFI()
    ffi.set_unicode(True)
    assert ffi.typeof("LPTSTR") is ffi.typeof("wchar_t *")
    with pytest.raises(ValueError, match="only be called once"):
        ffi.set_unicode(False)


# ---- include -------------------------------------------------------------------------------------


def test_included_types_are_the_same_objects(ffi):
    other = FFI()
    other.cdef("struct own { int a; };")
    other.include(ffi)
    for written in ("struct point", "struct mixed", "pair_t", "enum color", "handler"):
        assert other.typeof(written) is ffi.typeof(written)
    assert other.new("struct mixed *").next == other.NULL


def test_included_types_come_through_several_ffis(ffi):
    second, third, fourth = FFI(), FFI(), FFI()
    second.include(ffi)
    second.cdef("struct second { struct point p; };")
    third.cdef("struct third { int t; };")
    fourth.include(third)
    fourth.include(second)
    assert fourth.typeof("struct point") is ffi.typeof("struct point")
    assert fourth.typeof("struct second") is second.typeof("struct second")
    assert fourth.typeof("struct third") is third.typeof("struct third")


def test_what_is_included_by_two_ways_is_there_once(ffi):
    left, right, both = FFI(), FFI(), FFI()
    left.include(ffi)
    left.cdef("struct left { struct point p; };")
    right.include(ffi)
    right.cdef("struct right { struct point p; };")
    both.include(left)
    both.include(right)
    both.include(ffi)
    assert both.typeof("struct point") is ffi.typeof("struct point")
    assert both.typeof("struct right") is right.typeof("struct right")


def test_an_included_opaque_struct_is_completed_for_both(ffi):
    other = FFI()
    other.include(ffi)
    ffi.cdef("struct opaque { int x; };")
    assert names(other.typeof("struct opaque").fields) == ["x"]


def test_include_refuses_itself_and_others(ffi):
    with pytest.raises(ValueError, match="self.include"):
        ffi.include(ffi)
    with pytest.raises(TypeError, match="ffi.include"):
        ffi.include(5)


# ---- modules without cdef ------------------------------------------------------------------------


def run(code: str, directory: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=directory, capture_output=True, text=True, check=True
    )
    return done.stdout


def test_compile_writes_a_module_that_holds_the_ffi(ffi, tmp_path):
    ffi.cdef("struct odd { char c; int n; };", packed=True)
    ffi.cdef("#define LIMIT 12\nint abs(int);")
    ffi.set_source("package._bindings", None)
    made = Path(ffi.compile(tmpdir=str(tmp_path)))
    assert made == tmp_path / "package" / "_bindings.py"
    said = run(
        "from package._bindings import ffi\n"
        "print(ffi.sizeof('struct odd'), ffi.integer_const('LIMIT'), ffi.dlopen(None).abs(-4))",
        tmp_path,
    )
    assert said.split() == ["5", "12", "4"]


def test_a_written_module_imports_those_it_includes(ffi, tmp_path):
    ffi.set_source("base_module", None)
    ffi.compile(tmpdir=str(tmp_path))
    other = FFI()
    other.cdef("#define EXTRA 3")
    other.include(ffi)
    other.set_source("other_module", None)
    other.emit_python_code(tmp_path / "other_module.py")
    said = run(
        "from base_module import ffi as base; from other_module import ffi\n"
        "print(ffi.typeof('struct point') is base.typeof('struct point'))\n"
        "print(ffi.integer_const('EXTRA'))",
        tmp_path,
    )
    assert said.split() == ["True", "3"]


def test_a_module_of_another_form_is_refused():
    from symbridge._ffi import rebuild

    with pytest.raises(ImportError, match="'old' was written by another release"):
        rebuild("old", 0, [], [])


def test_incomplete_declarations_are_not_written(tmp_path):
    ffi = FFI()
    ffi.cdef("enum partial { A, ... };")
    ffi.set_source("partial", None)
    with pytest.raises(VerificationMissing):
        ffi.emit_python_code(tmp_path / "partial.py")


def test_nothing_is_compiled():
    ffi = FFI()
    with pytest.raises(VerificationError, match="dlopen"):
        ffi.set_source("module", "int x;")
    with pytest.raises(VerificationError, match="dlopen"):
        ffi.verify("int x;")
    with pytest.raises(ValueError, match="set_source"):
        ffi.compile()


def test_def_extern_is_for_api_mode():
    with pytest.raises(ValueError, match="API-mode"):
        FFI().def_extern()


# ---- the class -----------------------------------------------------------------------------------


def test_importing_symbridge_makes_no_types():
    code = (
        "import sys, symbridge\n"
        "print('FFI' in vars(symbridge._bridge), 'symbridge._ffi' in sys.modules)\n"
        "symbridge.FFI\n"
        "print('FFI' in vars(symbridge._bridge), 'symbridge._ffi' in sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False", "True", "True"]


def test_the_core_class_can_be_subclassed_and_has_no_dict():
    from symbridge._ffi import CoreFFI

    class Mine(CoreFFI):
        def __init__(self, x):
            self.x = x

    assert Mine(3).x == 3
    with pytest.raises(AttributeError):
        CoreFFI().anything = 1
    with pytest.raises(TypeError):
        CoreFFI(42)


def test_every_method_says_what_it_does():
    from symbridge._ffi import CoreFFI

    methods = [m for name, m in vars(CoreFFI).items() if callable(m) and not name.startswith("__")]
    documented = [
        m for m in methods if hasattr(m, "__text_signature__") and not isinstance(m, type)
    ]
    assert len(documented) > 25
    for method in documented:
        assert method.__doc__ and method.__text_signature__, method


def test_class_attributes_are_there_without_an_instance():
    assert FFI().cast("void *", 0) == FFI.NULL
    assert isinstance(FFI().typeof("int"), FFI.CType)
    assert isinstance(FFI().cast("int", 1), FFI.CData)
    assert isinstance(FFI.RTLD_NOW, int) and isinstance(FFI.RTLD_GLOBAL, int)
    assert not hasattr(FFI, "getwinerror") or sys.platform == "win32"


def test_backend_is_accepted_and_ignored():
    assert FFI(backend=object()).sizeof("int") == 4


def test_init_once_runs_once_for_a_tag():
    ffi, seen = FFI(), []

    def begin():
        seen.append(1)
        return len(seen)

    assert [ffi.init_once(begin, "a"), ffi.init_once(begin, "a"), ffi.init_once(begin, "b")] == [
        1,
        1,
        2,
    ]


def test_init_once_forgets_a_failure():
    ffi = FFI()
    with pytest.raises(ZeroDivisionError):
        ffi.init_once(lambda: 1 // 0, "tag")
    assert ffi.init_once(lambda: 5, "tag") == 5


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda ffi: ffi.typeof(3), "expected a string or cdata object, got 'int'"),
        (lambda ffi: ffi.new(3), "expected a string or ctype object, got 'int'"),
        (lambda ffi: ffi.cast("int"), "cast"),
        (lambda ffi: ffi.new(), "new"),
        (lambda ffi: ffi.new("int *", 1, 2), "new"),
        (lambda ffi: ffi.new("int *", bogus=1), "bogus"),
        (lambda ffi: ffi.new("int *", cdecl="int *"), "cdecl"),
        (lambda ffi: ffi.string(5), "cdata"),
        (lambda ffi: ffi.unpack("x", 1), "cdata"),
    ],
)
def test_wrong_arguments_are_type_errors(ffi, call, message):
    with pytest.raises(TypeError, match=message):
        call(ffi)


class TestWhatCdefForgives:
    """cffi reads these, and so a cdef that was written for it does."""

    def test_an_opaque_typedef_is_shared_by_include(self):
        first = FFI()
        first.cdef("typedef ... handle; handle *make(void);")
        second = FFI()
        second.include(first)
        second.cdef("void use(handle *h);")
        assert second.typeof("handle *") is first.typeof("handle *")

    def test_a_struct_and_a_union_may_have_one_tag(self):
        ffi = FFI()
        ffi.cdef("struct both { int a; short b; }; union both { int a; short b; };")
        ffi.cdef("struct user { union both u; struct both s; };")
        assert (ffi.sizeof("struct both"), ffi.sizeof("union both")) == (8, 4)
        assert ffi.sizeof("struct user") == 12

    def test_bool_may_be_a_typedef(self):
        ffi = FFI()
        ffi.cdef("typedef int bool;")
        ffi.cdef("struct flags { bool a, b; };")
        assert ffi.sizeof("struct flags") == 8 and ffi.sizeof("bool") == 4
        assert ffi.sizeof("_Bool") == 1

    @pytest.mark.parametrize("field", ["float x:1", "char x:9", "char x:0"])
    def test_a_bit_field_that_c_does_not_have_makes_its_struct_unusable(self, field):
        ffi = FFI()
        ffi.cdef(f"struct s {{ {field}; }};")
        with pytest.raises(TypeError):
            ffi.new("struct s *")
        with pytest.raises(ffi.error):
            ffi.sizeof("struct s")

    def test_types_by_name_may_name_what_they_declare(self):
        ffi = FFI()
        assert ffi.typeof("int(*callback)(char c)") is ffi.typeof("int(*)(char)")
        assert ffi.new("struct { int a[3]; } *").a[2] == 0

    def test_a_parameter_of_a_typedef_of_void_is_an_error_of_the_call(self):
        ffi = FFI()
        ffi.cdef("typedef void nothing; int abs(nothing x);")
        with pytest.raises(NotImplementedError):
            ffi.dlopen(None).abs(1)
