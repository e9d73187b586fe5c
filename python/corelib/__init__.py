"""libcore for Python: Lucas sequences, dates, points.

Most names here come from the C library libcore, by its description core.bridge, which lie beside
this file; `sum_as_string` and what is in `corelib.pure` are Python.
"""

from __future__ import annotations

from pathlib import Path

import symbridge
from corelib.pure import sum_as_string

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    def __getattr__(name: str) -> Any: ...


_here = Path(__file__).parent
symbridge.extend(__name__, _here / "libcore.so.1", file=_here / "core.bridge")
del _here, Path, symbridge, annotations, TYPE_CHECKING
