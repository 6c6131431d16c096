"""Places and their country: estimates of both are moved until the places add up to the country.

Where a country and all places that are together the whole of it have an estimate of one origin, these contradict each
other as a rule. Each moves towards the others by its share of the variance (minimum trace: Wickramasuriya,
Athanasopoulos and Hyndman 2019, doi 10.1080/01621459.2018.1448825, with independent errors)::

    d = country - sum of places      V = variance of the country + sum of variances of the places
    place' = place + w / V x d       country' = country - w / V x d       variance' = w - w^2 / V

w is the variance of an estimate, from its 80 % interval. So what is known best moves least, and every interval becomes
narrower. Where a place would fall below a tenth of its estimate, places are scaled alike instead (equal). Women and men
move by the factor of their total.
"""

from __future__ import annotations

from statistics import NormalDist
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from smstock.tables import HELD_BACK, LEVELS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

LEAST: Final = 0.1
"""Share of its estimate that a place keeps at least."""
_NOTE: Final = "moved so that places add up to their country ({how}): {before:,.0f} before"


def reconciled(estimates: pd.DataFrame, covers: Mapping[str, Sequence[str]]) -> pd.DataFrame:
    """Return estimates of which those of places add up to those of their country, origin by origin.

    An origin is left as it is where the country or one of its places has no estimate, or one that is held back.

    Parameters
    ----------
    estimates
        Estimate table of one wave.
    covers
        Countries, each with the codes of the places that are together the whole of it.

    Examples
    --------
    >>> rows = pd.DataFrame({"destination": ["BEL", "BE-1", "BE-2"], "median": [90.0, 60.0, 60.0]})
    >>> rows = rows.assign(origin="SRB", sex="all", status="provisional", notes="")
    >>> for level, half in {50: 1.1, 80: 1.2, 95: 1.4}.items():
    ...     rows[f"lower_{level}"], rows[f"upper_{level}"] = rows["median"] / half, rows["median"] * half
    >>> moved = reconciled(rows, {"BEL": ("BE-1", "BE-2")})
    >>> moved["median"].round(1).tolist(), moved["notes"][0]
    ([105.9, 52.9, 52.9], 'moved so that places add up to their country (minimum trace): 90 before')
    """
    factors = pd.Series(1.0, index=estimates.index)
    narrower = pd.Series(1.0, index=estimates.index)
    how = pd.Series("", index=estimates.index)
    known = estimates[(estimates["sex"] == "all") & estimates["median"].gt(0) & (estimates["status"] != HELD_BACK)]
    for country, places in covers.items():
        family = [country, *places]
        for _, rows in known[known["destination"].isin(family)].groupby("origin"):
            ordered = rows.set_index("destination").reindex(family)
            deviations = _deviations(ordered)
            if not np.isfinite(deviations).all():
                continue
            medians = ordered["median"].to_numpy(dtype=float)
            moved, left, words = _moved(medians, (medians * deviations) ** 2)
            for name, factor, width in zip(family, moved / medians, left, strict=True):
                same = (estimates["destination"] == name) & (estimates["origin"] == rows["origin"].iloc[0])
                factors[same], narrower[same], how[same] = factor, width, words
    return _applied(estimates, factors, narrower, how) if (how != "").any() else estimates


def _deviations(rows: pd.DataFrame) -> np.ndarray:
    """Return the standard deviation of the logarithm of each estimate, from its 80 % interval."""
    lower, upper = (rows[f"{end}_80"].to_numpy(dtype=float) for end in ("lower", "upper"))
    with np.errstate(divide="ignore", invalid="ignore"):
        deviations: np.ndarray = (np.log(upper) - np.log(np.maximum(lower, 0.5))) / (2 * NormalDist().inv_cdf(0.9))
    return deviations


def _moved(medians: np.ndarray, variances: np.ndarray) -> tuple[np.ndarray, np.ndarray, str]:
    """Return country and places as they add up, what is left of each deviation (log scale), and the way it was done."""
    apart = medians[0] - medians[1:].sum()
    share = variances / variances.sum() if variances.sum() > 0 else np.full(len(medians), 1 / len(medians))
    moved = medians + np.concatenate([[-1.0], np.ones(len(medians) - 1)]) * share * apart
    if (moved < LEAST * medians).any():
        country = np.sqrt(medians[0] * medians[1:].sum())
        return np.concatenate([[country], medians[1:] * country / medians[1:].sum()]), np.ones(len(medians)), "equal"
    return moved, np.sqrt(1 - share) * medians / moved, "minimum trace"


def _applied(estimates: pd.DataFrame, factors: pd.Series, narrower: pd.Series, how: pd.Series) -> pd.DataFrame:
    """Return estimates and their intervals moved by factors, the intervals narrower on the log scale."""
    table, median = estimates.copy(), estimates["median"]
    table["median"] = median * factors
    for level in LEVELS:
        for end in ("lower", "upper"):
            name = f"{end}_{level}"
            with np.errstate(divide="ignore", invalid="ignore"):
                ratio = np.log((estimates[name] / median).to_numpy(dtype=float))
            within = table["median"] * np.exp(ratio * narrower)
            table[name] = within.where(how != "", estimates[name])
    notes = [
        "; ".join(filter(None, (note, _NOTE.format(how=words, before=before) if words else "")))
        for note, words, before in zip(estimates["notes"], how.where(median.notna(), ""), median, strict=True)
    ]
    return table.assign(notes=notes)
