"""Whether official figures agree with themselves, with earlier ones, and with those of others.

Five comparisons, each a row of a long table with what was expected and what was found:

- ``sexes``: females plus males against all;
- ``origins``: the sum over origins against the total ``WLD``, where more than one origin is itemised;
- ``jump``: a figure against the one before it in the same series;
- ``providers``: the same cell and concept at another provider, or in another data set of the same, newest editions;
- ``editions``: the same cell and concept in another edition of the data set.

Figures for different days are not compared; `smstock.official.resolver.at_date` brings them to one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from smstock.errors import OfficialFileError
from smstock.official.base import ALL_ORIGINS
from smstock.official.columns import codes, row
from smstock.tables import STOCK, check

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from smstock.official.columns import StoredColumns

_CELL: Final = ("destination", "origin", "sex", "age_min", "age_max", "reference_date")

COLUMNS: Final = ("check", "where", "expected", "found", "difference", "verdict", "source", "against", *_CELL)
CHECKS: Final = ("sexes", "origins", "jump", "providers", "editions")

ROUNDING: Final = 3.0
"""Persons by which a sum of rounded figures may miss the rounded total."""

SHARE: Final = 0.01
"""Share of the total by which females and males together may miss it in a file that is read."""

STEPS: Final = (1000, 500, 100, 50, 10, 5)
"""Persons to which offices round, the largest first: 100 is thousands with one decimal."""

_SPARSE: Final = 4  # numbers of cells for a row, above which they are numbered anew

_ANYWHERE: Final = 10
"""The largest step that a cell may be rounded to beside others that are not."""

JUMP: Final = 0.25
"""Share by which a stock may change in a year before it is a jump."""

FEWEST: Final = 1000.0
"""Persons below which a change is no jump: small stocks move by chance."""

APART: Final = 0.05
"""Share by which two providers or editions may differ."""

_BREAK = r"^(?:[^;]* )?b(?:[ ;]|$)"
_SOURCE = ["provider", "dataset", "edition", "concept"]


def checked(stock: pd.DataFrame) -> pd.DataFrame:
    """Return every comparison that a stock table allows, those that disagree first, the largest difference first.

    Columns are ``check``, ``where`` (source and cell in words), ``expected``, ``found`` and ``difference`` (persons,
    found minus expected) and ``verdict``: ``agrees``; ``falls short`` or ``exceeds`` for sums; ``jump`` without a flag
    and ``break`` with the flag b; ``differs`` for two sources. The same by itself: ``source`` (provider, data set,
    edition and concept of what was found), ``against`` (the other source, or empty), and the columns of the cell. A
    missing figure is compared with nothing.

    Raises
    ------
    ContractError
        The table is no stock table.

    Examples
    --------
    >>> import pandas as pd
    >>> row = {"provider": "undesa", "dataset": "ims", "edition": "2020", "concept": "birth", "destination": "DEU",
    ...        "origin": "WLD", "age_min": 0, "age_max": None, "reference_date": "2020-07-01", "flags": "",
    ...        "retrieved_at": ""}
    >>> rows = [row | {"sex": sex, "value": value} for sex, value in (("all", 100), ("female", 40), ("male", 50))]
    >>> checked(pd.DataFrame(rows)).to_numpy().tolist()[0][:6]
    ['sexes', 'undesa ims 2020 birth: DEU from WLD, all, 0+, 2020-07-01', 100.0, 90.0, -10.0, 'falls short']
    """
    present = check(stock, STOCK)
    present = present[present["value"].notna()].reset_index(drop=True)
    of_each_kind = [_sexes(present), _origins(present), _jumps(present), _providers(present), _editions(present)]
    comparisons = pd.concat(of_each_kind, ignore_index=True)
    size = comparisons["difference"].abs()
    order = comparisons.assign(agrees=comparisons["verdict"] == "agrees", size=-size)
    return comparisons.loc[order.sort_values(["agrees", "size"], kind="stable").index].reset_index(drop=True)


def counts(comparisons: pd.DataFrame) -> pd.DataFrame:
    """Return how many comparisons came to each verdict: columns ``check``, ``verdict``, ``count``.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = pd.DataFrame({"check": ["sexes", "sexes", "jump"], "verdict": ["agrees", "agrees", "break"]})
    >>> counts(rows).to_numpy().tolist()
    [['sexes', 'agrees', 2], ['jump', 'break', 1]]
    """
    counted = comparisons.groupby(["check", "verdict"], as_index=False).size().rename(columns={"size": "count"})
    order = counted["check"].map({name: place for place, name in enumerate(CHECKS)})
    return counted.assign(order=order).sort_values(["order", "verdict"]).drop(columns="order").reset_index(drop=True)


def sexes_apart(stock: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of both sexes that females and males together miss by more than rounding can explain.

    That is by more than 3 persons and more than 1 %; where all three figures are multiples of a step to which
    statistical offices round (`STEPS`), by more than half of it for each too. A step of 50 or more counts only where
    every figure of the table is a multiple of it. The index is that of ``stock``;
    ``females`` and ``males`` are their figures and ``cell`` is source and cell in words.

    Examples
    --------
    >>> import pandas as pd
    >>> row = {"provider": "undesa", "dataset": "ims", "edition": "2020", "concept": "birth", "destination": "DEU",
    ...        "origin": "SRB", "age_min": 0, "age_max": None, "reference_date": "2020-07-01"}
    >>> rows = [row | {"sex": sex, "value": value} for sex, value in (("all", 100.0), ("female", 60.0), ("male", 60.0))]
    >>> sexes_apart(pd.DataFrame(rows))[["value", "females", "males"]].to_numpy().tolist()
    [[100.0, 60.0, 60.0]]
    """
    apart = _apart(stock)
    rows = stock.iloc[apart.rows]
    return rows.assign(females=apart.females, males=apart.males, cell=_where(rows))


