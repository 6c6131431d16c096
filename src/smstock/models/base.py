"""What a method is: fitted on corridors with a known stock, it predicts the stock of others."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, ClassVar, Final, Self

import numpy as np

from smstock.errors import TooFewCellsError

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

    from smstock.corridors.vintage import Vintage
    from smstock.models.readings import Readings

AUDIENCES: Final = frozenset({"audience", "audience_growth"})
"""Columns that are of the audience."""
GROWTHS: Final = ("official_growth", "audience_growth")
"""Columns that may be 0 or negative."""


@dataclass(frozen=True)
class Method:
    """A fitted method; its fields are its parameters, and all that a calibration file stores of it.

    Class attributes
    ----------------
    name
        Name in tables and files.
    needs
        Columns of the corridor table without which a corridor is not predicted.
    uses
        Further columns that it reads where the table has them; ``*`` stands for any ending.
    source
        The publication it is from.
    fewest
        Fewest cells it is fitted on; 0 for a method that learns nothing.
    nests
        Whether one fit predicts every fold without it (`smstock.models.hierarchical.Hierarchical.nested`).
    heavy_tailed
        Whether its errors are heavy-tailed, so that a corridor unlike all others teaches it little.
    libraries
        What it computes with, by names of distributions: a calibration is learnt anew when their versions change.
    """

    name: ClassVar[str]
    needs: ClassVar[tuple[str, ...]]
    uses: ClassVar[tuple[str, ...]] = ()
    source: ClassVar[str]
    fewest: ClassVar[int] = 0
    nests: ClassVar[bool] = False
    heavy_tailed: ClassVar[bool] = False
    libraries: ClassVar[tuple[str, ...]] = ("numpy", "pandas")

    @classmethod
    def learns(cls) -> bool:
        """Return whether the method has anything to learn from corridors with a stock."""
        return cls.fewest > 0

    def reads_audience(self) -> bool:
        """Return whether its estimates move with the audience."""
        return bool(AUDIENCES & set(self.needs))

    def rests_on_last(self) -> bool:
        """Return whether its estimates are the last official figure, moved."""
        return "official_last" in self.needs

    @classmethod
    def misled(cls) -> bool:
        """Return whether a stock that is counted under another name would mislead it.

        A method that moves the last figure is not: counted alike at both dates, it goes on like any other. Nor is one
        with heavy-tailed errors.
        """
        return not cls.heavy_tailed and "official_last" not in cls.needs

    def reads(self, column: str) -> bool:
        """Return whether the method needs or uses a column of the corridor table."""
        return column in (*self.needs, *self.uses)

    @classmethod
    def fit(cls, corridors: pd.DataFrame) -> Self:
        """Return the method fitted on corridors whose ``stock`` is known; those it cannot use are left out.

        Raises
        ------
        TooFewCellsError
            Fewer usable cells than ``fewest``.
        """
        usable = _taken(corridors, cls.teaching(corridors))
        cls.require(len(usable))
        return cls._fit(usable)

    @classmethod
    def teaching(cls, corridors: pd.DataFrame) -> np.ndarray:
        """Return which corridors it is fitted on: those that it can use and whose stock is known."""
        teaching: np.ndarray = cls.usable(corridors) & (corridors["stock"].to_numpy(dtype=float) > 0)
        return teaching

    @classmethod
    def require(cls, cells: int) -> None:
        """Raise `TooFewCellsError` where usable cells are fewer than ``fewest``."""
        if cells < cls.fewest:
            raise TooFewCellsError(
                f"{cls.name} needs {cls.fewest} corridors with {', '.join(cls.needs)} and an official stock;"
                f" there are {cells}",
                hint="collect more destinations, or calibrate against an edition that covers more of them",
            )

    @classmethod
    def estimate(cls, vintage: Vintage) -> pd.Series:
        """Return the stock of each corridor of a vintage (persons), learnt from what was known at its cutoff.

        A method of whole series overrides this; the index of the result is that of ``vintage.corridors``.

        Raises
        ------
        TooFewCellsError
            Earlier target dates do not have the cells it needs.
        """
        return cls.fit(vintage.past).predict(vintage.corridors)

    @classmethod
    def left_out(cls, corridors: pd.DataFrame) -> Callable[[np.ndarray], np.ndarray]:
        """Return a function that predicts the stocks of some rows (a mask) by a fit on the others.

        It raises `TooFewCellsError` where these have fewer usable cells than ``fewest``.
        """
        return lambda rows: cls.fit(corridors[~rows]).predict(corridors[rows]).to_numpy(dtype=float)

    @classmethod
    def read(cls, corridors: pd.DataFrame) -> Readings:
        """Return what `nested` reads of a corridor table, once for all folds; only where it `nests`."""
        raise NotImplementedError

    @classmethod
    def nested(cls, readings: Readings, outside: np.ndarray, folds: np.ndarray) -> np.ndarray:
        """Return stocks predicted without the rows ``outside`` and without their own fold; only where it `nests`."""
        raise NotImplementedError

    @classmethod
    def _fit(cls, usable: pd.DataFrame) -> Self:
        """Fit on usable cells; a method without parameters has nothing to do."""
        del usable
        return cls()

    @classmethod
    def usable(cls, corridors: pd.DataFrame) -> np.ndarray:
        """Return which corridors have what the method needs: a growth at all, anything else above 0."""
        usable = np.ones(len(corridors), dtype=bool)
        for column in cls.needs:
            usable &= _holds(corridors, column)
        return usable

    def required(self) -> tuple[str, ...]:
        """Return the columns without which a corridor is not predicted."""
        return self.needs

    def lacking(self, corridors: pd.DataFrame) -> list[tuple[str, ...]]:
        """Return for each corridor the columns that the method requires and does not get: missing, or 0.

        Examples
        --------
        >>> import pandas as pd
        >>> from smstock.models.loglinear import LogRatio
        >>> LogRatio().lacking(pd.DataFrame({"audience": [2000.0, None], "official_last": [0.0, 10.0]}))
        [('official_last',), ('audience',)]
        """
        held = {name: _holds(corridors, name) for name in self.required()}
        return [tuple(name for name in held if not held[name][place]) for place in range(len(corridors))]

    def predict(self, corridors: pd.DataFrame) -> pd.Series:
        """Return the stock of each corridor (persons), missing where the method needs what a corridor lacks."""
        usable = self.usable(corridors)
        if usable.all():
            return self._predict(corridors)
        return self._predict(corridors[usable]).reindex(corridors.index)

    def _predict(self, usable: pd.DataFrame) -> pd.Series:
        raise NotImplementedError

    def parameters(self) -> dict[str, object]:
        """Return the parameters by name."""
        return asdict(self)


def _holds(corridors: pd.DataFrame, column: str) -> np.ndarray:
    """Return which corridors have a column: a growth at all, anything else above 0."""
    values = corridors[column].to_numpy(dtype=float)
    held: np.ndarray = np.isfinite(values) if column in GROWTHS else values > 0
    return held


def _taken(corridors: pd.DataFrame, rows: np.ndarray) -> pd.DataFrame:
    """Return some rows of a table, and the table itself where they are all: taking rows costs more than many a fit."""
    return corridors if rows.all() else corridors[rows]
