"""Where and with what the figures were measured, and the file that keeps them."""

from __future__ import annotations

import importlib.metadata
import json
import os
import platform
from collections.abc import Mapping
from pathlib import Path
from typing import Any

__all__ = ["about", "write_json"]


def processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def versions() -> dict[str, str]:
    found = {"python": platform.python_version()}
    for name in ("symbridge", "cffi"):
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


def write_json(path: Path, section: str, content: Mapping[str, Any]) -> None:
    """Replaces one section of the results file, keeping the others."""
    whole: dict[str, Any] = {}
    if path.exists():
        whole = json.loads(path.read_text(encoding="utf-8"))
    whole[section] = content
    path.write_text(json.dumps(whole, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def about() -> dict[str, Any]:
    return {
        "versions": versions(),
        "processor": processor(),
        "machine": platform.machine(),
        "cpus": os.cpu_count(),
    }
