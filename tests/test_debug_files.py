"""Where debug data are looked for, and where not."""

from __future__ import annotations

import os
import shutil
import struct
import subprocess
import sys
from pathlib import Path

import pytest

from debug_samples import COMPILERS, compiled, run
from symbridge import debug
from symbridge.debug import locate
from symbridge.debug.sections import ElfFile
from symbridge.failure import ToolError

OBJCOPY = shutil.which("objcopy") or "objcopy"
SOURCE = "struct s { int a; };\nint f(struct s *s) { return s->a; }\n"


def split(directory: Path, *, link: bool = True, identity: bool = True) -> tuple[Path, Path]:
    """A library without debug data, and the file that has them."""
    flag = "-Wl,--build-id" if identity else "-Wl,--build-id=none"
    library = compiled(directory, SOURCE, "-g", flag)
    separate = directory / "libmade.so.debug"
    run(OBJCOPY, "--only-keep-debug", library, separate)
    run(OBJCOPY, "--strip-all", library)
    if link:
        run(OBJCOPY, f"--add-gnu-debuglink={separate}", library)
    return library, separate


def by_build_id(root: Path, library: Path) -> Path:
    """The path that a debug file has below a directory."""
    with ElfFile(library) as file:
        identity = file.build_id()
    assert len(identity) == 40
    place = root / ".build-id" / identity[:2] / f"{identity[2:]}.debug"
    place.parent.mkdir(parents=True)
    return place


def names(library: Path, *directories: Path) -> list[str]:
    data = debug.read(library, directories=[str(d) for d in directories])
    return [f.name for f in data.description.functions()]


def test_the_library_itself_comes_first(tmp_path: Path) -> None:
    library = compiled(tmp_path, SOURCE, "-g")
    found = debug.find(library)
    assert found.file == str(library) and found.formats == ("DWARF",)
    assert debug.read(library).file == str(library)


def test_a_file_named_by_build_id_is_found_in_a_given_directory(tmp_path: Path) -> None:
    library, separate = split(tmp_path, link=False)
    place = by_build_id(tmp_path / "store", library)
    separate.rename(place)
    assert not debug.find(library).file
    assert debug.find(library, directories=[str(tmp_path / "store")]).file == str(place)
    assert names(library, tmp_path / "store") == ["f"]
    data = debug.read(library, directories=[str(tmp_path / "store")])
    assert data.file == str(place) and data.description.file == str(library)


@pytest.mark.parametrize("where", [".", ".debug"])
def test_a_debuglink_is_followed_beside_the_library(where: str, tmp_path: Path) -> None:
    library, separate = split(tmp_path)
    (tmp_path / where).mkdir(exist_ok=True)
    place = tmp_path / where / separate.name
    separate.rename(place)
    assert Path(debug.find(library).file).resolve() == place.resolve()
    assert names(library) == ["f"]


def test_a_debuglink_is_followed_below_a_given_directory(tmp_path: Path) -> None:
    library, separate = split(tmp_path)
    store = tmp_path / "store"
    place = store / str(tmp_path).lstrip("/") / separate.name
    place.parent.mkdir(parents=True)
    separate.rename(place)
    assert debug.find(library, directories=[str(store)]).file == str(place)


def test_a_link_to_the_library_is_followed_to_its_directory(tmp_path: Path) -> None:
    library, _ = split(tmp_path)
    (tmp_path / "elsewhere").mkdir()
    link = tmp_path / "elsewhere" / "liblink.so"
    link.symlink_to(library)
    assert names(link) == ["f"]


def test_a_checksum_that_is_wrong_is_refused(tmp_path: Path) -> None:
    library, separate = split(tmp_path, identity=False)
    assert names(library) == ["f"]
    separate.write_bytes(separate.read_bytes() + b"\0")
    with pytest.raises(ToolError, match="its checksum is 0x[0-9a-f]+, the library says 0x"):
        debug.read(library)


def test_the_file_of_another_build_is_refused(tmp_path: Path) -> None:
    library, _ = split(tmp_path, link=False)
    (tmp_path / "other").mkdir()
    other = compiled(tmp_path / "other", "int g(void) { return 1; }\n", "-g", "-Wl,--build-id")
    shutil.copy(other, by_build_id(tmp_path / "store", library))
    found = debug.find(library, directories=[str(tmp_path / "store")])
    assert not found.file
    assert any("its build ID is" in line for line in found.tried)


