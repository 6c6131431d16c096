"""How wrong methods of shares are on destinations that they have not seen."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from smstock.compute import ALONE
from smstock.models.shares.compositions import shares
from smstock.models.shares.methods import SHARE_METHODS
from smstock.models.shares.spread import held, measured, widened

if TYPE_CHECKING:
    from collections.abc import Sequence

    from smstock.compute import Compute
    from smstock.models.shares.base import ShareMethod
    from smstock.models.shares.compositions import Compositions

MOST_FOLDS: Final = 10
"""Folds at most; more destinations than that are left out several at a time."""


@dataclass(frozen=True)
class ShareScore:
    """Errors of one method's shares, each corridor estimated without its destination.

    Attributes
    ----------
    method
        Its name.
    corridors
        Corridors scored: those that every method has shares of.
    error
        Mean absolute error of a share, each person counting alike: corridors are weighted by their persons.
    plain_error
        The same, each corridor counting alike: sampling errors of small corridors prevail where figures are of a
        survey.
    held
        Share of groups whose persons lie in their 80 % interval, the total being known.
    """

    method: str
    corridors: int
    error: float
    plain_error: float
    held: float


@dataclass(frozen=True, eq=False)
class LeftOut:
    """Corridors of which a stock is known, and shares that each method expected without their destination.

    Attributes
    ----------
    of
        The corridors.
    expected
        Shares by corridor and group, by the name of the method.
    inside
        Which groups lie in their 80 % interval, by the name of the method; that of a method is measured without the
        destination, too.
    """

    of: Compositions
    expected: dict[str, np.ndarray]
    inside: dict[str, np.ndarray]

    def scores(self) -> tuple[ShareScore, ...]:
        """Return the score of each method that has shares of any corridor, the least error first."""
        known = {name: np.isfinite(expected).all(axis=1) for name, expected in self.expected.items()}
        known = {name: rows for name, rows in known.items() if rows.any()}
        common = np.logical_and.reduce([*known.values(), self.of.total > 0])
        persons, truth = self.of.total[common], shares(self.of.stock[common])
        scored = []
        for name in known if common.any() else ():
            errors = np.abs(self.expected[name][common] - truth).mean(axis=1)
            weighted = float(errors @ persons / persons.sum())
            within = float(self.inside[name][common].mean())
            scored.append(ShareScore(name, int(common.sum()), weighted, float(errors.mean()), within))
        return tuple(sorted(scored, key=lambda score: score.error))


def leave_out(
    of: Compositions, methods: Sequence[type[ShareMethod]] = SHARE_METHODS, compute: Compute = ALONE
) -> LeftOut:
    """Return what methods expect of corridors whose destination they have not seen.

    Audiences of the destination are known to them, its stocks are not.

    Parameters
    ----------
    of
        Corridors; those without a stock teach nothing and are not estimated, their audiences are known.
    methods
        The methods.
    compute
        What the folds are spread over.

    Examples
    --------
    >>> from smstock.models.shares.compositions import Compositions
    >>> rng, groups = np.random.default_rng(1), (("female", 18, None, ""), ("male", 18, None, ""))
    >>> ends = np.array([*"ABCDEF"], dtype=object)
    >>> stock = rng.poisson([[600.0, 400.0]] * 6).astype(float)
    >>> accounts, nothing = stock * [2, 1], np.full((6, 2), np.nan)
    >>> both, one = (True, True), ends[[0] * 6]
    >>> cells = Compositions(ends, one, groups, accounts, accounts, *[nothing] * 3, one, stock, both)
    >>> [score.method for score in leave_out(cells).scores()][-1]
    'audience_shares'
    """
    known = np.isfinite(of.total) & (of.total > 0)
    _, number = np.unique(of.destination[known], return_inverse=True)
    folds = np.full(len(of), -1)
    folds[known] = number % MOST_FOLDS
    blocks = [folds == fold for fold in range(int(folds.max()) + 1)]
    expected = {method.name: np.full(of.stock.shape, np.nan) for method in methods}
    inside = {method.name: np.zeros(of.stock.shape, dtype=bool) for method in methods}
    for rows, answers in zip(blocks, compute.spread(_without, blocks, of, tuple(methods)), strict=True):
        for name, (share, within) in answers.items():
            expected[name][rows], inside[name][rows] = share, within
    return LeftOut(
        of.taken(known),
        {name: values[known] for name, values in expected.items()},
        {name: values[known] for name, values in inside.items()},
    )


def _without(
    of: Compositions, methods: tuple[type[ShareMethod], ...], rows: np.ndarray
) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Return shares and hits of some corridors, by methods that have not seen their stocks."""
    unseen, answers = of.without_stock(rows), {}
    for kind in methods:
        method = fitted(kind, unseen)
        taken = of.taken(rows)
        share = method.predict(taken)
        answers[kind.name] = (share, held(method.spread, taken.stock, share))
    return answers


def fitted(kind: type[ShareMethod], of: Compositions) -> ShareMethod:
    """Return a method fitted on the corridors whose stock is known, with a spread: its own, or that of its residuals.

    Examples
    --------
    >>> from smstock.models.shares.compositions import Compositions
    >>> from smstock.models.shares.rivals import OfficialShares
    >>> ends, groups = np.array(["A", "B"], dtype=object), (("female", 18, None, ""), ("male", 18, None, ""))
    >>> stock, nothing = np.array([[600.0, 400.0], [590.0, 410.0]]), np.full((2, 2), np.nan)
    >>> cells = Compositions(ends, ends[[0, 0]], groups, *[nothing] * 5, ends, stock, (False, False))
    >>> fitted(OfficialShares, cells).predict(cells).round(3).tolist()[0]
    [0.595, 0.405]
    """
    method = kind.fit(of)
    if kind.measures_spread:
        return method
    known = np.isfinite(of.total) & (of.total > 0)
    taken = of.taken(known)
    share = method.predict(taken)
    usable = np.isfinite(share).all(axis=1)
    if not usable.any():
        return method
    stock, share = taken.stock[usable], share[usable]
    return replace(method, spread=widened(measured(stock, share), stock, share))
