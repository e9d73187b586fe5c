"""Writing what a tool made: whole or not at all, and never over what is no file."""

from __future__ import annotations

import os
import stat
import sys
import tempfile
from pathlib import Path

__all__ = ["write_file", "write_result"]


def write_file(path: str | os.PathLike[str], content: str | bytes) -> None:
    """Replace a file's content at once: another process sees the old one or the new one.

    The file's mode stays. A symbolic link stays, and its target is replaced. What is there but is
    no regular file (/dev/stdout, a pipe) is written to. Raises OSError; then nothing has changed.
    """
    data = content.encode("utf-8", "surrogateescape") if isinstance(content, str) else content
    target = Path(os.path.realpath(path))
    try:
        mode = os.stat(target).st_mode
    except FileNotFoundError:
        umask = os.umask(0)
        os.umask(umask)
        mode = stat.S_IFREG | (0o666 & ~umask)
    if not stat.S_ISREG(mode):
        with open(path, "wb") as stream:
            stream.write(data)
        return
    handle, temporary = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
        os.chmod(temporary, stat.S_IMODE(mode))
        os.replace(temporary, target)
    except BaseException:
        os.unlink(temporary)
        raise


def write_result(path: str | os.PathLike[str] | None, text: str) -> None:
    """Write a command's result: to a file, or to stdout when it is None or "-"."""
    if path is None or os.fspath(path) == "-":
        sys.stdout.write(text)
    else:
        write_file(path, text)
