"""Scores of estimates against official stocks, each a function of official stocks and their estimates.

Point scores take (official, estimate), interval scores (official, lower, upper): counts in persons, above 0, in the
same order. Percentages are in percent. Bias is estimate minus official: positive is too high.
"""

from __future__ import annotations

from math import pi, sqrt
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd
from scipy.special import ndtr

from smstock.vocabulary.sizes import BANDS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from numpy.typing import ArrayLike

CELL: Final = ("target_date", "destination", "origin", "sex")
"""Columns that name a cell; a table of one target date may do without the first."""
NORMAL_90: Final = 1.2815515655446004
"""90 % quantile of the standard normal distribution: the ends of an 80 % interval, in standard deviations."""


def mdape(official: ArrayLike, estimate: ArrayLike) -> float:
    """Median absolute percentage error.

    Examples
    --------
    >>> mdape([100, 200, 400], [110, 200, 200])
    10.0
    """
    truth, estimated = _numbers(official, estimate)
    return float(np.median(np.abs(estimated - truth) / truth) * 100)


def wmape(official: ArrayLike, estimate: ArrayLike) -> float:
    """Sum of absolute errors over the sum of stocks: dominated by large corridors.

    Examples
    --------
    >>> wmape([100, 300], [110, 270])
    10.0
    """
    truth, estimated = _numbers(official, estimate)
    return float(np.abs(estimated - truth).sum() / truth.sum() * 100)


def mape(official: ArrayLike, estimate: ArrayLike) -> float:
    """Mean absolute percentage error: dominated by small corridors, and harder on estimates too high than too low.

    A stock of 10 estimated as 500 counts as much as 49 stocks missed by their whole size; below about 1,000 persons the
    mean says little. Published figures are often this one.

    Examples
    --------
    >>> mape([100, 200, 400], [110, 200, 200])
    20.0
    """
    truth, estimated = _numbers(official, estimate)
    return float((np.abs(estimated - truth) / truth).mean() * 100)


def rmsle(official: ArrayLike, estimate: ArrayLike) -> float:
    """Root mean square of log(estimate / official): every corridor counts alike.

    Examples
    --------
    >>> round(rmsle([100, 100], [200, 50]), 3)
    0.693
    """
    truth, estimated = _numbers(official, estimate)
    return float(np.sqrt(np.mean(np.square(np.log(estimated / truth)))))


def median_log_error(official: ArrayLike, estimate: ArrayLike) -> float:
    """Median of log(estimate / official): positive is too high.

    Examples
    --------
    >>> round(median_log_error([100, 100, 100], [110, 120, 90]), 3)
    0.095
    """
    truth, estimated = _numbers(official, estimate)
    return float(np.median(np.log(estimated / truth)))


def total_bias(official: ArrayLike, estimate: ArrayLike) -> float:
    """Sum of estimates over the sum of stocks, minus 1, in percent.

    Examples
    --------
    >>> round(total_bias([100, 300], [100, 320]), 2)
    5.0
    """
    truth, estimated = _numbers(official, estimate)
    return float((estimated.sum() / truth.sum() - 1) * 100)


def interval_coverage(official: ArrayLike, lower: ArrayLike, upper: ArrayLike) -> float:
    """Share (percent) of stocks inside their interval; cells without an interval are left out.

    Examples
    --------
    >>> interval_coverage([1, 5, 9], [0, 6, None], [2, 7, None])
    50.0
    """
    truth, low, high = _with_interval(official, lower, upper)
    return float(((truth >= low) & (truth <= high)).mean() * 100) if len(truth) else float("nan")


def interval_width(official: ArrayLike, lower: ArrayLike, upper: ArrayLike) -> float:
    """Median of log(upper / lower); 0.095 is from 4.6 % below the middle to 4.9 % above it. Infinite from 0.

    Examples
    --------
    >>> round(interval_width([100, 100, 100], [90, 50, None], [110, 200, None]), 3)
    0.793
    """
    _, low, high = _with_interval(official, lower, upper)
    with np.errstate(divide="ignore"):
        return float(np.median(np.log(high) - np.log(low))) if len(low) else float("nan")


def crps(official: ArrayLike, lower: ArrayLike, upper: ArrayLike) -> float:
    """Mean continuous ranked probability score of log stocks, for a log-normal with the 80 % interval given.

    The closed form for a normal distribution (Gneiting and Raftery 2007, doi 10.1198/016214506000001437):
    ``sd (z (2 Phi(z) - 1) + 2 phi(z) - 1 / sqrt(pi))`` with z the standardised log stock. For an interval of no width
    it is the absolute log error; less is better. Cells without an interval, or with one from 0, are left out.

    Examples
    --------
    >>> round(crps([100], [80], [125]), 4), round(crps([200], [99.99], [100.01]), 3)
    (0.0407, 0.693)
    """
    truth, low, high = _with_interval(official, lower, upper)
    positive = low > 0
    if not positive.any():
        return float("nan")
    logs, bottom, top = (np.log(part[positive]) for part in (truth, low, high))
    spread = np.maximum((top - bottom) / (2 * NORMAL_90), 1e-12)
    z = (logs - (top + bottom) / 2) / spread
    density = np.exp(-np.square(z) / 2) / sqrt(2 * pi)
    return float(np.mean(spread * (z * (2 * ndtr(z) - 1) + 2 * density - 1 / sqrt(pi))))


