"""One preferred figure for each corridor, sex, age and date, chosen by a written order; figures are never averaged.

The order names providers, concepts and editions, the most trusted first. A figure that its first entry lacks is taken
from the next that has it, and the row says so in its flags. Reference dates must be equal: a figure for 1 July fills no
hole of 1 January, unless `at_date` has interpolated it before.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import pandas as pd

from smstock import tables
from smstock.errors import ContractError, InputError
from smstock.official.flags import INTERPOLATED, RESOLVED, joined
from smstock.tables import STOCK

if TYPE_CHECKING:
    from collections.abc import Sequence

    from smstock.tables import Contract

CELL: Final = ("destination", "origin", "sex", "age_min", "age_max", "reference_date")
"""What one figure is chosen for."""


@dataclass(frozen=True)
class Preference:
    """An entry of the order: figures of one provider, concept and edition.

    Examples
    --------
    >>> str(Preference("oecd", "birth", "2024"))
    'oecd birth 2024'
    """

    provider: str
    concept: str
    edition: str

    def __str__(self) -> str:
        return f"{self.provider} {self.concept} {self.edition}"


def resolve(stocks: Sequence[pd.DataFrame], order: Sequence[Preference]) -> pd.DataFrame:
    """Return a stock table with one row for each corridor, sex, age and date.

    A cell has the figure of the first entry of the order that has one, with its provider, concept and edition. If that
    is not the first entry, its flags end in ``resolved: <taken> instead of <first> (<why>)``: the mark in place of the
    missing figure, or ``no row``. A cell for which no entry has a figure keeps the row of the first that mentions it.
    Figures of entries that the order does not name are left out.

    Parameters
    ----------
    stocks
        Stock tables. Where two hold the same row, the one retrieved last counts.
    order
        The most trusted entry first.

    Raises
    ------
    InputError
        The order is empty, names an entry twice, or one that the tables have no row of.
    ContractError
        An entry holds two figures for one cell, from two data sets.

    Examples
    --------
    >>> import pandas as pd
    >>> row = {"dataset": "x", "edition": "1", "concept": "birth", "destination": "DEU", "sex": "all", "age_min": 0,
    ...        "age_max": None, "reference_date": "2024-01-01", "flags": "", "retrieved_at": ""}
    >>> first = pd.DataFrame([row | {"provider": "eurostat", "origin": "POL", "value": None, "flags": ":"},
    ...                       row | {"provider": "eurostat", "origin": "SRB", "value": 5}])
    >>> second = pd.DataFrame([row | {"provider": "oecd", "origin": "POL", "value": 7}])
    >>> order = [Preference("eurostat", "birth", "1"), Preference("oecd", "birth", "1")]
    >>> resolve([first, second], order)[["origin", "value", "flags"]].to_numpy().tolist()
    [['POL', 7.0, 'resolved: oecd birth 1 instead of eurostat birth 1 (:)'], ['SRB', 5.0, '']]
    """
    return first_of_each(ranked(stocks, order), order)


def ranked(stocks: Sequence[pd.DataFrame], order: Sequence[Preference]) -> pd.DataFrame:
    """Return the rows of the entries of an order, with the place of each entry in it in a column ``rank``.

    Raises
    ------
    InputError, ContractError
        As for `resolve`.

    Examples
    --------
    >>> import pandas as pd
    >>> row = {"dataset": "x", "edition": "1", "concept": "birth", "destination": "DEU", "origin": "POL", "sex": "all",
    ...        "age_min": 0, "age_max": None, "reference_date": "2024-01-01", "flags": "", "retrieved_at": ""}
    >>> stock = pd.DataFrame([row | {"provider": "undesa", "value": 7}, row | {"provider": "oecd", "value": 5}])
    >>> ranked([stock], [Preference("oecd", "birth", "1")])[["provider", "rank"]].to_numpy().tolist()
    [['oecd', 0]]
    """
    rows = latest(stocks)
    rows = rows.assign(rank=_ranks(rows, order)).dropna(subset="rank")
    rows["rank"] = rows["rank"].astype(int)
    _check_single(rows, order)
    return rows


def latest(stocks: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Return the rows of all tables; of equal keys the one that was retrieved last, or read last.

    Raises
    ------
    InputError
        There is no table.

    Examples
    --------
    >>> import pandas as pd
    >>> row = {"provider": "x", "dataset": "x", "edition": "1", "concept": "birth", "destination": "DEU",
    ...        "origin": "POL", "sex": "all", "age_min": 0, "age_max": None, "reference_date": "2024-01-01",
    ...        "value": 7, "flags": ""}
    >>> stocks = [pd.DataFrame([row | {"retrieved_at": day}]) for day in ("2026-11-30", "2025-01-01")]
    >>> latest(stocks)["retrieved_at"].tolist()
    ['2026-11-30']
    """
    if not stocks:
        raise InputError("there is no stock table to choose from", hint="fetch or import one first")
    rows = pd.concat([tables.check(stock, STOCK) for stock in stocks], ignore_index=True)
    rows = rows.sort_values("retrieved_at", kind="stable")
    return rows.drop_duplicates(list(STOCK.key), keep="last")


