"""Yildiz et al. 2024: one latent stock for each corridor and year behind official figures, a survey and audiences.

International Migration Review 59:90-118 (doi 10.1177/01979183241249969), model ``main_model.txt`` of the public
repository a-wis/integrating-migrant-stocks, read for its equations. With y the logarithm of a stock::

    y[c, 1] ~ N(m, v)                                  y[c, t] ~ N(b1[c] + b2[c] y[c, t-1], sigma^2)
    b1[c] ~ N(mu1, s1^2)   b2[c] ~ N(mu2, s2^2)        (mu1, mu2) ~ N((10, 0), I)   m ~ N(10, 1)
    log observation ~ N(y[c, t] + factor[k] (+ kappa[c]), 1 / tau[source])

Two changes make it Gaussian: a factor has a normal prior on the log scale (``log mean``, ``sd / mean``) where the paper
has a normal one truncated at 0, and so has kappa, the corridor's part of a break. Given tau, sigma and the b's of the
corridors, stocks, factors and kappas are then one Gaussian, solved exactly: corridors are independent given the
factors, so that 6,804 stocks cost 756 small inverses and one of the size of the factors. The b's are Gaussian given
the stocks. Both are alternated (mean-field), and variances and precisions are set to their posterior modes in between.

What that loses: b's and stocks are independent in the posterior, so that intervals are somewhat narrow; variances have
no uncertainty of their own. A floor marked as one (``censored``) is a truncated normal of the same moments.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd
from scipy.stats import norm

from smstock.errors import ContractError, ModelError
from smstock.published.inputs import ANY, MOST_YEARS, require, require_columns, require_distinct

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy.typing as npt

    Numbers = npt.NDArray[np.float64]

COLUMNS: Final = ("corridor", "year", "source", "log", "factor", "breaks", "censored", "size")
"""Columns of observations; ``breaks``: kappa is added; ``censored``: the logarithm is an upper end; ``size``: persons
that the precision of a survey grows with, 0 for other sources."""
MOST_ROUNDS: Final = 1000
ENOUGH: Final = 1e-4
"""Largest change of a median (logarithm) in a round that ends the iteration."""


@dataclass(frozen=True)
class Precision:
    """Prior of a source's precision: normal, in 1 / logarithm squared; ``by_size`` adds a slope that is fitted."""

    mean: float
    sd: float
    by_size: float = 0.0

    def __post_init__(self) -> None:
        """Refuse what is the prior of no precision."""
        if not (0 < self.mean < np.inf and 0 < self.sd < np.inf and 0 <= self.by_size < np.inf):
            raise ModelError(f"{self} is no prior", allowed="mean and sd above 0, by_size 0 or more, all finite")


PUBLISHED: Final = {
    "eurostat": Precision(1111, 10),
    "census": Precision(5000, 10),
    "lfs": Precision(0.5, 1.0, by_size=0.00275),
    "mau": Precision(50, 10),
    "dau": Precision(100, 31.6),
}
"""The published priors; ``by_size`` of the survey is held at its prior mean, a slope per person."""


@dataclass(frozen=True, eq=False)
class Fit:
    """A fit.

    Parameters
    ----------
    stocks
        ``median`` and ``sd`` (of the logarithm) by corridor and year.
    factors
        ``median`` (a ratio) and ``sd`` (of its logarithm) by factor.
    precisions
        Precision of each source at the mode; of a survey that of size 0.
    autoregression
        mu1, mu2, their standard deviations over corridors, and sigma.
    rounds
        Rounds of the iteration; :data:`MOST_ROUNDS` if it did not settle.
    """

    stocks: pd.DataFrame
    factors: pd.DataFrame
    precisions: dict[str, float]
    autoregression: dict[str, float]
    rounds: int


