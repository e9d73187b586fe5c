"""The examples do what they say; libcore serves C, ctypes and cffi; the house keeps its rules."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

import corelib

ROOT = Path(__file__).parent.parent
EXAMPLES = ROOT / "examples"
LIBCORE = Path(corelib.__file__).with_name("libcore.so.1")

LIBCORE_SAYS = [
    "20! = 2432902008176640000",
    "Lucas: 2 1 3 4 7 11 18 29 47 76",
    "10^6 s before 2018-02-20: 2018-02-08",
    "distance: 1.41421353816986",
]


def run(*command: object, **options: object) -> str:
    done = subprocess.run(
        [str(part) for part in command], capture_output=True, text=True, check=False, **options
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


class TestPython:
    def test_the_tour(self):
        output = run(sys.executable, EXAMPLES / "tour.py")
        assert "2432902008176640000" in output
        assert "struct core_point has 8 bytes, not 16 as described" in output
        assert "Traceback" not in output

    def test_the_c_library(self):
        output = run(sys.executable, EXAMPLES / "libc" / "libc_tour.py")
        assert "quot -3, rem -1" in output
        assert "'héllo'" in output
        assert "2001-09-09 01:46:40" in output

    def test_zlib_byte_for_byte(self):
        output = run(sys.executable, EXAMPLES / "zlib" / "zlib_stream.py")
        assert output.count("the same as Python's zlib") == 3
        assert (
            "not a stream: incorrect header check" in output or "not a stream: data error" in output
        )

    def test_sqlite(self):
        output = run(sys.executable, EXAMPLES / "sqlite" / "sqlite_rows.py")
        assert "rows: [('Earth', 1), ('Mars', 2)]" in output
        assert "sum:  [(149, None)]" in output
        assert "error: no such table: comets" in output

    def test_ctypes_and_cffi(self):
        for name in ("core_ctypes.py", "core_cffi.py"):
            output = run(sys.executable, EXAMPLES / "other_bridges" / name, LIBCORE)
            for line in LIBCORE_SAYS:
                assert line in output


class TestMigrating:
    """One C library bound in four ways: each program prints the same."""

    EXPECTED = (
        "Vienna, Prague, Berlin 3 532002\n[48.2082, 50.0755, 52.52]\n[Errno 22] Invalid argument\n"
    )
    DIRECTORY = EXAMPLES / "migrating"

    @pytest.fixture
    def library(self, tmp_path):
        library = tmp_path / "libtrack.so"
        run("cc", "-shared", "-fPIC", self.DIRECTORY / "track.c", "-o", library, "-lm")
        return library

    @pytest.mark.parametrize("way", ["ctypes", "ffi", "symbridge"])
    def test_at_run_time(self, library, way):
        assert run(sys.executable, self.DIRECTORY / f"with_{way}.py", library) == self.EXPECTED

    def test_ffi_is_cffi_by_one_import(self, library, tmp_path):
        source = (self.DIRECTORY / "with_ffi.py").read_text()
        assert source.count("from symbridge import FFI") == 1
        moved = tmp_path / "with_cffi.py"
        moved.write_text(source.replace("from symbridge import FFI", "from cffi import FFI"))
        assert run(sys.executable, moved, library) == self.EXPECTED

    def test_the_extension(self, tmp_path):
        sources = [self.DIRECTORY / name for name in ("extension.c", "track.c")]
        include = sysconfig.get_paths()["include"]
        target = tmp_path / f"track{sysconfig.get_config_var('EXT_SUFFIX')}"
        run("cc", "-shared", "-fPIC", f"-I{include}", *sources, "-o", target, "-lm")
        environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
        program = self.DIRECTORY / "with_extension.py"
        assert run(sys.executable, program, env=environment) == self.EXPECTED


class TestSqliteInDetail:
    @pytest.fixture
    def rows(self, monkeypatch):
        monkeypatch.syspath_prepend(str(EXAMPLES / "sqlite"))
        import sqlite_rows

        return sqlite_rows

    def test_every_type_of_value(self, rows):
        with rows.sqlite.Connection(":memory:") as db:
            values = (2**63 - 1, -1.5, "héllo 🍏", None, "")
            assert rows.run(db, "select ?, ?, ?, ?, ?", *values) == [values]

    def test_agrees_with_the_standard_module(self, rows, tmp_path):
        import sqlite3

        path = tmp_path / "a.db"
        with rows.sqlite.Connection(str(path)) as db:
            rows.run(db, "create table t (a, b)")
            rows.run(db, "insert into t values (1, 'x'), (2, 'y')")
            assert db.changes() == 2
        peer = sqlite3.connect(path)
        assert peer.execute("select * from t").fetchall() == [(1, "x"), (2, "y")]
        peer.close()

    def test_errors_and_closed_objects(self, rows):
        sqlite = rows.sqlite
        with pytest.raises(sqlite.SqliteError, match="unable to open"):
            sqlite.Connection("/no/such/directory/a.db")
        db = sqlite.Connection(":memory:")
        with pytest.raises(sqlite.SqliteError, match="syntax error"):
            sqlite.Statement(db, "selekt 1")
        statement = sqlite.Statement(db, "select 1")
        with pytest.raises(IndexError):
            statement.bind_int(7, 1)
        db.close()
        del db
        statement.close()
        with pytest.raises(ValueError, match="closed"):
            next(statement)

    def test_a_statement_keeps_its_connection(self, rows):
        statement = rows.sqlite.Statement(rows.sqlite.Connection(":memory:"), "select 1")
        assert [statement.int(0) for _ in statement] == [1]


@pytest.mark.skipif(
    not shutil.which("pkg-config") or not shutil.which("make"),
    reason="needs pkg-config and make",
)
class TestFromC:
    @pytest.fixture
    def prefix(self, tmp_path_factory):
        prefix = tmp_path_factory.mktemp("prefix")
        run("make", "-C", ROOT / "libcore", "install", f"PREFIX={prefix}",
            f"BUILD={tmp_path_factory.mktemp('build')}")  # fmt: skip
        return prefix

    def test_linked_with_pkg_config(self, prefix, tmp_path):
        environment = {**os.environ, "PKG_CONFIG_PATH": f"{prefix}/lib/pkgconfig"}
        flags = run("pkg-config", "--cflags", "--libs", "core", env=environment).split()
        program = tmp_path / "app"
        run("cc", EXAMPLES / "link_from_c" / "app.c", *flags, "-o", program)
        output = run(program, env={**os.environ, "LD_LIBRARY_PATH": f"{prefix}/lib"})
        for line in ["Hello world!", "9000 + 1 = 9001", "timer: ding", *LIBCORE_SAYS]:
            assert line in output

    @pytest.mark.skipif(not shutil.which("cmake"), reason="needs cmake")
    def test_found_by_cmake(self, prefix, tmp_path):
        (tmp_path / "CMakeLists.txt").write_text(
            "cmake_minimum_required(VERSION 3.13)\n"
            "project(app C)\n"
            "find_package(core 1.0 REQUIRED)\n"
            f'add_executable(app "{EXAMPLES}/link_from_c/app.c")\n'
            "target_link_libraries(app PRIVATE core::core)\n"
        )
        build = tmp_path / "build"
        run("cmake", "-S", tmp_path, "-B", build, f"-DCMAKE_PREFIX_PATH={prefix}")
        run("cmake", "--build", build)
        assert "20! = 2432902008176640000" in run(build / "app")

    def test_the_engine_needs_no_python(self, tmp_path):
        flags = run("pkg-config", "--cflags", "--libs", "libffi").split()
        program = tmp_path / "call"
        run("cc", "-std=c11", "-D_GNU_SOURCE", "-fvisibility=hidden", f"-I{ROOT}/bridge/engine",
            EXAMPLES / "engine_from_c" / "call_by_description.c",
            *sorted((ROOT / "bridge" / "engine").glob("*.c")), *flags, "-ldl", "-lm", "-o",
            program)  # fmt: skip
        hypot = "double hypot(double x, double y);"
        assert run(program, "libm.so.6", hypot, "hypot", 3, 4) == "5\n"
        assert run(program, "libc.so.6", "char *getenv(const char *);", "getenv", "HOME",
                   env={"HOME": "/here"}) == "/here\n"  # fmt: skip
        version = run(program, LIBCORE, "const char *core_version(void);", "core_version")
        assert re.fullmatch(r"\d+\.\d+\.\d+\n", version)
        wrong = subprocess.run([program, "libm.so.6", "double hypot(duble);", "hypot"],
                               capture_output=True, text=True, check=False)  # fmt: skip
        assert wrong.returncode == 1
        assert "description:1:14: " in wrong.stderr


class TestStructure:
    """libcore <- nothing; engine <- cpython <- python."""

    def symbols(self, library: Path, *options: str) -> set[str]:
        output = run("nm", "-D", *options, library)
        return {line.split()[-1].split("@")[0] for line in output.splitlines()}

    def test_libcore_needs_no_python(self):
        undefined = self.symbols(LIBCORE, "--undefined-only")
        assert not [name for name in undefined if re.match(r"_?Py|ffi_|sb_", name)]

    def test_libcore_offers_its_prefix_only(self):
        defined = self.symbols(LIBCORE, "--defined-only")
        # AddressSanitizer marks every global it watches with a symbol of its own.
        foreign = {name for name in defined if not name.startswith(("core_", "__odr_asan"))}
        assert defined
        assert not foreign

    def test_the_extension_names_no_symbol_of_libcore_and_offers_only_its_init(self):
        import symbridge._bridge

        extension = Path(symbridge._bridge.__file__)
        names = self.symbols(extension)
        assert not [name for name in names if name.startswith("core_")]
        assert self.symbols(extension, "--defined-only") == {"PyInit__bridge"}

    def test_the_engine_includes_no_python(self):
        for source in (ROOT / "bridge" / "engine").rglob("*.[ch]"):
            assert "Python.h" not in source.read_text()
        for source in (ROOT / "libcore").rglob("*.[ch]"):
            assert not re.search(r"#\s*include.*(Python|symbridge)", source.read_text())
