"""libcore for Python: Lucas sequences, dates, points.

Most names here come from the C library libcore, which lies beside this file and carries its
description; `sum_as_string` and what is in `corelib.pure` are Python.
"""

from os.path import dirname

import symbridge
from corelib.pure import sum_as_string as sum_as_string

_here = dirname(__file__)
symbridge.extend(__name__, f"{_here}/libcore.so.1")
del _here, dirname, symbridge