def first_of_each(rows: pd.DataFrame, order: Sequence[Preference]) -> pd.DataFrame:
    """Return the row of each cell that `resolve` chooses, out of rows as `ranked` returns them.

    Examples
    --------
    >>> import pandas as pd
    >>> row = {"dataset": "x", "edition": "1", "concept": "birth", "destination": "DEU", "origin": "POL", "sex": "all",
    ...        "age_min": 0, "age_max": None, "reference_date": "2024-01-01", "flags": "", "retrieved_at": ""}
    >>> stock = pd.DataFrame([row | {"provider": "undesa", "value": 7}, row | {"provider": "oecd", "value": 5}])
    >>> order = [Preference("undesa", "birth", "1"), Preference("oecd", "birth", "1")]
    >>> first_of_each(ranked([stock], order), order)["value"].tolist()
    [7.0]
    """
    rows = rows.assign(absent=rows["value"].isna()).sort_values(["absent", "rank"], kind="stable")
    chosen = rows.drop_duplicates(list(CELL)).copy()
    most_trusted = rows.loc[rows["rank"] == 0, [*CELL, "flags"]].rename(columns={"flags": "of_first"})
    chosen = chosen.merge(most_trusted, on=list(CELL), how="left")
    switched = (chosen["rank"] > 0) & ~chosen["absent"]
    chosen["flags"] = [
        joined(flags, f"{RESOLVED}{order[rank]} instead of {order[0]} ({_why(of_first)})") if switch else flags
        for flags, rank, of_first, switch in zip(
            chosen["flags"], chosen["rank"], chosen["of_first"], switched, strict=True
        )
    ]
    chosen = chosen.sort_values(list(CELL), kind="stable")
    return tables.check(pd.DataFrame(chosen[STOCK.names]), STOCK)


