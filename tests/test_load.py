"""symbridge.load: libraries found and not found, descriptions right and wrong, modules."""

from __future__ import annotations

import gc
import importlib
import pickle
import subprocess
import sys
import threading
import types
import weakref

import pytest

import symbridge


def libm(text: str, **options: object) -> types.ModuleType:
    return symbridge.load("libm.so.6", text, **options)


class TestModules:
    def test_plain_declarations_are_a_description(self):
        m = libm("double cos(double x); float sqrtf(float); int abs(int);")
        assert m.cos(0) == 1.0
        assert m.sqrtf(4) == 2.0
        assert m.abs(-3) == 3
        assert type(m) is types.ModuleType
        assert m.__name__ == "libm"

    def test_name_and_registration(self):
        m = libm("double cos(double);", name="symbridge_test_named")
        assert sys.modules["symbridge_test_named"] is m
        assert importlib.import_module("symbridge_test_named") is m
        assert pickle.loads(pickle.dumps(m.cos)) is m.cos
        del sys.modules["symbridge_test_named"]

    def test_an_unnamed_module_is_not_registered(self):
        libm("double cos(double);")
        assert "libm" not in sys.modules

    def test_foreign_modules_are_not_replaced(self):
        import json

        libm("double cos(double);", name="json")
        assert sys.modules["json"] is json

    def test_submodules_made_by_dotted_names(self):
        m = libm(
            '/** Round. */ [[submodule("a.b")]]; [[name("a.b.cosine")]] double cos(double x);',
            name="symbridge_test_dotted",
        )
        from symbridge_test_dotted.a.b import cosine

        assert cosine(0) == 1.0
        assert cosine.__module__ == "symbridge_test_dotted.a.b"
        assert m.a.b.__doc__ == "Round."

    def test_file_or_source_but_not_both(self, tmp_path):
        file = tmp_path / "m.bridge"
        file.write_text("double cos(double x);")
        assert symbridge.load("libm.so.6", file=file).cos(0) == 1.0
        with pytest.raises(TypeError):
            symbridge.load("libm.so.6", "double cos(double);", file=file)
        with pytest.raises(ValueError, match="description"):
            symbridge.load("libm.so.6")
        with pytest.raises(FileNotFoundError):
            symbridge.load("libm.so.6", file=tmp_path / "none")

    def test_the_description_can_name_the_library(self):
        assert symbridge.load(source='[[library("libm.so.6")]]; double cos(double);').cos(0) == 1
        with pytest.raises(ValueError, match="library"):
            symbridge.load(source="double cos(double);")

    def test_the_running_program_is_a_library(self):
        assert symbridge.load("", "int abs(int);").abs(-2) == 2

    def test_symbols_are_made_at_first_use(self):
        text = "".join(f"double cos(double x); double f{i}(void) [[optional]];" for i in range(600))
        m = libm(text)
        assert "cos" not in vars(m)
        m.cos  # noqa: B018
        assert "cos" in vars(m)

    def test_a_module_and_all_it_holds_can_be_collected(self):
        m = libm("double cos(double x); struct p { int x; }; enum e { A, B };")
        kept = [weakref.ref(m), weakref.ref(m.p), weakref.ref(m.e)]
        m.p(1)
        m.cos(0)
        del m
        gc.collect()
        assert [ref() for ref in kept] == [None, None, None]

    def test_a_function_outlives_its_module(self):
        cos = libm("double cos(double x);").cos
        gc.collect()
        assert cos(0) == 1.0

    def test_constants(self):
        m = libm("#define N 42\n#define X 1.5\nenum { A = 3, B }; static const int C = -7;")
        assert (m.N, m.X, m.A, m.B, m.C) == (42, 1.5, 3, 4, -7)

    def test_optional_functions_may_be_missing(self):
        m = libm("double cos(double); [[optional]] int no_such_function(void);")
        assert m.cos(0) == 1
        assert "no_such_function" not in dir(m)
        with pytest.raises(AttributeError, match="no_such_function"):
            m.no_such_function  # noqa: B018

    def test_variables_under_another_symbol(self):
        m = symbridge.load("libc.so.6", 'extern char *program __asm__("program_invocation_name");')
        assert m.program
        with pytest.raises(symbridge.SymbolError) as caught:
            symbridge.load("libc.so.6", 'extern int x __asm__("no_such_variable");')
        assert caught.value.missing == ["no_such_variable"]
        assert symbridge.load("libc.so.6", '[[since("9")]] extern int no_such_variable;')

    def test_symbol_versions(self):
        m = symbridge.load(
            "libc.so.6", '[[version("GLIBC_2.2.5")]] int abs(int);' if sys.maxsize > 2**32 else ""
        )
        assert m.abs(-4) == 4
        with pytest.raises(symbridge.SymbolError, match="abs"):
            symbridge.load("libc.so.6", '[[version("GLIBC_9.9")]] int abs(int);')


