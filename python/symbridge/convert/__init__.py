"""Descriptions out of what programs say already: cffi's cdef and the declarations of ctypes."""

from __future__ import annotations

from dataclasses import dataclass, field

from symbridge.declarations import NOWHERE, Location

__all__ = ["Converted", "Remark"]


@dataclass(frozen=True, slots=True)
class Remark:
    """Something that the description does not say as its source did."""

    subject: str
    text: str
    location: Location = NOWHERE
    lost: bool = True  # False: only worth knowing

    def __str__(self) -> str:
        place = f"{self.location}: " if self.location.line else ""
        return f"{place}{self.subject}: {self.text}"


@dataclass(slots=True)
class Converted:
    """A description, and what is to be said of how it came about."""

    text: str
    remarks: list[Remark] = field(default_factory=list)

    @property
    def complete(self) -> bool:
        """Whether the description says all that its source did."""
        return not any(remark.lost for remark in self.remarks)
