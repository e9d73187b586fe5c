"""Descriptions made of cffi's cdefs and of ctypes' declarations."""

from __future__ import annotations

import contextlib
import ctypes
import random
import subprocess
import sys
import textwrap
from collections.abc import Callable, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import symbridge
from symbridge.cli import main
from symbridge.convert import Converted
from symbridge.convert.cdef import Source, convert_cdefs
from symbridge.convert.ctypes_module import convert_module
from symbridge.convert.pieces import cut
from symbridge.declarations import Enum, Record, parse
from symbridge.failure import ToolError


def of_cdef(text: str, **options: Any) -> Converted:
    """The description of one cdef."""
    return convert_cdefs([Source(textwrap.dedent(text), "x.h")], **options)


def said(converted: Converted) -> str:
    return "\n".join(str(remark) for remark in converted.remarks)


# ---- cdefs


class TestText:
    def test_a_complete_cdef_stays_as_it_is_written(self):
        text = textwrap.dedent("""\
            /* handles */
            typedef struct SNDFILE_tag SNDFILE ;
            typedef int64_t sf_count_t ; // frames
            enum { SFM_READ = 0x10, SFM_WRITE = 0x20 } ;
            #define SF_STR_LAST 0x0A

            sf_count_t sf_seek (SNDFILE *file, sf_count_t frames, int whence) ;
            int sf_error_number(SNDFILE *, char *, ...);
            """)
        converted = of_cdef(text)
        assert converted.text == text
        assert converted.complete
        assert converted.remarks == []

    def test_library_and_module_come_first(self):
        converted = of_cdef("int one(void);", library="libone.so.1", module="pack.one")
        assert converted.text == (
            '[[library("libone.so.1"), module("pack.one")]];\n\nint one(void);\n'
        )

    def test_types_of_which_nothing_is_known_become_structs_without_fields(self):
        converted = of_cdef("typedef ... GList, *GPtr; GPtr f(GList *list);")
        assert converted.complete
        described = parse(converted.text)
        assert [record.fields for record in described.records()] == [None, None]
        assert "typedef struct GList GList;\ntypedef struct GPtr *GPtr;" in converted.text

    def test_structs_that_only_a_compiler_completes_are_kept_for_pointers(self):
        converted = of_cdef("""
            struct a { int x; ...; };
            typedef struct { int x; ...; } b, *b_pointer;
            typedef struct c_tag { char name[...]; } c;
            int use(struct a *, b *, b_pointer, c *);
            """)
        assert not converted.complete
        assert said(converted).count("only a compiler knows its layout") == 3
        assert "x.h:2: struct a: " in said(converted)
        assert "struct a;\n" in converted.text
        assert "typedef struct b b, *b_pointer;" in converted.text
        assert "typedef struct c_tag c;" in converted.text
        assert [f.name for f in parse(converted.text).functions()] == ["use"]

    def test_what_only_a_compiler_knows_is_left_out_and_told(self):
        converted = of_cdef("""
            #define LIMIT ...
            typedef int... number;
            enum kind { KIND_A, KIND_B = ... };
            static const int ANSWER;
            number takes_it(void);
            int stays(int);
            """)
        assert [remark.subject for remark in converted.remarks] == [
            "LIMIT", "number", "enum kind", "ANSWER", "takes_it",
        ]  # fmt: skip
        assert [remark.location.line for remark in converted.remarks] == [2, 3, 4, 5, 6]
        assert "/* left out: LIMIT: its value is known to a compiler only" in converted.text
        assert [f.name for f in parse(converted.text).functions()] == ["stays"]

    def test_a_variable_of_unknown_length_stays(self):
        converted = of_cdef("extern const char *names[...]; extern int table[3];")
        assert converted.complete
        assert [v.name for v in parse(converted.text).variables()] == ["names", "table"]

    def test_functions_that_python_gives_are_left_out(self):
        converted = of_cdef("""
            extern "Python" int on_event(int, void *);
            extern "Python+C" { int a(void); int b(void); }
            void listen(int (*callback)(int, void *), void *);
            """)
        assert said(converted).count("Python gives it to C") == 2
        assert [f.name for f in parse(converted.text).functions()] == ["listen"]

    def test_empty_parentheses_are_no_parameters(self):
        converted = of_cdef("int f(); void g(int (*callback)());")
        assert converted.text == "int f(void); void g(int (*callback)(void));\n"

    def test_one_of_several_on_a_line_is_left_out(self):
        converted = of_cdef("int a(void); static const int B; int c(void);")
        assert [f.name for f in parse(converted.text).functions()] == ["a", "c"]
        assert [remark.subject for remark in converted.remarks] == ["B"]

    def test_symbols_that_the_library_lacks_are_optional(self):
        text = "int abs(int); int abs_of_windows(int);\nextern long\n  no_such_number;\n"
        converted = of_cdef(text, library="libc.so.6")
        assert converted.complete
        assert "int abs(int); [[optional]] int abs_of_windows(int);\n" in converted.text
        assert "[[optional]] extern long\n  no_such_number;" in converted.text
        assert [remark.location.line for remark in converted.remarks] == [1, 2]
        module = symbridge.load(None, converted.text)
        assert module.abs(-2) == 2
        assert not hasattr(module, "abs_of_windows")
        # A library that is not here tells nothing.
        assert "optional" not in of_cdef(text, library="libnone.so.77").text

    def test_a_mistake_is_told_with_its_place(self):
        with pytest.raises(symbridge.DescriptionError) as caught:
            convert_cdefs([Source("int a;\n", "a.h"), Source("int b;\nint c(viod);\n", "b.h", 10)])
        assert (caught.value.filename, caught.value.lineno) == ("b.h", 11)

    def test_packed_records_are_packed(self):
        source = Source("struct s { char a; int b; };", "x.h", pack=1)
        (record,) = parse(convert_cdefs([source, Source("int f(void);", "y.h")]).text).records()
        assert record.size == 5

    def test_comments_and_strings_hide_what_looks_like_an_end(self):
        text = 'int a; /* ; { */ char b; // }\n#define X ";{" \\\n  /* \n */ "}"\nint c;'
        assert [text[piece.start : piece.end].split("\n")[0] for piece in cut(text)] == [
            "int a;", "char b;", '#define X ";{" \\', "int c;",
        ]  # fmt: skip

    @pytest.mark.parametrize(
        "text", ["/*", '"', "struct {", "#", "#\\", "}}}", 'extern "C" {', "\\", "...", "é;", "\0"]
    )
    def test_broken_text_is_cut_somewhere(self, text):
        assert "".join(text[p.start : p.end] for p in cut(text)) in text

    def test_random_bytes_give_a_clear_error_or_a_description(self):
        seed = random.randrange(2**32)
        print("seed", seed)
        rng = random.Random(seed)
        words = [
            *("typedef", "struct", "enum", "extern", "static", "int", "a", "b", "3", '"x"'),
            *("...", "{", "}", ";", "(", ")", "[", "]", "*", "=", ",", "#define", "/*", "*/", "\n"),
        ]
        for _ in range(300):
            text = " ".join(rng.choices(words, k=rng.randrange(1, 25)))
            with contextlib.suppress(symbridge.DescriptionError):
                of_cdef(text)


