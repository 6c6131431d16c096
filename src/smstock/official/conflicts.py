"""Files that contradict each other: two figures of one provider, data set, edition and concept for one cell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from smstock.errors import ContractError
from smstock.official.areas import tell
from smstock.official.base import NOT_STATED
from smstock.tables import STOCK

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

SOURCE: Final = ("provider", "dataset", "edition", "concept")


def check_alike(files: Sequence[Path], stocks: Sequence[pd.DataFrame]) -> None:
    """Refuse files that give different figures of one edition for one cell.

    Where the edition is not stated, the later retrieval may be a revision: a remark says how many figures differ, and
    what is retrieved or read last counts. A missing figure contradicts none.

    Parameters
    ----------
    files, stocks
        Files, and the stock table of each.

    Raises
    ------
    ContractError
        They contradict each other; the message names the cell, the figures and the files.

    Examples
    --------
    >>> from pathlib import Path
    >>> row = {"provider": "undesa", "dataset": "ims", "edition": "2020", "concept": "birth", "destination": "DEU",
    ...        "origin": "SRB", "sex": "all", "age_min": 0, "age_max": None, "reference_date": "2020-07-01"}
    >>> stocks = [pd.DataFrame([row | {"value": value}]) for value in (5.0, 6.0)]
    >>> check_alike([Path("a.csv"), Path("b.csv")], stocks)
    Traceback (most recent call last):
    smstock.errors.ContractError: two files give different figures of undesa ims 2020 birth: in 1 cell
      where:   DEU from SRB, all, 2020-07-01: 5 in a.csv and 6 in b.csv
      next:    name one of the files alone; or if they are two editions, say so in their sidecars
    """
    apart = differing(files, stocks)
    if apart.empty:
        return
    stated = apart[apart["edition"] != NOT_STATED]
    if stated.empty:
        tell_differing(apart)
        return
    raise ContractError(
        f"two files give different figures of {_source(stated)}: in {_cells(stated)}",
        where=in_words(stated.iloc[0]),
        hint="name one of the files alone; or if they are two editions, say so in their sidecars",
    )


def tell_differing(apart: pd.DataFrame) -> None:
    """Log as a remark, as ``smstock``, how many figures of `differing` differ, with the first; nothing if none does.

    Examples
    --------
    >>> tell_differing(pd.DataFrame(columns=STOCK.names))
    """
    if len(apart):
        first = f"in {_cells(apart)}, first {in_words(apart.iloc[0])}"
        tell([f"files give different figures of {_source(apart)}: {first} (what was retrieved last counts)"])


def differing(files: Sequence[Path], stocks: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Return the cells for which files give different figures of one source, with ``figures`` and ``files`` of each.

    Examples
    --------
    >>> from pathlib import Path
    >>> differing([Path("a.csv")], [pd.DataFrame(columns=STOCK.names)]).empty
    True
    """
    key = list(STOCK.key)
    sources = [stock[list(SOURCE)].drop_duplicates() for stock in stocks]
    shared = pd.concat(sources, ignore_index=True)
    shared = shared[shared.duplicated()].drop_duplicates()
    none = pd.DataFrame(columns=[*key, "figures", "files"])
    if shared.empty:
        return none
    names = np.array([str(file) for file in files], dtype=object)
    rows = pd.concat(
        [stock[[*key, "value"]].assign(file=place) for place, stock in enumerate(stocks)], ignore_index=True
    ).merge(shared, on=list(SOURCE))
    rows = rows[rows["value"].notna()].drop_duplicates([*key, "value"])
    rows = rows[rows.duplicated(key, keep=False)]
    if rows.empty:
        return none
    cells = rows.groupby(key, dropna=False, sort=False).agg(figures=("value", tuple), files=("file", tuple))
    cells = cells.reset_index()
    return cells.assign(files=cells["files"].map(lambda places: tuple(names[list(places)])))


def in_words(cell: pd.Series) -> str:
    """Return a cell of `differing` in words: corridor, sex, day, and the figure of each file.

    Examples
    --------
    >>> cell = {"destination": "DEU", "origin": "SRB", "sex": "all", "reference_date": "2020-07-01"}
    >>> in_words(pd.Series(cell | {"figures": (5.0, 6.0), "files": ("a.csv", "b.csv")}))
    'DEU from SRB, all, 2020-07-01: 5 in a.csv and 6 in b.csv'
    """
    figures = " and ".join(
        f"{figure:,.10g} in {file}" for figure, file in zip(cell["figures"], cell["files"], strict=True)
    )
    return f"{cell['destination']} from {cell['origin']}, {cell['sex']}, {cell['reference_date']}: {figures}"


def _source(apart: pd.DataFrame) -> str:
    return " ".join(str(apart[name].iloc[0]) for name in SOURCE)


def _cells(apart: pd.DataFrame) -> str:
    return f"{len(apart):,} cell{'s' if len(apart) > 1 else ''}"
