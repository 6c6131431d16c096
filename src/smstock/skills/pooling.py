"""Compositions of many corridors at once, each helped by those of its origin and of its destination.

For corridor c from origin o to destination d, and category k::

    N_ck ~ Poisson(exp(theta_ck)),  seen as an interval        theta_ck = alpha_c + mu_k + a_ok + b_dk + e_ck
    share_ck = exp(theta_ck) / sum over k of exp(theta_ck)     a ~ N(0, s_a^2),  b ~ N(0, s_b^2),  e ~ N(0, s_e^2)

With alpha_c free, independent Poisson counts are a multinomial of the shares. How much corridors help each other is
learnt: the spreads s_a, s_b, s_e are summed over a lattice, with log s ~ N(log 0.3, 1) before the counts. Each interval
stands as a Gaussian for theta, by expectation propagation where it is a floor, so that given the spreads all is
Gaussian and nothing is sampled by a chain. In the end each marginal is exchanged for the exact one (a uniform
rounding error is no Gaussian), the correlations kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from scipy.optimize import minimize
from scipy.special import ndtr

from smstock.models.gaussian import lattice
from smstock.skills.counts import gaussian_sites, marginals

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    Numbers = npt.NDArray[np.float64]
    Places = npt.NDArray[np.int_]

SPREAD: Final = 0.3
"""Median of a spread before the counts are seen, log scale."""
SPREAD_SD: Final = 1.0
"""Standard deviation of the logarithm of a spread before the counts are seen."""
VAGUE: Final = 2.0
"""Standard deviation of mu."""
ROUNDS: Final = 2
"""How often floors and spreads are brought into line with each other."""
SWEEPS: Final = 12
"""Sweeps of expectation propagation over the floors in a round."""


@dataclass(frozen=True, eq=False)
class _Model:
    """Counts of corridors by category, and the groups that corridors share."""

    lower: Numbers
    upper: Numbers
    groups: tuple[Places, ...]  # the origin of each corridor, its destination: those by which corridors can be pooled
    levels: tuple[int, ...]  # how many origins, destinations

    @property
    def categories(self) -> int:
        return int(self.lower.shape[1])

    @property
    def effects(self) -> int:
        return self.categories * (1 + sum(self.levels))

    @property
    def spreads(self) -> int:
        """How many spreads there are: one a kind of group, and that of corridors if they are several."""
        return len(self.groups) + (len(self.lower) > 1)

    @property
    def floored(self) -> npt.NDArray[np.bool_]:
        """Which counts are only known to be below a floor."""
        floored: npt.NDArray[np.bool_] = (self.lower == 0) & np.isfinite(self.upper)
        return floored

    def columns(self) -> Places:
        """Return which effects each cell has, shape (corridors, categories, 1 + kinds of groups)."""
        kinds, start = [np.zeros(len(self.lower), dtype=int)], 1
        for group, size in zip(self.groups, self.levels, strict=True):
            kinds.append(start + group)
            start += size
        return np.stack(kinds, axis=-1)[:, None] * self.categories + np.arange(self.categories)[None, :, None]

    def design(self) -> Numbers:
        """Return which effects each cell adds up, shape (corridors, categories, effects)."""
        columns = self.columns()
        design = np.zeros((*self.lower.shape, self.effects))
        np.put_along_axis(design, columns, 1.0, axis=-1)
        return design

    def prior(self, spreads: Numbers) -> Numbers:
        """Return the prior precision of each effect."""
        sizes = np.array([1, *self.levels]) * self.categories
        return np.repeat(np.array([VAGUE, *spreads[: len(self.groups)]]) ** -2.0, sizes)

    def own(self, spreads: Numbers) -> float:
        """Return the variance of a corridor's own part."""
        return float(spreads[-1]) ** 2 if self.spreads > len(self.groups) else 0.0


@dataclass(frozen=True, eq=False)
class _Posterior:
    """Effects and corridors given spreads and the Gaussian stand-ins of the counts."""

    mean: Numbers  # of the effects
    root: Numbers  # lower Cholesky factor of their precision
    deviation: Numbers  # design minus its weighted mean by corridor: corridors, categories, effects
    centre: Numbers  # weighted mean of the stand-ins by corridor
    sum_of_weights: Numbers
    shrink: Numbers  # weight of a cell's own count against the rest
    own: float
    log_evidence: float

    def marginal(self, means: Numbers) -> tuple[Numbers, Numbers]:
        """Return mean and variance of every theta."""
        scaled = self.deviation.reshape(-1, len(self.mean)) @ np.linalg.inv(self.root).T
        common = np.sum(scaled**2, axis=1).reshape(self.shrink.shape) + 1 / self.sum_of_weights[:, None]
        expected = self.deviation @ self.mean + self.centre[:, None]
        unshrunk = 1 - self.shrink
        return unshrunk * expected + self.shrink * means, unshrunk**2 * common + self.own * unshrunk

    def draw(self, means: Numbers, rng: np.random.Generator, number: int) -> Numbers:
        """Return draws of every theta, shape (draws, corridors, categories)."""
        # an inverse, not a triangular solver: SciPy's starts threads for the smallest matrix, at 100 times its cost
        noise = np.linalg.inv(self.root).T @ rng.standard_normal((len(self.mean), number))
        effects = self.mean[:, None] + noise
        common = np.moveaxis(self.deviation @ effects, -1, 0) + self.centre[:, None]
        common += rng.standard_normal((number, len(self.centre), 1)) / np.sqrt(self.sum_of_weights)[:, None]
        unshrunk = 1 - self.shrink
        theta: Numbers = unshrunk * common + self.shrink * means
        return theta + np.sqrt(self.own * unshrunk) * rng.standard_normal(theta.shape)


