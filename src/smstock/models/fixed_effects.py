"""Least squares on one log regressor and the levels of factors: what the log-linear methods share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

ALIKE: Final = 1e-24
"""Squared deviations within levels, over all squares, that are no variation."""


@dataclass(frozen=True)
class FixedEffects:
    """``y = intercept + slope x + effect of each factor's level``; the effects of a factor add up to 0.

    Parameters
    ----------
    intercept, slope
        Coefficients of 1 and of x.
    effects
        Factor -> level -> effect; a factor with one level has the effect 0.
    adjusted_r_squared
        1 - (residual variance) / (variance of y), each over its degrees of freedom, on what was fitted.
    """

    intercept: float
    slope: float
    effects: dict[str, dict[str, float]]
    adjusted_r_squared: float


def fit(x: np.ndarray, y: np.ndarray, factors: Mapping[str, pd.Series]) -> FixedEffects:
    """Return the least squares fit of ``y`` on ``x`` and the levels of ``factors``.

    Where the data cannot tell effects apart, the solution of least norm is returned.

    Parameters
    ----------
    x, y
        Shape (cells,), finite.
    factors
        Levels of each factor by name, as text, one a cell.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> x, origin = np.array([0.0, 1.0, 2.0, 0.0, 1.0, 3.0]), pd.Series(["POL"] * 3 + ["ROU"] * 3)
    >>> fitted = fit(x, 2 + x + np.where(origin == "POL", 0.5, -0.5), {"origin": origin})
    >>> round(fitted.intercept, 6), round(fitted.slope, 6), round(fitted.effects["origin"]["ROU"], 6)
    (2.0, 1.0, -0.5)
    """
    columns = [np.ones(len(x)), x]
    levels = {name: sorted(values.unique()) for name, values in factors.items()}
    for name, values in factors.items():
        columns += zero_sum_columns(values, levels[name])
    design = np.column_stack(columns)
    solution, _, rank, _ = np.linalg.lstsq(design, y, rcond=None)
    variation, freedom = float(((y - y.mean()) ** 2).sum()), len(y) - int(rank)
    residual = float(((y - design @ solution) ** 2).sum())
    # with as many effects as cells no variance is left to compare
    compared = np.ptp(y) > 0 and freedom > 0
    explained = 1 - (residual / freedom) / (variation / (len(y) - 1)) if compared else float("nan")
    return FixedEffects(float(solution[0]), float(solution[1]), zero_sum_effects(solution[2:], levels), explained)


def of_one_factor(
    x: np.ndarray, y: np.ndarray, place: np.ndarray, names: Sequence[str]
) -> tuple[float, float, dict[str, float]]:
    """Return intercept, slope and effects of the least squares fit of ``y`` on ``x`` and the levels of one factor.

    The slope is that of the deviations from the means of the levels (Frisch and Waugh 1933, doi 10.2307/1907330), at a
    cost linear in cells; where ``x`` does not vary within a level, the solution is the one of `fit`.

    Parameters
    ----------
    x, y
        Shape (cells,), finite.
    place
        Place of each cell's level among the names.
    names
        Names of the levels; those without a cell have no effect.

    Examples
    --------
    >>> import numpy as np
    >>> x, place = np.array([0.0, 1.0, 2.0, 0.0, 1.0, 3.0]), np.repeat([0, 2], 3)
    >>> y = 2 + x + np.where(place == 0, 0.5, -0.5)
    >>> intercept, slope, effects = of_one_factor(x, y, place, ["POL", "ROU", "SYR"])
    >>> round(intercept, 6), round(slope, 6), {name: round(effect, 6) for name, effect in effects.items()}
    (2.0, 1.0, {'POL': 0.5, 'SYR': -0.5})
    """
    counts = np.bincount(place)
    held = np.flatnonzero(counts).tolist()
    x_mean, y_mean = (np.bincount(place, weights=values) / np.maximum(counts, 1) for values in (x, y))
    deviation = x - x_mean[place]
    variation = float(deviation @ deviation)
    if variation <= ALIKE * float(x @ x):
        fitted = fit(x, y, {"level": pd.Series([names[level] for level in place])})
        return fitted.intercept, fitted.slope, fitted.effects["level"]
    slope = float(deviation @ (y - y_mean[place])) / variation
    levels = (y_mean - slope * x_mean)[held]
    intercept = float(levels.mean())
    return intercept, slope, {names[level]: float(value) - intercept for level, value in zip(held, levels, strict=True)}


def zero_sum_columns(values: pd.Series, levels: Sequence[str]) -> list[np.ndarray]:
    """Return the columns of a factor whose effects add up to 0: one a level but the last, which is -1 in each.

    Examples
    --------
    >>> import pandas as pd
    >>> [column.tolist() for column in zero_sum_columns(pd.Series(["POL", "ROU", "SRB"]), ["POL", "ROU", "SRB"])]
    [[1.0, 0.0, -1.0], [0.0, 1.0, -1.0]]
    """
    is_last = (values == levels[-1]).to_numpy(dtype=float)
    return [(values == level).to_numpy(dtype=float) - is_last for level in levels[:-1]]


def zero_sum_effects(coefficients: np.ndarray, levels: Mapping[str, Sequence[str]]) -> dict[str, dict[str, float]]:
    """Return the effect of each level of each factor from the coefficients of the columns above, in their order.

    Examples
    --------
    >>> zero_sum_effects(np.array([0.25, 0.5]), {"origin": ["POL", "ROU", "SRB"]})
    {'origin': {'POL': 0.25, 'ROU': 0.5, 'SRB': -0.75}}
    """
    effects, first = {}, 0
    for factor, names in levels.items():
        coded = [float(value) for value in coefficients[first : first + len(names) - 1]]
        effects[factor] = dict(zip(names, [*coded, -sum(coded) if coded else 0.0], strict=True))
        first += len(coded)
    return effects
