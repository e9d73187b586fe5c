"""symbridge stubs: what type checkers are told, and that they agree with it."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import corelib
from golden import renew
from symbridge import declarations, stubs, surface
from symbridge.cli import main
from symbridge.failure import ToolError

ROOT = Path(__file__).parent.parent
CORE = ROOT / "libcore" / "core.bridge"
GOLDEN = ROOT / "tests" / "golden"
PYTHON = ROOT / "python"


def write(text: str, **options: bool) -> str:
    """The stub of a description without submodules."""
    module = surface.read(declarations.parse(text), "sample")
    (text,) = stubs.write(module, **options).values()
    return text


# ---- golden files


@pytest.mark.parametrize(
    ("path", "text"),
    [pytest.param(p, t, id=str(p.relative_to(ROOT))) for p, t in renew.expected()],
)
def test_stubs_are_those_in_the_golden_file(path: Path, text: str) -> None:
    assert path.exists(), "python tests/golden/renew.py writes it"
    assert path.read_text(encoding="utf-8") == text, "python tests/golden/renew.py renews it"


def test_no_golden_file_is_left_over() -> None:
    expected = {path for path, _ in renew.expected()}
    assert {p for p in GOLDEN.rglob("*.pyi") if p not in expected} == set()


def test_writing_again_gives_the_same() -> None:
    first = dict(renew.expected())
    assert dict(renew.expected()) == first


# ---- type checkers

SANITIZED = "SB_SANITIZED" in os.environ
needs_mypy = pytest.mark.skipif(
    SANITIZED or importlib.util.find_spec("mypy") is None,
    reason="type checkers run without sanitizers" if SANITIZED else "needs mypy from PyPI",
)
EXAMPLES = ("zlib/zlib_stream.py", "sqlite/sqlite_rows.py", "libc/libc_tour.py")


GOOD = """
from array import array
from datetime import date, timedelta
from pathlib import Path

import corelib
from corelib import Axis, LucasIter, Point, Point3, PointArray, Quadrant, Timer, pure
from corelib.date_ex import days_between, seconds_before
from typing_extensions import assert_type

assert_type(corelib.fact(5), int)
assert_type(corelib.fact(n=True), int)
assert_type(corelib.version(), str | None)
assert_type(corelib.sum_as_string(1, 2), str)
assert_type(corelib.sum_as_string_native(1, 2), str)
assert_type(corelib.word_count("to be"), dict[str, int])
assert_type(corelib.count_lines(Path("x")), int)
assert_type(corelib.integrate(lambda x: x * x, 0, 1.5, 10), float)
assert_type(corelib.lucas_mod([1, 1], (2, 1), 10, 7), int)
assert_type(corelib.backend.some_func(5), list[int])
assert_type(corelib.backend.greetings, int)
status: int = corelib.Status.OK
corelib.backend.greetings = 3
assert_type(pure.sum_as_string(1, 2), str)

p = Point(1, y=1)
p.x = 4
p.norm = 10
assert_type(p.x, int)
assert_type(Point(3, 4).norm, float)
assert_type(p + p, Point)
assert_type(p.quadrant, Quadrant)
assert_type(p.axes | Axis.Z, Axis)
assert_type(Point.origin(), Point)
assert_type(Point.manhattan(p, p), int)
dimensions: int = Point.DIMENSIONS
assert_type(sorted([p, Point(1, 2)]), list[Point])
assert_type({p: 1}, dict[Point, int])
q: Point = Point3(1, 2, 3)
assert_type(Point3(1, 2, 3).dist(Point3(0, 0, 0)), float)

it = LucasIter([1, 1], vals=array("q", [2, 1]))
assert_type(next(it), int)
assert_type(it.take(3), list[int])
assert_type(it.take_into(array("q", [0] * 9)), int)
for term in it:
    assert_type(term, int)
    break
with LucasIter(range(2), b"12345678") as entered:
    assert_type(entered, LucasIter)

points = PointArray(3)
assert_type(points[0], Point)
assert_type(points[1:], list[Point])
assert_type(len(points), int)
assert_type([one.x for one in points], list[int])
points[0] = p
points[1:3] = (p, p)
memoryview(points)
with Timer(0.5, lambda: print("rung")) as timer:
    assert_type(timer.fired, bool)

