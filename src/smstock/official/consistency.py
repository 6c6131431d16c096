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

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from smstock.errors import OfficialFileError
from smstock.official.base import ALL_ORIGINS
from smstock.tables import STOCK, check
from smstock.tables.contract import differing

if TYPE_CHECKING:
    from pathlib import Path

    from smstock.official.base import OfficialTable

_CELL: Final = ("destination", "origin", "sex", "age_min", "age_max", "reference_date")

COLUMNS: Final = ("check", "where", "expected", "found", "difference", "verdict", "source", "against", *_CELL)
CHECKS: Final = ("sexes", "origins", "jump", "providers", "editions")

ROUNDING: Final = 3.0
"""Persons by which a sum of rounded figures may miss the rounded total."""

SHARE: Final = 0.01
"""Share of the total by which females and males together may miss it in a file that is read."""

STEPS: Final = (1000, 500, 100, 50, 10, 5)
"""Persons to which offices round, the largest first: 100 is thousands with one decimal."""

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
    return apart.assign(cell=_where(apart))


def _apart(stock: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of `sexes_apart` without their cell in words; texts may be categories."""
    rows = _by_sex(stock[stock["value"].notna()])
    printed = rows[["value", "females", "males"]].to_numpy()
    every = stock["value"].dropna().to_numpy()
    steps = [step for step in STEPS if step <= _ANYWHERE or not (every % step).any()]
    rounded_to = np.select([(printed % step == 0).all(axis=1) for step in steps], steps, 0)
    allowed = np.maximum(np.maximum(ROUNDING, SHARE * printed[:, 0]), 1.5 * rounded_to)
    apart: pd.DataFrame = rows[np.abs(printed[:, 1] + printed[:, 2] - printed[:, 0]) > allowed]
    return apart


def remarks_on_sexes(official: OfficialTable, path: Path, *, by_hand: bool) -> tuple[str, ...]:
    """Return what the user is told of females and males that are not both sexes; refuse them in people's own files.

    Raises
    ------
    OfficialFileError
        They are not, in a file of a layout that is written by hand.

    Examples
    --------
    >>> import pandas as pd
    >>> from pathlib import Path
    >>> from smstock.official.base import OfficialTable
    >>> row = {"provider": "undesa", "dataset": "ims", "edition": "2020", "concept": "birth", "destination": "DEU",
    ...        "origin": "SRB", "age_min": 0, "age_max": None, "reference_date": "2020-07-01", "flags": "",
    ...        "retrieved_at": ""}
    >>> rows = [row | {"sex": sex, "value": value} for sex, value in (("all", 100.0), ("female", 60.0), ("male", 60.0))]
    >>> remarks_on_sexes(OfficialTable(pd.DataFrame(rows)), Path("a.csv"), by_hand=False)[0][:54]
    'a.csv: females and males are not both sexes in 1 cell,'
    """
    if not set(STOCK.names) <= set(official.table):
        return ()
    apart = _apart(official.table)
    if apart.empty:
        return ()
    first = apart.iloc[0]
    cell = _where(apart.head(1).astype(dict.fromkeys(apart.select_dtypes("category"), "str"))).item()
    figures = f"{first['females']:,.0f} females and {first['males']:,.0f} males, {first['value']:,.0f} of both"
    line = f"{official.line(int(apart.index[0]))}, " if official.line else ""
    where = f"{line}{cell}: {figures}"
    count = f"{len(apart):,} cell{'s' if len(apart) > 1 else ''}"
    if by_hand:
        raise OfficialFileError(
            f"{path}: females and males are not both sexes in {count}",
            where=where,
            allowed="sums that are off by 1 % or 3 persons, or by 1.5 steps where all three figures are multiples of "
            "a step of rounding: 5, 10, 50, 100, 500 or 1,000",
            hint="mend the figures, or leave out the rows of both sexes or those of females and males",
        )
    return (f"{path}: females and males are not both sexes in {count}, first {where} (no figure is left out)",)


def _by_sex(stock: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of both sexes for which there are females and males too, with these."""
    cell = _numbered(stock, [name for name in (*_SOURCE, *_CELL) if name != "sex"])
    values = stock["value"].set_axis(cell)
    females, males = (values[(stock["sex"] == sex).to_numpy()] for sex in ("female", "male"))
    of_both = (stock["sex"] == "all").to_numpy() & np.isin(cell, females.index) & np.isin(cell, males.index)
    rows, cell = stock[of_both], cell[of_both]
    return rows.assign(females=females.reindex(cell).to_numpy(), males=males.reindex(cell).to_numpy())


def _numbered(rows: pd.DataFrame, key: list[str]) -> np.ndarray:
    """Return a number for each row, the same where all columns of a key are: numbers are joined fast, texts are not."""
    numbers = np.zeros(len(rows), dtype=np.int64)
    for name in differing(rows, key):
        codes, distinct = pd.factorize(rows[name])
        numbers = numbers * (len(distinct) + 1) + codes
    return numbers


def _sexes(stock: pd.DataFrame) -> pd.DataFrame:
    """Compare females plus males with all."""
    rows = _by_sex(stock)
    return _sums("sexes", rows, rows["value"], rows["females"] + rows["males"])


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
