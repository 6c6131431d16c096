"""Registers: corridors with a regular and fresh official series, and the method that was best at continuing them.

Which method continues a register depends on how old its last figure is, so it was tested with figures one, two and
three years old (`smstock.calibrate.register_choice`), and the errors of those tests are the intervals.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import inf
from typing import TYPE_CHECKING, Final

import numpy as np

from smstock.models.conformal import HalfWidths

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import ArrayLike

    from smstock.corridors.sexes import Kind

HORIZONS: Final = (1, 2, 3)
"""Ages of the last figure that methods are tested at (years); a corridor whose last figure is older is no register."""
SLACK: Final = 0.01
"""Years by which a figure may be older than a whole number of them: leap days."""


@dataclass(frozen=True)
class PastScore:
    """RMSLE and wMAPE (persons, %) of a method on past figures of registers."""

    method: str
    rmsle: float
    wmape: float


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
        Those of each method on them.
    half_widths
        Half widths of the intervals at the horizon.
    """

    horizon: int
    method: str
    reason: str
    skill: float | None
    cells: int
    dates: int
    scores: tuple[PastScore, ...] = ()
    half_widths: HalfWidths = field(default_factory=HalfWidths)

    def score(self, method: str) -> PastScore:
        """Return the scores of a method that was tested."""
        return next(score for score in self.scores if score.method == method)


def half_width_at(
    lag: ArrayLike, register: Register, younger: Register | None, of: tuple[Kind, int, str]
) -> np.ndarray:
    """Return the half widths (log scale) for figures of ages between two horizons.

    Parameters
    ----------
    lag
        Ages of the last figures (years).
    register, younger
        The horizon they fall under, and the one a year less, if both were tested: between them half widths are
        interpolated. Without the younger one the half width shrinks with the square root of the age, as errors that
        add up year by year.
    of
        Kind, level and size band.

    Examples
    --------
    >>> from smstock.models.conformal import HalfWidth
    >>> learnt = [HalfWidths((HalfWidth("all", 80, "all", 0.1 * years ** 2),)) for years in (1, 2)]
    >>> one, two = (Register(years, "trend", "", None, 90, 3, (), learnt[years - 1]) for years in (1, 2))
    >>> of = ("all", 80, "all")
    >>> [float(half_width_at(1.5, two, younger, of).round(3)) for younger in (one, None)]
    [0.25, 0.346]
    """
    ages, wide = np.asarray(lag, dtype=float), register.half_widths.at(*of)
    narrow = younger.half_widths.at(*of) if younger else inf
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
    years: np.ndarray = np.clip(np.ceil(lag.to_numpy(dtype=float) - SLACK), HORIZONS[0], HORIZONS[-1]).astype(int)
    return years
