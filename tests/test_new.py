"""symbridge new: a project whose own tests pass, written whole or not at all."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import symbridge
from symbridge import project
from symbridge.cli import main
from symbridge.failure import ToolError
from symbridge.project import creation

#: symbridge as it is installed for this test run; subprocesses find it there too.
SITE = str(Path(symbridge.__file__).absolute().parent.parent)


def run(*command: str, cwd: Path, path: str = "") -> str:
    """Run a program that must succeed; gives all it said."""
    searched = os.pathsep.join(p for p in (path, SITE, os.environ.get("PYTHONPATH", "")) if p)
    beside = os.path.dirname(sys.executable)  # meson and ninja that pip installed
    environment = {
        **os.environ,
        "PYTHONPATH": searched,
        "PATH": f"{beside}{os.pathsep}{os.environ['PATH']}",
    }
    done = subprocess.run(
        command,
        cwd=cwd,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project called tern."""
    directory = tmp_path_factory.mktemp("new") / "tern"
    assert main(["new", "tern", "--directory", str(directory), "--holder", "Ada"]) == 0
    return directory


# ---- the project works


@pytest.mark.parametrize("compiler", ["gcc", "clang"])
def test_its_c_tests_pass_with_meson(made: Path, compiler: str, tmp_path: Path) -> None:
    names = [compiler, *(f"{compiler}-{number}" for number in range(14, 22))]
    found = next((name for name in names if shutil.which(name)), "")
    if not found:
        pytest.skip(f"{compiler} is not installed")
    run("env", f"CC={found}", "meson", "setup", "--werror", str(tmp_path / "b"), ".", cwd=made)
    said = run("meson", "test", "-C", str(tmp_path / "b"), cwd=made)
    assert re.search(r"Ok:\s+1", said)


def test_its_c_tests_pass_with_make(made: Path, tmp_path: Path) -> None:
    said = run("make", "check", f"BUILD={tmp_path}/b", "CFLAGS=-O2 -Werror", cwd=made)
    assert "all is well" in said
    run("make", "install", f"BUILD={tmp_path}/b", f"DESTDIR={tmp_path}/root", cwd=made)
    installed = tmp_path / "root/usr/local"
    assert (installed / "include/tern.h").is_file()
    assert (installed / "lib/libtern.so").resolve().name == "libtern.so.0.1.0"


def test_its_python_tests_pass(made: Path, tmp_path: Path) -> None:
    pytest.importorskip("pyproject_metadata", reason="needs pyproject-metadata from PyPI")
    options = ["--no-build-isolation", "--no-deps", "--no-index", "--disable-pip-version-check"]
    site = str(tmp_path / "site")
    source = shutil.copytree(made, tmp_path / "source")
    pip = [sys.executable, "-m", "pip"]
    run(*pip, "wheel", *options, "--wheel-dir", str(tmp_path), ".", cwd=source)
    (wheel,) = tmp_path.glob("*.whl")
    assert wheel.name.startswith("tern-0.1.0-py3-none-")
    run(*pip, "install", *options, "--target", site, str(wheel), cwd=source)
    assert sorted(os.listdir(f"{site}/tern")) == sorted(
        {"__init__.py", "__init__.pyi", "libtern.so.0", "py.typed", "__pycache__"}
    )
    said = run(sys.executable, "-m", "pytest", "-q", cwd=source, path=site)
    assert re.search(r"\b8 passed", said)


def test_its_stubs_satisfy_a_type_checker(made: Path, tmp_path: Path) -> None:
    pytest.importorskip("mypy", reason="needs mypy from PyPI")
    (tmp_path / "use.py").write_text(
        "import tern\n\ntally = tern.Tally()\ntally.add([1])\nmean: float = tally.mean()\n"
        "text: str = tern.summary([1.5])\nlow: float = tally.range().low\n"
    )
    environment = {**os.environ, "MYPYPATH": str(made / "python")}
    command = [sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(tmp_path), "use.py"]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_the_library_notices_a_description_that_is_wrong(made: Path, tmp_path: Path) -> None:
    project = shutil.copytree(made, tmp_path / "wrong")
    description = project / "tern.bridge"
    text = description.read_text()
    assert "double *mean [[out]]" in text
    description.write_text(text.replace("double *mean [[out]]", "float *mean [[out]]"))
    run("make", "generated", f"PYTHON={sys.executable}", cwd=project)
    done = subprocess.run(["make"], cwd=project, capture_output=True, text=True)
    assert done.returncode != 0
    assert "tern.bridge:" in done.stderr and "tern_tally_mean" in done.stderr


def test_generating_again_changes_nothing(made: Path, tmp_path: Path) -> None:
    again = shutil.copytree(made, tmp_path / "again")
    run("make", "generated", f"PYTHON={sys.executable}", cwd=again)
    assert contents(again) == contents(made)


def contents(directory: Path) -> dict[str, bytes]:
    paths = (p for p in directory.rglob("*") if p.is_file())
    return {str(p.relative_to(directory)): p.read_bytes() for p in paths}


# ---- what is written


def test_every_word_is_filled_in(made: Path) -> None:
    for name, content in contents(made).items():
        assert not re.search(rb"@\w+@", content), name
        assert "@" not in name and not name.endswith(".in") and "dot-" not in name
        assert content.endswith(b"\n") or not content, name


