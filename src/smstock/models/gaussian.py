"""Mixtures of Gaussians: exact posteriors of linear models whose few precisions are unknown.

Given its precisions, a linear model with Gaussian priors has a Gaussian posterior. The precisions themselves are few,
so they are summed over a grid instead of sampled: each point of the grid gives one Gaussian, and its posterior density
the weight. Marginals are mixtures, whose distribution functions are known; their quantiles come from Newton's method.

The grid is a lattice with equal steps along each axis. On a smooth density that falls off on all sides, such a sum
(trapezoid rule) is accurate to exp(-2 (pi s / h)^2), with h the step and s the standard deviation along an axis
uncorrelated with the others: Trefethen and Weideman 2014, SIAM Review 56:385-458, doi 10.1137/130932132.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Final

import numpy as np
from scipy.special import ndtr, ndtri

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Density = Callable[[np.ndarray], np.ndarray]

SPACING: Final = 1.25
"""Step of the lattice in conditional standard deviations; the error of the sum is about 3e-6."""
DEPTH: Final = 12.0
"""Points whose log density lies this far below the highest are left out; on three axes that is 2.5e-5 of the mass."""
ENOUGH: Final = 1e-7
"""Newton's method ends when no distribution function is farther than this from its level."""


@dataclass(frozen=True)
class Lattice:
    """A density on the points of a lattice.

    Parameters
    ----------
    points
        Coordinates, shape (points, axes).
    weights
        Share of the mass at each point; they add up to 1.
    """

    points: np.ndarray
    weights: np.ndarray

    def quantiles(self, axis: int, levels: Sequence[float]) -> np.ndarray:
        """Return quantiles along one axis, taken to hold the logarithm of a precision.

        The log density of its marginal is fitted by a + b t + c t^2 + d exp(t), of which a Gaussian and the logarithm
        of a gamma variable are cases; what that leaves over is interpolated.
        """
        places, position = np.unique(self.points[:, axis].round(12), return_inverse=True)
        marginal = np.bincount(position, weights=self.weights)
        centre = places @ marginal

        def shape(points: np.ndarray) -> np.ndarray:
            return np.column_stack(
                [np.ones_like(points), points - centre, (points - centre) ** 2, np.exp(points - centre)]
            )

        weight = np.sqrt(marginal)
        fitted = np.linalg.lstsq(shape(places) * weight[:, None], np.log(marginal) * weight, rcond=None)[0]
        residual = np.log(marginal) - shape(places) @ fitted
        # some mass lies past the outermost points, which are above DEPTH
        step = places[1] - places[0]
        fine = np.linspace(places[0] - step, places[-1] + step, 100 * len(places))
        density = np.exp(shape(fine) @ fitted + np.interp(fine, places, residual))
        cumulative = np.cumsum(density) - density / 2
        quantiles: np.ndarray = np.interp(np.asarray(levels) * density.sum(), cumulative, fine)
        return quantiles


def lattice(log_density: Density, start: Sequence[float]) -> Lattice:
    """Return a lattice that holds the mass of a density around the mode next to ``start``.

    The mode is climbed to in steps of 1, halved until they resolve it; from there the lattice grows, neighbour by
    neighbour, over all points within ``DEPTH`` of the highest. A mode that is cut off from this one is not seen.

    Parameters
    ----------
    log_density
        Takes points of shape (points, axes), returns their log density up to a constant. It must fall off on all sides.
    start
        Coordinates of the first point.

    Examples
    --------
    >>> import numpy as np
    >>> grid = lattice(lambda points: -((points - [1.0, 2.0]) ** 2).sum(axis=1) / 2, [0.0, 0.0])
    >>> (grid.weights @ grid.points).round(4).tolist(), grid.quantiles(0, [0.5, 0.975]).round(2).tolist()
    ([1.0, 2.0], [1.0, 2.96])
    """
    mode, spread = _mode(log_density, np.asarray(start, dtype=float))
    step = SPACING * spread
    around = [np.array(move) for axis in range(len(mode)) for move in _unit_moves(axis, len(mode))]
    heights: dict[tuple[int, ...], float] = {}
    frontier = [tuple([0] * len(mode))]
    while frontier:
        values = log_density(mode + np.array(frontier) * step)
        heights.update(zip(frontier, values.tolist(), strict=True))
        lowest = max(heights.values()) - DEPTH
        high = [place for place in frontier if heights[place] >= lowest]
        frontier = sorted({tuple((place + move).tolist()) for place in high for move in around} - heights.keys())
    top = max(heights.values())
    places = [place for place, height in heights.items() if height >= top - DEPTH]
    weights = np.exp(np.array([heights[place] for place in places]) - top)
    return Lattice(mode + np.array(places) * step, weights / weights.sum())


def _mode(log_density: Density, point: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return a point near the mode, and the conditional standard deviation along each axis there."""
    axes = len(point)
    moves = np.array(list(product((-1.0, 0.0, 1.0), repeat=axes)))
    middle = len(moves) // 2
    sides = [[3 ** (axes - 1 - axis) + middle, middle - 3 ** (axes - 1 - axis)] for axis in range(axes)]
    step = np.ones(axes)
    while True:
        values = log_density(point + moves * step)
        best = int(np.argmax(values))
        if values[best] > values[middle] + 1e-9:
            point = point + moves[best] * step
            continue
        drop = values[middle] - values[sides].mean(axis=1)
        if (drop <= 0.5).all():
            return point, step / np.sqrt(2 * drop)
        step = np.where(drop > 0.5, step / 2, step)


def _unit_moves(axis: int, axes: int) -> tuple[list[int], list[int]]:
    return [int(axis == other) for other in range(axes)], [-int(axis == other) for other in range(axes)]


def quantiles(weights: np.ndarray, means: np.ndarray, sds: np.ndarray, levels: Sequence[float]) -> np.ndarray:
    """Return quantiles of mixtures of Gaussians, shape (levels, variables).

    Parameters
    ----------
    weights
        Shape (components,), adding up to 1; the same for every variable.
    means, sds
        Shape (components, variables); the standard deviations are above 0.
    levels
        Probabilities between 0 and 1, ends excluded.

    Examples
    --------
    >>> import numpy as np
    >>> pair = np.array([[-1.0], [1.0]])
    >>> quantiles(np.array([0.5, 0.5]), pair, np.ones((2, 1)), [0.5, 0.975]).round(3).tolist()
    [[0.0], [2.646]]
    """
    mean = weights @ means
    sd = np.sqrt(weights @ (sds**2 + (means - mean) ** 2))
    values = np.empty((len(levels), means.shape[1]))
    for row, level in enumerate(levels):
        z_level = float(ndtri(level))
        ends = means + sds * z_level
        # the quantile of a mixture lies between those of its components
        low, high = ends.min(axis=0), ends.max(axis=0)
        place = np.clip(mean + sd * z_level, low, high)
        while True:
            z = (place - means) / sds
            error = weights @ ndtr(z) - level
            if np.abs(error).max() < ENOUGH:
                break
            low, high = np.where(error < 0, place, low), np.where(error > 0, place, high)
            density = weights @ (np.exp(-(z**2) / 2) / sds) / np.sqrt(2 * np.pi)
            newton = place - error / np.maximum(density, 1e-12 / sd)
            place = np.where((newton > low) & (newton < high), newton, (low + high) / 2)
        values[row] = place
    return values
