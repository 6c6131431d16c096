"""A mixed linear model: effects shrunk by variances that are learnt, errors with heavy tails.

::

    y_i = w_i' b + e_i        b_j ~ N(0, s_k^2), k the block of j; first block: N(m_j, d_j^2)
    e_i ~ Student(4) x s_0 x exp(-t (z_i - mean z))        z: log size; larger cells are known better

Block standard deviations ``s_k``, residual ``s_0`` and taper ``t`` maximize the marginal likelihood under Gaussian
errors of the weights at hand. Each standard deviation has a half-normal prior of scale 1, which keeps it finite where
the data say little of it. Weights and coefficients alternate (EM for Student errors: Lange, Little and Taylor 1989,
doi 10.1080/01621459.1989.10478852). Everything rests on the cross-products of the design (`smstock.models.design`), so
leaving rows out of a fit is a subtraction.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Final

import numpy as np
from scipy.optimize import fmin_l_bfgs_b
from threadpoolctl import ThreadpoolController

from smstock.models.design import Design, Square

if TYPE_CHECKING:
    from collections.abc import Iterable

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
        A row each cell, a column each coefficient.
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

    design: Design
    target: np.ndarray
    block: np.ndarray
    size: np.ndarray
    blur: Design | None = None
    priors: tuple[tuple[float, float], ...] = ()

    def taken(self, rows: np.ndarray) -> Regression:
        """Return the regression of some cells."""
        blur = None if self.blur is None else self.blur.taken(rows)
        return replace(self, design=self.design.taken(rows), target=self.target[rows], size=self.size[rows], blur=blur)

    def square(self, weights: np.ndarray) -> np.ndarray:
        """Return the expected cross-products of the columns of the design with each other."""
        square = self.design.square(weights)
        return square if self.blur is None else square + self.blur.square(weights)

    def missed(self, mean: np.ndarray, covariance: np.ndarray) -> np.ndarray:
        """Return the expected squared residual of each cell, given coefficients of this mean and covariance."""
        missed: np.ndarray = (self.target - self.design @ mean) ** 2
        missed += self.design.variances(covariance)
        if self.blur is not None:
            missed += (self.blur @ mean) ** 2 + self.blur.variances(covariance)
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
    coefficients
        Posterior mean of every coefficient.
    scales
        Learnt scales.
    weights
        Weight of every cell: size and outliers.
    evidence
        Log marginal likelihood of the Gaussian model with these scales and no reweighting.
    """

    coefficients: np.ndarray
    scales: Scales
    weights: np.ndarray
    evidence: float


@cache
def _threads() -> ThreadpoolController:
    """Return what limits threads; looking for the libraries takes longer than a small fit."""
    return ThreadpoolController()


def learn(regression: Regression) -> Fit:
    """Return the fit of a regression.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(1)
    >>> group = rng.integers(0, 30, 600)
    >>> design = np.column_stack([np.ones(600), group[:, None] == np.arange(30)])
    >>> target = 2 + rng.normal(0, 0.7, 30)[group] + rng.normal(0, 0.1, 600)
    >>> fit = learn(Regression(Design(design), target, np.array([0] + [1] * 30), np.zeros(600)))
    >>> [round(fit.scales.blocks[0], 1), round(fit.scales.taper, 1)]
    [0.6, 0.0]
    """
    # hundreds of small systems: threads would only wait for each other
    with _threads().limit(limits=1):
        return _learn(regression)


def _learn(regression: Regression) -> Fit:
    size = regression.size - regression.size.mean()
    log_scales = np.log(np.full(1 + regression.block.max(), 0.3))
    candidates = []
    for taper in TAPERS if np.ptp(size) > 0 else TAPERS[:1]:
        log_scales, height = _maximize(_Products.of(regression, np.exp(2 * taper * size)), log_scales)
        candidates.append((height, taper, log_scales))
    evidence, taper, log_scales = max(candidates, key=lambda candidate: candidate[0])
    sized = np.exp(2 * taper * size)
    weights = sized
    for _ in range(ROUNDS):
        products = _Products.of(regression, weights)
        log_scales, _ = _maximize(products, log_scales)
        missed = regression.missed(*products.posterior(log_scales))
        before, weights = weights, sized * (FREEDOM + 1) / (FREEDOM + sized * missed / np.exp(2 * log_scales[0]))
        if np.abs(weights / before - 1).max() < 0.02:
            break
    sds = np.exp(log_scales)
    return Fit(
        coefficients=_Products.of(regression, weights).mean(log_scales),
        scales=Scales(float(sds[0]), tuple(map(float, sds[1:])), taper),
        weights=weights,
        evidence=float(evidence),
    )


