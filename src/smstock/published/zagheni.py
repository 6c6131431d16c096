"""The bias regression by cell: Zagheni, Weber and Gummadi 2017 (PDR 43:721-734, doi 10.1111/padr.12102).

For the group z of ages and sex, the origin i and the destination j, with the audience A and the official stock N::

    naive      log N_ij^z = a + b log A_ij^z + e
    corrected  log N_ij^z = a + b log A_ij^z + g_i + d^z + e

by ordinary least squares on the cells where both counts are above 0; the estimate is the exponential of the fitted
value, as published, which is a median and not a mean: sums of estimates fall short of sums of stocks. There is no
effect of the destination, so that unseen destinations can be estimated. The equations are those of the authors' slides
(indices z, i, j) and of later descriptions of the paper.

`smstock.models.loglinear.LogLinear` is the same regression on totals of all ages and both sexes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar, Self

import numpy as np
import pandas as pd

from smstock.models import fixed_effects
from smstock.models.base import Method


@dataclass(frozen=True)
class ZagheniNaive(Method):
    """``log stock = a + b log audience``, by cell of destination, origin, ages and sex.

    Parameters
    ----------
    intercept, slope
        a and b.
    adjusted_r_squared
        Of the fit.

    Examples
    --------
    >>> import pandas as pd
    >>> cells = pd.DataFrame({"audience": [10.0, 20.0, 40.0], "stock": [30.0, 60.0, 120.0]})
    >>> method = ZagheniNaive.fit(cells)
    >>> round(method.slope, 6), method.predict(pd.DataFrame({"audience": [100.0]})).round(3).tolist()
    (1.0, [300.0])
    """

    name: ClassVar = "zagheni_naive"
    needs: ClassVar = ("audience",)
    source: ClassVar = "Zagheni, Weber and Gummadi 2017"
    libraries: ClassVar = ("numpy", "pandas")
    fewest: ClassVar = 3

    intercept: float = 0.0
    slope: float = 1.0
    adjusted_r_squared: float = float("nan")

    @classmethod
    def _fit(cls, usable: pd.DataFrame) -> Self:
        regression = _regression(usable, {})
        return cls(regression.intercept, regression.slope, regression.adjusted_r_squared)

    def _predict(self, usable: pd.DataFrame) -> pd.Series:
        logs = self.intercept + self.slope * np.log(usable["audience"].to_numpy(dtype=float))
        return pd.Series(np.exp(logs), index=usable.index)


@dataclass(frozen=True)
class Zagheni(Method):
    """``log stock = a + b log audience + origin effect + age-by-sex effect``, by cell.

    Cells have the columns origin, sex, age_min, audience, stock. The effects of the origins add up to 0, and so do
    those of the groups; an unknown origin or group has the effect 0.

    Parameters
    ----------
    intercept, slope
        a and b.
    origins
        Effect of each origin.
    groups
        Effect of each group, named by sex and lowest age ("female 15").
    adjusted_r_squared
        Of the fit.

    Examples
    --------
    >>> import pandas as pd
    >>> cells = pd.DataFrame({"origin": ["MEX", "IND"] * 4, "sex": ["female"] * 4 + ["male"] * 4, "age_min": 15})
    >>> cells["audience"] = [10.0, 30.0, 40.0, 20.0, 10.0, 50.0, 20.0, 20.0]
    >>> cells["stock"] = 3 * cells["audience"] * cells["origin"].map({"MEX": 2.0, "IND": 0.5})
    >>> method = Zagheni.fit(cells)
    >>> round(method.origins["MEX"], 3), method.predict(cells.head(2)).round(3).tolist()
    (0.693, [60.0, 45.0])
    """

    name: ClassVar = "zagheni"
    needs: ClassVar = ("audience",)
    source: ClassVar = "Zagheni, Weber and Gummadi 2017"
    libraries: ClassVar = ("numpy", "pandas")
    fewest: ClassVar = 5

    intercept: float = 0.0
    slope: float = 1.0
    origins: dict[str, float] = field(default_factory=dict)
    groups: dict[str, float] = field(default_factory=dict)
    adjusted_r_squared: float = float("nan")

    @classmethod
    def _fit(cls, usable: pd.DataFrame) -> Self:
        regression = _regression(usable, {"origin": usable["origin"], "group": groups(usable)})
        return cls(
            regression.intercept,
            regression.slope,
            regression.effects["origin"],
            regression.effects["group"],
            regression.adjusted_r_squared,
        )

    def _predict(self, usable: pd.DataFrame) -> pd.Series:
        logs = self.intercept + self.slope * np.log(usable["audience"].to_numpy(dtype=float))
        for levels, effects in ((usable["origin"], self.origins), (groups(usable), self.groups)):
            logs += levels.map(effects).astype("float64").fillna(0.0).to_numpy()
        return pd.Series(np.exp(logs), index=usable.index)


def groups(cells: pd.DataFrame) -> pd.Series:
    """Return the group of ages and sex of each cell: its sex and lowest age.

    Examples
    --------
    >>> import pandas as pd
    >>> groups(pd.DataFrame({"sex": ["female", "male"], "age_min": [15, 20]})).tolist()
    ['female 15', 'male 20']
    """
    return cells["sex"].astype(str) + " " + cells["age_min"].astype(str)


def _regression(usable: pd.DataFrame, factors: dict[str, pd.Series]) -> fixed_effects.FixedEffects:
    audience, stock = (np.log(usable[name].to_numpy(dtype=float)) for name in ("audience", "stock"))
    return fixed_effects.fit(audience, stock, factors)
