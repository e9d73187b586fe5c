"""Files that the tools write: whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from symbridge.output import write_file, write_result


def test_a_new_file_has_the_mode_that_others_would_have(tmp_path: Path) -> None:
    write_file(tmp_path / "a", "text")
    (tmp_path / "b").write_text("text")
    assert (tmp_path / "a").read_text() == "text"
    assert (tmp_path / "a").stat().st_mode == (tmp_path / "b").stat().st_mode


def test_a_file_that_is_replaced_keeps_its_mode(tmp_path: Path) -> None:
    target = tmp_path / "a"
    target.write_text("old")
    target.chmod(0o754)
    write_file(target, b"new")
    assert (target.read_bytes(), target.stat().st_mode & 0o777) == (b"new", 0o754)


def test_a_link_stays_and_its_target_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "real").write_text("old")
    (tmp_path / "link").symlink_to("real")
    write_file(tmp_path / "link", "new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_text() == "new"


def test_what_is_no_file_is_written_to(tmp_path: Path) -> None:
    write_file(os.devnull, "text")
    assert not Path(os.devnull).is_file()
    assert Path(os.devnull).is_char_device()


def test_a_directory_is_refused_and_nothing_is_left_behind(tmp_path: Path) -> None:
    (tmp_path / "d").mkdir()
    with pytest.raises(IsADirectoryError):
        write_file(tmp_path / "d", "text")
    assert [p.name for p in tmp_path.iterdir()] == ["d"]


def test_a_failure_leaves_the_old_content(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError("no")

    target = tmp_path / "a"
    target.write_text("old")
    monkeypatch.setattr(os, "replace", refuse)
    with pytest.raises(OSError, match="no"):
        write_file(target, "new")
    assert [(p.name, p.read_text()) for p in tmp_path.iterdir()] == [("a", "old")]


def test_results_go_to_stdout_unless_a_file_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_result(None, "one\n")
    write_result("-", "two\n")
    write_result(tmp_path / "a", "three\n")
    assert capsys.readouterr().out == "one\ntwo\n"
    assert (tmp_path / "a").read_text() == "three\n"
