"""The stack: several methods, each weighted by how often it is the best one when destinations are drawn anew.

Which method errs least on destinations left out is itself uncertain. Destinations are drawn 500 times with the
weights of the Bayesian bootstrap (Rubin 1981, doi 10.1214/aos/1176345338), and the weight of a method is the share of
the draws in which it is the best (Yao, Vehtari, Simpson and Gelman 2018, doi 10.1214/17-BA1091, section 3.3, weigh in
the same way by predictive density). With many destinations the best method has all the weight; with few, those that
may be the best share it, so a complex method earns its weight by cells::

    log S = sum_k w_k log S_k        w >= 0, sum w = 1

Half of the weight goes by squared errors of the logarithm, as RMSLE has them. The other half goes by absolute errors in
persons over the square root of the stock, so that a method has to be good in persons too: wMAPE itself would be told by
the two or three largest corridors.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, ClassVar, Final, Self

import numpy as np
import pandas as pd

from smstock.errors import TooFewCellsError
from smstock.models.base import GROWTHS, Method

if TYPE_CHECKING:
    from collections.abc import Sequence

LEAST_WEIGHT: Final = 0.05
"""Members of a smaller weight are left out, so that a corridor need not have what only they need."""
FEWEST: Final = 10
"""Fewest cells that weights are learnt from."""
FEWEST_DESTINATIONS: Final = 3
"""Fewest destinations that weights are learnt from."""
NEARLY: Final = 0.9
"""Share of the cells of the method that estimates most that a member must estimate."""
DRAWS: Final = 500
"""Draws of the destinations, the same ones in every run."""


def losses(logs: np.ndarray, target: np.ndarray, groups: np.ndarray) -> list[np.ndarray]:
    """Return by what the best method is told: sums of errors by destination, each of shape (destinations, methods).

    The first are squared errors of the logarithm, the second absolute errors in persons over the square root of the
    stock.

    Parameters
    ----------
    logs
        Shape (cells, methods), each prediction by a fit without the destination of the cell.
    target
        Log stock, shape (cells,).
    groups
        Number of the destination of each cell, from 0.

    Examples
    --------
    >>> logs = np.log([[2.0, 4.0], [8.0, 8.0], [5.0, 4.0]])
    >>> losses(logs, np.log([4.0, 8.0, 4.0]), np.array([0, 0, 1]))[1].round(6).tolist()
    [[1.0, 0.0], [0.5, 0.0]]
    """
    member = (groups == np.arange(groups.max(initial=-1) + 1)[:, None]).astype(float)
    stock = np.exp(target)[:, None]
    return [member @ (logs - target[:, None]) ** 2, member @ (np.abs(np.exp(logs) - stock) / np.sqrt(stock))]


def weigh(by_group: Sequence[np.ndarray]) -> np.ndarray:
    """Return the weight of each method: 0 or more, adding up to 1.

    Parameters
    ----------
    by_group
        Sums of errors by destination, shape (destinations, methods). Kinds of error have equal parts in the weight.

    Examples
    --------
    >>> squares, persons = np.array([[1.0, 2.0, 9.0]] * 9), np.array([[1.0, 0.5, 9.0]] * 9)
    >>> weigh([squares]).tolist(), weigh([squares, persons]).tolist()
    ([1.0, 0.0, 0.0], [0.5, 0.5, 0.0])
    """
    drawn = _drawn(len(by_group[0]))
    wins = np.mean([_wins(drawn @ errors) for errors in by_group], axis=0)
    weights = np.where(wins < LEAST_WEIGHT, 0.0, wins)
    scaled: np.ndarray = weights / weights.sum()
    return scaled


@cache
def _drawn(destinations: int) -> np.ndarray:
    """Return the weights of so many destinations in every draw: exponential, of a Dirichlet but for their sum."""
    drawn: np.ndarray = np.random.default_rng(1).standard_exponential((DRAWS, destinations))
    return drawn


def _wins(scores: np.ndarray) -> np.ndarray:
    """Return the share of the draws in which each method has the least score; the first of equal ones has it."""
    wins: np.ndarray = np.bincount(scores.argmin(axis=1), minlength=scores.shape[1]) / len(scores)
    return wins


def enough(cells: int, destinations: int) -> bool:
    """Return whether so many corridors with an audience, of so many destinations, are enough to weigh methods by.

    Examples
    --------
    >>> enough(31, 31), enough(31, 2), enough(9, 9)
    (True, False, False)
    """
    return cells >= FEWEST and destinations >= FEWEST_DESTINATIONS


def in_stack(names: Sequence[str], cells: Sequence[float]) -> list[str]:
    """Return the methods that estimate nearly as many cells as any: a stack needs all its members.

    Parameters
    ----------
    names
        Methods.
    cells
        How many cells with an audience each one estimates.

    Examples
    --------
    >>> in_stack(["log_linear", "minora", "carry_forward"], [98, 40, 100])
    ['log_linear', 'carry_forward']
    """
    most = max(cells, default=0.0)
    return [name for name, count in zip(names, cells, strict=True) if count > 0 and count >= NEARLY * most]


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
    libraries: ClassVar = ("numpy", "pandas", "scipy")
    fewest: ClassVar = FEWEST

    weights: dict[str, float] = field(default_factory=dict)
    members: dict[str, Method] = field(default_factory=dict)

    @classmethod
    def admits(cls, method: type[Method]) -> bool:
        """Return whether a method may be a member: one that moves the last official figure.

        A fresh figure is moved the less; a method that knows of none would move it by as much as an old one.
        """
        return "official_last" in method.needs

    def reads_audience(self) -> bool:
        """Return whether the estimates of some member move with the audience."""
        return any(member.reads_audience() for member in self.members.values())

    def rests_on_last(self) -> bool:
        """Return whether the estimates of its members are the last official figure, moved."""
        return any(member.rests_on_last() for member in self.members.values())

    def reads(self, column: str) -> bool:
        """Return whether a member needs or uses a column of the corridor table."""
        return any(member.reads(column) for member in self.members.values())

    def required(self) -> tuple[str, ...]:
        """Return the columns that some member requires."""
        return tuple(dict.fromkeys(name for member in self.members.values() for name in member.required()))

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


@dataclass(frozen=True)
class FigureStack(Stack):
    """The stack of the methods that need no growth, for corridors with a single official figure.

    Examples
    --------
    >>> from smstock.models.baselines import CarryForward
    >>> from smstock.models.trend import Trend
    >>> FigureStack.admits(CarryForward), FigureStack.admits(Trend)
    (True, False)
    """

    name: ClassVar = "figure_stack"

    @classmethod
    def admits(cls, method: type[Method]) -> bool:
        """Return whether a method may be a member: one that moves the last figure and needs no growth."""
        return super().admits(method) and not set(GROWTHS) & set(method.needs)


@dataclass(frozen=True)
class AudienceStack(Stack):
    """The stack of the methods that need no official figure of the corridor, for corridors that have none.

    Examples
    --------
    >>> from smstock.models.baselines import CarryForward, RawAudience
    >>> AudienceStack.admits(CarryForward), AudienceStack.admits(RawAudience)
    (False, True)
    """

    name: ClassVar = "audience_stack"

    @classmethod
    def admits(cls, method: type[Method]) -> bool:
        """Return whether a method may be a member: one that needs no official figure of the corridor."""
        return not super().admits(method)


STACKS: Final[tuple[type[Stack], ...]] = (Stack, FigureStack, AudienceStack)
"""The stacks, each of methods that it admits, the fewer the less is known of a corridor."""
