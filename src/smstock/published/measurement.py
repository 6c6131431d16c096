"""Stocks behind biased counts: the measurement-error model of Rampazzo et al. 2021, solved without a sampler.

Rampazzo, Bijak, Vitali, Weber and Zagheni 2021, Demography 58(6):2193-2218, doi 10.1215/00703370-9578562. Several
sources k (a survey, an audience) count the stock S of each cell i (an origin, year and sex), each with its errors::

    count_ki ~ Poisson(mu_ki)
    log mu_ki ~ Normal(sum of bias terms of k + log S_i, 1 / tau_k)
    log S_i ~ Normal(a0 + a1 x_1i + a2 x_2i + ..., 1 / tau_m)                       (the migration model)
    bias terms, a0, a1, ... ~ Normal;  tau_k, tau_m ~ Gamma(shape, rate)

The likelihood of one Poisson count n is, in log mu, the log-gamma density of shape n. It is replaced by the Gaussian of
the same mean, digamma(n), and variance, trigamma(n) = 1/n + 1/(2 n^2) + ...: at the counts of a thousand and more that
this is about, a variance of 0.001 beside 1 / tau of 0.01 and more. Given the precisions the posterior is then Gaussian;
the precisions are summed over a lattice (`smstock.models.gaussian`). JAGS, as published, samples all of it.

Prior and data may disagree: a parameter that ends far outside its prior says that the model, not the world, is odd.
`conflicts` lists those.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd
from scipy.special import digamma, polygamma

from smstock.errors import ContractError
from smstock.models import gaussian
from smstock.tables import LEVELS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from smstock.published.measurement_model import MeasurementModel


LEVEL: Final = {
    "median": 0.5,
    **{f"lower_{level}": 0.5 - level / 200 for level in LEVELS},
    **{f"upper_{level}": 0.5 + level / 200 for level in LEVELS},
}
"""Probability of each column of a posterior."""

SCAN: Final = (-4.5, -3.0, -1.5, 0.0, 1.5)
"""Distances from the logarithm of a precision's prior mean at which the posterior is first looked at."""


@dataclass(frozen=True)
class Posterior:
    """What the counts say about stocks and parameters.

    Parameters
    ----------
    stocks
        The table of cells, with ``median``, ``sd`` and ``lower_50 ... upper_95`` of the stock (persons).
    parameters
        ``equation`` (a source, or ``migration``), ``parameter``, ``cell`` (label of the row; missing: all cells),
        ``prior_mean``, ``prior_sd``, ``median``, ``sd``, ``lower_50 ... upper_95``: log scale, precisions apart.
    weights
        Weights of the Gaussians whose mixture is the posterior, shape (components,).
    log_means
        Means of the log stocks, shape (components, cells).
    log_variances
        Variances of the log stocks that no two cells share, shape (components, cells).
    loadings
        L of the rest of their covariance, L L', shape (components, cells, coefficients).
    """

    stocks: pd.DataFrame
    parameters: pd.DataFrame
    weights: np.ndarray
    log_means: np.ndarray
    log_variances: np.ndarray
    loadings: np.ndarray

    def totals(self, by: Sequence[str]) -> pd.DataFrame:
        """Return median and intervals (persons) of the sums of stocks over cells alike in the columns ``by``.

        Given the precisions, a sum of log-normal stocks is taken as the log-normal of the same mean and variance
        (Fenton 1960, doi 10.1109/TCOM.1960.1097606), correlations between the cells included.

        Raises
        ------
        ContractError
            No column is named, or one that the table of cells does not have.

        Examples
        --------
        >>> import pandas as pd
        >>> from smstock.published.measurement_model import Gamma, MeasurementModel, Source, Term
        >>> survey = Source("survey", Gamma(1000, 1))
        >>> model = MeasurementModel((survey,), Term("intercept", 9, 10), (), Gamma(1, 1))
        >>> cells = pd.DataFrame({"survey": [8e3, 9e3], "year": ["2018", "2018"]}, index=["AUT", "BEL"])
        >>> fit(cells, model).totals(["year"])[["year", "median"]].round(-2).to_dict("records")
        [{'year': '2018', 'median': 17000.0}]
        """
        if not by or not set(by) <= set(self.stocks.columns):
            raise ContractError(f"there are no cells alike in {list(by)}", allowed=", ".join(map(str, self.stocks)))
        groups = self.stocks.groupby(list(by), sort=False, dropna=False)
        means, sds = [], []
        for members in groups.indices.values():
            loadings = self.loadings[:, members]
            covariance = loadings @ loadings.transpose(0, 2, 1)
            place = np.arange(len(members))
            covariance[:, place, place] += self.log_variances[:, members]
            stock = np.exp(self.log_means[:, members] + covariance[:, place, place] / 2)
            second = np.einsum("gi,gij,gj->g", stock, np.expm1(covariance), stock)
            variance = np.log1p(second / stock.sum(axis=1) ** 2)
            means.append(np.log(stock.sum(axis=1)) - variance / 2)
            sds.append(np.sqrt(variance))
        first = [members[0] for members in groups.indices.values()]
        names = self.stocks[list(by)].iloc[first].reset_index(drop=True)
        return _with_stocks(names, self.weights, np.column_stack(means), np.column_stack(sds))


