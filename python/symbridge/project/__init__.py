"""A new C library project, with description, tests, Python package and CI: `symbridge new`.

The files are in template/, as they will be but for words such as @name@. What is generated from the
description is generated when the project is written, so that it is what the tools make today.
"""

from __future__ import annotations

from symbridge.project.creation import LICENSES, create
from symbridge.project.names import check_name

__all__ = ["LICENSES", "check_name", "create"]
