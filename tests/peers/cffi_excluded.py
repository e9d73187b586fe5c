"""Tests of cffi's that cannot apply to symbridge.cffi, each with the reason."""

EXCLUDED: dict[str, str] = {}