def fit(cells: pd.DataFrame, model: MeasurementModel) -> Posterior:
    """Return the posterior of the stock of every cell and of every parameter.

    A cell without any count gets its stock from the migration model alone. Time grows with the number of cells; a
    hundred cells take about a tenth of a second.

    Parameters
    ----------
    cells
        One row a cell, with a unique index (its labels) and the columns of `MeasurementModel.columns`.
    model
        Sources, covariates and priors.

    Raises
    ------
    ContractError
        There is no cell, a column is missing or text, a covariate is missing somewhere, a figure is infinite, a count
        lies below 1, or a label occurs twice.

    Examples
    --------
    >>> import pandas as pd
    >>> from smstock.published.measurement_model import Gamma, MeasurementModel, Source, Term
    >>> survey = Source("survey", Gamma(100, 1), (Term("undercount", -0.2, 0.05),))
    >>> model = MeasurementModel((survey,), Term("intercept", 10, 10), (Term("population", 0, 1),), Gamma(2, 2))
    >>> cells = pd.DataFrame({"survey": [8e3, 2e4], "population": [1.0, 2.0]}, index=["AUT", "BEL"])
    >>> fit(cells, model).stocks["median"].round(-2).tolist()
    [9800.0, 24400.0]
    """
    equations = _equations(cells, model)
    shapes, rates = np.array([(gamma.shape, gamma.rate) for _, gamma in model.precisions()]).T

    def log_density(points: np.ndarray) -> np.ndarray:
        density: np.ndarray = _condition(equations, points).log_likelihood + points @ shapes - np.exp(points) @ rates
        return density

    # where prior and data disagree there can be two modes; a coarse scan tells the higher one from the other
    scan = np.log(shapes / rates) + np.array(list(product(SCAN, repeat=len(shapes))))
    grid = gaussian.lattice(log_density, scan[np.argmax(log_density(scan))].tolist())
    conditional = _condition(equations, grid.points)
    spread = np.sqrt(conditional.log_variances + (conditional.loadings**2).sum(axis=2))
    return Posterior(
        stocks=_with_stocks(cells, grid.weights, conditional.log_means, spread),
        parameters=_parameters(cells, model, equations, conditional, grid),
        weights=grid.weights,
        log_means=conditional.log_means,
        log_variances=conditional.log_variances,
        loadings=conditional.loadings,
    )


def conflicts(posterior: Posterior, *, beyond: float = 2.0) -> pd.DataFrame:
    """Return the parameters whose posterior median lies more than ``beyond`` prior standard deviations from its mean.

    Returns
    -------
    pandas.DataFrame
        ``equation``, ``parameter``, ``cell`` (missing: all cells), ``prior_mean``, ``prior_sd``, ``median``, ``sd``
        and ``z`` = (median - prior_mean) / prior_sd, the farthest first.

    Examples
    --------
    >>> import pandas as pd
    >>> from smstock.published.measurement_model import Gamma, MeasurementModel, Source, Term
    >>> survey = Source("survey", Gamma(100, 1), (Term("undercount", 0, 0.1),))
    >>> model = MeasurementModel((survey,), Term("intercept", 10, 0.2), (), Gamma(100, 1))
    >>> cells = pd.DataFrame({"survey": [8e3, 9e3]}, index=["AUT", "BEL"])
    >>> disagreeing = conflicts(fit(cells, model))
    >>> disagreeing["parameter"].tolist(), disagreeing["z"].round(1).tolist()
    (['intercept'], [-3.2])
    """
    columns = ["equation", "parameter", "cell", "prior_mean", "prior_sd", "median", "sd"]
    table = posterior.parameters[columns]
    table = table.assign(z=(table["median"] - table["prior_mean"]) / table["prior_sd"])
    distant = table[table["z"].abs() > beyond]
    return distant.sort_values("z", key=abs, ascending=False, kind="stable").reset_index(drop=True)


