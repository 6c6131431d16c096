"""What a row of an estimate table says of a stock, as a distribution: a quantile function through its published ends.

The seven figures of a row (median and both ends of the 50, 80 and 95 % intervals) are quantiles at 2.5, 10, 25, 50, 75,
90 and 97.5 %. Between them log(1 + persons) is linear in the normal score of the probability; beyond the outermost it
goes on at the slope from the median to it. So a log-normal interval stays log-normal, an end of 0 is possible, and
nothing falls below 0.
"""

from __future__ import annotations

from statistics import NormalDist
from typing import TYPE_CHECKING, Final

import numpy as np

from smstock.tables import LEVELS

if TYPE_CHECKING:
    import pandas as pd

ENDS: Final = (
    *(f"lower_{level}" for level in reversed(LEVELS)),
    "median",
    *(f"upper_{level}" for level in LEVELS),
)
"""Columns of a row that are quantiles, the smallest first."""
_UPPER: Final = tuple(NormalDist().inv_cdf((100 + level) / 200) for level in LEVELS)
SCORES: Final = (*(-score for score in reversed(_UPPER)), 0.0, *_UPPER)
"""Normal scores of these columns."""
FARTHEST: Final = 4.0
"""Normal score that stands for everything farther out: 1 of 30,000."""
MIDDLE: Final = len(LEVELS)
"""Place of the median among the seven."""


def knots(estimates: pd.DataFrame) -> np.ndarray:
    """Return log(1 + persons) at the seven quantiles of each row, none missing and none falling, shape (rows, 7).

    A missing end lies on the straight line from the median to the outermost known end on its side. A missing median
    ("fewer than") is replaced by the point half way between the innermost ends of a level; that point serves the line
    alone and is no estimate. A row without both ends of any level is missing throughout, for its spread is unknown.

    Examples
    --------
    >>> import pandas as pd
    >>> row = {"lower_95": None, "lower_80": 10, "lower_50": 40, "median": 90, "upper_50": 200, "upper_80": 400}
    >>> row = pd.DataFrame([row | {"upper_95": 800}, {"median": 5.0}])
    >>> knots(row).round(2).tolist()[0]
    [1.28, 2.4, 3.71, 4.51, 5.3, 5.99, 6.69]
    >>> bool(pd.isna(knots(row)[1]).all())
    True
    """
    logs: np.ndarray = np.log1p(estimates.reindex(columns=list(ENDS)).to_numpy(dtype=float, na_value=np.nan))
    known, middle = np.zeros(len(logs), dtype=bool), logs[:, MIDDLE].copy()
    for step in range(1, MIDDLE + 1):
        half_way = (logs[:, MIDDLE - step] + logs[:, MIDDLE + step]) / 2
        known |= ~np.isnan(half_way)
        middle = np.where(np.isnan(middle), half_way, middle)
    logs[:, MIDDLE] = np.where(known, middle, np.nan)
    for side in (-1, 1):
        slope = np.full(len(logs), np.nan)
        for step in range(1, MIDDLE + 1):
            place = MIDDLE + side * step
            own_slope = (logs[:, place] - logs[:, MIDDLE]) / SCORES[place]
            slope = np.where(np.isnan(own_slope), slope, own_slope)
        for step in range(1, MIDDLE + 1):
            place = MIDDLE + side * step
            line = logs[:, MIDDLE] + slope * SCORES[place]
            value = np.where(np.isnan(logs[:, place]) | ~known, line, logs[:, place])
            inner = logs[:, place - side]
            logs[:, place] = np.maximum(value, inner) if side > 0 else np.maximum(np.minimum(value, inner), 0.0)
    logs[~known] = np.nan
    return logs


def basis(scores: np.ndarray) -> np.ndarray:
    """Return the weights of the seven knots at normal scores, shape (7, scores): ``knots @ basis`` is log(1 + persons).

    Examples
    --------
    >>> import numpy as np
    >>> basis(np.array([0.0, SCORES[-1], 2 * SCORES[-1]])).T[:, 3:].tolist()
    [[1.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 1.0], [-1.0, 0.0, 0.0, 2.0]]
    """
    weights = np.array([np.interp(scores, SCORES, unit) for unit in np.eye(len(SCORES))])
    for end in (0, -1):
        beyond = np.maximum(scores / SCORES[end] - 1, 0.0)
        weights[end] += beyond
        weights[MIDDLE] -= beyond
    return weights


def persons(knots: np.ndarray, scores: np.ndarray) -> np.ndarray:
    """Return the quantiles of each row (persons) at normal scores, shape (rows, scores).

    Examples
    --------
    >>> import numpy as np
    >>> persons(np.log1p([[0.0, 0, 0, 50, 100, 200, 400]]), np.array([-1.0, 0, SCORES[4]])).round(6).tolist()
    [[0.0, 50.0, 100.0]]
    """
    quantiles: np.ndarray = np.expm1(np.maximum(knots @ basis(scores), 0.0))
    return quantiles


def normal_scores(estimates: pd.DataFrame, stock: np.ndarray) -> np.ndarray:
    """Return the normal score that each row's distribution gives to a stock: its log error, standardized.

    Where intervals are right, scores are standard normal: 0 is the median, 1.28 the upper end of the 80 % interval.
    They lie within -4 to 4, and are missing where the row has no interval or the stock is missing.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> row = pd.DataFrame({"median": [100.0], "lower_80": [50.0], "upper_80": [200.0]})
    >>> [float(normal_scores(row, np.array([stock])).round(2)[0]) for stock in (100.0, 200.0, 1e9)]
    [0.0, 1.28, 4.0]
    """
    curves, values = knots(estimates), np.log1p(np.asarray(stock, dtype=float))
    scores = np.full(len(curves), np.nan)
    for row in np.flatnonzero(~np.isnan(curves[:, 0]) & ~np.isnan(values)):
        knot, value = curves[row], values[row]
        if knot[0] <= value <= knot[-1]:
            scores[row] = np.interp(value, knot, SCORES)
            continue
        end = 0 if value < knot[0] else -1
        reach = knot[end] - knot[MIDDLE]
        scores[row] = np.copysign(FARTHEST, SCORES[end]) if reach == 0 else (value - knot[MIDDLE]) / reach * SCORES[end]
    clipped: np.ndarray = np.clip(scores, -FARTHEST, FARTHEST)
    return clipped
