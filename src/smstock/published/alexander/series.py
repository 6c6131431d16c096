"""Stage 4: survey and audiences pooled over time, destinations and ages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd
from scipy.linalg import cho_factor, cho_solve, solve_triangular
from scipy.optimize import minimize
from scipy.special import expit

from smstock.errors import ContractError, ModelError, TooFewCellsError
from smstock.published.inputs import ANY, MOST_YEARS, require, require_columns, require_distinct

if TYPE_CHECKING:
    from smstock.published.alexander.bias import BiasRegression

OBSERVED: Final = ("destination", "age_min", "year", "log_share", "error", "source")
"""Columns of observations."""
LEVEL_SD: Final = 1.0
"""Published standard deviation of the level in the first year; a level is the mean log share times 3 for nine ages,
about -15, so that the prior pulls destinations with few observations towards shares that are too high."""


@dataclass(frozen=True)
class Scales:
    """The scales of the model; all but the persistence are standard deviations on the log scale, above 0.

    Parameters
    ----------
    level
        Yearly step of a destination's level (sigma_beta1).
    change, offset
        Yearly step of the second coefficient that all destinations share (sigma_mu), and how far destinations lie from
        it (sigma_beta2).
    departure
        Yearly innovation of the departures from the schedules (sigma_s).
    audience
        Error of audiences that the bias regression does not have (sigma_ns).
    persistence
        Share of a departure that is left a year later (rho), between 0 and 1.
    """

    level: float
    change: float
    offset: float
    departure: float
    audience: float
    persistence: float

    def __post_init__(self) -> None:
        """Refuse what is no scale."""
        sizes = (self.level, self.change, self.offset, self.departure, self.audience)
        if not (all(0 < size < np.inf for size in sizes) and 0 < self.persistence < 1):
            raise ModelError(f"{self} are no scales", allowed="finite numbers above 0, the persistence below 1")


@dataclass(frozen=True)
class PooledSeries:
    """The posterior of stage 4.

    Parameters
    ----------
    shares
        Columns destination, age_min, year, log_share (posterior mean), sd.
    scales
        At their posterior mode, or as given.
    log_likelihood
        Log density of the observations given the scales.
    """

    shares: pd.DataFrame
    scales: Scales
    log_likelihood: float


@dataclass(frozen=True)
class _Destination:
    """Log shares of one destination with their error variances; ``place`` is the age and year in the grid of both."""

    log_share: np.ndarray
    variance: np.ndarray
    is_audience: np.ndarray
    place: np.ndarray


@dataclass(frozen=True)
class _Solution:
    """Cholesky factors of the covariances of observations, inverses times [observations, loading], the common term."""

    factors: list[np.ndarray]
    solved: list[np.ndarray]
    common: np.ndarray
    common_covariance: np.ndarray
    log_likelihood: float


@dataclass(frozen=True)
class _Grid:
    """Schedules (ages, 2), number of years, and standard deviation of the first level."""

    schedules: np.ndarray
    years: int
    level_sd: float

    def covariance(self, scales: Scales) -> np.ndarray:
        """Return the prior covariance of a destination's log shares without the common term, ages slower than years."""
        time = np.arange(self.years)
        steps = np.minimum.outer(time, time)
        decay = np.tril(scales.persistence ** np.maximum(np.subtract.outer(time, time), 0))
        first, second = self.schedules.T
        level = np.kron(np.outer(first, first), self.level_sd**2 + scales.level**2 * steps)
        offset = np.kron(np.outer(second, second), np.full(steps.shape, scales.offset**2))
        return level + offset + np.kron(np.eye(len(first)), scales.departure**2 * decay @ decay.T)

    def common(self, scales: Scales) -> tuple[np.ndarray, np.ndarray]:
        """Return how the common term m enters the log shares, and its prior covariance; its first value is N(0, 1)."""
        time = np.arange(self.years)
        loading: np.ndarray = np.kron(self.schedules[:, [1]], np.eye(self.years))
        return loading, 1.0 + scales.change**2 * np.minimum.outer(time, time)


