"""Who counted, and whom: figures of another concept or provider than the commonest are offset by a factor to learn.

A stock of the foreign-born and one of foreign citizens differ by a factor (naturalization, births abroad of nationals),
as do two providers' figures. An offset is the logarithm of that factor against the commonest concept (provider) among
the fitted stocks; it is shrunk towards 0.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

OF_STOCK: Final = ("stock_concept", "stock_provider")
"""Columns that say whom the stock counts, and who does."""
OF_LAST: Final = ("official_concept", "official_provider")
"""The same of the last official figure."""


def kinds(corridors: pd.DataFrame, columns: Sequence[str]) -> list[str]:
    """Return ``column:value`` of each value but the commonest of its column, in alphabetical order.

    A column that the table lacks, an empty text and, of two equally common ones, the first in the alphabet have none.
    What is common for a last official figure is what is common for the stock, where the table says so.

    Examples
    --------
    >>> import pandas as pd
    >>> kinds(pd.DataFrame({"stock_concept": ["birth", "birth", "citizenship", "", "mixed"]}), ["stock_concept"])
    ['stock_concept:citizenship', 'stock_concept:mixed']
    """
    named = []
    for column in columns:
        if values := _values(corridors, column):
            commonest = _commonest(corridors, column)
            named += [f"{column}:{value}" for value in values if value != commonest]
    return named


def marks(corridors: pd.DataFrame, names: Sequence[str]) -> np.ndarray:
    """Return 1 where a corridor is of a kind and 0 elsewhere, shape (corridors, names).

    Examples
    --------
    >>> import pandas as pd
    >>> names = ["stock_concept:citizenship", "stock_provider:undesa"]
    >>> marks(pd.DataFrame({"stock_concept": ["birth", "citizenship"]}), names).tolist()
    [[0.0, 0.0], [1.0, 0.0]]
    """
    marked = np.zeros((len(corridors), len(names)))
    for place, name in enumerate(names):
        column, value = name.split(":", 1)
        if column in corridors.columns:
            marked[:, place] = (corridors[column] == value).to_numpy(dtype=float)
    return marked


def with_labels_of_last(corridors: pd.DataFrame) -> pd.DataFrame:
    """Return corridors with concept and provider of the last official figure where the stock states none.

    Examples
    --------
    >>> import pandas as pd
    >>> corridors = pd.DataFrame({"stock_concept": ["", "birth"], "official_concept": ["citizenship", "citizenship"]})
    >>> with_labels_of_last(corridors)["stock_concept"].tolist()
    ['citizenship', 'birth']
    """
    filled = {
        stock: corridors[stock].where(corridors[stock].fillna("") != "", corridors[last])
        if stock in corridors
        else corridors[last]
        for stock, last in zip(OF_STOCK, OF_LAST, strict=True)
        if last in corridors
    }
    return corridors.assign(**filled)


def _values(corridors: pd.DataFrame, column: str) -> list[str]:
    if column not in corridors.columns:
        return []
    return sorted(str(value) for value in corridors[column].dropna().unique() if value)


def _commonest(corridors: pd.DataFrame, column: str) -> str:
    of_stock = dict(zip(OF_LAST, OF_STOCK, strict=True)).get(column, column)
    values = corridors[of_stock if _values(corridors, of_stock) else column].dropna()
    counts = Counter(str(value) for value in values if value)
    return min(counts, key=lambda value: (-counts[value], value))
