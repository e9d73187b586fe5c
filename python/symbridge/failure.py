"""The exception of the tools, and what they say when a package that they use is absent."""

from __future__ import annotations

import importlib
from types import ModuleType

__all__ = ["ToolError", "require"]


class ToolError(Exception):
    """A tool could not do what was asked.

    The text says what was found and what was expected; hint what to do.
    """

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


def require(module: str, distribution: str, purpose: str) -> ModuleType:
    """Import a module of the `tools` extra.

    Raises ToolError, which says what to install, when it is absent.
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise ToolError(
            f"{purpose} needs {distribution}: {error}",
            hint="pip install 'symbridge[tools]'",
        ) from error
