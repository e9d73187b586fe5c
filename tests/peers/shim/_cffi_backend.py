"""Stands for cffi's compiled module in cffi's own tests."""

import os

import symbridge._ffi

FFI = symbridge._ffi.CoreFFI
RTLD_GLOBAL = os.RTLD_GLOBAL
RTLD_LAZY = os.RTLD_LAZY
RTLD_LOCAL = os.RTLD_LOCAL
RTLD_NOW = os.RTLD_NOW

__all__ = ["FFI", "RTLD_GLOBAL", "RTLD_LAZY", "RTLD_LOCAL", "RTLD_NOW"]