assert_type(seconds_before(date(2018, 2, 20), 1_000_000), date)
assert_type(days_between(date(2018, 2, 20), date(2018, 2, 21)), timedelta)


class Walker(Point):
    def __init__(self, name: str) -> None:
        super().__init__(0, 0)
        self.name = name


try:
    corelib.throws_error()
except corelib.AppleStuckInThroat as error:
    print(error)
"""

#: Lines that must not pass, each after the lines above it.
BAD = (
    *("corelib.VERSION_MAJOR = 2", "corelib.version_number = 3"),
    'corelib.fact("5")',
    "corelib.fact(1.5)",
    "corelib.fact()",
    "corelib.fact(m=1)",
    "corelib.no_such_function()",
    "corelib.word_count(b'bytes')",
    "corelib.count_lines(3)",
    "corelib.version().upper()",
    "Point(1)",
    "Point(1, 2, 3)",
    "Point('1', 2)",
    "p.x = 'one'",
    "p.z",
    "p.quadrant = Quadrant.FIRST",
    "p + 1",
    "p < 1",
    "p.dist(1)",
    "Point3(1, 2, 3).dist(p)",
    "LucasIter([1.5], [2])",
    "LucasIter('ab', [2])",
    "it.take_into([1, 2])",
    "points['a']",
    "points[0] = 3",
    "{points: 1}['x']",
    "corelib.integrate(lambda: 1.0, 0, 1, 2)",
    "corelib.integrate(lambda x: 'text', 0, 1, 2)",
    "Timer(1.0, 'call')",
    "Point.DIMENSIONS = 3",
    "seconds_before('2018-02-20', 3)",
    "corelib.lucas_mod({1}, [1], 1, 1)",
)

#: The first lines of BAD, which pyright lets pass: it does not look at Final in other modules.
ONLY_MYPY = 2

#: What stubtest cannot know of corelib: pattern, and why it is so.
STUBTEST_ALLOWED = {
    r"corelib\.Point\.__radd__": "CPython makes it from the slot of __add__, which serves no other "
    "left operand: it gives NotImplemented always",
    r"corelib\.PointArray\.__iter__": "arrays iterate by their items, which type checkers do not "
    "follow without an __iter__",
    **(
        {r"corelib\.PointArray\.__buffer__": "Python code sees the buffer protocol from 3.12 on"}
        if sys.version_info < (3, 12)
        else {}
    ),
}


def checked(directory: Path, command: list[str], paths: list[Path]) -> tuple[int, str]:
    """Run a checker in a directory that only holds what is to be checked."""
    environment = {**os.environ, "MYPYPATH": os.pathsep.join(map(str, paths))}
    done = subprocess.run(
        command, cwd=directory, env=environment, capture_output=True, text=True, timeout=300
    )
    return done.returncode, done.stdout + done.stderr


def mypy(directory: Path, *files: str, paths: list[Path] | None = None) -> tuple[int, str]:
    command = [sys.executable, "-m", "mypy", "--strict", "--warn-unreachable", "--config-file="]
    command += ["--no-error-summary", f"--cache-dir={directory.parent / 'mypy'}", *files]
    return checked(directory, command, [PYTHON] if paths is None else paths)


@pytest.fixture(scope="module")
def pyright() -> Callable[[Path], tuple[int, str]]:
    """A function that runs pyright in strict mode on a directory."""
    if SANITIZED:
        pytest.skip("type checkers run without sanitizers")
    program = shutil.which("pyright")
    # The distribution may have to fetch what it runs.
    works = program and subprocess.run([program, "--version"], capture_output=True).returncode == 0
    if not works:
        pytest.skip("needs pyright from PyPI, and what that installs")

    def run(directory: Path) -> tuple[int, str]:
        (directory / "pyrightconfig.json").write_text(
            f'{{"typeCheckingMode": "strict", "include": ["."], "extraPaths": ["{PYTHON}"], '
            '"reportMissingModuleSource": false}'
        )
        return checked(directory, [str(program), "--pythonpath", sys.executable], [])

    return run


def copy_examples(directory: Path) -> None:
    """The examples and their stubs, side by side."""
    for name in EXAMPLES:
        example = ROOT / "examples" / name
        for file in (example, *example.parent.glob("*.pyi")):
            shutil.copy(file, directory)


def lines_with_errors(output: str, file: str) -> set[int]:
    """The numbers of the lines of a file that a checker complains of."""
    found = set()
    for line in output.splitlines():
        before, _, rest = line.partition(f"{file}:")
        number = rest.split(":")[0]
        if rest and number.isdecimal() and "error" in rest and "/" not in before.split()[-1:]:
            found.add(int(number))
    return found


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, range]:
    """A directory with a program that is right, and one in which each line of a range is wrong."""
    directory = tmp_path_factory.mktemp("programs")
    (directory / "good.py").write_text(GOOD)
    # The errors are in a function, so that no line is unreachable and assignments are checked.
    start = GOOD.count("\n") + 2
    body = "".join(f"    {line}\n" for line in BAD)
    (directory / "bad.py").write_text(f"{GOOD}def wrong() -> None:\n{body}")
    return directory, range(start, start + len(BAD))


@pytest.mark.slow
@needs_mypy
class TestMypy:
    def test_uses_of_corelib_that_are_right_pass(self, programs: tuple[Path, range]) -> None:
        code, output = mypy(programs[0], "good.py")
        assert code == 0, output

    def test_uses_of_corelib_that_are_wrong_do_not(self, programs: tuple[Path, range]) -> None:
        code, output = mypy(programs[0], "bad.py")
        assert code == 1, output
        missed = set(programs[1]) - lines_with_errors(output, "bad.py")
        assert [BAD[line - programs[1].start] for line in sorted(missed)] == []

    def test_golden_files_are_strictly_typed(self, tmp_path: Path) -> None:
        shutil.copytree(GOLDEN, tmp_path / "golden", ignore=shutil.ignore_patterns("*.py"))
        code, output = mypy(tmp_path, "golden", paths=[])
        assert code == 0, output

    def test_examples_are_strictly_typed(self, tmp_path: Path) -> None:
        copy_examples(tmp_path)
        code, output = mypy(tmp_path, *(Path(name).name for name in EXAMPLES))
        assert code == 0, output

    def test_stubtest_finds_corelib_as_its_stubs_say(self, tmp_path: Path) -> None:
        allowed = tmp_path / "allowed"
        allowed.write_text("\n".join(STUBTEST_ALLOWED))
        command = [sys.executable, "-m", "mypy.stubtest", "corelib", "--allowlist", str(allowed)]
        installed = Path(corelib.__file__).parent.parent
        environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
        if installed.name != "site-packages":  # where mypy looks by itself, and will not be sent
            environment["MYPYPATH"] = str(installed)
        done = subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=300
        )
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.slow
class TestPyright:
    def test_uses_of_corelib_are_judged_as_by_mypy(
        self, programs: tuple[Path, range], pyright: Callable[[Path], tuple[int, str]]
    ) -> None:
        code, output = pyright(programs[0])
        assert code == 1
        assert lines_with_errors(output, "good.py") == set(), output
        wrong = lines_with_errors(output, "bad.py")
        missed = set(programs[1][ONLY_MYPY:]) - wrong
        assert [BAD[line - programs[1].start] for line in sorted(missed)] == []
        assert wrong <= set(programs[1])

    def test_examples_golden_files_and_corelib_are_strictly_typed(
        self, tmp_path: Path, pyright: Callable[[Path], tuple[int, str]]
    ) -> None:
        python_files = shutil.ignore_patterns("__init__.py", "renew.py", "*.so*", "__pycache__")
        shutil.copytree(GOLDEN, tmp_path / "golden", ignore=python_files)
        shutil.copytree(PYTHON / "corelib", tmp_path / "corelib", ignore=python_files)
        copy_examples(tmp_path)
        code, output = pyright(tmp_path)
        assert code == 0, output


EXAMPLE = """
import zlib
from typing import TYPE_CHECKING