@dataclass(frozen=True)
class _BothSexes:
    """Rows of both sexes, by position, for which there are females and males too, with the figures of the three."""

    rows: np.ndarray
    all: np.ndarray
    females: np.ndarray
    males: np.ndarray

    def of(self, mask: np.ndarray) -> _BothSexes:
        """Return those of a mask."""
        return _BothSexes(self.rows[mask], self.all[mask], self.females[mask], self.males[mask])


def _apart(stock: pd.DataFrame | StoredColumns) -> _BothSexes:
    """Return the rows of `sexes_apart`."""
    both = _both_sexes(stock)
    printed = (both.all, both.females, both.males)
    every = stock["value"].dropna().to_numpy()
    steps = [step for step in STEPS if step <= _ANYWHERE or not (every % step).any()]
    rounded_to = np.zeros(len(both.rows))
    for step in reversed(steps):
        rounded_to[np.logical_and.reduce([figures % step == 0 for figures in printed])] = step
    allowed = np.maximum(np.maximum(ROUNDING, SHARE * both.all), 1.5 * rounded_to)
    return both.of(np.abs(both.females + both.males - both.all) > allowed)


def remarks_on_sexes(
    table: pd.DataFrame | StoredColumns, path: Path, *, by_hand: bool, line: Callable[[int], str] | None = None
) -> tuple[str, ...]:
    """Return what the user is told of females and males that are not both sexes; refuse them in people's own files.

    Parameters
    ----------
    line
        Says the line of the file that a row stands in; None where a row is no line.

    Raises
    ------
    OfficialFileError
        They are not, in a file of a layout that is written by hand.

    Examples
    --------
    >>> import pandas as pd
    >>> from pathlib import Path
    >>> row = {"provider": "undesa", "dataset": "ims", "edition": "2020", "concept": "birth", "destination": "DEU",
    ...        "origin": "SRB", "age_min": 0, "age_max": None, "reference_date": "2020-07-01", "flags": "",
    ...        "retrieved_at": ""}
    >>> rows = [row | {"sex": sex, "value": value} for sex, value in (("all", 100.0), ("female", 60.0), ("male", 60.0))]
    >>> remarks_on_sexes(pd.DataFrame(rows), Path("a.csv"), by_hand=False)[0][:54]
    'a.csv: females and males are not both sexes in 1 cell,'
    """
    if not set(STOCK.names) <= set(table):
        return ()
    apart = _apart(table)
    if not len(apart.rows):
        return ()
    first = int(apart.rows[0])
    cell = _where(row(table, first)).item()
    figures = f"{apart.females[0]:,.0f} females and {apart.males[0]:,.0f} males, {apart.all[0]:,.0f} of both"
    where = f"{f'{line(first)}, ' if line else ''}{cell}: {figures}"
    count = f"{len(apart.rows):,} cell{'s' if len(apart.rows) > 1 else ''}"
    if by_hand:
        raise OfficialFileError(
            f"{path}: females and males are not both sexes in {count}",
            where=where,
            allowed="sums that are off by 1 % or 3 persons, or by 1.5 steps where all three figures are multiples of "
            "a step of rounding: 5, 10, 50, 100, 500 or 1,000",
            hint="mend the figures, or leave out the rows of both sexes or those of females and males",
        )
    return (f"{path}: females and males are not both sexes in {count}, first {where} (no figure is left out)",)


