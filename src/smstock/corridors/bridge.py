"""Persons of some age groups as persons of others: a smooth count by single year behind the groups that are known.

Penalized composite link model: known groups are sums of a count by single year whose logarithm is smooth (Eilers 2007,
doi 10.1177/1471082X0700700302; Rizzi, Gampe and Eilers 2015, doi 10.1093/aje/kwv020). The smoothness is chosen by AIC
on the sum of all rows, then every row is fitted with it. Known groups are met exactly: the years of each are scaled to
its sum. So groups that are unions of known ones are plain sums, and nothing is assumed of them.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final

import numpy as np
from scipy.interpolate import BSpline

if TYPE_CHECKING:
    from collections.abc import Sequence

OLDEST: Final = 110
"""Nobody is older; an open group ends here."""
KNOT: Final = 4
"""Years between knots of the cubic splines."""
SMOOTHNESS: Final = tuple(10.0**power for power in range(-1, 6))
ROUNDS: Final = 60
ENOUGH: Final = 1e-6
RIDGE: Final = 1e-6
AT_ONCE: Final = 500
"""Rows fitted at once."""

AgeGroup = tuple[int, int | None]
"""Youngest and oldest completed age; None: no upper end."""


def bridged(persons: np.ndarray, known: Sequence[AgeGroup], wanted: Sequence[AgeGroup]) -> np.ndarray:
    """Return persons of other age groups, a row each; a row with a missing number is missing.

    Parameters
    ----------
    persons
        Persons of the known groups, a row for each series.
    known
        Age groups that follow each other without a gap.
    wanted
        Age groups within those known.

    Examples
    --------
    >>> bridged(np.array([[10.0, 20.0, 30.0]]), [(0, 14), (15, 64), (65, None)], [(0, 64), (65, None)]).tolist()
    [[30.0, 30.0]]
    """
    ends = {_end(group) for group in known}
    if all(_end(group) in ends and group[0] - 1 in {min(known)[0] - 1, *ends} for group in wanted):
        member = [[_within(group, other) for other in wanted] for group in known]
        sums: np.ndarray = persons @ np.array(member, dtype=float)
        return sums
    split: np.ndarray = by_year(persons, known) @ _members(wanted)
    return split


def by_year(persons: np.ndarray, known: Sequence[AgeGroup]) -> np.ndarray:
    """Return persons by completed year of age from 0 to `OLDEST`, a row for each series.

    Examples
    --------
    >>> years = by_year(np.array([[150.0, 500.0, 150.0]]), [(0, 14), (15, 64), (65, None)])
    >>> years.shape, years[:, :15].sum().round(6).tolist()
    ((1, 111), 150.0)
    """
    usable = np.isfinite(persons).all(axis=1)
    members = _members(known)
    years = np.full((len(persons), OLDEST + 1), np.nan)
    if not usable.any():
        return years
    counts = np.maximum(persons[usable], 0.0)
    smoothness = min(SMOOTHNESS, key=lambda penalty: _fit(counts.sum(axis=0, keepdims=True), members, penalty)[1])
    parts = [_fit(counts[start : start + AT_ONCE], members, smoothness)[0] for start in range(0, len(counts), AT_ONCE)]
    smooth = np.vstack(parts)
    sums = smooth @ members
    with np.errstate(invalid="ignore", divide="ignore"):
        scale = np.where(sums > 0, counts / sums, 0.0)
    years[usable] = smooth * (scale @ members.T)
    return years


def _fit(counts: np.ndarray, members: np.ndarray, penalty: float) -> tuple[np.ndarray, float]:
    """Return smooth counts by year, and the AIC of the fit, summed over rows.

    Rows are scaled to a mean of 1 a year, so that one penalty is as smooth for few persons as for many.
    """
    spline, rough = _splines(), _roughness()
    level = np.maximum(counts.sum(axis=1, keepdims=True) / (OLDEST + 1), RIDGE)
    shown = counts / level
    coefficients = np.zeros((len(counts), spline.shape[1]))
    for _ in range(ROUNDS):
        years = np.exp(coefficients @ spline.T)
        expected = np.maximum(years @ members, RIDGE)
        slope = np.einsum("ya,ny,yg->nag", spline, years, members, optimize=True)
        weighted = slope / expected[:, None, :]
        information = weighted @ slope.transpose(0, 2, 1)
        target = np.einsum("nag,ng->na", weighted, shown - expected)
        target += np.einsum("nab,nb->na", information, coefficients)
        fresh = np.linalg.solve(information + penalty * rough, target[..., None])[..., 0]
        step = np.clip(fresh - coefficients, -2.0, 2.0)
        coefficients += step
        if np.abs(step).max() < ENOUGH:
            break
    years = np.exp(coefficients @ spline.T)
    expected = np.maximum(years @ members, RIDGE)
    deviance = 2 * (np.where(shown > 0, shown * np.log(np.maximum(shown, RIDGE) / expected), 0) - shown + expected)
    slope = np.einsum("ya,ny,yg->nag", spline, years, members, optimize=True)
    information = (slope / expected[:, None, :]) @ slope.transpose(0, 2, 1)
    effective = np.trace(np.linalg.solve(information + penalty * rough, information), axis1=1, axis2=2)
    return years * level, float((deviance.sum(axis=1) * level[:, 0] + 2 * effective).sum())


def _end(group: AgeGroup) -> int:
    return OLDEST if group[1] is None else group[1]


def _within(group: AgeGroup, other: AgeGroup) -> bool:
    return other[0] <= group[0] and _end(group) <= _end(other)


def _members(groups: Sequence[AgeGroup]) -> np.ndarray:
    """Return which year is in which group, shape (years, groups)."""
    years = np.arange(OLDEST + 1)[:, None]
    first, last = (np.array(ends)[None] for ends in ([group[0] for group in groups], [_end(group) for group in groups]))
    return ((first <= years) & (years <= last)).astype(float)


@cache
def _splines() -> np.ndarray:
    inner = np.arange(0, OLDEST + KNOT, KNOT, dtype=float)
    knots = np.concatenate([inner[0] - KNOT * np.arange(3, 0, -1), inner, inner[-1] + KNOT * np.arange(1, 4)])
    design: np.ndarray = BSpline.design_matrix(np.arange(OLDEST + 1, dtype=float), knots, 3).toarray()
    return design


@cache
def _roughness() -> np.ndarray:
    count = _splines().shape[1]
    second = np.diff(np.eye(count), n=2, axis=0)
    rough: np.ndarray = second.T @ second + RIDGE * np.eye(count)
    return rough
