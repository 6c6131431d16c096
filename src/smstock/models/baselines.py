"""The baselines that every method has to beat: the last official figure, and the audience taken at its word."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar, Self

import numpy as np

from smstock.errors import TooFewCellsError
from smstock.models.cells import CellMethod, median, medians

if TYPE_CHECKING:
    from smstock.models.cells import Cells


@dataclass(frozen=True)
class CarryForward(CellMethod):
    """The last official figure, unchanged.

    Examples
    --------
    >>> import pandas as pd
    >>> CarryForward().predict(pd.DataFrame({"official_last": [4271.0, None]})).tolist()
    [4271.0, nan]
    """

    name: ClassVar = "carry_forward"
    needs: ClassVar = ("official_last",)
    source: ClassVar = "baseline"

    def _stocks(self, cells: Cells) -> np.ndarray:
        return cells["official_last"]


@dataclass(frozen=True)
class RawAudience(CellMethod):
    """One account is one person.

    Examples
    --------
    >>> import pandas as pd
    >>> RawAudience().predict(pd.DataFrame({"audience": [66000.0]})).tolist()
    [66000.0]
    """

    name: ClassVar = "raw_audience"
    needs: ClassVar = ("audience",)
    source: ClassVar = "baseline"

    def _stocks(self, cells: Cells) -> np.ndarray:
        return cells["audience"]


@dataclass(frozen=True)
class ConstantRatio(CellMethod):
    """Every account stands for the same number of persons: the median of stock / audience.

    Parameters
    ----------
    ratio
        Persons an account stands for.

    Examples
    --------
    >>> import pandas as pd
    >>> corridors = pd.DataFrame({"audience": [1000.0, 2000.0, 4000.0], "stock": [2000.0, 6000.0, 16000.0]})
    >>> ConstantRatio.fit(corridors).ratio
    3.0
    """

    name: ClassVar = "constant_ratio"
    needs: ClassVar = ("audience",)
    source: ClassVar = "baseline"
    fewest: ClassVar = 3

    ratio: float = 1.0

    @classmethod
    def _learnt(cls, cells: Cells) -> Self:
        return cls(ratio=median(cells["stock"] / cells["audience"]))

    def _stocks(self, cells: Cells) -> np.ndarray:
        return cells["audience"] * self.ratio


@dataclass(frozen=True)
class OriginRatio(CellMethod):
    """Every account of an origin stands for the same number of persons: the median of stock / audience by origin.

    With one origin it would be `ConstantRatio`, and is not fitted.

    Parameters
    ----------
    ratio
        Persons an account stands for where the origin was not fitted: the median over all corridors.
    ratios
        Persons an account of each origin stands for.

    Examples
    --------
    >>> import pandas as pd
    >>> corridors = pd.DataFrame({"origin": ["POL", "POL", "SYR"], "audience": 1000.0, "stock": [2e3, 4e3, 8e3]})
    >>> OriginRatio.fit(corridors).predict(pd.DataFrame({"origin": ["POL", "SYR", "NAM"], "audience": 10.0})).tolist()
    [30.0, 80.0, 40.0]
    """

    name: ClassVar = "origin_ratio"
    needs: ClassVar = ("audience",)
    source: ClassVar = "baseline"
    fewest: ClassVar = 3

    ratio: float = 1.0
    ratios: dict[str, float] = field(default_factory=dict)

    @classmethod
    def _learnt(cls, cells: Cells) -> Self:
        if len(cells.origin) == 0 or (cells.origin == cells.origin[0]).all():
            raise TooFewCellsError("origin_ratio needs corridors of two origins; with one, constant_ratio is the same")
        ratio = cells["stock"] / cells["audience"]
        by_origin = medians(ratio, cells.origin)
        fitted = np.flatnonzero(~np.isnan(by_origin))
        return cls(median(ratio), {cells.origins[place]: float(by_origin[place]) for place in fitted})

    def _stocks(self, cells: Cells) -> np.ndarray:
        ratios = np.array([self.ratios.get(origin, self.ratio) for origin in cells.origins])
        stocks: np.ndarray = cells["audience"] * ratios[cells.origin]
        return stocks
