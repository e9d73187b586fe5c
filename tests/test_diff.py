"""`symbridge diff`: what broke between two versions, for programs and for Python code."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from symbridge import cli, declarations
from symbridge.difference import Changes, Side, difference, read_side

HEAD = '[[library("libx.so.1")]];\n'


def changes(old: str, new: str) -> Changes:
    sides = [
        Side(name, declarations.parse(HEAD + text, name), "description")
        for name, text in (("old.bridge", old), ("new.bridge", new))
    ]
    return difference(*sides)


def build(directory: Path, name: str, source: str, *flags: str) -> Path:
    directory.mkdir(exist_ok=True)
    path = directory / name
    path.with_suffix(".c").write_text(source)
    subprocess.run(
        ["cc", "-shared", "-fPIC", "-o", path, path.with_suffix(".c"), *flags], check=True
    )
    return path


#: What programs that are compiled already cannot bear.
BREAKS = [
    ("int f(void); int g(void);", "int f(void);", "removed", "g"),
    ("int f(int a);", "int f(long a);", "parameter type", "f"),
    ("int f(int a);", "int f(int a, int b);", "parameter count", "f"),
    ("int f(int a, int b);", "int f(int b, int a);", "parameter order", "f"),
    ("int f(void);", "short f(void);", "result", "f"),
    ("struct s { int x; };", "struct s { int x; int y; };", "size", "struct s"),
    ("struct s { int x, y; };", "struct s { int y, x; };", "offset", "struct s.x"),
    ("enum e { A, B };", "enum e { B, A };", "enumerator", "A"),
    ("enum e { A, B };", "enum e { A };", "enumerator missing", "B"),
    ("#define F_DEEP 1\n", "#define F_DEEP 2\n", "constant", "F_DEEP"),
    ("extern int v;", "extern long v;", "variable type", "v"),
    ('int f(void) __asm__("f1");', 'int f(void) __asm__("f2");', "symbol", "f"),
    ('[[version("A")]] int f(void);', '[[version("B")]] int f(void);', "version", "f"),
]

#: What they do not notice.
GOES_ON = [
    ("int f(void);", "int f(void); int g(void);"),
    ("int f(int a);", "int f(int b);"),
    ("int f(const char *a);", "int f(char *a);"),
    ("enum e { A };", "enum e { A, B };"),
    ("enum e { A, E_LAST };", "enum e { A, B, E_LAST };"),
    ("#define X_VERSION 1\n", "#define X_VERSION 2\n"),
    ('#define X_TEXT "a"\n', '#define X_TEXT "b"\n'),
    ("[[optional]] int f(void);", "int g(void);"),
    ("struct s { int x; };", "struct s; int f(struct s *);"),
    ("struct s { int x; };", ""),
    ("struct s { int x; };", "struct s { int y; };"),
]


@pytest.mark.parametrize(("old", "new", "kind", "name"), BREAKS)
def test_a_break_is_found(old: str, new: str, kind: str, name: str) -> None:
    found = changes(old, new)
    assert found.breaks_binary and found.must_change
    assert (kind, name) in [(c.kind, c.name) for c in found.binary if c.breaking]


@pytest.mark.parametrize(("old", "new"), GOES_ON)
def test_what_programs_do_not_notice_is_compatible(old: str, new: str) -> None:
    found = changes(old, new)
    assert [c.sentence for c in found.binary if c.breaking] == []
    assert not found.must_change


def test_nothing_changed_is_nothing() -> None:
    text = "struct s { int x; }; int f(struct s *p, int n [[default(3)]]);\n#define C 1\n"
    found = changes(text, text)
    assert (found.binary, found.python) == ([], [])


def test_additions_are_told() -> None:
    found = changes("int f(void);", "int f(void); int g(int a); struct s { int x; };")
    assert [(c.kind, c.name, c.new) for c in found.binary] == [
        ("added", "g", "int g(int a)"),
        ("added", "struct s", "struct s {...}"),
    ]
    assert [(c.kind, c.name) for c in found.python if "." not in c.name] == [
        ("added", "g"),
        ("added", "s"),
        ("added", "s()"),
    ]


#: What Python code notices and programs do not: both versions, the name, and whether code breaks.
PYTHON = [
    ("int f(int a);", "int f(int b);", "f", True),
    ("int f(int a);", "[[name(\"h\")]] int f(int a);", "f", True),
    ("int f(int a);", "int f(int a [[default(3)]]);", "f", False),
    ("int f(int a [[default(3)]]);", "int f(int a);", "f", True),
    ("int f(int a [[default(3)]]);", "int f(int a [[default(4)]]);", "f", True),
    ("int f(int a);", "int f(int a [[keyword_only]]);", "f", True),
    ("int f(int *a [[in]]);", "int f(int *a [[out]]);", "f", True),
    ("void free(void *); char *f(void);", "void free(void *); [[owned(free)]] char *f(void);",
     "f", True),
    ("int f(void);", "[[quick]] int f(void);", "f", False),
    ("struct s { int x; };", "struct s { int x [[readonly]]; };", "s.x", True),
    ("enum e { A };", "enum [[flags]] e { A };", "e", True),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "name", "breaks"), PYTHON)
def test_what_only_python_notices_leaves_the_soname(
    old: str, new: str, name: str, breaks: bool
) -> None:
    found = changes(old, new)
    assert not found.must_change
    concerned = [c for c in found.python if c.name == name]
    assert concerned
    assert any(c.breaking for c in concerned) is breaks


def test_exit_code_is_1_when_the_soname_must_change(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old, new, same = tmp_path / "old.bridge", tmp_path / "new.bridge", tmp_path / "same.bridge"
    old.write_text(HEAD + "int f(int a);")
    new.write_text(HEAD + "int f(long a);")
    same.write_text(HEAD + "int f(int b);")
    assert cli.main(["diff", str(old), str(new)]) == 1
    said = capsys.readouterr().out
    assert "the soname (libx.so.1) must change" in said
    assert "new.bridge:2: the parameter type of f was int a, and is long a" in said
    assert cli.main(["diff", str(old), str(same)]) == 0
    assert "compatible: the soname may stay; Python code may break" in capsys.readouterr().out
    assert cli.main(["diff", "--python", str(old), str(same)]) == 1


def test_a_soname_that_has_changed_may_break(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old, new = tmp_path / "old.bridge", tmp_path / "new.bridge"
    old.write_text(HEAD + "int f(int a);")
    new.write_text(HEAD.replace(".1", ".2") + "int f(long a);")
    assert cli.main(["diff", str(old), str(new)]) == 0
    assert "libx.so.1 is now libx.so.2" in capsys.readouterr().out


def test_a_soname_is_found_where_the_loader_looks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "libx.so.1").write_text("int f(void);")
    (tmp_path / "libx.so.1.bridge").write_text("int f(void);")
    assert cli.main(["diff", "libx.so.1.bridge", "libx.so.1.bridge"]) == 0
    assert cli.main(["diff", "libx.so.1", "libx.so.1"]) == 2
    assert "libx.so.1" in capsys.readouterr().err


def test_a_description_that_cannot_be_read_is_exit_code_2(tmp_path: Path) -> None:
    old = tmp_path / "old.bridge"
    old.write_text("int f(;")
    assert cli.main(["diff", str(old), str(old)]) == 2
    assert cli.main(["diff", str(tmp_path / "none.bridge"), str(old)]) == 2


def test_the_json_has_both_answers(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    old, new = tmp_path / "old.bridge", tmp_path / "new.bridge"
    old.write_text(HEAD + "int f(int a); int g(void);")
    new.write_text(HEAD + "int f(int b);")
    assert cli.main(["diff", "--json", str(old), str(new)]) == 1
    said: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert said["format"] == 1
    assert said["soname"] == {
        "old": "libx.so.1", "new": "libx.so.1", "has_changed": False, "must_change": True,
    }  # fmt: skip
    (removed,) = said["binary"]["changes"]
    assert (removed["kind"], removed["name"], removed["breaking"]) == ("removed", "g", True)
    assert removed["old_location"] == {"file": str(old), "line": 2, "column": 19}
    assert {c["name"] for c in said["python"]["changes"]} == {"f", "g"}


def test_libraries_are_compared_by_their_debug_data(tmp_path: Path) -> None:
    source = "struct s {{ int x; {} y; }}; int f(struct s v) {{ return v.x; }} {}"
    old = build(tmp_path / "a", "libx.so", source.format("int", "int g(void) { return 0; }"), "-g")
    new = build(
        tmp_path / "b", "libx.so", source.format("double", "int h(void) { return 0; }"), "-g"
    )
    found = difference(read_side(str(old)), read_side(str(new)))
    assert {(c.kind, c.name) for c in found.binary if c.breaking} >= {
        ("removed", "g"),
        ("field type", "struct s.y"),
        ("size", "struct s"),
    }
    assert ("added", "h") in [(c.kind, c.name) for c in found.binary]
    assert any("what Python sees" in note for note in found.notes)


def test_a_symbol_that_nobody_describes_is_missed_too(tmp_path: Path) -> None:
    old = build(tmp_path / "a", "libx.so", "int f(void) { return 1; } int v[2]; int g; ")
    new = build(tmp_path / "b", "libx.so", "int f(void) { return 1; } int v[3];")
    for path in (old, new):
        (path.parent / "libx.so.bridge").write_text("int f(void);")
    found = difference(read_side(str(old)), read_side(str(new)))
    assert [(c.kind, c.name, c.breaking) for c in found.binary] == [
        ("removed", "g", True),
        ("size", "v", True),
    ]


def test_a_symbol_that_is_only_described_no_more_is_no_break(tmp_path: Path) -> None:
    library = build(tmp_path, "libx.so", "int f(void) { return 1; } int g(void) { return 2; }")
    old = Side("old", declarations.parse("int f(void); int g(void);"), "description")
    (tmp_path / "libx.so.bridge").write_text("int f(void);")
    found = difference(old, read_side(str(library)))
    assert found.binary == []
    assert any("its symbol is there" in note for note in found.notes)


def test_a_library_without_description_and_debug_data_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    library = build(tmp_path, "libx.so", "int f(void) { return 1; }", "-s")
    assert cli.main(["diff", str(library), str(library)]) == 2
    assert "no description is in it or beside it" in capsys.readouterr().err
