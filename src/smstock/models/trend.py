"""Methods that need a series: the trend of the official figures, their mean, and the growth of the audience.

The equations, with N the official figures, t the target date, s and r the dates of the last figure and of one about as
long before it as t is after it (`smstock.corridors.history`), A the audience::

    growth          g = (log N_s - log N_r) / (s - r)
    trend           N_t = N_s exp(g (t - s))
    damped trend    N_t = N_s exp(d g (t - s))            d: damping, 0 is carry forward, 1 is trend
    moving average  N_t = mean of the three newest figures
    minora          N_t = N_s A_t / A_s
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final, Self

import numpy as np

from smstock.models.cells import CellMethod

if TYPE_CHECKING:
    from smstock.models.cells import Cells

USUAL_DAMPING: Final = 0.8
"""Damping of least wMAPE on European corridors one and two years ahead, chosen on the year before the one tested."""
ENOUGH: Final = 30
"""Corridors from which the damping is learnt; with fewer it is the usual one."""


@dataclass(frozen=True)
class Trend(CellMethod):
    """The last official figure, growing on as it grew before.

    Examples
    --------
    >>> import pandas as pd
    >>> cells = pd.DataFrame({"official_last": [100.0, 100.0], "official_growth": [0.1, None], "lag": [2.0, 2.0]})
    >>> Trend().predict(cells).round(1).tolist()
    [122.1, nan]
    """

    name: ClassVar = "trend"
    needs: ClassVar = ("official_last", "official_growth")
    uses: ClassVar = ("lag",)
    source: ClassVar = "baseline"

    def _stocks(self, cells: Cells) -> np.ndarray:
        return _grown(cells, 1.0)


@dataclass(frozen=True)
class FixedDampedTrend(CellMethod):
    """The last official figure, growing on at 0.8 of its former rate: Gardner and McKenzie 1985, one step.

    Examples
    --------
    >>> import pandas as pd
    >>> cells = pd.DataFrame({"official_last": [100.0], "official_growth": [0.1], "lag": [1.0]})
    >>> FixedDampedTrend().predict(cells).round(1).tolist()
    [108.3]
    """

    name: ClassVar = "damped_trend_fixed"
    needs: ClassVar = Trend.needs
    uses: ClassVar = Trend.uses
    source: ClassVar = "baseline"

    def _stocks(self, cells: Cells) -> np.ndarray:
        return _grown(cells, USUAL_DAMPING)


@dataclass(frozen=True)
class DampedTrend(CellMethod):
    """The last official figure, growing on at a rate damped as much as it was in the past, over all corridors pooled.

    The damping between 0 and 1 makes the sum of absolute log errors least, each weighted with the square root of its
    stock: counts of small corridors are noisy, and so are their growth rates.

    Parameters
    ----------
    damping
        d; 0.8 where fewer than 30 corridors are there to learn from.

    Examples
    --------
    >>> import pandas as pd
    >>> corridors = pd.DataFrame({"official_last": 100.0, "official_growth": [0.1, 0.2] * 20, "lag": 1.0})
    >>> corridors["stock"] = [105.127, 110.517] * 20
    >>> round(DampedTrend.fit(corridors).damping, 3), DampedTrend.fit(corridors[:10]).damping
    (0.5, 0.8)
    """

    name: ClassVar = "damped_trend"
    needs: ClassVar = Trend.needs
    uses: ClassVar = Trend.uses
    source: ClassVar = "baseline"
    fewest: ClassVar = 1

    damping: float = USUAL_DAMPING

    @classmethod
    def _learnt(cls, cells: Cells) -> Self:
        last, stock = cells["official_last"], cells["stock"]
        if len(stock) < ENOUGH:
            return cls()
        undamped = cells["official_growth"] * cells["lag"]
        grew = undamped != 0
        ratios = np.log(stock / last)[grew] / undamped[grew]
        weights = np.sqrt(stock[grew]) * np.abs(undamped[grew])
        return cls(float(np.clip(_weighted_median(ratios, weights), 0, 1))) if len(ratios) else cls()

    def _stocks(self, cells: Cells) -> np.ndarray:
        return _grown(cells, self.damping)


@dataclass(frozen=True)
class MovingAverage(CellMethod):
    """The mean of the three newest official figures, or of as many as there are.

    The baseline of Alexander, Polimis and Zagheni 2022 (doi 10.1007/s11113-020-09599-3), there of a yearly survey. It
    takes three figures, however many years lie between them.

    Examples
    --------
    >>> import pandas as pd
    >>> MovingAverage().predict(pd.DataFrame({"official_last": [108.0], "official_mean": [93.0]})).tolist()
    [93.0]
    """

    name: ClassVar = "moving_average"
    needs: ClassVar = ("official_last", "official_mean")
    source: ClassVar = "Alexander, Polimis and Zagheni 2022, baseline"

    def _stocks(self, cells: Cells) -> np.ndarray:
        return cells["official_mean"]


@dataclass(frozen=True)
class Minora(CellMethod):
    """The last official figure, growing as the audience grew since: Minora et al. 2022, equation 4.

    EPJ Data Science 11:59 (doi 10.1140/epjds/s13688-022-00370-6) gives the increase, ``stock (A_t - A_s) / A_s``; this
    is the stock plus that increase. The paper is about Ukrainian-language audiences in the first weeks of a war.

    Examples
    --------
    >>> import pandas as pd
    >>> cells = pd.DataFrame({"official_last": [100.0, 100.0], "audience_growth": [0.182322, None]})
    >>> Minora().predict(cells).round(1).tolist()
    [120.0, nan]
    """

    name: ClassVar = "minora"
    needs: ClassVar = ("official_last", "audience_growth")
    source: ClassVar = "Minora et al. 2022"

    def _stocks(self, cells: Cells) -> np.ndarray:
        stocks: np.ndarray = cells["official_last"] * np.exp(cells["audience_growth"])
        return stocks


def _grown(cells: Cells, damping: float) -> np.ndarray:
    """Return the last figures grown to the target date at a damped rate."""
    stocks: np.ndarray = cells["official_last"] * np.exp(damping * cells["official_growth"] * cells["lag"])
    return stocks


def _weighted_median(values: np.ndarray, weights: np.ndarray) -> float:
    """Return the value below which half of the weight lies."""
    order = np.argsort(values, kind="stable")
    sums = np.cumsum(weights[order])
    return float(values[order][np.searchsorted(sums, sums[-1] / 2)])
