"""Learning shares: which method tells compositions best on destinations left out, fitted on all of them."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from smstock.compute import ALONE
from smstock.corridors.schooling import of_origin_groups
from smstock.evaluate.shares import ShareScore, fitted, leave_out
from smstock.models.shares.compositions import compositions
from smstock.models.shares.methods import EDUCATION_METHODS, SHARE_METHODS, restored
from smstock.models.shares.rivals import CORRIDOR
from smstock.models.shares.spread import measured
from smstock.tables import CORRIDOR_KEY

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from smstock.compute import Compute
    from smstock.models.shares.base import ShareMethod

FEWEST_CORRIDORS: Final = 10
FEWEST_DESTINATIONS: Final = 3
"""Corridors and destinations with a known composition below which no method is told from another."""


@dataclass(frozen=True)
class LearntShares:
    """The method that tells shares of groups, and the table that decided.

    Attributes
    ----------
    method, parameters
        Its name, and what it was fitted to.
    groups
        Sex, youngest and oldest age, and education of each group.
    scores
        Errors of every method on destinations left out, the least first.
    of_groups
        Whether compositions of groups of origins were learnt from, since those of too few corridors are known. How far
        an origin departs from its group is not measured then.
    between
        Variance, as `smstock.models.shares.spread.Spread.shift`, by which shares are spread since groups at a
        destination lie apart; 0 where that is not known.
    """

    method: str
    parameters: dict[str, Any] = field(repr=False)
    groups: tuple[tuple[str, int, int | None, str], ...]
    scores: tuple[ShareScore, ...]
    of_groups: bool = False
    between: float = 0.0

    def fitted(self) -> ShareMethod:
        """Return the fitted method."""
        return restored(self.method, self.parameters)


def learn_shares(
    groups: pd.DataFrame, compute: Compute = ALONE, methods: Sequence[type[ShareMethod]] = SHARE_METHODS
) -> LearntShares | None:
    """Return the method of shares that errs least on destinations left out; None where too little is known.

    Parameters
    ----------
    groups
        Groups table whose ``stock`` is known of the corridors to learn from.
    compute
        What the folds are spread over.
    methods
        The methods to choose among.

    Examples
    --------
    >>> import pandas as pd
    >>> learn_shares(pd.DataFrame()) is None
    True
    """
    if groups.empty:
        return None
    of = compositions(groups)
    known = np.isfinite(of.total) & (of.total > 0)
    if known.sum() < FEWEST_CORRIDORS or len(set(of.destination[known].tolist())) < FEWEST_DESTINATIONS:
        return None
    scores = leave_out(of, methods, compute).scores()
    if not scores:
        return None
    kind = next(method for method in methods if method.name == scores[0].method)
    return LearntShares(kind.name, fitted(kind, of).parameters(), of.groups, scores)


def learn_schooling(groups: pd.DataFrame, compute: Compute = ALONE) -> LearntShares | None:
    """Return the method of shares by education that errs least on destinations left out; None if too little is known.

    It is learnt from corridors whose composition is known. Where these are too few it is learnt from the groups of
    origins of which it is; then shares are spread as far as groups at one destination lie from each other, at least.

    Parameters
    ----------
    groups
        Groups table by education (`smstock.corridors.schooling.schooling`) of the target date.
    compute
        What the folds are spread over.

    Examples
    --------
    >>> import pandas as pd
    >>> learn_schooling(pd.DataFrame()) is None
    True
    """
    if groups.empty:
        return None
    own = groups.assign(stock=groups["stock"].where(groups["stock_basis"] == CORRIDOR))
    if learnt := learn_shares(own, compute, EDUCATION_METHODS):
        return learnt
    of_groups = of_origin_groups(groups)
    learnt = learn_shares(of_groups, compute)
    return learnt and replace(_spread(learnt, of_groups), of_groups=True)


def _spread(learnt: LearntShares, groups: pd.DataFrame) -> LearntShares:
    """Return a method whose shares are spread by as much more as both groups of a destination lie from their mean."""
    levels = groups[(groups["education"] != "") & groups["stock"].gt(0)]
    own = levels["stock"] / levels.groupby(CORRIDOR_KEY)["stock"].transform("sum")
    both = levels.assign(own=own, mean=(own + levels["other_group"]) / 2).dropna(subset=["own", "mean"])
    if both.empty:
        return learnt
    wide = both.pivot_table(index=CORRIDOR_KEY, columns="education", values=["own", "mean"]).dropna()
    method = learnt.fitted()
    between = measured(wide["own"].to_numpy() * _MANY, wide["mean"].to_numpy()).shift
    method = replace(method, spread=replace(method.spread, shift=method.spread.shift + between))
    return replace(learnt, parameters=asdict(method), between=between)


_MANY: Final = 1e9
"""Persons of whom counting says nothing: what is measured is the composition alone."""
