"""Level and drift of every corridor: how they move, and how a measurement moves what is known of them.

The level is the logarithm of the stock, the drift its growth a year. The drift returns to a mean m by the share
``damping`` = exp(-kappa) that is left after a year, and both are disturbed (Ornstein and Uhlenbeck; integrated for the
level), so that a step over t years is exact for any t, and two steps are the same as one::

    level' = level + psi drift + (t - psi) m + noise        psi = (1 - rho) / kappa,  rho = exp(-kappa t)
    drift' = rho drift + (1 - rho) m + noise

Each metric of a platform adds a third part, what its audience does that the stock does not explain: a random walk.

A measurement is a mixture: it is an ordinary one, or the level jumped, or the drift turned sharply, or the figure is
off. Each case is a Kalman update. After every step the mixture is replaced by its mean and covariance (Harrison and
Stevens 1976, doi 10.1111/j.2517-6161.1976.tb01586.x). One odd figure then counts a little, and leaves the drift alone.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import reduce
from operator import add
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    Numbers = np.ndarray[tuple[int, ...], np.dtype[np.float64]]
    Flags = np.ndarray[tuple[int, ...], np.dtype[np.bool_]]

LEVEL: Final = 0
DRIFT: Final = 1


@dataclass(frozen=True, eq=False)
class State:
    """Means and covariances of the parts of every corridor's state; arrays of shape (points, corridors).

    Attributes
    ----------
    means
        Level, drift, and what is left of each metric's audience.
    covariances
        Symmetric: element [i][j] is [j][i].
    has_level
        By corridor: whether its level is known.
    figured
        By corridor: whether the main source ever gave a figure.
    walking
        By metric and corridor: whether its audience was ever measured.
    """

    means: tuple[Numbers, ...]
    covariances: tuple[tuple[Numbers, ...], ...]
    has_level: Flags
    figured: Flags
    walking: tuple[Flags, ...]


@dataclass(frozen=True, eq=False)
class Case:
    """One way in which a measurement came about.

    Attributes
    ----------
    share
        How often, shape (points, 1).
    added
        Covariance added to the state, by pair of parts (the smaller first).
    error
        Variance added to the error.
    """

    share: Numbers | float
    added: Mapping[tuple[int, int], Numbers]
    error: float = 0.0


@dataclass(frozen=True)
class Step:
    """The move over some years: rho, psi, and the covariance of the disturbance for a unit noise of the drift a year.

    Shapes (points, 1).
    """

    years: float
    rho: Numbers
    psi: Numbers
    level: Numbers
    both: Numbers
    drift: Numbers


def step(damping: Numbers, years: float) -> Step:
    """Return the move over ``years`` (0 or more) for a damping a year, between 0 and 1.

    Examples
    --------
    >>> import numpy as np
    >>> once, twice = step(np.array([[0.8]]), 1.0), step(np.array([[0.8]]), 2.0)
    >>> round(float(once.rho[0, 0]), 3), round(float(twice.rho[0, 0]), 3), round(float(once.psi[0, 0]), 3)
    (0.8, 0.64, 0.896)
    """
    kappa = -np.log(damping)
    rho = np.exp(-kappa * years)
    psi = (1 - rho) / kappa
    drift = (1 - rho**2) / (2 * kappa)
    return Step(years, rho, psi, (years - 2 * psi + drift) / kappa**2, (1 - rho) ** 2 / (2 * kappa**2), drift)


def advance(
    state: State,
    move: Step,
    *,
    mean: Numbers,
    level_noise: Numbers,
    drift_noise: Numbers,
    walk_noise: Sequence[Numbers],
) -> State:
    """Return the state after a move.

    Parameters
    ----------
    state, move
        Where it starts, and the move.
    mean
        What the drift returns to.
    level_noise, drift_noise, walk_noise
        Variances a year.

    Examples
    --------
    >>> import numpy as np
    >>> one = np.array([[1.0]])
    >>> start = State((5 * one, 0.1 * one), ((0 * one, 0 * one), (0 * one, 0 * one)), *[np.array([True])] * 2, ())
    >>> nothing = {"mean": 0 * one, "level_noise": 0 * one, "drift_noise": 0 * one, "walk_noise": []}
    >>> later = advance(start, step(0.8 * one, 1.0), **nothing)
    >>> [round(float(part[0, 0]), 3) for part in later.means]
    [5.09, 0.08]
    """
    if not move.years:
        return state
    rho, psi = move.rho, move.psi
    level, drift, *walks = state.means
    (p_ll, p_ld, *_), (_, p_dd, *_), *_ = state.covariances
    size = len(state.means)
    moved = [[state.covariances[i][j] for j in range(size)] for i in range(size)]
    moved[LEVEL][LEVEL] = p_ll + 2 * psi * p_ld + psi**2 * p_dd + level_noise * move.years + drift_noise * move.level
    moved[LEVEL][DRIFT] = moved[DRIFT][LEVEL] = rho * (p_ld + psi * p_dd) + drift_noise * move.both
    moved[DRIFT][DRIFT] = rho**2 * p_dd + drift_noise * move.drift
    for walk, noise in enumerate(walk_noise, start=2):
        moved[LEVEL][walk] = moved[walk][LEVEL] = state.covariances[LEVEL][walk] + psi * state.covariances[DRIFT][walk]
        moved[DRIFT][walk] = moved[walk][DRIFT] = rho * state.covariances[DRIFT][walk]
        moved[walk][walk] = state.covariances[walk][walk] + noise * move.years
    means = (level + psi * drift + (move.years - psi) * mean, rho * drift + (1 - rho) * mean, *walks)
    return replace(state, means=means, covariances=tuple(map(tuple, moved)))


def log_density(error: Numbers, variance: Numbers | float) -> Numbers:
    """Return the logarithm of the normal density of errors with mean 0.

    Examples
    --------
    >>> log_density(np.array([0.0, 1.0]), 1.0).round(3).tolist()
    [-0.919, -1.419]
    """
    density: Numbers = -0.5 * (np.log(2 * np.pi * variance) + error * error / variance)
    return density


def total(parts: Iterable[Numbers]) -> Numbers:
    """Return the sum of arrays, at least one.

    Examples
    --------
    >>> import numpy as np
    >>> total([np.array([1.0, 2.0]), np.array([0.5, 0.5])]).tolist()
    [1.5, 2.5]
    """
    return reduce(add, parts)


def normalised(logs: Sequence[Numbers]) -> tuple[list[Numbers], Numbers]:
    """Return the shares of weights given as logarithms, and the logarithm of their sum.

    Examples
    --------
    >>> import numpy as np
    >>> shares, total = normalised([np.log(np.array([0.3])), np.log(np.array([0.1]))])
    >>> [round(float(share[0]), 2) for share in shares], round(float(np.exp(total[0])), 2)
    ([0.75, 0.25], 0.4)
    """
    if len(logs) == 1:
        return [np.ones_like(logs[0])], logs[0]
    peak = logs[0]
    for log in logs[1:]:
        peak = np.maximum(peak, log)
    weights = [np.exp(log - peak) for log in logs]
    sum_of_weights = total(weights)
    return [weight / sum_of_weights for weight in weights], peak + np.log(sum_of_weights)


def update(
    state: State,
    measured: Flags,
    loading: Mapping[int, Numbers | float],
    log: Numbers,
    *,
    error: Numbers | float,
    cases: Sequence[Case],
) -> tuple[State, Numbers, Numbers]:
    """Return the state after a measurement, the log likelihood by corridor, and the share of the first case.

    Parameters
    ----------
    state
        Before.
    measured
        Corridors that were measured; the others stay as they are.
    loading
        Part of the state to its factor in the measurement.
    log
        The measurement, shape (points, corridors) or (corridors,); read where ``measured`` is true.
    error
        Its error variance.
    cases
        At least one; their shares add up to 1.
    """
    if not measured.any():
        nothing = np.zeros_like(state.means[LEVEL])
        return state, nothing, nothing + 1.0
    size = len(state.means)
    expected = total([factor * state.means[part] for part, factor in loading.items()])
    surprise = np.where(measured, log - expected, 0.0)
    moves: list[list[Numbers]] = []
    left: list[dict[tuple[int, int], Numbers]] = []
    weights: list[Numbers] = []
    for case in cases:
        cov = [[_with(state.covariances[i][j], case.added, i, j) for j in range(size)] for i in range(size)]
        towards = [total([factor * cov[i][part] for part, factor in loading.items()]) for i in range(size)]
        variance = total([factor * towards[part] for part, factor in loading.items()]) + (error + case.error)
        gain = [covariance / variance for covariance in towards]
        moves.append([factor * surprise for factor in gain])
        left.append({(i, j): cov[i][j] - gain[i] * towards[j] for i in range(size) for j in range(i, size)})
        weights.append(np.log(case.share) + log_density(surprise, variance))
    shares, likelihood = normalised(weights)
    shift = [total([share * move[i] for share, move in zip(shares, moves, strict=True)]) for i in range(size)]
    means = tuple(np.where(measured, mean + change, mean) for mean, change in zip(state.means, shift, strict=True))
    covariances = [list(row) for row in state.covariances]
    for i, j in left[0]:
        mixed = total([share * covariance[i, j] for share, covariance in zip(shares, left, strict=True)])
        if len(cases) > 1:  # the cases also differ in where they move the state
            apart = zip(shares, moves, strict=True)
            mixed = mixed + total([share * (move[i] - shift[i]) * (move[j] - shift[j]) for share, move in apart])
        covariances[i][j] = covariances[j][i] = np.where(measured, mixed, state.covariances[i][j])
    after = replace(state, means=means, covariances=tuple(map(tuple, covariances)))
    return after, np.where(measured, likelihood, 0.0), shares[0]


def _with(covariance: Numbers, added: Mapping[tuple[int, int], Numbers], i: int, j: int) -> Numbers:
    more = added.get((min(i, j), max(i, j)))
    return covariance if more is None else covariance + more
