"""Least squares on logarithms: the audience alone, and the audience beside the last official figure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar, Self

import numpy as np

from smstock.models import fixed_effects
from smstock.models.cells import CellMethod, median

if TYPE_CHECKING:
    from smstock.models.cells import Cells


@dataclass(frozen=True)
class LogLinear(CellMethod):
    """``log stock = a + b log audience + origin effect``: Zagheni, Weber and Gummadi 2017 (doi 10.1111/padr.12102).

    Origin effects add up to 0. They are fitted where there are at least two origins; an unknown origin has the effect
    0. The published age and sex effects drop out, since both sexes and all ages are estimated together;
    `smstock.published.zagheni` has them.

    Parameters
    ----------
    intercept, slope
        a and b; b is the elasticity of the stock with respect to the audience.
    origins
        Effect of each origin.

    Examples
    --------
    >>> import pandas as pd
    >>> audience = pd.Series([1e3, 3e3, 1e4, 3e4, 1e5])
    >>> corridors = pd.DataFrame({"origin": "SRB", "audience": audience, "stock": 2 * audience})
    >>> method = LogLinear.fit(corridors)
    >>> round(method.slope, 6), round(method.predict(pd.DataFrame({"origin": ["SRB"], "audience": [5e4]}))[0])
    (1.0, 100000)
    """

    name: ClassVar = "log_linear"
    needs: ClassVar = ("audience",)
    source: ClassVar = "Zagheni, Weber and Gummadi 2017"
    libraries: ClassVar = ("numpy", "pandas")
    fewest: ClassVar = 5

    intercept: float = 0.0
    slope: float = 1.0
    origins: dict[str, float] = field(default_factory=dict)

    @classmethod
    def _learnt(cls, cells: Cells) -> Self:
        audience, stock = np.log(cells["audience"]), np.log(cells["stock"])
        return cls(*fixed_effects.of_one_factor(audience, stock, cells.origin, cells.origins))

    def _stocks(self, cells: Cells) -> np.ndarray:
        effects = np.array([self.origins.get(origin, 0.0) for origin in cells.origins])
        stocks: np.ndarray = np.exp(self.intercept + self.slope * np.log(cells["audience"]) + effects[cells.origin])
        return stocks


@dataclass(frozen=True)
class LogRatio(CellMethod):
    """``log(stock / last) = a + b log(audience / last)``: the last official figure moved towards the audience.

    ``b`` is how far the audience pulls: 0 is carrying forward, 1 the audience times a constant. The form is that of a
    stale census beside a fresh audience. What was learnt over a lag of ``lag`` years accrues evenly: a figure of half
    that age moves half as far, an older one no farther.

    Parameters
    ----------
    intercept, slope
        a and b.
    lag
        Median age in years of the last official figure where the method was fitted.

    Examples
    --------
    >>> import pandas as pd
    >>> method = LogRatio(intercept=0.0, slope=0.5, lag=5.0)
    >>> cells = pd.DataFrame({"audience": [400.0, 400.0], "official_last": [100.0, 100.0], "lag": [5.0, 0.0]})
    >>> method.predict(cells).round(1).tolist()
    [200.0, 100.0]
    """

    name: ClassVar = "log_ratio"
    needs: ClassVar = ("audience", "official_last")
    uses: ClassVar = ("lag",)
    source: ClassVar = "stale figure and audience combined; form of the public EU benchmark"
    fewest: ClassVar = 5

    intercept: float = 0.0
    slope: float = 0.0
    lag: float = 1.0

    @classmethod
    def _learnt(cls, cells: Cells) -> Self:
        last = cells["official_last"]
        pull = np.log(cells["audience"] / last)
        solution = _least_squares([np.ones(len(last)), pull], np.log(cells["stock"] / last))
        return cls(solution[0], solution[1], median(cells["lag"]))

    def _stocks(self, cells: Cells) -> np.ndarray:
        last = cells["official_last"]
        log_change = self.intercept + self.slope * np.log(cells["audience"] / last)
        share = np.clip(cells["lag"] / self.lag, 0, 1) if self.lag > 0 else 1.0
        stocks: np.ndarray = last * np.exp(log_change * share)
        return stocks


def _least_squares(columns: list[np.ndarray], target: np.ndarray) -> list[float]:
    return [float(value) for value in np.linalg.lstsq(np.column_stack(columns), target, rcond=None)[0]]