def _posterior(model: _Model, design: Numbers, means: Numbers, precisions: Numbers, spreads: Numbers) -> _Posterior:
    """Return the Gaussian posterior given spreads: a regression whose corridor means are eliminated."""
    own = model.own(spreads)
    weight = precisions / (1 + own * precisions)
    total = weight.sum(axis=1)
    mean_row = np.einsum("ck,ckp->cp", weight, design) / total[:, None]
    deviation = design - mean_row[:, None]
    centre = (weight * means).sum(axis=1) / total
    deviations = means - centre[:, None]
    flat, flat_weight = deviation.reshape(-1, model.effects), weight.ravel()
    prior = model.prior(spreads)
    precision = flat.T @ (flat * flat_weight[:, None]) + np.diag(prior)
    root = np.linalg.cholesky(precision)
    right = flat.T @ (flat_weight * deviations.ravel())
    mean = np.linalg.solve(precision, right)
    known = weight > 0
    evidence = (
        np.log(weight[known]).sum()
        - np.log(total).sum()
        + np.log(prior).sum()
        - 2 * np.log(np.diag(root)).sum()
        - (weight * deviations**2).sum()
        + right @ mean
    ) / 2
    shrink = own * precisions / (1 + own * precisions) if own else np.where(np.isinf(precisions), 1.0, 0.0)
    # the part of a corridor that its categories share is in its mean, so deviations count from there
    return _Posterior(mean, root, deviation, centre, total, shrink, own, float(evidence))


@dataclass(frozen=True, eq=False)
class Belief:
    """What counts say of compositions: Gaussian stand-ins of the counts, and log spreads with their probabilities."""

    model: _Model
    means: Numbers
    precisions: Numbers
    points: Numbers
    weights: Numbers

    def draw(self, rng: np.random.Generator, draws: int) -> Numbers:
        """Return draws of theta given the stand-ins, shape (draws, corridors, categories)."""
        design = self.model.design()
        parts = [
            _posterior(self.model, design, self.means, self.precisions, np.exp(point)).draw(self.means, rng, number)
            for point, number in zip(self.points, rng.multinomial(draws, self.weights), strict=True)
            if number
        ]
        theta: Numbers = np.concatenate(parts)[rng.permutation(draws)]
        return theta

    def exact(self, theta: Numbers) -> Numbers:
        """Exchange each marginal for belief times likelihood, rank by rank, as INLA does (Rue et al. 2009).

        Softmax over the last axis gives shares.
        """
        return _exact(theta, self.model, self.means, self.precisions)


def believe(lower: Numbers, upper: Numbers, origins: Sequence[str], destinations: Sequence[str]) -> Belief:
    """Return what counts say of the compositions of corridors.

    Corridors of one origin help each other, and those of one destination, where there are two or more of both.

    Parameters
    ----------
    lower, upper
        Intervals of counts, shape (corridors, categories), missing where nothing is known. Every corridor must have a
        count above the floor.
    origins, destinations
        Of each corridor.

    Examples
    --------
    >>> import numpy as np
    >>> lower, upper = np.array([[950.0, 2950.0, 0.0]]), np.array([[1050.0, 3050.0, 300.0]])
    >>> belief = believe(lower, upper, ["SRB"], ["AUT"])
    >>> theta = belief.exact(belief.draw(np.random.default_rng(1), 2000))
    >>> shares = np.exp(theta) / np.exp(theta).sum(axis=-1, keepdims=True)
    >>> np.median(shares, axis=0).round(2)[0, :2].tolist()
    [0.24, 0.73]
    """
    model = _model(lower, upper, origins, destinations)
    design = model.design()
    means, precisions, log_spreads = _learn(model, design)
    return Belief(model, means, precisions, *_spreads(model, design, means, precisions, log_spreads))


