"""Headers as they are installed: what the preprocessor makes of them is a cdef, and every struct in
them is laid out as the C compiler has it.
"""

from __future__ import annotations

import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import symbridge

# Of the C library, and of Linux.
C_LIBRARY = """\
aio.h argp.h arpa/inet.h complex.h ctype.h dirent.h dlfcn.h elf.h envz.h err.h errno.h execinfo.h
fcntl.h fenv.h float.h fmtmsg.h fnmatch.h fts.h ftw.h getopt.h glob.h grp.h gshadow.h iconv.h
ifaddrs.h inttypes.h langinfo.h libgen.h libintl.h limits.h link.h locale.h malloc.h math.h mntent.h
monetary.h mqueue.h net/if.h netdb.h netinet/in.h netinet/ip.h netinet/ip6.h netinet/tcp.h
netinet/udp.h nl_types.h obstack.h poll.h printf.h pthread.h pty.h pwd.h regex.h resolv.h sched.h
search.h semaphore.h setjmp.h shadow.h signal.h spawn.h stdalign.h stdarg.h stdbool.h stddef.h
stdint.h stdio.h stdlib.h stdnoreturn.h string.h strings.h sys/epoll.h sys/eventfd.h sys/file.h
sys/inotify.h sys/ioctl.h sys/ipc.h sys/mman.h sys/msg.h sys/procfs.h sys/ptrace.h sys/quota.h
sys/resource.h sys/select.h sys/sem.h sys/shm.h sys/signalfd.h sys/socket.h sys/stat.h sys/statfs.h
sys/statvfs.h sys/sysinfo.h sys/time.h sys/timerfd.h sys/times.h sys/timex.h sys/types.h
sys/ucontext.h sys/uio.h sys/un.h sys/user.h sys/utsname.h sys/wait.h syslog.h tar.h
termios.h tgmath.h threads.h
time.h uchar.h ucontext.h unistd.h utime.h utmpx.h wchar.h wctype.h wordexp.h
linux/bpf.h linux/fs.h linux/if_packet.h linux/input.h linux/io_uring.h linux/netlink.h
linux/perf_event.h linux/rtnetlink.h linux/videodev2.h
"""

# Of libraries that a machine may lack: header, and how pkg-config knows it.
OTHERS = [
    ("alsa/asoundlib.h", "alsa"),
    ("bzlib.h", ""),
    ("curl/curl.h", "libcurl"),
    ("curses.h", "ncurses"),
    ("expat.h", "expat"),
    ("ffi.h", "libffi"),
    ("ft2build.h", "freetype2"),
    ("glib.h", "glib-2.0"),
    ("gmp.h", ""),
    ("immintrin.h", ""),
    ("jpeglib.h", ""),
    ("libxml/parser.h", "libxml-2.0"),
    ("lzma.h", "liblzma"),
    ("openssl/ssl.h", "openssl"),
    ("pcre2.h", "libpcre2-8"),
    ("png.h", "libpng"),
    ("SDL2/SDL.h", "sdl2"),
    ("sqlite3.h", "sqlite3"),
    ("uv.h", "libuv"),
    ("X11/Xlib.h", "x11"),
    ("zlib.h", "zlib"),
]

# Some headers want others before them; jpeglib.h and pcre2.h, a definition.
PREAMBLE = """
#define _GNU_SOURCE 1
#define PCRE2_CODE_UNIT_WIDTH 8
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>
"""


def run(*command: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(word) for word in command], capture_output=True, text=True)


def flags_of(package: str) -> list[str]:
    try:
        found = run("pkg-config", "--cflags", package) if package else None
    except FileNotFoundError:
        return []
    return [] if found is None or found.returncode else shlex.split(found.stdout)


def compile_only(source: Path, flags: list[str]) -> subprocess.CompletedProcess[str]:
    return run("cc", "-std=gnu11", "-w", *flags, "-fsyntax-only", source)


def offsets(name: str, ctype: Any, path: str = "", at: int = 0) -> Iterator[tuple[str, int]]:
    """Every field that has an offset, those of unnamed members included."""
    for field_name, field in ctype.fields:
        if field.bitsize >= 0:
            continue
        if field_name:
            yield field_name, at + field.offset
        else:
            yield from offsets(name, field.type, path, at + field.offset)


def claims(ffi: Any) -> Iterator[str]:
    """What the FFI knows of its types, as conditions in C."""
    typedefs, structs, unions = ffi.list_types()
    names = [*typedefs, *(f"struct {tag}" for tag in structs), *(f"union {tag}" for tag in unions)]
    for name in names:
        try:
            ctype = ffi.typeof(name)
            size = ffi.sizeof(ctype)
        except (ffi.error, TypeError, ValueError):
            continue  # a function, or not defined
        except Exception as error:
            if "function type" in str(error):
                continue
            raise
        yield f"sizeof({name}) == {size}"
        yield f"__alignof__({name}) == {ffi.alignof(ctype)}"
        if ctype.kind in ("struct", "union"):
            for field, offset in offsets(name, ctype):
                yield f"__builtin_offsetof({name}, {field}) == {offset}"
        if ctype.kind == "enum":
            for value, enumerator in ctype.elements.items():
                yield f"{enumerator} == {value}"


def check_header(header: str, flags: list[str], directory: Path, least: int) -> None:
    source, preprocessed = directory / "header.c", directory / "header.i"
    source.write_text(f"{PREAMBLE}#include <{header}>\n")
    attempt = compile_only(source, flags)
    if attempt.returncode:
        pytest.skip(f"{header} cannot be compiled here: {attempt.stderr.splitlines()[0]}")
    assert run("cc", "-std=gnu11", *flags, "-E", source, "-o", preprocessed).returncode == 0
    ffi = symbridge.FFI()
    ffi.cdef(preprocessed.read_text(errors="replace"))
    all_claims = [f'_Static_assert({claim}, "");' for claim in claims(ffi)]
    assert len(all_claims) >= least
    # Behind the preprocessor's output: macros have the names of some fields.
    with preprocessed.open("a") as file:
        file.write("\n".join(["", *all_claims, ""]))
    checked = compile_only(preprocessed, flags)
    assert checked.returncode == 0, checked.stderr[:2000]


@pytest.mark.parametrize("header", C_LIBRARY.split())
def test_structs_of_the_c_library_are_laid_out_as_the_compiler_has_them(
    header: str, tmp_path: Path
) -> None:
    check_header(header, [], tmp_path, least=100)


@pytest.mark.parametrize(("header", "package"), OTHERS, ids=[header for header, _ in OTHERS])
def test_structs_of_other_libraries_are_laid_out_as_the_compiler_has_them(
    header: str, package: str, tmp_path: Path
) -> None:
    check_header(header, flags_of(package), tmp_path, least=100)


def test_a_function_of_a_preprocessed_header_can_be_called(tmp_path: Path) -> None:
    source = tmp_path / "header.c"
    source.write_text("#define _GNU_SOURCE\n#include <stdlib.h>\n#include <math.h>\n")
    preprocessed = run("cc", "-E", source)
    ffi = symbridge.FFI()
    ffi.cdef(preprocessed.stdout)
    quotient = ffi.dlopen(None).div(17, 5)
    assert (quotient.quot, quotient.rem) == (3, 2)
    assert ffi.dlopen("libm.so.6").hypot(3, 4) == 5
    with pytest.raises(NotImplementedError, match="_Float128"):
        ffi.dlopen("libm.so.6").sqrtf128(2)