def fit(
    observations: pd.DataFrame,
    factors: pd.DataFrame,
    breaks: pd.DataFrame,
    *,
    years: range,
    precisions: Mapping[str, Precision] = PUBLISHED,
) -> Fit:
    """Return the posterior of the stocks of every corridor and year.

    Parameters
    ----------
    observations
        :data:`COLUMNS`, a row an observation.
    factors
        Priors by factor: ``mean`` (a ratio) and ``sd`` (of its logarithm).
    breaks
        Priors of kappa by corridor: ``mean`` and ``sd``, logarithms. Its index names the corridors of the result.
    years
        Years of the stocks: each one from the first to the last, two at least.
    precisions
        Prior of each source.

    Raises
    ------
    ContractError
        An observation names an unknown corridor, year, factor or source; a table lacks a column, holds a number that is
        missing, infinite or out of bounds, or names a factor or corridor twice; years are no run of years.
    ModelError
        The numbers are too large or too small to be computed with.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> rows = [(f"{c}", year, np.log(1000.0 * (c + 1))) for c in range(8) for year in (2011, 2012)]
    >>> table = pd.DataFrame(rows, columns=["corridor", "year", "log"]).assign(source="eurostat", factor="all")
    >>> factors = pd.DataFrame({"mean": [1.0], "sd": [0.001]}, index=["all"])
    >>> breaks = pd.DataFrame({"mean": 0.0, "sd": 0.1}, index=[f"{c}" for c in range(8)])
    >>> table = table.assign(breaks=False, censored=False, size=0.0)
    >>> posterior = fit(table, factors, breaks, years=range(2011, 2014))
    >>> float(posterior.stocks.loc[("4", 2012), "median"].round(-2))
    5000.0
    """
    _check(observations, factors, breaks, years)
    system = _System(observations, factors, breaks, years, precisions)
    previous = np.full((len(breaks), len(years)), np.inf)
    rounds = 0
    for rounds in range(1, MOST_ROUNDS + 1):  # noqa: B007 - stated in the result
        system.stocks()
        system.autoregression()
        system.variances()
        means = system.mean[:, :-1]
        if not np.isfinite(means).all():
            raise ModelError("the fit has no finite answer", hint="look for figures and priors of another unit")
        if np.max(np.abs(means - previous)) < ENOUGH:
            break
        previous = means.copy()
    index = pd.MultiIndex.from_product([breaks.index, years], names=["corridor", "year"])
    sd = np.sqrt(np.diagonal(system.covariance, axis1=1, axis2=2)[:, :-1])
    stocks = pd.DataFrame({"median": np.exp(system.mean[:, :-1]).ravel(), "sd": sd.ravel()}, index=index)
    factor_table = pd.DataFrame(
        {"median": np.exp(system.factor_mean), "sd": np.sqrt(np.diag(system.factor_covariance))}, index=factors.index
    )
    names = ("mu1", "mu2", "sd1", "sd2", "sigma")
    values = (*system.mu, *np.sqrt(system.spread), np.sqrt(system.process))
    return Fit(
        stocks,
        factor_table,
        dict(system.tau),
        {name: float(value) for name, value in zip(names, values, strict=True)},
        rounds,
    )


def _check(observations: pd.DataFrame, factors: pd.DataFrame, breaks: pd.DataFrame, years: range) -> None:
    """Refuse tables that cannot be fitted, and years that are not consecutive: each stock follows that before it."""
    require_columns(observations, "observations", COLUMNS)
    flags = observations[["breaks", "censored"]].isin([0, 1])
    if not flags.to_numpy().all():
        raise ContractError("breaks or censored is neither true nor false in some row", where="the table observations")
    require(observations, "observations", above={}, least={"log": ANY, "size": 0})
    require(factors, "factors", above={"mean": 0, "sd": 0}, least={})
    require(breaks, "breaks", above={"sd": 0}, least={"mean": ANY})
    require_distinct(factors.index, "factors")
    require_distinct(breaks.index, "breaks")
    if not isinstance(years, range) or years.step != 1 or not 2 <= len(years) <= MOST_YEARS:
        raise ContractError(
            f"years are {years!r}", allowed=f"a range of 2 to {MOST_YEARS} consecutive years, such as range(2011, 2020)"
        )