def at_date(table: pd.DataFrame, contract: Contract, date: str) -> pd.DataFrame:
    """Return the figures of a stock or population table for one day, on the line between the two dates around it.

    A figure for the day itself stays as it is. Others are interpolated linearly, by days, between the nearest date
    before and after that have a figure, and marked ``interpolated: <before> to <after>``: in ``flags`` of a stock, in
    ``edition`` of a population, which has no flags. What has no figure on both sides is left out, not extrapolated.

    Parameters
    ----------
    table
        Keeps ``contract``.
    contract
        `STOCK` or `POPULATION`.
    date
        ISO 8601.

    Examples
    --------
    >>> import pandas as pd
    >>> from smstock.tables import POPULATION
    >>> row = {"provider": "undesa", "edition": "wpp 2022", "area": "NAM", "sex": "all", "age_min": 0, "age_max": None}
    >>> years = {"2019-07-01": 100.0, "2020-07-01": 466.0}
    >>> rows = pd.DataFrame([row | {"reference_date": day, "value": value} for day, value in years.items()])
    >>> at_date(rows, POPULATION, "2020-01-01")[["edition", "value"]].to_numpy().tolist()
    [['wpp 2022, interpolated: 2019-07-01 to 2020-07-01', 284.0]]
    """
    series = [name for name in contract.key if name != "reference_date"]
    rows = tables.check(table, contract)
    rows = rows[rows["value"].notna()]
    before = _nearest(rows[rows["reference_date"] <= date], series, last=True)
    after = _nearest(rows[rows["reference_date"] > date], series, last=False)
    exact = before[before["reference_date"] == date]
    pairs = before[before["reference_date"] < date].merge(
        after[[*series, "reference_date", "value"]], on=series, suffixes=("", "_after")
    )
    start, end = (pd.to_datetime(pairs[name], errors="coerce") for name in ("reference_date", "reference_date_after"))
    share = (pd.Timestamp(date) - start) / (end - start)
    remark = INTERPOLATED + pairs["reference_date"] + " to " + pairs["reference_date_after"]
    pairs["value"] = pairs["value"] + share * (pairs["value_after"] - pairs["value"])
    if "flags" in pairs:
        pairs["flags"] = [joined(*marks) for marks in zip(pairs["flags"], remark, strict=True)]
    else:
        pairs["edition"] = pairs["edition"] + ", " + remark
    pairs["reference_date"] = date
    return tables.check(pd.concat([exact, pairs[contract.names]], ignore_index=True), contract)


def _nearest(rows: pd.DataFrame, series: list[str], *, last: bool) -> pd.DataFrame:
    """Return the last, or the first, row of each series."""
    return rows.sort_values("reference_date", kind="stable").drop_duplicates(series, keep="last" if last else "first")


def _ranks(rows: pd.DataFrame, order: Sequence[Preference]) -> pd.Series:
    """Return the place of each row's entry in the order; missing where it has none."""
    if not order or len(set(order)) < len(order):
        raise InputError(
            f"the order names no entry, or one twice: {', '.join(map(str, order)) or 'none'}",
            allowed="entries of provider, concept and edition, each once",
            hint="mend the order in the calibration file",
        )
    columns = ["provider", "concept", "edition"]
    at_hand = {Preference(*source) for source in rows[columns].drop_duplicates().itertuples(index=False)}
    if unknown := [str(entry) for entry in order if entry not in at_hand]:
        raise InputError(
            f"there is no figure of {', '.join(unknown)}",
            allowed=", ".join(sorted(map(str, at_hand))) or "nothing: the tables are empty",
            hint="mend the order, or fetch what it names",
        )
    places = pd.DataFrame(
        [(entry.provider, entry.concept, entry.edition, place) for place, entry in enumerate(order)],
        columns=[*columns, "rank"],
    )
    ranks = rows[columns].merge(places, on=columns, how="left")["rank"]
    return pd.Series(ranks.to_numpy(), index=rows.index)


def _check_single(rows: pd.DataFrame, order: Sequence[Preference]) -> None:
    """Refuse two figures of one entry for one cell."""
    present = rows[rows["value"].notna()]
    twice = present[present.duplicated(["rank", *CELL], keep=False)]
    if len(twice):
        cell = twice.iloc[0]
        datasets = sorted(twice.loc[twice["rank"] == cell["rank"], "dataset"].unique())
        raise ContractError(
            f"{order[cell['rank']]} has two figures for one cell, from the data sets {', '.join(datasets)}",
            where=f"{cell['destination']} from {cell['origin']}, {cell['sex']}, {cell['reference_date']}",
            hint="give one of the data sets only",
        )


def _why(of_first: object) -> str:
    """Return why the first entry has no figure: its mark, or that it has no row."""
    if not isinstance(of_first, str):
        return "no row"
    return of_first.rpartition(";")[2].strip() or "missing"
