"""The stock of each corridor over the years, from several providers by a written order, of one concept a corridor.

`smstock.official.resolver.resolve` chooses between figures for one day. Providers count on different days, so a series
needs two rules more:

- In a calendar year the most trusted figure counts, though another may be some months younger. Eurostat's figure for
  1 January stands, and UN DESA's for 1 July of that year is left out.
- A corridor keeps to one concept, that of the most trusted entry that has a figure for it; foreign citizens of one year
  beside the foreign-born of another would look like a change.

So another entry at the end of the order adds figures and changes none: each figure that stands without it stays.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from smstock.official.resolver import CELL, at_date, first_of_each, ranked
from smstock.tables import CORRIDOR_KEY, STOCK, check

if TYPE_CHECKING:
    from collections.abc import Sequence

    from smstock.official.resolver import Preference


def series(
    stocks: Sequence[pd.DataFrame], order: Sequence[Preference], *, day: str = "", until: str = ""
) -> pd.DataFrame:
    """Return a stock table with at most one figure for each corridor, sex, age and calendar year, and one for a day.

    Parameters
    ----------
    stocks
        Stock tables.
    order
        The most trusted entry first; each row that is not from the first says so in its flags, as `resolve` has it.
    day
        A day (ISO 8601) for which figures are wanted besides: every series is interpolated to it by `at_date` before
        the order is applied. A figure that is missing on the day itself is a documented hole; it is filled from the
        next entry and not interpolated. Empty: none.
    until
        Figures about a later day are left out; empty: none is.

    Raises
    ------
    InputError, ContractError
        As for `resolve`.

    Notes
    -----
    Figures for ``day`` may rest on later ones, so they say what happened, not what was known on that day.

    Examples
    --------
    >>> import pandas as pd
    >>> from smstock.official.resolver import Preference
    >>> row = {"dataset": "x", "edition": "1", "concept": "birth", "destination": "DEU", "origin": "POL", "sex": "all",
    ...        "age_min": 0, "age_max": None, "flags": "", "retrieved_at": ""}
    >>> figures = [("eurostat", "2015-01-01", 3), ("undesa", "2015-07-01", 4), ("undesa", "2020-07-01", 9)]
    >>> rows = [row | {"provider": name, "reference_date": day, "value": value} for name, day, value in figures]
    >>> order = [Preference("eurostat", "birth", "1"), Preference("undesa", "birth", "1")]
    >>> series([pd.DataFrame(rows)], order)[["reference_date", "value"]].to_numpy().tolist()
    [['2015-01-01', 3.0], ['2020-07-01', 9.0]]
    """
    rows = ranked([_with_day(stock, day) for stock in stocks] if day else stocks, order)
    rows = _one_concept(rows[(rows["reference_date"] <= until) | (until == "")])
    rows = first_of_each(rows, order)
    rows = rows[rows["value"].notna()]
    of_day = rows["reference_date"] == day
    rows = pd.concat([rows[of_day], _a_year(rows[~of_day], order)])
    return check(rows.sort_values(list(CELL), kind="stable"), STOCK)


def _a_year(rows: pd.DataFrame, order: Sequence[Preference]) -> pd.DataFrame:
    """Return the figure of the most trusted entry of each calendar year; of one entry's, the newest."""
    places = {(entry.provider, entry.concept, entry.edition): place for place, entry in enumerate(order)}
    sources = rows[["provider", "concept", "edition"]].itertuples(index=False, name=None)
    ranked = rows.assign(rank=[places[source] for source in sources], year=rows["reference_date"].str[:4])
    ranked = ranked.sort_values("reference_date", ascending=False, kind="stable").sort_values("rank", kind="stable")
    return ranked.drop_duplicates([*(name for name in CELL if name != "reference_date"), "year"])


def _with_day(stock: pd.DataFrame, day: str) -> pd.DataFrame:
    """Return a stock table with its series interpolated to a day; what is missing on the day itself stays missing."""
    printed = check(stock, STOCK)
    return pd.concat([printed, at_date(printed, STOCK, day)]).drop_duplicates(list(STOCK.key))


def _one_concept(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the figures that have the concept of the corridor's most trusted one, and every row without a figure."""
    figures = rows[rows["value"].notna()].sort_values("rank", kind="stable")
    concepts = figures.drop_duplicates(CORRIDOR_KEY).set_index(CORRIDOR_KEY)["concept"]
    own = concepts.reindex(pd.MultiIndex.from_frame(rows[CORRIDOR_KEY]))
    of_own_concept: pd.DataFrame = rows[rows["value"].isna() | (rows["concept"].to_numpy() == own.to_numpy())]
    return of_own_concept
