"""How far compositions lie from what is expected: a Dirichlet distribution whose concentration grows with persons.

The variance of a count y of N persons with expected share p is N p (1 - p) (k + t N): k is the variance of counting,
1 for a register and the weight of a sampled person times its design effect for a survey; t is that of the composition
itself, and does not shrink with size. A Dirichlet distribution with concentration N / (k + t N) - 1 has this variance.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from typing import Final

import numpy as np
from scipy.optimize import nnls
from scipy.special import betainc

from smstock.vocabulary.sizes import BANDS

LEAST_COUNTING: Final = 1.0
LEAST_SHIFT: Final = 1e-4
LEAST_CONCENTRATION: Final = 0.5
ROUNDS: Final = 20
FACTORS: Final = np.concatenate([np.geomspace(0.01, 0.25, 24, endpoint=False), np.geomspace(0.25, 8, 26)])
"""Below 1 where a composition hardly moves, such as that of a register a year later."""
LEVEL: Final = 0.8
FEWEST: Final = 60
"""Groups below which a factor is not learnt."""
NOBODY: Final = 0.5
"""Persons below which there are none."""
EXPECTED: Final = 5.0
"""Groups of fewer expected persons say little of the variance."""


@dataclass(frozen=True)
class Spread:
    """Variance of counting, variance of the composition, and factors on both that make intervals hold.

    Attributes
    ----------
    counting, shift
        The k and t of the module.
    factors
        Factor on the variance of corridors of each size band (`smstock.vocabulary.sizes.BANDS`).

    Examples
    --------
    >>> Spread(counting=1.0, shift=0.01).concentration(np.array([99.0, 1e9])).round(1).tolist()
    [48.7, 99.0]
    """

    counting: float = LEAST_COUNTING
    shift: float = 0.02
    factors: tuple[float, ...] = (1.0,) * len(BANDS)

    def concentration(self, totals: np.ndarray) -> np.ndarray:
        """Return the concentration of corridors of so many persons."""
        persons = np.maximum(np.nan_to_num(totals), 1.0)
        effective = persons / (self.counting + self.shift * persons)
        factors = np.array(self.factors)[_band(persons)]
        concentration: np.ndarray = np.maximum(effective / factors - 1, LEAST_CONCENTRATION)
        return concentration

    def weights(self, totals: np.ndarray) -> np.ndarray:
        """Return what the composition of so many persons tells, in independent observations."""
        persons = np.nan_to_num(totals)
        weights: np.ndarray = persons / (self.counting + self.shift * persons)
        return weights

    def draws(self, shares: np.ndarray, totals: np.ndarray, count: int, rng: np.random.Generator) -> np.ndarray:
        """Return draws of shares: corridors x groups x draws."""
        mass = np.nan_to_num(shares) * self.concentration(totals)[:, None]
        drawn = rng.standard_gamma(np.repeat(mass[:, :, None], count, axis=2))
        sums = drawn.sum(axis=1, keepdims=True)
        certain = np.eye(shares.shape[1])[np.argmax(mass, axis=1)][:, :, None]
        with np.errstate(invalid="ignore", divide="ignore"):
            drawn = np.where(sums > 0, drawn / sums, certain)
        return np.where(np.isnan(shares).any(axis=1)[:, None, None], np.nan, drawn)


def measured(stock: np.ndarray, shares: np.ndarray) -> Spread:
    """Return the variances that stocks show around shares expected without them.

    Squared errors over N p (1 - p) are k + t N on average; both are fitted by least squares, none below 0.

    Parameters
    ----------
    stock
        Persons by corridor and group.
    shares
        Shares expected of each corridor.

    Examples
    --------
    >>> rng, shares = np.random.default_rng(1), np.full((2000, 4), 0.25)
    >>> stock = np.vstack([rng.multinomial(size, [0.25] * 4) for size in (500, 2000) for _ in range(1000)])
    >>> 0.9 < measured(stock, shares).counting < 1.1
    True
    """
    totals = stock.sum(axis=1, keepdims=True)
    expected = totals * shares
    usable = (expected > EXPECTED) & (shares < 1)
    if not usable.any():
        return Spread()
    persons = np.broadcast_to(totals, stock.shape)[usable]
    ratio = ((stock - expected)[usable] ** 2) / (expected * (1 - shares))[usable]
    counting, shift = float(np.median(ratio)), LEAST_SHIFT
    for _ in range(ROUNDS):  # a ratio varies as its own mean does: weights are those of the fit before
        scale = counting + shift * persons
        (counting, shift), _ = nnls(np.column_stack([1 / scale, persons / scale]), ratio / scale)
        counting, shift = max(float(counting), LEAST_COUNTING), max(float(shift), LEAST_SHIFT)
    return Spread(counting=counting, shift=shift)


def widened(spread: Spread, stock: np.ndarray, shares: np.ndarray) -> Spread:
    """Return a spread with the factors at which 80 % intervals hold as many known groups as they say.

    A band of few groups takes the factor of the band above it, or else of the one below.

    Parameters
    ----------
    spread
        The variances.
    stock, shares
        Persons by corridor and group, and the shares expected without them.

    Examples
    --------
    >>> rng, shares = np.random.default_rng(1), np.full((400, 4), 0.25)
    >>> stock = np.round(rng.dirichlet([5] * 4, 400) * 2000)
    >>> bool(10 < widened(measured(stock, shares), stock, shares).concentration(np.array([2000.0]))[0] < 40)
    True
    """
    band = _band(stock.sum(axis=1))
    factors = [
        _factor(spread, stock[inside], shares[inside]) if inside.sum() * stock.shape[1] >= FEWEST else None
        for inside in (band == number for number in range(len(BANDS)))
    ]
    return replace(spread, factors=_completed(factors))


def _factor(spread: Spread, stock: np.ndarray, shares: np.ndarray) -> float:
    """Return the factor, one of `FACTORS`, at which intervals hold nearest to `LEVEL`; they hold more as it grows."""

    @cache
    def covered(place: int) -> float:
        widened = replace(spread, factors=(float(FACTORS[place]),) * len(BANDS))
        return float(held(widened, stock, shares).mean())

    low, high = 0, len(FACTORS) - 1
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if covered(middle) >= LEVEL else (middle + 1, high)
    nearest = min({max(low - 1, 0), low}, key=lambda place: (abs(covered(place) - LEVEL), place))
    return float(FACTORS[nearest])


def _completed(factors: list[float | None]) -> tuple[float, ...]:
    """Return factors of which those that are not known are those of the next band that has one."""
    known = [number for number, factor in enumerate(factors) if factor is not None]
    if not known:
        return (1.0,) * len(factors)
    nearest = [min((abs(other - number), -other) for other in known) for number in range(len(factors))]
    return tuple(float(factors[-place] or 1.0) for _, place in nearest)


def held(spread: Spread, stock: np.ndarray, shares: np.ndarray) -> np.ndarray:
    """Return whether the persons of each group lie in its 80 % interval, the total being known.

    The share of one group of a Dirichlet distribution has a beta distribution.

    Examples
    --------
    >>> held(Spread(), np.array([[50.0, 50.0]]), np.array([[0.5, 0.5]])).tolist()
    [[True, True]]
    >>> held(Spread(counting=50.0), np.array([[100.0, 0.0]]), np.array([[0.9, 0.1]])).tolist()
    [[True, True]]
    """
    totals = stock.sum(axis=1, keepdims=True)
    mass = spread.concentration(totals[:, 0])[:, None]
    below = betainc(mass * shares, mass * (1 - shares), np.minimum(stock / totals, 1))
    inside: np.ndarray = (below >= (1 - LEVEL) / 2) & (below <= (1 + LEVEL) / 2)
    # an interval that begins below half a person begins at none, and one that ends above all but half ends at all
    nobody = np.minimum(NOBODY / totals, 1)
    from_none = betainc(mass * shares, mass * (1 - shares), nobody) >= (1 - LEVEL) / 2
    to_all = betainc(mass * shares, mass * (1 - shares), 1 - nobody) <= (1 + LEVEL) / 2
    inside |= np.where(below < (1 - LEVEL) / 2, from_none, to_all & (below > LEVEL / 2))
    return inside


def _band(persons: np.ndarray) -> np.ndarray:
    """Return which size band each number of persons is in, from 0."""
    return np.searchsorted([*BANDS.values()][1:], persons, side="right")
