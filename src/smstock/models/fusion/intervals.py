"""Intervals as wide as earlier errors were: by size, by how restless a destination was lately, by length of series.

An error is measured in standard deviations of the model, then in those of its destination: a register under
reconstruction errs far more than the model's average, year after year. What is left is ranked within size bands of the
figure that came out, apart for corridors with a single figure, whose growth is not known. The half width of level L is
the smallest that holds the share L of the errors and of one error to come (split conformal), newer errors counting more
(Barber et al. 2023, doi 10.1214/23-AOS2276). Only errors of figures that were known go in.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from smstock.tables import LEVELS
from smstock.vocabulary.dates import years_between

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    import pandas as pd

BANDS: Final = (100.0, 1_000.0, 10_000.0)
"""Where one size band ends and the next begins (persons)."""
FEWEST: Final = 40
"""Least weight of a group, where an error of the newest date weighs 1; below, the errors of all are taken."""
HALF_LIFE: Final = 1.0
"""Years after which an error counts half."""
PRIOR: Final = 60.0
"""How many errors of ordinary size every destination starts with."""
LARGEST: Final = 9.0
"""Squared error (in standard deviations) above which an error counts no more: one typo is no restless register."""


@dataclass(frozen=True, eq=False)
class Reach:
    """How far intervals reach, in standard deviations of the model.

    Attributes
    ----------
    widths
        By size band, whether the series is short (one figure), and level.
    scales
        By destination; 1 for one that is not listed.
    """

    widths: Mapping[tuple[int, bool, int], float]
    scales: Mapping[str, float]

    def of(self, destinations: pd.Series, persons: np.ndarray, short: np.ndarray, level: int) -> np.ndarray:
        """Return the reach of each estimate."""
        import numpy as np

        scale = destinations.map(self.scales).fillna(1.0).to_numpy(dtype=float)
        numbers = range(len(BANDS) + 1)
        widths = np.array([[self.widths[number, one, level] for one in (False, True)] for number in numbers])
        found: np.ndarray = scale * widths[band(persons), short.astype(int)]
        return found


def band(persons: np.ndarray) -> np.ndarray:
    """Return the number of the size band of each estimate, from 0.

    Examples
    --------
    >>> import numpy as np
    >>> band(np.array([5.0, 100.0, 250_000.0])).tolist()
    [0, 1, 3]
    """
    import numpy as np

    return np.searchsorted(BANDS, persons, side="right")


def scales(errors: pd.DataFrame, until: str) -> pd.Series:
    """Return how restless each destination was before a day: the root mean square of its errors, newer ones first.

    Parameters
    ----------
    errors
        Columns destination, reference_date, error and sd (both of logarithms).
    until
        Only errors of earlier dates count (ISO).

    Examples
    --------
    >>> import pandas as pd
    >>> past = pd.DataFrame({"destination": ["ROU"] * 90, "reference_date": "2017-01-01", "error": 0.3, "sd": 0.1})
    >>> scales(past, "2018-01-01").round(2).to_dict()
    {'ROU': 2.41}
    """
    known = errors[errors["reference_date"] < until]
    newest = known["reference_date"].max()
    age = known["reference_date"].map({day: years_between(day, newest) for day in known["reference_date"].unique()})
    weight = 0.5 ** (age.astype("float64") / HALF_LIFE)
    size = ((known["error"] / known["sd"]).astype("float64") ** 2).clip(upper=LARGEST)
    total, count = ((weight * size).groupby(known["destination"]).sum(), weight.groupby(known["destination"]).sum())
    return ((PRIOR + total) / (PRIOR + count)).pow(0.5)


def reach(errors: pd.DataFrame) -> Reach:
    """Return how far intervals must reach, learnt from past errors.

    Each error is scaled by what its destination was like before it.

    Parameters
    ----------
    errors
        Columns destination, reference_date, value (persons: the figure that came out), error, sd (of logarithms) and
        figures (how many the corridor had by then).

    Examples
    --------
    >>> import pandas as pd
    >>> past = pd.DataFrame({"destination": "AUT", "reference_date": "2017-01-01", "value": 500.0, "figures": 5,
    ...                      "error": [0.01 * step for step in range(1, 100)], "sd": 0.1})
    >>> round(reach(past).widths[1, False, 80], 2)
    8.0
    """
    import numpy as np

    days = sorted(errors["reference_date"].unique())
    scaled = errors.assign(size=np.nan)
    for day in days:
        at_day = (errors["reference_date"] == day).to_numpy()
        scale = errors["destination"].map(scales(errors, day)).fillna(1.0)[at_day]
        scaled.loc[at_day, "size"] = (errors["error"] / errors["sd"]).abs()[at_day] / scale
    age = scaled["reference_date"].map({day: years_between(day, days[-1]) for day in days}).to_numpy(dtype=float)
    newer = 0.5 ** (age / HALF_LIFE)
    short, bands = (scaled["figures"] < 2).to_numpy(), band(scaled["value"].to_numpy(dtype=float))
    sizes = scaled["size"].to_numpy(dtype=float)
    widths = {}
    for number in range(len(BANDS) + 1):
        for one in (False, True):
            # a short series has its errors early, when all series were short
            weights = np.where((bands == number) & (short == one), 1.0 if one else newer, 0.0)
            if weights.sum() < FEWEST:
                weights = newer
            for level in LEVELS:
                widths[number, one, level] = half_width(sizes, weights, level)
    return Reach(widths, {str(name): float(scale) for name, scale in scales(errors, "9999").items()})


def half_width(sizes: np.ndarray, weights: np.ndarray, level: int) -> float:
    """Return the least size that holds a share of the weight of all errors and of one to come, as heavy as any.

    Infinite where that one alone weighs more than what may lie outside.

    Parameters
    ----------
    sizes
        Absolute errors.
    weights
        Of each, 0 or more; equal weights give the ceil((n + 1) L)-th smallest of n.
    level
        Percent.

    Examples
    --------
    >>> import numpy as np
    >>> sizes = np.array([4.0, 3.0, 2.0, 1.0])
    >>> half_width(sizes, np.ones(4), 80), half_width(sizes, np.ones(4), 50), half_width(sizes, np.ones(4), 95)
    (4.0, 3.0, inf)
    >>> half_width(sizes, np.array([0.1, 0.1, 1.0, 1.0]), 50)
    2.0
    """
    import numpy as np

    order = np.argsort(sizes)
    held = np.cumsum(weights[order]) / (weights.sum() + weights.max())
    enough = np.flatnonzero(held >= level / 100 - 1e-9)
    return float(sizes[order[enough[0]]]) if len(enough) else float("inf")