def _both_sexes(stock: pd.DataFrame | StoredColumns) -> _BothSexes:
    cell, count = _numbered(stock, [name for name in (*_SOURCE, *_CELL) if name != "sex"])
    value, sex = stock["value"].to_numpy(dtype="float64"), stock["sex"]
    figures = {name: np.full(count, np.nan) for name in ("female", "male")}
    for name, of_sex in figures.items():
        rows = np.flatnonzero(sex == name)
        of_sex[cell[rows]] = value[rows]
    rows = np.flatnonzero(sex == "all")
    females, males = (of_sex[cell[rows]] for of_sex in figures.values())
    both = _BothSexes(rows, value[rows], females, males)
    return both.of(~np.isnan(value[rows] + females + males))


def _numbered(stock: pd.DataFrame | StoredColumns, key: list[str]) -> tuple[np.ndarray, int]:
    """Return a number for each row, the same where all columns of a key are, and a bound above the numbers.

    Numbers are joined fast, texts are not. The bound is no more than some times the number of rows.
    """
    most = _SPARSE * len(stock)
    numbers, bound = np.zeros(len(stock), dtype=np.int64), 1
    for name in key:
        of_column, different = codes(stock, name)
        if different + (of_column < 0).any() == 1:
            continue
        if bound * (different + 1) > most:
            numbers, bound = _closed_up(numbers, bound)
        numbers *= different + 1
        numbers += of_column + 1
        bound *= different + 1
        if bound > most:
            numbers, present = pd.factorize(numbers)
            bound = len(present)
    return numbers, bound


def _closed_up(numbers: np.ndarray, bound: int) -> tuple[np.ndarray, int]:
    """Return numbers below a bound with none left out between them, and the bound above these."""
    present = np.zeros(bound, dtype=bool)
    present[numbers] = True
    return (np.cumsum(present) - 1)[numbers], int(present.sum())


def _sexes(stock: pd.DataFrame) -> pd.DataFrame:
    """Compare females plus males with all."""
    both = _both_sexes(stock)
    rows = stock.iloc[both.rows]
    return _sums("sexes", rows, rows["value"], pd.Series(both.females + both.males, index=rows.index))


def _origins(stock: pd.DataFrame) -> pd.DataFrame:
    """Compare the sum over origins with the total."""
    cell = [name for name in (*_SOURCE, *_CELL) if name != "origin"]
    total = stock.loc[stock["origin"] == ALL_ORIGINS, [*cell, "value"]].rename(columns={"value": "total"})
    itemised = stock[stock["origin"] != ALL_ORIGINS].groupby(cell, dropna=False)["value"].agg(["sum", "count"])
    rows = total.merge(itemised.reset_index(), on=cell)
    rows = rows[rows["count"] > 1].reset_index(drop=True)
    rows["origin"] = ALL_ORIGINS
    return _sums("origins", rows, rows["total"], rows["sum"])


def _sums(name: str, rows: pd.DataFrame, expected: pd.Series, summed: pd.Series) -> pd.DataFrame:
    difference = summed - expected
    verdicts = np.select([difference < -ROUNDING, difference > ROUNDING], ["falls short", "exceeds"], "agrees")
    return _comparisons(name, rows, expected, summed, verdicts)


