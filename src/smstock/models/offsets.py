"""Who counted, and whom: figures of another concept or provider than the commonest are offset by a factor to learn.

A stock of the foreign-born and one of foreign citizens differ by a factor (naturalization, births abroad of nationals),
as do two providers' figures. An offset is the logarithm of that factor against the commonest concept (provider) among
the fitted stocks; it is shrunk towards 0.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Self

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Sequence

OF_STOCK: Final = ("stock_concept", "stock_provider")
"""Columns that say whom the stock counts, and who does."""
OF_LAST: Final = ("official_concept", "official_provider")
"""The same of the last official figure."""
_STOCK_OF: Final = dict(zip(OF_LAST, OF_STOCK, strict=True))


@dataclass(frozen=True, eq=False)
class Labels:
    """Texts of some columns of a corridor table, by number.

    Attributes
    ----------
    columns
        The columns that the table has.
    texts
        All their texts, in alphabetical order; the first is the empty one, which stands for none.
    codes
        Place of each text among them, shape (corridors, columns).
    """

    columns: tuple[str, ...]
    texts: tuple[str, ...]
    codes: np.ndarray

    @classmethod
    def of(cls, corridors: pd.DataFrame, columns: Sequence[str]) -> Self:
        """Return the texts of those columns that a table has.

        Examples
        --------
        >>> labels = Labels.of(pd.DataFrame({"stock_concept": ["citizenship", None, "birth"]}), OF_STOCK)
        >>> labels.texts, labels.codes.tolist()
        (('', 'birth', 'citizenship'), [[2], [0], [1]])
        """
        present = tuple(name for name in columns if name in corridors.columns)
        read = [pd.factorize(corridors[name].astype(object)) for name in present]
        every = tuple(sorted({"", *(str(text) for _, texts in read for text in texts)}))
        place = {text: code for code, text in enumerate(every)}
        codes = np.zeros((len(corridors), len(present)), dtype=int)
        for column, (rows, texts) in enumerate(read):
            codes[:, column] = np.array([*(place[str(text)] for text in texts), 0])[rows]
        return cls(present, every, codes)

    def of_column(self, name: str) -> np.ndarray:
        """Return the places of the texts of one column; all 0 where the table lacks it."""
        if name not in self.columns:
            return np.zeros(len(self.codes), dtype=int)
        of_column: np.ndarray = self.codes[:, self.columns.index(name)]
        return of_column

    def taken(self, rows: np.ndarray) -> Labels:
        """Return the texts of some corridors."""
        return replace(self, codes=self.codes[rows])


def kinds(labels: Labels, columns: Sequence[str]) -> list[str]:
    """Return ``column:value`` of each value but the commonest of its column, in alphabetical order.

    A column that the table lacks, an empty text and, of two equally common ones, the first in the alphabet have none.
    What is common for a last official figure is what is common for the stock, where the table says so.

    Examples
    --------
    >>> table = pd.DataFrame({"stock_concept": ["birth", "birth", "citizenship", "", "mixed"]})
    >>> kinds(Labels.of(table, OF_STOCK), OF_STOCK)
    ['stock_concept:citizenship', 'stock_concept:mixed']
    """

    def counts(column: str) -> np.ndarray:
        counted = np.bincount(labels.of_column(column), minlength=len(labels.texts))
        counted[0] = 0
        return counted

    named = []
    for column in columns:
        of_column, of_stock = counts(column), counts(_STOCK_OF.get(column, column))
        commonest = (of_stock if of_stock.any() else of_column).argmax()
        named += [f"{column}:{labels.texts[code]}" for code in np.flatnonzero(of_column) if code != commonest]
    return named


def marks(labels: Labels, names: Sequence[str]) -> np.ndarray:
    """Return 1 where a corridor is of a kind and 0 elsewhere, shape (corridors, names).

    Examples
    --------
    >>> names = ["stock_concept:citizenship", "stock_provider:undesa"]
    >>> marks(Labels.of(pd.DataFrame({"stock_concept": ["birth", "citizenship"]}), OF_STOCK), names).tolist()
    [[0.0, 0.0], [1.0, 0.0]]
    """
    marked = np.zeros((len(labels.codes), len(names)))
    for place, name in enumerate(names):
        column, value = name.split(":", 1)
        if value in labels.texts:
            marked[:, place] = labels.of_column(column) == labels.texts.index(value)
    return marked


def with_labels_of_last(labels: Labels) -> Labels:
    """Return labels with concept and provider of the last official figure where the stock states none.

    Examples
    --------
    >>> corridors = pd.DataFrame({"stock_concept": ["", "birth"], "official_concept": ["citizenship", "citizenship"]})
    >>> labels = with_labels_of_last(Labels.of(corridors, (*OF_STOCK, *OF_LAST)))
    >>> [labels.texts[code] for code in labels.of_column("stock_concept")]
    ['citizenship', 'birth']
    """
    columns = {name: labels.of_column(name) for name in labels.columns}
    for last, stock in _STOCK_OF.items():
        if last in columns:
            own = labels.of_column(stock)
            columns[stock] = np.where(own > 0, own, columns[last])
    return replace(labels, columns=tuple(columns), codes=np.column_stack([labels.codes[:, :0], *columns.values()]))
