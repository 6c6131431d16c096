"""Audiences below the floor: what is expected of them, given all else that is known of their corridors.

A floor says that log audience lies below c. With x ~ N(w' b, s^2) of the corridors' log stock, origin, destination and
covariates, the E-step of EM for a censored regression (Tobin 1958, doi 10.2307/1907382; Fair 1977,
doi 10.2307/1913962) replaces x by its moments below c, m = w' b, a = (c - m) / s, k = phi(a) / Phi(a)::

    E[x | x < c] = m - s k        Var[x | x < c] = s^2 (1 - a k - k^2)

the M-step is the ridge regression whose variances are learnt by the same EM.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from scipy.special import log_ndtr

from smstock.models.design import Square
from smstock.vocabulary.status import DEDUCED, FLOORED

if TYPE_CHECKING:
    import pandas as pd

    from smstock.models.design import Design

ROUNDS: Final = 200
"""Most rounds of EM; they end earlier when no expectation moves by more than `STILL`."""
STILL: Final = 0.005
"""Logarithms that count as no movement."""


def below_floor(corridors: pd.DataFrame) -> np.ndarray:
    """Return which corridors have an audience below the floor: an upper bound above 0, and no value.

    Examples
    --------
    >>> import pandas as pd
    >>> corridors = pd.DataFrame({"audience": [None, 1200.0, None], "audience_upper": [1000.0, 1249.0, 2e6]})
    >>> below_floor(corridors.assign(audience_status=["floored", "observed", "glitch"])).tolist()
    [True, False, False]
    """
    if not {"audience_upper", "audience_status"} <= set(corridors.columns):
        return np.zeros(len(corridors), dtype=bool)
    bounded = corridors["audience"].isna() & corridors["audience_upper"].gt(0)
    floored: np.ndarray = (bounded & corridors["audience_status"].isin([FLOORED, DEDUCED])).to_numpy(dtype=bool)
    return floored


def below(mean: np.ndarray, deviation: float, bound: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return mean and variance of normal variables that lie below a bound.

    Examples
    --------
    >>> import numpy as np
    >>> [moment.round(3).tolist() for moment in below(np.array([0.0, 0.0]), 1.0, np.array([0.0, 40.0]))]
    [[-0.798, 0.0], [0.363, 1.0]]
    """
    distance = (bound - mean) / deviation
    ratio = np.exp(-(distance**2) / 2 - np.log(2 * np.pi) / 2 - log_ndtr(distance))
    return mean - deviation * ratio, deviation**2 * np.maximum(1 - distance * ratio - ratio**2, 0.0)


def expected(logs: np.ndarray, bound: np.ndarray, design: Design, block: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return log audiences, those below the floor by expectation, and their variances (0 where observed).

    Parameters
    ----------
    logs
        Log audiences, shape (cells,); not a number where only the bound is known.
    bound
        Log of the floor, shape (cells,); read where ``logs`` is not a number.
    design
        What an audience is predicted from; no column is made of the audience.
    block
        Block of each coefficient: 0 is flat, 1 and above share a learnt standard deviation each.

    Examples
    --------
    >>> import numpy as np
    >>> from smstock.models.design import Design
    >>> z = np.linspace(-1, 1, 9)
    >>> logs = np.where(z < 0, np.nan, 7 + z + 0.1 * np.cos(9 * z))
    >>> design = Design(np.column_stack([np.ones(9), z]))
    >>> filled, variance = expected(logs, np.full(9, 7.0), design, np.array([0, 0]))
    >>> filled.round(1).tolist(), bool((variance[:4] > 0).all()), variance[4:].tolist()
    ([6.1, 6.3, 6.6, 6.8, 7.1, 7.2, 7.5, 7.8, 7.9], True, [0.0, 0.0, 0.0, 0.0, 0.0])
    """
    censored = np.isnan(logs)
    filled, variance = np.where(censored, bound - 1, logs), np.zeros(len(logs))
    square, counts = Square.of(design.square(np.ones(len(logs))), design.apart), np.maximum(np.bincount(block), 1)
    spreads = np.full(len(counts), 0.5)
    noise = 1.0
    for _ in range(ROUNDS):
        prior = np.where(block == 0, 1e-4, spreads[block] ** -2)
        coefficients, variances, _ = square.solved(1 / noise, prior, design.cross(filled) / noise)
        fitted = design @ coefficients
        previous = filled[censored]
        filled[censored], variance[censored] = below(fitted[censored], np.sqrt(noise), bound[censored])
        squares = coefficients**2 + variances
        spreads = np.sqrt(np.bincount(block, weights=squares, minlength=len(counts)) / counts)
        # what the coefficients leave uncertain of all that is fitted: the trace of square times their covariance
        uncertain = noise * (len(block) - float(prior @ variances))
        noise = (float(((filled - fitted) ** 2 + variance).sum()) + uncertain) / len(logs)
        if np.abs(filled[censored] - previous).max(initial=0.0) < STILL:
            break
    return filled, variance
