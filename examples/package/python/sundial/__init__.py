"""Where the sun stands. Places and angles are C's work; dates are Python's."""

from datetime import date
from os.path import dirname

import symbridge

__all__ = ["daylight_on"]

_here = dirname(__file__)
symbridge.extend(__name__, f"{_here}/libsundial.so.1", file=f"{_here}/sundial.bridge")


def daylight_on(day: date, latitude: float, longitude: float = 0.0) -> float:
    """Hours from sunrise to sunset on a date."""
    from sundial import Place

    hours: float = Place(latitude, longitude).daylight(day.timetuple().tm_yday)
    return hours