import symbridge

if TYPE_CHECKING:
    import example_zlib as native
else:
    native = symbridge.load(file={file!r})

checksum: int = native.crc32(0, {argument})
assert checksum == zlib.crc32(b"data")
"""


@needs_mypy
def test_a_loaded_example_is_checked_by_its_stub(tmp_path: Path) -> None:
    file = ROOT / "examples" / "zlib" / "zlib.bridge"
    assert main(["stubs", str(file), "-o", str(tmp_path / "typings")]) == 0
    for name, argument in (("good", 'b"data"'), ("bad", "3")):
        text = EXAMPLE.format(file=str(file), argument=argument)
        (tmp_path / f"{name}.py").write_text(text)
    paths = [tmp_path / "typings", PYTHON]
    code, output = mypy(tmp_path, "good.py", paths=paths)
    assert code == 0, output
    subprocess.run([sys.executable, "good.py"], cwd=tmp_path, check=True)
    code, output = mypy(tmp_path, "bad.py", paths=paths)
    assert code == 1, output


# ---- what is written


def test_docstrings_can_be_left_out() -> None:
    text = "/** Doc. */ int f(int n);"
    assert '"""Doc."""' in write(text)
    assert '"""' not in write(text, docstrings=False)


def test_docstrings_keep_quotes_and_backslashes() -> None:
    source = write('/** A \\ and """ and an end in " */ int f(void);\n')
    names: dict[str, object] = {}
    exec(compile(source, "sample.pyi", "exec"), names)
    function = names["f"]
    assert callable(function)
    assert function.__doc__ == 'A \\ and """ and an end in "'


