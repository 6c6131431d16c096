"""Counts seen through a floor and rounding: what an interval says of the expected count behind it.

A count is Poisson with expectation exp(theta), and only the interval [lower, upper) around it is shown. The likelihood
of theta is P(lower <= N < upper), a difference of two regularised gamma functions. As a function of theta it is
integrable if lower is above 0: its mean is the logarithm of the middle and its variance 1 / N + width^2 / 12 on the log
scale. Below a floor (lower is 0) it is a step down, whose Gaussian stand-in depends on what else is known.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from scipy.special import gammainc, gammaincc

if TYPE_CHECKING:
    import numpy.typing as npt

    Numbers = npt.NDArray[np.float64]

NODES: Final = 121
"""Points at which a marginal is tabulated."""
REACH: Final = 8.0
"""Standard deviations on either side that a table of a marginal covers."""


def gaussian_sites(lower: Numbers, upper: Numbers) -> tuple[Numbers, Numbers]:
    """Return mean and precision of theta that intervals of counts with a lower end above 0 amount to.

    Elsewhere (a floor, or nothing known) the precision is 0.

    Parameters
    ----------
    lower, upper
        Counts, equal shapes; missing where nothing is known.

    Examples
    --------
    >>> import numpy as np
    >>> mean, precision = gaussian_sites(np.array([950.0, 0.0]), np.array([1050.0, 300.0]))
    >>> float(np.exp(mean[0]).round()), (1 / precision[0] ** 0.5).round(3).item(), precision[1].item()
    (998.0, 0.043, 0.0)
    """
    known = np.isfinite(lower) & np.isfinite(upper) & (lower > 0)
    low = np.where(known, lower, 1.0)
    high = np.where(known, np.maximum(upper, low + 1), 2.0)
    middle = np.sqrt(low * high)
    # E log of a gamma variable of shape N is log N - 1 / 2N up to 1 / 12N^2
    mean = np.log(middle) - 1 / (2 * middle)
    variance = 1 / middle + np.log(high / low) ** 2 / 12
    return np.where(known, mean, 0.0), np.where(known, 1 / variance, 0.0)


def log_likelihood(theta: Numbers, lower: Numbers, upper: Numbers) -> Numbers:
    """Return log P(lower <= N < upper) of Poisson counts with expectations exp(theta); shapes broadcast.

    Examples
    --------
    >>> import numpy as np
    >>> log_likelihood(np.log([100.0, 300.0, 900.0]), np.zeros(3), np.full(3, 300.0)).round(2).tolist()
    [0.0, -0.71, -274.88]
    """
    expected, floor = np.exp(theta), np.maximum(lower, 1e-9)
    upper = np.maximum(upper, lower + 1)
    # of the two ways to write the difference, the one whose terms are small
    between = gammaincc(upper, expected) - np.where(lower > 0, gammaincc(floor, expected), 0.0)
    above = gammainc(floor, expected) - gammainc(upper, expected)
    likelihood = np.where(expected < lower, above, between)
    logs: Numbers = np.log(np.maximum(likelihood, 1e-300))
    return logs


def marginals(mean: Numbers, variance: Numbers, lower: Numbers, upper: Numbers) -> tuple[Numbers, Numbers]:
    """Return tables of the densities of theta: Gaussian beliefs times the likelihoods of the intervals.

    Parameters
    ----------
    mean, variance
        The beliefs without the interval itself, shape (cells,); an infinite variance is no belief, for which the lower
        end must be above 0.
    lower, upper
        The intervals, shape (cells,).

    Returns
    -------
    tuple
        Places and probabilities, shape (cells, 121); the probabilities of a cell add up to 1.

    Examples
    --------
    >>> import numpy as np
    >>> believed = np.log([300.0]), np.array([0.25])
    >>> places, weights = marginals(*believed, np.array([0.0]), np.array([300.0]))
    >>> round(float(np.exp((places * weights).sum()))), round(float(weights[places > np.log(320)].sum()), 2)
    (202, 0.0)
    """
    sd = np.sqrt(variance)
    blind = ~np.isfinite(sd)
    low = np.where(blind, -np.inf, mean - REACH * np.where(blind, 1.0, sd))
    high = np.where(blind, np.inf, mean + REACH * np.where(blind, 1.0, sd))
    top = np.maximum(upper, lower + 1)
    seen_low = np.where(lower > 0, np.log(np.maximum(lower, 1)) - REACH / np.sqrt(np.maximum(lower, 1)), -np.inf)
    seen_high = np.log(top) + REACH / np.sqrt(top)
    # a belief that the interval contradicts still has its mass next to the interval
    start = np.where(low < seen_high, np.maximum(low, seen_low), seen_low)
    start = np.where(np.isfinite(start), start, np.log(top) - REACH)
    end = np.where(high > seen_low, np.minimum(high, seen_high), seen_high)
    places = start[:, None] + (end - start)[:, None] * np.linspace(0, 1, NODES)
    belief = np.where(blind[:, None], 0.0, -((places - np.where(blind, 0.0, mean)[:, None]) ** 2))
    logs = (
        log_likelihood(places, lower[:, None], upper[:, None]) + belief / (2 * np.where(blind, 1.0, variance))[:, None]
    )
    weights = np.exp(logs - logs.max(axis=1, keepdims=True))
    return places, weights / weights.sum(axis=1, keepdims=True)
