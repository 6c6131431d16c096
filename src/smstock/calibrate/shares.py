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
from smstock.models.shares.rivals import CORRIDOR, of_corridor
from smstock.models.shares.spread import measured
from smstock.tables import CORRIDOR_KEY

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from smstock.compute import Compute
    from smstock.models.shares.base import ShareMethod
    from smstock.models.shares.compositions import Compositions

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
    elsewhere
        The same of corridors without an official composition of their own, where corridors that have one were learnt
        from: that they kept it says nothing of others.
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
    elsewhere: LearntShares | None = None
    of_groups: bool = False
    between: float = 0.0

    def expected(self, of: Compositions) -> np.ndarray:
        """Return shares by corridor and group, which add up to 1; not a number where nothing tells them.

        Examples
        --------
        >>> from smstock.models.shares.compositions import Compositions
        >>> end, nothing = np.array(["A"], dtype=object), np.full((1, 2), np.nan)
        >>> groups = (("female", 18, None, ""), ("male", 18, None, ""))
        >>> of = Compositions(end, end, groups, *[nothing] * 5, np.array([""], dtype=object), nothing, (False, False))
        >>> other = LearntShares("official_shares", {"usual": {"": (0.7, 0.3)}}, groups, ())
        >>> LearntShares("official_shares", {"usual": {"": (0.5, 0.5)}}, groups, (), other).expected(of).tolist()
        [[0.7, 0.3]]
        """
        shares = np.full(of.official.shape, np.nan)
        for learnt, rows in self._parts(of):
            # of all corridors, since audiences of a destination tell of each of them
            shares[rows] = learnt.fitted().predict(of)[rows]
        return shares

    def telling(self, of: Compositions) -> LearntShares:
        """Return what tells a corridor, the only one of some compositions.

        Examples
        --------
        >>> from smstock.models.shares.compositions import Compositions
        >>> end, nothing = np.array(["A"], dtype=object), np.full((1, 2), np.nan)
        >>> groups = (("female", 18, None, ""), ("male", 18, None, ""))
        >>> of = Compositions(end, end, groups, *[nothing] * 5, np.array([""], dtype=object), nothing, (False, False))
        >>> elsewhere = LearntShares("audience_shares", {}, groups, ())
        >>> LearntShares("official_shares", {}, groups, (), elsewhere).telling(of).method
        'audience_shares'
        """
        ((learnt, _),) = self._parts(of)
        return learnt

    def methods(self, of: Compositions) -> np.ndarray:
        """Return the name of the method that tells each corridor.

        Examples
        --------
        >>> from smstock.models.shares.compositions import Compositions
        >>> end, nothing = np.array(["A"], dtype=object), np.full((1, 2), np.nan)
        >>> groups = (("female", 18, None, ""), ("male", 18, None, ""))
        >>> of = Compositions(end, end, groups, *[nothing] * 5, np.array([""], dtype=object), nothing, (False, False))
        >>> LearntShares("official_shares", {}, groups, (), LearntShares("audience_shares", {}, groups, ())).methods(of)
        array(['audience_shares'], dtype=object)
        """
        names = np.full(len(of), self.method, dtype=object)
        for learnt, rows in self._parts(of):
            names[rows] = learnt.method
        return names

    def draws(
        self, of: Compositions, expected: np.ndarray, totals: np.ndarray, count: int, rng: np.random.Generator
    ) -> np.ndarray:
        """Return draws around expected shares: corridors x groups x draws; those of a corridor add up to 1.

        Parameters
        ----------
        of, expected
            The corridors, and what is expected of them.
        totals
            Persons of each: the more there are, the nearer is a composition to what is expected.
        count, rng
            How many draws, and what draws them.

        Examples
        --------
        >>> from smstock.models.shares.compositions import Compositions
        >>> end, nothing = np.array(["A"], dtype=object), np.full((1, 2), np.nan)
        >>> groups = (("female", 18, None, ""), ("male", 18, None, ""))
        >>> of = Compositions(end, end, groups, *[nothing] * 5, np.array([""], dtype=object), nothing, (False, False))
        >>> learnt = LearntShares("official_shares", {"usual": {"": (0.7, 0.3)}}, groups, ())
        >>> drawn = learnt.draws(of, learnt.expected(of), np.array([900.0]), 1000, np.random.default_rng(1))
        >>> drawn.shape, drawn.mean(axis=2).round(1).tolist()
        ((1, 2, 1000), [[0.7, 0.3]])
        """
        drawn = np.full((*expected.shape, count), np.nan)
        for learnt, rows in self._parts(of):
            drawn[rows] = learnt.fitted().spread.draws(expected[rows], totals[rows], count, rng)
        return drawn

    def _parts(self, of: Compositions) -> list[tuple[LearntShares, np.ndarray]]:
        """Return what tells each corridor, and which these are."""
        own = of_corridor(of) | (self.elsewhere is None)
        return [(learnt, rows) for learnt, rows in ((self, own), (self.elsewhere, ~own)) if learnt and rows.any()]

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
    own = of_corridor(of)
    if not _enough(of, np.ones(len(of), dtype=bool)):
        return None
    if not own.any():
        return _best(of, methods, compute)
    # a spread of corridors of both kinds would be too wide for those that kept their composition
    learnt = _best(of.without_stock(~own) if _enough(of, own) else of, methods, compute)
    return learnt and replace(learnt, elsewhere=_best(of.without_official(own), methods, compute))


def _enough(of: Compositions, rows: np.ndarray) -> bool:
    """Return whether these corridors, as far as their composition is known, tell one method from another."""
    known = rows & np.isfinite(of.total) & (of.total > 0)
    return bool(known.sum() >= FEWEST_CORRIDORS and len(set(of.destination[known].tolist())) >= FEWEST_DESTINATIONS)


def _best(of: Compositions, methods: Sequence[type[ShareMethod]], compute: Compute) -> LearntShares | None:
    """Return the method that errs least on destinations left out, fitted on all; None where none tells any shares."""
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
    return learnt and _of_origin_groups(learnt, of_groups)


def _of_origin_groups(learnt: LearntShares, groups: pd.DataFrame) -> LearntShares:
    """Return what was learnt of groups of origins, spread for single origins."""
    elsewhere = learnt.elsewhere and _of_origin_groups(learnt.elsewhere, groups)
    return replace(_spread(learnt, groups), of_groups=True, elsewhere=elsewhere)


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