class _System:
    """The arrays of a fit: corridors by (years, kappa), factors, and everything that is alternated."""

    def __init__(
        self,
        observations: pd.DataFrame,
        factors: pd.DataFrame,
        breaks: pd.DataFrame,
        years: range,
        precisions: Mapping[str, Precision],
    ) -> None:
        places = {
            "corridor": breaks.index.get_indexer(pd.Index(observations["corridor"])),
            "year": pd.Index(years).get_indexer(pd.Index(observations["year"])),
            "factor": factors.index.get_indexer(pd.Index(observations["factor"])),
            "source": pd.Index(list(precisions)).get_indexer(pd.Index(observations["source"])),
        }
        if unknown := [name for name, place in places.items() if (place < 0).any()]:
            raise ContractError(f"observations name an unknown {unknown[0]}", allowed="those of the arguments")
        self.corridor, self.year, self.factor = (places[name] for name in ("corridor", "year", "factor"))
        self.source = observations["source"].to_numpy()
        self.log = observations["log"].to_numpy(dtype=float).copy()
        self.bound, self.censored = self.log.copy(), observations["censored"].to_numpy(dtype=bool)
        self.breaks, self.size = (observations[n].to_numpy(dtype=float) for n in ("breaks", "size"))
        self.extra = np.zeros(len(self.log))
        self.factor_prior = np.log(factors["mean"].to_numpy(dtype=float)), factors["sd"].to_numpy(dtype=float) ** -2
        self.kappa = breaks["mean"].to_numpy(dtype=float), breaks["sd"].to_numpy(dtype=float) ** -2
        self.priors, self.length = precisions, len(years)
        self.tau = {name: prior.mean for name, prior in precisions.items()}
        corridors = len(breaks)
        self.process, self.first = 0.04, (8.0, 6.0)
        self.mu, self.spread = np.array([0.4, 0.95]), np.array([0.05, 0.001])
        self.b = np.tile(self.mu, (corridors, 1))
        self.b_covariance = np.tile(np.diag(self.spread), (corridors, 1, 1))

    def weights(self) -> Numbers:
        """Return the precision of each observation."""
        tau = np.array([self.tau[name] for name in self.source])
        slope = np.array([self.priors[name].by_size for name in self.source])
        weights: Numbers = tau + slope * self.size
        return weights

    def stocks(self) -> None:
        """Solve stocks, kappas and factors together, given everything else."""
        corridors, width = len(self.b), self.length + 1
        weights = self.weights()
        second = self.b_covariance + self.b[:, :, None] * self.b[:, None, :]
        precision = np.zeros((corridors, width, width))
        linear = np.zeros((corridors, width))
        precision[:, 0, 0] += 1 / self.first[1]
        linear[:, 0] += self.first[0] / self.first[1]
        for year in range(1, self.length):
            precision[:, year, year] += 1 / self.process
            precision[:, year - 1, year - 1] += second[:, 1, 1] / self.process
            precision[:, year, year - 1] -= self.b[:, 1] / self.process
            precision[:, year - 1, year] -= self.b[:, 1] / self.process
            linear[:, year] += self.b[:, 0] / self.process
            linear[:, year - 1] -= second[:, 0, 1] / self.process
        precision[:, -1, -1] += self.kappa[1]
        linear[:, -1] += self.kappa[0] * self.kappa[1]
        cross = np.zeros((corridors, width, len(self.factor_prior[0])))
        broken, kappa = weights * self.breaks, np.full(len(weights), self.length)
        np.add.at(precision, (self.corridor, self.year, self.year), weights)
        np.add.at(precision, (self.corridor, kappa, kappa), broken)
        np.add.at(precision, (self.corridor, self.year, kappa), broken)
        np.add.at(precision, (self.corridor, kappa, self.year), broken)
        np.add.at(linear, (self.corridor, self.year), weights * self.log)
        np.add.at(linear, (self.corridor, kappa), broken * self.log)
        np.add.at(cross, (self.corridor, self.year, self.factor), weights)
        np.add.at(cross, (self.corridor, kappa, self.factor), broken)
        inverse = np.linalg.inv(precision)
        reach = inverse @ cross
        own = np.bincount(self.factor, weights, cross.shape[2])
        schur = np.diag(self.factor_prior[1] + own) - np.einsum("cik,cil->kl", cross, reach)
        right = self.factor_prior[0] * self.factor_prior[1] + np.bincount(
            self.factor, weights * self.log, cross.shape[2]
        )
        self.factor_covariance = np.linalg.inv(schur)
        self.factor_mean = self.factor_covariance @ (right - np.einsum("cik,ci->k", reach, linear))
        self.mean = np.einsum("cij,cj->ci", inverse, linear) - reach @ self.factor_mean
        self.joint = -reach @ self.factor_covariance
        self.covariance = inverse - self.joint @ reach.transpose(0, 2, 1)

    def autoregression(self) -> None:
        """Solve the b's of each corridor given its stocks, and what they share."""
        y, cov = self.mean[:, :-1], self.covariance[:, :-1, :-1]
        before, after = y[:, :-1], y[:, 1:]
        square = before**2 + np.diagonal(cov, axis1=1, axis2=2)[:, :-1]
        product = before * after + np.diagonal(cov, offset=1, axis1=1, axis2=2)
        precision = np.tile(np.diag(1 / self.spread), (len(y), 1, 1))
        steps = self.length - 1
        precision[:, 0, 0] += steps / self.process
        precision[:, 0, 1] += before.sum(axis=1) / self.process
        precision[:, 1, 0] += before.sum(axis=1) / self.process
        precision[:, 1, 1] += square.sum(axis=1) / self.process
        linear = self.mu / self.spread + np.stack([after.sum(axis=1), product.sum(axis=1)], axis=1) / self.process
        self.b_covariance = np.linalg.inv(precision)
        self.b = np.einsum("cij,cj->ci", self.b_covariance, linear)
        count = len(y)
        self.mu = (np.array([10.0, 0.0]) + self.b.sum(axis=0) / self.spread) / (1 + count / self.spread)
        own = np.diagonal(self.b_covariance, axis1=1, axis2=2)
        self.spread = np.array([_half_normal(total, count) for total in ((self.b - self.mu) ** 2 + own).sum(axis=0)])
        second = self.b_covariance + self.b[:, :, None] * self.b[:, None, :]
        squares = (
            (after**2 + np.diagonal(cov, axis1=1, axis2=2)[:, 1:]).sum()
            + (second[:, 0, 0] * steps).sum()
            + (second[:, 1, 1, None] * square).sum()
            - 2 * (self.b[:, 0, None] * after).sum()
            - 2 * (self.b[:, 1, None] * product).sum()
            + 2 * (second[:, 0, 1, None] * before).sum()
        )
        self.process = _half_normal(float(squares), count * steps)
        variance = self.first[1]
        centre = (10 + y[:, 0].sum() / variance) / (1 + count / variance)
        self.first = (centre, _half_normal(float(((y[:, 0] - centre) ** 2 + cov[:, 0, 0]).sum()), count))

    def variances(self) -> None:
        """Set precisions to their modes, and what is censored to its moments."""
        corridor, year, factor = self.corridor, self.year, self.factor
        fitted = self.mean[corridor, year] + self.breaks * self.mean[corridor, -1] + self.factor_mean[factor]
        spread = (
            self.covariance[corridor, year, year]
            + self.breaks * (self.covariance[corridor, -1, -1] + 2 * self.covariance[corridor, year, -1])
            + self.factor_covariance[factor, factor]
            + 2 * (self.joint[corridor, year, factor] + self.breaks * self.joint[corridor, -1, factor])
        )
        sd = self.weights() ** -0.5
        with np.errstate(divide="ignore", invalid="ignore"):
            edge = (self.bound - fitted) / sd
            hazard = np.exp(norm.logpdf(edge) - norm.logcdf(edge))
        self.log = np.where(self.censored, fitted - sd * hazard, self.bound)
        self.extra = np.where(self.censored, sd**2 * np.maximum(1 - edge * hazard - hazard**2, 0), 0)
        squares = (self.log - fitted) ** 2 + spread + self.extra
        for name, prior in self.priors.items():
            of_source = self.source == name
            if of_source.any():
                self.tau[name] = _precision(squares[of_source], prior, self.size[of_source], self.tau[name])


def _half_normal(squares: float, count: int) -> float:
    """Return the mode of a variance whose root has a standard half-normal prior: s^4 + n s^2 = sum of squares."""
    return float(((count**2 + 4 * squares) ** 0.5 - count) / 2)


def _precision(squares: Numbers, prior: Precision, size: Numbers, current: float) -> float:
    """Return the mode of a precision with a normal prior; where it grows with size, one Newton step towards it."""
    if not prior.by_size:
        slope = squares.sum() / 2 - prior.mean / prior.sd**2
        return float((-slope + np.sqrt(slope**2 + 2 * len(squares) / prior.sd**2)) * prior.sd**2 / 2)
    precisions = current + prior.by_size * size
    gradient = (1 / precisions - squares).sum() / 2 - (current - prior.mean) / prior.sd**2
    curvature = (precisions**-2).sum() / 2 + prior.sd**-2
    return float(max(current + gradient / curvature, current / 2))