def test_names_that_a_class_hides_are_reached_another_way() -> None:
    text = write("""
        struct other { int n; };
        struct hiding { int int_ [[name("int")]]; double d; struct other other; };
    """)
    assert "import builtins as _builtins" in text
    assert "def int(self) -> _builtins.int: ..." in text
    assert "def other(self) -> _other: ..." in text
    assert "_other: TypeAlias = other" in text


def test_modules_that_hide_typings_names_are_possible() -> None:
    text = write("struct Final { int n; }; int Sequence(const int *a [[array(n)]], int n);\n"
                 "#define SIZE 3\n")  # fmt: skip
    assert "SIZE: _typing.Final = 3" in text
    assert "_collections_abc.Sequence[SupportsIndex]" in text


def test_submodules_make_a_package() -> None:
    module = surface.read(
        declarations.parse("""
            [[library("libm.so.6"), module("maths")]];
            struct point { double x; };
            [[name("deep.er.norm")]] double norm(struct point p);
        """)
    )
    files = stubs.write(module)
    assert sorted(files) == [
        "maths/__init__.pyi",
        "maths/deep/__init__.pyi",
        "maths/deep/er.pyi",
    ]
    assert "from ... import point" not in files["maths/deep/er.pyi"]
    assert "from .. import point" in files["maths/deep/er.pyi"]


class TestPackages:
    """What a package's Python part says."""

    SOURCE = '''
"""The package."""
from __future__ import annotations
import os
import symbridge
from os import PathLike
from json import dumps as dumps
from typing import Final, overload
LIMIT: Final = 3
names: list[str] = []
version = "1"
_private = 4
gone = 5
@overload
def twice(n: int) -> int: ...
@overload
def twice(n: str) -> str: ...
def twice(n: int | str) -> int | str:
    """Two of it."""
    return n * 2
def path(p: PathLike[str] = os.curdir, *, deep: bool = True) -> str:
    return os.fspath(p)
class Helper:
    """Helps."""
    count: int = 0
    def __init__(self, n: int) -> None:
        self.n = n
    def _hidden(self): ...
def _internal(x): ...
symbridge.extend(__name__, "libm.so.6", file="m.bridge")
del gone
'''

    def part(self) -> stubs.PythonPart:
        return stubs.read_package(self.SOURCE, "pkg/__init__.py")

    def test_definitions_are_kept_without_their_bodies(self) -> None:
        text = "\n".join(self.part().body)
        assert "LIMIT: Final = 3" in text
        assert "names: list[str]\n" in text
        assert "version: str" in text
        assert "def path(p: PathLike[str]=..., *, deep: bool=True) -> str:\n    ..." in text
        assert '"""Two of it."""' in text
        assert text.count("@overload") == 2
        for word in ("_private", "gone", "_internal", "_hidden", "return", "extend"):
            assert word not in text

    def test_imports_are_kept_where_others_or_the_definitions_use_them(self) -> None:
        imports = self.part().imports
        assert "from os import PathLike" in imports
        assert "from json import dumps as dumps" in imports
        assert "import symbridge" not in imports

    def test_names_of_the_package_win(self) -> None:
        description = declarations.parse("double twice(double x); double cos(double x);")
        module = surface.read(description, "pkg")
        (text,) = stubs.write(module, python=self.part()).values()
        assert text.count("def twice(") == 3
        assert "def twice(x:" not in text
        assert "def cos(x:" in text
        compile(text, "stub", "exec")

    @pytest.mark.parametrize(
        "source",
        ["def f(x): ...", "def f(x: int): ...", "value = compute()"],
        ids=["parameter", "result", "variable"],
    )
    def test_what_does_not_say_its_types_is_an_error(self, source: str) -> None:
        with pytest.raises(ToolError, match=r"init\.py:1: .* does not say its types"):
            stubs.read_package(source, "init.py")

    def test_what_is_no_python_is_an_error_with_its_line(self) -> None:
        with pytest.raises(ToolError, match=r"init\.py:2:"):
            stubs.read_package("x = 1\ndef\n", "init.py")