@dataclass(frozen=True)
class _Equations:
    """The linear model behind the cells: K sources, n cells, Q coefficients (of all cells)."""

    covariates: np.ndarray  # (n, Q): of the log stock
    design: np.ndarray  # (K, n, Q): of the log counts
    counts: np.ndarray  # (K, n): log counts less the prior means of their cell terms, 0 where missing
    noise: np.ndarray  # (K, n): variance of Poisson counts and of cell terms
    observed: np.ndarray  # (K, n): 1 or 0
    means: np.ndarray  # (Q,): prior means
    precisions: np.ndarray  # (Q,): prior precisions


@dataclass(frozen=True)
class _Conditional:
    """The Gaussian posterior at each of G points of the precisions."""

    log_likelihood: np.ndarray  # (G,)
    weights: np.ndarray  # (G, K, n): precision with which each count says its log mean
    coefficients: np.ndarray  # (G, Q)
    factor: np.ndarray  # (G, Q, Q): lower triangle whose square is the coefficients' covariance
    log_means: np.ndarray  # (G, n)
    log_variances: np.ndarray  # (G, n)
    slopes: np.ndarray  # (G, n, Q): of the log stock's mean with respect to the coefficients

    @property
    def loadings(self) -> np.ndarray:
        """Shape (G, n, Q): what the log stocks share through the coefficients."""
        loadings: np.ndarray = self.slopes @ self.factor
        return loadings


def _equations(cells: pd.DataFrame, model: MeasurementModel) -> _Equations:
    _check_cells(cells, model)
    coefficients = [term for _, term in model.coefficients()]
    owners = [equation for equation, _ in model.coefficients()]
    covariates = np.zeros((len(cells), len(coefficients)))
    covariates[:, 0] = 1.0
    for place, term in enumerate(model.covariates, start=1):
        covariates[:, place] = cells[term.name]
    of_source = np.array([[float(owner == source.name) for owner in owners] for source in model.sources])
    counts = np.array([cells[source.name].to_numpy(dtype=float) for source in model.sources])
    observed = ~np.isnan(counts)
    counts = np.where(observed, counts, 1.0)
    offsets = [cells[[term.name for term in source.cell_terms]].to_numpy(dtype=float) for source in model.sources]
    variances = [np.array([term.sd**2 for term in source.cell_terms]) for source in model.sources]
    cell_variances = [(~np.isnan(offset)) @ variance for offset, variance in zip(offsets, variances, strict=True)]
    expected = np.array([np.nansum(offset, axis=1) for offset in offsets])
    return _Equations(
        covariates=covariates,
        design=covariates + of_source[:, None, :],
        counts=np.where(observed, digamma(counts) - expected, 0.0),
        noise=polygamma(1, counts) + np.array(cell_variances),
        observed=observed.astype(float),
        means=np.array([term.mean for term in coefficients]),
        precisions=np.array([term.sd**-2.0 for term in coefficients]),
    )


def _condition(equations: _Equations, points: np.ndarray) -> _Conditional:
    """Return the posterior at log precisions of shape (G, K + 1), the stocks integrated out of the likelihood first."""
    of_sources, of_stock = np.exp(points[:, :-1]), np.exp(points[:, -1:])
    weights = equations.observed / (equations.noise + 1 / of_sources[:, :, None])
    total = of_stock + weights.sum(axis=1)
    flat = weights.reshape(len(points), -1)
    design = equations.design.reshape(flat.shape[1], -1)
    counts = equations.counts.ravel()
    size = design.shape[1]
    weighted_design = np.einsum("gkn,knq->gnq", weights, equations.design)
    weighted_counts = np.einsum("gkn,kn->gn", weights, equations.counts)
    squares = (flat @ (design[:, :, None] * design[:, None, :]).reshape(len(design), -1)).reshape(-1, size, size)
    scaled = weighted_design / total[:, :, None]
    precision = np.diag(equations.precisions) + squares - scaled.transpose(0, 2, 1) @ weighted_design
    pull = equations.precisions * equations.means + flat @ (design * counts[:, None])
    pull -= np.einsum("gnq,gn->gq", scaled, weighted_counts)
    covariance = np.linalg.inv(precision)
    coefficients = np.einsum("gqp,gp->gq", covariance, pull)
    misfit = flat @ counts**2 - (weighted_counts**2 / total).sum(axis=1) - (coefficients * pull).sum(axis=1)
    with np.errstate(divide="ignore"):
        logs = np.where(equations.observed > 0, np.log(weights), 0.0).sum(axis=(1, 2))
    determinants = np.log(total / of_stock).sum(axis=1) - logs + np.linalg.slogdet(precision)[1]
    slopes = equations.covariates - scaled
    return _Conditional(
        log_likelihood=-(misfit + determinants) / 2,
        weights=weights,
        coefficients=coefficients,
        factor=np.linalg.cholesky(covariance),
        log_means=weighted_counts / total + np.einsum("gnq,gq->gn", slopes, coefficients),
        log_variances=1 / total,
        slopes=slopes,
    )


