"""Fresh figures that nothing here could test a method on: carried forward, with what such figures erred by elsewhere.

Where no corridor of a calibration had a figure before the benchmark, no method that rests on one could be learnt, and
all are ranked without. A corridor whose own figure is of last year then has a better estimate than its audience: that
figure. How far stocks move away from a figure was measured on Eurostat's residents by country of birth, ages 15 to 64,
of 28 countries of origin in 18 destinations, 2010 to 2018: the figure of one, two and three years before, unchanged.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from scipy.special import ndtri

from smstock.corridors.regimes import FRESH
from smstock.models.baselines import CarryForward
from smstock.models.conformal import place_of_band
from smstock.vocabulary.sizes import BANDS

if TYPE_CHECKING:
    from collections.abc import Collection

    import pandas as pd

    from smstock.calibrate.calibration import Calibration

CHANGES: Final[dict[str | int, tuple[tuple[float, ...], ...]]] = {
    "rmsle": ((0.477, 0.241, 0.146, 0.094), (0.746, 0.372, 0.232, 0.155), (0.993, 0.431, 0.271, 0.193)),
    50: ((0.131, 0.069, 0.042, 0.024), (0.288, 0.146, 0.088, 0.049), (0.405, 0.218, 0.136, 0.073)),
    80: ((0.405, 0.159, 0.092, 0.056), (0.807, 0.322, 0.189, 0.110), (1.149, 0.444, 0.281, 0.165)),
    95: ((1.099, 0.450, 0.209, 0.117), (1.690, 0.953, 0.509, 0.233), (2.159, 1.025, 0.565, 0.322)),
}
"""Changes of a stock (log scale) over one, two and three years, by size band of the figure: root mean square, and the
size that half, 80 % and 95 % of them stay within."""


def change(
    name: str | int, lag: np.ndarray, persons: np.ndarray | float, calibration: Calibration | None = None
) -> np.ndarray:
    """Return how far figures of some ages (years) and sizes (persons) are from the next ones, on the log scale.

    Between whole years it is interpolated; below one it shrinks with the square root of the age. Missing beyond three
    years. A survey counts at both ends with the variance that a calibration measured on its compositions
    (`smstock.models.shares.spread`): that is added.

    Parameters
    ----------
    name
        A key of `CHANGES`.

    Examples
    --------
    >>> change(80, np.array([0.25, 1.0, 1.5, 4.0]), 5000.0).round(3).tolist()
    [0.046, 0.092, 0.14, nan]
    """
    by_age, places = np.array(CHANGES[name]), np.minimum(place_of_band(np.asarray(persons)), len(BANDS) - 1)
    ages = np.nan_to_num(np.clip(lag, 1.0, len(by_age)), nan=1.0)
    younger = np.minimum(ages.astype(int), len(by_age) - 1)
    narrow, wide = by_age[younger - 1, places], by_age[younger, places]
    moved = (narrow + (wide - narrow) * (ages - younger)) * np.sqrt(np.clip(lag, 0.0, 1.0))
    counting = calibration.shares.fitted().spread.counting if calibration and calibration.shares else 0.0
    scale = 1.0 if isinstance(name, str) else float(ndtri(0.5 + name / 200))
    both = np.hypot(moved, scale * np.sqrt(2 * counting / np.maximum(persons, 1.0)))
    return np.where(lag <= FRESH, both, np.nan)


def carried(table: pd.DataFrame, calibration: Calibration) -> np.ndarray:
    """Return which totals are carried forward for want of any tested method that rests on a figure.

    Those whose last figure is above 0, at most three years old, and of an age and size of which the RMSLE elsewhere is
    below that of the method in use, measured on destinations left out.

    Parameters
    ----------
    table
        Medians (`smstock.nowcast.medians`).
    calibration
        Its methods and their errors.

    Examples
    --------
    >>> import pandas as pd
    >>> from smstock.calibrate.calibration import Calibration
    >>> from smstock.calibrate.learnt import Score
    >>> from smstock.models.baselines import RawAudience
    >>> calibration = Calibration(name="c", query="q", wave="2017-01", provider="census", edition="2016",
    ...     concepts=("birth",), target_date="2016-07-01", inputs={}, versions={}, seed=1,
    ...     methods={"raw_audience": RawAudience()}, scores=(Score("raw_audience", "all", 505, 0.33),))
    >>> row = {"destination": "US-NY", "origin": "IND", "sex": "all", "method": "raw_audience", "horizon": 0}
    >>> rows = [row | {"official_last": 257964.0, "lag": lag} for lag in (0.5, 5.0)]
    >>> carried(pd.DataFrame(rows), calibration).tolist()
    [True, False]
    """
    if any(method.rests_on_last() for method in calibration.methods.values()):
        return np.zeros(len(table), dtype=bool)
    figure, lag = (table[name].to_numpy(dtype=float) for name in ("official_last", "lag"))
    of_method = table["method"].map(calibration.rmsle()).fillna(np.inf).to_numpy(dtype=float)
    better = (figure > 0) & (change("rmsle", lag, figure, calibration) < of_method)
    return better & (table["horizon"].eq(0) & table["sex"].eq("all")).to_numpy(dtype=bool)


def carried_untested(method: str, horizon: int, methods: Collection[str]) -> bool:
    """Return whether estimates of a method and horizon (0: no register) are figures carried forward untested.

    Examples
    --------
    >>> carried_untested("carry_forward", 0, {}), carried_untested("carry_forward", 1, {})
    (True, False)
    """
    return method == CarryForward.name and not horizon and method not in methods