def test_the_files_that_a_project_has(made: Path) -> None:
    assert sorted(contents(made)) == [
        ".github/workflows/ci.yml",
        ".gitignore",
        "LICENSE",
        "Makefile",
        "README.md",
        "include/tern.h",
        "meson.build",
        "pyproject.toml",
        "python/tern/__init__.py",
        "python/tern/__init__.pyi",
        "python/tern/py.typed",
        "src/tern.c",
        "src/tern_description.c",
        "src/tern_tally.c",
        "tern.bridge",
        "tests/test_tern.c",
        "tests/test_tern.py",
    ]


def test_the_licence_is_chosen(made: Path, tmp_path: Path) -> None:
    assert re.search(r"Copyright \(c\) \d{4} Ada\n", (made / "LICENSE").read_text())
    for license in "0BSD", "none":
        project.create("tern", tmp_path / license, license=license)
    assert 'license = "0BSD"' in (tmp_path / "0BSD/pyproject.toml").read_text()
    assert "the authors of tern" in (tmp_path / "0BSD/LICENSE").read_text()
    assert not (tmp_path / "none/LICENSE").exists()
    assert "license" not in (tmp_path / "none/pyproject.toml").read_text()
    assert "Choose one" in (tmp_path / "none/README.md").read_text()


def test_the_command_says_what_it_wrote_and_what_comes_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["new", "tern"]) == 0
    said = capsys.readouterr()
    assert "tern/src/tern.c\n" in said.out and "meson setup build" in said.err
    assert all((tmp_path / line).is_file() for line in said.out.splitlines())


# ---- what is not written


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("", "letter first"),
        ("Tern", "lower-case"),
        ("two-words", "lower-case"),
        ("1st", "letter first"),
        ("ärger", "lower-case"),
        ("../up", "lower-case"),
        ("a__b", "single underscores"),
        ("end_", "single underscores"),
        ("tern\n", "lower-case"),
        ("t" * 41, "more than 40"),
        ("int", "C has that word"),
        ("stdio", "header stdio.h"),
        ("class", "word of Python"),
        ("json", "standard library"),
        ("print", "built in"),
        ("m", "is called so"),
        ("symbridge", "is called so"),
        ("libtern", "liblibtern.so"),
    ],
)
def test_names_that_will_not_do(
    name: str, why: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ToolError, match=re.escape(why)):
        project.check_name(name)
    assert main(["new", "--", name]) == 2
    assert os.listdir(tmp_path) == []


def test_a_name_that_would_do_is_offered() -> None:
    with pytest.raises(ToolError) as caught:
        project.check_name("My-Library")
    assert caught.value.hint == "symbridge new my_library"
    with pytest.raises(ToolError) as caught:
        project.check_name("libTern")
    assert caught.value.hint == "symbridge new tern"


@pytest.mark.parametrize("name", ["status", "tally", "x"])
def test_names_that_the_project_itself_uses(name: str, tmp_path: Path) -> None:
    files = project.create(name, tmp_path / "p")
    assert len(files) == 17
    run("make", "check", "CFLAGS=-Werror", cwd=tmp_path / "p")
    python = (tmp_path / f"p/tests/test_{name}.py").read_text()
    assert not re.search(rf"^    {name} =", python, re.MULTILINE)


def test_existing_files_are_never_overwritten(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "README.md").write_text("mine")
    (tmp_path / "src").mkdir()
    (tmp_path / "src/tern.c").symlink_to("absent")
    assert main(["new", "tern", "--directory", str(tmp_path)]) == 2
    assert "README.md, src/tern.c" in capsys.readouterr().err
    assert (tmp_path / "README.md").read_text() == "mine"
    assert sorted(p.name for p in tmp_path.rglob("*")) == ["README.md", "src", "tern.c"]


def test_a_project_can_be_put_among_other_files(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "notes.txt").write_text("mine")
    files = project.create("tern", tmp_path)
    assert set(files) <= {Path(name) for name in contents(tmp_path)}
    assert (tmp_path / "notes.txt").read_text() == "mine"


def test_an_empty_directory_and_absent_parents_will_do(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    project.create("tern", tmp_path / "empty")
    project.create("tern", tmp_path / "a/b/c")
    assert contents(tmp_path / "empty") == contents(tmp_path / "a/b/c")
    umask = os.umask(0)
    os.umask(umask)
    assert (tmp_path / "empty").stat().st_mode & 0o777 == 0o777 & ~umask


def test_a_file_in_the_way_is_told(tmp_path: Path) -> None:
    (tmp_path / "tern").write_text("mine")
    with pytest.raises(ToolError, match="is no directory"):
        project.create("tern", tmp_path / "tern")


@pytest.mark.parametrize("where", ["new/deep", "used"])
def test_a_failure_leaves_nothing(
    where: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "used").mkdir()
    (tmp_path / "used/notes.txt").write_text("mine")
    rendered = creation.render("tern")
    # A name that no file system takes, last: by then all others are written.
    broken = {**rendered, Path("src", "x" * 300): ""}
    monkeypatch.setattr(creation, "render", lambda *_, **__: broken)
    with pytest.raises(OSError, match="too long"):
        project.create("tern", tmp_path / where)
    assert list(contents(tmp_path)) == ["used/notes.txt"]
    assert sorted(os.listdir(tmp_path)) == ["used"]
    assert os.listdir(tmp_path / "used") == ["notes.txt"]
