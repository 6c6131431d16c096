"""Corridors as simple methods see them: numbers taken out of the table once, and origins as places in a list."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import numpy as np
import pandas as pd

from smstock.models.base import Method

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping


@dataclass(frozen=True)
class Cells:
    """Columns of a corridor table as arrays; of these, rows are taken at a hundredth of what a table asks.

    Attributes
    ----------
    columns
        Numbers by column, missing ones not a number.
    origin
        Place of each cell's origin in ``origins``; empty where the table has no origins.
    origins
        Names of the origins, in the order of the alphabet; rows that are taken keep them all.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"origin": ["SYR", "POL", "SYR"], "audience": [10.0, 20.0, None]})
    >>> cells = Cells.of(table, ["audience"])
    >>> cells["audience"].tolist(), cells.origin.tolist(), cells.origins
    ([10.0, 20.0, nan], [1, 0, 1], ('POL', 'SYR'))
    >>> cells.taken(cells["audience"] > 10).origin.tolist()
    [0]
    """

    columns: Mapping[str, np.ndarray]
    origin: np.ndarray
    origins: tuple[str, ...]

    @classmethod
    def of(cls, corridors: pd.DataFrame, names: Iterable[str]) -> Self:
        """Return the cells of a corridor table, with those of the named columns that it has."""
        columns = {name: corridors[name].to_numpy(dtype=float) for name in names if name in corridors.columns}
        if "origin" not in corridors.columns:
            return cls(columns, np.empty(0, dtype=int), ())
        origin, origins = pd.factorize(corridors["origin"], sort=True)
        return cls(columns, origin, tuple(map(str, origins)))

    def __getitem__(self, name: str) -> np.ndarray:
        """Return a column."""
        return self.columns[name]

    def taken(self, rows: np.ndarray) -> Cells:
        """Return some of the cells."""
        columns = {name: values[rows] for name, values in self.columns.items()}
        return Cells(columns, self.origin[rows] if len(self.origin) else self.origin, self.origins)


@dataclass(frozen=True)
class CellMethod(Method):
    """A method that reads numbers of each corridor, and its origin, and nothing else."""

    @classmethod
    def _learnt(cls, cells: Cells) -> Self:
        """Fit on usable cells with a stock; a method without parameters has nothing to do."""
        del cells
        return cls()

    def stocks(self, cells: Cells) -> np.ndarray:
        """Return the stock of each cell (persons); the method has to have what it needs of all."""
        return self._stocks(cells)

    @abstractmethod
    def _stocks(self, cells: Cells) -> np.ndarray: ...

    @classmethod
    def _cells(cls, corridors: pd.DataFrame) -> Cells:
        return Cells.of(corridors, dict.fromkeys((*cls.needs, *cls.uses, "stock")))

    @classmethod
    def _fit(cls, usable: pd.DataFrame) -> Self:
        return cls._learnt(cls._cells(usable))

    def _predict(self, usable: pd.DataFrame) -> pd.Series:
        return pd.Series(self.stocks(self._cells(usable)), index=usable.index)

    @classmethod
    def left_out(cls, corridors: pd.DataFrame) -> Callable[[np.ndarray], np.ndarray]:
        """Return what predicts rows by a fit without them, as `Method.left_out`; the table is read once."""
        usable, cells = cls.usable(corridors), cls._cells(corridors)
        teaching = cls.teaching(corridors)

        def predict(rows: np.ndarray) -> np.ndarray:
            examples, asked = teaching & ~rows, rows & usable
            cls.require(int(np.count_nonzero(examples)))
            predicted = np.full(len(rows), np.nan)
            predicted[asked] = cls._learnt(cells.taken(examples)).stocks(cells.taken(asked))
            of_rows: np.ndarray = predicted[rows]
            return of_rows

        return predict


def median(values: np.ndarray) -> float:
    """Return the median of the numbers that are known; not a number where none is.

    Examples
    --------
    >>> import numpy as np
    >>> median(np.array([3.0, np.nan, 1.0])), median(np.array([np.nan]))
    (2.0, nan)
    """
    known = values[~np.isnan(values)]
    return float(np.median(known)) if len(known) else float("nan")


def medians(values: np.ndarray, group: np.ndarray) -> np.ndarray:
    """Return the median of each group, from 0 to the last that has a value; not a number for one without values.

    Examples
    --------
    >>> import numpy as np
    >>> medians(np.array([4.0, 1.0, 2.0, 7.0]), np.array([0, 2, 0, 0])).tolist()
    [4.0, nan, 1.0]
    """
    ordered, counts = values[np.lexsort((values, group))], np.bincount(group)
    first = np.cumsum(counts) - counts
    held = counts > 0
    lower, upper = (first + (counts - 1) // 2)[held], (first + counts // 2)[held]
    result = np.full(len(counts), np.nan)
    result[held] = (ordered[lower] + ordered[upper]) / 2
    return result