SCORES: Final[dict[str, Callable[..., float]]] = {
    "mdape": mdape,
    "wmape": wmape,
    "mape": mape,
    "rmsle": rmsle,
    "median_log_error": median_log_error,
    "total_bias": total_bias,
}
"""Point scores by name."""


def score(held_out: pd.DataFrame, *, levels: Iterable[int]) -> pd.DataFrame:
    """Return every score of every method: one row a method, in the order of first appearance.

    Parameters
    ----------
    held_out
        Columns method, stock, estimate, and lower_L, upper_L for each level; rows without an estimate are left out.
    levels
        Levels of the intervals, percent: ``coverage_L`` and ``width_L``. With 80 goes ``crps``.
    """
    rows = []
    for name, cells in held_out[held_out["estimate"] > 0].groupby("method", sort=False):
        figures: dict[str, object] = {"method": name, "cells": len(cells)}
        figures |= {score_name: function(cells["stock"], cells["estimate"]) for score_name, function in SCORES.items()}
        for level in levels:
            interval = cells["stock"], cells[f"lower_{level}"], cells[f"upper_{level}"]
            figures |= {f"coverage_{level}": interval_coverage(*interval), f"width_{level}": interval_width(*interval)}
            if level == 80:
                figures["crps"] = crps(*interval)
        rows.append(figures)
    return pd.DataFrame(rows)


def score_by(held_out: pd.DataFrame, column: str, *, levels: Sequence[int]) -> pd.DataFrame:
    """Return `score` of each value of a column, such as ``size_band`` or ``regime``, which becomes the first column.

    Examples
    --------
    >>> import pandas as pd
    >>> cells = pd.DataFrame({"method": "m", "stock": [50.0, 5e4], "estimate": [100.0, 5e4]})
    >>> bands = score_by(cells.assign(size_band=size_band(cells["stock"])), "size_band", levels=())
    >>> bands[["size_band", "mdape"]].values.tolist()
    [['<100', 100.0], ['>=10,000', 0.0]]
    """
    parts = [
        score(cells, levels=levels).assign(**{column: value})
        for value, cells in held_out.groupby(column, observed=True)
    ]
    table = pd.concat([part for part in parts if len(part)], ignore_index=True)
    return table[[column, *(name for name in table if name != column)]]


def size_band(stock: pd.Series) -> pd.Series:
    """Return the size band of each stock (persons), an ordered category; missing where the stock is.

    Examples
    --------
    >>> import pandas as pd
    >>> size_band(pd.Series([0, 99, 100, 9999, 10000, None])).tolist()
    ['<100', '<100', '100-999', '1,000-9,999', '>=10,000', nan]
    """
    bands = pd.cut(stock, [*BANDS.values(), float("inf")], right=False, labels=list(BANDS))
    return pd.Series(bands, index=stock.index)


def on_common_cells(held_out: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of the cells that every method estimates: the only fair comparison.

    Examples
    --------
    >>> held_out = pd.DataFrame({"destination": ["AUT", "DEU", "AUT"], "origin": "SRB", "sex": "all",
    ...                          "method": ["trend", "trend", "minora"], "estimate": [90.0, 80.0, 70.0]})
    >>> on_common_cells(held_out)[["destination", "method"]].to_numpy().tolist()
    [['AUT', 'trend'], ['AUT', 'minora']]
    """
    key = cell_columns(held_out)
    estimated = held_out[held_out["estimate"] > 0]
    everywhere = estimated.groupby(key)["method"].nunique()
    common = everywhere[everywhere == estimated["method"].nunique()].index
    return estimated.set_index(key).loc[lambda table: table.index.isin(common)].reset_index()


def cell_columns(held_out: pd.DataFrame) -> list[str]:
    """Return the columns that name a cell of a table.

    Examples
    --------
    >>> import pandas as pd
    >>> cell_columns(pd.DataFrame(columns=["destination", "origin", "sex", "stock"]))
    ['destination', 'origin', 'sex']
    """
    return [name for name in CELL if name in held_out]


def _numbers(*columns: ArrayLike) -> tuple[np.ndarray[Any, Any], ...]:
    return tuple(np.asarray(column, dtype=float) for column in columns)


def _with_interval(official: ArrayLike, lower: ArrayLike, upper: ArrayLike) -> tuple[np.ndarray[Any, Any], ...]:
    """Return stocks, lower and upper ends of the cells that have an interval."""
    columns = _numbers(official, lower, upper)
    known = ~np.isnan(columns[1]) & ~np.isnan(columns[2])
    return tuple(column[known] for column in columns)
