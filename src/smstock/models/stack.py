"""The stack: several methods, weighted by how well they estimate unseen destinations.

Weights are those of non-negative least squares on log predictions, by scikit-learn (van der Laan, Polley and Hubbard
2007, doi 10.2202/1544-6115.1309), scaled to add up to 1. Each destination is predicted by a fit without it::

    log S = sum_k w_k log S_k        w >= 0, sum w = 1
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar, Final, Self

import numpy as np
import pandas as pd

from smstock.errors import TooFewCellsError
from smstock.models.base import Method

LEAST_WEIGHT: Final = 0.02
"""Members of a smaller weight are left out, so that a corridor need not have what only they need."""
FEWEST: Final = 10
"""Fewest cells that weights are learnt from."""
SUM: Final = 1e3
"""How heavily a sum of weights other than 1 is penalized, in units of the largest log prediction."""


def weigh(logs: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Return the weight of each column of log predictions: 0 or more, adding up to 1.

    Parameters
    ----------
    logs
        Shape (cells, methods), each prediction by a fit without the destination of the cell.
    target
        Log stock, shape (cells,).

    Examples
    --------
    >>> import numpy as np
    >>> truth = np.arange(20.0)
    >>> logs = np.column_stack([truth + np.tile([1, -1], 10), truth - np.tile([1, -1], 10), truth**2])
    >>> weigh(logs, truth).round(2).tolist()
    [0.5, 0.5, 0.0]
    """
    # scikit-learn takes a second to load, and only a stack computes with it
    from sklearn import config_context
    from sklearn.linear_model import LinearRegression

    # errors instead of levels: weights that add up to 1 leave the truth alone, and the problem is well scaled
    errors = logs - target[:, None]
    heavy = SUM * max(1.0, float(np.abs(errors).max()))
    rows = np.vstack([errors, np.full((1, errors.shape[1]), heavy)])
    goal = np.append(np.zeros(len(errors)), heavy)
    # hundreds of small fits: half of the time of each would go into checking its arguments
    with config_context(assume_finite=True, skip_parameter_validation=True):
        weights = LinearRegression(positive=True, fit_intercept=False).fit(rows, goal).coef_
    weights = np.where(weights < LEAST_WEIGHT * weights.sum(), 0.0, weights)
    scaled: np.ndarray = weights / weights.sum()
    return scaled


@dataclass(frozen=True)
class Stack(Method):
    """A weighted geometric mean of other methods; missing where a member's data are.

    It is put together by the cross-validation, which has the predictions its weights come from; `fit` alone declines.

    Parameters
    ----------
    weights
        Weight of each member.
    members
        The fitted members by name.

    Examples
    --------
    >>> import pandas as pd
    >>> from smstock.models.baselines import CarryForward, RawAudience
    >>> members = {"raw_audience": RawAudience(), "carry_forward": CarryForward()}
    >>> halves = Stack({"raw_audience": 0.5, "carry_forward": 0.5}, members)
    >>> halves.predict(pd.DataFrame({"audience": [100.0, 100.0], "official_last": [400.0, None]})).round(6).tolist()
    [200.0, nan]
    """

    name: ClassVar = "stack"
    needs: ClassVar = ()
    source: ClassVar = "smstock"
    libraries: ClassVar = ("numpy", "pandas", "scikit-learn", "scipy")
    fewest: ClassVar = FEWEST

    weights: dict[str, float] = field(default_factory=dict)
    members: dict[str, Method] = field(default_factory=dict)

    @classmethod
    def reads_audience(cls) -> bool:
        """Return that it does: some member always has."""
        return True

    def reads(self, column: str) -> bool:
        """Return whether a member needs or uses a column of the corridor table."""
        return any(member.reads(column) for member in self.members.values())

    @classmethod
    def _fit(cls, usable: pd.DataFrame) -> Self:
        del usable
        raise TooFewCellsError("a stack is weighted by cross-validation", hint="learn a calibration")

    def _predict(self, usable: pd.DataFrame) -> pd.Series:
        logs = pd.Series(0.0, index=usable.index)
        for name, weight in self.weights.items():
            predicted = self.members[name].predict(usable)
            logs = logs + weight * np.log(predicted.where(predicted > 0))
        return pd.Series(np.exp(logs), index=usable.index) if self.weights else logs * float("nan")
