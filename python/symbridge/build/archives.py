"""Wheels and source archives, written so that the same content gives the same bytes."""

from __future__ import annotations

import base64
import gzip
import hashlib
import os
import struct
import sysconfig
import tarfile
import time
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from symbridge.failure import ToolError
from symbridge.output import write_file

__all__ = ["Entry", "platform_tag", "write_sdist", "write_wheel"]

#: The time of everything in an archive, unless SOURCE_DATE_EPOCH says another: the first that a
#: zip file can hold, 1980-01-01.
EPOCH = 315_532_800


@dataclass(frozen=True, slots=True)
class Entry:
    """A file in an archive: its content, in memory or as a file's path."""

    content: bytes | Path
    executable: bool = False

    def read(self) -> bytes:
        """The content."""
        return self.content if isinstance(self.content, bytes) else self.content.read_bytes()

    @property
    def mode(self) -> int:
        """Its permissions, whatever those of the file on disk are."""
        return 0o755 if self.executable else 0o644


def platform_tag() -> str:
    """The platform part of a wheel's tag, as "linux_x86_64": where a library built here runs."""
    platform = sysconfig.get_platform()
    if struct.calcsize("P") == 4 and "_PYTHON_HOST_PLATFORM" not in os.environ:
        # The kernel's name says 64 bits where a 32-bit Python runs on it.
        narrow = {"linux-x86_64": "linux-i686", "linux-aarch64": "linux-armv7l"}
        platform = narrow.get(platform, platform)
    return platform.replace("-", "_").replace(".", "_")


def write_wheel(path: Path, dist_info: str, entries: Mapping[str, Entry]) -> None:
    """Write a wheel: entries by their path in it, then RECORD, which is made here."""
    moment = time.gmtime(_epoch())[:6]
    names = sorted(entries, key=lambda name: (name.startswith(f"{dist_info}/"), name))
    record = []
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:

        def write(name: str, content: bytes, mode: int) -> None:
            info = zipfile.ZipInfo(name, moment)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.create_system = 3  # Unix: the permissions below mean something
            info.external_attr = (0o100000 | mode) << 16
            archive.writestr(info, content)

        for name in names:
            content = entries[name].read()
            digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=")
            quoted = f'"{name}"' if "," in name else name
            record.append(f"{quoted},sha256={digest.decode()},{len(content)}\n")
            write(name, content, entries[name].mode)
        record.append(f"{dist_info}/RECORD,,\n")
        write(f"{dist_info}/RECORD", "".join(record).encode(), 0o644)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_file(path, stream.getvalue())


def write_sdist(path: Path, top: str, entries: Mapping[str, Entry]) -> None:
    """Write a .tar.gz whose entries lie in one directory."""
    epoch = _epoch()
    stream = BytesIO()
    with (
        gzip.GzipFile("", "wb", 9, stream, mtime=epoch) as packed,
        tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as archive,
    ):
        for name in sorted(entries):
            content = entries[name].read()
            info = tarfile.TarInfo(f"{top}/{name}")
            info.size = len(content)
            info.mode = entries[name].mode
            info.mtime = epoch
            archive.addfile(info, BytesIO(content))
    path.parent.mkdir(parents=True, exist_ok=True)
    write_file(path, stream.getvalue())


def _epoch() -> int:
    said = os.environ.get("SOURCE_DATE_EPOCH", "")
    if not said:
        return EPOCH
    try:
        return max(int(said), EPOCH)
    except ValueError:
        raise ToolError(f"SOURCE_DATE_EPOCH is {said!r}, which is no number of seconds") from None
