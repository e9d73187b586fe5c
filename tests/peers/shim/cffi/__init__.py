"""Stands for cffi in cffi's own tests: symbridge.cffi, and verify() for tests that compile."""

from cffi._compiled import FFI
from symbridge.cffi import (
    CDefError,
    FFIError,
    PkgConfigError,
    VerificationError,
    VerificationMissing,
    __version__,
    __version_info__,
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
