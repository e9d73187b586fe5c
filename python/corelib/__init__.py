"""libcore for Python: Lucas sequences, dates, points.

Most names here come from the C library libcore, by its description core.bridge, which lie beside
this file; `sum_as_string` and what is in `corelib.pure` are Python.
"""

from os.path import dirname

import symbridge
from corelib.pure import sum_as_string as sum_as_string

_here = dirname(__file__)
symbridge.extend(__name__, f"{_here}/libcore.so.1", file=f"{_here}/core.bridge")
del _here, dirname, symbridge
