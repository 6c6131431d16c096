"""A bar: what is measured, how good it has to be, and what measures it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class Direction(StrEnum):
    """On which side of its bar a figure has to lie."""

    AT_MOST = "at most"
    AT_LEAST = "at least"
    EXACTLY = "exactly"


@dataclass(frozen=True)
class Bar:
    """One promise of the project, held against what was measured.

    Parameters
    ----------
    name
        What is measured; no two bars share a name.
    bar, direction
        The figure promised, and the side of it on which a measured one holds.
    measure
        Returns the figure as it is now.
    decimals
        With how many a figure is printed; it is held against its bar as printed.
    unit
        What follows a figure, empty for a plain number.
    long
        Whether measuring takes more than a few seconds; such a figure is measured on demand and kept.
    """

    name: str
    bar: float
    direction: Direction
    measure: Callable[[], float]
    decimals: int = 0
    unit: str = ""
    long: bool = False

    def figure(self) -> float:
        """Return the figure as it is now, rounded as it is printed."""
        return round(self.measure(), self.decimals)

    def holds(self, figure: float) -> bool:
        """Return whether a figure is on the right side of the bar, or on it."""
        printed = round(figure, self.decimals)
        if self.direction is Direction.AT_MOST:
            return printed <= self.bar
        if self.direction is Direction.AT_LEAST:
            return printed >= self.bar
        return printed == self.bar

    def in_words(self, figure: float) -> str:
        """Return a figure with its unit."""
        return f"{figure:,.{self.decimals}f} {self.unit}".strip()
