"""Stages 1 and 2: what an audience says of a share, learnt where a survey gives the share with a sampling error."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import inf, sqrt
from typing import ClassVar, Final, Self

import numpy as np
import pandas as pd

from smstock.errors import ContractError, ModelError, TooFewCellsError
from smstock.models.base import Method
from smstock.models.fixed_effects import zero_sum_columns, zero_sum_effects
from smstock.models.gaussian import lattice
from smstock.published.inputs import require, require_columns

COUNTED: Final = ("audience", "users", "stock", "population")
"""Accounts and persons of a cell."""
PRIOR_SHAPE: Final = 0.01
"""Shape and rate of the gamma prior of tau."""
DESIGN_FACTORS: Final = ((2001, 2.9), (2005, 2.2), (2009, 2.0), (2012, 1.9))
"""Design factor of place of birth in the American Community Survey, from a year on."""


def sampling_error(share: pd.Series, population: pd.Series, year: int) -> pd.Series:
    """Return the standard error of the logarithm of a share of the American Community Survey's one-year microdata.

    ``se(p) = d sqrt(99 p (1 - p) / population)`` with the design factor d of the year, and until 2004
    ``1.2 d sqrt(142 p (1 - p) / population)``; on the log scale divided by p. Formulas: United States Census Bureau,
    "PUMS Accuracy of the Data"; factors: the authors' code.

    Parameters
    ----------
    share
        Share of migrants in the population, between 0 and 1; the error of a share of 0 is infinite.
    population
        Persons of the same age and sex in the area, 0 or more.
    year
        Of the survey, from 2001.

    Raises
    ------
    ModelError
        The year is before 2001, for which there is no design factor.
    ContractError
        A share or a population is out of its bounds.

    Examples
    --------
    >>> import pandas as pd
    >>> sampling_error(pd.Series([0.5, 0.01]), pd.Series([9900.0, 9900.0]), 2016).round(3).tolist()
    [0.19, 1.89]
    """
    if year < DESIGN_FACTORS[0][0]:
        raise ModelError(f"there is no design factor of the survey of {year}", allowed="2001 or later")
    outside = (share < 0) | (share > 1) | (population < 0)
    if outside.any():
        place = int(outside.argmax())
        raise ContractError(
            f"the share is {share.iloc[place]} of {population.iloc[place]} persons in the row {share.index[place]!r}",
            allowed="shares from 0 to 1, persons 0 or more",
        )
    design = next(factor for first, factor in reversed(DESIGN_FACTORS) if year >= first)
    factor = design * (sqrt(99) if year >= 2005 else 1.2 * sqrt(142))
    return ((1 - share) / (share * population)).pow(0.5) * factor


@dataclass(frozen=True)
class BiasRegression:
    """Posterior means of stage 1.

    Parameters
    ----------
    intercept, slope
        b0 and b1.
    ages, destinations
        Effects a_x and d_s by name; each add up to 0.
    precision
        tau: the inverse of the variance that sampling does not explain.
    """

    intercept: float
    slope: float
    ages: dict[str, float]
    destinations: dict[str, float]
    precision: float

    def log_share(self, cells: pd.DataFrame) -> pd.Series:
        """Return the log share that the audience of each cell stands for (stage 2).

        ``cells`` have destination, age_min, audience, users. A destination or an age that was not fitted has the
        effect 0, the mean of those that were; an audience or number of users that is missing or 0 gives no share.

        Examples
        --------
        >>> import pandas as pd
        >>> bias = BiasRegression(0.5, 1.0, ages={"15": 0.1}, destinations={}, precision=100.0)
        >>> cells = pd.DataFrame({"destination": "A", "age_min": [15, 20], "audience": [10, 0], "users": 1000})
        >>> bias.log_share(cells).round(2).tolist()
        [-4.01, nan]
        """
        share = (cells["audience"] / cells["users"]).astype("float64")
        logs = pd.Series(self.intercept + self.slope * np.log(share.where(share > 0)), index=cells.index)
        for column, effects in (("age_min", self.ages), ("destination", self.destinations)):
            logs = logs + cells[column].astype(str).map(effects).astype("float64").fillna(0.0)
        return logs


def fit_bias(cells: pd.DataFrame, *, destination_effects: bool = True) -> BiasRegression:
    """Return the bias regression of one origin and sex, averaged over the posterior of tau.

    Cells whose audience, users, stock or population is missing or 0 are left out, as published: a survey that met
    nobody has no log share. So are cells without a finite error.

    Parameters
    ----------
    cells
        Columns destination, age_min, audience and users (accounts), stock and population (persons), error (standard
        error of the log of stock / population).
    destination_effects
        Whether destinations have effects, as published.

    Raises
    ------
    TooFewCellsError
        There are no more cells than coefficients.
    ContractError
        A column is absent, a number negative or infinite, or a stock above its population.

    Examples
    --------
    >>> import pandas as pd
    >>> cells = pd.DataFrame({"destination": ["A", "A", "B", "B", "C", "C"], "age_min": [15, 20] * 3, "error": 0.01})
    >>> cells["audience"], cells["users"], cells["population"] = [10, 40, 20, 90, 50, 30], 1000, 2000.0
    >>> cells["stock"] = 2 * cells["population"] * (cells["audience"] / cells["users"]) ** 0.5
    >>> bias = fit_bias(cells)
    >>> round(bias.slope, 2), round(bias.intercept, 2)
    (0.5, 0.69)
    """
    _check(cells)
    counted = (cells[list(COUNTED)].astype("float64") > 0).all(axis=1)
    usable = cells[counted & cells["error"].between(0, inf, inclusive="left")]
    if not len(usable):
        raise TooFewCellsError("no cell of the bias regression has audience, users, stock, population and error")
    target = np.log((usable["stock"] / usable["population"]).to_numpy(dtype=float))
    error_variance = np.square(usable["error"].to_numpy(dtype=float))
    factors = ["age_min", "destination"] if destination_effects else ["age_min"]
    levels = {column: sorted(usable[column].astype(str).unique()) for column in factors}
    basis, coordinates = _basis(_design(usable, levels))
    if len(usable) <= basis.shape[1]:
        raise TooFewCellsError(f"the bias regression has {basis.shape[1]} coefficients; there are {len(usable)} cells")

    def solve(log_precisions: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return coefficients and log density for each tau, shapes (points, coefficients) and (points,)."""
        variance = error_variance + np.exp(-log_precisions)[:, None]
        weighted = basis.T / variance[:, None, :]
        information = weighted @ basis
        solution = np.linalg.solve(information, weighted @ target[:, None])[..., 0]
        residual = target - solution @ basis.T
        density = -0.5 * (np.log(variance).sum(axis=1) + np.linalg.slogdet(information)[1])
        density -= 0.5 * (residual**2 / variance).sum(axis=1)
        return solution, density + PRIOR_SHAPE * (log_precisions - np.exp(log_precisions))

    precisions = lattice(lambda points: solve(points[:, 0])[1], [0.0])
    mean = coordinates @ (precisions.weights @ solve(precisions.points[:, 0])[0])
    effects: dict[str, dict[str, float]] = {"destination": {}} | zero_sum_effects(mean[2:], levels)
    precision = float(precisions.weights @ np.exp(precisions.points[:, 0]))
    return BiasRegression(float(mean[0]), float(mean[1]), effects["age_min"], effects["destination"], precision)