def _jumps(stock: pd.DataFrame) -> pd.DataFrame:
    """Compare each figure with the one before it."""
    series = [name for name in (*_SOURCE, *_CELL) if name != "reference_date"]
    rows = stock.sort_values([*series, "reference_date"], kind="stable").reset_index(drop=True)
    same = rows.groupby(series, dropna=False, sort=False).ngroup()
    follows = (same == same.shift()).to_numpy()
    before = rows["value"].shift()
    years = pd.to_datetime(rows["reference_date"], errors="coerce").diff().dt.days / 365.25
    rows, before, years = rows[follows], before[follows], years[follows]
    largest = np.maximum(rows["value"], before)
    yearly = np.abs(np.log(np.maximum(rows["value"], 1.0) / np.maximum(before, 1.0))) / years
    jump = (yearly > np.log1p(JUMP)) & (largest >= FEWEST)
    broken = rows["flags"].str.contains(_BREAK)
    verdicts = np.select([broken, jump], ["break", "jump"], "agrees")
    return _comparisons("jump", rows, before, rows["value"], verdicts)


def _providers(stock: pd.DataFrame) -> pd.DataFrame:
    """Compare the same cell and concept of two providers or data sets, each in its newest edition."""
    newest = stock.groupby(["provider", "dataset"])["edition"].transform("max")
    rows = stock[stock["edition"] == newest]
    return _pairs("providers", rows, ["provider", "dataset"], ["concept"])


def _editions(stock: pd.DataFrame) -> pd.DataFrame:
    """Compare the same cell and concept of two editions of a data set."""
    return _pairs("editions", stock, ["edition"], ["provider", "dataset", "concept"])


def _pairs(name: str, stock: pd.DataFrame, differing: list[str], shared: list[str]) -> pd.DataFrame:
    """Compare each row with the one before it among those that share a cell, in the order of what differs."""
    cell = [*shared, *_CELL]
    rows = stock.sort_values([*cell, *differing], kind="stable").reset_index(drop=True)
    same = rows.groupby(cell, dropna=False, sort=False).ngroup()
    follows = (same == same.shift()).to_numpy()
    source = _source(rows)
    source_before, expected = source.shift()[follows], rows["value"].shift()[follows]
    rows = rows[follows]
    apart = (rows["value"] - expected).abs()
    differs = (apart > ROUNDING) & (apart > APART * expected)
    return _comparisons(
        name, rows, expected, rows["value"], np.where(differs, "differs", "agrees"), against=source_before
    )


def _comparisons(
    name: str,
    rows: pd.DataFrame,
    expected: pd.Series,
    figure: pd.Series,
    verdicts: object,
    *,
    against: pd.Series | str = "",
) -> pd.DataFrame:
    where = _where(rows)
    columns = {
        "check": name,
        "where": against + " | " + where if isinstance(against, pd.Series) else where,
        "expected": expected,
        "found": figure,
        "difference": figure - expected,
        "verdict": verdicts,
        "source": _source(rows),
        "against": against,
        **{column: rows[column] for column in _CELL},
    }
    texts = ("check", "where", "verdict", "source", "against", "destination", "origin", "sex", "reference_date")
    types = {**dict.fromkeys(texts, "str"), "expected": "float64", "found": "float64"}
    return pd.DataFrame(columns, columns=list(COLUMNS)).astype({**types, "age_min": "Int64", "age_max": "Int64"})


def _source(rows: pd.DataFrame) -> pd.Series:
    return rows["provider"] + " " + rows["dataset"] + " " + rows["edition"] + " " + rows["concept"]


def _where(rows: pd.DataFrame) -> pd.Series:
    """Return source and cell of each row in words."""
    oldest = rows["age_max"].astype("Int64").astype("str")
    youngest = rows["age_min"].astype("Int64").astype("str")
    ages = (youngest + "-" + oldest).where(rows["age_max"].notna(), youngest + "+")
    corridor = rows["destination"] + " from " + rows["origin"]
    return _source(rows) + ": " + corridor + ", " + rows["sex"] + ", " + ages + ", " + rows["reference_date"]
