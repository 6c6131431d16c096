"""Registers: corridors with a regular and fresh official series, and the method that was best at continuing them.

Which method continues a register depends on how old its last figure is, so it was tested with figures one, two and
three years old (`smstock.calibrate.registers`), and the errors of those tests are the intervals.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING, Any, Final

from smstock.models.conformal import POOLED

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import ArrayLike

HORIZONS: Final = (1, 2, 3)
"""Ages of the last figure that methods are tested at (years); a corridor whose last figure is older is no register."""
SLACK: Final = 0.01
"""Years by which a figure may be older than a whole number of them: leap days."""


@dataclass(frozen=True)
class Register:
    """How registers whose last figure is up to so many years old are estimated.

    Attributes
    ----------
    horizon
        Age of the last figure in years, up to one of `HORIZONS`.
    method
        Method of the estimates; ``carry_forward`` where nothing was better.
    reason
        Why this method, in words and numbers.
    skill
        1 - RMSLE / RMSLE of carry forward, the method chosen at each past date from the dates before it; missing where
        there was but one date.
    cells, dates
        Past figures that the methods were tested on, and from how many dates they are.
    scores
        RMSLE and wMAPE (persons, %) of each method on them.
    widths
        Half width (log scale) of the intervals: kind (all, sex) -> level -> size band of the estimate, or ``all``.
    """

    horizon: int
    method: str
    reason: str
    skill: float | None
    cells: int
    dates: int
    scores: list[dict[str, Any]]
    widths: dict[str, dict[str, dict[str, float]]]

    def width(self, kind: str, level: int, band: str = POOLED) -> float:
        """Return the half width of an interval at the horizon (log scale); inf where past errors were too few."""
        of = self.widths.get(kind, {}).get(str(level), {})
        return float(of.get(band, of.get(POOLED, inf)))


def width_at(lag: ArrayLike, register: Register, younger: Register | None, of: tuple[str, int, str]) -> np.ndarray:
    """Return the half widths (log scale) for figures of ages between two horizons.

    Parameters
    ----------
    lag
        Ages of the last figures (years).
    register, younger
        The horizon they fall under, and the one a year less, if both were tested: between them widths are interpolated.
        Without the younger one the width shrinks with the square root of the age, as errors that add up year by year.
    of
        Kind, level and size band.

    Examples
    --------
    >>> one, two = (Register(years, "trend", "", None, 90, 3, [], {"all": {"80": {"all": 0.1 * years ** 2}}})
    ...             for years in (1, 2))
    >>> of = ("all", 80, "all")
    >>> [float(width_at(lag, *known, of).round(3)) for lag, known in ((1.5, (two, one)), (1.5, (two, None)))]
    [0.25, 0.346]
    """
    import numpy as np

    ages, wide = np.asarray(lag, dtype=float), register.width(*of)
    narrow = younger.width(*of) if younger else inf
    if not narrow <= wide < inf:
        return np.asarray(wide * np.sqrt(np.clip(ages / register.horizon, 0, 1)) if wide < inf else wide)
    return np.asarray(narrow + (wide - narrow) * np.clip(ages - register.horizon + 1, 0, 1))


def horizon(lag: pd.Series) -> np.ndarray:
    """Return the horizon that figures of some ages (years) fall under.

    Examples
    --------
    >>> import pandas as pd
    >>> horizon(pd.Series([0.0, 1.0007, 1.9, 2.9, 7.0])).tolist()
    [1, 1, 2, 3, 3]
    """
    import numpy as np

    found: np.ndarray = np.clip(np.ceil(lag.to_numpy(dtype=float) - SLACK), HORIZONS[0], HORIZONS[-1]).astype(int)
    return found