def test_the_working_directory_is_not_searched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    library, separate = split(tmp_path)
    (tmp_path / "trap" / ".debug").mkdir(parents=True)
    (tmp_path / "home").mkdir()
    for place in ("trap", "trap/.debug"):
        shutil.copy(separate, tmp_path / place / separate.name)
    separate.unlink()
    moved = tmp_path / "home" / library.name
    library.rename(moved)
    monkeypatch.chdir(tmp_path / "trap")
    assert not debug.find(moved).file
    with pytest.raises(ToolError, match="no debug data") as error:
        debug.read(moved)
    assert "trap" not in str(error.value) and "-g" in error.value.hint


@pytest.mark.parametrize("name", ["../libmade.so.debug", "/etc/passwd", "..", ""])
def test_a_debuglink_that_leaves_its_directory_is_not_followed(name: str, tmp_path: Path) -> None:
    library, separate = split(tmp_path, link=False)
    inner = tmp_path / "inner"
    inner.mkdir()
    section = os.fsencode(name) + b"\0"
    section += b"\0" * (-len(section) % 4) + struct.pack("<I", 0)
    (tmp_path / "link").write_bytes(section)
    made = inner / "libmade.so"
    run(OBJCOPY, f"--add-section=.gnu_debuglink={tmp_path / 'link'}", library, made)
    found = debug.find(made)
    assert not found.file and not any("passwd" in line for line in found.tried)
    assert separate.exists()


def test_the_systems_directory_is_searched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    library, separate = split(tmp_path, link=False)
    monkeypatch.setattr(locate, "SYSTEM_DIRECTORY", str(tmp_path / "usr"))
    place = by_build_id(tmp_path / "usr", library)
    separate.rename(place)
    assert debug.find(library).file == str(place)


def test_the_debug_file_can_be_read_itself(tmp_path: Path) -> None:
    _, separate = split(tmp_path)
    assert names(separate) == ["f"]


def test_what_is_no_elf_file_is_said(tmp_path: Path) -> None:
    text = tmp_path / "text.so"
    text.write_text("no library at all, but long enough to be one: " + "x" * 100)
    for call in (debug.find, debug.read):
        with pytest.raises(ToolError, match="no ELF file"):
            call(text)
    with pytest.raises(OSError):
        debug.read(tmp_path / "absent.so")
    with pytest.raises(ToolError):
        debug.read(tmp_path)


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.so")
    with pytest.raises(ToolError, match="no file"):
        debug.read(tmp_path / "pipe.so")


def test_an_asked_for_format_that_is_absent_is_said(tmp_path: Path) -> None:
    library = compiled(tmp_path, SOURCE, "-g")
    with pytest.raises(ToolError, match="no debug data"):
        debug.read(library, formats=["BTF"])


def test_importing_symbridge_does_not_import_the_readers() -> None:
    code = "import sys, symbridge; sys.exit('symbridge.debug' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


def test_reading_runs_nothing_of_the_library(tmp_path: Path) -> None:
    marker = tmp_path / "ran"
    library = compiled(
        tmp_path,
        "#include <stdio.h>\n__attribute__((constructor)) static void start(void)\n"
        f'{{ FILE *f = fopen("{marker}", "w"); if (f) fclose(f); }}\nint f(void) {{ return 0; }}\n',
        "-g",
    )
    debug.read(library)
    assert not marker.exists()


def test_libraries_of_other_machines_are_read(tmp_path: Path) -> None:
    flags = ["-m32"]
    (tmp_path / "probe.c").write_text("int x;\n")
    probe = [COMPILERS[0], *flags, "-c", str(tmp_path / "probe.c"), "-o", str(tmp_path / "p.o")]
    if subprocess.run(probe, capture_output=True).returncode:
        pytest.skip("the compiler has no -m32")
    library = compiled(
        tmp_path,
        "struct s { char c; long long l; double d; long double x; void *p; };\n"
        "unsigned long f(struct s *s) { return s->l; }\n",
        "-g",
        *flags,
        "-nostdlib",
    )
    data = debug.read(library)
    (record,) = data.description.records()
    assert [f.offset for f in record.fields or []] == [0, 4, 12, 20, 32]
    assert (record.size, record.align, record.packed) == (36, 4, False)
