"""Splits that keep what belongs together on one side: fit and test share no destination.

A fold is a set of names and not of rows, as scikit-learn's `LeaveOneGroupOut` and `GroupKFold` have it: one fold cuts
several tables (corridors, series, waves), whose rows differ.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd

MOST_FOLDS = 40
"""Above this many destinations they are left out in blocks."""


def by_destination(corridors: pd.DataFrame, rng: np.random.Generator) -> list[frozenset[str]]:
    """Return the destinations to hold out, one at a time; in blocks drawn with ``rng`` if there are more than 40.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> folds = by_destination(pd.DataFrame({"destination": ["AUT", "DEU", "AUT"]}), np.random.default_rng(1))
    >>> [sorted(fold) for fold in folds]
    [['AUT'], ['DEU']]
    """
    return blocks(corridors["destination"], MOST_FOLDS, rng)


def blocks(names: Iterable[str], count: int, rng: np.random.Generator) -> list[frozenset[str]]:
    """Return the names in at most ``count`` groups of nearly one size: each alone if they are few, else drawn.

    Examples
    --------
    >>> import numpy as np
    >>> [len(block) for block in blocks("ABCDEFG", 3, np.random.default_rng(1))]
    [3, 2, 2]
    """
    different = sorted(set(names))
    if len(different) <= count:
        return [frozenset([name]) for name in different]
    shuffled = rng.permutation(np.array(different))
    return [frozenset(map(str, block)) for block in np.array_split(shuffled, count)]