def _model(lower: Numbers, upper: Numbers, origins: Sequence[str], destinations: Sequence[str]) -> _Model:
    """Return the model; a kind of group that has one member, or a member a corridor, pools nothing."""
    groups, levels = [], []
    for names in (origins, destinations):
        areas, place = np.unique(np.asarray(names, dtype=str), return_inverse=True)
        if 1 < len(areas) < len(lower):
            groups.append(place)
            levels.append(len(areas))
    return _Model(lower, upper, tuple(groups), tuple(levels))


def _learn(model: _Model, design: Numbers) -> tuple[Numbers, Numbers, Numbers]:
    """Return Gaussian stand-ins of all counts, and log spreads from which the lattice can climb."""
    means, precisions = gaussian_sites(model.lower, model.upper)
    log_spreads = np.full(model.spreads, np.log(SPREAD))
    if model.floored.any():
        for _ in range(ROUNDS):
            means, precisions = _floors(model, design, (means, precisions), np.exp(log_spreads))
            if model.spreads:
                log_spreads = _climb(model, design, means, precisions, log_spreads)
    return means, precisions, log_spreads


def _floors(
    model: _Model, design: Numbers, stand_ins: tuple[Numbers, Numbers], spreads: Numbers
) -> tuple[Numbers, Numbers]:
    """Return the stand-ins with those of floors renewed by expectation propagation (Minka 2001), damped by half."""
    means, precisions = (values.copy() for values in stand_ins)
    floored = model.floored
    shift = np.where(precisions > 0, precisions * means, 0.0)
    for _ in range(SWEEPS):
        posterior = _posterior(model, design, means, precisions, spreads)
        mean, variance = (values[floored] for values in posterior.marginal(means))
        cavity_precision = np.maximum(1 / variance - precisions[floored], 1e-4)
        cavity = (mean / variance - shift[floored]) / cavity_precision
        places, weights = marginals(cavity, 1 / cavity_precision, model.lower[floored], model.upper[floored])
        tilted = (places * weights).sum(axis=1)
        spread = np.maximum((weights * (places - tilted[:, None]) ** 2).sum(axis=1), 1e-8)
        # a floor tells nothing that widens a belief
        site = np.maximum(1 / spread - cavity_precision, 1e-8)
        site_shift = tilted * (site + cavity_precision) - cavity * cavity_precision
        precisions[floored] = (precisions[floored] + site) / 2
        shift[floored] = (shift[floored] + site_shift) / 2
        means[floored] = shift[floored] / precisions[floored]
    return means, precisions


def _log_density(model: _Model, design: Numbers, means: Numbers, precisions: Numbers, point: Numbers) -> float:
    """Return the log posterior density of log spreads, up to a constant."""
    prior = -((point - np.log(SPREAD)) ** 2).sum() / (2 * SPREAD_SD**2)
    return _posterior(model, design, means, precisions, np.exp(point)).log_evidence + float(prior)


def _climb(model: _Model, design: Numbers, means: Numbers, precisions: Numbers, start: Numbers) -> Numbers:
    """Return the log spreads of highest density."""

    def height(point: Numbers) -> float:
        return -_log_density(model, design, means, precisions, point)

    best: Numbers = minimize(height, start, method="Nelder-Mead", tol=0.1).x
    return best


def _spreads(
    model: _Model, design: Numbers, means: Numbers, precisions: Numbers, start: Numbers
) -> tuple[Numbers, Numbers]:
    """Return log spreads with their probabilities; a single empty point if there is nothing to pool."""
    if not model.spreads:
        return np.zeros((1, 0)), np.ones(1)
    grid = lattice(
        lambda points: np.array([_log_density(model, design, means, precisions, point) for point in points]), [*start]
    )
    return grid.points, grid.weights


def _exact(theta: Numbers, model: _Model, means: Numbers, precisions: Numbers) -> Numbers:
    """Return draws whose marginals are belief times likelihood (Rue, Martino and Chopin 2009)."""
    mean, variance = theta.mean(axis=0), theta.var(axis=0)
    known = np.isfinite(model.lower) & np.isfinite(model.upper)
    cavity_precision = 1 / variance - precisions
    blind = cavity_precision < 1e-3 * precisions
    belief = np.where(blind, np.inf, 1 / np.where(blind, 1.0, cavity_precision))
    cavity = np.where(blind, 0.0, (mean / variance - precisions * means) * np.where(blind, 0.0, belief))
    known &= ~(blind & (model.lower == 0))
    places, weights = marginals(cavity[known], belief[known], model.lower[known], model.upper[known])
    cumulative = np.cumsum(weights, axis=1) - weights / 2
    ranks = ndtr((theta[:, known] - mean[known]) / np.sqrt(variance[known]))
    exact = theta.copy()
    exact[:, known] = np.stack(
        [np.interp(ranks[:, cell], cumulative[cell], places[cell]) for cell in range(len(places))], axis=1
    )
    return exact