class TestLibrariesThatCannotBeOpened:
    def test_missing(self):
        with pytest.raises(symbridge.LibraryError, match=r"libnosuch\.so\.9"):
            symbridge.load("libnosuch.so.9", "int f(void);")

    def test_not_a_library(self, tmp_path):
        file = tmp_path / "text.so"
        file.write_text("not a library")
        with pytest.raises(symbridge.LibraryError, match=r"text\.so"):
            symbridge.load(file, "int f(void);")
        with pytest.raises(symbridge.LibraryError):
            symbridge.load(tmp_path, "int f(void);")

    def test_the_working_directory_is_not_searched(self, tmp_path, native_library, monkeypatch):
        import shutil

        shutil.copy(native_library("functions"), tmp_path / "libhere.so")
        monkeypatch.chdir(tmp_path)
        with pytest.raises(symbridge.LibraryError):
            symbridge.load("libhere.so", "int f(void);")

    def test_embedded_null(self):
        with pytest.raises(ValueError, match="null"):
            symbridge.load("libm.so.6\0", "int f(void);")

    def test_all_missing_symbols_are_listed_at_once(self):
        with pytest.raises(symbridge.SymbolError) as caught:
            libm("double cos(double); int one(void); int two(void); extern int three;")
        assert caught.value.missing == ["one", "two", "three"]
        for name in caught.value.missing:
            assert name in str(caught.value)


class TestWrongDescriptions:
    @pytest.mark.parametrize(
        ("text", "line", "says"),
        [
            ("int f(int", 1, "expected"),
            ("int f(int);\nint g(intt x);", 2, "intt"),
            ("int f(int) [[quik]];", 1, "quick"),
            ("int f(int x [[array]]);", 1, "array"),
            ("struct s { int a; int a; };", 1, "a"),
            ("[[method]] int abs(int x);", 1, "method"),
            ("int f(int *x [[out, inout]]);", 1, "inout"),
            ("enum { A = 3 + };", 1, "expected"),
            ("}", 1, "expected"),
            ("#include <stdio.h>", 1, "preprocess"),
            ("int f(int a[1/0]);", 1, "zero"),
            ('enum e { A [[raises("x")]] };', 1, "raises"),
            ("enum e { A }; enum e { B };", 1, "e"),
            ('_Static_assert(sizeof(int) == 3, "int has 3 bytes");', 1, "int has 3 bytes"),
            ('int f(void); "', 1, ""),
            ("/* never closed", 1, "comment"),
            ("int f(void);\0int g(void);", 1, ""),
        ],
    )
    def test_errors_name_the_place(self, text, line, says):
        with pytest.raises(symbridge.DescriptionError, match=f"(?s).*{says}") as caught:
            libm(text)
        error = caught.value
        assert error.lineno == line
        assert error.offset is not None
        assert error.offset >= 1
        assert error.filename == "<description>"
        assert isinstance(error, SyntaxError)

    def test_the_file_is_named(self, tmp_path):
        file = tmp_path / "wrong.bridge"
        file.write_text("int f(;")
        with pytest.raises(symbridge.DescriptionError) as caught:
            symbridge.load("libm.so.6", file=file)
        assert caught.value.filename == str(file)
        assert "int f(;" in caught.value.text

    @pytest.mark.parametrize(
        "bomb",
        [
            "int " + "(" * 100_000 + "x" + ")" * 100_000 + ";",
            "int x[" + "(" * 100_000 + "1" + ")" * 100_000 + "];",
            "int " + "*" * 1_000_000 + "x;",
            "struct a {" * 100_000,
            "int x" + "[2]" * 200_000 + ";",
            "int x[" + "-" * 200_000 + "1];",
            "int f(" + "int," * 100_000 + "int);",
            "[[" * 100_000,
            "int x[" + "1?" * 50_000 + "1" + ":1" * 50_000 + "];",
            "void f(" + "void (*g)(" * 50_000,
        ],
    )
    def test_nesting_bombs_are_errors(self, bomb):
        with pytest.raises(symbridge.DescriptionError):
            libm(bomb)

    def test_a_description_of_100_megabytes_is_refused(self):
        with pytest.raises(symbridge.DescriptionError, match="64"):
            libm("double cos(double x); " * 5_000_000)

    def test_sizes_that_overflow(self):
        with pytest.raises(symbridge.DescriptionError):
            libm("struct s { char a[0x7fffffffffffffff]; char b[0x7fffffffffffffff]; };")
        with pytest.raises(symbridge.DescriptionError):
            libm("extern int x[0x7fffffffffffffff][4];")

    def test_allocation_failure_at_every_point(self):
        from symbridge import _bridge

        text = (
            "enum [[status]] e { A, B [[raises(ValueError)]] }; struct s { int x; char n[4]; };"
            "/** doc */ [[quick]] enum e f(struct s *p [[out]], int n [[default(3)]]);"
            "double cos(double x);"
        )
        failures = 0
        for n in range(10_000):
            _bridge._fail_allocations_after(n)
            try:
                libm(text + "[[optional]] int g(void);")
            except MemoryError:
                failures += 1
            except symbridge.SymbolError:
                break
            finally:
                _bridge._fail_allocations_after(-1)
        assert failures > 5