def _check(cells: pd.DataFrame) -> None:
    """Refuse cells that no survey and no platform can have counted."""
    require_columns(cells, "cells", ("destination", "age_min", *COUNTED, "error"))
    require(cells, "cells", above={}, least=dict.fromkeys(COUNTED, 0), gaps=True)
    beyond = cells[cells["stock"].astype("float64") > cells["population"].astype("float64")]
    if len(beyond):
        row = beyond.iloc[0]
        raise ContractError(
            f"the stock {row['stock']} is above the population {row['population']} in the row {beyond.index[0]!r}",
            where="the table cells",
            allowed="stocks up to the population of the same age and sex",
        )


def _design(cells: pd.DataFrame, levels: dict[str, list[str]]) -> np.ndarray:
    """Return 1, the log share of the audience, and the levels of ages and destinations, whose effects add up to 0."""
    columns = [np.ones(len(cells)), np.log((cells["audience"] / cells["users"]).to_numpy(dtype=float))]
    for column, names in levels.items():
        columns += zero_sum_columns(cells[column].astype(str), names)
    return np.column_stack(columns)


def _basis(design: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return an orthonormal basis of the columns, and the matrix from its coordinates to coefficients of least norm.

    The design may lack full rank: an age that one destination alone has cannot be separated from that destination.
    """
    left, sizes, right = np.linalg.svd(design, full_matrices=False)
    sizable = sizes > sizes[0] * 1e-10
    return left[:, sizable], right[sizable].T / sizes[sizable]


@dataclass(frozen=True)
class Alexander(Method):
    """Stages 1 and 2 as a method on cells: a bias regression for each origin and sex.

    Cells have the columns of `fit_bias`, origin and sex. An unseen destination is estimated at the mean of the
    destination effects; the paper estimates no unseen one. An origin and sex with too few cells is not estimated.

    Parameters
    ----------
    regressions
        The bias regression of each origin and sex, named "MEX male".

    Examples
    --------
    >>> import pandas as pd
    >>> cells = pd.DataFrame({"destination": ["A", "A", "B", "B", "C", "C"], "age_min": [15, 20] * 3, "error": 0.01})
    >>> cells["audience"], cells["users"], cells["population"] = [10, 40, 20, 90, 50, 30], 1000, 2000.0
    >>> cells["stock"] = 2 * cells["population"] * (cells["audience"] / cells["users"]) ** 0.5
    >>> method = Alexander.fit(cells.assign(origin="MEX", sex="male"))
    >>> method.predict(cells.head(2).assign(origin="MEX", sex="male")).round().tolist()
    [400.0, 800.0]
    """

    name: ClassVar = "alexander"
    needs: ClassVar = ("audience", "users", "population")
    source: ClassVar = "Alexander, Polimis and Zagheni 2020"
    fewest: ClassVar = 5
    destination_effects: ClassVar = True

    regressions: dict[str, BiasRegression] = field(default_factory=dict)

    @classmethod
    def _fit(cls, usable: pd.DataFrame) -> Self:
        regressions = {}
        for name, cells in usable.groupby(_series(usable)):
            try:
                regressions[str(name)] = fit_bias(cells, destination_effects=cls.destination_effects)
            except TooFewCellsError:
                continue
        return cls(regressions)

    def _predict(self, usable: pd.DataFrame) -> pd.Series:

        shares = [
            self.regressions[str(name)].log_share(cells)
            for name, cells in usable.groupby(_series(usable))
            if name in self.regressions
        ]
        logs = pd.concat(shares) if shares else pd.Series(dtype="float64")
        share = pd.Series(np.exp(logs), index=logs.index).reindex(usable.index)
        return share * usable["population"].astype("float64")


@dataclass(frozen=True)
class AlexanderPooled(Alexander):
    """Stages 1 and 2 without destination effects: what the regression needs to reach an unseen destination.

    With destination effects the slope is learnt from ages within destinations; without them also from the differences
    between destinations, which is what an unseen one asks for. Not as published.

    Examples
    --------
    >>> import pandas as pd
    >>> cells = pd.DataFrame({"destination": list("ABCDEF"), "age_min": 15, "error": 0.01, "origin": "MEX"})
    >>> cells["audience"], cells["users"], cells["population"] = [10, 40, 20, 90, 50, 30], 1000, 2000.0
    >>> cells["stock"] = 2 * cells["population"] * (cells["audience"] / cells["users"]) ** 0.5
    >>> unseen = cells.head(1).assign(destination="Z", stock=None, sex="male")
    >>> AlexanderPooled.fit(cells.assign(sex="male")).predict(unseen).round().tolist()
    [400.0]
    """

    name: ClassVar = "alexander_pooled"
    source: ClassVar = "after Alexander, Polimis and Zagheni 2020"
    destination_effects: ClassVar = False


def _series(cells: pd.DataFrame) -> pd.Series:
    return cells["origin"].astype(str) + " " + cells["sex"].astype(str)
