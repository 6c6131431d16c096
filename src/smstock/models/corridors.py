"""The corridor table: audience, last official figure, penetration and benchmark of each corridor, side by side."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING

from smstock.audience.penetration import penetration
from smstock.models.composition import with_composition
from smstock.models.history import KEY, audience_growth, official_history
from smstock.tables import CORRIDOR, check

if TYPE_CHECKING:
    import pandas as pd

_AUDIENCE = {"value": "audience", "upper": "audience_upper", "status": "audience_status"}
_TARGET = {"value": "stock", "concept": "stock_concept", "provider": "stock_provider"}
NOT_ASKED = "not_asked"
"""Audience status of a corridor that is in the table for its official figures alone."""


def corridors(
    audience: pd.DataFrame,
    stock: pd.DataFrame,
    *,
    target_date: str,
    known_until: str,
    benchmark: bool,
    users: pd.DataFrame | None = None,
    population: pd.DataFrame | None = None,
    internet: pd.DataFrame | None = None,
    waves: pd.DataFrame | None = None,
    with_unasked: bool = False,
) -> pd.DataFrame:
    """Return the corridor table of one wave.

    Parameters
    ----------
    audience
        Audience table of one wave and metric; only rows of all ages, education and relationship groups are used.
    stock
        Stock table of one provider, edition and accepted set of concepts.
    target_date
        The day to be estimated (ISO). With ``benchmark`` its official figure becomes the ``stock`` to learn from.
    known_until
        Official figures about a later day are not used as ``official_last``.
    benchmark
        Whether the official stock of ``target_date`` is to be matched; otherwise ``stock`` is missing throughout.
    users, population
        For penetration; without them it is missing.
    internet
        Share of persons who use the internet (columns area, sex, rate); without it that is missing.
    waves
        Audience table of every wave of that metric, for ``audience_growth``; without it that is missing.
    with_unasked
        Whether corridors with an official figure but without an audience get a row, of status ``not_asked``.

    Notes
    -----
    Every corridor of the audience table is kept; what it lacks is missing. Columns beyond the contract say what the
    audience is made of (`smstock.models.composition`).
    """
    history = official_history(stock, target_date=target_date, known_until=known_until)
    rows = whole(audience)[[*KEY, *_AUDIENCE]].rename(columns=_AUDIENCE)
    table = rows.merge(history, on=KEY, how="outer" if with_unasked else "left")
    for name in ("official_last_date", "official_concept", "official_provider"):
        table[name] = table[name].fillna("")
    table["audience_status"] = table["audience_status"].fillna(NOT_ASKED)
    table["audience_growth"] = None
    if waves is not None and len(audience):
        table["audience_growth"] = audience_growth(table, whole(waves), wave=audience["wave"].max())
    target = stock[stock["reference_date"] == target_date][[*KEY, *_TARGET]].rename(columns=_TARGET)
    table = table.merge(target if benchmark else target.iloc[:0], on=KEY, how="left")
    penetrated = penetration(users, population) if users is not None and population is not None else None
    table = _with_rates(table, penetrated, "penetration")
    return with_composition(check(_with_rates(table, internet, "internet"), CORRIDOR), audience)


def whole(audience: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of migrants of the widest age group, without a breakdown other than sex.

    Examples
    --------
    >>> import pandas as pd
    >>> cell = {"origin": "POL", "education": "", "relationship": "", "dimension": "", "age_min": 18}
    >>> whole(pd.DataFrame([cell | {"age_max": 24}, cell | {"age_max": None}])).index.tolist()
    [1]
    """
    plain = (audience[["education", "relationship", "dimension"]] == "").all(axis=1)
    rows = audience[(audience["origin"] != "") & plain]
    oldest = rows["age_max"].astype("float64").fillna(inf)
    widest: pd.DataFrame = rows[(rows["age_min"] == rows["age_min"].min()) & (oldest == oldest.max())]
    return widest


def _with_rates(table: pd.DataFrame, rates: pd.DataFrame | None, name: str) -> pd.DataFrame:
    """Add the rates of both ends of each corridor, of its sex; missing where there are none."""
    for end in ("destination", "origin"):
        if rates is None:
            table[f"{name}_{end}"] = None
        else:
            of_end = rates[["area", "sex", "rate"]].rename(columns={"area": end, "rate": f"{name}_{end}"})
            table = table.merge(of_end, on=[end, "sex"], how="left")
    return table
