"""Effects of origin and destination on the step of a corridor, robust and shrunk.

For corridor (o, d)::

    step = kappa + u_o + v_d + theta u_o v_d + beta (size - mean size) + e

u and v are shrunk to 0 (ridge penalties whose variances are estimated along with them). Outlying corridors count less
(Huber weights). The product is Tukey's one degree of freedom for non-additivity (Biometrics 5(3),
1949). In the break of April 2019 theta is -4.7 and beta 0.032 (``python -m benchmarks audience``): where origin and
destination deviate to the same side a corridor falls more than their sum says, and large audiences fall less.

statsmodels' RLM has the weights without the shrinkage, scikit-learn's HuberRegressor one penalty for both kinds of
effects and no covariance, from which the standard deviation of a link is made.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    import numpy.typing as npt

    Numbers = npt.NDArray[np.floating]

_HUBER: Final = 2.0
"""Residuals beyond so many robust standard deviations count less."""
_BETA_SD: Final = 0.1
_THETA_SD: Final = 10.0
"""Weak priors around 0, which matter where there are few corridors."""
_MOST_ROUNDS: Final = 60
_SMALL: Final = 1e-8


@dataclass(frozen=True, eq=False)
class Effects:
    """Effects on the steps of corridors, and what they say of every corridor.

    Parameters
    ----------
    kappa
        Step of a corridor of mean size whose origin and destination are average.
    origins, destinations
        u and v by code; 0 where no step was seen.
    theta
        Coefficient of u v.
    beta
        Coefficient of size.
    residual_sd
        Standard deviation of corridors around the fit.
    fitted, sd
        For every corridor, seen or not: its step, and the standard deviation of what its true step may be. ``sd``
        contains the residuals, the uncertainty of the effects, and their whole spread where an effect is not known.
    """

    kappa: float
    origins: dict[str, float]
    destinations: dict[str, float]
    theta: float
    beta: float
    residual_sd: float
    fitted: pd.Series
    sd: pd.Series


def fit_effects(steps: pd.Series, size: pd.Series) -> Effects:
    """Return the effects that explain the steps of corridors.

    Parameters
    ----------
    steps
        Logarithm of after over before by (origin, destination); missing where it was not seen.
    size
        Logarithm of the audience before, centred; never missing. Same index.

    Examples
    --------
    >>> import pandas as pd
    >>> index = pd.MultiIndex.from_product([["POL", "ROU"], ["AUT", "DEU", "ITA"]], names=["origin", "destination"])
    >>> steps = pd.Series([-0.7, -0.7, -0.7, -0.5, -0.5, None], index)
    >>> effects = fit_effects(steps, steps * 0)
    >>> round(float(effects.fitted["ROU", "ITA"]), 2)
    -0.5
    """
    has_step = steps.notna().to_numpy()
    observed = steps.to_numpy("float64")[has_step]
    cells = steps.index.to_frame(index=False)
    origins, destinations = (pd.get_dummies(cells[name], dtype=float) for name in ("origin", "destination"))
    first, second = origins.shape[1], destinations.shape[1]
    fixed = np.column_stack([np.ones(len(cells)), size.fillna(0).to_numpy("float64"), origins, destinations])
    blocks = (slice(2, 2 + first), slice(2 + first, 2 + first + second))
    product = np.zeros(len(cells))
    weights: Numbers = np.ones(len(observed))
    variance = max(float(np.var(observed)) / 2, _SMALL)
    between = [variance, variance]
    effects = np.zeros(fixed.shape[1] + 1)
    for _ in range(_MOST_ROUNDS):
        design = np.column_stack([fixed, product])
        inside = design[has_step]
        penalties = [
            np.full(codes, variance / between_variance)
            for codes, between_variance in zip((first, second), between, strict=True)
        ]
        ridge = np.concatenate([[0.0, variance / _BETA_SD**2], *penalties, [variance / _THETA_SD**2]])
        gram = inside.T @ (weights[:, None] * inside)
        inverse = np.linalg.inv(gram + np.diag(ridge))
        previous, effects = effects, inverse @ (inside.T @ (weights * observed))
        residuals = observed - inside @ effects
        free = max(len(observed) - float(np.trace(inverse @ gram)), 1.0)
        weights = _huber(residuals, free)
        variance = max(float(weights @ residuals**2) / free, _SMALL)
        covariance = inverse * variance
        between = [max(float(np.mean(effects[block] ** 2 + np.diag(covariance)[block])), _SMALL) for block in blocks]
        product = (fixed[:, blocks[0]] @ effects[blocks[0]]) * (fixed[:, blocks[1]] @ effects[blocks[1]])
        if np.max(np.abs(effects - previous)) < 1e-6:
            break
    # The product moves with u and v too: slopes of a step on an effect are 1 + theta times the other effect.
    first_effect, second_effect = (fixed[:, block] @ effects[block] for block in blocks)
    slopes = design.copy()
    slopes[:, blocks[0]] *= (1 + effects[-1] * second_effect)[:, None]
    slopes[:, blocks[1]] *= (1 + effects[-1] * first_effect)[:, None]
    gram = slopes[has_step].T @ (weights[:, None] * slopes[has_step])
    covariance = np.linalg.inv(gram + np.diag(ridge)) * variance
    spread = variance + np.einsum("ij,jk,ik->i", slopes, covariance, slopes)
    return Effects(
        kappa=float(effects[0]),
        origins=dict(zip(origins.columns, effects[blocks[0]].tolist(), strict=True)),
        destinations=dict(zip(destinations.columns, effects[blocks[1]].tolist(), strict=True)),
        theta=float(effects[-1]),
        beta=float(effects[1]),
        residual_sd=variance**0.5,
        fitted=pd.Series(design @ effects, steps.index),
        sd=pd.Series(np.sqrt(spread), steps.index),
    )


def _huber(residuals: Numbers, free: float) -> Numbers:
    """Return Huber weights by the median distance from 0, corrected for the degrees of freedom that are spent."""
    distance = np.abs(residuals)
    scale = 1.4826 * float(np.median(distance)) * (len(residuals) / free) ** 0.5
    weights: Numbers = np.minimum(1, _HUBER * max(scale, _SMALL) / np.maximum(distance, _SMALL))
    return weights