class TestPythonFiles:
    def convert(self, capsys: Any, *arguments: object) -> tuple[int, str, str]:
        code = main(["convert", *map(str, arguments)])
        out, err = capsys.readouterr()
        return code, out, err

    def test_cdefs_are_found_without_running_the_file(self, tmp_path, capsys):
        path = tmp_path / "build.py"
        path.write_text(
            "from cffi import FFI\nraise SystemExit('run!')\nffi = FFI()\n"
            'HEAD = "typedef int number;"\n'
            'ffi.cdef(HEAD)\nffi.cdef("number one(void);" + \n "number two(void);")\n'
            'ffi.cdef("struct s { char a; int b; };", packed=True)\n'
            'lib = ffi.dlopen("libnumbers.so.3")\n'
        )
        code, out, err = self.convert(capsys, path)
        assert (code, err) == (0, "")
        described = parse(out)
        assert described.library == "libnumbers.so.3"
        assert [f.name for f in described.functions()] == ["one", "two"]
        assert [r.size for r in described.records()] == [5]

    def test_texts_that_are_made_at_run_time_are_told(self, tmp_path, capsys):
        path = tmp_path / "build.py"
        path.write_text(
            'ffi.cdef("int a(void);")\nffi.cdef(open("x.h").read())\n'
            'x = "1"\nx = "2"\nffi.cdef(x)\n'
        )
        code, out, err = self.convert(capsys, path)
        assert code == 1
        assert "int a(void);" in out
        for line in (2, 5):
            assert f"build.py:{line}: cdef(): left out: its text is made while the program" in err
        assert "name it: --library" in err

    def test_cdefs_under_a_condition_are_taken_when_asked_for(self, tmp_path, capsys):
        path = tmp_path / "build.py"
        path.write_text(
            'ffi.cdef("int a(void);")\nif platform == "win32":\n    ffi.cdef("int b(void);")\n'
            'if __name__ == "__main__":\n    ffi.cdef("int c(void);")\n'
        )
        code, out, err = self.convert(capsys, path, "--library", "liba.so")
        assert code == 1
        assert "under the if of line 2" in err
        assert [f.name for f in parse(out).functions()] == ["a", "c"]
        code, out, err = self.convert(capsys, path, "--library", "liba.so", "--conditional")
        assert (code, err) == (0, "")
        assert [f.name for f in parse(out).functions()] == ["a", "b", "c"]

    def test_lines_in_remarks_are_those_of_the_file(self, tmp_path, capsys):
        path = tmp_path / "build.py"
        path.write_text('x = 1\nffi.cdef("""\n    int a(void);\n    #define B ...\n""")\n')
        _, _, err = self.convert(capsys, path)
        assert "build.py:4: B: its value is known to a compiler only" in err

    def test_several_files_belong_together_and_go_to_a_file(self, tmp_path, capsys):
        (tmp_path / "types.txt").write_text("typedef int number;")
        (tmp_path / "functions.txt").write_text("number one(void);")
        target = tmp_path / "out.bridge"
        code, out, _ = self.convert(
            capsys, tmp_path / "types.txt", tmp_path / "functions.txt", "-o", target
        )
        assert (code, out) == (0, "")
        assert [f.name for f in parse(target.read_text()).functions()] == ["one"]

    @pytest.mark.parametrize(
        ("name", "content", "message"),
        [
            ("a.py", b"import ctypes\n", "calls no cdef()"),
            ("a.py", b"def f(:", "is no Python source"),
            ("a.py", b"x" * 10 + b"\0", "is no Python source"),
            ("a.txt", b"\xff\xfe", "is no text in UTF-8"),
            ("a.txt", b"int f(viod);", "a.txt:1:7"),
            ("a.py", b"ffi.cdef(read())", "no cdef could be read"),
            ("a.py", b"ffi.cdef(x" + b" + x" * 20_000 + b")", "a.py"),
        ],
    )
    def test_files_that_are_none_are_told(self, tmp_path, capsys, name, content, message):
        (tmp_path / name).write_bytes(content)
        code, out, err = self.convert(capsys, tmp_path / name)
        assert (code, out) == (2, "")
        assert message in err


