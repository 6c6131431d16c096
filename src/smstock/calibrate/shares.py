"""Learning shares: which method tells compositions best on destinations left out, fitted on all of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from smstock.compute import ALONE
from smstock.evaluate.shares import ShareScore, fitted, leave_out
from smstock.models.shares.compositions import compositions
from smstock.models.shares.methods import SHARE_METHODS, restored

if TYPE_CHECKING:
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
    """

    method: str
    parameters: dict[str, Any] = field(repr=False)
    groups: tuple[tuple[str, int, int | None, str], ...]
    scores: tuple[ShareScore, ...]

    def fitted(self) -> ShareMethod:
        """Return the fitted method."""
        return restored(self.method, self.parameters)


def learn_shares(groups: pd.DataFrame, compute: Compute = ALONE) -> LearntShares | None:
    """Return the method of shares that errs least on destinations left out; None where too little is known.

    Parameters
    ----------
    groups
        Groups table whose ``stock`` is known of the corridors to learn from.
    compute
        What the folds are spread over.

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
    scores = leave_out(of, compute=compute).scores()
    if not scores:
        return None
    kind = next(method for method in SHARE_METHODS if method.name == scores[0].method)
    return LearntShares(kind.name, fitted(kind, of).parameters(), of.groups, scores)