def observations(survey: pd.DataFrame, audiences: pd.DataFrame, bias: BiasRegression) -> pd.DataFrame:
    """Return the log shares of both sources with their errors, as `fit_series` takes them.

    An audience has the error of the bias regression (tau) and the largest sampling error that its destination has in
    the survey, as published. Audiences of destinations that the survey does not know are left out, and so are cells
    without migrants or audience.

    Parameters
    ----------
    survey
        Columns destination, age_min, year, stock, population, error.
    audiences
        Columns destination, age_min, year, audience, users; several waves may fall in a year.
    bias
        The bias regression of the origin and sex.

    Examples
    --------
    >>> import pandas as pd
    >>> from smstock.published.alexander.bias import BiasRegression
    >>> cells = pd.DataFrame({"destination": ["A", "B"], "age_min": 15, "year": 2016})
    >>> survey = cells.assign(stock=[50.0, 0.0], population=1000.0, error=0.1)
    >>> audiences = cells.assign(year=2017, audience=[20.0, 10.0], users=400.0)
    >>> bias = BiasRegression(intercept=0.0, slope=1.0, ages={}, destinations={}, precision=100.0)
    >>> observations(survey, audiences, bias)[["destination", "year", "log_share", "source"]].round(2).values.tolist()
    [['A', 2016, -3.0, 'survey'], ['A', 2017, -3.0, 'audience']]
    """
    require(survey, "survey", above={}, least={"stock": 0, "population": 0}, gaps=True)
    require(audiences, "audiences", above={}, least={"audience": 0, "users": 0}, gaps=True)
    columns = list(OBSERVED[:-1])
    known = survey[(survey["stock"] > 0) & (survey["population"] > 0)]
    known = known.assign(log_share=np.log((known["stock"] / known["population"]).astype("float64")))
    largest = audiences["destination"].map(known.groupby("destination")["error"].max()).astype("float64")
    adjusted = audiences.assign(
        log_share=bias.log_share(audiences), error=np.sqrt(1 / bias.precision + np.square(largest))
    )
    table = pd.concat([known[columns].assign(source="survey"), adjusted[columns].assign(source="audience")])
    return table.dropna(subset=["log_share", "error"]).reset_index(drop=True)


def fit_series(
    observed: pd.DataFrame, schedules: pd.DataFrame, *, level_sd: float = LEVEL_SD, scales: Scales | None = None
) -> PooledSeries:
    """Return log shares of every destination, age and year from the first observation to the last.

    Parameters
    ----------
    observed
        Columns destination, age_min, year, log_share, error (standard error, above 0), source (survey or audience).
    schedules
        A row an age, two columns, as `age_schedules` returns them; other ages are left out.
    level_sd
        Standard deviation of the level in the first year; 1 as published, large for a prior that says nothing.
    scales
        The scales; without them, the mode of their posterior in logarithms (logit of the persistence).

    Raises
    ------
    TooFewCellsError
        Nothing was observed at the ages of the schedules.
    ContractError
        A column is absent, a log share no finite number, an error none above 0, a year no whole number or too far from
        the others, or a source neither survey nor audience.
    ModelError
        The standard deviation of the level is no finite number above 0.

    Examples
    --------
    >>> import pandas as pd
    >>> schedules = pd.DataFrame({1: [0.6, 0.8], 2: [0.8, -0.6]}, index=[15, 20])
    >>> cells = {"destination": "A", "age_min": [15, 20], "year": 2016, "log_share": [-6.0, -8.0], "error": 0.01}
    >>> scales = Scales(level=0.1, change=0.1, offset=0.1, departure=0.01, audience=0.1, persistence=0.5)
    >>> pooled = fit_series(pd.DataFrame(cells | {"source": "survey"}), schedules, level_sd=100.0, scales=scales)
    >>> pooled.shares["log_share"].round(2).tolist()
    [-6.0, -8.0]
    """
    if not isinstance(level_sd, int | float) or not 0 < level_sd < np.inf:
        raise ModelError(f"level_sd is {level_sd!r}", allowed="a finite number above 0")
    require_columns(observed, "observed", OBSERVED)
    require_distinct(schedules.index, "schedules")
    usable = observed[observed["age_min"].isin(schedules.index)]
    if not len(usable):
        raise TooFewCellsError("there is no share at the ages of the schedules")
    known = np.isfinite(usable[["log_share", "error"]].to_numpy(dtype=float)).all(axis=1) & (usable["error"] > 0)
    if not known.all():
        row = usable[~known].iloc[0]
        raise ContractError(
            f"an observation has the log share {row['log_share']} and the error {row['error']}",
            where=f"{row['destination']}, age {row['age_min']}, {row['year']}",
            allowed="finite numbers, the error above 0",
            hint="leave out cells in which nobody was met",
        )
    _check(usable)
    first, last = int(usable["year"].min()), int(usable["year"].max())
    grid = _Grid(schedules.to_numpy(dtype=float), last - first + 1, level_sd)
    place = usable["age_min"].map({age: row for row, age in enumerate(schedules.index)}).astype("int64") * grid.years
    usable = usable.assign(place=place + (usable["year"] - first).astype("int64"))
    groups = dict(list(usable.groupby("destination")))
    destinations = [_destination(cells) for cells in groups.values()]
    if scales is None:
        scales = _mode(destinations, grid)
    keys = pd.MultiIndex.from_product([schedules.index, range(first, last + 1)], names=["age_min", "year"])
    tables = [
        pd.DataFrame({"log_share": mean, "sd": sd}, index=keys).assign(destination=str(name))
        for name, (mean, sd) in zip(groups, _posteriors(destinations, grid, scales), strict=True)
    ]
    shares = pd.concat(tables).reset_index()[["destination", "age_min", "year", "log_share", "sd"]]
    return PooledSeries(shares, scales, _solve(destinations, grid, scales).log_likelihood)


