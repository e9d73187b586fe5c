# Written by `symbridge stubs` from core.bridge: changes here are lost.
"""Dates in the proleptic Gregorian calendar, from 0001-01-01 to 9999-12-31, without time zones."""

from datetime import date, timedelta
from typing import Final, SupportsIndex

__all__ = [
    "YEAR_MAX",
    "YEAR_MIN",
    "before",
    "days_between",
    "from_timestamp",
    "seconds_before",
    "to_timestamp",
]

YEAR_MIN: Final = 1
YEAR_MAX: Final = 9999

def seconds_before(date: date, seconds: SupportsIndex) -> date:
    """The date some seconds before a date at 00:00:00 UTC, rounded down to its date.

    A negative number of seconds goes forward. OverflowError outside of the years 1 to 9999.
    """

def before(date: date, duration: timedelta) -> date:
    """The date some length of time before a date at 00:00:00 UTC, rounded down to its date.

    A negative duration goes forward. OverflowError outside of the years 1 to 9999.
    """

def to_timestamp(date: date) -> int:
    """The seconds from 1970-01-01 to a date, both at 00:00:00 UTC; negative for earlier dates."""

def from_timestamp(seconds: SupportsIndex) -> date:
    """The date of a moment that is given in seconds from 1970-01-01 00:00:00 UTC, rounded down.

    OverflowError outside of the years 1 to 9999.
    """

def days_between(a: date, b: date) -> timedelta:
    """The time from date a to date b: whole days, negative when b is earlier."""
