"""Scores of estimates against official stocks, each a function of (official, estimate).

Counts in persons, both above 0. Percentages are in percent. Bias is estimate minus official: positive is too high.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd


def mdape(official: pd.Series, estimate: pd.Series) -> float:
    """Median absolute percentage error.

    Examples
    --------
    >>> import pandas as pd
    >>> mdape(pd.Series([100, 200, 400]), pd.Series([110, 200, 200]))
    10.0
    """
    return float(((estimate - official).abs() / official).median() * 100)


def wmape(official: pd.Series, estimate: pd.Series) -> float:
    """Sum of absolute errors over the sum of stocks: dominated by large corridors.

    Examples
    --------
    >>> import pandas as pd
    >>> wmape(pd.Series([100, 300]), pd.Series([110, 270]))
    10.0
    """
    return float((estimate - official).abs().sum() / official.sum() * 100)


def rmsle(official: pd.Series, estimate: pd.Series) -> float:
    """Root mean square of log(estimate / official): every corridor counts alike.

    Examples
    --------
    >>> import pandas as pd
    >>> round(rmsle(pd.Series([100, 100]), pd.Series([200, 50])), 3)
    0.693
    """
    import numpy as np

    errors = np.log((estimate / official).to_numpy(dtype=float))
    return float(np.sqrt(np.mean(np.square(errors))))


def median_log_error(official: pd.Series, estimate: pd.Series) -> float:
    """Median of log(estimate / official): positive is too high.

    Examples
    --------
    >>> import pandas as pd
    >>> round(median_log_error(pd.Series([100, 100, 100]), pd.Series([110, 120, 90])), 3)
    0.095
    """
    import numpy as np

    return float(np.median(np.log((estimate / official).to_numpy(dtype=float))))


def total_bias(official: pd.Series, estimate: pd.Series) -> float:
    """Sum of estimates over the sum of stocks, minus 1, in percent.

    Examples
    --------
    >>> import pandas as pd
    >>> round(total_bias(pd.Series([100, 300]), pd.Series([100, 320])), 2)
    5.0
    """
    return float((estimate.sum() / official.sum() - 1) * 100)


SCORES = {
    "mdape": mdape,
    "wmape": wmape,
    "rmsle": rmsle,
    "median_log_error": median_log_error,
    "total_bias": total_bias,
}


def interval_coverage(official: pd.Series, lower: pd.Series, upper: pd.Series) -> float:
    """Share (percent) of stocks inside their interval; cells without an interval are left out.

    Examples
    --------
    >>> import pandas as pd
    >>> interval_coverage(pd.Series([1, 5, 9]), pd.Series([0, 6, None]), pd.Series([2, 7, None]))
    50.0
    """
    known = lower.notna() & upper.notna()
    inside = (official >= lower) & (official <= upper)
    return float(inside[known].mean() * 100) if known.any() else float("nan")


def score(held_out: pd.DataFrame, *, levels: Iterable[int]) -> pd.DataFrame:
    """Return every score of every method: one row a method, in the order of first appearance.

    Parameters
    ----------
    held_out
        Columns method, stock, estimate, and lower_L, upper_L for each level; rows without an estimate are left out.
    levels
        Levels of the intervals, percent.
    """
    import pandas as pd

    rows = []
    for name, cells in held_out[held_out["estimate"] > 0].groupby("method", sort=False):
        figures: dict[str, object] = {"method": name, "cells": len(cells)}
        figures |= {score_name: function(cells["stock"], cells["estimate"]) for score_name, function in SCORES.items()}
        figures |= {
            f"coverage_{level}": interval_coverage(cells["stock"], cells[f"lower_{level}"], cells[f"upper_{level}"])
            for level in levels
        }
        rows.append(figures)
    return pd.DataFrame(rows)


def on_common_cells(held_out: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of the cells that every method estimates: the only fair comparison."""
    key = ["destination", "origin", "sex"]
    estimated = held_out[held_out["estimate"] > 0]
    everywhere = estimated.groupby(key)["method"].nunique()
    common = everywhere[everywhere == estimated["method"].nunique()].index
    return estimated.set_index(key).loc[lambda table: table.index.isin(common)].reset_index()
