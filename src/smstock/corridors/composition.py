"""Who an audience is made of, and what comes back: columns beyond the contract that the level models use.

They describe the corridor without its stock: what is usual of its audience, its daily accounts, shares of women and of
age groups, the accounts of all foreign origins, and the official stock of the reverse corridor (natives of the
destination living in the origin, whose return fills the label "lived abroad").
"""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from smstock.corridors.covariates import SHARE, SHARE_OF_AGE, usual_audience
from smstock.corridors.keys import beside, codes, columns, equal, numbers
from smstock.tables import CORRIDOR_KEY, CORRIDOR_SEX_KEY
from smstock.vocabulary.facets import FOREIGN, NO_ORIGIN

DAILY: Final = "dau"
"""The metric of daily accounts, which come with each answer."""
CATEGORY: Final = "category"
"""``audience_foreign`` is the platform's own category of all who lived abroad."""
ASKED: Final = "asked"
"""``audience_foreign`` is a sum over the origins that were asked; the category was asked nowhere."""


def with_composition(
    table: pd.DataFrame, audience: pd.DataFrame, *, metric: str = "mau", usual: pd.Series | None = None
) -> pd.DataFrame:
    """Return a corridor table with what its audience is made of, each column only where something is known.

    - ``audience_typical``: ``usual``, by corridor and sex;
    - ``audience_daily``: daily accounts of the wave, times the typical audience over that of the wave where both are
      known;
    - ``share_female``, ``share_age_18_24`` and so on: shares of both sexes together, on each row of the corridor; a
      group at the floor counts as half of the most it can be;
    - ``audience_foreign``: accounts of all foreign origins, and ``audience_foreign_basis``: ``category`` where the
      platform's own category was asked; where it was asked nowhere and more than one origin was, ``asked``: the sum of
      their usual audiences, one below the floor counted as the most it can be.

    Parameters
    ----------
    table
        Corridor table.
    audience
        The audience table of its wave, every metric, breakdowns included.
    metric
        The metric of the audience.
    usual
        Usual audience by destination, origin and sex (`smstock.corridors.history.audience_typical`).

    Examples
    --------
    >>> import pandas as pd
    >>> corridor = {"destination": "AUT", "origin": "SRB", "sex": "all", "audience": 60000.0, "audience_upper": 60500.0}
    >>> group = {"destination": "AUT", "origin": "SRB", "sex": "all", "education": "", "relationship": ""}
    >>> group |= {"dimension": "", "age_min": 18, "age_max": 24, "value": 6000.0, "upper": 6000.0, "metric": "mau"}
    >>> answers = pd.DataFrame([group, group | {"age_max": None, "value": 60000.0}])
    >>> with_composition(pd.DataFrame([corridor]), answers)["share_age_18_24"].tolist()
    [0.1]
    """
    extended = table.copy()
    if usual is not None:
        of_usual = [usual.index.get_level_values(name).to_numpy(dtype=object) for name in CORRIDOR_SEX_KEY]
        extended["audience_typical"] = beside(columns(table, CORRIDOR_SEX_KEY), of_usual, numbers(usual))
    daily = _daily(extended, audience) if metric != DAILY else None
    if daily is not None:
        extended["audience_daily"] = daily
    of_metric = audience[equal(audience, "metric", metric)]
    for name, share in (_ages(table, of_metric) | _women(table)).items():
        extended[name] = share
    foreign, basis = _foreign(extended, of_metric)
    if foreign is not None:
        extended["audience_foreign"] = foreign
        extended["audience_foreign_basis"] = pd.array(np.where(np.isnan(foreign), "", basis), dtype="str")
    return extended


def _daily(table: pd.DataFrame, audience: pd.DataFrame) -> np.ndarray | None:
    """Return the daily accounts of each row at the scale of the usual audience, None where none were collected."""
    of_metric = equal(audience, "metric", DAILY)
    rows = undivided(audience[of_metric]) if of_metric.any() else audience.iloc[:0]
    if rows.empty:
        return None
    accounts = beside(columns(table, CORRIDOR_SEX_KEY), columns(rows, CORRIDOR_SEX_KEY), numbers(rows["value"]))
    with np.errstate(divide="ignore", invalid="ignore"):
        daily: np.ndarray = accounts * usual_audience(table) / numbers(table["audience"])
    return daily