def _check(observed: pd.DataFrame) -> None:
    """Refuse years that are none, or further apart than can be fitted, and sources that are none."""
    require(observed, "observed", above={}, least={"year": ANY})
    years = observed["year"]
    if (years % 1 != 0).any() or years.max() - years.min() >= MOST_YEARS:
        raise ContractError(
            f"the years go from {years.min()} to {years.max()}",
            where="the table observed",
            allowed=f"whole numbers, {MOST_YEARS} years at most",
        )
    unknown = observed.loc[~observed["source"].isin(["survey", "audience"]), "source"]
    if len(unknown):
        raise ContractError(
            f"the source is {unknown.iloc[0]!r}", where="the table observed", allowed="survey, audience"
        )


def _destination(cells: pd.DataFrame) -> _Destination:

    return _Destination(
        cells["log_share"].to_numpy(dtype=float),
        np.square(cells["error"].to_numpy(dtype=float)),
        (cells["source"] == "audience").to_numpy(),
        cells["place"].to_numpy(),
    )


def _solve(destinations: list[_Destination], grid: _Grid, scales: Scales) -> _Solution:
    """Condition on the observations, given the scales: each destination by itself, then the common term of all."""
    covariance, (loading, prior) = grid.covariance(scales), grid.common(scales)
    information, pulled = np.linalg.inv(prior), np.zeros(grid.years)
    likelihood = -0.5 * np.linalg.slogdet(prior)[1]
    factors, solved = [], []
    for cells in destinations:
        noise = cells.variance + scales.audience**2 * cells.is_audience
        factor = cho_factor(covariance[np.ix_(cells.place, cells.place)] + np.diag(noise), lower=True)
        sides = np.column_stack([cells.log_share, loading[cells.place]])
        solution = cho_solve(factor, sides)
        likelihood -= 0.5 * (cells.log_share @ solution[:, 0] + len(sides) * np.log(2 * np.pi))
        likelihood -= np.log(np.diag(factor[0])).sum()
        information = information + sides[:, 1:].T @ solution[:, 1:]
        pulled += sides[:, 1:].T @ solution[:, 0]
        factors.append(factor[0])
        solved.append(solution)
    common_covariance = np.linalg.inv(information)
    common = common_covariance @ pulled
    likelihood += 0.5 * (pulled @ common - np.linalg.slogdet(information)[1])
    return _Solution(factors, solved, common, common_covariance, float(likelihood))


def _mode(destinations: list[_Destination], grid: _Grid) -> Scales:
    """Return the scales of highest posterior density in logarithms (logit of the persistence).

    Standard deviations have half-normal priors of scale 1, the persistence is uniform between 0 and 1.
    """

    def cost(point: np.ndarray) -> float:
        sizes, persistence = np.exp(point[:5]), expit(point[5])
        prior = np.sum(np.log(sizes) - sizes**2 / 2) + np.log(persistence * (1 - persistence))
        return -float(_solve(destinations, grid, _scales(point)).log_likelihood + prior)

    start = np.array([-2.0, -2.0, -1.0, -1.0, -1.0, 0.0])
    return _scales(minimize(cost, start, method="L-BFGS-B", bounds=[(-6.0, 2.0)] * 5 + [(-5.0, 5.0)]).x)


def _scales(point: np.ndarray) -> Scales:

    level, change, offset, departure, audience = (float(size) for size in np.exp(point[:5]))
    return Scales(level, change, offset, departure, audience, float(expit(point[5])))


def _posteriors(destinations: list[_Destination], grid: _Grid, scales: Scales) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return posterior means and standard deviations of each destination's log shares."""
    covariance, (loading, _) = grid.covariance(scales), grid.common(scales)
    solution = _solve(destinations, grid, scales)
    moments = []
    for cells, factor, solved in zip(destinations, solution.factors, solution.solved, strict=True):
        across = covariance[:, cells.place]
        loading_left = loading - across @ solved[:, 1:]
        mean = loading_left @ solution.common + across @ solved[:, 0]
        root = solve_triangular(factor, across.T, lower=True)
        variance = np.diag(covariance) - np.sum(root**2, axis=0)
        variance += np.sum(loading_left @ solution.common_covariance * loading_left, axis=1)
        moments.append((mean, np.sqrt(variance)))
    return moments
