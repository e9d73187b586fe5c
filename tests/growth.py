"""How much memory an operation leaves behind."""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Callable

__all__ = ["growth"]


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