def _foreign(table: pd.DataFrame, audience: pd.DataFrame) -> tuple[np.ndarray | None, str]:
    """Return the accounts of all foreign origins at each row's destination, and what they rest on; None if unknown."""
    rows = audience[_whole(audience) & equal(audience, "origin", FOREIGN) & equal(audience, "sex", "all")]
    rows = rows[_widest(rows)]
    rows, destination = rows[rows["value"].gt(0)], table["destination"].to_numpy(dtype=object)
    if len(rows):
        return beside([destination], columns(rows, ["destination"]), numbers(rows["value"])), CATEGORY
    usual = usual_audience(table)
    usual = np.where(np.isnan(usual), numbers(table["audience_upper"]), usual)
    asked = equal(table, "sex", "all") & ~np.isnan(usual)
    if len(set(table["origin"].to_numpy(dtype=object)[asked].tolist())) < 2:
        return None, ""
    (of_destination,) = codes([destination])
    sums = np.full(of_destination.max() + 1, np.nan)
    by_destination = pd.Series(usual[asked]).groupby(of_destination[asked]).sum()
    sums[by_destination.index] = by_destination
    return sums[of_destination], ASKED


def _women(table: pd.DataFrame) -> dict[str, np.ndarray]:
    """Return the share of women in the audience of each row's corridor, nothing where sexes were not asked for."""
    of_sex = {sex: equal(table, "sex", sex) for sex in ("all", "female", "male")}
    if not (of_sex["female"].any() and of_sex["male"].any()):
        return {}
    shown, key = numbers(table["audience"]), columns(table, CORRIDOR_KEY)
    accounts = np.where(np.isnan(shown), numbers(table["audience_upper"]) / 2, shown)
    both, women, men = (
        beside(key, [texts[rows] for texts in key], (shown if sex == "all" else accounts)[rows])
        for sex, rows in of_sex.items()
    )
    with np.errstate(invalid="ignore"):
        share = women / (women + men)
    return {f"{SHARE}female": np.where(np.isnan(both), np.nan, share)}


def _ages(table: pd.DataFrame, audience: pd.DataFrame) -> dict[str, np.ndarray]:
    """Return the share of each age group that was asked for, in the audience of each row's corridor."""
    rows = audience[_plain(audience) & equal(audience, "sex", "all")]
    rows = rows[~_widest(rows)]
    if rows.empty:  # most tables of past dates
        return {}
    shown, upper = numbers(rows["value"]), numbers(rows["upper"])
    of_rows = np.array(
        [
            f"{SHARE_OF_AGE}{youngest}_{'over' if pd.isna(oldest) else int(oldest)}"
            for youngest, oldest in zip(rows["age_min"], rows["age_max"], strict=True)
        ],
        dtype=object,
    )
    key_of_rows, key = columns(rows, CORRIDOR_KEY), columns(table, CORRIDOR_KEY)
    _, first, cells = np.unique(codes([*key_of_rows, of_rows])[0], return_index=True, return_inverse=True)
    accounts = pd.Series(np.where(np.isnan(shown), upper / 2, shown)).groupby(cells).mean().to_numpy()
    totals = equal(table, "sex", "all")
    of_all = beside(key, [texts[totals] for texts in key], numbers(table["audience"])[totals])
    shares = {}
    for group in sorted(set(of_rows.tolist())):
        of_group = (of_rows[first] == group) & ~np.isnan(accounts)
        if of_group.any():
            of_key = [texts[first[of_group]] for texts in key_of_rows]
            with np.errstate(divide="ignore", invalid="ignore"):
                shares[group] = beside(key, of_key, accounts[of_group]) / of_all
    return shares


def undivided(audience: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of migrants of one origin, of the widest age group, without a breakdown other than sex.

    Examples
    --------
    >>> import pandas as pd
    >>> cell = {"origin": "POL", "education": "", "relationship": "", "dimension": "", "age_min": 18}
    >>> undivided(pd.DataFrame([cell | {"age_max": 24}, cell | {"age_max": None}])).index.tolist()
    [1]
    """
    rows = audience[_plain(audience)]
    return rows[_widest(rows)]


def _widest(audience: pd.DataFrame) -> np.ndarray:
    """Return which rows are of the widest age group: the youngest beginning, and of that the oldest end."""
    youngest, oldest = numbers(audience["age_min"]), numbers(audience["age_max"])
    oldest = np.where(np.isnan(oldest), np.inf, oldest)
    if not len(audience):
        return np.zeros(0, dtype=bool)
    widest: np.ndarray = (youngest == np.nanmin(youngest)) & (oldest == oldest.max())
    return widest


def _plain(audience: pd.DataFrame) -> np.ndarray:
    """Return which rows are of one origin, without a breakdown other than sex and age."""
    plain = _whole(audience)
    for text in NO_ORIGIN:
        plain &= ~equal(audience, "origin", text)
    return plain


def _whole(audience: pd.DataFrame) -> np.ndarray:
    """Return which rows have no breakdown other than sex and age."""
    whole = np.ones(len(audience), dtype=bool)
    for name in ("education", "relationship", "dimension"):
        whole &= equal(audience, name, "")
    return whole