def _parameters(
    cells: pd.DataFrame,
    model: MeasurementModel,
    equations: _Equations,
    conditional: _Conditional,
    grid: gaussian.Lattice,
) -> pd.DataFrame:
    """Return the posterior of every coefficient, of every cell term and of every precision."""
    rows = [(equation, term.name, None, term.mean, term.sd) for equation, term in model.coefficients()]
    labels = cells.index.tolist()
    means, sds = [conditional.coefficients], [np.sqrt((conditional.factor**2).sum(axis=2))]
    for place, source in enumerate(model.sources):
        # what is left to the cell terms and the error of a count: count - stock - shared terms, itself Gaussian
        shared = equations.design[place] - equations.covariates
        residual = equations.counts[place] - conditional.log_means - conditional.coefficients @ shared.T
        variance = conditional.log_variances + (((conditional.slopes + shared) @ conditional.factor) ** 2).sum(axis=2)
        for term in source.cell_terms:
            prior = cells[term.name].to_numpy(dtype=float)
            stated = ~np.isnan(prior)
            rows += [(source.name, term.name, labels[cell], prior[cell], term.sd) for cell in np.flatnonzero(stated)]
            share = term.sd**2 * conditional.weights[:, place, stated]
            means.append(prior[stated] + share * residual[:, stated])
            sds.append(np.sqrt(term.sd**2 * (1 - share) + share**2 * variance[:, stated]))
    mean, sd = np.hstack(means), np.hstack(sds)
    quantiles = gaussian.quantiles(grid.weights, mean, sd, list(LEVEL.values()))
    spread = np.sqrt(grid.weights @ (sd**2 + (mean - grid.weights @ mean) ** 2))
    of_precisions = [_precision(grid, axis) for axis in range(len(model.precisions()))]
    rows += [(equation, "precision", None, gamma.mean, gamma.sd) for equation, gamma in model.precisions()]
    table = pd.DataFrame(rows, columns=["equation", "parameter", "cell", "prior_mean", "prior_sd"])
    values = np.column_stack([np.vstack([quantiles, spread]), *of_precisions])
    return table.assign(**dict(zip([*LEVEL, "sd"], values, strict=True)))


def _precision(grid: gaussian.Lattice, axis: int) -> np.ndarray:
    """Return the quantiles of a precision, and its standard deviation."""
    values = np.exp(grid.points[:, axis])
    spread = np.sqrt(grid.weights @ (values - grid.weights @ values) ** 2)
    return np.append(np.exp(grid.quantiles(axis, list(LEVEL.values()))), spread)


def _with_stocks(table: pd.DataFrame, weights: np.ndarray, log_means: np.ndarray, sds: np.ndarray) -> pd.DataFrame:
    quantiles = np.exp(gaussian.quantiles(weights, log_means, sds, list(LEVEL.values())))
    first, second = (weights @ np.exp(power * log_means + (power * sds) ** 2 / 2) for power in (1, 2))
    return table.assign(**dict(zip(LEVEL, quantiles, strict=True)), sd=np.sqrt(second - first**2))


def _check_cells(cells: pd.DataFrame, model: MeasurementModel) -> None:
    missing = [name for name in model.columns() if name not in cells]
    if missing:
        raise ContractError(f"the table of cells lacks {', '.join(missing)}", allowed=", ".join(model.columns()))
    if text := [name for name in model.columns() if not pd.api.types.is_numeric_dtype(cells[name])]:
        raise ContractError(f"{', '.join(text)} hold text", where="the table of cells", allowed="numbers")
    breaches = [] if len(cells) else ["there is no cell"]
    twice = cells.index[cells.index.duplicated()].unique().tolist()
    breaches += [f"the label {label!r} occurs more than once" for label in twice]
    breaches += [f"{source.name} has a count below 1" for source in model.sources if (cells[source.name] < 1).any()]
    breaches += [f"{term.name} is missing in some cell" for term in model.covariates if cells[term.name].isna().any()]
    breaches += [f"{name} is infinite in some cell" for name in model.columns() if np.isinf(cells[name]).any()]
    if breaches:
        raise ContractError("; ".join(breaches), where="the table of cells", hint="leave such cells or counts out")
