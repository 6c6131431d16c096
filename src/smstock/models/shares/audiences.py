"""The composition of an audience: groups below the floor are filled by what is usual of the origin."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from smstock.models.shares.compositions import Compositions

ROUNDS: Final = 10
"""Rounds of filling: what is usual is learnt from what was filled."""
LEAST: Final = 0.05
"""Least accounts of a group below the floor, as a share of the most there can be."""

Usual = dict[str, tuple[float, ...]]
"""Shares of each origin's audiences by group asked, and those of all audiences (``""``)."""


def usual_audiences(of: Compositions) -> Usual:
    """Return the composition of the audiences of each origin, over all destinations, and of all origins together.

    Groups below the floor are filled by it, and it is learnt from what was filled, in turn. Without any answer all
    groups are alike.

    Examples
    --------
    >>> from smstock.models.shares.compositions import Compositions
    >>> nothing, audience = np.full((2, 2), np.nan), np.array([[4000.0, 1000.0], [2000.0, np.nan]])
    >>> upper, ends = np.array([[4050.0, 1050.0], [2050.0, 1000.0]]), np.array(["A", "B"], dtype=object)
    >>> groups = (("female", 18, None, ""), ("male", 18, None, ""))
    >>> cells = Compositions(ends, ends[[0, 0]], groups, audience, upper, *[nothing] * 3, ends, nothing, (True, True))
    >>> np.round(usual_audiences(cells)["A"], 2).tolist()
    [0.8, 0.2]
    >>> filled(cells, usual_audiences(cells)).round().tolist()
    [[4000.0, 1000.0], [2000.0, 500.0]]
    """
    asked = of.asked
    accounts = np.where(np.isnan(of.audience), of.audience_upper / 2, of.audience)[:, asked]
    answered = ~np.isnan(accounts).any(axis=1) & asked.any()
    if not answered.any():
        return {"": (1 / max(asked.sum(), 1),) * int(asked.sum())}
    usual = _compositions(accounts[answered], of.origin[answered])
    for _ in range(0 if (~np.isnan(of.audience[answered][:, asked])).all() else ROUNDS):
        usual = _compositions(filled(of, usual)[answered], of.origin[answered])
    return usual


def filled(of: Compositions, usual: Mapping[str, tuple[float, ...]]) -> np.ndarray:
    """Return accounts by corridor and group asked, a number in each: below the floor, what is usual of the origin.

    A group below the floor gets its usual share of the accounts that the groups shown stand for, between a twentieth of
    the floor and the floor; where none is shown, of half a floor. A corridor that lacks an answer is not a number
    throughout.
    """
    upper, audience = of.audience_upper[:, of.asked], of.audience[:, of.asked]
    if not of.asked.any():
        return audience
    shown = ~np.isnan(audience)
    shares = np.array([usual.get(origin, usual[""]) for origin in of.origin]).reshape(audience.shape)
    visible, part = (np.where(shown, values, 0).sum(axis=1) for values in (audience, shares))
    with np.errstate(invalid="ignore", divide="ignore"):
        whole = np.where(visible > 0, visible / part, upper.min(axis=1) / 2)
    accounts = np.where(shown, audience, np.clip(shares * whole[:, None], LEAST * upper, upper))
    return np.where(np.isnan(accounts).any(axis=1, keepdims=True), np.nan, accounts)


def _compositions(accounts: np.ndarray, origins: np.ndarray) -> Usual:
    names, number = np.unique(origins, return_inverse=True)
    sums = np.zeros((len(names), accounts.shape[1]))
    np.add.at(sums, number, accounts)
    sums = np.vstack([accounts.sum(axis=0), sums])
    composition = sums / sums.sum(axis=1, keepdims=True)
    return dict(zip(["", *map(str, names)], map(tuple, composition.tolist()), strict=True))
