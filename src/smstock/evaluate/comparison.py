"""Is a method better than carrying the last official figure forward, or was it luck? Skill with a paired bootstrap.

Whole destinations are drawn with replacement, since the errors of one destination's corridors come from the same
register and go together; method and baseline are scored on the same draw. Cells counted one by one would make the
intervals too narrow.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from smstock.compute import ALONE
from smstock.errors import UnknownNameError
from smstock.evaluate.scores import SCORES, cell_columns, crps, interval_coverage, interval_width

if TYPE_CHECKING:
    from collections.abc import Callable

    from smstock.compute import Compute

BASELINE: Final = "carry_forward"
LESS_IS_BETTER: Final = ("mdape", "wmape", "mape", "rmsle", "crps")
"""Scores of which a skill can be computed."""
TAILS: Final = (2.5, 97.5)
"""Ends of the intervals of a skill, percent of the draws."""
_MEASURES: Final[dict[str, tuple[Callable[..., float], tuple[str, ...]]]] = {
    **{name: (function, ("estimate",)) for name, function in SCORES.items()},
    "crps": (crps, ("lower_80", "upper_80")),
    **{f"coverage_{level}": (interval_coverage, (f"lower_{level}", f"upper_{level}")) for level in (50, 80, 95)},
    **{f"width_{level}": (interval_width, (f"lower_{level}", f"upper_{level}")) for level in (50, 80, 95)},
}


def compare(
    held_out: pd.DataFrame,
    rng: np.random.Generator,
    *,
    score: str = "rmsle",
    baseline: str = BASELINE,
    draws: int = 1000,
    compute: Compute = ALONE,
) -> pd.DataFrame:
    """Return how much better than the baseline each method is, on the cells that both estimate.

    Parameters
    ----------
    held_out
        Columns destination, origin, sex (and target_date), method, stock, estimate, and the intervals that an interval
        score needs.
    rng
        Draws the destinations.
    score
        A point score of `smstock.evaluate.scores`, or crps, coverage_L, width_L.
    baseline
        Method compared with.
    draws
        Draws of the bootstrap.
    compute
        What methods are spread over.

    Returns
    -------
    pandas.DataFrame
        One row a method: ``cells``, ``destinations``; the ``difference`` of the score (method minus baseline) with
        ``difference_lower`` and ``difference_upper``; and ``skill``, 1 - score / score of the baseline, with its
        95 % interval too: positive is better than the baseline. Skill is missing for bias, coverage and width.
        Intervals are missing where there is one destination only. Empty if nothing is comparable.

    Raises
    ------
    UnknownNameError
        There is no such score.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> cells = pd.DataFrame({"destination": ["AUT", "DEU", "FRA"], "origin": "SRB", "sex": "all", "stock": 100.0})
    >>> held_out = pd.concat([cells.assign(method="carry_forward", estimate=80.0),
    ...                       cells.assign(method="trend", estimate=90.0)])
    >>> skills = compare(held_out, np.random.default_rng(1), score="mdape", draws=50)
    >>> skills[["method", "skill", "skill_lower", "skill_upper"]].values.tolist()
    [['trend', 0.5, 0.5, 0.5]]
    """
    if score not in _MEASURES:
        raise UnknownNameError(f"unknown score {score!r}", allowed=", ".join(_MEASURES))
    key, columns = cell_columns(held_out), _MEASURES[score][1]
    estimated = held_out[held_out["estimate"] > 0]
    base = estimated[estimated["method"] == baseline][[*key, *columns]]
    names, pairs = [], []
    for name, cells in estimated[estimated["method"] != baseline].groupby("method", sort=False):
        of_both = cells.merge(base, on=key, suffixes=("", "_base"))
        if len(of_both):
            names.append(name)
            pairs.append(of_both)
    # the same draws for each method: its interval does not depend on which others are compared
    figures = compute.spread(_bootstrap, pairs, score, int(rng.integers(2**32)), draws)
    return pd.DataFrame([{"method": name, **of_method} for name, of_method in zip(names, figures, strict=True)])


def _bootstrap(score: str, seed: int, draws: int, pairs: pd.DataFrame) -> dict[str, Any]:
    """Return the figures of a method on the cells that it shares with the baseline."""
    measure, columns = _MEASURES[score]
    rng = np.random.default_rng(seed)
    stock = pairs["stock"].to_numpy(dtype=float)
    method = [pairs[name].to_numpy(dtype=float) for name in columns]
    base = [pairs[f"{name}_base"].to_numpy(dtype=float) for name in columns]

    def scores(rows: np.ndarray | slice) -> tuple[float, float]:
        return measure(stock[rows], *(part[rows] for part in method)), measure(
            stock[rows], *(part[rows] for part in base)
        )

    members = [np.asarray(rows) for rows in pairs.reset_index(drop=True).groupby("destination").indices.values()]
    drawn = np.array(
        [
            scores(np.concatenate([members[index] for index in rng.integers(len(members), size=len(members))]))
            for _ in range(draws if len(members) > 1 else 0)
        ]
    ).reshape(-1, 2)
    undrawn = np.array([scores(slice(None))])
    figures: dict[str, Any] = {"cells": len(pairs), "destinations": len(members)}
    for name, measured_by in (("difference", _difference), ("skill", _skill)):
        values = measured_by(drawn)
        known = values[~np.isnan(values)]
        ends = np.percentile(known, TAILS, method="nearest") if len(known) else (np.nan, np.nan)
        figures |= {
            name: float(measured_by(undrawn)[0]),
            f"{name}_lower": float(ends[0]),
            f"{name}_upper": float(ends[1]),
        }
    if score not in LESS_IS_BETTER:
        figures |= dict.fromkeys(("skill", "skill_lower", "skill_upper"), float("nan"))
    return figures


def _difference(scores: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    difference: np.ndarray[Any, Any] = scores[:, 0] - scores[:, 1]
    return difference


def _skill(scores: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    with np.errstate(divide="ignore", invalid="ignore"):
        skill: np.ndarray[Any, Any] = 1 - scores[:, 0] / scores[:, 1]
    return skill
