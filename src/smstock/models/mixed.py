"""A mixed linear model: effects shrunk by variances that are learnt, errors with heavy tails.

::

    y_i = w_i' b + e_i        b_j ~ N(0, s_k^2), k the block of j; first block: N(m_j, d_j^2)
    e_i ~ Student(4) x s_0 x exp(-t (z_i - mean z))        z: log size; larger cells are known better

Block standard deviations ``s_k``, residual ``s_0`` and taper ``t`` maximize the marginal likelihood under Gaussian
errors of the weights at hand. Each standard deviation has a half-normal prior of scale 1, which keeps it finite where
the data say little of it. Weights and coefficients alternate (EM for Student errors: Lange, Little and Taylor 1989,
doi 10.1080/01621459.1989.10478852). Everything rests on the cross-products of the design, so cost is linear in cells
and cubic in coefficients, and leaving rows out of a fit is a subtraction.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.linalg import cho_factor, cho_solve
from scipy.linalg.lapack import dpotrf, dpotri
from scipy.optimize import minimize
from threadpoolctl import threadpool_limits

FLAT: Final = 0
"""Block of coefficients without shrinkage."""
VAGUE: Final = (0.0, 10.0)
"""Mean and standard deviation of the prior of a flat coefficient."""
FREEDOM: Final = 4.0
"""Degrees of freedom of the errors: light shrinkage of outliers, a finite variance."""
TAPERS: Final = (0.0, 0.1, 0.2, 0.3, 0.4)
"""Tapers tried; 0 is errors of one size."""
ROUNDS: Final = 8
"""Most rounds of reweighting; they end earlier when no weight moves by more than 2 %."""


@dataclass(frozen=True)
class Regression:
    """What a fit is learnt from.

    Parameters
    ----------
    design
        Shape (cells, coefficients).
    target
        Shape (cells,).
    block
        Block of each coefficient: 0 is flat, 1 and above share a standard deviation each.
    size
        Log size of each cell, from which the taper is learnt.
    blur
        One standard deviation of each row of the design, along the one direction in which it is not known; 0 where it
        is. Shape of the design; None where all rows are known.
    priors
        Mean and standard deviation of the prior of the first coefficients of the flat block; the others have `VAGUE`.
    """

    design: np.ndarray
    target: np.ndarray
    block: np.ndarray
    size: np.ndarray
    blur: np.ndarray | None = None
    priors: tuple[tuple[float, float], ...] = ()

    def missed(self, mean: np.ndarray, covariance: np.ndarray) -> np.ndarray:
        """Return the expected squared residual of each cell, given coefficients of this mean and covariance."""
        missed: np.ndarray = (self.target - self.design @ mean) ** 2
        missed += ((self.design @ covariance) * self.design).sum(axis=1)
        if self.blur is not None:
            missed += (self.blur @ mean) ** 2 + ((self.blur @ covariance) * self.blur).sum(axis=1)
        return missed


@dataclass(frozen=True)
class Scales:
    """What the marginal likelihood learns.

    Parameters
    ----------
    residual
        Scale of the errors of a cell of mean size, on the scale of the target.
    blocks
        Standard deviation of each block's coefficients, the flat block left out.
    taper
        Fall of the errors' log scale by unit of log size.
    """

    residual: float
    blocks: tuple[float, ...]
    taper: float


@dataclass(frozen=True)
class Fit:
    """A fitted model, and the cross-products from which rows can be taken out again.

    Parameters
    ----------
    coefficients, deviations
        Posterior mean and standard deviation of every coefficient.
    scales
        Learnt scales.
    weights
        Weight of every cell: size and outliers.
    evidence
        Log marginal likelihood of the Gaussian model with these scales and no reweighting.
    """

    coefficients: np.ndarray
    deviations: np.ndarray
    scales: Scales
    weights: np.ndarray
    evidence: float


def learn(regression: Regression) -> Fit:
    """Return the fit of a regression.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(1)
    >>> group = rng.integers(0, 30, 600)
    >>> design = np.column_stack([np.ones(600), group[:, None] == np.arange(30)])
    >>> target = 2 + rng.normal(0, 0.7, 30)[group] + rng.normal(0, 0.1, 600)
    >>> fit = learn(Regression(design, target, np.array([0] + [1] * 30), np.zeros(600)))
    >>> [round(fit.scales.blocks[0], 1), round(fit.scales.taper, 1)]
    [0.6, 0.0]
    """
    # hundreds of small systems: threads would only wait for each other
    with threadpool_limits(1):
        return _learn(regression)


def _learn(regression: Regression) -> Fit:
    block, size = regression.block, regression.size - regression.size.mean()
    log_scales = np.log(np.full(1 + block.max(), 0.3))
    candidates = []
    for taper in TAPERS if np.ptp(size) > 0 else TAPERS[:1]:
        log_scales, height = _maximize(_Products.of(regression, np.exp(2 * taper * size)), block, log_scales)
        candidates.append((height, taper, log_scales))
    evidence, taper, log_scales = max(candidates, key=lambda candidate: candidate[0])
    sized = np.exp(2 * taper * size)
    weights = sized
    for _ in range(ROUNDS):
        products = _Products.of(regression, weights)
        log_scales, _ = _maximize(products, block, log_scales)
        mean, covariance, _ = products.posterior(block, log_scales)
        missed = regression.missed(mean, covariance)
        before, weights = weights, sized * (FREEDOM + 1) / (FREEDOM + sized * missed / np.exp(2 * log_scales[0]))
        if np.abs(weights / before - 1).max() < 0.02:
            break
    mean, covariance, _ = _Products.of(regression, weights).posterior(block, log_scales)
    sds = np.exp(log_scales)
    return Fit(
        coefficients=mean,
        deviations=np.sqrt(np.diag(covariance)),
        scales=Scales(float(sds[0]), tuple(map(float, sds[1:])), taper),
        weights=weights,
        evidence=float(evidence),
    )


def without(fit: Fit, regression: Regression, parts: list[np.ndarray]) -> list[np.ndarray]:
    """Return the coefficients of the same fit, scales and weights kept, without each of some parts of the cells.

    Parameters
    ----------
    fit, regression
        A fit and what it was learnt from.
    parts
        Positions of the cells of each part.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> design, target = np.ones((40, 1)), rng.normal(2.0, 0.1, 40)
    >>> regression = Regression(design, target, np.zeros(1, dtype=int), np.zeros(40))
    >>> (coefficients,) = without(learn(regression), regression, [np.arange(20)])
    >>> bool(abs(coefficients[0] - target[20:].mean()) < 0.02)
    True
    """
    products = _Products.of(regression, fit.weights)
    precision = products.precision(regression.block, np.log([fit.scales.residual, *fit.scales.blocks]))
    penalty = fit.scales.residual**2 * precision
    coefficients = []
    for part in parts:
        square, cross = _cross_products(regression, fit.weights, part)
        factor = cho_factor(products.square - square + np.diag(penalty))
        coefficients.append(cho_solve(factor, products.cross - cross + penalty * products.prior_mean))
    return coefficients


def _cross_products(
    regression: Regression, weights: np.ndarray, part: np.ndarray | slice
) -> tuple[np.ndarray, np.ndarray]:
    """Return the expected cross-products of some cells: design with itself, and with the target."""
    design, blur = regression.design[part], regression.blur
    weighted = design * weights[part, None]
    square = design.T @ weighted
    if blur is not None:
        square += blur[part].T @ (blur[part] * weights[part, None])
    return square, weighted.T @ regression.target[part]


@dataclass(frozen=True)
class _Products:
    """Weighted cross-products of a design and a target; mean, and precision where it is not learnt, of the prior."""

    square: np.ndarray
    cross: np.ndarray
    total: float
    log_weights: float
    cells: int
    prior_mean: np.ndarray
    flat_precision: np.ndarray

    @classmethod
    def of(cls, regression: Regression, weights: np.ndarray) -> _Products:
        square, cross = _cross_products(regression, weights, slice(None))
        total = float(weights @ regression.target**2)
        vague = [VAGUE] * (len(regression.block) - len(regression.priors))
        mean, deviation = np.array([*regression.priors, *vague]).T
        return cls(square, cross, total, float(np.log(weights).sum()), len(weights), mean, deviation**-2)

    def precision(self, block: np.ndarray, log_scales: np.ndarray) -> np.ndarray:
        """Return the precision of the prior of each coefficient."""
        precision: np.ndarray = np.where(block == FLAT, self.flat_precision, np.exp(-2 * log_scales[block]))
        return precision

    def posterior(self, block: np.ndarray, log_scales: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
        """Return mean, covariance and log determinant of the precision at log scales ``place`` (residual, blocks)."""
        residual = np.exp(2 * log_scales[0])
        precision = self.precision(block, log_scales)
        factor, _ = dpotrf(self.square / residual + np.diag(precision), lower=1)
        lower_half, _ = dpotri(factor, lower=1)
        covariance = np.tril(lower_half) + np.tril(lower_half, -1).T
        mean = covariance @ (self.cross / residual + precision * self.prior_mean)
        return mean, covariance, float(2 * np.log(np.diag(factor)).sum())


def _maximize(products: _Products, block: np.ndarray, start: np.ndarray) -> tuple[np.ndarray, float]:
    """Return the log scales of the highest marginal posterior, and the log marginal likelihood there."""
    counts = np.bincount(block, minlength=len(start))

    def negative(log_scales: np.ndarray) -> tuple[float, np.ndarray]:
        residual, precision = np.exp(2 * log_scales[0]), products.precision(block, log_scales)
        mean, covariance, log_precision = products.posterior(block, log_scales)
        missed = products.total - 2 * mean @ products.cross + mean @ products.square @ mean
        from_prior = (mean - products.prior_mean) ** 2
        of_prior = precision * (np.diag(covariance) + from_prior)
        height = 0.5 * (
            products.cells * np.log(2 * np.pi * residual)
            - products.log_weights
            - np.log(precision).sum()
            + log_precision
            + missed / residual
            + precision @ from_prior
        )
        slope = counts - np.bincount(block, weights=of_prior, minlength=len(log_scales))
        slope[0] = products.cells - len(block) + precision @ np.diag(covariance) - missed / residual
        return height + np.exp(2 * log_scales).sum() / 2, slope + np.exp(2 * log_scales)

    best = minimize(negative, start, jac=True, method="L-BFGS-B", bounds=[(-5.0, 1.5)] * len(start))
    return best.x, -float(best.fun - np.exp(2 * best.x).sum() / 2)
