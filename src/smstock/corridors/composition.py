"""Who an audience is made of, and what comes back: columns beyond the contract that the level models use.

They describe the corridor without its stock: what is usual of its audience, its daily accounts, shares of women and of
age groups, the accounts of all foreign origins, and the official stock of the reverse corridor (natives of the
destination living in the origin, whose return fills the label "lived abroad").
"""

from __future__ import annotations

from typing import Final

import pandas as pd

from smstock.corridors.covariates import SHARE, SHARE_OF_AGE, usual_audience
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
    extended = table.copy() if usual is None else table.join(usual.rename("audience_typical"), on=CORRIDOR_SEX_KEY)
    daily = _daily(extended, audience) if metric != DAILY else None
    if daily is not None:
        extended["audience_daily"] = daily
    of_metric = audience[audience["metric"] == metric]
    totals = extended[extended["sex"] == "all"].set_index(CORRIDOR_KEY)
    shares = _ages(totals["audience"], of_metric)
    accounts = table["audience"].astype("float64").fillna(table["audience_upper"].astype("float64") / 2)
    by_sex = accounts.set_axis(pd.MultiIndex.from_frame(table[CORRIDOR_SEX_KEY])).unstack("sex")  # noqa: PD010
    if {"female", "male"} <= set(by_sex.columns):
        female = by_sex["female"] / (by_sex["female"] + by_sex["male"])
        shares[f"{SHARE}female"] = female.where(totals["audience"].notna())
    extended = extended.join(shares, on=CORRIDOR_KEY)
    foreign, basis = _foreign(extended[extended["sex"] == "all"], of_metric)
    if foreign is not None:
        extended["audience_foreign"] = extended["destination"].map(foreign)
        extended["audience_foreign_basis"] = extended["audience_foreign"].notna().map({True: basis, False: ""})
    return extended


def _daily(table: pd.DataFrame, audience: pd.DataFrame) -> pd.Series | None:
    """Return the daily accounts of each row at the scale of the usual audience, None where none were collected."""
    rows = undivided(audience[audience["metric"] == DAILY])
    if rows.empty:
        return None
    accounts = rows.set_index(CORRIDOR_SEX_KEY)["value"].astype("float64")
    shown = accounts.reindex(pd.MultiIndex.from_frame(table[CORRIDOR_SEX_KEY])).set_axis(table.index)
    daily: pd.Series = shown * usual_audience(table) / table["audience"].astype("float64")
    return daily


def _foreign(totals: pd.DataFrame, audience: pd.DataFrame) -> tuple[pd.Series | None, str]:
    """Return the accounts of all foreign origins by destination, and what they rest on; None if both are unknown."""
    rows = audience[(audience["origin"] == FOREIGN) & (audience["sex"] == "all") & audience["value"].gt(0)]
    if len(rows):
        return rows.set_index("destination")["value"].astype("float64"), CATEGORY
    asked = totals.assign(usual=usual_audience(totals))
    asked = asked.fillna({"usual": asked["audience_upper"]}).dropna(subset="usual")
    if asked["origin"].nunique() < 2:
        return None, ""
    return asked.groupby("destination")["usual"].sum(), ASKED


def _ages(accounts_of_all: pd.Series, audience: pd.DataFrame) -> pd.DataFrame:
    """Return the share of each age group that was asked for, by corridor."""
    rows = audience[_plain(audience) & (audience["sex"] == "all")]
    rows = rows.drop(undivided(rows).index)
    if rows.empty:  # most tables of past dates; to pivot nothing takes as long as to pivot a wave
        return pd.DataFrame(index=accounts_of_all.index)
    accounts = rows["value"].astype("float64").fillna(rows["upper"].astype("float64") / 2)
    ages = [
        f"{SHARE_OF_AGE}{youngest}_{'over' if pd.isna(oldest) else int(oldest)}"
        for youngest, oldest in zip(rows["age_min"], rows["age_max"], strict=True)
    ]
    wide = rows.assign(accounts=accounts, group=ages).pivot_table(
        index=CORRIDOR_KEY, columns="group", values="accounts"
    )
    shares = wide.div(accounts_of_all.astype("float64").reindex(wide.index), axis=0)
    return shares.rename_axis(columns=None).reindex(accounts_of_all.index)


def undivided(audience: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of migrants of one origin, of the widest age group, without a breakdown other than sex.

    Examples
    --------
    >>> import pandas as pd
    >>> cell = {"origin": "POL", "education": "", "relationship": "", "dimension": "", "age_min": 18}
    >>> undivided(pd.DataFrame([cell | {"age_max": 24}, cell | {"age_max": None}])).index.tolist()
    [1]
    """
    if audience.empty:  # past dates mostly have none, and every comparison has its price
        return audience
    rows = audience[_plain(audience)]
    oldest = rows["age_max"].astype("float64").fillna(float("inf"))
    widest: pd.DataFrame = rows[(rows["age_min"] == rows["age_min"].min()) & (oldest == oldest.max())]
    return widest


def _plain(audience: pd.DataFrame) -> pd.Series:
    """Return which rows are of one origin, without a breakdown other than sex and age."""
    total = (audience[["education", "relationship", "dimension"]] == "").all(axis=1)
    plain: pd.Series = total & ~audience["origin"].isin(NO_ORIGIN)
    return plain
