"""Descriptions inside libraries: ELF notes, the facts in them, and the ways to put them there.

C projects include symbridge_description.h from include_directory(), or compile the source that
`symbridge.embed.source` writes; `symbridge.embed.elf` changes a library that is already built.
"""

from __future__ import annotations

from pathlib import Path

__all__ = ["include_directory"]


def include_directory() -> Path:
    """Where symbridge_description.h is, for the compiler's -I."""
    return Path(__file__).resolve().parent.parent / "include"
