"""pytest plugin for cffi's own suite: skips what is listed, with its reason, and nothing else."""

import _cffi_backend
import pytest
from cffi.backend_ctypes import CTypesBackend
from cffi_excluded import EXCLUDED


def _name(item: pytest.Item) -> str:
    return item.nodeid.removeprefix("testing/").split("[")[0]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    names = {_name(item) for item in items}
    stale = sorted(set(EXCLUDED) - names)
    if stale:
        raise pytest.UsageError(f"listed as excluded, but not in the suite: {', '.join(stale)}")
    for item in items:
        reason = EXCLUDED.get(_name(item))
        if reason is not None:
            item.add_marker(pytest.mark.skip(reason=f"cannot apply: {reason}"))
        # Some tests ask less of cffi's ctypes back end. Here they ask all.
        owner = getattr(item, "cls", None)
        if getattr(owner, "Backend", None) is CTypesBackend:
            owner.Backend = staticmethod(lambda: _cffi_backend)
