"""cffi's names for symbridge.FFI.

`import symbridge.cffi as cffi` in place of `import cffi` is all that ABI-mode code changes.
"""

from symbridge._ffi import (
    FFI,
    CDefError,
    FFIError,
    PkgConfigError,
    VerificationError,
    VerificationMissing,
)

__all__ = [
    "FFI",
    "CDefError",
    "FFIError",
    "PkgConfigError",
    "VerificationError",
    "VerificationMissing",
    "__version__",
    "__version_info__",
]

# The release of cffi whose ABI mode this is.
__version__ = "2.1.1"
__version_info__ = (2, 1, 1)