CDEF = """
    enum color { RED, GREEN = 5, BLUE };
    typedef struct { char tag; double x[3]; struct { short a, b; } inner; } shape;
    union either { int i; double d; };
    struct node { struct node *next; unsigned flags : 3; unsigned rest : 29; enum color shade; };
    typedef int (*compare)(const void *, const void *);
    void qsort(void *, size_t, size_t, compare);
    int abs(int);
    #define LIMIT 12
"""


class TestCffi:
    """Objects of cffi's own, and of symbridge.FFI."""

    @pytest.fixture
    def module(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], str]:
        monkeypatch.syspath_prepend(str(tmp_path))
        made: list[str] = []

        def written(text: str) -> str:
            name = f"convert_me_{tmp_path.name}_{len(made)}".replace("-", "_")
            (tmp_path / f"{name}.py").write_text(text)
            made.append(name)
            return name

        return written

    @pytest.mark.parametrize("package", ["cffi", "symbridge"])
    def test_what_cdef_was_given(self, module, capsys, package):
        pytest.importorskip(package)
        name = module(
            f"from {package} import FFI\nbase = FFI()\n"
            "base.cdef('typedef int number; struct b { int x; };')\n"
            f"ffi = FFI()\nffi.include(base)\nffi.cdef({CDEF!r})\n"
            "ffi.cdef('number labs(number);')\n"
        )
        assert main(["convert", "--import", f"{name}:ffi", "--library", "libc.so.6"]) == 0
        text = capsys.readouterr().out
        described = parse(text)
        assert [f.name for f in described.functions()] == ["qsort", "abs", "labs"]
        assert symbridge.load(None, text).abs(-4) == 4

    def test_an_out_of_line_module_is_asked_for_its_types(self, module, tmp_path, capsys):
        cffi = pytest.importorskip("cffi")
        builder = cffi.FFI()
        builder.set_source("convert_out_of_line", None)
        builder.cdef(CDEF)
        builder.compile(tmpdir=str(tmp_path))
        assert main(["convert", "--import", "convert_out_of_line", "--library", "libc.so.6"]) == 0
        text = capsys.readouterr().out
        described = parse(text)
        by_name = {record.name: record for record in described.records()}
        for name in ("shape", "union either", "struct node"):
            assert by_name[name].size == builder.sizeof(name)
        assert [f.name for f in by_name["struct node"].fields or ()] == [
            "next", "flags", "rest", "shade",
        ]  # fmt: skip
        (color,) = [enum for enum in described.enums() if enum.name == "enum color"]
        values = {each.name: each.value for each in color.enumerators or ()}
        assert values == {"RED": 0, "GREEN": 5, "BLUE": 6}
        assert {c.name: c.value for c in described.constants()} == {"LIMIT": 12}
        loaded = symbridge.load(None, text)
        assert loaded.abs(-4) == 4

    def test_a_layout_that_the_object_knows_better_is_an_error(self, module, capsys):
        pytest.importorskip("cffi")
        name = module(
            "import cffi\nffi = cffi.FFI()\nffi.cdef('struct s { char a; int b; };', packed=True)\n"
        )
        assert main(["convert", "--import", name]) == 2
        err = capsys.readouterr().err
        assert "struct s: 8 bytes, in the FFI object 5" in err

    def test_which_object_must_be_said(self, module, capsys):
        name = module("import symbridge\na, b = symbridge.FFI(), symbridge.FFI()\nc = 3\n")
        assert main(["convert", "--import", name]) == 2
        assert f"{name}:a" in capsys.readouterr().err
        assert main(["convert", "--import", f"{name}:c"]) == 2
        assert "is no FFI object" in capsys.readouterr().err
        assert main(["convert", "--import", f"{name}:d"]) == 2
        assert "has no d" in capsys.readouterr().err

    def test_a_module_that_cannot_be_imported_is_told(self, module, capsys):
        for code, error in (
            ("1 / 0", "ZeroDivisionError"),
            ("raise SystemExit(0)", "SystemExit"),
            ("import no_such_module", "ModuleNotFoundError"),
        ):
            assert main(["convert", "--import", module(code)]) == 2
            assert error in capsys.readouterr().err