def without(fit: Fit, regression: Regression, parts: Iterable[np.ndarray]) -> list[np.ndarray]:
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
    >>> regression = Regression(Design(design), target, np.zeros(1, dtype=int), np.zeros(40))
    >>> (coefficients,) = without(learn(regression), regression, [np.arange(20)])
    >>> bool(abs(coefficients[0] - target[20:].mean()) < 0.02)
    True
    """
    whole = _Products.of(regression, fit.weights)
    log_scales = np.log([fit.scales.residual, *fit.scales.blocks])
    # hundreds of small systems: threads would only wait for each other
    with _threads().limit(limits=1):
        return [whole.less(regression.taken(part), fit.weights[part]).mean(log_scales) for part in parts]


@dataclass(frozen=True, eq=False)
class _Products:
    """Weighted cross-products of a design and a target; block, mean and precision of the prior of each coefficient.

    The precision counts in the flat block, elsewhere it is learnt.
    """

    square: Square
    cross: np.ndarray
    total: float
    log_weights: float
    cells: int
    block: np.ndarray
    prior_mean: np.ndarray
    flat: np.ndarray
    flat_precision: np.ndarray

    @classmethod
    def of(cls, regression: Regression, weights: np.ndarray) -> _Products:
        vague = [VAGUE] * (len(regression.block) - len(regression.priors))
        mean, deviation = np.array([*regression.priors, *vague]).T
        flat = np.flatnonzero(regression.block == FLAT)
        return cls(
            Square.of(regression.square(weights), regression.design.apart),
            regression.design.cross(regression.target * weights),
            float(weights @ regression.target**2),
            float(np.log(weights).sum()),
            len(weights),
            regression.block,
            mean,
            flat,
            deviation[flat] ** -2,
        )

    def less(self, part: Regression, weights: np.ndarray) -> _Products:
        """Return the products without those of some cells, as far as coefficients rest on them."""
        square = Square.of(self.square.whole - part.square(weights), self.square.apart)
        return replace(self, square=square, cross=self.cross - part.design.cross(part.target * weights))

    def solved(self, log_scales: np.ndarray) -> tuple[np.ndarray, np.ndarray, float, np.ndarray]:
        """Return mean and variances of the coefficients, log determinant of their precision, and that of the prior.

        ``log_scales`` are those of the residual and of the blocks.
        """
        scale, precision = self._scaled(log_scales)
        return *self.square.solved(scale, precision, self._right(scale, precision)), precision

    def mean(self, log_scales: np.ndarray) -> np.ndarray:
        """Return the mean of the coefficients."""
        scale, precision = self._scaled(log_scales)
        return self.square.solution(scale, precision, self._right(scale, precision))

    def posterior(self, log_scales: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return mean and covariance of the coefficients."""
        return self.mean(log_scales), self.square.covariance(*self._scaled(log_scales))

    def _scaled(self, log_scales: np.ndarray) -> tuple[float, np.ndarray]:
        """Return the precision of an error, and that of the prior of each coefficient."""
        precisions = np.exp(-2 * log_scales)
        precision: np.ndarray = precisions[self.block]
        precision[self.flat] = self.flat_precision
        return float(precisions[0]), precision

    def _right(self, scale: float, precision: np.ndarray) -> np.ndarray:
        right: np.ndarray = self.cross * scale + precision * self.prior_mean
        return right


def _maximize(products: _Products, start: np.ndarray) -> tuple[np.ndarray, float]:
    """Return the log scales of the highest marginal posterior, and the log marginal likelihood there.

    They are looked for in units of what the likelihood knows of each, so that it is about as curved in all of them.
    """
    block, cross, square = products.block, products.cross, products.square.whole
    counts = np.bincount(block, minlength=len(start))
    _, variances, _, precision = products.solved(start)
    known = np.bincount(block, weights=(1 - precision * variances) ** 2, minlength=len(start))
    known[0] = products.cells
    unit = 1 / np.sqrt(2 * known + 2 * np.exp(2 * start))
    steepness = start

    def negative(units: np.ndarray) -> float:
        nonlocal steepness
        log_scales = units * unit
        squares = np.exp(2 * log_scales)
        mean, variances, log_precision, precision = products.solved(log_scales)
        missed = products.total - 2 * mean @ cross + mean @ square @ mean
        from_prior = (mean - products.prior_mean) ** 2
        height = 0.5 * (
            products.cells * np.log(2 * np.pi * squares[0])
            - products.log_weights
            - np.log(precision).sum()
            + log_precision
            + missed / squares[0]
            + precision @ from_prior
        )
        slope = counts - np.bincount(block, weights=precision * (variances + from_prior), minlength=len(log_scales))
        slope[0] = products.cells - len(block) + precision @ variances - missed / squares[0]
        steepness = (slope + squares) * unit
        return float(height + squares.sum() / 2)

    # the gradient is asked for where the height has just been: one solution gives both
    bounds = [(-5.0 / one, 1.5 / one) for one in unit.tolist()]
    best, lowest, _ = fmin_l_bfgs_b(negative, start / unit, fprime=lambda _: steepness, bounds=bounds)
    return best * unit, -float(lowest - np.exp(2 * best * unit).sum() / 2)
