"""Two audiences of the same corridors side by side, such as accounts by language and by where they lived.

Where one of them is withdrawn, how well it was told by the other decides whether a link may stand for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from smstock.vocabulary.facets import NO_ORIGIN
from smstock.vocabulary.status import OBSERVED

SAME: Final = (
    "metric", "wave", "destination", "origin", "sex", "age_min", "age_max", "location_basis", "placements",
)  # fmt: skip
"""Columns in which cells of both are the same."""

BESIDE: Final = ("origin", "corridors", "waves", "ratio", "least", "most", "sd_destinations", "sd_waves")


@dataclass(frozen=True, eq=False)
class Beside:
    """Audiences of two queries side by side.

    Parameters
    ----------
    queries
        Their names; the table tells how many accounts of the second stand beside one of the first.
    bases
        What makes an account one of an origin in each.
    metric
        What was compared.
    table
        As `beside` returns it.
    """

    queries: tuple[str, str]
    bases: tuple[str, str]
    metric: str
    table: pd.DataFrame


def beside(one: pd.DataFrame, other: pd.DataFrame) -> pd.DataFrame:
    """Return how many accounts of another audience stand beside each of one, by origin and over all.

    Parameters
    ----------
    one, other
        Audience tables of one metric, of both sexes and all education, glitches without a value.

    Returns
    -------
    pandas.DataFrame
        A row an origin, the last one, without origin, over all of them: ``corridors`` with a number in both, ``waves``,
        ``ratio`` (median over destinations of other over one, the mean over waves on the log scale), ``least`` and
        ``most`` of it, ``sd_destinations`` (standard deviation over destinations of the log ratio around that of its
        origin: how far one foretells the other in a destination that was not seen), and ``sd_waves`` (around that of
        its corridor: how steady the link is). Missing where there are not two to be compared.

    Examples
    --------
    >>> import pandas as pd
    >>> cell = dict.fromkeys(SAME, "") | {"sex": "all", "age_min": 18, "age_max": None, "status": "observed"}
    >>> cell |= {"education": "", "relationship": "", "dimension": "", "origin": "POL", "wave": "2026-11"}
    >>> one = pd.DataFrame([cell | {"destination": area, "value": 1000.0} for area in ("AUT", "DEU")])
    >>> beside(one, one.assign(value=[2000.0, 4000.0]))[["origin", "corridors", "ratio"]].values.tolist()
    [['POL', 2, 3.0], ['', 2, 3.0]]
    """
    joined = _comparable(one).merge(_comparable(other), on=list(SAME), suffixes=("_one", "_other"))
    joined["log"] = np.log(joined["value_other"] / joined["value_one"])
    corridor = ["origin", "destination"]
    of_corridors = joined.groupby(corridor)["log"].mean()
    rest_of_waves = joined["log"] - joined.groupby(corridor)["log"].transform("mean")
    rest_of_destinations = of_corridors - of_corridors.groupby("origin").transform("mean")
    rows = []
    for origin in (*of_corridors.index.unique("origin"), ""):
        cells = joined["origin"].eq(origin) if origin else joined["origin"].notna()
        logs = of_corridors.xs(origin, level="origin") if origin else of_corridors
        residuals = rest_of_destinations.xs(origin, level="origin") if origin else rest_of_destinations
        ratios = np.exp(logs)
        rows.append(
            (
                origin,
                len(logs),
                joined.loc[cells, "wave"].nunique(),
                ratios.median(),
                ratios.min(),
                ratios.max(),
                _spread(residuals, 1 if origin else of_corridors.index.unique("origin").size),
                _spread(rest_of_waves[cells], len(logs)),
            )
        )
    return pd.DataFrame(rows, columns=list(BESIDE))


def _comparable(audience: pd.DataFrame) -> pd.DataFrame:
    """Return the totals of corridors that have a number: both sexes, the widest ages, nothing else divided."""
    totals = audience[(audience["sex"] == "all") & ~audience["origin"].isin(NO_ORIGIN)]
    totals = totals[(totals[["education", "relationship", "dimension"]] == "").all(axis=1)]
    totals = totals.assign(age_max=totals["age_max"].astype("float64").fillna(np.inf))
    youngest = totals[totals["age_min"] == totals["age_min"].min()]
    totals = youngest[youngest["age_max"] == youngest["age_max"].max()]
    known = totals[(totals["status"] == OBSERVED) & (totals["value"].astype("float64") > 0)]
    comparable: pd.DataFrame = known[[*SAME, "value"]].assign(value=known["value"].astype("float64"))
    return comparable


def _spread(residuals: pd.Series, means: int) -> float:
    """Return the standard deviation of what is left after so many means; missing where nothing is left."""
    free = len(residuals) - means
    return float(np.sqrt((residuals**2).sum() / free)) if free > 0 else float("nan")