# ---- ctypes


def of_module(source: str, **options: Any) -> Converted:
    """The description of a module with this source."""
    module = ModuleType("made")
    sys.modules["made"] = module
    try:
        exec(compile("from ctypes import *\n" + textwrap.dedent(source), "made.py", "exec"),
             vars(module))  # fmt: skip
        return convert_module(module, **options)
    finally:
        del sys.modules["made"]


def records(converted: Converted) -> dict[str, Record]:
    return {record.name: record for record in parse(converted.text).records()}


class TestCtypes:
    def test_every_simple_type(self):
        words = (
            "bool char byte ubyte short ushort int uint long ulong longlong ulonglong float double "
            "longdouble wchar char_p wchar_p void_p size_t ssize_t int8 uint8 int16 uint16 int32 "
            "uint32 int64 uint64"
        )
        codes = [f"c_{word}" for word in words.split()]
        fields = ", ".join(f"('f_{code}', {code})" for code in codes)
        converted = of_module(f"class All(Structure): _fields_ = [{fields}]")
        assert converted.remarks[1:] == []
        made = records(converted)["struct All"]

        class All(ctypes.Structure):
            _fields_ = [(f"f_{code}", getattr(ctypes, code)) for code in codes]

        assert made.size == ctypes.sizeof(All)
        assert [field.offset for field in made.fields or ()] == [
            getattr(All, f"f_{code}").offset for code in codes
        ]

    def test_pointers_arrays_and_records_in_one_another(self):
        converted = of_module("""
            class Tree(Structure): pass
            class Leaf(Union): _fields_ = [("i", c_int), ("d", c_double)]
            Tree._fields_ = [("left", POINTER(Tree)), ("leaf", Leaf), ("many", Leaf * 3),
                             ("grid", c_int * 2 * 3), ("names", POINTER(POINTER(c_char)))]
            class Opaque(Structure): pass
            Handle = POINTER(Opaque)
            Visit = CFUNCTYPE(c_int, POINTER(Tree), Handle)
            class Table(Structure): _fields_ = [("visit", Visit), ("plain", CFUNCTYPE(None))]
            """)
        text = converted.text
        assert "struct Tree *left;" in text
        assert "int grid[3][2];" in text
        assert "char **names;" in text
        assert "typedef struct Opaque *Handle;" in text
        assert "typedef int (*Visit)(struct Tree *, Handle);" in text
        assert "Visit visit;" in text
        assert "void (*plain)(void);" in text

    def test_packing_anonymous_members_inheritance_and_bit_fields(self):
        converted = of_module("""
            class U(Union): _fields_ = [("i", c_int), ("f", c_float)]
            class Base(Structure): _fields_ = [("a", c_char), ("b", c_int)]
            class Derived(Base):
                _anonymous_ = ("u",)
                _fields_ = [("c", c_short), ("u", U)]
            class Packed(Structure):
                _pack_ = 1
                _anonymous_ = ("u",)
                _fields_ = [("a", c_char), ("b", c_double), ("u", U)]
            class Two(Structure):
                _pack_ = 2
                _fields_ = [("a", c_char), ("b", c_int)]
            class Bits(Structure):
                _fields_ = [("a", c_int, 3), ("b", c_int, 5), ("c", c_int, 30), ("d", c_uint, 1)]
            """)
        made = records(converted)
        assert [f.name for f in made["struct Derived"].fields or ()] == ["a", "b", "c", ""]
        sizes = {name: record.size for name, record in made.items()}
        assert sizes["struct Derived"] == 16
        assert sizes["struct Packed"] == 13
        assert sizes["struct Two"] == 6
        bits = [(f.offset, f.bit_offset, f.bit_width) for f in made["struct Bits"].fields or ()]
        assert bits == [(0, 0, 3), (0, 3, 5), (4, 0, 30), (7, 6, 1)]

    def test_functions_with_their_prototypes(self):
        converted = of_module(
            """
            libm = CDLL("libm.so.6")
            libm.cos.restype, libm.cos.argtypes = c_double, [c_double]
            libm.frexp.restype, libm.frexp.argtypes = c_double, [c_double, POINTER(c_int)]
            renamed = libm.fabs
            renamed.restype, renamed.argtypes = c_double, (c_double,)
            hypot = CFUNCTYPE(c_double, c_double, c_double)(("hypot", libm))
            """
        )
        assert converted.remarks == []
        module = symbridge.load(None, converted.text)
        assert parse(converted.text).library == "libm.so.6"
        assert (module.cos(0), module.fabs(-2), module.hypot(3, 4)) == (1, 2, 5)

    def test_what_ctypes_does_not_know_is_told(self):
        converted = of_module("""
            libc = CDLL("libc.so.6")
            libc.abs.restype = c_int
            libc.labs.argtypes, libc.labs.restype = [c_long], lambda n: -n
            libc.strlen.argtypes = [py_object]
            def judge(result, function, arguments): return result
            libc.atoi.argtypes, libc.atoi.errcheck = [c_char_p], judge
            callback = CFUNCTYPE(c_int)(lambda: 3)
            class Other(BigEndianStructure): _fields_ = [("a", c_int), ("b", c_byte)]
            counter = c_int(3)
            """)
        remarks = {remark.subject: remark for remark in converted.remarks}
        assert "its argtypes are not set" in remarks["abs"].text
        assert "py_object" in remarks["strlen"].text
        assert "other order" in remarks["Other"].text
        assert "is not known" in remarks["callback"].text
        assert "Python's" in remarks["counter"].text
        assert not remarks["labs"].lost
        assert not remarks["atoi"].lost
        assert [f.name for f in parse(converted.text).functions()] == ["labs", "atoi"]

    def test_bit_fields_that_ctypes_lays_out_as_no_compiler_does(self):
        class Odd(ctypes.Structure):
            _fields_ = [
                ("a", ctypes.c_int, 3),
                ("b", ctypes.c_uint16, 9),
                ("c", ctypes.c_uint64, 33),
            ]

        module = ModuleType("made")
        module.Odd = Odd  # type: ignore[attr-defined]
        converted = convert_module(module)
        made = records(converted).get("struct Odd")
        if made is None or made.fields is None:
            assert "bit-fields of several types otherwise than C" in said(converted)
        else:
            assert made.size == ctypes.sizeof(Odd)

    def test_constants_enums_and_variables(self):
        converted = of_module("""
            import enum
            libc = CDLL("libc.so.6")
            LIMIT, RATIO, NAME, RAW, FLAG = 12, 0.5, "text", b"bytes", True
            lower = 3
            class Color(enum.IntEnum):
                RED = 1
                COLOR_BLUE = 2
            class Style(enum.Enum): PLAIN = 1
            optind = c_int.in_dll(libc, "optind")
            """)
        described = parse(converted.text)
        assert {c.name: c.value for c in described.constants()} == {
            "LIMIT": 12, "RATIO": 0.5, "NAME": "text", "RAW": "bytes",
        }  # fmt: skip
        (color,) = described.enums()
        assert isinstance(color, Enum)
        assert [(e.name, e.value) for e in color.enumerators or ()] == [
            ("COLOR_RED", 1),
            ("COLOR_BLUE", 2),
        ]
        assert [v.name for v in described.variables()] == ["optind"]
        module = symbridge.load(None, converted.text)
        assert module.Color.RED == 1
        assert module.Color.BLUE == 2
        assert module.optind == 1

    def test_of_several_libraries_one_is_named(self):
        source = """
            a, b = CDLL("libm.so.6"), CDLL("libc.so.6")
            a.cos.restype, a.cos.argtypes = c_double, [c_double]
            b.abs.argtypes = [c_int]
            """
        with pytest.raises(ToolError, match=r"several libraries: libc\.so\.6, libm\.so\.6"):
            of_module(source)
        converted = of_module(source, library="libc.so.6", name="pack.c")
        assert [f.name for f in parse(converted.text).functions()] == ["abs"]
        assert '[[library("libc.so.6"), module("pack.c")]];' in converted.text

    def test_nothing_to_convert_is_an_error(self):
        with pytest.raises(ToolError, match="declares nothing through ctypes"):
            of_module("LIMIT = 3")

    def test_arrays_of_numpy(self):
        pytest.importorskip("numpy")
        converted = of_module("""
            import numpy
            libc = CDLL("libc.so.6")
            doubles = numpy.ctypeslib.ndpointer(dtype=numpy.float64, ndim=1)
            libc.memcpy.argtypes = [doubles, numpy.ctypeslib.ndpointer(), c_size_t]
            libc.memcpy.restype = None
            """)
        assert "void memcpy(double *, void *, unsigned long);" in converted.text

    def test_random_records_are_laid_out_as_ctypes_does(self):
        seed = random.randrange(2**32)
        print("seed", seed)
        rng = random.Random(seed)
        simple = [getattr(ctypes, f"c_{name}") for name in (
            "char", "byte", "short", "int", "long", "longlong", "float", "double", "longdouble",
            "bool", "void_p", "char_p", "wchar", "uint16", "uint64")]  # fmt: skip
        module = ModuleType("random_records")
        made: list[Any] = []
        for number in range(150):
            fields = []
            for index in range(rng.randrange(1, 7)):
                pool = made if made and rng.random() < 0.3 else simple
                type = rng.choice(pool)
                if rng.random() < 0.2:
                    type = type * rng.randrange(1, 4)
                elif rng.random() < 0.2:
                    type = ctypes.POINTER(type)
                fields.append((f"f{index}", type))
            base = ctypes.Union if rng.random() < 0.2 else ctypes.Structure
            namespace: dict[str, Any] = {"_fields_": fields}
            if rng.random() < 0.2:
                namespace = {"_pack_": rng.choice([1, 2, 4, 8]), "_fields_": fields}
            cls: Any = type.__class__ and base.__class__(f"R{number}", (base,), namespace)
            made.append(cls)
            setattr(module, f"R{number}", cls)
        converted = convert_module(module)
        lost = [remark for remark in converted.remarks if remark.subject != "library"]
        assert lost == []
        found = records(converted)
        for cls in made:
            kind = "union" if issubclass(cls, ctypes.Union) else "struct"
            record = found[f"{kind} {cls.__name__}"]
            assert record.size == ctypes.sizeof(cls)
            offsets = [getattr(cls, name).offset for name, _ in cls._fields_]
            assert [field.offset for field in record.fields or ()] == offsets


