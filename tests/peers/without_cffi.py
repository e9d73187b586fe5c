"""pytest plugin for packages that have moved to symbridge: importing cffi is an error."""

import sys

for name in ("cffi", "_cffi_backend"):
    sys.modules[name] = None  # type: ignore[assignment]
