"""How much memory an operation leaves behind."""

from __future__ import annotations

import gc
import os
import tracemalloc
from collections.abc import Callable

__all__ = ["assert_no_growth", "growth", "resident"]


def growth(work: Callable[[], object], times: int = 2000) -> float:
    """Bytes of Python's memory left per run, over a batch that follows one to warm up.

    Any object that is lost takes 16 bytes or more each time.
    """
    for _ in range(times):
        work()
    gc.collect()
    tracemalloc.start()
    try:
        for _ in range(times):
            work()
        gc.collect()
        before = tracemalloc.get_traced_memory()[0]
        for _ in range(times):
            work()
        gc.collect()
        return (tracemalloc.get_traced_memory()[0] - before) / times
    finally:
        tracemalloc.stop()


def resident() -> int:
    """Bytes of the process in memory."""
    with open("/proc/self/statm") as statm:
        return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def assert_no_growth(work: Callable[[], object], times: int) -> None:
    """Fail when the process has grown over so many runs, by C's memory or Python's."""
    for _ in range(times // 10):
        work()
    gc.collect()
    before = resident()
    for _ in range(times):
        work()
    gc.collect()
    grown = resident() - before
    # One leaked object of the smallest size in each call would be 16 bytes * times.
    limit = max(16 * times // 4, 1 << 20)
    if os.environ.get("SB_SANITIZED"):
        limit += 64 << 20  # freed blocks are kept in quarantine
    assert grown < limit, f"{grown} bytes in {times} calls"