ZLIB = """
import ctypes
from ctypes import POINTER, c_char_p, c_int, c_ubyte, c_uint, c_ulong

z = ctypes.CDLL("libz.so.1")
z.zlibVersion.argtypes, z.zlibVersion.restype = [], c_char_p
z.crc32.argtypes, z.crc32.restype = [c_ulong, POINTER(c_ubyte), c_uint], c_ulong
z.compressBound.argtypes, z.compressBound.restype = [c_ulong], c_ulong
"""

SQLITE = """
import cffi

ffi = cffi.FFI()
ffi.cdef('''
    typedef struct sqlite3 sqlite3;
    const char *sqlite3_libversion(void);
    int sqlite3_libversion_number(void);
    int sqlite3_complete(const char *sql);
    int sqlite3_open(const char *filename, sqlite3 **db);
    int sqlite3_close(sqlite3 *);
''')
lib = ffi.dlopen("libsqlite3.so.0")
"""


class TestRealLibraries:
    def run(self, *arguments: object) -> Sequence[str]:
        done = subprocess.run(
            [sys.executable, "-m", "symbridge", "convert", *map(str, arguments)],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return [done.stdout, done.stderr]

    def test_zlib_through_ctypes(self, tmp_path):
        import zlib

        path = tmp_path / "bound.py"
        path.write_text(ZLIB)
        text, _ = self.run("--import", path)
        z = symbridge.load(None, text)
        assert z.zlibVersion() == zlib.ZLIB_RUNTIME_VERSION
        assert z.crc32(0, bytearray(b"hello"), 5) == zlib.crc32(b"hello")
        assert z.compressBound(1000) > 1000

    def test_sqlite_through_a_cdef(self, tmp_path):
        import sqlite3

        path = tmp_path / "bound.py"
        path.write_text(SQLITE)
        target = tmp_path / "sqlite.bridge"
        self.run(path, "-o", target)
        sqlite = symbridge.load(file=target)
        assert sqlite.sqlite3_libversion() == sqlite3.sqlite_version
        assert sqlite.sqlite3_complete("select 1;") == 1
        assert sqlite.sqlite3_complete("select ") == 0