# ---- the command


@pytest.fixture
def plain(tmp_path: Path) -> Path:
    file = tmp_path / "plain.bridge"
    file.write_text('[[library("libm.so.6"), module("plain")]]; double cos(double x);\n')
    return file


class TestCommand:
    def test_one_file_goes_to_stdout(self, plain: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["stubs", str(plain)]) == 0
        assert "def cos(x: SupportsFloat | SupportsIndex) -> float: ..." in capsys.readouterr().out

    def test_one_file_goes_where_it_is_told(self, plain: Path, tmp_path: Path) -> None:
        assert main(["stubs", str(plain), "-o", str(tmp_path / "x.pyi")]) == 0
        assert main(["stubs", str(plain), "-o", str(tmp_path / "out"), "--name", "a.b"]) == 0
        assert (tmp_path / "x.pyi").read_text() == (tmp_path / "out/a/b.pyi").read_text()

    def test_a_package_needs_a_directory(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["stubs", str(CORE)]) == 2
        error = capsys.readouterr().err
        assert "module 'corelib' has submodules" in error
        assert "-o DIRECTORY" in error

    def test_check_tells_stale_files(
        self, plain: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        arguments = ["stubs", str(plain), "-o", str(tmp_path / "out")]
        assert main([*arguments, "--check"]) == 1
        assert main(arguments) == 0
        assert main([*arguments, "--check"]) == 0
        (tmp_path / "out/plain.pyi").write_text("x: int\n")
        capsys.readouterr()
        assert main([*arguments, "--check"]) == 1
        assert "is not what the description says" in capsys.readouterr().out
        assert (tmp_path / "out/plain.pyi").read_text() == "x: int\n"

    def test_corelibs_files_are_what_the_command_writes(self, tmp_path: Path) -> None:
        arguments = ["stubs", str(CORE), "-o", str(PYTHON), "--extend", str(renew.INIT)]
        assert main([*arguments, "--check"]) == 0

    def test_a_missing_description_is_an_error(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert main(["stubs", str(tmp_path / "none.bridge")]) == 2
        assert "none.bridge" in capsys.readouterr().err


def test_importing_symbridge_loads_no_stub_writer() -> None:
    code = (
        "import sys, symbridge; print([m for m in sys.modules if 'stubs' in m or 'surface' in m])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_the_golden_sample_has_every_kind_of_special_method() -> None:
    text = (GOLDEN / "surface_sample" / "__init__.pyi").read_text()
    for name in ("__next__", "__iter__", "__call__", "__contains__", "__getitem__", "__setitem__",
                 "__buffer__", "__len__", "__add__", "__imul__", "__pow__", "__neg__", "__bool__",
                 "__int__", "__float__", "__enter__", "__exit__", "__str__"):  # fmt: skip
        assert f"def {name}(" in text