class TestInterpreters:
    def test_threads_may_load_and_call_at_once(self):
        errors: list[BaseException] = []

        def work() -> None:
            try:
                for _ in range(50):
                    m = libm("double cos(double x); struct p { int x, y; }; int abs(int);")
                    assert m.cos(0) == 1.0
                    assert m.p(1, 2).y == 2
                    assert m.abs(-1) == 1
            except BaseException as error:
                errors.append(error)

        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert not errors

    @pytest.mark.skipif(
        sys.version_info < (3, 12), reason="per-interpreter GILs came with CPython 3.12"
    )
    def test_subinterpreters_with_their_own_gil(self):
        code = """
if True:
    import threading, time
    try:
        import _interpreters as interpreters
    except ImportError:
        import _xxsubinterpreters as interpreters
    script = '''
import symbridge
m = symbridge.load("libm.so.6", "double cos(double x); struct p { int x, y; };")
assert m.cos(0) == 1.0 and m.p(1, 2) == m.p(1, 2)
'''
    for _ in range(3):
        made = interpreters.create()
        failure = interpreters.run_string(made, script)
        assert failure is None, failure
        interpreters.destroy(made)
    exec(script)
    print("done")
"""
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
        assert done.stdout == "done\n", done.stderr

    def test_interpreter_exit_with_everything_alive(self):
        code = (
            "import symbridge, corelib, sys\n"
            "m = symbridge.load('libm.so.6', 'double cos(double x); struct p { int x; };')\n"
            "p = m.p(1); it = corelib.LucasIter([1], [1]); a = corelib.PointArray(9); e = a[1]\n"
            "class Late:\n"
            "    def __del__(self): m.cos(0); next(it); e.x\n"
            "late = Late(); sys.modules['late'] = late; cycle = [late]; cycle.append(cycle)\n"
        )
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr

    def test_import_is_light(self):
        code = (
            "import sys; before = set(sys.modules); import symbridge; "
            "print(*sorted(set(sys.modules) - before))"
        )
        done = subprocess.run(
            [sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True
        )
        # atexit is built in; it must be asked early, so that callbacks work in others' functions.
        expected = {"atexit", "symbridge", "symbridge._bridge", "symbridge._load"}
        assert set(done.stdout.split()) == expected
