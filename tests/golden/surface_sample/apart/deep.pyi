# Written by `symbridge stubs` from surface.bridge: changes here are lost.

from typing import Final

__all__ = ["LEVEL"]

LEVEL: Final = 4
