"""The corridor table: audience, last official figure, penetration and benchmark of each corridor, side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING

from smstock.audience.penetration import penetration
from smstock.tables import CORRIDOR, check
from smstock.vocabulary.dates import years_between

if TYPE_CHECKING:
    import pandas as pd

KEY = ["destination", "origin", "sex"]
_LAST = {"value": "official_last", "reference_date": "official_last_date", "concept": "official_concept"}


def corridors(
    audience: pd.DataFrame,
    stock: pd.DataFrame,
    *,
    target_date: str,
    known_until: str,
    benchmark: bool,
    users: pd.DataFrame | None = None,
    population: pd.DataFrame | None = None,
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

    Notes
    -----
    Every corridor of the audience table is kept; what it lacks is missing. A corridor that was not asked has no row.
    """
    known = stock[(stock["reference_date"] <= known_until) & stock["value"].notna()]
    last = known.sort_values("reference_date").drop_duplicates(KEY, keep="last")
    table = _whole(audience).merge(last[[*KEY, *_LAST]].rename(columns=_LAST), on=KEY, how="left")
    for name in ("official_last_date", "official_concept"):
        table[name] = table[name].fillna("")
    table["lag"] = [years_between(day, target_date) if day else None for day in table["official_last_date"]]
    target = stock[stock["reference_date"] == target_date][[*KEY, "value"]].rename(columns={"value": "stock"})
    table = table.merge(target if benchmark else target.iloc[:0], on=KEY, how="left")
    return check(_with_penetration(table, users, population), CORRIDOR)


def _whole(audience: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of migrants without a breakdown other than sex, in the corridor table's names."""
    rows = audience[(audience["origin"] != "") & (audience["education"] == "") & (audience["relationship"] == "")]
    if len(rows):
        widest = rows["age_min"].min()
        rows = rows[(rows["age_min"] == widest) & rows["age_max"].isna()]
    names = {"value": "audience", "upper": "audience_upper", "status": "audience_status"}
    return rows[[*KEY, *names]].rename(columns=names)


def _with_penetration(table: pd.DataFrame, users: pd.DataFrame | None, population: pd.DataFrame | None) -> pd.DataFrame:
    if users is None or population is None:
        return table.assign(penetration_destination=None, penetration_origin=None)
    rates = penetration(users, population)[["area", "sex", "rate"]]
    for end in ("destination", "origin"):
        named = rates.rename(columns={"area": end, "rate": f"penetration_{end}"})
        table = table.merge(named, on=[end, "sex"], how="left")
    return table
