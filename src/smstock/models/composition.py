"""Who an audience is made of, and what comes back: columns beyond the contract that the level models use.

They describe the corridor without its stock: shares of women and of age groups in the audience, the accounts of every
origin asked about, and the official stock of the reverse corridor (natives of the destination living in the origin,
whose return fills the label "lived abroad").
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from smstock.models.covariates import SHARE

if TYPE_CHECKING:
    import pandas as pd

CORRIDOR_KEY = ["destination", "origin"]


def with_composition(table: pd.DataFrame, audience: pd.DataFrame) -> pd.DataFrame:
    """Return a corridor table with ``share_...``, ``audience_foreign`` and ``official_reverse`` where they are known.

    A group at the floor counts as half of the most it can be. Shares of a corridor are those of both sexes together, on
    each of its rows. ``audience_foreign`` is there where more than one origin was asked about, ``official_reverse``
    where the table holds the official figure of the reverse corridor.

    Parameters
    ----------
    table
        Corridor table.
    audience
        The audience table it was made from, breakdowns included.

    Examples
    --------
    >>> import pandas as pd
    >>> corridor = {"destination": "AUT", "origin": "SRB", "sex": "all", "audience": 60000.0, "official_last": 9e4}
    >>> group = {"destination": "AUT", "origin": "SRB", "sex": "all", "education": "", "relationship": ""}
    >>> group |= {"dimension": "", "age_min": 18, "age_max": 24, "value": 6000.0, "upper": 6000.0}
    >>> with_composition(pd.DataFrame([corridor]), pd.DataFrame([group]))["share_18_24"].tolist()
    [0.1]
    """
    totals = table[table["sex"] == "all"].set_index(CORRIDOR_KEY)
    shares = _ages(totals["audience"], audience)
    by_sex = table.set_index([*CORRIDOR_KEY, "sex"])["audience"].astype("float64").unstack("sex")  # noqa: PD010 - no sums
    if {"female", "male"} <= set(by_sex.columns):
        shares[f"{SHARE}female"] = by_sex["female"] / (by_sex["female"] + by_sex["male"])
    if len(set(totals.index.get_level_values("origin"))) > 1:
        foreign = totals["audience"].astype("float64").groupby(level="destination").transform("sum")
        shares["audience_foreign"] = foreign.where(foreign > 0)
    back = totals["official_last"].astype("float64").rename_axis(index=CORRIDOR_KEY[::-1]).swaplevel()
    reverse = back.reindex(totals.index)
    if reverse.notna().any():
        shares["official_reverse"] = reverse
    return table.join(shares, on=CORRIDOR_KEY)


def _ages(whole: pd.Series, audience: pd.DataFrame) -> pd.DataFrame:
    """Return the share of each age group that was asked for, by corridor."""
    import pandas as pd

    plain = (audience[["education", "relationship", "dimension"]] == "").all(axis=1) & (audience["sex"] == "all")
    rows = audience[plain & (audience["origin"] != "")]
    accounts = rows["value"].astype("float64").fillna(rows["upper"].astype("float64") / 2)
    ages = [
        f"{SHARE}{youngest}_{'over' if pd.isna(oldest) else int(oldest)}"
        for youngest, oldest in zip(rows["age_min"], rows["age_max"], strict=True)
    ]
    wide = rows.assign(accounts=accounts, group=ages).pivot_table(
        index=CORRIDOR_KEY, columns="group", values="accounts"
    )
    return wide.div(whole.astype("float64").reindex(wide.index), axis=0).rename_axis(columns=None).reindex(whole.index)
